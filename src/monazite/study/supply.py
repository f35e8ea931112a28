"""Indicators of supply risk as published, from statistics in a folder."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from monazite.errors import InputError, UnknownCodeError
from monazite.indicators.supply_records import Purchases, Reason, ReasonArray, purchases
from monazite.indicators.supply_risk import (
    european_risk,
    expected_loss,
    geopolitical_risk,
    n1_coverage,
    production_hhi,
    production_reason,
)
from monazite.indicators.supply_tables import SupplyFolder
from monazite.labels import COMPOSITES, GROUPS, canonical_region
from monazite.newton import FloatArray
from monazite.outlook import finite


class RiskMethod(StrEnum):
    """Published indicators of supply risk."""

    GEOPOLRISK = "geopolrisk"
    """HHI of production times imports weighted with governance."""
    HHI = "hhi"
    """Concentration of the world's production."""
    EU = "eu"
    """Supply risk of the European Commission's lists."""
    IEA_N1 = "iea-n1"
    """Supply without the largest producer over demand."""
    USGS = "usgs"
    """Losses weighted with the probability of what causes them."""


OF_THE_WORLD = frozenset({RiskMethod.HHI, RiskMethod.IEA_N1})
"""Methods whose figure is the same for every country."""

_MEMBERS = {group: codes - frozenset(COMPOSITES) for group, codes in GROUPS.items()}
"""Members of each group, countries only: statistics know no composites."""

_Columns = Mapping[str, FloatArray]
"""Figures by name (commodity, buyer, year), or (commodity, 1, year) where of the world."""
_Found = tuple[_Columns, ReasonArray]


