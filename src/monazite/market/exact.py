"""Clear linear and kinked networks exactly, by handing them to HiGHS (docs/adr/0005).

Where every agent has one cost, a linear answer or a fixed quantity, the market maximises
welfare in a convex quadratic programme (linear if nothing is curved): Samuelson (1952),
American Economic Review 42; Takayama and Judge (1971), Spatial and Temporal Price and
Allocation Models.

    maximise   value of uses - cost of processes - cost of routes
    subject to supply - demand >= 0 in every market (price), total flow <= limit (rent)

Prices are the duals of the market balances, so that surplus goods are free. A linear
programme may have many prices for one optimum; ``unique`` says whether these are the only ones.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from monazite.errors import EquilibriumError, NetworkError
from monazite.market.certificate import Certificate
from monazite.market.exact_certificate import certify_exact
from monazite.market.programme import Programme, Solution, solve
from monazite.network import (
    Form,
    HolderKind,
    Market,
    Process,
    Route,
    SupplyNetwork,
    Use,
    UseForm,
)

FloatArray = npt.NDArray[np.float64]

ACCEPTED = 1e-6
"""Largest residual of an equilibrium that is handed out."""
MISSING = 1e-9
"""Shortage relative to the largest capacity or demand that is no shortage."""
WHOLE = 1e-6
"""How far the shares of a ladder may be from 1 and still leave no smooth rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """Money of an equilibrium [kUSD/year where prices are USD/kg].

    ``value`` : what linear and laddered uses are worth to their users; fixed uses count
    nothing. ``production_cost``, ``transport_cost`` : areas under the cost curves.
    """

    value: float
    production_cost: float
    transport_cost: float

    @property
    def total_cost(self) -> float:
        """Cost of production and transport."""
        return self.production_cost + self.transport_cost

    @property
    def welfare(self) -> float:
        """Value of uses less cost."""
        return self.value - self.total_cost


@dataclass(frozen=True, eq=False)
class NetworkEquilibrium:
    """A network cleared once, without time.

    ``network`` : what was cleared. ``price`` : (market) dual of the balance [USD/kg], in the
    order of ``network.markets()``. ``activity`` : (process), ``flow`` : (route), ``quantity`` :
    (use) [t/year]. ``rent`` : (quota) [USD/kg]. ``unique`` : whether the prices are shown to be
    the only ones of this optimum. ``certificate`` : residuals recomputed from the rows.
    """

    network: SupplyNetwork
    price: FloatArray
    activity: FloatArray
    flow: FloatArray
    quantity: FloatArray
    rent: FloatArray
    objective: Objective | None
    unique: bool
    certificate: Certificate

    @cached_property
    def prices(self) -> Mapping[Market, float]:
        """Price of each market [USD/kg]."""
        return dict(zip(self.network.markets(), map(float, self.price), strict=True))

    def net_export(self, commodity: str, region: str) -> float:
        """Return what leaves a region less what arrives there [t/year]."""
        net = 0.0
        for route, flow in zip(self.network.routes, self.flow, strict=True):
            if route.commodity == commodity:
                net += flow * ((route.origin == region) - (route.destination == region))
        return float(net)


def is_exact(network: SupplyNetwork) -> bool:
    """Whether every agent has one cost, a linear answer, sharp rungs or a fixed quantity."""
    return next(_smooth_agents(network), None) is None


def clear_exact(network: SupplyNetwork) -> NetworkEquilibrium:
    """Clear a network of exact and quadratic agents.

    Processes and routes of form exact run between 0 and capacity (expansion times base flow)
    at their cost; quadratic ones by their slope. Uses are linear, fixed, or ladders of rungs
    without spread that add up to 1. Strategic stocks stay shut.

    Parameters
    ----------
    network : SupplyNetwork
        Any units; the results are in the same.

    Returns
    -------
    NetworkEquilibrium
        Prices, quantities, objective and residuals.

    Raises
    ------
    NetworkError
        If an agent is smooth, or its cost is not given.
    EquilibriumError
        If a market with fixed demand cannot be served, or agents earn without limit.
    """
    for name in _smooth_agents(network):
        raise NetworkError(
            f"{name} in a network to be cleared exactly",
            where=network.name,
            way_out="make every process and route exact or quadratic, every use linear, fixed "
            "or a full ladder without spread; or make all of them smooth",
        )
    programme = _programme(network)
    solution = solve(programme)
    if solution is None:
        raise _failure(network, programme)
    equilibrium = _equilibrium(network, programme, solution)
    if equilibrium.certificate.worst() > ACCEPTED:
        raise EquilibriumError(
            f"the solver stopped {equilibrium.certificate.worst():.1e} short of an equilibrium",
            where=network.name,
            way_out="scale the network's figures: they may differ by too many orders of magnitude",
        )
    return equilibrium


