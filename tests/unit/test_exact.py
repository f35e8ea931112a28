"""Exact clearing: limits, rents, failures, and agreement with what must hold at an optimum."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import EquilibriumError, NetworkError
from monazite.market.exact import clear_exact, is_exact
from monazite.market.exact_certificate import certify_exact
from monazite.network import (
    BasePrice,
    Form,
    Holder,
    HolderKind,
    Process,
    Quota,
    Route,
    Rung,
    SupplyNetwork,
    Use,
    UseForm,
)

TRADE = SupplyNetwork.build(
    "trade",
    ["good"],
    processes=[
        Process.linear_supply("good", "north", intercept=0, slope=1),
        Process.linear_supply("good", "south", intercept=0, slope=1),
    ],
    routes=[Route.at_cost("good", "north", "south", 4)],
    uses=[
        Use.linear("good", "north", intercept=20, slope=1),
        Use.linear("good", "south", intercept=40, slope=1),
    ],
)
MINE = Process.at_cost("mine", "north", {"good": 1.0}, cost=3, capacity=10)


def _one_market(*uses, processes=(MINE,), **changes):
    network = SupplyNetwork.build("one", ["good"], processes=processes, uses=uses)
    return replace(network, **changes)


def test_trade_moves_until_prices_differ_by_freight():
    result = clear_exact(TRADE)
    assert result.prices["good", "south"] - result.prices["good", "north"] == pytest.approx(4)
    assert result.net_export("good", "north") == pytest.approx(6)


def test_quota_splits_the_prices_and_earns_the_difference():
    limited = clear_exact(replace(TRADE, quotas=(Quota("limit", (0,), 2.0),)))
    gap = limited.prices["good", "south"] - limited.prices["good", "north"]
    assert limited.flow[0] == pytest.approx(2.0)
    assert limited.rent[0] == pytest.approx(gap - 4)
    assert limited.rent[0] == pytest.approx(4.0)
    assert limited.certificate.worst() < 1e-12


def test_slack_quota_changes_nothing():
    free, slack = clear_exact(TRADE), clear_exact(replace(TRADE, quotas=(Quota("q", (0,), 99.0),)))
    assert slack.rent[0] == 0.0
    assert slack.price == pytest.approx(free.price)


def test_ban_is_the_limit_of_a_falling_quota():
    ban = clear_exact(replace(TRADE, quotas=(Quota("ban", (0,), 0.0),)))
    none = clear_exact(replace(TRADE, routes=()))
    assert ban.price == pytest.approx(none.price)


def test_plant_at_capacity_earns_a_scarcity_price():
    dear = Use.worth("good", "north", value=50, most=6)
    cheap = Use.worth("good", "north", value=20, most=8, name="cheap")
    result = clear_exact(_one_market(dear, cheap))
    assert result.price[0] == pytest.approx(20)
    assert result.quantity == pytest.approx([6, 4])
    assert result.objective.welfare == pytest.approx(6 * 50 + 4 * 20 - 10 * 3)


def test_ladder_rungs_stop_at_multiples_of_the_base_price():
    use = Use("use", "north", "good", 20.0, rungs=(Rung(0.4, 2.0, 1.0, 0.0), Rung(0.6, 8, 0, 0)))
    network = _one_market(use, base_prices=(BasePrice("good", "*", 5.0),))
    result = clear_exact(network)
    assert result.price[0] == pytest.approx(40)
    assert result.quantity[0] == pytest.approx(10)


def test_surplus_of_a_joint_product_is_free():
    both = Process.at_cost("mine", "north", {"wanted": 1.0, "unwanted": 5.0}, cost=2)
    network = SupplyNetwork.build(
        "joint",
        ["wanted", "unwanted"],
        processes=[both],
        uses=[Use.fixed("wanted", "north", 3), Use.fixed("unwanted", "north", 4)],
    )
    result = clear_exact(network)
    assert result.prices == {("wanted", "north"): pytest.approx(2), ("unwanted", "north"): 0.0}


def test_slope_of_a_route_adds_to_its_cost():
    steep = replace(TRADE.routes[0], form=Form.QUADRATIC, slope=2.0)
    result = clear_exact(replace(TRADE, routes=(steep,)))
    gap = result.prices["good", "south"] - result.prices["good", "north"]
    assert result.flow[0] == pytest.approx(2.0 * (gap - 4))


def test_expansion_caps_a_route():
    capped = replace(TRADE.routes[0], flow=1.0, expansion=3.0)
    assert clear_exact(replace(TRADE, routes=(capped,))).flow[0] == pytest.approx(3.0)


def test_capacity_caps_a_quadratic_plant():
    north = replace(TRADE.processes[0], capacity=5.0)
    result = clear_exact(replace(TRADE, processes=(north, TRADE.processes[1])))
    assert result.activity[0] == pytest.approx(5.0)


def test_linear_use_without_slope_is_fixed():
    result = clear_exact(_one_market(Use.linear("good", "north", intercept=7, slope=0)))
    assert result.quantity[0] == pytest.approx(7)


def test_starved_market_is_named():
    with pytest.raises(EquilibriumError, match="good in north cannot be served: 5 t/yr is miss"):
        clear_exact(_one_market(Use.fixed("good", "north", 15)))


def test_endless_profit_is_named():
    pump = Process.at_cost("pump", "north", {"good": 1.0}, cost=-1)
    with pytest.raises(EquilibriumError, match="process pump in north earns without limit"):
        clear_exact(_one_market(Use.fixed("good", "north", 1), processes=(pump,)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"processes": (Process("mine", "north", {"good": 1.0}),)}, "mine in north is logistic"),
        ({"routes": (Route("good", "north", "south"),)}, "route good north->south is logistic"),
        ({"uses": (Use("EV", "north", "good", 1.0, elasticity=1.0),)}, "use EV in north is smooth"),
        ({"holders": (Holder("good", "north", 1.0),)}, "trade stock of good in north"),
    ],
)
def test_smooth_agent_is_refused(changes, words):
    network = replace(TRADE, **changes)
    assert not is_exact(network)
    with pytest.raises(NetworkError, match=words):
        clear_exact(network)


def test_strategic_stock_stays_shut():
    held = replace(TRADE, holders=(Holder("good", "north", 9.0, HolderKind.STRATEGIC),))
    assert is_exact(held)
    assert clear_exact(held).price == pytest.approx(clear_exact(TRADE).price)


def test_missing_cost_raises():
    bare = replace(MINE, unit_cost=None)
    with pytest.raises(NetworkError, match="process mine in north has no cost"):
        clear_exact(_one_market(Use.fixed("good", "north", 1), processes=(bare,)))


def test_price_between_two_rungs_is_not_unique():
    result = clear_exact(_one_market(Use.worth("good", "north", value=50, most=10)))
    assert not result.unique
    assert 3 <= result.price[0] <= 50


def test_certificate_sees_a_wrong_price_and_a_wrong_quantity():
    result = clear_exact(TRADE)
    good = {
        "price": result.price,
        "rent": result.rent,
        "activity": result.activity,
        "flow": result.flow,
        "quantity": result.quantity,
    }
    assert certify_exact(TRADE, **good).worst() < 1e-12
    for name in ("price", "activity", "flow", "quantity"):
        wrong = certify_exact(TRADE, **{**good, name: 1.01 * good[name]})
        assert wrong.worst() > 1e-4, name


def test_market_in_which_nothing_pays_stands_still():
    dear = Process("mine", "north", {"good": 1.0}, unit_cost=50, slope=1, form=Form.QUADRATIC)
    use = Use.linear("good", "north", intercept=20, slope=1)
    result = clear_exact(_one_market(use, processes=(dear,)))
    assert result.quantity[0] == pytest.approx(0, abs=1e-12)
    assert 20 <= result.price[0] <= 50
    assert not result.unique


@given(seed=st.integers(0, 10_000), curved=st.sampled_from([0.0, 0.5, 1.0]))
def test_random_networks_are_cleared_to_rounding(seed, curved):
    result = clear_exact(_random_network(np.random.default_rng(seed), curved))
    assert result.certificate.worst() < 1e-10


@given(seed=st.integers(0, 10_000))
def test_units_do_not_matter(seed):
    network = _random_network(np.random.default_rng(seed), 1.0)
    scaled = replace(
        network,
        processes=tuple(
            replace(p, capacity=1e3 * p.capacity, slope=p.slope and 1e3 * p.slope)
            for p in network.processes
        ),
        uses=tuple(
            replace(u, intercept=1e3 * u.intercept, slope=1e3 * u.slope) for u in network.uses
        ),
        quotas=tuple(replace(q, limit=1e3 * q.limit) for q in network.quotas),
    )
    small, large = clear_exact(network), clear_exact(scaled)
    assert large.objective.welfare == pytest.approx(1e3 * small.objective.welfare, rel=1e-7)
    assert large.quantity == pytest.approx(1e3 * small.quantity, rel=1e-6, abs=1e-4)


def _random_network(rng, curved):
    regions = [f"r{number}" for number in range(6)]
    goods = ["raw", "made"]
    processes = [_random_supply(rng, region, curved) for region in regions]
    processes += [
        Process.at_cost("plant", region, {"raw": -1.2, "made": 1.0}, cost=rng.uniform(0, 3),
                        capacity=rng.uniform(20, 200))
        for region in regions[:3]
    ]  # fmt: skip
    uses = [_random_use(rng, good, region, curved) for good in goods for region in regions]
    routes = [
        Route.at_cost(good, a, b, rng.uniform(0.5, 5))
        for good in goods
        for a in regions
        for b in regions
        if a != b and rng.random() < 0.6
    ]
    network = SupplyNetwork.build("random", goods, processes=processes, routes=routes, uses=uses)
    return replace(network, quotas=(Quota("limit", tuple(range(0, len(routes), 3)), 60.0),))


def _random_supply(rng, region, curved):
    cost, capacity = rng.uniform(1, 30), rng.uniform(50, 300)
    if rng.random() < curved:
        recipe, slope = {"raw": 1.0}, rng.uniform(5, 50)
        return Process("mine", region, recipe, capacity, unit_cost=cost, slope=slope,
                       form=Form.QUADRATIC)  # fmt: skip
    return Process.at_cost("mine", region, {"raw": 1.0}, cost=cost, capacity=capacity)


def _random_use(rng, good, region, curved):
    if rng.random() < curved:
        return Use.linear(good, region, intercept=rng.uniform(50, 200), slope=rng.uniform(1, 5))
    value = rng.uniform(10, 60)
    return Use.worth(good, region, value=value, most=rng.uniform(10, 100))


def test_use_form_of_a_worth_is_a_ladder():
    assert Use.worth("good", "north", value=1, most=1).form is UseForm.LADDER
