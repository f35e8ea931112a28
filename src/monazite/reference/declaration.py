"""What the columns of a table mean: the TOML beside its CSV.

It gives title, description, key, the units that rows may use, and one section per column.
Every table ends in the same four columns: ``unit, source, grade, note``.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from monazite.errors import TableError, UnknownCodeError
from monazite.reference.source import Grade, read_toml

T = TypeVar("T")

Cell = str | float | int | None
"""A checked cell: text, a number, or None where an optional number is not given."""

ROW_UNIT = "row"
"""Unit of a number that stands in the row's own ``unit`` column."""

PERIOD_FORMS = "2024, 2024-06, 2024-06-30, 2024-Q1, 2024-H1, 2024-01..05, 2018..2022 or FY2026"
_PERIOD = re.compile(
    r"\d{4}(-\d{2}(-\d{2}|\.\.\d{2})?|-Q[1-4]|-H[12]|\.\.\d{4})?|FY\d{4}", re.ASCII
)


class CellKind(StrEnum):
    """What a cell of a column holds."""

    TEXT = "text"
    CODE = "code"
    """One of a closed list."""
    NUMBER = "number"
    INTEGER = "integer"
    PERIOD = "period"
    """A day, month, quarter, half, year, or a span of months or years."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table.

    Parameters
    ----------
    name : str
        The column's heading.
    meaning : str
        What its cells say.
    kind : CellKind
        What a cell holds.
    unit : str
        Unit of a number: a unit, or ``row`` where each row states its own; empty otherwise.
    codes : frozenset of str
        The closed list of a code; empty otherwise.
    minimum, maximum : float
        Range of a number, both ends allowed.
    required : bool
        Whether a blank cell is an error.
    """

    name: str
    meaning: str
    kind: CellKind = CellKind.TEXT
    unit: str = ""
    codes: frozenset[str] = frozenset()
    minimum: float = -math.inf
    maximum: float = math.inf
    required: bool = True

    def read(self, text: str, *, where: str) -> Cell:
        """Return the checked value of a cell; `where` is its file and line.

        Raises
        ------
        TableError
            If the cell is blank but required, no number, not finite, out of range or no period.
        UnknownCodeError
            If it is no code of the list.
        """
        if not text:
            return self._blank(where)
        if self.kind is CellKind.CODE and text not in self.codes:
            raise UnknownCodeError(self.name, text, self.codes, where=where)
        if self.kind is CellKind.PERIOD and not _PERIOD.fullmatch(text):
            raise self._fault(f"'{text}' is no period", f"write it like {PERIOD_FORMS}", where)
        if self.kind in (CellKind.NUMBER, CellKind.INTEGER):
            return self._number(text, where)
        return text

    def _blank(self, where: str) -> Cell:
        if self.required:
            raise self._fault("is blank", "fill it in: nothing is guessed", where)
        return None if self.kind in (CellKind.NUMBER, CellKind.INTEGER) else ""

    def _number(self, text: str, where: str) -> float | int:
        try:
            value = int(text) if self.kind is CellKind.INTEGER else float(text)
        except ValueError:
            raise self._fault(
                f"'{text}' is no {self.kind}",
                "write digits with a point, without thousands separators",
                where,
            ) from None
        if not math.isfinite(value):
            raise self._fault(f"'{text}' is not finite", "leave unknown cells blank", where)
        if not self.minimum <= value <= self.maximum:
            raise self._fault(f"{text} is outside {self.range_text()}", "correct the cell", where)
        return value

    def range_text(self) -> str:
        """Range of the numbers for a reader; empty if there is none."""
        if math.isinf(self.minimum) and math.isinf(self.maximum):
            return ""
        if math.isinf(self.maximum):
            return f"at least {self.minimum:g}"
        return f"{self.minimum:g} to {self.maximum:g}"

    def _fault(self, message: str, way_out: str, where: str) -> TableError:
        return TableError(f"{self.name}: {message}", where=where, way_out=way_out)


