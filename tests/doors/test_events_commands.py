"""Events of the store by command: kept, found, shown, reviewed, and told in a briefing."""

import json
from pathlib import Path

import pytest

import store_factory as factory
from doors.shared_runs import Terminal
from monazite import study
from monazite.cli import main
from monazite.desk.schema import Evidence, Magnitude, Zone
from monazite.desk.store import State, open_store
from monazite.errors import InputError
from monazite.scenario import load
from monazite.study import newsdesk

EXAMPLE = Path("examples/pages/china-licences.html")
MEASURES = Path("tests/desk/feeds/example-measures.csv")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of two example pages: a licence, and another with a less sure tariff."""
    place = tmp_path / "desk.sqlite"
    first = factory.page(1)
    at = first.text.index("exports of dysprosium")
    words = Evidence(
        field="event", zone=Zone.BODY, start=at, end=at + 21, text="exports of dysprosium"
    )
    other = factory.page(2, story="Otherland plans a duty on magnets, the example ministry said.")
    with open_store(place) as opened:
        opened.add(first, [factory.event(1, target=("JPN",), evidence=(words,))])
        opened.add(
            other,
            [
                factory.event(
                    1, instrument="tariff", actor=("USA",), target=("CHN",), status="in_force",
                    commodities=("magnets",), date="2025-11-02", confidence=0.4, evidence=(),
                )
            ],
        )  # fmt: skip
    return place


def at(store: Path) -> tuple[str, str]:
    return "--store", str(store)


# -- keeping -------------------------------------------------------------------------------------


def test_what_is_read_can_be_kept_and_a_known_text_changes_nothing(
    tmp_path: Path, terminal: Terminal
) -> None:
    place = tmp_path / "desk.sqlite"
    first = terminal.json("read", str(EXAMPLE), "--keep", *at(place))
    assert first["kept"]["is_new"]
    assert first["kept"]["page"] == 1
    again = terminal.run("read", str(EXAMPLE), "--keep", *at(place))
    assert "already, as page 1; its events stay" in again
    with open_store(place) as opened:
        assert opened.census().pages == 1
        assert opened.census().events == len(first["kept"]["events"])


def test_nothing_is_kept_and_no_store_made_unless_asked_for(
    tmp_path: Path, terminal: Terminal
) -> None:
    place = tmp_path / "desk.sqlite"
    terminal.run("read", str(EXAMPLE), *at(place))
    assert main(["read", str(tmp_path / "none.txt"), "--keep", *at(place)]) == 2
    assert not place.exists()


def test_the_variable_names_the_store(
    store: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONAZITE_STORE", str(store))
    assert len(terminal.json("events", "list")) == 2


def test_a_table_of_measures_is_read_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "desk.sqlite"
    words = ["read", "--measures", str(MEASURES), "--on", "2025-12-01", "--keep", *at(place)]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert "export quota" in printed.out
    assert "rows are none of the desk's" in printed.err
    found = study.events(place, study.EventChoice(actors=["Indonesia"]))
    assert [(one.event.instrument, one.event.commodities) for one in found] == [
        ("export_tax", ("nickel",))
    ]
    assert main([*words[:3], "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_bad_rows_of_a_table_stop_it_or_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "Country;Measure type;HS code;Start date\nNowhereland;Export ban;811292;2024-01-01\n",
        encoding="utf-8",
    )
    assert main(["read", "--measures", str(path)]) == 2
    assert "no state" in capsys.readouterr().err
    assert main(["read", "--measures", str(path), "--skip-bad"]) == 0
    assert "1 bad lines passed over" in capsys.readouterr().err
    assert main(["read", "--measures", str(path), "--on", "soon"]) == 2


def test_records_in_a_file_are_pages_and_a_feed_only_names_them(
    tmp_path: Path, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "records.jsonl"
    lines = [{"id": f"r{n}", "text": f"Example {n}.\nNothing happened."} for n in (1, 2)]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    told = terminal.run("read", str(path), "--json").splitlines()
    assert [json.loads(line)["id"] for line in told] == ["r1", "r2"]
    assert main(["read", "tests/desk/feeds/example.rss"]) == 2
    assert "monazite watch --once" in capsys.readouterr().err


def test_kept_records_are_safe_before_they_are_told(tmp_path: Path) -> None:
    place = tmp_path / "desk.sqlite"
    records = (json.dumps({"id": f"r{n}", "text": f"Example {n}."}) for n in range(3))
    told = study.keep(place, study.read_records(records), at_once=2)
    next(told)
    with open_store(place) as opened:
        assert opened.census().pages == 2
    assert [one.page for one in told if isinstance(one, study.Kept)] == [2, 3]


# -- finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ((), [2, 1]),
        (("--commodity", "Dysprosium"), [1]),
        (("--actor", "China"), [1]),
        (("--actor", "United States", "--actor", "CHN"), [2, 1]),
        (("--instrument", "tariff"), [2]),
        (("--since", "2025-11"), [2]),
        (("--until", "2025-10"), [1]),
        (("--least-sure", "0.5"), [1]),
        (("--least-sure", "0.3", "--limit", "1"), [2]),
        (("--role", "background"), []),
        (("--state", "accepted"), []),
    ],
)
def test_filters_choose_the_events(
    words: tuple[str, ...], numbers: list[int], store: Path, terminal: Terminal
) -> None:
    assert [one["id"] for one in terminal.json("events", "list", *words, *at(store))] == numbers


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--state", "new"), "unknown state 'new'"),
        (("--commodity", "dilithium"), "unknown commodity 'dilithium'"),
        (("--instrument", "spell"), "unknown instrument 'spell'"),
        (("--since", "soon"), "soon"),
        (("--least-sure", "40"), "no confidence"),
    ],
)
def test_a_word_that_means_nothing_is_refused(
    words: tuple[str, ...], told: str, store: Path, terminal: Terminal
) -> None:
    status, line = terminal.fail("events", "list", *words, *at(store))
    assert status == 2
    assert told in line


def test_a_list_that_is_cut_says_so_and_an_empty_one_too(store: Path, terminal: Terminal) -> None:
    assert "--limit" in terminal.run("events", "list", "--limit", "1", *at(store))
    assert "No such event" in terminal.run("events", "list", "--role", "lead", *at(store))


def test_a_store_that_is_not_there_is_an_error_and_is_not_made(
    tmp_path: Path, terminal: Terminal
) -> None:
    place = tmp_path / "none.sqlite"
    status, line = terminal.fail("events", "list", *at(place))
    assert status == 6
    assert "no such store" in line
    assert not place.exists()


def test_show_puts_the_words_back_into_their_sentence(store: Path, terminal: Terminal) -> None:
    told = terminal.run("events", "show", "1", *at(store))
    assert "said on Thursday that «exports of dysprosium» will need" in told
    shown = terminal.json("events", "show", "1", *at(store))
    (proof,) = shown["evidence"]
    assert proof["text"] == "exports of dysprosium"
    assert proof["text"] in proof["sentence"]
    assert shown["event"]["target"] == ["JPN"]


def test_showing_an_event_counts_as_reading_its_page(store: Path, terminal: Terminal) -> None:
    terminal.run("events", "show", "2", *at(store))
    with open_store(store) as opened:
        assert [(one.page.id, round(one.score)) for one in opened.most_read()] == [(2, 1)]


def test_search_shows_pages_with_their_events(store: Path, terminal: Terminal) -> None:
    told = terminal.run("events", "search", "duty", "magnets", *at(store))
    assert "«duty»" in told
    assert "2. USA → CHN; import tariff" in told
    (found,) = terminal.json("events", "search", "duty", *at(store))
    assert [event["id"] for event in found["events"]] == [2]
    assert "No page" in terminal.run("events", "search", "unicorn", *at(store))
    assert terminal.fail("events", "search", "?", *at(store))[0] == 2


# -- judging -------------------------------------------------------------------------------------


def test_a_review_is_kept_with_its_name_and_note(store: Path, terminal: Terminal) -> None:
    by = ("--by", "A. Reader", "--note", "checked")
    assert "Accepted: 1." in terminal.run("events", "accept", "1", "2", *by, *at(store))
    terminal.run("events", "reject", "2", "--by", "B. Reader", *at(store))
    shown = terminal.json("events", "show", "2", *at(store))
    assert shown["state"] == "rejected"
    assert [(said["who"], said["verdict"]) for said in shown["reviews"]] == [
        ("A. Reader", "accepted"),
        ("B. Reader", "rejected"),
    ]
    assert "A. Reader: accepted (checked)" in terminal.run("events", "show", "1", *at(store))


def test_one_event_that_is_not_there_leaves_the_others_unjudged(
    store: Path, terminal: Terminal
) -> None:
    status, line = terminal.fail("events", "accept", "1", "99", "--by", "A", *at(store))
    assert status == 2
    assert "no event 99" in line
    assert study.event(store, 1).stored.state is State.UNREVIEWED


def test_an_edit_changes_fields_and_keeps_the_original(store: Path, terminal: Terminal) -> None:
    words = ("status=in_force", "target=Japan, USA", "commodities=dysprosium,NdFeB magnets",
             "magnitude=25 % of exports; 1,300 t/yr", "end=", "effective=2025-12-01")  # fmt: skip
    sets = [part for word in words for part in ("--set", word)]
    terminal.run("events", "edit", "1", *sets, "--by", "A. Reader", *at(store))
    shown = study.event(store, 1)
    event = shown.stored.event
    assert (event.status, event.target, event.end) == ("in_force", ("JPN", "USA"), None)
    assert event.commodities == ("dysprosium", "magnets")
    assert event.magnitude == (
        Magnitude(value=25, unit="%", what="of exports"), Magnitude(value=1300, unit="t/yr"),
    )  # fmt: skip
    assert shown.stored.original.target == ("JPN",)
    assert shown.stored.state is State.EDITED
    assert "status" in {review.field for review in shown.reviews}


def test_names_with_commas_are_written_as_json(store: Path) -> None:
    edited = study.edit(store, 1, {"actor": '["Example Metals, Ltd"]'}, by="A")
    assert edited.event.actor == ("Example Metals, Ltd",)
    with pytest.raises(InputError, match="no list of names"):
        study.edit(store, 1, {"actor": "[1"}, by="A")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("status", "does not set a field"),
        ("colour=red", "unknown field 'colour'"),
        ("status=maybe", "unknown status 'maybe'"),
        ("instrument=", "instrument"),
        ("commodities=dilithium", "unknown commodity"),
        ("magnitude=much", "no size"),
        ("magnitude=nan t", "no size"),
        ("date=2025-13-40", "calendar"),
        ("confidence=2", "confidence"),
        ("evidence=x", "unknown field 'evidence'"),
    ],
)
def test_what_an_event_cannot_be_is_refused_and_nothing_changes(
    word: str, told: str, store: Path, terminal: Terminal
) -> None:
    status, line = terminal.fail("events", "edit", "1", "--set", word, "--by", "A", *at(store))
    assert status == 2
    assert told in line
    assert study.event(store, 1).stored.state is State.UNREVIEWED


# -- briefings -----------------------------------------------------------------------------------

SHORT = ("--months", "4", "--format", "md")


def test_a_briefing_on_accepted_events_has_no_notice_and_is_kept_as_a_run(
    store: Path, terminal: Terminal, tmp_path: Path
) -> None:
    out = tmp_path / "b.md"
    words = ("events", "brief", "1", "--out", str(out), *SHORT, *at(store))
    terminal.run(*words)
    assert "Nobody has reviewed" in out.read_text(encoding="utf-8")
    terminal.run("events", "accept", "1", "--by", "A. Reader", *at(store))
    told = terminal.run(*words)
    assert "Nobody has reviewed" not in out.read_text(encoding="utf-8")
    assert "Run 2 kept" in told
    with open_store(store) as opened:
        run = opened.runs()[0]
        assert run.events == (1,)
        assert run.output == str(out)


def test_an_accepted_event_counts_however_unsure_and_answers_go_by_its_number(
    store: Path, terminal: Terminal, tmp_path: Path
) -> None:
    toml = tmp_path / "drafted.toml"
    files = ("--out", str(tmp_path / "b.md"), "--scenario-out", str(toml))
    words = ("events", "brief", "2", "--set", "2.rate=25 %", *files, *SHORT, *at(store))
    assert "only 40% sure" in terminal.fail(*words)[1]
    terminal.run("events", "accept", "2", "--by", "A. Reader", *at(store))
    terminal.run(*words)
    assert load(toml).measures[0].kind == "tariff"
    with open_store(store) as opened:
        (run,) = opened.runs()
        drafted = newsdesk.draft_of_run(opened, run, load(toml))
        assert newsdesk.options_of_run(run)["draws"] == 1
    assert drafted is not None
    assert drafted.reviewed


def test_a_rejected_event_makes_no_briefing_and_leaves_no_file(
    store: Path, terminal: Terminal, tmp_path: Path
) -> None:
    study.reject(store, [1], by="A")
    out = tmp_path / "b.html"
    status, line = terminal.fail("events", "brief", "1", "--out", str(out), *at(store))
    assert status == 2
    assert "event 1 is rejected" in line
    assert not out.exists()


def test_two_pages_of_one_name_are_told_apart(store: Path) -> None:
    with open_store(store) as opened:
        twin = factory.page(1, story="An example ministry spoke again, of other goods and states.")
        added = opened.add(twin, [factory.event(1, commodities=("terbium",), date="2025-10-20")])
    found = study.draft_stored(store, [1, *added.events])
    assert sorted(found.numbers.values()) == [1, *added.events]
    assert len({page.id for page in found.drafted.pages}) == 2


def test_a_changed_field_no_longer_rests_on_the_page(store: Path) -> None:
    with open_store(store) as opened:
        page = factory.page(3, story="China said no more, an example reporter wrote at noon today.")
        (number,) = opened.add(page, [factory.event(1)]).events
    study.edit(store, number, {"instrument": "export_ban"}, by="A")
    (event,) = study.draft_stored(store, [number]).drafted.events
    assert [proof.field for proof in event.evidence] == []
    assert study.event(store, number).proofs


def test_a_page_that_is_kept_is_briefed_on_with_its_reviews(
    tmp_path: Path, terminal: Terminal
) -> None:
    place, out = tmp_path / "desk.sqlite", tmp_path / "b.md"
    words = ("brief", str(EXAMPLE), "--keep", "--out", str(out), *SHORT, *at(place))
    terminal.run(*words)
    assert "Nobody has reviewed" in out.read_text(encoding="utf-8")
    with open_store(place) as opened:
        numbers = [one.id for one in opened.events()]
    study.accept(place, numbers, by="A. Reader")
    terminal.run(*words)
    assert "Nobody has reviewed" not in out.read_text(encoding="utf-8")


def test_a_scenario_can_be_kept_too(tmp_path: Path, terminal: Terminal) -> None:
    place = tmp_path / "desk.sqlite"
    words = ("brief", "myanmar-halt", "--keep", "--out", str(tmp_path / "b.md"), *SHORT, *at(place))
    assert "Run 1 kept" in terminal.run(*words)
    with open_store(place) as opened:
        assert opened.runs()[0].events == ()
