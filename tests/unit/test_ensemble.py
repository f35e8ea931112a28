"""Draws: from their ranges, in chunks, on one process or two, with the same numbers."""

from dataclasses import fields

import numpy as np
import pytest

from monazite import ensemble
from monazite.engine import Processes
from monazite.errors import InputError
from monazite.parameters import ranges
from monazite.scenario.lowered import Lowered
from monazite.simulate import simulate
from two_regions import cut, two_regions

DRAWS = 4


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return cut(two_regions(), 0.6, months=6)


class TestSample:
    def test_every_draw_is_in_its_range(self) -> None:
        sample = ensemble.sample(50, seed=1)
        assert sample.draws == 50
        for name, row in ranges().items():
            values = sample.values[name]
            assert row.low <= values.min()
            assert values.max() <= row.high

    def test_the_same_seed_gives_the_same_draws(self) -> None:
        one, two = ensemble.sample(5, seed=1), ensemble.sample(5, seed=1)
        for name in ranges():
            np.testing.assert_array_equal(one.values[name], two.values[name])
        other = ensemble.sample(5, seed=2)
        assert not np.array_equal(one.values["holder_release"], other.values["holder_release"])

    def test_draws_fill_the_triangle_evenly(self) -> None:
        """A Latin hypercube of n draws has one in each n-th of the distribution."""
        count = 400
        sample = ensemble.sample(count, seed=3)
        for name, row in ranges().items():
            if row.low == row.high:
                continue
            mean = (row.low + row.mode + row.high) / 3
            width = row.high - row.low
            assert sample.values[name].mean() == pytest.approx(mean, abs=0.005 * width)
            below = (sample.values[name] <= row.mode).mean()
            assert below == pytest.approx((row.mode - row.low) / width, abs=2 / count)

    @pytest.mark.parametrize("draws", [0, -3])
    def test_none_at_all_raises(self, draws: int) -> None:
        with pytest.raises(InputError, match="draws"):
            ensemble.sample(draws)

    def test_some_are_taken_out(self) -> None:
        sample = ensemble.sample(6)
        some = ensemble.take(sample, slice(2, 5))
        assert some.draws == 3
        np.testing.assert_array_equal(
            some.values["holder_release"], sample.values["holder_release"][2:5]
        )


class TestRun:
    def test_chunks_do_not_change_the_numbers(
        self, lowered: Lowered, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parameters = ensemble.sample(DRAWS)
        whole = ensemble.run(lowered, parameters)
        monkeypatch.setattr(ensemble, "CHUNK", 3)
        parts = ensemble.run(lowered, parameters)
        assert parts.draws == whole.draws == DRAWS
        np.testing.assert_allclose(parts.price, whole.price, rtol=1e-9)
        np.testing.assert_allclose(parts.stopped, whole.stopped, rtol=1e-6, atol=1e-8)
        assert parts.parameters is parameters

    def test_chunks_are_joined_along_every_axis_of_draws(
        self, lowered: Lowered, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No array is left with the draws of the first chunk."""
        parameters = ensemble.sample(DRAWS)
        whole = simulate(lowered, parameters)
        monkeypatch.setattr(ensemble, "CHUNK", 3)
        parts = ensemble.run(lowered, parameters)
        for field in fields(whole):
            array = getattr(whole, field.name)
            if isinstance(array, np.ndarray):
                assert getattr(parts, field.name).shape == array.shape, field.name
        np.testing.assert_array_equal(parts.base_group_stock, whole.base_group_stock)

    def test_processes_do_not_change_the_numbers(
        self, lowered: Lowered, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ensemble, "CHUNK", 2)
        parameters = ensemble.sample(DRAWS)
        here = ensemble.run(lowered, parameters)
        there = ensemble.run(lowered, parameters, engine=Processes(2))
        np.testing.assert_array_equal(there.price, here.price)

    def test_a_chunk_is_a_simulation(self, lowered: Lowered) -> None:
        parameters = ensemble.sample(2)
        np.testing.assert_array_equal(
            ensemble.run(lowered, parameters).price, simulate(lowered, parameters).price
        )

    def test_progress_counts_draws(self, lowered: Lowered, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ensemble, "CHUNK", 3)
        told: list[tuple[int, int]] = []
        ensemble.run(
            lowered, ensemble.sample(DRAWS), progress=lambda done, total: told.append((done, total))
        )
        assert told == [(3, DRAWS), (DRAWS, DRAWS)]

    def test_certificates_are_the_worst_of_all_draws(
        self, lowered: Lowered, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ensemble, "CHUNK", 2)
        run = ensemble.run(lowered, ensemble.sample(DRAWS))
        parts = [
            simulate(lowered, ensemble.take(run.parameters, slice(first, first + 2)))
            for first in (0, 2)
        ]
        for month, certificate in enumerate(run.certificates):
            assert certificate.worst() == max(p.certificates[month].worst() for p in parts)


class TestBand:
    def test_ends_hold_the_share_that_was_asked_for(self) -> None:
        values = np.linspace(0.0, 1.0, 101)[:, None]
        low, middle, high = ensemble.band(values, 0.8)
        assert (low[0], middle[0], high[0]) == pytest.approx((0.1, 0.5, 0.9))

    def test_one_draw_has_no_width(self) -> None:
        low, middle, high = ensemble.band(np.array([[3.0, 4.0]]))
        np.testing.assert_array_equal(low, high)
        np.testing.assert_array_equal(middle, [3.0, 4.0])
