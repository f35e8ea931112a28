"""Is it a plan, and does it cost what is said? Recomputed from the arrays alone.

Nothing of the solvers is imported: rows, bounds, whole numbers and costs are summed again here.
"""

from dataclasses import asdict, dataclass

import numpy as np

from monazite.errors import InputError
from monazite.newton import FloatArray
from monazite.plan.twostage import TwoStageProblem, pick

FEASIBLE = 1e-6
"""Largest relative violation with which a plan holds."""


@dataclass(frozen=True, slots=True)
class PlanCertificate:
    """How far a plan is from what is claimed of it; all relative.

    ``first_stage`` : largest violation of a row or bound of the decision, over 1 and the bound.
    ``integrality`` : largest distance from a whole number. ``second_stage`` : largest violation
    of a row or bound in any scenario. ``objective`` : cost summed again. ``difference`` : of the
    claimed cost from it. ``bound_excess`` : by how much the bound is above it. ``gap`` : by how
    much it is above the bound. ``dual_infeasibility`` : largest dual, over its costs, that had
    no bound to lean on when a cut was made. ``mismatch`` : largest difference of a cut from the
    value where it was made.
    """

    first_stage: float
    integrality: float
    second_stage: float
    objective: float
    difference: float
    bound_excess: float
    gap: float
    dual_infeasibility: float
    mismatch: float

    @property
    def primal(self) -> float:
        """Largest of the violations."""
        return max(self.first_stage, self.integrality, self.second_stage)

    @property
    def holds(self) -> bool:
        """Whether the plan is feasible, costs what is said, and not less than its bound."""
        return max(self.primal, self.difference, self.bound_excess) <= FEASIBLE

    def as_dict(self) -> dict[str, float | bool]:
        """Every figure by its name, with ``primal`` and ``holds``."""
        return {**asdict(self), "primal": self.primal, "holds": self.holds}


def certify(
    problem: TwoStageProblem,
    x: FloatArray,
    activity: FloatArray,
    *,
    objective: float,
    bound: float,
    value_at_risk: float | None = None,
    dual_infeasibility: float = 0.0,
    mismatch: float = 0.0,
) -> PlanCertificate:
    """Check a plan against the problem's own arrays.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk.
    x : array (column)
        The decision.
    activity : array (scenario, column)
        How each scenario is operated.
    objective, bound : float
        What the plan is said to cost, and what no plan is said to fall below.
    value_at_risk : float, optional
        Where the risk measure begins to count; wanted if the problem has one.
    dual_infeasibility, mismatch : float
        The worst of the cuts that the bound rests on.

    Raises
    ------
    InputError
        If the problem has a risk measure and no value at risk is given.
    """
    first, whole = problem.first, problem.first.integer
    rows = first.matrix @ x
    cost = _cost(problem, x, activity, value_at_risk)
    scale = max(abs(cost), 1e-9)
    return PlanCertificate(
        first_stage=max(
            _violation(rows, first.row_lower, first.row_upper),
            _violation(x, first.lower, first.upper),
        ),
        integrality=float(np.abs(x - np.round(x))[whole].max(initial=0.0)),
        second_stage=max(_operated(problem, x, activity, s) for s in range(problem.scenarios)),
        objective=cost,
        difference=abs(objective - cost) / scale,
        bound_excess=max(0.0, bound - cost) / scale,
        gap=max(0.0, cost - bound) / scale,
        dual_infeasibility=dual_infeasibility,
        mismatch=mismatch,
    )


def _operated(problem: TwoStageProblem, x: FloatArray, activity: FloatArray, s: int) -> float:
    """Largest violation in one scenario."""
    second, y = problem.second, activity[s]
    rows = second.recourse(s) @ y + second.technology_of(s) @ x
    return max(
        _violation(rows, pick(second.row_lower, s), pick(second.row_upper, s)),
        _violation(y, pick(second.lower, s), pick(second.upper, s)),
    )


def _violation(values: FloatArray, lower: FloatArray, upper: FloatArray) -> float:
    """Largest distance from the bounds, over 1 and the size of the bound; not a number is all."""
    if np.isnan(values).any():
        return float("inf")
    worst = 0.0
    for bound, sign in ((lower, 1.0), (upper, -1.0)):
        held = np.isfinite(bound)
        beyond = sign * (bound[held] - values[held]) / (1.0 + np.abs(bound[held]))
        worst = max(worst, float(beyond.max(initial=0.0)))
    return worst


def _cost(
    problem: TwoStageProblem, x: FloatArray, activity: FloatArray, value_at_risk: float | None
) -> float:
    cost = float(problem.first.cost @ x)
    cost += float(problem.weight @ (problem.second.cost * activity).sum(axis=1))
    risk = problem.risk
    if risk is None or risk.weight == 0:
        return cost
    if value_at_risk is None:
        raise InputError(
            "a problem with risk is checked at a value at risk",
            way_out="give that of the solution",
        )
    loss = (risk.cost * activity).sum(axis=1)[problem.drawn]
    beyond = problem.weight[problem.drawn] @ np.maximum(loss - value_at_risk, 0.0)
    return cost + risk.weight * (value_at_risk + float(beyond) / (1 - risk.level))
