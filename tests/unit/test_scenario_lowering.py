"""What measures become on a network: arrays by month."""

from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from monazite.errors import InputError, ScenarioError, UnknownCodeError
from monazite.network import SupplyNetwork
from monazite.scenario import (
    FloorKind,
    Lowered,
    Scenario,
    explain,
    library,
    lower,
    parse,
    template,
)
from monazite.scenario.tracing import origin_shares, use_shares
from scenario_factory import HEAD, lowered, made_up_network, plant, route, scenario_of, use

BAN = 'kind = "export_ban"\nactors = "CHN"\ncommodities = "Dy-oxide"\nstart = "2025-04"\n'
QUOTA = 'kind = "export_quota"\nactors = "CHN"\ncommodities = "Dy-oxide"\nstart = "2025-04"\n'
LICENCE = 'kind = "export_licence"\nactors = "CHN"\ncommodities = "Dy-oxide"\nstart = "2025-04"\n'
OUTAGE = 'kind = "outage"\nactors = "CHN"\ncommodities = "ore"\nstart = "2025-04"\n'
CAPACITY = 'kind = "capacity_change"\nactors = "JPN"\ncommodities = "magnet"\nstart = "2025-04"\n'
RELEASE = 'kind = "stock_release"\nactors = "JPN"\ncommodities = "Dy-oxide"\nstart = "2025-04"\n'

TO_JAPAN, TO_USA, TO_VIETNAM = route("CHN", "JPN"), route("CHN", "USA"), route("CHN", "VNM")
LEAK = route("CHN", "JPN", leak=True)
DEFENCE = use("defence", "USA")


def fault(*measures: str) -> InputError:
    with pytest.raises(InputError) as caught:
        lowered(*measures)
    assert "\n" not in caught.value.line()
    assert caught.value.line().startswith("test.toml")
    assert caught.value.way_out
    return caught.value


def neutral(low: Lowered) -> bool:
    return bool(
        not low.route_block.any()
        and not low.route_tax_specific.any()
        and not low.route_tax_fob.any()
        and not low.route_tax_cif.any()
        and (low.route_capacity_factor == 1).all()
        and (low.process_capacity_factor == 1).all()
        and not low.process_subsidy.any()
        and (low.demand_factor == 1).all()
        and np.isinf(low.group_limit).all()
        and (low.cover_target_factor == 1).all()
        and (low.holder_target_factor == 1).all()
        and not low.use_alert.any()
        and not low.holder_alert.any()
    )


class TestFrame:
    def test_no_measure_changes_nothing(self) -> None:
        low = lowered()
        assert neutral(low)
        assert low.network == made_up_network()
        assert low.months[0] == "2025-01"
        assert low.months[-1] == "2025-12"
        assert low.permits == low.floors == low.stock_moves == ()

    def test_months_can_be_overridden(self) -> None:
        assert len(lowered(months=30).months) == 30

    def test_arrays_are_read_only(self) -> None:
        with pytest.raises(ValueError, match="read-only"):
            lowered().demand_factor[0, 0] = 2.0

    def test_months_before_the_start_and_from_the_end_are_untouched(self) -> None:
        low = lowered(BAN + 'end = "2025-06"')
        assert low.route_block[:, TO_JAPAN].tolist() == [False] * 3 + [True] * 2 + [False] * 7

    def test_announcements_are_indices_of_months(self) -> None:
        (told,) = lowered(BAN + 'announced = "2025-02"\nend = "2025-06"').announcements
        assert (told.known, told.start, told.end) == (1, 3, 5)

    def test_announcements_are_clipped_to_the_months(self) -> None:
        (told,) = lowered(BAN + 'announced = "2024-02"').announcements
        assert (told.known, told.start, told.end) == (0, 3, 12)

    def test_dates_before_the_base_year_raise(self) -> None:
        early = BAN.replace("2025-04", "2023-04")
        assert "2023-04 is before the base year 2024" in str(fault(early))

    def test_dates_in_paths_before_the_base_year_raise(self) -> None:
        path = "classes = [{ name = 'a', throughput = { 2020-01 = 0.5 } }]"
        assert "2020-01 is before the base year" in str(fault(LICENCE + path))

    def test_a_start_before_the_base_year_raises(self) -> None:
        scenario = parse(HEAD.replace("2025-01", "2010-01"), "test.toml")
        with pytest.raises(ScenarioError, match=r"test\.toml: start: 2010-01 is before"):
            lower(scenario, made_up_network())

    def test_all_templates_but_those_of_other_goods_can_be_laid(self) -> None:
        text = template("export_quota", "export_licence", "export_tax").replace('"Tb-*"', '"Dy-*"')
        low = lower(parse(text), made_up_network())
        assert len(low.permits) == 2


