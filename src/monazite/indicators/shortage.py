"""Who runs short, when, how deep and for how long; days of cover; output at risk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from monazite.errors import InputError
from monazite.indicators.rows import Band, FieldUnit, MonthBand
from monazite.newton import FloatArray
from monazite.reference.declaration import read_declaration
from monazite.reference.source import data_folder, shipped_register
from monazite.reference.table import read_table
from monazite.trajectory import Trajectory

DAYS_PER_MONTH = 365.25 / 12
"""Mean length of a month [days]."""

SHORTAGE_THRESHOLD = 0.05
"""Stopped use over the demand of the month from which a use counts as short [fraction]."""

MULTIPLE = "multiple"
"""Unit of a factor that multiplies the commodity's value at base prices."""

SURPLUS = "surplus"
"""What is made and finds no use: no use that could run short."""

UseKey = tuple[str, str, str]
"""Region, use, commodity."""


@dataclass(frozen=True, slots=True)
class UseMonth:
    """What a use in a region went without in a month."""

    region: str
    use: str
    commodity: str
    month: str
    stopped: Annotated[Band, FieldUnit("t/month")]
    economised: Annotated[Band, FieldUnit("t/month")]
    stopped_share: Annotated[Band, FieldUnit("fraction")]
    cover: Annotated[Band, FieldUnit("days")]


@dataclass(frozen=True, slots=True)
class Shortage:
    """How a use of a commodity in a region fares over the whole trajectory.

    ``first_month`` : first month in which the stopped share reaches the threshold.
    ``depth`` : largest stopped share. ``duration`` : months at or above the threshold.
    ``loss`` : stopped use added up. ``saved`` : what buyers saved by choice, added up.
    ``recovered`` : first month after the last short one.
    ``probability`` : share of the draws in which the use is short at all.
    """

    region: str
    use: str
    commodity: str
    first_month: MonthBand
    probability: Annotated[float, FieldUnit("fraction")]
    depth: Annotated[Band, FieldUnit("fraction")]
    duration: Annotated[Band, FieldUnit("months")]
    loss: Annotated[Band, FieldUnit("t")]
    saved: Annotated[Band, FieldUnit("t")]
    recovered: MonthBand
    opening_cover: Annotated[Band, FieldUnit("days")]
    lowest_cover: Annotated[Band, FieldUnit("days")]


@dataclass(frozen=True, slots=True)
class FirstShortage:
    """First month in which any commodity of a use in a region runs short; None if none does."""

    region: str
    use: str
    month: str | None
    commodity: str | None


def use_months(trajectory: Trajectory) -> tuple[UseMonth, ...]:
    """Return stopped and saved use and days of cover per region, use, commodity and month."""
    rows: list[UseMonth] = []
    for buyers in _buyers(trajectory):
        figures = (
            buyers.total(trajectory.stopped),
            buyers.total(trajectory.economised),
            buyers.stopped_share(trajectory),
            buyers.cover(trajectory),
        )
        bands = zip(trajectory.months, *map(Band.each, figures), strict=True)
        rows += [UseMonth(*buyers.key, *found) for found in bands]
    return tuple(rows)


@dataclass(frozen=True, slots=True, eq=False)
class UseTotals:
    """Every use of a commodity in a region, all its groups added up, draw by draw.

    ``keys`` : region, use and commodity of each. ``demand``, ``economised``, ``stopped`` :
    (draw, month, use) [t/month]; what is left of demand is served. ``stock`` : (draw, month, use)
    own stock at the month's end [t].
    """

    keys: tuple[UseKey, ...]
    demand: FloatArray
    economised: FloatArray
    stopped: FloatArray
    stock: FloatArray


