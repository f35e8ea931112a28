"""The sentences of a briefing, the same for every format and language.

Each is a message as a whole, with named places for names and figures, so that a translation
orders its words as its language does. No figure stands here as a digit.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from monazite.briefing.content import BriefingData, MeasureText
from monazite.briefing.page import CitingPage
from monazite.briefing.reading import ReadingText
from monazite.briefing.story import StoryText
from monazite.indicators import Band, PriceMultiple

BAND_SHARE = 0.8
"""Share of draws that the range beside a figure holds."""


@dataclass(frozen=True)
class Prose:
    """Paragraphs of a page."""

    page: CitingPage
    data: BriefingData
    story: StoryText
    reading: ReadingText | None = None

    def _joined(self, sentences: Iterable[str]) -> str:
        return self.page.joined([text for text in sentences if text])

    def lead(self) -> str:
        """Return what fails first, how hard it is and where most is at risk."""
        first = self.story.first
        if first is None:
            threshold = self.page.value(self.data.threshold, "percent", ("method:setting",))
            return self.page.say(
                "Nowhere does stopped use reach %(threshold)s of demand in a month. What is lost "
                "is paid in prices and saved by choice.",
                threshold=threshold,
            )
        return self._joined(
            (
                self.page.say(
                    "The good that fails first is %(good)s.",
                    good=self.page.name(self.story.good(first.commodity)),
                ),
                self._delay(),
                self._together(),
                self._deepest(),
                self._costliest(),
            )
        )

    def _delay(self) -> str:
        after = self.story.months_after
        if after is None or after < 0:
            return ""
        if after == 0:
            return self.page.say("It fails in the month in which the first measure takes effect.")
        return self.page.say(
            "It fails %(months)s after the first measure takes effect.",
            months=self.page.value(after, "months", ("method:shortage",)),
        )

    def _together(self) -> str:
        if not self.story.together:
            return ""
        who = self.page.name(self.story.together_words)
        return self.page.say("In the same month also: %(who)s.", who=who)

    def _deepest(self) -> str:
        row = self.story.deepest
        if row is None:
            return ""
        return self.page.say(
            "At worst %(share)s of demand stops, for %(who)s.",
            share=self.page.value(row.depth, "percent", self.story.of_shortage(row)),
            who=self.page.name(self.story.who(row.region, row.use)),
        )

    def _costliest(self) -> str:
        row = self.story.costliest
        if row is None:
            return ""
        return self.page.say(
            "Most output is at risk for %(who)s: %(value)s.",
            who=self.page.name(self.story.who(row.region, row.use)),
            value=self.page.value(row.value, "money", self.story.of_value(row)),
        )

    # What happened

    def happened(self) -> str:
        """Return the scenario's own description, in the language in which it is written.

        Where the desk drafted the scenario it says what the events say, in the page's language.
        """
        scenario = self.data.scenario
        if self.reading is not None and self.page.language.code != "en":
            references = self.reading.description_references
            return self.page.words(self.reading.description, references)
        return self.page.foreign(scenario.description, self.page.notes.of_words(scenario.sources))

    def measure(self, item: MeasureText) -> str:
        """Return what a measure does, from when to when, and on whose word."""
        references = self.page.notes.of_words(item.sources)
        parts = [self.page.measure(item, references), self._dates(item)]
        if item.note:
            parts.append(self.page.foreign(self.page.sentence(item.note), references))
        return self._joined(parts)

    def _dates(self, item: MeasureText) -> str:
        start, known = self.page.month(item.start), item.announced
        is_known_before = known is not None and known != item.start
        if item.end and is_known_before:
            return self.page.say(
                "In force from %(start)s and lifted in %(end)s; known since %(known)s.",
                start=start, end=self.page.month(item.end), known=self.page.month(known or ""),
            )  # fmt: skip
        if item.end:
            end = self.page.month(item.end)
            return self.page.say(
                "In force from %(start)s and lifted in %(end)s.", start=start, end=end
            )
        if is_known_before:
            return self.page.say(
                "In force from %(start)s, with no end set; known since %(known)s.",
                start=start, known=self.page.month(known or ""),
            )  # fmt: skip
        return self.page.say("In force from %(start)s, with no end set.", start=start)

    # Who is exposed

    def exposed(self, hidden: int = 0) -> str:
        """Return how many run short and what counts; `hidden`: how many the table leaves out."""
        if self.story.first is None:
            return self.page.say(
                "No use runs short. The charts show how far stocks are drawn down and how much use "
                "is given up all the same."
            )
        return self._joined((self._short(), self._not_counted(), self._hidden(hidden)))

    def _short(self) -> str:
        own = ("method:shortage",)
        regions = self.page.nsay(
            "%(n)s region", "%(n)s regions", self.story.short_regions,
            n=self.page.value(self.story.short_regions, "count", own),
        )  # fmt: skip
        return self.page.nsay(
            "%(n)s use in %(regions)s runs short: in some month at least %(threshold)s of what it "
            "wants at base prices is given up.",
            "%(n)s uses in %(regions)s run short: in some month at least %(threshold)s of what "
            "they want at base prices is given up.",
            self.story.short_uses,
            n=self.page.value(self.story.short_uses, "count", own),
            regions=regions,
            threshold=self.page.value(self.data.threshold, "percent", ("method:setting",)),
        )

    def _not_counted(self) -> str:
        return self.page.say("What buyers save by choice is not counted.")

    def _hidden(self, hidden: int) -> str:
        if hidden <= 0:
            return ""
        return self.page.nsay(
            "The table holds the earliest; %(n)s more stands in the data.",
            "The table holds the earliest; %(n)s more stand in the data.",
            hidden,
            n=self.page.value(hidden, "count", ("method:shortage",)),
        )

    def bands(self) -> str:
        """Return what the figures are: medians with bands, or a single run."""
        if self.data.draws == 1:
            return self.page.say(
                "Figures come from a single run at the central values of the uncertain parameters."
            )
        own = ("method:setting",)
        return self.page.nsay(
            "Figures are medians over %(n)s draw of the uncertain parameters; the range beside "
            "a figure holds %(share)s of them.",
            "Figures are medians over %(n)s draws of the uncertain parameters; the range beside "
            "a figure holds %(share)s of them.",
            self.data.draws,
            n=self.page.value(self.data.draws, "count", own),
            share=self.page.value(BAND_SHARE, "percent", own),
        )

    # Prices

    def prices(self) -> str:
        """Return the largest rise of a price, outside and inside the border."""
        peak = self.story.peak
        rise = (
            (self._rise(peak), self._fall())
            if peak is not None and self.story.has_price_rise
            else (self.page.say("Prices hardly move."),)
        )
        thin = self.page.say(
            "A thin spot market overstates what users pay; both figures are therefore given."
        )
        return self._joined((*rise, thin))

    def _rise(self, peak: PriceMultiple) -> str:
        values = {
            "good": self.page.name(self.story.good(peak.commodity)),
            "month": self.page.month(peak.month),
            "spot": self._multiple(peak.marginal, peak),
            "paid": self._multiple(peak.average, peak),
        }
        if self.data.scenario.controlling:
            values["border"] = self.page.name(self.story.controllers)
            if self.story.has_contract_gap:
                return self.page.say(
                    "The largest rise is that of %(good)s: in %(month)s the spot price outside "
                    "%(border)s stands at %(spot)s its base, while buyers pay %(paid)s on average: "
                    "contracts follow late.",
                    **values,
                )
            return self.page.say(
                "The largest rise is that of %(good)s: in %(month)s the spot price outside "
                "%(border)s stands at %(spot)s its base, while buyers pay %(paid)s on average.",
                **values,
            )
        if self.story.has_contract_gap:
            return self.page.say(
                "The largest rise is that of %(good)s: in %(month)s the spot price stands at "
                "%(spot)s its base, while buyers pay %(paid)s on average: contracts follow late.",
                **values,
            )
        return self.page.say(
            "The largest rise is that of %(good)s: in %(month)s the spot price stands at %(spot)s "
            "its base, while buyers pay %(paid)s on average.",
            **values,
        )

    def _fall(self) -> str:
        inside = self.story.inside
        if inside is None or not self.story.has_price_fall:
            return ""
        return self.page.say(
            "Inside it stands at %(spot)s: what cannot leave is sold at home.",
            spot=self._multiple(inside.marginal, inside),
        )

    def _multiple(self, band: Band, row: PriceMultiple) -> str:
        return self.page.value(band, "multiple", self.story.of_price(row))

    # The chain and the map

    def chain(self) -> str:
        """Return how the pictures of the chain are to be read."""
        window = self.page.name(self.story.window)
        scrap = self.page.say("Scrap that returns to earlier stages is not drawn.")
        if not self.data.elements:
            bands = self.page.say(
                "Bands run from those who make a good to those who work it up or use it, in the "
                "base year and in the worst months of the shock (%(window)s), drawn to the same "
                "scale.",
                window=window,
            )
            return self._joined((bands, scrap))
        bands = self.page.say(
            "Bands run from those who make a good to those who work it up or use it, in the base "
            "year and in the worst months of the shock (%(window)s), drawn to the same scale and "
            "counted in tonnes of the magnet elements contained (%(elements)s).",
            window=window,
            elements=self.page.name(", ".join(self.data.elements)),
        )
        return self._joined((bands, scrap))

    def map(self) -> str:
        """Return how the map is to be read."""
        return self.page.say(
            "Shades show the worst-hit use of each region in %(window)s; arcs show what crosses "
            "borders, pale before and solid during the shock. Flows within a region, and to or "
            "from the rest of the world, are not drawn. Outlines state no position on any border.",
            window=self.page.name(self.story.window),
        )

    # Money and remedies

    def accounts(self) -> str:
        """Return what goes unmade, and what licences, tariffs and subsidies come to."""
        public, own = self.data.public, ("method:account",)
        lines = []
        if self.story.output.median:
            lines.append(
                self.page.say(
                    "Output worth %(value)s goes unmade for want of these goods if nothing takes "
                    "their place; uses without a value per tonne are not in this sum.",
                    value=self.page.value(self.story.output, "money", self.story.of_output),
                )
            )
        if public.permit_revenue.median:
            value = self.page.value(public.permit_revenue, "money", own)
            lines.append(
                self.page.say(
                    "Licences are worth %(value)s to those who are given them.", value=value
                )
            )
        if public.tariff_revenue.median:
            value = self.page.value(public.tariff_revenue, "money", own)
            lines.append(self.page.say("Tariffs bring in %(value)s.", value=value))
        if public.subsidy_cost.median:
            value = self.page.value(public.subsidy_cost, "money", own)
            lines.append(self.page.say("Subsidies cost %(value)s.", value=value))
        return self._joined(lines)

    def remedies(self) -> str:
        """Return how the remedies were tried."""
        if not self.data.remedies:
            return self.page.say("No remedies were tried for this briefing.")
        return self.page.say(
            "Each remedy was added to the same shock by itself and the months were run again. The "
            "first in the list eases the shock most."
        )

    # What it can tell

    def can_tell(self) -> tuple[str, ...]:
        """Return what a briefing can tell."""
        say = self.page.say
        return (
            say("who depends on whom, and which use runs short before which;"),
            say("the direction and the order of magnitude of prices inside and outside a control;"),
            say("which remedy helps more than another, on the same assumptions;"),
            say("what the answer rests on, down to the row of a table."),
        )

    def cannot_tell(self) -> tuple[str, ...]:
        """Return what a briefing cannot tell."""
        say = self.page.say
        lines = (
            say(
                "the level of a price to better than a factor of two or so: leakage, release of "
                "stocks and the timing of substitution decide it, and they are poorly known;"
            ),
            say("what a single firm holds or will do;"),
            say("losses further down the economy: output at risk is not national income;"),
            say("anything that no row of the data knows, such as undeclared stocks."),
        )
        if self.data.draws > 1:
            return lines
        single = say(
            "how sure the figures are: this is a single run at central values, and carries no "
            "bands."
        )
        return (*lines, single)

    def key(self) -> str:
        """Return how notes and grades are to be read."""
        if self.reading is not None:
            return self.page.say(
                "Every figure leads to a note: M how it was computed, S a published source, A an "
                "assumption, P words of a page that was read. Grades: A official, B trade press or "
                "law, C weak, D derived here, E assumed."
            )
        return self.page.say(
            "Every figure leads to a note: M how it was computed, S a published source, A an "
            "assumption. Grades: A official, B trade press or law, C weak, D derived here, E "
            "assumed."
        )

    def paragraphs(self) -> tuple[str, ...]:
        """Return the running text, for counting words."""
        measures = map(self.measure, self.data.scenario.measures)
        return (
            self.story.headline, self.lead(), self.happened(), *measures, self.exposed(),
            self.bands(), self.prices(), self.chain(), self.map(), self.accounts(),
            self.remedies(), *self.can_tell(), *self.cannot_tell(),
        )  # fmt: skip
