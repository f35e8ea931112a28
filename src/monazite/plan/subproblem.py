"""What a decision costs in every scenario, and the cuts that follow from it.

For given ``x`` each scenario is a linear programme in ``y`` alone. Its value is a convex function
of ``x``, and the duals ``pi`` of its rows give a line below it. With ``d = q - W'pi``, each dual
leaning on the bound to which its sign pushes it,

    value(x) >= sum_i pi_i b_i + sum_j d_j u_j - (T'pi)'x    for every x

whatever ``pi`` is (weak duality). Cuts are computed by this formula from the arrays, so that they
hold however well the solver did; a dual that leans on an infinite bound is set to nought and its
size is recorded.

The programmes differ little: one solver holds the common matrix, gets what differs, and starts
from the basis that the same scenario had last time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse

from monazite.errors import InputError, MonaziteError
from monazite.newton import BoolArray, FloatArray, IndexArray
from monazite.plan.twostage import SecondStage, pick

if TYPE_CHECKING:
    import highspy

Solver = Any
"""A ``highspy.Highs``: its stubs leave out the methods that change bounds."""
TOLERANCE = 1e-9
"""Feasibility to which the programmes of the scenarios are solved."""


class CutLine(NamedTuple):
    """A lower bound of one scenario's value: ``constant + gradient'x``.

    ``dual`` : (row) the duals that it rests on. ``leaning`` : largest dual, relative to its
    cost, that leant on an infinite bound and was set to nought.
    """

    constant: float
    gradient: FloatArray
    dual: FloatArray
    leaning: float


def dual_line(
    second: SecondStage, scenario: int, dual: FloatArray, *, costs_count: bool = True
) -> CutLine:
    """Return the line that row duals give by weak duality.

    Parameters
    ----------
    second : SecondStage
        The arrays.
    scenario : int
        Which scenario of them.
    dual : array (row)
        Any; positive leans on the lower bound of a row, negative on the upper.
    costs_count : bool
        False leaves the costs out: the line of an infeasibility, above nought where no operation
        is possible.
    """
    low, high = pick(second.row_lower, scenario), pick(second.row_upper, scenario)
    dual, constant, leaning_rows = lean(dual, low, high)
    cost = pick(second.cost, scenario) if costs_count else np.zeros(second.matrix.shape[1])
    reduced = cost - second.recourse(scenario).T @ dual
    reduced, from_columns, leaning = lean(
        reduced, pick(second.lower, scenario), pick(second.upper, scenario)
    )
    gradient = -(second.technology_of(scenario).T @ dual)
    scale = 1.0 + float(np.abs(cost).max(initial=0.0))
    return CutLine(constant + from_columns, gradient, dual, max(leaning_rows, leaning) / scale)


def lean(dual: FloatArray, lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, float, float]:
    """Lean duals on the bounds to which their signs push them.

    Parameters
    ----------
    dual, lower, upper : array
        Positive leans on the lower bound, negative on the upper.

    Returns
    -------
    tuple
        Duals with those set to nought that leant on an infinite bound; sum of duals times bounds;
        the largest dual that was set to nought.
    """
    bound = np.where(dual > 0, lower, upper)
    leant = np.isfinite(bound)
    lost = float(np.abs(dual[~leant]).max(initial=0.0))
    kept = np.where(leant, dual, 0.0)
    return kept, float(kept[leant] @ bound[leant]), lost


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """All scenarios at one decision, and the cuts there.

    ``value`` : (scenario) least cost, infinite where no operation is possible. ``loss`` :
    (scenario) loss of the risk measure, zero without one. ``constant`` : (group), ``gradient`` :
    (group, column) cuts below the weighted sum of a group's values. ``derivative`` : (group,
    mark) by how much the constant moves with each mark. ``complete`` : groups in which all can be
    operated; the others have no cut. ``barred_constant`` : (barred), ``barred_gradient`` :
    (barred, column) lines that must not be above nought for operation to be possible.
    ``leaning`` : largest dual that leant on an infinite bound. ``mismatch`` : largest relative
    difference of a cut from the value where it was made.
    """

    value: FloatArray
    loss: FloatArray
    constant: FloatArray
    gradient: FloatArray
    derivative: FloatArray
    complete: BoolArray
    barred_constant: FloatArray
    barred_gradient: FloatArray
    leaning: float
    mismatch: float


class Share(NamedTuple):
    """Scenarios that one process looks after.

    ``second`` : their arrays. ``scenario`` : their numbers. ``weight`` : (scenario). ``group`` :
    (scenario) to which cut each adds. ``loss`` : (S or 1, column). ``mark_start`` : (scenario +
    1) into ``mark_row``, ``mark`` and ``mark_coefficient``. ``groups``, ``marks`` : numbers.
    """

    second: SecondStage
    scenario: IndexArray
    weight: FloatArray
    group: IndexArray
    loss: FloatArray
    mark_start: IndexArray
    mark_row: IndexArray
    mark: IndexArray
    mark_coefficient: FloatArray
    groups: int
    marks: int


OTHER_METHODS = ("simplex", "ipm")
"""How a programme is solved that the warm solver gives up."""
CLEAN = 1e-7
"""Relative violation of a row above which a scenario is operated again without scaling."""
SCALED = 2
"""The solver's usual scaling."""


