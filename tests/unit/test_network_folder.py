"""Network folders: what is read, and every way in which a folder can be wrong.

The folder ``tests/data/networks/small`` uses every file, many units and known slips; each
fault is one change to a copy of it.
"""

import shutil
import time
from pathlib import Path

import pytest

from monazite.errors import InputError, NetworkError, TableError, UnitError, UnknownCodeError
from monazite.network import (
    Channel,
    Form,
    HolderKind,
    Process,
    Route,
    SupplyNetwork,
    TotalKind,
    UseForm,
    read_totals,
)

SMALL = Path(__file__).parents[1] / "data" / "networks" / "small"


@pytest.fixture(scope="module")
def small():
    return SupplyNetwork.from_folder(SMALL)


def _process(network, name):
    return next(process for process in network.processes if process.name == name)


class TestReading:
    def test_heading(self, small):
        assert (small.name, small.base_year) == ("small", 2024)
        assert [source.id for source in small.sources] == ["test-figures"]

    def test_quantities_are_converted_to_tonnes_a_year(self, small):
        assert _process(small, "mine").capacity == 12_000.0
        assert _process(small, "separation").activity == pytest.approx(10_800.0)
        assert _process(small, "recycling").capacity == pytest.approx(500.0)
        assert small.routes[0].flow == 1500.0
        assert small.uses[0].demand == pytest.approx(2400.0)
        assert [holder.stock for holder in small.holders] == [300.0, 500.0]
        assert small.quotas[0].limit == 2000.0

    def test_prices_and_costs_are_converted_to_dollars_a_kilogram(self, small):
        assert small.base_price(("ore", "CHN")) == pytest.approx(3.0)
        assert small.base_price(("magnet", "JPN")) == pytest.approx(70.0)
        assert small.routes[0].cost == pytest.approx(0.5)
        assert _process(small, "recycling").unit_cost == pytest.approx(5.0)
        assert small.uses[0].rungs[1].price_add == pytest.approx(5.0)

    def test_names_of_countries_are_mended(self, small):
        assert _process(small, "mine").region == "CHN"
        assert _process(small, "recycling").region == "JPN"
        assert small.routes[2].destination == "KOR"

    def test_row_of_a_region_goes_before_the_default(self, small):
        assert _process(small, "separation").recipe["NdPr-oxide"] == pytest.approx(0.22)
        assert small.base_price(("NdPr-oxide", "CHN")) == 55.0
        assert small.base_price(("NdPr-oxide", "JPN")) == 60.0
        assert [part.name for part in small.uses[0].cover] == ["just-in-time", "normal"]
        assert [(part.name, part.months) for part in small.uses[1].cover] == [("deep", 6.0)]

    def test_blank_cells_are_not_given(self, small):
        assert small.routes[2].flow is None
        assert small.routes[1].cost is None
        assert _process(small, "separation").unit_cost is None
        assert small.uses[2].cover == ()

    def test_unlimited_capacity_is_infinite(self, small):
        assert _process(small, "magnet-making").capacity == float("inf")

    def test_forms_and_kinds_are_members_of_their_lists(self, small):
        assert [route.channel for route in small.routes[:2]] == [Channel.OFFICIAL, Channel.LEAK]
        assert [use.form for use in small.uses][1:] == [
            UseForm.LINEAR,
            UseForm.ISOELASTIC,
            UseForm.FIXED,
        ]
        assert [holder.kind for holder in small.holders] == [HolderKind.TRADE, HolderKind.STRATEGIC]
        assert _process(small, "mine").form is Form.LOGISTIC

    def test_quota_covers_every_route_that_it_matches(self, small):
        assert small.quotas[0].routes == (0, 1)

    def test_every_row_knows_its_file_line_and_source(self, small):
        provenance = small.routes[1].provenance
        assert (provenance.where, provenance.source) == ("small/routes.csv:3", "test-figures")
        assert dict(_process(small, "separation").recipe_provenance)["NdPr-oxide"].note == (
            "better in China"
        )
        assert small.uses[0].rungs[0].provenance.where == "small/ladders.csv:2"
        assert small.uses[0].cover[0].provenance.where == "small/cover.csv:2"

    def test_totals_are_read_apart(self):
        totals = read_totals(SMALL)
        assert [total.kind for total in totals] == [TotalKind.EXPORT, TotalKind.PRODUCTION]
        assert [total.value for total in totals] == [1600.0, 10_000.0]

    def test_folder_round_trips(self, small, tmp_path):
        again = SupplyNetwork.from_folder(small.to_folder(tmp_path / "again"))
        assert again.digest() == small.digest()
        assert again.markets() == small.markets()
        assert again.sources == small.sources


