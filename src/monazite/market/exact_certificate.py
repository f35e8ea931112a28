"""Is it an exact equilibrium? Every agent's best answer to the prices, row by row.

Written from the network's rows alone, a second time; neither the programme nor its solver is
imported. Quantities are held against best answers: everything above zero margin, nothing below
it, and at zero margin whatever is done is right.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monazite.market.certificate import Certificate
from monazite.network import Form, Market, Process, Route, SupplyNetwork, Use, UseForm

FloatArray = npt.NDArray[np.float64]

INDIFFERENT = 1e-9
"""Margin, relative to the largest price, at which an agent does not care."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an agent does, and the least and most that is best for it at these prices."""

    actual: float
    least: float
    most: float

    def gap(self) -> float:
        return max(self.least - self.actual, self.actual - self.most, 0.0)


def certify_exact(
    network: SupplyNetwork,
    *,
    price: FloatArray,
    rent: FloatArray,
    activity: FloatArray,
    flow: FloatArray,
    quantity: FloatArray,
) -> Certificate:
    """Measure how far prices and quantities are from an equilibrium; all relative, the worst.

    Parameters
    ----------
    network : SupplyNetwork
        What was cleared.
    price : array (market)
        In the order of ``network.markets()`` [USD/kg].
    rent : array (quota)
        Price of each quota [USD/kg].
    activity, flow, quantity : arrays (process), (route), (use)
        What everybody does [t/year].
    """
    prices = dict(zip(network.markets(), map(float, price), strict=True))
    made, taken = _books(network, activity, flow, quantity)
    size = max([*made.values(), *taken.values()], default=0.0) or 1.0
    care = INDIFFERENT * (max(prices.values(), default=0.0) or 1.0)
    answers = [
        *_process_answers(network, prices, activity, care),
        *_route_answers(network, prices, rent, flow, care),
        *_use_answers(network, prices, quantity, care),
    ]
    short = {market: max(taken[market] - made[market], 0.0) for market in prices}
    over = {market: max(made[market] - taken[market], 0.0) for market in prices}
    paid = sum(prices[market] * taken[market] for market in prices)
    idle, beyond = _permits(network, rent, flow)
    wasted = sum(prices[market] * over[market] for market in prices)
    missing = sum(prices[market] * short[market] for market in prices)
    gaps = [answer.gap() / size for answer in answers]
    gaps += [short[market] / max(taken[market], 1e-9 * size) for market in prices]
    return Certificate(
        excess_demand=max(gaps, default=0.0),
        mass_balance=_mass(network, short, taken, size),
        money_balance=(wasted + missing) / (paid or 1.0),
        complementarity=max((wasted + idle) / (paid or 1.0), beyond / size),
    )


def _books(
    network: SupplyNetwork, activity: FloatArray, flow: FloatArray, quantity: FloatArray
) -> tuple[dict[Market, float], dict[Market, float]]:
    """Add up what enters and what leaves each market [t/year]."""
    made: dict[Market, float] = dict.fromkeys(network.markets(), 0.0)
    taken = dict(made)
    for process, running in zip(network.processes, activity, strict=True):
        for commodity, amount in process.recipe.items():
            book = made if amount > 0 else taken
            book[commodity, process.region] += abs(amount) * float(running)
    for route, moved in zip(network.routes, flow, strict=True):
        taken[route.commodity, route.origin] += float(moved)
        made[route.commodity, route.destination] += float(moved)
    for use, used in zip(network.uses, quantity, strict=True):
        taken[use.commodity, use.region] += float(used)
    return made, taken


def _process_answers(
    network: SupplyNetwork, prices: Mapping[Market, float], activity: FloatArray, care: float
) -> Iterator[_Answer]:
    for process, running in zip(network.processes, activity, strict=True):
        earned = sum(
            amount * prices[commodity, process.region]
            for commodity, amount in process.recipe.items()
        )
        margin = earned - (process.unit_cost or 0.0)
        yield _answer(process, margin, float(running), process.capacity, care)


def _route_answers(
    network: SupplyNetwork,
    prices: Mapping[Market, float],
    rent: FloatArray,
    flow: FloatArray,
    care: float,
) -> Iterator[_Answer]:
    rents = [0.0] * len(network.routes)
    for quota, height in zip(network.quotas, rent, strict=True):
        for index in quota.routes:
            rents[index] += float(height)
    for route, moved, height in zip(network.routes, flow, rents, strict=True):
        gained = prices[route.commodity, route.destination] - prices[route.commodity, route.origin]
        most = math.inf
        if route.expansion is not None and route.flow is not None:
            most = route.expansion * route.flow if math.isfinite(route.expansion) else math.inf
        yield _answer(route, gained - (route.cost or 0.0) - height, float(moved), most, care)


def _answer(
    way: Process | Route, margin: float, actual: float, capacity: float, care: float
) -> _Answer:
    if way.form is Form.QUADRATIC:
        best = min(max((way.slope or 0.0) * margin, 0.0), capacity)
        return _Answer(actual, best, best)
    return _Answer(actual, capacity if margin > care else 0.0, 0.0 if margin < -care else capacity)


def _use_answers(
    network: SupplyNetwork, prices: Mapping[Market, float], quantity: FloatArray, care: float
) -> Iterator[_Answer]:
    for use, used in zip(network.uses, quantity, strict=True):
        price = prices[use.commodity, use.region]
        if use.form is UseForm.LADDER:
            yield _ladder_answer(network, use, float(used), price, care)
        elif use.form is UseForm.LINEAR:
            best = max((use.intercept or 0.0) - (use.slope or 0.0) * price, 0.0)
            yield _Answer(float(used), best, best)
        else:
            yield _Answer(float(used), use.demand, use.demand)


def _ladder_answer(
    network: SupplyNetwork, use: Use, used: float, price: float, care: float
) -> _Answer:
    least = most = 0.0
    for rung in use.rungs:
        base = network.base_price((use.commodity, use.region)) if rung.price_multiple else 0.0
        value = rung.price_multiple * base + rung.price_add
        least += rung.share * use.demand if price < value - care else 0.0
        most += rung.share * use.demand if price <= value + care else 0.0
    return _Answer(used, least, most)


def _permits(network: SupplyNetwork, rent: FloatArray, flow: FloatArray) -> tuple[float, float]:
    """Return rent times unused limit, added up, and the largest flow beyond a limit."""
    idle = beyond = 0.0
    for quota, height in zip(network.quotas, rent, strict=True):
        unused = quota.limit - float(flow[list(quota.routes)].sum())
        idle += float(height) * max(unused, 0.0)
        beyond = max(beyond, -unused)
    return idle, beyond


def _mass(
    network: SupplyNetwork,
    short: Mapping[Market, float],
    taken: Mapping[Market, float],
    size: float,
) -> float:
    """Return the largest shortfall of a commodity over what is taken of it."""
    worst = 0.0
    for commodity in network.commodities:
        own = [market for market in short if market[0] == commodity.code]
        through = sum(taken[market] for market in own)
        worst = max(worst, sum(short[market] for market in own) / max(through, 1e-9 * size))
    return worst
