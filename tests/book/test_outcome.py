"""How a line fares: limits that must hold whatever the figures, and the sums behind them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.book_factory import MONTHS, line, scenario, simulated

from monazite.book import Book, LineAid, Outcome, expose, follow

BAN, HALF = 0.0, 0.5
THRESHOLD = 0.05


def stop_of(outcome: Outcome) -> float:
    return float(outcome.stop(THRESHOLD)[0])


def test_nothing_happens_where_no_measure_bites() -> None:
    found = follow(line(), simulated())
    assert np.isinf(found.stop(1e-6)).all()
    assert np.abs(found.extra_cost).max() < 1e-6
    assert found.missing.max() == 0
    assert found.margin_lost is not None
    assert found.margin_lost.max() == 0


def test_a_full_ban_stops_a_line_without_stock_in_the_first_month() -> None:
    found = follow(line(), simulated(BAN))
    assert stop_of(found) == 0
    assert found.arriving.max() == pytest.approx(0, abs=1e-9)
    assert found.missing[0, 0] > 0.9 * found.need


def test_a_stock_that_lasts_the_run_averts_every_stop() -> None:
    short = follow(line(), simulated(BAN)).missing.sum()
    enough = follow(line(stock=float(short)), simulated(BAN))
    assert enough.missing.max() == 0
    scarce = follow(line(stock=0.99 * float(short)), simulated(BAN))
    assert scarce.missing.sum() == pytest.approx(0.01 * short)


@given(st.floats(0, 24), st.floats(1, 3), st.sampled_from([BAN, HALF, 0.9]))
def test_more_stock_never_stops_a_line_sooner(stock: float, times: float, left: float) -> None:
    little, much = (follow(line(stock=s), simulated(left)) for s in (stock, times * stock))
    assert stop_of(much) >= stop_of(little)
    assert (much.missing <= little.missing + 1e-12).all()


@given(
    st.floats(0.1, 1000),
    st.floats(0, 20),
    st.floats(0, 1),
    st.integers(0, MONTHS),
    st.sampled_from([BAN, HALF, 0.9, None]),
)
def test_what_comes_is_bought_drawn_and_missing_adds_up_to_the_need(
    need: float, stock: float, share: float, months: int, left: float | None
) -> None:
    asked = line(need=need, stock=stock, contract_share=share, contract_months=months)
    found = follow(asked, simulated(left))
    parts = found.arriving + found.bought + found.replaced + found.drawn + found.missing
    assert parts == pytest.approx(np.full_like(parts, need / 12))
    for part in (found.arriving, found.bought, found.drawn, found.missing):
        assert part.min() >= 0
    assert found.drawn.sum() <= stock * (1 + 1e-12)


def test_a_contract_on_everything_leaves_no_extra_cost_of_what_arrives() -> None:
    bound = line(contract_share=1.0, contract_months=MONTHS)
    found = follow(bound, simulated(HALF))
    assert np.abs(found.price_cost).max() == 0
    assert follow(line(), simulated(HALF)).price_cost.sum() > 0


def test_a_contract_protects_its_months_only() -> None:
    found = follow(line(contract_share=1.0, contract_months=4), simulated(HALF))
    free = follow(line(), simulated(HALF))
    assert found.price_cost[0, :4] == pytest.approx(0)
    assert found.price_cost[0, 4:] == pytest.approx(free.price_cost[0, 4:])


def test_a_contract_brings_no_goods_that_do_not_come() -> None:
    bound = follow(line(contract_share=1.0, contract_months=MONTHS), simulated(BAN))
    assert stop_of(bound) == 0


def test_two_halves_are_a_whole() -> None:
    whole = line(stock=2.0, contract_share=0.4, contract_months=5)
    half = replace(whole, need=whole.need / 2, stock=whole.stock / 2)
    one, two = follow(whole, simulated(HALF)), follow(half, simulated(HALF))
    for name in ("arriving", "bought", "drawn", "missing", "extra_cost", "margin_lost"):
        assert getattr(one, name) == pytest.approx(2 * getattr(two, name), abs=1e-9), name
    assert stop_of(one) == stop_of(two)


def test_nothing_is_bought_for_more_than_it_saves() -> None:
    poor = follow(line(margin=1e-3), simulated(HALF))
    assert poor.bought.max() == 0
    dearer = simulated(HALF).extra("good", "JPN") > 1e-3
    assert (poor.arriving[dearer] == 0).all()
    rich, unknown = (follow(line(margin=m), simulated(HALF)) for m in (1e6, None))
    assert rich.missing == pytest.approx(unknown.missing)
    assert unknown.margin_lost is None
    assert poor.missing.sum() > rich.missing.sum()


def test_the_spot_market_gives_no_more_than_the_region_buys() -> None:
    supply = simulated(HALF, mines=2)
    found = follow(line(margin=None), supply)
    share = (found.arriving + found.bought) / found.need
    limit = np.maximum(supply.bought("good", "JPN"), supply.arriving("good", "CHN", "JPN"))
    assert (share <= np.minimum(limit, 1) + 1e-9).all()
    assert found.bought.sum() > 0


def test_what_a_region_uses_from_its_own_stocks_is_not_for_sale() -> None:
    supply = simulated(BAN)
    run = supply.trajectory
    served = run.served[0, 0].sum() / run.demand[0, 0].sum()
    assert supply.bought("good", "JPN")[0, 0] < 0.1 < served


def test_a_second_source_counts_with_its_share() -> None:
    supply = simulated(BAN, mines=2)
    alone = follow(line(origin="JPN", margin=None), supply)
    both = follow(line(second="JPN", second_share=0.5, margin=None), supply)
    assert alone.arriving.max() > 0
    most = np.minimum(supply.arriving("good", "JPN", "JPN"), 2.0)
    assert both.arriving == pytest.approx(0.5 * both.need * most, abs=1e-6)


def test_a_licence_lets_the_usual_deliveries_pass_from_its_month_on() -> None:
    found = follow(line(), simulated(BAN), LineAid(licensed=5))
    assert found.arriving[0, :5].max() < 1e-9
    assert found.arriving[0, 5:] == pytest.approx(found.need)


def test_rationed_goods_have_no_price_and_cannot_be_bought() -> None:
    supply = simulated(HALF, mines=2)
    out = replace(supply.trajectory, rationed=np.ones_like(supply.trajectory.rationed))
    found = follow(line(), type(supply)(out))
    assert found.unpriced.all()
    assert found.bought.max() == 0
    assert found.extra_cost.max() == 0


def test_bands_are_those_of_the_draws() -> None:
    supply = simulated(HALF, draws=16)
    answer = expose(
        Book("b.csv", (line(),)), scenario(HALF), supply.trajectory, threshold=THRESHOLD
    )
    found = follow(line(), supply)
    each = found.extra_cost.sum(axis=1)
    band = answer.lines[0].extra_cost
    assert (band.low, band.median, band.high) == pytest.approx(np.quantile(each, [0.1, 0.5, 0.9]))
    stops = found.stop(THRESHOLD)
    assert answer.lines[0].stop.probability == np.isfinite(stops).mean()


def test_where_prices_are_calm_goods_are_not_scarce() -> None:
    """Draws of demand and mines move flows a little without any measure; nobody stops for that."""
    supply = simulated(draws=16)
    assert np.ptp(supply.arriving("good", "CHN", "JPN")) > 0
    calm = supply.extra("good", "JPN") <= 0.05 * 50.0
    assert calm.any()
    assert follow(line(), supply).missing[calm].max() == 0


@pytest.mark.parametrize("order", [[2, 0, 1], [1, 2, 0]])
def test_the_order_of_lines_changes_nothing(order: list[int]) -> None:
    lines = [line(part="a"), line(part="b", stock=3.0), line(part="c", origin="JPN")]
    one = exposed(*lines)
    two = exposed(*(lines[place] for place in order))
    by_part = {answer.line.part: answer for answer in two.lines}
    assert [by_part[answer.line.part] for answer in one.lines] == list(one.lines)
    for name in ("missing", "extra_cost", "margin_lost", "stopped"):
        assert getattr(two.firm, name).median == pytest.approx(getattr(one.firm, name).median)


def test_totals_are_sums_of_lines() -> None:
    found = exposed(line(part="a"), line(part="b", stock=3.0, margin=None))
    for name in ("missing", "extra_cost"):
        parts = sum(getattr(answer, name).median for answer in found.lines)
        assert getattr(found.firm, name).median == pytest.approx(parts)
    assert found.firm.without_margin == 1
    assert found.firm.margin_lost == found.lines[0].margin_lost
    assert [row.commodity for row in found.goods] == ["good"]
    assert replace(found.goods[0], commodity="") == found.firm


def exposed(*lines: Any) -> Any:
    supply = simulated(HALF, mines=2)
    return expose(Book("b.csv", lines), scenario(HALF), supply.trajectory, threshold=THRESHOLD)
