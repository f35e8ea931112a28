"""The raw chain of gallium and germanium says what its sources say, and nearly balances."""

from pathlib import Path

import pytest

from data.raw_chain import RawChain, largest_strain, run_build_script, shipped_chain
from monazite.balance import balance
from monazite.network import SupplyNetwork

NAME = "gallium-germanium-2023"


@pytest.fixture(scope="module")
def chain() -> RawChain:
    return shipped_chain(NAME)


def test_it_is_a_network(chain: RawChain) -> None:
    network = SupplyNetwork.from_folder(chain.folder)
    assert {commodity for commodity, _ in network.markets()} == {"Ga", "Ga-refined", "Ge"}


@pytest.mark.parametrize(("good", "tonnes"), [("Ga", 76), ("Ge", 50)])
def test_china_ships_the_mean_of_2022_and_early_2023(
    chain: RawChain, good: str, tonnes: float
) -> None:
    shipped = chain.flow(origin="CHN", channel="official", goods=(good,))
    assert shipped == pytest.approx(tonnes, rel=1e-3)


def test_japan_uses_what_jogmec_reports(chain: RawChain) -> None:
    """167 t in 2021, of which 97 t imported; the base year lies a little lower."""
    used = sum(
        float(row["demand"])
        for row in chain.rows("uses")
        if row["region"] == "JPN" and row["commodity"].startswith("Ga")
    )
    assert used == pytest.approx(150, abs=17)


def test_the_united_states_use_what_usgs_reports(chain: RawChain) -> None:
    used = {"Ga-refined": 0.0, "Ge": 0.0}
    for row in chain.rows("uses"):
        if row["region"] == "USA":
            used[row["commodity"]] += float(row["demand"])
    assert used["Ga-refined"] == pytest.approx(18.75, rel=0.02)
    assert used["Ge"] == pytest.approx(30, rel=0.1)


def test_no_market_is_far_from_balance(chain: RawChain) -> None:
    far = {place: gap for place, gap in chain.gaps(2.0).items() if abs(gap) > 0.2}
    assert far == {}


def test_the_balance_strains_nothing(chain: RawChain) -> None:
    assert largest_strain(balance(chain.folder).report) < 0.5


def test_the_script_gives_the_shipped_rows(chain: RawChain, tmp_path: Path) -> None:
    built = run_build_script("build_chain_gallium", tmp_path, f"chains/{NAME}")
    assert built == {file.name: file.read_text() for file in chain.folder.iterdir()}
