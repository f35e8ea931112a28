"""What the pages of a site show of an event, a topic or a coverage, in one language."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from monazite.briefing import wording
from monazite.briefing.language import Language, mark
from monazite.briefing.reading import (
    LONGEST_QUOTE,
    address_of_words,
    context,
    is_web_address,
)
from monazite.briefing.site.content import SiteContent, SiteEvent, SitePage, SiteSettings
from monazite.briefing.site.news import Coverage, News
from monazite.desk.schema import EVERYBODY, INSTRUMENTS, Event, Evidence
from monazite.labels import GROUPS, REGIONS

MOST_QUOTES = 24
"""Pieces of evidence that an article shows."""
SEVERE, NOTABLE = 0.5, 0.25
"""Severity from which an event counts as severe, and as notable."""

_PLAIN = re.compile(r"[a-z0-9]+( [a-z0-9]+)*")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")

_FIELDS = {
    "instrument": mark("Instrument"),
    "status": mark("Status"),
    "actor": mark("By whom"),
    "actor_name": mark("Named in the text"),
    "target": mark("To whom"),
    "commodities": mark("Goods"),
    "date": mark("Date"),
    "effective": mark("In force from"),
    "end": mark("Until"),
    "magnitude": mark("Sizes"),
    "place": mark("Place"),
}
"""Fields of an event that an article's table shows, with what they are called."""

SEVERITIES = {
    "severe": mark("Severe"),
    "notable": mark("Notable"),
    "minor": mark("Minor"),
}


class TopicKind(StrEnum):
    """What a topic is; the folder of its pages."""

    GOODS = "goods"
    REGIONS = "regions"
    MEASURES = "measures"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Card:
    """An event in a list. ``path`` : below the folder of the language. ``iso`` : its date."""

    number: int
    headline: str
    dek: str
    path: str
    iso: str
    day: str
    section: str
    severity: str
    is_severe: bool
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A commodity, region, instrument or name with its events, the newest first."""

    kind: str
    label: str
    slug: str
    events: tuple[SiteEvent, ...] = ()

    @property
    def path(self) -> str:
        """Its first page, below the folder of the language."""
        return f"{self.kind}/{self.slug}.html"


@dataclass(frozen=True, slots=True)
class QuotedWords:
    """Words of a page in their line.

    ``number`` : of the note. ``field``, ``label`` : field of the event, and what it is called.
    ``start``, ``end`` : place in the page's text [characters].
    """

    number: int
    field: str
    label: str
    before: str
    words: str
    after: str
    url: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NotedStatement:
    """A statement and the numbers of the quotes that it rests on."""

    text: str
    notes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A row of the table of fields. ``lang`` : of words that are the page's own, else empty."""

    name: str
    value: str
    notes: tuple[int, ...]
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """A page that tells an event. ``url`` : empty unless it is an address of the web."""

    site: str
    headline: str
    url: str
    day: str
    iso: str
    language: str


