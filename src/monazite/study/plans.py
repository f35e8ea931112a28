"""Plans: a programme file in, a plan with all that stands behind it out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from monazite.engine import Engine, Local, Processes
from monazite.errors import InputError, MonaziteError
from monazite.manifest import Manifest, fingerprint, text_digest
from monazite.network import SupplyNetwork
from monazite.plan.assemble import Assembly
from monazite.plan.coalition import Coalition, Gain, Promise, coalitions, gain_of
from monazite.plan.cuts import Cuts
from monazite.plan.data import Findings, Joining, plan_data, status_of
from monazite.plan.decompose import PlanSolution, SearchOutcome, SolverStep
from monazite.plan.frontier import FrontierPoint, ProjectWorth, frontier, worths
from monazite.plan.funding import Funding
from monazite.plan.planner import (
    EVERYBODY,
    Effort,
    Plan,
    Prepared,
    find_beside,
    find_plan,
    learnt,
    prepare,
)
from monazite.plan.plants import plants
from monazite.plan.programme import PlanProgramme, load
from monazite.plan.project import Projects
from monazite.plan.replay import Floor, Replay, ReplayQuestion, replay
from monazite.plan.values import ValueOfInformation, value_of_information
from monazite.study.runs import chain, chains, choose_engine

PARTS = ("gain", "information", "frontier", "worth", "thirds", "replay")
"""What is worked out beside the plan itself, in this order."""
EASE = 2.0
"""How much wider the gap of the plans beside the main one may be."""
MISSED = 1e-6
"""Share of a target below which a miss is round-off."""
NOTHING = Promise("", 1.0, 1.0)
BESIDE_SECONDS = 20.0
"""Most time for each of the many plans beside the main one; what it leaves open is their range."""
FEW = 30
"""Draws of plans with third parties, which are compared among themselves only."""

Told = Callable[[str, str], None]
"""Told what is being worked out, and how far it is."""


def plan_workers(engine: str | None, processes: int) -> int | Engine:
    """Return who operates the draws of a plan: so many processes here, or a cluster.

    Processes of this machine keep the same scenarios all the time, with their bases, which is
    faster than an engine that gives any task to anyone.

    Raises
    ------
    InputError
        If there is no such engine, or both are given.
    """
    found = choose_engine(engine, processes)
    if isinstance(found, Local):
        return 1
    return found.count if isinstance(found, Processes) else found


@dataclass(frozen=True)
class PlanRun:
    """A programme worked out.

    ``programme`` : what was asked. ``prepared`` : on what ground. ``plan`` : the plan.
    ``findings`` : what was worked out beside it. ``manifest`` : from what and with what.
    """

    programme: PlanProgramme
    prepared: Prepared
    plan: Plan
    findings: Findings
    manifest: Manifest

    @property
    def status(self) -> str:
        """How it stands."""
        return status_of(self.plan)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        head = {
            "programme": self.programme.id,
            "title": self.programme.title,
            "horizon": [self.programme.horizon.first, self.programme.horizon.last],
        }
        return head | plan_data(self.plan, self.findings) | {"manifest": self.manifest.as_dict()}


@dataclass(frozen=True)
class PlanOrder:
    """How a programme is to be worked out.

    ``effort`` : of the search. ``count`` : draws; those of the programme if None. ``parts`` : of
    `PARTS`. ``state`` : file that what was learnt is kept in, and taken up from.
    """

    effort: Effort = field(default_factory=Effort)
    count: int | None = None
    parts: tuple[str, ...] = PARTS
    state: Path | None = None


def plan(
    programme: str | Path | PlanProgramme,
    *,
    order: PlanOrder | None = None,
    network: SupplyNetwork | None = None,
    progress: Callable[[SolverStep], None] | None = None,
    told: Told | None = None,
) -> PlanRun:
    """Work out a programme.

    Parameters
    ----------
    programme : str, Path or Programme
        A file, or what was read from one.
    order : PlanOrder, optional
        How hard to look, and what to work out beside the plan.
    network : SupplyNetwork, optional
        In place of the programme's chain.
    progress : callable, optional
        Told of each round of the main search.
    told : callable, optional
        Told which part is being worked out.

    Raises
    ------
    InputError
        If the programme, its projects or its files say what cannot be.
    """
    asked = order or PlanOrder()
    _check_parts(asked.parts)
    given = programme if isinstance(programme, PlanProgramme) else load(programme)
    run = _Run(given, asked, network or ground(given), told or _silent)
    return run.result(progress)


def _check_parts(parts: tuple[str, ...]) -> None:
    for part in parts:
        if part not in PARTS:
            raise InputError(f"no part '{part}'", way_out=f"choose of {', '.join(PARTS)}")


def _silent(_part: str, _how_far: str) -> None:
    return None


def ground(programme: PlanProgramme) -> SupplyNetwork:
    """Return the network of a programme: a shipped chain, or a folder beside its file.

    Where one planner holds the whole network it is taken as it is; else it is balanced.

    Raises
    ------
    UnknownCodeError
        If there is neither.
    """
    beside = programme.folder() / programme.chain
    name = beside if programme.chain not in chains() and beside.is_dir() else programme.chain
    if programme.partners == EVERYBODY and Path(name).is_dir():
        return SupplyNetwork.from_folder(Path(name))
    return chain(name)


def prepared(programme: PlanProgramme, network: SupplyNetwork) -> Prepared:
    """Return a programme on its network, with its projects and what they cost."""
    if programme.partners == EVERYBODY:
        return prepare(programme, network)
    choice = programme.projects
    file = programme.folder() / choice.file if choice.file else None
    projects = Projects.read(file, rates=programme.money.rates)
    funding = Funding(projects, network, choice)
    made = plants(
        projects,
        network,
        choice,
        capital=funding.capital,
        packages=funding.packages if choice.support and programme.budgets else None,
        slippage=programme.scenarios.slippage,
    )
    return prepare(programme, network, made)


def _promises(plan: Plan) -> Iterable[Promise]:
    """Targets that a plan misses, with the least that it reaches of each."""
    least: dict[str, Promise] = {}
    for row in plan.report.targets:
        if row.missed > MISSED:
            reached = max(0.0, min(row.reached, least.get(row.target, NOTHING).reached) - MISSED)
            least[row.target] = Promise(row.target, row.wanted, reached)
    return least.values()


class _Run:
    """One programme on its way to a result."""

    def __init__(
        self, programme: PlanProgramme, order: PlanOrder, network: SupplyNetwork, told: Told
    ) -> None:
        self.programme, self.order, self.told = programme, order, told
        self.network = network
        self.told("ground", "projects, shocks and draws")
        self.ready = prepared(programme, network)

    @cached_property
    def assembly(self) -> Assembly:
        return self.ready.assembly(self.ready.model(), self.order.count)

    def result(self, progress: Callable[[SolverStep], None] | None) -> PlanRun:
        self.told("plan", f"{self.assembly.draws.count} draws")
        found = self._main(progress)
        is_whole = found.solution.status is not SearchOutcome.INTERRUPTED
        findings = self._findings(found) if is_whole and found.solution.is_found else Findings()
        return PlanRun(self.programme, self.ready, found, findings, self._manifest(found))

    def _main(self, progress: Callable[[SolverStep], None] | None) -> Plan:
        file, problem = self.order.state, self.assembly.problem
        state = Cuts.load(file, problem) if file is not None and file.is_file() else None
        found = find_plan(self.assembly, self.order.effort, progress=progress, state=state)
        if file is not None and not self.order.effort.extensive:
            found.solution.cuts.save(file)
        return found

    def _findings(self, found: Plan) -> Findings:
        """Work out what is asked for beside the plan; Ctrl-C leaves out what is not done yet."""
        ways: Mapping[str, tuple[str, Callable[[Plan], object]]] = {
            "gain": ("gain", self._gain),
            "information": ("information", self._information),
            "frontier": ("frontier", self._frontier),
            "worth": ("worths", self._worths),
            "thirds": ("joining", lambda _found: self._joining()),
            "replay": ("replay", self._replay),
        }
        done: dict[str, Any] = {}
        faults: dict[str, str] = {}
        parts = self._wanted(found)
        try:
            for part in PARTS:
                if part in parts:
                    name, work_out = ways[part]
                    try:
                        done[name] = work_out(found)
                    except MonaziteError as fault:
                        # the plan stands without it, and took minutes to find
                        faults[part] = fault.line()
                        self.told(part, f"not worked out: {fault.line()}")
        except KeyboardInterrupt:
            self.told("stopped", "what was worked out until now is kept")
        return Findings(**done, faults=faults)

    def _wanted(self, found: Plan) -> set[str]:
        """Return what is asked for and makes sense: a whole network has no partners to part."""
        parts = set(self.order.parts)
        if self.ready.is_whole:
            parts -= {"gain", "thirds", "replay"}
        if len(self.programme.partners) < 2:
            parts -= {"gain"}
        if not self.programme.thirds:
            parts -= {"thirds"}
        if not found.report.portfolio and not found.report.stocked:
            parts -= {"worth", "frontier"}
        if not self.programme.shocks:
            parts -= {"replay"}
        if found.assembly.draws.count < 2:
            parts -= {"information"}
        return parts

    @property
    def _easier(self) -> Effort:
        effort = self.order.effort
        seconds = min(effort.seconds or BESIDE_SECONDS, BESIDE_SECONDS)
        return Effort(EASE * effort.gap, seconds, effort.processes, effort.groups)

    def _gain(self, found: Plan) -> Gain:
        """Gain of planning together, for the promises that everybody can keep alone.

        A partner who cannot reach a target alone would be charged for the miss, which has no
        price; so joint and separate plans are held to what it reaches.
        """
        partners = self.programme.partners
        self.told("gain", "each alone")
        alone = {p: self._apart(self.ready, (p,), self.order.count) for p in partners}
        kept = {row.target: row for plan in alone.values() for row in _promises(plan)}
        solved: dict[Coalition, PlanSolution] = {}
        for chosen in coalitions(partners):
            self.told("gain", " and ".join(sorted(chosen)))
            solved[chosen] = self._solution_for(chosen, found, alone, kept)
        cost = {chosen: row.objective for chosen, row in solved.items()}
        bound = {chosen: row.bound for chosen, row in solved.items()}
        return gain_of(partners, cost, bound, tuple(kept.values()))

    def _solution_for(
        self,
        chosen: Coalition,
        found: Plan,
        alone: Mapping[str, Plan],
        kept: Mapping[str, Promise],
    ) -> PlanSolution:
        members = tuple(p for p in self.programme.partners if p in chosen)
        model = self.ready.model(members)
        near = found if len(members) == len(self.programme.partners) else None
        if len(members) == 1:
            near = alone[members[0]]
        if near and not any(target.name in kept for target in model.targets):
            return near.solution
        targets = tuple(
            replace(row, share=kept[row.name].reached) if row.name in kept else row
            for row in model.targets
        )
        assembly = self.ready.assembly(replace(model, targets=targets), self.order.count)
        state = learnt(near, assembly) if near else None
        return find_beside(assembly, self.order.effort, state=state).solution

    def _quickly(self, ready: Prepared, coalition: tuple[str, ...], count: int) -> Plan:
        assembly = ready.assembly(ready.model(coalition), count)
        found = find_beside(assembly, self._easier)
        if not found.solution.is_found:
            raise InputError(
                f"no plan of {' and '.join(coalition)} was found in time",
                way_out="leave out the part, or ask for fewer draws",
            )
        return found

    def _apart(self, ready: Prepared, coalition: tuple[str, ...], count: int | None) -> Plan:
        assembly = ready.assembly(ready.model(coalition), count or self.order.count)
        return find_beside(assembly, self.order.effort)

    def _information(self, found: Plan) -> ValueOfInformation:
        self.told("information", "plans that know the draw, and the plan for the mean")
        return value_of_information(
            self.assembly.problem,
            found.solution,
            relaxed=True,
            gap=self.order.effort.gap,
            processes=self.order.effort.processes,
        )

    def _frontier(self, found: Plan) -> tuple[FrontierPoint, ...]:
        return frontier(
            self.assembly, found, self._easier, lambda k, n: self.told("frontier", f"{k} of {n}")
        )

    def _worths(self, found: Plan) -> tuple[ProjectWorth, ...]:
        return worths(
            self.assembly, found, self._easier, lambda k, n: self.told("worth", f"{k} of {n}")
        )

    def _joining(self) -> tuple[Joining, ...]:
        return tuple(self._join(country) for country in self.programme.thirds)

    def _join(self, country: str) -> Joining:
        """Gain of one third party: the partners, it alone, and all together, on fewer draws.

        Without targets: the third party has promised nothing, and a target that it cannot reach
        alone has no price.
        """
        self.told("thirds", country)
        everyone = (*self.programme.partners, country)
        ready = self.ready.with_partners(everyone, has_targets=False)
        count = min(FEW, self.order.count or self.programme.scenarios.count)
        sets = (self.programme.partners, (country,), everyone)
        found = [self._quickly(ready, chosen, count) for chosen in sets]
        ours, own, joint = (row.solution for row in found)
        return Joining(
            country=country,
            gain=ours.objective + own.objective - joint.objective,
            low=ours.bound + own.bound - joint.objective,
            high=ours.objective + own.objective - joint.bound,
        )

    def _replay(self, found: Plan) -> Replay:
        self.told("replay", "month by month in the market")
        floors = tuple(Floor(*row) for row in found.report.floors)
        return replay(
            found.report,
            self.network,
            self.programme,
            self.ready.plants,
            question=ReplayQuestion(floors=floors),
            progress=lambda k, n: self.told("replay", f"{k} of {n}"),
        )

    def _manifest(self, found: Plan) -> Manifest:
        settings: Mapping[str, Any] = {
            "programme": self.programme.model_dump(mode="json"),
            "draws": self.assembly.draws.count,
            "gap": self.order.effort.gap,
            "groups": self.order.effort.groups,
            "extensive": self.order.effort.extensive,
        }
        inputs = {
            "network": self.network.digest(),
            "problem": self.assembly.problem.digest(),
            "programme": text_digest(self.programme.model_dump_json()),
        }
        return Manifest("plan", settings, inputs, fingerprint(found.solution.x))