class TestNames:
    def test_misspelt_commodity_offers_the_nearest(self) -> None:
        error = fault(BAN.replace("Dy-oxide", "Dy-oxid"))
        assert isinstance(error, UnknownCodeError)
        assert "measure 1 (export_ban): unknown commodity 'Dy-oxid'" in str(error)
        assert "did you mean Dy-oxide" in str(error)

    def test_misspelt_region_offers_the_nearest(self) -> None:
        assert "did you mean JPN" in str(fault(BAN + 'targets = "JPM"'))

    def test_misspelt_use_offers_the_nearest(self) -> None:
        assert "did you mean defence" in str(fault(BAN + 'targets = ["USA", "defense"]'))

    def test_exempted_use_that_does_not_exist_raises(self) -> None:
        assert "unknown use 'wind'" in str(fault(BAN + 'exemptions = { uses = "wind" }'))

    def test_pattern_that_fits_nothing_raises(self) -> None:
        assert "unknown commodity 'Tb-*'" in str(fault(BAN.replace("Dy-oxide", "Tb-*")))

    @pytest.mark.parametrize("name", ["Dy-*", "separation", "all-oxides", "*-oxide"])
    def test_stages_groups_and_patterns_mean_goods(self, name: str) -> None:
        low = lowered(BAN.replace("Dy-oxide", name))
        assert set(low.permits[0].routes) == {TO_JAPAN, TO_USA, TO_VIETNAM}

    def test_targets_may_be_groups_and_exclusions(self) -> None:
        low = lowered(BAN + 'targets = ["WORLD", "!VNM"]')
        assert set(low.permits[0].routes) == {TO_JAPAN, TO_USA}

    def test_exempted_regions_are_left_alone(self) -> None:
        low = lowered(BAN + 'exemptions = { regions = "JPN" }')
        assert set(low.permits[0].routes) == {TO_USA, TO_VIETNAM}

    def test_route_that_does_not_exist_raises(self) -> None:
        error = fault(QUOTA.replace("Dy-oxide", "ore-x") + "limit = 5")
        assert "no route carries these goods" in str(error)


