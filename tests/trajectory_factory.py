"""A made-up chain and a made-up trajectory for tests of indicators and briefing.

Every figure is invented and says so; nothing of it is shipped. The network balances exactly.
"""

from dataclasses import fields
from typing import Any, TypeVar, cast

import numpy as np

from monazite.market.certificate import Certificate
from monazite.market.layout import UseGroup
from monazite.network import (
    BasePrice,
    Commodity,
    CoverClass,
    Process,
    Provenance,
    Route,
    SupplyNetwork,
    Use,
)
from monazite.trajectory import PermitLabel, Trajectory

T = TypeVar("T")
MONTHS = tuple(f"{2025 + t // 12}-{t % 12 + 1:02d}" for t in range(24))
CONTROLLED = range(3, 17)
"""Months of the made-up control: April 2025 to May 2026."""

REGIONS = ("AUS", "CHN", "DEU", "FRA", "IND", "JPN", "KOR", "MYS", "REU", "ROW", "USA")
COMMODITIES = (
    Commodity("ore-test", "mixed ore", "ore", {"Nd": 0.18, "Pr": 0.05, "Dy": 0.008}),
    Commodity("NdPr-oxide", "NdPr oxide", "separation", {"Nd": 0.66, "Pr": 0.19}),
    Commodity("Dy-oxide", "dysprosium oxide", "separation", {"Dy": 0.87}),
    Commodity("NdPr-metal", "NdPr metal", "metal", {"Nd": 0.78, "Pr": 0.22}),
    Commodity("Dy-metal", "dysprosium metal", "metal", {"Dy": 1.0}),
    Commodity("magnet-standard", "standard magnets", "magnet", {"Nd": 0.23, "Pr": 0.06}),
    Commodity("magnet-heavy", "heavy magnets", "magnet", {"Nd": 0.22, "Pr": 0.06, "Dy": 0.02}),
)
PRICES = {
    "ore-test": 4.0,
    "NdPr-oxide": 56.0,
    "Dy-oxide": 260.0,
    "NdPr-metal": 70.0,
    "Dy-metal": 330.0,
    "magnet-standard": 45.0,
    "magnet-heavy": 62.0,
}
RECIPES = {
    "magnet-heavy": {"NdPr-metal": -0.33, "Dy-metal": -0.024, "magnet-heavy": 1.0},
    "magnet-standard": {"NdPr-metal": -0.34, "magnet-standard": 1.0},
    "Dy-metal": {"Dy-oxide": -1.2, "Dy-metal": 1.0},
    "NdPr-metal": {"NdPr-oxide": -1.22, "NdPr-metal": 1.0},
}
MAKERS = {
    "magnet-heavy": {"CHN": 0.9, "JPN": 0.07, "DEU": 0.03},
    "magnet-standard": {"CHN": 0.92, "JPN": 0.06, "DEU": 0.02},
    "Dy-metal": {"CHN": 0.97, "JPN": 0.03},
    "NdPr-metal": {"CHN": 0.93, "JPN": 0.04, "DEU": 0.03},
    "separation": {"CHN": 0.9, "MYS": 0.1},
    "ore": {"CHN": 0.66, "AUS": 0.14, "USA": 0.2},
}
DEMAND = {
    "EV": {"CHN": 14e3, "JPN": 2.5e3, "USA": 3.5e3, "DEU": 3e3, "FRA": 1e3, "KOR": 2e3},
    "wind": {"CHN": 9e3, "DEU": 1.5e3, "USA": 800.0, "REU": 2e3, "IND": 600.0},
    "electronics": {"CHN": 20e3, "JPN": 4e3, "USA": 3e3, "KOR": 3e3, "ROW": 6e3},
    "industry": {"CHN": 15e3, "JPN": 3e3, "DEU": 4e3, "USA": 3e3, "IND": 2e3},
    "defence": {"USA": 400.0, "FRA": 60.0, "JPN": 40.0},
}
HEAVY = {"EV": 1.0, "wind": 1.0, "electronics": 0.0, "industry": 0.0, "defence": 1.0}
COVER = (CoverClass("just-in-time", 0.3, 0.5), CoverClass("normal", 0.7, 2.5))


def stated(line: int, file: str = "uses", grade: str = "D") -> Provenance:
    return Provenance("made-up-2024", grade, f"{file}.csv:{line}", "assumed: made up for tests")


