"""The atlas as plain data: all minerals at a glance, one mineral, one country; and building it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite.errors import UnknownCodeError
from monazite.indicators import governance_risk, herfindahl, top_share
from monazite.labels import REGIONS, canonical_region, region_name
from monazite.reference.atlas.build import build_atlas
from monazite.reference.atlas.check import explained_gaps, gaps
from monazite.reference.atlas.supply import (
    Suppliers,
    political_stability,
    supplier_history,
    suppliers,
)
from monazite.reference.atlas.tables import (
    Atlas,
    SupplyStage,
    TradeFlows,
    shipped_atlas,
    write_atlas,
)
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.minerals import minerals
from monazite.reference.loaders.observations import Observations, Statistic
from monazite.reference.loaders.prices import Prices

DEFAULT_YEAR = 2024
"""Last year for which most sources have figures that are no first estimates."""
FLOWS_SHOWN = 15
"""Flows of a mineral, and suppliers of a country, that are told."""
LARGEST_UNSCORED = 0.05
"""Share of suppliers without a governance score up to which the weighted index is told."""


def atlas_minerals(year: int = DEFAULT_YEAR) -> list[dict[str, Any]]:
    """Return every mineral that somebody supplies, one row for each stage.

    Parameters
    ----------
    year : int
        Figures are those of this year, or the last before it.

    Returns
    -------
    list of dict
        ``commodity``, ``name``, ``stage``, ``source``, ``years``, ``world`` in ``unit`` and
        ``basis``, ``largest`` region with its ``share``, ``top3_share``, ``hhi`` [0 to 1; other
        countries in one sum (``others_share``) count as very many, so that it is a floor],
        ``producers`` and ``us_net_import_reliance`` as the USGS words it. Where other countries
        in one sum are the largest, who is largest is not known and ``None``.
    """
    atlas = shipped_atlas()
    return [
        {
            **_head(found[0]),
            **_concentration(found[0]),
            "us_net_import_reliance": _us(atlas, code, year),
        }
        for code in minerals()
        for stage in SupplyStage
        if (found := suppliers(atlas, code, stage, year))
    ]


def atlas_mineral(name: str, year: int = DEFAULT_YEAR) -> dict[str, Any]:
    """Return what is known of a mineral.

    Parameters
    ----------
    name : str
        Code or English name, such as ``rare-earths`` or ``Rare earths``.
    year : int
        Figures are those of this year, or the last before it.

    Returns
    -------
    dict
        ``supply`` (for each stage and source: concentration, ``governance_weighted_hhi`` and the
        shares of all regions with file and line), ``trend`` (the index by year), ``reliance`` and
        ``import_sources`` of the United States, ``prices`` (every good by year, the leading
        one first, as published and in USD/t), ``flows`` (the largest ones of the last year of
        trade), ``gaps`` (world totals that are not the sum of their regions).

    Raises
    ------
    UnknownCodeError
        If there is no such mineral.
    """
    atlas, code = shipped_atlas(), mineral_code(name)
    stability = political_stability(atlas, year)
    found = [item for stage in SupplyStage for item in suppliers(atlas, code, stage, year)]
    return {
        "commodity": code,
        "name": minerals()[code].name,
        "supply": [
            {
                **_head(item),
                **_concentration(item),
                **_weighted(item, stability),
                "shares": _shares(item),
            }
            for item in found
        ],
        "trend": _trend(atlas, code, year),
        "reliance": _reliance(atlas, code, year),
        "import_sources": _import_sources(atlas, code, year),
        "prices": _prices(atlas.prices, code, year),
        "flows": _flows(atlas.trade, code, year),
        "gaps": _gap_rows(atlas, code),
    }


def atlas_region(name: str, year: int = DEFAULT_YEAR) -> dict[str, Any]:
    """Return what a country mines and refines with its shares of the world, and what it imports.

    Parameters
    ----------
    name : str
        Code or English name of a region.
    year : int
        Figures are those of this year, or the last before it.

    Raises
    ------
    UnknownCodeError
        If there is no such region.
    """
    atlas, region = shipped_atlas(), canonical_region(name)
    made = [
        {**_head(found[0]), **_place(found[0], region)}
        for code in minerals()
        for stage in SupplyStage
        if (found := suppliers(atlas, code, stage, year)) and found[0].share(region) > 0.0
    ]
    return {
        "region": region,
        "name": region_name(region),
        "political_stability": political_stability(atlas, year).get(region),
        "makes": sorted(made, key=lambda row: (-row["share"], row["commodity"])),
        "imports": _imports(atlas.trade, region, year),
    }


def atlas_lookup(name: str, year: int = DEFAULT_YEAR) -> dict[str, Any]:
    """Return a mineral or a country, whichever the name means.

    Raises
    ------
    UnknownCodeError
        If it is neither; the nearest names of both kinds are offered.
    """
    if _mineral(name) is not None:
        return {"kind": "mineral", **atlas_mineral(name, year)}
    try:
        region = canonical_region(name)
    except UnknownCodeError:
        names = (*minerals(), *(item.name for item in minerals().values()))
        regions = (*REGIONS, *(item.name for item in REGIONS.values()))
        raise UnknownCodeError("mineral or country", name, (*names, *regions)) from None
    return {"kind": "region", **atlas_region(region, year)}


def mineral_code(name: str) -> str:
    """Return the code of a mineral, given by code or English name.

    Raises
    ------
    UnknownCodeError
        If there is no such mineral.
    """
    code = _mineral(name)
    if code is None:
        known = (*minerals(), *(item.name for item in minerals().values()))
        raise UnknownCodeError("mineral", name, known)
    return code


def build_atlas_tables(raw: str | Path, out: str | Path) -> dict[str, Any]:
    """Build the tables of the atlas out of a folder of raw files.

    Parameters
    ----------
    raw, out : str or Path
        Folder of the raw files, and the one to write to; it is made if it is not there.

    Returns
    -------
    dict
        Each file written with its size in bytes, and how many ``rows`` and ``gaps`` there are.

    Raises
    ------
    MonaziteError
        If a file is missing, cut off or of another edition, or a row cannot be understood.
    """
    atlas = build_atlas(Path(raw))
    Path(out).mkdir(parents=True, exist_ok=True)
    files = write_atlas(atlas, Path(out))
    return {
        "files": {file.name: file.stat().st_size for file in files},
        "rows": len(atlas),
        "gaps": len(gaps(atlas)),
    }


def _mineral(name: str) -> str | None:
    folded = " ".join(name.split()).casefold()
    known = {item.name.casefold(): code for code, item in minerals().items()}
    known.update({code: code for code in minerals()})
    return known.get(folded) or known.get(folded.replace(" ", "-"))


# -- who supplies ------------------------------------------------------------------------------


def _head(found: Suppliers) -> dict[str, Any]:
    return {
        "commodity": found.commodity,
        "name": minerals()[found.commodity].name,
        "stage": str(found.stage),
        "source": found.source,
        "years": _period(found.first_year, found.year),
    }


def _period(first: int, last: int) -> str:
    return str(last) if first == last else f"{first}-{last}"


def _concentration(found: Suppliers) -> dict[str, Any]:
    """Return who is how large; nothing where other countries in one sum are the largest."""
    is_shares = found.unit == "%"
    known = found.quantities[found.countries]
    others = float(found.shares[~found.countries].sum())
    facts: dict[str, Any] = {
        "world": None if is_shares else found.total,
        "stated_world": found.stated,
        "unit": None if is_shares else found.unit,
        "basis": found.basis,
        "producers": int((known > 0.0).sum()),
        "others_share": others,
        "not_figures": found.not_figures,
    }
    if not found.countries[0]:
        return facts | dict.fromkeys(("largest", "share", "top3_share", "hhi"))
    part = known.sum() / found.total
    return facts | {
        "largest": found.regions[0],
        "share": float(found.shares[0]),
        "top3_share": float(top_share(known) * part),
        "hhi": float(herfindahl(known) * part**2),
    }


def _weighted(found: Suppliers, stability: Mapping[str, float]) -> dict[str, Any]:
    """Return the sum of squared shares, each times the risk of the region's governance."""
    scores = np.array([stability.get(region, np.nan) for region in found.regions])
    known = ~np.isnan(scores)
    unscored = float(found.shares[~known & found.countries].sum())
    value = float(np.sum(found.shares[known] ** 2 * governance_risk(scores[known])))
    is_known = bool(found.countries[0]) and unscored <= LARGEST_UNSCORED
    return {
        "governance_weighted_hhi": value if is_known else None,
        "unscored_share": unscored,
    }


