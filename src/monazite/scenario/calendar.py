"""Months, windows and values that change from month to month.

A month is written ``YYYY-MM``. A measure is in force from the first day of its ``start`` to the
last day before its ``end``: ``end`` is the first month without it.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, PlainSerializer, PlainValidator

from monazite.scenario.lowered import BoolArray, FloatArray

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def month_number(label: str) -> int:
    """Months since year 0 of a label ``YYYY-MM``.

    Raises
    ------
    ValueError
        If the label is not a month.
    """
    match = _MONTH.fullmatch(label)
    if match is None:
        raise ValueError(f"'{label}' is no month: write YYYY-MM, such as 2025-04")
    return 12 * int(match[1]) + int(match[2]) - 1


def month_label(number: int) -> str:
    """Return the label ``YYYY-MM`` of a number of months since year 0."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _checked(label: str) -> str:
    month_number(label)
    return label


Month = Annotated[str, AfterValidator(_checked)]
"""A month ``YYYY-MM``."""


def months_from(start: str, count: int) -> tuple[str, ...]:
    """``count`` months, the first being ``start``."""
    first = month_number(start)
    return tuple(month_label(first + k) for k in range(count))


def in_force(months: Sequence[str], start: str, end: str | None) -> BoolArray:
    """Which of the months (T,) lie in ``start <= month < end``."""
    numbers = np.array([month_number(month) for month in months])
    upto = math.inf if end is None else month_number(end)
    return np.asarray((numbers >= month_number(start)) & (numbers < upto), dtype=np.bool_)


def months_since(months: Sequence[str], start: str) -> FloatArray:
    """Months (T,) that have passed since ``start``; negative before it."""
    numbers = np.array([month_number(month) for month in months], dtype=np.float64)
    return numbers - month_number(start)


@dataclass(frozen=True, slots=True)
class Path:
    """A value that may change by month: each point holds until the next.

    ``constant`` : the one value, or None if there are points.
    ``points`` : (month, value), in the order of time.
    """

    constant: float | None = None
    points: tuple[tuple[str, float], ...] = ()

    def values(self, months: Sequence[str], before: float) -> FloatArray:
        """Value in each month (T,); ``before`` is what holds ahead of the first point."""
        if self.constant is not None:
            return np.full(len(months), self.constant)
        changes = [month_number(month) for month, _ in self.points]
        levels = np.array([before, *(value for _, value in self.points)])
        numbers = [month_number(month) for month in months]
        return np.asarray(levels[np.searchsorted(changes, numbers, side="right")], dtype=np.float64)

    def plain(self) -> float | dict[str, float]:
        """Return the path as TOML writes it: a number, or a table from month to number."""
        return dict(self.points) if self.constant is None else self.constant

    def sizes(self) -> tuple[float, ...]:
        """Every value that the path takes."""
        return tuple(v for _, v in self.points) if self.constant is None else (self.constant,)

    def months(self) -> tuple[str, ...]:
        """Every month that the path names."""
        return tuple(month for month, _ in self.points)


def _number(value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ValueError(f"{value!r} is no number")
    if not low <= value <= high:
        limits = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        raise ValueError(f"must be {limits}, not {value:g}")
    return float(value)


def path_between(low: float, high: float) -> Callable[[object], Path]:
    """Return a validator that reads a number or a table of months within ``low`` and ``high``."""

    def read(value: object) -> Path:
        if isinstance(value, Path):
            value = value.plain()
        if not isinstance(value, Mapping):
            return Path(_number(value, low, high))
        if not value:
            raise ValueError("no month given: write for example { 2025-04 = 0.5 }")
        points = sorted((_checked(str(month)), _number(v, low, high)) for month, v in value.items())
        return Path(None, tuple(points))

    return read


def _plain(path: Path) -> float | dict[str, float]:
    return path.plain()


SharePath = Annotated[Path, PlainValidator(path_between(0, 1)), PlainSerializer(_plain)]
"""A share between 0 and 1, constant or by month."""
SizePath = Annotated[Path, PlainValidator(path_between(0, math.inf)), PlainSerializer(_plain)]
"""A size of at least 0, constant or by month."""
ChangePath = Annotated[Path, PlainValidator(path_between(-1, math.inf)), PlainSerializer(_plain)]
"""A relative change of at least -1 (all of it), constant or by month."""