class Views:
    """Shows events in a language.

    Parameters
    ----------
    news : News
        Events in their order and relations.
    language : Language
        Of the site's catalogue.
    settings : SiteSettings
        How the site is built.
    """

    def __init__(self, news: News, language: Language, settings: SiteSettings) -> None:
        self.news = news
        self.language = language
        self.settings = settings
        self._cards: dict[int, Card] = {}
        self._tellings: dict[int, wording.Telling] = {}

    @property
    def content(self) -> SiteContent:
        """What the site is made from."""
        return self.news.content

    # Lists

    def card(self, item: SiteEvent) -> Card:
        """Return an event as it stands in a list."""
        if item.number not in self._cards:
            self._cards[item.number] = self._made_card(item)
        return self._cards[item.number]

    def _made_card(self, item: SiteEvent) -> Card:
        telling = self.telling(item)
        day = self.content.day(item).isoformat()
        return Card(
            number=item.number,
            headline=telling.headline,
            dek=telling.dek,
            path=event_path(item),
            iso=item.event.date or day,
            day=wording.day(item.event.date or day, self.language.code),
            section=self.section(item),
            severity=(level := severity_level(self.news.severity(item))),
            is_severe=level == "severe",
            reviewed=item.reviewed,
        )

    def cards(self, items: Sequence[SiteEvent]) -> list[Card]:
        """Return events as they stand in a list."""
        return [self.card(item) for item in items]

    def section(self, item: SiteEvent) -> str:
        """Return what stands above a headline: the first commodity, else the instrument."""
        if item.event.commodities:
            name = wording.commodity_name(item.event.commodities[0], self.language.code)
            return name[:1].upper() + name[1:]
        return wording.instrument_name(item.event.instrument, self.language.code)

    def telling(self, item: SiteEvent) -> wording.Telling:
        """Return an event in words."""
        if item.number not in self._tellings:
            self._tellings[item.number] = wording.tell(item.event, self.language.code)
        return self._tellings[item.number]

    # Topics

    @cached_property
    def topics(self) -> Mapping[str, tuple[Topic, ...]]:
        """All topics by kind, those with most events first."""
        found: dict[tuple[str, str], list[SiteEvent]] = defaultdict(list)
        for item in self.news.acts:
            for kind, key in dict.fromkeys(topic_keys(item.event)):
                found[kind, key].append(item)
        topics: dict[str, list[Topic]] = defaultdict(list)
        for (kind, key), items in sorted(found.items(), key=lambda row: (-len(row[1]), row[0])):
            topics[kind].append(Topic(kind, self.label(kind, key), slug(key), tuple(items)))
        return {kind: tuple(rows) for kind, rows in topics.items()}

    def label(self, kind: str, key: str) -> str:
        """Return what a topic is called."""
        code = self.language.code
        namers: Mapping[str, Callable[[], str]] = {
            TopicKind.GOODS: lambda: wording.commodity_name(key, code),
            TopicKind.REGIONS: lambda: wording.state_name(key, code, brief=True),
            TopicKind.MEASURES: lambda: wording.instrument_name(key, code),
            TopicKind.NAMES: lambda: wording.safe_name(key),
        }
        name = namers[kind]()
        return name[:1].upper() + name[1:]

    def tags(self, event: Event) -> list[Topic]:
        """Return the topics of an event."""
        keys = dict.fromkeys(topic_keys(event))
        return [Topic(kind, self.label(kind, key), slug(key)) for kind, key in keys]

    def coverage_title(self, coverage: Coverage) -> str:
        """Return what a coverage is called: actors, goods and kind of act of its oldest event."""
        event = coverage.events[-1].event
        code = self.language.code
        parts = [
            self.language.listed([wording.state_name(n, code, brief=True) for n in event.actor]),
            self.language.listed([wording.commodity_name(n, code) for n in event.commodities[:3]]),
            wording.instrument_name(event.instrument, code),
        ]
        return " · ".join(part[:1].upper() + part[1:] for part in parts if part)

    # An article

    def told(self, item: SiteEvent, quotes: Sequence[QuotedWords]) -> list[NotedStatement]:
        """Return the statements of an event, each with its quotes."""
        notes = notes_by_field(quotes)
        return [
            NotedStatement(s.text, tuple(sorted({n for f in s.fields for n in notes.get(f, ())})))
            for s in self.telling(item).statements
        ]

    def quotes(self, item: SiteEvent) -> list[QuotedWords]:
        """Return the words that the fields of an event rest on."""
        page = self.content.page_of[item.page].page
        shown = [e for e in item.event.evidence if 0 <= e.start <= e.end <= len(page.text)]
        return [
            self._quote(number, evidence, self.content.page_of[item.page])
            for number, evidence in enumerate(shown[:MOST_QUOTES], start=1)
        ]

    def _quote(self, number: int, evidence: Evidence, page: SitePage) -> QuotedWords:
        before, after = context(page.page, evidence)
        words = page.page.text[evidence.start : evidence.end]
        field = evidence.field.partition("[")[0]
        name = _FIELDS.get(field)
        return QuotedWords(
            number=number,
            field=field,
            label=self.language.gettext(name) if name else wording.safe_name(field),
            before=_shown(before),
            words=_shown(words[:LONGEST_QUOTE]),
            after=_shown(after),
            url=address_of_words(page.page.url, words),
            start=evidence.start,
            end=evidence.end,
        )

    def facts(self, item: SiteEvent, quotes: Sequence[QuotedWords]) -> list[FieldRow]:
        """Return the fields that an event has."""
        notes = notes_by_field(quotes)
        source_language = self.content.page_of[item.page].page.language
        found = []
        for field, value in self._values(item.event):
            if not value:
                continue
            own = source_language if field in ("actor_name", "place") else ""
            label = self.language.gettext(_FIELDS[field])
            found.append(FieldRow(label, value, notes.get(field, ()), own))
        return found

    def _values(self, event: Event) -> Iterator[tuple[str, str]]:
        """Yield the fields that an event has, in words."""
        code, listed = self.language.code, self.language.listed
        goods = [wording.commodity_name(name, code) for name in event.commodities]
        yield "instrument", wording.instrument_name(event.instrument, code)
        yield "status", wording.status_name(event.status, code)
        for field in ("actor", "target"):
            yield field, listed([self._party(name) for name in getattr(event, field)])
        for field in ("actor_name", "place"):
            yield field, wording.safe_name(getattr(event, field) or "")
        yield "commodities", listed(goods)
        for field in ("date", "effective", "end"):
            date = getattr(event, field)
            yield field, wording.day(date, code) if date else ""
        yield "magnitude", "; ".join(wording.size(item, code) for item in event.magnitude)

    def _party(self, name: str) -> str:
        if name == EVERYBODY:
            return self.language.gettext(mark("all countries"))
        return wording.state_name(name, self.language.code, brief=True)

    def origin(self, item: SiteEvent) -> Origin:
        """Return the page that tells an event."""
        page = self.content.page_of[item.page].page
        day = page.published.value if page.published else ""
        return Origin(
            site=wording.safe_name(page.site) or wording.safe_name(page.id),
            headline=wording.safe_name(page.headline),
            url=page.url if is_web_address(page.url) else "",
            day=wording.day(day, self.language.code) if day else "",
            iso=day,
            language=page.language,
        )


