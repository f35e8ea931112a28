"""The day that a text speaks on, and the dates that are reckoned from it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import NamedTuple, Self

from monazite.desk.schema import DateBasis, Dated, PartialDate, Precision


class Value(NamedTuple):
    """A date as a text gives it."""

    value: PartialDate
    precision: Precision
    basis: DateBasis = DateBasis.TEXT


class Cost(NamedTuple):
    """How dear a day ahead and a day behind is, by the way that a sentence looks."""

    ahead: float
    behind: float


NEUTRAL = Cost(ahead=4, behind=1)
BACKWARD = Cost(ahead=30, behind=1)
FORWARD = Cost(ahead=1, behind=4)
NEVER_PAST = Cost(ahead=1, behind=30)
_NEAR_DAY = 6
"""A day of the month is told of up to some weeks before it comes, whatever the tense."""


@dataclass(frozen=True, slots=True)
class PublicationDay:
    """The day of publication, as far as it is known."""

    middle: date | None
    precision: Precision

    @classmethod
    def from_dated(cls, published: Dated | None) -> Self:
        """Return the clock of a page; one that knows nothing if it has no date."""
        if published is None:
            return cls(None, Precision.YEAR)
        parts = [int(part) for part in published.value.split("-")]
        if len(parts) == 1:
            return cls(day_or_none(parts[0], 7, 1), Precision.YEAR)
        if len(parts) == 2:
            return cls(day_or_none(parts[0], parts[1], 15), Precision.MONTH)
        return cls(day_or_none(*parts), Precision.DAY)

    @property
    def day(self) -> date | None:
        """The day, if it is known."""
        return self.middle if self.precision is Precision.DAY else None

    @property
    def month(self) -> date | None:
        """The day or the middle of the month, if that much is known."""
        return self.middle if self.precision in {Precision.DAY, Precision.MONTH} else None

    @property
    def year(self) -> int | None:
        """The year, if it is known."""
        return None if self.middle is None else self.middle.year

    def nearest(self, month: int, day: int | None, cost: Cost) -> int | None:
        """Return the year that brings a month or a day nearest."""
        today = self.month
        if today is None:
            return None
        if day is None and month == today.month:
            return today.year

        def distance(choice: date) -> float:
            gap = (choice - today).days
            ahead = cost.ahead if day is None else min(cost.ahead, _NEAR_DAY)
            return gap * ahead if gap > 0 else -gap * cost.behind

        return min(_possible(today.year, month, day or 15), key=distance, default=today).year

    def strictly(self, month: int, side: int) -> int | None:
        """Return the year of "last April" (``side`` -1) or "next April" (1)."""
        today = self.month
        if today is None:
            return None
        return today.year + (side if (month - today.month) * side <= 0 else 0)

    def shifted(self, span: str, shift: int) -> Value | None:
        """Return the week, month, quarter or year that lies ``shift`` of them ahead.

        A week is given as its month; one that lies in two months has no such value.
        """
        basis, today = DateBasis.WEEKDAY, self.month
        if span == "year":
            return None if self.year is None else of_year(self.year + shift, basis)
        if today is None:
            return None
        if span == "month":
            return of_month(*month_away(today, shift), basis)
        if span == "quarter":
            return of_quarter(*month_away(today, 3 * shift), basis)
        return self._week(shift)

    def _week(self, shift: int) -> Value | None:
        if self.day is None:
            return None
        try:
            monday = self.day - timedelta(days=self.day.weekday() - 7 * shift)
            sunday = monday + timedelta(days=6)
        except OverflowError:
            return None
        same = monday.month == sunday.month
        return of_month(monday.year, monday.month, DateBasis.WEEKDAY) if same else None

    def days_away(self, days: int) -> Value | None:
        """Return the day that lies ``days`` ahead, if today is known."""
        if self.day is None:
            return None
        try:
            day = self.day + timedelta(days=days)
        except OverflowError:
            return None
        return Value(day.isoformat(), Precision.DAY, DateBasis.WEEKDAY)


def _possible(year: int, month: int, day: int) -> list[date]:
    # a leap day may lie four years off
    years = range(year - 4, year + 5) if (month, day) == (2, 29) else range(year - 1, year + 3)
    return [choice for one in years if (choice := day_or_none(one, month, day)) is not None]


def day_or_none(year: int, month: int, day: int) -> date | None:
    """Return a day of the calendar, or nothing if there is no such day."""
    if not (1 <= month <= 12 and _is_year(year) and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def month_away(day: date, months: int) -> tuple[int, int]:
    """Return the year and month that lie some months from a day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return year, month + 1


def of_day(year: int, month: int, day: int) -> Value | None:
    """Return a day, or nothing if the calendar has none such."""
    found = day_or_none(year, month, day)
    return None if found is None else Value(found.isoformat(), Precision.DAY)


def of_month(year: int, month: int, basis: DateBasis = DateBasis.TEXT) -> Value | None:
    """Return a month, or nothing if the calendar does not have its year."""
    return Value(f"{year:04}-{month:02}", Precision.MONTH, basis) if _is_year(year) else None


def of_quarter(year: int, month: int, basis: DateBasis = DateBasis.TEXT) -> Value | None:
    """Return the quarter of a month, as its first month, or nothing as `of_month`."""
    first = (month - 1) // 3 * 3 + 1
    return Value(f"{year:04}-{first:02}", Precision.QUARTER, basis) if _is_year(year) else None


def of_year(year: int, basis: DateBasis = DateBasis.TEXT) -> Value | None:
    """Return a year, or nothing if the calendar does not have it."""
    return Value(f"{year:04}", Precision.YEAR, basis) if _is_year(year) else None


def _is_year(year: int) -> bool:
    return MINYEAR <= year <= MAXYEAR


def later(value: PartialDate, length: float, unit: str) -> PartialDate:
    """Return the date that lies a length of time after another, no more precise than it.

    Parameters
    ----------
    value : PartialDate
        Day, month or year.
    length, unit
        Of a :class:`~monazite.desk.numerals.DurationMention`.

    Examples
    --------
    >>> later("2025-05-14", 90, "day"), later("2025-10", 1, "year"), later("2025-01-31", 1, "month")
    ('2025-08-12', '2026-10', '2025-02-28')
    """
    year, month, day = ([int(part) for part in value.split("-")] + [1, 1])[:3]
    end = moved(date(year, month, day), length, unit)
    return value if end is None else end.isoformat()[: len(value)]


def moved(day: date, length: float, unit: str) -> date | None:
    """Return the day a length of time after another; None where the calendar ends before."""
    if unit in {"month", "year"}:
        year, month = month_away(day.replace(day=1), round(length * (12 if unit == "year" else 1)))
        if not _is_year(year):
            return None
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    days = length * {"hour": 1 / 24, "day": 1, "week": 7}[unit]
    return day + timedelta(days=days) if days <= (date.max - day).days else None
