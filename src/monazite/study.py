"""The one door: command line, web and notebooks ask here and get the same answers.

>>> from monazite import study
>>> result = study.stress("myanmar-halt", months=6)
>>> result.trajectory.months[0]
'2025-01'
"""

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from monazite import ensemble, indicators, remedies
from monazite.backtest import Prediction, episodes, predict, score
from monazite.balance import Balanced, balance
from monazite.errors import InputError, ReproductionError, UnknownCodeError
from monazite.manifest import Manifest, fingerprint, text_digest
from monazite.market.certificate import Certificate, worst
from monazite.network import SupplyNetwork
from monazite.outlook import chain_data, finite, stress_data, summary_data
from monazite.parameters import Parameters
from monazite.reference import catalogue
from monazite.reference.source import data_folder
from monazite.scenario import (
    Lowered,
    Scenario,
    explain,
    library,
    load,
    lower,
    source_text,
    template,
)
from monazite.simulate import Progress, simulate
from monazite.trajectory import Trajectory

DEFAULT_CHAIN = "rare-earths-2024"
MOST_MONTHS = 240
"""The longest run: what lies further ahead is no short-run question."""


def chains() -> tuple[str, ...]:
    """Names of the shipped supply chains."""
    return tuple(sorted(path.name for path in _chain_folder().iterdir() if path.is_dir()))


def _chain_folder() -> Path:
    """Return the folder of the shipped chains, also when the package is read from an archive."""
    return Path(str(data_folder())) / "chains"


def balanced(name_or_folder: str | Path = DEFAULT_CHAIN) -> Balanced:
    """Balance a shipped chain, which is kept, or a folder of one's own.

    Parameters
    ----------
    name_or_folder : str or Path
        A name out of `chains`, or a folder in the format of the documentation.

    Raises
    ------
    UnknownCodeError
        If it is neither.
    """
    name = str(name_or_folder)
    if name in chains():
        return _shipped(name)
    if Path(name).is_dir():
        return balance(Path(name).resolve())
    if Path(name).exists():
        raise InputError("a chain is a folder, not a file", where=name, way_out="give its folder")
    raise UnknownCodeError("chain", name, chains())


@cache
def _shipped(name: str) -> Balanced:
    return balance(_chain_folder() / name)


def chain(name_or_folder: str | Path = DEFAULT_CHAIN) -> SupplyNetwork:
    """Return the balanced network of a shipped chain or of a folder of one's own."""
    return balanced(name_or_folder).network


