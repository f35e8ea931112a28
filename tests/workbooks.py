"""Writes small workbooks for tests: no Excel writer is installed, and this is all that is needed.

``.xlsx`` is a zip of XML files; a locked workbook is an OLE container of encrypted bytes.
"""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

Cells = Sequence[Sequence[object]]


def write_xlsx(path: Path, sheets: Mapping[str, Cells]) -> Path:
    """Write text, numbers and empty cells (None) as a workbook."""
    numbered = list(enumerate(sheets.items(), start=1))
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, (name, _) in numbered
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number, _ in numbered
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{TYPES}"/>')
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1"'
            f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
        )
        for number, (_, rows) in numbered:
            package.writestr(f"xl/worksheets/sheet{number}.xml", sheet_xml(rows))
    return path


def sheet_xml(rows: Cells) -> str:
    lines = "".join(
        f'<row r="{number}">{"".join(cell_xml(cell) for cell in cells)}</row>'
        for number, cells in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def cell_xml(cell: object) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, int | float):
        return f"<c><v>{cell!r}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(str(cell))}</t></is></c>'


def locked_xlsx() -> bytes:
    """Return what an ``.xlsx`` saved with a password becomes: a container of encrypted bytes."""
    return compound_file("EncryptedPackage", b"")


def locked_xls() -> bytes:
    """Return an ``.xls`` that says in its second record that it is encrypted."""
    beginning = struct.pack("<HHHH12x", 0x0809, 16, 0x0600, 0x0005)
    file_pass = struct.pack("<HHHHH", 0x002F, 6, 1, 1, 1)
    return compound_file("Workbook", beginning + file_pass)


def compound_file(name: str, content: bytes) -> bytes:
    """Return an OLE container of one stream of 4,096 bytes, the rest of them being zero."""
    sector, end = 512, 0xFFFFFFFE
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E, 3, 0xFFFE, 9, 6,  # versions, byte order, sectors of 2**9 and 2**6 bytes
        0, 1, 1, 0, 4096,  # directory sectors, table sectors, directory, transaction, cut-off
        end, 0, end, 0, 0,  # no small streams, no further tables, table in sector 0
    )  # fmt: skip
    chain = struct.pack("<II", 0xFFFFFFFD, end) + struct.pack("<8I", *range(3, 10), end)
    root = directory_entry("Root Entry", 5, child=1, start=end, size=0)
    stream = directory_entry(name, 2, child=0xFFFFFFFF, start=2, size=4096)
    directory = (root + stream).ljust(sector, b"\0")
    body = chain.ljust(sector, b"\xff") + directory + content.ljust(4096, b"\0")
    return header.ljust(sector, b"\xff") + body


def directory_entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    none = 0xFFFFFFFF
    return struct.pack(
        "<64sHBBIII36xIQ", text, len(text) + 2, kind, 1, none, none, child, start, size
    )
