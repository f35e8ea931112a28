"""Draws: the same future for the same seed, whatever else a model holds; states stand apart."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.plan.draws import CALM, N_MINUS_1, Shock, decision_times, draw, on_time, running
from monazite.plan.model import Committed
from plan.plan_factory import BAN, FIRST, IMPORT, one_good, plant, random_model, steps, target

COMING = Committed("coming", 10.0, FIRST, (0.5, 1.0), 0.6, (0.0, 0.5, 2.0), "coming")


def with_plant_under_way(model):
    mill = replace(model.capacities[0], committed=(COMING,))
    return replace(model, capacities=(mill,))


class TestSeed:
    def test_same_seed_same_draws(self):
        model = with_plant_under_way(one_good(years=5))
        one, two = (draw(model, (BAN,), count=20, seed=3, demand=(0.8, 1, 1.3)) for _ in range(2))
        for name in ("demand", "capacity", "availability"):
            assert np.array_equal(getattr(one, name), getattr(two, name))
        assert np.array_equal(one.activity[IMPORT], two.activity[IMPORT])

    def test_another_seed_other_draws(self):
        one, two = (draw(one_good(years=5), (BAN,), count=50, seed=seed) for seed in (1, 2))
        assert not np.array_equal(one.struck["ban"], two.struck["ban"])

    def test_a_plant_meets_the_same_luck_beside_any_other(self):
        risky = plant(success=0.5, delay=(0.0, 1.0, 3.0))
        alone = draw(one_good(candidates=(risky,)), count=40, seed=1)
        others = (plant("first", success=0.1), risky, plant("last", success=0.9))
        among = draw(one_good(candidates=others), count=40, seed=1)
        assert np.array_equal(alone.availability[:, 0], among.availability[:, 1])

    def test_two_plants_have_a_luck_each(self):
        pair = tuple(plant(name, success=0.5) for name in ("plant one", "plant two"))
        drawn = draw(one_good(candidates=pair), count=200, seed=1)
        comes = drawn.availability[:, :, 0, -1]
        assert 0.3 < (comes[:, 0] == comes[:, 1]).mean() < 0.7

    def test_a_shock_strikes_the_same_beside_any_other(self):
        other = Shock("storm", 0.9, (1.0, 2.0, 3.0))
        alone = draw(one_good(years=6), (BAN,), count=30, seed=1)
        both = draw(one_good(years=6), (other, BAN), count=30, seed=1)
        assert np.array_equal(alone.struck["ban"], both.struck["ban"])


class TestShocks:
    def test_no_chance_no_shock(self):
        never = replace(BAN, probability=0.0)
        drawn = draw(one_good(years=8), (never,), count=50)
        assert np.all(drawn.struck["ban"] == 0)
        assert np.all(drawn.activity[IMPORT] == 1)

    def test_a_shock_begins_as_often_as_it_says(self):
        short = Shock("short", 0.3, (1.0, 1.0, 1.0))
        struck = draw(one_good(years=1), (short,), count=20_000, seed=1).struck["short"]
        assert (struck > 0).mean() == pytest.approx(0.3, abs=0.012)

    @given(seed=st.integers(0, 500), left=st.floats(0, 1))
    def test_less_left_leaves_less(self, seed, left):
        model = one_good(years=4)
        some, none = (
            draw(model, (replace(BAN, left={IMPORT: share}),), count=5, seed=seed)
            for share in (left, 0.0)
        )
        assert np.all(none.activity[IMPORT] <= some.activity[IMPORT] + 1e-12)
        assert np.all((none.activity[IMPORT] >= 0) & (some.activity[IMPORT] <= 1))

    def test_what_is_left_is_the_share_while_it_lasts(self):
        drawn = draw(one_good(years=5), (BAN,), count=30, seed=2)
        assert drawn.activity[IMPORT] == pytest.approx(1.0 - 0.9 * drawn.struck["ban"])

    def test_two_shocks_at_once_multiply(self):
        second = Shock("second", 0.5, (12.0, 12.0, 12.0), left={IMPORT: 0.5})
        both = draw(one_good(years=4), (BAN, second), count=40, seed=1)
        one, two = (draw(one_good(years=4), (shock,), count=40, seed=1) for shock in (BAN, second))
        assert both.activity[IMPORT] == pytest.approx(one.activity[IMPORT] * two.activity[IMPORT])

    def test_a_struck_plant_has_what_the_shock_leaves(self):
        quake = Shock("quake", 1.0, (600.0,) * 3, left_of_capacity={"mill in AAA": 0.25})
        drawn = draw(one_good(years=3), (quake,), count=3, seed=1)
        assert drawn.capacity[:, 0, 1:] == pytest.approx(5.0)


class TestDemand:
    def test_spread_is_reached_in_a_straight_line(self):
        drawn = draw(one_good(years=5), count=10, demand=(1.5, 1.5, 1.5))
        assert drawn.demand[0] == pytest.approx([1.0, 1.125, 1.25, 1.375, 1.5])

    def test_it_stays_between_its_ends(self):
        last = draw(one_good(years=3), count=200, demand=(0.8, 1.0, 1.4)).demand[:, -1]
        assert np.all((last >= 0.8) & (last <= 1.4))
        assert last.mean() == pytest.approx((0.8 + 1.0 + 1.4) / 3, abs=0.03)


class TestPlants:
    def test_a_ramp_is_climbed_year_by_year(self):
        share = running(steps(5), np.array(FIRST + 1.0), (0.25, 0.5, 1.0))
        assert share == pytest.approx([0.0, 0.25, 0.5, 1.0, 1.0])

    def test_half_a_year_late_is_half_a_year_less(self):
        share = running(steps(3), np.array(FIRST + 0.5), (1.0,))
        assert share == pytest.approx([0.5, 1.0, 1.0])

    def test_it_ends_with_its_life(self):
        share = running(steps(5), np.array(float(FIRST)), (1.0,), life=2.5)
        assert share == pytest.approx([1.0, 1.0, 0.5, 0.0, 0.0])

    def test_on_time_is_the_draw_without_chance(self):
        model = one_good(years=5, candidates=(plant(build=2, ramp=(0.5, 1.0), life=2.0),))
        assert np.array_equal(on_time(model, model.candidates[0]), draw(model).availability[0, 0])

    def test_a_decision_is_taken_at_the_beginning_of_its_year(self):
        assert np.array_equal(decision_times(one_good(years=3)), [2026.0, 2027.0, 2028.0])

    def test_it_comes_as_often_as_its_odds(self):
        model = one_good(years=1, candidates=(plant(success=0.35),))
        comes = draw(model, count=20_000, seed=4).availability[:, 0, 0, 0]
        assert comes.mean() == pytest.approx(0.35, abs=0.015)

    def test_parts_of_a_plant_share_their_luck(self):
        part = replace(COMING, name="other part")
        model = one_good(years=4)
        first = replace(model.capacities[0], committed=(COMING,))
        second = replace(first, name="other", committed=(part,))
        there = draw(replace(model, capacities=(first, second)), count=50, seed=1).capacity
        assert np.array_equal(there[:, 0], there[:, 1])

    def test_nothing_comes_before_its_year(self):
        late = replace(COMING, start=FIRST + 2)
        model = one_good(years=4)
        mill = replace(model.capacities[0], committed=(late,))
        there = draw(replace(model, capacities=(mill,)), count=50, seed=1).capacity[:, 0]
        assert np.all(there[:, :2] == 20.0)
        assert np.all((there >= 20.0) & (there <= 30.0))


class TestStates:
    def test_without_a_target_there_is_no_state(self):
        assert draw(one_good(), count=4).states == ()

    def test_every_state_has_a_row_for_each_of_its_steps(self):
        model = one_good(targets=(target(share=0.5, steps=(1, 2)), target(state="n-1", share=0.4)))
        drawn = draw(model, count=4, states={N_MINUS_1: {IMPORT: 0.0}})
        assert drawn.states == ((CALM, 1), (CALM, 2), (N_MINUS_1, 2))
        assert drawn.count == 4
        assert np.array_equal(drawn.drawn, [True] * 4 + [False] * 3)
        assert drawn.row_of(N_MINUS_1, 2) == 6
        assert drawn.activity[IMPORT][6] == pytest.approx(0.0)
        assert drawn.activity[IMPORT][:6] == pytest.approx(1.0)

    def test_a_state_is_about_its_one_step(self):
        drawn = draw(one_good(targets=(target(share=0.5),)), count=2)
        assert np.array_equal(drawn.alive[-1], [False, False, True])
        assert drawn.alive[:2].all()

    def test_a_state_sees_no_shock(self):
        drawn = draw(one_good(targets=(target(share=0.5),)), (BAN,), count=30, seed=1)
        assert np.all(drawn.struck["ban"][30:] == 0)
        assert np.all(drawn.activity[IMPORT][30:] == 1)

    def test_a_state_has_what_is_expected_of_plants(self):
        model = with_plant_under_way(
            one_good(years=3, candidates=(plant(success=0.4),), targets=(target(share=0.5),))
        )
        drawn = draw(model, count=60, seed=1)
        mean = drawn.availability[:60].mean(axis=0)
        assert drawn.availability[60] == pytest.approx(mean)
        assert drawn.capacity[60] == pytest.approx(drawn.capacity[:60].mean(axis=0))


@given(seed=st.integers(0, 1000), count=st.integers(1, 6))
def test_probabilities_add_up_and_shares_are_shares(seed, count):
    drawn = draw(random_model(seed), (BAN,), count=count, seed=seed)
    assert drawn.weight[drawn.drawn].sum() == pytest.approx(1.0, abs=1e-12)
    assert np.all((drawn.availability >= 0) & (drawn.availability <= 1))
    assert np.all((drawn.struck["ban"] >= 0) & (drawn.struck["ban"] <= 1))
