"""Random networks of any size: joint production, trade, a base year balanced by construction.

Four stages: ores, oxides (each ore is separated into several at once), metals, magnets. Every
region mines, refines and uses everything, the first region most of it. Stage by stage, what a
region makes is partly sent along random routes; of what it then has, plants of the next stage
take a part and users the rest. So every market balances at prices that are known beforehand.
"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np

from monazite.network import (
    BasePrice,
    Commodity,
    CoverClass,
    Holder,
    Process,
    Route,
    Rung,
    SupplyNetwork,
    Use,
)
from monazite.newton import FloatArray, IndexArray

RUNGS = (Rung(0.30, 3.0), Rung(0.35, 8.0), Rung(0.25, 20.0))
COVER = (
    CoverClass("just-in-time", 0.3, 0.5),
    CoverClass("normal", 0.4, 1.5),
    CoverClass("deep", 0.3, 3.0),
)
OXIDES_OF_AN_ORE = 5
PLANTS_TAKE = 0.7
"""Share of a market's supply that the next stage takes; users take the rest."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a network is: ``commodities * regions`` markets, ``routes`` out of each."""

    commodities: int
    regions: int
    routes: int = 15

    @property
    def markets(self) -> int:
        """Number of spot markets."""
        return self.commodities * self.regions


SIZES = {300: Size(15, 20), 1200: Size(40, 30), 5000: Size(100, 50)}
"""By number of markets; 1,200 markets and 18,000 routes is the headline."""
CHAIN = Size(40, 15, 6)
"""About as large as a real chain: 600 markets, 3,600 routes."""


def synthetic(size: Size, *, seed: int = 2024, cover: bool = False) -> SupplyNetwork:
    """Make a balanced network.

    Parameters
    ----------
    size : Size
        Commodities, regions and routes a market.
    seed : int
        Of the random numbers.
    cover : bool
        Whether users hold stock of their own, in three cover classes.
    """
    builder = _Builder(size, np.random.default_rng(seed), cover=cover)
    builder.mine()
    for stage in STAGES:
        builder.trade_and_use(stage)
    return builder.network()


STAGES = ("ore", "separation", "metal", "magnet")


@dataclass(frozen=True, slots=True)
class _Plant:
    """A recipe that every region runs; ``stage`` is that of its outputs."""

    name: str
    stage: str
    recipe: dict[str, float]


@dataclass(slots=True)
class _Commodity:
    code: str
    stage: str
    price: float
    supply: FloatArray = field(default_factory=lambda: np.zeros(0))


