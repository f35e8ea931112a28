"""Run the console sessions of the README and the pages again, and write down what is printed.

Usage: python scripts/build_sessions.py [FILE.md ...]

A session is a fenced block ``console`` right under a line ``<!-- session -->``. Each of its lines
that begins with ``$ monazite`` is run on a terminal of 80 columns, and what it prints replaces what
stood there. What the marker says behind a colon shortens it, with ``...`` for what is left out:
``6 rows`` keeps that many rows of each table, ``first 9``, ``last 4`` that many lines of each
command. A command that fails stops the script and leaves the page alone.

Commands see the folders docs/ and examples/ and write into a scratch folder.
"""

import os
import re
import shlex
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "docs/tutorial/first-session.md",
    "docs/how-to/own-scenario.md",
    "docs/how-to/exposure.md",
    "docs/explanation/peers.md",
    "docs/explanation/supply-risk.md",
)
SESSION = re.compile(r"(?P<mark><!-- session.*?-->)\n```console\n(?P<text>.*?)```", re.DOTALL)
LEFT_OUT = "..."
SEEN = ("docs", "examples")
"""Folders that commands see."""


def main() -> None:
    """Write every page again."""
    for name in sys.argv[1:] or PAGES:
        page = ROOT / name
        old = page.read_text(encoding="utf-8")
        with TemporaryDirectory() as scratch:
            for folder in SEEN:
                (Path(scratch) / folder).symlink_to(ROOT / folder)
            new = SESSION.sub(lambda found: _again(found, Path(scratch)), old)
        page.write_text(new, encoding="utf-8")
        print(f"{name}: {'as it was' if new == old else 'written'}")


def _again(found: re.Match[str], scratch: Path) -> str:
    """Run the commands of one session."""
    lines: list[str] = []
    for line in found["text"].splitlines():
        if line.startswith("$ "):
            lines.append(line)
            if line.startswith("$ monazite"):
                lines += _shortened(_printed(line[2:], scratch), found["mark"])
    return "\n".join([found["mark"], "```console", *lines, "```"])


def _printed(command: str, scratch: Path) -> list[str]:
    """Return what a command prints, without the space that fills up the terminal."""
    environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "OPENBLAS_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "monazite.cli", *shlex.split(command)[1:]]
    done = subprocess.run(
        words, cwd=scratch, env=environment, check=False, text=True, capture_output=True
    )
    if done.returncode:
        sys.exit(f"{command}\n{done.stderr}")
    text = done.stdout.replace(str(scratch), "/home/you").strip("\n")
    return [line.rstrip() for line in text.splitlines()]


def _shortened(lines: list[str], mark: str) -> list[str]:
    """Leave out what the marker does not ask for."""
    rows = re.search(r"(\d+) rows", mark)
    if rows:
        lines = _fewer_rows(lines, int(rows[1]))
    ends = [re.search(rf"{word} (\d+)", mark) for word in ("first", "last")]
    first, last = (int(end[1]) if end else 0 for end in ends)
    if first + last == 0 or len(lines) <= first + last + 1:
        return lines
    return [*lines[:first], LEFT_OUT, *lines[len(lines) - last :]]


def _fewer_rows(lines: list[str], most: int) -> list[str]:
    """Keep the first rows below each rule."""
    kept: list[str] = []
    below = False
    for is_row, group in groupby(lines, key=lambda line: "  " in line.strip()):
        part = list(group)
        below = is_row and bool(kept) and kept[-1].startswith("───")
        kept += [*part[:most], LEFT_OUT] if below and len(part) > most + 1 else part
    return kept


if __name__ == "__main__":
    main()
