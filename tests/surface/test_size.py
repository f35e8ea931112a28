"""Files and functions stay short enough to be read at once."""

import ast
import statistics
from collections.abc import Iterator

from surface.package_surface import ROOT

FILES = sorted((ROOT / "src").rglob("*.py"))
LONGEST_FILE = 600
LONGEST_FUNCTION = 60
USUAL_FUNCTION = 8
"""Lines, those of the docstring left out."""


def test_no_file_is_too_long() -> None:
    lengths = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    assert {name: n for name, n in _functions() if n > LONGEST_FUNCTION} == {}


def test_the_usual_function_is_short() -> None:
    assert statistics.median(n for _, n in _functions()) <= USUAL_FUNCTION


def _functions() -> Iterator[tuple[str, int]]:
    """Every function with its number of lines."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                told = ast.get_docstring(node, clean=False)
                text = len(told.splitlines()) if told else 0
                yield f"{file.name}: {node.name}", (node.end_lineno or 0) - node.lineno + 1 - text
