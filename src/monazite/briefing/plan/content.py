"""What the briefing of a plan says, and what all of it rests on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from monazite.briefing.content import AssumedFigure, ScenarioText, assumptions_in
from monazite.briefing.language import ENGLISH
from monazite.briefing.plan.exchange import FeedNeed, PartnerExchange, exchanges, feeds
from monazite.network import Provenance, SupplyNetwork
from monazite.plan.data import Findings, explanation, status_of
from monazite.plan.deal import CASES_TABLE, STANDARD
from monazite.plan.estimate import Capital, capital_costs
from monazite.plan.planner import Plan, Prepared
from monazite.plan.programme import Budget, Growth, PlanProgramme, ShockRule
from monazite.plan.project import Decision, Project, Projects
from monazite.plan.result import PlanReport
from monazite.reference.catalogue import load
from monazite.reference.source import Register, shipped_register

ASSUMED = "assumed"
USER = "user"


@dataclass(frozen=True, slots=True)
class ProgrammeStatement:
    """A figure of the programme with what it rests on.

    ``key`` : such as ``budget-1``. ``what``, ``value``, ``unit`` : in words. ``sources`` : ids.
    ``note`` : how it was read or why assumed.
    """

    key: str
    what: str
    value: str
    unit: str
    sources: tuple[str, ...]
    grade: str
    note: str

    @property
    def is_assumed(self) -> bool:
        """Whether nobody published it."""
        return self.grade == "E"


@dataclass(frozen=True)
class PlanContent:
    """Everything that the briefing of a plan says, before it is written.

    ``prepared``, ``plan``, ``findings`` : what was worked out. ``projects`` : lines of the plants
    of the table of projects, by plant; none where a sector has candidates of its own.
    ``capitals`` : what their capital costs rest on. ``sources`` : every one that may be cited.
    ``manifest`` : what a rerun needs, as text. ``made_on`` : date of the briefing.
    """

    prepared: Prepared
    plan: Plan
    findings: Findings
    projects: Mapping[str, tuple[Project, ...]]
    capitals: Mapping[str, Capital]
    sources: Register
    assumptions: tuple[AssumedFigure, ...]
    manifest: Mapping[str, str]
    made_on: date
    reading: None = None

    @property
    def programme(self) -> PlanProgramme:
        """What was asked."""
        return self.prepared.programme

    @property
    def network(self) -> SupplyNetwork:
        """What it was planned on."""
        return self.prepared.network

    @property
    def report(self) -> PlanReport:
        """The plan by name."""
        return self.plan.report

    @property
    def status(self) -> str:
        """How the plan stands."""
        return status_of(self.plan)

    @property
    def money(self) -> str:
        """Unit of its money."""
        return self.report.model.money_unit

    @property
    def quantity(self) -> str:
        """Unit of its goods."""
        return self.report.model.quantity_unit

    @cached_property
    def missed(self) -> list[dict[str, Any]]:
        """What cannot be reached, as rows."""
        return explanation(self.plan)

    @cached_property
    def scenario(self) -> ScenarioText:
        """Name and title, as notes and pages ask for them."""
        given = self.programme
        return ScenarioText(given.id, given.title, given.description, ())

    @cached_property
    def exchanges(self) -> tuple[PartnerExchange, ...]:
        """What partners use of each other's, beyond what they trade today."""
        return () if self.prepared.is_whole else exchanges(self.prepared, self.plan)

    @cached_property
    def feeds(self) -> tuple[FeedNeed, ...]:
        """What the announced plants take, and what could make it."""
        return () if self.prepared.is_whole else feeds(self.prepared)

    @property
    def stated(self) -> tuple[ProgrammeStatement, ...]:
        """Figures of the programme that are told first: demand, money, shocks, contracts."""
        usual = {item.key for item in _choices(self.programme)}
        return tuple(item for item in statements(self.programme) if item.key not in usual)

    @property
    def capital(self) -> float:
        """What building costs, not discounted [money]."""
        return sum(row.capital for row in self.report.portfolio)

    @property
    def public(self) -> float:
        """Public money of all partners over the years, expected, not discounted [money]."""
        return sum(row.public for row in self.report.cash)

    def references_of(self, plant: str) -> tuple[str, ...]:
        """Return what is known of a plant rests on: sources of its rows, and its estimate."""
        lines = self.projects.get(plant, ())
        found = [_reference(line.provenance, self._assumed) for line in lines]
        if plant in self.capitals and not self.capitals[plant].is_stated:
            found.append((f"assumption:{capital_id(plant)}",))
        rows = [name for references in found for name in references]
        return tuple(dict.fromkeys(rows)) or ("method:user",)

    def references_for(self, key: str) -> tuple[str, ...]:
        """Return what a statement of the programme rests on, by its key."""
        for item in statements(self.programme):
            if item.key == key:
                if item.is_assumed:
                    return (f"assumption:{statement_id(self.programme, item)}",)
                return tuple(f"source:{name}" for name in item.sources)
        return ("method:programme",)

    @cached_property
    def _assumed(self) -> frozenset[str]:
        return frozenset(item.id for item in self.assumptions)


