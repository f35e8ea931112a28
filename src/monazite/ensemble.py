"""Many runs of one scenario: parameters drawn from their documented ranges.

Draws come from a Latin hypercube (McKay, Beckman & Conover 1979, Technometrics 21) with a
triangular distribution over each range of ``parameters.csv``; the seed makes them
reproducible; points of a Sobol' sequence (scrambled after Owen 1997) can take their place. Draws
are independent, so they are run in chunks that bound the memory, on any engine.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

from monazite.engine import Engine, Local
from monazite.errors import InputError
from monazite.market.certificate import worst
from monazite.newton import FloatArray
from monazite.parameters import Parameters, Range, ranges
from monazite.scenario.lowered import Lowered
from monazite.simulate import Progress, simulate
from monazite.trajectory import Trajectory

CHUNK = 64
"""Draws that are cleared side by side."""
DRAWN = (
    "base_group_stock", "price", "average_price", "rationed", "group_price", "group_stock",
    "spot_stock", "demand", "served", "economised", "stopped", "activity", "flow", "rents",
    "permit_flow", "permit_limit", "tariff_revenue", "subsidy_cost", "permit_revenue",
)  # fmt: skip
"""Arrays of a trajectory whose first axis is the draw."""


T = TypeVar("T")


class Sampling(StrEnum):
    """How draws are spread over the ranges."""

    LATIN = "latin"
    SOBOL = "sobol"


def sample(draws: int, seed: int = 0, sampling: Sampling = Sampling.LATIN) -> Parameters:
    """Draw parameters from their ranges.

    Parameters
    ----------
    draws : int
        How many; at least one. A Sobol' sequence is even for powers of two only.
    seed : int
        Same seed, same draws.
    sampling : Sampling
        A Latin hypercube, or a scrambled Sobol' sequence.

    Raises
    ------
    InputError
        If ``draws`` is not positive.
    """
    if draws < 1:
        raise InputError(f"{draws} draws asked for", way_out="ask for one or more")
    table = ranges()
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import, needed for draws only

    rng = np.random.default_rng(seed)
    if sampling is Sampling.LATIN:
        return quantiles(qmc.LatinHypercube(d=len(table), rng=rng).random(draws))
    sequence = qmc.Sobol(d=len(table), rng=rng)
    return quantiles(sequence.random_base2((draws - 1).bit_length())[:draws])


def quantiles(unit: FloatArray) -> Parameters:
    """Return parameters at levels of their distributions.

    Parameters
    ----------
    unit : array (draw, parameter)
        Levels from 0 to 1, in the order of ``parameters.csv``.
    """
    return Parameters(
        {name: _triangular(unit[:, k], row) for k, (name, row) in enumerate(ranges().items())}
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
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Trajectory:
    """Simulate all draws, in chunks, on any engine.

    Parameters
    ----------
    lowered : Lowered
        A scenario laid on a balanced network.
    parameters : Parameters
        All draws.
    engine : Engine, optional
        Where to; in this process by default.
    progress : callable (done, total), optional
        Told after each chunk, in draws.

    Returns
    -------
    Trajectory
        The same numbers whatever the engine.
    """
    pieces = chunks(parameters)
    found = work_off(simulate, lowered, pieces, engine=engine, progress=progress)
    done = dict(found)
    return join([done[place] for place in range(len(pieces))], parameters)


def chunks(parameters: Parameters) -> list[Parameters]:
    """Return all draws in chunks of `CHUNK`."""
    return [
        take(parameters, slice(first, first + CHUNK)) for first in range(0, parameters.draws, CHUNK)
    ]


def work_off(
    work: Callable[[Lowered, Parameters], T],
    lowered: Lowered,
    pieces: Sequence[Parameters],
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Generator[tuple[int, T], None, None]:
    """Yield what comes of each chunk of draws with its place, in whatever order they come.

    Parameters
    ----------
    work : callable (lowered, parameters)
        What is done with a chunk, such as `simulate`.
    lowered : Lowered
        A scenario laid on a balanced network.
    pieces : sequence of Parameters
        The chunks.
    engine : Engine, optional
        Where to; in this process by default.
    progress : callable (done, total), optional
        Told after each chunk, in draws.
    """
    total, count = sum(piece.draws for piece in pieces), 0
    for place, result in (engine or Local()).run(work, lowered, pieces):
        count += pieces[place].draws
        if progress is not None:
            progress(count, total)
        yield place, result


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
