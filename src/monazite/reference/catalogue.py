"""The shipped data: every table by id, what is assumed, and whether all of it holds together.

Facts are tables with a declaration beside them (``data/facts`` and others). The files of a
chain (``data/chains``) have none: the network module knows their columns, so that here each
row is only held to a unit, a source and a grade.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from monazite import labels, units
from monazite.errors import MonaziteError, TableError, UnitError, UnknownCodeError
from monazite.reference.declaration import (
    STANDARD_FIELDS,
    Cell,
    CodeLists,
    Declaration,
    Field,
    read_declaration,
)
from monazite.reference.source import Grade, Register, data_folder, shipped_register, walk
from monazite.reference.table import (
    Record,
    Row,
    RowRef,
    Table,
    iterate_rows,
    read_records,
    read_table,
)

FACTS = "facts/"
"""Folder whose tables are known by their bare names."""
_ATLAS_LISTS = (
    "corrections",
    "downloads",
    "gaps",
    "hs_codes",
    "minerals",
    "price_series",
    "spellings",
)
CODE_LISTS = frozenset({"regions", *(f"atlas/{name}" for name in _ATLAS_LISTS)})
"""Files that hold names and no figures."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A table as the catalogue lists it.

    Parameters
    ----------
    id : str
        What `load` takes.
    title : str
        What it holds.
    rows : int
        How many rows it has.
    sources : tuple of str
        Ids of the sources that its rows cite.
    """

    id: str
    title: str
    rows: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of checking everything that is shipped.

    Parameters
    ----------
    faults : tuple of MonaziteError
        What is wrong, each with file, row and way out.
    tables, rows, sources : int
        How much was looked at.
    unused_sources : tuple of str
        Declared, but cited by no row and named in no note.
    """

    faults: tuple[MonaziteError, ...]
    tables: int
    rows: int
    sources: int
    unused_sources: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Assumption:
    """A row that nobody publishes (grade E).

    Parameters
    ----------
    ref : RowRef
        File and line.
    subject : str
        What it is about: the row's cells in words.
    figures : str
        The row's numbers, each under its heading.
    unit : str
        Unit of the figures.
    reason : str
        Why these values.
    """

    ref: RowRef
    subject: str
    figures: str
    unit: str
    reason: str


def table_ids() -> tuple[str, ...]:
    """Return the ids of all shipped tables: facts by name, chain files by path."""
    return tuple(_files())


@cache
def load(table_id: str) -> Table:
    """Return a shipped table, checked.

    Parameters
    ----------
    table_id : str
        Such as ``prices`` or, for a file of a chain, ``chains/<chain>/processes``.

    Raises
    ------
    UnknownCodeError
        If nothing of that id is shipped.
    MonaziteError
        If a row breaks its declaration.
    """
    files = _files()
    if table_id not in files:
        raise UnknownCodeError("table", table_id, files, where="data catalogue")
    path, file = files[table_id]
    return read_table(file, _declaration(path, file), shipped_register())


show = load
"""The table itself is what is shown."""


def catalogue() -> tuple[Entry, ...]:
    """Return what is shipped, facts first."""
    tables = ((table_id, load(table_id)) for table_id in _files())
    return tuple(
        Entry(table_id, table.title, len(table), table.source_ids()) for table_id, table in tables
    )


def assumed(table_ids: Iterable[str] | None = None) -> tuple[Assumption, ...]:
    """Return every row of grade E in what is shipped, or in the tables named.

    Raises
    ------
    UnknownCodeError
        If a table is named that is not shipped.
    """
    return tuple(
        Assumption(row.ref, *describe(row), row.unit, row.note)
        for table_id in (_files() if table_ids is None else table_ids)
        for row in load(table_id)
        if row.grade is Grade.E
    )


def describe(row: Row) -> tuple[str, str]:
    """Return what a row is about and its figures; unit, source, grade and note left out."""
    standard = {field.name for field in STANDARD_FIELDS}
    given = {
        name: cell
        for name, cell in row.cells.items()
        if name not in standard and cell not in (None, "")
    }
    words = [str(cell) for cell in given.values() if not _is_figure(cell)]
    figures = [f"{name} {cell}" for name, cell in given.items() if _is_figure(cell)]
    return ", ".join(words), ", ".join(figures)


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell, str):
        return _NUMBER.fullmatch(cell) is not None
    return cell is not None


