"""What the zones of a page must be: claims on pages written for these tests."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monazite.desk.lines import FEATURES, LineWeights, Look, features, weights
from monazite.desk.schema import LEADS, TOLD, Zone
from monazite.desk.zones import split

EXAMPLES = Path(__file__).parents[2] / "examples" / "pages"
DUMPS = ("china-licences.txt", "us-japan-framework.txt")
SMALL = tuple(sorted(path.name for path in EXAMPLES.glob("*.??.txt")))

PARAGRAPH = (
    "The ministry said on Monday that no ore may leave the country before the end of the year. "
    "Traders had expected the step for weeks, and some had shipped what they could."
)


def zones_of(text):
    return [(line.zone, text[line.start : line.end]) for line in split(text)]


def lines_in(text, *zones):
    return [words for zone, words in zones_of(text) if zone in zones]


@pytest.fixture(params=DUMPS)
def dump(request):
    return (EXAMPLES / request.param).read_text(encoding="utf-8")


@pytest.fixture(params=SMALL)
def small(request):
    return (EXAMPLES / request.param).read_text(encoding="utf-8")


@given(st.text(max_size=400) | st.lists(st.sampled_from(
    ["Home", "News", "BREAKING", "Read more: x", "Most Read", "By A. Person", "4 May 2025", "",
     PARAGRAPH, "A title of five words", "- Tin falls to a new low", "\x85", "\x1c", "عاجل", "速報"]
), max_size=25).map("\n".join))  # fmt: skip
@example("\u2028\r\n \x0b")
def test_every_line_that_is_not_blank_is_in_exactly_one_zone(text):
    lines = split(text)
    assert all(before.end < after.start for before, after in pairwise(lines))
    outside = list(text)
    for line in lines:
        assert text[line.start : line.end].strip() == text[line.start : line.end] != ""
        outside[line.start : line.end] = " " * (line.end - line.start)
    assert not "".join(outside).strip()


def test_paragraphs_alone_are_all_body():
    text = "\n".join([PARAGRAPH] * 3)
    assert {zone for zone, _ in zones_of(text)} == {Zone.BODY}


@pytest.mark.parametrize(
    "facts",
    [
        "Inception date: 21 Sep 2010 | Removal date: 20 Nov 2010\nExport ban\n" + PARAGRAPH,
        "Measure: Export quota | Administered by: Ministry\nValid: 1 January - 31 December 2015",
        PARAGRAPH + "\n- Dec 2024: petition by the producers\n- $400 million for a mine",
    ],
)
def test_facts_of_a_database_are_body_and_no_furniture(facts):
    assert {zone for zone, _ in zones_of(facts)} <= {Zone.BODY, Zone.HEADLINE}


def test_a_first_line_like_a_title_is_the_headline_and_a_sentence_is_not():
    assert zones_of("Export of ore is halted again\n" + PARAGRAPH)[0][0] is Zone.HEADLINE
    assert zones_of("Export of ore is halted again.\n" + PARAGRAPH)[0][0] is Zone.BODY


def test_titles_in_bullets_at_the_end_are_of_other_stories():
    text = f"{PARAGRAPH}\n- Yen steady in the upper zone\n- Typhoon nears the coast of an island"
    assert [zone for zone, _ in zones_of(text)] == [Zone.BODY, Zone.RELATED, Zone.RELATED]


def test_a_ticker_of_full_sentences_never_becomes_body(dump):
    ticker = lines_in(dump, Zone.TICKER)
    assert len(ticker) == 11
    assert not set(ticker) & set(lines_in(dump, *TOLD))


def test_a_ticker_without_a_cue_between_two_menus_is_a_ticker():
    menu = "News  Mining  Markets  Video"
    items = ["Mali seizes three tonnes of gold.", "Chile puts up its copper royalty again."]
    text = "\n".join([menu, *items, menu, "Ore may not leave the land now", PARAGRAPH])
    assert lines_in(text, Zone.TICKER) == items
    assert lines_in(text, Zone.MENU) == [menu, menu]


def test_a_headline_that_a_ticker_runs_into_is_found():
    items = ["BREAKING", "Oil falls.", "Gold gains after a calm week.", "Ore traders shipped all"]
    text = "\n".join([*items, "By A. Person", PARAGRAPH])
    assert lines_in(text, Zone.HEADLINE) == ["Ore traders shipped all"]


def test_hours_between_the_items_of_a_ticker_do_not_end_it():
    items = ["11:40", "Mali seizes gold.", "11:20", "Chile puts up its copper royalty.", "10:05"]
    text = "\n".join(["LIVE", *items, "Home", "Ore may not leave the land now", PARAGRAPH])
    assert "Chile puts up its copper royalty." in lines_in(text, Zone.TICKER)


def test_the_parts_of_a_dump_are_told_apart(dump):
    counts = {zone: len(lines_in(dump, zone)) for zone in Zone}
    assert counts[Zone.HEADLINE] == counts[Zone.DEK] == counts[Zone.CAPTION] == 1
    assert counts[Zone.READ_MORE] == 2
    assert counts[Zone.RELATED] == 3
    assert counts[Zone.MOST_READ] == 17
    assert counts[Zone.READ_NEXT] == 13
    assert counts[Zone.TAGS] == 5
    assert lines_in(dump, Zone.BYLINE)[0] == "By Nobody Real"
    assert lines_in(dump, Zone.SOURCE) == ["Source: Agencies"]
    assert not any("Example Courier" in words for words in lines_in(dump, *TOLD))


def test_subheads_stay_in_the_body(dump):
    assert sum(len(words) < 25 for words in lines_in(dump, Zone.BODY)) == 3


def test_what_is_printed_twice_is_told_once():
    title, second = "Ore may not leave the land", PARAGRAPH.replace("Monday", "Tuesday")
    text = "\n".join(["Home", title, PARAGRAPH, "By A. Person", title, second])
    assert lines_in(text, *TOLD).count(title) == 1


def test_dates_in_lists_are_of_the_lists(dump):
    assert lines_in(dump, Zone.PUBLISHED) == ["Today 11:40", "4 Min Read"]


def test_other_languages_have_the_same_parts(small):
    counts = {zone: len(lines_in(small, zone)) for zone in Zone}
    assert counts[Zone.HEADLINE] == counts[Zone.PUBLISHED] == counts[Zone.READ_MORE] == 1
    assert counts[Zone.BODY] == 3
    assert counts[Zone.TICKER] == 4
    assert counts[Zone.RELATED] == 3
    assert counts[Zone.MOST_READ] == 2


def test_leads_are_never_told():
    assert not LEADS & TOLD


def test_long_dumps_take_time_in_proportion_to_their_length():
    block = "Home\nNews\nBREAKING\nGold gains after a calm week.\nRead more: x\n" + PARAGRAPH + "\n"
    times = []
    for copies in (500, 4000):
        began = time.process_time()
        split(block * copies)
        times.append(time.process_time() - began)
    assert times[1] < 30 * times[0] + 0.2


@pytest.mark.parametrize("hostile", ["a | " * 50_000, "a: " * 50_000, "- " * 50_000, "1. " * 50_000,
                                     "»" * 100_000, "x" * 300_000, ">>> " * 50_000])  # fmt: skip
def test_endless_lines_are_sorted_at_once(hostile):
    began = time.process_time()
    assert len(split(f"Home\n{hostile}\n{PARAGRAPH}")) == 3
    assert time.process_time() - began < 1


def test_the_shipped_weights_are_those_of_the_features():
    shipped = weights()
    assert len(shipped.weights) == len(FEATURES) == len(features([Look.from_line("x")])[0])
    assert shipped == LineWeights.shipped()


def test_the_classifier_knows_a_paragraph_from_a_menu():
    looks = [Look.from_line(text) for text in ("Home", "Sign in", *[PARAGRAPH] * 3, "Apps", "Help")]
    chances = weights().chances(looks)
    assert min(chances[2:5]) > 0.6
    assert max(*chances[:2], *chances[5:]) < 0.1
