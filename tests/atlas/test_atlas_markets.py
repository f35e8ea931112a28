"""Markets of the atlas: nothing is lost on the way, ties hold, and what is left out says why."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.atlas_markets import (
    PREFIX,
    AtlasMarkets,
    MineralGroup,
    assumed_of_markets,
    build_markets,
)
from monazite.atlas_markets.figures import OTHERS, YEAR
from monazite.atlas_markets.flows import Tidied, fill, main_regions, scale_exports, tidied
from monazite.errors import InputError, UnknownCodeError
from monazite.network import SupplyNetwork
from monazite.parameters import Parameters
from monazite.reference.atlas.supply import suppliers
from monazite.reference.atlas.tables import SupplyStage, shipped_atlas
from monazite.reference.loaders.minerals import customs_codes, minerals
from monazite.scenario import Scenario, lower
from monazite.scenario.supply import Outage
from monazite.screening import Cut, removals
from monazite.simulate import simulate
from monazite.study import runs
from monazite.trajectory import Trajectory

REGIONS = ("AUS", "CHN", "JPN", "USA")
AMOUNTS = st.floats(0.0, 1e6)
MADE = st.dictionaries(st.sampled_from(REGIONS), st.floats(0.1, 1e6), min_size=1)
FLOWS = st.dictionaries(
    st.tuples(st.sampled_from(REGIONS), st.sampled_from(REGIONS)).filter(lambda f: f[0] != f[1]),
    AMOUNTS.filter(lambda amount: amount == 0 or amount > 1e-3),
)
CALM = Parameters.central(hoarding=0.0)


@cache
def markets() -> AtlasMarkets:
    return build_markets()


def group(commodity: str) -> MineralGroup:
    found = markets().group_of(commodity)
    assert found is not None
    return found


class TestTidying:
    @given(MADE, FLOWS)
    def test_joining_small_countries_keeps_the_output_of_the_world(
        self, made: dict[str, float], flows: dict[tuple[str, str], float]
    ) -> None:
        found = tidied(made, flows, frozenset({"CHN", "USA"}), 0.0)
        assert sum(found.made.values()) == pytest.approx(sum(made.values()))
        assert found.regions() <= {"CHN", "USA", OTHERS}
        assert all(seller != buyer for seller, buyer in found.flows)

    def test_a_small_flow_is_dropped_and_its_share_told(self) -> None:
        flows = {("CHN", "JPN"): 90.0, ("CHN", "USA"): 10.0}
        found = tidied({"CHN": 1000.0}, flows, frozenset(REGIONS), 0.05)
        assert found.flows == {("CHN", "JPN"): 90.0}
        assert found.dropped == pytest.approx(0.1)

    def test_a_region_is_kept_for_its_output_or_its_trade(self) -> None:
        made, flows = {"CHN": 1000.0, "AUS": 1.0}, {("CHN", "JPN"): 100.0, ("CHN", "USA"): 1.0}
        kept = main_regions([(made, flows)], 0.01, frozenset({"DEU"}))
        assert kept == {"CHN", "JPN", "DEU"}

    @given(MADE, FLOWS, st.sampled_from([0.9, 0.98, 1.0]))
    def test_nobody_ships_more_than_it_has(
        self, made: dict[str, float], flows: dict[tuple[str, str], float], most: float
    ) -> None:
        stage = Tidied(dict(made), dict(flows))
        before = dict(stage.flows)
        scale_exports(stage, most)
        world = sum(made.values())
        for region in stage.regions():
            has = stage.made.get(region, 0.0) + stage.imports(region)
            assert stage.exports(region) <= most * has + 1e-6 * world
        assert all(amount <= before[flow] * (1 + 1e-12) for flow, amount in stage.flows.items())

    def test_who_has_enough_keeps_its_exports(self) -> None:
        stage = Tidied({"CHN": 100.0}, {("CHN", "JPN"): 60.0})
        scale_exports(stage, 0.98)
        assert stage.flows == {("CHN", "JPN"): 60.0}
        assert stage.scaled == {}

    @given(MADE, st.dictionaries(st.sampled_from(REGIONS), st.floats(0.1, 1e6), min_size=1))
    def test_every_refinery_gets_its_ore(
        self, made: dict[str, float], wanted: dict[str, float]
    ) -> None:
        world = sum(made.values())
        need = {region: world * part / sum(wanted.values()) for region, part in wanted.items()}
        stage = Tidied(dict(made), {})
        fill(stage, need)
        for region in REGIONS:
            assert stage.left(region) == pytest.approx(need.get(region, 0.0), abs=1e-7 * world)
        assert stage.filling == set(stage.flows)


class TestCompleteness:
    def test_every_mineral_is_a_market_or_says_why_not(self) -> None:
        built = [market.commodity for market in markets().markets()]
        out = [item.commodity for item in markets().left_out]
        assert sorted([*built, *out]) == sorted(minerals())
        assert all(len(item.reason) > 10 for item in markets().left_out)

    def test_there_are_sixty_markets_and_twelve_hundred_suppliers(self) -> None:
        assert len(markets().markets()) >= 60
        found = [
            removal
            for each in markets().groups
            for removal in removals(each.network, Cut.EXPORTS, no_suppliers=(OTHERS,))
        ]
        assert len(found) >= 1200
        assert len({removal.name for removal in found}) == len(found)
        assert OTHERS not in {removal.region for removal in found}

    def test_a_code_of_customs_is_of_the_mineral_that_it_counts_for(self) -> None:
        codes = customs_codes()
        for hs6, content in assumed_of_markets().content.items():
            assert codes[hs6].commodity == content.commodity

    def test_no_customs_code_is_counted_twice(self) -> None:
        first, second = (set(table.hs6.tolist()) for table in shipped_atlas().flows())
        assert not first & second

    def test_every_tie_has_a_source_or_is_marked_assumed(self) -> None:
        for link in assumed_of_markets().links:
            told = link.provenance
            assert told.grade == "E" or (told.source != "assumed" and told.note)


@pytest.mark.parametrize("name", ["copper", "zinc", "alumina", "platinum", "tungsten", "graphite"])
class TestNetworks:
    def test_the_base_year_balances(self, name: str) -> None:
        report = group(name).balanced.report
        assert report.imbalance < 1e-9
        for _, wanted, reached in report.totals:
            assert reached == pytest.approx(wanted, rel=1e-9)

    def test_output_is_that_of_the_source(self, name: str) -> None:
        """Ore of a group's own; what is refined by shares is tied to it."""
        for market in group(name).markets:
            for stage in market.stages:
                told = suppliers(shipped_atlas(), stage.figures.commodity, stage.stage, YEAR)
                source = [item for item in told if item.source == stage.figures.source]
                if source and source[0].unit != "%":
                    bundle = 1000.0 if source[0].unit == "kg" else 1.0
                    listed = float(source[0].quantities.sum()) / bundle
                    assert stage.world == pytest.approx(listed, rel=1e-9)

    def test_nothing_happens_in_a_calm_year(self, name: str) -> None:
        network = group(name).network
        calm = _run(network, 2)
        assert np.allclose(calm.price, calm.base_price, rtol=1e-6)
        assert max(each.worst() for each in calm.certificates) < 1e-6


