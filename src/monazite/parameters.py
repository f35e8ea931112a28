"""The uncertain parameters of behaviour: one documented set for every chain and episode.

Central values and ranges live in ``reference/data/parameters.csv``, each with its source or
the reason why it is assumed. Nothing here is tuned to an episode.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np

from monazite.errors import TableError, UnknownCodeError
from monazite.newton import FloatArray


@dataclass(frozen=True, slots=True)
class Range:
    """Lowest, central and highest plausible value of a parameter, with its source.

    ``low``, ``mode``, ``high`` : in ``unit``; the mode is the central value, at which a single
    run is made.
    """

    name: str
    low: float
    mode: float
    high: float
    unit: str
    source: str
    grade: str
    note: str


def ranges() -> Mapping[str, Range]:
    """Read the shipped ranges.

    Raises
    ------
    TableError
        If a row is not ``low <= mode <= high``.
    """
    table = resources.files("monazite.reference") / "data" / "parameters.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = [_range(line, row) for line, row in enumerate(csv.DictReader(lines), start=2)]
    return {row.name: row for row in rows}


def _range(line: int, row: dict[str, str]) -> Range:
    low, mode, high = (float(row[field]) for field in ("low", "mode", "high"))
    if not low <= mode <= high:
        raise TableError(
            f"parameter {row['parameter']} is not ordered low <= mode <= high",
            where=f"parameters.csv line {line}",
            way_out="order the three values",
        )
    return Range(
        row["parameter"],
        low,
        mode,
        high,
        row["unit"],
        row["source"],
        row["grade"],
        row.get("note", ""),
    )


class Parameters:
    """Values of every parameter for one or more draws.

    Parameters
    ----------
    values : mapping of str to array (draw)
        Every parameter of ``parameters.csv``, all of the same length.
    """

    def __init__(self, values: Mapping[str, FloatArray]) -> None:
        self.values = {name: np.asarray(value, dtype=float) for name, value in values.items()}
        self.draws = len(next(iter(self.values.values())))

    @classmethod
    def central(cls, **changes: float) -> "Parameters":
        """One draw at the central values, with some of them changed.

        Raises
        ------
        UnknownCodeError
            If a changed parameter does not exist.
        """
        values = {name: np.array([row.mode]) for name, row in ranges().items()}
        for name, value in changes.items():
            if name not in values:
                raise UnknownCodeError("parameter", name, values)
            values[name] = np.array([value])
        return cls(values)

    def column(self, name: str) -> FloatArray:
        """Values of one parameter as a column (draw, 1)."""
        return self.values[name][:, None]
