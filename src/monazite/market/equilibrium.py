"""Clear a market: the one price vector at which all answers fit together."""

from dataclasses import dataclass

import numpy as np

from monazite.errors import EquilibriumError
from monazite.market.batch import suits
from monazite.market.calibrate import BACKSTOP_MULTIPLE, Market, Month
from monazite.newton import BoolArray, FloatArray, IndexArray, Minimum, Problem, Settings

NEAR_BACKSTOP = 0.9
"""Share of the backstop's price from which a price is the backstop's."""
ENOUGH = 1e-9
"""Residual that is taken where round-off lets the iteration get no nearer."""
LEAST_LICENSED = 1e-6
"""Smallest permit over its usual flow whose answer Newton reckons with."""
LEAST_GRANTED = 1e-3
"""Smallest size of a permit over its usual flow, for the scale of its residual."""
MONTH_SETTINGS = Settings(tolerance=1e-11, steps=300)


@dataclass(frozen=True, slots=True, eq=False)
class Equilibrium:
    """A cleared month; every array has the draws in front.

    ``price`` : (draw, spot market) [USD/kg]. ``group_price`` : (draw, group). ``market_price`` :
    (draw, market) both, spot markets first. ``rent`` : (draw, permit) [USD/kg]. ``activity``,
    ``flow``, ``purchase`` : [t/month] of processes, routes and links. ``running`` : (draw, rung)
    demand of the rungs that go on. ``rest`` : (draw, group) isoelastic, linear or fixed demand.
    ``closing`` : (draw, market) stock carried out [t]. ``leaning`` : (draw, market) net supply
    of the price box.
    ``rationed`` : (draw, spot market) whether the price means nothing.
    ``residual``, ``steps``, ``converged`` : (draw) of the iteration.
    """

    price: FloatArray
    group_price: FloatArray
    market_price: FloatArray
    rent: FloatArray
    activity: FloatArray
    flow: FloatArray
    purchase: FloatArray
    running: FloatArray
    rest: FloatArray
    closing: FloatArray
    leaning: FloatArray
    rationed: BoolArray
    residual: FloatArray
    steps: IndexArray
    converged: BoolArray


def clear(
    market: Market,
    month: Month,
    start: FloatArray | None = None,
    *,
    settings: Settings = MONTH_SETTINGS,
) -> Equilibrium:
    """Find the prices at which every agent's answer fits.

    Parameters
    ----------
    market : Market
        Calibrated agents.
    month : Month
        Capacities, costs, stocks and limits of the month.
    start : array (draw, price), optional
        Where to begin (last month's prices); the base prices by default.
    settings : Settings
        Tolerance and number of steps.

    Returns
    -------
    Equilibrium
        Prices, rents and every agent's quantity.

    Raises
    ------
    EquilibriumError
        If no prices clear the market from any start, naming the worst markets.
    """
    problem = _problem(market, month)
    best = _minimise(market, problem, _start(market, start), settings)
    for retry in _retries(market, month):
        if (best.residual <= ENOUGH).all():
            break
        best = _better(best, problem, retry, settings)
    if not (best.residual <= ENOUGH).all():
        raise _failure(market, problem, best)
    return _collect(market, month, problem, best)


def clear_prices(market: Market, month: Month, start: FloatArray, settings: Settings) -> Minimum:
    """Find prices only, and leave draws that do not converge where they got to; see `clear`."""
    return _minimise(market, _problem(market, month), _start(market, start), settings)


def _start(market: Market, start: FloatArray | None) -> FloatArray:
    prices = market.calm_prices[None, :] if start is None else start
    return np.broadcast_to(prices, (market.parameters.draws, market.size_of_system)).copy()


def _minimise(market: Market, problem: Problem, start: FloatArray, settings: Settings) -> Minimum:
    """Clear many draws in lanes, one or two by themselves; lost ones once more by themselves."""
    groups = tuple(problem.groups)
    if not suits(groups, len(start)):
        return problem.minimise(start, settings)
    best = market.lanes.minimise(groups, problem, start, settings)
    lost = (best.residual > ENOUGH).any()
    return _better(best, problem, start, settings) if lost else best


def _problem(market: Market, month: Month) -> Problem:
    usual, rents = market.permit_scale
    size = np.concatenate(
        [market.throughput, np.clip(month.permit_size, LEAST_GRANTED * usual, usual)]
    )
    licensed = np.clip(month.permit_size, LEAST_LICENSED * usual, usual)
    return Problem(
        market.agents(month),
        market.pattern,
        size=size,
        reference=np.concatenate([market.market_price0, rents]),
        touches_zero=market.touches_zero,
        answering=np.concatenate([market.throughput, licensed]),
    )


