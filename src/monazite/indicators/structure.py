"""Who makes, moves and uses what in a year: concentration, N-1 coverage and import reliance.

Shares, the HHI and reliance are fractions: an HHI of 1 is a single supplier, ``1/n`` means n
equal ones (the scale of 10,000 points is not used).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np

from monazite.errors import InputError
from monazite.indicators.rows import FieldUnit
from monazite.labels import Stage
from monazite.network import Commodity, SupplyNetwork
from monazite.newton import FloatArray
from monazite.trajectory import Trajectory

STAGES = tuple(Stage)
"""Stages in the order of the chain."""


@dataclass(frozen=True)
class Snapshot:
    """A year of the network, commodity (C) by region (N), in t/year of each commodity's basis.

    ``production, process_use, end_use, imports, exports`` : (C, N). ``activity`` : (P) and
    ``flow`` : (R) in t/year, in the network's order.
    """

    network: SupplyNetwork
    regions: tuple[str, ...]
    activity: FloatArray
    flow: FloatArray
    production: FloatArray
    process_use: FloatArray
    end_use: FloatArray
    imports: FloatArray
    exports: FloatArray

    @property
    def consumption(self) -> FloatArray:
        """Use by processes and end uses (C, N) [t/year]."""
        return self.process_use + self.end_use

    @classmethod
    def base(cls, network: SupplyNetwork) -> Self:
        """Return the base year of a network; what it does not state counts as nothing."""
        activity = np.array([process.activity or 0.0 for process in network.processes])
        flow = np.array([route.flow or 0.0 for route in network.routes])
        used = [(use.commodity, use.region, use.demand) for use in network.uses]
        return cls._of(network, activity, flow, used)

    @classmethod
    def during(cls, trajectory: Trajectory, first: int = 0, stop: int | None = None) -> Self:
        """Return the mean of the months ``first`` to ``stop`` (excluded) as a year, over draws."""
        window = slice(first, stop)
        served = 12 * trajectory.served[:, window].mean(axis=(0, 1))
        used = [
            (group.commodity, group.region, float(quantity))
            for group, quantity in zip(trajectory.groups, served, strict=True)
        ]
        return cls._of(
            trajectory.network,
            12 * trajectory.activity[:, window].mean(axis=(0, 1)),
            12 * trajectory.flow[:, window].mean(axis=(0, 1)),
            used,
        )

    @classmethod
    def _of(
        cls,
        network: SupplyNetwork,
        activity: FloatArray,
        flow: FloatArray,
        used: Iterable[tuple[str, str, float]],
    ) -> Self:
        regions = _regions(network)
        rows = {item.code: index for index, item in enumerate(network.commodities)}
        columns = {region: index for index, region in enumerate(regions)}
        made, fed, ended, came, left = np.zeros((5, len(rows), len(columns)))
        for process, level in zip(network.processes, activity, strict=True):
            for code, coefficient in process.recipe.items():
                target = made if coefficient > 0 else fed
                target[rows[code], columns[process.region]] += abs(coefficient) * level
        for route, quantity in zip(network.routes, flow, strict=True):
            came[rows[route.commodity], columns[route.destination]] += quantity
            left[rows[route.commodity], columns[route.origin]] += quantity
        for code, region, quantity in used:
            ended[rows[code], columns[region]] += quantity
        return cls(network, regions, activity, flow, made, fed, ended, came, left)


def _regions(network: SupplyNetwork) -> tuple[str, ...]:
    named = {process.region for process in network.processes}
    named |= {use.region for use in network.uses}
    for route in network.routes:
        named |= {route.origin, route.destination}
    return tuple(sorted(named))


def content(commodity: Commodity, elements: Sequence[str] = ()) -> float:
    """Return t of the elements in one t of the commodity; 1 where no element is asked for."""
    if not elements:
        return 1.0
    return sum(commodity.elements.get(element, 0.0) for element in elements)


def herfindahl(quantities: FloatArray) -> float:
    """Return the Herfindahl-Hirschman index of suppliers' quantities, 1/n to 1 [fraction].

    Raises
    ------
    InputError
        If a quantity is negative or all are zero.
    """
    return float(weighted_herfindahl(_shares(quantities)))


def weighted_herfindahl(
    quantities: FloatArray, weights: FloatArray | float = 1.0, axis: int = -1
) -> FloatArray:
    """Return the sum of squared shares times weights along an axis, for many cells at once.

    Parameters
    ----------
    quantities : FloatArray
        Of each supplier along `axis`; NaN where not known. Never negative.
    weights : FloatArray or float
        Of each supplier, in a shape that broadcasts; 1 gives the Herfindahl-Hirschman index.
        The weight of a supplier of nothing is not looked at and may be NaN.
    axis : int
        Where the suppliers are.

    Returns
    -------
    FloatArray
        NaN where a quantity is NaN, a weight that counts is NaN, or all quantities are zero.
    """
    total = quantities.sum(axis=axis, keepdims=True)
    shares = np.full_like(quantities, np.nan)
    np.divide(quantities, total, out=shares, where=total > 0)
    weighed = np.where(quantities == 0, 0.0, weights) * shares**2
    return np.asarray(weighed.sum(axis=axis), dtype=np.float64)


def top_share(quantities: FloatArray, count: int = 3) -> float:
    """Return the share of the `count` largest suppliers [fraction].

    Raises
    ------
    InputError
        If a quantity is negative or all are zero.
    """
    return float(np.sort(_shares(quantities))[::-1][:count].sum())


def _shares(quantities: FloatArray) -> FloatArray:
    total = quantities.sum()
    if np.any(quantities < 0) or not total > 0:
        raise InputError(
            "shares need quantities that are not negative and not all zero",
            way_out="leave out commodities that nobody makes",
        )
    return np.asarray(quantities / total, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Concentration:
    """How few suppliers a commodity or a stage has.

    ``production`` : of everybody [t/year]. ``hhi`` : sum of squared shares [0 to 1].
    ``top3_share``, ``largest_share`` : of the three largest regions and of the largest
    [fraction]. ``n1_coverage`` : supply without the largest supplier over all demand.
    ``n1_coverage_outside`` : the same over the demand outside the largest supplier; None
    where there is none.
    ``shares`` : region and its share of production, largest first.
    """

    stage: str
    commodity: str
    production: Annotated[float, FieldUnit("t/year")]
    hhi: Annotated[float, FieldUnit("fraction")]
    top3_share: Annotated[float, FieldUnit("fraction")]
    largest_region: str
    largest_share: Annotated[float, FieldUnit("fraction")]
    n1_coverage: Annotated[float | None, FieldUnit("fraction")]
    n1_coverage_outside: Annotated[float | None, FieldUnit("fraction")]
    shares: Annotated[tuple[tuple[str, float], ...], FieldUnit("fraction")]


def concentration(snapshot: Snapshot) -> tuple[Concentration, ...]:
    """Return one row per commodity that somebody makes, in the order of the chain."""
    rows = [
        _concentration(snapshot, item.stage, item.code, made, used)
        for item, made, used in zip(
            snapshot.network.commodities, snapshot.production, snapshot.consumption, strict=True
        )
        if made.sum() > 0
    ]
    return tuple(sorted(rows, key=lambda row: _stage_rank(row.stage)))


def stage_concentration(
    snapshot: Snapshot, elements: Sequence[str] = ()
) -> tuple[Concentration, ...]:
    """Return one row per stage, counting t of the named elements contained (all mass if none).

    A commodity that is worked up within its stage (mixed concentrate on its way to separated
    oxides) is left out, and each process counts with what it adds to the stage, so nothing
    is counted twice.
    """
    rows = []
    for stage in STAGES:
        weights = _stage_weights(snapshot.network, stage, elements)
        made, used = _stage_supply(snapshot, weights), weights @ snapshot.consumption
        if made.sum() > 0:
            rows.append(_concentration(snapshot, stage, "*", made, used))
    return tuple(rows)


def _stage_weights(network: SupplyNetwork, stage: str, elements: Sequence[str]) -> FloatArray:
    stage_of = {item.code: item.stage for item in network.commodities}
    inner: set[str] = set()
    for process in network.processes:
        outputs = [code for code, amount in process.recipe.items() if amount > 0]
        if outputs and all(stage_of[code] == stage for code in outputs):
            inner |= {code for code, amount in process.recipe.items() if amount < 0}
    return np.array(
        [
            content(item, elements) if item.stage == stage and item.code not in inner else 0.0
            for item in network.commodities
        ]
    )


def _stage_supply(snapshot: Snapshot, weights: FloatArray) -> FloatArray:
    network = snapshot.network
    weight = {item.code: w for item, w in zip(network.commodities, weights, strict=True)}
    made = dict.fromkeys(snapshot.regions, 0.0)
    for process, level in zip(network.processes, snapshot.activity, strict=True):
        added = sum(amount * weight[code] for code, amount in process.recipe.items())
        made[process.region] += max(added, 0.0) * level
    return np.array([made[region] for region in snapshot.regions])


def _concentration(
    snapshot: Snapshot, stage: str, commodity: str, made: FloatArray, used: FloatArray
) -> Concentration:
    shares = _shares(made)
    order = np.argsort(-shares, kind="stable")
    largest = int(order[0])
    rest, demand = float(made.sum() - made[largest]), float(used.sum())
    outside = demand - float(used[largest])
    return Concentration(
        stage=stage,
        commodity=commodity,
        production=float(made.sum()),
        hhi=herfindahl(made),
        top3_share=top_share(made),
        largest_region=snapshot.regions[largest],
        largest_share=float(shares[largest]),
        n1_coverage=rest / demand if demand > 0 else None,
        n1_coverage_outside=rest / outside if outside > 1e-9 * demand else None,
        shares=tuple((snapshot.regions[i], float(shares[i])) for i in order if shares[i] > 0),
    )


def _stage_rank(stage: str) -> int:
    return STAGES.index(Stage(stage)) if stage in STAGES else len(STAGES)


@dataclass(frozen=True, slots=True)
class Reliance:
    """Net imports over apparent consumption (production + imports - exports) of a region.

    ``net_import_reliance`` : negative for a net exporter; None where nothing is consumed.
    ``commodity`` : a code, or an element for the reliance embodied in the whole chain.
    """

    region: str
    commodity: str
    production: Annotated[float, FieldUnit("t/year")]
    imports: Annotated[float, FieldUnit("t/year")]
    exports: Annotated[float, FieldUnit("t/year")]
    net_import_reliance: Annotated[float | None, FieldUnit("fraction")]


def reliance(snapshot: Snapshot) -> tuple[Reliance, ...]:
    """Return one row per commodity and region that makes, imports or exports it."""
    return tuple(
        _reliance(region, item.code, *map(float, figures))
        for item, *table in zip(
            snapshot.network.commodities,
            snapshot.production,
            snapshot.imports,
            snapshot.exports,
            strict=True,
        )
        for region, *figures in zip(snapshot.regions, *table, strict=True)
        if any(figure > 0 for figure in figures)
    )


def embodied_reliance(snapshot: Snapshot, element: str) -> tuple[Reliance, ...]:
    """Return one row per region for t of an element in all commodities that cross borders.

    Production is what processes add to the element's stock in goods: mines and recyclers.
    """
    network = snapshot.network
    inside = np.array([content(item, (element,)) for item in network.commodities])
    per_code = {item.code: w for item, w in zip(network.commodities, inside, strict=True)}
    primary = dict.fromkeys(snapshot.regions, 0.0)
    for process, level in zip(network.processes, snapshot.activity, strict=True):
        added = sum(amount * per_code[code] for code, amount in process.recipe.items())
        primary[process.region] += max(added, 0.0) * level
    imports, exports = inside @ snapshot.imports, inside @ snapshot.exports
    return tuple(
        _reliance(region, element, primary[region], float(imports[i]), float(exports[i]))
        for i, region in enumerate(snapshot.regions)
        if primary[region] > 0 or imports[i] > 0
    )


def _reliance(
    region: str, commodity: str, production: float, imports: float, exports: float
) -> Reliance:
    consumption = production + imports - exports
    meaningful = consumption > 1e-9 * (production + imports)
    value = (imports - exports) / consumption if meaningful else None
    return Reliance(region, commodity, production, imports, exports, value)
