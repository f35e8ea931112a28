"""World Mining Data of the Austrian Federal Ministry of Finance: production by mineral.

The workbook (table 6.4) has a sheet for each mineral: its title, then ``Country``, ``unit``, a
column for each year, and ``data source``, whose letter vouches for the row. Gold and the
platinum metals are in kilograms, diamonds in carats, gas in millions of cubic metres.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from monazite.errors import TableError, UnknownCodeError
from monazite.reference.loaders.editions import COPY, best_kind
from monazite.reference.loaders.figures import Status, clean, read_figure, scaled, vouched
from monazite.reference.loaders.files import check_csv, check_header, first_line
from monazite.reference.loaders.minerals import Meaning, in_own_unit, meaning
from monazite.reference.loaders.observations import Observation, Observations, Tally, gather
from monazite.reference.loaders.places import region_of
from monazite.reference.loaders.sheets import cell_text, place_of
from monazite.reference.workbook import Sheet, SheetCell, read_sheets

KIND = "wmd"

UNITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "metr. t": ("t", 1.0),
        "kg": ("kg", 1.0),
        "ct": ("carat", 1.0),
        "Mio m3": ("m**3", 1e6),
    }
)
"""Units of the workbook: ours, and how many of it one of theirs is."""

_VOUCHERS = MappingProxyType(
    {"r": Status.REPORTED, "e": Status.ESTIMATED, "p": Status.PROVISIONAL, "": Status.REPORTED}
)


def load_wmd(path: Path) -> Observations:
    """Read the workbook of production by mineral and country.

    Raises
    ------
    MonaziteError
        If the file is not that workbook, or at the first cell that cannot be understood.
    """
    _refuse_copy(path)
    tally = Tally()
    sheets = read_sheets(path)
    years: set[int] = set()
    rows = [row for name in sheets for row in _mineral(path.name, name, sheets[name], years)]
    edition = f"{KIND}-{max(years) + 2}" if years else KIND
    return gather(edition, rows, tally, name=path.name)


def _refuse_copy(path: Path) -> None:
    """Say what a CSV is that holds the same figures; what is no such CSV is left to others."""
    if path.suffix not in (".csv", ".gz") or not path.is_file():
        return
    check_csv(path)
    if best_kind(first_line(path)) == f"{KIND}{COPY}":
        raise TableError(
            "the file is a copy of the figures as CSV, not the workbook",
            where=path.name,
            way_out=f"read it as '{KIND}{COPY}'",
        )


@dataclass(frozen=True, slots=True)
class _Columns:
    header: int
    heads: Mapping[str, int]
    years: Mapping[int, int]


def _mineral(file: str, name: str, sheet: Sheet, years: set[int]) -> Iterator[Observation]:
    place = place_of(file, name)
    columns = _columns(sheet, place)
    years.update(columns.years)
    found = meaning(KIND, name, where=place)
    for number, cells in enumerate(sheet[columns.header + 1 :], start=columns.header + 2):
        told = (cells[columns.heads["unit"]], *(cells[at] for at in columns.years.values()))
        if any(cell_text(cell) for cell in told):
            yield from _country(columns, found, cells, place, number)


def _country(
    columns: _Columns, found: Meaning, cells: Sequence[SheetCell], place: str, number: int
) -> Iterator[Observation]:
    where = f"{place}:{number}"
    region = region_of(cell_text(cells[columns.heads["Country"]]), where=where)
    words = cell_text(cells[columns.heads["unit"]])
    unit, multiple = in_own_unit(words, found.commodity, UNITS, where=where)
    status = voucher(cell_text(cells[columns.heads["data source"]]), where)
    for year, position in columns.years.items():
        figure = read_figure(cell_text(cells[position]), where=where)
        yield Observation(
            commodity=found.commodity,
            statistic=found.counted(),
            region=region,
            years=(year, year),
            figure=scaled(vouched(figure, status), multiple),
            unit=unit,
            basis=found.basis,
            place=place,
            line=number,
        )


def _columns(sheet: Sheet, place: str) -> _Columns:
    for position, cells in enumerate(sheet[:10]):
        heads = [clean(cell_text(cell)) for cell in cells]
        if "Country" in heads:
            check_header(heads, KIND, place)
            years = {int(head): at for at, head in enumerate(heads) if _is_year(head)}
            if not years:
                break
            named = {head: at for at, head in enumerate(heads) if head}
            return _Columns(position, named, years)
    raise TableError(
        "no row has 'Country', years and 'data source' as headings",
        where=place,
        way_out="give table 6.4 of World Mining Data, production by minerals",
    )


def _is_year(head: str) -> bool:
    return len(head) == 4 and head.isdecimal()


def voucher(letter: str, where: str) -> Status:
    """Return who vouches for a row, by the letter of its column of data sources.

    Raises
    ------
    UnknownCodeError
        If it is another letter.
    """
    if letter not in _VOUCHERS:
        raise UnknownCodeError(
            "data source", letter, [code for code in _VOUCHERS if code], where=where
        )
    return _VOUCHERS[letter]
