"""A buyer's book: read, laid on a simulated scenario, answered line by line."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from monazite import book, indicators
from monazite.book import Book, Exposure
from monazite.desk.gazetteer import find
from monazite.desk.measures.scope import Scope
from monazite.ensemble import Sampling
from monazite.manifest import Manifest, fingerprint
from monazite.market.certificate import Certificate
from monazite.network import SupplyNetwork
from monazite.outlook import certificate_data
from monazite.scenario import Scenario, load
from monazite.simulate import Progress
from monazite.study.runs import Stress, chain, chains, network_of, stress


@dataclass(frozen=True, slots=True)
class BookRun:
    """A book that was answered.

    ``exposure`` : the answer. ``stress`` : the run that it rests on. ``manifest`` : from what.
    """

    exposure: Exposure
    stress: Stress
    manifest: Manifest

    @property
    def certificate(self) -> Certificate:
        """The worst residuals of all months of the run."""
        return self.stress.certificate

    @property
    def is_whole(self) -> bool:
        """Whether every row of the book has an answer."""
        return not self.exposure.book.faults

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, as ``monazite exposure --json`` prints it."""
        run = self.stress
        return {
            "scenario": run.scenario.id,
            "title": run.scenario.title,
            "chain": run.network.name,
            "months": list(run.trajectory.months),
            "draws": run.trajectory.draws,
            "threshold": run.threshold,
            **book.exposure_data(self.exposure),
            "certificate": certificate_data(self.certificate),
            "manifest": self.manifest.as_dict(),
        }

    def as_csv(self) -> str:
        """Return a row for each line of the book, as ``monazite exposure --out`` writes it."""
        return book.answer_csv(self.exposure)


@dataclass(frozen=True, slots=True)
class BookOrder:
    """How a book is to be answered.

    ``region`` : where the buyer uses the goods, for rows that do not say it. ``threshold`` : part
    of a month's need whose want stops a line [fraction]. ``months``, ``draws``, ``seed``,
    ``network``, ``processes``, ``parameters`` : as for `stress`.
    """

    region: str = ""
    threshold: float = indicators.SHORTAGE_THRESHOLD
    months: int | None = None
    draws: int = 1
    seed: int = 0
    network: str | Path | SupplyNetwork | None = None
    processes: int = 1
    parameters: Mapping[str, float] = field(default_factory=dict)


def exposure(
    file: str | Path,
    scenario: str | Path | Scenario,
    *,
    order: BookOrder | None = None,
    progress: Progress | None = None,
) -> BookRun:
    """Say what a scenario does to a buyer's own list of parts and materials.

    The book is read on this machine and leaves it in no way; the manifest holds its name and
    digest.

    Parameters
    ----------
    file : str or Path
        CSV or workbook; `book_template` returns one that explains itself.
    scenario : str, Path or Scenario
        What strikes.
    order : BookOrder, optional
        Where the goods are used, and how to simulate.
    progress : callable (done, total), optional
        Told while it runs, as of `stress`.

    Raises
    ------
    MonaziteError
        As `stress`; and if the file, or every row of it, cannot be used.
    """
    asked = order or BookOrder()
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    found = _read(Path(file), network_of(chosen, asked.network), asked.region)
    run = stress(
        scenario,
        months=asked.months,
        draws=asked.draws,
        seed=asked.seed,
        threshold=asked.threshold,
        network=asked.network,
        processes=asked.processes,
        engine=None,
        sampling=Sampling.LATIN,
        progress=progress,
        **asked.parameters,
    )
    answer = book.expose(found, run.scenario, run.trajectory, threshold=asked.threshold)
    return BookRun(answer, run, _manifest(run.manifest, answer, Path(file), asked.region))


def book_template() -> str:
    """Return the text of a book that explains itself, with two example lines."""
    return book.template()


def _read(file: Path, network: SupplyNetwork, region: str) -> Book:
    names = _Names(network)
    return book.read_book(
        file, network, region=region, meant=names.meant, elsewhere=names.elsewhere
    )


def _manifest(run: Manifest, answer: Exposure, file: Path, region: str) -> Manifest:
    """Return the manifest of the run with the book in it, as its name and digest only."""
    settings = {**run.settings, "book": file.name, "region": region}
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return replace(
        run,
        command="exposure",
        settings=settings,
        inputs={**run.inputs, "book": digest},
        result=fingerprint(answer.figures),
    )


class _Names:
    """What people call goods, in the codes of a chain."""

    def __init__(self, network: SupplyNetwork) -> None:
        self.network, self.scope = network, Scope(network)

    def meant(self, text: str) -> Sequence[str]:
        """Goods that the desk's list of names knows by this one."""
        mentions = [mention for mention in find(text) if mention.commodities]
        if len(mentions) != 1 or mentions[0].end - mentions[0].start != len(text):
            return ()
        stages = (mentions[0].stage,) if mentions[0].stage else ()
        return self._staged(mentions[0].commodities, stages)

    def _staged(self, names: Sequence[str], stages: Sequence[str]) -> Sequence[str]:
        goods = self.scope.goods(names, mined=False).codes
        ending = [code for code in goods if any(code.endswith(f"-{stage}") for stage in stages)]
        return ending or goods

    def elsewhere(self, text: str) -> Sequence[str]:
        """Shipped chains beside this one that have the good."""
        others = (name for name in chains() if name != self.network.name)
        return [name for name in others if _Names(chain(name)).has(text)]

    def has(self, text: str) -> bool:
        """Whether the chain has a good of this name or synonym."""
        names = {name.casefold() for g in self.network.commodities for name in (g.code, g.name)}
        return text.casefold() in names or bool(self.meant(text))
