"""Small planning models for tests: one good, a chain of four stages, random ones, an alliance.

Every figure is invented. Money is in the model's unit, one unit of price a unit of quantity.
"""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chains import REGIONS, chain
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray
from monazite.plan.assemble import Assembly
from monazite.plan.draws import CALM, Shock, draw
from monazite.plan.membership import Plant, PlantLine
from monazite.plan.model import (
    Activity,
    BuildCandidate,
    Capacity,
    CostLine,
    Demand,
    JointLimit,
    Package,
    PlanningModel,
    Segment,
    Step,
    Stockpile,
    Target,
    ValueRung,
)
from monazite.plan.planner import Effort, Plan, Prepared, find_plan, prepare
from monazite.plan.programme import PlanProgramme
from monazite.plan.twostage import TwoStageProblem

GOOD = ("good", "AAA")
FIRST = 2026
LADDER = (ValueRung(0.3, 3.0), ValueRung(0.4, 8.0), ValueRung(0.3, 20.0))
EXACT = Effort(gap=1e-9, extensive=True)
IMPORT = "good bought by AAA from CCC"
BAN = Shock("ban", 0.3, (6.0, 12.0, 18.0), left={IMPORT: 0.1})


def steps(years: int, *, rate: float = 0.05) -> tuple[Step, ...]:
    """Years from the first on, discounted from their middle."""
    return tuple(
        Step(str(FIRST + k), FIRST + k, 1.0, (1.0 + rate) ** -(k + 0.5)) for k in range(years)
    )


def same(value: float, years: int) -> FloatArray:
    """A figure for every year."""
    return np.full(years, float(value))


def activity(name: str, line: CostLine, balance: Mapping, cost: float, **rest: Any) -> Activity:
    """An activity with one cost, and one largest rate where it has any, in every year."""
    years = rest.pop("years")
    largest = same(rest.pop("largest", np.inf), years)
    return Activity(name, line, balance, same(cost, years), largest, **rest)


def plant(name: str = "plant", **changes: Any) -> BuildCandidate:
    """A candidate that adds 40 a year to the only capacity."""
    return replace(
        BuildCandidate(
            name, {"mill in AAA": 40.0}, capital=100.0, life=10.0, partner="AAA", region="AAA"
        ),
        **changes,
    )


def one_good(*, years: int = 3, **changes: Any) -> PlanningModel:
    """A region wants 100 a year, makes 20, can buy 60 abroad and build more.

    A unit costs 1 to buy and 2 to make; going without it costs 3, 8 and 20.
    """
    model = PlanningModel(
        steps=steps(years),
        markets=(GOOD,),
        demands=(Demand("use", GOOD, same(100.0, years), LADDER, "AAA", 1.5),),
        activities=(
            activity(
                IMPORT, CostLine.PURCHASE, {GOOD: 1.0}, 1.0,
                years=years, largest=60.0, partner="AAA", origin="CCC",
            ),
            activity(
                "mill in AAA", CostLine.OPERATION, {GOOD: 1.0}, 2.0,
                years=years, uses={"mill in AAA": 1.0}, partner="AAA",
            ),
        ),
        capacities=(Capacity("mill in AAA", "AAA", same(20.0, years), "metal"),),
        candidates=(plant(),),
        partners=("AAA",),
    )  # fmt: skip
    return replace(model, **changes)


STAGES = ("ore", "oxide", "metal", "magnet")


def four_stages(*, years: int = 4, **changes: Any) -> PlanningModel:
    """Ore is dug; plants for oxide and metal do not exist yet; two magnet plants may be built.

    Magnets can be bought for 10, going without costs 40. Every stage could be built.
    """
    goods = {stage: (stage, "AAA") for stage in STAGES}
    runs = [activity("dig", CostLine.OPERATION, {goods["ore"]: 1.0}, 1.0, years=years)]
    for feed, made in itertools.pairwise(STAGES):
        balance = {goods[feed]: -1.0, goods[made]: 1.0}
        runs.append(
            activity(
                f"make {made}", CostLine.OPERATION, balance, 0.5,
                years=years, uses={f"{made} plant": 1.0}, partner="AAA",
            )
        )  # fmt: skip
    runs.append(
        activity(
            "buy magnets", CostLine.PURCHASE, {goods["magnet"]: 1.0}, 10.0,
            years=years, largest=10.0, partner="AAA", origin="CCC",
        )
    )  # fmt: skip
    nothing = same(0.0, years)
    model = PlanningModel(
        steps=steps(years),
        markets=tuple(goods.values()),
        demands=(
            Demand(
                "motors", goods["magnet"], same(100.0, years), (ValueRung(1.0, 40.0),), "AAA", 10.0
            ),
        ),
        activities=tuple(runs),
        capacities=tuple(Capacity(f"{s} plant", "AAA", nothing, s) for s in STAGES[1:]),
        candidates=tuple(
            BuildCandidate(
                name, {f"{stage} plant": size}, capital=capital, region="AAA", stage=stage
            )
            for name, stage, size, capital in (
                ("oxides", "oxide", 100.0, 200.0),
                ("metals", "metal", 100.0, 100.0),
                ("magnets one", "magnet", 60.0, 60.0),
                ("magnets two", "magnet", 60.0, 60.0),
            )
        ),
        partners=("AAA",),
    )
    return replace(model, **changes)


