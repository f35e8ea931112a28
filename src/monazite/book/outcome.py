"""What a trajectory does to a line of a book: what comes, is bought, drawn from stock, missing.

The assumptions stand one by one in docs/explanation/book.md, and as text in `ASSUMPTIONS`.
"""

from dataclasses import dataclass, field

import numpy as np

from monazite.book.nouns import BookLine
from monazite.book.supply import Simulated
from monazite.indicators.rows import Band, MonthBand
from monazite.newton import BoolArray, FloatArray

ROUND_OFF = 1e-9
"""Part of a month's need, or of the base price, that is nothing."""

ASSUMPTIONS = (
    "A line takes prices and flows as they are simulated: it is too small to move them.",
    "The need is the same in every month and is not economised when prices rise.",
    "What comes from a country is the line's usual part of the recorded flow from there into its "
    "region: of that country's half, the line gets half.",
    "Contracted tonnes come first out of what arrives, at the base price while the contract "
    "lasts; a contract fixes the price, and no licence is granted for its sake.",
    "What arrives beyond that is paid at the spot price of the region.",
    "What does not arrive is bought on the spot, until the line has the share of its need that "
    "all users and plants of the region together buy of what they usually buy in a month; what "
    "they use out of their own stocks is not for sale. Where the spot price is at most 5 % above "
    "the base price, goods are not scarce, and all that is missing can be bought.",
    "No tonne is taken at a spot price whose extra cost is above the margin that it saves, and "
    "none is bought on the spot where goods are rationed and the price means nothing.",
    "Own stock bridges what is still missing; it is not refilled, and costs nothing more.",
    "The line stops in the first month in which the given part of its need is missing after all "
    "that; the margin of every missing tonne is lost, in other months too.",
)


@dataclass(frozen=True, slots=True, eq=False)
class LineAid:
    """What a remedy changes for a line, beside the line itself.

    ``others`` : origins that take over parts of the need of the first [fraction]. ``licensed`` :
    index of the month from which the first origin delivers as usual; None for never.
    ``spared`` : part of the need that can be replaced when stock is gone too [fraction], at
    ``spared_cost`` above the base price (draw, 1) [kUSD/t].
    """

    others: tuple[tuple[str, float], ...] = ()
    licensed: int | None = None
    spared: float = 0.0
    spared_cost: FloatArray = field(default_factory=lambda: np.zeros((1, 1)))


