"""What the store gives back: pages, events and reviews as they were kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monazite.desk.links import LinkKind
from monazite.desk.schema import Dated, Event, Page, PartialDate, Role


class State(StrEnum):
    """What people have said about an event. ``unreviewed`` : nobody has looked at it."""

    UNREVIEWED = "unreviewed"
    ACCEPTED = "accepted"
    EDITED = "edited"
    """A person changed it and stands for it as it is now."""
    REJECTED = "rejected"


VOUCHED = frozenset({State.ACCEPTED, State.EDITED})
"""States of events that a person stands for."""
STANDING = frozenset(State) - {State.REJECTED}
"""States of events that nobody has struck out."""


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding a page.

    ``new`` : the store did not have its text. ``page``, ``events`` : their numbers, also where
    the page was known. ``near`` : pages with nearly the same text that were there before.
    """

    new: bool
    page: int
    events: tuple[int, ...] = ()
    near: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PageHead:
    """A page without its text. ``id`` : number in the store; ``record`` : the page's own id."""

    id: int
    record: str
    url: str
    site: str
    language: str
    published: Dated | None
    headline: str
    sha256: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page with its text, as it was read."""

    head: PageHead
    page: Page


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event and the page that tells it.

    ``id`` : number in the store. ``event`` : as it holds now; its own ``id`` is the page's, and
    two pages may use the same. ``original`` : as it was first read.
    """

    id: int
    page: PageHead
    event: Event
    original: Event
    state: State

    @property
    def day(self) -> PartialDate | None:
        """Its date, else the day on which the page was published."""
        return self.event.date or (self.page.published.value if self.page.published else None)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; what is empty does not restrict.

    ``since``, ``until`` : as much of a date as wanted, both inclusive; an event without a date
    counts from the day on which its page was published, else was read. ``families`` : of
    instruments. ``limit`` : at most so many, the newest.
    """

    ids: Collection[int] = ()
    pages: Collection[int] = ()
    instruments: Collection[str] = ()
    families: Collection[str] = ()
    actors: Collection[str] = ()
    targets: Collection[str] = ()
    commodities: Collection[str] = ()
    states: Collection[State] = ()
    roles: Collection[Role] = ()
    languages: Collection[str] = ()
    since: PartialDate | None = None
    until: PartialDate | None = None
    limit: int | None = None


EVERYTHING = EventFilter()


@dataclass(frozen=True, slots=True)
class Review:
    """One thing that somebody said about an event.

    ``field``, ``was``, ``became`` : what an edit changed, as JSON; else empty.
    """

    event: int
    who: str
    verdict: State
    at: datetime
    note: str = ""
    field: str = ""
    was: str = ""
    became: str = ""


@dataclass(frozen=True, slots=True)
class StoredLink:
    """What one event is to another; see `monazite.desk.links.Link`."""

    event: int
    other: int
    kind: LinkKind
    differs: tuple[str, ...] = ()


MATCH_START, MATCH_END = "\x02", "\x03"
"""What a match in a snippet stands between."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that a search found.

    ``snippet`` : words around the matches, each between `MATCH_START` and `MATCH_END`; the text
    is the page's and not safe as markup. ``rank`` : higher is better; comparable in one search.
    """

    page: PageHead
    snippet: str
    rank: float


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario that was simulated. ``manifest`` : JSON. ``output`` : file that it became."""

    id: int
    scenario: str
    manifest: str
    events: tuple[int, ...]
    at: datetime
    output: str = ""


@dataclass(frozen=True, slots=True)
class FeedState:
    """Where the reading of a feed stands.

    ``etag``, ``modified`` : what its server said last. ``due`` : not to be asked before.
    ``failures`` : in a row.
    """

    url: str
    etag: str = ""
    modified: str = ""
    due: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class ReadCount:
    """How much a page is read. ``score`` : reads, each halved with every half-life past."""

    page: PageHead
    score: float


@dataclass(frozen=True, slots=True)
class Census:
    """How much a store holds. ``states`` : events by state."""

    pages: int
    events: int
    runs: int
    states: Mapping[State, int]
