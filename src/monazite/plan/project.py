"""Projects and plants: what is on its way, what may be chosen, and what is no choice at all.

A project is a line of a plant: one capacity, shared by the processes that it may run. Lines of
one plant share its capital cost and its decision. The shipped table holds every row of the list
of projects (``reference/data/plan/projects.csv``); a user's file of the same form may leave out
what only the planner needs, which then follows from status, stage and product by shipped rules.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from monazite.errors import InputError, NetworkError, TableError, UnitError, UnknownCodeError
from monazite.labels import GROUPS, REST_OF_EU, REST_OF_WORLD, Stage, canonical_region
from monazite.network import NO_PROVENANCE, Commodity, Provenance, SupplyNetwork
from monazite.network.lines import OWN_SOURCE, SheetLine
from monazite.reference import catalogue
from monazite.reference.source import Grade, data_folder
from monazite.reference.table import Row, read_records

LIST_YEAR = 2026
"""Year in which the shipped list was drawn up; years to the start count from here."""
FOLDER = "plan"
"""Folder of the shipped tables that the planner reads."""
REQUIRED = tuple(
    "name country_iso3 stage product capacity capacity_unit start_year status capex_musd".split()
)
"""Columns that every table of projects has."""
BESIDE = tuple("currency counted opex_usd_per_kg build_years ramp_years life_years".split())
"""Columns that a user's table may have beside those of the shipped one."""
_NOT_KEBAB = re.compile(r"[^a-z0-9]+")
_YEARLY = re.compile(r"t\b.*/(yr|year)\b", re.ASCII)
_MASS = re.compile(r"k?[gt]\b", re.ASCII)


class Decision(StrEnum):
    """What the planner makes of a line: it comes by itself, may be chosen, or is out."""

    COMMITTED = "committed"
    CANDIDATE = "candidate"
    OUT = "out"


class CostScope(StrEnum):
    """What a stated capital cost covers: the plant, part of it (grants), or more (other steps)."""

    PLANT = "plant"
    PARTIAL = "partial"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class Offtake:
    """What a partner is promised of a line's output.

    ``partner`` : code of the buyer's country. ``commodity`` : of the network; ``*`` for all that
    the line makes. ``tonnes`` : a year; None where a share is promised. ``share`` : of the
    output, 0 to 1; None where tonnes are.
    """

    partner: str
    commodity: str
    tonnes: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Prior:
    """What is to be expected of projects of one status.

    ``lead_years`` : from the year of the list until building can begin, of candidates, or until
    output begins, of committed lines [years]. ``success`` : probability that the line comes at
    all. ``delay`` : lowest, likeliest and highest slip of the start [years]. ``cost_growth`` :
    the same three for final over stated capital cost [1].
    """

    status: str
    decision: Decision
    lead_years: int
    success: float
    delay: tuple[float, float, float]
    cost_growth: tuple[float, float, float]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class StageDefault:
    """What is assumed of a stage where a row does not say it.

    ``cost_group`` : stages whose capital costs are compared. ``cost_basis`` : tonnes that this
    counts per tonne of activity.
    """

    chain_stage: Stage
    build_years: int
    ramp_years: int
    life_years: int
    cost_group: str
    cost_basis: float
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Project:
    """A line of a plant.

    ``plant`` : lines of one plant share capital cost and decision. ``region`` : country as
    reported. ``network_region`` : where it stands in the network; empty until
    :meth:`Projects.placed`. ``partners`` : whose programmes it belongs to, home first.
    ``capacity`` : as reported, in ``capacity_unit``; None where not known. ``activity`` : the same
    in the reference flow of its processes, which share it [t/year]. ``in_base`` : part of it that
    the base year of the network already holds [t/year]. ``counted`` : outputs whose tonnes the
    capacity counts, joined by ``+``; empty where it counts the activity. ``counted_in`` : line
    that makes this product jointly and carries the capacity. ``start_year`` : announced.
    ``earliest_start`` : first year it may run. ``build_years``, ``ramp_years``, ``life_years`` :
    from decision to start, from start to full output, of running. ``capex`` : capital cost of the
    plant [million USD of ``money_year``], on one of its lines; None where not known. ``opex`` :
    operating cost beside the feed [USD/kg of activity]; None where not known. ``support`` : public
    money already promised [million USD]. ``needs`` : lines or commodities that it lives on.
    ``group`` : of lines of one group only one is built. ``phase_of`` : line that comes first.
    ``reason`` : why it is out.
    """

    id: str
    plant: str
    name: str
    region: str
    stage: str
    status: str
    decision: Decision
    chain_stage: Stage = Stage.OTHER
    product: str = ""
    owner: str = ""
    network_region: str = ""
    partners: tuple[str, ...] = ()
    capacity: float | None = None
    capacity_unit: str = ""
    activity: float | None = None
    in_base: float = 0.0
    processes: tuple[str, ...] = ()
    counted: str = ""
    counted_in: str = ""
    start_year: int | None = None
    earliest_start: int = LIST_YEAR
    build_years: int = 0
    ramp_years: int = 0
    life_years: int = 20
    capex: float | None = None
    money_year: int | None = None
    cost_scope: CostScope = CostScope.PLANT
    opex: float | None = None
    support: float | None = None
    financing: str = ""
    offtakes: tuple[Offtake, ...] = ()
    needs: tuple[str, ...] = ()
    group: str = ""
    phase_of: str = ""
    reason: str = ""
    provenance: Provenance = NO_PROVENANCE

    @property
    def partner(self) -> str:
        """Whose programme it belongs to first; empty if nobody's."""
        return self.partners[0] if self.partners else ""

    @property
    def increment(self) -> float | None:
        """Activity beyond what the base year holds [t/year]; None where no size is known."""
        return None if self.activity is None else max(self.activity - self.in_base, 0.0)

    @property
    def has_size(self) -> bool:
        """Whether it has a size of its own: processes, and an activity or a known capacity."""
        sized = self.activity is not None or self.capacity is not None
        return bool(self.processes) and sized and not self.counted_in


