"""Pages in the store: kept once by their text, found again by number, address or likeness."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from monazite.desk.schema import TOLD, DateBasis, Dated, Line, Page, Precision, Zone
from monazite.desk.store import tables
from monazite.desk.store.fingerprint import NEAR, bands, distance, fingerprint
from monazite.desk.store.records import PageHead, StoredPage
from monazite.errors import InputError

UNPARTED = frozenset({"ja", "zh", "ko", "th", "lo", "km", "my"})
"""Languages that do not part their words by spaces, or not the words that people look for."""

PAGE = tables.pages.c
HEAD = (
    PAGE.id, PAGE.record, PAGE.url, PAGE.site, PAGE.language, PAGE.published, PAGE.precision,
    PAGE.basis, PAGE.headline, PAGE.sha256, PAGE.read_at,
)  # fmt: skip
"""Columns that a `PageHead` is made of."""


def has_words(language: str) -> bool:
    """Whether spaces part the words of a language.

    >>> has_words("es"), has_words("zh-CN")
    (True, False)
    """
    return language.split("-", maxsplit=1)[0].lower() not in UNPARTED


def story(page: Page) -> str:
    """Return what a page tells below its headline, without menus and leads."""
    return "\n".join(page.words(*(TOLD - {Zone.HEADLINE})))


_BY_TEXT = select(PAGE.id).where(PAGE.sha256 == bindparam("hash"))


def number_of(connection: Connection, page: Page) -> int | None:
    """Return the number of the page with this text."""
    return connection.scalar(_BY_TEXT, {"hash": page.sha256})


def insert(connection: Connection, page: Page, simhash: int, moment: datetime) -> int:
    """Keep a new page with its fingerprint and lines; return its number."""
    inserted = connection.execute(_INSERT, _row(page, simhash, moment))
    assert inserted.inserted_primary_key is not None
    number = int(inserted.inserted_primary_key[0])
    rows = [
        {"page_id": number, "number": n, "zone": line.zone, "start": line.start, "end": line.end}
        for n, line in enumerate(page.lines)
    ]
    if rows:
        connection.execute(tables.lines.insert(), rows)
    return number


_INSERT = tables.pages.insert()


def _row(page: Page, simhash: int, moment: datetime) -> Mapping[str, object]:
    when = page.published
    return {
        "record": page.id,
        "url": page.url,
        "site": page.site,
        "language": page.language,
        "published": when.value if when else None,
        "precision": when.precision if when else None,
        "basis": when.basis if when else None,
        "title": page.title,
        "headline": page.headline,
        "sha256": page.sha256,
        "simhash": simhash,
        **{f"band_{n}": band for n, band in enumerate(bands(simhash))},
        "text": page.text,
        "story": story(page),
        "read_at": moment,
    }


def simhash_of(page: Page) -> int:
    """Return the fingerprint of what a page tells."""
    return fingerprint(story(page) or page.text, has_words=has_words(page.language))


_SAME_BAND = select(PAGE.id, PAGE.simhash, PAGE.sha256).where(
    or_(*(PAGE[f"band_{n}"] == bindparam(f"band_{n}") for n in range(tables.BANDS)))
)


def near(connection: Connection, page: Page, simhash: int) -> list[int]:
    """Return the numbers of other pages with nearly the same text, the nearest first."""
    if simhash == 0:
        return []
    rows = connection.execute(
        _SAME_BAND, {f"band_{n}": band for n, band in enumerate(bands(simhash))}
    )
    found = [
        (far, row.id)
        for row in rows
        if (far := distance(simhash, row.simhash)) <= NEAR and row.sha256 != page.sha256
    ]
    return [number for _, number in sorted(found)]


def head(row: Row[*tuple[Any, ...]]) -> PageHead:
    """Make a head of a row that has the columns of `HEAD`."""
    return PageHead(
        id=row.id,
        record=row.record,
        url=row.url,
        site=row.site,
        language=row.language,
        published=_dated(row.published, row.precision, row.basis),
        headline=row.headline,
        sha256=row.sha256,
        read_at=row.read_at,
    )


def _dated(value: str | None, precision: str | None, basis: str | None) -> Dated | None:
    if value is None or precision is None or basis is None:
        return None
    return Dated(value=value, precision=Precision(precision), basis=DateBasis(basis))


def heads(connection: Connection, numbers: Iterable[int]) -> dict[int, PageHead]:
    """Return the heads of some pages by number."""
    rows = connection.execute(select(*HEAD).where(PAGE.id.in_(set(numbers))))
    return {row.id: head(row) for row in rows}


def newest(connection: Connection, limit: int | None) -> tuple[PageHead, ...]:
    """Return heads of pages, the last read first."""
    rows = connection.execute(select(*HEAD).order_by(PAGE.id.desc()).limit(limit))
    return tuple(head(row) for row in rows)


def load(connection: Connection, number: int) -> StoredPage:
    """Return a page as it was read.

    Raises
    ------
    InputError
        If the store has no such page.
    """
    wanted = select(*HEAD, PAGE.title, PAGE.text).where(PAGE.id == number)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise no_such("page", [number])
    found = head(row)
    page = Page(
        id=found.record,
        text=row.text,
        lines=_lines(connection, number),
        url=found.url,
        site=found.site,
        language=found.language,
        published=found.published,
        title=row.title,
    )
    return StoredPage(found, page)


def _lines(connection: Connection, number: int) -> tuple[Line, ...]:
    line = tables.lines.c
    wanted = (
        select(line.zone, line.start, line.end).where(line.page_id == number).order_by(line.number)
    )
    rows = connection.execute(wanted)
    return tuple(Line(zone=Zone(row.zone), start=row.start, end=row.end) for row in rows)


def no_such(kind: str, numbers: Sequence[int]) -> InputError:
    """Say that the store does not have what is asked for."""
    shown = ", ".join(str(number) for number in numbers[:5])
    return InputError(
        f"the store has no {kind} {shown}", way_out="`monazite events list` shows the numbers"
    )
