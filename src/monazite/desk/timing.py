"""When an act was announced, from when and until when it holds: read from its sentences."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monazite.desk.attribution import Story, acts
from monazite.desk.clock import moved
from monazite.desk.date_words import DateKind
from monazite.desk.dates import DateMention
from monazite.desk.gazetteer import folded
from monazite.desk.quantities import Quantity, QuantityKind
from monazite.desk.schema import Precision
from monazite.desk.sentences import Sentence

NEAR_DAYS = 4
"""A date this many days before publication or nearer is most likely the day of the news."""
FRESH_DAYS = 12
"""A date this many days before publication or nearer is news."""
STALE_DAYS = 60
"""An older date is history."""
NEIGHBOURS = 3
"""Sentences before or behind that may hold the date an act begins or ends."""
AT_ONCE = re.compile(
    r"immediately|immediate effect|at once|with effect from today|day of (?:its )?signature",
    re.IGNORECASE,
)
"""Words that say that an act holds from its announcement."""
_OF_AT_ONCE = ("mmed", "t once", "effect from", "day of")
"""Of these words, in small letters, what most pages have none of."""
FARTHEST = 40_000
"""Days of the longest time in days or weeks that is reckoned with: about a century."""
DAYS = {"day": 1, "week": 7}
LASTING = frozenset({"suspended", "extended", "in_force", "announced", "conditional", "approved"})
"""Statuses of an act of which a length of time says how long it holds."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Dates of an act. ``places`` : field and place of the words that each rests on.

    ``is_ahead`` : whether the day it holds from lies behind publication; None where its words
    give no such day. ``is_at_once`` : the words say so. ``is_over`` : a record says that it
    ended before it was published.
    """

    date: str | None = None
    effective: str | None = None
    end: str | None = None
    is_ahead: bool | None = None
    is_at_once: bool = False
    is_over: bool = False
    is_fresh: bool = False
    is_stale: bool = False
    places: tuple[tuple[str, int, int], ...] = ()


def timing(story: Story, instrument: str, told: Sequence[Sentence], status: str) -> Timing:
    """Read the dates of an act from its clearest sentence, then from those around it.

    Parameters
    ----------
    story : Story
        The page.
    instrument : str
        What the act is.
    told : sequence of Sentence
        What tells it, the clearest first.
    status : str
        How far it has come: what is in force holds from its announcement, unless dated.
    """
    published = _published(story)
    near = [*told, *_around(story, told[0])]
    record = story.record
    announced = record.get("announced") or _announced(story, told, published)
    announced = announced or _begun(told, published)
    begins = record.get("effective") or _first(near, lambda mention: _is_start(mention, published))
    until = record.get("end") or _first(near, lambda mention: _is_end(mention, published))
    day = announced.value if announced else _day(story)
    at_once = begins is None and _says_at_once(story, near)
    effective = begins.value if begins else _from_day(instrument, status, day, at_once=at_once)
    end = until.value if until else _after_duration(near, status, effective or day)
    ages = [_age(mention, published) for mention in told[0].dates if mention.kind is DateKind.POINT]
    known = [age for age in ages if age is not None]
    dated = (("date", announced), ("effective", begins), ("end", until))
    return Timing(
        date=day,
        effective=effective,
        end=end,
        is_ahead=_is_ahead(begins, story) if _stands_in(begins, told, record) else None,
        is_at_once=at_once,
        is_over=_is_past(record.get("end"), story),
        is_fresh=any(-3 <= age <= FRESH_DAYS for age in known),
        is_stale=bool(known) and min(known) > STALE_DAYS,
        places=tuple((field, m.start, m.end) for field, m in dated if m is not None),
    )


def _around(story: Story, sentence: Sentence) -> list[Sentence]:
    first = max(0, sentence.number - 2)
    return [
        other
        for other in story.sentences[first : sentence.number + 1 + NEIGHBOURS]
        if other is not sentence
    ]


def _is_ahead(mention: DateMention | None, story: Story) -> bool | None:
    published = _day(story)
    if mention is None or published is None:
        return None
    return mention.value > published[: len(mention.value)]


def _stands_in(
    mention: DateMention | None, told: Sequence[Sentence], record: Mapping[str, DateMention]
) -> bool:
    """Whether a date stands in the sentences that tell the act, or in a field of a record."""
    return mention in record.values() or any(mention in sentence.dates for sentence in told)


def _first(
    sentences: Sequence[Sentence], fits: Callable[[DateMention], bool]
) -> DateMention | None:
    return next((m for sentence in sentences for m in sentence.dates if fits(m)), None)


def _published(story: Story) -> date | None:
    dated = story.page.published
    if dated is None or dated.precision is not Precision.DAY:
        return None
    return date.fromisoformat(dated.value)


def _day(story: Story) -> str | None:
    return story.page.published.value if story.page.published else None


def _as_date(value: str) -> date:
    return date.fromisoformat(f"{value}-01-01"[:10])


def _age(mention: DateMention, published: date | None) -> int | None:
    """Return days from a mention to publication; negative for what lies ahead."""
    if published is None:
        return None
    if mention.precision is Precision.DAY:
        return (published - _as_date(mention.value)).days
    is_ahead = mention.value >= published.isoformat()[: len(mention.value)]
    return -2 if is_ahead else (published - _as_date(mention.value)).days


def _announced(
    story: Story, told: Sequence[Sentence], published: date | None
) -> DateMention | None:
    """Return the day on which it was told or happened: near publication and not ahead.

    A near day in another sentence goes before an older one in the act's own.
    """
    others = [part for part in story.sentences if part.dates and not _is_hearsay(story, part)]
    for limit in (NEAR_DAYS, FRESH_DAYS, STALE_DAYS):
        for sentence in (*told, *others):
            for mention in sentence.dates:
                if _is_day_of(mention, published, limit):
                    return mention
    return None


def _is_hearsay(story: Story, sentence: Sentence) -> bool:
    """Whether a sentence begins with its source: its day is that of the telling."""
    return story.page.text.startswith("According to", sentence.start)


def _is_past(mention: DateMention | None, story: Story) -> bool:
    published = _day(story)
    if mention is None or published is None:
        return False
    return mention.value[: len(published)] <= published[: len(mention.value)]


def _begun(told: Sequence[Sentence], published: date | None) -> DateMention | None:
    """Return the day from which it holds, where that is just past: it was known by then."""
    return _first(told, lambda m: m.kind is DateKind.FROM and _is_near(m, published))


def _is_near(mention: DateMention, published: date | None) -> bool:
    age = _age(mention, published)
    return mention.precision is Precision.DAY and age is not None and 0 <= age <= NEAR_DAYS


def _is_day_of(mention: DateMention, published: date | None, limit: int) -> bool:
    if mention.kind in (DateKind.UNTIL, DateKind.FROM) or mention.precision is not Precision.DAY:
        return False
    age = _age(mention, published)
    return age is None or -1 <= age <= limit


def _is_start(mention: DateMention, published: date | None) -> bool:
    age = _age(mention, published)
    if mention.kind is DateKind.FROM:
        return age is None or age <= STALE_DAYS
    return mention.kind is DateKind.POINT and age is not None and age < -1


def _is_end(mention: DateMention, published: date | None) -> bool:
    age = _age(mention, published)
    return mention.kind is DateKind.UNTIL and (age is None or age < -1)


def _from_day(instrument: str, status: str, day: str | None, *, at_once: bool) -> str | None:
    """Return the day of announcement for what holds at once."""
    is_rule = acts()[instrument].doer == "state"
    return day if at_once or (is_rule and status == "in_force") else None


def _says_at_once(story: Story, near: Sequence[Sentence]) -> bool:
    text = story.page.text
    small = folded(text)
    if not any(part in small for part in _OF_AT_ONCE):
        return False
    return any(AT_ONCE.search(text, part.start, part.end) for part in near)


def _after_duration(near: Sequence[Sentence], status: str, start: str | None) -> str | None:
    """Return the end of what holds for a time: ``paused for one year``."""
    if start is None or len(start) < 10 or status not in LASTING:
        return None
    for sentence in near[:1]:
        for size in sentence.sizes:
            if size.kind is QuantityKind.DURATION:
                return _end_of(date.fromisoformat(start), size)
    return None


def _end_of(start: date, length: Quantity) -> str | None:
    """Return the day on which a length of time ends; hours end on no day of their own."""
    is_endless = length.value * DAYS.get(length.unit, 0) > FARTHEST
    end = None if is_endless or length.unit == "hour" else moved(start, length.value, length.unit)
    return end.isoformat() if end else None
