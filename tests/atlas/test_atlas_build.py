"""From raw files to tables: what is taken, what is refused, and the same bytes every time."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from atlas.raw_folder import IEA, IEA_NAME, LINES, pack, write_lines, write_raw_folder
from monazite.errors import MonaziteError
from monazite.labels import WORLD
from monazite.reference.atlas.build import build_atlas
from monazite.reference.atlas.tables import Atlas, read_atlas, write_atlas
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.observations import COLUMNS

WMD = "wmd2026_production_2018_2024.csv.gz"
WGI = "wgi_political_stability_wide.csv.gz"
BACI = "baci_hs92_74codes_2018_2024.csv.gz"


@pytest.fixture
def atlas(tmp_path: Path) -> Atlas:
    return build_atlas(write_raw_folder(tmp_path / "raw"))


def test_each_source_keeps_its_own_rows(atlas: Atlas) -> None:
    assert list(atlas.production) == [
        "wmd-2026", "usgs-mcs-2026", "usgs-mcs-2025", "iea-cmd-2025", "eu-crm-2023",
    ]  # fmt: skip
    assert list(atlas.reliance) == ["usgs-mcs-2026"]
    assert list(atlas.governance) == ["worldbank-wgi-2025"]


def test_a_row_keeps_unit_basis_status_and_place(atlas: Atlas) -> None:
    row = atlas.production["wmd-2026"].select(commodity="tin", region="CHN")
    assert (row.value[0], row.unit[0], row.basis[0]) == (60.0, "t", "content")
    assert row.status[0] is Status.ESTIMATED
    assert row.where(0) == f"{WMD}:2"
    provisional = atlas.production["wmd-2026"].select(commodity="tin", region="BOL")
    assert provisional.status[0] is Status.PROVISIONAL
    total = atlas.production["wmd-2026"].select(commodity="gold", region=WORLD)
    assert (total.value[0], total.unit[0], total.status[0]) == (5.0, "kg", Status.REPORTED)


def test_what_is_withheld_stays_as_such(atlas: Atlas) -> None:
    row = atlas.production["usgs-mcs-2026"].select(region="BOL")
    assert row.status[0] is Status.WITHHELD
    assert np.isnan(row.value[0])


def test_projections_and_footnotes_are_left_out(atlas: Atlas) -> None:
    iea = atlas.production["iea-cmd-2025"]
    assert sorted(set(iea.year.tolist())) == [2024]
    cells = zip(iea.statistic.tolist(), iea.region.tolist(), iea.value.tolist(), strict=True)
    assert sorted(cells) == [
        ("mine production", "CHN", 3000.0), ("mine production", WORLD, 3000.0),
        ("refinery production", "CHN", 2000.0), ("refinery production", "ROW", 1000.0),
        ("refinery production", WORLD, 3000.0),
    ]  # fmt: skip
    assert set(iea.commodity.tolist()) == {"magnet-rare-earths"}


def test_a_figure_of_json_leads_back_to_its_line(atlas: Atlas) -> None:
    lines = json.dumps(IEA, indent=2).splitlines()
    row = atlas.production["iea-cmd-2025"].select(statistic="refinery production", region="ROW")
    assert lines[row.line[0] - 1].strip() == '"2024": 1.0'
    assert "Rest of world" in lines[row.line[0] - 2]


def test_only_recent_years_are_kept(atlas: Atlas) -> None:
    governance = atlas.governance["worldbank-wgi-2025"]
    assert sorted(set(governance.year.tolist())) == [2018, 2024]


def test_reliance_keeps_bounds_and_leaves_other_statistics_out(atlas: Atlas) -> None:
    reliance = atlas.reliance["usgs-mcs-2026"]
    assert len(reliance) == 1
    assert (reliance.low[0], reliance.status[0]) == (50.0, Status.ABOVE)


def test_flows_keep_value_and_mass_and_say_what_is_not_known(atlas: Atlas) -> None:
    trade = atlas.trade
    cells = zip(
        trade.hs6.tolist(),
        trade.commodity.tolist(),
        trade.region.tolist(),
        trade.line.tolist(),
        strict=True,
    )
    assert list(cells) == [
        ("260900", "tin", "BOL", 3), ("260900", "tin", "CHN", 2), ("280450", "", "CHN", 4),
    ]  # fmt: skip
    assert trade.value.tolist() == [2.5, 1.5, 7.0]
    assert np.isnan(trade.mass[0])
    assert trade.mass[1:].tolist() == [0.25, 1.0]
    assert trade.stages().tolist() == ["mine", "mine", "refinery"]


def test_recent_flows_are_those_of_codes_that_no_other_table_holds(atlas: Atlas) -> None:
    recent = atlas.recent_trade
    assert recent.source == "cepii-baci-hs17-2025"
    assert list(zip(recent.hs6.tolist(), recent.region.tolist(), strict=True)) == [
        ("740311", "CHL")
    ]
    assert (recent.value[0], recent.mass[0], recent.line[0]) == (930.0, 100.0, 2)


def test_building_twice_gives_equal_bytes_and_reading_gives_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        write_atlas(build_atlas(write_raw_folder(tmp_path / "raw")), folder)
    built = build_atlas(tmp_path / "raw")
    for file in folders[0].iterdir():
        assert file.read_bytes() == (folders[1] / file.name).read_bytes()
    read = read_atlas(folders[0])
    for name, table in built.tables().items():
        for source, data in table.items():
            again = read.tables()[name][source]
            for column in COLUMNS:
                one, two = getattr(data, column), getattr(again, column)
                assert np.array_equal(one, two, equal_nan=one.dtype == float), (name, column)
    for one, two in zip(read.flows(), built.flows(), strict=True):
        assert np.array_equal(one.value, two.value)
        assert np.array_equal(one.mass, two.mass, equal_nan=True)
        assert (one.source, one.place) == (two.source, two.place)


def _without(folder: Path) -> None:
    (folder / WMD).unlink()


def _cut(folder: Path) -> None:
    (folder / BACI).write_bytes((folder / BACI).read_bytes()[:-20])


def _replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        write_lines(folder, name, [line.replace(old, new) for line in LINES[name]])

    return change


def _json(text: str) -> Callable[[Path], None]:
    return lambda folder: pack(folder / IEA_NAME, text)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without, f"{WMD}: the file is missing"),
        (_cut, f"{BACI}: the file is cut off"),
        (_replace(WMD, ",2024,", ",2025,"), "edition 'wmd-2027', not 'wmd-2026'"),
        (_replace(WGI, "2024", "2023"), "edition 'worldbank-wgi-2024', not 'worldbank-wgi-2025'"),
        (_replace(WMD, "Tin,", "Tim,"), "unknown commodity 'Tim'"),
        (_replace(WMD, "metr. t", "long t"), "unknown unit 'long t'"),
        (_replace(WMD, ",r", ",x"), "unknown data source 'x'"),
        (_replace(WMD, "data_source", "source"), "the header of 'wmd-copy' has data_source"),
        (_replace(BACI, "exporter", "origin"), "the header of 'cepii-baci-copy' has exporter"),
        (_replace(BACI, "280450", "999999"), "'999999' is no customs code of ours"),
        (_replace(BACI, "BOL,JPN", "CHN,JPN"), "the same flow stands in line 2"),
        (_replace(BACI, "BOL,JPN", "World,JPN"), "the world is no partner"),
        (_replace(BACI, ",2.5,", ",,"), "a flow without a value"),
        (_replace(BACI, ",2.5,", ",many,"), "'many' is no figure"),
        (_json("{}"), "the file has no 'supply'"),
        (_json('{"supply": {"Copper": 1}}'), "the file is laid out otherwise"),
        (_json(json.dumps(IEA, indent=4)), "the file is laid out otherwise"),
        (_json('{"supply": '), "the file is cut off or not JSON"),
    ],
)  # fmt: skip
def test_bad_files_are_refused(spoil: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    folder = write_raw_folder(tmp_path / "raw")
    spoil(folder)
    with pytest.raises(MonaziteError) as caught:
        build_atlas(folder)
    assert message in caught.value.line()
    assert caught.value.way_out


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MonaziteError, match="there is no such folder"):
        build_atlas(tmp_path / "nowhere")


def test_the_line_of_nobody_is_left_out(tmp_path: Path) -> None:
    """One line of the copy is headed Guyana in the place of French Guiana."""
    rows = LINES[WGI]
    nobody = "Guyana,GUY,0.03840913623571396,0,-0.2,-0.3,-0.3,0.9,328"
    guyana = "Guyana,GUY,-0.266,0,-0.2,-0.3,-0.3,0.4,328"
    folder = write_raw_folder(tmp_path / "raw", wgi=[*rows, nobody, guyana])
    scores = build_atlas(folder).governance["worldbank-wgi-2025"].select(region="GUY", year=2024)
    assert scores.value.tolist() == [0.4]
    write_lines(folder, WGI, [*rows, guyana, guyana])
    with pytest.raises(MonaziteError, match="stands twice"):
        build_atlas(folder)
