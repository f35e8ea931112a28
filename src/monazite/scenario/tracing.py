"""Where goods come from and where they end: shares followed through the base year's flows.

Two questions that a measure asks of the network. How much of what a market supplies contains
goods of some origin (to reach re-exports)? How much of what a market supplies ends in some
uses (to exempt them)? Both are fixed points over markets; the iteration rises from zero and
stops when nothing moves by more than 1e-9.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from monazite.network import Process, SupplyNetwork

Market = tuple[str, str]
Shares = dict[Market, float]
Lookup = Callable[[str, str], float | None]

_ROUNDS = 200
_SETTLED = 1e-9


@dataclass(frozen=True, slots=True)
class _Term:
    """``weight`` of a market's total that carries the share given by ``share_of``."""

    weight: float
    share_of: Callable[[Mapping[Market, float]], float]


def price_lookup(network: SupplyNetwork) -> Lookup:
    """Return base price [USD/kg] by commodity and region; region ``*`` stands for every region."""
    rows = {(row.commodity, row.region): row.price for row in network.base_prices}
    return lambda commodity, region: rows.get((commodity, region), rows.get((commodity, "*")))


def origin_shares(
    network: SupplyNetwork,
    actors: Collection[str],
    commodities: Collection[str],
    de_minimis: float = 0.0,
) -> Shares:
    """Share of each market's supply that is, or is made with, the actors' controlled goods.

    Parameters
    ----------
    actors, commodities
        Regions and goods under control.
    de_minimis : float
        An input counts where it is at least this share of its product's value.

    Returns
    -------
    dict
        (commodity, region) to a share between 0 and 1; goods made with several controlled
        inputs are as clean as the dirtiest of them.
    """
    terms: dict[Market, list[_Term]] = defaultdict(list)
    price = price_lookup(network)
    for route in network.routes:
        here, there = (route.commodity, route.origin), (route.commodity, route.destination)
        is_controlled = route.origin in actors and route.commodity in commodities
        share = _constant(1.0) if is_controlled else _share_at(here)
        terms[there].append(_Term(route.flow or 0.0, share))
    for process in network.processes:
        inputs = _counted_inputs(process, price, de_minimis)
        for commodity, coefficient in process.recipe.items():
            if coefficient > 0:
                made = (process.activity or 0.0) * coefficient
                terms[commodity, process.region].append(_Term(made, _highest(inputs)))
    return _fixed_point(terms)


def use_shares(network: SupplyNetwork, uses: Collection[str]) -> Shares:
    """Share of each market's supply that ends in the named uses, wherever they are.

    The output of a process with several products counts by value.
    """
    terms: dict[Market, list[_Term]] = defaultdict(list)
    price = price_lookup(network)
    for use in network.uses:
        share = _constant(1.0 if use.name in uses else 0.0)
        terms[use.commodity, use.region].append(_Term(use.demand, share))
    for route in network.routes:
        there = _share_at((route.commodity, route.destination))
        terms[route.commodity, route.origin].append(_Term(route.flow or 0.0, there))
    for process in network.processes:
        ends = _mean(_output_weights(process, price))
        for commodity, coefficient in process.recipe.items():
            if coefficient < 0:
                taken = -(process.activity or 0.0) * coefficient
                terms[commodity, process.region].append(_Term(taken, ends))
    return _fixed_point(terms)


def supply(network: SupplyNetwork) -> dict[Market, float]:
    """Base-year supply of each market [t/year]: what arrives and what is made there."""
    total: dict[Market, float] = defaultdict(float)
    for route in network.routes:
        total[route.commodity, route.destination] += route.flow or 0.0
    for process in network.processes:
        for commodity, coefficient in process.recipe.items():
            if coefficient > 0:
                total[commodity, process.region] += coefficient * (process.activity or 0.0)
    return dict(total)


def absorption(network: SupplyNetwork) -> dict[Market, float]:
    """Base-year consumption of each market [t/year]: uses there and inputs of plants there."""
    total: dict[Market, float] = defaultdict(float)
    for use in network.uses:
        total[use.commodity, use.region] += use.demand
    for process in network.processes:
        for commodity, coefficient in process.recipe.items():
            if coefficient < 0:
                total[commodity, process.region] -= coefficient * (process.activity or 0.0)
    return dict(total)


def _fixed_point(terms: Mapping[Market, list[_Term]]) -> Shares:
    shares: Shares = dict.fromkeys(terms, 0.0)
    for _ in range(_ROUNDS):
        moved = {market: _weighted(rows, shares) for market, rows in terms.items()}
        change = max((abs(moved[m] - shares[m]) for m in moved), default=0.0)
        shares = moved
        if change < _SETTLED:
            break
    return shares


def _weighted(rows: list[_Term], shares: Mapping[Market, float]) -> float:
    total = sum(row.weight for row in rows)
    if total <= 0:
        return 0.0
    return min(1.0, sum(row.weight * row.share_of(shares) for row in rows) / total)


def _constant(value: float) -> Callable[[Mapping[Market, float]], float]:
    return lambda _: value


def _share_at(market: Market) -> Callable[[Mapping[Market, float]], float]:
    return lambda shares: shares.get(market, 0.0)


def _highest(markets: list[Market]) -> Callable[[Mapping[Market, float]], float]:
    return lambda shares: max((shares.get(m, 0.0) for m in markets), default=0.0)


def _mean(weights: dict[Market, float]) -> Callable[[Mapping[Market, float]], float]:
    total = sum(weights.values()) or 1.0
    return lambda shares: sum(w * shares.get(m, 0.0) for m, w in weights.items()) / total


def _counted_inputs(process: Process, price: Lookup, de_minimis: float) -> list[Market]:
    values = _values(process, price)
    made = sum(value for value in values.values() if value > 0)
    return [(c, process.region) for c, value in values.items() if value < -de_minimis * made]


def _output_weights(process: Process, price: Lookup) -> dict[Market, float]:
    values = _values(process, price)
    return {(c, process.region): value for c, value in values.items() if value > 0}


def _values(process: Process, price: Lookup) -> dict[str, float]:
    """Value of each good per unit of activity; by weight where a price is not known."""
    prices = {commodity: price(commodity, process.region) for commodity in process.recipe}
    if any(value is None for value in prices.values()):
        return dict(process.recipe)
    return {c: coefficient * (prices[c] or 0.0) for c, coefficient in process.recipe.items()}
