"""Clear one market for many draws at once, with compiled loops over lanes of draws.

The iteration is that of `newton.Problem`, draw by draw: a damped, projected Newton method on the
same Hessian. What differs is how it is worked off. The draws stand side by side in lanes, and a
lane whose draw is done takes the next draw, so that none waits for the slowest. Phi itself is
never evaluated: being convex it has fallen along a step as long as its slope at the end has not
turned up too much.

Numba compiles the loops (the extra ``batch``); without it, or where a market has linear or exact
agents, draws go through `newton`.
"""

from collections import deque
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from monazite.market.agents import (
    DISPOSAL_STEEPNESS,
)
from monazite.newton import (
    Agents,
    FloatArray,
    IndexArray,
    Minimum,
    Problem,
    Settings,
    SparsityPattern,
    upper_products,
)

LANES = 16
"""Draws side by side: few enough to stay in the second cache, enough for the vector units."""
FEWEST = 4
"""Draws from which the lanes pay."""
TURN = 0.5
"""Slope at the end of a step over that at its start, turned up, from which it is too long."""
SHORTENED = 40
"""Times that a step is shortened before its draw is given up."""
FLAT = 1e-6
"""Residual below which round-off hides slopes, and the residual decides."""


@cache
def available() -> bool:
    """Whether the loops can be compiled here."""
    return find_spec("numba") is not None


def suits(groups: tuple[Agents, ...], draws: int) -> bool:
    """Whether lanes can clear these agents, and whether it pays."""
    plain = not any(group.columns.shape[1] for group in groups[6:])
    seeing = np.diff(groups[0].columns.indptr).all()
    return bool(draws >= FEWEST and plain and seeing and available())


