"""Market access: what partners can buy, ship and sell, and what they owe each other."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from monazite.errors import UnknownCodeError
from monazite.indicators.shortage import SURPLUS
from monazite.network import Market
from monazite.newton import FloatArray
from monazite.plan import terms
from monazite.plan.membership import Membership, Plant
from monazite.plan.model import Activity, CostLine, Demand, JointLimit, ValueRung

SMALLEST_FLOW = 1.0
"""Tonnes a year below which a route of the base year is left out."""
FEED_PREMIUM = 1.1
"""Price over the base price at which a new plant wins feed from today's buyers."""
OWED = 200.0
"""What leaving another partner short costs, over the base price and beside the dearest rung."""


class Trade:
    """What some of the partners buy, ship and sell.

    Parameters
    ----------
    membership : Membership
        All partners.
    inside : tuple of str
        Those who plan.
    plants : tuple of Plant
        Theirs, and those that come by themselves.
    """

    def __init__(
        self, membership: Membership, inside: tuple[str, ...], plants: tuple[Plant, ...]
    ) -> None:
        self.all, self.inside, self.plants = membership, inside, plants
        self.network, self.programme = membership.network, membership.programme
        self.scale, self.access = membership.scale, membership.programme.access
        self._route_costs = terms.route_costs(self.network)
        self.feeds = self._feeds()
        self.markets = self._markets()
        self.limits: dict[str, JointLimit] = {}

    def activities(self) -> Iterable[Activity]:
        """Return purchases, shipments, feed, sales and what partners pay each other."""
        yield from self._imports()
        yield from self._shipments()
        yield from self._feed_purchases()
        yield from self._sales()
        yield from self._payments()

    def _feeds(self) -> dict[Market, float]:
        """Goods that leave their country today and that plants of ours could win [a year]."""
        needed = {
            commodity
            for plant in self.plants
            for line in plant.lines
            for commodity, amount in line.recipe.items()
            if amount < 0
        }
        leaving: dict[Market, float] = {}
        for route in self.network.routes:
            ends = {route.origin, route.destination}
            if route.flow and route.commodity in needed and not ends & set(self.all.partners):
                market = (route.commodity, route.origin)
                leaving[market] = leaving.get(market, 0.0) + route.flow
        return {market: flow for market, flow in leaving.items() if flow >= SMALLEST_FLOW}

    def _markets(self) -> tuple[Market, ...]:
        own = [market for market in self.network.markets() if market[1] in self.inside]
        wanted = dict.fromkeys(own)
        for plant in self.plants:
            for line in plant.lines:
                wanted.update(dict.fromkeys((c, plant.region) for c in line.recipe))
        wanted.update(dict.fromkeys(self.feeds))
        return tuple(wanted)

    def _grow(self) -> FloatArray:
        base = self.network.base_year
        return np.array(
            [(1.0 + self.access.growth) ** (step.year - base) for step in self.scale.steps]
        )

    def _imports(self) -> Iterable[Activity]:
        """Yield what partners buy from outside, by origin; from those who plan apart, as owed."""
        for (commodity, origin, destination), flow in self._base_flows.items():
            if destination not in self.inside or origin in self.inside:
                continue
            owed = origin in self.all.partners
            room = (
                np.ones(len(self.scale.steps)) if owed else self._grow() * (1 + self.access.spare)
            )
            amount = flow * room
            if not owed:
                amount = amount + self._contracted(commodity, destination, origin)
            yield self._import(commodity, origin, destination, amount, owed=owed)
        yield from self._new_contracts()

    def _import(
        self, commodity: str, origin: str, destination: str, amount: FloatArray, *, owed: bool
    ) -> Activity:
        price = self.network.base_price((commodity, destination))
        name = import_name(commodity, origin, destination)
        if owed:
            # taken and paid for, wanted or not: the partner who sends it counts on the money
            self.limits[name] = JointLimit(name, amount, smallest=amount)
        return Activity(
            name=name,
            line=CostLine.PURCHASE,
            balance={(commodity, destination): 1.0},
            cost=self.scale.same(price * self.scale.money),
            largest=amount,
            limits={name: 1.0} if owed else {},
            partner=destination,
            origin="" if owed else origin,
            is_owed=owed,
        )

    @cached_property
    def _base_flows(self) -> dict[tuple[str, str, str], float]:
        ended = {(row.commodity, row.origin, row.destination) for row in self.access.ended}
        flows: dict[tuple[str, str, str], float] = {}
        for route in self.network.routes:
            key = (route.commodity, route.origin, route.destination)
            if route.flow and key not in ended:
                flows[key] = flows.get(key, 0.0) + route.flow
        return {key: flow for key, flow in flows.items() if flow >= SMALLEST_FLOW}

    def _contracted(self, commodity: str, partner: str, origin: str) -> FloatArray:
        extra = np.zeros(len(self.scale.steps))
        for row in self.access.contracts:
            if (row.commodity, row.partner, row.origin) == (commodity, partner, origin):
                years = np.array([row.first <= step.year <= row.last for step in self.scale.steps])
                extra += row.quantity * years
        return extra

    def _new_contracts(self) -> Iterable[Activity]:
        """Contracts on ways that carried nothing in the base year; none among partners."""
        for row in self.access.contracts:
            key = (row.commodity, row.origin, row.partner)
            is_abroad = row.origin not in self.all.partners
            if row.partner in self.inside and is_abroad and key not in self._base_flows:
                if (row.commodity, row.partner) not in set(self.markets):
                    markets = [c for c, region in self.markets if region == row.partner]
                    raise UnknownCodeError("commodity", row.commodity, markets, where="contracts")
                amount = self._contracted(row.commodity, row.partner, row.origin)
                yield self._import(row.commodity, row.origin, row.partner, amount, owed=False)

    def _shipments(self) -> Iterable[Activity]:
        """Ways between the places of the model: any good to where it can be used."""
        used = self._takers()
        made = self._givers()
        for commodity, origin in sorted(made):
            for destination in sorted(used.get(commodity, set())):
                if destination != origin:
                    yield self._shipment(commodity, origin, destination)

    def _takers(self) -> dict[str, set[str]]:
        """Return where each good can be used."""
        takers: dict[str, set[str]] = {}
        for use in self.network.uses:
            if use.region in self.inside and use.name != SURPLUS:
                takers.setdefault(use.commodity, set()).add(use.region)
        for recipe, region in self._recipes():
            for commodity, amount in recipe.items():
                if amount < 0:
                    takers.setdefault(commodity, set()).add(region)
        return takers

    def _recipes(self) -> Iterable[tuple[Mapping[str, float], str]]:
        """Return what is run where, by the partners' plants and those of the table."""
        for process in self.network.processes:
            if process.region in self.inside:
                yield process.recipe, process.region
        for plant in self.plants:
            for line in plant.lines:
                yield line.recipe, plant.region

    def _givers(self) -> set[Market]:
        """Return the markets that goods can come out of."""
        made = set(self.feeds)
        for recipe, region in self._recipes():
            made |= {(commodity, region) for commodity, amount in recipe.items() if amount > 0}
        known = set(self.markets)
        stocked = {
            (commodity, partner)
            for rule in self.programme.stockpiles
            for commodity in terms.goods(self.network, rule.commodities, "stockpiles")
            for partner in self.inside
        }
        return made | (stocked & known)

    def _shipment(self, commodity: str, origin: str, destination: str) -> Activity:
        freight = self._freight(commodity, origin, destination)
        return Activity(
            name=f"{commodity} shipped from {origin} to {destination}",
            line=CostLine.FREIGHT,
            balance={(commodity, origin): -1.0, (commodity, destination): 1.0},
            cost=self.scale.same(freight * self.scale.money),
            largest=self.scale.same(np.inf),
            partner=destination if destination in self.inside else "",
        )

    def _freight(self, commodity: str, origin: str, destination: str) -> float:
        """Return what a way costs [price unit]; calibrated costs below zero are no gift."""
        return max(0.0, terms.route_cost(self._route_costs, commodity, origin, destination))

    def _feed_purchases(self) -> Iterable[Activity]:
        """Feed that new plants win from today's buyers, dearer than it was."""
        for (commodity, region), flow in self.feeds.items():
            part = self._feed_part(commodity)
            if part:
                price = self.network.base_price((commodity, region)) * FEED_PREMIUM
                yield Activity(
                    name=feed_name(commodity, region),
                    line=CostLine.PURCHASE,
                    balance={(commodity, region): 1.0},
                    cost=self.scale.same(price * self.scale.money),
                    largest=flow * self.access.feed_share * part * self._grow(),
                    origin=region,
                )

    def _feed_part(self, commodity: str) -> float:
        """Return the coalition's part of the feed to be won: by what plants of each would take."""
        want: dict[str, float] = {}
        for plant in self.all.plants:
            for line in plant.lines:
                amount = -line.recipe.get(commodity, 0.0)
                if amount > 0:
                    owner = self.all.owner(plant)
                    want[owner] = want.get(owner, 0.0) + amount * line.size
        total = sum(want.values())
        return sum(want.get(partner, 0.0) for partner in self.inside) / total if total else 0.0

    def _sales(self) -> Iterable[Activity]:
        """Sales abroad beside promised exports: a little of each good, below the base price."""
        part = len(self.inside) / len(self.all.partners)
        world: dict[str, float] = {}
        for (commodity, _region), amount in self.all.use_of.items():
            world[commodity] = world.get(commodity, 0.0) + amount
        for commodity, region in sorted(self._givers()):
            if (commodity, region) in self.feeds and region not in self.inside:
                continue
            name = f"sales of {commodity} abroad"
            most = world.get(commodity, 0.0) * self.access.sales_share * part
            if name not in self.limits:
                self.limits[name] = JointLimit(name, self.scale.same(most))
            price = self.all.price(commodity, region) * self.access.sales_price
            yield Activity(
                name=f"{commodity} of {region} sold abroad",
                line=CostLine.SALE,
                balance={(commodity, region): -1.0},
                cost=self.scale.same(-price * self.scale.money),
                largest=self.scale.same(np.inf),
                limits={name: 1.0},
                partner=region if region in self.inside else "",
            )

    def _payments(self) -> Iterable[Activity]:
        """Yield what partners who plan apart pay for the goods that are owed to them.

        The buyer pays the price at its border, the seller gets it less the freight: between two
        partners nothing is lost or won, so that separate plans add up.
        """
        for (commodity, origin, destination), flow in self._base_flows.items():
            owed = origin in self.inside and destination in self.all.partners
            if owed and destination not in self.inside:
                price = self.network.base_price((commodity, destination))
                freight = self._freight(commodity, origin, destination)
                yield Activity(
                    name=f"{commodity} of {origin} paid for by {destination}",
                    line=CostLine.SALE,
                    balance={},
                    cost=self.scale.same((freight - price) * self.scale.money),
                    largest=self.scale.same(flow),
                    partner=origin,
                )

    # -- what is promised -----------------------------------------------------------------

    def promised(self) -> Iterable[Demand]:
        """Return the exports of the base year: sold at value in use, to partners owed."""
        for (commodity, origin, destination), flow in self._base_flows.items():
            if origin not in self.inside or destination in self.inside:
                continue
            price = self.network.base_price((commodity, origin)) * self.scale.money
            owed = destination in self.all.partners
            yield Demand(
                name=f"exports to {destination}",
                market=(commodity, origin),
                quantity=self.scale.same(flow),
                rungs=self._owed(commodity, price) if owed else self._abroad(commodity, price),
                partner="",
                value=price,
                is_owed=owed,
            )

    def _owed(self, commodity: str, price: float) -> tuple[ValueRung, ...]:
        """Return what leaving a partner short costs: more than anybody would pay for the good."""
        dearest = max(
            (
                rung.value
                for use in self.network.uses
                if use.commodity == commodity
                for rung in terms.rungs(
                    use, self.network.base_price((commodity, use.region)), self.scale.money
                )
            ),
            default=0.0,
        )
        return (ValueRung(1.0, OWED * price + dearest),)

    def _abroad(self, commodity: str, price: float) -> tuple[ValueRung, ...]:
        """Return what going without is worth to customers abroad: as users of the good have it."""
        rungs = self._usual_rungs.get(commodity) or self._usual_rungs.get("", ())
        return tuple(ValueRung(share, multiple * price) for share, multiple in rungs)

    @cached_property
    def _usual_rungs(self) -> dict[str, tuple[tuple[float, float], ...]]:
        """The ladder of the largest use of each good, as multiples of its price; "" is of all."""
        largest: dict[str, tuple[float, tuple[tuple[float, float], ...]]] = {}
        for use in self.network.uses:
            if use.name == SURPLUS:
                continue
            price = self.network.base_price((use.commodity, use.region))
            worth = use.demand * price
            found = tuple((rung.share, rung.value / price) for rung in terms.rungs(use, price, 1.0))
            for key in (use.commodity, ""):
                if found and worth > largest.get(key, (0.0, ()))[0]:
                    largest[key] = (worth, found)
        return {key: rungs for key, (_worth, rungs) in largest.items()}


def import_name(commodity: str, origin: str, destination: str) -> str:
    """Return what a purchase from outside is called."""
    return f"{commodity} bought by {destination} from {origin}"


def feed_name(commodity: str, region: str) -> str:
    """Return what a purchase of feed at its origin is called."""
    return f"{commodity} won from the buyers of {region}"