# -- faults ---------------------------------------------------------------------------------

FAULTS = [
    # file, old text, new text, error, words in the message
    ("network.toml", 'name = "small"', "", TableError, "'name' is missing"),
    ("network.toml", "base_year = 2024", 'base_year = "2024"', TableError, "not a year"),
    ("network.toml", 'quantity_unit = "t"', "", TableError, "'quantity_unit' is missing"),
    (
        "network.toml",
        '"USD/kg"',
        '"USD/kgg"',
        UnitError,
        r"network\.toml, price_unit: unknown unit",
    ),
    ("network.toml", "title", "titel", UnknownCodeError, "did you mean title"),
    ("network.toml", "title =", "own_regions = 3\ntitle =", TableError, "not a list"),
    ("network.toml", "name =", "name ==", TableError, "not valid TOML"),
    ("sources.toml", "producer", "prodcer", UnknownCodeError, "did you mean producer"),
    ("commodities.csv", "stage,", "stge,", UnknownCodeError, "did you mean stage"),
    ("commodities.csv", ",magnet,NdPr", ",magnt,NdPr", UnknownCodeError, ":4: unknown stage"),
    ("commodities.csv", "NdPr:0.857", "NdPr 0.857", TableError, ":3: elements 'NdPr 0.857'"),
    ("commodities.csv", "NdPr:0.857", "NdPr:1.857", TableError, ":3: .*not between 0 and 1"),
    ("commodities.csv", "t REO,test", "USD,test", UnitError, ":2: 'USD' cannot be turned into 't'"),
    ("commodities.csv", "swarf,Scrap", "ore,Scrap", TableError, ":5: commodity ore is given twice"),
    ("prices.csv", "ore,*,3000", "oree,*,3000", UnknownCodeError, ":2: .*did you mean ore"),
    ("prices.csv", "ore,*,3000", "ore,*,", TableError, ":2: price is blank"),
    ("prices.csv", "ore,*,3000", "ore,*,nan", TableError, ":2: price 'nan' is not finite"),
    ("prices.csv", "ore,*,3000", "ore,*,inf", TableError, ":2: price 'inf' is not finite"),
    ("prices.csv", "ore,*,3000", "ore,*,3_000", TableError, ":2: price '3_000' is not a number"),
    ("prices.csv", "ore,*,3000", "ore,*,-1", TableError, ":2: .*base price -0.001 is negative"),
    ("prices.csv", "3000,USD/t", "3000,", UnitError, ":2: unit is blank"),
    ("prices.csv", "3000,USD/t", "3000,USD/tt", UnitError, ":2: unknown unit 'USD/tt'"),
    ("prices.csv", "3000,USD/t", "3000,EUR/t", UnitError, ":2: 'EUR/t' cannot be turned"),
    ("prices.csv", "USD/kg REO", "USD/kg metal", UnitError, ":3: .*of another basis"),
    ("prices.csv", "2023,test-figures,D,stands", "2023,test-figures,D,,", TableError, "6|8|9"),
    ("prices.csv", "stands for 2024", "", TableError, ":4: a figure of 2023 in a network of 2024"),
    ("prices.csv", "2023,test", "next,test", TableError, ":4: year 'next' is not a whole number"),
    ("prices.csv", "2024,test-figures,D", "2024,test-figurs,D", UnknownCodeError, "test-figures"),
    ("prices.csv", "2024,test-figures,D", "2024,test-figures,", TableError, ":2: grade is blank"),
    ("prices.csv", "2024,test-figures,D", "2024,test-figures,F", UnknownCodeError, "grade 'F'"),
    ("prices.csv", "2024,test-figures,D", "2024,,D", TableError, ":2: source is blank"),
    ("prices.csv", "2024,test-figures,D", "2024,test-figures,E", TableError, "does not say why"),
    ("prices.csv", "NdPr-oxide,*", "NdPr-oxide,China", TableError, ":4: .*twice, first at .*:3"),
    ("processes.csv", "mine,China", "mine,Chinaa", UnknownCodeError, ":2: unknown region 'Chinaa'"),
    ("processes.csv", "ore,12,10", "ore,-12,10", TableError, ":2: .*capacity -12000 is negative"),
    ("processes.csv", "ore,12,10", "ore,,10", TableError, ":2: capacity is blank"),
    ("processes.csv", "ore,12,10", "ore,9,10", NetworkError, ":2: .*exceeds capacity"),
    ("processes.csv", "2.5,USD/kg", "2.5,", UnitError, ":2: cost_unit is blank"),
    ("processes.csv", "logistic", "logistc", UnknownCodeError, ":2: .*did you mean logistic"),
    ("processes.csv", "t/month", "t", UnitError, ":3: 't' cannot be turned into 't/yr'"),
    ("processes.csv", "recycling,JP,", "recycle,JP,", UnknownCodeError, "recipes.*process 'recycl"),
    ("recipes.csv", "mine,*,ore,1,1", "mine,*,ore,0,1", TableError, ":2: coefficient is zero"),
    ("recipes.csv", "mine,*,ore,1,1", "mine,*,ore,,1", TableError, ":2: coefficient is blank"),
    ("recipes.csv", "mine,*,ore,1,1", "mine,*,ore,1,t", UnitError, ":2: 't' cannot be turned"),
    ("recipes.csv", "mine,*", "mine,JPN", UnknownCodeError, "unknown region of process mine 'JPN'"),
    ("recipes.csv", "mine,*,ore,1,1,test-figures,D,\n", "", NetworkError, "mine in CHN has no rec"),
    ("recipes.csv", "separation,CHN", "separation,*", TableError, ":5: .*twice, first at .*:4"),
    ("recipes.csv", "iron and boron are added", "", NetworkError, r"makes 1\.25 t from 0\.42 t"),
    ("recipes.csv", "220,kg/t", "250,kg/t", NetworkError, "recipes.*separation.*makes NdPr"),
    ("recipes.csv", "NdPr-oxide,0.3,1", "NdPr-oxide,0.4,1", NetworkError, "makes NdPr"),
    ("routes.csv", "CHN,JPN,official", "CHN,CHN,official", NetworkError, ":2: .*its own origin"),
    ("routes.csv", "CHN,JPN,leak", "CHN,JPN,official", TableError, ":3: .*twice, first at .*:2"),
    ("routes.csv", "CHN,JPN,leak", "CHN,JPN,leek", UnknownCodeError, ":3: .*did you mean leak"),
    ("routes.csv", "leak,20,", "leak,-20,", TableError, ":3: .*flow -20 is negative"),
    ("routes.csv", "latent: nothing moves in the base year", "", TableError, "does not say why"),
    ("routes.csv", ",expansion", ",expnsion", UnknownCodeError, "did you mean expansion"),
    ("routes.csv", "origin,", "", TableError, ":2: .*cells|1: column 'origin' is missing"),
    ("uses.csv", "EV,JPN,magnet", "EV,JPN,magnets", UnknownCodeError, ":2: .*did you mean magnet"),
    ("uses.csv", "magnet,200", "magnet,-200", TableError, ":2: .*demand -2400 is negative"),
    ("uses.csv", "magnet,200", "magnet,", TableError, ":2: demand is blank"),
    ("uses.csv", "dear", "deer", UnknownCodeError, ":2: unknown ladder 'deer'"),
    ("uses.csv", "700,1.5", "700,", TableError, ":3: .*lacks intercept or slope"),
    ("ladders.csv", "dear,0.3", "dear,0.6", NetworkError, "ladder add up to 1.1"),
    ("cover.csv", "just-in-time,0.4", "just-in-time,0.3", NetworkError, ":3: .*add up to 0.9"),
    ("cover.csv", "EV,*,just", "EVs,*,just", UnknownCodeError, ":2: unknown use 'EVs'"),
    ("cover.csv", "0.5,months", "0.5,t", UnitError, ":2: 't' cannot be turned into 'months'"),
    ("cover.csv", "just-in-time", "normal", TableError, "cover class twice"),
    ("holders.csv", "trade,300", "trade,-300", TableError, ":2: .*stock -300 is negative"),
    ("holders.csv", "strategic", "trade", TableError, ":3: .*twice"),
    ("quotas.csv", "CHN,*", "KOR,*", NetworkError, ":2: quota oxide-quota limits no route"),
    ("quotas.csv", "*,2,kt", "*,-2,kt", TableError, ":2: .*limit -2000 is negative"),
]


