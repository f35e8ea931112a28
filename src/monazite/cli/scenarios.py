"""Commands on scenarios: find, show, start and check them."""

from pathlib import Path
from typing import Annotated

import typer

from monazite.cli.options import AsJson, Chain, ScenarioName
from monazite.cli.terminal import (
    check_target,
    code,
    number,
    print_json,
    progress,
    say,
    table,
    words,
    write_whole,
)
from monazite.errors import InputError


def list_scenarios(as_json: AsJson = False) -> None:
    """List the shipped scenarios.

    For example:

        monazite scenario list
        monazite scenario list --json
    """
    from monazite import study

    rows = study.scenarios()
    if as_json:
        print_json(rows)
        return
    table(
        "Scenarios",
        [code("name"), code("start"), number("months"), words("what it is")],
        [[row["id"], row["start"], str(row["months"]), row["title"]] for row in rows],
        caption="`monazite scenario check NAME` says what it does, `monazite stress NAME` runs it.",
    )


def show(scenario: ScenarioName, as_json: AsJson = False) -> None:
    """Print the file of a scenario, with its sources and assumptions.

    For example:

        monazite scenario show myanmar-halt
        monazite scenario show myanmar-halt > mine.toml
    """
    from monazite import study

    content = study.show_scenario(scenario)
    if as_json:
        print_json(content)
    else:
        typer.echo(content["toml"].rstrip("\n"))


def new(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="TOML file to start.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Kind of measure to start with; may be repeated.", show_default="every kind"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a scenario file that explains itself.

    For example:

        monazite scenario new mine.toml
        monazite scenario new mine.toml --kind export_licence --kind stock_release
    """
    from monazite import study

    check_target(out)
    text = study.new_scenario(kind or [], name=out.stem)
    if out.exists() and not force:
        raise InputError("the file exists", where=str(out), way_out="choose a name or --force")
    write_whole(out, text)
    if as_json:
        print_json({"path": str(out.resolve())})
    else:
        typer.echo(f"Started: {out}. Edit it, then: monazite scenario check {out}")


def check(scenario: ScenarioName, chain: Chain = None, as_json: AsJson = False) -> None:
    """Explain in sentences what a scenario does to its chain.

    For example:

        monazite scenario check china-2025-licences
        monazite scenario check mine.toml --chain my-folder
    """
    from monazite import study

    with progress(f"Laying {scenario} on its chain"):
        sentences = study.explain_scenario(scenario, network=chain)
    if as_json:
        print_json({"scenario": scenario, "sentences": list(sentences)})
        return
    for sentence in sentences or ("Nothing happens: the scenario has no measure.",):
        say(sentence)
