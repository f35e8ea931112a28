"""The briefing of a plan in four languages: nothing left in English that is not marked as such."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import mkdtemp

import pytest

from monazite.briefing.language import ENGLISH, ENGLISH_FROM, ENGLISH_TO, LANGUAGES, Language
from monazite.briefing.numbers import Writing
from monazite.briefing.plan.content import PlanContent, compose_plan
from monazite.briefing.plan.figures import LocalFormatter, pictures
from monazite.briefing.plan.notes import PlanNotes
from monazite.briefing.plan.page import PlanMarkdownPage, PlanWriting
from monazite.briefing.plan.phrases import LIST, PhraseTeller, phrase
from monazite.briefing.plan.prose import REMARKS, PlanProse
from monazite.briefing.plan.render import render_plan
from monazite.briefing.plan.tables import PlanTables
from monazite.briefing.plan.told import PlanTeller, package_in_words
from monazite.errors import UnknownCodeError
from monazite.plan.data import Findings
from monazite.plan.deal import CASES_TABLE, STANDARD
from monazite.plan.model import CostLine
from monazite.plan.project import Projects
from monazite.plan.replay import Replay
from monazite.reference.catalogue import load
from monazite.study.planbriefs import brief_plan
from monazite.study.plans import PlanOrder, PlanRun, plan
from small_programme import small_programme
from unit.test_briefing import Reader

TRANSLATED = tuple(code for code in LANGUAGES if code != "en")
SECTOR = Path("docs/examples/small-sector/programme.toml")
WORDS = re.compile(r"[A-Za-z]{4,}(?: [A-Za-z]{2,})+")
"""Two English words or more, one after the other."""
VOID = frozenset({"meta", "link", "br", "img", "hr", "input", "path", "use", "rect", "circle"})


@cache
def run(*changes: tuple[str, str]) -> PlanRun:
    """The small programme, worked out; in full where nothing is changed."""
    order = PlanOrder(count=3, parts=()) if changes else None
    return plan(small_programme(Path(mkdtemp()), *changes), order=order)


def content(found: PlanRun) -> PlanContent:
    manifest = found.manifest.as_dict()
    return compose_plan(found.prepared, found.plan, found.findings, manifest=manifest)


@cache
def written(code: str, form: str = "html", *changes: tuple[str, str]) -> str:
    return brief_plan(run(*changes), form, code)


@pytest.fixture(params=TRANSLATED)
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


MISSED = (("at_least = 0.5", "at_least = 1.0"), ("coverage", "n-1"))


class Unmarked(HTMLParser):
    """Texts of a page that stand in nothing marked as English; drawings and their names apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.drawn: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.texts += [given[key] or "" for key in ("aria-label", "data-listen") if key in given]
        if tag not in VOID:
            is_english = tag != "html" and given.get("lang") == "en"
            is_rows = given.get("class") == "rows"
            self.stack.append((tag, is_english or is_rows or tag in ("style", "script", "title")))

    def handle_endtag(self, tag: str) -> None:
        if any(tag == opened for opened, _ in self.stack):
            while self.stack.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.stack]
        is_left_out = any(left_out for _, left_out in self.stack)
        if not is_left_out:
            (self.drawn if "text" in tags else self.texts).append(data)


