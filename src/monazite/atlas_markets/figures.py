"""What the atlas tells of one mineral at one stage: who makes it, who ships it to whom, its price.

Quantities are in the unit in which the networks count: t of what the production is counted in,
thousand cubic metres or thousand carats; prices in dollars per thousandth of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from monazite.atlas_markets.assumptions import MarketAssumptions, OwnTrade
from monazite.errors import TableError
from monazite.labels import REST_OF_WORLD
from monazite.network import Provenance
from monazite.reference.atlas.supply import Suppliers, suppliers
from monazite.reference.atlas.tables import Atlas, SupplyStage
from monazite.reference.loaders.minerals import minerals
from monazite.reference.loaders.observations import Statistic

YEAR = 2024
"""Base year: the last for which the sources have figures that are no first estimates."""
OTHERS = REST_OF_WORLD.code
USA = "USA"
BUNDLE = {"t": 1.0, "kg": 1e3, "carat": 1e3, "m**3": 1e3}
"""How much of a mineral's unit the networks count as one."""
_SHARE = "%"
_CONTENT = "content"
SPREAD_BY = {"use": "copper", "made": "aluminium"}
"""Mineral whose refined metal tells how the use of others is spread."""
CONSUMERS = ("JPN",)
"""Regions that have a use of their own even where they make nothing."""

Flow = tuple[str, str]
"""Exporter and importer."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A mineral that is no market, and why."""

    commodity: str
    reason: str


@dataclass(slots=True)
class StageFigures:
    """Figures of a mineral at a stage.

    ``made`` : output by region. ``flows`` : by exporter and importer. ``flow_told`` : where each
    flow comes from. ``price`` : USD per thousandth of the unit. ``source``, ``years`` : of the
    output. ``notes`` : what was done to the figures, in words.
    """

    commodity: str
    stage: SupplyStage
    made: dict[str, float]
    told: Provenance
    source: str
    years: str
    flows: dict[Flow, float] = field(default_factory=dict)
    flow_told: Provenance = field(default_factory=Provenance)
    price: float | None = None
    price_told: Provenance = field(default_factory=Provenance)
    has_customs: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def world(self) -> float:
        """Output of the world."""
        return sum(self.made.values())

    def traded(self, region: str) -> float:
        """Return what a region exports and imports together."""
        return sum(
            amount for flow, amount in self.flows.items() if region in flow and flow[0] != flow[1]
        )


def stage_figures(
    atlas: Atlas, assumed: MarketAssumptions, commodity: str, stage: SupplyStage
) -> StageFigures | None:
    """Return what is known of a mineral at a stage; None if nobody counts its output there."""
    found = suppliers(atlas, commodity, stage, YEAR)
    if not found and stage is SupplyStage.REFINERY and commodity in assumed.shares_of:
        found = suppliers(atlas, assumed.shares_of[commodity], stage, YEAR)
        figures = _shared_out(atlas, commodity, stage, list(found))
    else:
        figures = _output(atlas, commodity, stage, found)
    if figures is None:
        return None
    _add_customs(figures, atlas, assumed)
    if not figures.flows:
        _add_own_trade(figures, atlas, assumed)
    _add_quote(figures, assumed)
    return figures


# -- output ------------------------------------------------------------------------------------


def _output(
    atlas: Atlas, commodity: str, stage: SupplyStage, found: tuple[Suppliers, ...]
) -> StageFigures | None:
    counted = [item for item in found if item.unit != _SHARE]
    shares = [item for item in found if item.unit == _SHARE]
    if not counted:
        return _shared_out(atlas, commodity, stage, shares)
    chosen = _most_detailed(counted)
    bundle = BUNDLE[chosen.unit]
    made = {
        region: amount / bundle
        for region, amount in zip(chosen.regions, chosen.quantities.tolist(), strict=True)
        if amount > 0
    }
    figures = StageFigures(
        commodity, stage, made,
        Provenance(
            chosen.source, "B", chosen.where[0], f"figures of {_period(chosen)}", chosen.year
        ),
        chosen.source, _period(chosen),
    )  # fmt: skip
    if shares:
        _split_others(figures, shares[0])
    return figures