class TestControls:
    def test_a_ban_shuts_the_official_routes_only(self) -> None:
        low = lowered(BAN)
        assert low.route_block[3:, [TO_JAPAN, TO_USA, TO_VIETNAM]].all()
        assert low.route_block[3:].sum() == 3 * 9
        assert not low.route_block[:, LEAK].any()

    def test_a_ban_is_a_permit_of_zero(self) -> None:
        (permit,) = lowered(BAN).permits
        assert np.isinf(permit.limit[:3]).all()
        assert (permit.limit[3:] == 0).all()
        assert_allclose(permit.base_flow, 96 / 12)

    def test_an_exempted_share_passes(self) -> None:
        low = lowered(BAN + "exemptions = { share = 0.25 }")
        assert_allclose(low.permits[0].limit[3:], 2.0)
        assert not low.route_block.any()

    def test_an_exempted_use_keeps_its_share_of_what_arrives(self) -> None:
        low = lowered(BAN + 'targets = "JPN"\nexemptions = { uses = "catalysts" }')
        assert_allclose(low.permits[0].limit[3:], 60 / 12 * 12 / 66)

    def test_a_quota_is_one_permit_for_all(self) -> None:
        (permit,) = lowered(QUOTA + "limit = 48").permits
        assert set(permit.routes) == {TO_JAPAN, TO_USA, TO_VIETNAM}
        assert_allclose(permit.weights, 1)
        assert_allclose(permit.limit[3:], 4.0)

    def test_a_quota_follows_its_path(self) -> None:
        low = lowered(QUOTA + 'unit = "t/month"\nlimit = { 2025-05 = 6, 2025-07 = 2 }')
        assert_allclose(low.permits[0].limit[3:8], [np.inf, 6, 6, 2, 2])

    def test_a_licence_is_a_share_of_the_base_flow(self) -> None:
        low = lowered(LICENCE + "throughput = { 2025-04 = 0.5, 2025-05 = 0, 2025-06 = 1.5 }")
        assert_allclose(low.permits[0].limit[3:7], [4, 0, 12, 12])
        assert low.route_block[:, TO_JAPAN].nonzero()[0].tolist() == [4]

    def test_a_route_belongs_to_the_first_class_that_names_it(self) -> None:
        classes = (
            'classes = [{ name = "a", targets = "JPN", throughput = 0.1 },'
            ' { name = "b", throughput = 0.5 }]'
        )
        first, second = lowered(LICENCE + classes).permits
        assert set(first.routes) == {TO_JAPAN}
        assert set(second.routes) == {TO_USA, TO_VIETNAM}
        assert_allclose(second.limit[3], 1.5)

    def test_a_class_without_a_route_is_named(self) -> None:
        classes = 'classes = [{ name = "empty", commodities = "ore", throughput = 0.1 }]'
        assert "class 'empty'" in str(fault(LICENCE + classes))

    def test_delay_and_ramp_hold_licences_back(self) -> None:
        low = lowered(LICENCE + "throughput = 1\ndelay_months = 2\napproval_ramp_months = 2")
        assert_allclose(low.permits[0].limit[3:8], [0, 0, 4, 8, 8])

    def test_a_queue_serves_later_what_it_could_not_serve(self) -> None:
        low = lowered(LICENCE + "throughput = 1\ndelay_months = 2\nqueue = true")
        (permit,) = low.permits
        assert_allclose(permit.limit[3:8], [0, 0, 24, 8, 8])
        assert_allclose(permit.backlog[3:8], [8, 16, 0, 0, 0])

    def test_a_queue_loses_no_application(self) -> None:
        low = lowered(LICENCE + 'throughput = 6\nunit = "t/month"\nqueue = true')
        (permit,) = low.permits
        served, waiting = permit.limit[3:].sum(), permit.backlog[-1]
        assert_allclose(served + waiting, 9 * permit.base_flow)

    def test_a_queue_at_a_constant_share_ends_at_the_base_flow(self) -> None:
        low = lowered(LICENCE + "throughput = 0.5\nqueue = true", months=40)
        assert_allclose(low.permits[0].limit[-1], low.permits[0].base_flow, rtol=1e-6)

    def test_a_share_of_nothing_raises(self) -> None:
        network = made_up_network()
        routes = [r for r in network.routes if r.commodity != "Dy-oxide"]
        routes.append(type(routes[0])("Dy-oxide", "CHN", "JPN"))
        bare = type(network).build(
            "bare", network.commodities, processes=network.processes, routes=routes,
            uses=network.uses,
        )  # fmt: skip
        with pytest.raises(ScenarioError, match="a share of it means nothing"):
            lower(scenario_of(LICENCE + "throughput = 0.5"), bare)

    def test_enforcement_narrows_the_leaks(self) -> None:
        low = lowered(QUOTA + "limit = 48\nleak_enforcement = { 2025-06 = 0.4 }")
        assert_allclose(low.route_capacity_factor[:, LEAK], [1] * 5 + [0.6] * 7)
        assert (np.delete(low.route_capacity_factor, LEAK, axis=1) == 1).all()

    def test_enforcement_without_leaks_raises(self) -> None:
        error = fault(QUOTA + 'targets = "USA"\nlimit = 48\nleak_enforcement = 0.4')
        assert "no leak route" in str(error)

    def test_buyers_are_alerted_from_the_announcement_to_the_last_tight_month(self) -> None:
        measure = LICENCE + 'announced = "2025-02"\nthroughput = { 2025-04 = 0.5, 2025-07 = 1.2 }'
        low = lowered(measure)
        assert low.use_alert[:, use("catalysts", "JPN")].nonzero()[0].tolist() == [1, 2, 3, 4, 5]
        assert low.holder_alert[:, 0].nonzero()[0].tolist() == [1, 2, 3, 4, 5]
        assert not low.use_alert[:, use("EV", "USA")].any()

    def test_a_control_that_does_not_bind_alerts_nobody(self) -> None:
        assert not lowered(QUOTA + "limit = 500").use_alert.any()


