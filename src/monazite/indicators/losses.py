"""What a shock costs those who use and make the goods of a chain, in money.

Users lose in three ways: they pay more for what they still get, they give up use that was worth
more to them than its price, and they make do with less where that is the cheaper way out. Tonnes
out of a buyer's own stock count at the price of their month: that is what they could be sold
for, and what they must be bought back for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monazite.indicators.markets import producers_gains, users_costs
from monazite.network import Use
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
    stopped, economised = _by_region(trajectory, _stopped), _by_region(trajectory, _economised)
    return Losses(users_costs(trajectory), stopped, economised, producers_gains(trajectory))


def _by_region(
    trajectory: Trajectory, worth: Callable[[Trajectory, int], FloatArray]
) -> dict[str, FloatArray]:
    """Sum over the user groups of each region of what a group loses over all months."""
    found: dict[str, FloatArray] = {}
    for index, group in enumerate(trajectory.groups):
        lost = worth(trajectory, index).sum(axis=1)
        found[group.region] = found.get(group.region, 0.0) + lost
    return found


def _stopped(trajectory: Trajectory, index: int) -> FloatArray:
    """Value in use above the base price of what a group stops (draw, month) [kUSD]."""
    demand, stopped = trajectory.demand[:, :, index], trajectory.stopped[:, :, index]
    scale = trajectory.parameters.column("ladder_price_scale")
    lost = np.zeros_like(stopped)
    below = 0.0
    for share, worth in _rungs(*_use_of(trajectory, index)):
        given_up = np.clip(stopped - below * demand, 0.0, share * demand)
        lost += given_up * worth * scale
        below += share
    return lost


def _economised(trajectory: Trajectory, index: int) -> FloatArray:
    """Consumer surplus lost by saving (draw, month) [kUSD].

    Demand falls from ``before`` to ``after`` as the price rises from ``base`` to ``price``. The
    curve of constant elasticity through both points has the area ``(price after - base before)
    / (1 - elasticity)`` between the prices, of which ``(price - base) after`` is paid.
    """
    use, base = _use_of(trajectory, index)
    saved = np.maximum(trajectory.economised[:, :, index], 0.0)
    price = trajectory.group_price[:, :, index]
    rest = 1.0 - sum(rung.share for rung in use.rungs)
    before = np.maximum(rest * trajectory.demand[:, :, index], saved * (1.0 + 1e-9))
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


def _use_of(trajectory: Trajectory, index: int) -> tuple[Use, float]:
    """Use of a group and the base price of its market."""
    group = trajectory.groups[index]
    base = float(trajectory.base_price[trajectory.market_index[group.commodity, group.region]])
    return trajectory.network.uses[group.use_index], base


def _rungs(use: Use, base: float) -> list[tuple[float, float]]:
    """Share and worth above the base price of the rungs of a use, the least valuable first."""
    worth = [(rung.price_multiple - 1.0) * base + rung.price_add for rung in use.rungs]
    shares = [rung.share for rung in use.rungs]
    return sorted(zip(shares, worth, strict=True), key=lambda rung: rung[1])
