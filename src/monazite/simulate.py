"""Months in order: each clears knowing only what was announced.

Between months stocks carry over (goods at sea are stock owned at the destination), expected
prices are anchored and adapt only in part, restocking is bounded, announced controls raise
target stocks, habits drift and demand moves towards its long-run elasticity. The forms are
explained in docs/explanation/time.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from monazite import rules
from monazite.labels import Stage
from monazite.market.audit import Audit, consumed
from monazite.market.calibrate import DISPOSAL_MULTIPLE, Market, Month
from monazite.market.certificate import Certificate, summed
from monazite.market.equilibrium import Equilibrium, clear, clear_prices
from monazite.network import Channel, HolderKind
from monazite.newton import FloatArray, Settings
from monazite.parameters import Parameters
from monazite.scenario.lowered import FloorKind, Lowered
from monazite.trajectory import Trajectory

CONTRACT_LAG = 3
"""Months of spot prices behind a contract's formula price."""
HABIT_BOUNDS = (np.log(0.7), np.log(30.0))
"""A route is not forgotten in a ban, and does not grow beyond thirty times its base."""
SEEN_MONTHS = 3
"""Months of licences by which holders judge what will pass."""
THIN_STOCK_SHARE = 0.02
"""Months of trade left in stock where all stocks are said to be gone."""
COARSE = Settings(tolerance=1e-9, steps=150)
"""Accuracy of the scarcity price: an expectation and no result, but not to depend on where its
search began."""
LICENSED_ROOM = 1.25
"""Expansion of a licensed route over what is licensed."""
MOST_SHOWN = 30.0
"""Licence over usual flow beyond which it says nothing about the route."""
TAX_ROUNDS = 60
TAX_TOLERANCE = 1e-11
NO_LIMIT = 1e6
"""Multiple of the base flow that stands for a permit not in force."""


Progress = Callable[[int, int], None]


def simulate(
    lowered: Lowered, parameters: Parameters, *, progress: Progress | None = None
) -> Trajectory:
    """Run the months of a lowered scenario in order.

    Parameters
    ----------
    lowered : Lowered
        A scenario laid on a balanced network.
    parameters : Parameters
        Behaviour, one or many draws.
    progress : callable (month, months), optional
        Told before each month.

    Returns
    -------
    Trajectory
        Prices, quantities, stocks and a certificate for every month.

    Raises
    ------
    EquilibriumError
        If a month does not clear.
    """
    simulation = _Simulation(lowered, parameters)
    for t in range(len(lowered.months)):
        if progress is not None:
            progress(t, len(lowered.months))
        simulation.advance(t)
    return simulation.trajectory()


@dataclass(slots=True, eq=False)
class _State:
    """What one month leaves to the next; (draw, ...)."""

    stock: FloatArray
    smoothed: FloatArray
    scarce: FloatArray
    drift: FloatArray
    habit: FloatArray
    prices: FloatArray
    past: list[FloatArray]
    route_tax: FloatArray
    relief: FloatArray


class _Makers:
    """Every output of every process as one row: who makes it, where, and how much usually."""

    def __init__(self, market: Market) -> None:
        rows = [
            (k, market.spot_index[commodity, process.region], amount)
            for k, process in enumerate(market.network.processes)
            for commodity, amount in process.recipe.items()
            if amount > 0
        ]
        self.process = np.array([row[0] for row in rows], dtype=np.intp)
        self.place = np.array([row[1] for row in rows], dtype=np.intp)
        amount = np.array([row[2] for row in rows], dtype=float)
        self.output = amount * market.base.activity[0, self.process]
        self.usual = np.bincount(self.place, self.output, len(market.spot_markets))


