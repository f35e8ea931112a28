"""The desk at work: pages kept in a store, feeds watched, briefings made from what it holds."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monazite.desk.measures import Drafted
from monazite.desk.schema import Event
from monazite.errors import InputError
from monazite.manifest import Manifest
from monazite.scenario import Scenario
from monazite.study.desk import Reading, Unread, draft
from monazite.study.runs import Stress, comes_along

if TYPE_CHECKING:
    from monazite.desk.feeds import Notice
    from monazite.desk.store import Run, Store, StoredEvent

RECORDS_AT_ONCE = 200
"""Records of a stream that are committed together."""
MOST_MINUTES = 7 * 24 * 60
"""The longest interval between two readings of a feed."""

_DESK = "desk"
"""Key of a run's manifest under which it says how its scenario was drafted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that a store holds.

    ``page``, ``events`` : their numbers there. ``is_new`` : the store did not have its text; else
    the events are those that it had, with their reviews.
    """

    reading: Reading
    page: int
    events: tuple[int, ...]
    is_new: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain data: where the page is in the store."""
        return {"page": self.page, "events": list(self.events), "is_new": self.is_new}


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A scenario drafted from events of a store.

    ``numbers`` : number in the store, by the id that an event has in the draft. ``answers``,
    ``include_unreal`` : what it was drafted with.
    """

    drafted: Drafted
    numbers: Mapping[str, int]
    answers: Mapping[str, str] = field(default_factory=dict)
    include_unreal: bool = False

    def settings(self) -> dict[str, Any]:
        """Say what the draft was made with; events go by their numbers in the store."""
        short = {name.rpartition(":")[2]: number for name, number in self.numbers.items()}
        known = {**short, **self.numbers}
        answers = {}
        for key, value in self.answers.items():
            name, _, asked = key.rpartition(".")
            answers[f"{known[name]}.{asked}"] = value
        return {"answers": answers, "include_unreal": self.include_unreal}


# -- keeping -------------------------------------------------------------------------------------


def prepare_store(place: str | Path) -> None:
    """Make a store, or see that one can be used, before long work begins.

    Raises
    ------
    StoreError
        If it cannot.
    """
    from monazite.desk.store import open_store  # noqa: PLC0415 - sqlalchemy is slow to load

    open_store(place).close()


def keep(
    place: str | Path, found: Iterable[Reading | Unread], *, at_once: int = 1
) -> Iterator[Kept | Unread]:
    """Keep pages and their events as they come; nothing is yielded before it is safe.

    Parameters
    ----------
    place : str or Path
        The store: a file, or the address of a database. It is made with the first page.
    found : iterable of Reading or Unread
        What was read.
    at_once : int
        How many are committed together.

    Yields
    ------
    Kept or Unread
        In the order of ``found``. A text that is known changes nothing.

    Raises
    ------
    StoreError
        If the store cannot be written; what was yielded is kept.
    """
    from monazite.desk.store import open_store  # noqa: PLC0415 - sqlalchemy is slow to load

    rest = iter(found)
    while some := list(islice(rest, at_once)):
        if any(isinstance(item, Reading) for item in some):
            with open_store(place) as store:
                yield from _keep(store, some)
                while some := list(islice(rest, at_once)):
                    yield from _keep(store, some)
            return
        yield from (item for item in some if isinstance(item, Unread))


def _keep(store: "Store", some: Sequence[Reading | Unread]) -> Iterator[Kept | Unread]:
    readings = [item for item in some if isinstance(item, Reading)]
    added = iter(store.add_many([(reading.page, reading.events) for reading in readings]))
    for item in some:
        if isinstance(item, Unread):
            yield item
        else:
            one = next(added)
            yield Kept(item, one.page, one.events, one.new)


# -- watching ------------------------------------------------------------------------------------


def watch(
    feeds: Sequence[str],
    place: str | Path,
    *,
    out: "Callable[[Notice], None]",
    once: bool = False,
    every: float = 15.0,
    allow_local: bool = False,
) -> None:
    """Read feeds and folders again and again, and keep what is new.

    Parameters
    ----------
    feeds : sequence of str
        Addresses of feeds and news sitemaps; folders of saved pages; files.
    place : str or Path
        The store. It also remembers where the reading of each feed stands, so that a restart
        goes on.
    out : callable
        Told of everything that happens.
    once : bool
        Read every feed that is due, and return.
    every : float
        Minutes between two readings of a feed.
    allow_local : bool
        Also fetch from this machine and from private networks.

    Raises
    ------
    MonaziteError
        InputError if a feed is none or the interval is too short; StoreError if the store cannot
        be used. What was kept is kept, also when the process is stopped or killed.
    """
    # httpx, lxml and sqlalchemy are slow to load
    from monazite.desk import recognise  # noqa: PLC0415
    from monazite.desk.feeds import Pace, Watcher, WebFetcher  # noqa: PLC0415
    from monazite.desk.store import open_store  # noqa: PLC0415

    if not 1 <= every <= MOST_MINUTES:
        raise InputError(
            f"every {every:g} minutes is no interval",
            way_out=f"give from 1 to {MOST_MINUTES:,} minutes",
        )
    _require_feeds(feeds)
    pace = Pace(interval=timedelta(minutes=every))
    with open_store(place) as store, WebFetcher(allow_local=allow_local) as fetch:
        Watcher(feeds, store, recognise.recognise, fetch, out, pace=pace).run(once=once)


def _require_feeds(feeds: Sequence[str]) -> None:
    """See before a store is made that every feed can be watched."""
    from monazite.desk.feeds import normal_url  # noqa: PLC0415 - its neighbours are slow to load

    for feed in feeds:
        if "://" in feed:
            normal_url(feed)
        elif not Path(feed).exists():
            raise InputError(
                "there is no such file or folder",
                where=feed,
                way_out="name a feed by https://..., or a folder or file that is there",
            )


# -- from stored events to a briefing ------------------------------------------------------------


def draft_stored(
    place: str | Path,
    numbers: Iterable[int],
    *,
    chain: str | Path | None = None,
    answers: Mapping[str, str] | None = None,
    include_unreal: bool = False,
) -> StoredDraft:
    """Make a scenario from events of a store; those that somebody stands for count as reviewed.

    Parameters
    ----------
    place : str or Path
        The store.
    numbers : iterable of int
        Its events, by their numbers.
    chain, include_unreal
        As for `draft`.
    answers : mapping, optional
        What the texts do not say, by ``NUMBER.FIELD``.

    Raises
    ------
    MonaziteError
        InputError if the store has no such event, or somebody has rejected it; StoreError if the
        store cannot be read.
    """
    from monazite.desk.store import open_store  # noqa: PLC0415 - sqlalchemy is slow to load

    wanted = tuple(dict.fromkeys(numbers))
    with open_store(place, create=False) as store:
        stored = _standing(store, wanted)
        settings = {"answers": dict(answers or {}), "include_unreal": include_unreal}
        return _draft_numbered(store, stored, chain, settings)


def draft_kept(
    place: str | Path,
    readings: Sequence[Reading],
    *,
    chain: str | Path | None = None,
    answers: Mapping[str, str] | None = None,
    include_unreal: bool = False,
) -> StoredDraft:
    """Keep pages, and make a scenario from their events as the store holds them.

    A page that the store knows is taken with its reviews; what somebody rejected is left out.

    Parameters
    ----------
    place : str or Path
        The store; made if it is not there.
    readings : sequence of Reading
        Pages with their events.
    chain, answers, include_unreal
        As for `draft`.

    Raises
    ------
    MonaziteError
        As `draft`; StoreError if the store cannot be used.
    """
    from monazite.desk.store import STANDING, EventFilter, open_store  # noqa: PLC0415 - as above

    with open_store(place) as store:
        added = store.add_many([(reading.page, reading.events) for reading in readings])
        found = []
        for one in added:
            events = store.events(EventFilter(pages=(one.page,), states=STANDING))
            in_order = sorted(events, key=lambda item: item.id)
            found.append((Reading(store.page(one.page).page, _as_it_holds(in_order)), in_order))
    numbers = {item.event.id: item.id for _, stored in found for item in stored}
    drafted = draft(
        [reading for reading, _ in found],
        chain=chain,
        answers=answers,
        include_unreal=include_unreal,
        reviewed=_vouched(item for _, stored in found for item in stored),
    )
    return StoredDraft(drafted, numbers, dict(answers or {}), include_unreal)


def draft_of_run(store: "Store", run: "Run", scenario: Scenario) -> Drafted | None:
    """Return what a run's scenario was drafted from; nothing where it was changed by hand since."""
    from monazite.desk.store import STANDING, EventFilter  # noqa: PLC0415 - slow to load

    if not run.events:
        return None
    stored = store.events(EventFilter(ids=run.events, states=STANDING))
    if not stored:
        return None
    found = _draft_numbered(store, stored, scenario.chain, _noted_draft(run, stored))
    return found.drafted if found.drafted.scenario.measures == scenario.measures else None


