"""The exception tree. Every leaf has a stable code, an exit status and says the way out.

With the exit status that the command line gives to each branch::

    MonaziteError
    ├── InputError                  what the user gave cannot be used            (exit 2)
    │   ├── UnknownCodeError        a region, commodity, scenario, use ... that nobody declared
    │   ├── TableError              a row or a file that breaks its declaration
    │   ├── UnitError               a unit that is missing, unknown or of another kind
    │   ├── NetworkError            rows that are fine one by one and impossible together
    │   └── ScenarioError           a measure or scenario that cannot be applied
    ├── EquilibriumError            no prices clear the market                    (exit 3)
    ├── BalanceError                sources that cannot be reconciled             (exit 4)
    ├── ReproductionError           a rerun that does not give the same numbers   (exit 5)
    ├── StoreError                  the desk's store cannot keep or give           (exit 6)
    └── EngineError                 processes or machines that work along fail     (exit 7)
"""

import difflib
from collections.abc import Iterable
from typing import ClassVar


class MonaziteError(Exception):
    """Base of everything Monazite raises on purpose.

    Parameters
    ----------
    message : str
        One line: what is wrong.
    where : str
        File and row, market or measure that it concerns; empty if nowhere in particular.
    way_out : str
        What the user can do about it.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str = "", way_out: str = "") -> None:
        self.message = message
        self.where = where
        self.way_out = way_out
        super().__init__(self.line())

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as it is; subclasses are made from other arguments."""
        return _again, (type(self), self.message, self.where, self.way_out)

    def line(self) -> str:
        """One line for people: place, fault, way out."""
        place = f"{self.where}: " if self.where else ""
        remedy = f" ({self.way_out})" if self.way_out else ""
        return f"{place}{self.message}{remedy}"


class InputError(MonaziteError):
    """What the user gave cannot be used."""

    code = "input"
    exit_status = 2


class UnknownCodeError(InputError):
    """A code that is in no code list; the nearest known ones are offered.

    Parameters
    ----------
    kind : str
        What sort of code it is, such as ``"region"``.
    value : str
        The code as given.
    known : Iterable of str
        The codes that would have been understood.
    where : str
        File and row, or option, that holds the code.
    """

    code = "unknown-code"

    def __init__(self, kind: str, value: str, known: Iterable[str], *, where: str = "") -> None:
        choices = sorted(set(known))
        near = difflib.get_close_matches(value, choices, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"known: {_few(choices)}"
        super().__init__(f"unknown {kind} '{value}'", where=where, way_out=hint)


class TableError(InputError):
    """A row or a file that breaks its declaration."""

    code = "table"


class UnitError(InputError):
    """A unit that is missing, unknown or of another kind than the field wants."""

    code = "unit"


class NetworkError(InputError):
    """Rows that are fine one by one and impossible together."""

    code = "network"


class ScenarioError(InputError):
    """A measure or scenario that cannot be applied to the network."""

    code = "scenario"


class EquilibriumError(MonaziteError):
    """No prices were found that clear the market; names the worst markets and agents."""

    code = "equilibrium"
    exit_status = 3


class BalanceError(MonaziteError):
    """Sources that no balanced base year can reconcile."""

    code = "balance"
    exit_status = 4


class ReproductionError(MonaziteError):
    """A rerun of a manifest that does not give the same numbers."""

    code = "reproduction"
    exit_status = 5


class StoreError(MonaziteError):
    """The desk's store cannot be opened, written or read; what was committed is kept."""

    code = "store"
    exit_status = 6


class EngineError(MonaziteError):
    """Processes or machines that work along have ended, or are not as they must be."""

    code = "engine"
    exit_status = 7


def _again(kind: type[MonaziteError], message: str, where: str, way_out: str) -> MonaziteError:
    """Make an error anew in another process."""
    error = kind.__new__(kind)
    MonaziteError.__init__(error, message, where=where, way_out=way_out)
    return error


def _few(choices: list[str], limit: int = 12) -> str:
    shown = ", ".join(choices[:limit])
    return shown if len(choices) <= limit else f"{shown}, ... ({len(choices)} in all)"
