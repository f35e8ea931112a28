"""Remedies are followed through the same months, and told with what they do."""

from dataclasses import replace

import numpy as np
import pytest
from tests.book_factory import MONTHS, line, scenario, simulated

from monazite.book import BookLine, LineAid, LineRemedy, Remedies, Simulated, follow
from monazite.network import Rung

THRESHOLD = 0.05


def ranked(
    asked: BookLine, left: float | None = 0.0, *, mines: int = 1, start: str = "2025-01"
) -> dict[str, LineRemedy]:
    supply = simulated(left, mines=mines, start=start)
    remedies = Remedies(scenario(left, start=start), supply, THRESHOLD)
    return {row.name: row for row in remedies.ranked(asked, follow(asked, supply))}


def test_what_is_told_is_what_following_gives() -> None:
    asked, supply = line(margin=1e4), simulated(0.5)
    found = ranked(asked, 0.5)["more own stock"]
    before = follow(asked, supply)
    after = follow(replace(asked, stock=12 * 60 / 365.25), supply)
    assert found.missing_averted.median == pytest.approx((before.missing - after.missing).sum())
    assert found.saved.median == pytest.approx((before.loss() - after.loss())[0])
    assert found.stop.months == after.stop(THRESHOLD)[0]
    assert found.delay_months == after.stop(THRESHOLD)[0] - before.stop(THRESHOLD)[0]
    assert found.outlay == pytest.approx(12 * 60 / 365.25 * 50.0)


def test_saved_is_margin_and_cost_together() -> None:
    for row in ranked(line(margin=1e4), 0.5, mines=2).values():
        assert row.margin_saved is not None
        parts = (row.margin_saved.median or 0) - (row.extra_cost_change.median or 0)
        assert row.saved.median == pytest.approx(parts, abs=1e-9)


def test_the_best_comes_first() -> None:
    rows = list(ranked(line(margin=1e4), 0.5, mines=2).values())
    saved = [row.saved.median for row in rows]
    assert saved == sorted(saved, reverse=True)
    rows = list(ranked(line(margin=None), 0.5, mines=2).values())
    averted = [row.missing_averted.median for row in rows]
    assert averted == sorted(averted, reverse=True)
    assert all(row.margin_saved is None for row in rows)


def test_a_long_contract_spares_the_price_of_what_arrives_and_brings_no_goods() -> None:
    asked = line(margin=1e6)
    found = ranked(asked, 0.5)["longer contract"]
    price = follow(asked, simulated(0.5)).price_cost.sum()
    assert found.extra_cost_change.median == pytest.approx(-price)
    assert found.missing_averted.median == 0
    assert found.delay_months == 0
    assert "longer contract" not in ranked(line(contract_share=1.0, contract_months=MONTHS))


def test_a_licence_is_offered_where_there_is_a_control_and_comes_later() -> None:
    found = ranked(line(stock=4.5), 0.0, start="2025-03")["licence"]
    assert "2025-06" in found.sentence
    assert found.averts_stop
    assert "licence" not in ranked(line(), None)
    assert "licence" not in ranked(line(origin="JPN"), 0.0, mines=2)
    assert "licence" not in ranked(line(), 0.0, start="2025-11")


def test_a_second_source_lies_outside_the_acting_region_and_can_carry_it() -> None:
    found = ranked(line(), 0.0, mines=2)["second source"]
    assert "comes from JPN in place of CHN" in found.sentence
    assert (found.missing_averted.median or 0) > 0
    assert "second source" not in ranked(line(), 0.0)
    assert "second source" not in ranked(line(need=100.0), 0.0, mines=2)
    assert "second source" not in ranked(line(second="JPN", second_share=0.2), 0.0, mines=2)
    assert "second source" not in ranked(line(origin="JPN"), 0.0, mines=2)


def test_substitution_costs_what_the_ladder_says() -> None:
    asked = line(margin=1e6)
    found = ranked(asked)["substitution"]
    assert "10 % of the need" in found.sentence
    assert "3 times the base price" in found.assumption
    cost = (3.0 - 1.0) * 50.0
    averted = found.missing_averted.median or 0
    assert 0 < averted <= 0.1 * 12 + 1e-9
    assert found.extra_cost_change.median == pytest.approx(averted * cost)


def test_no_ladder_no_substitution() -> None:
    supply = simulated(0.0)
    run = supply.trajectory
    uses = tuple(replace(use, rungs=()) for use in run.network.uses)
    bare = Simulated(replace(run, network=replace(run.network, uses=uses)))
    remedies = Remedies(scenario(0.0), bare, THRESHOLD)
    names = [row.name for row in remedies.ranked(line(), follow(line(), bare))]
    assert "substitution" not in names
    small = tuple(replace(use, rungs=(Rung(0.04, 2.0),)) for use in run.network.uses)
    few = Simulated(replace(run, network=replace(run.network, uses=small)))
    (row,) = (
        row
        for row in Remedies(scenario(0.0), few, THRESHOLD).ranked(line(), follow(line(), few))
        if row.name == "substitution"
    )
    assert row.sentence.startswith("4 % of the need")


def test_a_substitute_too_dear_for_the_margin_is_not_used() -> None:
    supply, cost = simulated(0.0), np.array([[400.0]])
    found = follow(line(margin=300.0), supply, LineAid(spared=0.1, spared_cost=cost))
    assert found.replaced.max() == 0


def test_a_calm_year_has_nothing_to_help() -> None:
    for row in ranked(line(), None).values():
        assert row.saved.median == pytest.approx(0, abs=1e-4)
        assert row.stop.months is None
        assert row.delay_months is None
        assert not row.averts_stop
