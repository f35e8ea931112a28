"""Indicators: identities and limits first, then the made-up trajectory."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import trajectory_factory as factory
from monazite import indicators
from monazite import units as unit_registry
from monazite.errors import InputError, UnknownCodeError
from monazite.indicators import Band, MonthBand, Snapshot
from monazite.network import Process, Route, SupplyNetwork, Use
from monazite.reference.source import shipped_register

quantities = arrays.arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1e6))
MINUTE = 1e-9


def island(share: float = 1.0) -> SupplyNetwork:
    """AAA makes `share` of what BBB uses, CCC the rest."""
    goods = (replace(factory.COMMODITIES[0], code="good", stage="ore"),)
    processes = tuple(
        Process("mine", region, {"good": 1.0}, 200.0, part)
        for region, part in (("AAA", 100 * share), ("CCC", 100 * (1 - share)))
        if part > 0
    )
    routes = tuple(
        Route("good", process.region, "BBB", process.activity, 0.0) for process in processes
    )
    return SupplyNetwork("island", goods, processes, routes, (Use("use", "BBB", "good", 100.0),))


class TestConcentration:
    def test_one_supplier_has_an_index_of_one(self) -> None:
        assert indicators.herfindahl(np.array([0.0, 7.0])) == 1.0

    @given(st.integers(1, 40))
    def test_equal_suppliers_have_an_index_of_one_over_their_number(self, count: int) -> None:
        assert indicators.herfindahl(np.full(count, 3.0)) == pytest.approx(1 / count)

    @given(quantities)
    def test_index_lies_between_equality_and_monopoly(self, made: np.ndarray) -> None:
        assume(made.sum() > 1e-3)
        assert 1 / made.size - MINUTE <= indicators.herfindahl(made) <= 1 + MINUTE

    @given(quantities, st.floats(0.01, 100))
    def test_index_knows_neither_scale_nor_order(self, made: np.ndarray, scale: float) -> None:
        assume(made.sum() > 1e-3)
        assert indicators.herfindahl(scale * made[::-1]) == pytest.approx(
            indicators.herfindahl(made)
        )

    @given(quantities)
    def test_a_merger_never_lowers_the_index(self, made: np.ndarray) -> None:
        assume(made.size > 1 and made.sum() > 1e-3)
        merged = np.append(made[2:], made[0] + made[1])
        assert indicators.herfindahl(merged) >= indicators.herfindahl(made) - MINUTE

    @given(quantities)
    def test_three_largest_hold_at_least_three_over_all(self, made: np.ndarray) -> None:
        assume(made.sum() > 1e-3)
        share = indicators.top_share(made)
        assert min(3 / made.size, 1) - MINUTE <= share <= 1 + MINUTE

    @pytest.mark.parametrize("made", [[0.0, 0.0], [2.0, -1.0]])
    def test_shares_of_nothing_or_of_debts_raise(self, made: list[float]) -> None:
        with pytest.raises(InputError, match="not all zero"):
            indicators.herfindahl(np.array(made))

    def test_without_its_only_supplier_nothing_is_covered(self) -> None:
        (row,) = indicators.concentration(Snapshot.base(island()))
        assert row.n1_coverage == 0.0
        assert (row.largest_region, row.largest_share, row.hhi) == ("AAA", 1.0, 1.0)

    @given(st.floats(0.51, 0.99))
    def test_coverage_is_what_the_others_make(self, share: float) -> None:
        (row,) = indicators.concentration(Snapshot.base(island(share)))
        assert row.n1_coverage == pytest.approx(1 - share)
        assert row.n1_coverage_outside == pytest.approx(1 - share)

    def test_stages_are_compared_by_content_and_nothing_twice(self) -> None:
        base = Snapshot.base(factory.network())
        rows = {row.stage: row for row in indicators.stage_concentration(base, ("Nd", "Pr"))}
        assert list(rows) == ["ore", "separation", "metal", "magnet"]
        magnets = rows["magnet"].production
        assert magnets == pytest.approx(
            sum(
                use.demand * (0.28 if use.commodity == "magnet-heavy" else 0.29)
                for use in base.network.uses
            )
        )
        assert rows["separation"].largest_share == pytest.approx(0.9)

    def test_a_good_worked_up_within_its_stage_counts_once(self) -> None:
        net = island()
        goods = (*net.commodities, replace(net.commodities[0], code="better"))
        finer = Process("finish", "AAA", {"good": -1.0, "better": 1.0}, 200.0, 100.0)
        route = replace(net.routes[0], commodity="better")
        use = replace(net.uses[0], commodity="better")
        net = replace(
            net, commodities=goods, processes=(*net.processes, finer), routes=(route,), uses=(use,)
        )
        (row,) = indicators.stage_concentration(Snapshot.base(net))
        assert row.production <= 100.0 + MINUTE


class TestReliance:
    def test_who_makes_nothing_relies_on_imports_for_all(self) -> None:
        rows = {row.region: row for row in indicators.reliance(Snapshot.base(island()))}
        assert rows["BBB"].net_import_reliance == 1.0
        assert rows["AAA"].net_import_reliance is None

    def test_who_trades_nothing_relies_on_nobody(self) -> None:
        net = island()
        alone = replace(net, routes=(), uses=(replace(net.uses[0], region="AAA"),))
        (row,) = indicators.reliance(Snapshot.base(alone))
        assert row.net_import_reliance == 0.0

    def test_exporters_rely_less_than_nothing(self) -> None:
        rows = indicators.reliance(Snapshot.base(factory.network()))
        found = {(row.region, row.commodity): row.net_import_reliance for row in rows}
        exporter = found["CHN", "magnet-heavy"]
        assert exporter is not None
        assert exporter < 0
        assert found["USA", "magnet-heavy"] == 1.0

    def test_embodied_reliance_sees_through_the_stages(self) -> None:
        rows = indicators.embodied_reliance(Snapshot.base(factory.network()), "Dy")
        found = {row.region: row for row in rows}
        assert found["FRA"].net_import_reliance == 1.0
        assert found["JPN"].net_import_reliance == pytest.approx(1.0)
        assert found["AUS"].imports == 0.0

    def test_base_year_of_the_made_up_chain_balances(self) -> None:
        base = Snapshot.base(factory.network())
        kept = base.production + base.imports - base.exports - base.consumption
        assert np.abs(kept).max() < 1e-6 * base.production.max()


class TestShortage:
    def test_nothing_is_short_when_nothing_happens(self) -> None:
        rows = indicators.shortages(factory.trajectory(calm=True))
        assert rows
        assert all(row.first_month.median is None for row in rows)
        assert all(row.loss.median == 0.0 and row.duration.median == 0.0 for row in rows)
        assert {row.month for row in indicators.first_shortages(rows)} == {None}

    def test_shortages_come_in_the_order_of_their_months(self) -> None:
        months = [
            row.first_month.median or "9" for row in indicators.shortages(factory.trajectory())
        ]
        assert months == sorted(months)
        assert months[0] >= factory.MONTHS[factory.CONTROLLED[0]]

    def test_figures_of_a_shortage_agree_with_its_months(self) -> None:
        trajectory = factory.trajectory()
        row = indicators.shortages(trajectory)[0]
        key = (row.region, row.use, row.commodity)
        months = [
            r for r in indicators.use_months(trajectory) if (r.region, r.use, r.commodity) == key
        ]
        short = [r.month for r in months if (r.stopped_share.median or 0) >= 0.05]
        assert row.first_month.median == short[0]
        assert row.duration.median == len(short)
        assert row.depth.median == max(r.stopped_share.median or 0 for r in months)
        assert row.loss.median == pytest.approx(sum(r.stopped.median or 0 for r in months))
        after = trajectory.months.index(short[-1]) + 1
        assert row.recovered.median == trajectory.months[after]

    @given(st.floats(0.01, 0.5), st.floats(0.01, 0.5))
    def test_a_higher_threshold_never_finds_more(self, first: float, second: float) -> None:
        low, high = sorted((first, second))
        trajectory = factory.trajectory()
        strict, loose = (
            {(r.region, r.use): r.duration.median for r in indicators.shortages(trajectory, level)}
            for level in (high, low)
        )
        assert all((strict[key] or 0) <= (loose[key] or 0) for key in strict)

    @pytest.mark.parametrize("threshold", [0.0, -0.1, 1.5])
    def test_a_threshold_that_is_no_share_raises(self, threshold: float) -> None:
        with pytest.raises(InputError, match="not a share"):
            indicators.shortages(factory.trajectory(), threshold)

    def test_shortage_at_the_end_has_no_recovery(self) -> None:
        trajectory = factory.trajectory()
        short = replace(
            trajectory,
            months=trajectory.months[:12],
            stopped=trajectory.stopped[:, :12],
            demand=trajectory.demand[:, :12],
            economised=trajectory.economised[:, :12],
            group_stock=trajectory.group_stock[:, :12],
        )
        assert indicators.shortages(short)[0].recovered.median is None

    def test_each_use_of_a_region_is_first_short_once(self) -> None:
        rows = indicators.shortages(factory.trajectory())
        first = indicators.first_shortages(rows)
        assert len({(row.region, row.use) for row in first}) == len(first)
        assert {(row.region, row.use) for row in rows} == {(row.region, row.use) for row in first}

    def test_surplus_that_nobody_uses_cannot_run_short(self) -> None:
        trajectory = factory.trajectory()
        groups = tuple(
            replace(group, use="surplus") if group.use == "EV" else group
            for group in trajectory.groups
        )
        rows = indicators.use_months(replace(trajectory, groups=groups))
        assert "surplus" not in {row.use for row in rows}

    def test_buyers_without_own_stock_hold_no_cover(self) -> None:
        trajectory = factory.trajectory()
        groups = tuple(replace(group, months=0.0) for group in trajectory.groups)
        rows = indicators.use_months(replace(trajectory, groups=groups))
        assert {row.cover.median for row in rows} == {0.0}

    def test_cover_is_own_stock_over_demand_a_day(self) -> None:
        calm = factory.trajectory(calm=True)
        row = next(r for r in indicators.use_months(calm) if (r.region, r.use) == ("DEU", "wind"))
        assert row.cover.median == pytest.approx(
            (0.3 * 0.5 + 0.7 * 2.5) * indicators.DAYS_PER_MONTH
        )


class TestOutputAtRisk:
    def test_nothing_is_at_risk_when_nothing_stops(self) -> None:
        calm = factory.trajectory(calm=True)
        assert indicators.total_output_at_risk(calm).median == 0.0

    def test_value_is_stopped_tonnes_times_the_factor(self) -> None:
        trajectory = factory.trajectory()
        factor = indicators.OutputFactor("wind", "*", 10.0, "kUSD/t", "made-up", "E", "h:1", "")
        rows = indicators.output_at_risk(trajectory, (factor,))
        loss = {(r.region, r.use): r.loss.median for r in indicators.shortages(trajectory)}
        assert {row.use for row in rows} == {"wind"}
        for row in rows:
            assert row.value.median == pytest.approx(10 * (loss[row.region, row.use] or 0))
        total = indicators.total_output_at_risk(trajectory, (factor,))
        assert total.median == pytest.approx(sum(row.value.median or 0 for row in rows))

    def test_a_multiple_counts_the_good_at_its_base_price(self) -> None:
        trajectory = factory.trajectory()
        tonne = indicators.OutputFactor("EV", "*", 62.0, "kUSD/t", "made-up", "E", "h:1", "")
        multiple = replace(tonne, value=1.0, unit="multiple")
        same, other = (
            indicators.total_output_at_risk(trajectory, (factor,)) for factor in (tonne, multiple)
        )
        assert same.median == pytest.approx(other.median)

    def test_a_factor_for_one_good_goes_before_that_for_all(self) -> None:
        general = indicators.OutputFactor("EV", "*", 1.0, "kUSD/t", "made-up", "E", "h:1", "")
        special = replace(general, commodity="magnet-*", value=5.0)
        rows = indicators.output_at_risk(factory.trajectory(), (general, special))
        assert {row.factor.value for row in rows} == {5.0}

    def test_every_shipped_factor_has_source_grade_and_reason(self) -> None:
        register = shipped_register()
        for factor in indicators.output_factors():
            assert factor.value > 0
            assert factor.source in register
            assert factor.note
            assert (factor.grade == "E") == factor.note.startswith("assumed")


class TestPrices:
    def test_every_multiple_is_one_when_nothing_happens(self) -> None:
        rows = indicators.price_multiples(factory.trajectory(calm=True), ("CHN",))
        assert {row.side for row in rows} == {"inside", "outside"}
        assert all(row.marginal.median == pytest.approx(1.0) for row in rows)
        assert all(row.average.median == pytest.approx(1.0) for row in rows)

    def test_a_control_parts_inside_from_outside(self) -> None:
        rows = indicators.price_multiples(factory.trajectory(), ("CHN",))
        peak = {
            row.side: row for row in rows if (row.commodity, row.month) == ("Dy-oxide", "2025-05")
        }
        assert peak["outside"].marginal.median > 1 > peak["inside"].marginal.median
        assert peak["outside"].marginal.median > peak["outside"].average.median

    def test_a_rationed_side_has_no_price(self) -> None:
        trajectory = factory.trajectory()
        rationed = np.ones_like(trajectory.rationed)
        rows = indicators.price_multiples(replace(trajectory, rationed=rationed), ("CHN",))
        assert {row.marginal.median for row in rows} == {None}
        assert {row.average.median for row in rows} == {None}
        assert {row.rationed_share for row in rows} == {1.0}

    def test_a_small_rationed_market_does_not_speak_for_its_side(self) -> None:
        trajectory = factory.trajectory()
        rationed, price = trajectory.rationed.copy(), trajectory.price.copy()
        place = trajectory.spot_markets.index(("magnet-heavy", "FRA"))
        rationed[:, :, place] = True
        price[:, :, place] *= 200
        dear = replace(trajectory, rationed=rationed, price=price)
        found = indicators.price_multiples(dear, ("CHN",))
        plain = indicators.price_multiples(trajectory, ("CHN",))
        for one, other in zip(found, plain, strict=True):
            assert one.marginal.median == pytest.approx(other.marginal.median, rel=0.15)

    def test_without_a_border_everything_is_outside(self) -> None:
        rows = indicators.price_multiples(factory.trajectory(), ())
        assert {row.side for row in rows} == {"outside"}

    def test_an_unknown_region_raises(self) -> None:
        with pytest.raises(UnknownCodeError, match="CHM"):
            indicators.price_multiples(factory.trajectory(), ("CHM",))


class TestAccounts:
    def test_nobody_gains_or_pays_when_nothing_happens(self) -> None:
        for row in indicators.region_accounts(factory.trajectory(calm=True)):
            assert row.producers_gain.median == pytest.approx(0.0, abs=1e-6)
            assert row.users_extra_cost.median == pytest.approx(0.0, abs=1e-6)

    def test_users_outside_pay_and_the_licence_has_a_rent(self) -> None:
        trajectory = factory.trajectory()
        rows = {row.region: row for row in indicators.region_accounts(trajectory)}
        assert rows["USA"].users_extra_cost.median > 0
        assert rows["CHN"].producers_gain.median < 0
        (permit,) = indicators.permit_accounts(trajectory)
        public = indicators.public_account(trajectory)
        assert permit.total_rent.median == pytest.approx(public.permit_revenue.median)
        assert permit.highest_rent.median == pytest.approx(32.0)
        assert public.tariff_revenue.median == 0.0


class TestBands:
    def test_one_draw_has_a_band_of_no_width(self) -> None:
        assert Band.of(np.array([3.0])) == Band(3.0, 3.0, 3.0)

    def test_a_figure_without_meaning_is_none(self) -> None:
        assert Band.of(np.array([np.nan])) == Band(None, None, None)
        assert Band.of(np.array([np.nan, 2.0])) == Band(2.0, 2.0, 2.0)

    @given(arrays.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6)))
    def test_a_band_is_ordered_and_the_same_by_column(self, values: np.ndarray) -> None:
        together = Band.each(values)
        for column, band in enumerate(together):
            assert band.low <= band.median <= band.high
            assert band == Band.of(values[:, column])

    def test_a_month_that_mostly_never_comes_is_none(self) -> None:
        months = ("2025-01", "2025-02")
        assert MonthBand.of(np.array([np.inf]), months) == MonthBand(None, None, None)
        mixed = MonthBand.of(np.array([0.0, 1.0, np.inf, np.inf, np.inf]), months)
        assert (mixed.early, mixed.median) == ("2025-01", None)

    def test_draws_widen_every_band_around_one_run(self) -> None:
        many = indicators.shortages(factory.trajectory(21))[0]
        assert many.depth.low < many.depth.median < many.depth.high
        assert 0 < many.probability <= 1


@pytest.mark.parametrize(
    "row",
    [
        indicators.Concentration,
        indicators.Reliance,
        indicators.UseMonth,
        indicators.Shortage,
        indicators.OutputAtRisk,
        indicators.PriceMultiple,
        indicators.RegionAccount,
        indicators.PermitAccount,
        indicators.PublicAccount,
    ],
)
def test_every_unit_of_a_row_is_in_the_registry(row: type) -> None:
    found = indicators.units(row)
    assert found
    for symbol in found.values():
        unit_registry.parse(symbol)
