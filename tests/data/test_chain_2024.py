"""The raw chain of 2024 says what its sources say; balanced, it stands beside published shares."""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.raw_chain import RawChain, shipped_chain
from monazite.balance import AdjustmentKind, Balanced, balance
from monazite.network import Channel, HolderKind, Process, SupplyNetwork

NAME = "rare-earths-2024"
ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
REGIONS = {
    "CHN", "USA", "JPN", "KOR", "DEU", "FRA", "EST", "GBR", "AUS",
    "MYS", "MMR", "VNM", "IND", "THA", "BRA", "CAN", "REU", "ROW",
}  # fmt: skip
MAGNET_USES = {"EV", "wind", "electronics", "industry", "defence"}
OXIDE_USES = {"catalysts", "glass-polishing", "phosphors-ceramics", "metallurgy", "other"}


@pytest.fixture(scope="module")
def chain() -> RawChain:
    return shipped_chain(NAME)


@pytest.fixture(scope="module")
def raw(chain: RawChain) -> SupplyNetwork:
    return SupplyNetwork.from_folder(chain.folder)


@pytest.fixture(scope="module")
def found(chain: RawChain) -> Balanced:
    return balance(chain.folder)


# -- the raw folder ---------------------------------------------------------------------------


def test_the_script_writes_what_is_shipped(chain: RawChain, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "build_chain_2024.py", tmp_path], cwd=SCRIPTS, check=True)
    written = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    shipped = {name: (chain.folder / name).read_text(encoding="utf-8") for name in written}
    assert written == shipped
    assert {file.name for file in chain.folder.iterdir()} - set(written) == {"reconciliation.csv"}


def test_it_lists_the_regions_one_by_one(raw: SupplyNetwork) -> None:
    assert set(raw.regions()) == REGIONS


def test_it_has_every_end_use(raw: SupplyNetwork) -> None:
    uses = {use.name for use in raw.uses} - {"surplus"}
    assert uses == MAGNET_USES | OXIDE_USES


def test_it_stays_small(raw: SupplyNetwork) -> None:
    assert len(raw.routes) < 2_500
    assert sum(len(use.cover) for use in raw.uses) < 1_200


def test_every_assumption_says_so(chain: RawChain) -> None:
    silent = [
        (file.stem, line)
        for file in sorted(chain.folder.glob("*.csv"))
        for line, row in enumerate(chain.rows(file.stem), start=2)
        if row["grade"] == "E" and "assumed" not in row["note"]
    ]
    assert silent == []


def test_the_quota_of_270_000_t_is_mined(raw: SupplyNetwork) -> None:
    mined = {p.name: p.activity for p in raw.processes if (p.stage, p.region) == ("ore", "CHN")}
    assert mined == {
        "mine-bayan-obo": 188_650, "mine-sichuan": 62_200, "mine-clay-china": 19_150
    }  # fmt: skip


def separations(raw: SupplyNetwork) -> Iterator[Process]:
    return (process for process in raw.processes if process.name.startswith("separation"))


def test_every_basket_adds_up_to_all_of_its_ore(raw: SupplyNetwork) -> None:
    for process in separations(raw):
        won = sum(amount for amount in process.recipe.values() if amount > 0)
        assert won == pytest.approx(0.95, abs=1e-5), process.name


@pytest.mark.parametrize(
    ("ore", "oxide", "percent"),
    [
        ("mountain-pass", "Ce", 50.2),
        ("mountain-pass", "NdPr", 15.7),
        ("mount-weld", "NdPr", 23.82),
        ("bayan-obo", "Tb", 0.02),
        ("bayan-obo", "NdPr", 22.5),
        ("monazite", "NdPr", 22.4),
    ],
)
def test_a_basket_holds_what_its_source_says(
    raw: SupplyNetwork, ore: str, oxide: str, percent: float
) -> None:
    light = next(p for p in raw.processes if p.name == f"separation-light-{ore}")
    heavy = next((p for p in raw.processes if p.name == f"separation-heavy-{ore}"), None)
    won = light.recipe.get(f"{oxide}-oxide")
    if won is None:
        assert heavy is not None
        won = heavy.recipe[f"{oxide}-oxide"] * light.recipe[f"seg-{ore}"] / 0.95
    assert won / 0.95 * 100 == pytest.approx(percent, rel=1e-3)


