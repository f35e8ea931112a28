"""The briefing of a plan: every figure leads to a note, and the page says what the plan says."""

import json
import re
import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from monazite.briefing.language import ENGLISH
from monazite.briefing.numbers import Writing
from monazite.briefing.plan.content import PlanContent, compose_plan, statements
from monazite.briefing.plan.figures import pictures
from monazite.briefing.plan.page import PlanWriting
from monazite.briefing.plan.render import render_plan
from monazite.briefing.plan.tables import PlanTables
from monazite.errors import UnknownCodeError
from monazite.plan.coalition import Gain
from monazite.plan.data import Findings
from monazite.plan.planner import Plan
from monazite.study.planbriefs import brief_plan
from monazite.study.plans import PlanOrder, PlanRun, plan
from small_programme import small_programme

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECTOR = Path("docs/examples/small-sector/programme.toml")


@cache
def run(*changes: tuple[str, str]) -> PlanRun:
    """The small programme, worked out; in full where nothing is changed."""
    order = PlanOrder(count=3, parts=()) if changes else None
    return plan(small_programme(Path(mkdtemp()), *changes), order=order)


@cache
def sector() -> PlanRun:
    """A programme whose planner holds the whole network."""
    return plan(SECTOR, order=PlanOrder(parts=()))


def content(found: PlanRun) -> PlanContent:
    manifest = found.manifest.as_dict()
    return compose_plan(found.prepared, found.plan, found.findings, manifest=manifest)


