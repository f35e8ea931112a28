"""The kinds of agents: each a convex function of the prices it sees.

Every class holds parameter arrays of shape (draw, agent), or (1, agent) where all draws
share them, and answers ``evaluate(seen, draws)`` with value, quantity and slope. Quantities
are net supplies: positive sells into a market, negative buys from it.

Sources of the forms: logistic supply is the log-sum-exp smoothing of a capacity step
(Nesterov 2005, Math. Program. 103); isoelastic and linear demand as in Takayama & Judge
(1971); the semi-logarithmic inventory demand is documented in docs/explanation/market.md.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from monazite.newton import Evaluation, FloatArray, IndexArray

DISPOSAL_STEEPNESS = 0.1
"""Relative slope of disposal over that of the backstop; steeper kinks only slow Newton."""
Draws = IndexArray | slice


def _of(parameter: FloatArray, draws: Draws) -> FloatArray:
    """Rows of a parameter for the given draws; a single row serves all of them."""
    return parameter if len(parameter) == 1 else parameter[draws]


@dataclass(frozen=True, slots=True, eq=False)
class Activities:
    """Mines, plants, routes and rungs: between nothing and capacity by their margin.

    ``phi(m) = capacity * spread * log(1 + exp((m - cost) / spread))``, so that the activity
    is ``capacity / (1 + exp(-(m - cost) / spread))``.

    Parameters
    ----------
    columns : sparse array (price, agent)
        Recipe: t sold (> 0) or bought (< 0) per t of activity.
    capacity : array (draw, agent) [t/month]
        Largest activity; zero removes the agent.
    cost : array (draw, agent) [USD/kg]
        Margin at which half of the capacity runs.
    spread : array (draw, agent) [USD/kg]
        How unlike the plants or contracts behind the agent are.
    """

    columns: sparse.csc_array
    capacity: FloatArray
    cost: FloatArray
    spread: FloatArray

    def evaluate(self, seen: FloatArray, draws: Draws) -> Evaluation:
        """Answer the margins before cost [USD/kg]."""
        capacity, spread = _of(self.capacity, draws), _of(self.spread, draws)
        argument = (seen - _of(self.cost, draws)) / spread
        decay = np.exp(-np.abs(argument))
        upper = 1.0 / (1.0 + decay)
        share = np.where(argument >= 0, upper, decay * upper)
        softplus = np.maximum(argument, 0.0) + np.log1p(decay)
        value = np.einsum("da,da->d", np.broadcast_to(capacity * spread, seen.shape), softplus)
        return Evaluation(value, capacity * share, capacity * (decay * upper * upper / spread))


@dataclass(frozen=True, slots=True, eq=False)
class QuadraticActivities:
    """Activities that start at their cost and grow linearly with the margin up to capacity.

    ``phi(m) = slope (m - cost)^2 / 2``, from the capacity on with the slope of the capacity.

    Parameters
    ----------
    columns : sparse array (price, agent)
        Recipe per t of activity.
    cost : array (draw, agent) [USD/kg]
        Margin at which the activity starts.
    slope : array (draw, agent) [t/month per USD/kg]
        Activity gained per unit of margin; positive.
    capacity : array (draw, agent) [t/month]
        Largest activity; infinite for none.
    """

    columns: sparse.csc_array
    cost: FloatArray
    slope: FloatArray
    capacity: FloatArray

    def evaluate(self, seen: FloatArray, draws: Draws) -> Evaluation:
        """Answer the margins before cost [USD/kg]."""
        slope, capacity = _of(self.slope, draws), _of(self.capacity, draws)
        margin = np.maximum(seen - _of(self.cost, draws), 0.0)
        beyond = np.maximum(margin - capacity / slope, 0.0)
        value = np.asarray((0.5 * slope * (margin**2 - beyond**2)).sum(axis=1))
        rising = (margin > 0) & (beyond <= 0)
        return Evaluation(value, slope * (margin - beyond), np.where(rising, slope, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class IsoelasticUses:
    """Demand of constant elasticity, ``base * (p / base_price) ** -elasticity``.

    Parameters
    ----------
    columns : sparse array (price, agent)
        Selects the price that each use pays.
    base : array (draw, agent) [t/month]
        Demand at the base price.
    base_price : array (draw, agent) [USD/kg]
        Base price.
    elasticity : array (draw, agent)
        Positive; 1 is handled by its logarithmic limit.
    """

    columns: sparse.csc_array
    base: FloatArray
    base_price: FloatArray
    elasticity: FloatArray

    def evaluate(self, seen: FloatArray, draws: Draws) -> Evaluation:
        """Answer the prices paid [USD/kg]; infinite value at a price of zero."""
        base, elasticity = _of(self.base, draws), _of(self.elasticity, draws)
        base_price = _of(self.base_price, draws)
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithm = np.log(seen / base_price)
            demand = base * np.exp(-elasticity * logarithm)
            rest = 1.0 - elasticity
            # expm1(rest * log)/rest tends to log as the elasticity tends to one
            integral = np.where(
                np.abs(rest) < 1e-9,
                logarithm,
                np.expm1(rest * logarithm) / np.where(np.abs(rest) < 1e-9, 1.0, rest),
            )
            value = -(base * base_price * integral).sum(axis=1)
        return Evaluation(np.asarray(value), -demand, elasticity * demand / seen)


@dataclass(frozen=True, slots=True, eq=False)
class LinearUses:
    """Demand ``max(0, intercept - slope * p)``.

    Parameters
    ----------
    columns : sparse array (price, agent)
        Selects the price that each use pays.
    intercept : array (draw, agent) [t/month]
        Demand at a price of zero.
    slope : array (draw, agent) [t/month per USD/kg]
        Positive.
    """

    columns: sparse.csc_array
    intercept: FloatArray
    slope: FloatArray

    def evaluate(self, seen: FloatArray, draws: Draws) -> Evaluation:
        """Answer the prices paid [USD/kg]."""
        slope = _of(self.slope, draws)
        demand = np.maximum(_of(self.intercept, draws) - slope * seen, 0.0)
        value = np.asarray((0.5 * demand**2 / slope).sum(axis=1))
        return Evaluation(value, -demand, np.where(demand > 0, slope, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """Stocks: what is carried out falls with the price relative to the expected one.

    With ``r = p / expected`` the carry-out is ``(1 - tail) k(r) + tail target / r``, where
    ``k = target exp(-release (r - 1))`` above the expected price and, below it,
    ``k = target + room (1 - exp(-release target (1 - r) / room))``: stock may all be let go,
    but only so much more can be taken in. Net supply is the opening stock less the carry-out.
    The thin power tail keeps a little stock at any price, so that demand for stock never
    vanishes nor explodes.

    Parameters
    ----------
    columns : sparse array (price, agent)
        Selects the price that each holder faces.
    opening : array (draw, agent) [t]
        Stock at the start of the month.
    target : array (draw, agent) [t]
        Stock wanted at the expected price.
    room : array (draw, agent) [t]
        Most that is held beyond the target, however low the price; positive.
    expected : array (draw, agent) [USD/kg]
        Expected price.
    release : array (draw, agent)
        How fast stock is let go when the price exceeds the expected one.
    tail : float
        Share of the target behind the power tail.
    """

    columns: sparse.csc_array
    opening: FloatArray
    target: FloatArray
    room: FloatArray
    expected: FloatArray
    release: FloatArray
    tail: float = 0.01

    def evaluate(self, seen: FloatArray, draws: Draws) -> Evaluation:
        """Answer the prices faced [USD/kg]; infinite value at a price of zero."""
        target, expected = _of(self.target, draws), _of(self.expected, draws)
        release, opening = _of(self.release, draws), _of(self.opening, draws)
        room, tail = _of(self.room, draws), self.tail
        ratio = seen / expected
        pace = release * target / room
        above, below = np.maximum(ratio - 1.0, 0.0), np.maximum(1.0 - ratio, 0.0)
        let_go, filled = np.exp(-release * above), np.exp(-pace * below)
        kept = target * let_go + room * (1.0 - filled)
        area = target / release * let_go + (target + room) * below - room / pace * (1.0 - filled)
        with np.errstate(divide="ignore", invalid="ignore"):
            thin = target * tail / ratio
            stored = expected * ((1.0 - tail) * area - target * tail * np.log(ratio))
            value = (opening * seen + stored).sum(axis=1)
        steep = np.where(ratio >= 1.0, release * target * let_go, release * target * filled)
        slope = ((1.0 - tail) * steep + thin / ratio) / expected
        return Evaluation(np.asarray(value), opening - (1.0 - tail) * kept - thin, slope)


@dataclass(frozen=True, slots=True, eq=False)
class FixedSupplies:
    """Quantities that do not answer prices: contract tonnes, releases, and permits.

    A permit is a fixed supply of licensed tonnes in a market of its own: its price is the
    rent, and the routes that it covers buy it. Prices are nonnegative, so a permit that is
    not used up is free (complementarity).

    Parameters
    ----------
    columns : sparse array (price, agent)
        Selects the price of each quantity.
    quantity : array (draw, agent) [t/month]
        Supply (> 0) or withdrawal (< 0).
    """

    columns: sparse.csc_array
    quantity: FloatArray

    def evaluate(self, seen: FloatArray, draws: Draws) -> Evaluation:
        """Answer with the quantity at any price."""
        quantity = np.broadcast_to(_of(self.quantity, draws), seen.shape)
        value = np.asarray((quantity * seen).sum(axis=1))
        return Evaluation(value, quantity, np.zeros_like(seen))


@dataclass(frozen=True, slots=True, eq=False)
class PriceBox:
    """Backstop supply far above the base price and free disposal far below it.

    Both are one-sided quadratics without a bound, so that every market has an equilibrium
    whatever happens to its other agents; inside the box they answer exactly zero. A market
    that leans on either is rationed: its price means nothing.

    Parameters
    ----------
    columns : sparse array (price, agent)
        One column per market.
    ceiling, floor : array (draw, agent) [USD/kg]
        Where backstop and disposal begin.
    strength : array (draw, agent) [t/month per USD/kg]
        How steeply the backstop supplies; disposal is as steep in relative terms.
    """

    columns: sparse.csc_array
    ceiling: FloatArray
    floor: FloatArray
    strength: FloatArray

    def evaluate(self, seen: FloatArray, draws: Draws) -> Evaluation:
        """Answer the market prices [USD/kg]."""
        ceiling, floor = _of(self.ceiling, draws), _of(self.floor, draws)
        if bool(((seen <= ceiling) & (seen >= floor)).all()):
            none = np.zeros_like(seen)
            return Evaluation(np.zeros(len(seen)), none, none)
        rise = _of(self.strength, draws)
        fall = DISPOSAL_STEEPNESS * rise * ceiling / floor
        above, below = np.maximum(seen - ceiling, 0.0), np.maximum(floor - seen, 0.0)
        value = np.asarray((0.5 * (rise * above**2 + fall * below**2)).sum(axis=1))
        slope = np.where(above > 0, rise, 0.0) + np.where(below > 0, fall, 0.0)
        return Evaluation(value, rise * above - fall * below, slope)
