"""Indicators of supply risk as published, for all commodities, buyers and years at once.

Every function takes arrays and gives arrays; a figure that cannot be known is NaN with a
`Reason` beside it. ``docs/explanation/supply-risk.md`` holds the formulas and their sources.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite.errors import InputError
from monazite.indicators.structure import weighted_herfindahl
from monazite.indicators.supply_records import (
    IndexArray,
    Purchases,
    Reason,
    ReasonArray,
    SupplyRecords,
    TradeRows,
    crossing,
)
from monazite.newton import BoolArray, FloatArray

COPPER_REFERENCE = 0.409412948
"""Score times price of copper, mean of the OECD countries 2017 to 2021 [USD/kg], that makes the
characterisation factor a multiple of copper's (geopolrisk-py 2.0.1)."""

WGI_BEST, WGI_SPAN = 2.5, 5.0
"""Best estimate and width of the scale of the Worldwide Governance Indicators."""

EU_GOVERNANCE_SCALE = 10.0
"""The European method scales governance from 0 to 10."""


def governance_risk(estimate: FloatArray | float) -> FloatArray:
    """Return the risk that an estimate of the Worldwide Governance Indicators stands for.

    ``(2.5 - estimate) / 5``: 0 for the best of the scale, 1 for the worst.
    """
    return np.asarray((WGI_BEST - np.asarray(estimate)) / WGI_SPAN, dtype=np.float64)


# -- concentration of the world's production ---------------------------------------------------


def production_reason(records: SupplyRecords) -> ReasonArray:
    """Return why a concentration is not known (commodity, year)."""
    unknown: BoolArray = np.isnan(records.production)
    withheld: BoolArray = np.asarray(unknown.any(axis=1))
    none_told = unknown.all(axis=1) | (records.production.sum(axis=1) == 0)
    return _select({Reason.NO_PRODUCTION: none_told, Reason.WITHHELD_PRODUCTION: withheld})


def production_hhi(records: SupplyRecords) -> FloatArray:
    """Return the HHI of the world's production (commodity, year) [fraction]."""
    return weighted_herfindahl(records.production, axis=1)


def n1_coverage(production: FloatArray, demand: FloatArray) -> FloatArray:
    """Return supply without the largest producer over demand.

    The N-1 test of the International Energy Agency's Global Critical Minerals Outlook 2025.

    Parameters
    ----------
    production : FloatArray (commodity, country, year) [t]
        NaN where not known.
    demand : FloatArray (commodity, year) [t]
        Of the world.

    Returns
    -------
    FloatArray (commodity, year) [fraction]
        1 or more where the others could serve everybody; NaN without production or demand.
    """
    total = production.sum(axis=1)
    left = np.where(total > 0, total - production.max(axis=1), np.nan)
    return _over(left, demand)


# -- GeoPolRisk --------------------------------------------------------------------------------


@dataclass(frozen=True)
class GeopoliticalRisk:
    """GeoPolRisk of many commodities, buyers and years.

    ``hhi`` : (commodity, year) of the world's production [fraction].
    ``import_risk`` : (commodity, buyer, year) imports weighted with the governance risk of who
    sells, over imports and domestic production [fraction].
    ``import_risk_low``, ``import_risk_high`` : the same with the best and the worst score of the
    year in place of every missing one; both are the import risk where none is missing.
    ``unscored_share`` : (commodity, buyer, year) share of imports whose seller has no score.
    ``score`` : (commodity, buyer, year) HHI times import risk [fraction].
    ``price`` : (commodity, buyer, year) [USD of the year/kg].
    ``cf`` : (commodity, buyer, year) characterisation factor, score times price over that of
    copper [kg copper-equivalent/kg].
    ``hhi_reason`` : (commodity, year); ``import_risk_reason``, ``score_reason``, ``cf_reason`` :
    (commodity, buyer, year) why a figure is NaN.
    """

    hhi: FloatArray
    import_risk: FloatArray
    import_risk_low: FloatArray
    import_risk_high: FloatArray
    unscored_share: FloatArray
    score: FloatArray
    price: FloatArray
    cf: FloatArray
    hhi_reason: ReasonArray
    import_risk_reason: ReasonArray
    score_reason: ReasonArray
    cf_reason: ReasonArray


