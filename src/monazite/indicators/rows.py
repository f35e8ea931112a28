"""What rows of indicators are made of: fields with units, and bands over draws.

Each field of a row states its unit in its annotation (`units` lists them). Where a trajectory
holds several draws a figure is a `Band`: the median and the 10 % and 90 % quantiles over the
draws; with one draw the three agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, get_type_hints

import numpy as np

from monazite.newton import FloatArray

BAND_QUANTILES = (0.1, 0.9)
"""Ends of a band: 80 % of the draws lie inside."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit of a field of a row, as in ``production: Annotated[float, Unit("t/year")]``."""

    symbol: str


def units(row: type) -> dict[str, str]:
    """Return the unit of each measured field of a kind of row."""
    found: dict[str, str] = {}
    for name, hint in get_type_hints(row, include_extras=True).items():
        for note in getattr(hint, "__metadata__", ()):
            if isinstance(note, Unit):
                found[name] = note.symbol
    return found


@dataclass(frozen=True, slots=True)
class Band:
    """Median and 80 % band over draws; None where the figure has no meaning in the draws."""

    median: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, values: FloatArray) -> Self:
        """Return the band of one figure per draw; draws without a figure (NaN) are left out."""
        known = values[~np.isnan(values)]
        if known.size == 0:
            return cls(None, None, None)
        low, median, high = np.quantile(known, (BAND_QUANTILES[0], 0.5, BAND_QUANTILES[1]))
        return cls(float(median), float(low), float(high))


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
        found = np.quantile(positions, levels, method="inverted_cdf")
        early, median, late = (months[int(p)] if np.isfinite(p) else None for p in found)
        return cls(median, early, late)
