"""Claims about faults: killed writers, two at once, full disks, files that are no stores."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import deque
from contextlib import closing, contextmanager
from itertools import count, islice
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import Pool

from monazite.desk.store import database, migrations, open_store, tables
from monazite.errors import StoreError
from store_factory import STORY, event, page

TESTS = Path(__file__).parent.parent
NOBODY = 65534
EVERY_EVENT = 2
"""Events of every page that the writers below keep."""

WRITER = """
import sys
from monazite.desk.store import open_store
from store_factory import STORY, event, page

def read(name, first, last):
    for n in range(first, last):
        text = f"{STORY}\\nExample {name}, number {n}. " + "Words of an example. " * 100
        yield page(n, story=text, url=f"https://{name}.example/{n}"), [event(1), event(2)]

place, name, first, last, batch = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
with open_store(place) as store:
    for added in store.add_stream(read(name, first, last), batch=batch):
        print(added.page, flush=True)
"""


def start(place, name="one", first=0, last=1_000_000, batch=5):
    """Start a process that writes pages and reports every page that is committed."""
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    arguments = [str(part) for part in (place, name, first, last, batch)]
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )


def assert_whole(store, expected):
    """See that all pages are there, each with its text, lines, events and place in the index."""
    assert store.check() == ()
    assert expected <= {head.id for head in store.pages()}
    for head in store.pages():
        kept = store.page(head.id).page
        assert kept.sha256 == head.sha256
        assert kept.lines
    counts = store.census()
    assert counts.events == EVERY_EVENT * counts.pages


# --- processes -------------------------------------------------------------------------------


def test_a_killed_writer_loses_nothing_that_it_reported(tmp_path):
    place, reported = tmp_path / "desk.db", set()
    for round_, wanted in enumerate((1, 23, 60)):
        with start(place, name=f"round{round_}") as writer:
            reported |= {int(line) for line in islice(writer.stdout, wanted)}
            writer.send_signal(signal.SIGKILL)
            rest, _ = writer.communicate()
        reported |= {int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")}
        with open_store(place) as store:
            assert_whole(store, reported)
    assert len(reported) >= 84


def test_two_processes_write_at_once_and_lose_nothing(tmp_path):
    place = tmp_path / "desk.db"
    writers = [start(place, name=name, last=80, batch=1) for name in ("one", "two")]
    writers.append(start(place, name="two", last=80, batch=7))
    reports = []
    for writer in writers:
        out, faults = writer.communicate(timeout=60)
        assert (writer.returncode, faults) == (0, "")
        reports.append([int(line) for line in out.splitlines()])
    assert [len(report) for report in reports] == [80, 80, 80]
    assert set(reports[1]) == set(reports[2])
    with open_store(place) as store:
        assert_whole(store, {number for report in reports for number in report})
        assert store.census().pages == 160


def test_a_reader_sees_the_state_before_a_writer_has_done(tmp_path):
    seen = []
    with open_store(tmp_path / "desk.db") as writer, open_store(tmp_path / "desk.db") as reader:

        def read():
            for number in range(3):
                seen.append(reader.census().pages)
                yield page(number, story=f"{STORY} {number}"), ()

        writer.add_many(read())
        assert seen == [0, 0, 0]
        assert reader.census().pages == 3


def test_a_writer_that_waits_too_long_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with open_store(tmp_path / "desk.db") as one, open_store(tmp_path / "desk.db") as other:

        def read():
            with pytest.raises(StoreError, match="another process"):
                other.add(page(1))
            yield page(2), ()

        one.add_many(read())
        assert other.add(page(1)).new


# --- disks -----------------------------------------------------------------------------------


@pytest.fixture
def small_disk():
    """Let no file of SQLite grow over 140 pages."""

    def limit(connection, _entry):
        connection.execute("PRAGMA max_page_count = 140")

    sqlalchemy.event.listen(Pool, "connect", limit)
    yield
    sqlalchemy.event.remove(Pool, "connect", limit)


def test_a_full_disk_is_told_and_loses_nothing(tmp_path, small_disk):
    kept = set()
    with open_store(tmp_path / "desk.db") as store:
        with pytest.raises(StoreError, match="no room left") as told:
            deque(_filling(store, kept), maxlen=0)
        assert told.value.exit_status == 6
        assert kept
        assert_whole(store, kept)
        assert len(store.pages()) == len(kept)


def _filling(store, kept):
    """Add pages for ever; note in ``kept`` each that was kept."""
    for number in count():
        story = f"{STORY}\nNumber {number}. " + "Some more words. " * 60
        added = store.add(page(number, story=story), [event(1), event(2)])
        kept.add(added.page)
        yield added.page


def test_a_file_system_without_room_loses_nothing(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f'mount -t tmpfs -o size=3m tmpfs {disk} && exec {sys.executable} -c "$0" {disk}'
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    if not shutil.which("unshare"):
        pytest.skip("unshare is not installed here")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, FILLER],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )
    if done.returncode and "Traceback" not in done.stderr:
        pytest.skip(f"no small file system can be made here: {done.stderr.strip()}")
    assert done.stdout.split() == ["whole"], done.stderr


FILLER = """
import sys
from monazite.desk.store import open_store
from monazite.errors import StoreError
from store_factory import STORY, event, page