def geopolitical_risk(
    records: SupplyRecords, bought: Purchases, reference: float = COPPER_REFERENCE
) -> GeopoliticalRisk:
    """Return the GeoPolRisk score and characterisation factor of every cell.

    Import risk is ``sum over partners of imports x governance / (imports + production)``, the
    score ``HHI x import risk``, the factor ``score x price / reference`` (Gemechu et al. 2016;
    Helbig et al. 2016 for domestic production; Cimprich et al. 2017; Santillán-Saldivar et al.
    2022 for price and reference; Koyamparambath et al. 2024).

    Parameters
    ----------
    records : SupplyRecords
        Statistics by country.
    bought : Purchases
        Of the buyers wanted, from :func:`~monazite.indicators.supply_records.purchases`.
    reference : float
        Score times price of the reference commodity [USD/kg].

    Raises
    ------
    InputError
        If the reference is not positive.
    """
    if not reference > 0:
        raise InputError("the reference is not positive", way_out="give it in USD/kg, as copper's")
    hhi, hhi_reason = production_hhi(records), production_reason(records)
    sums = _import_sums(records, bought)
    reason = _import_reason(records, bought, sums)
    risk = np.where(reason == Reason.KNOWN, _over(sums.weighted, sums.supply), np.nan)
    low, high = _import_risk_bounds(records, sums, reason)
    price = _prices(records, bought)
    score = hhi[:, None] * risk
    score_reason = _first(hhi_reason[:, None], reason)
    no_price = np.where(np.isnan(price), Reason.NO_PRICE, Reason.KNOWN)
    return GeopoliticalRisk(
        hhi=hhi,
        import_risk=risk,
        import_risk_low=low,
        import_risk_high=high,
        unscored_share=_over(sums.unscored, sums.imports),
        score=score,
        price=price,
        cf=score * price / reference,
        hhi_reason=hhi_reason,
        import_risk_reason=reason,
        score_reason=score_reason,
        cf_reason=_first(score_reason, no_price),
    )


@dataclass(frozen=True)
class _ImportSums:
    """Sums over partners (commodity, buyer, year) [t]; withheld quantities count as nothing."""

    imports: FloatArray
    weighted: FloatArray
    unscored: FloatArray
    supply: FloatArray
    withheld: BoolArray


def _import_sums(records: SupplyRecords, bought: Purchases) -> _ImportSums:
    rows, shape = bought.imports, bought.domestic.shape
    score = records.governance[rows.partner, rows.year]
    quantity = np.nan_to_num(rows.quantity)
    unscored = np.isnan(score)
    imports = _sum(rows, quantity, shape)
    return _ImportSums(
        imports=imports,
        weighted=_sum(rows, quantity * np.nan_to_num(score), shape),
        unscored=_sum(rows, quantity * unscored, shape),
        supply=imports + bought.domestic,
        withheld=_sum(rows, np.isnan(rows.quantity).astype(float), shape) > 0,
    )


