"""Write a briefing: one HTML file that needs no network, or Markdown, or JSON."""

import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from monazite.briefing import numbers, tables
from monazite.briefing.canvas import Picture
from monazite.briefing.content import BriefingData
from monazite.briefing.figures import cover_chart, price_chart, stopped_chart
from monazite.briefing.flows import chain_pictures, map_picture
from monazite.briefing.geography import spelled
from monazite.briefing.notes import Mark, Notes
from monazite.briefing.numbers import Style
from monazite.briefing.story import Story
from monazite.briefing.tables import Cell, PageTable
from monazite.errors import UnknownCodeError
from monazite.indicators import Band, units

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"
"""What JSON can hold."""

DIGITS_IN_DATA = 9
"""Significant digits of figures in JSON: more than any input has."""

STYLES: Mapping[str, Style] = {
    "percent": numbers.percent,
    "multiple": numbers.multiple,
    "money": numbers.money,
    "price": numbers.price,
    "tonnes": numbers.tonnes,
    "days": numbers.days,
    "months": numbers.months,
    "count": numbers.count,
    "scientific": numbers.scientific,
}
"""Ways to write a figure, by the name that templates use."""

_HAS_DIGIT = re.compile(r"(\S*\d(?:\S*[^\s,;.:)])?(?:\s%)?)")
_MONTH = re.compile(r"\b(from|since|until|in|by|of|to|end of) (\d{4}-\d{2})\b(?!-)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Format(StrEnum):
    """What a briefing is written as."""

    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"


def render(data: BriefingData, form: str = Format.HTML) -> str:
    """Return a briefing as text.

    Parameters
    ----------
    data : BriefingData
        From :func:`monazite.briefing.content.assemble`.
    form : str
        ``html``, ``md`` or ``json``.

    Raises
    ------
    UnknownCodeError
        If the format is unknown, or a figure cites a source that is not in the register.
    """
    if form == Format.HTML:
        return _html(data)
    if form == Format.MARKDOWN:
        return _markdown(data)
    if form == Format.JSON:
        return json.dumps(as_data(data), ensure_ascii=False, separators=(",", ":")) + "\n"
    raise UnknownCodeError("format of a briefing", form, Format)


# Pages ------------------------------------------------------------------------------------


class Page(ABC):
    """Writes figures, words with figures, and tables so that each cites what it rests on."""

    def __init__(self, data: BriefingData, notes: Notes) -> None:
        self.data = data
        self.notes = notes

    def value(self, value: Band | float | None, style: str, references: Sequence[str]) -> str:
        """Return a figure of the text, with its band where draws differ."""
        cell = tables.number(value, STYLES[style], references)
        detail = f" ({cell.detail})" if cell.detail else ""
        return self._figure(f"{cell.text}{detail}", references)

    @abstractmethod
    def words(self, text: str, references: Sequence[str]) -> str:
        """Return a text from outside in which every figure cites the references."""

    @abstractmethod
    def _figure(self, text: str, references: Sequence[str]) -> str:
        """Return a figure with what it cites."""

    def month(self, label: str) -> str:
        """Return a month by name."""
        return numbers.month_name(label)

    def name(self, text: str) -> str:
        """Return a name, which may hold digits that are no figures: ``gallium, 99.99 %``."""
        return text

    def sentence(self, text: str) -> str:
        """Return a text as a sentence: a capital first, a stop last, regions and months by name."""
        regions = {region for _, region in self.data.trajectory.spot_markets}
        named = spelled(text, regions)
        dated = _MONTH.sub(lambda f: f"{f[1]} {numbers.month_name(f[2])}", named)
        return dated[:1].upper() + dated[1:] + ("" if dated.endswith((".", "!", "?")) else ".")


class HtmlPage(Page):
    """Marks every figure as ``<... class="number" data-source="note-...">``."""

    def _figure(self, text: str, references: Sequence[str]) -> str:
        marks = self.notes.cite(*references)
        return Markup('<span class="number" data-source="{}">{}</span>{}').format(
            _anchors(marks), text, self.marks(references)
        )

    def tile(self, value: Band | float | None, style: str, references: Sequence[str]) -> Markup:
        """Return a figure that stands alone, its band below it, its method's note beside it."""
        cell = tables.number(value, STYLES[style], references)
        anchors = _anchors(self.notes.cite(*references))
        figure = Markup('<span class="number" data-source="{}">{}</span>').format(
            anchors, cell.text
        )
        detail = Markup('<span class="number detail" data-source="{}">{}</span>').format(
            anchors, cell.detail
        )
        return figure + self.marks(references[:1]) + (detail if cell.detail else "")

    def month(self, label: str) -> str:
        """Return a month by name, marked as a date."""
        return Markup('<time datetime="{}">{}</time>').format(label, numbers.month_name(label))

    def name(self, text: str) -> str:
        """Return a name, marked as such so that its digits are not taken for figures."""
        return Markup('<span class="label">{}</span>').format(text)

    def marks(self, references: Sequence[str]) -> Markup:
        """Return superscript links to notes."""
        links = (
            Markup('<a href="#{}">{}</a>').format(mark.anchor, mark.label)
            for mark in _few(self.notes.cite(*references))
        )
        return Markup('<sup class="ref">{}</sup>').format(Markup(" ").join(links))

    def words(self, text: str, references: Sequence[str]) -> str:
        """Return escaped text in which every figure is marked; links follow the text."""
        return self._marked(text, references) + self.marks(references)

    def _marked(self, text: str, references: Sequence[str]) -> Markup:
        marks = self.notes.cite(*references)
        pieces = [
            Markup('<span class="number" data-source="{}">{}</span>').format(
                _anchors(marks), _named(piece)
            )
            if _HAS_DIGIT.fullmatch(piece)
            else escape(piece)
            for piece in _HAS_DIGIT.split(text)
        ]
        return Markup("").join(pieces)

    def cell(self, cell: Cell, *, first: bool) -> Markup:
        """Return a table's cell; figures are links to their first note."""
        detail = Markup(' <span class="detail{}">{}</span>').format(
            "" if cell.is_number else " label", cell.detail
        )
        if not cell.is_number:
            tag = Markup('<th scope="row">{}{}</th>') if first else Markup("<td>{}{}</td>")
            text = Markup('<span class="label">{}</span>').format(cell.text)
            if cell.references:
                text = self._marked(cell.text, cell.references)
                detail = Markup(' <span class="detail">{}</span>').format(
                    self._marked(cell.detail, cell.references)
                )
            return tag.format(text, detail if cell.detail else "")
        marks = self.notes.cite(*cell.references)
        return Markup('<td class="number" data-source="{}"><a href="#{}">{}</a>{}</td>').format(
            _anchors(marks), marks[0].anchor, cell.text, detail if cell.detail else ""
        )

    def picture_marks(self, *references: str) -> Markup:
        """Return the anchors that a figure rests on, for its ``data-source``."""
        return Markup(_anchors(self.notes.cite(*references)))

    def table_marks(self, table: PageTable) -> Markup:
        """Return links to every note that a table rests on."""
        return self.marks(_references(table))


class MarkdownPage(Page):
    """Writes footnotes as ``[^S3]``; a table names its notes in the line below it."""

    def _figure(self, text: str, references: Sequence[str]) -> str:
        return text + self.marks(references)

    def marks(self, references: Sequence[str]) -> str:
        """Return footnote marks."""
        return "".join(f"[^{mark.label}]" for mark in _few(self.notes.cite(*references)))

    def words(self, text: str, references: Sequence[str]) -> str:
        """Return the text followed by its footnote marks."""
        return "".join(map(_named, _HAS_DIGIT.split(text))) + self.marks(references)

    def row(self, cells: Iterable[Cell]) -> str:
        """Return a row of a table."""
        texts = (f"{c.text} ({c.detail})" if c.detail else c.text for c in cells)
        return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"

    def table_marks(self, table: PageTable) -> str:
        """Return marks of every note that a table rests on."""
        return self.marks(_references(table))


MOST_MARKS = 4
"""Links that stand behind a text or table; a method's note names the others."""


def _few(marks: Sequence[Mark]) -> Sequence[Mark]:
    return marks[:MOST_MARKS]


def _anchors(marks: Iterable[Mark]) -> str:
    return " ".join(mark.anchor for mark in marks)


def _references(table: PageTable) -> tuple[str, ...]:
    found = [name for row in table.rows for cell in row for name in cell.references]
    return tuple(sorted(dict.fromkeys(found), key=lambda name: not name.startswith("method")))


def _named(piece: str) -> str:
    """Write ``2025-04-04`` as a date; leave what is none (``2010-12`` may be a span)."""
    return _DAY.sub(lambda found: numbers.day_name(found[0]), piece)


# HTML and Markdown ------------------------------------------------------------------------


@cache
def _environment(*, escaped: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("monazite.briefing", "templates"),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["date"] = lambda value: numbers.day_name(value.isoformat())
    return environment


def _html(data: BriefingData) -> str:
    notes = Notes(data)
    page = HtmlPage(data, notes)
    template = _environment(escaped=True).get_template("briefing.html.j2")
    return template.render(
        data=data,
        page=page,
        notes=notes,
        story=Story(data, notes),
        tables=_tables(data, notes),
        pictures=_pictures(data),
    )


def _markdown(data: BriefingData) -> str:
    notes = Notes(data)
    template = _environment(escaped=False).get_template("briefing.md.j2")
    text = template.render(
        data=data,
        page=MarkdownPage(data, notes),
        notes=notes,
        story=Story(data, notes),
        tables=_tables(data, notes),
    )
    text = re.sub(r"\n (?=[A-Z])", " ", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _tables(data: BriefingData, notes: Notes) -> dict[str, PageTable]:
    return {
        "shortages": tables.shortage_table(data, notes),
        "stopped": tables.month_table(data, notes, "stopped"),
        "cover": tables.month_table(data, notes, "cover"),
        "prices": tables.price_table(data, notes),
        "stages": tables.stage_table(data),
        "reliance": tables.reliance_table(data),
        "accounts": tables.account_table(data),
        "permits": tables.permit_table(data),
        "remedies": tables.remedy_table(data, notes),
        "certificate": tables.certificate_table(data),
    }


def _pictures(data: BriefingData) -> dict[str, Picture]:
    drawn = [
        cover_chart(data),
        stopped_chart(data),
        price_chart(data),
        *chain_pictures(data),
        map_picture(data),
    ]
    return {picture.name: picture for picture in drawn}


# JSON -------------------------------------------------------------------------------------

_ROWS = (
    "shortages", "first", "months", "prices", "output", "regions", "permits", "commodities",
    "stages", "reliance", "remedies",
)  # fmt: skip


def as_data(data: BriefingData) -> dict[str, Json]:
    """Return everything a briefing says as plain data, with units of each kind of row."""
    rows = {name: _plain(getattr(data, name)) for name in _ROWS}
    notes = Notes(data)
    notes.cite_rows()
    return {
        "scenario": _plain(data.scenario),
        "headline": Story(data, notes).headline,
        "network": {"name": data.network.name, "base_year": data.network.base_year},
        "window": list(data.trajectory.months),
        "during": [data.trajectory.months[i] for i in (data.during[0], data.during[1] - 1)],
        "threshold": data.threshold,
        "draws": data.draws,
        "total_output_kusd": _plain(data.total_output),
        "public": _plain(data.public),
        **rows,
        "units": {
            name: _plain(units(type(getattr(data, name)[0])))
            for name in _ROWS
            if getattr(data, name)
        },
        "sources": {source.id: _plain(source) for _, source in notes.sources()},
        "assumptions": _plain(data.assumptions),
        "certificate": _plain(data.certificate),
        "manifest": dict(data.manifest),
        "made_on": data.made_on.isoformat(),
    }


def _plain(value: object) -> Json:
    """Return dataclasses as dicts, numbers with nine digits, what is not finite as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS_IN_DATA}g}") if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
