"""Fetching of a page of the web: politely, within bounds, and from no machine of one's own.

Addresses are looked up here and then used as they are, so that a name cannot lead to another
machine than the one that was allowed. Proxies of the environment are not used.
"""

import math
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import metadata
from ipaddress import IPv6Address, ip_address
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urljoin

import httpx

from monazite.desk.feeds.items import normal_url
from monazite.errors import InputError

AGENT = "monazite"
"""What robots.txt calls this program."""
LARGEST_REPLY = 8 * 2**20
"""Bytes, unpacked, after which an answer is cut."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_ACCEPT = "application/rss+xml, application/atom+xml, application/xml, text/html, text/plain;q=0.8"


def user_agent() -> str:
    """Return what this program calls itself to servers, with its homepage if it has one."""
    pages = metadata.metadata("monazite").get_all("Project-URL") or ()
    homepage = dict(map(_named, pages)).get("homepage", "")
    name = f"{AGENT}/{metadata.version('monazite')}"
    return f"{name} (+{homepage})" if homepage else name


def _named(page: str) -> tuple[str, str]:
    name, _, url = page.partition(",")
    return name.strip().lower(), url.strip()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    ``url`` : where the answer came from, after redirects. ``headers`` : names in lower case.
    ``is_cut`` : the answer went on past the limit; ``body`` is its beginning.
    """

    status: int
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_cut: bool = False


class Fetch(Protocol):
    """Gets what an address of the web leads to."""

    def __call__(self, url: str, headers: Mapping[str, str]) -> Reply:
        """Return the answer, whatever its status; no answer raises `InputError`."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how large an answer may be.

    ``connect``, ``silence`` : seconds for connecting and between two pieces. ``whole`` : seconds
    for all of it, redirects apart. ``size`` : bytes, unpacked.
    """

    connect: float = 10.0
    silence: float = 20.0
    whole: float = 60.0
    size: int = LARGEST_REPLY


