"""Many draws of two years: side by side, one by one, and each month as a conic programme."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from benchmarks.conic import FORMULATIONS, ConicMarket
from benchmarks.registry import SCENARIOS, MarketCase
from benchmarks.timing import once, peak_memory
from monazite import ensemble, simulate
from monazite.ensemble import sample, take
from monazite.market import batch
from monazite.market.calibrate import Market, Month
from monazite.market.equilibrium import Equilibrium, clear
from monazite.parameters import Parameters
from monazite.scenario import Lowered
from monazite.trajectory import Trajectory

ALONE = 12
"""Draws that are run one by one."""
CHUNKS = 2
ROUNDS = 3
"""Times that both ways take turns, so that what else the machine does hits both."""
CONIC_MONTHS = (0, 4, 8, 12, 20)
"""Months of the first draw that the conic solver clears."""
COMPARED = ("price", "flow", "spot_stock", "group_stock", "served", "stopped")
SEED = 1


def measure(name: str) -> dict[str, Any]:
    """Measure one registered scenario; CPU seconds of one core and MB."""
    lowered = SCENARIOS[name]()
    draws = CHUNKS * ensemble.CHUNK
    parameters, months = sample(draws, SEED), len(lowered.months)
    ensemble.run(lowered, take(parameters, slice(0, batch.FEWEST)))
    alone, together = [], []
    for _ in range(ROUNDS):
        singles, seconds = once(lambda: _one_by_one(lowered, parameters))
        alone.append(seconds / ALONE)
        every, seconds = once(lambda: ensemble.run(lowered, parameters))
        together.append(seconds / draws)
    memory = peak_memory()
    conic = [_conic(lowered, parameters, t) for t in CONIC_MONTHS]
    cold = np.median([found["seconds"] for found in conic if found["seconds"] is not None])
    one, many = float(np.median(alone)), float(np.median(together))
    return {
        "name": name,
        "months": months,
        "draws": draws,
        "alone_seconds": alone,
        "together_seconds": together,
        "conic": conic,
        "conic_seconds_per_month": float(cold),
        "times_alone": one / many,
        "times_conic": float(cold) / (many / months),
        "apart": {kind: _apart(every, singles, kind) for kind in COMPARED},
        "worst_certificate": max(c.worst() for c in every.certificates),
        "peak_memory_mb": memory,
    }


def _one_by_one(lowered: Lowered, parameters: Parameters) -> list[Trajectory]:
    """Run single draws: each month starts from the last one's prices."""
    return [simulate.simulate(lowered, take(parameters, slice(k, k + 1))) for k in range(ALONE)]


def _apart(every: Trajectory, singles: list[Trajectory], kind: str) -> float:
    """Largest difference between both ways, over the largest of its kind in the market."""
    gaps = []
    for k, single in enumerate(singles):
        one, many = getattr(single, kind)[0], getattr(every, kind)[k]
        size = np.maximum(np.abs(one).max(axis=0), 1e-3 * np.abs(one).max())
        gaps.append(float((np.abs(many - one) / size).max()))
    return max(gaps)


def _conic(lowered: Lowered, parameters: Parameters, t: int) -> dict[str, Any]:
    """CPU seconds of the best formulation for the market of one month of the first draw."""
    market, month, found = _cleared(lowered, take(parameters, slice(0, 1)), t)
    conic = ConicMarket(MarketCase(market, month))
    best: dict[str, Any] = {"month": t, "seconds": None, "price_difference": None}
    for formulation in FORMULATIONS:
        attempt = conic.attempt(formulation)
        if attempt.prices is None:
            continue
        apart = np.abs(attempt.prices[: market.markets] / found.market_price[0] - 1.0)
        if best["seconds"] is None or attempt.seconds < best["seconds"]:
            best |= {"seconds": attempt.seconds, "price_difference": float(np.median(apart))}
    return best


def _cleared(lowered: Lowered, parameters: Parameters, t: int) -> tuple[Market, Month, Equilibrium]:
    """The market of one month as the simulation meets it, and what it finds."""
    seen: list[tuple[Market, Month, Equilibrium]] = []
    with _watched(seen):
        simulate.simulate(lowered, parameters)
    return seen[t]


@contextmanager
def _watched(seen: list[tuple[Market, Month, Equilibrium]]) -> Iterator[None]:
    def watch(market: Market, month: Month, *start: Any) -> Equilibrium:
        found = clear(market, month, *start)
        seen.append((market, month, found))
        return found

    usual = simulate.clear
    simulate.clear = watch
    try:
        yield
    finally:
        simulate.clear = usual