class _Builder:
    def __init__(self, size: Size, random: np.random.Generator, *, cover: bool) -> None:
        self.size, self.random, self.cover = size, random, cover
        self.regions = [f"R{r:02d}" for r in range(size.regions)]
        self.goods: dict[str, _Commodity] = {}
        self.plants: list[_Plant] = []
        self._recipes()
        self.markup = np.exp(0.03 * random.normal(size=(len(self.goods), size.regions)))
        self.processes: list[Process] = []
        self.routes: list[Route] = []
        self.uses: list[Use] = []
        self.holders: list[Holder] = []

    # -- what is made of what; prices follow from costs -----------------------------------------

    def _recipes(self) -> None:
        fifth = max(1, self.size.commodities // 5)
        tenth = max(1, self.size.commodities // 10)
        oxides = [f"oxide-{i}" for i in range(self.size.commodities - 2 * fifth - tenth)]
        for oxide in oxides:
            self._add(oxide, "separation", float(30.0 * self.random.lognormal(0.0, 1.2)))
        ores = [self._separation(f"ore-{i}", oxides, i, fifth) for i in range(fifth)]
        metals = [self._reduction(f"metal-{i}", oxides[i % len(oxides)]) for i in range(fifth)]
        for i in range(tenth):
            self._magnet(f"magnet-{i}", metals[2 * i % fifth], metals[(2 * i + 1) % fifth])
        self.goods = {code: self.goods[code] for code in sorted(self.goods)}
        self.ores = ores

    def _add(self, code: str, stage: str, price: float) -> None:
        self.goods[code] = _Commodity(code, stage, price, np.zeros(self.size.regions))

    def _separation(self, ore: str, oxides: list[str], i: int, ores: int) -> str:
        """Each ore yields its own share of the oxides, and some that others yield too."""
        own = oxides[i::ores]
        shared = [o for o in oxides if o not in own]
        count = min(max(OXIDES_OF_AN_ORE - len(own), 1), len(shared))
        outputs = own + list(self.random.choice(shared, count, replace=False))
        basket = 0.9 * self.random.dirichlet(np.full(len(outputs), 3.0))
        value = sum(self.goods[o].price * b for o, b in zip(outputs, basket, strict=True))
        self._add(ore, "ore", 0.6 * value)
        recipe = {ore: -1.0} | dict(zip(outputs, basket.tolist(), strict=True))
        self.plants.append(_Plant(f"separation-{ore}", "separation", recipe))
        return ore

    def _reduction(self, metal: str, oxide: str) -> str:
        self._add(metal, "metal", 1.3 * 1.25 * self.goods[oxide].price)
        self.plants.append(_Plant(f"reduction-{metal}", "metal", {oxide: -1.25, metal: 1.0}))
        return metal

    def _magnet(self, magnet: str, main: str, dopant: str) -> None:
        recipe = {main: -0.30} | ({dopant: -0.02} if dopant != main else {})
        inputs = sum(-amount * self.goods[code].price for code, amount in recipe.items())
        self._add(magnet, "magnet", 1.5 * inputs + 10.0)
        self.plants.append(_Plant(f"magnet-making-{magnet}", "magnet", recipe | {magnet: 1.0}))

    # -- quantities, stage by stage --------------------------------------------------------------

    def mine(self) -> None:
        """Mine every ore everywhere, most of it in the first region."""
        for ore in self.ores:
            rest = self.random.lognormal(0.0, 1.0, self.size.regions)
            rest[0] = 1.5 * rest[1:].sum()
            output = 1e5 * self.random.lognormal(0.0, 0.7) * rest / rest.sum()
            self._run(_Plant(f"mine-{ore}", "ore", {ore: 1.0}), output)

    def trade_and_use(self, stage: str) -> None:
        """Ship the commodities of a stage, refine a part, use the rest."""
        available = {
            code: self._trade(code) for code, good in self.goods.items() if good.stage == stage
        }
        taken = self._refine(available)
        for code, amount in available.items():
            self._use(code, amount, amount - taken[code])

    def _run(self, plant: _Plant, activity: FloatArray) -> None:
        utilisation = self.random.uniform(0.7, 0.95, self.size.regions)
        for region, amount, share in zip(self.regions, activity, utilisation, strict=True):
            self.processes.append(
                Process(
                    plant.name,
                    region,
                    plant.recipe,
                    capacity=float(amount / share),
                    activity=float(amount),
                    stage=plant.stage,
                )
            )
        for code, coefficient in plant.recipe.items():
            if coefficient > 0:
                self.goods[code].supply += coefficient * activity

    def _trade(self, code: str) -> FloatArray:
        """Send a part of what each region has along its routes; return what it then has."""
        supply, regions = self.goods[code].supply, self.size.regions
        flow = np.zeros((regions, regions))
        for origin in range(regions):
            targets = self._destinations(origin)
            weights = self.random.lognormal(0.0, 1.2, len(targets))
            sent = supply[origin] * (0.5 if origin == 0 else 0.25)
            flow[origin, targets] = sent * weights / weights.sum()
        self.routes.extend(
            Route(code, self.regions[i], self.regions[j], float(flow[i, j]))
            for i, j in zip(*np.nonzero(flow), strict=True)
        )
        return np.asarray(supply - flow.sum(axis=1) + flow.sum(axis=0))

    def _destinations(self, origin: int) -> IndexArray:
        others = np.delete(np.arange(self.size.regions), origin)
        count = min(self.size.routes, len(others))
        return np.sort(self.random.choice(others, count, replace=False))

    def _refine(self, available: dict[str, FloatArray]) -> dict[str, FloatArray]:
        """Run the plants that take these commodities; return what they take."""
        taken = {code: np.zeros(self.size.regions) for code in available}
        plants = [p for p in self.plants if any(code in p.recipe for code in self._inputs(p))]
        plants = [p for p in plants if all(code in available for code in self._inputs(p))]
        takers = {code: sum(code in self._inputs(p) for p in plants) for code in available}
        for plant in plants:
            inputs = self._inputs(plant)
            limits = [
                PLANTS_TAKE * available[code] / takers[code] / need for code, need in inputs.items()
            ]
            activity = np.min(limits, axis=0)
            self._run(plant, activity)
            for code, need in inputs.items():
                taken[code] += need * activity
        return taken

    def _inputs(self, plant: _Plant) -> dict[str, float]:
        return {code: -amount for code, amount in plant.recipe.items() if amount < 0}

    def _use(self, code: str, available: FloatArray, rest: FloatArray) -> None:
        cover = COVER if self.cover else ()
        elasticity = self.random.uniform(0.1, 0.5, self.size.regions)
        for r, region in enumerate(self.regions):
            self.uses.append(
                Use("any", region, code, float(rest[r]), float(elasticity[r]), RUNGS, cover)
            )
            self.holders.append(Holder(code, region, float(available[r]) / 12.0))

    def network(self) -> SupplyNetwork:
        """Put everything together."""
        goods = list(self.goods.values())
        prices = [
            BasePrice(good.code, region, float(good.price * self.markup[k, r]))
            for (k, good), (r, region) in product(enumerate(goods), enumerate(self.regions))
        ]
        return SupplyNetwork(
            name=f"synthetic-{self.size.markets}",
            commodities=tuple(Commodity(good.code, stage=good.stage) for good in goods),
            processes=tuple(self.processes),
            routes=tuple(self.routes),
            uses=tuple(self.uses),
            holders=tuple(self.holders),
            base_prices=tuple(prices),
        )
