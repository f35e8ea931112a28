"""Columns in Parquet files: the one place that knows how they are written and read.

The same columns give the same bytes: one thread, rows in the order given, Zstandard. The bytes
also hold the version of DuckDB, so that another version may write others.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite.errors import TableError

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
    import duckdb  # noqa: PLC0415 - only who writes or reads tables waits for it

    _check(columns)
    draft = path.with_name(f"{path.name}.part")
    try:
        with duckdb.connect(config={"threads": 1}) as database:
            database.register("given", dict(columns))
            database.execute(
                f"COPY given TO '{_quoted(draft)}' "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
            )
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
    import duckdb  # noqa: PLC0415 - only who writes or reads tables waits for it

    if not path.is_file():
        raise TableError("the file is missing", where=path.name, way_out="build it again")
    try:
        with duckdb.connect(config={"threads": 1}) as database:
            found = database.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchnumpy()
    except duckdb.Error:
        raise TableError(
            "the file is cut off or not of Parquet", where=path.name, way_out="build it again"
        ) from None
    return {name: _plain(column) for name, column in found.items()}


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


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
