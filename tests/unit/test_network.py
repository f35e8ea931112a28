"""A network in memory: what is looked up, and what cannot be a network."""

import math
import pickle
from dataclasses import replace

import pytest

from monazite.errors import InputError, NetworkError, TableError, UnitError, UnknownCodeError
from monazite.network import (
    BasePrice,
    Commodity,
    CoverClass,
    Form,
    FrozenMapping,
    Holder,
    Process,
    Provenance,
    Quota,
    Route,
    Rung,
    SupplyNetwork,
    Use,
    UseForm,
)

MINE = Process("mine", "CHN", {"ore": 1.0}, capacity=100.0, activity=90.0, stage="ore")
SMELTER = Process("smelter", "CHN", {"ore": -2.0, "metal": 1.0}, capacity=50.0)
ROUTE = Route("metal", "CHN", "JPN", flow=20.0)
USE = Use("EV", "JPN", "metal", 20.0, elasticity=0.2, rungs=(Rung(0.3, 2.0),))
NETWORK = SupplyNetwork.build(
    "test",
    [Commodity("ore", stage="ore", elements={"Nd": 0.1}), Commodity("metal", elements={"Nd": 0.2})],
    processes=[MINE, SMELTER],
    routes=[ROUTE],
    uses=[USE],
    prices={("ore", "*"): 3.0, ("metal", "*"): 60.0, ("metal", "CHN"): 55.0},
)


def test_markets_are_ordered_by_commodity_then_region():
    assert NETWORK.markets() == (("ore", "CHN"), ("metal", "CHN"), ("metal", "JPN"))
    assert NETWORK.market_index()["metal", "JPN"] == 2
    assert NETWORK.regions() == ("CHN", "JPN")


def test_market_order_does_not_depend_on_row_order():
    turned = replace(NETWORK, processes=NETWORK.processes[::-1])
    assert turned.markets() == NETWORK.markets()


def test_holder_makes_a_market():
    held = replace(NETWORK, holders=(Holder("ore", "JPN", 5.0),))
    assert ("ore", "JPN") in held.markets()


def test_base_price_falls_back_on_the_default():
    assert NETWORK.base_price(("metal", "CHN")) == 55.0
    assert NETWORK.base_price(("metal", "JPN")) == 60.0


def test_missing_base_price_raises():
    bare = replace(NETWORK, base_prices=())
    with pytest.raises(NetworkError, match=r"ore in CHN has no base price.*prices\.csv"):
        bare.base_price(("ore", "CHN"))


def test_unknown_commodity_lookup_raises():
    with pytest.raises(UnknownCodeError, match="did you mean metal"):
        NETWORK.commodity("mettal")


def test_lists_and_dictionaries_are_frozen():
    recipe = {"ore": 1.0}
    mine = Process("mine", "CHN", recipe)
    recipe["ore"] = 2.0
    assert mine.recipe == {"ore": 1.0}
    assert isinstance(NETWORK.processes, tuple)
    with pytest.raises(TypeError):
        mine.recipe["ore"] = 2.0  # type: ignore[index]
    with pytest.raises(AttributeError):
        NETWORK.name = "other"  # type: ignore[misc]


def test_frozen_mapping_is_hashable_and_prints_like_a_dictionary():
    assert hash(FrozenMapping({"a": 1.0})) == hash(FrozenMapping({"a": 1.0}))
    assert repr(FrozenMapping({"a": 1.0})) == "{'a': 1.0}"
    assert len(FrozenMapping()) == 0


def test_network_travels_to_other_processes():
    assert pickle.loads(pickle.dumps(NETWORK)) == NETWORK


def test_network_round_trips_through_a_folder(tmp_path):
    full = replace(
        NETWORK,
        title='With "quotes", commas',
        uses=(replace(USE, cover=(CoverClass("normal", 1.0, 2.0),)),),
        holders=(Holder("metal", "JPN", 5.0),),
        quotas=(Quota("limit", (0,), 15.0),),
    )
    again = SupplyNetwork.from_folder(full.to_folder(tmp_path / "chain"))
    assert again.digest() == full.digest()
    assert again.uses[0].rungs[0].share == 0.3
    assert again.title == full.title


def test_textbook_network_round_trips_with_its_own_regions(tmp_path):
    own = SupplyNetwork.build(
        "own",
        ["good"],
        processes=[Process.linear_supply("good", "north", intercept=-2, slope=3)],
        routes=[Route.at_cost("good", "north", "south", 1)],
        uses=[
            Use.linear("good", "south", intercept=9, slope=1),
            Use.worth("good", "north", value=7, most=2, name="export"),
            Use.fixed("good", "north", 1),
        ],
    )
    again = SupplyNetwork.from_folder(own.to_folder(tmp_path / "own"))
    assert again.digest() == own.digest()
    assert again.own_regions == ("north", "south")


