"""What would have helped a line: each remedy is followed through the same trajectory."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from monazite.book.nouns import BookLine
from monazite.book.outcome import NO_AID, LineAid, LineStop, Outcome, follow, total
from monazite.book.supply import Simulated
from monazite.indicators.rows import Band
from monazite.labels import expand
from monazite.network import Rung
from monazite.remedies import CAUSES, STOCK_DAYS, SUBSTITUTED_SHARE
from monazite.scenario import Scenario

DAYS_PER_YEAR = 365.25
SECOND_SHARE = 0.25
"""Part of the need that a new source takes over."""
SMALL_PART = 0.1
"""Most of a way's usual flow that a line can take over without moving it."""
LICENCE_MONTHS = 3
"""Months from the first control to the licence: China's review of up to 45 working days (facts/
policy_events.csv, No. 18 of 2025) is two; a third for the papers is assumed."""


@dataclass(frozen=True, slots=True)
class LineRemedy:
    """A remedy of a line and what it does.

    ``name``, ``sentence`` : what is done, with its size. ``assumption`` : what it takes for
    granted. ``stop`` : when the line stops with it. ``delay_months`` : how much later, at the
    median; None where it never stops with it or never stopped without. ``averts_stop`` : the
    median stop is gone. ``missing_averted`` : t. ``extra_cost_change`` : what it adds to the
    extra cost, negative where it spares some [kUSD]. ``margin_saved`` : margin that is not lost
    [kUSD]; None where none is given. ``saved`` : margin and extra cost together [kUSD].
    ``outlay`` : what has to be paid at the beginning, at base prices [kUSD].
    """

    name: str
    sentence: str
    assumption: str
    stop: LineStop
    delay_months: int | None
    averts_stop: bool
    missing_averted: Band
    extra_cost_change: Band
    margin_saved: Band | None
    saved: Band
    outlay: float


@dataclass(frozen=True, slots=True)
class _Offer:
    """A remedy before it is tried."""

    name: str
    sentence: str
    assumption: str
    line: BookLine
    aid: LineAid = NO_AID
    outlay: float = 0.0


