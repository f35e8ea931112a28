"""The plan's goals against the one model of everything and against mpi-sppy; by ``make bench``.

``MONAZITE_PLAN_SECONDS`` says what a method may take; ``python -m benchmarks`` measures all sizes.
"""

import os
from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks.__main__ import apart
from benchmarks.registry import PLANS
from benchmarks.two_stage import GAP, RANKS, SPPY_PYTHON, cost_of, proven, read_trace
from monazite.plan.decompose import solve

SIZE = "roomy-10"
AGAINST_ONE_MODEL = 2.0
"""Least ratio of CPU time to the one model of everything, at the smallest size."""
GROWTH = 12.0
"""Most that time may grow from thirty scenarios to three hundred."""


@cache
def _case(name: str) -> dict[str, Any]:
    return apart("two_stage", name)


def _seconds(name: str) -> float:
    """CPU seconds to the proven gap; infinite if it was not reached."""
    row = _case(name)
    return row["cpu_seconds"] if proven(row) is not None else np.inf


def test_the_plan_has_its_size() -> None:
    assert _case(f"decomposition-{SIZE}")["whole_columns"] == 1200
    assert _case(f"decomposition-{SIZE}")["recourse"] == [1330, 6030]


def test_the_gap_is_proven_by_our_own_evaluation() -> None:
    assert _case(f"decomposition-{SIZE}")["gap"] <= GAP


def test_what_is_evaluated_is_what_was_claimed() -> None:
    problem = PLANS[SIZE]()
    solution = solve(problem, gap=0.05)
    cost = cost_of(problem, solution.x, solution.value_at_risk)
    assert cost <= solution.objective * (1 + 1e-9)
    assert cost >= solution.bound * (1 - 1e-9)


def test_a_decision_beyond_its_budget_costs_without_limit() -> None:
    problem = PLANS[SIZE]()
    assert cost_of(problem, problem.first.upper, 0.0) == np.inf


def test_the_hub_is_read_line_by_line() -> None:
    said = (
        "[    9.48] Starting spcomm.main()\n"
        "[   90.66] Iter.           Best Bound  Best Incumbent      Rel. Gap        Abs. Gap\n"
        "[   90.67]     0  *        16133.1554             inf           inf%             inf\n"
        "[  169.54]     1    X      16133.1554      19506.8126        17.295%       3373.6571\n"
    )
    making, trace = read_trace(said)
    assert making == 9.48
    assert trace[0] == (pytest.approx(81.19), 16133.1554, np.inf)
    assert trace[1] == (pytest.approx(160.06), 16133.1554, 19506.8126)


def test_the_decomposition_is_faster_than_one_model() -> None:
    assert _seconds(f"extensive-{SIZE}") >= AGAINST_ONE_MODEL * _seconds(f"decomposition-{SIZE}")


def test_time_grows_no_faster_than_the_scenarios() -> None:
    assert _seconds("decomposition-roomy-300") <= GROWTH * _seconds("decomposition-roomy-30")


@pytest.mark.skipif(SPPY_PYTHON not in os.environ, reason=f"{SPPY_PYTHON} names no Python")
@pytest.mark.parametrize("method", RANKS)
def test_the_decomposition_is_faster_than_mpi_sppy(method: str) -> None:
    assert _seconds(f"{method}-{SIZE}") > _seconds(f"decomposition-{SIZE}")
