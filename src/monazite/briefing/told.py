"""Measures and remedies in sentences, in the language of the page.

In English a measure reads as :meth:`monazite.scenario.Measure.sentence` has it; a test compares.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from monazite import remedies
from monazite.briefing.language import ENGLISH, Language, mark
from monazite.briefing.numbers import Writing
from monazite.labels import EVERYWHERE, EXCEPT, OUTSIDE, WORLD
from monazite.scenario import Measure
from monazite.scenario.calendar import Path
from monazite.scenario.demand import DemandChange, Hoarding, StockBuild, StockMeasure, StockRelease
from monazite.scenario.lowered import FloorKind
from monazite.scenario.measure import named_goods
from monazite.scenario.supply import CapacityChange, Outage, PlantMeasure, PriceFloor, Subsidy
from monazite.scenario.trade import (
    ExportBan,
    ExportControl,
    ExportLicence,
    ExportQuota,
    ExportTax,
    LicenceUnit,
    Tariff,
    Tax,
    Terms,
)

_PATTERN_OF_ELEMENT = re.compile(r"([A-Z][A-Za-z]{0,3})-\*")
_SPELT_OUT = 4
"""A path of so many values is told one by one, as in the scenario's own words."""

_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "t": mark("%(n)s t"),
        "t/year": mark("%(n)s t/year"),
        "t/month": mark("%(n)s t/month"),
        "USD/kg": mark("%(n)s USD/kg"),
        "%": mark("%(n)s %%"),
    }
)


@dataclass(frozen=True)
class Teller:
    """Says what measures do.

    ``names`` : English names of the commodities by code, for other languages than English.
    """

    language: Language = ENGLISH
    names: Mapping[str, str] = field(default_factory=dict)

    def measure(self, measure: Measure) -> str:
        """Return what a measure does, without its dates."""
        for kind, say in _SENTENCES:
            if isinstance(measure, kind):
                return say(self, measure)
        raise TypeError(f"no words for measures of the kind {measure.kind}")

    # Names

    def goods(self, names: Sequence[str]) -> str:
        """Return goods as a list: stages and groups in words, codes by their names."""
        if self.language.code == "en":
            return named_goods(names)
        return self.listed(self._good(name) for name in names)

    def _good(self, name: str) -> str:
        words = self.language.goods(named_goods((name,)))
        if words is not None:
            return words
        element = _PATTERN_OF_ELEMENT.fullmatch(name)
        if element is not None:
            return self.language.element(element[1])
        return self.language.commodity(self.names.get(name, name))

    def places(self, names: Sequence[str]) -> str:
        """Return regions, groups and uses as a list."""
        return self.listed(self._place(name) for name in names)

    def _place(self, name: str) -> str:
        if name in (WORLD, EVERYWHERE):
            return self.language.gettext("everywhere")
        if name.startswith(OUTSIDE):
            region = self._region(name.removeprefix(OUTSIDE))
            return self.language.gettext("everywhere but %(region)s", region=region)
        if name.startswith(EXCEPT):
            return self.language.gettext("not %(region)s", region=self._region(name[1:]))
        return self._region(name)

    def _region(self, name: str) -> str:
        if self.language.code == "en":
            return self.language.place(name)
        place = self.language.place_in_sentence(name)
        return self.language.use(name) if place == name else place

    def listed(self, names: Iterable[str]) -> str:
        """Return names as a list; without any, that it is everything."""
        found = list(names)
        return self.language.listed(found) if found else self.language.gettext("everything")

    # Sizes

    def size(self, value: float, unit: str) -> str:
        """Return a size with its unit."""
        return self.language.gettext(_UNITS[unit], n=self.figure(value))

    def figure(self, value: float) -> str:
        """Return a figure with four digits, as the scenario's own words do."""
        if self.language.code == "en":
            return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
        if abs(value) >= 1000 or value == 0:
            return self.language.decimal(value)
        text = f"{value:.4g}"
        return self.language.decimal(value, len(text.partition(".")[2]) if "e" not in text else 6)

    def share(self, value: float) -> str:
        """Return a share in percent."""
        if self.language.code == "en":
            return f"{100 * value:g} %"
        return self.size(100 * value, "%")

    def months(self, count: int) -> str:
        """Return a number of months."""
        if self.language.code == "en":
            return f"{count} months"
        return Writing(self.language).months(count)

    def path(self, path: Path, unit: str) -> str:
        """Return a size that may change by month; shares are told in percent."""
        scale = 100 if unit == "%" else 1
        sizes = [scale * value for value in path.sizes()]
        low, high = min(sizes), max(sizes)
        if low == high:
            return self.size(low, unit)
        if len(sizes) > _SPELT_OUT:
            return self.language.gettext(
                "%(low)s to %(high)s by month", low=self.figure(low), high=self.size(high, unit)
            )
        return self.listed(
            self.language.gettext("%(size)s from %(month)s", size=self.size(value, unit),
                                  month=self._month(month))
            for value, month in zip(sizes, path.months(), strict=True)
        )  # fmt: skip

    def _month(self, label: str) -> str:
        return label if self.language.code == "en" else self.language.month(label)

    def clauses(self, parts: Iterable[str]) -> str:
        """Return terms one behind the other."""
        comma = self.language.pgettext("between terms", ", ")
        return comma.join(part for part in parts if part)


