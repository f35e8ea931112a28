"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from monazite.errors import InputError, UnknownCodeError

DEFAULT_STORE = "desk.sqlite"
"""The desk's store where no other is named: a file in the working folder."""
STORE_VARIABLE = "MONAZITE_STORE"
"""Variable of the environment that names another one."""

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
EngineName = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="local|processes|ADDRESS",
        help="Where many draws are run; ADDRESS is a Dask scheduler's, such as tcp://host:8786.",
        show_default="processes here, as many as asked for",
    ),
]
SamplingName = Annotated[
    str,
    typer.Option(
        "--sampling",
        metavar="latin|sobol",
        help="How draws are spread: a Latin hypercube, or a Sobol' sequence.",
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a parameter of `data show parameters`; may be repeated.",
    ),
]
Store = Annotated[
    str,
    typer.Option(
        "--store",
        metavar="FILE|URL",
        envvar=STORE_VARIABLE,
        help="The desk's store: a file, or a database (postgresql://user@host/name).",
    ),
]
Keep = Annotated[bool, typer.Option("--keep", help="Also keep it in the store.")]
Published = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Day of publication (YYYY-MM-DD), where the page does not tell it.",
        show_default=False,
    ),
]
Language = Annotated[
    str, typer.Option("--lang", metavar="en|ja|ar|es", help="Language of the briefing.")
]
IncludeUnreal = Annotated[
    bool,
    typer.Option("--include-unreal", help="Of events: also what is proposed, planned, threatened."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="File to write.", show_default="briefing.html"),
]
Form = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="html|md|json", help="Format; by the file's ending if left out."
    ),
]
ScenarioOut = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Of events: also write the drafted scenario, to edit it."),
]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a parameter of `data show parameters`; of events also EVENT.FIELD=VALUE, to "
        "answer what the text does not say. May be repeated.",
    ),
]


def parameters(given: list[str] | None) -> dict[str, float]:
    """Read ``NAME=VALUE`` words that change parameters."""
    from monazite.parameters import ranges

    changes: dict[str, float] = {}
    for word in given or []:
        name, _, value = word.partition("=")
        if name not in ranges():
            raise UnknownCodeError("parameter", name, ranges(), where="--set")
        try:
            changes[name] = float(value)
        except ValueError as fault:
            raise InputError(
                f"'{word}' does not set a parameter",
                where="--set",
                way_out="write NAME=VALUE, such as holder_release=0.7",
            ) from fault
    return changes