def _run(network: SupplyNetwork, months: int, *measures: Outage) -> Trajectory:
    scenario = Scenario(
        id="test", title="test", chain=network.name, start="2026-01", months=months,
        measures=measures,
    )  # fmt: skip
    return simulate(lower(scenario, network), CALM)


def _outage(commodity: str, *regions: str) -> Outage:
    return Outage(
        kind="outage", actors=regions, commodities=(commodity,), start="2026-01", share_lost=1.0
    )


def _ran(trajectory: Trajectory, process: str, region: str) -> float:
    """Activity of a process in the last month over its usual one."""
    place = trajectory.network.process_index()[process, region]
    return float(trajectory.activity[0, -1, place] / trajectory.base_activity[place])


class TestByProducts:
    @pytest.mark.parametrize(
        ("host", "by_product", "region"),
        [
            ("alumina", "gallium", "CHN"),
            ("zinc", "indium", "KOR"),
            ("zinc", "germanium", "CHN"),
            ("copper", "tellurium", "CHN"),
        ],
    )
    def test_a_host_that_stops_takes_its_by_product_along(
        self, host: str, by_product: str, region: str
    ) -> None:
        found = _run(group(host).network, 3, _outage(host, region))
        assert _ran(found, f"refine-{host}", region) < 0.01
        assert _ran(found, f"refine-{by_product}", region) < 0.05

    def test_cobalt_stops_with_the_copper_of_the_congo_and_rhenium_with_molybdenum(self) -> None:
        found = _run(group("cobalt").network, 3, _outage("copper-ore", "COD"))
        assert _ran(found, "mine-cobalt", "COD") < 0.05
        found = _run(group("rhenium").network, 3, _outage("molybdenum", "CHL"))
        assert _ran(found, "mine-rhenium", "CHL") < 0.05

    def test_a_by_product_that_stops_leaves_its_host_alone(self) -> None:
        found = _run(group("gallium").network, 3, _outage("gallium", "CHN"))
        assert _ran(found, "refine-gallium", "CHN") < 0.01
        assert _ran(found, "refine-alumina", "CHN") == pytest.approx(1.0, abs=0.01)

    def test_a_dear_by_product_hardly_expands_its_host(self) -> None:
        """Zinc earns fifty times what its indium does; what plants have spare is the limit."""
        network = group("indium").network
        found = _run(network, 6, _outage("indium", "CHN"))
        price = found.price[0, -1, found.market_index["indium", "KOR"]]
        assert price > 2.0 * network.base_price(("indium", "KOR"))
        assert _ran(found, "refine-zinc", "KOR") == pytest.approx(1.0, abs=0.1)

    def test_yield_times_host_is_what_is_won(self) -> None:
        network = group("gallium").network
        index = network.process_index()
        host = network.processes[index["refine-alumina", "CHN"]]
        won = network.processes[index["refine-gallium", "CHN"]]
        assert host.activity is not None
        assert host.recipe["gallium-in-alumina"] * host.activity == pytest.approx(won.activity)


