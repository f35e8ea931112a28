"""Pages of plans: HTML and Markdown as in any briefing, and figures in the programme's units."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.numbers import FIXED, NOTHING, Style, Writing
from monazite.briefing.page import HtmlPage, MarkdownPage
from monazite.briefing.plan.content import PlanContent
from monazite.briefing.plan.notes import PlanNotes

if TYPE_CHECKING:
    from monazite.briefing.content import BriefingData

DOLLARS = {"USD": 1e-3, "kUSD": 1.0, "MUSD": 1e3, "GUSD": 1e6}
"""Thousand dollars in a unit of money; other units are written as they are."""


@dataclass(frozen=True)
class PlanWriting:
    """Writes figures of a plan.

    ``money_unit``, ``quantity_unit`` : of the programme. ``write`` : in a language.
    """

    money_unit: str
    quantity_unit: str
    write: Writing

    @classmethod
    def of(cls, content: PlanContent, language: Language = ENGLISH) -> "PlanWriting":
        """Return the writing of a plan's units."""
        return cls(content.money, content.quantity, Writing(language))

    def money(self, value: float | None) -> str:
        """Return a sum: dollars as ``US$ 3.4 billion``, other money in its unit."""
        if value is None or math.isnan(value):
            return NOTHING
        scale = DOLLARS.get(self.money_unit)
        if scale is None:
            unit = self.write.language.unit(self.money_unit)
            return f"{self.write.significant(value)}{FIXED}{unit}"
        return self.write.money(scale * value) if value else "0"

    def quantity(self, value: float | None) -> str:
        """Return an amount of a good: tonnes, or in the network's unit."""
        if self.quantity_unit == "t":
            return self.write.tonnes(value)
        return f"{self.write.significant(value)}{FIXED}{self.quantity_unit}"

    def share(self, value: float | None) -> str:
        """Return a share near the whole, with one decimal: ``99.7 %``."""
        if value is None:
            return NOTHING
        language = self.write.language
        return language.in_percent(language.decimal(100 * value, 1))

    def year(self, value: float | None) -> str:
        """Return a year, without signs between its figures."""
        return NOTHING if value is None else f"{value:.0f}"

    def step(self, label: str) -> str:
        """Return a step of the horizon in a sentence: ``2028``, or a quarter, ``2028-Q3``."""
        language = self.write.language
        year, is_quarter, quarter = label.partition("-Q")
        if is_quarter:
            return language.gettext("%(year)s-Q%(quarter)s", year=year, quarter=quarter)
        return language.pgettext("year in a sentence", "%(year)s", year=year)

    def style(self, name: str) -> Style:
        """Return a way to write a figure by name."""
        own: dict[str, Callable[[float | None], str]] = {
            "money": self.money,
            "quantity": self.quantity,
            "share": self.share,
            "year": self.year,
        }
        return own.get(name) or self.write.style(name)


class PlanHtmlPage(HtmlPage):
    """The page of a plan in HTML."""

    def __init__(self, content: PlanContent, notes: PlanNotes, language: Language) -> None:
        # a page asks for names of goods, title and date only
        super().__init__(cast("BriefingData", content), notes, language)


class PlanMarkdownPage(MarkdownPage):
    """The page of a plan in Markdown."""

    def __init__(self, content: PlanContent, notes: PlanNotes, language: Language) -> None:
        # a page asks for names of goods, title and date only
        super().__init__(cast("BriefingData", content), notes, language)