def _smooth_agents(network: SupplyNetwork) -> Iterator[str]:
    """Describe the agents that no quadratic programme can hold."""
    for way in _ways(network):
        if way.form is Form.LOGISTIC:
            yield f"{_title(way)} is logistic"
    for use in network.uses:
        if not _is_sharp(use):
            yield f"use {use.name} in {use.region} is smooth"
    for holder in network.holders:
        if holder.kind is HolderKind.TRADE and holder.stock > 0:
            yield f"a trade stock of {holder.commodity} in {holder.region} answers prices"


def _is_sharp(use: Use) -> bool:
    if use.form is UseForm.LADDER:
        whole = abs(sum(rung.share for rung in use.rungs) - 1.0) <= WHOLE
        return whole and all(rung.spread == 0 for rung in use.rungs)
    return use.form in (UseForm.LINEAR, UseForm.FIXED)


# -- the programme --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """A quantity between bounds: costs ``cost x + curvature x^2 / 2``, adds to rows."""

    entries: Mapping[int, float]
    cost: float
    curvature: float = 0.0
    lower: float = 0.0
    upper: float = math.inf


def _programme(network: SupplyNetwork) -> Programme:
    row_of = network.market_index()
    markets = len(row_of)
    quotas_of: dict[int, list[int]] = {}
    for number, quota in enumerate(network.quotas):
        for index in quota.routes:
            quotas_of.setdefault(index, []).append(markets + number)
    columns = [_process_column(process, row_of) for process in network.processes]
    columns += [
        _route_column(route, row_of, quotas_of.get(index, ()))
        for index, route in enumerate(network.routes)
    ]
    columns += [column for use in network.uses for column in _use_columns(network, use, row_of)]
    limits = [-quota.limit for quota in network.quotas]
    return Programme(
        cost=np.array([column.cost for column in columns], dtype=float),
        curvature=np.array([column.curvature for column in columns], dtype=float),
        lower=np.array([column.lower for column in columns], dtype=float),
        upper=np.array([column.upper for column in columns], dtype=float),
        matrix=_matrix(columns, markets + len(limits)),
        floor=np.concatenate([np.zeros(markets), np.array(limits, dtype=float)]),
    )


def _matrix(columns: Iterable[_Column], rows: int) -> sparse.csc_array:
    entries = [column.entries for column in columns]
    start = np.cumsum([0, *(len(entry) for entry in entries)])
    index = np.array([row for entry in entries for row in entry], dtype=np.int32)
    value = np.array([amount for entry in entries for amount in entry.values()], dtype=float)
    return sparse.csc_array((value, index, start), shape=(rows, len(entries)))


def _process_column(process: Process, row_of: Mapping[Market, int]) -> _Column:
    entries = {row_of[code, process.region]: amount for code, amount in process.recipe.items()}
    cost = _given(process.unit_cost, process)
    return _Column(entries, cost, _curvature(process), upper=process.capacity)


def _route_column(route: Route, row_of: Mapping[Market, int], quotas: Iterable[int]) -> _Column:
    upper = math.inf
    if route.expansion is not None and route.flow is not None and math.isfinite(route.expansion):
        upper = route.expansion * route.flow
    entries = {
        row_of[route.commodity, route.origin]: -1.0,
        row_of[route.commodity, route.destination]: 1.0,
        **dict.fromkeys(quotas, -1.0),
    }
    return _Column(entries, _given(route.cost, route), _curvature(route), upper=upper)


def _ways(network: SupplyNetwork) -> list[Process | Route]:
    return [*network.processes, *network.routes]


def _title(way: Process | Route) -> str:
    if isinstance(way, Route):
        return f"route {way.commodity} {way.origin}->{way.destination}"
    return f"process {way.name} in {way.region}"


def _given(cost: float | None, way: Process | Route) -> float:
    if cost is None:
        raise NetworkError(
            f"{_title(way)} has no cost",
            where=way.provenance.where,
            way_out="give its cost; 0 will do",
        )
    return cost