@dataclass(frozen=True)
class Projects:
    """Lines of plants with what is assumed about them.

    ``recipes`` : processes that no network ships, t of each commodity per t of activity, inputs
    negative. ``commodities`` : what those make beside the network's own. ``priors`` : by status.
    ``stages`` : defaults by stage. Every fault is an :class:`InputError` that names the row.
    """

    rows: tuple[Project, ...]
    recipes: Mapping[str, Mapping[str, float]]
    commodities: tuple[Commodity, ...]
    priors: Mapping[str, Prior]
    stages: Mapping[str, StageDefault]

    def __post_init__(self) -> None:
        for row in self.rows:
            first = self._by_id[row.id]
            if first is not row:
                raise InputError(
                    f"project '{row.id}' stands twice, first at {_at(first)}",
                    where=_at(row),
                    way_out="give each line an id of its own in the column 'project'",
                )
            for other in filter(None, (row.phase_of, row.counted_in)):
                self.find(other, where=_at(row))
            self._check_phases(row)

    @classmethod
    def read(
        cls, path: str | Path | None = None, *, rates: Mapping[str, float] | None = None
    ) -> "Projects":
        """Read a table of projects; the shipped one if no path is given.

        Parameters
        ----------
        path : str or Path, optional
            A CSV file of the same form.
        rates : mapping of str to float, optional
            USD per unit of each currency in which the file states capital costs.
        """
        if path is None:
            lines = _lines(data_folder() / f"{FOLDER}/projects.csv", f"{FOLDER}/projects")
        else:
            lines = _lines(Path(path), Path(path).name.removesuffix(".csv"))
        rows = tuple(_project(line, rates or {}) for line in lines)
        return cls(rows, *_shipped())

    def __iter__(self) -> Iterator[Project]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, project_id: str, *, where: str = "") -> Project:
        """Return the line of that id, or raise; `where` is what asked for it."""
        if project_id not in self._by_id:
            raise UnknownCodeError("project", project_id, self._by_id, where=where)
        return self._by_id[project_id]

    def of(self, decision: Decision) -> tuple[Project, ...]:
        """Return the lines of one decision that have a size of their own."""
        return tuple(row for row in self.rows if row.decision is decision and row.has_size)

    def plants(self) -> Mapping[str, tuple[Project, ...]]:
        """Return the lines of each plant, in the order of the table."""
        found: dict[str, tuple[Project, ...]] = {}
        for row in self.rows:
            found[row.plant] = (*found.get(row.plant, ()), row)
        return MappingProxyType(found)

    def recipe(self, process: str, network: SupplyNetwork, region: str) -> Mapping[str, float]:
        """Return the recipe of a process in a region: the network's, else the list's own."""
        at = network.process_index().get((process, region))
        if at is not None:
            return network.processes[at].recipe
        for row in network.processes:
            if row.name == process:
                return row.recipe
        if process in self.recipes:
            return self.recipes[process]
        known = {row.name for row in network.processes} | set(self.recipes)
        raise UnknownCodeError("process", process, known, where=f"projects in {region}")

    def placed(self, network: SupplyNetwork) -> "Projects":
        """Return the list with every sized line in a region of the network, and its activity.

        Raises
        ------
        UnknownCodeError
            If a process, a commodity of its recipe, or a source of feed is known to nobody.
        NetworkError
            If a line lies in no region, or its capacity counts what its process does not make.
        """
        return replace(self, rows=tuple(self._placed(row, network) for row in self.rows))

    def committed(self, network: SupplyNetwork) -> tuple[Project, ...]:
        """Return the lines that come by themselves and add to the base year of a network."""
        rows = self.placed(network).of(Decision.COMMITTED)
        return tuple(row for row in rows if row.increment)

    def candidates(self, network: SupplyNetwork) -> tuple[Project, ...]:
        """Return the lines that may be chosen on a network.

        Raises
        ------
        NetworkError
            If some input of every process of a line comes from nowhere.
        """
        placed = self.placed(network)
        fed = placed._fed(network)
        found = placed.of(Decision.CANDIDATE)
        for row in found:
            placed._check_feed(row, network, fed)
        return found

    @cached_property
    def _by_id(self) -> Mapping[str, Project]:
        return {row.id: row for row in reversed(self.rows)}

    def _check_phases(self, row: Project) -> None:
        path, following = [row.id], row.phase_of
        while following and following not in path:
            path.append(following)
            following = self.find(following, where=_at(row)).phase_of
        if following:
            raise InputError(
                f"phases run in a circle: {' after '.join((*path, following))}",
                where=_at(row),
                way_out="leave phase_of blank for the phase that comes first",
            )

    def _placed(self, row: Project, network: SupplyNetwork) -> Project:
        known = {item.code for item in (*network.commodities, *self.commodities)}
        for name in row.needs:
            if name not in known:
                self.find(name, where=_at(row))
        if row.decision is Decision.OUT or not row.has_size:
            return row
        region = row.network_region or network_region(row.region, network, where=_at(row))
        for process in row.processes:
            for code in self.recipe(process, network, region):
                if code not in known:
                    raise UnknownCodeError("commodity", code, known, where=_at(row))
        activity = row.activity
        if activity is None:
            activity = (row.capacity or 0.0) / self._counted(row, network, region)
        return replace(row, network_region=region, activity=activity)

    def _counted(self, row: Project, network: SupplyNetwork, region: str) -> float:
        """Return the tonnes that the capacity counts per tonne of activity."""
        if not row.counted:
            return 1.0
        recipe = self.recipe(row.processes[0], network, region)
        made = sum(max(recipe.get(code, 0.0), 0.0) for code in row.counted.split("+"))
        if not made:
            raise NetworkError(
                f"{row.processes[0]} makes no {row.counted}, which the capacity counts",
                where=_at(row),
                way_out="give activity_t_per_year, or another process",
            )
        return made

    def _fed(self, network: SupplyNetwork) -> frozenset[tuple[str, str]]:
        """Return commodities with where they come from: a region, or the line that makes them.

        What no network trades yet has no routes either: it may come from any line that makes it,
        and stands with an empty place.
        """
        fed = {(code, row.region) for row in network.processes for code in _made(row.recipe)}
        fed |= {(route.commodity, route.destination) for route in network.routes}
        own = {item.code for item in self.commodities}
        for row in (*self.of(Decision.COMMITTED), *self.of(Decision.CANDIDATE)):
            for process in row.processes:
                made = _made(self.recipe(process, network, row.network_region))
                fed |= {(code, place) for code in made for place in (row.network_region, row.id)}
                fed |= {(code, "") for code in made & own}
        return frozenset(fed)

    def _check_feed(
        self, row: Project, network: SupplyNetwork, fed: frozenset[tuple[str, str]]
    ) -> None:
        """Raise unless some process of the line finds every input."""
        places = ("", row.network_region, *row.needs)
        found = {code for code, place in fed if place in places} | {*row.needs}
        wants = []
        for process in row.processes:
            recipe = self.recipe(process, network, row.network_region)
            missing = [code for code, tonnes in recipe.items() if tonnes < 0 and code not in found]
            if not missing:
                return
            wants.append(f"{process} wants {', '.join(missing)}")
        raise NetworkError(
            f"candidate {row.id} has no feed in {row.network_region}: {'; '.join(wants)}",
            where=_at(row),
            way_out="name the line or commodity that feeds it in needs_feed_from, or add a route",
        )


