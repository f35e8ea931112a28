"""Measures at the buyer and in the store: demand, hoarding, and what governments hold."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from monazite.errors import ScenarioError
from monazite.scenario.calendar import ChangePath, months_since
from monazite.scenario.draft import Draft, Window
from monazite.scenario.lowered import Effect, FloatArray, IntArray, StockMove
from monazite.scenario.measure import (
    Measure,
    Names,
    Share,
    Size,
    as_share,
    listing,
    named_goods,
    named_places,
)
from monazite.scenario.tracing import absorption

_DAYS_PER_YEAR = 365.25


class BuyerMeasure(Measure):
    """Something that buyers do."""

    unused: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"actors": "name the buyers' regions and uses in 'targets'"}
    )

    targets: Names = ("WORLD",)
    """Who buys: regions, groups, end uses such as EV, or both."""

    def buyers(self, draft: Draft, where: str) -> IntArray:
        """Return indices of the uses that the measure means.

        Raises
        ------
        ScenarioError
            If there is none.
        """
        ground = draft.ground
        regions, uses = ground.aim(self.targets, where)
        if self.exemptions.regions:
            regions -= ground.places(self.exemptions.regions, where)
        spared = ground.named_uses(self.exemptions.uses, where)
        goods = ground.goods(self.commodities, where)
        found = ground.uses(regions, uses, goods)
        kept = [u for u in found if draft.network.uses[u].name not in spared]
        if not kept:
            raise ScenarioError(
                f"no use of {listing(self.commodities)} in {listing(self.targets)}",
                where=where,
                way_out="uses buy what the network's uses.csv says: name those goods",
            )
        return np.array(kept, dtype=np.int64)

    def _touched(self, draft: Draft, uses: IntArray) -> Effect:
        demand = sum(draft.network.uses[u].demand for u in uses)
        return Effect(uses=tuple(int(u) for u in uses), tonnes=float(demand))

    def _who(self) -> str:
        return f"{named_goods(self.commodities)} in {named_places(self.targets)}"


class DemandChange(BuyerMeasure):
    """Buyers want more or less at the same price."""

    kind: Literal["demand_change"]
    share: ChangePath | None = None
    """Relative change (0.1 for a tenth more), constant or by month."""
    growth_per_year: float | None = Field(default=None, gt=-1, le=10, allow_inf_nan=False)
    """Growth a year (0.08 for 8 %), compounded by month; it stops at the end and stays."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.share is None) == (self.growth_per_year is None):
            raise ValueError("needs either a share or growth_per_year")
        return self

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Scale the demand of the uses."""
        del index
        uses = self.buyers(draft, where)
        change = self._change(draft, window) * (1 - self.exemptions.share)
        draft.demand_factor[:, uses] *= (1 + change)[:, np.newaxis]
        return self._touched(draft, uses)

    def _change(self, draft: Draft, window: Window) -> FloatArray:
        if self.share is not None:
            return self.share.values(draft.months, 0.0) * window.active
        grown = np.maximum(months_since(draft.months, self.start) + 1, 0.0)
        if self.end is not None:
            grown = np.minimum(grown, months_since((self.end,), self.start)[0])
        rate = 1 + (self.growth_per_year or 0.0)
        return np.asarray(rate ** (grown / 12) - 1, dtype=np.float64)

    def sentence(self) -> str:
        """How demand changes."""
        if self.share is not None:
            return f"demand for {self._who()} changes by {as_share(self.share)}"
        return f"demand for {self._who()} grows by {100 * (self.growth_per_year or 0):g} % a year"


class Hoarding(BuyerMeasure):
    """Buyers and traders want more stock than usual, from the announcement to the end."""

    kind: Literal["hoarding"]
    extra_cover: Size
    """What they want on top, as a share of their usual stock (0.5 for half as much again)."""

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Raise the target stocks of buyers, and of traders unless the measure aims at uses."""
        del index
        ground = draft.ground
        uses = self.buyers(draft, where)
        more = 1 + self.extra_cover * (1 - self.exemptions.share) * window.known
        draft.cover_target_factor[:, uses] *= more[:, np.newaxis]
        regions, named = ground.aim(self.targets, where)
        if not named:
            stocks = ground.trade_stocks(regions, ground.goods(self.commodities, where))
            draft.holder_target_factor[:, stocks] *= more[:, np.newaxis]
        return self._touched(draft, uses)

    def sentence(self) -> str:
        """How much more is wanted in stock."""
        return f"buyers of {self._who()} want {100 * self.extra_cover:g} % more stock than usual"