def without_candidates(model: PlanningModel, *names: str) -> PlanningModel:
    """A model in which some candidates are not on offer."""
    kept = tuple(row for row in model.candidates if row.name not in names)
    return replace(model, candidates=kept)


def assembled(
    model: PlanningModel, shocks: tuple[Shock, ...] = (), *, count: int = 1, **risk: float
) -> Assembly:
    """A model with its draws."""
    return Assembly(model, draw(model, shocks, count=count, seed=5), **risk)


def planned(
    assembly: Assembly, effort: Effort = EXACT, problem: TwoStageProblem | None = None
) -> Plan:
    """The best plan."""
    return find_plan(assembly, effort, problem=problem)


def built(plan: Plan) -> dict[str, float]:
    """Size of what is built, by name."""
    sizes: dict[str, float] = {}
    for row in plan.report.portfolio:
        sizes[row.project] = sizes.get(row.project, 0.0) + row.size
    return sizes


def target(kind: str = "coverage", state: str = CALM, *, share: float, **rest: Any) -> Target:
    """A promise about the good in the last of three years."""
    usual: dict[str, Any] = {"steps": (2,), "commodities": ("good",)}
    return Target(f"{kind} {state}", kind, state, "AAA", share, **(usual | rest))


# -- random models ---------------------------------------------------------------------------


def random_model(seed: int) -> PlanningModel:
    """Two stages, a store, a limit, sized and grouped candidates, budgets and a target."""
    random = np.random.default_rng(seed)
    years = int(random.integers(2, 5))
    feed, good = ("feed", "AAA"), GOOD
    tariff = same(random.uniform(0.0, 0.5), years)
    runs = (
        activity(
            IMPORT, CostLine.PURCHASE, {good: 1.0}, random.uniform(1, 4), years=years,
            largest=random.uniform(20, 90), partner="AAA", origin="CCC", tariff=tariff,
        ),
        activity(
            "dig", CostLine.OPERATION, {feed: 1.0}, random.uniform(0.2, 1), years=years,
            limits={"water": 1.0}, partner="AAA",
        ),
        activity(
            "mill in AAA", CostLine.OPERATION, {feed: -1.2, good: 1.0}, random.uniform(0.5, 2),
            years=years, uses={"mill in AAA": 1.0}, partner="AAA",
        ),
        activity(
            "sell feed", CostLine.SALE, {feed: -1.0}, -random.uniform(0.05, 0.2), years=years,
            largest=30.0, partner="AAA",
        ),
    )  # fmt: skip
    value = float(random.uniform(1.0, 3.0))
    return PlanningModel(
        steps=steps(years, rate=float(random.uniform(0.0, 0.1))),
        markets=(feed, good),
        demands=(
            Demand("use", good, random.uniform(60, 120, years), LADDER, "AAA", value),
            Demand(
                "exports", good, same(random.uniform(0, 20), years), (ValueRung(1, 30.0),), "", 2.0
            ),
        ),
        activities=runs,
        capacities=(Capacity("mill in AAA", "AAA", same(random.uniform(0, 40), years), "metal"),),
        limits=(JointLimit("water", same(random.uniform(60, 150), years)),),
        candidates=_random_candidates(random),
        stockpiles=(
            Stockpile(good, "AAA", float(random.uniform(5, 40)), 3.0, 0.05, float(0.9 * value)),
        ),
        budgets={"AAA": {FIRST + k: float(random.uniform(5, 60)) for k in range(years)}},
        carry_over=bool(random.integers(2)),
        targets=(
            Target(
                "calm", "coverage", CALM, "AAA", float(random.uniform(0.3, 1)), (years - 1,),
                ("good",),
            ),
        ),
        partners=("AAA",),
        capital_charge=str(random.choice(["annuity", "overnight"])),
        public_weight=1e-3,
    )  # fmt: skip


