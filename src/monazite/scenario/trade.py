"""Measures at the border: bans, quotas, licences, export taxes and tariffs."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from monazite.errors import ScenarioError
from monazite.scenario.calendar import Path, SharePath, SizePath, months_since
from monazite.scenario.control import (
    Allowance,
    Border,
    Control,
    Passage,
    apply_control,
    enforce_on_leaks,
    exempt_shares,
)
from monazite.scenario.draft import Draft, Window
from monazite.scenario.ground import Ground
from monazite.scenario.lowered import BoolArray, Effect, FloatArray, IntArray
from monazite.scenario.measure import (
    Cited,
    Closed,
    Measure,
    Names,
    Share,
    as_share,
    as_size,
    listing,
    named_goods,
    named_places,
)

TRACES = 0.001
"""Share of value below which nobody looks, where no de-minimis share is given."""


class QuotaUnit(StrEnum):
    """What the numbers of a quota mean."""

    PER_YEAR = "t/year"
    PER_MONTH = "t/month"


class LicenceUnit(StrEnum):
    """What the numbers of a licence's throughput mean."""

    SHARE = "share"
    """Share of the base flow under the class."""
    PER_MONTH = "t/month"


class TaxBase(StrEnum):
    """On which value a tariff is charged."""

    FOB = "FOB"
    """The price at the origin."""
    CIF = "CIF"
    """The price at the border, freight included."""


class ExportMeasure(Measure):
    """A measure at the exporter's border."""

    actors: Names
    """The exporters: regions or groups (CHN, OUTSIDE-JPN). Trade among them is left alone."""
    targets: Names = ("WORLD",)
    """The buyers: regions, groups, or end uses such as defence; everybody else if left out."""
    commodities: Names
    """Goods: codes, stages (ore, magnet), patterns ("Dy-*") or groups ("all-heavy")."""
    leak_enforcement: SharePath | None = None
    """Share of the leaks beside the official trade that is stopped, constant or by month."""

    def border(self, ground: Ground, targets: Names, goods: Names, where: str) -> Border:
        """Read the names of the measure in a network."""
        origins = ground.places(self.actors, where)
        regions, uses = ground.aim(targets, where)
        spared = self.exemptions.regions
        exempt = ground.places(spared, where) if spared else frozenset()
        return Border(origins, regions - origins - exempt, ground.goods(goods, where), uses)

    def plug_leaks(self, draft: Draft, window: Window, where: str) -> tuple[int, ...]:
        """Narrow the leaks, if the measure says so, and return them."""
        if self.leak_enforcement is None:
            return ()
        border = self.border(draft.ground, self.targets, self.commodities, where)
        stopped = self.leak_enforcement.values(draft.months, 0.0) * window.active
        return enforce_on_leaks(draft, border, stopped, where)