# Trade ------------------------------------------------------------------------------------


def _whom(teller: Teller, measure: ExportControl | Tax) -> dict[str, str]:
    return {
        "goods": teller.goods(measure.commodities),
        "actors": teller.places(measure.actors),
        "targets": teller.places(measure.targets),
    }


def _ban(teller: Teller, measure: ExportBan) -> str:
    say = teller.language.gettext
    if measure.reach_reexports:
        return say(
            "no exports of %(goods)s from %(actors)s to %(targets)s, re-exports included",
            **_whom(teller, measure),
        )
    return say("no exports of %(goods)s from %(actors)s to %(targets)s", **_whom(teller, measure))


def _quota(teller: Teller, measure: ExportQuota) -> str:
    say, size = teller.language.gettext, teller.path(measure.limit, measure.unit)
    if measure.reach_reexports:
        return say(
            "exports of %(goods)s from %(actors)s to %(targets)s, re-exports included limited to "
            "%(size)s in all",
            size=size, **_whom(teller, measure),
        )  # fmt: skip
    return say(
        "exports of %(goods)s from %(actors)s to %(targets)s limited to %(size)s in all",
        size=size, **_whom(teller, measure),
    )  # fmt: skip


def _licence(teller: Teller, measure: ExportLicence) -> str:
    say = teller.language.gettext
    parts = [
        say("%(name)s: %(terms)s", name=part.name, terms=_terms(teller, part))
        for part in measure.classes
    ]
    terms = "; ".join(parts) if parts else _terms(teller, measure)
    if measure.reach_reexports:
        return say(
            "exports of %(goods)s from %(actors)s to %(targets)s, re-exports included need a "
            "licence (%(terms)s)",
            terms=terms, **_whom(teller, measure),
        )  # fmt: skip
    return say(
        "exports of %(goods)s from %(actors)s to %(targets)s need a licence (%(terms)s)",
        terms=terms, **_whom(teller, measure),
    )  # fmt: skip


def _terms(teller: Teller, terms: Terms) -> str:
    say = teller.language.gettext
    path = terms.throughput or Path(1.0)
    is_share = terms.unit is LicenceUnit.SHARE
    size = teller.path(path, "%" if is_share else terms.unit)
    delay, ramp = terms.delay_months, terms.approval_ramp_months
    return teller.clauses(
        (
            say("%(share)s of the base flow", share=size) if is_share else size,
            say("none in the first %(months)s", months=teller.months(delay)) if delay else "",
            say("rising over %(months)s", months=teller.months(ramp)) if ramp else "",
            say("unserved applications wait") if terms.queue else "",
        )
    )


def _duty(teller: Teller, measure: Tax) -> str:
    say = teller.language.gettext
    rate = teller.path(measure.rate, "%") if measure.rate else ""
    specific = teller.path(measure.specific, "USD/kg") if measure.specific else ""
    if rate and specific:
        return say("%(rate)s of value and %(specific)s", rate=rate, specific=specific)
    return say("%(rate)s of value", rate=rate) if rate else specific


