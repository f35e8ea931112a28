"""The L-shaped method: a first stage that learns from cuts what its decisions cost later.

Van Slyke & Wets 1969 (SIAM J. Appl. Math. 17), with the scenarios added up in a few groups. First
without whole numbers: each round evaluates a decision halfway between the best so far and what
the cuts propose, which keeps the proposals from jumping (Ben-Ameur & Neto 2007, Networks 49). Then
in whole numbers, with all cuts kept: each proposal is evaluated exactly and gives new cuts. What
the cuts say is never too much, so the proposal's cost is a bound; what an evaluated decision costs
is the cost of a plan. The gap between the two is reported, and the method stops when it is small.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from monazite.engine import Engine
from monazite.errors import InputError, MonaziteError
from monazite.newton import FloatArray, IndexArray
from monazite.plan.cuts import BAR, Cuts
from monazite.plan.evaluate import Recourse
from monazite.plan.master import Conflict, Ending, Master, Proposal, conflicts
from monazite.plan.neutral import has_value_at_risk, with_risk_columns
from monazite.plan.twostage import FirstStage, TwoStageProblem, tail_mean, value_at_risk

HALFWAY = 0.5
"""Where between the best decision and the proposal the next one is evaluated."""
RELAXED_SHARE = 0.2
"""Share of the gap asked for to which the relaxed form is solved."""
SOLVED = 1e-9
"""Relative gap at which nothing is left to be found."""
OPTIMAL = 1e-6
"""Relative gap below which a solution is called optimal."""
MOST_OTHERS = 5
"""Decisions met on the way that are evaluated besides the best."""
COARSE = 0.02
"""Relative gap to which whole numbers are first sought."""
FINEST = 1e-11
"""Relative gap below which a solver in whole numbers is not asked to go."""
FEASIBLE = 1e-7
"""By how much a decision may miss a row or bound, relative to what stands in it."""


class Phase(StrEnum):
    """Whether whole numbers are heeded yet."""

    RELAXED = "relaxed"
    WHOLE = "whole"


class SearchOutcome(StrEnum):
    """Why the search ended."""

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"
    INFEASIBLE = "infeasible"
    STALLED = "stalled"
    """Round-off keeps best and bound further apart than the gap asked for."""


@dataclass(frozen=True, slots=True)
class SolverStep:
    """One round of the search.

    ``bound`` : no plan costs less. ``incumbent`` : cost of the best plan, infinite if there is
    none yet. ``gap`` : between them, relative. ``cuts`` : how many there are. ``seconds`` : since
    the start.
    """

    iteration: int
    phase: Phase
    bound: float
    incumbent: float
    gap: float
    cuts: int
    seconds: float


Progress = Callable[[SolverStep], None]


@dataclass(frozen=True, slots=True, eq=False)
class PlanSolution:
    """The best decision found, and how good it can be at most.

    ``status`` : why the search ended. ``x`` : (column) the decision, NaN if there is none.
    ``objective`` : its cost, infinite if there is none. ``bound`` : no decision costs less.
    ``gap`` : ``(objective - bound) / |objective|``. ``value_at_risk`` : where the risk measure
    begins to count, if there is one. ``shadow`` : (mark) change of the cost when what is marked
    moves by one, from the relaxed form; NaN before that is solved. ``conflicts`` : rows that
    cannot hold together, if the problem is infeasible. ``history`` : every round. ``cuts`` : to
    start another search from. ``seconds`` : it took.
    """

    status: SearchOutcome
    x: FloatArray
    objective: float
    bound: float
    value_at_risk: float | None
    shadow: FloatArray
    conflicts: tuple[Conflict, ...]
    history: tuple[SolverStep, ...]
    cuts: Cuts
    seconds: float

    @property
    def gap(self) -> float:
        """Relative gap."""
        return relative_gap(self.objective, self.bound)

    @property
    def iterations(self) -> int:
        """Number of rounds."""
        return len(self.history)

    @property
    def is_found(self) -> bool:
        """Whether there is a decision."""
        return bool(np.isfinite(self.objective))


def relative_gap(objective: float, bound: float) -> float:
    """Return how far a cost may be from the least, relative to itself.

    Parameters
    ----------
    objective, bound : float
        Cost of a plan; what no plan can fall below.
    """
    if not np.isfinite(objective) or not np.isfinite(bound):
        return float("inf")
    return max(0.0, objective - bound) / max(abs(objective), 1e-9)


def solve(
    problem: TwoStageProblem,
    *,
    gap: float = 0.01,
    seconds: float | None = None,
    groups: int = 10,
    processes: int | Engine = 1,
    progress: Progress | None = None,
    state: Cuts | None = None,
    recourse: Recourse | None = None,
) -> PlanSolution:
    """Find a decision whose cost is within a gap of the least.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk, with or without whole numbers.
    gap : float
        Relative gap at which the search stops.
    seconds : float, optional
        Time it may take; the best plan until then is returned. A sweep over the scenarios that
        has begun is finished.
    groups : int
        Into how many cuts the scenarios are added up; those of `state`, if given.
    processes : int or Engine
        Over how many the scenarios are shared out, or the engine that does it.
    progress : callable (SolverStep), optional
        Told after each round.
    state : Cuts, optional
        What an earlier search has learned of the same second stage; it is added to.
    recourse : Recourse, optional
        Processes of an earlier search of the same second stage; they are left running.

    Returns
    -------
    PlanSolution
        Ctrl-C ends the search early, with the best plan until then.

    Raises
    ------
    InputError
        If a number makes no sense, the cuts belong to another second stage, or the cost falls
        without limit.
    """
    if gap < 0 or (seconds is not None and seconds < 0):
        raise InputError("gap and seconds are not negative")
    cuts = Cuts(problem, recourse.groups if recourse else groups) if state is None else state
    cuts.check(problem)
    if recourse and (
        recourse.groups != cuts.groups or recourse.neutral.second_digest() != cuts.digest
    ):
        raise InputError("these processes look after another second stage, or in other groups")
    search = _Search(problem, cuts, max(gap, SOLVED), seconds, progress)
    own = recourse or Recourse(problem, groups=cuts.groups, processes=processes)
    try:
        status = search.run(own)
    except KeyboardInterrupt:
        status = SearchOutcome.INTERRUPTED
    finally:
        if recourse is None:
            own.close()
    return search.solution(status)


class _TimeUp(Exception):  # noqa: N818 - it ends the search, it is no error
    pass


class _Impossible(Exception):  # noqa: N818 - it ends the search, it is no error
    pass


class _Search:
    """One search: bounds, best decision, cuts and history."""

    def __init__(
        self,
        problem: TwoStageProblem,
        cuts: Cuts,
        gap: float,
        seconds: float | None,
        progress: Progress | None,
    ) -> None:
        self.problem, self.neutral = problem, with_risk_columns(problem)
        self.cuts, self.gap, self.progress = cuts, gap, progress
        self.start = time.monotonic()
        self.end = np.inf if seconds is None else self.start + seconds
        self.bound, self.objective = -np.inf, np.inf
        self.point: FloatArray | None = None
        self.shadow = np.full(len(problem.marks), np.nan)
        self.conflicts: tuple[Conflict, ...] = ()
        self.history: list[SolverStep] = []
        self.master = Master(self.neutral.first, cuts.groups)
        self.is_inside = np.zeros(0, dtype=np.bool_)
        self._take_in(np.arange(len(cuts)))

    def run(self, recourse: Recourse) -> SearchOutcome:
        """Search until the gap is reached, time is up or nothing is possible."""
        try:
            self._search(recourse)
        except _TimeUp:
            return SearchOutcome.TIME_LIMIT
        except _Impossible:
            self.conflicts = conflicts(self.neutral.first, self.cuts)
            self.bound = np.inf
            return SearchOutcome.INFEASIBLE
        gap = relative_gap(self.objective, self.bound)
        if gap <= OPTIMAL:
            return SearchOutcome.OPTIMAL
        return SearchOutcome.GAP_REACHED if gap <= self.gap else SearchOutcome.STALLED

    def _search(self, recourse: Recourse) -> None:
        if self.cuts.point is not None and _is_decision(self.neutral.first, self.cuts.point):
            self._evaluate(recourse, self.cuts.point)
        last = self._relaxed_phase(recourse)
        if self.neutral.first.integer.any():
            self._thin_out(last)
            self._whole_phase(recourse)

    def _relaxed_phase(self, recourse: Recourse) -> Proposal:
        """Learn cuts from decisions between the best so far and what the cuts propose."""
        is_whole = bool(self.neutral.first.integer.any())
        tolerance = self.gap * (RELAXED_SHARE if is_whole else 1.0)
        best, centre, step = self.objective, self.point, HALFWAY
        while True:
            proposal = self._propose()
            if relative_gap(best, self.bound) <= tolerance:
                return proposal
            if centre is None or step == 1.0:
                point, step = proposal.x, 1.0
            else:
                point = step * proposal.x + (1 - step) * centre
            before = self.cuts.heights(proposal.x)
            value, evaluated = self._evaluate(recourse, point)
            if value < best:
                best, centre = value, evaluated
            self._report(Phase.RELAXED)
            is_cut_off = self._is_cut_off(proposal.x, before)
            if step == 1.0 and not is_cut_off and np.isfinite(proposal.bound):
                return proposal  # nothing is left to be learned, up to round-off
            step = HALFWAY if is_cut_off else 1.0

    def _propose(self) -> Proposal:
        """Ask the relaxed first stage; its bound and its shadow values are noted."""
        self._time_left()
        proposal = self.master.relaxed()
        if proposal.ending is Ending.INFEASIBLE:
            raise _Impossible
        if proposal.ending is not Ending.SOLVED:
            raise MonaziteError(
                "the linear programme of the first stage cannot be solved",
                way_out="look for coefficients that are many orders of magnitude apart",
            )
        if np.isfinite(proposal.bound):
            self.bound = max(self.bound, proposal.bound)
            self.shadow = self.master.shadow(proposal, self.neutral.marks)
        return proposal

    def _whole_phase(self, recourse: Recourse) -> None:
        """Evaluate what is proposed in whole numbers until the bound meets the best."""
        fineness = max(self.gap / 2, COARSE)
        while relative_gap(self.objective, self.bound) > self.gap and fineness > FINEST:
            begun = time.monotonic()
            proposal = self.master.whole(
                self._start(),
                gap=fineness,
                seconds=self._time_left(),
                enough=self.objective - self.gap * abs(self.objective),
            )
            taken = time.monotonic() - begun
            if proposal.ending is Ending.INFEASIBLE:
                raise _Impossible
            self.bound = max(self.bound, proposal.bound)
            if not len(proposal.x):
                self._time_left()
                raise MonaziteError("the first stage cannot be solved in whole numbers")
            if relative_gap(self.objective, self.bound) > self.gap:
                fineness = self._refine(recourse, proposal.x, fineness)
                self._look_around(recourse, proposal.others, taken)
            self._report(Phase.WHOLE)

    def _refine(self, recourse: Recourse, x: FloatArray, fineness: float) -> float:
        """Evaluate a proposal; return how finely the next one is to be sought."""
        known = self.cuts.tops(x)
        self._take_in(known[~self.is_inside[known]])
        before = self.cuts.heights(x)
        value, _ = self._evaluate(recourse, x)
        if not self._is_cut_off(x, before):
            return fineness / 10  # the cuts are exact here: what is left is the solver's gap
        error = relative_gap(value, float(self.neutral.first.cost @ x + before.sum()))
        # as long as the cuts are wrong by more, a finer search would only waste time
        return min(fineness, max(self.gap / 2, error / 2))

    def _look_around(
        self, recourse: Recourse, others: Sequence[FloatArray], seconds: float
    ) -> None:
        """Evaluate what else was met on the way, for no longer than it took to propose."""
        until = min(self.end, time.monotonic() + seconds)
        for x in others[1:MOST_OTHERS]:
            if time.monotonic() > until:
                return
            self._evaluate(recourse, x)

    def _start(self) -> FloatArray | None:
        """Best decision and what the groups cost, for the solver to start from."""
        return None if self.point is None else np.append(self.point, self.cuts.heights(self.point))

    def _take_in(self, places: IndexArray) -> None:
        """Give the first stage cuts that it does not hold."""
        known = np.zeros(len(self.cuts), dtype=np.bool_)
        known[: len(self.is_inside)] = self.is_inside
        known[places] = True
        self.is_inside = known
        self.master.add(self.cuts.planes.chosen(places))

    def _thin_out(self, proposal: Proposal) -> None:
        """Keep only cuts that bear the relaxed form; others come back when they are missed."""
        inside = np.flatnonzero(self.is_inside)
        bars = self.cuts.planes.group[inside] == BAR
        kept = inside[: len(proposal.cut_dual)][proposal.cut_dual > 0]
        kept = np.union1d(kept, inside[bars])
        self.master = Master(self.neutral.first, self.cuts.groups)
        self.is_inside = np.zeros(len(self.cuts), dtype=np.bool_)
        self._take_in(kept)

    def _evaluate(self, recourse: Recourse, x: FloatArray) -> tuple[float, FloatArray]:
        """Cost of a decision, with the best value at risk for it; its cuts are taken in."""
        value, loss = self._swept(recourse, x)
        if has_value_at_risk(self.problem) and np.isfinite(value):
            value, x, is_moved = self._with_best_value_at_risk(value, x, loss)
        else:
            is_moved = False
        if value < self.objective and _is_decision(self.neutral.first, x):
            if is_moved:
                # operations change with the value at risk, and so does what they cost
                value, _ = self._swept(recourse, x)
            self.objective, self.point, self.cuts.point = value, x, x
        return value, x

    def _swept(self, recourse: Recourse, x: FloatArray) -> tuple[float, FloatArray]:
        """Cost of a decision and the losses (scenario)."""
        sweep, before = recourse.sweep(x), len(self.cuts)
        self.cuts.add(sweep)
        self._take_in(np.arange(before, len(self.cuts)))
        if not np.isfinite(sweep.value).all():
            return np.inf, sweep.loss
        value = float(self.neutral.first.cost @ x + self.neutral.weight @ sweep.value)
        return value, sweep.loss

    def _with_best_value_at_risk(
        self, value: float, x: FloatArray, loss: FloatArray
    ) -> tuple[float, FloatArray, bool]:
        """Replace the value at risk by that of the losses; tell whether that saves anything."""
        risk, drawn = self.problem.risk, self.problem.drawn
        if risk is None:
            return value, x, False
        weight, loss = self.problem.weight[drawn], loss[drawn]
        beyond = float(weight @ np.maximum(loss - x[-1], 0.0)) / (1 - risk.level)
        saved = risk.weight * (x[-1] + beyond - tail_mean(loss, weight, risk.level))
        if saved <= SOLVED * abs(value):
            return value, x, False
        best = value_at_risk(loss, weight, risk.level)
        return value - saved, np.append(x[:-1], best), True

    def _is_cut_off(self, x: FloatArray, before: FloatArray) -> bool:
        """Whether the cuts now say more of a decision than before."""
        noise = SOLVED * (1.0 + (abs(self.bound) if np.isfinite(self.bound) else 0.0))
        return self.cuts.bars(x) or bool((self.cuts.heights(x) > before + noise).any())

    def _time_left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise _TimeUp
        return left

    def _report(self, phase: Phase) -> None:
        step = SolverStep(
            iteration=len(self.history) + 1,
            phase=phase,
            bound=self.bound,
            incumbent=self.objective,
            gap=relative_gap(self.objective, self.bound),
            cuts=len(self.cuts),
            seconds=time.monotonic() - self.start,
        )
        self.history.append(step)
        if self.progress is not None:
            self.progress(step)

    def solution(self, status: SearchOutcome) -> PlanSolution:
        """Return what was found."""
        count, point = self.problem.columns, self.point
        is_risky = point is not None and has_value_at_risk(self.problem)
        return PlanSolution(
            status=status,
            x=np.full(count, np.nan) if point is None else point[:count],
            objective=self.objective,
            bound=self.bound,
            value_at_risk=float(point[-1]) if point is not None and is_risky else None,
            shadow=self.shadow,
            conflicts=self.conflicts,
            history=tuple(self.history),
            cuts=self.cuts,
            seconds=time.monotonic() - self.start,
        )


def _is_decision(first: FirstStage, x: FloatArray) -> bool:
    """Whether a decision is within all bounds and rows, and whole where it must be."""
    rows = first.matrix @ x
    wide = FEASIBLE * (1.0 + np.abs(x))
    high = FEASIBLE * (1.0 + abs(first.matrix) @ np.abs(x))
    return bool(
        (x >= first.lower - wide).all()
        and (x <= first.upper + wide).all()
        and (rows >= first.row_lower - high).all()
        and (rows <= first.row_upper + high).all()
        and (np.abs(x - np.round(x))[first.integer] <= FEASIBLE).all()
    )