class ExportControl(ExportMeasure):
    """A limit on how much may leave: what a ban, a quota and a licence have in common."""

    reach_reexports: bool | Share = False
    """Reach to what third countries resell, or make with the controlled goods: the least share
    of a product's value that counts (de minimis); true stands for 0.001."""

    @property
    def de_minimis(self) -> float | None:
        """Least share of value that counts as a re-export; None for no reach."""
        if isinstance(self.reach_reexports, bool):
            return TRACES if self.reach_reexports else None
        return self.reach_reexports

    @abstractmethod
    def controls(self, draft: Draft, index: int, window: Window, where: str) -> Iterable[Control]:
        """Separate limits, in the order in which they claim the routes."""

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Limit the routes or uses of every class."""
        claimed: set[int] = set()
        effects = [
            apply_control(draft, control, claimed, window)
            for control in self.controls(draft, index, window, where)
        ]
        leaks = self.plug_leaks(draft, window, where)
        return Effect(
            routes=tuple(sorted({r for effect in effects for r in effect.routes} | set(leaks))),
            uses=tuple(sorted({u for effect in effects for u in effect.uses})),
            tonnes=sum(effect.tonnes for effect in effects),
        )

    def _whom(self) -> str:
        reach = ", re-exports included" if self.reach_reexports else ""
        return f"from {named_places(self.actors)} to {named_places(self.targets)}{reach}"


class ExportBan(ExportControl):
    """Nothing may leave, but for the exemptions."""

    kind: Literal["export_ban"]

    def controls(self, draft: Draft, index: int, window: Window, where: str) -> Iterator[Control]:
        """One limit of zero."""
        limit = np.where(window.active, 0.0, np.inf)
        passage = Passage(limit, np.zeros(len(limit)))
        yield Control(
            name=self.label or f"export ban {listing(self.actors)}",
            index=index,
            where=where,
            border=self.border(draft.ground, self.targets, self.commodities, where),
            exemptions=self.exemptions,
            allowance=lambda _: passage,
            de_minimis=self.de_minimis,
        )

    def sentence(self) -> str:
        """Return what the ban forbids."""
        return f"no exports of {named_goods(self.commodities)} {self._whom()}"


class ExportQuota(ExportControl):
    """A tonnage for a whole group of goods: one tradable permit, so one rent per kg."""

    kind: Literal["export_quota"]
    limit: SizePath
    """Tonnes of all the goods together, constant or by month ({ 2010-01 = 44564 })."""
    unit: QuotaUnit = QuotaUnit.PER_YEAR
    """Whether the limit is written in t/year or t/month; it binds month by month."""

    def controls(self, draft: Draft, index: int, window: Window, where: str) -> Iterator[Control]:
        """One limit for all the goods."""
        months = 12 if self.unit is QuotaUnit.PER_YEAR else 1
        monthly = self.limit.values(draft.months, np.inf) / months
        limit = np.where(window.active, monthly, np.inf)
        passage = Passage(limit, np.zeros(len(limit)))
        yield Control(
            name=self.label or f"export quota {listing(self.actors)}",
            index=index,
            where=where,
            border=self.border(draft.ground, self.targets, self.commodities, where),
            exemptions=self.exemptions,
            allowance=lambda _: passage,
            de_minimis=self.de_minimis,
        )

    def sentence(self) -> str:
        """How much the quota lets out."""
        size = as_size(self.limit, self.unit)
        return f"exports of {named_goods(self.commodities)} {self._whom()} limited to {size} in all"


class Terms(Closed):
    """How much a licensing office lets through, and when."""

    throughput: SizePath | None = None
    """What is licensed: a share of the base flow or t/month, constant or by month."""
    unit: LicenceUnit = LicenceUnit.SHARE
    """Whether the throughput is a share or t/month."""
    queue: bool = False
    """Whether unserved applications wait and are served later; otherwise they lapse."""
    delay_months: int = Field(default=0, ge=0, le=60)
    """Months before the first licence is granted."""
    approval_ramp_months: int = Field(default=0, ge=0, le=60)
    """Months in which approvals then rise to the throughput, in equal steps."""

    @model_validator(mode="after")
    def _observed_paths_hold_their_delay(self) -> Self:
        waits = self.delay_months or self.approval_ramp_months
        if self.throughput is not None and self.throughput.points and waits:
            raise ValueError(
                "a throughput by month already holds its delay: leave out delay_months and "
                "approval_ramp_months"
            )
        return self

    def passage(
        self, base: float, months: tuple[str, ...], start: str, active: BoolArray
    ) -> Passage:
        """Return what is licensed each month of a base flow [t/month]."""
        path = self.throughput or Path(1.0)
        granted = path.values(months, np.inf)
        if self.unit is LicenceUnit.SHARE:
            granted = granted * base
        opened = self._opened(months_since(months, start))
        granted = np.where(opened > 0, granted * np.maximum(opened, 1e-12), 0.0)
        if self.queue:
            return self._queued(granted, base, active)
        return Passage(np.where(active, granted, np.inf), np.zeros(len(months)))

    def _opened(self, since: FloatArray) -> FloatArray:
        steps = (since - self.delay_months + 1) / max(self.approval_ramp_months, 1)
        return np.clip(steps, 0.0, 1.0)

    def _queued(self, granted: FloatArray, base: float, active: BoolArray) -> Passage:
        limit, backlog, waiting = np.full(len(granted), np.inf), np.zeros(len(granted)), 0.0
        is_share = self.unit is LicenceUnit.SHARE
        for month in np.flatnonzero(active):
            pending = base + waiting
            served = granted[month] * pending / base if is_share else granted[month]
            limit[month] = min(served, pending)
            waiting = backlog[month] = pending - limit[month]
        return Passage(limit, backlog)

    def terms_sentence(self) -> str:
        """How much passes, for people."""
        path = self.throughput or Path(1.0)
        is_share = self.unit is LicenceUnit.SHARE
        size = f"{as_share(path)} of the base flow" if is_share else as_size(path, self.unit)
        delay = f", none in the first {self.delay_months} months" if self.delay_months else ""
        ramp = (
            f", rising over {self.approval_ramp_months} months" if self.approval_ramp_months else ""
        )
        return f"{size}{delay}{ramp}{', unserved applications wait' if self.queue else ''}"


class LicenceClass(Cited, Terms):
    """A separate window of a licensing office, with a rent of its own."""

    name: str
    """A short name, such as "Dy to Japan"."""
    commodities: Names = ()
    """Goods of the class; those of the measure if left out."""
    targets: Names = ()
    """Buyers of the class; those of the measure if left out."""


class ExportLicence(ExportControl, Terms):
    """Exports need a licence; a route belongs to the first class that names it."""

    kind: Literal["export_licence"]
    classes: tuple[LicenceClass, ...] = ()
    """Separate classes of goods and buyers, each with its throughput; none for a single one."""

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if self.classes and (self.throughput is not None or self.delay_months or self.queue):
            raise ValueError("give throughput, queue and delays in the classes or here, not both")
        if not self.classes and self.throughput is None:
            raise ValueError("needs a throughput, here or in classes")
        return self

    def controls(self, draft: Draft, index: int, window: Window, where: str) -> Iterator[Control]:
        """One limit for each class, or one in all."""
        name = self.label or f"export licence {listing(self.actors)}"
        if not self.classes:
            yield self._control(draft, index, window, where, (name, self, (), ()))
        for part in self.classes:
            place = f"{where}, class '{part.name}'"
            named = (f"{name}: {part.name}", part, part.targets, part.commodities)
            yield self._control(draft, index, window, place, named)

    def _control(
        self,
        draft: Draft,
        index: int,
        window: Window,
        where: str,
        named: tuple[str, Terms, Names, Names],
    ) -> Control:
        name, terms, targets, goods = named
        return Control(
            name=name,
            index=index,
            where=where,
            border=self.border(
                draft.ground, targets or self.targets, goods or self.commodities, where
            ),
            exemptions=self.exemptions,
            allowance=_allowance(terms, draft.months, self.start, window.active, where),
            de_minimis=self.de_minimis,
            queue=terms.queue,
            delay_months=terms.delay_months,
        )

    def dates(self) -> tuple[str, ...]:
        """Every month that the measure and its classes name."""
        paths = [part.throughput for part in self.classes if part.throughput is not None]
        return (*super().dates(), *(month for path in paths for month in path.months()))

    def sentence(self) -> str:
        """How much is licensed, class by class."""
        head = f"exports of {named_goods(self.commodities)} {self._whom()} need a licence"
        parts = [f"{part.name}: {part.terms_sentence()}" for part in self.classes]
        return f"{head} ({'; '.join(parts) if parts else self.terms_sentence()})"


def _allowance(
    terms: Terms, months: tuple[str, ...], start: str, active: BoolArray, where: str
) -> Allowance:
    def allowance(base: float) -> Passage:
        if base <= 0 and terms.unit is LicenceUnit.SHARE:
            raise ScenarioError(
                "nothing passes here in the base year, so a share of it means nothing",
                where=where,
                way_out="write unit = 't/month' and the tonnes",
            )
        return terms.passage(base, months, start, active)

    return allowance


class Tax(Measure):
    """What a duty on exports and one on imports have in common."""

    rate: SizePath | None = None
    """Share of the value (0.25 for 25 %), constant or by month."""
    specific: SizePath | None = None
    """USD per kg, constant or by month; may stand beside a rate."""

    @model_validator(mode="after")
    def _has_a_size(self) -> Self:
        if self.rate is None and self.specific is None:
            raise ValueError("needs a rate (share of value) or a specific (USD per kg)")
        return self

    def levy(
        self, draft: Draft, routes: IntArray, window: Window, base: TaxBase, where: str
    ) -> Effect:
        """Charge the routes, as far as they are not exempt."""
        if not len(routes):
            raise ScenarioError(
                "no route carries these goods from origin to destination",
                where=where,
                way_out="check actors, targets and commodities against `monazite chain`",
            )
        charged = 1 - exempt_shares(draft, self.exemptions, routes, where)
        by_value = draft.route_tax_fob if base is TaxBase.FOB else draft.route_tax_cif
        for path, tax in ((self.rate, by_value), (self.specific, draft.route_tax_specific)):
            if path is not None:
                level = path.values(draft.months, 0.0) * window.active
                tax[:, routes] += np.outer(level, charged)
        tonnes = float(12 * draft.ground.flows[routes].sum())
        return Effect(routes=tuple(int(r) for r in routes), tonnes=tonnes)

    def _size(self) -> str:
        rate = f"{as_share(self.rate)} of value" if self.rate else ""
        specific = as_size(self.specific, "USD/kg") if self.specific else ""
        return " and ".join(part for part in (rate, specific) if part)


class ExportTax(ExportMeasure, Tax):
    """A duty on what leaves, on the price at the origin (FOB)."""

    kind: Literal["export_tax"]

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Charge the routes that leave."""
        del index
        border = self.border(draft.ground, self.targets, self.commodities, where)
        _require_no_uses(border, self.kind, where)
        routes = border.routes(draft.ground)
        effect = self.levy(draft, routes, window, TaxBase.FOB, where)
        self.plug_leaks(draft, window, where)
        return effect

    def sentence(self) -> str:
        """How high the duty is."""
        what = named_goods(self.commodities)
        actors, targets = named_places(self.actors), named_places(self.targets)
        return f"a duty of {self._size()} on exports of {what} from {actors} to {targets}"


