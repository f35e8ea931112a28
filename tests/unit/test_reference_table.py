"""Tables: each kind of fault raises with file and row, and nothing is guessed."""

from pathlib import Path
from types import MappingProxyType

import pytest

from monazite.errors import MonaziteError, TableError, UnitError, UnknownCodeError
from monazite.reference.declaration import CellKind, Declaration, read_declaration
from monazite.reference.source import Grade, Register, Source
from monazite.reference.table import RowRef, Table, iterate_rows, read_records, read_table

DECLARATION = """
title = "Mine production"
description = "For tests."
key = ["region", "year"]
units = ["t/yr", "t REO/yr"]
any_of = ["value", "high"]

[field.region]
meaning = "Country"
kind = "code"
codes = "region"
also = ["WORLD"]

[field.year]
meaning = "Year"
kind = "period"

[field.plants]
meaning = "Number of plants"
kind = "integer"
unit = "1"
required = false
maximum = 100
minimum = 0

[field.value]
meaning = "Production"
kind = "number"
unit = "row"
minimum = 0
required = false

[field.high]
meaning = "Upper end"
kind = "number"
unit = "row"
required = false
"""
HEADER = "region,year,plants,value,high,unit,source,grade,note"
GOOD = "CHN,2024,3,270000,,t REO/yr,usgs,A,"
CODES = {"region": frozenset({"CHN", "USA"})}
REGISTER = Register(
    MappingProxyType({"usgs": Source("usgs", "USGS", "MCS", "public domain", "Apache-2.0")})
)


def declaration(folder: Path, text: str = DECLARATION) -> Declaration:
    file = folder / "mines.toml"
    file.write_text(text, encoding="utf-8")
    return read_declaration(file, "facts/mines", CODES)


def table(folder: Path, *rows: str, header: str = HEADER) -> Table:
    file = folder / "mines.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_table(file, declaration(folder), REGISTER)


def test_a_row_keeps_value_unit_source_grade_and_place(tmp_path: Path) -> None:
    row = table(tmp_path, GOOD).rows[0]
    assert (row.value, row.unit, row.source, row.grade) == (270000, "t REO/yr", "usgs", Grade.A)
    assert str(row.ref) == "facts/mines.csv:2"
    assert (row["plants"], row["high"], row.note) == (3, None, "")


def test_a_row_reference_is_read_back_from_its_text() -> None:
    ref = RowRef("chains/ree/uses", 12)
    assert RowRef.parse(str(ref)) == ref


@pytest.mark.parametrize("text", ["uses.csv", "uses.csv:x", "uses:3"])
def test_a_text_that_names_no_row_raises(text: str) -> None:
    with pytest.raises(TableError, match="names no row"):
        RowRef.parse(text)


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ("CHX,2024,,1,,t/yr,usgs,A,", UnknownCodeError, "unknown region 'CHX'"),
        (",2024,,1,,t/yr,usgs,A,", TableError, "region: is blank"),
        ("CHN,24,,1,,t/yr,usgs,A,", TableError, "year: '24' is no period"),
        ("CHN,2024,2.5,1,,t/yr,usgs,A,", TableError, "plants: '2.5' is no integer"),
        ("CHN,2024,101,1,,t/yr,usgs,A,", TableError, "plants: 101 is outside 0 to 100"),
        ("CHN,2024,,nan,,t/yr,usgs,A,", TableError, "value: 'nan' is not finite"),
        ("CHN,2024,,inf,,t/yr,usgs,A,", TableError, "value: 'inf' is not finite"),
        ('CHN,2024,,"1,000",,t/yr,usgs,A,', TableError, "value: '1,000' is no number"),
        ("CHN,2024,,-1,,t/yr,usgs,A,", TableError, "value: -1 is outside at least 0"),
        ("CHN,2024,,,,t/yr,usgs,A,", TableError, "none of value, high is given"),
        ("CHN,2024,,1,,,usgs,A,", TableError, "unit: is blank"),
        ("CHN,2024,,1,,kg,usgs,A,", UnitError, "unit 'kg' is none of this table's"),
        ("CHN,2024,,1,,t/yr,,A,", TableError, "source: is blank"),
        ("CHN,2024,,1,,t/yr,ugsg,A,", UnknownCodeError, "unknown source 'ugsg'"),
        ("CHN,2024,,1,,t/yr,usgs,,", TableError, "grade: is blank"),
        ("CHN,2024,,1,,t/yr,usgs,F,", UnknownCodeError, "unknown grade 'F'"),
        ("CHN,2024,,1,,t/yr,usgs,E,", TableError, "does not say why"),
        ("CHN,2024,3,1,,t REO/yr,usgs,A,", TableError, "the same region, year as line 2"),
        ("CHN,2024,,1", TableError, "4 cells under 9 headings"),
    ],
)
def test_a_faulty_row_raises_one_line_with_file_row_and_way_out(
    tmp_path: Path, row: str, error: type[MonaziteError], message: str
) -> None:
    with pytest.raises(error) as caught:
        table(tmp_path, GOOD, row)
    assert str(caught.value).startswith("facts/mines.csv:3: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.way_out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (HEADER.encode(), "the file has no rows"),
        (b"\x89PNG\r\n\x1a\n\xff", "the file is not text"),
        (b"a\0b", "the file is not text"),
        (HEADER.replace("unit,", "").encode(), "missing column unit"),
        ((HEADER + ",yeer\n").encode(), "unknown column 'yeer'"),
        (HEADER.replace("plants", "year").encode(), "a heading is blank or stands twice"),
    ],
)
def test_a_faulty_file_raises_with_its_name(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "mines.csv"
    file.write_bytes(content)
    with pytest.raises(MonaziteError, match=message) as caught:
        read_table(file, declaration(tmp_path), REGISTER)
    assert caught.value.where.startswith("facts/mines.csv")
    assert caught.value.way_out


def test_a_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"facts/mines\.csv: the file is missing"):
        read_table(tmp_path / "mines.csv", declaration(tmp_path), REGISTER)


