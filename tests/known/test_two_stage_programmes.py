"""Published two-stage programmes, put in as data only, give their published answers."""

import numpy as np
import pytest

from monazite.plan.decompose import SearchOutcome, solve
from monazite.plan.extensive import solve_extensive
from monazite.plan.values import value_of_information
from two_stage_factory import farmer, lands, losses

SOLVERS = pytest.mark.parametrize("solver", [solve, solve_extensive])


class TestFarmer:
    """Birge and Louveaux (1997), Introduction to Stochastic Programming, section 1.1."""

    @SOLVERS
    def test_plan(self, solver):
        solution = solver(farmer(), gap=0.0)
        assert solution.status is SearchOutcome.OPTIMAL
        assert solution.objective == pytest.approx(-108390, rel=1e-9)
        assert solution.bound == pytest.approx(-108390, rel=1e-9)
        assert solution.x == pytest.approx([170, 80, 250], rel=1e-6)

    def test_values(self):
        problem = farmer()
        values = value_of_information(problem, solve(problem, gap=0.0), gap=0.0)
        assert values.with_foresight == pytest.approx(-115405.5556, rel=1e-9)
        assert values.of_mean_plan == pytest.approx(-107240, rel=1e-9)
        assert values.evpi == pytest.approx(7015.5556, rel=1e-8)
        assert values.vss == pytest.approx(1150, rel=1e-9)


class TestPlantInvestment:
    """Louveaux and Smeers (1988); LandS."""

    @SOLVERS
    def test_plan(self, solver):
        solution = solver(lands(), gap=0.0)
        assert solution.objective == pytest.approx(381.8533, abs=5e-5)
        assert solution.x == pytest.approx([8 / 3, 4, 10 / 3, 2], rel=1e-6)


class TestConditionalValueAtRisk:
    """Costs 10, 20, 30, 40, equally likely, level 0.6: mean 25, value at risk 30, tail 36.25."""

    @SOLVERS
    @pytest.mark.parametrize(("level", "expected"), [(0.0, 25.0), (0.6, 36.25), (0.999, 40.0)])
    def test_measure(self, solver, level, expected):
        problem = losses([10, 20, 30, 40], np.full(4, 0.25), level=level)
        assert solver(problem, gap=0.0).objective == pytest.approx(expected, rel=1e-9)

    @SOLVERS
    def test_value_at_risk(self, solver):
        problem = losses([10, 20, 30, 40], np.full(4, 0.25), level=0.6)
        assert solver(problem, gap=0.0).value_at_risk == pytest.approx(30, rel=1e-9)
