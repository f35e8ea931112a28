"""Pages as people have them, read into lines that belong to zones. Nothing is ever fetched.

A saved page's article is found by trafilatura; all its other text is kept beside, sorted by
``zones``. A text that was copied from a browser is sorted by ``zones`` alone.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from monazite.desk.dates import find_dates
from monazite.desk.lines import stop_words
from monazite.desk.markup import Markup, decode, is_feed, is_markup, kind_of_bytes
from monazite.desk.schema import DateBasis, Dated, Line, Page, Precision, Zone
from monazite.desk.zones import is_of_another_day, says_today, split
from monazite.errors import InputError

LARGEST = 64 * 2**20
"""Bytes or characters of the largest page that is read."""
MOST_LINES = 600_000
"""Lines of the longest page that is read."""

_GIVEN = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?:[T ][0-9]{2}:[0-9]{2}.*)?")
_PRECISION = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_DATELINE = re.compile(r"^[^\n]{0,90}?(?:\s[-–—]{1,2}\s|--|/\s|\)\s|:\s)")
_SAMPLE = 2000
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_WORD = re.compile(r"[^\W\d_]+")
_NEAR = frozenset({Zone.PUBLISHED, Zone.BYLINE, Zone.SOURCE, Zone.SECTION})


def read(
    path: Path, *, published: str | None = None, url: str = "", language: str | None = None
) -> Page:
    """Read a saved page, markup or plain text.

    Parameters
    ----------
    path : Path
        The file. What it holds counts, and not how it is called.
    published : str, optional
        Day, month or year of publication, if the page does not say it or not rightly.
    url : str
        Where it was published.
    language : str, optional
        ISO 639-1; told from the words if not given.

    Raises
    ------
    InputError
        The file is missing, empty, larger than ``LARGEST``, or no page.
    """
    raw = _bytes(path)
    kind = kind_of_bytes(raw)
    if kind:
        raise InputError(
            f"this is {kind}, not a page",
            where=str(path),
            way_out="save the page as HTML, or copy its text into a .txt file",
        )
    text = decode(raw)
    if is_feed(text):
        raise InputError(
            "this is a feed, not a page", where=str(path), way_out="use: monazite watch"
        )
    make = from_html if is_markup(text) else from_text
    return make(text, id=path.stem, url=url, published=published, language=language)


def _bytes(path: Path) -> bytes:
    where = str(path)
    try:
        size = path.stat().st_size
        _check_size(size, where=where)
        raw = path.read_bytes()
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise InputError(reason.lower(), where=where, way_out="name a saved page") from fault
    return raw


def _check_size(size: int, *, where: str) -> None:
    if size > LARGEST:
        raise InputError(
            f"a page of {size / 2**20:.0f} MB is more than {LARGEST // 2**20} MB",
            where=where,
            way_out="copy the article's text into a .txt file",
        )
    if not size:
        raise InputError("the page is empty", where=where, way_out="save it again")


def _check_lines(count: int, *, where: str) -> None:
    if count > MOST_LINES:
        raise InputError(
            f"a page of {count:,} lines is more than {MOST_LINES:,}",
            where=where,
            way_out="copy the article's text into a .txt file",
        )


def from_html(
    markup: bytes | str,
    *,
    id: str,
    url: str = "",
    published: str | None = None,
    language: str | None = None,
) -> Page:
    """Read a page from its markup. Its ``text`` is our own: the visible lines in their order.

    Markup too large or too deep for a tree is read as its bare text.
    """
    _check_size(len(markup), where=id)
    source = Markup.from_text(decode(markup) if isinstance(markup, bytes) else _kept(markup))
    _check_lines(len(source.lines), where=id)
    text = "\n".join(line.text for line in source.lines)
    if not text.strip():
        raise InputError(
            "the page has no text", where=id, way_out="save it when it has loaded, or copy its text"
        )
    facts = source.facts
    lines = split(text, source.hints)
    url = _kept(url) or facts.url
    spoken = _kept(language or "") or facts.language or _language(text)
    stamps = {line.text: line.stamp for line in source.lines if line.stamp}
    when = _given(published, where=id) or facts.published
    return Page(
        id=id,
        text=text,
        lines=lines,
        url=url,
        site=_host(url, where=id) or facts.site,
        language=spoken[:2].lower(),
        published=when or _published(text, lines, spoken, stamps),
        title=facts.title,
    )


def from_text(
    text: str,
    *,
    id: str,
    url: str = "",
    published: str | None = None,
    language: str | None = None,
) -> Page:
    """Read a page that is already text, such as one copied from a browser.

    The text is kept as it is, so that places in it are places in what the user has; only what no
    store can keep, a NUL or half a character, becomes one replacement character.
    """
    _check_size(len(text), where=id)
    text = _kept(text)
    _check_lines(text.count("\n"), where=id)
    lines = split(text)
    if not lines:
        raise InputError("the page is blank", where=id, way_out="copy its text again")
    url = _kept(url)
    spoken = (_kept(language or "") or _language(text))[:2].lower()
    return Page(
        id=id,
        text=text,
        lines=lines,
        url=url,
        site=_host(url, where=id),
        language=spoken,
        published=_given(published, where=id) or _published(text, lines, spoken, {}),
    )


def _host(url: str, *, where: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError as fault:
        raise InputError(
            f"'{url}' is no address", where=where, way_out="give the address of the page, or none"
        ) from fault


def shown(text: str) -> str:
    """Return a text without what cannot be seen but moves what can: bidi and other controls."""
    return _UNSEEN.sub("", text)


def _kept(text: str) -> str:
    return _UNKEPT.sub("\ufffd", text)


def _language(text: str) -> str:
    """Tell the language by its script, or by its small words; English if neither tells."""
    sample = text[:_SAMPLE]
    letters = len(_WORD.findall(sample)) + 1
    if len(_KANA.findall(sample)) > letters / 4:
        return "ja"
    if len(_HAN.findall(sample)) > letters:
        return "zh"
    if len(_ARABIC.findall(sample)) > letters:
        return "ar"
    words = _WORD.findall(sample.lower())
    counts = {
        language: sum(word in known for word in words) for language, known in stop_words().items()
    }
    return max(counts, key=counts.__getitem__)


# Date of publication


def _given(published: str | None, *, where: str) -> Dated | None:
    """Return the date of publication that the reader of the page gave."""
    if published is None:
        return None
    found = _GIVEN.fullmatch(published.strip())
    value = found.group(1) if found else ""
    try:
        date.fromisoformat(f"{value}-01-01"[:10])
    except ValueError as fault:
        raise InputError(
            f"'{_kept(published)}' is not a date",
            where=where,
            way_out="write it YYYY-MM-DD, YYYY-MM or YYYY",
        ) from fault
    return Dated(value=value, precision=_PRECISION[len(value)], basis=DateBasis.GIVEN)


def _published(
    text: str, lines: Sequence[Line], language: str, stamps: dict[str, str]
) -> Dated | None:
    """Return the date beside the headline, or in the dateline, or of the caption, or none.

    Lists, tickers and menus are never asked: their dates are of other stories.
    """
    for words in _beside_headline(text, lines):
        found = _date(stamps.get(words, words), language, DateBasis.BYLINE)
        if found:
            return found
    opening = next((line for line in lines if line.zone is Zone.BODY), None)
    if opening is not None:
        dateline = _DATELINE.match(text[opening.start : min(opening.end, opening.start + 120)])
        found = _date(dateline.group(), language, DateBasis.BYLINE) if dateline else None
        if found and found.precision is Precision.DAY:
            return found
    return _of_captions(text, lines, language) if _is_of_today(text, lines) else None


def _beside_headline(text: str, lines: Sequence[Line]) -> Iterator[str]:
    """Yield what stands about time between the headline and the second paragraph."""
    paragraphs = 0
    run: list[str] = []
    for line in lines:
        words = text[line.start : line.end]
        if line.zone in _NEAR and len(words) < 300:
            run.append(words)
            continue
        if run:
            yield from run
            yield " ".join(run)
            run = []
        paragraphs += line.zone is Zone.BODY
        if paragraphs > 1:
            return
    yield from run


def _is_of_today(text: str, lines: Sequence[Line]) -> bool:
    """Whether the page says that it is of today: only then are its pictures of that day."""
    return any(
        says_today(text[line.start : line.end]) for line in lines if line.zone is Zone.PUBLISHED
    )


def _of_captions(text: str, lines: Sequence[Line], language: str) -> Dated | None:
    """Return the day that all dated captions of the article have, unless they are of archives."""
    captions = {text[line.start : line.end] for line in lines if line.zone is Zone.CAPTION}
    days = {
        found
        for caption in captions
        if len(caption) < 600 and not is_of_another_day(caption)
        for found in [_date(caption, language, DateBasis.CAPTION)]
        if found and found.precision is Precision.DAY
    }
    return days.pop() if len(days) == 1 else None


def _date(words: str, language: str, basis: DateBasis) -> Dated | None:
    """Return the first day, or else month, that the words name with its year."""
    found = find_dates(words, published=None, language=language)
    for precision in (Precision.DAY, Precision.MONTH):
        for mention in found:
            if mention.precision is precision:
                return Dated(value=mention.value, precision=precision, basis=basis)
    return None
