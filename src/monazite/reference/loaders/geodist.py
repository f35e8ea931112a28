"""GeoDist of CEPII: distances between countries, and what is known of each, from Excel sheets."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from monazite.errors import TableError
from monazite.reference.loaders.figures import MISSING, Figure, Status, read_figure
from monazite.reference.loaders.files import check_header
from monazite.reference.loaders.observations import (
    Observation,
    Observations,
    Statistic,
    Tally,
    gather,
)
from monazite.reference.loaders.places import region_of
from monazite.reference.loaders.sheets import cell_text, place_of
from monazite.reference.workbook import SheetCell, read_sheets

KIND = "cepii-geodist"
YEAR = 2011
"""Year of the edition: places do not move."""

DISTANCES = ("dist", "distcap", "distw", "distwces")
"""Between main cities, between capitals, and two averages weighted by population."""
_OF_ONE: Mapping[str, tuple[Statistic, str]] = MappingProxyType(
    {
        "area": (Statistic.AREA, "km**2"),
        "dis_int": (Statistic.DISTANCE, "km"),
        "lat": (Statistic.LATITUDE, "deg"),
        "lon": (Statistic.LONGITUDE, "deg"),
    }
)
_REUNION = "REU"
_Cells = Mapping[str, SheetCell]


def load_geodist(path: Path) -> Observations:
    """Read ``dist_cepii.xls`` or ``geo_cepii.xls``.

    Réunion counts with France and is left out; codes of former states stay their own.

    Raises
    ------
    MonaziteError
        If the file is neither, or at the first row that cannot be understood.
    """
    tally = Tally()
    name, sheet = next(iter(read_sheets(path).items()))
    place = place_of(path.name, name)
    heads = [cell_text(cell) for cell in sheet[0]] if sheet else []
    check_header(heads, KIND, place)
    rows = _rows(heads, sheet[1:], place, tally)
    return gather(f"{KIND}-{YEAR}", rows, tally, name=path.name)


def _rows(
    heads: list[str], sheet: Sequence[Sequence[SheetCell]], place: str, tally: Tally
) -> Iterator[Observation]:
    for number, row in enumerate(sheet, start=2):
        cells = dict(zip(heads, row, strict=True))
        codes = {cells.get(name) for name in ("iso_o", "iso_d", "iso3")}
        if _REUNION in codes:
            tally.left_out["Réunion, which counts with France"] += 1
        elif "iso_o" in cells:
            yield from _pair(cells, place, number)
        elif cell_text(cells["maincity"]) == "1":
            yield from _country(cells, place, number)
        else:
            tally.left_out["other cities of a country"] += 1


def _pair(cells: _Cells, place: str, number: int) -> Iterator[Observation]:
    where = f"{place}:{number}"
    region = region_of(cell_text(cells["iso_o"]), where=where)
    partner = region_of(cell_text(cells["iso_d"]), where=where)
    for column in DISTANCES:
        figure = read_figure(cell_text(cells[column]), where=where)
        yield _row(Statistic.DISTANCE, figure, "km", region, partner, column, place, number)


def _country(cells: _Cells, place: str, number: int) -> Iterator[Observation]:
    region = region_of(cell_text(cells["iso3"]), where=f"{place}:{number}")
    for column, (statistic, unit) in _OF_ONE.items():
        figure = _signed(cells[column], f"{place}:{number}")
        yield _row(statistic, figure, unit, region, "", column, place, number)


def _signed(cell: SheetCell, where: str) -> Figure:
    if isinstance(cell, int | float):
        return Figure(float(cell), float(cell), float(cell), Status.REPORTED)
    if cell_text(cell) == ".":
        return MISSING
    raise TableError(f"'{cell}' is no number", where=where, way_out="correct the cell")


def _row(
    statistic: Statistic, figure: Figure, unit: str, region: str, partner: str, detail: str,
    place: str, number: int,
) -> Observation:  # fmt: skip
    return Observation(
        commodity="",
        statistic=statistic,
        region=region,
        partner=partner,
        years=(YEAR, YEAR),
        figure=figure,
        unit=unit,
        basis="",
        detail=detail,
        place=place,
        line=number,
    )
