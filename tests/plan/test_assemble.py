"""From a model to arrays: what binds decisions, what is bought, stored, promised and paid."""

from dataclasses import replace

import numpy as np
import pytest

from monazite.plan.assemble import Assembly
from monazite.plan.draws import N_MINUS_1, draw
from monazite.plan.model import (
    BuildLimit,
    CostLine,
    JointLimit,
    Package,
    Segment,
    Stockpile,
    ValueRung,
)
from monazite.plan.twostage import TwoStageProblem
from plan.plan_factory import (
    BAN,
    EXACT,
    FIRST,
    GOOD,
    IMPORT,
    assembled,
    built,
    one_good,
    planned,
    plant,
    same,
    steps,
    target,
)

DISCOUNT = sum(step.discount for step in steps(3))


def best(model, shocks=(), **rest):
    return planned(assembled(model, shocks, **rest))


def line(plan, which: CostLine) -> float:
    return plan.report.cost_lines[which]


class TestServing:
    def test_cheapest_first_and_the_least_valued_goes_without(self):
        plan = best(one_good(candidates=()))
        assert line(plan, CostLine.PURCHASE) == pytest.approx(60 * 1.0 * DISCOUNT)
        assert line(plan, CostLine.OPERATION) == pytest.approx(20 * 2.0 * DISCOUNT)
        assert line(plan, CostLine.UNMET) == pytest.approx(20 * 3.0 * DISCOUNT)
        assert plan.solution.objective == pytest.approx(160 * DISCOUNT)

    def test_what_cannot_be_bought_is_dearer_the_less_there_is(self):
        model = one_good(candidates=())
        scarce = replace(model.activities[0], largest=same(10.0, 3))
        plan = best(replace(model, activities=(scarce, model.activities[1])))
        # 30 and 40 a unit short of the two lower rungs: 30 at 3, 40 at 8
        assert line(plan, CostLine.UNMET) == pytest.approx((30 * 3 + 40 * 8) * DISCOUNT)

    def test_a_duty_stands_on_a_line_of_its_own(self):
        model = one_good(candidates=())
        taxed = replace(model.activities[0], tariff=same(0.5, 3))
        plan = best(replace(model, activities=(taxed, model.activities[1])))
        assert line(plan, CostLine.TARIFF) == pytest.approx(30 * DISCOUNT)
        assert line(plan, CostLine.PURCHASE) == pytest.approx(60 * DISCOUNT)

    def test_customers_abroad_are_booked_apart(self):
        model = one_good(candidates=())
        exports = replace(
            model.demands[0], name="exports", partner="", rungs=(ValueRung(1.0, 2.5),)
        )
        plan = best(replace(model, demands=(*model.demands, exports)))
        assert line(plan, CostLine.UNMET_ABROAD) == pytest.approx(100 * 2.5 * DISCOUNT)
        assert line(plan, CostLine.UNMET) == pytest.approx(20 * 3.0 * DISCOUNT)

    def test_a_value_in_use_may_have_a_trend(self):
        model = one_good(candidates=())
        dearer = replace(model.demands[0], trend=np.array([1.0, 1.0, 2.0]))
        plan = best(replace(model, demands=(dearer,)))
        weights = np.array([step.discount for step in model.steps]) * [1.0, 1.0, 2.0]
        assert line(plan, CostLine.UNMET) == pytest.approx(60 * weights.sum())

    def test_a_limit_binds_what_several_do_together(self):
        model = one_good(candidates=())
        both = tuple(replace(row, limits={"port": 1.0}) for row in model.activities)
        plan = best(replace(model, activities=both, limits=(JointLimit("port", same(50.0, 3)),)))
        assert plan.report.unmet[0, 0, 0] == pytest.approx(50.0)

    def test_a_deposit_is_dug_only_once(self):
        model = one_good(candidates=())
        dug = replace(model.activities[0], limits={"deposit": 1.0}, largest=same(np.inf, 3))
        deposit = JointLimit("deposit", same(np.inf, 3), total=90.0)
        plan = best(replace(model, activities=(dug,), limits=(deposit,), capacities=()))
        assert plan.report.unmet.sum() == pytest.approx(210.0)

    def test_a_least_amount_is_kept_even_where_it_costs(self):
        model = one_good(candidates=())
        held = tuple(replace(row, limits={row.name: 1.0}) for row in model.activities)
        limit = JointLimit("mill in AAA", same(np.inf, 3), smallest=same(15.0, 3))
        rows = (limit, JointLimit(IMPORT, same(np.inf, 3)))
        cheap = replace(model.demands[0], rungs=(ValueRung(1.0, 0.5),))
        plan = best(replace(model, activities=held, limits=rows, demands=(cheap,)))
        assert line(plan, CostLine.OPERATION) == pytest.approx(30 * DISCOUNT)