class TestByName:
    def test_a_mineral_is_a_chain_by_name(self) -> None:
        assert runs.chain("atlas/cobalt") is runs.chain("atlas/copper")
        assert runs.chain("atlas/tungsten").name == "atlas/tungsten"
        for each in markets().groups:
            assert each.name.startswith(PREFIX)
            assert runs.atlas_group(each.name.removeprefix(PREFIX)).name == each.name

    def test_a_mineral_that_is_left_out_says_why(self) -> None:
        with pytest.raises(InputError, match=r"atlas/samarium: .*rare-earths-2024"):
            runs.chain("atlas/samarium")

    def test_no_mineral_of_that_name(self) -> None:
        with pytest.raises(UnknownCodeError, match=r"unknown mineral 'tungsen'.*tungsten"):
            runs.chain("atlas/tungsen")

    def test_a_network_goes_through_a_folder(self, tmp_path: Path) -> None:
        network = group("tungsten").network
        again = SupplyNetwork.from_folder(network.to_folder(tmp_path / "tungsten"))
        assert again.digest() == network.digest()


PER_CONTENT = {
    "iron-ore": 1 / 0.62,
    "lead": 0.85,
    "nitrogen": 1 / 0.8224,
    "tungsten": 1 / 0.793,
    "vanadium": 1 / 0.560,
}
"""What a published price is multiplied with, as the note of its quote says."""


class TestAssumptions:
    def test_every_quote_is_a_price_of_the_atlas(self) -> None:
        prices = shipped_atlas().prices
        for (commodity, _), (quote, _) in assumed_of_markets().quotes.items():
            rows = (prices.commodity == commodity) & (prices.year == YEAR)
            told = np.concatenate([prices.price_usd_t[rows], prices.element_usd_t[rows]]) / 1e3
            told = told * PER_CONTENT.get(commodity, 1.0)
            assert np.isclose(told, quote, rtol=0.005).any(), commodity

    def test_a_setting_that_is_missing_names_the_table(self) -> None:
        bare = replace(assumed_of_markets(), settings={})
        with pytest.raises(InputError, match=r"settings\.csv: no setting 'least_region'"):
            build_markets(assumed=bare)

    def test_without_a_price_there_is_no_market(self) -> None:
        quotes = {
            key: quote
            for key, quote in assumed_of_markets().quotes.items()
            if key != ("iodine", SupplyStage.MINE)
        }
        found = build_markets(assumed=replace(assumed_of_markets(), quotes=quotes))
        (item,) = [item for item in found.left_out if item.commodity == "iodine"]
        assert item.reason.startswith("no price")

    def test_a_heading_without_import_sources_names_its_row(self) -> None:
        own = assumed_of_markets().own_trade
        key = ("indium", SupplyStage.REFINERY)
        slipped = {**own, key: replace(own[key], heading="Indium: All of it")}
        with pytest.raises(InputError, match=r"markets/us_trade\.csv:\d+: no import sources"):
            build_markets(assumed=replace(assumed_of_markets(), own_trade=slipped))

    def test_a_reason_leaves_a_mineral_out(self) -> None:
        left_out = {**assumed_of_markets().left_out, "tin": "for this test alone"}
        found = build_markets(assumed=replace(assumed_of_markets(), left_out=left_out))
        assert found.group_of("tin") is None
        assert "for this test alone" in [item.reason for item in found.left_out]
