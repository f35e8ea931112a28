"""What the tables of the briefing of a plan are made with: headings, names of rows, figures."""

from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.plan.content import PlanContent
from monazite.briefing.plan.told import PlanTeller
from monazite.briefing.tables import Cell, Column


def labels(*titles: str) -> tuple[Column, ...]:
    """Return columns that hold words."""
    return tuple(Column(title, holds_numbers=False) for title in titles)


def figures(*titles: str) -> tuple[Column, ...]:
    """Return columns that hold figures."""
    return tuple(Column(title) for title in titles)


class PlanCells:
    """Writes cells of the tables of one plan.

    Parameters
    ----------
    content : PlanContent
        What they say.
    language : Language
        In which.
    """

    def __init__(self, content: PlanContent, language: Language = ENGLISH) -> None:
        self.content, self.report = content, content.report
        self.language, self.say = language, language.gettext
        self.tell = PlanTeller(content, language)
        self.write = self.tell.write

    def _number(self, value: float | None, style: str, *references: str, detail: str = "") -> Cell:
        return Cell(self.write.style(style)(value), references, detail)

    def _at(self, code: str, when: object) -> Cell:
        """Return a partner and a year or step, as the name of a row."""
        place = self.language.place(code)
        return Cell(self.say("%(place)s, %(when)s", place=place, when=when))

    def _aim(self, target: str) -> str:
        """Return a target as the name of a row: what the programme calls it, and whose it is."""
        name, _, partner = target.rpartition(" ")
        return self.say(
            "%(name)s: %(place)s",
            name=self.language.english(name), place=self.language.place(partner),
        )  # fmt: skip
