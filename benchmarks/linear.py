"""The same two years as one linear programme: what the field would use instead.

Variables by month: activities, flows, purchases of the user groups, ten steps of demand for
each group, stocks. Rows by month: every market balances (a surplus is free), stocks carry over,
permits limit flows. It foresees the whole horizon. Demand steps stand at the prices at which the
engine's own demand falls through each tenth; costs are the engine's costs at half capacity, as a
linear programme has one cost a plant. Solved by HiGHS through arrays, without a modelling layer.
"""

import time
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from monazite.market.base import Base
from monazite.market.calibrate import BACKSTOP_MULTIPLE, Market
from monazite.market.layout import Permit
from monazite.newton import FloatArray, IndexArray
from monazite.parameters import Parameters
from monazite.scenario import Lowered

highs_library: Any = highspy
STEPS = 10
ALGORITHMS = ("simplex", "ipm")
INFINITY: float = highs_library.kHighsInf


@dataclass(slots=True)
class _Entries:
    """Triplets of the constraint matrix."""

    row: list[IndexArray] = field(default_factory=list)
    column: list[IndexArray] = field(default_factory=list)
    value: list[FloatArray] = field(default_factory=list)

    def add(self, row: IndexArray, column: IndexArray, value: FloatArray | float) -> None:
        self.row.append(row)
        self.column.append(column)
        self.value.append(np.broadcast_to(np.asarray(value, dtype=float), row.shape))

    def matrix(self, shape: tuple[int, int]) -> sparse.csc_array:
        row, column = np.concatenate(self.row), np.concatenate(self.column)
        value = np.concatenate(self.value)
        return sparse.csc_array((value, (row, column)), shape=shape)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Minimise ``cost @ x`` with bounds on columns and rows."""

    cost: FloatArray
    upper: FloatArray
    matrix: sparse.csc_array
    row_lower: FloatArray
    row_upper: FloatArray


class _Blocks:
    """Where each kind of column and row of one month begins."""

    def __init__(self, market: Market) -> None:
        network, groups = market.network, len(market.groups)
        columns = {
            "activity": len(network.processes),
            "flow": len(network.routes),
            "purchase": groups,
            "demand": groups * STEPS,
            "spot_stock": len(market.spot_markets),
            "group_stock": groups,
        }
        starts = np.cumsum([0, *columns.values()])
        self.column = dict(zip(columns, starts.tolist(), strict=False))
        self.count = columns
        self.columns = int(starts[-1])
        self.spots, self.groups, self.permits = (
            len(market.spot_markets),
            groups,
            len(market.permits),
        )
        self.rows = self.spots + groups + self.permits

    def at(self, name: str, month: int) -> IndexArray:
        first = month * self.columns + self.column[name]
        return np.arange(first, first + self.count[name])


def build(lowered: Lowered) -> LinearModel:
    """Lay the scenario out as one linear programme over all its months."""
    permits = [
        Permit(spec.name, np.asarray(spec.routes, dtype=np.intp), spec.weights)
        for spec in lowered.permits
    ]
    market = Market(lowered.network, Parameters.central(), permits)
    blocks, months = _Blocks(market), len(lowered.months)
    entries = _Entries()
    cost, upper = np.zeros(months * blocks.columns), np.full(months * blocks.columns, INFINITY)
    low, high = np.zeros(months * blocks.rows), np.full(months * blocks.rows, INFINITY)
    value, width = _demand_steps(market)
    base_stock = market.base_month().opening[0]
    for t in range(months):
        _columns(lowered, market, blocks, t, cost, upper)
        cost[blocks.at("demand", t)] = -value.ravel()
        scale = lowered.demand_factor[t][[group.use_index for group in market.groups]]
        upper[blocks.at("demand", t)] = (width * scale[:, None]).ravel()
        _balances(market, blocks, t, entries)
        first = t * blocks.rows
        if t == 0:
            low[: blocks.spots + blocks.groups] = -_own(market, base_stock)
        for k, spec in enumerate(lowered.permits):
            place = first + blocks.spots + blocks.groups + k
            low[place], high[place] = -INFINITY, min(float(spec.limit[t]), INFINITY)
    _end_as_it_began(market, blocks, months - 1, cost, upper, base_stock)
    matrix = entries.matrix((months * blocks.rows, months * blocks.columns))
    return LinearModel(cost, upper, matrix, low, high)


def _own(market: Market, stock: FloatArray) -> FloatArray:
    """Stocks of the spot markets, then of the user groups."""
    return np.concatenate([stock[: len(market.spot_markets)], stock[market.group_market]])


def _columns(
    lowered: Lowered,
    market: Market,
    blocks: _Blocks,
    t: int,
    cost: FloatArray,
    upper: FloatArray,
) -> None:
    base: Base = market.base
    capacity = base.process_capacity[0] * lowered.process_capacity_factor[t]
    cost[blocks.at("activity", t)] = base.process_cost[0] - lowered.process_subsidy[t]
    upper[blocks.at("activity", t)] = capacity
    open_share = np.where(lowered.route_block[t], 0.0, lowered.route_capacity_factor[t])
    cost[blocks.at("flow", t)] = base.route_cost[0] + lowered.route_tax_specific[t]
    upper[blocks.at("flow", t)] = base.route_capacity[0] * open_share
    upper[blocks.at("purchase", t)] = 3.0 * np.array([group.demand for group in market.groups])


def _balances(market: Market, blocks: _Blocks, t: int, entries: _Entries) -> None:
    """Supply less use in every spot market and every group; permits' use."""
    first = t * blocks.rows
    for name, columns in (("activity", market.process_columns), ("flow", market.route_columns)):
        block = sparse.coo_array(columns[: blocks.spots])
        row = (first + block.row).astype(np.intp)
        entries.add(row, blocks.at(name, t)[block.col], block.data)
    purchase, groups = blocks.at("purchase", t), first + blocks.spots + np.arange(blocks.groups)
    entries.add(first + market.group_spot, purchase, -1.0)
    entries.add(groups, purchase, 1.0)
    entries.add(np.repeat(groups, STEPS), blocks.at("demand", t), -1.0)
    spots = first + np.arange(blocks.spots)
    for name, rows in (("spot_stock", spots), ("group_stock", groups)):
        entries.add(rows, blocks.at(name, t), -1.0)
        if t > 0:
            entries.add(rows, blocks.at(name, t - 1), 1.0)
    flow = blocks.at("flow", t)
    for k, permit in enumerate(market.permits):
        row = np.full(len(permit.routes), first + blocks.spots + blocks.groups + k)
        entries.add(row, flow[permit.routes], permit.weights[: len(permit.routes)])


