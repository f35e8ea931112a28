"""What the desk read: pages, events with the words that they rest on, and what was assumed.

The words of a page are hostile until proven otherwise: they are cut to a bounded length, shown as
text only, and linked only where their address is one of the web.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote, urldefrag, urlsplit

from monazite.briefing import wording
from monazite.briefing.language import ENGLISH, Language, mark
from monazite.briefing.notes import Notes, Quoted, page_of
from monazite.desk.schema import EVERYBODY, Event, Evidence, Page

if TYPE_CHECKING:
    from monazite.briefing.page import CitingPage
    from monazite.desk.measures import AssumedSize, Drafted, Question

MOST_LEADS = 12
"""Leads of a page that are listed."""
WIDEST_CONTEXT = 160
"""Letters of a sentence that are shown on each side of quoted words."""
LONGEST_QUOTE = 400
"""Letters of quoted words that are shown."""
LONGEST_FRAGMENT = 120
"""Letters of quoted words that an address holds whole; of longer ones it names both ends."""
END_WORDS = 4
"""Words of each end of a long quotation in an address."""

_FIELDS = {
    "instrument": mark("What"),
    "status": mark("Status"),
    "actor": mark("By whom"),
    "target": mark("To whom"),
    "commodities": mark("Goods"),
    "date": mark("Date"),
    "effective": mark("Holds from"),
    "end": mark("Holds until"),
    "magnitude": mark("Sizes"),
    "place": mark("Place"),
}
"""Fields of an event that are shown, with what they are called."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a page within their sentence.

    ``url`` : address of the page that leads to the words; empty where it has none.
    ``start``, ``end`` : their place in the saved text [characters].
    """

    before: str
    words: str
    after: str
    url: str
    start: int
    end: int
    reference: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation as a note: from which page, in which language."""

    where: str
    language: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of an event as it was read, with the words that it rests on."""

    name: str
    value: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """An event in words.

    ``sentences`` : each with the references that it rests on. ``measures`` : numbers of the
    scenario's measures that it became; none with the reason in ``unused``.
    """

    id: str
    headline: str
    sentences: tuple[tuple[str, tuple[str, ...]], ...]
    facts: tuple[Fact, ...]
    measures: str
    unused: str


@dataclass(frozen=True, slots=True)
class PageSource:
    """A page that was read. ``language`` : of its words. ``url`` : empty unless of the web."""

    site: str
    headline: str
    published: str
    iso: str
    url: str
    language: str
    events: tuple[Reported, ...]
    leads: tuple[str, ...]


@dataclass(frozen=True)
class ReadingText:
    """What was read, as a page shows it.

    Parameters
    ----------
    drafted : Drafted
        Pages, events and the scenario made from them.
    notes : Notes
        Of the same briefing.
    language : Language
        Of the page.
    """

    drafted: "Drafted"
    notes: Notes
    language: Language = ENGLISH

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody accepted the events."""
        return self.drafted.reviewed

    @cached_property
    def sources(self) -> tuple[PageSource, ...]:
        """The pages, each with its events."""
        return tuple(self._source(page) for page in self.drafted.pages)

    @property
    def title(self) -> str:
        """A title from the events that became measures."""
        return wording.title(self._used, self.language.code)

    @property
    def description(self) -> str:
        """What the events that became measures say."""
        return wording.description(self._used, self.language.code)

    @property
    def description_references(self) -> tuple[str, ...]:
        """What the description rests on."""
        found = [name for event in self._used for name in self.notes.of_event(event)]
        return tuple(dict.fromkeys(found))

    @property
    def _used(self) -> tuple[Event, ...]:
        used = tuple(event for event in self.drafted.events if self._measures(event))
        return used or self.drafted.events

    def _measures(self, event: Event) -> tuple[int, ...]:
        return tuple(self.drafted.measures_of.get(event.id, ()))

    @property
    def assumed(self) -> tuple["AssumedSize", ...]:
        """The sizes that were assumed, fit to be shown."""
        return tuple(
            replace(item, value=shown(item.value), unit=shown(item.unit), reason=shown(item.reason))
            for item in self.drafted.assumed
        )

    @property
    def questions(self) -> tuple["Question", ...]:
        """What only a person can answer, fit to be shown."""
        return tuple(replace(item, text=shown(item.text)) for item in self.drafted.questions)

    def headline(self, event_id: str) -> str:
        """Return an event's headline by its id; the id where no event has it."""
        for event in self.drafted.events:
            if event.id == event_id:
                return wording.tell(event, self.language.code).headline
        return event_id

    def statements(self, page: "CitingPage", event: Reported) -> list[str]:
        """Return what an event says, each sentence with the words of the page that it rests on."""
        return [page.words(text, references) for text, references in event.sentences]

    def quotation(self, item: Quoted) -> Quotation:
        """Return quoted words as a note."""
        where = wording.safe_name(item.page.site) or wording.safe_name(item.page.headline)
        return Quotation(where, item.page.language, self._quote(("", item)))

    @staticmethod
    def references_of(fact: Fact) -> tuple[str, ...]:
        """Return what a field rests on."""
        return tuple(quote.reference for quote in fact.quotes) or ("method:reading",)

    @staticmethod
    def size(item: "AssumedSize") -> str:
        """Return an assumed size with its unit."""
        return f"{item.value} {item.unit}".strip()

    def _source(self, page: Page) -> PageSource:
        published = page.published
        mine = [e for e in self.drafted.events if page_of(e, self.drafted.pages) is page]
        leads = islice(page.leads, MOST_LEADS)
        return PageSource(
            site=wording.safe_name(page.site),
            headline=wording.safe_name(page.headline),
            published=self.language.day(published.value) if published else "",
            iso=published.value if published else "",
            url=page.url if is_web_address(page.url) else "",
            language=page.language,
            events=tuple(self._reported(event) for event in mine),
            leads=tuple(wording.safe_name(page.text[lead.start : lead.end]) for lead in leads),
        )

    def _reported(self, event: Event) -> Reported:
        telling = wording.tell(event, self.language.code)
        reasons = {item.event: item.reason for item in self.drafted.unused}
        return Reported(
            id=event.id,
            headline=telling.headline,
            sentences=tuple(
                (statement.text, self.notes.of_event(event, statement.fields))
                for statement in telling.statements
            ),
            facts=tuple(self._facts(event)),
            measures=self.language.listed([str(n) for n in self._measures(event)]),
            unused=shown(reasons.get(event.id, "")),
        )

    def _facts(self, event: Event) -> list[Fact]:
        found = []
        for name, words in _FIELDS.items():
            value = self._value(event, name)
            quotes = tuple(self._quote(item) for item in self._quoted(event, name))
            if value or quotes:
                found.append(Fact(self.language.gettext(words), value, quotes))
        return found

    def _value(self, event: Event, name: str) -> str:
        code, listed = self.language.code, self.language.listed
        if name == "instrument":
            return wording.instrument_name(event.instrument, code)
        if name == "status":
            return wording.status_name(event.status, code)
        if name == "place":
            return wording.safe_name(event.place or "")
        several = {
            "actor": [self._state(item) for item in event.actor],
            "target": [self._state(item) for item in event.target],
            "commodities": [wording.commodity_name(item, code) for item in event.commodities],
            "magnitude": [wording.size(item, code) for item in event.magnitude],
        }
        if name in several:
            return listed(several[name])
        date: str | None = getattr(event, name)
        return self.language.day(date) if date else ""

    def _state(self, code: str) -> str:
        if code == EVERYBODY:
            return self.language.gettext("everybody")
        return wording.state_name(code, self.language.code)

    def _quoted(self, event: Event, name: str) -> list[tuple[str, Quoted]]:
        references = self.notes.of_event(event)
        known = self.notes.evidence
        pairs = [(r, known[r.partition(":")[2]]) for r in references if r.startswith("page:")]
        return [(r, item) for r, item in pairs if item.evidence.field == name]

    def _quote(self, found: tuple[str, Quoted]) -> Quote:
        reference, item = found
        before, after = context(item.page, item.evidence)
        return Quote(
            before=before,
            words=shown(item.evidence.text[:LONGEST_QUOTE]),
            after=after,
            url=address_of_words(item.page.url, item.evidence.text),
            start=item.evidence.start,
            end=item.evidence.end,
            reference=reference,
        )