def _made(recipe: Mapping[str, float]) -> frozenset[str]:
    return frozenset(code for code, tonnes in recipe.items() if tonnes > 0)


def network_region(code: str, network: SupplyNetwork, *, where: str = "") -> str:
    """Return the region of a network in which a country lies.

    That is itself, else the rest of the European Union for a member, else the rest of the world;
    it raises where the network has none of these.
    """
    rest = REST_OF_EU.code if code in GROUPS["EU"] else REST_OF_WORLD.code
    for region in (code, rest, REST_OF_WORLD.code):
        if region in network.regions():
            return region
    raise NetworkError(
        f"{code} lies in no region of {network.name}",
        where=where,
        way_out=f"give network_region; there are {', '.join(network.regions())}",
    )


def _at(row: Project) -> str:
    return row.provenance.where or row.id


@cache
def _shipped() -> tuple[
    Mapping[str, Mapping[str, float]],
    tuple[Commodity, ...],
    Mapping[str, Prior],
    Mapping[str, StageDefault],
]:
    """Recipes and commodities of the list, priors by status, defaults by stage."""
    recipes: dict[str, dict[str, float]] = {}
    for row in catalogue.load(f"{FOLDER}/project_recipes"):
        recipes.setdefault(row.text("process"), {})[row.text("commodity")] = row.value or 0.0
    commodities = tuple(map(_commodity, catalogue.load(f"{FOLDER}/project_commodities")))
    priors = {row.text("status"): _prior(row) for row in catalogue.load(f"{FOLDER}/project_priors")}
    stages = {row.text("stage"): _stage(row) for row in catalogue.load(f"{FOLDER}/project_stages")}
    frozen = {name: MappingProxyType(recipe) for name, recipe in recipes.items()}
    return frozen, commodities, priors, stages


