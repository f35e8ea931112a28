"""BACI: the folder of official files, and faults on single lines of millions."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.official import BACI_NAME, write, write_baci
from monazite.errors import TableError, UnknownCodeError
from monazite.reference.loaders.baci import load_baci
from monazite.reference.loaders.figures import Status

ROWS = (
    "2023,156,392,284690,     12345.6,       789.1",
    "2023,156,392,010111,       100.0,         1.0",
    "2023,156,490,284690,        50.5,          NA",
    "2023,392,156,284690,         7.0,         0.2",
    "2023,156,697,284690,         3.0,         0.1",
)


def test_each_line_is_a_value_and_a_mass(tmp_path: Path) -> None:
    data = load_baci(write_baci(tmp_path, ROWS))
    assert data.source == "cepii-baci-hs92-v202501"
    assert data.statistic.tolist() == ["export value", "export mass"] * 4
    assert data.region.tolist() == ["CHN"] * 4 + ["JPN"] * 2 + ["CHN"] * 2
    assert data.partner.tolist() == ["JPN", "JPN", "TWN", "TWN", "CHN", "CHN", "ROW", "ROW"]
    assert set(data.commodity) == {"rare-earths"}
    assert set(data.detail) == {"284690"}
    assert data.value[:3].tolist() == [12345.6, 789.1, 50.5]
    assert np.isnan(data.value[3])
    assert data.status[3] is Status.MISSING
    assert data.unit[:2].tolist() == ["kUSD", "t"]
    assert data.basis[:2].tolist() == ["", "gross"]
    assert data.line.tolist() == [2, 2, 4, 4, 5, 5, 6, 6]
    assert data.where(2) == f"{BACI_NAME}:4"
    assert dict(data.left_out) == {"other products": 1}


def test_leading_zeros_that_a_program_dropped_come_back(tmp_path: Path) -> None:
    rows = ["2023,156,392,10111,5.0,1.0"]
    data = load_baci(write_baci(tmp_path, rows), products=["010111"])
    assert set(data.detail) == {"010111"}
    assert set(data.commodity) == {""}


def test_folder_of_years_is_read_in_their_order(tmp_path: Path) -> None:
    write_baci(tmp_path, [ROWS[0]])
    earlier = [ROWS[3].replace("2023", "2022")]
    write_baci(tmp_path, earlier, name="BACI_HS92_Y2022_V202501.csv")
    data = load_baci(tmp_path)
    assert data.year.tolist() == [2022, 2022, 2023, 2023]


def test_folder_whose_name_is_a_pattern_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "trade [1992] *"
    folder.mkdir()
    assert len(load_baci(write_baci(folder, ROWS))) == 8


def test_gzipped_year_is_the_same(tmp_path: Path) -> None:
    path = write_baci(tmp_path, ROWS)
    plain = load_baci(path)
    packed = tmp_path / f"{BACI_NAME}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    again = load_baci(packed)
    assert again.value.tolist()[:3] == plain.value.tolist()[:3]
    assert again.line.tolist() == plain.line.tolist()


@given(st.permutations(ROWS))
def test_order_of_the_lines_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("baci")
    data = load_baci(write_baci(folder, rows)).select(statistic="export value")
    found = dict(zip(zip(data.region, data.partner, strict=True), data.value, strict=True))
    assert found == {
        ("CHN", "JPN"): 12345.6, ("CHN", "TWN"): 50.5, ("JPN", "CHN"): 7.0, ("CHN", "ROW"): 3.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "fault", "told"),
    [
        ("2023,156,392,284690,-1.0,2.0", TableError, "-1.0 is below zero"),
        ("2023,156,392,284690,1.0,many", TableError, "'many' is no number"),
        ("2023,156,392,284690,,1.0", TableError, "'' is no number"),
        ("2023,156,392,284690,inf,1.0", TableError, "inf is below zero or without end"),
        ("2023,NA,392,284690,1.0,1.0", TableError, "a year or a country is NA"),
        ("2022,156,392,284690,1.0,2.0", TableError, "year 2022 in the file of 2023"),
        ("2023,392,156,284690,1.0,2.0", TableError, "stand twice .drop one"),
        ("2023,157,392,284690,1.0,2.0", UnknownCodeError, "unknown country '157'"),
        ("2023,999,392,284690,1.0,2.0", UnknownCodeError, "unknown region 'XQZ'"),
        ("2023,156,392,284690,1.0", TableError, "cut off or has cells too many"),
        ("2023,156,392,284690,1.0,2.0,3.0", TableError, "cut off or has cells too many"),
    ],
)
def test_line_that_cannot_be_understood_is_named(
    row: str, fault: type[Exception], told: str, tmp_path: Path
) -> None:
    path = write_baci(tmp_path, [ROWS[3], row])
    with pytest.raises(fault, match=rf"^BACI_HS92_Y2023_V202501\.csv:3: .*{told}") as caught:
        load_baci(path)
    assert "\n" not in str(caught.value)


def test_large_year_is_looked_at_to_its_end(tmp_path: Path) -> None:
    rows = [f"2023,156,392,{number:06d},1.0,2.0" for number in range(10_000, 15_000)]
    path = write_baci(tmp_path, [*rows, ROWS[0]])
    data = load_baci(path)
    assert data.line.tolist() == [5002, 5002]
    assert dict(data.left_out) == {"other products": 5000}
    path.write_bytes(path.read_bytes().rstrip())
    with pytest.raises(TableError, match=r"^BACI_HS92_Y2023_V202501\.csv: the file is cut off"):
        load_baci(path)


def test_year_that_broke_off_is_refused(tmp_path: Path) -> None:
    path = write_baci(tmp_path, ROWS)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(TableError, match="cut off"):
        load_baci(path)


def test_files_that_belong_together_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / BACI_NAME, ["t,i,j,k,v,q", ROWS[0]])
    with pytest.raises(TableError, match=r"^country_codes_V202501\.csv: the file is missing"):
        load_baci(path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(TableError, match=r"^empty: the folder has no file of BACI .unpack"):
        load_baci(empty)
    with pytest.raises(TableError, match="not called like one of BACI"):
        load_baci(write(tmp_path / "trade.csv", ["t,i,j,k,v,q", ROWS[0]]))


def test_columns_are_found_by_their_headings(tmp_path: Path) -> None:
    path = write_baci(tmp_path, [])
    write(path, ["t,k,i,j,v,q", "2023,284690,156,392,5.0,1.0"])
    data = load_baci(path)
    assert data.region.tolist() == ["CHN", "CHN"]
    assert data.value.tolist() == [5.0, 1.0]


def test_headings_that_nobody_expects_are_refused(tmp_path: Path) -> None:
    path = write_baci(tmp_path, [])
    write(path, ["t,i,j,k,v,q,'; DROP", "2023,156,392,284690,5.0,1.0,x"])
    with pytest.raises(TableError, match=r"^BACI_HS92_Y2023_V202501\.csv:1: .*more columns"):
        load_baci(path)


@pytest.mark.parametrize(
    ("name", "lines", "told"),
    [
        ("country_codes_V202501.csv", ["country_code,country_name", "1,a"], ":1: missing column"),
        (
            "country_codes_V202501.csv",
            ["country_code,country_name,country_iso3", "x,China,CHN"],
            ":2: 'x' is no number",
        ),
        ("product_codes_HS92_V202501.csv", ["k,description", "1,a"], ":1: missing column code"),
        ("product_codes_HS92_V202501.csv", ["code,description", "1"], ":2: .*cut off"),
    ],
)
def test_bad_code_file_is_refused(name: str, lines: list[str], told: str, tmp_path: Path) -> None:
    path = write_baci(tmp_path, ROWS)
    write(tmp_path / name, lines)
    with pytest.raises(TableError, match=rf"^{name}{told}"):
        load_baci(path)


def test_mixed_editions_are_refused(tmp_path: Path) -> None:
    write_baci(tmp_path, ROWS)
    write_baci(tmp_path, ROWS, name="BACI_HS17_Y2023_V202501.csv")
    with pytest.raises(TableError, match="mixes editions: HS17 V202501, HS92 V202501"):
        load_baci(tmp_path)


def test_products_that_the_nomenclature_lacks_are_refused(tmp_path: Path) -> None:
    path = write_baci(tmp_path, ROWS)
    with pytest.raises(UnknownCodeError, match="unknown product '850511'"):
        load_baci(path, products=["850511"])
    with pytest.raises(TableError, match="no rows that can be used"):
        load_baci(write_baci(tmp_path, [ROWS[1]]))
