"""A calibrated market: agents that reproduce a balanced network's base year exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from monazite.market.agents import (
    Activities,
    FixedSupplies,
    Holders,
    IsoelasticUses,
    LinearUses,
    PriceBox,
    QuadraticActivities,
)
from monazite.market.base import calibrate
from monazite.market.batch import Lanes
from monazite.market.layout import Layout, Permit, given
from monazite.network import Form, SupplyNetwork
from monazite.newton import Agents, FloatArray, IndexArray, SparsityPattern, stack
from monazite.parameters import Parameters

BACKSTOP_MULTIPLE = 200.0
"""Backstop price over base price: beyond any price that was ever paid for a rare earth."""
DISPOSAL_MULTIPLE = 0.02
"""Disposal price over base price."""
SMALLEST_STOCK_SHARE = 1e-3
"""Months of trade that somebody holds in every market: keeps the optimum unique."""


class Market(Layout):
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
        super().__init__(network, permits, periods=periods, captive=captive)
        self.parameters = parameters
        self.base = calibrate(self, parameters)

    @cached_property
    def pattern(self) -> SparsityPattern:
        """Hessian pattern shared by every month and draw."""
        return SparsityPattern(stack(self.agents(self.base_month())))

    @cached_property
    def lanes(self) -> Lanes:
        """Where the agents of all draws stand when they are cleared side by side."""
        return Lanes(self.agents(self.base_month()), self.pattern)

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

    @cached_property
    def permit_scale(self) -> tuple[FloatArray, FloatArray]:
        """Usual flow [t/month] and mean base price [USD/kg] behind every permit."""
        flow, price = np.ones(len(self.permits)), np.ones(len(self.permits))
        usual = self.base.flow.mean(axis=0)
        for k, permit in enumerate(self.permits):
            routes = [self.network.routes[r] for r in permit.routes]
            places = [self.spot_index[r.commodity, r.destination] for r in routes]
            places += [self.groups[int(g)].spot for g in permit.links]
            bought = sum(self.groups[int(g)].demand for g in permit.links)
            flow[k] = max(float(usual[permit.routes].sum() + bought), 1e-9)
            price[k] = float(self.base_price[places].mean())
        return flow, price

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
            route_spread=base.route_spread,
            link_cost=base.link_cost,
            link_spread=base.link_spread,
            demand_scale=np.ones((1, len(self.groups))),
            opening=stock,
            target=stock.copy(),
            room=self.parameters.column("storage_room") * stock,
            expected=np.broadcast_to(self.market_price0, stock.shape).copy(),
            fixed=np.zeros((1, self.markets)),
            floor=DISPOSAL_MULTIPLE * self.market_price0[None, :],
            ceiling=BACKSTOP_MULTIPLE * self.market_price0[None, :],
            permit_limit=np.full((1, len(self.permits)), 1e6),
            permit_size=np.full(len(self.permits), 1e6),
        )

    def agents(self, month: "Month") -> tuple[Agents, ...]:
        """Everybody who answers prices in the month, in a fixed order."""
        base, scale = self.base, month.demand_scale
        price0 = self.group_price0[None, :]
        elastic = self.elastic_groups
        every: list[Agents] = [
            self._activities(month),
            IsoelasticUses(
                self.select(self.group_market[elastic]),
                base.rest[:, elastic] * scale[:, elastic],
                price0[:, elastic],
                base.elasticity[:, elastic],
            ),
            Holders(
                self.market_columns,
                month.opening,
                month.target,
                month.room,
                month.expected,
                base.release,
            ),
            FixedSupplies(self.market_columns, self._with_fixed_demand(month)),
            FixedSupplies(self.permit_columns, month.permit_limit),
            self._box(month),
        ]
        every.append(self._linear_uses(month))
        every.extend(self._quadratic(month))
        return tuple(every)

    @cached_property
    def activity_columns(self) -> sparse.csc_array:
        """Columns of processes, routes, links and rungs, side by side."""
        parts = (self.process_columns, self.route_columns, self.link_columns, self.rung_columns)
        return sparse.csc_array(sparse.hstack(parts, format="csc"))

    @cached_property
    def activity_ends(self) -> IndexArray:
        """Where processes, routes and links end among the activities."""
        parts = (self.process_columns, self.route_columns, self.link_columns)
        return np.cumsum([columns.shape[1] for columns in parts])

    def _activities(self, month: "Month") -> Activities:
        """Put processes, routes, links and rungs in one group: one call is cheaper than four."""
        base = self.base
        capacity = (
            _without(month.process_capacity, self.quadratic_processes),
            _without(month.route_capacity, self.quadratic_routes),
            base.link_capacity,
            base.rung_capacity * month.demand_scale[:, self.rung_group],
        )
        cost = (month.process_cost, month.route_cost, month.link_cost, base.rung_cost)
        spread = (base.process_spread, month.route_spread, month.link_spread, base.rung_spread)
        draws = self.parameters.draws
        return Activities(
            self.activity_columns,
            *(_side_by_side(parts, draws) for parts in (capacity, cost, spread)),
        )

    def _quadratic(self, month: "Month") -> tuple[QuadraticActivities, QuadraticActivities]:
        """Plants and routes whose activity is linear in their margin."""
        network, made, moved = self.network, self.quadratic_processes, self.quadratic_routes
        pairs = (
            (network.processes, made, self.process_columns, month.process_capacity),
            (network.routes, moved, self.route_columns, month.route_capacity),
        )
        costs = month.process_cost, month.route_cost
        plants, ways = (
            QuadraticActivities(
                columns[:, chosen],
                cost[:, chosen],
                np.array([[given(things[k].slope, things[k], "slope") for k in chosen]])
                / self.periods,
                capacity[:, chosen],
            )
            for (things, chosen, columns, capacity), cost in zip(pairs, costs, strict=True)
        )
        return plants, ways

    def _with_fixed_demand(self, month: "Month") -> FloatArray:
        fixed = np.array(month.fixed, copy=True)
        for g in self.fixed_groups:
            fixed[:, self.group_market[g]] -= self.groups[g].demand * month.demand_scale[:, g]
        return fixed

    def _linear_uses(self, month: "Month") -> LinearUses:
        intercept, slope = self.linear_demand(month.demand_scale)
        return LinearUses(self.select(self.group_market[self.linear_groups]), intercept, slope)

    def linear_demand(self, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return intercepts [t/month] and slopes [t/month per USD/kg] of the linear groups."""
        uses = [self.network.uses[self.groups[g].use_index] for g in self.linear_groups]
        share = self.group_share[self.linear_groups] / self.periods * scale[:, self.linear_groups]
        intercept = np.array([given(use.intercept, use, "intercept") for use in uses]) * share
        return intercept, np.array([given(use.slope, use, "slope") for use in uses]) * share

    def _box(self, month: "Month") -> PriceBox:
        price = self.market_price0[None, :]
        return PriceBox(
            self.market_columns,
            month.ceiling,
            month.floor,
            self.throughput[None, :] / price,
        )


