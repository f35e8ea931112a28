"""The command line: parse, ask `study`, print. Exit status from the error's class."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from monazite import study
from monazite.errors import InputError, MonaziteError

app = typer.Typer(
    name="monazite",
    help="Who is hit by a cut in critical minerals, how hard, when, and what helps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
scenario_app = typer.Typer(no_args_is_help=True, help="Find, start and check scenarios.")
data_app = typer.Typer(no_args_is_help=True, help="See the tables behind every number.")
app.add_typer(scenario_app, name="scenario")
app.add_typer(data_app, name="data")

AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of tables.")]
Draws = Annotated[
    int, typer.Option(min=1, help="1 runs the central parameters; more give bands (try 200).")
]
Seed = Annotated[int, typer.Option(help="Seed of the draws: same seed, same numbers.")]
Months = Annotated[int | None, typer.Option(min=1, help="Months to simulate.")]
Threshold = Annotated[
    float, typer.Option(help="Stopped share of a use from which it counts as short.")
]
Chain = Annotated[
    str | None,
    typer.Option("--chain", help="A shipped chain or a folder of CSV files of your own."),
]
Workers = Annotated[int, typer.Option(min=1, help="Processes that share the draws.")]


def main() -> None:
    """Run the command line; every error of ours is one line and an exit status."""
    try:
        app()
    except MonaziteError as fault:
        typer.echo(f"monazite: {fault.line()}", err=True)
        sys.exit(fault.exit_status)
    except BrokenPipeError:
        sys.exit(0)


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal for work that takes more than a moment; silent in a pipe."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell


def _print_json(content: object) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, allow_nan=False))


def _table(title: str, columns: list[str], rows: list[list[str]], caption: str = "") -> None:
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    for column in columns:
        numeric = bool(rows) and all(_is_number(row[columns.index(column)]) for row in rows)
        table.add_column(column, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _is_number(text: str) -> bool:
    return text.strip("%x <>-–,.0123456789") == ""


def _write(path: Path, text: str) -> None:
    """Write next to the target first, so that nothing is left half-written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as fault:
        raise InputError(f"cannot write: {fault.strerror}", where=str(path)) from fault


# -- the chain and its stress ------------------------------------------------------------------


@app.command()
def chain(
    name: Annotated[
        str, typer.Argument(help="A shipped chain or a folder of your own.")
    ] = study.DEFAULT_CHAIN,
    as_json: AsJson = False,
) -> None:
    """Show who makes what, stage by stage, in the balanced base year."""
    content = study.describe_chain(name)
    if as_json:
        _print_json(content)
        return
    _table(
        f"{content['title']}, base year {content['base_year']}",
        ["stage", "commodity", "t/year", "largest", "share", "top 3", "HHI"],
        [
            [
                row["stage"], row["commodity"], f"{row['production']:,.0f}", row["largest_region"],
                f"{row['largest_share']:.0%}", f"{row['top3_share']:.0%}", f"{row['hhi']:.2f}",
            ]
            for row in content["concentration"]
        ],
        caption="HHI: 0 scattered, 1 a single region.",
    )  # fmt: skip
    _table(
        "Beside published shares",
        ["what", "region", "model", "published", "why they differ"],
        [
            [
                row["what"], row["region"], f"{row['model']:.1%}", f"{row['published']:.1%}",
                row["reason"],
            ]
            for row in content["reconciliation"]
        ],
    )  # fmt: skip


