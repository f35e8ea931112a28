"""Claims: what comes in is read as it stands, within bounds; faults are named with their place."""

import gzip
import io
import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.desk.feeds import (
    Item,
    normal_url,
    read_items,
    read_json_lines,
    read_syndication,
    read_warc,
    saved_pages,
)
from monazite.desk.feeds.syndication import LARGEST_FEED
from monazite.desk.schema import DateBasis
from monazite.errors import InputError

FEEDS = Path(__file__).parent / "feeds"
BASE = "https://courier.example/feed"


def syndicated(name: str) -> tuple[Item, ...]:
    return read_syndication((FEEDS / name).read_bytes(), where=name, base=BASE)


# --- feeds and sitemaps ----------------------------------------------------------------------


def test_a_feed_names_each_page_once_and_no_script():
    items = syndicated("example.rss")
    assert [item.url for item in items] == [
        "https://courier.example/gallium?id=7", "https://courier.example/antimony",
    ]  # fmt: skip
    assert items[0].title == "Example ministry licenses gallium exports"
    assert items[0].language == "en"


def test_the_day_is_the_publishers_own():
    assert [item.published for item in syndicated("example.rss")] == ["2025-10-28", None]
    assert [item.published for item in syndicated("example.atom")] == ["2025-10-28"]
    assert [item.published for item in syndicated("example-sitemap.xml")] == ["2025-10-30", None]


def test_a_sitemap_names_pages_with_title_and_language():
    first, second = syndicated("example-sitemap.xml")
    assert (first.title, first.language) == ("Example state taxes tungsten exports", "en")
    assert second.url == "https://courier.example/about"


def test_a_packed_feed_is_unpacked_within_bounds():
    raw = (FEEDS / "example.rss").read_bytes()
    assert read_syndication(gzip.compress(raw), where="x", base=BASE) == read_syndication(
        raw, where="x", base=BASE
    )
    bomb = gzip.compress(b"<rss>" + b" " * (LARGEST_FEED + 1))
    with pytest.raises(InputError, match="larger than"):
        read_syndication(bomb, where="x")


@pytest.mark.parametrize("root", ["rss", "urlset"])
def test_entities_of_ones_own_are_refused(root):
    entities = '<!ENTITY a "ha"><!ENTITY b "&a;&a;">'
    laughs = f'<?xml version="1.0"?><!DOCTYPE {root} [{entities}]><{root}>&b;</{root}>'
    for raw in (laughs.encode(), laughs.encode("utf-16")):
        with pytest.raises(InputError, match="entities of its own"):
            read_syndication(raw, where="x")


def test_an_index_of_sitemaps_says_what_to_watch():
    index = b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>https://e.example/news.xml</loc></sitemap></sitemapindex>"
    with pytest.raises(InputError, match=r"https://e\.example/news\.xml"):
        read_syndication(index, where="x")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0\1", b"hello", b"<html><body>x</body></html>", b"<rss>", b"<urlset>", b"\x1f\x8bxx",
     b"<rss version='2.0'>" + b"<a>" * 1000, b"<feed" + b" " * 9999],
)  # fmt: skip
def test_what_is_no_feed_is_named(raw):
    with pytest.raises(InputError, match=r"^here: .*\(give a feed"):
        read_syndication(raw, where="here")


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"<rss>", b"<feed>", b"<urlset>", b"\x1f\x8b", b"\xff\xfe<\0"]),
)
def test_random_bytes_are_a_feed_or_an_input_error(raw, start):
    try:
        read_syndication(start + raw, where="x")
    except InputError:
        return


def test_a_hostile_feed_takes_linear_time():
    begun = time.process_time()
    for junk in (b"<a ", b"<!--", b"&", b"<title>&lt;"):
        for root in (b"<rss version='2.0'>", b"<urlset>"):
            with pytest.raises(InputError):
                read_syndication(root + junk * (200_000 // len(junk)), where="x")
    assert time.process_time() - begun < 8


# --- addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("HTTP://News.Example:80", "http://news.example/"),
        ("https://e.example/a?b=2&a=1#x", "https://e.example/a?a=1&b=2"),
        ("https://e.example/a?utm_medium=x&FBCLID=1", "https://e.example/a"),
        ("https://[::1]:8080/a", "https://[::1]:8080/a"),
        ("https://e.example/レア", "https://e.example/レア"),
    ],
)
def test_one_page_has_one_address(written, same):
    assert normal_url(written) == same
    assert normal_url(same) == same


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/hosts",
        "ftp://e.example/",
        "javascript:1",
        "https://",
        "http://[",
        "http://e:99999/",
    ],
)
def test_other_schemes_are_no_addresses(url):
    with pytest.raises(InputError, match="no address of the web"):
        normal_url(url)


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_address_is_made_normal_once_and_for_all(path, query):
    try:
        url = normal_url(f"https://e.example/{path}?{query}")
    except InputError:
        return
    assert normal_url(url) == url


