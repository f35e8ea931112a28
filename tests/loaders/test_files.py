"""Files that are not what they should be: each says so in one line."""

import gzip
from pathlib import Path

import pytest

from loaders.official import MCS_2026, tin, write_mcs_2026
from monazite.errors import TableError
from monazite.reference.loaders.baci import load_baci
from monazite.reference.loaders.usgs import load_mcs_2026
from workbooks import write_xlsx

GOOD = f"{MCS_2026}\n{tin('Peru', '5')}\n".encode("cp1252")


@pytest.mark.parametrize("load", [load_mcs_2026, load_baci])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty .download it again"),
        (b"\n \n", "the file is empty"),
        (b"<!DOCTYPE html>\n<html></html>", "a web page, not a CSV .download the file itself"),
        (b"\xef\xbb\xbf  <html>", "a web page, not a CSV"),
        (gzip.compress(GOOD)[:-9], "the file is cut off .download it again"),
        (b"PK\x03\x04....", "a workbook, not a CSV"),
        (b"a,b\n1,2\n", ":1: the header of '.*' has .* and this one has not .give the file"),
    ],
)  # fmt: skip
def test_wrong_file_says_what_it_is(load, content: bytes, told: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "BACI_HS92_Y2023_V202501.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=rf"^BACI_HS92_Y2023_V202501\.csv.*{told}") as caught:
        load(path)
    assert "\n" not in caught.value.line()


@pytest.mark.parametrize("load", [load_mcs_2026, load_baci])
def test_missing_file_is_missing(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TableError, match=r"V202501\.csv: the file is missing"):
        load(tmp_path / "BACI_HS92_Y2023_V202501.csv")


def test_gzipped_file_is_read_as_it_is(tmp_path: Path) -> None:
    plain = write_mcs_2026(tmp_path, [tin("Peru", "5")])
    packed = tmp_path / "mcs2026.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load_mcs_2026(packed).value.tolist() == [5.0]


@pytest.mark.parametrize("cut", [1, 2, 12, 40])
def test_download_that_broke_off_is_refused(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "mcs2026.csv"
    path.write_bytes(GOOD[:-cut])
    with pytest.raises(TableError, match=r"^mcs2026\.csv:2: .*cut off .download it again"):
        load_mcs_2026(path)


def test_zeros_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "mcs2026.csv"
    path.write_bytes(GOOD.replace(b"Peru", b"P\0ru"))
    with pytest.raises(TableError, match="the file is not text"):
        load_mcs_2026(path)


def test_quote_that_is_never_closed_is_told(tmp_path: Path) -> None:
    plain = tin("China", "5").replace('"', "")
    rows = [plain.replace("China", '"Peru'), *[plain] * 2000]
    with pytest.raises(TableError, match=r"^mcs2026\.csv:\d+: the line is no CSV: .*not closed"):
        load_mcs_2026(write_mcs_2026(tmp_path, rows))


def test_heading_that_stands_twice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mcs2026.csv"
    path.write_bytes(GOOD.replace(b"Other notes", b"Notes"))
    with pytest.raises(TableError, match=r"^mcs2026\.csv:1: the heading Notes stands twice"):
        load_mcs_2026(path)


def test_letters_that_no_windows_knows_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mcs2026.csv"
    path.write_bytes(GOOD.replace(b"Peru", b"P\x81\x9dru"))
    with pytest.raises(TableError, match=r"^mcs2026\.csv:2: the text is not Windows-1252"):
        load_mcs_2026(path)


def test_header_alone_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mcs2026.csv"
    path.write_bytes(f"{MCS_2026}\n".encode())
    with pytest.raises(TableError, match="no rows that can be used"):
        load_mcs_2026(path)


def test_workbook_for_a_csv_is_told_apart(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "mcs.csv", {"a": [["b"]]})
    with pytest.raises(TableError, match="a workbook, not a CSV"):
        load_mcs_2026(path)