@pytest.mark.parametrize(("file", "old", "new", "error", "words"), FAULTS)
def test_fault_is_one_line_with_file_row_and_way_out(tmp_path, file, old, new, error, words):
    folder = shutil.copytree(SMALL, tmp_path / "bad")
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(error, match=words) as caught:
        SupplyNetwork.from_folder(folder)
    assert "bad/" in caught.value.where
    assert caught.value.way_out
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("file", ["network.toml", "commodities.csv", "recipes.csv"])
def test_missing_file_raises(tmp_path, file):
    folder = shutil.copytree(SMALL, tmp_path / "bad")
    (folder / file).unlink()
    with pytest.raises(InputError, match=r"missing|has no recipe"):
        SupplyNetwork.from_folder(folder)


def test_missing_folder_raises(tmp_path):
    with pytest.raises(TableError, match="there is no such folder"):
        SupplyNetwork.from_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("file", ["network.toml", "commodities.csv", "routes.csv"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty|missing"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "not text"),
        ("commodity,stage\nträger,ore\n".encode("latin-1"), "not text"),
    ],
    ids=["empty", "binary", "latin-1"],
)
def test_file_that_is_no_table_raises(tmp_path, file, content, words):
    folder = shutil.copytree(SMALL, tmp_path / "bad")
    (folder / file).write_bytes(content)
    with pytest.raises(TableError, match=words) as caught:
        SupplyNetwork.from_folder(folder)
    assert file in caught.value.where


