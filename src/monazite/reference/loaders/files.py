"""Text files of official downloads: found, decoded, told apart, cut into rows.

A file that is not what it should be says so in one line: a web page saved as CSV, an encoding of
another program, the header of another edition, a download that broke off.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monazite.errors import TableError
from monazite.reference.loaders.editions import COPY, best_kind, missing_headings
from monazite.reference.packed import PACKING_FAULTS, open_unpacked, unpacked

_ASCII = bytes(range(128))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of a CSV file.

    Parameters
    ----------
    number : int
        In the file; the header is line 1.
    cells : Sequence of str
        Stripped text in the order of `header`.
    header : dict of str to int
        Position of each heading.
    file : str
        How error messages call the file.
    """

    number: int
    cells: Sequence[str]
    header: dict[str, int]
    file: str

    def __getitem__(self, heading: str) -> str:
        if heading not in self.header:
            raise TableError(
                f"missing column {heading}", where=f"{self.file}:1", way_out="download it again"
            )
        return self.cells[self.header[heading]]

    @property
    def where(self) -> str:
        """File and line."""
        return f"{self.file}:{self.number}"


def read_lines(
    path: Path,
    kind: str,
    *,
    encoding: str = "utf-8-sig",
    ends_open: bool = False,
    ends_in_comma: bool = False,
) -> Iterator[FileLine]:
    """Yield the lines of a CSV file below its header; blank lines are passed over.

    Parameters
    ----------
    path : Path
        The file, gzipped or not.
    kind : str
        Kind of official file that it has to be; its header decides.
    encoding : str
        In which its producer writes it.
    ends_open : bool
        Whether its producer leaves the last line without an end, so that this is no sign of a
        download that broke off.
    ends_in_comma : bool
        Whether its producer may write a comma after the last cell of a row, though none after the
        last heading: one empty cell more is dropped.

    Raises
    ------
    TableError
        If the file is missing, no text, of another kind or edition, or a line is cut off.
    """
    text = read_text(path, encoding)
    rows = _cut(text, path.name)
    number, heads = next(rows)
    heads = [" ".join(head.split()) for head in heads]
    check_header(heads, kind, path.name)
    header = {head: position for position, head in enumerate(heads)}
    for number, cells in rows:
        if any(cells):
            if ends_in_comma and len(cells) == len(heads) + 1 and not cells[-1]:
                del cells[-1]
            _check_length(cells, heads, f"{path.name}:{number}")
            yield FileLine(number, cells, header, path.name)
    if not (ends_open or text.endswith(("\n", "\r"))):
        raise _cut_off(f"{path.name}:{number}")


def read_text(path: Path, encoding: str) -> str:
    """Return the text of a file, gzipped or not.

    Raises
    ------
    TableError
        If it is missing, empty, broken off, a web page, a workbook, or of another encoding.
    """
    content = _content(path)
    _check_kind(content, path.name)
    return _decoded(content, encoding, path.name)


def check_header(heads: Sequence[str], kind: str, name: str) -> None:
    """Refuse a header that is not the one of that kind, and say whose it is.

    Raises
    ------
    TableError
        If a required heading is missing.
    """
    _check_unlike(heads, name)
    found = best_kind(heads)
    if found == kind:
        return
    if found.endswith(COPY):
        raise TableError(
            f"the header is that of '{found}', a copy in another layout, not of '{kind}'",
            where=f"{name}:1",
            way_out="give the producer's own file, or the copy to `monazite data build`",
        )
    if found:
        raise TableError(
            f"the header is that of '{found}', not of '{kind}'",
            where=f"{name}:1",
            way_out=f"read it as '{found}'",
        )
    lacking = ", ".join(missing_headings(heads, kind)[:4])
    raise TableError(
        f"the header of '{kind}' has {lacking}, and this one has not",
        where=f"{name}:1",
        way_out="give the file as downloaded; another edition needs a loader of its own",
    )


