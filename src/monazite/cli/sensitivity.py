"""The command that asks which uncertain parameter moves an outcome."""

from typing import Annotated, Any

import typer

from monazite.cli.options import (
    AsJson,
    Chain,
    Changes,
    EngineName,
    Months,
    ScenarioName,
    Seed,
    Threshold,
    Workers,
    parameters,
)
from monazite.cli.terminal import code, number, percent, print_json, progress, say, table

LARGEST = 8
"""Parameters that a screen holds."""


def sensitivity(
    scenario: ScenarioName,
    outcome: Annotated[
        list[str],
        typer.Option(
            metavar="OUTCOME",
            help="price:COMMODITY[@REGION], stopped:USE[@REGION] or shortage:USE[@REGION]; "
            "* is every use. May be repeated.",
        ),
    ],
    points: Annotated[
        int, typer.Option(help="Base points, a power of two; each costs a run per parameter.")
    ] = 64,
    months: Months = None,
    seed: Seed = 0,
    threshold: Threshold = 0.05,
    chain: Chain = None,
    workers: Workers = 1,
    engine: EngineName = None,
    change: Changes = None,
    as_json: AsJson = False,
) -> None:
    """Tell which uncertain parameters move an outcome: Sobol' indices with intervals.

    What is set with --set counts as known.

    For example:

        monazite sensitivity china-2025-licences --outcome price:Dy-oxide
        monazite sensitivity myanmar-halt --outcome stopped:EV@JPN --points 256 --workers 2
        monazite sensitivity china-full-ban-allies --outcome shortage:EV@DEU --json
    """
    from monazite import study

    with progress(f"Simulating {scenario}") as tell:
        content = study.sensitivity(
            scenario, outcome, months=months, points=points, seed=seed, threshold=threshold,
            network=chain, processes=workers, engine=engine, progress=tell, **parameters(change),
        )  # fmt: skip
    if as_json:
        print_json(content)
        return
    _show(content)


def _show(content: dict[str, Any]) -> None:
    say(f"{content['title']}: {content['months'][0]} to {content['months'][-1]}")
    say()
    for outcome in content["outcomes"]:
        rows = [row for row in content["indices"] if row["outcome"] == outcome["outcome"]]
        table(
            f"What moves {outcome['outcome']} [{outcome['unit']}]",
            [
                code("parameter"), number("range"), number("alone"), number("interval"),
                number("in total"), number("interval"),
            ],
            [
                [
                    row["parameter"], f"{row['low']:g} – {row['high']:g}", *_index(row["first"]),
                    *_index(row["total"]),
                ]
                for row in rows[:LARGEST]
            ],
            caption=f"Parts of the variance over {content['draws']:,} draws; intervals hold "
            f"{percent(content['confidence'])} of bootstrap samples. "
            f"{max(len(rows) - LARGEST, 0)} more: --json.",
        )  # fmt: skip


def _index(index: dict[str, float]) -> tuple[str, str]:
    return f"{index['value']:.2f}", f"{index['low']:.2f} – {index['high']:.2f}"
