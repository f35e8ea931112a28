"""Sentences of the briefing of a plan: what to do, what it costs, what stays short, and why.

Every sentence is read off the plan. Figures in it lead to the notes on how they were computed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from monazite.briefing.content import commodity_name
from monazite.briefing.language import ENGLISH
from monazite.briefing.page import CitingPage
from monazite.briefing.plan.content import PlanContent, ProgrammeStatement
from monazite.briefing.plan.exchange import TOLD, FeedNeed, PartnerExchange
from monazite.briefing.plan.page import PlanWriting
from monazite.briefing.plan.told import capitalised, counted, partners_in_words, project_name
from monazite.plan.coalition import Gain
from monazite.plan.replay import Replay
from monazite.plan.result import Chosen, CoverageYear, TargetYear

MOST_NAMED = 3
"""Things that a sentence names."""
MISSED = 1e-6
"""Smaller shares are round-off."""
WHOLE = 0.9995
"""Share of demand from which it counts as served in full."""
_STANDING = {
    "optimal": "No plan costs less.",
    "gap_reached": "No plan can cost less by more than %(gap)s.",
    "time_limit": "Time ran out; no plan can cost less by more than %(gap)s.",
    "interrupted": "The search was interrupted; no plan can cost less by more than %(gap)s.",
    "targets_missed": "Of all plans it comes nearest to targets that none reaches; no plan can "
    "cost less by more than %(gap)s.",
    "infeasible": "No plan can meet every demand; of all plans this one comes nearest.",
}


@dataclass(frozen=True, slots=True)
class HeadFigure:
    """A figure that stands alone at the head of the page."""

    title: str
    text: str
    references: tuple[str, ...]


class PlanProse:
    """The sentences of one plan.

    Parameters
    ----------
    page : CitingPage
        Writes figures so that each cites what it rests on.
    content : PlanContent
        What they say.
    """

    def __init__(self, page: CitingPage, content: PlanContent) -> None:
        self.page, self.content, self.report = page, content, content.report
        self.write = PlanWriting.of(content)

    # -- parts of sentences --------------------------------------------------------------

    @cached_property
    def who(self) -> str:
        """Who plans, as in a sentence."""
        is_whole = self.content.prepared.is_whole
        return "the whole network" if is_whole else partners_in_words(self.report.model.partners)

    def _money(self, value: float | None) -> str:
        return self.write.money(value)

    def _percent(self, share: float) -> str:
        return self.write.write.percent(share)

    def _good(self, code: str) -> str:
        name = commodity_name(self.content.network, code)
        first, *_ = name.split(" ")
        is_word = first[1:].islower() and self._stages.get(code) in TOLD
        return name[0].lower() + name[1:] if is_word else name

    @cached_property
    def _stages(self) -> dict[str, str]:
        return {row.code: row.stage for row in self.content.network.commodities}

    def _named(self, rows: Sequence[Chosen]) -> str:
        names = [project_name(self.content, row.project) for row in rows[:MOST_NAMED]]
        return ENGLISH.listed(names)

    def _paragraph(self, *sentences: tuple[str, tuple[str, ...]]) -> str:
        said = [self.page.words(text, references) for text, references in sentences if text]
        return self.page.joined(said)

    # -- the head ------------------------------------------------------------------------

    @cached_property
    def headline(self) -> str:
        """What to do and what it brings, in a sentence without notes."""
        report = self.report
        projects = len({row.project for row in report.portfolio})
        goods = len({row.commodity for row in report.stocked})
        parts = [counted(projects, "project")] if projects else []
        parts += [f"stocks of {counted(goods, 'good')}"] if goods else []
        does = ENGLISH.listed(parts) if parts else "nothing new"
        missed = any(row.missed > MISSED for row in report.targets)
        ends = ""
        if self.content.missed:
            ends = ", and still miss a target" if missed else ", and still leave demand unmet"
        elif report.targets:
            ends = " reach every target"
        if not parts:
            return f"{capitalised(self.who)}: {does} is worth building{ends and ';' + ends}."
        cost = f" for {self._money(self.content.capital)} of building" if projects else ""
        return f"{capitalised(self.who)}: {does}{cost}{ends}."

    def lead(self) -> str:
        """Say when, for how much public money, what stays short, what together is worth."""
        return self._paragraph(
            (self._when(), ("method:plan",)),
            (self._public(), ("method:public",)),
            (self._shortest(), ("method:coverage",)),
            (self._together(), ("method:gain",)),
        )

    def _when(self) -> str:
        rows = self.report.portfolio
        if not rows:
            return ""
        first, last = rows[0].decided, max(row.decided for row in rows)
        early = [row for row in rows if row.decided == first]
        largest = max(rows, key=lambda row: row.capital)
        starts = sorted(row.starts for row in rows)
        decided = f"in {first}"
        if first != last:
            decided = f"between {first} and {last}, {len(early)} of {len(rows)} in the first year"
        return (
            f"Decisions fall {decided}; the largest "
            f"is {project_name(self.content, largest.project)} with "
            f"{self._money(largest.capital)}. The first runs from {starts[0]}, the last from "
            f"{starts[-1]}, if nothing slips."
        )

    def _public(self) -> str:
        rows = self.report.cash
        if not any(row.public for row in rows):
            return "It asks for no public money."
        peak = max(rows, key=lambda row: row.public)
        of = []
        for partner in self.report.model.partners:
            total = sum(row.public for row in rows if row.partner == partner)
            if total:
                of.append(f"{self._money(total)} from {ENGLISH.place_in_sentence(partner)}")
        return (
            f"It asks for {self._money(self.content.public)} of public money over the years, "
            f"{ENGLISH.listed(of)}; most at once in {peak.year}, {self._money(peak.public)} from "
            f"{ENGLISH.place_in_sentence(peak.partner)}."
        )

    def _shortest(self) -> str:
        rows = self.report.shortages
        if not rows:
            return "Nothing stays short on average."
        worst = max(rows, key=lambda row: row.share)
        return (
            f"What stays shortest is {self._good(worst.commodity)} for {ENGLISH.use(worst.use)} "
            f"in {ENGLISH.place_in_sentence(worst.partner)}: in {worst.step} "
            f"{self._percent(worst.share)} of it is missing on average over the draws."
        )

    def _together(self) -> str:
        gain = self.content.findings.gain
        if gain is None:
            return ""
        apart = sum(gain.separate.values())
        share = gain.gain / apart if apart else 0.0
        if gain.low <= 0:
            return (
                "Whether planning together is cheaper than planning apart cannot be told: the "
                f"gain lies between {self._money(gain.low)} and {self._money(gain.high)}."
            )
        return (
            f"Together the partners pay {self._money(gain.gain)} or {self._percent(share)} less "
            "than apart."
        )

    def standing(self) -> str:
        """Say how good the plan is."""
        gap = self.content.plan.solution.gap
        text = _STANDING[self.content.status] % {"gap": self._percent(max(gap, 0.0))}
        draws = self.content.plan.assembly.draws.count
        candidates = len(self.report.model.candidates)
        return self._paragraph(
            (text, ("method:certificate",)),
            (
                f"It was chosen of {counted(candidates, 'candidate')} against "
                f"{counted(draws, 'drawn future', 'drawn futures')}.",
                ("method:plan",),
            ),
        )

    def tiles(self) -> tuple[HeadFigure, ...]:
        """Return the figures that stand at the head."""
        report = self.report
        tiles = [HeadFigure("Cost in resources", self._money(self._cost), ("method:cost",))]
        if report.portfolio:
            tiles.append(
                HeadFigure("Building", self._money(self.content.capital), ("method:portfolio",))
            )
        if report.cash:
            tiles.append(
                HeadFigure("Public money", self._money(self.content.public), ("method:public",))
            )
        gain = self.content.findings.gain
        if gain is not None:
            tiles.append(HeadFigure("Gain of planning together", self._money(gain.gain), _GAIN))
        elif report.model.partners:
            unmet = self._money(report.expected_unmet)
            tiles.append(HeadFigure("Expected unmet demand", unmet, ("method:coverage",)))
        return tuple(tiles)

    @property
    def _cost(self) -> float:
        return sum(self.report.cost_lines.values())

    @staticmethod
    def statement(item: ProgrammeStatement) -> str:
        """Say what the programme states, as a sentence."""
        note = item.note.removeprefix("assumed: ")
        told = f"{capitalised(item.what)}: {item.value} {item.unit}".rstrip()
        return (
            f"{told}, assumed: {note}."
            if item.is_assumed and note
            else (f"{told} ({note})." if note else f"{told}.")
        )

    # -- sections ------------------------------------------------------------------------

    def portfolio(self) -> str:
        """Say what is built and stocked."""
        return self._paragraph(
            (self._by_stage(), ("method:portfolio",)), (self._odds(), ("method:portfolio",))
        )

    def _by_stage(self) -> str:
        by_stage: dict[str, float] = {}
        for row in self.report.portfolio:
            by_stage[row.stage] = by_stage.get(row.stage, 0.0) + row.capital
        if not by_stage:
            return "No candidate is worth building."
        ordered = sorted(by_stage.items(), key=lambda item: -item[1])
        told = [f"{ENGLISH.stage(stage)} ({self._money(cost)})" for stage, cost in ordered]
        return f"Building goes to these stages: {ENGLISH.listed(told)}."

    def _odds(self) -> str:
        rows = self.report.portfolio
        if not rows or all(row.success == 1 for row in rows):
            return ""
        expected = sum(row.success for row in rows)
        doubled = [
            f"{ENGLISH.stage(stage)} ({self._percent(use)} of use)"
            for stage, use, _ in self.report.doubled
        ]
        text = (
            f"Plants fail and slip: of {counted(len(rows), 'project')} about {expected:.0f} are "
            "expected to come."
        )
        if doubled:
            text += (
                " Some capacity stands in several countries at once and mostly idle: "
                f"{ENGLISH.listed(doubled)}."
            )
        return text

    def money(self) -> str:
        """Say what it costs, in both accounts."""
        lines = self.report.cost_lines
        total = self._cost
        largest = sorted(lines.items(), key=lambda item: -item[1])[:MOST_NAMED]
        told = [f"{name} ({self._money(cost)})" for name, cost in largest if cost > 0]
        costs = (
            f"In resources the plan costs {self._money(total)}, discounted; the largest lines are "
            f"{ENGLISH.listed(told)}."
            if told
            else f"In resources the plan costs {self._money(total)}, discounted."
        )
        return self._paragraph(
            (costs, ("method:cost",)),
            ("Public money is another account and is not added to it.", ("method:public",)),
        )

    def coverage(self) -> str:
        """Say how much of demand is served through time."""
        sentences = []
        for partner in dict.fromkeys(row.partner for row in self.report.coverage):
            rows = [row for row in self.report.coverage if row.partner == partner]
            worst = min(rows, key=lambda row: row.mean)
            deep = min(rows, key=lambda row: row.low)
            place = ENGLISH.place_in_sentence(partner)
            sentences.append((self._served(capitalised(place), worst, deep), _COVERAGE))
        return self._paragraph(*sentences)

    def _served(self, place: str, worst: CoverageYear, deep: CoverageYear) -> str:
        if deep.low > WHOLE:
            return f"{place} is served in full in nearly every draw."
        return (
            f"{place} is served least in {worst.step}, {self.write.share(worst.mean)} of demand "
            f"on average; one draw in twenty falls to {self.write.share(deep.low)} or below in "
            f"{deep.step}."
        )

    def targets(self) -> str:
        """Say which targets bind, and which are missed."""
        rows = self.report.targets
        if not rows:
            return self._paragraph(("The programme sets no target.", ("method:programme",)))
        missed = [row for row in rows if row.missed > MISSED]
        dear = [row for row in rows if row.value and row.missed <= MISSED]
        text = "Every target is reached." if not missed else self._missed(missed)
        costly = ""
        if dear:
            most = max(dear, key=lambda row: row.value or 0.0)
            costly = (
                f"The dearest is {_target(most.target)}: a percentage point more would cost "
                f"{self._money((most.value or 0.0) / 100)}."
            )
        return self._paragraph((text, ("method:target",)), (costly, ("method:target",)))

    def _missed(self, rows: Sequence[TargetYear]) -> str:
        worst = max(rows, key=lambda row: row.missed)
        names = dict.fromkeys(row.target for row in rows)
        return (
            f"{capitalised(counted(len(names), 'target'))} cannot be reached by any plan. The "
            f"farthest is {_target(worst.target)} in {worst.step}: "
            f"{self._percent(worst.wanted)} is wanted, {self._percent(worst.reached)} reached."
        )

    def together(self) -> str:
        """Say what planning together is worth, how it divides, and why."""
        gain = self.content.findings.gain
        if gain is None:
            return ""
        alone = [
            f"{ENGLISH.place_in_sentence(partner)} would pay {self._money(cost)}"
            for partner, cost in gain.separate.items()
        ]
        split = [
            f"{self._money(part)} to {ENGLISH.place_in_sentence(partner)}"
            for partner, part in gain.shapley.items()
        ]
        together = gain.cost[frozenset(gain.separate)]
        return self._paragraph(
            (f"Alone, {ENGLISH.listed(alone)}; together {self._money(together)}.", _GAIN),
            (self._together(), _GAIN),
            (f"By the Shapley value {ENGLISH.listed(split)} of it belong.", _GAIN),
            (self._promised(gain), _GAIN),
            (self._because(), ("method:exchange",)),
        )

    def _promised(self, gain: Gain) -> str:
        told = [
            f"{_target(row.target)} at {self._percent(row.reached)} where "
            f"{self._percent(row.wanted)} is wanted"
            for row in gain.promises
        ]
        if not told:
            return ""
        return (
            "What somebody cannot reach alone is compared at what it reaches: "
            f"{ENGLISH.listed(told)}. That all can reach it together is worth more than this gain."
        )

    def _because(self) -> str:
        """Why: what one has and the other uses."""
        rows = self.content.exchanges
        if not rows:
            return (
                "No partner uses much of what another has beyond what they trade today: what is "
                "gained comes from sharing projects and stocks."
            )
        told = "; ".join(self._exchange(row) for row in rows[:MOST_NAMED])
        return f"The reason is what one has and another uses: {told}."

    def _exchange(self, row: PartnerExchange) -> str:
        taker = ENGLISH.place_in_sentence(row.taker)
        giver = ENGLISH.place_in_sentence(row.giver)
        amount = f"{self.write.quantity(row.quantity)} a year of {self._good(row.commodity)}"
        if row.origin == row.giver:
            source = f"made in {giver}"
        else:
            source = f"made in {ENGLISH.place_in_sentence(row.origin)} for {giver}"
        named = [project_name(self.content, name) for name in row.projects[:MOST_NAMED]]
        plants = f" ({ENGLISH.listed(named)})" if named else ""
        return f"{taker} uses {amount} {source}{plants}"

    def joining(self) -> str:
        """Say what third parties add."""
        rows = sorted(self.content.findings.joining or (), key=lambda row: -row.gain)
        if not rows:
            return ""
        clear = [row for row in rows if row.low > 0]
        if not clear:
            text = "For no third party is the gain larger than what the searches leave open."
        else:
            told = [
                f"{ENGLISH.place_in_sentence(row.country)} ({self._money(row.gain)})"
                for row in clear
            ]
            text = f"Most would be added by {ENGLISH.listed(told)}."
        return self._paragraph((text, ("method:joining",)))

    def bottlenecks(self) -> str:
        """Say which stages hold the plan back, and what announced plants lack."""
        return self._paragraph(
            (self._pressed(), ("method:bottleneck",)), (self._lacking(), ("method:feed",))
        )

    def _pressed(self) -> str:
        rows = [row for row in self.report.pressures if row.value > 0][:MOST_NAMED]
        if not rows:
            return "No stage holds the plan back."
        told = [
            f"{ENGLISH.stage(row.stage)} in {ENGLISH.place_in_sentence(row.region)}" for row in rows
        ]
        return f"One more unit of capacity would help most in {ENGLISH.listed(told)}."

    def _lacking(self) -> str:
        rows = self.content.feeds
        if not rows:
            return ""
        lacking = [row for row in rows if row.announced + row.today < row.needed][:MOST_NAMED]
        paper = sorted(
            (row for row in rows if row.announced >= row.needed),
            key=lambda row: row.today / row.needed,
        )[:MOST_NAMED]
        text = ""
        if lacking:
            text = (
                "The plants that are announced need more than is announced or made today: down "
                f"the chain they would take {ENGLISH.listed([*map(self._announced, lacking)])}."
            )
        if paper:
            text += (
                " Other goods exist on paper only, in plants that are announced: they would take "
                f"{ENGLISH.listed([*map(self._announced, paper)])}."
            )
        return text.strip()

    def _announced(self, row: FeedNeed) -> str:
        style = self.write.quantity
        made = style(row.announced) if row.announced else "nothing"
        return (
            f"{style(row.needed)} a year of {self._good(row.commodity)} ({made} announced, "
            f"{style(row.today)} made today)"
        )

    def frontier(self) -> str:
        """Say what money for building buys."""
        points = sorted(self.content.findings.frontier or (), key=lambda point: point.capital)
        if len(points) < 2:
            return ""
        least, most = points[0], points[-1]
        return self._paragraph(
            (
                f"With {self._money(least.capital)} of building {self._money(least.unmet)} of "
                f"demand stays unmet; with {self._money(most.capital)} it is "
                f"{self._money(most.unmet)}.",
                ("method:frontier",),
            )
        )

    def worths(self) -> str:
        """Say which project the plan would miss most."""
        rows = self.content.findings.worths or ()
        if not rows:
            return ""
        best = max(rows, key=lambda row: row.worth)
        idle = [row for row in rows if row.low <= 0]
        text = (
            f"The plan would miss {project_name(self.content, best.project)} most: without it it "
            f"costs {self._money(best.worth)} more."
        )
        if idle:
            text += (
                f" For {counted(len(idle), 'project')} the searches leave open whether another "
                "choice would do as well."
            )
        return self._paragraph((text, ("method:worth",)))

    def information(self) -> str:
        """Say what knowing more would be worth."""
        found = self.content.findings.information
        if found is None:
            return ""
        text = f"Knowing the future would be worth at most {self._money(found.evpi)}."
        if found.vss is not None:
            text += (
                f" Reckoning with many futures and not with their mean saves "
                f"{self._money(found.vss)}."
            )
        return self._paragraph((text, ("method:information",)))

    def replay(self) -> str:
        """Say what the market does to the plan."""
        found = self.content.findings.replay
        if not isinstance(found, Replay) or not found.shocks:
            return ""
        return self._paragraph(
            (
                f"The programme's shocks strike {found.year} in the monthly market, plants at the "
                f"capacity that is {found.delivery}.",
                ("method:replay",),
            ),
            *((text, ("method:replay",)) for text in self._fares(found)),
        )

    @staticmethod
    def _fares(found: Replay) -> Iterable[str]:
        pairs = [
            (before, after)
            for shock in found.shocks
            for before, after in zip(shock.before.partners, shock.after.partners, strict=True)
        ]
        better = sum(_later(after.months_to_shortage, before.months_to_shortage)
                     for before, after in pairs)  # fmt: skip
        worse = sum(_later(before.months_to_shortage, after.months_to_shortage)
                    for before, after in pairs)  # fmt: skip
        yield (
            f"In {counted(len(pairs), 'case')} of a shock and a partner the first shortage comes "
            f"later, or not at all, in {better}, and earlier in {worse}."
        )
        for remark in found.remarks:
            yield f"{capitalised(remark)}."

    def key(self) -> str:
        """Say how notes and grades are to be read."""
        return self.page.say(
            "Every figure leads to a note: M how it was computed, S a published source, A an "
            "assumption. Grades: A official, B trade press or law, C weak, D derived here, E "
            "assumed."
        )

    def limits(self) -> tuple[str, ...]:
        """Say what this cannot tell."""
        programme, is_whole = self.content.programme, self.content.prepared.is_whole
        told = [
            "Candidates are what announcements, estimates or the programme's files say of them."
        ]
        if self.content.capitals:
            told.append(
                "Most capital costs are estimated from few plants; odds and delays are priors."
            )
        if programme.shocks:
            told.append("Odds of shocks are assumed. Nobody knows them.")
        if self.content.findings.replay is None:
            told.append("The plan sees no prices, and it was not replayed in the market.")
        else:
            told.append(
                "The plan sees no prices. The replay in the market does, for the shocks it tries."
            )
        if not is_whole:
            told.append(
                "Partners can buy abroad what they buy today, grown. Whether others would outbid "
                "them is taken from the market's answer to each shock."
            )
        if self.content.findings.gain is not None:
            told.append(
                "What planning together is worth counts resource cost alone, not trust, jobs or "
                "power."
            )
        return tuple(told)


_GAIN = ("method:gain",)
_COVERAGE = ("method:coverage",)


def _target(name: str) -> str:
    """Return a target as in a sentence: its name and whose it is."""
    aim, _, partner = name.rpartition(" ")
    return f"“{aim}” for {ENGLISH.place_in_sentence(partner)}"


def _later(first: int | None, second: int | None) -> bool:
    """Whether one shortage comes later than another; None never comes."""
    never = 10**6
    return (never if first is None else first) > (never if second is None else second)
