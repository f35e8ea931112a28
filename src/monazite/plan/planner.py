"""From a programme to a plan: its ground is made ready once, then plans are asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from scipy import sparse

from monazite.engine import Engine
from monazite.errors import UnknownCodeError
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray
from monazite.plan.alliance import Alliance
from monazite.plan.assemble import Assembly
from monazite.plan.certificate import PlanCertificate, certify
from monazite.plan.cuts import Cuts
from monazite.plan.decompose import PlanSolution, Progress, SearchOutcome, solve
from monazite.plan.draws import N_MINUS_1, Draws, Shock, draw
from monazite.plan.evaluate import Operations, Recourse, operate
from monazite.plan.exposure import exposed, without_largest
from monazite.plan.extensive import solve_extensive
from monazite.plan.membership import Plant
from monazite.plan.model import Activity, Capacity, JointLimit, PlanningModel
from monazite.plan.programme import PlanProgramme
from monazite.plan.result import PlanReport
from monazite.plan.sector import whole
from monazite.plan.sheets import read_candidates, read_sector_tables
from monazite.plan.twostage import TwoStageProblem

Named = TypeVar("Named", Activity, Capacity, JointLimit)
FEW = 2
"""Scenarios that one model solves faster than cuts would."""
EVERYBODY = ("*",)
"""Partners of a programme whose planner holds the whole network."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a plan is looked for.

    ``gap`` : relative distance of objective and bound at which it is good enough. ``seconds`` :
    time limit; None for none. ``processes`` : local cores that operate draws, or the engine that
    does it. ``groups`` : cuts a round. ``extensive`` : solve all draws in one model, as an oracle.
    """

    gap: float = 0.01
    seconds: float | None = None
    processes: int | Engine = 1
    groups: int = 10
    extensive: bool = False


class Plan:
    """A solved programme: the decision, what it rests on and what it says.

    ``assembly`` : the problem by name. ``solution`` : decision, bound and gap. ``operations`` :
    how each draw is operated. ``report`` : all of it by name. ``certificate`` : recomputed.
    """

    def __init__(
        self,
        assembly: Assembly,
        solution: PlanSolution,
        processes: int | Engine = 1,
        recourse: Recourse | None = None,
    ) -> None:
        self.assembly, self.solution = assembly, solution
        self._processes, self._recourse = processes, recourse

    @cached_property
    def operations(self) -> Operations:
        """How every draw and state is operated."""
        return operate(
            self.assembly.problem,
            self.solution.x,
            value_at_risk=self.solution.value_at_risk,
            processes=self._processes,
            recourse=self._recourse,
        )

    @cached_property
    def report(self) -> PlanReport:
        """The decision by name."""
        names = [mark.name for mark in self.assembly.problem.marks]
        shadow = dict(zip(names, np.asarray(self.solution.shadow).tolist(), strict=False))
        return PlanReport(self.assembly, self.solution.x, self.operations, shadow)

    @cached_property
    def certificate(self) -> PlanCertificate:
        """Residuals and bound, recomputed from arrays."""
        return certify(
            self.assembly.problem,
            self.solution.x,
            self.operations.activity,
            objective=self.solution.objective,
            bound=self.solution.bound,
            value_at_risk=self.solution.value_at_risk,
            dual_infeasibility=self.solution.cuts.leaning,
            mismatch=self.solution.cuts.mismatch,
        )


class Prepared:
    """A programme on its network: everything that does not depend on who plans together.

    Parameters
    ----------
    programme : PlanProgramme
        What is asked.
    network : SupplyNetwork
        On what.
    plants : tuple of Plant
        Projects on the network; none where a sector has candidates of its own.
    """

    def __init__(
        self, programme: PlanProgramme, network: SupplyNetwork, plants: tuple[Plant, ...] = ()
    ) -> None:
        self.programme, self.network, self.plants = programme, network, plants

    @property
    def is_whole(self) -> bool:
        """Whether one planner holds the whole network."""
        return self.programme.partners == EVERYBODY

    @cached_property
    def alliance(self) -> Alliance:
        """The programme's partners."""
        return Alliance(self.network, self.programme, self.plants)

    @cached_property
    def shocks(self) -> tuple[Shock, ...]:
        """Shocks with what they leave of each access and capacity, apart or together."""
        rules = self.programme.shocks
        return tuple(exposed(rule, self.network, self._every_model) for rule in rules)

    @cached_property
    def _without_largest(self) -> dict[str, float]:
        """What each partner has left of its purchases without its largest suppliers."""
        if not self.programme.targets:
            return {}
        return without_largest(self.network, self._every_model)

    @cached_property
    def _every_model(self) -> PlanningModel:
        """All partners' model with what each alone would buy as well."""
        together = self.model()
        if self.is_whole:
            return together
        parts = (together, *(self.model((partner,)) for partner in self.alliance.partners))
        return replace(
            together,
            markets=tuple(dict.fromkeys(market for part in parts for market in part.markets)),
            activities=_by_name(row for part in parts for row in part.activities),
            capacities=_by_name(row for part in parts for row in part.capacities),
            limits=_by_name(row for part in parts for row in part.limits),
        )

    def with_partners(self, partners: tuple[str, ...], *, has_targets: bool = True) -> "Prepared":
        """Return the same ground with other partners; third parties become partners.

        Parameters
        ----------
        partners : tuple of str
            Who plans together.
        has_targets : bool
            Whether the programme's targets hold.
        """
        thirds = tuple(name for name in self.programme.thirds if name not in partners)
        changes: dict[str, object] = {"partners": partners, "thirds": thirds}
        if not has_targets:
            changes["targets"] = ()
        programme = self.programme.model_copy(update=changes)
        return Prepared(programme, self.network, self.plants)

    def model(self, coalition: tuple[str, ...] = ()) -> PlanningModel:
        """Return what a coalition plans over."""
        if not self.is_whole:
            return self.alliance.model(coalition)
        folder = self.programme.folder()
        file = self.programme.candidates
        candidates = read_candidates(folder / file) if file else ()
        return whole(self.network, self.programme, candidates, read_sector_tables(folder))

    def draws(self, model: PlanningModel, count: int | None = None) -> Draws:
        """Return the programme's draws for a model."""
        chance = self.programme.scenarios
        return draw(
            model,
            self.shocks,
            count=count or chance.count,
            seed=chance.seed,
            demand=chance.demand,
            states={N_MINUS_1: self._without_largest},
        )

    def assembly(self, model: PlanningModel, count: int | None = None) -> Assembly:
        """Return the arrays of a model."""
        risk = self.programme.risk
        return Assembly(
            model, self.draws(model, count), risk_weight=risk.weight, risk_level=risk.level
        )


