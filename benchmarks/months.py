"""Two years of a whole chain: the simulation against one linear programme in HiGHS."""

from typing import Any

import numpy as np

from benchmarks.linear import ALGORITHMS, build, solve
from benchmarks.registry import SCENARIOS
from benchmarks.timing import once, peak_memory, repeat
from monazite.parameters import Parameters
from monazite.simulate import simulate

RUNS = 5
LIMIT = 300.0
"""Most wall seconds for one algorithm of the linear solver."""


def measure(name: str, *, limit: float = LIMIT) -> dict[str, Any]:
    """Measure one registered scenario; CPU seconds and MB."""
    lowered, build_seconds = once(SCENARIOS[name])
    parameters = Parameters.central()
    run, _ = once(lambda: simulate(lowered, parameters))
    memory = peak_memory()
    engine = repeat(lambda: simulate(lowered, parameters), RUNS)
    model, model_seconds = once(lambda: build(lowered))
    attempts = [solve(model, algorithm, limit) for algorithm in ALGORITHMS]
    optimal = [attempt["cpu_seconds"] for attempt in attempts if attempt["is_optimal"]]
    best = min(optimal, default=None)
    return {
        "name": name,
        "months": len(lowered.months),
        "markets": len(run.spot_markets),
        "user_groups": len(run.groups),
        "routes": len(lowered.network.routes),
        "processes": len(lowered.network.processes),
        "permits": len(lowered.permits),
        "engine": {
            "network_and_scenario_seconds": build_seconds,
            "seconds": engine.median,
            "runs": engine.seconds,
            "steps": [certificate.steps for certificate in run.certificates],
            "worst_certificate": max(c.worst() for c in run.certificates),
            "peak_memory_mb": memory,
            "highest_price_multiple": float(np.max(run.price[0] / run.base_price)),
        },
        "linear": {
            "rows": len(model.row_lower),
            "columns": len(model.cost),
            "entries": int(model.matrix.nnz),
            "build_seconds": model_seconds,
            "attempts": attempts,
            "best_cpu_seconds": best,
        },
        "ratio": None if best is None else best / engine.median,
        "at_least": min(attempt["cpu_seconds"] for attempt in attempts) / engine.median,
    }
