"""The L-shaped method against the whole model; its cuts, its limits, its processes."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from monazite.errors import InputError, MonaziteError
from monazite.plan.cuts import Cuts
from monazite.plan.decompose import Phase, SearchOutcome, relative_gap, solve
from monazite.plan.evaluate import Recourse, group_of, operate
from monazite.plan.extensive import solve_extensive
from monazite.plan.neutral import with_risk_columns
from monazite.plan.subproblem import dual_line
from monazite.plan.twostage import TwoStageProblem
from two_stage_factory import INF, farmer, first_stage, lands, plants, second_stage

ROOT = Path(__file__).parents[2]
SEEDS = st.integers(0, 10_000)
RISKS = st.sampled_from([None, (0.5, 0.0), (0.7, 0.5), (2.0, 0.9)])


class TestAgainstTheWholeModel:
    @given(SEEDS, RISKS, st.booleans(), st.integers(0, 2))
    def test_the_same_cost(self, seed, risk, integer, states):
        problem = plants(seed, integer=integer, risk=risk, states=states)
        ours, whole = solve(problem, gap=0.0, groups=2), solve_extensive(problem)
        assert ours.status is SearchOutcome.OPTIMAL
        assert ours.objective == pytest.approx(whole.objective, rel=1e-7)
        assert ours.bound <= ours.objective * (1 + 1e-9)

    @given(SEEDS)
    def test_the_same_shadow_values(self, seed):
        problem = plants(seed, integer=False)
        ours, whole = solve(problem, gap=0.0), solve_extensive(problem)
        assert ours.shadow == pytest.approx(whole.shadow, rel=1e-6, abs=1e-7)

    @pytest.mark.parametrize("groups", [1, 3, 100])
    def test_the_number_of_groups_does_not_matter(self, groups):
        problem = plants(7, scenarios=6, risk=(1.0, 0.5))
        found = solve(problem, gap=0.0, groups=groups).objective
        assert found == pytest.approx(solve_extensive(problem).objective, rel=1e-8)

    def test_solvers_of_more_threads_may_have_run_before(self):
        other = highspy.Highs()
        other.setOptionValue("output_flag", False)
        other.setOptionValue("threads", 2)
        other.addVariable(lb=0.0, ub=1.0, obj=-1.0)
        other.run()
        assert solve(farmer(integer=True), gap=0.0).objective == pytest.approx(-108390)


class TestShadowValues:
    @pytest.mark.parametrize("place", [0, 1])
    def test_they_are_what_moving_the_row_costs(self, place):
        """Land, then feed in every year: by finite differences."""
        problem = farmer()
        mark, step = problem.marks[place], 1e-3
        if place == 0:
            moved = farmer(acres=500 + step)
        else:
            low = np.repeat(problem.second.row_lower, 3, axis=0)
            low[mark.scenario, mark.row] += step * mark.coefficient
            moved = replace(problem, second=replace(problem.second, row_lower=low))
        base, there = solve(problem, gap=0.0), solve(moved, gap=0.0)
        slope = (there.objective - base.objective) / step
        assert base.shadow[place] == pytest.approx(slope, rel=1e-5)


class TestOrder:
    @given(SEEDS, st.floats(0.3, 0.9))
    def test_a_tighter_budget_never_costs_less(self, seed, share):
        problem = plants(seed)
        first = replace(problem.first, row_upper=problem.first.row_upper * share)
        tight = replace(problem, first=first)
        assert solve(tight, gap=0.0).objective >= solve(problem, gap=0.0).objective * (1 - 1e-9)

    @given(SEEDS, st.integers(0, 2))
    def test_a_plant_less_never_costs_less(self, seed, plant):
        problem = plants(seed)
        upper = problem.first.upper.copy()
        upper[plant] = 0.0
        without = problem.with_first_bounds(problem.first.lower, upper)
        assert solve(without, gap=0.0).objective >= solve(problem, gap=0.0).objective * (1 - 1e-9)

    @given(SEEDS)
    def test_more_aversion_never_costs_less(self, seed):
        found = [solve(plants(seed, risk=(w, 0.8)), gap=0.0).objective for w in (0.1, 0.5, 1.0)]
        assert found == pytest.approx(sorted(found), rel=1e-9)

    def test_the_bound_never_falls_and_the_best_never_rises(self):
        history = solve(plants(5, scenarios=8, risk=(1.0, 0.5)), gap=0.0).history
        bounds, best = [s.bound for s in history], [s.incumbent for s in history]
        assert bounds == sorted(bounds)
        assert best == sorted(best, reverse=True)


class TestCuts:
    @given(SEEDS, SEEDS)
    def test_a_cut_never_exceeds_the_cost(self, seed, other):
        """At any decision, possible or not; and it is the cost where it was made."""
        problem = with_risk_columns(plants(seed, risk=(0.7, 0.5), states=1))
        draw = np.random.default_rng(other)
        with Recourse(problem, groups=3) as recourse:
            here, there = draw.uniform(0, 4, (2, problem.columns))
            sweep, beyond = recourse.sweep(here), recourse.sweep(there)
        weighed = problem.weight * beyond.value
        costs = np.bincount(group_of(problem.drawn, 3), weighed, minlength=3)
        assert (sweep.constant + sweep.gradient @ there <= costs + 1e-7 * np.abs(costs)).all()
        assert sweep.mismatch < 1e-9
        assert sweep.leaning < 1e-9

    @given(SEEDS, SEEDS)
    def test_any_duals_give_a_line_below(self, seed, other):
        """Weak duality needs no solver: duals by chance give a line that is below as well."""
        problem = plants(seed)
        draw = np.random.default_rng(other)
        x = draw.uniform(0, 4, problem.columns)
        # of the sign that leans on the bound that each row has, and not above what is missing costs
        dual = np.append(draw.uniform(-20, 0, problem.columns), draw.uniform(0, 20, 2))
        line = dual_line(problem.second, 0, dual)
        with Recourse(problem) as recourse:
            value = recourse.sweep(x).value[0]
        assert line.leaning == 0
        assert line.constant + line.gradient @ x <= value + 1e-9 * (1 + abs(value))

    def test_what_leans_on_nothing_is_told(self):
        line = dual_line(farmer().second, 0, np.array([1e3, 0.0, 0.0]))
        assert line.leaning > 0.1


class TestResume:
    def test_the_same_answer_in_fewer_rounds(self, tmp_path):
        problem = plants(11, scenarios=8, risk=(1.0, 0.5))
        first = solve(problem, gap=0.0)
        first.cuts.save(tmp_path / "cuts.npz")
        again = solve(problem, gap=0.0, state=Cuts.load(tmp_path / "cuts.npz", problem))
        assert again.objective == pytest.approx(first.objective, rel=1e-9)
        assert again.iterations < first.iterations

    def test_after_an_interruption(self):
        problem = plants(11, scenarios=8)
        whole = solve(problem, gap=0.0)
        cut_short = solve(problem, gap=0.0, progress=_stop_after(3))
        assert cut_short.status is SearchOutcome.INTERRUPTED
        again = solve(problem, gap=0.0, state=cut_short.cuts)
        assert again.objective == pytest.approx(whole.objective, rel=1e-9)

    @given(SEEDS, st.floats(0.2, 1.2))
    def test_cuts_serve_another_budget(self, seed, share):
        problem = plants(seed)
        cuts = solve(problem, gap=0.0).cuts
        first = replace(problem.first, row_upper=problem.first.row_upper * share)
        other = replace(problem, first=first)
        fresh, resumed = solve(other, gap=0.0), solve(other, gap=0.0, state=cuts)
        assert resumed.objective == pytest.approx(fresh.objective, rel=1e-8)

    def test_cuts_of_another_second_stage_are_refused(self, tmp_path):
        cuts = solve(plants(1)).cuts
        with pytest.raises(InputError, match="another second stage"):
            solve(plants(2), state=cuts)
        cuts.save(tmp_path / "cuts.npz")
        with pytest.raises(InputError, match="another second stage"):
            Cuts.load(tmp_path / "cuts.npz", plants(2))

    def test_a_file_that_is_none_is_refused(self, tmp_path):
        (tmp_path / "cuts.npz").write_bytes(b"not cuts")
        with pytest.raises(InputError, match="can be read"):
            Cuts.load(tmp_path / "cuts.npz", plants(1))

    def test_saving_leaves_one_file(self, tmp_path):
        cuts = solve(plants(1)).cuts
        for _ in range(2):
            cuts.save(tmp_path / "cuts.npz")
        assert [file.name for file in tmp_path.iterdir()] == ["cuts.npz"]


def _stop_after(rounds):
    def progress(step):
        if step.iteration == rounds:
            raise KeyboardInterrupt

    return progress


class TestLimits:
    def test_a_gap_is_kept(self):
        problem = plants(3, scenarios=10)
        solution = solve(problem, gap=0.05)
        assert solution.gap <= 0.05
        assert solution.status in {SearchOutcome.GAP_REACHED, SearchOutcome.OPTIMAL}
        least = solve_extensive(problem).objective
        assert solution.bound <= least * (1 + 1e-9)
        assert solution.objective >= least * (1 - 1e-9)

    def test_no_time_gives_no_plan(self):
        solution = solve(farmer(), seconds=0.0)
        assert solution.status is SearchOutcome.TIME_LIMIT
        assert not solution.is_found
        assert np.isnan(solution.x).all()
        assert solution.gap == INF

    def test_an_interruption_gives_the_best_until_then(self):
        solution = solve(farmer(), gap=0.0, progress=_stop_after(4))
        assert solution.status is SearchOutcome.INTERRUPTED
        assert solution.iterations == 4
        assert solution.bound <= -108390 <= solution.objective

    def test_progress_tells_the_phases(self):
        steps = []
        solve(plants(5, scenarios=6), gap=0.0, progress=steps.append)
        assert [step.iteration for step in steps] == list(range(1, len(steps) + 1))
        assert steps[0].phase is Phase.RELAXED
        assert steps[-1].gap <= 1e-6

    @pytest.mark.parametrize("options", [{"gap": -1.0}, {"seconds": -1.0}, {"groups": 0}])
    def test_numbers_without_sense_are_refused(self, options):
        with pytest.raises(InputError):
            solve(farmer(), **options)

    def test_no_processes_are_refused(self):
        with pytest.raises(InputError, match="0 processes"):
            solve(farmer(), processes=0)

    def test_gap_of_what_is_unknown_is_infinite(self):
        assert relative_gap(1.0, -INF) == INF
        assert relative_gap(INF, 1.0) == INF


class TestImpossible:
    @pytest.mark.parametrize("solver", [solve, solve_extensive])
    def test_rows_that_conflict_are_named(self, solver):
        problem = farmer()
        first = first_stage(
            [150, 230, 260], [[1, 1, 1], [1, 0, 0]], [-INF, 600.0], [500.0, INF], 0.0, 500.0,
            row_names=("land", "wheat promised"),
        )  # fmt: skip
        solution = solver(replace(problem, first=first, marks=()))
        assert solution.status is SearchOutcome.INFEASIBLE
        assert solution.bound == INF
        assert [(c.row, round(c.amount, 6)) for c in solution.conflicts] == [
            ("wheat promised", 100.0)
        ]

    def test_whole_numbers_alone_may_conflict(self):
        first = first_stage([1.0], [[2.0]], [1.0], [1.0], 0.0, 5.0, [True], row_names=("half",))
        second = second_stage([[1.0]], [[[0.0]]], [1.0], 0.0, INF)
        problem = TwoStageProblem(first, second, np.ones(1), np.ones(1, dtype=bool))
        solution = solve(problem)
        assert solution.status is SearchOutcome.INFEASIBLE
        assert [(c.row, c.amount) for c in solution.conflicts] == [("half", pytest.approx(1.0))]

    def test_decisions_that_cannot_be_operated_are_kept_away(self):
        """Without elastic columns the plant must be as big as the largest demand."""
        solution = solve(_inelastic(limit=5.0), gap=0.0)
        assert solution.x == pytest.approx([3.0], rel=1e-7)
        assert solution.objective == pytest.approx(3.0 + 2.0, rel=1e-7)

    def test_demand_that_nothing_covers_is_told(self):
        solution = solve(_inelastic(limit=2.0), gap=0.0)
        assert solution.status is SearchOutcome.INFEASIBLE
        assert solution.conflicts[0].row == "operation in some scenario"

    def test_operating_what_cannot_be_operated_names_the_scenario(self):
        with pytest.raises(InputError, match="scenario 2: cannot be operated"):
            operate(_inelastic(limit=5.0), np.array([2.5]))

    def test_costs_without_limit_are_told(self):
        problem = farmer()
        second = replace(problem.second, cost=problem.second.cost - 300)
        with pytest.raises(InputError, match="without limit"):
            solve(replace(problem, second=second))

    def test_decisions_without_limit_are_told(self):
        first = first_stage([-1.0], np.zeros((0, 1)), [], [], 0.0, INF)
        with pytest.raises(InputError, match="without limit"):
            solve(replace(_inelastic(limit=5.0), first=first))

    def test_unbounded_decisions_are_found_all_the_same(self):
        """Capacities of the published problem have no upper bound; nor has the value at risk."""
        problem = lands()
        first = replace(problem.first, lower=np.full(4, -INF), row_upper=np.full(2, INF))
        found = solve(replace(problem, first=first), gap=0.0)
        assert found.objective == pytest.approx(
            solve_extensive(replace(problem, first=first)).objective, rel=1e-7
        )


def _inelastic(limit):
    """A plant of cost 1 that must make 1, 2 or 3, at a cost of 1 each."""
    first = first_stage([1.0], np.zeros((0, 1)), [], [], 0.0, limit)
    second = second_stage(
        [[1.0], [1.0]],
        [[[-1.0], [0.0]]],
        [1.0],
        [[-INF, 1], [-INF, 2], [-INF, 3]],
        [[0, INF]] * 3,
    )
    return TwoStageProblem(first, second, np.full(3, 1 / 3), np.ones(3, dtype=bool))


class TestOperations:
    @given(SEEDS, RISKS)
    def test_lines_sum_to_the_cost(self, seed, risk):
        problem = plants(seed, risk=risk, states=1)
        solution = solve(problem, gap=0.0)
        done = operate(problem, solution.x, value_at_risk=solution.value_at_risk)
        assert done.objective == pytest.approx(solution.objective, rel=1e-9)

    @given(SEEDS)
    def test_duals_are_what_one_unit_more_is_worth(self, seed):
        problem = plants(seed, scenarios=2)
        x = np.ones(problem.columns)
        done = operate(problem, x)
        assert done.value == pytest.approx((done.activity * problem.second.cost).sum(axis=1))
        assert (done.row_dual[:, problem.columns :] >= -1e-9).all()
        assert (done.row_dual[:, : problem.columns] <= 1e-9).all()

    def test_risk_needs_its_value_at_risk(self):
        with pytest.raises(InputError, match="value at risk"):
            operate(plants(1, risk=(1.0, 0.5)), np.ones(3))

    def test_a_decision_of_another_length_is_refused(self):
        with pytest.raises(InputError, match="shape"):
            operate(farmer(), np.ones(2))


class TestProcesses:
    def test_two_do_what_one_does(self):
        problem = plants(4, scenarios=7, risk=(1.0, 0.5), states=2)
        one, two = (solve(problem, gap=0.0, processes=n) for n in (1, 2))
        assert two.objective == pytest.approx(one.objective, rel=1e-9)
        assert two.bound == pytest.approx(one.bound, rel=1e-9)
        at = {"value_at_risk": one.value_at_risk}
        alone, shared = (operate(problem, one.x, processes=n, **at) for n in (1, 2))
        assert shared.value == pytest.approx(alone.value, rel=1e-9)

    def test_they_serve_several_searches(self):
        problem = plants(4, scenarios=7)
        upper = np.array([0.0, 4.0, 4.0])
        other = problem.with_first_bounds(problem.first.lower, upper)
        with Recourse(problem, processes=2) as recourse:
            found = [solve(p, gap=0.0, recourse=recourse) for p in (problem, other)]
            with pytest.raises(InputError, match="another second stage"):
                solve(plants(5, scenarios=7), recourse=recourse)
        expected = [solve_extensive(p).objective for p in (problem, other)]
        assert [one.objective for one in found] == pytest.approx(expected, rel=1e-8)

    def test_one_that_was_killed_is_missed(self):
        problem = plants(4, scenarios=4)
        with Recourse(problem, processes=2) as recourse:
            recourse.sweep(np.ones(3))
            process, _ = recourse._workers[1]
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            with pytest.raises(MonaziteError, match="has ended"):
                recourse.sweep(np.ones(3))
            with pytest.raises(MonaziteError, match="have ended"):
                recourse.sweep(np.ones(3))

    def test_a_script_that_starts_itself_again_is_told_so(self, tmp_path):
        script = tmp_path / "script.py"
        script.write_text(
            "from benchmarks.plan_instance import PlanSize, plan_instance\n"
            "from monazite.plan.decompose import solve\n"
            "solve(plan_instance(PlanSize(scenarios=2, budget=0.1)), processes=2)\n"
        )
        paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
        told = subprocess.run(
            [sys.executable, str(script)], timeout=120, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": paths}, check=False,
        )  # fmt: skip
        assert told.returncode == 1
        assert "a process that looks after scenarios has ended" in told.stderr.splitlines()[-1]

    def test_what_goes_wrong_there_is_told_here(self):
        problem = farmer()
        second = replace(problem.second, cost=problem.second.cost - 300)
        with pytest.raises(InputError, match="without limit"):
            solve(replace(problem, second=second), processes=2)


@settings(max_examples=15)
@given(SEEDS)
def test_yields_of_operation_may_differ_between_scenarios(seed):
    """The matrix of the second stage has entries of its own in each scenario."""
    problem, draw = plants(seed, integer=False), np.random.default_rng(seed)
    second = problem.second
    places = np.flatnonzero(draw.uniform(size=second.matrix.nnz) < 0.3)
    values = second.matrix.data[places] * draw.uniform(0.8, 1.2, (problem.scenarios, len(places)))
    varied = replace(problem, second=replace(second, varying=places, varying_values=values))
    ours, whole = solve(varied, gap=0.0), solve_extensive(varied)
    assert ours.objective == pytest.approx(whole.objective, rel=1e-7)
    dense = sparse.csc_array(second.matrix)
    assert varied.second.recourse(0).shape == dense.shape