def _shares(found: Suppliers) -> list[dict[str, Any]]:
    return [
        {"region": region, "quantity": float(quantity), "share": float(share), "where": where}
        for region, quantity, share, where in zip(
            found.regions, found.quantities, found.shares, found.where, strict=True
        )
        if quantity > 0.0
    ]


def _place(found: Suppliers, region: str) -> dict[str, Any]:
    at = found.regions.index(region)
    return {
        "quantity": float(found.quantities[at]),
        "unit": found.unit,
        "basis": found.basis,
        "share": float(found.shares[at]),
        "rank": int(found.countries[: at + 1].sum()),
        "where": found.where[at],
    }


def _trend(atlas: Atlas, code: str, year: int) -> list[dict[str, Any]]:
    """Return the index by year of the source that is preferred in the year asked for."""
    rows: list[dict[str, Any]] = []
    for stage in SupplyStage:
        found = suppliers(atlas, code, stage, year)
        if found:
            history = supplier_history(atlas, found[0].source, code, stage)
            rows.extend({**_head(item), **_concentration(item)} for item in history)
    return rows


def _gap_rows(atlas: Atlas, code: str) -> list[dict[str, Any]]:
    return [
        {
            "source": gap.source, "year": gap.total.year, "statistic": str(gap.total.statistic),
            "stated": gap.total.stated, "summed": gap.total.summed, "unit": gap.total.unit,
            "where": gap.total.where, "reason": explained_gaps().get(gap.key),
        }
        for gap in gaps(atlas)
        if gap.total.commodity == code
    ]  # fmt: skip


