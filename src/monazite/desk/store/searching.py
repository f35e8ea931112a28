"""Full text search: words where spaces part them, runs of characters where they do not.

SQLite: FTS5, ranked by bm25, with English stems. PostgreSQL: tsvector and pg_trgm. Both index
what a page tells, not its menus; Arabic is folded first, so that a word is found with and
without its article, marks and forms of alef.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Integer,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
)

from monazite.desk.store import letters, pages, tables
from monazite.desk.store.pages import PAGE, UNPARTED, has_words
from monazite.desk.store.records import MATCH_END, MATCH_START, Hit
from monazite.errors import InputError

MOST_LETTERS, MOST_TERMS = 400, 16
SHORTEST_RUN = 3
"""Characters that an index of runs needs; shorter terms are looked for in the text itself."""
HEADLINE_WEIGHT = 4.0
"""Times that a word in a headline counts."""
AROUND = 60
"""Characters shown on either side of a match where there are no words to count."""

_TERMS = re.compile(r'"([^"]+)"|([^\s"]+)')
_WORDS = re.compile(r"[\w\u064b-\u065f]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640]")
_ARTICLE = re.compile(r"\b(?:[وفبك]?ال|لل)(?=[\u0621-\u064a]{3})")
_LETTERS = str.maketrans("أإآٱىةؤئ", "ااااي" + "هوي")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all ``terms``, each a word or a phrase."""

    terms: tuple[str, ...]

    @property
    def is_unspaced(self) -> bool:
        """Whether it is in a script that does not part words."""
        return any(_UNSPACED.search(term) for term in self.terms)


def parse(query: str) -> Query:
    """Read a query: words, and phrases between quotation marks; nothing else means anything.

    >>> parse('china "rare earths" OR')
    Query(terms=('china', 'rare earths', 'OR'))

    Raises
    ------
    InputError
        If it has no word, or too many.
    """
    if len(query) > MOST_LETTERS:
        raise InputError(f"a query has at most {MOST_LETTERS} letters", way_out="shorten it")
    letters.check("query", query)
    found = ("".join(match.groups("")) for match in _TERMS.finditer(query))
    terms = tuple(term for term in found if _WORDS.search(term))
    if not terms or len(terms) > MOST_TERMS:
        raise InputError(
            f"a query has from one to {MOST_TERMS} words", way_out="say what to look for"
        )
    return Query(terms)


def fold(written: str) -> str:
    """Return a text with the spelling of its words levelled; it has as many words as before.

    >>> fold("Élan")
    'Elan'
    >>> fold("والمعادن") == fold("مَعادن")
    True
    """
    if written.isascii():
        return written
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", written))
    composed = unicodedata.normalize("NFC", plain)
    return _ARTICLE.sub("", _MARKS.sub("", composed).translate(_LETTERS))


def level(written: str) -> str:
    r"""Return a text of an unspaced script with wide letters made narrow, as long as it was.

    >>> level("\uff35\uff33 レアアース")
    'US レアアース'
    """
    return written.translate(_WIDE)


# --- indexing --------------------------------------------------------------------------------


def index(connection: Connection, number: int, language: str, headline: str, story: str) -> None:
    """Make a new page findable."""
    spaced = has_words(language)
    if connection.dialect.name == "sqlite":
        table, form = ("search_words", fold) if spaced else ("search_grams", level)
        connection.execute(_INSERT[table], {"n": number, "h": form(headline), "s": form(story)})
    elif spaced:
        words = {"n": number, "h": fold(headline), "s": fold(story)}
        connection.execute(_INSERT["tsvector"], words)


_INSERT = {
    name: text(f"INSERT INTO {name} (rowid, headline, story) VALUES (:n, :h, :s)")
    for name in ("search_words", "search_grams")
} | {
    "tsvector": text(
        "INSERT INTO search_words (page_id, words) VALUES (:n,"
        " setweight(to_tsvector('english', :h), 'A') || to_tsvector('english', :s))"
    )
}


# --- finding ---------------------------------------------------------------------------------


def search(connection: Connection, query: Query, limit: int) -> tuple[Hit, ...]:
    """Return the pages in which all terms stand, the best first."""
    found: list[_Found] = []
    if not query.is_unspaced:
        in_words = _words_of_sqlite if _is_sqlite(connection) else _words_of_postgresql
        found += in_words(connection, query, limit)
    found += _unspaced(connection, query, limit)
    found.sort(key=lambda one: (-one.rank, -one.page))
    heads = pages.heads(connection, [one.page for one in found[:limit]])
    return tuple(Hit(heads[one.page], one.snippet, one.rank) for one in found[:limit])


@dataclass(frozen=True, slots=True)
class _Found:
    page: int
    rank: float
    snippet: str


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _words_of_sqlite(connection: Connection, query: Query, limit: int) -> Iterator[_Found]:
    sought = " AND ".join(_quoted(term) for term in query.terms)
    marks = {"start": MATCH_START, "end": MATCH_END, "query": sought, "limit": limit}
    for row in connection.execute(_SQLITE_WORDS, marks):
        yield _Found(row.page, -row.rank, row.snippet)


