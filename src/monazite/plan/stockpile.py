"""How many days of what, in which form and where: own stocks, pooled ones, flat rules, and a trial.

Stocks are chosen for a protection (``stocksearch``), by each partner on its own and by all
together, and compared with rules of so many days of everything. What is found is tried in the
monthly market, against the shock that costs most without stocks, released in equal monthly parts
over the shock: the plan goes by years and means, the market by months and prices.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from monazite.errors import InputError
from monazite.network import Market
from monazite.plan.exposure import scenario_of
from monazite.plan.planner import Effort, Prepared
from monazite.plan.replay import Aid, Fare, ReplayStage, fare, from_month
from monazite.plan.result import PlanReport
from monazite.plan.standing import Delivery, PlanGround
from monazite.plan.stocksearch import FLAT_DAYS, NO_STOCK, Choice, Search
from monazite.scenario import Scenario

OWN = "own"
POOLED = "pooled"

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StockAim:
    """What stocks are for.

    ``protection`` : share of the loss that they shall avert. ``level`` : the worst ``1 - level``
    of the draws count. ``flat`` : days of every good that the flat rules hold.

    Raises
    ------
    InputError
        If a share is none.
    """

    protection: float = 0.5
    level: float = 0.9
    flat: tuple[float, ...] = FLAT_DAYS

    def __post_init__(self) -> None:
        for name in ("protection", "level"):
            share = getattr(self, name)
            if not 0 <= share < 1:
                raise InputError(f"{name} {share:g} is not between 0 and 1", where="stockpile")
        if any(days < 0 for days in self.flat):
            raise InputError("flat rules hold days below 0", where="stockpile")


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule in the monthly market against the worst shock, stocks released evenly over it.

    ``rule``, ``shock`` : which. ``partners`` : how each fares. ``residual`` : largest of the
    months' certificates [1].
    """

    rule: str
    shock: str
    partners: tuple[Fare, ...]
    residual: float


@dataclass(frozen=True, slots=True)
class StockStudy:
    """Answer to: how many days of what, in which form and where.

    ``aim`` : what was asked. ``pooled`` : stocks of all partners together. ``own`` : of each apart.
    ``trials`` : in the monthly market. ``money_unit``, ``quantity_unit`` : of all figures.
    """

    aim: StockAim
    pooled: Choice
    own: tuple[Choice, ...]
    trials: tuple[Trial, ...]
    money_unit: str
    quantity_unit: str

    @property
    def saved(self) -> float:
        """What planning and stocking together saves [money]."""
        return sum(row.chosen.cost for row in self.own) - self.pooled.chosen.cost

    @property
    def saved_without_stocks(self) -> float:
        """What planning together would save if nobody kept stocks [money]."""
        return sum(row.none.cost for row in self.own) - self.pooled.none.cost

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        saved = {"saved": self.saved, "saved_without_stocks": self.saved_without_stocks}
        return asdict(self) | saved


def stock_study(
    ready: Prepared,
    aim: StockAim | None = None,
    *,
    effort: Effort | None = None,
    count: int | None = None,
    decided: PlanReport | None = None,
    has_trials: bool = True,
    told: Told | None = None,
) -> StockStudy:
    """Choose stocks for a protection, own and pooled, and try the release rule.

    Parameters
    ----------
    ready : Prepared
        A programme of partners on its network.
    aim : StockAim, optional
        What stocks are for.
    effort : Effort, optional
        Gap of each plan, of the whole cost, and processes.
    count : int, optional
        Draws; those of the programme if left out.
    decided : PlanReport, optional
        A plan whose plants come as if they were under way; none are built without.
    has_trials : bool
        Whether the rules are tried in the monthly market.
    told : callable, optional
        Told what is being worked out.

    Raises
    ------
    InputError
        If nothing may be stocked, or one planner holds the whole network.
    """
    _check(ready)
    asked, tell = aim or StockAim(), told or _silent
    study = _Study(ready, asked, effort or Effort(gap=1e-5), count, _built(decided))
    own = []
    for partner in ready.programme.partners:
        tell(f"stocks of {partner}")
        own.append(study.apart(partner))
    tell("stocks of all together")
    pooled = study.together(own)
    return StockStudy(
        aim=asked,
        pooled=pooled,
        own=tuple(own),
        trials=tuple(study.trials(own, pooled, tell)) if has_trials else (),
        money_unit=ready.programme.money.unit,
        quantity_unit=ready.network.quantity_unit,
    )


