"""Is it an equilibrium? Recomputed from arrays by code that shares nothing with the solver.

Everything is summed again from the network's own rows (recipes, origins, destinations),
with formulas written here a second time; neither the solver nor the agents are imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from monazite.network import SupplyNetwork

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far a cleared month is from an equilibrium; all relative, the worst of its draws.

    ``excess_demand`` : largest excess demand over market size, quantities recomputed from
    prices. ``mass_balance`` : largest imbalance of a commodity over its throughput, from the
    reported quantities. ``money_balance`` : what users pay against what agents, permits and
    treasuries receive, over payments. ``complementarity`` : rent times unused permit, and use
    beyond the permit. ``condition`` : estimate for the scaled Hessian. ``steps`` : Newton steps.
    """

    excess_demand: float
    mass_balance: float
    money_balance: float
    complementarity: float
    condition: float = float("nan")
    steps: int = 0

    def worst(self) -> float:
        """Largest of the four residuals."""
        return max(self.excess_demand, self.mass_balance, self.money_balance, self.complementarity)


def worst(certificates: Sequence[Certificate]) -> Certificate:
    """Return the worst residual of each kind over months or draws; conditions where estimated."""
    conditions = [c.condition for c in certificates if np.isfinite(c.condition)]
    return Certificate(
        excess_demand=max(c.excess_demand for c in certificates),
        mass_balance=max(c.mass_balance for c in certificates),
        money_balance=max(c.money_balance for c in certificates),
        complementarity=max(c.complementarity for c in certificates),
        condition=max(conditions, default=float("nan")),
        steps=max(c.steps for c in certificates),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Quantities:
    """What a month reports, as plain arrays; draws in front, t/month and USD/kg.

    ``price`` : (draw, market), spot markets first. ``rent`` : (draw, permit). ``activity`` :
    (draw, process). ``flow`` : (draw, route), contract tonnes left out. ``purchase`` : (draw,
    link). ``consumption`` : (draw, group). ``opening``, ``closing`` : (draw, market) stock [t].
    ``fixed`` : (draw, market) supply that answers no price. ``leaning`` : (draw, market) net
    supply of the price box. ``limit`` : (draw, permit) what the permit allows. ``tax_charged``,
    ``tax_due`` : (draw, route) tax per kg that the routes reckoned with, and that the final
    prices imply.
    """

    price: FloatArray
    rent: FloatArray
    activity: FloatArray
    flow: FloatArray
    purchase: FloatArray
    consumption: FloatArray
    opening: FloatArray
    closing: FloatArray
    fixed: FloatArray
    leaning: FloatArray
    limit: FloatArray
    tax_charged: FloatArray
    tax_due: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Behaviour:
    """The parameters that the quantities should answer to; arrays (draw or 1, agent).

    ``processes``, ``routes``, ``links``, ``rungs`` : (capacity [t/month], cost [USD/kg], spread
    [USD/kg]) of logistic activities. ``rung_group`` : group to which each rung belongs.
    ``rest`` : (base quantity, base price, elasticity) of the groups, with the quantity given
    where the elasticity is NaN.
    ``holders`` : (target, room, expected, release, tail). ``quadratic_processes``,
    ``quadratic_routes`` : places, and (capacity, cost, slope) of those that answer linearly in
    their margin. ``linear`` : places, intercepts and slopes of groups with linear demand.
    """

    processes: tuple[FloatArray, FloatArray, FloatArray]
    routes: tuple[FloatArray, FloatArray, FloatArray]
    links: tuple[FloatArray, FloatArray, FloatArray]
    rungs: tuple[FloatArray, FloatArray, FloatArray]
    rung_group: IndexArray
    rest: tuple[FloatArray, FloatArray, FloatArray]
    holders: tuple[FloatArray, FloatArray, FloatArray, FloatArray, float]
    quadratic_processes: tuple[IndexArray, tuple[FloatArray, FloatArray, FloatArray]]
    quadratic_routes: tuple[IndexArray, tuple[FloatArray, FloatArray, FloatArray]]
    linear: tuple[IndexArray, FloatArray, FloatArray]


class Ledger:
    """Where every row of the network books its quantities.

    Parameters
    ----------
    network : SupplyNetwork
        Rows that were cleared.
    spot_markets : sequence of (commodity, region)
        Order of the spot prices.
    group_market, group_spot, linked : arrays
        Captive market and spot market of each group; groups behind a link.
    permits : sequence of (routes, links, weights)
        What each permit covers.
    size, reference : arrays (market)
        Market sizes [t/month] and base prices [USD/kg].
    """

    def __init__(
        self,
        network: SupplyNetwork,
        spot_markets: Sequence[tuple[str, str]],
        *,
        group_market: IndexArray,
        group_spot: IndexArray,
        linked: IndexArray,
        permits: Sequence[tuple[IndexArray, IndexArray, FloatArray]],
        size: FloatArray,
        reference: FloatArray,
    ) -> None:
        place = {market: i for i, market in enumerate(spot_markets)}
        recipe = [
            (k, place[commodity, process.region], amount)
            for k, process in enumerate(network.processes)
            for commodity, amount in process.recipe.items()
        ]
        self.recipe_process = np.array([row[0] for row in recipe], dtype=np.intp)
        self.recipe_market = np.array([row[1] for row in recipe], dtype=np.intp)
        self.recipe_amount = np.array([row[2] for row in recipe], dtype=float)
        self.process_size = np.zeros(len(network.processes))
        np.maximum.at(
            self.process_size,
            self.recipe_process,
            size[self.recipe_market] / np.abs(self.recipe_amount),
        )
        self.origin = _places(place, [(r.commodity, r.origin) for r in network.routes])
        self.destination = _places(place, [(r.commodity, r.destination) for r in network.routes])
        self.processes, self.markets = len(network.processes), len(size)
        self.group_market, self.group_spot, self.linked = group_market, group_spot, linked
        self.permits, self.size, self.reference = tuple(permits), size, reference
        codes = sorted({commodity for commodity, _ in spot_markets})
        spot_commodity = np.array([codes.index(c) for c, _ in spot_markets], dtype=np.intp)
        self.commodity = np.zeros(self.markets, dtype=np.intp)
        self.commodity[: len(spot_markets)] = spot_commodity
        self.commodity[group_market] = spot_commodity[group_spot]

    def certify(
        self,
        quantities: Quantities,
        behaviour: Behaviour,
        *,
        condition: float = float("nan"),
        steps: int = 0,
    ) -> Certificate:
        """Check one month; the worst draw counts."""
        again = self._answers(quantities, behaviour)
        excess = np.abs(self._net(again)) / self.size
        return Certificate(
            max(float(excess.max(initial=0.0)), self._misreported(quantities, again)),
            self._mass(quantities),
            self._money(quantities),
            self._complementarity(quantities),
            condition,
            steps,
        )

    def _misreported(self, reported: Quantities, again: Quantities) -> float:
        """Largest reported quantity that is not the answer to its prices, over market size."""
        parts = (
            (reported.activity - again.activity, self.process_size),
            (reported.flow - again.flow, self.size[self.destination]),
            (reported.purchase - again.purchase, self.size[self.group_market[self.linked]]),
            (reported.consumption - again.consumption, self.size[self.group_market]),
            (reported.closing - again.closing, self.size),
        )
        return max(float((np.abs(gap) / size).max(initial=0.0)) for gap, size in parts)

    def _answers(self, q: Quantities, b: Behaviour) -> Quantities:
        route_rent, link_rent = self._rents(q)
        price = q.price
        sold = price[:, self.recipe_market] * self.recipe_amount
        revenue = summed(sold, self.recipe_process, self.processes)
        carried = price[:, self.destination] - price[:, self.origin] - route_rent
        group_price = price[:, self.group_market]
        bought = (group_price - price[:, self.group_spot])[:, self.linked] - link_rent
        running = _logistic(-group_price[:, b.rung_group], b.rungs)
        consumption = _rest(group_price, b.rest)
        linear, intercept, slope = b.linear
        consumption[:, linear] = np.maximum(intercept - slope * group_price[:, linear], 0.0)
        consumption = consumption + summed(running, b.rung_group, consumption.shape[1])
        closing = _carried_out(price, b.holders)
        return Quantities(
            price,
            q.rent,
            _activities(revenue, b.processes, b.quadratic_processes),
            _activities(carried, b.routes, b.quadratic_routes),
            _logistic(bought, b.links),
            consumption,
            q.opening,
            closing,
            q.fixed,
            q.leaning,
            q.limit,
            q.tax_charged,
            q.tax_due,
        )

    def _rents(self, q: Quantities) -> tuple[FloatArray, FloatArray]:
        routes = np.zeros((len(q.price), len(self.origin)))
        links = np.zeros((len(q.price), len(self.linked)))
        place = {int(group): i for i, group in enumerate(self.linked)}
        for k, (covered, groups, weights) in enumerate(self.permits):
            routes[:, covered] += q.rent[:, k : k + 1] * weights[: len(covered)]
            for group, weight in zip(groups, weights[len(covered) :], strict=True):
                links[:, place[int(group)]] += q.rent[:, k] * weight
        return routes, links

    def _net(self, q: Quantities) -> FloatArray:
        """Net supply of every market [t/month]."""
        net = q.opening + q.fixed + q.leaning - q.closing
        made = q.activity[:, self.recipe_process] * self.recipe_amount
        for market, amount in (
            (self.recipe_market, made),
            (self.origin, -q.flow),
            (self.destination, q.flow),
            (self.group_spot[self.linked], -q.purchase),
            (self.group_market[self.linked], q.purchase),
            (self.group_market, -q.consumption),
        ):
            net = net + summed(amount, market, net.shape[1])
        return np.asarray(net)

    def _mass(self, q: Quantities) -> float:
        net = self._net(q)
        kinds = int(self.commodity.max(initial=0)) + 1
        balance = summed(net, self.commodity, kinds)
        scale = np.bincount(self.commodity, self.size, kinds)
        return float((np.abs(balance) / scale).max(initial=0.0))

    def _money(self, q: Quantities) -> float:
        """Payments of the users against the receipts of everybody else [kUSD/month]."""
        price = q.price
        paid = (price[:, self.group_market] * q.consumption).sum(axis=1)
        made = q.activity[:, self.recipe_process] * self.recipe_amount
        margins = (price[:, self.recipe_market] * made).sum(axis=1)
        carried = ((price[:, self.destination] - price[:, self.origin]) * q.flow).sum(axis=1)
        spread = price[:, self.group_market] - price[:, self.group_spot]
        linked = (spread[:, self.linked] * q.purchase).sum(axis=1)
        stocks = (price * (q.opening + q.fixed + q.leaning - q.closing)).sum(axis=1)
        taxes = ((q.tax_charged - q.tax_due) * q.flow).sum(axis=1)
        gap = np.abs(paid - margins - carried - linked - stocks) + np.abs(taxes)
        scale = paid + np.abs(stocks) + (price[:, self.destination] * q.flow).sum(axis=1)
        return float((gap / np.maximum(scale, 1e-300)).max(initial=0.0))

    def _complementarity(self, q: Quantities) -> float:
        place = {int(group): i for i, group in enumerate(self.linked)}
        worst = 0.0
        for k, (routes, groups, weights) in enumerate(self.permits):
            links = [place[int(group)] for group in groups]
            moved = np.concatenate([q.flow[:, routes], q.purchase[:, links]], axis=1)
            unused = q.limit[:, k] - (moved * weights).sum(axis=1)
            markets = np.concatenate([self.destination[routes], self.group_spot[groups]])
            usual = max(float(self.size[np.unique(markets)].sum()), 1e-300)
            price = float(self.reference[markets].mean())
            slack = np.abs(q.rent[:, k] * unused) / (price * usual)
            worst = max(worst, float(slack.max()), float(-unused.min() / usual))
        return worst


def summed(amounts: FloatArray, places: IndexArray, count: int) -> FloatArray:
    """Add amounts (draw, thing) up by the place of each thing: (draw, ``count``)."""
    draws = len(amounts)
    into = places + count * np.arange(draws)[:, None]
    found = np.bincount(into.ravel(), amounts.ravel(), draws * count)
    return np.asarray(found.reshape(draws, count), dtype=float)


def _places(place: dict[tuple[str, str], int], keys: list[tuple[str, str]]) -> IndexArray:
    return np.array([place[key] for key in keys], dtype=np.intp)


def _logistic(margin: FloatArray, triple: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    capacity, cost, spread = triple
    return np.asarray(capacity * expit((margin - cost) / spread))


def _activities(
    margin: FloatArray,
    logistic: tuple[FloatArray, FloatArray, FloatArray],
    quadratic: tuple[IndexArray, tuple[FloatArray, FloatArray, FloatArray]],
) -> FloatArray:
    places, (capacity, cost, slope) = quadratic
    answer = _logistic(margin, logistic)
    answer[:, places] = np.clip(slope * (margin[:, places] - cost), 0.0, capacity)
    return answer


def _carried_out(
    price: FloatArray, holders: tuple[FloatArray, FloatArray, FloatArray, FloatArray, float]
) -> FloatArray:
    target, room, expected, release, tail = holders
    ratio = price / expected
    dear = target * np.exp(release * np.minimum(1 - ratio, 0))
    cheap = target - room * np.expm1(release * target / room * np.minimum(ratio - 1, 0))
    return np.asarray((1 - tail) * np.where(ratio > 1, dear, cheap) + tail * target / ratio)


def _rest(price: FloatArray, rest: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    base, base_price, elasticity = rest
    answering = base * (price / base_price) ** (-np.nan_to_num(elasticity))
    return np.array(np.where(np.isnan(elasticity), base, answering))
