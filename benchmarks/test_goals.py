"""The speed goals at the headline size; run by ``make bench``."""

from functools import cache
from typing import Any

import pytest

pytest.importorskip("cvxpy", reason="the comparators are in benchmarks/requirements.txt")

from benchmarks import ensembles, markets, months

COLD, WARM, MONTHS = 25.0, 100.0, 20.0
"""Least ratios of CPU time: cold and warm to the conic solver, two years to the linear one."""
LANES, CONIC = 4.0, 100.0
"""Least ratios of CPU time of draws side by side: to one by one, and to cold conic programmes."""

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@cache
def _market() -> dict[str, Any]:
    return markets.measure("licences-1200")


@cache
def _ensembles() -> dict[str, Any]:
    return ensembles.measure("rare-earths")


@cache
def _months() -> dict[str, Any]:
    return months.measure("rare-earths")


def test_the_headline_market_has_its_size() -> None:
    assert _market()["markets"] == 1200
    assert _market()["routes"] == 18000


def test_the_cold_start_has_real_work_to_do() -> None:
    assert _market()["engine"]["cold_steps"] >= 6
    assert _market()["shock"]["permits_that_bind"] >= 10
    assert _market()["shock"]["highest_price_multiple"] >= 1.3


def test_both_find_the_same_optimum() -> None:
    assert _market()["conic"]["best"] is not None
    assert _market()["engine"]["residual"] <= 1e-9


def test_a_cold_month_is_faster_than_the_conic_solver() -> None:
    assert _market()["ratios"]["cold"] >= COLD
    assert _market()["ratios"]["cold_with_pattern"] >= COLD


def test_a_warm_month_is_faster_still() -> None:
    assert _market()["ratios"]["warm"] >= WARM


def test_two_years_are_faster_than_the_linear_programme() -> None:
    assert _months()["at_least"] >= MONTHS


def test_two_years_take_less_than_two_seconds_and_half_a_gigabyte() -> None:
    assert _months()["engine"]["seconds"] < 2.0
    assert _months()["engine"]["peak_memory_mb"] < 500.0


def test_draws_in_lanes_are_faster_than_one_by_one() -> None:
    assert _ensembles()["times_alone"] >= LANES
    assert _ensembles()["times_conic"] >= CONIC


def test_draws_in_lanes_find_the_same() -> None:
    assert max(_ensembles()["apart"].values()) <= 1e-8
