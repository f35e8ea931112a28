"""A plan in two stages: the decomposition, the whole as one model, and mpi-sppy beside them.

All get the same made-up instance (``plan_instance``), the same relative gap, the same limit of
time, and one thread a process. What each returns is judged in the same way: its decision is
operated in every scenario by us, and the bound that it claims is held against that cost.
"""

import json
import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.registry import PLANS
from benchmarks.timing import once, peak_memory
from monazite.newton import FloatArray
from monazite.plan.decompose import SearchOutcome, relative_gap, solve
from monazite.plan.evaluate import account, operate
from monazite.plan.extensive import solve_extensive
from monazite.plan.neutral import with_risk_columns
from monazite.plan.twostage import TwoStageProblem

GAP = 0.01
SECONDS = float(os.environ.get("MONAZITE_PLAN_SECONDS", "600"))
"""Most wall seconds for one method at one size; making its models is not counted."""
GRACE = 0.5
"""Share of that time which mpi-sppy gets beside it, to make its models and end its round."""
SPPY_PYTHON = "MONAZITE_SPPY_PYTHON"
"""Environment variable that names the Python with mpi-sppy."""
RANKS = {"lshaped": 2, "hedging": 3, "subgradient": 2}
"""Processes that each method of mpi-sppy needs: one for each of its parts."""

# a line of the hub: seconds, round, news, best bound, best cost
_HUB = re.compile(r"\[\s*([\d.]+)\]\s+\d+ .{5}\s+(\S+)\s+(\S+)\s+\S+%\s+\S+")
_MADE = re.compile(r"\[\s*([\d.]+)\] Starting spcomm")

Step = tuple[float, float, float]
Row = Mapping[str, Any]


def measure(name: str) -> dict[str, Any]:
    """Measure one case by its name."""
    return {"name": name} | CASES[name]()


# --- ours ------------------------------------------------------------------------------------


def decomposition(plan: str, processes: int = 1) -> dict[str, Any]:
    """Measure the L-shaped method."""
    problem = PLANS[plan]()
    begun, before = time.monotonic(), _children()
    solution, cpu = once(lambda: solve(problem, gap=GAP, seconds=SECONDS, processes=processes))
    wall = time.monotonic() - begun
    memory = peak_memory()
    steps = [(step.seconds, step.bound, step.incumbent) for step in solution.history]
    return {
        "method": "decomposition",
        "plan": plan,
        "processes": processes,
        "wall_seconds": wall,
        "cpu_seconds": cpu + _children() - before,
        "memory_mb": memory,
        "rounds": solution.iterations,
        "is_in_time": solution.status is not SearchOutcome.TIME_LIMIT,
        "trace": _finite([*steps, (wall, solution.bound, solution.objective)]),
    } | _judged(problem, solution.x, solution.value_at_risk, solution.bound)


def extensive(plan: str) -> dict[str, Any]:
    """Measure one model of everything in HiGHS."""
    problem = PLANS[plan]()
    begun = time.monotonic()
    solution, cpu = once(lambda: solve_extensive(problem, gap=GAP, seconds=SECONDS))
    wall = time.monotonic() - begun
    memory = peak_memory()
    return {
        "method": "extensive",
        "plan": plan,
        "processes": 1,
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "memory_mb": memory,
        "is_in_time": solution.status is not SearchOutcome.TIME_LIMIT,
        "trace": _finite([(wall, solution.bound, solution.objective)]),
    } | _judged(problem, solution.x, solution.value_at_risk, solution.bound)


def _judged(
    problem: TwoStageProblem, x: FloatArray, value_at_risk: float | None, bound: float
) -> dict[str, Any]:
    """Size of the instance; what a decision costs by our own evaluation; the gap to a bound."""
    cost = cost_of(problem, x, value_at_risk) if np.isfinite(x).all() else np.inf
    return {
        "limit_seconds": SECONDS,
        "scenarios": problem.scenarios,
        "whole_columns": int(problem.first.integer.sum()),
        "recourse": list(problem.second.matrix.shape),
        "cost": _or_none(cost),
        "bound": _or_none(bound),
        "gap": _or_none(relative_gap(cost, bound)),
    }


def cost_of(problem: TwoStageProblem, x: FloatArray, value_at_risk: float | None) -> float:
    """Cost of a decision, infinite if it breaks a row of the first stage."""
    first = problem.first
    whole = np.clip(np.where(first.integer, np.round(x), x), first.lower, first.upper)
    rows, room = first.matrix @ whole, 1e-6 * (1.0 + abs(first.matrix) @ np.abs(whole))
    if (rows < first.row_lower - room).any() or (rows > first.row_upper + room).any():
        return float("inf")
    done = operate(problem, whole, value_at_risk=value_at_risk)
    return account(problem, whole, done.activity, done.row_dual).objective


def _finite(steps: Iterable[Step]) -> list[list[float | None]]:
    return [[_or_none(figure) for figure in step] for step in steps]


def _or_none(figure: float) -> float | None:
    """JSON knows no infinity."""
    return float(figure) if np.isfinite(figure) else None


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- mpi-sppy --------------------------------------------------------------------------------


