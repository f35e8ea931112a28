"""Briefings in four languages: every message translated, every figure still leading somewhere."""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from briefing_factory import briefing
from monazite.briefing.canvas import Pen
from monazite.briefing.language import (
    ENGLISH,
    LANGUAGES,
    Language,
    catalogue,
    plural_forms,
)
from monazite.briefing.numbers import Writing
from monazite.briefing.render import Format, render
from monazite.briefing.told import REMEDIES, Teller, remedy
from monazite.errors import UnknownCodeError
from monazite.labels import END_USES, REGIONS, Stage
from monazite.scenario import Measure, Scenario, library
from unit.test_briefing import Reader

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import build_catalogues

TRANSLATED = tuple(code for code in LANGUAGES if code != "en")
PLACES = re.compile(r"%\((\w+)\)s")
LATIN = re.compile(r"[A-Za-z]{4,}")


@cache
def written(language: str, form: str = Format.HTML, draws: int = 1) -> str:
    return render(briefing(draws), form, language)


def entries(code: str) -> Iterator[Message]:
    return (message for message in catalogue(code, "briefing") if message.id)


def forms(message: Message) -> tuple[str, ...]:
    found = message.string
    return tuple(found) if isinstance(found, tuple | list) else (str(found),)


@pytest.fixture(params=TRANSLATED)
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestCatalogues:
    def test_every_message_has_a_translation(self, code: str) -> None:
        assert [m.id for m in entries(code) if not all(forms(m))] == []

    def test_places_of_a_translation_are_those_of_the_message(self, code: str) -> None:
        for message in entries(code):
            wanted = set(
                PLACES.findall(message.id if isinstance(message.id, str) else message.id[1])
            )
            for number, form in enumerate(forms(message)):
                found = set(PLACES.findall(form))
                # one and two may be words: "a day", "two days"
                counted = message.pluralizable and plural_forms(code)[number] in ("one", "two")
                assert found == wanted or (counted and found <= wanted), message.id

    def test_a_percent_sign_is_either_a_place_or_doubled(self, code: str) -> None:
        for message in entries(code):
            for form in forms(message):
                assert "%" not in PLACES.sub("", form).replace("%%", ""), message.id
                assert "%%" not in form or PLACES.search(form), message.id

    def test_plural_forms_are_those_of_unicode(self, code: str) -> None:
        wanted = {*Locale.parse(code).plural_form.tags, "other"}
        assert set(plural_forms(code)) == wanted
        assert catalogue(code, "briefing").num_plurals == len(wanted)
        for message in entries(code):
            if message.pluralizable:
                assert len(forms(message)) == len(wanted)

    def test_the_catalogue_is_up_to_date(self, code: str) -> None:
        template = build_catalogues.template_of_catalogues()
        wanted = {(m.id, m.context) for m in template if m.id}
        assert {(m.id, m.context) for m in entries(code)} == wanted
        path = build_catalogues.BRIEFING / "locale" / "briefing.pot"
        with path.open("rb") as file:
            assert {(m.id, m.context) for m in read_po(file) if m.id} == wanted

    def test_making_the_catalogues_again_changes_nothing(self, code: str, tmp_path: Path) -> None:
        path = tmp_path / "again.po"
        template = build_catalogues.template_of_catalogues()
        build_catalogues.write(build_catalogues.merged(template, code), path)
        assert path.read_bytes() == build_catalogues.path_of(code).read_bytes()

    def test_no_translation_is_left_in_english(self, code: str) -> None:
        same = [
            m.id for m in entries(code) if m.id in forms(m) and LATIN.search(PLACES.sub("", m.id))
        ]
        assert same == []

    def test_a_catalogue_that_nobody_wrote_leaves_messages_as_they_are(self) -> None:
        assert isinstance(catalogue("ja", "no-such-domain"), Catalog)
        assert Language("ja", "no-such-domain").gettext("Sources") == "Sources"


class TestNames:
    def test_every_use_stage_and_good_of_a_shipped_chain_has_a_name(self, code: str) -> None:
        language = Language(code)
        for use in END_USES:
            assert language.use(use) != END_USES[use]
        for stage in Stage:
            assert code == "es" or language.stage(stage) != stage
        for good in shipped_goods():
            assert language.commodity(good) != good

    def test_every_region_has_a_name(self, code: str) -> None:
        language = Language(code)
        assert all(language.place(region) != region for region in REGIONS)
        assert language.place("plant-7") == "plant-7"

    def test_an_unknown_name_stands_for_itself(self, code: str) -> None:
        language = Language(code)
        assert language.commodity("unobtainium") == "unobtainium"
        assert language.use("kites") == "kites"

    def test_an_unknown_language_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="language"):
            Language("tlh")
        with pytest.raises(UnknownCodeError, match="language"):
            render(briefing(), language="tlh")


