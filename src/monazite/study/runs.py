"""Stress: chains by name, scenarios simulated, and runs that are made again."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from monazite import ensemble, indicators
from monazite.atlas_markets import PREFIX, AtlasMarkets, MineralGroup, build_markets
from monazite.balance import Balanced, balance
from monazite.engine import Engine, named, of_processes
from monazite.ensemble import Sampling
from monazite.errors import InputError, ReproductionError, UnknownCodeError
from monazite.manifest import Manifest, fingerprint, text_digest
from monazite.market.certificate import Certificate, worst
from monazite.network import SupplyNetwork
from monazite.outlook import Outlook, stress_data
from monazite.parameters import Parameters
from monazite.reference.source import data_folder
from monazite.scenario import Lowered, Scenario, load, lower
from monazite.simulate import Progress, simulate
from monazite.trajectory import Trajectory

DEFAULT_CHAIN = "rare-earths-2024"
MOST_MONTHS = 240
"""The longest run: what lies further ahead is no short-run question."""


def chains() -> tuple[str, ...]:
    """Names of the shipped supply chains."""
    return tuple(sorted(path.name for path in _chain_folder().iterdir() if path.is_dir()))


def comes_along(name: str) -> bool:
    """Whether a name means a network that comes with the package: a chain, or one of the atlas."""
    return name in chains() or name.startswith(PREFIX)


def _chain_folder() -> Path:
    """Return the folder of the shipped chains, also when the package is read from an archive."""
    return Path(str(data_folder())) / "chains"


def balanced(name_or_folder: str | Path = DEFAULT_CHAIN) -> Balanced:
    """Balance a shipped chain, which is kept, or a folder of one's own.

    Parameters
    ----------
    name_or_folder : str or Path
        A name out of `chains`, ``atlas/`` and a mineral of the atlas, or a folder in the format
        of the documentation.

    Raises
    ------
    UnknownCodeError
        If it is neither.
    """
    name = str(name_or_folder)
    if name in chains():
        return _shipped(name)
    if name.startswith(PREFIX):
        return atlas_group(name.removeprefix(PREFIX)).balanced
    if Path(name).is_dir():
        return balance(Path(name).resolve())
    if Path(name).exists():
        raise InputError("a chain is a folder, not a file", where=name, way_out="give its folder")
    raise UnknownCodeError("chain", name, chains())


@cache
def atlas_markets() -> AtlasMarkets:
    """Return the markets of the shipped atlas, which are kept."""
    return build_markets()


def atlas_group(commodity: str) -> MineralGroup:
    """Return the group in which a mineral of the atlas has its market.

    Raises
    ------
    UnknownCodeError
        If there is no such mineral.
    InputError
        If it is left out; says why.
    """
    markets = atlas_markets()
    found = markets.group_of(commodity)
    if found is not None:
        return found
    for item in markets.left_out:
        if item.commodity == commodity:
            raise InputError(
                f"{commodity} has no market of its own: {item.reason}",
                where=f"{PREFIX}{commodity}",
                way_out="see docs/reference/atlas-markets.md for those that have",
            )
    raise UnknownCodeError(
        "mineral", commodity, [market.commodity for market in markets.markets()], where=PREFIX
    )


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

    @property
    def outlook(self) -> Outlook:
        """What came of it as rows of indicators."""
        return Outlook.of(self.scenario, self.trajectory, self.threshold)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, as ``monazite stress --json`` prints it."""
        return {
            **stress_data(self.scenario, self.outlook),
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
    engine: str | None = None,
    sampling: str = Sampling.LATIN,
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
    engine : str, optional
        Where many draws are run: ``local``, ``processes``, or the address of a Dask scheduler
        (see ``monazite.engine``); as `processes` says by default.
    sampling : str
        ``latin`` for a Latin hypercube, ``sobol`` for a Sobol' sequence.
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
    worker = choose_engine(engine, processes)
    prepared = prepare(
        scenario, months=months, draws=draws, seed=seed, threshold=threshold, network=network,
        sampling=sampling, **parameters,
    )  # fmt: skip
    trajectory = (
        simulate(prepared.lowered, prepared.values, progress=progress)
        if draws == 1
        else ensemble.run(prepared.lowered, prepared.values, engine=worker, progress=progress)
    )
    return Stress(
        prepared.scenario,
        prepared.network,
        prepared.lowered,
        trajectory,
        threshold,
        Manifest("stress", prepared.settings, prepared.inputs(), result_of(trajectory)),
    )


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A scenario laid on its network, with every draw: what a run starts from.

    ``settings`` : what a manifest says of it.
    """

    scenario: Scenario
    network: SupplyNetwork
    lowered: Lowered
    values: Parameters
    settings: dict[str, Any]

    def inputs(self) -> dict[str, str]:
        """Return the SHA-256 of each input."""
        drawn = self.values.values
        return {
            "network": self.network.digest(),
            "scenario": text_digest(self.scenario.to_toml()),
            "parameters": fingerprint(*(drawn[name] for name in sorted(drawn))),
        }


def prepare(
    scenario: str | Path | Scenario,
    *,
    months: int | None,
    draws: int,
    seed: int,
    threshold: float,
    network: str | Path | SupplyNetwork | None,
    sampling: str = Sampling.LATIN,
    **parameters: float,
) -> PreparedRun:
    """Lay a scenario on its network and draw the parameters; for options see `stress`."""
    check_options(draws, seed)
    _check_threshold(threshold)
    values = drawn_parameters(draws, seed, parameters, _sampling(sampling))
    chosen = _scenario(scenario, months)
    base = network_of(chosen, network)
    lowered = lower(chosen, base)
    settings = {
        "scenario": _name(scenario, chosen), "months": len(lowered.months), "draws": draws,
        "seed": seed, "threshold": threshold, "parameters": dict(parameters),
        "network": _chain_name(network), "sampling": str(sampling),
    }  # fmt: skip
    return PreparedRun(chosen, base, lowered, values, settings)


def choose_engine(name: str | None, processes: int) -> Engine:
    """Return the engine asked for, by name or by a number of processes.

    Raises
    ------
    InputError
        If there is no such engine, or both are given.
    """
    if name is None:
        return of_processes(processes)
    if processes != 1:
        raise InputError(
            f"both {processes} processes and the engine '{name}' are asked for",
            way_out="give one of them, or the engine processes:N",
        )
    return named(name)


def _sampling(name: str) -> Sampling:
    if name not in list(Sampling):
        raise UnknownCodeError("sampling", name, list(Sampling))
    return Sampling(name)


def check_options(draws: int, seed: int) -> None:
    """See before anything runs that the options can be used."""
    for what, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        if value < least:
            raise InputError(f"{what}: {value} is too small", way_out=f"give {least} or more")


def _check_threshold(threshold: float) -> None:
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


def network_of(scenario: Scenario, given: str | Path | SupplyNetwork | None) -> SupplyNetwork:
    """Return the network asked for, or the scenario's own: shipped, a folder, or one beside it."""
    if isinstance(given, SupplyNetwork):
        return given
    if given is not None:
        return chain(given)
    own = Path(scenario.chain)
    beside = Path(scenario.origin).parent / own
    is_here = comes_along(scenario.chain) or own.is_dir()
    if not is_here and not beside.is_dir():
        raise UnknownCodeError(
            "chain", scenario.chain, chains(), where=f"{scenario.origin or scenario.id}: chain"
        )
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
    return str(network) if comes_along(str(network)) else str(Path(network).resolve())


def drawn_parameters(
    draws: int, seed: int, changes: dict[str, float], sampling: Sampling = Sampling.LATIN
) -> Parameters:
    """Return the central parameters with some changed, or draws in which those stay fixed."""
    for name, value in changes.items():
        if not math.isfinite(value):
            raise InputError(f"parameter {name}: {value} is no number", way_out="give a number")
    fixed = Parameters.central(**changes)
    if draws == 1:
        return fixed
    drawn = ensemble.sample(draws, seed, sampling)
    for name in changes:
        drawn.values[name] = np.full(draws, fixed.values[name][0])
    return drawn


def result_of(trajectory: Trajectory) -> str:
    """Fingerprint of what a trajectory says."""
    parts = (trajectory.price, trajectory.flow, trajectory.stopped, trajectory.group_stock)
    return fingerprint(*parts)


def rerun(
    manifest: Manifest,
    *,
    processes: int = 1,
    engine: str | None = None,
    progress: Progress | None = None,
) -> Stress:
    """Run a manifest again and insist on the same numbers.

    Parameters
    ----------
    manifest : Manifest
        What was run.
    processes, engine, progress
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
    again = _again(manifest, processes, engine, progress)
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


def _again(
    manifest: Manifest, processes: int, engine: str | None, progress: Progress | None
) -> Stress:
    options = dict(manifest.options())
    scenario, changes = options.pop("scenario"), options.pop("parameters")
    return stress(
        scenario, processes=processes, engine=engine, progress=progress, **options, **changes
    )


_INPUTS = {"parameters": "set of parameters"}
"""How inputs are called where their name is a plural."""
