"""What a site lets programs read, by its robots.txt, and how fast."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from monazite.desk.feeds.fetching import AGENT, Fetch
from monazite.errors import InputError

_KEPT = timedelta(days=1)
_KEPT_FAULT = timedelta(minutes=30)
_MOST_READ = 500 * 1024
"""Bytes of a robots.txt that count; the standard (RFC 9309) asks for as many."""
_LONGEST_DELAY = 300.0
_CLOSED = frozenset({401, 403, 429})
_NOTHING = "User-agent: *\nDisallow: /"
_EVERYTHING = ""


@dataclass(frozen=True, slots=True)
class _Rules:
    parser: RobotFileParser
    until: datetime


class Robots:
    """The rules of every site asked so far.

    Parameters
    ----------
    fetch : Fetch
        Gets the files.
    now : callable
        The time; a file is asked for again after a day.
    """

    def __init__(self, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = now
        self._known: dict[str, _Rules] = {}

    def allow(self, url: str) -> bool:
        """Tell whether a site lets this program read an address."""
        return self._rules(url).can_fetch(AGENT, url)

    def delay(self, url: str) -> float:
        """Return how many seconds a site wants between two requests, at least 0."""
        wanted = self._rules(url).crawl_delay(AGENT)
        return min(float(wanted or 0), _LONGEST_DELAY)

    def _rules(self, url: str) -> RobotFileParser:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self._known.get(site)
        if known is None or known.until <= self._now():
            known = self._known[site] = self._ask(site)
        return known.parser

    def _ask(self, site: str) -> _Rules:
        """Read a site's rules: none is allowed while it does not answer, all if it has none."""
        try:
            reply = self._fetch(f"{site}/robots.txt", {})
        except InputError:
            return self._kept(_NOTHING, _KEPT_FAULT)
        if reply.status == 200:
            return self._kept(reply.body[:_MOST_READ].decode("utf-8", "replace"), _KEPT)
        if reply.status in _CLOSED or reply.status >= 500:
            return self._kept(_NOTHING, _KEPT_FAULT)
        return self._kept(_EVERYTHING, _KEPT)

    def _kept(self, text: str, time: timedelta) -> _Rules:
        parser = RobotFileParser()
        parser.parse(text.splitlines())
        return _Rules(parser, self._now() + time)
