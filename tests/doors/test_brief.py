"""Briefings, from the command line and from Python."""

import calendar
import json
from pathlib import Path
from typing import Any

import pytest

from doors.shared_runs import RESIDUALS, Terminal, result_of, stressed
from monazite import study
from monazite.errors import UnknownCodeError

SCENARIO, CHAIN = "docs/examples/licences.toml", "docs/examples/two-regions"
WORDS = ("brief", SCENARIO, "--chain", CHAIN)


@pytest.fixture(scope="module")
def result() -> study.Stress:
    return study.stress(SCENARIO, network=CHAIN)


@pytest.mark.parametrize("form", study.FORMATS)
def test_the_command_line_writes_what_study_writes(
    form: str, result: study.Stress, terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / f"briefing.{form}"
    assert str(path) in terminal.run(*WORDS, "--out", str(path))
    assert path.read_text(encoding="utf-8") == study.brief(result, form=form)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_format_goes_before_the_ending(terminal: Terminal, tmp_path: Path) -> None:
    told = terminal.json(*WORDS, "--out", str(tmp_path / "b.txt"), "--format", "json")
    assert Path(told["path"]).stat().st_size == told["bytes"]
    assert json.loads(Path(told["path"]).read_text(encoding="utf-8"))


def test_without_a_name_the_format_names_the_file(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("brief", str(Path(SCENARIO).resolve()), "--chain", str(Path(CHAIN).resolve()))
    monkeypatch.chdir(tmp_path)
    terminal.run(*words, "--format", "md")
    assert [file.name for file in tmp_path.iterdir()] == ["briefing.md"]


def test_an_unknown_format_is_refused_before_the_run(terminal: Terminal, tmp_path: Path) -> None:
    status, line = terminal.fail(*WORDS, "--out", str(tmp_path / "b.pdf"))
    assert status == 2
    assert "unknown format 'pdf'" in line
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UnknownCodeError, match="html"):
        study.brief(SCENARIO, form="pdf")


def test_a_shipped_scenario_has_a_page_that_needs_no_network() -> None:
    page = study.brief(stressed("china-2025-licences"), with_remedies=False)
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "<script src" not in page
    assert 'rel="stylesheet" href' not in page
    assert "2025" in page


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """The briefing on the halt in Myanmar, as data."""
    content: dict[str, Any] = json.loads(study.brief(stressed("myanmar-halt"), form="json"))
    return content


def key(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["region"], row["use"], row["commodity"], row["month"]


def test_a_briefing_says_what_the_stress_says(told: dict[str, Any]) -> None:
    result = result_of("myanmar-halt")
    stopped = {key(row): row["share"] for row in result["shortages"]}
    cover = {key(row): row["days"] for row in result["cover_days"]}
    assert {key(row) for row in told["months"]} == set(stopped)
    for row in told["months"]:
        assert row["stopped_share"]["median"] == pytest.approx(
            stopped[key(row)], rel=1e-8, abs=1e-8
        )
        assert row["cover"]["median"] == pytest.approx(cover[key(row)], rel=1e-8)
    first = {(row["region"], row["use"]): row["month"] for row in result["first_shortage"]}
    assert {(row["region"], row["use"]): row["month"] for row in told["first"]} == first
    assert told["manifest"]["result"] == result["manifest"]["result"]
    for name in RESIDUALS:
        assert told["certificate"][name] == pytest.approx(result["certificate"][name], rel=1e-8)


def test_its_deepest_shortages_are_those_of_the_stress(told: dict[str, Any]) -> None:
    deepest: dict[tuple[str, ...], float] = {}
    for row in result_of("myanmar-halt")["shortages"]:
        use = key(row)[:3]
        deepest[use] = max(deepest.get(use, 0.0), row["share"])
    for row in told["shortages"]:
        use = row["region"], row["use"], row["commodity"]
        assert row["depth"]["median"] == pytest.approx(deepest[use], rel=1e-8, abs=1e-8)


def test_its_headline_is_the_first_shortage(told: dict[str, Any]) -> None:
    months = [row["month"] for row in result_of("myanmar-halt")["first_shortage"] if row["month"]]
    year, month = min(months).split("-")
    assert calendar.month_name[int(month)] in told["headline"]
    assert year in told["headline"]


def test_it_tries_remedies(told: dict[str, Any]) -> None:
    assert "Stock release" in [row["name"] for row in told["remedies"]]
