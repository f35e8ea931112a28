"""Watching of feeds and folders: what is new is read once, kept, and never asked for in haste."""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from monazite.desk.feeds.archives import read_items, saved_pages
from monazite.desk.feeds.fetching import Fetch, Reply
from monazite.desk.feeds.items import PAGE_TYPES, Item, charset, media_type, normal_url
from monazite.desk.feeds.robots import Robots
from monazite.desk.feeds.syndication import read_syndication
from monazite.desk.schema import Event, Page
from monazite.errors import InputError

if TYPE_CHECKING:
    from monazite.desk.store.records import Added, FeedState

_GIVEN_UP = 6
"""Failures in a row after which a page is left alone."""
_GRAVE = 3
"""How many failures one counts for that will not heal by itself soon."""


class Shelf(Protocol):
    """What watching needs of the store."""

    def seen(self, url: str) -> bool:
        """Tell whether the page of an address was read before."""
        ...

    def keep_seen(self, url: str) -> None:
        """Note that the page of an address was read."""
        ...

    def feed_state(self, url: str) -> "FeedState":
        """Return where the reading of a feed stands; a fresh state if it was never read."""
        ...

    def keep_feed_state(self, state: "FeedState") -> None:
        """Keep where the reading of a feed stands."""
        ...

    def add(self, page: Page, events: Sequence[Event]) -> "Added":
        """Keep a page and its events; a text that is there already changes nothing."""
        ...


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """Return the time, with its zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class WallClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the time in Greenwich."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Happening(StrEnum):
    """What a notice tells."""

    READ = "read"
    KNOWN = "known"
    UNCHANGED = "unchanged"
    NOT_DUE = "not due"
    REFUSED = "refused"
    FAILED = "failed"
    POLLED = "polled"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened while watching.

    ``feed`` : which feed it belongs to. ``subject`` : page, file or feed. ``events`` : those of a
    page that was read. ``message`` : the fault, or how many pages were new.
    """

    happening: Happening
    feed: str
    subject: str
    message: str = ""
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how fast.

    ``interval`` : between two readings of a feed. ``between`` : seconds between two requests to
    one site. ``longest`` : the longest wait after failures. ``most_pages`` : pages taken from
    one feed at a time. ``settled`` : seconds since a file was last written, before it is read.
    """

    interval: timedelta = timedelta(minutes=15)
    between: float = 2.0
    longest: timedelta = timedelta(days=1)
    most_pages: int = 200
    settled: float = 2.0


@dataclass(slots=True)
class _Tally:
    """What one reading of a feed came to. ``left`` : pages that are to be tried again."""

    new: int = 0
    left: int = 0
    asked: int = 0

    def count(self, happening: Happening) -> None:
        """Count a page that was asked for or read."""
        self.asked += 1
        self.new += happening is Happening.READ
        self.left += happening is Happening.FAILED


@dataclass(slots=True)
class Watcher:
    """Reads feeds and folders again and again; everything it must remember is in the store.

    Parameters
    ----------
    feeds : sequence of str
        Addresses of feeds and news sitemaps; folders; files that `read_items` takes.
    store : Shelf
        Keeps pages, events and the state of the feeds, so that a restart goes on.
    recognise : callable
        Finds the events of a page.
    fetch : Fetch
        Gets what an address leads to.
    out : callable
        Told of everything that happens.
    clock, luck : Clock, callable
        The time; a number between 0 and 1 that spreads the waits, so that not all who watch a
        feed ask at once.
    pace : Pace
        How often and how fast.
    """

    feeds: Sequence[str]
    store: Shelf
    recognise: Callable[[Page], tuple[Event, ...]]
    fetch: Fetch
    out: Callable[[Notice], None]
    clock: Clock = field(default_factory=WallClock)
    luck: Callable[[], float] = random.random
    pace: Pace = field(default_factory=Pace)
    _robots: Robots = field(init=False, repr=False)
    _free: dict[str, datetime] = field(init=False, repr=False, default_factory=dict)
    """When a site may be asked again."""

    def __post_init__(self) -> None:
        self._robots = Robots(self._politely, self.clock.now)
        self.feeds = tuple(dict.fromkeys(_feed_name(feed) for feed in self.feeds))
        if not self.feeds:
            raise InputError("there is nothing to watch", way_out="name a feed or a folder")

    def run(self, *, once: bool = False) -> None:
        """Read every feed when it is due; for ever, or once for a timetable such as cron's."""
        while True:
            for feed in self.feeds:
                self._visit(feed, tell=once)
            if once:
                return
            self._wait()

    def _wait(self) -> None:
        """Sleep until the next feed is due."""
        now = self.clock.now()
        due = min(self.store.feed_state(feed).due or now for feed in self.feeds)
        self.clock.sleep(max((due - now).total_seconds(), 1.0))

    def _visit(self, feed: str, *, tell: bool) -> None:
        state = self.store.feed_state(feed)
        if state.due is not None and state.due > self.clock.now():
            if tell:
                due = state.due.isoformat(timespec="seconds")
                self._say(Happening.NOT_DUE, feed, feed, f"not before {due}")
            return
        if _is_web(feed):
            self._poll(feed, state)
        else:
            self._look(feed, state)

    # --- feeds of the web --------------------------------------------------------------------

    def _poll(self, feed: str, state: "FeedState") -> None:
        """Ask a feed's server what is new, and read it."""
        known = {"If-None-Match": state.etag, "If-Modified-Since": state.modified}
        reply: Reply | None = None
        try:
            reply = self._allowed(feed, {name: value for name, value in known.items() if value})
            if reply.status == 304:
                self._say(Happening.UNCHANGED, feed, feed)
                self._keep(state)
                return
            self._answered(feed, reply)
            items = read_syndication(reply.body, where=feed, base=reply.url)
        except InputError as fault:
            self._fail(feed, feed, state, fault, reply)
            return
        tally = self._take_all(feed, items)
        heads = reply.headers
        if tally.left:  # ask for the whole feed again, or what is left would be "unchanged"
            self._keep(replace(state, etag="", modified=""))
        else:
            self._keep(
                replace(state, etag=heads.get("etag", ""), modified=heads.get("last-modified", ""))
            )
        self._say(Happening.POLLED, feed, feed, f"{tally.new} new of {len(items)}")

    def _answered(self, url: str, reply: Reply) -> None:
        """Raise unless an answer is whole and good."""
        if reply.is_cut:
            raise InputError(
                f"the answer goes on after {len(reply.body) / 2**20:.3g} MB", where=url,
                way_out="it was cut; watch another address",
            )  # fmt: skip
        if reply.status != 200:
            raise InputError(
                f"the server answered {reply.status}", where=url, way_out="asked again later"
            )

    def _take_all(self, feed: str, items: Iterable[Item]) -> _Tally:
        """Fetch and read the pages that a feed names, as far as they are new."""
        tally = _Tally()
        for item in items:
            state = self.store.feed_state(item.url)
            if state.failures >= _GIVEN_UP or self.store.seen(item.url):
                continue
            if state.due is not None and state.due > self.clock.now():
                tally.left += 1
            elif tally.asked == self.pace.most_pages:
                tally.left += 1
                break
            else:
                tally.count(self._take(feed, item, state))
        return tally

    def _take(self, feed: str, item: Item, state: "FeedState") -> Happening:
        """Fetch and read a page; one that fails waits longer each time, and is then let be."""
        reply: Reply | None = None
        try:
            reply = self._allowed(item.url, {})
            self._answered(item.url, reply)
            happening = self._read(feed, _filled(item, reply))
        except InputError as fault:
            return self._fail(feed, item.url, state, fault, reply)
        self.store.keep_seen(item.url)
        return happening

    def _read(self, feed: str, item: Item) -> Happening:
        """Read a page and keep it with its events."""
        page = item.page()
        events = self.recognise(page)
        happening = Happening.READ if self.store.add(page, events).new else Happening.KNOWN
        self._say(happening, feed, item.url or item.place, page.headline, events)
        return happening

    # --- folders and files -------------------------------------------------------------------

    def _look(self, feed: str, state: "FeedState") -> None:
        """Read what is new in a folder, or in a file that changed."""
        path = Path(feed)
        new = 0
        try:
            for file in saved_pages(path) if path.is_dir() else (path,):
                new += self._read_file(feed, file)
        except OSError as fault:
            reason = InputError((fault.strerror or str(fault)).lower(), where=feed)
            self._fail(feed, feed, state, reason, None)
            return
        self._keep(state)
        self._say(Happening.POLLED, feed, feed, f"{new} new")

    def _read_file(self, feed: str, file: Path) -> int:
        """Read a file unless it is as it was, or is still being written."""
        about = file.stat()
        if self.clock.now().timestamp() - about.st_mtime < self.pace.settled:
            return 0
        state = self.store.feed_state(f"{file.resolve().as_uri()}#pages")
        version = f"{about.st_mtime_ns}-{about.st_size}"
        if state.etag == version:
            return 0
        tally = self._read_items(feed, file)
        if not tally.left:
            self.store.keep_feed_state(replace(state, etag=version))
        return tally.new

    def _read_items(self, feed: str, file: Path) -> _Tally:
        """Read the pages that a file holds, and fetch those that it only names."""
        new = 0
        named: list[Item] = []

        def refuse(fault: InputError) -> None:
            self._say(Happening.REFUSED, feed, str(file), fault.line())

        try:
            for item in read_items(file, refuse=refuse):
                if item.is_whole:
                    new += self._read_whole(feed, item)
                else:
                    named.append(item)
        except InputError as fault:
            refuse(fault)
        tally = self._take_all(feed, named)
        tally.new += new
        return tally

    def _read_whole(self, feed: str, item: Item) -> bool:
        try:
            return self._read(feed, item) is Happening.READ
        except InputError as fault:
            self._say(Happening.REFUSED, feed, item.place, fault.line())
            return False

    # --- manners -----------------------------------------------------------------------------

    def _allowed(self, url: str, headers: Mapping[str, str]) -> Reply:
        """Fetch an address if its site lets us."""
        if not self._robots.allow(url):
            raise InputError(
                "the site's robots.txt does not allow it", where=url,
                way_out="ask the site, or save the page by hand",
            )  # fmt: skip
        return self._politely(url, headers, delay=self._robots.delay(url))

    def _politely(self, url: str, headers: Mapping[str, str], *, delay: float = 0.0) -> Reply:
        """Fetch an address, not too soon after the last request to its site."""
        site = urlsplit(url).netloc
        wait = (self._free.get(site, self.clock.now()) - self.clock.now()).total_seconds()
        if wait > 0:
            self.clock.sleep(wait)
        try:
            return self.fetch(url, headers)
        finally:
            between = timedelta(seconds=max(self.pace.between, delay))
            self._free[site] = self.clock.now() + between

    def _keep(self, state: "FeedState") -> None:
        """Keep the state of a feed that was read; it is due again after the interval."""
        wait = self.pace.interval * (0.9 + 0.2 * self.luck())
        self.store.keep_feed_state(replace(state, due=self.clock.now() + wait, failures=0))

    def _fail(
        self, feed: str, subject: str, state: "FeedState", fault: InputError, reply: Reply | None
    ) -> Happening:
        """Note a failure; the wait doubles with each, and a server may ask for a longer one."""
        now = self.clock.now()
        failures = state.failures + (_GRAVE if _is_grave(reply) else 1)
        doubled = self.pace.interval * 2.0 ** min(failures, 20)
        wait = min(doubled, self.pace.longest) * (0.5 + 0.5 * self.luck())
        asked = min(retry_after(reply, now), self.pace.longest) if reply else timedelta()
        self.store.keep_feed_state(replace(state, due=now + max(wait, asked), failures=failures))
        self._say(Happening.FAILED, feed, subject, fault.line())
        return Happening.FAILED

    def _say(
        self, happening: Happening, feed: str, subject: str, message: str = "",
        events: tuple[Event, ...] = (),
    ) -> None:  # fmt: skip
        self.out(Notice(happening, feed, subject, message, events))