_SQLITE_WORDS = text(
    "SELECT rowid AS page, rank, snippet(search_words, -1, :start, :end, '…', 24) AS snippet"
    " FROM search_words WHERE search_words MATCH :query"
    f" AND rank MATCH 'bm25({HEADLINE_WEIGHT}, 1.0)' ORDER BY rank LIMIT :limit"
)


def _quoted(term: str) -> str:
    """Make a phrase of FTS5 in which no character has a meaning."""
    return '"' + " ".join(_WORDS.findall(fold(term))) + '"'


def _words_of_postgresql(connection: Connection, query: Query, limit: int) -> Iterator[_Found]:
    sought = " ".join(f'"{" ".join(_WORDS.findall(fold(term)))}"' for term in query.terms)
    options = f"StartSel={MATCH_START}, StopSel={MATCH_END}, MaxWords=24, MinWords=12"
    given = {"query": sought, "limit": limit, "options": options}
    for row in connection.execute(_POSTGRESQL_WORDS, given):
        yield _Found(row.page, row.rank, row.snippet)


_POSTGRESQL_WORDS = text(
    "SELECT page, rank, ts_headline('english', story, sought, :options) AS snippet FROM ("
    " SELECT page_id AS page, ts_rank(words, sought) AS rank, sought"
    " FROM search_words, websearch_to_tsquery('english', :query) AS sought"
    " WHERE words @@ sought ORDER BY rank DESC, page_id DESC LIMIT :limit"
    ") AS found JOIN pages ON pages.id = page"
)


def _unspaced(connection: Connection, query: Query, limit: int) -> Iterator[_Found]:
    """Look for terms in pages whose language does not part its words."""
    terms = tuple(level(term) for term in query.terms)
    if _is_sqlite(connection) and any(len(term) >= SHORTEST_RUN for term in terms):
        ranks = _runs_of_sqlite(connection, terms, limit)
    else:
        ranks = _in_the_text(connection, query.terms, limit)
    for row in connection.execute(_TEXTS, {"pages": list(ranks)}) if ranks else ():
        yield _Found(row.id, ranks[row.id], _around(row.headline, row.story, terms))


_TEXTS = select(PAGE.id, PAGE.headline, PAGE.story).where(
    PAGE.id.in_(bindparam("pages", expanding=True))
)


def _runs_of_sqlite(connection: Connection, terms: Sequence[str], limit: int) -> dict[int, float]:
    long = [term for term in terms if len(term) >= SHORTEST_RUN]
    short = [term for term in terms if len(term) < SHORTEST_RUN]
    query = _SQLITE_RUNS.where(*map(_holds, short)) if short else _SQLITE_RUNS
    sought = " AND ".join('"' + term.replace('"', '""') + '"' for term in long)
    rows = connection.execute(query, {"query": sought, "most": limit})
    return {row.page: -row.score for row in rows}


_RUNS = (
    text("SELECT rowid AS page, rank AS score FROM search_grams WHERE search_grams MATCH :query")
    .columns(page=Integer, score=Float)
    .subquery()
)
_SQLITE_RUNS = (
    select(_RUNS.c.page, _RUNS.c.score)
    .join(tables.pages, PAGE.id == _RUNS.c.page)
    .order_by(_RUNS.c.score)
    .limit(bindparam("most"))
)


def _in_the_text(connection: Connection, terms: Sequence[str], limit: int) -> dict[int, float]:
    """Look without an index of runs; the rank is the number of matches."""
    unparted = or_(*(PAGE.language.like(f"{code}%") for code in sorted(UNPARTED)))
    count = sum((_times(term) for term in terms), literal(0.0))
    query = (
        select(PAGE.id, count.label("rank"))
        .where(unparted, *map(_holds, terms))
        .order_by(count.desc(), PAGE.id.desc())
        .limit(limit)
    )
    return {row.id: float(row.rank) for row in connection.execute(query)}


def _holds(term: str) -> ColumnElement[bool]:
    return or_(
        PAGE.story.icontains(term, autoescape=True), PAGE.headline.icontains(term, autoescape=True)
    )


def _times(term: str) -> ColumnElement[Any]:
    left = func.length(func.replace(func.lower(PAGE.story), term.lower(), ""))
    return (func.length(PAGE.story) - left) / float(len(term))


def _around(headline: str, story: str, terms: Sequence[str]) -> str:
    """Cut out what stands around the first match and mark every match in it."""
    anywhere = re.compile("|".join(map(re.escape, terms)), re.IGNORECASE)
    told = story if anywhere.search(level(story)) else headline
    match = anywhere.search(level(told))
    middle = match.start() if match else 0
    start, end = max(middle - AROUND, 0), min(middle + 2 * AROUND, len(told))
    cut = told[start:end]
    marked = _marked(cut, [hit.span() for hit in anywhere.finditer(level(cut))])
    return ("…" if start else "") + marked + ("…" if end < len(told) else "")


def _marked(cut: str, places: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in places:
        parts += [cut[done:start], MATCH_START, cut[start:end], MATCH_END]
        done = end
    return "".join((*parts, cut[done:]))
