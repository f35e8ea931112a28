"""World mineral statistics of the British Geological Survey, as CSV of its open interface."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from monazite.errors import TableError, UnknownCodeError
from monazite.reference.loaders.figures import (
    MISSING,
    Figure,
    Status,
    read_figure,
    scaled,
    vouched,
)
from monazite.reference.loaders.files import FileLine, read_lines
from monazite.reference.loaders.minerals import in_own_unit, meaning
from monazite.reference.loaders.observations import Observation, Observations, Tally, gather
from monazite.reference.loaders.places import region_of

KIND = "bgs-wms"

UNITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "tonnes (metric)": ("t", 1.0),
        "tonnes (metal content)": ("t", 1.0),
        "kilograms": ("kg", 1.0),
        "kilograms (metal content)": ("kg", 1.0),
        "carats": ("carat", 1.0),
        "million cubic metres": ("m**3", 1e6),
    }
)
"""Units of the statistics: ours, and how many of it one of theirs is."""

_PRODUCTION = "Production"
_ESTIMATE = "*"
_HALF_A_UNIT = Figure(math.nan, 0.0, 0.5, Status.BELOW)
_WEST_GERMANY = "German Federal Republic"


def load_bgs(path: Path) -> Observations:
    """Read production of a mineral by country and year.

    Raises
    ------
    MonaziteError
        If the file is no such CSV, or at the first row that cannot be understood.
    """
    tally = Tally()
    rows = _rows(read_lines(path, KIND, ends_open=True), tally)
    return gather(KIND, rows, tally, name=path.name)


def _rows(lines: Iterator[FileLine], tally: Tally) -> Iterator[Observation]:
    for line in lines:
        if line["bgs_statistic_type_trans"] != _PRODUCTION:
            tally.left_out["imports and exports"] += 1
            continue
        yield _row(line)


def _row(line: FileLine) -> Observation:
    found = meaning(
        KIND, line["bgs_commodity_trans"], line["bgs_sub_commodity_trans"], where=line.where
    )
    unit, multiple = in_own_unit(line["units"], found.commodity, UNITS, where=line.where)
    country = line["country_iso3_code"] or line["country_trans"]
    is_west = line["country_trans"] == _WEST_GERMANY
    year = _year(line)
    return Observation(
        commodity=found.commodity,
        statistic=found.counted(),
        region=region_of(country, where=line.where),
        years=(year, year),
        figure=scaled(_figure(line), multiple),
        unit=unit,
        basis=found.basis,
        detail="West Germany" if is_west else found.form,
        place=line.file,
        line=line.number,
    )


def _figure(line: FileLine) -> Figure:
    match line["sdmx_code"]:
        case "A":
            figure = read_figure(line["quantity"], where=line.where)
        case "O":
            return MISSING
        case "N":
            return _HALF_A_UNIT
        case code:
            raise UnknownCodeError("sdmx_code", code, ("A", "N", "O"), where=line.where)
    notes = line["concat_figure_notes_code"].split("|")
    return vouched(figure, Status.ESTIMATED) if _ESTIMATE in notes else figure


def _year(line: FileLine) -> int:
    """Return the year of a date such as ``2019-01-01 00:00:00``."""
    text = line["year"]
    if len(text) < 10 or not text[:4].isdecimal() or text[4:10] != "-01-01":
        raise TableError(
            f"'{text}' is no year", where=line.where, way_out="write 2019-01-01 00:00:00"
        )
    return int(text[:4])
