"""Rows of a project table as plants: lines joined, ramps, odds, offtake, who may be chosen."""

from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import UnknownCodeError
from monazite.plan.model import Package
from monazite.plan.plants import plants, ramp
from monazite.plan.programme import ProjectChoice
from monazite.plan.project import Projects
from monazite.study.runs import chain


@cache
def _table() -> Projects:
    return Projects.read()


def made(choice: ProjectChoice | None = None, **rest):
    usual = {"capital": lambda lines: 100.0 * len(lines)}
    return plants(_table(), chain("rare-earths-2024"), choice or ProjectChoice(), **(usual | rest))


@pytest.fixture(scope="module")
def every():
    return made()


class TestShippedTable:
    def test_there_are_sixty_candidates_and_more(self, every):
        assert sum(not row.is_committed for row in every) >= 60

    def test_committed_plants_are_no_choice_and_cost_nothing(self, every):
        coming = [row for row in every if row.is_committed]
        assert coming
        assert {row.capital for row in coming} == {0.0}
        assert {row.packages for row in coming} == {()}

    def test_names_are_given_once(self, every):
        assert max(Counter(row.name for row in every).values()) == 1

    def test_every_plant_stands_on_the_network_and_makes_something(self, every):
        regions = chain("rare-earths-2024").regions()
        for row in every:
            assert row.region in regions
            assert row.lines
            for line in row.lines:
                assert line.size > 0
                assert max(line.recipe.values()) > 0

    def test_odds_and_slips_are_those_of_a_chance(self, every):
        for row in every:
            assert 0 <= row.success <= 1
            assert list(row.delay) == sorted(row.delay)
            assert list(row.ramp) == sorted(row.ramp)
            assert row.ramp[-1] == 1.0
            assert all(0 <= share <= 1 for share in row.offtake.values())

    def test_phases_come_after_plants_that_are_choices(self, every):
        choices = {row.name for row in every if not row.is_committed}
        assert all(set(row.after) <= choices - {row.name} for row in every)

    def test_without_slippage_everything_comes_on_time(self):
        calm = made(slippage=False)
        assert {row.success for row in calm} == {1.0}
        assert {row.delay for row in calm} == {(0.0, 0.0, 0.0)}


class TestChoice:
    def test_only_what_is_named_may_be_chosen(self, every):
        name = next(row.name for row in every if not row.is_committed)
        some = made(ProjectChoice(only=(name,)))
        assert {row.name for row in some if not row.is_committed} == {name}
        assert sum(row.is_committed for row in some) == sum(row.is_committed for row in every)

    def test_what_is_excluded_is_not(self, every):
        name = next(row.name for row in every if not row.is_committed)
        rest = made(ProjectChoice(exclude=(name,)))
        assert len(rest) == len(every) - 1

    @pytest.mark.parametrize("key", ["only", "exclude"])
    def test_an_unknown_project_is_refused_with_the_nearest(self, key):
        with pytest.raises(UnknownCodeError, match=f"projects {key}"):
            made(ProjectChoice(**{key: ("no-such-project",)}))

    def test_ways_to_pay_are_asked_for_choices_only(self):
        asked = []

        def ways(lines, capital):
            asked.append((lines[0].plant, capital))
            return (Package("grant", (capital,)),)

        found = made(packages=ways)
        paid = {row.name for row in found if row.packages}
        assert paid == {name for name, _capital in asked}
        assert all(not row.is_committed for row in found if row.packages)


@given(years=st.integers(0, 12))
def test_a_ramp_rises_evenly_to_full_output(years):
    shares = ramp(years)
    assert len(shares) == years + 1
    assert shares[-1] == 1.0
    assert shares == pytest.approx([(k + 1) / (years + 1) for k in range(years + 1)])