def _end_as_it_began(
    market: Market,
    blocks: _Blocks,
    last: int,
    cost: FloatArray,
    upper: FloatArray,
    stock: FloatArray,
) -> None:
    """Value the last month's stock at the base price, up to the stock of the base year."""
    own = _own(market, stock)
    for name, part in (
        ("spot_stock", slice(0, blocks.spots)),
        ("group_stock", slice(blocks.spots, None)),
    ):
        place = blocks.at(name, last)
        upper[place] = own[part]
        price = market.base_price if name == "spot_stock" else market.group_price0
        cost[place] = -price


def _demand_steps(market: Market) -> tuple[FloatArray, FloatArray]:
    """Values [USD/kg] and widths [t/month] of ten equal steps of each group's demand."""
    demand = np.array([group.demand for group in market.groups])
    low, high = market.group_price0 * 1e-3, market.group_price0 * BACKSTOP_MULTIPLE
    values = np.zeros((len(demand), STEPS))
    for step in range(STEPS):
        left = (1.0 - (step + 0.5) / STEPS) * demand
        below, above = np.log(low), np.log(high)
        for _ in range(60):
            middle = 0.5 * (below + above)
            wants_more = _demand(market, np.exp(middle)) > left
            below, above = np.where(wants_more, middle, below), np.where(wants_more, above, middle)
        values[:, STEPS - 1 - step] = np.exp(above)
    return values, np.repeat(demand[:, None] / STEPS, STEPS, axis=1)


def _demand(market: Market, price: FloatArray) -> FloatArray:
    base = market.base
    rest = base.rest[0] * (price / market.group_price0) ** -base.elasticity[0]
    argument = (-price[market.rung_group] - base.rung_cost[0]) / base.rung_spread[0]
    running = base.rung_capacity[0] / (1.0 + np.exp(-np.clip(argument, -500, 500)))
    return np.asarray(rest + np.bincount(market.rung_group, running, len(rest)))


def solve(model: LinearModel, algorithm: str, limit: float) -> dict[str, Any]:
    """Solve by one algorithm; CPU seconds of the solver alone, set-up of the arrays apart."""
    highs = highs_library.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solver", algorithm)
    highs.setOptionValue("time_limit", limit)
    highs.passModel(_passed(model))
    start = time.process_time()
    highs.run()
    seconds = time.process_time() - start
    status = highs.modelStatusToString(highs.getModelStatus())
    return {
        "algorithm": algorithm,
        "status": status,
        "cpu_seconds": seconds,
        "is_optimal": highs.getModelStatus() == highs_library.HighsModelStatus.kOptimal,
        "objective": float(highs.getInfo().objective_function_value),
    }


def _passed(model: LinearModel) -> Any:
    programme = highs_library.HighsLp()
    programme.num_col_, programme.num_row_ = len(model.cost), len(model.row_lower)
    programme.col_cost_ = model.cost
    programme.col_lower_, programme.col_upper_ = np.zeros(len(model.cost)), model.upper
    programme.row_lower_, programme.row_upper_ = model.row_lower, model.row_upper
    programme.a_matrix_.format_ = highs_library.MatrixFormat.kColwise
    programme.a_matrix_.start_ = model.matrix.indptr
    programme.a_matrix_.index_ = model.matrix.indices
    programme.a_matrix_.value_ = model.matrix.data
    return programme
