"""Feeds and folders watched by command: read once, kept, sound when stopped."""

import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from desk.web_stub import Stub, send, serving
from doors.shared_runs import Terminal
from monazite.cli import main
from monazite.desk.feeds import polling
from monazite.desk.store import open_store

STORY = """\
China bans exports of gallium to the United States
China on Tuesday banned exports of gallium and germanium to the United States, the commerce \
ministry said. The order takes effect at once.
"""


def write_old(path: Path, text: str) -> None:
    """Write a page that nobody is still writing."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "pages"
    pages.mkdir()
    write_old(pages / "gallium.txt", STORY)
    return pages


def test_a_folder_is_read_once_and_kept(folder: Path, tmp_path: Path, terminal: Terminal) -> None:
    place = tmp_path / "desk.sqlite"
    words = ("watch", str(folder), "--once", "--store", str(place))
    told = terminal.run(*words)
    assert "read" in told
    assert "China bans exports of gallium to the United States (1 event)" in told
    assert "1 new" in told
    assert "not due" in terminal.run(*words)
    with open_store(place) as opened:
        assert [one.event.instrument for one in opened.events()] == ["export_ban"]


def test_notices_are_lines_of_json_on_demand(
    folder: Path, tmp_path: Path, terminal: Terminal
) -> None:
    write_old(folder / "empty.txt", " \n")
    words = ("watch", str(folder), "--once", "--json", "--store", str(tmp_path / "s.sqlite"))
    notices = [json.loads(line) for line in terminal.run(*words).splitlines()]
    assert [notice["happening"] for notice in notices] == ["refused", "read", "polled"]
    assert notices[1]["events"] == ["gallium:1"]


def test_what_a_page_says_does_not_steer_the_terminal(
    folder: Path, tmp_path: Path, terminal: Terminal
) -> None:
    write_old(folder / "hostile.txt", STORY.replace("China bans", "\x1b[31mChina\x07 bans"))
    told = terminal.run("watch", str(folder), "--once", "--store", str(tmp_path / "s.sqlite"))
    assert not {"\x1b", "\x07"} & set(told)


def feed_of(request: BaseHTTPRequestHandler, _: bytes) -> None:
    base = f"http://{request.headers['Host']}"
    if request.path == "/feed":
        text = (
            f"<rss version='2.0'><channel><title>Example</title><link>{base}</link><item>"
            f"<title>One</title><link>{base}/one</link></item></channel></rss>"
        )
        send(request, text.encode(), Content_Type="application/rss+xml", ETag='"1"')
    elif request.path == "/one":
        send(request, STORY.encode(), Content_Type="text/plain")
    else:
        send(request, status=404)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Stub:
    monkeypatch.setattr(polling.WallClock, "sleep", lambda *_: None)
    with serving(feed_of) as stub:
        yield stub


def test_a_feed_is_polled_and_its_pages_are_kept(
    server: Stub, tmp_path: Path, terminal: Terminal
) -> None:
    place = tmp_path / "desk.sqlite"
    words = ("watch", f"{server.base}/feed", "--once", "--allow-local", "--store", str(place))
    assert "1 new of 1" in terminal.run(*words)
    assert server.paths == ["/robots.txt", "/feed", "/one"]
    with open_store(place) as opened:
        assert opened.census().events == 1


def test_a_feed_that_cannot_be_read_gives_exit_status_2(
    server: Stub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "desk.sqlite")
    words = ["watch", f"{server.base}/gone", "--once", "--allow-local", "--store", place]
    assert main(words) == 2
    assert "the server answered 404" in capsys.readouterr().out


def test_this_machine_is_not_asked_unless_it_is_allowed(
    server: Stub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "desk.sqlite")
    assert main(["watch", f"{server.base}/feed", "--once", "--store", place]) == 2
    assert "failed" in capsys.readouterr().out
    assert server.paths == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no-such-folder",), "no such file or folder"),
        (("ftp://news.example/feed",), "no address of the web"),
        (("examples", "--every", "0"), "no interval"),
    ],
)
def test_what_cannot_be_watched_is_refused_before_a_store_is_made(
    words: tuple[str, ...], told: str, tmp_path: Path, terminal: Terminal
) -> None:
    place = tmp_path / "desk.sqlite"
    status, line = terminal.fail("watch", *words, "--once", "--store", str(place))
    assert status == 2
    assert told in line
    assert not place.exists()


def test_the_interval_says_when_a_feed_is_due_again(
    folder: Path, tmp_path: Path, terminal: Terminal
) -> None:
    place = tmp_path / "desk.sqlite"
    terminal.run("watch", str(folder), "--once", "--every", "600", "--store", str(place))
    with open_store(place) as opened:
        state = opened.feed_state(str(folder.resolve()))
        (page,) = opened.pages()
    assert state.due is not None
    assert 530 < (state.due - page.read_at).total_seconds() / 60 < 670


WATCH = """
import signal
from monazite.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
raise SystemExit(main())
"""
"""The program as at a terminal: what is started in the background is deaf to Ctrl-C."""


def test_ctrl_c_leaves_everything_sound(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "desk.sqlite"
    words = [sys.executable, "-c", WATCH, "watch", str(folder), "--store", str(place)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        for line in watching.stdout:
            if line.startswith("polled"):
                break
        watching.send_signal(signal.SIGINT)
        try:
            _, err = watching.communicate(timeout=30)
        finally:
            watching.kill()
    assert (watching.returncode, err.strip()) == (130, "monazite: stopped")
    with open_store(place, create=False) as opened:
        assert opened.check() == ()
        assert opened.census().pages == 1
