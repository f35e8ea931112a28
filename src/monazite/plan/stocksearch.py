"""How many days of what, in which form and where, for a given protection; own and pooled.

Protection is told by what is averted. The loss of a draw is what the partners' unmet demand is
worth to its users over the years; the loss that counts is its mean over the worst ``1 - level`` of
the draws (Rockafellar & Uryasev 2000); a protection of 0.5 means that stocks halve it. This is
convex in the stocks, as a share of draws without any shortage is not; that share is told as well.

The least cost for a protection is found along the frontier of cost and loss: each point is the plan
for one weight of the loss, and the weight is moved to the slope between the two points around the
loss that is asked for, until no plan lies below the line that joins them. What is asked for is then
a mixture of these two.

Costs are those of the planning model: stocks, operation and unmet demand, discounted. Stocks that
partners hold apart protect each on its own; pooled ones protect the sum of their losses by as much.
What partners do apart they can do together, and the mean of the worst of a sum is no more than the
sum of the means: pooled stocks are never dearer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from monazite.errors import InputError
from monazite.indicators import SHORTAGE_THRESHOLD
from monazite.network import Market
from monazite.newton import FloatArray
from monazite.plan.alliance import DAYS
from monazite.plan.assemble import Assembly
from monazite.plan.decisions import LAST_WITHOUT_STOCK
from monazite.plan.decompose import solve
from monazite.plan.evaluate import Operations, account, operate
from monazite.plan.model import Capacity, Committed, PlanningModel, Stockpile
from monazite.plan.planner import Effort, Prepared
from monazite.plan.result import PlanReport
from monazite.plan.twostage import Risk, TwoStageProblem, tail_mean

FLAT_DAYS = (60.0, 180.0)
"""Days of use of every good that flat rules hold: Japan's general target, and three times it."""
FILLED_OVER = 3
"""Years over which flat rules are filled: bought at once they would make the shortage (assumed)."""
LEAST_DAYS = 0.25
"""Days of use below which a stock is round-off of the search and is left out."""
ALARM = 100.0
"""Weight of the loss at which nothing else counts for much."""
ROUNDS = 12
"""Most weights that are tried between none and `ALARM`."""
CLOSE = 1e-6
"""Part of the cost by which a plan must lie below the line between two others to count."""
NO_STOCK = "none"
CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class KeptLoss:
    """What is kept of a good in a place.

    ``form`` : stage of the good. ``quantity`` : bought until the last year. ``days`` : of use there
    in the base year. ``cost_a_year`` : holding and capital, at base prices [money].
    """

    commodity: str
    place: str
    form: str
    quantity: float
    days: float
    cost_a_year: float


@dataclass(frozen=True, slots=True)
class StockOutcome:
    """What a rule of stocking costs and brings.

    ``cost`` : of stocks, operation and unmet demand, discounted [money]. ``stock_cost`` : of stocks
    alone. ``worst`` : the loss that counts. ``unmet`` : mean loss over the draws. ``protection`` :
    share of the loss without stocks that is averted. ``calm_draws`` : share of draws in which no
    use of a partner ever lacks as much as counts as a shortage. ``kept`` : what is kept.
    """

    rule: str
    partners: tuple[str, ...]
    cost: float
    stock_cost: float
    worst: float
    unmet: float
    protection: float
    calm_draws: float
    kept: tuple[KeptLoss, ...]

    @property
    def cost_a_year(self) -> float:
        """Holding and capital of all that is kept [money]."""
        return sum(row.cost_a_year for row in self.kept)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the frontier of stocks.

    ``weight`` : of the loss in the search. ``protection`` : share of the loss averted. ``cost`` :
    of the stocks [money, discounted]. ``worst`` : loss left in the worst draws [money]. ``days`` :
    mean days kept.
    """

    weight: float
    protection: float
    cost: float
    worst: float
    days: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The stocks of some partners: chosen, beside none and the flat rules.

    ``is_reached`` : whether stocks can protect as asked; if not, what is chosen protects most.
    ``least_cost`` : no stocks protect as asked for less. ``frontier`` : cost against protection.
    """

    partners: tuple[str, ...]
    none: StockOutcome
    chosen: StockOutcome
    flat: tuple[StockOutcome, ...]
    is_reached: bool
    least_cost: float
    frontier: tuple[Point, ...]


def stocks_only(
    model: PlanningModel, built: Mapping[str, list[tuple[int, float]]]
) -> PlanningModel:
    """Return a model in which only stocks are left to decide.

    Parameters
    ----------
    model : PlanningModel
        Of a coalition.
    built : mapping of str to list of (year, size)
        Candidates that come as if they were under way.
    """
    coming: dict[str, list[Committed]] = {}
    for candidate in model.candidates:
        for year, size in built.get(candidate.name, []):
            for capacity, amount in candidate.adds.items():
                coming.setdefault(capacity, []).append(
                    Committed(
                        candidate.name,
                        amount * size,
                        year + candidate.build,
                        candidate.ramp,
                        candidate.success,
                        candidate.delay,
                    )
                )
    return replace(
        model,
        capacities=tuple(_with_coming(row, coming.get(row.name, [])) for row in model.capacities),
        candidates=(),
        targets=(),
        budgets={},
        build_limits=(),
    )


