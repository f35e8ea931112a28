"""A maker abroad and two partners who buy, with a ban that may strike: the smallest alliance.

Every figure is invented.
"""

from dataclasses import replace

import numpy as np
from tests.two_regions import COVER, PRICE, RUNGS

from monazite.network import BasePrice, Commodity, Process, Route, SupplyNetwork, Use
from monazite.plan.assemble import Assembly
from monazite.plan.evaluate import operate
from monazite.plan.membership import Plant, PlantLine
from monazite.plan.planner import Prepared, prepare
from monazite.plan.programme import PlanProgramme, parse
from monazite.plan.result import PlanReport

WANTED = {"CHN": 600.0, "JPN": 600.0, "KOR": 300.0}
"""What each region uses [t/year]."""
MINE = Plant(
    name="own mine",
    region="JPN",
    owners=("JPN",),
    is_committed=False,
    lines=(PlantLine("mine", {"good": 1.0}, 300.0, unit_cost=30.0),),
    start=2026,
    stage="ore",
    capital=20.0,
    build=1,
    success=0.5,
)
"""A mine of half of what Japan wants."""


def chain() -> SupplyNetwork:
    """A good that CHN makes and sends to JPN and KOR."""
    uses = tuple(Use("magnets", r, "good", want, 0.2, RUNGS, COVER) for r, want in WANTED.items())
    return SupplyNetwork(
        "three regions",
        (Commodity("good"),),
        processes=(Process("mine", "CHN", {"good": 1.0}, 1650.0, 1500.0, stage="ore"),),
        routes=tuple(Route("good", "CHN", r, WANTED[r]) for r in ("JPN", "KOR")),
        uses=uses,
        base_prices=tuple(BasePrice("good", r, PRICE) for r in ("CHN", "JPN", "KOR")),
    )


def ban(name: str, share: float, months: int = 12, probability: float = 0.2) -> str:
    """A ban on a share of what CHN sends, as TOML."""
    return f"""
[[shocks]]
name = "{name}"
probability = {probability}
months = [6, {months}, 18]

[[shocks.measures]]
kind = "export_ban"
actors = ["CHN"]
targets = ["JPN", "KOR"]
commodities = ["good"]
exemptions = {{ share = {1 - share:.3g} }}
start = "2025-01"
end = "{2025 + months // 12}-{months % 12 + 1:02d}"
"""


SHOCKS = ban("cut", 0.6) + ban("deep-cut", 0.9) + ban("short-cut", 0.9, months=6)


def programme(
    *, shocks: str = SHOCKS, more: str = "", growth: float = 0.0, holding: float = 0.02
) -> PlanProgramme:
    """What two partners plan, with a stock of the good."""
    return parse(
        f"""
id = "made-up"
title = "Made up"
chain = "three regions"
partners = ["JPN", "KOR"]
[horizon]
first = 2025
last = 2032
[access]
growth = {growth}
[scenarios]
count = 12
seed = 3
{shocks}
[[stockpiles]]
commodities = ["good"]
largest_days = 365
holding = {holding}
{more}
"""
    )


def ready(made: PlanProgramme | None = None, plants: tuple[Plant, ...] = (MINE,)) -> Prepared:
    """The programme on the chain."""
    return prepare(made or programme(), chain(), plants)


def report(prepared: Prepared, **chosen: float) -> PlanReport:
    """A plan that takes some decisions, by what their name begins with, and no others.

    Parameters
    ----------
    prepared : Prepared
        A programme on its network.
    **chosen : float
        Of ``build``: the year in which the mine is decided; of ``stock``: tonnes for Japan in the
        first year.
    """
    assembly: Assembly = prepared.assembly(prepared.model())
    x = np.zeros(len(assembly.first.decisions))
    for place, decision in enumerate(assembly.first.decisions):
        if decision.kind == "build" and decision.year == chosen.get("build"):
            x[place] = 1.0
        if decision.kind == "stock" and decision.year == 2025 and decision.name.endswith("JPN"):
            x[place] = chosen.get("stock", 0.0)
    return PlanReport(assembly, x, operate(assembly.problem, x))


def committed(plant: Plant) -> Plant:
    """The same plant, coming by itself."""
    return replace(plant, is_committed=True)