@app.command()
def stress(
    scenario: Annotated[str, typer.Argument(help="A name out of `scenario list`, or a TOML file.")],
    months: Months = None,
    draws: Draws = 1,
    seed: Seed = 0,
    threshold: Threshold = 0.05,
    chain: Chain = None,
    workers: Workers = 1,
    manifest: Annotated[
        Path | None, typer.Option(help="Also write the manifest, for `monazite rerun`.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a scenario: prices, shortages and days of cover month by month."""
    with progress(f"Simulating {scenario}") as tell:
        result = study.stress(
            scenario, months=months, draws=draws, seed=seed, threshold=threshold,
            network=chain, processes=workers, progress=tell,
        )  # fmt: skip
    if manifest is not None:
        _write(manifest, json.dumps(result.manifest.as_dict(), indent=2) + "\n")
    if as_json:
        _print_json(result.as_dict())
    else:
        _show_stress(result)


def _show_stress(result: study.Stress) -> None:
    summary = study.summarise(result)
    typer.echo(f"{summary['title']}: {summary['months'][0]} to {summary['months'][-1]}\n")
    _table(
        "First to run short",
        ["region", "use", "commodity", "from", "deepest", "months", "lost t"],
        [
            [
                row["region"], row["use"], row["commodity"], row["first"], f"{row['depth']:.0%}",
                f"{row['duration']:.0f}", f"{row['loss_t']:,.0f}",
            ]
            for row in summary["shortages"]
        ],
        caption=f"Short: stopped use of {result.threshold:.0%} or more of demand.",
    )  # fmt: skip
    _table(
        f"Prices at their peak, multiples of the base year, inside and outside {summary['inside']}",
        ["commodity", "outside", "when", "paid on average", "inside"],
        [
            [
                row["commodity"], f"x {row['outside']:.1f}", row["month"],
                f"x {row['average']:.1f}", f"x {row['inside']:.1f}",
            ]
            for row in summary["prices"]
        ],
    )  # fmt: skip
    certificate = result.certificate
    typer.echo(
        f"Certificate: largest residual {certificate.worst():.1e} "
        f"(excess demand, mass, money, complementarity); {certificate.steps} Newton steps at most."
    )


@app.command()
def brief(
    scenario: Annotated[str, typer.Argument(help="A name out of `scenario list`, or a TOML file.")],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("briefing.html"),
    form: Annotated[
        str | None,
        typer.Option("--format", help="html, md or json; by the file's ending if left out."),
    ] = None,
    months: Months = None,
    draws: Draws = 1,
    seed: Seed = 0,
    threshold: Threshold = 0.05,
    chain: Chain = None,
    as_json: AsJson = False,
) -> None:
    """Write a sourced briefing on a scenario: one file, readable without a network."""
    with progress(f"Briefing on {scenario}") as tell:
        text = study.brief(
            scenario, form=study.brief_format(form, out), months=months, draws=draws, seed=seed,
            threshold=threshold, network=chain, progress=tell,
        )  # fmt: skip
    _write(out, text)
    if as_json:
        _print_json({"path": str(out.resolve()), "bytes": len(text.encode())})
    else:
        typer.echo(f"Briefing written: {out.resolve()}")


@app.command()
def backtest(
    episode: Annotated[
        str | None,
        typer.Argument(help="quota-2010, licences-2025 or gallium-2023; all if left out."),
    ] = None,
    draws: Draws = 200,
    seed: Seed = 0,
    workers: Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Lay predictions beside what was observed in past episodes, with bands."""
    with progress("Back-test") as tell:
        result = study.backtest(episode, draws=draws, seed=seed, processes=workers, progress=tell)
    if as_json:
        _print_json(result)
        return
    _table(
        "Predicted and observed price multiples",
        ["episode", "commodity", "market", "month", "predicted", "80 % band", "observed", "ratio"],
        [
            [
                row["episode"], row["commodity"], row["market"], row["month"],
                _multiple(row["predicted_multiple"]),
                f"{_multiple(row['low'])} – {_multiple(row['high'])}",
                _multiple(row["observed_multiple"]), _multiple(row["ratio"]),
            ]
            for row in result["rows"]
            if row["observed_multiple"] is not None
        ],
    )  # fmt: skip
    for name, summary in result["summary"].items():
        typer.echo(f"{name}: {study.sentence_of_backtest(summary)}")


def _multiple(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


@app.command()
def rerun(
    manifest: Annotated[Path, typer.Argument(help="A manifest, or a result written with --json.")],
    as_json: AsJson = False,
) -> None:
    """Run a manifest again and insist on the same numbers."""
    with progress("Running again") as tell:
        result = study.rerun(study.Manifest.read(manifest), progress=tell)
    if as_json:
        _print_json(result.as_dict())
    else:
        typer.echo(f"Same numbers: {result.manifest.result[:16]}")


# -- scenarios -----------------------------------------------------------------------------------


@scenario_app.command("list")
def scenario_list(as_json: AsJson = False) -> None:
    """List the shipped scenarios."""
    rows = study.scenarios()
    if as_json:
        _print_json(rows)
        return
    _table(
        "Scenarios",
        ["name", "title", "chain", "start", "months", "measures"],
        [
            [r["id"], r["title"], r["chain"], r["start"], str(r["months"]), str(r["measures"])]
            for r in rows
        ],
    )


@scenario_app.command("show")
def scenario_show(
    scenario: Annotated[str, typer.Argument(help="A name out of `scenario list`, or a TOML file.")],
    as_json: AsJson = False,
) -> None:
    """Print a scenario's file."""
    content = study.show_scenario(scenario)
    if as_json:
        _print_json(content)
    else:
        typer.echo(content["toml"])


@scenario_app.command("new")
def scenario_new(
    out: Annotated[Path, typer.Argument(help="TOML file to start.")],
    kind: Annotated[
        list[str] | None, typer.Option(help="Measures to start with; `--kind help` lists them.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Overwrite the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a scenario file that explains itself."""
    text = study.new_scenario(kind or [], name=out.stem)
    if out.exists() and not force:
        raise InputError("the file exists", where=str(out), way_out="choose a name or --force")
    _write(out, text)
    if as_json:
        _print_json({"path": str(out.resolve())})
    else:
        typer.echo(f"Started: {out}. Edit it, then: monazite scenario check {out}")


@scenario_app.command("check")
def scenario_check(
    scenario: Annotated[str, typer.Argument(help="A name out of `scenario list`, or a TOML file.")],
    chain: Chain = None,
    as_json: AsJson = False,
) -> None:
    """Explain in sentences what a scenario does to its chain."""
    sentences = study.explain_scenario(scenario, network=chain)
    if as_json:
        _print_json({"scenario": scenario, "sentences": list(sentences)})
    else:
        typer.echo("\n".join(sentences))


# -- data ------------------------------------------------------------------------------------------


@data_app.command("list")
def data_list(as_json: AsJson = False) -> None:
    """List the shipped tables."""
    rows = study.data_tables()
    if as_json:
        _print_json(rows)
        return
    _table(
        "Tables",
        ["table", "title", "rows", "sources"],
        [[r["id"], r["title"], str(r["rows"]), str(len(r["sources"]))] for r in rows],
    )


@data_app.command("show")
def data_show(
    table: Annotated[str, typer.Argument(help="A table out of `data list`.")],
    limit: Annotated[int, typer.Option(min=1, help="Rows to print.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Print a table with unit, source and grade of every row."""
    rows = study.show_data(table)
    if as_json:
        _print_json(rows)
        return
    columns = list(rows[0]) if rows else []
    shown = [[str(row[c]) for c in columns] for row in rows[:limit]]
    _table(table, columns, shown, caption=f"{min(limit, len(rows))} of {len(rows)} rows")


@data_app.command("check")
def data_check(as_json: AsJson = False) -> None:
    """Check every shipped row: unit, source, grade, codes, ranges."""
    report = study.check_data()
    if as_json:
        _print_json(report)
    else:
        typer.echo("\n".join(str(fault) for fault in report["faults"]))
        typer.echo(f"{report['rows']:,} rows in {report['tables']} tables: {report['verdict']}")
    if report["faults"]:
        raise typer.Exit(2)


@data_app.command("assumed")
def data_assumed(as_json: AsJson = False) -> None:
    """List every assumption (grade E) with its reason."""
    rows: list[dict[str, Any]] = study.assumed_data()
    if as_json:
        _print_json(rows)
        return
    _table(
        "Assumed",
        ["where", "what", "unit", "why"],
        [[r["where"], r["what"], r["unit"], r["why"]] for r in rows],
        caption=f"{len(rows)} rows of grade E",
    )


if __name__ == "__main__":
    main()
