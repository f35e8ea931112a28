"""What the briefing of a plan says, and what all of it rests on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from monazite.briefing.content import (
    FLOW_OF,
    SEE_TABLE,
    AssumedFigure,
    ScenarioText,
    assumptions_in,
)
from monazite.briefing.language import Phrase, mark
from monazite.briefing.plan.exchange import FeedNeed, PartnerExchange, exchanges, feeds
from monazite.briefing.plan.phrases import ALL, LIST, NONE, PhraseTeller, phrase
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
from monazite.units import MONEY_YEAR

ASSUMED = "assumed"
USER = "user"
FIGURE = "%(n)s"
"""A number by itself."""
A_YEAR = Phrase(mark("a year"))
IN_ENGLISH = PhraseTeller()


@dataclass(frozen=True, slots=True)
class ProgrammeStatement:
    """A figure of the programme with what it rests on.

    ``key`` : such as ``budget-1``. ``what``, ``value``, ``unit`` : as phrases. ``sources`` : ids.
    ``note`` : how it was read or why assumed.
    """

    key: str
    what: Phrase
    value: Phrase
    unit: Phrase
    sources: tuple[str, ...]
    grade: str
    note: str

    @property
    def is_assumed(self) -> bool:
        """Whether nobody published it."""
        return self.grade == "E"

    def as_dict(self) -> dict[str, Any]:
        """Plain data, in English."""
        told = IN_ENGLISH.told
        return {
            "key": self.key, "what": told(self.what), "value": told(self.value),
            "unit": told(self.unit), "sources": self.sources, "grade": self.grade,
            "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanAssumption(AssumedFigure):
    """A figure that nobody published, with phrases for other languages than English.

    ``value_phrase``, ``unit_phrase``, ``reason_phrase`` : None where the text is somebody else's
    words or a number.
    """

    value_phrase: Phrase | None = None
    unit_phrase: Phrase | None = None
    reason_phrase: Phrase | None = None


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

    @cached_property
    def goods(self) -> Mapping[str, str]:
        """English names of the goods of the network, by code."""
        return {row.code: row.name or row.code for row in self.network.commodities}

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
    uses = ALL if row.uses == ("*",) else LIST.join(row.uses)
    return ProgrammeStatement(
        f"growth-{number}",
        phrase(mark("growth of demand, %(uses)s"), uses=uses),
        phrase(mark("%(n)s %%"), n=f"{100 * row.rate:.3g}"),
        A_YEAR,
        row.source, row.grade, row.note,
    )  # fmt: skip


def _budget(number: int, row: Budget) -> ProgrammeStatement:
    return ProgrammeStatement(
        f"budget-{number}",
        phrase(mark("public money of %(region)s"), region=row.partner),
        phrase(FIGURE, n=f"{row.amount:g}"),
        phrase(mark("%(unit)s a year"), unit=row.unit),
        row.source, row.grade, row.note,
    )  # fmt: skip


def _shock(number: int, row: ShockRule) -> ProgrammeStatement:
    low, likely, high = row.months
    value = phrase(
        mark("%(share)s %% a year, %(low)s to %(high)s months, mostly %(likely)s"),
        share=f"{100 * row.probability:g}", low=f"{low:g}", high=f"{high:g}", likely=f"{likely:g}",
    )  # fmt: skip
    what = phrase(mark("odds and length of the shock “%(name)s”"), name=row.name)
    return ProgrammeStatement(f"shock-{number}", what, value, NONE, row.source, row.grade, row.note)


def _access(programme: PlanProgramme) -> Iterable[ProgrammeStatement]:
    for number, row in enumerate(programme.access.contracts, start=1):
        yield ProgrammeStatement(
            f"contract-{number}",
            phrase(
                mark("%(commodity)s promised by %(origin)s to %(destination)s"),
                commodity=row.commodity, origin=row.origin, destination=row.partner,
            ),
            phrase(FIGURE, n=f"{row.quantity:g}"),
            A_YEAR,
            row.source, row.grade, row.note,
        )  # fmt: skip
    for number, ended in enumerate(programme.access.ended, start=1):
        yield ProgrammeStatement(
            f"ended-{number}",
            phrase(
                FLOW_OF,
                commodity=ended.commodity, origin=ended.origin, destination=ended.destination,
            ),
            Phrase(mark("none")),
            NONE,
            ended.source, ended.grade, ended.note,
        )  # fmt: skip


CHOSEN = Phrase(mark("chosen by the programme, or left at what is usual"))
"""Why a figure is as it is for which no source can be named."""


def _choices(programme: PlanProgramme) -> Iterable[ProgrammeStatement]:
    """Figures that the programme chose or left at what is usual; no source can tell them."""
    why = str(CHOSEN)
    access, projects, risk = programme.access, programme.projects, programme.risk
    rate, part = Phrase("1/year"), Phrase("1")
    figures = (
        ("discount", mark("real discount rate"), programme.money.rate, rate),
        ("access-growth", mark("growth of what partners can buy abroad"), access.growth, rate),
        ("access-spare", mark("room above base-year flows in a calm year"), access.spare, part),
        ("feed-share", mark("share of exported feed that new plants can win"), access.feed_share,
         part),
        ("offtake", mark("share of a supported plant's output for partners"), access.offtake_share,
         part),
        ("sales-share", mark("most sales abroad, over world use"), access.sales_share, part),
        ("sales-price", mark("price of such sales over the base price"), access.sales_price, part),
        ("hurdle", mark("real return that private money asks"), projects.hurdle, rate),
        ("cover", mark("debt service cover that lenders ask"), projects.cover, part),
        ("risk-weight", mark("weight of the worst draws beyond the mean"), risk.weight, part),
        ("risk-level", mark("share of the draws that are not the worst"), risk.level, part),
    )  # fmt: skip
    for key, what, value, unit in figures:
        figure = phrase(FIGURE, n=f"{value:g}")
        yield ProgrammeStatement(key, Phrase(what), figure, unit, (USER,), "E", why)


# What nobody published ----------------------------------------------------------------------


def capital_id(plant: str) -> str:
    """Return the id of an estimated capital cost among the assumptions."""
    return f"estimate:{plant}"


def _assumptions(
    prepared: Prepared, table: Projects | None, capitals: Mapping[str, Capital]
) -> tuple[AssumedFigure, ...]:
    programme = prepared.programme
    found = [_stated(programme, item) for item in statements(programme) if item.is_assumed]
    if table is not None:
        found += [*_estimates(capitals), *_priors(table), *_lines(table), *_finance()]
    rows = {item.id: item for item in (*found, *assumptions_in(prepared.network))}
    return tuple(rows.values())


UNSOURCED = Phrase(mark("stated by the programme without a source"))


def _stated(programme: PlanProgramme, item: ProgrammeStatement) -> PlanAssumption:
    reason = CHOSEN if item.note == str(CHOSEN) else None if item.note else UNSOURCED
    return _assumed(
        statement_id(programme, item), item.what, item.value, item.unit, reason or item.note
    )


def _assumed(
    name: str, what: Phrase, value: Phrase, unit: Phrase | str, reason: Phrase | str
) -> PlanAssumption:
    """Return a figure that nobody published; a unit or reason in plain text is its writer's."""
    told = IN_ENGLISH.told
    return PlanAssumption(
        id=name,
        what=told(what),
        value=told(value),
        unit=unit if isinstance(unit, str) else told(unit),
        reason=reason if isinstance(reason, str) else told(reason),
        phrase=what,
        value_phrase=None if value.message == FIGURE else value,
        unit_phrase=None if isinstance(unit, str) else unit,
        reason_phrase=None if isinstance(reason, str) else reason,
    )


