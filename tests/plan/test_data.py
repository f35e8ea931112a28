"""A plan as plain data: its status, what cannot be reached and why, and the same figures again."""

import json
from dataclasses import replace

import pytest

from monazite.plan.coalition import coalitions, gain_of
from monazite.plan.data import Findings, Joining, explanation, plan_data, status_of
from monazite.plan.frontier import FrontierPoint, ProjectWorth
from monazite.plan.model import BuildLimit
from monazite.plan.planner import Effort
from monazite.plan.values import value_of_information
from plan.plan_factory import BAN, assembled, one_good, planned, plant, target

KEYS = """status gap bound objective cost_lines portfolio coverage certificate partners
    gain_of_joint_plan shapley evpi vss""".split()


@pytest.fixture(scope="module")
def plan():
    return planned(assembled(one_good(candidates=(plant(capital=30.0),)), (BAN,), count=4))


def must_be_met(capital: float):
    model = one_good(candidates=(plant(capital=capital, adds={"mill in AAA": 10.0}),))
    return replace(model, demands=(replace(model.demands[0], rungs=()),))


class TestStatus:
    def test_a_plan_that_does_all_it_must_stands_as_its_search_ended(self, plan):
        assert status_of(plan) == str(plan.solution.status)
        assert explanation(plan) == []

    def test_a_target_that_cannot_be_reached_is_named_with_year_and_distance(self):
        model = one_good(candidates=(), targets=(target(share=0.95, steps=(1, 2)),))
        found = planned(assembled(model))
        assert status_of(found) == "targets_missed"
        rows = explanation(found)
        assert [row["step"] for row in rows] == ["2027", "2028"]
        for row in rows:
            assert row["what"] == "target coverage calm"
            assert row["wanted"] == 0.95
            assert row["reached"] == pytest.approx(0.8)
            assert row["missed"] == pytest.approx(0.15)

    def test_a_demand_that_must_be_met_and_cannot_be_is_infeasible_and_named(self):
        found = planned(assembled(must_be_met(1.0)))
        assert status_of(found) == "infeasible"
        row = explanation(found)[0]
        assert row["what"] == "use of good in AAA"
        assert row["step"] == "2026"
        assert row["missed"] == pytest.approx(0.1)

    def test_decisions_that_contradict_each_other_are_explained_row_by_row(self):
        both = (
            BuildLimit("agreed", {"plant": 1.0}, smallest=1.0),
            BuildLimit("no room", {"plant": 1.0}, largest=0.0),
        )
        found = planned(assembled(one_good(build_limits=both)), Effort(gap=1e-6))
        assert not found.solution.is_found
        data = plan_data(found, Findings())
        assert data["status"] == "infeasible"
        text = json.dumps(data["explanation"])
        assert "agreed" in text or "no room" in text


class TestData:
    def test_it_holds_what_is_promised_and_no_more_than_json(self, plan):
        data = plan_data(plan, Findings())
        assert set(KEYS) <= set(data)
        assert json.loads(json.dumps(data, allow_nan=False)) == json.loads(json.dumps(data))

    def test_its_lines_add_up_to_its_objective(self, plan):
        data = plan_data(plan, Findings())
        assert sum(data["cost_lines"].values()) == pytest.approx(data["objective"], rel=1e-9)

    def test_what_was_not_worked_out_is_null(self, plan):
        data = plan_data(plan, Findings())
        for key in ("gain_of_joint_plan", "shapley", "evpi", "vss", "frontier", "replay"):
            assert data[key] is None

    def test_a_gain_comes_with_its_range_split_and_coalitions(self, plan):
        cost = dict(zip(coalitions(("AAA", "BBB")), (10.0, 6.0, 12.0), strict=True))
        data = plan_data(plan, Findings(gain=gain_of(("AAA", "BBB"), cost, cost)))
        assert data["gain_of_joint_plan"] == 4.0
        assert data["gain_range"] == [4.0, 4.0]
        assert data["shapley"] == {"AAA": 2.0, "BBB": 2.0}
        assert data["coalitions"] == {"AAA": 10.0, "BBB": 6.0, "AAA+BBB": 12.0}

    def test_information_is_worth_what_it_saves(self, plan):
        found = value_of_information(plan.assembly.problem, plan.solution, relaxed=True, gap=1e-6)
        data = plan_data(plan, Findings(information=found))
        assert data["evpi"] == found.evpi >= -1e-6
        assert data["vss"] == found.vss >= -1e-6
        assert data["information"]["is_relaxed"]

    def test_other_findings_are_rows(self, plan):
        point = FrontierPoint(0.0, 0.0, 1.0, 2.0, None, 3.0, 0, 0.0)
        findings = Findings(
            frontier=(point,),
            worths=(ProjectWorth("plant", 2.0, 1.0, 3.0),),
            joining=(Joining("CCC", 5.0, 4.0, 6.0),),
        )
        data = plan_data(plan, findings)
        assert data["frontier"][0]["unmet"] == 2.0
        assert data["worths"] == [{"project": "plant", "worth": 2.0, "low": 1.0, "high": 3.0}]
        assert data["joining"][0]["country"] == "CCC"
