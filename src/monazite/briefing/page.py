"""Pages: figures, words with figures and tables, each citing what it rests on.

A page knows its format (HTML, Markdown) and its language; what it says is said elsewhere.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote as quote_address

from markupsafe import Markup, escape

from monazite.briefing import tables
from monazite.briefing.content import BriefingData, MeasureText
from monazite.briefing.geography import spelled
from monazite.briefing.language import ENGLISH, ENGLISH_FROM, ENGLISH_TO, Language
from monazite.briefing.notes import Mark, Notes
from monazite.briefing.numbers import Writing
from monazite.briefing.reading import PageSource, Quotation, Quote, is_web_address
from monazite.briefing.tables import Cell, PageTable
from monazite.briefing.told import Teller
from monazite.indicators import Band

MOST_MARKS = 4
"""Links that stand behind a text or table; a method's note names the others."""

_HAS_DIGIT = re.compile(r"(\S*\d(?:\S*[^\s,;.:)])?(?:\s%)?)")
"""A word with a digit, in a language that parts words by spaces and writes few signs to them."""
_FIGURE = re.compile("([−+]?[0-9]+(?:[.,\u202f\u00a0][0-9]+)*(?:[\u00a0 ]?\u200e?%\u200e?)?)")
"""A figure, in languages that write words close to it."""
_MONTH = re.compile(r"\b(from|since|until|in|by|of|to|end of) (\d{4}-\d{2})\b(?!-)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ENGLISH = re.compile(f"{ENGLISH_FROM}([^{ENGLISH_TO}]*){ENGLISH_TO}")
"""English words in a text of another language, as :meth:`Language.english` puts them."""


class CitingPage(ABC):
    """Writes figures, words with figures, and tables so that each cites what it rests on."""

    def __init__(self, data: BriefingData, notes: Notes, language: Language = ENGLISH) -> None:
        self.data = data
        self.notes = notes
        self.language = language
        self.write = Writing(language)
        names = {item.code: item.name for item in data.network.commodities if item.name}
        self._teller = Teller(language, names)

    # Messages

    @abstractmethod
    def say(self, message: str, /, **values: object) -> str:
        """Return a message in the page's language, its places filled."""

    @abstractmethod
    def nsay(self, singular: str, plural: str, n: float, /, **values: object) -> str:
        """Return the form of a message for a number, its places filled."""

    @abstractmethod
    def joined(self, sentences: Sequence[str]) -> str:
        """Return sentences as a paragraph."""

    @property
    def gap(self) -> str:
        """What stands between sentences."""
        return self.language.pgettext("between sentences", " ")

    # Figures and texts

    def value(self, value: Band | float | None, style: str, references: Sequence[str]) -> str:
        """Return a figure of the text, with its band where draws differ."""
        cell = tables.number(value, self.write.style(style), references, self.write)
        detail = f" ({cell.detail})" if cell.detail else ""
        return self._figure(f"{cell.text}{detail}", references)

    @abstractmethod
    def _figure(self, text: str, references: Sequence[str]) -> str:
        """Return a figure with what it cites."""

    @abstractmethod
    def words(self, text: str, references: Sequence[str]) -> str:
        """Return a text in the page's language in which every figure cites the references."""

    @abstractmethod
    def text(self, text: str) -> str:
        """Return a text in the page's language, words of English in it told apart."""

    @abstractmethod
    def foreign(self, text: str, references: Sequence[str] = ()) -> str:
        """Return an English text of somebody else's, told apart where the page is not English."""

    def month(self, label: str) -> str:
        """Return a month by name."""
        return self.language.month(label)

    def name(self, text: str) -> str:
        """Return a name, which may hold digits that are no figures: ``gallium, 99.99 %``."""
        return text

    def sentence(self, text: str) -> str:
        """Return an English text as a sentence: a capital first, a stop last, codes by name."""
        regions = {region for _, region in self.data.trajectory.spot_markets}
        named = spelled(text, regions)
        dated = _MONTH.sub(lambda f: f"{f[1]} {ENGLISH.month(f[2])}", named)
        return dated[:1].upper() + dated[1:] + ("" if dated.endswith((".", "!", "?")) else ".")

    def measure(self, item: MeasureText, references: Sequence[str]) -> str:
        """Return what a measure does, as a sentence."""
        if self.language.code == "en" or item.measure is None:
            return self.foreign(self.sentence(item.words), references)
        told = self._teller.measure(item.measure)
        return self.words(
            self.language.gettext("%(text)s.", text=told[:1].upper() + told[1:]), references
        )

    def made_on(self) -> str:
        """Return the date of the briefing."""
        return self.language.day(self.data.made_on)

    def grades(self, grades: Mapping[str, int]) -> str:
        """Return how many rows have which grade."""
        comma = self.language.pgettext("between terms", ", ")
        return comma.join(f"{grade} {number}" for grade, number in grades.items())

    @property
    def _digits(self) -> re.Pattern[str]:
        return _HAS_DIGIT if self.language.code == "en" else _FIGURE


class HtmlPage(CitingPage):
    """Marks every figure as ``<... class="number" data-source="note-...">``.

    Where the page runs from right to left figures and names are isolated (``bdi``), so that they
    do not move the words around them.
    """

    def __init__(self, data: BriefingData, notes: Notes, language: Language = ENGLISH) -> None:
        super().__init__(data, notes, language)
        self.tag = "bdi" if language.direction == "rtl" else "span"

    def say(self, message: str, /, **values: object) -> str:
        """Return a message in the page's language; values are escaped unless they are markup."""
        text = escape(self.language.gettext(message))
        return text % values if values else text

    def nsay(self, singular: str, plural: str, n: float, /, **values: object) -> str:
        """Return the form of a message for a number, likewise."""
        form = self.language.ngettext(singular, plural, n, **{key: f"%({key})s" for key in values})
        return escape(form) % values

    def joined(self, sentences: Sequence[str]) -> str:
        """Return sentences as a paragraph."""
        return Markup(escape(self.gap)).join(sentences)

    def _span(self, kind: str, text: object, anchors: str = "") -> Markup:
        source = Markup(' data-source="{}"').format(anchors) if anchors else ""
        return Markup(f'<{self.tag} class="{kind}"{{}}>{{}}</{self.tag}>').format(source, text)

    def _figure(self, text: str, references: Sequence[str]) -> str:
        anchors = _anchors(self.notes.cite(*references))
        return self._span("number", text, anchors) + self.marks(references)

    def tile(self, value: Band | float | None, style: str, references: Sequence[str]) -> Markup:
        """Return a figure that stands alone, its band below it, its method's note beside it."""
        cell = tables.number(value, self.write.style(style), references, self.write)
        anchors = _anchors(self.notes.cite(*references))
        detail = self._span("number detail", cell.detail, anchors) if cell.detail else ""
        return self._span("number", cell.text, anchors) + self.marks(references[:1]) + detail

    def month(self, label: str) -> str:
        """Return a month by name, marked as a date."""
        return Markup('<time datetime="{}">{}</time>').format(label, self.language.month(label))

    def made_on(self) -> str:
        """Return the date of the briefing, marked as a date."""
        return Markup('<time datetime="{}">{}</time>').format(
            self.data.made_on.isoformat(), super().made_on()
        )

    def title(self, text: str) -> str:
        """Return the title; it is the scenario author's unless the desk wrote it."""
        is_own = self.language.code == "en" or text != self.data.scenario.title
        return self._span("label", text) if is_own else self.foreign(text)

    def in_english(self) -> Markup:
        """Return the attributes of words that stay English on a page in another language."""
        return Markup("" if self.language.code == "en" else ' lang="en" dir="ltr"')

    def source_line(self, source: PageSource) -> str:
        """Return site, date and headline of a page that was read, linked where it is on the web."""
        words = Markup('<cite class="label" lang="{}" dir="auto">{}</cite>').format(
            source.language, source.headline
        )
        if source.url:
            words = Markup('<a rel="noreferrer nofollow" href="{}">{}</a>').format(
                source.url, words
            )
        site = Markup('<bdi class="label">{}</bdi>').format(source.site)
        if not source.published:
            return self.say("%(site)s: %(headline)s", site=site, headline=words)
        date = Markup('<time datetime="{}">{}</time>').format(source.iso, source.published)
        return self.say("%(site)s, %(date)s: %(headline)s", site=site, date=date, headline=words)

    def place_in_text(self, quote: Quote) -> Markup:
        """Return where quoted words stand in the saved page, linked where it is on the web."""
        place = self.say(
            "characters %(first)s to %(last)s of the saved text", first=quote.start, last=quote.end
        )
        if not quote.url:
            return Markup('<span class="place">({})</span>').format(place)
        return Markup(
            '<span class="place">({}; <a rel="noreferrer nofollow" href="{}">{}</a>)</span>'
        ).format(place, quote.url, self.say("on the page"))

    def name(self, text: str) -> str:
        """Return a name, marked as such so that its digits are not taken for figures."""
        return self._span("label", text)

    def marks(self, references: Sequence[str]) -> Markup:
        """Return superscript links to notes."""
        links = (
            Markup('<a href="#{}">{}</a>').format(mark.anchor, mark.label)
            for mark in _few(self.notes.cite(*references))
        )
        return Markup('<sup class="ref">{}</sup>').format(Markup(" ").join(links))

    def words(self, text: str, references: Sequence[str]) -> str:
        """Return escaped text in which every figure is marked; links follow the text."""
        return self._marked(text, references, self._digits) + self.marks(references)

    def foreign(self, text: str, references: Sequence[str] = ()) -> str:
        """Return an English text with its figures marked; it says so where the page is another."""
        marked = self._marked(text, references, _HAS_DIGIT) if references else self.name(text)
        links = self.marks(references) if references else Markup("")
        if self.language.code == "en":
            return marked + links
        return Markup('<span lang="en" dir="ltr">{}</span>{}').format(marked, links)

    def label(self, text: str) -> str:
        """Return the name that the author of the scenario gave to something."""
        return self.foreign(text) if self.language.code != "en" else escape(text)

    def _marked(self, text: str, references: Sequence[str], digits: re.Pattern[str]) -> Markup:
        anchors = _anchors(self.notes.cite(*references))

        def figures(part: str) -> Iterable[Markup]:
            for piece in digits.split(part):
                is_figure = digits.fullmatch(piece)
                yield self._span("number", _named(piece), anchors) if is_figure else escape(piece)

        return self.text(text, lambda part: Markup("").join(figures(part)))

    def text(self, text: str, told: Callable[[str], Markup] = escape) -> Markup:
        """Return escaped text, told part by part, its words of English marked as such."""
        parts = enumerate(_ENGLISH.split(text))
        return Markup("").join(
            self.foreign(part) if place % 2 else told(part) for place, part in parts
        )

    def cell(self, cell: Cell, *, first: bool) -> Markup:
        """Return a table's cell; figures are links to their first note."""
        kind = "detail" if cell.is_number else "detail label"
        detail = " " + self._span(kind, self.text(cell.detail)) if cell.detail else ""
        if not cell.is_number:
            tag = Markup('<th scope="row">{}{}</th>') if first else Markup("<td>{}{}</td>")
            text = self._span("label", self.text(cell.text))
            if cell.references:
                text = self._marked(cell.text, cell.references, self._digits)
                inside = self._marked(cell.detail, cell.references, self._digits)
                detail = " " + self._span("detail", inside) if cell.detail else ""
            return tag.format(text, detail)
        marks = self.notes.cite(*cell.references)
        link = Markup('<a href="#{}">{}</a>').format(marks[0].anchor, self._isolated(cell.text))
        return Markup('<td class="number" data-source="{}">{}{}</td>').format(
            _anchors(marks), link, detail
        )

    def _isolated(self, text: str) -> str:
        return Markup("<bdi>{}</bdi>").format(text) if self.tag == "bdi" else text

    def picture_marks(self, *references: str) -> Markup:
        """Return the anchors that a figure rests on, for its ``data-source``."""
        return Markup(_anchors(self.notes.cite(*references)))

    def table_marks(self, table: PageTable) -> Markup:
        """Return links to every note that a table rests on."""
        return self.marks(_references(table))

    @staticmethod
    def is_address(url: str) -> bool:
        """Whether a text is the address of a page on the web, safe to link to."""
        return is_web_address(url)


_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~!]")
"""Signs that mean something in Markdown."""