kept = set()
with open_store(sys.argv[1] + "/desk.db") as store:
    try:
        for n in range(2000):
            story = f"{STORY} Number {n}. " + "Some more words. " * 60
            kept.add(store.add(page(n, story=story), [event(1), event(2)]).page)
    except StoreError as error:
        assert error.way_out, error
with open_store(sys.argv[1] + "/desk.db") as store:
    assert store.check() == ()
    assert {head.id for head in store.pages()} == kept and kept
    assert store.census().events == 2 * len(kept)
print("whole")
"""


@contextmanager
def without_privileges():
    """Be nobody for a while, if whoever runs the tests may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_told():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_store(folder / "desk.db") as store:
            store.add(page())
        folder.chmod(0o555)
        for place in (folder / "new.db", folder / "desk.db"):
            with without_privileges(), pytest.raises(StoreError, match="cannot be") as told:
                open_store(place)
            assert "you may write to" in told.value.way_out
        folder.chmod(0o755)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path / "nowhere" / "desk.db")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path)


# --- files that are no stores ----------------------------------------------------------------


@pytest.mark.parametrize("content", [b"a text, no database at all\n" * 100, os.urandom(5000)])
def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path, content):
    place = tmp_path / "notes.txt"
    place.write_bytes(content)
    with pytest.raises(StoreError, match="no database"):
        open_store(place)
    assert place.read_bytes() == content
    assert list(tmp_path.iterdir()) == [place]


def test_a_database_of_another_program_is_told_and_left_alone(tmp_path):
    place = tmp_path / "other.db"
    with closing(sqlite3.connect(place)) as other:
        other.execute("CREATE TABLE pages (id INTEGER)")
        other.commit()
    with pytest.raises(StoreError, match="another program"):
        open_store(place)
    with closing(sqlite3.connect(place)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("pages",)]


def test_a_store_of_a_newer_version_is_told(tmp_path):
    place = tmp_path / "desk.db"
    open_store(place).close()
    with closing(sqlite3.connect(place)) as newer:
        newer.execute(f"UPDATE {tables.VERSION_TABLE} SET version_num = '9999'")
        newer.commit()
    with pytest.raises(StoreError, match="version 9999") as told:
        open_store(place)
    assert "newer Monazite" in told.value.way_out


def test_a_store_that_should_be_there_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="no such store"):
        open_store(tmp_path / "desk.db", create=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["mysql://host/x", "nothing://x", "sqlite://", "://"])
def test_a_database_of_another_kind_is_refused(place):
    with pytest.raises(StoreError, match="no such kind"):
        open_store(place)


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path):
    with pytest.raises(StoreError) as told:
        open_store(f"postgresql://desk:secret@/desk?unix_sock={tmp_path}/none")
    assert "secret" not in told.value.line()


def test_damage_is_found(tmp_path):
    place = tmp_path / "desk.db"
    with open_store(place) as store:
        for number in range(5):
            store.add(page(number, story=f"{STORY} {number}"))
    with closing(sqlite3.connect(place)) as door:
        door.execute("UPDATE pages SET text = 'other' WHERE id = 2")
        door.execute("DELETE FROM search_words WHERE rowid = 3")
        door.execute("DELETE FROM pages WHERE id = 4")
        door.commit()
    with open_store(place) as store:
        faults = store.check()
    assert "page 2: its text is not the one that was kept" in faults
    assert "page 3: a search cannot find it" in faults
    assert any(fault.startswith("lines: row") for fault in faults)


def test_a_torn_file_is_told(tmp_path):
    place = tmp_path / "desk.db"
    with open_store(place) as store:
        store.add_many((page(n, story=f"{STORY} {n}"), [event()]) for n in range(50))
    content = bytearray(place.read_bytes())
    content[8192:90_000] = b"\xff" * (90_000 - 8192)
    place.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|no database"):
        _use(place)


def _use(place):
    with open_store(place) as store:
        store.pages()
        store.events()
        for number in range(1, 51):
            store.page(number)
        store.check()


# --- versions and copies ---------------------------------------------------------------------


def test_the_migrations_make_the_tables_that_the_program_knows(tmp_path):
    place = tmp_path / "desk.db"
    open_store(place).close()
    engine = sqlalchemy.create_engine(f"sqlite:///{place}")
    ours = set(tables.metadata.tables)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in ours}
        )
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_the_version_is_that_of_the_last_migration():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [tables.VERSION]


def test_a_backup_is_a_store_of_its_own(tmp_path):
    with open_store(tmp_path / "desk.db") as store:
        kept = store.add(page(1), [event()])
        store.backup(tmp_path / "copy.db")
        store.add(page(2, story="Added later."))
        with pytest.raises(StoreError, match="there already"):
            store.backup(tmp_path / "copy.db")
        with pytest.raises(StoreError, match="cannot be opened"):
            store.backup(tmp_path / "nowhere" / "copy.db")
    with open_store(tmp_path / "copy.db") as copy:
        assert copy.check() == ()
        assert [head.id for head in copy.pages()] == [kept.page]
    assert not list(tmp_path.glob("*.part"))


def test_commits_reach_the_disk_before_they_are_reported(tmp_path):
    with open_store(tmp_path / "desk.db") as store, store._database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
