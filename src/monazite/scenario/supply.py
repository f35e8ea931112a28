"""Measures at the plant: outages, changes of capacity, price floors and subsidies."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from monazite.errors import ScenarioError, UnknownCodeError
from monazite.network import Form, Process
from monazite.scenario.calendar import ChangePath, SizePath, months_since
from monazite.scenario.draft import Draft, Window
from monazite.scenario.ground import Ground, output_per_activity
from monazite.scenario.lowered import Effect, FloatArray, FloorKind, FloorSpec, IntArray
from monazite.scenario.measure import (
    Closed,
    Measure,
    Names,
    Share,
    Size,
    as_share,
    as_size,
    listing,
    named_goods,
    named_places,
)
from monazite.scenario.tracing import price_lookup

_PLANTS_ONLY = MappingProxyType(
    {
        "targets": "name the regions of the plants in 'actors'",
        "exemptions": "name the plants in 'actors', 'commodities' and 'processes'",
    }
)


class PlantMeasure(Measure):
    """Something that happens to mines and plants."""

    unused: ClassVar[Mapping[str, str]] = _PLANTS_ONLY

    actors: Names
    """Where the plants are: regions or groups."""
    processes: Names = ()
    """Names of processes, with wildcards ("separation-*"); all that make the goods if left out."""

    def plants(self, ground: Ground, where: str) -> IntArray:
        """Return indices of the processes that the measure means.

        Raises
        ------
        ScenarioError
            If there is none.
        """
        regions = ground.places(self.actors, where)
        goods = ground.goods(self.commodities, where)
        found = ground.plants(regions, goods, self.processes, where)
        if not len(found):
            raise ScenarioError(
                f"no process in {listing(self.actors)} makes {listing(self.commodities)}",
                where=where,
                way_out="check actors, commodities and processes against `monazite chain`",
            )
        return found

    def _what(self) -> str:
        plants = f" ({listing(self.processes)})" if self.processes else ""
        return f"{named_goods(self.commodities)} in {named_places(self.actors)}{plants}"


class Outage(PlantMeasure):
    """Capacity lost, and regained afterwards."""

    kind: Literal["outage"]
    share_lost: Share
    """Share of the capacity that is lost while the outage lasts."""
    recovery_months: int = Field(default=0, ge=0, le=240)
    """Months after the end in which capacity comes back, in equal steps."""

    @model_validator(mode="after")
    def _recovery_follows_an_end(self) -> Self:
        if self.recovery_months and self.end is None:
            raise ValueError("recovery_months needs an end: the month in which recovery begins")
        return self

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Cut the capacity of the plants."""
        del index
        plants = draft.ground.limited_plants(self.plants(draft.ground, where), where)
        lost = np.where(window.active, 1.0, 0.0)
        if self.end is not None:
            back = (months_since(draft.months, self.end) + 1) / (self.recovery_months + 1)
            lost = np.where(back > 0, np.clip(1 - back, 0.0, 1.0), lost)
        draft.scale_plants(plants, 1 - self.share_lost * lost)
        return _plants_touched(draft.ground, plants)

    def sentence(self) -> str:
        """Return what is lost."""
        after = f", back over {self.recovery_months} months" if self.recovery_months else ""
        return f"{100 * self.share_lost:g} % of the capacity for {self._what()} is lost{after}"


class NewProcess(Closed):
    """A plant that the network does not have yet."""

    name: str
    """What it is called."""
    like: str
    """Name of a process of the network whose recipe, stage and spread it takes."""
    like_region: str | None = None
    """Region of that process, where several have the name."""
    unit_cost: Size | None = None
    """Cost beside its inputs [USD/kg of reference flow]; break-even at base prices if left out."""


