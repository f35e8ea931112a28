"""The briefing: every figure leads somewhere, and the page stands on its own."""

import json
import math
import re
import time
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files

import pytest

import trajectory_factory as factory
from briefing_factory import briefing, without_sources
from monazite import study
from monazite.briefing import tables
from monazite.briefing.canvas import Picture
from monazite.briefing.compose import compose
from monazite.briefing.content import assumptions_in, provenances, worst_months
from monazite.briefing.figures import cover_chart, price_chart, stopped_chart
from monazite.briefing.flows import chain_pictures, chain_ribbons, map_picture
from monazite.briefing.geography import display_groups
from monazite.briefing.notes import Notes
from monazite.briefing.render import Format, render
from monazite.errors import UnknownCodeError
from monazite.indicators import Band, Snapshot
from monazite.network import Provenance

VOID = frozenset({"meta", "link", "br", "img", "hr", "input", "path", "use", "rect", "circle"})
MAY_HOLD_DIGITS = frozenset({"number", "label", "ref", "key"})
"""Classes whose text is a figure that cites, a name, a mark or the key to the marks."""
NO_BAND = Band(None, None, None)


class Reader(HTMLParser):
    """Walks a page and remembers what the tests ask about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.ids: list[str] = []
        self.note_ids: set[str] = set()
        self.numbers: list[tuple[str, str]] = []
        self.bare: list[str] = []
        self.links: list[str] = []
        self.resources: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
            if self._inside("notes-section"):
                self.note_ids.add(found["id"])
        if tag == "a":
            self.links.append(found.get("href", ""))
        self.resources += [found[name] for name in ("src", "srcset", "data") if name in found]
        if tag not in VOID:
            self.stack.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        if any(tag == opened for opened, _ in self.stack):
            while self.stack.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not data.strip():
            return
        tags = {tag for tag, _ in self.stack}
        if tags & {"svg", "style", "title", "script"}:
            return
        self.texts.append(data)
        classes = {name for _, found in self.stack for name in found.get("class", "").split()}
        cited = [found.get("data-source", "") for _, found in self.stack if _is_number(found)]
        if cited:
            self.numbers.append((data, cited[-1]))
        free = classes & MAY_HOLD_DIGITS or "time" in tags or self._inside("notes-section")
        if re.search(r"\d", data) and not free:
            self.bare.append(data)

    def _inside(self, identifier: str) -> bool:
        return any(found.get("id") == identifier for _, found in self.stack)


def _is_number(found: dict[str, str]) -> bool:
    return "number" in found.get("class", "").split()


@cache
def written(form: str = Format.HTML, draws: int = 1, *, calm: bool = False) -> str:
    return render(briefing(draws, calm=calm), form)


@pytest.fixture(params=[(1, False), (15, False), (1, True)], ids=["one", "draws", "calm"])
def page(request: pytest.FixtureRequest) -> str:
    draws, calm = request.param
    return written(draws=draws, calm=calm)


class TestEveryFigureLeadsSomewhere:
    def test_every_number_cites_notes_that_exist(self, page: str) -> None:
        reader = Reader(page)
        assert len(reader.numbers) > 100
        for text, cited in reader.numbers:
            assert cited, f"'{text}' cites nothing"
            assert set(cited.split()) <= reader.note_ids, f"'{text}' cites {cited}"

    def test_no_digit_of_the_text_stands_outside_a_number_date_or_name(self, page: str) -> None:
        assert Reader(page).bare == []

    def test_every_link_within_the_page_arrives(self, page: str) -> None:
        reader = Reader(page)
        inner = {link[1:] for link in reader.links if link.startswith("#")}
        assert inner <= set(reader.ids)

    def test_every_figure_drawn_cites_how_it_was_computed(self, page: str) -> None:
        cited = re.findall(r'<figure id="[^"]+" data-source="([^"]+)"', page)
        assert len(cited) == 6
        assert set(" ".join(cited).split()) <= Reader(page).note_ids

    def test_no_template_states_a_figure_of_its_own(self) -> None:
        folder = files("monazite.briefing") / "templates"
        for name in (path.name for path in folder.iterdir() if path.name.endswith(".j2")):
            text = (folder / name).read_text(encoding="utf-8")
            prose = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>|\[\^", "", text, flags=re.DOTALL)
            digits = [word for word in prose.split() if re.search(r"\d", word)]
            assert digits == [], name

    def test_a_source_that_nobody_declared_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="unknown source"):
            render(without_sources())

    @pytest.mark.parametrize("reference", ["source:nobody", "method:magic", "guess:x", "nothing"])
    def test_a_reference_that_leads_nowhere_raises(self, reference: str) -> None:
        with pytest.raises(UnknownCodeError):
            Notes(briefing()).cite(reference)

    def test_rows_without_a_source_are_their_makers_word(self) -> None:
        notes = Notes(briefing())
        assert notes.of_row(Provenance()) == ("method:user",)
        assert notes.of_words(()) == ("method:scenario",)
        assert notes.of_words(("law-18", "user")) == ("source:law-18",)

    def test_assumed_rows_are_listed_with_their_reason(self) -> None:
        assumed = assumptions_in(factory.network())
        places = {item.id for item in assumed}
        rows = [p for kind in provenances(factory.network()).values() for p in kind]
        assert {p.where for p in rows if p.grade == "E" and p.where} == places
        assert all(item.reason for item in assumed)

    def test_rows_assumed_for_one_reason_share_a_note(self) -> None:
        data = briefing()
        first = data.assumptions[0]
        twin = replace(first, id=f"{first.id.rpartition(':')[0]}:999999", value="7")
        notes = Notes(replace(data, assumptions=(*data.assumptions, twin)))
        (mark,) = notes.cite(f"assumption:{first.id}")
        assert notes.cite(f"assumption:{twin.id}") == (mark,)
        found = next(item for item in notes.assumptions() if item.mark == mark)
        assert found.what.endswith("1 more")


def test_every_figure_of_a_shipped_scenario_leads_to_a_source_or_an_assumption() -> None:
    result = study.stress("china-2025-licences")
    data = compose(result.scenario, result.trajectory, (), manifest={}, threshold=0.05)
    reader = Reader(render(data))
    assert len(reader.numbers) > 500
    assert all(set(cited.split()) <= reader.note_ids for _, cited in reader.numbers)
    assert reader.bare == []


class TestThePageStandsOnItsOwn:
    def test_nothing_is_fetched(self, page: str) -> None:
        reader = Reader(page)
        assert reader.resources == []
        assert not {"link", "img", "iframe", "object", "embed"} & set(reader.tags)
        assert re.findall(r"<script([^>]*)>", page) == [' type="application/ld+json"', ""]
        assert not re.search(r"url\(\s*['\"]?(?!#)|@import|@font-face", page)
        assert "default-src 'none'" in page

    def test_identifiers_are_unique(self, page: str) -> None:
        identifiers = Reader(page).ids
        assert len(identifiers) == len(set(identifiers))

    def test_readers_by_ear_find_their_way(self, page: str) -> None:
        tags = Reader(page).tags
        assert '<html lang="en" dir="ltr">' in page
        assert tags.count("h1") == tags.count("main") == tags.count("header") == 1
        assert {"nav", "footer", "figcaption"} <= set(tags)
        assert tags.count("svg") == page.count('role="img"') == 6
        assert tags.count("desc") == 6
        assert tags.count("table") == tags.count("caption")
        assert page.count('<th scope="row"') > 20
        assert "<th>" not in page

    def test_what_comes_from_outside_is_escaped(self, page: str) -> None:
        assert "<for>" not in page
        assert "Made-up licences &lt;for&gt; tests" in page

    def test_there_is_a_print_and_a_dark_style(self, page: str) -> None:
        assert "@media print" in page
        assert "prefers-color-scheme: dark" in page

    def test_no_number_has_more_digits_than_a_reader_wants(self, page: str) -> None:
        numbers = [text for text, _ in Reader(page).numbers]
        assert not [text for text in numbers if re.search(r"\d{5}|\.\d{4}", text)]

    def test_the_same_run_gives_the_same_page(self) -> None:
        assert render(briefing()) == written()

    def test_the_page_is_small_enough_to_send(self, page: str) -> None:
        assert len(page.encode()) < 600_000


class TestContent:
    def test_the_head_line_says_who_is_hit_first_and_when(self) -> None:
        text = " ".join(Reader(written()).texts)
        assert "First to run short: wind turbines in India, in April 2025" in text

    def test_a_calm_run_says_that_nobody_is_short(self) -> None:
        text = " ".join(Reader(written(calm=True)).texts)
        assert "No use of any good runs short" in text
        assert "Prices hardly move" in text
        assert "No remedies were tried" in text

    def test_measures_are_told_in_words_with_names_and_months(self) -> None:
        text = written(Format.MARKDOWN)
        assert "Exports of heavy magnets from China to the United States: 20 to 70 %" in text
        assert "pass from June 2025." in text
        assert "On 4 April 2025" in text
        assert "In force from April 2025 and lifted in June 2026; known since March 2025." in text

    def test_every_section_stands_in_the_page_and_in_markdown(self) -> None:
        page, text = written(), written(Format.MARKDOWN)
        titles = re.findall(r"<h2 [^>]*>([^<]+)</h2>", page)
        assert len(titles) == 9
        told = set(re.findall(r"^## (.+)$", text, flags=re.MULTILINE))
        assert set(titles) - told == {"Flows on the map"}

    def test_every_mark_of_the_markdown_is_explained(self) -> None:
        text = written(Format.MARKDOWN)
        used = set(re.findall(r"\[\^(\w+)\](?!:)", text))
        explained = set(re.findall(r"^\[\^(\w+)\]:", text, flags=re.MULTILINE))
        assert used
        assert used <= explained

    def test_tables_of_the_markdown_are_whole(self) -> None:
        text = written(Format.MARKDOWN)
        block: list[int] = []
        for line in (*text.splitlines(), ""):
            if line.startswith("|"):
                block.append(line.count("|"))
            elif block:
                assert len(block) > 2
                assert len(set(block)) == 1
                block = []

    def test_json_holds_everything_and_nothing_that_is_no_number(self) -> None:
        data = briefing()
        found = json.loads(written(Format.JSON), parse_constant=_refuse)
        assert len(found["shortages"]) == len(data.shortages)
        assert found["shortages"][0]["depth"]["median"] == pytest.approx(
            data.shortages[0].depth.median
        )
        assert found["units"]["shortages"]["loss"] == "t"
        assert found["sources"]["law-18"]["title"] == "Made up: law-18"
        assert found["manifest"] == dict(data.manifest)
        assert len(found["assumptions"]) == len(data.assumptions)

    def test_an_unknown_format_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="pdf"):
            render(briefing(), "pdf")

    def test_bands_stand_beside_figures_only_where_draws_differ(self) -> None:
        one = tables.shortage_table(briefing(), Notes(briefing())).rows[0]
        many = tables.shortage_table(briefing(15), Notes(briefing(15))).rows[0]
        assert one[4].detail == ""
        assert "–" in many[4].detail

    def test_a_rationed_good_has_no_price_and_the_page_says_so(self) -> None:
        data = briefing()
        prices = tuple(
            replace(row, marginal=NO_BAND, average=NO_BAND, rationed_share=1.0)
            if (row.commodity, row.side) == ("Dy-oxide", "outside") and row.month > "2025-05"
            else row
            for row in data.prices
        )
        rationed = replace(data, prices=prices)
        assert "rationed: no price" in price_chart(rationed).svg
        table = tables.price_table(rationed, Notes(rationed))
        (row,) = (row for row in table.rows if row[0].text == "dysprosium oxide")
        assert row[3].detail.replace("\u00a0", " ") == "rationed for 19 months"

    def test_the_picture_of_the_shock_is_of_its_worst_months(self) -> None:
        first, after = worst_months(factory.trajectory())
        assert after - first == 6
        assert factory.CONTROLLED[0] <= first
        assert after <= factory.CONTROLLED[-1] + 1


class TestFigures:
    def test_all_figures_are_drawn_in_under_four_seconds(self) -> None:
        data = briefing()
        start = time.process_time()
        _draw(data)
        assert time.process_time() - start < 4.0

    def test_text_stays_text_and_axes_have_units(self) -> None:
        drawn = {picture.name: picture.svg for picture in _draw(briefing())}
        assert "days of cover" in drawn["cover"]
        assert "multiple of base price" in drawn["prices"]
        assert "stopped part of demand" in drawn["stopped"]
        assert "t</text>" in drawn["chain-before"].replace("</tspan>", "")
        assert all("<text" in svg for svg in drawn.values())

    def test_colours_follow_the_page(self) -> None:
        for picture in _draw(briefing()):
            assert re.sub(r"var\(--\w+,\s*#[0-9a-f]{6}\)", "", picture.svg).count("#0072b2") == 0
            assert "var(--" in picture.svg

    def test_bands_of_the_chain_conserve_what_is_used(self) -> None:
        base = Snapshot.base(factory.network())
        groups = display_groups(dict.fromkeys(base.regions, 1.0))
        found = chain_ribbons(base, ("Nd", "Pr", "Dy"), groups)
        used = sum(band.quantity for band in found if band.target[0] == "use")
        contained = {item.code: sum(item.elements.values()) for item in base.network.commodities}
        assert used == pytest.approx(
            sum(use.demand * contained[use.commodity] for use in base.network.uses)
        )
        mined = sum(band.quantity for band in found if band.origin[0] == "ore")
        assert mined == pytest.approx(contained["ore-test"] * base.production[0].sum())

    def test_goods_keep_their_makers_through_a_country_in_between(self) -> None:
        base = Snapshot.base(factory.network())
        found = chain_ribbons(base, (), display_groups(dict.fromkeys(base.regions, 1.0)))
        makers = {band.origin[1] for band in found if band.origin[0] == "ore"}
        assert makers == {"Australia", "China", "US and Canada"}


def _draw(data: object) -> list[Picture]:
    chosen = briefing() if data is None else data
    drawers = (cover_chart, stopped_chart, price_chart, map_picture)
    return [*(draw(chosen) for draw in drawers), *chain_pictures(chosen)]  # type: ignore[arg-type]


def _refuse(name: str) -> float:
    raise AssertionError(f"{name} is no number of JSON") from ValueError(str(math.nan))
