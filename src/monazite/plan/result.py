"""What a plan says: what is built, when, from whose money, and what it does to shortages.

Everything is read off the arrays of a solved problem by name; nothing is solved again here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from monazite.newton import FloatArray
from monazite.plan.assemble import Assembly
from monazite.plan.decisions import PlanDecision
from monazite.plan.evaluate import Operations
from monazite.plan.model import CostLine, Target

SHOWN = 1e-6
"""Smaller decisions are round-off."""
IDLE = 0.6
"""Mean utilisation of chosen plants of a stage below which the stage is doubled up."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate that the plan builds.

    ``project`` : name. ``partner`` : who supports it, empty if nobody needs to. ``region``,
    ``stage`` : where and what. ``decided``, ``starts`` : years. ``size`` : multiple of full size.
    ``capital`` : capital cost [money]. ``package`` : how it is paid for. ``public_cost`` :
    expected public money over the years, not discounted [money]. ``success`` : probability that
    it comes. ``use`` : mean utilisation of what has come, over the draws, in the last step.
    """

    project: str
    partner: str
    region: str
    stage: str
    decided: int
    starts: int
    size: float
    capital: float
    package: str
    public_cost: float
    success: float
    use: float


@dataclass(frozen=True, slots=True)
class Stocked:
    """What is put into a store in a year.

    ``commodity``, ``partner`` : what and whose. ``year`` : when. ``quantity`` : how much.
    """

    commodity: str
    partner: str
    year: int
    quantity: float


@dataclass(frozen=True, slots=True)
class CoverageYear:
    """Share of a partner's demand that is served at a step, at base prices.

    ``mean`` : over the draws. ``low``, ``high`` : of nine draws in ten. ``unmet`` : expected cost
    of what is not [money, not discounted].
    """

    partner: str
    step: str
    mean: float
    low: float
    high: float
    unmet: float


@dataclass(frozen=True, slots=True)
class ShortageYear:
    """Expected unmet demand of a good at a step.

    ``quantity`` : mean over the draws. ``low``, ``high`` : of nine draws in ten. ``share`` : of
    the demand.
    """

    partner: str
    use: str
    commodity: str
    step: str
    quantity: float
    low: float
    high: float
    share: float


@dataclass(frozen=True, slots=True)
class TargetYear:
    """How a target fares at a step.

    ``wanted`` : share asked for. ``reached`` : share reached. ``missed`` : the difference, where
    positive. ``value`` : what one unit more would cost [money a unit of share]; None where the
    target is not priced.
    """

    target: str
    step: str
    wanted: float
    reached: float
    missed: float
    value: float | None


@dataclass(frozen=True, slots=True)
class StagePressure:
    """How much a stage of the chain holds the plan back.

    ``value`` : expected worth of one more unit of its capacity, summed over the years, mean over
    its capacities weighed by size [money a unit and year]. ``use`` : mean utilisation.
    ``built`` : capacity that the plan adds [a year]. ``asked`` : that of all candidates [a year].
    """

    stage: str
    region: str
    value: float
    use: float
    built: float
    asked: float


@dataclass(frozen=True, slots=True)
class Cash:
    """Public money of a partner in a year [money].

    ``public`` : expected. ``tail`` : in the worst twentieth. ``budget`` : what it had; None where
    nothing limits it.
    """

    partner: str
    year: int
    public: float
    tail: float
    budget: float | None


class PlanReport:
    """A decision read by name.

    Parameters
    ----------
    assembly : Assembly
        The problem and its names.
    x : array (column)
        The decision.
    operations : Operations
        How every draw and state is operated after it.
    shadow : mapping of str to float
        Value of a unit more on each right-hand side, by name of the mark.
    """

    def __init__(
        self,
        assembly: Assembly,
        x: FloatArray,
        operations: Operations,
        shadow: Mapping[str, float] | None = None,
    ) -> None:
        self.assembly, self.x, self.operations = assembly, x, operations
        self.model, self.draws = assembly.model, assembly.draws
        self.shadow = {name: float(value) for name, value in (shadow or {}).items()}
        self._weight = self.draws.weight * self.draws.drawn

    # -- decisions -----------------------------------------------------------------------

    def _taken(self, kind: str) -> Iterable[tuple[int, PlanDecision, float]]:
        for place, decision in enumerate(self.assembly.first.decisions):
            if decision.kind == kind and self.x[place] > SHOWN:
                yield place, decision, float(self.x[place])

    @cached_property
    def portfolio(self) -> tuple[Chosen, ...]:
        """What is built, by year and name."""
        rows = [self._chosen(name, year, size) for name, year, size in self._built()]
        return tuple(sorted(rows, key=lambda row: (row.decided, row.project)))

    def _built(self) -> Iterable[tuple[str, int, float]]:
        for (name, year), size in self.assembly.first.built(self.x).items():
            if size > SHOWN:
                yield name, year, size

    def _chosen(self, name: str, year: int, size: float) -> Chosen:
        candidate = self.assembly.first.candidates[name]
        paid = [
            (decision, amount)
            for _place, decision, amount in self._taken("support")
            if (decision.name, decision.year) == (name, year)
        ]
        packages = [(self.assembly.first.package(decision), amount) for decision, amount in paid]
        payers = dict.fromkeys(decision.payer for decision, _amount in paid)
        return Chosen(
            project=name,
            partner="+".join(payers) or candidate.partner,
            region=candidate.region,
            stage=candidate.stage,
            decided=year,
            starts=year + candidate.build,
            size=size,
            capital=candidate.capital_of(size),
            package=" + ".join(_mix(package.name, amount) for package, amount in packages),
            public_cost=sum(amount * sum(package.cash) for package, amount in packages),
            success=candidate.success,
            use=self._use_of(candidate.adds),
        )

    def _use_of(self, names: Iterable[str]) -> float:
        """Mean utilisation in the last step over the draws in which there is any capacity."""
        used, there = self._capacity_use
        places = [self.assembly.capacity_index[name] for name in names]
        have = there[:, -1, places].sum(axis=1)
        taken = used[:, -1, places].sum(axis=1)
        weight = self._weight * (have > SHOWN)
        total = float(weight @ have)
        return float(weight @ taken) / total if total > 0 else 0.0

    @cached_property
    def _capacity_use(self) -> tuple[FloatArray, FloatArray]:
        """Capacity used and there (draw, step, capacity) [in the step]."""
        active = self.assembly.columns("activity", self._activity)
        takes = np.zeros((len(self.model.activities), len(self.model.capacities)))
        for j, activity in enumerate(self.model.activities):
            for name, amount in activity.uses.items():
                takes[j, self.assembly.capacity_index[name]] = amount
        there = np.moveaxis(self.draws.capacity, 1, 2) * self.assembly.length[:, None]
        there = there.copy()
        years = {year: k for k, year in enumerate(self.model.years)}
        for place, decision in self.assembly.first.capacity_columns():
            if self.x[place] <= SHOWN:
                continue
            candidate = self.assembly.first.candidates[decision.name]
            for name, size in candidate.adds.items():
                share = self.assembly.share_there(decision.name, name, years[decision.year])
                added = self.x[place] * size * share
                there[:, :, self.assembly.capacity_index[name]] += added * self.assembly.length
        return active @ takes, there

    @property
    def _activity(self) -> FloatArray:
        return self.operations.activity

    @cached_property
    def floors(self) -> tuple[tuple[str, str, float, float], ...]:
        """Price floors of what is built: project, good, price and share of the output covered."""
        return tuple(
            (decision.name, good, price, amount)
            for _place, decision, amount in self._taken("support")
            for good, price in self.assembly.first.package(decision).floors
        )

    @cached_property
    def stocked(self) -> tuple[Stocked, ...]:
        """What is put into store."""
        stores = {store.name: store for store in self.model.stockpiles}
        return tuple(
            Stocked(*stores[decision.name].market, decision.year, amount)
            for _place, decision, amount in self._taken("stock")
        )

    # -- money ---------------------------------------------------------------------------

    @cached_property
    def cost_lines(self) -> Mapping[str, float]:
        """The lines that the objective is the sum of [money, discounted]."""
        lines = dict.fromkeys(CostLine, 0.0)
        first = self.assembly.first
        for place, decision in enumerate(first.decisions):
            line, cost = first.cost_of(decision)
            lines[line] += float(self.x[place] * cost.sum())
            lines[CostLine.UPKEEP] += float(self.x[place] * first.upkeep_of(decision).sum())
        mean = np.einsum("s,stc->tc", self._weight, self._by_step)
        cost = self.assembly.base_cost
        for j, activity in enumerate(self.model.activities):
            paid = float(mean[:, j] @ cost[:, j])
            duty = self._duty(j, mean)
            lines[activity.line] += paid - duty
            lines[CostLine.TARIFF] += duty
        block = self.assembly.column_blocks["given_up"].start
        for k, given in enumerate(self.assembly.given_up):
            own = bool(self.model.demands[given.demand].partner)
            line = CostLine.UNMET if own else CostLine.UNMET_ABROAD
            lines[line] += float(mean[:, block + k] @ cost[:, block + k])
        block = self.assembly.column_blocks["drawn_stock"].start
        for k in range(len(self.model.stockpiles)):
            lines[CostLine.STOCK] += float(mean[:, block + k] @ cost[:, block + k])
        lines[CostLine.RISK] = self.operations.risk_cost
        lines[CostLine.TARGET] = self.operations.state_cost
        return {str(line): amount for line, amount in lines.items()}

    def _duty(self, place: int, mean: FloatArray) -> float:
        tariff = self.model.activities[place].tariff
        if tariff is None:
            return 0.0
        return float(mean[:, place] @ (tariff * self.assembly.discount))

    @property
    def _by_step(self) -> FloatArray:
        steps = len(self.model.steps)
        return self._activity.reshape(len(self._activity), steps, -1)

    @cached_property
    def cash(self) -> tuple[Cash, ...]:
        """Public money by partner and year."""
        rows = []
        for partner in self.model.partners:
            budget = self.model.budgets.get(partner)
            spent, tail = self._spent(partner)
            for year in self.model.years:
                limit = None if budget is None else budget.get(year, 0.0)
                if budget is not None or spent.get(year):
                    rows.append(
                        Cash(partner, year, spent.get(year, 0.0), tail.get(year, 0.0), limit)
                    )
        return tuple(rows)

    def _spent(self, partner: str) -> tuple[dict[int, float], dict[int, float]]:
        spent: dict[int, float] = {}
        tail: dict[int, float] = {}
        for place, year, amount in self.assembly.first.spending(partner):
            spent[year] = spent.get(year, 0.0) + float(self.x[place]) * amount
        for _place, decision, amount in self._taken("support"):
            if decision.payer == partner:
                package = self.assembly.first.package(decision)
                for offset, money in enumerate(package.tail or package.cash):
                    year = decision.year + offset
                    tail[year] = tail.get(year, 0.0) + amount * money
        return spent, tail

    # -- shortages -----------------------------------------------------------------------

    @cached_property
    def unmet(self) -> FloatArray:
        """Unmet demand (draw, step, demand)."""
        given_up = self.assembly.columns("given_up", self._activity)
        joined = np.zeros((*given_up.shape[:2], len(self.model.demands)))
        for k, given in enumerate(self.assembly.given_up):
            joined[..., given.demand] += given_up[..., k]
        return joined

    @cached_property
    def coverage(self) -> tuple[CoverageYear, ...]:
        """Coverage of each partner's demand through time."""
        return tuple(
            self._coverage(partner, step)
            for partner in self.model.partners
            for step in range(len(self.model.steps))
            if any(row.partner == partner for row in self.model.demands)
        )

    def _coverage(self, partner: str, step: int) -> CoverageYear:
        value = np.array([row.value * (row.partner == partner) for row in self.model.demands])
        wanted = self.assembly.wanted[:, step] @ value
        share = 1.0 - (self.unmet[:, step] @ value) / np.maximum(wanted, SHOWN)
        drawn = share[self.draws.drawn]
        low, high = np.quantile(drawn, [0.05, 0.95])
        return CoverageYear(
            partner=partner,
            step=self.model.steps[step].label,
            mean=float(self._weight @ share),
            low=float(low),
            high=float(high),
            unmet=self._unmet_cost(partner, step),
        )

    def _unmet_cost(self, partner: str, step: int) -> float:
        given_up = self.assembly.columns("given_up", self._activity)[:, step]
        worth = np.array(
            [
                row.value * (self.model.demands[row.demand].partner == partner)
                for row in self.assembly.given_up
            ]
        )
        return float(self._weight @ (given_up @ worth))

    @cached_property
    def shortages(self) -> tuple[ShortageYear, ...]:
        """Expected unmet demand by use and good, largest worth first."""
        mean = np.einsum("s,std->td", self._weight, self.unmet)
        wanted = np.einsum("s,std->td", self._weight, self.assembly.wanted)
        ends = np.quantile(self.unmet[self.draws.drawn], [0.05, 0.95], axis=0)
        rows = [
            ShortageYear(
                partner=demand.partner,
                use=demand.name,
                commodity=demand.market[0],
                step=self.model.steps[step].label,
                quantity=float(mean[step, k]),
                low=float(ends[0, step, k]),
                high=float(ends[1, step, k]),
                share=float(mean[step, k] / max(wanted[step, k], SHOWN)),
            )
            for k, demand in enumerate(self.model.demands)
            for step in range(len(self.model.steps))
            if demand.partner and mean[step, k] > 1e-3 * max(wanted[step, k], SHOWN)
        ]
        return tuple(sorted(rows, key=lambda row: (row.step, -row.quantity)))

    @property
    def expected_unmet(self) -> float:
        """Expected unmet demand of the partners over all steps, at base prices [money]."""
        value = np.array([row.value * bool(row.partner) for row in self.model.demands])
        return float(self._weight @ (self.unmet @ value).sum(axis=1))

    def unmet_in(self, state: str) -> float | None:
        """Return the mean share of the partners' demand that is unmet in a state's steps."""
        rows = [
            self.draws.count + k for k, (name, _) in enumerate(self.draws.states) if name == state
        ]
        if not rows:
            return None
        value = np.array([row.value * bool(row.partner) for row in self.model.demands])
        alive = self.draws.alive[rows].astype(float)
        wanted = (self.assembly.wanted[rows] @ value) * alive
        return float(((self.unmet[rows] @ value) * alive).sum() / wanted.sum())

    # -- targets and stages --------------------------------------------------------------

    @cached_property
    def targets(self) -> tuple[TargetYear, ...]:
        """How every target fares."""
        missed = self.assembly.columns("missed", self._activity)
        return tuple(
            self._target(target, k, step, missed)
            for k, target in enumerate(self.model.targets)
            for step in target.steps
        )

    def _target(self, target: Target, k: int, step: int, missed: FloatArray) -> TargetYear:
        row = self.draws.row_of(target.state, step)
        gone = float(missed[row, step, k])
        label = self.model.steps[step].label
        if target.kind != "coverage":
            supplied, share = self._share_from(target, row, step)
            return TargetYear(target.name, label, target.share, share, gone / supplied, None)
        total = max(self.assembly.value_wanted(target, step), SHOWN)
        reached = 1.0 - self._given_up_value(target, row, step) / total
        value = self.shadow.get(f"target {target.name}")
        return TargetYear(target.name, label, target.share, reached, gone / total, value)

    def _share_from(self, target: Target, row: int, step: int) -> tuple[float, float]:
        """Return supply of a share's goods, and the part from its origin; unmet counts as that."""
        active = self.assembly.columns("activity", self._activity)[row, step]
        activities = self.model.activities
        arrives = np.array([self.assembly.arriving(a, target) for a in activities]) * active
        is_from = np.array([a.origin == target.origin for a in activities])
        lacking = self._given_up_value(target, row, step)
        supplied = max(float(arrives.sum()) + lacking, SHOWN)
        return supplied, (float(arrives @ is_from) + lacking) / supplied

    def _given_up_value(self, target: Target, row: int, step: int) -> float:
        return sum(
            float(self.unmet[row, step, k]) * demand.value
            for k, demand in enumerate(self.model.demands)
            if demand.partner == target.partner and demand.market[0] in target.commodities
        )

    @cached_property
    def must_miss(self) -> tuple[tuple[str, str, float], ...]:
        """Demands without a value in use that stay unmet: name, step and share of the demand."""
        rows = []
        for k, given in enumerate(self.assembly.given_up):
            if not given.must:
                continue
            demand = self.model.demands[given.demand]
            short = self.assembly.columns("given_up", self._activity)[..., k]
            for step in range(len(self.model.steps)):
                wanted = float(self.assembly.wanted[:, step, given.demand].max())
                worst = float(short[self.draws.drawn, step].max())
                if worst > 1e-7 * max(1.0, wanted):
                    name = f"{demand.name} of {demand.market[0]} in {demand.market[1]}"
                    rows.append((name, self.model.steps[step].label, worst / wanted))
        return tuple(rows)

    @cached_property
    def pressures(self) -> tuple[StagePressure, ...]:
        """Where one more unit of capacity would help most, by stage and region."""
        used, there = self._capacity_use
        dual = -self.assembly.rows("capacity", self.operations.row_dual)
        worth = np.einsum("s,stc->c", self._weight, np.maximum(0.0, dual))
        adds: dict[int, float] = {}
        for candidate in self.model.candidates:
            for name, size in candidate.adds.items():
                place = self.assembly.capacity_index[name]
                adds[place] = adds.get(place, 0.0) + size
        built = {(row.stage, row.region): 0.0 for row in self.model.capacities}
        for name, _year, size in self._built():
            for capacity, amount in self.assembly.first.candidates[name].adds.items():
                row = self.model.capacities[self.assembly.capacity_index[capacity]]
                built[row.stage, row.region] += amount * size
        rows = []
        for stage, region in built:
            places = [
                k
                for k, row in enumerate(self.model.capacities)
                if (row.stage, row.region) == (stage, region)
            ]
            rows.append(self._pressure((stage, region), places, worth, used, there, built, adds))
        return tuple(sorted(rows, key=lambda row: -row.value))

    def _pressure(
        self,
        key: tuple[str, str],
        places: list[int],
        worth: FloatArray,
        used: FloatArray,
        there: FloatArray,
        built: Mapping[tuple[str, str], float],
        adds: Mapping[int, float],
    ) -> StagePressure:
        have = np.einsum("s,stc->c", self._weight, there[:, :, places])
        take = np.einsum("s,stc->c", self._weight, used[:, :, places])
        size = np.maximum(have, SHOWN)
        return StagePressure(
            stage=key[0],
            region=key[1],
            value=float(size @ worth[places] / size.sum()),
            use=float(take.sum() / size.sum()),
            built=built[key],
            asked=sum(adds.get(place, 0.0) for place in places),
        )

    @cached_property
    def doubled(self) -> tuple[tuple[str, float, tuple[str, ...]], ...]:
        """Stages in which chosen plants of several regions stand half idle: stage, use, plants."""
        by_stage: dict[str, list[Chosen]] = {}
        for row in self.portfolio:
            by_stage.setdefault(row.stage, []).append(row)
        found = []
        for stage, rows in by_stage.items():
            use = sum(row.use for row in rows) / len(rows)
            if len({row.region for row in rows}) > 1 and use < IDLE:
                found.append((stage, use, tuple(row.project for row in rows)))
        return tuple(found)


def _mix(name: str, amount: float) -> str:
    return name if amount > 1 - 1e-3 else f"{amount:.0%} {name}"
