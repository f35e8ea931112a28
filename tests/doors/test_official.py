"""Commands on official files."""

from pathlib import Path

import pytest

from doors.shared_runs import Terminal, as_json
from loaders.official import tin, write_mcs_2026, write_wmd
from monazite import study


@pytest.fixture
def summaries(tmp_path: Path) -> Path:
    rows = [
        tin("Peru", "26"), tin("China", "71", notes="Estimated."), tin("Rwanda", "W"),
        tin("World total", "140"),
    ]  # fmt: skip
    return write_mcs_2026(tmp_path, rows)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    cells = [["Peru", "metr. t", 25_900, 26_000, "r"], ["China", "metr. t", 1, 71_000, "r"]]
    return write_wmd(tmp_path / "wmd.xlsx", {"Tin": cells})


def test_kinds_are_listed_with_address_and_licence(terminal: Terminal) -> None:
    rows = terminal.json("data", "kinds")
    assert rows == study.official_kinds()
    assert len(rows) == 10
    assert all(row["licence"] and row["address"].startswith("https://") for row in rows)
    shown = terminal.run("data", "kinds")
    assert all(row["kind"] in shown for row in rows)


def test_load_tells_what_a_file_holds(summaries: Path, terminal: Terminal) -> None:
    found = terminal.json("data", "load", "usgs-mcs-2026", str(summaries))
    assert found == as_json(study.describe_official("usgs-mcs-2026", summaries))
    assert found["rows"] == 4
    assert found["regions"] == {"CHN": 1, "PER": 1, "RWA": 1, "WORLD": 1}
    assert found["statuses"] == {"estimated": 1, "reported": 2, "withheld": 1}
    assert found["short_reserves"] == []
    (apart,) = found["totals"]["apart"]
    assert (apart["stated"], apart["summed"], apart["not_figures"]) == (140, 97, 1)
    shown = " ".join(terminal.run("data", "load", "usgs-mcs-2026", str(summaries)).split())
    assert "4 rows of usgs-mcs-2026, 2024" in shown
    assert "tin mine production of 2024 is 140 t, its countries sum to 97, 1 not figures" in shown


def test_what_was_left_out_and_corrected_is_told(tmp_path: Path, terminal: Terminal) -> None:
    reserves = tin("Peru", "5", commodity="Vanadium", detail="Reserves")
    rows = [reserves, tin("Peru", "5", commodity="Cement", detail="Cement production")]
    path = write_mcs_2026(tmp_path, rows)
    shown = " ".join(terminal.run("data", "load", "usgs-mcs-2026", str(path)).split())
    assert "left out: not a commodity of ours 1" in shown
    assert "corrected: vanadium reserves: the unit is thousand metric tons 1" in shown


def test_columns_are_had_in_python(summaries: Path) -> None:
    data = study.read_official("usgs-mcs-2026", summaries)
    assert data.select(region="PER").value.tolist() == [26]


def test_fault_is_one_line(summaries: Path, terminal: Terminal) -> None:
    status, line = terminal.fail("data", "load", "usgs-mcs-2025", str(summaries))
    assert status == 2
    assert "mcs2026.csv:1: the header is that of 'usgs-mcs-2026'" in line
    status, line = terminal.fail("data", "load", "usgs-mcs-2027", str(summaries))
    assert (status, "did you mean usgs-mcs-2026" in line) == (2, True)


def test_compare_finds_the_slip(
    summaries: Path, workbook: Path, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    from monazite.cli import main  # noqa: PLC0415 - after the terminal has taken over

    words = ("data", "compare", "usgs-mcs-2026", str(summaries), "wmd", str(workbook))
    assert main(words) == 2
    shown = " ".join(capsys.readouterr().out.split())
    assert "10^3 times mcs2026.csv:2 (26000 and 26 t)" in shown
    assert "2 figures are a power of ten apart." in shown
    same = ("data", "compare", "wmd", str(workbook), "wmd", str(workbook))
    assert terminal.json(*same) == []
    assert terminal.run(*same).strip() == "0 figures are a power of ten apart."
