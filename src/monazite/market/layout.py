"""Where everything stands: markets, user groups, permits, and who sees which prices.

The variables are, in this order, the spot prices (one per market), the prices of the user
groups' captive markets, and the rents of the permits. A user group (use, region, commodity,
cover class) is a market of its own behind a one-way link from the spot market, so that its
stock serves only itself: buyers with thin cover stop first (docs/explanation/time.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from monazite.errors import NetworkError
from monazite.network import Form, Process, Route, SupplyNetwork, Use, UseForm
from monazite.newton import FloatArray, IndexArray


@dataclass(frozen=True, slots=True)
class UseGroup:
    """Buyers of one use, region, commodity and cover class.

    ``share`` : part of the use. ``demand`` : base demand [t/month]. ``months`` : cover, in
    months of base demand.
    ``use_index`` : position of the use in the network. ``spot`` : index of the spot market.
    """

    use: str
    region: str
    commodity: str
    cover_class: str
    share: float
    demand: float
    months: float
    use_index: int
    spot: int


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Routes, or links to user groups, whose weighted flow has a common limit.

    ``routes``/``links`` : indices. ``weights`` : t counted against the limit per t moved,
    routes first, then links.
    """

    name: str
    routes: IndexArray
    weights: FloatArray
    links: IndexArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))


class Layout:
    """The places and columns of a network's agents; they never change.

    Parameters
    ----------
    network : SupplyNetwork
        Rows that the agents stand for.
    permits : sequence of Permit
        Limits with a rent of their own.
    periods : float
        Periods a year; 12 clears months.
    captive : bool
        Whether uses keep their own stock behind a link.
    """

    def __init__(
        self,
        network: SupplyNetwork,
        permits: Sequence[Permit] = (),
        *,
        periods: float = 12.0,
        captive: bool = True,
    ) -> None:
        self.network = network
        self.permits = tuple(permits)
        self.periods = periods
        self.captive = captive
        self.spot_markets = network.markets()
        self.spot_index = {market: i for i, market in enumerate(self.spot_markets)}
        self.base_price = _base_prices(network, self.spot_markets)
        self.groups = _user_groups(network, self.spot_index, periods, captive=captive)
        self._layout()
        self._columns()

    def _layout(self) -> None:
        spots, groups = len(self.spot_markets), len(self.groups)
        self.group_spot = np.array([group.spot for group in self.groups], dtype=np.intp)
        covered = [bool(self.network.uses[group.use_index].cover) for group in self.groups]
        has_market = self.captive & np.array(covered, dtype=bool)
        own = spots + np.cumsum(has_market) - 1
        self.group_market = np.where(has_market, own, self.group_spot).astype(np.intp)
        self.linked = np.flatnonzero(has_market)
        self.markets = spots + len(self.linked)
        self.size_of_system = self.markets + len(self.permits)
        self.group_share = np.array([group.share for group in self.groups])
        self.group_price0 = self.base_price[self.group_spot] if groups else np.zeros(0)
        self.market_price0 = np.concatenate([self.base_price, self.group_price0[self.linked]])
        self.touches_zero = np.arange(self.size_of_system) >= self.markets

    @cached_property
    def calm_prices(self) -> FloatArray:
        """Base prices of all markets, and free permits [USD/kg]."""
        return np.concatenate([self.market_price0, np.zeros(len(self.permits))])

    def _columns(self) -> None:
        process_rows = [
            [
                (self.spot_index[commodity, process.region], amount)
                for commodity, amount in process.recipe.items()
            ]
            for process in self.network.processes
        ]
        route_rows = [
            [
                (self.spot_index[route.commodity, route.origin], -1.0),
                (self.spot_index[route.commodity, route.destination], 1.0),
            ]
            for route in self.network.routes
        ]
        link_rows = [
            [(int(self.group_spot[g]), -1.0), (int(self.group_market[g]), 1.0)] for g in self.linked
        ]
        for k, permit in enumerate(self.permits):
            ways = [route_rows[r] for r in permit.routes] + [link_rows[g] for g in permit.links]
            for way, weight in zip(ways, permit.weights, strict=True):
                way.append((self.markets + k, -float(weight)))
        self.process_columns = self._sparse(process_rows)
        self.route_columns = self._sparse(route_rows)
        self.link_columns = self._sparse(link_rows)
        self.quadratic_processes = _of_form(self.network.processes, Form.QUADRATIC)
        self.quadratic_routes = _of_form(self.network.routes, Form.QUADRATIC)
        self.rung_group, self.rung_place = _rung_places(self.network, self.groups)
        self.rung_columns = self.select(self.group_market[self.rung_group], -1.0)
        kinds = np.array([self.network.uses[g.use_index].form for g in self.groups], dtype=object)
        self.linear_groups = np.flatnonzero(kinds == UseForm.LINEAR)
        self.fixed_groups = np.flatnonzero(kinds == UseForm.FIXED)
        self.elastic_groups = np.flatnonzero(
            (kinds == UseForm.LADDER) | (kinds == UseForm.ISOELASTIC)
        )
        self.market_columns = self.select(np.arange(self.markets))
        self.permit_columns = self.select(self.markets + np.arange(len(self.permits)))

    def _sparse(self, rows: list[list[tuple[int, float]]]) -> sparse.csc_array:
        indptr = np.cumsum([0, *(len(row) for row in rows)])
        index = [place for row in rows for place, _ in row]
        data = [amount for row in rows for _, amount in row]
        return sparse.csc_array(
            (np.array(data, dtype=float), np.array(index, dtype=np.int32), indptr),
            shape=(self.size_of_system, len(rows)),
        )

    def select(self, markets: IndexArray, sign: float = 1.0) -> sparse.csc_array:
        """Return columns that each select one price."""
        count = len(markets)
        return sparse.csc_array(
            (np.full(count, sign), markets.astype(np.int32), np.arange(count + 1)),
            shape=(self.size_of_system, count),
        )


