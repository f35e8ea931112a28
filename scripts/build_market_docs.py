"""Write docs/reference/atlas-markets.md out of the markets of the atlas.

Usage: python scripts/build_market_docs.py
"""

from collections.abc import Iterator
from pathlib import Path

from build_data_docs import grid

from monazite.atlas_markets import (
    ByProductLink,
    MineralGroup,
    MineralMarket,
    StageMarket,
    build_markets,
)
from monazite.balance import AdjustmentKind
from monazite.reference.loaders.minerals import minerals

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "atlas-markets.md"
MOVED = 0.01
"""Change of a figure from which the balance is said to have moved it."""

HEAD = """% Written by scripts/build_market_docs.py; do not edit.

# Markets of the atlas

{built} of {all} minerals of the atlas are markets, in {groups} groups. `atlas/MINERAL` names one
wherever a chain is named, `monazite screen --chain atlas` takes all. [How a mineral becomes a
market](../explanation/atlas-markets.md) tells what is done and assumed. The tables behind it are
`monazite data show markets/NAME`: `content`, `links`, `us_trade`, `quotes`, `choices`, `ladders`
and `settings`.

Base year 2024. Quantities are in t of what the production is counted in (content, oxide or gross
weight, as its source does), gases in thousand cubic metres; prices in USD/kg of it, of gases USD
per cubic metre.
"""


def page() -> str:
    """Return the whole page."""
    found = build_markets()
    head = HEAD.format(built=len(found.markets()), all=len(minerals()), groups=len(found.groups))
    parts = [head, "## Markets\n"]
    parts += grid(
        (
            "mineral", "group", "stages", "regions", "world", "price", "price from", "output from",
            "trade from",
        ),
        (
            row(group, market, stage)
            for group in found.groups
            for market in group.markets
            for stage in market.stages
        ),
    )  # fmt: skip
    parts += ["\n## What was done to the figures\n", DONE]
    parts += grid(
        ("mineral", "flows dropped", "exports cut to what there was", "ore by unknown routes",
         "moved by the balance", "notes"),
        (done(group, market) for group in found.groups for market in group.markets),
    )  # fmt: skip
    parts += ["\n## By-products\n", TIES]
    parts += grid(
        ("by-product", "host", "regions where it is tied", "source", "grade"),
        (
            (f"`{link.by_product}`", f"`{link.host}`", ", ".join(sorted(tied(group, link))),
             f"`{link.provenance.source}`", link.provenance.grade)
            for group in found.groups
            for link in group.links
        ),
    )  # fmt: skip
    parts += ["\n## Left out\n"]
    parts += grid(
        ("mineral", "why"), ((f"`{item.commodity}`", item.reason) for item in found.left_out)
    )
    return "\n".join(parts) + "\n"


DONE = """Small flows and countries join the rest of the world or are dropped; nobody ships more
than it makes and imports; ore reaches every refinery, where needed by routes that no source tells.
What is left is the base year: the balance has little to move.
"""
TIES = """Where both stand in a region, the by-product is won from a residue that the host's plants
yield; elsewhere its output stands alone.
"""


def row(group: MineralGroup, market: MineralMarket, stage: StageMarket) -> tuple[str, ...]:
    """Return a line of the table of markets."""
    return (
        f"`{stage.code}`",
        group.name,
        f"{stage.stage} of {len(market.stages)}" if len(market.stages) > 1 else str(stage.stage),
        str(len(stage.tidied.regions())),
        f"{stage.world:,.4g}",
        f"{stage.price:,.4g}",
        told(stage),
        f"`{stage.figures.source}` {stage.figures.years}",
        f"`{stage.figures.flow_told.source}`" if stage.figures.flows else "not told",
    )


def told(stage: StageMarket) -> str:
    """Say where a price comes from."""
    price = stage.price_told
    if price.source == "assumed":
        return f"assumed ({price.grade}): {price.note.removeprefix('assumed: ')}"
    return f"`{price.source}` ({price.grade}): {price.note}"


def done(group: MineralGroup, market: MineralMarket) -> tuple[str, ...]:
    """Return what was done to the figures of a mineral."""
    stages = market.stages
    cut = [
        f"{region} to {left:.0%}"
        for stage in stages
        for region, left in sorted(stage.tidied.scaled.items(), key=lambda item: item[1])
    ]
    return (
        f"`{market.commodity}`",
        " and ".join(f"{stage.tidied.dropped:.1%}" for stage in stages),
        ", ".join(cut),
        f"{stages[0].tidied.filled:.0%}" if len(stages) > 1 else "",
        str(moved(group, market)) if moved(group, market) else "",
        "; ".join(market.notes),
    )


def moved(group: MineralGroup, market: MineralMarket) -> int:
    """Count the figures of a mineral that the balance moved."""
    codes = {stage.code for stage in market.stages}
    names = {stage.process for stage in market.stages}
    return sum(
        abs(item.change) > MOVED
        for item in group.balanced.report.adjustments
        if item.kind is not AdjustmentKind.OPENED and (item.item.split(" ")[0] in codes | names)
    )


def tied(group: MineralGroup, link: ByProductLink) -> Iterator[str]:
    """Yield the regions where a tie holds in the network."""
    residue = f"{link.by_product}-in-{link.host}"
    for process in group.network.processes:
        if process.recipe.get(residue, 0.0) < 0:
            yield process.region


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
