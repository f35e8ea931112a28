"""The certificate holds for what the solvers find, and for nothing that is made up."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import InputError
from monazite.plan import certificate
from monazite.plan.certificate import certify
from monazite.plan.decompose import solve
from monazite.plan.evaluate import operate
from two_stage_factory import plants

PROBLEM = plants(6, scenarios=5, risk=(0.7, 0.5), states=1)


@pytest.fixture(scope="module")
def plan():
    solution = solve(PROBLEM, gap=0.0)
    done = operate(PROBLEM, solution.x, value_at_risk=solution.value_at_risk)
    claims = {
        "objective": solution.objective,
        "bound": solution.bound,
        "value_at_risk": solution.value_at_risk,
    }
    return solution.x, done.activity, claims


@given(st.integers(0, 10_000), st.sampled_from([None, (0.7, 0.5), (1.0, 0.9)]))
def test_a_plan_that_was_found_holds(seed, risk):
    problem = plants(seed, risk=risk, states=1)
    solution = solve(problem, gap=0.0)
    done = operate(problem, solution.x, value_at_risk=solution.value_at_risk)
    found = certify(
        problem,
        solution.x,
        done.activity,
        objective=solution.objective,
        bound=solution.bound,
        value_at_risk=solution.value_at_risk,
        dual_infeasibility=solution.cuts.leaning,
        mismatch=solution.cuts.mismatch,
    )
    assert found.holds
    assert found.difference < 1e-9
    assert found.gap < 1e-6
    assert found.as_dict()["holds"] is True


class TestWhatDoesNotHold:
    def _certified(self, plan, **changes):
        x, activity, claims = plan
        given = {"x": x, "activity": activity, **claims, **changes}
        return certify(PROBLEM, given.pop("x"), given.pop("activity"), **given)

    def test_nothing_changed(self, plan):
        assert self._certified(plan).holds

    def test_a_cost_that_is_too_low(self, plan):
        found = self._certified(plan, objective=plan[2]["objective"] * 0.999)
        assert found.difference == pytest.approx(1e-3, rel=1e-2)
        assert not found.holds

    def test_a_bound_above_the_cost(self, plan):
        assert not self._certified(plan, bound=plan[2]["objective"] * 1.01).holds

    def test_a_decision_over_budget(self, plan):
        found = self._certified(plan, x=plan[0] + 50)
        assert found.first_stage > 1e-3
        assert not found.holds

    def test_half_a_plant(self, plan):
        x = plan[0].copy()
        x[0] += 0.5
        assert self._certified(plan, x=x).integrality == pytest.approx(0.5)

    def test_demand_that_is_not_met(self, plan):
        found = self._certified(plan, activity=plan[1] * 0.9)
        assert found.second_stage > 1e-3
        assert not found.holds

    def test_no_number(self, plan):
        found = self._certified(plan, activity=np.full_like(plan[1], np.nan))
        assert found.second_stage == np.inf
        assert not found.holds

    def test_risk_without_its_value_at_risk(self, plan):
        with pytest.raises(InputError, match="value at risk"):
            self._certified(plan, value_at_risk=None)


def test_risk_of_no_weight_needs_none(plan):
    neutral = replace(PROBLEM, risk=None)
    found = certify(neutral, plan[0], plan[1], objective=0.0, bound=0.0)
    assert np.isfinite(found.objective)


def test_it_shares_nothing_with_the_solvers():
    tree = ast.parse(Path(certificate.__file__).read_text(encoding="utf-8"))
    used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    own = {name for name in used if name and name.startswith("monazite")}
    assert own <= {"monazite.errors", "monazite.newton", "monazite.plan.twostage"}
