"""Numbers as people read them."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.briefing import numbers

FINITE = st.floats(-1e13, 1e13, allow_nan=False)


def spaced(text: str) -> str:
    return text.replace(numbers.NARROW, " ").replace(numbers.FIXED, " ")


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (numbers.significant, 12345.6, "12 300"),
        (numbers.significant, 4.2519, "4.25"),
        (numbers.significant, -0.012345, "−0.0123"),
        (numbers.significant, 999.6, "1 000"),
        (numbers.significant, 0.0, "0"),
        (numbers.significant, 1.5e-7, "1.50 × 10⁻⁷"),
        (numbers.scientific, 3.2e-12, "3 × 10⁻¹²"),
        (numbers.multiple, 4.21, "× 4.2"),
        (numbers.multiple, 0.712, "× 0.71"),
        (numbers.multiple, 1.04, "× 1.04"),
        (numbers.multiple, 14.3, "× 14"),
        (numbers.multiple, 143.0, "× 140"),
        (numbers.percent, 0.0823, "8.2 %"),
        (numbers.percent, 0.05, "5 %"),
        (numbers.percent, 0.412, "41 %"),
        (numbers.percent, 0.0002, "under 0.1 %"),
        (numbers.percent, -0.5, "−50 %"),
        (numbers.tonnes, 1234.5, "1 230 t"),
        (numbers.tonnes, 0.58, "580 kg"),
        (numbers.money, 3412.0, "US$ 3.41 million"),
        (numbers.money, 1.3e6, "US$ 1.30 billion"),
        (numbers.money, -56.4, "−US$ 56 400"),
        (numbers.price, 61.52, "US$ 61.5 per kg"),
        (numbers.days, 41.2, "41 days"),
        (numbers.days, 1.0, "1 day"),
        (numbers.days, 0.2, "under 1 day"),
        (numbers.months, 7.0, "7 months"),
        (numbers.months, 1.0, "1 month"),
        (numbers.months, 1.5, "1.5 months"),
        (numbers.count, 1200.0, "1 200"),
    ],
)
def test_a_number_is_written_for_its_reader(style: numbers.Style, value: float, text: str) -> None:
    assert spaced(style(value)) == text


@pytest.mark.parametrize(
    "style",
    [
        numbers.significant,
        numbers.scientific,
        numbers.multiple,
        numbers.percent,
        numbers.tonnes,
        numbers.money,
        numbers.price,
        numbers.days,
        numbers.months,
        numbers.count,
    ],
)
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_has_no_meaning_is_a_dash(style: numbers.Style, value: float | None) -> None:
    assert style(value) == numbers.NOTHING


@given(FINITE)
def test_three_digits_stay_within_half_a_percent(value: float) -> None:
    text = spaced(numbers.significant(value)).replace(" ", "").replace("−", "-")
    if "×" not in text:
        assert float(text) == pytest.approx(value, rel=5.1e-3)


@given(FINITE)
def test_no_number_has_seventeen_digits(value: float) -> None:
    written = [numbers.significant(value), numbers.money(value), numbers.tonnes(value)]
    assert all(len(re.findall(r"\d", text)) <= 14 for text in written)


@pytest.mark.parametrize(
    ("low", "high", "style", "text"),
    [
        (0.031, 0.056, numbers.percent, "3.1–5.6 %"),
        (2.0, 5.2, numbers.multiple, "× 2.0–5.2"),
        (1e3, 3e3, numbers.money, "US$ 1.00–3.00 million"),
        (914e3, 1.58e6, numbers.money, "US$ 914 million–1.58 billion"),
        (1e3, 1.2e3, numbers.tonnes, "1 000–1 200 t"),
        (3.0, 3.0, numbers.days, ""),
        (None, 3.0, numbers.days, ""),
    ],
)
def test_a_band_names_its_unit_once(
    low: float | None, high: float, style: numbers.Style, text: str
) -> None:
    assert spaced(numbers.band(low, high, style)) == text


def test_months_and_days_are_written_by_name() -> None:
    assert numbers.month_name("2025-04") == "April 2025"
    assert spaced(numbers.short_month("2025-04")) == "Apr 25"
    assert numbers.day_name("2025-05-03") == "3 May 2025"
    assert numbers.day_name("2025-05") == "May 2025"


@pytest.mark.parametrize("text", ["spring", "2025-13", "25-04", "2025", ""])
def test_what_is_no_month_stays_as_it_is(text: str) -> None:
    assert numbers.month_name(text) == text
