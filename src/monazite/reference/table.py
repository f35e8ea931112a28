"""Tables of facts: rows that were checked against the declaration of their columns.

A table is a CSV with a TOML beside it. A cell that breaks its declaration raises: nothing is
guessed. Each row keeps its file and line, so that a number can be walked back to it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from monazite.errors import TableError, UnitError, UnknownCodeError
from monazite.reference.declaration import (
    Cell,
    Declaration,
    Field,
)
from monazite.reference.source import Grade, Register


@dataclass(frozen=True, slots=True)
class RowRef:
    """A row of a table, so that a number can be walked back to it.

    Parameters
    ----------
    table : str
        Path of the file below the data folder without its suffix, such as ``facts/prices``.
    line : int
        Line in the file, the header being line 1.
    """

    table: str
    line: int

    def __str__(self) -> str:
        return f"{self.table}.csv:{self.line}"

    @classmethod
    def parse(cls, text: str) -> "RowRef":
        """Read what ``str`` wrote.

        Raises
        ------
        TableError
            If the text is not of the form ``folder/table.csv:12``.
        """
        table, separator, line = text.rpartition(".csv:")
        if not separator or not line.isdecimal():
            raise TableError(
                f"'{text}' names no row", way_out="write folder/table.csv:12, header = line 1"
            )
        return cls(table, int(line))


@dataclass(frozen=True, slots=True)
class Record:
    """A line of a CSV file, not yet checked: cells stripped of blanks at both ends.

    Parameters
    ----------
    ref : RowRef
        File and line.
    cells : Mapping of str to str
        Text under each heading.
    """

    ref: RowRef
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A checked row.

    Parameters
    ----------
    ref : RowRef
        File and line that it comes from.
    cells : Mapping of str to Cell
        Every cell under its heading.
    """

    ref: RowRef
    cells: Mapping[str, Cell]

    def __getitem__(self, name: str) -> Cell:
        return self.cells[name]

    @property
    def value(self) -> float | None:
        """Figure of the row in its own unit; None where it is not given or not one figure."""
        return self.number("value")

    @property
    def unit(self) -> str:
        """Unit of the row's figures."""
        return self.text("unit")

    @property
    def source(self) -> str:
        """Id of the source."""
        return self.text("source")

    @property
    def grade(self) -> Grade:
        """Trust in the figure."""
        return Grade(self.text("grade"))

    @property
    def note(self) -> str:
        """What a reader of the figure must know."""
        return self.text("note")

    def text(self, name: str) -> str:
        """Return the cell as text; empty where it is not given or there is no such column."""
        cell = self.cells.get(name)
        return "" if cell is None else str(cell)

    def number(self, name: str) -> float | None:
        """Return the cell as a number; None where it is not given or is text."""
        cell = self.cells.get(name)
        return None if cell is None or isinstance(cell, str) else float(cell)


