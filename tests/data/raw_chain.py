"""What the tests of raw chains share: rows, and how far supply is from demand."""

import csv
import math
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from monazite.balance import BalanceReport
from monazite.reference.source import data_folder

Place = tuple[str, str]


@dataclass(frozen=True)
class RawChain:
    """The folder of a shipped chain, read without the package's own reader."""

    folder: Path

    def rows(self, table: str) -> list[dict[str, str]]:
        """Rows of one file."""
        with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def sides(self) -> tuple[dict[Place, float], dict[Place, float]]:
        """Supply and demand of each market [t/yr]."""
        supply: dict[Place, float] = defaultdict(float)
        demand: dict[Place, float] = defaultdict(float)
        activity = {
            (row["process"], row["region"]): float(row["activity"])
            for row in self.rows("processes")
        }
        for row in self.rows("recipes"):
            amount = float(row["coefficient"]) * activity[row["process"], row["region"]]
            side = supply if amount > 0 else demand
            side[row["commodity"], row["region"]] += abs(amount)
        for row in self.rows("routes"):
            flow = float(row["flow"] or 0)
            supply[row["commodity"], row["destination"]] += flow
            demand[row["commodity"], row["origin"]] += flow
        for row in self.rows("uses"):
            demand[row["commodity"], row["region"]] += float(row["demand"])
        return supply, demand

    def gaps(self, smallest: float) -> dict[Place, float]:
        """Supply over demand less one, in markets that move at least `smallest` [t/yr]."""
        supply, demand = self.sides()
        return {
            place: supply[place] / demand[place] - 1
            for place in supply.keys() | demand.keys()
            if max(supply[place], demand[place]) >= smallest
        }

    def flow(self, *, origin: str = "", channel: str = "", goods: tuple[str, ...] = ()) -> float:
        """Total of the routes that match [t/yr]."""
        return sum(
            float(row["flow"] or 0)
            for row in self.rows("routes")
            if origin in ("", row["origin"])
            and channel in ("", row["channel"])
            and (not goods or row["commodity"].endswith(goods))
        )


def shipped_chain(name: str) -> RawChain:
    """The folder of a shipped chain."""
    return RawChain(Path(str(data_folder() / "chains" / name)))


def largest_strain(report: BalanceReport) -> float:
    """Largest change of a figure's logarithm, in standard deviations of its grade."""
    return max(
        abs(math.log(change.balanced / change.prior)) / change.deviation
        for change in report.adjustments
        if change.prior > 0
    )


def run_build_script(script: str, data: Path, folder: str) -> dict[str, str]:
    """Run a build script on another data folder and return the files of one folder in it."""
    code = (
        "import pathlib, chain_folder; "
        f"chain_folder.CHAINS = pathlib.Path({str(data / 'chains')!r}); "
        f"import {script}; {script}.main()"
    )
    scripts = Path(__file__).parents[2] / "scripts"
    subprocess.run([sys.executable, "-c", code], cwd=scripts, check=True)
    return {file.name: file.read_text(encoding="utf-8") for file in (data / folder).iterdir()}
