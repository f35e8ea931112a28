"""One month of a large market: the engine, cold and warm, against the conic solver."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.conic import FORMULATIONS, Attempt, ConicMarket
from benchmarks.registry import MARKETS, MarketCase
from benchmarks.timing import once, peak_memory, repeat
from monazite.market.equilibrium import Equilibrium, clear
from monazite.newton import FloatArray, Problem, SparsityPattern, stack

RUNS = 7
CONIC_RUNS = 3
LONG = 20.0
"""CPU seconds from which a run of the conic solver is not repeated."""
SAME_OPTIMUM = 1e-6
"""Largest difference of the objective, relative to turnover, at which two optima are one."""
AWAY = 0.02
"""Standard deviation of the prices' logarithms at a warm start."""


@dataclass(frozen=True, slots=True)
class Solved:
    """Where the engine ended."""

    equilibrium: Equilibrium
    prices: FloatArray
    objective: float


def measure(name: str) -> dict[str, Any]:
    """Measure one registered market; everything in CPU seconds and MB."""
    case, build = once(MARKETS[name])
    market = case.market
    market.pattern = SparsityPattern(stack(market.agents(case.month)))
    first, first_seconds = once(lambda: clear(market, case.month))
    _, pattern_seconds = once(lambda: SparsityPattern(stack(market.agents(case.month))))
    engine_memory = peak_memory()
    solved = _solved(case, first)
    start = _nearby(solved.prices)
    cold = repeat(lambda: clear(market, case.month), RUNS)
    warm = repeat(lambda: clear(market, case.month, start), RUNS)
    conic = _conic(case, solved)
    with_pattern = cold.median + pattern_seconds + max(first_seconds - cold.median, 0.0)
    return {
        "name": name,
        "markets": len(market.spot_markets),
        "routes": len(market.network.routes),
        "processes": len(market.network.processes),
        "agents": market.pattern.columns.shape[1],
        "hessian_entries": len(market.pattern.row),
        "engine": {
            "calibrate_seconds": build,
            "pattern_seconds": pattern_seconds,
            "cold_seconds": cold.median,
            "cold_runs": cold.seconds,
            "cold_with_pattern_seconds": with_pattern,
            "warm_seconds": warm.median,
            "warm_runs": warm.seconds,
            "cold_steps": int(first.steps[0]),
            "warm_steps": int(clear(market, case.month, start).steps[0]),
            "residual": float(first.residual[0]),
            "rationed_markets": int(first.rationed.sum()),
            "peak_memory_mb": engine_memory,
        },
        "shock": _shock(case, first),
        "conic": conic,
        "ratios": _ratios(conic["best_cpu_seconds"], cold.median, with_pattern, warm.median),
    }


def _ratios(
    conic: float | None, cold: float, with_pattern: float, warm: float
) -> dict[str, float | None]:
    def over(seconds: float) -> float | None:
        return None if conic is None else conic / seconds

    return {
        "cold": over(cold),
        "cold_with_pattern": over(with_pattern),
        "warm": over(warm),
    }


def _solved(case: MarketCase, equilibrium: Equilibrium) -> Solved:
    prices = np.hstack([equilibrium.market_price, equilibrium.rent])
    return Solved(equilibrium, prices, _objective(case, prices[0]))


def _objective(case: MarketCase, prices: FloatArray) -> float:
    """Phi by the engine's own agents, for whoever found the prices."""
    market = case.market
    problem = Problem(
        market.agents(case.month),
        market.pattern,
        size=np.ones(market.size_of_system),
        reference=np.ones(market.size_of_system),
        touches_zero=market.touches_zero,
    )
    return float(problem.evaluate(prices[None, :], slice(None)).value[0])


def _nearby(prices: FloatArray) -> FloatArray:
    random = np.random.default_rng(1)
    return np.asarray(prices * np.exp(AWAY * random.normal(size=prices.shape)))


def _shock(case: MarketCase, found: Equilibrium) -> dict[str, float]:
    """How far the solution is from the base prices that the cold start begins with."""
    multiple = found.price[0] / case.market.base_price
    return {
        "lowest_price_multiple": float(multiple.min()),
        "median_price_multiple": float(np.median(multiple)),
        "highest_price_multiple": float(multiple.max()),
        "permits_that_bind": int((found.rent[0] > 0).sum()),
    }


def _conic(case: MarketCase, solved: Solved) -> dict[str, Any]:
    programme = ConicMarket(case)
    tried = FORMULATIONS if len(case.market.spot_markets) < 2000 else FORMULATIONS[2:]
    attempts = [programme.attempt(formulation) for formulation in tried]
    rows = [_compared(case, programme, attempt, solved) for attempt in attempts]
    passed = [
        (attempt.seconds, attempt)
        for attempt, row in zip(attempts, rows, strict=True)
        if row["passes"]
    ]
    best = min(passed, key=lambda pair: pair[0])[1] if passed else None
    again = (
        [programme.attempt(best.formulation).seconds for _ in range(CONIC_RUNS - 1)]
        if best and best.seconds < LONG
        else []
    )
    seconds = float(np.median([best.seconds, *again])) if best else None
    return {
        "attempts": rows,
        "failed": len(attempts) - len(passed),
        "tried": len(attempts),
        "best": best.summary() if best else None,
        "best_cpu_seconds": seconds,
    }


def _compared(
    case: MarketCase, programme: ConicMarket, attempt: Attempt, solved: Solved
) -> dict[str, Any]:
    row = attempt.summary()
    if attempt.prices is None:
        return row | {"passes": False, "objective_difference": None, "price_difference": None}
    difference = (_objective(case, attempt.prices) - solved.objective) / programme.turnover
    markets = case.market.markets
    ratio = attempt.prices[:markets] / solved.prices[0, :markets]
    return row | {
        "passes": bool(abs(difference) <= SAME_OPTIMUM),
        "objective_difference": float(difference),
        "price_difference": float(np.abs(ratio - 1.0).max()),
    }
