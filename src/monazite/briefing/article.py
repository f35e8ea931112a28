"""A briefing as a news article: its description for machines, its tags, its reading time.

The page may run two scripts: none that it does not carry itself, and none but these. The policy
of the page names the hash of the one that reads aloud; the description is data and never runs.
"""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from monazite.briefing.content import BriefingData
from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.reading import ReadingText, is_web_address
from monazite.briefing.story import StoryText
from monazite.desk.schema import Page

MOST_TAGS = 12
"""Names that stand under the headline."""

READ_ALOUD = (".headline", ".lead")
"""What a reader by ear should hear first, as selectors of CSS."""

_FOOTNOTE = re.compile(r"\[\^\w+\]")


@cache
def script() -> str:
    """Return the script that reads the page aloud."""
    file = files("monazite.briefing") / "templates" / "listen.js"
    return file.read_text(encoding="utf-8").strip()


@cache
def policy() -> str:
    """Return the content security policy of a page: nothing is fetched, one script may run."""
    digest = base64.b64encode(sha256(script().encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@dataclass(frozen=True)
class Article:
    """A briefing as a news article.

    Parameters
    ----------
    data : BriefingData
        What it says.
    story : StoryText
        What its sentences are about, in the page's language.
    title : str
        Its title, in the page's language where the desk wrote it.
    paragraphs : sequence of str
        Its running text as in Markdown, for counting words.
    reading : ReadingText, optional
        What the desk read.
    """

    data: BriefingData
    story: StoryText
    title: str
    paragraphs: Sequence[str]
    reading: ReadingText | None = None
    language: Language = ENGLISH

    @cached_property
    def text(self) -> str:
        """The running text without the marks of its notes."""
        return " ".join(_FOOTNOTE.sub("", paragraph) for paragraph in self.paragraphs)

    @property
    def minutes(self) -> int:
        """How many minutes the running text is read in."""
        return self.language.reading_minutes(self.text)

    @cached_property
    def about(self) -> tuple[str, ...]:
        """The goods that it is about: what fails first and what becomes dearest."""
        first, peak = self.story.first, self.story.peak
        codes = [row.commodity for row in (first, peak) if row is not None]
        return tuple(dict.fromkeys(self.story.good(code) for code in codes))

    @cached_property
    def mentions(self) -> tuple[str, ...]:
        """The regions that act or run short."""
        regions = [*self.data.scenario.controlling, *(row.region for row in self.story.short)]
        return tuple(dict.fromkeys(map(self.language.place, regions)))

    @property
    def tags(self) -> tuple[str, ...]:
        """Goods, uses and regions, the nearest to the story first."""
        uses = dict.fromkeys(self.language.use(row.use) for row in self.story.short)
        return tuple(dict.fromkeys((*self.about, *uses, *self.mentions)))[:MOST_TAGS]

    @property
    def description(self) -> Markup:
        """What it is, as schema.org's NewsArticle in JSON that is safe within a page."""
        text = json.dumps(self._described(), ensure_ascii=False, separators=(",", ":"))
        for sign in "<>&\u2028\u2029":
            text = text.replace(sign, f"\\u{ord(sign):04x}")
        return Markup(text)

    def _described(self) -> dict[str, object]:
        day = self.data.made_on.isoformat()
        found: dict[str, object] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": self.title,
            "alternativeHeadline": self.story.headline,
            "datePublished": day,
            "dateModified": day,
            "inLanguage": self.language.code,
            "articleSection": self.language.gettext("Supply briefing"),
            "wordCount": len(self.text.split()),
            "timeRequired": f"PT{self.minutes}M",
            "keywords": list(self.tags),
            "author": {"@type": "Organization", "name": "Monazite"},
            "publisher": {"@type": "Organization", "name": "Monazite"},
            "about": [{"@type": "Thing", "name": name} for name in self.about],
            "mentions": [{"@type": "Place", "name": name} for name in self.mentions],
            "speakable": {
                "@type": "SpeakableSpecification",
                "cssSelector": list(READ_ALOUD),
            },
        }
        if self.reading is not None:
            found["isBasedOn"] = [_work(page) for page in self.reading.drafted.pages]
        return found


def _work(page: Page) -> dict[str, str]:
    """Return a page that was read, as schema.org has it."""
    work = {"@type": "NewsArticle", "headline": page.headline, "inLanguage": page.language}
    if page.published is not None:
        work["datePublished"] = page.published.value
    if is_web_address(page.url):
        work["url"] = page.url
    return work
