"""Commands on the data: every table, its rows, what is assumed, and whether all of it holds."""

from typing import Annotated, Any

import typer

from monazite.cli.options import AsJson
from monazite.cli.terminal import card, code, number, print_json, progress, say, table, words
from monazite.errors import InputError


def list_tables(as_json: AsJson = False) -> None:
    """List the shipped tables.

    For example:

        monazite data list
    """
    from monazite import study

    with progress("Reading the tables"):
        rows = study.data_tables()
    if as_json:
        print_json(rows)
        return
    table(
        "Tables",
        [code("table"), number("rows"), number("sources"), words("what it holds")],
        [[row["id"], f"{row['rows']:,}", str(len(row["sources"])), row["title"]] for row in rows],
        caption="`monazite data show TABLE` prints the rows.",
    )


def show(
    name: Annotated[
        str, typer.Argument(metavar="TABLE", help="A table out of `monazite data list`.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="Rows to print; --json prints all.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Print a table with unit, source and grade of every row.

    For example:

        monazite data show prices
        monazite data show chains/rare-earths-2024/processes --limit 100
        monazite data show mine_production --json
    """
    from monazite import study

    rows = study.show_data(name)
    if as_json:
        print_json(rows)
        return
    for row in rows[:limit]:
        _show_row(row)
    say(f"{min(limit, len(rows))} of {len(rows):,} rows; --limit shows more.")


_LAST = ("where", "source", "grade", "note")


def _show_row(row: dict[str, Any]) -> None:
    given = {
        name: f"{cell:,.10g}" if isinstance(cell, float) else str(cell)
        for name, cell in row.items()
        if cell not in (None, "")
    }
    figures = ", ".join(f"{name} {cell}" for name, cell in given.items() if name not in _LAST)
    origin = f"source {given.get('source', 'none')}, grade {given.get('grade', 'none')}"
    card(given["where"], figures, origin, given.get("note", ""))


def check(as_json: AsJson = False) -> None:
    """Check every shipped row: unit, source, grade, codes, ranges; and the atlas.

    For example:

        monazite data check
    """
    from monazite import study

    with progress("Checking every row"):
        report = study.check_data()
    if as_json:
        print_json(report)
    else:
        for fault in report["faults"]:
            typer.echo(fault)
        typer.echo(
            f"{report['rows']:,} rows of {report['tables']} tables and {report['sources']} "
            f"sources: {report['verdict']}"
        )
        atlas = report["atlas"]
        typer.echo(
            f"Atlas: {atlas['rows']:,} rows of {atlas['tables']} tables. World totals that "
            f"are not the sum of their regions: {len(atlas['gaps'])}; --json lists them."
        )
    if report["faults"]:
        raise typer.Exit(InputError.exit_status)


def assumed(as_json: AsJson = False) -> None:
    """List every assumption (grade E) with its reason.

    Rows of a table that share their reason are told together; --json lists them one by one.

    For example:

        monazite data assumed
        monazite data assumed --json
    """
    from monazite import study

    with progress("Reading the tables"):
        rows = study.assumed_data()
    if as_json:
        print_json(rows)
        return
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["where"].rpartition(":")[0], row["why"]), []).append(row)
    for (file, reason), members in groups.items():
        card(file, reason, _members(members))
    say(f"{len(rows):,} rows of grade E, {len(groups):,} reasons.")


def _members(rows: list[dict[str, Any]]) -> str:
    """Write which rows they are: the first one in full, and how many follow."""
    first = rows[0]
    parts = (first["what"], first["figures"], f"[{first['unit']}]")
    told = f"line {first['where'].rpartition(':')[2]}: {' '.join(part for part in parts if part)}"
    return told if len(rows) == 1 else f"{told}; and {_plural(len(rows) - 1, 'more row')}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
