"""The part of a network that some partners plan: their own plants and demand, and their access.

Partners do not command the world. What they draw from outside is what they draw today, grown,
with what contracts add, and cut as the market cuts it when a shock strikes (``exposure``): in
that market every region bids at its value in use. What they sell abroad today stays promised,
and leaving a customer short costs what the goods are worth to it. Between partners goods move
freely; a partner that plans without another one still gets, and owes, the trade of the base year.
So what some partners have apart adds up to what they have together, and a joint plan can never
cost more than separate ones.
"""

from collections.abc import Iterable

import numpy as np

from monazite.errors import NetworkError, UnknownCodeError
from monazite.indicators.shortage import SURPLUS
from monazite.network import Market
from monazite.plan import terms
from monazite.plan.access import Trade
from monazite.plan.draws import CALM, N_MINUS_1
from monazite.plan.membership import Membership, Plant, PlantLine, assumed_cost
from monazite.plan.model import (
    Activity,
    BuildCandidate,
    Capacity,
    Committed,
    CostLine,
    Demand,
    Package,
    PlanningModel,
    Stockpile,
    Target,
)
from monazite.plan.programme import Aim
from monazite.plan.sector import capacity_name, demand_of, process_activity

PUBLIC_WEIGHT = 1e-3
"""What a unit of public money counts in the objective: it settles ties between packages."""
DAYS = 365.25
MONTHS = 12.0


class Alliance(Membership):
    """Partners whose plans are made on one network: some of them, or all together."""

    def model(self, coalition: tuple[str, ...] = ()) -> PlanningModel:
        """Return what some of the partners plan over.

        Parameters
        ----------
        coalition : tuple of str
            Some of the partners; all if left out.

        Raises
        ------
        UnknownCodeError
            If a target or stock rule names a good or partner that is not there.
        NetworkError
            If a candidate has no way to get its feed.
        """
        return _Part(self, coalition or self.partners).model()


