"""Feeds and news sitemaps: which pages are new somewhere."""

import io
import re
import zlib
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import feedparser
from feedparser.exceptions import ThingsNobodyCaresAboutButMe
from lxml import etree

from monazite.desk.feeds.items import DATE, Item, id_of_url, normal_url
from monazite.errors import InputError

LARGEST_FEED = 4 * 2**20
"""Bytes of the largest feed that is read."""
MOST_ITEMS = 5000
"""Items of a feed that are looked at; a feed lists its newest first."""

_GZIP = b"\x1f\x8b"
_ENTITY = re.compile(rb"<!\s*(?:ENTITY|ATTLIST|ELEMENT)", re.IGNORECASE)
_ROOT = re.compile(
    rb"\A(?:\s|<\?[^>]{0,500}\?>|<!--.{0,5000}?-->|<!DOCTYPE[^\[>]{0,500}>)*"
    rb"<(?:[\w.-]{1,40}:)?([\w.-]{1,40})[\s>/]",
    re.DOTALL,
)
_FEEDS = frozenset({b"rss", b"feed", b"rdf"})
_SITEMAPS = frozenset({b"urlset", b"sitemapindex"})
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_WAY_OUT = "give a feed (RSS, Atom) or a news sitemap"


def is_syndication(head: bytes) -> bool:
    """Tell whether a file that begins so is a feed or a sitemap."""
    return _root(head) in _FEEDS | _SITEMAPS


def read_syndication(raw: bytes, *, where: str, base: str = "") -> tuple[Item, ...]:
    """Read the items of a feed or of a news sitemap, in its order.

    Parameters
    ----------
    raw : bytes
        The file, also packed by gzip.
    where : str
        File or address, for errors.
    base : str
        Address that relative links start from.

    Raises
    ------
    InputError
        It is neither, is too large, or declares entities of its own.
    """
    raw = _unpacked(raw, where)
    if _ENTITY.search(raw.replace(b"\0", b"")):
        raise InputError("the feed declares entities of its own", where=where, way_out=_WAY_OUT)
    root = _root(raw)
    if root in _SITEMAPS:
        return _read_sitemap(raw, where=where, base=base)
    if root in _FEEDS:
        return _read_feed(raw, where=where, base=base)
    raise InputError("this is no feed and no sitemap", where=where, way_out=_WAY_OUT)


def _root(raw: bytes) -> bytes:
    """Return the name of the outermost element in lower case, or nothing."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raw = raw[:20000].decode("utf-16", "replace").encode()
    found = _ROOT.match(raw.removeprefix(b"\xef\xbb\xbf"))
    return found[1].lower() if found else b""


def _unpacked(raw: bytes, where: str) -> bytes:
    if raw.startswith(_GZIP):
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            raw = unpacker.decompress(raw, LARGEST_FEED + 1)
        except zlib.error as fault:
            raise InputError("the packed feed is broken", where=where, way_out=_WAY_OUT) from fault
    if len(raw) > LARGEST_FEED:
        raise InputError(
            f"the feed is larger than {LARGEST_FEED // 2**20} MB", where=where, way_out=_WAY_OUT
        )
    return raw


def _items(found: Iterable[Item]) -> tuple[Item, ...]:
    """Return each page once, the first time that it is named."""
    kept: dict[str, Item] = {}
    for item in found:
        kept.setdefault(item.url, item)
        if len(kept) == MOST_ITEMS:
            break
    return tuple(kept.values())


def _item(link: str, title: str, published: str | None, language: str, place: str) -> Item | None:
    """Return an item, or none where the link leads to no page of the web."""
    try:
        url = normal_url(link)
    except InputError:
        return None
    return Item(
        id=id_of_url(url), url=url, title=title.strip(), published=published,
        language=language[:2].lower() or None, place=place,
    )  # fmt: skip


# --- RSS and Atom ----------------------------------------------------------------------------


def _read_feed(raw: bytes, *, where: str, base: str) -> tuple[Item, ...]:
    try:
        found = feedparser.parse(
            io.BytesIO(raw),
            response_headers={"content-location": base},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as fault:  # whatever a broken feed makes of the parser
        raise InputError("the feed is broken", where=where, way_out=_WAY_OUT) from fault
    if found.get("bozo") and not found.get("entries") and not _is_mere_encoding(found):
        raise InputError("the feed is broken", where=where, way_out=_WAY_OUT)
    language = _text(found.get("feed", {}), "language")
    return _items(_entries(found["entries"], language=language, where=where, base=base))


def _is_mere_encoding(found: Mapping[str, object]) -> bool:
    """Tell whether all that is wrong with a feed is what its server says of it."""
    return isinstance(found.get("bozo_exception"), ThingsNobodyCaresAboutButMe)


def _entries(
    entries: Iterable[dict[str, object]], *, language: str, where: str, base: str
) -> Iterator[Item]:
    for number, entry in enumerate(entries, start=1):
        link = _text(entry, "link") or _text(entry, "id")
        try:
            address = urljoin(base, link.strip()) if base else link
        except ValueError:
            continue
        item = _item(
            address, _text(entry, "title"), _day(entry), _text(entry, "language") or language,
            f"{where}, item {number}",
        )  # fmt: skip
        if item is not None:
            yield item


def _text(entry: dict[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _day(entry: dict[str, object]) -> str | None:
    """Return the day of publication where the publisher sits, not in Greenwich."""
    written = _text(entry, "published") or _text(entry, "updated")
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(written).date().isoformat()
    with suppress(ValueError):
        return datetime.fromisoformat(written.strip()).date().isoformat()
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    with suppress(ValueError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(timegm(parsed), UTC).date().isoformat()  # type: ignore[arg-type]
    return None


# --- news sitemaps ---------------------------------------------------------------------------


def _read_sitemap(raw: bytes, *, where: str, base: str) -> tuple[Item, ...]:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise InputError("the sitemap is broken XML", where=where, way_out=_WAY_OUT) from fault
    if etree.QName(root).localname == "sitemapindex":
        inside = [str(loc.text).strip() for loc in root.iter(f"{{{_SITEMAP}}}loc")][:3]
        raise InputError(
            "this is an index of sitemaps", where=where,
            way_out=f"watch one of those that it names, such as {', '.join(inside) or 'its news'}",
        )  # fmt: skip
    return _items(_addresses(root, where=where, base=base))


def _addresses(root: Iterable[etree._Element], *, where: str, base: str) -> Iterator[Item]:
    for number, entry in enumerate(root, start=1):
        said = {
            name: (entry.findtext(f".//{{{space}}}{name}") or "").strip()
            for space, name in (
                (_SITEMAP, "loc"), (_SITEMAP, "lastmod"), (_NEWS, "title"),
                (_NEWS, "publication_date"), (_NEWS, "language"),
            )
        }  # fmt: skip
        day = DATE.match(said["publication_date"])
        try:
            address = urljoin(base, said["loc"])
        except ValueError:
            continue
        item = _item(
            address, said["title"], day[0] if day else None, said["language"],
            f"{where}, item {number}",
        )  # fmt: skip
        if item is not None:
            yield item