@dataclass(frozen=True, slots=True)
class Table:
    """A declaration and the rows that keep to it.

    Parameters
    ----------
    declaration : Declaration
        What the columns mean.
    rows : tuple of Row
        In the order of the file.
    """

    declaration: Declaration
    rows: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def id(self) -> str:
        """Path of the table below the data folder without suffix."""
        return self.declaration.id

    @property
    def title(self) -> str:
        """What the table holds, in a few words."""
        return self.declaration.title

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns in order."""
        return self.declaration.fields

    def select(self, **cells: Cell) -> tuple[Row, ...]:
        """Return the rows whose cells equal all those given.

        Raises
        ------
        UnknownCodeError
            If the table has no such column.
        """
        known = {field.name for field in self.fields}
        for name in cells:
            if name not in known:
                raise UnknownCodeError("column", name, known, where=self.id)
        wanted = cells.items()
        return tuple(row for row in self.rows if all(row[key] == cell for key, cell in wanted))

    def column(self, name: str) -> tuple[Cell, ...]:
        """Return the cells under a heading, in the order of the rows."""
        return tuple(row[name] for row in self.rows)

    def source_ids(self) -> tuple[str, ...]:
        """Return the ids of the sources that the rows cite, in alphabetical order."""
        return tuple(sorted({row.source for row in self.rows}))


def read_table(file: Traversable | Path, declaration: Declaration, register: Register) -> Table:
    """Read and check a CSV file.

    Raises
    ------
    MonaziteError
        At the first row that breaks the declaration; says file, line and way out.
    """
    rows: list[Row] = []
    for row in iterate_rows(file, declaration, register):
        if not isinstance(row, Row):
            raise row
        rows.append(row)
    return Table(declaration, tuple(rows))


def iterate_rows(
    file: Traversable | Path, declaration: Declaration, register: Register
) -> Iterator[Row | TableError | UnitError | UnknownCodeError]:
    """Yield each row of a CSV file, or the error in its place.

    Raises
    ------
    TableError
        If the file as a whole cannot be read.
    """
    seen: dict[tuple[Cell, ...], RowRef] = {}
    columns = tuple(field.name for field in declaration.fields)
    for record in read_records(file, declaration.id, columns):
        try:
            row = check_record(record, declaration, register)
            _check_key(row, declaration.key, seen)
        except (TableError, UnitError, UnknownCodeError) as fault:
            yield fault
        else:
            yield row


def check_record(record: Record, declaration: Declaration, register: Register) -> Row:
    """Return the row that a record holds.

    Raises
    ------
    MonaziteError
        If a cell breaks the declaration, the source is unknown, the unit is not one of the
        table's, or a figure of grade E does not say why.
    """
    where = str(record.ref)
    cells = {
        field.name: field.read(record.cells[field.name], where=where)
        for field in declaration.fields
    }
    row = Row(record.ref, MappingProxyType(cells))
    register.find(row.source, where=where)
    if declaration.units and row.unit not in declaration.units:
        raise UnitError(
            f"unit '{row.unit}' is none of this table's",
            where=where,
            way_out=f"use {' or '.join(sorted(declaration.units))}, or declare it in the TOML",
        )
    if row.grade is Grade.E and not row.note:
        raise TableError(
            "an assumed figure (grade E) does not say why",
            where=where,
            way_out="write the reason in the column 'note'",
        )
    if declaration.any_of and all(cells[name] in (None, "") for name in declaration.any_of):
        raise TableError(
            f"none of {', '.join(declaration.any_of)} is given",
            where=where,
            way_out="give at least one figure or drop the row",
        )
    return row


def read_records(
    file: Traversable | Path, table_id: str, columns: Iterable[str] | None = None
) -> tuple[Record, ...]:
    """Read a CSV file without looking into its cells.

    Parameters
    ----------
    file : Traversable or Path
        UTF-8 (a byte order mark is allowed), commas, headings in the first line.
    table_id : str
        How references and errors call the file, without the suffix.
    columns : Iterable of str, optional
        The headings that it must have, neither fewer nor more; None for any.

    Raises
    ------
    TableError
        If the file is missing, empty, binary or has no rows; if a heading is missing, unknown,
        blank or doubled; if a line has another number of cells than the header.
    """
    reader = csv.reader(io.StringIO(_read_text(file, f"{table_id}.csv")))
    header = [heading.strip() for heading in next(reader, [])]
    if not header:
        raise _file_fault(table_id, "the file is empty", "write a header and rows, or delete it")
    _check_header(header, columns, table_id)
    records = tuple(
        _record(header, cells, RowRef(table_id, reader.line_num))
        for cells in reader
        if any(cell.strip() for cell in cells)
    )
    if not records:
        raise _file_fault(table_id, "the file has no rows", "write rows below the header")
    return records


def _read_text(file: Traversable | Path, name: str) -> str:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise TableError("the file is missing", where=name, way_out="create it") from None
    except UnicodeDecodeError:
        raise TableError(
            "the file is not text", where=name, way_out="save it as CSV in UTF-8"
        ) from None
    if "\0" in text:
        raise TableError("the file is not text", where=name, way_out="save it as CSV in UTF-8")
    return text


def _check_header(header: list[str], columns: Iterable[str] | None, table_id: str) -> None:
    where = f"{table_id}.csv:1"
    if "" in header or len(set(header)) < len(header):
        raise TableError(
            "a heading is blank or stands twice", where=where, way_out="name each column once"
        )
    if columns is None:
        return
    wanted = list(columns)
    missing = [name for name in wanted if name not in header]
    if missing:
        raise TableError(
            f"missing column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            where=where,
            way_out=f"the header is {','.join(wanted)}",
        )
    for name in header:
        if name not in wanted:
            raise UnknownCodeError("column", name, wanted, where=where)


def _record(header: list[str], cells: list[str], ref: RowRef) -> Record:
    if len(cells) != len(header):
        raise TableError(
            f"{len(cells)} cells under {len(header)} headings",
            where=str(ref),
            way_out="put text that holds commas in double quotes",
        )
    stripped = (cell.strip() for cell in cells)
    return Record(ref, MappingProxyType(dict(zip(header, stripped, strict=True))))


def _check_key(row: Row, key: tuple[str, ...], seen: dict[tuple[Cell, ...], RowRef]) -> None:
    if not key:
        return
    own = tuple(row[name] for name in key)
    if own in seen:
        raise TableError(
            f"the same {', '.join(key)} as line {seen[own].line}",
            where=str(row.ref),
            way_out="drop one of the two rows or tell them apart in the key",
        )
    seen[own] = row.ref


def _file_fault(table_id: str, message: str, way_out: str) -> TableError:
    return TableError(message, where=f"{table_id}.csv", way_out=way_out)
