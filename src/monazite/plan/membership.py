"""Who plans together, and what of the world is whose: plants, shares of output, prices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from monazite.errors import UnknownCodeError
from monazite.indicators.shortage import SURPLUS
from monazite.network import Market, SupplyNetwork
from monazite.plan import terms
from monazite.plan.model import Package
from monazite.plan.programme import PlanProgramme
from monazite.plan.sector import Scale, scale_of

UNKNOWN_COST_SHARE = 0.85
"""Cost of a plant whose cost nobody reports, over the margin that base prices leave outside the
largest producer: it would just about pay."""


def assumed_cost(margin: float) -> float:
    """Return the cost of a line whose cost nobody reports, from its margin at base prices.

    Parameters
    ----------
    margin : float
        Revenue less feed, for a unit of activity [price unit].
    """
    return max(0.0, margin) * UNKNOWN_COST_SHARE


@dataclass(frozen=True, slots=True)
class PlantLine:
    """One thing that a plant does: a recipe and how much of it [t/year of its reference flow].

    ``process`` : name of the recipe. ``recipe`` : t of each good per t, inputs negative.
    ``size`` : full size. ``capacity`` : name of the part of the plant that it runs on; lines of
    one name share its size. ``unit_cost`` : cost beside the inputs [price unit]; None where
    nobody reports it.
    """

    process: str
    recipe: Mapping[str, float]
    size: float
    capacity: str = ""
    unit_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Plant:
    """A project on the network, with all its lines: it comes by itself or is a choice.

    ``region`` : of the network. ``owners`` : whose programmes it belongs to, home first.
    ``is_committed`` : comes by itself. ``start`` : year it is announced for. ``offtake`` : share
    of its output promised to each partner. ``lines`` : what it does. ``capital`` : cost of
    building [money]. ``upkeep`` : fixed cost a year of running [money]. ``build`` : years from
    decision to start. ``ramp`` : share of full output in each year. ``life`` : years. ``success``
    : probability that it comes. ``delay`` : lowest, likeliest and highest slip [years]. ``after``,
    ``needs``, ``group``, ``packages`` : as of a candidate.
    """

    name: str
    region: str
    owners: tuple[str, ...]
    is_committed: bool
    lines: tuple[PlantLine, ...]
    start: int
    stage: str = "other"
    capital: float = 0.0
    upkeep: float = 0.0
    build: int = 0
    ramp: tuple[float, ...] = (1.0,)
    life: float = 20.0
    success: float = 1.0
    delay: tuple[float, float, float] = (0.0, 0.0, 0.0)
    offtake: Mapping[str, float] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    group: str = ""
    packages: tuple[Package, ...] = ()


class Membership:
    """Who plans together, and what of the world is whose.

    Parameters
    ----------
    network : SupplyNetwork
        Balanced, with flows and prices of the base year.
    programme : PlanProgramme
        Who, when and what for.
    plants : tuple of Plant
        Committed ones and candidates.
    partners : tuple of str
        All who might plan together; the programme's if left out.

    Raises
    ------
    UnknownCodeError
        If a partner is no region of the network.
    UnitError
        If price times quantity is not the programme's money.
    """

    def __init__(
        self,
        network: SupplyNetwork,
        programme: PlanProgramme,
        plants: tuple[Plant, ...] = (),
        partners: tuple[str, ...] = (),
    ) -> None:
        self.network, self.programme = network, programme
        self.partners = partners or programme.partners
        for partner in self.partners:
            if partner not in network.regions():
                raise UnknownCodeError("partner", partner, network.regions(), where="partners")
        self.plants = plants
        self.scale: Scale = scale_of(network, programme)
        self._prices: dict[Market, float] = {}

    # -- what everybody shares -----------------------------------------------------------

    @cached_property
    def use_of(self) -> dict[Market, float]:
        """What each region takes of each good in the base year [a year]: plants and end uses."""
        taken: dict[Market, float] = {}
        for use in self.network.uses:
            if use.name != SURPLUS:
                market = (use.commodity, use.region)
                taken[market] = taken.get(market, 0.0) + use.demand
        for process in self.network.processes:
            for commodity, amount in process.recipe.items():
                if amount < 0 and process.activity:
                    market = (commodity, process.region)
                    taken[market] = taken.get(market, 0.0) - amount * process.activity
        return taken

    @cached_property
    def producer(self) -> str:
        """The region that makes most, by value at base prices."""
        made: dict[str, float] = {}
        for process in self.network.processes:
            for commodity, amount in process.recipe.items():
                if amount > 0 and process.activity:
                    price = self.network.base_price((commodity, process.region))
                    value = amount * process.activity * price
                    made[process.region] = made.get(process.region, 0.0) + value
        return max(made, key=lambda region: made[region]) if made else ""

    def demand_share(self, partner: str, commodity: str) -> float:
        """Return a partner's part of the use of a good outside the largest producer."""
        everyone = sum(
            amount
            for (code, region), amount in self.use_of.items()
            if code == commodity and region != self.producer
        )
        return self.use_of.get((commodity, partner), 0.0) / everyone if everyone > 0 else 0.0

    def owner(self, plant: Plant) -> str:
        """Return the partner whose programme a plant belongs to.

        The partner on whose ground it stands; else its own partner where that one plans along;
        else the partner that uses most of what it makes, by value: somebody has to be asked.
        """
        for owner in (plant.region, *plant.owners):
            if owner in self.partners:
                return owner
        return max(self.partners, key=lambda partner: (self._interest(plant, partner), partner))

    def _interest(self, plant: Plant, partner: str) -> float:
        return sum(
            self.use_of.get((commodity, partner), 0.0) * self.price(commodity, partner)
            for line in plant.lines
            for commodity, amount in line.recipe.items()
            if amount > 0
        )

    def price(self, commodity: str, region: str) -> float:
        """Return the base price of a good in a region, in the network's price unit."""
        key = (commodity, region)
        if key not in self._prices:
            self._prices[key] = terms.price_of(self.network, commodity, region, self._recipes)
        return self._prices[key]

    @cached_property
    def _recipes(self) -> tuple[Mapping[str, float], ...]:
        return tuple(line.recipe for plant in self.plants for line in plant.lines)

    def share_of(self, plant: Plant, coalition: tuple[str, ...]) -> float:
        """Return the part of a plant's output that some partners can count on.

        All of a plant on their ground. Of others: what is promised to them; beyond that, of a
        supported one the offtake share, of one that comes by itself their share of demand.
        """
        if plant.region in coalition:
            return 1.0
        if plant.region in self.partners:
            return 0.0
        if not plant.is_committed:
            promised = sum(plant.offtake.get(partner, 0.0) for partner in self.partners)
            return min(1.0, max(promised, self.programme.access.offtake_share))
        promised = sum(plant.offtake.get(partner, 0.0) for partner in coalition)
        if promised or any(plant.offtake.get(partner) for partner in self.partners):
            return min(1.0, promised)
        return min(1.0, sum(self._market_share(plant, partner) for partner in coalition))

    def _market_share(self, plant: Plant, partner: str) -> float:
        chosen = self.programme.access.market_share
        if chosen is not None:
            return chosen / len(self.partners)
        made = {c: a for line in plant.lines for c, a in line.recipe.items() if a > 0}
        value = {c: a * self.price(c, partner) for c, a in made.items()}
        total = sum(value.values())
        return sum(v / total * self.demand_share(partner, c) for c, v in value.items() if total)
