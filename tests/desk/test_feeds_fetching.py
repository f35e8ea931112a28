"""Claims: fetching stays within bounds, and reaches no machine that it may not."""

import gzip
import shutil
import ssl
import subprocess
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.message import Message
from importlib import metadata
from typing import Any

import pytest

from desk.web_stub import send, serving
from monazite.desk.feeds import Bounds, Reply, WebFetcher
from monazite.desk.feeds.fetching import is_public, user_agent
from monazite.desk.feeds.robots import Robots
from monazite.errors import InputError

SMALL = Bounds(connect=2, silence=2, whole=2, size=10_000)


def local(bounds: Bounds = SMALL) -> WebFetcher:
    return WebFetcher(allow_local=True, bounds=bounds)


def test_a_page_is_fetched_under_our_own_name():
    with serving(lambda request, _: send(request, b"hello", ETag='"1"')) as stub, local() as fetch:
        reply = fetch(f"{stub.base}/a?b=c", {"If-None-Match": '"0"'})
    assert (reply.status, reply.body, reply.headers["etag"]) == (200, b"hello", '"1"')
    path, heads, _ = stub.asked[0]
    assert path == "/a?b=c"
    assert heads["if-none-match"] == '"0"'
    assert heads["user-agent"].startswith("monazite/")
    assert heads["host"] == stub.base.removeprefix("http://")


def test_our_name_carries_the_homepage_if_there_is_one(monkeypatch):
    about = Message()
    about["Project-URL"] = "Source, https://source.example"
    about["Project-URL"] = "Homepage, https://home.example"
    monkeypatch.setattr(metadata, "metadata", lambda _: about)
    assert user_agent().endswith(" (+https://home.example)")


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_packed_answer_is_unpacked(packing):
    body = gzip.compress(b"hello") if packing == "gzip" else zlib.compress(b"hello")
    with (
        serving(lambda request, _: send(request, body, Content_Encoding=packing)) as stub,
        local() as fetch,
    ):
        assert fetch(stub.base, {}).body == b"hello"


def test_a_small_answer_that_unpacks_without_end_is_cut():
    bomb = gzip.compress(b"a" * 20_000_000)
    with (
        serving(lambda request, _: send(request, bomb, Content_Encoding="gzip")) as stub,
        local() as fetch,
    ):
        reply = fetch(stub.base, {})
    assert (reply.is_cut, len(reply.body)) == (True, SMALL.size)


def test_other_packings_are_refused():
    with (
        serving(lambda request, _: send(request, b"x", Content_Encoding="gzip, gzip")) as stub,
        local() as fetch,
        pytest.raises(InputError, match="packed as"),
    ):
        fetch(stub.base, {})


def endless(request: Any, _: bytes) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"<item>" * 1000)


def test_an_answer_that_never_ends_is_cut():
    with serving(endless) as stub, local() as fetch:
        reply = fetch(stub.base, {})
    assert (reply.is_cut, len(reply.body)) == (True, SMALL.size)


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_drips_is_left_when_its_time_is_up(part):
    gate = threading.Event()

    def drip(request: Any, _: bytes) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if part == "body" else b"X: "))
        for _ in range(200):
            request.wfile.write(b"a")
            request.wfile.flush()
            gate.wait(0.02)

    begun = time.monotonic()
    with (
        serving(drip) as stub,
        local(Bounds(whole=0.2)) as fetch,
        pytest.raises(InputError, match=r"no whole answer in 0\.2 s"),
    ):
        fetch(stub.base, {})
    gate.set()
    assert time.monotonic() - begun < 2


def test_a_silent_server_is_left():
    gate = threading.Event()
    with (
        serving(lambda *_: gate.wait(2) and None) as stub,
        local(Bounds(silence=0.1)) as fetch,
        pytest.raises(InputError, match="no answer"),
    ):
        fetch(stub.base, {})
    gate.set()


def test_redirects_are_followed_five_times_and_no_more():
    def answer(request: Any, _: bytes) -> None:
        left = int(request.path.strip("/"))
        send(
            request, b"end", 302 if left else 200, **({"Location": f"/{left - 1}"} if left else {})
        )

    with serving(answer) as stub, local() as fetch:
        reply = fetch(f"{stub.base}/5", {})
        assert (reply.body, reply.url) == (b"end", f"{stub.base}/0")
        with pytest.raises(InputError, match="more than 5 redirects"):
            fetch(f"{stub.base}/6", {})