class TestBuilding:
    def test_a_plant_is_built_where_it_pays(self):
        model = one_good(candidates=(plant(capital=20.0),))
        assert built(best(model)) == {"plant": 1.0}
        dear = one_good(candidates=(plant(capital=10_000.0),))
        assert built(best(dear)) == {}

    def test_it_serves_only_once_it_runs(self):
        plan = best(one_good(candidates=(plant(capital=1.0, build=2),)))
        assert plan.report.unmet[0, :, 0] == pytest.approx([20.0, 20.0, 0.0])

    def test_an_annuity_pays_back_the_capital(self):
        model = one_good(years=10, candidates=(plant(life=10.0),), capital_rate=0.05)
        charges = assembled(model).first.charges(model.candidates[0], FIRST)
        # paid in the middle of each year, half a year before an annuity would be
        assert charges.sum() == pytest.approx(1.05**0.5, rel=1e-9)

    def test_overnight_is_paid_when_decided(self):
        model = one_good(candidates=(plant(),), capital_charge="overnight")
        charges = assembled(model).first.charges(model.candidates[0], FIRST + 1)
        assert charges == pytest.approx([0.0, model.steps[1].discount, 0.0])

    def test_upkeep_is_paid_for_what_is_built(self):
        free, kept = (best(one_good(candidates=(plant(capital=1.0, upkeep=u),))) for u in (0, 0.5))
        difference = kept.solution.objective - free.solution.objective
        assert difference == pytest.approx(0.5 * DISCOUNT)
        assert line(kept, CostLine.UPKEEP) == pytest.approx(0.5 * DISCOUNT)

    def test_of_a_group_one_is_built(self):
        pair = (plant("one", capital=1.0, group="site", adds={"mill in AAA": 10.0}),
                plant("two", capital=1.0, group="site", adds={"mill in AAA": 10.0}))  # fmt: skip
        assert len(built(best(one_good(candidates=pair)))) == 1
        free = tuple(replace(row, group="") for row in pair)
        assert len(built(best(one_good(candidates=free)))) == 2

    def test_of_a_group_one_a_year_may_be_built(self):
        pair = tuple(
            plant(n, capital=1.0, group="site", once_a_year=True, adds={"mill in AAA": 10.0})
            for n in ("one", "two")
        )
        plan = best(one_good(candidates=pair))
        assert sorted(row.decided for row in plan.report.portfolio) == [FIRST, FIRST + 1]

    def test_a_later_phase_waits_for_the_first(self):
        first = plant("first", adds={"mill in AAA": 1.0}, capital=30.0, earliest=FIRST + 1)
        second = plant("second", capital=1.0, after=("first",))
        plan = best(one_good(candidates=(first, second)))
        decided = {row.project: row.decided for row in plan.report.portfolio}
        assert decided == {"first": FIRST + 1, "second": FIRST + 1}

    def test_a_dear_first_phase_keeps_the_second_away(self):
        first = plant("first", adds={"mill in AAA": 1.0}, capital=1e5)
        second = plant("second", capital=1.0, after=("first",))
        assert built(best(one_good(candidates=(first, second)))) == {}

    def test_one_of_what_it_needs_is_enough(self):
        one, two = plant("one", capital=9.0), plant("two", capital=5.0)
        tiny = {"mill in AAA": 1e-6}
        feeds = (replace(one, adds=tiny), replace(two, adds=tiny))
        third = plant("third", capital=1.0, needs=("one", "two"))
        assert set(built(best(one_good(candidates=(*feeds, third))))) == {"two", "third"}

    def test_it_is_built_as_often_as_allowed(self):
        tiny = {"mill in AAA": 5.0}
        for times in (1, 2, 3):
            plan = best(one_good(candidates=(plant(adds=tiny, capital=0.1, times=times),)))
            assert len(plan.report.portfolio) == times

    def test_a_size_is_what_is_wanted(self):
        sized = plant(
            adds={"mill in AAA": 1.0}, capital=1.0, unit_capital=0.1, smallest=0.0, largest=30.0
        )
        assert built(best(one_good(candidates=(sized,)))) == {"plant": pytest.approx(20.0)}

    def test_no_smaller_than_its_smallest(self):
        sized = plant(
            adds={"mill in AAA": 1.0}, capital=1.0, unit_capital=0.1, smallest=25.0, largest=30.0
        )
        assert built(best(one_good(candidates=(sized,)))) == {"plant": pytest.approx(25.0)}

    def test_a_fixed_charge_is_an_economy_of_scale(self):
        pair = tuple(
            plant(name, adds={"mill in AAA": 1.0}, capital=15.0, unit_capital=0.1, smallest=0.0,
                  largest=20.0)
            for name in ("one", "two")
        )  # fmt: skip
        # each could take half; one fixed charge is cheaper than two
        assert list(built(best(one_good(candidates=pair))).values()) == [pytest.approx(20.0)]

    def test_a_dear_part_of_a_size_is_left_when_it_does_not_pay(self):
        parts = (Segment(5.0, 0.1), Segment(25.0, 1e4))
        sized = plant(
            adds={"mill in AAA": 1.0}, capital=0.1, unit_capital=0.1, smallest=0.0, largest=30.0,
            segments=parts,
        )  # fmt: skip
        assert built(best(one_good(candidates=(sized,)))) == {"plant": pytest.approx(5.0)}

    def test_room_at_a_site_is_shared(self):
        pair = tuple(plant(n, capital=1.0, adds={"mill in AAA": 10.0}) for n in ("one", "two"))
        room = BuildLimit("site", {"one": 1.0, "two": 1.0}, largest=1.0)
        assert len(built(best(one_good(candidates=pair, build_limits=(room,))))) == 1

    def test_what_is_agreed_is_built_even_at_a_loss(self):
        agreed = BuildLimit("agreed", {"plant": 1.0}, smallest=1.0)
        dear = one_good(candidates=(plant(capital=1e4),), build_limits=(agreed,))
        assert built(best(dear)) == {"plant": 1.0}

    def test_a_plant_ends_with_its_life(self):
        plan = best(one_good(candidates=(plant(capital=1.0, life=1.0),)))
        assert plan.report.unmet[0, :, 0].sum() == pytest.approx(40.0)