def _retries(market: Market, month: Month) -> list[FloatArray]:
    """Other places to begin: base prices, expected prices, twice the expected prices."""
    draws, rents = market.parameters.draws, np.zeros((1, len(market.permits)))
    base = market.market_price0[None, :]
    expected = np.broadcast_to(month.expected, (draws, market.markets))
    starts = [base, expected, 2.0 * expected, 5.0 * base]
    return [
        np.hstack([np.broadcast_to(s, (draws, market.markets)), np.repeat(rents, draws, axis=0)])
        for s in starts
    ]


def _better(best: Minimum, problem: Problem, start: FloatArray, settings: Settings) -> Minimum:
    """Restart the draws that did not converge, and keep what came nearest."""
    failed = np.flatnonzero(best.residual > ENOUGH)
    again = problem.minimise(start[failed], settings, failed)
    nearer = failed[again.residual < best.residual[failed]]
    won = again.residual < best.residual[failed]
    prices, residual = best.prices.copy(), best.residual.copy()
    steps, converged = best.steps.copy(), best.converged.copy()
    prices[nearer], residual[nearer] = again.prices[won], again.residual[won]
    steps[failed] += again.steps
    converged[failed] = again.converged
    return Minimum(prices, residual, steps, converged)


def _failure(market: Market, problem: Problem, best: Minimum) -> EquilibriumError:
    draw = int(np.argmax(best.residual))
    gradient = problem.evaluate(best.prices[draw : draw + 1], slice(draw, draw + 1)).gradient[0]
    worst = np.argsort(-np.abs(gradient) / problem.size)[:3]
    names = ", ".join(_market_name(market, int(i)) for i in worst)
    return EquilibriumError(
        f"no prices clear the market (largest excess {best.residual[draw]:.1e} of its size)",
        where=names,
        way_out="check the capacities, limits and stocks of these markets",
    )


def _market_name(market: Market, index: int) -> str:
    spots = len(market.spot_markets)
    if index < spots:
        return " in ".join(market.spot_markets[index])
    if index < market.markets:
        group = market.groups[int(market.linked[index - spots])]
        return f"{group.commodity} for {group.use} ({group.cover_class}) in {group.region}"
    return f"permit {market.permits[index - market.markets].name}"


def _rationed(market: Market, price: FloatArray, leaning: FloatArray) -> BoolArray:
    """Whether a price means nothing: the market, or one that feeds it, leans on the box."""
    spots = len(market.spot_markets)
    leans = np.abs(leaning) > 1e-3 * market.throughput[:spots]
    return np.asarray(leans | (price >= NEAR_BACKSTOP * BACKSTOP_MULTIPLE * market.base_price))


def _collect(market: Market, month: Month, problem: Problem, best: Minimum) -> Equilibrium:
    groups = problem.groups
    seen = (market.pattern.transposed @ best.prices.T).T
    bounds = np.concatenate([[0], np.cumsum([g.columns.shape[1] for g in groups])])
    answers = [
        group.evaluate(seen[:, start:stop], slice(None)).answer
        for group, start, stop in zip(groups, bounds[:-1], bounds[1:], strict=True)
    ]
    activities, elastic, held, _, _, leaning, linear, made, moved = answers
    activity, flow, purchase, running = np.split(np.array(activities), market.activity_ends, axis=1)
    activity[:, market.quadratic_processes] += made
    flow[:, market.quadratic_routes] += moved
    spots = len(market.spot_markets)
    market_price = best.prices[:, : market.markets]
    rest = np.zeros((len(best.prices), len(market.groups)))
    rest[:, market.elastic_groups] = -elastic
    rest[:, market.linear_groups] = -linear
    for g in market.fixed_groups:
        rest[:, g] = market.groups[g].demand * month.demand_scale[:, g]
    return Equilibrium(
        price=market_price[:, :spots],
        group_price=market_price[:, market.group_market],
        market_price=market_price,
        rent=best.prices[:, market.markets :],
        activity=activity,
        flow=flow,
        purchase=purchase,
        running=running,
        rest=rest,
        closing=month.opening - held,
        leaning=leaning,
        rationed=_rationed(market, market_price[:, :spots], leaning[:, :spots]),
        residual=best.residual,
        steps=best.steps,
        converged=best.converged,
    )
