"""The store: what was read, what was found in it, and who stands for it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from monazite.desk.schema import Event, Page
from monazite.desk.store import (
    events,
    ledger,
    letters,
    linking,
    pages,
    searching,
    soundness,
    tables,
)
from monazite.desk.store.database import Database
from monazite.desk.store.records import (
    EVERYTHING,
    Added,
    Census,
    EventFilter,
    FeedState,
    Hit,
    PageHead,
    ReadCount,
    Review,
    Run,
    State,
    StoredEvent,
    StoredLink,
    StoredPage,
)

BATCH = 200
"""Pages that are committed together in a stream."""

Read = tuple[Page, Sequence[Event]]
"""A page and what was found in it."""


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


def open_store(
    place: str | Path, *, create: bool = True, clock: Callable[[], datetime] = now
) -> "Store":
    """Open a store; make it, or bring it to this version, where needed.

    Parameters
    ----------
    place : str or Path
        A file (SQLite), or the URL of a database (``postgresql://user@host/name``).
    create : bool, optional
        Whether a file that is not there is made.
    clock : callable, optional
        Tells the moment of what is written, with its zone.

    Returns
    -------
    Store
        To be closed, or used in a ``with`` block.

    Raises
    ------
    StoreError
        If it is no store, is of a newer version, or cannot be read or written.
    """
    return Store(Database(place, create=create), clock)


class Store:
    """Pages, events, reviews and runs. Every method is one transaction: all of it or nothing.

    Several processes may use one store; a writer waits for the one before it.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # --- pages ---

    def add(self, page: Page, events: Sequence[Event] = ()) -> Added:
        """Keep a page and its events; a text that is known changes nothing.

        Raises
        ------
        InputError
            If a database cannot hold the page's text, or an event has an impossible date.
        """
        return self.add_many([(page, events)])[0]

    def add_many(self, read: Iterable[Read]) -> tuple[Added, ...]:
        """Keep pages and their events, all in one transaction."""
        moment = self._clock()
        with self._database.writing() as connection:
            added = tuple(_add(connection, page, found, moment) for page, found in read)
            linking.connect(connection, [event for one in added if one.new for event in one.events])
            return added

    def add_stream(self, read: Iterable[Read], *, batch: int = BATCH) -> Iterator[Added]:
        """Keep pages as they come, a batch a transaction; yield what has been committed."""
        rest = iter(read)
        while some := list(islice(rest, batch)):
            yield from self.add_many(some)

    def page(self, number: int) -> StoredPage:
        """Return a page with its text."""
        with self._database.reading() as connection:
            return pages.load(connection, number)

    def pages(self, *, limit: int | None = None) -> tuple[PageHead, ...]:
        """Return heads of pages, the last read first."""
        with self._database.reading() as connection:
            return pages.newest(connection, limit)

    def near(self, page: Page) -> tuple[PageHead, ...]:
        """Return kept pages whose text is nearly that of a page, the nearest first."""
        with self._database.reading() as connection:
            numbers = pages.near(connection, page, pages.simhash_of(page))
            heads = pages.heads(connection, numbers)
            return tuple(heads[number] for number in numbers)

    # --- events ---

    def event(self, number: int) -> StoredEvent:
        """Return one event.

        Raises
        ------
        InputError
            If there is no such event.
        """
        with self._database.reading() as connection:
            return events.load(connection, [number])[0]

    def events(self, wanted: EventFilter = EVERYTHING) -> tuple[StoredEvent, ...]:
        """Return the events that a filter lets through, the newest first."""
        with self._database.reading() as connection:
            return events.find(connection, wanted)

    def accept(self, numbers: Iterable[int], who: str, note: str = "") -> None:
        """Write down that somebody stands for events as they are."""
        self._judge(numbers, State.ACCEPTED, who, note)

    def reject(self, numbers: Iterable[int], who: str, note: str = "") -> None:
        """Write down that somebody strikes events out; they lose their links and stay here."""
        self._judge(numbers, State.REJECTED, who, note)

    def edit(
        self, number: int, changes: Mapping[str, object], who: str, note: str = ""
    ) -> StoredEvent:
        """Change fields of an event; the original stays, the changed one holds.

        Parameters
        ----------
        number : int
            The event.
        changes : mapping of str to object
            Fields of `monazite.desk.schema.Event` and their new values.
        who, note : str
            Who says so, and why.

        Returns
        -------
        StoredEvent
            As it holds from now on.

        Raises
        ------
        InputError
            If there is no such event or field, or the event cannot be that.
        """
        moment = self._clock()
        with self._database.writing() as connection:
            stored = events.load(connection, [number])[0]
            events.edit(connection, stored, changes, who, note, moment)
            linking.renew(connection, [number])
            return events.load(connection, [number])[0]

    def reviews(self, number: int) -> tuple[Review, ...]:
        """Return what was said about an event, in order."""
        with self._database.reading() as connection:
            return events.reviews(connection, number)

    def links(self, numbers: Iterable[int] = ()) -> tuple[StoredLink, ...]:
        """Return the links of some events, or all links where none is named."""
        with self._database.reading() as connection:
            return linking.load(connection, tuple(numbers))

    def search(self, query: str, limit: int = 20) -> tuple[Hit, ...]:
        """Find pages in which all words of a query stand, the best first.

        Parameters
        ----------
        query : str
            Words, and phrases between quotation marks; nothing else has a meaning.
        limit : int, optional
            At most so many.
        """
        wanted = searching.parse(query)
        with self._database.reading() as connection:
            return searching.search(connection, wanted, limit)

    # --- runs, reads, feeds ---

    def record_run(
        self, scenario: str, manifest: str, numbers: Sequence[int] = (), output: str = ""
    ) -> int:
        """Keep what was simulated: TOML, manifest as JSON, events behind it, file written."""
        run = Run(0, scenario, manifest, tuple(numbers), self._clock(), output)
        with self._database.writing() as connection:
            events.load(connection, run.events)
            return ledger.record_run(connection, run)

    def runs(self) -> tuple[Run, ...]:
        """Return what was simulated, the newest first."""
        with self._database.reading() as connection:
            return ledger.runs(connection)

    def count_read(self, page: int) -> None:
        """Count one more reading of a page; who read it is not asked."""
        with self._database.writing() as connection:
            ledger.count_read(connection, page, self._clock())

    def most_read(
        self, moment: datetime | None = None, *, half_life_days: float = 2.0, limit: int = 10
    ) -> tuple[ReadCount, ...]:
        """Return the pages that are read most; a read counts half after every half-life."""
        with self._database.reading() as connection:
            return ledger.most_read(connection, moment or self._clock(), half_life_days, limit)

    def seen(self, url: str) -> bool:
        """Whether an address was fetched, or a page came from it."""
        with self._database.reading() as connection:
            return ledger.has_seen(connection, url)

    def keep_seen(self, url: str) -> None:
        """Remember that an address was fetched, whatever came of it."""
        with self._database.writing() as connection:
            ledger.keep_seen(connection, url, self._clock())

    def feed_state(self, url: str) -> FeedState:
        """Return where the reading of a feed stands; at its beginning if it is new."""
        with self._database.reading() as connection:
            return ledger.feed_state(connection, url)

    def keep_feed_state(self, state: FeedState) -> None:
        """Remember where the reading of a feed stands."""
        with self._database.writing() as connection:
            ledger.keep_feed_state(connection, state)

    # --- the whole ---

    def census(self) -> Census:
        """Count what is here."""
        with self._database.reading() as connection:
            return Census(
                pages=ledger.count(connection, tables.pages),
                events=ledger.count(connection, tables.events),
                runs=ledger.count(connection, tables.runs),
                states={State(name): number for name, number in ledger.states(connection)},
            )

    def backup(self, path: Path) -> None:
        """Copy a file of SQLite as it stands, while others go on reading and writing.

        Raises
        ------
        StoreError
            If the copy is there already or cannot be written, or this is not SQLite.
        """
        self._database.backup(path)

    def check(self) -> tuple[str, ...]:
        """Return what is wrong with the store; nothing if it is sound."""
        with self._database.reading() as connection:
            return tuple(soundness.faults(connection))

    def _judge(self, numbers: Iterable[int], verdict: State, who: str, note: str) -> None:
        moment = self._clock()
        with self._database.writing() as connection:
            stored = events.load(connection, tuple(numbers))
            events.judge(connection, stored, verdict, who, note, moment)
            changed = [one.id for one in stored if _changes_links(one.state, verdict)]
            linking.renew(connection, changed)


def _add(connection: Connection, page: Page, found: Sequence[Event], moment: datetime) -> Added:
    letters.check(page.id, page.text, page.title, page.url, page.site, page.id, page.language)
    events.check(found)
    ledger.keep_seen(connection, page.url, moment)
    known = pages.number_of(connection, page)
    if known is not None:
        return Added(new=False, page=known, events=events.of_page(connection, known))
    simhash = pages.simhash_of(page)
    near = pages.near(connection, page, simhash)
    number = pages.insert(connection, page, simhash, moment)
    searching.index(connection, number, page.language, page.headline, pages.story(page))
    fallback = events.day_of(page.published.value if page.published else None, moment)
    kept = events.insert(connection, number, found, fallback)
    return Added(new=True, page=number, events=kept, near=tuple(near))


def _changes_links(before: State, after: State) -> bool:
    return (before == State.REJECTED) != (after == State.REJECTED)