def _export_tax(teller: Teller, measure: ExportTax) -> str:
    return teller.language.gettext(
        "a duty of %(size)s on exports of %(goods)s from %(actors)s to %(targets)s",
        size=_duty(teller, measure), **_whom(teller, measure),
    )  # fmt: skip


def _tariff(teller: Teller, measure: Tariff) -> str:
    return teller.language.gettext(
        "a duty of %(size)s (%(base)s) on imports of %(goods)s from %(targets)s to %(actors)s",
        size=_duty(teller, measure), base=measure.base, **_whom(teller, measure),
    )  # fmt: skip


# Plants -----------------------------------------------------------------------------------


def _where(teller: Teller, measure: PlantMeasure) -> dict[str, str]:
    places = teller.places(measure.actors)
    if measure.processes:
        plants = ENGLISH.listed(measure.processes)
        places = teller.language.gettext("%(places)s (%(plants)s)", places=places, plants=plants)
    return {"goods": teller.goods(measure.commodities), "places": places}


def _outage(teller: Teller, measure: Outage) -> str:
    say, where = teller.language.gettext, _where(teller, measure)
    share = teller.share(measure.share_lost)
    if measure.recovery_months:
        return say(
            "%(share)s of the capacity for %(goods)s in %(places)s is lost, back over %(months)s",
            share=share, months=teller.months(measure.recovery_months), **where,
        )  # fmt: skip
    return say(
        "%(share)s of the capacity for %(goods)s in %(places)s is lost", share=share, **where
    )


def _capacity(teller: Teller, measure: CapacityChange) -> str:
    say, where = teller.language.gettext, _where(teller, measure)
    if measure.opens is not None:
        return _new_plant(teller, measure, measure.opens.name)
    size = (
        teller.path(measure.share, "%")
        if measure.share
        else teller.size(measure.t_per_year or 0.0, "t/year")
    )
    if not measure.share and (measure.t_per_year or 0.0) >= 0:
        size = f"+{size}"
    if measure.ramp_months:
        return say(
            "the capacity for %(goods)s in %(places)s changes by %(size)s over %(months)s",
            size=size, months=teller.months(measure.ramp_months), **where,
        )  # fmt: skip
    return say("the capacity for %(goods)s in %(places)s changes by %(size)s", size=size, **where)


def _new_plant(teller: Teller, measure: CapacityChange, name: str) -> str:
    say, where = teller.language.gettext, _where(teller, measure)
    size = teller.size(measure.t_per_year or 0.0, "t/year")
    if measure.ramp_months:
        return say(
            "a new plant, %(name)s, for %(size)s of %(goods)s in %(places)s over %(months)s",
            name=name, size=size, months=teller.months(measure.ramp_months), **where,
        )  # fmt: skip
    return say(
        "a new plant, %(name)s, for %(size)s of %(goods)s in %(places)s",
        name=name, size=size, **where,
    )  # fmt: skip


def _floor(teller: Teller, measure: PriceFloor) -> str:
    say, where = teller.language.gettext, _where(teller, measure)
    share, price = teller.share(measure.coverage), teller.path(measure.floor, "USD/kg")
    if measure.paid_by is FloorKind.PURCHASE:
        return say(
            "%(share)s of the output of %(goods)s in %(places)s is bought at %(price)s",
            share=share, price=price, **where,
        )  # fmt: skip
    return say(
        "%(share)s of the output of %(goods)s in %(places)s is topped up to %(price)s",
        share=share, price=price, **where,
    )  # fmt: skip


def _subsidy(teller: Teller, measure: Subsidy) -> str:
    return teller.language.gettext(
        "%(price)s paid on the output of %(goods)s in %(places)s",
        price=teller.path(measure.usd_per_kg, "USD/kg"), **_where(teller, measure),
    )  # fmt: skip


# Buyers and stocks ------------------------------------------------------------------------


