"""Capital costs: stated ones stand, missing ones follow from plants of their kind."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite import study
from monazite.errors import InputError
from monazite.network import SupplyNetwork
from monazite.plan.estimate import EXPONENT, Capital, capital_costs, constant_dollars, price_level
from monazite.plan.project import Decision, Projects

HEADER = (
    "name,country_iso3,stage,product,capacity,capacity_unit,start_year,status,capex_musd,"
    "money_year,cost_scope,plant,exclusive_group"
)
Costs = Callable[..., dict[str, Capital]]


@pytest.fixture(scope="module")
def network() -> SupplyNetwork:
    return study.chain()


@pytest.fixture
def costs(tmp_path: Path, network: SupplyNetwork) -> Costs:
    def read(*rows: str) -> dict[str, Capital]:
        path = tmp_path / "mine.csv"
        path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
        return dict(capital_costs(Projects.read(path).placed(network)))

    return read


def magnet(name: str, size: float, cost: str, *rest: str, country: str = "USA") -> str:
    more = ",".join((*rest, "", "", "", "")[:4])
    return f"{name},{country},magnet,NdFeB,{size},t NdFeB/yr,2030,planned,{cost},{more}"


def test_every_plant_that_may_be_chosen_has_a_cost(network: SupplyNetwork) -> None:
    projects = Projects.read().placed(network)
    found = capital_costs(projects)
    wanted = {row.plant for row in projects.of(Decision.CANDIDATE)}
    assert set(found) == wanted
    assert all(0 < cost.low <= cost.value <= cost.high for cost in found.values())
    assert sum(cost.is_stated for cost in found.values()) >= 20


def test_a_stated_cost_stands_in_constant_dollars(costs: Costs) -> None:
    found = costs(magnet("a", 1000, "100", "2024"), magnet("b", 1000, "100", "2014"))
    assert found["a"].value == found["a"].low == found["a"].high == 100
    assert found["b"].value == pytest.approx(100 * 313.69 / 236.74)


def test_few_plants_are_scaled_in_proportion(costs: Costs) -> None:
    found = costs(magnet("a", 1000, "100"), magnet("b", 2000, ""))
    assert found["b"].value == pytest.approx(200)
    assert (found["b"].low, found["b"].high) == (pytest.approx(100), pytest.approx(400))
    assert found["b"].plants == ("a",)
    assert not found["b"].is_stated


def test_many_plants_are_scaled_by_a_power(costs: Costs) -> None:
    known = [magnet(f"k{i}", 1000, str(100 + i)) for i in range(5)]
    found = costs(*known, magnet("b", 2000, ""))
    assert found["b"].value == pytest.approx(102 * 2**EXPONENT)
    assert found["b"].low == pytest.approx(101 * 2**EXPONENT)
    assert "k0" in found["b"].plants


def test_another_size_of_a_plant_is_scaled_from_that_plant(costs: Costs) -> None:
    found = costs(
        magnet("a", 1000, "100", "", "", "", "site"),
        magnet("b", 500, "", "", "", "", "site"),
        magnet("c", 1000, "900"),
    )
    assert found["b"].value == pytest.approx(100 * 0.5**EXPONENT)
    assert found["b"].plants == ("a",)


def test_china_is_no_guide_for_others(costs: Costs) -> None:
    found = costs(
        magnet("cheap", 1000, "10", country="CHN"),
        magnet("dear", 1000, "100"),
        magnet("mine", 1000, ""),
    )
    assert found["mine"].value == pytest.approx(100)


def test_part_of_a_cost_is_a_lower_bound_and_a_last_resort(costs: Costs) -> None:
    found = costs(magnet("a", 1000, "100"), magnet("b", 1000, "150", "", "partial"))
    assert found["b"].value == pytest.approx(150)
    assert not found["b"].is_stated
    found = costs(magnet("b", 1000, "150", "", "partial"), magnet("c", 1000, ""))
    assert found["c"].plants == ("b",)


def test_a_cost_of_more_than_the_plant_stands_but_guides_nobody(costs: Costs) -> None:
    found = costs(
        magnet("a", 1000, "900", "", "wider"), magnet("b", 1000, "100"), magnet("c", 1000, "")
    )
    assert found["a"].value == 900
    assert found["c"].value == pytest.approx(100)


def test_lines_of_a_plant_share_one_cost(costs: Costs) -> None:
    found = costs(
        magnet("a", 1000, "100", "", "", "site"),
        magnet("b", 1000, "", "", "", "site"),
        magnet("c", 1000, ""),
    )
    assert found["site"].value == 100
    assert found["c"].value == pytest.approx(50)


def test_a_table_without_costs_goes_by_the_shipped_list(costs: Costs) -> None:
    found = costs(magnet("a", 1000, ""))
    assert "js-link-columbus" in found["a"].plants
    assert 50 < found["a"].value < 200


def test_nothing_to_go_by_is_said(costs: Costs) -> None:
    foundry = "a,CHN,alloy,NdFeB alloy,1000,t NdFeB alloy/yr,,planned,,,,,"
    with pytest.raises(InputError, match="plant a has no capital cost, and no plant of metal"):
        costs(foundry)


def test_money_of_an_unknown_year_is_refused(costs: Costs) -> None:
    with pytest.raises(InputError, match=r"mine\.csv:2: no price level for money of 1850"):
        costs(magnet("a", 1000, "100", "1850"))


@given(st.floats(0, 1e6), st.sampled_from(sorted(price_level())))
def test_constant_dollars_keep_order_and_know_their_own_year(amount: float, year: int) -> None:
    assert constant_dollars(amount, 2024) == pytest.approx(amount)
    assert constant_dollars(2 * amount, year) == pytest.approx(2 * constant_dollars(amount, year))
    assert constant_dollars(amount, 2010) >= constant_dollars(amount, year)