class CapacityChange(PlantMeasure):
    """Capacity added or taken away, or a new plant."""

    kind: Literal["capacity_change"]
    share: ChangePath | None = None
    """Relative change (0.2 for a fifth more, -0.16 for 16 % less), constant or by month."""
    t_per_year: float | None = Field(default=None, allow_inf_nan=False)
    """Change in tonnes per year of the goods, all plants together."""
    ramp_months: int = Field(default=0, ge=0, le=240)
    """Months from the start in which the change builds up, in equal steps."""
    opens: NewProcess | None = None
    """A plant to open, { name = "...", like = "..." }, with t_per_year of the goods."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.share is None) == (self.t_per_year is None):
            raise ValueError("needs either a share or t_per_year")
        if self.opens is not None and (self.t_per_year is None or self.t_per_year <= 0):
            raise ValueError("opens needs t_per_year above 0")
        if self.opens is not None and self.processes:
            raise ValueError("opens and processes exclude each other: the new plant has a name")
        return self

    def new_process(self, ground: Ground, where: str) -> Process | None:
        """Return the plant that the measure opens, with its full capacity and no activity yet."""
        if self.opens is None or self.t_per_year is None:
            return None
        region = _single_region(ground, self.actors, where)
        model = _model(ground, self.opens, where)
        _require_new_name(ground, self.opens.name, region, where)
        output = output_per_activity(model, ground.goods(self.commodities, where))
        if output <= 0:
            raise ScenarioError(
                f"process '{model.name}' makes none of {listing(self.commodities)}",
                where=where,
                way_out=f"it makes {listing(c for c, q in model.recipe.items() if q > 0)}",
            )
        _require_connections(ground, model, region, where)
        return Process(
            name=self.opens.name,
            region=region,
            recipe=model.recipe,
            capacity=self.t_per_year / output,
            activity=0.0,
            unit_cost=_unit_cost(ground, self.opens, model, region, where),
            spread=model.spread,
            stage=model.stage,
            form=Form(model.form),
        )

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Scale the capacity of the plants; a new one comes from nothing."""
        del index
        built = np.clip(
            (months_since(draft.months, self.start) + 1) / max(self.ramp_months, 1), 0, 1
        )
        if self.opens is not None:
            plant = _by_name(draft.ground, self.opens.name)
            draft.scale_plants(plant, built * window.active)
            return Effect(processes=tuple(int(p) for p in plant), tonnes=self.t_per_year or 0.0)
        plants = draft.ground.limited_plants(self.plants(draft.ground, where), where)
        change = self._change(draft, plants, where) * built * window.active
        draft.scale_plants(plants, 1 + change)
        return _plants_touched(draft.ground, plants)

    def _change(self, draft: Draft, plants: IntArray, where: str) -> FloatArray:
        if self.share is not None:
            return self.share.values(draft.months, 0.0)
        added = self.t_per_year or 0.0
        goods = draft.ground.goods(self.commodities, where)
        processes = [draft.network.processes[p] for p in plants]
        total = sum(p.capacity * output_per_activity(p, goods) for p in processes)
        if total + added < 0 or total <= 0:
            raise ScenarioError(
                f"t_per_year {added:,.0f} exceeds the capacity of {total:,.0f} t/year",
                where=where,
                way_out="take away less, or use opens for a plant where there is none",
            )
        return np.full(len(draft.months), added / total)

    def sentence(self) -> str:
        """Return what is added or taken away."""
        ramp = f" over {self.ramp_months} months" if self.ramp_months else ""
        if self.opens is not None:
            made = f"{self.t_per_year or 0:,.0f} t/year of {self._what()}"
            return f"a new plant, {self.opens.name}, for {made}{ramp}"
        size = as_share(self.share) if self.share else f"{self.t_per_year or 0:+,.0f} t/year"
        return f"the capacity for {self._what()} changes by {size}{ramp}"


class PriceFloor(PlantMeasure):
    """A price below which covered output does not fall for its maker."""

    kind: Literal["price_floor"]
    commodities: Names
    """Goods whose price is kept up."""
    floor: SizePath
    """USD per kg, constant or by month."""
    paid_by: FloorKind = FloorKind.CONTRACT_FOR_DIFFERENCE
    """contract-for-difference: the payer tops up the market price; purchase: it buys the goods."""
    coverage: Share = 1.0
    """Share of the output that is covered."""

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Record a floor for each of the goods."""
        plants = self.plants(draft.ground, where)
        level = self.floor.values(draft.months, 0.0) * window.active
        for commodity in sorted(draft.ground.goods(self.commodities, where)):
            makers = [p for p in plants if draft.network.processes[p].recipe.get(commodity, 0) > 0]
            if makers:
                name = self.label or f"floor for {commodity}"
                covered = np.array(makers, dtype=np.int64)
                spec = FloorSpec(
                    name, index, covered, commodity, level, self.paid_by, self.coverage
                )
                draft.floors.append(spec)
        return _plants_touched(draft.ground, plants)

    def sentence(self) -> str:
        """Return what is guaranteed."""
        how = {FloorKind.PURCHASE: "bought at", FloorKind.CONTRACT_FOR_DIFFERENCE: "topped up to"}
        size = as_size(self.floor, "USD/kg")
        covered = f"{100 * self.coverage:g} % of the output of {self._what()}"
        return f"{covered} is {how[self.paid_by]} {size}"


class Subsidy(PlantMeasure):
    """Money for each kg made."""

    kind: Literal["subsidy"]
    commodities: Names
    """Goods whose output is paid for."""
    usd_per_kg: SizePath
    """USD per kg of the goods, constant or by month."""

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Pay the plants by their output of the goods."""
        del index
        plants = self.plants(draft.ground, where)
        goods = draft.ground.goods(self.commodities, where)
        output = np.array([output_per_activity(draft.network.processes[p], goods) for p in plants])
        level = self.usd_per_kg.values(draft.months, 0.0) * window.active
        draft.process_subsidy[:, plants] += np.outer(level, output)
        return _plants_touched(draft.ground, plants)

    def sentence(self) -> str:
        """Return what is paid."""
        return f"{as_size(self.usd_per_kg, 'USD/kg')} paid on the output of {self._what()}"


