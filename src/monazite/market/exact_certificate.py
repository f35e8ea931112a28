"""Is it an exact equilibrium? Every agent's best answer to the prices, row by row.

Written from the network's rows alone, a second time; neither the programme nor its solver is
imported. Quantities are held against best answers: everything where the margin is positive,
nothing where it is negative, anything where it is zero. The gap of an agent with one cost is
the smaller of its margin and of the quantity that is wrong, each relative to the largest.
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
"""Distance from a rung's value, relative to the largest price, at which its buyer does not care."""


SMALL = 1e-4
"""Share of the largest market; smaller ones are measured as if they were that large."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Largest quantity and largest price of the network: what gaps are measured by."""

    size: float
    height: float


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
    wanted = [max(use.demand, use.intercept or 0.0) for use in network.uses]
    size = max([*made.values(), *taken.values(), *wanted], default=0.0) or 1.0
    scale = _Scale(size, max(prices.values(), default=0.0) or 1.0)
    gaps = [
        *_process_gaps(network, prices, activity, scale),
        *_route_gaps(network, prices, rent, flow, scale),
        *_use_gaps(network, prices, quantity, scale),
    ]
    short = {market: max(taken[market] - made[market], 0.0) for market in prices}
    over = {market: max(made[market] - taken[market], 0.0) for market in prices}
    paid = sum(prices[market] * taken[market] for market in prices)
    paid = max(paid, SMALL * scale.size * scale.height)
    idle, beyond = _permits(network, rent, flow)
    wasted = sum(prices[market] * over[market] for market in prices)
    missing = sum(prices[market] * short[market] for market in prices)
    gaps += [short[market] / max(taken[market], SMALL * size) for market in prices]
    return Certificate(
        excess_demand=max(gaps, default=0.0),
        mass_balance=_mass(network, short, taken, size),
        money_balance=(wasted + missing) / paid,
        complementarity=max((wasted + idle) / paid, beyond / size),
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


def _process_gaps(
    network: SupplyNetwork, prices: Mapping[Market, float], activity: FloatArray, scale: _Scale
) -> Iterator[float]:
    for process, running in zip(network.processes, activity, strict=True):
        earned = sum(
            amount * prices[commodity, process.region]
            for commodity, amount in process.recipe.items()
        )
        margin = earned - (process.unit_cost or 0.0)
        yield _gap(process, margin, float(running), process.capacity, scale)


def _route_gaps(
    network: SupplyNetwork,
    prices: Mapping[Market, float],
    rent: FloatArray,
    flow: FloatArray,
    scale: _Scale,
) -> Iterator[float]:
    rents = [0.0] * len(network.routes)
    for quota, height in zip(network.quotas, rent, strict=True):
        for index in quota.routes:
            rents[index] += float(height)
    for route, moved, height in zip(network.routes, flow, rents, strict=True):
        gained = prices[route.commodity, route.destination] - prices[route.commodity, route.origin]
        most = math.inf
        if route.expansion is not None and route.flow is not None:
            most = route.expansion * route.flow if math.isfinite(route.expansion) else math.inf
        yield _gap(route, gained - (route.cost or 0.0) - height, float(moved), most, scale)


def _gap(
    way: Process | Route, margin: float, actual: float, capacity: float, scale: _Scale
) -> float:
    if way.form is Form.QUADRATIC:
        best = min(max((way.slope or 0.0) * margin, 0.0), capacity)
        return abs(actual - best) / scale.size
    wrong = capacity - actual if margin > 0 else actual
    return min(abs(margin) / scale.height, max(wrong, 0.0) / scale.size)


def _use_gaps(
    network: SupplyNetwork, prices: Mapping[Market, float], quantity: FloatArray, scale: _Scale
) -> Iterator[float]:
    for use, used in zip(network.uses, quantity, strict=True):
        price = prices[use.commodity, use.region]
        if use.form is UseForm.LADDER:
            least, most = _ladder_range(network, use, price, INDIFFERENT * scale.height)
        elif use.form is UseForm.LINEAR:
            least = most = max((use.intercept or 0.0) - (use.slope or 0.0) * price, 0.0)
        else:
            least = most = use.demand
        yield max(least - float(used), float(used) - most, 0.0) / scale.size


def _ladder_range(
    network: SupplyNetwork, use: Use, price: float, care: float
) -> tuple[float, float]:
    """Return the least and the most that is best for the use at this price [t/year]."""
    least = most = 0.0
    for rung in use.rungs:
        base = network.base_price((use.commodity, use.region)) if rung.price_multiple else 0.0
        value = rung.price_multiple * base + rung.price_add
        least += rung.share * use.demand if price < value - care else 0.0
        most += rung.share * use.demand if price <= value + care else 0.0
    return least, most


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
        worst = max(worst, sum(short[market] for market in own) / max(through, SMALL * size))
    return worst
