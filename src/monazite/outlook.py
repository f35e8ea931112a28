"""What a simulated scenario says, as plain data: tables for screens, files and programs."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any, Self

from monazite import indicators
from monazite.balance import Adjustment, BalanceReport
from monazite.errors import UnknownCodeError
from monazite.indicators import PriceMultiple
from monazite.indicators.rows import Band
from monazite.labels import Stage
from monazite.market.certificate import Certificate, worst
from monazite.network import Process, SupplyNetwork
from monazite.reference.table import Row
from monazite.scenario import Scenario
from monazite.trajectory import Trajectory

MOST_SHORTAGES = 15
MOST_PRICES = 15
"""Rows of the summary; the data hold all of them."""
MOVED = 0.05
"""Change of a price from which the summary names the good [fraction of the base price]."""
MAGNET_ELEMENTS = ("Nd", "Pr", "Dy", "Tb")
"""Elements by whose content the stages of the magnet chain are compared."""
RATIONED_SHARE = 0.5
"""Share of draws with a meaningless price from which none is given."""
NOTHING = 1e-9
"""Tonnes and shares that are round-off [t or fraction]."""


# -- a scenario --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outlook:
    """What came of a scenario, as rows of indicators; kept nowhere draw by draw.

    ``inside`` : regions whose border the measures close. ``threshold`` : stopped share from which
    a use counts as short. ``certificate`` : the worst residuals of all months and draws.
    """

    chain: str
    months: tuple[str, ...]
    draws: int
    threshold: float
    inside: tuple[str, ...]
    markets: tuple[indicators.MarketMonth, ...]
    multiples: tuple[PriceMultiple, ...]
    uses: tuple[indicators.UseMonth, ...]
    shortages: tuple[indicators.Shortage, ...]
    certificate: Certificate

    @classmethod
    def of(cls, scenario: Scenario, trajectory: Trajectory, threshold: float) -> Self:
        """Return what a trajectory says.

        Parameters
        ----------
        scenario : Scenario
            What was simulated.
        trajectory : Trajectory
            What came of it; medians over draws, with bands where there are several.
        threshold : float
            Stopped share from which a use counts as short.
        """
        inside = controlling(scenario, trajectory.spot_markets)
        return cls(
            trajectory.network.name,
            trajectory.months,
            trajectory.draws,
            threshold,
            inside,
            indicators.market_months(trajectory),
            indicators.price_multiples(trajectory, inside),
            indicators.use_months(trajectory),
            indicators.shortages(trajectory, threshold),
            worst(trajectory.certificates),
        )


def stress_data(scenario: Scenario, outlook: Outlook) -> dict[str, Any]:
    """Return prices, shortages, cover and certificate of a scenario as plain data."""
    many = outlook.draws > 1
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "chain": outlook.chain,
        "months": list(outlook.months),
        "draws": outlook.draws,
        "threshold": outlook.threshold,
        "prices": [_price_row(row, many) for row in outlook.markets],
        "shortages": [_shortage_row(row, many) for row in outlook.uses],
        "first_shortage": [
            {"region": r.region, "use": r.use, "month": r.month, "commodity": r.commodity}
            for r in indicators.first_shortages(outlook.shortages)
        ],
        "cover_days": [_cover_row(row, many) for row in outlook.uses],
        "certificate": certificate_data(outlook.certificate),
    }


def _price_row(row: indicators.MarketMonth, many: bool) -> dict[str, Any]:
    """Return a market in a month; no price where it is rationed."""
    out = row.rationed_share >= RATIONED_SHARE
    price = None if out else row.price.median
    return {
        "commodity": row.commodity,
        "region": row.region,
        "month": row.month,
        "usd_per_kg": price,
        "multiple": None if price is None else price / row.base_price,
        "average_usd_per_kg": None if out else row.average.median,
        "rationed": out,
        **(_ends("usd_per_kg", Band(None, None, None) if out else row.price) if many else {}),
    }


def _ends(name: str, band: Band) -> dict[str, float | None]:
    return {f"low_{name}": band.low, f"high_{name}": band.high}


def _shortage_row(row: indicators.UseMonth, many: bool) -> dict[str, Any]:
    return {
        **_use(row),
        "stopped_t": _tidy(row.stopped.median),
        "economised_t": _tidy(row.economised.median),
        "share": _tidy(row.stopped_share.median),
        **(_ends("share", row.stopped_share) if many else {}),
    }


def _cover_row(row: indicators.UseMonth, many: bool) -> dict[str, Any]:
    return {
        **_use(row),
        "days": row.cover.median,
        **(_ends("days", row.cover) if many else {}),
    }


def _use(row: indicators.UseMonth) -> dict[str, str]:
    return {
        "region": row.region, "use": row.use, "commodity": row.commodity, "month": row.month
    }  # fmt: skip


def _tidy(value: float | None) -> float | None:
    """Zero for what is only round-off."""
    return 0.0 if value is not None and abs(value) < NOTHING else value


def certificate_data(certificate: Certificate) -> dict[str, float | int | None]:
    """Plain data of a certificate; None where something was not estimated."""
    return {
        "excess_demand": certificate.excess_demand,
        "mass_balance": certificate.mass_balance,
        "money_balance": certificate.money_balance,
        "complementarity": certificate.complementarity,
        "condition": finite(certificate.condition),
        "newton_steps": certificate.steps,
    }


def finite(value: float) -> float | None:
    """Return the figure, or None where it is not finite: JSON knows no such thing."""
    return value if math.isfinite(value) else None


# -- the few rows that a screen holds ----------------------------------------------------------


def summary_data(scenario: Scenario, outlook: Outlook) -> dict[str, Any]:
    """Return the few rows of a scenario that a screen holds."""
    short = [row for row in outlook.shortages if row.first_month.median]
    peaks = _peaks(outlook.multiples)
    moved = [row for row in peaks if _has_moved(row)]
    return {
        "title": scenario.title,
        "months": list(outlook.months),
        "draws": outlook.draws,
        "threshold": outlook.threshold,
        "inside": list(outlook.inside),
        "shortages": [
            {
                "region": r.region, "use": r.use, "commodity": r.commodity,
                "first": r.first_month.median, "depth": r.depth.median,
                "duration": r.duration.median, "loss_t": r.loss.median,
                "probability": r.probability,
            }
            for r in short[:MOST_SHORTAGES]
        ],
        "more_shortages": max(len(short) - MOST_SHORTAGES, 0),
        "moved": MOVED,
        "prices": moved[:MOST_PRICES],
        "more_prices": max(len(moved) - MOST_PRICES, 0),
        "calm_goods": len(peaks) - len(moved),
        "rationed": _rationed(outlook.markets),
    }  # fmt: skip


def _rationed(markets: Iterable[indicators.MarketMonth]) -> list[dict[str, Any]]:
    """Return the markets that are without a price for a time, the longest first."""
    months: dict[tuple[str, str], list[str]] = {}
    for row in markets:
        if row.rationed_share >= RATIONED_SHARE:
            months.setdefault((row.commodity, row.region), []).append(row.month)
    rows: list[dict[str, Any]] = [
        {"commodity": market[0], "region": market[1], "first": out[0], "months": len(out)}
        for market, out in months.items()
    ]
    return sorted(rows, key=lambda row: (-row["months"], row["commodity"], row["region"]))


def _has_moved(row: Mapping[str, Any]) -> bool:
    sides = (row["outside"], row["inside"])
    return any(value is not None and abs(value - 1.0) > MOVED for value in sides)


def controlling(scenario: Scenario, markets: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the regions, of markets given as (commodity, region), whose border is closed."""
    known = {region for _, region in markets}
    border = [m for m in scenario.measures if m.kind.startswith("export_")]
    return tuple(sorted({actor for m in border for actor in m.actors if actor in known}))


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
                "low": row.marginal.low, "high": row.marginal.high, "average": row.average.median,
                "inside": None if inner is None else inner.marginal.median,
            }
        )  # fmt: skip
    return rows


