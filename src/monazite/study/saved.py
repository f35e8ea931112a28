"""Stress with many draws that are kept in a folder: taken up where it stopped, read as bands."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monazite import ensemble, indicators
from monazite.engine import Engine, versions
from monazite.ensemble import Sampling
from monazite.errors import InputError
from monazite.manifest import Manifest, text_digest
from monazite.market.certificate import Certificate
from monazite.network import SupplyNetwork
from monazite.outlook import Outlook, controlling, stress_data
from monazite.parameters import Parameters
from monazite.runbands import RunBands
from monazite.runfolder import RunFolder, Tabulate
from monazite.scenario import Scenario
from monazite.simulate import Progress
from monazite.study.runs import PreparedRun, choose_engine, prepare

COMMAND = "stress --save"
"""What the manifest of a run in a folder calls itself."""


@dataclass(frozen=True, slots=True)
class SavedStress:
    """A scenario that was simulated into a folder.

    ``outlook`` : bands and shortages, read from the files. ``done_before`` : draws that were
    there already.
    """

    scenario: Scenario
    folder: Path
    outlook: Outlook
    manifest: Manifest
    done_before: int

    @property
    def certificate(self) -> Certificate:
        """The worst residuals of all months and draws."""
        return self.outlook.certificate

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, as ``monazite stress --json`` prints it."""
        return {
            **stress_data(self.scenario, self.outlook),
            "manifest": self.manifest.as_dict(),
        }


def stress_into(
    folder: Path,
    scenario: str | Path | Scenario,
    *,
    months: int | None = None,
    draws: int,
    seed: int = 0,
    threshold: float = indicators.SHORTAGE_THRESHOLD,
    network: str | Path | SupplyNetwork | None = None,
    processes: int = 1,
    engine: str | None = None,
    sampling: str = Sampling.LATIN,
    progress: Progress | None = None,
    **parameters: float,
) -> SavedStress:
    """Simulate many draws of a scenario into a folder; go on where an earlier run stopped.

    Parameters
    ----------
    folder : Path
        New, or of the same run: same scenario, chain, parameters, draws, seed and versions.
    scenario, months, draws, seed, threshold, network, processes, engine, sampling, progress
        As for `stress`; two draws at least. The threshold may be another one each time.
    **parameters : float
        Central parameters to change.

    Returns
    -------
    SavedStress
        Bands and shortages of all draws.

    Raises
    ------
    InputError
        If the folder holds something else or cannot be written; what is done is kept.
    MonaziteError
        As for `stress`.
    """
    if draws == 1:
        raise InputError("a folder is for many draws", way_out="ask for two draws or more")
    worker = choose_engine(engine, processes)
    prepared = prepare(
        scenario, months=months, draws=draws, seed=seed, threshold=threshold, network=network,
        sampling=sampling, **parameters,
    )  # fmt: skip
    pieces = ensemble.chunks(prepared.values)
    kept = RunFolder(folder, _identity(prepared), [piece.draws for piece in pieces])
    before = sum(kept.sizes[place] for place in kept.done)
    _complete(kept, prepared, pieces, worker, progress)
    outlook = _outlook(RunBands(kept), prepared, threshold)
    files = (text for place in range(len(pieces)) for text in kept.record(place)["files"].values())
    manifest = Manifest(COMMAND, prepared.settings, prepared.inputs(), text_digest(" ".join(files)))
    return SavedStress(prepared.scenario, folder, outlook, manifest, before)


def _identity(prepared: PreparedRun) -> dict[str, Any]:
    """Return what makes a run what it is; the threshold is for reading only."""
    settings = {name: value for name, value in prepared.settings.items() if name != "threshold"}
    used = versions()
    return {
        "settings": settings,
        "inputs": prepared.inputs(),
        "libraries": dict(used.libraries),
        "code": used.code,
    }


def _complete(
    kept: RunFolder,
    prepared: PreparedRun,
    pieces: Sequence[Parameters],
    engine: Engine,
    progress: Progress | None,
) -> None:
    """Make the parts that are missing."""
    missing = kept.missing
    total = sum(kept.sizes)
    before = total - sum(kept.sizes[place] for place in missing)

    def tell(done: int, _: int) -> None:
        if progress is not None:
            progress(before + done, total)

    work = Tabulate(_inside(prepared))
    todo = [pieces[place] for place in missing]
    results = ensemble.work_off(work, prepared.lowered, todo, engine=engine, progress=tell)
    # where a part cannot be written the workers end at once
    with closing(results):
        for found, tables in results:
            kept.put(missing[found], tables, todo[found])


def _inside(prepared: PreparedRun) -> tuple[str, ...]:
    return controlling(prepared.scenario, prepared.network.markets())


def _outlook(bands: RunBands, prepared: PreparedRun, threshold: float) -> Outlook:
    return Outlook(
        prepared.network.name,
        bands.months,
        bands.draws,
        threshold,
        _inside(prepared),
        bands.market_months(),
        bands.price_multiples(),
        bands.use_months(),
        bands.shortages(threshold),
        bands.certificate,
    )
