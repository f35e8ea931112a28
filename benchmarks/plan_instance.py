"""A made-up plan of any size: which projects of a chain to support, when and how.

Ore, oxide, metal and magnets move between ten regions; one of them holds most of the supply and may
stop selling for some years. Sixty projects could be begun in any of ten years with a grant or a
loan, within yearly budgets of each; they may fail or come late. Nothing in it is real.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from monazite.newton import FloatArray, IndexArray
from monazite.plan.twostage import FirstStage, Risk, SecondStage, TwoStageProblem

STAGES, REGIONS, YEARS, INSTRUMENTS, PLANTS, RUNGS = 4, 10, 10, 2, 33, 3
LATEST = 2
"""Years by which a project may come late."""
VALUE = np.array([2.0, 6.0, 9.0, 20.0])
"""Rough price of each stage."""
YIELD = 0.9


@dataclass(frozen=True, slots=True)
class PlanSize:
    """How big the instance is; `budget` is what a year can pay, as a share of all that is asked."""

    projects: int = 60
    scenarios: int = 30
    budget: float = 0.1
    seed: int = 0


def plan_instance(size: PlanSize) -> TwoStageProblem:
    """Make the problem; the same seed makes the same problem."""
    draw = np.random.default_rng(size.seed)
    chain = _Chain(draw, size)
    return TwoStageProblem(
        first=chain.first_stage(),
        second=chain.second_stage(),
        weight=np.full(size.scenarios, 1 / size.scenarios),
        drawn=np.ones(size.scenarios, dtype=bool),
        risk=Risk(0.5, 0.9, chain.shortage_value()[None]),
    )


class _Chain:
    """Columns of a year: projects, plants, routes, unmet demand, carry-over, disposal, backstop."""

    def __init__(self, draw: np.random.Generator, size: PlanSize) -> None:
        self.draw, self.size = draw, size
        self.markets = STAGES * REGIONS
        count = size.projects
        self.stage = np.arange(count) % STAGES
        self.region = draw.integers(1, REGIONS, count)
        self.capacity = draw.uniform(3, 12, count)
        self.capex = self.capacity * VALUE[self.stage] * draw.uniform(1.0, 3.0, count)
        self.lead = draw.integers(1, 4, count)
        self.cost = VALUE[self.stage] * draw.uniform(0.3, 0.6, count)
        # the first region holds six tenths of what the plants can make
        self.plant_stage = np.arange(PLANTS) % STAGES
        self.plant_region = np.where(
            np.arange(PLANTS) < 2 * STAGES, 0, draw.integers(1, REGIONS, PLANTS)
        )
        weight = np.where(self.plant_region == 0, 60 / 2, 40 / 6) * draw.uniform(0.8, 1.2, PLANTS)
        self.plant_capacity = weight * 1.6
        self.plant_cost = VALUE[self.plant_stage] * draw.uniform(0.2, 0.5, PLANTS)
        self.demand = 100 * draw.dirichlet(np.full(REGIONS, 3.0))
        self.discount = 1.05 ** -np.arange(YEARS)

    # -- first stage ---------------------------------------------------------------------

    def first_stage(self) -> FirstStage:
        """Columns: whether a project is begun in a year with an instrument, then by which year."""
        count = self.size.projects
        share = np.array([0.4, 0.8])  # a grant gives less money than a loan, and none comes back
        paid = np.array([1.0, 0.35])
        project, year, instrument = self.decisions()
        wide, begun = len(project), count * YEARS
        public = self.capex[project] * share[instrument]
        once = sparse.csr_array((np.ones(wide), (project, np.arange(wide))))
        budget = sparse.csr_array((public, (instrument * YEARS + year, np.arange(wide))))
        rooms = np.repeat(self.capex.sum() * share * self.size.budget, YEARS)
        # begun by a year: begun by the year before, or in it
        new = sparse.csr_array((np.ones(wide), (project * YEARS + year, np.arange(wide))))
        step = sparse.eye_array(YEARS) - sparse.eye_array(YEARS, k=-1)
        by = sparse.kron(sparse.eye_array(count), step)
        rest = self.capex[project] * (1 - share[instrument]) * 0.5
        cost = (public * paid[instrument] + rest) * self.discount[year]
        return FirstStage(
            cost=np.append(cost, np.zeros(begun)),
            matrix=sparse.csr_array(
                sparse.block_array([[once, None], [budget, None], [-new, by]], format="csr")
            ),
            row_lower=np.append(np.full(count + len(rooms), -np.inf), np.zeros(begun)),
            row_upper=np.concatenate([np.ones(count), rooms, np.zeros(begun)]),
            lower=np.zeros(wide + begun),
            upper=np.ones(wide + begun),
            integer=np.arange(wide + begun) < wide,
        )

    def decisions(self) -> tuple[IndexArray, IndexArray, IndexArray]:
        """Project, year and instrument of each column."""
        grid = np.indices((self.size.projects, YEARS, INSTRUMENTS)).reshape(3, -1)
        return grid[0], grid[1], grid[2]

    # -- second stage --------------------------------------------------------------------

    def second_stage(self) -> SecondStage:
        count, year = self.size.scenarios, self._year()
        matrix = sparse.kron(sparse.eye_array(YEARS), year, format="lil")
        stock, wide = self._start("stock"), year.shape[1]
        for later in range(1, YEARS):
            for market in range(self.markets):
                matrix[later * year.shape[0] + market, (later - 1) * wide + stock + market] = 0.95
        technology, values = self._technology(year.shape[0])
        low = np.zeros((count, YEARS, year.shape[0]))
        low[:, :, self.markets :] = -np.inf
        growth = 1.06 ** np.arange(YEARS) * self.draw.uniform(0.85, 1.25, (count, 1))
        low[:, :, self.markets - REGIONS : self.markets] = growth[:, :, None] * self.demand
        high = np.zeros((count, YEARS, year.shape[0]))
        high[:, :, : self.markets] = np.inf
        high[:, :, self.markets : self.markets + PLANTS] = self.plant_capacity
        return SecondStage(
            matrix=sparse.csc_array(matrix),
            technology=technology,
            technology_values=values,
            cost=(self.discount[:, None] * self._costs()).reshape(1, -1),
            row_lower=low.reshape(count, -1),
            row_upper=high.reshape(count, -1),
            lower=np.zeros((1, YEARS * wide)),
            upper=self._upper(growth).reshape(count, -1),
        )

    def _sizes(self) -> dict[str, int]:
        return {
            "project": self.size.projects,
            "plant": PLANTS,
            "route": STAGES * REGIONS * (REGIONS - 1),
            "unmet": RUNGS * REGIONS,
            "stock": self.markets,
            "disposal": self.markets,
            "backstop": self.markets,
        }

    def _start(self, kind: str) -> int:
        sizes = self._sizes()
        return sum(sizes[name] for name in list(sizes)[: list(sizes).index(kind)])

    def _routes(self) -> tuple[IndexArray, IndexArray, IndexArray]:
        grid = np.indices((STAGES, REGIONS, REGIONS)).reshape(3, -1)
        keep = grid[1] != grid[2]
        return grid[0, keep], grid[1, keep], grid[2, keep]

    def _year(self) -> sparse.csc_array:
        """Rows: markets, plants, projects."""
        sizes = self._sizes()
        wide = sum(sizes.values())
        rows = sparse.lil_array((self.markets + PLANTS + self.size.projects, wide))
        makers = [
            ("plant", self.plant_stage, self.plant_region, self.markets),
            ("project", self.stage, self.region, self.markets + PLANTS),
        ]
        for kind, stage, region, limit in makers:
            for k, (s, r) in enumerate(zip(stage, region, strict=True)):
                column = self._start(kind) + k
                rows[s * REGIONS + r, column] = 1.0
                rows[limit + k, column] = 1.0
                if s:
                    rows[(s - 1) * REGIONS + r, column] = -1 / YIELD
        for k, (s, origin, end) in enumerate(zip(*self._routes(), strict=True)):
            rows[s * REGIONS + origin, self._start("route") + k] = -1.0
            rows[s * REGIONS + end, self._start("route") + k] = 1.0
        last = (STAGES - 1) * REGIONS
        for k in range(RUNGS * REGIONS):
            rows[last + k % REGIONS, self._start("unmet") + k] = 1.0
        for market in range(self.markets):
            rows[market, self._start("stock") + market] = -1.0
            rows[market, self._start("disposal") + market] = -1.0
            rows[market, self._start("backstop") + market] = 1.0
        return sparse.csc_array(rows)

    def _costs(self) -> FloatArray:
        stage, _, _ = self._routes()
        market = np.repeat(VALUE, REGIONS)
        rung = np.repeat([1.5, 4.0, 12.0], REGIONS) * VALUE[-1]
        return np.concatenate(
            [
                self.cost,
                self.plant_cost,
                0.05 * VALUE[stage],
                rung,
                0.04 * market,
                np.zeros(self.markets),
                40 * market,
            ]
        )

    def shortage_value(self) -> FloatArray:
        """What unmet demand costs (column of the second stage)."""
        loss = np.zeros((YEARS, sum(self._sizes().values())))
        unmet = slice(self._start("unmet"), self._start("stock"))
        loss[:, unmet] = self._costs()[unmet] * self.discount[:, None]
        return loss.ravel()

    def _upper(self, growth: FloatArray) -> FloatArray:
        """Bounds (scenario, year, column): rungs of demand, and routes out of the first region."""
        count, wide = self.size.scenarios, sum(self._sizes().values())
        upper = np.full((count, YEARS, wide), np.inf)
        unmet = self._start("unmet")
        rungs = np.outer([0.1, 0.2, 0.7], self.demand).ravel()
        upper[:, :, unmet : unmet + len(rungs)] = growth[:, :, None] * rungs
        _, origin, _ = self._routes()
        closed = self._start("route") + np.flatnonzero(origin == 0)
        begin = self.draw.integers(1, YEARS + 4, count)  # beyond the horizon: no cut at all
        depth = self.draw.uniform(0.0, 0.7, count)
        for s in range(count):
            upper[s, begin[s] : begin[s] + 3, closed] = depth[s] * 4.0
        stock = self._start("stock")
        upper[:, :, stock : stock + self.markets] = 8.0
        return upper

    def _technology(self, rows_a_year: int) -> tuple[sparse.csr_array, FloatArray]:
        """Capacity of what was begun in time, by scenario: it may fail, or come late."""
        count, projects = self.size.scenarios, self.size.projects
        works = self.draw.uniform(size=(count, projects)) < 0.8
        late = self.draw.integers(0, LATEST + 1, (count, projects))
        start = projects * YEARS * INSTRUMENTS
        row, column, value = [], [], []
        for p, year, delay in np.ndindex(projects, YEARS, LATEST + 1):
            begun = year - self.lead[p] - delay
            if begun >= 0:
                row.append(year * rows_a_year + self.markets + PLANTS + p)
                column.append(start + p * YEARS + begun)
                value.append(-self.capacity[p] * (works[:, p] & (late[:, p] == delay)))
        order = np.lexsort((column, row))
        shape = (YEARS * rows_a_year, start + projects * YEARS)
        pattern = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
        return pattern, np.stack(value, axis=1)[:, order]
