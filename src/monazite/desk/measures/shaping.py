"""One event becomes one measure: sizes from answers, else the text, else the table, else asked."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from monazite.desk.measures.drafted import AssumedSize, Question
from monazite.desk.measures.levers import (
    Default,
    Lever,
    Sized,
    UnitKind,
    lever_table,
    read_size,
    sized,
)
from monazite.desk.measures.precedents import Experiences, Throughput, seen_for
from monazite.desk.measures.scope import Named, Scope
from monazite.desk.schema import Event
from monazite.errors import UnitError
from monazite.labels import OUTSIDE, WORLD, Stage, expand
from monazite.scenario.calendar import month_label, month_number, months_from
from monazite.scenario.document import ScenarioSource
from monazite.scenario.measure import ASSUMED, listing

SIZES: Mapping[str, tuple[UnitKind, ...]] = {
    "rate": (UnitKind.SHARE,),
    "specific": (UnitKind.PRICE,),
    "limit": (UnitKind.RATE, UnitKind.MASS),
    "share": (UnitKind.SHARE,),
    "share_lost": (UnitKind.SHARE,),
    "throughput": (UnitKind.SHARE,),
    "t_per_year": (UnitKind.RATE, UnitKind.MASS),
    "tonnes": (UnitKind.MASS,),
    "floor": (UnitKind.PRICE,),
    "usd_per_kg": (UnitKind.PRICE,),
    "months": (UnitKind.TIME,),
    "over_months": (UnitKind.TIME,),
}
"""What the size of each field is measured in; the text is searched for the kinds in this order."""
NAMES = ("actors", "targets", "commodities")
MONTHS = ("start", "end")
ANSWERS = (*SIZES, *NAMES, *MONTHS)
"""Fields that ``--set EVENT.FIELD=VALUE`` may answer."""


_STATE = re.compile(r"\(([A-Z]{3})\)$")
_DAY = len("YYYY-MM-DD")
_DAYS_PER_MONTH = 365.25 / 12


class Unusable(Exception):  # noqa: N818 - no error: the event is reported as unused
    """An event that becomes no measure; its text says why."""


@dataclass
class Work:
    """One event on the way to a measure.

    ``answers`` : what the user says, by field. The lists hold what is noted on the way.
    """

    event: Event
    lever: Lever
    scope: Scope
    answers: Mapping[str, str]
    experiences: Experiences
    start: str
    end: str | None
    assumed: list[AssumedSize] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sources: list[ScenarioSource] = field(default_factory=list)

    # -- sizes ----------------------------------------------------------------------------------

    def size(self, name: str) -> float:
        """Return a size: answered, told, assumed by the table; or ask and give up."""
        found = self.told(name)
        if found is not None:
            return found
        default = self.lever.sizes.get(name)
        if default is not None:
            return self._assume(name, default)
        self.ask(name)
        raise Unusable(f"the text gives no size: {self.lever.asks[name]}")

    def told(self, name: str) -> float | None:
        """Return a size that the user or the text gives."""
        if name in self.answers:
            return self._answer(name)
        found = self.in_text(*SIZES[name])
        return None if found is None else found.value

    def in_text(self, *kinds: UnitKind) -> Sized | None:
        """Return the size of the first of some kinds that the text gives.

        Several sizes of a kind are one where the largest holds the others, as a year's tonnes hold
        those of a batch; else they cannot be told apart, and nothing is taken.
        """
        listed = [sized(size.value, size.unit) for size in self.event.magnitude]
        for kind in kinds:
            values = {size.value for size in listed if size is not None and size.kind is kind}
            if len(values) == 1 or (values and kind in (UnitKind.MASS, UnitKind.RATE)):
                return Sized(max(values), kind)
            if values:
                self.remarks.append(f"the text gives several sizes of this kind: {sorted(values)}")
        return None

    def _answer(self, name: str) -> float:
        place = f"--set {self.event.id}.{name}"
        found = read_size(self.answers[name], place)
        if found.kind not in (*SIZES[name], UnitKind.NUMBER):
            wanted = " or ".join(SIZES[name])
            raise UnitError(
                f"a {found.kind} is given, a {wanted} is wanted", where=place,
                way_out="give the number alone, or another unit",
            )  # fmt: skip
        return found.value

    def _assume(self, name: str, default: Default) -> float:
        self.note_assumed(name, f"{default.value:g}", default.unit, default.reason, default.source)
        return default.value

    def note_assumed(self, name: str, value: str, unit: str, reason: str, source: str) -> None:
        """Record a size that the text does not give."""
        self.assumed.append(AssumedSize(self.event.id, name, value, unit, reason, source))

    def ask(self, name: str, text: str = "", default: str | None = None) -> None:
        """Record a question to the user."""
        question = Question(self.event.id, name, text or self.lever.asks[name], default)
        self.questions.append(question)

    def days(self) -> int | None:
        """Days from the start to the end, where the text dates both to the day."""
        first, last = self.event.effective or self.event.date or "", self.event.end or ""
        if len(first) != _DAY or len(last) != _DAY:
            return None
        return (date.fromisoformat(last) - date.fromisoformat(first)).days

    # -- names ----------------------------------------------------------------------------------

    def chosen(self, name: str) -> tuple[str, ...] | None:
        """Names that the user gives, in the words of scenarios."""
        given = self.answers.get(name)
        if given is None:
            return None
        return tuple(word.strip() for word in given.split(",") if word.strip())

    def places(self, name: str, told: Iterable[str]) -> tuple[str, ...]:
        """Regions of a chain: as answered, else as told; none is a reason to give up."""
        chosen = self.chosen(name)
        found = Named(chosen) if chosen else self.scope.places(told)
        if not found.codes:
            raise Unusable(found.reasons() or f"the text names no {name}")
        self._remark(found)
        return found.codes

    def goods(self, *, mined: bool = False) -> tuple[str, ...]:
        """Codes of the goods, as answered or told."""
        chosen = self.chosen("commodities")
        if chosen:
            return self._codes(chosen)
        found = self.scope.goods(self.event.commodities, mined=mined, stages=self.lever.stages)
        if not found.codes:
            if any(_is_broad(name) for name in self.event.commodities):
                self.ask("commodities", "Which goods of the chain does it concern?")
            raise Unusable(found.reasons() or "the text names no minerals of a chain")
        self._remark(found)
        return found.codes

    def _codes(self, names: tuple[str, ...]) -> tuple[str, ...]:
        # unknown codes are an error of the user, and are named with the nearest known ones
        from_user = self.scope.ground.goods(names, f"--set {self.event.id}.commodities")
        return tuple(code for code in self.scope.goods_by_code if code in from_user)

    def _remark(self, found: Named) -> None:
        if found.left_out:
            self.remarks.append(f"left out: {found.reasons()}")

    # -- plants ---------------------------------------------------------------------------------

    def site(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Regions of the plants, and names of the processes where the plant is a known one."""
        event = self.event
        sides = ((*event.target, *_state_of(event.place)), event.actor)
        told = sides if self.lever.where == "target" else sides[::-1]
        chosen = self.chosen("actors")
        if chosen:
            return chosen, ()
        named = [self.scope.places(side) for side in told]
        regions = next((found.codes for found in named if found.codes), ())
        processes = self.scope.known_plants(event, self.expanded(regions))
        if processes and not regions:
            regions = self.scope.homes(processes)
        if not regions:
            reasons = "; ".join(found.reasons() for found in named if found.left_out)
            raise Unusable(reasons or "the text does not say where the plants are")
        return regions, processes

    def expanded(self, names: Iterable[str]) -> tuple[str, ...]:
        """Regions of the chain that names mean."""
        listed = tuple(names)
        return expand(listed, self.scope.regions, where=self.event.id) if listed else ()