class StockMeasure(Measure):
    """A government stock that is filled or emptied."""

    unused: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "targets": "name the regions whose market it is in 'actors'",
            "exemptions": "name only the goods and regions that it concerns",
            "end": "say over how many months in 'over_months'",
        }
    )

    actors: Names
    """In whose market: regions or groups."""
    commodities: Names
    """In which form: goods, by code, stage, pattern or group."""
    tonnes: Size | None = None
    """Tonnes in all, of one good in one region."""
    days: Size | None = None
    """Days of what the region consumes of each good in the base year."""
    over_months: int = Field(default=1, ge=1, le=240)
    """Months over which it is spread evenly."""

    def markets(self, draft: Draft, where: str) -> dict[tuple[str, str], float]:
        """Return the t in all for each (commodity, region)."""
        regions = draft.ground.places(self.actors, where)
        goods = draft.ground.goods(self.commodities, where)
        pairs = [(c, r) for c in sorted(goods) for r in sorted(regions)]
        if self.tonnes is None:
            return {pair: size for pair in pairs if (size := self.size(draft, pair)) > 0}
        if len(pairs) != 1:
            raise ScenarioError(
                f"tonnes of {len(pairs)} goods and regions together cannot be told apart",
                where=where,
                way_out="name one good and one region, or give days",
            )
        return {pairs[0]: self.tonnes}

    def size(self, draft: Draft, market: tuple[str, str]) -> float:
        """Return the t for one market where no tonnes are given."""
        used = absorption(draft.network).get(market, 0.0)
        return (self.days or 0.0) * used / _DAYS_PER_YEAR

    def move(self, draft: Draft, index: int, sign: float, where: str) -> Effect:
        """Record what comes onto the market (sign 1) or is taken off it (sign -1)."""
        since = months_since(draft.months, self.start)
        spread = ((since >= 0) & (since < self.over_months)) / self.over_months
        sizes = self.markets(draft, where)
        if not sizes:
            raise ScenarioError(
                f"nothing of {listing(self.commodities)} to move in {listing(self.actors)}",
                where=where,
                way_out="name goods that the region consumes or holds, or give tonnes",
            )
        remarks = []
        for (commodity, region), tonnes in sizes.items():
            holder = draft.ground.strategic_stock(commodity, region)
            draft.stock_moves.append(
                StockMove(index, commodity, region, sign * tonnes * spread, holder)
            )
            held = 0.0 if holder is None else draft.network.holders[holder].stock
            if sign > 0 and tonnes > held:
                remarks.append(
                    f"{region} releases {tonnes:,.1f} t of {commodity} "
                    f"and holds {held:,.1f} t by the data"
                )
        return Effect(tonnes=float(sum(sizes.values())), remarks=tuple(remarks))

    def _size_sentence(self) -> str:
        size = f"{self.tonnes:,.0f} t" if self.tonnes is not None else f"{self.days:g} days' use"
        return f"{size} of {named_goods(self.commodities)} in {named_places(self.actors)}"


class StockRelease(StockMeasure):
    """Goods from a government stock come onto the market."""

    kind: Literal["stock_release"]
    share: Share | None = None
    """Share of the government stocks that the network declares."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if sum(size is not None for size in (self.tonnes, self.days, self.share)) != 1:
            raise ValueError("needs one of tonnes, days and share")
        return self

    def size(self, draft: Draft, market: tuple[str, str]) -> float:
        """Return the t for one market where no tonnes are given."""
        if self.share is None:
            return super().size(draft, market)
        holder = draft.ground.strategic_stock(*market)
        return 0.0 if holder is None else self.share * draft.network.holders[holder].stock

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Put the goods on the spot markets."""
        del window
        return self.move(draft, index, 1.0, where)

    def sentence(self) -> str:
        """Return what is released."""
        size = self._size_sentence() if self.share is None else self._share_sentence(self.share)
        return f"release of {size}, over {self.over_months} months"

    def _share_sentence(self, share: float) -> str:
        what = f"{named_goods(self.commodities)} in {named_places(self.actors)}"
        return f"{100 * share:g} % of the government stock of {what}"


class StockBuild(StockMeasure):
    """A government buys for its stock, whatever the price."""

    kind: Literal["stock_build"]

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.tonnes is None) == (self.days is None):
            raise ValueError("needs either tonnes or days")
        return self

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Take the goods off the spot markets."""
        del window
        return self.move(draft, index, -1.0, where)

    def sentence(self) -> str:
        """Return what is bought."""
        return f"government purchase of {self._size_sentence()}, over {self.over_months} months"
