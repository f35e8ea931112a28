"""Every agent is the gradient of a convex function, for every draw."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from monazite.market.agents import (
    Activities,
    FixedSupplies,
    Holders,
    IsoelasticUses,
    LinearUses,
    PriceBox,
    QuadraticActivities,
)
from monazite.newton import Agents, FloatArray

ALL = slice(None)
DRAWS, COUNT = 3, 4

Maker = Callable[[np.random.Generator], Agents]


def _columns() -> sparse.csc_array:
    return sparse.csc_array(sparse.eye_array(COUNT, format="csc"))


def _some(random: np.random.Generator, low: float, high: float) -> FloatArray:
    return np.exp(random.uniform(np.log(low), np.log(high), (DRAWS, COUNT)))


def _activities(random: np.random.Generator) -> Agents:
    return Activities(
        _columns(), _some(random, 0.1, 1e4), _some(random, 1, 300), _some(random, 0.5, 50)
    )


def _quadratic(random: np.random.Generator) -> Agents:
    return QuadraticActivities(
        _columns(), _some(random, 1, 300), _some(random, 0.01, 10), _some(random, 1, 1e3)
    )


def _isoelastic(random: np.random.Generator) -> Agents:
    elasticity = random.choice([0.1, 0.5, 1.0, 1.0 + 1e-7, 1.7], (DRAWS, COUNT))
    return IsoelasticUses(_columns(), _some(random, 0.1, 1e4), _some(random, 1, 300), elasticity)


def _linear(random: np.random.Generator) -> Agents:
    return LinearUses(_columns(), _some(random, 10, 1e3), _some(random, 0.1, 10))


def _holders(random: np.random.Generator) -> Agents:
    return Holders(
        _columns(),
        _some(random, 0.1, 1e3),
        _some(random, 0.1, 1e3),
        _some(random, 0.01, 1e2),
        _some(random, 5, 300),
        _some(random, 0.5, 3),
    )


def _fixed(random: np.random.Generator) -> Agents:
    return FixedSupplies(_columns(), random.normal(0.0, 100.0, (DRAWS, COUNT)))


def _box(random: np.random.Generator) -> Agents:
    return PriceBox(
        _columns(), _some(random, 100, 200), _some(random, 5, 50), _some(random, 0.1, 10)
    )


MAKERS: dict[str, Maker] = {
    "activities": _activities,
    "quadratic": _quadratic,
    "isoelastic": _isoelastic,
    "linear": _linear,
    "holders": _holders,
    "fixed": _fixed,
    "box": _box,
}
every_kind = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
seeds = given(seed=st.integers(0, 2**32 - 1))


def _prices(random: np.random.Generator) -> FloatArray:
    return _some(random, 3, 400)


def _one_price_moved(seen: FloatArray, step: float, agent: int) -> tuple[FloatArray, FloatArray]:
    below, above = seen.copy(), seen.copy()
    below[:, agent] *= 1 - step
    above[:, agent] *= 1 + step
    return below, above


@every_kind
@seeds
def test_the_answer_is_the_derivative_of_the_value(make: Maker, seed: int) -> None:
    random = np.random.default_rng(seed)
    agents, seen = make(random), _prices(random)
    answer = agents.evaluate(seen, ALL).answer
    for agent in range(COUNT):
        below, above = _one_price_moved(seen, 1e-5, agent)
        low, high = agents.evaluate(below, ALL), agents.evaluate(above, ALL)
        width = (above - below)[:, agent]
        # a kink lies between the two answers, so the mean of both bounds the error
        bend = np.abs(high.answer - low.answer)[:, agent]
        scale = np.abs(answer[:, agent]) + np.abs(low.value) * 1e-9 / width
        error = np.abs((high.value - low.value) / width - answer[:, agent])
        assert np.all(error <= 1e-5 * scale + bend)


@every_kind
@seeds
def test_the_slope_is_the_derivative_of_the_answer(make: Maker, seed: int) -> None:
    random = np.random.default_rng(seed)
    agents, seen = make(random), _prices(random)
    middle = agents.evaluate(seen, ALL)
    step = 1e-5
    low, high = agents.evaluate(seen * (1 - step), ALL), agents.evaluate(seen * (1 + step), ALL)
    found = (high.answer - low.answer) / (2 * step * seen)
    kinked = np.abs(high.slope - low.slope) > 0.01 * (high.slope + low.slope)
    allowed = 1e-4 * (low.slope + high.slope) + 1e-9 * (1 + np.abs(middle.answer)) / seen
    assert np.all((np.abs(found - middle.slope) <= allowed) | kinked)


@every_kind
@seeds
def test_agents_are_convex(make: Maker, seed: int) -> None:
    random = np.random.default_rng(seed)
    agents, one, other = make(random), _prices(random), _prices(random)
    ends = agents.evaluate(one, ALL).value + agents.evaluate(other, ALL).value
    middle = agents.evaluate(0.5 * (one + other), ALL)
    assert np.all(middle.slope >= 0)
    assert np.all(2 * middle.value <= ends + 1e-9 * (1 + np.abs(ends) + np.abs(middle.value)))


@every_kind
@seeds
def test_a_batch_of_draws_answers_like_each_draw_alone(make: Maker, seed: int) -> None:
    random = np.random.default_rng(seed)
    agents, seen = make(random), _prices(random)
    together = agents.evaluate(seen, ALL)
    for draw in range(DRAWS):
        alone = agents.evaluate(seen[[draw]], np.array([draw]))
        np.testing.assert_array_equal(alone.answer[0], together.answer[draw])
        np.testing.assert_array_equal(alone.slope[0], together.slope[draw])
        np.testing.assert_allclose(alone.value[0], together.value[draw], rtol=1e-13)


def test_one_row_of_parameters_serves_every_draw() -> None:
    agents = Activities(_columns(), np.full((1, 4), 10.0), np.full((1, 4), 5.0), np.ones((1, 4)))
    seen = np.linspace(0.0, 10.0, 8).reshape(2, 4)
    both = agents.evaluate(seen, np.array([0, 1]))
    assert both.value.shape == (2,)
    np.testing.assert_array_equal(both.answer[1], agents.evaluate(seen[[1]], ALL).answer[0])


def test_half_of_an_activity_runs_at_its_cost() -> None:
    agents = Activities(_columns(), np.full((1, 4), 10.0), np.full((1, 4), 5.0), np.ones((1, 4)))
    np.testing.assert_allclose(agents.evaluate(np.full((1, 4), 5.0), ALL).answer, 5.0)


@pytest.mark.parametrize("price", [-1e9, -1e3, 1e3, 1e9])
def test_activities_stay_within_capacity_at_any_margin(price: float) -> None:
    agents = Activities(_columns(), np.full((1, 4), 10.0), np.full((1, 4), 5.0), np.ones((1, 4)))
    result = agents.evaluate(np.full((1, 4), price), ALL)
    assert np.all((result.answer >= 0) & (result.answer <= 10.0))
    assert np.isfinite(result.value).all()


def test_an_activity_without_capacity_does_nothing() -> None:
    agents = Activities(_columns(), np.zeros((1, 4)), np.full((1, 4), 5.0), np.ones((1, 4)))
    result = agents.evaluate(np.full((1, 4), 50.0), ALL)
    assert not result.answer.any()
    assert not result.slope.any()
    assert not result.value.any()


def test_a_quadratic_activity_grows_from_its_cost_to_its_capacity() -> None:
    agents = QuadraticActivities(
        _columns(), np.full((1, 4), 5.0), np.full((1, 4), 2.0), np.full((1, 4), 6.0)
    )
    answer = agents.evaluate(np.array([[4.0, 5.0, 7.0, 99.0]]), ALL).answer
    np.testing.assert_allclose(answer, [[0.0, 0.0, 4.0, 6.0]])


def test_linear_demand_is_never_negative() -> None:
    agents = LinearUses(_columns(), np.full((1, 4), 10.0), np.full((1, 4), 2.0))
    answer = agents.evaluate(np.array([[0.0, 1.0, 5.0, 50.0]]), ALL).answer
    np.testing.assert_allclose(answer, [[-10.0, -8.0, 0.0, 0.0]])


@pytest.mark.parametrize("near", [1e-12, -1e-12, 1e-6, -1e-6, 1e-4])
def test_an_elasticity_of_one_is_the_limit_of_its_neighbours(near: float) -> None:
    base, price0 = np.full((1, 4), 7.0), np.full((1, 4), 40.0)
    seen = np.array([[4.0, 40.0, 100.0, 4000.0]])
    one = IsoelasticUses(_columns(), base, price0, np.ones((1, 4))).evaluate(seen, ALL)
    beside = IsoelasticUses(_columns(), base, price0, np.full((1, 4), 1 + near))
    found = beside.evaluate(seen, ALL)
    np.testing.assert_allclose(found.answer, one.answer, rtol=10 * abs(near) + 1e-12)
    np.testing.assert_allclose(found.value, one.value, rtol=20 * abs(near) + 1e-9)


def test_isoelastic_demand_halves_when_the_price_doubles_at_elasticity_one() -> None:
    uses = IsoelasticUses(_columns(), np.full((1, 4), 7.0), np.full((1, 4), 40.0), np.ones((1, 4)))
    np.testing.assert_allclose(uses.evaluate(np.full((1, 4), 80.0), ALL).answer, -3.5)


def test_a_holder_keeps_its_target_at_the_expected_price() -> None:
    stock, expected = np.full((1, 4), 12.0), np.full((1, 4), 40.0)
    holders = Holders(_columns(), stock, stock, 0.15 * stock, expected, np.full((1, 4), 1.5))
    np.testing.assert_allclose(holders.evaluate(expected, ALL).answer, 0.0, atol=1e-12)


def test_a_holder_never_sells_more_than_it_has() -> None:
    stock, expected = np.full((1, 4), 12.0), np.full((1, 4), 40.0)
    holders = Holders(_columns(), stock, stock, 0.15 * stock, expected, np.full((1, 4), 1.5))
    answer = holders.evaluate(np.array([[80.0, 4e2, 4e4, 4e8]]), ALL).answer
    assert np.all((answer > 0) & (answer < 12.0))


def test_a_fixed_supply_ignores_the_price() -> None:
    agents = FixedSupplies(_columns(), np.full((1, 4), -3.0))
    answer = agents.evaluate(np.array([[0.0, 1.0, 10.0, 1e6]]), ALL).answer
    np.testing.assert_array_equal(answer, -3.0)


def test_inside_the_price_box_nothing_happens() -> None:
    one = np.ones((1, 4))
    box = PriceBox(_columns(), 100.0 * one, 2.0 * one, one)
    inside = box.evaluate(np.array([[2.0, 3.0, 50.0, 100.0]]), ALL)
    assert not inside.answer.any()
    assert not inside.value.any()
    outside = box.evaluate(np.array([[1.0, 101.0, 1.0, 101.0]]), ALL)
    assert np.all(outside.answer * [[-1, 1, -1, 1]] > 0)
