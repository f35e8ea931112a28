"""Tables of the briefing of a plan on what the market and a checker make of it."""

from collections.abc import Callable

from monazite.briefing.plan.cells import PlanCells, figures, labels
from monazite.briefing.tables import Cell, PageTable
from monazite.plan.replay import Fare, MarketRun, PriceQuote, Replay, ShockReplay


class MarketTables(PlanCells):
    """How a plan fares in the monthly market, and its certificate."""

    def replay(self) -> PageTable:
        """Return how partners fare in shocks, without and with the plan."""
        rows = tuple(
            self._replayed(shock, before, after)
            for shock in self._shocks
            for before, after in zip(shock.before.partners, shock.after.partners, strict=True)
        )
        return PageTable(
            "replay",
            self.say("Shocks without and with the plan"),
            (
                *labels(self.say("Shock and partner")),
                *figures(
                    self.say("Months to shortage"), self.say("with the plan"),
                    self.say("Largest stopped part"), self.say("with the plan"),
                    self.say("Output at risk"), self.say("with the plan"),
                ),
            ),
            rows,
        )  # fmt: skip

    @property
    def _shocks(self) -> tuple[ShockReplay, ...]:
        found = self.content.findings.replay
        return found.shocks if isinstance(found, Replay) else ()

    def _replayed(self, shock: ShockReplay, before: Fare, after: Fare) -> tuple[Cell, ...]:
        cells = [Cell(self._aim(f"{shock.shock} {before.partner}"))]
        for style, of in _FARES:
            cells += [self._fare(style, of(row)) for row in (before, after)]
        return tuple(cells)

    def _fare(self, style: str, value: float | None) -> Cell:
        if style == "months":
            return Cell(
                self.say("never") if value is None else self.language.decimal(value),
                ("method:replay",),
            )
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
                                self.say(
                                    "%(name)s: %(good)s",
                                    name=self.language.english(shock.shock),
                                    good=self.tell.good(quote.commodity),
                                ),
                                detail=self.language.place(quote.partner),
                            ),
                            self._number(quote.peak, "multiple", "method:replay"),
                            self._number(
                                None if after is None else after.peak, "multiple", "method:replay"
                            ),
                        )
                    )
        return PageTable(
            "prices",
            self.say("Highest prices over the base year's, without and with the plan"),
            (
                *labels(self.say("Shock and good")),
                *figures(self.say("Without"), self.say("With the plan")),
            ),
            tuple(rows),
        )

    def certificate(self) -> PageTable:
        """Return the certificate."""
        proof = self.content.plan.certificate
        rows = tuple(
            (Cell(title), self._number(value, "scientific", "method:certificate"))
            for title, value in (
                (self.say("Largest violation of a row or bound"), proof.primal),
                (self.say("Distance from whole numbers"), proof.integrality),
                (self.say("Difference of the cost, summed again"), proof.difference),
                (self.say("Bound above the cost"), proof.bound_excess),
                (self.say("Gap between cost and bound"), proof.gap),
            )
        )
        return PageTable(
            "certificate",
            self.say("Certificate of the plan"),
            (*labels(self.say("What")), *figures(self.say("Relative"))),
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