def row_at(ref: RowRef) -> Row:
    """Return the row that a reference names.

    Raises
    ------
    TableError
        If there is no row at that line.
    UnknownCodeError
        If there is no such table.
    """
    for row in load(ref.table.removeprefix(FACTS)):
        if row.ref == ref:
            return row
    raise TableError("no row stands there", where=str(ref), way_out="the header is line 1")


def footnote(ref: RowRef) -> str:
    """Return what a reader needs to check a figure: row, source, licence, grade, note."""
    row = row_at(ref)
    source = shipped_register().find(row.source, where=str(ref))
    parts = [f"{ref}: {source.citation()}", f"licence {source.licence_product}"]
    parts.append(f"grade {row.grade} ({row.grade.meaning})")
    return "; ".join([*parts, row.note] if row.note else parts)


def check() -> Report:
    """Check every shipped table, chain and source; collects all faults."""
    faults: list[MonaziteError] = []
    rows: list[Row] = []
    try:
        register = shipped_register()
        files = _files()
    except MonaziteError as fault:
        return Report((fault,), 0, 0, 0)
    for path, file in files.values():
        for item in _checked(path, file, register):
            if isinstance(item, Row):
                rows.append(item)
            else:
                faults.append(item)
    cited = " ".join(f"{row.source} {row.note}" for row in rows)
    unused = tuple(source_id for source_id in sorted(register) if source_id not in cited)
    return Report(tuple(faults), len(files), len(rows), len(register), unused)


def _checked(path: str, file: Traversable, register: Register) -> Iterator[Row | MonaziteError]:
    try:
        declaration = _declaration(path, file)
        yield from _unit_faults(sorted(declaration.units), f"{declaration.id}.toml")
        for item in iterate_rows(file, declaration, register):
            yield item
            if isinstance(item, Row) and not declaration.units:
                yield from _unit_faults(_row_units(item), str(item.ref))
    except MonaziteError as fault:
        yield fault


def _row_units(row: Row) -> list[str]:
    names = (name for name in row.cells if name == "unit" or name.endswith("_unit"))
    return [row.text(name) for name in names if row.text(name)]


def _unit_faults(texts: Iterable[str], where: str) -> Iterator[UnitError]:
    for text in texts:
        try:
            units.parse(text)
        except UnitError as fault:
            yield UnitError(fault.message, where=where, way_out=fault.way_out)


def _declaration(path: str, file: Traversable) -> Declaration:
    beside = data_folder() / f"{path}.toml"
    if beside.is_file():
        return read_declaration(beside, path, code_lists())
    return Declaration(
        id=path,
        title=" of ".join(reversed(path.split("/")[-2:])),
        description="The columns are those of the network folder format.",
        fields=_loose_fields(read_records(file, path)[0]),
    )


def _loose_fields(record: Record) -> tuple[Field, ...]:
    standard = {field.name: field for field in STANDARD_FIELDS}
    for name, field in standard.items():
        if field.required and name not in record.cells:
            raise TableError(
                f"missing column {name}",
                where=f"{record.ref.table}.csv:1",
                way_out="every row says unit, source and grade",
            )
    return tuple(
        standard.get(name, Field(name, "see the network folder format", required=False))
        for name in record.cells
    )


@cache
def code_lists() -> CodeLists:
    """Return the code lists that declarations may name."""
    return {
        "region": frozenset(labels.REGIONS),
        "stage": frozenset(labels.Stage),
        "use": frozenset(labels.END_USES),
    }


@cache
def _files() -> dict[str, tuple[str, Traversable]]:
    """Tables by id: path below the data folder without suffix, and file; facts first."""
    found = (
        (str(PurePosixPath(name).with_suffix("")), file)
        for name, file in walk(data_folder())
        if name.endswith(".csv")
    )
    ordered = sorted(found, key=lambda item: (not item[0].startswith(FACTS), item[0]))
    return {
        stem.removeprefix(FACTS): (stem, file) for stem, file in ordered if stem not in CODE_LISTS
    }
