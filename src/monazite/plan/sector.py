"""A whole network as one planner's: every plant, shipment and demand is inside.

This is how published models of sector investment are stated, and what an alliance is where it
holds all regions. Beside the network's folder, three tables may say what a network does not
know: productive units that several processes share, duties, and limits on resources.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from monazite.errors import NetworkError, TableError, UnknownCodeError
from monazite.network import Market, Process, Route, SupplyNetwork, Use
from monazite.newton import FloatArray
from monazite.plan import terms
from monazite.plan.model import (
    Activity,
    BuildCandidate,
    BuildLimit,
    Capacity,
    ChanceOutcome,
    Consequence,
    CostLine,
    Demand,
    JointLimit,
    PlanningModel,
    Step,
    Uncertainty,
)
from monazite.plan.programme import PlanProgramme
from monazite.plan.sheets import ChanceRow, Duty, Resource, SectorTables, Spot


@dataclass(frozen=True, slots=True)
class Scale:
    """What turns the network's figures into the programme's.

    ``money`` : money for one unit of price on one unit of quantity. ``steps`` : of the horizon.
    """

    money: float
    steps: tuple[Step, ...]

    def same(self, value: float) -> FloatArray:
        """Return a figure that is the same in every step."""
        return np.full(len(self.steps), value)


def scale_of(network: SupplyNetwork, programme: PlanProgramme) -> Scale:
    """Return the scale of a programme on a network.

    Raises
    ------
    UnitError
        If price times quantity is not the programme's money.
    """
    money = terms.money_a_unit(network, programme.money)
    return Scale(money, terms.steps(programme.horizon, programme.money))


def capacity_name(process: str, region: str) -> str:
    """Return what a process's own capacity is called."""
    return f"{process} in {region}"


def whole(
    network: SupplyNetwork,
    programme: PlanProgramme,
    candidates: tuple[BuildCandidate, ...] = (),
    tables: SectorTables | None = None,
) -> PlanningModel:
    """Return the planning model of a whole network.

    Parameters
    ----------
    network : SupplyNetwork
        Every region is inside.
    programme : PlanProgramme
        Horizon, money, growth.
    candidates : tuple of BuildCandidate
        What can be built; each adds to capacities named ``process in region`` or to units.
    tables : SectorTables, optional
        Shared units, duties and resource limits.

    Raises
    ------
    UnknownCodeError
        If a candidate, unit, limit, change or chance names what the network has not.
    NetworkError
        If a candidate has nothing to run on.
    UnitError
        If price times quantity is not the programme's money.
    """
    extra = tables or SectorTables()
    scale = scale_of(network, programme)
    added = {name for candidate in candidates for name in candidate.adds}
    capacities = tuple(_capacities(network, extra, scale, added))
    _check_names(network, extra, capacities, candidates)
    known = {row.name for row in capacities}
    demands = tuple(_demands(network, programme, extra, scale))
    activities = (
        *(_process(network, row, extra, scale, known) for row in network.processes),
        *_routes(network, extra, scale),
    )
    _check_feed(candidates, activities)
    limits = tuple(_limits(network, extra, scale))
    return PlanningModel(
        steps=scale.steps,
        markets=network.markets(),
        demands=demands,
        activities=activities,
        capacities=capacities,
        limits=limits,
        candidates=candidates,
        partners=network.regions(),
        quantity_unit=network.quantity_unit,
        money_unit=programme.money.unit,
        capital_rate=programme.money.rate,
        capital_charge=programme.money.capital,
        build_limits=tuple(_build_limits(extra, candidates)),
        uncertainties=tuple(_uncertainties(network, extra, capacities, (activities, limits))),
    )


