"""Reconcile the raw figures of a chain into a base year in which every market balances.

Each figure is a prior with a standard deviation that follows from the grade of its source.
The balanced base year is the one nearest to them:

    minimise   sum_k  (x_k ln(x_k / prior_k) - x_k + prior_k) / (sd_k^2 prior_k)
    subject to  supply = demand in every (commodity, region), and the totals exactly

so that a figure moves in proportion to the square of its relative standard deviation, and
none can reach zero. This is minimum cross-entropy balancing (Golan, Judge and Robinson 1994,
Review of Economics and Statistics 76) with weights by quality of the source. Its dual is a
sum of convex functions of one multiplier per constraint, and goes through the same Newton
method as the market.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from scipy import sparse

from monazite.errors import BalanceError
from monazite.labels import EVERYWHERE
from monazite.network import (
    Process,
    Provenance,
    Route,
    SupplyNetwork,
    Total,
    TotalKind,
    Use,
    read_totals,
)
from monazite.newton import (
    Evaluation,
    FloatArray,
    IndexArray,
    Problem,
    Settings,
    SparsityPattern,
    stack,
)

DEVIATION_BY_GRADE: Mapping[str, float] = MappingProxyType(
    {"A": 0.03, "B": 0.08, "C": 0.20, "D": 0.30, "E": 0.60}
)
"""Relative standard deviation that a figure is given by the grade of its source."""
LATENT_SHARE = 0.002
"""Prior of a route whose flow is blank, over the smaller of its two sides."""
HIGHEST_UTILISATION = 0.97
"""A plant that the balance would run harder gets more capacity, which is reported."""
CRUSHED = 1e-12
"""Balanced figure over its prior that counts as none left: the sources contradict each other."""
TOLERANCE = 1e-9
"""Largest imbalance of a market or total, relative to its size."""

USUAL_UTILISATION = 0.85
"""Activity over capacity of a plant whose activity is blank (assumed)."""

_STEP = 10.0
"""Usual height of a multiplier over the size of its constraint; bounds Newton's steps."""
_SETTINGS = Settings(tolerance=1e-13, steps=400)


class AdjustmentKind(StrEnum):
    """What the balance changed."""

    ACTIVITY = "activity"
    FLOW = "flow"
    DEMAND = "demand"
    CAPACITY = "capacity"
    OPENED = "opened route"
    """A route whose flow was blank: its prior is a share of the smaller side."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one figure was, and what it is in the balanced base year [t/year].

    ``prior`` : the figure as stated. ``balanced`` : the figure that fits all others.
    ``deviation`` : relative standard deviation that it was given [1].
    """

    kind: AdjustmentKind
    item: str
    prior: float
    balanced: float
    deviation: float
    provenance: Provenance

    @property
    def change(self) -> float:
        """Relative change of the figure."""
        return self.balanced / self.prior - 1.0

    @property
    def strain(self) -> float:
        """Change of the logarithm in standard deviations; above 2, look at the source."""
        return abs(float(np.log(self.balanced / self.prior))) / self.deviation


@dataclass(frozen=True, slots=True)
class BalanceReport:
    """What the balance did.

    ``adjustments`` : every figure, the most strained first. ``totals`` : name, wanted and
    reached of each total [t/year]. ``imbalance`` : largest one left in a market or total,
    over its size. ``steps`` : Newton steps.
    """

    adjustments: tuple[Adjustment, ...]
    totals: tuple[tuple[str, float, float], ...]
    imbalance: float
    steps: int

    def largest(self, count: int = 10) -> tuple[Adjustment, ...]:
        """Return the most strained figures that some source or assumption states."""
        stated = (a for a in self.adjustments if a.kind is not AdjustmentKind.OPENED)
        return tuple(stated)[:count]


@dataclass(frozen=True, slots=True)
class Balanced:
    """A network whose base year balances, and the report of how it came to.

    Parameters
    ----------
    network : SupplyNetwork
        Every activity, flow and demand given; supply equals demand in every market.
    report : BalanceReport
        Every figure before and after.
    """

    network: SupplyNetwork
    report: BalanceReport


