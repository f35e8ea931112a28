"""Sensitivity: which uncertain parameter moves an outcome of a scenario."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monazite import indicators
from monazite.ensemble import Sampling
from monazite.errors import InputError
from monazite.network import SupplyNetwork
from monazite.outlook import controlling
from monazite.parameters import ranges
from monazite.scenario import Scenario
from monazite.sensitivity import CONFIDENCE, RunOutcome, Watched, sensitivities
from monazite.simulate import Progress
from monazite.study.runs import choose_engine, prepare


def sensitivity(
    scenario: str | Path | Scenario,
    outcomes: Sequence[str],
    *,
    months: int | None = None,
    points: int = 64,
    seed: int = 0,
    threshold: float = indicators.SHORTAGE_THRESHOLD,
    network: str | Path | SupplyNetwork | None = None,
    processes: int = 1,
    engine: str | None = None,
    progress: Progress | None = None,
    **parameters: float,
) -> dict[str, Any]:
    """Return Sobol' indices of the outcomes with respect to every uncertain parameter.

    Parameters
    ----------
    scenario, months, seed, threshold, network, processes, engine
        As for `stress`.
    outcomes : sequence of str
        Such as ``price:Dy-oxide``, ``stopped:EV@DEU`` or ``shortage:*@JPN``.
    points : int
        Base points, a power of two; ``points x (parameters + 2)`` draws are run.
    progress : callable (done, total), optional
        Told in draws.
    **parameters : float
        Parameters that are known: they are set and have no index.

    Returns
    -------
    dict
        ``indices`` : a row for each outcome and parameter, largest total first.

    Raises
    ------
    InputError
        If there is no outcome, or one does not vary.
    MonaziteError
        As for `stress`.
    """
    if not outcomes:
        raise InputError("no outcome is asked for", way_out="name one, such as price:Dy-oxide")
    worker = choose_engine(engine, processes)
    chosen = tuple(RunOutcome.parse(text) for text in outcomes)
    prepared = prepare(
        scenario, months=months, draws=1, seed=seed, threshold=threshold, network=network,
        sampling=Sampling.SOBOL, **parameters,
    )  # fmt: skip
    inside = controlling(prepared.scenario, prepared.network.markets())
    rows = sensitivities(
        prepared.lowered,
        Watched(chosen, inside, threshold),
        points=points,
        seed=seed,
        fixed=parameters,
        engine=worker,
        progress=progress,
    )
    uncertain = len(rows) // len(chosen)
    table = ranges()
    return {
        "scenario": prepared.scenario.id,
        "title": prepared.scenario.title,
        "months": list(prepared.lowered.months),
        "points": points,
        "draws": points * (uncertain + 2),
        "seed": seed,
        "confidence": CONFIDENCE,
        "outcomes": [{"outcome": str(each), "unit": each.unit} for each in chosen],
        "indices": [
            {**asdict(row), "low": table[row.parameter].low, "high": table[row.parameter].high}
            for row in rows
        ],
    }