def _capacities(
    network: SupplyNetwork, extra: SectorTables, scale: Scale, added: set[str]
) -> Iterable[Capacity]:
    for unit in extra.units:
        short = unit.name.removesuffix(f" in {unit.region}")
        base = changing(extra, "capacity", scale, unit.capacity, _at(short, unit.region))
        yield Capacity(unit.name, unit.region, base, unit.stage)
    for process in network.processes:
        name = capacity_name(process.name, process.region)
        if math.isfinite(process.capacity) or name in added:
            # a candidate on a plant that nothing limits would add nothing: it starts from none
            start = process.capacity if math.isfinite(process.capacity) else 0.0
            place = _at(process.name, process.region)
            base = changing(extra, "capacity", scale, start, place)
            yield Capacity(name, process.region, base, process.stage)


def _at(name: str, region: str) -> Callable[[Spot], bool]:
    return lambda spot: spot.fits(name, region)


def changing(
    extra: SectorTables,
    what: str,
    scale: Scale,
    start: float,
    fits: Callable[[Spot], bool],
) -> FloatArray:
    """Return a figure by step, with what the tables say it changes to.

    Parameters
    ----------
    extra : SectorTables
        Changes over the years.
    what : str
        Which sort of figure.
    scale : Scale
        Steps.
    start : float
        The figure before any change.
    fits : callable
        Whether a change is about what has the figure.

    Raises
    ------
    TableError
        If two changes of one year are about it.
    """
    values: dict[int, float] = {}
    for row in extra.changes:
        if row.what != what or not fits(row.spot):
            continue
        if row.year in values:
            raise TableError(f"{what} changes twice in {row.year}", where=row.spot.where)
        values[row.year] = row.value
    path = scale.same(start)
    for year in sorted(values):
        since = np.array([step.year >= year for step in scale.steps])
        path[since] = values[year]
    return path


def process_activity(
    network: SupplyNetwork, process: Process, scale: Scale, uses: dict[str, float]
) -> Activity:
    """Return a process as an activity that takes of the capacities given."""
    cost = terms.process_cost(network, process) * scale.money
    return Activity(
        name=capacity_name(process.name, process.region),
        line=CostLine.OPERATION,
        balance={(c, process.region): amount for c, amount in process.recipe.items()},
        cost=scale.same(cost),
        largest=scale.same(np.inf),
        uses=uses,
        partner=process.region,
    )


def _process(
    network: SupplyNetwork,
    process: Process,
    extra: SectorTables,
    scale: Scale,
    known: set[str],
) -> Activity:
    own = capacity_name(process.name, process.region)
    uses = extra.units_of(process) | ({own: 1.0} if own in known else {})
    activity = process_activity(network, process, scale, uses)
    start = float(activity.cost[0]) / scale.money
    cost = changing(extra, "cost", scale, start, lambda spot: spot.names_process(process))
    limits = {row.name: row.of_process(process) for row in extra.resources}
    return replace(activity, cost=cost * scale.money, limits=_not_zero(limits))


def _not_zero(amounts: dict[str, float]) -> dict[str, float]:
    return {name: amount for name, amount in amounts.items() if amount}


def _routes(network: SupplyNetwork, extra: SectorTables, scale: Scale) -> Iterable[Activity]:
    quotas: dict[int, dict[str, float]] = {}
    for quota in network.quotas:
        for place in quota.routes:
            quotas.setdefault(place, {})[f"quota {quota.name}"] = 1.0
    costs = terms.route_costs(network)
    for place, route in enumerate(network.routes):
        yield _route(network, route, place, extra, scale, quotas.get(place, {}), costs)


