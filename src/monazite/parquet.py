"""Columns in Parquet files: the one place that knows how DuckDB writes and reads them.

The same columns give the same bytes: one thread, rows in the order given, Zstandard. The bytes
also hold the version of DuckDB, so that another version may write others.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from monazite.errors import TableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Columns = Mapping[str, NDArray[Any]]
"""Arrays of one axis and equal length: text as objects, whole numbers, floating-point numbers."""
_ROW_GROUP = 131_072


def write(path: Path, columns: Columns) -> None:
    """Write columns to a file, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; its folder must exist. A file that stands there is replaced.
    columns : Mapping of str to array
        In the order wanted. NaN is written as missing; text may not be.

    Raises
    ------
    ValueError
        If there are no columns or no rows, their lengths differ, or text is missing.
    """
    _check(columns)
    draft = path.with_name(f"{path.name}.part")
    try:
        with connect(threads=1) as database:
            database.register("given", dict(columns))
            copy(database, "given", draft, f"ROW_GROUP_SIZE {_ROW_GROUP}")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path) -> dict[str, NDArray[Any]]:
    """Return the columns of a file as they were written; missing numbers are NaN.

    Raises
    ------
    TableError
        If the file is missing, cut off or none of Parquet.
    """
    import duckdb  # noqa: PLC0415 - as in connect

    if not path.is_file():
        raise TableError("the file is missing", where=path.name, way_out="build it again")
    try:
        with connect(threads=1) as database:
            found = database.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchnumpy()
    except duckdb.Error:
        raise TableError(
            "the file is cut off or not of Parquet", where=path.name, way_out="build it again"
        ) from None
    return {name: _plain(column) for name, column in found.items()}


def connect(threads: int | None = None) -> "DuckDBPyConnection":
    """Open a database in memory, with as many threads as there are cores by default."""
    import duckdb  # noqa: PLC0415 - takes 0.1 s, which only who has tables waits for

    return duckdb.connect(config={} if threads is None else {"threads": threads})


def copy(database: "DuckDBPyConnection", what: str, path: Path, options: str) -> None:
    """Write a table, or a query in brackets, to a Parquet file.

    Parameters
    ----------
    database : DuckDBPyConnection
        That knows the table.
    what : str
        Name or ``(SELECT ...)``.
    path : Path
        The file; one that is there is overwritten.
    options : str
        Of DuckDB's COPY, beside format and compression.

    Raises
    ------
    OSError
        If the system does not let it be written; the reason in its own words.
    """
    import duckdb  # noqa: PLC0415 - as in connect

    try:
        database.execute(
            f"COPY {what} TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd, {options})"
        )
    except duckdb.IOException as fault:
        raise _of_the_system(fault, path) from fault


def quoted(path: Path) -> str:
    """Return a path as a text of SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def _of_the_system(fault: Exception, path: Path) -> OSError:
    """Return the error of the system whose number DuckDB hides in its text."""
    number = re.search(r'"errno":"(\d+)"', str(fault))
    if number:
        return OSError(int(number[1]), os.strerror(int(number[1])), str(path))
    return OSError(0, str(fault).splitlines()[0], str(path))


def _check(columns: Columns) -> None:
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError("columns of unequal length, or none")
    for name, column in columns.items():
        if column.dtype == object and None in column.tolist():
            raise ValueError(f"text is missing in the columns: {name}")


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    if isinstance(column, np.ma.MaskedArray):
        return np.asarray(column.filled(np.nan))
    return np.asarray(column)
