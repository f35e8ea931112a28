"""Stocks for a protection: own, pooled, flat, and tried in the market."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests import shocked_factory as made

from monazite.errors import InputError
from monazite.newton import FloatArray
from monazite.plan.decisions import LAST_WITHOUT_STOCK
from monazite.plan.planner import Effort, Prepared
from monazite.plan.stockpile import StockAim, StockStudy, stock_study
from monazite.plan.stocksearch import LEAST_DAYS, Search

TIGHT = Effort(gap=1e-9)
CLOSE = 1e-4
"""Part of a cost below which two plans cost the same, round-off of small stocks included."""


def search(
    prepared: Prepared, coalition: tuple[str, ...] = ("JPN", "KOR"), level: float = 0.5
) -> Search:
    return Search(prepared, coalition, level, effort=TIGHT)


RARE = made.ban("cut", 0.6, 8, probability=0.07) + made.ban("short-cut", 0.9, 6, probability=0.03)

DEAR = 0.3
"""Holding of a unit a year over its price: so dear that it is not done for nothing."""


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return made.ready(made.programme(shocks=RARE, holding=DEAR), plants=())


@pytest.fixture(scope="module")
def study(prepared: Prepared) -> StockStudy:
    aim = StockAim(protection=0.3, level=0.5, flat=(0.0, 60.0, 180.0))
    return stock_study(prepared, aim, effort=TIGHT)


def test_stocks_protect_as_asked(study: StockStudy) -> None:
    for choice in study.own:
        assert choice.is_reached
        assert choice.chosen.protection >= 0.3 - CLOSE
    allowed = sum(0.7 * choice.none.worst for choice in study.own)
    assert study.pooled.chosen.worst <= allowed * (1 + CLOSE)


def test_no_stocks_that_protect_as_asked_are_much_cheaper(study: StockStudy) -> None:
    for choice in (*study.own, study.pooled):
        assert choice.least_cost <= choice.chosen.cost * (1 + CLOSE)
        assert choice.chosen.cost <= choice.least_cost * (1 + 10 * CLOSE)


def test_pooled_stocks_are_never_dearer_than_own_ones(study: StockStudy) -> None:
    apart = sum(choice.chosen.cost for choice in study.own)
    assert study.pooled.chosen.cost <= apart * (1 + CLOSE)
    assert study.saved == pytest.approx(apart - study.pooled.chosen.cost)


def test_no_days_of_everything_is_no_stock(study: StockStudy) -> None:
    nothing = study.pooled.flat[0]
    assert nothing.kept == ()
    assert replace(nothing, rule="none") == study.pooled.none


def test_flat_rules_hold_their_days_of_everything(study: StockStudy) -> None:
    for outcome, days in zip(study.pooled.flat[1:], (60.0, 180.0), strict=True):
        assert {row.place for row in outcome.kept} == {"JPN", "KOR"}
        assert [row.days for row in outcome.kept] == pytest.approx([days, days])
        assert [row.quantity for row in outcome.kept] == pytest.approx(
            [days * made.WANTED[row.place] / 365.25 for row in outcome.kept]
        )
        assert outcome.cost_a_year > 0


def test_protection_rises_with_its_weight_and_so_does_its_cost(study: StockStudy) -> None:
    for choice in (*study.own, study.pooled):
        for before, after in pairwise(choice.frontier):
            assert after.worst <= before.worst * (1 + CLOSE)
            assert after.cost >= before.cost * (1 - CLOSE)


@pytest.mark.parametrize("partner", ["JPN", "KOR"])
def test_more_protection_is_never_cheaper(prepared: Prepared, partner: str) -> None:
    found = search(prepared, (partner,))
    loss = found.none.worst
    costs = [found.choice((1 - share) * loss, ()).chosen.cost for share in (0.2, 0.5, 0.8)]
    assert costs == sorted(costs)


def test_more_stock_never_protects_less(prepared: Prepared) -> None:
    found = search(prepared)
    held = [found.given(days * found.a_day * _first(found)) for days in (0, 10, 20, 40)]
    # little is bought in a year in which little strikes: it was there to be had
    losses = [row.worst for row in held]
    assert losses == sorted(losses, reverse=True)


def _first(found: Search) -> FloatArray:
    """One for what is bought in the first of the years that has the fewest shocks."""
    years = found.model.years[:-LAST_WITHOUT_STOCK]
    struck = np.sum(list(found.assembly.draws.struck.values()), axis=(0, 1))
    best = years[int(np.argmin(struck[: len(years)]))]
    return np.array([float(row.year == best) for row in found.assembly.first.decisions])


def test_without_shocks_nothing_is_stocked() -> None:
    calm = made.ready(made.programme(shocks=""), plants=())
    found = stock_study(calm, StockAim(level=0.5), effort=TIGHT)
    for choice in (*found.own, found.pooled):
        assert choice.chosen.kept == ()
        assert choice.chosen.calm_draws == 1.0
        assert choice.chosen.protection == 1.0
    assert found.trials == ()


def test_what_cannot_be_reached_is_said_and_the_best_is_shown() -> None:
    little = made.programme().model_copy(
        update={
            "stockpiles": (
                made.programme().stockpiles[0].model_copy(update={"largest_days": 30.0}),
            )
        }
    )
    tight = search(made.ready(little, plants=()), ("JPN",))
    # the stores hold what buyers have anyway, and a little room beside it
    found = tight.choice(1e-6 * tight.none.worst, ())
    assert not found.is_reached
    assert found.chosen.worst == pytest.approx(min(row.worst for row in found.frontier))


def test_plants_of_a_plan_leave_less_for_stocks_to_do() -> None:
    ready = made.ready()
    plan = made.report(ready, build=2025)
    bare = search(ready, ("JPN",)).none.worst
    built = {row.project: [(row.decided, row.size)] for row in plan.portfolio}
    mining = Search(ready, ("JPN",), 0.5, effort=TIGHT, built=built).none.worst
    assert mining < bare


def test_the_release_rule_is_tried_against_the_worst_shock(study: StockStudy) -> None:
    assert [row.rule for row in study.trials] == [
        "none", "0 days", "60 days", "180 days", "own", "pooled",
    ]  # fmt: skip
    assert len({row.shock for row in study.trials}) == 1
    assert study.trials[0].partners == study.trials[1].partners
    lost = [sum(fare.lost for fare in row.partners) for row in study.trials[1:4]]
    assert lost == sorted(lost, reverse=True)
    assert max(row.residual for row in study.trials) < 1e-8


def test_a_study_is_plain_data(study: StockStudy) -> None:
    data = json.loads(json.dumps(study.as_dict()))
    assert data["saved"] == pytest.approx(study.saved)
    assert data["pooled"]["chosen"]["partners"] == ["JPN", "KOR"]


def test_small_change_of_the_search_is_not_shown(study: StockStudy) -> None:
    kept = [row for choice in (*study.own, study.pooled) for row in choice.chosen.kept]
    assert all(row.days > LEAST_DAYS for row in kept)


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_protection_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        StockAim(protection=share)
    with pytest.raises(InputError, match="between 0 and 1"):
        StockAim(level=share)


def test_a_programme_without_stores_is_refused() -> None:
    bare = made.programme().model_copy(update={"stockpiles": ()})
    with pytest.raises(InputError, match="nothing be stocked"):
        stock_study(made.ready(bare, plants=()))


def test_days_below_zero_are_refused() -> None:
    with pytest.raises(InputError, match="below 0"):
        StockAim(flat=(-60.0,))


def test_too_little_time_is_said(prepared: Prepared) -> None:
    hurried = Search(prepared, ("JPN",), 0.5, effort=Effort(gap=1e-9, seconds=0.0))
    with pytest.raises(InputError, match="no stocks were found"):
        hurried.at(1.0)
