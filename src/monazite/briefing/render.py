"""Write a briefing: one HTML file that needs no network, or Markdown, or JSON."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from markupsafe import Markup
from pydantic import BaseModel

from monazite.briefing import tables
from monazite.briefing.article import Article, policy, script
from monazite.briefing.canvas import Picture
from monazite.briefing.content import BriefingData
from monazite.briefing.environment import templates
from monazite.briefing.figures import cover_chart, price_chart, stopped_chart
from monazite.briefing.flows import chain_pictures, map_picture
from monazite.briefing.language import Language
from monazite.briefing.notes import Notes
from monazite.briefing.numbers import Writing
from monazite.briefing.page import CitingPage, HtmlPage, MarkdownPage
from monazite.briefing.prose import Prose
from monazite.briefing.reading import ReadingText
from monazite.briefing.story import StoryText
from monazite.briefing.tables import PageTable
from monazite.errors import UnknownCodeError
from monazite.indicators import units

if TYPE_CHECKING:
    from monazite.desk.measures import Drafted

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | None"
"""What JSON can hold."""

DIGITS_IN_DATA = 9
"""Significant digits of figures in JSON: more than any input has."""


class Format(StrEnum):
    """What a briefing is written as."""

    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"


def render(data: BriefingData, form: str = Format.HTML, language: str = "en") -> str:
    """Return a briefing as text.

    Parameters
    ----------
    data : BriefingData
        From :func:`monazite.briefing.content.assemble`.
    form : str
        ``html``, ``md`` or ``json``; the last is the same in every language.
    language : str
        ``en``, ``ja``, ``ar`` or ``es``.

    Raises
    ------
    UnknownCodeError
        If format or language are unknown, or a figure cites a source that is not in the register.
    """
    if form == Format.HTML:
        return _html(data, Language(language))
    if form == Format.MARKDOWN:
        return _markdown(data, Language(language))
    if form == Format.JSON:
        return json.dumps(as_data(data), ensure_ascii=False, separators=(",", ":")) + "\n"
    raise UnknownCodeError("format of a briefing", form, Format)


# HTML and Markdown ------------------------------------------------------------------------


def _html(data: BriefingData, language: Language) -> str:
    notes = Notes(data, language)
    page = HtmlPage(data, notes, language)
    template = templates(language, escaped=True).get_template("briefing.html.j2")
    return template.render(
        **_content(page),
        pictures=_pictures(data, page.write),
        policy=Markup(policy()),
        script=Markup(script()),
    )


def _markdown(data: BriefingData, language: Language) -> str:
    page = MarkdownPage(data, Notes(data, language), language)
    template = templates(language, escaped=False).get_template("briefing.md.j2")
    text = template.render(**_content(page))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _content(page: CitingPage) -> dict[str, object]:
    """Return what the templates of every format speak of."""
    data, notes, language = page.data, page.notes, page.language
    story = StoryText(data, notes, language)
    reading = ReadingText(data.reading, notes, language) if data.reading is not None else None
    prose = Prose(page, data, story, reading)
    is_retold = reading is not None and language.code != "en"
    title = reading.title if reading is not None and is_retold else data.scenario.title
    return {
        "data": data,
        "language": language,
        "page": page,
        "notes": notes,
        "story": story,
        "prose": prose,
        "reading": reading,
        "article": Article(data, story, title, _paragraphs(page), reading, language),
        "tables": _tables(page),
    }


def _paragraphs(page: CitingPage) -> tuple[str, ...]:
    """Return the running text; notes of its own keep the page's in the order of reading."""
    data, notes = page.data, Notes(page.data, page.language)
    reading = ReadingText(data.reading, notes, page.language) if data.reading is not None else None
    plain = MarkdownPage(data, notes, page.language)
    return Prose(plain, data, StoryText(data, notes, page.language), reading).paragraphs()


def _tables(page: CitingPage) -> dict[str, PageTable]:
    data, notes, write = page.data, page.notes, page.write
    return {
        "shortages": tables.shortage_table(data, notes, write),
        "stopped": tables.month_table(data, notes, "stopped", write),
        "cover": tables.month_table(data, notes, "cover", write),
        "prices": tables.price_table(data, notes, write),
        "stages": tables.stage_table(data, write),
        "reliance": tables.reliance_table(data, write),
        "accounts": tables.account_table(data, write),
        "permits": tables.permit_table(data, write),
        "remedies": tables.remedy_table(data, notes, write),
        "certificate": tables.certificate_table(data, write),
    }


def _pictures(data: BriefingData, write: Writing) -> dict[str, Picture]:
    drawn = [
        cover_chart(data, write),
        stopped_chart(data, write),
        price_chart(data, write),
        *chain_pictures(data, write),
        map_picture(data, write),
    ]
    return {picture.name: picture for picture in drawn}


# JSON -------------------------------------------------------------------------------------

_ONLY_FOR_PAGES = frozenset({"measure", "phrase"})
"""Fields that help to say the same in another language."""

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
        "headline": StoryText(data, notes).headline,
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
        **({} if data.reading is None else {"reading": _read(data.reading)}),
    }


def _read(drafted: "Drafted") -> Json:
    """Return what was read, without the scenario, which stands beside it, and the whole text."""
    names = ("events", "measures_of", "assumed", "unused", "questions", "reviewed")
    found = {name: _plain(getattr(drafted, name)) for name in names}
    pages: Json = [
        {
            "id": page.id, "site": page.site, "headline": page.headline, "url": page.url,
            "language": page.language, "sha256": page.sha256,
            "published": page.published.value if page.published else None,
        }
        for page in drafted.pages
    ]  # fmt: skip
    return {"pages": pages, **found}


def _plain(value: object) -> Json:
    """Return dataclasses as dicts, numbers with nine digits, what is not finite as null."""
    if is_dataclass(value) and not isinstance(value, type):
        names = [item.name for item in fields(value) if item.name not in _ONLY_FOR_PAGES]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS_IN_DATA}g}") if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
