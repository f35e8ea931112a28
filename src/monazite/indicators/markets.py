"""What a shock does to prices inside and outside a region, and who gains and loses by it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from monazite.errors import UnknownCodeError
from monazite.indicators.rows import Band, FieldUnit
from monazite.indicators.structure import Snapshot
from monazite.newton import BoolArray, FloatArray
from monazite.trajectory import Trajectory

RATIONED_SIDE = 0.25
"""Part of a side's consumption in rationed markets from which the side has no price."""


@dataclass(frozen=True, slots=True)
class PriceMultiple:
    """Price of a commodity over its base price, on one side of a border, in a month.

    ``side`` : ``inside`` or ``outside`` the named regions. ``marginal`` : spot price.
    ``average`` : what buyers pay, contract and spot. Both are means over the side's markets
    weighted with their base consumption, without those in which goods are rationed and prices
    mean nothing. ``rationed_share`` : part of that consumption in such markets; from a quarter
    on, what is left does not stand for the side, and both are None.
    """

    commodity: str
    side: str
    month: str
    marginal: Annotated[Band, FieldUnit("multiple")]
    average: Annotated[Band, FieldUnit("multiple")]
    rationed_share: Annotated[float, FieldUnit("fraction")]


@dataclass(frozen=True, slots=True, eq=False)
class SidePrices:
    """Prices of a commodity on one side of a border, draw by draw: see `PriceMultiple`.

    ``marginal``, ``average`` : (draw, month) multiples of the base price; NaN where what is left
    does not stand for the side. ``rationed_share`` : (draw, month) [fraction].
    """

    commodity: str
    side: str
    marginal: FloatArray
    average: FloatArray
    rationed_share: FloatArray


def side_prices(trajectory: Trajectory, inside: Collection[str]) -> tuple[SidePrices, ...]:
    """Return prices per commodity and side of the border of `inside`.

    Raises
    ------
    UnknownCodeError
        If a region of `inside` has no market in the trajectory.
    """
    known = {region for _, region in trajectory.spot_markets}
    for region in inside:
        if region not in known:
            raise UnknownCodeError("region", region, known)
    weights = _base_consumption(trajectory)
    found: list[SidePrices] = []
    for commodity in dict.fromkeys(code for code, _ in trajectory.spot_markets):
        for side in ("inside", "outside"):
            chosen = np.array(
                [
                    code == commodity and (region in inside) == (side == "inside")
                    for code, region in trajectory.spot_markets
                ]
            )
            if weights[chosen].sum() > 0:
                found.append(_side(trajectory, commodity, side, np.where(chosen, weights, 0.0)))
    return tuple(found)


def _side(trajectory: Trajectory, commodity: str, side: str, weights: FloatArray) -> SidePrices:
    markets = np.flatnonzero(weights > 0)
    weight, base = weights[markets], trajectory.base_price[markets]
    rationed: BoolArray = trajectory.rationed[:, :, markets]
    out = (rationed * weight).sum(axis=2) / weight.sum()
    counted = weight * ~rationed * (out < RATIONED_SIDE)[:, :, None]
    marginal = _mean(trajectory.price[:, :, markets] / base, counted)
    average = _mean(trajectory.average_price[:, :, markets] / base, counted)
    return SidePrices(commodity, side, marginal, average, out)


def price_multiples(trajectory: Trajectory, inside: Collection[str]) -> tuple[PriceMultiple, ...]:
    """Return multiples per commodity, side of the border of `inside`, and month.

    Raises
    ------
    UnknownCodeError
        If a region of `inside` has no market in the trajectory.
    """
    rows: list[PriceMultiple] = []
    for found in side_prices(trajectory, inside):
        figures = zip(
            trajectory.months,
            Band.each(found.marginal),
            Band.each(found.average),
            found.rationed_share.mean(axis=0).tolist(),
            strict=True,
        )
        rows += [PriceMultiple(found.commodity, found.side, *row) for row in figures]
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class MarketMonth:
    """Price of a spot market in a month.

    ``base_price`` : of the base year. ``price`` : of the last tonne. ``average`` : what buyers
    pay, contract and spot. Both leave out draws in which the market is rationed.
    ``rationed_share`` : part of the draws in which it is.
    """

    commodity: str
    region: str
    month: str
    base_price: Annotated[float, FieldUnit("USD/kg")]
    price: Annotated[Band, FieldUnit("USD/kg")]
    average: Annotated[Band, FieldUnit("USD/kg")]
    rationed_share: Annotated[float, FieldUnit("fraction")]


def market_months(trajectory: Trajectory) -> tuple[MarketMonth, ...]:
    """Return one row per spot market and month, in the trajectory's order."""
    known = np.where(trajectory.rationed, np.nan, trajectory.price)
    paid = np.where(trajectory.rationed, np.nan, trajectory.average_price)
    rationed = trajectory.rationed.mean(axis=0)
    return tuple(
        MarketMonth(*market, month, float(trajectory.base_price[m]), price, average, share)
        for m, market in enumerate(trajectory.spot_markets)
        for month, price, average, share in zip(
            trajectory.months,
            Band.each(known[:, :, m]),
            Band.each(paid[:, :, m]),
            rationed[:, m].tolist(),
            strict=True,
        )
    )