def _of_form(things: Sequence[Process | Route], form: Form) -> IndexArray:
    return np.array([k for k, thing in enumerate(things) if thing.form is form], dtype=np.intp)


def given(value: float | None, thing: Process | Route | Use, field: str) -> float:
    """Return a value that the market cannot do without.

    Raises
    ------
    NetworkError
        If it is None; names the row.
    """
    if value is None:
        raise NetworkError(
            f"{_title(thing)} has no {field}",
            where=thing.provenance.where,
            way_out=f"give its {field}, or balance the network first",
        )
    return value


def _title(thing: Process | Route | Use) -> str:
    if isinstance(thing, Route):
        return f"route {thing.commodity} {thing.origin}->{thing.destination}"
    return f"{type(thing).__name__.lower()} {thing.name} in {thing.region}"


def _base_prices(network: SupplyNetwork, markets: Sequence[tuple[str, str]]) -> FloatArray:
    return np.array([network.base_price(market) for market in markets])


def _user_groups(
    network: SupplyNetwork,
    spot_index: dict[tuple[str, str], int],
    periods: float,
    *,
    captive: bool,
) -> tuple[UseGroup, ...]:
    groups: list[UseGroup] = []
    for u, use in enumerate(network.uses):
        classes = [(c.name, c.share, c.months) for c in use.cover] if captive and use.cover else []
        spot = spot_index[use.commodity, use.region]
        for name, share, months in classes or [("", 1.0, 0.0)]:
            groups.append(
                UseGroup(
                    use.name,
                    use.region,
                    use.commodity,
                    name,
                    share,
                    use.demand * share / periods,
                    months,
                    u,
                    spot,
                )
            )
    return tuple(groups)


def _rung_places(
    network: SupplyNetwork, groups: Sequence[UseGroup]
) -> tuple[IndexArray, IndexArray]:
    pairs = [
        (g, j)
        for g, group in enumerate(groups)
        if network.uses[group.use_index].form is UseForm.LADDER
        for j in range(len(network.uses[group.use_index].rungs))
    ]
    table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return table[:, 0], table[:, 1]
