"""The file of a book: CSV as Excel and others save it, or a workbook; rows of text come out."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from monazite.book.nouns import COLUMNS, COMMENT, REQUIRED
from monazite.errors import TableError, UnknownCodeError
from monazite.reference.workbook import read_sheets

WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class BookRow:
    """A row as text under its headings.

    ``number`` : of the row in the file. ``cells`` : text by column. ``spare`` : how many cells
    stand beyond the last heading. ``has_decimal_comma`` : numbers are written 12,5.
    """

    number: int
    cells: Mapping[str, str]
    spare: int = 0
    has_decimal_comma: bool = False


Numbered = tuple[int, Sequence[str]]


def read_rows(path: Path) -> tuple[BookRow, ...]:
    """Read the rows of a book, whatever stands in their cells.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with commas, semicolons or tabs, or a workbook, of which the first sheet is
        read. Blank rows are passed over, and rows that begin with ``#``: above the header all
        of them, below it those that hold nothing else.

    Raises
    ------
    TableError
        If the file is missing, no text or workbook, or empty; if a column is missing or there
        twice.
    UnknownCodeError
        If there is a column that nobody knows.
    """
    if path.suffix.lower() in WORKBOOKS:
        return _rows(_from_workbook(path), path.name, comma=False)
    text = _text(path)
    delimiter = _delimiter(text)
    lines = _from_text(text, delimiter, path.name)
    return _rows(lines, path.name, comma=delimiter != ",")


def _from_workbook(path: Path) -> list[Numbered]:
    sheets = list(read_sheets(path).values())
    rows = sheets[0] if sheets else ()
    return [(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, start=1)]


def _cell(cell: object) -> str:
    """Write what Excel holds as a person would: 12 months, not 12.0."""
    is_whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell) if is_whole and isinstance(cell, float) else cell).strip()


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise TableError(
            "the file is missing",
            where=str(path),
            way_out="give a book; `monazite exposure --template` writes one to start from",
        ) from None
    except UnicodeDecodeError:
        raise _no_text(path) from None
    if "\0" in text:
        raise _no_text(path)
    return text


def _no_text(path: Path) -> TableError:
    return TableError(
        "the file is not text in UTF-8",
        where=path.name,
        way_out="save it as 'CSV UTF-8', or as a workbook (.xlsx)",
    )


def _delimiter(text: str) -> str:
    """Return what parts the cells of the first line that is no comment."""
    lines = (line for line in text.splitlines() if line.strip(' \t,;"'))
    head = next((line for line in lines if not line.lstrip(' "').startswith(COMMENT)), "")
    return max(_DELIMITERS, key=head.count)


def _from_text(text: str, delimiter: str, file: str) -> list[Numbered]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[Numbered] = []
    try:
        lines.extend((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
    except csv.Error as fault:
        raise TableError(
            f"this line is no CSV: {fault}",
            where=f"{file}:{reader.line_num}",
            way_out="put text that holds quotes or line breaks in double quotes",
        ) from None
    return lines


def _rows(lines: Iterable[Numbered], file: str, *, comma: bool) -> tuple[BookRow, ...]:
    filled = ((number, cells) for number, cells in lines if any(cells))
    told = list(dropwhile(lambda line: line[1][0].startswith(COMMENT), filled))
    if not told:
        raise TableError("the book is empty", where=file, way_out="write a header and rows")
    number, header = told[0]
    names = _header(header, f"{file}:{number}")
    rows = [(n, cells) for n, cells in told[1:] if not _is_comment(cells)]
    if not rows:
        raise TableError("the book has no rows", where=file, way_out="write rows below the header")
    return tuple(_row(n, cells, names, comma=comma) for n, cells in rows)


def _is_comment(cells: Sequence[str]) -> bool:
    """Whether a row below the header explains: more than one cell may be a part named #12."""
    return cells[0].startswith(COMMENT) and not any(cells[1:])


def _row(number: int, cells: Sequence[str], names: Sequence[str], *, comma: bool) -> BookRow:
    spare = sum(map(bool, cells[len(names) :]))
    return BookRow(number, dict(zip(names, cells, strict=False)), spare, comma)


def _header(cells: Sequence[str], where: str) -> list[str]:
    """Return the names of the columns; headings may be written with blanks and capitals."""
    names = ["_".join(cell.casefold().split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    for name in names:
        if name not in COLUMNS:
            raise UnknownCodeError("column", name, COLUMNS, where=where)
        if names.count(name) > 1:
            raise TableError(
                f"column '{name}' stands twice", where=where, way_out="name each column once"
            )
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise TableError(
            f"missing column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            where=where,
            way_out="`monazite exposure --template` explains every column",
        )
    return names