class TestReach:
    def test_content_is_followed_through_trade_and_plants(self) -> None:
        shares = origin_shares(made_up_network(), {"CHN"}, {"Dy-oxide"})
        assert_allclose(shares["Dy-oxide", "JPN"], 1.0)
        assert_allclose(shares["magnet-heavy", "VNM"], 1.0)
        assert_allclose(shares["magnet-heavy", "USA"], 40 / 160)

    def test_inputs_below_the_de_minimis_share_do_not_count(self) -> None:
        # oxide for 25 USD in a magnet of 60 USD
        low = origin_shares(made_up_network(), {"CHN"}, {"Dy-oxide"}, de_minimis=0.3)
        high = origin_shares(made_up_network(), {"CHN"}, {"Dy-oxide"}, de_minimis=0.5)
        assert low["magnet-heavy", "VNM"] == 1.0
        assert high["magnet-heavy", "VNM"] == 0.0

    def test_ends_are_followed_down_the_chain(self) -> None:
        shares = use_shares(made_up_network(), {"defence"})
        assert_allclose(shares["magnet-heavy", "USA"], 20 / 160)
        assert_allclose(shares["magnet-heavy", "VNM"], 30 / 120 * 20 / 160)
        assert_allclose(shares["Dy-oxide", "VNM"], shares["magnet-heavy", "VNM"])

    def test_reach_limits_third_countries_to_clean_goods(self) -> None:
        low = lowered(BAN + 'targets = "USA"\nreach_reexports = true')
        reexports = [permit for permit in low.permits if permit.is_reexport]
        touched = {int(r) for permit in reexports for r in permit.routes}
        assert touched == {route("VNM", "USA", "magnet-heavy"), route("JPN", "USA", "magnet-heavy")}
        assert all((permit.limit[3:] == 0).all() for permit in reexports)

    def test_those_aimed_at_trade_among_themselves(self) -> None:
        low = lowered(BAN + 'targets = ["USA", "JPN"]\nreach_reexports = true')
        (reexport,) = [permit for permit in low.permits if permit.is_reexport]
        assert reexport.routes.tolist() == [route("VNM", "USA", "magnet-heavy")]

    def test_without_reach_third_countries_go_on(self) -> None:
        assert not any(permit.is_reexport for permit in lowered(BAN).permits)

    def test_a_full_throughput_leaves_reexports_alone(self) -> None:
        low = lowered(LICENCE + 'targets = "USA"\nthroughput = 1\nreach_reexports = true')
        assert any(p.is_reexport for p in low.permits)
        assert all(np.isinf(p.limit).all() for p in low.permits if p.is_reexport)

    def test_a_ban_is_the_limit_of_a_licence(self) -> None:
        reach = '\ntargets = "USA"\nreach_reexports = true'
        tight = lowered(LICENCE + "throughput = 1e-9" + reach).permits
        shut = lowered(BAN + reach).permits
        assert len(tight) == len(shut)
        for one, other in zip(tight, shut, strict=True):
            assert_allclose(one.limit, other.limit, atol=1e-6)


