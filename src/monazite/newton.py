"""Minimise a sum of convex agents over nonnegative prices.

    minimise over y >= 0   Phi(y) = sum_k phi_k(a_k' y)

Each agent sees a combination ``a_k' y`` of the prices and answers with a quantity, the
gradient of its convex function. The gradient of Phi is supply minus demand, so its minimum
is the equilibrium (Samuelson 1952, American Economic Review 42; Takayama & Judge 1971).

The method is a damped, projected Newton method (Bertsekas 1982, SIAM J. Control Optim. 20:
variables at their bound whose gradient points outwards are held) on the Hessian
``A diag(phi'') A'``. Its sparsity pattern is fixed once; assembly goes through one sparse
map, and the symbolic LDL' factorisation is kept. All arrays have a leading axis of draws:
one run is a batch of one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import qdldl
from scipy import sparse

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]


class Evaluation(NamedTuple):
    """What a group of agents answers.

    ``value`` : (draw) sum of phi. ``answer`` : (draw, agent) phi'. ``slope`` : phi'' >= 0.
    """

    value: FloatArray
    answer: FloatArray
    slope: FloatArray


class Agents(Protocol):
    """A group of agents of one kind.

    ``columns`` : (price, agent) sparse matrix; agent k sees ``columns[:, k]' y``.
    """

    @property
    def columns(self) -> sparse.csc_array:
        """Combinations of prices that the agents see (price, agent)."""
        ...

    def evaluate(self, seen: FloatArray, draws: IndexArray | slice) -> Evaluation:
        """Answer the combinations ``seen`` (draw, agent) for the given draws."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How far and how long to iterate.

    ``tolerance`` : largest gradient relative to the size of its price's market.
    ``steps`` : most Newton steps before giving up.
    """

    tolerance: float = 1e-11
    steps: int = 150


DEFAULT_SETTINGS = Settings()
_ROUND_OFF = 1e-10
"""Relative rise of Phi that may be round-off."""
_LEAST_DAMPING = 1e-4
_SHORT, _LONG = 0.15, 0.6
"""Shares of a step below which damping grows and above which it shrinks."""
_MANY_ENTRIES = 10_000
"""Hessian entries from which a factorisation costs more than another evaluation."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where the iteration ended.

    ``prices`` : (draw, price). ``residual`` : (draw) largest relative gradient.
    ``steps`` : (draw) Newton steps. ``converged`` : (draw).
    """

    prices: FloatArray
    residual: FloatArray
    steps: IndexArray
    converged: BoolArray


class SparsityPattern:
    """The sparsity pattern of the Hessian and the map that fills it.

    Parameters
    ----------
    columns : sparse array (price, agent)
        What every agent sees, all groups side by side.

    Notes
    -----
    Upper triangle, column by column. ``assembly @ slopes`` gives its entries. One symbolic
    factorisation serves every draw and every month that shares the pattern.
    """

    def __init__(self, columns: sparse.csc_array) -> None:
        self.columns = sparse.csc_array(columns)
        self.transposed = sparse.csr_array(self.columns.T)
        self.size = self.columns.shape[0]
        self._build_assembly()
        self._factor: qdldl.Solver | None = None
        self._scale = np.ones(self.size)

    def _build_assembly(self) -> None:
        row, column, agent, weight = upper_products(self.columns)
        diagonal = np.arange(self.size)
        key = np.concatenate([column * self.size + row, diagonal * self.size + diagonal])
        entries, position = np.unique(key, return_inverse=True)
        self.row, self.column = entries % self.size, entries // self.size
        self.diagonal = position[len(row) :]
        self.assembly = sparse.csr_array(
            (weight, (position[: len(row)], agent)), shape=(len(entries), self.columns.shape[1])
        )
        indptr = np.searchsorted(self.column, np.arange(self.size + 1))
        self._matrix = sparse.csc_matrix(
            (np.ones(len(entries)), self.row.astype(np.int32), indptr.astype(np.int32)),
            shape=(self.size, self.size),
        )

    def factorise(self, entries: FloatArray, held: BoolArray) -> None:
        """Factorise the Hessian of one draw, with the held prices kept still.

        ``entries`` : Hessian entries in the pattern's order. Rows are scaled to a unit
        diagonal before the factorisation.
        """
        free = np.where(held, 0.0, 1.0)
        self._scale = free / np.sqrt(np.maximum(entries[self.diagonal], 1e-300))
        self._matrix.data = entries * self._scale[self.row] * self._scale[self.column]
        self._matrix.data[self.diagonal] = 1.0 + 1e-14
        if self._factor is None:
            self._factor = qdldl.Solver(self._matrix, upper=True)
        else:
            self._factor.update(self._matrix, upper=True)

    def solve(self, right_side: FloatArray) -> FloatArray:
        """Solve H d = right_side with the last factorisation; held prices do not move."""
        if self._factor is None:
            raise RuntimeError("solve before factorise")
        step = self._factor.solve(right_side * self._scale)
        return np.asarray(step) * self._scale

    def elimination(self) -> tuple[IndexArray, IndexArray, IndexArray]:
        """Return the factor's pattern: column starts and rows of L, and the order of the prices.

        ``order[k]`` : price that is eliminated as the k-th.
        """
        if self._factor is None:
            self._factor = self._unit_factor()
        lower, _, order = self._factor.factors()
        lower.sort_indices()
        return lower.indptr.astype(np.intp), lower.indices.astype(np.intp), np.array(order)

    def _unit_factor(self) -> qdldl.Solver:
        """Factorise the Hessian of agents that all have a slope of one."""
        matrix = self._matrix.copy()
        matrix.data = np.asarray(self.assembly @ np.ones(self.columns.shape[1]))
        matrix.data[self.diagonal] += 1.0
        return qdldl.Solver(matrix, upper=True)

    def condition(self) -> float:
        """Spread of the pivots of the last factorisation: a lower bound of the condition."""
        if self._factor is None:
            return 1.0
        pivots = np.abs(np.asarray(self._factor.factors()[1]))
        return float(pivots.max() / pivots.min())


def upper_products(
    columns: sparse.csc_array,
) -> tuple[IndexArray, IndexArray, IndexArray, FloatArray]:
    """Entries (row <= column) of every rank-one matrix a_k a_k', grouped by length of a_k."""
    lengths = np.diff(columns.indptr)
    parts: list[tuple[IndexArray, IndexArray, IndexArray, FloatArray]] = []
    for length in np.unique(lengths[lengths > 0]):
        agents = np.flatnonzero(lengths == length)
        slots = columns.indptr[agents][:, None] + np.arange(length)
        rows, values = columns.indices[slots], columns.data[slots]
        order = np.argsort(rows, axis=1)
        rows = np.take_along_axis(rows, order, axis=1).astype(np.intp)
        values = np.take_along_axis(values, order, axis=1)
        first, second = np.triu_indices(int(length))
        parts.append(
            (
                rows[:, first].ravel().astype(np.intp),
                rows[:, second].ravel().astype(np.intp),
                np.repeat(agents, len(first)).astype(np.intp),
                (values[:, first] * values[:, second]).ravel(),
            )
        )
    row, column, agent, weight = (np.concatenate(piece) for piece in zip(*parts, strict=True))
    return row, column, agent, weight


