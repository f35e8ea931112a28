"""Decide now, operate later: a two-stage stochastic programme as arrays.

::

    minimise    c'x + sum_s w_s q_s'y_s + lambda CVaR_alpha(r_s'y_s)
    subject to  a <= A x <= b,   l <= x <= u,   x_j whole where said so
                a_s <= W_s y_s + T_s x <= b_s,   l_s <= y_s <= u_s    for every scenario s

The mean of the worst ``1 - alpha`` of the losses ``r_s'y_s`` (Rockafellar & Uryasev 2000, Journal
of Risk 2) are made part of the costs by ``neutral``.

An array of the second stage has one row for each scenario, or one row for all of them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from monazite.errors import InputError
from monazite.newton import BoolArray, FloatArray, IndexArray

Numbers = npt.NDArray[np.float64] | npt.NDArray[np.integer] | npt.NDArray[np.bool_]

WEIGHT_TOLERANCE = 1e-9
"""How far the probabilities of the draws may sum beside 1."""


def pick(values: FloatArray, scenario: int) -> FloatArray:
    """Return the row of a scenario of an array that may hold one row for all."""
    row: FloatArray = values[scenario if len(values) > 1 else 0]
    return row


@dataclass(frozen=True, slots=True, eq=False)
class FirstStage:
    """What is decided before anything is known.

    ``cost`` : (column). ``matrix`` : (row, column). ``row_lower``, ``row_upper`` : (row).
    ``lower``, ``upper`` : (column). ``integer`` : columns that are whole numbers. ``names``,
    ``row_names`` : for messages; left out, columns and rows are numbered. Money and quantities
    are in the units of whoever made the arrays.
    """

    cost: FloatArray
    matrix: sparse.csr_array
    row_lower: FloatArray
    row_upper: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    names: tuple[str, ...] = ()
    row_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows, columns = self.matrix.shape
        where = "first stage"
        _check_shape(where, (columns,), cost=self.cost, lower=self.lower, upper=self.upper)
        _check_shape(where, (columns,), integer=self.integer)
        _check_shape(where, (rows,), row_lower=self.row_lower, row_upper=self.row_upper)
        _check_finite(where, cost=self.cost, matrix=self.matrix.data)
        _check_bounds(f"{where}, columns", self.lower, self.upper)
        _check_bounds(f"{where}, rows", self.row_lower, self.row_upper)
        _check_names(where, self.names, columns, self.row_names, rows)
        _check_canonical(where, coefficient=self.matrix)

    def row_name(self, row: int) -> str:
        """Name of a row, or its number."""
        return self.row_names[row] if self.row_names else f"row {row}"


@dataclass(frozen=True, slots=True, eq=False)
class SecondStage:
    """What is done afterwards, in every scenario; leading length S, or 1 for the same in all.

    ``matrix`` : ``W`` (row, column). ``technology`` : ``T`` (row, first-stage column), of which
    only the pattern counts. ``technology_values`` : (S or 1, entry) its values in the order of
    ``technology.data``. ``cost`` : (S or 1, column). ``row_lower``, ``row_upper`` : (S or 1, row).
    ``lower``, ``upper`` : (S or 1, column). ``varying`` : places in ``matrix.data`` that differ
    between scenarios, with ``varying_values`` : (S or 1, place). ``names``, ``row_names`` : for
    messages.
    """

    matrix: sparse.csc_array
    technology: sparse.csr_array
    technology_values: FloatArray
    cost: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    lower: FloatArray
    upper: FloatArray
    names: tuple[str, ...] = ()
    row_names: tuple[str, ...] = ()
    varying: IndexArray = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    varying_values: FloatArray = field(default_factory=lambda: np.zeros((1, 0)))

    def __post_init__(self) -> None:
        rows, columns = self.matrix.shape
        if self.technology.shape[0] != rows:
            raise InputError(
                f"the technology matrix has {self.technology.shape[0]} rows where the recourse "
                f"matrix has {rows}",
                where="second stage",
            )
        for name, width in self._widths(rows, columns).items():
            _check_table("second stage", name, getattr(self, name), width)
        _check_finite("second stage", matrix=self.matrix.data, cost=self.cost)
        _check_finite("second stage", technology_values=self.technology_values)
        _check_finite("second stage", varying_values=self.varying_values)
        self._check_lengths()
        _check_bounds("second stage, columns", self.lower, self.upper)
        _check_bounds("second stage, rows", self.row_lower, self.row_upper)
        _check_names("second stage", self.names, columns, self.row_names, rows)
        _check_places("second stage", "varying", self.varying, self.matrix.nnz)
        _check_canonical("second stage", recourse=self.matrix, technology=self.technology)

    def _check_lengths(self) -> None:
        """Tables hold one row, or all the same number of scenarios."""
        lengths = {len(table) for table in self.tables().values()} - {1}
        if len(lengths) > 1:
            raise InputError(
                f"tables hold {', '.join(map(str, sorted(lengths)))} scenarios",
                where="second stage",
                way_out="give one row for each scenario, or one for all",
            )

    def _widths(self, rows: int, columns: int) -> dict[str, int]:
        return {
            "technology_values": self.technology.nnz,
            "cost": columns,
            "row_lower": rows,
            "row_upper": rows,
            "lower": columns,
            "upper": columns,
            "varying_values": len(self.varying),
        }

    def tables(self) -> dict[str, FloatArray]:
        """Arrays with a leading axis of scenarios, by name."""
        return {name: getattr(self, name) for name in self._widths(0, 0)}

    def changed(self, change: Callable[[FloatArray], FloatArray]) -> "SecondStage":
        """Return the stage with every table changed in the same way."""
        return replace(
            self,
            technology_values=change(self.technology_values),
            cost=change(self.cost),
            row_lower=change(self.row_lower),
            row_upper=change(self.row_upper),
            lower=change(self.lower),
            upper=change(self.upper),
            varying_values=change(self.varying_values),
        )

    def recourse(self, scenario: int) -> sparse.csc_array:
        """``W`` of a scenario (row, column)."""
        if not len(self.varying):
            return self.matrix
        matrix = self.matrix.copy()
        matrix.data[self.varying] = pick(self.varying_values, scenario)
        return matrix

    def technology_of(self, scenario: int) -> sparse.csr_array:
        """``T`` of a scenario (row, first-stage column)."""
        values = pick(self.technology_values, scenario)
        pattern = self.technology
        return sparse.csr_array((values, pattern.indices, pattern.indptr), shape=pattern.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """How much the worst draws weigh beyond their probability.

    ``weight`` : of the conditional value at risk beside the mean. ``level`` : share of the draws
    that are not looked at, from 0 (the mean) towards 1 (the worst case). ``cost`` : (S or 1,
    column of the second stage) what counts as loss.
    """

    weight: float
    level: float
    cost: FloatArray

    def __post_init__(self) -> None:
        if not 0 <= self.level < 1:
            raise InputError(
                f"risk level {self.level:g} is not at least 0 and below 1",
                where="risk",
                way_out="0.9 looks at the worst tenth of the draws",
            )
        if not 0 <= self.weight < np.inf:
            raise InputError(f"risk weight {self.weight:g} is negative or not finite", where="risk")
        if self.cost.ndim != 2:
            raise InputError("the loss has no axis of scenarios", where="risk")
        _check_finite("risk", cost=self.cost)


@dataclass(frozen=True, slots=True, eq=False)
class ShadowMark:
    """A named right-hand side, whose worth is asked for.

    ``scenario`` : -1 for the first stage. ``row`` : in that stage. ``coefficient`` : by how much
    the bounds of the row move when what is named moves by one.
    """

    name: str
    scenario: IndexArray
    row: IndexArray
    coefficient: FloatArray

    def __post_init__(self) -> None:
        where = f"mark '{self.name}'"
        _check_shape(where, self.row.shape, scenario=self.scenario, coefficient=self.coefficient)
        _check_finite(where, coefficient=self.coefficient)


@dataclass(frozen=True, slots=True, eq=False)
class TwoStageProblem:
    """The whole problem: two stages, the scenarios' weights, risk, and what is marked.

    ``weight`` : (S) probability of a draw, or the weight of a state. ``drawn`` : (S) whether it
    is a draw; a state counts with its own weight and is no part of mean problem or risk.
    ``marks`` : right-hand sides whose shadow values are wanted.
    """

    first: FirstStage
    second: SecondStage
    weight: FloatArray
    drawn: BoolArray
    risk: Risk | None = None
    marks: tuple[ShadowMark, ...] = ()

    def __post_init__(self) -> None:
        self._check_weights()
        self._check_scenarios()
        for mark in self.marks:
            self._check_mark(mark)

    def _check_weights(self) -> None:
        _check_shape("scenarios", self.weight.shape, drawn=self.drawn)
        if self.weight.ndim != 1 or not len(self.weight):
            raise InputError("the weights are no list of scenarios", where="scenarios")
        _check_finite("scenarios", weight=self.weight)
        if (self.weight < 0).any():
            worst = int(np.argmin(self.weight))
            raise InputError(
                f"weight {self.weight[worst]:g} is negative", where=f"scenario {worst}"
            )
        total = float(self.weight[self.drawn].sum())
        if abs(total - 1) > WEIGHT_TOLERANCE:
            raise InputError(
                f"the probabilities of the draws sum to {total:.9g}",
                where="scenarios",
                way_out="make them sum to 1; what is no draw is marked as a state",
            )

    def _check_scenarios(self) -> None:
        columns = self.first.matrix.shape[1]
        if self.second.technology.shape[1] != columns:
            raise InputError(
                f"the technology matrix has {self.second.technology.shape[1]} columns where the "
                f"first stage has {columns}",
                where="second stage",
            )
        tables = self.second.tables()
        if self.risk is not None:
            _check_table("risk", "cost", self.risk.cost, self.second.matrix.shape[1])
            tables["cost of risk"] = self.risk.cost
        for name, values in tables.items():
            if len(values) not in {1, self.scenarios}:
                raise InputError(
                    f"{name} holds {len(values)} scenarios where there are {self.scenarios}",
                    where="second stage",
                    way_out="give one row for each scenario, or one for all",
                )

    def _check_mark(self, mark: ShadowMark) -> None:
        where = f"mark '{mark.name}'"
        if len(mark.scenario) and (
            mark.scenario.min() < -1 or mark.scenario.max() >= self.scenarios
        ):
            raise InputError("names a scenario that is not there", where=where)
        is_first = mark.scenario < 0
        _check_places(where, "row", mark.row[is_first], self.first.matrix.shape[0])
        _check_places(where, "row", mark.row[~is_first], self.second.matrix.shape[0])

    @property
    def scenarios(self) -> int:
        """Number of draws and states."""
        return len(self.weight)

    @property
    def columns(self) -> int:
        """Number of columns of the first stage."""
        return int(self.first.matrix.shape[1])

    def digest(self) -> str:
        """Fingerprint of everything that is solved; names do not count."""
        return _digest((*_first_arrays(self.first), *self._second_arrays()))

    def second_digest(self) -> str:
        """Fingerprint of what cuts depend on: all but the rows, bounds and costs of stage one."""
        return _digest(self._second_arrays())

    def _second_arrays(self) -> Iterator[Numbers]:
        second = self.second
        for matrix in (second.matrix, second.technology):
            yield np.array(matrix.shape)
            yield from (matrix.indptr, matrix.indices)
        yield second.matrix.data
        yield second.varying
        yield from second.tables().values()
        yield from (self.weight, self.drawn)
        if self.risk is not None:
            yield np.array([self.risk.weight, self.risk.level])
            yield self.risk.cost
        for mark in self.marks:
            is_second = mark.scenario >= 0
            yield from (mark.scenario[is_second], mark.row[is_second], mark.coefficient[is_second])

    def with_first_bounds(self, lower: FloatArray, upper: FloatArray) -> "TwoStageProblem":
        """Return the problem with other bounds of the first-stage columns."""
        return replace(self, first=replace(self.first, lower=lower, upper=upper))

    def subset(
        self, indices: Sequence[int], weights: FloatArray | None = None
    ) -> "TwoStageProblem":
        """Return the problem with some of the scenarios.

        Parameters
        ----------
        indices : sequence of int
            Scenarios to keep, each at most once, in their new order.
        weights : array (index), optional
            Their weights; left out, the draws share 1 as before and states keep their own.

        Raises
        ------
        InputError
            If a scenario is named twice or is not there, or the weights are no probabilities.
        """
        chosen = np.asarray(indices, dtype=np.intp)
        _check_places("subset", "indices", chosen, self.scenarios)
        if len(np.unique(chosen)) != len(chosen):
            raise InputError("a scenario is named twice", where="subset")
        drawn = self.drawn[chosen]
        if weights is None:
            weights = self.weight[chosen].copy()
            weights[drawn] /= weights[drawn].sum()
        position = np.full(self.scenarios, -1, dtype=np.intp)
        position[chosen] = np.arange(len(chosen))
        return replace(
            self,
            second=self.second.changed(lambda table: _chosen(table, chosen)),
            weight=weights,
            drawn=drawn,
            risk=self.risk and replace(self.risk, cost=_chosen(self.risk.cost, chosen)),
            marks=tuple(_moved(mark, position, np.ones(self.scenarios)) for mark in self.marks),
        )

    def with_mean(self) -> "TwoStageProblem":
        """Return the problem that knows only the mean of its draws; states are kept."""
        draws, states = np.flatnonzero(self.drawn), np.flatnonzero(~self.drawn)
        share = self.weight[draws]

        def averaged(table: FloatArray) -> FloatArray:
            if len(table) == 1:
                return table
            counted = table[draws[share > 0]]
            mean = (share[share > 0, None] * counted).sum(axis=0)
            return np.vstack([mean, table[states]])

        position = np.zeros(self.scenarios, dtype=np.intp)
        position[states] = 1 + np.arange(len(states))
        factor = np.where(self.drawn, self.weight, 1.0)
        return replace(
            self,
            second=self.second.changed(averaged),
            weight=np.concatenate([[1.0], self.weight[states]]),
            drawn=np.arange(1 + len(states)) == 0,
            risk=self.risk and replace(self.risk, cost=averaged(self.risk.cost)),
            marks=tuple(_moved(mark, position, factor) for mark in self.marks),
        )


def value_at_risk(losses: FloatArray, weight: FloatArray, level: float) -> float:
    """Return the smallest loss that is not exceeded with probability `level`.

    Parameters
    ----------
    losses, weight : array (draw)
        Losses and their probabilities.
    level : float
        From 0 to below 1.
    """
    order = np.argsort(losses, kind="stable")
    order = order[weight[order] > 0]
    until = np.cumsum(weight[order])
    place = int(np.searchsorted(until, level - 1e-12))
    return float(losses[order[min(place, len(order) - 1)]])


def tail_mean(losses: FloatArray, weight: FloatArray, level: float) -> float:
    """Return the mean of the worst ``1 - level`` of the losses, the conditional value at risk.

    Parameters
    ----------
    losses, weight : array (draw)
        Losses and their probabilities.
    level : float
        0 gives the mean; towards 1 it becomes the worst case.

    Examples
    --------
    >>> losses, weight = np.array([10.0, 20, 30, 40]), np.full(4, 0.25)
    >>> tail_mean(losses, weight, 0.6)
    36.25
    """
    start = value_at_risk(losses, weight, level)
    beyond = float(weight @ np.maximum(losses - start, 0.0)) / (1 - level)
    return start + beyond


def _chosen(table: FloatArray, scenarios: IndexArray) -> FloatArray:
    return table if len(table) == 1 else table[scenarios]


def _moved(mark: ShadowMark, position: IndexArray, factor: FloatArray) -> ShadowMark:
    """Give scenarios their new places; those without one are left out."""
    is_first = mark.scenario < 0
    new = np.where(is_first, -1, position[mark.scenario])
    scaled = np.where(is_first, mark.coefficient, mark.coefficient * factor[mark.scenario])
    kept = is_first | (new >= 0)
    return replace(mark, scenario=new[kept], row=mark.row[kept], coefficient=scaled[kept])


def _first_arrays(first: FirstStage) -> Iterator[Numbers]:
    yield np.array(first.matrix.shape)
    yield from (first.matrix.indptr, first.matrix.indices, first.matrix.data)
    yield from (first.cost, first.row_lower, first.row_upper, first.lower, first.upper)
    yield first.integer


def _digest(arrays: Iterable[Numbers]) -> str:
    found = hashlib.sha256()
    for array in arrays:
        plain = array if array.dtype == np.float64 else array.astype(np.int64)
        found.update(str(plain.shape).encode())
        found.update(np.ascontiguousarray(plain).tobytes())
    return found.hexdigest()


def _check_shape(where: str, shape: tuple[int, ...], **arrays: Numbers) -> None:
    for name, array in arrays.items():
        if array.shape != shape:
            raise InputError(f"{name} has shape {array.shape} instead of {shape}", where=where)


def _check_table(where: str, name: str, table: FloatArray, width: int) -> None:
    if table.ndim != 2 or table.shape[1] != width or not len(table):
        raise InputError(
            f"{name} has shape {table.shape} instead of (scenarios, {width})", where=where
        )


def _check_finite(where: str, **arrays: FloatArray) -> None:
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise InputError(f"{name} holds a value that is not finite", where=where)


def _check_bounds(where: str, lower: FloatArray, upper: FloatArray) -> None:
    """Bounds are in order, are no NaN, and leave a number between them."""
    fine = (lower <= upper) & (lower < np.inf) & (upper > -np.inf)
    if fine.all():
        return
    place = np.argwhere(~fine)[0]
    low, high = (np.broadcast_to(bound, fine.shape)[tuple(place)] for bound in (lower, upper))
    scenario = f", scenario {place[0]}" if fine.ndim > 1 else ""
    raise InputError(
        f"lower bound {low:g} and upper bound {high:g} leave nothing between them",
        where=f"{where}, number {place[-1]}{scenario}",
    )


def _check_canonical(where: str, **matrices: sparse.csr_array | sparse.csc_array) -> None:
    for name, matrix in matrices.items():
        if not matrix.has_canonical_format:
            raise InputError(
                f"entries of the {name} matrix are not in order, or one stands twice",
                where=where,
                way_out="call sum_duplicates() before its values are given",
            )


def _check_names(
    where: str, names: tuple[str, ...], columns: int, row_names: tuple[str, ...], rows: int
) -> None:
    for kind, given, count in (("columns", names, columns), ("rows", row_names, rows)):
        if given and len(given) != count:
            raise InputError(f"{len(given)} names for {count} {kind}", where=where)


def _check_places(where: str, name: str, places: IndexArray, count: int) -> None:
    if len(places) and (places.min() < 0 or places.max() >= count):
        raise InputError(f"{name} points outside the {count} that are there", where=where)
