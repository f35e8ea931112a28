"""All commands by name, and what becomes of their errors."""

from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Annotated, Any

import typer

from monazite.cli import (
    atlas,
    briefs,
    desk,
    events,
    exposure,
    finance,
    official,
    plan,
    risk,
    runs,
    scenarios,
    screen,
    sensitivity,
    site,
    tables,
    track,
    watch,
)
from monazite.errors import (
    BalanceError,
    EngineError,
    EquilibriumError,
    InputError,
    MonaziteError,
    ReproductionError,
    StoreError,
)

STOPPED = 130
"""Exit status after Ctrl-C, as shells count it: 128 and the number of the signal."""
EXIT_STATUS = f"""\
Exit status: 0 done; {InputError.exit_status} input that cannot be used; \
{EquilibriumError.exit_status} no prices clear the market; \
{BalanceError.exit_status} sources that do not balance; \
{ReproductionError.exit_status} a rerun with other numbers; \
{StoreError.exit_status} a store that cannot be used; \
{EngineError.exit_status} workers that fail; {STOPPED} stopped. \
Errors are one line on standard error and leave no file behind."""

Group = Sequence[tuple[str, Callable[..., Any]]]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"monazite {metadata.version('monazite')}")
        raise typer.Exit


def _root(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Who is hit by a cut in critical minerals, how hard, when, and what helps.

    To begin with:

        monazite scenario list
        monazite stress china-2025-licences
        monazite exposure --template mine.csv
        monazite brief saved-page.html --out briefing.html
        monazite watch https://news.example/feed.xml saved-pages
        monazite events list --state unreviewed
        monazite site build public

    What is kept goes into one store: the file desk.sqlite here, unless --store or the variable
    MONAZITE_STORE names another file or a database.

    Every command explains itself with --help and answers programs with --json.
    """


def _group(commands: Group, *, name: str | None = None, purpose: str | None = None) -> typer.Typer:
    group = typer.Typer(
        name=name,
        help=purpose,
        epilog=EXIT_STATUS,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    for word, command in commands:
        group.command(word, epilog=EXIT_STATUS)(command)
    return group


app = _group(
    (
        ("chain", runs.chain),
        ("atlas", atlas.atlas),
        ("stress", runs.stress),
        ("screen", screen.screen),
        ("exposure", exposure.exposure),
        ("sensitivity", sensitivity.sensitivity),
        ("brief", briefs.brief),
        ("read", desk.read),
        ("watch", watch.watch),
        ("plan", plan.plan),
        ("stockpile", plan.stockpile),
        ("finance", finance.finance),
        ("track", track.track),
        ("risk", risk.risk),
        ("backtest", runs.backtest),
        ("rerun", runs.rerun),
    ),
    name="monazite",
)
app.callback(help=_root.__doc__, epilog=EXIT_STATUS)(_root)
app.add_typer(
    _group(
        (
            ("list", scenarios.list_scenarios),
            ("show", scenarios.show),
            ("new", scenarios.new),
            ("check", scenarios.check),
        ),
        purpose="Find, start and check scenarios.",
    ),
    name="scenario",
)
app.add_typer(
    _group(
        (
            ("list", tables.list_tables),
            ("show", tables.show),
            ("check", tables.check),
            ("assumed", tables.assumed),
            ("kinds", official.kinds),
            ("fetch", official.fetch),
            ("load", official.load),
            ("compare", official.compare),
            ("build", atlas.build),
        ),
        purpose="See the tables behind every number, and read official files.",
    ),
    name="data",
)
app.add_typer(
    _group(
        (
            ("list", events.list_events),
            ("show", events.show),
            ("search", events.search),
            ("accept", events.accept),
            ("edit", events.edit),
            ("reject", events.reject),
            ("brief", briefs.brief_events),
        ),
        purpose="Find, review and use the events in the store.",
    ),
    name="events",
)
app.add_typer(
    _group((("build", site.build),), purpose="Publish what the store holds as a news site."),
    name="site",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``monazite``; those of the process by default.

    Returns
    -------
    int
        The exit status. Every error of ours is one line on standard error.
    """
    given = None if arguments is None else list(arguments)
    try:
        status = app(given, prog_name="monazite", standalone_mode=False)
    except MonaziteError as fault:
        return _fail(fault.line(), fault.exit_status)
    except typer.TyperException as fault:
        return _fail(_usage(fault), InputError.exit_status)
    except OSError as fault:
        place = f"{fault.filename}: " if fault.filename else ""
        return _fail(f"{place}{fault.strerror or fault}", InputError.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        status = STOPPED
    if status == STOPPED:
        return _fail("stopped", STOPPED)
    return status if isinstance(status, int) else 0


def _usage(fault: typer.TyperException) -> str:
    """Say in a line what is wrong with the words given; empty where help was printed instead."""
    message = " ".join(fault.format_message().split()).rstrip(".")
    context = getattr(fault, "ctx", None)
    if not message or context is None:
        return message
    return f"{message[0].lower()}{message[1:]} (see {context.command_path} --help)"


def _fail(line: str, status: int) -> int:
    if line:
        typer.echo(f"monazite: {' '.join(line.split())}", err=True)
    return status