def network() -> SupplyNetwork:
    """The chain in balance, worked out from the uses up to the mines."""
    uses = _uses()
    wanted: dict[str, dict[str, float]] = {item.code: {} for item in COMMODITIES}
    for use in uses:
        _add(wanted[use.commodity], use.region, use.demand)
    processes: list[Process] = []
    made: dict[str, dict[str, float]] = {}
    for product, recipe in RECIPES.items():
        total = sum(wanted[product].values())
        made[product] = {region: share * total for region, share in MAKERS[product].items()}
        for region, level in made[product].items():
            processes.append(_process(product, region, recipe, level))
            for code, amount in recipe.items():
                if amount < 0:
                    _add(wanted[code], region, -amount * level)
    _upstream(wanted, made, processes)
    routes = [route for code in made for route in _routes(code, made[code], wanted[code])]
    prices = tuple(
        BasePrice(code, region, price, stated(line, "prices"))
        for line, (code, price) in enumerate(PRICES.items(), start=2)
        for region in REGIONS
    )
    return SupplyNetwork(
        name="made-up",
        title="Made-up chain for tests",
        commodities=COMMODITIES,
        processes=tuple(processes),
        routes=tuple(routes),
        uses=uses,
        base_prices=prices,
    )


def _uses() -> tuple[Use, ...]:
    uses = []
    for line, (name, by_region) in enumerate(DEMAND.items(), start=2):
        good = "magnet-heavy" if HEAVY[name] else "magnet-standard"
        grade = "E" if name == "defence" else "D"
        for region, demand in by_region.items():
            uses.append(
                Use(
                    name,
                    region,
                    good,
                    demand,
                    0.2,
                    cover=COVER,
                    provenance=stated(line, grade=grade),
                )
            )
    return tuple(uses)


def _process(name: str, region: str, recipe: dict[str, float], level: float) -> Process:
    stage = next(item.stage for item in COMMODITIES if recipe.get(item.code, 0.0) > 0)
    return Process(
        name, region, recipe, 1.2 * level, level, stage=stage, provenance=stated(2, "processes")
    )


def _upstream(
    wanted: dict[str, dict[str, float]],
    made: dict[str, dict[str, float]],
    processes: list[Process],
) -> None:
    neodymium, heavy = sum(wanted["NdPr-oxide"].values()), sum(wanted["Dy-oxide"].values())
    ore = neodymium / 0.25
    recipe = {"ore-test": -1.0, "NdPr-oxide": 0.25, "Dy-oxide": heavy / ore}
    made["NdPr-oxide"], made["Dy-oxide"], made["ore-test"] = {}, {}, {}
    for region, share in MAKERS["separation"].items():
        processes.append(_process("separation", region, recipe, share * ore))
        made["NdPr-oxide"][region], made["Dy-oxide"][region] = share * neodymium, share * heavy
        _add(wanted["ore-test"], region, share * ore)
    for region, share in MAKERS["ore"].items():
        processes.append(_process("mine", region, {"ore-test": 1.0}, share * ore))
        made["ore-test"][region] = share * ore


def _routes(code: str, made: dict[str, float], wanted: dict[str, float]) -> list[Route]:
    spare = {r: made.get(r, 0.0) - wanted.get(r, 0.0) for r in made if made[r] > wanted.get(r, 0.0)}
    lack = {r: wanted[r] - made.get(r, 0.0) for r in wanted if wanted[r] > made.get(r, 0.0) + 1e-9}
    total = sum(spare.values())
    return [
        Route(code, origin, place, missing * left / total, 0.5, 2.0, provenance=stated(2, "routes"))
        for origin, left in spare.items()
        for place, missing in lack.items()
    ]


def _add(table: dict[str, float], region: str, amount: float) -> None:
    table[region] = table.get(region, 0.0) + amount