def shipped_goods() -> set[str]:
    from monazite import study  # noqa: PLC0415 - loading the chains takes a second

    names = ("rare-earths-2024", "rare-earths-2009", "gallium-germanium-2023")
    return {item.name for name in names for item in study.chain(name).commodities if item.name}


class TestFigures:
    @pytest.mark.parametrize(
        ("language", "texts"),
        [
            ("ja", ["8.2%", "34.1億ドル", "12,300トン", "4.2倍", "41日", "2025年4月", "a、b、c"]),
            ("es", ["8,2 %", "3.410 millones de US$", "12.300 t", "× 4,2", "41 días",
                    "abril de 2025", "a, b y c"]),
            ("ar", ["8.2%", "3.41 مليار دولار", "12,300 طن", "4.2 مرة", "41 يومًا",
                    "أبريل 2025", "a وb وc"]),
        ],
    )  # fmt: skip
    def test_figures_are_written_as_their_readers_write_them(
        self, language: str, texts: list[str]
    ) -> None:
        write = Writing(Language(language))
        found = [
            write.percent(0.082), write.money(3.41e6), write.tonnes(12_300.0),
            write.multiple(4.21), write.days(41.0), write.language.month("2025-04"),
            write.language.listed(["a", "b", "c"]),
        ]  # fmt: skip
        assert [text.replace("\u00a0", " ").replace("\u200e", "") for text in found] == texts

    def test_arabic_counts_in_six_forms(self) -> None:
        write = Writing(Language("ar"))
        told = [write.months(number).replace("\u00a0", " ") for number in (1, 2, 3, 11, 100)]
        assert told == ["شهر واحد", "شهران", "3 أشهر", "11 شهرًا", "100 شهر"]

    def test_spanish_lists_change_the_word_before_the_same_vowel(self) -> None:
        language = Language("es")
        assert language.listed(["China", "India"]) == "China e India"
        assert language.listed(["cobre", "hierro"]) == "cobre y hierro"

    def test_reading_time_counts_words_and_in_japanese_letters(self) -> None:
        assert ENGLISH.reading_minutes("word " * 600) == 3
        assert Language("ja").reading_minutes("字" * 1500) == 3
        assert ENGLISH.reading_minutes("") == 1


class TestMeasures:
    def test_english_is_what_the_scenario_says(self) -> None:
        for measure in every_kind():
            assert Teller().measure(measure) == measure.sentence()

    def test_every_kind_is_told_without_english(self, code: str) -> None:
        for measure in made_up_kinds():
            told = Teller(Language(code)).measure(measure)
            left = LATIN.findall(re.sub(r"\([^()]*\)|[a-z]+(-[a-z*]+)+", "", told))
            assert code == "es" or left == [], told
            assert told != measure.sentence()

    def test_standard_remedies_are_told_in_every_language(self, code: str) -> None:
        teller = Teller(Language(code))
        for name in REMEDIES:
            told = remedy(teller, name)
            assert told is not None
            assert name not in told
        assert remedy(teller, "Prayer") is None


def every_kind() -> list[Measure]:
    """The measures of the library, and the kinds that it lacks."""
    shipped = [measure for scenario in library() for measure in scenario.measures]
    return [*shipped, *made_up_kinds()]