def _cut(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the last line and the stripped cells of each row, the header first."""
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in rows:
            yield rows.line_num, [cell.strip() for cell in cells]
    except csv.Error as fault:
        raise TableError(
            f"the line is no CSV: {fault}",
            where=f"{name}:{rows.line_num}",
            way_out="look for a double quote that is not closed, or download it again",
        ) from None


def _check_unlike(heads: Sequence[str], name: str) -> None:
    named = [head for head in heads if head]
    twice = next((head for head in named if named.count(head) > 1), "")
    if twice:
        raise TableError(
            f"the heading {twice} stands twice",
            where=f"{name}:1",
            way_out="give the file as downloaded",
        )


def _content(path: Path) -> bytes:
    try:
        return unpacked(path)
    except (FileNotFoundError, IsADirectoryError):
        raise _missing(path.name) from None
    except PACKING_FAULTS:
        raise _cut_off(path.name) from None


def _check_kind(content: bytes, name: str) -> None:
    beginning = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not beginning:
        raise TableError("the file is empty", where=name, way_out="download it again")
    if content.startswith(_WORKBOOKS):
        raise TableError(
            "the file is a workbook, not a CSV", where=name, way_out="save the sheet as CSV"
        )
    if beginning.startswith(b"<"):
        raise TableError(
            "the file is a web page, not a CSV",
            where=name,
            way_out="download the file itself, not the page that links it",
        )


def _decoded(content: bytes, encoding: str, name: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise _encoding_fault(encoding, f"{name}:{line}") from None
    if "\0" in text:
        raise TableError("the file is not text", where=name, way_out="download it again")
    if encoding == "cp1252" and _is_utf8(content):
        line = content[: len(content) - len(content.lstrip(_ASCII))].count(b"\n") + 1
        raise _encoding_fault(encoding, f"{name}:{line}")
    return text


def _is_utf8(content: bytes) -> bool:
    """Return whether letters beyond ASCII stand there as UTF-8; by chance they hardly can."""
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _encoding_fault(encoding: str, where: str) -> TableError:
    plain = "UTF-8" if encoding.startswith("utf-8") else "Windows-1252"
    return TableError(
        f"the text is not {plain}",
        where=where,
        way_out="use the download as it is: another program has saved it in its own encoding",
    )


def _check_length(cells: Sequence[str], heads: Sequence[str], where: str) -> None:
    if len(cells) == len(heads):
        return
    if len(cells) < len(heads):
        raise TableError(
            f"{len(cells)} cells under {len(heads)} headings: the line is cut off",
            where=where,
            way_out="download it again",
        )
    raise TableError(
        f"{len(cells)} cells under {len(heads)} headings",
        where=where,
        way_out="text that holds commas must stand in double quotes",
    )


def _missing(name: str) -> TableError:
    return TableError("the file is missing", where=name, way_out="give the path of the download")


def _cut_off(where: str) -> TableError:
    return TableError("the file is cut off", where=where, way_out="download it again")


def read_records(folder: Path, name: str, columns: Sequence[str]) -> Iterator[FileLine]:
    """Yield the lines of a code file, gzipped or not.

    Raises
    ------
    TableError
        If it is not in the folder, is no text, lacks one of the columns, or a line is cut off.
    """
    path = folder / name
    packed = folder / f"{name}.gz"
    rows = _cut(read_text(packed if packed.exists() else path, "utf-8-sig"), name)
    _, heads = next(rows)
    lacking = [column for column in columns if column not in heads]
    if lacking:
        raise TableError(
            f"missing column {lacking[0]}", where=f"{name}:1", way_out="download it again"
        )
    header = {head: position for position, head in enumerate(heads)}
    for number, cells in rows:
        _check_length(cells, heads, f"{name}:{number}")
        yield FileLine(number, cells, header, name)


def check_csv(path: Path) -> None:
    """Refuse a large CSV file that is missing, something else, or broken off at its end.

    Raises
    ------
    TableError
        If it is any of these. The lines between its first and last block are not looked at.
    """
    try:
        with open_unpacked(path) as file:
            first = file.read(1 << 16)
            last = first
            while block := file.read(1 << 22):
                last = block
    except (FileNotFoundError, IsADirectoryError):
        raise _missing(path.name) from None
    except PACKING_FAULTS:
        raise _cut_off(path.name) from None
    _check_kind(first, path.name)
    if not last.endswith(b"\n"):
        raise _cut_off(path.name)


def first_line(path: Path) -> list[str]:
    """Return the headings of a CSV file."""
    with open_unpacked(path) as file:
        line = file.readline().decode("utf-8-sig", errors="replace")
    _, heads = next(_cut(line, path.name))
    return heads