def _by_name(rows: Iterable[Named]) -> tuple[Named, ...]:
    return tuple({row.name: row for row in rows}.values())


def prepare(
    programme: PlanProgramme, network: SupplyNetwork, plants: tuple[Plant, ...] = ()
) -> Prepared:
    """Return a programme on its network, with its projects.

    Parameters
    ----------
    programme : PlanProgramme
        What is asked.
    network : SupplyNetwork
        On what: balanced, but where one planner holds all of it.
    plants : tuple of Plant
        Projects on the network.

    Raises
    ------
    UnknownCodeError
        If a partner is no region of the network.
    """
    if programme.partners != EVERYBODY:
        for partner in (*programme.partners, *programme.thirds):
            if partner not in network.regions():
                where = programme.origin or programme.id
                raise UnknownCodeError("partner", partner, network.regions(), where=where)
    return Prepared(programme, network, plants)


def find_plan(
    assembly: Assembly,
    effort: Effort,
    *,
    progress: Progress | None = None,
    state: Cuts | None = None,
    problem: TwoStageProblem | None = None,
    recourse: Recourse | None = None,
) -> Plan:
    """Return the plan of an assembled problem.

    Parameters
    ----------
    assembly : Assembly
        What is planned.
    effort : Effort
        How hard to look.
    progress : callable, optional
        Told of every round.
    state : Cuts, optional
        What an earlier run on the same second stage has learnt.
    problem : TwoStageProblem, optional
        The assembly's problem with other bounds or rows of the first stage.
    recourse : Recourse, optional
        Processes of an earlier search of the same second stage; as long as they run the plan is
        operated by them as well.
    """
    asked = problem or assembly.problem
    if effort.extensive or asked.scenarios <= FEW:
        solution = solve_extensive(asked, gap=effort.gap, seconds=effort.seconds)
    else:
        solution = solve(
            asked,
            gap=effort.gap,
            seconds=effort.seconds,
            groups=effort.groups + int((~asked.drawn).sum()),
            processes=effort.processes,
            progress=progress,
            state=state,
            recourse=recourse,
        )
    return Plan(assembly, solution, effort.processes, recourse)


def find_beside(
    assembly: Assembly,
    effort: Effort,
    *,
    state: Cuts | None = None,
    problem: TwoStageProblem | None = None,
    recourse: Recourse | None = None,
) -> Plan:
    """Return a plan that is only wanted whole; parameters as of :func:`find_plan`.

    Raises
    ------
    KeyboardInterrupt
        If the search was stopped.
    """
    found = find_plan(assembly, effort, state=state, problem=problem, recourse=recourse)
    if found.solution.status is SearchOutcome.INTERRUPTED:
        raise KeyboardInterrupt
    return found


def learnt(plan: Plan, assembly: Assembly) -> Cuts | None:
    """Return what a plan's search has learnt, for the same model with other shares as targets.

    None if it cannot be taken over: a share of purchases as a target is no right-hand side.

    Parameters
    ----------
    plan : Plan
        What was found.
    assembly : Assembly
        The same model on the same draws; only shares of targets differ.
    """
    held = {row.name: row for row in plan.assembly.model.targets}
    moved = {}
    for row in assembly.model.targets:
        if row.share != held[row.name].share:
            if row.kind != "coverage":
                return None
            moved[f"target {row.name}"] = row.share - held[row.name].share
    by = np.array([moved.get(mark.name, 0.0) for mark in assembly.problem.marks])
    return plan.solution.cuts.moved(assembly.problem, by)


def without(assembly: Assembly, project: str) -> TwoStageProblem:
    """Return the problem with a candidate ruled out."""
    problem = assembly.problem
    upper = problem.first.upper.copy()
    for place, decision in enumerate(assembly.first.decisions):
        if decision.name == project:
            upper[place] = 0.0
    return problem.with_first_bounds(problem.first.lower, upper)


def capital_of(assembly: Assembly) -> FloatArray:
    """Return what each decision spends on building [money, not discounted]."""
    return np.array([assembly.first.capital(row) for row in assembly.first.decisions])


def with_capital_limit(assembly: Assembly, most: float) -> TwoStageProblem:
    """Return the problem in which building may cost no more than so much in all."""
    problem, spent = assembly.problem, capital_of(assembly)
    first = problem.first
    return replace(
        problem,
        first=replace(
            first,
            matrix=sparse.csr_array(sparse.vstack([first.matrix, sparse.csr_array(spent[None])])),
            row_lower=np.append(first.row_lower, -np.inf),
            row_upper=np.append(first.row_upper, most),
            row_names=(*first.row_names, "all building"),
        ),
    )
