"""Remedies: each is the same scenario with one change, and is measured against it."""

import numpy as np
import pytest

from monazite import study
from monazite.indicators import shortages
from monazite.parameters import Parameters
from monazite.remedies import CONTROLS, EXEMPTED_SHARE, Relief, Remedy, rank, remedies
from monazite.scenario import lower, parse
from monazite.simulate import simulate

CHAIN = "docs/examples/two-regions"
LICENCE = """\
id = "licence"
title = "A licence lets through a fifth"
start = "2025-01"
months = 15
[[measures]]
kind = "export_licence"
actors = "CHN"
commodities = "Dy-oxide"
throughput = 0.2
start = "2025-03"
source = "assumed"
note = "made up"
"""


@pytest.fixture(scope="module")
def result() -> study.Stress:
    return study.stress(parse(LICENCE, "licence.toml"), network=CHAIN)


@pytest.fixture(scope="module")
def tried(result: study.Stress) -> tuple[Remedy, ...]:
    short = [row for row in shortages(result.trajectory) if row.first_month.median]
    return remedies(result.scenario, result.network, tuple(short))


@pytest.fixture(scope="module")
def ranked(result: study.Stress) -> tuple[Relief, ...]:
    return rank(result.scenario, result.network, result.trajectory, Parameters.central())


def test_those_without_an_object_are_left_out(tried: tuple[Remedy, ...]) -> None:
    """The small chain has no recycling and no plant outside."""
    assert [remedy.name for remedy in tried] == [
        "Stock release", "Substitution", "Negotiated exemptions"
    ]  # fmt: skip


def test_each_adds_one_measure_or_exempts_trade(
    result: study.Stress, tried: tuple[Remedy, ...]
) -> None:
    before = result.scenario.measures
    for remedy in tried:
        after = remedy.scenario.measures
        if remedy.name == "Negotiated exemptions":
            controls = [measure for measure in after if measure.kind in CONTROLS]
            assert controls
            assert all(measure.exemptions.share >= EXEMPTED_SHARE for measure in controls)
        else:
            assert after[:-1] == before
            assert after[-1].start > min(measure.start for measure in before)
        assert remedy.sentence
        assert remedy.assumption


def test_the_best_comes_first(ranked: tuple[Relief, ...]) -> None:
    assert len(ranked) == 3
    shares = [relief.avoided_share for relief in ranked]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.05


def test_reliefs_are_what_a_run_with_the_remedy_says(
    result: study.Stress, tried: tuple[Remedy, ...], ranked: tuple[Relief, ...]
) -> None:
    chosen = next(remedy for remedy in tried if remedy.name == "Stock release")
    after = simulate(lower(chosen.scenario, result.network), Parameters.central())
    japan = [group.region == "JPN" for group in after.groups]
    lost, left = (float(run.stopped[0][:, japan].sum()) for run in (result.trajectory, after))
    relief = next(row for row in ranked if row.name == chosen.name)
    assert relief.tonnes == pytest.approx(lost - left)
    assert relief.avoided_share == pytest.approx((lost - left) / lost)
    assert relief.loss == pytest.approx(left * 260.0)
    assert relief.delay_months is None or relief.delay_months >= 0


def test_nothing_short_needs_no_remedy() -> None:
    calm = study.stress(parse(LICENCE, "licence.toml"), network=CHAIN, months=2)
    assert np.max(calm.trajectory.stopped) < 1e-6
    assert rank(calm.scenario, calm.network, calm.trajectory, Parameters.central()) == ()


def test_progress_counts_remedies(result: study.Stress) -> None:
    told: list[tuple[int, int]] = []
    rank(
        result.scenario, result.network, result.trajectory, Parameters.central(),
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)]
