"""The first stage with cuts in place of the second: relaxed, or in whole numbers.

Its columns are the decision and, for each group of scenarios, what it costs at least. The bound of
the relaxed form is recomputed from the duals; in whole numbers it is the solver's.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from monazite.errors import InputError
from monazite.newton import FloatArray, IndexArray
from monazite.plan.cuts import BAR, Cuts, Planes
from monazite.plan.subproblem import Solver, fill_matrix, lean, quiet_solver
from monazite.plan.twostage import FirstStage, ShadowMark

if TYPE_CHECKING:
    import highspy

TOLERANCE = 1e-9
"""Feasibility to which the first stage is solved."""
VIOLATION = 1e-7
"""A row that is missed by less, relative to its bound, is no conflict."""
BOX, LARGEST_BOX = 1e3, 1e12
"""Half width of the box in which a decision is looked for that nothing bounds yet."""


class Ending(Enum):
    """How a run of the solver ended."""

    SOLVED = auto()
    STOPPED = auto()
    INFEASIBLE = auto()
    UNBOUNDED = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What the first stage would decide, knowing what the cuts tell.

    ``ending`` : how the solver ended. ``x`` : (column), empty if there is none. ``bound`` : no
    decision costs less; minus infinity if unknown. ``row_dual`` : (row), ``cut_dual`` : (cut)
    of the relaxed form. ``others`` : decisions that were met on the way, the best first.
    """

    ending: Ending
    x: FloatArray
    bound: float
    row_dual: FloatArray
    cut_dual: FloatArray
    others: tuple[FloatArray, ...] = ()


class Conflict(NamedTuple):
    """A row that cannot hold together with the others.

    ``row`` : its name. ``amount`` : by how much it is missed where all together are missed least.
    """

    row: str
    amount: float


FRESH_STARTS = (("off", "simplex"), ("choose", "simplex"), ("choose", "ipm"))
"""Presolve and method with which a linear programme is tried again after round-off."""


