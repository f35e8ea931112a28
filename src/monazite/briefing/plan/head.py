"""The head of the briefing of a plan: what to do, when, for how much, and how good the plan is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from monazite.briefing.language import mark
from monazite.briefing.page import CitingPage
from monazite.briefing.plan.content import PlanContent
from monazite.briefing.plan.told import PlanTeller, capitalised

MISSED = 1e-6
"""Smaller shares are round-off."""
LEAST_TOLD = 1e-3
"""Least distance from the best possible that is told."""
_STANDING = {
    "optimal": mark("No plan costs less."),
    "gap_reached": mark("No plan can cost less by more than %(gap)s."),
    "time_limit": mark("Time ran out; no plan can cost less by more than %(gap)s."),
    "interrupted": mark("The search was interrupted; no plan can cost less by more than %(gap)s."),
    "targets_missed": mark(
        "Of all plans it comes nearest to targets that none reaches; no plan can cost less by more "
        "than %(gap)s."
    ),
    "infeasible": mark("No plan can meet every demand; of all plans this one comes nearest."),
}
_HEADLINES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("built", ""): mark("%(who)s: %(what)s for %(cost)s of building."),
        ("built", "target"): mark(
            "%(who)s: %(what)s for %(cost)s of building, and still miss a target."
        ),
        ("built", "demand"): mark(
            "%(who)s: %(what)s for %(cost)s of building, and still leave demand unmet."
        ),
        ("built", "all"): mark("%(who)s: %(what)s for %(cost)s of building reach every target."),
        ("stocked", ""): mark("%(who)s: %(what)s."),
        ("stocked", "target"): mark("%(who)s: %(what)s, and still miss a target."),
        ("stocked", "demand"): mark("%(who)s: %(what)s, and still leave demand unmet."),
        ("stocked", "all"): mark("%(who)s: %(what)s reach every target."),
        ("nothing", ""): mark("%(who)s: nothing new is worth building."),
        ("nothing", "target"): mark(
            "%(who)s: nothing new is worth building, and a target is still missed."
        ),
        ("nothing", "demand"): mark(
            "%(who)s: nothing new is worth building, and demand is still left unmet."
        ),
        ("nothing", "all"): mark(
            "%(who)s: nothing new is worth building; every target is reached."
        ),
    }
)
"""The headline by what is done and how it ends: with a target or a demand missed, all reached."""
GAIN = ("method:gain",)
"""What figures on planning together rest on."""


@dataclass(frozen=True, slots=True)
class HeadFigure:
    """A figure that stands alone at the head of the page."""

    title: str
    text: str
    references: tuple[str, ...]


class PlanSpeaker:
    """What sentences of a plan are said with.

    Parameters
    ----------
    page : CitingPage
        Writes figures so that each cites what it rests on.
    content : PlanContent
        What they say.
    """

    def __init__(self, page: CitingPage, content: PlanContent) -> None:
        self.page, self.content, self.report = page, content, content.report
        self.language = page.language
        self.say, self.nsay = page.language.gettext, page.language.ngettext
        self.tell = PlanTeller(content, page.language)
        self.write = self.tell.write

    def _money(self, value: float | None) -> str:
        return self.write.money(value)

    def _percent(self, share: float) -> str:
        return self.write.write.percent(share)

    def _place(self, code: str) -> str:
        return self.language.place_in_sentence(code)

    def _paragraph(self, *sentences: tuple[str, tuple[str, ...]]) -> str:
        said = [self.page.words(text, references) for text, references in sentences if text]
        return self.page.joined(said)

    def _together(self) -> str:
        """Say what planning together is worth; nothing where it was not worked out."""
        gain = self.content.findings.gain
        if gain is None:
            return ""
        apart = sum(gain.separate.values())
        share = gain.gain / apart if apart else 0.0
        if gain.low <= 0:
            return self.say(
                "Whether planning together is cheaper than planning apart cannot be told: the gain "
                "lies between %(low)s and %(high)s.",
                low=self._money(gain.low), high=self._money(gain.high),
            )  # fmt: skip
        return self.say(
            "Together the partners pay %(gain)s or %(share)s less than apart.",
            gain=self._money(gain.gain), share=self._percent(share),
        )  # fmt: skip


class PlanHead(PlanSpeaker):
    """What stands at the head of the page."""

    @cached_property
    def who(self) -> str:
        """Who plans, as in a sentence."""
        if self.content.prepared.is_whole:
            return self.say("the whole network")
        return self.tell.partners(self.report.model.partners)

    @cached_property
    def headline(self) -> str:
        """What to do and what it brings, in a sentence without notes."""
        projects = len({row.project for row in self.report.portfolio})
        goods = len({row.commodity for row in self.report.stocked})
        does = []
        if projects:
            number = self.tell.number(projects)
            does.append(self.nsay("%(n)s project", "%(n)s projects", projects, n=number))
        if goods:
            number = self.tell.number(goods)
            does.append(self.nsay("stocks of %(n)s good", "stocks of %(n)s goods", goods, n=number))
        done = "built" if projects else "stocked" if goods else "nothing"
        values = {"who": capitalised(self.who)}
        if does:
            values["what"] = self.language.listed(does)
        if projects:
            values["cost"] = self._money(self.content.capital)
        return self.say(_HEADLINES[done, self._ends], **values)

    @property
    def _ends(self) -> str:
        """How the headline ends."""
        if self.content.missed:
            missed = any(row.missed > MISSED for row in self.report.targets)
            return "target" if missed else "demand"
        return "all" if self.report.targets else ""

    def lead(self) -> str:
        """Say when, for how much public money, what stays short, what together is worth."""
        return self._paragraph(
            (self._when(), ("method:plan",)),
            (self._public(), ("method:public",)),
            (self._shortest(), ("method:coverage",)),
            (self._together(), GAIN),
        )

    def _when(self) -> str:
        rows = self.report.portfolio
        if not rows:
            return ""
        largest = max(rows, key=lambda row: row.capital)
        starts = sorted(row.starts for row in rows)
        return self.page.gap.join(
            (
                self._decided(self.tell.project(largest.project), self._money(largest.capital)),
                self.say(
                    "The first runs from %(first)s, the last from %(last)s, if nothing slips.",
                    first=starts[0], last=starts[-1],
                ),
            )
        )  # fmt: skip

    def _decided(self, project: str, cost: str) -> str:
        rows = self.report.portfolio
        first, last = rows[0].decided, max(row.decided for row in rows)
        if first == last:
            return self.say(
                "Decisions fall in %(year)s; the largest is %(project)s with %(cost)s.",
                year=first, project=project, cost=cost,
            )  # fmt: skip
        early = [row for row in rows if row.decided == first]
        return self.say(
            "Decisions fall between %(first)s and %(last)s, %(n)s of %(all)s in the first year; "
            "the largest is %(project)s with %(cost)s.",
            first=first, last=last, n=len(early), all=len(rows), project=project, cost=cost,
        )  # fmt: skip

    def _public(self) -> str:
        rows = self.report.cash
        if not any(row.public for row in rows):
            return self.say("It asks for no public money.")
        peak = max(rows, key=lambda row: row.public)
        of = []
        for partner in self.report.model.partners:
            total = sum(row.public for row in rows if row.partner == partner)
            if total:
                of.append(self._from(total, partner))
        return self.say(
            "It asks for %(money)s of public money over the years, %(parts)s; most at once in "
            "%(year)s, %(peak)s.",
            money=self._money(self.content.public),
            parts=self.language.listed(of),
            year=peak.year,
            peak=self._from(peak.public, peak.partner),
        )

    def _from(self, money: float, partner: str) -> str:
        return self.say(
            "%(money)s from %(place)s", money=self._money(money), place=self._place(partner)
        )

    def _shortest(self) -> str:
        rows = self.report.shortages
        if not rows:
            return self.say("Nothing stays short on average.")
        worst = max(rows, key=lambda row: row.share)
        return self.say(
            "What stays shortest is %(good)s for %(use)s in %(place)s: in %(step)s %(share)s of it "
            "is missing on average over the draws.",
            good=self.tell.good_in_sentence(worst.commodity),
            use=self.language.use(worst.use),
            place=self._place(worst.partner),
            step=self.write.step(worst.step),
            share=self._percent(worst.share),
        )

    def standing(self) -> str:
        """Say how good the plan is."""
        gap = max(self.content.plan.solution.gap, 0.0)
        standing = _STANDING[self.content.status]
        # a bound of less than the least share that is written is told as that
        values = {"gap": self._percent(max(gap, LEAST_TOLD) if gap else gap)}
        values = values if "%(gap)s" in standing else {}
        return self._paragraph(
            (self.say(standing, **values), ("method:certificate",)),
            (self._chosen(), ("method:plan",)),
        )

    def _chosen(self) -> str:
        draws = self.content.plan.assembly.draws.count
        candidates = len(self.report.model.candidates)
        futures = self.nsay(
            "%(n)s drawn future", "%(n)s drawn futures", draws, n=self.tell.number(draws)
        )
        return self.nsay(
            "It was chosen of %(n)s candidate against %(futures)s.",
            "It was chosen of %(n)s candidates against %(futures)s.",
            candidates,
            n=self.tell.number(candidates),
            futures=futures,
        )

    def tiles(self) -> tuple[HeadFigure, ...]:
        """Return the figures that stand at the head."""
        report, say = self.report, self.say
        cost = sum(report.cost_lines.values())
        tiles = [HeadFigure(say("Cost in resources"), self._money(cost), ("method:cost",))]
        if report.portfolio:
            built = self._money(self.content.capital)
            tiles.append(HeadFigure(say("Building"), built, ("method:portfolio",)))
        if report.cash:
            public = self._money(self.content.public)
            tiles.append(HeadFigure(say("Public money"), public, ("method:public",)))
        gain = self.content.findings.gain
        if gain is not None:
            together = say("Gain of planning together")
            tiles.append(HeadFigure(together, self._money(gain.gain), GAIN))
        elif report.model.partners:
            unmet = self._money(report.expected_unmet)
            tiles.append(HeadFigure(say("Expected unmet demand"), unmet, ("method:coverage",)))
        return tuple(tiles)
