"""From a balanced network to agents that reproduce its base year exactly.

The variables are, in this order, the spot prices (one per market), the prices of the user
groups' captive markets, and the rents of the permits. A user group (use, region, commodity,
cover class) is a market of its own behind a one-way link from the spot market, so that its
stock serves only itself: buyers with thin cover stop first (docs/explanation/time.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from monazite.errors import NetworkError
from monazite.market.agents import (
    Activities,
    FixedSupplies,
    Holders,
    IsoelasticUses,
    LinearUses,
    PriceBox,
)
from monazite.network import Channel, Form, HolderKind, Process, Route, SupplyNetwork, Use, UseForm
from monazite.newton import Agents, FloatArray, IndexArray, Pattern, stack
from monazite.parameters import Parameters

BACKSTOP_MULTIPLE = 200.0
"""Backstop price over base price: beyond any price that was ever paid for a rare earth."""
DISPOSAL_MULTIPLE = 0.02
"""Disposal price over base price."""
SMALLEST_STOCK_SHARE = 1e-3
"""Months of trade that somebody holds in every market: keeps the optimum unique."""


@dataclass(frozen=True, slots=True)
class UseGroup:
    """Buyers of one use, region, commodity and cover class.

    ``demand`` : base demand [t/month]. ``months`` : cover, in months of base demand.
    ``use_index`` : position of the use in the network. ``spot`` : index of the spot market.
    """

    use: str
    region: str
    commodity: str
    cover_class: str
    demand: float
    months: float
    use_index: int
    spot: int


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Routes, or links to user groups, whose weighted flow has a common limit.

    ``routes``/``links`` : indices. ``weights`` : t counted against the limit per t moved,
    routes first, then links.
    """

    name: str
    routes: IndexArray
    weights: FloatArray
    links: IndexArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The base state that the agents reproduce, per month; arrays (1 or draw, agent)."""

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


class Market:
    """A calibrated market: columns that never change and the base state behind them.

    Parameters
    ----------
    network : SupplyNetwork
        Balanced: every market's supply equals its demand in the base year.
    parameters : Parameters
        Behaviour; a leading axis of draws.
    permits : sequence of Permit
        Limits with a rent of their own.
    periods : float
        Periods a year; 12 clears months.
    captive : bool
        Whether uses with cover keep their own stock behind a link.

    Raises
    ------
    NetworkError
        If a price, a base flow or an activity is missing.
    """

    def __init__(
        self,
        network: SupplyNetwork,
        parameters: Parameters,
        permits: Sequence[Permit] = (),
        *,
        periods: float = 12.0,
        captive: bool = True,
    ) -> None:
        self.network = network
        self.parameters = parameters
        self.permits = tuple(permits)
        self.periods = periods
        self.captive = captive
        self.spot_markets = network.markets()
        self.spot_index = {market: i for i, market in enumerate(self.spot_markets)}
        self.base_price = _base_prices(network, self.spot_markets)
        self.groups = _user_groups(network, self.spot_index, periods, captive=captive)
        self._layout()
        self._columns()
        self.base = _calibrate(self)

    # -- where things are ---------------------------------------------------------------

    def _layout(self) -> None:
        spots, groups = len(self.spot_markets), len(self.groups)
        self.group_spot = np.array([group.spot for group in self.groups], dtype=np.intp)
        has_market = np.array([self.captive for _ in self.groups], dtype=bool)
        own = spots + np.cumsum(has_market) - 1
        self.group_market = np.where(has_market, own, self.group_spot).astype(np.intp)
        self.linked = np.flatnonzero(has_market)
        self.markets = spots + len(self.linked)
        self.size_of_system = self.markets + len(self.permits)
        self.group_price0 = self.base_price[self.group_spot] if groups else np.zeros(0)
        self.market_price0 = np.concatenate([self.base_price, self.group_price0[self.linked]])
        self.touches_zero = np.arange(self.size_of_system) >= self.markets

    def _columns(self) -> None:
        process_rows = [
            [
                (self.spot_index[commodity, process.region], amount)
                for commodity, amount in process.recipe.items()
            ]
            for process in self.network.processes
        ]
        route_rows = [
            [
                (self.spot_index[route.commodity, route.origin], -1.0),
                (self.spot_index[route.commodity, route.destination], 1.0),
            ]
            for route in self.network.routes
        ]
        link_rows = [
            [(int(self.group_spot[g]), -1.0), (int(self.group_market[g]), 1.0)] for g in self.linked
        ]
        for k, permit in enumerate(self.permits):
            ways = [route_rows[r] for r in permit.routes] + [link_rows[g] for g in permit.links]
            for way, weight in zip(ways, permit.weights, strict=True):
                way.append((self.markets + k, -float(weight)))
        self.process_columns = self._sparse(process_rows)
        self.route_columns = self._sparse(route_rows)
        self.link_columns = self._sparse(link_rows)
        self.rung_group, self.rung_place = _rung_places(self.network, self.groups)
        self.rung_columns = self._select(self.group_market[self.rung_group], -1.0)
        kinds = np.array([self.network.uses[g.use_index].form for g in self.groups], dtype=object)
        self.linear_groups = np.flatnonzero(kinds == UseForm.LINEAR)
        self.fixed_groups = np.flatnonzero(kinds == UseForm.FIXED)
        self.elastic_groups = np.flatnonzero(
            (kinds == UseForm.LADDER) | (kinds == UseForm.ISOELASTIC)
        )
        self.market_columns = self._select(np.arange(self.markets))
        self.permit_columns = self._select(self.markets + np.arange(len(self.permits)))

    def _sparse(self, rows: list[list[tuple[int, float]]]) -> sparse.csc_array:
        indptr = np.cumsum([0, *(len(row) for row in rows)])
        index = [place for row in rows for place, _ in row]
        data = [amount for row in rows for _, amount in row]
        return sparse.csc_array(
            (np.array(data, dtype=float), np.array(index, dtype=np.int32), indptr),
            shape=(self.size_of_system, len(rows)),
        )

    def _select(self, markets: IndexArray, sign: float = 1.0) -> sparse.csc_array:
        count = len(markets)
        return sparse.csc_array(
            (np.full(count, sign), markets.astype(np.int32), np.arange(count + 1)),
            shape=(self.size_of_system, count),
        )

    @cached_property
    def pattern(self) -> Pattern:
        """Hessian pattern shared by every month and draw."""
        return Pattern(stack(self.agents(self.base_month())))

    @cached_property
    def throughput(self) -> FloatArray:
        """What moves through each market in the base year [t/month]; never zero."""
        parts = (self.process_columns, self.base.activity), (self.route_columns, self.base.flow)
        through = np.zeros(self.size_of_system)
        for columns, amount in parts:
            through += abs(columns) @ np.abs(amount).mean(axis=0)
        bought = np.zeros(self.size_of_system)
        np.add.at(bought, self.group_market, [group.demand for group in self.groups])
        through = np.maximum(through[: self.markets] / 2, bought[: self.markets])
        return np.maximum(through, 1e-6 * max(float(through.max(initial=0.0)), 1e-9))

    # -- a month ------------------------------------------------------------------------

    def base_month(self) -> "Month":
        """Return the month that the base year repeats."""
        base, draws = self.base, self.parameters.draws
        links = self.linked
        stock = np.zeros((draws, self.markets))
        stock[:, : len(self.spot_markets)] = base.spot_stock
        stock[:, len(self.spot_markets) :] = (base.group_stock + base.pipeline)[:, links]
        stock = np.maximum(stock, SMALLEST_STOCK_SHARE * self.throughput)
        return Month(
            process_capacity=np.where(base.activity > 0, base.process_capacity, 0.0),
            process_cost=base.process_cost,
            route_capacity=base.route_capacity,
            route_cost=base.route_cost,
            demand_scale=np.ones((1, len(self.groups))),
            opening=stock,
            target=stock.copy(),
            expected=np.broadcast_to(self.market_price0, stock.shape).copy(),
            fixed=np.zeros((1, self.markets)),
            floor=DISPOSAL_MULTIPLE * self.market_price0[None, :],
            permit_limit=np.full((1, len(self.permits)), 1e6),
        )

    def agents(self, month: "Month") -> tuple[Agents, ...]:
        """Everybody who answers prices in the month, in a fixed order."""
        base, scale = self.base, month.demand_scale
        price0 = self.group_price0[None, :]
        elastic, linear = self.elastic_groups, self.linear_groups
        every: list[Agents] = [
            Activities(
                self.process_columns,
                month.process_capacity,
                month.process_cost,
                base.process_spread,
            ),
            Activities(
                self.route_columns, month.route_capacity, month.route_cost, base.route_spread
            ),
            Activities(self.link_columns, base.link_capacity, base.link_cost, base.link_spread),
            Activities(
                self.rung_columns,
                base.rung_capacity * scale[:, self.rung_group],
                base.rung_cost,
                base.rung_spread,
            ),
            IsoelasticUses(
                self._select(self.group_market[elastic]),
                base.rest[:, elastic] * scale[:, elastic],
                price0[:, elastic],
                base.elasticity[:, elastic],
            ),
            Holders(self.market_columns, month.opening, month.target, month.expected, base.release),
            FixedSupplies(self.market_columns, self._with_fixed_demand(month)),
            FixedSupplies(self.permit_columns, month.permit_limit),
            self._box(month),
        ]
        if len(linear):
            every.append(self._linear_uses(linear))
        return tuple(every)

    def _with_fixed_demand(self, month: "Month") -> FloatArray:
        fixed = np.array(month.fixed, copy=True)
        for g in self.fixed_groups:
            fixed[:, self.group_market[g]] -= self.groups[g].demand * month.demand_scale[:, g]
        return fixed

    def _linear_uses(self, groups: IndexArray) -> LinearUses:
        uses = [self.network.uses[self.groups[g].use_index] for g in groups]
        shares = np.array([self.groups[g].demand for g in groups])
        whole = np.array([use.demand for use in uses]) / self.periods
        part = np.where(whole > 0, shares / np.where(whole > 0, whole, 1.0), 1.0) / self.periods
        intercept = np.array([_given(use.intercept, use, "intercept") for use in uses]) * part
        slope = np.array([_given(use.slope, use, "slope") for use in uses]) * part
        return LinearUses(self._select(self.group_market[groups]), intercept[None], slope[None])

    def _box(self, month: "Month") -> PriceBox:
        price = self.market_price0[None, :]
        return PriceBox(
            self.market_columns,
            BACKSTOP_MULTIPLE * price,
            month.floor,
            self.throughput[None, :] / price,
        )


@dataclass(slots=True, eq=False)
class Month:
    """What is given when a month clears; arrays (1 or draw, agent), per month.

    ``floor`` : price at which each market disposes of its surplus; a government that buys at
    a floor price raises it.
    """

    process_capacity: FloatArray
    process_cost: FloatArray
    route_capacity: FloatArray
    route_cost: FloatArray
    demand_scale: FloatArray
    opening: FloatArray
    target: FloatArray
    expected: FloatArray
    fixed: FloatArray
    floor: FloatArray
    permit_limit: FloatArray


# -- reading the network ------------------------------------------------------------------


def _given(value: float | None, thing: Process | Route | Use, field: str) -> float:
    if value is None:
        raise NetworkError(
            f"{_title(thing)} has no {field}",
            where=thing.provenance.where,
            way_out=f"give its {field}, or balance the network first",
        )
    return value


def _title(thing: Process | Route | Use) -> str:
    if isinstance(thing, Route):
        return f"route {thing.commodity} {thing.origin}->{thing.destination}"
    return f"{type(thing).__name__.lower()} {thing.name} in {thing.region}"


def _base_prices(network: SupplyNetwork, markets: Sequence[tuple[str, str]]) -> FloatArray:
    return np.array([network.base_price(market) for market in markets])


def _user_groups(
    network: SupplyNetwork,
    spot_index: dict[tuple[str, str], int],
    periods: float,
    *,
    captive: bool,
) -> tuple[UseGroup, ...]:
    groups: list[UseGroup] = []
    for u, use in enumerate(network.uses):
        classes = [(c.name, c.share, c.months) for c in use.cover] if captive and use.cover else []
        spot = spot_index[use.commodity, use.region]
        for name, share, months in classes or [("", 1.0, 0.0)]:
            groups.append(
                UseGroup(
                    use.name,
                    use.region,
                    use.commodity,
                    name,
                    use.demand * share / periods,
                    months,
                    u,
                    spot,
                )
            )
    return tuple(groups)


def _rung_places(
    network: SupplyNetwork, groups: Sequence[UseGroup]
) -> tuple[IndexArray, IndexArray]:
    pairs = [
        (g, j)
        for g, group in enumerate(groups)
        if network.uses[group.use_index].form is UseForm.LADDER
        for j in range(len(network.uses[group.use_index].rungs))
    ]
    table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return table[:, 0], table[:, 1]


# -- calibration --------------------------------------------------------------------------


def _logit(share: FloatArray) -> FloatArray:
    return np.asarray(np.log(share / (1.0 - share)))


def _calibrate(market: Market) -> Base:
    p = market.parameters
    processes = _calibrate_processes(market)
    routes = _calibrate_routes(market)
    demand = np.array([[group.demand for group in market.groups]])
    link_capacity = p.column("link_expansion") * demand[:, market.linked]
    link_spread = p.column("link_spread") * market.group_price0[market.linked]
    link_cost = -link_spread * _logit(1.0 / p.column("link_expansion"))
    rung_capacity, rung_cost, rung_spread, stopping = _calibrate_rungs(market, demand)
    months = np.array([[group.months for group in market.groups]])
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
        elasticity=_elasticities(market),
        group_stock=p.column("cover_scale") * months * demand,
        pipeline=p.column("transit_months") * _import_shares(market) * demand,
        spot_stock=_spot_stocks(market),
        release=np.broadcast_to(p.column("holder_release"), (p.draws, market.markets)),
    )


def _calibrate_processes(market: Market) -> dict[str, FloatArray]:
    network, p = market.network, market.parameters
    prices = np.concatenate([market.market_price0, np.zeros(len(market.permits))])
    margin = market.process_columns.T @ prices
    revenue = market.process_columns.maximum(0).T @ prices
    activity = np.array(
        [_given(process.activity, process, "base activity") for process in network.processes]
    )
    capacity = np.array([process.capacity for process in network.processes])
    capacity = np.where(np.isfinite(capacity), capacity, activity / 0.5)
    capacity = np.maximum(capacity, activity / 0.98)
    capacity = np.where(activity > 0, np.minimum(capacity, activity / 0.02), capacity)
    use = np.where(activity > 0, activity / np.where(capacity > 0, capacity, 1.0), 0.5)
    spread = _process_spreads(market) * np.maximum(revenue, 1e-9)
    cost = np.where(activity > 0, margin - spread * _logit(use), _entry_costs(market, margin))
    one = np.ones((p.draws, 1))
    return {
        "activity": one * activity / market.periods,
        "process_capacity": one * capacity / market.periods,
        "process_cost": cost,
        "process_spread": spread,
    }


def _entry_costs(market: Market, margin: FloatArray) -> FloatArray:
    """Cost of processes that do not run in the base year: as given, or half run at base prices."""
    given = [process.unit_cost for process in market.network.processes]
    return np.array(
        [float(m) if cost is None else cost for cost, m in zip(given, margin, strict=True)]
    )


def _process_spreads(market: Market) -> FloatArray:
    p = market.parameters
    mine = np.array([process.stage == "ore" for process in market.network.processes])
    given = np.array(
        [
            np.nan if process.spread is None else process.spread
            for process in market.network.processes
        ]
    )
    usual = np.where(mine, p.column("mine_spread"), p.column("process_spread"))
    return np.where(np.isnan(given), usual, given)


def _calibrate_routes(market: Market) -> dict[str, FloatArray]:
    network, p = market.network, market.parameters
    flow = np.array([_given(route.flow, route, "base flow") for route in network.routes])
    leak = np.array([route.channel is Channel.LEAK for route in network.routes], dtype=bool)
    given = np.array(
        [np.nan if route.expansion is None else route.expansion for route in network.routes]
    )
    expansion = np.where(leak, p.column("leak_expansion"), p.column("route_expansion"))
    expansion = np.where(np.isnan(given), expansion, given)
    prices = np.concatenate([market.market_price0, np.zeros(len(market.permits))])
    difference = market.route_columns.T @ prices
    destination = market.route_columns.maximum(0).T @ prices
    spread = p.column("route_spread") * destination
    one = np.ones((p.draws, 1))
    return {
        "flow": one * flow / market.periods,
        "route_capacity": expansion * flow / market.periods,
        "route_cost": difference - spread * _logit(1.0 / expansion),
        "route_spread": spread,
    }


def _calibrate_rungs(
    market: Market, demand: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Rungs scaled so that at the base price they use exactly their shares."""
    p = market.parameters
    rungs = [
        market.network.uses[market.groups[g].use_index].rungs[j]
        for g, j in zip(market.rung_group, market.rung_place, strict=True)
    ]
    price0 = market.group_price0[market.rung_group]
    multiple = np.array([rung.price_multiple for rung in rungs])
    added = np.array([rung.price_add for rung in rungs])
    share = np.array([rung.share for rung in rungs])
    value = multiple * price0 + added
    value = price0 + p.column("ladder_price_scale") * (value - price0)
    spread = np.array([rung.spread for rung in rungs]) * p.column("ladder_spread_scale") * value
    argument = (value - price0) / spread
    running = 1.0 / (1.0 + np.exp(-argument))
    capacity = share * demand[:, market.rung_group] / running
    stopping = np.zeros((p.draws, len(market.groups)))
    for draw in range(p.draws):
        np.add.at(stopping[draw], market.rung_group, share)
    # an activity that buys (column -1) earns -p: it runs while p < value, so cost = -value
    return capacity, -value, spread, stopping


