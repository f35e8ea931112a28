"""What the terminal shows: tables, cards, progress; and files that are written whole."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from monazite.errors import InputError

MISSING = "–"
WIDEST = 10_000
"""Letters in a line that no table needs."""


def code(title: str) -> Column:
    """Return a column of codes, which are never broken."""
    return Column(title, no_wrap=True)


def words(title: str) -> Column:
    """Return a column of words, which may go on in the next line."""
    return Column(title, overflow="fold")


def number(title: str) -> Column:
    """Return a column of figures, flush right and never broken."""
    return Column(title, justify="right", no_wrap=True)


def say(text: str = "", *, indent: int = 0) -> None:
    """Print a text, broken at the width of the terminal."""
    shown = Text(text)
    Console(highlight=False).print(Padding(shown, (0, 0, 0, indent)) if indent else shown)


def table(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], caption: str = ""
) -> None:
    """Print a table; one too wide for the terminal stays whole rather than lose letters."""
    grid = Table(
        *columns,
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    for column in grid.columns:
        if column.no_wrap:  # else Rich takes the longest word for the least width
            cells = [cell for cell in column.cells if isinstance(cell, Text)]
            column.min_width = max(cell_len(f"{column.header}"), *(c.cell_len for c in cells), 1)
    console = Console(highlight=False)
    least = Measurement.get(console, console.options.update(max_width=WIDEST), grid).minimum
    console.print(Text(title, style="bold"))
    console.width = max(console.width, least)
    console.print(grid)
    if caption:
        say(caption)
    say()


def card(title: str, *lines: str) -> None:
    """Print a row that is too long for a table: its title, and lines below it."""
    Console(highlight=False).print(Text(title, style="bold"))
    for line in lines:
        if line:
            say(line, indent=2)


def print_json(content: object) -> None:
    """Print strict JSON; what is not a number is an error, never ``NaN``."""
    typer.echo(json.dumps(content, ensure_ascii=False, allow_nan=False))


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while something takes more than a moment; silent where nobody looks."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell


# -- figures for people ----------------------------------------------------------------------


def amount(value: float | None) -> str:
    """Write tonnes, with decimals where they are few."""
    if value is None:
        return MISSING
    digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.95 else 2
    return f"{round(value, digits) + 0.0:,.{digits}f}"  # no minus before nothing


def percent(value: float | None, digits: int = 0) -> str:
    """Write a share as a percentage."""
    return MISSING if value is None else f"{value:.{digits}%}"


def multiple(value: float | None, digits: int = 1) -> str:
    """Write a multiple of a base price."""
    return MISSING if value is None else f"{value:,.{digits}f}"


def band(low: float | None, high: float | None, digits: int = 1) -> str:
    """Write the ends of a band of multiples."""
    if low is None or high is None:
        return MISSING
    return f"{multiple(low, digits)} – {multiple(high, digits)}"


# -- files -------------------------------------------------------------------------------------


def check_target(path: Path) -> None:
    """See before the work begins that a file can be written.

    Raises
    ------
    InputError
        If it cannot.
    """
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if path.is_dir():
        raise InputError("this is a folder", where=str(path), way_out="name a file in it")
    if not folder.is_dir():
        raise InputError(
            "cannot write: a file stands where a folder should",
            where=str(folder),
            way_out="choose another place",
        )
    if not os.access(folder, os.W_OK):
        raise InputError(
            "cannot write: no permission", where=str(folder), way_out="choose another place"
        )


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written; nothing of it is left then.
    """
    draft = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise InputError(
            f"cannot write: {fault.strerror}", where=str(path), way_out="choose another place"
        ) from fault
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