def _curvature(row: Process | Route) -> float:
    return 1.0 / row.slope if row.form is Form.QUADRATIC and row.slope else 0.0


def _use_columns(
    network: SupplyNetwork, use: Use, row_of: Mapping[Market, int]
) -> Iterator[_Column]:
    entries = {row_of[use.commodity, use.region]: -1.0}
    if use.form is UseForm.LADDER:
        for rung in use.rungs:
            base = network.base_price((use.commodity, use.region)) if rung.price_multiple else 0.0
            value = rung.price_multiple * base + rung.price_add
            yield _Column(entries, -value, upper=rung.share * use.demand)
    elif use.form is UseForm.LINEAR and use.slope:
        most = max(use.intercept or 0.0, 0.0)
        yield _Column(entries, -(use.intercept or 0.0) / use.slope, 1.0 / use.slope, upper=most)
    else:
        amount = max(use.intercept or 0.0, 0.0) if use.form is UseForm.LINEAR else use.demand
        yield _Column(entries, 0.0, lower=amount, upper=amount)


# -- no optimum ----------------------------------------------------------------------------


def _failure(network: SupplyNetwork, programme: Programme) -> EquilibriumError:
    """Say which market starves, by the least shortage; else who earns without limit."""
    columns, rows = len(programme.cost), len(programme.floor)
    fixed = np.flatnonzero(programme.lower > 0)
    starved = sorted({int(programme.matrix.indices[programme.matrix.indptr[j]]) for j in fixed})
    relief = sparse.csc_array(
        (np.ones(len(starved)), (starved, range(len(starved)))), shape=(rows, len(starved))
    )
    linear = replace(
        programme,
        cost=np.concatenate([np.zeros(columns), np.ones(len(starved))]),
        curvature=np.zeros(columns + len(starved)),
        lower=np.concatenate([programme.lower, np.zeros(len(starved))]),
        upper=np.concatenate([programme.upper, np.full(len(starved), math.inf)]),
        matrix=sparse.csc_array(sparse.hstack([programme.matrix, relief])),
    )
    solution = solve(linear)
    missing = np.zeros(0) if solution is None else solution.x[columns:]
    if missing.max(initial=0.0) <= MISSING * programme.scales()[0]:
        return _unbounded(network, programme)
    worst = int(np.argmax(missing))
    commodity, region = network.markets()[starved[worst]]
    return EquilibriumError(
        f"{commodity} in {region} cannot be served: {missing[worst]:.6g} "
        f"{network.quantity_unit}/yr is missing",
        where=network.name,
        way_out="raise the capacity of what supplies it, add a route, or lower the demand",
    )


def _unbounded(network: SupplyNetwork, programme: Programme) -> EquilibriumError:
    most = 1e3 * programme.scales()[0]
    solution = solve(replace(programme, upper=np.minimum(programme.upper, most)))
    ways = _ways(network)
    who = "some agent"
    if solution is not None and ways:
        who = _title(ways[int(np.argmax(solution.x[: len(ways)]))])
    return EquilibriumError(
        f"no optimum: {who} earns without limit, or the solver failed",
        where=network.name,
        way_out="check for negative costs and give capacities",
    )


# -- results --------------------------------------------------------------------------------


def _equilibrium(
    network: SupplyNetwork, programme: Programme, solution: Solution
) -> NetworkEquilibrium:
    processes, routes = len(network.processes), len(network.routes)
    markets, ways = len(network.markets()), processes + routes
    pieces = [len(use.rungs) if use.form is UseForm.LADDER else 1 for use in network.uses]
    quantity = np.zeros(len(network.uses))
    np.add.at(quantity, np.repeat(np.arange(len(pieces)), pieces), solution.x[ways:])
    money = programme.cost * solution.x + programme.curvature * solution.x**2 / 2
    price, rent = solution.dual[:markets], solution.dual[markets:]
    activity, flow = solution.x[:processes], solution.x[processes:ways]
    return NetworkEquilibrium(
        network=network,
        price=price,
        activity=activity,
        flow=flow,
        quantity=quantity,
        rent=rent,
        objective=Objective(
            value=0.0 - float(money[ways:].sum()),
            production_cost=float(money[:processes].sum()),
            transport_cost=float(money[processes:ways].sum()),
        ),
        unique=solution.unique,
        certificate=certify_exact(
            network, price=price, rent=rent, activity=activity, flow=flow, quantity=quantity
        ),
    )