# -- the chain in its base year ----------------------------------------------------------------


def chain_data(
    network: SupplyNetwork, report: BalanceReport, published: Iterable[Row] = ()
) -> dict[str, Any]:
    """Return who makes what in a balanced base year, beside published shares.

    Parameters
    ----------
    network, report
        A balanced network, and what the balance did.
    published : iterable of Row
        Rows of ``reconciliation.csv``: a measure, a region and the share that was published.
    """
    base = indicators.Snapshot.base(network)
    return {
        "name": network.name,
        "title": network.title or network.name,
        "base_year": network.base_year,
        "unit": f"{network.quantity_unit}/year",
        "regions": list(network.regions()),
        "counts": {
            "markets": len(network.markets()), "processes": len(network.processes),
            "routes": len(network.routes), "uses": len(network.uses),
        },
        "concentration": [asdict(row) for row in indicators.concentration(base)],
        "stages": [
            asdict(row) for row in indicators.stage_concentration(base, MAGNET_ELEMENTS)
        ],
        "reconciliation": [_reconciled(network, row) for row in published],
        "processes": [_process_row(process) for process in network.processes],
        "adjustments": [_adjustment_row(row) for row in report.adjustments],
        "totals": [
            {"total": name, "wanted": wanted, "reached": reached}
            for name, wanted, reached in report.totals
        ],
        "imbalance": report.imbalance,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is counted for a share: outputs of a stage, as they are or by the elements in them."""

    stage: Stage
    goods: tuple[str, ...]
    elements: tuple[str, ...] = ()


_MEASURES: Mapping[str, _Measure] = MappingProxyType(
    {
        "mining of magnet rare earths": _Measure(Stage.ORE, ("*",), MAGNET_ELEMENTS),
        "refining of magnet rare earths": _Measure(Stage.SEPARATION, ("*-oxide",), MAGNET_ELEMENTS),
        "neodymium magnets": _Measure(Stage.MAGNET, ("magnet-standard", "magnet-heavy")),
    }
)


def shares(network: SupplyNetwork, what: str) -> dict[str, float]:
    """Return the share of each region in what the network's base year makes [fraction].

    Parameters
    ----------
    network : SupplyNetwork
        A balanced network.
    what : str
        A measure that ``reconciliation.csv`` names, such as ``neodymium magnets``.

    Raises
    ------
    UnknownCodeError
        If there is no such measure.
    """
    if what not in _MEASURES:
        raise UnknownCodeError("measure", what, _MEASURES, where="reconciliation.csv")
    made: dict[str, float] = {}
    for process in network.processes:
        amount = _made(network, process, _MEASURES[what])
        made[process.region] = made.get(process.region, 0.0) + amount
    world = sum(made.values())
    return {region: amount / world for region, amount in made.items() if amount > 0}


def _made(network: SupplyNetwork, process: Process, measure: _Measure) -> float:
    """Return what a process adds to a measure [t/year]."""
    if process.stage != measure.stage:
        return 0.0
    return (process.activity or 0.0) * sum(
        amount * indicators.content(network.commodity(good), measure.elements)
        for good, amount in process.recipe.items()
        if amount > 0 and any(fnmatchcase(good, pattern) for pattern in measure.goods)
    )


def _reconciled(network: SupplyNetwork, row: Row) -> dict[str, Any]:
    what, region = row.text("what"), row.text("region")
    model, published = shares(network, what).get(region, 0.0), float(row.text("published"))
    return {
        "what": what, "region": region, "published": published, "model": model,
        "difference": model - published, "year": row.text("year"), "reason": row.text("reason"),
        "source": row.source, "grade": str(row.grade), "where": str(row.ref),
    }  # fmt: skip


def _process_row(process: Process) -> dict[str, Any]:
    activity, capacity = process.activity or 0.0, finite(process.capacity)
    return {
        "process": process.name, "region": process.region, "stage": process.stage,
        "capacity": capacity, "activity": activity,
        "utilisation": activity / capacity if capacity else None,
        "recipe": dict(process.recipe), "source": process.provenance.source,
        "grade": process.provenance.grade, "where": process.provenance.where,
    }  # fmt: skip


def _adjustment_row(row: Adjustment) -> dict[str, Any]:
    return {
        "kind": row.kind, "item": row.item, "prior": row.prior, "balanced": row.balanced,
        "change": row.change, "deviation": row.deviation, "strain": row.strain,
        "source": row.provenance.source, "grade": row.provenance.grade,
        "where": row.provenance.where,
    }  # fmt: skip
