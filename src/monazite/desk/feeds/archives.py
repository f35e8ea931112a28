"""Pages out of files: saved pages, folders of them, WARC, JSON Lines, feeds that were saved.

All is read as a stream: one record is in memory at a time, and none is larger than a page may be.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.recordloader import ArcWarcRecord

from monazite.desk.feeds.items import (
    DATE,
    PAGE_TYPES,
    Item,
    Refuse,
    charset,
    is_web,
    media_type,
    stop,
)
from monazite.desk.feeds.syndication import LARGEST_FEED, is_syndication, read_syndication
from monazite.desk.page import LARGEST
from monazite.errors import InputError

PAGE_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".txt"})
"""What the files of a folder are called that are taken for saved pages."""

_HEAD = 20_000
_LONGEST_LINE = 64 * 1024
"""Bytes of a line of a record's head; no server sends longer ones."""
_BLOCK = 8192
"""Packed bytes read at once; each can hold a thousand."""
_ARCHIVE = re.compile(r"\.w?arc(\.gz)?$", re.IGNORECASE)
_BESIDE = ("_files", "-Dateien", "_fichiers", "_archivos", ".files")
"""Ends of the names of folders that browsers put a page's pictures in."""
_FIELDS = "id, text, published, url, lang"
_WAY_OUT = "give saved pages, a folder of them, a feed, a WARC file or JSON Lines"


def read_items(path: Path, *, refuse: Refuse = stop) -> Iterator[Item]:
    """Read every page that a file or folder holds or names; what it holds counts, not its name.

    Parameters
    ----------
    path : Path
        A saved page, a folder of them, a WARC file, JSON Lines, a saved feed or sitemap.
    refuse : callable
        Told of each record that cannot be used; raises unless another is given.

    Raises
    ------
    InputError
        The file is missing or none of these.
    """
    if path.is_dir():
        for page in saved_pages(path):
            yield from _guarded_page(page, refuse)
        return
    where = str(path)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(0)
            if _is_archive(path, head):
                yield from read_warc(file, where=where, refuse=refuse)
            elif is_syndication(head) or _is_packed(head):
                yield from read_syndication(file.read(LARGEST_FEED + 1), where=where)
            elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
                yield from read_json_lines(file, where=where, refuse=refuse)
            else:
                yield _page(path, head)
    except OSError as fault:
        raise _unreadable(path, fault) from fault


def saved_pages(folder: Path) -> Iterator[Path]:
    """Return the saved pages in a folder and the folders inside it, in the order of their names.

    Hidden files, links and what browsers save beside a page are left out.
    """
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir() and not entry.name.endswith(_BESIDE):
            yield from saved_pages(entry)
        elif entry.is_file() and entry.suffix.lower() in PAGE_SUFFIXES:
            yield entry


def _guarded_page(path: Path, refuse: Refuse) -> Iterator[Item]:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        yield _page(path, head)
    except OSError as fault:
        refuse(_unreadable(path, fault))
    except InputError as fault:
        refuse(fault)


def _unreadable(path: Path, fault: OSError) -> InputError:
    reason = (fault.strerror or str(fault)).lower()
    return InputError(reason, where=str(path), way_out=_WAY_OUT)


def _page(path: Path, head: bytes) -> Item:
    if not head.strip():
        raise InputError("the file is empty", where=str(path), way_out=_WAY_OUT)
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise InputError(
            f"the page is larger than {LARGEST // 2**20} MB", where=str(path), way_out=_WAY_OUT
        )
    return Item(id=path.stem, raw=raw, place=str(path))


def _is_packed(head: bytes) -> bool:
    return head.startswith(b"\x1f\x8b")


def _is_archive(path: Path, head: bytes) -> bool:
    return head.startswith(b"WARC/") or (
        _is_packed(head) and _ARCHIVE.search(path.name) is not None
    )


# --- JSON Lines ------------------------------------------------------------------------------


def read_json_lines(file: IO[bytes], *, where: str, refuse: Refuse = stop) -> Iterator[Item]:
    """Read records ``id, text, published, url, lang``, one JSON object a line.

    ``id`` and ``text`` are needed; other fields are not looked at.

    Parameters
    ----------
    file : file of bytes
        Read line by line; may be standard input.
    where : str
        Its name, for errors.
    refuse : callable
        Told of each line that is no such record; raises unless another is given.
    """
    number = 0
    while line := file.readline(LARGEST + 1):
        number += 1
        place = f"{where}, line {number}"
        if len(line) > LARGEST:
            refuse(
                InputError("the line is too long", where=place, way_out=f"at most {LARGEST} bytes")
            )
            _skip_line(file, line)
        elif line.strip():
            try:
                yield _record(line, place)
            except InputError as fault:
                refuse(fault)


