"""The desk: pages read, events found, a scenario drafted from them, a briefing in one go."""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from monazite.desk.measures import Brief, Drafted
from monazite.desk.measures import draft as draft_events
from monazite.desk.schema import Event, Page, Role, Zone
from monazite.errors import InputError
from monazite.network import SupplyNetwork
from monazite.simulate import Progress
from monazite.study.briefs import brief
from monazite.study.runs import chain as chain_named
from monazite.study.runs import chains as chain_names
from monazite.study.runs import stress

if TYPE_CHECKING:
    from monazite.desk.feeds import Item

PAGE_ENDINGS = frozenset({".html", ".htm", ".xhtml", ".txt"})
"""Endings of files that are taken for pages."""
SHOWN_ROLES = (Role.MAIN,)
"""Roles of the events that `monazite read` shows unless it is asked for others."""
STANDARD_INPUT = "-"
LONGEST_RECORD = 64 * 2**20
"""Characters of the longest line of a file of records."""

_WORDS_A_MINUTE = 200
_LETTERS_A_MINUTE = 500
"""Reading speed where words are not set apart."""
_UNSPACED = frozenset({"ja", "zh", "th"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A page, and the events that were found in it."""

    page: Page
    events: tuple[Event, ...]

    def with_roles(self, roles: Iterable[Role]) -> "Reading":
        """Return the reading with the events of some roles only."""
        wanted = frozenset(roles)
        return Reading(self.page, tuple(event for event in self.events if event.role in wanted))

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, as ``monazite read --json`` prints it."""
        return {
            "id": self.page.id,
            "page": _page_data(self.page),
            "events": [event_data(event) for event in self.events],
        }


@dataclass(frozen=True, slots=True)
class Unread:
    """A page or record that cannot be read, and why. ``fault`` : names the place."""

    place: str
    fault: InputError


# -- reading -------------------------------------------------------------------------------------


def page_files(paths: Iterable[str | Path]) -> list[Path]:
    """Return the files that paths mean: themselves, and the pages of folders, by name.

    Hidden files, links and what browsers save beside a page are left out of folders.

    Raises
    ------
    InputError
        If a folder holds no page.
    """
    from monazite.desk.feeds import saved_pages  # noqa: PLC0415 - libraries slow to load

    found: list[Path] = []
    for given in map(Path, paths):
        if not given.is_dir():
            found.append(given)
            continue
        pages = list(saved_pages(given))
        if not pages:
            raise InputError(
                "the folder holds no page",
                where=str(given),
                way_out=f"pages end in {', '.join(sorted(PAGE_ENDINGS))}",
            )
        found += pages
    return found


def is_page(path: str | Path) -> bool:
    """Whether a name ends like that of a page; a scenario ends in ``.toml`` or in nothing."""
    return Path(path).suffix.casefold() in PAGE_ENDINGS


def read(*paths: str | Path, published: str | None = None) -> list[Reading]:
    """Read pages and find their events.

    Parameters
    ----------
    *paths : str or Path
        Saved pages, as markup or text; of a folder, all of them.
    published : str, optional
        Day of publication, where the pages do not tell it (``YYYY-MM-DD``).

    Raises
    ------
    InputError
        If a file is no page, or cannot be read.
    """
    return [read_page(path, published=published) for path in page_files(paths)]


def read_page(path: str | Path, *, published: str | None = None) -> Reading:
    """Read one page and find its events.

    Raises
    ------
    InputError
        As `read`.
    """
    # libraries that read pages are slow to load
    from monazite.desk import page as pages  # noqa: PLC0415
    from monazite.desk.recognise import recognise  # noqa: PLC0415

    found = pages.read(Path(path), published=published)
    return Reading(found, recognise(found))


def read_file(path: str | Path, *, published: str | None = None) -> Iterator[Reading | Unread]:
    """Read every page that a file holds, one by one: a saved page, WARC, JSON Lines.

    Parameters
    ----------
    path : str or Path
        The file; what it holds counts, not its name.
    published : str, optional
        Day of publication, where the file does not tell it rightly (``YYYY-MM-DD``).

    Yields
    ------
    Reading or Unread
        What was found; or, for a page that cannot be read, why. A feed names pages and holds
        none: that is said too.
    """
    from monazite.desk.feeds import read_items  # noqa: PLC0415 - libraries slow to load

    refused: list[InputError] = []
    named = 0
    place = str(path)
    try:
        for item in read_items(Path(path), refuse=refused.append):
            yield from _told(refused, place)
            if item.is_whole:
                yield _read_item(item, published)
            else:
                named += 1
    except InputError as fault:
        refused.append(fault)
    if named:
        refused.append(_only_named(named, place))
    yield from _told(refused, place)


def _told(refused: list[InputError], place: str) -> Iterator[Unread]:
    """Yield what was refused since the last time."""
    yield from (Unread(fault.where or place, fault) for fault in refused)
    refused.clear()


def _only_named(count: int, place: str) -> InputError:
    return InputError(
        f"this is a feed: it names {count} pages and holds none",
        where=place,
        way_out=f"`monazite watch --once {place}` fetches them",
    )


def _read_item(item: "Item", published: str | None) -> Reading | Unread:
    from monazite.desk.recognise import recognise  # noqa: PLC0415 - libraries slow to load

    try:
        page = replace(item, published=published or item.published).page()
    except InputError as fault:
        return Unread(item.place, fault)
    return Reading(page, recognise(page))


def read_measures(
    path: str | Path, *, on: date | None = None
) -> tuple[Iterator[Reading | Unread], Mapping[str, int]]:
    """Read a table of measures, as Global Trade Alert or the OECD give it: each row is a page.

    Parameters
    ----------
    path : str or Path
        CSV with commas, semicolons or tabs.
    on : date, optional
        The day that says which measures are in force; today by default.

    Returns
    -------
    iterator of Reading or Unread
        Rows as they are read; one that cannot be understood says why.
    mapping of str to int
        Why rows are none of the desk's, and how many; complete when all rows have been read.

    Raises
    ------
    InputError
        If it is no such table.
    """
    from monazite.desk import measures_table  # noqa: PLC0415 - libraries slow to load

    refused: list[InputError] = []
    day = on or datetime.now(UTC).date()
    table = measures_table.read_measures(Path(path), on=day, refuse=refused.append)

    def rows() -> Iterator[Reading | Unread]:
        for row in table.rows:
            yield from _told(refused, str(path))
            yield Reading(row.page, (row.event,))
        yield from _told(refused, str(path))

    return rows(), table.skipped


def read_text(
    text: str,
    *,
    id: str = "page",
    url: str = "",
    published: str | None = None,
    language: str | None = None,
) -> Reading:
    """Read a page that is already text and find its events.

    Raises
    ------
    InputError
        If the date of publication is none.
    """
    from monazite.desk import page as pages  # noqa: PLC0415
    from monazite.desk.recognise import recognise  # noqa: PLC0415

    found = pages.from_text(text, id=id, url=url, published=published, language=language)
    return Reading(found, recognise(found))


def read_records(lines: Iterable[str], where: str = "records") -> Iterator[Reading | Unread]:
    """Read records one by one, as they come: nothing of those before is kept.

    Parameters
    ----------
    lines : iterable of str
        One JSON object each: ``id`` and ``text``; ``published``, ``url`` and ``lang`` if known.
        Blank lines are passed over.
    where : str
        File name for errors.

    Yields
    ------
    Reading or Unread
        What was found; or, for a line that is no record, why.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{where}, line {number}"
        try:
            yield read_text(**_record(line, place))
        except InputError as fault:
            yield Unread(place, fault)


@contextmanager
def open_records(path: str | Path) -> Iterator[Iterator[str]]:
    """Open a file of records, or standard input, as lines of bounded length.

    Parameters
    ----------
    path : str or Path
        The file; ``-`` is standard input. What is no UTF-8 in it is shown as such.

    Raises
    ------
    InputError
        If it cannot be opened.
    """
    if str(path) == STANDARD_INPUT:
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        yield _bounded(sys.stdin)
        return
    try:
        stream = Path(path).open(encoding="utf-8", errors="replace")  # noqa: SIM115 - closed below
    except OSError as fault:
        raise InputError(
            f"cannot be read: {fault.strerror}", where=str(path), way_out="check the name"
        ) from fault
    with stream:
        yield _bounded(stream)


def _bounded(stream: TextIO) -> Iterator[str]:
    """Lines of a stream; of one that is too long the beginning, which is refused later."""
    while line := stream.readline(LONGEST_RECORD + 1):
        rest = line
        while len(rest) > LONGEST_RECORD and not rest.endswith("\n"):
            rest = stream.readline(LONGEST_RECORD + 1)
        yield line


_RECORD = {"id": "id", "text": "text", "url": "url", "published": "published", "lang": "language"}
"""Keys of a record, and what reading a text calls them."""


def _record(line: str, place: str) -> dict[str, Any]:
    way_out = "write one JSON object a line, with id and text"
    if len(line) > LONGEST_RECORD:
        raise InputError(f"the line has {len(line):,} characters", where=place, way_out=way_out)
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise InputError("this is no JSON", where=place, way_out=way_out) from fault
    if not isinstance(content, dict):
        raise InputError("this is no object", where=place, way_out=way_out)
    missing = [key for key in ("id", "text") if content.get(key) is None]
    if missing:
        raise InputError(f"'{missing[0]}' is missing", where=place, way_out=way_out)
    given = {name: content[key] for key, name in _RECORD.items() if content.get(key) is not None}
    for name, value in given.items():
        if not isinstance(value, str):
            raise InputError(f"'{name}' is no text", where=place, way_out=way_out)
    return {name: _writable(value) for name, value in given.items()}


def _writable(text: str) -> str:
    """Put a question mark for halves of characters, which no file can hold; places stay."""
    return text.encode("utf-8", "replace").decode("utf-8")


# -- as data -------------------------------------------------------------------------------------


def _page_data(page: Page) -> dict[str, Any]:
    return {
        "headline": page.headline,
        "dek": _first(page, Zone.DEK),
        "byline": _first(page, Zone.BYLINE),
        "source": _first(page, Zone.SOURCE),
        "site": page.site,
        "url": page.url,
        "published": page.published.value if page.published else None,
        "published_basis": page.published.basis if page.published else None,
        "section": _first(page, Zone.SECTION),
        "tags": list(page.words(Zone.TAGS)),
        "captions": list(page.words(Zone.CAPTION)),
        "language": page.language,
        "words": len(page.body.split()),
        "reading_minutes": reading_minutes(page),
        "sha256": page.sha256,
        "leads": [
            {"zone": line.zone, "text": page.text[line.start : line.end]} for line in page.leads
        ],
    }


def _first(page: Page, zone: Zone) -> str:
    return next(iter(page.words(zone)), "")


def reading_minutes(page: Page) -> int:
    """Return how many minutes the article of a page takes to read."""
    if page.language in _UNSPACED:
        return max(1, math.ceil(len(page.body) / _LETTERS_A_MINUTE))
    return max(1, math.ceil(len(page.body.split()) / _WORDS_A_MINUTE))


def event_data(event: Event) -> dict[str, Any]:
    """Return an event as plain data, with what public databases call its instrument."""
    content = event.model_dump(mode="json")
    codes = event.codes
    content["codes"] = {name: getattr(codes, name) for name in codes.__slots__}
    return content


# -- from events to a briefing -------------------------------------------------------------------


def draft(
    readings: Sequence[Reading],
    *,
    chain: str | Path | None = None,
    answers: Mapping[str, str] | None = None,
    include_unreal: bool = False,
    reviewed: Iterable[str] = (),
) -> Drafted:
    """Make a scenario from what was read.

    Parameters
    ----------
    readings : sequence of Reading
        Pages with their events.
    chain : str or Path, optional
        The chain to simulate it on; by default the shipped one that holds most of it.
    answers : mapping, optional
        What the texts do not say, by ``EVENT.FIELD``; see the questions of the draft.
    include_unreal : bool
        Also simulate what is proposed, threatened or planned.
    reviewed : iterable of str
        Ids of events that somebody has accepted.

    Returns
    -------
    Drafted
        The scenario with what was assumed, left unused and asked.

    Raises
    ------
    InputError
        If there is no page, two have one name, or an answer is for nothing that was read.
    """
    if not readings:
        raise InputError("there is no page to draft from", way_out="read one or several pages")
    _require_own_names(readings)
    events = [event for reading in readings for event in reading.events]
    return draft_events(
        events,
        [reading.page for reading in readings],
        _network_named,
        chains=chain_names() if chain is None else (str(chain),),
        brief=Brief(answers or {}, frozenset(reviewed), include_unreal),
    )


def _require_own_names(readings: Sequence[Reading]) -> None:
    names = [reading.page.id for reading in readings]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"two pages are called '{twice[0]}'",
            way_out="events are told apart by the names of their pages: rename one",
        )


def _network_named(name: str) -> SupplyNetwork:
    return chain_named(name)


def brief_page(
    *paths: str | Path,
    published: str | None = None,
    chain: str | Path | None = None,
    answers: Mapping[str, str] | None = None,
    include_unreal: bool = False,
    form: str = "html",
    language: str = "en",
    progress: Progress | None = None,
) -> str:
    """Write the briefing on what pages tell: read, drafted, simulated and written in one go.

    Parameters
    ----------
    *paths, published
        As for `read`.
    chain, answers, include_unreal
        As for `draft`.
    form, language, progress
        As for `brief`.

    Raises
    ------
    MonaziteError
        As those; InputError if no event can be simulated, with the reasons.
    """
    drafted = draft(
        read(*paths, published=published),
        chain=chain,
        answers=answers,
        include_unreal=include_unreal,
    )
    require_measures(drafted)
    result = stress(drafted.scenario, progress=progress)
    return brief(result, form=form, language=language, reading=drafted, progress=progress)


def require_measures(drafted: Drafted) -> None:
    """Check that a draft has something to simulate.

    Raises
    ------
    InputError
        If it has nothing; says which events were found, why none can be simulated, and what to do.
    """
    if drafted.scenario.measures:
        return
    place = drafted.pages[0].id
    if not drafted.events:
        raise InputError(
            "no event was found",
            where=place,
            way_out="`monazite read --json` shows what was read; a scenario file needs no page",
        )
    asked = {question.event for question in drafted.questions}
    told = "; ".join(
        f"{event.id} ({event.instrument}, {event.status}): {reason}"
        for event, reason in _reasons(drafted)
    )
    ways = [f"--set {q.event}.{q.field}=VALUE answers: {q.text}" for q in drafted.questions]
    ways += [] if asked else ["`monazite scenario new` starts a scenario by hand"]
    raise InputError(f"nothing to simulate: {told}", where=place, way_out="; ".join(ways))


def _reasons(drafted: Drafted) -> Iterator[tuple[Event, str]]:
    reasons = {unused.event: unused.reason for unused in drafted.unused}
    for event in drafted.events:
        if event.id in reasons:
            yield event, reasons[event.id]