@pytest.mark.parametrize(
    "location", ["file:///etc/hosts", "ftp://e.example/", "http://[", "gopher://x"]
)
def test_a_redirect_leads_to_no_other_scheme(location):
    with (
        serving(lambda request, _: send(request, b"", 302, Location=location)) as stub,
        local() as fetch,
        pytest.raises(InputError),
    ):
        fetch(stub.base, {})
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    "url",
    ["file:///etc/hosts", "/etc/hosts", "ftp://e.example", "http://", "http://a@b@[", "data:,x"],
)
def test_other_schemes_are_not_fetched(url):
    with local() as fetch, pytest.raises(InputError):
        fetch(url, {})


def test_an_address_with_a_password_is_not_fetched():
    with local() as fetch, pytest.raises(InputError, match="password") as caught:
        fetch("http://me:secret@127.0.0.1/", {})
    assert "secret" not in caught.value.line()


def test_private_machines_are_refused_unless_allowed():
    with serving(lambda request, _: send(request)) as stub, WebFetcher() as fetch:
        port = stub.base.rpartition(":")[2]
        for host in (
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0.0.0.0",
            "2130706433",
        ):
            with pytest.raises(InputError, match="private network"):
                fetch(f"http://{host}:{port}/", {})
    assert stub.asked == []


def test_a_redirect_does_not_lead_into_a_private_network(monkeypatch):
    with serving(lambda request, _: send(request, b"", 302, Location="http://10.0.0.1/")) as stub:
        fetch = WebFetcher(bounds=SMALL)
        monkeypatch.setattr(
            "monazite.desk.feeds.fetching.is_public", lambda place: place == "127.0.0.1"
        )
        with pytest.raises(InputError, match=r"private network \(10\.0\.0\.1\)"):
            fetch(stub.base, {})
        fetch.close()


@pytest.mark.parametrize(
    "place",
    ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::1",
     "fe80::1%eth0", "fd00::1", "::ffff:192.168.0.1", "2002:0a00:0001::", "0.0.0.0"],
)  # fmt: skip
def test_private_addresses_are_known_in_every_dress(place):
    assert not is_public(place)


def test_nobody_at_home_is_an_input_error():
    with local() as fetch, pytest.raises(InputError, match="no answer"):
        fetch("http://127.0.0.1:1/", {})


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_that_nobody_signed_is_refused(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(lambda request, _: send(request, b"hello")) as stub:
        stub.server.socket = context.wrap_socket(stub.server.socket, server_side=True)
        stub.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        with local() as fetch, pytest.raises(InputError, match=r"(?i)certificate"):
            fetch(stub.base.replace("http:", "https:"), {})
    assert stub.asked == []


# --- robots.txt ------------------------------------------------------------------------------


class Site:
    def __init__(self, status: int = 200, body: bytes = b"") -> None:
        self.reply = Reply(status, "", {}, body)
        self.asked: list[str] = []
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self, url: str, headers: Any) -> Reply:
        self.asked.append(url)
        return self.reply

    def robots(self) -> Robots:
        return Robots(self, lambda: self.time)


def test_rules_hold_for_us_by_name_and_are_asked_for_once_a_day():
    site = Site(
        body=b"User-agent: monazite\nDisallow: /private\nCrawl-delay: 7\nUser-agent: *\nDisallow: /"
    )
    robots = site.robots()
    assert robots.allow("https://e.example/news")
    assert not robots.allow("https://e.example/private/x")
    assert robots.delay("https://e.example/news") == 7.0
    assert site.asked == ["https://e.example/robots.txt"]
    site.time += timedelta(days=1)
    robots.allow("https://e.example/news")
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    ("status", "open_"),
    [(404, True), (410, True), (401, False), (403, False), (429, False), (503, False)],
)
def test_no_rules_allow_all_and_no_answer_nothing(status, open_):
    assert Site(status).robots().allow("https://e.example/a") is open_


def test_a_site_that_cannot_be_reached_allows_nothing_for_now():
    def fetch(url: str, headers: Any) -> Reply:
        raise InputError("no answer")

    assert not Robots(fetch, lambda: datetime.now(UTC)).allow("https://e.example/a")


def test_rules_of_random_bytes_are_rules():
    site = Site(body=bytes(range(256)) * 50 + b"\nCrawl-delay: x\nUser-agent\n: :")
    assert site.robots().allow("https://e.example/a")
    assert site.robots().delay("https://e.example/a") == 0.0