class Lanes:
    """The places of a market's agents in the Hessian's factor; they serve every month and draw.

    Parameters
    ----------
    groups : tuple of Agents
        As `Market.agents` gives them.
    pattern : SparsityPattern
        Of the same agents.
    """

    def __init__(self, groups: tuple[Agents, ...], pattern: SparsityPattern) -> None:
        start, row, order = pattern.elimination()
        self.size, self.order = len(order), order
        self._rank = np.empty(self.size, dtype=np.intp)
        self._rank[order] = np.arange(self.size)
        self._key = np.repeat(np.arange(self.size), np.diff(start)) * self.size + row
        self.entries = len(row)
        touching = np.isin(order, groups[4].columns.indices)
        columns = self._key // self.size
        edge = np.flatnonzero(touching[row] | touching[columns])
        self.widest = int(np.diff(start).max(initial=0))
        self.symbolic = (start, row, self._targets(start, row), edge, row[edge], columns[edge])
        self.structure = (
            self._columns(groups[0]),
            self._products(groups[0]),
            self._rank[groups[1].columns.indices],
            self._rank[groups[2].columns.indices],
            self._rank[groups[4].columns.indices],
        )

    def _columns(self, group: Agents) -> tuple[IndexArray, IndexArray, FloatArray]:
        columns = group.columns
        return columns.indptr.astype(np.intp), self._rank[columns.indices], columns.data

    def _products(self, group: Agents) -> tuple[IndexArray, IndexArray, FloatArray]:
        """Where, and with what weight, each agent's slope enters the Hessian."""
        row, column, agent, weight = upper_products(group.columns)
        place = self._entry(self._rank[row], self._rank[column])
        by_agent = np.argsort(agent, kind="stable")
        counts = np.bincount(agent, minlength=group.columns.shape[1])
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        return start, place[by_agent], weight[by_agent]

    def _entry(self, one: IndexArray, other: IndexArray) -> IndexArray:
        """Row of the working array that holds an entry of the Hessian."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        below = self.size + np.searchsorted(self._key, low * self.size + high)
        return np.where(low == high, low, below).astype(np.intp)

    def _targets(self, start: IndexArray, row: IndexArray) -> IndexArray:
        """Where the products of a column's entries go, in the order of the elimination."""
        lengths = np.diff(start)
        offset = np.concatenate([[0], np.cumsum(lengths * (lengths + 1) // 2)])
        target = np.empty(offset[-1], dtype=np.intp)
        for length in np.unique(lengths[lengths > 0]):
            columns = np.flatnonzero(lengths == length)
            rows = row[start[columns][:, None] + np.arange(length)]
            first, second = np.triu_indices(int(length))
            places = offset[columns][:, None] + np.arange(len(first))
            target[places] = self._entry(rows[:, first], rows[:, second])
        return target

    def minimise(
        self, groups: tuple[Agents, ...], problem: Problem, start: FloatArray, settings: Settings
    ) -> Minimum:
        """Find the prices of all draws; see `newton.Problem.minimise`."""
        return _Search(self, groups, problem, start, settings).run()


class _Search:
    """One clearing of all draws: what stands in the lanes, and which draws wait."""

    def __init__(
        self,
        plan: Lanes,
        groups: tuple[Agents, ...],
        problem: Problem,
        start: FloatArray,
        settings: Settings,
    ) -> None:
        self.plan, self.problem, self.start, self.settings = plan, problem, start, settings
        self.width = min(LANES, len(start))
        self.loadings: list[tuple[FloatArray, FloatArray]] = []
        self._parameters(groups)
        self._arrays(plan.size, self.width)
        self.waiting = deque(range(len(start)))
        count = len(start)
        self.prices, self.residuals = start.copy(), np.full(count, np.inf)
        self.steps = np.zeros(count, dtype=np.intp)

    def _parameters(self, groups: tuple[Any, ...]) -> None:
        acting, using, holding, fixed, permits, box = groups[:6]
        self.tail = holding.tail
        fall = DISPOSAL_STEEPNESS * box.strength * box.ceiling / box.floor
        by_market = (
            fixed.quantity, holding.opening, holding.target, holding.room, 1.0 / holding.expected,
            holding.release, box.ceiling, box.floor, box.strength, fall,
        )  # fmt: skip
        self.parameters = (
            tuple(map(self._side_by_side, (acting.capacity, acting.cost, 1.0 / acting.spread))),
            tuple(map(self._side_by_side, (using.base, 1.0 / using.base_price, using.elasticity))),
            tuple(map(self._side_by_side, by_market)),
            self._side_by_side(permits.quantity),
        )
        problem = self.problem
        scales = 1.0 / problem.size, problem.reference, *problem.least_slopes
        self.scales = tuple(self._everywhere(values) for values in scales)
        self.touches_zero = problem.touches_zero[self.plan.order]

    def _side_by_side(self, source: FloatArray) -> FloatArray:
        """Lanes of a parameter; one row for all draws is written once."""
        lanes = np.ones((source.shape[1], self.width))
        if len(source) == 1:
            lanes[:] = source.T
        else:
            self.loadings.append((source, lanes))
        return lanes

    def _everywhere(self, values: FloatArray) -> FloatArray:
        return np.repeat(values[self.plan.order][:, None], self.width, axis=1)

    def _arrays(self, size: int, lanes: int) -> None:
        from monazite.market import kernels  # noqa: PLC0415 - Numba is an extra, slow to import

        self.kernels = kernels
        fields = kernels.PriceRows._fields
        self.rows = kernels.PriceRows(*(np.zeros((size, lanes)) for _ in fields))
        kinds = (np.intp, np.bool_, np.bool_, np.bool_, *[np.float64] * 5, np.intp, np.intp)
        self.state = kernels.LaneState(*(np.zeros(lanes, dtype=kind) for kind in kinds))
        self.hessian = np.zeros((size + self.plan.entries, lanes))
        self.column = np.zeros((self.plan.widest, lanes))
        self.scratch = tuple(np.zeros((kernels.TILE, lanes)) for _ in range(3))
        self.bits = self.scratch[0].view(np.int64), self.scratch[2].view(np.int64)
        self.limits = (self.settings.tolerance, self.settings.steps, TURN, FLAT, SHORTENED)

    def run(self) -> Minimum:
        """Work off the draws, each in the lane that is free next."""
        for free in range(self.width):
            self._fill(free)
        while (self.state.draw >= 0).any():
            self._iterate()
            for lane in np.flatnonzero(self.state.ended).tolist():
                self._finish(lane)
        return Minimum(
            self.prices, self.residuals, self.steps, self.residuals <= self.settings.tolerance
        )

    def _iterate(self) -> None:
        """Go on until a draw has ended."""
        self.kernels.iterate(
            self.state, self.rows, self.hessian, self.column, self.plan.structure, self.parameters,
            self.plan.symbolic, self.scales, self.touches_zero, self.scratch, self.bits,
            self.limits, self.tail,
        )  # fmt: skip

    def _fill(self, lane: int) -> None:
        """Give a lane the next draw, if one waits."""
        draw = self.waiting.popleft() if self.waiting else -1
        for values in self.state:
            values[lane] = False
        self.state.draw[lane], self.state.fresh[lane] = draw, draw >= 0
        self.state.residual[lane] = np.inf
        if draw >= 0:
            for source, lanes in self.loadings:
                lanes[:, lane] = source[draw]
            self.rows.trial[:, lane] = self.start[draw, self.plan.order]
            self.rows.price[:, lane] = self.rows.trial[:, lane]

    def _finish(self, lane: int) -> None:
        """Write down where a lane's draw ended, and let the next in."""
        draw = int(self.state.draw[lane])
        self.prices[draw, self.plan.order] = self.rows.price[:, lane]
        self.residuals[draw], self.steps[draw] = self.state.residual[lane], self.state.steps[lane]
        self._fill(lane)