def _reference(row: Provenance, assumed: frozenset[str]) -> tuple[str, ...]:
    if row.where in assumed:
        return (f"assumption:{row.where}",)
    named = [name for name in row.source.replace("+", " ").split() if name not in (USER, ASSUMED)]
    return tuple(f"source:{name}" for name in named) or ("method:user",)


def compose_plan(
    prepared: Prepared, plan: Plan, findings: Findings, *, manifest: Mapping[str, Any]
) -> PlanContent:
    """Gather everything that the briefing of a plan says.

    Parameters
    ----------
    prepared : Prepared
        The programme on its network.
    plan : Plan
        That was found.
    findings : Findings
        What was worked out beside it.
    manifest : mapping
        What a rerun needs.

    Raises
    ------
    UnknownCodeError
        If the programme names a source that nobody declared.
    """
    programme = prepared.programme
    register = shipped_register()
    for item in statements(programme):
        for name in item.sources:
            if not item.is_assumed and name not in (USER, ASSUMED):
                register.find(name, where=f"{programme.origin or programme.id}: {item.key}")
    table = None if prepared.is_whole else _table(prepared)
    capitals = {} if table is None else dict(capital_costs(table))
    return PlanContent(
        prepared=prepared,
        plan=plan,
        findings=findings,
        projects={} if table is None else dict(table.plants()),
        capitals=capitals,
        sources=register,
        assumptions=_assumptions(prepared, table, capitals),
        manifest=_flat(manifest),
        made_on=datetime.now(UTC).date(),
    )


def _table(prepared: Prepared) -> Projects:
    programme = prepared.programme
    choice = programme.projects
    file = programme.folder() / choice.file if choice.file else None
    return Projects.read(file, rates=programme.money.rates).placed(prepared.network)


# What the programme states ------------------------------------------------------------------


def statements(programme: PlanProgramme) -> tuple[ProgrammeStatement, ...]:
    """Return the figures of a programme that may have a source, in order."""
    return (
        *(_growth(k, row) for k, row in enumerate(programme.growth, start=1)),
        *(_budget(k, row) for k, row in enumerate(programme.budgets, start=1)),
        *(_shock(k, row) for k, row in enumerate(programme.shocks, start=1)),
        *_access(programme),
        *_choices(programme),
    )


def statement_id(programme: PlanProgramme, item: ProgrammeStatement) -> str:
    """Return the id of a statement among the assumptions."""
    return f"{programme.id}.toml:{item.key}"


def _growth(number: int, row: Growth) -> ProgrammeStatement:
    uses = "all uses" if row.uses == ("*",) else ENGLISH.listed([*map(ENGLISH.use, row.uses)])
    value = f"{100 * row.rate:.3g} %"
    return ProgrammeStatement(
        f"growth-{number}", f"growth of demand, {uses}", value, "a year", row.source, row.grade,
        row.note,
    )  # fmt: skip


def _budget(number: int, row: Budget) -> ProgrammeStatement:
    what = f"public money of {ENGLISH.place_in_sentence(row.partner)}"
    value = f"{row.amount:g}"
    unit = f"{row.unit} a year"
    return ProgrammeStatement(
        f"budget-{number}", what, value, unit, row.source, row.grade, row.note
    )


def _shock(number: int, row: ShockRule) -> ProgrammeStatement:
    low, likely, high = row.months
    value = f"{100 * row.probability:g} % a year, {low:g} to {high:g} months, mostly {likely:g}"
    what = f"odds and length of the shock “{row.name}”"
    return ProgrammeStatement(f"shock-{number}", what, value, "", row.source, row.grade, row.note)


def _access(programme: PlanProgramme) -> Iterable[ProgrammeStatement]:
    for number, row in enumerate(programme.access.contracts, start=1):
        what = f"{row.commodity} promised by {ENGLISH.place_in_sentence(row.origin)} to "
        what += ENGLISH.place_in_sentence(row.partner)
        yield ProgrammeStatement(
            f"contract-{number}", what, f"{row.quantity:g}", "a year", row.source, row.grade,
            row.note,
        )  # fmt: skip
    for number, ended in enumerate(programme.access.ended, start=1):
        way = f"from {ENGLISH.place_in_sentence(ended.origin)} to "
        what = f"{ended.commodity} {way}{ENGLISH.place_in_sentence(ended.destination)}"
        yield ProgrammeStatement(
            f"ended-{number}", what, "none", "", ended.source, ended.grade, ended.note
        )