def retry_after(reply: Reply, now: datetime) -> timedelta:
    """Return how long a server asks to be left alone: seconds, or until a date; else nothing.

    >>> retry_after(Reply(429, "", {"retry-after": "120"}), datetime.now(UTC))
    datetime.timedelta(seconds=120)
    """
    said = reply.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:9]), 10**8))
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, IndexError, TypeError):
        return timedelta()
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta())


def _is_grave(reply: Reply | None) -> bool:
    return reply is not None and (reply.is_cut or reply.status in (404, 410))


def _is_web(feed: str) -> bool:
    return "://" in feed


def _feed_name(feed: str) -> str:
    """Return the one name of a feed: its address, or the whole path of a file or folder."""
    if _is_web(feed):
        normal_url(feed)
        return feed
    path = Path(feed)
    if not path.exists():
        raise InputError(
            "there is no such file or folder", where=feed,
            way_out="name a feed by https://..., or a folder or file that is there",
        )  # fmt: skip
    return str(path.resolve())


def _filled(item: Item, reply: Reply) -> Item:
    """Return an item with its page in it."""
    said = reply.headers.get("content-type", "")
    if said and media_type(said) not in PAGE_TYPES:
        raise InputError(
            f"the server sends '{media_type(said)[:60]}', not a page", where=item.url,
            way_out="save its text by hand",
        )  # fmt: skip
    return replace(item, raw=reply.body, charset=charset(said), place=item.url)
