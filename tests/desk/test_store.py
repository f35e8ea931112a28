"""Claims about the store, the same for SQLite and PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monazite.desk.links import LinkKind
from monazite.desk.schema import Magnitude, Role
from monazite.desk.store import (
    MATCH_END,
    MATCH_START,
    STANDING,
    EventFilter,
    FeedState,
    State,
    StoredLink,
    open_store,
)
from monazite.desk.store.fingerprint import NEAR, bands, distance
from monazite.desk.store.tables import metadata
from monazite.errors import InputError, UnknownCodeError
from store_factory import STORY, event, page

NOW = datetime(2025, 10, 10, 12, tzinfo=UTC)
RARE_EARTHS = (
    "輸出規制を受け、レアアースの在庫は六週間分だと例示協会は述べた。中国の発表は例である。"
)


def clock():
    return NOW


def _tool(name):
    found = shutil.which(name)
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(newest[-1]) if newest else None)


@contextmanager
def _running(folder, user):
    """Run a server that listens on a socket in a folder and nowhere else."""
    data, quiet = folder / "data", subprocess.DEVNULL

    def call(name, *options):
        # The server would keep the pipes of whoever starts it, so it gets none.
        command = [_tool(name), "-D", data, *options]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=quiet, stderr=quiet)

    call("initdb", "-U", "desk", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    call("pg_ctl", "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield folder / ".s.PGSQL.5432"
    finally:
        call("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def on_a_server():
    """Start a real PostgreSQL with a store; give the store and what empties it."""
    if not _tool("initdb") or not _tool("pg_ctl"):
        pytest.skip("PostgreSQL is not installed here (no initdb, pg_ctl)")
    native = pytest.importorskip("pg8000.native")
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    if user:
        shutil.chown(folder, user)
    try:
        with (
            _running(folder, user) as socket,
            open_store(f"postgresql://desk@/postgres?unix_sock={socket}", clock=clock) as store,
            closing(native.Connection("desk", database="postgres", unix_sock=str(socket))) as door,
        ):
            names = ", ".join(metadata.tables)
            yield store, lambda: door.run(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    if request.param == "sqlite":
        with open_store(tmp_path / "desk.db", clock=clock) as opened:
            yield opened
    else:
        opened, empty = request.getfixturevalue("on_a_server")
        empty()
        yield opened


# --- pages -----------------------------------------------------------------------------------


def test_a_page_comes_back_as_it_was_read(store):
    read = page(title="A title", language="es")
    added = store.add(read)
    kept = store.page(added.page)
    assert kept.page == read
    assert kept.head.headline == read.headline
    assert kept.head.read_at == NOW
    assert store.pages() == (kept.head,)


def test_a_page_without_lines_date_or_address_comes_back_too(store):
    read = page(published=None, url="", site="", lines=())
    assert store.page(store.add(read).page).page == read


def test_the_same_text_twice_changes_nothing(store):
    first = store.add(page(), [event(1), event(2, instrument="tariff")])
    store.accept([first.events[0]], "Ann")
    again = store.add(page(url="https://other.example/copy"), [event(3, instrument="strike")])
    assert (first.new, again.new) == (True, False)
    assert (again.page, again.events) == (first.page, first.events)
    assert store.event(first.events[0]).state == State.ACCEPTED
    assert store.census().events == 2
    assert store.seen("https://other.example/copy")


def test_a_stream_is_kept_in_order_and_yields_what_is_committed(store):
    read = [(page(n, story=f"{STORY}\nNumber {n}"), [event(n)]) for n in range(7)]
    added = [(one.page, store.census().pages) for one in store.add_stream(read, batch=3)]
    assert [pages for _, pages in added] == [3, 3, 3, 6, 6, 6, 7]
    assert len({number for number, _ in added}) == 7


def test_one_page_that_cannot_be_kept_keeps_its_batch_out(store):
    with pytest.raises(InputError, match="calendar"):
        store.add_many([(page(1), ()), (page(2), [event(date="2025-02-30")])])
    assert store.census().pages == 0


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d"])
def test_text_that_no_database_holds_is_refused(store, text):
    for faulty in (page(title=text), page(story=text), page(url=text)):
        with pytest.raises(InputError, match="UTF-8"):
            store.add(faulty)
    for faulty in (
        {"actor": (text,)},
        {"place": text},
        {"magnitude": ({"value": 1, "unit": text},)},
    ):
        with pytest.raises(InputError, match="UTF-8"):
            store.add(page(), [event(**faulty)])
    assert store.census().pages == 0
    (number,) = store.add(page(), [event()]).events
    with pytest.raises(InputError, match="UTF-8"):
        store.edit(number, {"place": text}, "Ann")
    with pytest.raises(InputError, match="UTF-8"):
        store.accept([number], "Ann", text)


def test_a_page_with_a_few_words_changed_is_near(store):
    long = "\n".join(
        f"{STORY} Paragraph {n} of this example speaks of item {n * n}." for n in range(9)
    )
    first = store.add(page(1, story=long))
    changed = page(2, story=long.replace("six weeks", "five weeks", 1), headline=page(1).headline)
    assert store.near(changed)[0].id == first.page
    assert store.add(changed).near == (first.page,)
    assert (
        store.near(page(3, story="Something else altogether is told here.\nQuite another thing."))
        == ()
    )


@given(st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=NEAR))
def test_fingerprints_that_are_near_share_a_band(simhash, flipped):
    other = simhash ^ sum(1 << bit for bit in flipped)
    assert distance(simhash, other) == len(flipped)
    assert any(one == two for one, two in zip(bands(simhash), bands(other), strict=True))


# --- events ----------------------------------------------------------------------------------


def test_an_event_comes_back_with_its_evidence(store):
    told = event(
        magnitude=(Magnitude(value=12.5, unit="t/yr", what="quota"),), effective="2025-12",
        actor_name="ministry of trade", place="JPN", end="2026", follows="extends",
    )  # fmt: skip
    kept = store.event(store.add(page(), [told]).events[0])
    assert kept.event == kept.original == told
    assert kept.state == State.UNREVIEWED
    assert kept.day == "2025-10-09"


@pytest.fixture
def three(store):
    """Three events of two pages."""
    first = store.add(page(1), [event(1), event(2, actor=("USA",), instrument="tariff",
                      commodities=("gallium",), date=None, role=Role.BACKGROUND)])  # fmt: skip
    second = store.add(page(2, story="Otra cosa.", language="es"), [event(3, date="2025-11")])
    return (*first.events, *second.events)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [2, 1, 0]),
        ({"actors": ["CHN"]}, [2, 0]),
        ({"actors": ["USA"], "commodities": ["gallium"]}, [1]),
        ({"actors": ["CHN"], "commodities": ["gallium"]}, []),
        ({"targets": ["*"], "limit": 2}, [2, 1]),
        ({"instruments": ["tariff"]}, [1]),
        ({"families": ["export"]}, [2, 0]),
        ({"languages": ["es"]}, [2]),
        ({"roles": [Role.MAIN]}, [2, 0]),
        ({"states": STANDING}, [2, 1, 0]),
        ({"since": "2025-10-10"}, [2]),
        ({"until": "2025-10"}, [1, 0]),
        ({"since": "2025", "until": "2025"}, [2, 1, 0]),
    ],
)
def test_a_filter_lets_through_what_it_names_the_newest_first(store, three, wanted, found):
    numbers = [one.id for one in store.events(EventFilter(**wanted))]
    assert numbers == [three[place] for place in found]


def test_every_word_about_an_event_is_kept_and_the_original_stays(store):
    (number,) = store.add(page(), [event()]).events
    store.accept([number], "Ann", "as the page says")
    edited = store.edit(number, {"date": "2025-10-08", "target": ["USA"]}, "Ben", "misread")
    store.reject([number], "Cy")
    assert edited.state == State.EDITED
    assert (edited.event.date, edited.original.date) == ("2025-10-08", "2025-10-09")
    assert edited.event.evidence == edited.original.evidence
    said = [(r.who, r.verdict, r.field, r.was, r.became, r.note) for r in store.reviews(number)]
    assert said == [
        ("Ann", State.ACCEPTED, "", "", "", "as the page says"),
        ("Ben", State.EDITED, "target", '["*"]', '["USA"]', "misread"),
        ("Ben", State.EDITED, "date", '"2025-10-09"', '"2025-10-08"', "misread"),
        ("Cy", State.REJECTED, "", "", "", ""),
    ]
    assert store.reviews(number)[0].at == NOW
    assert store.event(number).state == State.REJECTED


def test_an_edited_event_is_found_by_what_it_says_now(store):
    (number,) = store.add(page(), [event()]).events
    store.edit(number, {"actor": ["JPN"], "instrument": "tariff", "date": None}, "Ann")
    assert store.events(EventFilter(actors=["CHN"])) == ()
    (found,) = store.events(EventFilter(actors=["JPN"], families=["import"], since="2025-10-09"))
    assert found.id == number


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"colour": "red"}, UnknownCodeError),
        ({"id": "x"}, UnknownCodeError),
        ({"evidence": []}, UnknownCodeError),
        ({"status": "perhaps"}, UnknownCodeError),
        ({"date": "soon"}, InputError),
        ({"date": "2025-02-30"}, InputError),
        ({"confidence": 2}, InputError),
        ({"date": "2025-10-09"}, InputError),
        ({}, InputError),
    ],
)
def test_an_edit_that_an_event_cannot_take_changes_nothing(store, changes, fault):
    (number,) = store.add(page(), [event()]).events
    with pytest.raises(fault):
        store.edit(number, changes, "Ann")
    assert store.reviews(number) == ()
    assert store.event(number).event == event()


def test_a_review_of_many_is_of_all_or_none(store, three):
    with pytest.raises(InputError, match="no event 999"):
        store.accept([three[0], 999], "Ann")
    with pytest.raises(InputError, match="name"):
        store.accept([three[0]], " ")
    assert {one.state for one in store.events()} == {State.UNREVIEWED}
    store.accept(three[:2], "Ann")
    assert store.census().states == {State.ACCEPTED: 2, State.UNREVIEWED: 1}


# --- links -----------------------------------------------------------------------------------


def _stories(store, *events):
    return [
        store.add(page(n, story=f"{STORY}\nTold {n} times"), [one]).events[0]
        for n, one in enumerate(events)
    ]


def test_links_come_with_the_events(store):
    first, second, end = _stories(
        store, event(), event(date="2025-10-12", status="in_force"),
        event(date="2025-11-10", status="suspended"),
    )  # fmt: skip
    assert store.links() == (
        StoredLink(second, first, LinkKind.DUPLICATES, ("status",)),
        StoredLink(end, second, LinkKind.SUSPENDS),
    )
    assert store.links([first]) == store.links()[:1]


def test_links_do_not_depend_on_who_came_first_within_a_batch(store):
    read = [(page(1), [event(date="2025-11-10", status="suspended")]), (page(2), [event()])]
    late, early = (one.events[0] for one in store.add_many(read))
    assert store.links() == (StoredLink(late, early, LinkKind.SUSPENDS),)


def test_a_rejected_event_loses_its_links_and_gets_them_back(store):
    first, second, end = _stories(
        store, event(date="2025-04-04"), event(), event(date="2025-11-10", status="suspended")
    )
    before = store.links()
    assert StoredLink(end, second, LinkKind.SUSPENDS) in before
    store.reject([second], "Ann")
    assert store.links() == (StoredLink(end, first, LinkKind.SUSPENDS),)
    store.accept([second], "Ben")
    assert store.links() == before


def test_an_edited_event_is_linked_by_what_it_says_now(store):
    first, second = _stories(store, event(), event(actor=("USA",)))
    assert store.links() == ()
    store.edit(second, {"actor": ["CHN"]}, "Ann")
    assert store.links() == (StoredLink(second, first, LinkKind.DUPLICATES),)


# --- search ----------------------------------------------------------------------------------


def _found(store, query):
    return [hit.page.record for hit in store.search(query)]


def test_words_are_found_by_stem_case_and_accent(store):
    store.add(page(1, story="Los imanes necesitan exportación y licencias.", language="es"))
    store.add(page(2, story="Nothing of the kind.", headline="Weather"))
    for query in ("EXPORTACION", "exportación", "imanes licencias", '"necesitan exportacion"'):
        assert _found(store, query) == ["page-1"], query
    assert _found(store, "imanes weather") == []
    store.add(page(3, story="They exported magnets.", headline="Ports"))
    assert _found(store, "exporting magnet") == ["page-3"]


def test_a_headline_counts_more_than_a_paragraph(store):
    store.add(page(1, headline="Ports", story="A strike at a gallium plant, an example."))
    store.add(page(2, headline="Gallium", story="A strike at another plant, an example."))
    assert _found(store, "gallium") == ["page-2", "page-1"]


def test_menus_are_not_searched(store):
    store.add(page(menu="Home Politics Gallium"))
    assert _found(store, "politics") == []


def test_a_snippet_shows_the_words_that_were_found(store):
    store.add(page())
    (hit,) = store.search("magnets")
    assert f"{MATCH_START}magnets{MATCH_END}" in hit.snippet


@pytest.mark.parametrize("query", ["المعادن", "معادن", "والمعادن", "مَعادن", "معـادن", "اعلان"])
def test_arabic_is_found_with_and_without_article_marks_and_hamza(store, query):
    store.add(page(1, language="ar", headline="إعلان مثال", story="قيود على المعادن النادرة أيضاً"))
    assert _found(store, query) == ["page-1"]


def test_arabic_is_shown_as_the_page_writes_it(tmp_path):
    with open_store(tmp_path / "desk.db") as store:
        store.add(page(1, language="ar", headline="مثال", story="قيودٌ أيضاً على المعادن النادرة"))
        (hit,) = store.search("معادن")
    assert hit.snippet == f"قيودٌ أيضاً على {MATCH_START}المعادن{MATCH_END} النادرة"


@pytest.mark.parametrize(
    "query", ["レアアース", "アース", "中国", "レアアース 中国", "在", "協会は述べた"]
)
def test_japanese_is_found_by_runs_of_any_length(store, query):
    store.add(page(1, language="ja", headline="例", story=RARE_EARTHS))
    store.add(page(2, language="ja", headline="例二", story="天気の例である。"))
    hits = store.search(query)
    assert [hit.page.record for hit in hits] == ["page-1"]
    assert MATCH_START in hits[0].snippet


def test_a_latin_name_is_found_in_japanese_and_english_pages(store):
    store.add(page(1, language="ja", headline="例", story="例のＵＳＧＳの表。USGS は例。"))
    store.add(page(2, story="The USGS is named here as an example."))
    assert sorted(_found(store, "USGS")) == ["page-1", "page-2"]


@pytest.mark.parametrize(
    "query",
    [
        '"',
        '""',
        "*",
        "a AND",
        "NEAR(",
        "headline: x",
        "x' OR 1=1 --",
        "%",
        "_",
        "(",
        "a:b",
        "^",
        "-",
    ],
)
def test_no_character_of_a_query_has_a_meaning(store, query):
    store.add(page())
    store.add(page(2, language="ja", headline="例", story=RARE_EARTHS))
    assert _hits_or_refusal(store, query)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(min_size=1, max_size=30))
def test_any_query_gives_hits_or_says_what_is_wrong(store, query):
    assert _hits_or_refusal(store, query)


def _hits_or_refusal(store, query):
    try:
        return store.search(query) is not None
    except InputError as error:
        return bool(error.way_out)


@pytest.mark.parametrize("query", ["", "  ", "...", "x" * 401, " ".join("abcdefghijklmnopq")])
def test_a_query_without_words_or_with_too_many_is_refused(store, query):
    with pytest.raises(InputError):
        store.search(query)


# --- the small books -------------------------------------------------------------------------


def test_a_run_is_kept_with_its_events(store, three):
    number = store.record_run("title = 'x'", '{"result": "1"}', three[:2], "out.html")
    store.record_run("title = 'y'", "{}")
    newest, first = store.runs()
    assert (first.id, first.events, first.output, first.at) == (number, three[:2], "out.html", NOW)
    assert newest.events == ()
    with pytest.raises(InputError, match="no event 999"):
        store.record_run("x", "{}", [999])


def test_reads_count_half_after_every_half_life(store):
    one, two = (store.add(page(n, story=f"{STORY} {n}")).page for n in (1, 2))
    for number in (one, one, one, two):
        store.count_read(number)
    today = store.most_read(NOW)
    assert [(r.page.id, r.score) for r in today] == [(one, 3.0), (two, 1.0)]
    later = store.most_read(NOW + timedelta(days=4), half_life_days=2, limit=1)
    assert [(r.page.id, r.score) for r in later] == [(one, 0.75)]
    assert store.most_read(NOW - timedelta(days=1)) == ()
    with pytest.raises(InputError, match="no page 99"):
        store.count_read(99)
    with pytest.raises(InputError, match="half-life"):
        store.most_read(NOW, half_life_days=0)


def test_a_feed_goes_on_where_it_stood(store):
    address = "https://news.example/feed"
    assert store.feed_state(address) == FeedState(address)
    for failures in (1, 2):
        state = FeedState(address, '"tag"', "Thu, 09 Oct 2025 00:00:00 GMT", NOW, failures)
        store.keep_feed_state(state)
        assert store.feed_state(address) == state


def test_an_address_is_seen_when_it_was_fetched_or_its_page_was_kept(store):
    assert not store.seen("https://news.example/1")
    store.add(page(1))
    store.keep_seen("https://news.example/gone")
    store.keep_seen("https://news.example/gone")
    assert store.seen("https://news.example/1")
    assert store.seen("https://news.example/gone")


def test_a_sound_store_has_no_fault(store, three):
    store.accept(three, "Ann")
    assert store.check() == ()
    assert store.census().pages == 2