GRANT = Package("grant", (5.0, 5.0), (8.0, 8.0), raises=10.0)


class TestPublicMoney:
    def test_packages_add_up_to_the_decision(self):
        two = (GRANT, Package("loan", (3.0, -1.0)))
        assembly = assembled(one_good(candidates=(plant(capital=1.0, packages=two),)))
        plan = planned(assembly)
        paid = sum(
            plan.solution.x[k]
            for k, d in enumerate(assembly.first.decisions)
            if d.kind == "support"
        )
        assert paid == pytest.approx(1.0)

    def test_of_equal_plans_the_one_with_less_public_money_is_taken(self):
        two = (GRANT, Package("loan", (3.0, -1.0)))
        model = one_good(candidates=(plant(capital=1.0, packages=two),), public_weight=1e-3)
        assert best(model).report.portfolio[0].package == "loan"

    def test_nobody_spends_more_than_the_budget(self):
        budget = {"AAA": dict.fromkeys(range(FIRST, FIRST + 3), 4.0)}
        model = one_good(candidates=(plant(capital=1.0, packages=(GRANT,)),), budgets=budget)
        assert built(best(model)) == {}

    def test_what_is_saved_can_be_spent_later(self):
        budget = {"AAA": dict.fromkeys(range(FIRST, FIRST + 3), 4.0)}
        model = one_good(
            candidates=(plant(capital=1.0, packages=(GRANT,)),), budgets=budget, carry_over=True
        )
        # 5 and 5 of 4 a year: not before the second year, when 8 are there
        plan = best(model)
        assert [row.decided for row in plan.report.portfolio] == [FIRST + 1]
        spent = {row.year: row.public for row in plan.report.cash}
        assert spent == pytest.approx({FIRST: 0.0, FIRST + 1: 5.0, FIRST + 2: 5.0})

    def test_a_partner_without_a_budget_of_its_own_has_nothing_to_spend_in_other_years(self):
        model = one_good(
            candidates=(plant(capital=1.0, packages=(GRANT,)),), budgets={"AAA": {FIRST: 100.0}}
        )
        assert built(best(model)) == {}

    def test_the_shadow_value_of_a_budget_is_not_negative(self):
        budget = {"AAA": dict.fromkeys(range(FIRST, FIRST + 3), 4.0)}
        model = one_good(candidates=(plant(capital=1.0, packages=(GRANT,)),), budgets=budget)
        found = planned(assembled(model), replace(EXACT, extensive=False))
        assert all(value <= 1e-9 for name, value in found.report.shadow.items())


