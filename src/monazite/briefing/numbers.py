"""Numbers as people read them: three significant digits, units beside them, months by name.

Nothing is computed here. What has no meaning (None, NaN) is written as an en dash.
"""

import math
from collections.abc import Callable

NARROW = "\u202f"
"""Space between groups of three digits and before a percent sign; it never breaks a line."""
FIXED = "\u00a0"
"""Space between a number and its unit; it never breaks a line."""
MINUS = "−"
NOTHING = "–"
"""Stands where a number has no meaning."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

Style = Callable[[float | None], str]
"""How a kind of number is written."""


def significant(value: float | None, digits: int = 3) -> str:
    """Return a number with that many significant digits: ``12 300``, ``4.25``, ``−0.0123``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if exponent < -4 or exponent > 14:
        return scientific(value, digits)
    places = max(digits - 1 - exponent, 0)
    text = f"{abs(rounded):,.{places}f}".replace(",", NARROW)
    return (MINUS if rounded < 0 else "") + text


def scientific(value: float | None, digits: int = 1) -> str:
    """Return a number as a power of ten, ``3 × 10⁻¹²``: for residuals and very small things."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return "0"
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    power = str(int(exponent)).translate(_SUPERSCRIPTS)
    return f"{MINUS if value < 0 else ''}{mantissa}{FIXED}×{FIXED}10{power}"


def multiple(value: float | None) -> str:
    """Return a price over its base as ``× 0.71``, ``× 4.2``, ``× 14`` or ``× 140``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    near_one = 0.095 <= value < 1.995
    return f"×{FIXED}{value:.2f}" if near_one else f"×{FIXED}{significant(value, 2)}"


def percent(fraction: float | None) -> str:
    """Return a fraction in percent: ``8.2 %``, ``41 %``, ``under 0.1 %``."""
    if fraction is None or not math.isfinite(fraction):
        return NOTHING
    share = 100 * fraction
    if share == 0:
        return f"0{NARROW}%"
    if abs(share) < 0.1:
        return f"under 0.1{NARROW}%"
    places = 1 if abs(share) < 9.95 else 0
    text = f"{abs(share):,.{places}f}".replace(",", NARROW).removesuffix(".0")
    return f"{MINUS if share < 0 else ''}{text}{NARROW}%"


def tonnes(value: float | None) -> str:
    """Return tonnes with three significant digits, ``1 230 t``; kilograms below a tonne."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if 0 < abs(value) < 1:
        return f"{significant(1000 * value, 2)}{FIXED}kg"
    return f"{significant(value)}{FIXED}t"


def money(thousands: float | None) -> str:
    """Return thousand dollars as ``US$ 3.4 million`` or billion, two or three digits."""
    if thousands is None or not math.isfinite(thousands):
        return NOTHING
    sign = MINUS if thousands < 0 else ""
    size = abs(thousands)
    for least, name in ((1e6, "billion"), (1e3, "million")):
        if size >= 0.9995 * least:
            return f"{sign}US${FIXED}{significant(size / least)}{FIXED}{name}"
    return f"{sign}US${FIXED}{significant(1000 * size)}"


def price(dollars: float | None) -> str:
    """Return a price, ``US$ 61.5 per kg``."""
    if dollars is None or not math.isfinite(dollars):
        return NOTHING
    return f"US${FIXED}{significant(dollars)} per{FIXED}kg"


def days(value: float | None) -> str:
    """Return whole days, ``41 days``, ``1 day``, ``under 1 day``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if 0 < value < 0.5:
        return f"under 1{FIXED}day"
    count = round(value)
    return f"{count:,}".replace(",", NARROW) + FIXED + ("day" if count == 1 else "days")


def months(value: float | None) -> str:
    """Return a number of months, ``7 months``, ``1 month``; a half only where there is one."""
    if value is None or not math.isfinite(value):
        return NOTHING
    half = round(2 * value) / 2
    text = f"{half:.0f}" if half == int(half) else f"{half:.1f}"
    return f"{text}{FIXED}{'month' if half == 1 else 'months'}"


def count(value: float | None) -> str:
    """Return a whole number, ``1 200``."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{round(value):,}".replace(",", NARROW)


def band(low: float | None, high: float | None, style: Style) -> str:
    """Return both ends of a band in the same style, ``3.1–5.6 %``; empty where they agree."""
    if low is None or high is None:
        return ""
    first, last = style(low), style(high)
    if first == last:
        return ""
    return f"{_without_shared_unit(first, last)}–{_without_shared_start(first, last)}"


def _without_shared_unit(first: str, last: str) -> str:
    """Drop the unit of the first end where the second repeats it."""
    for gap in (NARROW, FIXED):
        head, found, unit = first.rpartition(gap)
        if found and last.endswith(gap + unit) and not unit[0].isdigit():
            return head
    return first


def _without_shared_start(first: str, last: str) -> str:
    """Drop the sign in front of the second end where the first has it."""
    start = last.partition(FIXED)[0]
    shared = start in ("×", "US$") and first.startswith(start + FIXED)
    return last.removeprefix(start + FIXED) if shared else last


def month_name(month: str) -> str:
    """Return ``2025-04`` as ``April 2025``; what is no month stays as it is."""
    year, number = _parts(month)
    return f"{_MONTHS[number - 1]} {year}" if number else month


def short_month(month: str) -> str:
    """Return ``2025-04`` as ``Apr 25`` for the axis of a chart."""
    year, number = _parts(month)
    return f"{_MONTHS[number - 1][:3]}{FIXED}{year[2:]}" if number else month


def day_name(date: str) -> str:
    """Return ``2025-05-03`` as ``3 May 2025``; a month or anything else by `month_name`."""
    month, _, day = date.rpartition("-")
    year, number = _parts(month)
    if number and day.isdecimal():
        return f"{int(day)} {_MONTHS[number - 1]} {year}"
    return month_name(date)


def _parts(month: str) -> tuple[str, int]:
    """Year and number of a month; number 0 where the text is none."""
    year, _, number = month.partition("-")
    is_month = len(year) == 4 and year.isdecimal() and number.isdecimal()
    return (year, int(number)) if is_month and 1 <= int(number) <= 12 else (month, 0)