def _route(
    network: SupplyNetwork,
    route: Route,
    place: int,
    extra: SectorTables,
    scale: Scale,
    quotas: dict[str, float],
    costs: terms.RouteCosts,
) -> Activity:
    cost = route.cost
    if cost is None:
        cost = terms.route_cost(costs, route.commodity, route.origin, route.destination)
    largest = np.inf
    if route.flow is not None and route.expansion is not None:
        largest = route.flow * route.expansion
    price = changing(extra, "cost", scale, cost, lambda spot: spot.names_route(route))
    limits = _not_zero({row.name: row.of_route(route) for row in extra.resources})
    return Activity(
        name=route_name(route, place),
        line=CostLine.FREIGHT,
        balance={(route.commodity, route.origin): -1.0, (route.commodity, route.destination): 1.0},
        cost=price * scale.money,
        largest=scale.same(largest),
        limits={**quotas, **limits},
        partner=route.destination,
        origin=route.origin,
        tariff=_duty(network, route, extra.duties, scale),
    )


def route_name(route: Route, place: int) -> str:
    """Return what a shipment is called; two routes of the same ends differ by their place."""
    return f"{route.commodity} from {route.origin} to {route.destination} ({place + 1})"


def _duty(
    network: SupplyNetwork, route: Route, duties: tuple[Duty, ...], scale: Scale
) -> FloatArray | None:
    paid = 0.0
    for duty in duties:
        if duty.spot.names_route(route):
            base = network.base_price((route.commodity, route.origin)) if duty.rate else 0.0
            paid += (duty.amount + duty.rate * base) * scale.money
    return scale.same(paid) if paid else None


def _limits(network: SupplyNetwork, extra: SectorTables, scale: Scale) -> Iterable[JointLimit]:
    for quota in network.quotas:
        yield JointLimit(f"quota {quota.name}", scale.same(quota.limit))
    for resource in extra.resources:
        if resource.is_total:
            yield JointLimit(resource.name, scale.same(np.inf), total=resource.largest)
        elif not resource.is_on_building:
            yield _limit(resource, extra, scale)


def _limit(resource: Resource, extra: SectorTables, scale: Scale) -> JointLimit:
    years = np.array([step.year for step in scale.steps])
    holds = (years >= resource.first) & (years <= resource.last)
    growth = (1.0 + resource.growth) ** (years - years[0])
    has_largest = math.isfinite(resource.largest)
    start = resource.largest if has_largest else resource.smallest
    figure = changing(extra, "limit", scale, start, lambda spot: spot.fits(resource.name, "*"))
    figure = figure * growth
    smallest = np.full(len(years), resource.smallest) * growth if has_largest else figure
    return JointLimit(
        resource.name,
        largest=np.where(holds & has_largest, figure, np.inf),
        smallest=np.where(holds, smallest, -np.inf),
    )


def _build_limits(
    extra: SectorTables, candidates: tuple[BuildCandidate, ...]
) -> Iterable[BuildLimit]:
    for resource in extra.resources:
        if resource.is_on_building:
            takes = {
                row.name: sum(amount for spot, amount in resource.takes if spot.fits(row.name, "*"))
                for row in candidates
            }
            yield BuildLimit(
                resource.name,
                _not_zero(takes),
                resource.largest,
                resource.smallest,
                resource.first,
                resource.last,
            )


def _uncertainties(
    network: SupplyNetwork,
    extra: SectorTables,
    capacities: tuple[Capacity, ...],
    limited: tuple[tuple[Activity, ...], tuple[JointLimit, ...]],
) -> Iterable[Uncertainty]:
    """Yield what may turn out; `limited` is what has a largest that can be multiplied."""
    activities, limits = limited
    names = [row.name for row in limits]
    rows: dict[str, dict[str, list[ChanceRow]]] = {}
    for row in extra.chances:
        rows.setdefault(row.chance, {}).setdefault(row.outcome, []).append(row)
    for chance, outcomes in rows.items():
        _check_shares(chance, outcomes)
        yield Uncertainty(
            chance,
            tuple(
                ChanceOutcome(
                    members[0].probability,
                    tuple(
                        Consequence(kind, place, row.factor, row.first)
                        for row in members
                        for kind, place in _struck(network, row, capacities, names)
                        if kind not in ("activity", "limit")
                        or _is_limited((limits if kind == "limit" else activities)[place], row)
                    ),
                )
                for members in outcomes.values()
            ),
        )