def _with_coming(capacity: Capacity, coming: list[Committed]) -> Capacity:
    return replace(capacity, committed=(*capacity.committed, *coming)) if coming else capacity


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A decision with how the draws are operated after it."""

    weight: float
    x: FloatArray
    activity: FloatArray
    cost: float
    worst: float
    bound: float

    def mixed(self, other: "_Found", share: float) -> "_Found":
        """Return so much of the other and the rest of this."""
        rest = 1.0 - share
        return _Found(
            weight=other.weight,
            x=rest * self.x + share * other.x,
            activity=rest * self.activity + share * other.activity,
            cost=rest * self.cost + share * other.cost,
            worst=rest * self.worst + share * other.worst,
            bound=-np.inf,
        )


class Search:
    """The stocks of one coalition.

    Parameters
    ----------
    ready : Prepared
        A programme on its network.
    coalition : tuple of str
        Whose stocks.
    level : float
        The worst ``1 - level`` of the draws count.
    effort : Effort
        Gap of each plan, and processes.
    count : int, optional
        Draws.
    built : mapping of str to list of (year, size), optional
        Candidates that come as if they were under way.

    Raises
    ------
    InputError
        If the programme's rules leave the coalition nothing to stock.
    """

    def __init__(
        self,
        ready: Prepared,
        coalition: tuple[str, ...],
        level: float,
        *,
        effort: Effort,
        count: int | None = None,
        built: Mapping[str, list[tuple[int, float]]] | None = None,
    ) -> None:
        self.ready, self.coalition, self.level, self.effort = ready, coalition, level, effort
        self.model = stocks_only(ready.model(coalition), built or {})
        draws = ready.draws(self.model, count)
        self.assembly = Assembly(self.model, draws, risk_weight=1.0, risk_level=level)
        if not self.assembly.first.decisions:
            raise InputError(
                f"{' and '.join(coalition)} may stock nothing",
                where="stockpiles",
                way_out="name goods that they use, and largest_days above what is held",
            )
        self.found: list[_Found] = []

    def problem(self, weight: float) -> TwoStageProblem:
        """Return the problem in which the loss has a weight."""
        whole = self.assembly.problem
        risk = whole.risk
        if risk is None or weight == 0:
            return replace(whole, risk=None)
        return replace(whole, risk=Risk(weight=weight, level=risk.level, cost=risk.cost))

    def at(self, weight: float) -> _Found:
        """Return the best stocks for a weight of the loss.

        Raises
        ------
        InputError
            If the time allowed is too short to find any.
        """
        problem = self.problem(weight)
        solution = solve(
            problem,
            gap=self.effort.gap,
            seconds=self.effort.seconds,
            groups=self.effort.groups,
            processes=self.effort.processes,
        )
        if not solution.is_found:
            raise InputError(
                f"no stocks were found: {solution.status}",
                where="stockpile",
                way_out="allow more seconds, or ask for fewer draws",
            )
        x = np.where(solution.x < LEAST_DAYS * self.a_day, 0.0, solution.x)
        done = operate(
            problem,
            x,
            value_at_risk=solution.value_at_risk,
            processes=self.effort.processes,
        )
        self.found.append(self._found(weight, x, done.activity, solution.bound))
        return self.found[-1]

    def given(self, x: FloatArray) -> _Found:
        """Return what given stocks bring, operated at least cost."""
        done = operate(self.problem(0.0), x, processes=self.effort.processes)
        return self._found(0.0, x, done.activity, -np.inf)

    def _found(self, weight: float, x: FloatArray, activity: FloatArray, bound: float) -> _Found:
        done = self.accounted(x, activity)
        cost = done.first_cost + done.expected_cost
        return _Found(weight, x, activity, cost, self._worst(done), bound)

    def accounted(self, x: FloatArray, activity: FloatArray) -> Operations:
        """Return operations with what they cost."""
        problem = self.assembly.problem
        rows = problem.second.matrix.shape[0]
        return account(problem, x, activity, np.zeros((len(activity), rows)))

    def _worst(self, done: Operations) -> float:
        draws = self.assembly.draws
        return tail_mean(done.loss[draws.drawn], draws.weight[draws.drawn], self.level)

    @cached_property
    def none(self) -> _Found:
        """Without stocks."""
        return self.given(np.zeros(len(self.assembly.first.decisions)))

    # -- the frontier ----------------------------------------------------------------------

    def choice(self, allowed: float, flat: tuple[float, ...] = FLAT_DAYS) -> Choice:
        """Return the stocks of least cost whose loss is within what is allowed.

        Parameters
        ----------
        allowed : float
            Largest loss [money].
        flat : tuple of float
            Days of the flat rules beside it.
        """
        best, least, is_reached = self._best(allowed)
        rules = [(f"{days:g} days", self.given(self.flat(days))) for days in flat]
        return Choice(
            partners=self.coalition,
            none=self.outcome(NO_STOCK, self.none),
            chosen=self.outcome(CHOSEN, best),
            flat=tuple(self.outcome(name, row) for name, row in rules),
            is_reached=is_reached,
            least_cost=least,
            frontier=tuple(
                self._point(row) for row in sorted(self.found, key=lambda row: row.weight)
            ),
        )

    def _best(self, allowed: float) -> tuple[_Found, float, bool]:
        """Stocks, what none can fall below, and whether they do as asked."""
        slack = CLOSE * max(self.none.worst, 1.0)
        cheap = self.at(0.0)
        if cheap.worst <= allowed + slack:
            return cheap, cheap.bound, True
        safe = self.at(ALARM)
        if safe.worst > allowed + slack:
            return safe, safe.bound - ALARM * safe.worst, False
        for _round in range(ROUNDS):
            weight = (safe.cost - cheap.cost) / (cheap.worst - safe.worst)
            between = self.at(max(weight, 0.0))
            line, below = cheap.cost + weight * cheap.worst, between.cost + weight * between.worst
            if below >= line - max(CLOSE, self.effort.gap) * max(abs(line), 1.0):
                break
            cheap, safe = (cheap, between) if between.worst <= allowed else (between, safe)
        least = max(row.bound - row.weight * allowed for row in self.found)
        share = (cheap.worst - allowed) / (cheap.worst - safe.worst)
        return cheap.mixed(safe, float(np.clip(share, 0.0, 1.0))), least, True

    def flat(self, days: float) -> FloatArray:
        """Return the decision to hold so many days of use of everything, filled from the start."""
        years = self.model.years[: -LAST_WITHOUT_STOCK or None][:FILLED_OVER]
        x = np.zeros(len(self.a_day))
        for place, decision in self.assembly.first.stock_columns():
            if decision.year in years:
                x[place] = days * self.a_day[place] / len(years)
        return x

    @cached_property
    def a_day(self) -> FloatArray:
        """A day's use of what each decision buys, in the base year."""
        decisions = self.assembly.first.decisions
        return np.array([self.use_a_day(self.stores[row.name].market) for row in decisions])

    @cached_property
    def stores(self) -> dict[str, Stockpile]:
        """What may be filled, by name."""
        return {store.name: store for store in self.model.stockpiles}

    def use_a_day(self, market: Market) -> float:
        """Return what a place takes of a good on a day of the base year."""
        return self.ready.alliance.use_of[market] / DAYS

    # -- reading ---------------------------------------------------------------------------

    def outcome(self, rule: str, found: _Found) -> StockOutcome:
        """Return what a decision costs and brings."""
        done = self.accounted(found.x, found.activity)
        weight = self.assembly.draws.weight
        before = self.none.worst
        report = PlanReport(self.assembly, found.x, done)
        return StockOutcome(
            rule=rule,
            partners=self.coalition,
            cost=found.cost,
            stock_cost=report.cost_lines["stockpile"],
            worst=found.worst,
            unmet=float(weight @ done.loss),
            protection=1.0 - found.worst / before if before > 0 else 1.0,
            calm_draws=float(weight @ self._is_calm(report)),
            kept=tuple(self._kept(found.x)),
        )

    def _is_calm(self, report: PlanReport) -> FloatArray:
        own = [k for k, row in enumerate(self.model.demands) if row.partner]
        wanted, unmet = report.assembly.wanted[..., own], report.unmet[..., own]
        # round-off of a demand that is met must not count where little is wanted
        short = unmet >= np.maximum(SHORTAGE_THRESHOLD * wanted, CLOSE)
        calm: FloatArray = (~short.any(axis=(1, 2))).astype(float)
        return calm

    def _kept(self, x: FloatArray) -> Iterable[KeptLoss]:
        bought: dict[str, float] = {}
        for place, decision in self.assembly.first.stock_columns():
            bought[decision.name] = bought.get(decision.name, 0.0) + float(x[place])
        for name, quantity in bought.items():
            store = self.stores[name]
            if quantity > LEAST_DAYS * self.use_a_day(store.market):
                yield self._row(store, quantity)

    def _row(self, store: Stockpile, quantity: float) -> KeptLoss:
        commodity, place = store.market
        price = self.ready.network.base_price(store.market) * self.ready.alliance.scale.money
        return KeptLoss(
            commodity=commodity,
            place=place,
            form=self.ready.network.commodity(commodity).stage,
            quantity=quantity,
            days=quantity / self.use_a_day(store.market),
            cost_a_year=quantity * (store.holding + price * self.model.capital_rate),
        )

    def _point(self, found: _Found) -> Point:
        outcome = self.outcome("", found)
        # days of different goods add up by what a day's use is worth
        kept = sum(row.days * self._worth((row.commodity, row.place)) for row in outcome.kept)
        total = sum(self._worth(store.market) for store in self.model.stockpiles)
        return Point(found.weight, outcome.protection, found.cost, found.worst, kept / total)

    def _worth(self, market: Market) -> float:
        return self.use_a_day(market) * self.ready.network.base_price(market)
