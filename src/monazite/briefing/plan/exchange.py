"""Why planning together pays: what one partner has that the other's demand uses.

Read off the arrays of a plan: goods that reach a partner from the other's ground or from plants
that the other supports, beyond what the two trade in the base year. And what the announced plants
would take, held against what is announced to make it.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from monazite.labels import Stage
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray
from monazite.plan.membership import Plant
from monazite.plan.model import CostLine, PlanningModel
from monazite.plan.planner import Plan, Prepared
from monazite.plan.result import PlanReport

EXPLODED = (Stage.MAGNET, Stage.ALLOY, Stage.METAL)
"""Stages whose lacking goods are taken to be made, from the end of the chain upwards."""
TOLD = (Stage.ALLOY, Stage.METAL, Stage.SEPARATION)
"""Stages whose goods are told."""
ROUND_OFF = 1e-6
"""Smaller amounts are nothing [a year]."""
SMALLEST = 1e-3
"""Share of the largest exchange below which one is not told."""
Flow = tuple[str, str, str]
"""A good, where it comes from and where it goes."""


@dataclass(frozen=True, slots=True)
class PartnerExchange:
    """What a partner uses of another one's.

    ``giver``, ``taker`` : partners. ``origin`` : where it is made. ``quantity`` : mean a year
    beyond the base year's trade. ``value`` : at base prices [money a year]. ``projects`` : chosen
    ones that make it.
    """

    giver: str
    taker: str
    commodity: str
    origin: str
    quantity: float
    value: float
    projects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedNeed:
    """A good that announced plants take, outside the largest producer [a year].

    ``needed`` : by them at full size, and for what is lacking further down the chain.
    ``announced`` : what announced plants would make of it. ``today`` : what is made today, most
    of which has its users. ``buyers`` : stage that takes it.
    """

    commodity: str
    needed: float
    announced: float
    today: float
    buyers: str

    @property
    def lacking(self) -> float:
        """What no announced plant makes [a year]."""
        return max(0.0, self.needed - self.announced)


def exchanges(prepared: Prepared, plan: Plan) -> tuple[PartnerExchange, ...]:
    """Return what partners use of each other's under a plan, largest value first.

    Parameters
    ----------
    prepared : Prepared
        The programme on its network.
    plan : Plan
        Found.
    """
    report = plan.report
    rates = _rates(plan)
    shares = _makers(report.model, rates)
    traded = _traded(prepared)
    found = []
    for (commodity, origin, taker), rate in _shipped(report.model, rates).items():
        extra = rate - traded.get((commodity, origin, taker), 0.0)
        for giver, share in shares.get((commodity, origin), {}).items():
            if taker in report.model.partners and giver != taker and extra * share > 0:
                price = prepared.alliance.price(commodity, taker) * prepared.alliance.scale.money
                found.append(
                    PartnerExchange(
                        giver=giver,
                        taker=taker,
                        commodity=commodity,
                        origin=origin,
                        quantity=extra * share,
                        value=extra * share * price,
                        projects=_projects(report, commodity, origin, giver),
                    )
                )
    most = max((row.value for row in found), default=0.0)
    kept = [row for row in found if row.value > SMALLEST * most]
    return tuple(sorted(kept, key=lambda row: -row.value))


def _rates(plan: Plan) -> FloatArray:
    """Mean rate of each activity over draws and steps (activity) [a year]."""
    report, assembly = plan.report, plan.assembly
    rates = assembly.columns("activity", plan.operations.activity)
    weight = report.draws.weight * report.draws.drawn
    return np.asarray(np.einsum("s,sta->a", weight, rates) / assembly.length.sum())


def _shipped(model: PlanningModel, rates: FloatArray) -> dict[Flow, float]:
    """Return what is shipped between places [a year]."""
    flows: dict[Flow, float] = {}
    for activity, rate in zip(model.activities, rates, strict=True):
        if activity.line is CostLine.FREIGHT:
            (commodity, origin), (_, destination) = sorted(
                activity.balance, key=lambda market: activity.balance[market]
            )
            key = (commodity, origin, destination)
            flows[key] = flows.get(key, 0.0) + float(rate)
    return flows


def _makers(model: PlanningModel, rates: FloatArray) -> dict[tuple[str, str], dict[str, float]]:
    """Whose account each good of each place is made on, as shares."""
    made: dict[tuple[str, str], dict[str, float]] = {}
    for activity, rate in zip(model.activities, rates, strict=True):
        if activity.line is CostLine.OPERATION and activity.partner:
            for market, amount in activity.balance.items():
                if amount > 0 and rate > 0:
                    own = made.setdefault(market, {})
                    own[activity.partner] = own.get(activity.partner, 0.0) + amount * float(rate)
    return {
        market: {partner: part / sum(parts.values()) for partner, part in parts.items()}
        for market, parts in made.items()
    }


def _traded(prepared: Prepared) -> dict[Flow, float]:
    flows: dict[Flow, float] = {}
    for route in prepared.network.routes:
        key = (route.commodity, route.origin, route.destination)
        flows[key] = flows.get(key, 0.0) + (route.flow or 0.0)
    return flows


def _projects(report: PlanReport, commodity: str, origin: str, giver: str) -> tuple[str, ...]:
    """Return chosen projects on a partner's account that make a good at a place."""
    makers = {
        name
        for activity in report.model.activities
        if activity.partner == giver and activity.balance.get((commodity, origin), 0.0) > 0
        for name in activity.uses
    }
    adds = {row.name: row.adds for row in report.model.candidates}
    built = dict.fromkeys(row.project for row in report.portfolio)
    return tuple(name for name in built if makers & set(adds[name]))


