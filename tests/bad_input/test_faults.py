"""Bad input: one line that names file, row and way out, an exit status, and no file left.

Each fault is asked for twice: through the command line and in Python.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from bad_input.desk import (
    BINARY,
    Desk,
    Spoil,
    filled,
    gain_mass,
    measure,
    quota_without_route,
    spoil,
)
from monazite import study
from monazite.cli import main
from monazite.errors import (
    InputError,
    NetworkError,
    ScenarioError,
    TableError,
    UnitError,
    UnknownCodeError,
)

OUTAGE = """\
kind = "outage"
actors = ["WORLD"]
commodities = ["all"]
share_lost = 1.0
start = "2025-03"
"""
QUOTA = """\
kind = "export_quota"
actors = ["JPN"]
commodities = ["Dy-oxide"]
limit = 100
start = "2025-03"
"""

Fault = tuple[str, Spoil, type[InputError], tuple[str, ...]]

FAULTS: tuple[Fault, ...] = (
    (
        "a misspelt commodity in a scenario",
        spoil(("scenario.toml", "Dy-oxide", "Dy-oxid")),
        UnknownCodeError,
        ("scenario.toml: measure 1", "'Dy-oxid'", "did you mean Dy-oxide"),
    ),
    (
        "a misspelt commodity in a chain",
        spoil(("net/routes.csv", "Dy-oxide,CHN,JPN,leak", "Dy-oxyde,CHN,JPN,leak")),
        UnknownCodeError,
        ("net/routes.csv:3", "'Dy-oxyde'", "did you mean Dy-oxide"),
    ),
    (
        "a negative capacity",
        spoil(("net/processes.csv", "1100,1000", "-1100,1000")),
        TableError,
        ("net/processes.csv:2", "capacity", "-1100", "negative"),
    ),
    (
        "a unit left blank",
        spoil(("net/processes.csv", "1000,t/yr", "1000,")),
        UnitError,
        ("net/processes.csv:2", "unit", "blank", "such as t/yr"),
    ),
    (
        "no column for the unit",
        spoil(("net/uses.csv", "demand,unit,", "demand,"), ("net/uses.csv", ",t/yr,", ",")),
        TableError,
        ("net/uses.csv", "unit", "add"),
    ),
    (
        "a unit of another kind",
        spoil(("net/prices.csv", "USD/kg", "t/yr")),
        UnitError,
        ("net/prices.csv:2", "t/yr", "USD/kg"),
    ),
    (
        "a recipe that gains mass round a cycle",
        gain_mass,
        NetworkError,
        ("net/recipes.csv:3", "gain mass round a cycle", "lower an output"),
    ),
    (
        "NaN",
        spoil(("net/uses.csv", "JPN,Dy-oxide,400", "JPN,Dy-oxide,NaN")),
        TableError,
        ("net/uses.csv:3", "demand", "NaN", "give a number"),
    ),
    (
        "an empty table",
        filled("net/processes.csv", b""),
        TableError,
        ("net/processes.csv", "empty", "write a header"),
    ),
    (
        "an empty heading",
        filled("net/network.toml", b""),
        TableError,
        ("net/network.toml", "missing", "add"),
    ),
    (
        "an empty scenario",
        filled("scenario.toml", b""),
        ScenarioError,
        ("scenario.toml", "empty", "scenario new"),
    ),
    (
        "a binary table",
        filled("net/prices.csv", BINARY),
        TableError,
        ("net/prices.csv", "not text", "UTF-8"),
    ),
    (
        "a binary heading",
        filled("net/network.toml", BINARY),
        TableError,
        ("net/network.toml", "UTF-8"),
    ),
    (
        "a binary register of sources",
        filled("net/sources.toml", BINARY),
        TableError,
        ("net/sources.toml", "UTF-8"),
    ),
    (
        "a binary scenario",
        filled("scenario.toml", BINARY),
        ScenarioError,
        ("scenario.toml", "not text", "scenario new"),
    ),
    (
        "a scenario that removes all supply",
        measure(OUTAGE),
        ScenarioError,
        ("scenario.toml", "2025-03", "every mine", "leave one"),
    ),
    (
        "a quota with no route, in a chain",
        quota_without_route,
        NetworkError,
        ("net/quotas.csv:2", "no route", "drop the quota"),
    ),
    (
        "a quota with no route, in a scenario",
        measure(QUOTA),
        ScenarioError,
        ("scenario.toml: measure 1 (export_quota)", "route"),
    ),
    (
        "a date before the base year",
        spoil(("scenario.toml", 'start = "2025-01"', 'start = "2023-01"')),
        ScenarioError,
        ("scenario.toml: start", "2023-01", "base year 2024", "2024-01"),
    ),
)
NAMES = [fault[0] for fault in FAULTS]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Files that work, in the folder where one stands."""
    monkeypatch.chdir(tmp_path)
    return Desk.laid(tmp_path)


