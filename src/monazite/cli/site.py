"""The command that writes the news site."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from monazite.cli.options import DEFAULT_STORE, AsJson, Store
from monazite.cli.terminal import print_json, progress
from monazite.errors import InputError


def build(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the site; an earlier one is replaced.")
    ],
    store: Store = DEFAULT_STORE,
    lang: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANG",
            help="Language of the pages: en, ja, ar or es; may be repeated.",
            show_default="all four",
        ),
    ] = None,
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="Where the site will stand; for its maps.")
    ] = "",
    now: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When the site counts as built (2025-11-01T12:00): the same input and time "
            "give the same files.",
            show_default="now, in UTC",
        ),
    ] = None,
    audio: Annotated[
        bool, typer.Option("--audio", help="Also make sound files, by espeak-ng if installed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything in the store as a static news site.

    The pages need no server and no other site: open DIR/index.html, or copy DIR to any web space.
    Events that somebody rejected are left out; those that nobody has reviewed say so. Briefings
    are those of `brief --keep` and `events brief`.

    For example:

        monazite site build public
        monazite site build public --lang en --lang ar --base-url https://news.example
    """
    from monazite.study import site

    with progress(f"Building {folder}") as tell:
        built = site.build_site(
            store,
            folder,
            now=_moment(now),
            languages=tuple(lang or ()),
            base_url=base_url,
            audio=audio,
            progress=tell,
        )
    if as_json:
        print_json({"folder": str(built.folder), "pages": built.pages, "files": built.files})
    else:
        typer.echo(f"Site: {built.folder / 'index.html'} ({built.pages} pages)")


def _moment(given: str | None) -> datetime:
    """Return a moment; one without a time zone is in UTC."""
    if given is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as fault:
        raise InputError(
            f"'{given}' is no moment", where="--now", way_out="write it 2025-11-01T12:00"
        ) from fault
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