def _random_candidates(random: np.random.Generator) -> tuple[BuildCandidate, ...]:
    cost = float(random.uniform(10, 120))
    free, paid = Package("no support", ()), Package("grant", (0.3 * cost,), (0.4 * cost,), cost)
    delay = (0.0, 0.5, float(random.uniform(0.5, 2.0)))
    small = plant(
        "small", adds={"mill in AAA": 15.0}, capital=0.6 * cost, group="one site",
        packages=(paid,), upkeep=float(random.uniform(0, 3)),
    )  # fmt: skip
    large = plant(
        "large", capital=cost, group="one site", packages=(free, paid), build=1, delay=delay,
        success=float(random.uniform(0.5, 1)), ramp=(0.5, 1.0),
    )  # fmt: skip
    second = plant("second phase", capital=0.5 * cost, after=("large",), life=3.0)
    sized = plant(
        "sized", adds={"mill in AAA": 1.0}, capital=10.0, unit_capital=float(random.uniform(1, 5)),
        smallest=5.0, largest=30.0, segments=(Segment(20.0, 2.0), Segment(10.0, 4.0)), build=1,
    )  # fmt: skip
    return small, large, second, sized


# -- an alliance -----------------------------------------------------------------------------

PARTNERS = REGIONS[:2]


def programme(**changes: Any) -> PlanProgramme:
    """Two partners of a random chain for four years, in thousands of dollars."""
    said: dict[str, Any] = {
        "id": "trial",
        "title": "trial",
        "partners": PARTNERS,
        "horizon": {"first": FIRST, "last": FIRST + 3},
        "money": {"unit": "kUSD"},
    }
    return PlanProgramme.model_validate(said | changes)


def plants(seed: int) -> tuple[Plant, ...]:
    """Candidates at home and abroad, and two plants that come by themselves."""
    random = np.random.default_rng(seed)

    def line(process: str, recipe: dict[str, float], least: float, most: float) -> PlantLine:
        return PlantLine(process, recipe, float(random.uniform(least, most)))

    share = float(random.uniform(0.7, 0.9))
    basket = {"ore": -1.0, "light": share, "heavy": 0.95 - share}
    smelt = {"heavy": -1.25, "metal": 1.0}
    usual: dict[str, Any] = {"is_committed": False, "start": FIRST + 1, "build": 1}
    return (
        Plant("separation one", "AAA", ("AAA",), lines=(line("separate", basket, 100, 1500),),
              stage="oxide", capital=float(random.uniform(1e3, 2e4)), **usual),
        Plant("separation two", "BBB", ("BBB",), lines=(line("separate", basket, 100, 1500),),
              stage="oxide", capital=float(random.uniform(1e3, 2e4)), success=0.8, **usual),
        Plant("smelter", "BBB", ("BBB",), lines=(line("smelt", smelt, 20, 200),),
              stage="metal", capital=float(random.uniform(1e3, 3e4)), **usual),
        Plant("abroad", "CCC", (), lines=(line("smelt", smelt, 20, 200),),
              stage="metal", capital=float(random.uniform(1e3, 3e4)), **usual),
        Plant("coming", "AAA", ("AAA",), True, (line("smelt", smelt, 20, 100),), FIRST + 1,
              stage="metal", success=0.7, delay=(0.0, 1.0, 2.0)),
        Plant("coming abroad", "CCC", (), True, (line("smelt", smelt, 20, 100),), FIRST,
              stage="metal", offtake={"BBB": 0.5}),
    )  # fmt: skip


STOCKED = {"stockpiles": [{"commodities": ["heavy", "metal"], "largest_days": 90}]}


def alliance(seed: int, *, has_plants: bool = True, **changes: Any) -> Prepared:
    """Partners of a random chain with their plants."""
    return prepare(programme(**changes), chain(seed), plants(seed) if has_plants else ())


def balanced_chain(seed: int) -> SupplyNetwork:
    """The network of an alliance."""
    return chain(seed)
