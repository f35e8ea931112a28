"""What money buys: cost against unmet demand, and what each project of a plan is worth.

Cuts say what the second stage costs after any decision, so they hold for every limit on building
and for every project ruled out: all these plans start from what the first one has learnt.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from monazite.plan.assemble import Assembly
from monazite.plan.draws import N_MINUS_1
from monazite.plan.evaluate import Recourse
from monazite.plan.model import CostLine
from monazite.plan.planner import (
    Effort,
    Plan,
    capital_of,
    find_beside,
    with_capital_limit,
    without,
)
from monazite.plan.twostage import TwoStageProblem

SHARES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
"""Limits on building that a frontier is made of, over what the plan builds."""
POOR_GAP = 0.05
"""Gap of a search that ran out of time from which its plan says too little, and it goes on."""
LONGER = 3.0
"""How much longer it may then take."""
Told = Callable[[int, int], None]
"""Told how many of how many are done."""


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """A plan that may build no more than so much.

    ``limit`` : most that building may cost [money, not discounted]. ``capital`` : what it does
    cost. ``cost`` : all lines but unmet demand, risk and targets [money, discounted].
    ``unmet`` : expected unmet demand of the partners, at base prices [money, not discounted].
    ``unmet_without_largest`` : mean share of demand unmet in the steps of targets in the state in
    which the largest supplier of every good is gone; None without such a target.
    ``unmet_cost`` : what going without costs [money, discounted]. ``projects`` : how many.
    ``gap`` : of the search.
    """

    limit: float
    capital: float
    cost: float
    unmet: float
    unmet_without_largest: float | None
    unmet_cost: float
    projects: int
    gap: float


@dataclass(frozen=True, slots=True)
class ProjectWorth:
    """What a plan without a project would cost more.

    ``project`` : name. ``worth`` : cost without it less cost with it [money, discounted]. ``low``,
    ``high`` : between them it lies, given the gaps of both searches [money, discounted].
    """

    project: str
    worth: float
    low: float
    high: float


def frontier(
    assembly: Assembly, plan: Plan, effort: Effort, told: Told | None = None
) -> tuple[FrontierPoint, ...]:
    """Return plans with less and less to build, the plan itself last."""
    whole = float(capital_of(assembly) @ plan.solution.x)
    points = []
    with _recourse(assembly, plan, effort) as recourse:
        for number, share in enumerate(SHARES):
            limit = share * whole
            found = plan
            if share < 1.0:
                limited = with_capital_limit(assembly, limit)
                found = _again(assembly, plan, effort, limited, recourse)
            if found.solution.is_found:
                points.append(_point(found, limit))
            if told is not None:
                told(number + 1, len(SHARES))
    return tuple(points)


def _recourse(assembly: Assembly, plan: Plan, effort: Effort) -> Recourse:
    """Return processes that keep their bases from one search to the next."""
    groups = plan.solution.cuts.groups
    return Recourse(assembly.problem, groups=groups, processes=effort.processes)


def _again(
    assembly: Assembly,
    plan: Plan,
    effort: Effort,
    problem: TwoStageProblem,
    recourse: Recourse,
) -> Plan:
    """Solve again with what the plan's search has learnt, and longer where that was too short."""
    cuts = plan.solution.cuts
    found = find_beside(assembly, effort, problem=problem, state=cuts, recourse=recourse)
    if effort.seconds is None or found.solution.gap <= POOR_GAP:
        return found
    patient = replace(effort, seconds=LONGER * effort.seconds)
    cuts = found.solution.cuts
    return find_beside(assembly, patient, problem=problem, state=cuts, recourse=recourse)


def _point(plan: Plan, limit: float) -> FrontierPoint:
    lines = plan.report.cost_lines
    apart = {CostLine.UNMET, CostLine.RISK, CostLine.TARGET}
    return FrontierPoint(
        limit=limit,
        capital=float(capital_of(plan.assembly) @ plan.solution.x),
        cost=sum(amount for line, amount in lines.items() if line not in apart),
        unmet=plan.report.expected_unmet,
        unmet_without_largest=plan.report.unmet_in(N_MINUS_1),
        unmet_cost=lines[CostLine.UNMET],
        projects=len(plan.report.portfolio),
        gap=plan.solution.gap,
    )


def worths(
    assembly: Assembly, plan: Plan, effort: Effort, told: Told | None = None
) -> tuple[ProjectWorth, ...]:
    """Return what each project of a plan is worth, by solving again without it."""
    names = list(dict.fromkeys(row.project for row in plan.report.portfolio))
    rows = []
    with _recourse(assembly, plan, effort) as recourse:
        for number, name in enumerate(names):
            found = _again(assembly, plan, effort, without(assembly, name), recourse)
            if found.solution.is_found:
                rows.append(_worth(plan, found, name))
            if told is not None:
                told(number + 1, len(names))
    return tuple(sorted(rows, key=lambda row: -row.worth))


def _worth(plan: Plan, found: Plan, name: str) -> ProjectWorth:
    with_it, without_it = plan.solution, found.solution
    return ProjectWorth(
        project=name,
        worth=max(0.0, without_it.objective - with_it.objective),
        low=max(0.0, without_it.bound - with_it.objective),
        high=max(0.0, without_it.objective - with_it.bound),
    )