def is_withdrawn(store: "Store", run: "Run", scenario: Scenario) -> bool:
    """Whether a run simulated an event that somebody has rejected since."""
    from monazite.desk.store import STANDING, EventFilter  # noqa: PLC0415 - slow to load

    stored = store.events(EventFilter(ids=run.events)) if run.events else ()
    rejected = {item.id for item in stored if item.state not in STANDING}
    if not rejected:
        return False
    found = _draft_numbered(store, stored, scenario.chain, _noted_draft(run, stored))
    return not rejected.isdisjoint(found.numbers[name] for name in found.drafted.measures_of)


def _noted_draft(run: "Run", stored: "Sequence[StoredEvent]") -> dict[str, Any]:
    """Return what a run's scenario was drafted with, as far as it is about some events."""
    noted: dict[str, Any] = _noted(run).get(_DESK, {})
    names = {str(item.id) for item in stored}
    answers = {
        key: value
        for key, value in noted.get("answers", {}).items()
        if key.partition(".")[0] in names
    }
    return {**noted, "answers": answers}


def options_of_run(run: "Run") -> dict[str, Any]:
    """Return the options of `stress` that a run was made with; none where it does not say."""
    noted = _noted(run)
    if not noted.get("settings"):
        return {}
    options = Manifest("stress", noted["settings"], {}, "").options()
    changes: dict[str, float] = options.pop("parameters")
    del options["scenario"], options["months"]  # the run's own scenario says both
    return options | changes


