"""The markup of a saved page: its visible lines, what it says of each, and its metadata.

The article is what trafilatura finds in it. Nothing is fetched and nothing is run. Markup that is
too large or too deep for a tree is read by a scanner that knows only tags and text.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from monazite.desk.dates import read_date
from monazite.desk.schema import LEADS, DateBasis, Dated, Zone
from monazite.desk.zone_cues import class_zones
from monazite.desk.zones import Hint

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LARGEST_TREE = 4 * 2**20
"""Characters of markup beyond which no tree is made."""
DEEPEST_TREE = 200
"""Elements inside each other beyond which no tree is made."""

_HEAD = 4096
_MARKUP = re.compile(
    r"<(?:!doctype\s+html|html|head|body|div|p|article|section|main|title|meta|table|h1|br|span)"
    r"[\s/>]",
    re.IGNORECASE,
)
_FEED = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|rdf:RDF|urlset)[\s>]"
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,19})")
_PLAIN = re.compile(r"\W+")
_SPACE = re.compile(r"\s+")
_CLASS = re.compile(r"[a-z]+(?:-[a-z]+)*")
_MOST_DATA = 500_000

# fmt: off
_UNSEEN = frozenset({
    "audio", "canvas", "embed", "head", "iframe", "map", "math", "noscript", "object",
    "script", "select", "style", "svg", "template", "textarea", "video",
})
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data",
    "del", "dfn", "em", "font", "i", "img", "input", "ins", "kbd", "label", "mark", "meter",
    "output", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
    "track", "wbr",
})
# fmt: on
_BY_TAG: Mapping[str, Zone] = {
    "nav": Zone.MENU,
    "footer": Zone.FOOTER,
    "figcaption": Zone.CAPTION,
    "address": Zone.BYLINE,
    "h1": Zone.HEADLINE,
}
_CLOSED = (LEADS - {Zone.READ_MORE}) | {Zone.COVERAGE, Zone.MENU, Zone.FOOTER}
"""What is inside these is of them, whatever else it is."""
_ARTICLE_TYPES = frozenset({"NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting",
                            "AnalysisNewsArticle", "Report", "LiveBlogPosting"})  # fmt: skip
_DATE_NAMES = ("article:published_time", "datepublished", "parsely-pub-date", "pubdate",
               "publishdate", "publish-date", "dc.date", "dc.date.issued", "dcterms.created",
               "article.published", "date", "sailthru.date", "citation_publication_date",
               "og:published_time")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visible:
    """A line that a reader of the page sees. ``stamp`` : the machine's form of its time."""

    text: str
    zone: Zone | None = None
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the metadata says of the article."""

    title: str = ""
    dek: str = ""
    site: str = ""
    url: str = ""
    language: str = ""
    published: Dated | None = None


@dataclass(frozen=True, slots=True)
class Markup:
    """A page's visible lines, and the zones that the markup gives them."""

    lines: tuple[Visible, ...]
    facts: Facts = Facts()
    hints: tuple[Hint, ...] | None = None

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read markup; without a tree where it is too large, too deep or broken."""
        tree = None if is_too_much(text) else _tree(text)
        if tree is None:
            return cls(tuple(Visible(line) for line in bare_lines(text)))
        facts = _facts(tree)
        lines = tuple(_Walk().lines(tree))
        article = _article(text)
        if not article:
            return cls(lines, facts)
        return cls(lines, facts, _hints(lines, article, facts))


# What the bytes are


def kind_of_bytes(raw: bytes) -> str:
    """Name what a file is that is no text, or nothing."""
    for start, name in _KINDS.items():
        if raw.startswith(start):
            return name
    head = raw[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return "a binary file" if controls > len(head) / 20 else ""


_KINDS: Mapping[bytes, str] = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or a sound",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x1f\x8b": "a compressed file",
    b"WARC/": "a web archive",
    b"SQLite format 3": "a database",
    b"\x7fELF": "a program",
}


def is_markup(text: str) -> bool:
    """Whether a text is HTML, by its first few thousand characters."""
    return _MARKUP.search(text[:_HEAD]) is not None


def is_feed(text: str) -> bool:
    """Whether a text is RSS, Atom or a sitemap."""
    return _FEED.match(text[:_HEAD]) is not None


def decode(raw: bytes) -> str:
    """Return a page's text by what its bytes are, then by the charset that it declares.

    Bytes that are UTF-8 are UTF-8 whatever they declare. What cannot be read in any charset
    shows as replacement characters; a NUL does too, for no store can keep it.
    """
    return _decoded(raw).replace("\x00", "\ufffd")


def _decoded(raw: bytes) -> str:
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(name, errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        nearly = raw.decode("utf-8", errors="replace")
    multibyte = sum(char > "\x7f" for char in nearly[: 64 * _HEAD])
    broken = nearly[: 64 * _HEAD].count("\ufffd")
    if multibyte > 10 * broken:
        return nearly
    return _by_charset(raw) or nearly


def _by_charset(raw: bytes) -> str:
    """Decode by the declared charset, or by the one that the bytes look most like."""
    declared = _CHARSET.search(raw[:_HEAD])
    if declared:
        try:
            return raw.decode(declared.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass  # a page that declares wrongly is told by its bytes
    # imported here: seldom needed, and slow to import
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(raw[: 16 * _HEAD]).best()
    return raw.decode(best.encoding, errors="replace") if best else ""


# Without a tree


def is_too_much(text: str) -> bool:
    """Whether markup is too large or too deep for a tree."""
    if len(text) > LARGEST_TREE:
        return True
    depth = 0
    for found in _TAG.finditer(text):
        if found.group(2).lower() not in _VOID and found.group(2) not in ("p", "li", "P", "LI"):
            depth += -1 if found.group(1) else 1
            if depth > DEEPEST_TREE:
                return True
            depth = max(depth, 0)
    return False


def bare_lines(text: str) -> Iterator[str]:
    """Yield the lines of text between tags, in one pass over the markup."""
    line: list[str] = []
    for piece, tag in _pieces(text):
        line.append(piece)
        if tag not in _INLINE:
            words = _SPACE.sub(" ", html.unescape("".join(line))).strip()
            line = []
            if words:
                yield words


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield each stretch of text with the name of the tag that ends it."""
    place, length, low = 0, len(text), text.lower()
    while place < length:
        opened = text.find("<", place)
        if opened < 0:
            break
        found = _TAG.match(text, opened)
        name = found.group(2).lower() if found else ""
        closing = "-->" if text.startswith("<!--", opened) else ">"
        closed = text.find(closing, opened + 1)
        if closed < 0:
            break
        yield text[place:opened], name
        place = closed + len(closing)
        if name in _UNSEEN and found and not found.group(1) and name != "head":
            after = low.find(f"</{name}", place)
            place = length if after < 0 else after
    if place < length:
        yield text[place:].partition("<")[0], ""


