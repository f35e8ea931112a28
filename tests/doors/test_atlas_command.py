"""monazite atlas, and monazite data build: the same answers on the screen, as data, in Python."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from atlas.raw_folder import write_raw_folder
from doors.shared_runs import Terminal, as_json
from monazite import cli
from monazite.errors import TableError, UnknownCodeError
from monazite.reference.atlas.supply import SupplyStage, suppliers
from monazite.reference.atlas.tables import shipped_atlas
from monazite.study import atlas as door
from monazite.study import tables

ROOT = Path(__file__).parents[2]


def test_all_minerals_have_a_row_for_each_stage(terminal: Terminal) -> None:
    rows = terminal.json("atlas")
    assert rows == as_json(door.atlas_minerals())
    assert len({row["commodity"] for row in rows}) >= 60
    assert len({(row["commodity"], row["stage"]) for row in rows}) == len(rows)
    for row in rows:
        assert row["source"] in shipped_atlas().production
        assert row["share"] is None or 0.0 < row["hhi"] <= row["share"] <= row["top3_share"] <= 1.01
    shown = terminal.run("atlas")
    assert all(row["commodity"] in shown for row in rows)


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/how-to/official-data.md"])
def test_pages_name_the_number_of_minerals(page: str) -> None:
    count = len({row["commodity"] for row in door.atlas_minerals()})
    assert f"{count} minerals" in (ROOT / page).read_text(encoding="utf-8")


def test_figures_stand_as_in_the_source(terminal: Terminal) -> None:
    """World Mining Data 2026: 974 of 987 t of gallium, 200,253 of 268,755 t of cobalt."""
    rows = {(row["commodity"], row["stage"]): row for row in terminal.json("atlas")}
    gallium, cobalt = rows["gallium", "refinery"], rows["cobalt", "mine"]
    assert (gallium["largest"], gallium["source"]) == ("CHN", "wmd-2026")
    assert gallium["share"] == pytest.approx(974 / 987)
    assert gallium["us_net_import_reliance"] == "100%"
    assert (cobalt["largest"], cobalt["world"]) == ("COD", 268_755.0)
    assert cobalt["share"] == pytest.approx(200_253 / 268_755)
    assert rows["magnet-rare-earths", "refinery"]["share"] == pytest.approx(0.913, abs=5e-4)


def test_where_other_countries_are_the_largest_nobody_is_named(terminal: Terminal) -> None:
    rows = {(row["commodity"], row["stage"]): row for row in terminal.json("atlas")}
    neon = rows["neon", "refinery"]
    assert neon["others_share"] == pytest.approx(0.86)
    assert [neon[name] for name in ("largest", "share", "top3_share", "hhi")] == [None] * 4
    assert door.atlas_mineral("neon")["trend"]
    assert "neon" in terminal.run("atlas", "neon").casefold()


def test_a_mineral_shows_all_sources_trend_reliance_and_flows(terminal: Terminal) -> None:
    content = terminal.json("atlas", "cobalt")
    assert content == as_json(door.atlas_lookup("cobalt"))
    sources = {(row["stage"], row["source"]) for row in content["supply"]}
    assert {
        ("mine", "wmd-2026"),
        ("mine", "usgs-mcs-2026"),
        ("refinery", "iea-cmd-2025"),
    } <= sources
    for row in content["supply"]:
        assert sum(share["share"] for share in row["shares"]) <= 1.01
        assert all(share["where"] for share in row["shares"])
    years = [row["years"] for row in content["trend"] if row["stage"] == "mine"]
    assert years == [str(year) for year in range(2018, 2025)]
    assert {row["partner"] for row in content["import_sources"]} >= {"NOR", "FIN"}
    values = [flow["value_kusd"] for flow in content["flows"]]
    assert values == sorted(values, reverse=True)
    shown = terminal.run("atlas", "cobalt")
    for words in ("wmd-2026", "Concentration by year", "Net import reliance", "Largest flows"):
        assert words in shown


def test_the_weighted_index_is_that_of_its_formula(terminal: Terminal) -> None:
    content = terminal.json("atlas", "gallium")
    found = suppliers(shipped_atlas(), "gallium", SupplyStage.REFINERY, 2024)[0]
    scores = {"CHN": None, "RUS": None, "JPN": None, "KOR": None}
    for region in scores:
        scores[region] = terminal.json("atlas", region)["political_stability"]
    expected = sum(
        float(found.share(region)) ** 2 * (2.5 - score) / 5.0 for region, score in scores.items()
    )
    assert content["supply"][0]["governance_weighted_hhi"] == pytest.approx(expected)
    assert content["supply"][0]["unscored_share"] == 0.0


def test_a_world_total_that_does_not_add_up_is_told(terminal: Terminal) -> None:
    content = terminal.json("atlas", "perlite")
    gap = next(row for row in content["gaps"] if row["year"] == 2020)
    assert (gap["stated"], gap["summed"]) == (3_156_181.0, 4_583_581.0)
    assert "leaves out" in gap["reason"]
    assert "the regions sum to 4,583,581" in " ".join(terminal.run("atlas", "perlite").split())


def test_a_country_shows_what_it_makes_and_imports(terminal: Terminal) -> None:
    content = terminal.json("atlas", "Japan")
    assert content == as_json(door.atlas_lookup("JPN"))
    iodine = next(row for row in content["makes"] if row["commodity"] == "iodine")
    assert (iodine["quantity"], iodine["rank"]) == (9_300.0, 2)
    imported = {(row["commodity"], row["stage"]): row for row in content["imports"]}
    assert imported["rare-earths", "refinery"]["supplier"] == "CHN"
    assert imported["rare-earths", "refinery"]["suppliers"] > 3
    shown = terminal.run("atlas", "Japan")
    assert "what it mines and refines" in shown
    assert "What it imports" in shown


def test_a_year_of_first_estimates_is_asked_for(terminal: Terminal) -> None:
    rows = {
        (row["commodity"], row["stage"]): row for row in terminal.json("atlas", "--year", "2025")
    }
    cobalt = rows["cobalt", "mine"]
    assert (cobalt["source"], cobalt["years"]) == ("usgs-mcs-2026", "2025")


def test_nothing_later_than_the_year_is_told(terminal: Terminal) -> None:
    content = terminal.json("atlas", "cobalt", "--year", "2022")
    assert {row["years"] for row in content["supply"] if row["source"] == "wmd-2026"} == {"2022"}
    assert max(row["year"] for row in content["reliance"]) == 2022
    assert {flow["year"] for flow in content["flows"]} == {2022}


@pytest.mark.parametrize("name", ["rare-earths", "Rare earths", " rare  EARTHS "])
def test_names_and_codes_are_understood(name: str) -> None:
    assert door.mineral_code(name) == "rare-earths"


def test_an_unknown_name_is_refused_with_near_ones(terminal: Terminal) -> None:
    status, line = terminal.fail("atlas", "galium")
    assert status == 2
    assert "unknown mineral or country 'galium' (did you mean gallium" in line
    with pytest.raises(UnknownCodeError, match="did you mean"):
        door.atlas_mineral("colbalt")


# -- building ------------------------------------------------------------------------------------


def test_build_writes_the_tables(terminal: Terminal, tmp_path: Path) -> None:
    raw, out = write_raw_folder(tmp_path / "raw"), tmp_path / "new" / "atlas"
    report = terminal.json("data", "build", str(raw), "--out", str(out))
    assert {file.name: file.stat().st_size for file in out.iterdir()} == report["files"]
    assert report["gaps"] == 1
    shown = terminal.run("data", "build", str(raw), "--out", str(out))
    assert "trade.parquet" in shown
    assert "are not the sum of their regions: 1." in " ".join(shown.split())


def test_build_refuses_a_folder_without_the_files(terminal: Terminal, tmp_path: Path) -> None:
    status, line = terminal.fail("data", "build", str(tmp_path), "--out", str(tmp_path / "out"))
    assert status == 2
    assert "the file is missing" in line
    assert not (tmp_path / "out").exists()


# -- checking ------------------------------------------------------------------------------------


def test_check_covers_the_atlas(
    monkeypatch: pytest.MonkeyPatch, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    report = terminal.json("data", "check")
    assert report["atlas"]["rows"] == len(shipped_atlas())
    assert any("kaolin" in gap for gap in report["atlas"]["gaps"])
    fault = TableError("the row stands twice", where="atlas/production", way_out="build it again")
    monkeypatch.setattr(tables, "check_atlas", lambda _: (fault,))
    assert cli.main(["data", "check"]) == 2
    assert "atlas/production: the row stands twice (build it again)" in capsys.readouterr().out


def test_a_copy_is_told_by_its_name_and_read_by_it(terminal: Terminal, tmp_path: Path) -> None:
    raw = write_raw_folder(tmp_path / "raw")
    copy = str(raw / "wmd2026_production_2018_2024.csv.gz")
    status, line = terminal.fail("data", "load", "wmd", copy)
    assert (status, "(read it as 'wmd-copy')" in line) == (2, True)
    assert terminal.json("data", "load", "wmd-copy", copy)["source"] == "wmd-2026"


def test_an_archive_of_one_file_is_read_as_that_file(terminal: Terminal, tmp_path: Path) -> None:
    raw = write_raw_folder(tmp_path / "raw")
    with ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.write(raw / "usgs_MCS2025_World_Data.csv.gz", "inside.csv.gz")
    packed = terminal.json("data", "load", "usgs-mcs-2025", str(tmp_path / "packed.zip"))
    plain = terminal.json(
        "data", "load", "usgs-mcs-2025", str(raw / "usgs_MCS2025_World_Data.csv.gz")
    )
    assert packed["statistics"] == plain["statistics"]


def test_fetch_lists_what_it_can_fetch(terminal: Terminal) -> None:
    rows = terminal.json("data", "fetch", "--list")
    assert {"id", "address", "edition", "licence", "sha256"} <= rows[0].keys()
    status, line = terminal.fail("data", "fetch", "cepii-geodist-pear")
    assert (status, "did you mean cepii-geodist-pairs?" in line) == (2, True)


# -- the map -------------------------------------------------------------------------------------


def test_the_map_of_a_mineral_names_suppliers_flows_and_sources(
    terminal: Terminal, tmp_path: Path
) -> None:
    out = tmp_path / "graphite.svg"
    terminal.run("atlas", "map", "--mineral", "graphite", "--stage", "mine", "--out", str(out))
    drawn = out.read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    for words in ("China", "over 50 %", "wmd-2026", "cepii-baci-hs92-2025", "largest flows"):
        assert words in drawn, words
    terminal.run("atlas", "map", "--mineral", "graphite", "--stage", "mine", "--out", str(out))
    assert out.read_text(encoding="utf-8") == drawn


def test_the_map_of_all_minerals_counts_who_leads(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "all.svg"
    terminal.run("atlas", "map", "--out", str(out))
    drawn = out.read_text(encoding="utf-8")
    assert "Who is the largest supplier of how many minerals" in drawn
    assert "over 20" in drawn


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("map", "--out", "map.png"), "the map is written as SVG"),
        (("map", "--stage", "smelter"), "'smelter' is no stage"),
        (("map", "--mineral", "krypton", "--stage", "mine"), "no source tells who supplies"),
        (("map", "--mineral", "unobtainium"), "unknown mineral 'unobtainium'"),
        (("gallium", "--stage", "mine"), "--mineral and --stage are of the map"),
    ],
    ids=["png", "stage", "nobody", "unknown", "no-map"],
)
def test_a_map_that_cannot_be_drawn_says_why(
    words: tuple[str, ...], message: str, terminal: Terminal,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    status, line = terminal.fail("atlas", *words)
    assert (status, message in line) == (2, True), line
    assert list(tmp_path.iterdir()) == []