def balance(raw: SupplyNetwork | str | Path, totals: Iterable[Total] | None = None) -> Balanced:
    """Reconcile a raw network.

    Parameters
    ----------
    raw : SupplyNetwork, str or Path
        The network, or its folder.
    totals : iterable of Total, optional
        Sums that must be met exactly; those of ``totals.csv`` where a folder is given.

    Returns
    -------
    Balanced
        The balanced network and its report.

    Raises
    ------
    BalanceError
        If a market has only supply or only demand, a figure is missing, a total adds up
        nothing, or no positive figures meet all constraints: names the market or total.
    InputError
        If the folder cannot be read.
    """
    if not isinstance(raw, SupplyNetwork):
        folder = Path(raw)
        totals = read_totals(folder) if totals is None else totals
        raw = SupplyNetwork.from_folder(folder)
    figures = _Figures(raw, tuple(totals or ()))
    figures.check()
    balanced, steps = _solve(figures)
    network, capacities = _rewrite(figures, balanced)
    adjustments = [*figures.adjustments(balanced), *capacities]
    adjustments.sort(key=lambda a: a.strain, reverse=True)
    left = float(np.max(figures.imbalance(balanced), initial=0.0))
    totals_met = figures.totals_met(balanced)
    report = BalanceReport(tuple(adjustments), totals_met, left, steps)
    return Balanced(network, report)


# -- the figures and what ties them together ------------------------------------------------

Row = Process | Route | Use


class _Figures:
    """Priors, deviations and constraints of everything that may move."""

    def __init__(self, network: SupplyNetwork, totals: tuple[Total, ...]) -> None:
        self.network = network
        self.totals = totals
        self.rows: tuple[Row, ...] = (*network.processes, *network.routes, *network.uses)
        self.blank = np.array([isinstance(r, Route) and r.flow is None for r in self.rows])
        self.deviation = np.array([_deviation(row) for row in self.rows])
        self.matrix = self._matrix()
        self.prior = self._priors()
        self.free = np.flatnonzero(self.prior > 0)

    def _matrix(self) -> sparse.csr_array:
        """Rows: markets, then totals. Columns: t moved per t of each figure."""
        index = self.network.market_index()
        entries = [
            (index[market], k, amount)
            for k, row in enumerate(self.rows)
            for market, amount in _moves(row)
        ]
        entries += [
            (len(index) + t, k, amount)
            for t, total in enumerate(self.totals)
            for k, amount in _members(total, self.rows)
        ]
        place, column, amounts = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(index) + len(self.totals), len(self.rows))
        return sparse.csr_array((np.array(amounts, dtype=float), (place, column)), shape=shape)

    def _priors(self) -> FloatArray:
        prior = np.array([_prior(row) for row in self.rows])
        markets = self.matrix[: len(self.network.markets())]
        supply, demand = markets.maximum(0) @ prior, -(markets.minimum(0) @ prior)
        index = self.network.market_index()
        for k in np.flatnonzero(self.blank):
            route = self.rows[k]
            assert isinstance(route, Route)
            side = min(
                supply[index[route.commodity, route.origin]],
                demand[index[route.commodity, route.destination]],
            )
            prior[k] = LATENT_SHARE * side
        return prior

    @cached_property
    def wanted(self) -> FloatArray:
        """Right-hand sides: zero for markets, the values of the totals."""
        return np.array(
            [0.0] * len(self.network.markets()) + [total.value for total in self.totals]
        )

    @cached_property
    def size(self) -> FloatArray:
        """What passes through each market, or the value of each total; never zero."""
        through = abs(self.matrix) @ self.prior / 2
        return np.asarray(np.maximum(np.maximum(through, self.wanted), 1e-12))

    def imbalance(self, x: FloatArray) -> FloatArray:
        """Relative imbalance of each market and total."""
        size = np.maximum(abs(self.matrix) @ x / 2, 1e-12)
        return np.asarray(np.abs(self.matrix @ x - self.wanted) / size)

    def totals_met(self, x: FloatArray) -> tuple[tuple[str, float, float], ...]:
        """Return name, wanted and reached of each total."""
        reached = (self.matrix @ x)[len(self.network.markets()) :]
        return tuple(
            (total.name, total.value, float(sum_))
            for total, sum_ in zip(self.totals, reached, strict=True)
        )

    def name(self, constraint: int) -> str:
        """Say which market or total a constraint is."""
        markets = self.network.markets()
        if constraint < len(markets):
            commodity, region = markets[constraint]
            return f"market of {commodity} in {region}"
        return f"total '{self.totals[constraint - len(markets)].name}'"

    def where(self, constraint: int) -> str:
        """Say where a total stands; empty for a market."""
        total = constraint - len(self.network.markets())
        return self.totals[total].provenance.where if total >= 0 else ""

    def check(self) -> None:
        """Raise if a market has one side only, or a total adds up nothing."""
        active = self.matrix * (self.prior > 0)
        more, less = active.maximum(0).sum(axis=1), -active.minimum(0).sum(axis=1)
        markets = len(self.network.markets())
        for constraint in range(len(self.wanted)):
            if constraint >= markets:
                _check_total(self, constraint, bool(more[constraint] > 0))
            elif (more[constraint] > 0) != (less[constraint] > 0):
                side, other = ("supply", "use") if more[constraint] > 0 else ("use", "supply")
                raise BalanceError(
                    f"the {self.name(constraint)} cannot balance: it has {side} but no {other}",
                    way_out=f"give it some {other}, by plant, route or use, or drop its {side}",
                )

    def adjustments(self, x: FloatArray) -> list[Adjustment]:
        """Compare every figure with its prior."""
        return [
            Adjustment(
                AdjustmentKind.OPENED if self.blank[k] else _kind(self.rows[k]),
                _title(self.rows[k]),
                float(self.prior[k]),
                float(x[k]),
                float(self.deviation[k]),
                self.rows[k].provenance,
            )
            for k in self.free
        ]


