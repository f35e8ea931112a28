"""Sobol' indices: known answers, and the outcomes they are asked of."""

import numpy as np
import pytest

from monazite import sensitivity
from monazite.engine import Processes
from monazite.errors import InputError, UnknownCodeError
from monazite.parameters import Parameters, ranges
from monazite.scenario.lowered import Lowered
from monazite.sensitivity import OutcomeKind, RunOutcome, Watched
from monazite.simulate import simulate
from monazite.trajectory import Trajectory
from trajectory_factory import trajectory
from two_regions import cut, two_regions


class TestIndices:
    def test_ishigami(self) -> None:
        """Known answer (Ishigami & Homma 1990): a = 7, b = 0.1 over [-pi, pi]."""
        x = np.pi * (2 * sensitivity.design(3, 4096, seed=1) - 1)
        y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
        first, total = sensitivity.indices(y.reshape(5, 4096))
        assert [row.value for row in first] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
        assert [row.value for row in total] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
        for row in (*first, *total):
            assert row.low <= row.value <= row.high
            assert row.high - row.low < 0.1

    def test_a_sum_has_no_interactions(self) -> None:
        levels = sensitivity.design(2, 1024)
        first, total = sensitivity.indices((levels @ [1.0, 3.0]).reshape(4, 1024))
        assert [row.value for row in first] == pytest.approx([0.1, 0.9], abs=0.01)
        assert [row.value for row in total] == pytest.approx([0.1, 0.9], abs=0.01)

    def test_the_same_seed_gives_the_same_intervals(self) -> None:
        values = np.random.default_rng(0).random((4, 64))
        assert sensitivity.indices(values, 3) == sensitivity.indices(values, 3)
        assert sensitivity.indices(values, 3) != sensitivity.indices(values, 4)

    def test_a_design_changes_one_column_at_a_time(self) -> None:
        one, other, *mixed = sensitivity.design(3, 8).reshape(5, 8, 3)
        for k, rows in enumerate(mixed):
            np.testing.assert_array_equal(rows[:, k], other[:, k])
            kept = [column for column in range(3) if column != k]
            np.testing.assert_array_equal(rows[:, kept], one[:, kept])


class TestOutcome:
    @pytest.mark.parametrize("text", ["price:Dy-oxide", "stopped:EV@DEU", "shortage:*@JPN"])
    def test_what_is_read_is_written(self, text: str) -> None:
        assert str(RunOutcome.parse(text)) == text

    @pytest.mark.parametrize("text", ["price", "price:", "stopped:EV@", ":EV"])
    def test_other_forms_are_refused(self, text: str) -> None:
        with pytest.raises(InputError):
            RunOutcome.parse(text)

    def test_an_unknown_kind_offers_the_nearest(self) -> None:
        with pytest.raises(UnknownCodeError, match="did you mean price"):
            RunOutcome.parse("prices:Dy-oxide")

    def test_stopped_tonnes_are_added_up(self) -> None:
        run = trajectory(draws=2)
        found = RunOutcome.parse("stopped:EV@DEU").of(run, ("CHN",), 0.05)
        members = [k for k, g in enumerate(run.groups) if (g.use, g.region) == ("EV", "DEU")]
        assert found == pytest.approx(run.stopped[:, :, members].sum(axis=(1, 2)))
        assert found.min() > 0

    def test_months_to_shortage_count_from_the_start(self) -> None:
        run = trajectory(draws=2)
        months = RunOutcome.parse("shortage:EV@DEU").of(run, ("CHN",), 0.05)
        never = RunOutcome.parse("shortage:EV@CHN").of(run, ("CHN",), 0.05)
        assert set(never) == {len(run.months)}
        members = [k for k, g in enumerate(run.groups) if (g.use, g.region) == ("EV", "DEU")]
        share = run.stopped[:, :, members].sum(axis=2) / run.demand[:, :, members].sum(axis=2)
        for draw, month in enumerate(months.astype(int)):
            assert share[draw, month] >= 0.05
            assert (share[draw, :month] < 0.05).all()

    def test_a_peak_is_outside_or_in_a_region(self) -> None:
        run = trajectory(draws=2)
        place = run.market_index["Dy-oxide", "JPN"]
        highest = (run.price[:, :, place] / run.base_price[place]).max(axis=1)
        assert RunOutcome.parse("price:Dy-oxide@JPN").of(run, ("CHN",), 0.05) == pytest.approx(
            highest
        )
        assert RunOutcome.parse("price:Dy-oxide").of(run, ("CHN",), 0.05) == pytest.approx(highest)

    @pytest.mark.parametrize(
        "text", ["price:Dy-oxid", "price:Dy-oxide@XXX", "stopped:cars", "shortage:EV@XXX"]
    )
    def test_what_a_run_does_not_have_is_told(self, text: str) -> None:
        with pytest.raises(UnknownCodeError):
            RunOutcome.parse(text).of(trajectory(draws=2), ("CHN",), 0.05)


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return cut(two_regions(), 0.6, months=3)


@pytest.fixture(scope="module")
def watched(lowered: Lowered) -> Watched:
    commodity, region = _dearest(simulate(lowered, Parameters.central()))
    return Watched((RunOutcome(OutcomeKind.PRICE, commodity, region),), ())


def _dearest(run: Trajectory) -> tuple[str, str]:
    """The market whose price moves most."""
    return run.spot_markets[int((run.price / run.base_price).max(axis=(0, 1)).argmax())]


class TestSensitivities:
    def test_every_uncertain_parameter_has_a_row(self, lowered: Lowered, watched: Watched) -> None:
        rows = sensitivity.sensitivities(lowered, watched, points=4, fixed={"holder_release": 0.5})
        uncertain = {name for name, row in ranges().items() if row.low < row.high}
        assert {row.parameter for row in rows} == uncertain - {"holder_release"}
        totals = [row.total.value for row in rows]
        assert totals == sorted(totals, reverse=True)
        assert totals[0] > 0.05

    def test_engines_agree(self, lowered: Lowered, watched: Watched) -> None:
        here = sensitivity.sensitivities(lowered, watched, points=2)
        there = sensitivity.sensitivities(lowered, watched, points=2, engine=Processes(2))
        assert repr(here) == repr(there)

    @pytest.mark.parametrize("points", [0, 1, 3, 100])
    def test_points_are_a_power_of_two(
        self, lowered: Lowered, watched: Watched, points: int
    ) -> None:
        with pytest.raises(InputError, match="power of two"):
            sensitivity.sensitivities(lowered, watched, points=points)

    def test_what_does_not_vary_is_told(self, lowered: Lowered) -> None:
        """The maker's own users have all they want in every draw."""
        calm = Watched((RunOutcome(OutcomeKind.SHORTAGE, "*", "CHN"),), ())
        with pytest.raises(InputError, match="3 months in every draw"):
            sensitivity.sensitivities(lowered, calm, points=2)
