"""Pages made from the program itself at every build, so that they cannot drift from it."""

from pathlib import Path

import typer
from typer.cli import get_docs_for_click

from monazite.cli import app
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


def write_pages() -> None:
    """Write the pages; they are in no version of the source."""
    _write("command-line.md", command_line())
    _write("scenario-file.md", _SCENARIO_FILE.format(template=template().strip()))


def command_line() -> str:
    """Every command with its arguments and options."""
    command = typer.main.get_command(app)
    return get_docs_for_click(
        obj=command, ctx=typer.Context(command), name="monazite", title="Command line"
    )


def _write(name: str, text: str) -> None:
    page = REFERENCE / name
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.write_text(text, encoding="utf-8")
