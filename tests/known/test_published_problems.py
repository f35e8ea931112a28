"""Published problems, put in as data only, give their published answers.

Two are folders of CSV files, two are a few lines of Python; nothing in the package knows them.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monazite.market.clearing import clear_network
from monazite.market.exact import NetworkEquilibrium
from monazite.network import Form, Process, Route, SupplyNetwork, Use

DATA = Path(__file__).parent / "data"


def _by_route(result: NetworkEquilibrium) -> dict[tuple[str, str], float]:
    pairs = zip(result.network.routes, result.flow, strict=True)
    return {(route.origin, route.destination): float(flow) for route, flow in pairs}


class TestTransport:
    """Dantzig (1963), Linear Programming and Extensions; TRNSPORT."""

    @pytest.fixture
    def result(self):
        return clear_network(SupplyNetwork.from_folder(DATA / "transport"))

    def test_cost(self, result):
        assert result.objective.total_cost == pytest.approx(153.675, rel=1e-9)
        assert result.objective.transport_cost == result.objective.total_cost

    def test_flows_meet_demand_within_supply(self, result):
        flow = _by_route(result)
        assert flow["seattle", "new-york"] + flow["san-diego", "new-york"] == pytest.approx(325)
        assert (result.activity <= np.array([350, 600]) + 1e-9).all()
        assert result.flow.sum() == pytest.approx(900)

    def test_price_differences_are_freight_where_goods_move(self, result):
        for route, flow in zip(result.network.routes, result.flow, strict=True):
            gain = result.prices["cans", route.destination] - result.prices["cans", route.origin]
            assert gain <= route.cost + 1e-12
            if flow > 1e-9:
                assert gain == pytest.approx(route.cost, abs=1e-12)

    def test_certificate(self, result):
        assert result.certificate.worst() < 1e-12


REGIONS = ("r1", "r2", "r3")
GOODS = ("good-1", "good-2")


class TestTakayamaJudge:
    """Takayama and Judge (1971): three regions, two goods; SPATEQU.

    The published objective is the model's own formula with its cross terms, not welfare.
    """

    demand_intercept = ((200, 300), (100, 200), (160, 250))
    demand_slope = ((9, 9), (4, 19), (7, 9))
    supply_intercept = (-50, -60)
    supply_slope = ((10.5, 15.5), (20.5, 25.5), (10.5, 15.5))
    freight = {("r1", "r2"): (2, 3), ("r1", "r3"): (2, 3), ("r2", "r3"): (1, 2)}  # noqa: RUF012
    demand_matrix = ([[-5, 1], [1, -5]], [[-2.5, 1], [1, -10]], [[-4, 1], [1, -5]])
    supply_matrix = ([[5, 0.5], [0.5, 7.5]], [[10, 0.5], [0.5, 12.5]], [[5, 0.5], [0.5, 7.5]])

    @pytest.fixture
    def result(self):
        places = [(r, region, c, good) for r, region in enumerate(REGIONS)
                  for c, good in enumerate(GOODS)]  # fmt: skip
        return clear_network(
            SupplyNetwork.build(
                "takayama-judge",
                GOODS,
                processes=[
                    Process.linear_supply(
                        good,
                        region,
                        intercept=self.supply_intercept[c],
                        slope=self.supply_slope[r][c],
                    )
                    for r, region, c, good in places
                ],
                uses=[
                    Use.linear(
                        good,
                        region,
                        intercept=self.demand_intercept[r][c],
                        slope=self.demand_slope[r][c],
                    )
                    for r, region, c, good in places
                ],
                routes=[
                    Route.at_cost(good, *way, cost[c])
                    for (a, b), cost in self.freight.items()
                    for way in ((a, b), (b, a))
                    for c, good in enumerate(GOODS)
                ],
            )
        )

    def test_prices(self, result):
        prices = [[result.prices[good, region] for region in REGIONS] for good in GOODS]
        assert prices[0] == pytest.approx([11, 9, 10], rel=1e-9)
        assert prices[1] == pytest.approx([11.6364, 8.6364, 10.6364], abs=5e-5)

    def test_prices_are_the_only_ones(self, result):
        assert result.unique

    def test_transport_cost(self, result):
        assert result.objective.transport_cost == pytest.approx(429.5455, abs=5e-5)

    def test_published_objective(self, result):
        total = -result.objective.transport_cost
        for r, region in enumerate(REGIONS):
            price = np.array([result.prices[good, region] for good in GOODS])
            intercepts = np.subtract(self.demand_intercept[r], self.supply_intercept)
            matrix = np.subtract(self.supply_matrix[r], self.demand_matrix[r])
            total += intercepts @ price - price @ matrix @ price
        assert total == pytest.approx(7906.9463, abs=5e-5)

    def test_certificate(self, result):
        assert result.certificate.worst() < 1e-12


class TestThreeCountries:
    """Miranda and Fackler (2002), Applied Computational Economics and Finance; CompEcon."""

    inverse_demand = {"one": (42, 2), "two": (54, 3), "three": (51, 1)}  # noqa: RUF012
    inverse_supply = {"one": (9, 1), "two": (3, 2), "three": (18, 1)}  # noqa: RUF012
    freight = ((0, 3, 9), (3, 0, 3), (6, 3, 0))

    @pytest.fixture
    def network(self):
        countries = tuple(self.inverse_demand)
        return SupplyNetwork.build(
            "three-countries",
            ["good"],
            processes=[
                Process("supply", country, {"good": 1.0}, unit_cost=choke, slope=1 / steepness,
                        form=Form.QUADRATIC)
                for country, (choke, steepness) in self.inverse_supply.items()
            ],
            uses=[
                Use.linear("good", country, intercept=choke / steepness, slope=1 / steepness)
                for country, (choke, steepness) in self.inverse_demand.items()
            ],
            routes=[
                Route.at_cost("good", a, b, self.freight[i][j])
                for i, a in enumerate(countries)
                for j, b in enumerate(countries)
                if a != b
            ],
        )  # fmt: skip

    def test_prices_exports_and_welfare(self, network):
        result = clear_network(network)
        prices = [result.prices["good", country] for country in self.inverse_demand]
        exports = [result.net_export("good", country) for country in self.inverse_demand]
        assert prices == pytest.approx([24, 27, 30], rel=1e-9)
        assert exports == pytest.approx([6, 3, -9], rel=1e-9)
        assert result.objective.welfare == pytest.approx(751.5, rel=1e-9)
        assert result.unique
        assert result.certificate.worst() < 1e-12

    def test_autarky(self, network):
        result = clear_network(replace(network, routes=()))
        prices = [result.prices["good", country] for country in self.inverse_demand]
        assert prices == pytest.approx([20, 23.4, 34.5], rel=1e-9)


class TestMexicanSteel:
    """Kendrick, Meeraus and Alatorre (1984); MEXSS, small static."""

    @pytest.fixture
    def result(self):
        return clear_network(SupplyNetwork.from_folder(DATA / "mexican-steel"))

    def test_cost_less_export_revenue(self, result):
        assert -result.objective.welfare == pytest.approx(538.8112, abs=5e-5)

    def test_demand_is_served(self, result):
        used = {use.region: q for use, q in zip(result.network.uses, result.quantity, strict=True)}
        assert sum(used[city] for city in ("mexico-df", "monterrey", "guadalaja")) == pytest.approx(
            5.209 * 1.4
        )
        assert used["export"] <= 1.0 + 1e-12

    def test_no_plant_runs_above_its_units(self, result):
        for process, activity in zip(result.network.processes, result.activity, strict=True):
            assert activity <= process.capacity + 1e-12

    def test_prices_of_a_degenerate_programme_are_not_called_unique(self, result):
        assert not result.unique

    def test_certificate(self, result):
        assert result.certificate.worst() < 1e-12