def is_web_address(url: str) -> bool:
    """Whether a text is the address of a page on the web: ``http`` or ``https``, with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def context(page: Page, evidence: Evidence) -> tuple[str, str]:
    """Return what stands before and after quoted words in their line, bounded, ends marked."""
    lines = (line for line in page.lines if line.start <= evidence.start < line.end)
    line = next(lines, None)
    first, last = (line.start, line.end) if line else (evidence.start, evidence.end)
    before = page.text[max(first, evidence.start - WIDEST_CONTEXT) : evidence.start]
    after = page.text[evidence.end : min(last, evidence.end + WIDEST_CONTEXT)]
    more_before = "… " if evidence.start - WIDEST_CONTEXT > first else ""
    more_after = " …" if evidence.end + WIDEST_CONTEXT < last else ""
    return more_before + shown(before), shown(after) + more_after


def shown(text: str) -> str:
    """Return words of a page without signs that steer a terminal or a browser."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def address_of_words(url: str, words: str) -> str:
    """Return an address that leads a browser to the words on the page; none without the web.

    Examples
    --------
    >>> address_of_words("https://news.example/a", "a ban, at once")
    'https://news.example/a#:~:text=a%20ban%2C%20at%20once'
    >>> address_of_words("javascript:alert(1)", "a ban")
    ''
    """
    if not is_web_address(url):
        return ""
    page, fragment = urldefrag(url)
    parts = words.split()
    ends = [" ".join(parts)]
    if len(words) > LONGEST_FRAGMENT and len(parts) > 2 * END_WORDS:
        ends = [" ".join(parts[:END_WORDS]), " ".join(parts[-END_WORDS:])]
    target = ",".join(quote(end, safe="").replace("-", "%2D") for end in ends)
    return f"{page}#{fragment}:~:text={target}"
