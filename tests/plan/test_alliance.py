"""What partners plan over: their own plants, what they may draw from outside, what they owe."""

from dataclasses import replace

import numpy as np
import pytest

from chains import chain
from monazite.errors import InputError, NetworkError, ScenarioError, UnknownCodeError
from monazite.network import BasePrice, Route
from monazite.plan.access import FEED_PREMIUM, feed_name, import_name
from monazite.plan.alliance import Alliance, Plant, PlantLine
from monazite.plan.draws import CALM, N_MINUS_1
from monazite.plan.membership import SURPLUS
from monazite.plan.model import CostLine
from monazite.plan.programme import parse
from plan.plan_factory import FIRST, PARTNERS, assembled, planned, plants, programme

SEED = 3
CCC_MAKES_MOST = 4
USER = {"source": ["user"]}


def made(changes=None, coalition=(), seed=SEED, more=()):
    asked = programme(**(changes or {}))
    return Alliance(chain(seed), asked, (*plants(seed), *more)).model(coalition)


def named(model, name):
    return next(row for row in model.activities if row.name == name)


def cost(changes=None) -> float:
    return planned(assembled(made(changes))).solution.objective


def flow(commodity, origin, destination) -> float:
    return sum(
        row.flow or 0.0
        for row in chain(SEED).routes
        if (row.commodity, row.origin, row.destination) == (commodity, origin, destination)
    )


def wide_chain():
    """A chain with a fourth region that buys from the third: feed that could be won."""
    network = chain(SEED)
    return replace(
        network,
        routes=(*network.routes, Route("heavy", "CCC", "DDD", 80.0)),
        base_prices=(*network.base_prices, BasePrice("heavy", "DDD", 150.0)),
    )


def wide_plants():
    """A smelter in each of two partners, one three times as large."""
    return tuple(
        Plant(f"smelter {region}", region, (region,), False,
              (PlantLine("smelt", {"heavy": -1.25, "metal": 1.0}, size),), FIRST)
        for region, size in (("AAA", 50.0), ("BBB", 150.0))
    )  # fmt: skip


class TestAccess:
    def test_a_purchase_is_what_it_was_grown_with_a_little_room(self):
        model = made({"access": {"growth": 0.1, "spare": 0.2}})
        bought = named(model, import_name("metal", "CCC", "AAA"))
        usual = flow("metal", "CCC", "AAA")
        assert bought.largest == pytest.approx(usual * 1.2 * 1.1 ** np.arange(2, 6))
        assert bought.origin == "CCC"

    def test_it_costs_the_price_at_the_border(self):
        price = chain(SEED).base_price(("metal", "AAA"))
        bought = named(made(), import_name("metal", "CCC", "AAA"))
        assert bought.cost == pytest.approx(price)

    @pytest.mark.parametrize(
        ("key", "values"),
        [
            ("spare", (0.0, 0.05, 0.5)),
            ("growth", (-0.1, 0.0, 0.2)),
            ("sales_share", (0.0, 0.05, 0.3)),
            ("sales_price", (0.2, 0.8, 1.0)),
        ],
    )
    def test_more_access_never_raises_cost(self, key, values):
        growth = {"growth": [{"rate": 0.1, **USER}]}
        costs = [cost(growth | {"access": {key: value}}) for value in values]
        assert costs == pytest.approx(sorted(costs, reverse=True), rel=1e-9)
        assert costs[-1] < costs[0]

    def test_more_feed_never_raises_cost(self):
        costs = []
        for share in (0.0, 0.5, 1.0):
            said = programme(access={"feed_share": share}, growth=[{"rate": 0.3, **USER}])
            model = Alliance(wide_chain(), said, wide_plants()).model()
            costs.append(planned(assembled(model)).solution.objective)
        assert costs == pytest.approx(sorted(costs, reverse=True), rel=1e-9)
        assert costs[-1] < costs[0]

    def test_trade_that_has_ended_is_not_there(self):
        ended = [{"commodity": "metal", "origin": "CCC", "destination": "AAA", **USER}]
        model = made({"access": {"ended": ended}})
        names = {row.name for row in model.activities}
        assert import_name("metal", "CCC", "AAA") not in names
        assert import_name("metal", "CCC", "BBB") in names

    def test_a_contract_adds_to_what_can_be_bought(self):
        row = {"commodity": "metal", "partner": "AAA", "origin": "CCC", "quantity": 33, **USER}
        years = {"first": FIRST + 1, "last": FIRST + 2}
        plain, more = (
            named(made({"access": {"contracts": rows}}), import_name("metal", "CCC", "AAA"))
            for rows in ((), [row | years])
        )
        assert more.largest - plain.largest == pytest.approx([0.0, 33.0, 33.0, 0.0])

    def test_a_contract_opens_a_way(self):
        ended = {"commodity": "metal", "origin": "CCC", "destination": "AAA", **USER}
        row = {"commodity": "metal", "partner": "AAA", "origin": "CCC", "quantity": 33, **USER}
        model = made({"access": {"contracts": [row], "ended": [ended]}})
        assert named(model, import_name("metal", "CCC", "AAA")).largest == pytest.approx(33.0)

    def test_a_contract_for_an_unknown_good_is_refused(self):
        row = {"commodity": "mettal", "partner": "AAA", "origin": "CCC", "quantity": 33, **USER}
        with pytest.raises(UnknownCodeError, match="mettal"):
            made({"access": {"contracts": [row]}})

    def test_a_contract_among_partners_is_refused(self):
        text = (
            'id = "trial"\ntitle = "trial"\npartners = ["AAA", "BBB"]\n[[access.contracts]]\n'
            'commodity = "metal"\npartner = "AAA"\norigin = "BBB"\nquantity = 1\n'
            'source = ["user"]\n'
        )
        with pytest.raises(ScenarioError, match="no contract with BBB"):
            parse(text, "trial.toml")

    def test_feed_is_won_dearer_than_it_was(self):
        model = made({"partners": ("AAA",)})
        won = named(model, feed_name("heavy", "CCC"))
        price = chain(SEED).base_price(("heavy", "CCC"))
        assert won.cost == pytest.approx(FEED_PREMIUM * price)

    def test_partners_together_win_the_feed_that_they_win_apart(self):
        both, *apart = (
            Alliance(wide_chain(), programme(), wide_plants()).model(chosen)
            for chosen in ((), ("AAA",), ("BBB",))
        )
        name = feed_name("heavy", "CCC")
        whole = named(both, name).largest
        parts = [named(model, name).largest for model in apart]
        assert whole == pytest.approx(0.5 * 80.0)
        assert sum(parts) == pytest.approx(whole)
        assert parts[0] == pytest.approx(whole / 4)

    def test_sales_abroad_are_a_share_of_what_the_world_uses(self):
        apart = [made(coalition=(partner,)) for partner in PARTNERS]
        limits = {row.name: row.largest for row in made().limits}
        for name, largest in limits.items():
            parts = [row.largest for model in apart for row in model.limits if row.name == name]
            assert np.all(np.sum(parts, axis=0) <= largest * (1 + 1e-9))


