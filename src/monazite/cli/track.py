"""Command on what governments undertook: due dates, status, evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import AsJson
from monazite.cli.terminal import MISSING, card, code, number, print_json, say, table, words

if TYPE_CHECKING:
    from monazite.commitments import Tracked
    from monazite.study.commitments import Tracking


def track(
    on: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Day to look at (YYYY-MM-DD).", show_default="today"),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML file that adds undertakings and evidence.",
            show_default=False,
        ),
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Also what each status rests on, with sources.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what governments undertook, by when, and how it stands.

    A status follows from dated evidence alone. Where somebody looked for an outcome and found
    none, it is unknown. Days below zero have passed.

    For example:

        monazite track
        monazite track --on 2026-05-01 --evidence
        monazite track --file mine.toml --json
    """
    from monazite.study import commitments

    found = commitments.track(on, file=file)
    if as_json:
        print_json(found.as_dict())
        return
    _show(found)
    if evidence:
        _show_evidence(found)


def _show(found: "Tracking") -> None:
    told = ", ".join(f"{count} {status}" for status, count in found.counts().items() if count)
    table(
        f"Undertakings on {found.on}",
        [code("id"), words("what"), code("who"), code("due"), number("days"), code("status")],
        [_row(row) for row in found.rows],
        caption=f"{told}. --evidence and --json show what each status rests on."
        if found.rows
        else "Nothing had been signed by then.",
    )


def _row(row: "Tracked") -> list[str]:
    item = row.undertaking
    due = MISSING if item.due is None else f"{item.kind} {item.due}"
    return [
        item.id, item.what, " ".join(item.actors), due,
        MISSING if row.days_left is None else f"{row.days_left}",
        f"{row.status}, {row.days_late} days late" if row.days_late else str(row.status),
    ]  # fmt: skip


def _show_evidence(found: "Tracking") -> None:
    for row in found.rows:
        lines = [
            f"{one.day} {one.kind.replace('_', ' ')}: {one.what} "
            f"(source {one.source}, grade {one.grade}{'; ' if one.note else ''}{one.note})"
            for one in row.evidence
        ]
        card(f"{row.undertaking.id} {row.undertaking.what}: {row.status}", *lines)
        if not lines:
            say("no evidence by then", indent=2)
    say()
    for name, citation in found.sources().items():
        say(f"{name}: {citation}")
