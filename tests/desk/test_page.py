"""Reading pages: text, markup, dates of publication, and files that are no pages."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.desk import markup, page
from monazite.desk.page import from_html, from_text, read, shown
from monazite.desk.schema import DateBasis, Precision, Zone
from monazite.errors import InputError

EXAMPLES = Path(__file__).parents[2] / "examples" / "pages"
SAVED = Path(__file__).parent / "pages" / "metadata.html"
STORY = (
    "The ministry said on Monday that no ore may leave the country before the end of the year. "
    "Traders had expected the step for weeks, and some had shipped what they could."
)


def read_or_refused(make):
    """Return the page, or nothing if it was refused with a way out; let all else through."""
    try:
        return make()
    except InputError as fault:
        if not fault.way_out:
            raise
    return None


def published(text, **options):
    return from_text(text, id="p", **options).published


# Text


def test_the_text_of_a_page_is_what_the_user_has():
    text = f"  Home \r\n\n{STORY}\u200f\r\n"
    assert from_text(text, id="p").text == text


def test_what_no_store_can_keep_becomes_one_character_in_its_place():
    text = from_text(f"A\x00B\ud800 {STORY}", id="p").text
    assert text.startswith("A\ufffdB\ufffd The")
    text.encode()


@given(st.text())
def test_any_text_is_a_page_or_a_clear_error(text):
    found = read_or_refused(lambda: from_text(text, id="p"))
    assert found is None or len(found.text) == len(text)
    assert found is None or found.sha256


def test_what_cannot_be_seen_is_not_shown():
    assert shown("safe\u202egnp.exe\u2069\x1b[0m\ttab\n") == "safegnp.exe[0m\ttab\n"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (STORY, "en"),
        ("El ministerio dijo que los envíos de la mina no pueden salir del país este año.", "es"),
        ("Le ministère a dit que les envois de la mine ne sont plus possibles dans le pays.", "fr"),
        ("Das Ministerium hat die Ausfuhr von Erz aus dem Land mit einer Frist untersagt.", "de"),
        ("وقالت الوزارة إن الخام لا يغادر البلاد قبل نهاية العام.", "ar"),
        ("同省は鉱石の輸出を年末まで認めないと発表した。", "ja"),
    ],
)
def test_the_language_is_told_from_the_words(text, language):
    assert from_text(text, id="p").language == language


# Date of publication


def test_the_date_that_is_given_comes_first():
    found = published(f"By A. Person\nPublished: 3 May 2025\n{STORY}", published="2025-06")
    assert (found.value, found.precision, found.basis) == (
        "2025-06", Precision.MONTH, DateBasis.GIVEN,
    )  # fmt: skip


@pytest.mark.parametrize("wrong", ["yesterday", "2025-6-1", "28.10.2025", "", "20251028"])
def test_a_date_given_in_another_form_is_refused(wrong):
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        published(STORY, published=wrong)


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("Published: Sept 24, 2025, 14:02 GMT | Updated: Sept 25, 2025, 16:40 GMT", "2025-09-24"),
        ("By A. Person (Example Daily) Updated: 2015-04-24 07:02", "2015-04-24"),
        ("Last updated: 25/02/2026 - 16:12", "2026-02-25"),
        ("30\nSept\n2025", "2025-09-30"),
        ("Export of ore is halted again\nJune 21, 2025\n4 Min Read", "2025-06-21"),
    ],
)
def test_the_date_beside_the_headline_counts(head, value):
    found = published(f"{head}\n{STORY}")
    assert (found.value, found.basis) == (value, DateBasis.BYLINE)


def test_the_year_of_a_dateline_counts():
    assert published(f"TORONTO, March 13, 2025 /Example Wire/ -- {STORY}").value == "2025-03-13"


@pytest.mark.parametrize(
    "text",
    [
        f"By A. Person\nToday 11:40\n{STORY}",
        f"By A. Person\n3 hours ago\n{STORY}",
        f"{STORY}\nMost Read\nAn old story of a mine\nOctober 22, 2025",
        f"BREAKING\nGold gains. October 22, 2025\nHome\nNews\n{STORY}",
        f"{STORY}\nThe mine was shut on October 22, 2025, the company said in a statement.",
        f"Today 11:40\nFile photo: a mine, May 3, 2019. Photo: Agency\n{STORY}",
        f"A mine on May 3, 2019. Photo: Agency\n{STORY}",
        "Today 11:40\n"
        f"A mine on May 3, 2019. Photo: Agency\nA port on May 4, 2019. Photo: Agency\n{STORY}",
        f"Inception date: 21 Sep 2010 | Removal date: 20 Nov 2010\n{STORY}",
        STORY,
    ],
)
def test_a_date_that_is_not_of_the_article_is_refused(text):
    assert published(text) is None


@pytest.mark.parametrize("kind", ["html", "txt"])
@pytest.mark.parametrize(
    ("name", "value"), [("china-licences", "2025-04-04"), ("us-japan-framework", "2025-10-28")]
)
def test_today_with_a_dated_caption_gives_the_day_of_the_caption(name, kind, value):
    found = read(EXAMPLES / f"{name}.{kind}").published
    assert (found.value, found.basis) == (value, DateBasis.CAPTION)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.??.txt")), ids=lambda path: path.stem)
def test_the_day_is_read_in_every_language(path):
    found = read(path)
    assert found.language == path.stem[-2:]
    assert found.published.value == "2025-04-04"


# Markup


@pytest.mark.parametrize("name", ["china-licences", "us-japan-framework"])
def test_markup_and_its_copy_from_a_browser_tell_the_same(name):
    saved, copied = read(EXAMPLES / f"{name}.html"), read(EXAMPLES / f"{name}.txt")
    for zone in (Zone.HEADLINE, Zone.DEK, Zone.BODY, Zone.TICKER, Zone.READ_MORE, Zone.RELATED):
        assert saved.words(zone) == copied.words(zone)
    assert saved.words(Zone.CAPTION) == copied.words(Zone.CAPTION)
    assert saved.site == "The Example Courier"


def test_metadata_say_when_and_where_and_what():
    found = read(SAVED)
    assert (found.published.value, found.published.basis) == ("2025-03-07", DateBasis.METADATA)
    assert found.url == "https://courier.example/2025/gallium"
    assert found.site == "courier.example"
    assert found.language == "en"
    assert found.headline == found.title == "Example land shuts its only gallium plant"


def test_the_article_of_the_markup_is_its_body_and_the_rest_is_kept():
    found = read(SAVED)
    assert len(found.words(Zone.BODY)) == 3
    assert found.words(Zone.DEK) == ("The furnace is to be rebuilt.",)
    assert found.words(Zone.CAPTION) == ("The plant on May 3, 2019. (File photo)",)
    assert len(found.words(Zone.TICKER)) == 1
    assert found.words(Zone.RELATED) == ("Related", "Zinc smelter to close for good")
    assert len(found.words(Zone.MOST_READ)) == 3


def test_scripts_handlers_and_hidden_words_are_no_text():
    text = read(SAVED).text
    for unseen in ("alert", "document.write", "Hidden words", "germanium", "schema.org"):
        assert unseen not in text


def test_a_date_in_a_list_is_never_the_date_of_the_page():
    source = SAVED.read_text(encoding="utf-8")
    bare = source.replace("datePublished", "other").replace('datetime="2025-03-07T06:15:00Z"', "")
    assert from_html(bare, id="p").published is None


def test_the_machine_form_of_a_relative_time_is_read():
    source = SAVED.read_text(encoding="utf-8").replace("datePublished", "other")
    found = from_html(source, id="p").published
    assert (found.value, found.basis) == ("2025-03-07", DateBasis.BYLINE)


# Bytes


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "shift_jis", "euc_jp"])
def test_japanese_is_read_in_its_charsets(charset, tmp_path):
    text = "<html><head><meta charset='{}'></head><body><p>{}</p></body></html>".format(
        charset, "同省は鉱石の輸出を年末まで認めないと発表した。" * 4
    )
    path = tmp_path / "page.html"
    path.write_bytes(text.encode(charset))
    assert "鉱石の輸出" in read(path).text


def test_bytes_that_are_utf8_are_read_so_whatever_they_declare():
    raw = f"<html><meta charset='latin-1'><p>Coût élevé à Nouméa. {STORY}</p></html>".encode()
    assert "Coût élevé à Nouméa" in from_html(raw, id="p").text


def test_a_few_broken_bytes_spoil_only_themselves():
    raw = f"Coût élevé à Nouméa, où le prix a été fixé. {STORY}\n".encode() * 5 + b"\xff\xfe\xff"
    assert markup.decode(raw).count("élevé") == 5


@given(st.binary(max_size=300))
def test_any_bytes_are_markup_or_a_clear_error(raw):
    read_or_refused(lambda: from_html(raw, id="p"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b" \n\t ", "blank"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"PK\x03\x04word", "office document"),
        (b"\x00\x01\x02\x03" * 90, "binary"),
        (b"<?xml version='1.0'?><rss version='2.0'/>", "feed"),
        (b"<html><body><script>1</script></body></html>", "no text"),
    ],
)
def test_a_file_that_is_no_page_is_refused_with_the_way_out(raw, said, tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=said) as caught:
        read(path)
    assert caught.value.where
    assert caught.value.way_out


def test_an_address_that_is_none_is_refused_where_given_and_dropped_where_found():
    with pytest.raises(InputError, match="no address"):
        from_text(STORY, id="p", url="http://[::1")
    found = from_html(f"<link rel='canonical' href='http://[::1'><p>{STORY}</p>", id="p")
    assert found.url == found.site == ""


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.html", tmp_path):
        with pytest.raises(InputError):
            read(path)


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "LARGEST", 100)
    path = tmp_path / "page.txt"
    path.write_text(STORY)
    with pytest.raises(InputError, match="more than"):
        read(path)


def test_a_page_of_too_many_lines_is_refused(monkeypatch):
    monkeypatch.setattr(page, "MOST_LINES", 3)
    with pytest.raises(InputError, match="lines"):
        from_text("a\n" * 5, id="p")


# Hostile markup

NESTED = "<html><body>" + "<div>" * 20_000 + f"<p>{STORY}</p>" + "</div>" * 20_000
HOSTILE = {
    "nested": NESTED,
    "unclosed": "<html><p>" + "<span><b><div>" * 20_000 + STORY,
    "angles": f"<html><p>{STORY}</p>" + "<" * 400_000,
    "comments": f"<html><p>{STORY}</p>" + "<!--" * 100_000,
    "attributes": "<html><body><p " + "a='b' " * 50_000 + f">{STORY}</p>",
    "data": '<html><script type="application/ld+json">' + "[" * 60_000 + f"</script><p>{STORY}</p>",
    "entities": "<!DOCTYPE html [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>"
    f"<html><body><p>{STORY} &b;&b;</p></body></html>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_markup_is_read_in_a_second_or_two(kind):
    began = time.process_time()
    found = from_html(HOSTILE[kind], id="p")
    assert time.process_time() - began < 4
    assert "Traders had expected" in found.text
    assert "aaaa" not in found.text.replace("'aaaa'", "")


def test_markup_too_large_for_a_tree_is_read_in_linear_time(monkeypatch):
    monkeypatch.setattr(markup, "LARGEST_TREE", 1000)
    source = "<html><body>" + f"<script>no()</script><p>{STORY} &amp; more</p>" * 2000
    began = time.process_time()
    found = from_html(source, id="p")
    assert time.process_time() - began < 3
    assert len(found.lines) == 2000
    assert "no()" not in found.text
    assert "& more" in found.text


def test_the_scanner_and_the_tree_see_the_same_lines():
    source = SAVED.read_text(encoding="utf-8")
    plain = list(markup.bare_lines(source))
    seen = [line.text for line in markup.Markup.from_text(source).lines]
    assert set(seen) <= set(plain)


@given(st.text(alphabet="<>/!-a&;' \n\"divpscrt=", max_size=200))
def test_any_markup_is_read_or_refused(source):
    read_or_refused(lambda: from_html("<html><body>" + source, id="p"))
