"""One month cleared: permits, lost supply, starts, failures that say where."""

import numpy as np
import pytest

from chains import chain
from monazite.errors import EquilibriumError
from monazite.market.calibrate import Market, Month
from monazite.market.equilibrium import Equilibrium, clear, clear_prices
from monazite.market.layout import Permit
from monazite.newton import FloatArray, Settings
from monazite.parameters import Parameters
from two_regions import IMPORTS, two_regions

LICENCE = Permit("licence", np.array([0]), np.ones(1))


def _licensed(limit: float, parameters: Parameters | None = None) -> tuple[Market, Equilibrium]:
    market = Market(two_regions(), parameters or Parameters.central(), [LICENCE])
    month = market.base_month()
    month.permit_limit = np.array([[limit]])
    return market, clear(market, month)


def _net_supply(market: Market, month: Month, found: Equilibrium) -> FloatArray:
    """Net supply of every market, summed again from the columns."""
    net = found.leaning + month.opening - found.closing + month.fixed
    columns = (
        (market.process_columns, found.activity),
        (market.route_columns, found.flow),
        (market.link_columns, found.purchase),
        (market.rung_columns, found.running),
    )
    for matrix, quantity in columns:
        net = net + (matrix @ quantity.T).T[:, : market.markets]
    used = np.zeros_like(net)
    np.add.at(used.T, market.group_market, found.rest.T)
    return np.asarray(net - used)


@pytest.mark.parametrize("multiple", [1000.0, 10.0, 2.0, 1.01, 1.0, 0.99, 0.5, 0.1, 1e-2, 1e-4])
def test_a_permit_is_used_up_or_free_whatever_its_size(multiple: float) -> None:
    limit = multiple * IMPORTS
    _, found = _licensed(limit)
    flow, rent = float(found.flow[0, 0]), float(found.rent[0, 0])
    assert found.residual[0] <= 1e-10
    assert rent >= 0.0
    assert flow <= limit + 1e-9 * IMPORTS
    assert abs(rent * (limit - flow)) <= 1e-10 * 50.0 * IMPORTS


@pytest.mark.parametrize("multiple", [1000.0, 10.0, 2.0, 1.01])
def test_a_permit_with_room_has_a_rent_of_exactly_zero(multiple: float) -> None:
    market, found = _licensed(multiple * IMPORTS)
    assert found.rent[0, 0] == 0.0
    np.testing.assert_allclose(found.price[0], market.base_price, rtol=1e-11)


@pytest.mark.parametrize("multiple", [0.99, 0.5, 1e-4])
def test_a_permit_that_binds_parts_the_two_prices_by_its_rent(multiple: float) -> None:
    market, found = _licensed(multiple * IMPORTS)
    outside, inside = found.price[0, 1], found.price[0, 0]
    share = multiple * IMPORTS / market.base.route_capacity[0, 0]
    margin = np.log(share / (1 - share)) * market.base.route_spread[0, 0]
    cost = market.base.route_cost[0, 0]
    assert outside - inside == pytest.approx(found.rent[0, 0] + cost + margin, rel=1e-6)


def test_a_tighter_permit_raises_the_outside_price_and_lowers_the_inside_price() -> None:
    prices = np.array([_licensed(q * IMPORTS)[1].price[0] for q in (1.5, 0.9, 0.6, 0.3, 0.1, 0.01)])
    inside, outside = np.diff(prices, axis=0).T
    assert np.all(outside >= -1e-9)
    assert np.all(inside <= 1e-9)
    assert prices[-1, 1] > 1.2 * prices[0, 1]


def test_weights_count_against_the_limit() -> None:
    market = Market(
        two_regions(), Parameters.central(), [Permit("licence", np.array([0]), np.array([2.0]))]
    )
    month = market.base_month()
    month.permit_limit = np.array([[IMPORTS]])
    assert clear(market, month).flow[0, 0] == pytest.approx(IMPORTS / 2, rel=1e-9)


def test_two_permits_on_one_route_leave_the_tighter_one_its_rent() -> None:
    permits = [LICENCE, Permit("quota", np.array([0]), np.ones(1))]
    market = Market(two_regions(), Parameters.central(), permits)
    month = market.base_month()
    month.permit_limit = np.array([[0.8 * IMPORTS, 0.3 * IMPORTS]])
    found = clear(market, month)
    assert found.rent[0, 0] == 0.0
    assert found.rent[0, 1] > 0.0
    assert found.flow[0, 0] == pytest.approx(0.3 * IMPORTS, rel=1e-9)