def _most_detailed(counted: list[Suppliers]) -> Suppliers:
    """Return the preferred source, unless what it calls others is the largest of all."""
    for item in counted:
        if item.regions[0] != OTHERS:
            return item
    return counted[0]


def _period(found: Suppliers) -> str:
    first, last = found.first_year, found.year
    return str(last) if first == last else f"{first}-{last}"


def _shared_out(
    atlas: Atlas, commodity: str, stage: SupplyStage, shares: list[Suppliers]
) -> StageFigures | None:
    """Apply shares of the world at the refinery to what is mined, where nobody counts tonnes.

    To the content that is mined, if some source counts that.
    """
    if not shares or stage is not SupplyStage.REFINERY:
        return None
    mined = [
        item for item in suppliers(atlas, commodity, SupplyStage.MINE, YEAR) if item.unit != _SHARE
    ]
    if not mined:
        return None
    told = next((item for item in mined if item.basis == _CONTENT), mined[0])
    world = told.total / BUNDLE[told.unit]
    figures = StageFigures(
        commodity, stage,
        {
            region: share * world
            for region, share in zip(shares[0].regions, shares[0].shares.tolist(), strict=True)
            if share > 0
        },
        Provenance(
            shares[0].source, "D", shares[0].where[0],
            f"shares of {_period(shares[0])} times what is mined", shares[0].year,
        ),
        shares[0].source, _period(shares[0]),
    )  # fmt: skip
    figures.notes.append("output by shares of the world, times what is mined")
    return figures


def _split_others(figures: StageFigures, shares: Suppliers) -> None:
    """Split what a source calls others by older shares, among countries that it does not name."""
    others = figures.made.get(OTHERS, 0.0)
    unnamed = {
        region: share
        for region, share in zip(shares.regions, shares.shares.tolist(), strict=True)
        if region not in figures.made and region != OTHERS and share > 0
    }
    if not others or not unnamed:
        return
    world, total = figures.world, sum(unnamed.values())
    given = min(others, total * world)
    for region, share in unnamed.items():
        figures.made[region] = given * share / total
    figures.made[OTHERS] = others - given
    if figures.made[OTHERS] <= 1e-9 * world:
        del figures.made[OTHERS]
    figures.notes.append(
        f"other countries ({others / world:.0%}) split by shares of {shares.source}"
    )


# -- trade -------------------------------------------------------------------------------------


def _add_customs(figures: StageFigures, atlas: Atlas, assumed: MarketAssumptions) -> None:
    """Add the flows of the customs codes that count for the stage, in content."""
    codes = {
        code: content
        for code, content in assumed.content.items()
        if content.commodity == figures.commodity and content.stage is figures.stage
    }
    value = mass = 0.0
    sources: list[str] = []
    for trade in atlas.flows():
        rows = np.flatnonzero(np.isin(trade.hs6, list(codes)) & (trade.year == YEAR))
        for row in rows.tolist():
            gross = trade.mass[row]
            if not gross > 0 or trade.region[row] == trade.partner[row]:
                continue
            content = gross * codes[trade.hs6[row]].share
            flow = trade.region[row], trade.partner[row]
            figures.flows[flow] = figures.flows.get(flow, 0.0) + content
            value, mass = value + trade.value[row], mass + content
        sources += [trade.source] if len(rows) else []
    if not figures.flows:
        return
    figures.has_customs = True
    note = f"customs codes {', '.join(sorted(codes))}"
    figures.flow_told = Provenance("+".join(sources), "D", "markets/content.csv", note, YEAR)
    figures.price = value / mass
    figures.price_told = Provenance(
        sources[0], "D", "", "value of the trade over its tonnes of content", YEAR
    )


