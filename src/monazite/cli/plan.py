"""Commands that work out a programme: what to build, support and stock, and what it is worth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from monazite.cli.options import AsJson, EngineName, Language
from monazite.cli.plan_tables import show_plan
from monazite.cli.stock_tables import show_stocks
from monazite.cli.terminal import check_target, print_json, write_whole
from monazite.errors import InputError, UnknownCodeError

if TYPE_CHECKING:
    from monazite.engine import Engine
    from monazite.plan.decompose import SolverStep
    from monazite.study.plans import PlanOrder, PlanRun

STOPPED = 130
"""Exit status after Ctrl-C, as shells count it."""
_TOLD = {
    "ground": "Ground", "plan": "Plan", "gain": "Gain of planning together",
    "information": "Worth of knowing", "frontier": "Frontier", "worth": "Worth of each project",
    "thirds": "Third parties", "replay": "Replay",
}  # fmt: skip

Programme = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="A programme (TOML).", show_default=False),
]
PlanDraws = Annotated[
    int | None,
    typer.Option(min=1, help="Futures to draw.", show_default="as the programme says"),
]
Gap = Annotated[
    str, typer.Option(metavar="SHARE", help="Distance from the best possible that is good enough.")
]
Seconds = Annotated[
    float | None,
    typer.Option(min=1, help="Most seconds of each search.", show_default="no limit"),
]
Processes = Annotated[int, typer.Option(min=1, help="Local cores that operate the draws.")]
PlanOut = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Also write a briefing (.html, .md, .json).", show_default=False
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PART",
        help="Work out only the plan (plan) and the parts named; may be repeated.",
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PART",
        help="Leave out: gain, information, frontier, worth, thirds or replay; may be repeated.",
    ),
]
State = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Keep what the search learns, and take it up from there.",
        show_default=False,
    ),
]
Extensive = Annotated[
    bool, typer.Option("--extensive", help="All draws in one model: small programmes only.")
]
PlanManifest = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also write the manifest.", show_default=False),
]
Template = Annotated[
    bool, typer.Option("--template", help="Print a programme to start from, and stop.")
]


def plan(
    programme: Programme = None,
    out: PlanOut = None,
    language: Language = "en",
    draws: PlanDraws = None,
    gap: Gap = "1%",
    seconds: Seconds = None,
    processes: Processes = 1,
    engine: EngineName = None,
    only: Only = None,
    without: Without = None,
    state: State = None,
    extensive: Extensive = False,
    manifest: PlanManifest = None,
    template: Template = False,
    as_json: AsJson = False,
) -> None:
    """Plan together: which projects, which support, which stocks, and what that is worth.

    A plan that cannot reach a target, or serve a demand, is a result: the headline says so, a
    table says which, when and how far, and the exit status is 0; programs read `status`. Ctrl-C
    ends the search: the best plan so far is printed, and --state keeps what was learnt.

    For example:

        monazite plan --template > mine.toml
        monazite plan examples/us-japan.toml --draws 10 --only plan --gap 3%
        monazite plan examples/us-japan.toml --out plan.html --processes 2
        monazite plan examples/us-japan.toml --out plan-ja.html --lang ja
        monazite plan mine.toml --state mine.npz --seconds 600 --json
    """
    if template:
        typer.echo(programme_template(), nl=False)
        return
    if programme is None:
        raise InputError("no programme", way_out="name a TOML file, or start with --template")
    from monazite.study.planbriefs import brief_plan
    from monazite.study.plans import plan_workers

    form = _form_of_briefing(out, language)
    for path in filter(None, (out, manifest, state)):
        check_target(path)
    workers = plan_workers(engine, processes)
    order = _order(draws, gap, seconds, workers, _parts(only, without), state, extensive)
    run = _worked_out(programme, order)
    if out is not None and run.plan.solution.is_found:
        write_whole(out, brief_plan(run, form, language))
    if manifest is not None and run.plan.solution.is_found:
        write_whole(manifest, run.manifest.as_text())
    if as_json:
        print_json(run.as_dict())
    else:
        show_plan(run)
        _tell(run, out, state, programme)
    if run.status == "interrupted":
        raise typer.Exit(STOPPED)


def _form_of_briefing(out: Path | None, language: str) -> str:
    """Return the format of the briefing that is asked for; empty where none is."""
    from monazite.study.briefs import brief_format, brief_language

    if brief_language(language) != "en" and out is None:
        raise InputError("--lang goes with --out", way_out="name the file of the briefing")
    return brief_format(None, out) if out is not None else ""


def stockpile(
    programme: Annotated[Path, typer.Argument(metavar="FILE", help="A programme (TOML).")],
    protection: Annotated[
        str,
        typer.Option(metavar="SHARE", help="Share of the loss in the worst draws to be averted."),
    ] = "50%",
    level: Annotated[
        str, typer.Option(metavar="SHARE", help="Draws that are not the worst: 90% for a tenth.")
    ] = "90%",
    flat: Annotated[
        str, typer.Option(metavar="DAYS", help="Days of every good in the flat rules.")
    ] = "60,180",
    draws: PlanDraws = None,
    processes: Processes = 1,
    with_plan: Annotated[
        bool, typer.Option("--with-plan", help="Work out the plan first, and take its plants.")
    ] = False,
    gap: Gap = "1%",
    trials: Annotated[bool, typer.Option(help="Also try the rules in the monthly market.")] = True,
    as_json: AsJson = False,
) -> None:
    """Say how many days of what to keep, in which form and where, for a given protection.

    Loss is what going without is worth to users; what counts is its mean over the worst draws.
    Stocks of each partner apart stand beside pooled ones and flat rules of so many days, and all
    are tried in the monthly market against the shock that costs most without stocks.

    For example:

        monazite stockpile examples/us-japan.toml --draws 20
        monazite stockpile examples/us-japan.toml --protection 80% --flat 30,60,180 --json
    """
    from monazite.plan.stockpile import StockAim
    from monazite.study.stockpile import stockpile as worked_out

    averted, worst = share(protection, "--protection"), share(level, "--level")
    aim = StockAim(averted, worst, _days(flat))
    plan_gap = share(gap, "--gap") if with_plan else None
    with search_progress(f"Stocks of {programme.name}") as (_, told):
        found = worked_out(
            programme, aim=aim, count=draws, plan_gap=plan_gap, has_trials=trials,
            processes=processes, told=lambda part: told("Stocks", part),
        )  # fmt: skip
    if as_json:
        print_json(found.as_dict())
    else:
        show_stocks(found)


def _days(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split(",") if word)
    except ValueError as fault:
        raise InputError(
            f"'{text}' is no list of days", where="--flat", way_out="write 60,180"
        ) from fault


def programme_template() -> str:
    """Return the text of a programme that explains itself."""
    return (files("monazite.cli") / "programme.toml").read_text(encoding="utf-8")


def share(text: str, where: str) -> float:
    """Read a share: ``1%``, ``1 %`` or ``0.01``.

    >>> share("1 %", "--gap"), share("0.02", "--gap")
    (0.01, 0.02)

    Raises
    ------
    InputError
        If it is none.
    """
    figure = text.strip()
    try:
        value = float(figure.removesuffix("%")) / (100.0 if figure.endswith("%") else 1.0)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise InputError(f"'{text}' is no share", where=where, way_out="write 1% or 0.01")
    return value


def _order(
    draws: int | None,
    gap: str,
    seconds: float | None,
    workers: "int | Engine",
    parts: tuple[str, ...],
    state: Path | None,
    extensive: bool,
) -> "PlanOrder":
    from monazite.plan.planner import Effort
    from monazite.study.plans import PlanOrder

    effort = Effort(
        gap=share(gap, "--gap"), seconds=seconds, processes=workers, extensive=extensive
    )
    return PlanOrder(effort=effort, count=draws, parts=parts, state=state)


def _parts(only: list[str] | None, without: list[str] | None) -> tuple[str, ...]:
    """Return the parts to work out beside the plan."""
    from monazite.study.plans import PARTS

    if only and without:
        raise InputError("--only and --without exclude each other", way_out="give one of them")
    for option, names in (("--only", only), ("--without", without)):
        for name in names or ():
            if name not in (*PARTS, "plan"):
                raise UnknownCodeError("part", name, (*PARTS, "plan"), where=option)
    if only:
        return tuple(part for part in PARTS if part in only)
    return tuple(part for part in PARTS if part not in (without or ()))


def _worked_out(programme: Path, order: "PlanOrder") -> "PlanRun":
    from monazite.study.plans import plan as worked_out

    with search_progress(f"Planning {programme.name}") as (step, told):
        return worked_out(programme, order=order, progress=step, told=told)


@contextmanager
def search_progress(
    title: str,
) -> Iterator[tuple[Callable[["SolverStep"], None], Callable[[str, str], None]]]:
    """Show a line with bound and best plan while a search runs; silent where nobody looks."""
    console = Console(stderr=True)
    line = Progress(
        TextColumn("{task.description}"), BarColumn(20), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with line:
        task = line.add_task(title, total=None)

        def step(now: "SolverStep") -> None:
            best = f"{now.incumbent:,.1f}" if now.incumbent < float("inf") else "none yet"
            bound = f"{now.bound:,.1f}" if now.bound > -float("inf") else "none yet"
            gap = f"{now.gap:.2%}" if now.gap < 10 else "wide"
            line.update(
                task,
                description=f"{title}: round {now.iteration}, {now.phase}, no plan below {bound}, "
                f"best {best}, gap {gap}",
            )

        def told(part: str, how_far: str) -> None:
            line.update(task, description=f"{_TOLD.get(part, part)}: {how_far}")

        yield step, told


def _tell(run: "PlanRun", out: Path | None, state: Path | None, programme: Path) -> None:
    if out is not None and run.plan.solution.is_found:
        typer.echo(f"Briefing written: {out.resolve()}")
    if state is not None and state.is_file():
        typer.echo(
            f"What was learnt is kept. Go on, with the same draws: monazite plan {programme} "
            f"--state {state}"
        )
