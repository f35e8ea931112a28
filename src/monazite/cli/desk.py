"""The command that reads pages and finds their events."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import DEFAULT_STORE, AsJson, Keep, Published, Store
from monazite.cli.shown import cut, plain, sizes, store_name, what, when, who
from monazite.cli.terminal import code, number, percent, print_json, progress, say, table, words
from monazite.errors import InputError, UnknownCodeError

if TYPE_CHECKING:
    from monazite import study as study_module
    from monazite.desk.schema import Event, Role

    Shown = study_module.Reading | study_module.Unread
    """What was read, or why not."""

Records = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Read records instead, one JSON object a line (id, text, published, url, lang), "
        "and write one line each; - is standard input.",
    ),
]
Measures = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Read a table of measures instead: CSV as Global Trade Alert or the OECD give it.",
    ),
]
Roles = Annotated[
    str | None,
    typer.Option(
        metavar="ROLES",
        help="Roles of the events shown: main, secondary, background, lead.",
        show_default="main,secondary",
    ),
]


def read(
    pages: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PAGE...",
            help="Saved pages (.html, .txt), folders of them, WARC files, JSON Lines.",
        ),
    ] = None,
    published: Published = None,
    jsonl: Records = None,
    measures: Measures = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Of --measures: the day that says what is in force.",
            show_default="today",
        ),
    ] = None,
    roles: Roles = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first page that cannot be read.")
    ] = False,
    skip_bad: Annotated[
        bool,
        typer.Option(
            "--skip-bad", help="Pass over bad lines of --jsonl or --measures, and count them."
        ),
    ] = False,
    keep: Keep = False,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Read news pages and find the events in them, each with the words it rests on.

    With --json every page is one JSON object on a line of its own: id, page, events. With --keep
    pages and events, those of all roles, go into the store; a text that it has changes nothing.

    For example:

        monazite read saved-page.html
        monazite read copied.txt --published 2025-04-04 --json
        monazite read folder-of-pages crawl.warc.gz --keep
        monazite read --jsonl records.jsonl --skip-bad > events.jsonl
        monazite read --measures interventions.csv --on 2025-11-01 --keep
    """
    wanted = _roles(roles)
    _require_one(pages, jsonl, measures)
    show = _Show(wanted, store if keep else None)
    if jsonl is not None:
        _read_records(jsonl, show, skip_bad=skip_bad)
    elif measures is not None:
        _read_measures(measures, _day(on), show, skip_bad=skip_bad, as_json=as_json)
    else:
        failed = _read_pages(pages or [], published, show, strict=strict, as_json=as_json)
        if failed:
            raise typer.Exit(InputError.exit_status)


def _require_one(pages: list[Path] | None, jsonl: str | None, measures: Path | None) -> None:
    if sum(map(bool, (pages, jsonl, measures))) != 1:
        raise InputError(
            "name pages, or a file with --jsonl or --measures",
            way_out="see `monazite read --help`",
        )


def _roles(given: str | None) -> "tuple[Role, ...]":
    from monazite import study
    from monazite.desk.schema import Role

    if given is None:
        return study.SHOWN_ROLES
    names = [name.strip() for name in given.split(",") if name.strip()]
    for name in names:
        if name not in set(Role):
            raise UnknownCodeError("role", name, Role, where="--roles")
    return tuple(Role(name) for name in names)


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as fault:
        raise InputError(
            f"'{given}' is no day", where="--on", way_out="write it YYYY-MM-DD"
        ) from fault


class _Show:
    """Shows what was read, and keeps it first where it is asked to."""

    def __init__(self, roles: "tuple[Role, ...]", store: str | None) -> None:
        self._roles = roles
        self._store = store

    def kept(
        self, found: "Iterable[Shown]", *, at_once: int = 1
    ) -> "Iterator[study_module.Kept | Shown]":
        """Yield what was found, once it is safe."""
        from monazite import study

        return iter(found) if self._store is None else study.keep(
            self._store, found, at_once=at_once
        )  # fmt: skip

    def as_json(self, item: "study_module.Kept | study_module.Reading") -> None:
        """Print a page as a line of JSON."""
        from monazite import study

        if isinstance(item, study.Kept):
            told = item.reading.with_roles(self._roles).as_dict()
            print_json({**told, "kept": item.as_dict()})
        else:
            print_json(item.with_roles(self._roles).as_dict())

    def for_people(self, item: "study_module.Kept | study_module.Reading") -> None:
        """Print a page as a table, with its sentences."""
        from monazite import study

        reading = item.reading if isinstance(item, study.Kept) else item
        _show(reading.with_roles(self._roles))
        if isinstance(item, study.Kept):
            say(self._told(item), indent=2)
            say()

    def _told(self, kept: "study_module.Kept") -> str:
        numbers = ", ".join(map(str, kept.events)) or "none"
        place = store_name(self._store or "")
        if kept.is_new:
            return f"Kept in {place} as page {kept.page}; its events: {numbers}."
        return f"In {place} already, as page {kept.page}; its events stay: {numbers}."


