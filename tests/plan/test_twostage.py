"""The arrays: what is refused, what subsets and means are, and risk as columns."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from monazite.errors import InputError
from monazite.plan.extensive import solve_extensive
from monazite.plan.neutral import padded_loss, with_risk_columns
from monazite.plan.twostage import Risk, ShadowMark, tail_mean, value_at_risk
from two_stage_factory import farmer, first_stage, losses, plants

NAN = np.nan


class TestRefused:
    def _refuses(self, change, words):
        with pytest.raises(InputError, match=words) as caught:
            change()
        assert caught.value.where

    def test_costs_of_another_length(self):
        first = farmer().first
        self._refuses(lambda: replace(first, cost=np.ones(4)), "shape")

    def test_a_cost_that_is_no_number(self):
        first = farmer().first
        self._refuses(lambda: replace(first, cost=np.array([1, NAN, 1])), "not finite")

    def test_bounds_that_cross(self):
        first = farmer().first
        self._refuses(lambda: replace(first, lower=np.full(3, 501.0)), "leave nothing")

    def test_a_bound_that_is_no_number(self):
        first = farmer().first
        self._refuses(lambda: replace(first, upper=np.array([1, NAN, 1])), "leave nothing")

    def test_names_that_are_too_few(self):
        first = farmer().first
        self._refuses(lambda: replace(first, names=("wheat",)), "1 names for 3 columns")

    def test_crossed_bounds_of_a_scenario_name_it(self):
        second = farmer().second
        upper = np.repeat(second.row_upper, 3, axis=0)
        upper[2, 1] = -5.0
        with pytest.raises(InputError, match="number 1, scenario 2"):
            replace(second, row_upper=upper)

    def test_tables_of_different_numbers_of_scenarios(self):
        second = farmer().second
        self._refuses(lambda: replace(second, cost=np.repeat(second.cost, 2, axis=0)), "scenarios")

    def test_technology_without_its_values(self):
        second = farmer().second
        self._refuses(lambda: replace(second, technology_values=np.ones((3, 2))), "shape")

    def test_entries_that_stand_twice(self):
        first = farmer().first
        twice = sparse.csr_array((np.ones(2), np.array([1, 1]), np.array([0, 2])), shape=(1, 3))
        self._refuses(lambda: replace(first, matrix=twice), "stands twice")

    def test_a_negative_weight(self):
        weight = np.array([0.8, 0.4, -0.2])
        self._refuses(lambda: replace(farmer(), weight=weight), "negative")

    def test_probabilities_that_do_not_sum_to_one(self):
        self._refuses(lambda: replace(farmer(), weight=np.full(3, 0.3)), "sum to 0.9")

    def test_states_need_not_sum_to_one(self):
        drawn, weight = np.array([True, False, False]), np.array([1.0, 5.0, 0.5])
        assert replace(farmer(), weight=weight, drawn=drawn).scenarios == 3

    @pytest.mark.parametrize("level", [-0.1, 1.0, NAN])
    def test_a_risk_level_outside(self, level):
        self._refuses(lambda: Risk(1.0, level, np.ones((1, 1))), "risk level")

    @pytest.mark.parametrize("weight", [-1.0, np.inf, NAN])
    def test_a_risk_weight_that_is_none(self, weight):
        self._refuses(lambda: Risk(weight, 0.9, np.ones((1, 1))), "risk weight")

    def test_a_mark_outside_the_rows(self):
        mark = ShadowMark("beyond", np.array([0]), np.array([3]), np.ones(1))
        self._refuses(lambda: replace(farmer(), marks=(mark,)), "outside the 3")

    def test_a_mark_of_no_scenario(self):
        mark = ShadowMark("beyond", np.array([3]), np.array([0]), np.ones(1))
        self._refuses(lambda: replace(farmer(), marks=(mark,)), "scenario")

    def test_a_subset_that_names_a_scenario_twice(self):
        self._refuses(lambda: farmer().subset([0, 0]), "twice")

    def test_a_subset_of_what_is_not_there(self):
        self._refuses(lambda: farmer().subset([0, 3]), "outside")

    def test_another_number_of_first_stage_columns(self):
        first = first_stage([1.0], [[1.0]], [0.0], [1.0], 0.0, 1.0)
        self._refuses(lambda: replace(farmer(), first=first), "technology matrix")


class TestSubset:
    def test_draws_share_one_and_states_keep_their_weight(self):
        problem = plants(0, scenarios=4, states=2)
        part = problem.subset([1, 3, 5])
        assert part.weight[:2].sum() == pytest.approx(1)
        assert part.weight[0] / part.weight[1] == pytest.approx(
            problem.weight[1] / problem.weight[3]
        )
        assert part.weight[2] == problem.weight[5]

    def test_marks_follow_their_scenarios(self):
        part = plants(0, scenarios=4, states=1).subset([2, 0, 4])
        assert part.marks[0].scenario.tolist() == [1, 0, 2]

    def test_all_scenarios_are_the_problem(self):
        problem = plants(3, states=1, risk=(1.0, 0.5))
        every = range(problem.scenarios)
        assert problem.subset(every, problem.weight).digest() == problem.digest()


class TestMean:
    def test_the_mean_of_one_draw_is_the_problem(self):
        one = plants(2, scenarios=1, states=2, risk=(1.0, 0.5))
        assert solve_extensive(one.with_mean()).objective == pytest.approx(
            solve_extensive(one).objective, rel=1e-9
        )

    def test_means_are_weighted(self):
        problem = plants(1, scenarios=3, states=1)
        mean = problem.with_mean()
        expected = problem.weight[:3] @ problem.second.cost[:3]
        assert mean.second.cost[0] == pytest.approx(expected)
        assert mean.second.cost[1].tolist() == problem.second.cost[3].tolist()
        assert mean.drawn.tolist() == [True, False]

    def test_marks_move_the_mean_by_their_mean(self):
        problem = plants(1, scenarios=3, states=1)
        mark = problem.with_mean().marks[0]
        assert mark.coefficient[mark.scenario == 0].sum() == pytest.approx(1)
        assert mark.coefficient[mark.scenario == 1].tolist() == [1.0]

    def test_infinite_bounds_stay_infinite(self):
        mean = plants(1, scenarios=3).with_mean()
        assert np.isinf(mean.second.row_lower[0, :3]).all()
        assert not np.isnan(mean.second.row_upper).any()


class TestDigest:
    def test_names_do_not_count(self):
        problem = farmer()
        bare = replace(problem, first=replace(problem.first, names=()))
        assert bare.digest() == problem.digest()

    def test_cuts_do_not_depend_on_first_stage_rows(self):
        assert farmer(acres=400).second_digest() == farmer().second_digest()
        assert farmer(acres=400).digest() != farmer().digest()

    def test_every_figure_of_the_second_stage_counts(self):
        problem = farmer()
        second = replace(problem.second, cost=problem.second.cost + 1e-9)
        assert replace(problem, second=second).second_digest() != problem.second_digest()


class TestTail:
    values = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8)

    @given(values)
    def test_level_nought_is_the_mean(self, values):
        found = np.array(values)
        weight = np.full(len(found), 1 / len(found))
        assert tail_mean(found, weight, 0.0) == pytest.approx(found.mean(), abs=1e-9)

    @given(values)
    def test_towards_one_it_is_the_worst_case(self, values):
        found = np.array(values)
        weight = np.full(len(found), 1 / len(found))
        assert tail_mean(found, weight, 0.999) == pytest.approx(found.max(), abs=1e-9)

    @given(values, st.floats(0, 0.98), st.floats(0, 0.98))
    def test_it_grows_with_the_level_and_is_above_the_value_at_risk(self, values, one, other):
        found = np.array(values)
        weight = np.full(len(found), 1 / len(found))
        low, high = sorted((one, other))
        assert tail_mean(found, weight, low) <= tail_mean(found, weight, high) + 1e-6
        assert tail_mean(found, weight, low) >= value_at_risk(found, weight, low) - 1e-9

    def test_what_cannot_happen_does_not_count(self):
        found, weight = np.array([1.0, 2.0, 99.0]), np.array([0.5, 0.5, 0.0])
        assert tail_mean(found, weight, 0.9) == pytest.approx(2.0)


class TestNeutral:
    def test_without_risk_nothing_is_added(self):
        assert with_risk_columns(farmer()).digest() == farmer().digest()

    def test_risk_of_no_weight_is_no_risk(self):
        problem = losses([10, 20], [0.5, 0.5], risk_weight=0.0)
        assert with_risk_columns(problem).columns == problem.columns

    def test_one_column_in_each_stage_and_one_row(self):
        problem = plants(0, risk=(1.0, 0.5))
        neutral = with_risk_columns(problem)
        assert neutral.columns == problem.columns + 1
        rows, columns = problem.second.matrix.shape
        assert neutral.second.matrix.shape == (rows + 1, columns + 1)

    @given(st.integers(0, 50))
    def test_the_arrays_say_what_the_formula_says(self, seed):
        """The loss row is the excess over the value at risk, in every scenario and yield."""
        problem = plants(seed, states=1, risk=(0.7, 0.5))
        neutral, draw = with_risk_columns(problem), np.random.default_rng(seed)
        x, y = draw.uniform(size=neutral.columns), draw.uniform(size=neutral.second.cost.shape[1])
        for s in range(problem.scenarios):
            row = neutral.second.recourse(s) @ y + neutral.second.technology_of(s) @ x
            loss = padded_loss(problem)[s] @ y
            assert row[-1] == pytest.approx(y[-1] + x[-1] - loss)
            old = problem.second.recourse(s) @ y[:-1] + problem.second.technology_of(s) @ x[:-1]
            assert row[:-1] == pytest.approx(old)
        assert neutral.second.cost[-1, -1] == 0  # a state is no part of the risk

    def test_a_weight_counts_as_much_as_the_mean(self):
        plain = losses([10, 20, 30, 40], np.full(4, 0.25), risk_weight=2.0, level=0.0)
        assert solve_extensive(plain).objective == pytest.approx(50, rel=1e-9)