# With a tree


def _tree(text: str) -> "HtmlElement | None":
    # imported here: most commands never read markup, and it takes a quarter of a second
    from lxml import etree  # noqa: PLC0415
    from lxml import html as lxml_html  # noqa: PLC0415

    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None


def _article(text: str) -> str:
    """Return the article's lines as trafilatura finds them."""
    import trafilatura  # noqa: PLC0415 - see above

    found = trafilatura.extract(
        text, favor_precision=True, include_comments=False, include_tables=False
    )
    return found or ""


@dataclass(slots=True)
class _Walk:
    """One way through a tree. ``zones`` : what the elements around say, innermost last."""

    pieces: list[str] = field(default_factory=list)
    zones: list[Zone | None] = field(default_factory=lambda: [None])
    stamp: str = ""

    def lines(self, tree: "HtmlElement") -> Iterator[Visible]:
        """Yield the visible lines in their order."""
        from lxml import etree  # noqa: PLC0415 - see above

        events = etree.iterwalk(tree, events=("start", "end"))
        for event, element in events:
            tag = element.tag if isinstance(element.tag, str) else "script"
            if event == "start":
                if _is_hidden(element, tag):
                    events.skip_subtree()
                    self.zones.append(self.zones[-1])
                    continue
                yield from self._open(element, tag)
            else:
                yield from self._close(element, tag)
        yield from self._flush()

    def _open(self, element: "HtmlElement", tag: str) -> Iterator[Visible]:
        if tag not in _INLINE:
            yield from self._flush()
        around = self.zones[-1]
        self.zones.append(around if around in _CLOSED else _zone_of(element, tag) or around)
        self.stamp = self.stamp or str(element.get("datetime") or "")[:40]
        self.pieces.append(element.text or "")

    def _close(self, element: "HtmlElement", tag: str) -> Iterator[Visible]:
        if tag not in _INLINE:
            yield from self._flush()
        self.zones.pop()
        self.pieces.append(element.tail or "")

    def _flush(self) -> Iterator[Visible]:
        words = _SPACE.sub(" ", "".join(self.pieces)).strip()
        self.pieces.clear()
        if words:
            yield Visible(words, self.zones[-1], self.stamp)
            self.stamp = ""


def _is_hidden(element: "HtmlElement", tag: str) -> bool:
    if tag in _UNSEEN or element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and "display:none" in style.replace(" ", "").lower()


def _zone_of(element: "HtmlElement", tag: str) -> Zone | None:
    """Return the zone that a tag, or its class or id, tells."""
    if tag in ("html", "body", "main", "article"):
        return None
    names = (
        f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
    )
    for name in _CLASS.findall(names.lower().replace("_", "-")):
        zone = _class_zone(name)
        if zone is not None:
            return zone
    return _BY_TAG.get(tag)


