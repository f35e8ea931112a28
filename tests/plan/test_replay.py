"""A plan in the monthly market: the year, what stands in it, and what shocks then do."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import shocked_factory as made

from monazite.errors import InputError, UnknownCodeError
from monazite.market.calibrate import Market
from monazite.parameters import Parameters
from monazite.plan.exposure import scenario_of
from monazite.plan.membership import Plant, PlantLine
from monazite.plan.replay import (
    Aid,
    Floor,
    ReplayQuestion,
    ReplayStage,
    event_of,
    fare,
    from_month,
    releases,
    replay,
    report_year,
    shifted,
)
from monazite.plan.result import PlanReport
from monazite.plan.standing import Delivery, PlanGround, enlarged
from monazite.scenario import lower
from monazite.simulate import simulate

QUICK = ReplayQuestion(goods=("good",), settling=1)
LONE = replace(QUICK, scenarios=(scenario_of(made.programme().shocks[1], made.chain()),))


def ground(
    report: PlanReport,
    *,
    growth: float = 0.0,
    year: int = 2030,
    plants: tuple[Plant, ...] = (made.MINE,),
    delivery: Delivery = Delivery.EXPECTED,
) -> PlanGround:
    programme = made.programme(growth=growth)
    return PlanGround(report, made.chain(), programme, plants, year, delivery)


@pytest.fixture(scope="module")
def idle() -> PlanReport:
    return made.report(made.ready())


@pytest.fixture(scope="module")
def mining() -> PlanReport:
    return made.report(made.ready(), build=2026)


def test_without_growth_and_plan_a_replay_is_the_plain_scenario(idle: PlanReport) -> None:
    programme = made.programme()
    rule = programme.shocks[1]
    stage = ReplayStage(ground(idle, year=2027), programme)
    _, trajectory = stage.run(scenario_of(rule, made.chain()), Aid(), settling=0)
    moved = shifted(scenario_of(rule, made.chain()), 24)
    plain = simulate(lower(moved, made.chain()), Parameters.central())
    assert trajectory.months == plain.months
    for name in ("price", "flow", "stopped", "group_stock"):
        np.testing.assert_array_equal(getattr(trajectory, name), getattr(plain, name))


def test_a_plan_that_decides_nothing_changes_nothing(idle: PlanReport) -> None:
    found = replay(idle, made.chain(), made.programme(), question=QUICK)
    assert [row.shock for row in found.shocks] == ["cut", "deep-cut", "short-cut"]
    assert all(row.before == row.after for row in found.shocks)
    assert not found.plants
    assert not found.released
    assert found.residual < 1e-8


def test_the_year_of_a_shock_is_of_no_consequence_where_nothing_grows(idle: PlanReport) -> None:
    shock = scenario_of(made.programme().shocks[0], made.chain())
    prices = [
        ReplayStage(ground(idle, year=year), made.programme())
        .run(shock, Aid(), settling=2)[1]
        .price
        for year in (2027, 2031)
    ]
    np.testing.assert_array_equal(prices[0], prices[1])


@settings(max_examples=10, deadline=None)
@given(months=st.integers(0, 120))
def test_a_shifted_scenario_goes_back_to_itself(months: int) -> None:
    shock = scenario_of(made.programme().shocks[0], made.chain())
    assert shifted(shifted(shock, months), -months) == shock
    start, length = event_of(shifted(shock, months))
    assert length == event_of(shock)[1]
    assert start >= shock.start


@settings(max_examples=10, deadline=None)
@given(factor=st.floats(0.2, 5.0))
def test_an_enlarged_network_has_the_same_prices(factor: float) -> None:
    large = Market(enlarged(made.chain(), factor), Parameters.central())
    small = Market(made.chain(), Parameters.central())
    np.testing.assert_allclose(large.calm_prices, small.calm_prices)
    np.testing.assert_allclose(large.base.activity, factor * small.base.activity)
    np.testing.assert_allclose(large.base.process_cost, small.base.process_cost)


def test_demand_that_grows_with_the_world_leaves_shares_as_they_were(idle: PlanReport) -> None:
    growing = made.programme(growth=0.05, more="[[growth]]\nrate = 0.05\n")
    still = made.programme()
    shock = scenario_of(still.shocks[0], made.chain())
    runs = []
    for programme in (growing, still):
        place = PlanGround(idle, made.chain(), programme, (), 2030, Delivery.EXPECTED)
        runs.append(ReplayStage(place, programme).run(shock, Aid(), settling=2)[1])
    np.testing.assert_allclose(runs[0].price, runs[1].price, rtol=1e-6)
    np.testing.assert_allclose(runs[0].stopped, 1.05**6 * runs[1].stopped, rtol=1e-5, atol=1e-9)


def test_demand_that_outgrows_the_world_makes_goods_dearer(idle: PlanReport) -> None:
    fast = made.programme(growth=0.02, more="[[growth]]\nrate = 0.06\n")
    found = replay(idle, made.chain(), fast, question=replace(LONE, year=2030))
    slow = replay(idle, made.chain(), made.programme(), question=replace(LONE, year=2030))
    for more, less in zip(found.shocks, slow.shocks, strict=True):
        assert more.before.prices[0].mean > less.before.prices[0].mean  # type: ignore[operator]


def test_a_mine_of_ones_own_eases_the_shock(mining: PlanReport) -> None:
    programme = made.programme()
    found = replay(mining, made.chain(), programme, (made.MINE,), question=QUICK)
    assert [(row.name, row.is_chosen) for row in found.plants] == [("own mine: mine", True)]
    assert found.plants[0].size == pytest.approx(300.0 * found_share(mining), rel=1e-9)
    for row in found.shocks:
        before, after = row.before.partners[0], row.after.partners[0]
        assert after.lost < before.lost
        assert after.peak_stopped <= before.peak_stopped


def found_share(report: PlanReport) -> float:
    """Share of its size that the mine has in the last year, over the draws."""
    share = report.draws.availability[:, 0, report.model.years.index(2026), -1]
    return float(share @ report.draws.weight)


def test_a_plant_on_schedule_is_no_smaller_than_expected(mining: PlanReport) -> None:
    planned = ground(mining, delivery=Delivery.ON_SCHEDULE).chosen
    expected = ground(mining).chosen
    assert planned[0].size == pytest.approx(300.0)
    assert expected[0].size < planned[0].size


def test_a_plant_does_not_stand_before_it_is_built(mining: PlanReport) -> None:
    assert ground(mining, year=2026).chosen == ()


def test_plants_under_way_stand_with_and_without_the_plan() -> None:
    coming = made.committed(made.MINE)
    idle = made.report(made.ready(plants=(coming,)))
    found = replay(idle, made.chain(), made.programme(), (coming,), question=LONE)
    assert [row.is_chosen for row in found.plants] == [False]
    assert all(row.before == row.after for row in found.shocks)


def test_a_whole_plant_stands_where_only_a_share_is_counted_on() -> None:
    abroad = replace(made.MINE, region="CHN", offtake={"JPN": 0.4})
    # a plant of the largest producer is left out, so it stands in Korea, which plans apart here
    third = replace(abroad, region="KOR")
    programme = made.programme().model_copy(update={"partners": ("JPN",)})
    report = made.report(made.ready(programme, (third,)), build=2026)
    part = PlanGround(report, made.chain(), programme, (), 2032, Delivery.ON_SCHEDULE)
    whole = PlanGround(report, made.chain(), programme, (third,), 2032, Delivery.ON_SCHEDULE)
    assert part.chosen[0].size < whole.chosen[0].size == pytest.approx(300.0)


def test_a_line_on_a_good_that_nobody_trades_has_what_the_plan_runs() -> None:
    mine = replace(
        made.MINE,
        name="dig",
        lines=(PlantLine("dig", {"new-ore": 1.0}, 50.0, unit_cost=1.0),),
        success=1.0,
    )
    mill = replace(
        made.MINE,
        name="mill",
        lines=(PlantLine("mill", {"new-ore": -2.0, "good": 1.0}, 300.0, unit_cost=2.0),),
        success=1.0,
    )
    report = made.report(made.ready(plants=(mine, mill)), build=2026)
    stand = ground(report, plants=(mine, mill)).chosen
    assert [row.name for row in stand] == ["mill: mill"]
    assert 0 < stand[0].size <= 25.0
    assert ReplayStage(ground(report, plants=(mine, mill)), made.programme()).run(
        scenario_of(made.programme().shocks[0], made.chain()), Aid(has_plants=True), settling=1
    )


@pytest.mark.parametrize("stock", [20.0, 80.0, 200.0])
def test_twice_the_stock_never_shortens_the_time_to_shortage(
    idle: PlanReport, stock: float
) -> None:
    stage = ReplayStage(ground(idle), made.programme())
    shock = scenario_of(made.programme().shocks[1], made.chain())
    fares = []
    for held in (0.0, stock, 2 * stock):
        event, trajectory = stage.run(shock, Aid({("good", "JPN"): held}), settling=1)
        fares.append(fare(from_month(trajectory, event.place), "JPN"))
    months = [np.inf if row.months_to_shortage is None else row.months_to_shortage for row in fares]
    assert months == sorted(months)
    assert [row.lost for row in fares] == sorted((row.lost for row in fares), reverse=True)


def test_what_is_released_is_what_was_bought_until_the_year() -> None:
    report = made.report(made.ready(), stock=60.0)
    assert ground(report).stocks == {("good", "JPN"): 60.0}
    found = replay(report, made.chain(), made.programme(), question=replace(LONE, year=2026))
    assert found.released == (("good", "JPN", 60.0),)


@settings(max_examples=10, deadline=None)
@given(tonnes=st.floats(0.1, 1e4), months=st.integers(1, 24))
def test_a_release_adds_up_to_the_stock(tonnes: float, months: int) -> None:
    shock = scenario_of(made.programme().shocks[0], made.chain())
    measures = releases({("good", "JPN"): tonnes, ("good", "KOR"): 0.0}, "2025-01", months)
    laid = lower(shock.model_copy(update={"measures": measures}), made.chain())
    assert len(laid.stock_moves) == 1
    assert laid.stock_moves[0].tonnes.sum() == pytest.approx(tonnes)


def test_a_floor_above_the_price_costs_the_public(mining: PlanReport) -> None:
    floors = (Floor("own mine", "good", 400.0),)
    found = replay(
        mining,
        made.chain(),
        made.programme(),
        (made.MINE,),
        question=replace(LONE, floors=floors, year=2030),
    )
    assert all(row.before.floor_cost == 0 < row.after.floor_cost for row in found.shocks)


def test_a_floor_of_a_project_that_is_not_built_is_refused(idle: PlanReport) -> None:
    asked = ReplayQuestion(floors=(Floor("own mine", "good", 400.0),))
    with pytest.raises(UnknownCodeError, match="own mine"):
        replay(idle, made.chain(), made.programme(), question=asked)


def test_a_year_that_is_not_planned_and_a_good_that_is_not_there_are_refused(
    idle: PlanReport,
) -> None:
    with pytest.raises(InputError, match="2040"):
        replay(idle, made.chain(), made.programme(), question=ReplayQuestion(year=2040))
    with pytest.raises(UnknownCodeError, match="gold"):
        replay(idle, made.chain(), made.programme(), question=ReplayQuestion(goods=("gold",)))


def test_too_few_shocks_are_said() -> None:
    lone = made.programme(shocks=made.ban("cut", 0.6))
    report = made.report(made.ready(lone))
    found = replay(report, made.chain(), lone, question=QUICK)
    assert "1 shocks only" in found.remarks[0]


def test_a_replay_is_plain_data_and_without_targets_strikes_in_the_last_year(
    idle: PlanReport,
) -> None:
    told: list[tuple[int, int]] = []
    found = replay(
        idle,
        made.chain(),
        made.programme(),
        question=QUICK,
        progress=lambda done, total: told.append((done, total)),
    )
    assert json.loads(json.dumps(found.as_dict()))["year"] == report_year(idle) == 2032
    assert told == [(k, 6) for k in range(1, 7)]
