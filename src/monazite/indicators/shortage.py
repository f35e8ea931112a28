"""Who runs short, when, how deep and for how long; days of cover; output at risk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from monazite.errors import InputError
from monazite.indicators.rows import Band, MonthBand, Unit
from monazite.newton import FloatArray
from monazite.reference.declaration import read_declaration
from monazite.reference.source import data_folder, shipped_register
from monazite.reference.table import read_table
from monazite.trajectory import Trajectory

DAYS_PER_MONTH = 365.25 / 12
"""Mean length of a month [days]."""

SHORTAGE_THRESHOLD = 0.05
"""Stopped use over the demand of the month from which a use counts as short [fraction]."""

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
    stopped: Annotated[Band, Unit("t/month")]
    economised: Annotated[Band, Unit("t/month")]
    stopped_share: Annotated[Band, Unit("fraction")]
    cover: Annotated[Band, Unit("days")]


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
    probability: Annotated[float, Unit("fraction")]
    depth: Annotated[Band, Unit("fraction")]
    duration: Annotated[Band, Unit("months")]
    loss: Annotated[Band, Unit("t")]
    saved: Annotated[Band, Unit("t")]
    recovered: MonthBand
    opening_cover: Annotated[Band, Unit("days")]
    lowest_cover: Annotated[Band, Unit("days")]


@dataclass(frozen=True, slots=True)
class FirstShortage:
    """First month in which any commodity of a use in a region runs short; None if none does."""

    region: str
    use: str
    month: str | None
    commodity: str | None


def use_months(trajectory: Trajectory) -> tuple[UseMonth, ...]:
    """Return stopped and saved use and days of cover per region, use, commodity and month."""
    rows = []
    for key, take in _by_use(trajectory).items():
        stopped, economised = take(trajectory.stopped), take(trajectory.economised)
        share, cover = _stopped_share(trajectory, take), _cover(trajectory, take)
        rows += [
            UseMonth(
                *key,
                month,
                Band.of(stopped[:, t]),
                Band.of(economised[:, t]),
                Band.of(share[:, t]),
                Band.of(cover[:, t]),
            )
            for t, month in enumerate(trajectory.months)
        ]
    return tuple(rows)


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
    uses = _by_use(trajectory).items()
    rows = [_shortage(trajectory, key, take, threshold) for key, take in uses]
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


def _shortage(trajectory: Trajectory, key: UseKey, take: "Take", threshold: float) -> Shortage:
    share, cover = _stopped_share(trajectory, take), _cover(trajectory, take)
    short = share >= threshold
    ever, count = short.any(axis=1), short.shape[1]
    first = np.where(ever, short.argmax(axis=1), np.inf)
    after = np.where(ever, count - short[:, ::-1].argmax(axis=1), np.inf)
    after[after >= count] = np.inf
    return Shortage(
        *key,
        first_month=MonthBand.of(first, trajectory.months),
        probability=float(ever.mean()),
        depth=Band.of(share.max(axis=1)),
        duration=Band.of(short.sum(axis=1).astype(np.float64)),
        loss=Band.of(take(trajectory.stopped).sum(axis=1)),
        saved=Band.of(take(trajectory.economised).sum(axis=1)),
        recovered=MonthBand.of(after, trajectory.months),
        opening_cover=Band.of(cover[:, 0]),
        lowest_cover=Band.of(cover.min(axis=1)),
    )


Take = Callable[[FloatArray], FloatArray]
"""Adds up an array (draw, month, group) over the groups of one use."""


def _by_use(trajectory: Trajectory) -> dict[UseKey, Take]:
    members: dict[UseKey, list[int]] = {}
    for index, group in enumerate(trajectory.groups):
        if group.use == SURPLUS:
            continue
        members.setdefault((group.region, group.use, group.commodity), []).append(index)
    return {key: _taker(np.array(members[key])) for key in sorted(members)}


def _taker(indices: NDArray[np.int64]) -> Take:
    return lambda values: np.asarray(values[:, :, indices].sum(axis=2), dtype=np.float64)


def _stopped_share(trajectory: Trajectory, take: Take) -> FloatArray:
    return _ratio(take(trajectory.stopped), take(trajectory.demand), nothing=0.0)


def _cover(trajectory: Trajectory, take: Take) -> FloatArray:
    """Own stock over daily demand; buyers without a stock of their own hold none."""
    owns = np.array([group.months > 0 for group in trajectory.groups])
    daily = take(trajectory.demand) / DAYS_PER_MONTH
    return _ratio(take(trajectory.group_stock * owns), daily, nothing=0.0)


def _ratio(top: FloatArray, bottom: FloatArray, nothing: float) -> FloatArray:
    return np.divide(top, bottom, out=np.full_like(top, nothing), where=bottom > 0)


@dataclass(frozen=True, slots=True)
class OutputFactor:
    """Gross value of a use's product per tonne of a commodity in it (``*``: any commodity)."""

    use: str
    commodity: str
    value: Annotated[float, Unit("kUSD/t")]
    source: str
    grade: str
    where: str
    note: str


@dataclass(frozen=True, slots=True)
class OutputAtRisk:
    """Product that was not made for want of the commodity, at `factor` per tonne stopped."""

    region: str
    use: str
    commodity: str
    value: Annotated[Band, Unit("kUSD")]
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
    chosen = output_factors() if factors is None else factors
    known = {(item.use, item.commodity): item for item in chosen}
    rows = []
    for (region, use, commodity), take in _by_use(trajectory).items():
        factor = known.get((use, commodity)) or known.get((use, "*"))
        if factor is not None:
            value = Band.of(take(trajectory.stopped).sum(axis=1) * factor.value)
            rows.append(OutputAtRisk(region, use, commodity, value, factor))
    return tuple(sorted(rows, key=lambda row: -(row.value.median or 0.0)))


def total_output_at_risk(
    trajectory: Trajectory, factors: Iterable[OutputFactor] | None = None
) -> Band:
    """Return the value of all stopped use with a factor, added up draw by draw [kUSD]."""
    total = np.zeros(trajectory.draws)
    for row in output_at_risk(trajectory, factors):
        take = _by_use(trajectory)[row.region, row.use, row.commodity]
        total += take(trajectory.stopped).sum(axis=1) * row.factor.value
    return Band.of(total)
