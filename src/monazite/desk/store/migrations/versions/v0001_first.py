"""The first tables: pages, events and their reviews, links, runs, feeds, reads, search."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    _make_pages()
    _make_events()
    _make_reviews()
    _make_runs()
    _make_feeds()
    if op.get_bind().dialect.name == "sqlite":
        _make_search_of_sqlite()
    else:
        _make_search_of_postgresql()


def _make_pages() -> None:
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False, index=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("published", sa.String(10)),
        sa.Column("precision", sa.String(10)),
        sa.Column("basis", sa.String(10)),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("headline", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("simhash", sa.BigInteger, nullable=False),
        *(sa.Column(f"band_{n}", sa.Integer, nullable=False, index=True) for n in range(6)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("read_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "lines",
        _of("pages.id", "page_id"),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("zone", sa.String(20), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        _of("pages.id", "page_id", part_of_key=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("instrument", sa.String(40), nullable=False, index=True),
        sa.Column("family", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("day", sa.Date, nullable=False, index=True),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("original", sa.Text, nullable=False),
        sa.Column("current", sa.Text, nullable=False),
        sa.UniqueConstraint("page_id", "number"),
    )
    op.create_table(
        "mentions",
        _of("events.id", "event_id"),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("family", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
    )
    op.create_index("ix_mentions_lookup", "mentions", ["kind", "code", "family", "day"])
    op.create_table(
        "evidence",
        _of("events.id", "event_id"),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("zone", sa.String(20), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "links",
        _of("events.id", "event_id"),
        _of("events.id", "other_id", index=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("differs", sa.Text, nullable=False),
    )


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("events.id"), nullable=False, index=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("became", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("output", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    kept = sa.ForeignKey("events.id")
    op.create_table(
        "run_events",
        _of("runs.id", "run_id"),
        sa.Column("event_id", sa.Integer, kept, primary_key=True, autoincrement=False),
    )


def _make_feeds() -> None:
    op.create_table(
        "seen",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "feeds",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("modified", sa.Text, nullable=False),
        sa.Column("due", sa.DateTime),
        sa.Column("failures", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "reads",
        _of("pages.id", "page_id"),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def _make_search_of_sqlite() -> None:
    # The text stays in `pages`; what is indexed is folded and has the same words in the same
    # order, so that snippets show the page's own spelling. Marks over letters (category Mn) are
    # part of a word in both.
    words = "porter unicode61 remove_diacritics 2 categories ''L* N* Co Mn''"
    for name, tokens in (("search_words", words), ("search_grams", "trigram")):
        op.execute(
            f"CREATE VIRTUAL TABLE {name} USING fts5("
            f"headline, story, content='pages', content_rowid='id', tokenize='{tokens}')"
        )


def _make_search_of_postgresql() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(
        "CREATE TABLE search_words (page_id integer PRIMARY KEY"
        " REFERENCES pages (id) ON DELETE CASCADE, words tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_search_words ON search_words USING gin (words)")
    op.execute("CREATE INDEX ix_search_grams ON pages USING gin (story gin_trgm_ops)")


def _of(target: str, name: str, *, part_of_key: bool = True, index: bool = False) -> sa.Column[int]:
    foreign = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(
        name, sa.Integer, foreign, primary_key=part_of_key, nullable=False, index=index,
        autoincrement=False,
    )  # fmt: skip
