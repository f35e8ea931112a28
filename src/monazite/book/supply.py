"""What a trajectory leaves of the ways on which a buyer is supplied, month by month."""

from functools import cached_property

import numpy as np

from monazite.indicators.shortage import SURPLUS
from monazite.network import Channel, SupplyNetwork
from monazite.newton import BoolArray, FloatArray
from monazite.outlook import MOVED
from monazite.trajectory import Trajectory

SMALLEST_FLOW = 0.01
"""Base flow from which a way counts as one on which goods usually come [t/year]."""


class Supplied:
    """Who supplies whom in the base year of a chain.

    Parameters
    ----------
    network : SupplyNetwork
        The balanced chain.
    """

    def __init__(self, network: SupplyNetwork) -> None:
        self.network = network

    def usual(self, commodity: str, origin: str, region: str) -> float:
        """Return what usually comes from an origin [t/year]; of the own region what it makes.

        Only what authorities see counts: nobody plans on a leak. Less than `SMALLEST_FLOW` is
        nothing.
        """
        found = self._usual.get((commodity, origin, region), 0.0)
        return found if found >= SMALLEST_FLOW else 0.0

    def origins(self, commodity: str, region: str) -> tuple[str, ...]:
        """Return where a good usually comes from, the own region included, by code."""
        return tuple(
            sorted(
                origin
                for good, origin, place in self._usual
                if (good, place) == (commodity, region) and self.usual(good, origin, place) > 0
            )
        )

    def consumption(self, commodity: str, region: str) -> float:
        """Return what users and plants of a region take in the base year [t/year]."""
        return self._consumption.get((commodity, region), 0.0)

    @cached_property
    def _usual(self) -> dict[tuple[str, str, str], float]:
        found: dict[tuple[str, str, str], float] = {}
        for route in self.network.routes:
            if route.channel is Channel.OFFICIAL:
                key = route.commodity, route.origin, route.destination
                found[key] = found.get(key, 0.0) + (route.flow or 0.0)
        for process in self.network.processes:
            for good, amount in process.recipe.items():
                if amount > 0:
                    key = good, process.region, process.region
                    found[key] = found.get(key, 0.0) + amount * (process.activity or 0.0)
        return found

    @cached_property
    def _consumption(self) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = {}
        for use in self.network.uses:
            if use.name != SURPLUS:
                key = use.commodity, use.region
                found[key] = found.get(key, 0.0) + use.demand
        for process in self.network.processes:
            for good, amount in process.recipe.items():
                if amount < 0:
                    key = good, process.region
                    found[key] = found.get(key, 0.0) - amount * (process.activity or 0.0)
        return found


class Simulated:
    """What is left of supply in a trajectory; every array is (draw, month).

    Parameters
    ----------
    trajectory : Trajectory
        What was simulated.
    """

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self.base = Supplied(trajectory.network)
        self.shape = trajectory.draws, len(trajectory.months)
        self._kept: dict[tuple[str, ...], FloatArray] = {}

    def arriving(self, commodity: str, origin: str, region: str) -> FloatArray:
        """Return what comes from an origin over what usually comes [fraction]."""
        key = commodity, origin, region
        if key not in self._kept:
            made = origin == region
            self._kept[key] = self._made(commodity, region) if made else self._moved(*key)
        return self._kept[key]

    def bought(self, commodity: str, region: str) -> FloatArray:
        """Return what a region buys over what it usually buys, at most 1 [fraction].

        Users buy what they use and what they add to their own stocks: what they use out of these
        was never on offer to others. Plants buy what they take in. Where the spot price is at
        most a twentieth above the base price, whoever buys less does so by choice: all of it.
        """
        key = commodity, region
        if key not in self._kept:
            self._kept[key] = self._bought(commodity, region)
        return self._kept[key]

    def extra(self, commodity: str, region: str) -> FloatArray:
        """Return spot price less base price [kUSD/t]; NaN where goods are rationed."""
        run, place = self.trajectory, self.trajectory.market_index[commodity, region]
        known = np.where(run.rationed[:, :, place], np.nan, run.price[:, :, place])
        return np.asarray(known - run.base_price[place])

    def base_price(self, commodity: str, region: str) -> float:
        """Return the price of the base year [kUSD/t]."""
        run = self.trajectory
        return float(run.base_price[run.market_index[commodity, region]])

    def is_controlled(self, commodity: str, origin: str, region: str) -> BoolArray:
        """Return the months in which a way needs a licence or is shut (month)."""
        lowered = self.trajectory.lowered
        routes = set(self._routes(commodity, origin, region))
        held = lowered.route_block[:, sorted(routes)].any(axis=1)
        for permit in lowered.permits:
            if routes & set(permit.routes.tolist()):
                held = held | np.isfinite(permit.limit)
        return np.asarray(held)

    def _routes(self, commodity: str, origin: str, region: str) -> list[int]:
        key = commodity, origin, region
        return [
            k
            for k, route in enumerate(self.trajectory.network.routes)
            if (route.commodity, route.origin, route.destination) == key
            and route.channel is Channel.OFFICIAL
        ]

    def _moved(self, commodity: str, origin: str, region: str) -> FloatArray:
        run, routes = self.trajectory, self._routes(commodity, origin, region)
        return np.asarray(run.flow[:, :, routes].sum(axis=2) / run.base_flow[routes].sum())

    def _made(self, commodity: str, region: str) -> FloatArray:
        amounts = self._amounts(commodity, region).clip(min=0.0)
        return np.asarray(
            (self.trajectory.activity @ amounts) / (self.trajectory.base_activity @ amounts)
        )

    def _bought(self, commodity: str, region: str) -> FloatArray:
        run = self.trajectory
        groups = [
            i
            for i, group in enumerate(run.groups)
            if (group.commodity, group.region) == (commodity, region) and group.use != SURPLUS
        ]
        added = np.diff(run.group_stock, axis=1, prepend=run.base_group_stock[:, None])
        intake = -self._amounts(commodity, region).clip(max=0.0)
        usual = run.demand[:, :, groups].sum(axis=2) + run.base_activity @ intake
        bought = (run.served + added)[:, :, groups].sum(axis=2) + run.activity @ intake
        calm = self.extra(commodity, region) <= MOVED * self.base_price(commodity, region)
        return np.where(calm, 1.0, np.clip(bought / usual, 0.0, 1.0))

    def _amounts(self, commodity: str, region: str) -> FloatArray:
        """Return what each process makes (positive) or takes of a good, per t of activity."""
        return np.array(
            [
                process.recipe.get(commodity, 0.0) if process.region == region else 0.0
                for process in self.trajectory.network.processes
            ]
        )