def trajectory(draws: int = 1, *, calm: bool = False) -> Trajectory:
    """A made-up shock: exports of heavy magnets, dysprosium and magnets from CHN are cut.

    With `calm` nothing happens at all.
    """
    net = network()
    strength = (
        np.zeros(draws) if calm else np.linspace(0.8, 1.2, draws) if draws > 1 else np.ones(1)
    )
    cut = np.zeros(len(MONTHS))
    cut[list(CONTROLLED)] = np.concatenate([[0.5, 0.8, 0.7], np.linspace(0.6, 0.3, 11)])
    squeeze = np.clip(strength[:, None] * cut, 0.0, 0.95)
    groups = _groups(net)
    demand = np.tile([g.demand for g in groups], (draws, len(MONTHS), 1))
    base_stock = np.array([g.demand * g.months * _patience(g) for g in groups])
    hurt = np.array([_exposure(g) for g in groups])
    stock, stopped, economised = _run_down(demand, base_stock, squeeze, hurt)
    markets = tuple((item.code, region) for item in COMMODITIES for region in REGIONS)
    base_price = np.array([PRICES[code] for code, _ in markets])
    multiple = 1 + np.array([_heat(*m) for m in markets]) * squeeze[:, :, None]
    flow0 = np.array([route.flow or 0.0 for route in net.routes]) / 12
    touched = np.array([_touched(route) for route in net.routes])
    flow = flow0 * (1 - touched * squeeze[:, :, None])
    activity0 = np.array([process.activity or 0.0 for process in net.processes]) / 12
    slack = np.array([0.25 if p.region == "CHN" else 0.4 for p in net.processes])
    rents = 40.0 * squeeze[:, :, None]
    zeros = np.zeros((draws, len(MONTHS)))
    return _made(
        Trajectory,
        network=net,
        months=MONTHS,
        spot_markets=markets,
        groups=groups,
        permits=(PermitLabel("licence for heavy magnets", 0),),
        base_price=base_price,
        base_activity=activity0,
        base_flow=flow0,
        base_group_stock=base_stock,
        price=base_price * multiple,
        average_price=base_price * (1 + 0.4 * (multiple - 1)),
        rationed=np.zeros(multiple.shape, dtype=bool),
        group_price=np.ones_like(demand),
        group_stock=stock,
        spot_stock=np.zeros(multiple.shape),
        demand=demand,
        served=demand - stopped - economised,
        economised=economised,
        stopped=stopped,
        activity=activity0 * (1 - slack * squeeze[:, :, None]),
        flow=flow,
        rents=rents,
        permit_flow=100.0 * (1 - squeeze[:, :, None]),
        permit_limit=100.0 * (1 - squeeze[:, :, None]),
        tariff_revenue=zeros,
        subsidy_cost=zeros,
        permit_revenue=(rents * 100.0 * (1 - squeeze[:, :, None]))[:, :, 0],
        certificates=tuple(Certificate(3e-13, 2e-14, 4e-12, 1e-15, 1e6, 5) for _ in MONTHS),
    )


def _made(kind: type[T], **values: Any) -> T:
    """An object of that kind; fields that no test reads are None."""
    names = {item.name for item in fields(cast("Any", kind)) if item.init}
    known = {name: value for name, value in values.items() if name in names}
    return kind(**{**dict.fromkeys(names), **known})


def _groups(net: SupplyNetwork) -> tuple[UseGroup, ...]:
    return tuple(
        _made(
            UseGroup,
            use=use.name,
            region=use.region,
            commodity=use.commodity,
            cover_class=c.name,
            share=c.share,
            demand=c.share * use.demand / 12,
            months=c.months,
            use_index=i,
            spot=0,
        )
        for i, use in enumerate(net.uses)
        for c in use.cover
    )


def _exposure(group: UseGroup) -> float:
    if group.region == "CHN":
        return 0.0
    shield = {"JPN": 0.75, "DEU": 0.9, "FRA": 0.82, "IND": 1.1, "KOR": 0.6}.get(group.region, 1.0)
    needed = {"EV": 0.95, "wind": 0.8, "defence": 1.05}.get(group.use, 0.35)
    return shield * needed


def _patience(group: UseGroup) -> float:
    by_region = {"JPN": 2.2, "KOR": 1.6, "IND": 0.4, "FRA": 1.3}.get(group.region, 1.0)
    return by_region * {"EV": 0.8, "defence": 1.8}.get(group.use, 1.0)


def _heat(code: str, region: str) -> float:
    strength = {"Dy-oxide": 4.5, "Dy-metal": 4.0, "magnet-heavy": 2.2, "magnet-standard": 0.5}
    return strength.get(code, 0.25) * (-0.08 if region == "CHN" else 1.0)


def _touched(route: Route) -> float:
    if route.origin != "CHN":
        return 0.0
    return {"magnet-heavy": 1.0, "Dy-oxide": 1.0, "Dy-metal": 1.0}.get(route.commodity, 0.35)


def _run_down(demand: Any, base_stock: Any, squeeze: Any, hurt: Any) -> tuple[Any, Any, Any]:
    stock, stopped, economised = (np.zeros_like(demand) for _ in range(3))
    held = np.tile(base_stock, (len(demand), 1))
    for t in range(demand.shape[1]):
        missing = demand[:, t] * hurt * squeeze[:, t, None]
        saved = 0.15 * missing
        drawn = np.minimum(held, missing - saved)
        refill = np.minimum(0.25 * (base_stock - held), 0.3 * demand[:, t]) * (missing == 0)
        held = held - drawn + refill
        stock[:, t], economised[:, t], stopped[:, t] = held, saved, missing - saved - drawn
    return stock, stopped, economised