def made_up_kinds() -> list[Measure]:
    """Measures of every kind; nobody takes them."""
    base = {"actors": ["CHN"], "commodities": ["Dy-*"], "start": "2025-01"}
    more = [
        {"kind": "export_quota", "limit": 1200, "reach_reexports": True, **base},
        {"kind": "export_ban", "reach_reexports": True, "targets": ["OUTSIDE-JPN"], **base},
        {"kind": "export_licence", "throughput": 0.4, "delay_months": 3,
         "approval_ramp_months": 6, "queue": True, "reach_reexports": True, **base},
        {"kind": "export_tax", "rate": 0.25, "specific": 2.5, **base},
        {"kind": "tariff", "rate": {"2025-01": 0.25, "2025-06": 0.5}, "targets": ["USA"], **base},
        {"kind": "price_floor", "floor": 110, "coverage": 0.5, **base},
        {"kind": "price_floor", "floor": 110, "paid_by": "purchase", **base},
        {"kind": "subsidy", "usd_per_kg": 12.5, "processes": ["plant-*"], **base},
        {"kind": "stock_release", "days": 60, "over_months": 6, **base},
        {"kind": "stock_release", "share": 0.5, **base},
        {"kind": "stock_release", "tonnes": 1250, **base},
        {"kind": "stock_build", "tonnes": 100, **base},
        {"kind": "capacity_change", "share": -0.16, "ramp_months": 6, **base},
        {"kind": "capacity_change", "t_per_year": 1500, **base},
        {"kind": "capacity_change", "t_per_year": 500, "ramp_months": 12,
         "opens": {"name": "new-mill", "like": "mill"}, **base},
        {"kind": "outage", "share_lost": 0.5, **base},
        {"kind": "demand_change", "growth_per_year": 0.08, "targets": ["EV"],
         "commodities": ["magnet"], "start": "2025-01"},
        {"kind": "hoarding", "extra_cover": 0.5, "commodities": ["all"], "start": "2025-01"},
    ]  # fmt: skip
    made = Scenario.model_validate(
        {"id": "made-up", "title": "Made up", "start": "2025-01", "measures": more}
    )
    return list(made.measures)


class TestPages:
    def test_every_number_leads_to_a_note_in_every_language(self, code: str) -> None:
        reader = Reader(written(code))
        assert len(reader.numbers) > 100
        for text, cited in reader.numbers:
            assert cited, f"'{text}' cites nothing"
            assert set(cited.split()) <= reader.note_ids
        assert reader.bare == []

    def test_the_same_figures_are_cited_in_every_language(self, code: str) -> None:
        english = {cited for _, cited in Reader(written("en")).numbers}
        assert {cited for _, cited in Reader(written(code)).numbers} == english

    def test_the_page_names_its_language_and_direction(self, code: str) -> None:
        way = "rtl" if code == "ar" else "ltr"
        assert f'<html lang="{code}" dir="{way}">' in written(code)

    def test_what_stays_english_says_so(self, code: str) -> None:
        page = written(code)
        assert '<span lang="en" dir="ltr">On ' in page
        assert page.count('lang="en"') > 20

    def test_figures_of_a_page_from_right_to_left_are_isolated(self) -> None:
        page = written("ar")
        assert '<bdi class="number"' in page
        assert '<span class="number"' not in page

    def test_no_english_sentence_is_left(self, code: str) -> None:
        text = " ".join(Reader(written(code)).texts)
        told = [str(m.id) for m in entries(code) if not PLACES.search(str(m.id))]
        assert [words for words in told if len(words) > 25 and words in text] == []

    def test_identifiers_are_unique_and_links_arrive(self, code: str) -> None:
        reader = Reader(written(code))
        assert len(reader.ids) == len(set(reader.ids))
        assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)

    def test_markdown_is_told_in_the_language_too(self, code: str) -> None:
        text = written(code, Format.MARKDOWN)
        used = set(re.findall(r"\[\^(\w+)\](?!:)", text))
        assert used <= set(re.findall(r"^\[\^(\w+)\]:", text, flags=re.MULTILINE))
        assert "## What happened" not in text

    def test_data_are_the_same_in_every_language(self, code: str) -> None:
        assert written(code, Format.JSON) == written("en", Format.JSON)

    def test_the_article_describes_itself_to_machines(self, code: str) -> None:
        page = written(code)
        found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
        assert found is not None
        described = json.loads(found[1])
        assert described["@type"] == "NewsArticle"
        assert described["inLanguage"] == code
        assert described["wordCount"] > (20 if code == "ja" else 200)
        assert described["datePublished"] == "2025-11-03"
        assert "<" not in found[1]


class TestPictures:
    def test_text_of_figures_is_in_the_language(self, code: str) -> None:
        svg = "".join(re.findall(r"<svg.*?</svg>", written(code), re.DOTALL))
        assert Language(code).place("CHN") in svg
        assert "days of cover" not in svg
        assert "stopped part" not in svg

    def test_letters_that_the_drawing_font_lacks_come_back(self) -> None:
        pen = Pen(Writing(Language("ja")))
        drawn = pen.draw("磁石の在庫 12日")
        assert "磁" not in drawn
        assert drawn.endswith(pen.draw("日"))
        assert pen.restored(f"<text>{drawn}</text>") == "<text>磁石の在庫 12日</text>"

    def test_other_letters_stay(self) -> None:
        assert Pen().draw("مغناطيس, magnet") == "مغناطيس, magnet"