@dataclass(frozen=True, slots=True)
class Stress:
    """A scenario that was simulated.

    ``threshold`` : stopped share from which a use counts as short.
    """

    scenario: Scenario
    network: SupplyNetwork
    lowered: Lowered
    trajectory: Trajectory
    threshold: float
    manifest: Manifest

    @property
    def certificate(self) -> Certificate:
        """The worst residuals of all months."""
        return worst(self.trajectory.certificates)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, as ``monazite stress --json`` prints it."""
        return {
            **stress_data(self.scenario, self.trajectory, self.threshold),
            "manifest": self.manifest.as_dict(),
        }


def stress(
    scenario: str | Path | Scenario,
    *,
    months: int | None = None,
    draws: int = 1,
    seed: int = 0,
    threshold: float = indicators.SHORTAGE_THRESHOLD,
    network: str | Path | SupplyNetwork | None = None,
    processes: int = 1,
    progress: Progress | None = None,
    **parameters: float,
) -> Stress:
    """Simulate a scenario month by month.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A shipped scenario's name, a TOML file, or a scenario.
    months : int, optional
        How many months; as the scenario says by default.
    draws : int
        1 runs the central parameters; more draw them from their ranges.
    seed : int
        Seed of the draws.
    threshold : float
        Stopped share from which a use counts as short.
    network : str, Path or SupplyNetwork, optional
        Another chain than the scenario's own.
    processes : int
        Worker processes for many draws.
    progress : callable (done, total), optional
        Told while it runs: months of a single run, else draws.
    **parameters : float
        Central parameters to change; unknown names raise.

    Returns
    -------
    Stress
        Trajectory, certificate and manifest.

    Raises
    ------
    MonaziteError
        See the errors page: unknown names, impossible measures, no equilibrium.
    """
    _check_options(draws, seed, threshold, processes)
    values = _parameters(draws, seed, parameters)
    chosen = _scenario(scenario, months)
    base = _network(chosen, network)
    lowered = lower(chosen, base)
    trajectory = (
        simulate(lowered, values, progress=progress)
        if draws == 1
        else ensemble.run(lowered, values, processes=processes, progress=progress)
    )
    settings = {
        "scenario": _name(scenario, chosen), "months": len(trajectory.months), "draws": draws,
        "seed": seed, "threshold": threshold, "parameters": dict(parameters),
        "network": _chain_name(network),
    }  # fmt: skip
    return Stress(
        chosen,
        base,
        lowered,
        trajectory,
        threshold,
        _manifest("stress", settings, chosen, base, trajectory),
    )


def _check_options(draws: int, seed: int, threshold: float, processes: int) -> None:
    """See before anything runs that the options can be used."""
    for what, value, least in (("draws", draws, 1), ("processes", processes, 1), ("seed", seed, 0)):
        if value < least:
            raise InputError(f"{what}: {value} is too small", way_out=f"give {least} or more")
    if not 0 < threshold <= 1:
        raise InputError(
            f"threshold: {threshold:g} is not a share",
            way_out="give a fraction above 0 and up to 1, such as 0.05",
        )


def _scenario(scenario: str | Path | Scenario, months: int | None) -> Scenario:
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    if months is None:
        return chosen
    if not 1 <= months <= MOST_MONTHS:
        raise InputError(f"months: {months} is out of range", way_out=f"ask for 1 to {MOST_MONTHS}")
    return chosen.model_copy(update={"months": months})


def _network(scenario: Scenario, given: str | Path | SupplyNetwork | None) -> SupplyNetwork:
    """Return the network asked for, or the scenario's own: shipped, a folder, or one beside it."""
    if isinstance(given, SupplyNetwork):
        return given
    if given is not None:
        return chain(given)
    own = Path(scenario.chain)
    beside = Path(scenario.origin).parent / own
    if scenario.chain not in chains() and not own.is_dir() and not beside.is_dir():
        raise UnknownCodeError(
            "chain", scenario.chain, chains(), where=f"{scenario.origin or scenario.id}: chain"
        )
    is_here = scenario.chain in chains() or own.is_dir()
    return chain(scenario.chain if is_here else beside)


def _name(given: str | Path | Scenario, chosen: Scenario) -> str:
    """Return what a rerun finds the scenario by: the name of a shipped one, else its file."""
    if isinstance(given, Scenario):
        return chosen.id
    is_shipped = chosen.origin == f"{given}.toml"
    return str(given) if is_shipped else str(Path(given).resolve())


def _chain_name(network: str | Path | SupplyNetwork | None) -> str | None:
    """Return what a rerun finds the network by; None for the scenario's own chain."""
    if network is None:
        return None
    if isinstance(network, SupplyNetwork):
        return network.name
    return str(network) if str(network) in chains() else str(Path(network).resolve())


def _parameters(draws: int, seed: int, changes: dict[str, float]) -> Parameters:
    for name, value in changes.items():
        if not math.isfinite(value):
            raise InputError(f"parameter {name}: {value} is no number", way_out="give a number")
    fixed = Parameters.central(**changes)
    if draws == 1:
        return fixed
    drawn = ensemble.sample(draws, seed)
    for name in changes:
        drawn.values[name] = np.full(draws, fixed.values[name][0])
    return drawn


def _manifest(
    command: str,
    settings: dict[str, Any],
    scenario: Scenario,
    network: SupplyNetwork,
    trajectory: Trajectory,
) -> Manifest:
    values = trajectory.parameters.values
    inputs = {
        "network": network.digest(),
        "scenario": text_digest(scenario.to_toml()),
        "parameters": fingerprint(*(values[name] for name in sorted(values))),
    }
    return Manifest(command, settings, inputs, result_of(trajectory))


def result_of(trajectory: Trajectory) -> str:
    """Fingerprint of what a trajectory says."""
    parts = (trajectory.price, trajectory.flow, trajectory.stopped, trajectory.group_stock)
    return fingerprint(*parts)


