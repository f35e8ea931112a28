"""What knowing the future would be worth, and what reckoning with several futures is worth.

With foresight each draw gets a plan of its own: wait and see, WS. The plan made for all draws costs
RP. The plan that knows only their mean, lived through all of them, costs EEV. WS <= RP <= EEV
(Madansky 1960, Management Science 6); RP - WS is the expected value of perfect information, EEV -
RP the value of the stochastic solution.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from monazite.engine import Engine, of_processes
from monazite.errors import InputError
from monazite.newton import FloatArray
from monazite.plan.decompose import PlanSolution, solve
from monazite.plan.extensive import solve_extensive
from monazite.plan.twostage import FirstStage, TwoStageProblem


@dataclass(frozen=True, slots=True, eq=False)
class ValueOfInformation:
    """Costs of plans that know more or less.

    ``with_foresight`` : WS, from below. ``stochastic`` : RP, cost of the plan for all draws.
    ``of_mean_plan`` : EEV; None if the plan for the mean cannot be carried through.
    ``by_draw`` : (draw) cost of a plan for each draw alone, from below. ``mean_plan`` : (column)
    the decision for the mean, NaN if there is none. ``is_relaxed`` : whether plans with foresight
    were allowed fractions of whole numbers, which makes their cost a lower bound only.
    """

    with_foresight: float
    stochastic: float
    of_mean_plan: float | None
    by_draw: FloatArray
    mean_plan: FloatArray
    is_relaxed: bool

    @property
    def evpi(self) -> float:
        """Expected value of perfect information, RP - WS; from above."""
        return self.stochastic - self.with_foresight

    @property
    def vss(self) -> float | None:
        """Value of the stochastic solution, EEV - RP."""
        return None if self.of_mean_plan is None else self.of_mean_plan - self.stochastic


def value_of_information(
    problem: TwoStageProblem,
    solution: PlanSolution,
    *,
    relaxed: bool = False,
    gap: float = 1e-4,
    seconds: float | None = None,
    processes: int | Engine = 1,
) -> ValueOfInformation:
    """Compare a plan with one that knows the draw, and with one that knows only the mean.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk. States are part of every plan.
    solution : PlanSolution
        Its plan.
    relaxed : bool
        Allow plans with foresight fractions of whole numbers, which is faster.
    gap : float
        Relative gap to which each of the other plans is solved.
    seconds : float, optional
        Time for each of them.
    processes : int or Engine
        Draws are shared out over them, or the engine that does it.

    Raises
    ------
    InputError
        If the solution holds no plan.
    """
    if not solution.is_found:
        raise InputError("without a plan there is nothing to compare")
    by_draw = _with_foresight(problem, relaxed, gap, seconds, processes)
    mean_plan = solve(problem.with_mean(), gap=gap, seconds=seconds).x
    return ValueOfInformation(
        with_foresight=float(problem.weight[problem.drawn] @ by_draw),
        stochastic=solution.objective,
        of_mean_plan=_cost_of(problem, mean_plan, processes),
        by_draw=by_draw,
        mean_plan=mean_plan,
        is_relaxed=relaxed and bool(problem.first.integer.any()),
    )


def _with_foresight(
    problem: TwoStageProblem,
    relaxed: bool,
    gap: float,
    seconds: float | None,
    processes: int | Engine,
) -> FloatArray:
    """Lower bound of the cost of a plan for each draw alone (draw)."""
    base = _without_whole(problem) if relaxed else problem
    draws = np.flatnonzero(base.drawn).tolist()
    engine = of_processes(processes) if isinstance(processes, int) else processes
    found = dict(engine.run(_least, (base, gap, seconds), draws))
    return np.array([found[place] for place in range(len(draws))])


def _least(asked: tuple[TwoStageProblem, float, float | None], draw: int) -> float:
    """Lower bound of the cost of a plan for one draw and the states."""
    problem, gap, seconds = asked
    alone = problem.subset([draw, *np.flatnonzero(~problem.drawn).tolist()])
    return solve_extensive(alone, gap=gap, seconds=seconds).bound


def _without_whole(problem: TwoStageProblem) -> TwoStageProblem:
    integer = np.zeros(problem.columns, dtype=np.bool_)
    return replace(problem, first=replace(problem.first, integer=integer))


def _cost_of(problem: TwoStageProblem, x: FloatArray, processes: int | Engine) -> float | None:
    """Cost of a decision, with the best value at risk for it; None if it cannot be operated."""
    if np.isnan(x).any():
        return None
    first = problem.first
    fixed = FirstStage(
        cost=first.cost,
        matrix=sparse.csr_array((0, problem.columns)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        lower=x,
        upper=x,
        integer=np.zeros(problem.columns, dtype=np.bool_),
    )
    found = solve(replace(problem, first=fixed, marks=()), gap=0.0, processes=processes)
    return found.objective if found.is_found else None
