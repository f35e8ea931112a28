"""Small balanced chains with joint production, for tests of the market; all figures invented."""

import numpy as np

from monazite.network import (
    BasePrice,
    Commodity,
    Holder,
    Process,
    Route,
    Rung,
    SupplyNetwork,
    Use,
)
from monazite.newton import FloatArray

REGIONS = ("AAA", "BBB", "CCC")
GOODS = ("ore", "light", "heavy", "metal")
RUNGS = (Rung(0.3, 3.0), Rung(0.35, 8.0), Rung(0.25, 20.0))


def chain(seed: int = 0) -> SupplyNetwork:
    """One ore, two joint oxides, a metal of the heavy one, three regions, all routes.

    What a region makes of a good is partly shipped; a part of what it then has goes to the next
    stage, and users take the rest, so every market balances.
    """
    return _Chain(np.random.default_rng(seed)).network()


class _Chain:
    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        level = {"ore": 5.0, "light": 3.0, "heavy": 150.0, "metal": 260.0}
        self.price = {
            (good, region): level[good] * float(random.uniform(0.9, 1.1))
            for good in GOODS
            for region in REGIONS
        }
        self.processes: list[Process] = []
        self.routes: list[Route] = []
        self.uses: list[Use] = []
        self.holders: list[Holder] = []

    def network(self) -> SupplyNetwork:
        ore = self.random.uniform(500.0, 5000.0, 3)
        self._run("mine", "ore", {"ore": 1.0}, ore)
        separated = 0.8 * self._trade("ore", ore, taken=0.8)
        share = float(self.random.uniform(0.7, 0.9))
        recipe = {"ore": -1.0, "light": share, "heavy": 0.95 - share}
        self._run("separation", "separation", recipe, separated)
        self._trade("light", share * separated, taken=0.0)
        heavy = self._trade("heavy", (0.95 - share) * separated, taken=0.5)
        self._run("reduction", "metal", {"heavy": -1.25, "metal": 1.0}, 0.5 * heavy / 1.25)
        self._trade("metal", 0.5 * heavy / 1.25, taken=0.0)
        return SupplyNetwork(
            "chain",
            tuple(Commodity(good) for good in GOODS),
            tuple(self.processes),
            tuple(self.routes),
            tuple(self.uses),
            tuple(self.holders),
            base_prices=tuple(BasePrice(g, r, p) for (g, r), p in self.price.items()),
        )

    def _run(self, name: str, stage: str, recipe: dict[str, float], activity: FloatArray) -> None:
        for region, amount in zip(REGIONS, activity.tolist(), strict=True):
            capacity = amount / float(self.random.uniform(0.6, 0.95))
            self.processes.append(Process(name, region, recipe, capacity, amount, stage=stage))

    def _trade(self, good: str, supply: FloatArray, *, taken: float) -> FloatArray:
        """Ship a part, let users take what the next stage leaves; return what is there."""
        flow = supply[:, None] * self.random.uniform(0.02, 0.25, (3, 3))
        np.fill_diagonal(flow, 0.0)
        available = np.asarray(supply - flow.sum(axis=1) + flow.sum(axis=0))
        for i, j in zip(*np.nonzero(flow), strict=True):
            self.routes.append(Route(good, REGIONS[i], REGIONS[j], float(flow[i, j])))
        for region, amount in zip(REGIONS, available.tolist(), strict=True):
            elasticity = float(self.random.choice([0.2, 0.7, 1.0, 1.3]))
            demand = (1.0 - taken) * amount
            self.uses.append(Use("any", region, good, demand, elasticity, RUNGS))
            self.holders.append(Holder(good, region, amount / 24.0))
        return available
