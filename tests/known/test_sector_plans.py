"""Published models of sector investment, put in as files only, through the general planner.

Each is solved twice: by the planner from its folder, and by a solver from the equations as they
were published, written out here. Where an optimum was published both must give it.
"""

import math
import shutil
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from monazite.network import SupplyNetwork
from monazite.plan.assemble import Assembly
from monazite.plan.draws import draw
from monazite.plan.planner import Effort, Plan, find_plan, prepare
from monazite.plan.programme import load, parse
from monazite.plan.sector import whole

SECTORS = Path(__file__).parent.parent / "data" / "sector"
STATIC = Path(__file__).parent / "data" / "mexican-steel"
SAME = 1e-7
"""Relative difference between planner and published equations."""


@cache
def _plan(name: str, *, gap: float = 1e-9, extensive: bool = True) -> Plan:
    programme = load(SECTORS / name / "programme.toml")
    network = SupplyNetwork.from_folder(programme.folder() / programme.chain)
    ready = prepare(programme, network)
    return find_plan(ready.assembly(ready.model()), Effort(gap=gap, extensive=extensive))


def _less_revenue(plan: Plan) -> float:
    """Cost less what sales bring, as published models count it."""
    assembly = plan.assembly
    return plan.solution.objective - float(assembly.worth @ assembly.draws.weight)


def _built(plan: Plan) -> dict[tuple[str, int], float]:
    sizes = plan.assembly.first.built(plan.solution.x)
    return {key: size for key, size in sizes.items() if size > 1e-6}