STORE = Stockpile(GOOD, "AAA", largest=50.0, opening=0.0, holding=0.05, price=0.9)


class TestStock:
    def model(self, **changes):
        model = one_good(years=6, candidates=(), **changes)
        # cheap to buy now; nothing is to be had in the last three years
        rich = replace(model.activities[0], largest=np.array([200.0, 200, 200, 0, 0, 0]))
        return replace(model, activities=(rich, model.activities[1]))

    def test_a_store_is_filled_before_a_dearth_and_has_room(self):
        plan = best(self.model(stockpiles=(STORE,)))
        held = sum(row.quantity for row in plan.report.stocked)
        assert held == pytest.approx(50.0)
        saved = best(self.model()).report.unmet.sum() - plan.report.unmet.sum()
        assert saved == pytest.approx(50.0)

    def test_what_is_there_already_takes_up_room(self):
        half = replace(STORE, opening=20.0)
        plan = best(self.model(stockpiles=(half,)))
        assert sum(row.quantity for row in plan.report.stocked) == pytest.approx(30.0)

    def test_nothing_is_drawn_that_is_not_there(self):
        assembly = assembled(self.model(stockpiles=(replace(STORE, opening=20.0),)))
        plan = planned(assembly)
        drawn = assembly.columns("drawn_stock", plan.operations.activity)[0, :, 0].cumsum()
        bought = np.zeros(6)
        for row in plan.report.stocked:
            bought[row.year - FIRST :] += row.quantity
        assert np.all(drawn <= 20.0 + bought + 1e-7)

    def test_a_store_that_costs_nothing_and_keeps_its_value_costs_nothing_to_hold(self):
        model = one_good(years=6, candidates=())
        free = replace(model.activities[0], cost=same(0.9, 6) / 1.0, largest=same(200.0, 6))
        flat = tuple(replace(step, discount=1.0) for step in model.steps)
        store = replace(STORE, holding=0.0)
        without = replace(model, steps=flat, activities=(free, model.activities[1]))
        kept, none = (best(replace(without, stockpiles=s)) for s in ((store,), ()))
        assert kept.solution.objective == pytest.approx(none.solution.objective, rel=1e-9)

    def test_a_store_is_paid_from_its_partners_budget(self):
        poor = self.model(
            stockpiles=(STORE,), budgets={"AAA": dict.fromkeys(range(2026, 2032), 2.0)}
        )
        plan = best(poor)
        assert 0 < sum(row.quantity for row in plan.report.stocked) < 50.0
        assert all(row.public <= 2.0 + 1e-6 for row in plan.report.cash)

    def test_a_state_is_not_covered_from_a_store(self):
        last = target(state=N_MINUS_1, share=0.9, steps=(5,))
        model = self.model(stockpiles=(replace(STORE, opening=50.0),), targets=(last,))
        states = {N_MINUS_1: {IMPORT: 0.0}}
        plan = planned(Assembly(model, draw(model, count=1, states=states)))
        assert plan.report.targets[0].reached == pytest.approx(0.2)


