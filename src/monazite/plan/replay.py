"""A plan replayed month by month in the market, because a linear plan does not see prices.

Each shock strikes the year by which the plan has come (``standing``), twice: without the plan and
with it. Both times uses want what the programme's growth rules say, the partners' own plants have
not grown with the world, and trade that has ended is shut. With the plan its plants stand, its
stocks are released and its floors are paid.

- Stocks: what was bought until then goes to its market in equal monthly parts, from the month the
  shock strikes to its end; a shock without an end is taken to last a year.
- What contracts add to access is left out: the market has no quantities by decree.
- Tonnes that measures of a shock name are taken as written, though the world has grown.
- Controls that reach re-exports go by what the world passed on in the base year. They bar what new
  plants in third countries make as well, whatever they make it of: there the plan looks worse
  than it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from monazite.ensemble import DRAWN
from monazite.errors import UnknownCodeError
from monazite.indicators import (
    SHORTAGE_THRESHOLD,
    output_at_risk,
    price_multiples,
    shortages,
)
from monazite.indicators.shortage import SURPLUS
from monazite.network import Market, SupplyNetwork
from monazite.parameters import Parameters
from monazite.plan import terms
from monazite.plan.exposure import scenario_of
from monazite.plan.membership import Plant
from monazite.plan.model import Step
from monazite.plan.programme import PlanProgramme
from monazite.plan.result import PlanReport
from monazite.plan.standing import Delivery, PlanGround, StandingPlant
from monazite.remedies import CAUSES
from monazite.scenario import Scenario, lower
from monazite.scenario.calendar import Path, month_label, month_number
from monazite.scenario.demand import DemandChange, StockRelease
from monazite.scenario.measure import Measure
from monazite.scenario.supply import CapacityChange, PriceFloor
from monazite.scenario.trade import ExportBan
from monazite.simulate import simulate
from monazite.trajectory import Trajectory

WATCHED = ("NdPr-oxide", "Dy-oxide", "Tb-oxide", "magnet-heavy", "magnet-standard")
"""Goods whose prices are told."""
LEAST_SHOCKS = 3
"""A plan that was replayed against fewer has not been tried."""
SETTLING = 12
"""Months before the scenario begins in which the market finds the prices of the year."""
OPEN_ENDED = 12
"""Months over which stocks are released in a shock without an end."""


@dataclass(frozen=True, slots=True)
class Floor:
    """A price floor of a chosen package.

    ``project``, ``commodity`` : whose. ``price`` : up to which prices are topped [USD/kg].
    ``coverage`` : share of the output [0 to 1].
    """

    project: str
    commodity: str
    price: float
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class PriceQuote:
    """Price of a good in a partner's market over that of the base year, while the shock is on.

    ``mean``, ``peak`` : over the months from the shock on; None where goods are rationed and no
    price means anything.
    """

    partner: str
    commodity: str
    mean: float | None
    peak: float | None


@dataclass(frozen=True, slots=True)
class Fare:
    """How a partner fares.

    ``months_to_shortage`` : from the shock to the first use that stops by the threshold; None
    where none does. ``peak_stopped`` : largest share of a use that stops. ``lost`` : share of what
    its uses want, by value at base prices, that stops in the worst month. ``output_at_risk`` :
    value of products not made [MUSD].
    """

    partner: str
    months_to_shortage: int | None
    peak_stopped: float
    lost: float
    output_at_risk: float


@dataclass(frozen=True, slots=True)
class MarketRun:
    """One run of a shock.

    ``floor_cost`` : public money for floors and subsidies [MUSD]. ``residual`` : the largest of
    the certificates of its months.
    """

    prices: tuple[PriceQuote, ...]
    partners: tuple[Fare, ...]
    floor_cost: float
    residual: float


@dataclass(frozen=True, slots=True)
class ShockReplay:
    """A shock with and without the plan; ``start`` : month in which it strikes."""

    shock: str
    start: str
    months: int
    before: MarketRun
    after: MarketRun


@dataclass(frozen=True, slots=True)
class Replay:
    """A plan in the market.

    ``year`` : in which the shocks strike. ``delivery`` : at what capacity plants stand.
    ``plants`` : those that stand. ``released`` : quantity in store by good and place. ``shocks`` :
    what happens. ``remarks`` : what a reader has to know.
    """

    year: int
    delivery: Delivery
    plants: tuple[StandingPlant, ...]
    released: tuple[tuple[str, str, float], ...]
    shocks: tuple[ShockReplay, ...]
    remarks: tuple[str, ...]

    @property
    def residual(self) -> float:
        """Largest residual of all certificates."""
        return max((max(r.before.residual, r.after.residual) for r in self.shocks), default=0.0)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self) | {"delivery": str(self.delivery), "residual": self.residual}


@dataclass(frozen=True, slots=True)
class ReplayQuestion:
    """How a plan is replayed.

    ``scenarios`` : shocks in place of the programme's, their months moved by whole years.
    ``year`` : when they strike; if left out, the first in which every target binds, or the last of
    the horizon. ``delivery`` : at what capacity plants stand. ``floors`` : price floors of the
    packages that were chosen. ``goods`` : whose prices are told; those of `WATCHED` that the
    network has, if left out. ``settling`` : months before the scenario begins.
    """

    scenarios: tuple[Scenario, ...] = ()
    year: int | None = None
    delivery: Delivery = Delivery.EXPECTED
    floors: tuple[Floor, ...] = ()
    goods: tuple[str, ...] | None = None
    settling: int = SETTLING


def replay(
    report: PlanReport,
    network: SupplyNetwork,
    programme: PlanProgramme,
    plants: tuple[Plant, ...] = (),
    *,
    question: ReplayQuestion | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Replay:
    """Replay a plan against shocks, month by month.

    Parameters
    ----------
    report : PlanReport
        The plan.
    network : SupplyNetwork
        What it was made on.
    programme : PlanProgramme
        What was asked: growth, ended trade and, where no scenarios are given, shocks.
    plants : tuple of Plant
        Those that the plan chose from: they stand in full and everybody may bid for what they
        make. A plant that is left out stands with the partners' share.
    question : ReplayQuestion, optional
        Shocks, year and what else may be chosen.
    progress : callable (done, total), optional
        Told after each run.

    Raises
    ------
    InputError
        If the year is not of the horizon, or a floor is of no chosen project.
    UnknownCodeError
        If the network does not have a good.
    ScenarioError
        If a measure cannot be applied.
    EquilibriumError
        If a month does not clear.
    """
    asked = question or ReplayQuestion()
    year = report_year(report) if asked.year is None else asked.year
    ground = PlanGround(report, network, programme, plants, year, asked.delivery)
    _check_floors(report, asked.floors)
    watched = _watched(network, asked.goods)
    stage = ReplayStage(ground, programme)
    shocks = asked.scenarios or tuple(scenario_of(rule, network) for rule in programme.shocks)
    aids = (Aid(), Aid(ground.stocks, asked.floors, has_plants=True))
    runs: list[ShockReplay] = []
    for shock in shocks:
        pair = []
        for aid in aids:
            event, trajectory = stage.run(shock, aid, asked.settling)
            pair.append(_read(trajectory, event, stage.partners, watched))
            if progress is not None:
                progress(2 * len(runs) + len(pair), 2 * len(shocks))
        runs.append(ShockReplay(shock.id, event.start, event.months, *pair))
    return Replay(
        year=year,
        delivery=asked.delivery,
        plants=(*ground.under_way, *ground.chosen),
        released=tuple((*market, amount) for market, amount in sorted(ground.stocks.items())),
        shocks=tuple(runs),
        remarks=tuple(_remarks(report, programme, asked.floors, len(shocks))),
    )


def report_year(report: PlanReport) -> int:
    """Return the year by which a plan has to have come: the first in which every target binds."""
    model = report.model
    starts = [model.steps[min(target.steps)].year for target in model.targets if target.steps]
    return max(starts, default=model.steps[-1].year)


def shifted(scenario: Scenario, months: int) -> Scenario:
    """Return a scenario that happens some months later."""
    measures = tuple(_shifted_measure(measure, months) for measure in scenario.measures)
    start = _later(scenario.start, months)
    return scenario.model_copy(update={"start": start, "measures": measures})


def _shifted_measure(measure: Measure, months: int) -> Measure:
    changes: dict[str, object] = {
        name: _later(month, months)
        for name in ("start", "end", "announced")
        if (month := getattr(measure, name)) is not None
    }
    for name in type(measure).model_fields:
        value = getattr(measure, name)
        if isinstance(value, Path):
            points = tuple((_later(month, months), level) for month, level in value.points)
            changes[name] = Path(value.constant, points)
    return measure.model_copy(update=changes)


def _later(month: str, months: int) -> str:
    return month_label(month_number(month) + months)


@dataclass(frozen=True, slots=True)
class Aid:
    """What a run has that one without it lacks: stocks by good and place, floors, plants."""

    stocks: Mapping[Market, float] = field(default_factory=dict)
    floors: tuple[Floor, ...] = ()
    has_plants: bool = False


@dataclass(frozen=True, slots=True)
class ReplayEvent:
    """When a shock strikes: month, how many months it lasts, and its place in the run."""

    start: str
    months: int
    place: int


class ReplayStage:
    """A year in which shocks strike.

    Parameters
    ----------
    ground : PlanGround
        What stands.
    programme : PlanProgramme
        Growth and ended trade.
    """

    def __init__(self, ground: PlanGround, programme: PlanProgramme) -> None:
        self.ground, self.programme = ground, programme
        self.network, self.year = ground.network, ground.year
        self.growth = ground.growth
        self.partners = ground.model.partners

    # -- the year --------------------------------------------------------------------------

    def standing_measures(self, start: str) -> tuple[Measure, ...]:
        """Return what holds in the year whether or not there is a plan."""
        ended = tuple(
            ExportBan(
                kind="export_ban",
                actors=(row.origin,),
                targets=(row.destination,),
                commodities=(row.commodity,),
                start=start,
            )
            for row in self.programme.access.ended
        )
        return (*self._own_plants(start), *self._wishes(start), *ended)

    def _own_plants(self, start: str) -> Iterable[Measure]:
        """Keep the partners' plants of the base year as they were: the world has grown."""
        limited = [
            row.name
            for row in self.network.processes
            if row.region in self.partners and np.isfinite(row.capacity) and row.capacity > 0
        ]
        if limited and self.growth != 1.0:
            yield CapacityChange(
                kind="capacity_change",
                actors=self.partners,
                commodities=("all",),
                processes=tuple(dict.fromkeys(limited)),
                share=1.0 / self.growth - 1.0,
                start=start,
            )

    def _wishes(self, start: str) -> Iterable[Measure]:
        """Say what uses want beside the even growth of the world, each that differs by itself."""
        now = (Step(str(self.year), self.year, 1.0, 1.0),)
        places: dict[tuple[str, float, str], list[str]] = {}
        for use in self.network.uses:
            if use.name != SURPLUS:
                grown = float(terms.grown(self.programme, self.network, use, now)[0])
                change = round(grown / self.growth - 1.0, 12)
                places.setdefault((use.name, change, use.commodity), []).append(use.region)
        goods: dict[tuple[str, float, tuple[str, ...]], list[str]] = {}
        for (name, change, commodity), regions in places.items():
            goods.setdefault((name, change, tuple(sorted(regions))), []).append(commodity)
        for (name, change, where), commodities in goods.items():
            if change:
                yield DemandChange(
                    kind="demand_change",
                    targets=(*where, name),
                    commodities=tuple(commodities),
                    share=change,
                    start=start,
                )

    # -- a run -----------------------------------------------------------------------------

    def run(
        self, shock: Scenario, aid: Aid, settling: int = SETTLING
    ) -> tuple[ReplayEvent, Trajectory]:
        """Let a shock strike the year, with some aid, and follow the market.

        Raises
        ------
        ScenarioError
            If a measure cannot be applied.
        EquilibriumError
            If a month does not clear.
        """
        moved = shifted(shock, 12 * (self.year - month_number(shock.start) // 12))
        begin = _later(moved.start, -settling)
        event = _event(moved, begin)
        measures = (
            *self.standing_measures(begin),
            *moved.measures,
            *releases(aid.stocks, event.start, event.months),
            *self._floors(aid.floors, begin),
        )
        laid = moved.model_copy(
            update={"start": begin, "months": moved.months + settling, "measures": measures}
        )
        lowered = lower(laid, self.ground.network_of_year(has_plants=aid.has_plants))
        return event, simulate(lowered, Parameters.central())

    def _floors(self, floors: tuple[Floor, ...], begin: str) -> Iterable[Measure]:
        for floor in floors:
            lines = [row for row in self.ground.chosen if row.name.startswith(f"{floor.project}: ")]
            makers = [row for row in lines if self._makes(row.name, floor.commodity)]
            if makers:
                yield PriceFloor(
                    kind="price_floor",
                    actors=tuple(dict.fromkeys(row.region for row in makers)),
                    commodities=(floor.commodity,),
                    processes=tuple(row.name for row in makers),
                    floor=floor.price,
                    coverage=floor.coverage,
                    start=begin,
                )

    def _makes(self, name: str, commodity: str) -> bool:
        row = next(row for row in self.ground.model.activities if row.name == name)
        return any(c == commodity and amount > 0 for (c, _), amount in row.balance.items())


def releases(stocks: Mapping[Market, float], start: str, months: int) -> tuple[Measure, ...]:
    """Return the measures that release stocks in equal monthly parts.

    Parameters
    ----------
    stocks : mapping of (commodity, region) to float
        What is held [t].
    start : str
        First month of the release.
    months : int
        Over how many.
    """
    return tuple(
        StockRelease(
            kind="stock_release",
            actors=(region,),
            commodities=(commodity,),
            tonnes=amount,
            over_months=months,
            start=start,
        )
        for (commodity, region), amount in sorted(stocks.items())
        if amount > 0
    )


def event_of(scenario: Scenario) -> tuple[str, int]:
    """Return the month in which a shock strikes and for how many months it lasts.

    Controls, taxes and outages count, or whatever there is; without an end it lasts a year.
    """
    causes = [row for row in scenario.measures if row.kind in CAUSES] or list(scenario.measures)
    start = min((row.start for row in causes), default=scenario.start)
    ends = [row.end for row in causes]
    last = max((end for end in ends if end is not None), default=None)
    if last is None or None in ends:
        return start, OPEN_ENDED
    return start, month_number(last) - month_number(start)


def _event(scenario: Scenario, begin: str) -> ReplayEvent:
    start, months = event_of(scenario)
    return ReplayEvent(start, months, month_number(start) - month_number(begin))


# -- reading a run -----------------------------------------------------------------------------


def from_month(trajectory: Trajectory, place: int) -> Trajectory:
    """Return a trajectory from one of its months on."""
    cut = {name: getattr(trajectory, name)[:, place:] for name in DRAWN}
    months = trajectory.months[place:]
    certificates = trajectory.certificates[place:]
    return replace(trajectory, months=months, certificates=certificates, **cut)


def _read(
    trajectory: Trajectory, event: ReplayEvent, partners: tuple[str, ...], goods: tuple[str, ...]
) -> MarketRun:
    since = from_month(trajectory, event.place)
    return MarketRun(
        prices=tuple(quote for partner in partners for quote in _quotes(since, partner, goods)),
        partners=tuple(fare(since, partner) for partner in partners),
        floor_cost=float(trajectory.subsidy_cost.sum()) / 1000.0,
        residual=max(row.worst() for row in trajectory.certificates),
    )


def _quotes(since: Trajectory, partner: str, goods: tuple[str, ...]) -> Iterable[PriceQuote]:
    rows = [row for row in price_multiples(since, (partner,)) if row.side == "inside"]
    for commodity in goods:
        known = [row.marginal.median for row in rows if row.commodity == commodity]
        if known:
            found = [value for value in known if value is not None]
            is_priced = len(found) == len(known)
            yield PriceQuote(
                partner,
                commodity,
                mean=float(np.mean(found)) if is_priced else None,
                peak=max(found) if is_priced else None,
            )


def fare(since: Trajectory, partner: str) -> Fare:
    """Return how a partner fares over a trajectory that begins with the shock."""
    rows = [row for row in shortages(since, SHORTAGE_THRESHOLD) if row.region == partner]
    first = [row.first_month.median for row in rows if row.first_month.median is not None]
    risk = sum(row.value.median or 0.0 for row in output_at_risk(since) if row.region == partner)
    return Fare(
        partner=partner,
        months_to_shortage=min((since.months.index(month) for month in first), default=None),
        peak_stopped=max((row.depth.median or 0.0 for row in rows), default=0.0),
        lost=_lost(since, partner),
        output_at_risk=risk / 1000.0,
    )


def _lost(since: Trajectory, partner: str) -> float:
    """Share of demand at base prices that stops in the worst month."""
    groups = [k for k, g in enumerate(since.groups) if g.region == partner and g.use != SURPLUS]
    places = [since.market_index[since.groups[k].commodity, partner] for k in groups]
    price = since.base_price[places]
    wanted = since.demand[..., groups] @ price
    stopped = since.stopped[..., groups] @ price
    share = np.divide(stopped, wanted, out=np.zeros_like(stopped), where=wanted > 0)
    return float(np.median(share.max(axis=1, initial=0.0)))


def _watched(network: SupplyNetwork, goods: tuple[str, ...] | None) -> tuple[str, ...]:
    known = [row.code for row in network.commodities]
    if goods is None:
        return tuple(code for code in WATCHED if code in known)
    for code in goods:
        if code not in known:
            raise UnknownCodeError("commodity", code, known, where="replay goods")
    return goods


def _check_floors(report: PlanReport, floors: tuple[Floor, ...]) -> None:
    built = {row.project for row in report.portfolio}
    for floor in floors:
        if floor.project not in built:
            raise UnknownCodeError("chosen project", floor.project, built, where="replay floors")


def _remarks(
    report: PlanReport, programme: PlanProgramme, floors: tuple[Floor, ...], shocks: int
) -> Iterable[str]:
    if shocks < LEAST_SHOCKS:
        yield f"replayed against {shocks} shocks only: {LEAST_SHOCKS} are the least that says much"
    priced = {floor.project for floor in floors}
    for row in report.portfolio:
        if "floor" in row.package and row.project not in priced:
            yield f"the floor of {row.project} has no price here and is not paid"
    if programme.access.contracts:
        yield "supply that contracts promise is not in the market's run"
