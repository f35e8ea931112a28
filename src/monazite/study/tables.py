"""What can be looked up: scenarios, data, the chain, the back-test."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monazite.backtest import Prediction, episodes, predict, score
from monazite.outlook import chain_data, finite, summary_data
from monazite.reference import catalogue
from monazite.reference.atlas.check import check_atlas, gaps
from monazite.reference.atlas.tables import TABLE_NAMES, shipped_atlas
from monazite.scenario import explain, library, load, source_text, template
from monazite.simulate import Progress
from monazite.study.runs import DEFAULT_CHAIN, Stress, balanced, chain, network_of
from monazite.study.saved import SavedStress

# -- scenarios ------------------------------------------------------------------------------


def scenarios() -> list[dict[str, Any]]:
    """Return the shipped scenarios, one row each."""
    return [
        {
            "id": s.id, "title": s.title, "chain": s.chain, "start": s.start,
            "months": s.months, "measures": len(s.measures),
        }
        for s in library()
    ]  # fmt: skip


def show_scenario(scenario: str | Path) -> dict[str, Any]:
    """Return a scenario as data and as TOML."""
    chosen = load(scenario)
    return {"scenario": chosen.model_dump(mode="json"), "toml": source_text(scenario)}


def new_scenario(kinds: Sequence[str] = (), *, name: str = "my-scenario") -> str:
    """Return the text of a scenario file that explains itself.

    Parameters
    ----------
    kinds : sequence of str
        Measures to start with; one of every kind by default.
    name : str
        What to call it; what an id cannot hold becomes a hyphen.

    Raises
    ------
    UnknownCodeError
        If there is no such kind of measure.
    """
    words = re.findall(r"[a-z0-9]+", name.lower())
    return template(*kinds, name="-".join(words) or "my-scenario")


def explain_scenario(scenario: str | Path, *, network: str | Path | None = None) -> tuple[str, ...]:
    """Say in sentences what a scenario does to its chain.

    Raises
    ------
    ScenarioError
        If it cannot be applied.
    """
    chosen = load(scenario)
    return explain(chosen, network_of(chosen, network))


# -- data -----------------------------------------------------------------------------------


def data_tables() -> list[dict[str, Any]]:
    """Return every shipped table: id, title, rows, sources."""
    return [
        {"id": e.id, "title": e.title, "rows": e.rows, "sources": list(e.sources)}
        for e in catalogue.catalogue()
    ]


def show_data(table: str) -> list[dict[str, Any]]:
    """Return the rows of a table, each with its place.

    Raises
    ------
    UnknownCodeError
        If there is no such table.
    """
    return [{"where": str(row.ref), **row.cells} for row in catalogue.load(table)]


def check_data() -> dict[str, Any]:
    """Check every shipped row for unit, source, grade, codes and ranges, and the atlas.

    Returns
    -------
    dict
        ``faults``, how many ``tables``, ``rows`` and ``sources`` were looked at, the ``verdict``
        on them, and of the ``atlas`` its ``rows`` and ``tables``, and the ``gaps`` between world
        totals and the sums of their regions.
    """
    report = catalogue.check()
    atlas = shipped_atlas()
    faults = (*report.faults, *check_atlas(atlas))
    return {
        "faults": [fault.line() for fault in faults],
        "tables": report.tables,
        "rows": report.rows,
        "sources": report.sources,
        "verdict": "all have unit, source and grade" if report.is_clean else "see above",
        "atlas": {
            "tables": len(TABLE_NAMES),
            "rows": len(atlas),
            "gaps": [gap.line() for gap in gaps(atlas)],
        },
    }


def assumed_data() -> list[dict[str, Any]]:
    """Return every row of grade E: what is assumed, its figures, and why."""
    return [
        {
            "where": str(a.ref), "what": a.subject, "figures": a.figures, "unit": a.unit,
            "why": a.reason,
        }
        for a in catalogue.assumed()
    ]  # fmt: skip


# -- the chain ------------------------------------------------------------------------------


def describe_chain(name_or_folder: str | Path = DEFAULT_CHAIN) -> dict[str, Any]:
    """Return who makes what in the balanced base year, beside published shares.

    Raises
    ------
    UnknownCodeError
        If there is no such chain.
    """
    found = balanced(name_or_folder)
    table = f"chains/{name_or_folder}/reconciliation"
    published = catalogue.load(table) if table in catalogue.table_ids() else ()
    return chain_data(found.network, found.report, published)


def summarise(result: Stress | SavedStress) -> dict[str, Any]:
    """Return the few rows of a stress that a screen holds."""
    return summary_data(result.scenario, result.outlook)


# -- back-test ------------------------------------------------------------------------------


def backtest(
    episode: str | None = None,
    *,
    draws: int = 200,
    seed: int = 0,
    processes: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Lay predictions beside what was observed in past episodes.

    Parameters
    ----------
    episode : str, optional
        One episode; all of them by default.
    draws, seed, processes, progress
        As for `stress`.

    Returns
    -------
    dict
        ``rows`` (one per month of every series) and ``summary`` (per episode with outcomes).

    Raises
    ------
    UnknownCodeError
        If there is no such episode.
    """
    chosen = episodes() if episode is None else (episode,)
    predictions = {
        name: predict(name, chain, draws=draws, seed=seed, processes=processes, progress=progress)
        for name in chosen
    }
    scores = {name: score(rows) for name, rows in predictions.items()}
    return {
        "draws": draws,
        "seed": seed,
        "rows": [_prediction_row(row) for rows in predictions.values() for row in rows],
        "summary": {
            name: {key: finite(value) for key, value in asdict(found).items()}
            for name, found in scores.items()
            if found is not None
        },
    }


def _prediction_row(row: Prediction) -> dict[str, Any]:
    return {
        "episode": row.episode,
        "commodity": row.commodity,
        "market": row.market,
        "month": row.month,
        "predicted_multiple": row.predicted,
        "low": row.low,
        "high": row.high,
        "observed_multiple": row.observed,
        "ratio": row.ratio,
    }
