"""Write what the balance did: docs/reference/balance.md and the chain's reconciliation.csv.

Run it after any change of a shipped chain: ``python scripts/build_balance_docs.py``.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monazite.balance import DEVIATION_BY_GRADE, Adjustment, Balanced, balance
from monazite.network import Process, SupplyNetwork

ROOT = Path(__file__).parent.parent
CHAINS = ROOT / "src" / "monazite" / "reference" / "data" / "chains"
PAGE = ROOT / "docs" / "reference" / "balance.md"
MAIN = "rare-earths-2024"
MAGNET_ELEMENTS = ("Nd", "Pr", "Dy", "Tb")
COLUMNS = (
    "what", "region", "published", "model", "unit", "year", "reason", "source", "grade", "note",
)  # fmt: skip
"""Columns of reconciliation.csv; shares as fractions."""


# -- shares beside published ones -----------------------------------------------------------


def _mined(network: SupplyNetwork, process: Process) -> float:
    """Metal of the four magnet elements in what a mine sells [t/yr]."""
    if process.stage != "ore":
        return 0.0
    return sum(_held(network, code) * t for code, t in _made(process))


def _refined(network: SupplyNetwork, process: Process) -> float:
    """Metal of the four magnet elements in the oxides of a separation plant [t/yr]."""
    if process.stage != "separation":
        return 0.0
    return sum(_held(network, code) * t for code, t in _made(process) if code.endswith("-oxide"))


def _magnets(_network: SupplyNetwork, process: Process) -> float:
    """Finished neodymium magnets [t/yr]."""
    wanted = ("magnet-standard", "magnet-heavy")
    return sum(t for code, t in _made(process) if code in wanted)


def _made(process: Process) -> Iterator[tuple[str, float]]:
    for code, amount in process.recipe.items():
        if amount > 0:
            yield code, amount * (process.activity or 0.0)


def _held(network: SupplyNetwork, code: str) -> float:
    elements = network.commodity(code).elements
    return sum(elements.get(element, 0.0) for element in MAGNET_ELEMENTS)


Measure = Callable[[SupplyNetwork, Process], float]
MEASURES: dict[str, Measure] = {
    "mining of magnet rare earths": _mined,
    "refining of magnet rare earths": _refined,
    "neodymium magnets": _magnets,
}


def shares(network: SupplyNetwork, what: str) -> dict[str, float]:
    """Share of each region in a measure of the balanced base year."""
    made: dict[str, float] = defaultdict(float)
    for process in network.processes:
        made[process.region] += MEASURES[what](network, process)
    world = sum(made.values())
    return {region: amount / world for region, amount in made.items() if amount > 0}


@dataclass(frozen=True)
class Published:
    """A share that somebody published, and why ours may differ."""

    what: str
    region: str
    share: float
    source: str
    grade: str
    reason: str


_MINING, _REFINING, _MAGNETS = MEASURES
_CLOSE = "within two points"
PUBLISHED = (
    Published(
        _MINING, "CHN", 0.6097, "iea-cmd-2025", "A",
        "basket: IEA counts 45.8 kt of Nd, Pr, Dy and Tb in the quota of 270,000 t (17.0 %); the "
        "baskets here give about 51 kt of metal (19.0 %), with NdPr 22.5 % of REO at Bayan Obo "
        "and 19.1 % in Sichuan, of which no full column is published",
    ),
    Published(
        _MINING, "MMR", 0.1607, "iea-cmd-2025", "A",
        "basket and tonnage: 12.1 kt in the dataset are 31 % of 39,400 t and 39 % of 31,000 t; "
        "the granite-clay basket here holds 33 % as oxide or 28 % as metal",
    ),
    Published(
        _MINING, "USA", 0.0913, "iea-cmd-2025", "A",
        "within two points; 6.9 kt in the dataset would be 15.1 % of 45,500 t, as oxide",
    ),
    Published(
        _MINING, "AUS", 0.0431, "iea-cmd-2025", "A",
        "tonnage: 3.2 kt in the dataset fit the 13,000 t of USGS 2025; USGS 2026 says 29,000 t, "
        "which alone fits the NdPr that the plant in Malaysia reports (6,558 t in the year to "
        "June 2025)",
    ),
    Published(_REFINING, "CHN", 0.9128, "iea-cmd-2025", "A", _CLOSE),
    Published(
        _REFINING, "MYS", 0.0449, "iea-cmd-2025", "A",
        "tonnage: 3.6 kt in the dataset are about half of what the plant reports; see Australia",
    ),
    Published(_REFINING, "USA", 0.0119, "iea-cmd-2025", "A", _CLOSE),
    Published(
        _MAGNETS, "CHN", 0.94, "iea-commentary-2025-10", "B",
        "basis: 94 % is of sintered magnets; here bonded ones count too, in finished tonnes, and "
        "Japan is derived from its demand for didymium (5,500 t) rather than from nameplates. "
        "Another source says 85 % of 220,000 t",
    ),
)  # fmt: skip


def reconciliation(network: SupplyNetwork) -> list[dict[str, object]]:
    """Rows of reconciliation.csv."""
    found = {what: shares(network, what) for what in MEASURES}
    return [
        {
            "what": row.what, "region": row.region, "published": row.share,
            "model": round(found[row.what].get(row.region, 0.0), 4), "unit": "1",
            "year": network.base_year, "reason": row.reason, "source": row.source,
            "grade": row.grade, "note": "share of the world; model: balanced base year",
        }
        for row in PUBLISHED
    ]  # fmt: skip


# -- the page -------------------------------------------------------------------------------

INTRODUCTION = """\
# What the balance changed

