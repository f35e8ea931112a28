"""The first stage: what can be decided, what it costs and what binds it.

``E6`` a candidate is decided at most as often as allowed, ``E7`` its size is within its bounds,
``E8`` one of a group, ``E9`` phases in order, ``E10`` with its feed, ``E11`` its packages add up
to it, ``E12`` public money is within the budget, ``E13`` a store has room, ``E14`` limits on
what is built hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from scipy import sparse

from monazite.network import Market
from monazite.newton import BoolArray, FloatArray
from monazite.plan.draws import on_time
from monazite.plan.model import BuildCandidate, CostLine, Package, PlanningModel
from monazite.plan.twostage import FirstStage, ShadowMark

Name = TypeVar("Name", str, Market)
LAST_WITHOUT_STOCK = 3
"""Years at the end in which nothing is put into store: it would only be kept for its end value."""


class Entries:
    """Triplets on their way to a matrix."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[float] = []

    def put(self, row: int, column: int, value: float) -> None:
        """Add a value; those of one place are added up."""
        self.rows.append(row)
        self.columns.append(column)
        self.values.append(value)

    def put_all(
        self,
        index: Mapping[Name, int],
        given: Mapping[Name, float],
        start: int,
        column: int,
    ) -> None:
        """Add a column's values by name of their rows, which begin at `start`."""
        for name, value in given.items():
            self.put(start + index[name], column, value)

    def matrix(self, shape: tuple[int, int]) -> sparse.csr_array:
        """Return the matrix."""
        triplets = (self.values, (self.rows, self.columns))
        return sparse.csr_array(sparse.coo_array(triplets, shape=shape))


@dataclass(frozen=True, slots=True)
class PlanDecision:
    """A column of the first stage: what it decides.

    ``kind`` : ``build``, ``size``, ``support`` or ``stock``. ``name`` : of the candidate or
    stockpile. ``year`` : of the decision. ``package``, ``payer`` : of a support. ``part`` : which
    part of a size whose price rises.
    """

    kind: str
    name: str
    year: int
    package: str = ""
    payer: str = ""
    part: int = 0

    def text(self) -> str:
        """Return the name of the column."""
        part = f"part {self.part + 1}" if self.part else ""
        parts = (self.kind, self.name, str(self.year), part, self.package, self.payer)
        return " / ".join(part for part in parts if part)


