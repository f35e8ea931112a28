"""The whole problem as one model: every scenario with its own columns. The oracle of the others.

It is simple and exact, and grows with the scenarios: between ten and thirty of them a problem with
a thousand whole numbers is out of its reach.
"""

import time

import numpy as np
from scipy import sparse

from monazite.errors import InputError
from monazite.newton import FloatArray
from monazite.plan.cuts import Cuts
from monazite.plan.decompose import OPTIMAL, PlanSolution, SearchOutcome, relative_gap
from monazite.plan.master import Conflict, Ending, conflicts, ending_of, run_apart
from monazite.plan.neutral import has_value_at_risk, with_risk_columns
from monazite.plan.subproblem import Solver, fill_matrix, quiet_solver
from monazite.plan.twostage import TwoStageProblem, pick

TOLERANCE = 1e-9


def solve_extensive(
    problem: TwoStageProblem, *, gap: float = 0.0, seconds: float | None = None
) -> PlanSolution:
    """Solve a problem as one model.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk, with or without whole numbers.
    gap : float
        Relative gap at which the solver may stop.
    seconds : float, optional
        Time it may take.

    Returns
    -------
    PlanSolution
        In the form of ``decompose``; without history and cuts.

    Raises
    ------
    InputError
        If the cost falls without limit.
    """
    start = time.monotonic()
    neutral = with_risk_columns(problem)
    is_whole = bool(neutral.first.integer.any())
    solver = _solver_of(neutral)
    shadow = np.full(len(problem.marks), np.nan)
    if not is_whole or problem.marks:
        solver.run()
        shadow = _shadow(neutral, solver)
    if is_whole:
        _run_whole(solver, neutral, gap, np.inf if seconds is None else seconds)
    x, objective, bound = _answer(solver, neutral, is_whole=is_whole)
    ending = ending_of(solver)
    found: tuple[Conflict, ...] = ()
    if ending is Ending.INFEASIBLE:
        found = conflicts(neutral.first, Cuts(problem))
        bound = np.inf
    is_risky = has_value_at_risk(problem) and np.isfinite(objective)
    return PlanSolution(
        status=_outcome(ending, relative_gap(objective, bound)),
        x=x[: problem.columns],
        objective=objective,
        bound=bound,
        value_at_risk=float(x[-1]) if is_risky else None,
        shadow=shadow,
        conflicts=found,
        history=(),
        cuts=Cuts(problem),
        seconds=time.monotonic() - start,
    )


def _outcome(ending: Ending, gap: float) -> SearchOutcome:
    if ending is Ending.UNBOUNDED:
        raise InputError(
            "the cost falls without limit", where="the problem", way_out="bound what is paid for"
        )
    if ending is Ending.INFEASIBLE:
        return SearchOutcome.INFEASIBLE
    if ending is Ending.STOPPED:
        return SearchOutcome.TIME_LIMIT
    return SearchOutcome.OPTIMAL if gap <= OPTIMAL else SearchOutcome.GAP_REACHED


def _solver_of(problem: TwoStageProblem) -> Solver:
    import highspy  # noqa: PLC0415 - slow to load, and most of the package does without

    first, second, count = problem.first, problem.second, problem.scenarios
    deep = second.matrix.shape[0] * count
    matrix = sparse.block_array(
        [
            [
                first.matrix,
                sparse.csr_array((first.matrix.shape[0], second.matrix.shape[1] * count)),
            ],
            [
                sparse.vstack([second.technology_of(s) for s in range(count)]),
                sparse.block_diag([second.recourse(s) for s in range(count)]),
            ],
        ],
        format="csc",
    )

    def beside(one: FloatArray, table: FloatArray) -> FloatArray:
        return np.concatenate([one, *(pick(table, s) for s in range(count))])

    weighed = [weight * pick(second.cost, s) for s, weight in enumerate(problem.weight)]
    linear = highspy.HighsLp()
    linear.num_row_, linear.num_col_ = first.matrix.shape[0] + deep, matrix.shape[1]
    linear.col_cost_ = np.concatenate([first.cost, *weighed])
    linear.col_lower_ = beside(first.lower, second.lower)
    linear.col_upper_ = beside(first.upper, second.upper)
    linear.row_lower_ = beside(first.row_lower, second.row_lower)
    linear.row_upper_ = beside(first.row_upper, second.row_upper)
    fill_matrix(linear, sparse.csc_array(matrix))
    solver = quiet_solver()
    for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        solver.setOptionValue(tolerance, TOLERANCE)
    solver.passModel(linear)
    return solver


def _run_whole(solver: Solver, problem: TwoStageProblem, gap: float, seconds: float) -> None:
    import highspy  # noqa: PLC0415 - loaded with the first solver

    whole = np.flatnonzero(problem.first.integer).astype(np.int32)
    kind = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    solver.changeColsIntegrality(len(whole), whole, kind)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("time_limit", solver.getRunTime() + seconds)
    run_apart(solver)


def _answer(
    solver: Solver, problem: TwoStageProblem, *, is_whole: bool
) -> tuple[FloatArray, float, float]:
    """Decision, its cost, and what no decision falls below."""
    import highspy  # noqa: PLC0415 - loaded with the first solver

    info = solver.getInfo()
    bound = float(info.mip_dual_bound if is_whole else info.objective_function_value)
    if info.primal_solution_status != highspy.kSolutionStatusFeasible:
        return np.full(problem.columns, np.nan), np.inf, bound if is_whole else -np.inf
    first = problem.first
    x = np.array(solver.getSolution().col_value)[: problem.columns]
    x = np.clip(np.where(first.integer, np.round(x), x), first.lower, first.upper)
    return x, float(info.objective_function_value), bound


def _shadow(problem: TwoStageProblem, solver: Solver) -> FloatArray:
    """Change of the cost when what is marked moves by one, from the relaxed form (mark)."""
    dual = np.array(solver.getSolution().row_dual)
    if not len(dual):
        return np.full(len(problem.marks), np.nan)
    start, deep = problem.first.matrix.shape[0], problem.second.matrix.shape[0]
    return np.array(
        [
            dual[np.where(mark.scenario < 0, mark.row, start + mark.scenario * deep + mark.row)]
            @ mark.coefficient
            for mark in problem.marks
        ]
    )
