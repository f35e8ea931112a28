"""Figures as people read them: three significant digits, units beside them, months by name.

Nothing is computed here. What has no meaning (None, NaN) is written as an en dash. How a
language writes a figure stands in :mod:`monazite.briefing.language` and its tables.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from monazite.briefing.language import ENGLISH, Language

NARROW = "\u202f"
"""Space between groups of three digits and before a percent sign; it never breaks a line."""
FIXED = "\u00a0"
"""Space between a number and its unit; it never breaks a line."""
MINUS = "−"
NOTHING = "–"
"""Stands where a number has no meaning."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Style = Callable[[float | None], str]
"""How a kind of number is written."""


@dataclass(frozen=True)
class Writing:
    """Writes figures in a language."""

    language: Language = ENGLISH

    def style(self, name: str) -> Style:
        """Return a way to write a figure by the name that templates use, such as ``percent``."""
        styles: dict[str, Style] = {
            "percent": self.percent,
            "multiple": self.multiple,
            "money": self.money,
            "price": self.price,
            "tonnes": self.tonnes,
            "days": self.days,
            "months": self.months,
            "count": self.count,
            "scientific": self.scientific,
        }
        return styles[name]

    def significant(self, value: float | None, digits: int = 3) -> str:
        """Return a number with that many significant digits: ``12 300``, ``4.25``, ``−0.0123``."""
        if value is None or not math.isfinite(value):
            return NOTHING
        if value == 0:
            return "0"
        rounded = float(f"{value:.{digits - 1}e}")
        exponent = math.floor(math.log10(abs(rounded)))
        if exponent < -4 or exponent > 14:
            return self.scientific(value, digits)
        return self.language.decimal(rounded, max(digits - 1 - exponent, 0))

    def scientific(self, value: float | None, digits: int = 1) -> str:
        """Return a number as a power of ten, ``3 × 10⁻¹²``: for residuals and very small things."""
        if value is None or not math.isfinite(value):
            return NOTHING
        if value == 0:
            return "0"
        mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
        power = str(int(exponent)).translate(_SUPERSCRIPTS)
        sign = self.language.minus if value < 0 else ""
        figure = self.language.decimal(float(mantissa), digits - 1)
        return f"{sign}{figure}{FIXED}×{FIXED}10{power}"

    def multiple(self, value: float | None) -> str:
        """Return a price over its base as ``× 0.71``, ``× 4.2``, ``× 14`` or ``× 140``."""
        if value is None or not math.isfinite(value):
            return NOTHING
        near_one = 0.095 <= value < 1.995
        figure = self.language.decimal(value, 2) if near_one else self.significant(value, 2)
        return self.language.as_multiple(figure)

    def percent(self, fraction: float | None) -> str:
        """Return a fraction in percent: ``8.2 %``, ``41 %``, ``under 0.1 %``."""
        if fraction is None or not math.isfinite(fraction):
            return NOTHING
        share = 100 * fraction
        if 0 < abs(share) < 0.1:
            return self._under(self.language.in_percent(self.language.decimal(0.1, 1)))
        places = 1 if abs(share) < 9.95 and f"{share:.1f}"[-1] != "0" else 0
        return self.language.in_percent(self.language.decimal(share, places))

    def bare_percent(self, fraction: float | None) -> str:
        """Return a share in percent without the sign, for tables that state it in the caption."""
        return NOTHING if fraction is None else f"{100 * fraction:.0f}"

    def tonnes(self, value: float | None) -> str:
        """Return tonnes with three significant digits, ``1 230 t``; kilograms below a tonne."""
        if value is None or not math.isfinite(value):
            return NOTHING
        if 0 < abs(value) < 1:
            return self.language.gettext("%(n)s\u00a0kg", n=self.significant(1000 * value, 2))
        return self.language.ngettext(
            "%(n)s\u00a0t", "%(n)s\u00a0t", _counted(value), n=self.significant(value)
        )

    def money(self, thousands: float | None) -> str:
        """Return thousand dollars as ``US$ 3.4 million`` or billion, two or three digits."""
        if thousands is None or not math.isfinite(thousands):
            return NOTHING
        sign = self.language.minus if thousands < 0 else ""
        size = abs(1000 * thousands)
        for least, text in self.language.money_scales():
            if size >= 0.9995 * least:
                return sign + text.format(n=self.significant(size / least))
        return sign + self.language.money_scales()[-1][1].format(n=self.significant(size))

    def price(self, dollars: float | None) -> str:
        """Return a price, ``US$ 61.5 per kg``."""
        if dollars is None or not math.isfinite(dollars):
            return NOTHING
        figure = self.significant(dollars)
        return self.language.gettext("US$\u00a0%(n)s per\u00a0kg", n=figure)

    def days(self, value: float | None) -> str:
        """Return whole days, ``41 days``, ``1 day``, ``under 1 day``."""
        if value is None or not math.isfinite(value):
            return NOTHING
        if 0 < value < 0.5:
            return self._under(self.days(1))
        count = round(value)
        return self.language.ngettext(
            "%(n)s\u00a0day", "%(n)s\u00a0days", count, n=self.language.decimal(count)
        )

    def months(self, value: float | None) -> str:
        """Return a number of months, ``7 months``, ``1 month``; a half only where there is one."""
        if value is None or not math.isfinite(value):
            return NOTHING
        half = round(2 * value) / 2
        figure = self.language.decimal(half, 0 if half == int(half) else 1)
        return self.language.ngettext("%(n)s\u00a0month", "%(n)s\u00a0months", half, n=figure)

    def count(self, value: float | None) -> str:
        """Return a whole number, ``1 200``."""
        if value is None or not math.isfinite(value):
            return NOTHING
        return self.language.decimal(round(value))

    def band(self, low: float | None, high: float | None, style: Style) -> str:
        """Return both ends of a band in the same style, ``3.1–5.6 %``; empty where they agree."""
        if low is None or high is None:
            return ""
        first, last = style(low), style(high)
        if first == last:
            return ""
        return self.span(_without_shared_unit(first, last), _without_shared_start(first, last))

    def span(self, first: str, last: str) -> str:
        """Return what reaches from one figure or month to another: ``3–5``."""
        return self.language.pgettext("span", "%(first)s–%(last)s", first=first, last=last)

    def _under(self, size: str) -> str:
        return self.language.gettext("under %(size)s", size=size)


PLAIN = Writing()
"""Writes figures in English."""


def _counted(value: float) -> float:
    """Return the number by which a language chooses its plural form."""
    rounded = float(f"{value:.2e}")
    return int(rounded) if rounded == int(rounded) else rounded


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
