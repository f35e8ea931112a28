"""Tables that come with the desk: codes, word lists and weights, read from its data folder."""

import csv
import tomllib
from importlib import resources
from typing import Any


def text(name: str) -> str:
    """Return a file of the data folder, by its name there."""
    source = resources.files("monazite.desk") / "data" / name
    return source.read_text(encoding="utf-8")


def toml(name: str) -> dict[str, Any]:
    """Return a table in TOML."""
    return tomllib.loads(text(name))


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table in CSV."""
    return list(csv.DictReader(text(name).splitlines()))
