"""What a plan says is what its arrays hold: money, mass, coverage, bottlenecks and twins."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monazite.plan.decisions import needs_switch
from monazite.plan.model import (
    BuildCandidate,
    Capacity,
    CostLine,
    Demand,
    Package,
    PlanningModel,
    ValueRung,
)
from plan.plan_factory import (
    BAN,
    EXACT,
    FIRST,
    activity,
    assembled,
    built,
    four_stages,
    one_good,
    planned,
    plant,
    random_model,
    same,
    target,
    without_candidates,
)


def surplus(plan) -> np.ndarray:
    """What is left over in every market, from the activities by name (draw, step, market)."""
    assembly, model = plan.assembly, plan.assembly.model
    place = {market: k for k, market in enumerate(model.markets)}
    active = assembly.columns("activity", plan.operations.activity)
    left = np.zeros((*active.shape[:2], len(place)))
    for j, row in enumerate(model.activities):
        for market, amount in row.balance.items():
            left[..., place[market]] += amount * active[..., j]
    for k, row in enumerate(model.demands):
        left[..., place[row.market]] -= assembly.wanted[..., k] - plan.report.unmet[..., k]
    drawn = assembly.columns("drawn_stock", plan.operations.activity)
    for k, store in enumerate(model.stockpiles):
        left[..., place[store.market]] += drawn[..., k]
        for row in plan.report.stocked:
            if (row.commodity, row.partner) == store.market:
                left[:, row.year - FIRST, place[store.market]] -= row.quantity
    return left[assembly.draws.drawn]


class TestRandomPlans:
    @settings(max_examples=15)
    @given(seed=st.integers(0, 5000), weight=st.sampled_from([0.0, 0.7]))
    def test_the_objective_is_the_sum_of_its_lines(self, seed, weight):
        plan = planned(assembled(random_model(seed), (BAN,), count=3, risk_weight=weight))
        total = sum(plan.report.cost_lines.values())
        assert total == pytest.approx(plan.solution.objective, rel=1e-9)
        assert plan.certificate.primal <= 1e-6

    @settings(max_examples=10)
    @given(seed=st.integers(0, 5000))
    def test_mass_is_conserved_in_every_market(self, seed):
        plan = planned(assembled(random_model(seed), (BAN,), count=3))
        assert surplus(plan).min() >= -1e-6

    @settings(max_examples=10)
    @given(seed=st.integers(0, 5000))
    def test_coverage_is_a_share_and_its_band_holds_most_draws(self, seed):
        plan = planned(assembled(random_model(seed), (BAN,), count=5))
        for row in plan.report.coverage:
            assert -1e-9 <= row.low <= row.high <= 1 + 1e-9
            assert -1e-9 <= row.mean <= 1 + 1e-9
            assert row.unmet >= -1e-9

    @settings(max_examples=10)
    @given(seed=st.integers(0, 5000))
    def test_nobody_spends_more_than_it_has(self, seed):
        model = random_model(seed)
        plan = planned(assembled(model, (BAN,), count=2))
        spent = had = 0.0
        for row in plan.report.cash:
            spent, had = (spent, had) if model.carry_over else (0.0, 0.0)
            spent, had = spent + row.public, had + row.budget
            assert spent <= had + 1e-6
            assert row.tail >= -1e-9


class TestPortfolio:
    def test_what_is_built_is_said_with_when_where_and_how_much(self):
        grant = Package("grant", (4.0, 2.0), (5.0, 3.0), 10.0)
        chosen = plant(capital=20.0, build=1, packages=(grant,), success=0.9)
        model = one_good(candidates=(chosen,), budgets={"AAA": dict.fromkeys(range(2026, 2029), 9)})
        row = planned(assembled(model)).report.portfolio[0]
        assert (row.project, row.partner, row.region) == ("plant", "AAA", "AAA")
        assert (row.decided, row.starts, row.package) == (FIRST, FIRST + 1, "grant")
        assert (row.capital, row.public_cost, row.success) == (20.0, 6.0, 0.9)

    def test_public_money_is_told_by_year_with_its_tail(self):
        grant = Package("grant", (4.0, 2.0), (5.0, 3.0), 10.0)
        chosen = plant(capital=20.0, packages=(grant,))
        model = one_good(candidates=(chosen,), budgets={"AAA": dict.fromkeys(range(2026, 2029), 9)})
        cash = planned(assembled(model)).report.cash
        assert [(row.public, row.tail) for row in cash] == [(4.0, 5.0), (2.0, 3.0), (0.0, 0.0)]
        assert {row.budget for row in cash} == {9}

    def test_the_use_of_a_plant_is_what_runs_over_what_is_there(self):
        model = one_good(candidates=(plant(capital=1.0),))
        row = planned(assembled(model)).report.portfolio[0]
        # 40 come from mills of 60: 100 wanted, 60 bought at a lower cost
        assert row.use == pytest.approx(40 / 60)

    def test_two_ways_to_pay_are_told_with_their_shares(self):
        ways = (Package("grant", (10.0,)), Package("loan", (2.0, 2.0)))
        chosen = plant(capital=20.0, packages=ways)
        budget = {"AAA": {FIRST: 6.0, FIRST + 1: 1.0, FIRST + 2: 0.0}}
        model = one_good(candidates=(replace(chosen, latest=FIRST),), budgets=budget)
        assert planned(assembled(model)).report.portfolio[0].package == "50% grant + 50% loan"

    def test_only_a_size_without_ties_needs_no_switch(self):
        free = plant(capital=0.0, unit_capital=1.0, smallest=0.0, largest=30.0)
        model = one_good(candidates=(free,))
        assert not needs_switch(model, free)
        assert needs_switch(model, replace(free, group="site"))
        assert needs_switch(model, replace(free, capital=1.0))


class TestChain:
    """Ore is dug; oxide, metal and magnets need plants that do not exist yet."""

    def test_the_whole_chain_is_built_together(self):
        assert set(built(planned(assembled(four_stages())))) == {
            "oxides", "metals", "magnets one", "magnets two",
        }  # fmt: skip

    @pytest.mark.parametrize("lacking", ["oxides", "metals"])
    def test_magnet_plants_without_their_feed_are_not_built(self, lacking):
        model = without_candidates(four_stages(), lacking)
        plan = planned(assembled(model))
        assert built(plan) == {}
        assert plan.report.coverage[0].mean == pytest.approx(0.1)

    def test_no_more_is_built_than_the_feed_of_the_narrowest_stage(self):
        model = four_stages()
        narrow = tuple(
            replace(row, adds={"metal plant": 50.0}) if row.name == "metals" else row
            for row in model.candidates
        )
        sizes = built(planned(assembled(replace(model, candidates=narrow))))
        assert len([name for name in sizes if name.startswith("magnets")]) == 1

    def test_the_stage_that_lacks_is_the_bottleneck(self):
        model = without_candidates(four_stages(), "metals")
        there = tuple(
            replace(row, base=same(60.0 if row.stage != "metal" else 30.0, 4))
            for row in model.capacities
        )
        report = planned(assembled(replace(model, capacities=there))).report
        first = report.pressures[0]
        assert first.stage == "metal"
        assert first.value > 0
        assert first.use == pytest.approx(1.0)
        assert {row.stage: row.value for row in report.pressures}["oxide"] == pytest.approx(0.0)

    def test_asked_and_built_are_told_by_stage(self):
        report = planned(assembled(four_stages())).report
        asked = {row.stage: row.asked for row in report.pressures}
        made = {row.stage: row.built for row in report.pressures}
        assert asked == {"oxide": 100.0, "metal": 100.0, "magnet": 120.0}
        assert made == asked

    def test_needed_feed_is_decided_no_later(self):
        model = four_stages()
        tied = tuple(
            replace(row, needs=("oxides",)) if row.stage == "magnet" else row
            for row in model.candidates
        )
        late = tuple(
            replace(row, earliest=FIRST + 1) if row.name == "oxides" else row for row in tied
        )
        report = planned(assembled(replace(model, candidates=late))).report
        decided = {row.project: row.decided for row in report.portfolio}
        assert decided["magnets one"] >= decided["oxides"] == FIRST + 1


def twins() -> PlanningModel:
    """Two regions, each of which must keep half of a good's mill of its own going."""
    years = 3
    goods = {region: ("good", region) for region in ("AAA", "BBB")}
    runs = tuple(
        activity(
            f"mill in {region}", CostLine.OPERATION, {market: 1.0}, 1.0,
            years=years, uses={f"mill in {region}": 1.0}, partner=region,
        )
        for region, market in goods.items()
    )  # fmt: skip
    return PlanningModel(
        steps=one_good(years=years).steps,
        markets=tuple(goods.values()),
        demands=tuple(
            Demand("use", market, same(30.0, years), (ValueRung(1.0, 50.0),), region, 2.0)
            for region, market in goods.items()
        ),
        activities=runs,
        capacities=tuple(Capacity(f"mill in {r}", r, same(0.0, years), "metal") for r in goods),
        candidates=tuple(
            BuildCandidate(
                f"mill of {r}", {f"mill in {r}": 100.0}, capital=50.0, partner=r, region=r,
                stage="metal",
            )
            for r in goods
        ),
        partners=tuple(goods),
    )  # fmt: skip


