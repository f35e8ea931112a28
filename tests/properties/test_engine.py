"""What holds for every chain, every permit and every start."""

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chains import GOODS, REGIONS, chain
from monazite.market.calibrate import Market, Month
from monazite.market.equilibrium import Equilibrium, clear
from monazite.market.layout import Permit
from monazite.newton import FloatArray, Problem
from monazite.parameters import Parameters
from monazite.simulate import simulate
from two_regions import IMPORTS, calm, licence, two_regions

chains = st.integers(0, 40)
shares = st.floats(1e-3, 1.5)


@cache
def _exports(seed: int, good: str) -> Market:
    """A chain in which the first region's exports of a good need a permit."""
    network = chain(seed)
    routes = [
        k for k, r in enumerate(network.routes) if r.commodity == good and r.origin == REGIONS[0]
    ]
    permit = Permit("licence", np.array(routes), np.ones(len(routes)))
    return Market(network, Parameters.central(), [permit], captive=False)


def _shocked(market: Market, share: float, capacity: float = 1.0) -> tuple[Month, Equilibrium]:
    month = market.base_month()
    usual = market.base.flow[0, market.permits[0].routes].sum()
    month.permit_limit = np.array([[share * usual]])
    month.process_capacity = month.process_capacity.copy()
    month.process_capacity[:, 0] *= capacity
    return month, clear(market, month)


def _problem(market: Market, month: Month) -> Problem:
    reference = np.append(market.market_price0, market.market_price0.mean())
    size = np.append(market.throughput, market.throughput.mean())
    return Problem(
        market.agents(month),
        market.pattern,
        size=size,
        reference=reference,
        touches_zero=market.touches_zero,
    )


@given(seed=chains, multiple=st.floats(0.2, 5.0))
def test_every_chain_finds_its_base_year_again(seed: int, multiple: float) -> None:
    market = _exports(seed, "heavy")
    start = np.append(multiple * market.market_price0, 0.0)[None, :]
    found = clear(market, market.base_month(), start)
    flows = np.array([route.flow or 0.0 for route in market.network.routes]) / 12.0
    np.testing.assert_allclose(found.price[0], market.base_price, rtol=1e-9)
    np.testing.assert_allclose(found.flow[0], flows, rtol=1e-8)


@given(seed=chains, random=st.integers(0, 2**32 - 1), share=shares)
def test_the_end_does_not_depend_on_the_start(seed: int, random: int, share: float) -> None:
    market = _exports(seed, "heavy")
    month, found = _shocked(market, share, 0.5)
    away = np.random.default_rng(random).uniform(0.2, 5.0, market.markets)
    start = np.append(away * market.market_price0, 0.0)[None, :]
    again = clear(market, month, start)
    np.testing.assert_allclose(again.price, found.price, rtol=1e-7)
    np.testing.assert_allclose(again.rent, found.rent, rtol=1e-7, atol=1e-7)


@given(seed=chains, random=st.integers(0, 2**32 - 1), weight=st.floats(0.0, 1.0))
def test_phi_is_convex_between_any_two_prices(seed: int, random: int, weight: float) -> None:
    market = _exports(seed, "heavy")
    problem = _problem(market, market.base_month())
    generator = np.random.default_rng(random)
    one, other = generator.uniform(0.1, 20.0, (2, market.size_of_system)) * problem.reference
    prices = np.array([one, other, weight * one + (1 - weight) * other])
    low, high, middle = problem.evaluate(prices, np.zeros(3, dtype=np.intp)).value
    chord = weight * low + (1 - weight) * high
    assert middle <= chord + 1e-10 * (abs(low) + abs(high))


@given(seed=chains, good=st.sampled_from(GOODS), tight=shares, room=st.floats(0.0, 1.0))
def test_a_loosened_permit_never_raises_its_own_rent(
    seed: int, good: str, tight: float, room: float
) -> None:
    market = _exports(seed, good)
    rents = [_shocked(market, share)[1].rent[0, 0] for share in (tight, tight + room)]
    assert rents[1] <= rents[0] * (1 + 1e-9) + 1e-9


@cache
def _outside_price(limit: float, mines: int) -> FloatArray:
    network = two_regions(mines=mines)
    market = Market(network, Parameters.central(), [Permit("q", np.array([0]), np.ones(1))])
    month = market.base_month()
    month.permit_limit = np.array([[limit]])
    return np.asarray(clear(market, month).price[0])


