"""What stands in a year of a plan: the network of that year, with and without its plants.

The world of the base year has grown evenly by the programme's access growth; plants that come by
themselves stand on it, and those that the plan adds. Its goods may take the ways it ships them on.

- A plant stands at the capacity that the plan expects in that year over its draws, or as announced.
- Lines that share a plant have the parts of it that the plan runs them at.
- A line that runs on a good which the network does not trade has the capacity at which the plan
  runs it; what digs such goods alone is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from monazite.errors import InputError, NetworkError
from monazite.network import BasePrice, Form, Market, Process, Route, SupplyNetwork
from monazite.newton import FloatArray
from monazite.parameters import Parameters
from monazite.plan import terms
from monazite.plan.draws import on_time, running
from monazite.plan.membership import Plant
from monazite.plan.model import Activity, Committed, CostLine
from monazite.plan.programme import PlanProgramme
from monazite.plan.result import PlanReport

WAY_ANSWER = 0.1
"""Rise of the price at the end of a new way, over its base, that fills it as planned (assumed)."""
TRICKLE = 1e-3
"""Part of what is planned on a new way that it carries in the base year: a market needs some."""
ROOM = 1.25
"""Room of a known way over what it carries and what the plan adds (assumed)."""
SMALLEST = 1.0
"""Tonnes a year below which a plant or way is left out."""


class Delivery(StrEnum):
    """At what capacity plants stand: as expected over the draws, or as announced."""

    EXPECTED = "expected"
    ON_SCHEDULE = "on schedule"


@dataclass(frozen=True, slots=True)
class StandingPlant:
    """A line that stands in the year: ``size`` [a year of its activity], under way or chosen."""

    name: str
    region: str
    size: float
    is_chosen: bool


def enlarged(network: SupplyNetwork, factor: float) -> SupplyNetwork:
    """Return a network in which everything is larger by a factor, at the same prices."""
    if factor == 1.0:
        return network

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    processes = (
        replace(
            row,
            capacity=row.capacity * factor,
            activity=scaled(row.activity),
            slope=scaled(row.slope),
        )
        for row in network.processes
    )
    uses = (
        replace(
            row,
            demand=row.demand * factor,
            intercept=scaled(row.intercept),
            slope=scaled(row.slope),
        )
        for row in network.uses
    )
    return replace(
        network,
        processes=tuple(processes),
        routes=tuple(
            replace(row, flow=scaled(row.flow), slope=scaled(row.slope)) for row in network.routes
        ),
        uses=tuple(uses),
        holders=tuple(replace(row, stock=row.stock * factor) for row in network.holders),
        quotas=tuple(replace(row, limit=row.limit * factor) for row in network.quotas),
    )


class PlanGround:
    """What stands in a year, with and without a plan.

    Parameters
    ----------
    report : PlanReport
        The plan.
    network : SupplyNetwork
        What it was made on.
    programme : PlanProgramme
        Growth and ended trade.
    plants : tuple of Plant
        Those that stand in full.
    year : int
        When.
    delivery : Delivery
        At what capacity plants stand.

    Raises
    ------
    InputError
        If the year is not of the plan's horizon.
    """

    def __init__(
        self,
        report: PlanReport,
        network: SupplyNetwork,
        programme: PlanProgramme,
        plants: tuple[Plant, ...],
        year: int,
        delivery: Delivery,
    ) -> None:
        self.report, self.network, self.programme = report, network, programme
        self.model, self.year, self.delivery = report.model, year, delivery
        self.steps = [k for k, step in enumerate(self.model.steps) if step.year == year]
        if not self.steps:
            years = self.model.years
            raise InputError(
                f"the plan has no year {year}",
                where="replay",
                way_out=f"choose one from {years[0]} to {years[-1]}",
            )
        self.full = {
            f"{plant.name}: {line.capacity or line.process}": line.size
            for plant in plants
            for line in plant.lines
        }
        self.growth = (1.0 + programme.access.growth) ** (year - network.base_year)
        self.money = terms.money_a_unit(network, programme.money)
        self.weight = report.draws.weight * report.draws.drawn

    # -- what stands -----------------------------------------------------------------------

    @cached_property
    def operated(self) -> FloatArray:
        """Mean rate of every activity in the plan in the year [a year]."""
        active = self.report.assembly.columns("activity", self.report.operations.activity)
        length = self.report.assembly.length[self.steps]
        mean: FloatArray = np.einsum("s,sta->a", self.weight, active[:, self.steps]) / length.sum()
        return mean

    @cached_property
    def _sizes_under_way(self) -> dict[str, float]:
        """Capacity that comes by itself, by name [a year]."""
        sizes = {}
        for k, row in enumerate(self.model.capacities):
            if row.committed and self.delivery is Delivery.EXPECTED:
                there = np.einsum("s,st->t", self.weight, self.report.draws.capacity[:, k])
                sizes[row.name] = float((there - row.base)[self.steps].mean())
            elif row.committed:
                sizes[row.name] = sum(map(self._announced, row.committed))
        return sizes

    def _announced(self, plant: Committed) -> float:
        share = running(self.model.steps, np.array(float(plant.start)), plant.ramp)
        return plant.size * float(share[self.steps].mean())

    @cached_property
    def _sizes_chosen(self) -> dict[str, float]:
        """Capacity that the plan adds, by name [a year]."""
        sizes: dict[str, float] = {}
        first = self.report.assembly.first
        for (name, decided), size in first.built(self.report.x).items():
            share = self._share_there(name, decided)
            for capacity, amount in first.candidates[name].adds.items():
                sizes[capacity] = sizes.get(capacity, 0.0) + size * amount * share
        return sizes

    def _share_there(self, name: str, decided: int) -> float:
        first, place = self.report.assembly.first, self.model.years.index(decided)
        if self.delivery is Delivery.ON_SCHEDULE:
            share = on_time(self.model, first.candidates[name])[place]
        else:
            there = self.report.draws.availability[:, first.order[name], place]
            share = np.einsum("s,st->t", self.weight, there)
        return float(share[self.steps].mean())

    def _lines(self, sizes: Mapping[str, float]) -> list[Process]:
        """Return the processes of plants that stand, with nothing done in the base year."""
        every = (self._line(place, sizes) for place in range(len(self.model.activities)))
        return [row for row in every if row is not None and row.capacity >= SMALLEST]

    def _line(self, place: int, sizes: Mapping[str, float]) -> Process | None:
        activity = self.model.activities[place]
        name = next((name for name in activity.uses if sizes.get(name, 0.0) > 0), None)
        recipe = {c: amount for (c, _), amount in activity.balance.items() if c in self._codes}
        if name is None or all(amount <= 0 for amount in recipe.values()):
            return None
        capacity = self.model.capacities[self.report.assembly.capacity_index[name]]
        return Process(
            name=activity.name,
            region=capacity.region,
            recipe=recipe,
            capacity=self._capacity(place, name, sizes[name]),
            activity=0.0,
            unit_cost=self._unit_cost(activity),
            stage=capacity.stage,
        )

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(row.code for row in self.network.commodities)

    def _capacity(self, place: int, name: str, size: float) -> float:
        """Return a line's part of its plant, the whole plant taken where it is known [a year]."""
        of_plant = [k for k, row in enumerate(self.model.activities) if name in row.uses]
        done = self.operated[of_plant].sum()
        part = self.operated[place] / done if done > SMALLEST else 1.0 / len(of_plant)
        balance = self.model.activities[place].balance
        lacks = any(c not in self._codes for (c, _), amount in balance.items() if amount < 0)
        size = min(size * part, self.operated[place]) if lacks else size * part
        return float(size * self._whole(name))

    def _whole(self, name: str) -> float:
        """Return what a whole plant is over the part of it that the plan counts on."""
        full = self.full.get(name)
        counted = {c.name: sum(plant.size for plant in c.committed) for c in self.model.capacities}
        for candidate in self.model.candidates:
            for capacity, amount in candidate.adds.items():
                counted[capacity] += amount * candidate.largest
        return 1.0 if full is None or counted[name] <= 0 else full / counted[name]

    def _unit_cost(self, activity: Activity) -> float:
        """Cost beside the goods that the network trades [price unit a unit]."""
        untraded = sum(
            amount * terms.price_of(self.network, commodity, region, self._recipes)
            for (commodity, region), amount in activity.balance.items()
            if commodity not in self._codes
        )
        return max(0.0, float(activity.cost[self.steps].mean()) / self.money - untraded)

    @cached_property
    def _recipes(self) -> tuple[Mapping[str, float], ...]:
        return tuple(
            {commodity: amount for (commodity, _), amount in row.balance.items()}
            for row in self.model.activities
            if row.uses
        )

    @cached_property
    def under_way(self) -> tuple[StandingPlant, ...]:
        """Lines that come by themselves."""
        return tuple(self._standing(self._sizes_under_way, is_chosen=False))

    @cached_property
    def chosen(self) -> tuple[StandingPlant, ...]:
        """Lines that the plan adds."""
        return tuple(self._standing(self._sizes_chosen, is_chosen=True))

    def _standing(self, sizes: Mapping[str, float], *, is_chosen: bool) -> Iterable[StandingPlant]:
        for row in self._lines(sizes):
            yield StandingPlant(row.name, row.region, row.capacity, is_chosen)

    @cached_property
    def stocks(self) -> dict[Market, float]:
        """What the plan has bought for its stores until the year."""
        held: dict[Market, float] = {}
        for row in self.report.stocked:
            if row.year <= self.year:
                market = (row.commodity, row.partner)
                held[market] = held.get(market, 0.0) + row.quantity
        return held

    # -- the market ------------------------------------------------------------------------

    @cached_property
    def _grown(self) -> SupplyNetwork:
        return enlarged(self.network, self.growth)

    def network_of_year(self, *, has_plants: bool) -> SupplyNetwork:
        """Return the network of the year, with what stands on it."""
        lines = self._lines(self._sizes_under_way)
        if has_plants:
            lines += self._lines(self._sizes_chosen)
        if not lines:
            return self._grown
        routes = self._with_ways(lines)
        markets = {(c, row.region) for row in lines for c in row.recipe}
        markets |= {(r.commodity, end) for r in routes for end in (r.origin, r.destination)}
        prices = tuple(self._missing_prices(markets))
        return replace(
            self._grown,
            processes=(*self._grown.processes, *lines),
            routes=routes,
            base_prices=(*self._grown.base_prices, *prices),
        )

    def _missing_prices(self, markets: set[Market]) -> Iterable[BasePrice]:
        for commodity, region in sorted(markets):
            try:
                self.network.base_price((commodity, region))
            except NetworkError:
                price = terms.price_of(self.network, commodity, region, self._recipes)
                yield BasePrice(commodity, region, price)

    def _with_ways(self, lines: list[Process]) -> tuple[Route, ...]:
        """Ways of the network, wider where the plan ships more, and those that the plan opens."""
        planned = self._shipped(lines)
        known = []
        for route in self._grown.routes:
            extra = planned.pop((route.commodity, route.origin, route.destination), 0.0)
            known.append(self._wider(route, extra) if extra else route)
        opened = (self._way(*key, amount) for key, amount in sorted(planned.items()))
        return (*known, *opened)

    def _shipped(self, lines: list[Process]) -> dict[tuple[str, str, str], float]:
        """Return what the plan ships to or from the plants that stand [a year]."""
        made = {(c, row.region) for row in lines for c, amount in row.recipe.items() if amount > 0}
        used = {(c, row.region) for row in lines for c, amount in row.recipe.items() if amount < 0}
        ways = {}
        for place, row in enumerate(self.model.activities):
            if row.line is CostLine.FREIGHT and self.operated[place] >= SMALLEST:
                origin = next(m for m, amount in row.balance.items() if amount < 0)
                end = next(m for m, amount in row.balance.items() if amount > 0)
                if origin[0] in self._codes and (origin in made or end in used):
                    ways[origin[0], origin[1], end[1]] = float(self.operated[place])
        return ways

    def _wider(self, route: Route, extra: float) -> Route:
        usual = float(Parameters.central().values["route_expansion"][0])
        flow = route.flow or 0.0
        if route.form is not Form.LOGISTIC or flow <= 0:
            return route
        asked = ROOM * (flow + extra) / flow
        return replace(route, expansion=max(asked, route.expansion or usual))

    def _way(self, commodity: str, origin: str, destination: str, amount: float) -> Route:
        """Return a way that carries next to nothing at base prices, and the plan's if it pays."""
        price = terms.price_of(self.network, commodity, destination, self._recipes)
        slope = amount / (WAY_ANSWER * price)
        return Route(
            commodity,
            origin,
            destination,
            flow=TRICKLE * amount,
            expansion=ROOM / TRICKLE,
            form=Form.QUADRATIC,
            slope=slope,
        )
