"""Mineral Commodity Summaries of the U.S. Geological Survey: editions of 2026 and 2025.

Of the 2026 file the world sections, the import sources and the net import reliance are read.
Prices are read by ``prices``. The other salient statistics of the United States are employment and
the like, each in words and units of its own: they are left out and counted.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from monazite.labels import WORLD
from monazite.reference.loaders.figures import (
    Figure,
    Status,
    clean,
    read_figure,
    read_years,
    scaled,
    vouched,
)
from monazite.reference.loaders.files import FileLine, read_lines
from monazite.reference.loaders.minerals import (
    ANY_DETAIL,
    Meaning,
    in_own_unit,
    meaning,
    meant_unit,
)
from monazite.reference.loaders.observations import (
    Observation,
    Observations,
    Statistic,
    Tally,
    gather,
)
from monazite.reference.loaders.places import region_and_remark, region_of

MCS_2026 = "usgs-mcs-2026"
MCS_2025 = "usgs-mcs-2025"

UNITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "metric tons": ("t", 1.0),
        "thousand metric tons": ("t", 1e3),
        "thousand metric dry tons": ("t", 1e3),
        "million metric tons": ("t", 1e6),
        "kilograms": ("kg", 1.0),
        "million carats": ("carat", 1e6),
        "thousand carats": ("carat", 1e3),
        "thousands of carats": ("carat", 1e3),
        "million cubic meters": ("m**3", 1e6),
        "million liters": ("m**3", 1e3),
    }
)
"""Units of the summaries: ours, and how many of it one of theirs is."""

_ROUNDED = re.compile(r"[:,]?\s*\brounded\b.*$")
_WITHHELD = re.compile(r"W(?: for .*)?")
_PER_CENT = MappingProxyType(
    {
        "Import sources": Statistic.IMPORT_SHARE,
        "Net import reliance": Statistic.NET_IMPORT_RELIANCE,
    }
)
_UNITED_STATES = "USA"


def load_mcs_2026(path: Path) -> Observations:
    """Read the CSV of all chapters that comes with the summaries of 2026.

    A figure is estimated where the row's note begins so, which is nearly every one of the last
    year; a dash has no note and counts as reported zero. Reserves are those of the last year.

    Raises
    ------
    MonaziteError
        If the file is not that CSV, or at the first row that cannot be understood.
    """
    tally = Tally()
    lines = read_lines(path, MCS_2026, encoding="cp1252")
    return gather(MCS_2026, _long_rows(lines, tally), tally, name=path.name)


def load_mcs_2025(path: Path) -> Observations:
    """Read the CSV of world data that comes with the summaries of 2025.

    Raises
    ------
    MonaziteError
        If the file is not that CSV, or at the first row that cannot be understood.
    """
    tally = Tally()
    rows = _wide_rows(read_lines(path, MCS_2025), tally)
    return gather(MCS_2025, rows, tally, name=path.name)


def _long_rows(lines: Iterator[FileLine], tally: Tally) -> Iterator[Observation]:
    for line in lines:
        statistic = _percentage(line["Statistics"])
        if line["Section"].startswith("World"):
            row = _world_row(line, tally)
        elif statistic is not None:
            row = _percentage_row(line, statistic)
        else:
            tally.left_out["salient statistics of the United States"] += 1
            continue
        if row is None:
            tally.left_out["not a commodity of ours"] += 1
        else:
            yield row


def _percentage(words: str) -> Statistic | None:
    for beginning, statistic in _PER_CENT.items():
        if words.startswith(beginning):
            return statistic
    return None


def _world_row(line: FileLine, tally: Tally) -> Observation | None:
    detail = _ROUNDED.sub("", line["Statistics_detail"]).strip(" :,")
    found = meaning(MCS_2026, line["Commodity"], detail, where=line.where)
    if not found.commodity:
        return None
    figure = vouched_by_notes(read_figure(line["Value"], where=line.where), line["Notes"])
    unit = _unit(MCS_2026, line["Commodity"], found, line["Unit"], tally)
    return _observation(line, found, line["Country"], line["Year"], figure, unit)


def _percentage_row(line: FileLine, statistic: Statistic) -> Observation | None:
    found = meaning(MCS_2026, line["Commodity"], ANY_DETAIL, where=line.where)
    several = " and " in line["Country"] and "," in line["Country"]
    if not found.commodity or several:
        return None
    is_source = statistic is Statistic.IMPORT_SHARE
    return Observation(
        commodity=found.commodity,
        statistic=statistic,
        region=_UNITED_STATES,
        partner=region_of(line["Country"], where=line.where) if is_source else "",
        years=read_years(line["Year"], where=line.where),
        figure=vouched_by_notes(read_figure(line["Value"], where=line.where), line["Notes"]),
        unit="%",
        basis="",
        detail=f"{line['Commodity']}: {clean(line['Statistics_detail'])}",
        place=line.file,
        line=line.number,
    )


def _wide_rows(lines: Iterator[FileLine], tally: Tally) -> Iterator[Observation]:
    for line in lines:
        rows = list(_cells_of(line, tally))
        if not rows:
            tally.left_out["not a commodity of ours, or no figure"] += 1
        yield from rows


_WIDE = (
    ("production", "PROD_2023", "2023", "PROD_NOTES"),
    ("production", "PROD_EST_ 2024", "2024", "PROD_NOTES"),
    ("capacity", "CAP_2023", "2023", "CAP_NOTES"),
    ("capacity", "CAP_EST_ 2024", "2024", "CAP_NOTES"),
    ("reserves", "RESERVES_2024", "2024", "RESERVE_NOTES"),
)
"""Columns of figures: what they count, heading, year, heading of the notes."""


def _cells_of(line: FileLine, tally: Tally) -> Iterator[Observation]:
    for counts, heading, year, notes in _WIDE:
        figure = read_figure(line[heading] or _sign_in(line[notes]), where=line.where)
        if figure.status is Status.MISSING:
            continue
        found = meaning(MCS_2025, line["COMMODITY"], _told(line, counts), where=line.where)
        if not found.commodity:
            continue
        if "EST" in heading or "estimated" in f"{line[notes]} {line['TYPE']}".casefold():
            figure = vouched(figure, Status.ESTIMATED)
        unit = _unit(MCS_2025, line["COMMODITY"], found, line["UNIT_MEAS"], tally)
        yield _observation(line, found, line["COUNTRY"], year, figure, unit)


def _sign_in(notes: str) -> str:
    """Return the ``W`` with which a note withholds a figure; empty where it says anything else."""
    return notes[:1] if _WITHHELD.fullmatch(notes) else ""


def _told(line: FileLine, counts: str) -> str:
    """Return what a row counts; a world total that says of what it is one is believed."""
    said = ""
    if line["COUNTRY"].startswith("World"):
        _, said = region_and_remark(line["COUNTRY"], where=line.where)
    return f"{counts}: {said or clean(line['TYPE'])}"


def _unit(kind: str, spelling: str, found: Meaning, words: str, tally: Tally) -> str:
    """Return the unit that is meant, and count it where another one is stated."""
    counts = found.counted()
    unit = meant_unit(kind, spelling, counts, words)
    if unit != words:
        tally.corrected[f"{found.commodity} {counts}: the unit is {unit}"] += 1
    return unit


def _observation(
    line: FileLine, found: Meaning, country: str, year: str, figure: Figure, words: str
) -> Observation:
    unit, multiple = in_own_unit(words, found.commodity, UNITS, where=line.where)
    region, remark = region_and_remark(country, where=line.where)
    return Observation(
        commodity=found.commodity,
        statistic=found.counted(),
        region=region,
        years=read_years(year, where=line.where),
        figure=scaled(figure, multiple),
        unit=unit,
        basis=found.basis,
        detail=found.form or ("" if region == WORLD else remark),
        place=line.file,
        line=line.number,
    )


def vouched_by_notes(figure: Figure, notes: str) -> Figure:
    """Return the figure as an estimate where the note of its row begins so."""
    if notes.casefold().startswith("estimated"):
        return vouched(figure, Status.ESTIMATED)
    return figure
