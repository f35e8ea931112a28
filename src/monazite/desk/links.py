"""What events are to each other: one act told twice, an act that changes an earlier one.

Two tellings of different pages are duplicates if they name the same instrument, actor and goods
within a week and do the same to it. An act follows the nearest earlier act of its family by the
same actor on the same goods; its status says how: it extends, suspends, ends or denies it.
Nothing here knows a store: events in, links out, in whatever order they come.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import product
from types import MappingProxyType
from typing import Self

from monazite.desk.schema import (
    EVERYBODY,
    INSTRUMENTS,
    STATUSES,
    Event,
    Magnitude,
    PartialDate,
    Role,
)
from monazite.errors import InputError


class LinkKind(StrEnum):
    """What one event is to another."""

    DUPLICATES = "duplicates"
    """Both tell one act; goes both ways, written once, the later number first."""
    EXTENDS = "extends"
    SUSPENDS = "suspends"
    ENDS = "ends"
    DENIES = "denies"
    FOLLOWS = "follows"
    """A later step of the same kind, by the same actor on the same goods."""
    REFERS = "refers"
    """Told without a date, for context: the nearest earlier act that it can mean."""


TURNS: Mapping[str, LinkKind] = MappingProxyType(
    {
        "extended": LinkKind.EXTENDS,
        "suspended": LinkKind.SUSPENDS,
        "ending": LinkKind.ENDS,
        "ended": LinkKind.ENDS,
        "dropped": LinkKind.ENDS,
        "not_imposed": LinkKind.DENIES,
        "denied": LinkKind.DENIES,
    }
)
"""Statuses that do something to an earlier act."""
_TURNING = frozenset(TURNS.values())
ENDED_BY: Mapping[str, str] = MappingProxyType({"restart": "shock"})
"""Families whose events end what another family began."""
SAME_ACT = timedelta(days=7)
"""How far apart two pages may date one act."""
SAME_STORY = timedelta(days=366)
"""How long after an act another may still be its next step; a turn may come any time later."""
SAME_SIZE = 0.05
"""Relative difference up to which two sizes are one, rounded differently."""


@dataclass(frozen=True)
class Told:
    """An event as one page tells it.

    ``key`` : tells it from all others that it is compared with. ``page`` : tells its page from
    other pages. ``published`` : date of the page.
    """

    key: int
    page: int
    event: Event
    published: PartialDate | None = None

    @cached_property
    def span(self) -> tuple[date, date] | None:
        """First and last day on which it can have been; news without a date is of its page's."""
        is_news = self.event.role in (Role.MAIN, Role.SECONDARY)
        value = self.event.date or (self.published if is_news else None)
        return span(value) if value else None

    @cached_property
    def parties(self) -> frozenset[str]:
        """Who acts; where nobody does, the place."""
        return parties(self.event)

    @cached_property
    def families(self) -> frozenset[str]:
        """Families of acts that it can be a step of."""
        return families(self.event)

    @cached_property
    def family(self) -> str:
        """Family of its instrument."""
        return INSTRUMENTS[self.event.instrument].family

    @cached_property
    def goods(self) -> frozenset[str]:
        """What it is about."""
        return frozenset(self.event.commodities)

    @cached_property
    def turn(self) -> LinkKind | None:
        """What it says that it does to an earlier act."""
        named = self.event.follows
        if named in _TURNING:
            return LinkKind(named)
        if self.family in ENDED_BY:
            return LinkKind.ENDS
        return TURNS.get(self.event.status)


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """What the event ``event`` is to the event ``other``, by their keys.

    ``differs`` : fields that two tellings of one act give differently, for a person to judge.
    """

    event: int
    other: int
    kind: LinkKind
    differs: tuple[str, ...] = ()