class TestPromises:
    def test_exports_of_the_base_year_stay_promised(self):
        model = made()
        exports = [row for row in model.demands if not row.partner]
        assert {row.name for row in exports} == {"exports to CCC"}
        of_metal = next(row for row in exports if row.market == ("metal", "AAA"))
        assert of_metal.quantity == pytest.approx(flow("metal", "AAA", "CCC"))

    def test_customers_abroad_bid_what_the_good_is_worth_to_users(self):
        model = made()
        own = next(r for r in model.demands if r.partner == "AAA" and r.market[0] == "metal")
        abroad = next(r for r in model.demands if not r.partner and r.market[0] == "metal")
        worth = {row.value / abroad.value for row in abroad.rungs}
        usual = {row.value / own.value for row in own.rungs}
        assert len(worth & usual) >= 3

    def test_a_partner_who_plans_apart_is_owed_more_than_any_customer_would_pay(self):
        model = made(coalition=("AAA",))
        owed = [r for r in model.demands if r.name == "exports to BBB"]
        assert owed
        for row in owed:
            others = [
                rung.value
                for other in model.demands
                if other is not row and other.market[0] == row.market[0] and other not in owed
                for rung in other.rungs
            ]
            assert row.rungs[0].value > max(others)

    def test_together_nobody_owes_a_partner_anything(self):
        assert not any("to BBB" in r.name or "to AAA" in r.name for r in made().demands)

    def test_what_one_pays_the_other_gets_but_for_the_freight(self):
        apart = {p: made(coalition=(p,)) for p in PARTNERS}
        got = named(apart["AAA"], "metal of AAA paid for by BBB")
        paid = named(apart["BBB"], import_name("metal", "AAA", "BBB"))
        sent = named(made(), "metal shipped from AAA to BBB")
        assert paid.cost + got.cost == pytest.approx(sent.cost)
        assert paid.largest == pytest.approx(got.largest)