class Remedies:
    """What may be tried against a scenario.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    supply : Simulated
        What it leaves of supply.
    threshold : float
        Part of a month's need whose want stops a line [fraction].
    """

    def __init__(self, scenario: Scenario, supply: Simulated, threshold: float) -> None:
        self.supply, self.threshold = supply, threshold
        regions = supply.trajectory.network.regions()
        causes = [measure for measure in scenario.measures if measure.kind in CAUSES]
        self.causing = {r for m in causes for r in expand(m.actors, regions)}

    def ranked(self, line: BookLine, before: Outcome) -> tuple[LineRemedy, ...]:
        """Try every remedy that there is for a line, the one that saves most first."""
        tried = [self._tried(offer, before) for offer in self._offers(line)]
        return tuple(sorted(tried, key=_rank))

    def _offers(self, line: BookLine) -> Iterator[_Offer]:
        yield self._stock(line)
        for offer in (
            self._second(line), self._licence(line), self._contract(line), self._substitute(line)
        ):  # fmt: skip
            if offer is not None:
                yield offer

    def _tried(self, offer: _Offer, before: Outcome) -> LineRemedy:
        after = follow(offer.line, self.supply, offer.aid)
        months = self.supply.trajectory.months
        stop = LineStop.of(after.stop(self.threshold), months)
        was = LineStop.of(before.stop(self.threshold), months)
        both = stop.months is not None and was.months is not None
        return LineRemedy(
            offer.name,
            offer.sentence,
            offer.assumption,
            stop,
            delay_months=(stop.months or 0) - (was.months or 0) if both else None,
            averts_stop=was.months is not None and stop.months is None,
            missing_averted=total(before.missing - after.missing),
            extra_cost_change=total(after.extra_cost - before.extra_cost),
            margin_saved=_saved_margin(before, after),
            saved=Band.of(before.loss() - after.loss()),
            outlay=offer.outlay,
        )

    def _stock(self, line: BookLine) -> _Offer:
        tonnes = line.need * STOCK_DAYS / DAYS_PER_YEAR
        return _Offer(
            "more own stock",
            f"{STOCK_DAYS:g} more days of use ({tonnes:,.3g} t) are in stock at the beginning",
            "bought at the base price before the first month",
            replace(line, stock=line.stock + tonnes),
            outlay=tonnes * self.supply.base_price(line.commodity, line.region),
        )

    def _second(self, line: BookLine) -> _Offer | None:
        """Return the best source outside the acting regions that can carry so much."""
        moved = min(SECOND_SHARE, 1.0 - line.second_share)
        if moved <= 0:
            return None
        offers = [self._from(line, origin, moved) for origin in self._sources(line, moved)]
        return min(offers, key=self._left, default=None)

    def _sources(self, line: BookLine, moved: float) -> list[str]:
        base, good, region = self.supply.base, line.commodity, line.region
        taken = self.causing | {line.origin, line.second}
        return [
            origin
            for origin in base.origins(good, region)
            if origin not in taken
            and moved * line.need <= SMALL_PART * base.usual(good, origin, region)
        ]

    def _from(self, line: BookLine, origin: str, moved: float) -> _Offer:
        return _Offer(
            "second source",
            f"{100 * moved:.3g} % of the need comes from {origin} in place of {line.origin}",
            f"a supplier there is approved before the first month; it is at most "
            f"{100 * SMALL_PART:g} % of what usually comes that way",
            line,
            LineAid(others=((origin, moved),)),
        )

    def _left(self, offer: _Offer) -> tuple[float, float, str]:
        after = follow(offer.line, self.supply, offer.aid)
        missing = float(np.median(after.missing.sum(axis=1)))
        return float(np.median(after.loss())), missing, offer.sentence

    def _licence(self, line: BookLine) -> _Offer | None:
        held = self.supply.is_controlled(line.commodity, line.origin, line.region)
        if not held.any():
            return None
        month = int(held.argmax()) + LICENCE_MONTHS
        if month >= len(held):
            return None
        return _Offer(
            "licence",
            f"a licence lets the deliveries from {line.origin} pass as usual from "
            f"{self.supply.trajectory.months[month]} on",
            f"it is asked for when the control begins and granted {LICENCE_MONTHS} months later; "
            "the price stays the spot price of the region",
            line,
            LineAid(licensed=month),
        )

    def _contract(self, line: BookLine) -> _Offer | None:
        months = self.supply.shape[1]
        if line.contract_share == 1 and line.contract_months >= months:
            return None
        return _Offer(
            "longer contract",
            f"the whole need is under contract at the base price for {months} months",
            "the supplier signs before the first month, and keeps to it",
            replace(line, contract_share=1.0, contract_months=months),
        )

    def _substitute(self, line: BookLine) -> _Offer | None:
        """Use of the chain's ladder: what buyers pay at most tells what replacing costs."""
        base = self.supply.base_price(line.commodity, line.region)
        rungs = [
            (rung.price_multiple * base + rung.price_add, rung)
            for use in self.supply.trajectory.network.uses
            if (use.commodity, use.region) == (line.commodity, line.region)
            for rung in use.rungs
        ]
        if not rungs:
            return None
        return self._replaced(line, *min(rungs, key=lambda row: row[0]), base)

    def _replaced(self, line: BookLine, value: float, rung: Rung, base: float) -> _Offer:
        part = min(SUBSTITUTED_SHARE, rung.share)
        scale = self.supply.trajectory.parameters.column("ladder_price_scale")
        return _Offer(
            "substitution",
            f"{100 * part:.3g} % of the need can be replaced where stock is gone too",
            f"a substitute is qualified; it costs what the chain's first buyers give the good up "
            f"at, about {value / base:,.3g} times the base price",
            line,
            LineAid(spared=part, spared_cost=scale * (value - base)),
        )


def _saved_margin(before: Outcome, after: Outcome) -> Band | None:
    if before.margin_lost is None or after.margin_lost is None:
        return None
    return total(before.margin_lost - after.margin_lost)


def _rank(remedy: LineRemedy) -> tuple[float, float, str]:
    """Most money saved first where a margin is given; else most tonnes, then least cost."""
    saved, averted = -(remedy.saved.median or 0.0), -(remedy.missing_averted.median or 0.0)
    known = remedy.margin_saved is not None
    return (saved, averted, remedy.name) if known else (averted, saved, remedy.name)
