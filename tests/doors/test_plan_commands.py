"""The plan from the command line: plan, stockpile, finance, track, and what they refuse."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from doors.shared_runs import Terminal, as_json
from monazite.cli import plan as plan_command
from monazite.cli.plan import programme_template, share
from monazite.errors import InputError
from monazite.plan.deal import worked_cases
from monazite.plan.instrument import INSTRUMENTS
from monazite.plan.programme import parse
from monazite.study.commitments import track
from monazite.study.finance import FinanceOrder, finance, finance_list, read_instrument
from monazite.study.plans import PlanRun, plan
from small_programme import small_programme


@cache
def small_run() -> PlanRun:
    """The small programme with everything that can be worked out beside its plan."""
    return plan(small_programme(Path(mkdtemp())))


@pytest.fixture
def programme(tmp_path: Path) -> str:
    return str(small_programme(tmp_path))


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is given the run that was made already."""
    monkeypatch.setattr(plan_command, "_worked_out", lambda _file, _order: small_run())


# -- plan --------------------------------------------------------------------------------------


def test_cost_lines_add_up_to_the_objective_that_is_told() -> None:
    content = as_json(small_run().as_dict())
    assert sum(content["cost_lines"].values()) == pytest.approx(content["objective"], rel=1e-9)
    assert content["certificate"]["holds"]
    assert content["bound"] <= content["objective"] * (1 + 1e-9)


def test_what_programs_ask_for_is_there() -> None:
    wanted = (
        "status gap bound objective cost_lines portfolio coverage certificate partners "
        "gain_of_joint_plan shapley evpi vss"
    )
    assert set(wanted.split()) <= set(small_run().as_dict())


def test_joint_is_never_dearer_and_shares_add_up_to_the_gain() -> None:
    content = small_run().as_dict()
    assert content["gain_range"][1] >= 0
    assert sum(content["shapley"].values()) == pytest.approx(content["gain_of_joint_plan"])


@pytest.mark.usefixtures("solved")
def test_a_plan_is_told_whole(terminal: Terminal) -> None:
    told = terminal.run("plan", "any.toml")
    for heading in (
        "What is built", "Share of demand that is served", "What the plan costs",
        "Public money by year", "Planning together against planning apart",
        "Stages that hold the plan back", "Cost against unmet demand", "EVPI", "Replayed",
        "Certificate: holds",
    ):  # fmt: skip
        assert heading in told, heading


@pytest.mark.usefixtures("solved")
def test_json_is_strict_and_briefings_are_written_in_every_form(
    terminal: Terminal, tmp_path: Path
) -> None:
    for form in ("html", "md", "json"):
        out = tmp_path / f"plan.{form}"
        assert terminal.json("plan", "any.toml", "--out", str(out))["programme"] == "small"
        assert out.stat().st_size > 1000
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["status"]
    manifest = tmp_path / "manifest.json"
    terminal.run("plan", "any.toml", "--manifest", str(manifest))
    assert json.loads(manifest.read_text(encoding="utf-8"))["command"] == "plan"


@pytest.mark.usefixtures("solved")
def test_the_briefing_is_written_in_the_language_that_is_asked_for(
    terminal: Terminal, tmp_path: Path
) -> None:
    out = tmp_path / "plan.html"
    terminal.run("plan", "any.toml", "--out", str(out), "--lang", "ar")
    assert '<html lang="ar" dir="rtl">' in out.read_text(encoding="utf-8")


def test_a_search_is_taken_up_from_its_state(
    terminal: Terminal, programme: str, tmp_path: Path
) -> None:
    state = tmp_path / "state.npz"
    words = ("plan", programme, "--only", "plan", "--state", str(state), "--draws", "3")
    first = terminal.json(*words)
    assert state.is_file()
    again = terminal.json(*words)
    assert again["objective"] == pytest.approx(first["objective"], rel=1e-6)
    assert again["iterations"] <= first["iterations"]
    assert "Go on" in terminal.run(*words)


def test_extensive_form_and_decomposition_agree(terminal: Terminal, programme: str) -> None:
    words = ("plan", programme, "--only", "plan", "--draws", "2", "--gap", "0.0001%")
    one, other = terminal.json(*words), terminal.json(*words, "--extensive")
    assert one["objective"] == pytest.approx(other["objective"], rel=1e-4)