class TestUses:
    MAGNETS = BAN.replace("Dy-oxide", "magnet-heavy")

    def test_a_use_loses_what_it_buys_from_the_actors(self) -> None:
        low = lowered(self.MAGNETS + 'targets = ["USA", "defence"]')
        assert_allclose(low.group_limit[3:, DEFENCE], 20 / 12 * (1 - 120 / 160))
        assert np.isinf(low.group_limit[:3]).all()
        assert np.isinf(np.delete(low.group_limit, DEFENCE, axis=1)).all()

    def test_routes_are_left_alone(self) -> None:
        low = lowered(self.MAGNETS + 'targets = "defence"')
        assert low.permits == ()
        assert not low.route_block.any()

    def test_reach_takes_what_others_made_with_it(self) -> None:
        low = lowered(BAN + 'targets = "defence"\nreach_reexports = true')
        assert_allclose(low.group_limit[3:, DEFENCE], 20 / 12 * (1 - 40 / 160))

    def test_a_use_that_buys_nothing_of_it_raises(self) -> None:
        assert "set reach_reexports" in str(fault(BAN + 'targets = "defence"'))

    def test_a_licence_lets_a_use_have_its_share(self) -> None:
        measure = LICENCE.replace("Dy-oxide", "magnet-heavy") + "throughput = 0.5\n"
        low = lowered(measure + 'targets = "defence"')
        assert_allclose(low.group_limit[3:, DEFENCE], 20 / 12 * (1 - 0.5 * 120 / 160))

    def test_taxes_cannot_aim_at_a_use(self) -> None:
        tax = self.MAGNETS.replace("export_ban", "export_tax") + 'rate = 0.1\ntargets = "defence"'
        assert "cannot aim at a use" in str(fault(tax))


class TestTaxes:
    def test_an_export_tax_falls_on_the_price_at_the_origin(self) -> None:
        low = lowered(BAN.replace("export_ban", "export_tax") + "rate = { 2025-06 = 0.25 }")
        assert_allclose(low.route_tax_fob[:, TO_JAPAN], [0] * 5 + [0.25] * 7)
        assert not low.route_tax_cif.any()
        assert not low.route_tax_fob[:, LEAK].any()

    @pytest.mark.parametrize(
        ("base", "array"), [("CIF", "route_tax_cif"), ("FOB", "route_tax_fob")]
    )
    def test_a_tariff_falls_on_its_base(self, base: str, array: str) -> None:
        tariff = (
            'kind = "tariff"\nactors = "USA"\ntargets = "CHN"\ncommodities = "magnet"\n'
            f'start = "2025-04"\nrate = 0.25\nspecific = 2\nbase = "{base}"'
        )
        low = lowered(tariff)
        touched = route("CHN", "USA", "magnet-heavy")
        assert_allclose(getattr(low, array)[3:, touched], 0.25)
        assert_allclose(low.route_tax_specific[3:, touched], 2)
        assert getattr(low, array).sum() == pytest.approx(0.25 * 9)

    def test_an_exemption_lowers_the_rate(self) -> None:
        measure = BAN.replace("export_ban", "export_tax") + "rate = 0.2\nexemptions.share = 0.5"
        assert_allclose(lowered(measure).route_tax_fob[3:, TO_USA], 0.1)

    def test_taxes_add_up(self) -> None:
        tax = BAN.replace("export_ban", "export_tax") + "rate = 0.2"
        assert_allclose(lowered(tax, tax).route_tax_fob[3:, TO_USA], 0.4)


