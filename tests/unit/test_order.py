"""The order of minerals beside that of the USGS: known answers at both ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monazite.errors import InputError, UnknownCodeError
from monazite.indicators.rows import Band
from monazite.manifest import Manifest
from monazite.odds import CutChance
from monazite.reference import catalogue
from monazite.screening import Cut, Removal
from monazite.study.order import LARGE, TABLE, compare_order
from monazite.study.screening import CaseResult, PartnerResult, Screening, ScreenOrder

NAMED = [row for row in catalogue.load(TABLE) if row.text("commodities")]
CHANCE = CutChance(0.5, "user", "E", "", "")


def _band(value: float) -> Band:
    return Band.of(np.array([value]))


def _case(commodity: str, loss: float, region: str = "CHN") -> CaseResult:
    removal = Removal("chain", commodity, "ore", region, Cut.EXPORTS, 1.0, 1.0)
    return CaseResult(
        case=(removal,), rank=_band(1.0), loss=_band(loss), probability=0.5,
        expected=_band(0.5 * loss),
        partners={"USA": PartnerResult(_band(loss), _band(loss), None)},
        chances=(CHANCE,), beyond_parts=None, rationed=0.0,
    )  # fmt: skip


def _screening(*cases: CaseResult) -> Screening:
    order = ScreenOrder(partners=("USA",))
    return Screening(order, 1, cases, (), 0.0, Manifest("screen", {}, {}, ""))


def _ordered(losses: list[float]) -> Screening:
    """One supplier for each good of the list, the losses in its order."""
    codes = [row.text("commodities").split(";")[0] for row in NAMED]
    return _screening(*map(_case, codes, losses))


def test_the_same_order_correlates_fully_and_its_reverse_not_at_all() -> None:
    down = [float(1000 - place) for place in range(len(NAMED))]
    same, reverse = compare_order(_ordered(down)), compare_order(_ordered(down[::-1]))
    assert same.spearman == pytest.approx(1.0)
    assert reverse.spearman == pytest.approx(-1.0)
    assert same.large() == ()
    assert [row.name for row in same.rows] == [row.text("name") for row in NAMED]
    assert all(abs(row.difference) >= LARGE for row in reverse.large())


@settings(max_examples=20)
@given(st.permutations(range(len(NAMED))))
def test_it_is_the_formula_of_differences_where_nothing_ties(losses: list[int]) -> None:
    found = compare_order(_ordered([float(loss) for loss in losses]))
    count = len(found.rows)
    squares = sum(row.difference**2 for row in found.rows)
    assert found.spearman == pytest.approx(1 - 6 * squares / (count * (count**2 - 1)))


def test_suppliers_and_stages_are_added_up_and_weighed() -> None:
    found = compare_order(
        _screening(
            _case("tungsten", 10.0), _case("tungsten", 4.0, "RUS"), _case("tungsten-ore", 6.0),
            _case("graphite", 1.0), _case("tin", 2.0), _case("nobody-asked", 99.0),
        )
    )  # fmt: skip
    expected = {row.name: row.expected_musd for row in found.rows}
    assert expected == {"tungsten": 10.0, "graphite": 0.5, "tin": 1.0}


def test_every_mineral_is_compared_or_says_why_not() -> None:
    found = compare_order(_ordered([float(place) for place in range(len(NAMED))]))
    assert len(found.rows) + len(found.not_compared) == len(catalogue.load(TABLE))
    assert all(found.not_compared.values())


def test_equal_losses_have_no_order() -> None:
    with pytest.raises(InputError, match="all expected losses are equal"):
        compare_order(_ordered([1.0] * len(NAMED)))


def test_two_minerals_are_too_few() -> None:
    with pytest.raises(InputError, match="too few minerals"):
        compare_order(_screening(_case("tin", 1.0), _case("zinc", 1.0)))


def test_a_partner_that_was_not_asked_for() -> None:
    with pytest.raises(UnknownCodeError, match="partner"):
        compare_order(_screening(_case("tin", 1.0)), "JPN")
