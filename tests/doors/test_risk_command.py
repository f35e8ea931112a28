"""Supply risk through study and the command line: every method, bad tables, bad words."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from doors.shared_runs import Terminal, as_json
from monazite import study
from monazite.cli import main
from monazite.errors import InputError
from monazite.study import supply

EXAMPLE = "examples/supply-risk"
Tables = dict[str, list[str]]
ENDING = "unit,source,grade"
HEADINGS: Mapping[str, str] = {
    "production": f"commodity,country,year,quantity,{ENDING}",
    "trade": f"commodity,country,partner,year,quantity,value,value_unit,{ENDING}",
    "governance": f"country,year,score,scale,{ENDING}",
    "prices": f"commodity,year,price,{ENDING}",
    "demand": f"commodity,year,quantity,{ENDING}",
    "materials": f"commodity,year,recycling_input_rate,substitution_index,{ENDING}",
    "trade_factors": f"commodity,country,year,trade_factor,{ENDING}",
    "disruptions": f"commodity,country,partner,year,probability,loss,{ENDING}",
}
ROWS: Mapping[str, list[str]] = {
    "production": ["ore,CHN,2022,8,t,user,C", "ore,DEU,2022,2000,kg,user,C"],
    "trade": ["ore,DEU,CHN,2022,6,12,kUSD2022,t,user,C", "ore,DEU,XKX,2022,2,4,kUSD2022,t,user,C"],
    "governance": ["CHN,2022,0.6,risk,1,user,C", "DEU,2022,1.5,wgi,1,user,C",
                   "XKX,2022,0.4,risk,1,user,C"],
    "demand": ["ore,2022,8,t,user,C"],
    "materials": ["ore,2022,0.1,0.9,1,user,C"],
    "trade_factors": ["ore,*,2022,1,1,user,C", "ore,CHN,2022,1.1,1,user,C"],
    "disruptions": ["ore,DEU,CHN,2022,0.5,10,MUSD,user,C", "ore,DEU,XKX,2022,0.1,-20,MUSD,user,C",
                    "ore,DEU,CHN,2023,0.1,7,MUSD,user,C"],
}  # fmt: skip


@pytest.fixture
def tables() -> Tables:
    return {name: list(rows) for name, rows in ROWS.items()}


def write(folder: Path, tables: Mapping[str, list[str]]) -> Path:
    for name, rows in tables.items():
        text = "\n".join([HEADINGS[name], *rows]) + "\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def row_of(folder: Path, method: str, *countries: str) -> dict[str, object]:
    (row,) = study.risk(folder, method=method, countries=countries)["rows"]
    return row


class TestMethods:
    def test_geopolrisk(self, tmp_path: Path, tables: Tables) -> None:
        row = row_of(write(tmp_path, tables), "geopolrisk", "Germany")
        assert row["country"] == "DEU"
        assert row["hhi"] == pytest.approx(0.8**2 + 0.2**2)
        assert row["import_risk"] == pytest.approx((6 * 0.6 + 2 * 0.4) / 10)
        assert row["price_usd_per_kg"] == pytest.approx(2)

    def test_a_file_of_prices_goes_before_the_values_of_trade(
        self, tmp_path: Path, tables: Tables
    ) -> None:
        tables["prices"] = ["ore,2022,5000,USD2022/t,user,C"]
        row = row_of(write(tmp_path, tables), "geopolrisk", "DEU")
        assert row["price_usd_per_kg"] == pytest.approx(5)

    def test_hhi_is_of_the_world(self, tmp_path: Path, tables: Tables) -> None:
        row = row_of(write(tmp_path, tables), "hhi")
        assert "country" not in row
        assert row["hhi"] == pytest.approx(0.68)

    def test_n1(self, tmp_path: Path, tables: Tables) -> None:
        assert row_of(write(tmp_path, tables), "iea-n1")["n1_coverage"] == pytest.approx(0.25)

    def test_eu(self, tmp_path: Path, tables: Tables) -> None:
        row = row_of(write(tmp_path, tables), "eu", "DEU")
        china, germany = 10 * 0.6 * 1.1, 10 * 0.2
        world = 0.64 * china + 0.04 * germany
        sourcing = 0.36 * china + 0.04 * 10 * 0.4 + 0.04 * germany
        by_hand = (world * 0.4 + sourcing * 0.6) * 0.9 * 0.9
        assert row["import_reliance"] == pytest.approx(0.8)
        assert row["score"] == pytest.approx(by_hand)

    def test_usgs(self, tmp_path: Path, tables: Tables) -> None:
        row = row_of(write(tmp_path, tables), "usgs", "DEU")
        assert row["expected_loss_musd"] == pytest.approx(0.5 * 10 - 0.1 * 20)

    def test_losses_of_members_are_not_those_of_a_group(
        self, tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(supply, "_MEMBERS", {"G7": frozenset({"CHN", "DEU"})})
        row = row_of(write(tmp_path, tables), "usgs", "G7")
        assert row["reason"] == "no-disruption"

    @pytest.mark.parametrize("method", list(study.RiskMethod))
    def test_what_is_not_told_is_none_with_a_reason(
        self, tmp_path: Path, tables: Tables, method: str
    ) -> None:
        tables["production"] = ["ore,CHN,2022,,t,user,C", "ore,DEU,2022,,t,user,C"]
        tables["disruptions"] = ["ore,CHN,DEU,2022,0.1,,MUSD,user,C"]
        found = study.risk(write(tmp_path, tables), method=method)
        assert found["known"] == 0
        assert all(row["reason"] and row["why"] for row in found["rows"])

    def test_a_world_without_demand_has_no_n1(self, tmp_path: Path, tables: Tables) -> None:
        tables["demand"] = ["ore,2022,,t,user,C"]
        assert row_of(write(tmp_path, tables), "iea-n1")["reason"] == "no-demand"

    def test_who_has_no_rows_of_trade_is_not_known(self, tmp_path: Path, tables: Tables) -> None:
        row = row_of(write(tmp_path, tables), "geopolrisk", "CHN")
        assert (row["import_risk"], row["reason"]) == (None, "no-trade")


class TestTerminal:
    def test_screen_and_study_say_the_same(self, terminal: Terminal) -> None:
        shown = terminal.json("risk", "--tables", EXAMPLE, "--country", "USA", "--year", "2022")
        assert shown == as_json(study.risk(EXAMPLE, countries=["USA"], years=[2022]))

    def test_the_table_shows_figures_and_gaps(self, capsys: pytest.CaptureFixture[str]) -> None:
        words = ("--country", "USA", "--country", "MEX", "--commodity", "nickel")
        assert main(["risk", "--tables", EXAMPLE, *words]) == 0
        shown = capsys.readouterr().out
        assert "0.2675" in shown
        assert "no-trade" in shown
        assert "1 of 2 rows are complete" in shown

    def test_a_long_table_says_what_it_leaves_out(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["risk", "--tables", EXAMPLE]) == 0
        assert "more rows: --json." in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--method", "geopolrisc"], "--method: unknown method 'geopolrisc' (did you mean"),
            (["--method", "hhi", "--country", "USA"], "--country: hhi is a figure of the world"),
            (["--country", "Atlantis"], "--country: unknown region 'Atlantis'"),
            (["--country", "REU"], "unknown country 'REU'"),
            (["--country", "EU"], "EU: there are no figures of BGR"),
            (["--year", "1999"], "--year: unknown year '1999'"),
            (["--commodity", "gold"], "--commodity: unknown commodity 'gold'"),
            (["--method", "eu"], "supply-risk/materials.csv: the file is missing"),
            (["--method", "iea-n1"], "supply-risk/demand.csv: the file is missing"),
            (["--method", "usgs"], "supply-risk/disruptions.csv: the file is missing"),
        ],
    )
    def test_words_that_cannot_be_used(
        self, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["risk", "--tables", EXAMPLE, *words]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(f"monazite: {told}")
        assert printed.err.count("\n") == 1

    def test_production_is_needed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["risk", "--tables", str(tmp_path)]) == 2
        assert "production.csv: the file is missing" in capsys.readouterr().err

    def test_no_folder(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["risk", "--tables", "nowhere"]) == 2
        assert "nowhere: there is no such folder" in capsys.readouterr().err


class TestBadTables:
    @pytest.mark.parametrize(
        ("table", "row", "told"),
        [
            ("production", "ore,Narnia,2022,1,t,user,C", r"production\.csv:4: unknown region"),
            ("production", "ore,AUS,2022,-1,t,user,C", "quantity is negative"),
            ("production", "ore,AUS,2022,much,t,user,C", "'much' is not a number"),
            ("production", "ore,AUS,twenty,1,t,user,C", "'twenty' is not a whole number"),
            ("production", "ore,AUS,,1,t,user,C", "year is blank"),
            ("production", ",AUS,2022,1,t,user,C", "commodity is blank"),
            ("production", "ore,*,2022,1,t,user,C", r"unknown region '\*'"),
            ("production", "ore,AUS,2022,1,USD,user,C", "cannot be turned into"),
            ("production", "ore,AUS,2022,1,t metal,user,C", "another basis"),
            ("production", "ore,AUS,2022,1,,user,C", "unit is blank"),
            ("production", "ore,AUS,2022,1,t,,C", "source is blank"),
            ("production", "ore,AUS,2022,1,t,hearsay,C", "unknown source"),
            ("production", "ore,CHN,2022,1,t,user,C", "ore, CHN, 2022 is given twice"),
            ("trade", "ore,DEU,DEU,2022,1,,,t,user,C", "trades with itself"),
            ("trade", "ore,DEU,AUS,2022,1,3,kUSD2021,t,user,C", "cannot be turned into"),
            ("trade", "ore,DEU,AUS,2022,1,-3,kUSD2022,t,user,C", "value is negative"),
            ("trade", "ore,DEU,AUS,2022,1,3,,t,user,C", "value_unit is blank"),
            ("trade", "ore,DEU,AUS,2022,1,,,t REO,user,C", "another basis"),
            ("governance", "AUS,2022,0.4,,1,user,C", "scale is blank"),
            ("governance", "AUS,2022,0.4,percentile,1,user,C", "unknown scale 'percentile'"),
            ("governance", "AUS,2022,-0.4,risk,1,user,C", "score is negative"),
        ],
    )
    def test_a_bad_row_says_where_it_stands(
        self, tmp_path: Path, tables: Tables, table: str, row: str, told: str
    ) -> None:
        tables[table].append(row)
        with pytest.raises(InputError, match=told):
            study.risk(write(tmp_path, tables))

    @pytest.mark.parametrize(
        ("table", "row", "method"),
        [
            ("prices", "Ore,2022,5,USD2022/kg,user,C", "geopolrisk"),
            ("demand", "Ore,2022,5,t,user,C", "iea-n1"),
            ("materials", "Ore,2022,0.1,0.9,1,user,C", "eu"),
            ("trade_factors", "Ore,*,2022,1,1,user,C", "eu"),
            ("disruptions", "Ore,DEU,CHN,2022,0.1,7,MUSD,user,C", "usgs"),
        ],
    )
    def test_a_commodity_that_nobody_makes_or_trades_is_a_slip(
        self, tmp_path: Path, tables: Tables, table: str, row: str, method: str
    ) -> None:
        tables.setdefault(table, []).append(row)
        with pytest.raises(InputError, match=rf"{table}\.csv:\d: unknown commodity 'Ore'.*ore"):
            study.risk(write(tmp_path, tables), method=method)

    def test_a_share_is_a_share(self, tmp_path: Path, tables: Tables) -> None:
        tables["disruptions"] = ["ore,DEU,CHN,2022,50,10,MUSD,user,C"]
        with pytest.raises(InputError, match="probability is 50"):
            study.risk(write(tmp_path, tables), method="usgs")

    def test_a_country_without_trade_factor_has_no_risk(
        self, tmp_path: Path, tables: Tables
    ) -> None:
        tables["trade_factors"] = ["ore,CHN,2022,1.1,1,user,C"]
        row = row_of(write(tmp_path, tables), "eu", "DEU")
        assert (row["score"], row["reason"]) == (None, "no-governance")

    def test_a_file_with_nearly_the_right_name_raises(self, tmp_path: Path, tables: Tables) -> None:
        write(tmp_path, tables)
        (tmp_path / "govarnance.csv").write_text("x\n")
        with pytest.raises(InputError, match="govarnance"):
            study.risk(tmp_path)
