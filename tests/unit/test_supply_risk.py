"""Indicators of supply risk: identities, limits, what is not known, bad arrays."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.errors import InputError, UnknownCodeError
from monazite.indicators import (
    Disruptions,
    MaterialFacts,
    Reason,
    SupplyRecords,
    european_risk,
    expected_loss,
    geopolitical_risk,
    governance_risk,
    herfindahl,
    hoskins_index,
    n1_coverage,
    production_hhi,
    production_reason,
    purchases,
    weighted_herfindahl,
)
from supply_factory import CODES, bought, one, supply

SCORES = dict.fromkeys(CODES, 0.5)
amounts = st.lists(st.floats(0.1, 1e6), min_size=5, max_size=5)
gaps = st.sampled_from([0.0, 0.5, 3.0, np.nan])
pairs = st.permutations(CODES).map(lambda order: (order[0], order[1]))
scores = st.lists(st.floats(0, 1), min_size=5, max_size=5)


def records_of(made: list[float], sold: list[float], risk: list[float]) -> SupplyRecords:
    """Five producers; all but the first sell to the United States, which comes last."""
    flows = {("USA", code): amount for code, amount in zip(CODES[:4], sold[:4], strict=True)}
    return supply(
        dict(zip(CODES, made, strict=True)), flows, dict(zip(CODES, risk, strict=True)), value=2.0
    )


class TestConcentration:
    def test_one_producer_is_one(self) -> None:
        assert one(production_hhi(supply({"CHN": 7.0}, {}, {}))) == 1

    @given(amounts)
    def test_it_is_the_index_of_single_networks(self, made: list[float]) -> None:
        assert float(weighted_herfindahl(np.array(made))) == pytest.approx(
            herfindahl(np.array(made)), rel=1e-12
        )

    @given(amounts)
    def test_it_lies_between_equal_shares_and_one(self, made: list[float]) -> None:
        found = herfindahl(np.array(made))
        assert 1 / 5 - 1e-12 <= found <= 1 + 1e-12

    @given(amounts)
    def test_splitting_a_supplier_lowers_it(self, made: list[float]) -> None:
        split = [made[0] / 2, made[0] / 2, *made[1:]]
        assert herfindahl(np.array(split)) < herfindahl(np.array(made))

    def test_a_withheld_quantity_is_not_nothing(self) -> None:
        records = supply({"CHN": 7.0, "USA": np.nan}, {}, {})
        assert np.isnan(one(production_hhi(records)))
        assert one(production_reason(records)) == Reason.WITHHELD_PRODUCTION

    @pytest.mark.parametrize("made", [{}, dict.fromkeys(CODES, np.nan)], ids=["zero", "unknown"])
    def test_nobody_makes_it(self, made: dict[str, float]) -> None:
        records = supply(made, {}, {})
        assert np.isnan(one(production_hhi(records)))
        assert one(production_reason(records)) == Reason.NO_PRODUCTION

    def test_a_weight_of_who_makes_nothing_is_not_looked_at(self) -> None:
        assert float(weighted_herfindahl(np.array([3.0, 0.0]), np.array([2.0, np.nan]))) == 2
        assert np.isnan(weighted_herfindahl(np.array([3.0, 1.0]), np.array([2.0, np.nan])))


class TestGeopolrisk:
    @given(amounts, amounts, scores)
    def test_the_formula_by_hand(
        self, made: list[float], sold: list[float], risk: list[float]
    ) -> None:
        records = records_of(made, sold, risk)
        found = geopolitical_risk(records, bought(records, "USA"), reference=4.0)
        weighted = sum(a * g for a, g in zip(sold[:4], risk[:4], strict=True))
        by_hand = weighted / (sum(sold[:4]) + made[4])
        assert one(found.import_risk) == pytest.approx(by_hand, rel=1e-9)
        assert one(found.score) == pytest.approx(by_hand * herfindahl(np.array(made)), rel=1e-9)
        assert one(found.cf) == pytest.approx(one(found.score) * 2 / 4, rel=1e-9)

    @given(amounts, amounts, scores, st.permutations(range(5)))
    def test_the_order_of_countries_says_nothing(
        self, made: list[float], sold: list[float], risk: list[float], order: list[int]
    ) -> None:
        records = records_of(made, sold, risk)
        back = np.argsort(order)
        trade = records.trade
        mixed = replace(
            records,
            countries=tuple(CODES[place] for place in order),
            production=records.production[:, order],
            governance=records.governance[order],
            trade=replace(trade, country=back[trade.country], partner=back[trade.partner]),
        )
        one_way, other = (geopolitical_risk(way, bought(way, "USA")) for way in (records, mixed))
        assert one(other.score) == pytest.approx(one(one_way.score), rel=1e-9)

    @given(amounts, amounts, scores, st.floats(1e-3, 1e3))
    def test_the_unit_of_mass_says_nothing(
        self, made: list[float], sold: list[float], risk: list[float], unit: float
    ) -> None:
        there, here = (
            records_of([x * f for x in made], [x * f for x in sold], risk) for f in (unit, 1.0)
        )
        scaled, plain = (geopolitical_risk(r, bought(r, "USA")) for r in (there, here))
        assert one(scaled.hhi) == pytest.approx(one(plain.hhi), rel=1e-9)
        assert one(scaled.import_risk) == pytest.approx(one(plain.import_risk), rel=1e-9)

    def test_who_imports_other_goods_only_imports_none_of_this(self) -> None:
        records = supply({"USA": 1.0, "CHN": 1.0}, {("USA", "CHN"): 0.0}, SCORES)
        found = geopolitical_risk(records, bought(records, "USA"))
        assert one(found.import_risk) == 0
        assert one(found.cf_reason) == Reason.NO_PRICE

    def test_perfect_governance_is_no_risk(self) -> None:
        records = supply({"CHN": 1.0}, {("USA", "CHN"): 5.0}, {"CHN": 0.0}, value=1.0)
        found = geopolitical_risk(records, bought(records, "USA"))
        assert (one(found.score), one(found.cf)) == (0, 0)
        assert one(found.cf_reason) == Reason.KNOWN

    def test_a_price_of_its_own_goes_before_the_value_of_imports(self) -> None:
        flows = {("USA", "CHN"): 5.0}
        records = supply({"CHN": 1.0}, flows, SCORES, price=3.0, value=1.0)
        found = geopolitical_risk(records, bought(records, "USA"), reference=1.0)
        assert one(found.cf) == pytest.approx(0.5 * 3)

    def test_a_group_is_one_buyer_and_trade_inside_it_no_import(self) -> None:
        flows = {("USA", "CHN"): 6.0, ("DEU", "CHN"): 2.0, ("USA", "DEU"): 50.0}
        made = {"CHN": 1.0, "DEU": 1.0, "USA": 1.0}
        records = supply(made, flows, {"CHN": 1.0}, value=1.0)
        found = geopolitical_risk(records, bought(records, "PAIR"))
        assert one(found.import_risk) == pytest.approx(8 / (8 + 2))

    def test_all_countries_at_once_are_the_countries_one_by_one(self) -> None:
        flows = {("USA", "CHN"): 6.0, ("DEU", "USA"): 2.0, ("CHN", "DEU"): 5.0}
        records = supply({"CHN": 3.0, "USA": 1.0}, flows, SCORES, value=1.0)
        every = geopolitical_risk(records, purchases(records))
        for place, code in enumerate(CODES):
            single = geopolitical_risk(records, bought(records, code))
            for name in ("import_risk", "score", "cf", "score_reason"):
                np.testing.assert_array_equal(
                    getattr(every, name)[:, place], getattr(single, name)[:, 0]
                )

    def test_a_reference_of_nothing_raises(self) -> None:
        records = supply({"CHN": 1.0}, {("USA", "CHN"): 5.0}, SCORES)
        with pytest.raises(InputError, match="reference"):
            geopolitical_risk(records, bought(records, "USA"), reference=0.0)


class TestTheUnknown:
    @pytest.mark.parametrize(
        ("made", "flows", "reason"),
        [
            (dict.fromkeys(CODES, np.nan), {("USA", "CHN"): 1.0}, Reason.NO_PRODUCTION),
            ({"USA": np.nan}, {("USA", "CHN"): 1.0}, Reason.WITHHELD_PRODUCTION),
            ({"CHN": 1.0}, {}, Reason.NO_TRADE),
            ({"CHN": 1.0}, {("DEU", "CHN"): 1.0}, Reason.NO_TRADE),
            ({"CHN": 1.0}, {("USA", "CHN"): np.nan}, Reason.WITHHELD_TRADE),
            ({"CHN": 1.0}, {("USA", "CHN"): 0.0}, Reason.NO_SUPPLY),
            ({"CHN": 1.0}, {("USA", "BRA"): 1.0}, Reason.NO_GOVERNANCE),
        ],
    )
    def test_every_gap_has_its_reason_and_no_figure(
        self, made: dict[str, float], flows: dict[tuple[str, str], float], reason: Reason
    ) -> None:
        records = supply(made, flows, {"CHN": 0.5})
        found = geopolitical_risk(records, bought(records, "USA"))
        assert one(found.import_risk_reason) == reason
        assert np.isnan(one(found.import_risk))
        assert np.isnan(one(found.score))
        assert one(found.score_reason) != Reason.KNOWN

    @given(scores, st.floats(0, 1))
    def test_bounds_hold_whatever_the_missing_score_is(
        self, risk: list[float], missing: float
    ) -> None:
        told = dict(zip(CODES, risk, strict=True))
        flows = {("USA", "CHN"): 3.0, ("USA", "BRA"): 1.0}
        hidden = {code: score for code, score in told.items() if code != "BRA"}
        found, truth = (
            geopolitical_risk(records, bought(records, "USA"))
            for records in (
                supply({"CHN": 1.0}, flows, hidden),
                supply({"CHN": 1.0}, flows, told | {"BRA": missing}),
            )
        )
        inside = min(hidden.values()) <= missing <= max(hidden.values())
        low, high = one(found.import_risk_low), one(found.import_risk_high)
        assert low <= high
        assert one(found.unscored_share) == pytest.approx(1 / 4)
        if inside:
            assert low - 1e-12 <= one(truth.import_risk) <= high + 1e-12

    def test_without_any_score_there_are_no_bounds(self) -> None:
        records = supply({"CHN": 1.0}, {("USA", "CHN"): 3.0}, {})
        found = geopolitical_risk(records, bought(records, "USA"))
        assert np.isnan(one(found.import_risk_high))

    def test_an_import_without_value_has_no_mean_price(self) -> None:
        records = supply({"CHN": 1.0}, {("USA", "CHN"): 3.0}, SCORES)
        found = geopolitical_risk(records, bought(records, "USA"))
        assert one(found.cf_reason) == Reason.NO_PRICE
        assert np.isnan(one(found.cf))
        assert one(found.score) == pytest.approx(0.5)

    @given(
        st.lists(gaps, min_size=5, max_size=5),
        st.dictionaries(pairs, gaps, max_size=8),
        st.lists(gaps, min_size=5, max_size=5),
        gaps,
    )
    def test_a_figure_is_there_exactly_where_no_reason_is(
        self,
        made: list[float],
        flows: dict[tuple[str, str], float],
        risk: list[float],
        rate: float,
    ) -> None:
        named = dict(zip(CODES, made, strict=True))
        records = supply(named, flows, dict(zip(CODES, risk, strict=True)), value=2.0)
        facts = MaterialFacts(np.array([[rate / 10]]), np.ones((1, 1)), np.ones((1, len(CODES), 1)))
        for buyers in (purchases(records), bought(records, "PAIR", "USA")):
            found = geopolitical_risk(records, buyers)
            european = european_risk(records, buyers, facts)
            for figures, reasons in (
                (found.hhi, found.hhi_reason),
                (found.import_risk, found.import_risk_reason),
                (found.score, found.score_reason),
                (found.cf, found.cf_reason),
                (european.supply_risk, european.reason),
            ):
                np.testing.assert_array_equal(np.isfinite(figures), reasons == Reason.KNOWN)

    @pytest.mark.parametrize("reason", Reason)
    def test_every_reason_is_told(self, reason: Reason) -> None:
        assert bool(reason.meaning) == (reason is not Reason.KNOWN)


class TestEuropeanRisk:
    def facts(self, rate: float = 0.0, index: float = 1.0, factor: float = 1.0) -> MaterialFacts:
        return MaterialFacts(
            np.array([[rate]]), np.array([[index]]), np.full((1, len(CODES), 1), factor)
        )

    def test_the_formula_by_hand(self) -> None:
        flows = {("DEU", "CHN"): 6.0, ("DEU", "BRA"): 2.0, ("USA", "DEU"): 1.0}
        records = supply({"CHN": 8.0, "DEU": 2.0}, flows, {"CHN": 0.6, "BRA": 0.4, "DEU": 0.2})
        found = european_risk(records, bought(records, "DEU"), self.facts(0.1, 0.9, 1.1))
        world = 11 * (0.8**2 * 0.6 + 0.2**2 * 0.2)
        sourcing = 11 * (0.6**2 * 0.6 + 0.2**2 * 0.4 + 0.2**2 * 0.2)
        reliance = 7 / 9
        by_hand = (world * reliance / 2 + sourcing * (1 - reliance / 2)) * 0.9 * 0.9
        assert one(found.global_concentration) == pytest.approx(world)
        assert one(found.sourcing_concentration) == pytest.approx(sourcing)
        assert one(found.import_reliance) == pytest.approx(reliance)
        assert one(found.supply_risk) == pytest.approx(by_hand)
        assert one(found.reason) == Reason.KNOWN

    def test_members_of_a_group_that_buy_from_one_seller_are_one_buyer(self) -> None:
        flows = {("DEU", "CHN"): 3.0, ("USA", "CHN"): 3.0, ("USA", "DEU"): 9.0}
        records = supply({"CHN": 1.0}, flows, SCORES)
        found = european_risk(records, bought(records, "PAIR"), self.facts())
        assert one(found.sourcing_concentration) == pytest.approx(5)

    def test_all_recycled_is_no_risk(self) -> None:
        records = supply({"CHN": 1.0}, {("USA", "CHN"): 3.0}, SCORES)
        assert one(european_risk(records, bought(records, "USA"), self.facts(1.0)).supply_risk) == 0

    def test_a_net_exporter_relies_on_nobody(self) -> None:
        flows = {("USA", "CHN"): 1.0, ("DEU", "USA"): 3.0}
        records = supply({"CHN": 1.0, "USA": 9.0}, flows, SCORES)
        found = european_risk(records, bought(records, "USA"), self.facts())
        assert one(found.import_reliance) == 0
        assert one(found.supply_risk) == pytest.approx(one(found.sourcing_concentration))

    @pytest.mark.parametrize(
        ("made", "flows", "scores", "rate", "reason"),
        [
            ({"CHN": 1.0}, {("USA", "CHN"): 1.0}, {}, 0.0, Reason.NO_GOVERNANCE),
            ({"CHN": 1.0}, {("USA", "CHN"): 1.0}, SCORES, np.nan, Reason.NO_MATERIAL),
            ({}, {("USA", "CHN"): 1.0}, SCORES, 0.0, Reason.NO_PRODUCTION),
            ({"CHN": 1.0}, {("DEU", "CHN"): 1.0}, SCORES, 0.0, Reason.NO_TRADE),
            ({"USA": 1.0}, {("DEU", "CHN"): 1.0}, SCORES, 0.0, Reason.NO_TRADE),
            ({"USA": 1.0}, {}, SCORES, 0.0, Reason.NO_TRADE),
            ({"CHN": 1.0}, {("USA", "CHN"): 1.0, ("DEU", "USA"): 1.0}, SCORES, 0.0,
             Reason.NO_CONSUMPTION),
            ({"CHN": 1.0}, {("USA", "CHN"): 1.0, ("DEU", "USA"): np.nan}, SCORES, 0.0,
             Reason.WITHHELD_TRADE),
        ],
    )  # fmt: skip
    def test_every_gap_has_its_reason(
        self,
        made: dict[str, float],
        flows: dict[tuple[str, str], float],
        scores: dict[str, float],
        rate: float,
        reason: Reason,
    ) -> None:
        records = supply(made, flows, scores)
        found = european_risk(records, bought(records, "USA"), self.facts(rate))
        assert one(found.reason) == reason
        assert np.isnan(one(found.supply_risk))


class TestOtherForms:
    def test_governance_runs_from_the_best_to_the_worst_estimate(self) -> None:
        assert governance_risk(np.array([2.5, 0.0, -2.5])).tolist() == [0, 0.5, 1]

    def test_n1_leaves_the_largest_out(self) -> None:
        made = supply({"CHN": 6.0, "AUS": 3.0, "USA": 1.0}, {}, {}).production
        assert one(n1_coverage(made, np.array([[8.0]]))) == pytest.approx(0.5)
        assert np.isnan(one(n1_coverage(made, np.array([[np.nan]]))))

    def test_what_nobody_makes_covers_nothing_that_is_known(self) -> None:
        assert np.isnan(one(n1_coverage(supply({}, {}, {}).production, np.array([[8.0]]))))

    def test_hoskins_is_ten_for_one_producer_of_the_highest_risk(self) -> None:
        records = supply({"CHN": 6.0}, {}, {"CHN": 10.0})
        assert one(hoskins_index(records.production, records.governance)) == 10

    def test_hoskins_of_a_producer_without_score_is_not_known(self) -> None:
        records = supply({"CHN": 6.0, "AUS": 1.0}, {}, {"CHN": 10.0})
        assert np.isnan(one(hoskins_index(records.production, records.governance)))

    def test_expected_loss_adds_up_and_keeps_what_is_not_known(self) -> None:
        place = np.array([0, 0, 1], dtype=np.int64)
        nothing = np.zeros(3, dtype=np.int64)
        rows = Disruptions(
            nothing, place, nothing, np.array([0.5, 0.1, 0.2]), np.array([10.0, -20.0, np.nan])
        )
        loss, reason = expected_loss(rows, (1, 3, 1))
        np.testing.assert_allclose(loss.reshape(-1), [3.0, np.nan, np.nan])
        gap = Reason.NO_DISRUPTION
        assert reason.reshape(-1).tolist() == [Reason.KNOWN, gap, gap]


class TestBadArrays:
    GOOD = supply({"CHN": 1.0}, {("USA", "CHN"): 1.0}, SCORES, price=1.0)

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"production": np.ones((1, 5))}, "production has the shape"),
            ({"production": -np.ones((1, 5, 1))}, "production holds a negative"),
            ({"governance": np.full((5, 1), np.inf)}, "governance holds a negative or infinite"),
            ({"price": np.ones((2, 1))}, "price has the shape"),
        ],
    )
    def test_arrays_that_do_not_fit_raise(self, change: dict[str, object], told: str) -> None:
        with pytest.raises(InputError, match=told):
            replace(self.GOOD, **change)

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"country": np.array([9])}, "no country"),
            ({"partner": np.array([-1])}, "no partner"),
            ({"partner": np.array([4])}, "with itself"),
            ({"quantity": np.array([-1.0])}, "quantity of trade holds"),
        ],
    )
    def test_rows_that_do_not_fit_raise(self, change: dict[str, object], told: str) -> None:
        with pytest.raises(InputError, match=told):
            replace(self.GOOD, trade=replace(self.GOOD.trade, **change))

    def test_an_unknown_buyer_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="XYZ"):
            bought(self.GOOD, "XYZ")

    def test_a_group_with_a_member_of_whom_nothing_is_known_raises(self) -> None:
        with pytest.raises(InputError, match="no figures of FRA"):
            purchases(self.GOOD, ["G"], {"G": frozenset({"FRA", "USA"})})
