"""What rows of indicators are made of: fields with units, and bands over draws.

Each field of a row states its unit in its annotation (`units` lists them). Where a trajectory
holds several draws a figure is a `Band`: the median and the 10 % and 90 % quantiles over the
draws; with one draw the three agree.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, get_type_hints

import numpy as np

from monazite.newton import BoolArray, FloatArray

BAND_QUANTILES = (0.1, 0.9)
"""Ends of a band: 80 % of the draws lie inside."""


@dataclass(frozen=True, slots=True)
class FieldUnit:
    """Unit of a field of a row, as in ``production: Annotated[float, FieldUnit("t/year")]``."""

    symbol: str


def units(row: type) -> dict[str, str]:
    """Return the unit of each measured field of a kind of row."""
    found: dict[str, str] = {}
    for name, hint in get_type_hints(row, include_extras=True).items():
        for note in getattr(hint, "__metadata__", ()):
            if isinstance(note, FieldUnit):
                found[name] = note.symbol
    return found


@dataclass(frozen=True, slots=True)
class Band:
    """Median and 80 % band over draws, in the unit of the row's field.

    ``low``, ``median``, ``high`` : quantiles of 10, 50 and 90 %; None where the figure has no
    meaning in the draws.
    """

    median: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, values: FloatArray) -> Self:
        """Return the band of one figure per draw; draws without a figure (NaN) are left out."""
        return cls.each(values[:, None])[0]

    @classmethod
    def each(cls, values: FloatArray) -> list[Self]:
        """Return the band of each column of an array (draw, column)."""
        if len(values) == 1:
            return [cls(*([None if math.isnan(v) else v] * 3)) for v in values[0].tolist()]
        unknown: BoolArray = np.asarray(np.isnan(values).any(axis=0))
        bands: list[Self] = []
        levels = (BAND_QUANTILES[0], 0.5, BAND_QUANTILES[1])
        found = np.quantile(np.where(unknown, 0.0, values), levels, axis=0)
        for column, (low, median, high) in enumerate(found.T.tolist()):
            if unknown[column]:
                bands.append(cls._of_known(values[:, column]))
            else:
                bands.append(cls(median, low, high))
        return bands

    @classmethod
    def _of_known(cls, values: FloatArray) -> Self:
        known = values[~np.isnan(values)]
        return cls.of(known) if known.size else cls(None, None, None)


@dataclass(frozen=True, slots=True)
class MonthBand:
    """Median, early and late month over draws; None where that quantile never comes."""

    median: str | None
    early: str | None
    late: str | None

    @classmethod
    def of(cls, positions: FloatArray, months: Sequence[str]) -> Self:
        """Return the band of positions in `months`, one per draw, infinite for never."""
        levels = (BAND_QUANTILES[0], 0.5, BAND_QUANTILES[1])
        one = len(positions) == 1
        found = (
            np.repeat(positions, 3)
            if one
            else np.quantile(positions, levels, method="inverted_cdf")
        )
        early, median, late = (months[int(p)] if np.isfinite(p) else None for p in found)
        return cls(median, early, late)