# --- records ---------------------------------------------------------------------------------


def lines(*records: object) -> io.BytesIO:
    return io.BytesIO(b"".join(json.dumps(record).encode() + b"\n" for record in records))


def test_records_are_read_with_their_place():
    first = {
        "id": "a",
        "text": "Gallium.",
        "published": "2025-10",
        "url": "",
        "lang": None,
        "more": 1,
    }
    items = list(read_json_lines(lines(first, {"id": "b", "text": "Tin."}), where="r"))
    assert [(item.id, item.published, item.place) for item in items] == [
        ("a", "2025-10", "r, line 1"), ("b", None, "r, line 2"),
    ]  # fmt: skip
    published = items[0].page().published
    assert published is not None
    assert published.basis is DateBasis.GIVEN


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"no JSON", "no JSON object"), (b"[1]", "no JSON object"), (b"\xff", "no JSON object"),
        (b"[" * 100_000, "no JSON object"), (b'{"text": "x"}', "'id' is missing"),
        (b'{"id": "a", "text": " "}', "'text' is missing"),
        (b'{"id": 1, "text": "x"}', "'id' is not a text"),
        (b'{"id": "a", "text": "x", "published": "Friday"}', "'Friday' is not a date"),
        (b'{"id": "a", "text": "x", "url": "http://["}', "no address of the web"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_or_counted(line, fault):
    good = b'{"id": "a", "text": "x"}\n'
    with pytest.raises(InputError, match=f"r, line 2: .*{fault}"):
        list(read_json_lines(io.BytesIO(good + line + b"\n" + good), where="r"))
    faults: list[InputError] = []
    items = read_json_lines(io.BytesIO(good + line + b"\n" + good), where="r", refuse=faults.append)
    assert (len(list(items)), len(faults)) == (2, 1)


def test_a_lone_surrogate_does_not_stop_the_reading():
    (item,) = read_json_lines(io.BytesIO(b'{"id": "a", "text": "tin \\ud800 ore"}'), where="r")
    assert len(item.page().sha256) == 64


@given(st.binary(max_size=200))
def test_random_lines_are_records_or_faults(raw):
    faults: list[InputError] = []
    for item in read_json_lines(io.BytesIO(raw), where="r", refuse=faults.append):
        assert item.text


def peak(reading: Callable[[], object]) -> int:
    tracemalloc.start()
    reading()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_many_records_take_no_more_memory_than_few(tmp_path):
    record = json.dumps({"id": "a", "text": "Gallium. " * 500}).encode() + b"\n"
    for name, count in (("few", 20), ("many", 2000)):
        (tmp_path / name).write_bytes(record * count)
    few, many = (
        peak(lambda name=name: sum(1 for _ in read_items(tmp_path / name)))
        for name in ("few", "many")
    )
    assert many < 2 * few + 100_000


# --- archives --------------------------------------------------------------------------------

PAGE = (
    b"<html><body><h1>Gallium export ban</h1><p>An invented story about gallium.</p></body></html>"
)


def warc(*records: tuple[str, str, str, bytes], packed: bool = True) -> bytes:
    """Records as a crawler writes them; each packed by itself."""
    written = []
    for kind, status, media, body in records:
        answer = f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://e.example/a\r\n"
            "Content-Type: application/http; msgtype=response\r\n"
            f"WARC-Record-ID: <urn:example:1>\r\nContent-Length: {len(answer)}\r\n\r\n"
        )
        record = head.encode() + answer + b"\r\n\r\n"
        written.append(gzip.compress(record) if packed else record)
    return b"".join(written)