def link(events: Sequence[Told], known: Sequence[Told] = ()) -> list[Link]:
    """Link events with each other and with those known before.

    Parameters
    ----------
    events : sequence of Told
        The new ones.
    known : sequence of Told
        Older ones; links between two of them are left as they are.

    Returns
    -------
    list of Link
        Every link that touches a new event, sorted. An event may be a duplicate of many and the
        step after one; a link from a known event replaces the one that it had.
    """
    everything = _Index.from_events({told.key: told for told in (*known, *events)}.values())
    new = {told.key for told in events}
    found = {
        *_duplicates(events, everything),
        *_steps(events, everything),
        *_steps(_could_follow(events, known, everything, new), everything, only=new),
    }
    return sorted(found)


def parties(event: Event) -> frozenset[str]:
    """Return who acts; where nobody does (an earthquake), the place."""
    return frozenset(event.actor or ((event.place,) if event.place else ()))


def families(event: Event) -> frozenset[str]:
    """Return the families of acts that an event can be a step of.

    >>> from monazite.desk.schema import Direction
    >>> restart = Event(id="a", instrument="restart", direction=Direction.RESTORE,
    ...                 status="occurred", role=Role.MAIN, confidence=1)
    >>> sorted(families(restart))
    ['restart', 'shock']
    """
    family = INSTRUMENTS[event.instrument].family
    return frozenset({family, ENDED_BY.get(family, family)})


def neighbours(event: Event) -> frozenset[str]:
    """Return the families in which an event can have links, either way."""
    family = INSTRUMENTS[event.instrument].family
    return families(event) | {late for late, early in ENDED_BY.items() if early == family}


def span(value: PartialDate) -> tuple[date, date]:
    """Return the first and the last day of a date that may lack its day or month.

    >>> [str(day) for day in span("2024-02")]
    ['2024-02-01', '2024-02-29']

    Raises
    ------
    InputError
        If the calendar has no such date.
    """
    try:
        return _days(*(int(part) for part in value.split("-")))
    except ValueError as error:
        raise InputError(f"the calendar has no {value}", way_out="mend the date") from error


def _days(*parts: int) -> tuple[date, date]:
    if len(parts) == 3:
        return (day := date(*parts)), day
    if len(parts) == 1:
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    year, month = parts
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


# --- duplicates ------------------------------------------------------------------------------


def _duplicates(events: Sequence[Told], everything: "_Index") -> Iterator[Link]:
    for told in events:
        for other in everything.near(told):
            if is_same_act(told, other):
                late, early = sorted((told, other), key=lambda one: one.key, reverse=True)
                yield Link(late.key, early.key, LinkKind.DUPLICATES, differences(late, early))


def is_same_act(one: Told, other: Told) -> bool:
    """Whether two pages tell one act."""
    return (
        one.page != other.page
        and one.event.instrument == other.event.instrument
        and _share_goods(one, other)
        and one.turn == other.turn
        and bool(one.parties & other.parties)
        and _meet(one.event.target, other.event.target)
        and _is_within(one.span, other.span, SAME_ACT)
    )


def differences(one: Told, other: Told) -> tuple[str, ...]:
    """Return the fields in which two tellings of one act cannot both be right."""
    pair = one.event, other.event
    return tuple(name for name, differ in _JUDGES.items() if differ(*pair))


def _differ_in_status(one: Event, other: Event) -> bool:
    return STATUSES[one.status] != STATUSES[other.status]


def _differ_in_size(one: Event, other: Event) -> bool:
    pairs = [(a, b) for a in one.magnitude for b in other.magnitude if _is_same_size_of(a, b)]
    return bool(pairs) and not any(_is_close(a.value, b.value) for a, b in pairs)


def _is_same_size_of(one: Magnitude, other: Magnitude) -> bool:
    return one.unit == other.unit and one.what == other.what