def _mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted mean over the last axis; NaN where the weights are all zero."""
    total = weights.sum(axis=2)
    known = np.where(weights > 0, np.nan_to_num(values), 0.0)
    top = (known * weights).sum(axis=2)
    mean: FloatArray = np.divide(top, total, out=np.full_like(top, np.nan), where=total > 0)
    return mean


def _base_consumption(trajectory: Trajectory) -> FloatArray:
    snapshot = Snapshot.base(trajectory.network)
    rows = {item.code: index for index, item in enumerate(snapshot.network.commodities)}
    columns = {region: index for index, region in enumerate(snapshot.regions)}
    used = snapshot.consumption
    return np.array(
        [
            used[rows[code], columns[region]] if region in columns else 0.0
            for code, region in trajectory.spot_markets
        ]
    )


@dataclass(frozen=True, slots=True)
class RegionAccount:
    """What a region's producers and users gain or lose over the trajectory, against base.

    ``producers_gain`` : change of revenue less bought inputs of the chain, at the prices paid
    in the region; wages, energy and capital are not in it, so idle plants look worse than
    they are. ``users_extra_cost`` : what end users pay above base prices for what they get.
    """

    region: str
    producers_gain: Annotated[Band, FieldUnit("kUSD")]
    users_extra_cost: Annotated[Band, FieldUnit("kUSD")]


@dataclass(frozen=True, slots=True)
class PermitAccount:
    """Worth of a permit: its rent goes to whoever is given the licences."""

    permit: str
    measure_index: int
    highest_rent: Annotated[Band, FieldUnit("USD/kg")]
    total_rent: Annotated[Band, FieldUnit("kUSD")]


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """Money of governments over the trajectory."""

    tariff_revenue: Annotated[Band, FieldUnit("kUSD")]
    permit_revenue: Annotated[Band, FieldUnit("kUSD")]
    subsidy_cost: Annotated[Band, FieldUnit("kUSD")]


def region_accounts(trajectory: Trajectory) -> tuple[RegionAccount, ...]:
    """Return one row per region with producers or users, the largest losers last."""
    gains, costs = producers_gains(trajectory), users_costs(trajectory)
    nothing = np.zeros(trajectory.served.shape[0])
    rows = [
        RegionAccount(
            region, Band.of(gains.get(region, nothing)), Band.of(costs.get(region, nothing))
        )
        for region in sorted(gains.keys() | costs.keys())
    ]
    return tuple(sorted(rows, key=_net, reverse=True))


def _net(row: RegionAccount) -> float:
    return (row.producers_gain.median or 0.0) - (row.users_extra_cost.median or 0.0)


def producers_gains(trajectory: Trajectory) -> dict[str, FloatArray]:
    """Return by region: sum over months of margin x activity, less the same at base (draw)."""
    market = {pair: index for index, pair in enumerate(trajectory.spot_markets)}
    gains: dict[str, FloatArray] = {}
    for index, process in enumerate(trajectory.network.processes):
        places = [market[code, process.region] for code in process.recipe]
        recipe = np.array(list(process.recipe.values()))
        margin = trajectory.average_price[:, :, places] @ recipe
        earned = (margin * trajectory.activity[:, :, index]).sum(axis=1)
        base = float(trajectory.base_price[places] @ recipe) * trajectory.base_activity[index]
        gain = earned - base * len(trajectory.months)
        gains[process.region] = gains.get(process.region, 0.0) + gain
    return gains


def users_costs(trajectory: Trajectory) -> dict[str, FloatArray]:
    """Return by region: what end users pay above base prices for what they get (draw)."""
    market = {pair: index for index, pair in enumerate(trajectory.spot_markets)}
    costs: dict[str, FloatArray] = {}
    for index, group in enumerate(trajectory.groups):
        place = market[group.commodity, group.region]
        dearer = trajectory.average_price[:, :, place] - trajectory.base_price[place]
        cost = (dearer * trajectory.served[:, :, index]).sum(axis=1)
        costs[group.region] = costs.get(group.region, 0.0) + cost
    return costs


def permit_accounts(trajectory: Trajectory) -> tuple[PermitAccount, ...]:
    """Return one row per permit, in the trajectory's order."""
    total = (trajectory.rents * trajectory.permit_flow).sum(axis=1)
    return tuple(
        PermitAccount(
            permit.name,
            permit.measure_index,
            Band.of(trajectory.rents[:, :, index].max(axis=1)),
            Band.of(total[:, index]),
        )
        for index, permit in enumerate(trajectory.permits)
    )


def public_account(trajectory: Trajectory) -> PublicAccount:
    """Return what governments take and pay, all of them together."""
    return PublicAccount(
        Band.of(trajectory.tariff_revenue.sum(axis=1)),
        Band.of(trajectory.permit_revenue.sum(axis=1)),
        Band.of(trajectory.subsidy_cost.sum(axis=1)),
    )