class _Operated(NamedTuple):
    """One scenario solved: duals, activities and value; only a ray if it is infeasible."""

    dual: FloatArray
    activity: FloatArray
    value: float


class Evaluator:
    """One solver that goes through its share of the scenarios.

    Parameters
    ----------
    share : Share
        Scenarios to look after; the solver gets their common matrix once.
    """

    def __init__(self, share: Share) -> None:
        self._share = share
        self._second = share.second
        self._solver = _solver_of(share.second)
        self._bases: list[highspy.HighsBasis | None] = [None] * len(share.scenario)
        self._base: highspy.HighsBasis | None = None
        columns = share.second.matrix.shape[1]
        in_technology = np.diff(share.second.technology.indptr) > 0
        differs = _differs(share.second.row_lower) | _differs(share.second.row_upper)
        self._rows = np.flatnonzero(in_technology | differs).astype(np.int32)
        bounds = _differs(share.second.lower) | _differs(share.second.upper)
        self._columns = np.flatnonzero(bounds).astype(np.int32)
        self._costs = np.flatnonzero(_differs(share.second.cost)).astype(np.int32)
        column_of = np.repeat(np.arange(columns), np.diff(share.second.matrix.indptr))
        places = share.second.varying
        self._entries = list(
            zip(share.second.matrix.indices[places], column_of[places], strict=True)
        )

    def sweep(self, x: FloatArray) -> Sweep:
        """Solve every scenario at a decision and add up the cuts.

        Parameters
        ----------
        x : array (column)
            The decision, in the neutral form.
        """
        share, wide = self._share, len(x)
        value, loss = np.full(len(share.scenario), np.inf), np.zeros(len(share.scenario))
        constant, gradient = np.zeros(share.groups), np.zeros((share.groups, wide))
        derivative = np.zeros((share.groups, share.marks))
        complete = np.ones(share.groups, dtype=np.bool_)
        barred: list[CutLine] = []
        leaning = mismatch = 0.0
        for k, (group, weight) in enumerate(zip(share.group, share.weight, strict=True)):
            found = self._solve(k, x)
            if not np.isfinite(found.value):
                barred.append(self._bar(k, found.dual, x))
                complete[group] = False
                continue
            line = dual_line(self._second, k, found.dual)
            value[k], loss[k] = found.value, pick(share.loss, k) @ found.activity
            constant[group] += weight * line.constant
            gradient[group] += weight * line.gradient
            derivative[group] += weight * self._moved(k, line.dual)
            leaning = max(leaning, line.leaning)
            beside = abs(line.constant + float(line.gradient @ x) - found.value)
            mismatch = max(mismatch, beside / (1.0 + abs(found.value)))
        return Sweep(
            value,
            loss,
            constant,
            gradient,
            derivative,
            complete,
            np.array([line.constant for line in barred]),
            np.array([line.gradient for line in barred]).reshape(len(barred), wide),
            leaning,
            mismatch,
        )

    def operate(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return activities (scenario, column) and row duals (scenario, row).

        Parameters
        ----------
        x : array (column)
            The decision, in the neutral form.

        Raises
        ------
        InputError
            If some scenario cannot be operated after this decision.
        """
        found = [self._exact(k, x) for k in range(len(self._share.scenario))]
        for number, operated in zip(self._share.scenario, found, strict=True):
            if not np.isfinite(operated.value):
                raise InputError(
                    "cannot be operated after this decision",
                    where=f"scenario {number}",
                    way_out="give its rows an elastic column at a high cost",
                )
        activity = np.array([operated.activity for operated in found])
        return activity, np.array([operated.dual for operated in found])

    def _moved(self, k: int, dual: FloatArray) -> FloatArray:
        """By how much the value moves with each mark."""
        share = self._share
        span = slice(share.mark_start[k], share.mark_start[k + 1])
        moves = dual[share.mark_row[span]] * share.mark_coefficient[span]
        return np.bincount(share.mark[span], moves, minlength=share.marks).astype(float)

    def _bar(self, k: int, ray: FloatArray, x: FloatArray) -> CutLine:
        """Return the line that keeps decisions off what cannot be operated."""
        # solvers do not agree on the sign of a ray
        lines = [
            dual_line(self._second, k, dual / np.abs(ray).max(), costs_count=False)
            for dual in (ray, -ray)
        ]
        heights = [line.constant + line.gradient @ x for line in lines]
        line = lines[int(np.argmax(heights))]
        noise = TOLERANCE * (1.0 + float(np.abs(line.gradient) @ np.abs(x)))
        if max(heights) <= noise or line.leaning > np.sqrt(TOLERANCE):
            raise self._lost(k, "is called infeasible without a proof")
        return line

    def _lost(self, k: int, what: str) -> MonaziteError:
        return MonaziteError(
            f"the linear programme {what}",
            where=f"scenario {self._share.scenario[k]}",
            way_out="look for coefficients that are many orders of magnitude apart",
        )

    def _solve(self, k: int, x: FloatArray) -> _Operated:
        """Solve a scenario from its own last basis, from the first one's, or from nothing."""
        self._load(k, x)
        warm = self._bases[k] or self._base
        for basis in (warm, None) if warm else (None,):
            if basis is None:
                self._solver.clearSolver()
            else:
                self._solver.setBasis(basis)
            found = self._run(k)
            if found is not None:
                return found
        return self._solve_otherwise(k)

    def _solve_otherwise(self, k: int) -> _Operated:
        """Solve a scenario that the usual way gives up, from nothing and with presolve."""
        for method in OTHER_METHODS:
            self._solver.clearSolver()
            self._solver.setOptionValue("presolve", "choose")
            self._solver.setOptionValue("solver", method)
            found = self._run(k)
            self._solver.setOptionValue("presolve", "off")
            self._solver.setOptionValue("solver", "simplex")
            if found is not None:
                return found
        raise self._lost(k, f"ends as {self._solver.getModelStatus()}")

    def _exact(self, k: int, x: FloatArray) -> _Operated:
        """Solve a scenario; where scaling has left rows a little short, go on without it."""
        found = self._solve(k, x)
        if not np.isfinite(found.value) or self._short(k, x, found) <= CLEAN:
            return found
        self._solver.setOptionValue("simplex_scale_strategy", 0)
        again = self._run(k)
        self._solver.setOptionValue("simplex_scale_strategy", SCALED)
        is_better = again is not None and self._short(k, x, again) < self._short(k, x, found)
        return again if again is not None and is_better else found

    def _short(self, k: int, x: FloatArray, found: _Operated) -> float:
        """Largest relative violation of a row."""
        second = self._second
        rows = second.recourse(k) @ found.activity + second.technology_of(k) @ x
        low, high = pick(second.row_lower, k), pick(second.row_upper, k)
        with np.errstate(invalid="ignore"):
            under = (low - rows) / (1.0 + np.abs(low))
            over = (rows - high) / (1.0 + np.abs(high))
        return float(max(np.nanmax(under, initial=0.0), np.nanmax(over, initial=0.0)))

    def _load(self, k: int, x: FloatArray) -> None:
        """Give the solver what differs in this scenario."""
        second, solver, rows, columns = self._second, self._solver, self._rows, self._columns
        shift: FloatArray = (second.technology_of(k) @ x)[rows]
        low, high = pick(second.row_lower, k)[rows], pick(second.row_upper, k)[rows]
        solver.changeRowsBounds(len(rows), rows, low - shift, high - shift)
        if len(columns):
            low, high = pick(second.lower, k)[columns], pick(second.upper, k)[columns]
            solver.changeColsBounds(len(columns), columns, low, high)
        if len(self._costs):
            cost = pick(second.cost, k)[self._costs]
            solver.changeColsCost(len(self._costs), self._costs, cost)
        if self._entries:
            for (row, column), entry in zip(
                self._entries, pick(second.varying_values, k), strict=True
            ):
                solver.changeCoeff(row, column, entry)

    def _run(self, k: int) -> _Operated | None:
        """Run the solver; nothing if its answer is of no use."""
        import highspy  # noqa: PLC0415 - loaded with the first solver

        solver, status = self._solver, highspy.HighsModelStatus
        solver.run()
        ended = solver.getModelStatus()
        if ended == status.kOptimal:
            solution = solver.getSolution()
            self._bases[k] = basis = solver.getBasis()
            self._base = self._base or basis
            value = solver.getInfo().objective_function_value
            return _Operated(np.array(solution.row_dual), np.array(solution.col_value), value)
        if ended == status.kUnbounded:
            raise InputError(
                "its cost falls without limit",
                where=f"scenario {self._share.scenario[k]}",
                way_out="bound what is paid for",
            )
        if ended == status.kInfeasible:
            _, has_ray, ray = solver.getDualRay()
            return _Operated(np.asarray(ray), np.zeros(0), np.inf) if has_ray else None
        return None


def _differs(table: FloatArray) -> BoolArray:
    """Which columns of a table differ between scenarios."""
    found: BoolArray = (table != table[0]).any(axis=0)
    return found


def _solver_of(second: SecondStage) -> Solver:
    import highspy  # noqa: PLC0415 - slow to load, and most of the package does without

    solver = quiet_solver()
    solver.setOptionValue("solver", "simplex")
    # without presolve a warm start is a start, and infeasibility comes with its ray
    solver.setOptionValue("presolve", "off")
    for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        solver.setOptionValue(tolerance, TOLERANCE)
    linear = highspy.HighsLp()
    linear.num_row_, linear.num_col_ = second.matrix.shape
    linear.col_cost_ = pick(second.cost, 0)
    linear.col_lower_, linear.col_upper_ = pick(second.lower, 0), pick(second.upper, 0)
    linear.row_lower_, linear.row_upper_ = pick(second.row_lower, 0), pick(second.row_upper, 0)
    fill_matrix(linear, second.recourse(0))
    solver.passModel(linear)
    return solver


def quiet_solver() -> Solver:
    """Return a solver that says nothing and uses one thread."""
    import highspy  # noqa: PLC0415 - slow to load, and most of the package does without

    # a run elsewhere may have started more threads, which solvers of one thread refuse to share
    highspy.Highs.resetGlobalScheduler(True)
    solver: Solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in (("output_flag", False), ("threads", 1)):
        solver.setOptionValue(option, setting)
    return solver


def fill_matrix(linear: "highspy.HighsLp", matrix: sparse.csc_array) -> None:
    """Put a matrix (row, column) into a model.

    Parameters
    ----------
    linear : highspy.HighsLp
        The model.
    matrix : csc_array
        Its coefficients.
    """
    import highspy  # noqa: PLC0415 - slow to load, and most of the package does without

    linear.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    linear.a_matrix_.start_ = matrix.indptr
    linear.a_matrix_.index_ = matrix.indices
    linear.a_matrix_.value_ = matrix.data
