"""A real browser on local files: what it says is collected, and it never leaves the machine."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Names of the browser, as systems install it."""

HERE = ("file:", "data:", "blob:", "about:", "http://127.0.0.1", "http://localhost")
"""Starts of addresses that stay on the machine."""


@dataclass
class Watched:
    """A page of the browser, and what must stay empty while a test looks at it.

    ``errors`` : what the console and the scripts complain of. ``abroad`` : addresses elsewhere.
    """

    page: "Page"
    errors: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    def show(self, file: Path, *, width: int = 1000, height: int = 1200) -> "Page":
        """Open a file in a window of that size."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(file.resolve().as_uri())
        return self.page


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium of the system, without a window; the tests are skipped where there is none."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def watched(browser: "Browser") -> Iterator[Watched]:
    """A page that tells on itself: any complaint, or any request to another host, fails."""
    context = browser.new_context()
    seen = Watched(context.new_page())
    seen.page.on("console", lambda said: _keep(seen.errors, said.type, said.text))
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on("request", lambda asked: _keep_abroad(seen.abroad, asked.url))
    yield seen
    context.close()
    assert seen.errors == []
    assert seen.abroad == []


def _keep(errors: list[str], kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        errors.append(text)


def _keep_abroad(abroad: list[str], url: str) -> None:
    if not url.startswith(HERE):
        abroad.append(url)