class WebFetcher:
    """Gets pages over HTTP, certificates checked.

    Parameters
    ----------
    allow_local : bool
        Also from this machine and from private networks.
    bounds : Bounds
        Limits of an answer.

    Examples
    --------
    >>> WebFetcher()("file:///etc/hosts", {})
    Traceback (most recent call last):
    ...
    monazite.errors.InputError: 'file:///etc/hosts' is no address of the web (give one that ...)
    """

    def __init__(self, *, allow_local: bool = False, bounds: Bounds = Bounds()) -> None:
        self._allow_local = allow_local
        self._bounds = bounds
        self._client = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(bounds.silence, connect=bounds.connect),
            # a new connection for each: the clock of `_deadline` needs to see it open
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=0),
            headers={
                "User-Agent": user_agent(), "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate",
            },
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def __call__(self, url: str, headers: Mapping[str, str]) -> Reply:
        """Return the answer of a server, redirects followed."""
        for _ in range(_MOST_REDIRECTS + 1):
            reply = self._one(url, headers)
            if reply.status not in _REDIRECTS or "location" not in reply.headers:
                return reply
            url = _joined(url, reply.headers["location"])
        raise InputError(
            f"more than {_MOST_REDIRECTS} redirects", where=url, way_out="watch another address"
        )

    def _one(self, url: str, headers: Mapping[str, str]) -> Reply:
        address = _checked(url)
        fault: Exception | None = None
        for place in self._addresses(address):
            try:
                return self._ask(address, place, headers)
            except httpx.ConnectError as error:
                fault = error
            except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
                raise _no_answer(url, error) from error
        raise _no_answer(url, fault) from fault

    def _addresses(self, address: httpx.URL) -> Iterator[str]:
        """Yield the machines that a name stands for, as far as they are allowed."""
        port = address.port or (443 if address.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(address.host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as fault:
            raise InputError(
                f"nothing is known of '{address.host}'", where=str(address),
                way_out="check the address and the network",
            ) from fault  # fmt: skip
        places = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for place in places:
            if not self._allow_local and not is_public(place):
                raise InputError(
                    f"'{address.host}' is a machine of a private network ({place})",
                    where=str(address), way_out="allow it with --allow-local",
                )  # fmt: skip
        yield from places

    def _ask(self, address: httpx.URL, place: str, headers: Mapping[str, str]) -> Reply:
        host = address.netloc.decode("ascii")
        with (
            _deadline(self._bounds.whole) as watch,
            self._client.stream(
                "GET",
                address.copy_with(host=place),
                headers={**headers, "Host": host},
                extensions={"sni_hostname": address.host, "trace": watch},
            ) as response,
        ):
            body, is_cut = read_bounded(response, self._bounds.size)
        heads = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, str(address), heads, body, is_cut)


def is_public(place: str) -> bool:
    """Tell whether an address is one of the open internet.

    >>> is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("8.8.8.8")
    (False, False, True)
    """
    address = ip_address(place.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        address = inner or address
    return address.is_global and not address.is_multicast


def read_bounded(
    response: httpx.Response, most: int, *, ends: float = math.inf
) -> tuple[bytes, bool]:
    """Read an answer, unpacked, up to a size; tells also whether it went on after that.

    Unpacked piece by piece, so that a small answer cannot fill the memory. ``ends`` : when it
    must be done, on the clock of ``time.monotonic``.
    """
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "deflate", ""):
        raise InputError(
            f"the answer is packed as '{packing[:40]}'", where=str(response.url),
            way_out="only gzip and deflate are read",
        )  # fmt: skip
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32) if packing in ("gzip", "deflate") else None
    body = bytearray()
    for block in response.iter_raw():
        if time.monotonic() > ends:
            raise httpx.ReadTimeout("no whole answer in time")
        body += block if unpacker is None else unpacker.decompress(block, most + 1 - len(body))
        if len(body) > most:
            return bytes(body[:most]), True
    return bytes(body), False


class _Watch:
    """Closes the connection of a request when its time is up, however slowly it drips."""

    def __init__(self, seconds: float) -> None:
        self.is_up = False
        self._open: list[socket.socket] = []
        self.timer = threading.Timer(seconds, self._close)
        self.timer.daemon = True

    def __call__(self, name: str, info: Mapping[str, object]) -> None:
        """Take note of the connection when it opens; httpx tells of every step."""
        if name == "connection.connect_tcp.complete":
            made = info["return_value"].get_extra_info("socket")  # type: ignore[attr-defined]
            self._open.append(made)

    def _close(self) -> None:
        self.is_up = True
        for made in self._open:
            with suppress(OSError):
                made.shutdown(socket.SHUT_RDWR)


@contextmanager
def _deadline(seconds: float) -> Iterator[_Watch]:
    watch = _Watch(seconds)
    watch.timer.start()
    late = httpx.ReadTimeout(f"no whole answer in {seconds:g} s")
    try:
        yield watch
    except httpx.HTTPError as fault:
        raise late if watch.is_up else fault from fault
    finally:
        watch.timer.cancel()
    if watch.is_up:
        raise late


def _checked(url: str) -> httpx.URL:
    """Return an address that may be fetched; it carries no name and password."""
    normal_url(url)
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as fault:
        raise InputError(
            f"'{url[:120]}' is no address of the web", way_out="check its spelling"
        ) from fault
    if address.userinfo:
        raise InputError(
            "the address carries a name or a password", where=address.host,
            way_out="give it without them",
        )  # fmt: skip
    return address


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as fault:
        raise InputError(
            "the redirect leads nowhere", where=url, way_out="check the address"
        ) from fault


def _no_answer(url: str, fault: Exception | None) -> InputError:
    reason = str(fault) or type(fault).__name__
    return InputError(
        f"no answer ({reason[:200]})", where=url, way_out="check the address and the network"
    )
