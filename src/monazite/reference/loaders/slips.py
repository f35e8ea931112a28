"""Units that slipped: figures of two editions that differ by a power of ten.

A table printed in tonnes one year and labelled in thousands of tonnes the next is wrong by a
thousand, and passes every check of one edition alone. Two editions beside each other tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from monazite import units
from monazite.errors import TableError
from monazite.labels import WORLD
from monazite.reference.loaders.observations import Observations, Statistic

NEAR = 0.15
"""How far a ratio may be from a power of ten, as a share of it."""
COLUMN_SHARE = 0.5
"""Share of a column's figures from which on the whole column is said to have slipped."""
SHORTEST_LIFE = 3.0
"""Years of mining that the reserves of the world last at least. Reserves are what companies have
proved, ten to a hundred years ahead; a unit that is wrong by a thousand leaves days."""
_QUANTITIES = frozenset(
    {
        Statistic.MINE_PRODUCTION, Statistic.REFINERY_PRODUCTION, Statistic.REFINERY_CAPACITY,
        Statistic.RESERVES, Statistic.DEMAND, Statistic.EXPORT_MASS, Statistic.EXPORT_VALUE,
        Statistic.IMPORT_MASS, Statistic.IMPORT_VALUE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitSlip:
    """A figure that two sources give a power of ten apart.

    Parameters
    ----------
    commodity, statistic, region, basis : str
        What both figures are of.
    year : int
        Of which year.
    first, second : float
        The figures, both in `unit`.
    unit : str
        Unit of the first.
    power : int
        How many powers of ten the second is above the first.
    first_where, second_where : str
        Where they stand.
    is_column : bool
        Whether most figures of this commodity, statistic and year slipped alike.
    """

    commodity: str
    statistic: str
    region: str
    year: int
    basis: str
    first: float
    second: float
    unit: str
    power: int
    first_where: str
    second_where: str
    is_column: bool

    def line(self) -> str:
        """One line for people."""
        what = "the whole column" if self.is_column else self.region
        return (
            f"{self.second_where}: {self.commodity} {self.statistic} of {what} in {self.year} is "
            f"10^{self.power} times {self.first_where} ({self.second:g} and {self.first:g} "
            f"{self.unit})"
        )


def find_slips(first: Observations, second: Observations) -> tuple[UnitSlip, ...]:
    """Return the figures of the second source that are a power of ten away from the first.

    Only figures of one kind are compared: same commodity, statistic, form, region, partner, year
    and mass basis; reserves of any two years, since they change little. A ratio counts where it
    lies within 15 % of 10, 100, 1,000 ... or their inverses. One region a power of ten away can be
    true; a whole column hardly ever is.
    """
    pairs = list(_pairs(first, second))
    columns: dict[tuple[str, ...], list[int]] = {}
    for one, other in pairs:
        columns.setdefault(_column(first, one), []).append(
            _power(_ratio(first, one, second, other))
        )
    return tuple(
        _slip(first, one, second, other, power, columns[_column(first, one)])
        for one, other in pairs
        if (power := _power(_ratio(first, one, second, other)))
    )


def require_same_units(first: Observations, second: Observations) -> None:
    """Refuse a source one of whose columns has slipped against another edition.

    Raises
    ------
    TableError
        At the first column most of whose figures are the same power of ten away.
    """
    for slip in find_slips(first, second):
        if slip.is_column:
            raise TableError(
                f"{slip.commodity} {slip.statistic} of {slip.year} is 10^{slip.power} times that "
                f"of {first.source}",
                where=slip.second_where,
                way_out="the unit of one of them is wrong: look at both before using either",
            )


@dataclass(frozen=True, slots=True)
class ShortReserves:
    """Reserves of the world that its mines would use up within a few years.

    Parameters
    ----------
    commodity, basis, unit : str
        What is counted, what the mass is of, and the unit of both figures.
    reserves, mined : float
        Stated world total of reserves, and of mine production in the last year.
    where : str
        Where the reserves stand.
    """

    commodity: str
    basis: str
    unit: str
    reserves: float
    mined: float
    where: str

    def line(self) -> str:
        """One line for people."""
        return (
            f"{self.where}: {self.commodity} reserves of the world are {self.reserves:,.10g} "
            f"{self.unit}, {self.reserves / self.mined:.2g} years of mining: check the unit"
        )


def short_reserves(data: Observations) -> tuple[ShortReserves, ...]:
    """Return stated world reserves that last less than `SHORTEST_LIFE` years of mining.

    It finds in one edition what two editions with the same slip would hide from each other.
    """
    world = data.select(region=WORLD)
    mined = _last_year(world.select(statistic=Statistic.MINE_PRODUCTION))
    held = world.select(statistic=Statistic.RESERVES)
    return tuple(
        ShortReserves(
            commodity=held.commodity[row],
            basis=held.basis[row],
            unit=held.unit[row],
            reserves=float(held.value[row]),
            mined=mined[key],
            where=held.where(row),
        )
        for row in _usable(held)
        if (key := (held.commodity[row], held.basis[row])) in mined
        and held.value[row] < SHORTEST_LIFE * mined[key]
    )


def _last_year(data: Observations) -> dict[tuple[str, str], float]:
    """Return the latest figure of each commodity and mass basis."""
    rows = sorted(_usable(data), key=lambda row: int(data.year[row]))
    return {(data.commodity[row], data.basis[row]): float(data.value[row]) for row in rows}


def _pairs(first: Observations, second: Observations) -> Iterator[tuple[int, int]]:
    rows = {_key(second, row): row for row in _usable(second)}
    for row in _usable(first):
        other = rows.get(_key(first, row))
        if other is not None:
            yield row, other


def _usable(data: Observations) -> Iterator[int]:
    for row in np.flatnonzero(data.states_figure() & (np.nan_to_num(data.value) > 0.0)):
        if data.statistic[row] in _QUANTITIES:
            yield int(row)


def _key(data: Observations, row: int) -> tuple[str, ...]:
    return (*_column(data, row), data.region[row], data.partner[row])


def _column(data: Observations, row: int) -> tuple[str, ...]:
    is_stock = data.statistic[row] == Statistic.RESERVES
    period = "" if is_stock else f"{data.first_year[row]}-{data.year[row]}"
    return (
        data.commodity[row], data.statistic[row], data.detail[row], data.basis[row], period,
    )  # fmt: skip


def _ratio(first: Observations, one: int, second: Observations, other: int) -> float:
    multiple = units.factor(second.unit[other], first.unit[one])
    return float(second.value[other] * multiple / first.value[one])


def _power(ratio: float) -> int:
    """Return the power of ten that the ratio is near to; 0 where it is near to none."""
    power = round(float(np.log10(ratio)))
    return power if power and abs(ratio / 10.0**power - 1.0) <= NEAR else 0


def _slip(
    first: Observations, one: int, second: Observations, other: int, power: int, column: list[int]
) -> UnitSlip:
    multiple = units.factor(second.unit[other], first.unit[one])
    alike = sum(found == power for found in column)
    return UnitSlip(
        commodity=first.commodity[one],
        statistic=first.statistic[one],
        region=first.region[one],
        year=int(first.year[one]),
        basis=first.basis[one],
        first=float(first.value[one]),
        second=float(second.value[other] * multiple),
        unit=first.unit[one],
        power=power,
        first_where=first.where(one),
        second_where=second.where(other),
        is_column=len(column) > 1 and alike > COLUMN_SHARE * len(column),
    )