@given(tight=st.floats(1e-3, 100.0), room=st.floats(0.0, 100.0), mines=st.sampled_from([1, 2]))
def test_a_loosened_permit_never_raises_the_outside_price(
    tight: float, room: float, mines: int
) -> None:
    before, after = _outside_price(tight, mines), _outside_price(tight + room, mines)
    assert after[1] <= before[1] * (1 + 1e-9)
    assert after[0] >= before[0] * (1 - 1e-9)


@settings(max_examples=10)
@given(tight=st.floats(0.02, 1.0), room=st.floats(0.0, 1.0))
def test_a_loosened_permit_never_raises_the_outside_price_in_any_month(
    tight: float, room: float
) -> None:
    network = two_regions()
    runs = []
    for share in (tight, tight + room):
        limit = np.full(6, np.inf)
        limit[1:] = share * IMPORTS
        lowered = calm(network, 6, permits=(licence(limit),))
        runs.append(simulate(lowered, Parameters.central()).price[0, :, 1])
    assert np.all(runs[1] <= runs[0] * (1 + 1e-9))


@given(seed=chains, share=shares, capacity=st.floats(0.05, 1.5))
def test_mass_and_money_balance_in_every_chain(seed: int, share: float, capacity: float) -> None:
    market = _exports(seed, "heavy")
    month, found = _shocked(market, share, capacity)
    prices = np.concatenate([found.market_price, found.rent], axis=1)
    sold = np.zeros(market.size_of_system)
    earned = 0.0
    for columns, quantity in (
        (market.process_columns, found.activity),
        (market.route_columns, found.flow),
        (market.rung_columns, found.running),
    ):
        sold += columns @ quantity[0]
        earned += float(quantity[0] @ (columns.T @ prices[0]))
    stocks = (month.opening - found.closing + found.leaning)[0]
    used = np.bincount(market.group_market, found.rest[0], market.markets)
    net = sold[: market.markets] + stocks - used
    assert np.abs(net / market.throughput).max() <= 1e-10
    paid = float(used @ found.market_price[0])
    from_stock = float(stocks @ found.market_price[0])
    licences = float(-sold[market.markets] * found.rent[0, 0])
    scale = paid + licences + float(np.abs(stocks) @ found.market_price[0])
    assert abs(earned + from_stock + licences - paid) <= 1e-9 * scale


@settings(max_examples=10)
@given(random=st.integers(0, 2**32 - 1))
def test_draws_do_not_see_each_other(random: int) -> None:
    generator = np.random.default_rng(random)
    central = Parameters.central()
    drawn = {n: v * generator.uniform(0.7, 1.3, 3) for n, v in central.values.items()}
    limit = np.array([np.inf, 5.0, 5.0, 5.0])
    lowered = calm(two_regions(), 4, permits=(licence(limit),))
    together = simulate(lowered, Parameters(drawn))
    order = generator.permutation(3)
    shuffled = simulate(lowered, Parameters({n: v[order] for n, v in drawn.items()}))
    # expectations are cleared coarsely, so a batch agrees with its draws to that accuracy
    np.testing.assert_allclose(shuffled.price, together.price[order], rtol=1e-5)
    for draw in range(3):
        alone = simulate(lowered, Parameters({n: v[[draw]] for n, v in drawn.items()}))
        np.testing.assert_allclose(alone.price[0], together.price[draw], rtol=1e-5)
        np.testing.assert_allclose(alone.group_stock[0], together.group_stock[draw], rtol=1e-4)


@given(scale=st.floats(1e-3, 1e3), money=st.floats(1e-3, 1e3))
def test_units_do_not_matter(scale: float, money: float) -> None:
    """The same chain in other units of quantity and money clears at the same multiples."""
    network = two_regions()
    rescaled = replace(
        network,
        processes=tuple(
            replace(p, capacity=p.capacity * scale, activity=(p.activity or 0.0) * scale)
            for p in network.processes
        ),
        routes=tuple(replace(r, flow=(r.flow or 0.0) * scale) for r in network.routes),
        uses=tuple(replace(u, demand=u.demand * scale) for u in network.uses),
        base_prices=tuple(replace(b, price=b.price * money) for b in network.base_prices),
    )
    market = Market(rescaled, Parameters.central(), [Permit("q", np.array([0]), np.ones(1))])
    month = market.base_month()
    month.permit_limit = np.array([[10.0 * scale]])
    found = clear(market, month)
    np.testing.assert_allclose(found.price[0] / money, _outside_price(10.0, 1), rtol=1e-7)
