"""A manifest run again gives the same numbers, or says what is not the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bad_input.desk import Desk
from doors.shared_runs import Terminal, stressed
from monazite import study
from monazite.errors import ReproductionError, UnknownCodeError
from monazite.manifest import Manifest

WORDS = ("stress", "scenario.toml", "--chain", "net", "--draws", "2", "--seed", "3")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: Terminal) -> Desk:
    """A small chain, a scenario, and the manifest of a run with two draws."""
    monkeypatch.chdir(tmp_path)
    desk = Desk.laid(tmp_path)
    terminal.run(*WORDS, "--manifest", "manifest.json")
    return desk


def tamper(name: str = "manifest.json", **changes: Any) -> None:
    """Change settings, or other entries, of a manifest."""
    content = json.loads(Path(name).read_text(encoding="utf-8"))
    for key, value in changes.items():
        place = content if key in content else content["settings"]
        place[key] = value
    Path(name).write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.usefixtures("desk")
def test_the_same_numbers(terminal: Terminal) -> None:
    first = Manifest.read(Path("manifest.json"))
    assert terminal.run("rerun", "manifest.json").startswith("Same numbers: licences, 24 months")
    assert terminal.json("rerun", "manifest.json")["manifest"] == first.as_dict()
    assert study.rerun(first).manifest == first


@pytest.mark.usefixtures("desk")
def test_a_result_holds_its_manifest(terminal: Terminal) -> None:
    Path("result.json").write_text(terminal.run(*WORDS, "--json"), encoding="utf-8")
    assert terminal.json("rerun", "result.json")["months"][0] == "2025-01"


@pytest.mark.usefixtures("desk")
def test_from_another_folder_and_process_in_another_hash_order(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    found = subprocess.run(
        [sys.executable, "-m", "monazite.cli", "rerun", str(tmp_path / "manifest.json")],
        cwd=tmp_path / "elsewhere", env={**os.environ, "PYTHONHASHSEED": "4242"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("Same numbers")


def test_a_shipped_scenario_runs_again_to_the_same_fingerprint() -> None:
    first = stressed("myanmar-halt").manifest
    assert study.rerun(first).manifest.result == first.result


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"result": "0" * 64}, "the inputs agree and the numbers do not"),
        ({"seed": 4}, "the set of parameters is not the one"),
        ({"draws": 1}, "the set of parameters is not the one"),
        ({"months": 12}, "the scenario is not the one"),
        ({"parameters": {"holder_release": 0.7}}, "the set of parameters is not the one"),
        ({"network": "rare-earths-2024"}, "the network is not the one"),
        ({"command": "brief"}, "cannot rerun 'brief'"),
    ],
    ids=lambda change: next(iter(change)) if isinstance(change, dict) else "",
)
@pytest.mark.usefixtures("desk")
def test_a_changed_manifest_is_found_out(
    terminal: Terminal, change: dict[str, Any], said: str
) -> None:
    tamper(**change)
    status, line = terminal.fail("rerun", "manifest.json")
    assert status == ReproductionError.exit_status == 5
    assert said in line
    with pytest.raises(ReproductionError):
        study.rerun(Manifest.read(Path("manifest.json")))


def test_a_changed_scenario_is_found_out(desk: Desk, terminal: Terminal) -> None:
    desk.edit("scenario.toml", "2025-07 = 0.3", "2025-07 = 0.4")
    status, line = terminal.fail("rerun", "manifest.json")
    assert (status, "the scenario is not the one" in line) == (5, True)


def test_a_changed_table_is_found_out(desk: Desk, terminal: Terminal) -> None:
    desk.edit("net/prices.csv", "260", "261")
    status, line = terminal.fail("rerun", "manifest.json")
    assert (status, "the network is not the one" in line) == (5, True)


def test_what_is_gone_is_named(desk: Desk, terminal: Terminal) -> None:
    desk.scenario.unlink()
    status, line = terminal.fail("rerun", "manifest.json")
    assert (status, "scenario.toml" in line) == (2, True)


@pytest.mark.usefixtures("desk")
def test_an_unknown_parameter_of_a_manifest_raises() -> None:
    tamper(parameters={"holder_relese": 1.0})
    with pytest.raises(UnknownCodeError, match="holder_release"):
        study.rerun(Manifest.read(Path("manifest.json")))