class Reader(HTMLParser):
    """Identifiers of a page, what refers to them, and figures without a source."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.identifiers: list[str] = []
        self.targets: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.identifiers.append(given["id"])
        if given.get("href", "").startswith("#"):
            self.targets.append(given["href"][1:])
        self.targets += given.get("data-source", "").split()
        if tag in ("img", "link", "iframe") or (tag == "script" and "src" in given):
            self.loads.append(tag)
        is_figure = "number" in given.get("class", "").split() and tag in ("td", "span")
        assert not is_figure or given.get("data-source"), given


@pytest.mark.parametrize("made", [run, sector])
def test_every_figure_leads_to_a_note_and_nothing_is_loaded(made: object) -> None:
    assert callable(made)
    page = Reader(brief_plan(made()))
    assert page.loads == []
    assert len(page.identifiers) == len(set(page.identifiers))
    assert set(page.targets) <= set(page.identifiers)


def test_the_page_has_all_that_a_plan_is_asked_for() -> None:
    text = brief_plan(run())
    for heading in (
        "What to build and stock, and when", "What it costs, and whom", "Who is served",
        "Why together, or not", "What holds the plan back", "What money buys",
        "In the market, month by month", "What this can and cannot tell you", "Certificate",
        "Assumptions", "This run",
    ):  # fmt: skip
        assert heading in text, heading


def test_cost_lines_of_the_page_add_up_to_its_objective() -> None:
    found = content(run())
    *lines, (title, total) = PlanTables(found).costs().rows
    assert title.text == "Together: the objective"
    assert len(lines) == sum(bool(cost) for cost in found.report.cost_lines.values())
    assert total.text == PlanWriting.of(found).money(found.plan.solution.objective)


def test_assumptions_hold_budgets_shocks_priors_and_estimates() -> None:
    reasons = " ".join(item.what for item in content(run()).assumptions)
    for what in ("public money of the United States", "shock “ban”", "odds of plants with status"):
        assert what in reasons, what


def test_what_the_programme_cites_is_cited_and_what_nobody_declared_is_refused() -> None:
    assert "iea-cmd-2025" in brief_plan(run())
    found = run(("iea-cmd-2025", "no-such-source"))
    with pytest.raises(UnknownCodeError, match="no-such-source"):
        brief_plan(found)


def test_every_statement_of_the_programme_has_a_key_of_its_own() -> None:
    keys = [item.key for item in statements(run().programme)]
    assert len(keys) == len(set(keys))


def test_a_missed_target_stands_in_the_headline() -> None:
    found = run(("at_least = 0.5", "at_least = 1.0"), ("coverage", "n-1"))
    text = brief_plan(found, "md")
    headline = next(line for line in text.splitlines() if line.startswith("**"))
    assert "still miss a target" in headline
    assert "What no plan reaches" in text


def test_reaching_every_target_stands_in_the_headline() -> None:
    assert "reach every target" in brief_plan(run(), "md").split("\n\n")[2]


def test_json_says_the_same_as_the_page() -> None:
    data = json.loads(brief_plan(run(), "json"))
    assert data["headline"] in brief_plan(run(), "md")
    assert data["objective"] == pytest.approx(run().plan.solution.objective)
    assert {row["key"] for row in data["statements"]} >= {"budget-1", "shock-1", "growth-1"}


def test_markdown_defines_every_note_that_it_cites() -> None:
    text = brief_plan(run(), "md")
    cited = set(re.findall(r"\[\^(\w+)\](?!:)", text))
    defined = set(re.findall(r"^\[\^(\w+)\]:", text, re.MULTILINE))
    assert cited <= defined


def test_pictures_have_words_and_eight_points_of_the_frontier() -> None:
    found = content(run())
    drawn = pictures(found)
    assert {"calendar", "cash", "coverage", "frontier"} <= set(drawn)
    for picture in drawn.values():
        assert picture.title
        assert len(picture.description) > 40
        assert "aria-labelledby" in picture.svg
    assert found.findings.frontier is not None
    assert len(found.findings.frontier) >= 8


def test_a_gain_within_the_gaps_is_not_claimed() -> None:
    found = run()
    gain = found.findings.gain
    assert gain is not None
    vague = Gain(**{name: getattr(gain, name) for name in gain.__slots__} | {"low": -5.0})
    written = compose_plan(found.prepared, found.plan, Findings(gain=vague), manifest={})
    assert "cannot be told" in render_plan(written, "md")


def test_the_reason_names_what_one_has_and_the_other_uses() -> None:
    found = content(run())
    told = brief_plan(run(), "md")
    if found.exchanges:
        row = found.exchanges[0]
        assert row.giver != row.taker
        assert row.quantity > 0
        assert "The reason is what one has and another uses" in told
    else:
        assert "No partner uses much of what another has" in told


def test_a_whole_network_is_briefed_without_partners() -> None:
    text = brief_plan(sector(), "md")
    headline = next(line for line in text.splitlines() if line.startswith("**"))
    assert headline.startswith("**The whole network: ")
    assert "Why together" not in text


def test_there_is_no_briefing_of_no_plan_and_no_other_form(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownCodeError, match="format"):
        brief_plan(run(), "pdf")
    with pytest.raises(UnknownCodeError, match="format"):
        render_plan(content(run()), "pdf")
    assert isinstance(run().plan, Plan)
    monkeypatch.setattr(type(run().plan.solution), "is_found", False)
    with pytest.raises(Exception, match="no plan was found"):
        brief_plan(run())


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("MUSD", 1500.0, "US$\u00a01.50\u00a0billion"),
        ("MUSD", 0.0, "0"),
        ("kcost", 1500.0, "1\u202f500\u00a0kcost"),
        ("MUSD", None, "–"),
    ],
)
def test_money_is_written_in_dollars_or_in_its_unit(
    unit: str, value: float | None, text: str
) -> None:
    assert PlanWriting(unit, "t", Writing(ENGLISH)).money(value) == text


@pytest.fixture(scope="module", params=["en", "ar"])
def page(request: pytest.FixtureRequest) -> "Page":
    """The page in a browser, in each direction of writing; skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    file = Path(mkdtemp()) / "plan.html"
    file.write_text(brief_plan(run(), language=request.param), encoding="utf-8")
    with api.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.goto(file.as_uri())
        yield opened
        browser.close()


@pytest.mark.parametrize("width", [390, 1100])
def test_the_page_is_no_wider_than_the_window(page: "Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_has_no_barrier_that_a_checker_finds(page: "Page") -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page)
    assert [fault["id"] for fault in found.response["violations"]] == []
