"""The shipped atlas: how much it holds, that it holds together, and figures checked by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from monazite.labels import WORLD
from monazite.reference.atlas.check import check_atlas, explained_gaps, gaps
from monazite.reference.atlas.supply import (
    SupplyStage,
    political_stability,
    supplier_history,
    suppliers,
    supply_arrays,
)
from monazite.reference.atlas.tables import (
    TABLE_NAMES,
    Atlas,
    read_atlas,
    shipped_atlas,
    write_atlas,
)
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.observations import Observations
from monazite.reference.source import data_folder, shipped_register

FOLDER = Path(str(data_folder())) / "atlas"
MINE, REFINERY = SupplyStage.MINE, SupplyStage.REFINERY
LARGEST_BYTES = 12_000_000


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return shipped_atlas()


def test_it_holds_together(atlas: Atlas) -> None:
    assert [fault.line() for fault in check_atlas(atlas)] == []


def test_it_is_small_and_written_again_gives_the_same_bytes(atlas: Atlas, tmp_path: Path) -> None:
    files = write_atlas(atlas, tmp_path)
    assert sum(file.stat().st_size for file in files) < LARGEST_BYTES
    for file in files:
        assert file.read_bytes() == (FOLDER / file.name).read_bytes(), file.name


def test_mines_of_sixty_minerals_have_every_year(atlas: Atlas) -> None:
    for year in range(2018, 2025):
        minerals = {
            row.commodity
            for code in set(atlas.production["wmd-2026"].commodity.tolist())
            for stage in SupplyStage
            for row in supplier_history(atlas, "wmd-2026", code, stage)
            if row.year == year
        }
        assert len(minerals) >= 60, year


def test_every_source_is_in_the_register_with_a_licence_that_lets_it_ship(atlas: Atlas) -> None:
    register = shipped_register()
    licences = {register[source].licence_raw for source in atlas.sources()}
    assert licences == {
        "CC BY 4.0", "Etalab Open Licence 2.0", "US public domain", "free use with attribution",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "stage", "source", "region", "quantity", "world", "line"),
    [
        ("gallium", REFINERY, "wmd-2026", "CHN", 974_000.0, 987_000.0, 3299),
        ("gallium", REFINERY, "usgs-mcs-2026", "CHN", 839_000.0, 848_000.0, 2551),
        ("cobalt", MINE, "wmd-2026", "COD", 200_253.0, 268_755.0, 592),
        ("cobalt", MINE, "usgs-mcs-2026", "COD", 226_000.0, 302_000.0, 1854),
        ("rare-earths", MINE, "wmd-2026", "CHN", 270_000.0, 398_008.0, None),
        ("copper", MINE, "iea-cmd-2025", "CHL", 5_476_000.0, 22_794_000.0, 1162),
        ("copper", REFINERY, "iea-cmd-2025", "CHN", 11_860_000.0, 26_944_000.0, None),
    ],
)
def test_figures_of_2024_are_those_of_the_raw_file(
    atlas: Atlas, code: str, stage: SupplyStage, source: str, region: str, quantity: float,
    world: float, line: int | None,
) -> None:  # fmt: skip
    """Looked up by hand in the files named in the last column."""
    found = next(item for item in suppliers(atlas, code, stage, 2024) if item.source == source)
    place = found.regions.index(region)
    assert found.quantities[place] == pytest.approx(quantity)
    assert found.stated == pytest.approx(world)
    assert found.share(region) == pytest.approx(quantity / found.total)
    assert found.share("ATA") == 0.0
    if line is not None:
        assert found.where[place].endswith(f":{line}")


def test_shares_of_the_european_study_are_taken_as_they_are(atlas: Atlas) -> None:
    found = next(
        item for item in suppliers(atlas, "gallium", REFINERY, 2024) if item.source == "eu-crm-2023"
    )
    assert (found.first_year, found.year) == (2016, 2020)
    assert found.share("CHN") == pytest.approx(0.938, abs=1e-3)


def test_the_source_of_the_latest_year_comes_first(atlas: Atlas) -> None:
    assert [item.source for item in suppliers(atlas, "cobalt", MINE, 2024)][:2] == [
        "wmd-2026", "usgs-mcs-2026",
    ]  # fmt: skip
    assert suppliers(atlas, "cobalt", MINE, 2025)[0].source == "usgs-mcs-2026"
    assert suppliers(atlas, "cobalt", MINE, 2025)[0].year == 2025
    assert suppliers(atlas, "neodymium", MINE, 2019) == ()


def test_flows_and_scores_are_those_of_the_raw_file(atlas: Atlas) -> None:
    trade = atlas.trade
    flow = np.flatnonzero(
        (trade.hs6 == "284690")
        & (trade.region == "CHN")
        & (trade.partner == "JPN")
        & (trade.year == 2024)
    )
    assert flow.size == 1
    assert (trade.value[flow[0]], trade.mass[flow[0]], trade.line[flow[0]]) == (
        124369.684,
        6014.793,
        271649,
    )
    scores = political_stability(atlas, 2024)
    assert scores["COD"] == pytest.approx(-2.1191762)
    assert political_stability(atlas, 2017) == {}
    assert len(trade) == 356_322


def test_large_gaps_are_explained_and_small_ones_told(atlas: Atlas) -> None:
    found = {gap.key: gap for gap in gaps(atlas)}
    assert set(explained_gaps()) <= set(found)
    kaolin = found["usgs-mcs-2025", "kaolin", "mine production", 2024]
    assert kaolin.total.stated == 4_400_000.0
    assert kaolin.total.summed == 44_240_000.0
    assert "kaolin mine production of 2024" in kaolin.line()


def test_arrays_have_the_shapes_of_their_code_lists(atlas: Atlas) -> None:
    years = tuple(range(2018, 2025))
    arrays = supply_arrays(atlas, "wmd-2026", MINE, years)
    goods, places = len(arrays.commodities), len(arrays.countries)
    assert arrays.production.shape == (goods, places, len(years))
    assert arrays.governance.shape == (places, len(years))
    cobalt, congo = arrays.commodities.index("cobalt"), arrays.countries.index("COD")
    assert arrays.production[cobalt, congo, -1] == 200_253.0
    gold = arrays.commodities.index("gold")
    world = suppliers(atlas, "gold", MINE, 2024)[0]
    assert arrays.production[gold, :, -1].sum() == pytest.approx(world.total / 1e3)
    assert arrays.governance[congo, -1] == pytest.approx(-2.1191762)
    for name, size in (("commodity", goods), ("country", places), ("partner", places), ("year", 7)):
        column = arrays.trade[name]
        assert len(column) == len(arrays.trade["value"])
        assert column.min() >= 0
        assert column.max() < size
    assert not np.any(arrays.trade["country"] == arrays.trade["partner"])


def test_arrays_do_not_know_who_makes_what_before_the_first_year(atlas: Atlas) -> None:
    arrays = supply_arrays(atlas, "usgs-mcs-2026", MINE, (2023, 2025))
    assert np.isnan(arrays.production[..., 0]).all()
    assert not np.isnan(arrays.production[..., 1]).all()


# -- faults that the check finds ----------------------------------------------------------------


def _changed(data: Observations, row: int, **cells: object) -> Observations:
    columns: dict[str, Any] = {}
    for name, cell in cells.items():
        column = getattr(data, name).copy()
        column[row] = cell
        columns[name] = column
    return replace(data, **columns)


def _production(change: Callable[[Observations], Observations]) -> Callable[[Atlas], Atlas]:
    def spoil(atlas: Atlas) -> Atlas:
        table = dict(atlas.production)
        table["wmd-2026"] = change(table["wmd-2026"])
        return replace(atlas, production=MappingProxyType(table))

    return spoil


def _doubled(data: Observations) -> Observations:
    return data.taken(np.r_[np.arange(len(data)), 0])


def _scaled(data: Observations) -> Observations:
    value = np.where((data.commodity == "zinc") & (data.year == 2024), data.value * 1e3, data.value)
    return replace(data, value=value)


def _total(data: Observations) -> Observations:
    row = np.flatnonzero((data.commodity == "zinc") & (data.region == WORLD) & (data.year == 2024))[
        0
    ]
    return _changed(data, row, value=data.value[row] * 1.2)


def _mended(data: Observations) -> Observations:
    row = np.flatnonzero(
        (data.commodity == "perlite") & (data.region == WORLD) & (data.year == 2020)
    )[0]
    return _changed(data, row, value=4_583_581.0)


def _other_source(atlas: Atlas) -> Atlas:
    return replace(atlas, production={"wmd-1999": atlas.production["wmd-2026"]})


def _trade(name: str, cell: object) -> Callable[[Atlas], Atlas]:
    def spoil(atlas: Atlas) -> Atlas:
        column = getattr(atlas.trade, name).copy()
        column[0] = cell
        changes: Mapping[str, Any] = {name: column}
        return replace(atlas, trade=replace(atlas.trade, **changes))

    return spoil


def _doubled_flow(atlas: Atlas) -> Atlas:
    rows = np.r_[np.arange(len(atlas.trade)), 0]
    return replace(atlas, trade=atlas.trade.taken(rows))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_production(lambda data: _changed(data, 0, commodity="unobtainium")), "unobtainium"),
        (_production(lambda data: _changed(data, 0, region="XQQ")), "unknown region 'XQQ'"),
        (_production(lambda data: _changed(data, 0, unit="furlongs per tun")), "furlongs"),
        (_production(lambda data: _changed(data, 0, value=-1.0)), "below zero"),
        (_production(lambda data: _changed(data, 0, value=np.nan)), "status do not agree"),
        (
            _production(lambda data: _changed(data, 0, status=Status.WITHHELD)),
            "status do not agree",
        ),
        (_production(_doubled), "the row stands twice"),
        (_production(_scaled), "a unit has slipped"),
        (_production(_total), "zinc mine production of 2024"),
        (_production(_mended), "perlite mine production 2020: there is no such gap any more"),
        (_other_source, "unknown source 'wmd-1999'"),
        (_trade("hs6", "999999"), "unknown customs code '999999'"),
        (_trade("region", "XQQ"), "unknown region 'XQQ'"),
        (_trade("value", -1.0), "a flow is below zero"),
        (_doubled_flow, "a flow stands twice"),
    ],
)
def test_faults_are_found(spoil: Callable[[Atlas], Atlas], message: str, atlas: Atlas) -> None:
    faults = check_atlas(spoil(atlas))
    assert any(message in fault.line() for fault in faults), [fault.line() for fault in faults]
    assert all(fault.way_out for fault in faults)


def test_a_share_above_the_whole_is_a_fault(atlas: Atlas) -> None:
    table = dict(atlas.production)
    table["eu-crm-2023"] = _changed(table["eu-crm-2023"], 0, value=101.0)
    faults = check_atlas(replace(atlas, production=table))
    assert [fault.message for fault in faults] == ["a share is above 100 %"]


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("price", np.nan, "a price and its status do not agree"),
        ("low", 0.0, "a price is not above zero"),
        ("price_usd_t", 1.0, "a price by the tonne is not the published one"),
        ("commodity", "unobtainium", "unknown commodity 'unobtainium'"),
    ],
)
def test_faults_of_prices_are_found(column: str, cell: Any, message: str, atlas: Atlas) -> None:
    changed = getattr(atlas.prices, column).copy()
    changed[0] = cell
    faults = check_atlas(replace(atlas, prices=replace(atlas.prices, **{column: changed})))
    assert message in [fault.message for fault in faults]


def test_two_leading_prices_of_a_mineral_are_a_fault(atlas: Atlas) -> None:
    leading = np.ones_like(atlas.prices.leading)
    faults = check_atlas(replace(atlas, prices=replace(atlas.prices, leading=leading)))
    assert {fault.message for fault in faults} == {"two prices lead one mineral"}


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_table_that_is_gone_or_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    for file in FOLDER.glob("*.parquet"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    file = tmp_path / f"{name}.parquet"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(Exception, match=f"{name}.parquet: the file is cut off"):
        read_atlas(tmp_path)
    file.unlink()
    with pytest.raises(Exception, match=f"{name}.parquet: the file is missing"):
        read_atlas(tmp_path)
