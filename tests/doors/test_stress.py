"""Scenarios: what study finds is what the command line prints; months in order, certified."""

import pytest

from doors.shared_runs import (
    RESIDUALS,
    SCENARIOS,
    Terminal,
    as_json,
    months_in_order,
    result_of,
    stressed,
)
from monazite import study

KEYS = {
    "prices": {"commodity", "region", "month", "usd_per_kg", "multiple"},
    "shortages": {
        "region", "use", "commodity", "month", "stopped_t", "economised_t", "share"
    },
    "first_shortage": {"region", "use", "month", "commodity"},
    "cover_days": {"region", "use", "commodity", "month", "days"},
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_shipped_scenario_is_certified_month_by_month(name: str) -> None:
    result = stressed(name)
    assert len(result.trajectory.months) >= 24
    assert len(result.trajectory.certificates) == len(result.trajectory.months)
    for certificate in result.trajectory.certificates:
        assert certificate.worst() <= 1e-8


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_result_holds_what_it_promises(name: str) -> None:
    result = result_of(name)
    assert result["scenario"] == name
    assert months_in_order(result["months"])
    assert set(RESIDUALS) <= set(result["certificate"])
    assert max(result["certificate"][residual] for residual in RESIDUALS) <= 1e-8
    for key, fields in KEYS.items():
        assert result[key]
        for row in result[key]:
            assert fields <= set(row)
    assert {"command", "settings", "inputs", "result", "version"} <= set(result["manifest"])


@pytest.mark.parametrize("name", SCENARIOS)
def test_rows_come_month_by_month(name: str) -> None:
    result = result_of(name)
    for key in ("prices", "shortages", "cover_days"):
        months = [row["month"] for row in result[key]]
        assert months == result["months"] * (len(months) // len(result["months"]))


@pytest.mark.parametrize("name", SCENARIOS)
def test_first_shortage_is_the_first_month_of_the_shortage_rows(name: str) -> None:
    result = result_of(name)
    first: dict[tuple[str, str], str] = {}
    for row in result["shortages"]:
        if row["share"] >= 0.05:
            key = row["region"], row["use"]
            first[key] = min(first.get(key, "9999"), row["month"])
    told = {(row["region"], row["use"]): row["month"] for row in result["first_shortage"]}
    assert {key: month for key, month in told.items() if month is not None} == first
    assert set(told) == {(row["region"], row["use"]) for row in result["shortages"]}


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_price_means_rationed_and_no_other_price_is_odd(name: str) -> None:
    for row in result_of(name)["prices"]:
        if row["rationed"]:
            assert (row["usd_per_kg"], row["multiple"]) == (None, None)
        else:
            assert row["usd_per_kg"] > 0


@pytest.mark.parametrize("name", ["china-2025-licences", "myanmar-halt", "malaysia-outage"])
def test_nothing_moves_before_anything_is_known(name: str) -> None:
    result = result_of(name)
    first = [row for row in result["prices"] if row["month"] == result["months"][0]]
    assert all(row["multiple"] == pytest.approx(1.0, abs=1e-6) for row in first)


def test_the_command_line_prints_what_study_finds(terminal: Terminal) -> None:
    printed = terminal.json("stress", "myanmar-halt", "--months", "6", "--threshold", "0.02")
    assert printed == as_json(study.stress("myanmar-halt", months=6, threshold=0.02).as_dict())
    assert len(printed["months"]) == 6
    assert printed["threshold"] == 0.02


def test_a_longer_run_begins_like_a_shorter_one(terminal: Terminal) -> None:
    short = terminal.json("stress", "myanmar-halt", "--months", "6")["prices"]
    long = {
        (row["commodity"], row["region"], row["month"]): row["usd_per_kg"]
        for row in result_of("myanmar-halt")["prices"]
    }
    for row in short:
        key = row["commodity"], row["region"], row["month"]
        assert row["usd_per_kg"] == pytest.approx(long[key], rel=1e-7)


def test_a_file_and_a_folder_of_ones_own(terminal: Terminal) -> None:
    scenario, folder = "docs/examples/licences.toml", "docs/examples/two-regions"
    printed = terminal.json("stress", scenario, "--chain", folder)
    assert printed == as_json(study.stress(scenario, network=folder).as_dict())
    assert printed["chain"] == "two-regions"


def test_a_parameter_is_set_by_its_name(terminal: Terminal) -> None:
    words = ("stress", "docs/examples/licences.toml", "--chain", "docs/examples/two-regions")
    changed = terminal.json(*words, "--set", "holder_release=0.7")
    result = study.stress(
        "docs/examples/licences.toml", network="docs/examples/two-regions", holder_release=0.7
    )
    assert changed == as_json(result.as_dict())
    assert changed["prices"] != terminal.json(*words)["prices"]
    assert terminal.fail(*words, "--set", "holder_relese=0.7")[0] == 2
    assert terminal.fail(*words, "--set", "holder_release=much")[0] == 2
    assert terminal.fail(*words, "--set", "holder_release=nan")[0] == 2


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_summary_agrees_with_the_data(name: str) -> None:
    summary, result = study.summarise(stressed(name)), result_of(name)
    shares = {
        (row["region"], row["use"], row["commodity"], row["month"]): row["share"]
        for row in result["shortages"]
    }
    for row in summary["shortages"]:
        key = row["region"], row["use"], row["commodity"], row["first"]
        assert shares[key] >= result["threshold"]
        assert row["depth"] == pytest.approx(
            max(share for found, share in shares.items() if found[:3] == key[:3])
        )
    rationed = {(r["commodity"], r["region"]) for r in result["prices"] if r["rationed"]}
    assert {(r["commodity"], r["region"]) for r in summary["rationed"]} == rationed
