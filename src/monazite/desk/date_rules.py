"""The grammar of dates: what a date looks like and how it is read, by language."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from monazite.desk.clock import (
    FORWARD,
    NEVER_PAST,
    Value,
    of_day,
    of_month,
    of_quarter,
    of_year,
)
from monazite.desk.date_words import CJK, DateText, Words, words_of
from monazite.desk.numerals import Finder, either

Reader = Callable[[re.Match[str], DateText], Value | None]
Rule = tuple[re.Pattern[str], Reader]

# also in full-width and Arabic-Indic figures
_YEAR = r"(?:[1\uff11\u0661][9\uff19\u0669]|[2\uff12\u0662][0\uff10\u0660])\d\d"


def _year_or_nearest(
    year: str | None, month: int, day: int | None, match: re.Match[str], reading: DateText
) -> Value | None:
    if year is not None:
        known: int | None = int(year)
    else:
        known = reading.clock.nearest(month, day, reading.cost(match.start(), match.end()))
    if known is None:
        return None
    return of_month(known, month) if day is None else of_day(known, month, day)


def _is_name(match: re.Match[str], reading: DateText) -> bool:
    """Whether a month's word that also means something else is written as a name."""
    word, place = match["month"], match.start("month")
    return word not in reading.words.doubtful or reading.text[place].isupper()


def _day_month(match: re.Match[str], reading: DateText) -> Value | None:
    if match["year"] is None and not _is_name(match, reading):
        return None
    month = reading.words.months[match["month"]]
    return _year_or_nearest(match["year"], month, int(match["day"]), match, reading)


def _month_year(match: re.Match[str], reading: DateText) -> Value | None:
    return of_month(int(match["year"]), reading.words.months[match["month"]])


_SIDES = MappingProxyType({"last": -1, "previous": -1, "next": 1})


def _month_alone(match: re.Match[str], reading: DateText) -> Value | None:
    before = reading.word_before(match.start())
    led = before in reading.words.leads
    if match["month"] in reading.words.doubtful and not (led and _is_name(match, reading)):
        return None
    if not led and not reading.text[match.start()].isupper():
        return None
    month = reading.words.months[match["month"]]
    year = reading.clock.year
    if before in _SIDES:
        year = reading.clock.strictly(month, _SIDES[before])
    elif before != "this":
        return _year_or_nearest(None, month, None, match, reading)
    return None if year is None else of_month(year, month)


def _weekday(match: re.Match[str], reading: DateText) -> Value | None:
    today = reading.clock.day
    if today is None:
        return None
    gap = (reading.words.weekdays[match["weekday"]] - today.weekday()) % 7
    before = reading.word_before(match.start())
    if before == "next":
        return reading.clock.days_away(gap or 7)
    if before == "last":
        return reading.clock.days_away(gap - 7)
    if reading.cost(match.start(), match.end()) in {FORWARD, NEVER_PAST}:
        return reading.clock.days_away(gap)
    return reading.clock.days_away(gap - 7 if gap else 0)


def _near(match: re.Match[str], reading: DateText) -> Value | None:
    return reading.clock.days_away(reading.words.near[match[0]])


def _span(match: re.Match[str], reading: DateText) -> Value | None:
    return reading.clock.shifted(*reading.words.spans[match[0]])


_SHIFT = MappingProxyType(
    {"this": 0, "current": 0, "last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1,
     "following": 1}
)  # fmt: skip


def _shifted(match: re.Match[str], reading: DateText) -> Value | None:
    """Read "last month", "next year", "later this quarter"."""
    return reading.clock.shifted(match["span"], _SHIFT[match["shift"]])