STANDARD_FIELDS = (
    Field("unit", "Unit of the row's figures"),
    Field("source", "Id of the source in the register"),
    Field("grade", "Trust in the figure", CellKind.CODE, codes=frozenset(Grade)),
    Field("note", "What a reader of the figure must know; required for grade E", required=False),
)
"""The columns that end every table."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a table says about itself.

    Parameters
    ----------
    id : str
        Path of the table below the data folder without suffix.
    title, description : str
        For the reader.
    fields : tuple of Field
        The columns in order, the standard ones last.
    key : tuple of str
        Columns whose cells together name one row.
    units : frozenset of str
        Units that rows may state; empty where any unit is allowed.
    any_of : tuple of str
        Columns of which each row must fill at least one.
    """

    id: str
    title: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    units: frozenset[str] = frozenset()
    any_of: tuple[str, ...] = ()


CodeLists = Mapping[str, frozenset[str]]
"""Named code lists that a declaration may refer to, such as ``region``."""


def read_declaration(file: Traversable | Path, table_id: str, code_lists: CodeLists) -> Declaration:
    """Read the TOML beside a table.

    Raises
    ------
    TableError
        If it is no TOML, or a field or entry is missing or contradicts another.
    UnknownCodeError
        If it uses an unknown key, kind or code list.
    """
    where = f"{table_id}.toml"
    content = read_toml(file, name=where)
    _check_keys(content, {"title", "description", "key", "units", "any_of", "field"}, where)
    own = tuple(
        _read_field(name, entry, code_lists, f"{where}, [field.{name}]")
        for name, entry in _required(content, "field", dict, where).items()
    )
    declaration = Declaration(
        id=table_id,
        title=_required(content, "title", str, where),
        description=_required(content, "description", str, where),
        fields=own + STANDARD_FIELDS,
        key=tuple(_required(content, "key", list, where)),
        units=frozenset(_required(content, "units", list, where)),
        any_of=tuple(content.get("any_of", ())),
    )
    names = {field.name for field in declaration.fields}
    for name in declaration.key + declaration.any_of:
        if name not in names:
            raise UnknownCodeError("column", name, names, where=where)
    return declaration


def _read_field(name: str, entry: dict[str, Any], code_lists: CodeLists, where: str) -> Field:
    _check_keys(
        entry,
        {"meaning", "kind", "unit", "codes", "also", "minimum", "maximum", "required"},
        where,
    )
    kind = entry.get("kind", CellKind.TEXT)
    if kind not in frozenset(CellKind):
        raise UnknownCodeError("kind of field", str(kind), CellKind, where=where)
    codes = _read_codes(entry, code_lists, where)
    if (kind == CellKind.CODE) != bool(codes):
        raise TableError(
            "a field of kind 'code' has 'codes', others have none",
            where=where,
            way_out='write kind = "code" and codes = "region" or a list',
        )
    if kind in (CellKind.NUMBER, CellKind.INTEGER) and not entry.get("unit"):
        raise TableError(
            "a number without unit", where=where, way_out=f'write unit = "{ROW_UNIT}" or a unit'
        )
    return Field(
        name=name,
        meaning=_required(entry, "meaning", str, where),
        kind=CellKind(kind),
        unit=entry.get("unit", ""),
        codes=codes,
        minimum=float(entry.get("minimum", -math.inf)),
        maximum=float(entry.get("maximum", math.inf)),
        required=bool(entry.get("required", True)),
    )


def _read_codes(entry: dict[str, Any], code_lists: CodeLists, where: str) -> frozenset[str]:
    codes = entry.get("codes", ())
    also = frozenset(entry.get("also", ()))
    if not isinstance(codes, str):
        return frozenset(codes) | also
    if codes not in code_lists:
        raise UnknownCodeError("code list", codes, code_lists, where=where)
    return code_lists[codes] | also


def _check_keys(content: object, known: set[str], where: str) -> None:
    if not isinstance(content, dict):
        raise TableError("a section is expected", where=where, way_out="write it as [section]")
    for key in content:
        if key not in known:
            raise UnknownCodeError("key", key, known, where=where)


def _required(content: dict[str, Any], key: str, kind: type[T], where: str) -> T:
    value = content.get(key)
    if not value or not isinstance(value, kind):
        raise TableError(f"'{key}' is missing", where=where, way_out=f"add {key} = ...")
    return value