def _sum(rows: TradeRows, amounts: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Add the amounts of rows up in the cells (commodity, buyer, year) of a shape."""
    _, buyers, years = shape
    place = (rows.commodity * buyers + rows.country) * years + rows.year
    total = np.bincount(place, amounts, math.prod(shape)).reshape(shape)
    return np.asarray(total, dtype=np.float64)


def _import_reason(
    records: SupplyRecords, bought: Purchases, sums: _ImportSums, *, scored: bool = True
) -> ReasonArray:
    """Why imports, weighted with scores or not, are not known: the first of these that holds."""
    shape = sums.supply.shape
    nobody_makes: BoolArray = np.asarray(np.isnan(records.production).all(axis=1))
    tests = {
        Reason.NO_PRODUCTION: np.broadcast_to(nobody_makes[:, None], shape),
        Reason.WITHHELD_PRODUCTION: np.isnan(bought.domestic),
        Reason.NO_TRADE: ~(_traded(records)[:, None] & _reporting(records, bought)[None]),
        Reason.WITHHELD_TRADE: sums.withheld,
        Reason.NO_SUPPLY: sums.supply == 0,
        Reason.NO_GOVERNANCE: scored & (sums.unscored > 0),
    }
    return _select(tests)


def _traded(records: SupplyRecords) -> BoolArray:
    """Whether anybody's trade is told at all (commodity, year)."""
    told = np.zeros((len(records.commodities), len(records.years)), dtype=np.bool_)
    told[records.trade.commodity, records.trade.year] = True
    return told


def _reporting(records: SupplyRecords, bought: Purchases) -> BoolArray:
    """Whether all members of a buyer import anything at all (buyer, year).

    Who has rows for other goods imports none of this one; of who has no rows nothing is known.
    """
    silent = np.ones((len(records.countries), len(records.years)), dtype=np.bool_)
    silent[records.trade.country, records.trade.year] = False
    return np.asarray(bought.membership.astype(int) @ silent.astype(int) == 0)


def _import_risk_bounds(
    records: SupplyRecords, sums: _ImportSums, reason: ReasonArray
) -> tuple[FloatArray, FloatArray]:
    """Compute the import risk as if every missing score were the best, or worst, of its year."""
    bounded = (reason == Reason.KNOWN) | (reason == Reason.NO_GOVERNANCE)
    scored = ~np.isnan(records.governance)
    best = np.where(scored, records.governance, np.inf).min(axis=0)
    worst = np.where(scored, records.governance, -np.inf).max(axis=0)
    found = []
    for score in (best, worst):
        known = np.where(np.isfinite(score), score, np.nan)
        missing = np.where(sums.unscored > 0, sums.unscored * known, 0.0)
        found.append(np.where(bounded, _over(sums.weighted + missing, sums.supply), np.nan))
    return found[0], found[1]


def _prices(records: SupplyRecords, bought: Purchases) -> FloatArray:
    """Price (commodity, buyer, year): of the records, or the mean value of what is imported."""
    if records.price is not None:
        return np.broadcast_to(records.price[:, None], bought.domestic.shape)
    rows, shape = bought.imports, bought.domestic.shape
    quantity, value = (_sum_of_known(rows, column, shape) for column in (rows.quantity, rows.value))
    # thousand USD over t is USD over kg
    return _over(value, quantity)


def _sum_of_known(rows: TradeRows, amounts: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Like `_sum`; NaN where one of the amounts is."""
    unknown = np.isnan(amounts)
    total = _sum(rows, np.where(unknown, 0.0, amounts), shape)
    return np.where(_sum(rows, unknown.astype(float), shape) > 0, np.nan, total)


def _over(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def _select(tests: Mapping[Reason, BoolArray]) -> ReasonArray:
    """Take the first reason of each cell whose test holds."""
    found = np.select(list(tests.values()), list(tests), Reason.KNOWN)
    return np.asarray(found, dtype=np.int8)


def _first(*reasons: NDArray[np.integer[Any]]) -> ReasonArray:
    """Take the first reason of each cell that is one."""
    found = reasons[0]
    for other in reasons[1:]:
        found = np.where(found == Reason.KNOWN, other, found)
    return np.asarray(found, dtype=np.int8)


# -- the European Union's supply risk ----------------------------------------------------------


@dataclass(frozen=True)
class MaterialFacts:
    """What the European method wants to know of a material beside production and trade.

    ``recycling_input_rate`` : (commodity, year) end-of-life recycling over all input [fraction].
    ``substitution_index`` : (commodity, year) of supply risk; 1 means no substitute.
    ``trade_factor`` : (commodity, country, year) 1 for a country without export restriction or
    agreement, more for a restriction, less for an agreement with the buyer. NaN: not known.
    """

    recycling_input_rate: FloatArray
    substitution_index: FloatArray
    trade_factor: FloatArray


@dataclass(frozen=True)
class EuropeanRisk:
    """Supply risk by the European Commission's method, and its parts.

    ``global_concentration`` : (commodity, year) and ``sourcing_concentration`` : (commodity,
    buyer, year) sums of squared shares times governance from 0 to 10 times trade factor.
    ``import_reliance`` : (commodity, buyer, year) net imports over consumption, not below 0
    [fraction]. ``supply_risk`` : (commodity, buyer, year) index; high from 1 on.
    ``reason`` : (commodity, buyer, year) why it is NaN.
    """

    global_concentration: FloatArray
    sourcing_concentration: FloatArray
    import_reliance: FloatArray
    supply_risk: FloatArray
    reason: ReasonArray


def european_risk(records: SupplyRecords, bought: Purchases, facts: MaterialFacts) -> EuropeanRisk:
    """Return the supply risk of the European Commission's methodology of 2017.

    ``[global x IR/2 + sourcing x (1 - IR/2)] x (1 - recycling) x substitution``, where both
    concentrations are ``sum of share^2 x governance x trade factor`` (European Commission,
    Methodology for establishing the EU list of critical raw materials, 2017; Blengini et al.,
    EUR 28654, 2017). What is sourced is domestic production by member and imports by partner.
    """
    weight = EU_GOVERNANCE_SCALE * records.governance[None] * facts.trade_factor
    untold = _import_reason(records, bought, _import_sums(records, bought), scored=False)
    exports = _exports(records.trade, bought)
    # what nobody tells of imports is no figure, though sums over no rows are nothing
    sourcing, reliance = (
        np.where(untold == Reason.KNOWN, figures, np.nan)
        for figures in (
            _sourcing_concentration(records, bought, weight),
            _import_reliance(bought, exports),
        )
    )
    world = weighted_herfindahl(records.production, weight, axis=1)
    concentration = world[:, None] * reliance / 2 + sourcing * (1 - reliance / 2)
    kept = (1 - facts.recycling_input_rate) * facts.substitution_index
    unknown = (
        (exports, Reason.WITHHELD_TRADE),
        (reliance, Reason.NO_CONSUMPTION),
        (concentration, Reason.NO_GOVERNANCE),
        (kept[:, None], Reason.NO_MATERIAL),
    )
    reason = _first(
        production_reason(records)[:, None],
        untold,
        *(np.where(np.isnan(figures), why, Reason.KNOWN) for figures, why in unknown),
    )
    return EuropeanRisk(world, sourcing, reliance, concentration * kept[:, None], reason)


def _sourcing_concentration(
    records: SupplyRecords, bought: Purchases, weight: FloatArray
) -> FloatArray:
    """Concentration of each buyer's suppliers, its own members among them."""
    rows, shape = _suppliers(records, bought), bought.domestic.shape
    total = _sum(rows, rows.quantity, shape)
    share = _over(rows.quantity, total[rows.commodity, rows.country, rows.year])
    weighed = share**2 * weight[rows.commodity, rows.partner, rows.year]
    found = _sum(rows, weighed, shape)
    return np.where(total > 0, found, np.nan)


def _suppliers(records: SupplyRecords, bought: Purchases) -> TradeRows:
    """One row for each commodity, buyer, supplier and year with a quantity that is not zero."""
    buyer, member = np.nonzero(bought.membership)
    made = records.production[:, member]
    commodity, pair, year = np.nonzero(made != 0)
    came = bought.imports.where(bought.imports.quantity != 0)
    goods, _, years = bought.domestic.shape
    shape = (goods, len(bought.buyers), len(records.countries), years)
    own = np.ravel_multi_index((commodity, buyer[pair], member[pair], year), shape)
    bill = np.ravel_multi_index((came.commodity, came.country, came.partner, came.year), shape)
    # members of a group that buy from the same supplier count as one
    keys, row = np.unique(np.concatenate([own, bill]), return_inverse=True)
    amounts = np.concatenate([made[commodity, pair, year], came.quantity])
    total: FloatArray = np.bincount(row, amounts, len(keys)).astype(np.float64)
    commodity, buyer, partner, year = np.unravel_index(keys, shape)
    return TradeRows(commodity, buyer, partner, year, total, np.full(len(keys), np.nan))


def _import_reliance(bought: Purchases, exports: FloatArray) -> FloatArray:
    imports = _sum_of_known(bought.imports, bought.imports.quantity, exports.shape)
    reliance = _over(imports - exports, bought.domestic + imports - exports)
    # the method knows no negative reliance: a net exporter relies on nobody
    return np.where(reliance < 0, 0.0, reliance)


def _exports(trade: TradeRows, bought: Purchases) -> FloatArray:
    """Add up what leaves each buyer: what comes in, seen from the other side."""
    turned = replace(trade, country=trade.partner, partner=trade.country)
    left = crossing(turned, bought.membership)
    return _sum_of_known(left, left.quantity, bought.domestic.shape)


# -- other published forms ---------------------------------------------------------------------


def hoskins_index(production: FloatArray, risk: FloatArray) -> FloatArray:
    """Return the risk-weighted concentration of Hoskins Circular's mineral supply-risk tool.

    ``sum over countries of (share x risk)^2 / 10``, which runs from 0 to 10. The tool puts 5
    where a country has no score; here the index is NaN then.

    Parameters
    ----------
    production : FloatArray (commodity, country, year) [t]
        NaN where not known.
    risk : FloatArray (country, year)
        From 0 to 10.
    """
    return weighted_herfindahl(production, risk[None] ** 2, axis=1) / 10


@dataclass(frozen=True)
class Disruptions:
    """What may strike a buyer's supply in a year, as rows.

    ``commodity``, ``country`` (who is hit), ``year`` : (row) places in code lists.
    ``probability`` : (row) that it happens in the year [fraction]. ``loss`` : (row) what it would
    then cost [MUSD]; negative where the country would gain. NaN where not known.
    """

    commodity: IndexArray
    country: IndexArray
    year: IndexArray
    probability: FloatArray
    loss: FloatArray


def expected_loss(
    disruptions: Disruptions, shape: tuple[int, int, int]
) -> tuple[FloatArray, ReasonArray]:
    """Return the sum of probability times loss, and why it is not known (commodity, country, year).

    The last step of the U.S. Geological Survey's assessment of 2025 (Nassar et al., Open-File
    Report 2025-1047); the losses come from a model of the economy, which is not repeated here.
    """
    rows = disruptions
    place = np.ravel_multi_index((rows.commodity, rows.country, rows.year), shape)
    size = math.prod(shape)
    told = np.bincount(place, minlength=size) > 0
    weighed = np.bincount(place, rows.probability * rows.loss, size)
    loss = np.where(told, weighed, np.nan).reshape(shape)
    reason = np.where(np.isnan(loss), Reason.NO_DISRUPTION, Reason.KNOWN)
    return loss, reason.astype(np.int8)
