"""Cells of a network folder's CSV files: text, numbers, codes and units, checked as they are read.

The file as a whole is read by :mod:`monazite.reference.table`; here every row is held against
the columns of its kind of file.
"""

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from monazite import units
from monazite.errors import TableError, UnitError, UnknownCodeError
from monazite.network.nouns import Provenance
from monazite.reference.source import (
    EMPTY_REGISTER,
    SOURCES_FILE,
    Grade,
    Register,
    read_sources,
    shipped_register,
)
from monazite.reference.table import read_records

UNLIMITED = "unlimited"
"""Stands for infinity in capacity and expansion."""
OWN_SOURCE = "user"
"""Source of figures that somebody enters for themselves; needs no entry in sources.toml."""

_GRADES = frozenset(Grade)

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns of one kind of CSV file.

    Parameters
    ----------
    name : str
        File name without suffix.
    required, optional : tuple of str
        Columns; ``unit, source, grade`` and ``note`` go without saying.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column in the order in which files are written."""
        return (*self.required, *self.optional, "unit", "source", "grade", "note")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row as text.

    Parameters
    ----------
    cells : Mapping of str to str
        Text by column, stripped.
    where : str
        File and line.
    """

    cells: Mapping[str, str]
    where: str

    def text(self, column: str) -> str:
        """Return the cell; empty where it is blank or the column is left out."""
        return self.cells.get(column, "")

    def required(self, column: str) -> str:
        """Return the cell.

        Raises
        ------
        TableError
            If it is blank.
        """
        text = self.text(column)
        if not text:
            raise self.fault(f"{column} is blank", "fill it in: nothing is guessed")
        return text

    def number(self, column: str) -> float | None:
        """Return the number, or None where the cell is blank.

        Raises
        ------
        TableError
            If it is no finite number.
        """
        text = self.text(column)
        if not text:
            return None
        try:
            value = float(text.replace("_", "?"))
        except ValueError:
            raise self.fault(
                f"{column} '{text}' is not a number",
                "write digits with a point, without thousands separators",
            ) from None
        if not math.isfinite(value):
            raise self.fault(f"{column} '{text}' is not finite", "give a number, or leave it blank")
        return value

    def required_number(self, column: str) -> float:
        """Return the number.

        Raises
        ------
        TableError
            If it is blank or no finite number.
        """
        self.required(column)
        return self.number(column) or 0.0

    def whole(self, column: str) -> int | None:
        """Return the whole number, or None where the cell is blank.

        Raises
        ------
        TableError
            If it is something else.
        """
        text = self.text(column)
        if text and not text.isdecimal():
            raise self.fault(f"{column} '{text}' is not a whole number", "write it as 2024")
        return int(text) if text else None

    def code(self, column: str, kind: type[Code], default: Code) -> Code:
        """Return the member of a closed list; the default where the cell is blank.

        Raises
        ------
        UnknownCodeError
            If it is none of the list.
        """
        text = self.text(column)
        if not text:
            return default
        try:
            return kind(text)
        except ValueError:
            raise UnknownCodeError(column, text, kind, where=self.where) from None

    def amount(
        self, column: str, target: str, *, unit_column: str = "unit", any_basis: bool = False
    ) -> float | None:
        """Return the number in the unit wanted, or None where the cell is blank.

        Raises
        ------
        UnitError
            If its unit is missing, unknown or unlike.
        TableError
            If it is no finite number.
        """
        value = self.number(column)
        if value is None:
            return None
        return value * self.factor(target, unit_column=unit_column, any_basis=any_basis)

    def factor(self, target: str, *, unit_column: str = "unit", any_basis: bool = False) -> float:
        """Return what numbers of the row are multiplied by to be in the unit wanted.

        Raises
        ------
        UnitError
            If the unit of the row is missing, unknown or unlike.
        """
        unit = self.text(unit_column)
        if not unit:
            raise UnitError(
                f"{unit_column} is blank", where=self.where, way_out=f"write it, such as {target}"
            )
        return units.factor(unit, target, any_basis=any_basis, where=self.where)

    def limit(self, column: str, target: str) -> float | None:
        """Return an amount that may be ``unlimited``; errors as of :meth:`amount`."""
        if self.text(column) == UNLIMITED:
            return math.inf
        return self.amount(column, target, any_basis=True)

    def fault(self, message: str, way_out: str) -> TableError:
        """Return an error that names the row."""
        return TableError(message, where=self.where, way_out=way_out)


