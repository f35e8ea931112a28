"""Cost against unmet demand, and the worth of each project."""

from dataclasses import replace
from itertools import pairwise

import pytest

from monazite.plan.assemble import Assembly
from monazite.plan.draws import N_MINUS_1, draw
from monazite.plan.frontier import LONGER, SHARES, frontier, worths
from monazite.plan.planner import Effort, Plan, find_beside
from plan.plan_factory import (
    BAN,
    IMPORT,
    assembled,
    four_stages,
    one_good,
    planned,
    plant,
    target,
)  # fmt: skip

EFFORT = Effort(gap=1e-7)


@pytest.fixture(scope="module")
def found():
    pair = (
        plant("one", capital=30.0, adds={"mill in AAA": 15.0}),
        plant("two", capital=45.0, adds={"mill in AAA": 15.0}),
        plant("three", capital=60.0, adds={"mill in AAA": 15.0}),
    )
    model = one_good(years=4, candidates=pair, targets=(target(state=N_MINUS_1, share=0.1),))
    states = {N_MINUS_1: {IMPORT: 0.0}}
    assembly = Assembly(model, draw(model, (BAN,), count=4, seed=5, states=states))
    return assembly, planned(assembly, EFFORT)


@pytest.fixture(scope="module")
def points(found):
    told = []
    rows = frontier(*found, EFFORT, lambda done, of: told.append((done, of)))
    assert told == [(k + 1, len(SHARES)) for k in range(len(SHARES))]
    return rows


class TestFrontier:
    def test_it_has_eight_points_or_more(self, points):
        assert len(points) >= 8

    def test_it_begins_with_nothing_built_and_ends_with_the_plan(self, points, found):
        assert points[0].capital == pytest.approx(0.0, abs=1e-6)
        assert points[0].projects == 0
        assert points[-1].projects == len(found[1].report.portfolio)

    def test_no_point_spends_more_than_its_limit(self, points):
        assert all(row.capital <= row.limit + 1e-6 for row in points)

    def test_cost_and_shortage_add_up_to_no_less_than_the_plan(self, points):
        sums = [row.cost + row.unmet_cost for row in points]
        assert all(before >= after - 1e-3 for before, after in pairwise(sums))

    def test_the_worst_state_is_never_worse_with_more(self, points):
        shares = [row.unmet_without_largest for row in points]
        assert shares[0] == pytest.approx(0.8)
        assert all(before >= after - 1e-6 for before, after in pairwise(shares))


class TestPatience:
    @pytest.mark.parametrize(("gap", "tries"), [(0.5, 2), (0.06, 2), (0.04, 1), (0.01, 1)])
    def test_a_search_that_ended_far_off_goes_on_once(self, found, monkeypatch, gap, tries):
        assembly, plan = found
        asked = []

        def ended_early(assembly, effort, **known):
            asked.append((effort.seconds, known["state"]))
            result = find_beside(assembly, effort, **known)
            cost = result.solution.objective
            early = replace(result.solution, bound=cost - gap * abs(cost))
            return Plan(assembly, early, recourse=known["recourse"])

        monkeypatch.setattr("monazite.plan.frontier.find_beside", ended_early)
        worths(assembly, plan, replace(EFFORT, seconds=30.0))
        built = len({row.project for row in plan.report.portfolio})
        assert [seconds for seconds, _ in asked] == [30.0, LONGER * 30.0][:tries] * built
        assert all(state is not None for _, state in asked)


class TestWorths:
    def test_every_project_is_worth_something_and_its_range_holds_it(self, found):
        rows = worths(*found, EFFORT)
        assert {row.project for row in rows} == {r.project for r in found[1].report.portfolio}
        for row in rows:
            assert 0 <= row.low - 1e-9 <= row.worth <= row.high + 1e-9
        assert [row.worth for row in rows] == sorted((row.worth for row in rows), reverse=True)

    def test_a_stage_that_nothing_replaces_is_worth_the_whole_chain(self):
        assembly = assembled(four_stages())
        plan = planned(assembly, EFFORT)
        worth = {row.project: row.worth for row in worths(assembly, plan, EFFORT)}
        assert worth["oxides"] == pytest.approx(worth["metals"], rel=1e-5)
        assert worth["magnets one"] < worth["oxides"]
