"""Footnotes of the briefing of a plan: the notes of any briefing, with methods of its own."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from monazite.briefing.content import AssumedFigure
from monazite.briefing.language import ENGLISH, Language, Phrase
from monazite.briefing.notes import Notes
from monazite.briefing.plan.content import PlanAssumption, PlanContent
from monazite.briefing.plan.phrases import PhraseTeller

if TYPE_CHECKING:
    from monazite.briefing.content import BriefingData


class PlanNotes(Notes):
    """The footnotes of the briefing of a plan.

    Parameters
    ----------
    content : PlanContent
        Whose sources, assumptions and network rows can be cited.
    language : Language
        In which the notes are written.
    """

    def __init__(self, content: PlanContent, language: Language = ENGLISH) -> None:
        # notes ask for network, sources, assumptions, reading and the scenario's name only
        super().__init__(cast("BriefingData", content), language)
        self._methods = {**self._methods, **_methods()}
        self._phrases = PhraseTeller(language, content.goods)

    def _described(self, item: AssumedFigure) -> str:
        if isinstance(item, PlanAssumption) and item.phrase is not None:
            return self._phrases.told(item.phrase)
        return super()._described(item)

    def _readable(self, item: AssumedFigure) -> str:
        own = item.value_phrase if isinstance(item, PlanAssumption) else None
        return self._own(own, item.value, super()._readable(item))

    def _unit(self, item: AssumedFigure) -> str:
        own = item.unit_phrase if isinstance(item, PlanAssumption) else None
        return self._own(own, item.unit, super()._unit(item))

    def _reason(self, item: AssumedFigure) -> str:
        own = item.reason_phrase if isinstance(item, PlanAssumption) else None
        return self._own(own, item.reason, super()._reason(item))

    def _own(self, own: Phrase | None, text: str, usual: str) -> str:
        """Return a phrase, or what is usual without one; told apart where it stays English."""
        told = usual if own is None else self._phrases.told(own)
        is_english = told == text and any(map(str.isalpha, text))
        return self._write.language.english(told) if is_english else told

    def _value_named(self, key: str, value: str) -> str:
        if key in ("name", "process"):
            return self._write.language.english(value)
        return super()._value_named(key, value)


@cache
def _methods() -> dict[str, Any]:
    file = files("monazite.briefing") / "plan" / "templates" / "methods.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