class Master:
    """A solver that holds the first stage and the cuts.

    Parameters
    ----------
    first : FirstStage
        In neutral form.
    groups : int
        Of scenarios, whose costs are columns.
    """

    def __init__(self, first: FirstStage, groups: int) -> None:
        self._first, self._groups = first, groups
        self._columns = len(first.cost)
        self._is_bounded = np.zeros(groups, dtype=np.bool_)
        self._box = BOX
        self._is_whole = False
        self._held: list[Planes] = []
        self._solver = _solver_of(first, groups)

    def add(self, planes: Planes) -> None:
        """Add cuts behind those that are there.

        Parameters
        ----------
        planes : Planes
            The cuts.
        """
        if not len(planes.group):
            return
        matrix = _cut_rows(planes, self._groups)
        self._solver.addRows(
            len(planes.group),
            planes.constant,
            np.full(len(planes.group), np.inf),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )
        self._held.append(planes)
        self._free(planes.group[planes.group != BAR])

    def _free(self, groups: IndexArray) -> None:
        """Let go of costs that a cut bounds from now on; the others are held at nought."""
        new = np.unique(groups[~self._is_bounded[groups]])
        self._is_bounded[new] = True
        free = np.full(len(new), np.inf)
        self._solver.changeColsBounds(len(new), (self._columns + new).astype(np.int32), -free, free)

    def relaxed(self) -> Proposal:
        """Decide without regard to whole numbers.

        Raises
        ------
        InputError
            If the cost falls without limit.
        """
        ending = self._run()
        if ending is Ending.UNBOUNDED:
            return self._boxed()
        if ending is not Ending.SOLVED:
            return _nothing(ending)
        solution = self._solver.getSolution()
        dual = np.array(solution.row_dual)
        rows = len(self._first.row_lower)
        bound = self._dual_bound(dual[:rows], dual[rows:])
        return Proposal(ending, self._decision(solution.col_value), bound, dual[:rows], dual[rows:])

    def shadow(self, proposal: Proposal, marks: tuple[ShadowMark, ...]) -> FloatArray:
        """Change of the relaxed cost when what is marked moves by one (mark).

        Parameters
        ----------
        proposal : Proposal
            The last answer of ``relaxed``.
        marks : tuple of ShadowMark
            Right-hand sides; those of the second stage move the cuts.
        """
        moved: FloatArray = proposal.cut_dual @ _joined(self._held).derivative
        for k, mark in enumerate(marks):
            is_first = mark.scenario < 0
            moved[k] += proposal.row_dual[mark.row[is_first]] @ mark.coefficient[is_first]
        return moved

    def _dual_bound(self, row_dual: FloatArray, cut_dual: FloatArray) -> float:
        """Lower bound of the objective from the duals, whatever the solver says."""
        if not self._is_bounded.all():
            return -np.inf
        first, planes = self._first, _joined(self._held)
        row_dual, from_rows, _ = lean(row_dual, first.row_lower, first.row_upper)
        cut_dual = np.maximum(cut_dual, 0.0)
        reduced = first.cost - first.matrix.T @ row_dual + planes.gradient.T @ cut_dual
        _, from_columns, _ = lean(reduced, first.lower, first.upper)
        return from_rows + from_columns + float(cut_dual @ planes.constant)

    def _boxed(self) -> Proposal:
        """Decide within a box: nothing bounds the cost yet, but cuts will."""
        if self._box > LARGEST_BOX:
            raise InputError(
                "the cost falls without limit",
                where="first stage",
                way_out="bound what is paid for",
            )
        first, columns = self._first, np.arange(self._columns, dtype=np.int32)
        low = np.maximum(first.lower, np.minimum(-self._box, first.upper - self._box))
        high = np.minimum(first.upper, np.maximum(self._box, first.lower + self._box))
        self._solver.changeColsBounds(len(columns), columns, low, high)
        ending = self._run()
        self._solver.changeColsBounds(len(columns), columns, first.lower, first.upper)
        self._box *= 10
        if ending is not Ending.SOLVED:
            return _nothing(ending)
        x = self._decision(self._solver.getSolution().col_value)
        return Proposal(ending, x, -np.inf, np.zeros(0), np.zeros(0))

    def whole(
        self, start: FloatArray | None, *, gap: float, seconds: float, enough: float = np.inf
    ) -> Proposal:
        """Decide in whole numbers.

        Parameters
        ----------
        start : array (column and group), optional
            A decision to start from, and what each group costs at least.
        gap : float
            Relative gap at which the solver may stop.
        seconds : float
            Time it may take.
        enough : float
            Bound at which the solver may stop as well.
        """
        import highspy  # noqa: PLC0415 - loaded with the first solver

        solver, whole = self._solver, np.flatnonzero(self._first.integer).astype(np.int32)
        kind = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._is_whole = True
        solver.changeColsIntegrality(len(whole), whole, kind)
        # the solver counts the time of all its runs
        until = solver.getRunTime() + seconds
        settings = {"presolve": "choose", "mip_rel_gap": gap, "time_limit": until}
        for option, setting in settings.items():
            solver.setOptionValue(option, setting)
        if start is not None:
            solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
        passed = run_apart(solver, enough=enough)
        ending = ending_of(solver)
        if ending in {Ending.INFEASIBLE, Ending.UNBOUNDED}:
            return _nothing(ending)
        info = solver.getInfo()
        is_found = info.primal_solution_status == highspy.kSolutionStatusFeasible
        x = self._decision(solver.getSolution().col_value) if is_found else np.zeros(0)
        others = tuple(self._decision(one) for one in reversed(passed))
        return Proposal(ending, x, float(info.mip_dual_bound), np.zeros(0), np.zeros(0), others)

    def _decision(self, columns: Sequence[float] | FloatArray) -> FloatArray:
        x = np.array(columns)[: self._columns]
        if self._is_whole:
            x = np.where(self._first.integer, np.round(x), x)
        clipped: FloatArray = np.clip(x, self._first.lower, self._first.upper)
        return clipped

    def _run(self) -> Ending:
        """Run the solver; where it gives up from where it stands, from nothing and otherwise."""
        solver = self._solver
        solver.run()
        for presolve, method in FRESH_STARTS:
            if ending_of(solver) is not Ending.STOPPED:
                break
            solver.clearSolver()
            solver.setOptionValue("presolve", presolve)
            solver.setOptionValue("solver", method)
            solver.run()
        ending = ending_of(solver)
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("solver", "choose")
        return ending


def run_apart(solver: Solver, *, enough: float = np.inf) -> list[FloatArray]:
    """Run a solver in whole numbers in a thread of its own, so that Ctrl-C is heard meanwhile.

    Parameters
    ----------
    solver : highspy.Highs
        Told to stop when anything is raised here.
    enough : float
        Bound at which it may stop as well.

    Returns
    -------
    list of arrays
        Solutions that it came across, each better than the one before.
    """
    stop = threading.Event()
    found: list[FloatArray] = []

    def interrupt(event: "highspy.highs.HighsCallbackEvent") -> None:
        if stop.is_set() or event.data_out.mip_dual_bound >= enough:
            event.interrupt()

    def collect(event: "highspy.highs.HighsCallbackEvent") -> None:
        found.append(np.array(event.data_out.mip_solution))

    solver.cbMipInterrupt += interrupt
    solver.cbMipImprovingSolution += collect
    runner = threading.Thread(target=solver.run)
    runner.start()
    try:
        while runner.is_alive():
            runner.join(0.5)
    except BaseException:
        stop.set()
        runner.join()
        raise
    finally:
        solver.cbMipInterrupt -= interrupt
        solver.cbMipImprovingSolution -= collect
    return found


def ending_of(solver: Solver) -> Ending:
    """How the last run of a solver ended.

    Parameters
    ----------
    solver : highspy.Highs
        After a run.
    """
    import highspy  # noqa: PLC0415 - loaded with the first solver

    status = highspy.HighsModelStatus
    known = {
        status.kOptimal: Ending.SOLVED,
        status.kModelEmpty: Ending.SOLVED,
        status.kInfeasible: Ending.INFEASIBLE,
        status.kUnbounded: Ending.UNBOUNDED,
        status.kUnboundedOrInfeasible: Ending.UNBOUNDED,
    }
    return known.get(solver.getModelStatus(), Ending.STOPPED)


