"""Plain data of results: medians and bands, rationed markets, shares beside published ones."""

from dataclasses import replace

import numpy as np
import pytest

from monazite import outlook, study
from monazite.errors import UnknownCodeError
from monazite.market.certificate import Certificate
from monazite.reference import catalogue
from monazite.scenario import Scenario, parse
from monazite.trajectory import Trajectory
from trajectory_factory import network, trajectory

BAN = """\
id = "made-up"
title = "Made up"
chain = "made-up"
start = "2025-01"
[[measures]]
kind = "export_ban"
actors = ["CHN"]
commodities = ["all"]
start = "2025-04"
source = "assumed"
note = "made up"
"""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return parse(BAN, "made-up.toml")


@pytest.fixture(scope="module")
def run() -> Trajectory:
    return trajectory(draws=5)


def certificate(**changes: float) -> Certificate:
    return replace(Certificate(1e-12, 2e-12, 3e-12, 4e-12, 10.0, 5), **changes)


class TestCertificates:
    def test_the_worst_of_each_kind(self) -> None:
        found = outlook.worst([certificate(), certificate(excess_demand=1e-9, steps=7)])
        assert (found.excess_demand, found.mass_balance, found.steps) == (1e-9, 2e-12, 7)

    def test_a_condition_that_was_not_estimated_is_null(self) -> None:
        nan = float("nan")
        found = outlook.certificate_data(outlook.worst([certificate(condition=nan)]))
        assert found["condition"] is None
        known = outlook.worst([certificate(condition=nan), certificate()])
        assert outlook.certificate_data(known)["condition"] == 10.0


class TestStressData:
    def test_one_draw_has_no_bands(self, scenario: Scenario) -> None:
        data = outlook.stress_data(
            scenario, outlook.Outlook.of(scenario, trajectory(draws=1), 0.05)
        )
        assert "low_usd_per_kg" not in data["prices"][0]
        assert "low_share" not in data["shortages"][0]

    def test_several_draws_have_medians_and_bands(
        self, scenario: Scenario, run: Trajectory
    ) -> None:
        data = outlook.stress_data(scenario, outlook.Outlook.of(scenario, run, 0.05))
        row = next(
            row
            for row in data["prices"]
            if (row["commodity"], row["region"], row["month"]) == ("Dy-oxide", "JPN", "2025-08")
        )
        place = run.market_index["Dy-oxide", "JPN"]
        prices = run.price[:, 7, place]
        assert row["usd_per_kg"] == pytest.approx(np.median(prices))
        assert row["low_usd_per_kg"] == pytest.approx(np.quantile(prices, 0.1))
        assert row["multiple"] == pytest.approx(np.median(prices) / run.base_price[place])

    def test_rows_cover_every_market_use_and_month(
        self, scenario: Scenario, run: Trajectory
    ) -> None:
        data = outlook.stress_data(scenario, outlook.Outlook.of(scenario, run, 0.05))
        months = len(run.months)
        assert len(data["prices"]) == months * len(run.spot_markets)
        uses = {(g.region, g.use, g.commodity) for g in run.groups if g.use != "surplus"}
        assert len(data["shortages"]) == len(data["cover_days"]) == months * len(uses)
        assert len(data["first_shortage"]) == len({use[:2] for use in uses})

    @pytest.mark.parametrize(("rationed", "told"), [(2, False), (3, True), (5, True)])
    def test_a_price_needs_half_of_the_draws(
        self, scenario: Scenario, run: Trajectory, rationed: int, told: bool
    ) -> None:
        out = np.zeros_like(run.rationed)
        out[:rationed, 3, 0] = True
        price = np.array(run.price)
        price[:rationed, 3, 0] = 1e9
        data = outlook.stress_data(
            scenario, outlook.Outlook.of(scenario, replace(run, rationed=out, price=price), 0.05)
        )
        row = data["prices"][3]
        assert row["rationed"] is told
        if told:
            assert {row[key] for key in row if "usd" in key or key == "multiple"} == {None}
        else:
            assert row["high_usd_per_kg"] < 1e9


class TestSummary:
    def test_the_controlling_region_is_inside(self, scenario: Scenario, run: Trajectory) -> None:
        assert outlook.controlling(scenario, run.spot_markets) == ("CHN",)
        assert outlook.summary_data(scenario, outlook.Outlook.of(scenario, run, 0.05))[
            "inside"
        ] == ["CHN"]

    def test_without_a_border_nothing_is(self, scenario: Scenario, run: Trajectory) -> None:
        calm = scenario.model_copy(update={"measures": ()})
        summary = outlook.summary_data(calm, outlook.Outlook.of(calm, run, 0.05))
        assert summary["inside"] == []
        assert all(row["inside"] is None for row in summary["prices"])

    def test_goods_are_shown_or_counted(self, scenario: Scenario, run: Trajectory) -> None:
        summary = outlook.summary_data(scenario, outlook.Outlook.of(scenario, run, 0.05))
        goods = {commodity for commodity, _ in run.spot_markets}
        shown = len(summary["prices"]) + summary["more_prices"] + summary["calm_goods"]
        assert shown <= len(goods)
        heights = [row["outside"] for row in summary["prices"]]
        assert heights == sorted(heights, reverse=True)

    def test_rationed_markets_are_named(self, scenario: Scenario, run: Trajectory) -> None:
        out = np.zeros_like(run.rationed)
        out[:, 5:8, 2] = True
        commodity, region = run.spot_markets[2]
        summary = outlook.summary_data(
            scenario, outlook.Outlook.of(scenario, replace(run, rationed=out), 0.05)
        )
        assert summary["rationed"] == [
            {"commodity": commodity, "region": region, "first": run.months[5], "months": 3}
        ]


class TestShares:
    def test_they_add_up_to_one(self) -> None:
        for what in ("mining of magnet rare earths", "refining of magnet rare earths"):
            assert sum(outlook.shares(network(), what).values()) == pytest.approx(1.0)

    def test_mining_counts_the_metal_in_the_ore(self) -> None:
        """One ore basket, so that shares are those of the tonnes."""
        shares = outlook.shares(network(), "mining of magnet rare earths")
        assert shares == pytest.approx({"CHN": 0.66, "AUS": 0.14, "USA": 0.2})

    def test_an_unknown_measure_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="neodymium magnets"):
            outlook.shares(network(), "neodymium magnet")

    def test_the_share_is_recomputed_and_not_the_stored_one(self) -> None:
        balanced = study.balanced()
        row = catalogue.load("chains/rare-earths-2024/reconciliation").rows[0]
        changed = replace(row, cells={**row.cells, "model": "0.5"})
        data = outlook.chain_data(balanced.network, balanced.report, [changed])
        (found,) = data["reconciliation"]
        assert found["model"] == pytest.approx(float(row.text("model")), abs=1e-4)
        assert found["difference"] == pytest.approx(found["model"] - found["published"])


def test_what_is_not_finite_is_null() -> None:
    assert outlook.finite(float("inf")) is None
    assert outlook.finite(float("nan")) is None
    assert outlook.finite(0.0) == 0.0
