"""A book to start from: every column explained, two lines that run."""

from monazite.book.nouns import COLUMNS, COMMENT, REQUIRED

_HEAD = (
    "A buyer's book: one line for each part or material that you buy.",
    "Lines above the header that begin with # explain. Columns may stand in any order;",
    "those with a star must be there and filled. Blank means not given, never zero.",
    "The two lines at the end are examples with made-up figures: put your own in their place.",
)
EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "part": "traction motor magnet", "commodity": "magnet-heavy", "country": "China",
        "quantity": "40", "unit": "t/yr", "stock": "45", "stock_unit": "days",
        "contract_share": "60%", "contract_months": "12", "region": "DEU",
        "supplier": "Example Magnetics", "margin": "9000", "margin_unit": "kUSD/yr",
        "second_country": "JPN", "second_share": "10%", "note": "made up",
    },
    {
        "part": "yttria for coatings", "commodity": "yttrium oxide", "country": "CHN",
        "quantity": "3500", "unit": "kg/yr", "stock": "400", "stock_unit": "kg",
        "contract_share": "0", "region": "DEU", "margin": "2500", "margin_unit": "USD/kg",
        "note": "made up",
    },
)  # fmt: skip
"""Lines of the template by column."""


def template() -> str:
    """Return the text of a book that explains itself.

    >>> template().splitlines()[0]
    "# A buyer's book: one line for each part or material that you buy."
    """
    told = [f"{name}{' *' if name in REQUIRED else ''}: {text}" for name, text in COLUMNS.items()]
    comments = [f"{COMMENT} {line}" for line in (*_HEAD, *told)]
    rows = [",".join(line.get(name, "") for name in COLUMNS) for line in EXAMPLES]
    return "\n".join([*comments, ",".join(COLUMNS), *rows]) + "\n"