def _estimates(capitals: Mapping[str, Capital]) -> Iterable[PlanAssumption]:
    for plant, cost in capitals.items():
        if not cost.is_stated:
            yield _assumed(
                capital_id(plant),
                phrase(mark("capital cost of %(name)s"), name=plant),
                phrase(FIGURE, n=f"{cost.value:.4g}"),
                phrase(mark("%(unit)s of %(year)s"), unit="MUSD", year=f"{MONEY_YEAR}"),
                f"{cost.rule}; half of such plants between {cost.low:.3g} and "
                f"{cost.high:.3g}; made from {', '.join(cost.plants)}",
            )


def _priors(table: Projects) -> Iterable[PlanAssumption]:
    for prior in table.priors.values():
        if prior.provenance.grade == "E":
            first, _, last = prior.delay
            yield _assumed(
                prior.provenance.where,
                phrase(mark("odds of plants with status %(status)s"), status=prior.status),
                phrase(
                    mark("%(n)s come, %(low)s to %(high)s years late"),
                    n=f"{prior.success:g}", low=f"{first:g}", high=f"{last:g}",
                ),
                Phrase(mark("odds")),
                prior.provenance.note,
            )  # fmt: skip


def _lines(table: Projects) -> Iterable[PlanAssumption]:
    for line in table:
        if line.provenance.grade == "E" and line.decision is not Decision.OUT:
            yield _assumed(
                line.provenance.where,
                phrase(mark("row of %(name)s"), name=line.name),
                Phrase(SEE_TABLE),
                line.capacity_unit or "t/year",
                line.provenance.note or line.reason,
            )


def _finance() -> Iterable[PlanAssumption]:
    for row in load(CASES_TABLE):
        if row.text("case") == STANDARD and row.grade == "E":
            value = Phrase(SEE_TABLE) if row.value is None else phrase(FIGURE, n=f"{row.value:g}")
            yield _assumed(
                str(row.ref),
                phrase(mark("%(item)s of project finance"), item=row.text("item")),
                value,
                row.unit,
                row.note,
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