class TestPages:
    def test_every_number_leads_to_a_note(self, code: str) -> None:
        reader = Reader(written(code))
        assert len(reader.numbers) > 100
        for text, cited in reader.numbers:
            assert cited, text
            assert set(cited.split()) <= reader.note_ids, text

    def test_the_same_notes_are_cited_as_in_english(self, code: str) -> None:
        english = {cited for _, cited in Reader(written("en")).numbers}
        assert {cited for _, cited in Reader(written(code)).numbers} == english

    @pytest.mark.parametrize("changes", [(), MISSED], ids=["full", "missed"])
    def test_no_english_words_stand_unmarked(
        self, code: str, changes: tuple[tuple[str, str], ...]
    ) -> None:
        page = Unmarked(written(code, "html", *changes))
        if code == "es":
            english = {text.strip() for text in Unmarked(written("en", "html", *changes)).texts}
            left = [text for text in page.texts if text.strip() in english and WORDS.search(text)]
        else:
            left = [text for text in page.texts if WORDS.search(text)]
        assert left == []

    def test_the_page_names_its_language_and_direction(self, code: str) -> None:
        way = "rtl" if code == "ar" else "ltr"
        assert f'<html lang="{code}" dir="{way}">' in written(code)

    def test_names_notes_and_reasons_are_marked_as_english(self, code: str) -> None:
        page = re.sub(r"</?(?:bdi|span class)[^>]*>", "", written(code))
        for words in ("Second mine", "A small programme", "invented", "calm", "ban", "1/year"):
            assert re.search(rf'<span lang="en" dir="ltr">{words}', page), words
        assert '<dt lang="en" dir="ltr">' in page
        assert ENGLISH_FROM not in page

    def test_nothing_is_marked_on_an_english_page(self) -> None:
        assert written("en").count('lang="en"') == 1
        assert 'dir="ltr"' not in written("en").replace('<html lang="en" dir="ltr">', "")

    def test_figures_of_a_page_from_right_to_left_are_isolated(self) -> None:
        assert '<bdi class="number"' in written("ar")
        assert '<span class="number"' not in written("ar")

    def test_identifiers_are_unique_and_links_arrive(self, code: str) -> None:
        reader = Reader(written(code))
        assert len(reader.ids) == len(set(reader.ids))
        assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)

    def test_markdown_defines_its_notes_and_isolates_english_in_arabic_only(
        self, code: str
    ) -> None:
        text = written(code, "md")
        cited = set(re.findall(r"\[\^(\w+)\](?!:)", text))
        assert cited <= set(re.findall(r"^\[\^(\w+)\]:", text, re.MULTILINE))
        assert "## What" not in text
        assert (f"{ENGLISH_FROM}Second mine{ENGLISH_TO}" in text) == (code == "ar")

    def test_data_are_the_same_in_every_language(self, code: str) -> None:
        assert written(code, "json") == written("en", "json")

    def test_an_unknown_language_raises(self) -> None:
        for form in ("html", "json"):
            with pytest.raises(UnknownCodeError, match="language"):
                brief_plan(run(), form, "tlh")
        with pytest.raises(UnknownCodeError, match="language"):
            render_plan(content(run()), language="tlh")

    def test_a_whole_network_is_told(self, code: str) -> None:
        text = brief_plan(plan(SECTOR, order=PlanOrder(parts=())), "md", code)
        assert Language(code).gettext("the whole network") in text.casefold()


class TestPictures:
    def test_their_words_are_in_the_language(self, code: str) -> None:
        drawn = pictures(content(run()), Language(code))
        text = " ".join(picture.svg for picture in drawn.values())
        assert Language(code).place("JPN") in text
        for words in ("stock: ", "budget", "expected", "percent of", "Unmet demand", "MUSD"):
            assert words not in text, words
        for picture in drawn.values():
            assert not re.search(r"[a-z]{4,} [a-z]{3,} [a-z]{3,}", picture.title) or code == "es"
            assert len(picture.description) > 40

    @pytest.mark.parametrize(
        ("code", "texts"),
        [
            ("en", ["1500", "0.50"]),
            ("ja", ["1,500", "0.50"]),
            ("es", ["1.500", "0,50"]),
            ("ar", ["1,500", "0.50"]),
        ],
    )
    def test_axes_write_numbers_as_readers_do(self, code: str, texts: list[str]) -> None:
        write = LocalFormatter(Language(code))
        write.create_dummy_axis()
        told = []
        for largest in (1500.0, 0.5):
            write.axis.set_view_interval(0.0, largest)
            write.set_locs([0.0, largest / 2, largest])
            told.append(write(largest))
        assert told == texts


