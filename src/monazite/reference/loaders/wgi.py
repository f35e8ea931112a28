"""Worldwide Governance Indicators of the World Bank.

They come as a long table of all six, or one of them as a table of countries by years.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from monazite.errors import TableError, UnknownCodeError
from monazite.reference.loaders.figures import MISSING, SIGNS, Figure, Status, clean, read_years
from monazite.reference.loaders.files import FileLine, read_lines
from monazite.reference.loaders.observations import (
    Observation,
    Observations,
    Statistic,
    Tally,
    gather,
)
from monazite.reference.loaders.places import region_of

KIND = "worldbank-wgi"

INDICATORS: Mapping[str, str] = MappingProxyType(
    {
        "va": "voice and accountability",
        "pv": "political stability",
        "ge": "government effectiveness",
        "rq": "regulatory quality",
        "rl": "rule of law",
        "cc": "control of corruption",
    }
)
"""The six indicators by the code of the long table."""
LARGEST_SCORE = 4.0
"""Scores are standard normal: a number beyond four either way is a rank, not a score."""
WRONG_LINES: Mapping[str, str] = MappingProxyType(
    {"Guyana,GUY,0.03840913623571396,": "named Guyana in the place of French Guiana"}
)
"""How lines begin that are known to be wrong, and why they are.

The table of political stability has two lines of Guyana. This one stands where French Guiana has
its place in the order of codes, the other one where Guyana has. Up to 2022 their figures differ,
later ones are equal: it is nobody's. Once the file is mended nothing begins like that.
"""
_LEFT_OUT = MappingProxyType(
    {
        "REU": "Réunion, which counts with France",
        "R20": "a group of countries",
    }
)
_SIGNED = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def load_wgi(path: Path) -> Observations:
    """Read a CSV of governance scores.

    In the wide form the file's name has to say which indicator it is. Lines of `WRONG_LINES` are
    counted and not read.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    MonaziteError
        If the file is no such CSV, or at the first row that cannot be understood.
    """
    tally = Tally()
    rows = _rows(_read(path, tally), path.name, tally)
    data = gather(KIND, rows, tally, name=path.name)
    return replace(data, source=f"{KIND}-{int(data.year.max()) + 1}")


def _read(path: Path, tally: Tally) -> Iterator[FileLine]:
    for line in read_lines(path, KIND):
        text = ",".join(line.cells)
        reason = next(
            (why for beginning, why in WRONG_LINES.items() if text.startswith(beginning)), ""
        )
        if reason:
            tally.left_out[reason] += 1
        else:
            yield line


def _code(line: FileLine) -> str:
    return line["code" if "indicator" in line.header else "Code"]


def _rows(lines: Iterator[FileLine], file: str, tally: Tally) -> Iterator[Observation]:
    wide = ""
    for line in lines:
        is_long = "indicator" in line.header
        if not is_long and not wide:
            wide = _indicator_in(file)
        code = _code(line)
        if code in _LEFT_OUT:
            tally.left_out[_LEFT_OUT[code]] += 1
            continue
        yield from _long(line) if is_long else _wide(line, wide)


def _long(line: FileLine) -> Iterator[Observation]:
    indicator = line["indicator"]
    if indicator not in INDICATORS:
        raise UnknownCodeError("indicator", indicator, INDICATORS, where=line.where)
    yield _score(line, line["code"], INDICATORS[indicator], line["year"], line["estimate"])


def _wide(line: FileLine, indicator: str) -> Iterator[Observation]:
    _check_name(line)
    for head in line.header:
        if head.isdecimal() and len(head) == 4:
            yield _score(line, line["Code"], indicator, head, line[head])


def _check_name(line: FileLine) -> None:
    """Refuse a row whose name is another country's than its code."""
    name, code = line["Country/Territory"], line["Code"]
    try:
        named = region_of(name, where=line.where)
    except UnknownCodeError:
        return
    if named != region_of(code, where=line.where):
        raise TableError(
            f"'{name}' stands beside the code {code}",
            where=line.where,
            way_out=f"the code of {name} is {named}",
        )


def _score(line: FileLine, code: str, indicator: str, year: str, text: str) -> Observation:
    return Observation(
        commodity="",
        statistic=Statistic.GOVERNANCE,
        region=region_of(code, where=line.where),
        years=read_years(year, where=line.where),
        figure=_read_score(text, line.where),
        unit="1",
        basis="",
        detail=indicator,
        place=line.file,
        line=line.number,
    )


def _read_score(text: str, where: str) -> Figure:
    plain = clean(text)
    if plain in SIGNS and SIGNS[plain].status is Status.MISSING:
        return MISSING
    if not _SIGNED.fullmatch(plain):
        raise TableError(f"'{plain}' is no score", where=where, way_out="write a number or ..")
    value = float(plain)
    if math.fabs(value) > LARGEST_SCORE:
        raise TableError(
            f"{plain} is no score between -{LARGEST_SCORE:g} and {LARGEST_SCORE:g}",
            where=where,
            way_out="give the estimates, not the percentile ranks",
        )
    return Figure(value, value, value, Status.REPORTED)


def _indicator_in(file: str) -> str:
    words = re.sub(r"[^a-z]+", " ", file.casefold())
    found = [name for name in INDICATORS.values() if name in words]
    if len(found) != 1:
        raise TableError(
            "a table of countries by years does not say which indicator it is",
            where=file,
            way_out="name the file after it, for example political_stability.csv",
        )
    return found[0]
