"""Small books of the store: runs, reads, addresses seen, where feeds stand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, bindparam, func, select, update

from monazite.desk.store import pages, tables
from monazite.desk.store.records import FeedState, ReadCount, Run
from monazite.errors import InputError

FORGOTTEN = 20
"""Half-lives after which a read no longer counts: less than a millionth of it is left."""

_RUN, _READ, _SEEN, _FEED = tables.runs.c, tables.reads.c, tables.seen.c, tables.feeds.c


def record_run(connection: Connection, run: Run) -> int:
    """Keep a run; return its number."""
    row = {
        "scenario": run.scenario, "manifest": run.manifest, "output": run.output, "at": run.at
    }  # fmt: skip
    inserted = connection.execute(tables.runs.insert().values(row))
    assert inserted.inserted_primary_key is not None
    number = int(inserted.inserted_primary_key[0])
    rows = [{"run_id": number, "event_id": event} for event in sorted(set(run.events))]
    if rows:
        connection.execute(tables.run_events.insert(), rows)
    return number


def runs(connection: Connection) -> tuple[Run, ...]:
    """Return all runs, the newest first."""
    events: dict[int, list[int]] = {}
    for row in connection.execute(select(tables.run_events).order_by(*tables.run_events.c)):
        events.setdefault(row.run_id, []).append(row.event_id)
    return tuple(
        Run(
            id=row.id,
            scenario=row.scenario,
            manifest=row.manifest,
            events=tuple(events.get(row.id, ())),
            at=row.at,
            output=row.output,
        )
        for row in connection.execute(select(tables.runs).order_by(_RUN.id.desc()))
    )


def count_read(connection: Connection, page: int, moment: datetime) -> None:
    """Count one more reading of a page on a day."""
    if connection.scalar(select(pages.PAGE.id).where(pages.PAGE.id == page)) is None:
        raise pages.no_such("page", [page])
    of_today = _READ.page_id == page, _READ.day == moment.date()
    more = update(tables.reads).where(*of_today).values(count=_READ.count + 1)
    if connection.execute(more).rowcount == 0:
        row = {"page_id": page, "day": moment.date(), "count": 1}
        connection.execute(tables.reads.insert().values(row))


def most_read(
    connection: Connection, moment: datetime, half_life_days: float, limit: int
) -> tuple[ReadCount, ...]:
    """Return the pages that are read most, old reads counting less."""
    if not 0 < half_life_days <= 3650:
        raise InputError("a half-life is from 0 to 3650 days", way_out="give days, such as 2")
    oldest = moment.date() - timedelta(days=FORGOTTEN * half_life_days)
    counted = select(tables.reads).where(_READ.day >= oldest, _READ.day <= moment.date())
    scores: dict[int, float] = {}
    for row in connection.execute(counted):
        age = (moment.date() - row.day).days
        scores[row.page_id] = scores.get(row.page_id, 0.0) + row.count * 0.5 ** (
            age / half_life_days
        )
    best = sorted(scores, key=lambda page: (-scores[page], page))[:limit]
    heads = pages.heads(connection, best)
    return tuple(ReadCount(heads[page], scores[page]) for page in best)


_SEE = tables.seen.insert()
_WAS_SEEN = select(_SEEN.url).where(_SEEN.url == bindparam("address"))


def has_seen(connection: Connection, url: str) -> bool:
    """Whether an address was fetched before."""
    return connection.scalar(_WAS_SEEN, {"address": url}) is not None


def keep_seen(connection: Connection, url: str, moment: datetime) -> None:
    """Remember that an address was fetched."""
    if url and not has_seen(connection, url):
        connection.execute(_SEE, {"url": url, "at": moment})


def feed_state(connection: Connection, url: str) -> FeedState:
    """Return where a feed stands; at the beginning if it is new."""
    row = connection.execute(select(tables.feeds).where(_FEED.url == url)).one_or_none()
    if row is None:
        return FeedState(url)
    return FeedState(row.url, row.etag, row.modified, row.due, row.failures)


def keep_feed_state(connection: Connection, state: FeedState) -> None:
    """Remember where a feed stands."""
    row = {
        "etag": state.etag, "modified": state.modified, "due": state.due,
        "failures": state.failures,
    }  # fmt: skip
    changed = update(tables.feeds).where(_FEED.url == state.url).values(row)
    if connection.execute(changed).rowcount == 0:
        connection.execute(tables.feeds.insert().values(url=state.url, **row))


def count(connection: Connection, table: Table) -> int:
    """Return the number of rows of a table."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def states(connection: Connection) -> Sequence[tuple[str, int]]:
    """Return how many events are in each state."""
    state = tables.events.c.state
    rows = connection.execute(select(state, func.count()).group_by(state).order_by(state))
    return [(row[0], row[1]) for row in rows]
