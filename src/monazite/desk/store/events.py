"""Events in the store: as they were read, as they hold now, and every word said about them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, select, update

from monazite.desk.links import span
from monazite.desk.schema import INSTRUMENTS, Event, Evidence, Zone
from monazite.desk.store import letters, pages, tables
from monazite.desk.store.records import EventFilter, Review, State, StoredEvent
from monazite.errors import InputError, UnknownCodeError

ACTOR, TARGET, COMMODITY, PLACE = "actor", "target", "commodity", "place"
EDITABLE = frozenset(Event.model_fields) - {"id", "evidence"}
"""Fields that a person may change; what a page says stays what it says."""

EVENT = tables.events.c
_KEPT = (EVENT.id.label("event_id"), EVENT.original, EVENT.current, EVENT.state)
_MANY = 500
"""Evidence is fetched for so many events at a time."""


# --- keeping ---------------------------------------------------------------------------------


def check(events: Sequence[Event]) -> None:
    """Refuse events whose words a database cannot hold."""
    for event in events:
        letters.check(event.id, *_strings(event.model_dump()))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _strings(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)


def insert(
    connection: Connection, page_id: int, events: Sequence[Event], fallback: date
) -> tuple[int, ...]:
    """Keep the events of a new page; return their numbers.

    Parameters
    ----------
    connection : Connection
        That writes.
    page_id : int
        The page that tells them.
    events : sequence of Event
        As the page tells them.
    fallback : date
        Day that counts for an event without a date.
    """
    numbers = tuple(
        _insert_one(connection, page_id, place, event, fallback)
        for place, event in enumerate(events, start=1)
    )
    _insert_rows(connection, tables.evidence, _evidence_rows(numbers, events))
    mentioned = zip(numbers, events, strict=True)
    rows = [row for number, event in mentioned for row in _mentions(number, event, fallback)]
    _insert_rows(connection, tables.mentions, rows)
    return numbers


_INSERT = tables.events.insert()


def _insert_one(
    connection: Connection, page_id: int, place: int, event: Event, fallback: date
) -> int:
    document = _document(event)
    row = {
        "page_id": page_id,
        "number": place,
        "state": State.UNREVIEWED,
        "original": document,
        "current": document,
        **_columns(event, fallback),
    }
    inserted = connection.execute(_INSERT, row)
    assert inserted.inserted_primary_key is not None
    return int(inserted.inserted_primary_key[0])


def _insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def _document(event: Event) -> str:
    return event.model_dump_json(exclude={"evidence"})


def _columns(event: Event, fallback: date) -> dict[str, object]:
    return {
        "instrument": event.instrument,
        "family": INSTRUMENTS[event.instrument].family,
        "status": event.status,
        "role": event.role,
        "day": _day(event, fallback),
    }


def _day(event: Event, fallback: date) -> date:
    return span(event.date)[0] if event.date else fallback


def _evidence_rows(numbers: Sequence[int], events: Sequence[Event]) -> list[Mapping[str, object]]:
    return [
        {"event_id": event_id, "number": place, **proof.model_dump()}
        for event_id, event in zip(numbers, events, strict=True)
        for place, proof in enumerate(event.evidence)
    ]


def _mentions(event_id: int, event: Event, fallback: date) -> list[Mapping[str, object]]:
    place = (event.place,) if event.place and not event.actor else ()
    named = ((ACTOR, event.actor), (TARGET, event.target), (COMMODITY, event.commodities),
             (PLACE, place))  # fmt: skip
    common = {
        "event_id": event_id,
        "family": INSTRUMENTS[event.instrument].family,
        "day": _day(event, fallback),
    }
    return [{"kind": kind, "code": code, **common} for kind, codes in named for code in set(codes)]


# --- giving back -----------------------------------------------------------------------------


def of_page(connection: Connection, page_id: int) -> tuple[int, ...]:
    """Return the numbers of a page's events, in the page's order."""
    wanted = select(EVENT.id).where(EVENT.page_id == page_id).order_by(EVENT.number)
    return tuple(connection.scalars(wanted))


def load(connection: Connection, numbers: Collection[int]) -> tuple[StoredEvent, ...]:
    """Return some events in the order of their numbers.

    Raises
    ------
    InputError
        If the store does not have one of them.
    """
    found = find(connection, EventFilter(ids=frozenset(numbers)))
    missing = set(numbers) - {event.id for event in found}
    if missing:
        raise pages.no_such("event", sorted(missing))
    return tuple(sorted(found, key=lambda event: event.id))


def find(connection: Connection, wanted: EventFilter) -> tuple[StoredEvent, ...]:
    """Return the events that a filter lets through, the newest first."""
    rows = connection.execute(_query(wanted)).all()
    proofs = _evidence(connection, [row.event_id for row in rows])
    return tuple(_stored(row, proofs.get(row.event_id, ())) for row in rows)


def _query(wanted: EventFilter) -> Select[Any]:
    both = tables.events.join(tables.pages, EVENT.page_id == pages.PAGE.id)
    newest_first = EVENT.day.desc(), EVENT.id.desc()
    query = select(*_KEPT, *pages.HEAD).select_from(both).order_by(*newest_first)
    return query.where(*_conditions(wanted)).limit(wanted.limit)


def _conditions(wanted: EventFilter) -> list[ColumnElement[bool]]:
    among = (
        (EVENT.id, wanted.ids),
        (EVENT.page_id, wanted.pages),
        (EVENT.instrument, wanted.instruments),
        (EVENT.family, wanted.families),
        (EVENT.state, wanted.states),
        (EVENT.role, wanted.roles),
        (pages.PAGE.language, wanted.languages),
    )
    named = ((ACTOR, wanted.actors), (TARGET, wanted.targets), (COMMODITY, wanted.commodities))
    return [
        *(column.in_(list(values)) for column, values in among if values),
        *(EVENT.id.in_(_mentioning(kind, codes)) for kind, codes in named if codes),
        *([EVENT.day >= span(wanted.since)[0]] if wanted.since else ()),
        *([EVENT.day <= span(wanted.until)[1]] if wanted.until else ()),
    ]


def _mentioning(kind: str, codes: Collection[str]) -> Select[tuple[int]]:
    mention = tables.mentions.c
    return select(mention.event_id).where(mention.kind == kind, mention.code.in_(list(codes)))


def _evidence(connection: Connection, numbers: Sequence[int]) -> Mapping[int, tuple[Evidence, ...]]:
    found: dict[int, list[Evidence]] = {}
    proof = tables.evidence.c
    for place in range(0, len(numbers), _MANY):
        some = numbers[place : place + _MANY]
        query = tables.evidence.select().where(proof.event_id.in_(some))
        for row in connection.execute(query.order_by(proof.event_id, proof.number)):
            found.setdefault(row.event_id, []).append(
                Evidence(
                    field=row.field, zone=Zone(row.zone), start=row.start, end=row.end,
                    text=row.text,
                )
            )  # fmt: skip
    return {number: tuple(rows) for number, rows in found.items()}


def _stored(row: Row[*tuple[Any, ...]], proofs: tuple[Evidence, ...]) -> StoredEvent:
    original = event_of(row.original, proofs)
    changed = row.current != row.original
    return StoredEvent(
        id=row.event_id,
        page=pages.head(row),
        event=event_of(row.current, proofs) if changed else original,
        original=original,
        state=State(row.state),
    )


def event_of(document: str, proofs: tuple[Evidence, ...] = ()) -> Event:
    """Make an event of its document and its evidence."""
    event = Event.model_validate_json(document)
    return event.model_copy(update={"evidence": proofs}) if proofs else event


# --- reviews ---------------------------------------------------------------------------------


def judge(
    connection: Connection, stored: Sequence[StoredEvent], verdict: State, who: str, note: str,
    moment: datetime,
) -> None:  # fmt: skip
    """Write down that somebody accepts or rejects events."""
    said = {"who": _name(who, note), "verdict": verdict, "note": note, "at": moment}
    blank = {"field": "", "was": "", "became": ""}
    rows = [{"event_id": one.id, **said, **blank} for one in stored]
    _insert_rows(connection, tables.reviews, rows)
    numbers = [one.id for one in stored]
    connection.execute(update(tables.events).where(EVENT.id.in_(numbers)).values(state=verdict))


def edit(
    connection: Connection, stored: StoredEvent, changes: Mapping[str, object], who: str,
    note: str, moment: datetime,
) -> None:  # fmt: skip
    """Write down that somebody changes an event; the original stays."""
    edited = changed(stored.event, changes, where=f"event {stored.id}")
    check([edited])
    was, became = _values(stored.event), _values(edited)
    said = {"who": _name(who, note), "verdict": State.EDITED, "note": note, "at": moment}
    rows = [
        {"event_id": stored.id, **said, "field": field, "was": was[field], "became": became[field]}
        for field in became
        if was[field] != became[field]
    ]
    if not rows:
        raise InputError(
            "nothing would change", where=f"event {stored.id}", way_out="accept it instead"
        )
    _insert_rows(connection, tables.reviews, rows)
    fallback = _fallback(stored)
    columns = _columns(edited, fallback) | {"state": State.EDITED, "current": _document(edited)}
    connection.execute(update(tables.events).where(EVENT.id == stored.id).values(columns))
    mention = tables.mentions
    connection.execute(mention.delete().where(mention.c.event_id == stored.id))
    _insert_rows(connection, mention, _mentions(stored.id, edited, fallback))


def changed(event: Event, changes: Mapping[str, object], *, where: str) -> Event:
    """Return an event with some fields changed, checked as any event.

    Raises
    ------
    InputError
        If there is no such field, or it cannot be that.
    """
    for field in changes:
        if field not in EDITABLE:
            raise UnknownCodeError("field", field, EDITABLE, where=where)
    try:
        return Event.model_validate(event.model_dump() | dict(changes))
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise InputError(f"{place}: {fault['msg']}", where=where) from error


def _values(event: Event) -> dict[str, str]:
    document = event.model_dump(mode="json", include=set(EDITABLE))
    return {field: json.dumps(value, ensure_ascii=False) for field, value in document.items()}


def _fallback(stored: StoredEvent) -> date:
    return day_of(stored.page.published.value if stored.page.published else None,
                  stored.page.read_at)  # fmt: skip


def day_of(published: str | None, read_at: datetime) -> date:
    """Return the day that counts for events of a page that have none."""
    return span(published)[0] if published else read_at.date()


def _name(who: str, note: str) -> str:
    letters.check("review", who, note)
    if not who.strip():
        raise InputError("a review needs a name", way_out="say who")
    return who.strip()


def reviews(connection: Connection, number: int) -> tuple[Review, ...]:
    """Return what was said about an event, in order."""
    review = tables.reviews.c
    query = tables.reviews.select().where(review.event_id == number).order_by(review.id)
    return tuple(
        Review(
            event=row.event_id,
            who=row.who,
            verdict=State(row.verdict),
            at=row.at,
            note=row.note,
            field=row.field,
            was=row.was,
            became=row.became,
        )
        for row in connection.execute(query)
    )
