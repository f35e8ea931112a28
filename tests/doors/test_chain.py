"""The base year of every shipped chain: reproduced by the market, told by study and screen."""

import csv

import numpy as np
import pytest

from doors.shared_runs import Terminal, as_json
from monazite import outlook, study
from monazite.market.calibrate import Market
from monazite.market.equilibrium import clear
from monazite.newton import FloatArray
from monazite.parameters import Parameters
from monazite.reference.source import data_folder

EXACT = 1e-10
"""Relative error; the conventions ask for 1e-6."""


@pytest.mark.parametrize("name", study.chains())
def test_the_market_finds_the_base_year_from_dearer_prices(name: str) -> None:
    network = study.chain(name)
    market = Market(network, Parameters.central())
    start = np.concatenate([1.3 * market.market_price0, np.zeros(len(market.permits))])
    found = clear(market, market.base_month(), start[None, :])
    stated = np.array([network.base_price(pair) for pair in market.spot_markets])
    flow = np.array([route.flow for route in network.routes], dtype=float) / 12
    activity = np.array([process.activity for process in network.processes], dtype=float) / 12
    assert relative(found.price[0], stated) <= EXACT
    assert relative(found.group_price[0], market.group_price0) <= EXACT
    assert relative(found.flow[0], flow) <= EXACT
    assert relative(found.activity[0], activity) <= EXACT
    assert not found.rationed.any()


def relative(found: FloatArray, wanted: FloatArray) -> float:
    """Largest relative error; what should be nothing must be nothing."""
    size = np.where(wanted > 0, wanted, 1.0)
    return float(np.abs((found - wanted) / size).max())


@pytest.mark.parametrize("name", study.chains())
def test_screen_and_study_tell_the_same_chain(name: str, terminal: Terminal) -> None:
    assert terminal.json("chain", name) == as_json(study.describe_chain(name))


def test_the_default_is_the_rare_earth_chain(terminal: Terminal) -> None:
    assert terminal.json("chain")["name"] == "rare-earths-2024"


def test_a_chain_holds_everything_with_its_source(terminal: Terminal) -> None:
    content = terminal.json("chain")
    assert len(content["processes"]) == content["counts"]["processes"]
    assert len(content["regions"]) >= 17
    for row in (*content["processes"], *content["adjustments"], *content["reconciliation"]):
        assert row["source"]
        assert row["grade"] in tuple("ABCDE")
        assert row["where"]
    assert all(0 <= row["utilisation"] <= 1 for row in content["processes"])
    assert content["imbalance"] < 1e-9
    for total in content["totals"]:
        assert total["reached"] == pytest.approx(total["wanted"], rel=1e-9)


def test_shares_are_within_two_points_of_published_ones_or_say_why(terminal: Terminal) -> None:
    rows = terminal.json("chain")["reconciliation"]
    heads = {(row["what"], row["region"]): row["published"] for row in rows}
    assert heads["mining of magnet rare earths", "CHN"] == pytest.approx(0.61, abs=0.005)
    assert heads["refining of magnet rare earths", "CHN"] == pytest.approx(0.91, abs=0.005)
    assert heads["neodymium magnets", "CHN"] == pytest.approx(0.94, abs=0.005)
    for row in rows:
        assert row["difference"] == pytest.approx(row["model"] - row["published"])
        named = any(word in row["reason"] for word in ("tonnage", "basket", "basis"))
        assert abs(row["difference"]) <= 0.02 or named


def test_the_stored_share_is_the_one_of_the_balanced_network() -> None:
    table = data_folder() / "chains" / "rare-earths-2024" / "reconciliation.csv"
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    network = study.chain()
    assert rows
    for row in rows:
        share = outlook.shares(network, row["what"])[row["region"]]
        assert float(row["model"]) == pytest.approx(share, abs=5.1e-5)


def test_shares_of_a_measure_add_up() -> None:
    for what in ("mining of magnet rare earths", "neodymium magnets"):
        assert sum(outlook.shares(study.chain(), what).values()) == pytest.approx(1.0)


def test_the_screen_shows_more_when_asked(terminal: Terminal) -> None:
    short, long = terminal.run("chain"), terminal.run("chain", "--processes", "--adjustments")
    assert "Beside published shares" in short
    assert "Mines and plants" not in short
    assert "mine-bayan-obo" in long
    assert "What the balance changed most" in long


def test_a_chain_of_ones_own_has_no_published_shares(terminal: Terminal) -> None:
    folder = "docs/examples/two-regions"
    assert terminal.json("chain", folder)["reconciliation"] == []
    assert "published" not in terminal.run("chain", folder)