@pytest.mark.parametrize("packed", [True, False])
def test_only_good_pages_come_out_of_an_archive(packed):
    raw = warc(
        ("response", "200 OK", "text/html; charset=utf-8", PAGE),
        ("response", "200 OK", "image/png", b"\x89PNG"),
        ("response", "404 Not Found", "text/html", PAGE),
        ("resource", "200 OK", "text/html", PAGE),
        ("response", "200 OK", "text/html", b""),
        ("response", "200 OK", "TEXT/HTML", PAGE.replace(b"Gallium", b"Tin")),
        packed=packed,
    )
    items = list(read_warc(io.BytesIO(raw), where="w"))
    assert [item.raw.count(b"Gallium") for item in items] == [1, 0]
    assert items[0].url == "https://e.example/a"
    assert items[0].published is None
    assert "Gallium export ban" in items[0].page().text


def test_a_page_in_an_old_charset_is_read_by_what_its_server_said():
    words = "<html><body><p>Экспорт галлия запрещён. Экспорт германия тоже.</p></body></html>"
    raw = warc(("response", "200 OK", 'text/html; charset="windows-1251"', words.encode("cp1251")))
    (item,) = read_warc(io.BytesIO(raw), where="w")
    assert "Экспорт галлия" in item.page().text


def test_an_archive_that_breaks_off_gives_what_came_before():
    raw = warc(*[("response", "200 OK", "text/html", PAGE)] * 2)
    for cut in (raw[:-40], raw + b"\x1f\x8bbroken", raw + b"broken"):
        items = []
        try:
            for item in read_warc(io.BytesIO(cut), where="w"):
                items.append(item)  # what came before the fault counts
        except InputError:
            pass
        assert len(items) >= 1


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"WARC/1.0\r\n", b"\x1f\x8b\x08", gzip.compress(b"no archive", mtime=0)]
)
def test_what_is_no_archive_is_named(raw):
    with pytest.raises(InputError, match=r"^w"):
        list(read_warc(io.BytesIO(raw), where="w"))


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"",
            b"WARC/1.0\r\n",
            b"\x1f\x8b",
            b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 50\r\n\r\nHTTP/1.1 200 OK\r\n",
        ]
    ),
)
def test_random_archives_raise_only_input_errors(raw, start):
    try:
        list(read_warc(io.BytesIO(start + raw), where="w"))
    except InputError:
        return


def test_a_line_without_end_does_not_fill_the_memory():
    bomb = gzip.compress(b"WARC/1.0\r\n" + b"a" * 50_000_000)

    def read() -> None:
        with pytest.raises(InputError):
            list(read_warc(io.BytesIO(bomb), where="w"))

    assert peak(read) < 40_000_000


# --- files and folders -----------------------------------------------------------------------


def test_a_folder_gives_its_saved_pages_and_nothing_beside_them(tmp_path):
    for name in ("b.html", "a.txt", "c.png", ".hidden.html", "b_files/ad.html", "more/d.htm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PAGE)
    (tmp_path / "link.html").symlink_to(tmp_path / "b.html")
    names = [path.name for path in saved_pages(tmp_path)]
    assert names == ["a.txt", "b.html", "d.htm"]
    assert [item.id for item in read_items(tmp_path)] == ["a", "b", "d"]


def test_what_a_file_holds_counts_and_not_its_name(tmp_path):
    contents = {
        "feed.txt": (FEEDS / "example.rss").read_bytes(),
        "records.html": b'{"id": "a", "text": "Tin."}',
        "archive.bin": warc(("response", "200 OK", "text/html", PAGE), packed=False),
        "archive.warc.gz": warc(("response", "200 OK", "text/html", PAGE)),
        "page.xml": PAGE,
    }
    for name, raw in contents.items():
        (tmp_path / name).write_bytes(raw)
    whole = {name: [item.is_whole for item in read_items(tmp_path / name)] for name in contents}
    assert whole == {
        "feed.txt": [False], "records.html": [True], "archive.bin": [True],
        "archive.warc.gz": [True], "page.xml": [True],
    }  # fmt: skip


@pytest.mark.parametrize("raw", [b"", b"\x89PNG\r\n\x1a\n" + bytes(100), b"%PDF-1.7"])
def test_a_file_that_is_no_page_is_named(tmp_path, raw):
    path = tmp_path / "x.html"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"x\.html"):
        [item.page() for item in read_items(path)]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="gone"):
        list(read_items(tmp_path / "gone"))


@given(st.binary(max_size=200))
def test_random_files_raise_only_input_errors(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("random") / "x"
    path.write_bytes(raw)
    try:
        for item in read_items(path):
            if item.is_whole:
                item.page()
    except InputError:
        return