def _check_total(figures: _Figures, constraint: int, adds_something: bool) -> None:
    if adds_something and figures.wanted[constraint] > 0:
        return
    fault = "adds up nothing that moves" if not adds_something else "is not positive"
    raise BalanceError(
        f"the {figures.name(constraint)} {fault}",
        where=figures.where(constraint),
        way_out="correct its codes and value, or drop it",
    )


def _deviation(row: Row) -> float:
    grade = row.provenance.grade
    if grade not in DEVIATION_BY_GRADE:
        raise BalanceError(
            f"{_title(row)} has no grade that says how far it may move",
            where=row.provenance.where,
            way_out="grade its source from A to E",
        )
    return DEVIATION_BY_GRADE[grade]


def _prior(row: Row) -> float:
    match row:
        case Process():
            return _prior_activity(row)
        case Route():
            return float(row.flow or 0.0)
    return float(row.demand)


def _prior_activity(process: Process) -> float:
    if process.activity is not None:
        return float(process.activity)
    if not np.isfinite(process.capacity):
        raise BalanceError(
            f"{_title(process)} has neither activity nor a limited capacity",
            where=process.provenance.where,
            way_out="give the tonnes that it made in the base year, 0 if it stood still",
        )
    return USUAL_UTILISATION * process.capacity


def _moves(row: Row) -> list[tuple[tuple[str, str], float]]:
    """Markets that a figure adds to (> 0) or takes from (< 0), per tonne."""
    match row:
        case Process():
            return [((code, row.region), amount) for code, amount in row.recipe.items()]
        case Route():
            return [
                ((row.commodity, row.origin), -1.0),
                ((row.commodity, row.destination), 1.0),
            ]
    return [((row.commodity, row.region), -1.0)]


def _members(total: Total, rows: Sequence[Row]) -> list[tuple[int, float]]:
    """Figures that a total adds up, with the t counted per t of each."""
    goods = _codes(total.commodity)
    origins, destinations = _codes(total.origin), _codes(total.destination)
    if total.kind is TotalKind.PRODUCTION:
        return [
            (k, amount)
            for k, row in enumerate(rows)
            if isinstance(row, Process) and _among(row.region, origins)
            for amount in [sum(a for c, a in row.recipe.items() if a > 0 and _among(c, goods))]
            if amount > 0
        ]
    return [
        (k, 1.0)
        for k, row in enumerate(rows)
        if isinstance(row, Route)
        and _among(row.commodity, goods)
        and _among(row.origin, origins)
        and _among(row.destination, destinations)
    ]


def _codes(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(";"))


def _among(code: str, codes: frozenset[str]) -> bool:
    return code in codes or EVERYWHERE in codes


def _kind(row: Row) -> AdjustmentKind:
    match row:
        case Process():
            return AdjustmentKind.ACTIVITY
        case Route():
            return AdjustmentKind.FLOW
    return AdjustmentKind.DEMAND


def _title(row: Row) -> str:
    match row:
        case Process():
            return f"{row.name} in {row.region}"
        case Route():
            unseen = f" ({row.channel})" if row.channel != "official" else ""
            return f"{row.commodity} {row.origin} to {row.destination}{unseen}"
    return f"{row.commodity} for {row.name} in {row.region}"


