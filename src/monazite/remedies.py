"""What eases a shock fastest: the same scenario again with one standard remedy at a time.

The remedies are of comparable, stated size, not a plan: they say where a plan should look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from monazite.errors import InputError
from monazite.indicators import Shortage, shortages, total_output_at_risk
from monazite.indicators.shortage import SURPLUS
from monazite.network import SupplyNetwork
from monazite.newton import BoolArray
from monazite.parameters import Parameters
from monazite.scenario import Scenario, lower
from monazite.scenario.calendar import months_from
from monazite.simulate import simulate
from monazite.trajectory import Trajectory

STOCK_DAYS = 60.0
"""Days of use released: Japan's general stockpile target."""
STOCK_MONTHS = 6
CAPACITY_SHARE = 0.25
CAPACITY_RAMP_MONTHS = 12
SUBSTITUTED_SHARE = 0.10
RECYCLING_SHARE = 1.0
EXEMPTED_SHARE = 0.10
CONTROLS = ("export_ban", "export_quota", "export_licence")
CAUSES = (*CONTROLS, "export_tax", "outage")
"""Measures whose actors are not among those who are helped, nor build what helps."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change of a scenario that should ease it.

    ``sentence`` : what is done, with its size. ``assumption`` : what it takes for granted.
    """

    name: str
    sentence: str
    assumption: str
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Relief:
    """What a remedy achieves, against the scenario without it.

    ``loss`` : value of the use that stops, at base prices, over all months [kUSD].
    ``avoided_share`` : part of the loss that is avoided. ``delay_months`` : by how much the
    first shortage comes later (None: it never comes). ``peak_multiple`` : highest price
    multiple of the goods that run short. ``tonnes`` : stopped use avoided [t].
    ``output_saved`` : value of the products made after all [kUSD]; None without factors.
    """

    name: str
    sentence: str
    assumption: str
    loss: float
    avoided_share: float
    tonnes: float
    output_saved: float | None
    delay_months: int | None
    peak_multiple: float


@dataclass(frozen=True, slots=True)
class _Aim:
    """Who is short of what, and from when a remedy can act."""

    regions: tuple[str, ...]
    goods: tuple[str, ...]
    actors: tuple[str, ...]
    start: str


def rank(
    scenario: Scenario,
    network: SupplyNetwork,
    trajectory: Trajectory,
    parameters: Parameters,
    *,
    threshold: float = 0.05,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Relief, ...]:
    """Try each standard remedy on a scenario, the most effective first.

    Parameters
    ----------
    scenario, network, trajectory
        What was simulated.
    parameters : Parameters
        The same behaviour as the trajectory's.
    threshold : float
        Stopped share from which a use counts as short.
    progress : callable (done, total), optional
        Told after each remedy.

    Returns
    -------
    tuple of Relief
        Empty if nothing runs short outside the acting regions.
    """
    short = _short_outside(scenario, trajectory, threshold)
    if not short:
        return ()
    found = remedies(scenario, network, short)
    reliefs = []
    for number, remedy in enumerate(found, start=1):
        after = simulate(lower(remedy.scenario, network), parameters)
        reliefs.append(_relief(remedy, trajectory, after, short, threshold))
        if progress is not None:
            progress(number, len(found))
    return tuple(sorted(reliefs, key=lambda relief: -relief.avoided_share))


def remedies(
    scenario: Scenario, network: SupplyNetwork, short: tuple[Shortage, ...]
) -> tuple[Remedy, ...]:
    """Write the standard remedies for what runs short; those without an object are left out."""
    aim = _aim(scenario, short)
    candidates = (_stocks(aim), _capacity(aim), _substitution(aim), _recycling(aim))
    found = []
    for name, sentence, assumption, measure in candidates:
        changed = _with_measure(scenario, measure)
        if _applies(changed, network):
            found.append(Remedy(name, sentence, assumption, changed))
    licensed = _exempt(scenario)
    if licensed is not None:
        found.append(
            Remedy(
                "Negotiated exemptions",
                f"{100 * EXEMPTED_SHARE:g} % of the controlled trade is exempted from the controls",
                "the acting region agrees from the first month",
                licensed,
            )
        )
    return tuple(found)


def _short_outside(
    scenario: Scenario, trajectory: Trajectory, threshold: float
) -> tuple[Shortage, ...]:
    actors = {a for m in scenario.measures if m.kind.startswith("export_") for a in m.actors}
    rows = shortages(trajectory, threshold)
    return tuple(r for r in rows if r.first_month.median is not None and r.region not in actors)


def _aim(scenario: Scenario, short: tuple[Shortage, ...]) -> _Aim:
    start = min(measure.start for measure in scenario.measures)
    following = months_from(start, 2)[1]
    return _Aim(
        regions=tuple(sorted({row.region for row in short})),
        goods=tuple(sorted({row.commodity for row in short})),
        actors=tuple(sorted({a for m in scenario.measures if m.kind in CAUSES for a in m.actors})),
        start=following,
    )


_Candidate = tuple[str, str, str, Mapping[str, Any]]


def _stocks(aim: _Aim) -> _Candidate:
    return (
        "Stock release",
        f"{STOCK_DAYS:g} days' use of each good that runs short is released over "
        f"{STOCK_MONTHS} months where it runs short",
        "such stocks exist in the form that the users buy",
        {
            "kind": "stock_release", "actors": list(aim.regions), "commodities": list(aim.goods),
            "days": STOCK_DAYS, "over_months": STOCK_MONTHS, "start": aim.start,
        },
    )  # fmt: skip


