"""One shape for every official statistic: columns of equal length, a row for each figure.

A row says what (commodity, statistic), where (region, partner), when, how much, in which unit
and mass basis, how sure, and on which line of which file it stands.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite.errors import TableError, UnknownCodeError
from monazite.labels import WORLD
from monazite.reference.loaders.figures import Figure

Text = NDArray[np.object_]
Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


class Statistic(StrEnum):
    """What a figure counts."""

    MINE_PRODUCTION = "mine production"
    REFINERY_PRODUCTION = "refinery production"
    REFINERY_CAPACITY = "refinery capacity"
    RESERVES = "reserves"
    DEMAND = "demand"
    MINE_SHARE = "mine share"
    REFINERY_SHARE = "refinery share"
    SUPPLY_SHARE = "supply share"
    USE_SHARE = "use share"
    IMPORT_SHARE = "import share"
    NET_IMPORT_RELIANCE = "net import reliance"
    EXPORT_MASS = "export mass"
    EXPORT_VALUE = "export value"
    IMPORT_MASS = "import mass"
    IMPORT_VALUE = "import value"
    SUPPLY_RISK = "supply risk"
    ECONOMIC_IMPORTANCE = "economic importance"
    GOVERNANCE = "governance"
    DISTANCE = "distance"
    AREA = "area"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"


@dataclass(frozen=True, slots=True)
class Observations:
    """What an official file holds.

    Every column is an array of one axis, a row for each figure, in the order of the file.

    Parameters
    ----------
    source : str
        Producer and edition, such as ``usgs-mcs-2026``.
    commodity : array of str
        Code out of the list of commodities; empty where the statistic has none.
    statistic : array of Statistic
        What is counted.
    detail : array of str
        What the file says beyond that: a product code, a use, a scenario, a kind of mineral.
    region, partner : array of str
        Region codes; ``WORLD`` for a stated world total, ``ROW`` for stated other countries, ``EU``
        for the European Union as a whole. The
        partner is the importer of what the region exports; empty where there is none.
    first_year, year : array of int
        Period of the figure; equal for a single year.
    value : array of float
        The figure in the row's `unit`; NaN exactly where the status states no one figure.
    low, high : array of float
        Its bounds in the row's `unit`, as of ``Figure``.
    unit : array of str
        Unit of the figures, such as ``t``, ``kg``, ``carat`` or ``kUSD``.
    basis : array of str
        What the mass is a mass of: ``content`` of the element, ``gross`` weight, ``dry`` weight,
        or the formula of an oxide; empty for what is no mass.
    status : array of Status
        How far the figure is one.
    place : array of str
        File, and sheet of a workbook.
    line : array of int
        Line of the file, or row of the sheet; the first is 1.
    left_out : Mapping of str to int
        Lines that were read and not taken, counted by reason.
    corrected : Mapping of str to int
        Rows whose unit was mended, counted by what was wrong.
    """

    source: str
    commodity: Text
    statistic: Text
    detail: Text
    region: Text
    partner: Text
    first_year: Whole
    year: Whole
    value: Numbers
    low: Numbers
    high: Numbers
    unit: Text
    basis: Text
    status: Text
    place: Text
    line: Whole
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    corrected: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in COLUMNS}
        if len(lengths) > 1:
            raise ValueError("columns of unequal length")
        for name in COLUMNS:
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.value)

    def where(self, row: int) -> str:
        """Return file and line of a row, so that its number can be walked back."""
        return f"{self.place[row]}:{self.line[row]}"

    def select(self, **cells: str | int) -> "Observations":
        """Return the rows whose cells equal all those given.

        Raises
        ------
        UnknownCodeError
            If there is no such column.
        """
        chosen = np.ones(len(self), dtype=bool)
        for name, cell in cells.items():
            if name not in COLUMNS:
                raise UnknownCodeError("column", name, COLUMNS, where=self.source)
            chosen &= np.asarray(getattr(self, name) == cell, dtype=bool)
        return self.taken(np.flatnonzero(chosen))

    def taken(self, rows: Whole) -> "Observations":
        """Return the rows of those numbers, in that order."""
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in COLUMNS}
        return Observations(
            source=self.source, left_out=self.left_out, corrected=self.corrected, **columns
        )

    def states_figure(self) -> NDArray[np.bool_]:
        """Return for each row whether it states one figure, so that `value` is a number."""
        return ~np.isnan(self.value)

    def countries(self) -> "Observations":
        """Return the rows that can be added: no world totals, but other countries as stated."""
        return self.taken(np.flatnonzero(self.region != WORLD))

    def totals(self) -> tuple["WorldTotal", ...]:
        """Return every stated world total beside the sum of the regions that the file lists.

        Rows that carry a `detail` of their own are added with the others where the world total
        has none: the same mineral counted in several forms.
        """
        members: dict[tuple[Any, ...], list[int]] = {}
        for row in np.flatnonzero((self.region != WORLD) & (self.partner == "")).tolist():
            key = self._total_key(row)
            members.setdefault(key, []).append(row)
            members.setdefault((*key, self.detail[row]), []).append(row)
        return tuple(
            self._total(row, members[key])
            for row in np.flatnonzero((self.region == WORLD) & self.states_figure()).tolist()
            if (key := self._members_key(row)) in members
        )

    def _total_key(self, row: int) -> tuple[Any, ...]:
        names = ("commodity", "statistic", "basis", "unit", "first_year", "year")
        return tuple(getattr(self, name)[row] for name in names)

    def _members_key(self, row: int) -> tuple[Any, ...]:
        key, detail = self._total_key(row), self.detail[row]
        return (*key, detail) if detail else key

    def _total(self, row: int, members: list[int]) -> "WorldTotal":
        values = self.value[members]
        return WorldTotal(
            commodity=self.commodity[row],
            statistic=self.statistic[row],
            year=int(self.year[row]),
            unit=self.unit[row],
            stated=float(self.value[row]),
            summed=float(np.nansum(values)),
            not_figures=int(np.isnan(values).sum()),
            where=self.where(row),
        )


@dataclass(frozen=True, slots=True)
class WorldTotal:
    """A world total that a file states, beside what its countries sum to.

    Parameters
    ----------
    commodity, statistic : str
        What is counted.
    year : int
        Last year of the period.
    unit : str
        Unit of both figures.
    stated, summed : float
        What the file says, and the sum of the regions that state one figure.
    not_figures : int
        Regions left out of the sum: withheld, missing, bounds.
    where : str
        File and line of the total.
    """

    commodity: str
    statistic: str
    year: int
    unit: str
    stated: float
    summed: float
    not_figures: int
    where: str

    @property
    def gap(self) -> float:
        """Stated over summed, less one; infinite where the sum is zero and the total is not."""
        if self.summed == 0.0:
            return 0.0 if self.stated == 0.0 else math.inf
        return self.stated / self.summed - 1.0


COLUMNS = tuple(
    f.name for f in fields(Observations) if f.name not in ("source", "left_out", "corrected")
)
"""Names of the columns in order."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted while a file is being read.

    Parameters
    ----------
    left_out, corrected : Counter of str
        As of :class:`Observations`.
    """

    left_out: Counter[str] = field(default_factory=Counter)
    corrected: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Observation:
    """One row while a file is being read; fields as of :class:`Observations`.

    Parameters
    ----------
    figure : Figure
        Value, bounds and status, in `unit`.
    """

    commodity: str
    statistic: Statistic
    region: str
    years: tuple[int, int]
    figure: Figure
    unit: str
    basis: str
    line: int
    place: str
    detail: str = ""
    partner: str = ""

    def cells(self) -> tuple[Any, ...]:
        """Return the cells in the order of the columns."""
        return (
            self.commodity, self.statistic, self.detail, self.region, self.partner, *self.years,
            self.figure.value, self.figure.low, self.figure.high, self.unit, self.basis,
            self.figure.status, self.place, self.line,
        )  # fmt: skip

    def key(self) -> tuple[Any, ...]:
        """Return what no two rows of a file may have in common."""
        return (
            self.commodity, self.statistic, self.detail, self.region, self.partner, self.years,
            self.basis,
        )  # fmt: skip


def gather(source: str, rows: Iterable[Observation], tally: Tally, *, name: str) -> Observations:
    """Return the rows of a file as columns.

    Parameters
    ----------
    source : str
        Producer and edition.
    rows : iterator of Observation
        As they are read.
    tally : Tally
        Counts up while `rows` is used up.
    name : str
        How error messages call the file.

    Raises
    ------
    TableError
        If two rows say the same of the same, or there are none.
    """
    seen: dict[tuple[Any, ...], int] = {}
    cells: list[tuple[Any, ...]] = []
    for row in rows:
        _check_new(row, seen)
        cells.append(row.cells())
    if not cells:
        raise TableError(
            "the file has no rows that can be used", where=name, way_out="give it as downloaded"
        )
    columns: dict[str, Any] = {
        name: typed(name, values)
        for name, values in zip(COLUMNS, zip(*cells, strict=True), strict=True)
    }
    return Observations(
        source=source,
        left_out=MappingProxyType(dict(tally.left_out)),
        corrected=MappingProxyType(dict(tally.corrected)),
        **columns,
    )


def typed(column: str, values: Sequence[Any]) -> NDArray[Any]:
    """Return the values as the array that a column of that name holds."""
    if column in ("value", "low", "high"):
        return np.array(values, dtype=np.float64)
    if column in ("first_year", "year", "line"):
        return np.array(values, dtype=np.int64)
    text = np.empty(len(values), dtype=object)
    text[:] = values
    return text


def _check_new(row: Observation, seen: dict[tuple[Any, ...], int]) -> None:
    key = row.key()
    if key in seen:
        what = " ".join(str(cell) for cell in (row.commodity, row.statistic, row.detail) if cell)
        raise TableError(
            f"{what} of {row.region} in {row.years[1]} stands twice, first in line {seen[key]}",
            where=f"{row.place}:{row.line}",
            way_out="drop one of the two rows",
        )
    seen[key] = row.line
