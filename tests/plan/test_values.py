"""What knowing more is worth: the order of the three costs, and what is done without an answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monazite.errors import InputError
from monazite.plan.decompose import solve
from monazite.plan.twostage import TwoStageProblem
from monazite.plan.values import value_of_information
from two_stage_factory import INF, farmer, first_stage, plants, second_stage

SEEDS = st.integers(0, 10_000)
RISKS = st.sampled_from([None, (0.7, 0.5)])


@settings(max_examples=15)
@given(SEEDS, RISKS, st.integers(0, 1))
def test_foresight_costs_least_and_the_mean_plan_most(seed, risk, states):
    problem = plants(seed, risk=risk, states=states)
    values = value_of_information(problem, solve(problem, gap=0.0), gap=0.0)
    assert values.of_mean_plan is not None
    noise = 1e-7 * abs(values.stochastic)
    assert values.with_foresight <= values.stochastic + noise
    assert values.stochastic <= values.of_mean_plan + noise


@settings(max_examples=10)
@given(SEEDS)
def test_fractions_make_foresight_no_dearer(seed):
    problem = plants(seed)
    solution = solve(problem, gap=0.0)
    exact = value_of_information(problem, solution, gap=0.0)
    relaxed = value_of_information(problem, solution, gap=0.0, relaxed=True)
    assert relaxed.is_relaxed
    assert relaxed.with_foresight <= exact.with_foresight * (1 + 1e-9)


def test_one_draw_leaves_nothing_to_know():
    problem = plants(3, scenarios=1, states=1)
    values = value_of_information(problem, solve(problem, gap=0.0), gap=0.0)
    assert values.evpi == pytest.approx(0, abs=1e-7)
    assert values.vss == pytest.approx(0, abs=1e-7)


def test_two_processes_find_the_same():
    problem = farmer()
    solution = solve(problem, gap=0.0)
    one, two = (value_of_information(problem, solution, processes=n) for n in (1, 2))
    assert two.by_draw == pytest.approx(one.by_draw, rel=1e-9)
    assert two.of_mean_plan == pytest.approx(one.of_mean_plan, rel=1e-9)


def test_a_mean_plan_that_cannot_be_carried_through_is_none():
    """Demand is 1 or 3, and nothing but the plant can meet it: 2 is too little."""
    first = first_stage([1.0], np.zeros((0, 1)), [], [], 0.0, 5.0)
    second = second_stage(
        [[1.0], [1.0]], [[[-1.0], [0.0]]], [1.0], [[-INF, 1], [-INF, 3]], [[0, INF]] * 2
    )
    problem = TwoStageProblem(first, second, np.full(2, 0.5), np.ones(2, dtype=bool))
    values = value_of_information(problem, solve(problem, gap=0.0))
    assert values.mean_plan == pytest.approx([2.0])
    assert values.of_mean_plan is None
    assert values.vss is None


def test_without_a_plan_there_is_nothing_to_compare():
    with pytest.raises(InputError, match="without a plan"):
        value_of_information(farmer(), solve(farmer(), seconds=0.0))
