"""The news site in a real browser: four languages, both directions, by keyboard and by ear."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import site_factory as factory
from monazite.briefing.language import LANGUAGES
from monazite.briefing.site import build

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")


WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TOLD_PAGES = ("front", "article", "coverage", "search")
STANDING_PAGES = ("unreviewed", "list", "coverages", "topics", "briefings", "about", "most-read",
                  "missing")  # fmt: skip

Opener = Callable[..., Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "public"
    build(factory.content(), folder, factory.settings(page_size=4))
    return folder


@pytest.fixture
def opened(browser: Any, site: Path) -> Iterator[Opener]:
    """Open a page of the site; at the end nothing may have gone wrong or gone elsewhere."""
    faults: list[str] = []
    contexts = []

    def open_page(code: str, name: str, **options: Any) -> Any:
        context = browser.new_context(**({"viewport": WIDE} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: faults.append(m.text) if m.type in BAD else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("request", lambda r: None if r.url.startswith("file:") else faults.append(r.url))
        page.goto((site / code / _path(site / code, name)).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


BAD = ("error", "warning")


def _path(folder: Path, name: str) -> str:
    numbered = {"article": "events/1-*", "unreviewed": "events/3-*"}
    if name in numbered:
        return next(folder.glob(numbered[name])).relative_to(folder).as_posix()
    paths = {"front": "index", "coverage": "coverage/8", "coverages": "coverage/index",
             "briefings": "briefings/index", "missing": "404", "list": "latest-page-2"}  # fmt: skip
    return f"{paths.get(name, name)}.html"


def _violations(page: Any) -> list[str]:
    """Return what axe finds; it is told not to fetch styles, which the page forbids."""
    found = axe.Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.mark.parametrize(
    ("code", "name"),
    [*product(LANGUAGES, TOLD_PAGES), *product(LANGUAGES[:1], STANDING_PAGES)],
)
def test_pages_are_accessible_and_fit(opened, code, name):
    page = opened(code, name)
    assert _violations(page) == []
    for viewport in (WIDE, NARROW):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("code", "name"), [("en", "front"), ("ar", "unreviewed")])
def test_pages_are_accessible_in_the_dark_and_on_a_phone(opened, code, name):
    assert _violations(opened(code, name, color_scheme="dark", viewport=NARROW)) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_landmarks_are_there_once(opened, code):
    page = opened(code, "article")
    for role in ("banner", "main", "complementary", "contentinfo"):
        assert page.get_by_role(role).count() == 1, role
    assert page.get_by_role("navigation").count() == 2
    assert page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_side_stands_where_reading_ends(opened, code):
    page = opened(code, "front")
    main, side = page.locator("main").bounding_box(), page.locator("aside").bounding_box()
    assert (side["x"] > main["x"]) == (code != "ar")
    assert abs(side["y"] - main["y"]) < 1
    assert page.evaluate("getComputedStyle(document.body).direction") == (
        "rtl" if code == "ar" else "ltr"
    )
    page.set_viewport_size(NARROW)
    main, side = page.locator("main").bounding_box(), page.locator("aside").bounding_box()
    assert side["y"] > main["y"] + main["height"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_keyboard_reaches_the_news_at_once_and_everything_in_order(opened, code):
    page = opened(code, "front")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main .lead')")
    assert page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
    )  # the focus can be seen
    assert page.locator("[tabindex]:not([tabindex='-1'])").count() == 0


def test_the_menu_leads_to_a_section_and_back_by_keyboard(opened):
    page = opened("en", "front")
    page.get_by_role("link", name="Rare earths", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/goods/rare-earths.html")
    crumbs = page.get_by_role("navigation", name="You are here")
    crumbs.get_by_role("link", name="Monazite desk").press("Enter")
    page.wait_for_url("**/en/index.html")


def test_the_language_switch_keeps_the_article(opened):
    page = opened("en", "article")
    page.get_by_role("link", name="العربية").click()
    page.wait_for_url("**/ar/events/1-*.html")
    assert page.locator("html").get_attribute("dir") == "rtl"


def test_the_ticker_can_be_paused_and_shows_everything_without_motion(opened):
    page = opened("en", "front", reduced_motion="no-preference")
    assert page.locator(".ticker li:visible").count() == 1
    button = page.locator(".ticker button")
    assert button.text_content() == "Pause"
    button.click()
    assert button.text_content() == "Go on"
    still = opened("en", "front", reduced_motion="reduce")
    assert still.locator(".ticker li:visible").count() == 2
    assert still.locator(".ticker button:visible").count() == 0


@pytest.mark.parametrize(
    ("code", "words", "hits"),
    [("en", "GALLIUM licence", 1), ("ja", "ガリウム", 1), ("ar", "الكوبـالت", 2),
     ("es", "litío", 2), ("en", "nothing of the sort", 0)],
)  # fmt: skip
def test_the_search_finds_words_however_they_are_written(opened, code, words, hits):
    page = opened(code, "search")
    page.get_by_role("searchbox").fill(words)
    assert page.locator(".found li").count() == hits
    if hits:
        page.locator(".found a").first.click()
        page.wait_for_url("**/events/*.html")


def test_an_article_can_be_listened_to(opened):
    page = opened("ja", "article")
    page.evaluate("() => { window.said = []; speechSynthesis.speak = (words) => said.push(words) }")
    button = page.get_by_role("button", name="音声で聞く")
    button.click()
    said = page.evaluate("said.map((words) => [words.lang, words.text])")
    assert {lang for lang, _ in said} == {"ja"}
    assert said[0][1] == page.locator("h1").text_content()
    assert page.locator(".listen").get_attribute("aria-pressed") == "true"
    page.locator(".listen").click()
    assert page.locator(".listen").get_attribute("aria-pressed") == "false"


def test_everything_can_be_read_without_scripts(opened):
    page = opened("en", "article", java_script_enabled=False)
    assert page.locator(".ticker li:visible").count() == 2
    assert page.locator("button:visible").count() == 0
    assert page.locator("blockquote mark").count() == 7
    search = opened("en", "search", java_script_enabled=False)
    assert search.get_by_role("link", name="All events").is_visible()


def test_hostile_words_run_nothing(browser, tmp_path):
    build(factory.hostile(), tmp_path / "bad", factory.settings(languages=("ar",)))
    page = browser.new_page()
    told: list[str] = []
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.on("request", lambda r: None if r.url.startswith("file:") else told.append(r.url))
    for path in sorted((tmp_path / "bad").rglob("*.html")):
        page.goto(path.as_uri())
        assert page.locator("img").count() == 0
    page.close()
    assert told == []
