"""What every shipped candidate costs and how it may be paid for; the shipped example stands."""

from itertools import combinations
from pathlib import Path

import pytest

from monazite.plan.funding import PUBLIC_PLANT, UNAIDED, Funding
from monazite.plan.model import PlanningModel
from monazite.plan.planner import Prepared
from monazite.plan.programme import ProjectChoice, load
from monazite.plan.project import Projects
from monazite.reference.source import shipped_register
from monazite.study.plans import ground, prepared
from monazite.study.runs import chain

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "us-japan.toml"


@pytest.fixture(scope="module")
def ready() -> Prepared:
    programme = load(EXAMPLE)
    return prepared(programme, ground(programme))


@pytest.fixture(scope="module")
def funding() -> Funding:
    return Funding(Projects.read(), chain("rare-earths-2024"), ProjectChoice())


class TestShippedCandidates:
    def test_there_are_sixty_and_more(self, ready):
        assert len(ready.model().candidates) >= 60

    def test_each_costs_something_and_can_be_paid_for(self, ready):
        for row in ready.model().candidates:
            assert row.capital > 0, row.name
            assert row.packages, row.name

    def test_unaided_asks_for_no_public_money(self, ready):
        found = [p for row in ready.plants for p in row.packages if p.name == UNAIDED]
        assert found
        assert all(sum(map(abs, p.cash)) == 0 for p in found)

    def test_a_public_plant_pays_at_least_its_capital_by_the_end(self, ready):
        for row in ready.plants:
            for package in row.packages:
                if package.name == PUBLIC_PLANT:
                    assert sum(package.cash) >= 0.9 * row.capital
                    assert package.raises == 0.0

    def test_the_worst_twentieth_costs_no_less_than_is_expected(self, ready):
        for row in ready.plants:
            for package in row.packages:
                if package.tail:
                    assert sum(package.tail) >= sum(package.cash) - 1e-6, (row.name, package.name)

    @pytest.mark.parametrize(
        "coalition",
        [chosen for size in (1, 2) for chosen in combinations(("USA", "JPN"), size)],
        ids="+".join,
    )
    def test_every_coalition_has_feed_for_what_it_may_build(self, ready, coalition):
        # a candidate without feed is refused when the model is made
        model = ready.model(coalition)
        assert isinstance(model, PlanningModel)
        assert model.partners == coalition
        assert model.candidates

    def test_thirds_may_join(self, ready):
        for third in ready.programme.thirds:
            joined = ready.with_partners((*ready.programme.partners, third))
            own = {row.name for row in joined.model((third,)).candidates}
            assert own
            assert own <= {row.name for row in joined.model().candidates}


class TestCapital:
    def test_stated_costs_grow_by_what_such_projects_overran(self, funding):
        stated = next(
            rows for rows in funding.projects.plants().values()
            if any(row.capex for row in rows) and rows[0].plant in funding.capitals
        )  # fmt: skip
        growth = funding.projects.priors[stated[0].status].cost_growth
        value = funding.capitals[stated[0].plant].value
        assert funding.capital(stated) == pytest.approx(value * sum(growth) / 3)

    def test_a_case_sells_what_its_lines_make(self, funding):
        rows = next(
            rows for rows in funding.projects.plants().values()
            if rows[0].id in {row.id for row in funding.projects.candidates(funding.network)}
            and any(row.increment and row.processes for row in rows)
        )  # fmt: skip
        case = funding.case(rows, 100.0)
        assert case.output
        assert all(amount > 0 for amount in case.output.values())
        assert case.unit_cost >= 0


class TestExample:
    def test_it_is_read_and_names_sources_that_the_register_knows(self, ready):
        programme = ready.programme
        sources = shipped_register()
        rows = (
            *programme.growth, *programme.budgets, *programme.shocks,
            *programme.access.contracts, *programme.access.ended,
        )  # fmt: skip
        named = {name for row in rows for name in row.source}
        assert named - {"assumed", "user"} <= set(sources)
        assert named

    def test_what_is_assumed_says_why(self, ready):
        programme = ready.programme
        for row in (*programme.growth, *programme.budgets, *programme.shocks):
            assert row.note

    def test_its_targets_can_be_asked_of_the_chain(self, ready):
        targets = ready.model().targets
        assert {row.partner for row in targets} == {"USA", "JPN"}
        assert all(row.steps and row.commodities for row in targets)