def own_sources(path: Path) -> Register:
    """Return the sources that a folder brings along; none if it has no ``sources.toml``.

    Raises
    ------
    TableError
        If the file cannot be used.
    """
    file = path / SOURCES_FILE
    if not file.exists():
        return EMPTY_REGISTER
    return read_sources(file, name=f"{path.name}/{SOURCES_FILE}")


class Folder:
    """A folder of CSV files with the sources that they may cite.

    Parameters
    ----------
    path : Path
        The folder.
    sources : Register
        Its own sources.
    base_year : int, optional
        Year that the figures are meant to be of; None where every row has its own.
    """

    def __init__(self, path: Path, sources: Register, base_year: int | None) -> None:
        self.path = path
        self.sources = sources
        self.base_year = base_year
        self._cited: set[str] = {OWN_SOURCE}

    def lines(self, sheet: Sheet) -> Iterator[SheetLine]:
        """Yield the rows of a file; none if the folder does not have it.

        Raises
        ------
        TableError
            If the file is empty, not text, or lacks a column.
        UnknownCodeError
            If it has a column that nobody knows.
        UnitError
            If a row states no unit.
        """
        file = self.path / f"{sheet.name}.csv"
        if not file.exists():
            return
        records = read_records(file, f"{self.path.name}/{sheet.name}")
        self._check_columns(sheet, records[0].cells)
        for record in records:
            line = SheetLine(record.cells, str(record.ref))
            if not line.text("unit"):
                raise UnitError(
                    "unit is blank", where=line.where, way_out="write it, such as t/yr or USD/kg"
                )
            yield line

    def _check_columns(self, sheet: Sheet, cells: Mapping[str, str]) -> None:
        where = f"{self.path.name}/{sheet.name}.csv:1"
        for column in cells:
            if column not in sheet.columns:
                raise UnknownCodeError("column", column, sheet.columns, where=where)
        for column in (*sheet.required, "unit", "source", "grade"):
            if column not in cells:
                raise TableError(
                    f"column '{column}' is missing",
                    where=where,
                    way_out=f"add it; the columns are {', '.join(sheet.columns)}",
                )

    def provenance(self, line: SheetLine) -> Provenance:
        """Return where the row's figures come from.

        Raises
        ------
        TableError
            If source or grade is blank, a figure of grade E does not say why, or one of
            another year than the base year has no note.
        UnknownCodeError
            If the source or grade is unknown.
        """
        source, grade, note = line.required("source"), line.required("grade"), line.text("note")
        if grade not in _GRADES:
            raise UnknownCodeError("grade", grade, Grade, where=line.where)
        self._check_source(source, line.where)
        if grade == Grade.E and not note and source != OWN_SOURCE:
            raise line.fault("an assumed figure (grade E) does not say why", "write it in 'note'")
        year = line.whole("year")
        if self.base_year and year not in (None, self.base_year) and not note:
            raise line.fault(
                f"a figure of {year} in a network of {self.base_year}",
                "give one of the base year, or say in 'note' why this one stands for it",
            )
        return Provenance(source, grade, line.where, note, year)

    def _check_source(self, source: str, where: str) -> None:
        if source in self._cited:
            return
        for one in source.split("+"):
            if one not in self.sources and one != OWN_SOURCE:
                known = {**self.sources.sources, **shipped_register()}
                if one not in known:
                    raise UnknownCodeError("source", one, (*known, OWN_SOURCE), where=where)
        self._cited.add(source)


def check_file_names(path: Path, known: Mapping[str, object]) -> None:
    """Raise if a CSV file of the folder is called nearly like a known one.

    Raises
    ------
    UnknownCodeError
        Names the file and what was probably meant.
    """
    for file in sorted(path.glob("*.csv")):
        if file.stem not in known and difflib.get_close_matches(file.stem, known, cutoff=0.8):
            raise UnknownCodeError("file", file.stem, known, where=path.name)