class _Part:
    """The model of one coalition, put together piece by piece."""

    def __init__(self, alliance: Alliance, coalition: tuple[str, ...]) -> None:
        self.all, self.inside = alliance, coalition
        self.network, self.programme = alliance.network, alliance.programme
        self.scale = alliance.scale
        self.plants = tuple(p for p in alliance.plants if self._takes_part(p))
        self.trade = Trade(alliance, coalition, self.plants)
        self.markets = self.trade.markets
        self.capacities: dict[str, Capacity] = {}
        self.candidates: list[BuildCandidate] = []

    def _takes_part(self, plant: Plant) -> bool:
        if plant.region == self.all.producer and plant.region not in self.all.partners:
            return False
        if plant.is_committed:
            return self.all.share_of(plant, self.inside) > 0
        return self.all.owner(plant) in self.inside

    def model(self) -> PlanningModel:
        activities = (
            *self._processes(),
            *self._plants(),
            *self.trade.activities(),
        )
        demands = (*self._demands(), *self.trade.promised())
        model = PlanningModel(
            steps=self.scale.steps,
            markets=self.markets,
            demands=demands,
            activities=activities,
            capacities=tuple(self.capacities.values()),
            limits=tuple(self.trade.limits.values()),
            candidates=tuple(self.candidates),
            stockpiles=tuple(self._stockpiles()),
            budgets=self._budgets(),
            carry_over=self.programme.carry_over,
            targets=tuple(self._targets()),
            partners=self.inside,
            quantity_unit=self.network.quantity_unit,
            money_unit=self.programme.money.unit,
            capital_rate=self.programme.money.rate,
            capital_charge=self.programme.money.capital,
            public_weight=PUBLIC_WEIGHT,
        )
        # some of the partners alone may lack what the others would send
        if set(self.inside) == set(self.all.partners):
            _require_feed(model)
        return model

    # -- making --------------------------------------------------------------------------

    def _processes(self) -> Iterable[Activity]:
        for process in self.network.processes:
            if process.region not in self.inside:
                continue
            name = capacity_name(process.name, process.region)
            base = self.scale.same(process.capacity)
            self.capacities[name] = Capacity(name, process.region, base, process.stage)
            yield process_activity(self.network, process, self.scale, {name: 1.0})

    def _plants(self) -> Iterable[Activity]:
        for plant in self.plants:
            share = self.all.share_of(plant, self.inside)
            names = self._plant_capacities(plant, share)
            for line, capacity in zip(plant.lines, names, strict=True):
                yield self._line(plant, line, capacity)

    def _plant_capacities(self, plant: Plant, share: float) -> list[str]:
        """Name of the capacity of every line; one that several lines run on is counted once."""
        names = [f"{plant.name}: {line.capacity or line.process}" for line in plant.lines]
        adds: dict[str, float] = {}
        for name, line in zip(names, plant.lines, strict=True):
            adds[name] = max(adds.get(name, 0.0), line.size * share)
        for name, size in adds.items():
            comes = (
                (
                    Committed(
                        name, size, plant.start, plant.ramp, plant.success, plant.delay, plant.name
                    ),
                )
                if plant.is_committed
                else ()
            )
            none = self.scale.same(0.0)
            self.capacities[name] = Capacity(name, plant.region, none, plant.stage, comes)
        if not plant.is_committed:
            self.candidates.append(self._candidate(plant, adds, share))
        return names

    def _candidate(self, plant: Plant, adds: dict[str, float], share: float) -> BuildCandidate:
        return BuildCandidate(
            name=plant.name,
            adds=adds,
            capital=plant.capital * share,
            upkeep=plant.upkeep * share,
            earliest=max(self.scale.steps[0].year, plant.start - plant.build),
            build=plant.build,
            ramp=plant.ramp,
            life=plant.life,
            success=plant.success,
            delay=plant.delay,
            partner="" if len(self.inside) > 1 else self.inside[0],
            after=plant.after,
            needs=plant.needs,
            group=plant.group,
            packages=tuple(_part_of(package, share) for package in plant.packages),
            stage=plant.stage,
            region=plant.region,
        )

    def _line(self, plant: Plant, line: PlantLine, capacity: str) -> Activity:
        cost = self._line_cost(plant, line)
        return Activity(
            name=f"{plant.name}: {line.process}",
            line=CostLine.OPERATION,
            balance={(c, plant.region): amount for c, amount in line.recipe.items()},
            cost=self.scale.same(cost * self.scale.money),
            largest=self.scale.same(np.inf),
            uses={capacity: 1.0},
            partner=plant.region if plant.region in self.inside else self.all.owner(plant),
        )

    def _line_cost(self, plant: Plant, line: PlantLine) -> float:
        """Cost of a line: as reported; else what is left of its revenue over inputs, at prices."""
        if line.unit_cost is not None:
            return line.unit_cost
        margin = sum(
            amount * self.all.price(commodity, plant.region)
            for commodity, amount in line.recipe.items()
        )
        return assumed_cost(margin)

    # -- wanting -------------------------------------------------------------------------

    def _demands(self) -> Iterable[Demand]:
        for use in self.network.uses:
            if use.region in self.inside and use.name != SURPLUS and use.demand > 0:
                yield demand_of(self.network, self.programme, self.scale, use, use.region)

    # -- stocks, money, targets ----------------------------------------------------------

    def _stockpiles(self) -> Iterable[Stockpile]:
        seen: set[Market] = set()
        for rule in self.programme.stockpiles:
            for commodity in terms.goods(self.network, rule.commodities, "stockpiles"):
                for partner in rule.partners or self.inside:
                    market = (commodity, partner)
                    if partner not in self.inside or market in seen or market not in self.markets:
                        continue
                    use = self.all.use_of.get(market, 0.0)
                    if use <= 0:
                        continue
                    seen.add(market)
                    price = self.network.base_price(market) * self.scale.money
                    held = rule.private_cover * self._held(market)
                    yield Stockpile(
                        market=market,
                        partner=partner,
                        largest=held + use * rule.largest_days / DAYS,
                        opening=held,
                        holding=price * rule.holding,
                        price=price * rule.end_value,
                    )

    def _held(self, market: Market) -> float:
        """Return what buyers and traders hold of a good today [t]."""
        held = sum(
            row.stock for row in self.network.holders if (row.commodity, row.region) == market
        )
        for use in self.network.uses:
            if (use.commodity, use.region) == market:
                held += sum(c.share * c.months * use.demand / MONTHS for c in use.cover)
        return held

    def _budgets(self) -> dict[str, dict[int, float]]:
        money: dict[str, dict[int, float]] = {}
        for number, row in enumerate(self.programme.budgets, start=1):
            where = f"budget {number}"
            if row.partner not in self.all.partners:
                raise UnknownCodeError("partner", row.partner, self.all.partners, where=where)
            if row.partner not in self.inside:
                continue
            amount = terms.in_money(row.amount, row.unit, self.programme.money, where)
            own = money.setdefault(row.partner, {})
            for step in self.scale.steps:
                if row.first <= step.year <= row.last and step.year not in own:
                    own[step.year] = amount
        return money

    def _targets(self) -> Iterable[Target]:
        for aim in self.programme.targets:
            for partner in aim.partners or self.inside:
                if partner not in self.all.partners:
                    raise UnknownCodeError(
                        "partner", partner, self.all.partners, where=f"target {aim.name}"
                    )
                if partner in self.inside:
                    yield self._target(aim, partner)

    def _target(self, aim: Aim, partner: str) -> Target:
        steps = tuple(
            k for k, step in enumerate(self.scale.steps) if aim.first <= step.year <= aim.last
        )
        share = aim.at_most if aim.kind == "share" else aim.at_least
        return Target(
            name=f"{aim.name} {partner}",
            kind="share" if aim.kind == "share" else "coverage",
            state=N_MINUS_1 if aim.kind == "n-1" else CALM,
            partner=partner,
            share=share or 0.0,
            steps=steps,
            commodities=terms.goods(self.network, aim.commodities, f"target {aim.name}"),
            origin=aim.origin,
        )


def _part_of(package: Package, share: float) -> Package:
    """Return what the partners pay of a package when they take a share of the output."""
    return Package(
        package.name,
        tuple(share * money for money in package.cash),
        tuple(share * money for money in package.tail),
        share * package.raises,
        package.floors,
    )


def _require_feed(model: PlanningModel) -> None:
    """Refuse a candidate none of whose lines could ever get its inputs in the model."""
    given: set[Market] = {store.market for store in model.stockpiles}
    for row in model.activities:
        given |= {market for market, amount in row.balance.items() if amount > 0}
    owner = {name: candidate.name for candidate in model.candidates for name in candidate.adds}
    fed: set[str] = set()
    starved: dict[str, Market] = {}
    for row in model.activities:
        names = {owner[capacity] for capacity in row.uses if capacity in owner}
        missing = [m for m, amount in row.balance.items() if amount < 0 and m not in given]
        if missing:
            starved |= dict.fromkeys(names, missing[0])
        else:
            fed |= names
    for name, (commodity, region) in starved.items():
        if name not in fed:
            raise NetworkError(
                f"candidate {name} has no feed: nothing brings {commodity} to {region}",
                way_out="add a mine, a contract or a project that does, or exclude it",
            )
