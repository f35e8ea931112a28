"""The same convex programme for a general solver: CVXPY, solved by Clarabel.

``minimise over y >= 0 the sum of the agents' convex functions``, as the engine does. Softplus
is CVXPY's ``logistic`` (two exponential cones an agent), isoelastic demand a power cone, stocks
``exp`` and ``log``, split where the price meets the expected one. Prices are in multiples of the
base price and the objective is scaled: without that the solver fails on every size. The price box
is left out, which only makes it easier: at the solutions compared it does nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cvxpy
import numpy as np
from scipy import sparse

from benchmarks.registry import MarketCase
from benchmarks.timing import once
from monazite.market.agents import (
    Activities,
    FixedSupplies,
    Holders,
    IsoelasticUses,
    PriceBox,
)
from monazite.newton import Agents, FloatArray

cp: Any = cvxpy


@dataclass(frozen=True, slots=True)
class Formulation:
    """A way to hand the programme over; the best that succeeds is the comparator.

    ``scale`` : months of turnover by which the objective is multiplied.
    """

    scale: float
    equilibrate: bool


FORMULATIONS = tuple(
    Formulation(scale, equilibrate) for scale in (1.0, 10.0, 100.0) for equilibrate in (True, False)
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one formulation; CPU seconds of set-up and solve, without compilation."""

    formulation: Formulation
    status: str
    seconds: float
    compile_seconds: float
    iterations: int
    prices: FloatArray | None

    def summary(self) -> dict[str, Any]:
        """Everything but the prices."""
        return {
            "formulation": asdict(self.formulation),
            "status": self.status,
            "cpu_seconds": self.seconds,
            "compile_cpu_seconds": self.compile_seconds,
            "iterations": self.iterations,
        }


class ConicMarket:
    """One month's market as a conic programme, compiled once for each formulation."""

    def __init__(self, case: MarketCase) -> None:
        self.groups = case.market.agents(case.month)
        self.reference = _reference(case)
        throughput = case.market.throughput
        self.turnover = float(case.market.market_price0 @ throughput)

    def attempt(self, formulation: Formulation) -> Attempt:
        """Solve; failures are returned, not raised."""
        programme, prices = self._programme(self.turnover / formulation.scale)
        (data, chain, inverse), compile_seconds = once(
            lambda: programme.get_problem_data(cp.CLARABEL, solver_opts={})
        )
        options = {"max_threads": 1, "equilibrate_enable": formulation.equilibrate}
        answer, seconds = once(
            lambda: chain.solve_via_data(programme, data, verbose=False, solver_opts=options)
        )
        status = str(answer.status)
        found = None
        if status in {"Solved", "AlmostSolved"}:
            programme.unpack_results(answer, chain, inverse)
            found = np.maximum(np.asarray(prices.value) * self.reference, 0.0)
        return Attempt(formulation, status, seconds, compile_seconds, int(answer.iterations), found)

    def _programme(self, unit: float) -> tuple[Any, Any]:
        prices = cp.Variable(len(self.reference), nonneg=True)
        terms: list[Any] = []
        cones: list[Any] = []
        for group in self.groups:
            if group.columns.shape[1] and not isinstance(group, PriceBox):
                seen = sparse.csr_array(group.columns.T) @ sparse.diags_array(self.reference)
                for term in _terms(group, seen, prices, unit, cones):
                    terms.append(term)
        return cp.Problem(cp.Minimize(cp.sum(cp.hstack(terms))), cones), prices


def _reference(case: MarketCase) -> FloatArray:
    market = case.market
    rents = [
        np.mean([market.base_price[market.spot_index[r.commodity, r.destination]] for r in ways])
        for ways in ([market.network.routes[k] for k in permit.routes] for permit in market.permits)
    ]
    return np.concatenate([market.market_price0, rents])


def _terms(
    group: Agents, seen: sparse.csr_array, prices: Any, unit: float, cones: list[Any]
) -> Iterator[Any]:
    count = seen.shape[0]
    if isinstance(group, Activities):
        capacity, cost, spread = _rows((group.capacity, group.cost, group.spread), count)
        used = capacity > 0
        argument = sparse.diags_array(1.0 / spread[used]) @ seen[used]
        weight = (capacity * spread)[used] / unit
        yield weight @ cp.logistic(argument @ prices - (cost / spread)[used])
    elif isinstance(group, IsoelasticUses):
        yield from _isoelastic(group, seen, prices, unit, cones)
    elif isinstance(group, Holders):
        yield from _stocks(group, seen, prices, unit, cones)
    elif isinstance(group, FixedSupplies):
        (quantity,) = _rows((group.quantity,), count)
        if quantity.any():
            yield ((seen.T @ quantity) / unit) @ prices
    else:
        raise NotImplementedError(type(group).__name__)


def _isoelastic(
    group: IsoelasticUses, seen: sparse.csr_array, prices: Any, unit: float, cones: list[Any]
) -> Iterator[Any]:
    """Consumer surplus: a power of the price below one where demand is inelastic, or below zero."""
    count = seen.shape[0]
    base, price0, elasticity = _rows((group.base, group.base_price, group.elasticity), count)
    ratio = (sparse.diags_array(1.0 / price0) @ seen).tocsr()
    weight = base * price0 / (1.0 - elasticity) / unit
    stiff, keen = np.flatnonzero(elasticity < 1.0), np.flatnonzero(elasticity > 1.0)
    value, loss = cp.Variable(len(stiff)), cp.Variable(len(keen), nonneg=True)
    ones = np.ones(count)
    cones.append(cp.PowCone3D(ratio[stiff] @ prices, ones[stiff], value, 1.0 - elasticity[stiff]))
    if len(keen):
        cones.append(cp.PowCone3D(loss, ratio[keen] @ prices, ones[keen], 1.0 / elasticity[keen]))
        yield -(weight[keen] @ loss)
    yield -(weight[stiff] @ value) + float(weight.sum())


def _stocks(
    group: Holders, seen: sparse.csr_array, prices: Any, unit: float, cones: list[Any]
) -> Iterator[Any]:
    """Value of stock: the price ratio less one is ``above - below``, each with its own branch.

    The least total over all such splits is the holder's own value, as both branches are convex
    and meet with equal slopes.
    """
    count = seen.shape[0]
    opening, target, room, expected, release = _rows(
        (group.opening, group.target, group.room, group.expected, group.release), count
    )
    ratio = (sparse.diags_array(1.0 / expected) @ seen) @ prices
    above, below = cp.Variable(count, nonneg=True), cp.Variable(count, nonneg=True)
    cones.append(ratio - 1.0 == above - below)
    pace, worth = release * target / room, (1.0 - group.tail) * expected / unit
    yield (opening * expected / unit) @ ratio
    yield (worth * target / release) @ cp.exp(cp.multiply(-release, above))
    yield (worth * (target + room)) @ below
    yield (worth * room / pace) @ cp.exp(cp.multiply(-pace, below)) - float(
        (worth * room / pace).sum()
    )
    yield -(target * group.tail * expected / unit) @ cp.log(ratio)


def _rows(parameters: Sequence[FloatArray], count: int) -> list[FloatArray]:
    """The single draw of each parameter."""
    return [np.broadcast_to(parameter, (1, count))[0] for parameter in parameters]
