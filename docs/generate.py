"""Pages made from the program itself at every build, so that they cannot drift from it."""

import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.cli import get_docs_for_click

from monazite.cli import app
from monazite.plan.programme import PlanProgramme
from monazite.plan.project import BESIDE, LIST_YEAR, REQUIRED
from monazite.reference import catalogue
from monazite.reference.table import Row
from monazite.scenario import template

REFERENCE = Path(__file__).parent / "reference"

_SCENARIO_FILE = """\
# Scenario file

A scenario is a TOML file. This is what `monazite scenario new` writes: an example of every kind of
measure, with each key explained where it first appears. Lines that begin with `# ` and a key are
options that are not in use. [Write your own scenario](../how-to/own-scenario.md) tells how to go
about it.

```toml
{template}
```
"""

_PROGRAMME_FILE = """\
# Programme file

A programme is a TOML file: who plans together, for what, with how much, against what. `monazite
plan FILE` works it out, `monazite plan --template` writes one to start from. The network and the
table of projects need not be named: those of the package are taken. A [sector of your
own](../how-to/own-sector.md) brings its network and candidates along.

Keys that a section does not know are refused, with the nearest one. Sizes are in the network's
units, money in the unit of `[money]`, shares between 0 and 1. Figures carry `source`, `grade` and
`note`: `source = ["user"]` is your own word and what counts if nothing is said, `["assumed"]`
needs a note. The measures of a shock are those of a [scenario](scenario-file.md).
{sections}
## What `--template` writes

```toml
{template}
```
"""

_PROJECT_TABLE = """\
# Table of projects

The planner chooses from a table of projects, a CSV file. The shipped one holds the projects and
plants of the rare-earth chain that have been announced; `[projects] file` in a
[programme](programme-file.md) names one of your own. A row is a line of a plant: one capacity,
which the processes of the row share. Rows of one `plant` share its capital cost and its decision.

These columns must be there: {required}. What is left blank, or out, follows from status, stage
and product, in part by the tables below; a blank cell is never read as zero.

| column | | unit | meaning |
|---|---|---|---|
{columns}

A table of your own may also have {beside}: the currency of `capex_musd`, which outputs the
capacity counts, cost of operation beside the feed [USD/kg of activity], and years of building,
ramp and life.

## What follows from the status

Whether a line comes by itself, may be chosen, or is out; years from {year} until building can
begin; the chance that it comes at all; its slip in years and the growth of its capital cost over
what is stated, each as lowest, likeliest and highest. All are assumed (grade E), the reasons
stand in `project_priors.csv`.

| status | decision | lead | chance | slip | growth of cost |
|---|---|---|---|---|---|
{priors}

## What follows from the stage

| stage | of the chain | build | ramp | life | costs compared with |
|---|---|---|---|---|---|
{stages}
"""


def write_pages() -> None:
    """Write the pages; they are in no version of the source."""
    _write("command-line.md", command_line())
    _write("scenario-file.md", _SCENARIO_FILE.format(template=template().strip()))
    _write("programme-file.md", programme_file())
    _write("project-table.md", project_table())


def command_line() -> str:
    """Every command with its arguments and options."""
    command = typer.main.get_command(app)
    return get_docs_for_click(
        obj=command, ctx=typer.Context(command), name="monazite", title="Command line"
    )


def programme_file() -> str:
    """Every key of a programme with what it may be, what it is if left out, and what it means."""
    text = (files("monazite.cli") / "programme.toml").read_text(encoding="utf-8")
    sections = "\n".join(_sections(PlanProgramme, ""))
    return _PROGRAMME_FILE.format(sections=sections, template=text.strip())


def _sections(model: type[BaseModel], path: str) -> Iterator[str]:
    """Yield a part of the page for a table and, after it, one for each table inside it."""
    head = f"`[[{path}]]`" if _repeats(path) else f"`[{path}]`"
    yield f"\n## {head if path else 'Top of the file'}\n"
    if path:
        yield (model.__doc__ or "").strip().split("\n\n")[0] + "\n"
    yield "| key | default | meaning |\n|---|---|---|"
    inside = []
    for key, field in model.model_fields.items():
        below = _table_in(field)
        if field.exclude or key in ("source", "grade", "note"):
            continue
        if below is None:
            yield f"| `{key}` | {_default(field)} | {_meaning(field)} |"
        else:
            inside.append((below, f"{path}.{key}" if path else key))
    for below, place in inside:
        yield from _sections(below, place)


def _repeats(path: str) -> bool:
    """Return whether a table may be written several times."""
    model: type[BaseModel] = PlanProgramme
    field = None
    for key in path.split(".") if path else ():
        field = model.model_fields[key]
        model = _table_in(field) or model
    return field is not None and not isinstance(field.annotation, type)


def _table_in(field: FieldInfo) -> type[BaseModel] | None:
    """Return the table that a key holds, if it holds one kind of table."""
    kinds = [kind for kind in _kinds(field.annotation) if issubclass(kind, BaseModel)]
    return kinds[0] if len(kinds) == 1 else None


def _kinds(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for part in get_args(annotation):
        yield from _kinds(part)


def _meaning(field: FieldInfo) -> str:
    bounds = [text for text in map(_bound, field.metadata) if text]
    text = " ".join((field.description or "").split())
    if get_origin(field.annotation) is Literal:
        bounds.append(" or ".join(f"`{choice}`" for choice in get_args(field.annotation)))
    return text + (f" ({', '.join(bounds)})" if bounds else "")


def _bound(rule: object) -> str:
    """Say a bound of a figure in words; nothing where the rule is none."""
    words = (("gt", "more than"), ("ge", "at least"), ("lt", "less than"), ("le", "at most"))
    found = ((text, getattr(rule, name, None)) for name, text in words)
    return ", ".join(f"{text} {limit:g}" for text, limit in found if limit is not None)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ("", (), {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{json.dumps(value)}`"


def project_table() -> str:
    """Columns of a table of projects, and what is taken where they are blank."""
    table = catalogue.load("plan/projects")
    columns = "\n".join(
        f"| `{row.name}` | {'required' if row.name in REQUIRED else ''} "
        f"| {'' if row.unit in ('', 'row') else row.unit} | {row.meaning} |"
        for row in table.fields
    )
    return _PROJECT_TABLE.format(
        required=_listed(REQUIRED),
        beside=_listed(BESIDE),
        columns=columns,
        year=LIST_YEAR,
        priors="\n".join(_prior(row) for row in catalogue.load("plan/project_priors").rows),
        stages="\n".join(_stage(row) for row in catalogue.load("plan/project_stages").rows),
    )


def _listed(names: Iterable[str]) -> str:
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} and {last}"


def _prior(row: Row) -> str:
    slip = _three(row, "delay")
    growth = _three(row, "cost_growth")
    return (
        f"| `{row['status']}` | {row['decision']} | {row['lead_years']} | {row['success']:g} "
        f"| {slip} | {growth} |"
    )


def _three(row: Row, stem: str) -> str:
    return ", ".join(f"{row.number(f'{stem}_{end}'):g}" for end in ("low", "mode", "high"))


def _stage(row: Row) -> str:
    years = " | ".join(str(row[f"{name}_years"]) for name in ("build", "ramp", "life"))
    return f"| `{row['stage']}` | {row['chain_stage']} | {years} | {row['cost_group']} |"


def _write(name: str, text: str) -> None:
    page = REFERENCE / name
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.write_text(text, encoding="utf-8")