class TestPlants:
    def test_an_outage_takes_capacity(self) -> None:
        low = lowered(OUTAGE + 'share_lost = 0.8\nend = "2025-06"')
        factor = low.process_capacity_factor
        assert_allclose(factor[:, plant("mine", "CHN")], [1] * 3 + [0.2] * 2 + [1] * 7)
        assert (factor[:, plant("mine", "USA")] == 1).all()

    def test_capacity_comes_back_step_by_step(self) -> None:
        low = lowered(OUTAGE + 'share_lost = 0.8\nend = "2025-06"\nrecovery_months = 3')
        factor = low.process_capacity_factor[:, plant("mine", "CHN")]
        assert_allclose(factor[4:9], [0.2, 0.4, 0.6, 0.8, 1.0])

    def test_no_supply_at_all_raises(self) -> None:
        error = fault(OUTAGE.replace('"CHN"', '["CHN", "USA"]') + "share_lost = 1")
        assert "shut every mine and source of the network from 2025-04" in str(error)

    def test_two_measures_that_shut_all_supply_raise(self) -> None:
        second = OUTAGE.replace("CHN", "USA").replace("2025-04", "2025-07") + "share_lost = 1"
        assert "from 2025-07" in str(fault(OUTAGE + "share_lost = 1", second))

    def test_one_market_without_supply_is_no_error(self) -> None:
        low = lowered(OUTAGE.replace('"ore"', '"separation"') + "share_lost = 1")
        assert (low.process_capacity_factor[3:, plant("separation-x", "CHN")] == 0).all()

    def test_plants_that_do_not_exist_raise(self) -> None:
        error = fault(OUTAGE.replace("CHN", "JPN") + "share_lost = 1")
        assert "no process in JPN makes ore" in str(error)

    def test_plants_can_be_named(self) -> None:
        low = lowered(OUTAGE.replace('"ore"', '"all"') + 'share_lost = 1\nprocesses = "sep*"')
        assert (low.process_capacity_factor[3] == 0).sum() == 1

    def test_a_misspelt_plant_offers_the_nearest(self) -> None:
        assert "did you mean magnets" in str(fault(OUTAGE + 'share_lost = 1\nprocesses = "magnet"'))

    def test_a_change_builds_up(self) -> None:
        low = lowered(CAPACITY + "share = 0.4\nramp_months = 4")
        factor = low.process_capacity_factor[:, plant("magnets", "JPN")]
        assert_allclose(factor[2:8], [1, 1.1, 1.2, 1.3, 1.4, 1.4])

    def test_tonnes_are_shared_by_capacity(self) -> None:
        low = lowered(CAPACITY.replace('"JPN"', '["JPN", "VNM"]') + "t_per_year = 75")
        plants = [plant("magnets", "JPN"), plant("magnets", "VNM")]
        assert_allclose(low.process_capacity_factor[3:, plants], 1.1)

    def test_more_than_all_cannot_be_taken_away(self) -> None:
        assert "exceeds the capacity of 600" in str(fault(CAPACITY + "t_per_year = -700"))

    def test_a_new_plant_joins_the_network(self) -> None:
        low = lowered(
            CAPACITY.replace("JPN", "USA")
            + 't_per_year = 50\nramp_months = 2\nopens = { name = "new", like = "magnets" }'
        )
        added = low.network.processes[-1]
        assert (added.name, added.region, added.capacity, added.activity) == ("new", "USA", 50, 0)
        assert added.unit_cost == pytest.approx(60 - 25)
        assert_allclose(low.process_capacity_factor[2:6, -1], [0, 0.5, 1, 1])
        assert len(made_up_network().processes) == len(low.network.processes) - 1

    def test_a_new_plant_counts_the_goods_it_is_for(self) -> None:
        separation = (
            'kind = "capacity_change"\nactors = "CHN"\ncommodities = "Dy-oxide"\n'
            'start = "2025-04"\nt_per_year = 50\n'
            'opens = { name = "new", like = "separation-x", unit_cost = 3 }'
        )
        added = lowered(separation).network.processes[-1]
        assert added.capacity == pytest.approx(500)
        assert added.unit_cost == 3

    def test_a_new_plant_without_feed_raises(self) -> None:
        separation = (
            'kind = "capacity_change"\nactors = "JPN"\ncommodities = "Dy-oxide"\n'
            'start = "2025-04"\nt_per_year = 50\nopens = { name = "new", like = "separation-x" }'
        )
        assert "no route or process brings ore-x to JPN" in str(fault(separation))

    def test_a_new_plant_like_none_offers_the_nearest(self) -> None:
        opens = 't_per_year = 50\nopens = { name = "new", like = "magnet" }'
        assert "did you mean magnets" in str(fault(CAPACITY + opens))

    def test_a_floor_covers_the_makers_of_a_good(self) -> None:
        floor = (
            'kind = "price_floor"\nactors = "WORLD"\ncommodities = "magnet"\nstart = "2025-04"\n'
            'floor = 80\ncoverage = 0.5\npaid_by = "purchase"'
        )
        (spec,) = lowered(floor).floors
        assert spec.commodity == "magnet-heavy"
        assert len(spec.processes) == 3
        assert_allclose(spec.floor, [0] * 3 + [80] * 9)
        assert (spec.kind, spec.coverage) == (FloorKind.PURCHASE, 0.5)

    def test_a_subsidy_is_paid_by_output(self) -> None:
        subsidy = (
            'kind = "subsidy"\nactors = "CHN"\ncommodities = "Dy-oxide"\nstart = "2025-04"\n'
            "usd_per_kg = 20"
        )
        low = lowered(subsidy)
        assert_allclose(low.process_subsidy[3:, plant("separation-x", "CHN")], 2.0)
        assert low.process_subsidy.sum() == pytest.approx(18)