def _nothing(ending: Ending) -> Proposal:
    bound = np.inf if ending is Ending.INFEASIBLE else -np.inf
    return Proposal(ending, np.zeros(0), bound, np.zeros(0), np.zeros(0))


def _joined(held: list[Planes]) -> Planes:
    if len(held) > 1:
        held[:] = [Planes(*map(np.concatenate, zip(*held, strict=True)))]
    return held[0]


def _cut_rows(planes: Planes, groups: int) -> sparse.csr_array:
    """Rows ``theta_g - gradient'x >= constant`` over decision and groups."""
    below = planes.group != BAR
    row = np.flatnonzero(below)
    theta = sparse.csr_array(
        (np.ones(len(row)), (row, planes.group[below])), shape=(len(below), groups)
    )
    return sparse.csr_array(sparse.hstack([sparse.csr_array(-planes.gradient), theta], "csr"))


def _solver_of(first: FirstStage, groups: int) -> Solver:
    import highspy  # noqa: PLC0415 - slow to load, and most of the package does without

    solver = quiet_solver()
    # without presolve a warm start is a start, and endings are told apart
    solver.setOptionValue("presolve", "off")
    for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        solver.setOptionValue(tolerance, TOLERANCE)
    rows, columns = first.matrix.shape
    nought = np.zeros(groups)
    linear = highspy.HighsLp()
    linear.num_row_, linear.num_col_ = rows, columns + groups
    linear.col_cost_ = np.append(first.cost, np.ones(groups))
    linear.col_lower_ = np.append(first.lower, nought)
    linear.col_upper_ = np.append(first.upper, nought)
    linear.row_lower_, linear.row_upper_ = first.row_lower, first.row_upper
    matrix = sparse.csc_array(
        (first.matrix.data, first.matrix.nonzero()), shape=(rows, columns + groups)
    )
    fill_matrix(linear, matrix)
    solver.passModel(linear)
    return solver


def conflicts(first: FirstStage, cuts: Cuts) -> tuple[Conflict, ...]:
    """Say which rows of a first stage cannot hold together, and by how much they are missed.

    Every row may be missed at a cost relative to its bound; the least costly way is reported.

    Parameters
    ----------
    first : FirstStage
        That no decision satisfies.
    cuts : Cuts
        Their bars are rows like the others.
    """
    planes = cuts.planes
    bars = planes.group == BAR
    matrix = sparse.vstack([first.matrix, sparse.csr_array(planes.gradient[bars])], "csr")
    low = np.append(first.row_lower, np.full(bars.sum(), -np.inf))
    high = np.append(first.row_upper, -planes.constant[bars])
    names = [first.row_name(row) for row in range(len(first.row_lower))]
    names += ["operation in some scenario"] * int(bars.sum())
    missed = _least_missed(first, matrix, low, high)
    scale = 1.0 + np.where(np.isfinite(low), np.abs(low), 0.0)
    scale = np.maximum(scale, 1.0 + np.where(np.isfinite(high), np.abs(high), 0.0))
    found = [
        Conflict(name, float(amount))
        for name, amount, size in zip(names, missed, scale, strict=True)
        if amount > VIOLATION * size
    ]
    return tuple(sorted(found, key=lambda conflict: -conflict.amount))


def _least_missed(
    first: FirstStage, matrix: sparse.csr_array, low: FloatArray, high: FloatArray
) -> FloatArray:
    """By how much each row is missed (row), in whole numbers where they are asked for."""
    import highspy  # noqa: PLC0415 - slow to load, and most of the package does without

    rows, columns = matrix.shape
    ends = [np.abs(np.where(np.isfinite(end), end, 0.0)) for end in (low, high)]
    price = 1.0 / np.maximum(1.0, np.maximum(*ends))
    elastic = sparse.eye_array(rows, format="csr")
    linear = highspy.HighsLp()
    linear.num_row_, linear.num_col_ = rows, columns + 2 * rows
    linear.col_cost_ = np.concatenate([np.zeros(columns), price, price])
    linear.col_lower_ = np.append(first.lower, np.zeros(2 * rows))
    linear.col_upper_ = np.append(first.upper, np.full(2 * rows, np.inf))
    linear.row_lower_, linear.row_upper_ = low, high
    fill_matrix(linear, sparse.csc_array(sparse.hstack([matrix, elastic, -elastic], "csc")))
    kinds = highspy.HighsVarType
    linear.integrality_ = [
        *(kinds.kInteger if whole else kinds.kContinuous for whole in first.integer),
        *[kinds.kContinuous] * (2 * rows),
    ]
    solver = quiet_solver()
    solver.passModel(linear)
    solver.run()
    solution = np.array(solver.getSolution().col_value)[columns:]
    missed: FloatArray = solution[:rows] + solution[rows:]
    return missed