def use_totals(trajectory: Trajectory) -> UseTotals:
    """Return demand, what of it was saved or stopped, and stocks of every use."""
    buyers = _buyers(trajectory)

    def stacked(values: FloatArray) -> FloatArray:
        return np.stack([each.total(values) for each in buyers], axis=2)

    return UseTotals(
        tuple(each.key for each in buyers),
        stacked(trajectory.demand),
        stacked(trajectory.economised),
        stacked(trajectory.stopped),
        np.stack([each.own_stock(trajectory) for each in buyers], axis=2),
    )


def shortages(
    trajectory: Trajectory, threshold: float = SHORTAGE_THRESHOLD
) -> tuple[Shortage, ...]:
    """Return one row per region, use and commodity, the earliest and deepest shortage first.

    Raises
    ------
    InputError
        If the threshold is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise InputError(
            f"shortage threshold {threshold:g} is not a share",
            way_out="give a fraction above 0 and up to 1, such as 0.05",
        )
    return most_urgent(_shortage(trajectory, buyers, threshold) for buyers in _buyers(trajectory))


def most_urgent(rows: Iterable[Shortage]) -> tuple[Shortage, ...]:
    """Return shortages in order: early before late, deep before shallow, many tonnes first."""
    return tuple(sorted(rows, key=_urgency))


def first_shortages(rows: Iterable[Shortage]) -> tuple[FirstShortage, ...]:
    """Return one row per region and use: a use is short once its first commodity is."""
    found: dict[tuple[str, str], FirstShortage] = {}
    for row in sorted(rows, key=_urgency):
        month = row.first_month.median
        first = FirstShortage(row.region, row.use, month, row.commodity if month else None)
        found.setdefault((row.region, row.use), first)
    return tuple(found.values())


def _urgency(row: Shortage) -> tuple[str, float, float, str, str, str]:
    """Sort key: early before late, then deep before shallow, then many tonnes before few."""
    depth, loss = round(row.depth.median or 0.0, 6), row.loss.median or 0.0
    month = row.first_month.median or "9999-99"
    return month, -depth, -loss, row.region, row.use, row.commodity


def _shortage(trajectory: Trajectory, buyers: "_Buyers", threshold: float) -> Shortage:
    share, cover = buyers.stopped_share(trajectory), buyers.cover(trajectory)
    short = share >= threshold
    ever, count = short.any(axis=1), short.shape[1]
    first = np.where(ever, short.argmax(axis=1), np.inf)
    after = np.where(ever, count - short[:, ::-1].argmax(axis=1), np.inf)
    after[after >= count] = np.inf
    return Shortage(
        *buyers.key,
        first_month=MonthBand.of(first, trajectory.months),
        probability=float(ever.mean()),
        depth=Band.of(share.max(axis=1)),
        duration=Band.of(short.sum(axis=1).astype(np.float64)),
        loss=Band.of(buyers.total(trajectory.stopped).sum(axis=1)),
        saved=Band.of(buyers.total(trajectory.economised).sum(axis=1)),
        recovered=MonthBand.of(after, trajectory.months),
        opening_cover=Band.of(cover[:, 0]),
        lowest_cover=Band.of(cover.min(axis=1)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Buyers:
    """All groups of one use of a commodity in a region.

    ``members`` : positions in the trajectory's groups. ``stocked`` : those with their own stock.
    """

    key: UseKey
    members: NDArray[np.int64]
    stocked: NDArray[np.int64]

    def total(self, values: FloatArray) -> FloatArray:
        """Add up an array (draw, month, group) over the members."""
        return np.asarray(values[:, :, self.members].sum(axis=2), dtype=np.float64)

    def stopped_share(self, trajectory: Trajectory) -> FloatArray:
        """Return stopped use over demand (draw, month)."""
        return _ratio(self.total(trajectory.stopped), self.total(trajectory.demand))

    def cover(self, trajectory: Trajectory) -> FloatArray:
        """Return own stock over daily demand [days] (draw, month); none without own stock."""
        return _ratio(self.own_stock(trajectory), self.total(trajectory.demand) / DAYS_PER_MONTH)

    def own_stock(self, trajectory: Trajectory) -> FloatArray:
        """Return own stock [t] (draw, month)."""
        return np.asarray(trajectory.group_stock[:, :, self.stocked].sum(axis=2), dtype=np.float64)


def _buyers(trajectory: Trajectory) -> tuple[_Buyers, ...]:
    members: dict[UseKey, list[int]] = {}
    for index, group in enumerate(trajectory.groups):
        if group.use != SURPLUS:
            members.setdefault((group.region, group.use, group.commodity), []).append(index)
    return tuple(
        _Buyers(
            key,
            np.array(members[key], dtype=np.int64),
            np.array([i for i in members[key] if trajectory.groups[i].months > 0], dtype=np.int64),
        )
        for key in sorted(members)
    )


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide, with nothing over nothing being nothing."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


@dataclass(frozen=True, slots=True)
class OutputFactor:
    """Gross value of a use's product over the commodity in it.

    ``commodity`` : code or pattern; the most specific factor of a use counts. ``value`` : in
    `unit`, kUSD per tonne, or a multiple of the commodity's value at base prices.
    """

    use: str
    commodity: str
    value: float
    unit: str
    source: str
    grade: str
    where: str
    note: str


@dataclass(frozen=True, slots=True)
class OutputAtRisk:
    """Product that was not made for want of the commodity, by the `factor` of its use."""

    region: str
    use: str
    commodity: str
    value: Annotated[Band, FieldUnit("kUSD")]
    factor: OutputFactor


@cache
def output_factors() -> tuple[OutputFactor, ...]:
    """Return the shipped factors (reference/data/impact/output-factors.csv)."""
    folder, table_id = data_folder() / "impact", "impact/output-factors"
    declaration = read_declaration(folder / "output-factors.toml", table_id, {})
    table = read_table(folder / "output-factors.csv", declaration, shipped_register())
    return tuple(
        OutputFactor(
            use=row.text("use"),
            commodity=row.text("commodity"),
            value=row.value or 0.0,
            unit=row.unit,
            source=row.source,
            grade=row.grade,
            where=str(row.ref),
            note=row.note,
        )
        for row in table
    )


def output_at_risk(
    trajectory: Trajectory, factors: Iterable[OutputFactor] | None = None
) -> tuple[OutputAtRisk, ...]:
    """Return the value of stopped use per region, use and commodity, the largest first.

    Uses without a factor are left out: nothing is guessed.
    """
    rows = [
        OutputAtRisk(*buyers.key, Band.of(_value(trajectory, buyers, factor)), factor)
        for buyers, factor in _valued(trajectory, factors)
    ]
    return tuple(sorted(rows, key=lambda row: -(row.value.median or 0.0)))


def total_output_at_risk(
    trajectory: Trajectory, factors: Iterable[OutputFactor] | None = None
) -> Band:
    """Return the value of all stopped use with a factor, added up draw by draw [kUSD]."""
    total = np.zeros(trajectory.draws)
    for buyers, factor in _valued(trajectory, factors):
        total += _value(trajectory, buyers, factor)
    return Band.of(total)


def _valued(
    trajectory: Trajectory, factors: Iterable[OutputFactor] | None
) -> Iterator[tuple[_Buyers, OutputFactor]]:
    chosen = tuple(output_factors() if factors is None else factors)
    for buyers in _buyers(trajectory):
        _, use, commodity = buyers.key
        fitting = [
            item for item in chosen if item.use == use and fnmatchcase(commodity, item.commodity)
        ]
        if fitting:
            yield buyers, max(fitting, key=lambda item: len(item.commodity.replace("*", "")))


def _value(trajectory: Trajectory, buyers: _Buyers, factor: OutputFactor) -> FloatArray:
    region, _, commodity = buyers.key
    place = trajectory.spot_markets.index((commodity, region))
    own = float(trajectory.base_price[place]) if factor.unit == MULTIPLE else 1.0
    return np.asarray(buyers.total(trajectory.stopped).sum(axis=1) * factor.value * own)
