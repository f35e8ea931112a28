"""Sentences of the briefing of a plan: what it builds and costs, what stays short, and why.

Every sentence is read off the plan. Figures in it lead to the notes on how they were computed.
"""

import re
from collections.abc import Iterable, Sequence

from monazite.briefing.language import mark
from monazite.briefing.page import CitingPage
from monazite.briefing.plan.content import PlanContent, ProgrammeStatement
from monazite.briefing.plan.exchange import FeedNeed, PartnerExchange
from monazite.briefing.plan.head import GAIN, MISSED, PlanHead, PlanSpeaker
from monazite.briefing.plan.phrases import PhraseTeller
from monazite.briefing.plan.told import capitalised
from monazite.plan.coalition import Gain
from monazite.plan.replay import Replay
from monazite.plan.result import CoverageYear, TargetYear
from monazite.plan.standing import Delivery

MOST_NAMED = 3
"""Things that a sentence names."""
WHOLE = 0.9995
"""Share of demand from which it counts as served in full."""
_STRIKE = {
    Delivery.EXPECTED: mark(
        "The programme's shocks strike %(year)s in the monthly market, plants at the capacity that "
        "is expected."
    ),
    Delivery.ON_SCHEDULE: mark(
        "The programme's shocks strike %(year)s in the monthly market, plants at the capacity that "
        "is on schedule."
    ),
}
REMARKS = (
    mark("replayed against %(n)s shocks only: %(least)s are the least that says much"),
    mark("the floor of %(project)s has no price here and is not paid"),
    mark("supply that contracts promise is not in the market's run"),
)
"""What a replay remarks."""
_COVERAGE = ("method:coverage",)