class TestBuyers:
    DEMAND = 'kind = "demand_change"\ntargets = "EV"\ncommodities = "magnet"\nstart = "2025-04"\n'

    def test_demand_changes_by_a_share(self) -> None:
        low = lowered(self.DEMAND + 'share = -0.3\nend = "2025-06"')
        assert_allclose(low.demand_factor[:, use("EV", "USA")], [1] * 3 + [0.7] * 2 + [1] * 7)
        assert (low.demand_factor[:, DEFENCE] == 1).all()

    def test_growth_is_compounded_by_month(self) -> None:
        low = lowered(self.DEMAND + "growth_per_year = 0.1", months=24)
        factor = low.demand_factor[:, use("EV", "JPN")]
        assert_allclose(factor[[2, 3, 14]], [1, 1.1 ** (1 / 12), 1.1])

    def test_growth_stops_at_the_end_and_stays(self) -> None:
        low = lowered(self.DEMAND + 'growth_per_year = 0.1\nend = "2025-07"')
        factor = low.demand_factor[:, use("EV", "JPN")]
        assert_allclose(factor[5:], 1.1 ** (3 / 12))

    def test_exempted_uses_do_not_grow(self) -> None:
        measure = self.DEMAND.replace('"EV"', '"USA"') + 'share = 1\nexemptions.uses = "defence"'
        low = lowered(measure)
        assert low.demand_factor[5, use("EV", "USA")] == 2
        assert low.demand_factor[5, DEFENCE] == 1

    def test_a_use_that_does_not_exist_raises(self) -> None:
        assert "unknown region, group or use 'wind'" in str(
            fault(self.DEMAND.replace('"EV"', '"wind"') + "share = 1")
        )

    def test_a_use_that_buys_other_goods_raises(self) -> None:
        measure = self.DEMAND.replace('"magnet"', '"Dy-oxide"') + "share = 1"
        assert "no use of Dy-oxide in EV" in str(fault(measure))

    def test_hoarding_raises_targets_from_the_announcement(self) -> None:
        low = lowered(
            'kind = "hoarding"\ntargets = "JPN"\ncommodities = "Dy-oxide"\nannounced = "2025-02"\n'
            'start = "2025-04"\nend = "2025-06"\nextra_cover = 0.5'
        )
        expected = [1, 1.5, 1.5, 1.5, 1.5] + [1] * 7
        assert_allclose(low.cover_target_factor[:, use("catalysts", "JPN")], expected)
        assert_allclose(low.holder_target_factor[:, 0], expected)
        assert (low.cover_target_factor[:, use("EV", "JPN")] == 1).all()


