"""CPU seconds and memory of this process; every solver is held to one thread."""

import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
PACKAGES = {
    "markets": ("numpy", "scipy", "qdldl", "cvxpy", "clarabel"),
    "months": ("numpy", "scipy", "qdldl", "highspy"),
    "ensembles": ("numpy", "scipy", "qdldl", "numba", "cvxpy", "clarabel"),
    "desk": (),
    "risk": ("numpy",),
    "two_stage": ("numpy", "scipy", "highspy"),
}
"""What the figures of each kind of case depend on; the rest need not be installed."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU seconds of several runs of the same work."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that is reported."""
        return statistics.median(self.seconds)


def once(work: Callable[[], Result]) -> tuple[Result, float]:
    """Run once; return the result and its CPU seconds, all threads together."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def repeat(work: Callable[[], object], runs: int) -> Timing:
    """Run several times, after one run that is not counted."""
    work()
    return Timing(tuple(once(work)[1] for _ in range(runs)))


def peak_memory() -> float:
    """Most memory that this process has held so far [MB]."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024.0**2 if sys.platform == "darwin" else 1024.0)


def machine(kind: str) -> dict[str, str]:
    """When, on what and with what the figures of a kind of case are measured."""
    return {
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    } | {name: version(name) for name in PACKAGES[kind]}


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