def _elasticities(market: Market) -> FloatArray:
    given = np.array(
        [
            np.nan if (e := market.network.uses[group.use_index].elasticity) is None else e
            for group in market.groups
        ]
    )
    usual = market.parameters.column("demand_elasticity_short")
    return np.where(np.isnan(given), usual, given)


def _import_shares(market: Market) -> FloatArray:
    """Share of each group's spot market that comes by route [1]."""
    network = market.network
    arriving, made = np.zeros(len(market.spot_markets)), np.zeros(len(market.spot_markets))
    for route in network.routes:
        arriving[market.spot_index[route.commodity, route.destination]] += route.flow or 0.0
    for process in network.processes:
        for commodity, amount in process.recipe.items():
            if amount > 0:
                made[market.spot_index[commodity, process.region]] += amount * (
                    process.activity or 0.0
                )
    total = arriving + made
    share = np.where(total > 0, arriving / np.where(total > 0, total, 1.0), 0.0)
    return share[market.group_spot] if len(market.groups) else np.zeros(0)


def _spot_stocks(market: Market) -> FloatArray:
    stock = np.zeros(len(market.spot_markets))
    for holder in market.network.holders:
        if holder.kind is HolderKind.TRADE:
            stock[market.spot_index[holder.commodity, holder.region]] += holder.stock
    return market.parameters.column("cover_scale") * stock


def smooth(network: SupplyNetwork) -> bool:
    """Whether no process or route of the network is exact or quadratic."""
    forms = [p.form for p in network.processes] + [r.form for r in network.routes]
    return all(form is Form.LOGISTIC for form in forms)


__all__ = ["Base", "Market", "Month", "Permit", "UseGroup", "smooth"]
