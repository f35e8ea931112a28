"""Events of a store: found, shown with the words they rest on, accepted, changed, rejected."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monazite.desk.schema import INSTRUMENTS, Evidence, Magnitude, Page, Role
from monazite.errors import InputError, UnknownCodeError
from monazite.labels import REGIONS
from monazite.study.desk import event_data

if TYPE_CHECKING:
    from monazite.desk.store import (
        EventFilter,
        Hit,
        PageHead,
        Review,
        StoredEvent,
        StoredLink,
    )

_PARTIES = frozenset({"actor", "target"})


@dataclass(frozen=True, slots=True)
class EventChoice:
    """Which events of a store are wanted, in words as people write them; empty does not restrict.

    ``states`` : unreviewed, accepted, edited, rejected. ``commodities``, ``actors`` : names or
    codes. ``least`` : confidence from which an event counts, from 0 to 1. ``limit`` : at most so
    many, the newest.
    """

    states: Sequence[str] = ()
    commodities: Sequence[str] = ()
    instruments: Sequence[str] = ()
    actors: Sequence[str] = ()
    roles: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    least: float = 0.0
    limit: int | None = None

    def as_filter(self) -> "EventFilter":
        """Return it in codes, for a store.

        Raises
        ------
        InputError
            If a word is no such code, a date is none, or a confidence is no share.
        """
        from monazite.desk.links import span  # noqa: PLC0415 - loaded with the store
        from monazite.desk.store import EventFilter, State  # noqa: PLC0415 - slow to load

        if not 0 <= self.least <= 1:
            raise InputError(f"{self.least:g} is no confidence", way_out="give one from 0 to 1")
        for day in filter(None, (self.since, self.until)):
            span(day)
        return EventFilter(
            states=[State(_known("state", word, State)) for word in self.states],
            commodities=[good for word in self.commodities for good in goods(word)],
            instruments=[_known("instrument", word, INSTRUMENTS) for word in self.instruments],
            actors=[party(word) for word in self.actors],
            roles=[Role(_known("role", word, Role)) for word in self.roles],
            since=self.since,
            until=self.until,
            limit=None if self.least else self.limit,
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """Words that a field rests on, in their sentence. ``start``, ``end`` : of the sentence."""

    evidence: Evidence
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EventFile:
    """All that a store knows of an event. ``others`` : the events that its links lead to."""

    stored: "StoredEvent"
    proofs: tuple[Proof, ...]
    reviews: "tuple[Review, ...]"
    links: "tuple[StoredLink, ...]"
    others: "Mapping[int, StoredEvent]"

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, as ``monazite events show --json`` prints it."""
        return {
            **stored_data(self.stored),
            "original": event_data(self.stored.original),
            "evidence": [_proof_data(proof) for proof in self.proofs],
            "reviews": [_review_data(review) for review in self.reviews],
            "links": [_link_data(link) for link in self.links],
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A page that a search found, and the events that it tells."""

    hit: "Hit"
    events: "tuple[StoredEvent, ...]"

    @property
    def snippet(self) -> str:
        """Words around the matches, each between ``«`` and ``»``; the text is the page's."""
        from monazite.desk.store import MATCH_END, MATCH_START  # noqa: PLC0415 - slow to load

        return self.hit.snippet.replace(MATCH_START, "«").replace(MATCH_END, "»")

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as ``monazite events search --json`` prints it."""
        return {
            "page": _page_data(self.hit.page),
            "snippet": self.snippet,
            "rank": self.hit.rank,
            "events": [stored_data(stored) for stored in self.events],
        }


# -- finding -------------------------------------------------------------------------------------


def events(place: str | Path, choice: EventChoice = EventChoice()) -> "tuple[StoredEvent, ...]":
    """Return the events of a store that are wanted, the newest first.

    Parameters
    ----------
    place : str or Path
        The store: a file, or the address of a database.
    choice : EventChoice
        Which; all by default.

    Raises
    ------
    MonaziteError
        InputError if a word of the choice means nothing; StoreError if the store cannot be read.
    """
    from monazite.desk.store import open_store  # noqa: PLC0415 - sqlalchemy is slow to load

    wanted = choice.as_filter()
    with open_store(place, create=False) as store:
        found = store.events(wanted)
    return tuple(one for one in found if one.event.confidence >= choice.least)[: choice.limit]


def event(place: str | Path, number: int) -> EventFile:
    """Return all that a store knows of one event; counts as one reading of its page.

    Raises
    ------
    MonaziteError
        InputError if there is no such event; StoreError if the store cannot be used.
    """
    from monazite.desk.store import EventFilter, open_store  # noqa: PLC0415 - slow to load

    with open_store(place, create=False) as store:
        stored = store.event(number)
        page = store.page(stored.page.id).page
        links = store.links([number])
        others = {end for link in links for end in (link.event, link.other)} - {number}
        found = store.events(EventFilter(ids=others)) if others else ()
        store.count_read(stored.page.id)
        return EventFile(
            stored,
            tuple(_proof(page, evidence) for evidence in stored.event.evidence),
            store.reviews(number),
            links,
            {one.id: one for one in found},
        )


def search(place: str | Path, query: str, *, limit: int = 20) -> list[Found]:
    """Find pages of a store in which all words of a query stand, the best first.

    Parameters
    ----------
    place : str or Path
        The store.
    query : str
        Words, and phrases between quotation marks.
    limit : int
        At most so many pages.

    Raises
    ------
    MonaziteError
        InputError if there is no word to look for; StoreError if the store cannot be read.
    """
    from monazite.desk.store import EventFilter, open_store  # noqa: PLC0415 - slow to load

    with open_store(place, create=False) as store:
        hits = store.search(query, limit)
        pages = [hit.page.id for hit in hits]
        told = store.events(EventFilter(pages=pages)) if pages else ()
    return [Found(hit, tuple(one for one in told if one.page.id == hit.page.id)) for hit in hits]


def _proof(page: Page, evidence: Evidence) -> Proof:
    """Put evidence back into its sentence; one that spans several keeps them all."""
    from monazite.desk.sentences import bounds  # noqa: PLC0415 - gazetteers are slow to load

    lines = (line for line in page.lines if line.start <= evidence.start < line.end)
    line = next(lines, None)
    start, end = evidence.start, evidence.end
    for first, last in bounds(page.text, line.start, line.end) if line else ():
        if first < evidence.end and evidence.start < last:
            start, end = min(start, first), max(end, last)
    return Proof(evidence, page.text[start:end], start, end)


# -- judging -------------------------------------------------------------------------------------


def accept(
    place: str | Path, numbers: Iterable[int], *, by: str, note: str = ""
) -> "tuple[StoredEvent, ...]":
    """Write down that somebody stands for events as they are; return them.

    Raises
    ------
    MonaziteError
        InputError if nobody is named or an event is not there: nothing is written then.
        StoreError if the store cannot be used.
    """
    from monazite.desk.store import EventFilter, open_store  # noqa: PLC0415 - slow to load

    wanted = _some(numbers)
    with open_store(place, create=False) as store:
        store.accept(wanted, by, note)
        return store.events(EventFilter(ids=wanted))


def reject(
    place: str | Path, numbers: Iterable[int], *, by: str, note: str = ""
) -> "tuple[StoredEvent, ...]":
    """Write down that somebody strikes events out; they stay in the store. Return them.

    Raises
    ------
    MonaziteError
        As `accept`.
    """
    from monazite.desk.store import EventFilter, open_store  # noqa: PLC0415 - slow to load

    wanted = _some(numbers)
    with open_store(place, create=False) as store:
        store.reject(wanted, by, note)
        return store.events(EventFilter(ids=wanted))


def edit(
    place: str | Path, number: int, changes: Mapping[str, str], *, by: str, note: str = ""
) -> "StoredEvent":
    """Change fields of an event; its original stays in the store.

    Parameters
    ----------
    place : str or Path
        The store.
    number : int
        The event.
    changes : mapping
        New values as words, by field. Lists are parted by commas, or written as JSON; sizes are
        parted by semicolons, each ``VALUE UNIT WHAT``; nothing empties a field.
    by, note : str
        Who says so, and why.

    Raises
    ------
    MonaziteError
        InputError if there is no such event or field, or it cannot be that; StoreError if the
        store cannot be used.
    """
    from monazite.desk.store import open_store  # noqa: PLC0415 - sqlalchemy is slow to load

    values = {name: _value(name, text) for name, text in changes.items()}
    if not values:
        raise InputError("nothing is to be changed", way_out="say --set FIELD=VALUE")
    with open_store(place, create=False) as store:
        return store.edit(number, values, by, note)


def _some(numbers: Iterable[int]) -> tuple[int, ...]:
    wanted = tuple(dict.fromkeys(numbers))
    if not wanted:
        raise InputError("no event is named", way_out="`monazite events list` shows the numbers")
    return wanted


def _value(name: str, text: str) -> object:
    """Read the new value of a field."""
    if name in _PARTIES:
        return tuple(party(word) for word in _listed(name, text))
    if name == "commodities":
        return tuple(dict.fromkeys(good for word in _listed(name, text) for good in goods(word)))
    if name == "magnitude":
        return tuple(_sizes(text))
    return text.strip() or None


def _listed(name: str, text: str) -> list[str]:
    if not text.lstrip().startswith("["):
        return [word.strip() for word in text.split(",") if word.strip()]
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise InputError(
            f"'{text[:60]}' is no list of names", where=name, way_out='write ["One", "Other"]'
        )
    return words


def _sizes(text: str) -> Iterator[Magnitude]:
    for part in filter(None, map(str.strip, text.split(";"))):
        figure, _, rest = part.partition(" ")
        unit, _, what = rest.strip().partition(" ")
        try:
            yield Magnitude(
                value=float(figure.replace(",", "")), unit=unit, what=what.strip() or None
            )
        except ValueError as fault:
            raise InputError(
                f"'{part[:60]}' is no size", where="magnitude",
                way_out="write VALUE UNIT WHAT, such as 25 % tariff; 300 t",
            ) from fault  # fmt: skip


# -- names ---------------------------------------------------------------------------------------


def party(word: str) -> str:
    """Return the code of a state or group; a name that is neither stands for itself.

    >>> party("China"), party("JPN"), party("*"), party("Example Metals")
    ('CHN', 'JPN', '*', 'Example Metals')
    """
    from monazite.desk.gazetteer import Kind, find  # noqa: PLC0415 - slow to load

    if word in REGIONS:
        return word
    for name in find(word):
        is_whole = (name.start, name.end) == (0, len(word))
        if is_whole and name.kind in (Kind.STATE, Kind.GROUP):
            return name.states[0]
    return word


def goods(word: str) -> tuple[str, ...]:
    """Return the controlled names of a good.

    >>> goods("Dysprosium"), goods("NdFeB magnets")
    (('dysprosium',), ('magnets',))

    Raises
    ------
    UnknownCodeError
        If it is no good that the desk knows.
    """
    from monazite.desk.gazetteer import Kind, commodities, find  # noqa: PLC0415 - slow to load

    if word.casefold() in commodities():
        return (word.casefold(),)
    for name in find(word):
        if name.kind is Kind.COMMODITY and (name.start, name.end) == (0, len(word)):
            return name.commodities
    raise UnknownCodeError("commodity", word, commodities())


def _known(kind: str, word: str, codes: Iterable[str]) -> str:
    choices = list(codes)
    if word not in choices:
        raise UnknownCodeError(kind, word, choices)
    return word


# -- as data -------------------------------------------------------------------------------------


def stored_data(stored: "StoredEvent") -> dict[str, Any]:
    """Return an event of a store as plain data: number, state, page, and the event itself."""
    return {
        "id": stored.id,
        "state": stored.state,
        "page": _page_data(stored.page),
        "event": event_data(stored.event),
    }


def _page_data(head: "PageHead") -> dict[str, Any]:
    return {
        "id": head.id,
        "record": head.record,
        "headline": head.headline,
        "url": head.url,
        "site": head.site,
        "language": head.language,
        "published": head.published.value if head.published else None,
        "read_at": head.read_at.isoformat(),
    }


def _proof_data(proof: Proof) -> dict[str, Any]:
    return {
        **proof.evidence.model_dump(mode="json"),
        "sentence": proof.sentence,
        "sentence_start": proof.start,
        "sentence_end": proof.end,
    }


def _review_data(review: "Review") -> dict[str, Any]:
    changed = {"field": review.field, "was": review.was, "became": review.became}
    return {
        "who": review.who,
        "verdict": review.verdict,
        "at": review.at.isoformat(),
        "note": review.note,
        **(changed if review.field else {}),
    }


def _link_data(link: "StoredLink") -> dict[str, Any]:
    return {
        "event": link.event,
        "other": link.other,
        "kind": link.kind,
        "differs": list(link.differs),
    }
