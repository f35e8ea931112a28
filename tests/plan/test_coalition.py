"""What planning together is worth: together costs no more, and the gain divides as it should."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monazite.plan.assemble import Assembly
from monazite.plan.coalition import Promise, coalitions, gain_of, shapley
from monazite.plan.draws import Draws, Shock, draw
from monazite.plan.planner import Prepared
from plan.plan_factory import PARTNERS, REGIONS, STOCKED, alliance, planned

SHRINKING = {"growth": [{"rate": -0.3, "source": ["user"]}]}
GROWING = {"growth": [{"rate": 0.2, "source": ["user"]}]}
GROUNDS = {"calm": {}, "shrinking": SHRINKING, "growing": GROWING, "stock": STOCKED | GROWING}


def drawn(ready: Prepared, model, count: int = 3) -> Draws:
    """A shock to all that comes from the third region, and a spread of demand."""
    cut = {row.name: 0.2 for row in ready.model().activities if row.origin == "CCC"}
    for partner in ready.alliance.partners:
        cut |= {row.name: 0.2 for row in ready.model((partner,)).activities if row.origin == "CCC"}
    shock = Shock("cut", 0.3, (6.0, 12.0, 18.0), left=cut)
    return draw(model, (shock,), count=count, seed=1, demand=(0.9, 1.0, 1.2))


def cost_of(ready: Prepared, coalition: tuple[str, ...], weight: float = 0.5) -> float:
    model = ready.model(coalition)
    plan = planned(Assembly(model, drawn(ready, model), risk_weight=weight))
    return plan.solution.objective


class TestTogether:
    @settings(max_examples=8)
    @given(seed=st.integers(0, 500), ground=st.sampled_from(sorted(GROUNDS)))
    def test_a_joint_plan_costs_no_more_than_separate_ones(self, seed, ground):
        ready = alliance(seed, **GROUNDS[ground])
        apart = sum(cost_of(ready, (partner,)) for partner in PARTNERS)
        assert cost_of(ready, PARTNERS) <= apart + 1e-6 * abs(apart)

    @settings(max_examples=3)
    @given(seed=st.integers(0, 500))
    def test_nor_without_any_project(self, seed):
        ready = alliance(seed, has_plants=False)
        apart = sum(cost_of(ready, (partner,)) for partner in PARTNERS)
        assert cost_of(ready, PARTNERS) <= apart + 1e-6 * abs(apart)

    def test_three_partners_gain_at_least_what_two_of_them_do(self):
        ready = alliance(4, partners=REGIONS, thirds=())
        cost = {chosen: cost_of(ready, tuple(sorted(chosen))) for chosen in coalitions(REGIONS)}
        gain = gain_of(REGIONS, cost, cost)
        alone = gain.separate
        for pair in (chosen for chosen in cost if len(chosen) == 2):
            saved = sum(alone[name] for name in pair) - cost[pair]
            assert saved >= -1e-6 * cost[pair]
            assert gain.gain >= saved - 1e-6 * cost[pair]

    def test_what_is_owed_is_taken_and_paid_for(self):
        ready = alliance(0, **SHRINKING)
        for partner in PARTNERS:
            model = ready.model((partner,))
            plan = planned(Assembly(model, draw(model)))
            active = plan.assembly.columns("activity", plan.operations.activity)[0]
            owed = [
                k for k, row in enumerate(model.activities)
                if " bought by " in row.name and row.name.split(" from ")[1] in PARTNERS
            ]  # fmt: skip
            assert owed
            largest = np.stack([model.activities[k].largest for k in owed], axis=1)
            assert active[:, owed] == pytest.approx(largest)


class TestSameFuture:
    def test_a_plant_has_the_same_luck_whoever_plans(self):
        ready = alliance(3)
        joint = drawn(ready, ready.model(), count=20)
        names = [row.name for row in ready.model().candidates]
        for partner in PARTNERS:
            model = ready.model((partner,))
            alone = drawn(ready, model, count=20)
            for place, candidate in enumerate(model.candidates):
                there = joint.availability[:, names.index(candidate.name)]
                assert np.array_equal(alone.availability[:, place], there)
            assert np.array_equal(alone.demand, joint.demand)
            assert np.array_equal(alone.struck["cut"], joint.struck["cut"])

    def test_candidates_are_dealt_out_without_rest(self):
        ready = alliance(3)
        alone = [row.name for p in PARTNERS for row in ready.model((p,)).candidates]
        assert sorted(alone) == sorted(row.name for row in ready.model().candidates)


@cache
def _table(seed: int, players: int) -> dict[frozenset[str], float]:
    names = tuple("abcde"[:players])
    random = np.random.default_rng(seed)
    return {chosen: float(random.uniform(0, 10)) for chosen in coalitions(names)}


def _value(seed: int, players: int):
    table = _table(seed, players)
    return lambda chosen: table.get(chosen, 0.0)


games = {"seed": st.integers(0, 1000), "players": st.integers(1, 5)}


class TestShapley:
    @given(**games)
    def test_shares_add_up_to_the_gain(self, seed, players):
        names = tuple("abcde"[:players])
        worth = _value(seed, players)
        assert sum(shapley(names, worth).values()) == pytest.approx(worth(frozenset(names)))

    @given(**games)
    def test_order_of_names_does_not_matter(self, seed, players):
        names = tuple("abcde"[:players])
        worth = _value(seed, players)
        assert shapley(names[::-1], worth) == pytest.approx(shapley(names, worth))

    @given(**games)
    def test_who_adds_nothing_gets_nothing(self, seed, players):
        names = (*"abcde"[:players], "idle")
        worth = _value(seed, players)
        assert shapley(names, lambda c: worth(c - {"idle"}))["idle"] == pytest.approx(0, abs=1e-12)

    @given(**games)
    def test_who_add_the_same_get_the_same(self, seed, players):
        names = (*"abcde"[:players], "twin")

        def alike(chosen):
            return _value(seed, players)(frozenset("a" if n == "twin" else n for n in chosen))

        shares = shapley(names, alike)
        assert shares["a"] == pytest.approx(shares["twin"])

    @given(**games)
    def test_two_games_at_once_divide_as_each(self, seed, players):
        names = tuple("abcde"[:players])
        one, two = _value(seed, players), _value(seed + 1, players)
        both = shapley(names, lambda chosen: one(chosen) + two(chosen))
        apart = (shapley(names, one), shapley(names, two))
        assert both == pytest.approx({n: apart[0][n] + apart[1][n] for n in names})

    def test_two_partners_share_evenly(self):
        cost = {frozenset("a"): 10.0, frozenset("b"): 6.0, frozenset("ab"): 12.0}
        gain = gain_of(("a", "b"), cost, cost)
        assert (gain.gain, gain.low, gain.high) == (4.0, 4.0, 4.0)
        assert gain.shapley == {"a": 2.0, "b": 2.0}

    def test_bounds_hold_the_gain(self):
        cost = {frozenset("a"): 10.0, frozenset("b"): 6.0, frozenset("ab"): 12.0}
        bound = {chosen: amount - 0.5 for chosen, amount in cost.items()}
        gain = gain_of(("a", "b"), cost, bound, (Promise("t", 0.9, 0.7),))
        assert gain.low == 3.0
        assert gain.high == 4.5
        assert gain.promises == (Promise("t", 0.9, 0.7),)

    def test_every_coalition_is_there_once_small_ones_first(self):
        found = coalitions(("a", "b", "c"))
        assert len(set(found)) == len(found) == 7
        assert [len(chosen) for chosen in found] == [1, 1, 1, 2, 2, 2, 3]
