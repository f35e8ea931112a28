"""A scenario made from events: which of them act, from when to when, and on whose word."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from urllib.parse import urlsplit

from pydantic import ValidationError

from monazite.desk.measures.drafted import AssumedSize, Drafted, Question, Unused
from monazite.desk.measures.levers import Lever, lever_table
from monazite.desk.measures.precedents import Experiences, NetworkOf, experiences
from monazite.desk.measures.scope import Scope
from monazite.desk.measures.shaping import ANSWERS, SHAPES, Shaped, Unusable, Work
from monazite.desk.page import shown
from monazite.desk.schema import (
    INSTRUMENTS,
    STATUSES,
    Direction,
    Event,
    Page,
    Role,
    Standing,
)
from monazite.errors import InputError, UnknownCodeError
from monazite.labels import region_name
from monazite.network import SupplyNetwork
from monazite.scenario import KINDS, Scenario, ScenarioSource, library, lower
from monazite.scenario.calendar import month_label, month_number
from monazite.scenario.measure import ASSUMED, Measure, listing

MONTHS = 24
"""Months that a drafted scenario simulates."""
LEAD_MONTHS = 3
"""Months before the first measure, so that its reader sees the calm."""
LEAST_SURE = 0.5
"""Confidence below which an event counts only once somebody has accepted it."""
QUOTED_WORDS = 20
"""Longest quotation in a note."""

_REFUSED = frozenset({"denied", "dropped", "not_imposed"})
_ROLES = {Role.BACKGROUND: "told as background", Role.LEAD: "a pointer to another page"}
_HARMS = frozenset({Direction.TIGHTEN, Direction.DISRUPT})
_EASES = frozenset({Direction.EASE, Direction.RESTORE})
_QUOTAS = frozenset({"export_quota", "production_quota"})
_LATE = 25
"""A month in which something ends after this day counts as one with it."""
_SLUG = re.compile(r"[a-z0-9]+")
_LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user says beside the events.

    ``answers`` : values by ``EVENT.FIELD``. ``reviewed`` : ids of events that somebody accepted.
    ``include_unreal`` : also simulate what is proposed, threatened or planned.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    reviewed: Collection[str] = ()
    include_unreal: bool = False


@dataclass
class _Desk:
    """A draft in the making, on one chain."""

    chain: str
    scope: Scope
    experiences: Experiences
    brief: Brief
    pages: Mapping[str, Page]
    measures: list[Measure] = field(default_factory=list)
    sources: dict[str, ScenarioSource] = field(default_factory=dict)
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    assumed: list[AssumedSize] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    made_by: dict[int, Event] = field(default_factory=dict)


def draft(
    events: Sequence[Event],
    pages: Sequence[Page],
    network_of: NetworkOf,
    *,
    chains: Sequence[str],
    brief: Brief | None = None,
) -> Drafted:
    """Make a scenario from events, on the chain that can simulate most of them.

    Parameters
    ----------
    events : sequence of Event
        What was read. The id of an event begins with that of its page, or there is one page.
    pages : sequence of Page
        Where it was read.
    network_of : callable
        Gives a balanced chain by its name.
    chains : sequence of str
        Chains to choose from.
    brief : Brief, optional
        Answers, what was reviewed, and whether what is not yet real is simulated too.

    Returns
    -------
    Drafted
        The scenario, perhaps without a measure; then ``unused`` says why.

    Raises
    ------
    UnknownCodeError
        If an answer is for an event or a field that does not exist.
    """
    given = _checked(brief or Brief(), events)
    known = cache(partial(experiences, network_of))  # for licences only
    drafts = [_on_chain(name, network_of(name), events, pages, (known, given)) for name in chains]
    return max(drafts, key=lambda found: found[0])[1]


def _checked(brief: Brief, events: Iterable[Event]) -> Brief:
    """Lay the answers on events that exist; the number of an event stands for its id."""
    ids = {event.id: event.id for event in events}
    short = {name.rpartition(":")[2]: name for name in ids}
    known = {**short, **ids} if len(short) == len(ids) else ids
    answers = {}
    for key, value in brief.answers.items():
        event, _, name = key.rpartition(".")
        if event not in known:
            raise UnknownCodeError("event", event or key, known, where="--set")
        if name not in ANSWERS:
            raise UnknownCodeError("field", name, ANSWERS, where=f"--set {event}")
        answers[f"{known[event]}.{name}"] = value
    return replace(brief, answers=answers)


def _on_chain(
    name: str,
    network: SupplyNetwork,
    events: Sequence[Event],
    pages: Sequence[Page],
    given: tuple[Experiences, Brief],
) -> tuple[tuple[int, ...], Drafted]:
    """Draft on a chain; and its worth: main events, measures, events on its goods."""
    told_by = {event.id: _page_of(event, pages) for event in events}
    desk = _Desk(name, Scope(network), *given, told_by)
    for event in sorted(events, key=_order):
        _consider(event, desk)
    main = sum(event.role is Role.MAIN for event in desk.made_by.values())
    held = sum(bool(desk.scope.goods(event.commodities, mined=True).codes) for event in events)
    worth = (main, len(desk.measures), held, network.base_year)
    return worth, _finished(desk, events, pages)


def _order(event: Event) -> tuple[bool, str]:
    """Acts before what ends them, else in the order of time."""
    return _is_ending(event), event.effective or event.date or "9999"


def _page_of(event: Event, pages: Sequence[Page]) -> Page:
    fitting = [page for page in pages if event.id.startswith(page.id)]
    return max(fitting, key=lambda page: len(page.id)) if fitting else pages[0]


# -- one event -----------------------------------------------------------------------------------


def _consider(event: Event, desk: _Desk) -> None:
    """Make a measure of an event, or say why not."""
    try:
        _use(event, desk)
    except Unusable as reason:
        desk.unused.append(Unused(event.id, shown(str(reason))))
    except ValidationError as fault:
        said = fault.errors()[0]["msg"].removeprefix("Value error, ")
        desk.unused.append(Unused(event.id, said))
    except ValueError as fault:  # a date that no calendar has
        desk.unused.append(Unused(event.id, str(fault)))


def _use(event: Event, desk: _Desk) -> None:
    lever = lever_table().levers[event.instrument]
    _require_told_now(event, desk.brief)
    _require_real(event, desk.brief)
    kind = _kind(event, lever)
    if _is_ending(event) and not _holds_its_own_window(event):
        _end_earlier(event, kind, desk)
        return
    work = Work(
        event,
        lever,
        desk.scope,
        _answers_for(event, desk.brief.answers),
        desk.experiences,
        start="",
        end=None,
    )
    try:
        _date(work, kind, desk.pages[event.id])
        shape = SHAPES[kind](work)
        measure = _measure(work, kind, shape, desk)
        _require_new(measure, desk)
        _require_within(measure, desk)
        _require_fit(measure, desk)
    except Unusable:
        desk.questions += [question for question in work.questions if question.default is None]
        raise
    desk.questions += work.questions
    desk.assumed += work.assumed
    _keep(event, measure, desk)


def _require_told_now(event: Event, brief: Brief) -> None:
    if event.role in _ROLES:
        raise Unusable(_ROLES[event.role])
    if event.confidence < LEAST_SURE and event.id not in brief.reviewed:
        raise Unusable(f"only {event.confidence:.0%} sure, and nobody has reviewed it")


def _require_real(event: Event, brief: Brief) -> None:
    standing = STATUSES[event.status]
    if event.status in _REFUSED:
        raise Unusable(f"it is told as {event.status.replace('_', ' ')}")
    if standing is Standing.NOT_YET and not brief.include_unreal:
        raise Unusable(
            f"not yet real ({event.status.replace('_', ' ')}): --include-unreal simulates it"
        )


def _kind(event: Event, lever: Lever) -> str:
    """Kind of measure that an instrument is; none is a reason to give up."""
    if not lever.measure:
        raise Unusable(lever.reason)
    is_release = lever.measure == "stock_build" and event.status == "drawn"
    return "stock_release" if is_release else lever.measure


def _is_ending(event: Event) -> bool:
    """Whether an event ends what it names: it is over, or eases what its instrument tightens."""
    usual = INSTRUMENTS[event.instrument].direction
    is_quota = event.instrument in _QUOTAS  # a larger quota is a quota still
    eases = usual in _HARMS and event.direction in _EASES and not is_quota
    return STATUSES[event.status] is Standing.OVER or eases


def _holds_its_own_window(event: Event) -> bool:
    """Whether a measure that is over is told with its start and its end.

    The dates of a suspension are those of the suspension, not of what it suspends.
    """
    is_past = event.status in ("ended", "ending")
    return is_past and event.effective is not None and (event.end or event.date) is not None


def _answers_for(event: Event, answers: Mapping[str, str]) -> Mapping[str, str]:
    parts = ((key.rpartition("."), value) for key, value in answers.items())
    return {name: value for (owner, _, name), value in parts if owner == event.id}


# -- when ----------------------------------------------------------------------------------------


def _date(work: Work, kind: str, page: Page) -> None:
    """Set the first month in force and the first without."""
    event = work.event
    work.start = _answered_month(work, "start") or _start(work, kind, page)
    work.end = _answered_month(work, "end") or _end(event, work.start)


def _answered_month(work: Work, name: str) -> str | None:
    month = work.answers.get(name)
    try:
        return month and month_label(month_number(month))
    except ValueError as fault:
        place = f"--set {work.event.id}.{name}"
        raise InputError(str(fault), where=place, way_out="write YYYY-MM") from fault


def _start(work: Work, kind: str, page: Page) -> str:
    event = work.event
    if event.effective is not None:
        # a year or month that holds the day of the announcement says no more than that day
        is_coarser = event.date is not None and event.date.startswith(event.effective)
        return _first_month(event.date if is_coarser and event.date else event.effective)
    if "start" in work.lever.asks or (kind == "capacity_change" and event.status == "planned"):
        work.ask("start", "From which month does it hold?")
        raise Unusable("the text does not say from when it holds")
    told = event.date or (page.published.value if page.published else None)
    if told is None:
        work.ask("start", "From which month does it hold?")
        raise Unusable("the text gives no date")
    month = _first_month(told)
    if event.date is None or STATUSES[event.status] is not Standing.IN_FORCE:
        what = "announcement" if event.date else "page"
        reason = f"the text gives no date of effect: the month of the {what}"
        work.ask("start", "From which month does it hold?", month)
        work.note_assumed("start", month, "month", reason, ASSUMED)
    return month


def _first_month(told: str) -> str:
    return told[:7] if len(told) >= 7 else f"{told}-01"


def _end(event: Event, start: str) -> str | None:
    told = event.end or (event.date if STATUSES[event.status] is Standing.OVER else None)
    if told is None:
        return None
    month = month_number(_first_month(told))
    if len(told) == 4:
        month += 12
    elif len(told) == 7 or int(told[8:]) > _LATE:
        month += 1
    return month_label(max(month, month_number(start) + 1))


# -- the measure ---------------------------------------------------------------------------------


def _measure(work: Work, kind: str, shape: Shaped, desk: _Desk) -> Measure:
    event = work.event
    source = _cite(desk.pages[event.id], event, desk)
    desk.sources |= {cited.id: cited for cited in work.sources}
    is_assumed = bool(work.assumed)
    document: Shaped = {
        "kind": kind,
        "label": label(event),
        "start": work.start,
        "end": work.end,
        "announced": _announced(event, work.start),
        **shape,
        "source": [source, ASSUMED] if is_assumed else [source],
        "grade": "E" if is_assumed else "C",
        "note": _note(work),
    }
    if kind in ("stock_build", "stock_release"):
        del document["end"]  # it lasts for its months
    return KINDS[kind].model_validate(document)


def _announced(event: Event, start: str) -> str | None:
    if event.date is None:
        return None
    month = _first_month(event.date)
    return month if month_number(month) < month_number(start) else None


def _note(work: Work) -> str:
    """Quote the words that the event rests on, and say what was assumed."""
    quoted = quotation(work.event)
    assumed = [f"{row.field} assumed: {row.reason}" for row in work.assumed]
    unreal = STATUSES[work.event.status] is Standing.NOT_YET
    status = [f"told as {work.event.status}"] if unreal or work.event.status == "reported" else []
    parts = [f'"{quoted}"'] if quoted else []
    return shown("; ".join(dict.fromkeys((*parts, *status, *work.remarks, *assumed))))


def quotation(event: Event) -> str:
    """Return the sentence that an event rests on, or its instrument, cut to a short quotation."""
    spans = {span.field: span.text for span in reversed(event.evidence)}
    words = shown(spans.get("event") or spans.get("instrument") or "").split()
    cut = " ".join(words[:QUOTED_WORDS])
    return f"{cut} ..." if len(words) > QUOTED_WORDS else cut


def label(event: Event) -> str:
    """Return a short name of an event: who, what."""
    who = (
        listing(region_name(name) for name in event.actor or event.target)
        if (event.actor or event.target)
        else "Unnamed"
    )
    return f"{shown(who)}: {INSTRUMENTS[event.instrument].label}"


def _cite(page: Page, event: Event, desk: _Desk) -> str:
    name = f"page-{_slug(page.id)}"
    told = page.published.value if page.published else event.date or event.effective or ""
    if name not in desk.sources:
        desk.sources[name] = ScenarioSource(
            id=name,
            producer=shown(page.site) or "a page without the name of its site",
            title=shown(page.headline or page.id),
            year=int(told[:4]) if told else desk.scope.network.base_year,
            url=page.url if urlsplit(page.url).scheme in ("http", "https") else "",
            note=f"read as '{shown(page.id)}'" + (f", published {told}" if page.published else ""),
        )
    return name


def _slug(text: str) -> str:
    words = "-".join(_SLUG.findall(text.casefold()))[:_LONGEST_ID].strip("-")
    return words or "page"


# -- together ------------------------------------------------------------------------------------


def _require_new(measure: Measure, desk: _Desk) -> None:
    """Refuse to count the same act twice."""
    for number, other in enumerate(desk.measures, start=1):
        same = all(
            getattr(measure, key) == getattr(other, key)
            for key in ("kind", "actors", "targets", "start")
        )
        if same and set(measure.commodities) & set(other.commodities):
            raise Unusable(f"told again: the same act as {desk.made_by[number].id}")


def _require_within(measure: Measure, desk: _Desk) -> None:
    """Refuse what begins after the months that the first measure sets."""
    first = min((month_number(other.known_from) for other in desk.measures), default=None)
    if first is not None and month_number(measure.start) >= first - LEAD_MONTHS + MONTHS:
        raise Unusable(f"it begins in {measure.start}, after the months that are simulated")


def _require_fit(measure: Measure, desk: _Desk) -> None:
    """Lay the measure on the chain; what cannot be laid there is not used."""
    trial = _scenario("trial", desk, (*desk.measures, measure))
    try:
        lower(trial, desk.scope.network)
    except InputError as fault:
        raise Unusable(fault.message) from fault


def _keep(event: Event, measure: Measure, desk: _Desk) -> None:
    desk.measures.append(measure)
    number = len(desk.measures)
    desk.numbers[event.id] = (number,)
    desk.made_by[number] = event


def _end_earlier(event: Event, kind: str, desk: _Desk) -> None:
    """End the measure of an earlier event that this one is over with."""
    until = event.effective or event.date
    fitting = [
        number
        for number, measure in enumerate(desk.measures, start=1)
        if measure.kind == kind and _is_about(desk.made_by[number], event)
    ]
    if not fitting or until is None:
        raise Unusable(_no_antecedent(event, kind, desk))
    number = fitting[-1]
    ended = desk.measures[number - 1]
    end = month_label(max(month_number(_first_month(until)), month_number(ended.start) + 1))
    source = _cite(desk.pages[event.id], event, desk)
    desk.measures[number - 1] = ended.model_copy(
        update={
            "end": end,
            "source": tuple(dict.fromkeys((*ended.source, source))),
            "note": _ended_note(ended, event),
        }
    )
    desk.numbers[event.id] = (number,)


def _ended_note(ended: Measure, event: Event) -> str:
    until = f" until {event.end}; that it comes back then is not assumed" if event.end else ""
    return f'{ended.note}; {event.status.replace("_", " ")}{until}: "{quotation(event)}"'


def _is_about(earlier: Event, later: Event) -> bool:
    goods = set(earlier.commodities) & set(later.commodities)
    return bool(goods) and bool(set(earlier.actor) & set(later.actor))


def _no_antecedent(event: Event, kind: str, desk: _Desk) -> str:
    shipped = [
        scenario.id
        for scenario in library()
        if scenario.chain == desk.chain
        and any(m.kind == kind and set(m.actors) & set(event.actor) for m in scenario.measures)
    ]
    known = f"; the shipped scenarios with such a measure: {listing(shipped)}" if shipped else ""
    return (
        f"it is {event.status.replace('_', ' ')}, and no event here says what was in force before; "
        f"the base year holds no such measure{known}"
    )


def _finished(desk: _Desk, events: Sequence[Event], pages: Sequence[Page]) -> Drafted:
    used = [event for event in events if event.id in desk.numbers]
    scenario = _scenario(f"read-{_slug(pages[0].id)}", desk, tuple(desk.measures), used)
    reviewed = bool(used) and all(event.id in desk.brief.reviewed for event in used)
    return Drafted(
        scenario=scenario,
        pages=tuple(pages),
        events=tuple(events),
        measures_of=dict(desk.numbers),
        assumed=tuple(desk.assumed),
        unused=tuple(desk.unused),
        questions=tuple(desk.questions),
        reviewed=reviewed,
    )


def _scenario(
    name: str, desk: _Desk, measures: tuple[Measure, ...], used: Sequence[Event] = ()
) -> Scenario:
    base = 12 * desk.scope.network.base_year
    known = [month_number(measure.known_from) for measure in measures]
    start = max(min(known, default=base) - LEAD_MONTHS, base)
    return Scenario(
        id=name,
        title=_title(used),
        description=_description(used, desk),
        chain=desk.chain,
        start=month_label(start),
        months=MONTHS,
        measures=tuple(measures),
        sources=tuple(source for name, source in desk.sources.items() if name in _cited(measures)),
    )


def _cited(measures: Iterable[Measure]) -> frozenset[str]:
    rows = (row for measure in measures for row in (measure, *getattr(measure, "classes", ())))
    return frozenset(name for row in rows for name in row.source)


def _title(used: Sequence[Event]) -> str:
    if not used:
        return "Nothing that the chain can simulate"
    first = next((event for event in used if event.role is Role.MAIN), used[0])
    more = len(used) - 1
    tail = f", and {more} more" if more else ""
    goods = f" on {listing(first.commodities)}" if first.commodities else ""
    return shown(f"{label(first)}{goods}{tail}")


def _description(used: Sequence[Event], desk: _Desk) -> str:
    count = "one event" if len(used) == 1 else f"{len(used)} events"
    pages = {desk.pages[event.id].id for event in used}
    read = "one page" if len(pages) == 1 else f"{len(pages)} pages"
    return f"Drafted from {count} read on {read}." if used else ""
