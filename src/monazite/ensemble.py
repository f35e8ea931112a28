"""Many runs of one scenario: parameters drawn from their documented ranges.

Draws come from a Latin hypercube (McKay, Beckman & Conover 1979, Technometrics 21) with a
triangular distribution over each range of ``parameters.csv``; the seed makes them
reproducible. Draws are independent, so they are run in chunks that bound the memory.
"""

import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from monazite.errors import InputError
from monazite.market.certificate import worst
from monazite.newton import FloatArray
from monazite.parameters import Parameters, Range, ranges
from monazite.scenario.lowered import Lowered
from monazite.simulate import Progress, simulate
from monazite.trajectory import Trajectory

CHUNK = 25
"""Draws that are cleared side by side."""
DRAWN = (
    "base_group_stock", "price", "average_price", "rationed", "group_price", "group_stock",
    "spot_stock", "demand", "served", "economised", "stopped", "activity", "flow", "rents",
    "permit_flow", "permit_limit", "tariff_revenue", "subsidy_cost", "permit_revenue",
)  # fmt: skip
"""Arrays of a trajectory whose first axis is the draw."""


def sample(draws: int, seed: int = 0) -> Parameters:
    """Draw parameters from their ranges.

    Parameters
    ----------
    draws : int
        How many; at least one.
    seed : int
        Same seed, same draws.

    Raises
    ------
    InputError
        If ``draws`` is not positive.
    """
    if draws < 1:
        raise InputError(f"{draws} draws asked for", way_out="ask for one or more")
    table = ranges()
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import, needed for draws only

    unit = qmc.LatinHypercube(d=len(table), rng=np.random.default_rng(seed)).random(draws)
    return Parameters(
        {name: _triangular(unit[:, k], row) for k, (name, row) in enumerate(table.items())}
    )


def _triangular(unit: FloatArray, row: Range) -> FloatArray:
    """Quantiles of the triangular distribution over a range."""
    width = row.high - row.low
    if width == 0:
        return np.full_like(unit, row.mode)
    turn = (row.mode - row.low) / width
    rising = row.low + np.sqrt(unit * width * (row.mode - row.low))
    falling = row.high - np.sqrt((1.0 - unit) * width * (row.high - row.mode))
    return np.where(unit < turn, rising, falling)


def take(parameters: Parameters, draws: slice) -> Parameters:
    """Return some of the draws."""
    return Parameters({name: values[draws] for name, values in parameters.values.items()})


def run(
    lowered: Lowered,
    parameters: Parameters,
    *,
    processes: int = 1,
    progress: Progress | None = None,
) -> Trajectory:
    """Simulate all draws, in chunks, on one or several processes.

    Parameters
    ----------
    lowered : Lowered
        A scenario laid on a balanced network.
    parameters : Parameters
        All draws.
    processes : int
        Worker processes; 1 runs in this one.
    progress : callable (done, total), optional
        Told after each chunk, in draws.

    Returns
    -------
    Trajectory
        The same numbers whatever the number of processes.
    """
    pieces = [
        take(parameters, slice(first, first + CHUNK)) for first in range(0, parameters.draws, CHUNK)
    ]
    done: list[Trajectory] = []
    if processes == 1:
        runs = (simulate(lowered, piece) for piece in pieces)
        done.extend(_reported(runs, parameters.draws, progress))
    else:
        # workers that end at once on Ctrl-C, instead of finishing what is queued
        stop = (signal.SIGINT, signal.SIG_DFL)
        with ProcessPoolExecutor(processes, initializer=signal.signal, initargs=stop) as pool:
            runs_elsewhere = pool.map(simulate, [lowered] * len(pieces), pieces)
            done.extend(_reported(runs_elsewhere, parameters.draws, progress))
    return join(done, parameters)


def _reported(
    runs: Iterable[Trajectory], total: int, progress: Progress | None
) -> Iterator[Trajectory]:
    count = 0
    for trajectory in runs:
        count += trajectory.draws
        if progress is not None:
            progress(count, total)
        yield trajectory


def join(parts: Sequence[Trajectory], parameters: Parameters) -> Trajectory:
    """Put the draws of several runs of one scenario behind each other.

    Parameters
    ----------
    parts : sequence of Trajectory
        Runs of the same lowered scenario, in the order of their draws.
    parameters : Parameters
        All draws.
    """
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts], axis=0) for name in DRAWN
    }
    certificates = tuple(
        worst(month) for month in zip(*(part.certificates for part in parts), strict=True)
    )
    return replace(parts[0], parameters=parameters, certificates=certificates, **arrays)


def band(values: FloatArray, width: float = 0.8) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Median and the central band of an array over its first axis (the draws).

    Parameters
    ----------
    values : array (draw, ...)
        Anything simulated.
    width : float
        Share of the draws inside the band.

    Returns
    -------
    tuple of arrays
        Low, median, high.
    """
    tail = (1.0 - width) / 2.0
    low, middle, high = np.quantile(values, [tail, 0.5, 1.0 - tail], axis=0)
    return low, middle, high
