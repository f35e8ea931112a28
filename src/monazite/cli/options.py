"""Arguments and options that several commands share."""

from typing import Annotated

import typer

ScenarioName = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="A name out of `scenario list`, or a TOML file."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print data for programs, not tables.")]
Months = Annotated[
    int | None,
    typer.Option(min=1, help="Months to simulate.", show_default="as the scenario says"),
]
Draws = Annotated[
    int,
    typer.Option(min=1, help="1 runs the central parameters; more give bands (try 200)."),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draws: same seed, same numbers.")]
Threshold = Annotated[
    float, typer.Option(help="Stopped share of a use from which it counts as short.")
]
Chain = Annotated[
    str | None,
    typer.Option(
        help="A shipped chain or a folder of CSV files of your own.",
        show_default="the scenario's",
    ),
]
Workers = Annotated[int, typer.Option(min=1, help="Processes that share the draws.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a parameter of `data show parameters`; may be repeated.",
    ),
]