def _is_broad(name: str) -> bool:
    """Whether a name stands for goods that only the user can tell."""
    row = lever_table().goods.get(name)
    return row is not None and not row.traded


def _state_of(place: str | None) -> tuple[str, ...]:
    """State of a place that is written with it: Kuantan (MYS)."""
    found = _STATE.search(place or "")
    return (found[1],) if found else ()


Shaped = dict[str, object]
"""Keys of a measure, as a scenario file has them."""


# -- at the border -------------------------------------------------------------------------------


def _border(work: Work) -> Shaped:
    """Return exporters, buyers and goods of a measure at the exporter's border."""
    event = work.event
    actors = work.places("actors", event.actor)
    return _across(work, actors, _others(work, event.target, actors))


def _others(work: Work, told: Collection[str], actors: Collection[str]) -> tuple[str, ...]:
    """Return whom a measure aims at; everybody where the text names nobody."""
    if not told and "targets" not in work.answers:
        work.note_assumed(
            "targets", "everybody", "", "the text names nobody that it aims at", ASSUMED
        )
        return (WORLD,)
    others = [name for name in told if name not in actors]
    return work.places("targets", others or told)


def _across(work: Work, origins: tuple[str, ...], destinations: tuple[str, ...]) -> Shaped:
    goods = work.goods()
    return {
        "actors": list(origins),
        "targets": list(destinations),
        "commodities": list(work.scope.short(goods)),
    }


