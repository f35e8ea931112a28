"""The command that takes suppliers away in turn."""

import csv
import io
from pathlib import Path

import pytest

from doors.shared_runs import Terminal
from monazite.study import screening

QUICK = ("screen", "--chain", "gallium-germanium-2023", "--months", "2")


class TestAnswers:
    def test_json_holds_every_supplier_with_its_odds_and_manifest(self, terminal: Terminal) -> None:
        found = terminal.json(*QUICK, "--pairs", "2", "--draws", "2")
        cases = found["cases"]
        assert len(cases) == 16
        weighed = [case["expected_musd"]["median"] for case in cases]
        assert weighed == sorted(weighed, reverse=True)
        worst = cases[0]
        assert worst["removed"][0]["region"] == "CHN"
        assert worst["probability_rows"] == ["screening/supplier_cut_odds.csv:2"]
        assert worst["loss_musd"]["low"] <= worst["loss_musd"]["high"]
        assert set(worst["partners"]) == {"USA", "JPN"}
        assert len(found["pairs"]) == 1
        assert len(found["pairs"][0]["removed"]) == 2
        assert found["certificate"]["worst_residual"] < 1e-9
        assert found["manifest"]["settings"]["draws"] == 2

    def test_the_table_and_the_map_are_written(self, terminal: Terminal, tmp_path: Path) -> None:
        table, drawing = tmp_path / "cases.csv", tmp_path / "map.svg"
        assert "What hurts most" in terminal.run(*QUICK, "--out", str(table))
        terminal.run(*QUICK, "--partners", "JPN", "--out", str(drawing))
        rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
        assert len(rows) == 16
        parts = [float(rows[0][f"{region}_users_musd"]) for region in ("USA", "JPN")]
        assert sum(parts) == pytest.approx(float(rows[0]["loss_musd"]))
        text = drawing.read_text(encoding="utf-8")
        assert text.startswith("<svg")
        assert "Ga-refined" in text

    def test_own_odds_reorder_the_ranking(self, terminal: Terminal, tmp_path: Path) -> None:
        odds = tmp_path / "odds.csv"
        odds.write_text(
            "region,commodity,years,value,unit,source,grade,note\n"
            "CAN,Ge,,1,share,user,D,\n*,*,,0,share,user,D,\n",
            encoding="utf-8",
        )
        found = terminal.json(*QUICK, "--odds", str(odds))
        assert found["cases"][0]["removed"][0]["region"] == "CAN"
        assert found["cases"][1]["expected_musd"]["median"] == 0

    def test_the_same_in_python(self, terminal: Terminal) -> None:
        order = screening.ScreenOrder(networks=("gallium-germanium-2023",), months=2)
        assert screening.screen(order).as_dict()["cases"] == terminal.json(*QUICK)["cases"]


class TestFaults:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--cut", "hope"), "unknown cut 'hope'"),
            (("--partners", "ATL"), "unknown partner 'ATL'"),
            (("--partners", ","), "name at least one chain and one partner"),
            (("--months", "61"), "ask for 1 to 60"),
            (("--least-share", "2"), "least share 2"),
            (("--pairs", "1"), "pairs of 1"),
            (("--out", "map.png"), "'.png' is no format"),
            (("--odds", "nowhere.csv"), "the file is missing"),
            (("--set", "hope=1"), "unknown parameter 'hope'"),
        ],
    )
    def test_one_line_with_the_way_out(
        self, terminal: Terminal, words: tuple[str, ...], told: str
    ) -> None:
        status, line = terminal.fail(*QUICK, *words)
        assert status == 2
        assert told in line

    def test_an_unknown_chain(self, terminal: Terminal) -> None:
        status, line = terminal.fail("screen", "--chain", "unobtainium")
        assert status == 2
        assert "unknown chain" in line


class TestMineralsOfTheAtlas:
    ONE = ("screen", "--chain", "atlas/graphite", "--partners", "USA", "--months", "2")

    def test_a_mineral_of_the_atlas_is_screened_like_a_chain(self, terminal: Terminal) -> None:
        cases = terminal.json(*self.ONE)["cases"]
        suppliers = {case["removed"][0]["region"] for case in cases}
        assert {"CHN", "MOZ", "BRA"} <= suppliers
        assert "ROW" not in suppliers
        assert cases[0]["removed"][0]["chain"] == "atlas/graphite"
        assert cases[0]["removed"][0]["region"] == "CHN"

    def test_what_a_by_product_is_won_from_is_no_good_of_anybody(self, terminal: Terminal) -> None:
        found = terminal.json(
            "screen", "--chain", "atlas/rhenium", "--cut", "output", "--partners", "USA",
            "--months", "1",
        )  # fmt: skip
        goods = {case["removed"][0]["commodity"] for case in found["cases"]}
        assert goods == {"molybdenum", "rhenium"}

    def test_processes_give_the_same_numbers(self, terminal: Terminal) -> None:
        alone = terminal.json(*self.ONE)
        together = terminal.json(*self.ONE, "--workers", "2")
        assert together["cases"] == alone["cases"]

    def test_a_partner_that_only_some_markets_have_loses_nothing_in_the_others(
        self, terminal: Terminal
    ) -> None:
        found = terminal.json(
            "screen", "--chain", "atlas/perlite", "--chain", "atlas/graphite",
            "--partners", "JPN", "--months", "1",
        )  # fmt: skip
        lost = {
            (case["removed"][0]["chain"], case["removed"][0]["region"]): case["loss_musd"]["median"]
            for case in found["cases"]
        }
        assert lost["atlas/perlite", "GRC"] == 0
        assert lost["atlas/graphite", "CHN"] > 0

    def test_nobody_has_such_a_partner(self, terminal: Terminal) -> None:
        status, line = terminal.fail(*self.ONE[:3], "--partners", "ATA")
        assert status == 2
        assert "unknown partner 'ATA'" in line

    def test_the_order_needs_three_minerals(self, terminal: Terminal) -> None:
        status, line = terminal.fail(*self.ONE, "--usgs-order")
        assert status == 2
        assert "too few minerals" in line
