"""The tables of the episodes: outcomes only where they are known, inputs that are no prices."""

from collections import Counter
from pathlib import Path

import pytest

from data.raw_chain import run_build_script
from monazite.reference import catalogue
from monazite.reference.source import data_folder
from monazite.reference.table import Row


def figure(row: Row, name: str) -> float:
    """A number that must be there."""
    value = row.number(name)
    assert value is not None, f"{row.ref}: {name} is blank"
    return value


@pytest.fixture(scope="module")
def outcomes() -> tuple[Row, ...]:
    return catalogue.load("episodes/outcomes").rows


@pytest.fixture(scope="module")
def inputs() -> tuple[Row, ...]:
    return catalogue.load("episodes/inputs").rows


def test_the_quotas_have_35_outcomes_and_no_other_episode_has_any(
    outcomes: tuple[Row, ...],
) -> None:
    assert Counter(row.text("episode") for row in outcomes) == {"quota-2010": 35}


def test_recorded_multiples_are_quote_over_base(outcomes: tuple[Row, ...]) -> None:
    for row in outcomes:
        multiple = figure(row, "quote") / figure(row, "base")
        assert figure(row, "observed_multiple") == pytest.approx(multiple, rel=0.015), row.text(
            "item"
        )


def test_quotes_stand_for_the_agreed_months(outcomes: tuple[Row, ...]) -> None:
    month = {row.text("item").split()[-1]: row.text("month") for row in outcomes}
    assert {key: month[key] for key in ("Jul10", "Q2-11", "aut11", "end11", "end12")} == {
        "Jul10": "2010-07",
        "Q2-11": "2011-05",
        "aut11": "2011-10",
        "end11": "2011-12",
        "end12": "2012-12",
    }


def test_ratios_name_the_month_inside(outcomes: tuple[Row, ...]) -> None:
    for row in outcomes:
        assert bool(row.text("month_inside")) == (row.text("market") == "ratio")


def test_no_input_is_a_price(inputs: tuple[Row, ...]) -> None:
    assert {row.unit for row in inputs} == {"t/month", "1"}
    assert not any("price" in row.text("kind") for row in inputs)


@pytest.mark.parametrize(
    ("months", "tonnes"),
    [(("2010-01", "2010-12"), 39_813), (("2011-01", "2011-12"), 16_900)],
)
def test_shipments_fed_in_add_up_to_customs(
    inputs: tuple[Row, ...], months: tuple[str, str], tonnes: float
) -> None:
    total = sum(
        figure(row, "quantity_t")
        for row in inputs
        if row.text("episode") == "quota-2010"
        and row.text("kind") == "export_throughput"
        and row.text("destination") == "WORLD"
        and months[0] <= row.text("month") <= months[1]
    )
    assert total == pytest.approx(tonnes, rel=1e-3)


def test_magnets_to_the_us_and_to_others_add_up_to_the_world(inputs: tuple[Row, ...]) -> None:
    magnets = {
        (row.text("month"), row.text("destination")): figure(row, "quantity_t")
        for row in inputs
        if row.text("commodity") == "magnet"
    }
    months = {month for month, place in magnets if place == "!USA"}
    assert len(months) > 11
    for month in months:
        parts = magnets[month, "USA"] + magnets[month, "!USA"]
        assert parts == pytest.approx(magnets[month, "WORLD"], rel=1e-4)


def test_gallium_stops_for_two_months_and_trickles_for_two(inputs: tuple[Row, ...]) -> None:
    share = {
        row.text("month"): figure(row, "share_of_base")
        for row in inputs
        if (row.text("commodity"), row.text("destination"), row.text("role"))
        == ("Ga", "WORLD", "input")
    }
    assert share["2023-08"] == share["2023-09"] == 0
    assert share["2023-10"] == pytest.approx(0.04, abs=0.005)
    assert share["2023-11"] == pytest.approx(0.24, abs=0.005)
    assert share["2024-02"] == pytest.approx(0.19, abs=0.005)


def test_what_nobody_reported_is_graded_as_assumed(inputs: tuple[Row, ...]) -> None:
    guessed = [row for row in inputs if row.text("commodity") in ("Sm", "Gd")]
    assert guessed
    assert {row.grade for row in guessed} == {"E"}


def test_every_series_lies_inside_its_chain() -> None:
    chains = {"quota-2010": "rare-earths-2009", "gallium-2023": "gallium-germanium-2023"}
    for row in catalogue.load("episodes/series"):
        if row.text("episode") in chains:
            goods = catalogue.load(f"chains/{chains[row.text('episode')]}/commodities")
            assert row.text("network_commodity") in goods.column("commodity")


def test_the_script_gives_the_shipped_rows(tmp_path: Path) -> None:
    built = run_build_script("build_episodes", tmp_path, "episodes")
    shipped = Path(str(data_folder() / "episodes"))
    assert set(built) == {"inputs.csv", "outcomes.csv", "series.csv", "sources.toml"}
    for name, text in built.items():
        assert text == (shipped / name).read_text(encoding="utf-8")