def risk(
    tables: str | Path,
    *,
    method: str = RiskMethod.GEOPOLRISK,
    countries: Sequence[str] = (),
    years: Sequence[int] = (),
    commodities: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a published indicator of supply risk, one row a commodity, country and year.

    Parameters
    ----------
    tables : str or Path
        Folder of statistics (docs/reference/supply-folder.md).
    method : str
        A member of `RiskMethod`.
    countries : sequence of str
        Regions, or groups such as ``EU`` taken as one country; all regions by default. A figure
        of the world has none.
    years, commodities : sequence
        Those wanted; all by default.

    Returns
    -------
    dict
        ``method``, ``rows`` with what is not known as None and ``reason`` and ``why`` beside it,
        and ``known``, the number of rows without a reason.

    Raises
    ------
    UnknownCodeError
        If the tables do not know a code.
    InputError
        If a table has a fault, or a country is given to a figure of the world.
    """
    chosen = _method(method)
    if countries and chosen in OF_THE_WORLD:
        raise InputError(
            f"{chosen} is a figure of the world", where="--country", way_out="leave it out"
        )
    folder = SupplyFolder(Path(tables))
    records = folder.records
    wanted = (
        _wanted("commodity", commodities, records.commodities),
        _wanted("year", [str(year) for year in years], [str(year) for year in records.years]),
    )
    buyers = [_country(text) for text in countries] or None
    bought = purchases(records, buyers, _MEMBERS)
    rows = _rows(folder, chosen, bought, wanted)
    known = sum(row["reason"] is None for row in rows)
    return {"method": chosen.value, "rows": rows, "known": known}


def _method(text: str) -> RiskMethod:
    try:
        return RiskMethod(text)
    except ValueError:
        raise UnknownCodeError("method", text, RiskMethod, where="--method") from None


def _country(text: str) -> str:
    return text if text in GROUPS else canonical_region(text, where="--country")


def _wanted(kind: str, given: Sequence[str], known: Sequence[str]) -> list[int]:
    """Places of the codes wanted; all where none is given."""
    for code in given:
        if code not in known:
            raise UnknownCodeError(kind, code, known, where=f"--{kind}")
    return [place for place, code in enumerate(known) if not given or code in given]


def _rows(
    folder: SupplyFolder,
    method: RiskMethod,
    bought: Purchases,
    wanted: tuple[list[int], list[int]],
) -> list[dict[str, Any]]:
    columns, reasons = _compute(folder, method, bought)
    records = folder.records
    world = method in OF_THE_WORLD
    buyers: tuple[str | None, ...] = (None,) if world else bought.buyers
    goods, years = wanted
    nothing = np.zeros(reasons.shape)
    unscored = columns.get("unscored_share", nothing)
    return [
        {
            "commodity": records.commodities[good],
            **({} if world else {"country": buyers[buyer]}),
            "year": records.years[year],
            **{
                name: finite(float(figures[good, buyer, year])) for name, figures in columns.items()
            },
            **_why(Reason(int(reasons[good, buyer, year])), unscored[good, buyer, year]),
        }
        for good, buyer, year in product(goods, range(len(buyers)), years)
    ]


def _why(reason: Reason, unscored: float) -> dict[str, str | None]:
    """Say why a row has no figure, and how much of its imports has no governance score."""
    if reason is Reason.KNOWN:
        return {"reason": None, "why": None}
    part = f": {unscored:.3%} of imports" if reason is Reason.NO_GOVERNANCE and unscored > 0 else ""
    return {"reason": reason.code, "why": f"{reason.meaning}{part}"}


def _compute(folder: SupplyFolder, method: RiskMethod, bought: Purchases) -> _Found:
    match method:
        case RiskMethod.GEOPOLRISK:
            return _geopolrisk(folder, bought)
        case RiskMethod.HHI:
            return _hhi(folder)
        case RiskMethod.EU:
            return _european(folder, bought)
        case RiskMethod.IEA_N1:
            return _n1(folder)
        case RiskMethod.USGS:
            return _expected_loss(folder, bought)


def _geopolrisk(folder: SupplyFolder, bought: Purchases) -> _Found:
    found = geopolitical_risk(folder.records, bought)
    shape = found.score.shape
    columns = {
        "hhi": np.broadcast_to(found.hhi[:, None], shape),
        "import_risk": found.import_risk,
        "score": found.score,
        "cf": found.cf,
        "price_usd_per_kg": found.price,
        "import_risk_low": found.import_risk_low,
        "import_risk_high": found.import_risk_high,
        "unscored_share": found.unscored_share,
    }
    return columns, found.cf_reason


def _hhi(folder: SupplyFolder) -> _Found:
    records = folder.records
    return {"hhi": production_hhi(records)[:, None]}, production_reason(records)[:, None]


def _european(folder: SupplyFolder, bought: Purchases) -> _Found:
    found = european_risk(folder.records, bought, folder.material_facts())
    shape = found.supply_risk.shape
    columns = {
        "global_concentration": np.broadcast_to(found.global_concentration[:, None], shape),
        "sourcing_concentration": found.sourcing_concentration,
        "import_reliance": found.import_reliance,
        "score": found.supply_risk,
    }
    return columns, found.reason


def _n1(folder: SupplyFolder) -> _Found:
    records, demand = folder.records, folder.demand()
    coverage = n1_coverage(records.production, demand)
    reason = production_reason(records)
    no_demand = (reason == Reason.KNOWN) & np.isnan(coverage)
    reason[no_demand] = Reason.NO_DEMAND
    return {"n1_coverage": coverage[:, None]}, reason[:, None]


def _expected_loss(folder: SupplyFolder, bought: Purchases) -> _Found:
    loss, reason = expected_loss(folder.disruptions(), folder.records.shape)
    # a loss is a country's own: those of the members of a group do not add up to the group's
    single = bought.membership.sum(axis=1) == 1
    place = bought.membership.argmax(axis=1)
    loss = np.where(single[:, None], loss[:, place], np.nan)
    reason = np.where(single[:, None], reason[:, place], Reason.NO_DISRUPTION).astype(np.int8)
    return {"expected_loss_musd": loss}, reason