_ORDINAL = MappingProxyType({"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4})


def _part_of_year(match: re.Match[str], reading: DateText) -> Value | None:
    """Read a quarter or a half year: "Q4 this year", "first half of 2026", "H1"."""
    part = match["part"]
    number = _ORDINAL[part] if part in _ORDINAL else int(part[0])
    is_half = match["unit"].startswith("h")
    if is_half and number > 2:
        return None
    month = (number - 1) * (6 if is_half else 3) + 1
    year = _year_of_part(match, month, reading)
    if year is None:
        return None
    return of_month(year, month) if is_half else of_quarter(year, month)


def _year_of_part(match: re.Match[str], month: int, reading: DateText) -> int | None:
    parts = match.groupdict()
    if parts.get("year") is not None:
        return _full_year(match["year"])
    if parts.get("shift") is not None:
        year = reading.clock.year
        return None if year is None else year + _SHIFT[match["shift"]]
    return reading.clock.nearest(month, None, reading.cost(match.start(), match.end()))


def _full_year(figures: str) -> int:
    year = int(figures)
    return year if year >= 100 else 2000 + year


def _fiscal(match: re.Match[str], _: DateText) -> Value | None:
    return of_year(_full_year(match["year"]))


def _two_years(match: re.Match[str], _: DateText) -> Value | None:
    """Read "2025-26", a year that begins in one and ends in the next."""
    year = int(match["year"])
    return of_year(year) if (year + 1) % 100 == int(match["next"]) else None


def _iso(match: re.Match[str], _: DateText) -> Value | None:
    return of_day(int(match["year"]), int(match["month"]), int(match["day"]))


def _iso_month(match: re.Match[str], _: DateText) -> Value | None:
    month = int(match["month"])
    return of_month(int(match["year"]), month) if 1 <= month <= 12 else None


def _cjk(match: re.Match[str], reading: DateText) -> Value | None:
    parts = match.groupdict()
    year, day = parts.get("year"), parts.get("day")
    if parts.get("month") is None:
        return of_year(int(match["year"]))
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    return _year_or_nearest(year, month, int(day) if day else None, match, reading)


def _day_alone(match: re.Match[str], reading: DateText) -> Value | None:
    """Read 17日, the last day of that number."""
    today = reading.clock.day
    if today is None or reading.words.language not in CJK:
        return None
    back = (0, -1) if int(match["day"]) <= today.day else (-1,)
    year, month = divmod(today.year * 12 + today.month - 1 + back[0], 12)
    return of_day(year, month + 1, int(match["day"]))


def _figures(match: re.Match[str], reading: DateText) -> Value | None:
    """Read 28/10/2025 and 10/28/2025; where both orders are possible there is no date."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if reading.words.day_first or match["sign"] == "." or first > 12 or first == second:
        return of_day(year, second, first)
    return of_day(year, first, second) if second > 12 else None


_SIGNS_BEFORE = frozenset("$€£¥₹₩.,/-–#°'\u00a0")


def _year_alone(match: re.Match[str], reading: DateText) -> Value | None:
    start = match.start()
    before = reading.lowered[max(0, start - 1) : start]
    if before in _SIGNS_BEFORE and not _is_led_by_dash(reading.lowered, start):
        return None
    if reading.word_before(start) in reading.words.not_years:
        return None
    return of_year(int(match["year"]))


_DASHED = re.compile(r"(?:mid|early|late|end|pre|post|\d{4})[-–]$")


def _is_led_by_dash(lowered: str, start: int) -> bool:
    """Whether a year follows mid-, end- or another year."""
    return start == 0 or _DASHED.search(lowered[max(0, start - 6) : start]) is not None


_DAY_ENDS = r"(?:st|nd|rd|th|er|º|ª|\.)?"
_CJK_RULES: tuple[Rule, ...] = (
    (re.compile(rf"(?P<year>{_YEAR})年(?:(?P<month>\d{{1,2}})月(?:(?P<day>\d{{1,2}})日)?)?"), _cjk),
    (re.compile(r"(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?"), _cjk),
    (re.compile(r"(?P<day>\d{1,2})日(?!間|间)"), _day_alone),
)
_DAY_RULES: tuple[Rule, ...] = (
    (
        re.compile(
            rf"(?P<first>\d{{1,2}})(?P<sign>[-/.])(?P<second>\d{{1,2}})(?P=sign)(?P<year>{_YEAR})(?!\d)"
        ),
        _figures,
    ),
    (
        re.compile(rf"(?P<part>[1-4])(?P<unit>[qh])[\s-]?(?:fy)?(?P<year>{_YEAR}|\d\d)(?!\w)"),
        _part_of_year,
    ),
)
_YEAR_RULES: tuple[Rule, ...] = (
    (
        re.compile(
            rf"(?P<year>{_YEAR})(?P<sign>[-/.])(?P<month>\d{{1,2}})(?P=sign)(?P<day>\d{{1,2}})(?!\d)"
        ),
        _iso,
    ),
    (re.compile(rf"(?P<year>{_YEAR})[- ]?(?P<unit>[qh])(?P<part>[1-4])(?!\w)"), _part_of_year),
    (re.compile(r"(?P<year>20\d\d)[-–/](?P<next>\d\d)(?![\w-])"), _two_years),
    (re.compile(r"(?P<year>20\d\d)-(?P<month>\d\d)(?![\w-])"), _iso_month),
    (
        re.compile(
            rf"(?P<year>{_YEAR})(?![\da-z%$€£°]|[.,:]\d|-[a-z]\d|[-\s]?(?:mw|kg|km|mt|kt|m|t|tonnes?|"
            r"tons?|workers|jobs|employees|people|metres|meters|parts|pounds|dollars|yuan|euros|"
            r"hectares|million|billion|bn|per\scent|percent)\b)"
        ),
        _year_alone,
    ),
)
_OF_YEAR = (
    r"(?:[\s,]{1,3}(?:of\s)?(?:the\s)?(?:(?:fiscal|financial|calendar)\s)?(?:year\s|fy)?"
    rf"(?:(?P<year>{_YEAR})(?!\d)|(?P<shift>this|next|last)\syear))?"
)
_ENGLISH_RULES: tuple[Rule, ...] = (
    (
        re.compile(
            rf"(?P<part>first|second|third|fourth|final)[\s-](?P<unit>quarter|half)\b{_OF_YEAR}"
        ),
        _part_of_year,
    ),
    (re.compile(rf"(?P<unit>[qh])(?P<part>[1-4])\b{_OF_YEAR}"), _part_of_year),
    (
        re.compile(
            rf"(?:(?:fiscal|financial)(?:\syear)?|fy)[\s-]?(?P<year>{_YEAR}|\d\d)"
            r"(?:[-–/](?:\d{4}|\d\d))?(?!\w)"
        ),
        _fiscal,
    ),
    (
        re.compile(
            r"(?:(?:earlier|later|late|early|end|end\sof)\s)?(?P<shift>this|last|next|previous|past|"
            r"current|coming|following)\s(?:fiscal\s|calendar\s|financial\s)?"
            r"(?P<span>week|month|quarter|year)\b(?!-|\s(?:ago|earlier))"
        ),
        _shifted,
    ),
)
_ORDINAL_FIGURE: Rule = (
    re.compile(rf"(?P<part>[1-4])(?:st|nd|rd|th)[\s-](?P<unit>quarter|half)\b{_OF_YEAR}"),
    _part_of_year,
)
_FISCAL_YEARS = tuple(f"fy{year}" for year in (*range(10, 50), *range(2000, 2050)))


def _dated_rules(words: Words) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the rules that begin with a day's figure, and those that begin with a month."""
    named = rf"(?:(?:{either(words.weekdays)})\b\.?,?\s)?" if words.weekdays else ""
    month = rf"(?P<month>{either(words.months)})(?!\w)\.?"
    year = rf"(?:(?:\.?,?\s{{1,3}}|[-/])(?:del?\s|of\s)?(?P<year>{_YEAR})(?!\d))"
    day = rf"(?P<day>\d{{1,2}}){_DAY_ENDS}"
    day_first = (
        rf"{named}{day}(?:\s?(?:[-–]|to|and|al|au|et|y|bis)\s?\d{{1,2}}{_DAY_ENDS})?"
        rf"[\s-]{{1,3}}(?:of\s|de\s|d['’])?{month}{year}?"
    )
    month_first = (
        rf"{named}{month}\s{{1,3}}{day}(?![\d%]|[,:/]\d|\s?(?:%|per\s?cent|million|billion))"
        rf"(?:\s?[-–]\s?\d{{1,2}}(?!\d))?{year}?"
    )
    by_figure: tuple[Rule, ...] = ((re.compile(day_first), _day_month),)
    by_month: tuple[Rule, ...] = (
        (re.compile(month_first), _day_month),
        (re.compile(rf"{month}{year}"), _month_year),
        (re.compile(month), _month_alone),
    )
    return by_figure, by_month


class Grammar(NamedTuple):
    """Where dates can begin in a language, and the rules to try there."""

    words: Words
    finder: Finder
    by_word: Mapping[str, tuple[Rule, ...]]
    by_length: Mapping[int, tuple[Rule, ...]]
    otherwise: tuple[Rule, ...]

    def rules(self, word: str) -> tuple[Rule, ...]:
        """Return the rules for a date that begins with a word or figure."""
        if word[0].isdecimal():
            return self.by_length.get(len(word), ())
        return self.by_word.get(word, self.otherwise)


@cache
def grammar_of(language: str, *, has_cjk: bool = True) -> Grammar:
    """Return the grammar of a language; one that is not known is read for figures alone.

    ``has_cjk`` : the text has the signs 年, 月 or 日 in it; without them their rules need no trial.
    """
    words = words_of(language)
    by_figure, by_month = _dated_rules(words) if words.months else ((), ())
    weekday: Rule = (re.compile(rf"(?P<weekday>{either(words.weekdays)})"), _weekday)
    by_weekday = (*by_figure, *by_month[:1], weekday)
    by_word: dict[str, tuple[Rule, ...]] = {
        **dict.fromkeys(words.months, by_month),
        **dict.fromkeys(words.weekdays, by_weekday),
        **dict.fromkeys(words.near, ((re.compile(either(words.near)), _near),)),
        **dict.fromkeys(words.spans, ((re.compile(either(words.spans)), _span),)),
    }
    english = _ENGLISH_RULES if language == "en" else ()
    short = (*_DAY_RULES, _ORDINAL_FIGURE)
    cjk = _CJK_RULES if has_cjk else ()
    anchors = [*by_word, *words.openings, *(_FISCAL_YEARS if english else ())]
    return Grammar(
        words,
        Finder(anchors, whole=language not in CJK),
        by_word,
        {
            1: (*cjk[1:], *by_figure, *short),
            2: (*cjk[1:], *by_figure, *short),
            4: (*cjk[:1], *_YEAR_RULES),
        },
        english,
    )