def _ban(work: Work) -> Shaped:
    instrument = work.event.instrument
    if instrument == "import_ban":
        return _import_ban(work)
    border = _border(work)
    if instrument == "border_closure":
        border = _busier(work, border)
    return {**border, **_lasting(work)}


def _import_ban(work: Work) -> Shaped:
    importers = work.places("actors", work.event.actor)
    told = _others(work, work.event.target, importers)
    rest = tuple(f"{OUTSIDE}{code}" for code in importers) if WORLD in told else told
    return _across(work, rest, importers)


def _busier(work: Work, border: Shaped) -> Shaped:
    """Return the direction in which more of the goods crosses a border that is closed."""
    back = {**border, "actors": border["targets"], "targets": border["actors"]}
    there, here = (sum(_flows(work, way).values()) for way in (border, back))
    return border if there >= here else back


def _lasting(work: Work) -> Shaped:
    """Return the end of what lasts for a number of months, where no end is told."""
    if work.end is not None or "months" not in work.lever.sizes:
        return {}
    return {"end": month_label(month_number(work.start) + max(1, round(work.size("months"))))}


def _licence(work: Work) -> Shaped:
    border = _border(work)
    if "throughput" in work.answers:
        return {**border, "throughput": work.size("throughput")}
    flows = _base_flows(work, border)
    known = work.experiences()
    months = months_from(work.start, max(len(seen.mean.shares) for seen in known))
    classes = []
    for seen, goods in seen_for(flows, work.scope.network.name, known):
        names = work.scope.short(sorted(goods))
        reason = f"what passed after the controls of the scenario {listing(seen.scenarios)}"
        unit = f"share of the base flow of {listing(names)}"
        work.note_assumed("throughput", _told_path(seen), unit, reason, seen.scenarios[0])
        work.sources += seen.sources()
        classes.append(
            {
                "name": listing(names),
                "commodities": list(names),
                "throughput": seen.by_month(months),
                "source": [*seen.scenarios, ASSUMED],
                "note": f"assumed alike: {reason}",
            }
        )
    return {**border, "commodities": list(work.scope.short(tuple(flows))), "classes": classes}


def _told_path(seen: Throughput) -> str:
    shares = seen.shares
    return (
        f"{shares[0]:.0%} in the first month, {min(shares):.0%} at the least, "
        f"{shares[-1]:.0%} from month {len(shares)}"
    )