class Decisions:
    """The columns of the first stage, what they cost and what binds them.

    Parameters
    ----------
    model : PlanningModel
        What is planned.
    """

    def __init__(self, model: PlanningModel) -> None:
        self.model = model
        self.length = np.array([step.length for step in model.steps])
        self.discount = np.array([step.discount for step in model.steps])
        self.candidates = {row.name: row for row in self.model.candidates}
        self.order = {row.name: k for k, row in enumerate(self.model.candidates)}
        self.decisions = tuple(self._decisions())
        self.index = {decision: k for k, decision in enumerate(self.decisions)}
        self._rows: list[tuple[str, dict[int, float], float, float]] = []
        self.budget_rows: dict[tuple[str, int], int] = {}
        self._bind()

    def capacity_columns(self) -> Iterable[tuple[int, PlanDecision]]:
        """Columns that bring capacity: sizes where they are a choice, else decisions."""
        for place, decision in enumerate(self.decisions):
            is_whole = decision.kind == "build" and not self.candidates[decision.name].is_sized
            if is_whole or decision.kind == "size":
                yield place, decision

    def built(self, x: FloatArray) -> dict[tuple[str, int], float]:
        """Return the size that is built, by candidate and year; parts of a size are added up."""
        sizes: dict[tuple[str, int], float] = {}
        for place, decision in self.capacity_columns():
            key = (decision.name, decision.year)
            sizes[key] = sizes.get(key, 0.0) + float(x[place])
        return sizes

    def stock_columns(self) -> Iterable[tuple[int, PlanDecision]]:
        """Columns that fill a store."""
        return ((k, row) for k, row in enumerate(self.decisions) if row.kind == "stock")

    def _years(self, candidate: BuildCandidate) -> list[int]:
        allowed = range(candidate.earliest, candidate.latest + 1)
        return [year for year in self.model.years if year in allowed]

    def _decisions(self) -> Iterable[PlanDecision]:
        for candidate in self.model.candidates:
            for year in self._years(candidate):
                if needs_switch(self.model, candidate):
                    yield PlanDecision("build", candidate.name, year)
                yield from self._sizes(candidate, year)
                yield from self._supports(candidate, year)
        for store in self.model.stockpiles:
            if store.largest > store.opening:
                for year in self.model.years[:-LAST_WITHOUT_STOCK]:
                    yield PlanDecision("stock", store.name, year)

    def _sizes(self, candidate: BuildCandidate, year: int) -> Iterable[PlanDecision]:
        if candidate.is_sized:
            for part in range(len(candidate.parts)):
                yield PlanDecision("size", candidate.name, year, part=part)

    def _supports(self, candidate: BuildCandidate, year: int) -> Iterable[PlanDecision]:
        for payer in self._payers(candidate):
            for package in candidate.packages:
                yield PlanDecision("support", candidate.name, year, package.name, payer)

    def _payers(self, candidate: BuildCandidate) -> tuple[str, ...]:
        return (candidate.partner,) if candidate.partner else self.model.partners

    # -- costs ---------------------------------------------------------------------------

    def charges(self, candidate: BuildCandidate, year: int) -> FloatArray:
        """Return what a unit of capital spent on a candidate decided then costs, by step."""
        if self.model.capital_charge == "overnight":
            first = [step.year for step in self.model.steps].index(year)
            paid = np.zeros(len(self.length))
            paid[first] = self.discount[first]
            return paid
        rate = self.model.capital_rate
        recovery = capital_recovery(rate, candidate.life)
        building: float = (1.0 + rate) ** (candidate.build / 2.0)
        runs = self._runs(candidate, year)
        charge: FloatArray = recovery * building * runs * self.length * self.discount
        return charge

    def _runs(self, candidate: BuildCandidate, year: int) -> FloatArray:
        """Share of each step from the planned start to the end of life."""
        whole = on_time(self.model, _flat(candidate))
        runs: FloatArray = whole[self.model.years.index(year)]
        return runs

    def cost_of(self, decision: PlanDecision) -> tuple[CostLine, FloatArray]:
        """Return the line of a decision and its cost by step."""
        if decision.kind == "stock":
            return CostLine.STOCK, self._stock_cost(decision)
        candidate = self.candidates[decision.name]
        if decision.kind == "support":
            return CostLine.PUBLIC, self._preference(decision)
        return CostLine.CAPITAL, self.capital(decision) * self.charges(candidate, decision.year)

    def capital(self, decision: PlanDecision) -> float:
        """Return what a unit of a decision spends on building [money, not discounted]."""
        if decision.kind not in ("build", "size"):
            return 0.0
        candidate = self.candidates[decision.name]
        is_size = decision.kind == "size"
        return candidate.parts[decision.part].unit_capital if is_size else candidate.capital

    def _preference(self, decision: PlanDecision) -> FloatArray:
        """Return what a package counts in the objective: a little, in the year of the decision."""
        rate = self.model.capital_rate
        worth = sum(
            money * (1.0 + rate) ** -year for year, money in enumerate(self.package(decision).cash)
        )
        cost = np.zeros(len(self.length))
        first = [step.year for step in self.model.steps].index(decision.year)
        cost[first] = self.model.public_weight * worth * self.discount[first]
        return cost

    def upkeep_of(self, decision: PlanDecision) -> FloatArray:
        """Return the fixed cost of running what a decision builds, by step."""
        if decision.kind in ("stock", "support"):
            return np.zeros(len(self.length))
        candidate = self.candidates[decision.name]
        if candidate.is_sized and decision.kind == "build":
            return np.zeros(len(self.length))
        runs = self._runs(candidate, decision.year)
        cost: FloatArray = candidate.upkeep * runs * self.length * self.discount
        return cost

    def _stock_cost(self, decision: PlanDecision) -> FloatArray:
        store = next(row for row in self.model.stockpiles if row.name == decision.name)
        since = np.array([step.year >= decision.year for step in self.model.steps], dtype=float)
        cost: FloatArray = store.holding * since * self.length * self.discount
        cost[-1] -= store.price * self.discount[-1]
        return cost

    # -- rows ----------------------------------------------------------------------------

    def _bind(self) -> None:
        for candidate in self.model.candidates:
            self._bind_candidate(candidate)
        self._bind_groups()
        self._bind_limits()
        self._bind_budgets()
        for store in self.model.stockpiles:
            columns = {k: 1.0 for k, d in self.stock_columns() if d.name == store.name}
            if columns:
                self._row(f"room for {store.name}", columns, -np.inf, store.largest - store.opening)

    def _bind_groups(self) -> None:
        groups = {row.group for row in self.model.candidates if row.group}
        for group in sorted(groups):
            members = [row for row in self.model.candidates if row.group == group]
            switches = self._switches(row.name for row in members)
            if not any(row.once_a_year for row in members):
                columns = {self.index[d]: 1.0 for d in switches}
                self._row(f"one of {group}", columns, -np.inf, 1.0)
                continue
            for year in dict.fromkeys(decision.year for decision in switches):
                columns = {self.index[d]: 1.0 for d in switches if d.year == year}
                self._row(f"one of {group} {year}", columns, -np.inf, 1.0)

    def _bind_limits(self) -> None:
        for limit in self.model.build_limits:
            columns = {
                place: limit.takes[decision.name]
                for place, decision in self.capacity_columns()
                if decision.name in limit.takes and limit.first <= decision.year <= limit.last
            }
            self._row(f"limit {limit.name}", columns, limit.smallest, limit.largest)

    def _switches(self, names: Iterable[str]) -> list[PlanDecision]:
        chosen = set(names)
        return [d for d in self.decisions if d.kind == "build" and d.name in chosen]

    def _bind_candidate(self, candidate: BuildCandidate) -> None:
        switches = self._switches([candidate.name])
        columns = {self.index[d]: 1.0 for d in switches}
        if len(columns) > candidate.times:
            self._row(f"times {candidate.name}", columns, -np.inf, float(candidate.times))
        if candidate.is_sized:
            self._bind_size(candidate)
        for earlier in candidate.after:
            self._bind_order(f"phase of {candidate.name}", switches, [earlier])
        if candidate.needs:
            self._bind_order(f"feed of {candidate.name}", switches, candidate.needs)
        if candidate.packages:
            self._bind_support(candidate, switches)

    def _bind_size(self, candidate: BuildCandidate) -> None:
        for year in self._years(candidate):
            switch = self.index.get(PlanDecision("build", candidate.name, year))
            if switch is None:
                continue
            sizes = [self.index[decision] for decision in self._sizes(candidate, year)]
            for size, part in zip(sizes, candidate.parts, strict=True):
                columns = {size: 1.0, switch: -part.size}
                self._row(f"largest {candidate.name} {year}", columns, -np.inf, 0.0)
            if candidate.smallest > 0:
                columns = dict.fromkeys(sizes, 1.0) | {switch: -candidate.smallest}
                self._row(f"smallest {candidate.name} {year}", columns, 0.0, np.inf)

    def _bind_order(self, name: str, switches: list[PlanDecision], earlier: Iterable[str]) -> None:
        before = self._switches(earlier)
        for decision in switches:
            columns = {self.index[d]: 1.0 for d in switches if d.year <= decision.year}
            for other in before:
                if other.year <= decision.year:
                    columns[self.index[other]] = columns.get(self.index[other], 0.0) - 1.0
            self._row(f"{name} {decision.year}", columns, -np.inf, 0.0)

    def _bind_support(self, candidate: BuildCandidate, switches: list[PlanDecision]) -> None:
        for decision in switches:
            columns = {
                k: 1.0
                for k, d in enumerate(self.decisions)
                if d.kind == "support" and (d.name, d.year) == (candidate.name, decision.year)
            }
            columns[self.index[decision]] = -1.0
            self._row(f"support of {candidate.name} {decision.year}", columns, 0.0, 0.0)

    def _bind_budgets(self) -> None:
        for partner, money in self.model.budgets.items():
            spent: dict[int, dict[int, float]] = {year: {} for year in self.model.years}
            for place, year, amount in self.spending(partner):
                spent[year][place] = spent[year].get(place, 0.0) + amount
            total: dict[int, float] = {}
            room = 0.0
            for year in self.model.years:
                own = money.get(year, 0.0)
                room = room + own if self.model.carry_over else own
                total = _add(total, spent[year]) if self.model.carry_over else spent[year]
                if total:
                    self.budget_rows[partner, year] = len(self._rows)
                    self._row(f"budget of {partner} {year}", dict(total), -np.inf, room)

    def spending(self, partner: str) -> Iterable[tuple[int, int, float]]:
        """Columns that spend a partner's money, in which year and how much."""
        for place, decision in enumerate(self.decisions):
            if decision.kind == "support" and decision.payer == partner:
                for offset, amount in enumerate(self.package(decision).cash):
                    if decision.year + offset in self.model.years and amount:
                        yield place, decision.year + offset, amount
            elif decision.kind == "stock":
                store = next(s for s in self.model.stockpiles if s.name == decision.name)
                if store.partner == partner:
                    yield from self._stock_spending(place, decision, store.price, store.holding)

    def _stock_spending(
        self, place: int, decision: PlanDecision, price: float, holding: float
    ) -> Iterable[tuple[int, int, float]]:
        for year in self.model.years:
            if year >= decision.year:
                yield place, year, holding + (price if year == decision.year else 0.0)

    def package(self, decision: PlanDecision) -> Package:
        """Return the package of a support."""
        candidate = self.candidates[decision.name]
        return next(row for row in candidate.packages if row.name == decision.package)

    def _row(self, name: str, columns: dict[int, float], low: float, high: float) -> None:
        self._rows.append((name, columns, low, high))

    @property
    def budget_marks(self) -> tuple[ShadowMark, ...]:
        """One right-hand side for each budget."""
        return tuple(
            ShadowMark(f"budget {partner} {year}", np.array([-1]), np.array([row]), np.array([1.0]))
            for (partner, year), row in self.budget_rows.items()
        )

    @cached_property
    def stage(self) -> FirstStage:
        """Costs, rows and bounds of the decisions."""
        count = len(self.decisions)
        entries = Entries()
        for row, (_name, columns, _low, _high) in enumerate(self._rows):
            for place, amount in columns.items():
                entries.put(row, place, amount)
        cost = [self.cost_of(d)[1].sum() + self.upkeep_of(d).sum() for d in self.decisions]
        upper = np.array([self._most(d) for d in self.decisions])
        return FirstStage(
            cost=np.array(cost),
            matrix=entries.matrix((len(self._rows), count)),
            row_lower=np.array([row[2] for row in self._rows]),
            row_upper=np.array([row[3] for row in self._rows]),
            lower=np.zeros(count),
            upper=upper,
            integer=self._integer(),
            names=tuple(decision.text() for decision in self.decisions),
            row_names=tuple(row[0] for row in self._rows),
        )

    def _integer(self) -> BoolArray:
        return np.array([decision.kind == "build" for decision in self.decisions], dtype=bool)

    def _most(self, decision: PlanDecision) -> float:
        if decision.kind == "size":
            return self.candidates[decision.name].parts[decision.part].size
        return np.inf if decision.kind == "stock" else 1.0


def needs_switch(model: PlanningModel, candidate: BuildCandidate) -> bool:
    """Return whether a candidate is a yes or no, and not only a size that costs what it is."""
    tied = bool(candidate.group or candidate.needs or candidate.after or candidate.packages)
    named = any(candidate.name in (*row.needs, *row.after) for row in model.candidates)
    is_free_size = candidate.is_sized and not candidate.capital and candidate.smallest == 0
    return tied or named or not is_free_size


def capital_recovery(rate: float, life: float) -> float:
    """Return the yearly charge that pays back a unit of capital over a life [1/year]."""
    if rate == 0:
        return 1.0 / life
    return float(rate / (1.0 - (1.0 + rate) ** -life))


def _flat(candidate: BuildCandidate) -> BuildCandidate:
    return replace(candidate, ramp=(1.0,))


def _add(one: dict[int, float], other: Mapping[int, float]) -> dict[int, float]:
    total = dict(one)
    for place, amount in other.items():
        total[place] = total.get(place, 0.0) + amount
    return total