def _demand(teller: Teller, measure: DemandChange) -> str:
    say = teller.language.gettext
    who = {"goods": teller.goods(measure.commodities), "places": teller.places(measure.targets)}
    if measure.share is not None:
        return say(
            "demand for %(goods)s in %(places)s changes by %(size)s",
            size=teller.path(measure.share, "%"), **who,
        )  # fmt: skip
    growth = teller.share(measure.growth_per_year or 0.0)
    return say("demand for %(goods)s in %(places)s grows by %(share)s a year", share=growth, **who)


def _hoarding(teller: Teller, measure: Hoarding) -> str:
    return teller.language.gettext(
        "buyers of %(goods)s in %(places)s want %(share)s more stock than usual",
        goods=teller.goods(measure.commodities),
        places=teller.places(measure.targets),
        share=teller.share(measure.extra_cover),
    )


def _stock(teller: Teller, measure: StockMeasure) -> dict[str, str]:
    say = teller.language.gettext
    if measure.tonnes is not None:
        size = teller.size(float(f"{measure.tonnes:.0f}"), "t")
    else:
        size = say("%(n)s days' use", n=teller.figure(measure.days or 0.0))
    goods, places = teller.goods(measure.commodities), teller.places(measure.actors)
    return {
        "size": size,
        "goods": goods,
        "places": places,
        "months": teller.months(measure.over_months),
    }


def _release(teller: Teller, measure: StockRelease) -> str:
    say, stock = teller.language.gettext, _stock(teller, measure)
    if measure.share is not None:
        stock["size"] = teller.share(measure.share)
        return say(
            "release of %(size)s of the government stock of %(goods)s in %(places)s, over "
            "%(months)s",
            **stock,
        )
    return say("release of %(size)s of %(goods)s in %(places)s, over %(months)s", **stock)


def _purchase(teller: Teller, measure: StockBuild) -> str:
    return teller.language.gettext(
        "government purchase of %(size)s of %(goods)s in %(places)s, over %(months)s",
        **_stock(teller, measure),
    )


_SENTENCES: tuple[tuple[type[Measure], Callable[..., str]], ...] = (
    (ExportBan, _ban),
    (ExportQuota, _quota),
    (ExportLicence, _licence),
    (ExportTax, _export_tax),
    (Tariff, _tariff),
    (Outage, _outage),
    (CapacityChange, _capacity),
    (PriceFloor, _floor),
    (Subsidy, _subsidy),
    (DemandChange, _demand),
    (Hoarding, _hoarding),
    (StockRelease, _release),
    (StockBuild, _purchase),
)


# Remedies ---------------------------------------------------------------------------------

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        mark("Stock release"): mark(
            "%(days)s days' use of each good that runs short is released over %(months)s "
            "where it runs short; assumed: such stocks exist in the form that the users buy"
        ),
        mark("More capacity outside"): mark(
            "plants outside that make the short goods grow by %(capacity)s over %(ramp)s; "
            "assumed: the plants can be enlarged at today's cost; their feed is in the model"
        ),
        mark("Substitution"): mark(
            "users that run short need %(substituted)s less of the goods; assumed: substitutes "
            "are qualified and available from the first month"
        ),
        mark("Recycling"): mark(
            "recycling outside grows by %(recycling)s over %(ramp)s; assumed: scrap is "
            "collected; its supply is in the model"
        ),
        mark("Negotiated exemptions"): mark(
            "%(exempted)s of the controlled trade is exempted from the controls; assumed: the "
            "acting region agrees from the first month"
        ),
    }
)
"""What each standard remedy does and takes for granted, by its name."""


def remedy(teller: Teller, name: str) -> tuple[str, str] | None:
    """Return name and words of a standard remedy; None if it is none."""
    if name not in REMEDIES:
        return None
    say = teller.language.gettext
    values = {
        "days": teller.figure(remedies.STOCK_DAYS),
        "months": teller.months(remedies.STOCK_MONTHS),
        "capacity": teller.share(remedies.CAPACITY_SHARE),
        "ramp": teller.months(remedies.CAPACITY_RAMP_MONTHS),
        "substituted": teller.share(remedies.SUBSTITUTED_SHARE),
        "recycling": teller.share(remedies.RECYCLING_SHARE),
        "exempted": teller.share(remedies.EXEMPTED_SHARE),
    }
    return say(name), say(REMEDIES[name], **values)