def _base_flows(work: Work, border: Shaped) -> dict[str, float]:
    """Return the base flows across the border [t/year]; none is a reason to give up."""
    flows = _flows(work, border)
    if not flows:
        whence, whither = listing(_names(border["actors"])), listing(_names(border["targets"]))
        raise Unusable(f"none of these goods goes from {whence} to {whither} in the base year")
    return flows


def _flows(work: Work, border: Shaped) -> dict[str, float]:
    origins = set(work.expanded(_names(border["actors"])))
    destinations = set(work.expanded(_names(border["targets"]))) - origins
    return work.scope.carried(origins, destinations, work.goods())


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def _quota(work: Work) -> Shaped:
    border = _border(work)
    told = work.told("limit")
    if told is None and (change := work.in_text(UnitKind.SHARE)) is not None:
        base = sum(_base_flows(work, border).values())
        told = base * (1 + change.value) if change.value < 0 else None
        work.remarks.append(f"a change on the {base:,.0f} t of the base year")
    limit = work.size("limit") if told is None else told
    return {**border, "limit": round(limit, 1)}


def _export_tax(work: Work) -> Shaped:
    return {**_border(work), **_duty(work)}


def _duty(work: Work) -> Shaped:
    specific = work.told("specific")
    return {"specific": specific} if specific is not None else {"rate": work.size("rate")}


def _tariff(work: Work) -> Shaped:
    event = work.event
    importers = work.places("actors", event.actor)
    shape = _across(work, importers, _others(work, event.target, importers))
    return {**shape, **_duty(work)}


# -- at the plant --------------------------------------------------------------------------------


def _plants(work: Work) -> tuple[Shaped, tuple[str, ...]]:
    """Where the plants are and what they make, and the codes of what they make."""
    goods = work.goods(mined=True)
    regions, processes = work.site()
    made = tuple(
        code
        for code in goods
        if work.scope.plants(work.expanded(regions), (code,), processes)
    )  # fmt: skip
    shape: Shaped = {"actors": list(regions), "commodities": list(work.scope.short(made or goods))}
    if processes and made:
        shape["processes"] = list(processes)
    return shape, made


def _outage(work: Work) -> Shaped:
    shape, made = _plants(work)
    lost = _share_lost(work, shape, made)
    months = _length(work)
    if months is None:
        return {**shape, "share_lost": lost}
    # what is shorter than a month is lost as its part of the month
    end = month_label(month_number(work.start) + max(1, round(months)))
    return {**shape, "share_lost": round(lost * min(1.0, months), 3), "end": end}


def _length(work: Work) -> float | None:
    """Months that an outage lasts; None where the months of its start and end say it."""
    if "months" in work.answers:
        return work.size("months")
    days = work.days()
    if days is not None and days < _DAYS_PER_MONTH:
        return max(days, 1) / _DAYS_PER_MONTH
    if work.end is not None:
        return None
    return work.size("months") if "months" in work.lever.sizes else work.told("months")


def _share_lost(work: Work, shape: Shaped, made: tuple[str, ...]) -> float:
    if "share_lost" in work.answers:
        return work.size("share_lost")
    tonnes = work.in_text(UnitKind.RATE)
    if tonnes is not None:
        return _share_of_plants(work, shape, made, tonnes.value)
    told = work.told("share_lost")
    if told is not None:
        return abs(told)
    if "processes" in shape and "share_lost" not in work.lever.sizes:
        reason = f"the event names the plant, which is {listing(_names(shape['processes']))}"
        work.note_assumed("share_lost", "1", "share", reason, ASSUMED)
        return 1.0
    return work.size("share_lost")


def _share_of_plants(work: Work, shape: Shaped, made: tuple[str, ...], tonnes: float) -> float:
    _require_one_stage(work, made)
    regions = work.expanded(_names(shape["actors"]))
    plants = work.scope.plants(regions, made, _names(shape.get("processes")))
    capacity = work.scope.capacity(plants, made)
    if tonnes > capacity:
        raise Unusable(f"the text tells of {tonnes:,.0f} t/yr, the chain of {capacity:,.0f} t/yr")
    return round(tonnes / capacity, 3)


