"""What a shock costs those who use and make the goods of a chain, in money.

Users lose in three ways: they pay more for what they still get, they give up use that was worth
more to them than its price, and they make do with less where that is the cheaper way out. Tonnes
out of a buyer's own stock count at the price of their month: that is what they could be sold
for, and what they must be bought back for.
"""

from dataclasses import dataclass

import numpy as np

from monazite.indicators.markets import producers_gains, users_costs
from monazite.newton import FloatArray
from monazite.trajectory import Trajectory

LEAST_RISE = 1e-6
"""Logarithm of a price rise below which saving is worth nothing."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Money lost by each region over a whole trajectory, arrays (draw) by region [kUSD].

    ``dearer`` : what users pay above base prices for what they get. ``stopped`` : value in use
    above the base price of what stops, rung by rung, the least valuable first. ``economised`` :
    the same of what is saved by choice, along a demand curve of constant elasticity between the
    two prices. ``producers`` : what mines and plants earn more than in the base year
    (:func:`monazite.indicators.region_accounts`).
    """

    dearer: dict[str, FloatArray]
    stopped: dict[str, FloatArray]
    economised: dict[str, FloatArray]
    producers: dict[str, FloatArray]

    def of_users(self, region: str) -> FloatArray:
        """Return all that the users of a region lose [kUSD] (draw)."""
        parts = (self.dearer, self.stopped, self.economised)
        return np.asarray(sum(part[region] for part in parts if region in part))

    def of_welfare(self, region: str) -> FloatArray:
        """Return what users lose less what producers gain [kUSD] (draw)."""
        return self.of_users(region) - self.producers.get(region, 0.0)


def losses(trajectory: Trajectory) -> Losses:
    """Add up what each region loses.

    Parameters
    ----------
    trajectory : Trajectory
        With any number of draws.

    Notes
    -----
    Where the goods of a market are rationed its price is that of the backstop, and what is
    lost there is a lower bound.
    """
    places = [trajectory.market_index[each.commodity, each.region] for each in trajectory.groups]
    base = trajectory.base_price[places]
    return Losses(
        users_costs(trajectory),
        _by_region(trajectory, _stopped(trajectory, base)),
        _by_region(trajectory, _economised(trajectory, base)),
        producers_gains(trajectory),
    )


def _by_region(trajectory: Trajectory, lost: FloatArray) -> dict[str, FloatArray]:
    """Sum what the user groups lose (draw, month, group) over months and the groups of regions."""
    found: dict[str, FloatArray] = {}
    for group, amount in zip(trajectory.groups, lost.sum(axis=1).T, strict=True):
        found[group.region] = found.get(group.region, 0.0) + amount
    return found


def _stopped(trajectory: Trajectory, base: FloatArray) -> FloatArray:
    """Value in use above the base price of what stops (draw, month, group) [kUSD]."""
    demand, stopped = trajectory.demand, trajectory.stopped
    share, worth = _rungs(trajectory, base)
    scale = trajectory.parameters.column("ladder_price_scale")[:, :, None]
    below = np.cumsum(share, axis=0) - share
    lost = np.zeros_like(stopped)
    for part, start, value in zip(share, below, worth, strict=True):
        lost += np.clip(stopped - start * demand, 0.0, part * demand) * value
    return lost * scale


def _economised(trajectory: Trajectory, base: FloatArray) -> FloatArray:
    """Consumer surplus lost by saving (draw, month, group) [kUSD].

    Demand falls from ``before`` to ``after`` as the price rises from ``base`` to ``price``. The
    curve of constant elasticity through both points has the area ``(price after - base before)
    / (1 - elasticity)`` between the prices, of which ``(price - base) after`` is paid.
    """
    price = trajectory.group_price
    saved = np.maximum(trajectory.economised, 0.0)
    rest = 1.0 - _rungs(trajectory, base)[0].sum(axis=0)
    before = np.maximum(rest * trajectory.demand, saved * (1.0 + 1e-9))
    rise = np.log(np.maximum(price / base, 1.0))
    has_lost = (rise > LEAST_RISE) & (saved > 0)
    rise = np.where(has_lost, rise, 1.0)
    fall = -np.log1p(-np.where(has_lost, saved / np.where(before > 0, before, 1.0), 0.5))
    # area = base before (exp(rise - fall) - 1) / (rise - fall) rise; the quotient tends to one
    ahead = rise - fall
    flat = np.abs(ahead) < LEAST_RISE
    quotient = np.where(flat, 1.0, np.expm1(ahead) / np.where(flat, 1.0, ahead))
    area = base * before * rise * quotient - (price - base) * (before - saved)
    return np.where(has_lost, np.maximum(area, 0.0), 0.0)


def _rungs(trajectory: Trajectory, base: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares and worths above the base price (rung, group), the least valuable rung first.

    Groups with fewer rungs than others have empty ones behind.
    """
    uses = [trajectory.network.uses[group.use_index] for group in trajectory.groups]
    most = max((len(use.rungs) for use in uses), default=0)
    share, worth = np.zeros((most, len(uses))), np.zeros((most, len(uses)))
    for place, use in enumerate(uses):
        ladder = [
            ((r.price_multiple - 1.0) * base[place] + r.price_add, r.share) for r in use.rungs
        ]
        for rung, (value, part) in enumerate(sorted(ladder, key=lambda pair: pair[0])):
            share[rung, place], worth[rung, place] = part, value
    return share, worth
