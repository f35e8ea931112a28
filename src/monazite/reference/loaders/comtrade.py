"""UN Comtrade: annual flows as CSV of its interface, taken as reported.

Totals only: rows by a second partner, a customs procedure or a mode of transport are parts of
the rows that are read, and are left out.

Rows may end in a comma that the header has not. A program that takes the first column for row
labels then loses it and sets every other cell one heading to the left; copies made like that call
code and ISO code of the reporter ``CountryCode`` and ``Country``. Both layouts are told by exact
signs and read; anything between raises.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from monazite.errors import TableError
from monazite.labels import REST_OF_WORLD, WORLD
from monazite.reference.loaders.figures import Status, read_figure, read_years, scaled, vouched
from monazite.reference.loaders.files import FileLine, read_lines
from monazite.reference.loaders.minerals import customs_codes
from monazite.reference.loaders.observations import (
    Observation,
    Observations,
    Statistic,
    Tally,
    gather,
)
from monazite.reference.loaders.places import region_of

KIND = "un-comtrade"

FLOWS: Mapping[str, tuple[Statistic, Statistic]] = MappingProxyType(
    {
        "M": (Statistic.IMPORT_MASS, Statistic.IMPORT_VALUE),
        "X": (Statistic.EXPORT_MASS, Statistic.EXPORT_VALUE),
    }
)
"""Codes of the flows that are read; re-exports and processing are parts of them."""
_WHOLE = MappingProxyType({"partner2Code": "0", "customsCode": "C00", "motCode": "0"})
"""What the columns hold where the row is a total."""
_WORLD = "W00"
_NOWHERE = re.compile(r"_X|X\d|XX|[A-RT-Z]\d\d")
"""Codes of what is no country: areas not specified, bunkers, other Africa."""
_TYPES = ("C", "S")
_FREQUENCIES = ("A", "M")
_FIRST_HEADINGS = ("typeCode", "freqCode", "refPeriodId")
_LAST_HEADING = "isAggregate"
_DAY = re.compile(r"\d{8}", re.ASCII)
_RENAMED = MappingProxyType({"CountryCode": "reporterCode", "Country": "reporterISO"})
_HARMONIZED = "HS"
"""Under ``classificationCode`` of a shifted row: what it searches by, which services have not."""


def load_comtrade(path: Path) -> Observations:
    """Read annual imports and exports by partner and customs code.

    Weights are in tonnes gross, values in thousands of dollars of the year.

    Raises
    ------
    MonaziteError
        If the file is no such CSV, or at the first row that cannot be understood.
    """
    tally = Tally()
    lines = read_lines(path, KIND, ends_open=True, ends_in_comma=True)
    rows = _rows((_set_right(line, tally) for line in lines), tally)
    return gather(KIND, rows, tally, name=path.name)


def _rows(lines: Iterator[FileLine], tally: Tally) -> Iterator[Observation]:
    for line in lines:
        _check(line)
        reason = _reason_to_leave(line)
        if reason:
            tally.left_out[reason] += 1
        else:
            yield from _both(line)


def _set_right(line: FileLine, tally: Tally) -> FileLine:
    """Return a line under its own headings, and count it if it was beside them."""
    if not _is_shifted(line):
        return line
    tally.corrected["cells stood one heading to the left: typeCode was taken for a row label"] += 1
    end = line.header[_LAST_HEADING]
    cells = ["C", *line.cells[:end], *line.cells[end + 1 :]]
    renamed = {
        own: line.header[theirs] for theirs, own in _RENAMED.items() if theirs in line.header
    }
    return FileLine(line.number, cells, {**line.header, **renamed}, line.file)


def _is_shifted(line: FileLine) -> bool:
    """Return whether the row lacks its first cell, and has the empty one after its last comma.

    What stands under the first headings and the last one leaves no other reading: the frequency,
    the day of eight digits, the year, nothing. Goods are told by the classification.
    """
    head = tuple(line.header)[: len(_FIRST_HEADINGS)]
    if head != _FIRST_HEADINGS or _LAST_HEADING not in line.header:
        return False
    frequency, day, year = line.cells[:3]
    return (
        frequency in _FREQUENCIES
        and _DAY.fullmatch(day) is not None
        and day.startswith(year)
        and line[_LAST_HEADING] == ""
        and line["classificationCode"] == _HARMONIZED
    )


def _check(line: FileLine) -> None:
    if line["typeCode"] not in _TYPES:
        raise TableError(
            f"typeCode is '{line['typeCode']}': the cells stand beside their headings",
            where=line.where,
            way_out="save the answer of the interface as it is, without row labels",
        )
    if line["freqCode"] != "A":
        raise TableError(
            f"freqCode is '{line['freqCode']}'", where=line.where, way_out="ask for annual data"
        )


def _reason_to_leave(line: FileLine) -> str:
    if line["flowCode"] not in FLOWS:
        return "re-exports, processing and other flows"
    if any(line[heading] != whole for heading, whole in _WHOLE.items()):
        return "parts of a total"
    if line["cmdCode"] not in customs_codes():
        return "not a commodity of ours"
    return ""


def _both(line: FileLine) -> Iterator[Observation]:
    mass, value = FLOWS[line["flowCode"]]
    weight = scaled(read_figure(line["netWgt"], where=line.where), 1e-3)
    if line["isNetWgtEstimated"].casefold() == "true":
        weight = vouched(weight, Status.ESTIMATED)
    money = scaled(read_figure(line["primaryValue"], where=line.where), 1e-3)
    partner, remark = _partner(line)
    for statistic, figure, unit, basis in (
        (mass, weight, "t", "gross"), (value, money, "kUSD", ""),
    ):  # fmt: skip
        yield Observation(
            commodity=customs_codes()[line["cmdCode"]].commodity,
            statistic=statistic,
            region=region_of(line["reporterISO"], where=line.where),
            partner=partner,
            years=read_years(line["refYear"], where=line.where),
            figure=figure,
            unit=unit,
            basis=basis,
            detail=f"{line['cmdCode']}{remark}",
            place=line.file,
            line=line.number,
        )


def _partner(line: FileLine) -> tuple[str, str]:
    code = line["partnerISO"]
    if code == _WORLD:
        return WORLD, ""
    if _NOWHERE.fullmatch(code):
        return REST_OF_WORLD.code, f" {line['partnerDesc']}"
    return region_of(code, where=line.where), ""