def test_a_target_out_of_reach_is_a_result_that_says_which_when_and_how_far(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = small_programme(tmp_path, ("at_least = 0.5", "at_least = 1.0"), ("coverage", "n-1"))
    words = ("plan", str(file), "--only", "plan", "--draws", "2")
    content = terminal.json(*words)
    assert content["status"] == "targets_missed"
    row = content["explanation"][0]
    assert row["what"].startswith("target calm")
    assert row["missed"] == pytest.approx(row["wanted"] - row["reached"], abs=1e-6)
    told = terminal.run(*words)
    assert "TARGETS ARE MISSED" in told
    assert "What cannot be reached" in told


def test_the_template_is_a_programme(terminal: Terminal) -> None:
    text = terminal.run("plan", "--template")
    assert text == programme_template()
    assert parse(text).partners == ("USA", "JPN")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no programme"),
        (("no-such.toml",), "No such file"),
        (("{file}", "--gap", "3x"), "'3x' is no share"),
        (("{file}", "--only", "fronteer"), "unknown part 'fronteer'"),
        (("{file}", "--only", "plan", "--without", "gain"), "exclude each other"),
        (("{file}", "--out", "plan.pdf"), "unknown format 'pdf'"),
        (("{file}", "--out", "plan.html", "--lang", "tlh"), "unknown language 'tlh'"),
        (("{file}", "--lang", "ja"), "--lang goes with --out"),
        (("{file}", "--draws", "0"), "--draws"),
    ],
)
def test_a_plan_command_that_cannot_be_is_one_line(
    terminal: Terminal, programme: str, words: tuple[str, ...], told: str
) -> None:
    status, line = terminal.fail("plan", *(word.format(file=programme) for word in words))
    assert status == 2
    assert told in line


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("amount = 100", "amount = -1", "amount"),
        ('file = "projects.csv"', 'file = "projects.csv"\nonly = ["mine-9"]', "mine-9"),
        ("last = 2030", "last = 2020", "no years"),
        ("at_least = 0.5", "at_least = 1.5", "at_least"),
        ("amount = 100", 'amount = 100\nunit = "MEUR"', "EUR"),
    ],
)
def test_a_programme_that_cannot_be_is_one_line(
    terminal: Terminal, tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = small_programme(tmp_path, (old, new))
    status, line = terminal.fail("plan", str(file), "--only", "plan")
    assert status == 2
    assert told in line


@pytest.mark.parametrize(("text", "value"), [("1%", 0.01), ("2.5 %", 0.025), ("0.1", 0.1)])
def test_a_share_is_read_either_way(text: str, value: float) -> None:
    assert share(text, "--gap") == pytest.approx(value)


# -- stockpile ---------------------------------------------------------------------------------


def test_stocks_are_told_own_and_pooled_beside_flat_rules(
    terminal: Terminal, programme: str
) -> None:
    told = terminal.run("stockpile", programme, "--draws", "3", "--flat", "30")
    for heading in ("What is kept", "Beside none and flat rules", "30 days", "monthly market"):
        assert heading in told, heading


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--protection", "120%"), "no share"),
        (("--flat", "sixty"), "no list of days"),
        (("--flat", "-3"), "below 0"),
    ],
)
def test_a_stockpile_command_that_cannot_be_is_one_line(
    terminal: Terminal, programme: str, words: tuple[str, ...], told: str
) -> None:
    status, line = terminal.fail("stockpile", programme, *words)
    assert status == 2
    assert told in line


# -- finance -----------------------------------------------------------------------------------


def test_mp_materials_has_its_floor_table_and_a_band(terminal: Terminal) -> None:
    content = terminal.json("finance", "mp-mountain-pass")
    (floor,) = content["floors"]
    paid = {row["price"]: row["yearly"] for row in floor["rows"]}
    tonnes = floor["tonnes"]
    assert paid[60.0] == pytest.approx(50 * tonnes / 1000)
    assert paid[80.0] == pytest.approx(30 * tonnes / 1000)
    assert paid[100.0] == pytest.approx(10 * tonnes / 1000)
    assert paid[120.0] == pytest.approx(-0.3 * 10 * tonnes / 1000)
    cost = content["supported"]["public_cost"]
    assert cost["p5"] < cost["mean"] < cost["p95"] < cost["tail_mean"]
    assert content["known_payment"]["paid"] == 51


def test_what_the_public_pays_by_instrument_adds_up(terminal: Terminal) -> None:
    for name in worked_cases():
        view = terminal.json("finance", "--case", name, "--paths", "40")["supported"]
        assert sum(view["by_instrument"].values()) == pytest.approx(view["public_cost"]["mean"])