@dataclass(slots=True, eq=False)
class Month:
    """What is given when a month clears; arrays (1 or draw, agent).

    ``process_capacity``, ``route_capacity`` : most that each does [t/month]; contract tonnes
    are taken out of a route's. ``process_cost``, ``route_cost``, ``link_cost`` : margin at
    which half of it runs, with the taxes and less the subsidies of the month [USD/kg].
    ``route_spread``, ``link_spread`` : width of that answer [USD/kg]; it keeps its share of a
    price that has risen. ``demand_scale`` : demand of each user group over its base [1].
    ``opening``, ``target`` : stock of each market's holder at the start, and the stock that it
    would keep at the expected price [t]. ``room`` : most that it takes in beyond the target,
    however low the price [t]. ``expected`` : the expected price [USD/kg]. ``fixed`` :
    supply of each market that answers no price, contract tonnes and releases [t/month].
    ``floor`` : price at which each market disposes of its surplus; a government that buys at
    a floor price raises it [USD/kg]. ``ceiling`` : price at which the backstop supplies
    [USD/kg]. ``permit_limit`` : what each permit leaves to the spot market,
    ``permit_size`` : its usual size, the same for all draws [t/month].
    """

    process_capacity: FloatArray
    process_cost: FloatArray
    route_capacity: FloatArray
    route_cost: FloatArray
    route_spread: FloatArray
    link_cost: FloatArray
    link_spread: FloatArray
    demand_scale: FloatArray
    opening: FloatArray
    target: FloatArray
    room: FloatArray
    expected: FloatArray
    fixed: FloatArray
    floor: FloatArray
    ceiling: FloatArray
    permit_limit: FloatArray
    permit_size: FloatArray


def _side_by_side(parts: Sequence[FloatArray], draws: int) -> FloatArray:
    rows = [np.broadcast_to(part, (draws, part.shape[1])) for part in parts]
    return np.concatenate(rows, axis=1)


def _without(capacity: FloatArray, places: IndexArray) -> FloatArray:
    """Capacities of the logistic agents: none for those that answer in another form."""
    if not len(places):
        return capacity
    kept = capacity.copy()
    kept[:, places] = 0.0
    return kept


def smooth(network: SupplyNetwork) -> bool:
    """Whether no process or route of the network is exact or quadratic."""
    forms = [p.form for p in network.processes] + [r.form for r in network.routes]
    return all(form is Form.LOGISTIC for form in forms)
