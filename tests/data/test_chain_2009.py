"""The raw chain of 2009 says what its sources say, and nearly balances by itself."""

from pathlib import Path

import pytest

from data.raw_chain import RawChain, largest_strain, run_build_script, shipped_chain
from monazite.balance import balance
from monazite.network import Channel, SupplyNetwork

NAME = "rare-earths-2009"
TRADED = ("-oxide", "-metal")


@pytest.fixture(scope="module")
def chain() -> RawChain:
    return shipped_chain(NAME)


def test_it_is_a_network(chain: RawChain) -> None:
    network = SupplyNetwork.from_folder(chain.folder)
    assert len(network.markets()) > 100
    assert network.base_year == 2009


def test_china_shipped_what_customs_and_the_assumed_leak_add_up_to(chain: RawChain) -> None:
    official = chain.flow(origin="CHN", channel="official", goods=TRADED)
    leak = chain.flow(origin="CHN", channel="leak", goods=TRADED)
    assert official == pytest.approx(43_895, rel=1e-3)
    assert leak == pytest.approx(12_100, rel=1e-3)
    assert official + leak == pytest.approx(56_000, rel=1e-3)


def test_use_and_exports_of_china_add_up_to_what_it_mined(chain: RawChain) -> None:
    mined = sum(
        float(row["activity"])
        for row in chain.rows("processes")
        if (row["stage"], row["region"]) == ("ore", "CHN")
    )
    assert mined == pytest.approx(129_400, rel=1e-4)
    assert pytest.approx(mined, rel=0.01) == 73_000 + 56_000


@pytest.mark.parametrize("ore", ["ore-bayan-obo", "ore-sichuan", "ore-clay-china"])
def test_light_and_clay_mines_are_separate_agents(chain: RawChain, ore: str) -> None:
    mines = {row["process"] for row in chain.rows("recipes") if row["commodity"] == ore}
    assert any(mine.startswith("mine-") for mine in mines)


def test_no_market_of_size_is_far_from_balance(chain: RawChain) -> None:
    far = {place: gap for place, gap in chain.gaps(50.0).items() if abs(gap) > 0.2}
    assert far == {}


def test_every_market_is_fed_and_emptied(chain: RawChain) -> None:
    supply, demand = chain.sides()
    assert set(supply) == set(demand)
    assert min(*supply.values(), *demand.values()) > 0


def test_the_price_inside_is_fob_without_tax_and_duty(chain: RawChain) -> None:
    price = {(row["commodity"], row["region"]): float(row["price"]) for row in chain.rows("prices")}
    for good, duty in (("La-oxide", 0.15), ("NdPr-oxide", 0.15), ("Dy-oxide", 0.25)):
        fob = price[good, "*"] / 1.03
        assert price[good, "CHN"] == pytest.approx(fob / (1.17 * (1 + duty)), rel=1e-3)
    assert price["La-oxide", "*"] == pytest.approx(1.03 * 4.88, rel=1e-4)


def test_japan_uses_as_much_neodymium_and_dysprosium_as_reported(chain: RawChain) -> None:
    """5,200 t Nd and 600 t Dy went into magnets in 2010; 2009 is taken at four fifths."""
    activity = {
        row["process"]: float(row["activity"])
        for row in chain.rows("processes")
        if row["region"] == "JPN"
    }
    metal = {"NdPr-metal": 0.0, "Dy-metal": 0.0}
    for row in chain.rows("recipes"):
        is_magnet = row["process"].startswith("make-magnet") and row["region"] == "JPN"
        if is_magnet and row["commodity"] in metal:
            metal[row["commodity"]] -= float(row["coefficient"]) * activity[row["process"]]
    assert metal["NdPr-metal"] == pytest.approx(0.8 * 5_200, rel=0.05)
    assert metal["Dy-metal"] == pytest.approx(0.8 * 600, rel=0.05)


def test_the_balance_keeps_what_is_known_and_strains_nothing(chain: RawChain) -> None:
    balanced = balance(chain.folder)
    assert largest_strain(balanced.report) < 1.5
    shipped = dict.fromkeys(Channel, 0.0)
    for route in balanced.network.routes:
        if route.origin == "CHN" and route.commodity.endswith(TRADED):
            shipped[route.channel] += route.flow or 0.0
    assert shipped[Channel.OFFICIAL] == pytest.approx(43_895, rel=0.02)
    assert sum(shipped.values()) == pytest.approx(56_000, rel=1e-3)


def test_the_script_gives_the_shipped_rows(chain: RawChain, tmp_path: Path) -> None:
    built = run_build_script("build_chain_2009", tmp_path, f"chains/{NAME}")
    assert built == {file.name: file.read_text() for file in chain.folder.iterdir()}
