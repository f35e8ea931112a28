"""Footnotes of the briefing of a plan: the notes of any briefing, with methods of its own."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from monazite.briefing.content import AssumedFigure
from monazite.briefing.language import ENGLISH, Language
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
        if isinstance(item, PlanAssumption) and item.value_phrase is not None:
            return self._phrases.told(item.value_phrase)
        return self._own(super()._readable(item), item.value)

    def _own(self, told: str, text: str) -> str:
        """Return what was told, as English where nobody translated words of it."""
        is_english = told == text and any(map(str.isalpha, text))
        return self._write.language.english(told) if is_english else told

    def _unit(self, item: AssumedFigure) -> str:
        if isinstance(item, PlanAssumption) and item.unit_phrase is not None:
            return self._phrases.told(item.unit_phrase)
        return self._own(super()._unit(item), item.unit)

    def _reason(self, item: AssumedFigure) -> str:
        if isinstance(item, PlanAssumption) and item.reason_phrase is not None:
            return self._phrases.told(item.reason_phrase)
        return self._own(super()._reason(item), item.reason)

    def _value_named(self, key: str, value: str) -> str:
        if key in ("name", "process"):
            return self._write.language.english(value)
        return super()._value_named(key, value)


@cache
def _methods() -> dict[str, Any]:
    file = files("monazite.briefing") / "plan" / "templates" / "methods.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