def test_folder_that_holds_something_is_not_touched(tmp_path):
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(TableError, match="there is something already"):
        NETWORK.to_folder(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["keep.txt"]


def test_digest_ignores_order_and_place_and_nothing_else():
    turned = replace(
        NETWORK,
        processes=NETWORK.processes[::-1],
        base_prices=NETWORK.base_prices[::-1],
        routes=(replace(ROUTE, provenance=Provenance(where="elsewhere.csv:7")),),
    )
    assert turned.digest() == NETWORK.digest()
    assert replace(NETWORK, routes=(replace(ROUTE, flow=21.0),)).digest() != NETWORK.digest()
    noted = replace(ROUTE, provenance=Provenance(note="checked"))
    assert replace(NETWORK, routes=(noted,)).digest() != NETWORK.digest()


def test_digest_takes_whole_numbers_and_decimals_alike():
    assert replace(NETWORK, routes=(replace(ROUTE, flow=20),)).digest() == NETWORK.digest()


def _with(**changes):
    return lambda: replace(NETWORK, **changes)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (_with(name=" "), TableError, "no name"),
        (_with(base_year=24), TableError, "base_year 24 is no year"),
        (_with(quantity_unit="tt"), UnitError, "unknown unit 'tt'"),
        (_with(commodities=(Commodity("ore", stage="oar"),)), UnknownCodeError, "did you mean or"),
        (_with(commodities=(Commodity(" "),)), TableError, "no code"),
        (
            _with(commodities=(Commodity("ore", elements={"Nd": 0.7, "Pr": 0.5}),)),
            TableError,
            r"contains 1\.2 t of elements",
        ),
        (_with(commodities=NETWORK.commodities * 2), TableError, "commodity ore is given twice"),
        (_with(base_prices=(BasePrice("ore", "*", 0.0),)), TableError, "base price is zero"),
        (_with(base_prices=(BasePrice("oxide", "*", 1.0),)), UnknownCodeError, "commodity 'oxide'"),
        (_with(processes=(MINE, MINE)), TableError, "process mine in CHN is given twice"),
        (_with(processes=(replace(MINE, region="CHNN"),)), UnknownCodeError, "did you mean CHN"),
        (_with(processes=(replace(MINE, capacity=-1.0),)), TableError, "capacity -1 is negative"),
        (_with(processes=(replace(MINE, capacity=math.nan),)), TableError, "capacity is nan"),
        (_with(processes=(replace(MINE, activity=101.0),)), NetworkError, "exceeds capacity"),
        (_with(processes=(replace(MINE, recipe={}),)), NetworkError, "has no recipe"),
        (_with(processes=(replace(MINE, recipe={"ore": -1.0}),)), NetworkError, "makes nothing"),
        (_with(processes=(replace(MINE, recipe={"orr": 1.0}),)), UnknownCodeError, "mean ore"),
        (_with(processes=(replace(MINE, stage="mine"),)), UnknownCodeError, "unknown stage 'mine'"),
        (_with(processes=(replace(MINE, spread=0.0),)), TableError, "spread is zero"),
        (_with(processes=(replace(MINE, slope=2.0),)), TableError, "has a slope but is logistic"),
        (_with(processes=(replace(MINE, form=Form.QUADRATIC),)), TableError, "has no slope"),
        (_with(routes=(replace(ROUTE, destination="CHN"),)), NetworkError, "its own origin"),
        (_with(routes=(replace(ROUTE, flow=-3.0),)), TableError, "flow -3 is negative"),
        (_with(routes=(replace(ROUTE, cost=math.inf),)), TableError, "cost is inf"),
        (_with(routes=(replace(ROUTE, expansion=math.inf),)), TableError, "unlimited expansion"),
        (_with(routes=(replace(ROUTE, contract_share=1.5),)), TableError, "not between 0 and 1"),
        (_with(routes=(ROUTE, replace(ROUTE, flow=1.0))), TableError, "given twice"),
        (_with(routes=(replace(ROUTE, commodity="metall"),)), UnknownCodeError, "mean metal"),
        (_with(uses=(replace(USE, demand=-1.0),)), TableError, "demand -1 is negative"),
        (_with(uses=(replace(USE, elasticity=0.0),)), TableError, "elasticity is zero"),
        (_with(uses=(replace(USE, form=UseForm.LINEAR),)), TableError, "lacks intercept or slope"),
        (_with(uses=(replace(USE, rungs=(Rung(0.6, 2), Rung(0.5, 3))),)), NetworkError, r"1\.1"),
        (_with(uses=(replace(USE, rungs=(Rung(-0.1, 2),)),)), TableError, "share of a rung"),
        (
            _with(uses=(replace(USE, cover=(CoverClass("normal", 0.9, 2),)),)),
            NetworkError,
            r"cover classes add up to 0\.9",
        ),
        (
            _with(uses=(replace(USE, cover=(CoverClass("a", 0.5, 2), CoverClass("a", 0.5, 3))),)),
            TableError,
            "cover class twice",
        ),
        (_with(holders=(Holder("ore", "CHN", -1.0),)), TableError, "stock -1 is negative"),
        (_with(quotas=(Quota("q", (), 1.0),)), NetworkError, "quota q limits no route"),
        (_with(quotas=(Quota("q", (4,), 1.0),)), NetworkError, "names route 4"),
        (_with(quotas=(Quota("q", (0,), -1.0),)), TableError, "limit -1 is negative"),
        (_with(processes=(SMELTER,)), NetworkError, "nothing supplies the network"),
        (_with(processes=(replace(MINE, capacity=0.0, activity=0.0),)), NetworkError, "nothing"),
    ],
)
def test_impossible_network_raises(make, error, words):
    with pytest.raises(error, match=words) as caught:
        make()
    assert caught.value.way_out
    assert "\n" not in str(caught.value)


