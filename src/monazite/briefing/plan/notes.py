"""Footnotes of the briefing of a plan: the notes of any briefing, with methods of its own."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.notes import Notes
from monazite.briefing.plan.content import PlanContent

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


@cache
def _methods() -> dict[str, Any]:
    file = files("monazite.briefing") / "plan" / "templates" / "methods.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
