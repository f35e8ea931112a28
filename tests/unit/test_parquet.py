"""Columns written to Parquet come back as they were, and always as the same bytes."""

from pathlib import Path

import numpy as np
import pytest

from monazite import parquet
from monazite.errors import TableError

TEXT = np.array(["", "Türkiye", "it's"], dtype=object)
COLUMNS = {
    "name": TEXT,
    "year": np.array([2018, 2019, -1], dtype=np.int64),
    "value": np.array([0.1, np.nan, np.inf]),
}


def test_columns_come_back_in_order_with_kinds_and_missing_numbers(tmp_path: Path) -> None:
    parquet.write(tmp_path / "t.parquet", COLUMNS)
    found = parquet.read(tmp_path / "t.parquet")
    assert list(found) == list(COLUMNS)
    assert found["name"].tolist() == TEXT.tolist()
    assert found["year"].dtype == np.int64
    assert found["year"].tolist() == [2018, 2019, -1]
    np.testing.assert_array_equal(found["value"], COLUMNS["value"])
    assert not isinstance(found["value"], np.ma.MaskedArray)


def test_many_rows_keep_their_order_and_the_bytes_are_the_same(tmp_path: Path) -> None:
    rows = np.random.default_rng(7).permutation(300_000)
    for name in ("one", "two"):
        parquet.write(tmp_path / name, {"row": rows})
    assert np.array_equal(parquet.read(tmp_path / "one")["row"], rows)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "it's.parquet"
    for value in (1, 2):
        parquet.write(path, {"value": np.array([value])})
    assert parquet.read(path)["value"].tolist() == [2]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"a": np.array([])},
        {"a": np.array([1]), "b": np.array([1, 2])},
        {"a": np.array(["x", None], dtype=object)},
    ],
)
def test_columns_that_are_none_are_refused(columns: dict[str, np.ndarray], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="columns"):
        parquet.write(tmp_path / "t.parquet", columns)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"t\.parquet: the file is missing"):
        parquet.read(tmp_path / "t.parquet")
    (tmp_path / "t.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match=r"t\.parquet: the file is cut off or not of Parquet"):
        parquet.read(tmp_path / "t.parquet")
