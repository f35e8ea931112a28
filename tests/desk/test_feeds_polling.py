"""Claims: what is new is read once, nobody is asked in haste, and a restart goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desk.web_stub import send, serving
from monazite.desk.feeds import Happening, Notice, Pace, Reply, Watcher, WebFetcher
from monazite.desk.feeds.polling import retry_after
from monazite.desk.recognise import recognise
from monazite.desk.schema import Event, Page
from monazite.desk.store import Added, FeedState, open_store
from monazite.errors import InputError

FEED = "https://e.example/feed"
START = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = b"<html><body><h1>Gallium export ban</h1><p>An invented story, %s.</p></body></html>"


@dataclass
class Shelf:
    """A store in memory."""

    pages: dict[str, Page] = field(default_factory=dict)
    urls: set[str] = field(default_factory=set)
    states: dict[str, FeedState] = field(default_factory=dict)

    def seen(self, url: str) -> bool:
        return url in self.urls

    def keep_seen(self, url: str) -> None:
        self.urls.add(url)

    def feed_state(self, url: str) -> FeedState:
        return self.states.get(url) or FeedState(url)

    def keep_feed_state(self, state: FeedState) -> None:
        self.states[state.url] = state

    def add(self, page: Page, events: Sequence[Event]) -> Added:
        new = page.sha256 not in self.pages
        self.pages.setdefault(page.sha256, page)
        return Added(new, len(self.pages))


@dataclass
class Time:
    """A clock that passes only when somebody sleeps."""

    moment: datetime = START
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Web:
    """Sites in memory."""

    def __init__(self, **replies: Reply) -> None:
        self.replies = {f"https://e.example/{name}": reply for name, reply in replies.items()}
        self.asked: list[tuple[str, Mapping[str, str], datetime]] = []
        self.time = Time()

    def __call__(self, url: str, headers: Mapping[str, str]) -> Reply:
        self.asked.append((url, headers, self.time.now()))
        return self.replies.get(url, Reply(404, url))

    @property
    def pages(self) -> list[str]:
        return [url.rpartition("/")[2] for url, _, _ in self.asked if "robots" not in url]


def rss(*links: str, status: int = 200, **headers: str) -> Reply:
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    body = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    return Reply(
        status, FEED, {name.replace("_", "-"): value for name, value in headers.items()}, body
    )


def html(name: str) -> Reply:
    return Reply(200, "", {"content-type": "text/html"}, PAGE % name.encode())


@dataclass
class Watch:
    """A watcher with its surroundings."""

    web: Web
    feeds: tuple[str, ...] = (FEED,)
    shelf: Shelf = field(default_factory=Shelf)
    pace: Pace = field(default_factory=Pace)
    notices: list[Notice] = field(default_factory=list)

    def once(self) -> list[Happening]:
        before = len(self.notices)
        Watcher(
            self.feeds, self.shelf, lambda page: (), self.web, self.notices.append,
            clock=self.web.time, luck=lambda: 1.0, pace=self.pace,
        ).run(once=True)  # fmt: skip
        return [notice.happening for notice in self.notices[before:]]

    def later(self, **time: float) -> list[Happening]:
        self.web.time.moment += timedelta(**time)
        return self.once()


def test_new_pages_are_read_once_though_every_start_is_a_restart():
    watch = Watch(Web(feed=rss("/a", "/b"), a=html("a"), b=html("b")))
    assert watch.once() == [Happening.READ, Happening.READ, Happening.POLLED]
    assert watch.later(hours=1) == [Happening.POLLED]
    assert watch.web.pages == ["feed", "a", "b", "feed"]
    assert {page.url for page in watch.shelf.pages.values()} == {
        "https://e.example/a",
        "https://e.example/b",
    }


def test_one_text_under_two_addresses_is_kept_once():
    watch = Watch(Web(feed=rss("/a", "/b", "/a?utm_source=x"), a=html("a"), b=html("a")))
    assert watch.once() == [Happening.READ, Happening.KNOWN, Happening.POLLED]
    assert len(watch.shelf.pages) == 1


def test_a_feed_is_not_asked_before_it_is_due():
    watch = Watch(Web(feed=rss()))
    watch.once()
    assert watch.later(minutes=5) == [Happening.NOT_DUE]
    assert watch.later(minutes=15) == [Happening.POLLED]


def test_what_the_server_said_last_is_sent_back_and_unchanged_is_no_work():
    watch = Watch(
        Web(feed=rss("/a", etag='"1"', last_modified="Thu, 01 Jan 2026 00:00:00 GMT"), a=html("a"))
    )
    watch.once()
    watch.web.replies[FEED] = Reply(304, FEED)
    assert watch.later(hours=1) == [Happening.UNCHANGED]
    assert watch.later(hours=1) == [Happening.UNCHANGED]
    sent = watch.web.asked[-1][1]
    assert sent == {"If-None-Match": '"1"', "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}


def test_a_feed_of_which_something_is_left_is_asked_for_whole():
    watch = Watch(Web(feed=rss("/a", "/b", "/c", etag='"1"')), pace=Pace(most_pages=2))
    for name in "abc":
        watch.web.replies[f"https://e.example/{name}"] = html(name)
    watch.once()
    assert watch.shelf.feed_state(FEED).etag == ""
    watch.later(hours=1)
    assert watch.web.pages == ["feed", "a", "b", "feed", "c"]
    assert watch.shelf.feed_state(FEED).etag == '"1"'


def test_a_page_that_fails_waits_longer_each_time_and_is_then_let_be():
    watch = Watch(Web(feed=rss("/a", etag='"1"')))
    watch.web.replies["https://e.example/a"] = Reply(500, "")
    days = [day for day in range(12) if Happening.FAILED in watch.later(days=1, minutes=1)]
    assert watch.web.pages.count("a") == len(days) == 6
    assert watch.shelf.feed_state(FEED).etag == '"1"'


def test_one_bad_page_does_not_stop_the_others():
    picture = Reply(200, "", {"content-type": "image/png"}, b"\x89PNG")
    watch = Watch(
        Web(
            feed=rss("/a", "/b", "/c", "/d"),
            a=Reply(200, "", {}, b"%PDF-1.7"),
            b=picture,
            c=Reply(200, ""),
            d=html("d"),
        )
    )
    assert watch.once() == [Happening.FAILED] * 3 + [Happening.READ, Happening.POLLED]


def test_failures_of_a_feed_double_the_wait_up_to_a_day():
    watch = Watch(Web(feed=Reply(503, FEED)))
    waits = []
    for _ in range(9):
        watch.once()
        due = watch.shelf.feed_state(FEED).due
        assert due is not None
        waits.append(due - watch.web.time.moment)
        watch.web.time.moment = due
    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert minutes == [30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    watch.web.replies[FEED] = rss()
    watch.once()
    assert watch.shelf.feed_state(FEED).failures == 0


def test_an_endless_feed_is_named_and_asked_much_later():
    watch = Watch(Web(feed=Reply(200, FEED, {}, b"<rss>" * 1000, is_cut=True)))
    assert watch.once() == [Happening.FAILED]
    assert "goes on after" in watch.notices[0].message
    assert watch.shelf.feed_state(FEED).failures == 3


def test_a_server_may_ask_for_a_longer_wait():
    watch = Watch(Web(feed=Reply(429, FEED, {"retry-after": "7200"})))
    watch.once()
    assert watch.shelf.feed_state(FEED).due == watch.web.time.moment + timedelta(hours=2)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("0", 0), ("60", 60), ("9" * 50, 10**8), ("-5", 0), ("soon", 0), ("", 0), ("٣", 0),
     ("Thu, 01 Jan 2026 00:01:00 GMT", 60), ("Thu, 01 Jan 2026 00:01:00", 60),
     ("Wed, 31 Dec 2025 23:00:00 GMT", 0)],
)  # fmt: skip
def test_the_wait_that_is_asked_for_is_understood(said, seconds):
    assert retry_after(Reply(429, "", {"retry-after": said}), START).total_seconds() == seconds


def test_robots_are_respected():
    robots = Reply(200, "", {}, b"User-agent: *\nDisallow: /a\nCrawl-delay: 9")
    watch = Watch(Web(feed=rss("/a", "/b"), b=html("b"), **{"robots.txt": robots}))
    assert watch.once() == [Happening.FAILED, Happening.READ, Happening.POLLED]
    assert watch.web.pages == ["feed", "b"]
    times = [moment for url, _, moment in watch.web.asked if "robots" not in url]
    assert (times[1] - times[0]).total_seconds() == 9


def test_a_site_is_not_asked_twice_within_the_pause():
    watch = Watch(Web(feed=rss("/a", "/b"), a=html("a"), b=html("b")))
    watch.once()
    times = [moment for _, _, moment in watch.web.asked]
    assert {(after - before).total_seconds() for before, after in pairwise(times)} == {2.0}


def test_watching_goes_on_and_sleeps_until_the_next_is_due():
    web = Web(feed=rss())

    class Enough(Exception):  # noqa: N818
        pass

    def out(notice: Notice) -> None:
        if len(web.pages) == 3:
            raise Enough

    watcher = Watcher((FEED,), Shelf(), lambda page: (), web, out, clock=web.time, luck=lambda: 0.5)
    with pytest.raises(Enough):
        watcher.run()
    assert [round(slept) for slept in web.time.slept if slept > 60] == [900, 900]


# --- folders ---------------------------------------------------------------------------------


def folder_watch(path: Path) -> Watch:
    web = Web()
    web.time.moment = datetime.now(UTC) + timedelta(hours=1)
    return Watch(web, feeds=(str(path),))


def test_a_folder_is_watched_for_new_and_changed_pages(tmp_path):
    (tmp_path / "a.html").write_bytes(PAGE % b"a")
    watch = folder_watch(tmp_path)
    assert watch.once() == [Happening.READ, Happening.POLLED]
    (tmp_path / "b.txt").write_text("Tin exports were banned.")
    assert watch.later(hours=1) == [Happening.READ, Happening.POLLED]
    (tmp_path / "a.html").write_bytes(PAGE % b"another")
    assert watch.later(hours=1) == [Happening.READ, Happening.POLLED]
    assert watch.later(hours=1) == [Happening.POLLED]
    assert watch.web.asked == []


def test_a_file_that_is_being_written_is_left_for_later(tmp_path):
    (tmp_path / "a.html").write_bytes(PAGE % b"a")
    watch = folder_watch(tmp_path)
    watch.web.time.moment = datetime.fromtimestamp((tmp_path / "a.html").stat().st_mtime + 1, UTC)
    assert watch.once() == [Happening.POLLED]
    assert watch.later(hours=1) == [Happening.READ, Happening.POLLED]


def test_a_bad_file_is_named_once_and_stops_nothing(tmp_path):
    (tmp_path / "a.html").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "b.html").write_bytes(b"")
    (tmp_path / "c.html").write_bytes(PAGE % b"c")
    watch = folder_watch(tmp_path)
    assert watch.once() == [Happening.REFUSED, Happening.REFUSED, Happening.READ, Happening.POLLED]
    assert watch.later(hours=1) == [Happening.POLLED]


def test_a_folder_that_goes_away_is_a_failure(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    watch = folder_watch(folder)
    watch.once()
    watcher = Watcher(
        (str(folder),), watch.shelf, lambda page: (), watch.web, watch.notices.append,
        clock=watch.web.time, luck=lambda: 1.0,
    )  # fmt: skip
    folder.rmdir()
    watch.web.time.moment += timedelta(hours=1)
    watcher.run(once=True)
    assert watch.notices[-1].happening is Happening.FAILED


def test_records_and_saved_feeds_are_watched_as_files(tmp_path):
    records = tmp_path / "r.jsonl"
    records.write_text('{"id": "a", "text": "Tin exports were banned."}\nbroken\n')
    watch = folder_watch(records)
    assert watch.once() == [Happening.READ, Happening.REFUSED, Happening.POLLED]


def test_nothing_to_watch_and_what_is_not_there_are_named(tmp_path):
    for feeds in ((), (str(tmp_path / "gone"),), ("file:///etc",), ("ftp://e.example/",)):
        with pytest.raises(InputError):
            Watcher(feeds, Shelf(), lambda page: (), Web(), lambda notice: None)


# --- on loopback -----------------------------------------------------------------------------


def test_a_feed_is_watched_over_http():
    def answer(request: Any, _: bytes) -> None:
        if request.path == "/feed":
            unchanged = request.headers.get("If-None-Match") == '"1"'
            send(
                request, b"" if unchanged else rss("/a").body, 304 if unchanged else 200, ETag='"1"'
            )
        elif request.path == "/a":
            send(request, PAGE % b"a", Content_Type="text/html; charset=utf-8")
        else:
            send(request, b"", 404)

    shelf, notices = Shelf(), []
    pace = Pace(interval=timedelta(0), between=0.0)
    with serving(answer) as stub, WebFetcher(allow_local=True) as fetch:
        for _ in range(2):
            watcher = Watcher(
                (f"{stub.base}/feed",), shelf, lambda page: (), fetch, notices.append, pace=pace
            )
            watcher.run(once=True)
    assert [notice.happening for notice in notices] == [
        Happening.READ,
        Happening.POLLED,
        Happening.UNCHANGED,
    ]
    assert stub.paths == ["/robots.txt", "/feed", "/a", "/robots.txt", "/feed"]


def test_the_desks_own_store_remembers_over_a_restart(tmp_path):
    web = Web(feed=rss("/a", etag='"1"'), a=html("a"))
    notices: list[Notice] = []
    for _ in range(2):
        with open_store(tmp_path / "desk.db") as store:
            watcher = Watcher((FEED,), store, recognise, web, notices.append, clock=web.time)
            watcher.run(once=True)
            assert store.seen("https://e.example/a")
            assert store.feed_state(FEED).etag == '"1"'
        web.time.moment += timedelta(hours=1)
    assert [notice.happening for notice in notices] == [Happening.READ] + [Happening.POLLED] * 2
    assert web.pages == ["feed", "a", "feed"]


def test_the_events_of_a_page_are_told():
    web = Web(feed=rss("/a"), a=html("a"))
    notices: list[Notice] = []
    event: Any = SimpleNamespace(id="e")
    Watcher((FEED,), Shelf(), lambda page: (event,), web, notices.append, clock=web.time).run(
        once=True
    )
    assert notices[0].events == (event,)
    assert (notices[0].subject, notices[0].message) == ("https://e.example/a", "Gallium export ban")
