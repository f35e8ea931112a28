"""Commands of the desk: read pages, find their events."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import AsJson
from monazite.cli.terminal import code, number, percent, print_json, progress, say, table, words
from monazite.errors import InputError, UnknownCodeError

if TYPE_CHECKING:
    from monazite import study as study_module
    from monazite.desk.measures import Drafted
    from monazite.desk.schema import Event, Role

Published = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Day of publication (YYYY-MM-DD), where the page does not tell it.",
        show_default=False,
    ),
]
BriefTarget = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|PAGE",
        help="A name out of `scenario list`, a TOML file, or a saved page (.html, .txt).",
    ),
]
BriefLanguage = Annotated[
    str, typer.Option("--lang", metavar="en|ja|ar|es", help="Language of the briefing.")
]
IncludeUnreal = Annotated[
    bool,
    typer.Option("--include-unreal", help="Of a page: also what is proposed, planned, threatened."),
]
ScenarioOut = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Of a page: also write the drafted scenario, to edit it."),
]
BriefChanges = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a parameter of `data show parameters`; of a page also EVENT.FIELD=VALUE, to "
        "answer what the text does not say. May be repeated.",
    ),
]
LONGEST_QUOTE = 160
"""Characters of evidence that a screen shows."""


def read(
    pages: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PAGE...", help="Saved pages (.html, .txt), or folders of them."),
    ] = None,
    published: Published = None,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read records instead, one JSON object a line (id, text, published, url, lang), "
            "and write one line each; - is standard input.",
        ),
    ] = None,
    roles: Annotated[
        str | None,
        typer.Option(
            metavar="ROLES",
            help="Roles of the events shown: main, secondary, background, lead.",
            show_default="main,secondary",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first page that cannot be read.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Pass over bad lines of --jsonl, and count them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read news pages and find the events in them, each with the words it rests on.

    With --json every page is one JSON object on a line of its own: id, page, events.

    For example:

        monazite read saved-page.html
        monazite read copied.txt --published 2025-04-04 --json
        monazite read folder-of-pages --json > events.jsonl
        monazite read --jsonl records.jsonl --skip-bad > events.jsonl
    """
    wanted = _roles(roles)
    if (jsonl is None) == (not pages):
        raise InputError("name pages, or a file with --jsonl", way_out="see `monazite read --help`")
    if jsonl is not None:
        _read_records(jsonl, wanted, skip_bad=skip_bad)
        return
    failed = 0
    for found in _read_pages(pages or [], published, strict=strict):
        if isinstance(found, InputError):
            failed += 1
            typer.echo(f"monazite: {found.line()}", err=True)
        elif as_json:
            print_json(found.with_roles(wanted).as_dict())
        else:
            _show(found.with_roles(wanted))
    if failed:
        raise typer.Exit(InputError.exit_status)


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


def draft_lines(drafted: "Drafted") -> Iterator[str]:
    """Say what a draft rests on: how many events, what was assumed, what was left out."""
    used = len(drafted.measures_of)
    yield f"{drafted.scenario.title}: {used} of {len(drafted.events)} events simulated."
    for size in drafted.assumed:
        value = " ".join(part for part in (size.value, size.unit) if part)
        yield f"  assumed, {size.event} {size.field}: {value} ({size.reason})"
    for unused in drafted.unused:
        yield f"  not used, {unused.event}: {unused.reason}"
    for question in drafted.questions:
        default = f" (now: {question.default})" if question.default else ""
        yield f"  open, --set {question.event}.{question.field}=VALUE: {question.text}{default}"


# -- records -------------------------------------------------------------------------------------


def _read_records(name: str, wanted: "tuple[Role, ...]", *, skip_bad: bool) -> None:
    from monazite import study

    place = "standard input" if name == study.STANDARD_INPUT else name
    with study.open_records(name) as lines:
        _write_records(study.read_records(lines, place), wanted, skip_bad=skip_bad)


def _write_records(
    found: "Iterable[study_module.Reading | study_module.Unread]",
    wanted: "tuple[Role, ...]",
    *,
    skip_bad: bool,
) -> None:
    from monazite import study

    bad: list[str] = []
    for item in found:
        if isinstance(item, study.Reading):
            print_json(item.with_roles(wanted).as_dict())
        elif skip_bad:
            bad.append(item.place)
        else:
            raise item.fault
    if bad:
        typer.echo(f"monazite: {len(bad)} bad lines passed over, the first: {bad[0]}", err=True)


# -- pages ---------------------------------------------------------------------------------------


def _read_pages(
    given: list[Path], published: str | None, *, strict: bool
) -> "Iterator[study_module.Reading | InputError]":
    """Read page after page; one that cannot be read does not stop the others."""
    from monazite import study

    for path, done, total in _counted(given):
        with progress(f"Reading {path.name}") as tell:
            tell(done, total)
            try:
                found: study.Reading | InputError = study.read_page(path, published=published)
            except InputError as fault:
                if strict:
                    raise
                found = fault
            except OSError as fault:
                found = InputError(f"cannot be read: {fault.strerror}", where=str(path))
                if strict:
                    raise found from fault
        yield found


def _counted(given: list[Path]) -> Iterator[tuple[Path, int, int]]:
    from monazite import study

    files = study.page_files(given)
    for number_of_page, path in enumerate(files):
        yield path, number_of_page, len(files)


# -- for people ----------------------------------------------------------------------------------


def _show(reading: "study_module.Reading") -> None:
    page = reading.page
    day = page.published.value if page.published else "no date"
    title = _plain(page.headline or page.id)
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
                _short(event), event.role, _what(event), event.status.replace("_", " "),
                _who(event), _plain(", ".join(event.commodities)), percent(event.confidence),
            ]
            for event in reading.events
        ],
    )  # fmt: skip
    for event in reading.events:
        _tell(event)
    say()


def _plain(text: str) -> str:
    """Return a text of a page on one line, without what could steer a terminal."""
    from monazite.desk.page import shown

    return " ".join(shown(text).split())


def _short(event: "Event") -> str:
    """Return the number of an event on its page."""
    return _plain(event.id.rpartition(":")[2])


def _what(event: "Event") -> str:
    from monazite.desk.schema import INSTRUMENTS

    return INSTRUMENTS[event.instrument].label


def _who(event: "Event") -> str:
    actors = ", ".join(event.actor)
    targets = ", ".join(event.target)
    return _plain(f"{actors} → {targets}" if targets else actors)


def _when(event: "Event") -> str:
    told = (("on ", event.date), ("from ", event.effective), ("to ", event.end))
    return ", ".join(f"{word}{day}" for word, day in told if day)


def _sizes(event: "Event") -> str:
    return _plain(", ".join(f"{size.value:,.10g} {size.unit}" for size in event.magnitude))


def _tell(event: "Event") -> None:
    """Print dates and sizes of an event, and the sentence that it rests on with its place."""
    spans = {span.field: span for span in reversed(event.evidence)}
    span = spans.get("event", next(iter(spans.values()), None))
    quoted = ""
    if span is not None:
        text = _plain(span.text)
        cut = f"{text[:LONGEST_QUOTE]} ..." if len(text) > LONGEST_QUOTE else text
        quoted = f"“{cut}” (characters {span.start} to {span.end})"
    parts = (_when(event), _sizes(event), quoted)
    say(f"{_short(event)}. {'; '.join(part for part in parts if part)}", indent=2)
