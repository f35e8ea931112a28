"""Whether a store is whole: the file, its references, its texts, its index."""

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import Connection, select, text

from monazite.desk.store.pages import PAGE, has_words

_INDEXED = {
    "sqlite": "SELECT id FROM search_words_docsize UNION SELECT id FROM search_grams_docsize",
    "postgresql": "SELECT page_id FROM search_words",
}


def faults(connection: Connection) -> Iterator[str]:
    """Yield what is wrong, a line each; nothing if the store is sound."""
    if connection.dialect.name == "sqlite":
        yield from _of_the_file(connection)
    yield from _of_the_pages(connection)


def _of_the_file(connection: Connection) -> Iterator[str]:
    for row in connection.execute(text("PRAGMA integrity_check")):
        if row[0] != "ok":
            yield f"the file: {row[0]}"
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"{row[0]}: row {row[1]} points at a row of {row[2]} that is gone"


def _of_the_pages(connection: Connection) -> Iterator[str]:
    """Compare every text with its hash, and look whether it can be found."""
    kind = connection.dialect.name
    indexed = set(connection.scalars(text(_INDEXED[kind])))
    query = select(PAGE.id, PAGE.language, PAGE.sha256, PAGE.text).execution_options(yield_per=200)
    for row in connection.execute(query):
        if sha256(row.text.encode()).hexdigest() != row.sha256:
            yield f"page {row.id}: its text is not the one that was kept"
        if row.id not in indexed and (kind == "sqlite" or has_words(row.language)):
            yield f"page {row.id}: a search cannot find it"
