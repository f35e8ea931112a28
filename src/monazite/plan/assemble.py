"""From a planning model and its draws to the arrays that are solved, and back by name.

Second stage, for every draw or state and every step, in this order of rows:

- ``E1`` mass is conserved: what activities put into a market, with what is drawn from stock and
  what is given up, covers demand and what is bought for the stockpile; more may be thrown away.
- ``E2`` use of a capacity is within it, with what candidates add.
- ``E3`` limits hold over several activities.
- ``E4`` targets hold in their state, but for a dear elastic part.
- ``E5`` what was drawn from a stockpile until now is within what was put into it.
- ``E15`` limits hold that are over all steps together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from monazite.newton import FloatArray, IndexArray
from monazite.plan.decisions import Decisions, Entries
from monazite.plan.draws import Draws
from monazite.plan.model import Activity, PlanningModel, Target
from monazite.plan.twostage import Risk, SecondStage, ShadowMark, TwoStageProblem

TARGET_PENALTY = 200.0
"""Money for each unit of base value by which a target is missed: no plan would pay it."""
STATE_WEIGHT = 1e-4
"""What unmet demand counts in a state, over what it counts in a draw: a state is no forecast."""
DEMAND_PENALTY = 1e4
"""Money for each unit of a demand without a value in use that is not met, over its base value."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A column of unmet demand.

    ``demand`` : place of the demand in the model. ``share`` : of the demand that is given up here.
    ``value`` : what a unit of it is worth in use [money]. ``must`` : whether it has to be met.
    """

    demand: int
    share: float
    value: float
    must: bool


class Assembly:
    """A model and its draws as a two-stage problem, with the way back to names.

    Parameters
    ----------
    model : PlanningModel
        What is planned.
    draws : Draws
        What may happen.
    risk_weight, risk_level : float
        Weight of the mean of the worst ``1 - risk_level`` of the draws' cost of unmet demand.
    """

    def __init__(
        self,
        model: PlanningModel,
        draws: Draws,
        *,
        risk_weight: float = 0.0,
        risk_level: float = 0.9,
    ) -> None:
        self.model, self.draws = model, draws
        self.length = np.array([step.length for step in model.steps])
        self.discount = np.array([step.discount for step in model.steps])
        self.market_index = {market: k for k, market in enumerate(model.markets)}
        self.capacity_index = {row.name: k for k, row in enumerate(model.capacities)}
        self.limit_index = {row.name: k for k, row in enumerate(model.limits)}
        self.given_up = tuple(_rungs(model))
        self.first = Decisions(model)
        self.risk_weight, self.risk_level = risk_weight, risk_level

    # -- shape ---------------------------------------------------------------------------

    @cached_property
    def column_blocks(self) -> Mapping[str, slice]:
        """Where each kind of column stands within a step."""
        sizes = {
            "activity": len(self.model.activities),
            "given_up": len(self.given_up),
            "drawn_stock": len(self.model.stockpiles),
            "missed": len(self.model.targets),
        }
        return _blocks(sizes)

    @cached_property
    def row_blocks(self) -> Mapping[str, slice]:
        """Where each kind of row stands within a step."""
        sizes = {
            "market": len(self.model.markets),
            "capacity": len(self.model.capacities),
            "limit": len(self.model.limits),
            "target": len(self.model.targets),
        }
        return _blocks(sizes)

    @property
    def columns_a_step(self) -> int:
        """Columns of one step."""
        return int(self.column_blocks["missed"].stop)

    @property
    def rows_a_step(self) -> int:
        """Rows of one step, without those that join the steps."""
        return int(self.row_blocks["target"].stop)

    def columns(self, kind: str, values: FloatArray) -> FloatArray:
        """Return the columns of one kind (..., step, place) of arrays (..., column)."""
        steps = len(self.model.steps)
        shaped = values.reshape(*values.shape[:-1], steps, self.columns_a_step)
        part: FloatArray = shaped[..., self.column_blocks[kind]]
        return part

    def rows(self, kind: str, values: FloatArray) -> FloatArray:
        """Return the rows of one kind (..., step, place) of second-stage arrays (..., row)."""
        steps = len(self.model.steps)
        joined = values[..., : steps * self.rows_a_step]
        shaped = joined.reshape(*values.shape[:-1], steps, self.rows_a_step)
        part: FloatArray = shaped[..., self.row_blocks[kind]]
        return part

    # -- the problem ---------------------------------------------------------------------

    @cached_property
    def problem(self) -> TwoStageProblem:
        """The two-stage problem."""
        return TwoStageProblem(
            first=self.first.stage,
            second=self._second_stage(),
            weight=self.draws.weight,
            drawn=self.draws.drawn,
            risk=self._risk(),
            marks=(*self._target_marks(), *self.first.budget_marks),
        )

    def _second_stage(self) -> SecondStage:
        pattern, values = self._technology()
        row_lower, row_upper = self._row_bounds()
        upper = self._upper()
        return SecondStage(
            matrix=self._recourse(),
            technology=pattern,
            technology_values=values,
            cost=self.cost,
            row_lower=row_lower,
            row_upper=row_upper,
            lower=np.zeros((1, upper.shape[1])),
            upper=upper,
        )

    def _recourse(self) -> sparse.csc_array:
        steps, stores = len(self.model.steps), len(self.model.stockpiles)
        one = self._step_matrix()
        blocks = [sparse.kron(sparse.eye_array(steps), one, format="csr")]
        if stores:
            pick = sparse.lil_array((stores, self.columns_a_step))
            for k in range(stores):
                pick[k, self.column_blocks["drawn_stock"].start + k] = 1.0
            until = sparse.csr_array(np.tril(np.ones((steps, steps))))
            blocks.append(sparse.kron(until, sparse.csr_array(pick), format="csr"))
        if len(self.total_limits):
            start = self.row_blocks["limit"].start
            over_all = sparse.csr_array(one)[self.total_limits + start]
            blocks.append(sparse.kron(np.ones((1, steps)), over_all, format="csr"))
        return sparse.csc_array(sparse.vstack(blocks, format="csr"))

    @cached_property
    def total_limits(self) -> IndexArray:
        """Which limits hold over all steps together."""
        total = np.array([limit.total for limit in self.model.limits])
        return np.flatnonzero(np.isfinite(total))

    def _step_matrix(self) -> sparse.csr_array:
        """Rows and columns of one step."""
        entries = Entries()
        rows, columns = self.row_blocks, self.column_blocks
        for j, activity in enumerate(self.model.activities):
            entries.put_all(self.market_index, activity.balance, rows["market"].start, j)
            entries.put_all(self.capacity_index, activity.uses, rows["capacity"].start, j)
            entries.put_all(self.limit_index, activity.limits, rows["limit"].start, j)
        for k, given in enumerate(self.given_up):
            market = self.model.demands[given.demand].market
            entries.put(self.market_index[market], columns["given_up"].start + k, 1.0)
        for k, store in enumerate(self.model.stockpiles):
            entries.put(self.market_index[store.market], columns["drawn_stock"].start + k, 1.0)
        for k, target in enumerate(self.model.targets):
            self._put_target(entries, k, target)
        return entries.matrix((self.rows_a_step, self.columns_a_step))

    def _put_target(self, entries: "Entries", k: int, target: Target) -> None:
        row = self.row_blocks["target"].start + k
        entries.put(row, self.column_blocks["missed"].start + k, -1.0)
        # what goes unmet counts as if it came from the origin: going without is no other source
        part = 1.0 if target.kind == "coverage" else 1.0 - target.share
        for j, given in enumerate(self.given_up):
            demand = self.model.demands[given.demand]
            if demand.partner == target.partner and demand.market[0] in target.commodities:
                entries.put(row, self.column_blocks["given_up"].start + j, part * demand.value)
        if target.kind == "coverage":
            return
        for j, activity in enumerate(self.model.activities):
            arrives = self.arriving(activity, target)
            is_from = 1.0 if activity.origin == target.origin else 0.0
            if arrives:
                entries.put(row, j, arrives * (is_from - target.share))

    def arriving(self, activity: Activity, target: Target) -> float:
        """Return what a unit of an activity brings to a target's partner, at base prices."""
        return sum(
            amount * self._value(commodity)
            for (commodity, region), amount in activity.balance.items()
            if region == target.partner and commodity in target.commodities and amount > 0
        )

    def _value(self, commodity: str) -> float:
        """Return the base price of a good among the demands; goods without one weigh nothing."""
        return self._values.get(commodity, 0.0)

    @cached_property
    def _values(self) -> dict[str, float]:
        return {row.market[0]: row.value for row in self.model.demands}

    @cached_property
    def base_cost(self) -> FloatArray:
        """Cost of each column in a draw, discounted (step, column)."""
        cost = np.zeros((len(self.model.steps), self.columns_a_step))
        for j, activity in enumerate(self.model.activities):
            duty = 0.0 if activity.tariff is None else activity.tariff
            cost[:, j] = (activity.cost + duty) * self.discount
        start = self.column_blocks["given_up"].start
        for k, given in enumerate(self.given_up):
            cost[:, start + k] = given.value * self._trend(given) * self.discount
        start = self.column_blocks["drawn_stock"].start
        for k, store in enumerate(self.model.stockpiles):
            cost[:, start + k] = store.price * self.discount[-1]
        return cost

    def _trend(self, given: GivenUp) -> FloatArray:
        trend = self.model.demands[given.demand].trend
        return np.ones(len(self.model.steps)) if trend is None or given.must else trend

    @cached_property
    def worth(self) -> FloatArray:
        """What all that is wanted at a price would bring [money, discounted], by draw.

        The objective counts what goes without at its value in use. The objective less this is
        cost less revenue, which published models minimise.
        """
        priced = np.zeros_like(self.base_cost)
        block = self.column_blocks["given_up"]
        at_price = np.array([not given.must for given in self.given_up], dtype=bool)
        priced[:, block] = self.base_cost[:, block] * at_price
        shape = (len(self.draws.names), *priced.shape)
        wanted = self._upper().reshape(shape)[..., block]
        total: FloatArray = np.einsum("dsk,sk->d", wanted, priced[:, block])
        return total

    @cached_property
    def cost(self) -> FloatArray:
        """Cost of each column (draw, column).

        A state counts what its targets miss, and next to nothing for what goes unmet beyond, so
        that it shows how much could be covered.
        """
        steps = len(self.model.steps)
        cost = self.base_cost.reshape(1, -1)
        if self.draws.drawn.all():
            return cost
        every = np.repeat(cost, len(self.draws.names), axis=0)
        shaped = every.reshape(len(every), steps, -1)
        states = ~self.draws.drawn
        unmet = shaped[states][..., self.column_blocks["given_up"]] * STATE_WEIGHT
        shaped[states] = 0.0
        shaped[states, :, self.column_blocks["given_up"]] = unmet
        missed = shaped[..., self.column_blocks["missed"]]
        for k, target in enumerate(self.model.targets):
            for step in target.steps:
                missed[self.draws.row_of(target.state, step), step, k] = TARGET_PENALTY
        return every

    def _risk(self) -> Risk | None:
        if not self.risk_weight:
            return None
        unmet = np.zeros_like(self.base_cost)
        block = self.column_blocks["given_up"]
        own = np.array([bool(self.model.demands[row.demand].partner) for row in self.given_up])
        unmet[:, block] = self.base_cost[:, block] * own
        return Risk(weight=self.risk_weight, level=self.risk_level, cost=unmet.reshape(1, -1))

    @cached_property
    def wanted(self) -> FloatArray:
        """Demand (draw, step, demand) [t in the step]."""
        rate = np.stack([row.quantity for row in self.model.demands], axis=1)
        wanted: FloatArray = rate[None] * self.length[None, :, None] * self.draws.demand[:, :, None]
        for place, factor in self.draws.demands.items():
            wanted[..., place] *= factor
        # a state is about what partners can do without each other
        owed = np.array([row.is_owed for row in self.model.demands], dtype=bool)
        wanted[np.ix_(~self.draws.drawn, np.arange(wanted.shape[1]), owed)] = 0.0
        return wanted

    def _row_bounds(self) -> tuple[FloatArray, FloatArray]:
        count, steps = len(self.draws.names), len(self.model.steps)
        low = np.full((count, steps, self.rows_a_step), -np.inf)
        high = np.full((count, steps, self.rows_a_step), np.inf)
        low[..., self.row_blocks["market"]] = 0.0
        for k, demand in enumerate(self.model.demands):
            low[..., self.market_index[demand.market]] += self.wanted[..., k] * self.draws.alive
        amount = np.moveaxis(self.draws.capacity, 1, 2) * self.length[:, None]
        high[..., self.row_blocks["capacity"]] = amount
        for k, limit in enumerate(self.model.limits):
            place = self.row_blocks["limit"].start + k
            length = self.length * self.draws.limits.get(limit.name, 1.0)
            high[..., place] = limit.largest * length
            if limit.smallest is not None:
                drawn = self.draws.drawn[:, None]
                least = np.where(drawn, limit.smallest * length, -np.inf)
                low[..., place] = least
        for k, target in enumerate(self.model.targets):
            for step in target.steps:
                row = self.draws.row_of(target.state, step)
                high[row, step, self.row_blocks["target"].start + k] = self._allowed(target, step)
        opening = np.array([store.opening for store in self.model.stockpiles])
        total = [self.model.limits[k].total for k in self.total_limits]
        joined = np.concatenate([np.tile(opening, steps), total])[None].repeat(count, axis=0)
        low_all = np.concatenate([low.reshape(count, -1), np.full_like(joined, -np.inf)], axis=1)
        return low_all, np.concatenate([high.reshape(count, -1), joined], axis=1)

    def _allowed(self, target: Target, step: int) -> float:
        if target.kind != "coverage":
            return 0.0
        return (1.0 - target.share) * self.value_wanted(target, step)

    def value_wanted(self, target: Target, step: int) -> float:
        """Return the demand behind a coverage target at a step, at base prices."""
        state = self.draws.row_of(target.state, step)
        return sum(
            float(self.wanted[state, step, k]) * demand.value
            for k, demand in enumerate(self.model.demands)
            if demand.partner == target.partner and demand.market[0] in target.commodities
        )

    def _upper(self) -> FloatArray:
        count, steps = len(self.draws.names), len(self.model.steps)
        upper = np.full((count, steps, self.columns_a_step), np.inf)
        for j, activity in enumerate(self.model.activities):
            upper[..., j] = activity.largest * self.length
            if activity.name in self.draws.activity:
                upper[..., j] *= self.draws.activity[activity.name]
            if activity.is_owed:
                upper[~self.draws.drawn, :, j] = 0.0
        start = self.column_blocks["given_up"].start
        for k, given in enumerate(self.given_up):
            upper[..., start + k] = given.share * self.wanted[..., given.demand]
        # a state lasts: what it is covered by must not come out of a store that empties
        upper[~self.draws.drawn, :, self.column_blocks["drawn_stock"]] = 0.0
        upper[..., self.column_blocks["missed"]] = 0.0
        for k, target in enumerate(self.model.targets):
            place = self.column_blocks["missed"].start + k
            for step in target.steps:
                upper[self.draws.row_of(target.state, step), step, place] = np.inf
        upper = np.where(self.draws.alive[..., None], upper, 0.0)
        return upper.reshape(count, -1)

    def _technology(self) -> tuple[sparse.csr_array, FloatArray]:
        """How decisions enter the second stage: capacity added and stock bought."""
        rows, columns, values = [], [], []
        years = {year: k for k, year in enumerate(self.model.years)}
        for place, decision in self.first.capacity_columns():
            candidate = self.first.candidates[decision.name]
            for name, size in candidate.adds.items():
                row = self.row_blocks["capacity"].start + self.capacity_index[name]
                share = self.share_there(decision.name, name, years[decision.year])
                for step in range(len(self.model.steps)):
                    amount = size * self.length[step] * share[:, step]
                    if amount.any():
                        rows.append(step * self.rows_a_step + row)
                        columns.append(place)
                        values.append(-amount)
        # stores are neither filled nor drawn in a state
        for place, row, amount in self._stock_entries():
            rows.append(row)
            columns.append(place)
            values.append(amount * self.draws.drawn)
        return self._sorted_pattern(rows, columns, values)

    def share_there(self, candidate: str, capacity: str, year: int) -> FloatArray:
        """Return the share of its size that a candidate adds to a capacity (draw, step).

        Parameters
        ----------
        candidate, capacity : str
            Names.
        year : int
            Place of the year of decision.
        """
        share: FloatArray = self.draws.availability[:, self.first.order[candidate], year]
        return share * self.draws.added.get(capacity, 1.0)

    def _stock_entries(self) -> Iterable[tuple[int, int, float]]:
        """Stock that is bought leaves the market and enters the store."""
        steps, stores = len(self.model.steps), len(self.model.stockpiles)
        names = {store.name: k for k, store in enumerate(self.model.stockpiles)}
        for place, decision in self.first.stock_columns():
            k = names[decision.name]
            market = self.market_index[self.model.stockpiles[k].market]
            bought = [n for n, step in enumerate(self.model.steps) if step.year == decision.year]
            for step in bought:
                yield place, step * self.rows_a_step + market, -1.0 / len(bought)
            for step in range(bought[0], steps):
                filled = min(1.0, (step - bought[0] + 1) / len(bought))
                yield place, steps * self.rows_a_step + step * stores + k, -filled

    def _sorted_pattern(
        self, rows: list[int], columns: list[int], values: list[FloatArray]
    ) -> tuple[sparse.csr_array, FloatArray]:
        steps = len(self.model.steps)
        joined = steps * len(self.model.stockpiles) + len(self.total_limits)
        shape = (steps * self.rows_a_step + joined, len(self.first.decisions))
        order = np.lexsort((columns, rows))
        where: IndexArray = np.arange(1, len(rows) + 1)
        picked = (np.array(rows, dtype=int)[order], np.array(columns, dtype=int)[order])
        pattern = sparse.csr_array(sparse.coo_array((where.astype(float), picked), shape=shape))
        if not len(rows):
            return pattern, np.zeros((1, 0))
        stacked = np.stack(values, axis=1)[:, order]
        return pattern, stacked

    def _target_marks(self) -> tuple[ShadowMark, ...]:
        marks = []
        for k, target in enumerate(self.model.targets):
            if target.kind != "coverage":
                continue
            state = [self.draws.row_of(target.state, step) for step in target.steps]
            rows = [
                step * self.rows_a_step + self.row_blocks["target"].start + k
                for step in target.steps
            ]
            amounts = [-self.value_wanted(target, step) for step in target.steps]
            marks.append(
                ShadowMark(
                    f"target {target.name}", np.array(state), np.array(rows), np.array(amounts)
                )
            )
        return tuple(marks)


def _rungs(model: PlanningModel) -> Iterable[GivenUp]:
    for k, demand in enumerate(model.demands):
        if not demand.rungs:
            worth = DEMAND_PENALTY * max(demand.value, 1e-3)
            yield GivenUp(k, 1.0, worth, must=True)
        for rung in demand.rungs:
            yield GivenUp(k, rung.share, rung.value, must=False)


def _blocks(sizes: Mapping[str, int]) -> dict[str, slice]:
    blocks, start = {}, 0
    for name, size in sizes.items():
        blocks[name] = slice(start, start + size)
        start += size
    return blocks