def _commodity(row: Row) -> Commodity:
    pairs = (pair.split(":") for pair in row.text("elements").split(";"))
    elements = {element: float(share) for element, share in pairs}
    code, name, stage = (row.text(column) for column in ("commodity", "name", "stage"))
    return Commodity(code, name, stage, elements, _cited(row), row.unit)


def _prior(row: Row) -> Prior:
    def triple(stem: str) -> tuple[float, float, float]:
        low, mode, high = (row.number(f"{stem}_{end}") or 0.0 for end in ("low", "mode", "high"))
        return low, mode, high

    decision, lead = Decision(row.text("decision")), int(row.number("lead_years") or 0)
    status, success = row.text("status"), row.number("success") or 0.0
    odds = (success, triple("delay"), triple("cost_growth"))
    return Prior(status, decision, lead, *odds, _cited(row))


def _stage(row: Row) -> StageDefault:
    build, ramp, life = (
        int(row.number(f"{name}_years") or 0) for name in ("build", "ramp", "life")
    )
    group, basis = row.text("cost_group"), row.number("cost_basis") or 0.0
    return StageDefault(
        Stage(row.text("chain_stage")), build, ramp, life, group, basis, _cited(row)
    )


def _cited(row: Row) -> Provenance:
    return Provenance(row.source, row.grade, str(row.ref), row.note)


def _lines(file: Traversable | Path, name: str) -> tuple[SheetLine, ...]:
    records = read_records(file, name)
    where, given = f"{name}.csv:1", records[0].cells
    known = {field.name for field in catalogue.load(f"{FOLDER}/projects").fields} | {*BESIDE}
    for column in given:
        if column not in known:
            raise UnknownCodeError("column", column, known, where=where)
    for column in REQUIRED:
        if column not in given:
            way_out = f"a table of projects has {', '.join(REQUIRED)}"
            raise TableError(f"missing column {column}", where=where, way_out=way_out)
    return tuple(SheetLine(record.cells, str(record.ref)) for record in records)