class PlanProse(PlanSpeaker):
    """The sentences of one plan.

    Parameters
    ----------
    page : CitingPage
        Writes figures so that each cites what it rests on.
    content : PlanContent
        What they say.
    """

    def __init__(self, page: CitingPage, content: PlanContent) -> None:
        super().__init__(page, content)
        self.head = PlanHead(page, content)
        self._phrases = PhraseTeller(page.language, content.goods)

    def _clauses(self, told: Iterable[str]) -> str:
        """Return clauses that hold commas, one behind the other."""
        return self.language.pgettext("between clauses", "; ").join(told)

    # -- what was asked ------------------------------------------------------------------

    def statement(self, item: ProgrammeStatement) -> str:
        """Say what the programme states, as a sentence."""
        note = self.language.english(item.note.removeprefix("assumed: "))
        values = {
            "what": capitalised(self._phrases.told(item.what)),
            "value": self._phrases.told(item.value),
        }
        if item.unit.message:
            values["value"] = self.language.pgettext(
                "figure and unit", "%(value)s %(unit)s",
                value=values["value"], unit=self._phrases.told(item.unit),
            )  # fmt: skip
        if not note:
            return self.say("%(what)s: %(value)s.", **values)
        if item.is_assumed:
            return self.say("%(what)s: %(value)s, assumed: %(note)s.", note=note, **values)
        return self.say("%(what)s: %(value)s (%(note)s).", note=note, **values)

    # -- what is built, and what it costs ------------------------------------------------

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
            return self.say("No candidate is worth building.")
        ordered = sorted(by_stage.items(), key=lambda item: -item[1])
        told = [self._with_sum(self.language.stage(stage), cost) for stage, cost in ordered]
        return self.say(
            "Building goes to these stages: %(stages)s.", stages=self.language.listed(told)
        )

    def _with_sum(self, name: str, money: float) -> str:
        return self.say("%(name)s (%(money)s)", name=name, money=self._money(money))

    def _odds(self) -> str:
        rows = self.report.portfolio
        if not rows or all(row.success == 1 for row in rows):
            return ""
        expected = sum(row.success for row in rows)
        fail = self.nsay(
            "Plants fail and slip: of %(n)s project about %(expected)s are expected to come.",
            "Plants fail and slip: of %(n)s projects about %(expected)s are expected to come.",
            len(rows),
            n=self.tell.number(len(rows)),
            expected=self.language.decimal(expected),
        )
        return self.page.gap.join((fail, *self._idle()))

    def _idle(self) -> Iterable[str]:
        doubled = [
            self.say(
                "%(stage)s (%(share)s of use)",
                stage=self.language.stage(stage), share=self._percent(use),
            )
            for stage, use, _ in self.report.doubled
        ]  # fmt: skip
        if doubled:
            yield self.say(
                "Some capacity stands in several countries at once and mostly idle: %(stages)s.",
                stages=self.language.listed(doubled),
            )

    def money(self) -> str:
        """Say what it costs, in both accounts."""
        public = self.say("Public money is another account and is not added to it.")
        return self._paragraph((self._costs(), ("method:cost",)), (public, ("method:public",)))

    def _costs(self) -> str:
        lines = self.report.cost_lines
        total = self._money(sum(lines.values()))
        largest = sorted(lines.items(), key=lambda item: -item[1])[:MOST_NAMED]
        told = [
            self._with_sum(self.language.cost_line(name), cost)
            for name, cost in largest
            if cost > 0
        ]
        if not told:
            return self.say("In resources the plan costs %(total)s, discounted.", total=total)
        return self.say(
            "In resources the plan costs %(total)s, discounted; the largest lines are %(lines)s.",
            total=total,
            lines=self.language.listed(told),
        )

    # -- who is served -------------------------------------------------------------------

    def coverage(self) -> str:
        """Say how much of demand is served through time."""
        sentences = []
        for partner in dict.fromkeys(row.partner for row in self.report.coverage):
            rows = [row for row in self.report.coverage if row.partner == partner]
            worst = min(rows, key=lambda row: row.mean)
            deep = min(rows, key=lambda row: row.low)
            place = capitalised(self._place(partner))
            sentences.append((self._served(place, worst, deep), _COVERAGE))
        return self._paragraph(*sentences)

    def _served(self, place: str, worst: CoverageYear, deep: CoverageYear) -> str:
        if deep.low > WHOLE:
            return self.say("%(place)s is served in full in nearly every draw.", place=place)
        return self.say(
            "%(place)s is served least in %(worst)s, %(mean)s of demand on average; one draw in "
            "twenty falls to %(low)s or below in %(deep)s.",
            place=place,
            worst=self.write.step(worst.step),
            mean=self.write.share(worst.mean),
            low=self.write.share(deep.low),
            deep=self.write.step(deep.step),
        )

    def targets(self) -> str:
        """Say which targets bind, and which are missed."""
        rows = self.report.targets
        if not rows:
            none = self.say("The programme sets no target.")
            return self._paragraph((none, ("method:programme",)))
        missed = [row for row in rows if row.missed > MISSED]
        text = self._missed(missed) if missed else self.say("Every target is reached.")
        return self._paragraph((text, ("method:target",)), (self._dearest(), ("method:target",)))

    def _dearest(self) -> str:
        dear = [row for row in self.report.targets if row.value and row.missed <= MISSED]
        if not dear:
            return ""
        most = max(dear, key=lambda row: row.value or 0.0)
        return self.say(
            "The dearest is %(target)s: a percentage point more would cost %(money)s.",
            target=self.tell.target(most.target),
            money=self._money((most.value or 0.0) / 100),
        )

    def _missed(self, rows: Sequence[TargetYear]) -> str:
        worst = max(rows, key=lambda row: row.missed)
        count = len(dict.fromkeys(row.target for row in rows))
        return self.nsay(
            "%(n)s target cannot be reached by any plan. The farthest is %(target)s in %(step)s: "
            "%(wanted)s is wanted, %(reached)s reached.",
            "%(n)s targets cannot be reached by any plan. The farthest is %(target)s in %(step)s: "
            "%(wanted)s is wanted, %(reached)s reached.",
            count,
            n=capitalised(self.tell.number(count)),
            target=self.tell.target(worst.target),
            step=self.write.step(worst.step),
            wanted=self._percent(worst.wanted),
            reached=self._percent(worst.reached),
        )

    # -- together ------------------------------------------------------------------------

    def together(self) -> str:
        """Say what planning together is worth, how it divides, and why."""
        gain = self.content.findings.gain
        if gain is None:
            return ""
        return self._paragraph(
            (self._alone(gain), GAIN),
            (self._together(), GAIN),
            (self._divided(gain), GAIN),
            (self._promised(gain), GAIN),
            (self._because(), ("method:exchange",)),
        )

    def _alone(self, gain: Gain) -> str:
        alone = [
            self.say(
                "%(place)s would pay %(money)s", place=self._place(code), money=self._money(cost)
            )
            for code, cost in gain.separate.items()
        ]
        return self.say(
            "Alone, %(partners)s; together %(money)s.",
            partners=self.language.listed(alone),
            money=self._money(gain.cost[frozenset(gain.separate)]),
        )

    def _divided(self, gain: Gain) -> str:
        split = [
            self.say("%(money)s to %(place)s", money=self._money(part), place=self._place(code))
            for code, part in gain.shapley.items()
        ]
        return self.say(
            "By the Shapley value %(parts)s of it belong.", parts=self.language.listed(split)
        )

    def _promised(self, gain: Gain) -> str:
        told = [
            self.say(
                "%(target)s at %(reached)s where %(wanted)s is wanted",
                target=self.tell.target(row.target),
                reached=self._percent(row.reached),
                wanted=self._percent(row.wanted),
            )
            for row in gain.promises
        ]
        if not told:
            return ""
        return self.say(
            "What somebody cannot reach alone is compared at what it reaches: %(targets)s. That "
            "all can reach it together is worth more than this gain.",
            targets=self.language.listed(told),
        )

    def _because(self) -> str:
        """Why: what one has and the other uses."""
        rows = self.content.exchanges
        if not rows:
            return self.say(
                "No partner uses much of what another has beyond what they trade today: what is "
                "gained comes from sharing projects and stocks."
            )
        return self.say(
            "The reason is what one has and another uses: %(exchanges)s.",
            exchanges=self._clauses(map(self._exchange, rows[:MOST_NAMED])),
        )

    def _exchange(self, row: PartnerExchange) -> str:
        values = {
            "taker": self._place(row.taker),
            "giver": self._place(row.giver),
            "amount": self.write.quantity(row.quantity),
            "good": self.tell.good_in_sentence(row.commodity),
        }
        if row.origin == row.giver:
            told = self.say(
                "%(taker)s uses %(amount)s a year of %(good)s made in %(giver)s", **values
            )
        else:
            told = self.say(
                "%(taker)s uses %(amount)s a year of %(good)s made in %(origin)s for %(giver)s",
                origin=self._place(row.origin), **values,
            )  # fmt: skip
        if not row.projects:
            return told
        plants = self.tell.projects(row.projects[:MOST_NAMED])
        return self.say("%(exchange)s (%(plants)s)", exchange=told, plants=plants)

    def joining(self) -> str:
        """Say what third parties add."""
        rows = sorted(self.content.findings.joining or (), key=lambda row: -row.gain)
        if not rows:
            return ""
        clear = [self._with_sum(self._place(row.country), row.gain) for row in rows if row.low > 0]
        if clear:
            text = self.say(
                "Most would be added by %(places)s.", places=self.language.listed(clear)
            )
        else:
            text = self.say(
                "For no third party is the gain larger than what the searches leave open."
            )
        return self._paragraph((text, ("method:joining",)))

    # -- what holds it back --------------------------------------------------------------

    def bottlenecks(self) -> str:
        """Say which stages hold the plan back, and what announced plants lack."""
        lacking = self.page.gap.join(self._lacking())
        return self._paragraph(
            (self._pressed(), ("method:bottleneck",)), (lacking, ("method:feed",))
        )

    def _pressed(self) -> str:
        rows = [row for row in self.report.pressures if row.value > 0][:MOST_NAMED]
        if not rows:
            return self.say("No stage holds the plan back.")
        told = [
            self.say(
                "%(stage)s in %(place)s",
                stage=self.language.stage(row.stage), place=self._place(row.region),
            )
            for row in rows
        ]  # fmt: skip
        return self.say(
            "One more unit of capacity would help most in %(stages)s.",
            stages=self.language.listed(told),
        )

    def _lacking(self) -> Iterable[str]:
        rows = self.content.feeds
        lacking = [row for row in rows if row.announced + row.today < row.needed][:MOST_NAMED]
        paper = sorted(
            (row for row in rows if row.announced >= row.needed),
            key=lambda row: row.today / row.needed,
        )[:MOST_NAMED]
        if lacking:
            yield self.say(
                "The plants that are announced need more than is announced or made today: down the "
                "chain they would take %(goods)s.",
                goods=self.language.listed([*map(self._announced, lacking)]),
            )
        if paper:
            yield self.say(
                "Other goods exist on paper only, in plants that are announced: they would take "
                "%(goods)s.",
                goods=self.language.listed([*map(self._announced, paper)]),
            )

    def _announced(self, row: FeedNeed) -> str:
        style = self.write.quantity
        values = {
            "needed": style(row.needed),
            "good": self.tell.good_in_sentence(row.commodity),
            "today": style(row.today),
        }
        if not row.announced:
            return self.say(
                "%(needed)s a year of %(good)s (nothing announced, %(today)s made today)", **values
            )
        return self.say(
            "%(needed)s a year of %(good)s (%(announced)s announced, %(today)s made today)",
            announced=style(row.announced), **values,
        )  # fmt: skip

    # -- what money and knowing buy ------------------------------------------------------

    def frontier(self) -> str:
        """Say what money for building buys."""
        points = sorted(self.content.findings.frontier or (), key=lambda point: point.capital)
        if len(points) < 2:
            return ""
        least, most = points[0], points[-1]
        text = self.say(
            "With %(least)s of building %(unmet)s of demand stays unmet; with %(most)s it is "
            "%(left)s.",
            least=self._money(least.capital),
            unmet=self._money(least.unmet),
            most=self._money(most.capital),
            left=self._money(most.unmet),
        )
        return self._paragraph((text, ("method:frontier",)))

    def worths(self) -> str:
        """Say which project the plan would miss most."""
        rows = self.content.findings.worths or ()
        if not rows:
            return ""
        best = max(rows, key=lambda row: row.worth)
        idle = sum(row.low <= 0 for row in rows)
        told = [
            self.say(
                "The plan would miss %(project)s most: without it it costs %(money)s more.",
                project=self.tell.project(best.project), money=self._money(best.worth),
            )
        ]  # fmt: skip
        if idle:
            told.append(
                self.nsay(
                    "For %(n)s project the searches leave open whether another choice would do as "
                    "well.",
                    "For %(n)s projects the searches leave open whether another choice would do as "
                    "well.",
                    idle,
                    n=self.tell.number(idle),
                )
            )
        return self._paragraph((self.page.gap.join(told), ("method:worth",)))

    def information(self) -> str:
        """Say what knowing more would be worth."""
        found = self.content.findings.information
        if found is None:
            return ""
        told = [
            self.say(
                "Knowing the future would be worth at most %(money)s.",
                money=self._money(found.evpi),
            )
        ]
        if found.vss is not None:
            told.append(
                self.say(
                    "Reckoning with many futures and not with their mean saves %(money)s.",
                    money=self._money(found.vss),
                )
            )
        return self._paragraph((self.page.gap.join(told), ("method:information",)))

    # -- in the market -------------------------------------------------------------------

    def replay(self) -> str:
        """Say what the market does to the plan."""
        found = self.content.findings.replay
        if not isinstance(found, Replay) or not found.shocks:
            return ""
        told = (
            self.say(_STRIKE[found.delivery], year=found.year),
            self._fares(found),
            *map(self._remark, found.remarks),
        )
        return self._paragraph(*((text, ("method:replay",)) for text in told))

    def _fares(self, found: Replay) -> str:
        pairs = [
            (before.months_to_shortage, after.months_to_shortage)
            for shock in found.shocks
            for before, after in zip(shock.before.partners, shock.after.partners, strict=True)
        ]
        return self.nsay(
            "In %(n)s case of a shock and a partner the first shortage comes later, or not at all, "
            "in %(better)s, and earlier in %(worse)s.",
            "In %(n)s cases of a shock and a partner the first shortage comes later, or not at "
            "all, in %(better)s, and earlier in %(worse)s.",
            len(pairs),
            n=self.tell.number(len(pairs)),
            better=sum(_later(after, before) for before, after in pairs),
            worse=sum(_later(before, after) for before, after in pairs),
        )

    def _remark(self, text: str) -> str:
        """Return a remark of a replay as a sentence; one that nobody translated stays English."""
        for message in REMARKS:
            found = _pattern(message).fullmatch(text)
            if found:
                values = found.groupdict()
                if "project" in values:
                    values["project"] = self.language.english(values["project"])
                told = capitalised(self.language.gettext(message, **values))
                return self.say("%(text)s.", text=told)
        return self.language.english(f"{capitalised(text)}.")

    # -- how to read it ------------------------------------------------------------------

    def key(self) -> str:
        """Say how notes and grades are to be read."""
        return self.page.say(
            "Every figure leads to a note: M how it was computed, S a published source, A an "
            "assumption. Grades: A official, B trade press or law, C weak, D derived here, E "
            "assumed."
        )

    def limits(self) -> tuple[str, ...]:
        """Say what this cannot tell."""
        content, say = self.content, self.say
        told = [
            say(
                "Candidates are what announcements, estimates or the programme's files say of them."
            )
        ]
        if content.capitals:
            told.append(
                say("Most capital costs are estimated from few plants; odds and delays are priors.")
            )
        if content.programme.shocks:
            told.append(say("Odds of shocks are assumed. Nobody knows them."))
        if content.findings.replay is None:
            told.append(say("The plan sees no prices, and it was not replayed in the market."))
        else:
            told.append(
                say(
                    "The plan sees no prices. The replay in the market does, for the shocks it "
                    "tries."
                )
            )
        return (*told, *self._limits_of_partners())

    def _limits_of_partners(self) -> Iterable[str]:
        if not self.content.prepared.is_whole:
            yield self.say(
                "Partners can buy abroad what they buy today, grown. Whether others would outbid "
                "them is taken from the market's answer to each shock."
            )
        if self.content.findings.gain is not None:
            yield self.say(
                "What planning together is worth counts resource cost alone, not trust, jobs or "
                "power."
            )


def _pattern(message: str) -> re.Pattern[str]:
    """Return what fits a message whose places are filled."""
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(message)))


def _later(first: int | None, second: int | None) -> bool:
    """Whether one shortage comes later than another; None never comes."""
    never = 10**6
    return (never if first is None else first) > (never if second is None else second)