def _check_shares(chance: str, outcomes: dict[str, list[ChanceRow]]) -> None:
    for name, members in outcomes.items():
        if len({row.probability for row in members}) > 1:
            raise TableError(
                f"outcome {name} of {chance} has several probabilities",
                where=members[-1].spot.where,
                way_out="write the same one in each of its rows",
            )
    total = sum(members[0].probability for members in outcomes.values())
    if not math.isclose(total, 1.0, abs_tol=1e-9):
        raise TableError(
            f"the probabilities of {chance} add up to {total:g}",
            where=next(iter(outcomes.values()))[0].spot.where,
            way_out="make them 1; what leaves all as it is is an outcome of factor 1",
        )


def _is_limited(struck: Activity | JointLimit, row: ChanceRow) -> bool:
    if np.isfinite(struck.largest).all():
        return True
    if row.factor == 1.0:
        return False
    raise TableError(
        f"{struck.name} has no largest in every year that could be multiplied",
        where=row.spot.where,
        way_out="give a route flow and expansion in routes.csv, or strike a limit on it",
    )


def _struck(
    network: SupplyNetwork, row: ChanceRow, capacities: tuple[Capacity, ...], limits: list[str]
) -> list[tuple[str, int]]:
    """Return which demands, capacities, activities or limits an outcome multiplies."""
    spot = row.spot
    if spot.kind == "use":
        return [("demand", k) for k, use in enumerate(network.uses) if spot.names_use(use)]
    if spot.kind == "route":
        start = len(network.processes)
        found = [k for k, route in enumerate(network.routes) if spot.names_route(route)]
        return [("activity", start + k) for k in found]
    if spot.kind == "limit":
        return [("limit", k) for k, name in enumerate(limits) if spot.fits(name, "*")]
    return [("capacity", k) for k, part in enumerate(capacities) if _is_at(spot, part)]


def _is_at(spot: Spot, capacity: Capacity) -> bool:
    return spot.fits(capacity.name.removesuffix(f" in {capacity.region}"), capacity.region)


def _check_names(
    network: SupplyNetwork,
    extra: SectorTables,
    capacities: tuple[Capacity, ...],
    candidates: tuple[BuildCandidate, ...],
) -> None:
    """Whatever names nothing is a slip of the pen."""
    for unit in extra.units:
        here = [row.name for row in network.processes if row.region == unit.region]
        for process in unit.takes:
            if process not in here:
                raise UnknownCodeError("process", process, here, where=unit.where)
    known = {row.name for row in capacities}
    for candidate in candidates:
        for name in candidate.adds:
            if name not in known:
                where = f"candidate {candidate.name}"
                raise UnknownCodeError("capacity", name, known, where=where)
    spots = [spot for resource in extra.resources for spot, _amount in resource.takes]
    spots += [row.spot for row in extra.changes] + [row.spot for row in extra.chances]
    spots += [row.spot for row in extra.duties]
    limits = [row.name for row in extra.resources if not row.is_on_building]
    limits += [f"quota {row.name}" for row in network.quotas]
    names = {"candidate": [row.name for row in candidates], "limit": limits}
    for spot in spots:
        _check_spot(network, spot, capacities, names.get(spot.kind, []))


def _check_spot(
    network: SupplyNetwork, spot: Spot, capacities: tuple[Capacity, ...], names: list[str]
) -> None:
    routes = [f"{row.commodity} {row.origin} {row.destination}" for row in network.routes]
    fits: dict[str, tuple[list[bool], list[str]]] = {
        "process": (
            [spot.names_process(row) for row in network.processes],
            [row.name for row in network.processes],
        ),
        "route": ([spot.names_route(row) for row in network.routes], routes),
        "use": (
            [spot.names_use(row) for row in network.uses],
            [row.name for row in network.uses],
        ),
        "capacity": (
            [_is_at(spot, row) for row in capacities],
            [row.name for row in capacities],
        ),
    }
    found, known = fits.get(spot.kind, ([spot.fits(name, "*") for name in names], names))
    if not any(found):
        text = " ".join(
            part
            for part in (spot.name, spot.region, spot.commodity, spot.origin, spot.destination)
            if part != "*"
        )
        raise UnknownCodeError(spot.kind, text, known, where=spot.where)