def _choices(programme: PlanProgramme) -> Iterable[ProgrammeStatement]:
    """Figures that the programme chose or left at what is usual; no source can tell them."""
    why = "chosen by the programme, or left at what is usual"
    access, projects, risk = programme.access, programme.projects, programme.risk
    figures = (
        ("discount", "real discount rate", programme.money.rate, "1/year"),
        ("access-growth", "growth of what partners can buy abroad", access.growth, "1/year"),
        ("access-spare", "room above base-year flows in a calm year", access.spare, "1"),
        ("feed-share", "share of exported feed that new plants can win", access.feed_share, "1"),
        ("offtake", "share of a supported plant's output for partners", access.offtake_share, "1"),
        ("sales-share", "most sales abroad, over world use", access.sales_share, "1"),
        ("sales-price", "price of such sales over the base price", access.sales_price, "1"),
        ("hurdle", "real return that private money asks", projects.hurdle, "1/year"),
        ("cover", "debt service cover that lenders ask", projects.cover, "1"),
        ("risk-weight", "weight of the worst draws beyond the mean", risk.weight, "1"),
        ("risk-level", "share of the draws that are not the worst", risk.level, "1"),
    )
    for key, what, value, unit in figures:
        yield ProgrammeStatement(key, what, f"{value:g}", unit, (USER,), "E", why)


# What nobody published ----------------------------------------------------------------------


def capital_id(plant: str) -> str:
    """Return the id of an estimated capital cost among the assumptions."""
    return f"estimate:{plant}"


def _assumptions(
    prepared: Prepared, table: Projects | None, capitals: Mapping[str, Capital]
) -> tuple[AssumedFigure, ...]:
    programme = prepared.programme
    found = [
        AssumedFigure(
            id=statement_id(programme, item),
            what=item.what,
            value=item.value,
            unit=item.unit,
            reason=item.note or "stated by the programme without a source",
        )
        for item in statements(programme)
        if item.is_assumed
    ]
    if table is not None:
        found += [*_estimates(capitals), *_priors(table), *_lines(table), *_finance()]
    rows = {item.id: item for item in (*found, *assumptions_in(prepared.network))}
    return tuple(rows.values())


def _estimates(capitals: Mapping[str, Capital]) -> Iterable[AssumedFigure]:
    for plant, cost in capitals.items():
        if not cost.is_stated:
            yield AssumedFigure(
                id=capital_id(plant),
                what=f"capital cost of {plant}",
                value=f"{cost.value:.4g}",
                unit="MUSD of 2024",
                reason=f"{cost.rule}; half of such plants between {cost.low:.3g} and "
                f"{cost.high:.3g}; made from {', '.join(cost.plants)}",
            )


def _priors(table: Projects) -> Iterable[AssumedFigure]:
    for prior in table.priors.values():
        if prior.provenance.grade == "E":
            slip = " to ".join(f"{years:g}" for years in (prior.delay[0], prior.delay[2]))
            yield AssumedFigure(
                id=prior.provenance.where,
                what=f"odds of plants with status {prior.status}",
                value=f"{prior.success:g} come, {slip} years late",
                unit="odds",
                reason=prior.provenance.note,
            )


def _lines(table: Projects) -> Iterable[AssumedFigure]:
    for line in table:
        if line.provenance.grade == "E" and line.decision is not Decision.OUT:
            yield AssumedFigure(
                id=line.provenance.where,
                what=f"row of {line.name}",
                value="see table",
                unit=line.capacity_unit or "t/year",
                reason=line.provenance.note or line.reason,
            )


def _finance() -> Iterable[AssumedFigure]:
    for row in load(CASES_TABLE):
        if row.text("case") == STANDARD and row.grade == "E":
            yield AssumedFigure(
                id=str(row.ref),
                what=f"{row.text('item').replace('_', ' ')} of project finance",
                value="see table" if row.value is None else f"{row.value:g}",
                unit=row.unit,
                reason=row.note,
            )


def _flat(manifest: Mapping[str, Any]) -> dict[str, str]:
    """One line of text per entry; of the programme, which stands above, only its name."""
    lines: dict[str, str] = {}
    for key, value in manifest.items():
        if isinstance(value, Mapping):
            for name, part in value.items():
                text = part.get("id", "") if isinstance(part, Mapping) else part
                lines[f"{key}.{name}"] = str(text)
        else:
            lines[key] = str(value)
    return lines
