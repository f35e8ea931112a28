"""Planning models: what cannot be is refused, and figures mean what they say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import InputError, NetworkError, UnknownCodeError
from monazite.plan.model import BuildCandidate, BuildLimit, JointLimit, Segment, Stockpile
from plan.plan_factory import GOOD, one_good, plant, same

FAULTS = (
    ("adds to no capacity", {"adds": {}}),
    ("adds nothing", {"adds": {"mill in AAA": 0.0}}),
    ("largest size is below its smallest", {"smallest": 2.0}),
    ("needs a largest size", {"largest": math.inf}),
    ("not its largest size", {"largest": 3.0, "segments": (Segment(2.0, 1.0),)}),
    (
        "cheaper than an earlier one",
        {"largest": 3.0, "segments": (Segment(2.0, 5.0), Segment(1.0, 1.0))},
    ),
    ("not between 0 and 1", {"success": 1.2}),
    ("delays are not in order", {"delay": (1.0, 0.0, 2.0)}),
    ("latest year is before", {"earliest": 2030, "latest": 2029}),
)


class TestCandidate:
    @pytest.mark.parametrize(("fault", "changes"), FAULTS)
    def test_what_cannot_be_is_refused_by_name(self, fault, changes):
        with pytest.raises(InputError, match=fault) as caught:
            plant("mine", **changes)
        assert "candidate mine" in str(caught.value)

    def test_a_free_size_may_have_no_end(self):
        free = BuildCandidate(
            "free", {"mill": 1.0}, unit_capital=2.0, smallest=0.0, largest=math.inf
        )
        assert free.is_sized
        assert free.capital_of(7.0) == 14.0

    def test_a_fixed_size_costs_its_capital(self):
        assert plant(capital=100.0).capital_of(1.0) == 100.0

    @given(size=st.floats(0.0, 60.0))
    def test_a_size_is_paid_for_cheapest_part_first(self, size):
        parts = (Segment(10.0, 1.0), Segment(20.0, 2.0), Segment(30.0, 5.0))
        sized = plant(capital=7.0, smallest=0.0, largest=60.0, segments=parts)
        paid = np.interp(size, [0.0, 10.0, 30.0, 60.0], [7.0, 17.0, 57.0, 207.0])
        assert sized.capital_of(size) == pytest.approx(paid, rel=1e-12)


class TestPlanningModel:
    def test_years_are_those_of_its_steps(self):
        assert one_good(years=3).years == (2026, 2027, 2028)

    def test_two_of_one_name_are_refused(self):
        with pytest.raises(NetworkError, match="candidates called the same: plant"):
            one_good(candidates=(plant(), plant()))

    def test_an_activity_in_an_unknown_market_is_refused(self):
        model = one_good()
        stray = replace(model.activities[0], balance={("godo", "AAA"): 1.0})
        with pytest.raises(UnknownCodeError, match=r"godo in AAA.*did you mean good in AAA"):
            replace(model, activities=(stray,))

    def test_an_activity_on_an_unknown_capacity_is_refused(self):
        model = one_good()
        stray = replace(model.activities[1], uses={"mil in AAA": 1.0})
        with pytest.raises(UnknownCodeError, match="mill in AAA"):
            replace(model, activities=(stray,))

    def test_an_activity_of_an_unknown_limit_is_refused(self):
        model = one_good(limits=(JointLimit("water", same(1.0, 3)),))
        stray = replace(model.activities[1], limits={"watr": 1.0})
        with pytest.raises(UnknownCodeError, match="water"):
            replace(model, activities=(stray,))

    def test_a_candidate_for_an_unknown_capacity_is_refused(self):
        with pytest.raises(UnknownCodeError, match="candidate plant"):
            one_good(candidates=(plant(adds={"mill in BBB": 1.0}),))

    def test_a_limit_on_an_unknown_candidate_is_refused(self):
        with pytest.raises(UnknownCodeError, match="limit room"):
            one_good(build_limits=(BuildLimit("room", {"plnt": 1.0}, 1.0),))

    def test_a_store_is_called_after_good_and_place(self):
        assert Stockpile(GOOD, "AAA", 1.0, 0.0, 0.0, 0.0).name == "good in AAA"
