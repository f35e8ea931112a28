"""Workbooks of Excel, ``.xlsx`` and ``.xls``: the only place that knows how they are read.

A sheet is a tuple of rows from the sheet's first cell on, so that ``rows[0]`` is row 1 as Excel
counts them and a number can be walked back to its cell. All rows of a sheet are equally long.
"""

import datetime as dt
import io
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import python_calamine

from monazite.errors import TableError, UnknownCodeError
from monazite.reference.packed import PACKING_FAULTS, unpacked

SheetCell = str | float | dt.date | dt.time | dt.timedelta
"""What a cell holds; ``""`` where it is empty. Formulas come as their last computed value."""
Sheet = tuple[tuple[SheetCell, ...], ...]
"""Rows from the first cell of the sheet on, all equally long; empty for an empty sheet."""

_XLSX = b"PK\x03\x04"
_XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = re.compile(
    re.escape("EncryptedPackage".encode("utf-16-le"))
    + rb"|\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00",
    re.DOTALL,
)
"""The part of an OLE file that holds an .xlsx saved with a password, or the record that says so
at the beginning of an .xls: BOF, perhaps WriteProtect, FilePass (MS-XLS 2.4.117)."""


def read_sheets(path: Path, *, name: str = "") -> Mapping[str, Sheet]:
    """Read all sheets of a workbook, hidden ones too.

    Parameters
    ----------
    path : Path
        An ``.xlsx`` or ``.xls`` file, gzipped or not; told by its content, not by its suffix.
    name : str
        How error messages call it; the file's own name if empty.

    Returns
    -------
    Mapping of str to Sheet
        Rows by the name of the sheet, in the order of the workbook.

    Raises
    ------
    TableError
        If the file is missing, is not a workbook, is locked with a password or is damaged.
    """
    where = name or path.name
    workbook = _open(path, where)
    return MappingProxyType(
        {sheet: _rows(workbook, sheet, where) for sheet in workbook.sheet_names}
    )


def read_sheet(path: Path, sheet: str, *, name: str = "") -> Sheet:
    """Read one sheet of a workbook; parameters and errors as of :func:`read_sheets`.

    Raises
    ------
    UnknownCodeError
        If the workbook has no sheet of that name; those that it has are offered.
    """
    where = name or path.name
    workbook = _open(path, where)
    if sheet not in workbook.sheet_names:
        raise UnknownCodeError("sheet", sheet, workbook.sheet_names, where=where)
    return _rows(workbook, sheet, where)


def sheet_names(path: Path, *, name: str = "") -> tuple[str, ...]:
    """Return what the sheets are called, in order; errors as of :func:`read_sheets`."""
    return tuple(_open(path, name or path.name).sheet_names)


def _open(path: Path, where: str) -> python_calamine.CalamineWorkbook:
    content = _content(path, where)
    _check_kind(content, where)
    if content.startswith(_XLS) and _LOCKED.search(content):
        raise TableError(
            "the workbook is locked with a password",
            where=where,
            way_out="open it in Excel and save it without one",
        )
    try:
        return python_calamine.load_workbook(io.BytesIO(content))
    except (python_calamine.CalamineError, OSError) as fault:
        raise _damaged(fault, where) from None


def _content(path: Path, where: str) -> bytes:
    try:
        return unpacked(path)
    except (FileNotFoundError, IsADirectoryError):
        raise TableError(
            "the file is missing", where=where, way_out="give the path of a workbook"
        ) from None
    except PACKING_FAULTS as fault:
        raise _damaged(fault, where) from None


def _check_kind(content: bytes, where: str) -> None:
    if content.startswith((_XLSX, _XLS)):
        return
    beginning = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not beginning:
        raise TableError("the file is empty", where=where, way_out="download it again")
    if beginning.startswith(b"<"):
        kind, way_out = "a web page", "download the workbook itself, not the page that links it"
    elif b"\0" not in beginning:
        kind, way_out = "plain text", "give it a name that ends in .csv, or save it as a workbook"
    else:
        kind, way_out = "something else", "give an .xlsx or .xls file"
    raise TableError(f"the file is {kind}, not a workbook", where=where, way_out=way_out)


def _rows(workbook: python_calamine.CalamineWorkbook, sheet: str, where: str) -> Sheet:
    try:
        rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError) as fault:
        raise _damaged(fault, f"{where}, sheet '{sheet}'") from None
    return tuple(map(tuple, rows))


def _damaged(fault: Exception, where: str) -> TableError:
    told = " ".join(str(fault).split()) or type(fault).__name__
    return TableError(
        f"the workbook is damaged or cut off: {told}", where=where, way_out="download it again"
    )