def _check_feed(candidates: tuple[BuildCandidate, ...], activities: tuple[Activity, ...]) -> None:
    """Raise if something can be built and nothing brings what it runs on."""
    there = _reachable(activities)
    for candidate in candidates:
        for name in candidate.adds:
            lacks = [_lacking(row, there) for row in activities if name in row.uses]
            if lacks and all(lacks):
                commodity, region = lacks[0][0]
                raise NetworkError(
                    f"no feed: nothing brings {commodity} to {region}",
                    where=f"candidate {candidate.name}",
                    way_out="give it a process, a route or an import there",
                )


def _reachable(activities: tuple[Activity, ...]) -> set[Market]:
    """Return the markets that something can reach, if all that may be built is built."""
    there: set[Market] = set()
    waiting = list(activities)
    while True:
        running = [row for row in waiting if not _lacking(row, there)]
        if not running:
            return there
        waiting = [row for row in waiting if _lacking(row, there)]
        there.update(market for row in running for market, made in row.balance.items() if made > 0)


def _lacking(activity: Activity, there: set[Market]) -> list[Market]:
    return [market for market, made in activity.balance.items() if made < 0 and market not in there]


def _demands(
    network: SupplyNetwork, programme: PlanProgramme, extra: SectorTables, scale: Scale
) -> Iterable[Demand]:
    for use in network.uses:
        demand = demand_of(network, programme, scale, use, use.region)
        fits = partial(_fits_use, use)
        quantity = demand.quantity
        first = [row.year for row in extra.changes if row.what == "demand" and fits(row.spot)]
        if first:
            given = changing(extra, "demand", scale, 0.0, fits)
            since = np.array([step.year >= min(first) for step in scale.steps])
            quantity = np.where(since, given, quantity)
        yield replace(demand, quantity=quantity, trend=_trend(extra, scale, use, demand))


def _fits_use(use: Use, spot: Spot) -> bool:
    return spot.names_use(use)


def _trend(extra: SectorTables, scale: Scale, use: Use, demand: Demand) -> FloatArray | None:
    """Value in use over that of the base, where the tables say what it changes to."""
    fits = partial(_fits_use, use)
    rows = [row for row in extra.changes if row.what == "worth" and fits(row.spot)]
    if not rows:
        return None
    start = max((rung.value for rung in demand.rungs), default=0.0) / scale.money
    if not start:
        raise TableError(
            f"{use.name} in {use.region} is wanted at any price: it has no worth to change",
            where=rows[0].spot.where,
            way_out="give the use a ladder",
        )
    return changing(extra, "worth", scale, start, fits) / start


def demand_of(
    network: SupplyNetwork, programme: PlanProgramme, scale: Scale, use: Use, partner: str
) -> Demand:
    """Return a use of the network as a demand of a partner."""
    price = _price(network, use)
    return Demand(
        name=use.name,
        market=(use.commodity, use.region),
        quantity=terms.wanted_at_base(use) * terms.grown(programme, network, use, scale.steps),
        rungs=terms.rungs(use, price, scale.money),
        partner=partner,
        value=price * scale.money,
    )


def _price(network: SupplyNetwork, use: Use) -> float:
    """Return the base price; where there is none, what its buyers would give, else 1."""
    market = (use.commodity, use.region)
    if any(row.commodity == use.commodity for row in network.base_prices):
        return network.base_price(market)
    worth = [rung.price_add for rung in use.rungs if rung.price_add > 0]
    return max(worth, default=1.0)