def _add_own_trade(figures: StageFigures, atlas: Atlas, assumed: MarketAssumptions) -> None:
    """Add what the United States import and export, and leave the rest at home or to others."""
    own = assumed.own_trade.get((figures.commodity, figures.stage))
    if own is None:
        return
    bundle = BUNDLE[minerals()[figures.commodity].unit] if own.unit != "t" else 1.0
    shares = _import_shares(atlas, own)
    bought: dict[str, float] = {}
    for region, share in shares.items():
        seller = region if figures.made.get(region, 0.0) > 0 else OTHERS
        bought[seller] = bought.get(seller, 0.0) + share * own.imports / bundle
    for seller, amount in bought.items():
        if seller != USA and amount > 0:
            figures.flows[seller, USA] = amount
    if own.exports > 0:
        figures.flows[USA, OTHERS] = own.exports / bundle
    _spread_the_rest(figures, _used_elsewhere(figures, atlas, assumed, own))
    figures.flow_told = own.provenance
    figures.notes.append("only the trade of the United States is known")


def _used_elsewhere(
    figures: StageFigures, atlas: Atlas, assumed: MarketAssumptions, own: OwnTrade
) -> dict[str, float]:
    """Return what each region outside the United States is taken to use."""
    if own.spread == "home":
        return {region: own.home_share * made for region, made in figures.made.items()}
    bought = sum(amount for (_, buyer), amount in figures.flows.items() if buyer == USA)
    sold = sum(amount for (seller, _), amount in figures.flows.items() if seller == USA)
    rest = figures.world - (figures.made.get(USA, 0.0) + bought - sold)
    return {region: share * rest for region, share in _spread(atlas, assumed, own.spread).items()}


@cache
def _spread(atlas: Atlas, assumed: MarketAssumptions, name: str) -> Mapping[str, float]:
    """Return the share of each region but the United States in what stands for its use."""
    key = stage_figures(atlas, assumed, SPREAD_BY[name], SupplyStage.REFINERY)
    if key is None:
        raise TableError(
            f"no figures of {SPREAD_BY[name]}", where="atlas", way_out="build the atlas again"
        )
    left = dict(key.made)
    if name == "use":
        for (seller, buyer), amount in key.flows.items():
            left[seller] = left.get(seller, 0.0) - amount
            left[buyer] = left.get(buyer, 0.0) + amount
    left = {region: amount for region, amount in left.items() if amount > 0 and region != USA}
    return {region: amount / sum(left.values()) for region, amount in left.items()}


def _spread_the_rest(figures: StageFigures, used: Mapping[str, float]) -> None:
    """Let producers ship what is left over to others, and others feed who lacks."""
    for region in sorted({*figures.made, *CONSUMERS} - {USA, OTHERS}):
        has = figures.made.get(region, 0.0) - figures.flows.get((region, USA), 0.0)
        over = has - used.get(region, 0.0)
        flow = (region, OTHERS) if over > 0 else (OTHERS, region)
        if over:
            figures.flows[flow] = abs(over)


def _import_shares(atlas: Atlas, own: OwnTrade) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for data in atlas.reliance.values():
        rows = (data.detail == own.heading) & (data.statistic == Statistic.IMPORT_SHARE)
        for row in np.flatnonzero(rows).tolist():
            if data.value[row] > 0:
                found[data.partner[row]] = float(data.value[row])
    if not found:
        raise TableError(
            f"no import sources under '{own.heading}'",
            where=own.provenance.where,
            way_out="write the heading as the table reliance of the atlas has it",
        )
    total = sum(found.values())
    return {region: share / total for region, share in found.items()}


# -- price -------------------------------------------------------------------------------------


def _add_quote(figures: StageFigures, assumed: MarketAssumptions) -> None:
    quote = assumed.quotes.get((figures.commodity, figures.stage))
    if quote is not None:
        figures.price, figures.price_told = quote