def feeds(prepared: Prepared) -> tuple[FeedNeed, ...]:
    """Return goods of which announced plants need more than is made today.

    The least covered, by what is announced and made today, comes first. What no
    announced plant makes is taken to be made on the network's recipe, so that what it is made from
    is needed as well.

    Parameters
    ----------
    prepared : Prepared
        With its plants.
    """
    producer = prepared.alliance.producer
    plants = [plant for plant in prepared.plants if plant.region != producer]
    needed, buyers = _flows(plants, -1.0)
    made, _ = _flows(plants, 1.0)
    stages = {row.code: row.stage for row in prepared.network.commodities}
    for stage in EXPLODED:
        for commodity in [code for code in needed if stages.get(code) == stage]:
            lacking = needed[commodity] - made.get(commodity, 0.0)
            for feed, amount in _recipe_of(prepared.network, commodity, producer).items():
                if lacking > 0:
                    needed[feed] = needed.get(feed, 0.0) + lacking * amount
                    buyers.setdefault(feed, stage)
    today = _today(prepared, producer)
    rows = [
        FeedNeed(code, amount, made.get(code, 0.0), today.get(code, 0.0), buyers[code])
        for code, amount in needed.items()
        if stages.get(code) in TOLD and buyers[code] != stages[code]
    ]
    short = [row for row in rows if row.needed > max(row.today, ROUND_OFF)]
    return tuple(sorted(short, key=lambda row: (row.announced + row.today) / row.needed))


def _flows(plants: list[Plant], sign: float) -> tuple[dict[str, float], dict[str, str]]:
    """Return what plants take (-1) or make (1) at full size, and the stage that does most of it.

    A capacity that can run on several recipes is taken to run on each in equal parts.
    """
    total: dict[str, float] = {}
    by_stage: dict[str, dict[str, float]] = {}
    for plant in plants:
        parts = Counter(line.capacity or line.process for line in plant.lines)
        for line in plant.lines:
            size = line.size / parts[line.capacity or line.process]
            for commodity, amount in line.recipe.items():
                if sign * amount > 0:
                    total[commodity] = total.get(commodity, 0.0) + sign * amount * size
                    own = by_stage.setdefault(commodity, {})
                    own[plant.stage] = own.get(plant.stage, 0.0) + sign * amount * size
    return total, {code: max(own, key=own.__getitem__) for code, own in by_stage.items()}


def _recipe_of(network: SupplyNetwork, commodity: str, producer: str) -> dict[str, float]:
    """Return what a unit of a good is made from, as most of it is made outside the producer."""
    makers = [row for row in network.processes if row.recipe.get(commodity, 0.0) > 0]
    if not makers:
        return {}
    usual = max(makers, key=lambda row: (row.region != producer, row.activity or 0.0))
    return {
        code: -amount / usual.recipe[commodity]
        for code, amount in usual.recipe.items()
        if amount < 0
    }


def _today(prepared: Prepared, producer: str) -> dict[str, float]:
    made: dict[str, float] = {}
    for process in prepared.network.processes:
        if process.region != producer and process.activity:
            for commodity, amount in process.recipe.items():
                if amount > 0:
                    made[commodity] = made.get(commodity, 0.0) + amount * process.activity
    return made
