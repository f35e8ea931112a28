"""The back-test's own arithmetic: multiples, bands, scores."""

import math

import pytest

from monazite import study
from monazite.backtest import SCENARIOS, Prediction, episodes, predict, score
from monazite.errors import UnknownCodeError
from monazite.reference import catalogue


def prediction(predicted: float | None, observed: float | None, width: float = 2.0) -> Prediction:
    low, high = (None, None) if predicted is None else (predicted / width, predicted * width)
    return Prediction("made-up", "Dy", "outside", "2011-07", predicted, low, high, observed)


class TestScore:
    def test_a_perfect_forecast(self) -> None:
        found = score([prediction(value, value) for value in (0.5, 2.0, 8.0)])
        assert found is not None
        assert found.error_factor == pytest.approx(1.0)
        assert (found.within_two, found.in_band, found.direction) == (1.0, 1.0, 1.0)
        assert found.rank_correlation == pytest.approx(1.0)

    def test_error_factors_are_geometric(self) -> None:
        found = score([prediction(2.0, 1.0), prediction(1.0, 8.0)])
        assert found is not None
        assert found.error_factor == pytest.approx(4.0)
        assert found.within_two == 0.5

    def test_the_forecast_of_no_change_stands_beside_it(self) -> None:
        found = score([prediction(3.0, 4.0), prediction(0.5, 0.25), prediction(1.2, 1.5)])
        assert found is not None
        mean = (math.log(4.0) + math.log(4.0) + math.log(1.5)) / 3
        assert found.no_change_error_factor == pytest.approx(math.exp(mean))
        assert found.no_change_within_two == pytest.approx(1 / 3)

    def test_bands_count_outcomes_inside_them(self) -> None:
        found = score([prediction(4.0, 7.0), prediction(4.0, 9.0)])
        assert found is not None
        assert found.in_band == 0.5

    def test_rows_without_outcome_or_prediction_do_not_count(self) -> None:
        rows = [prediction(2.0, 2.0), prediction(None, 3.0), prediction(3.0, None)]
        found = score(rows)
        assert found is not None
        assert found.outcomes == 1

    def test_nothing_known_gives_no_score(self) -> None:
        assert score([prediction(2.0, None)]) is None

    def test_few_rows_have_no_rank_correlation(self) -> None:
        found = score([prediction(2.0, 2.0), prediction(3.0, 3.0)])
        assert found is not None
        assert math.isnan(found.rank_correlation)


def test_ratio_needs_both_sides() -> None:
    assert prediction(6.0, 3.0).ratio == 2.0
    assert prediction(None, 3.0).ratio is None
    assert prediction(6.0, None).ratio is None


def test_an_unknown_episode_raises() -> None:
    with pytest.raises(UnknownCodeError, match="quota-2010"):
        predict("quota-2011", study.chain)


def test_episodes_are_the_three_that_the_data_hold() -> None:
    assert set(episodes()) == {"quota-2010", "licences-2025", "gallium-2023"} == set(SCENARIOS)


@pytest.fixture(scope="module")
def rows() -> tuple[Prediction, ...]:
    return predict("gallium-2023", study.chain, draws=3)


class TestGallium:
    def test_there_is_a_row_for_every_month_of_every_series(
        self, rows: tuple[Prediction, ...]
    ) -> None:
        series = catalogue.load("episodes/series").select(episode="gallium-2023")
        for one in series:
            months = [
                row.month
                for row in rows
                if (row.commodity, row.market) == (one.text("commodity"), one.text("market"))
            ]
            assert months == sorted(set(months))
            assert months[0] == one.text("first_month")
            assert months[-1] == one.text("last_month")

    def test_bands_hold_their_medians(self, rows: tuple[Prediction, ...]) -> None:
        for row in rows:
            if row.predicted is not None:
                assert row.low is not None
                assert row.high is not None
                assert 0 < row.low <= row.predicted <= row.high

    def test_licences_make_gallium_dearer_outside_than_inside(
        self, rows: tuple[Prediction, ...]
    ) -> None:
        height = {
            market: max(
                row.predicted or 0.0
                for row in rows
                if (row.commodity, row.market) == ("Ga", market)
            )
            for market in ("outside", "inside")
        }
        assert height["outside"] > 1.2 > height["inside"]


def test_the_summary_of_a_backtest_is_strict_json() -> None:
    """A rank correlation of too few rows is missing, not NaN."""
    result = study.backtest("gallium-2023", draws=2)
    for values in result["summary"].values():
        assert all(value is None or math.isfinite(value) for value in values.values())
