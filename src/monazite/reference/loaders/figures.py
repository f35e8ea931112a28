"""What a cell of a statistic says: a figure, a bound, a range, or why there is none.

Signs are those of the producers: a dash for zero, ``NA``, ``W`` for withheld, ``E`` for a net
exporter, ``>95``, ``<1,000``, ``330 - 390``. What is none of these raises; nothing is guessed.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from monazite.errors import TableError


class Status(StrEnum):
    """How far a figure is one, and who vouches for it."""

    REPORTED = "reported"
    ESTIMATED = "estimated"
    PROVISIONAL = "provisional"
    PROJECTED = "projected"
    BELOW = "below"
    ABOVE = "above"
    RANGE = "range"
    MISSING = "missing"
    WITHHELD = "withheld"
    NOT_APPLICABLE = "not applicable"
    NET_EXPORTER = "net exporter"
    IN_WORDS = "in words"
    IN_FOOTNOTE = "in a footnote"


POINTS = frozenset({Status.REPORTED, Status.ESTIMATED, Status.PROVISIONAL, Status.PROJECTED})
"""Statuses of rows that state one figure. Every other row has NaN for its value."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell that was understood.

    Parameters
    ----------
    value : float
        The figure, in the unit of the cell; NaN unless the cell states one figure.
    low, high : float
        What it lies between: both equal to `value` where there is one, the stated bounds of a
        bound or range (zero and infinity for those not stated), NaN where nothing is known.
    status : Status
        What kind of cell it was.
    """

    value: float
    low: float
    high: float
    status: Status


MISSING = Figure(math.nan, math.nan, math.nan, Status.MISSING)
"""Nothing is stated."""
ZERO = Figure(0.0, 0.0, 0.0, Status.REPORTED)
"""What a dash means unless the producer says otherwise."""

DASHES = "-–—−"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?"
_ONE = re.compile(_NUMBER, re.ASCII)
_BOUND = re.compile(rf"([<>])\s*({_NUMBER})", re.ASCII)
_RANGE = re.compile(rf"({_NUMBER})\s*[{DASHES}]\s*({_NUMBER})", re.ASCII)
_NEGATIVE = re.compile(rf"[{DASHES}]\s*{_NUMBER}", re.ASCII)
_YEARS = re.compile(rf"(\d{{4}})(?:\s*[{DASHES}]\s*(\d{{4}}|\d{{2}}))?", re.ASCII)


def _signs(status: Status, *words: str) -> dict[str, Figure]:
    figure = Figure(math.nan, math.nan, math.nan, status)
    return dict.fromkeys(words, figure)


SIGNS: Mapping[str, Figure] = MappingProxyType(
    dict.fromkeys(DASHES, ZERO)
    | _signs(Status.MISSING, "", "NA", "N/A", "na", "nan", "NaN", "None", "..", "...", ".")
    | _signs(Status.WITHHELD, "W")
    | _signs(Status.NOT_APPLICABLE, "XX")
    | _signs(Status.NET_EXPORTER, "E")
    | _signs(Status.IN_FOOTNOTE, "s")
    | _signs(Status.IN_WORDS, "Large", "Moderate", "Moderate to large", "Small", "Very small")
)
"""Cells that are no number. In the files of the USGS ``s`` is what is left of a footnote mark."""


def read_figure(text: str, *, where: str = "") -> Figure:
    """Read a cell that may not be negative.

    Parameters
    ----------
    text : str
        As it stands in the file; blanks at the ends do not matter.
    where : str
        File and row for the error.

    Raises
    ------
    TableError
        If the text is no figure, bound, range or known sign, or is below zero.
    """
    plain = clean(text)
    if plain in SIGNS:
        return SIGNS[plain]
    if _ONE.fullmatch(plain):
        value = number(plain)
        return Figure(value, value, value, Status.REPORTED)
    if bound := _BOUND.fullmatch(plain):
        return _bound(bound[1], number(bound[2]))
    if span := _RANGE.fullmatch(plain):
        return _span(number(span[1]), number(span[2]), plain, where)
    if _NEGATIVE.fullmatch(plain):
        raise TableError(
            f"{plain} is below zero", where=where, way_out="a quantity cannot be: check the source"
        )
    raise TableError(
        f"'{plain}' is no figure", where=where, way_out="write digits, a bound, a range or NA"
    )


def read_years(text: str, *, where: str = "") -> tuple[int, int]:
    """Return the first and last year of ``2024``, ``2021–24`` or ``2016-2020``.

    Raises
    ------
    TableError
        If it is no year or span, or the span runs backwards.
    """
    plain = clean(text)
    found = _YEARS.fullmatch(plain)
    if found is None:
        raise TableError(f"'{plain}' is no year", where=where, way_out="write 2024 or 2021-24")
    first = int(found[1])
    last = _last_year(found[1], found[2])
    if last < first:
        raise TableError(f"'{plain}' runs backwards", where=where, way_out="write 2021-24")
    return first, last


def clean(text: str) -> str:
    """Return the text without blanks at its ends; runs of blanks of any kind become one."""
    return " ".join(text.split())


def number(text: str) -> float:
    """Return the number that digits with or without thousands commas stand for."""
    return float(text.replace(",", ""))


def scaled(figure: Figure, multiple: float) -> Figure:
    """Return the figure in another unit: all its numbers times `multiple`."""
    return Figure(
        figure.value * multiple, figure.low * multiple, figure.high * multiple, figure.status
    )


def vouched(figure: Figure, status: Status) -> Figure:
    """Return the figure with who vouches for it; what states no one figure keeps its status."""
    if figure.status not in POINTS:
        return figure
    return Figure(figure.value, figure.low, figure.high, status)


def _bound(sign: str, value: float) -> Figure:
    if sign == "<":
        return Figure(math.nan, 0.0, value, Status.BELOW)
    return Figure(math.nan, value, math.inf, Status.ABOVE)


def _span(low: float, high: float, text: str, where: str) -> Figure:
    if high < low:
        raise TableError(f"the range {text} runs backwards", where=where, way_out="check the cell")
    return Figure(math.nan, low, high, Status.RANGE)


def _last_year(first: str, last: str | None) -> int:
    if last is None:
        return int(first)
    return int(last) if len(last) == 4 else int(first[:2] + last)
