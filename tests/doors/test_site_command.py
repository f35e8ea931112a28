"""The way from a page to the site, by commands only."""

from pathlib import Path

import pytest

from doors.shared_runs import Terminal
from monazite import study
from monazite.desk.store import open_store
from monazite.scenario import parse
from monazite.study import newsdesk

EXAMPLE = Path("examples/pages/china-licences.html")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the example page and one briefing on what somebody stands for."""
    place = tmp_path_factory.mktemp("site") / "desk.sqlite"
    (reading,) = study.read(EXAMPLE)
    ((kept),) = study.keep(place, [reading])
    assert isinstance(kept, study.Kept)
    best = kept.events[0]
    study.accept(place, [best], by="A. Reader")
    draft = study.draft_stored(place, [best])
    result = study.stress(draft.drafted.scenario, months=4, holder_release=0.7)
    study.record_run(place, result, draft=draft)
    return place


def test_a_briefing_on_accepted_events_is_on_the_site_without_a_notice(
    store: Path, terminal: Terminal, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    told = terminal.run("site", "build", str(public), "--lang", "en", "--store", str(store))
    assert str(public / "index.html") in told
    briefing = (public / "en/briefings/1.html").read_text(encoding="utf-8")
    assert "Nobody has reviewed" not in briefing
    assert "The Example Courier" in briefing


def test_the_site_simulates_with_the_options_of_the_run(store: Path) -> None:
    with open_store(store) as opened:
        (run,) = opened.runs()
        scenario = parse(run.scenario)
        options = newsdesk.options_of_run(run)
        drafted = newsdesk.draft_of_run(opened, run, scenario)
    assert scenario.months == 4
    assert options["holder_release"] == 0.7
    assert drafted is not None
    assert drafted.reviewed


def test_json_says_where_the_site_is(store: Path, terminal: Terminal, tmp_path: Path) -> None:
    words = ("site", "build", str(tmp_path / "p"), "--lang", "en", "--store", str(store))
    assert terminal.json(*words)["folder"] == str(tmp_path / "p")


def test_a_site_needs_a_store(terminal: Terminal, tmp_path: Path) -> None:
    words = ("site", "build", str(tmp_path / "p"), "--store", str(tmp_path / "none.sqlite"))
    status, line = terminal.fail(*words)
    assert status == 6
    assert "no such store" in line


def test_a_briefing_on_an_event_that_is_rejected_later_leaves_the_site(
    terminal: Terminal, tmp_path: Path
) -> None:
    place, public = tmp_path / "desk.sqlite", tmp_path / "public"
    ((kept),) = study.keep(place, study.read(EXAMPLE))
    assert isinstance(kept, study.Kept)
    study.accept(place, kept.events, by="A. Reader")
    draft = study.draft_stored(place, kept.events)
    study.record_run(place, study.stress(draft.drafted.scenario, months=2), draft=draft)
    used = {draft.numbers[name] for name in draft.drafted.measures_of}
    study.reject(place, set(kept.events) - used, by="A. Reader")
    words = ("site", "build", str(public), "--lang", "en", "--store", str(place))
    terminal.run(*words)
    assert (public / "en/briefings/1.html").is_file()
    study.reject(place, used, by="A. Reader")
    terminal.run(*words)
    assert not (public / "en/briefings/1.html").exists()
