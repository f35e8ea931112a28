"""The base year in the agents' terms: capacities, costs and spreads that reproduce it exactly.

A calibrated unit cost is not a sourced cost: it is what makes the observed quantity the best
answer to the observed price.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monazite.market.layout import Layout, given
from monazite.network import Channel, HolderKind, Process, Route
from monazite.newton import FloatArray, IndexArray
from monazite.parameters import Parameters


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The base state that the agents reproduce, per month; arrays (1 or draw, agent).

    ``activity`` : of the processes [t/month]. ``flow`` : of the routes [t/month].
    ``process_capacity``, ``route_capacity``, ``link_capacity``, ``rung_capacity`` : most that
    each does [t/month]. ``process_cost``, ``route_cost``, ``link_cost``, ``rung_cost`` : margin
    at which half of it runs; of a rung the negative of its value in use [USD/kg].
    ``process_spread``, ``route_spread``, ``link_spread``, ``rung_spread`` : width of that answer
    [USD/kg]. ``rest`` : demand of each user group behind no rung [t/month]. ``elasticity`` : of
    that rest, positive [1]. ``group_stock`` : cover of each user group [t]. ``pipeline`` : its
    goods at sea [t]. ``spot_stock`` : trade stock of each spot market [t]. ``release`` : how
    fast the holder of each market lets go [1].
    """

    activity: FloatArray
    process_capacity: FloatArray
    process_cost: FloatArray
    process_spread: FloatArray
    flow: FloatArray
    route_capacity: FloatArray
    route_cost: FloatArray
    route_spread: FloatArray
    link_capacity: FloatArray
    link_cost: FloatArray
    link_spread: FloatArray
    rung_capacity: FloatArray
    rung_cost: FloatArray
    rung_spread: FloatArray
    rest: FloatArray
    elasticity: FloatArray
    group_stock: FloatArray
    pipeline: FloatArray
    spot_stock: FloatArray
    release: FloatArray


def _logit(share: FloatArray) -> FloatArray:
    return np.asarray(np.log(share / (1.0 - share)))


def calibrate(layout: Layout, p: Parameters) -> Base:
    """Find the base state of every agent for every draw of the parameters."""
    processes = _calibrate_processes(layout, p)
    routes = _calibrate_routes(layout, p)
    demand = np.array([[group.demand for group in layout.groups]])
    link_capacity = p.column("link_expansion") * demand[:, layout.linked]
    link_spread = p.column("link_spread") * layout.group_price0[layout.linked]
    link_cost = -link_spread * _logit(1.0 / p.column("link_expansion"))
    rung_capacity, rung_cost, rung_spread, stopping = _calibrate_rungs(layout, p, demand)
    months = np.array([[group.months for group in layout.groups]])
    return Base(
        **processes,
        **routes,
        link_capacity=link_capacity,
        link_cost=link_cost,
        link_spread=np.broadcast_to(link_spread, link_capacity.shape),
        rung_capacity=rung_capacity,
        rung_cost=rung_cost,
        rung_spread=rung_spread,
        rest=demand * (1.0 - stopping),
        elasticity=_elasticities(layout, p),
        group_stock=p.column("cover_scale") * months * demand,
        pipeline=p.column("transit_months") * _import_shares(layout) * demand,
        spot_stock=_spot_stocks(layout, p),
        release=np.broadcast_to(p.column("holder_release"), (p.draws, layout.markets)),
    )


def _calibrate_processes(layout: Layout, p: Parameters) -> dict[str, FloatArray]:
    network = layout.network
    margin = layout.process_columns.T @ layout.calm_prices
    revenue = layout.process_columns.maximum(0).T @ layout.calm_prices
    activity = np.array(
        [given(process.activity, process, "base activity") for process in network.processes]
    )
    capacity = np.array([process.capacity for process in network.processes])
    capacity = np.where(np.isfinite(capacity), capacity, activity / 0.5)
    capacity = np.maximum(capacity, activity / 0.98)
    capacity = np.where(activity > 0, np.minimum(capacity, activity / 0.02), capacity)
    use = np.where(activity > 0, activity / np.where(capacity > 0, capacity, 1.0), 0.5)
    spread = _process_spreads(layout, p) * np.maximum(revenue, 1e-9)
    cost = np.where(activity > 0, margin - spread * _logit(use), _entry_costs(layout, margin))
    cost = _quadratic_costs(network.processes, layout.quadratic_processes, margin, activity, cost)
    unlimited = [math.isinf(network.processes[k].capacity) for k in layout.quadratic_processes]
    capacity[layout.quadratic_processes[unlimited]] = np.inf
    one = np.ones((p.draws, 1))
    return {
        "activity": one * activity / layout.periods,
        "process_capacity": one * capacity / layout.periods,
        "process_cost": cost,
        "process_spread": spread,
    }


