"""The chain put together: plants, flows and what they leave for the uses."""

from collections import defaultdict
from collections.abc import Iterable

from chain_2024 import demand as d
from chain_2024 import recipes, trade
from chain_2024.plants import PLANTS, Plant
from chain_2024.prices import price_of
from chain_2024.regions import REGIONS


class Chain:
    """The chain as it is put together: flows, demands and what they imply."""

    def __init__(self) -> None:
        self.supply: dict[tuple[str, str], float] = defaultdict(float)
        self.need: dict[tuple[str, str], float] = defaultdict(float)
        self.inflow: dict[tuple[str, str], float] = defaultdict(float)
        for plant in PLANTS:
            self._run(plant)
        official = [*trade.compounds_and_metals(), *trade.special_flows(), *trade.magnets()]
        self.flows = _summed([*official, *trade.leaks(official)])
        for flow in self.flows:
            self.supply[flow.commodity, flow.destination] += flow.tonnes
            self.inflow[flow.commodity, flow.destination] += flow.tonnes
            self.need[flow.commodity, flow.origin] += flow.tonnes
        self.demands = self._demands()

    def _run(self, plant: Plant) -> None:
        for commodity, amount in recipes.recipe(plant.process, plant.region).items():
            side = self.supply if amount > 0 else self.need
            side[commodity, plant.region] += abs(amount) * plant.activity

    def residual(self, commodity: str, region: str) -> float:
        """Supply less what plants and exports take [t/yr]."""
        return self.supply[commodity, region] - self.need[commodity, region]

    def _demands(self) -> list[d.Demand]:
        demands: list[d.Demand] = []
        for commodity, region in self.markets():
            demands += self._demand_of(commodity, region)
        magnets = {
            (region, grade): max(
                self.residual(f"magnet-{grade}", region),
                0.2 * self.inflow[f"magnet-{grade}", region],
            )
            for region in REGIONS
            for grade in ("standard", "heavy")
        }
        return demands + d.magnet_uses(magnets)

    def _demand_of(self, commodity: str, region: str) -> list[d.Demand]:
        kind, _, rest = commodity.partition("-")
        residual = self.residual(commodity, region)
        inflow = self.inflow[commodity, region]
        if rest == "oxide":
            direct = d.oxide_uses(kind, region, residual, inflow)
            return d.merge_small(direct, price_of(commodity, region)[0])
        if commodity == "magnet-SmCo":
            split = d.samarium_cobalt_uses(region, max(residual, 0.2 * inflow))
            return d.merge_small(split, price_of(commodity, region)[0])
        if kind in ("seg", "swarf") and not (kind == "seg" and region == "CHN"):
            stock = round(max(residual, 0.02 * self.supply[commodity, region]), 2)
            note = "assumed: kept or lost, what plants and exports leave"
            return [d.Demand("surplus", region, commodity, stock, "assumed", "E", note)]
        if rest == "metal" and self.need[commodity, region] < 0.5 * inflow:
            note = "assumed: targets and special alloys"
            left = round(max(residual, 0.1), 2)
            return [d.Demand("other", region, commodity, left, "assumed", "E", note)]
        return []

    def markets(self) -> list[tuple[str, str]]:
        """Every (commodity, region) that something supplies."""
        return sorted(market for market, tonnes in self.supply.items() if tonnes > 0)

    def latent(self) -> list[tuple[str, str, str]]:
        """Pairs of regions between which a commodity could move although it hardly did."""
        used: dict[str, dict[str, float]] = defaultdict(dict)
        supplied: dict[str, dict[str, float]] = defaultdict(dict)
        for (commodity, region), tonnes in self.supply.items():
            supplied[commodity][region] = tonnes
        taken = dict(self.need)
        for use in (use for use in self.demands if use.use != "surplus"):
            market = use.commodity, use.region
            taken[market] = taken.get(market, 0.0) + use.tonnes
        for (commodity, region), tonnes in taken.items():
            used[commodity][region] = tonnes
        known = {(f.commodity, f.origin, f.destination) for f in self.flows}
        return trade.latent(supplied, used, known)


def _summed(flows: Iterable[trade.Flow]) -> list[trade.Flow]:
    """One row per route; the first note stands, tonnes add up."""
    kept: dict[tuple[str, str, str, str], trade.Flow] = {}
    for f in flows:
        key = (f.commodity, f.origin, f.destination, f.channel)
        before = kept.get(key)
        if before is None:
            kept[key] = f
            continue
        note = before.note if before.note == f.note else f"{before.note}; and {f.note}"
        grade = max(before.grade, f.grade)
        kept[key] = trade.Flow(
            *key[:3], round(before.tonnes + f.tonnes, 1), before.source, grade, note, f.channel
        )
    return list(kept.values())