def _require_one_stage(work: Work, goods: Collection[str]) -> None:
    stages = sorted(work.scope.stages(goods))
    if len(stages) != 1:
        told = f"Are the tonnes those of {' or of '.join(stages)}? Name the goods."
        work.ask("commodities", told)
        raise Unusable(f"its tonnes may be those of {listing(stages)}: {told}")


def _capacity(work: Work) -> Shaped:
    if work.event.instrument == "production_quota":
        return _production_quota(work)
    if work.event.instrument == "production_cut":
        return _production_cut(work)
    goods = work.goods(mined=True)
    _require_one_stage(work, goods)
    regions, _ = work.site()
    tonnes = work.size("t_per_year")
    shape: Shaped = {"actors": list(regions), "commodities": list(work.scope.short(goods))}
    if work.scope.plants(work.expanded(regions), goods):
        return {**shape, "t_per_year": tonnes}
    model = work.scope.likeness(goods)
    if model is None:
        raise Unusable(f"the chain {work.scope.network.name} has no plant to model it on")
    work.remarks.append(f"a plant like {model.name} in {model.region}")
    opens = {"name": f"new-{model.name}", "like": model.name, "like_region": model.region}
    return {**shape, "t_per_year": tonnes, "opens": opens}


def _production_quota(work: Work) -> Shaped:
    told = " ".join(size.what or "" for size in work.event.magnitude).casefold()
    if "smelt" in told or "separation" in told:
        raise Unusable("a quota on separation leaves out ores bought abroad; the chain does not")
    shape, made = _plants(work)
    tonnes = work.size("t_per_year")
    plants = work.scope.plants(work.expanded(_names(shape["actors"])), made)
    capacity = work.scope.capacity(plants, made)
    if tonnes >= capacity:
        raise Unusable(
            f"a quota of {tonnes:,.0f} t does not bind: the mines can make {capacity:,.0f} t"
        )
    return {**shape, "share": round(tonnes / capacity - 1, 3)}


def _production_cut(work: Work) -> Shaped:
    shape, made = _plants(work)
    tonnes = None if "share" in work.answers else work.in_text(UnitKind.RATE)
    if tonnes is not None:
        return {**shape, "share": -_share_of_plants(work, shape, made, abs(tonnes.value))}
    return {**shape, "share": -abs(work.size("share"))}


def _floor(work: Work) -> Shaped:
    shape, _ = _plants(work)
    return {**shape, "floor": work.size("floor")}


def _subsidy(work: Work) -> Shaped:
    shape, _ = _plants(work)
    return {**shape, "usd_per_kg": work.size("usd_per_kg")}


# -- in the store --------------------------------------------------------------------------------


def _stock(work: Work) -> Shaped:
    goods = [code for code in work.goods() if Stage.ORE not in work.scope.stages((code,))]
    regions, _ = work.site()
    tonnes = work.size("tonnes")
    if len(goods) != 1 or len(work.expanded(regions)) != 1:
        work.ask("commodities", "Which one good is it, such as NdPr-oxide?")
        raise Unusable("tonnes of several goods or regions together cannot be told apart")
    months = work.told("over_months") or work.size("over_months")
    return {
        "actors": list(regions),
        "commodities": goods,
        "tonnes": tonnes,
        "over_months": max(1, round(months)),
    }


SHAPES: Mapping[str, Callable[[Work], Shaped]] = {
    "export_ban": _ban,
    "export_licence": _licence,
    "export_quota": _quota,
    "export_tax": _export_tax,
    "tariff": _tariff,
    "outage": _outage,
    "capacity_change": _capacity,
    "price_floor": _floor,
    "subsidy": _subsidy,
    "stock_build": _stock,
    "stock_release": _stock,
}
"""How each kind of measure is shaped; keys of :data:`monazite.scenario.KINDS`."""