def test_a_permit_on_one_use_binds_only_that_use() -> None:
    groups = np.array([3, 4, 5])
    permit = Permit("magnets", np.zeros(0, dtype=np.intp), np.ones(3), links=groups)
    market = Market(two_regions(), Parameters.central(), [permit])
    month = market.base_month()
    month.permit_limit = np.array([[10.0]])
    found = clear(market, month)
    assert found.purchase[0, 3:].sum() == pytest.approx(10.0, rel=1e-9)
    assert found.purchase[0, :3].sum() > 49.0


@pytest.mark.parametrize("multiple", [0.2, 0.5, 2.0, 5.0])
def test_every_start_ends_at_the_same_prices(multiple: float) -> None:
    market = Market(two_regions(), Parameters.central(), [LICENCE])
    month = market.base_month()
    month.permit_limit = np.array([[5.0]])
    start = np.append(multiple * market.market_price0, 0.0)[None, :]
    one, other = clear(market, month), clear(market, month, start)
    np.testing.assert_allclose(other.market_price, one.market_price, rtol=1e-9)
    np.testing.assert_allclose(other.rent, one.rent, rtol=1e-9)


def test_a_batch_of_draws_clears_like_each_draw_alone() -> None:
    elasticity = np.array([0.1, 0.2, 0.5, 0.9])
    central = Parameters.central()
    values = {name: np.repeat(value, 4) for name, value in central.values.items()}
    together = _licensed(5.0, Parameters(values | {"demand_elasticity_short": elasticity}))[1]
    for draw, one in enumerate(elasticity.tolist()):
        alone = _licensed(5.0, Parameters.central(demand_elasticity_short=one))[1]
        np.testing.assert_allclose(together.price[draw], alone.price[0], rtol=1e-9)
        np.testing.assert_allclose(together.rent[draw], alone.rent[0], rtol=1e-9)


def test_every_market_balances_after_a_shock() -> None:
    market = Market(chain(1), Parameters.central(), captive=False)
    month = market.base_month()
    month.process_capacity = month.process_capacity * np.where(
        np.arange(month.process_capacity.shape[1]) % 3 == 0, 0.3, 1.0
    )
    found = clear(market, month)
    assert np.abs(_net_supply(market, month, found) / market.throughput).max() <= 1e-10


def _without_supply(network_seed: int, good: str) -> tuple[Market, Equilibrium]:
    market = Market(chain(network_seed), Parameters.central(), captive=False)
    month = market.base_month()
    makes = [p.recipe.get(good, 0.0) > 0 for p in market.network.processes]
    month.process_capacity = np.where(makes, 0.0, month.process_capacity)
    month.opening = 0.0 * month.opening
    month.target = 1e-3 * month.target
    return market, clear(market, month)


def test_a_market_that_loses_all_supply_is_rationed_and_no_error() -> None:
    market, found = _without_supply(2, "metal")
    metal = [i for i, (good, _) in enumerate(market.spot_markets) if good == "metal"]
    rest = [i for i, (good, _) in enumerate(market.spot_markets) if good in ("ore", "light")]
    assert found.rationed[0, metal].any()
    assert not found.rationed[0, rest].any()
    assert np.isfinite(found.price).all()
    assert found.price[0, metal].min() > 100 * market.base_price[metal].min()


def test_a_market_without_buyers_disposes_and_is_rationed() -> None:
    market = Market(chain(2), Parameters.central(), captive=False)
    month = market.base_month()
    light = [i for i, (good, _) in enumerate(market.spot_markets) if good == "light"]
    unwanted = [g for g, group in enumerate(market.groups) if group.commodity == "light"]
    month.demand_scale = month.demand_scale.copy()
    month.demand_scale[:, unwanted] = 1e-3
    month.target = month.target.copy()
    month.target[:, light] *= 1e-3
    found = clear(market, month)
    assert found.rationed[0, light].all()
    assert np.all(found.price[0, light] < 0.03 * market.base_price[light])


def test_a_month_that_does_not_clear_raises_and_names_the_worst_markets() -> None:
    market = Market(two_regions(), Parameters.central(), [LICENCE])
    month = market.base_month()
    month.permit_limit = np.array([[5.0]])
    with pytest.raises(EquilibriumError, match=r"good .*(JPN|CHN)|permit licence") as caught:
        clear(market, month, settings=Settings(steps=1))
    assert caught.value.exit_status == 3
    assert "\n" not in caught.value.line()


def test_a_month_that_does_not_clear_is_marked_where_that_is_asked_for() -> None:
    market = Market(two_regions(), Parameters.central(), [LICENCE])
    month = market.base_month()
    month.permit_limit = np.array([[5.0]])
    found = clear_prices(market, month, market.calm_prices[None, :], Settings(steps=1))
    assert not found.converged[0]
    assert found.residual[0] > 1e-6
