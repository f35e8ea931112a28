"""One market left without supply is no error: it is rationed, and has no price."""

import json
from pathlib import Path

import pytest

from bad_input.desk import Desk
from monazite import study
from monazite.cli import main

BAN = """\
kind = "export_ban"
actors = ["CHN"]
commodities = ["Dy-oxide"]
start = "2025-03"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A ban on the only way to Japan."""
    monkeypatch.chdir(tmp_path)
    desk = Desk.laid(tmp_path)
    leak = "Dy-oxide,CHN,JPN,leak,20,t/yr,,,3,,,2024,example,E,made up\n"
    desk.edit("net/routes.csv", leak, "")
    desk.edit("net/routes.csv", "380", "400")
    desk.measure(BAN)
    return desk


@pytest.mark.usefixtures("desk")
def test_it_is_rationed_and_its_price_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stress", "scenario.toml", "--chain", "net", "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    result = json.loads(printed.out)
    japan = [row for row in result["prices"] if row["region"] == "JPN"]
    rationed = [row["month"] for row in japan if row["rationed"]]
    assert rationed[-1] == "2025-12"
    assert rationed[0] > "2025-03"
    for row in japan:
        assert (row["usd_per_kg"] is None) is row["rationed"]
        assert (row["multiple"] is None) is row["rationed"]
    assert not any(row["rationed"] for row in result["prices"] if row["region"] == "CHN")
    residuals = ("excess_demand", "mass_balance", "money_balance", "complementarity")
    assert max(result["certificate"][name] for name in residuals) <= 1e-8


@pytest.mark.usefixtures("desk")
def test_the_screen_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stress", "scenario.toml", "--chain", "net"]) == 0
    assert "without a price: Dy-oxide in JPN (from 2025-" in capsys.readouterr().out


@pytest.mark.usefixtures("desk")
def test_what_cannot_be_had_is_not_used() -> None:
    trajectory = study.stress("scenario.toml", network="net").trajectory
    japan = [group.region == "JPN" for group in trajectory.groups]
    served, wanted = (
        values[0, -1, japan].sum() for values in (trajectory.served, trajectory.demand)
    )
    assert served < 0.05 * wanted
