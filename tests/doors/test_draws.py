"""Many draws: one seed, one answer; a single run is a batch of one."""

import numpy as np
import pytest

from doors.shared_runs import Terminal, as_json
from monazite import ensemble, study
from monazite.simulate import simulate

OPTIONS = {"months": 8, "draws": 3, "seed": 7}
WORDS = ("stress", "myanmar-halt", "--months", "8", "--draws", "3", "--seed", "7")


@pytest.fixture(scope="module")
def result() -> study.Stress:
    return study.stress("myanmar-halt", **OPTIONS)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_numbers(result: study.Stress, terminal: Terminal) -> None:
    assert terminal.json(*WORDS) == as_json(result.as_dict())


def test_another_seed_gives_others(result: study.Stress) -> None:
    other = study.stress("myanmar-halt", months=8, draws=3, seed=8)
    assert other.manifest.inputs["parameters"] != result.manifest.inputs["parameters"]
    assert other.manifest.result != result.manifest.result


def test_workers_do_not_change_the_numbers(result: study.Stress) -> None:
    shared = study.stress("myanmar-halt", **OPTIONS, processes=2)  # type: ignore[arg-type]
    assert shared.manifest.result == result.manifest.result


def test_a_draw_alone_is_a_row_of_the_batch(result: study.Stress) -> None:
    batch = result.trajectory
    alone = simulate(result.lowered, ensemble.take(batch.parameters, slice(1, 2)))
    assert alone.price[0] == pytest.approx(batch.price[1], rel=1e-8)
    assert alone.flow[0] == pytest.approx(batch.flow[1], rel=1e-6, abs=1e-6)
    assert alone.stopped[0] == pytest.approx(batch.stopped[1], rel=1e-6, abs=1e-6)


def test_certificates_hold_for_every_draw(result: study.Stress) -> None:
    assert result.certificate.worst() <= 1e-8


def test_bands_hold_the_median(result: study.Stress) -> None:
    content = result.as_dict()
    assert content["draws"] == 3
    for row in content["prices"]:
        if row["usd_per_kg"] is not None:
            assert row["low_usd_per_kg"] <= row["usd_per_kg"] <= row["high_usd_per_kg"]
    for row in content["shortages"]:
        assert row["low_share"] <= row["share"] + 1e-9
    index = result.trajectory.market_index["Dy-oxide", "CHN"]
    middle = np.median(result.trajectory.price[:, -1, index])
    told = [
        row["usd_per_kg"]
        for row in content["prices"]
        if (row["commodity"], row["region"], row["month"]) == ("Dy-oxide", "CHN", "2025-08")
    ]
    assert told == [pytest.approx(middle)]


def test_the_screen_shows_bands(terminal: Terminal) -> None:
    shown = terminal.run(*WORDS)
    assert "medians of 3 draws" in shown
    assert "80 % band" in shown


@pytest.mark.parametrize(
    ("option", "value"), [("draws", 0), ("seed", -1), ("processes", 0), ("threshold", 0.0)]
)
def test_impossible_options_raise_before_the_run(option: str, value: float) -> None:
    with pytest.raises(study.InputError, match=option):
        study.stress("myanmar-halt", **{option: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("months", [0, 241])
def test_months_have_bounds(months: int) -> None:
    with pytest.raises(study.InputError, match="months"):
        study.stress("myanmar-halt", months=months)
