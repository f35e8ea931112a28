"""The tables of the store. A change here needs a migration; a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

VERSION = "0001"
"""The newest migration: the version of the tables below."""
VERSION_TABLE = "monazite_version"
"""Says which migration a database has reached; a database without it is not ours."""
BANDS = 6
"""Parts that a fingerprint is looked up by."""


class Moment(TypeDecorator[datetime]):
    """A moment; kept in UTC, because SQLite knows no zones."""

    impl = DateTime
    cache_ok = True
    """One moment is like another: statements with them may be kept ready."""

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Drop the zone on the way in."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back on the way out."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()


def _own_id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _of(table: str, *, name: str = "", part_of_key: bool = True) -> Column[int]:
    """Make the column that points at a row of another table."""
    target = ForeignKey(f"{table}s.id", ondelete="CASCADE")
    return Column(
        name or f"{table}_id", Integer, target, primary_key=part_of_key, nullable=False,
        autoincrement=False,
    )  # fmt: skip


pages = Table(
    "pages",
    metadata,
    _own_id(),
    Column("record", Text, nullable=False),
    Column("url", Text, nullable=False, index=True),
    Column("site", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("published", String(10)),
    Column("precision", String(10)),
    Column("basis", String(10)),
    Column("title", Text, nullable=False),
    Column("headline", Text, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("simhash", BigInteger, nullable=False),
    *(Column(f"band_{number}", Integer, nullable=False, index=True) for number in range(BANDS)),
    Column("text", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("read_at", Moment, nullable=False),
)
"""``story`` : the lines that tell the page's own story; with the headline it is searched."""

lines = Table(
    "lines",
    metadata,
    _of("page"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("zone", String(20), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
)

events = Table(
    "events",
    metadata,
    _own_id(),
    _of("page", part_of_key=False),
    Column("number", Integer, nullable=False),
    Column("instrument", String(40), nullable=False, index=True),
    Column("family", String(40), nullable=False),
    Column("status", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("state", String(20), nullable=False, index=True),
    Column("original", Text, nullable=False),
    Column("current", Text, nullable=False),
    UniqueConstraint("page_id", "number"),
)
"""``original`` : the event as it was read, without evidence, as JSON; never changed.
``current`` : as it holds now; the other columns repeat of it what is asked for."""

mentions = Table(
    "mentions",
    metadata,
    _of("event"),
    Column("kind", String(20), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("family", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Index("ix_mentions_lookup", "kind", "code", "family", "day"),
)
"""Actors, targets, commodities and parties of events, one a row."""

evidence = Table(
    "evidence",
    metadata,
    _of("event"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("field", String(40), nullable=False),
    Column("zone", String(20), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    _own_id(),
    Column("event_id", Integer, ForeignKey("events.id"), nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("field", String(40), nullable=False),
    Column("was", Text, nullable=False),
    Column("became", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
"""What people said; rows are added and never changed. An event with reviews cannot be deleted."""

links = Table(
    "links",
    metadata,
    _of("event"),
    Column(
        "other_id",
        Integer,
        ForeignKey("events.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
        autoincrement=False,
    ),
    Column("kind", String(20), primary_key=True),
    Column("differs", Text, nullable=False),
)
"""``differs`` : names of fields, with commas between them."""

runs = Table(
    "runs",
    metadata,
    _own_id(),
    Column("scenario", Text, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

run_events = Table(
    "run_events",
    metadata,
    _of("run"),
    Column("event_id", Integer, ForeignKey("events.id"), primary_key=True, autoincrement=False),
)

seen = Table(
    "seen",
    metadata,
    Column("url", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Addresses that were fetched, whether a page came of it or not."""

feeds = Table(
    "feeds",
    metadata,
    Column("url", Text, primary_key=True),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("due", Moment),
    Column("failures", SmallInteger, nullable=False),
)

reads = Table(
    "reads",
    metadata,
    _of("page"),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)