def _entry_costs(layout: Layout, margin: FloatArray) -> FloatArray:
    """Cost of processes that do not run in the base year: as given, or half run at base prices."""
    chosen = [process.unit_cost for process in layout.network.processes]
    return np.array(
        [float(m) if cost is None else cost for cost, m in zip(chosen, margin, strict=True)]
    )


def _quadratic_costs(
    things: Sequence[Process] | Sequence[Route],
    places: IndexArray,
    margin: FloatArray,
    quantity: FloatArray,
    cost: FloatArray,
) -> FloatArray:
    """Where quadratic agents start, so that they reproduce their base quantity."""
    cost = np.array(cost)
    for k in places:
        slope = given(things[k].slope, things[k], "slope")
        cost[:, k] = margin[k] - quantity[k] / slope
    return cost


def _process_spreads(layout: Layout, p: Parameters) -> FloatArray:
    mine = np.array([process.stage == "ore" for process in layout.network.processes])
    chosen = np.array(
        [
            np.nan if process.spread is None else process.spread
            for process in layout.network.processes
        ]
    )
    usual = np.where(mine, p.column("mine_spread"), p.column("process_spread"))
    return np.where(np.isnan(chosen), usual, chosen)


def _calibrate_routes(layout: Layout, p: Parameters) -> dict[str, FloatArray]:
    network = layout.network
    flow = np.array([given(route.flow, route, "base flow") for route in network.routes])
    leak = np.array([route.channel is Channel.LEAK for route in network.routes], dtype=bool)
    chosen = np.array(
        [np.nan if route.expansion is None else route.expansion for route in network.routes]
    )
    expansion = np.where(leak, p.column("leak_expansion"), p.column("route_expansion"))
    expansion = np.where(np.isnan(chosen), expansion, chosen)
    difference = layout.route_columns.T @ layout.calm_prices
    destination = layout.route_columns.maximum(0).T @ layout.calm_prices
    spread = p.column("route_spread") * destination
    one = np.ones((p.draws, 1))
    with np.errstate(invalid="ignore"):
        largest = np.where(np.isinf(expansion), np.inf, expansion * flow)
    usual = np.where(np.isinf(expansion), 2.0, expansion)
    cost = difference - spread * _logit(1.0 / usual)
    cost = _quadratic_costs(network.routes, layout.quadratic_routes, difference, flow, cost)
    return {
        "flow": one * flow / layout.periods,
        "route_capacity": largest / layout.periods,
        "route_cost": cost,
        "route_spread": spread,
    }


def _calibrate_rungs(
    layout: Layout, p: Parameters, demand: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Rungs scaled so that at the base price they use exactly their shares."""
    rungs = [
        layout.network.uses[layout.groups[g].use_index].rungs[j]
        for g, j in zip(layout.rung_group, layout.rung_place, strict=True)
    ]
    price0 = layout.group_price0[layout.rung_group]
    multiple = np.array([rung.price_multiple for rung in rungs])
    added = np.array([rung.price_add for rung in rungs])
    share = np.array([rung.share for rung in rungs])
    value = multiple * price0 + added
    value = price0 + p.column("ladder_price_scale") * (value - price0)
    spread = np.array([rung.spread for rung in rungs]) * p.column("ladder_spread_scale") * value
    argument = (value - price0) / spread
    running = 1.0 / (1.0 + np.exp(-argument))
    capacity = share * demand[:, layout.rung_group] / running
    stopping = np.zeros((p.draws, len(layout.groups)))
    for draw in range(p.draws):
        np.add.at(stopping[draw], layout.rung_group, share)
    # an activity that buys (column -1) earns -p: it runs while p < value, so cost = -value
    return capacity, -value, spread, stopping


def _elasticities(layout: Layout, p: Parameters) -> FloatArray:
    chosen = np.array(
        [
            np.nan if (e := layout.network.uses[group.use_index].elasticity) is None else e
            for group in layout.groups
        ]
    )
    usual = p.column("demand_elasticity_short")
    return np.where(np.isnan(chosen), usual, chosen)


def _import_shares(layout: Layout) -> FloatArray:
    """Share of each group's spot market that comes by route [1]."""
    network = layout.network
    arriving, made = np.zeros(len(layout.spot_markets)), np.zeros(len(layout.spot_markets))
    for route in network.routes:
        arriving[layout.spot_index[route.commodity, route.destination]] += route.flow or 0.0
    for process in network.processes:
        for commodity, amount in process.recipe.items():
            if amount > 0:
                made[layout.spot_index[commodity, process.region]] += amount * (
                    process.activity or 0.0
                )
    total = arriving + made
    share = np.where(total > 0, arriving / np.where(total > 0, total, 1.0), 0.0)
    return share[layout.group_spot] if len(layout.groups) else np.zeros(0)


def _spot_stocks(layout: Layout, p: Parameters) -> FloatArray:
    stock = np.zeros(len(layout.spot_markets))
    for holder in layout.network.holders:
        if holder.kind is HolderKind.TRADE:
            stock[layout.spot_index[holder.commodity, holder.region]] += holder.stock
    return p.column("cover_scale") * stock
