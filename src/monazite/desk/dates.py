"""The dates that a text gives, reckoned from the day it was published; nothing is guessed.

A date without a year, a weekday or "last month" needs the day of publication; without it there is
no mention. Where a text can mean two years the nearer one is taken, and its cues ("from", "until",
"will", "was") say which side is nearer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from monazite.desk.clock import PublicationDay, Value, month_away, of_month, of_year
from monazite.desk.date_rules import Grammar, grammar_of
from monazite.desk.date_words import DateKind, DateText
from monazite.desk.numerals import find_numbers
from monazite.desk.schema import DateBasis, Dated, PartialDate, Precision

_LONGEST = 200
"""Characters of a string in which :func:`read_date` looks for a date."""


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date that a text gives. ``value`` : the first day, month or year that it names.

    ``basis`` : ``weekday`` where it was reckoned from the day of publication.
    """

    start: int
    end: int
    value: PartialDate
    precision: Precision
    basis: DateBasis
    kind: DateKind


def find_dates(
    text: str, *, published: Dated | None, language: str = "en", start: int = 0
) -> tuple[DateMention, ...]:
    """Find every date in a text, in the order of the text.

    Parameters
    ----------
    text : str
        A sentence or a whole page.
    published : Dated or None
        The day, month or year of publication, from which weekdays, dates without a year and
        "last month" are reckoned; without it they are left out.
    language : str
        ISO 639-1; a language outside :data:`LANGUAGES` is read for figures alone.
    start : int
        Where the text begins in a longer one; added to every place.

    Examples
    --------
    >>> day = read_date("2019-09-02")
    >>> [(one.value, one.kind.value) for one in
    ...  find_dates("Ore may not leave after Jan. 1, it said on Monday", published=day)]
    [('2020-01-01', 'from'), ('2019-09-02', 'point')]
    """
    grammar = grammar_of(language, has_cjk=_CJK_DATE.search(text) is not None)
    reading = DateText(text, PublicationDay.from_dated(published), grammar.words)
    found = sorted([*_mentions(reading, grammar), *_ago(reading)], key=lambda one: one.start)
    joined = _joined(reading.lowered, found)
    if not start:
        return tuple(joined)
    return tuple(replace(one, start=one.start + start, end=one.end + start) for one in joined)


_DIGITS = re.compile(r"\d+")
_NO_DATE_AFTER = frozenset(".,_$€£¥₹abcdefghijklmnopqrstuvwxyz")
_CJK_DATE = re.compile("[年月日]")


def _anchors(reading: DateText, grammar: Grammar) -> list[tuple[int, int]]:
    """Return the places where a date may begin, in order."""
    lowered = reading.lowered
    figures = [
        (begin, end)
        for begin, end in map(re.Match.span, _DIGITS.finditer(lowered))
        if end - begin <= 4 and not (begin and lowered[begin - 1] in _NO_DATE_AFTER)
    ]
    return sorted([*figures, *grammar.finder.find(lowered)])


def _mentions(reading: DateText, grammar: Grammar) -> Iterator[DateMention]:
    free = 0
    lowered = reading.lowered
    for begin, end in _anchors(reading, grammar):
        if begin < free:
            continue
        for pattern, read in grammar.rules(lowered[begin:end]):
            match = pattern.match(lowered, begin)
            value = read(match, reading) if match else None
            if match and value:
                free = match.end()
                yield _mention(reading, begin, free, value)
                break
            if match and _is_impossible(match):
                free = match.end()
                break


def _is_impossible(match: re.Match[str]) -> bool:
    """Whether a match without a value names a day of a year, such as 31 February 2025."""
    parts = match.groupdict()
    return bool(parts.get("day") and parts.get("year"))


def _mention(reading: DateText, begin: int, end: int, value: Value) -> DateMention:
    # a full stop belongs to the sentence unless the month is cut short
    if reading.lowered[end - 1] == ".":
        end -= 1
    return DateMention(begin, end, *value, reading.cue(begin))


_UNIT_AGO = re.compile(r"\s(?P<unit>day|month|year)s?\sago\b")


def _ago(reading: DateText) -> Iterator[DateMention]:
    """Yield "two years ago"; a week is too vague for a day."""
    if reading.words.language != "en" or " ago" not in reading.lowered:
        return
    for number in find_numbers(reading.lowered):
        match = _UNIT_AGO.match(reading.lowered, number.end)
        value = _back(reading.clock, number.value, match["unit"]) if match else None
        if match and value:
            yield DateMention(number.start, match.end(), *value, DateKind.POINT)


def _back(clock: PublicationDay, count: float, unit: str) -> Value | None:
    if count > 500 or count != int(count):
        return None
    if unit == "day":
        return clock.days_away(-int(count))
    if unit == "year":
        return None if clock.year is None else of_year(clock.year - int(count), DateBasis.WEEKDAY)
    today = clock.month
    if today is None:
        return None
    return of_month(*month_away(today, -int(count)), DateBasis.WEEKDAY)


_DASH = re.compile(r"\s?(?:[-–—]|to|through|until|till|bis|au|al|hasta)\s?")
_HAS_YEAR = re.compile(r"\d{4}")


def _joined(lowered: str, found: list[DateMention]) -> Iterator[DateMention]:
    """Yield the mentions; of two that a dash joins one is the start and one the end."""
    until = False
    for place, one in enumerate(found):
        mention = replace(one, kind=DateKind.UNTIL) if until and _is_open(one) else one
        following = found[place + 1] if place + 1 < len(found) else None
        until = bool(following and _DASH.fullmatch(lowered, one.end, following.start))
        if until and following and _is_open(mention):
            mention = _as_start(mention, following, lowered)
        yield mention


def _is_open(mention: DateMention) -> bool:
    return mention.kind is DateKind.POINT


def _as_start(mention: DateMention, following: DateMention, lowered: str) -> DateMention:
    """Return the start of a span of time, which takes its year from the end."""
    value = mention.value
    if not _HAS_YEAR.search(lowered, mention.start, mention.end) and len(value) > 4:
        value = following.value[:4] + value[4:]
        value = value if value <= following.value else mention.value
    return replace(mention, kind=DateKind.FROM, value=value)


_ISO_MONTH = re.compile(r"\s*((?:19|20)\d\d-(?:0[1-9]|1[0-2]))\s*")


def read_date(text: str, *, language: str = "en") -> Dated | None:
    """Read a string that is a date, as meta tags and bylines have it; no date, no answer.

    Examples
    --------
    >>> read_date("11:52 | 03 December 2024").value
    '2024-12-03'
    >>> read_date("10/11/2025") is None
    True
    """
    month = _ISO_MONTH.fullmatch(text[:_LONGEST])
    if month:
        return Dated(value=month[1], precision=Precision.MONTH, basis=DateBasis.TEXT)
    found = find_dates(text[:_LONGEST], published=None, language=language)
    days = [one for one in found if one.precision is Precision.DAY]
    if not (days or found):
        return None
    first = (days or found)[0]
    return Dated(value=first.value, precision=first.precision, basis=first.basis)
