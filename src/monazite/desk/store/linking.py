"""Links between the store's events, kept up to date as pages come and people judge."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy import Connection, bindparam, or_, select

from monazite.desk.links import SAME_ACT, Link, LinkKind, Told, link, neighbours, parties
from monazite.desk.schema import Event
from monazite.desk.store import pages, tables
from monazite.desk.store.events import ACTOR, EVENT, PLACE, event_of
from monazite.desk.store.records import State, StoredLink

MOST_COMPARED = 40
"""Of each family and party the nearest so many events before and after are compared."""

A_WEEK = SAME_ACT + timedelta(days=1)

LINK = tables.links.c
_MENTION = tables.mentions.c


def renew(connection: Connection, numbers: Collection[int]) -> None:
    """Find the links of changed or rejected events anew, and of those whose step they were."""
    if numbers:
        connect(connection, set(numbers) | _forget(connection, numbers))


def connect(connection: Connection, numbers: Collection[int]) -> None:
    """Find the links of events that have none."""
    fresh = _told(connection, numbers)
    around = {number for told in fresh for number in _near(connection, told)}
    known = _told(connection, around.difference(numbers))
    _keep(connection, link(fresh, known))


def _forget(connection: Connection, numbers: Collection[int]) -> set[int]:
    """Drop the links of events; return the others that now lack the act they were a step after."""
    touching = or_(LINK.event_id.in_(list(numbers)), LINK.other_id.in_(list(numbers)))
    steps = select(LINK.event_id).where(touching, LINK.kind != LinkKind.DUPLICATES)
    left = set(connection.scalars(steps))
    connection.execute(tables.links.delete().where(touching))
    return left


def _told(connection: Connection, numbers: Collection[int]) -> list[Told]:
    """Load events that nobody has rejected."""
    if not numbers:
        return []
    both = tables.events.join(tables.pages, EVENT.page_id == pages.PAGE.id)
    query = (
        select(EVENT.id, EVENT.page_id, EVENT.current, pages.PAGE.published)
        .select_from(both)
        .where(EVENT.id.in_(list(numbers)), EVENT.state != State.REJECTED)
    )
    return [
        Told(key=row.id, page=row.page_id, event=event_of(row.current), published=row.published)
        for row in connection.execute(query)
    ]


# Made once: making a statement takes longer than running these.
_HERE = (
    select(_MENTION.event_id)
    .where(
        _MENTION.kind == bindparam("kind"),
        _MENTION.code == bindparam("code"),
        _MENTION.family == bindparam("family"),
    )
    .limit(MOST_COMPARED)
)
_EARLIER = _HERE.where(_MENTION.day <= bindparam("until")).order_by(_MENTION.day.desc())
_LATER = _HERE.where(_MENTION.day > bindparam("since")).order_by(_MENTION.day)


def _near(connection: Connection, told: Told) -> Iterator[int]:
    """Yield events of the same families and parties, before and after it."""
    first, last = told.span or (date.max, date.max)
    until = min(last, date.max - A_WEEK) + A_WEEK
    for kind, code, family in _ways(told.event):
        place = {"kind": kind, "code": code, "family": family}
        yield from connection.scalars(_EARLIER, place | {"until": until})
        if told.span:
            yield from connection.scalars(_LATER, place | {"since": first})


def _ways(event: Event) -> Iterator[tuple[str, str, str]]:
    for family in sorted(neighbours(event)):
        for code in sorted(parties(event)):
            yield ACTOR, code, family
            yield PLACE, code, family


def _keep(connection: Connection, found: Iterable[Link]) -> None:
    rows = [
        {
            "event_id": one.event,
            "other_id": one.other,
            "kind": one.kind,
            "differs": ",".join(one.differs),
        }
        for one in found
    ]
    steps = [row["event_id"] for row in rows if row["kind"] != LinkKind.DUPLICATES]
    if steps:
        mine = LINK.event_id.in_(steps)
        connection.execute(tables.links.delete().where(mine, LINK.kind != LinkKind.DUPLICATES))
    if rows:
        connection.execute(tables.links.insert(), rows)


def load(connection: Connection, numbers: Collection[int]) -> tuple[StoredLink, ...]:
    """Return the links of some events, or all of them where none is named."""
    query = tables.links.select().order_by(LINK.event_id, LINK.other_id, LINK.kind)
    if numbers:
        some = list(numbers)
        query = query.where(or_(LINK.event_id.in_(some), LINK.other_id.in_(some)))
    return tuple(
        StoredLink(
            event=row.event_id,
            other=row.other_id,
            kind=LinkKind(row.kind),
            differs=tuple(filter(None, row.differs.split(","))),
        )
        for row in connection.execute(query)
    )
