"""What the recogniser claims: words under every field, one act one event, nothing invented."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring import read_records, score

from monazite.desk import cues, ear, gazetteer, telling
from monazite.desk.attribution import Story, acts
from monazite.desk.page import from_text, read
from monazite.desk.recognise import recognise
from monazite.desk.schema import INSTRUMENTS, TOLD, Event, Page, Role
from monazite.desk.sentences import address, bounds, sentences

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "pages"


def page(text: str, published: str | None = "2025-06-18", url: str = "") -> Page:
    return from_text(text, id="page", url=url, published=published, language="en")


def news(text: str, published: str | None = "2025-06-18") -> list[Event]:
    return [event for event in recognise(page(text, published)) if event.role is Role.MAIN]


BAN = (
    "HARARE, June 18 - Zimbabwe will ban exports of lithium concentrate from January 2027, mines "
    "minister Winston Chitando said on Wednesday."
)


def test_a_ban_is_read_with_its_actor_goods_and_dates() -> None:
    (event,) = news(BAN)
    assert (event.instrument, event.actor, event.target) == ("export_ban", ("ZWE",), ("*",))
    assert event.commodities == ("lithium",)
    assert (event.status, event.date, event.effective) == ("announced", "2025-06-18", "2027-01")


def test_every_field_rests_on_words_of_the_page() -> None:
    found = page(BAN)
    for event in recognise(found):
        assert event.evidence
        for words in event.evidence:
            assert found.text[words.start : words.end] == words.text


def test_a_denial_is_an_event_that_is_denied() -> None:
    (event,) = news(
        "China's commerce ministry on Tuesday denied a report that it had banned exports of rare "
        'earths to Japan. "There is no such ban," a spokesman said.'
    )
    assert (event.instrument, event.status) == ("export_ban", "denied")


def test_a_tariff_that_is_not_imposed_is_told_apart_from_one_that_is() -> None:
    told = news(
        "Rare earth magnets from China will be exempt from the new US tariffs, the White House "
        "said on Monday. No tariff on the magnets takes effect."
    )
    assert {event.status for event in told if event.instrument == "tariff"} == {"not_imposed"}


def test_a_suspension_for_a_year_ends_a_year_later() -> None:
    told = news(
        "China's commerce ministry said on Monday that it had suspended its export controls on "
        "gallium and germanium for one year."
    )
    (event,) = [event for event in told if event.instrument == "export_licence"]
    assert (event.status, event.date, event.end) == ("suspended", "2025-06-16", "2026-06-16")
    assert event.direction == "ease"


def test_a_size_that_the_text_does_not_give_stays_empty() -> None:
    for event in recognise(page(BAN)):
        assert event.magnitude == ()


def test_acts_on_other_goods_are_no_events() -> None:
    assert news("India has banned exports of white rice with immediate effect, Delhi said.") == []
    assert news("Venezuela suspended its gas deals with Trinidad and Tobago on Monday.") == []


def test_prices_are_no_events() -> None:
    text = "Lithium carbonate rose 3% to 72,000 yuan a tonne on Tuesday, its highest since March."
    assert news(text) == []


@pytest.mark.parametrize("name", ["us-japan-framework.html", "us-japan-framework.txt"])
def test_a_page_with_all_its_furniture_tells_its_own_act_only(name: str) -> None:
    (event,) = [e for e in recognise(read(EXAMPLES / name)) if e.role is Role.MAIN]
    assert event.instrument == "bilateral_deal"
    assert set(event.actor) == {"USA", "JPN"}
    assert (event.status, event.date) == ("signed", "2025-10-28")
    assert event.magnitude == ()
    assert event.effective is None
    assert event.end is None


def test_tickers_and_lists_never_yield_events() -> None:
    found = read(EXAMPLES / "china-licences.html")
    told = [(line.start, line.end) for line in found.lines if line.zone in TOLD]
    for event in recognise(found):
        for words in event.evidence:
            assert any(start <= words.start and words.end <= end for start, end in told)


def test_a_page_read_twice_gives_the_same_events() -> None:
    assert recognise(page(BAN)) == recognise(page(BAN))


@given(st.text(max_size=400), st.sampled_from(["en", "es", "ar", "ja", "xx"]))
def test_any_text_is_read_without_a_fault(text: str, language: str) -> None:
    found = from_text(f"{text} China bans exports of gallium. {text}", id="any", language=language)
    for event in recognise(found):
        for words in event.evidence:
            assert found.text[words.start : words.end] == words.text


@given(st.text(max_size=300))
def test_sentences_lie_in_the_text_in_order_and_do_not_overlap(text: str) -> None:
    reached = 0
    for start, end in bounds(text, 0, len(text)):
        assert reached <= start < end <= len(text)
        reached = end


def test_the_tables_agree_on_instruments_and_classes() -> None:
    assert set(acts()) == set(INSTRUMENTS)
    assert {pattern.instrument for pattern in cues.patterns()} <= set(INSTRUMENTS)


def test_a_score_of_the_ear_is_the_sum_of_its_reasons() -> None:
    found = page(BAN)
    (sentence, *_) = sentences(found)
    features = ear.features(found.text.lower(), sentence, cues.matches(ear.classes(sentence)))
    reasons = ear.reasons(features, "export_ban", most=len(features))
    silence = ear.hear([]).odds("export_ban")
    total = silence + sum(weight for _, weight in reasons)
    assert ear.hear(features).odds("export_ban") == pytest.approx(total)


def test_listening_hears_what_the_features_say() -> None:
    for name in ("china-licences.html", "rare-earth-licences.ja.txt"):
        found = read(EXAMPLES / name)
        small = gazetteer.folded(found.text)
        named = [(part, ear.classes(part)) for part in sentences(found)]
        told = [ear.ToldSentence(part, words, cues.matches(words)) for part, words in named]
        written = ear.hear_all([ear.features(small, one.sentence, one.matched) for one in told])
        for heard, spelled in zip(ear.listen(small, told), written, strict=True):
            assert heard.scores == pytest.approx(spelled.scores, abs=1e-4)


def test_one_act_told_twice_is_one_cluster_and_two_minerals_apart_are_two() -> None:
    def bans(text: str) -> int:
        found = page(text)
        story = Story.from_sentences(found, sentences(found))
        return sum(c.best.instrument == "export_ban" for c in telling.gather(story))

    once = "Gabon will ban exports of manganese ore. The export ban on manganese is final."
    apart = "Gabon will ban exports of manganese ore. Ghana will ban exports of bauxite."
    assert (bans(once), bans(apart)) == (1, 2)


def test_pages_that_nobody_looked_at_are_read_as_well_as_we_say() -> None:
    """Floors a little below what docs/how-to/desk.md reports for the judging pages."""
    records = [r for name in "ab" for r in read_records(ROOT / f"corpus/pages-judge-{name}.jsonl")]
    pairs = []
    for record in records:
        found = from_text(
            record["text"], id=record["id"], url=record["url"] or "",
            published=record["published"], language=record["lang"],
        )  # fmt: skip
        told = [e.model_dump(mode="json") for e in recognise(found) if e.role is Role.MAIN]
        pairs.append((record, told))
    total = score(pairs)
    assert total.f1 > 0.78
    assert total.alarms <= 1
    assert total.share("instrument") > 0.88
    assert total.share("date") > 0.85


HEADED = "https://news.example/2024/08/11/zambia-closes-border-with-congo-blocking-copper-route"


def test_an_address_that_spells_a_headline_is_heard_like_one() -> None:
    assert address(HEADED) == "zambia closes border with congo blocking copper route"
    assert address("https://news.example/article/ad6c3d1de17a?page=2") == ""


def test_an_act_that_the_address_names_is_listened_for_in_the_first_sentences() -> None:
    text = (
        "Trucks with copper from Congo may queue for miles: for the moment nobody passes into "
        'Zambia. "We decided to take precautions that we seal the borders for now," the commerce '
        "minister said."
    )

    def acts_of(url: str) -> set[str]:
        found = page(text, "2024-08-11", url)
        clusters = telling.gather(Story.from_sentences(found, sentences(found)))
        return {cluster.best.instrument for cluster in clusters}

    assert "border_closure" in acts_of(HEADED)


def test_a_firm_stands_for_the_mineral_it_is_known_for_where_none_is_named() -> None:
    found = page("Lynas has shut its plant at Kalgoorlie after a fire, it said on Monday.")
    story = Story.from_sentences(found, sentences(found))
    assert story.minerals
    for event in recognise(found):
        assert all(good in story.minerals for good in event.commodities)
        assert any(words.field == "commodities" for words in event.evidence)
