"""The balance finds the nearest base year, meets its totals, and says why when it cannot."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from monazite.balance import AdjustmentKind, Balanced, balance
from monazite.errors import BalanceError
from monazite.network import (
    Process,
    Provenance,
    Route,
    SupplyNetwork,
    Total,
    TotalKind,
    Use,
    UseForm,
)

DEVIATION = {"A": 0.03, "B": 0.08, "C": 0.20, "D": 0.30, "E": 0.60}


def graded(grade: str) -> Provenance:
    return Provenance(grade=grade)


def mine(region: str, activity: float | None, grade: str = "C", **more: float) -> Process:
    limits = {"capacity": 1e6} | more
    return Process(
        "mine", region, {"ore": 1.0}, activity=activity, provenance=graded(grade), **limits
    )


def user(region: str, demand: float, grade: str = "C") -> Use:
    return Use("steel", region, "ore", demand, form=UseForm.ISOELASTIC, provenance=graded(grade))


def way(origin: str, destination: str, flow: float | None, grade: str = "C") -> Route:
    return Route("ore", origin, destination, flow, provenance=graded(grade))


def network(*rows: Process | Route | Use) -> SupplyNetwork:
    return SupplyNetwork.build(
        "test",
        ["ore"],
        processes=[row for row in rows if isinstance(row, Process)],
        routes=[row for row in rows if isinstance(row, Route)],
        uses=[row for row in rows if isinstance(row, Use)],
    )


def two_regions() -> SupplyNetwork:
    return network(
        mine("CHN", 100.0, "A"),
        mine("AUS", 30.0, "E"),
        way("CHN", "JPN", 60.0, "B"),
        way("AUS", "JPN", 20.0, "D"),
        way("AUS", "CHN", None, "E"),
        user("CHN", 55.0, "E"),
        user("JPN", 70.0, "C"),
        user("AUS", 12.0, "E"),
    )


def excess(found: SupplyNetwork) -> dict[tuple[str, str], float]:
    """Supply less demand of each market over what passes through it, counted anew."""
    net: dict[tuple[str, str], float] = dict.fromkeys(found.markets(), 0.0)
    through = dict(net)

    def move(market: tuple[str, str], tonnes: float) -> None:
        net[market] += tonnes
        through[market] += abs(tonnes) / 2

    for process in found.processes:
        for commodity, amount in process.recipe.items():
            move((commodity, process.region), amount * (process.activity or 0.0))
    for route in found.routes:
        move((route.commodity, route.origin), -(route.flow or 0.0))
        move((route.commodity, route.destination), route.flow or 0.0)
    for use in found.uses:
        move((use.commodity, use.region), -use.demand)
    return {market: net[market] / through[market] for market in net}


def balanced_figures(found: Balanced) -> dict[str, float]:
    return {a.item: a.balanced for a in found.report.adjustments}


# -- it balances ------------------------------------------------------------------------------


def test_every_market_balances() -> None:
    found = balance(two_regions())
    assert max(abs(gap) for gap in excess(found.network).values()) < 1e-9
    assert found.report.imbalance < 1e-9


def test_every_figure_stays_positive() -> None:
    found = balance(two_regions()).network
    rows = [p.activity for p in found.processes] + [r.flow for r in found.routes]
    assert min(x for x in rows if x is not None) > 0
    assert min(use.demand for use in found.uses) > 0


def test_two_figures_meet_where_their_strains_say() -> None:
    # supply 100 (A) against demand 160 (E): one multiplier, solved here by bisection
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        supply = 100.0 * math.exp(0.03**2 * 100.0 * middle)
        demand = 160.0 * math.exp(-(0.60**2) * 160.0 * middle)
        low, high = (middle, high) if supply < demand else (low, middle)
    found = balance(network(mine("CHN", 100.0, "A"), user("CHN", 160.0, "E"))).network
    assert found.processes[0].activity == pytest.approx(supply, rel=1e-9)
    assert found.uses[0].demand == pytest.approx(supply, rel=1e-9)


def test_the_optimum_has_one_multiplier_per_market() -> None:
    raw = two_regions()
    found = balance(raw)
    index = {market: i for i, market in enumerate(raw.markets())}
    adjustments = found.report.adjustments
    signs = np.array([_signs(a.item, index) for a in adjustments])
    wanted = [math.log(a.balanced / a.prior) / (a.deviation**2 * a.prior) for a in adjustments]
    multipliers, *_ = np.linalg.lstsq(signs, np.array(wanted), rcond=None)
    assert signs @ multipliers == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def _signs(item: str, index: dict[tuple[str, str], int]) -> list[float]:
    row = [0.0] * len(index)
    if item.startswith("mine in "):
        row[index["ore", item[-3:]]] = 1.0
    elif " for steel in " in item:
        row[index["ore", item[-3:]]] = -1.0
    else:
        _, origin, _, destination = item.split()
        row[index["ore", origin]] -= 1.0
        row[index["ore", destination]] += 1.0
    return row


def test_a_better_grade_moves_less() -> None:
    found = balanced_figures(balance(network(
        mine("CHN", 50.0, "A"), Process("old", "CHN", {"ore": 1.0}, 1e6, 50.0,
                                        provenance=graded("E")), user("CHN", 130.0, "C"),
    )))  # fmt: skip
    assert found["mine in CHN"] - 50.0 < 0.05 * (found["old in CHN"] - 50.0)


def test_a_balanced_year_stays_as_it_is() -> None:
    first = balance(two_regions()).network
    again = balance(first)
    assert max(a.strain for a in again.report.adjustments) < 1e-9
    assert again.network.digest() != ""


def test_the_raw_network_is_left_alone() -> None:
    raw = two_regions()
    before = raw.digest()
    balance(raw)
    assert raw.digest() == before


def test_a_blank_flow_is_opened_with_a_share_of_the_smaller_side() -> None:
    opened = [
        a for a in balance(two_regions()).report.adjustments if a.kind is AdjustmentKind.OPENED
    ]
    assert [a.item for a in opened] == ["ore AUS to CHN"]
    assert opened[0].prior == pytest.approx(0.002 * 30.0)
    assert opened[0].balanced > 0


def test_what_stood_still_stays_still() -> None:
    raw = network(mine("CHN", 0.0), mine("AUS", 10.0), way("AUS", "CHN", 5.0), user("CHN", 6.0),
                  user("AUS", 5.0))  # fmt: skip
    found = balance(raw).network
    assert found.processes[0].activity == 0.0


def test_a_blank_activity_is_the_usual_share_of_capacity() -> None:
    raw = network(mine("CHN", None, capacity=100.0), user("CHN", 85.0))
    assert balance(raw).network.processes[0].activity == pytest.approx(85.0)


def test_a_plant_that_runs_too_hard_gets_capacity_and_that_is_reported() -> None:
    found = balance(network(mine("CHN", 90.0, "E", capacity=95.0), user("CHN", 100.0, "A")))
    plant = found.network.processes[0]
    assert plant.activity is not None
    assert plant.capacity == pytest.approx(plant.activity / 0.97)
    kinds = {a.kind: a for a in found.report.adjustments}
    assert kinds[AdjustmentKind.CAPACITY].prior == 95.0


# -- totals -----------------------------------------------------------------------------------


def total(
    value: float, *, kind: TotalKind = TotalKind.EXPORT, origin: str = "*", destination: str = "*"
) -> Total:
    return Total("customs", kind, "ore", origin, destination, value, graded("B"))


BOTH_TO_JAPAN = ["ore CHN to JPN", "ore AUS to JPN"]


@pytest.mark.parametrize(
    ("sum_", "members"),
    [
        (total(70.0, origin="CHN"), ["ore CHN to JPN"]),
        (total(85.0, kind=TotalKind.IMPORT, destination="JPN"), BOTH_TO_JAPAN),
        (total(85.0, kind=TotalKind.ROUTE, origin="CHN;AUS", destination="JPN"), BOTH_TO_JAPAN),
        (total(150.0, kind=TotalKind.PRODUCTION), ["mine in CHN", "mine in AUS"]),
        (total(33.0, kind=TotalKind.PRODUCTION, origin="AUS"), ["mine in AUS"]),
    ],
)  # fmt: skip
def test_a_total_is_met_exactly(sum_: Total, members: list[str]) -> None:
    found = balance(two_regions(), [sum_])
    figures = balanced_figures(found)
    assert sum(figures[item] for item in members) == pytest.approx(sum_.value, rel=1e-10)
    assert found.report.totals[0][1:] == pytest.approx((sum_.value, sum_.value))
    assert found.report.imbalance < 1e-9


def test_a_folder_brings_its_totals(tmp_path: Path) -> None:
    priced = replace(two_regions(), base_prices=())
    folder = priced.to_folder(tmp_path / "chain")
    (folder / "totals.csv").write_text(
        "total,kind,commodity,origin,destination,value,unit,source,grade,note\n"
        "customs,export_total,ore,CHN;AUS,,95,t/yr,assumed,E,assumed: a test\n",
        encoding="utf-8",
    )
    found = balance(folder)
    assert found.report.totals == (("customs", 95.0, pytest.approx(95.0)),)


# -- the report -------------------------------------------------------------------------------


def test_the_most_strained_figure_comes_first() -> None:
    report = balance(two_regions()).report
    assert all(one.strain >= two.strain for one, two in pairwise(report.adjustments))
    first = report.adjustments[0]
    strain = abs(math.log(first.balanced / first.prior)) / first.deviation
    assert first.strain == pytest.approx(strain)


def test_the_largest_changes_leave_opened_routes_out() -> None:
    report = balance(two_regions()).report
    assert all(a.kind is not AdjustmentKind.OPENED for a in report.largest(100))
    assert len(report.largest(3)) == 3


def test_a_deviation_follows_from_the_grade() -> None:
    report = balance(two_regions()).report
    assert {a.deviation for a in report.adjustments} <= set(DEVIATION.values())
    assert all(a.deviation == DEVIATION[a.provenance.grade] for a in report.adjustments)


# -- what cannot be balanced ------------------------------------------------------------------


def test_a_market_without_a_use_is_named() -> None:
    with pytest.raises(BalanceError, match=r"market of ore in CHN .* no use"):
        balance(network(mine("CHN", 10.0), mine("AUS", 5.0), user("AUS", 5.0)))


def test_a_market_without_supply_is_named() -> None:
    with pytest.raises(BalanceError, match=r"market of ore in JPN .* no supply"):
        balance(network(mine("CHN", 10.0), user("CHN", 10.0), user("JPN", 5.0)))


def test_totals_that_contradict_each_other_are_named() -> None:
    clash = [
        total(40.0, origin="CHN"),
        replace(total(70.0, origin="CHN"), name="other customs"),
    ]
    with pytest.raises(BalanceError, match="customs") as caught:
        balance(two_regions(), clash)
    assert caught.value.way_out


def test_a_total_beyond_any_year_is_an_error() -> None:
    # all of Australia's ore and more must leave it, although its users need some
    wanted = [
        total(30.0, kind=TotalKind.PRODUCTION, origin="AUS"),
        replace(total(35.0, origin="AUS"), name="exports"),
    ]
    with pytest.raises(BalanceError, match="no positive figures"):
        balance(two_regions(), wanted)


def test_a_total_of_nothing_is_named() -> None:
    with pytest.raises(BalanceError, match="adds up nothing"):
        balance(two_regions(), [total(5.0, origin="JPN")])


def test_a_figure_without_a_grade_is_named() -> None:
    with pytest.raises(BalanceError, match="steel in CHN has no grade"):
        balance(network(mine("CHN", 10.0), user("CHN", 10.0, "?")))


def test_a_plant_of_unknown_size_is_named() -> None:
    raw = network(mine("CHN", None, capacity=math.inf), user("CHN", 10.0))
    with pytest.raises(BalanceError, match="mine in CHN has neither activity"):
        balance(raw)


# -- any network ------------------------------------------------------------------------------

FIGURE = st.floats(1.0, 300.0)
"""Figures of comparable size: sources that differ ten-thousandfold may have no balance."""
GRADE = st.sampled_from("ABCDE")
REGIONS = ("CHN", "JPN", "USA")


@given(st.lists(st.tuples(FIGURE, GRADE, FIGURE, GRADE), min_size=3, max_size=3),
       st.lists(st.tuples(FIGURE, GRADE), min_size=6, max_size=6))  # fmt: skip
def test_any_connected_network_balances(
    ends: list[tuple[float, str, float, str]], flows: list[tuple[float, str]]
) -> None:
    pairs = [(a, b) for a in REGIONS for b in REGIONS if a != b]
    rows: list[Process | Route | Use] = []
    for region, (made, made_grade, used, used_grade) in zip(REGIONS, ends, strict=True):
        rows += [mine(region, made, made_grade), user(region, used, used_grade)]
    rows += [
        way(origin, destination, flow, grade)
        for (origin, destination), (flow, grade) in zip(pairs, flows, strict=True)
    ]
    try:
        found = balance(network(*rows))
    except BalanceError as contradiction:
        if "nothing would be left of" not in str(contradiction):
            raise
        reject()
    assert max(abs(gap) for gap in excess(found.network).values()) < 1e-9


def test_a_figure_that_better_ones_leave_nothing_of_is_named() -> None:
    rows = [row for region in REGIONS for row in (mine(region, 1.0, "A"), user(region, 1.0, "A"))]
    flows = [1.0, 1.0, 1.0, 1.0, 3.0]
    rows += [
        way(*pair, flow, grade)
        for pair, flow, grade in zip(
            [("CHN", "JPN"), ("CHN", "USA"), ("JPN", "CHN"), ("JPN", "USA"), ("USA", "CHN")],
            flows,
            "AACAA",
            strict=True,
        )
    ]
    with pytest.raises(BalanceError, match=r"nothing would be left of .*USA.*JPN"):
        balance(network(*rows, way("USA", "JPN", 3.0, "E")))
