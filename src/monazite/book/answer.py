"""The answer to a book: line by line, by good and for the firm."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from monazite.book.nouns import Book, BookLine
from monazite.book.outcome import LineStop, Outcome, follow, total
from monazite.book.relief import LineRemedy, Remedies
from monazite.book.supply import Simulated
from monazite.indicators.rows import Band
from monazite.newton import FloatArray
from monazite.outlook import RATIONED_SHARE
from monazite.scenario import Scenario
from monazite.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class LineMonth:
    """A month of a line, medians over draws.

    ``arriving``, ``bought``, ``drawn``, ``missing`` : t. ``stock`` : left at its end [t].
    ``extra_cost`` : above base prices [kUSD]. ``has_price`` : false where goods are rationed in
    half of the draws.
    """

    month: str
    arriving: float
    bought: float
    drawn: float
    missing: float
    stock: float
    extra_cost: float
    has_price: bool


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """How a line fares over all months.

    ``stop`` : when it stops. ``need`` : over all months [t]. ``missing`` : what it goes without
    [t]; so much more own stock would have been enough. ``price_cost`` : paid above base prices
    for what arrives, ``replacement_cost`` : for what is bought on the spot in place of what does
    not, ``extra_cost`` : both together [kUSD]. ``margin_lost`` : value at risk [kUSD]; None where
    no margin is given. ``months`` : one by one. ``remedies`` : the best first.
    """

    line: BookLine
    stop: LineStop
    need: float
    missing: Band
    price_cost: Band
    replacement_cost: Band
    extra_cost: Band
    margin_lost: Band | None
    months: tuple[LineMonth, ...]
    remedies: tuple[LineRemedy, ...]


@dataclass(frozen=True, slots=True)
class BookTotal:
    """Lines of one good, or of all, added up draw by draw.

    ``commodity`` : empty for all. ``lines`` : how many. ``need``, ``missing`` : t over all
    months. ``stopped`` : how many lines stop. ``first`` : the first stop. ``extra_cost``,
    ``margin_lost`` : kUSD. ``without_margin`` : lines that say no margin and are not in that.
    """

    commodity: str
    lines: int
    need: float
    stopped: Band
    first: LineStop
    missing: Band
    extra_cost: Band
    margin_lost: Band
    without_margin: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a trajectory does to a book.

    ``lines`` : in the order of the book. ``goods`` : totals by good. ``firm`` : of everything.
    ``figures`` : missing tonnes and extra cost of each line, draw and month, for the fingerprint
    (line, 2, draw, month) [t, kUSD].
    """

    book: Book
    lines: tuple[LineAnswer, ...]
    goods: tuple[BookTotal, ...]
    firm: BookTotal
    figures: FloatArray


def expose(
    book: Book,
    scenario: Scenario,
    trajectory: Trajectory,
    *,
    threshold: float,
) -> Exposure:
    """Lay a book on a trajectory.

    Parameters
    ----------
    book : Book
        In the codes of the trajectory's chain.
    scenario : Scenario
        What was simulated; says against whom remedies are looked for.
    trajectory : Trajectory
        What came of it.
    threshold : float
        Part of a month's need whose want stops a line [fraction].
    """
    supply = Simulated(trajectory)
    remedies = Remedies(scenario, supply, threshold)
    outcomes = tuple(follow(line, supply) for line in book.lines)
    answers = tuple(map(partial(_answer, remedies=remedies), book.lines, outcomes))
    adder = _Adder(outcomes, trajectory.months, threshold)
    goods = _by_good(book.lines)
    return Exposure(
        book,
        answers,
        tuple(adder.total(good, goods[good]) for good in sorted(goods)),
        adder.total("", range(len(outcomes))),
        np.array([(o.missing, o.extra_cost) for o in outcomes]),
    )


def _answer(line: BookLine, outcome: Outcome, remedies: Remedies) -> LineAnswer:
    months = remedies.supply.trajectory.months
    lost = outcome.margin_lost
    return LineAnswer(
        line,
        LineStop.of(outcome.stop(remedies.threshold), months),
        need=outcome.need * len(months),
        missing=total(outcome.missing),
        price_cost=total(outcome.price_cost),
        replacement_cost=total(outcome.replacement_cost),
        extra_cost=total(outcome.extra_cost),
        margin_lost=None if lost is None else total(lost),
        months=_months(line, outcome, months),
        remedies=remedies.ranked(line, outcome),
    )


def _months(line: BookLine, outcome: Outcome, months: Sequence[str]) -> tuple[LineMonth, ...]:
    left = line.stock - np.cumsum(outcome.drawn, axis=1)
    figures = (
        outcome.arriving, outcome.bought, outcome.drawn, outcome.missing, left, outcome.extra_cost
    )  # fmt: skip
    medians = [np.median(figure, axis=0).tolist() for figure in figures]
    priced = (outcome.unpriced.mean(axis=0) < RATIONED_SHARE).tolist()
    return tuple(LineMonth(*row) for row in zip(months, *medians, priced, strict=True))


def _by_good(lines: Sequence[BookLine]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        found.setdefault(line.commodity, []).append(place)
    return found


class _Adder:
    """Adds up lines draw by draw."""

    def __init__(
        self, outcomes: tuple[Outcome, ...], months: tuple[str, ...], threshold: float
    ) -> None:
        self.outcomes, self.months = outcomes, months
        self.stops = np.array([outcome.stop(threshold) for outcome in outcomes])

    def total(self, commodity: str, places: Sequence[int]) -> BookTotal:
        chosen = [self.outcomes[place] for place in places]
        stops = self.stops[list(places)]
        lost = [o.margin_lost for o in chosen if o.margin_lost is not None]
        nothing = np.zeros_like(chosen[0].missing)
        return BookTotal(
            commodity,
            lines=len(chosen),
            need=sum(outcome.need for outcome in chosen) * len(self.months),
            stopped=Band.of(np.isfinite(stops).sum(axis=0).astype(np.float64)),
            first=LineStop.of(stops.min(axis=0), self.months),
            missing=total(sum((o.missing for o in chosen), nothing)),
            extra_cost=total(sum((o.extra_cost for o in chosen), nothing)),
            margin_lost=total(sum(lost, nothing)),
            without_margin=len(chosen) - len(lost),
        )