# -- records -------------------------------------------------------------------------------------


def _read_records(name: str, show: _Show, *, skip_bad: bool) -> None:
    from monazite import study

    place = "standard input" if name == study.STANDARD_INPUT else name
    with study.open_records(name) as lines:
        found = show.kept(study.read_records(lines, place), at_once=study.RECORDS_AT_ONCE)
        for item in _good(found, skip_bad=skip_bad):
            show.as_json(item)


def _good(
    found: "Iterable[study_module.Kept | Shown]", *, skip_bad: bool
) -> "Iterator[study_module.Kept | study_module.Reading]":
    """Yield what could be read; the rest stops it, or is counted."""
    from monazite import study

    bad: list[str] = []
    for item in found:
        if not isinstance(item, study.Unread):
            yield item
        elif skip_bad:
            bad.append(item.place)
        else:
            raise item.fault
    if bad:
        typer.echo(f"monazite: {len(bad)} bad lines passed over, the first: {bad[0]}", err=True)


# -- tables of measures --------------------------------------------------------------------------


def _read_measures(
    path: Path, on: date | None, show: _Show, *, skip_bad: bool, as_json: bool
) -> None:
    from monazite import study

    rows, skipped = study.read_measures(path, on=on)
    events: list[tuple[str, Event]] = []
    for item in _good(show.kept(rows, at_once=study.RECORDS_AT_ONCE), skip_bad=skip_bad):
        if as_json:
            show.as_json(item)
        else:
            reading = item.reading if isinstance(item, study.Kept) else item
            numbers = item.events if isinstance(item, study.Kept) else ()
            events += [(_row(reading, numbers), event) for event in reading.events]
    if not as_json:
        _show_rows(path, events)
    if skipped:
        reasons = "; ".join(f"{count}: {reason}" for reason, count in sorted(skipped.items()))
        typer.echo(f"monazite: {sum(skipped.values())} rows are none of the desk's ({reasons})",
                   err=True)  # fmt: skip


def _row(reading: "study_module.Reading", numbers: tuple[int, ...]) -> str:
    """Return the number of an event in the store, or of its row in the table."""
    return ", ".join(map(str, numbers)) or reading.page.id.rpartition(":")[2]


def _show_rows(path: Path, events: "list[tuple[str, Event]]") -> None:
    table(
        f"{plain(path.name)}: {len(events)} measures",
        [code(""), words("what"), words("status"), words("who"), words("goods"), words("when")],
        [
            [
                place, what(event), event.status.replace("_", " "), who(event),
                plain(", ".join(event.commodities)), when(event),
            ]
            for place, event in events
        ],
    )  # fmt: skip


# -- pages ---------------------------------------------------------------------------------------


def _read_pages(
    given: list[Path], published: str | None, show: _Show, *, strict: bool, as_json: bool
) -> int:
    """Read page after page; return how many could not be read, which does not stop the others."""
    from monazite import study

    failed = 0
    for item in show.kept(_pages(given, published)):
        if isinstance(item, study.Unread):
            if strict:
                raise item.fault
            failed += 1
            typer.echo(f"monazite: {plain(item.fault.line())}", err=True)
        elif as_json:
            show.as_json(item)
        else:
            show.for_people(item)
    return failed


def _pages(given: list[Path], published: str | None) -> "Iterator[Shown]":
    """Yield the pages of files, with a bar while one takes long."""
    from monazite import study

    files = study.page_files(given)
    for done, path in enumerate(files):
        found = study.read_file(path, published=published)
        while True:
            with progress(f"Reading {path.name}") as tell:
                tell(done, len(files))
                item = next(found, None)
            if item is None:
                break
            yield item


# -- for people ----------------------------------------------------------------------------------


def _show(reading: "study_module.Reading") -> None:
    page = reading.page
    day = page.published.value if page.published else "no date"
    title = plain(page.headline or page.id)
    if not reading.events:
        say(f"{title} ({day}): no event.")
        say()
        return
    table(
        f"{title} ({day})",
        [
            code(""), code("role"), words("what"), words("status"), words("who"), words("goods"),
            number("sure"),
        ],
        [
            [
                _short(event), event.role, what(event), event.status.replace("_", " "),
                who(event), plain(", ".join(event.commodities)), percent(event.confidence),
            ]
            for event in reading.events
        ],
    )  # fmt: skip
    for event in reading.events:
        _tell(event)
    say()


def _short(event: "Event") -> str:
    """Return the number of an event on its page."""
    return plain(event.id.rpartition(":")[2])


def _tell(event: "Event") -> None:
    """Print dates and sizes of an event, and the sentence that it rests on with its place."""
    spans = {span.field: span for span in reversed(event.evidence)}
    span = spans.get("event", next(iter(spans.values()), None))
    quoted = f"“{cut(span.text)}” (characters {span.start} to {span.end})" if span else ""
    parts = (when(event), sizes(event), quoted)
    say(f"{_short(event)}. {'; '.join(part for part in parts if part)}", indent=2)
