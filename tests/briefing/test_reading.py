"""What the desk read, at the head of a briefing: nothing hidden, nothing believed, nothing run."""

import json
import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing_factory import briefing
from monazite.briefing.language import LANGUAGES, Language
from monazite.briefing.notes import Notes, evidence_of
from monazite.briefing.reading import address_of_words, context, is_web_address
from monazite.briefing.render import Format, render
from monazite.errors import InputError
from reading_factory import HOSTILE, data, drafted, events, page, quoted
from unit.test_briefing import Reader

BAD_ADDRESSES = (
    "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.example/x",
    "//a.example", "http://", "https:", "http://[::1", "", "  ",
)  # fmt: skip


@cache
def written(language: str = "en", form: str = Format.HTML, *, reviewed: bool = False) -> str:
    return render(data(reviewed=reviewed), form, language)


@pytest.fixture(params=LANGUAGES)
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestTheHead:
    def test_a_briefing_that_nobody_reviewed_says_so_first(self, code: str) -> None:
        header = written(code).split("<header>")[1]
        notice = Language(code).gettext("Nobody has reviewed this.")
        assert header.index(notice) < header.index("<h1>")
        assert notice in written(code, Format.MARKDOWN).split("\n")[0]

    def test_a_reviewed_one_does_not(self, code: str) -> None:
        notice = Language(code).gettext("Nobody has reviewed this.")
        assert notice not in written(code, reviewed=True)
        assert notice not in written(code, Format.MARKDOWN, reviewed=True)

    def test_assumed_sizes_come_next_and_then_the_questions(self, code: str) -> None:
        header = written(code).split("<header>")[1].split("</header>")[0]
        order = [header.index(part) for part in ('class="notice"', "throughput", "--set", "<h1>")]
        assert order == sorted(order)
        assert "--set example-2.tonnes=…" in header

    def test_a_briefing_without_a_page_has_none_of_it(self, code: str) -> None:
        text = render(briefing(), language=code)
        assert 'class="notice"' not in text
        assert 'id="read"' not in text
        assert "note-page-" not in text


class TestWhatWasRead:
    def test_every_figure_and_sentence_leads_to_the_page_or_a_note(self, code: str) -> None:
        reader = Reader(written(code))
        assert reader.bare == []
        assert all(set(cited.split()) <= reader.note_ids for _, cited in reader.numbers)
        part = section(written(code))
        sentences = re.search(r"<h3>.*?</h3>\s*<p>(.*?)</p>", part, re.DOTALL)
        assert sentences is not None
        assert sentences[1].rstrip().endswith("</sup>")
        assert 'href="#note-page-example-1-' in sentences[1]

    def test_each_field_is_shown_with_the_words_that_it_rests_on(self, code: str) -> None:
        part = section(written(code))
        for words in ("need a licence", "China&#39;s commerce ministry", "April 4, 2025"):
            assert f"<mark>{words}</mark>" in part
        assert part.count('<th scope="row">') >= 9

    def test_quoted_words_are_linked_to_the_page_and_to_their_place(self) -> None:
        notes = written().split('id="notes-section"')[1]
        assert "https://news.example/licences?id=1#top:~:text=need%20a%20licence" in notes
        start = page().text.index("need a licence")
        assert f"characters {start} to {start + len('need a licence')} of the saved text" in notes

    def test_what_was_not_used_says_why_and_leads_are_told_apart(self) -> None:
        part = section(written())
        assert "it gives no tonnes" in part
        assert "In the scenario as measure" in part
        leads = part.split("<details>")[1]
        assert "another story" in leads
        assert "another story" not in part.split("<details>")[0]

    def test_quotations_say_which_language_they_are_in(self, code: str) -> None:
        assert '<q class="label" lang="en" dir="auto">' in section(written(code))

    def test_markdown_tells_the_same(self, code: str) -> None:
        text = written(code, Format.MARKDOWN)
        used = set(re.findall(r"\[\^(\w+)\](?!:)", text))
        assert {mark for mark in used if mark.startswith("P")}
        assert used <= set(re.findall(r"^\[\^(\w+)\]:", text, flags=re.MULTILINE))

    def test_data_hold_the_events_and_what_was_assumed(self) -> None:
        read = json.loads(written("en", Format.JSON))["reading"]
        assert [event["id"] for event in read["events"]] == ["example-1", "example-2"]
        assert read["assumed"][0]["field"] == "throughput"
        assert read["reviewed"] is False
        assert read["pages"][0]["url"].startswith("https://news.example")
        assert "text" not in read["pages"][0]

    def test_the_article_names_the_page_that_it_is_based_on(self, code: str) -> None:
        found = re.search(r'<script type="application/ld\+json">(.*?)</script>', written(code))
        assert found is not None
        (work,) = json.loads(found[1])["isBasedOn"]
        assert work["url"] == "https://news.example/licences?id=1#top"
        assert work["datePublished"] == "2025-04-04"

    def test_words_that_stand_in_no_page_raise(self) -> None:
        other = page().model_copy(update={"text": page().text.replace("need a", "want a")})
        with pytest.raises(InputError, match=r"example-1.*none of the pages"):
            evidence_of(replace(drafted(), pages=(other,)))

    def test_an_event_that_quotes_nothing_rests_on_how_pages_are_read(self) -> None:
        bare = events(page())[0].model_copy(update={"evidence": ()})
        notes = Notes(replace(data(), reading=replace(drafted(), events=(bare,))))
        assert notes.of_event(bare) == ("method:reading",)


class TestHostileWords:
    def test_nothing_of_a_page_becomes_a_mark_of_html(self, code: str) -> None:
        text = written(code)
        assert "<script>alert" not in text
        assert text.count("<script") == 2
        assert "\u202e" not in text

    def test_nothing_of_a_page_becomes_a_mark_of_markdown(self) -> None:
        text = written("en", Format.MARKDOWN)
        assert "\\<script\\>" in text
        assert "<script>" not in text

    @pytest.mark.parametrize("url", BAD_ADDRESSES)
    def test_only_addresses_of_the_web_are_linked(self, url: str) -> None:
        assert not is_web_address(url)
        assert address_of_words(url, "words") == ""

    def test_a_page_without_such_an_address_is_not_linked(self) -> None:
        text = render(data(url=BAD_ADDRESSES[0]))
        assert "javascript:" not in text
        assert not [
            link for link in Reader(text).links if not link.startswith(("#", "https://", "http://"))
        ]

    @given(st.text(max_size=60), st.text(max_size=400))
    def test_an_address_never_leaves_its_quotes(self, path: str, words: str) -> None:
        found = address_of_words(f"https://a.example/{path}", words)
        assert found == "" or ":~:text=" in found
        assert not set('"<>\n') & set(found.partition(":~:text=")[2])

    def test_long_quotations_are_cut(self) -> None:
        text = "x" * 5_000 + " need " + "y" * 5_000
        long = page().model_copy(
            update={"text": text, "lines": (page().lines[1].model_copy(
                update={"start": 0, "end": len(text)}),)}
        )  # fmt: skip
        before, after = context(long, quoted(long, "instrument", "need"))
        assert len(before) + len(after) < 400
        assert before.startswith("…")
        assert after.endswith("…")


def section(text: str) -> str:
    """The part of a page on what was read."""
    return text.split('<section aria-labelledby="read">')[1].split("</section>", maxsplit=1)[0]


def test_the_made_up_page_is_hostile() -> None:
    assert HOSTILE in page().text
