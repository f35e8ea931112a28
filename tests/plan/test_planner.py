"""From a programme to a plan, and what may be asked of it again without starting over."""

from dataclasses import replace

import numpy as np
import pytest

from chains import chain
from monazite.errors import UnknownCodeError
from monazite.plan.evaluate import Recourse
from monazite.plan.planner import (
    EVERYBODY,
    Effort,
    capital_of,
    find_plan,
    learnt,
    prepare,
    with_capital_limit,
    without,
)
from plan.plan_factory import (
    BAN,
    PARTNERS,
    alliance,
    assembled,
    built,
    one_good,
    planned,
    plant,
    programme,
    random_model,
    target,
)


@pytest.fixture(scope="module")
def assembly():
    pair = (plant("cheap", capital=30.0), plant("dear", capital=60.0, build=1))
    return assembled(one_good(years=4, candidates=pair), (BAN,), count=5)


@pytest.fixture(scope="module")
def plan(assembly):
    return planned(assembly)


class TestPrepare:
    def test_an_unknown_partner_is_refused_with_the_nearest(self):
        with pytest.raises(UnknownCodeError, match=r"trial.*'AAB'.*did you mean AAA"):
            prepare(programme(partners=("AAB",)), chain(1))

    def test_so_is_an_unknown_third(self):
        with pytest.raises(UnknownCodeError, match="'XXX'"):
            prepare(programme(thirds=("XXX",)), chain(1))

    def test_one_planner_may_hold_it_all(self):
        ready = prepare(programme(partners=EVERYBODY), chain(1))
        assert ready.is_whole
        assert ready.model().partners == chain(1).regions()

    def test_whoever_joins_is_no_third_any_more(self):
        ready = alliance(1, thirds=("CCC",)).with_partners((*PARTNERS, "CCC"))
        assert ready.programme.thirds == ()
        assert ready.model().partners == (*PARTNERS, "CCC")

    def test_no_shock_is_simulated_that_is_not_asked_for(self):
        assert alliance(1).shocks == ()

    def test_as_many_draws_as_the_programme_says_or_as_asked(self):
        ready = alliance(1, scenarios={"count": 7})
        assert ready.draws(ready.model()).count == 7
        assert ready.draws(ready.model(), 3).count == 3


class TestPlan:
    def test_its_certificate_holds(self, plan):
        found = plan.certificate
        assert found.primal <= 1e-6
        assert found.difference <= 1e-9
        assert found.holds

    def test_objective_is_no_lower_than_its_bound(self, plan):
        assert plan.solution.objective >= plan.solution.bound - 1e-9

    def test_the_decomposition_says_the_same(self, assembly, plan):
        other = planned(assembly, Effort(gap=1e-7))
        assert other.solution.objective == pytest.approx(plan.solution.objective, rel=1e-6)
        assert other.certificate.holds

    def test_what_was_learnt_is_of_use_again(self, assembly):
        first = planned(assembly, Effort(gap=1e-6))
        again = find_plan(assembly, Effort(gap=1e-6), state=first.solution.cuts)
        assert again.solution.objective == pytest.approx(first.solution.objective, rel=1e-5)
        assert again.solution.iterations <= first.solution.iterations


class TestAskedAgain:
    def test_a_project_ruled_out_is_not_built(self, assembly, plan):
        assert "cheap" in built(plan)
        less = planned(assembly, problem=without(assembly, "cheap"))
        assert "cheap" not in built(less)
        assert less.solution.objective >= plan.solution.objective - 1e-9

    def test_ruling_out_is_the_same_as_never_offering(self, assembly):
        ruled_out = planned(assembly, problem=without(assembly, "cheap"))
        model = replace(assembly.model, candidates=assembly.model.candidates[1:])
        never = planned(assembled(model, (BAN,), count=5))
        assert ruled_out.solution.objective == pytest.approx(never.solution.objective)

    def test_capital_is_what_is_spent_on_building(self, assembly, plan):
        spent = float(capital_of(assembly) @ plan.solution.x)
        assert spent == pytest.approx(sum(row.capital for row in plan.report.portfolio))

    def test_no_more_is_spent_than_the_limit(self, assembly):
        for limit in (0.0, 40.0, 95.0):
            found = planned(assembly, problem=with_capital_limit(assembly, limit))
            assert capital_of(assembly) @ found.solution.x <= limit + 1e-6

    def test_a_tighter_limit_never_lowers_cost(self, assembly):
        costs = [
            planned(assembly, problem=with_capital_limit(assembly, limit)).solution.objective
            for limit in (90.0, 60.0, 30.0, 0.0)
        ]
        assert costs == pytest.approx(sorted(costs))

    def test_nothing_else_of_the_problem_changes(self, assembly):
        limited = with_capital_limit(assembly, 5.0)
        assert limited.second is assembly.problem.second
        assert np.array_equal(limited.first.cost, assembly.problem.first.cost)


class TestLearnt:
    """What one search has learnt is taken over to other shares as targets."""

    SEEDS = range(8)

    @pytest.mark.parametrize("share", [0.1, 0.95])
    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_same_plan_is_found_as_without_it(self, seed, share):
        first = assembled(random_model(seed), (BAN,), count=4)
        other = self._with_share(first, share)
        effort = Effort(gap=1e-6)
        fresh = find_plan(other, effort).solution
        found = find_plan(other, effort, state=learnt(find_plan(first, effort), other)).solution
        assert found.objective == pytest.approx(fresh.objective, rel=3e-6)
        assert found.bound <= fresh.objective * (1 + 1e-9)

    @pytest.mark.parametrize("seed", SEEDS)
    def test_cuts_stay_below_what_decisions_cost(self, seed):
        first = assembled(random_model(seed), (BAN,), count=4)
        other = self._with_share(first, 0.95)
        cuts = learnt(find_plan(first, Effort(gap=1e-6)), other)
        true = find_plan(other, Effort(gap=1e-6)).solution
        with Recourse(other.problem, groups=cuts.groups) as recourse:
            sweep = recourse.sweep(true.cuts.point)
        exact = sweep.constant + sweep.gradient @ true.cuts.point
        assert np.all(cuts.heights(true.cuts.point) <= exact + 1e-7 * (1 + np.abs(exact)))
        assert len(cuts) > 0

    def test_a_share_of_purchases_is_no_right_hand_side(self):
        share = target("share", share=0.5, origin="CCC")
        first = assembled(one_good(targets=(share,)), (BAN,), count=4)
        assert learnt(planned(first), self._with_share(first, 0.4)) is None

    @staticmethod
    def _with_share(assembly, share):
        model = assembly.model
        targets = tuple(replace(row, share=share) for row in model.targets)
        return assembled(replace(model, targets=targets), (BAN,), count=4)
