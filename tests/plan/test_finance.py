"""What supported projects are worth and cost: known answers, the cheapest support, real deals."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import InputError, UnknownCodeError
from monazite.plan.cashflow import Financing, ProjectCase
from monazite.plan.deal import (
    dollar_year,
    implied_prices,
    standard_process,
    standard_terms,
    worked_case,
    worked_cases,
    yearly_payout,
)
from monazite.plan.finance import assess, rates_of_return, tail_mean
from monazite.plan.instrument import (
    ConcessionalLoan,
    ContractForDifference,
    FloorContract,
    Grant,
    LoanGuarantee,
    ProductionTaxCredit,
)
from monazite.plan.pricepath import PricePaths, Timeline, fixed_paths, reverting_paths
from monazite.plan.support import Bankability, Centre, cheapest_mix, support_packages
from monazite.reference.catalogue import load

GOOD = "NdPr-oxide"
PLAIN = ProjectCase(
    name="invented",
    capital=(100.0,),
    capacity=1000.0,
    output={GOOD: 1000.0},
    unit_cost=50.0,
    decision=2026.0,
    life=10.0,
)
LENT = replace(PLAIN, life=20.0, financing=Financing(debt_share=0.5, debt_rate=0.05, tenor=10.0))


def drawn(case: ProjectCase, anchor: float = 65.0, paths: int = 64) -> PricePaths:
    return reverting_paths(case.timeline(), {GOOD: standard_process(anchor)}, paths=paths)


def flat(case: ProjectCase, *prices: float) -> PricePaths:
    return fixed_paths(case.timeline(), {GOOD: prices})


# -- known answers -----------------------------------------------------------------------------


@given(st.floats(-0.3, 2.0), st.integers(2, 30))
def test_the_return_of_an_annuity_is_its_rate(rate: float, years: int) -> None:
    timeline = Timeline(2026, years + 1)
    annuity = sum((1 + rate) ** -year for year in range(1, years + 1))
    cash = np.array([[-100.0, *[100.0 / annuity] * years]])
    assert rates_of_return(cash, timeline)[0] == pytest.approx(rate, abs=1e-8)


@pytest.mark.parametrize("cash", [[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0], [-100.0, 230.0, -132.0]])
def test_a_return_that_is_not_defined_is_none(cash: list[float]) -> None:
    assert rates_of_return(np.array([cash]), Timeline(2026, len(cash))) == (None,)


def test_a_loan_costs_the_annuity_of_the_textbook() -> None:
    """50 at 5 % over ten years, first paid a year and a half after it is drawn on average."""
    case = replace(LENT, financing=Financing(0.5, 0.05, tenor=10.0, grace=0.0, reserve_months=0.0))
    settled = assess(case, flat(case, 80.0)).settlement
    payment = 50 * 0.05 / (1 - 1.05**-10)
    assert settled.due[1:11] == pytest.approx(payment)
    assert settled.due[11:].max() == 0
    assert assess(case, flat(case, 80.0)).low_ratio() == pytest.approx(30 / payment)


def test_a_reserve_comes_back_and_carries_a_bad_year() -> None:
    case = replace(LENT, life=12.0, financing=Financing(0.5, 0.05, 10.0, 1.0, reserve_months=12.0))
    prices = np.full((1, case.timeline().periods, 1), 80.0)
    prices[0, 5] = 45.0
    paths = PricePaths(case.timeline(), (GOOD,), prices, 2024, "one bad year")
    finance = assess(case, paths)
    assert finance.default_share == 0
    assert finance.settlement.reserve.sum() == pytest.approx(0.0)
    bare = replace(case, financing=replace(case.financing, reserve_months=0.0))
    assert assess(bare, paths).default_share == 1


def test_a_grant_of_the_gap_closes_the_gap() -> None:
    poor = flat(PLAIN, 62.0)
    gap = float(assess(PLAIN, poor).private_npv[0])
    worth = PLAIN.timeline().discount(PLAIN.hurdle)[0]
    assert gap < 0
    granted = assess(PLAIN, poor, (Grant(amount=-gap / worth),))
    assert granted.private_npv[0] == pytest.approx(0.0, abs=1e-9)
    assert granted.returns()[0] == pytest.approx(PLAIN.hurdle)


def test_private_money_is_what_public_money_leaves() -> None:
    finance = assess(LENT, flat(LENT, 80.0), (Grant(amount=20.0),))
    assert finance.raised_per_public == pytest.approx(80 / 20)
    assert assess(LENT, flat(LENT, 80.0)).raised_per_public is None


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=50), st.floats(0.0, 0.999))
def test_the_tail_lies_between_the_mean_and_the_worst(values: list[float], level: float) -> None:
    costs = np.array(values)
    assert tail_mean(costs, 0.0) == pytest.approx(costs.mean(), abs=1e-9)
    assert costs.mean() - 1e-9 <= tail_mean(costs, level) <= costs.max() + 1e-9
    assert tail_mean(costs, 1.0) == pytest.approx(costs.max())


def test_the_report_is_plain_data_whose_lines_add_up() -> None:
    mix = (Grant(amount=10.0), FloorContract(product=GOOD, price=70.0), LoanGuarantee(share=0.5))
    report = assess(LENT, drawn(LENT), mix).as_dict()
    json.dumps(report, allow_nan=False)
    assert sum(report["by_instrument"].values()) == pytest.approx(report["public_cost"]["mean"])
    assert report["public_cost"]["tail_mean"] >= report["public_cost"]["mean"]
    assert len(report["expected_cash"]) == len(report["years"]) == LENT.timeline().years


def test_quarters_tell_about_the_same_as_years() -> None:
    year = assess(LENT, fixed_paths(LENT.timeline(), {GOOD: [80.0]}))
    quarter = assess(LENT, fixed_paths(LENT.timeline(4), {GOOD: [80.0]}))
    assert quarter.private_npv[0] == pytest.approx(year.private_npv[0], rel=0.01)


# -- the least support -------------------------------------------------------------------------

MENU = (
    Grant(amount=100.0),
    ConcessionalLoan(amount=50.0, rate=0.0, tenor=12.0),
    FloorContract(product=GOOD, price=120.0),
    ContractForDifference(product=GOOD, price=120.0, ceiling=130.0, upside_share=0.5),
    ProductionTaxCredit(product=GOOD, per_kg=40.0),
)


@pytest.mark.parametrize("centre", list(Centre))
@pytest.mark.parametrize("sizes_debt", [False, True])
def test_the_cheapest_mix_is_enough_and_no_more(centre: Centre, sizes_debt: bool) -> None:
    test = Bankability(cover=1.0, centre=centre, sizes_debt=sizes_debt)
    mix = cheapest_mix(LENT, drawn(LENT, 60.0), MENU, test)
    assert mix.is_bankable
    assert mix.is_tight
    assert mix.instruments
    known = [attempt.cost for attempt in mix.attempts if attempt.cost is not None]
    assert mix.finance.expected_cost == pytest.approx(min(known))


def test_a_project_that_needs_nothing_gets_nothing() -> None:
    mix = cheapest_mix(LENT, drawn(LENT, 200.0), MENU)
    assert mix.instruments == ()
    assert mix.is_tight
    assert [item.name for item in support_packages(LENT, drawn(LENT, 200.0))] == ["none"]


def test_a_menu_that_is_too_small_says_so() -> None:
    with pytest.raises(InputError, match="nothing on the menu"):
        cheapest_mix(LENT, drawn(LENT, 40.0), (Grant(amount=1.0),))


def test_a_longer_menu_is_never_dearer() -> None:
    paths = drawn(LENT, 60.0)
    test = Bankability(sizes_debt=True)
    costs = [
        cheapest_mix(LENT, paths, MENU[:count], test).finance.expected_cost for count in (1, 3, 5)
    ]
    assert costs == sorted(costs, reverse=True)


def test_a_harder_test_never_costs_less() -> None:
    paths, grant = drawn(LENT, 60.0), MENU[:1]
    costs = [
        cheapest_mix(
            replace(LENT, hurdle=hurdle), paths, grant, Bankability(sizes_debt=True)
        ).finance.expected_cost
        for hurdle in (0.08, 0.10, 0.15)
    ]
    assert costs == sorted(costs)


def test_a_test_that_cannot_be_raises() -> None:
    with pytest.raises(InputError, match="cover of -1"):
        Bankability(cover=-1.0)


def test_every_package_makes_the_project_bankable_and_says_when_it_is_paid() -> None:
    case = replace(LENT, decision=2028.0)
    paths = reverting_paths(Timeline(2026, 25), {GOOD: standard_process(60.0)}, paths=64)
    packages = support_packages(case, paths)
    assert [item.name for item in packages][:1] == ["grant"]
    for package in packages:
        finance = assess(case, paths, package.instruments)
        assert package.cash == pytest.approx(finance.cash[:, 2:].mean(axis=0))
        assert finance.private_npv.mean() >= -1e-6 or case.financing.debt_share > 0
        assert package.cost_tail >= package.cost - 1e-9
        assert len(package.tail) == len(package.cash)
    by_name = {item.name: item for item in packages}
    assert by_name["grant"].cash[0] == pytest.approx(by_name["grant"].instruments[0].sized)


def test_packages_of_a_project_take_little_time() -> None:
    paths = drawn(LENT, 60.0)
    support_packages(LENT, paths)
    start = time.perf_counter()
    support_packages(LENT, paths)
    assert time.perf_counter() - start < 0.5


def test_no_money_makes_a_plant_bankable_that_loses_on_every_tonne() -> None:
    case = replace(LENT, unit_cost=400.0)
    assert support_packages(case, drawn(case, 60.0)) == ()


# -- real deals --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mp-mountain-pass", "mp-10x", "jare-lynas"])
def test_a_real_deal_is_settled_without_loss(name: str) -> None:
    worked = worked_case(name)
    settled = assess(worked.case, worked.paths(60), worked.instruments).settlement
    assert settled.private + settled.public == pytest.approx(settled.before_support, abs=1e-8)
    assert dollar_year(worked.rows, where=name) == worked.case.money_year


def test_the_floor_of_mp_materials_pays_what_simple_arithmetic_says() -> None:
    floor = worked_case("mp-mountain-pass").instruments[0]
    assert isinstance(floor, ContractForDifference)
    payouts = [yearly_payout(floor, price, 4000.0) for price in (60.0, 80.0, 100.0, 120.0)]
    assert payouts == pytest.approx([200.0, 120.0, 40.0, -12.0])


def test_the_settled_floor_pays_the_same_where_no_money_erodes() -> None:
    worked = worked_case("mp-mountain-pass")
    floor = replace(worked.instruments[0], inflation=0.0)
    levels = (60.0, 80.0, 100.0, 120.0)
    paths = fixed_paths(worked.timeline, {GOOD: levels}, money_year=2025)
    lines = assess(worked.case, paths, (floor,)).settlement.lines
    years = worked.timeline.by_year(-lines[floor.name])
    assert years[:, 0] == pytest.approx([200.0, 120.0, 40.0, 0.0])
    assert years[:, 5] == pytest.approx([200.0, 120.0, 40.0, -12.0])
    assert years[:, 9] == pytest.approx([150.0, 90.0, 30.0, -9.0])
    assert np.abs(years[:, 10:]).max() == 0


def test_the_first_payment_fits_the_tonnes_sold_and_in_stock() -> None:
    implied = {item.basis: item for item in implied_prices()}
    stocked = implied["made, and in stock before"]
    assert stocked.tonnes == 718 + (2599 - 718) - (1994 - 562)
    assert stocked.price == pytest.approx(110 - 51_000 / 1167)
    mean_2025 = 69.0
    assert abs(stocked.price - mean_2025) < 5
    assert implied["made"].price < 40
    assert implied["sold"].price < 20


def test_the_floor_of_lynas_returns_at_most_its_cap() -> None:
    floor = worked_case("jare-lynas").instruments[0]
    assert isinstance(floor, ContractForDifference)
    payouts = [yearly_payout(floor, price, 6558.0) for price in (100.0, 130.0, 152.0, 300.0)]
    assert payouts == pytest.approx([50.0, 0.0, -3.0, -10.0])


def test_the_public_cost_of_the_floor_is_uncertain_and_falls_with_its_height() -> None:
    worked = worked_case("mp-mountain-pass")
    floor = worked.instruments[0]
    paths = worked.paths(400)
    full = assess(worked.case, paths, (floor,))
    low = assess(worked.case, paths, (replace(floor, price=90.0),))
    assert low.expected_cost < full.expected_cost
    assert full.cost_tail > 1.5 * full.expected_cost > 0


def test_every_shipped_term_has_a_reason() -> None:
    for table in ("plan/instrument_terms", "plan/finance_cases"):
        for row in load(table):
            assert row.grade != "E" or row.note.startswith("assumed: ")
    assert set(worked_cases()) < set(load("plan/finance_cases").column("case"))


def test_unknown_deals_and_mixed_dollars_raise() -> None:
    with pytest.raises(UnknownCodeError, match="did you mean mp-10x"):
        worked_case("mp-10")
    rows = (*worked_case("mp-10x").rows, *worked_case("jare-lynas").rows)
    with pytest.raises(InputError, match="2025 and 2026"):
        dollar_year(rows, where="both")
    with pytest.raises(UnknownCodeError):
        implied_prices(period="2031-Q1")
    assert standard_terms(2026).money_year == 2026
