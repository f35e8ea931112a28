"""The back-test: study and command line tell the same rows and scores."""

import pytest

from doors.shared_runs import Terminal, as_json
from monazite import study
from monazite.backtest import SCENARIOS, episodes


@pytest.fixture(scope="module")
def gallium() -> dict[str, object]:
    return study.backtest("gallium-2023", draws=3)


def test_rows_and_summary(gallium: dict[str, object], terminal: Terminal) -> None:
    printed = terminal.json("backtest", "gallium-2023", "--draws", "3", "--workers", "1")
    assert printed == as_json(gallium)
    fields = {
        "episode", "commodity", "market", "month", "predicted_multiple", "low", "high",
        "observed_multiple",
    }  # fmt: skip
    for row in printed["rows"]:
        assert fields <= set(row)
        assert row["episode"] == "gallium-2023"
        assert row["low"] <= row["predicted_multiple"] <= row["high"]
    assert {row["commodity"] for row in printed["rows"]} >= {"Ga"}


def test_without_outcomes_the_screen_shows_the_heights(terminal: Terminal) -> None:
    shown = terminal.run("backtest", "gallium-2023", "--draws", "3", "--workers", "1")
    assert "gallium-2023: price multiples" in shown
    assert "No outcome is held here" in shown


def test_with_outcomes_the_screen_shows_the_score(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = terminal.run("backtest", "quota-2010", "--draws", "2", "--workers", "1")
    for words in ("observed", "typical error factor", "no change", "rank correlation"):
        assert words in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_an_unknown_episode_is_refused(terminal: Terminal) -> None:
    status, line = terminal.fail("backtest", "quota-2011")
    assert status == 2
    assert "quota-2010" in line


def test_every_episode_has_a_scenario() -> None:
    shipped = {row["id"] for row in study.scenarios()}
    assert set(SCENARIOS) == set(episodes())
    assert set(SCENARIOS.values()) <= shipped