def _skip_line(file: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = file.readline(_LONGEST_LINE)


def _record(line: bytes, place: str) -> Item:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as fault:
        raise InputError(
            "this is no JSON object", where=place, way_out=f"write {_FIELDS} as JSON"
        ) from fault
    if not isinstance(record, dict):
        raise InputError("this is no JSON object", where=place, way_out=f"write {_FIELDS} as JSON")
    return Item(
        id=_needed(record, "id", place),
        text=_needed(record, "text", place),
        url=_address(record, place),
        published=_day(record, place),
        language=_string(record, "lang", place),
        place=place,
    )


def _string(record: dict[str, object], name: str, place: str) -> str | None:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise InputError(f"'{name}' is not a text", where=place, way_out="put it in quotes")


def _needed(record: dict[str, object], name: str, place: str) -> str:
    value = _string(record, name, place)
    if value is None or not value.strip():
        raise InputError(f"'{name}' is missing or empty", where=place, way_out=f"give {_FIELDS}")
    return value


def _address(record: dict[str, object], place: str) -> str:
    url = _string(record, "url", place) or ""
    if "://" in url and not is_web(url):
        raise InputError(
            f"'{url[:80]}' is no address of the web", where=place, way_out="mend or leave out 'url'"
        )
    return url


def _day(record: dict[str, object], place: str) -> str | None:
    value = _string(record, "published", place)
    if value is not None and not DATE.fullmatch(value[:10]):
        raise InputError(
            f"'{value[:40]}' is not a date", where=place,
            way_out="write it YYYY-MM-DD, YYYY-MM or YYYY, or null",
        )  # fmt: skip
    return value and value[:10]


# --- WARC ------------------------------------------------------------------------------------


def read_warc(file: IO[bytes], *, where: str, refuse: Refuse = stop) -> Iterator[Item]:
    """Read the pages of a WARC file: answers with status 200 that are HTML or plain text.

    Pictures, requests and other records are passed over. The day of the crawl is not the day of
    publication and is not taken for it.

    Parameters
    ----------
    file : file of bytes
        Packed by record or not.
    where : str
        Its name, for errors.
    refuse : callable
        Told of each page that is too large; raises unless another is given.

    Raises
    ------
    InputError
        The file is no WARC file or breaks off; what came before has been given.
    """
    number = 0
    archive = _archive(file)
    while True:
        place = f"{where}, record {number + 1}"
        try:
            record = next(archive, None)
            if record is None:
                break
            number += 1
            item = _answer(record, place, refuse)
        except InputError:
            raise
        except Exception as fault:  # warcio lets through whatever a broken record makes of it
            raise InputError(
                "the archive is broken here", where=place, way_out="give a whole WARC file"
            ) from fault
        if item is not None:
            yield item
    if not number:
        raise InputError("this is no WARC file", where=where, way_out=_WAY_OUT)


class _BoundedLines(DecompressingBufferedReader):  # type: ignore[misc]
    def readline(self, length: int | None = None) -> bytes:
        line: bytes = super().readline(min(length or _LONGEST_LINE, _LONGEST_LINE))
        if len(line) == _LONGEST_LINE:
            raise ValueError("a line without end")
        return line


def _archive(file: IO[bytes]) -> ArchiveIterator:
    """Return warcio's reader, with lines no longer than a server's."""
    archive = ArchiveIterator(file)
    archive.reader = _BoundedLines(archive.fh, block_size=_BLOCK)
    return archive


def _answer(record: ArcWarcRecord, place: str, refuse: Refuse) -> Item | None:
    """Return the page that a record holds, or none."""
    if record.rec_type is None:
        raise ValueError("a record without a type")
    if record.rec_type != "response" or record.http_headers is None:
        return None
    said = record.http_headers.get_header("Content-Type") or ""
    if record.http_headers.get_statuscode() != "200" or media_type(said) not in PAGE_TYPES:
        return None
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if not is_web(url):
        raise ValueError("an answer from nowhere")
    body = _body(record)
    if len(body) > LARGEST:
        refuse(InputError(f"the page is larger than {LARGEST // 2**20} MB", where=place))
        return None
    if not body.strip():
        return None
    name = record.rec_headers.get_header("WARC-Record-ID") or place
    return Item(id=name.strip("<>"), url=url, raw=body, charset=charset(said), place=place)


def _body(record: ArcWarcRecord) -> bytes:
    """Return the bytes of a page, at most one more than a page may have."""
    if record.length is not None and record.length > LARGEST:
        return bytes(LARGEST + 1)
    body: bytes = record.content_stream().read(LARGEST + 1)
    return body