NO_AID = LineAid()


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How a line fares; arrays (draw, month).

    ``need`` : in a month [t]. ``arriving``, ``bought``, ``replaced``, ``drawn``, ``missing`` : t;
    they add up to the need. ``price_cost`` : of what arrives, ``replacement_cost`` : of what is
    bought or replaced, above base prices [kUSD]. ``margin_lost`` : of what is missing [kUSD];
    None where the margin is not given. ``unpriced`` : goods are rationed, no price is known.
    """

    need: float
    arriving: FloatArray
    bought: FloatArray
    replaced: FloatArray
    drawn: FloatArray
    missing: FloatArray
    price_cost: FloatArray
    replacement_cost: FloatArray
    margin_lost: FloatArray | None
    unpriced: BoolArray

    @property
    def extra_cost(self) -> FloatArray:
        """What is paid above base prices [kUSD]."""
        return np.asarray(self.price_cost + self.replacement_cost)

    def stop(self, threshold: float) -> FloatArray:
        """Return the index of the month in which the line stops, infinite for never (draw)."""
        short = self.missing >= threshold * self.need
        return np.where(short.any(axis=1), short.argmax(axis=1), np.inf)

    def loss(self) -> FloatArray:
        """Return extra cost and lost margin over all months (draw) [kUSD]."""
        lost = 0.0 if self.margin_lost is None else self.margin_lost.sum(axis=1)
        return np.asarray(self.extra_cost.sum(axis=1) + lost)


def follow(line: BookLine, supply: Simulated, aid: LineAid = NO_AID) -> Outcome:
    """Follow a line through the months of a trajectory.

    Parameters
    ----------
    line : BookLine
        In the codes of the trajectory's chain.
    supply : Simulated
        What is left of supply.
    aid : LineAid
        What a remedy changes.
    """
    need, extra = line.need / 12, supply.extra(line.commodity, line.region)
    base = supply.base_price(line.commodity, line.region)
    comes = np.minimum(need * _arriving(line, supply, aid), need)
    fixed = np.minimum(comes, need * _contracted(line, supply))
    unpriced, dearer = np.isnan(extra), np.nan_to_num(extra)
    worth = _worth(line, dearer, base)
    loose = np.where(worth, comes - fixed, 0.0)
    room = need * supply.bought(line.commodity, line.region) - fixed - loose
    bought = np.where(worth & ~unpriced, np.maximum(room, 0.0), 0.0)
    gap = _tidy(need - fixed - loose - bought, need)
    drawn = _drawn(line.stock, gap)
    pays = _worth(line, aid.spared_cost, base)
    replaced = np.where(pays, np.minimum(aid.spared * need, gap - drawn), 0.0)
    missing = _tidy(gap - drawn - replaced, need)
    return Outcome(
        need=need,
        arriving=fixed + loose,
        bought=bought,
        replaced=replaced,
        drawn=drawn,
        missing=missing,
        price_cost=loose * dearer,
        replacement_cost=bought * dearer + replaced * aid.spared_cost,
        margin_lost=None if line.margin is None else missing * line.margin,
        unpriced=unpriced,
    )


def _arriving(line: BookLine, supply: Simulated, aid: LineAid) -> FloatArray:
    """Share of the need that arrives from all origins (draw, month)."""
    main = supply.arriving(line.commodity, line.origin, line.region)
    if aid.licensed is not None:
        later = np.arange(supply.shape[1]) >= aid.licensed
        main = np.where(later, np.maximum(main, 1.0), main)
    others = ((line.second, line.second_share), *aid.others)
    share = 1.0 - sum(part for _, part in others)
    total = share * main
    for origin, part in others:
        if origin:
            total = total + part * supply.arriving(line.commodity, origin, line.region)
    return np.asarray(total)


def _contracted(line: BookLine, supply: Simulated) -> FloatArray:
    months = np.arange(supply.shape[1])
    return np.where(months < line.contract_months, line.contract_share, 0.0)


def _worth(line: BookLine, extra: FloatArray, base: float) -> BoolArray:
    """Whether the product still earns more than its part costs extra."""
    most = np.inf if line.margin is None else line.margin
    return np.asarray(extra <= most + ROUND_OFF * base)


def _drawn(stock: float, gap: FloatArray) -> FloatArray:
    """Stock that bridges the gaps in the order of the months, until it is gone."""
    used = np.minimum(stock, np.cumsum(gap, axis=1))
    return np.diff(used, axis=1, prepend=0.0)


def _tidy(tonnes: FloatArray, need: float) -> FloatArray:
    return np.where(tonnes <= ROUND_OFF * need, 0.0, tonnes)


@dataclass(frozen=True, slots=True)
class LineStop:
    """When a line stops.

    ``month`` : first month of the stop; its ``early`` and ``late`` ends over draws. ``months`` :
    whole months that the line runs before, likewise ``months_early`` and ``months_late``; None
    where it never stops. ``probability`` : share of the draws in which it stops [fraction].
    """

    month: MonthBand
    months: int | None
    months_early: int | None
    months_late: int | None
    probability: float

    @classmethod
    def of(cls, positions: FloatArray, months: tuple[str, ...]) -> "LineStop":
        """Return the band of positions in `months`, one per draw, infinite for never."""
        band = MonthBand.of(positions, months)
        count = {month: place for place, month in enumerate(months)} | {None: None}
        return cls(
            band,
            count[band.median],
            count[band.early],
            count[band.late],
            float(np.isfinite(positions).mean()),
        )


def total(values: FloatArray) -> Band:
    """Return the band of an array (draw, month) added up over the months."""
    return Band.of(values.sum(axis=1))
