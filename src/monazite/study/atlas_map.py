"""The map of the atlas as a file: one mineral with its flows, or who leads in how many."""

from collections import Counter
from typing import TYPE_CHECKING

from monazite.errors import InputError
from monazite.reference.atlas.supply import suppliers
from monazite.reference.atlas.tables import SupplyStage, shipped_atlas
from monazite.reference.loaders.minerals import minerals
from monazite.study.atlas import DEFAULT_YEAR, atlas_minerals, mineral_code

if TYPE_CHECKING:
    from monazite.briefing.canvas import Picture

MOST_FLOWS = 10
"""Flows that a map can tell apart."""


def atlas_map(mineral: str = "", year: int = DEFAULT_YEAR, stage: str = "") -> str:
    """Return the map as SVG.

    Parameters
    ----------
    mineral : str
        Code or English name; empty for the map of the largest suppliers of all minerals.
    year : int
        Figures are those of this year, or the last before it.
    stage : str
        ``mine`` or ``refinery``; by default the mine where a source tells it, else the refinery,
        and for all minerals both.

    Raises
    ------
    UnknownCodeError
        If there is no such mineral.
    InputError
        If there is no such stage, or no source tells who supplies the mineral at it.
    """
    from monazite.briefing.canvas import standalone  # noqa: PLC0415 - drawing is slow to load

    if stage and stage not in set(SupplyStage):
        raise InputError(f"'{stage}' is no stage", way_out="give mine or refinery")
    drawn = _one(mineral_code(mineral), year, stage) if mineral else _all(year, stage)
    return standalone(drawn)


def _one(code: str, year: int, stage: str) -> "Picture":
    from monazite.briefing.atlas_map import share_map  # noqa: PLC0415 - as in atlas_map

    stages = [SupplyStage(stage)] if stage else list(SupplyStage)
    found = [item for each in stages for item in suppliers(shipped_atlas(), code, each, year)]
    name = minerals()[code].name
    if not found:
        raise InputError(
            f"no source tells who supplies {name}" + (f" at the {stage}" if stage else ""),
            way_out="`monazite atlas` lists what is told",
        )
    best = found[0]
    flows, last = _largest_flows(code, best.stage, year)
    traded = f"; trade {last}, {shipped_atlas().trade.source}" if flows else ""
    return share_map(
        dict(zip(best.regions, best.shares.tolist(), strict=True)),
        flows,
        f"{name}: {best.stage} production and largest flows, {best.year}" if flows
        else f"{name}: {best.stage} production, {best.year}",
        legend="Share of the world",
        source=f"Production {best.year}, {best.source}{traded}. Outlines: Natural Earth.",
    )  # fmt: skip


def _largest_flows(
    code: str, stage: SupplyStage, year: int
) -> tuple[list[tuple[str, str, float]], int]:
    """Return the largest flows of a mineral at a stage by value, and of which year they are."""
    trade = shipped_atlas().trade
    last = int(trade.year[trade.year <= year].max())
    own = trade.taken((trade.commodity == code) & (trade.year == last) & (trade.stages() == stage))
    sums: Counter[tuple[str, str]] = Counter()
    for exporter, importer, value in zip(own.region, own.partner, own.value, strict=True):
        sums[exporter, importer] += value
    largest = sorted(sums, key=lambda ends: (-sums[ends], ends))[:MOST_FLOWS]
    return [(*ends, float(sums[ends])) for ends in largest], last


def _all(year: int, stage: str) -> "Picture":
    from monazite.briefing.atlas_map import leader_map  # noqa: PLC0415 - as in atlas_map

    rows = [row for row in atlas_minerals(year) if row["largest"] and stage in ("", row["stage"])]
    leads = Counter(row["largest"] for row in rows)
    where = f"at the {stage}" if stage else "at mine and refinery"
    return leader_map(
        leads,
        f"Who is the largest supplier of how many minerals, {year}",
        legend=f"Minerals {where} of which it is the largest supplier",
        source=f"{len(rows)} markets; each from the source that `monazite atlas` names. "
        "Outlines: Natural Earth.",
    )
