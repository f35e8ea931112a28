"""What a shock leaves of supply: the market says, with every region bidding.

A planner who moves goods by decree would always find some. So the cut is taken from the monthly
market, where all regions bid for what is left at their value in use, holders run down stocks and
licences have a rent: what reaches the partners from each origin in their worst half-year, over the
base year, is what is left of that access while the shock lasts.
"""

from collections.abc import Iterable

import numpy as np

from monazite.network import Market, SupplyNetwork
from monazite.parameters import Parameters
from monazite.plan.access import SMALLEST_FLOW, feed_name, import_name
from monazite.plan.draws import Shock
from monazite.plan.model import PlanningModel
from monazite.plan.programme import ShockRule
from monazite.plan.sector import capacity_name
from monazite.scenario import Scenario, load, lower
from monazite.simulate import simulate
from monazite.trajectory import Trajectory

FOLLOWED = 24
"""Months for which measures without a scenario of their own are replayed."""
MONTHS = 18
"""Months after which such measures have shown what they leave of access."""
ROUNDS = 40
"""Rounds in which a loss runs down the chain: more than it has stages, for goods that circle."""
WINDOW = 6
"""Months over which the market is read: those in which the partners receive least."""


def exposed(rule: ShockRule, network: SupplyNetwork, model: PlanningModel) -> Shock:
    """Return a shock of a programme with what it leaves of each purchase and capacity.

    Raises
    ------
    ScenarioError
        If its measures cannot be applied to the network.
    EquilibriumError
        If the market does not clear.
    """
    scenario = scenario_of(rule, network, MONTHS)
    trajectory = simulate(lower(scenario, network), Parameters.central())
    window = _worst_window(trajectory, model.partners)
    return Shock(
        name=rule.name,
        probability=rule.probability,
        months=rule.months,
        severity=rule.severity,
        left=dict(_left_of_access(trajectory, model, window)),
        left_of_capacity=dict(_left_of_capacity(trajectory, model, window)),
    )


def without_largest(network: SupplyNetwork, model: PlanningModel) -> dict[str, float]:
    """Return what is left of each purchase once every good's largest supplier ships none of it.

    For each partner and good the origin that sends most is lost for good, and what others make of
    its goods shrinks with their feed: a plant runs at the share left of its scarcest input, and
    what is left in a region is shared in the proportions of the base year.

    Parameters
    ----------
    network : SupplyNetwork
        With flows and activities of the base year.
    model : PlanningModel
        Whose purchases are asked about.
    """
    by_partner = _largest(model)
    everything = {place for lost in by_partner.values() for place in lost}
    left = {partner: _knock_on(network, lost) for partner, lost in by_partner.items()}
    left[""] = _knock_on(network, everything)
    shares = {}
    for row in model.activities:
        if row.origin:
            place = (next(iter(row.balance))[0], row.origin)
            is_lost = place in by_partner.get(row.partner, everything)
            shares[row.name] = 0.0 if is_lost else left[row.partner].get(place, 1.0)
    return shares


def _largest(model: PlanningModel) -> dict[str, set[Market]]:
    """Goods with the origin that sends most of them, by partner."""
    sent: dict[tuple[str, str], dict[str, float]] = {}
    for row in model.activities:
        if row.origin and row.partner:
            commodity = next(iter(row.balance))[0]
            origins = sent.setdefault((row.partner, commodity), {})
            origins[row.origin] = origins.get(row.origin, 0.0) + float(row.largest[0])
    lost: dict[str, set[Market]] = {}
    for (partner, commodity), origins in sent.items():
        largest = max(origins.items(), key=lambda entry: entry[1])[0]
        lost.setdefault(partner, set()).add((commodity, largest))
    return lost


def _knock_on(network: SupplyNetwork, lost: set[Market]) -> dict[Market, float]:
    """Share left of the supply of every market, feed and all."""
    sources: dict[Market, list[tuple[float, tuple[Market, ...], bool]]] = {}
    for process in network.processes:
        inputs = tuple((c, process.region) for c, a in process.recipe.items() if a < 0)
        for commodity, amount in process.recipe.items():
            if amount > 0 and process.activity:
                made = amount * process.activity
                sources.setdefault((commodity, process.region), []).append((made, inputs, False))
    for route in network.routes:
        if route.flow:
            origin = (route.commodity, route.origin)
            place = (route.commodity, route.destination)
            sources.setdefault(place, []).append((route.flow, (origin,), origin in lost))
    left = dict.fromkeys(sources, 1.0)
    for _round in range(ROUNDS):
        left = {market: _left(rows, left) for market, rows in sources.items()}
    return left


def _left(rows: list[tuple[float, tuple[Market, ...], bool]], left: dict[Market, float]) -> float:
    total = sum(amount for amount, _inputs, _gone in rows)
    kept = sum(
        amount * min((left.get(place, 1.0) for place in inputs), default=1.0)
        for amount, inputs, gone in rows
        if not gone
    )
    return kept / total


def scenario_of(rule: ShockRule, network: SupplyNetwork, months: int = FOLLOWED) -> Scenario:
    """Return the scenario of a shock of a programme, by the name of the rule.

    Parameters
    ----------
    rule : ShockRule
        A scenario of the library, or measures of its own.
    network : SupplyNetwork
        What the measures are about.
    months : int
        For which measures of its own are followed.
    """
    if rule.scenario:
        return load(rule.scenario).model_copy(update={"id": rule.name})
    return Scenario(
        id=rule.name,
        title=rule.name,
        chain=network.name,
        start=min(measure.start for measure in rule.measures),
        months=months,
        measures=rule.measures,
    )


def _worst_window(trajectory: Trajectory, partners: tuple[str, ...]) -> slice:
    """Months in which what the partners buy abroad is worth least at base prices."""
    network = trajectory.network
    worth = np.array(
        [
            network.base_price((route.commodity, route.destination))
            if route.destination in partners and route.origin not in partners
            else 0.0
            for route in network.routes
        ]
    )
    value = trajectory.flow[0] @ worth
    length = min(WINDOW, len(value))
    sums = np.convolve(value, np.ones(length), mode="valid")
    first = int(np.argmin(sums))
    return slice(first, first + length)


def _left_of_access(
    trajectory: Trajectory, model: PlanningModel, window: slice
) -> Iterable[tuple[str, float]]:
    names = {row.name for row in model.activities if row.origin}
    flow, base = trajectory.flow[0, window].mean(axis=0), trajectory.base_flow
    now: dict[str, float] = {}
    usual: dict[str, float] = {}
    for k, route in enumerate(trajectory.network.routes):
        if base[k] * 12 < SMALLEST_FLOW / 2:
            continue
        for name in (
            import_name(route.commodity, route.origin, route.destination),
            feed_name(route.commodity, route.origin),
        ):
            if name in names:
                now[name] = now.get(name, 0.0) + float(flow[k])
                usual[name] = usual.get(name, 0.0) + float(base[k])
    for name, amount in usual.items():
        yield name, _share(now[name], amount)


def _left_of_capacity(
    trajectory: Trajectory, model: PlanningModel, window: slice
) -> Iterable[tuple[str, float]]:
    names = {row.name for row in model.capacities}
    factor = trajectory.lowered.process_capacity_factor[window].mean(axis=0)
    for k, process in enumerate(trajectory.network.processes):
        name = capacity_name(process.name, process.region)
        if name in names and factor[k] < 1.0:
            yield name, float(factor[k])


def _share(now: float, usual: float) -> float:
    """Return what is left: at least a thousandth, so that round-off closes no bound."""
    return float(np.clip(now / usual if usual > 0 else 1.0, 1e-3, 1.5))
