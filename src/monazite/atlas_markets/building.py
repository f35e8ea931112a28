"""From figures to networks: one for each group of minerals that by-products tie together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from monazite.atlas_markets.assumptions import ByProductLink, MarketAssumptions, assumed_of_markets
from monazite.atlas_markets.figures import (
    YEAR,
    LeftOut,
    StageFigures,
    stage_figures,
)
from monazite.atlas_markets.flows import Tidied, fill, main_regions, scale_exports, tidied
from monazite.balance import Balanced, balance
from monazite.labels import EVERYWHERE, Stage
from monazite.network import (
    BasePrice,
    Commodity,
    CoverClass,
    Holder,
    Process,
    Provenance,
    Route,
    SupplyNetwork,
    Total,
    TotalKind,
    Use,
)
from monazite.reference.atlas.tables import Atlas, SupplyStage, shipped_atlas
from monazite.reference.loaders.minerals import minerals

PARTNERS = frozenset({"USA", "JPN"})
"""Regions that every market has if it has them at all."""
PREFIX = "atlas/"
"""Begins the name of every network of the atlas."""
UNITS = {"t": "t", "kg": "t", "carat": "1000 carat", "m**3": "1000 m**3"}
"""What networks count a mineral in, by its unit in the atlas."""
_MINE, _REFINERY = SupplyStage.MINE, SupplyStage.REFINERY
_STAGE = {_MINE: Stage.ORE, _REFINERY: Stage.METAL}
_UTILISATION = {_MINE: "mine_utilisation", _REFINERY: "refinery_utilisation"}
_VERB = {_MINE: "mine", _REFINERY: "refine"}


@dataclass(frozen=True, slots=True)
class StageMarket:
    """One stage of a mineral's market, and what was done to the figures.

    ``code`` : of the commodity. ``world`` : output of the world in a year. ``price`` : USD per
    thousandth of the unit. ``factor`` : t of ore per t made of it; None at the first stage.
    """

    code: str
    figures: StageFigures
    tidied: Tidied
    price: float
    price_told: Provenance
    factor: float | None = None

    @property
    def stage(self) -> SupplyStage:
        """Mine or refinery."""
        return self.figures.stage

    @property
    def world(self) -> float:
        """Output of the world in the base year."""
        return sum(self.tidied.made.values())

    @property
    def process(self) -> str:
        """Name of the process that makes it."""
        return f"{_VERB[self.stage]}-{self.figures.commodity}"


@dataclass(frozen=True, slots=True)
class MineralMarket:
    """A mineral as a market.

    ``stages`` : one or two, from the mine down. ``notes`` : what a reader must know.
    """

    commodity: str
    stages: tuple[StageMarket, ...]
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> StageMarket:
        """The stage whose goods are used."""
        return self.stages[-1]

    def stage(self, wanted: SupplyStage) -> StageMarket | None:
        """Return a stage; None if the market does not have it."""
        return next((each for each in self.stages if each.stage is wanted), None)

    def regions(self) -> frozenset[str]:
        """Return the regions of the market."""
        return frozenset().union(*(each.tidied.regions() for each in self.stages))


@dataclass(frozen=True)
class MineralGroup:
    """Minerals that by-products tie together, and their network.

    ``raw`` : as the figures are. ``totals`` : outputs of the world that the balance keeps.
    """

    name: str
    markets: tuple[MineralMarket, ...]
    raw: SupplyNetwork
    totals: tuple[Total, ...]
    links: tuple[ByProductLink, ...] = ()

    @cached_property
    def balanced(self) -> Balanced:
        """The balanced network, and the report of how it came to."""
        return balance(self.raw, self.totals)

    @property
    def network(self) -> SupplyNetwork:
        """The balanced network."""
        return self.balanced.network


@dataclass(frozen=True)
class AtlasMarkets:
    """All markets of an atlas, and the minerals that are none."""

    groups: tuple[MineralGroup, ...]
    left_out: tuple[LeftOut, ...] = field(default=())

    def group_of(self, commodity: str) -> MineralGroup | None:
        """Return the group of a mineral; None if it is left out."""
        for group in self.groups:
            if any(market.commodity == commodity for market in group.markets):
                return group
        return None

    def markets(self) -> tuple[MineralMarket, ...]:
        """Return the market of every mineral that is one, in alphabetical order."""
        found = [market for group in self.groups for market in group.markets]
        return tuple(sorted(found, key=lambda market: market.commodity))


def build_markets(
    atlas: Atlas | None = None, assumed: MarketAssumptions | None = None
) -> AtlasMarkets:
    """Build the market of every mineral.

    Parameters
    ----------
    atlas : Atlas, optional
        The shipped one by default.
    assumed : MarketAssumptions, optional
        The shipped tables by default.

    Returns
    -------
    AtlasMarkets
        Groups in alphabetical order; every mineral of the list is in one of them or left out.

    Raises
    ------
    MonaziteError
        If a table of what is assumed has a fault.
    """
    atlas, assumed = atlas or shipped_atlas(), assumed or assumed_of_markets()
    built: dict[str, MineralMarket] = {}
    left_out = []
    for code in minerals():
        found = _market(atlas, assumed, code)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            built[code] = found
    ores = set(assumed.ore_of.values())
    left_out = [item for item in left_out if item.commodity not in ores]
    for code, whole in assumed.ore_of.items():
        if code in built and whole in built:
            del built[whole]
            left_out.append(LeftOut(whole, f"is the ore of {code}, in whose market it stands"))
    groups = [_group(codes, built, assumed) for codes in _tied(built, assumed.links)]
    return AtlasMarkets(
        tuple(sorted(groups, key=lambda group: group.name)),
        tuple(sorted(left_out, key=lambda item: item.commodity)),
    )


# -- the market of one mineral -----------------------------------------------------------------


def _market(atlas: Atlas, assumed: MarketAssumptions, code: str) -> MineralMarket | LeftOut:
    if code in assumed.left_out:
        return LeftOut(code, assumed.left_out[code])
    only = assumed.only_stage.get(code)
    ore = metal = None
    if only is not _REFINERY:
        ore = stage_figures(atlas, assumed, assumed.ore_of.get(code, code), _MINE)
    if only is not _MINE:
        metal = stage_figures(atlas, assumed, code, _REFINERY)
    if ore is None and metal is None:
        return LeftOut(code, "no source counts its output by country in a quantity")
    if metal is not None and not metal.flows:
        metal = None
    if metal is None and (ore is None or not ore.flows):
        return LeftOut(code, "neither a customs code nor the United States' imports tell its trade")
    stages = [each for each in (ore, metal) if each is not None]
    if metal is None or ore is None:
        return _one_stage(assumed, code, stages[0])
    return _two_stages(assumed, code, ore, metal)


def _one_stage(
    assumed: MarketAssumptions, code: str, figures: StageFigures
) -> MineralMarket | LeftOut:
    if figures.price is None:
        return LeftOut(code, "no price: neither a quote nor the value of a trade")
    stage = _tidied([figures], assumed)[0]
    scale_exports(stage, assumed.setting("most_exported"))
    market = StageMarket(code, figures, stage, figures.price, figures.price_told)
    return MineralMarket(code, (market,), tuple(figures.notes))


def _two_stages(
    assumed: MarketAssumptions, code: str, ore: StageFigures, metal: StageFigures
) -> MineralMarket | LeftOut:
    if metal.price is None:
        return LeftOut(code, "no price: neither a quote nor the value of a trade")
    first, second = _tidied([ore, metal], assumed)
    factor = sum(first.made.values()) / sum(second.made.values())
    scale_exports(first, 1.0)
    fill(first, {region: factor * made for region, made in second.made.items()})
    scale_exports(second, assumed.setting("most_exported"))
    price, told = _ore_price(assumed, ore, metal, factor)
    ore_code = f"{code}-ore" if ore.commodity == code else ore.commodity
    return MineralMarket(
        code,
        (
            StageMarket(ore_code, ore, first, price, told),
            StageMarket(code, metal, second, metal.price, metal.price_told, factor),
        ),
        (*ore.notes, *metal.notes),
    )


def _tidied(stages: Sequence[StageFigures], assumed: MarketAssumptions) -> list[Tidied]:
    kept = main_regions(
        [(each.made, each.flows) for each in stages], assumed.setting("least_region"), PARTNERS
    )
    least = assumed.setting("least_flow")
    return [tidied(each.made, each.flows, kept, least) for each in stages]


def _ore_price(
    assumed: MarketAssumptions, ore: StageFigures, metal: StageFigures, factor: float
) -> tuple[float, Provenance]:
    """Price of the ore: below what is made of it, whatever else it holds.

    Where more metal is made than is mined, the rest is scrap, and a tonne of ore makes one.
    """
    worth = (metal.price or 0.0) / max(factor, 1.0)
    if ore.price is None:
        return assumed.setting("ore_price") * worth, assumed.because("ore_price")
    if ore.price > assumed.setting("highest_ore_price") * worth:
        return assumed.setting("highest_ore_price") * worth, assumed.because("highest_ore_price")
    return ore.price, ore.price_told


# -- groups ------------------------------------------------------------------------------------


def _tied(built: Mapping[str, MineralMarket], links: Iterable[ByProductLink]) -> list[list[str]]:
    """Return minerals in groups: those that a link joins stand together."""
    leader = {code: code for code in built}

    def root(code: str) -> str:
        while leader[code] != code:
            code = leader[code]
        return code

    for link in links:
        if link.by_product in built and link.host in built:
            one, other = sorted((root(link.by_product), root(link.host)))
            leader[other] = one
    groups: dict[str, list[str]] = {}
    for code in built:
        groups.setdefault(root(code), []).append(code)
    return list(groups.values())


def _group(
    codes: list[str], built: Mapping[str, MineralMarket], assumed: MarketAssumptions
) -> MineralGroup:
    links = tuple(link for link in assumed.links if link.by_product in codes and link.host in codes)
    hosts = [code for code in codes if any(link.host == code for link in links)] or codes
    name = PREFIX + max(hosts, key=lambda code: _worth(built[code]))
    rows = _Rows(assumed, [built[code] for code in codes], links)
    return MineralGroup(
        name, tuple(built[code] for code in codes), rows.network(name), rows.totals(), links
    )


def _worth(market: MineralMarket) -> float:
    return market.last.world * market.last.price


@dataclass(frozen=True, slots=True)
class _Won:
    """How a by-product is won: from a residue that its host yields."""

    link: ByProductLink
    by_product: StageMarket
    host: StageMarket

    @property
    def residue(self) -> str:
        """Code of what the host leaves and the by-product is won from."""
        return f"{self.by_product.figures.commodity}-in-{self.host.figures.commodity}"

    def regions(self) -> list[str]:
        """Return where it is won so: where the link holds and both run."""
        made, hosting = self.by_product.tidied.made, self.host.tidied.made
        return sorted(
            region for region in made if hosting.get(region, 0) > 0 and self.link.holds_in(region)
        )


class _Rows:
    """The rows of a group's network."""

    def __init__(
        self,
        assumed: MarketAssumptions,
        markets: Sequence[MineralMarket],
        links: Iterable[ByProductLink],
    ) -> None:
        self.assumed = assumed
        self.markets = markets
        by_code = {market.commodity: market for market in markets}
        self.won = [
            _Won(link, by_product, host)
            for link in links
            if (by_product := by_code[link.by_product].stage(link.stage)) is not None
            and (host := by_code[link.host].stage(link.host_stage)) is not None
        ]

    def network(self, name: str) -> SupplyNetwork:
        """Return the raw network."""
        return SupplyNetwork(
            name,
            tuple(self._commodities()),
            processes=tuple(self._processes()),
            routes=tuple(self._routes()),
            uses=tuple(self._uses()),
            holders=tuple(self._holders()),
            base_prices=tuple(self._prices()),
            base_year=YEAR,
            title=", ".join(minerals()[market.commodity].name for market in self.markets),
            description="Built from the tables of the atlas and what is assumed of its markets.",
        )

    def totals(self) -> tuple[Total, ...]:
        """Return the outputs of the world, which the balance must meet."""
        return tuple(
            Total(
                f"world-{stage.code}", TotalKind.PRODUCTION, stage.code, EVERYWHERE, EVERYWHERE,
                stage.world, stage.figures.told,
            )
            for stage in self._stages()
        )  # fmt: skip

    def _stages(self) -> list[StageMarket]:
        return [stage for market in self.markets for stage in market.stages]

    def _commodities(self) -> Iterable[Commodity]:
        for stage in self._stages():
            mineral = minerals()[stage.figures.commodity]
            name = mineral.name if stage.code == mineral.code else f"{mineral.name}, ore"
            yield Commodity(
                stage.code, name, _STAGE[stage.stage], provenance=stage.figures.told,
                unit=UNITS[mineral.unit],
            )  # fmt: skip
        for won in self.won:
            if won.regions():
                yield Commodity(
                    won.residue,
                    f"{won.by_product.figures.commodity} in what {won.host.process} leaves",
                    provenance=won.link.provenance,
                )

    def _processes(self) -> Iterable[Process]:
        for market in self.markets:
            before: StageMarket | None = None
            for stage in market.stages:
                for region, made in sorted(stage.tidied.made.items()):
                    yield self._process(stage, before, region, made)
                before = stage

    def _process(
        self, stage: StageMarket, before: StageMarket | None, region: str, made: float
    ) -> Process:
        recipe = {stage.code: 1.0}
        if before is not None and stage.factor is not None:
            recipe[before.code] = -stage.factor
        for won in self.won:
            if region not in won.regions():
                continue
            if won.host is stage:
                recipe[won.residue] = won.by_product.tidied.made[region] / made
            if won.by_product is stage and won.residue == self._residue(stage, region):
                recipe[won.residue] = -1.0
        utilisation = self.assumed.setting(_UTILISATION[stage.stage])
        return Process(
            stage.process, region, recipe, capacity=made / utilisation, activity=made,
            stage=_STAGE[stage.stage], provenance=stage.figures.told,
        )  # fmt: skip

    def _residue(self, stage: StageMarket, region: str) -> str | None:
        """Return what a by-product is won from in a region: the first link that holds there."""
        for won in self.won:
            if won.by_product is stage and region in won.regions():
                return won.residue
        return None

    def _routes(self) -> Iterable[Route]:
        unknown = Provenance("assumed", "E", note="no source tells whose ore the refineries take")
        for stage in self._stages():
            for (seller, buyer), amount in sorted(stage.tidied.flows.items()):
                is_filled = (seller, buyer) in stage.tidied.filling
                yield Route(
                    stage.code, seller, buyer, flow=amount,
                    provenance=unknown if is_filled else stage.figures.flow_told,
                )  # fmt: skip

    def _uses(self) -> Iterable[Use]:
        cover = CoverClass("usual", 1.0, self.assumed.setting("cover_months"))
        told = Provenance("assumed", "E", note="apparent: output and imports less exports")
        for market in self.markets:
            last = market.last
            for region in sorted(last.tidied.regions()):
                left = last.tidied.left(region)
                if left > 0:
                    yield Use(
                        "apparent-use", region, last.code, left,
                        rungs=self.assumed.rungs(market.commodity), cover=(cover,),
                        provenance=told,
                    )  # fmt: skip

    def _holders(self) -> Iterable[Holder]:
        months, told = self.assumed.setting("dealer_months"), self.assumed.because("dealer_months")
        for stage in self._stages():
            for region in sorted(stage.tidied.regions()):
                passed = stage.tidied.made.get(region, 0.0) + stage.tidied.imports(region)
                if passed > 0:
                    yield Holder(stage.code, region, months * passed / 12, provenance=told)

    def _prices(self) -> Iterable[BasePrice]:
        for stage in self._stages():
            yield BasePrice(stage.code, EVERYWHERE, stage.price, stage.price_told)
        told = self.assumed.because("feed_price")
        for won in self.won:
            if won.regions():
                price = self.assumed.setting("feed_price") * won.by_product.price
                yield BasePrice(won.residue, EVERYWHERE, price, told)
