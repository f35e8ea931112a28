"""Numbers as people read them."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.briefing import numbers
from monazite.briefing.language import ENGLISH

WRITE = numbers.PLAIN

FINITE = st.floats(-1e13, 1e13, allow_nan=False)


def spaced(text: str) -> str:
    return text.replace(numbers.NARROW, " ").replace(numbers.FIXED, " ")


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (WRITE.significant, 12345.6, "12 300"),
        (WRITE.significant, 4.2519, "4.25"),
        (WRITE.significant, -0.012345, "−0.0123"),
        (WRITE.significant, 999.6, "1 000"),
        (WRITE.significant, 0.0, "0"),
        (WRITE.significant, 1.5e-7, "1.50 × 10⁻⁷"),
        (WRITE.scientific, 3.2e-12, "3 × 10⁻¹²"),
        (WRITE.multiple, 4.21, "× 4.2"),
        (WRITE.multiple, 0.712, "× 0.71"),
        (WRITE.multiple, 1.04, "× 1.04"),
        (WRITE.multiple, 14.3, "× 14"),
        (WRITE.multiple, 143.0, "× 140"),
        (WRITE.percent, 0.0823, "8.2 %"),
        (WRITE.percent, 0.05, "5 %"),
        (WRITE.percent, 0.412, "41 %"),
        (WRITE.percent, 0.0002, "under 0.1 %"),
        (WRITE.percent, -0.5, "−50 %"),
        (WRITE.tonnes, 1234.5, "1 230 t"),
        (WRITE.tonnes, 0.58, "580 kg"),
        (WRITE.money, 3412.0, "US$ 3.41 million"),
        (WRITE.money, 1.3e6, "US$ 1.30 billion"),
        (WRITE.money, -56.4, "−US$ 56 400"),
        (WRITE.price, 61.52, "US$ 61.5 per kg"),
        (WRITE.days, 41.2, "41 days"),
        (WRITE.days, 1.0, "1 day"),
        (WRITE.days, 0.2, "under 1 day"),
        (WRITE.months, 7.0, "7 months"),
        (WRITE.months, 1.0, "1 month"),
        (WRITE.months, 1.5, "1.5 months"),
        (WRITE.count, 1200.0, "1 200"),
    ],
)
def test_a_number_is_written_for_its_reader(style: numbers.Style, value: float, text: str) -> None:
    assert spaced(style(value)) == text


@pytest.mark.parametrize(
    "style",
    [
        WRITE.significant,
        WRITE.scientific,
        WRITE.multiple,
        WRITE.percent,
        WRITE.tonnes,
        WRITE.money,
        WRITE.price,
        WRITE.days,
        WRITE.months,
        WRITE.count,
    ],
)
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_has_no_meaning_is_a_dash(style: numbers.Style, value: float | None) -> None:
    assert style(value) == numbers.NOTHING


@given(FINITE)
def test_three_digits_stay_within_half_a_percent(value: float) -> None:
    text = spaced(WRITE.significant(value)).replace(" ", "").replace("−", "-")
    if "×" not in text:
        assert float(text) == pytest.approx(value, rel=5.1e-3)


@given(FINITE)
def test_no_number_has_seventeen_digits(value: float) -> None:
    written = [WRITE.significant(value), WRITE.money(value), WRITE.tonnes(value)]
    assert all(len(re.findall(r"\d", text)) <= 14 for text in written)


@pytest.mark.parametrize(
    ("low", "high", "style", "text"),
    [
        (0.031, 0.056, WRITE.percent, "3.1–5.6 %"),
        (2.0, 5.2, WRITE.multiple, "× 2.0–5.2"),
        (1e3, 3e3, WRITE.money, "US$ 1.00–3.00 million"),
        (914e3, 1.58e6, WRITE.money, "US$ 914 million–1.58 billion"),
        (1e3, 1.2e3, WRITE.tonnes, "1 000–1 200 t"),
        (3.0, 3.0, WRITE.days, ""),
        (None, 3.0, WRITE.days, ""),
    ],
)
def test_a_band_names_its_unit_once(
    low: float | None, high: float, style: numbers.Style, text: str
) -> None:
    assert spaced(WRITE.band(low, high, style)) == text


def test_months_and_days_are_written_by_name() -> None:
    assert ENGLISH.month("2025-04") == "April 2025"
    assert spaced(ENGLISH.short_month("2025-04")) == "Apr 25"
    assert ENGLISH.day("2025-05-03") == "3 May 2025"
    assert ENGLISH.day("2025-05") == "May 2025"


@pytest.mark.parametrize("text", ["spring", "2025-13", "25-04", "2025", ""])
def test_what_is_no_month_stays_as_it_is(text: str) -> None:
    assert ENGLISH.month(text) == text