@pytest.mark.parametrize(
    "period",
    ["2024", "2024-06", "2024-06-30", "2024-Q1", "2024-H2", "2024-01..05", "2018..2022", "FY2026"],
)
def test_known_forms_of_period_are_read(tmp_path: Path, period: str) -> None:
    assert table(tmp_path, GOOD.replace("2024", period)).rows[0]["year"] == period


def test_all_faults_are_found_and_good_rows_kept(tmp_path: Path) -> None:
    file = tmp_path / "mines.csv"
    bad = "CHN,2023,,nan,,t/yr,usgs,A,"
    file.write_text("\n".join([HEADER, bad, GOOD, bad]), encoding="utf-8")
    items = list(iterate_rows(file, declaration(tmp_path), REGISTER))
    assert [isinstance(item, MonaziteError) for item in items] == [True, False, True]


def test_lines_are_counted_over_blank_lines_and_text_with_breaks(tmp_path: Path) -> None:
    file = tmp_path / "mines.csv"
    file.write_text(f'{HEADER}\n\n{GOOD}"two\nlines"\n{GOOD}\n', encoding="utf-8-sig")
    lines = [record.ref.line for record in read_records(file, "facts/mines")]
    assert lines == [4, 5]


def test_rows_are_selected_by_their_cells(tmp_path: Path) -> None:
    mines = table(tmp_path, GOOD, "USA,2024,,45500,,t REO/yr,usgs,A,", "USA,2025,,1,,t/yr,usgs,A,")
    assert [row.value for row in mines.select(region="USA", year="2024")] == [45500]
    assert mines.column("region") == ("CHN", "USA", "USA")
    assert mines.source_ids() == ("usgs",)
    with pytest.raises(UnknownCodeError, match="unknown column 'regoin'"):
        mines.select(regoin="USA")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Mine production"\n', "", "'title' is missing"),
        ('units = ["t/yr", "t REO/yr"]\n', "", "'units' is missing"),
        ("title", "titel", "unknown key 'titel'"),
        ('key = ["region", "year"]', 'key = ["region", "yaer"]', "unknown column 'yaer'"),
        ('kind = "period"', 'kind = "date"', "unknown kind of field 'date'"),
        ('codes = "region"', 'codes = "regoin"', "unknown code list 'regoin'"),
        ('kind = "code"', 'kind = "text"', "a field of kind 'code' has 'codes'"),
        ('unit = "row"\nminimum', "minimum", "a number without unit"),
        ('meaning = "Year"\n', "", "'meaning' is missing"),
    ],
)
def test_a_faulty_declaration_raises_with_the_file(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(MonaziteError, match=message) as caught:
        declaration(tmp_path, DECLARATION.replace(old, new))
    assert caught.value.where.startswith("facts/mines.toml")


def test_a_declaration_gives_kinds_ranges_and_the_standard_columns(tmp_path: Path) -> None:
    fields = {field.name: field for field in declaration(tmp_path).fields}
    assert fields["plants"].kind is CellKind.INTEGER
    assert fields["plants"].range_text() == "0 to 100"
    assert fields["value"].range_text() == "at least 0"
    assert fields["region"].codes == {"CHN", "USA", "WORLD"}
    assert list(fields)[-4:] == ["unit", "source", "grade", "note"]