class TestDoubled:
    def test_twin_plants_that_stand_half_idle_are_found(self):
        report = planned(assembled(twins())).report
        (found,) = report.doubled
        stage, use, names = found
        assert stage == "metal"
        assert use == pytest.approx(0.3)
        assert set(names) == {"mill of AAA", "mill of BBB"}

    def test_one_plant_for_both_is_no_twin(self):
        model = twins()
        ship = activity(
            "ship", CostLine.FREIGHT, {("good", "AAA"): -1.0, ("good", "BBB"): 1.0}, 0.1, years=3
        )
        report = planned(assembled(replace(model, activities=(*model.activities, ship)))).report
        assert {row.project for row in report.portfolio} == {"mill of AAA"}
        assert report.doubled == ()

    def test_plants_that_run_full_are_no_twins(self):
        model = twins()
        full = tuple(replace(row, quantity=same(100.0, 3)) for row in model.demands)
        assert planned(assembled(replace(model, demands=full))).report.doubled == ()


class TestShortage:
    def test_the_largest_shortages_are_told_with_their_band(self):
        report = planned(assembled(one_good(candidates=()), (BAN,), count=10)).report
        row = report.shortages[0]
        assert (row.partner, row.use, row.commodity) == ("AAA", "use", "good")
        assert row.low <= row.quantity <= row.high
        assert row.share == pytest.approx(row.quantity / 100.0)

    def test_expected_unmet_is_at_base_prices(self):
        report = planned(assembled(one_good(candidates=()))).report
        assert report.expected_unmet == pytest.approx(3 * 20 * 1.5)

    def test_a_state_that_nobody_asked_for_has_no_share(self):
        assert planned(assembled(one_good())).report.unmet_in("calm") is None

    def test_unmet_in_a_state_is_of_its_own_steps(self):
        model = one_good(candidates=(), targets=(target(share=0.5),))
        assert planned(assembled(model)).report.unmet_in("calm") == pytest.approx(0.2)

    def test_a_demand_that_must_be_met_and_is_not_is_named(self):
        model = one_good(candidates=())
        must = replace(model.demands[0], rungs=())
        report = planned(assembled(replace(model, demands=(must,)))).report
        assert report.must_miss[0] == ("use of good in AAA", "2026", pytest.approx(0.2))
        assert len(report.must_miss) == 3

    def test_a_demand_that_must_be_met_is_met_at_any_cost(self):
        model = one_good(candidates=(plant(capital=1e4),))
        must = replace(model.demands[0], rungs=())
        plan = planned(assembled(replace(model, demands=(must,))))
        assert built(plan) == {"plant": 1.0}
        assert plan.report.must_miss == ()

    def test_shadow_values_come_with_the_names_of_targets(self):
        model = one_good(candidates=(plant(capital=500.0),), targets=(target(share=0.95),))
        plan = planned(assembled(model), replace(EXACT, extensive=False, gap=1e-6))
        row = plan.report.targets[0]
        assert plan.report.shadow == {"target coverage calm": row.value}
        assert row.value > 0