class TestPlants:
    def test_home_plants_count_whole_and_foreign_ones_in_part(self):
        alliance = Alliance(chain(SEED), programme(access={"offtake_share": 0.6}), plants(SEED))
        share = {p.name: alliance.share_of(p, PARTNERS) for p in alliance.plants}
        assert share["separation one"] == 1.0
        assert share["abroad"] == 0.6
        assert share["coming abroad"] == 0.5

    def test_another_partners_plant_is_not_ones_own(self):
        alliance = Alliance(chain(SEED), programme(), plants(SEED))
        one = next(p for p in alliance.plants if p.name == "separation one")
        assert alliance.share_of(one, ("BBB",)) == 0.0
        assert alliance.owner(one) == "AAA"

    def test_a_plant_on_a_partners_ground_is_that_partners_own(self):
        line = PlantLine("smelt", {"heavy": -1.25, "metal": 1.0}, 50.0)
        foreign = Plant("foreign", "BBB", ("AAA",), False, (line,), FIRST)
        assert Alliance(chain(SEED), programme(), (foreign,)).owner(foreign) == "BBB"
        assert "foreign" not in {
            row.name for row in made(coalition=("AAA",), more=(foreign,)).candidates
        }
        assert "foreign" in {
            row.name for row in made(coalition=("BBB",), more=(foreign,)).candidates
        }

    def test_supported_plants_abroad_cost_the_part_that_is_taken(self):
        model = made({"access": {"offtake_share": 0.25}})
        abroad = next(row for row in model.candidates if row.name == "abroad")
        plant = next(p for p in plants(SEED) if p.name == "abroad")
        assert abroad.capital == pytest.approx(0.25 * plant.capital)
        assert abroad.adds == pytest.approx({"abroad: smelt": 0.25 * plant.lines[0].size})

    def test_nothing_is_chosen_in_the_largest_producers_country(self):
        assert Alliance(chain(CCC_MAKES_MOST), programme()).producer == "CCC"
        names = {row.name for row in made(seed=CCC_MAKES_MOST).candidates}
        assert "abroad" not in names
        assert "separation one" in names

    def test_a_partner_who_makes_most_may_build_at_home(self):
        assert Alliance(chain(SEED), programme()).producer == "AAA"
        assert "separation one" in {row.name for row in made().candidates}

    def test_a_plant_without_feed_is_refused(self):
        line = PlantLine("melt", {"unobtainium": -1.0, "metal": 1.0}, 50.0)
        lost = Plant("lost", "AAA", ("AAA",), False, (line,), FIRST)
        with pytest.raises(NetworkError, match=r"lost has no feed.*unobtainium to AAA"):
            made(more=(lost,))

    def test_lines_that_share_a_plant_share_its_size(self):
        lines = tuple(
            PlantLine(name, {"heavy": -1.25, "metal": 1.0}, 50.0, capacity="furnace")
            for name in ("slow", "fast")
        )
        model = made(more=(Plant("two lines", "AAA", ("AAA",), False, lines, FIRST),))
        chosen = next(row for row in model.candidates if row.name == "two lines")
        assert chosen.adds == {"two lines: furnace": 50.0}


class TestRules:
    def test_surplus_is_no_demand(self):
        assert SURPLUS not in {row.name for row in made().demands}

    def test_a_store_has_room_for_days_of_use_beside_what_is_held(self):
        rule = {"commodities": ["metal"], "largest_days": 73.05, "private_cover": 0.5}
        store = made({"stockpiles": [rule]}).stockpiles[0]
        network = chain(SEED)
        held = sum(
            row.stock for row in network.holders if (row.commodity, row.region) == store.market
        )
        used = Alliance(network, programme(), plants(SEED)).use_of[store.market]
        assert store.opening == pytest.approx(0.5 * held)
        assert store.largest - store.opening == pytest.approx(0.2 * used)

    def test_budgets_are_by_year_and_the_first_rule_of_a_year_counts(self):
        rows = [
            {"partner": "AAA", "amount": 5, "unit": "MUSD", "last": FIRST, **USER},
            {"partner": "AAA", "amount": 2, "unit": "kUSD", **USER},
        ]
        budget = made({"budgets": rows}).budgets["AAA"]
        assert budget == pytest.approx({FIRST: 5000.0, FIRST + 1: 2, FIRST + 2: 2, FIRST + 3: 2})

    def test_money_of_another_currency_needs_a_rate(self):
        rows = [{"partner": "AAA", "amount": 5, "unit": "MEUR", **USER}]
        with pytest.raises(InputError, match="rates"):
            made({"budgets": rows})

    def test_a_budget_of_nobody_is_refused(self):
        rows = [{"partner": "CCC", "amount": 5, "unit": "kUSD", **USER}]
        with pytest.raises(UnknownCodeError, match="budget 1"):
            made({"budgets": rows})

    def test_a_target_is_each_partners_own(self):
        aims = [
            {"name": "calm", "commodities": ["metal"], "at_least": 0.9, "first": FIRST + 2},
            {"name": "gone", "kind": "n-1", "partners": ["BBB"], "at_least": 0.5, "first": FIRST},
        ]
        targets = made({"targets": aims}).targets
        assert [row.name for row in targets] == ["calm AAA", "calm BBB", "gone BBB"]
        assert [row.state for row in targets] == [CALM, CALM, N_MINUS_1]
        assert targets[0].steps == (2, 3)
        assert targets[2].steps == (0, 1, 2, 3)

    def test_a_target_on_an_unknown_good_is_refused(self):
        aims = [{"name": "calm", "commodities": ["mettal"], "at_least": 0.9, "first": FIRST}]
        with pytest.raises(UnknownCodeError, match="mettal"):
            made({"targets": aims})

    def test_an_unknown_partner_is_refused(self):
        with pytest.raises(UnknownCodeError, match="AAB"):
            Alliance(chain(SEED), programme(partners=("AAB", "BBB")))


def test_every_line_of_the_objective_is_one_that_the_report_knows():
    model = made()
    assert {row.line for row in model.activities} <= set(CostLine)
