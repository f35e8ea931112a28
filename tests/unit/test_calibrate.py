"""Calibrated agents reproduce the base year exactly."""

from dataclasses import replace

import numpy as np
import pytest

from chains import chain
from monazite.errors import NetworkError
from monazite.market.calibrate import Market, smooth
from monazite.market.equilibrium import clear
from monazite.market.layout import Permit
from monazite.network import Form, SupplyNetwork, Use, UseForm
from monazite.parameters import Parameters
from two_regions import two_regions

NETWORKS = {"two regions": two_regions(), "two mines": two_regions(mines=2), "chain": chain(3)}
every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)


def _market(network: SupplyNetwork, *, captive: bool = True) -> Market:
    return Market(network, Parameters.central(), captive=captive)


@every_network
@pytest.mark.parametrize("captive", [True, False])
def test_the_base_year_is_found_again_from_elsewhere(network: SupplyNetwork, captive: bool) -> None:
    market = _market(network, captive=captive)
    found = clear(market, market.base_month(), 1.3 * market.market_price0[None, :])
    flows = np.array([route.flow or 0.0 for route in network.routes]) / 12.0
    activities = np.array([process.activity or 0.0 for process in network.processes]) / 12.0
    np.testing.assert_allclose(found.price[0], market.base_price, rtol=1e-12)
    np.testing.assert_allclose(found.flow[0], flows, rtol=1e-10)
    np.testing.assert_allclose(found.activity[0], activities, rtol=1e-10)


@every_network
def test_the_base_year_needs_no_step(network: SupplyNetwork) -> None:
    market = _market(network)
    found = clear(market, market.base_month())
    assert found.steps[0] == 0
    assert found.residual[0] <= 1e-13


@every_network
def test_every_draw_reproduces_the_base_year(network: SupplyNetwork) -> None:
    central = Parameters.central()
    random = np.random.default_rng(1)
    drawn = Parameters(
        {name: value * random.uniform(0.8, 1.2, 5) for name, value in central.values.items()}
    )
    market = Market(network, drawn)
    found = clear(market, market.base_month())
    np.testing.assert_allclose(found.price, np.tile(market.base_price, (5, 1)), rtol=1e-12)
    assert not found.steps.any()


def test_users_take_their_base_demand_at_the_base_price() -> None:
    market = _market(two_regions())
    found = clear(market, market.base_month())
    demand = [group.demand for group in market.groups]
    served = found.rest[0].copy()
    np.add.at(served, market.rung_group, found.running[0])
    np.testing.assert_allclose(served, demand, rtol=1e-12)
    assert sum(demand) == pytest.approx(100.0)


def test_rungs_use_exactly_their_shares_at_the_base_price() -> None:
    market = _market(two_regions())
    found = clear(market, market.base_month())
    shares = [0.3, 0.35, 0.25] * len(market.groups)
    demand = np.array([market.groups[g].demand for g in market.rung_group])
    np.testing.assert_allclose(found.running[0], shares * demand, rtol=1e-12)


def test_each_cover_class_is_a_market_of_its_own() -> None:
    market = _market(two_regions())
    assert len(market.spot_markets) == 2
    assert market.markets == 2 + 6
    assert len(set(market.group_market.tolist())) == 6


def test_without_captive_stocks_users_buy_on_the_spot_market() -> None:
    market = _market(two_regions(), captive=False)
    assert market.markets == 2
    np.testing.assert_array_equal(market.group_market, market.group_spot)


def test_cover_and_goods_at_sea_make_up_the_base_stock() -> None:
    market = _market(two_regions())
    stock = market.base_month().opening[0, market.group_market]
    demand = np.array([group.demand for group in market.groups])
    cover = np.array([group.months for group in market.groups])
    at_sea = np.array([0.0 if group.region == "CHN" else 1.0 for group in market.groups])
    np.testing.assert_allclose(stock, (cover + at_sea) * demand)


def test_permits_do_not_touch_the_base_year_while_they_are_wide() -> None:
    permit = Permit("licence", np.array([0]), np.ones(1))
    market = Market(two_regions(), Parameters.central(), [permit])
    found = clear(market, market.base_month())
    assert found.rent[0, 0] == 0.0
    np.testing.assert_allclose(found.price[0], 50.0, rtol=1e-12)


def test_a_plant_that_does_not_run_in_the_base_year_stays_out_of_it() -> None:
    network = two_regions(mines=2)
    idle = replace(network.processes[1], name="idle", activity=0.0)
    market = _market(replace(network, processes=(*network.processes, idle)))
    found = clear(market, market.base_month())
    assert found.activity[0, 2] == 0.0
    np.testing.assert_allclose(found.price[0], 50.0, rtol=1e-12)


def test_a_use_of_constant_elasticity_answers_with_it() -> None:
    network = two_regions()
    uses = tuple(
        Use("any", use.region, "good", 600.0, 1.0, form=UseForm.ISOELASTIC) for use in network.uses
    )
    market = _market(replace(network, uses=uses), captive=False)
    month = market.base_month()
    month.process_capacity = 0.9 * month.process_capacity
    found = clear(market, month)
    expected = 50.0 * market.base_price / found.price[0]
    np.testing.assert_allclose(found.rest[0], expected, rtol=1e-12)


def test_a_linear_use_follows_its_line() -> None:
    network = two_regions()
    uses = tuple(
        Use("any", u.region, "good", 600.0, form=UseForm.LINEAR, intercept=1200.0, slope=12.0)
        for u in network.uses
    )
    market = _market(replace(network, uses=uses), captive=False)
    month = market.base_month()
    month.process_capacity = 0.8 * month.process_capacity
    found = clear(market, month)
    np.testing.assert_allclose(found.rest[0], (1200.0 - 12.0 * found.price[0]) / 12.0, rtol=1e-10)


def test_a_fixed_use_takes_the_same_at_any_price() -> None:
    network = two_regions()
    fixed = Use("state", "JPN", "good", 600.0, form=UseForm.FIXED)
    market = _market(replace(network, uses=(network.uses[0], fixed)))
    month = market.base_month()
    month.process_capacity = 0.8 * month.process_capacity
    found = clear(market, month)
    assert found.rest[0, -1] == 50.0
    assert found.price[0, 1] > 51.0


def test_a_route_without_base_flow_raises_and_is_named() -> None:
    network = two_regions()
    routes = (replace(network.routes[0], flow=None),)
    with pytest.raises(NetworkError, match=r"route good CHN->JPN has no base flow"):
        _market(replace(network, routes=routes))


def test_a_plant_without_base_activity_raises_and_is_named() -> None:
    network = two_regions()
    processes = (replace(network.processes[0], activity=None),)
    with pytest.raises(NetworkError, match=r"process mine in CHN has no base activity"):
        _market(replace(network, processes=processes))


def test_only_a_network_of_logistic_agents_is_smooth() -> None:
    network = two_regions()
    assert smooth(network)
    routes = (replace(network.routes[0], form=Form.EXACT),)
    assert not smooth(replace(network, routes=routes))
