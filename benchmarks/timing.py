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
PACKAGES = ("numpy", "scipy", "qdldl", "cvxpy", "clarabel", "highspy")

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


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    } | {name: version(name) for name in PACKAGES}


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
