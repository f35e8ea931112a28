"""A project's cash before support, and the prices that it is sold at."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import InputError, UnknownCodeError
from monazite.plan.cashflow import CashFlow, Financing, ProfitTax, ProjectCase, ProjectTerms
from monazite.plan.pricepath import (
    PriceProcess,
    Timeline,
    estimate_process,
    fixed_paths,
    reverting_paths,
    simulated_paths,
)
from monazite.plan.project import Decision, Project
from monazite.reference.catalogue import load
from trajectory_factory import trajectory

CASE = ProjectCase(
    name="invented",
    capital=(60.0, 40.0),
    capacity=1000.0,
    output={"NdPr-oxide": 1000.0},
    unit_cost=30.0,
    decision=2026.0,
    ramp=(0.5, 1.0),
    life=10.0,
)


def test_all_capital_is_spent_and_all_tonnes_are_made_whatever_the_periods() -> None:
    for per_year in (1, 2, 4, 12):
        timeline = CASE.timeline(per_year)
        assert CASE.spending(timeline).sum() == pytest.approx(100.0)
        assert CASE.running(timeline).sum() == pytest.approx(9.5)


def test_a_year_of_a_known_plant_earns_tonnes_times_margin() -> None:
    flow = CashFlow.of(CASE, fixed_paths(CASE.timeline(), {"NdPr-oxide": [80.0]}))
    assert flow.earnings[0].tolist() == pytest.approx([0, 0, 25, *[50] * 9])


def test_the_net_present_value_is_that_of_the_textbook() -> None:
    """100 at once and 50 a year for ten years, all at the middle of the year."""
    case = replace(CASE, capital=(100.0,), ramp=(1.0,))
    flow = CashFlow.of(case, fixed_paths(case.timeline(), {"NdPr-oxide": [80.0]}))
    cash = (flow.earnings - flow.spending)[0] @ flow.timeline.discount(0.08)
    annuity = (1 - 1.08**-10) / 0.08
    assert cash == pytest.approx((-100 + 50 * annuity) / 1.08**0.5)


@given(
    start=st.floats(2020, 2040), length=st.floats(0, 30), per_year=st.sampled_from((1, 2, 4, 12))
)
def test_the_covered_shares_add_up_to_the_window(
    start: float, length: float, per_year: int
) -> None:
    timeline = Timeline(2020, 50, per_year)
    covered = timeline.covered(start, start + length)
    assert covered.sum() * timeline.length == pytest.approx(length, abs=1e-9)
    assert covered.min() >= 0
    assert covered.max() <= 1


@given(st.lists(st.floats(-100, 100), min_size=24, max_size=24))
def test_years_add_up_to_periods(values: list[float]) -> None:
    timeline = Timeline(2026, 2, 12)
    assert timeline.by_year(np.array([values])).sum() == pytest.approx(sum(values), abs=1e-9)


def test_losses_are_carried_forward_before_tax_is_due() -> None:
    case = replace(CASE, tax=ProfitTax(0.25, 5.0))
    flow = CashFlow.of(case, fixed_paths(case.timeline(), {"NdPr-oxide": [80.0]}))
    profit = 9.5 * 50 - 100
    assert flow.tax().sum() == pytest.approx(0.25 * profit)
    assert flow.tax().min() >= 0


def test_a_plant_that_runs_while_it_grows_earns_from_its_opening() -> None:
    case = replace(CASE, opening=2026.0)
    assert case.running(case.timeline())[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "change",
    [
        {"capital": (-1.0,)},
        {"output": {}},
        {"life": 0.0},
        {"ramp": ()},
        {"ramp": (1.5,)},
        {"hurdle": 7.0},
        {"permit": -1.0},
        {"unit_cost": float("nan")},
        {"opening": 2020.0},
        {"financing": Financing(debt_share=0.5, tenor=20.0)},
    ],
)
def test_a_case_that_cannot_be_raises(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        replace(CASE, **change)
    assert caught.value.way_out


@pytest.mark.parametrize(
    "terms", [{"debt_share": 1.1}, {"debt_rate": -0.6}, {"tenor": 0.0}, {"grace": -1.0}]
)
def test_a_loan_that_cannot_be_raises(terms: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Financing(**terms)


def test_prices_of_other_dollars_or_years_or_products_raise() -> None:
    timeline = CASE.timeline()
    with pytest.raises(InputError, match="2025"):
        CashFlow.of(CASE, fixed_paths(timeline, {"NdPr-oxide": [80.0]}, money_year=2025))
    with pytest.raises(InputError, match="runs 2026 to 2038"):
        CashFlow.of(CASE, fixed_paths(Timeline(2026, 5), {"NdPr-oxide": [80.0]}))
    with pytest.raises(UnknownCodeError, match="NdPr-oxide"):
        CashFlow.of(CASE, fixed_paths(timeline, {"Dy-oxide": [80.0]}))
    with pytest.raises(InputError, match="periods a year"):
        Timeline(2026, 5, 3)


def test_a_line_of_the_table_becomes_a_case() -> None:
    line = Project(
        id="plant",
        plant="plant",
        name="An invented plant",
        region="USA",
        stage="separation",
        status="planned",
        decision=Decision.CANDIDATE,
        activity=5000.0,
        in_base=1000.0,
        earliest_start=2029,
        build_years=2,
        ramp_years=2,
        life_years=20,
    )
    recipe = {"ore": -1.0, "NdPr-oxide": 0.2}
    case = ProjectCase.from_project(
        line, recipe, unit_cost=8.0, capital=300.0, terms=ProjectTerms()
    )
    assert case.output == {"NdPr-oxide": pytest.approx(800.0)}
    assert (case.start, case.end, case.total_capital) == (2029, 2049, 300)
    assert case.ramp == pytest.approx((1 / 3, 2 / 3, 1))
    with pytest.raises(InputError, match="no activity"):
        ProjectCase.from_project(
            replace(line, activity=None), recipe, unit_cost=8.0, capital=1.0, terms=ProjectTerms()
        )


# -- prices ------------------------------------------------------------------------------------

PROCESS = PriceProcess(anchor=80.0, half_life=1.5, volatility=0.4)


def test_the_same_seed_draws_the_same_prices() -> None:
    timeline = Timeline(2026, 10)
    first = reverting_paths(timeline, {"NdPr-oxide": PROCESS}, paths=10, seed=3)
    again = reverting_paths(timeline, {"NdPr-oxide": PROCESS}, paths=10, seed=3)
    other = reverting_paths(timeline, {"NdPr-oxide": PROCESS}, paths=10, seed=4)
    assert np.array_equal(first.prices, again.prices)
    assert not np.array_equal(first.prices, other.prices)


def test_the_mean_price_reaches_its_anchor_and_its_spread_the_stationary_one() -> None:
    drawn = reverting_paths(Timeline(2026, 30), {"NdPr-oxide": PROCESS}, paths=4000)
    late = drawn.of("NdPr-oxide")[:, -5:]
    assert late.mean() == pytest.approx(80.0, rel=0.01)
    stationary = PROCESS.volatility / np.sqrt(2 * PROCESS.reversion)
    assert np.log(late).std() == pytest.approx(stationary, rel=0.03)


def test_without_chance_half_of_a_gap_is_closed_in_a_half_life() -> None:
    calm = PriceProcess(anchor=80.0, half_life=1.5, volatility=0.0, start=160.0)
    drawn = reverting_paths(Timeline(2026, 4, 2), {"NdPr-oxide": calm}, paths=2)
    # the middle of the third half-year is 1.25 years after the start
    assert np.log(drawn.of("NdPr-oxide")[0, 2] / 80.0) == pytest.approx(
        np.log(2.0) * 0.5 ** (1.25 / 1.5)
    )


def test_products_that_move_together_move_together() -> None:
    two = {"NdPr-oxide": PROCESS, "Dy-oxide": PROCESS}
    drawn = reverting_paths(Timeline(2026, 10), two, paths=20, correlation=1.0)
    assert drawn.of("NdPr-oxide") == pytest.approx(drawn.of("Dy-oxide"))


def test_an_estimate_finds_the_process_that_made_a_long_history() -> None:
    drawn = reverting_paths(Timeline(2000, 100), {"NdPr-oxide": PROCESS}, paths=20, seed=1)
    found = estimate_process(list(drawn.of("NdPr-oxide")))
    assert found.half_life == pytest.approx(1.5, rel=0.1)
    assert found.volatility == pytest.approx(0.4, rel=0.1)


def test_the_assumed_process_lies_between_the_estimates_from_shipped_prices() -> None:
    def yearly(market: str, source: tuple[str, ...], years: range) -> list[float]:
        rows = load("prices").select(product="Nd", form="oxide", basis="annual-mean", market=market)
        by_year = {int(row.text("period")): row.value for row in rows if row.source in source}
        return [float(by_year[year] or 0.0) for year in years]

    abroad = estimate_process(
        [
            yearly("fob-china", ("usgs-mcs-2019",), range(2014, 2019)),
            yearly("fob-china", ("usgs-mcs-2025", "usgs-mcs-2026"), range(2020, 2026)),
        ]
    )
    inside = estimate_process(
        [yearly("inside-china", ("china-daily-quotes-2024",), range(2013, 2024))]
    )
    assert (abroad.pairs, inside.pairs) == (9, 10)
    chosen = {
        row.text("item"): row.value for row in load("plan/finance_cases").select(case="standard")
    }
    assert abroad.half_life < (chosen["half_life"] or 0) < inside.half_life
    assert inside.volatility < (chosen["volatility"] or 0) < abroad.volatility


def test_a_history_that_returns_to_nothing_raises() -> None:
    with pytest.raises(InputError, match="state half-life"):
        estimate_process([[1.0, 2.0, 4.0, 8.0, 16.0]])
    with pytest.raises(InputError, match="pairs of years"):
        estimate_process([[1.0, 2.0, 3.0]])


@pytest.mark.parametrize("paths", [0, 1, 3])
def test_an_odd_or_empty_number_of_paths_raises(paths: int) -> None:
    with pytest.raises(InputError, match="even number"):
        reverting_paths(Timeline(2026, 2), {"NdPr-oxide": PROCESS}, paths=paths)


def test_a_missing_or_negative_price_raises() -> None:
    with pytest.raises(InputError, match="below zero"):
        fixed_paths(Timeline(2026, 2), {"NdPr-oxide": [-1.0]})
    with pytest.raises(InputError, match="same number"):
        fixed_paths(Timeline(2026, 2), {"NdPr-oxide": [1.0], "Dy-oxide": [1.0, 2.0]})


MARKET = ("NdPr-oxide", "JPN")
LAID = {"NdPr-oxide": PriceProcess(anchor=80.0, half_life=1.0, volatility=0.0)}


def test_a_simulated_shock_multiplies_the_drawn_prices_and_then_fades() -> None:
    timeline, shocked = Timeline(2025, 6), trajectory(draws=3)
    plain = reverting_paths(timeline, LAID, paths=6)
    laid = simulated_paths(plain, shocked, {"NdPr-oxide": MARKET}, LAID)
    ratio = laid.of("NdPr-oxide") / plain.of("NdPr-oxide")
    place = shocked.market_index[MARKET]
    multiple = shocked.price[:, :12, place].mean(axis=1) / shocked.base_price[place]
    assert ratio[:3, 0] == pytest.approx(multiple)
    assert ratio[3:, 0] == pytest.approx(multiple)
    assert np.log(ratio[:, 3]) == pytest.approx(np.log(ratio[:, 1]) / 4)


def test_a_calm_simulation_leaves_prices_as_they_are() -> None:
    plain = reverting_paths(Timeline(2025, 4, 4), {"NdPr-oxide": PROCESS}, paths=4)
    calm = trajectory(calm=True)
    calm = replace(calm, price=np.broadcast_to(calm.base_price, calm.price.shape))
    laid = simulated_paths(plain, calm, {"NdPr-oxide": MARKET}, {"NdPr-oxide": PROCESS})
    assert laid.prices == pytest.approx(plain.prices)


def test_a_price_that_means_nothing_is_not_used() -> None:
    plain = reverting_paths(Timeline(2025, 4), LAID, paths=2)
    shocked = trajectory()
    rationed = replace(shocked, rationed=np.ones_like(shocked.rationed))
    with pytest.raises(InputError, match="rationed"):
        simulated_paths(plain, rationed, {"NdPr-oxide": MARKET}, LAID)


def test_an_unknown_market_or_product_or_late_months_raise() -> None:
    plain, shocked = reverting_paths(Timeline(2025, 4), LAID, paths=2), trajectory()
    with pytest.raises(UnknownCodeError, match="market"):
        simulated_paths(plain, shocked, {"NdPr-oxide": ("NdPr-oxide", "XXX")}, LAID)
    with pytest.raises(UnknownCodeError, match="product"):
        simulated_paths(plain, shocked, {"Dy-oxide": MARKET}, LAID)
    early = reverting_paths(Timeline(2020, 4), LAID, paths=2)
    with pytest.raises(InputError, match="do not reach into 2020"):
        simulated_paths(early, shocked, {"NdPr-oxide": MARKET}, LAID)
