"""Words for what a plan holds, in the language of the page: projects, packages, partners, goods."""

import re
from collections.abc import Sequence

from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.numbers import NOTHING
from monazite.briefing.plan.content import PlanContent
from monazite.briefing.plan.exchange import TOLD
from monazite.briefing.plan.page import PlanWriting

_SHARE = re.compile(r"(\d+)% (.+)")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class PlanTeller:
    """Names and figures of one plan, as they stand in sentences and tables.

    Parameters
    ----------
    content : PlanContent
        What is told.
    language : Language
        In which.
    """

    def __init__(self, content: PlanContent, language: Language = ENGLISH) -> None:
        self.content, self.language = content, language
        self.write = PlanWriting.of(content, language)
        self._stages = {row.code: row.stage for row in content.network.commodities}

    def project(self, plant: str) -> str:
        """Return the name of a plant, as its table has it; one that no table knows is its own.

        Names are English; in other languages they are told apart as such.
        """
        return self.language.english(self.project_name(plant))

    def project_name(self, plant: str) -> str:
        """Return the name of a plant by itself, as figures write it."""
        lines = self.content.projects.get(plant, ())
        return lines[0].name if lines else plant

    def projects(self, plants: Sequence[str]) -> str:
        """Return plants as a list."""
        return self.language.listed([self.project(name) for name in plants])

    def good(self, code: str) -> str:
        """Return a good as the name of a row."""
        return self.language.commodity(self.content.goods.get(code, code))

    def good_in_sentence(self, code: str) -> str:
        """Return a good as it stands in a sentence."""
        name = self.good(code)
        if self.language.code != "en":
            return name
        first, *_ = name.split(" ")
        is_word = first[1:].islower() and self._stages.get(code) in TOLD
        return name[0].lower() + name[1:] if is_word else name

    def partners(self, codes: Sequence[str]) -> str:
        """Return partners as they stand in a sentence."""
        return self.language.listed([self.language.place_in_sentence(code) for code in codes])

    def payers(self, codes: str) -> str:
        """Return who pays, out of codes between plus signs; a dash where nobody needs to."""
        names = [self.language.place(code) for code in codes.split("+") if code]
        return self.language.listed(names) if names else NOTHING

    def target(self, name: str) -> str:
        """Return a target in a sentence: the name that the programme gave it, and whose it is."""
        aim, _, partner = name.rpartition(" ")
        return self.language.gettext(
            "“%(aim)s” for %(place)s",
            aim=self.language.english(aim),
            place=self.language.place_in_sentence(partner),
        )

    def number(self, count: int) -> str:
        """Return how many: in English a word up to nine, figures from ten."""
        is_word = self.language.code == "en" and count < len(_NUMBERS)
        return _NUMBERS[count] if is_word else self.language.decimal(count)

    def span(self, first: str, last: str) -> str:
        """Return what reaches from one figure to another."""
        return self.language.gettext("%(low)s to %(high)s", low=first, high=last)

    def package(self, name: str) -> str:
        """Return a package in words."""
        return package_in_words(name, self.language)


def package_in_words(package: str, language: Language = ENGLISH) -> str:
    """Return a package in words.

    >>> package_in_words("40% grant + 60% public plant")
    '40 % grant and 60 % public plant'
    >>> package_in_words("")
    '–'
    """
    parts = [_package(part, language) for part in package.split(" + ") if part]
    return language.listed(parts) if parts else NOTHING


def _package(part: str, language: Language) -> str:
    found = _SHARE.fullmatch(part)
    if found is None:
        return language.package(part)
    return language.gettext(
        "%(share)s %% %(package)s", share=found[1], package=language.package(found[2])
    )


def capitalised(text: str) -> str:
    """Return a text with a capital first."""
    return text[:1].upper() + text[1:]