# -- the dual -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Ratios:
    """Figures that answer multipliers: ``prior * exp(give * seen)``.

    ``give`` : sd^2 prior, so that a figure answers in proportion to its variance.
    """

    columns: sparse.csc_array
    prior: FloatArray
    give: FloatArray

    def evaluate(self, seen: FloatArray, draws: IndexArray | slice) -> Evaluation:
        """Answer the multipliers; infinite where a step was far too long."""
        del draws
        with np.errstate(over="ignore"):
            answer = self.prior * np.exp(self.give * seen)
            return Evaluation((answer / self.give).sum(axis=1), answer, self.give * answer)


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """Right-hand sides, as withdrawals at any multiplier."""

    columns: sparse.csc_array
    amount: FloatArray

    def evaluate(self, seen: FloatArray, draws: IndexArray | slice) -> Evaluation:
        """Take the wanted amounts."""
        del draws
        answer = np.broadcast_to(-self.amount, seen.shape)
        return Evaluation(-(seen * self.amount).sum(axis=1), answer, np.zeros_like(seen))


def _solve(figures: _Figures) -> tuple[FloatArray, int]:
    """Return the balanced figures and the Newton steps that it took."""
    free, constraints = figures.free, len(figures.wanted)
    columns = sparse.csc_array(figures.matrix[:, free])
    prior = figures.prior[free]
    agents = (
        _Ratios(columns, prior, figures.deviation[free] ** 2 * prior),
        _Wanted(sparse.csc_array(sparse.eye_array(constraints)), figures.wanted),
    )
    problem = Problem(
        agents,
        SparsityPattern(stack(agents)),
        size=figures.size,
        reference=_STEP / figures.size,
        touches_zero=np.zeros(constraints, dtype=bool),
        free=True,
    )
    found = problem.minimise(np.zeros((1, constraints)), _SETTINGS)
    balanced = figures.prior.copy()
    balanced[free] = agents[0].evaluate(found.prices @ columns, slice(None)).answer[0]
    _check_solved(figures, balanced)
    return balanced, int(found.steps[0])


def _check_solved(figures: _Figures, balanced: FloatArray) -> None:
    error = figures.imbalance(balanced)
    if np.isfinite(error).all() and error.max(initial=0.0) <= TOLERANCE:
        _check_left(figures, balanced)
        return
    worst = int(np.argmax(error))
    gap = float((figures.matrix @ balanced - figures.wanted)[worst])
    side = "too much" if gap > 0 else "too little"
    raise BalanceError(
        f"no positive figures meet all constraints; the {figures.name(worst)} keeps "
        f"{side} by {abs(gap):.4g} t/yr",
        where=figures.where(worst),
        way_out="look for figures or totals there that contradict each other",
    )


def _check_left(figures: _Figures, balanced: FloatArray) -> None:
    """Raise if the balance has taken everything from a figure."""
    left = balanced[figures.free] / figures.prior[figures.free]
    if left.min(initial=1.0) > CRUSHED:
        return
    row = figures.rows[figures.free[int(np.argmin(left))]]
    raise BalanceError(
        f"nothing would be left of {_title(row)}: better graded figures contradict it",
        where=row.provenance.where,
        way_out="drop the figure, or grade those around it as they deserve",
    )


# -- the balanced network -------------------------------------------------------------------


def _rewrite(figures: _Figures, x: FloatArray) -> tuple[SupplyNetwork, list[Adjustment]]:
    network = figures.network
    made, moved = len(network.processes), len(network.processes) + len(network.routes)
    processes = [
        replace(process, activity=float(amount))
        for process, amount in zip(network.processes, x[:made], strict=True)
    ]
    widened = [_widened(process) for process in processes]
    balanced = replace(
        network,
        processes=tuple(process for process, _ in widened),
        routes=tuple(
            replace(route, flow=float(amount))
            for route, amount in zip(network.routes, x[made:moved], strict=True)
        ),
        uses=tuple(
            replace(use, demand=float(amount))
            for use, amount in zip(network.uses, x[moved:], strict=True)
        ),
    )
    return balanced, [adjustment for _, adjustment in widened if adjustment is not None]


def _widened(process: Process) -> tuple[Process, Adjustment | None]:
    """Give a plant that runs harder than it can the capacity that it must have."""
    least = (process.activity or 0.0) / HIGHEST_UTILISATION
    if process.capacity >= least:
        return process, None
    adjustment = Adjustment(
        AdjustmentKind.CAPACITY,
        f"capacity of {_title(process)}",
        process.capacity,
        least,
        _deviation(process),
        process.provenance,
    )
    return replace(process, capacity=least), adjustment