def test_the_clay_basket_is_the_assay_of_serra_verde(raw: SupplyNetwork) -> None:
    clay = next(p for p in raw.processes if p.name == "separation-clay-myanmar").recipe
    assay = {"La": 32.01, "Ce": 3.01, "NdPr": 6.26 + 23.1, "Dy": 3.23, "Tb": 0.53, "Y": 19.76}
    for element, percent in assay.items():
        assert clay[f"{element}-oxide"] / 0.95 * 100 == pytest.approx(percent, rel=1e-4)


def test_no_recipe_makes_an_element(raw: SupplyNetwork) -> None:
    for process in raw.processes:
        if all(amount > 0 for amount in process.recipe.values()):
            continue  # a mine, or old magnets gathered
        change: dict[str, float] = defaultdict(float)
        fed: dict[str, float] = defaultdict(float)
        for code, amount in process.recipe.items():
            for element, part in raw.commodity(code).elements.items():
                change[element] += amount * part
                fed[element] -= min(amount, 0.0) * part
        for element, gain in change.items():
            assert gain <= 1e-6 * max(fed[element], 1e-9), (process.name, element)


def test_only_alloys_and_cobalt_magnets_take_in_mass_from_outside(raw: SupplyNetwork) -> None:
    gaining = set()
    for process in raw.processes:
        fed = -sum(amount for amount in process.recipe.values() if amount < 0)
        if 0 < fed < sum(amount for amount in process.recipe.values() if amount > 0):
            gaining.add(process.name)
    assert gaining == {"alloy-standard", "alloy-heavy", "magnet-SmCo"}


def test_the_price_in_china_is_fob_without_tax(raw: SupplyNetwork) -> None:
    assert raw.base_price(("NdPr-oxide", "CHN")) == pytest.approx(55.0 / 1.13, rel=1e-4)
    assert 55.0 < raw.base_price(("NdPr-oxide", "JPN")) < 57.0


def test_no_plant_loses_money_on_what_it_takes_in(raw: SupplyNetwork) -> None:
    for process in raw.processes:
        margin = sum(
            amount * raw.base_price((code, process.region))
            for code, amount in process.recipe.items()
        )
        assert margin > 0, (process.name, process.region)


def test_the_ladder_takes_nearly_all_demand(raw: SupplyNetwork) -> None:
    for use in raw.uses:
        if use.name != "surplus":
            assert 0.89 <= sum(rung.share for rung in use.rungs) <= 0.95 + 1e-9
            assert len(use.cover) >= 2


def test_japan_and_defence_hold_more(raw: SupplyNetwork) -> None:
    months = {
        (use.name, use.region): sum(part.share * part.months for part in use.cover)
        for use in raw.uses
    }
    assert months["EV", "JPN"] > 2 * months["EV", "DEU"]
    assert months["defence", "USA"] > 3 * months["industry", "USA"]


def test_controlled_goods_leak_to_neighbours_only(raw: SupplyNetwork) -> None:
    leaks = [route for route in raw.routes if route.channel is Channel.LEAK]
    assert {route.origin for route in leaks} == {"CHN"}
    assert {route.destination for route in leaks} <= {"ROW", "VNM", "THA", "MYS", "KOR"}
    assert "magnet-heavy" in {route.commodity for route in leaks}
    assert "NdPr-oxide" not in {route.commodity for route in leaks}