def sppy(method: str, plan: str) -> dict[str, Any]:
    """Measure a method of mpi-sppy on the same instance; an environment of its own."""
    python = os.environ.get(SPPY_PYTHON)
    if python is None:
        return {"absent": f"{SPPY_PYTHON} names no Python with mpi-sppy"}
    problem = PLANS[plan]()
    with tempfile.TemporaryDirectory() as folder:
        source, decision = Path(folder) / "problem.npz", Path(folder) / "decision"
        write(problem, source)
        command = _command(Path(python).absolute(), source, method, decision)
        said, has_ended = _run(command, folder)
        cpu = sum(float(path.read_text()) for path in Path(folder).glob("decision.cpu*"))
        found = sorted(Path(folder).glob("decision_*.npy"))
        point = np.load(found[-1]) if found else np.full(problem.columns + 1, np.nan)
    making, trace = read_trace(said)
    bounds = [bound for _, bound, _ in trace if np.isfinite(bound)]
    best = max(bounds, default=-np.inf)
    return {
        "method": method,
        "plan": plan,
        "processes": RANKS[method],
        "versions": json.loads(next(line for line in said.splitlines() if line.startswith("{"))),
        "making_seconds": making,
        "wall_seconds": trace[-1][0] if trace else SECONDS,
        "cpu_seconds": cpu,
        # of processes that were killed nobody learns how much they had
        "memory_mb": _largest_child() if has_ended else None,
        "is_in_time": "Terminating based on inter-cylinder relative gap" in said
        and trace[-1][0] <= SECONDS,
        "trace": _finite(trace),
    } | _judged(problem, point[: problem.columns], float(point[-1]), best)


def write(problem: TwoStageProblem, path: Path) -> None:
    """Write a problem in its neutral form as arrays, which need nothing of ours to be read."""
    neutral = with_risk_columns(problem)
    first, second = neutral.first, neutral.second
    if len(second.varying):
        raise ValueError("the recourse matrix differs between scenarios")
    np.savez(
        path,
        weight=neutral.weight,
        integer=first.integer,
        first_cost=first.cost,
        first_lower=first.lower,
        first_upper=first.upper,
        first_row_lower=first.row_lower,
        first_row_upper=first.row_upper,
        **_entries("first", first.matrix),
        **_entries("recourse", sparse.csr_array(second.matrix)),
        **_entries("technology", second.technology),
        **{name: table for name, table in second.tables().items() if name != "varying_values"},
    )


def _entries(kind: str, matrix: sparse.csr_array) -> dict[str, Any]:
    return {
        f"{kind}_data": matrix.data,
        f"{kind}_indices": matrix.indices,
        f"{kind}_indptr": matrix.indptr,
        f"{kind}_shape": np.array(matrix.shape),
    }


def _command(python: Path, source: Path, method: str, decision: Path) -> list[str]:
    # mpiexec stands beside the Python of its environment; waiting ranks give way to working ones
    return [
        str(python.with_name("mpiexec")), "--oversubscribe", "--mca", "mpi_yield_when_idle", "1",
        "--mca", "osc", "^ucx", "-np", str(RANKS[method]), str(python),
        str(Path(__file__).with_name("hedging.py")),
        str(source), method, str(GAP), str(SECONDS), str(decision),
    ]  # fmt: skip


def _largest_child() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0


def _run(command: Sequence[str], folder: str) -> tuple[str, bool]:
    """Run until the end, or until time is up; return what was printed, and whether it ended."""
    allowed = dict.fromkeys(("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"), "1")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        running = subprocess.Popen(
            command, env=os.environ | allowed, stdout=out, stderr=subprocess.DEVNULL,
            start_new_session=True, cwd=folder,
        )  # fmt: skip
        has_ended = True
        try:
            running.wait(SECONDS * (1 + GRACE))
        except subprocess.TimeoutExpired:
            has_ended = False
            os.killpg(running.pid, signal.SIGTERM)
            running.wait()
        out.seek(0)
        return out.read(), has_ended


def read_trace(said: str) -> tuple[float, list[Step]]:
    """Read what the hub printed: seconds of making the models; seconds since, bound and cost."""
    made = _MADE.search(said)
    making = float(made.group(1)) if made else 0.0
    rows = [tuple(map(float, found)) for found in _HUB.findall(said)]
    return making, [(seconds - making, bound, cost) for seconds, bound, cost in rows]


# --- side by side ----------------------------------------------------------------------------


def best_costs(rows: Iterable[Row]) -> dict[str, float]:
    """Lowest cost of each plan by any method, infinite if none found a decision."""
    best: dict[str, float] = {}
    for row in rows:
        cost = np.inf if row["cost"] is None else row["cost"]
        best[row["plan"]] = min(cost, best.get(row["plan"], np.inf))
    return best


def first_within(row: Row, best: float) -> float | None:
    """Seconds until a method first held a decision within the gap of the best known cost."""
    for seconds, _, cost in row["trace"]:
        if cost is not None and relative_gap(cost, best) <= GAP:
            return float(seconds)
    return None


def proven(row: Row) -> float | None:
    """Seconds until a method had proven the gap, by its own word and by our evaluation."""
    is_proven = row["gap"] is not None and row["gap"] <= GAP
    return float(row["wall_seconds"]) if is_proven else None


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    f"{method}-{plan}": partial(run, plan)
    for plan in PLANS
    for method, run in {
        "decomposition": decomposition,
        "extensive": extensive,
        **{name: partial(sppy, name) for name in RANKS},
    }.items()
}
"""What can be measured, by name."""
