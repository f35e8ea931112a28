"""Months and paths."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from monazite.scenario.calendar import (
    Path,
    in_force,
    month_label,
    month_number,
    months_from,
    path_between,
)
from monazite.scenario.toml import dumps


@given(st.integers(min_value=0, max_value=12 * 9999 + 11))
def test_labels_and_numbers_are_each_others_inverse(number: int) -> None:
    assert month_number(month_label(number)) == number


@pytest.mark.parametrize("label", ["2025", "2025-4", "2025-13", "2025-00", "25-04", "2025-04-01"])
def test_what_is_no_month_raises(label: str) -> None:
    with pytest.raises(ValueError, match="is no month"):
        month_number(label)


def test_the_year_turns() -> None:
    assert months_from("2024-11", 3) == ("2024-11", "2024-12", "2025-01")


def test_the_end_is_the_first_month_without() -> None:
    months = months_from("2025-01", 4)
    assert in_force(months, "2025-02", "2025-04").tolist() == [False, True, True, False]
    assert in_force(months, "2025-02", None).tolist() == [False, True, True, True]


def test_each_point_holds_until_the_next() -> None:
    path = Path(None, (("2025-02", 5.0), ("2025-04", 7.0)))
    assert_allclose(path.values(months_from("2025-01", 5), before=1.0), [1, 5, 5, 7, 7])


def test_points_are_put_in_order() -> None:
    path = path_between(0, 10)({"2025-04": 7, "2025-02": 5})
    assert path.months() == ("2025-02", "2025-04")


@pytest.mark.parametrize("value", [True, "1", None, float("nan"), -1, 11, {}, {"2025-1": 3}])
def test_values_outside_their_range_raise(value: object) -> None:
    with pytest.raises(ValueError, match=r"no number|must be|no month"):
        path_between(0, 10)(value)


def test_strings_with_quotes_and_lines_survive_toml() -> None:
    document = {"a": 'say "no"\nand \\ go', "b": [1, 2.5, True], "c": {"2025-04": float("inf")}}
    assert tomllib.loads(dumps(document)) == document
