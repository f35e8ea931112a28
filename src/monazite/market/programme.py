"""Convex quadratic programmes with a diagonal curvature, solved by HiGHS and polished.

    minimise   c'x + x'Qx / 2      over  lower <= x <= upper,  A x >= floor

A linear programme goes to HiGHS as it is (Huangfu and Hall 2018, Mathematical Programming
Computation 10). A curved one goes there in pieces: each curved cost is replaced by its chords
between points around the best answer so far, and the points draw together round after round.
Chords lie above the curve and touch it at the points, so no round is worse than the one before.
After each round the optimality conditions of its basis are solved to rounding; as soon as their
solution is optimal, which takes three to six rounds, it is the answer.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

OPTIMAL = 1e-11
"""Residual of the optimality conditions, in scaled units, that ends the rounds."""
AT_BOUND = 1e-9
"""Distance from a bound, or slack of a row, in scaled units, that counts as none."""
RANK_LIMIT = 1500
"""Most rows for which uniqueness of duals is tested; beyond, it counts as not shown."""
ROUNDS = 16
"""Most rounds of chords."""
OFFSETS = np.array([-1.0, -0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0])
"""Points of the chords around the last answer, in widths of the round."""
NARROWING = 0.25
"""Width of a round over that of the one before, for answers inside the points."""
REFINEMENTS = 30
"""Most steps that make the solution of the final equations exact."""
SHIFT = 1e-10
"""Regularisation of the final equations; refined away."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """A programme as arrays.

    ``cost``, ``curvature``, ``lower``, ``upper`` : (column); curvature is the diagonal of Q,
    never negative; lower bounds are finite, upper ones may be infinite. ``matrix`` :
    (row, column). ``floor`` : (row).
    """

    cost: FloatArray
    curvature: FloatArray
    lower: FloatArray
    upper: FloatArray
    matrix: sparse.csc_array
    floor: FloatArray

    def scales(self) -> tuple[float, float]:
        """Largest finite bound and largest cost, or 1."""
        bounds = np.concatenate([self.lower, self.upper, self.floor])
        finite = np.abs(bounds[np.isfinite(bounds)])
        amount = float(finite.max(initial=0.0)) or 1.0
        return amount, float(np.abs(self.cost).max(initial=0.0)) or 1.0

    def is_free(self, x: FloatArray) -> BoolArray:
        """Which quantities are between their bounds (column)."""
        return np.asarray((x > self.lower + AT_BOUND) & (x < self.upper - AT_BOUND))

    def is_tight(self, x: FloatArray) -> BoolArray:
        """Which rows have no slack (row)."""
        return np.asarray(self.matrix @ x - self.floor <= AT_BOUND)


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """``x`` : quantities (column). ``dual`` : never negative (row).

    ``unique`` : whether the duals are shown to be the only ones of this optimum.
    """

    x: FloatArray
    dual: FloatArray
    unique: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Vertex(Solution):
    """What a linear programme ends with.

    ``basic`` : (column) in the basis, so that its reduced cost is zero. ``tight`` : (row) out
    of it, so that the row holds with equality.
    """

    basic: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    tight: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


def solve(programme: Programme) -> Solution | None:
    """Return an optimum, or None if there is none.

    The work is done in units in which the largest bound and the largest cost are 1.
    """
    amount, price = programme.scales()
    scaled = replace(
        programme,
        cost=programme.cost / price,
        curvature=programme.curvature * amount / price,
        lower=programme.lower / amount,
        upper=programme.upper / amount,
        floor=programme.floor / amount,
    )
    found = _curved(scaled) if scaled.curvature.any() else _linear(scaled)
    if found is None:
        return None
    unique = _has_unique_duals(scaled, found.x)
    x = np.clip(found.x * amount, programme.lower, programme.upper)
    return Solution(x, found.dual * price, unique)


def residual(programme: Programme, solution: Solution) -> float:
    """Return how far a solution is from the optimality conditions, the worst of all.

    Rows hold, and a slack row has no dual; a reduced cost is zero unless the quantity is at
    the bound to which it pushes.
    """
    slack = programme.matrix @ solution.x - programme.floor
    reduced = programme.cost + programme.curvature * solution.x
    reduced = reduced - programme.matrix.T @ solution.dual
    down = np.minimum(np.maximum(reduced, 0.0), solution.x - programme.lower)
    up = np.minimum(np.maximum(-reduced, 0.0), programme.upper - solution.x)
    idle = np.minimum(np.maximum(slack, 0.0), solution.dual)
    parts = (-slack, down, up, idle)
    return max(float(part.max(initial=0.0)) for part in parts)


def _linear(programme: Programme) -> _Vertex | None:
    import highspy  # noqa: PLC0415 - slow to load, and smooth networks never need it

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in (("output_flag", False), ("threads", 1)):
        solver.setOptionValue(option, setting)
    for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        solver.setOptionValue(tolerance, 1e-10)
    linear = highspy.HighsLp()
    linear.num_row_, linear.num_col_ = programme.matrix.shape
    linear.col_cost_ = programme.cost
    linear.col_lower_, linear.col_upper_ = programme.lower, programme.upper
    linear.row_lower_ = programme.floor
    linear.row_upper_ = np.full(len(programme.floor), highspy.kHighsInf)
    linear.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    linear.a_matrix_.start_ = programme.matrix.indptr
    linear.a_matrix_.index_ = programme.matrix.indices
    linear.a_matrix_.value_ = programme.matrix.data
    solver.passModel(linear)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = solver.getSolution()
    basis, in_basis = solver.getBasis(), highspy.HighsBasisStatus.kBasic
    return _Vertex(
        np.clip(np.array(found.col_value), programme.lower, programme.upper),
        np.maximum(np.array(found.row_dual), 0.0),
        basic=np.array([status == in_basis for status in basis.col_status], dtype=np.bool_),
        tight=np.array([status != in_basis for status in basis.row_status], dtype=np.bool_),
    )


def _curved(programme: Programme) -> Solution | None:
    bounded = np.isfinite(programme.upper)
    width = np.where(bounded, (programme.upper - programme.lower) / 2, 1.0)
    centre = programme.lower + width
    best: Solution | None = None
    for _ in range(ROUNDS):
        rough = _by_chords(programme, centre, width)
        if rough is None:
            return best
        answers = [rough, _polish(programme, rough), *([best] if best else [])]
        best = min(answers, key=lambda answer: residual(programme, answer))
        if residual(programme, best) <= OPTIMAL:
            return best
        inside = np.abs(rough.x - centre) < width
        width, centre = np.where(inside, NARROWING * width, width), rough.x
    return best


def _by_chords(programme: Programme, centre: FloatArray, width: FloatArray) -> _Vertex | None:
    """Solve with every curved cost replaced by chords between points around `centre`."""
    curved = np.flatnonzero(programme.curvature)
    low, high = programme.lower[curved, None], programme.upper[curved, None]
    points = centre[curved, None] + width[curved, None] * OFFSETS
    points = np.hstack([low, np.clip(points, low, high), high])
    start, end = points[:, :-1], points[:, 1:]
    beyond = np.where(np.isfinite(end), end, start + 4 * width[curved, None])
    slope = programme.cost[curved, None] + programme.curvature[curved, None] * (start + beyond) / 2
    piece_of = np.repeat(np.arange(len(curved)), start.shape[1])
    straight = np.flatnonzero(programme.curvature == 0)
    held = programme.matrix[:, curved] @ programme.lower[curved]
    linear = replace(
        programme,
        cost=np.concatenate([programme.cost[straight], slope.ravel()]),
        curvature=np.zeros(len(straight) + slope.size),
        lower=np.concatenate([programme.lower[straight], np.zeros(slope.size)]),
        upper=np.concatenate([programme.upper[straight], (end - start).ravel()]),
        matrix=sparse.csc_array(programme.matrix[:, np.concatenate([straight, curved[piece_of]])]),
        floor=programme.floor - held,
    )
    found = _linear(linear)
    if found is None:
        return None
    x = np.empty(len(programme.cost))
    x[straight] = found.x[: len(straight)]
    x[curved] = programme.lower[curved]
    np.add.at(x, curved[piece_of], found.x[len(straight) :])
    x = np.clip(x, programme.lower, programme.upper)
    basic = programme.is_free(x) & (programme.curvature > 0)
    basic[straight] = found.basic[: len(straight)]
    basic[curved[piece_of[found.basic[len(straight) :]]]] = True
    return _Vertex(x, found.dual, basic=basic, tight=found.tight)


def _polish(programme: Programme, rough: _Vertex) -> Solution:
    """Solve the optimality conditions of the basis to rounding.

    ``Q x + c - A'y = 0`` for the quantities between their bounds or in the basis, and
    ``A x = floor`` for the rows out of it. A small regularisation makes the system definite;
    refinement takes it out again. Curved quantities that the prices push off their bound count
    as between.
    """
    reduced = programme.cost + programme.curvature * rough.x - programme.matrix.T @ rough.dual
    is_low = rough.x <= programme.lower + AT_BOUND
    pushed = (programme.curvature > 0) & np.where(is_low, reduced < 0, reduced > 0)
    free = rough.basic | (pushed & (programme.upper > programme.lower))
    held = np.where(free, 0.0, np.where(is_low, programme.lower, programme.upper))
    tight = rough.tight
    if not free.any() and not tight.any():
        return rough
    part = sparse.csr_array(programme.matrix)[tight][:, free]
    curvature = sparse.diags_array(programme.curvature[free])
    system = sparse.block_array([[curvature, part.T], [part, None]], format="csc")
    shift = SHIFT * np.repeat([1.0, -1.0], part.shape[::-1])
    factor = splu(sparse.csc_array(system + sparse.diags_array(shift)))
    left = programme.floor - programme.matrix @ held
    target = np.concatenate([-programme.cost[free], left[tight]])
    both = np.concatenate([rough.x[free], -rough.dual[tight]])
    for _ in range(REFINEMENTS):
        gap = target - system @ both
        if np.abs(gap).max(initial=0.0) < 1e-15:
            break
        both = both + factor.solve(gap)
    x, dual = held, np.zeros_like(rough.dual)
    x[free] = both[: int(free.sum())]
    dual[tight] = -both[int(free.sum()) :]
    return Solution(np.clip(x, programme.lower, programme.upper), np.maximum(dual, 0.0))


def _has_unique_duals(programme: Programme, x: FloatArray) -> bool:
    """Whether the tight rows are independent over the quantities between their bounds."""
    tight = programme.is_tight(x)
    count = int(tight.sum())
    if count == 0 or count > RANK_LIMIT:
        return count == 0
    part = sparse.csr_array(programme.matrix)[tight][:, programme.is_free(x)]
    return bool(np.linalg.matrix_rank(part.toarray()) == count) if part.shape[1] else False