# -- prices ------------------------------------------------------------------------------------


def _prices(prices: Prices, code: str, year: int) -> list[dict[str, Any]]:
    found = prices.of(code)
    return [
        {
            "good": found.good[row], "leading": bool(found.leading[row]),
            "year": int(found.year[row]), "price": _known(found.price[row]),
            "low": _known(found.low[row]), "high": _known(found.high[row]),
            "unit": found.unit[row], "basis": found.basis[row],
            "price_usd_t": _known(found.price_usd_t[row]), "element": found.element[row] or None,
            "element_usd_t": _known(found.element_usd_t[row]), "status": str(found.status[row]),
            "grade": found.grade[row], "note": found.note[row], "source": found.source,
            "where": found.where(row),
        }
        for row in range(len(found))
        if found.year[row] <= year
    ]  # fmt: skip


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


# -- the United States -------------------------------------------------------------------------


def _us(atlas: Atlas, code: str, year: int) -> str | None:
    """Return the reliance as the USGS words it; of several forms lowest and highest."""
    rows = _reliance(atlas, code, year)
    last = max((row["year"] for row in rows), default=0)
    told = [row for row in rows if row["year"] == last and row["told"]]
    told.sort(key=lambda row: row["low"])
    words = list(dict.fromkeys(row["told"] for row in told))
    if len(words) <= 1:
        return words[0] if words else None
    return f"{words[0]} to {words[-1]}"


def _reliance(atlas: Atlas, code: str, year: int) -> list[dict[str, Any]]:
    return [
        {
            "year": int(data.year[row]), "form": data.detail[row],
            "status": str(data.status[row]), "low": _finite(data.low[row], 0.0),
            "high": _finite(data.high[row], 100.0), "told": _percentage(data, row),
            "source": source, "where": data.where(row),
        }
        for source, data in atlas.reliance.items()
        for row in _rows_of(data, code, Statistic.NET_IMPORT_RELIANCE, year)
    ]  # fmt: skip


