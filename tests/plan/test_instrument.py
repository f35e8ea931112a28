"""Every instrument: a transfer to the last cent, its limits, and terms that cannot be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import InputError, UnknownCodeError
from monazite.newton import FloatArray
from monazite.plan.cashflow import Financing, ProfitTax, ProjectCase
from monazite.plan.finance import assess, settle, supported
from monazite.plan.instrument import (
    INSTRUMENTS,
    ConcessionalLoan,
    ContractForDifference,
    EarningsGuarantee,
    FasterPermit,
    FloorContract,
    Grant,
    LoanGuarantee,
    LossInsurance,
    OfftakeContract,
    ProductionTaxCredit,
    PublicEquity,
    SupportInstrument,
    make_instrument,
)
from monazite.plan.pricepath import PricePaths, PriceProcess, fixed_paths, reverting_paths

GOOD = "NdPr-oxide"
CASE = ProjectCase(
    name="invented",
    capital=(60.0, 40.0),
    capacity=1000.0,
    output={GOOD: 1000.0},
    unit_cost=55.0,
    decision=2026.0,
    permit=1.0,
    ramp=(0.5, 1.0),
    life=15.0,
    financing=Financing(debt_share=0.6, debt_rate=0.06, tenor=8.0),
)
ONE_OF_EACH: tuple[SupportInstrument, ...] = (
    Grant(amount=20.0),
    ConcessionalLoan(amount=15.0, rate=0.01, tenor=10.0),
    LoanGuarantee(share=0.8, fee=0.01, relief=0.02),
    PublicEquity(amount=10.0, ownership=0.2),
    OfftakeContract(product=GOOD, price=75.0, quantity=200.0),
    FloorContract(product=GOOD, price=80.0, quantity=300.0, inflation=0.02),
    ContractForDifference(
        product=GOOD, price=70.0, ceiling=90.0, upside_share=0.5, yearly_cap=2.0, quantity=400.0
    ),
    EarningsGuarantee(amount=15.0),
    LossInsurance(share=0.5, premium=0.5, level=10.0, limit=5.0),
    ProductionTaxCredit(product=GOOD, per_kg=2.0, cost_share=0.1),
    FasterPermit(months=6.0),
)


def drawn(case: ProjectCase = CASE, per_year: int = 1, *, anchor: float = 75.0) -> PricePaths:
    process = PriceProcess(anchor=anchor, half_life=1.5, volatility=0.45)
    return reverting_paths(case.timeline(per_year), {GOOD: process}, paths=40)


def flat(*prices: float, case: ProjectCase = CASE) -> PricePaths:
    return fixed_paths(case.timeline(), {GOOD: prices})


def paid(instrument: SupportInstrument, paths: PricePaths, case: ProjectCase = CASE) -> FloatArray:
    """What the public pays under one instrument (path, period)."""
    return -settle(supported(case, paths, (instrument,))).lines[instrument.name]


def test_there_is_one_of_each() -> None:
    assert [item.kind for item in ONE_OF_EACH] == list(INSTRUMENTS)


@pytest.mark.parametrize("tax", [None, ProfitTax(0.25)])
@pytest.mark.parametrize("per_year", [1, 4])
@pytest.mark.parametrize("instrument", ONE_OF_EACH, ids=lambda item: item.kind)
def test_what_the_public_pays_others_get(
    instrument: SupportInstrument, per_year: int, tax: ProfitTax | None
) -> None:
    case = replace(CASE, tax=tax)
    settled = settle(supported(case, drawn(case, per_year), (instrument,)))
    total = settled.private + settled.public
    assert total == pytest.approx(settled.before_support, abs=1e-9)


@given(
    st.lists(st.sampled_from(ONE_OF_EACH), unique=True),
    st.floats(0.0, 1.0),
    st.floats(20.0, 150.0),
)
def test_any_mix_is_a_transfer(mix: list[SupportInstrument], share: float, anchor: float) -> None:
    scaled = [item.scaled(share) for item in mix]
    settled = settle(supported(replace(CASE, tax=ProfitTax(0.2)), drawn(anchor=anchor), scaled))
    assert settled.private + settled.public == pytest.approx(settled.before_support, abs=1e-8)


GONE_AT_ZERO = (
    Grant, ConcessionalLoan, LoanGuarantee, PublicEquity, FloorContract, ProductionTaxCredit,
    FasterPermit,
)  # fmt: skip
"""The others take or give something at any size: goods, premiums, upside, the end of losses."""


@pytest.mark.parametrize("kind", GONE_AT_ZERO, ids=lambda kind: kind.kind)
def test_an_instrument_of_no_size_changes_nothing(kind: type[SupportInstrument]) -> None:
    given_one = next(item for item in ONE_OF_EACH if isinstance(item, kind))
    nothing = assess(CASE, drawn(), (given_one.scaled(0.0),))
    assert nothing.private_npv == pytest.approx(assess(CASE, drawn()).private_npv)
    assert nothing.public_cost == pytest.approx(0.0)


def test_a_promise_of_no_earnings_still_covers_losses() -> None:
    nothing = assess(CASE, drawn(), (EarningsGuarantee(amount=0.0),))
    assert nothing.expected_cost > 0


def test_a_floor_at_nothing_pays_nothing_and_one_at_the_sky_takes_all_chance() -> None:
    assert paid(FloorContract(product=GOOD, price=0.0), drawn()).max() == 0
    certain = assess(CASE, drawn(), (FloorContract(product=GOOD, price=5000.0),))
    assert np.ptp(certain.private_npv) == pytest.approx(0.0, abs=1e-6)


def test_a_floor_pays_what_the_price_is_short_of_it_on_the_covered_tonnes() -> None:
    floor = FloorContract(product=GOOD, price=110.0, quantity=400.0)
    year = paid(floor, flat(60.0, 80.0, 100.0, 120.0))[:, 6]
    assert year == pytest.approx([20.0, 12.0, 4.0, 0.0])


@given(st.floats(10.0, 500.0), st.floats(0.0, 200.0))
def test_twice_the_tonnes_pay_twice(tonnes: float, price: float) -> None:
    one = FloorContract(product=GOOD, price=price, quantity=tonnes)
    two = replace(one, quantity=2 * tonnes)
    assert paid(two, flat(60.0))[:, 6] == pytest.approx(2 * paid(one, flat(60.0))[:, 6])


def test_a_floor_fixed_in_current_dollars_is_worth_less_every_year() -> None:
    floor = FloorContract(product=GOOD, price=110.0, inflation=0.03, start=2029.0, end=2039.0)
    pays = paid(floor, flat(0.0))[0] / 1.0
    assert pays[4] / pays[5] == pytest.approx(1.03)


def test_a_contract_only_pays_inside_its_years() -> None:
    floor = FloorContract(product=GOOD, price=110.0, start=2030.0, end=2032.5)
    pays = paid(floor, flat(60.0))[0]
    assert np.flatnonzero(pays).tolist() == [4, 5, 6]
    assert pays[6] == pytest.approx(pays[5] / 2)


def test_a_two_sided_contract_at_the_mean_price_costs_nothing_on_average() -> None:
    steady = PriceProcess(anchor=75.0, half_life=0.2, volatility=0.3)
    paths = reverting_paths(CASE.timeline(), {GOOD: steady}, paths=4000)
    contract = ContractForDifference(product=GOOD, price=75.0)
    revenue = 75.0 * 1000 / 1000
    assert paid(contract, paths)[:, 6].mean() == pytest.approx(0.0, abs=0.01 * revenue)


def test_a_contract_returns_its_share_above_the_ceiling_up_to_its_cap() -> None:
    contract = ContractForDifference(
        product=GOOD, price=110.0, ceiling=150.0, upside_share=0.3, yearly_cap=10.0
    )
    year = paid(contract, flat(100.0, 130.0, 160.0, 400.0))[:, 6]
    assert year == pytest.approx([10.0, 0.0, -3.0, -10.0])


def test_the_cap_of_a_year_holds_whatever_the_periods() -> None:
    contract = ContractForDifference(
        product=GOOD, price=50.0, ceiling=50.0, upside_share=1.0, yearly_cap=3.0
    )
    flow = supported(CASE, drawn(per_year=12), (contract,))
    years = flow.timeline.by_year(flow.lines[0].cash)
    assert years.min() == pytest.approx(-3.0)


def test_upside_that_begins_later_is_not_shared_before() -> None:
    contract = ContractForDifference(product=GOOD, price=50.0, upside_start=2033.0)
    pays = paid(contract, flat(60.0))[0]
    assert np.flatnonzero(pays)[0] == 7


def test_earnings_are_filled_up_to_the_promise_and_no_further() -> None:
    guaranteed = supported(CASE, drawn(per_year=4), (EarningsGuarantee(amount=20.0),))
    years = guaranteed.timeline.by_year(guaranteed.earnings)[:, 3:18]
    assert years.min() == pytest.approx(20.0)
    plain = supported(CASE, drawn(per_year=4), ())
    before = plain.timeline.by_year(plain.earnings)[:, 3:18]
    assert years == pytest.approx(np.maximum(before, 20.0))


def test_a_fair_premium_makes_insurance_cost_nothing() -> None:
    free = LossInsurance(share=0.8, level=10.0)
    cost = assess(CASE, drawn(), (free,)).expected_cost
    one = assess(CASE, drawn(), (replace(free, premium=1.0),)).expected_cost
    fair = replace(free, premium=cost / (cost - one))
    assert assess(CASE, drawn(), (fair,)).expected_cost == pytest.approx(0.0, abs=1e-9)


def test_an_offtake_takes_all_chance_from_the_tonnes_it_buys() -> None:
    offtake = OfftakeContract(product=GOOD, price=80.0)
    assert np.ptp(assess(CASE, drawn(), (offtake,)).private_npv) == pytest.approx(0.0, abs=1e-9)
    assert paid(offtake, flat(100.0))[0, 6] == pytest.approx(-20.0)


def test_a_tax_credit_pays_by_the_tonne_and_is_not_taxed() -> None:
    case = replace(CASE, tax=ProfitTax(0.3))
    credit = ProductionTaxCredit(product=GOOD, per_kg=4.0)
    settled = settle(supported(case, flat(90.0, case=case), (credit,)))
    assert -settled.public[0, 6] == pytest.approx(4.0)


def test_a_guarantee_that_is_never_called_costs_no_more_than_nothing() -> None:
    rich = flat(500.0)
    free = assess(CASE, rich, (LoanGuarantee(share=1.0),))
    assert free.public_cost == pytest.approx(0.0)
    assert assess(CASE, rich, (LoanGuarantee(share=1.0, fee=0.01),)).expected_cost < 0


def test_a_full_guarantee_pays_lenders_all_that_is_due() -> None:
    poor = flat(20.0)
    settled = settle(supported(CASE, poor, (LoanGuarantee(share=1.0),)))
    worth = settled.flow.timeline.discount(CASE.financing.debt_rate)
    assert float(settled.lenders[0] @ worth) == pytest.approx(0.0, abs=1e-9)
    without = settle(supported(CASE, poor, ()))
    assert float(without.lenders[0] @ worth) < -10


def test_a_loan_at_the_market_rate_is_no_gift() -> None:
    loan = ConcessionalLoan(amount=10.0, rate=0.06, tenor=12.0)
    assert loan.grant_element(0.06) == pytest.approx(0.0)
    assert replace(loan, rate=0.0).grant_element(0.0) == pytest.approx(0.0)
    assert 0 < replace(loan, rate=0.01).grant_element(0.06) < 1
    safe = assess(replace(CASE, public_rate=0.06), flat(500.0), (loan,))
    assert safe.expected_cost == pytest.approx(0.0, abs=1e-9)


def test_an_earlier_permit_makes_a_profitable_project_worth_more() -> None:
    rich, poor = flat(120.0), flat(30.0)
    faster = FasterPermit(months=12.0)
    assert assess(CASE, rich, (faster,)).private_npv > assess(CASE, rich).private_npv
    assert assess(CASE, poor, (faster,)).private_npv < assess(CASE, poor).private_npv
    assert assess(CASE, rich, (faster,)).expected_cost == 0


@pytest.mark.parametrize(
    ("kind", "terms", "message"),
    [
        ("price-floor", {"product": GOOD, "price": -1.0}, "price of -1"),
        ("loan-guarantee", {"share": 1.2}, "share of 1.2"),
        ("equity", {"amount": 5.0, "ownership": 2.0}, "ownership of 2"),
        ("grant", {"amount": float("nan")}, "amount of nan"),
        ("grant", {}, "lacks amount"),
        ("grant", {"amount": "much"}, "amount of 'much'"),
        ("price-floor", {"product": 7.0, "price": 1.0}, "product of 7.0"),
        ("grant", {"amount": 5.0, "amuont": 5.0}, "did you mean amount"),
        ("grand", {"amount": 5.0}, "did you mean grant"),
        (
            "contract-for-difference",
            {"product": GOOD, "price": 110.0, "ceiling": 90.0},
            "below the strike",
        ),
    ],
)
def test_terms_that_cannot_be_raise(kind: str, terms: dict[str, float | str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        make_instrument(kind, terms)
    assert message in caught.value.line()


@pytest.mark.parametrize(
    ("instrument", "message"),
    [
        (FloorContract(product=GOOD, price=90.0, end=2080.0), "it runs 2029 to 2080"),
        (FloorContract(product=GOOD, price=90.0, start=2010.0, end=2020.0), "it runs 2010"),
        (FloorContract(product=GOOD, price=90.0, start=2035.0, end=2030.0), "it runs 2035"),
        (FloorContract(product="Dy-oxide", price=90.0), "unknown product"),
        (Grant(amount=101.0), "nobody has paid"),
        (ConcessionalLoan(amount=10.0, rate=0.01, tenor=30.0), "outlasts"),
        (FasterPermit(months=13.0), "13 months saved of 12"),
    ],
)
def test_an_instrument_that_does_not_fit_the_project_raises(
    instrument: SupportInstrument, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        assess(CASE, drawn(), (instrument,))


def test_two_of_a_name_or_too_much_of_a_thing_raise() -> None:
    one = FloorContract(product=GOOD, price=90.0)
    with pytest.raises(InputError, match="one name"):
        assess(CASE, drawn(), (one, one))
    assess(CASE, drawn(), (one, replace(one, label="second floor")))
    stake = PublicEquity(amount=1.0, ownership=0.6)
    with pytest.raises(InputError, match="owns 120%"):
        assess(CASE, drawn(), (stake, replace(stake, label="second stake")))
    promise = LoanGuarantee(share=0.5)
    with pytest.raises(InputError, match="guaranteed already"):
        assess(CASE, drawn(), (promise, replace(promise, label="second")))
    assert UnknownCodeError.code == "unknown-code"