class TestNames:
    def test_packages_cost_lines_statuses_and_terms_have_names(self, code: str) -> None:
        language = Language(code)
        names = {
            *(language.package(name) for name in ("no support", "grant", "public plant")),
            *(language.package(name) for name in ("loan-and-grant", "floor-and-grant")),
            *(language.cost_line(line) for line in CostLine if line is not CostLine.CAPITAL),
            *(language.status(prior) for prior in Projects.read().priors),
            *(language.unit(unit) for unit in ("USD", "kUSD", "MUSD", "GUSD")),
            *(language.finance_term(row.text("item")) for row in _terms()),
        }
        english = {
            *CostLine, *Projects.read().priors, "grant", "loan-and-grant", "floor-and-grant",
            "public plant", "no support", "USD", "kUSD", "MUSD", "GUSD",
            *(row.text("item").replace("_", " ") for row in _terms()),
        }  # fmt: skip
        assert names & english == set()

    def test_unknown_names_stand_for_themselves(self, code: str) -> None:
        language = Language(code)
        assert language.package("tax holiday") == "tax holiday"
        assert language.cost_line("bribes") == "bribes"
        assert language.status("haunted") == "haunted"
        assert language.unit("kcost") == "kcost"

    @pytest.mark.parametrize(
        ("code", "text"),
        [
            ("ja", "補助金40%、公営プラント60%"),
            ("ar", "منحة بنسبة 40% ومصنع عام بنسبة 60%"),
            ("es", "40 % de subvención y 60 % de planta pública"),
        ],
    )
    def test_packages_are_told(self, code: str, text: str) -> None:
        told = package_in_words("40% grant + 60% public plant", Language(code))
        assert told.replace("\u200e", "").replace("\u00a0", " ") == text


def _terms() -> list:  # type: ignore[type-arg]
    return [row for row in load(CASES_TABLE) if row.text("case") == STANDARD]


class TestWriting:
    @pytest.mark.parametrize(
        ("code", "year", "quarter"),
        [
            ("en", "2028", "2028-Q3"),
            ("ja", "2028年", "2028年第3四半期"),
            ("ar", "2028", "الربع 3 من 2028"),
            ("es", "2028", "3.º trimestre de 2028"),
        ],
    )
    def test_steps_are_told(self, code: str, year: str, quarter: str) -> None:
        write = PlanWriting("MUSD", "t", Writing(Language(code)))
        assert (write.step("2028"), write.step("2028-Q3")) == (year, quarter)

    def test_money_of_another_unit_keeps_it(self, code: str) -> None:
        assert PlanWriting("kcost", "t", Writing(Language(code))).money(12.0).endswith("kcost")

    def test_english_counts_in_words_up_to_nine(self) -> None:
        tell = PlanTeller(content(run()))
        assert [tell.number(n) for n in (0, 1, 9, 10)] == ["no", "one", "nine", "10"]

    def test_other_languages_count_in_figures(self, code: str) -> None:
        assert PlanTeller(content(run()), Language(code)).number(3) == "3"

    def test_spanish_prepositions_melt_with_the_article(self) -> None:
        language = Language("es")
        place = language.place_in_sentence("GBR")
        told = language.gettext("%(money)s from %(place)s", money="1", place=place)
        assert told == "1 del Reino Unido"
        assert language.gettext("%(money)s to %(place)s", money="1", place=place).startswith(
            "1 al "
        )

    def test_a_negative_figure_runs_in_arabic_as_its_words_do(self) -> None:
        assert Writing(Language("ar")).money(-113e3).startswith("\u200f\u200e−113")

    def test_english_words_are_put_in_isolates_but_on_english_pages(self, code: str) -> None:
        assert ENGLISH.english("Second mine") == "Second mine"
        assert Language(code).english("mine") == f"{ENGLISH_FROM}mine{ENGLISH_TO}"
        assert Language(code).english("") == ""


class TestPhrases:
    def test_numbers_keep_their_digits(self, code: str) -> None:
        teller = PhraseTeller(Language(code))
        comma = "," if code == "es" else "."
        assert teller.told(phrase("%(n)s", n="0.0244")) == f"0{comma}0244"
        assert teller.told(phrase("%(n)s", n="1e-06")) == Writing(Language(code)).significant(1e-6)
        assert teller.told(phrase("%(year)s", year="2024")) == "2024"
        assert teller.told(phrase("%(n)s", n="inf")) == "inf"

    def test_goods_are_told_by_code_in_english_and_by_name_elsewhere(self, code: str) -> None:
        given, names = (
            phrase("%(commodity)s", commodity="Dy-oxide"),
            {"Dy-oxide": "Dysprosium oxide"},
        )
        assert PhraseTeller(ENGLISH, names).told(given) == "Dy-oxide"
        assert PhraseTeller(Language(code), names).told(given) == Language(code).commodity(
            "Dysprosium oxide"
        )

    def test_uses_are_listed(self) -> None:
        told = PhraseTeller(Language("ja")).told(phrase("%(uses)s", uses=LIST.join(("wind", "EV"))))
        assert told == "風力タービン、電気自動車"
        assert PhraseTeller(Language("ja")).told(phrase("%(uses)s", uses="*")) == "全用途"


