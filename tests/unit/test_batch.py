"""Draws cleared side by side: the same prices as one by one, whoever stands in the next lane."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.two_regions import two_regions

from monazite import ensemble, study
from monazite.errors import EquilibriumError
from monazite.market import batch, equilibrium, kernels
from monazite.market.calibrate import Market, Month
from monazite.market.equilibrium import clear, clear_prices
from monazite.market.layout import Permit
from monazite.network import Form, SupplyNetwork
from monazite.newton import FloatArray, Settings
from monazite.parameters import Parameters
from monazite.simulate import simulate

LICENCE = Permit("licence", np.array([0]), np.ones(1))
DRAWS = 2 * batch.LANES + 5
"""More than lanes, and not a multiple of them."""


@given(st.lists(st.floats(-800.0, 0.0), min_size=1, max_size=70))
def test_decay_is_the_exponential(argument: list[float]) -> None:
    values = np.array(argument)
    power = np.empty_like(values)
    kernels.decay(values.copy(), power, power.view(np.int64))
    exact = np.exp(np.maximum(values, -700.0))
    np.testing.assert_allclose(power, exact, rtol=4e-16)


@given(st.lists(st.floats(1e-200, 1e200), min_size=1, max_size=70))
def test_logarithm_is_the_natural_one(values: list[float]) -> None:
    given_values = np.array(values)
    used, answer = given_values.copy(), np.empty(len(values))
    kernels.logarithm(used, used.view(np.int64), answer)
    np.testing.assert_allclose(answer, np.log(given_values), rtol=4e-16, atol=4e-16)


def test_loops_are_compiled_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(*, cache: bool = False, **options: object) -> object:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda loops: ("compiled", loops)

    monkeypatch.setattr(kernels, "njit", njit)
    assert kernels.compiled(len) == ("compiled", len)


def licensed(draws: int, seed: int = 0) -> tuple[Market, Month]:
    """Two regions behind a licence that binds in some draws and is free in others."""
    market = Market(two_regions(), ensemble.sample(draws, seed), [LICENCE])
    month = market.base_month()
    month.permit_limit = np.linspace(3.0, 200.0, draws)[:, None]
    month.permit_size = np.array([40.0])
    return market, month


def alone(market: Market, month: Month, monkeypatch: pytest.MonkeyPatch) -> FloatArray:
    """Prices and rents by `newton`."""
    with monkeypatch.context() as patch:
        patch.setattr(batch, "available", lambda: False)
        found = clear(market, month)
    return np.hstack([found.market_price, found.rent])


def test_lanes_find_the_prices_of_newton(monkeypatch: pytest.MonkeyPatch) -> None:
    market, month = licensed(DRAWS)
    found = clear(market, month)
    together = np.hstack([found.market_price, found.rent])
    scale = np.concatenate([market.market_price0, market.permit_scale[1]])
    np.testing.assert_allclose(
        together / scale, alone(market, month, monkeypatch) / scale, rtol=1e-8, atol=1e-8
    )
    assert (found.rent[:3] > 0).all()
    assert (found.rent[-3:] == 0).all()


def test_the_balance_is_met_where_lanes_say_so() -> None:
    market, month = licensed(DRAWS)
    problem = equilibrium._problem(market, month)
    start = np.tile(market.calm_prices, (DRAWS, 1))
    found = market.lanes.minimise(tuple(problem.groups), problem, start, Settings())
    assert found.converged.all()
    again = problem.evaluate(found.prices, slice(None))
    assert again.residual.max() <= 1e-10
    np.testing.assert_allclose(found.residual, again.residual, atol=1e-10)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(12)), st.integers(1, 12))
def test_a_draw_does_not_depend_on_its_neighbours(order: list[int], count: int) -> None:
    market, month = licensed(12)
    problem = equilibrium._problem(market, month)
    start = np.tile(market.calm_prices, (12, 1)) * np.linspace(0.9, 1.2, 12)[:, None]
    groups = tuple(problem.groups)
    every = market.lanes.minimise(groups, problem, start, Settings())
    chosen = np.array(order[:count])
    some_market = Market(two_regions(), chosen_draws(market.parameters, chosen), [LICENCE])
    some_month = some_market.base_month()
    some_month.permit_limit, some_month.permit_size = month.permit_limit[chosen], month.permit_size
    fewer = equilibrium._problem(some_market, some_month)
    some = some_market.lanes.minimise(tuple(fewer.groups), fewer, start[chosen], Settings())
    np.testing.assert_array_equal(some.prices, every.prices[chosen])
    np.testing.assert_array_equal(some.steps, every.steps[chosen])


def chosen_draws(parameters: Parameters, chosen: np.ndarray) -> Parameters:
    """Some of the draws, in another order."""
    return Parameters({name: values[chosen] for name, values in parameters.values.items()})


def test_a_year_of_a_chain_is_the_same_in_lanes() -> None:
    run = study.runs.prepare("ga-ge-2023", months=8, draws=6, seed=3, threshold=0.05, network=None)
    lowered, parameters = run.lowered, run.values
    together = simulate(lowered, parameters)
    for draw in (0, 5):
        single = simulate(lowered, ensemble.take(parameters, slice(draw, draw + 1)))
        for name in ("price", "flow", "stopped", "spot_stock"):
            one, many = getattr(single, name)[0], getattr(together, name)[draw]
            np.testing.assert_allclose(many, one, rtol=1e-7, atol=1e-8 * np.abs(one).max())
    assert max(certificate.worst() for certificate in together.certificates) < 1e-8


def test_draws_that_do_not_converge_are_marked_or_raise() -> None:
    market, month = licensed(DRAWS)
    start = np.tile(market.calm_prices, (DRAWS, 1))
    found = clear_prices(market, month, start, Settings(steps=1))
    assert not found.converged.all()
    with pytest.raises(EquilibriumError, match="no prices clear the market"):
        clear(market, month, settings=Settings(steps=1))


def test_few_draws_exact_agents_and_machines_without_compiler_go_by_newton(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market, month = licensed(batch.FEWEST)
    groups = market.agents(month)
    assert batch.suits(groups, batch.FEWEST)
    assert not batch.suits(groups, batch.FEWEST - 1)
    assert not batch.suits(linear(two_regions(), batch.FEWEST), batch.FEWEST)
    monkeypatch.setattr(batch, "available", lambda: False)
    assert not batch.suits(groups, batch.FEWEST)


def linear(network: SupplyNetwork, draws: int) -> tuple[object, ...]:
    """Agents of the network with one route in a linear form."""
    routes = (replace(network.routes[0], form=Form.QUADRATIC, slope=1.0), *network.routes[1:])
    market = Market(replace(network, routes=routes), ensemble.sample(draws))
    return market.agents(market.base_month())