def stack(groups: Sequence[Agents]) -> sparse.csc_array:
    """Put the columns of all groups side by side."""
    return sparse.csc_array(sparse.hstack([group.columns for group in groups], format="csc"))


@dataclass(slots=True)
class _State:
    """Prices of some draws, what the agents answer there, and how far that is from balance."""

    prices: FloatArray
    value: FloatArray
    gradient: FloatArray
    slopes: FloatArray
    residual: FloatArray


class _Factor:
    """How the next step is made: with the last factorisation or a new one, and how damped.

    Damping is Levenberg's: it turns a Newton step that overshoots towards steepest descent.

    Near the optimum the Hessian hardly changes, and a step with the old factor costs a tenth
    of one with a new one. Only a single draw can reuse it, and only while each step shrinks
    the residual by half. What the gradient did along the steps since bends it (Nocedal 1980,
    Mathematics of Computation 35).
    """

    def __init__(self, entries: int, draws: int) -> None:
        self._worthwhile = entries > _MANY_ENTRIES
        self.is_old = False
        self.damping = np.zeros(draws)
        self._draws: IndexArray | None = None
        self._held: BoolArray | None = None
        self._error = np.inf
        self._bends: list[tuple[FloatArray, FloatArray]] = []

    def choose(self, draws: IndexArray, held: BoolArray, error: float) -> None:
        """Decide whether the next step may use the last factorisation."""
        same = (
            self._worthwhile
            and len(draws) == 1
            and self._draws is not None
            and self._held is not None
            and np.array_equal(self._draws, draws)
            and np.array_equal(self._held, held)
        )
        self.is_old = same and error <= 0.5 * self._error
        self._draws, self._held, self._error = draws, held, error

    def forget(self) -> None:
        """Drop what was learnt about the last factorisation."""
        self._bends.clear()

    def bent(self, right_side: FloatArray, solve: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """Solve with the last factorisation, bent by what later steps showed."""
        rest, shares = right_side.copy(), []
        for step, change in reversed(self._bends):
            shares.append(float(step @ rest) / float(step @ change))
            rest -= shares[-1] * change
        answer = solve(rest)
        for (step, change), share in zip(self._bends, reversed(shares), strict=True):
            answer += step * (share - float(change @ answer) / float(step @ change))
        return answer

    def watch(self, origin: "_State", reached: "_State") -> None:
        """Remember how the gradient changed along a step of a single draw."""
        if self._worthwhile and len(origin.prices) == 1:
            step = (reached.prices - origin.prices)[0]
            change = (reached.gradient - origin.gradient)[0]
            if float(step @ change) > 0:
                self._bends.append((step, change))

    def learn(self, draws: IndexArray, length: FloatArray) -> None:
        """Damp draws whose steps had to be cut short; trust those that went all the way."""
        damping = self.damping[draws]
        more = np.clip(10.0 * damping, _LEAST_DAMPING, 1e3)
        less = np.where(damping > _LEAST_DAMPING, 0.1 * damping, 0.0)
        chosen = np.where(length < _SHORT, more, np.where(length > _LONG, less, damping))
        self.damping[draws] = chosen


class Problem:
    """A sum of convex agents, ready to be minimised.

    Parameters
    ----------
    groups : sequence of Agents
        Who answers the prices.
    pattern : SparsityPattern
        Made from the same groups (``SparsityPattern(stack(groups))``); may be shared over months.
    size : array (price)
        Size of each market [quantity]; gradients are measured against it.
    reference : array (price)
        Usual height of each price; steps are bounded by a few times it.
    touches_zero : array of bool (price)
        Prices that may end at exactly zero, such as rents of permits.
    free : bool
        Whether the variables may be negative, as multipliers of a balance may.
    answering : array (price), optional
        What can move in each market [quantity], where that is not its size.
    """

    def __init__(
        self,
        groups: Sequence[Agents],
        pattern: SparsityPattern,
        *,
        size: FloatArray,
        reference: FloatArray,
        touches_zero: BoolArray,
        free: bool = False,
        answering: FloatArray | None = None,
    ) -> None:
        self.groups = groups
        self.pattern = pattern
        self.size = size
        self.reference = reference
        self.touches_zero = touches_zero
        self.free = free
        self._unit_slope = size / reference
        moving = size if answering is None else answering
        self._least_slope = 1e-9 * moving / reference
        self._least_fall = np.where(touches_zero, 1e-3, 1e-9) * moving / reference
        self._parts = _parts(groups)

    @property
    def least_slopes(self) -> tuple[FloatArray, FloatArray]:
        """Least slopes [quantity/price] reckoned with where a price rises, and where it falls."""
        return self._least_slope, self._least_fall

    def evaluate(self, prices: FloatArray, draws: IndexArray | slice) -> _State:
        """Value, gradient and slopes of all agents at the given prices."""
        seen = (self.pattern.transposed @ prices.T).T
        answers, slopes = np.empty_like(seen), np.empty_like(seen)
        value = np.zeros(len(prices))
        for group, part in self._parts:
            answer = group.evaluate(seen[:, part], draws)
            value += answer.value
            answers[:, part], slopes[:, part] = answer.answer, answer.slope
        gradient = (self.pattern.columns @ answers.T).T
        return _State(prices, value, gradient, slopes, self._residual(prices, gradient))

    def _residual(self, prices: FloatArray, gradient: FloatArray) -> FloatArray:
        """Largest relative gradient of each draw; outward gradients at zero do not count."""
        at_zero = self.touches_zero & (prices <= 0) & (gradient > 0)
        relative = np.abs(np.where(at_zero, 0.0, gradient)) / self.size
        return np.asarray(relative.max(axis=1))

    def minimise(
        self,
        start: FloatArray,
        settings: Settings = DEFAULT_SETTINGS,
        draws: IndexArray | None = None,
    ) -> Minimum:
        """Find the prices at which all answers fit together.

        Parameters
        ----------
        start : array (draw, price)
            Where to begin; strictly positive except for prices that may touch zero.
        settings : Settings
            Tolerance and number of steps.
        draws : array of int, optional
            Which draws of the agents the rows of ``start`` belong to; all by default.

        Returns
        -------
        Minimum
            Draws that did not converge are marked, never dropped.
        """
        count = len(start)
        which = np.arange(count) if draws is None else draws
        prices, residual = start.copy(), np.full(count, np.inf)
        steps = np.zeros(count, dtype=np.intp)
        active = np.arange(count)
        state = self.evaluate(prices, which)
        factor = _Factor(len(self.pattern.row), int(which.max(initial=0)) + 1)
        for _ in range(settings.steps):
            prices[active], residual[active] = state.prices, state.residual
            unfinished = state.residual > settings.tolerance
            if not unfinished.any():
                break
            if not unfinished.all():
                active, state = active[unfinished], _subset(state, unfinished)
            steps[active] += 1
            state, moved = self._step(state, which[active], factor)
            if not moved.all() and not factor.is_old:
                active, state = active[moved], _subset(state, moved)
            if not len(active):
                break
        return Minimum(prices, residual, steps, residual <= settings.tolerance)

    def _step(
        self, state: _State, draws: IndexArray, factor: "_Factor"
    ) -> tuple[_State, BoolArray]:
        held = self.touches_zero & (state.prices <= 1e-9 * self.reference) & (state.gradient > 0)
        factor.choose(draws, held, float(state.residual.max()))
        direction = np.where(held, -state.prices, 0.0)
        for i, draw in enumerate(draws):
            if not factor.is_old:
                entries = self._entries(state.slopes[i], state.gradient[i], factor.damping[draw])
                self.pattern.factorise(entries, held[i])
                factor.forget()
            direction[i] += factor.bent(-state.gradient[i], self.pattern.solve)
        reached, length = self._search(state, direction, draws)
        factor.watch(state, reached)
        factor.learn(draws, length)
        return reached, length > 0

    def _entries(self, slopes: FloatArray, gradient: FloatArray, damping: float) -> FloatArray:
        """Hessian entries; an answer that has saturated must not send its price away.

        A rent that is too high shuts its routes and then sees no slope at all, so its fall is
        held back; its rise need not be, since steps are bounded.
        """
        entries = np.asarray(self.pattern.assembly @ slopes)
        place = self.pattern.diagonal
        least = np.where(gradient > 0, self._least_fall, self._least_slope)
        entries[place] = np.maximum(entries[place], least)
        entries[place] += damping * self._unit_slope
        return entries

    def _search(
        self, state: _State, direction: FloatArray, draws: IndexArray
    ) -> tuple[_State, FloatArray]:
        """Shorten each draw's step until Phi, or the gradient, has fallen enough.

        Returns where the draws ended, and how much of the step each took (0: none).
        """
        reached = self.evaluate(self._bounded(state.prices, direction), draws)
        length, waiting = np.ones(len(draws)), np.flatnonzero(~self._falls(state, reached))
        origin, trial = _subset(state, waiting), _subset(reached, waiting)
        for _ in range(40):
            if not len(waiting):
                return reached, length
            length[waiting] *= _shorter(origin, trial)
            step = direction[waiting] * length[waiting, None]
            trial = self.evaluate(self._bounded(origin.prices, step), draws[waiting])
            accepted = self._falls(origin, trial)
            _put(reached, waiting[accepted], _subset(trial, accepted))
            waiting = waiting[~accepted]
            origin, trial = _subset(origin, ~accepted), _subset(trial, ~accepted)
        _put(reached, waiting, origin)
        length[waiting] = 0.0
        return reached, length

    def _bounded(self, prices: FloatArray, step: FloatArray) -> FloatArray:
        """Bound each price's own step: tiny markets must not shorten everybody's."""
        if self.free:
            most = 4.0 * np.maximum(np.abs(prices), self.reference)
            return np.clip(prices + step, prices - most, prices + most)
        most = prices + 4.0 * np.maximum(prices, self.reference)
        near_zero = self.touches_zero & (prices <= 1e-2 * self.reference)
        least = np.where(near_zero, 0.0, 0.2 * prices)
        return np.clip(prices + step, least, most)

    def _falls(self, origin: _State, trial: _State) -> BoolArray:
        expected = np.einsum("dp,dp->d", origin.gradient, trial.prices - origin.prices)
        finite = np.isfinite(trial.value) & np.isfinite(trial.gradient).all(axis=1)
        lower = trial.value <= origin.value + 1e-4 * np.minimum(expected, 0.0)
        # near the optimum Phi is flat to round-off: there the gradient decides
        level = trial.value <= origin.value + _ROUND_OFF * np.maximum(np.abs(origin.value), 1.0)
        flatter = level & (trial.residual <= 0.9 * origin.residual)
        return np.asarray(finite & ((lower & (expected < 0)) | flatter))


def _shorter(origin: _State, trial: _State) -> FloatArray:
    """How much to shorten a step: to where the slope along it should vanish (secant)."""
    step = trial.prices - origin.prices
    downhill = np.einsum("dp,dp->d", origin.gradient, step)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ahead = np.einsum("dp,dp->d", trial.gradient, step)
        share = downhill / (downhill - ahead)
    return np.clip(np.where(np.isfinite(share), share, 0.1), 0.1, 0.7)


def _subset(state: _State, keep: BoolArray | IndexArray) -> _State:
    return _State(*(getattr(state, name)[keep] for name in _State.__slots__))


def _put(state: _State, place: IndexArray, part: _State) -> None:
    for name in _State.__slots__:
        getattr(state, name)[place] = getattr(part, name)


def _parts(groups: Sequence[Agents]) -> list[tuple[Agents, slice]]:
    """Each group that has agents, with its place among all."""
    ends = np.cumsum([group.columns.shape[1] for group in groups]).tolist()
    places = [slice(*pair) for pair in zip([0, *ends], ends, strict=False)]
    return [(g, part) for g, part in zip(groups, places, strict=True) if part.start < part.stop]
