"""The briefing in a real browser: in four languages, by eye, by ear and by keyboard."""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from monazite.briefing.language import LANGUAGES, Language
from monazite.briefing.render import render
from reading_factory import data

if TYPE_CHECKING:
    from browser.conftest import Watched

WIDTHS = (360, 1000)
"""A telephone and a desk."""


@cache
def written(language: str) -> str:
    return render(data(), language=language)


@pytest.fixture(params=LANGUAGES)
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def file(code: str, tmp_path: Path) -> Path:
    path = tmp_path / f"briefing.{code}.html"
    path.write_text(written(code), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(watched: "Watched", file: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    watched.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page = watched.show(file, width=WIDTHS[0] if scheme == "light" else WIDTHS[1])
    found: dict[str, Any] = axe.Axe().run(page).response
    told = [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found["violations"]
        for node in fault["nodes"][:3]
    ]
    assert told == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_of_the_page(watched: "Watched", file: Path, width: int) -> None:
    page = watched.show(file, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_landmarks_and_headings_are_in_order(watched: "Watched", file: Path) -> None:
    page = watched.show(file)
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1  # type: ignore[arg-type]
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_first_key_leads_to_the_briefing(watched: "Watched", file: Path, code: str) -> None:
    page = watched.show(file)
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.className") == "skip"
    box = page.locator(".skip").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    side = box["x"] + box["width"] if code == "ar" else box["x"]
    assert (side > 900) if code == "ar" else (side < 100)
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.id") == "main"


def test_the_page_runs_the_way_its_language_does(watched: "Watched", file: Path, code: str) -> None:
    page = watched.show(file)
    tiles = page.locator(".tiles > div")
    first, last = tiles.first.bounding_box(), tiles.last.bounding_box()
    assert first is not None
    assert last is not None
    assert (first["x"] > last["x"]) == (code == "ar")
    assert page.evaluate("getComputedStyle(document.querySelector('th')).textAlign") == "start"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('figure svg')).direction") == "ltr"
    )


def test_the_button_reads_aloud_and_stops(watched: "Watched", file: Path, code: str) -> None:
    watched.page.add_init_script(
        "window.said = [];"
        "window.SpeechSynthesisUtterance = function (text) { this.text = text; };"
        "Object.defineProperty(window, 'speechSynthesis', { value: {"
        " speak: (words) => window.said.push([words.lang, words.text]), cancel: () => {} } });"
    )
    page = watched.show(file)
    language = Language(code)
    button = page.get_by_role("button")
    assert button.inner_text() == language.gettext("Listen")
    button.click()
    assert button.inner_text() == language.gettext("Stop")
    said = page.evaluate("window.said")
    assert len(said) > 3
    assert {lang for lang, _ in said} == {code}
    assert "M1" not in " ".join(text for _, text in said)
    button.click()
    assert button.inner_text() == language.gettext("Listen")


def test_the_policy_of_the_page_stops_a_foreign_script(watched: "Watched", file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("<footer>", "<script>window.ran = 1</script><footer>"), "utf-8")
    page = watched.show(file)
    assert page.evaluate("window.ran === undefined")
    assert any("Content Security Policy" in error for error in watched.errors)
    watched.errors.clear()


def test_the_page_works_without_scripts(browser: Any, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.resolve().as_uri())
    assert page.locator("#listen").is_hidden()
    assert page.locator("main h2").count() >= 9
    context.close()