class TestStocks:
    def test_days_are_days_of_what_the_region_consumes(self) -> None:
        (move,) = lowered(RELEASE + "days = 60.875\nover_months = 2").stock_moves
        assert_allclose(move.tonnes[2:6], [0, 5.5, 5.5, 0])  # 66 t a year: 11 t
        assert move.holder == 1

    def test_a_share_is_of_the_declared_stock(self) -> None:
        (move,) = lowered(RELEASE + "share = 0.5").stock_moves
        assert_allclose(move.tonnes.sum(), 10)

    def test_a_share_of_no_stock_raises(self) -> None:
        assert "nothing of Dy-oxide to move in USA" in str(
            fault(RELEASE.replace("JPN", "USA") + "share = 0.5")
        )

    def test_tonnes_need_one_good_and_one_region(self) -> None:
        assert "cannot be told apart" in str(
            fault(RELEASE.replace('"JPN"', '["JPN", "USA"]') + "tonnes = 5")
        )

    def test_purchases_take_goods_off_the_market(self) -> None:
        build = RELEASE.replace("stock_release", "stock_build") + "tonnes = 6\nover_months = 3"
        (move,) = lowered(build).stock_moves
        assert_allclose(move.tonnes[3:7], [-2, -2, -2, 0])

    def test_releasing_more_than_is_held_is_remarked(self) -> None:
        (sentence,) = explain(scenario_of(RELEASE + "tonnes = 50"), made_up_network())
        assert "releases 50.0 t of Dy-oxide and holds 20.0 t" in sentence


class TestLibrary:
    @pytest.mark.parametrize("scenario", library(), ids=lambda scenario: scenario.id)
    def test_shipped_scenarios_can_be_laid_on_their_chains(self, scenario: Scenario) -> None:
        folder = Path(str(resources.files("monazite") / "reference/data/chains" / scenario.chain))
        if not folder.is_dir():
            pytest.skip(f"chain {scenario.chain} is not there yet")
        network = SupplyNetwork.from_folder(folder)
        assert len(explain(scenario, network)) == len(scenario.measures)
        assert not neutral(lower(scenario, network))


class TestExplanation:
    def test_each_measure_gets_a_sentence_with_its_reach(self) -> None:
        sentences = explain(
            scenario_of(BAN + 'targets = "USA"\nend = "2025-06"', OUTAGE + "share_lost = 0.8"),
            made_up_network(),
        )
        assert sentences[0] == (
            "1. No exports of Dy-oxide from China to United States, from 2025-04 until the end of "
            "2025-05. It touches 1 route, 24 t a year."
        )
        assert sentences[1].startswith("2. 80 % of the capacity for ores in China is lost")
        assert sentences[1].endswith("It touches 1 process, 1,250 t a year.")

    def test_a_measure_after_the_last_month_is_remarked(self) -> None:
        (sentence,) = explain(scenario_of(BAN.replace("2025-04", "2027-04")), made_up_network())
        assert "begins after the simulated months" in sentence

    def test_reach_is_told(self) -> None:
        measure = BAN + 'targets = "USA"\nreach_reexports = 0.001'
        (sentence,) = explain(scenario_of(measure), made_up_network())
        assert "re-exports included" in sentence
        assert "2 third-country exports are limited to clean goods" in sentence