class Equations:
    """A programme written out, variable by variable."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def variable(self, cost: float = 0.0, upper: float = math.inf, *, whole: bool = False) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(int(whole))
        return len(self.cost) - 1

    def row(
        self, *terms: tuple[int, float], low: float = -math.inf, high: float = math.inf
    ) -> None:
        joined: dict[int, float] = {}
        for place, amount in terms:
            joined[place] = joined.get(place, 0.0) + amount
        self.rows.append((joined, low, high))

    def least(self) -> float:
        entries = [(k, j, v) for k, (terms, _, _) in enumerate(self.rows) for j, v in terms.items()]
        rows, columns, values = zip(*entries, strict=True)
        matrix = sparse.csr_array((values, (rows, columns)), (len(self.rows), len(self.cost)))
        found = milp(
            self.cost,
            integrality=self.whole,
            bounds=Bounds(0.0, np.array(self.upper)),
            constraints=LinearConstraint(
                matrix, [row[1] for row in self.rows], [row[2] for row in self.rows]
            ),
            options={"mip_rel_gap": 1e-9},
        )
        assert found.success, found.message
        return float(found.fun)


def _recovery(rate: float, life: float) -> float:
    return rate / (1.0 - (1.0 + rate) ** -life)


def _sum(variables: Iterable[int], amount: float = 1.0) -> list[tuple[int, float]]:
    return [(place, amount) for place in variables]


class TestTwoGeneratorsThatMayFail:
    """Infanger (1992), APL1P: capacity of two units, five independent uncertainties."""

    @pytest.fixture
    def plan(self):
        return _plan("power-apl1p")

    def test_every_joint_outcome_is_taken_with_its_probability(self, plan):
        draws = plan.assembly.draws
        assert draws.count == 4 * 5 * 4**3
        assert draws.weight.sum() == pytest.approx(1.0, abs=1e-12)
        assert draws.weight.max() == pytest.approx(0.4 * 0.5 * 0.45**3)

    def test_cost_is_the_published_one(self, plan):
        assert plan.solution.objective == pytest.approx(24642.32058, rel=1e-9)

    def test_capacities_are_the_published_ones(self, plan):
        built = _built(plan)
        assert built["g1", 2000] == pytest.approx(1800.0, rel=1e-6)
        assert built["g2", 2000] == pytest.approx(11000 / 7, rel=1e-6)

    def test_fewer_draws_than_outcomes_are_sampled(self, plan):
        draws = draw(plan.assembly.model, count=50, seed=3)
        assert draws.count == 50
        assert np.allclose(draws.weight, 1 / 50)
        assert set(np.round(draws.demands[0][:, 0], 9)) <= {0.9, 1.0, 1.1, 1.2}

    def test_more_draws_than_outcomes_repeat_them(self, plan):
        draws = draw(plan.assembly.model, count=2 * 1280 + 7)
        assert draws.count == 2 * 1280
        assert draws.weight.sum() == pytest.approx(1.0, abs=1e-12)


class TestFourTechnologies:
    """Louveaux and Smeers (1988): investment in electricity generation."""

    @pytest.fixture
    def plan(self):
        return _plan("power-louveaux-smeers")

    def test_cost_is_the_published_one(self, plan):
        assert plan.solution.objective == pytest.approx(381.853333, abs=1e-6)

    def test_capacities_are_the_published_ones(self, plan):
        built = {name: size for (name, _year), size in _built(plan).items()}
        assert built == pytest.approx({"eq1": 8 / 3, "eq2": 4.0, "eq3": 10 / 3, "eq4": 2.0})

    def test_the_decomposition_finds_it_as_well(self, plan):
        found = _plan("power-louveaux-smeers", extensive=False)
        assert found.solution.objective == pytest.approx(plan.solution.objective, rel=1e-8)


class TestSmallStaticSteel:
    """Kendrick, Meeraus and Alatorre (1984), MEXSS: nothing to build, one year."""

    def test_cost_less_revenue_is_the_published_one(self):
        programme = parse(
            'id = "static"\ntitle = "static"\npartners = "*"\n'
            "[horizon]\nfirst = 1979\nlast = 1979\n"
            '[money]\nrate = 0.0\nwhen = "start"\n'
        )
        model = whole(SupplyNetwork.from_folder(STATIC), programme)
        plan = find_plan(Assembly(model, draw(model)), Effort(gap=1e-9, extensive=True))
        assert _less_revenue(plan) == pytest.approx(538.8112, abs=5e-5)


PERIODS = range(5)
STEEL_PLANTS = ("ahmsa", "fundidora", "sicartsa", "hylsa", "hylsap", "tampico", "coatza")
STEEL_RECIPES: Mapping[str, Mapping[str, float]] = {
    "pig-iron": {"pellets": -1.58, "coke": -0.63, "pig-iron": 1},
    "sponge": {"pellets": -1.38, "nat-gas": -0.38, "sponge": 1},
    "steel-oh": {"scrap": -0.33, "pig-iron": -0.77, "steel": 1},
    "steel-el": {"electric": -0.68, "sponge": -1.09, "steel": 1},
    "steel-bof": {"scrap": -0.12, "pig-iron": -0.95, "steel": 1},
    "steel-bofs": {"scrap": -0.25, "pig-iron": -0.82, "steel": 1},
}
STEEL_UNITS = {
    "blast-furn": (("pig-iron",), (3.25, 1.40, 1.10, 0, 0, 0, 0), (1.5, 250.0)),
    "openhearth": (("steel-oh",), (1.50, 0.85, 0, 0, 0, 0, 0), None),
    "bof": (("steel-bof", "steel-bofs"), (2.07, 1.50, 1.30, 0, 0, 0, 0), (1.5, 120.0)),
    "direct-red": (("sponge",), (0, 0, 0, 0.98, 1.00, 0, 0), (0.8, 100.0)),
    "elec-arc": (("steel-el",), (0, 0, 0, 1.13, 0.56, 0, 0), (0.5, 42.0)),
}
STEEL_SITES = (1.0, 1.1, 1.0, 1.1, 1.0, 1.2, 1.2)
TO_MARKET = (
    (1204, 218, 1125), (1017, 0, 1030), (819, 1305, 704), (1017, 0, 1030), (185, 1085, 760),
    (941, 521, 995), (900, 1756, 1100),
)  # fmt: skip
TO_PORT = (739, 521, 0, 521, 315, 0, 0)
BETWEEN = (
    (0, 218, 1416, 218, 1300, 739, 1850), (218, 0, 1322, 10, 1159, 521, 1756),
    (1416, 1322, 0, 1327, 995, 1319, 1638), (218, 10, 1327, 0, 1159, 521, 1756),
    (1300, 1159, 995, 1159, 0, 1111, 671), (739, 521, 1319, 521, 1111, 0, 1702),
    (1850, 1756, 1638, 1756, 671, 1702, 0),
)  # fmt: skip
MINES = (
    ("coke", 52, 100, 230, (120, 400, 1500, 400, 1420, 900, 2100)),
    ("pellets", 18.7, 38, 60, (219, 563, 1613, 563, 1411, 1048, 2195)),
    ("pellets", 18.7, 38, 115, (1490, 1396, 0, 1396, 1116, 1338, 1500)),
)


def _rail(distance: float) -> float:
    return 2.48 + 0.0084 * distance if distance else 0.0


def _segments(eq: Equations, points: Iterable[tuple[float, float]], charge: float):
    """Size built and the sum of its segments, which is 0 or 1, in one place and period."""
    parts = [(eq.variable(cost * charge), size) for size, cost in points]
    switch = eq.variable(upper=1.0, whole=True)
    eq.row((switch, -1.0), *_sum(part for part, _size in parts), low=0.0, high=0.0)
    return parts


def _mexican_steel() -> float:
    eq = Equations()
    weight = [3 * 1.1 ** -(3 + 3 * t) for t in PERIODS]
    charge = [_recovery(0.1, 20) * sum(weight[t:]) for t in PERIODS]
    expansions: dict[tuple[str, int, int], list[tuple[int, float]]] = {}
    for unit, (_processes, _sizes, investment) in STEEL_UNITS.items():
        if investment is None:
            continue
        size, cost = investment
        for i, site in enumerate(STEEL_SITES):
            points = [(0.0, cost * (0.5**-0.4 - 1)), (size, cost)]
            points += [(3 * size, 3 * cost), (6 * size, 7.5 * cost)]
            for t in PERIODS[1:]:
                sited = [(many, money * site) for many, money in points]
                expansions[unit, i, t] = _segments(eq, sited, charge[t])
    mined = {
        (m, q, t): eq.variable(
            weight[t] * (mine[1] + (mine[2] - mine[1]) * (q / 4) ** 1.3), math.inf
        )
        for m, mine in enumerate(MINES)
        for q in range(5)
        for t in PERIODS
    }
    for m, mine in enumerate(MINES):
        for q in range(5):
            eq.row(*_sum(mined[m, q, t] for t in PERIODS), high=mine[3] / 5 / 3)
    for t in PERIODS:
        _steel_period(eq, t, weight[t], expansions, mined)
    return eq.least()


GOODS = ("pellets", "coke", "nat-gas", "electric", "scrap", "pig-iron", "sponge", "steel")
STEEL_RANGE = range(len(STEEL_PLANTS))


def _steel_period(eq, t, weight, expansions, mined) -> None:
    balance = {(commodity, i): [] for commodity in GOODS for i in STEEL_RANGE}
    _steel_runs(eq, t, balance, expansions)
    for i, plant in enumerate(STEEL_PLANTS):
        share = 0.7 if plant in ("coatza", "sicartsa", "tampico") else 1.0
        gas = min(128.0, 14 + 114 / 4 * t) * share
        port = _rail(TO_PORT[i])
        bought = {"nat-gas": gas, "electric": 26 * share, "scrap": 105.0}
        for commodity, price in bought.items():
            balance[commodity, i].append((eq.variable(price * weight), 1.0))
        for commodity, price in {"coke": 60.0 + port, "pellets": 40.0 + port}.items():
            balance[commodity, i].append((eq.variable(price * weight), 1.0))
        for other in set(STEEL_RANGE) - {i}:
            sent = eq.variable(_rail(BETWEEN[i][other]) * weight)
            balance["sponge", i].append((sent, -1.0))
            balance["sponge", other].append((sent, 1.0))
    for m, (commodity, *_figures, distances) in enumerate(MINES):
        sent = [eq.variable(_rail(distance) * weight) for distance in distances]
        for i in STEEL_RANGE:
            balance[commodity, i].append((sent[i], 1.0))
        eq.row(*_sum(mined[m, q, t] for q in range(5)), *_sum(sent, -1.0), low=0.0)
    _steel_sales(eq, t, weight, balance)
    for terms in balance.values():
        eq.row(*terms, low=0.0)


def _steel_runs(eq, t, balance, expansions) -> None:
    runs = {(p, i): eq.variable() for p in STEEL_RECIPES for i in STEEL_RANGE}
    for (p, i), run in runs.items():
        for commodity, amount in STEEL_RECIPES[p].items():
            balance[commodity, i].append((run, amount))
    for i in STEEL_RANGE:
        eq.row((runs["pig-iron", i], 1.0), (runs["sponge", i], 1.0), high=30.0)
        for unit, (processes, sizes, _investment) in STEEL_UNITS.items():
            parts = [expansions.get((unit, i, since), []) for since in range(1, t + 1)]
            added = [(part, -size) for built in parts for part, size in built]
            eq.row(*_sum(runs[p, i] for p in processes), *added, high=sizes[i])


def _steel_sales(eq, t, weight, balance) -> None:
    exported = [eq.variable((_rail(TO_PORT[i]) - 140.0) * weight) for i in STEEL_RANGE]
    eq.row(*_sum(exported), high=0.2)
    for i in STEEL_RANGE:
        balance["steel", i].append((exported[i], -1.0))
    for j, (share, abroad) in enumerate(((0.55, 428), (0.3, 521), (0.15, 300))):
        served = [eq.variable(_rail(TO_MARKET[i][j]) * weight) for i in STEEL_RANGE]
        for i in STEEL_RANGE:
            balance["steel", i].append((served[i], -1.0))
        imported = eq.variable((150.0 + _rail(abroad)) * weight)
        wanted = 5.2 * 1.4 * share * 1.1 ** (3 + 3 * t)
        eq.row(*_sum([*served, imported]), low=wanted)


class TestSmallDynamicSteel:
    """Kendrick, Meeraus and Alatorre (1984), MEXSD: five periods, economies of scale, mines."""

    @pytest.fixture
    def plan(self):
        return _plan("mexican-steel-dynamic")

    def test_cost_is_that_of_the_published_equations(self, plan):
        assert _less_revenue(plan) == pytest.approx(_mexican_steel(), rel=SAME)

    def test_mines_of_one_cost_give_no_more_than_they_hold(self, plan):
        report, model = plan.assembly, plan.assembly.model
        runs = report.columns("activity", plan.operations.activity)[0].sum(axis=0)
        for limit in model.limits:
            if math.isfinite(limit.total):
                used = sum(
                    run * row.limits.get(limit.name, 0.0)
                    for run, row in zip(runs, model.activities, strict=True)
                )
                assert used <= limit.total * (1 + 1e-9)

    def test_parts_of_a_size_are_filled_cheapest_first(self, plan):
        first = plan.assembly.first
        size = {d: float(x) for d, x in zip(first.decisions, plan.solution.x, strict=True)}
        for decision, amount in size.items():
            if decision.part and amount > 1e-6:
                before = next(
                    d
                    for d in size
                    if (d.kind, d.name, d.year, d.part)
                    == ("size", decision.name, decision.year, decision.part - 1)
                )
                part = first.candidates[decision.name].parts[before.part]
                assert size[before] == pytest.approx(part.size)


KILNS = {"dry": (526.296, 0.53, 55.8, 0.1127), "wet": (447.352, 0.56, 60.0, 0.1465)}
KILN_SIZES = (500, 750, 1000)
CEMENT_SITES = (1.2, 1.15, 1.05)
INSTALLED = {"dry": (500, 0, 0), "wet": (0, 320, 0), "grind": (500, 320, 0)}
CEMENT_SHARES = (0.28, 0.20, 0.27, 0.125, 0.125)
CEMENT_ROADS = (
    ((48, 1.15), (304, 1.16), (279, 1.14), (146, 1.14), (209, 1.16), (279, 1.14)),
    ((171, 1.14), (294, 1.13), (60, 1.11), (270, 1.13), (332, 1.14), (60, 1.11)),
    ((319, 1.16), (63, 1.17), (213, 1.11), (220, 1.17), (157, 1.16), (213, 1.11)),
)
PORT_ROADS = ((231, 1.14), (276, 1.14), (5, 1.0), (329, 1.16), (371, 1.15))


WORKING = 1.025


def _yemen_cement() -> tuple[float, float]:
    """Least cost, and the part of it that plants already there cost whatever is decided."""
    eq = Equations()
    periods, sites = range(4), range(3)
    weight = [1.1 ** -(2 + 3 * t) for t in periods]
    charge = [_recovery(0.1, 30) * sum(weight[t:]) for t in periods]
    kilns, mills = {}, {}
    for i in sites:
        in_all = []
        for t in periods[1:]:
            for kiln, (cost, scale, fixed, _fuel) in KILNS.items():
                built = []
                for size in KILN_SIZES:
                    money = charge[t] * CEMENT_SITES[i] * cost * (size / 500) ** scale
                    kept = 0.001 * WORKING * fixed * size * sum(weight[t:])
                    built.append((eq.variable(money + kept, 1.0, whole=True), size))
                kilns[kiln, i, t] = built
                eq.row(*_sum(place for place, _size in built), high=1.0)
                in_all += built
            mills[i, t] = eq.variable(charge[t] * CEMENT_SITES[i] * 105.259 / 500)
        eq.row(*in_all, high=2000 - INSTALLED["dry"][i] - INSTALLED["wet"][i])
    eq.row((kilns["dry", 2, 1][0][0], 1.0), low=1.0)
    for t in periods:
        _cement_period(eq, t, weight[t], kilns, mills)
    kept = sum(
        0.001 * WORKING * figures[2] * sum(INSTALLED[kiln]) for kiln, figures in KILNS.items()
    )
    return eq.least() + kept * sum(weight), kept * sum(weight)


def _cement_period(eq, t, weight, kilns, mills) -> None:
    clinker = 1.3 * 5 + 0.3 * 2 + 0.00147 * 1175 + 0.192 * 4 + 0.152 * 4
    grinding = 0.04 * 24.6 + 0.385 * 3.328 + 20 * 1.31
    unit = 0.001 * weight
    cement = {}
    for i in range(3):
        distance, factor = CEMENT_ROADS[i][5]
        fuel = eq.variable(unit * (WORKING * 600 + 1.5 * (30 + 0.35 * factor * distance)))
        fired = {kiln: eq.variable(unit * WORKING * clinker) for kiln in KILNS}
        ground = eq.variable(unit * WORKING * grinding)
        eq.row((fuel, 1.0), *((fired[k], -KILNS[k][3]) for k in KILNS), low=0.0)
        eq.row((ground, -0.96), *_sum(fired.values(), 0.96), low=0.0)
        for kiln, run in fired.items():
            added = [(p, -s) for since in range(1, t + 1) for p, s in kilns[kiln, i, since]]
            eq.row((run, 1.0), *added, high=INSTALLED[kiln][i])
        added = [(mills[i, since], -1.0) for since in range(1, t + 1)]
        eq.row((ground, 1.0), *added, high=INSTALLED["grind"][i])
        roads = CEMENT_ROADS[i]
        sent = [eq.variable(unit * (30 + 0.47 * f * d)) for d, f in roads[:5]]
        exported = eq.variable(unit * (30 + 0.47 * factor * distance - 1.0), 1000.0)
        eq.row((ground, 1.0), *_sum([*sent, exported], -1.0), low=0.0)
        cement[i] = sent
    imported = [eq.variable(unit * (WORKING * 280 + 30 + 0.47 * f * d)) for d, f in PORT_ROADS]
    eq.row(*_sum(imported), high=3000.0)
    for j, share in enumerate(CEMENT_SHARES):
        wanted = 900 * share * 1.11 ** (4 + 3 * t)
        eq.row(*_sum([*(cement[i][j] for i in range(3)), imported[j]]), low=wanted)


class TestYemenCement:
    """World Bank (1982), YEMCEM: kilns of three sizes, a plant already agreed."""

    @pytest.fixture
    def plan(self):
        return _plan("yemen-cement")

    def test_cost_is_that_of_the_published_equations(self, plan):
        published, kept = _yemen_cement()
        years = plan.assembly.length[0]
        assert _less_revenue(plan) / years + kept == pytest.approx(published, rel=SAME)

    def test_the_plant_agreed_is_built(self, plan):
        assert _built(plan)["dry-small-mafrak", 1986] == 1.0

    def test_no_kiln_is_built_twice_at_one_site_in_one_period(self, plan):
        built = [
            (name.split("-")[0], name.split("-")[2], year)
            for name, year in _built(plan)
            if not name.startswith("mills")
        ]
        assert len(built) == len(set(built))


OIL_RECIPES: Mapping[str, Mapping[str, float]] = {
    "crad": {"sa": -1, "adga": 0.04, "adna": 0.14, "adke": 0.09, "adfo": 0.18, "adrs": 0.54},
    "nacr": {"adna": -1, "crga": 0.16, "crna": 0.56},
    "focc": {"adfo": -1, "ccga": 0.51, "ccfo": 0.25},
    "rsds": {"adrs": -1, "dsrs": 1},
    "nasc": {"adna": -1, "scbt": 0.08, "scrp": 0.23, "et": 0.29, "pp": 0.15},
    "btbx": {"scbt": -1, "bt": 0.53},
    "pgpf": {"scrp": -1, "pftp": 0.68},
    "amna": {"crna": -1, "to": 0.26, "be": 0.40, "mx": 0.15},
    "amtp": {"pftp": -1, "to": 0.24, "be": 0.39, "mx": 0.16},
    "tohd": {"to": -1, "be": 0.63},
}
OIL_COSTS = (1.55, 9.71, 3.5, 14.0, 143.04, 101.82, 50.25, 190.87, 190.87, 645.99)
OIL_SITES = ("inchon", "ulsan", "yosu")
OIL_UNITS = {
    ("crad",): ((3702, 12910, 9875), 10000, 50000),
    ("nacr",): ((369, 1200, 790), 1000, 40000),
    ("focc",): ((0, 0, 0), 2000, 200000),
    ("rsds",): ((0, 0, 0), 2000, 160000),
    ("nasc",): ((0, 517, 1207), 500, 200000),
    ("btbx",): ((0, 45, 94), 100, 50000),
    ("pgpf",): ((0, 201, 0), 200, 150000),
    ("amna", "amtp"): ((0, 181, 148), 400, 150000),
    ("tohd",): ((0, 180, 0), 200, 150000),
}
OIL_FREIGHT: tuple[Mapping[str, float], ...] = (
    {"seoul": 0.84, "kwangju": 5.44, "yosu": 7.77, "taegu": 5.44, "ulsan": 8.55, "pusan": 4.90},
    {"inchon": 5.00, "seoul": 3.62, "kwangju": 5.03, "yosu": 3.72, "taegu": 0.69, "pusan": 2.59},
    {"inchon": 1.86, "seoul": 2.65, "kwangju": 3.54, "taegu": 3.0, "ulsan": 3.72, "pusan": 1.77},
)
BLENDS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "pg": {"adga": (84, 16), "adna": (59.4, 2.5), "crga": (115, 5), "crna": (97, 2.5),
           "ccga": (93.7, 6.9)},
    "rg": {"adga": (84, 16), "adna": (59.4, 2.5), "crga": (115, 5), "crna": (97, 2.5),
           "ccga": (93.7, 6.9)},
    "di": {"adke": (0.26, 0), "adfo": (1.02, 0), "ccfo": (0.91, 0)},
    "rf": {"adfo": (1.02, 0), "ccfo": (0.91, 0), "adrs": (4.35, 0), "dsrs": (1.0, 0)},
}  # fmt: skip
OIL_DEMAND: Mapping[str, tuple[float, float, Mapping[str, float]]] = {
    "pg": (335.9, 0.15, {"inchon": 1.7, "seoul": 76.4, "kwangju": 2.3, "taegu": 10.6, "pusan": 9}),
    "rg": (783.1, 0.15, {"inchon": 3.6, "seoul": 53.7, "kwangju": 10.4, "taegu": 19.6,
                         "pusan": 12.7}),
    "di": (5391.2, 0.1, {"inchon": 22.4, "seoul": 31.4, "kwangju": 8.1, "taegu": 19.4,
                         "pusan": 18.7}),
    "rf": (12696.1, 0.1, {"inchon": 68, "kwangju": 5, "taegu": 15.8, "pusan": 9.6, "ulsan": 0.9,
                          "yosu": 0.7}),
    "et": (184.5, 0.15, {"ulsan": 38.1, "yosu": 61.9}),
    "pp": (219.3, 0.15, {"ulsan": 30.2, "yosu": 69.8}),
    "bt": (35.6, 0.15, {"ulsan": 28.6, "yosu": 71.4}),
    "be": (110.5, 0.15, {"ulsan": 37.8, "yosu": 62.2}),
    "to": (84.1, 0.15, {"ulsan": 30.8, "yosu": 69.2}),
    "mx": (59.8, 0.15, {"ulsan": 60.9, "yosu": 39.1}),
}  # fmt: skip
CHEMICALS = {"et": (908, 705), "pp": (704, 529), "bt": (706, 629), "mx": (662, 373),
             "to": (662, 526), "be": (706, 373)}  # fmt: skip
SULPHUR = (4.0, 3.5, 3.0, 2.5)
SITES = range(3)


def _korean_petrochemicals() -> float:
    eq = Equations()
    periods = range(4)
    weight = [5 * 1.1 ** -(2 + 5 * t) for t in periods]
    charge = [_recovery(0.1, 20) * sum(weight[t:]) for t in periods]
    expansions = {}
    for unit, (_there, size, cost) in OIL_UNITS.items():
        for i, site in enumerate((1.5, 1.0, 1.0)):
            points = [(0.0, cost * (0.5**-0.33 - 1)), (size, cost), (5 * size, 5 * cost)]
            sited = [(many, site * money) for many, money in (*points, (10 * size, 12.5 * cost))]
            for t in periods[1:]:
                expansions[unit, i, t] = _segments(eq, sited, charge[t])
    for t in periods:
        _oil_period(eq, t, weight[t], expansions)
    return eq.least()


def _oil_period(eq, t, weight, expansions) -> None:
    made = _oil_runs(eq, t, weight, expansions)
    for i in SITES:
        made["sa", i].append((eq.variable(weight * 231.7), 1.0))
        for other in set(SITES) - {i}:
            for commodity in ("adna", "crna"):
                sent = eq.variable(weight * OIL_FREIGHT[i][OIL_SITES[other]])
                made[commodity, i].append((sent, -1.0))
                made[commodity, other].append((sent, 1.0))
    for product in BLENDS:
        for i in SITES:
            made[product, i] = _blend(eq, t, product, [(c, i) for c in BLENDS[product]], made)
    _oil_sales(eq, t, weight, made)
    for (commodity, _i), terms in made.items():
        eq.row(*terms, low=0.0, high=0.0 if commodity in BLENDS else math.inf)


def _oil_runs(eq, t, weight, expansions):
    costs = dict(zip(OIL_RECIPES, OIL_COSTS, strict=True))
    runs = {(p, i): eq.variable(weight * costs[p]) for p in OIL_RECIPES for i in SITES}
    for unit, (there, _size, _cost) in OIL_UNITS.items():
        for i in SITES:
            planned = there[i] * (1.3, 1.4, 1.6)[i]
            added = [(p, -s) for since in range(1, t + 1) for p, s in expansions[unit, i, since]]
            eq.row(*_sum(runs[p, i] for p in unit), *added, high=planned)
    made = {}
    for (p, i), run in runs.items():
        for commodity, amount in OIL_RECIPES[p].items():
            made.setdefault((commodity, i), []).append((run, amount))
    return made


def _blend(eq, t, product, parts, made):
    """What a site blends of a product, within its specification."""
    marks = BLENDS[product]
    blend = {commodity: eq.variable() for commodity, _site in parts}
    for commodity, site in parts:
        made[commodity, site].append((blend[commodity], -1.0))
    if product in ("pg", "rg"):
        octane = {"pg": 95, "rg": 85}[product]
        eq.row(*((blend[c], marks[c][0] - octane) for c in blend), low=0.0)
        eq.row(*((blend[c], marks[c][1] - 12) for c in blend), high=0.0)
    else:
        sulphur = 1.0 if product == "di" else SULPHUR[t]
        eq.row(*((blend[c], marks[c][0] - sulphur) for c in blend), high=0.0)
    return _sum(blend.values())


def _oil_sales(eq, t, weight, made) -> None:
    abroad, bought = [], []
    for product, (base, growth, shares) in OIL_DEMAND.items():
        for city, share in shares.items():
            sent = [eq.variable(weight * OIL_FREIGHT[i].get(city, 0.0)) for i in SITES]
            for i in SITES:
                made[product, i].append((sent[i], -1.0))
            served = _sum(sent)
            if product in CHEMICALS:
                bought.append(eq.variable(weight * CHEMICALS[product][0]))
                served.append((bought[-1], 1.0))
            eq.row(*served, low=base * share / 100 * (1 + growth) ** (2 + 5 * t))
        for i in SITES if product in CHEMICALS else ():
            abroad.append(eq.variable(-weight * CHEMICALS[product][1]))
            made[product, i].append((abroad[-1], -1.0))
    eq.row(*_sum(abroad), high=400.0)
    eq.row(*_sum(bought), high=300.0)


class TestKoreanPetrochemicals:
    """Suh (1981), KORPET: blending to specification, by-products, economies of scale."""

    @pytest.fixture
    def plan(self):
        return _plan("korean-petrochemicals")

    def test_cost_is_that_of_the_published_equations(self, plan):
        assert _less_revenue(plan) == pytest.approx(_korean_petrochemicals(), rel=SAME)


EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "small-sector"
CHANGES = """\
demand,motors,city,2028,1000,example,E,made up
worth,hot-motors,city,2030,450,example,E,made up
capacity,separate,harbour,2030,0,example,E,made up
limit,imports,,2030,500,example,E,made up
"""


class TestChangesAndChances:
    """The made-up sector of the documentation, with more that changes."""

    @pytest.fixture
    def model(self, tmp_path):
        folder = Path(shutil.copytree(EXAMPLE, tmp_path / "sector"))
        with (folder / "years.csv").open("a") as file:
            file.write(CHANGES)
        programme = load(folder / "programme.toml")
        return prepare(programme, SupplyNetwork.from_folder(folder / "network")).model()

    def test_a_cost_holds_from_its_year_on(self, model):
        (seller,) = [row for row in model.activities if row.name == "sell-heavy in abroad"]
        assert seller.cost * 1000 == pytest.approx([300, 420, 420])

    def test_a_demand_takes_the_place_of_growth(self, model):
        (motors,) = [row for row in model.demands if row.name == "motors"]
        assert motors.quantity == pytest.approx([800 * (1.05 + 1.05**2) / 2, 1000, 1000])

    def test_what_a_buyer_gives_moves_its_rungs_alone(self, model):
        by_name = {row.name: row for row in model.demands}
        assert by_name["hot-motors"].trend == pytest.approx([1, 1, 0.5])
        assert by_name["motors"].trend is None
        assembly = Assembly(model, draw(model, count=2))
        column = assembly.column_blocks["given_up"].start + 1
        cost = assembly.base_cost[:, column] / assembly.discount
        assert cost * 1000 == pytest.approx([900, 900, 450])

    def test_a_capacity_can_close(self, model):
        (plant,) = [row for row in model.capacities if row.name == "separate in harbour"]
        assert plant.base == pytest.approx([1000, 1000, 0])

    def test_a_limit_moves_and_is_struck(self, model):
        (imports,) = [row for row in model.limits if row.name == "imports"]
        assert imports.largest == pytest.approx([900, 900, 500])
        assembly = Assembly(model, draw(model, count=2))
        place = [row.name for row in model.limits].index("imports")
        most = assembly.rows("limit", assembly.problem.second.row_upper)[..., place]
        assert most == pytest.approx(2 * np.array([[900, 900, 500], [900, 180, 100]]))

    def test_a_deposit_is_one_row_over_all_steps(self, model):
        assembly = Assembly(model, draw(model, count=2))
        second = assembly.problem.second
        mine = [row.name for row in model.activities].index("mine in hill")
        row = second.matrix.tocsr()[[-1]].toarray()[0]
        assert second.row_upper[:, -1] == pytest.approx([9000, 9000])
        assert np.flatnonzero(row).tolist() == [
            step * assembly.columns_a_step + mine for step in range(3)
        ]