def test_the_cheapest_mix_of_a_project_is_bankable_and_tight(terminal: Terminal) -> None:
    content = terminal.json("finance", "vulcan", "--paths", "40")
    mix = content["cheapest_mix"]
    assert mix["margin"] >= 0
    assert mix["is_tight"]
    assert mix["private_npv"]["mean"] >= -1e-6


def test_a_higher_hurdle_never_costs_the_public_less() -> None:
    costs = []
    for hurdle in (0.06, 0.10, 0.14):
        found = finance("vulcan", order=FinanceOrder(hurdle=hurdle, paths=40))
        assert found.mix is not None
        costs.append(found.mix.finance.expected_cost)
    assert costs == sorted(costs)


def test_a_grant_costs_what_it_is_and_more_of_it_helps() -> None:
    order = FinanceOrder(instruments=("grant:amount=100",), paths=40, has_mix=False)
    found = finance("vulcan", order=order)
    assert found.supported is not None
    assert found.supported.private_npv.mean() > found.unaided.private_npv.mean()
    assert 0 < found.supported.expected_cost <= 100
    assert "not looked for" in found.no_mix


def test_finance_is_told_for_people(terminal: Terminal) -> None:
    told = terminal.run("finance", "mp-mountain-pass", "--paths", "40")
    for heading in ("What it is worth to whom", "Support", "Public money by year", "110 USD/kg"):
        assert heading in told, heading
    assert "vulcan" in terminal.run("finance", "--list")
    assert {row["kind"] for row in finance_list()} == {"case", "project"}


@pytest.mark.parametrize("kind", sorted(INSTRUMENTS))
def test_every_instrument_asks_for_the_terms_that_it_lacks(kind: str) -> None:
    with pytest.raises(InputError, match="lacks"):
        read_instrument(kind)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name one project or one --case"),
        (("vulcan", "--case", "jare-lynas"), "name one project or one --case"),
        (("vulkan",), "did you mean vulcan"),
        (("--case", "vulcan"), "unknown case"),
        (("vulcan", "--instrument", "gift:amount=1"), "unknown instrument 'gift'"),
        (("vulcan", "--instrument", "grant:amount"), "'amount' is no term"),
        (("vulcan", "--instrument", "grant:amount=-4"), "amount of -4"),
        (("vulcan", "--instrument", "price-floor:product=tin,price=3"), "unknown product 'tin'"),
        (("vulcan", "--floor-table", "60,x"), "no list of prices"),
        (("vulcan", "--paths", "7"), "7 paths"),
        (("vulcan", "--hurdle", "3"), "rates of 3"),
    ],
)
def test_a_finance_command_that_cannot_be_is_one_line(
    terminal: Terminal, words: tuple[str, ...], told: str
) -> None:
    status, line = terminal.fail("finance", *words)
    assert status == 2
    assert told in line


# -- track -------------------------------------------------------------------------------------


def test_an_undertaking_is_open_before_its_day_and_not_after(terminal: Terminal) -> None:
    def row(day: str) -> dict[str, Any]:
        rows = terminal.json("track", "--on", day)["undertakings"]
        return next(item for item in rows if item["id"] == "F2c")

    assert (row("2026-04-01")["status"], row("2026-04-01")["days_left"]) == ("open", 27)
    assert row("2026-05-01")["status"] != "open"
    assert row("2026-05-01")["days_left"] == -3


def test_a_file_of_ones_own_adds_evidence_and_its_source_is_told(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[[evidence]]\nundertaking = "F2c"\ndate = "2026-04-20"\nwhat = "measures taken"\n'
        'kind = "fulfils"\nsource = "gazette"\n',
        encoding="utf-8",
    )
    told = terminal.run("track", "--on", "2026-05-01", "--file", str(file), "--evidence")
    assert "measures taken" in told
    assert "source gazette" in told
    found = track("2026-05-01", file=file)
    assert found.counts()["met"] >= 1
    assert sum(found.counts().values()) == len(found.rows)


def test_nothing_is_tracked_before_anything_was_signed(terminal: Terminal) -> None:
    assert "Nothing had been signed" in terminal.run("track", "--on", "2020-01-01")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--on", "soon"), "'soon' is no date"),
        (("--file", "no-such.toml"), "missing"),
    ],
)
def test_a_track_command_that_cannot_be_is_one_line(
    terminal: Terminal, words: tuple[str, ...], told: str
) -> None:
    status, line = terminal.fail("track", *words)
    assert status == 2
    assert told in line
