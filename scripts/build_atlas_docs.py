"""Write docs/reference/atlas.md out of the tables of the atlas, so that it cannot drift from them.

Usage: python scripts/build_atlas_docs.py
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from build_data_docs import citation, grid

from monazite.labels import region_name
from monazite.reference.atlas.build import (
    PRICE_FILE,
    RAW_FILES,
    RECENT_TRADE_FILE,
    TRADE_FILE,
)
from monazite.reference.atlas.check import TOLERANCE, UNEXPLAINED, explained_gaps, gaps
from monazite.reference.atlas.supply import Suppliers, supplier_history, suppliers
from monazite.reference.atlas.tables import Atlas, SupplyStage, shipped_atlas
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.minerals import minerals
from monazite.reference.loaders.observations import Numbers
from monazite.reference.loaders.prices import Prices
from monazite.reference.source import shipped_register

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "atlas.md"
YEAR = 2024

HEAD = """% Written by scripts/build_atlas_docs.py; do not edit.

# Atlas

Who mines, refines and trades which mineral and what it costs, from official statistics: {minerals}
minerals, {rows} rows. `monazite atlas` shows all of them, `monazite atlas gallium` one,
`monazite atlas Japan` a country; `--json` gives file and line of every figure. The tables are
Parquet files in the package; `monazite data build RAW_DIR` makes them again out of the files named
[below](#raw-files), byte for byte with the same version of DuckDB, and `monazite data check` holds
them to codes, units and world totals.

`monazite atlas map --mineral cobalt` draws who makes a mineral and its largest flows at that stage,
`monazite atlas map` who is the largest supplier of how many; both as SVG, out of the package alone.
`monazite data fetch --list` names the official files that can be fetched by id.

## How to read it

- **Sources are never mixed** in a share or an index. The figures shown are those of the latest year
  up to the one asked for; of equal years, of the source that stands first in the table of raw
  files. `monazite atlas MINERAL` shows all sources beside each other. The edition is part of a
  source's name: figures of 2025 are first estimates of the summaries of 2026.
- **Shares are of the sum of the regions**, not of the stated world total, which may be rounded.
  Where they differ by {tolerance:.0%} or more the [gap is listed](#world-totals).
- **The HHI** runs from 0 to 1. Other countries in one sum count as very many, so that it is a
  floor; where they are the largest, neither the largest region nor the index is told.
- **The weighted HHI** multiplies each squared share by (2.5 − political stability) / 5. It is not
  told where suppliers without a score hold more than 5 %.
- **Stages.** Mine and refinery are those of the sources; shares of the European study are averages
  of 2016 to 2020, its extraction taken as the mine and its processing as the refinery. A customs
  code of chapters 25 to 27 is traded at the mine's stage, any other at the refinery's.
- **Trade** is in thousand USD, free on board, and in t gross weight, whatever the basis of
  production. All {flows} flows of {codes} customs codes are shipped, none is left out as too small;
  a code that holds several minerals belongs to none of them. {more} flows of 2024 of {more_codes}
  further codes, of the Harmonized System of 2017, stand apart (`recent_trade`): only the
  [markets of the atlas](atlas-markets.md) use them.
- **Governance** is the political stability of the World Bank, in a copy that has two lines of
  Guyana, which differ up to 2022. The first stands where the order of codes has French Guiana; it
  is left out.
- **Prices** are those of the USGS in dollars of their year, most of them of the trade press, those
  of the last year estimates. A price by the tonne is for the tonne of what is priced, whose basis
  is named; by the tonne of the element it is told only where the content is stated or follows from
  a formula. One price leads each mineral: that of the form that its mines or refineries sell, of
  an exchange or abroad before the United States; `atlas/price_series.csv` has the reasons.
  Laboratory packs lead nothing.
- **Withheld figures, bounds and words** are kept with their status and take no part in sums.
"""


def page() -> str:
    """Return the whole page."""
    atlas = shipped_atlas()
    supplied = [code for code in minerals() if any(found(atlas, code).values())]
    head = HEAD.format(
        minerals=len(supplied),
        rows=f"{len(atlas):,}",
        flows=f"{len(atlas.trade):,}",
        codes=len(set(atlas.trade.hs6.tolist())),
        more=f"{len(atlas.recent_trade):,}",
        more_codes=len(set(atlas.recent_trade.hs6.tolist())),
        tolerance=TOLERANCE,
    )
    parts = [
        head,
        *the_minerals(atlas, supplied),
        *the_prices(atlas.prices),
        *totals(atlas),
        *raw_files(),
        *sources(atlas),
    ]
    return "\n".join(parts) + "\n"


def found(atlas: Atlas, code: str) -> dict[SupplyStage, tuple[Suppliers, ...]]:
    """Return who supplies a mineral by stage."""
    return {stage: suppliers(atlas, code, stage, YEAR) for stage in SupplyStage}


def the_minerals(atlas: Atlas, codes: list[str]) -> Iterator[str]:
    """Yield a line for each mineral and stage."""
    yield "\n## Minerals\n"
    yield f"World total and largest producer are those of {YEAR}, or of the years of the source.\n"
    yield from grid(
        (
            "code", "name", "stage", "unit", "basis", "sources", "years", f"world {YEAR}",
            "largest", "share",
        ),
        (
            mineral_line(atlas, rows)
            for code in codes
            for rows in found(atlas, code).values()
            if rows
        ),
    )  # fmt: skip


def mineral_line(atlas: Atlas, rows: tuple[Suppliers, ...]) -> tuple[str, ...]:
    """Return the cells of a mineral at a stage."""
    best = rows[0]
    years = [
        item.year
        for row in rows
        for item in supplier_history(atlas, row.source, row.commodity, row.stage)
    ]
    first = min([*years, *(row.first_year for row in rows)])
    is_share = best.unit == "%"
    names_largest = bool(best.countries[0])
    return (
        f"`{best.commodity}`",
        minerals()[best.commodity].name,
        str(best.stage),
        "shares" if is_share else best.unit,
        best.basis,
        ", ".join(f"`{row.source}`" for row in rows),
        f"{first}–{max(years)}",
        "" if is_share else f"{best.total:,.0f}",
        region_name(best.regions[0]) if names_largest else "not told",
        f"{best.shares[0]:.1%}" if names_largest else "",
    )


def the_prices(prices: Prices) -> Iterator[str]:
    """Yield the leading price of each mineral, as published and by the tonne."""
    years = sorted(set(prices.year.tolist()))
    yield "\n## Prices\n"
    yield (
        f"The leading price of each mineral in {YEAR}, and that of {years[-1]}, an estimate. All "
        f"prices from {years[0]} on: `monazite atlas MINERAL`.\n"
    )
    yield from grid(
        (
            "code", "what is priced", f"published {YEAR}", "unit", "USD/t", "basis", "element",
            "USD/t element", f"USD/t {years[-1]}",
        ),
        (
            price_line(own.taken(own.leading == 1), years[-1])
            for code in minerals()
            if (own := prices.of(code)).leading.any()
        ),
    )  # fmt: skip


def price_line(prices: Prices, last: int) -> tuple[str, ...]:
    """Return the cells of a leading price."""
    now, then = (prices.taken(prices.year == year) for year in (YEAR, last))
    return (
        f"`{prices.commodity[0]}`", prices.good[0], published(now), prices.unit[0],
        amount(now.price_usd_t), prices.basis[0], prices.element[0], amount(now.element_usd_t),
        amount(then.price_usd_t),
    )  # fmt: skip


def published(prices: Prices) -> str:
    """Return a price as published, a range as one, or why there is none."""
    if not len(prices):
        return ""
    if prices.status[0] is Status.RANGE:
        return f"{prices.low[0]:,.10g}–{prices.high[0]:,.10g}"
    return str(prices.status[0]) if np.isnan(prices.price[0]) else f"{prices.price[0]:,.10g}"


def amount(values: Numbers) -> str:
    """Return the one figure of a column; nothing where it has none."""
    return f"{values[0]:,.0f}" if len(values) and not np.isnan(values[0]) else ""


def totals(atlas: Atlas) -> Iterator[str]:
    """Yield the world totals that are not the sum of their regions."""
    yield "\n## World totals\n"
    yield (
        "Stated totals that differ from the sum of the regions listed. Small gaps come mostly "
        f"from rounded totals; from {UNEXPLAINED:.0%} on a reason is written down.\n"
    )
    yield from grid(
        ("source", "mineral", "statistic", "year", "stated", "sum", "unit", "why"),
        (
            (
                f"`{gap.source}`", f"`{gap.total.commodity}`", str(gap.total.statistic),
                str(gap.total.year), f"{gap.total.stated:,.10g}", f"{gap.total.summed:,.10g}",
                gap.total.unit, explained_gaps().get(gap.key, ""),
            )
            for gap in gaps(atlas)
        ),
    )  # fmt: skip


def raw_files() -> Iterator[str]:
    """Yield the files that the tables are built from."""
    yield "\n## Raw files\n"
    yield (
        "What `monazite data build RAW_DIR` looks for in the folder. Another edition of a file is "
        "refused. Copies by others are named in the note of their source below.\n"
    )
    files = [(table, file.name, file.source) for table in RAW_FILES for file in RAW_FILES[table]]
    files.append(("trade", TRADE_FILE, shipped_atlas().trade.source))
    files.append(("recent_trade", RECENT_TRADE_FILE, shipped_atlas().recent_trade.source))
    files.append(("prices", PRICE_FILE, shipped_atlas().prices.source))
    yield from grid(
        ("table", "file", "source"),
        ((table, f"`{name}`", f"`{source}`") for table, name, source in files),
    )


def sources(atlas: Atlas) -> Iterator[str]:
    """Yield the sources with their licences, and what is not shipped."""
    yield "\n## Sources and licences\n"
    register = shipped_register()
    yield from grid(
        ("id", "source", "licence of the original", "licence of the rows"),
        (
            (
                f"`{name}`", citation(register[name]),
                register[name].licence_raw, register[name].licence_product,
            )
            for name in atlas.sources()
        ),
    )  # fmt: skip
    yield (
        "\nNot shipped, though `monazite data load` reads them: world mineral statistics of the "
        "British Geological Survey (terms to be checked) and UN Comtrade (for reference only)."
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