class _Simulation:
    """The month loop and what it remembers."""

    def __init__(self, lowered: Lowered, parameters: Parameters) -> None:
        self.lowered, self.parameters = lowered, parameters
        self.network = lowered.network
        self.permits, self.limits, self.labels = rules.permits(lowered)
        self.market = Market(self.network, parameters, self.permits)
        market = self.market
        self.spots, self.draws = len(market.spot_markets), parameters.draws
        self.base_month = market.base_month()
        self.group_use = np.array([g.use_index for g in market.groups], dtype=np.intp)
        self.audit = Audit(market)
        self.ledger = self.audit.ledger
        self.contract = rules.contracts(self.network, parameters) * market.base.flow
        self.own = market.group_market
        self.keeps = np.isin(np.arange(len(market.groups)), market.linked)
        mines = np.array([p.stage == Stage.ORE for p in self.network.processes], dtype=bool)
        self.output = np.where(mines, parameters.column("mine_output"), 1.0)
        self.leaks = np.array([r.channel is Channel.LEAK for r in self.network.routes], dtype=bool)
        self.usual_permit_flow = [
            float(market.base.flow[0, p.routes] @ p.weights[: len(p.routes)]) for p in self.permits
        ]
        self.abroad = rules.abroad(market)
        self.state = _State(
            stock=self.base_month.opening.copy(),
            smoothed=np.zeros((self.draws, market.markets)),
            scarce=np.tile(market.calm_prices, (self.draws, 1)),
            drift=np.zeros((self.draws, len(market.groups))),
            habit=np.zeros((self.draws, len(self.network.routes))),
            prices=np.tile(market.calm_prices, (self.draws, 1)),
            past=[np.tile(market.base_price, (self.draws, 1))] * CONTRACT_LAG,
            route_tax=np.zeros((self.draws, len(self.network.routes))),
            relief=np.zeros((self.draws, len(self.network.processes))),
        )
        base = market.base
        self.route_margin = np.array(market.route_columns.T @ market.calm_prices)
        self.expansion = base.route_capacity / np.maximum(base.flow, 1e-300)
        self.link_shift = -base.link_cost / base.link_spread
        self._no_limit = NO_LIMIT * max(float(self.market.throughput.max()), 1.0)
        self.makers = _Makers(market)
        uses, holders = self.network.uses, self.network.holders
        self.rung_share = np.array(
            [
                uses[market.groups[g].use_index].rungs[j].share
                for g, j in zip(market.rung_group, market.rung_place, strict=True)
            ]
        )
        trading = [h for h, holder in enumerate(holders) if holder.kind is HolderKind.TRADE]
        places = [market.spot_index[holders[h].commodity, holders[h].region] for h in trading]
        self.traders = np.array(trading, dtype=np.intp)
        self.trader_place = np.array(places, dtype=np.intp)
        self.records: dict[str, npt.NDArray[Any]] = {}
        self.certificates: list[Certificate] = []

    # -- one month ----------------------------------------------------------------------

    def advance(self, t: int) -> None:
        """Clear month ``t`` and carry stocks, expectations and habits over."""
        contract = self._contract_flow(t)
        month = self._month(t, contract)
        none = np.zeros((1, self.market.markets))
        scarcity = none if self._calm(t) else self._scarcity(t, month)
        month.expected = self._expected(scarcity)
        month, equilibrium = self._clear(t, month)
        consumption = consumed(self.market, equilibrium)
        certificate = self.audit.certify(
            month,
            equilibrium,
            consumption,
            tax_charged=self.state.route_tax,
            tax_due=self._tax_due(t, equilibrium),
        )
        self._record(t, month, equilibrium, contract, consumption)
        self.certificates.append(certificate)
        self._carry(equilibrium, contract)

    def _contract_flow(self, t: int) -> FloatArray:
        """Contract tonnes: what is licensed and can be made of them (draw, route)."""
        open_share = np.where(self.lowered.route_block[t], 0.0, 1.0)
        licensed = np.minimum(self._licensed(t), open_share)
        return np.asarray(self.contract * licensed * self._available(t))

    def _licensed(self, t: int) -> FloatArray:
        """Return what each route's permits let through, over its usual flow (draw, route)."""
        share, limits = np.full((self.draws, len(self.network.routes)), np.inf), self._limits(t)
        for k, permit in enumerate(self.permits):
            if len(permit.routes) and self.usual_permit_flow[k] > 0:
                through = limits[:, k : k + 1] / self.usual_permit_flow[k]
                share[:, permit.routes] = np.minimum(share[:, permit.routes], through)
        return share

    def _available(self, t: int) -> FloatArray:
        """Share of each route's origin that can still make the good (route)."""
        factor = np.minimum(self.lowered.process_capacity_factor[t], 1.0)
        output = self.makers.output * factor[self.makers.process]
        made, usual = np.bincount(self.makers.place, output, self.spots), self.makers.usual
        share = np.where(usual > 0, made / np.where(usual > 0, usual, 1.0), 1.0)
        return np.asarray(share[self.ledger.origin])

    def _month(self, t: int, contract: FloatArray) -> Month:
        low, base = self.lowered, self.market.base
        factor = self._enforced(t) * np.where(low.route_block[t], 0.0, 1.0)
        wider = self._wider(t)
        spot_share = 1.0 - self.contract / np.maximum(base.flow, 1e-300)
        habit = np.exp(self.state.habit)
        wanted = low.demand_factor[t][self.group_use] * self.parameters.column("demand_level")
        scale = wanted * np.exp(self.state.drift)
        return replace(
            self.base_month,
            process_capacity=base.process_capacity * low.process_capacity_factor[t] * self.output,
            process_cost=base.process_cost - low.process_subsidy[t],
            route_capacity=base.route_capacity * spot_share * factor * habit * wider,
            demand_scale=scale,
            **self._widened(wider),
            opening=self.state.stock,
            target=self._targets(t, scale),
            room=self.parameters.column("storage_room") * self.base_month.opening,
            fixed=self._fixed(t, contract),
            floor=self._purchase_floors(t),
            permit_limit=self._spot_limits(t, contract),
            permit_size=self._finite(self.limits[t]),
        )

    def _wider(self, t: int) -> FloatArray:
        """Factor on the expansion of routes whose licences exceed it (draw, route).

        What was licensed and shipped shows what a route can carry; a limit far beyond the
        usual shows nothing.
        """
        licensed = self._licensed(t)
        room = LICENSED_ROOM * licensed / self.expansion
        return np.where(licensed <= MOST_SHOWN, np.maximum(room, 1.0), 1.0)

    def _widened(self, wider: FloatArray) -> dict[str, FloatArray]:
        """Costs and spreads of routes and links: spreads stay the same share of dear prices.

        The costs move along, so that base flows still answer to base margins.
        """
        base = self.market.base
        height = np.exp(np.maximum(self.state.smoothed, 0.0))
        route = base.route_spread * height[:, self.ledger.destination]
        link = base.link_spread * (height[:, self.own[self.market.linked]] - 1.0)
        shift = -np.log(np.maximum(self.expansion * wider - 1.0, 1e-12))
        cost = self.route_margin - route * shift
        cost[:, self.market.quadratic_routes] = base.route_cost[:, self.market.quadratic_routes]
        return {
            "route_spread": route,
            "route_cost": cost,
            "link_spread": base.link_spread + link,
            "link_cost": base.link_cost - link * self.link_shift,
        }

    def _enforced(self, t: int) -> FloatArray:
        """Capacity factor of the routes; how well leaks are closed is uncertain (draw, route)."""
        factor = self.lowered.route_capacity_factor[t]
        closed = self.parameters.column("leak_enforcement") * (1.0 - factor)
        enforced = np.where(self.leaks & (factor < 1), np.clip(1.0 - closed, 0.0, 1.0), factor)
        return np.asarray(enforced)

    def _targets(self, t: int, scale: FloatArray) -> FloatArray:
        low, market, p = self.lowered, self.market, self.parameters
        wanted = self.base_month.opening.copy()
        alert = 1.0 + p.column("hoarding") * low.use_alert[t][self.group_use]
        factor = low.cover_target_factor[t][self.group_use] * alert * scale
        wanted[:, self.own[market.linked]] *= factor[:, market.linked]
        wanted[:, : self.spots] *= self._holder_factor(t)
        gap = wanted - self.state.stock
        floor = 1e-3 * self.base_month.opening
        return np.maximum(self.state.stock + p.column("restocking_rate") * gap, floor)

    def _holder_factor(self, t: int) -> FloatArray:
        low, factor = self.lowered, np.ones((self.draws, self.spots))
        alert = 1.0 + self.parameters.column("hoarding") * low.holder_alert[t][self.traders]
        factor[:, self.trader_place] = low.holder_target_factor[t][self.traders] * alert
        return factor

    def _calm(self, t: int) -> bool:
        """Whether nothing is out of the ordinary in the month."""
        low = self.lowered
        neutral = (
            np.isinf(self.limits[t]), ~low.route_block[t], low.route_capacity_factor[t] == 1,
            low.process_capacity_factor[t] == 1, low.demand_factor[t] == 1,
            low.process_subsidy[t] == 0, low.route_tax_specific[t] == 0,
            low.route_tax_fob[t] == 0, low.route_tax_cif[t] == 0,
        )  # fmt: skip
        return all(bool(part.all()) for part in neutral)

    def _scarcity(self, t: int, month: Month) -> FloatArray:
        """Log price multiple if the rules of late stayed and all stocks were gone.

        This is what holders who look ahead expect: they know what passed in the last three
        months, not the next rules.
        """
        market, base, limits = self.market, self.market.base, self._usual_limits(t)
        thin = THIN_STOCK_SHARE * market.throughput[None, :]
        bare = replace(
            month,
            opening=thin,
            target=thin,
            room=thin,
            fixed=self._released(t),
            expected=market.market_price0[None, :],
            ceiling=self.parameters.column("expectation_cap") * market.market_price0,
            route_capacity=base.route_capacity
            * self._open_share(t)
            * np.exp(self.state.habit)
            * self._wider(t),
            route_cost=month.route_cost + self.state.route_tax,
            process_cost=month.process_cost - self.state.relief,
            permit_limit=limits * self.parameters.column("licence_throughput"),
            permit_size=limits,
        )
        self.state.scarce = clear_prices(market, bare, self.state.scarce, COARSE).prices
        multiple = self.state.scarce[:, : market.markets] / market.market_price0
        return np.asarray(np.log(np.maximum(multiple, 1e-6)))

    def _open_share(self, t: int) -> FloatArray:
        """Mean share of each route's capacity that was open in the last months."""
        late, low = slice(max(t - SEEN_MONTHS + 1, 0), t + 1), self.lowered
        closed = low.route_block[late].mean(axis=0)
        return np.asarray(self._enforced(t) * (1.0 - closed))

    def _usual_limits(self, t: int) -> FloatArray:
        """Mean limit of each permit in the last months in which it was in force."""
        late = self.limits[max(t - SEEN_MONTHS + 1, 0) : t + 1]
        force = np.isfinite(late)
        total = np.where(force, late, 0.0).sum(axis=0)
        return np.where(force[-1], total / np.maximum(force.sum(axis=0), 1), self._no_limit)

    def _expected(self, scarcity: FloatArray) -> FloatArray:
        """Anchor, own recent price, a little of the price abroad, and the scarcity foreseen."""
        p, smoothed = self.parameters, self.state.smoothed
        cap = np.log(p.column("expectation_cap"))
        recent = np.minimum(smoothed, cap)
        foreign = np.minimum((self.abroad @ smoothed[:, : self.spots].T).T, cap)
        weighted = (
            p.column("expectation_weight") * recent
            + p.column("speculation_weight") * np.maximum(foreign - recent, 0.0)
            + p.column("foresight_weight") * np.clip(scarcity, -cap, cap)
        )
        return np.asarray(self.market.market_price0 * np.exp(weighted))

    def _fixed(self, t: int, contract: FloatArray) -> FloatArray:
        left = summed(contract, self.ledger.origin, self.market.markets)
        came = summed(contract, self.ledger.destination, self.market.markets)
        return np.asarray(self._released(t) + came - left)

    def _released(self, t: int) -> FloatArray:
        """Tonnes that governments put on the spot markets or take off them."""
        fixed = np.zeros((self.draws, self.market.markets))
        for move in self.lowered.stock_moves:
            place = self.market.spot_index[move.commodity, move.region]
            fixed[:, place] += move.tonnes[t]
        return fixed

    def _finite(self, limits: FloatArray) -> FloatArray:
        return np.where(np.isfinite(limits), limits, self._no_limit)

    def _limits(self, t: int) -> FloatArray:
        """Limits of the permits (draw, permit) [t/month]; infinite where not in force."""
        return np.asarray(self.limits[t] * self.parameters.column("licence_throughput"))

    def _purchase_floors(self, t: int) -> FloatArray:
        floor = DISPOSAL_MULTIPLE * self.market.market_price0
        for spec in self.lowered.floors:
            if spec.kind is FloorKind.PURCHASE and spec.floor[t] > 0:
                for k in spec.processes:
                    region = self.network.processes[int(k)].region
                    place = self.market.spot_index[spec.commodity, region]
                    floor[place] = max(floor[place], spec.floor[t])
        return floor[None, :]

    def _spot_limits(self, t: int, contract: FloatArray) -> FloatArray:
        """Return what the permits leave to the spot market (draw, permit)."""
        limits = self._limits(t)
        for k, permit in enumerate(self.permits):
            used = contract[:, permit.routes] * permit.weights[: len(permit.routes)]
            limits[:, k] = np.maximum(limits[:, k] - used.sum(axis=1), 0.0)
            if not np.isfinite(self.limits[t][k]):
                limits[:, k] = self._no_limit
        return limits

    # -- taxes and floors: symmetric inside, repeated outside ------------------------------

    def _clear(self, t: int, month: Month) -> tuple[Month, Equilibrium]:
        """Clear until taxes and floor subsidies agree with the final prices."""
        start, route_cost, process_cost = self.state.prices, month.route_cost, month.process_cost
        taxed = self._taxed(t)
        for _ in range(TAX_ROUNDS):
            trial = replace(
                month,
                route_cost=route_cost + self.state.route_tax,
                process_cost=process_cost - self.state.relief,
            )
            equilibrium = clear(self.market, trial, start)
            start = np.hstack([equilibrium.market_price, equilibrium.rent])
            if not taxed or self._agree(t, equilibrium):
                break
        self.state.prices = start
        return trial, equilibrium

    def _taxed(self, t: int) -> bool:
        low = self.lowered
        rates = low.route_tax_specific[t], low.route_tax_fob[t], low.route_tax_cif[t]
        now = any(bool(rate.any()) for rate in rates) or any(
            spec.floor[t] > 0 and spec.kind is FloorKind.CONTRACT_FOR_DIFFERENCE
            for spec in low.floors
        )
        if not now:
            self.state.route_tax = np.zeros_like(self.state.route_tax)
            self.state.relief = np.zeros_like(self.state.relief)
        return now

    def _agree(self, t: int, equilibrium: Equilibrium) -> bool:
        """Update taxes and subsidies to the prices found; True when nothing moved."""
        tax, subsidy = self._tax_due(t, equilibrium), self._floor_due(t, equilibrium)
        reference = self.market.base_price.max()
        moved = max(
            float(np.abs(tax - self.state.route_tax).max(initial=0.0)),
            float(np.abs(subsidy - self.state.relief).max(initial=0.0)),
        )
        settled = moved <= TAX_TOLERANCE * reference
        if not settled:
            self.state.route_tax, self.state.relief = tax, subsidy
        return bool(settled)

    def _tax_due(self, t: int, equilibrium: Equilibrium) -> FloatArray:
        low, price = self.lowered, equilibrium.price
        fob = low.route_tax_fob[t] * price[:, self.ledger.origin]
        rate = low.route_tax_cif[t]
        cif = rate / (1.0 + rate) * price[:, self.ledger.destination]
        return np.asarray(low.route_tax_specific[t] + fob + cif)

    def _floor_due(self, t: int, equilibrium: Equilibrium) -> FloatArray:
        """Top-up to the price floors [USD/kg of activity] (draw, process)."""
        due = np.zeros((self.draws, len(self.network.processes)))
        for spec in self.lowered.floors:
            if spec.kind is not FloorKind.CONTRACT_FOR_DIFFERENCE:
                continue
            for k in spec.processes:
                process = self.network.processes[int(k)]
                place = self.market.spot_index[spec.commodity, process.region]
                gap = np.maximum(spec.floor[t] - equilibrium.price[:, place], 0.0)
                due[:, k] += gap * process.recipe[spec.commodity] * spec.coverage
        return due

    # -- afterwards -----------------------------------------------------------------------

    def _record(
        self,
        t: int,
        month: Month,
        equilibrium: Equilibrium,
        contract: FloatArray,
        consumption: FloatArray,
    ) -> None:
        demand, stopped = self._use_split(t, month, equilibrium)
        flow = equilibrium.flow + contract
        permit_flow = np.zeros((self.draws, len(self.permits)))
        for k, permit in enumerate(self.permits):
            counted = flow[:, permit.routes] * permit.weights[: len(permit.routes)]
            links = [int(np.flatnonzero(self.market.linked == g)[0]) for g in permit.links]
            permit_flow[:, k] = counted.sum(axis=1) + equilibrium.purchase[:, links].sum(axis=1)
        self._write(
            t,
            {
                "price": equilibrium.price,
                "average_price": self._average_price(equilibrium, contract),
                "rationed": equilibrium.rationed,
                "group_price": equilibrium.group_price,
                "group_stock": equilibrium.closing[:, self.own] * self.keeps,
                "spot_stock": equilibrium.closing[:, : self.spots],
                "demand": demand,
                "served": consumption,
                "economised": demand - consumption - stopped,
                "stopped": stopped,
                "activity": equilibrium.activity,
                "flow": flow,
                "rents": equilibrium.rent,
                "permit_flow": permit_flow,
                "permit_limit": self._limits(t),
                "tariff_revenue": (self.state.route_tax * flow).sum(axis=1),
                "subsidy_cost": self._subsidies(t, equilibrium),
                "permit_revenue": (equilibrium.rent * permit_flow).sum(axis=1),
            },
        )

    def _write(self, t: int, month: dict[str, npt.NDArray[Any]]) -> None:
        """Put the month's arrays into those of all months (draw, month, ...)."""
        for name, values in month.items():
            if name not in self.records:
                shape = (self.draws, len(self.lowered.months), *values.shape[1:])
                self.records[name] = np.empty(shape, dtype=values.dtype)
            self.records[name][:, t] = values

    def _use_split(
        self, t: int, month: Month, equilibrium: Equilibrium
    ) -> tuple[FloatArray, FloatArray]:
        """Demand at the base price, and what of it stopped (rungs given up)."""
        base = np.array([[group.demand for group in self.market.groups]])
        level = self.parameters.column("demand_level")
        demand = base * self.lowered.demand_factor[t][self.group_use] * level
        groups = self.market.rung_group
        wanted = self.rung_share * base[:, groups] * month.demand_scale[:, groups]
        given_up = np.maximum(wanted - equilibrium.running, 0.0)
        stopped = summed(given_up, groups, len(self.market.groups))
        return np.broadcast_to(demand, stopped.shape).copy(), stopped

    def _average_price(self, equilibrium: Equilibrium, contract: FloatArray) -> FloatArray:
        formula = np.mean(self.state.past[-CONTRACT_LAG:], axis=0)
        arriving = summed(contract, self.ledger.destination, self.spots)
        total = np.maximum(self.market.throughput[: self.spots], arriving)
        share = arriving / total
        return np.asarray(share * formula + (1.0 - share) * equilibrium.price)

    def _subsidies(self, t: int, equilibrium: Equilibrium) -> FloatArray:
        relief = self.state.relief + self.lowered.process_subsidy[t]
        bought = np.maximum(-equilibrium.leaning[:, : self.spots], 0.0)
        floors = self._purchase_floors(t)[:, : self.spots]
        public = floors > DISPOSAL_MULTIPLE * self.market.base_price * (1 + 1e-9)
        return np.asarray(
            (relief * equilibrium.activity).sum(axis=1)
            + (np.where(public, floors, 0.0) * bought).sum(axis=1)
        )

    def _carry(self, equilibrium: Equilibrium, contract: FloatArray) -> None:
        state, p, market = self.state, self.parameters, self.market
        state.stock = np.maximum(equilibrium.closing, 0.0)
        ratio = np.log(np.maximum(equilibrium.market_price / market.market_price0, 1e-6))
        state.smoothed = state.smoothed + p.column("expectation_smoothing") * (
            ratio - state.smoothed
        )
        recent = np.minimum(state.smoothed, np.log(p.column("expectation_cap")))[:, self.own]
        rise = np.maximum(p.column("demand_elasticity_long") - market.base.elasticity, 0.0)
        state.drift = state.drift - p.column("long_run_rate") * (rise * recent + state.drift)
        flow = equilibrium.flow + contract
        usual = market.base.flow * np.exp(state.habit)
        learnt = np.log(np.maximum(flow, 1e-3 * usual) / np.maximum(usual, 1e-300))
        learnt = np.where(market.base.flow > 0, learnt, 0.0)
        state.habit = np.clip(state.habit + p.column("habit_rate") * learnt, *HABIT_BOUNDS)
        state.past = [*state.past[-CONTRACT_LAG:], equilibrium.price]

    def trajectory(self) -> Trajectory:
        """Return everything recorded."""
        market = self.market
        return Trajectory(
            network=self.network,
            lowered=self.lowered,
            months=self.lowered.months,
            parameters=self.parameters,
            spot_markets=tuple(market.spot_markets),
            groups=market.groups,
            permits=self.labels,
            base_price=market.base_price,
            base_activity=market.base.activity[0],
            base_flow=market.base.flow[0],
            base_group_stock=self.base_month.opening[:, self.own] * self.keeps,
            certificates=tuple(self.certificates),
            **self.records,
        )
