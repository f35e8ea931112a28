"""What licensing offices let through after earlier controls, read from the shipped scenarios."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from monazite.desk.measures.levers import Precedent, lever_table
from monazite.labels import Stage
from monazite.network import SupplyNetwork
from monazite.scenario import Lowered, ScenarioSource, load, lower
from monazite.scenario.lowered import FloatArray, PermitSpec

NetworkOf = Callable[[str], SupplyNetwork]
"""Gives the balanced network of a chain by its name."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """What passed of some goods after an earlier control.

    ``scenarios`` : shipped scenarios that hold it. ``goods`` : goods under the same licences.
    ``shares`` : shares of their base flow, by month since the start; the last one holds on.
    """

    scenarios: tuple[str, ...]
    goods: frozenset[str]
    shares: tuple[float, ...]

    def sources(self) -> tuple[ScenarioSource, ...]:
        """Return the shipped scenarios as sources that a scenario can cite."""
        return tuple(
            ScenarioSource(
                id=name,
                producer="Monazite, shipped scenario",
                title=load(name).title,
                year=int(load(name).start[:4]),
                note="what customs let out after an earlier control",
            )
            for name in self.scenarios
        )

    def by_month(self, months: Iterable[str]) -> dict[str, float]:
        """Lay the shares on months, naming only those in which they change."""
        path: dict[str, float] = {}
        last: float | None = None
        for month, share in zip(months, self.shares, strict=False):
            if share != last:
                path[month] = last = share
        return path


@dataclass(frozen=True, slots=True)
class Experience:
    """Everything that was seen after earlier controls: by good, and on the mean."""

    chain: str
    groups: tuple[Throughput, ...]
    mean: Throughput


Experiences = Callable[[], tuple[Experience, ...]]
"""Gives what was seen after earlier controls, when it is needed."""


def experiences(network_of: NetworkOf) -> tuple[Experience, ...]:
    """Return what the shipped scenarios say, one for each earlier control.

    Parameters
    ----------
    network_of : callable
        Gives the chain of a shipped scenario.
    """
    return tuple(_experience(row, network_of) for row in lever_table().precedents)


def seen_for(
    goods: Iterable[str], chain: str, known: Iterable[Experience]
) -> Iterator[tuple[Throughput, frozenset[str]]]:
    """Split goods by the experience that stands for them.

    A good that was under licence has its own path; others have the mean over the goods of the
    chain's own experience, or over all of them in a chain that has none.
    """
    experiences = tuple(known)
    own = [item for item in experiences if item.chain == chain]
    left = set(goods)
    for group in (group for item in experiences for group in item.groups):
        found = frozenset(group.goods & left)
        left -= found
        if found:
            yield group, found
    if left:
        yield _mean([item.mean for item in own or experiences]), frozenset(left)


def _experience(row: Precedent, network_of: NetworkOf) -> Experience:
    scenario = load(row.scenario)
    lowered = lower(scenario, network_of(scenario.chain))
    flows, passed = _by_good(lowered, row)
    groups = tuple(
        Throughput((row.scenario,), goods, _shares(goods, flows, passed))
        for goods in _together(_licensed(lowered, row))
    )
    stages = {good.code: good.stage for good in lowered.network.commodities}
    raw = [good for good in flows if stages[good] != Stage.MAGNET]
    mean = Throughput((row.scenario,), frozenset(raw), _shares(raw, flows, passed))
    return Experience(scenario.chain, groups, mean)


def _by_good(
    lowered: Lowered, row: Precedent
) -> tuple[Mapping[str, float], Mapping[str, FloatArray]]:
    """Return the base flow of each good under the licence [t/month], and what passed by month."""
    start = lowered.announcements[row.measure - 1].start
    flows: dict[str, float] = defaultdict(float)
    passed: dict[str, FloatArray] = {}
    for permit in _permits(lowered, row):
        share = np.clip(permit.limit[start : start + row.months + 1] / permit.base_flow, 0.0, 1.0)
        for index in permit.routes:
            route = lowered.network.routes[index]
            flow = (route.flow or 0.0) / 12
            flows[route.commodity] += flow
            passed[route.commodity] = passed.get(route.commodity, 0.0) + flow * share
    return {good: flow for good, flow in flows.items() if flow > 0}, passed


def _permits(lowered: Lowered, row: Precedent) -> Iterator[PermitSpec]:
    for permit in lowered.permits:
        is_own = permit.measure_index == row.measure - 1 and not permit.is_reexport
        if is_own and permit.base_flow > 0:
            yield permit


def _licensed(lowered: Lowered, row: Precedent) -> Iterator[frozenset[str]]:
    """Goods with a flow under each permit of the licence."""
    for permit in _permits(lowered, row):
        routes = (lowered.network.routes[index] for index in permit.routes)
        yield frozenset(route.commodity for route in routes if route.flow)


def _together(sets: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Join sets that share a good, so that each good is in one."""
    joined: list[frozenset[str]] = []
    for goods in sets:
        touching = [other for other in joined if other & goods]
        joined = [other for other in joined if not other & goods]
        joined.append(goods.union(*touching))
    return tuple(joined)


def _shares(
    goods: Iterable[str],
    flows: Mapping[str, float],
    passed: Mapping[str, FloatArray],
) -> tuple[float, ...]:
    chosen = list(goods)
    share = sum(passed[good] for good in chosen) / sum(flows[good] for good in chosen)
    return tuple(round(float(value), 3) for value in np.atleast_1d(share))


def _mean(found: list[Throughput]) -> Throughput:
    """Return the mean of several experiences, each counting alike."""
    if len(found) == 1:
        return found[0]
    table = zip(*(item.shares for item in found), strict=True)
    shares = tuple(round(sum(row) / len(row), 3) for row in table)
    goods = frozenset().union(*(item.goods for item in found))
    scenarios = tuple(name for item in found for name in item.scenarios)
    return Throughput(scenarios, goods, shares)