def _plants_touched(ground: Ground, plants: IntArray) -> Effect:
    capacity = sum(ground.network.processes[p].capacity for p in plants)
    return Effect(processes=tuple(int(p) for p in plants), tonnes=float(capacity))


def _single_region(ground: Ground, actors: Names, where: str) -> str:
    regions = sorted(ground.places(actors, where))
    if len(regions) != 1:
        raise ScenarioError(
            f"a new plant stands in one region, not in {listing(regions or ('none',))}",
            where=where,
            way_out="write one measure for each region",
        )
    return regions[0]


def _model(ground: Ground, opens: NewProcess, where: str) -> Process:
    known = [p for p in ground.network.processes if p.name == opens.like]
    if not known:
        names = {p.name for p in ground.network.processes}
        raise UnknownCodeError("process", opens.like, names, where=where)
    fitting = [p for p in known if opens.like_region in (None, p.region)]
    if not fitting:
        regions = {p.region for p in known}
        raise UnknownCodeError("region", opens.like_region or "", regions, where=where)
    return fitting[0]


def _require_new_name(ground: Ground, name: str, region: str, where: str) -> None:
    if any((p.name, p.region) == (name, region) for p in ground.network.processes):
        raise ScenarioError(
            f"process '{name}' stands in {region} already",
            where=where,
            way_out="give the new plant another name, or change the old one with share",
        )


def _by_name(ground: Ground, name: str) -> IntArray:
    last = max(i for i, p in enumerate(ground.network.processes) if p.name == name)
    return np.array([last], dtype=np.int64)


def _require_connections(ground: Ground, model: Process, region: str, where: str) -> None:
    """Check that every input can arrive in the region and some output can leave or be used."""
    arriving, leaving = _connections(ground, region)
    missing = [c for c, q in model.recipe.items() if q < 0 and c not in arriving]
    stuck = [c for c, q in model.recipe.items() if q > 0]
    if missing:
        fault = f"no route or process brings {listing(missing)} to {region}"
    elif not leaving & set(stuck):
        fault = f"no route or use takes {listing(stuck)} from {region}"
    else:
        return
    raise ScenarioError(
        f"the new plant cannot work: {fault}",
        where=where,
        way_out="add a route to routes.csv of the network",
    )


def _connections(ground: Ground, region: str) -> tuple[set[str], set[str]]:
    net = ground.network
    arriving = {r.commodity for r in net.routes if r.destination == region}
    leaving = {r.commodity for r in net.routes if r.origin == region}
    for process in net.processes:
        if process.region == region:
            arriving |= {c for c, q in process.recipe.items() if q > 0}
            leaving |= {c for c, q in process.recipe.items() if q < 0}
    return arriving, leaving | {use.commodity for use in net.uses if use.region == region}


def _unit_cost(ground: Ground, opens: NewProcess, model: Process, region: str, where: str) -> float:
    if opens.unit_cost is not None:
        return opens.unit_cost
    price = price_lookup(ground.network)
    margin = 0.0
    for commodity, coefficient in model.recipe.items():
        value = price(commodity, region)
        if value is None:
            raise ScenarioError(
                f"no base price of {commodity} in {region} to reckon the plant's cost from",
                where=where,
                way_out="give unit_cost",
            )
        margin += coefficient * value
    return margin
