"""What a book is made of: columns, lines that can be answered, and faults of those that cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from monazite.errors import InputError

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "part": "your own name of the part or material; each name once",
        "commodity": "code or name of a good of the chain, such as Dy-oxide or magnet-heavy",
        "country": "country that it is supplied from: code (CHN) or name (China)",
        "quantity": "what you need in a year",
        "unit": "unit of that: t/yr or kg/yr (t/month also goes)",
        "stock": "what you hold of it, goods on their way to you included; 0 for nothing",
        "stock_unit": "unit of that: days, weeks or months of your own use, or t or kg",
        "contract_share": "part of the need bought at a fixed price: 60 % or 0.6; 0 for nothing",
        "contract_months": "months that the price stays fixed, from the first month of the run on",
        "region": "country in which you use it; blank: what --region says",
        "supplier": "name of the supplier; repeated in the answer, used for nothing",
        "margin": "what you earn with the product that needs it, before fixed costs",
        "margin_unit": "unit of that: USD/yr, kUSD/yr, or USD/t and USD/kg of the part",
        "second_country": "country of a second, approved supplier; blank for none",
        "second_share": "part of the need that the second supplier usually delivers: 30 % or 0.3",
        "note": "for yourself",
    }
)
"""Every column of a book and what stands in it."""

REQUIRED = (
    "part", "commodity", "country", "quantity", "unit", "stock", "stock_unit", "contract_share",
)  # fmt: skip
"""Columns that must be there and filled."""

COMMENT = "#"
"""In front of a row: it explains, and is passed over."""


@dataclass(frozen=True, slots=True)
class BookLine:
    """A part or material that a buyer needs, in the codes of a chain.

    ``part``, ``supplier`` : as written. ``row`` : in the file. ``commodity`` : what it is.
    ``region`` : where it is used. ``origin`` : where it comes from. ``need`` : t/year.
    ``stock`` : own stock at the beginning [t]. ``contract_share`` : part of the need at a fixed
    price [fraction], for ``contract_months`` from the first month on. ``margin`` : earned per
    tonne of the part [kUSD/t], the same figure as USD/kg; None where not given. ``second`` :
    another origin, which usually delivers ``second_share`` of the need [fraction]; empty for none.
    ``notes`` : what the reader of the answer must know.
    """

    part: str
    commodity: str
    region: str
    origin: str
    need: float
    stock: float
    row: int = 0
    supplier: str = ""
    contract_share: float = 0.0
    contract_months: int = 0
    margin: float | None = None
    second: str = ""
    second_share: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BookFault:
    """Why a row of a book has no answer.

    ``where`` : file and row. ``row`` : its number. ``column`` : whose cell is at fault. ``part`` :
    as written. ``code``, ``message``, ``way_out`` : as of the errors of the program.
    """

    where: str
    row: int
    column: str
    part: str
    code: str
    message: str
    way_out: str

    @classmethod
    def of(cls, error: InputError, file: str, row: int, column: str, part: str) -> "BookFault":
        """Return an error that a cell raised as a fault of its row."""
        where = f"{file}:{row}"
        return cls(where, row, column, part, error.code, error.message, error.way_out)

    def line(self) -> str:
        """One line for people: place, fault, way out."""
        remedy = f" ({self.way_out})" if self.way_out else ""
        return f"{self.where}, {self.column}: {self.message}{remedy}"


@dataclass(frozen=True, slots=True)
class Book:
    """A buyer's list, as far as it can be answered.

    ``file`` : its name without the folder. ``lines`` : in the order of the file. ``faults`` : of
    the rows that are left out.
    """

    file: str
    lines: tuple[BookLine, ...]
    faults: tuple[BookFault, ...] = ()
