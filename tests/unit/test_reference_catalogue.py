"""The shipped tables: all of them hold together, and each number can be walked back."""

import time

import pytest

from monazite import units
from monazite.errors import TableError, UnknownCodeError
from monazite.reference import catalogue
from monazite.reference.source import Grade, shipped_register
from monazite.reference.table import RowRef, Table

REGIONS = (
    *("CHN", "USA", "JPN", "KOR", "DEU", "FRA", "EST", "GBR", "AUS"),
    *("MYS", "MMR", "VNM", "IND", "THA", "BRA", "CAN", "REU", "ROW"),
)


def shipped() -> list[Table]:
    return [catalogue.load(table_id) for table_id in catalogue.table_ids()]


def facts() -> list[Table]:
    return [table for table in shipped() if table.id.startswith(catalogue.FACTS)]


def test_everything_shipped_passes_the_check() -> None:
    report = catalogue.check()
    assert [str(fault) for fault in report.faults] == []
    assert report.is_clean
    assert report.tables == len(catalogue.table_ids())
    assert report.rows == sum(len(table) for table in shipped())


def test_every_unit_parses() -> None:
    found = {row.unit for table in shipped() for row in table}
    found |= {field.unit for table in facts() for field in table.fields} - {"", "row"}
    assert [text for text in sorted(found) if not units.parse(text)] == []


def test_every_row_has_unit_source_and_grade() -> None:
    register = shipped_register()
    for table in shipped():
        for row in table:
            assert row.unit, str(row.ref)
            assert row.source in register, str(row.ref)
            assert row.grade in Grade, str(row.ref)


def test_every_assumed_row_says_why() -> None:
    assumptions = catalogue.assumed()
    assert assumptions
    assert [str(item.ref) for item in assumptions if len(item.reason) < 10] == []
    assert all(item.subject for item in assumptions)


def test_no_figure_of_the_facts_is_assumed_except_distances_of_composites() -> None:
    assumed = {row.ref.table for table in facts() for row in table if row.grade is Grade.E}
    assert assumed == {"facts/distances"}


def test_one_table_is_read_in_a_fifth_of_a_second() -> None:
    shipped_register.cache_clear()
    catalogue.load.cache_clear()
    start = time.process_time()
    catalogue.load("trade")
    assert time.process_time() - start < 0.2


def test_the_catalogue_lists_facts_before_chains() -> None:
    entries = catalogue.catalogue()
    names = [entry.id for entry in entries]
    assert names.index("mine_production") < names.index("parameters")
    assert all(entry.rows and entry.sources and entry.title for entry in entries)


def test_unknown_table_raises_with_the_nearest() -> None:
    with pytest.raises(UnknownCodeError, match="did you mean prices"):
        catalogue.load("pricse")


def test_a_number_walks_back_to_its_source() -> None:
    row = catalogue.load("reserves").select(region="CHN")[0]
    assert catalogue.row_at(row.ref) == row
    note = catalogue.footnote(row.ref)
    assert note.startswith(f"{row.ref}: U.S. Geological Survey")
    assert "grade A" in note


def test_a_reference_to_a_line_without_row_raises() -> None:
    with pytest.raises(TableError, match=r"facts/reserves\.csv:1: no row stands there"):
        catalogue.row_at(RowRef("facts/reserves", 1))


def test_editions_of_mine_production_stand_side_by_side() -> None:
    rows = catalogue.load("mine_production").select(region="AUS", year="2024")
    found = {row.source: row.value for row in rows}
    assert found == {"usgs-mcs-2025": 13000, "usgs-mcs-2026": 29000, "wmd-2026": 20100}


def test_product_and_ground_baskets_are_kept_apart() -> None:
    baskets = catalogue.load("element_baskets")
    cerium = baskets.select(deposit="Serra Verde Pela Ema", element="Ce")
    assert {row["basis"]: row.value for row in cerium} == {"product": 3.01, "in-ground": 33.6}


def test_recalled_baskets_are_grade_d_and_say_so_and_rejected_ones_are_left_out() -> None:
    recalled = catalogue.load("element_baskets").select(source="usgs-yearbook-recalled")
    assert {row.grade for row in recalled} == {Grade.D}
    assert all("unverified" in row.note for row in recalled)
    assert "Xunwu" not in {row["deposit"] for row in recalled}


def test_magnet_exports_of_2025_add_up_to_the_year() -> None:
    rows = catalogue.load("china_magnet_exports").select(destination="WORLD")
    tonnes = {row.text("period"): row.value or 0.0 for row in rows}
    months = sum(tonnes[f"2025-{month:02}"] for month in range(1, 13))
    assert months == pytest.approx(tonnes["2025"], abs=1)


def test_oxide_factors_are_below_one_and_follow_the_atomic_weights() -> None:
    factors = {row.text("element"): row.value for row in catalogue.load("oxide_metal_factors")}
    neodymium, oxygen = 144.242, 15.999
    expected = 2 * neodymium / (2 * neodymium + 3 * oxygen)
    assert factors["Nd"] == pytest.approx(expected, abs=1e-4)


def test_distances_and_governance_cover_every_region_of_the_chain() -> None:
    pairs = {(row["origin"], row["destination"]) for row in catalogue.load("distances")}
    missing = [
        (origin, destination)
        for place, origin in enumerate(REGIONS)
        for destination in REGIONS[place + 1 :]
        if (origin, destination) not in pairs and (destination, origin) not in pairs
    ]
    assert missing == []
    assert set(catalogue.load("governance").column("region")) == set(REGIONS)


def test_trade_is_between_regions_of_the_chain_in_both_years() -> None:
    trade = catalogue.load("trade")
    assert set(trade.column("year")) == {"2009", "2024"}
    assert set(trade.column("origin")) | set(trade.column("destination")) <= set(REGIONS)


def test_quotes_are_in_money_of_their_year() -> None:
    for row in catalogue.load("prices"):
        year = row.text("period")[:4]
        allowed = {"CNY/t", "CNY/kg", f"USD{year}/kg"} | ({"USD/kg"} if year == "2024" else set())
        assert row.unit in allowed, str(row.ref)