def rerun(manifest: Manifest, *, processes: int = 1, progress: Progress | None = None) -> Stress:
    """Run a manifest again and insist on the same numbers.

    Parameters
    ----------
    manifest : Manifest
        What was run.
    processes, progress
        As for `stress`; the numbers do not depend on them.

    Raises
    ------
    ReproductionError
        If inputs, or the numbers, are not those of the manifest; says which.
    InputError
        If the manifest asks for what does not exist.
    """
    if manifest.command != "stress":
        raise ReproductionError(
            f"cannot rerun '{manifest.command}'", way_out="give the manifest of a stress run"
        )
    again = _again(manifest, processes, progress)
    for name, digest in again.manifest.inputs.items():
        if manifest.inputs.get(name) != digest:
            raise ReproductionError(
                f"the {_INPUTS.get(name, name)} is not the one of the manifest",
                way_out=f"use version {manifest.version} and the same files and settings",
            )
    if again.manifest.result != manifest.result:
        made_with = ", ".join(f"{name} {number}" for name, number in manifest.libraries.items())
        raise ReproductionError(
            "the inputs agree and the numbers do not",
            way_out=f"the manifest was made by version {manifest.version} with {made_with}",
        )
    return again


def _again(manifest: Manifest, processes: int, progress: Progress | None) -> Stress:
    options = dict(manifest.options())
    scenario, changes = options.pop("scenario"), options.pop("parameters")
    return stress(scenario, processes=processes, progress=progress, **options, **changes)


_INPUTS = {"parameters": "set of parameters"}
"""How inputs are called where their name is a plural."""


# -- briefing -------------------------------------------------------------------------------


FORMATS = ("html", "md", "json")


def brief_format(form: str | None, out: Path) -> str:
    """Return the format of a briefing: as asked, or by the ending of the file.

    Raises
    ------
    UnknownCodeError
        If there is no such format.
    """
    chosen = form or out.suffix.lstrip(".") or "html"
    if chosen not in FORMATS:
        raise UnknownCodeError("format", chosen, FORMATS, where="" if form else str(out))
    return chosen


def brief(
    scenario: str | Path | Scenario | Stress,
    *,
    form: str = "html",
    with_remedies: bool = True,
    progress: Progress | None = None,
) -> str:
    """Write the briefing of a scenario.

    Parameters
    ----------
    scenario : str, Path, Scenario or Stress
        As for `stress`, which runs it with its defaults; or what `stress` returned, for a
        briefing on other options.
    form : str
        ``html`` (one self-contained file), ``md`` or ``json``.
    with_remedies : bool
        Also try the standard remedies.
    progress : callable (done, total), optional
        Told while it runs.

    Raises
    ------
    MonaziteError
        As `stress`; UnknownCodeError if there is no such format.
    """
    # matplotlib, which draws the figures, is slow to load
    from monazite.briefing.compose import compose  # noqa: PLC0415
    from monazite.briefing.render import render  # noqa: PLC0415

    brief_format(form, Path())
    result = scenario if isinstance(scenario, Stress) else stress(scenario, progress=progress)
    reliefs = _reliefs(result, progress) if with_remedies else ()
    data = compose(
        result.scenario,
        result.trajectory,
        reliefs,
        manifest=result.manifest.as_dict(),
        threshold=result.threshold,
    )
    return render(data, form)


def _reliefs(result: Stress, progress: Progress | None) -> tuple[remedies.Relief, ...]:
    """Try the remedies on the central parameters, whatever the draws of the result."""
    central = Parameters.central(**result.manifest.settings["parameters"])
    base = result.network
    run = result.trajectory
    if run.draws > 1:
        run = simulate(lower(result.scenario, base), central)
    return remedies.rank(
        result.scenario, base, run, central, threshold=result.threshold, progress=progress
    )


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
    return explain(chosen, _network(chosen, network))


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
    """Check every shipped row for unit, source, grade, codes and ranges."""
    report = catalogue.check()
    return {
        "faults": [fault.line() for fault in report.faults],
        "tables": report.tables,
        "rows": report.rows,
        "sources": report.sources,
        "verdict": "all have unit, source and grade" if report.is_clean else "see above",
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


def summarise(result: Stress) -> dict[str, Any]:
    """Return the few rows of a stress that a screen holds."""
    return summary_data(result.scenario, result.trajectory, result.threshold)


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