def _capacity(aim: _Aim) -> _Candidate:
    outside = ["WORLD", *(f"!{actor}" for actor in aim.actors)]
    return (
        "More capacity outside",
        f"plants outside that make the short goods grow by {100 * CAPACITY_SHARE:g} % over "
        f"{CAPACITY_RAMP_MONTHS} months",
        "the plants can be enlarged at today's cost; their feed is in the model",
        {
            "kind": "capacity_change", "actors": outside, "commodities": list(aim.goods),
            "share": CAPACITY_SHARE, "ramp_months": CAPACITY_RAMP_MONTHS, "start": aim.start,
        },
    )  # fmt: skip


def _substitution(aim: _Aim) -> _Candidate:
    return (
        "Substitution",
        f"users that run short need {100 * SUBSTITUTED_SHARE:g} % less of the goods",
        "substitutes are qualified and available from the first month",
        {
            "kind": "demand_change", "targets": list(aim.regions),
            "commodities": list(aim.goods), "share": -SUBSTITUTED_SHARE, "start": aim.start,
        },
    )  # fmt: skip


def _recycling(aim: _Aim) -> _Candidate:
    outside = ["WORLD", *(f"!{actor}" for actor in aim.actors)]
    return (
        "Recycling",
        f"recycling outside grows by {100 * RECYCLING_SHARE:g} % over "
        f"{CAPACITY_RAMP_MONTHS} months",
        "scrap is collected; its supply is in the model",
        {
            "kind": "capacity_change", "actors": outside, "commodities": ["all"],
            "processes": ["*recycl*"], "share": RECYCLING_SHARE,
            "ramp_months": CAPACITY_RAMP_MONTHS, "start": aim.start,
        },
    )  # fmt: skip


def _with_measure(scenario: Scenario, measure: Mapping[str, Any]) -> Scenario:
    document = scenario.model_dump(exclude_defaults=True)
    for written, original in zip(document.get("measures", ()), scenario.measures, strict=True):
        written["kind"] = original.kind
    document["measures"] = [*document.get("measures", ()), dict(measure)]
    return Scenario.model_validate(document)


def _applies(scenario: Scenario, network: SupplyNetwork) -> bool:
    try:
        lower(scenario, network)
    except InputError:
        return False
    return True


def _exempt(scenario: Scenario) -> Scenario | None:
    """Exempt a part of every export control's trade."""
    if not any(measure.kind in CONTROLS for measure in scenario.measures):
        return None
    measures = [
        measure.model_copy(
            update={
                "exemptions": measure.exemptions.model_copy(
                    update={"share": max(measure.exemptions.share, EXEMPTED_SHARE)}
                )
            }
        )
        if measure.kind in CONTROLS
        else measure
        for measure in scenario.measures
    ]
    return scenario.model_copy(update={"measures": tuple(measures)})


def _relief(
    remedy: Remedy,
    before: Trajectory,
    after: Trajectory,
    short: tuple[Shortage, ...],
    threshold: float,
) -> Relief:
    regions = {row.region for row in short}
    goods = {row.commodity for row in short}
    chosen = np.array([g.region in regions and g.commodity in goods for g in before.groups])
    lost, tonnes = _loss(before)
    left, tonnes_left = _loss(after)
    return Relief(
        remedy.name,
        remedy.sentence,
        remedy.assumption,
        loss=left,
        avoided_share=(lost - left) / lost if lost > 0 else 0.0,
        tonnes=tonnes - tonnes_left,
        output_saved=_saved(before, after),
        delay_months=_delay(before, after, chosen, threshold),
        peak_multiple=_peak(after, goods, regions),
    )


def _saved(before: Trajectory, after: Trajectory) -> float | None:
    """Value of output that the remedy saves, of the uses with a factor [kUSD]."""
    lost, left = total_output_at_risk(before).median, total_output_at_risk(after).median
    return None if lost is None or left is None else lost - left


def _loss(trajectory: Trajectory) -> tuple[float, float]:
    """Return the use that stops anywhere, at base prices [kUSD] and in t; median over draws."""
    place = trajectory.market_index
    needed = np.array([group.use != SURPLUS for group in trajectory.groups])
    price = np.array(
        [trajectory.base_price[place[g.commodity, g.region]] for g in trajectory.groups]
    )
    stopped = trajectory.stopped.sum(axis=1)[:, needed]
    value = (stopped * price[needed]).sum(axis=1)
    return float(np.median(value)), float(np.median(stopped.sum(axis=1)))


def _delay(
    before: Trajectory, after: Trajectory, chosen: BoolArray, threshold: float
) -> int | None:
    first, later = _first(before, chosen, threshold), _first(after, chosen, threshold)
    return None if later is None or first is None else later - first


def _first(trajectory: Trajectory, chosen: BoolArray, threshold: float) -> int | None:
    share = np.median(
        trajectory.stopped[..., chosen] / np.maximum(trajectory.demand[..., chosen], 1e-12), axis=0
    )
    short = (share >= threshold).any(axis=1)
    return int(short.argmax()) if short.any() else None


def _peak(trajectory: Trajectory, goods: set[str], regions: set[str]) -> float:
    places = [
        i for i, (good, region) in enumerate(trajectory.spot_markets)
        if good in goods and region in regions
    ]  # fmt: skip
    multiples = trajectory.price[:, :, places] / trajectory.base_price[places]
    known = np.where(trajectory.rationed[:, :, places], 0.0, multiples)
    return float(np.median(known.max(axis=(1, 2))))
