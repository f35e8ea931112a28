"""A plan as plain data, for JSON and for briefings: the same figures everywhere."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from monazite.plan.coalition import Gain
from monazite.plan.frontier import FrontierPoint, ProjectWorth
from monazite.plan.planner import Plan
from monazite.plan.result import PlanReport
from monazite.plan.values import ValueOfInformation

MOST_SHORTAGES = 400
"""Rows of expected shortages that are written; the rest is small."""
TARGETS_MISSED = "targets_missed"
"""Status of a plan that no choice could bring to its targets."""
DEMAND_MISSED = "infeasible"
"""Status of a plan that leaves a demand unmet which must be met."""


@dataclass(frozen=True, slots=True)
class Joining:
    """What a third party adds by joining.

    ``country`` : who. ``gain`` : cost of the partners' plan and of its own, less that of all
    together, all without targets [money, discounted]. ``low``, ``high`` : between them, given the
    gaps.
    """

    country: str
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Findings:
    """What is worked out beside a plan; None where it was not asked for.

    ``gain`` : of planning together. ``information`` : EVPI and VSS. ``frontier`` : cost against
    unmet demand. ``worths`` : of projects. ``joining`` : of third parties. ``replay`` : the
    plan in the monthly market. ``faults`` : parts that could not be worked out, with the reason.
    """

    gain: Gain | None = None
    information: ValueOfInformation | None = None
    frontier: tuple[FrontierPoint, ...] | None = None
    worths: tuple[ProjectWorth, ...] | None = None
    joining: tuple[Joining, ...] | None = None
    replay: Any = None
    faults: Mapping[str, str] = field(default_factory=dict)


def status_of(plan: Plan) -> str:
    """Return how a plan stands: as its search ended, or that it cannot do what it must."""
    if not plan.solution.is_found:
        return str(plan.solution.status)
    if plan.report.must_miss:
        return DEMAND_MISSED
    if any(row.missed > 1e-6 for row in plan.report.targets):
        return TARGETS_MISSED
    return str(plan.solution.status)


def plan_data(plan: Plan, findings: Findings) -> dict[str, Any]:
    """Return a plan with all that was worked out beside it.

    Parameters
    ----------
    plan : Plan
        Solved.
    findings : Findings
        What else is known.
    """
    solution = plan.solution
    data: dict[str, Any] = {
        "status": status_of(plan),
        "gap": _finite(solution.gap),
        "bound": _finite(solution.bound),
        "objective": _finite(solution.objective),
    }
    if not solution.is_found:
        return data | {"explanation": [row._asdict() for row in solution.conflicts]}
    return (
        data
        | _report_data(plan.report)
        | _findings_data(findings)
        | {
            "explanation": explanation(plan),
            "certificate": plan.certificate.as_dict(),
            "iterations": solution.iterations,
            "seconds": round(solution.seconds, 1),
            "draws": plan.assembly.draws.count,
            "candidates": len(plan.assembly.model.candidates),
            "units": {
                "money": plan.assembly.model.money_unit,
                "quantity": plan.assembly.model.quantity_unit,
            },
        }
    )


def explanation(plan: Plan) -> list[dict[str, Any]]:
    """Return what cannot be reached: which target or demand, when, and how far it falls short."""
    rows: list[dict[str, Any]] = [
        {
            "what": f"target {row.target}",
            "step": row.step,
            "wanted": row.wanted,
            "reached": row.reached,
            "missed": row.missed,
        }
        for row in plan.report.targets
        if row.missed > 1e-6
    ]
    rows += [
        {"what": name, "step": step, "wanted": 1.0, "reached": 1.0 - share, "missed": share}
        for name, step, share in plan.report.must_miss
    ]
    return rows


def _report_data(report: PlanReport) -> dict[str, Any]:
    return {
        "partners": list(report.model.partners),
        "cost_lines": dict(report.cost_lines),
        "portfolio": [asdict(row) for row in report.portfolio],
        "stockpile": [asdict(row) for row in report.stocked],
        "cash": [asdict(row) for row in report.cash],
        "coverage": [asdict(row) for row in report.coverage],
        "expected_unmet": report.expected_unmet,
        "shortages": [asdict(row) for row in report.shortages[:MOST_SHORTAGES]],
        "targets": [asdict(row) for row in report.targets],
        "shadow_values": dict(report.shadow),
        "bottlenecks": [asdict(row) for row in report.pressures if row.value > 0][:30],
        "doubled": [
            {"stage": stage, "use": use, "projects": list(names)}
            for stage, use, names in report.doubled
        ],
    }


def _findings_data(findings: Findings) -> dict[str, Any]:
    data: dict[str, Any] = {
        "gain_of_joint_plan": None,
        "shapley": None,
        "separate": None,
        "evpi": None,
        "vss": None,
    }
    if findings.gain is not None:
        data |= _gain_data(findings.gain)
    if findings.information is not None:
        data |= {
            "evpi": findings.information.evpi,
            "vss": findings.information.vss,
            "information": {
                "with_foresight": findings.information.with_foresight,
                "stochastic": findings.information.stochastic,
                "of_mean_plan": findings.information.of_mean_plan,
                "is_relaxed": findings.information.is_relaxed,
            },
        }
    for name in ("frontier", "worths", "joining"):
        rows = getattr(findings, name)
        data[name] = None if rows is None else [asdict(row) for row in rows]
    data["not_worked_out"] = dict(findings.faults)
    data["replay"] = None if findings.replay is None else findings.replay.as_dict()
    return data


def _gain_data(gain: Gain) -> dict[str, Any]:
    return {
        "gain_of_joint_plan": gain.gain,
        "gain_range": [gain.low, gain.high],
        "shapley": dict(gain.shapley),
        "separate": dict(gain.separate),
        "coalitions": _named(gain.cost),
        "compared_at": [asdict(row) for row in gain.promises],
    }


def _named(cost: Mapping[frozenset[str], float]) -> dict[str, float]:
    return {"+".join(sorted(chosen)): amount for chosen, amount in cost.items()}


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None
