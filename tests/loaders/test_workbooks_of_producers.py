"""World Mining Data, the dataset of the IEA, GeoDist: workbooks with titles, blocks and notes."""

import copy
from pathlib import Path

import numpy as np
import pytest

from loaders.official import IEA_DEMAND, IEA_SUPPLY, write_iea, write_wmd
from monazite.errors import TableError, UnitError, UnknownCodeError
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.geodist import load_geodist
from monazite.reference.loaders.iea import load_iea
from monazite.reference.loaders.wmd import load_wmd
from workbooks import write_xlsx

CHINA = ["China", "metr. t", 60_000, 61_000.5, "e"]


def test_sheets_of_world_mining_data(tmp_path: Path) -> None:
    path = write_wmd(
        tmp_path / "wmd.xlsx",
        {
            "Tungsten (W)": [
                CHINA,
                ["Congo, D.R.", "metr. t", 100, None, "r"],
                ["Total", "metr. t", 60_100, 61_000.5],
            ],
            "Gold": [["Peru", "kg", 90_000, 91_000, "p"]],
            "Diamonds (Gem)": [["Angola", "ct", 7, 8, "r"]],
            "Natural Gas": [["Qatar", "Mio m3", 7, 8, "r"]],
            "Lithium (Li2O)": [["Chile", "metr. t", 5, 6, "r"]],
        },
    )  # fmt: skip
    data = load_wmd(path)
    assert data.source == "wmd-2026"
    assert data.select(commodity="tungsten", region="CHN").value.tolist() == [60_000, 61_000.5]
    assert data.select(region="CHN").status.tolist() == [Status.ESTIMATED] * 2
    assert data.select(region="COD").status.tolist() == [Status.REPORTED, Status.MISSING]
    assert data.select(commodity="gold").unit.tolist() == ["kg", "kg"]
    assert data.select(commodity="diamond-gem").unit.tolist() == ["carat", "carat"]
    assert data.select(commodity="natural-gas").value.tolist() == [7e6, 8e6]
    assert set(data.select(commodity="lithium").basis) == {"Li2O"}
    assert [total.gap for total in data.totals()] == [0.0, 0.0]
    assert data.where(0) == "wmd.xlsx[Tungsten (W)]:3"


@pytest.mark.parametrize(
    ("sheet", "row", "fault", "told"),
    [
        ("Tin", ["Perru", "metr. t", 1, 2, "r"], UnknownCodeError, r"\[Tin\]:3: unknown region"),
        ("Tin", ["Peru", None, 1, 2, "r"], UnitError, r"\[Tin\]:3: unknown unit ''"),
        ("Tin", [None, "metr. t", 1, 2, "r"], UnknownCodeError, r"\[Tin\]:3: unknown region ''"),
        ("Tin", ["Peru", "kt", 1, 2, "r"], UnitError, r"\[Tin\]:3: unknown unit 'kt'"),
        ("Tin", ["Peru", "ct", 1, 2, "r"], UnitError, r"\[Tin\]:3: 'carat' cannot be turned"),
        ("Tin", ["Peru", "metr. t", -1, 2, "r"], TableError, r"\[Tin\]:3: -1 is below zero"),
        ("Tin", ["Peru", "metr. t", 1, "two", "r"], TableError, r"\[Tin\]:3: 'two' is no figure"),
        ("Tin", ["Peru", "metr. t", 1, 2, "x"], UnknownCodeError, "unknown data source 'x'"),
        ("Tinn", ["Peru", "metr. t", 1, 2, "r"], UnknownCodeError, "unknown commodity 'Tinn'"),
    ],
)
def test_cell_that_cannot_be_understood_is_named(
    sheet: str, row: list[object], fault: type[Exception], told: str, tmp_path: Path
) -> None:
    path = write_wmd(tmp_path / "wmd.xlsx", {sheet: [row]})
    with pytest.raises(fault, match=rf"^wmd\.xlsx.*{told}"):
        load_wmd(path)


def test_country_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = write_wmd(tmp_path / "wmd.xlsx", {"Tungsten (W)": [CHINA, CHINA]})
    with pytest.raises(TableError, match=r"\[Tungsten \(W\)\]:4: .*stands twice, first in line 3"):
        load_wmd(path)


@pytest.mark.parametrize(
    "rows", [[["a", "b"]], [["Country", "unit", "data source"]], [["Country", "unit", 2024]]]
)
def test_other_tables_of_world_mining_data_are_refused(
    rows: list[list[object]], tmp_path: Path
) -> None:
    with pytest.raises(TableError, match=r"wmd\.xlsx\[Tin\]"):
        load_wmd(write_xlsx(tmp_path / "wmd.xlsx", {"Tin": rows}))


