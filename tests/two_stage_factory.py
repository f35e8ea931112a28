"""Two-stage problems for tests: published ones, and random ones of any size."""

import numpy as np
from scipy import sparse

from monazite.plan.twostage import FirstStage, Risk, SecondStage, ShadowMark, TwoStageProblem

INF = np.inf


def first_stage(cost, rows, row_lower, row_upper, lower, upper, integer=None, **names):
    """First stage from plain lists."""
    cost = np.array(cost, dtype=float)
    return FirstStage(
        cost=cost,
        matrix=sparse.csr_array(np.array(rows, dtype=float).reshape(-1, len(cost))),
        row_lower=np.array(row_lower, dtype=float),
        row_upper=np.array(row_upper, dtype=float),
        lower=np.broadcast_to(np.asarray(lower, dtype=float), cost.shape).copy(),
        upper=np.broadcast_to(np.asarray(upper, dtype=float), cost.shape).copy(),
        integer=np.zeros(len(cost), dtype=bool) if integer is None else np.array(integer),
        **names,
    )


def second_stage(recourse, technology, cost, row_lower, row_upper, upper=INF, lower=0.0):
    """Second stage from dense arrays; the technology (S or 1, row, column)."""
    technology = np.asarray(technology, dtype=float)
    pattern = sparse.csr_array((technology != 0).any(axis=0).astype(float))
    row = np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))
    cost = np.atleast_2d(np.asarray(cost, dtype=float))

    def table(values, width):
        values = np.asarray(values, dtype=float)
        return np.broadcast_to(values, (*(values.shape[:-1] or (1,)), width)).copy()

    return SecondStage(
        matrix=sparse.csc_array(np.array(recourse, dtype=float)),
        technology=pattern,
        technology_values=technology[:, row, pattern.indices],
        cost=cost,
        row_lower=table(row_lower, pattern.shape[0]),
        row_upper=table(row_upper, pattern.shape[0]),
        lower=table(lower, cost.shape[1]),
        upper=table(upper, cost.shape[1]),
    )


def farmer(*, acres=500.0, integer=False):
    """Birge and Louveaux: wheat, corn, beets on 500 acres; three yields, equally likely.

    Afterwards: buy wheat, corn; sell wheat, corn, beets at 36 up to 6,000 t, beets at 10.
    """
    yields = np.array([[2.0, 2.4, 16.0], [2.5, 3.0, 20.0], [3.0, 3.6, 24.0]])
    first = first_stage(
        [150, 230, 260], [[1, 1, 1]], [-INF], [acres], 0.0, 500.0, [integer] * 3,
        names=("wheat", "corn", "beets"), row_names=("land",),
    )  # fmt: skip
    recourse = [[1, 0, -1, 0, 0, 0], [0, 1, 0, -1, 0, 0], [0, 0, 0, 0, -1, -1]]
    second = second_stage(
        recourse,
        np.stack([np.diag(row) for row in yields]),
        [238, 210, -170, -150, -36, -10],
        [200, 240, 0],
        INF,
        upper=[INF, INF, INF, INF, 6000, INF],
    )
    marks = (
        ShadowMark("land", np.array([-1]), np.array([0]), np.ones(1)),
        ShadowMark("feed", np.arange(3), np.zeros(3, dtype=int), np.ones(3)),
    )
    return TwoStageProblem(first, second, np.full(3, 1 / 3), np.ones(3, dtype=bool), marks=marks)


def lands():
    """Louveaux and Smeers: four plants, three modes of demand, the first uncertain."""
    cost = [10, 7, 16, 6]
    first = first_stage(cost, [[1, 1, 1, 1], cost], [12, -INF], [INF, 120], 0.0, INF)
    operating = [[40, 24, 4], [45, 27, 4.5], [32, 19.2, 3.2], [55, 33, 5.5]]
    plant = np.kron(np.eye(4), np.ones((1, 3)))
    mode = np.kron(np.ones((1, 4)), np.eye(3))
    demand = np.array([[d, 3.0, 2.0] for d in (3, 5, 7)])
    technology = np.vstack([-np.eye(4), np.zeros((3, 4))])[None]
    second = second_stage(
        np.vstack([plant, mode]),
        technology,
        np.ravel(operating),
        np.hstack([np.full((3, 4), -INF), demand]),
        np.hstack([np.zeros((3, 4)), np.full((3, 3), INF)]),
    )
    return TwoStageProblem(first, second, np.array([0.3, 0.4, 0.3]), np.ones(3, dtype=bool))


def losses(values, weight, risk_weight=1.0, level=0.0):
    """Nothing to decide: each scenario costs what it costs."""
    values = np.asarray(values, dtype=float)
    first = first_stage([0.0], np.zeros((0, 1)), [], [], 0.0, 1.0)
    second = second_stage([[1.0]], np.zeros((1, 1, 1)), [0.0], values[:, None], INF)
    risk = Risk(risk_weight, level, np.ones((1, 1)))
    return TwoStageProblem(
        first, second, np.asarray(weight, dtype=float), np.ones(len(values), dtype=bool), risk
    )


def plants(seed, *, scenarios=4, integer=True, risk=None, states=0):
    """Random plants to build for random demand; what is not met is dear. Always possible.

    Costs, yields (also of the recourse), demand and room differ between scenarios; the states
    are the last ones and weigh a half each.
    """
    draw = np.random.default_rng(seed)
    count, goods, total = 3, 2, scenarios + states
    first = first_stage(
        draw.uniform(2, 6, count), [draw.uniform(1, 2, count)], [-INF], [draw.uniform(3, 8)],
        0.0, 4.0, [integer, integer, False],
    )  # fmt: skip
    # columns: what each plant makes of each good, then what is missing of each good
    capacity = np.hstack([np.kron(np.eye(count), np.ones((1, goods))), np.zeros((count, goods))])
    demand = np.hstack([np.kron(draw.uniform(0.5, 1.5, (1, count)), np.eye(goods)), np.eye(goods)])
    technology = np.zeros((total, count + goods, count))
    technology[:, range(count), range(count)] = -draw.uniform(0.4, 1.2, (total, count))
    wanted = draw.uniform(0.5, 3, (total, goods))
    cost = np.hstack([draw.uniform(0.2, 1, (total, count * goods)), np.full((total, goods), 20.0)])
    second = second_stage(
        np.vstack([capacity, demand]),
        technology,
        cost,
        np.hstack([np.full((total, count), -INF), wanted]),
        np.hstack([np.zeros((total, count)), np.full((total, goods), INF)]),
        upper=np.hstack([draw.uniform(1, 3, (total, count * goods)), np.full((total, goods), INF)]),
    )
    weight = draw.dirichlet(np.ones(scenarios))
    if risk is not None:
        loss = np.zeros((total, count * goods + goods))
        loss[:, -goods:] = draw.uniform(5, 20, (total, goods))
        risk = Risk(*risk, loss)
    return TwoStageProblem(
        first,
        second,
        np.append(weight, np.full(states, 0.5)),
        np.arange(total) < scenarios,
        risk,
        (ShadowMark("demand", np.arange(total), np.full(total, count), np.ones(total)),),
    )
