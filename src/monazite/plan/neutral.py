"""Risk as columns: solvers only ever see a problem that minimises a mean.

The conditional value at risk of a loss is the least, over all numbers ``eta``, of ``eta`` and the
mean excess over it by ``1 - alpha`` (Rockafellar & Uryasev 2000, Journal of Risk 2). The value at
risk ``eta`` becomes the last column of the first stage, the excess ``e_s >= r_s'y_s - eta`` the
last row and column of the second.
"""

from dataclasses import replace

import numpy as np
from scipy import sparse

from monazite.newton import FloatArray, IndexArray
from monazite.plan.twostage import FirstStage, Risk, SecondStage, TwoStageProblem

EXCESS = "excess over the value at risk"
VALUE_AT_RISK = "value at risk"


def has_value_at_risk(problem: TwoStageProblem) -> bool:
    """Whether the neutral form of a problem has one column more.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk.
    """
    return problem.risk is not None and problem.risk.weight > 0


def padded_loss(problem: TwoStageProblem) -> FloatArray:
    """Loss of the risk measure over the columns of the neutral form (S or 1, column).

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk.
    """
    if problem.risk is None or not has_value_at_risk(problem):
        return np.zeros((1, problem.second.matrix.shape[1]))
    return np.pad(problem.risk.cost, ((0, 0), (0, 1)))


def with_risk_columns(problem: TwoStageProblem) -> TwoStageProblem:
    """Return the same problem in neutral form: risk as columns, ``risk`` empty.

    The value at risk is the last column of the first stage, the excess over it the last column
    of the second. A problem without risk, or with risk of no weight, comes back without either.
    """
    risk = problem.risk
    if risk is None or not has_value_at_risk(problem):
        return replace(problem, risk=None)
    first, second = _with_value_at_risk(problem, risk), _with_excess(problem, risk)
    return replace(problem, first=first, second=second, risk=None)


def _with_value_at_risk(problem: TwoStageProblem, risk: Risk) -> FirstStage:
    first, old = problem.first, problem.first.matrix
    low, high = _loss_range(problem, risk)
    shape = (old.shape[0], old.shape[1] + 1)
    return replace(
        first,
        cost=np.append(first.cost, risk.weight),
        matrix=sparse.csr_array((old.data, old.indices, old.indptr), shape=shape),
        lower=np.append(first.lower, low),
        upper=np.append(first.upper, high),
        integer=np.append(first.integer, False),
        names=(*first.names, VALUE_AT_RISK) if first.names else (),
    )


def _with_excess(problem: TwoStageProblem, risk: Risk) -> SecondStage:
    """Add ``e_s + eta - r_s'y_s >= 0`` with ``e_s >= 0``, at a cost in the draws."""
    second, (rows, columns) = problem.second, problem.second.matrix.shape
    lossy = np.flatnonzero((risk.cost != 0).any(axis=0))
    row, column = _bordered(second.matrix, np.append(lossy, columns))
    order = np.lexsort((row, column))
    data = np.concatenate([second.matrix.data, -risk.cost[0, lossy], [1.0]])
    deep, wide = _bordered(second.technology, np.array([problem.columns]))
    pattern = np.lexsort((wide, deep))
    dear = np.where(problem.drawn, risk.weight / (1 - risk.level), 0.0)
    varying, varying_values = _varying(second, risk, lossy, order)
    return SecondStage(
        matrix=sparse.csc_array((data, (row, column)), shape=(rows + 1, columns + 1)),
        technology=sparse.csr_array(
            (np.ones(len(deep)), (deep, wide)), shape=(rows + 1, problem.columns + 1)
        ),
        technology_values=_beside(second.technology_values, 1.0)[:, pattern],
        cost=_beside(second.cost, dear[:1] if problem.drawn.all() else dear),
        row_lower=_beside(second.row_lower, 0.0),
        row_upper=_beside(second.row_upper, np.inf),
        lower=_beside(second.lower, 0.0),
        upper=_beside(second.upper, np.inf),
        names=(*second.names, EXCESS) if second.names else (),
        row_names=(*second.row_names, EXCESS) if second.row_names else (),
        varying=varying,
        varying_values=varying_values,
    )


def _bordered(
    matrix: sparse.csr_array | sparse.csc_array, border: IndexArray
) -> tuple[IndexArray, IndexArray]:
    """Rows and columns of the entries, then of those of one more row with entries at `border`."""
    old = matrix.tocoo()
    last = np.full(len(border), matrix.shape[0])
    row: IndexArray = np.concatenate([old.row, last]).astype(np.intp)
    column: IndexArray = np.concatenate([old.col, border]).astype(np.intp)
    return row, column


def _varying(
    second: SecondStage, risk: Risk, lossy: IndexArray, order: IndexArray
) -> tuple[IndexArray, FloatArray]:
    """Places in the sorted entries that differ between scenarios, and their values."""
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    if len(risk.cost) == 1:
        return place[second.varying], second.varying_values
    scenarios = len(risk.cost)
    old = np.broadcast_to(second.varying_values, (scenarios, len(second.varying)))
    losses = second.matrix.nnz + np.arange(len(lossy))
    return (
        place[np.concatenate([second.varying, losses])],
        np.hstack([old, -risk.cost[:, lossy]]),
    )


def _loss_range(problem: TwoStageProblem, risk: Risk) -> tuple[float, float]:
    """Bounds of the value at risk, from the bounds of the columns that make the loss."""
    second = problem.second
    lossy = (risk.cost != 0).any(axis=0)
    cost = risk.cost[:, lossy]
    at_lower = _product(cost, second.lower[:, lossy])
    at_upper = _product(cost, second.upper[:, lossy])
    low = np.minimum(at_lower, at_upper).sum(axis=1)
    high = np.maximum(at_lower, at_upper).sum(axis=1)
    # a loss of no bound leaves the value at risk free
    return float(low.min()), float(high.max())


def _product(cost: FloatArray, amount: FloatArray) -> FloatArray:
    """Cost times amount, where nothing of anything costs nothing."""
    cost, amount = np.broadcast_arrays(cost, amount)
    return np.multiply(cost, amount, out=np.zeros(cost.shape), where=cost != 0)


def _beside(table: FloatArray, more: float | FloatArray) -> FloatArray:
    """Add a column to a table (S or 1, ...)."""
    added = np.atleast_1d(np.asarray(more, dtype=float))
    height = max(len(table), len(added))
    wide = np.broadcast_to(table, (height, table.shape[1]))
    return np.hstack([wide, np.broadcast_to(added, height)[:, None]])
