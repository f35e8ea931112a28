"""What a cell says: figures, bounds, ranges, signs; nothing else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import TableError
from monazite.reference.loaders.figures import (
    POINTS,
    Status,
    read_figure,
    read_years,
    scaled,
    vouched,
)

AMOUNTS = st.integers(min_value=0, max_value=10**13)
DASH = st.sampled_from(["-", "–", " - ", " – "])
BLANK = st.sampled_from(["", " ", "\xa0", "  "])


@given(AMOUNTS, BLANK)
def test_thousands_commas_do_not_matter(amount: int, blank: str) -> None:
    figure = read_figure(f"{blank}{amount:,}{blank}")
    assert (figure.value, figure.low, figure.high) == (amount,) * 3
    assert figure.status is Status.REPORTED
    assert read_figure(str(amount)) == figure


@given(st.floats(min_value=0.0, max_value=1e15, allow_nan=False))
def test_every_number_that_python_writes_is_read_back(value: float) -> None:
    assert read_figure(repr(value)).value == value


@given(AMOUNTS, st.sampled_from("<>"), BLANK)
def test_bounds_are_no_figures(amount: int, sign: str, blank: str) -> None:
    figure = read_figure(f"{sign}{blank}{amount:,}")
    assert math.isnan(figure.value)
    assert (figure.low, figure.high) == ((0.0, amount) if sign == "<" else (amount, math.inf))
    assert figure.status is (Status.BELOW if sign == "<" else Status.ABOVE)


@given(AMOUNTS, AMOUNTS, DASH)
def test_range_keeps_both_ends_and_may_not_run_backwards(one: int, other: int, dash: str) -> None:
    low, high = sorted((one, other))
    figure = read_figure(f"{low:,}{dash}{high:,}")
    assert math.isnan(figure.value)
    assert (figure.low, figure.high, figure.status) == (low, high, Status.RANGE)
    if low < high:
        with pytest.raises(TableError, match="runs backwards"):
            read_figure(f"{high}{dash}{low}")


@given(st.integers(min_value=1900, max_value=2098), st.integers(min_value=1, max_value=60), DASH)
def test_span_of_years_is_read_in_short_and_in_full(first: int, length: int, dash: str) -> None:
    last = first + length
    assert read_years(f"{first}{dash}{last}") == (first, last)
    if first // 100 == last // 100:
        assert read_years(f"{first}{dash}{last % 100:02d}") == (first, last)
    assert read_years(str(first)) == (first, first)


@pytest.mark.parametrize("text", ["24", "2021–20", "2021-2020", "FY2024", "", "2021–24–25"])
def test_what_is_no_year_raises(text: str) -> None:
    with pytest.raises(TableError, match=r"^t\.csv:3: "):
        read_years(text, where="t.csv:3")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("NA", Status.MISSING), ("", Status.MISSING), ("..", Status.MISSING),
        ("W", Status.WITHHELD), ("XX", Status.NOT_APPLICABLE), ("E", Status.NET_EXPORTER),
        ("Large", Status.IN_WORDS), ("s", Status.IN_FOOTNOTE),
    ],
)  # fmt: skip
def test_signs_are_no_figures(text: str, status: Status) -> None:
    figure = read_figure(text)
    assert math.isnan(figure.value)
    assert math.isnan(figure.low)
    assert figure.status is status


@pytest.mark.parametrize("dash", ["-", "–", "—", " — "])
def test_dash_is_zero(dash: str) -> None:
    assert read_figure(dash).value == 0.0


@pytest.mark.parametrize("text", ["-5", "–1,000", "− 0.3"])
def test_less_than_nothing_raises(text: str) -> None:
    with pytest.raises(TableError, match=r"^t\.csv:3: .* is below zero .*check the source"):
        read_figure(text, where="t.csv:3")


@pytest.mark.parametrize("text", ["1,23", "12,3456", "about 5", "1.2.3", "5 t", "inf", "?10", "١٢"])
def test_what_is_no_figure_raises(text: str) -> None:
    with pytest.raises(TableError, match="is no figure"):
        read_figure(text)


@given(AMOUNTS, st.sampled_from([1e3, 1e6, 1e-3]))
def test_another_unit_multiplies_all_numbers(amount: int, multiple: float) -> None:
    assert scaled(read_figure(f"<{amount}"), multiple).high == amount * multiple
    assert scaled(read_figure(str(amount)), multiple).value == amount * multiple


@pytest.mark.parametrize("text", ["<5", "W", "1-2", "NA"])
def test_an_estimate_of_no_figure_keeps_its_status(text: str) -> None:
    assert vouched(read_figure(text), Status.ESTIMATED).status not in POINTS
    assert vouched(read_figure("5"), Status.ESTIMATED).status is Status.ESTIMATED
