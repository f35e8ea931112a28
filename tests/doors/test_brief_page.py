"""A page in, a briefing out: read, drafted, simulated and written in one go."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from doors.shared_runs import Terminal
from monazite import study
from monazite.desk import recognise
from monazite.desk.schema import INSTRUMENTS, Event, Evidence, Magnitude, Page, Role, Zone
from monazite.errors import InputError
from monazite.scenario import load

DEMO = Path("examples/pages/china-licences.html")
STORY = "The ministry decided what this test says that it decided.\n"
WORDS = ("--published", "2025-04-04", "--months", "4")


def event(instrument: str, **changes: Any) -> Event:
    told: dict[str, Any] = {
        "id": "story:1",
        "instrument": instrument,
        "direction": INSTRUMENTS[instrument].direction,
        "status": "in_force",
        "role": Role.MAIN,
        "actor": ("CHN",),
        "target": ("JPN",),
        "commodities": ("dysprosium",),
        "date": "2025-04-04",
        "effective": "2025-04-04",
        "confidence": 0.9,
        "evidence": (Evidence(field="event", zone=Zone.BODY, start=0, end=12, text=STORY[:12]),),
    }
    return Event(**(told | changes))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY, encoding="utf-8")
    return path


@pytest.fixture
def tells(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the page tell the events that a test gives."""

    def tell(*events: Event) -> None:
        def recognised(page: Page) -> tuple[Event, ...]:
            del page
            return events

        monkeypatch.setattr(recognise, "recognise", recognised)

    return tell


def test_a_page_becomes_a_briefing_and_a_scenario_file(
    page: Path, tells: Any, terminal: Terminal, tmp_path: Path
) -> None:
    tells(event("export_ban"))
    out, toml = tmp_path / "b.html", tmp_path / "drafted.toml"
    told = terminal.run("brief", str(page), "--out", str(out), "--scenario-out", str(toml), *WORDS)
    assert "1 of 1 events simulated" in told
    assert "China: export ban on dysprosium" in out.read_text(encoding="utf-8")
    assert load(toml).chain == "rare-earths-2024"
    assert load(toml).measures[0].kind == "export_ban"


def test_nobody_has_reviewed_it_and_the_page_says_so(page: Path, tells: Any) -> None:
    tells(event("export_licence"))
    (reading,) = study.read(page, published="2025-04-04")
    drafted = study.draft([reading])
    assert not drafted.reviewed
    result = study.stress(drafted.scenario, months=4)
    text = study.brief(result, reading=drafted, with_remedies=False)
    assert text.index("Nobody has reviewed this") < text.index(drafted.assumed[0].reason)


def test_an_answer_makes_the_measure(
    page: Path, tells: Any, terminal: Terminal, tmp_path: Path
) -> None:
    tells(event("tariff", actor=("USA",), target=("CHN",), commodities=("magnets",)))
    toml = tmp_path / "drafted.toml"
    words = ("brief", str(page), "--out", str(tmp_path / "b.md"), "--scenario-out", str(toml))
    terminal.run(*words, "--set", "1.rate=25 %", "--set", "holder_release=0.7", *WORDS)
    assert tomllib.loads(toml.read_text(encoding="utf-8"))["measures"][0]["rate"] == 0.25


def test_nothing_to_simulate_lists_the_events_and_the_way_out_and_leaves_no_file(
    page: Path, tells: Any, terminal: Terminal, tmp_path: Path
) -> None:
    loan = (Magnitude(value=1e8, unit="USD"),)
    tells(
        event("bilateral_deal"),
        event("tariff", id="story:2"),
        event("loan", id="story:3", magnitude=loan),
    )
    status, line = terminal.fail("brief", str(page), "--out", str(tmp_path / "b.html"), *WORDS)
    assert status == 2
    for told in ("story:1 (bilateral_deal", "story:3 (loan", "--set story:2.rate=VALUE"):
        assert told in line
    assert not (tmp_path / "b.html").exists()


def test_a_page_without_an_event_is_an_error(page: Path, tells: Any) -> None:
    tells()
    with pytest.raises(InputError, match="no event was found"):
        study.brief_page(page)


def test_what_is_proposed_is_simulated_only_when_asked_for(
    page: Path, tells: Any, terminal: Terminal, tmp_path: Path
) -> None:
    tells(event("export_ban", status="proposed"))
    words = ("brief", str(page), "--out", str(tmp_path / "b.json"), *WORDS)
    assert "--include-unreal" in terminal.fail(*words)[1]
    terminal.run(*words, "--include-unreal")
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))


def test_a_scenario_stays_a_scenario(terminal: Terminal, tmp_path: Path) -> None:
    out = str(tmp_path / "b.md")
    status, line = terminal.fail("brief", "myanmar-halt", "--out", out, "--include-unreal")
    assert status == 2
    assert "go with a page" in line
    assert "no-such-page.html" in terminal.fail("brief", "no-such-page.html", "--out", out)[1]
    assert "unknown scenario" in terminal.fail("brief", "no-such-page.html.x", "--out", out)[1]


def test_pages_of_one_name_are_refused(page: Path, tells: Any) -> None:
    tells(event("export_ban"))
    with pytest.raises(InputError, match="two pages are called 'story'"):
        study.draft([*study.read(page), *study.read(page)])


def test_an_unknown_language_is_refused_before_the_run(page: Path, terminal: Terminal) -> None:
    status, line = terminal.fail("brief", str(page), "--lang", "tlh")
    assert status == 2
    assert "unknown language 'tlh'" in line


def test_the_page_of_the_demonstration_can_be_simulated() -> None:
    (reading,) = study.read(DEMO)
    drafted = study.draft([reading])
    kinds = {measure.kind for measure in drafted.scenario.measures}
    assert "export_licence" in kinds
    assert drafted.scenario.chain == "rare-earths-2024"