def _project(line: SheetLine, rates: Mapping[str, float]) -> Project:
    _, _, priors, stages = _shipped()
    prior = priors[_code(line, "status", priors)]
    stage = stages[_code(line, "stage", stages)]
    region = canonical_region(line.required("country_iso3"), where=line.where)
    own_id = line.text("project") or _NOT_KEBAB.sub("-", line.required("name").lower()).strip("-")
    processes, counted, doubt = _processes(line)
    decision = line.code("decision", Decision, Decision.OUT if doubt else prior.decision)
    build = _years(line, "build_years", stage.build_years)
    source, grade = line.text("source") or OWN_SOURCE, line.code("grade", Grade, Grade.E)
    return Project(
        own_id,
        line.text("plant") or own_id,
        line.required("name"),
        region,
        line.text("stage"),
        line.text("status"),
        decision,
        chain_stage=stage.chain_stage,
        product=line.text("product"),
        owner=line.text("owner"),
        network_region=line.text("network_region"),
        partners=_list(line, "partners") or ("EU" if region in GROUPS["EU"] else region,),
        capacity=_size(line, "capacity"),
        capacity_unit=line.text("capacity_unit"),
        activity=_size(line, "activity_t_per_year"),
        in_base=_size(line, "in_base_t_per_year") or 0.0,
        processes=processes,
        counted=counted,
        counted_in=line.text("counted_in"),
        start_year=line.whole("start_year"),
        earliest_start=line.whole("earliest_start") or _earliest(line, prior, build),
        build_years=build,
        ramp_years=_years(line, "ramp_years", stage.ramp_years),
        life_years=_years(line, "life_years", stage.life_years),
        capex=_money(line, "capex_musd", rates),
        money_year=line.whole("money_year"),
        cost_scope=line.code("cost_scope", CostScope, CostScope.PLANT),
        opex=_size(line, "opex_usd_per_kg"),
        support=_size(line, "support_musd"),
        financing=line.text("financing"),
        offtakes=tuple(_offtake(text, line) for text in _list(line, "offtake")),
        needs=_list(line, "needs_feed_from"),
        group=line.text("exclusive_group"),
        phase_of=line.text("phase_of"),
        reason=line.text("reason") or (doubt if decision is Decision.OUT else ""),
        provenance=Provenance(source, grade, line.where, line.text("note")),
    )


def _code(line: SheetLine, column: str, known: Mapping[str, object]) -> str:
    text = line.required(column)
    if text not in known:
        raise UnknownCodeError(column, text, known, where=line.where)
    return text


def _list(line: SheetLine, column: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.text(column).split(";") if part.strip())


def _years(line: SheetLine, column: str, default: int) -> int:
    given = line.whole(column)
    return default if given is None else given


def _size(line: SheetLine, column: str) -> float | None:
    value = line.number(column)
    if value is not None and value < 0:
        raise line.fault(f"{column} {value:g} is negative", "correct it, or leave it blank")
    return value


def _money(line: SheetLine, column: str, rates: Mapping[str, float]) -> float | None:
    value, currency = _size(line, column), line.text("currency") or "USD"
    if value is None or currency == "USD":
        return value
    if not rates.get(currency, 0.0) > 0:
        raise line.fault(
            f"{column} is in {currency} and no rate is given",
            f"give USD per {currency}, or the cost in million USD",
        )
    return value * rates[currency]


def _earliest(line: SheetLine, prior: Prior, build: int) -> int:
    """Announced year; of candidates not before building may begin and is done."""
    announced = line.whole("start_year")
    if prior.decision is Decision.CANDIDATE:
        return max(announced or 0, LIST_YEAR + prior.lead_years + build)
    return announced or LIST_YEAR + prior.lead_years


def _processes(line: SheetLine) -> tuple[tuple[str, ...], str, str]:
    """Return the processes, what the capacity counts, and why the line has no size of its own."""
    unit, capacity = line.text("capacity_unit"), line.number("capacity")
    if capacity is not None and not _MASS.match(unit):
        raise UnitError(
            f"capacity_unit '{unit}' is no mass",
            where=line.where,
            way_out="write it like 't NdPr oxide/yr'",
        )
    has_size = line.number("activity_t_per_year") is not None or line.text("counted_in")
    stated = tuple(name for part in _list(line, "processes") for name in part.split("+"))
    if capacity is None and not has_size:
        return stated, "", "no capacity known"
    if stated and (has_size or _YEARLY.match(unit)):
        return stated, line.text("counted"), ""
    product, stage = line.text("product").casefold(), line.text("stage")
    for rule in catalogue.load(f"{FOLDER}/project_processes"):
        words = (rule.text("product") in product, rule.text("counts") in unit.casefold())
        if rule["stage"] == stage and all(words) and _YEARLY.match(unit):
            return tuple(rule.text("processes").split("+")), rule.text("counted"), ""
    return (), "", f"no rule tells what {unit} of {product or stage} are in t/yr of a process"


def _offtake(text: str, line: SheetLine) -> Offtake:
    match = re.fullmatch(r"([A-Z]{2,3}):([^:]+):([\d.]+) ?(t|%)", text)
    if match is None:
        raise line.fault(f"offtake '{text}' is not understood", "write it like JPN:Dy-oxide:250 t")
    partner, commodity, figure, unit = match.groups()
    if unit == "t":
        return Offtake(partner, commodity, tonnes=float(figure))
    return Offtake(partner, commodity, share=float(figure) / 100)