class TestProse:
    def test_every_remark_of_a_replay_is_translated(self, code: str) -> None:
        language = Language(code)
        prose = _prose(content(run()), code)
        values = {"n": "1", "least": "3", "project": "mine-2"}
        for message in REMARKS:
            told = prose._remark(message % values if "%" in message else message)
            assert language.gettext(message).partition("%")[0][:8].casefold() in told.casefold()
            assert ("mine-2" in told) == ("project" in message)

    def test_the_replay_s_own_remarks_are_among_those(self) -> None:
        found = run().findings.replay
        assert isinstance(found, Replay)
        assert found.remarks
        prose = _prose(content(run()), "ja")
        assert not any(ENGLISH_FROM in prose._remark(text) for text in found.remarks)

    def test_a_remark_that_nobody_translated_is_marked(self, code: str) -> None:
        told = _prose(content(run()), code)._remark("it rained")
        assert told == f"{ENGLISH_FROM}It rained.{ENGLISH_TO}"

    def test_a_demand_that_must_be_met_is_named(self, code: str) -> None:
        given = content(run())
        row = {"what": "magnets of Dy-oxide in JPN", "step": "2028", "wanted": 1.0,
               "reached": 0.5, "missed": 0.5}  # fmt: skip
        vars(given)["missed"] = [row]
        language = Language(code)
        [(cell, *_)] = PlanTables(given, language).missed().rows
        for name in (language.use("magnets"), language.place("JPN"), "2028"):
            assert name in cell.text
        assert "Dy-oxide" not in cell.text
        [(cell, *_)] = PlanTables(given).missed().rows
        assert cell.text == "magnets of Dy-oxide in JPN, 2028"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_plan_that_builds_nothing_says_so_and_how_it_ends(self, language: str) -> None:
        given = content(run())
        report = given.report
        vars(given)["missed"] = []
        told = {}
        for name, portfolio, stocked in (
            ("both", report.portfolio, report.stocked),
            ("stocked", (), report.stocked),
            ("nothing", (), ()),
        ):
            # what is cached of the report stands in its dictionary
            vars(report).update(portfolio=portfolio, stocked=stocked)
            told[name] = _prose(given, language).head.headline
        for name in ("portfolio", "stocked"):
            vars(report).pop(name)
        assert len(set(told.values())) == 3
        if language == "en":
            assert told["nothing"].endswith(
                "nothing new is worth building; every target is reached."
            )

    def test_a_gap_under_a_tenth_of_a_percent_is_told_as_that(self) -> None:
        assert 0 < run().plan.solution.gap < 1e-3
        assert "more than 0.1\u202f%." in written("en", "md")

    def test_contracts_and_ended_flows_are_told(self, code: str) -> None:
        contract = (
            "[projects]",
            '[[access.contracts]]\ncommodity = "Dy-oxide"\npartner = "JPN"\norigin = "CHN"\n'
            'quantity = 5\n\n[[access.ended]]\ncommodity = "Dy-oxide"\norigin = "CHN"\n'
            'destination = "USA"\n\n[projects]',
        )
        found = run(contract)
        english, other = brief_plan(found, "md"), brief_plan(found, "md", code)
        assert "Dy-oxide promised by China to Japan: 5 a year." in english
        assert "Dy-oxide from China to the United States: none." in english
        language = Language(code)
        assert language.commodity("dysprosium oxide") in other
        assert "promised" not in other
        assert "Dy-oxide" not in other.partition("[^M1]:")[0]


def _prose(given: PlanContent, code: str) -> PlanProse:
    language = Language(code)
    return PlanProse(PlanMarkdownPage(given, PlanNotes(given, language), language), given)


def test_findings_left_out_are_not_told(code: str) -> None:
    found = run()
    given = compose_plan(found.prepared, found.plan, Findings(), manifest={})
    text = render_plan(given, "md", code)
    for heading in ("Why together, or not", "What money buys", "In the market, month by month"):
        assert Language(code).gettext(heading) not in text
