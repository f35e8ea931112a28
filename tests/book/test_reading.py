"""Books as people save them, and what is wrong with them, row by row."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.book_factory import book_text, row, write_book
from tests.workbooks import write_xlsx

from monazite import study
from monazite.book import COLUMNS, REQUIRED, Book, BookFault, BookLine, read_book, template
from monazite.errors import InputError, TableError, UnknownCodeError
from monazite.study.book import BookOrder, exposure


def read(path: Path, region: str = "") -> Book:
    return read_book(path, study.chain(), region=region)


def only(path: Path) -> BookLine:
    (line,) = read(path).lines
    return line


def fault_of(path: Path, **changes: str) -> BookFault:
    """The fault of a row with changes that stands below one that is right."""
    book = read(write_book(path, row(part="right"), row(**{"part": "wrong", **changes})))
    assert [line.part for line in book.lines] == ["right"]
    (fault,) = book.faults
    assert (fault.row, fault.where, fault.part) == (
        3,
        f"{path.name}:3",
        changes.get("part", "wrong"),
    )
    assert fault.way_out
    return fault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.csv"


def test_every_cell_is_read(path: Path) -> None:
    line = only(write_book(path, row(second_country="Japan", second_share="0.25")))
    assert line == BookLine(
        part="part", commodity="magnet-heavy", region="DEU", origin="CHN", need=12.0,
        stock=pytest.approx(12 * 30 / 365.25), row=2, supplier="Somebody", contract_share=0.5,
        contract_months=6, margin=300.0, second="JPN", second_share=0.25,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "need", "stock", "margin"),
    [
        ({"quantity": "12000", "unit": "kg/yr"}, 12, 12 * 30 / 365.25, 300),
        ({"quantity": "1", "unit": "t/month"}, 12, 12 * 30 / 365.25, 300),
        ({"stock": "2", "stock_unit": "months"}, 12, 2, 300),
        ({"stock": "500", "stock_unit": "kg"}, 12, 0.5, 300),
        ({"stock": "0", "stock_unit": "t"}, 12, 0, 300),
        ({"margin": "3600", "margin_unit": "kUSD/yr"}, 12, 12 * 30 / 365.25, 300),
        ({"margin": "3600000", "margin_unit": "USD/yr"}, 12, 12 * 30 / 365.25, 300),
        ({"margin": "300000", "margin_unit": "USD/t"}, 12, 12 * 30 / 365.25, 300),
        ({"margin": "", "margin_unit": ""}, 12, 12 * 30 / 365.25, None),
    ],
)
def test_units_are_converted(
    cells: dict[str, str], need: float, stock: float, margin: float | None, path: Path
) -> None:
    line = only(write_book(path, row(**cells)))
    assert line.need == pytest.approx(need)
    assert line.stock == pytest.approx(stock)
    assert line.margin == (None if margin is None else pytest.approx(margin))


@pytest.mark.parametrize("text", ["60%", "60 %", "0.6", "1", "100%", "0"])
def test_shares_are_percentages_or_parts(text: str, path: Path) -> None:
    share = only(write_book(path, row(contract_share=text))).contract_share
    assert share == pytest.approx({"1": 1, "100%": 1, "0": 0}.get(text, 0.6))


@pytest.mark.parametrize("text", ["Dy-oxide", "dysprosium oxide", "DY-OXIDE", "Dysprosium Oxide"])
def test_goods_are_known_by_code_and_name(text: str, path: Path) -> None:
    assert only(write_book(path, row(commodity=text))).commodity == "Dy-oxide"


def test_as_excel_saves_it_in_europe(path: Path) -> None:
    """Byte order mark, semicolons, decimal commas, lines that end in two characters."""
    text = book_text([row(quantity="1200,5", margin="2,5")], delimiter=";")
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    line = only(path)
    assert (line.need, line.margin) == (1200.5, 2.5)


def test_a_point_in_a_file_of_semicolons_is_not_guessed(path: Path) -> None:
    rows = [row(part="right", quantity="12.5"), row(part="wrong", quantity="1.200")]
    path.write_text(book_text(rows, delimiter=";"), encoding="utf-8")
    book = read(path)
    assert book.lines[0].need == 12.5
    assert "1200 or 1,200" in book.faults[0].way_out


def test_headings_comments_and_blank_lines(path: Path) -> None:
    text = book_text([row()]).replace("stock_unit", "Stock Unit")
    path.write_text(f"# a comment, with a comma\n,,,\n{text}\n# another\n", encoding="utf-8")
    assert only(path).row == 4


def test_a_workbook_is_read_as_its_cells_show(tmp_path: Path) -> None:
    """Excel keeps 60 % as 0.6 and twelve months as 12.0."""
    cells = {**row(), "quantity": 12.0, "contract_share": 0.6, "contract_months": 12.0}
    path = tmp_path / "book.xlsx"
    head: list[object] = list(COLUMNS)
    rows = [["# mine"], head, [cells[name] or None for name in COLUMNS]]
    write_xlsx(path, {"Book": rows, "Other": [["anything"]]})
    line = only(path)
    assert (line.row, line.need, line.contract_share, line.contract_months) == (3, 12, 0.6, 12)


@pytest.mark.parametrize(
    ("column", "text", "code", "told"),
    [
        ("quantity", "-5", "table", "-5 is below 0"),
        ("quantity", "0", "table", "need is nothing"),
        ("quantity", "1,200", "table", "not a number"),
        ("quantity", "nan", "table", "not finite"),
        ("quantity", "", "table", "blank"),
        ("unit", "tons", "unit", "unknown unit"),
        ("unit", "t", "unit", "cannot be turned"),
        ("unit", "t REO/yr", "unit", "basis"),
        ("stock", "", "table", "blank"),
        ("stock_unit", "bars", "unit", "unknown unit"),
        ("country", "Chyna", "unknown-code", "unknown region"),
        ("country", "", "table", "blank"),
        ("country", "MMR", "table", "no magnet-heavy comes from MMR"),
        ("commodity", "unobtainium", "unknown-code", "unknown commodity"),
        ("region", "Atlantis", "unknown-code", "unknown region"),
        ("region", "MMR", "table", "nobody in MMR uses"),
        ("contract_share", "120%", "table", "more than the whole"),
        ("contract_share", "60", "table", "more than the whole"),
        ("contract_share", "-0.1", "table", "below 0"),
        ("contract_months", "", "table", "blank"),
        ("contract_months", "2.5", "table", "no number of months"),
        ("margin", "-1", "table", "below 0"),
        ("margin_unit", "", "table", "blank"),
        ("margin_unit", "EUR/yr", "unit", "cannot be turned"),
        ("second_country", "CHN", "table", "is the first"),
        ("second_country", "JPN", "table", "blank"),
        ("second_share", "0.5", "table", "blank"),
        ("part", "right", "table", "stands in row 2 already"),
        ("part", "", "table", "blank"),
        ("part", "#12", "table", "begins with #"),
    ],
)
def test_bad_cells_are_named(column: str, text: str, code: str, told: str, path: Path) -> None:
    fault = fault_of(path, **{column: text})
    assert told in fault.message
    assert fault.code == code
    neighbours = {
        ("margin_unit", ""): "margin_unit", ("second_country", "JPN"): "second_share",
        ("second_share", "0.5"): "second_country", ("unit", "t"): "unit",
    }  # fmt: skip
    assert fault.column == neighbours.get((column, text), column)
    assert fault.line().startswith(f"{fault.where}, {fault.column}: ")


def test_a_share_without_its_mark_is_shown_how_to_write_it(path: Path) -> None:
    assert fault_of(path, contract_share="60").way_out == "write 60 % or 0.6"


def test_a_line_that_is_cut_in_the_wrong_places(path: Path) -> None:
    text = book_text([row(part="right"), row(part="wrong")])
    path.write_text(f"{text.strip()},and more\n", encoding="utf-8")
    (fault,) = read(path).faults
    assert "beyond the last heading" in fault.message


def test_countries_that_the_chain_has_not_count_with_the_rest(path: Path) -> None:
    line = only(write_book(path, row(region="Poland", country="CHN")))
    assert line.region == "REU"
    assert "POL counts as REU" in line.notes[0]


def test_a_country_without_a_place_in_the_chain_is_refused(path: Path) -> None:
    """A chain of two regions has no rest of the world."""
    network = study.chain("docs/examples/two-regions")
    goods = {"commodity": "Dy-oxide", "region": "JPN"}
    write_book(path, row(part="a", **goods), row(part="b", **{**goods, "country": "Brazil"}))
    book = read_book(path, network)
    assert [line.part for line in book.lines] == ["a"]
    assert "unknown region of this chain 'Brazil'" in book.faults[0].message


@pytest.mark.parametrize("units", [{"quantity_unit": "kt"}, {"price_unit": "USD/t"}])
def test_a_chain_in_other_units_has_no_books(units: dict[str, str], path: Path) -> None:
    network = replace(study.chain("docs/examples/two-regions"), **units)
    with pytest.raises(InputError, match="a book needs a chain in t and USD/kg"):
        read_book(write_book(path, row()), network)


def test_a_line_above_what_the_chain_knows_says_so(path: Path) -> None:
    line = only(write_book(path, row(commodity="Sm-oxide", quantity="900")))
    assert "less than this line needs" in line.notes[0]


def test_the_region_of_the_option_holds_where_none_is_written(path: Path) -> None:
    write_book(path, row(part="a", region=""), row(part="b", region="USA"))
    assert [line.region for line in read(path, "Japan").lines] == ["JPN", "USA"]
    with pytest.raises(TableError, match="nobody says where"):
        read(write_book(path, row(region="")))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"# only a comment\n", "empty"),
        (",".join(COLUMNS).encode(), "no rows"),
        (b"part,commodity\na,b\n", "missing columns country"),
        (b"part,part\na,b\n", "stands twice"),
        (b"part;f\xfcr\na;b\n", "not text in UTF-8"),
        (b"PK\x03\x04\0\0", "not text"),
    ],
)
def test_files_that_are_no_book(content: bytes, told: str, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(TableError, match=told):
        read(path)


def test_an_unknown_column_is_refused_with_the_nearest_one(path: Path) -> None:
    path.write_text(book_text([row()]).replace("supplier", "suplier"), encoding="utf-8")
    with pytest.raises(UnknownCodeError, match=r"book\.csv:1.*suplier.*supplier"):
        read(path)


def test_a_missing_file_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="--template"):
        read(tmp_path / "none.csv")
    with pytest.raises(TableError, match="missing"):
        read(tmp_path / "none.xlsx")


def test_a_book_without_any_good_row_is_refused(path: Path) -> None:
    write_book(path, row(quantity="-1"), row(part="b", unit="tons"))
    with pytest.raises(InputError, match=r"book\.csv:2.*quantity.*1 more rows at fault"):
        read(path)


def test_synonyms_and_other_chains(path: Path) -> None:
    """What the desk calls a good counts where it can mean one; else it is told what it may mean."""
    write_book(
        path, row(part="a"), row(part="b", commodity="yttrium"),
        row(part="c", commodity="dysprosium"), row(part="d", commodity="gallium"),
        row(part="e", commodity="chocolate"),
    )  # fmt: skip
    run = exposure(path, "china-2025-licences", order=BookOrder(months=2))
    assert [line.line.commodity for line in run.exposure.lines] == ["magnet-heavy", "Y-oxide"]
    several, elsewhere, unknown = run.exposure.book.faults
    assert several.way_out == "write Dy-oxide or Dy-metal"
    assert "gallium-germanium-2023" in elsewhere.way_out
    assert unknown.code == "unknown-code"


def test_the_template_explains_every_column_and_is_the_example() -> None:
    text = template()
    for name in COLUMNS:
        assert f"# {name}{' *' if name in REQUIRED else ''}: " in text
    example = Path(__file__).parents[2] / "examples" / "book.csv"
    assert example.read_text(encoding="utf-8") == text