class TestTargets:
    def test_a_target_at_nothing_changes_nothing(self):
        with_it, without = (
            best(one_good(targets=rows), (BAN,), count=4)
            for rows in ((target(share=0.0), target(state=N_MINUS_1, share=0.0)), ())
        )
        # a state without shortage to speak of counts next to nothing
        assert with_it.solution.objective == pytest.approx(without.solution.objective, rel=1e-3)
        assert built(with_it) == built(without)

    def test_a_plant_that_does_not_pay_is_built_for_a_target(self):
        dear = (plant(capital=500.0),)
        assert built(best(one_good(candidates=dear))) == {}
        plan = best(one_good(candidates=dear, targets=(target(share=0.95),)))
        assert built(plan) == {"plant": 1.0}
        assert plan.report.targets[0].reached >= 0.95 - 1e-9
        assert plan.report.targets[0].missed == pytest.approx(0.0, abs=1e-9)

    def test_it_binds_in_its_years_only(self):
        late = (target(share=1.0, steps=(2,)),)
        plan = best(one_good(candidates=(plant(capital=500.0),), targets=late))
        assert [row.decided for row in plan.report.portfolio] == [FIRST + 2]

    def test_what_cannot_be_reached_is_missed_by_what_is_lacking(self):
        plan = best(one_good(candidates=(), targets=(target(share=0.95),)))
        row = plan.report.targets[0]
        assert (row.step, row.wanted) == ("2028", 0.95)
        assert row.reached == pytest.approx(0.8)
        assert row.missed == pytest.approx(0.15)

    def test_the_largest_supplier_gone_is_another_state(self):
        aims = (target(share=0.8), target(state=N_MINUS_1, share=0.5))
        model = one_good(candidates=(plant(capital=500.0),), targets=aims)
        plan = planned(Assembly(model, draw(model, count=1, states={N_MINUS_1: {IMPORT: 0.0}})))
        reached = {row.target: row.reached for row in plan.report.targets}
        assert reached["coverage n-1"] == pytest.approx(0.6)
        assert reached["coverage calm"] == pytest.approx(1.0)

    def test_a_share_from_one_country_is_kept(self):
        share = target("share", share=0.5, origin="CCC")
        dear = (plant(capital=500.0),)
        assert built(best(one_good(candidates=dear))) == {}
        plan = best(one_good(candidates=dear, targets=(share,)))
        imported, made = plan.assembly.columns("activity", plan.operations.activity)[-1, 2]
        assert built(plan) == {"plant": 1.0}
        assert imported <= made + 1e-6
        row = plan.report.targets[0]
        assert row.reached <= 0.5 + 1e-7
        assert row.missed == pytest.approx(0.0, abs=1e-7)

    def test_going_without_does_not_lower_the_share_from_one_country(self):
        share = target("share", share=0.5, origin="CCC")
        row = best(one_good(candidates=(), targets=(share,))).report.targets[0]
        # 20 of 100 come from elsewhere, whether the rest is bought or not
        assert row.reached == pytest.approx(0.8)
        assert row.missed == pytest.approx(0.3)


class TestRisk:
    def plans(self, *weights: float, level: float = 0.8):
        model = one_good(years=5, candidates=(plant(capital=300.0),))
        return [
            best(model, (BAN,), count=12, risk_weight=weight, risk_level=level)
            for weight in weights
        ]

    def test_no_weight_is_neutral(self):
        with_level, without = self.plans(0.0), self.plans(0.0, level=0.5)
        assert with_level[0].solution.objective == without[0].solution.objective
        assert line(with_level[0], CostLine.RISK) == 0.0

    def test_more_weight_never_lowers_cost(self):
        objectives = [plan.solution.objective for plan in self.plans(0.0, 0.5, 2.0)]
        assert objectives == sorted(objectives)

    def test_more_weight_never_worsens_the_tail(self):
        def tail(plan):
            worst = plan.report.unmet[:12].sum(axis=(1, 2))
            return np.sort(worst)[-3:].mean()

        calm, averse = self.plans(0.0, 20.0)
        assert tail(averse) <= tail(calm) + 1e-6


class TestForms:
    def test_the_decomposition_finds_the_plan_of_the_extensive_form(self):
        model = one_good(
            years=4, candidates=(plant(capital=80.0), plant("other", capital=60.0, build=1)),
            stockpiles=(STORE,), targets=(target(share=0.9),),
        )  # fmt: skip
        assembly = assembled(model, (BAN,), count=6, risk_weight=0.5)
        one = planned(assembly)
        two = planned(assembly, replace(EXACT, extensive=False, gap=1e-7))
        assert two.solution.objective == pytest.approx(one.solution.objective, rel=1e-6)

    def test_worth_turns_cost_into_cost_less_revenue(self):
        assembly = assembled(one_good(candidates=()))
        plan = planned(assembly)
        net = plan.solution.objective - float(assembly.worth @ assembly.draws.weight)
        everything = (30 * 3 + 40 * 8 + 30 * 20) * DISCOUNT
        assert net == pytest.approx(160 * DISCOUNT - everything)

    def test_columns_and_rows_have_names(self):
        problem: TwoStageProblem = assembled(one_good()).problem
        assert len(problem.first.names) == problem.first.cost.size
        assert problem.first.names[0] == "build / plant / 2026"
