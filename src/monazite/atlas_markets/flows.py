"""From official output and trade to figures that a market of few regions can hold.

Small countries join the rest of the world, flows that hardly count are dropped, nobody ships more
than it has, and ore reaches every refinery. All that is done is noted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monazite.atlas_markets.figures import OTHERS, Flow

SCALING_ROUNDS = 200
TOLERANCE = 1e-9
NOTED = 0.01
"""Cut of a country's exports from which it is noted."""


@dataclass(slots=True)
class Tidied:
    """Output and flows of a stage among the regions of its market.

    ``made`` : output by region, ``flows`` : by exporter and importer, ``filling`` : those of the
    flows that no source tells [t/year, or the unit of the mineral]. ``dropped`` : share of the
    flows that was too small to keep. ``scaled`` : what is left of the exports of a region that
    shipped more than it had. ``filled`` : share of the ore that travels by routes that no source
    tells.
    """

    made: dict[str, float]
    flows: dict[Flow, float]
    dropped: float = 0.0
    scaled: dict[str, float] = field(default_factory=dict)
    filled: float = 0.0
    filling: set[Flow] = field(default_factory=set)

    def imports(self, region: str) -> float:
        """Return what a region gets from others."""
        return sum(amount for (_, buyer), amount in self.flows.items() if buyer == region)

    def exports(self, region: str) -> float:
        """Return what a region ships to others."""
        return sum(amount for (seller, _), amount in self.flows.items() if seller == region)

    def left(self, region: str) -> float:
        """Return what stays in a region: output and imports less exports."""
        return self.made.get(region, 0.0) + self.imports(region) - self.exports(region)

    def regions(self) -> set[str]:
        """Return the regions that make, ship or get anything."""
        return {*self.made, *(region for flow in self.flows for region in flow)}


def main_regions(
    stages: Iterable[tuple[Mapping[str, float], Mapping[Flow, float]]],
    least_share: float,
    always: frozenset[str],
) -> frozenset[str]:
    """Return the regions that make or trade a share of the world's output at some stage."""
    found = set(always)
    for made, flows in stages:
        least = least_share * sum(made.values())
        passed: dict[str, float] = {}
        for flow, amount in flows.items():
            for region in flow:
                passed[region] = passed.get(region, 0.0) + amount
        found |= {region for region, amount in made.items() if amount > least}
        found |= {region for region, amount in passed.items() if amount > 2 * least}
    return frozenset(found - {OTHERS})


def tidied(
    made: Mapping[str, float], flows: Mapping[Flow, float], kept: frozenset[str], least_flow: float
) -> Tidied:
    """Join small countries in the rest of the world and drop the smallest flows."""
    joined: dict[str, float] = {}
    for region, amount in made.items():
        place = region if region in kept else OTHERS
        joined[place] = joined.get(place, 0.0) + amount
    moved: dict[Flow, float] = {}
    for (seller, buyer), amount in flows.items():
        flow = seller if seller in kept else OTHERS, buyer if buyer in kept else OTHERS
        if flow[0] != flow[1]:
            moved[flow] = moved.get(flow, 0.0) + amount
    total, least = sum(moved.values()), least_flow * sum(made.values())
    main = {flow: amount for flow, amount in moved.items() if amount > least}
    dropped = 1.0 - sum(main.values()) / total if total > 0 else 0.0
    return Tidied(joined, main, dropped)


def scale_exports(stage: Tidied, most_exported: float) -> None:
    """Cut the exports of regions that ship more than a share of what they make and import."""
    factor = dict.fromkeys(sorted(stage.regions()), 1.0)
    for _ in range(SCALING_ROUNDS):
        worst = 0.0
        for region in sorted(factor):
            has = most_exported * (stage.made.get(region, 0.0) + stage.imports(region))
            out = stage.exports(region)
            if out <= has * (1 + TOLERANCE):
                continue
            cut = has / out
            worst = max(worst, 1 - cut)
            factor[region] *= cut
            for flow in [flow for flow in stage.flows if flow[0] == region]:
                stage.flows[flow] *= cut
        if worst < TOLERANCE:
            break
    stage.flows = {flow: amount for flow, amount in stage.flows.items() if amount > 0}
    stage.scaled = {region: left for region, left in factor.items() if left < 1 - NOTED}


def fill(stage: Tidied, need: Mapping[str, float]) -> None:
    """Bring ore from where it is left over to where refineries lack it.

    Parameters
    ----------
    stage : Tidied
        Of the ore.
    need : mapping of str to float
        What the refineries of each region take; its sum is the output of the world.

    Notes
    -----
    In proportion to what is left over and what is lacking: no source tells whose ore it is.
    """
    over = {
        region: stage.left(region) - need.get(region, 0.0)
        for region in sorted({*stage.regions(), *need})
    }
    spare = {region: amount for region, amount in over.items() if amount > 0}
    lack = {region: -amount for region, amount in over.items() if amount < 0}
    total = sum(lack.values())
    if total <= 0:
        return
    world = sum(stage.made.values())
    for seller, amount in spare.items():
        for buyer, short in lack.items():
            moved = amount * short / total
            if moved > TOLERANCE * world:
                if (seller, buyer) not in stage.flows:
                    stage.filling.add((seller, buyer))
                stage.flows[seller, buyer] = stage.flows.get((seller, buyer), 0.0) + moved
    stage.filled = total / world