def _is_close(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_SIZE * max(abs(one), abs(other))


def _differ_in_date(field: str) -> Callable[[Event, Event], bool]:
    def differ(one: Event, other: Event) -> bool:
        first, second = getattr(one, field), getattr(other, field)
        if first is None or second is None:
            return False
        return not (first.startswith(second) or second.startswith(first))

    return differ


_JUDGES: Mapping[str, Callable[[Event, Event], bool]] = MappingProxyType(
    {
        "status": _differ_in_status,
        "direction": lambda one, other: one.direction != other.direction,
        "magnitude": _differ_in_size,
        "effective": _differ_in_date("effective"),
        "end": _differ_in_date("end"),
    }
)


# --- steps -----------------------------------------------------------------------------------


def _steps(
    events: Iterable[Told], everything: "_Index", *, only: set[int] | None = None
) -> Iterator[Link]:
    for told in events:
        earlier = [other for other in everything.near(told) if _could_precede(other, told)]
        if not earlier:
            continue
        nearest = max(earlier, key=lambda other: _nearness(other, told))
        if only is None or nearest.key in only:
            yield Link(told.key, nearest.key, _kind_of_step(told))


def _could_follow(
    events: Sequence[Told], known: Sequence[Told], everything: "_Index", new: set[int]
) -> Iterator[Told]:
    """Yield known events before which a new one may have come."""
    older = {told.key: told for told in known if told.key not in new}
    reached: dict[int, Told] = {}
    for told in events:
        for other in everything.near(told):
            if other.key in older and _could_precede(told, other):
                reached[other.key] = other
    yield from reached.values()


def _could_precede(early: Told, late: Told) -> bool:
    return (
        early.key != late.key
        and (_is_meant(early, late) if late.span is None else _is_before(early, late))
        and _share_goods(early, late)
        and early.family in late.families
        and bool(early.parties & late.parties)
        and not is_same_act(early, late)
    )


def _is_before(early: Told, late: Told) -> bool:
    if early.span is None or late.span is None or not early.span[0] < late.span[0]:
        return False
    return late.turn is not None or late.span[0] - early.span[0] <= SAME_STORY


def _is_meant(early: Told, late: Told) -> bool:
    """Whether an undated telling may mean an earlier act of another page."""
    if late.published is None or early.span is None or early.page == late.page:
        return False
    return early.event.role != Role.BACKGROUND and early.span[0] <= span(late.published)[1]


def _nearness(early: Told, late: Told) -> tuple[date, bool, bool, int, int]:
    """Order candidates: the latest; of one day the likest, at last the first that was known."""
    assert early.span is not None
    shared = early.goods & late.goods
    same_instrument = early.event.instrument == late.event.instrument
    is_main = early.event.role == Role.MAIN
    return early.span[0], same_instrument, is_main, len(shared), -early.key


def _kind_of_step(told: Told) -> LinkKind:
    if told.span is None:
        return LinkKind.REFERS
    return told.turn or LinkKind.FOLLOWS


# --- comparing -------------------------------------------------------------------------------


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of targets can be of one act: a page may leave its targets out."""
    if not one or not other or EVERYBODY in (*one, *other):
        return True
    return not set(one).isdisjoint(other)


def _share_goods(one: Told, other: Told) -> bool:
    return not one.goods.isdisjoint(other.goods) or not (one.goods or other.goods)


def _is_within(
    one: tuple[date, date] | None, other: tuple[date, date] | None, most: timedelta
) -> bool:
    if one is None or other is None:
        return False
    if _is_vague(one) or _is_vague(other):
        return one == other
    return max(one[0], other[0]) - min(one[1], other[1]) <= most


def _is_vague(days: tuple[date, date]) -> bool:
    """Whether a date gives no more than its year."""
    return days[1] - days[0] > timedelta(days=31)


@dataclass(frozen=True)
class _Index:
    """Events by family, party and good: what has no such key in common has no link."""

    rows: Mapping[tuple[str, str, str], Sequence[Told]]

    @classmethod
    def from_events(cls, events: Iterable[Told]) -> Self:
        """Sort events into their places."""
        rows: dict[tuple[str, str, str], list[Told]] = {}
        for told in events:
            for key in product((told.family,), told.parties, told.goods or _NO_GOODS):
                rows.setdefault(key, []).append(told)
        return cls(rows)

    def near(self, told: Told) -> Iterable[Told]:
        """Return the other events that share a key with one, each once."""
        keys = product(neighbours(told.event), told.parties, told.goods or _NO_GOODS)
        rows = (row for key in keys for row in self.rows.get(key, ()) if row.key != told.key)
        return {row.key: row for row in rows}.values()


_NO_GOODS = ("",)