def test_the_unspoilt_files_work(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["stress", "scenario.toml", "--chain", "net", "--manifest", "out/manifest.json"]
    assert main(command) == 0
    assert capsys.readouterr().err == ""
    assert desk.left() == ["manifest.json"]


@pytest.mark.parametrize(("_name", "spoiling", "error", "said"), FAULTS, ids=NAMES)
def test_the_command_line_says_it_in_a_line(
    desk: Desk,
    capsys: pytest.CaptureFixture[str],
    _name: str,
    spoiling: Spoil,
    error: type[InputError],
    said: tuple[str, ...],
) -> None:
    spoiling(desk)
    status = main(
        ["stress", "scenario.toml", "--chain", "net", "--json", "--manifest", "out/manifest.json"]
    )
    printed = capsys.readouterr()
    assert status == error.exit_status == 2
    assert printed.out == ""
    assert_one_line(printed.err, said)
    assert desk.left() == []


@pytest.mark.parametrize(("_name", "spoiling", "error", "said"), FAULTS, ids=NAMES)
def test_python_raises_the_same(
    desk: Desk, _name: str, spoiling: Spoil, error: type[InputError], said: tuple[str, ...]
) -> None:
    spoiling(desk)
    with pytest.raises(InputError) as found:
        study.stress("scenario.toml", network="net")
    assert type(found.value) is error
    assert found.value.way_out
    assert_one_line(f"monazite: {found.value.line()}\n", said)


def assert_one_line(text: str, said: tuple[str, ...]) -> None:
    """One line: place, fault and, in brackets, the way out."""
    assert text.startswith("monazite: ")
    assert text.endswith(")\n")
    assert text.count("\n") == 1
    for words in said:
        assert words in text


@pytest.mark.parametrize("command", ["stress", "brief"])
def test_unknown_scenario(desk: Desk, capsys: pytest.CaptureFixture[str], command: str) -> None:
    target = {"stress": "--manifest", "brief": "--out"}[command]
    assert main([command, "china-2025-licence", target, "out/file.json"]) == 2
    assert_one_line(
        capsys.readouterr().err, ("'china-2025-licence'", "did you mean china-2025-licences")
    )
    assert desk.left() == []
    with pytest.raises(UnknownCodeError, match="china-2025-licences"):
        study.stress("china-2025-licence")


@pytest.mark.usefixtures("desk")
def test_a_briefing_of_spoilt_files_leaves_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("net/uses.csv").write_bytes(b"")
    assert main(["brief", "scenario.toml", "--chain", "net", "--out", "out/b.html"]) == 2
    assert_one_line(capsys.readouterr().err, ("net/uses.csv", "empty"))
    assert list(Path("out").iterdir()) == []


@pytest.mark.usefixtures("desk")
def test_a_chain_can_be_spoilt_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    Path("net/routes.csv").write_bytes(BINARY)
    for command in (["chain", "net"], ["scenario", "check", "scenario.toml", "--chain", "net"]):
        assert main(command) == 2
        assert_one_line(capsys.readouterr().err, ("net/routes.csv", "not text"))


def test_in_a_process_of_its_own(desk: Desk) -> None:
    desk.edit("net/processes.csv", "1100,1000", "-1100,1000")
    found = subprocess.run(
        [sys.executable, "-m", "monazite.cli", "chain", "net", "--json"],
        cwd=desk.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (2, "")
    assert_one_line(found.stderr, ("net/processes.csv:2", "-1100"))