class MarkdownPage(CitingPage):
    """Writes footnotes as ``[^S3]``; a table names its notes in the line below it."""

    def say(self, message: str, /, **values: object) -> str:
        """Return a message in the page's language, its places filled."""
        return self.language.gettext(message, **values)

    def nsay(self, singular: str, plural: str, n: float, /, **values: object) -> str:
        """Return the form of a message for a number, its places filled."""
        return self.language.ngettext(singular, plural, n, **values)

    def joined(self, sentences: Sequence[str]) -> str:
        """Return sentences as a paragraph."""
        return self.gap.join(sentences)

    def _figure(self, text: str, references: Sequence[str]) -> str:
        return text + self.marks(references)

    def marks(self, references: Sequence[str]) -> str:
        """Return footnote marks."""
        return "".join(f"[^{mark.label}]" for mark in _few(self.notes.cite(*references)))

    def words(self, text: str, references: Sequence[str]) -> str:
        """Return the text followed by its footnote marks."""
        told = self.text(text)
        return "".join(map(_named, self._digits.split(told))) + self.marks(references)

    def text(self, text: str) -> str:
        """Return a text; where its lines run from left to right, English words need no isolates."""
        return text if self.language.direction == "rtl" else _ENGLISH.sub(r"\1", text)

    def foreign(self, text: str, references: Sequence[str] = ()) -> str:
        """Return an English text as it is; Markdown has no way to name its language."""
        return "".join(map(_named, _HAS_DIGIT.split(text))) + self.marks(references)

    def label(self, text: str) -> str:
        """Return the name that the author of the scenario gave to something."""
        return text

    def plain(self, text: str) -> str:
        """Return words of somebody else's on one line, no sign of them a mark of Markdown."""
        return _MARKDOWN.sub(r"\\\g<0>", " ".join(text.split()))

    def bare_address(self, url: str) -> str:
        """Return an address that stands between angle brackets."""
        return quote_address(url, safe=":/?#[]@!$&'()*+,;=%~-._")

    def source_line(self, source: PageSource) -> str:
        """Return site, date, headline and address of a page that was read."""
        site, words = self.plain(source.site), f"*{self.plain(source.headline)}*"
        if source.url:
            words += f" <{self.bare_address(source.url)}>"
        if not source.published:
            return self.say("%(site)s: %(headline)s", site=site, headline=words)
        return self.say(
            "%(site)s, %(date)s: %(headline)s", site=site, date=source.published, headline=words
        )

    def labels(self, marks: Iterable[Mark]) -> str:
        """Return the numbers of notes."""
        return " ".join(mark.label for mark in marks)

    def quotation(self, item: Quotation) -> str:
        """Return quoted words in their sentence, with their place in the saved page."""
        found = item.quote
        before, words, after = map(self.plain, (found.before, found.words, found.after))
        place = self.language.gettext(
            "characters %(first)s to %(last)s of the saved text", first=found.start, last=found.end
        )
        text = f"{self.plain(item.where)} “{before} **{words}** {after}” ({place})"
        return f"{text} <{self.bare_address(found.url)}>" if found.url else text

    def row(self, cells: Iterable[Cell]) -> str:
        """Return a row of a table."""
        texts = (f"{c.text} ({c.detail})" if c.detail else c.text for c in cells)
        told = (self.text(text).replace("|", "\\|") for text in texts)
        return "| " + " | ".join(told) + " |"

    def table_marks(self, table: PageTable) -> str:
        """Return marks of every note that a table rests on."""
        return self.marks(_references(table))


def _few(marks: Sequence[Mark]) -> Sequence[Mark]:
    return marks[:MOST_MARKS]


def _anchors(marks: Iterable[Mark]) -> str:
    return " ".join(mark.anchor for mark in marks)


def _references(table: PageTable) -> tuple[str, ...]:
    found = [name for row in table.rows for cell in row for name in cell.references]
    return tuple(sorted(dict.fromkeys(found), key=lambda name: not name.startswith("method")))


def _named(piece: str) -> str:
    """Write ``2025-04-04`` as a date; leave what is none (``2010-12`` may be a span)."""
    return _DAY.sub(lambda found: ENGLISH.day(found[0]), piece)
