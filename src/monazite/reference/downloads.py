"""Official files by id: fetched in pieces that an interruption does not lose, checked, named last.

What is on the way is ``NAME.part``, with what the server calls that version in ``NAME.part.tag``.
Only a whole file that is what it should be gets its name. ``NAME.sha256`` holds its checksum, in
the format of ``sha256sum``.
"""

import errno
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import httpx

from monazite.errors import InputError, TableError, UnknownCodeError
from monazite.reference.source import atlas_rows

_BLOCK = 1 << 18
_WHOLE, _PART, _UNSATISFIABLE = 200, 206, 416
_PAGES = (b"<!doctype html", b"<html")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)
Told = Callable[[int, int], None]
"""Is told how many bytes there are, and of how many; zero where the server does not say."""


@dataclass(frozen=True, slots=True)
class Download:
    """An official file that has an address of its own.

    Parameters
    ----------
    id : str
        What ``monazite data fetch`` takes.
    kind : str
        Kind of official file that reads it.
    file : str
        Name that it is kept under.
    address, edition, licence : str
        Where it is, which edition it is, and the terms of its producer.
    sha256 : str
        Checksum in hexadecimal digits; empty where the producer publishes none.
    """

    id: str
    kind: str
    file: str
    address: str
    edition: str
    licence: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that has been fetched and checked.

    Parameters
    ----------
    path : Path
        The file.
    size : int
        Bytes.
    sha256 : str
        Its checksum in hexadecimal digits.
    was_there : bool
        Whether it had been fetched before, so that nothing was asked.
    """

    path: Path
    size: int
    sha256: str
    was_there: bool


@cache
def downloads() -> Mapping[str, Download]:
    """Return the files that can be fetched, by id."""
    return MappingProxyType({row["id"]: Download(**row) for row in atlas_rows("downloads")})


def download_of(name: str) -> Download:
    """Return the file of an id.

    Raises
    ------
    UnknownCodeError
        If there is none.
    """
    if name not in downloads():
        raise UnknownCodeError("official file to fetch", name, downloads())
    return downloads()[name]


def fetch(wanted: Download, folder: Path, tell: Told = lambda done, total: None) -> Fetched:
    """Fetch a file into a folder, or go on where an earlier call was cut off.

    Parameters
    ----------
    wanted : Download
        The file.
    folder : Path
        Is made if it is not there.
    tell : callable
        Is told how far it is.

    Raises
    ------
    TableError
        If what came is a web page or has another checksum; it is dropped.
    InputError
        If the server does not answer, refuses or breaks off, or the disk is full. What came
        stays for the next call.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wanted.file
    if path.is_file():
        return _checked(path, path, wanted, was_there=True)
    part = path.with_name(f"{path.name}.part")
    with _faults(wanted.address), httpx.Client(follow_redirects=True, timeout=30.0) as client:
        _get(client, wanted.address, part, tell)
    found = _checked(part, path, wanted, was_there=False)
    part.replace(path)
    _tag(part).unlink(missing_ok=True)
    _record(path).write_text(f"{found.sha256}  {path.name}\n", encoding="utf-8")
    return found


def _get(client: httpx.Client, address: str, part: Path, tell: Told) -> None:
    """Ask for what is missing; start again where the server gives the whole file or another one."""
    have = part.stat().st_size if part.exists() else 0
    tag = _tag(part).read_text(encoding="utf-8") if have and _tag(part).exists() else ""
    headers = {"Accept-Encoding": "identity"}
    if tag:
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    with client.stream("GET", address, headers=headers) as reply:
        if reply.status_code == _UNSATISFIABLE and tag:
            reply.read()
        else:
            _receive(reply, part, have if tag else 0, tell)
            return
    _drop(part)
    _get(client, address, part, tell)


def _receive(reply: httpx.Response, part: Path, have: int, tell: Told) -> None:
    start, total = _place_of(reply, have)
    if reply.headers.get("content-type", "").startswith("text/html"):
        _drop(part)
        raise _page(str(reply.url))
    if start == 0:
        _tag(part).write_text(_validator(reply), encoding="utf-8")
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        done = start
        for block in reply.iter_raw(_BLOCK):
            file.write(block)
            done += len(block)
            tell(done, total)
    if total and done != total:
        raise InputError(
            f"{done:,} of {total:,} bytes came", where=str(reply.url), way_out="call again to go on"
        )


def _place_of(reply: httpx.Response, have: int) -> tuple[int, int]:
    """Return at which byte an answer begins, and how many the file has; zero if nobody says."""
    if reply.status_code == _WHOLE:
        return 0, int(reply.headers.get("content-length", 0))
    found = _RANGE.fullmatch(reply.headers.get("content-range", ""))
    if reply.status_code == _PART and found and int(found[1]) == have:
        return have, int(found[3])
    raise InputError(
        f"the server answers {reply.status_code} {reply.reason_phrase}",
        where=str(reply.url),
        way_out="look at the page of the producer: `monazite data kinds`",
    )


def _validator(reply: httpx.Response) -> str:
    """Return what tells this version from any other; empty where the server has nothing exact."""
    tag = str(reply.headers.get("etag", ""))
    return tag if tag.startswith('"') else str(reply.headers.get("last-modified", ""))


def _checked(file: Path, path: Path, wanted: Download, *, was_there: bool) -> Fetched:
    with file.open("rb") as content:
        beginning = content.read(512).lstrip().lower()
        content.seek(0)
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if beginning.startswith(_PAGES):
        if not was_there:
            _drop(file)
        raise _page(wanted.address)
    expected = wanted.sha256 or _recorded(path)
    if expected and found != expected:
        if not was_there:
            _drop(file)
        raise TableError(
            f"the checksum is {found}, not {expected}",
            where=path.name,
            way_out=f"fetch it again; if the producer changed it, delete {_record(path).name}",
        )
    return Fetched(path, file.stat().st_size, found, was_there)


def _recorded(path: Path) -> str:
    record = _record(path)
    return record.read_text(encoding="utf-8").split()[0] if record.is_file() else ""


def _record(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _tag(part: Path) -> Path:
    return part.with_name(f"{part.name}.tag")


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag(part).unlink(missing_ok=True)


def _page(address: str) -> TableError:
    return TableError(
        "a web page came in place of the file",
        where=address,
        way_out="look at the page of the producer: `monazite data kinds`",
    )


@contextmanager
def _faults(address: str) -> Iterator[None]:
    """Turn faults of the network and of the disk into errors that say what to do."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise InputError(
            f"the download broke off: {fault}",
            where=address,
            way_out="call again to go on; check the network",
        ) from fault
    except OSError as fault:
        if fault.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        raise InputError(
            "the disk is full",
            where=str(fault.filename or address),
            way_out="make room and call again to go on",
        ) from fault
