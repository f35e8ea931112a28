"""The two-region case through time: who stops when, how prices come back, what a ban is."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from monazite.network import CoverClass, SupplyNetwork
from monazite.newton import BoolArray, FloatArray
from monazite.parameters import Parameters
from monazite.scenario.lowered import FloorKind, FloorSpec, Lowered, StockMove
from monazite.simulate import simulate
from monazite.trajectory import Trajectory
from two_regions import IMPORTS, PRICE, calm, cut, licence, two_regions

START, END = 3, 15
"""First month of the control, first month without it."""
NINE_MONTHS_LATER = END + 9
STOPPED = 0.05
"""Share of a use from which it counts as stopped."""
MAKER, BUYER = 0, 1
LEVELS = ("mine_output", "demand_level")
"""Parameters that change the base year itself, not the answers to a shock."""
BUYERS = slice(3, 6)
"""The three user groups of the buying region: just-in-time, normal, deep."""


def _run(lowered: Lowered, **changes: float) -> Trajectory:
    return simulate(lowered, Parameters.central(**changes))


@cache
def _cut(share: float) -> Trajectory:
    return _run(cut(two_regions(), share, months=60))


def _multiple(run: Trajectory, region: int = BUYER) -> FloatArray:
    return np.asarray(run.price[0, :, region] / PRICE)


def _stopped(run: Trajectory) -> FloatArray:
    """Stopped share of each buying group (month, group)."""
    return np.asarray((run.stopped / run.demand)[0, :, BUYERS])


def _use_stopped(run: Trajectory) -> FloatArray:
    whole = run.demand[0, :, BUYERS].sum(axis=1)
    return np.asarray(run.stopped[0, :, BUYERS].sum(axis=1) / whole)


def _first(months: BoolArray) -> int:
    """First month in which something holds; a month after the end if never."""
    return int(np.argmax(months)) if months.any() else len(months)


# -- nothing happens without a shock -----------------------------------------------------------


@pytest.mark.parametrize("mines", [1, 2])
def test_nothing_drifts_for_24_months_without_a_shock(mines: int) -> None:
    run = _run(calm(two_regions(mines=mines), 24))
    np.testing.assert_allclose(run.price, PRICE, rtol=1e-9)
    np.testing.assert_allclose(run.flow[0], np.tile(run.base_flow, (24, 1)), rtol=1e-8)
    np.testing.assert_allclose(run.group_stock[0], np.tile(run.base_group_stock, (24, 1)))
    assert np.abs(run.stopped).max() <= 1e-9


def test_every_draw_stays_put_without_a_shock() -> None:
    central = Parameters.central()
    random = np.random.default_rng(0)
    drawn = {
        name: value * (np.ones(4) if name in LEVELS else random.uniform(0.6, 1.4, 4))
        for name, value in central.values.items()
    }
    run = simulate(calm(two_regions(), 12), Parameters(drawn))
    np.testing.assert_allclose(run.price, PRICE, rtol=1e-9)


def test_a_wide_licence_changes_nothing() -> None:
    run = _run(calm(two_regions(), 6, permits=(licence(np.full(6, 10.0 * IMPORTS)),)))
    np.testing.assert_allclose(run.price, PRICE, rtol=1e-9)
    assert not run.rents.any()


# -- who stops, and when ------------------------------------------------------------------------


def test_nobody_stops_in_the_first_month_of_a_cut() -> None:
    assert _stopped(_cut(0.9))[START].max() < STOPPED


def test_groups_stop_in_the_order_of_their_cover() -> None:
    stopped = _stopped(_cut(0.9))
    first = [_first(stopped[:, group] >= STOPPED) for group in range(3)]
    assert first == sorted(first)
    assert first[0] < first[2] < len(stopped)
    lost = stopped[START:END].sum(axis=0)
    assert lost[0] > lost[1] > lost[2]


def test_the_thinnest_cover_stops_within_the_first_quarter_of_a_deep_cut() -> None:
    first = _first(_stopped(_cut(0.9))[:, 0] >= STOPPED) - START
    assert 1 <= first <= 3


def test_a_mild_cut_stops_users_later_and_less() -> None:
    deep, mild = _use_stopped(_cut(0.9)), _use_stopped(_cut(0.5))
    assert _first(mild >= STOPPED) >= _first(deep >= STOPPED) + 1
    assert mild.max() < deep.max()


def test_users_in_the_controlling_region_never_stop() -> None:
    run = _cut(0.9)
    assert (run.stopped / run.demand)[0, :, :3].max() < STOPPED


def test_doubled_stock_and_target_delay_the_first_stop() -> None:
    usual, doubled = _cut(0.9), _run(cut(two_regions(), 0.9), cover_scale=2.0)
    np.testing.assert_allclose(doubled.price[0, :START], PRICE, rtol=1e-9)
    first, later = _use_stopped(usual) >= STOPPED, _use_stopped(doubled) >= STOPPED
    assert _first(later) > _first(first)
    for group in range(3):
        usual_first = _first(_stopped(usual)[:, group] >= STOPPED)
        assert _first(_stopped(doubled)[:, group] >= STOPPED) >= usual_first


def _with_cover(network: SupplyNetwork, factor: float) -> SupplyNetwork:
    uses = tuple(
        replace(use, cover=tuple(CoverClass(c.name, c.share, factor * c.months) for c in use.cover))
        for use in network.uses
    )
    return replace(network, uses=uses)


@pytest.mark.parametrize("factor", [2.0, 4.0])
def test_more_cover_delays_the_first_stop(factor: float) -> None:
    more = _use_stopped(_run(cut(_with_cover(two_regions(), factor), 0.9)))
    assert _first(more >= STOPPED) > _first(_use_stopped(_cut(0.9)) >= STOPPED)


def test_a_release_delays_the_first_stop() -> None:
    tonnes = np.zeros(36)
    tonnes[START:END] = 15.0
    release = StockMove(0, "good", "JPN", tonnes)
    run = _run(cut(two_regions(), 0.9, stock_moves=(release,)))
    assert _first(_use_stopped(run) >= STOPPED) > _first(_use_stopped(_cut(0.9)) >= STOPPED)


def test_served_economised_and_stopped_add_up_to_demand() -> None:
    run = _cut(0.9)
    np.testing.assert_allclose(run.served + run.economised + run.stopped, run.demand, rtol=1e-9)


def test_stock_is_never_negative_and_moves_by_what_comes_and_goes() -> None:
    run = _cut(0.9)
    assert run.group_stock.min() >= 0.0
    assert run.spot_stock.min() >= 0.0
    stock = run.group_stock[0].sum(axis=1) + run.spot_stock[0].sum(axis=1)
    made, used = run.activity[0].sum(axis=1), run.served[0].sum(axis=1)
    np.testing.assert_allclose(np.diff(stock), (made - used)[1:], atol=1e-6)


# -- prices -------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_prices_part_during_a_control(share: float) -> None:
    run = _cut(share)
    assert np.all(_multiple(run)[START:END] > 1.1)
    assert np.all(_multiple(run, MAKER)[START:END] < 1.0)


@pytest.mark.parametrize("share", [0.9, 0.5])
@pytest.mark.parametrize("region", [MAKER, BUYER])
def test_prices_are_back_within_ten_percent_nine_months_after_the_lifting(
    share: float, region: int
) -> None:
    deviation = np.abs(_multiple(_cut(share), region) - 1.0)
    assert deviation[NINE_MONTHS_LATER] <= 0.10
    assert deviation[NINE_MONTHS_LATER:].max() <= 0.12


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_nothing_oscillates_after_the_lifting(share: float) -> None:
    deviation = _multiple(_cut(share))[END:] - 1.0
    outside = np.sign(deviation[np.abs(deviation) > 0.02])
    assert np.count_nonzero(np.diff(outside)) <= 1
    turns = np.sign(np.diff(_multiple(_cut(share))[END:]))
    assert np.count_nonzero(np.diff(turns)) <= 2


def test_shipments_do_not_overshoot_for_long_after_the_lifting() -> None:
    flow = _cut(0.9).flow[0, END:, 0]
    assert flow.max() <= 1.6 * IMPORTS
    assert abs(flow[-1] / IMPORTS - 1.0) <= 0.2


def test_a_ban_is_the_limit_of_a_rising_tariff() -> None:
    shut = np.zeros((20, 1), dtype=bool)
    shut[START:END] = True
    ban = _run(calm(two_regions(), 20, route_block=shut), foresight_weight=0.0)
    gaps = []
    for tariff in (1e3, 1e4, 1e5):
        due = calm(two_regions(), 20, route_tax_specific=np.where(shut, tariff, 0.0))
        run = _run(due, foresight_weight=0.0)
        gaps.append(np.abs(run.price / ban.price - 1.0).max())
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] <= 1e-8


def test_looking_ahead_sees_a_ban_and_a_forbidding_tariff_alike() -> None:
    shut = np.zeros((20, 1), dtype=bool)
    shut[START:END] = True
    ban = _run(calm(two_regions(), 20, route_block=shut))
    tariff = _run(calm(two_regions(), 20, route_tax_specific=np.where(shut, 1e5, 0.0)))
    np.testing.assert_allclose(tariff.price, ban.price, rtol=0.05)


def test_a_ban_is_the_limit_of_a_shrinking_licence() -> None:
    shut = np.zeros((10, 1), dtype=bool)
    shut[START:] = True
    ban = _run(calm(two_regions(), 10, route_block=shut), foresight_weight=0.0)
    limit = np.full(10, np.inf)
    limit[START:] = 1e-4 * IMPORTS
    licensed = calm(two_regions(), 10, permits=(licence(limit),))
    almost = _run(licensed, foresight_weight=0.0)
    np.testing.assert_allclose(almost.stopped, ban.stopped, atol=0.05)
    np.testing.assert_allclose(almost.price[0, : START + 2], ban.price[0, : START + 2], rtol=0.01)


def test_a_ban_without_other_supply_is_rationed_and_no_error() -> None:
    shut = np.zeros((16, 1), dtype=bool)
    shut[START:END] = True
    run = _run(calm(two_regions(), 16, route_block=shut))
    assert run.rationed[0, END - 1, BUYER]
    assert not run.rationed[0, END - 1, MAKER]
    assert not run.rationed[0, END, BUYER]
    assert max(c.worst() for c in run.certificates) <= 1e-8


def test_a_licence_rent_is_the_wedge_between_the_prices() -> None:
    run = _cut(0.9)
    wedge = run.price[0, START:END, BUYER] - run.price[0, START:END, MAKER]
    rent = run.rents[0, START:END, 0]
    assert np.all(rent > 0)
    assert np.all(np.abs(rent - wedge) <= 0.5 * run.price[0, START:END, BUYER])
    assert not run.rents[0, END:].any()


# -- taxes and floors agree with final prices -----------------------------------------------------


@pytest.mark.parametrize("basis", ["route_tax_fob", "route_tax_cif"])
@pytest.mark.parametrize("rate", [0.1, 0.25, 1.0])
def test_an_ad_valorem_tax_is_reckoned_from_the_final_price(basis: str, rate: float) -> None:
    tax = np.zeros((6, 1))
    tax[2:] = rate
    run = _run(calm(two_regions(), 6, **{basis: tax}))
    fob, cif = run.price[0, 2:, MAKER], run.price[0, 2:, BUYER]
    due = rate * fob if basis == "route_tax_fob" else rate / (1 + rate) * cif
    np.testing.assert_allclose(run.tariff_revenue[0, 2:], due * run.flow[0, 2:, 0], rtol=1e-8)
    assert max(c.money_balance for c in run.certificates) <= 1e-8


def test_the_tax_is_gone_with_the_measure() -> None:
    tax = np.zeros((6, 1))
    tax[1:3] = 0.25
    run = _run(calm(two_regions(), 6, route_tax_fob=tax))
    assert not run.tariff_revenue[0, [0, 3, 4, 5]].any()


def test_a_price_floor_tops_up_to_the_floor() -> None:
    network = two_regions(mines=2)
    floor = np.zeros(6)
    floor[2:] = 80.0
    spec = FloorSpec(
        "floor", 0, np.array([1]), "good", floor, FloorKind.CONTRACT_FOR_DIFFERENCE, 1.0
    )
    run = _run(calm(network, 6, floors=(spec,)))
    paid = (80.0 - run.price[0, 2:, BUYER]) * run.activity[0, 2:, 1]
    np.testing.assert_allclose(run.subsidy_cost[0, 2:], paid, rtol=1e-8)
    assert np.all(run.activity[0, 2:, 1] > run.base_activity[1])
    assert np.all(run.price[0, 2:, BUYER] < PRICE)
    assert not run.subsidy_cost[0, :2].any()
    assert max(c.worst() for c in run.certificates) <= 1e-8


def test_a_government_that_buys_at_a_floor_holds_the_price_there() -> None:
    network = two_regions(mines=2)
    floor = np.zeros(6)
    floor[2:] = 60.0
    spec = FloorSpec("floor", 0, np.array([1]), "good", floor, FloorKind.PURCHASE, 1.0)
    run = _run(calm(network, 6, floors=(spec,)))
    assert np.all(run.price[0, 2:, BUYER] > 0.9 * 60.0)
    assert np.all(run.subsidy_cost[0, 2:] > 0)


# -- certificates ---------------------------------------------------------------------------------

SHUT = np.zeros((20, 1), dtype=bool)
SHUT[START:END] = True
SCENARIOS = {
    "calm": calm(two_regions(), 20),
    "cut": cut(two_regions(), 0.9, months=20),
    "ban": calm(two_regions(), 20, route_block=SHUT),
    "tariff": calm(two_regions(), 20, route_tax_cif=np.where(SHUT, 0.5, 0.0)),
    "outage": calm(two_regions(mines=2), 20, process_capacity_factor=np.where(SHUT, [[0, 1]], 1.0)),
    "hoarding": cut(two_regions(), 0.5, months=20, use_alert=np.ones((20, 2), dtype=bool)),
    "demand": calm(two_regions(), 20, demand_factor=np.where(SHUT, 3.0, [[1.0, 1.0]])),
    "one use": calm(two_regions(), 20, group_limit=np.where(SHUT, [[np.inf, 10.0]], np.inf)),
}


@pytest.mark.parametrize("lowered", SCENARIOS.values(), ids=SCENARIOS)
def test_every_month_of_every_scenario_is_certified(lowered: Lowered) -> None:
    run = _run(lowered)
    assert len(run.certificates) == len(run.months) == 20
    assert max(c.worst() for c in run.certificates) <= 1e-8


def test_contracts_are_served_before_the_spot_market() -> None:
    network = two_regions()
    routes = tuple(replace(route, contract_share=0.5) for route in network.routes)
    contracted = replace(network, routes=routes)
    still = _run(calm(contracted, 12))
    np.testing.assert_allclose(still.price, PRICE, rtol=1e-9)
    mild = _run(cut(contracted, 0.2, months=20))
    spot = _run(cut(network, 0.2, months=20))
    np.testing.assert_allclose(
        mild.flow[0, START:END, 0], spot.flow[0, START:END, 0], rtol=1e-6, atol=1e-6
    )
    assert np.all(mild.average_price[0, START, BUYER] < mild.price[0, START, BUYER])