def test_demand_and_supply_of_the_iea(tmp_path: Path) -> None:
    data = load_iea(write_iea(tmp_path / "iea.xlsx"))
    assert data.source == "iea-cmd-2025"
    wind = data.select(
        statistic="demand", detail="Magnet rare earth elements: Wind; Stated Policies"
    )
    assert wind.value.tolist() == [8000, 9500]
    assert wind.year.tolist() == [2030, 2040]
    assert set(wind.status) == {Status.PROJECTED}
    base = data.select(statistic="demand", year=2024)
    assert base.value.tolist() == [5000, 90_000]
    assert set(base.status) == {Status.ESTIMATED}
    mined = data.select(statistic="mine production", year=2024)
    assert dict(zip(mined.region, mined.value, strict=True)) == {
        "COD": 2000, "ROW": 8000, "WORLD": 10_000,
    }  # fmt: skip
    refined = data.select(statistic="refinery production", region="CHN")
    assert refined.value.tolist() == [7000, 8000]
    assert [total.gap for total in data.totals()] == [0.0] * 4
    assert dict(data.left_out) == {
        "sheets that are parts of the first two": 1,
        "shares of what stands beside them": 3,
    }


def test_workbook_of_the_iea_that_was_changed_is_refused(tmp_path: Path) -> None:
    demand, supply = copy.deepcopy(list(IEA_DEMAND)), copy.deepcopy(list(IEA_SUPPLY))
    demand[5] = ["Unobtainium"]
    with pytest.raises(
        UnknownCodeError, match=r"key minerals\]:7: unknown commodity 'Unobtainium'"
    ):
        load_iea(write_iea(tmp_path / "a.xlsx", demand=demand))
    supply[3] = [None, 2024, 2030, None, None, None]
    with pytest.raises(TableError, match="1 blocks of years where mining and refining"):
        load_iea(write_iea(tmp_path / "b.xlsx", supply=supply))
    with pytest.raises(TableError, match="no row of years is found"):
        load_iea(write_iea(tmp_path / "c.xlsx", demand=[["Copper", 1]]))
    with pytest.raises(TableError, match="no sheet is called '1 Total demand"):
        load_iea(write_xlsx(tmp_path / "d.xlsx", {"Copper": [[1]]}))


def test_distances_keep_former_states_apart(tmp_path: Path) -> None:
    heads = ["iso_o", "iso_d", "dist", "distcap", "distw", "distwces"]
    rows = [
        heads,
        ["ROM", "ZAR", 10.5, 11, ".", "."],
        ["YUG", "REU", 1, 1, 1, 1],
        ["YUG", "FRA", 1, 2, 3, 4],
    ]
    data = load_geodist(write_xlsx(tmp_path / "dist_cepii.xlsx", {"dist_cepii": rows}))
    assert data.source == "cepii-geodist-2011"
    assert data.region.tolist() == ["ROU"] * 4 + ["YUG"] * 4
    assert data.partner.tolist() == ["COD"] * 4 + ["FRA"] * 4
    assert data.detail.tolist() == ["dist", "distcap", "distw", "distwces"] * 2
    assert data.value[:2].tolist() == [10.5, 11]
    assert np.isnan(data.value[2:4]).all()
    assert dict(data.left_out) == {"Réunion, which counts with France": 1}


def test_countries_of_geodist_come_by_their_main_city(tmp_path: Path) -> None:
    heads = ["iso2", "iso3", "area", "dis_int", "maincity", "lat", "lon"]
    rows = [heads, ["AU", "AUS", 7e6, 1000, 0, -35, 149], ["AU", "AUS", 7e6, ".", 1, -33.9, 151.2]]
    data = load_geodist(write_xlsx(tmp_path / "geo_cepii.xlsx", {"geo": rows}))
    assert data.detail.tolist() == ["area", "dis_int", "lat", "lon"]
    assert data.value[[0, 2, 3]].tolist() == [7e6, -33.9, 151.2]
    assert data.status[1] is Status.MISSING
    assert data.unit.tolist() == ["km**2", "km", "deg", "deg"]
    assert dict(data.left_out) == {"other cities of a country": 1}
    rows[1][2], rows[1][4] = "far", 1
    bad = write_xlsx(tmp_path / "bad.xlsx", {"geo": rows})
    with pytest.raises(TableError, match=r"\[geo\]:2: 'far' is no number"):
        load_geodist(bad)
    with pytest.raises(TableError, match=r"empty\.xlsx\[geo\]:1: the header of 'cepii-geodist'"):
        load_geodist(write_xlsx(tmp_path / "empty.xlsx", {"geo": []}))