@lru_cache(maxsize=4096)
def _class_zone(name: str) -> Zone | None:
    """Return the zone that the name of a class tells, by all of it or its last two words."""
    zones = class_zones()
    words = name.split("-")
    return zones.get(name) or zones.get("-".join(words[-2:])) or zones.get(words[0])


def _hints(lines: Sequence[Visible], article: str, facts: Facts) -> tuple[Hint, ...]:
    """Say of each line whether it is of the article, and its zone where the markup tells it."""
    told = {_key(line) for line in article.split("\n")} - {""}
    found = [_key(line.text) in told for line in lines]
    doubted = _around_the_article(lines, found)
    first = _first_paragraph(lines, found)
    return tuple(
        _hint(
            line,
            facts,
            of_article=inside,
            doubted=line.zone in doubted or (line.zone is Zone.DEK and place > first),
        )
        for place, (line, inside) in enumerate(zip(lines, found, strict=True))
    )


def _first_paragraph(lines: Sequence[Visible], found: Sequence[bool]) -> int:
    told = (place for place, inside in enumerate(found) if inside)
    return next((place for place in told if lines[place].zone is None), len(lines))


def _key(text: str) -> str:
    return _PLAIN.sub("", text.lower())


def _around_the_article(lines: Sequence[Visible], found: Sequence[bool]) -> frozenset[Zone | None]:
    """Return the zones that hold a good part of the article: their names mean something else."""
    total = sum(len(line.text) for line, inside in zip(lines, found, strict=True) if inside)
    shares: dict[Zone | None, int] = {}
    for line, inside in zip(lines, found, strict=True):
        if inside:
            shares[line.zone] = shares.get(line.zone, 0) + len(line.text)
    return frozenset(zone for zone, share in shares.items() if share > total / 3)


def _hint(line: Visible, facts: Facts, *, of_article: bool, doubted: bool) -> Hint:
    zone = None if doubted else line.zone
    if zone is None and facts.title and _key(line.text) == _key(facts.title):
        zone = Zone.HEADLINE
    if zone is None and facts.dek and not of_article and _key(line.text) == _key(facts.dek):
        zone = Zone.DEK
    if zone in (Zone.HEADLINE, Zone.DEK):
        return Hint(zone, told=False)
    return Hint(zone, told=of_article and zone is None)


# Metadata


def _facts(tree: "HtmlElement") -> Facts:
    data = _linked_data(tree)
    meta = _meta(tree)
    root = tree.getroottree().getroot()
    published = _first_date([_text(data.get("datePublished"))])
    published = published or _first_date(meta.get(name, "") for name in _DATE_NAMES)
    publisher = data.get("publisher")
    named = publisher.get("name") if isinstance(publisher, dict) else ""
    return Facts(
        title=_text(data.get("headline")) or meta.get("og:title", "") or _title(tree),
        dek=_text(data.get("description")) or meta.get("og:description", "")
        or meta.get("description", ""),
        site=meta.get("og:site_name", "") or _text(named),
        url=_canonical(tree) or _address(meta.get("og:url", "")),
        language=str(root.get("lang") or "")[:2].lower(),
        published=published,
    )  # fmt: skip


def _first_date(texts: Sequence[str] | Iterator[str]) -> Dated | None:
    for text in texts:
        found = read_date(text[:60]) if text else None
        if found:
            return found.model_copy(update={"basis": DateBasis.METADATA})
    return None


def _text(value: object) -> str:
    return _SPACE.sub(" ", html.unescape(value)).strip() if isinstance(value, str) else ""


def _title(tree: "HtmlElement") -> str:
    return _text(tree.findtext(".//title") or "")


def _canonical(tree: "HtmlElement") -> str:
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            return _address(str(link.get("href") or ""))
    return ""


def _address(words: str) -> str:
    """Return an address that metadata give, if it is one."""
    try:
        return words if urlsplit(words).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _meta(tree: "HtmlElement") -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        found.setdefault(str(name).lower(), _text(str(element.get("content") or "")))
    return found


def _linked_data(tree: "HtmlElement") -> Mapping[str, object]:
    """Return what JSON-LD says of the article; what is no JSON says nothing."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            data = json.loads((script.text or "")[:_MOST_DATA])
        except (ValueError, RecursionError):
            continue
        for thing in _things(data):
            said = thing.get("@type")
            kinds = said if isinstance(said, list) else [said]
            if any(isinstance(kind, str) and kind in _ARTICLE_TYPES for kind in kinds):
                return thing
    return {}


def _things(data: object) -> Iterator[Mapping[str, object]]:
    """Yield the records of JSON-LD, on the first levels."""
    for thing in data if isinstance(data, list) else [data]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            if isinstance(graph, list):
                yield from (part for part in graph if isinstance(part, dict))