def test_misspelt_file_raises(tmp_path):
    folder = shutil.copytree(SMALL, tmp_path / "bad")
    (folder / "routes.csv").rename(folder / "route.csv")
    with pytest.raises(UnknownCodeError, match=r"unknown file 'route' .did you mean routes"):
        SupplyNetwork.from_folder(folder)


def test_file_of_another_kind_is_left_alone(tmp_path):
    folder = shutil.copytree(SMALL, tmp_path / "good")
    (folder / "reconciliation.csv").write_text("anything\n")
    SupplyNetwork.from_folder(folder)


def test_byte_order_mark_is_no_fault(tmp_path):
    folder = shutil.copytree(SMALL, tmp_path / "good")
    text = (folder / "routes.csv").read_bytes()
    (folder / "routes.csv").write_bytes(b"\xef\xbb\xbf" + text)
    assert len(SupplyNetwork.from_folder(folder).routes) == 3


def test_cycle_that_gains_mass_names_recipes_file(tmp_path):
    folder = shutil.copytree(SMALL, tmp_path / "bad")
    for file, old, new in (
        ("commodities.csv", "NdPr:0.28", ""),
        ("commodities.csv", "NdPr:0.28", ""),
        ("recipes.csv", "NdPr-oxide,0.3,1,test-figures,D,", "NdPr-oxide,1.8,1,test-figures,D,x"),
    ):
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(NetworkError, match=r"bad/recipes\.csv:\d+: .*gain mass round a cycle"):
        SupplyNetwork.from_folder(folder)


def test_folder_without_supply_raises(tmp_path):
    folder = shutil.copytree(SMALL, tmp_path / "bad")
    (folder / "holders.csv").unlink()
    text = (folder / "processes.csv").read_text()
    (folder / "processes.csv").write_text(text.replace("ore,12,10", "ore,0,0"))
    with pytest.raises(NetworkError, match="nothing supplies the network"):
        SupplyNetwork.from_folder(folder)


def test_one_limit_of_a_quota_must_agree_with_the_other(tmp_path):
    folder = shutil.copytree(SMALL, tmp_path / "bad")
    with (folder / "quotas.csv").open("a") as stream:
        stream.write("oxide-quota,magnet,*,*,3,kt/yr,test-figures,D,\n")
    with pytest.raises(TableError, match="limit 3000 here and 2000"):
        SupplyNetwork.from_folder(folder)


def test_twenty_thousand_rows_are_read_in_two_seconds(tmp_path):
    regions = [f"r{number}" for number in range(142)]
    network = SupplyNetwork.build(
        "large",
        ["good"],
        processes=[Process("mine", region, {"good": 1.0}) for region in regions],
        routes=[Route("good", a, b, flow=1.0) for a in regions for b in regions if a != b],
    )
    folder = network.to_folder(tmp_path / "large")
    start = time.process_time()
    again = SupplyNetwork.from_folder(folder)
    assert time.process_time() - start < 2.0
    assert len(again.routes) == 20_022
