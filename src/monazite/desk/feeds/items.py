"""What a feed or an archive names or holds, and when two addresses are one page's."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monazite.desk import shipped
from monazite.desk.markup import decode, is_markup, kind_of_bytes
from monazite.desk.page import from_html, from_text
from monazite.desk.schema import Page
from monazite.errors import InputError

Refuse = Callable[[InputError], None]
"""Told of a record that cannot be used; raises it, or counts it so that reading goes on."""

DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
"""A day, a month or a year."""

PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
"""What servers call a page."""

_CHARSET = re.compile(
    r"charset\s*=\s*\"?((?:iso-?8859|windows-|cp|shift|euc|gb|big5|koi8)[\w-]{0,20})", re.IGNORECASE
)
"""Character sets of pages; Python knows other names that a page must not choose."""
_PORTS = {"http": 80, "https": 443}
_TRACKING = frozenset(shipped.text("tracking.txt").split())
_LONGEST_ID = 120


def stop(fault: InputError) -> None:
    """Raise a fault: the first record that cannot be used ends the reading."""
    raise fault


@dataclass(frozen=True, slots=True)
class Item:
    """A page that a feed names or an archive holds.

    ``id`` : name of the record. ``published`` : ``YYYY-MM-DD`` or less, as the feed gives it.
    ``text``, ``raw`` : the page itself, as text or as its file; both empty if the feed only names
    it. ``charset`` : what its server says that ``raw`` is written in. ``place`` : file and record,
    for errors.
    """

    id: str
    url: str = ""
    title: str = ""
    published: str | None = None
    language: str | None = None
    text: str = ""
    raw: bytes = b""
    charset: str = ""
    place: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the page is here, not only its address."""
        return bool(self.text or self.raw)

    def page(self) -> Page:
        """Read the page.

        Raises
        ------
        InputError
            If there is no text in it; names the record.
        """
        try:
            text = self.text or self._decoded()
            make = from_html if self.raw and is_markup(text) else from_text
            return make(
                text, id=self.id, url=self.url, published=self.published, language=self.language
            )
        except InputError as fault:
            raise InputError(fault.message, where=self.place, way_out=fault.way_out) from fault

    def _decoded(self) -> str:
        kind = kind_of_bytes(self.raw)
        if kind:
            raise InputError(f"this is {kind}, not a page", way_out="give a page")
        for name in ("utf-8-sig", self.charset):
            with suppress(LookupError, ValueError):
                return self.raw.decode(name)
        return decode(self.raw)


def normal_url(url: str) -> str:
    """Return an address without what does not change the page: fragment, tracking, capitals.

    >>> normal_url("HTTPS://News.Example:443/a?utm_source=x&id=7#top")
    'https://news.example/a?id=7'

    Raises
    ------
    InputError
        If it is no address of the web.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as fault:
        raise _no_address(url) from fault
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host:
        raise _no_address(url)
    name = f"[{host}]" if ":" in host else host
    own_port = f":{port}" if port and port != _PORTS[scheme] else ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = sorted(pair for pair in pairs if not _is_tracking(pair[0]))
    return urlunsplit((scheme, name + own_port, parts.path or "/", urlencode(kept), ""))


def is_web(url: str) -> bool:
    """Tell whether an address is one of the web."""
    try:
        normal_url(url)
    except InputError:
        return False
    return True


def id_of_url(url: str) -> str:
    """Return a name for a page of the web, for people: its address without the scheme."""
    return url.partition("://")[2][:_LONGEST_ID]


def media_type(said: str) -> str:
    """Return the media type out of a ``Content-Type``.

    >>> media_type("Text/HTML; charset=utf-8")
    'text/html'
    """
    return said.partition(";")[0].strip().lower()


def charset(said: str) -> str:
    """Return the character set that a ``Content-Type`` names, or nothing."""
    found = _CHARSET.search(said)
    return found[1] if found else ""


def _is_tracking(name: str) -> bool:
    name = name.lower()
    return name.startswith("utm_") or name in _TRACKING


def _no_address(url: str) -> InputError:
    return InputError(
        f"'{url[:_LONGEST_ID]}' is no address of the web",
        way_out="give one that begins with https:// or http://",
    )
