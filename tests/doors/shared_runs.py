"""Runs that several tests look at, made once in a process; and the command line in it."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from monazite import study
from monazite.cli import main
from monazite.study import Stress

SCENARIOS = tuple(row["id"] for row in study.scenarios())
RESIDUALS = ("excess_demand", "mass_balance", "money_balance", "complementarity")


@cache
def stressed(scenario: str) -> Stress:
    """A shipped scenario over all its months."""
    return study.stress(scenario)


@cache
def result_of(scenario: str) -> dict[str, Any]:
    """What JSON makes of it; raises where it holds anything that JSON does not know."""
    return as_json(stressed(scenario).as_dict())


def as_json(content: object) -> Any:
    """Content through strict JSON and back."""
    return json.loads(json.dumps(content, allow_nan=False), parse_constant=refuse)


def refuse(constant: str) -> None:
    """NaN and Infinity are no JSON."""
    raise AssertionError(f"{constant} in JSON")


class Terminal:
    """The command line, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def run(self, *words: str) -> str:
        """What a command prints; it must succeed and say nothing on standard error."""
        status = main(words)
        printed = self.capsys.readouterr()
        assert (status, printed.err) == (0, ""), (words, printed.err)
        return printed.out

    def json(self, *words: str) -> Any:
        """What a command answers to programs."""
        return json.loads(self.run(*words, "--json"), parse_constant=refuse)

    def fail(self, *words: str) -> tuple[int, str]:
        """Exit status and the one line of a command that must fail without any output."""
        status = main(words)
        printed = self.capsys.readouterr()
        assert status != 0
        assert printed.out == ""
        assert printed.err.count("\n") == 1, printed.err
        return status, printed.err


def months_in_order(months: Sequence[str]) -> bool:
    """Whether each month follows the one before it."""
    numbers = [int(month[:4]) * 12 + int(month[5:]) for month in months]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