def test_error_names_the_row_that_was_read():
    bad = replace(ROUTE, flow=-3.0, provenance=Provenance(where="chain/routes.csv:17"))
    with pytest.raises(TableError, match=r"^chain/routes\.csv:17: route metal CHN->JPN"):
        replace(NETWORK, routes=(bad,))


def test_region_of_a_network_without_iso_codes_is_free_but_not_mixed():
    SupplyNetwork.build("free", ["good"], processes=[Process("p", "atlantis", {"good": 1.0})])
    with pytest.raises(UnknownCodeError, match="region 'atlantis'"):
        SupplyNetwork.build(
            "mixed",
            ["good"],
            processes=[Process("p", "CHN", {"good": 1.0}), Process("p", "atlantis", {"good": 1.0})],
        )
    with pytest.raises(TableError, match="region is blank"):
        SupplyNetwork.build("blank", ["good"], processes=[Process("p", "", {"good": 1.0})])


def test_declared_regions_are_checked_by_name():
    network = SupplyNetwork.build("own", ["good"], processes=[Process("p", "north", {"good": 1.0})])
    with pytest.raises(UnknownCodeError, match="did you mean south"):
        replace(network, own_regions=("south", "east"), routes=(Route("good", "sout", "east"),))


# -- mass -----------------------------------------------------------------------------------


def _chain(*processes):
    codes = sorted({code for process in processes for code in process.recipe} | {"ore"})
    return SupplyNetwork.build("mass", codes, processes=[MINE, *processes])


def test_cycle_that_loses_mass_is_fine():
    _chain(
        Process("make", "JPN", {"oxide": -0.3, "magnet": 1.0, "swarf": 0.2}),
        Process("recycle", "JPN", {"swarf": -1.0, "oxide": 0.3}),
    )


def test_cycle_that_gains_mass_raises_and_names_its_processes():
    with pytest.raises(NetworkError, match="'make' and 'recycle' gain mass round a cycle"):
        _chain(
            Process("make", "JPN", {"oxide": -0.3, "magnet": 1.0, "swarf": 0.2}),
            Process("recycle", "JPN", {"swarf": -1.0, "oxide": 1.6}),
            Process("polish", "JPN", {"magnet": -1.0, "motor": 0.1}),
        )


def test_cycle_through_two_regions_gains_mass_too():
    with pytest.raises(NetworkError, match="gain mass round a cycle"):
        _chain(
            Process("there", "CHN", {"oxide": -1.0, "metal": 1.1}),
            Process("back", "JPN", {"metal": -1.0, "oxide": 1.0}),
        )


def test_process_beside_the_cycle_is_not_blamed():
    with pytest.raises(NetworkError) as caught:
        _chain(
            Process("grow", "CHN", {"seed": -1.0, "grain": 2.0}),
            Process("keep", "CHN", {"grain": -1.0, "seed": 0.6}),
            Process("mill", "CHN", {"grain": -1.0, "flour": 0.8}),
        )
    assert "'grow' and 'keep'" in str(caught.value)
    assert "mill" not in str(caught.value)


def test_cycle_that_neither_loses_nor_gains_is_fine():
    _chain(
        Process("there", "CHN", {"oxide": -1.0, "metal": 0.8575}),
        Process("back", "CHN", {"metal": -0.8575, "oxide": 1.0}),
        Process("swell", "CHN", {"ore": -1.0, "oxide": 3.0}),
    )


def test_process_that_makes_an_element_raises():
    with pytest.raises(NetworkError, match=r"process 'smelter' in CHN makes Nd: 0\.4 t .* 0\.2 t"):
        replace(
            NETWORK,
            commodities=(NETWORK.commodities[0], Commodity("metal", elements={"Nd": 0.4})),
        )


def test_element_is_not_checked_where_an_input_says_nothing():
    replace(NETWORK, commodities=(Commodity("ore"), Commodity("metal", elements={"Nd": 1.0})))


def test_rounded_factors_make_no_element():
    rounded = Commodity("metal", elements={"Nd": 0.2001})
    replace(NETWORK, commodities=(NETWORK.commodities[0], rounded))


def test_linear_supply_needs_a_positive_slope():
    with pytest.raises(NetworkError, match="slope 0"):
        Process.linear_supply("good", "north", intercept=1, slope=0)


def test_every_fault_is_an_input_error():
    for error in (NetworkError, TableError, UnitError, UnknownCodeError):
        assert issubclass(error, InputError)
        assert error.exit_status == 2
