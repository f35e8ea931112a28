"""What a simulated scenario says, as plain data: tables for screens, files and programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from monazite import ensemble, indicators
from monazite.balance import BalanceReport
from monazite.indicators import PriceMultiple
from monazite.market.certificate import Certificate
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray
from monazite.scenario import Scenario
from monazite.simulate import Trajectory

MOST_SHORTAGES = 15
"""Rows of the summary; the data hold all of them."""
MOST_ADJUSTMENTS = 10
MAGNET_ELEMENTS = ("Nd", "Pr", "Dy", "Tb")
RATIONED_SHARE = 0.5
"""Share of draws with a meaningless price from which none is given."""


def worst(certificates: Sequence[Certificate]) -> Certificate:
    """Return the worst residual of each kind over all months."""
    conditions = [c.condition for c in certificates if np.isfinite(c.condition)]
    return Certificate(
        excess_demand=max(c.excess_demand for c in certificates),
        mass_balance=max(c.mass_balance for c in certificates),
        money_balance=max(c.money_balance for c in certificates),
        complementarity=max(c.complementarity for c in certificates),
        condition=max(conditions, default=float("nan")),
        steps=max(c.steps for c in certificates),
    )


def stress_data(scenario: Scenario, trajectory: Trajectory, threshold: float) -> dict[str, Any]:
    """Return prices, shortages, cover and certificate of a trajectory as plain data.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    trajectory : Trajectory
        What came of it; medians over draws, with bands where there are several.
    threshold : float
        Stopped share from which a use counts as short.
    """
    shortages = indicators.shortages(trajectory, threshold)
    months = indicators.use_months(trajectory)
    return {
        "scenario": {"id": scenario.id, "title": scenario.title, "chain": scenario.chain},
        "months": list(trajectory.months),
        "draws": trajectory.draws,
        "threshold": threshold,
        "prices": _price_rows(trajectory),
        "shortages": [_shortage_row(row) for row in months],
        "first_shortage": [
            {"region": r.region, "use": r.use, "month": r.month, "commodity": r.commodity}
            for r in indicators.first_shortages(shortages)
        ],
        "cover_days": [_cover_row(row) for row in months],
        "certificate": certificate_data(worst(trajectory.certificates)),
    }


def summary_data(scenario: Scenario, trajectory: Trajectory, threshold: float) -> dict[str, Any]:
    """Return the few rows of a trajectory that a screen holds."""
    actors = controlling(scenario, trajectory)
    short = [r for r in indicators.shortages(trajectory, threshold) if r.first_month.median]
    multiples = indicators.price_multiples(trajectory, actors)
    return {
        "title": scenario.title,
        "months": list(trajectory.months),
        "inside": ", ".join(actors) or "no border",
        "shortages": [
            {
                "region": r.region, "use": r.use, "commodity": r.commodity,
                "first": r.first_month.median, "depth": r.depth.median,
                "duration": r.duration.median, "loss_t": r.loss.median,
            }
            for r in short[:MOST_SHORTAGES]
        ],
        "prices": _peaks(multiples),
    }  # fmt: skip


def controlling(scenario: Scenario, trajectory: Trajectory) -> tuple[str, ...]:
    """Return the regions whose border the measures of a scenario close."""
    known = {region for _, region in trajectory.spot_markets}
    border = [m for m in scenario.measures if m.kind.startswith("export_")]
    return tuple(sorted({actor for m in border for actor in m.actors if actor in known}))


def chain_data(network: SupplyNetwork, report: BalanceReport) -> dict[str, Any]:
    """Return who makes what in a balanced base year, beside published shares."""
    base = indicators.Snapshot.base(network)
    return {
        "name": network.name,
        "title": network.title or network.name,
        "base_year": network.base_year,
        "markets": len(network.markets()),
        "processes": len(network.processes),
        "routes": len(network.routes),
        "uses": len(network.uses),
        "concentration": [asdict(row) for row in indicators.concentration(base)],
        "stages": [
            asdict(row) for row in indicators.stage_concentration(base, MAGNET_ELEMENTS)
        ],
        "adjustments": [
            {
                "kind": a.kind, "item": a.item, "prior_t": a.prior, "balanced_t": a.balanced,
                "deviation": a.deviation, "strain": a.strain, "source": a.provenance.source,
                "grade": a.provenance.grade, "where": a.provenance.where,
            }
            for a in report.adjustments[:MOST_ADJUSTMENTS]
        ],
        "imbalance": report.imbalance,
    }  # fmt: skip


def _peaks(multiples: Sequence[PriceMultiple]) -> list[dict[str, Any]]:
    """Month of the highest price outside, per commodity, highest first."""
    sides = {(r.commodity, r.side, r.month): r for r in multiples}
    outside = [r for r in multiples if r.side == "outside" and r.marginal.median is not None]
    best: dict[str, PriceMultiple] = {}
    for row in outside:
        held = best.get(row.commodity)
        if held is None or (row.marginal.median or 0) > (held.marginal.median or 0):
            best[row.commodity] = row
    rows = []
    for row in sorted(best.values(), key=lambda r: -(r.marginal.median or 0)):
        inner = sides.get((row.commodity, "inside", row.month))
        rows.append(
            {
                "commodity": row.commodity, "month": row.month, "outside": row.marginal.median,
                "average": row.average.median,
                "inside": None if inner is None else inner.marginal.median,
            }
        )  # fmt: skip
    return rows


def _price_rows(trajectory: Trajectory) -> list[dict[str, Any]]:
    low, middle, high = ensemble.band(trajectory.price)
    average = np.median(trajectory.average_price, axis=0)
    rationed = trajectory.rationed.mean(axis=0) > RATIONED_SHARE
    return [
        {
            "commodity": commodity,
            "region": region,
            "month": month,
            "usd_per_kg": None if rationed[t, m] else float(middle[t, m]),
            "multiple": None if rationed[t, m] else float(middle[t, m] / base),
            "average_usd_per_kg": float(average[t, m]),
            "rationed": bool(rationed[t, m]),
            **_ends(low, high, t, m, trajectory.draws),
        }
        for m, ((commodity, region), base) in enumerate(
            zip(trajectory.spot_markets, trajectory.base_price, strict=True)
        )
        for t, month in enumerate(trajectory.months)
    ]


def _ends(low: FloatArray, high: FloatArray, t: int, m: int, draws: int) -> dict[str, float]:
    if draws == 1:
        return {}
    return {"low_usd_per_kg": float(low[t, m]), "high_usd_per_kg": float(high[t, m])}


def _shortage_row(row: indicators.UseMonth) -> dict[str, Any]:
    return {
        "region": row.region,
        "use": row.use,
        "commodity": row.commodity,
        "month": row.month,
        "stopped_t": row.stopped.median,
        "economised_t": row.economised.median,
        "share": row.stopped_share.median,
    }


def _cover_row(row: indicators.UseMonth) -> dict[str, Any]:
    return {
        "region": row.region,
        "use": row.use,
        "commodity": row.commodity,
        "month": row.month,
        "days": row.cover.median,
    }


def certificate_data(certificate: Certificate) -> dict[str, float | int | None]:
    """Plain data of a certificate; None where something was not estimated."""
    return {
        "excess_demand": certificate.excess_demand,
        "mass_balance": certificate.mass_balance,
        "money_balance": certificate.money_balance,
        "complementarity": certificate.complementarity,
        "condition": certificate.condition if np.isfinite(certificate.condition) else None,
        "newton_steps": certificate.steps,
    }


__all__ = [
    "certificate_data",
    "controlling",
    "stress_data",
    "summary_data",
    "worst",
]
