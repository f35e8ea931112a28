"""Tables of the briefing of a plan."""

from collections.abc import Callable, Sequence

from monazite.briefing.content import commodity_name
from monazite.briefing.language import ENGLISH
from monazite.briefing.numbers import NOTHING
from monazite.briefing.plan.content import PlanContent
from monazite.briefing.plan.page import PlanWriting
from monazite.briefing.plan.told import package_in_words, project_name
from monazite.briefing.tables import Cell, Column, PageTable
from monazite.plan.replay import Fare, MarketRun, PriceQuote, Replay, ShockReplay
from monazite.plan.result import StagePressure, TargetYear

MOST_ROWS = 12
"""Rows of a table that explains; the rest stands in the data."""
MISSED = 1e-6
"""Smaller shares are round-off."""


def _labels(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, holds_numbers=False) for title in titles)


def _figures(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title) for title in titles)


class PlanTables:
    """The tables of one plan.

    Parameters
    ----------
    content : PlanContent
        What they say.
    """

    def __init__(self, content: PlanContent) -> None:
        self.content, self.report = content, content.report
        self.write = PlanWriting.of(content)

    def all(self) -> dict[str, PageTable]:
        """Return every table by name; those of what was not worked out have no rows."""
        return {
            table.name: table
            for table in (
                self.portfolio(),
                self.stock(),
                self.cash(),
                self.coverage(),
                self.shortages(),
                self.targets(),
                self.missed(),
                self.costs(),
                self.stages(),
                self.feeds(),
                self.gain(),
                self.exchange(),
                self.joining(),
                self.worths(),
                self.frontier(),
                self.replay(),
                self.prices(),
                self.certificate(),
            )
        }

    # -- cells ---------------------------------------------------------------------------

    def _number(self, value: float | None, style: str, *references: str, detail: str = "") -> Cell:
        return Cell(self.write.style(style)(value), references, detail)

    def _good(self, code: str) -> str:
        return commodity_name(self.content.network, code)

    # -- what to do ----------------------------------------------------------------------

    def portfolio(self) -> PageTable:
        """Return what is built."""
        rows = []
        for row in self.report.portfolio:
            own = self.content.references_of(row.project)
            built = ("method:portfolio", *own)
            stage = ENGLISH.stage(row.stage)
            rows.append(
                (
                    Cell(
                        project_name(self.content, row.project),
                        detail=f"{stage}, {ENGLISH.place(row.region)}",
                    ),
                    self._number(row.decided, "year", *built),
                    self._number(row.starts, "year", *built),
                    Cell(_payer(row.partner)),
                    Cell(package_in_words(row.package)),
                    self._number(row.capital, "money", *built),
                    self._number(row.public_cost, "money", "method:public", *own),
                    self._number(row.success, "percent", "method:portfolio"),
                    self._number(row.use, "percent", "method:portfolio"),
                )
            )
        return PageTable(
            "portfolio",
            "What is built",
            (
                *_labels("Project"),
                *_figures("Decided", "Runs from"),
                *_labels("Paid by", "Package"),
                *_figures("Capital cost", "Public money", "Odds that it comes", "Use at the end"),
            ),
            tuple(rows),
        )

    def stock(self) -> PageTable:
        """Return what is bought for stock."""
        rows = tuple(
            (
                Cell(self._good(row.commodity), detail=ENGLISH.place(row.partner)),
                self._number(row.year, "year", "method:stock"),
                self._number(row.quantity, "quantity", "method:stock"),
            )
            for row in sorted(self.report.stocked, key=lambda row: (row.year, row.commodity))
        )
        return PageTable(
            "stock",
            "What is bought for stock",
            (*_labels("Good"), *_figures("Year", "Quantity")),
            rows,
        )

    def cash(self) -> PageTable:
        """Return public money by partner and year."""
        given = enumerate(self.content.programme.budgets, start=1)
        budget = {row.partner: f"budget-{number}" for number, row in given}
        rows = tuple(
            (
                Cell(f"{ENGLISH.place(row.partner)}, {row.year}"),
                self._number(row.public, "money", "method:public"),
                self._number(row.tail, "money", "method:public"),
                self._number(
                    row.budget,
                    "money",
                    *self.content.references_for(budget.get(row.partner, "")),
                ),
            )
            for row in self.report.cash
        )
        return PageTable(
            "cash",
            "Public money by partner and year",
            (*_labels("Partner and year"), *_figures("Expected", "Worst twentieth", "Budget")),
            rows,
        )

    # -- what it does --------------------------------------------------------------------

    def coverage(self) -> PageTable:
        """Return coverage by partner and step."""
        percent = self.write.share
        rows = tuple(
            (
                Cell(f"{ENGLISH.place(row.partner)}, {row.step}"),
                Cell(
                    percent(row.mean),
                    ("method:coverage",),
                    f"{percent(row.low)} to {percent(row.high)}",
                ),
                self._number(row.unmet, "money", "method:coverage"),
            )
            for row in self.report.coverage
        )
        return PageTable(
            "coverage",
            "Demand that is served",
            (*_labels("Partner and year"), *_figures("Served", "Cost of going without")),
            rows,
        )

    def shortages(self) -> PageTable:
        """Return the largest shares that stay short."""
        worst = sorted(self.report.shortages, key=lambda row: -row.share)[:MOST_ROWS]
        style = self.write.quantity
        rows = tuple(
            (
                Cell(
                    f"{ENGLISH.place(row.partner)}: {ENGLISH.use(row.use)}, {row.step}",
                    detail=self._good(row.commodity),
                ),
                self._number(row.share, "percent", "method:coverage"),
                Cell(
                    style(row.quantity),
                    ("method:coverage",),
                    f"{style(row.low)} to {style(row.high)}",
                ),
            )
            for row in worst
        )
        return PageTable(
            "shortages",
            "What stays short, the largest shares first",
            (*_labels("Use and year"), *_figures("Short on average", "Quantity")),
            rows,
        )

    def targets(self) -> PageTable:
        """Return how every target fares, and what a point more would cost."""
        names = dict.fromkeys(row.target for row in self.report.targets)
        rows = tuple(self._target([r for r in self.report.targets if r.target == n]) for n in names)
        return PageTable(
            "targets",
            "Targets and what one percentage point more would cost",
            (
                *_labels("Target"),
                *_figures("Wanted", "Least reached", "Missed by", "A point more costs"),
            ),
            rows,
        )

    def _target(self, years: Sequence[TargetYear]) -> tuple[Cell, ...]:
        worst = min(years, key=lambda row: row.reached - row.wanted)
        missed = max(row.missed for row in years)
        name, _, partner = worst.target.rpartition(" ")
        value = None if worst.value is None else worst.value / 100.0
        return (
            Cell(
                f"{name}: {ENGLISH.place(partner)}", detail=f"{years[0].step} to {years[-1].step}"
            ),
            self._number(worst.wanted, "share", "method:programme"),
            self._number(worst.reached, "share", "method:target", detail=f"in {worst.step}"),
            self._number(missed if missed > MISSED else 0.0, "share", "method:target"),
            self._number(value, "money", "method:target"),
        )

    def missed(self) -> PageTable:
        """Return what cannot be reached."""
        rows = tuple(
            (
                Cell(f"{row['what']}, {row['step']}"),
                self._number(row["wanted"], "share", "method:programme"),
                self._number(row["reached"], "share", "method:target"),
                self._number(row["missed"], "share", "method:target"),
            )
            for row in self.content.missed[:MOST_ROWS]
        )
        return PageTable(
            "missed",
            "What no plan reaches",
            (*_labels("Target or demand"), *_figures("Wanted", "Reached", "Missed by")),
            rows,
        )

    # -- what it costs -------------------------------------------------------------------

    def costs(self) -> PageTable:
        """Return the lines that the objective is the sum of."""
        lines = [(name, cost) for name, cost in self.report.cost_lines.items() if cost]
        total = sum(cost for _, cost in lines)
        rows = tuple(
            (Cell(name[:1].upper() + name[1:]), self._number(cost, "money", "method:cost"))
            for name, cost in (*lines, ("together: the objective", total))
        )
        return PageTable(
            "costs",
            "Resource cost, discounted",
            (*_labels("Line"), *_figures("Cost")),
            rows,
        )

    def stages(self) -> PageTable:
        """Return what holds the plan back, by stage and region."""
        rows = tuple(self._stage(row) for row in self.report.pressures if row.value > 0)
        return PageTable(
            "stages",
            "Stages that hold the plan back, the dearest first",
            (
                *_labels("Stage and place"),
                *_figures("Worth of one unit more", "On offer", "Built", "Use"),
            ),
            rows[:MOST_ROWS],
        )

    def _stage(self, row: StagePressure) -> tuple[Cell, ...]:
        stage = ENGLISH.stage(row.stage)
        return (
            Cell(f"{stage[:1].upper()}{stage[1:]}, {ENGLISH.place(row.region)}"),
            self._number(row.value, "money", "method:bottleneck"),
            self._number(row.asked, "quantity", "method:bottleneck"),
            self._number(row.built, "quantity", "method:bottleneck"),
            self._number(row.use, "percent", "method:bottleneck"),
        )

    def feeds(self) -> PageTable:
        """Return what announced plants take and nobody is announced to make."""
        rows = tuple(
            (
                Cell(
                    self._good(row.commodity),
                    detail=f"taken by plants of the stage {ENGLISH.stage(row.buyers)}",
                ),
                self._number(row.needed, "quantity", "method:feed"),
                self._number(row.announced, "quantity", "method:feed"),
                self._number(row.lacking, "quantity", "method:feed"),
                self._number(row.today, "quantity", "method:feed"),
            )
            for row in self.content.feeds[:MOST_ROWS]
        )
        return PageTable(
            "feeds",
            "What the announced plants need in a year down the chain, and what is announced",
            (
                *_labels("Good"),
                *_figures("Needed", "Announced to be made", "Lacking", "Made today"),
            ),
            rows,
        )

    # -- together ------------------------------------------------------------------------

    def gain(self) -> PageTable:
        """Return costs apart and together, and how the gain divides."""
        gain = self.content.findings.gain
        rows: list[tuple[Cell, ...]] = []
        if gain is not None:
            rows = [
                (
                    Cell(f"{ENGLISH.place(partner)} alone"),
                    self._number(cost, "money", "method:gain"),
                    self._number(gain.shapley[partner], "money", "method:gain"),
                )
                for partner, cost in gain.separate.items()
            ]
            together = gain.cost[frozenset(gain.separate)]
            rows += [
                (
                    Cell("Apart, in all"),
                    self._number(sum(gain.separate.values()), "money", "method:gain"),
                    Cell(""),
                ),
                (
                    Cell("Together"),
                    self._number(together, "money", "method:gain"),
                    self._number(gain.gain, "money", "method:gain"),
                ),
            ]
        return PageTable(
            "gain",
            "Planning apart and together, discounted",
            (*_labels("Who plans"), *_figures("Cost", "Share of the gain")),
            tuple(rows),
        )

    def exchange(self) -> PageTable:
        """Return what partners use of each other's."""
        rows = tuple(
            (
                Cell(
                    f"{ENGLISH.place(row.giver)} to {ENGLISH.place(row.taker)}: "
                    f"{self._good(row.commodity)}",
                    detail=self._made_in(row.origin, row.projects),
                ),
                self._number(row.quantity, "quantity", "method:exchange"),
                self._number(row.value, "money", "method:exchange"),
            )
            for row in self.content.exchanges[:MOST_ROWS]
        )
        return PageTable(
            "exchange",
            "What one partner uses of another's, a year, beyond the trade of the base year",
            (*_labels("Whose for whom"), *_figures("Quantity", "At base prices")),
            rows,
        )

    def _made_in(self, origin: str, projects: tuple[str, ...]) -> str:
        place = f"made in {ENGLISH.place_in_sentence(origin)}"
        named = [project_name(self.content, name) for name in projects]
        return f"{place}; of the plan: {ENGLISH.listed(named)}" if named else place

    def joining(self) -> PageTable:
        """Return what third parties add."""
        rows = tuple(
            (
                Cell(ENGLISH.place(row.country)),
                self._ranged(row.gain, row.low, row.high, "method:joining"),
            )
            for row in self.content.findings.joining or ()
        )
        return PageTable(
            "joining",
            "What a third party adds by joining, discounted",
            (*_labels("Country"), *_figures("Gain")),
            rows,
        )

    def _ranged(self, value: float, low: float, high: float, *references: str) -> Cell:
        style = self.write.money
        return Cell(style(value), references, f"{style(low)} to {style(high)}")

    def worths(self) -> PageTable:
        """Return what each project is worth."""
        rows = tuple(
            (
                Cell(project_name(self.content, row.project)),
                self._ranged(row.worth, row.low, row.high, "method:worth"),
            )
            for row in self.content.findings.worths or ()
        )
        return PageTable(
            "worths",
            "What the plan would cost more without a project, discounted",
            (*_labels("Project"), *_figures("Worth")),
            rows,
        )

    def frontier(self) -> PageTable:
        """Return plans with less and less to build."""
        rows = tuple(
            (
                Cell(f"{row.projects} projects"),
                self._number(row.capital, "money", "method:frontier"),
                self._number(row.cost, "money", "method:frontier"),
                self._number(row.unmet, "money", "method:frontier"),
                self._number(row.unmet_cost, "money", "method:frontier"),
            )
            for row in self.content.findings.frontier or ()
        )
        return PageTable(
            "frontier",
            "Cost against unmet demand",
            (
                *_labels("Plan"),
                *_figures("Building", "Cost", "Unmet demand", "Cost of going without"),
            ),
            rows,
        )

    # -- in the market -------------------------------------------------------------------

    def replay(self) -> PageTable:
        """Return how partners fare in shocks, without and with the plan."""
        rows = tuple(
            self._replayed(shock, before, after)
            for shock in self._shocks
            for before, after in zip(shock.before.partners, shock.after.partners, strict=True)
        )
        return PageTable(
            "replay",
            "Shocks without and with the plan",
            (
                *_labels("Shock and partner"),
                *_figures(
                    "Months to shortage", "with the plan", "Largest stopped part",
                    "with the plan", "Output at risk", "with the plan",
                ),
            ),
            rows,
        )  # fmt: skip

    @property
    def _shocks(self) -> tuple[ShockReplay, ...]:
        found = self.content.findings.replay
        return found.shocks if isinstance(found, Replay) else ()

    def _replayed(self, shock: ShockReplay, before: Fare, after: Fare) -> tuple[Cell, ...]:
        cells = [Cell(f"{shock.shock}: {ENGLISH.place(before.partner)}")]
        for style, of in _FARES:
            cells += [self._fare(style, of(row)) for row in (before, after)]
        return tuple(cells)

    def _fare(self, style: str, value: float | None) -> Cell:
        if style == "months":
            return Cell("never" if value is None else f"{value:.0f}", ("method:replay",))
        millions = {"money": 1000.0}.get(style, 1.0)
        text = self.write.write.style(style)(None if value is None else millions * value)
        return Cell(text, ("method:replay",))

    def prices(self) -> PageTable:
        """Return prices in shocks, without and with the plan."""
        rows = []
        for shock in self._shocks:
            for quote in shock.before.prices:
                after = _same(quote, shock.after)
                if quote.peak is not None or (after is not None and after.peak is not None):
                    rows.append(
                        (
                            Cell(
                                f"{shock.shock}: {self._good(quote.commodity)}",
                                detail=ENGLISH.place(quote.partner),
                            ),
                            self._number(quote.peak, "multiple", "method:replay"),
                            self._number(
                                None if after is None else after.peak, "multiple", "method:replay"
                            ),
                        )
                    )
        return PageTable(
            "prices",
            "Highest prices over the base year's, without and with the plan",
            (*_labels("Shock and good"), *_figures("Without", "With the plan")),
            tuple(rows),
        )

    def certificate(self) -> PageTable:
        """Return the certificate."""
        proof = self.content.plan.certificate
        rows = tuple(
            (Cell(title), self._number(value, "scientific", "method:certificate"))
            for title, value in (
                ("Largest violation of a row or bound", proof.primal),
                ("Distance from whole numbers", proof.integrality),
                ("Difference of the cost, summed again", proof.difference),
                ("Bound above the cost", proof.bound_excess),
                ("Gap between cost and bound", proof.gap),
            )
        )
        return PageTable(
            "certificate",
            "Certificate of the plan",
            (*_labels("What"), *_figures("Relative")),
            rows,
        )


_FARES: tuple[tuple[str, Callable[[Fare], float | None]], ...] = (
    ("months", lambda row: row.months_to_shortage),
    ("percent", lambda row: row.peak_stopped),
    ("money", lambda row: row.output_at_risk),
)
"""What is told of a partner in a shock, and how it is written."""


def _same(quote: PriceQuote, run: MarketRun) -> PriceQuote | None:
    key = quote.partner, quote.commodity
    return next((row for row in run.prices if (row.partner, row.commodity) == key), None)


def _payer(partner: str) -> str:
    names = [ENGLISH.place(code) for code in partner.split("+") if code]
    return ENGLISH.listed(names) if names else NOTHING
