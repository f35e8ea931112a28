"""Fetching of official files from a server of this machine: whole, resumed, refused."""

import hashlib
import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from monazite.errors import InputError, TableError, UnknownCodeError
from monazite.reference.downloads import Download, download_of, downloads, fetch
from monazite.reference.loaders.kinds import KINDS

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Site:
    """What the server gives, how it behaves, and which ranges it was asked for."""

    content: bytes = CONTENT
    tag: str = '"first"'
    kind: str = "application/zip"
    status: int = 200
    has_ranges: bool = True
    cut_at: int | None = None
    address: str = ""
    asked: list[str | None] = field(default_factory=list)


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.asked.append(wanted)
            start = 0
            if wanted and site.has_ranges and self.headers.get("If-Range") == site.tag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start > 0 and start >= len(site.content):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else site.status)
            self.send_header("Content-Type", site.kind)
            self.send_header("Content-Length", str(len(site.content) - start))
            if site.tag:
                self.send_header("ETag", site.tag)
            if start:
                last, size = len(site.content) - 1, len(site.content)
                self.send_header("Content-Range", f"bytes {start}-{last}/{size}")
            self.end_headers()
            self.wfile.write(site.content[start : site.cut_at])

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(found))
    found.address = f"http://127.0.0.1:{server.server_address[1]}/file.zip"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def wanted(site: Site, sha256: str = "") -> Download:
    return Download("own", "cepii-baci", "file.zip", site.address, "1", "none", sha256)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_is_fetched_once_and_its_checksum_is_written_down(
    site: Site, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    found = fetch(wanted(site), tmp_path / "new", lambda done, total: told.append((done, total)))
    assert found.path.read_bytes() == CONTENT
    assert (found.size, found.sha256, found.was_there) == (len(CONTENT), SHA256, False)
    assert names(tmp_path / "new") == ["file.zip", "file.zip.sha256"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert fetch(wanted(site), tmp_path / "new").was_there
    assert site.asked == [None]


def test_what_was_cut_off_goes_on_where_it_ended(site: Site, tmp_path: Path) -> None:
    site.cut_at = 700_000
    with pytest.raises(InputError, match="call again to go on"):
        fetch(wanted(site, SHA256), tmp_path)
    assert names(tmp_path) == ["file.zip.part", "file.zip.part.tag"]
    kept = (tmp_path / "file.zip.part").stat().st_size
    assert 0 < kept <= 700_000
    site.cut_at = None
    assert fetch(wanted(site, SHA256), tmp_path).path.read_bytes() == CONTENT
    assert site.asked == [None, f"bytes={kept}-"]
    assert names(tmp_path) == ["file.zip", "file.zip.sha256"]


@pytest.mark.parametrize("change", ["ranges", "version", "tag"])
def test_a_server_that_cannot_go_on_starts_again(change: str, site: Site, tmp_path: Path) -> None:
    if change == "tag":
        site.tag = ""
    site.cut_at = 700_000
    with pytest.raises(InputError):
        fetch(wanted(site), tmp_path)
    site.cut_at = None
    if change == "ranges":
        site.has_ranges = False
    if change == "version":
        site.content, site.tag = CONTENT[::-1], '"second"'
    assert fetch(wanted(site), tmp_path).path.read_bytes() == site.content


def test_a_part_that_is_whole_already_starts_again(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file.zip.part").write_bytes(CONTENT)
    (tmp_path / "file.zip.part.tag").write_text(site.tag)
    assert fetch(wanted(site), tmp_path).sha256 == SHA256
    assert site.asked == [f"bytes={len(CONTENT)}-", None]


def test_another_checksum_is_refused_and_nothing_stays(site: Site, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=f"the checksum is {SHA256}, not {'0' * 64}"):
        fetch(wanted(site, "0" * 64), tmp_path)
    assert names(tmp_path) == []


def test_a_file_that_changed_since_it_was_fetched_is_told_and_kept(
    site: Site, tmp_path: Path
) -> None:
    file = fetch(wanted(site), tmp_path).path
    file.write_bytes(b"something else")
    with pytest.raises(TableError, match="the checksum is"):
        fetch(wanted(site), tmp_path)
    assert file.read_bytes() == b"something else"


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/zip"])
def test_a_web_page_is_no_file(kind: str, site: Site, tmp_path: Path) -> None:
    site.kind, site.content = kind, b"\n<!DOCTYPE html><title>Log in</title>"
    with pytest.raises(TableError, match="a web page came in place of the file"):
        fetch(wanted(site), tmp_path)
    assert names(tmp_path) == []


def test_a_server_that_refuses_is_told(site: Site, tmp_path: Path) -> None:
    site.status = 404
    with pytest.raises(InputError, match="the server answers 404 Not Found"):
        fetch(wanted(site), tmp_path)
    assert names(tmp_path) == []


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    nowhere = Download("own", "cepii-baci", "file.zip", "http://127.0.0.1:9/x", "1", "none", "")
    with pytest.raises(InputError, match="the download broke off"):
        fetch(nowhere, tmp_path)


def test_a_full_disk_keeps_what_came(site: Site, tmp_path: Path) -> None:
    """A file may grow no further than a limit, as on a disk that has no more room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(InputError, match=r"the disk is full \(make room"):
            fetch(wanted(site), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept = (tmp_path / "file.zip.part").stat().st_size
    assert kept > 0
    assert fetch(wanted(site), tmp_path).sha256 == SHA256
    assert site.asked[-1] == f"bytes={kept}-"


def test_the_list_is_of_kinds_that_can_be_read() -> None:
    assert {item.kind for item in downloads().values()} <= KINDS.keys()
    assert all(item.address.startswith("https://") for item in downloads().values())
    with pytest.raises(UnknownCodeError, match="unknown official file to fetch 'baci'"):
        download_of("baci")