class Tariff(Tax):
    """A duty on what arrives."""

    kind: Literal["tariff"]
    actors: Names
    """The importers that charge it: regions or groups."""
    targets: Names = ("WORLD",)
    """The origins that it falls on: regions or groups; everybody else if left out."""
    commodities: Names
    """Goods: codes, stages (ore, magnet), patterns ("Dy-*") or groups ("all-heavy")."""
    base: TaxBase = TaxBase.CIF
    """On which value the rate is charged: FOB (as the United States does) or CIF."""

    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Charge the routes that arrive."""
        del index
        ground = draft.ground
        importers = ground.places(self.actors, where)
        spared = self.exemptions.regions
        exempt = ground.places(spared, where) if spared else frozenset()
        regions, uses = ground.aim(self.targets, where)
        goods = ground.goods(self.commodities, where)
        border = Border(regions - importers - exempt, importers, goods, uses)
        _require_no_uses(border, self.kind, where)
        return self.levy(draft, border.routes(ground), window, self.base, where)

    def sentence(self) -> str:
        """How high the duty is."""
        what = named_goods(self.commodities)
        actors, targets = named_places(self.actors), named_places(self.targets)
        size = f"{self._size()} ({self.base})"
        return f"a duty of {size} on imports of {what} from {targets} to {actors}"


def _require_no_uses(border: Border, kind: str, where: str) -> None:
    if border.uses:
        raise ScenarioError(
            f"{kind} cannot aim at a use ({listing(sorted(border.uses))})",
            where=where,
            way_out="aim at regions, and spare uses with exemptions = { uses = [...] }",
        )