Figures from different sources do not fit together: what is mined is not what is separated, and
what one country ships another does not count. `monazite.balance` moves every figure as little as
it must so that supply equals demand in each market, and reports every change. Each figure is a
prior whose relative standard deviation follows from the grade of its source:

{grades}

A change is measured by its *strain*, the logarithm of balanced over prior in standard deviations;
a strain above 2 says that a source, or an assumption, deserves another look. Assumptions (grade
E) were written down knowing what the plants beside them need, so that their small strains confirm
nothing; those of the other grades say how far the sources contradict each other. Totals are met
exactly. Routes whose flow is blank are opened with 0.2 % of their smaller side. The balanced base
year is not shipped: it is computed from the raw folder each time, in a fraction of a second, so
that figures and balance cannot drift apart. `balance(folder).report` holds every change.

This page is written by `scripts/build_balance_docs.py`.
"""
HEAD = ("figure", "prior t/yr", "balanced t/yr", "change", "grade", "strain", "source")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _row(a: Adjustment) -> tuple[str, ...]:
    return (
        a.item, _number(a.prior), _number(a.balanced), f"{a.change:+.0%}", a.provenance.grade,
        f"{a.strain:.1f}", a.provenance.source,
    )  # fmt: skip


def _section(name: str, found: Balanced) -> str:
    network, report = found.network, found.report
    title = f"## {network.title} (`{name}`)\n\n"
    size = (
        f"{len(network.markets()):,} markets, {len(network.processes):,} processes, "
        f"{len(network.routes):,} routes, {len(network.uses):,} uses; {len(report.totals)} totals "
        f"met exactly; {report.steps} Newton steps. The ten most strained figures:\n\n"
    )
    strained = _table(HEAD, [_row(a) for a in report.largest(10)])
    if name != MAIN:
        return f"{title}{size}{strained}\n"
    heavy = sorted(report.largest(10_000), key=lambda a: abs(a.balanced - a.prior), reverse=True)
    tonnes = _table(HEAD, [_row(a) for a in heavy[:10]])
    return f"{title}{size}{strained}\n\nThe ten largest changes in tonnes:\n\n{tonnes}\n"


def _beside(network: SupplyNetwork) -> str:
    rows = [
        (
            str(row["what"]), str(row["region"]), f"{row['published']:.1%}",
            f"{row['model']:.1%}", str(row["reason"]),
        )
        for row in reconciliation(network)
    ]  # fmt: skip
    return "### Beside published shares\n\n" + _table(
        ("share of the world", "region", "published", "here", "why they differ"), rows
    )


def page(found: dict[str, Balanced]) -> str:
    """Return the text of docs/reference/balance.md."""
    grades = _table(
        ("grade", "standard deviation"),
        [(grade, f"{sd:.0%}") for grade, sd in DEVIATION_BY_GRADE.items()],
    )
    parts = [INTRODUCTION.format(grades=grades)]
    for name, balanced in found.items():
        parts.append(_section(name, balanced))
        if name == MAIN:
            parts.append(_beside(balanced.network) + "\n")
    return "\n".join(parts)


def main() -> None:
    """Write the page and the reconciliation."""
    names = sorted((path.name for path in CHAINS.iterdir()), key=lambda name: name != MAIN)
    found = {name: balance(CHAINS / name) for name in names}
    with (CHAINS / MAIN / "reconciliation.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(reconciliation(found[MAIN].network))
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