def notes_by_field(quotes: Sequence[QuotedWords]) -> Mapping[str, tuple[int, ...]]:
    """Return the numbers of quotes by the field that they are for."""
    found: dict[str, list[int]] = defaultdict(list)
    for quote in quotes:
        found[quote.field].append(quote.number)
    return {field: tuple(numbers) for field, numbers in found.items()}


def topic_keys(event: Event) -> Iterator[tuple[str, str]]:
    """Return the topics of an event by kind and key."""
    for name in event.commodities:
        yield TopicKind.GOODS, name
    for name in (*event.actor, *event.target):
        if name in REGIONS or name in GROUPS:
            yield TopicKind.REGIONS, name
        elif name != EVERYBODY:
            yield TopicKind.NAMES, name
    yield TopicKind.MEASURES, event.instrument


def event_path(item: SiteEvent) -> str:
    """Return the page of an event, below the folder of the language."""
    words = [INSTRUMENTS[item.event.instrument].label, *item.event.actor[:2]]
    return f"events/{item.number}-{'-'.join(map(slug, words))}.html"


def slug(text: str) -> str:
    """Return a name for a file: small letters, digits and hyphens, and no two texts the same.

    Examples
    --------
    >>> slug("rare earths")
    'rare-earths'
    >>> slug("../etc")
    'etc-f7f9121f'
    """
    folded = text.casefold()
    plain = _NOT_PLAIN.sub("-", folded).strip("-")[:40].strip("-")
    if _PLAIN.fullmatch(folded) and len(folded) <= 40:
        return plain
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{plain}-{digest}" if plain else digest


def severity_level(severity: float) -> str:
    """Return in words how severe an event is."""
    if severity >= SEVERE:
        return "severe"
    return "notable" if severity >= NOTABLE else "minor"


def _shown(text: str) -> str:
    """Return words of a page without signs that steer the direction of writing."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
