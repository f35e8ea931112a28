"""What a programme states and a plan assumes, as phrases that every language tells."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from monazite.briefing.language import ENGLISH, Language, Phrase
from monazite.briefing.numbers import Writing

LIST = "\x1f"
"""Stands between codes in a place of a phrase that holds several."""
ALL = "*"
"""Stands for all uses."""


def phrase(message: str, /, **values: str) -> Phrase:
    """Return a message with what fills its places: codes and plain numbers."""
    return Phrase(message, tuple(values.items()))


NONE = Phrase("")
"""A phrase that says nothing."""


@dataclass(frozen=True)
class PhraseTeller:
    """Tells phrases in a language: codes by name, numbers as its readers write them.

    ``names`` : English names of the goods by code; English tells their codes.
    """

    language: Language = ENGLISH
    names: Mapping[str, str] = field(default_factory=dict)

    def told(self, given: Phrase) -> str:
        """Return a phrase in the language.

        >>> PhraseTeller().told(phrase("public money of %(region)s", region="USA"))
        'public money of the United States'
        """
        if not given.message:
            return ""
        values = {key: self._named(key, value) for key, value in given.values}
        return self.language.gettext(given.message, **values)

    def _named(self, key: str, value: str) -> str:
        """Return what fills a place, by the name of the place; numbers in all others."""
        language = self.language
        kinds: dict[str, Callable[[str], str]] = {
            "region": language.place_in_sentence,
            "origin": language.place_in_sentence,
            "destination": language.place_in_sentence,
            "uses": self._uses,
            "commodity": self._good,
            "unit": language.unit,
            "status": language.status,
            "item": language.finance_term,
            "name": language.english,
            "year": str,
        }
        return kinds.get(key, self._number)(value)

    def _uses(self, codes: str) -> str:
        if codes == ALL:
            return self.language.gettext("all uses")
        return self.language.listed([self.language.use(code) for code in codes.split(LIST)])

    def _good(self, code: str) -> str:
        if self.language.code == "en":
            return code
        return self.language.commodity(self.names.get(code, code))

    def _number(self, figure: str) -> str:
        if self.language.code == "en" or not math.isfinite(float(figure)):
            return figure
        if "e" in figure:
            return Writing(self.language).significant(float(figure))
        return self.language.decimal(float(figure), len(figure.partition(".")[2]))
