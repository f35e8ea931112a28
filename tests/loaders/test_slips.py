"""Units that slipped between two editions."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.official import tin, write_mcs_2026, write_wmd
from monazite.errors import TableError
from monazite.reference.loaders.observations import Observations
from monazite.reference.loaders.slips import (
    find_slips,
    require_same_units,
    short_reserves,
)
from monazite.reference.loaders.usgs import load_mcs_2026
from monazite.reference.loaders.wmd import load_wmd

COUNTRIES = ("Peru", "China", "Brazil", "Bolivia")


def edition(folder: Path, *amounts: float) -> Observations:
    rows = [
        tin(country, f"{amount:.10f}") for country, amount in zip(COUNTRIES, amounts, strict=False)
    ]
    return load_mcs_2026(write_mcs_2026(folder, rows))


def test_a_column_a_thousand_times_too_large_is_refused(tmp_path: Path) -> None:
    first = edition(tmp_path, 26, 71, 29, 20)
    second = edition(tmp_path, 26_500, 70_000, 29_000, 9_000)
    slips = find_slips(first, second)
    assert [(slip.region, slip.power, slip.is_column) for slip in slips] == [
        ("PER", 3, True), ("CHN", 3, True), ("BRA", 3, True),
    ]  # fmt: skip
    assert slips[0].line() == (
        "mcs2026.csv:2: tin mine production of the whole column in 2024 is 10^3 times "
        "mcs2026.csv:2 (26500 and 26 t)"
    )
    with pytest.raises(
        TableError, match=r"mcs2026\.csv:2: tin mine production of 2024 is 10\^3 times"
    ):
        require_same_units(first, second)


def test_one_region_a_power_apart_is_told_and_not_refused(tmp_path: Path) -> None:
    first = edition(tmp_path, 26, 71, 29, 20)
    second = edition(tmp_path, 27, 70, 2.9, 20)
    (slip,) = find_slips(first, second)
    assert (slip.region, slip.power, slip.is_column) == ("BRA", -1, False)
    require_same_units(first, second)


@given(
    st.floats(min_value=1e-3, max_value=1e6),
    st.integers(min_value=-6, max_value=6),
    st.floats(min_value=0.86, max_value=1.14),
)
def test_powers_of_ten_are_found_within_fifteen_per_cent(
    tmp_path_factory: pytest.TempPathFactory, amount: float, power: int, wobble: float
) -> None:
    folder = tmp_path_factory.mktemp("slip")
    second = edition(folder, amount * 10.0**power * wobble)
    first = edition(folder, amount)
    if first.value[0] > 1e-6 and second.value[0] > 1e-6:
        assert [slip.power for slip in find_slips(first, second)] == ([power] if power else [])


@given(st.floats(min_value=1.2, max_value=8.4), st.integers(min_value=-2, max_value=4))
def test_what_is_near_no_power_is_no_slip(
    tmp_path_factory: pytest.TempPathFactory, ratio: float, power: int
) -> None:
    folder = tmp_path_factory.mktemp("slip")
    first = edition(folder, 1000)
    assert find_slips(first, edition(folder, 1000 * ratio * 10.0**power)) == ()


def test_other_basis_and_zero_are_not_compared(tmp_path: Path) -> None:
    rows = [tin("China", "61", commodity="Tungsten"), tin("Peru", "0", commodity="Tungsten")]
    first = load_mcs_2026(write_mcs_2026(tmp_path, rows))
    cells = [["China", "metr. t", 61_000, 61_000, "r"], ["Peru", "metr. t", 5, 5, "r"]]
    second = load_wmd(write_wmd(tmp_path / "wmd.xlsx", {"Tungsten (W)": cells}))
    assert [slip.region for slip in find_slips(first, second)] == ["CHN"]
    oxide = load_wmd(write_wmd(tmp_path / "wmd.xlsx", {"Lithium (Li2O)": [cells[0]]}))
    metal = load_mcs_2026(write_mcs_2026(tmp_path, [tin("China", "61", commodity="Lithium")]))
    assert find_slips(metal, oxide) == ()


def reserves(country: str, value: str) -> str:
    return tin(country, value, year="2025", detail="Reserves").replace(",Production,", ",Reserves,")


def test_reserves_are_compared_across_years(tmp_path: Path) -> None:
    now = load_mcs_2026(write_mcs_2026(tmp_path, [reserves("Peru", "500"), reserves("China", "9")]))
    later = [reserves("Peru", "510,000"), reserves("China", "9,000")]
    after = [row.replace(",2025,", ",2026,") for row in later]
    slips = find_slips(now, load_mcs_2026(write_mcs_2026(tmp_path, after)))
    assert [(slip.power, slip.is_column) for slip in slips] == [(3, True)] * 2


def test_reserves_that_last_no_time_are_told(tmp_path: Path) -> None:
    mined = [tin("World total", "100", year="2024"), tin("World total", "300", year="2025")]
    short = load_mcs_2026(write_mcs_2026(tmp_path, [*mined, reserves("World total", "890")]))
    (found,) = short_reserves(short)
    assert (found.commodity, found.reserves, found.mined) == ("tin", 890, 300)
    assert found.line() == (
        "mcs2026.csv:4: tin reserves of the world are 890 t, 3 years of mining: check the unit"
    )
    long = load_mcs_2026(write_mcs_2026(tmp_path, [*mined, reserves("World total", "900")]))
    assert short_reserves(long) == ()


def test_reserves_of_vanadium_are_mended_in_both_editions(tmp_path: Path) -> None:
    row = reserves("Brazil", "94").replace(",Tin,", ",Vanadium,")
    data = load_mcs_2026(write_mcs_2026(tmp_path, [row]))
    assert data.value.tolist() == [94_000]
    assert dict(data.corrected) == {"vanadium reserves: the unit is thousand metric tons": 1}
