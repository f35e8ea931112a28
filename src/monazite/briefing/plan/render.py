"""Write the briefing of a plan: one HTML file that needs no network, or Markdown, or JSON."""

import json
import re
from dataclasses import asdict

from markupsafe import Markup

from monazite.briefing.article import policy, script
from monazite.briefing.environment import templates
from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.page import CitingPage
from monazite.briefing.plan.content import PlanContent, statements
from monazite.briefing.plan.figures import pictures
from monazite.briefing.plan.head import PlanHead
from monazite.briefing.plan.notes import PlanNotes
from monazite.briefing.plan.page import PlanHtmlPage, PlanMarkdownPage
from monazite.briefing.plan.prose import PlanProse
from monazite.briefing.plan.tables import PlanTables
from monazite.briefing.render import Format
from monazite.errors import UnknownCodeError
from monazite.plan.data import plan_data

ROOT = "."
"""Templates of plans stand beside those of all briefings, and include parts of them."""


def render_plan(content: PlanContent, form: str = Format.HTML, language: str = "en") -> str:
    """Return the briefing of a plan as text.

    Parameters
    ----------
    content : PlanContent
        From :func:`monazite.briefing.plan.content.compose_plan`.
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
        return _html(content, Language(language))
    if form == Format.MARKDOWN:
        return _markdown(content, Language(language))
    if form == Format.JSON:
        return json.dumps(as_data(content), ensure_ascii=False, separators=(",", ":")) + "\n"
    raise UnknownCodeError("format of a briefing", form, Format)


def _html(content: PlanContent, language: Language) -> str:
    notes = PlanNotes(content, language)
    template = templates(language, ROOT, escaped=True).get_template("plan/templates/plan.html.j2")
    return template.render(
        **_said(content, PlanHtmlPage(content, notes, language), notes),
        pictures=pictures(content, language),
        policy=Markup(policy()),
        script=Markup(script()),
    )


def _markdown(content: PlanContent, language: Language) -> str:
    notes = PlanNotes(content, language)
    template = templates(language, ROOT, escaped=False).get_template("plan/templates/plan.md.j2")
    text = template.render(**_said(content, PlanMarkdownPage(content, notes, language), notes))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _said(content: PlanContent, page: CitingPage, notes: PlanNotes) -> dict[str, object]:
    """Return what the templates of every format speak of."""
    return {
        "content": content,
        "language": page.language,
        "page": page,
        "notes": notes,
        "prose": PlanProse(page, content),
        "tables": PlanTables(content, page.language).all(),
    }


def as_data(content: PlanContent) -> dict[str, object]:
    """Return everything that the briefing of a plan says as plain data."""
    programme = content.programme
    page = PlanMarkdownPage(content, PlanNotes(content), ENGLISH)
    return {
        "programme": programme.id,
        "title": programme.title,
        "headline": PlanHead(page, content).headline,
        **plan_data(content.plan, content.findings),
        "exchanges": [asdict(row) for row in content.exchanges],
        "feeds": [{**asdict(row), "lacking": row.lacking} for row in content.feeds],
        "statements": [row.as_dict() for row in statements(programme)],
        "assumptions": [
            {"id": row.id, "what": row.what, "value": row.value, "unit": row.unit,
             "reason": row.reason}
            for row in content.assumptions
        ],
        "manifest": dict(content.manifest),
        "made_on": content.made_on.isoformat(),
    }  # fmt: skip