def _silent(_what: str) -> None:
    return None


def _check(ready: Prepared) -> None:
    if ready.is_whole:
        raise InputError(
            "one planner holds the whole network and has nobody to keep stocks against",
            where="stockpile",
            way_out="name partners in the programme",
        )
    if not ready.programme.stockpiles:
        raise InputError(
            "the programme lets nothing be stocked",
            where=ready.programme.origin or ready.programme.id,
            way_out="add [[stockpiles]]",
        )


def _built(decided: PlanReport | None) -> dict[str, list[tuple[int, float]]]:
    """Years of decision and sizes of what a plan builds, by candidate."""
    built: dict[str, list[tuple[int, float]]] = {}
    for row in decided.portfolio if decided else ():
        built.setdefault(row.project, []).append((row.decided, row.size))
    return built


class _Study:
    """The searches of all coalitions, and the trials of what they find."""

    def __init__(
        self,
        ready: Prepared,
        aim: StockAim,
        effort: Effort,
        count: int | None,
        built: Mapping[str, list[tuple[int, float]]],
    ) -> None:
        self.ready, self.aim = ready, aim
        self.effort, self.count, self.built = effort, count, built

    def search(self, coalition: tuple[str, ...]) -> Search:
        """Return the search of a coalition."""
        level = self.aim.level
        return Search(
            self.ready, coalition, level, effort=self.effort, count=self.count, built=self.built
        )

    def apart(self, partner: str) -> Choice:
        """Return what a partner keeps on its own."""
        search = self.search((partner,))
        return search.choice((1.0 - self.aim.protection) * search.none.worst, self.aim.flat)

    def together(self, own: list[Choice]) -> Choice:
        """Return what all keep together: they answer for the sum of what each allows itself."""
        allowed = sum((1.0 - self.aim.protection) * row.none.worst for row in own)
        return self.everybody.choice(allowed, self.aim.flat)

    @cached_property
    def everybody(self) -> Search:
        """All partners."""
        return self.search(self.ready.programme.partners)

    def trials(self, own: list[Choice], pooled: Choice, tell: Told) -> Iterable[Trial]:
        """Try rules in the market against the shock that costs most without stocks."""
        shocks = tuple(
            scenario_of(rule, self.ready.network) for rule in self.ready.programme.shocks
        )
        bare = []
        for shock in shocks:
            tell(f"{shock.id} without stocks")
            bare.append(_trial(self.stage, shock, NO_STOCK, {}))
        if not bare:
            return
        worst = max(range(len(bare)), key=lambda k: sum(row.lost for row in bare[k].partners))
        yield bare[worst]
        own_kept = [row for choice in own for row in choice.chosen.kept]
        rules = {row.rule: row.kept for row in pooled.flat}
        for rule, kept in (rules | {OWN: own_kept, POOLED: pooled.chosen.kept}).items():
            tell(f"{shocks[worst].id} with {rule}")
            stocks = {(row.commodity, row.place): row.quantity for row in kept}
            yield _trial(self.stage, shocks[worst], rule, stocks)

    @cached_property
    def stage(self) -> ReplayStage:
        """The year by which the programme's targets bind, or its last, without stocks."""
        ready, search = self.ready, self.everybody
        done = search.accounted(search.none.x, search.none.activity)
        report = PlanReport(search.assembly, search.none.x, done)
        last = ready.programme.horizon.last
        year = max((row.first for row in ready.programme.targets), default=last)
        ground = PlanGround(
            report, ready.network, ready.programme, ready.plants, year, Delivery.EXPECTED
        )
        return ReplayStage(ground, ready.programme)


def _trial(stage: ReplayStage, shock: Scenario, rule: str, stocks: Mapping[Market, float]) -> Trial:
    event, trajectory = stage.run(shock, Aid(stocks))
    since = from_month(trajectory, event.place)
    return Trial(
        rule=rule,
        shock=shock.id,
        partners=tuple(fare(since, partner) for partner in stage.partners),
        residual=max(row.worst() for row in trajectory.certificates),
    )
