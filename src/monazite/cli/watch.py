"""The command that watches feeds and folders."""

from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import DEFAULT_STORE, AsJson, Store
from monazite.cli.shown import plain
from monazite.cli.terminal import print_json
from monazite.errors import InputError

if TYPE_CHECKING:
    from monazite.desk.feeds import Notice


def watch(
    feeds: Annotated[
        list[str],
        typer.Argument(
            metavar="FEED...",
            help="Addresses of feeds (RSS, Atom, news sitemaps), folders of saved pages, files.",
            show_default=False,
        ),
    ],
    once: Annotated[
        bool, typer.Option("--once", help="Read every feed that is due, and stop.")
    ] = False,
    every: Annotated[
        float, typer.Option(metavar="MINUTES", help="Minutes between two readings of a feed.")
    ] = 15.0,
    allow_local: Annotated[
        bool,
        typer.Option("--allow-local", help="Also fetch from this machine and private networks."),
    ] = False,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Watch feeds and folders: read what is new, keep pages and events in the store.

    The store remembers what was read, so a restart goes on and no page is read twice. Sites are
    asked politely: robots.txt is obeyed, unchanged feeds are not sent again, two requests to one
    site are seconds apart, and after a failure the waits grow. Ctrl-C stops; what was read is
    kept. With --once a feed that cannot be read gives exit status 2, for a timetable such as
    cron's.

    For example:

        monazite watch https://news.example/feed.xml saved-pages
        monazite watch saved-pages --once --store desk.sqlite
        monazite watch https://news.example/feed.xml --every 60 --json >> notices.jsonl
    """
    from monazite import study

    failed: set[str] = set()

    def tell(notice: "Notice") -> None:
        from monazite.desk.feeds import Happening

        if notice.happening is Happening.FAILED and notice.subject == notice.feed:
            failed.add(notice.feed)
        if as_json:
            print_json(_data(notice))
        else:
            typer.echo(_line(notice))

    study.watch(feeds, store, out=tell, once=once, every=every, allow_local=allow_local)
    if failed:
        raise typer.Exit(InputError.exit_status)


def _line(notice: "Notice") -> str:
    """Say in a line what happened, to what, and what came of it."""
    said = " ".join(filter(None, (notice.message, _found(notice))))
    is_told = notice.subject in said  # errors begin with their place
    parts = (f"{notice.happening:<9}", "" if is_told else plain(notice.subject), plain(said))
    return "  ".join(filter(None, parts)).rstrip()


def _found(notice: "Notice") -> str:
    from monazite.desk.feeds import Happening

    if notice.happening is not Happening.READ:
        return ""
    count = len(notice.events)
    return f"({count} event{'' if count == 1 else 's'})" if count else "(no event)"


def _data(notice: "Notice") -> dict[str, object]:
    return {
        "happening": notice.happening,
        "feed": notice.feed,
        "subject": notice.subject,
        "message": notice.message,
        "events": [event.id for event in notice.events],
    }
