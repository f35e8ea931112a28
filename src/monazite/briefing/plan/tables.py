"""Tables of the briefing of a plan."""

from collections.abc import Sequence

from monazite.briefing.plan.cells import PlanCells, figures, labels
from monazite.briefing.plan.head import MISSED
from monazite.briefing.plan.market import MarketTables
from monazite.briefing.plan.told import capitalised
from monazite.briefing.tables import Cell, PageTable
from monazite.plan.result import StagePressure, TargetYear

MOST_ROWS = 12
"""Rows of a table that explains; the rest stands in the data."""
TARGET = "target "
"""What stands before the name of a target among what is missed."""


class PlanTables(PlanCells):
    """The tables of one plan.

    Parameters
    ----------
    content : PlanContent
        What they say.
    language : Language
        In which.
    """

    def all(self) -> dict[str, PageTable]:
        """Return every table by name; those of what was not worked out have no rows."""
        market = MarketTables(self.content, self.language)
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
                market.replay(),
                market.prices(),
                market.certificate(),
            )
        }

    # -- what to do ----------------------------------------------------------------------

    def portfolio(self) -> PageTable:
        """Return what is built."""
        rows = []
        for row in self.report.portfolio:
            own = self.content.references_of(row.project)
            built = ("method:portfolio", *own)
            where = self.say(
                "%(stage)s, %(place)s",
                stage=self.language.stage(row.stage), place=self.language.place(row.region),
            )  # fmt: skip
            rows.append(
                (
                    Cell(self.tell.project(row.project), detail=where),
                    self._number(row.decided, "year", *built),
                    self._number(row.starts, "year", *built),
                    Cell(self.tell.payers(row.partner)),
                    Cell(self.tell.package(row.package)),
                    self._number(row.capital, "money", *built),
                    self._number(row.public_cost, "money", "method:public", *own),
                    self._number(row.success, "percent", "method:portfolio"),
                    self._number(row.use, "percent", "method:portfolio"),
                )
            )
        return PageTable(
            "portfolio",
            self.say("What is built"),
            (
                *labels(self.say("Project")),
                *figures(self.say("Decided"), self.say("Runs from")),
                *labels(self.say("Paid by"), self.say("Package")),
                *figures(
                    self.say("Capital cost"),
                    self.say("Public money"),
                    self.say("Odds that it comes"),
                    self.say("Use at the end"),
                ),
            ),
            tuple(rows),
        )

    def stock(self) -> PageTable:
        """Return what is bought for stock."""
        rows = tuple(
            (
                Cell(self.tell.good(row.commodity), detail=self.language.place(row.partner)),
                self._number(row.year, "year", "method:stock"),
                self._number(row.quantity, "quantity", "method:stock"),
            )
            for row in sorted(self.report.stocked, key=lambda row: (row.year, row.commodity))
        )
        return PageTable(
            "stock",
            self.say("What is bought for stock"),
            (*labels(self.say("Good")), *figures(self.say("Year"), self.say("Quantity"))),
            rows,
        )

    def cash(self) -> PageTable:
        """Return public money by partner and year."""
        given = enumerate(self.content.programme.budgets, start=1)
        budget = {row.partner: f"budget-{number}" for number, row in given}
        rows = tuple(
            (
                self._at(row.partner, row.year),
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
            self.say("Public money by partner and year"),
            (
                *labels(self.say("Partner and year")),
                *figures(self.say("Expected"), self.say("Worst twentieth"), self.say("Budget")),
            ),
            rows,
        )

    # -- what it does --------------------------------------------------------------------

    def coverage(self) -> PageTable:
        """Return coverage by partner and step."""
        percent = self.write.share
        rows = tuple(
            (
                self._at(row.partner, row.step),
                Cell(
                    percent(row.mean),
                    ("method:coverage",),
                    self.tell.span(percent(row.low), percent(row.high)),
                ),
                self._number(row.unmet, "money", "method:coverage"),
            )
            for row in self.report.coverage
        )
        return PageTable(
            "coverage",
            self.say("Demand that is served"),
            (
                *labels(self.say("Partner and year")),
                *figures(self.say("Served"), self.say("Cost of going without")),
            ),
            rows,
        )

    def shortages(self) -> PageTable:
        """Return the largest shares that stay short."""
        worst = sorted(self.report.shortages, key=lambda row: -row.share)[:MOST_ROWS]
        style = self.write.quantity
        rows = tuple(
            (
                Cell(
                    self.say(
                        "%(place)s: %(use)s, %(when)s",
                        place=self.language.place(row.partner),
                        use=self.language.use(row.use),
                        when=row.step,
                    ),
                    detail=self.tell.good(row.commodity),
                ),
                self._number(row.share, "percent", "method:coverage"),
                Cell(
                    style(row.quantity),
                    ("method:coverage",),
                    self.tell.span(style(row.low), style(row.high)),
                ),
            )
            for row in worst
        )
        return PageTable(
            "shortages",
            self.say("What stays short, the largest shares first"),
            (
                *labels(self.say("Use and year")),
                *figures(self.say("Short on average"), self.say("Quantity")),
            ),
            rows,
        )

    def targets(self) -> PageTable:
        """Return how every target fares, and what a point more would cost."""
        names = dict.fromkeys(row.target for row in self.report.targets)
        rows = tuple(self._target([r for r in self.report.targets if r.target == n]) for n in names)
        return PageTable(
            "targets",
            self.say("Targets and what one percentage point more would cost"),
            (
                *labels(self.say("Target")),
                *figures(
                    self.say("Wanted"),
                    self.say("Least reached"),
                    self.say("Missed by"),
                    self.say("A point more costs"),
                ),
            ),
            rows,
        )

    def _target(self, years: Sequence[TargetYear]) -> tuple[Cell, ...]:
        worst = min(years, key=lambda row: row.reached - row.wanted)
        missed = max(row.missed for row in years)
        value = None if worst.value is None else worst.value / 100.0
        least = self.say("in %(step)s", step=self.write.step(worst.step))
        return (
            Cell(self._aim(worst.target), detail=self.tell.span(years[0].step, years[-1].step)),
            self._number(worst.wanted, "share", "method:programme"),
            self._number(worst.reached, "share", "method:target", detail=least),
            self._number(missed if missed > MISSED else 0.0, "share", "method:target"),
            self._number(value, "money", "method:target"),
        )

    def missed(self) -> PageTable:
        """Return what cannot be reached."""
        rows = tuple(
            (
                Cell(
                    self.say("%(what)s, %(when)s", what=self._lost(row["what"]), when=row["step"])
                ),
                self._number(row["wanted"], "share", "method:programme"),
                self._number(row["reached"], "share", "method:target"),
                self._number(row["missed"], "share", "method:target"),
            )
            for row in self.content.missed[:MOST_ROWS]
        )
        return PageTable(
            "missed",
            self.say("What no plan reaches"),
            (
                *labels(self.say("Target or demand")),
                *figures(self.say("Wanted"), self.say("Reached"), self.say("Missed by")),
            ),
            rows,
        )

    def _lost(self, what: str) -> str:
        """Return a target, or a demand as `PlanReport.must_miss` names it, as the name of a row."""
        if self.language.code == "en":
            return what
        if what.startswith(TARGET):
            return self._aim(what.removeprefix(TARGET))
        use_of_good, _, region = what.rpartition(" in ")
        use, _, good = use_of_good.rpartition(" of ")
        return self.say(
            "%(use)s of %(good)s in %(place)s",
            use=self.language.use(use),
            good=self.tell.good(good),
            place=self.language.place_in_sentence(region),
        )

    # -- what it costs -------------------------------------------------------------------

    def costs(self) -> PageTable:
        """Return the lines that the objective is the sum of."""
        lines = [
            (self.language.cost_line(name), cost)
            for name, cost in self.report.cost_lines.items()
            if cost
        ]
        total = sum(cost for _, cost in lines)
        rows = tuple(
            (Cell(capitalised(name)), self._number(cost, "money", "method:cost"))
            for name, cost in (*lines, (self.say("together: the objective"), total))
        )
        return PageTable(
            "costs",
            self.say("Resource cost, discounted"),
            (*labels(self.say("Line")), *figures(self.say("Cost"))),
            rows,
        )

    def stages(self) -> PageTable:
        """Return what holds the plan back, by stage and region."""
        rows = tuple(self._stage(row) for row in self.report.pressures if row.value > 0)
        return PageTable(
            "stages",
            self.say("Stages that hold the plan back, the dearest first"),
            (
                *labels(self.say("Stage and place")),
                *figures(
                    self.say("Worth of one unit more"),
                    self.say("On offer"),
                    self.say("Built"),
                    self.say("Use"),
                ),
            ),
            rows[:MOST_ROWS],
        )

    def _stage(self, row: StagePressure) -> tuple[Cell, ...]:
        where = self.say(
            "%(stage)s, %(place)s",
            stage=capitalised(self.language.stage(row.stage)),
            place=self.language.place(row.region),
        )
        return (
            Cell(where),
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
                    self.tell.good(row.commodity),
                    detail=self.say(
                        "taken by plants of the stage %(stage)s",
                        stage=self.language.stage(row.buyers),
                    ),
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
            self.say(
                "What the announced plants need in a year down the chain, and what is announced"
            ),
            (
                *labels(self.say("Good")),
                *figures(
                    self.say("Needed"),
                    self.say("Announced to be made"),
                    self.say("Lacking"),
                    self.say("Made today"),
                ),
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
                    Cell(self.say("%(place)s alone", place=self.language.place(partner))),
                    self._number(cost, "money", "method:gain"),
                    self._number(gain.shapley[partner], "money", "method:gain"),
                )
                for partner, cost in gain.separate.items()
            ]
            together = gain.cost[frozenset(gain.separate)]
            rows += [
                (
                    Cell(self.say("Apart, in all")),
                    self._number(sum(gain.separate.values()), "money", "method:gain"),
                    Cell(""),
                ),
                (
                    Cell(self.say("Together")),
                    self._number(together, "money", "method:gain"),
                    self._number(gain.gain, "money", "method:gain"),
                ),
            ]
        return PageTable(
            "gain",
            self.say("Planning apart and together, discounted"),
            (
                *labels(self.say("Who plans")),
                *figures(self.say("Cost"), self.say("Share of the gain")),
            ),
            tuple(rows),
        )

    def exchange(self) -> PageTable:
        """Return what partners use of each other's."""
        rows = tuple(
            (
                Cell(
                    self.say(
                        "%(giver)s to %(taker)s: %(good)s",
                        giver=self.language.place(row.giver),
                        taker=self.language.place(row.taker),
                        good=self.tell.good(row.commodity),
                    ),
                    detail=self._made_in(row.origin, row.projects),
                ),
                self._number(row.quantity, "quantity", "method:exchange"),
                self._number(row.value, "money", "method:exchange"),
            )
            for row in self.content.exchanges[:MOST_ROWS]
        )
        return PageTable(
            "exchange",
            self.say(
                "What one partner uses of another's, a year, beyond the trade of the base year"
            ),
            (
                *labels(self.say("Whose for whom")),
                *figures(self.say("Quantity"), self.say("At base prices")),
            ),
            rows,
        )

    def _made_in(self, origin: str, projects: tuple[str, ...]) -> str:
        place = self.say("made in %(place)s", place=self.language.place_in_sentence(origin))
        if not projects:
            return place
        return self.say(
            "%(made)s; of the plan: %(projects)s", made=place, projects=self.tell.projects(projects)
        )

    def joining(self) -> PageTable:
        """Return what third parties add."""
        rows = tuple(
            (
                Cell(self.language.place(row.country)),
                self._ranged(row.gain, row.low, row.high, "method:joining"),
            )
            for row in self.content.findings.joining or ()
        )
        return PageTable(
            "joining",
            self.say("What a third party adds by joining, discounted"),
            (*labels(self.say("Country")), *figures(self.say("Gain"))),
            rows,
        )

    def _ranged(self, value: float, low: float, high: float, *references: str) -> Cell:
        style = self.write.money
        return Cell(style(value), references, self.tell.span(style(low), style(high)))

    def worths(self) -> PageTable:
        """Return what each project is worth."""
        rows = tuple(
            (
                Cell(self.tell.project(row.project)),
                self._ranged(row.worth, row.low, row.high, "method:worth"),
            )
            for row in self.content.findings.worths or ()
        )
        return PageTable(
            "worths",
            self.say("What the plan would cost more without a project, discounted"),
            (*labels(self.say("Project")), *figures(self.say("Worth"))),
            rows,
        )

    def frontier(self) -> PageTable:
        """Return plans with less and less to build."""
        rows = tuple(
            (
                Cell(self._projects(row.projects)),
                self._number(row.capital, "money", "method:frontier"),
                self._number(row.cost, "money", "method:frontier"),
                self._number(row.unmet, "money", "method:frontier"),
                self._number(row.unmet_cost, "money", "method:frontier"),
            )
            for row in self.content.findings.frontier or ()
        )
        return PageTable(
            "frontier",
            self.say("Cost against unmet demand"),
            (
                *labels(self.say("Plan")),
                *figures(
                    self.say("Building"),
                    self.say("Cost"),
                    self.say("Unmet demand"),
                    self.say("Cost of going without"),
                ),
            ),
            rows,
        )

    def _projects(self, count: int) -> str:
        figure = self.language.decimal(count)
        return self.language.ngettext("%(n)s project", "%(n)s projects", count, n=figure)
