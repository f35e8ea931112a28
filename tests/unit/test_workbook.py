"""Workbooks: rows keep their numbers, and each kind of wrong file says what it is."""

import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import TableError, UnknownCodeError
from monazite.reference.workbook import read_sheet, read_sheets, sheet_names
from workbooks import locked_xls, locked_xlsx, write_xlsx

ROWS = [
    ["Mine production of tin", None, None],
    [None, None, None],
    ["Country", 2023, 2024],
    ["Peru", 26200, 0.5],
]
AS_READ = (
    ("Mine production of tin", "", ""),
    ("", "", ""),
    ("Country", 2023.0, 2024.0),
    ("Peru", 26200.0, 0.5),
)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "tin.xlsx", {"Tin": ROWS, "Notes & sources": [["none"]]})


def test_sheets_come_in_order_with_all_their_rows(workbook: Path) -> None:
    sheets = read_sheets(workbook)
    assert list(sheets) == ["Tin", "Notes & sources"]
    assert sheets["Tin"] == AS_READ
    assert sheets["Notes & sources"] == (("none",),)


def test_rows_keep_their_numbers_below_an_empty_beginning(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "late.xlsx", {"a": [[None], [None, None], [None, "third"]]})
    assert read_sheet(path, "a") == (("", ""), ("", ""), ("", "third"))


def test_one_sheet_is_the_same_as_of_all(workbook: Path) -> None:
    assert read_sheet(workbook, "Tin") == AS_READ
    assert sheet_names(workbook) == ("Tin", "Notes & sources")


def test_gzipped_workbook_is_read_as_it_is(workbook: Path, tmp_path: Path) -> None:
    packed = tmp_path / "tin.xlsx.gz"
    packed.write_bytes(gzip.compress(workbook.read_bytes()))
    assert read_sheet(packed, "Tin") == AS_READ


def test_unknown_sheet_offers_those_that_there_are(workbook: Path) -> None:
    with pytest.raises(UnknownCodeError, match=r"tin\.xlsx: unknown sheet 'tin'.*Tin"):
        read_sheet(workbook, "tin")


PAGE = b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>404</body></html>"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (PAGE, "a web page, not a workbook .download the workbook itself"),
        (b"Country,2023\nPeru,1\n", "plain text, not a workbook .*csv"),
        (b"\x89PNG\r\n\x1a\n\0\0", "something else, not a workbook"),
        (locked_xlsx(), "locked with a password .open it in Excel"),
        (locked_xls(), "locked with a password .open it in Excel"),
        (b"PK\x03\x04 and then nothing", "damaged or cut off: .* .download it again"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut", "damaged or cut off: .* .download it again"),
        (gzip.compress(b"PK\x03\x04" * 99)[:-9], "damaged or cut off: .* .download it again"),
    ],
    ids=[
        "empty",
        "page",
        "text",
        "picture",
        "locked xlsx",
        "locked xls",
        "bad zip",
        "bad xls",
        "bad gzip",
    ],
)
def test_what_is_no_workbook_says_what_it_is(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "tin.xlsx"
    path.write_bytes(content)
    with pytest.raises(TableError, match=rf"^tin\.xlsx: .*{told}") as caught:
        read_sheets(path)
    assert "\n" not in caught.value.line()


def test_missing_file_and_folder_are_missing(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(TableError, match="the file is missing"):
            sheet_names(path)


def test_messages_call_the_file_what_the_caller_calls_it(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"^the answer of the service: "):
        read_sheets(tmp_path / "x", name="the answer of the service")


def test_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "tin.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    with pytest.raises(TableError, match=r"^tin\.xlsx: "):
        read_sheets(path)


def test_damaged_sheet_is_named(workbook: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text[: len(text) // 2] if name.endswith("sheet1.xml") else text)
    with pytest.raises(TableError, match=r"^broken\.xlsx, sheet 'Tin': the workbook is damaged"):
        read_sheets(broken)


@given(cut=st.integers(min_value=1, max_value=1500))
def test_workbook_cut_off_anywhere_raises_our_error(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = write_xlsx(folder / "whole.xlsx", {"Tin": ROWS}).read_bytes()
    path = folder / "cut.xlsx"
    path.write_bytes(whole[: max(1, len(whole) - cut)])
    with pytest.raises(TableError, match=r"^cut\.xlsx: "):
        read_sheets(path)
