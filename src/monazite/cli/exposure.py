"""Command on a buyer's own book of parts and materials."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import (
    AsJson,
    Chain,
    Changes,
    Draws,
    Months,
    Seed,
    Workers,
    parameters,
)
from monazite.cli.terminal import (
    MISSING,
    amount,
    card,
    check_target,
    code,
    number,
    percent,
    print_json,
    progress,
    say,
    table,
    words,
    write_whole,
)
from monazite.errors import InputError

if TYPE_CHECKING:
    from monazite.book import BookFault, BookTotal, LineAnswer, LineRemedy, LineStop
    from monazite.indicators import Band
    from monazite.study.book import BookRun

MOST_LINES = 20
"""Lines that a screen holds; --json and --out hold all."""
SHOWN_REMEDIES = 2
"""Remedies of a line that a screen names."""
MOST_NAMED = 5
"""Lines that a note names."""
NEVER = "never"

BookFile = Annotated[
    Path | None,
    typer.Argument(metavar="BOOK", help="Your list, .csv or .xlsx.", show_default=False),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        metavar="SCENARIO",
        help="A name out of `scenario list`, or a TOML file.",
        show_default=False,
    ),
]
Region = Annotated[
    str,
    typer.Option(metavar="COUNTRY", help="Where you use the goods, for lines that do not say it."),
]
Stopping = Annotated[float, typer.Option(help="Part of a month's need whose want stops a line.")]
AnswerOut = Annotated[
    Path | None,
    typer.Option(metavar="FILE.csv", help="Also write a row for each line.", show_default=False),
]
Template = Annotated[
    bool,
    typer.Option("--template", help="Write a book to start from to BOOK, or print it, and stop."),
]


def exposure(
    book: BookFile = None,
    scenario: Against = None,
    region: Region = "",
    months: Months = None,
    draws: Draws = 1,
    seed: Seed = 0,
    threshold: Stopping = 0.05,
    chain: Chain = None,
    workers: Workers = 1,
    change: Changes = None,
    out: AnswerOut = None,
    template: Template = False,
    as_json: AsJson = False,
) -> None:
    """Say what a scenario does to your own list of parts and materials, line by line.

    When does each line stop for want of goods, what does it cost more, which margin is at risk,
    and what would have helped? The book is read on this machine and leaves it in no way: nothing
    of it is sent anywhere, and the manifest holds its name and digest only.

    Rows that cannot be used are named with row, column and way out; the rest is answered, and the
    exit status is 2. Money is in thousand constant dollars of the chain's base year.

    For example:

        monazite exposure --template mine.csv
        monazite exposure mine.csv --scenario china-2025-licences
        monazite exposure mine.xlsx --scenario china-2025-licences --region DEU --draws 200
        monazite exposure mine.csv --scenario myanmar-halt --out answer.csv --json
    """
    from monazite.study.book import BookOrder
    from monazite.study.book import exposure as answer

    if template:
        _write_template(book)
        return
    if book is None or scenario is None:
        raise InputError(
            "no book" if book is None else "no scenario",
            way_out="write monazite exposure BOOK --scenario NAME, or start with --template",
        )
    if out is not None:
        _check_out(out, book)
    order = BookOrder(region, threshold, months, draws, seed, chain, workers, parameters(change))
    with progress(f"Simulating {scenario}") as tell:
        run = answer(book, scenario, order=order, progress=tell)
    if out is not None:
        write_whole(out, run.as_csv())
    if as_json:
        print_json(run.as_dict())
    else:
        _show(run)
    if not run.is_whole:
        raise typer.Exit(InputError.exit_status)


def _write_template(target: Path | None) -> None:
    from monazite.study.book import book_template

    if target is None:
        typer.echo(book_template(), nl=False)
        return
    if target.exists():
        raise InputError("this is there already", where=str(target), way_out="choose another name")
    check_target(target)
    write_whole(target, book_template())
    say(f"Started: {target}. Edit it, then: monazite exposure {target} --scenario NAME")


def _check_out(out: Path, book: Path) -> None:
    if out.suffix.lower() != ".csv":
        raise InputError(
            f"no format '{out.suffix}'", where="--out", way_out="name a file that ends in .csv"
        )
    if out.resolve() == book.resolve():
        raise InputError(
            "this is the book itself", where=str(out), way_out="choose another name for the answer"
        )
    check_target(out)


def _show(run: "BookRun") -> None:
    result, stress = run.exposure, run.stress
    span = f"{stress.trajectory.months[0]} to {stress.trajectory.months[-1]}"
    say(f"{stress.scenario.title}: {span}")
    say()
    _show_lines(result.lines, stress.threshold, stress.trajectory.draws)
    _show_totals((*result.goods, result.firm))
    _show_remedies(result.lines)
    _show_notes(result.lines)
    if result.book.faults:
        _show_faults(result.book.faults)
    say(
        "Assumptions: --json, or the page of the documentation on the book. Certificate of the "
        f"run: largest residual {run.certificate.worst():.1e}."
    )


def _urgency(answer: "LineAnswer") -> tuple[str, float]:
    worth = (answer.extra_cost.median or 0.0) + _median(answer.margin_lost)
    return answer.stop.month.median or "9999-99", -worth


def _median(band: "Band | None") -> float:
    return 0.0 if band is None else band.median or 0.0


def _show_lines(lines: tuple["LineAnswer", ...], threshold: float, draws: int) -> None:
    many = draws > 1
    shown = sorted(lines, key=_urgency)[:MOST_LINES]
    left = len(lines) - len(shown)
    more = f" {left} more: --json or --out." if left else ""
    table(
        "Lines, the first to stop first" + (f", medians of {draws} draws" if many else ""),
        [
            words("part"), code("good"), code("way"), code("stops"), number("after"),
            *([code("early – late"), number("odds")] if many else []), number("missing"),
            number("extra"), *([number("80 % band")] if many else []),
            number("lost"), *([number("80 % band")] if many else []),
        ],
        [_line(answer, many=many) for answer in shown],
        caption=f"Stops: {percent(threshold)} or more of a month's need is missing; after: months "
        "that the line runs before. Missing in t, extra cost and lost margin in kUSD, over all "
        f"months.{more}",
    )  # fmt: skip


def _line(answer: "LineAnswer", *, many: bool) -> list[str]:
    line, stop = answer.line, answer.stop
    return [
        line.part, line.commodity, f"{line.origin}→{line.region}", stop.month.median or NEVER,
        MISSING if stop.months is None else f"{stop.months}",
        *([_span(stop), percent(stop.probability)] if many else []),
        _money(answer.missing), _money(answer.extra_cost),
        *([_ends(answer.extra_cost)] if many else []), _money(answer.margin_lost),
        *([_ends(answer.margin_lost)] if many else []),
    ]  # fmt: skip


def _span(stop: "LineStop") -> str:
    return f"{stop.month.early or NEVER} – {stop.month.late or NEVER}"


def _money(band: "Band | None") -> str:
    return amount(None if band is None else band.median)


def _ends(band: "Band | None") -> str:
    return MISSING if band is None else f"{amount(band.low)} – {amount(band.high)}"


def _show_totals(rows: tuple["BookTotal", ...]) -> None:
    table(
        "Together",
        [
            code("good"), number("lines"), number("stop"), code("first"), number("need"),
            number("missing"), number("extra"), number("lost"),
        ],
        [
            [
                row.commodity or "all", f"{row.lines}", f"{_median(row.stopped):.0f}",
                row.first.month.median or NEVER, amount(row.need), _money(row.missing),
                _money(row.extra_cost), _money(row.margin_lost),
            ]
            for row in rows
        ],
        caption=_unvalued(rows[-1]),
    )  # fmt: skip


def _unvalued(firm: "BookTotal") -> str:
    count = firm.without_margin
    return f"Lines without a margin, which no margin is counted for: {count}." if count else ""


def _show_remedies(lines: tuple["LineAnswer", ...]) -> None:
    hit = [a for a in sorted(lines, key=_urgency) if a.stop.months is not None]
    if not hit:
        say("No line stops.")
        say()
        return
    rows = [
        [answer.line.part if place == 0 else "", *_remedy(remedy)]
        for answer in hit[:MOST_LINES]
        for place, remedy in enumerate(answer.remedies[:SHOWN_REMEDIES])
    ]
    table(
        "What would have helped most, each followed through the same months",
        [
            words("part"), words("remedy"), code("stops"), number("averts"), number("extra"),
            number("saves"), number("outlay"),
        ],
        rows,
        caption="Averts: missing t. Extra: change of the extra cost, saves: lost margin and extra "
        "cost together, outlay: at the beginning, in kUSD. All remedies, with their sizes and what "
        "they take for granted: --json.",
    )  # fmt: skip


def _remedy(row: "LineRemedy") -> list[str]:
    return [
        row.name, row.stop.month.median or NEVER, _money(row.missing_averted),
        _money(row.extra_cost_change), _money(row.saved), amount(row.outlay),
    ]  # fmt: skip


def _show_notes(lines: tuple["LineAnswer", ...]) -> None:
    """Say each note once, with the lines that it concerns."""
    told: dict[str, list[str]] = {}
    for answer in lines:
        for note in (*answer.line.notes, *_unpriced(answer)):
            told.setdefault(note, []).append(answer.line.part)
    for note, parts in told.items():
        rest = len(parts) - MOST_NAMED
        say(f"{', '.join(parts[:MOST_NAMED])}{f' and {rest} more' if rest > 0 else ''}: {note}.")
    if told:
        say()


def _unpriced(answer: "LineAnswer") -> list[str]:
    silent = sum(not month.has_price for month in answer.months)
    return [f"no price in {silent} months of rationing, whose cost is not told"] if silent else []


def _show_faults(faults: tuple["BookFault", ...]) -> None:
    card(f"Left out: {len(faults)}", *(fault.line() for fault in faults))
    say()