def test_states_hold_stocks_where_something_is_known(raw: SupplyNetwork) -> None:
    strategic = {h.region for h in raw.holders if h.kind is HolderKind.STRATEGIC}
    assert strategic == {"JPN", "KOR"}


# -- the balance ------------------------------------------------------------------------------


def test_the_balance_closes_every_market(found: Balanced) -> None:
    assert found.report.imbalance < 1e-9


def test_the_balance_is_quick(raw: SupplyNetwork) -> None:
    start = time.process_time()
    balance(raw)
    assert time.process_time() - start < 2.0


def test_the_balance_meets_customs(found: Balanced) -> None:
    magnets: dict[str, float] = defaultdict(float)
    for route in found.network.routes:
        if route.origin == "CHN" and route.commodity.startswith("magnet"):
            where = "leak" if route.channel is Channel.LEAK else route.destination
            magnets[where] += route.flow or 0.0
            magnets["world"] += route.flow or 0.0
    assert magnets["USA"] == pytest.approx(7_444)
    assert magnets["JPN"] == pytest.approx(2_412)
    assert sum(magnets[r] for r in ("DEU", "FRA", "EST", "REU")) == pytest.approx(21_546)
    assert magnets["world"] - magnets["leak"] == pytest.approx(58_148, rel=1e-3)


def test_no_sourced_figure_is_strained(found: Balanced) -> None:
    strained = [
        (a.item, a.strain)
        for a in found.report.adjustments
        if a.strain > 2.0 and a.kind is not AdjustmentKind.OPENED
    ]
    assert strained == []


def test_a_third_of_lanthanum_and_cerium_finds_no_use(found: Balanced) -> None:
    network = found.network
    light = ("La-oxide", "Ce-oxide")
    unsold = sum(u.demand for u in network.uses if u.name == "surplus" and u.commodity in light)
    made = sum(
        amount * (process.activity or 0.0)
        for process in network.processes
        for code, amount in process.recipe.items()
        if code in light and amount > 0
    )
    assert 0.25 < unsold / made < 0.6


def test_shares_stand_beside_published_ones_with_a_reason(chain: RawChain, found: Balanced) -> None:
    rows = chain.rows("reconciliation")
    assert {(row["what"], row["region"]) for row in rows} >= {
        ("mining of magnet rare earths", "CHN"),
        ("refining of magnet rare earths", "CHN"),
        ("neodymium magnets", "CHN"),
    }
    for row in rows:
        gap = abs(float(row["model"]) - float(row["published"]))
        assert gap <= 0.02 or any(word in row["reason"] for word in ("tonnage", "basket", "basis"))
    mined = next(row for row in rows if row["what"].startswith("mining"))
    assert float(mined["model"]) == pytest.approx(_mined_in_china(found.network), abs=1e-4)


def _mined_in_china(network: SupplyNetwork) -> float:
    made: dict[str, float] = defaultdict(float)
    for process in network.processes:
        if process.stage == "ore":
            (code,) = process.recipe
            held = network.commodity(code).elements
            magnet = sum(held[element] for element in ("Nd", "Pr", "Dy", "Tb"))
            made[process.region] += magnet * (process.activity or 0.0)
    return made["CHN"] / sum(made.values())


def test_the_page_and_the_reconciliation_are_up_to_date(chain: RawChain, tmp_path: Path) -> None:
    code = (
        "import pathlib, shutil, build_balance_docs as b; "
        f"target = pathlib.Path({str(tmp_path)!r}); "
        "shutil.copytree(b.CHAINS, target / 'chains'); "
        "b.CHAINS, b.PAGE = target / 'chains', target / 'balance.md'; b.main()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, check=True)
    written = tmp_path / "chains" / NAME / "reconciliation.csv"
    assert written.read_text() == (chain.folder / "reconciliation.csv").read_text()
    page = (ROOT / "docs" / "reference" / "balance.md").read_text(encoding="utf-8")
    assert (tmp_path / "balance.md").read_text(encoding="utf-8") == page
