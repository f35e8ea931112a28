"""What the sentences of a briefing are about: who is hit first, how hard, at which price."""

from dataclasses import dataclass
from functools import cached_property

from monazite.briefing.content import BriefingData, commodity_name
from monazite.briefing.figures import dearest, measure_window
from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.notes import Notes
from monazite.briefing.tables import output_references, peak_price
from monazite.indicators import Band, OutputAtRisk, PriceMultiple, Shortage


@dataclass(frozen=True)
class StoryText:
    """Answers that the templates put into words."""

    data: BriefingData
    notes: Notes
    language: Language = ENGLISH

    @cached_property
    def short(self) -> tuple[Shortage, ...]:
        """Uses that run short, the earliest first."""
        return tuple(row for row in self.data.shortages if row.first_month.median is not None)

    @property
    def first(self) -> Shortage | None:
        """The use that runs short first; None where none does."""
        return self.short[0] if self.short else None

    @cached_property
    def together(self) -> tuple[str, ...]:
        """Other uses and places that run short in the same month as the first."""
        if self.first is None:
            return ()
        month, own = self.first.first_month.median, (self.first.region, self.first.use)
        found = dict.fromkeys(
            (row.region, row.use) for row in self.short if row.first_month.median == month
        )
        return tuple(self.who(*pair) for pair in found if pair != own)

    @cached_property
    def deepest(self) -> Shortage | None:
        """The use of which the largest part stops."""
        return max(self.short, key=lambda row: row.depth.median or 0.0, default=None)

    @property
    def short_uses(self) -> int:
        """How many uses run short, counted by region."""
        return len({(row.region, row.use) for row in self.short})

    @property
    def short_regions(self) -> int:
        """In how many regions a use runs short."""
        return len({row.region for row in self.short})

    @cached_property
    def months_after(self) -> int | None:
        """Months from the first measure in force to the first shortage; None without either."""
        window = measure_window(self.data)
        if self.first is None or window is None or self.first.first_month.median is None:
            return None
        return self.data.trajectory.months.index(self.first.first_month.median) - window[0]

    @cached_property
    def peak(self) -> PriceMultiple | None:
        """The dearest good outside, in its dearest month; None where nothing is dearer."""
        goods = dearest(self.data)
        return peak_price(self.data, goods[0], "outside") if goods else None

    @cached_property
    def inside(self) -> PriceMultiple | None:
        """The same good inside the border, in the same month."""
        peak = self.peak
        if peak is None or not self.data.scenario.controlling:
            return None
        same = (peak.commodity, "inside", peak.month)
        rows = (r for r in self.data.prices if (r.commodity, r.side, r.month) == same)
        return next(rows, None)

    @property
    def has_price_rise(self) -> bool:
        """Whether any price outside rises by more than a fiftieth."""
        peak = self.peak
        return peak is not None and (peak.marginal.median or 0.0) > 1.02

    @property
    def has_price_fall(self) -> bool:
        """Whether the same good becomes cheaper inside."""
        inside = self.inside
        return inside is not None and 0.0 < (inside.marginal.median or 1.0) < 0.98

    @property
    def has_contract_gap(self) -> bool:
        """Whether buyers pay clearly less on average than the spot price of the same good."""
        peak = self.peak
        if peak is None or peak.marginal.median is None or peak.average.median is None:
            return False
        return peak.average.median < 0.9 * peak.marginal.median

    @property
    def costliest(self) -> OutputAtRisk | None:
        """The use with the most output at risk; None where nothing of value stops."""
        found = self.data.output[0] if self.data.output else None
        return found if found is not None and (found.value.median or 0.0) > 0 else None

    @property
    def output(self) -> Band:
        """Value of output at risk, all uses [kUSD]."""
        return self.data.total_output

    # References

    def of_shortage(self, row: Shortage) -> tuple[str, ...]:
        """Return what a figure about a shortage rests on."""
        return ("method:shortage", *self.notes.of_use(row.region, row.use, row.commodity))

    def of_price(self, row: PriceMultiple) -> tuple[str, ...]:
        """Return what a price multiple rests on."""
        return ("method:price", *self.notes.of_price(row.commodity))

    @property
    def of_output(self) -> tuple[str, ...]:
        """What the value of output rests on."""
        return output_references(self.data.output)

    def of_value(self, row: OutputAtRisk) -> tuple[str, ...]:
        """Return what the value of one use's output rests on."""
        return output_references((row,))

    # Words

    def who(self, region: str, use: str) -> str:
        """Return a use in a place: ``electric vehicles in the United States``."""
        place, name = self.language.place_in_sentence(region), self.language.use(use)
        return self.language.gettext("%(use)s in %(place)s", use=name, place=place)

    def good(self, code: str) -> str:
        """Return the name of a commodity as it stands in a sentence: ``terbium oxide``."""
        name = self.language.commodity(commodity_name(self.data.network, code))
        return name if _keeps_capital(name) else name[0].lower() + name[1:]

    @property
    def controllers(self) -> str:
        """Names of the controlling regions in a sentence."""
        return self.language.listed(
            [self.language.place_in_sentence(region) for region in self.data.scenario.controlling]
        )

    @property
    def window(self) -> str:
        """The months of the picture during the shock."""
        first, after = self.data.during
        months = self.data.trajectory.months
        start, end = self.language.month(months[first]), self.language.month(months[after - 1])
        if start == end:
            return start
        return self.language.gettext("%(start)s to %(end)s", start=start, end=end)

    @property
    def together_words(self) -> str:
        """The first few of those that run short together with the first."""
        names = list(self.together[:2])
        if len(self.together) <= len(names):
            return self.language.listed(names)
        comma = self.language.pgettext("between terms", ", ")
        return self.language.gettext("%(names)s and others", names=comma.join(names))

    @property
    def headline(self) -> str:
        """The sentence under the title: who is hit first and when; no figures but the month."""
        first = self.first
        if first is None or first.first_month.median is None:
            return self.language.gettext("No use of any good runs short in the months looked at")
        return self.language.gettext(
            "First to run short: %(who)s, in %(month)s",
            who=self.who(first.region, first.use),
            month=self.language.month(first.first_month.median),
        )


def _keeps_capital(name: str) -> bool:
    """Whether a name begins with a symbol such as ``NdFeB``, which has no small form."""
    return any(letter.isupper() for letter in name.split(maxsplit=1)[0][1:])