def _noted(run: "Run") -> dict[str, Any]:
    """Return the manifest of a run; what else somebody kept there says nothing."""
    content: object = json.loads(run.manifest)
    return content if isinstance(content, dict) else {}


def record_run(
    place: str | Path, result: Stress, *, output: str = "", draft: StoredDraft | None = None
) -> int:
    """Keep a run in a store, so that its site has the briefing; return its number.

    Parameters
    ----------
    place : str or Path
        The store; made if it is not there.
    result : Stress
        What was simulated.
    output : str
        The file that the briefing was written to.
    draft : StoredDraft, optional
        What the scenario was drafted from.

    Raises
    ------
    StoreError
        If the store cannot be written.
    """
    from monazite.desk.store import open_store  # noqa: PLC0415 - sqlalchemy is slow to load

    noted = result.manifest.as_dict() | ({_DESK: draft.settings()} if draft else {})
    numbers = sorted(draft.numbers.values()) if draft else []
    scenario = _standing_alone(result.scenario).to_toml()
    with open_store(place) as store:
        return store.record_run(scenario, json.dumps(noted, allow_nan=False), numbers, output)


def _standing_alone(scenario: Scenario) -> Scenario:
    """Name a chain of one's own by its whole path: a store is not where the scenario was."""
    if comes_along(scenario.chain):
        return scenario
    own = Path(scenario.chain)
    place = own if own.is_dir() else Path(scenario.origin).parent / own
    return scenario.model_copy(update={"chain": str(place.resolve())})


def _standing(store: "Store", numbers: Sequence[int]) -> "list[StoredEvent]":
    """Return events that nobody has struck out."""
    from monazite.desk.store import STANDING  # noqa: PLC0415 - sqlalchemy is slow to load

    found = [store.event(number) for number in numbers]
    rejected = [str(item.id) for item in found if item.state not in STANDING]
    if rejected:
        raise InputError(
            f"event {', '.join(rejected)} is rejected",
            way_out="leave it out, or accept it with `monazite events accept`",
        )
    return found


def _draft_numbered(
    store: "Store",
    stored: "Sequence[StoredEvent]",
    chain: str | Path | None,
    settings: Mapping[str, Any],
) -> StoredDraft:
    """Draft from events that go by their numbers: two pages of a store may use one name."""
    answers, include_unreal = settings.get("answers", {}), settings.get("include_unreal", False)
    readings: list[Reading] = []
    numbers: dict[str, int] = {}
    vouched: set[str] = set()
    heads = {item.page.id: item.page.record for item in stored}
    for page, record in sorted(heads.items()):
        is_shared = list(heads.values()).count(record) > 1
        name = f"{record}-{page}" if is_shared else record
        items = sorted((item for item in stored if item.page.id == page), key=lambda one: one.id)
        ids = {item.id: f"{name}:{item.id}" for item in items}
        events = zip(items, _as_it_holds(items), strict=True)
        named = tuple(event.model_copy(update={"id": ids[item.id]}) for item, event in events)
        whole = store.page(page).page
        readings.append(Reading(whole.model_copy(update={"id": name}), named))
        numbers |= {ids[item.id]: item.id for item in items}
        vouched |= {ids[item.id] for item in items if item.event.id in _vouched([item])}
    drafted = draft(
        readings, chain=chain, answers=answers, include_unreal=include_unreal, reviewed=vouched
    )
    return StoredDraft(drafted, numbers, answers, include_unreal)


def _vouched(stored: "Iterable[StoredEvent]") -> frozenset[str]:
    """Return the ids of events that somebody stands for."""
    from monazite.desk.store import VOUCHED  # noqa: PLC0415 - sqlalchemy is slow to load

    return frozenset(item.event.id for item in stored if item.state in VOUCHED)


def _as_it_holds(stored: "Sequence[StoredEvent]") -> tuple[Event, ...]:
    """Return events without the words under fields that somebody changed: they rest on a person."""
    events = []
    for item in stored:
        changed = {
            name
            for name in Event.model_fields
            if getattr(item.event, name) != getattr(item.original, name)
        }
        proofs = tuple(proof for proof in item.event.evidence if proof.field not in changed)
        events.append(item.event.model_copy(update={"evidence": proofs}))
    return tuple(events)