def _percentage(data: Observations, row: int) -> str:
    status = data.status[row]
    signs = {Status.ABOVE: (">", data.low[row]), Status.BELOW: ("<", data.high[row])}
    if status in signs:
        sign, bound = signs[status]
        return f"{sign}{bound:g}%"
    if status is Status.NET_EXPORTER:
        return "net exporter"
    return "" if np.isnan(data.value[row]) else f"{data.value[row]:g}%"


def _finite(value: float, otherwise: float) -> float:
    return float(value) if np.isfinite(value) else otherwise


def _import_sources(atlas: Atlas, code: str, year: int) -> list[dict[str, Any]]:
    return [
        {
            "years": _period(int(data.first_year[row]), int(data.year[row])),
            "form": data.detail[row], "partner": data.partner[row],
            "share": None if np.isnan(data.value[row]) else float(data.value[row]) / 100.0,
            "status": str(data.status[row]), "source": source, "where": data.where(row),
        }
        for source, data in atlas.reliance.items()
        for row in _rows_of(data, code, Statistic.IMPORT_SHARE, year)
    ]  # fmt: skip


def _rows_of(data: Observations, code: str, statistic: Statistic, year: int) -> Iterable[int]:
    chosen = (data.commodity == code) & (data.statistic == statistic) & (data.year <= year)
    return map(int, np.flatnonzero(chosen))


# -- trade -------------------------------------------------------------------------------------


def _trade_year(trade: TradeFlows, year: int) -> int:
    return min(year, int(trade.year.max()))


def _flows(trade: TradeFlows, code: str, year: int) -> list[dict[str, Any]]:
    """Return the largest flows by value, customs codes of a stage in one sum."""
    chosen = trade.taken((trade.commodity == code) & (trade.year == _trade_year(trade, year)))
    total = float(chosen.value.sum())
    members = _members(chosen.stages(), chosen.region, chosen.partner)
    flows = [
        {
            "stage": stage,
            "exporter": exporter,
            "importer": importer,
            **_amounts(chosen, rows, total),
        }
        for (stage, exporter, importer), rows in members.items()
    ]
    flows.sort(key=lambda flow: -float(flow["value_kusd"]))
    return flows[:FLOWS_SHOWN]


def _members(*columns: NDArray[Any]) -> dict[tuple[str, ...], list[int]]:
    """Return the rows that have the same cells in those columns."""
    members: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        members.setdefault(key, []).append(row)
    return members


def _amounts(trade: TradeFlows, rows: list[int], total: float) -> dict[str, Any]:
    value = float(trade.value[rows].sum())
    return {
        "year": int(trade.year[rows[0]]),
        "value_kusd": value,
        "share": value / total if total > 0.0 else None,
        "mass_t": float(np.nansum(trade.mass[rows])),
        "flows_without_mass": int(np.isnan(trade.mass[rows]).sum()),
        "hs6": sorted({trade.hs6[row] for row in rows}),
        "source": trade.source,
    }


def _imports(trade: TradeFlows, region: str, year: int) -> list[dict[str, Any]]:
    last = _trade_year(trade, year)
    chosen = trade.taken((trade.partner == region) & (trade.year == last) & (trade.commodity != ""))
    total = float(chosen.value.sum())
    rows = [
        {
            "commodity": code,
            "stage": stage,
            **_amounts(chosen, members, total),
            **_main_supplier(chosen, members),
        }
        for (code, stage), members in _members(chosen.commodity, chosen.stages()).items()
    ]
    return sorted(rows, key=lambda row: -float(row["value_kusd"]))


def _main_supplier(trade: TradeFlows, rows: list[int]) -> dict[str, Any]:
    values: dict[str, float] = {}
    for row in rows:
        values[trade.region[row]] = values.get(trade.region[row], 0.0) + float(trade.value[row])
    largest = max(values, key=lambda code: values[code])
    total = sum(values.values())
    return {
        "supplier": largest,
        "supplier_share": values[largest] / total if total > 0.0 else None,
        "suppliers": len(values),
        "supplier_hhi": herfindahl(np.array(list(values.values()))) if total > 0.0 else None,
    }
