"""Prices of the summaries: units by the tonne, contents, what leads, and what is refused."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from atlas.raw_folder import MCS_2026_HEAD, SALIENT, TIN_LME, pack, price_2026
from monazite import units
from monazite.errors import TableError, UnitError, UnknownCodeError
from monazite.reference.atlas.tables import shipped_atlas
from monazite.reference.catalogue import load
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.minerals import minerals
from monazite.reference.loaders.prices import (
    PRICE_UNITS,
    Prices,
    load_prices,
    price_factor,
    price_series,
)
from monazite.reference.source import data_folder

TUNGSTEN = (
    "Price, concentrate, average in-warehouse Rotterdam, dollars per dry metric ton unit of "
    "tungsten trioxide"
)
MANGANESE = (
    "Price, average, manganese content, cost, insurance, and freight, China, dollars per metric "
    "ton unit"
)
SCANDIUM = (
    "Price, global, dollars per kilogram, range of average values: Scandium oxide, powder, 99.99% "
    "purity, 5- to 100-kilogram lot size"
)


def prices_of(folder: Path, *lines: str) -> Prices:
    file = folder / "mcs.csv.gz"
    pack(file, "\n".join((MCS_2026_HEAD, *lines)) + "\n")
    return load_prices(file)


def test_a_price_keeps_what_is_published_and_its_line(tmp_path: Path) -> None:
    found = prices_of(
        tmp_path,
        price_2026("Tin", TIN_LME, "cents per pound", "1,000"),
        price_2026("Tin", TIN_LME, "cents per pound", "W", "2025"),
    )
    assert (found.price[0], found.unit[0], found.year[0]) == (1000.0, "cents per pound", 2024)
    assert found.price_usd_t[0] == pytest.approx(10.0 / 453.59237e-6)
    assert found.where(0) == "mcs.csv.gz:2"
    assert [found.status[0], found.status[1]] == [Status.REPORTED, Status.WITHHELD]
    assert np.isnan(found.price_usd_t[1])


def test_a_metric_ton_unit_is_ten_kilograms_of_content(tmp_path: Path) -> None:
    found = prices_of(
        tmp_path,
        price_2026("Tungsten", TUNGSTEN, "dollars per dry metric ton unit", "250"),
        price_2026("Manganese", MANGANESE, "dollars per metric ton", "5.5"),
    )
    assert found.basis.tolist() == ["WO3", "content"]
    assert found.price_usd_t.tolist() == pytest.approx([25_000.0, 550.0])
    assert found.element_usd_t.tolist() == pytest.approx([25_000.0 / 0.793, 550.0])


def test_a_range_has_bounds_and_no_price(tmp_path: Path) -> None:
    found = prices_of(tmp_path, price_2026("Scandium", SCANDIUM, "dollars per kilogram", "660-670"))
    assert (found.low[0], found.high[0], found.status[0]) == (660.0, 670.0, Status.RANGE)
    assert np.isnan([found.price[0], found.price_usd_t[0], found.element_usd_t[0]]).all()


def test_an_estimate_is_told_from_a_reported_price(tmp_path: Path) -> None:
    found = prices_of(
        tmp_path, price_2026("Tin", TIN_LME, "cents per pound", "9", notes="Estimated.")
    )
    assert found.status[0] is Status.ESTIMATED


@pytest.mark.parametrize(
    ("line", "fault", "message"),
    [
        (
            price_2026("Tin", TIN_LME, "dollars per stone", "9"), UnitError,
            "mcs.csv.gz:2: unknown unit of a price 'dollars per stone'",
        ),
        (
            price_2026("Tin", "Price, average, Mars", "cents per pound", "9"), UnknownCodeError,
            "mcs.csv.gz:2: unknown price of Tin 'Price, average, Mars'",
        ),
        (price_2026("Tin", TIN_LME, "cents per pound", "-9"), TableError, "below zero"),
        (price_2026("Tin", TIN_LME, "cents per pound", "dear"), TableError, "is no figure"),
    ],
    ids=["unit", "words", "negative", "no-figure"],
)  # fmt: skip
def test_what_is_not_known_is_refused(
    line: str, fault: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(fault, match=message.replace(".", r"\.")):
        prices_of(tmp_path, line)


def test_a_price_that_stands_twice_is_refused(tmp_path: Path) -> None:
    line = price_2026("Tin", TIN_LME, "cents per pound", "9")
    with pytest.raises(TableError, match="stands twice, first in line 2"):
        prices_of(tmp_path, line, line)


def test_a_file_without_prices_is_refused(tmp_path: Path) -> None:
    line = f"TIN,{SALIENT},Tin,United States,Employment,Mine,number,2025,3,,Yes,"
    with pytest.raises(TableError, match="has no prices"):
        prices_of(tmp_path, line)


def test_what_is_no_commodity_of_ours_is_known_and_left_out(tmp_path: Path) -> None:
    found = prices_of(
        tmp_path,
        price_2026("Gemstones", "Price", "", "Variable, depending on size, type, and quality"),
        price_2026("Tin", TIN_LME, "cents per pound", "9"),
    )
    assert found.commodity.tolist() == ["tin"]


def test_units_agree_with_the_unit_registry() -> None:
    for unit, ours in (("pound", "lb"), ("kilogram", "kg"), ("gram", "g"), ("short ton", "st")):
        assert price_factor(f"dollars per {unit}", where="x") == pytest.approx(
            units.factor(f"USD/{ours}", "USD/t")
        )
    assert PRICE_UNITS["dollars per troy ounce"] == pytest.approx(32_150.7466, rel=1e-8)
    assert PRICE_UNITS["dollars per carat"] == pytest.approx(5e6)


def test_each_series_is_of_a_mineral_and_one_leads_at_most() -> None:
    series = [item for item in price_series().values() if item.commodity]
    assert {item.commodity for item in series} <= minerals().keys()
    leading = Counter(item.commodity for item in series if item.leads)
    assert len(leading) >= 60
    assert set(leading.values()) == {1}
    for item in series:
        assert bool(item.element) == (not np.isnan(item.content)), item.good
        assert np.isnan(item.content) or 0.0 < item.content <= 1.0
        assert item.basis, item.good
    text = (data_folder() / "atlas" / "price_series.csv").read_text(encoding="utf-8")
    assert len(list(csv.DictReader(text.splitlines()))) == len(price_series())


def test_contents_of_rare_earth_oxides_are_those_of_the_facts() -> None:
    factors = {row.cells["element"]: row.cells["value"] for row in load("oxide_metal_factors")}
    oxides = [item for item in price_series().values() if item.basis in ("REO", "Sc2O3", "Y2O3")]
    told = {item.element: item.content for item in oxides if item.element}
    assert len(told) == 15
    assert told == {element: factors[element] for element in told}


def test_two_units_of_one_price_give_one_price_by_the_tonne() -> None:
    """The summaries quote nickel and soda ash twice; both are rounded to three or four digits."""
    prices = shipped_atlas().prices
    for code in ("nickel", "soda-ash"):
        own = prices.of(code)
        for year in set(own.year.tolist()):
            first, second = own.price_usd_t[own.year == year].tolist()
            assert first == pytest.approx(second, rel=0.04), (code, year)


@pytest.mark.parametrize(
    ("commodity", "published", "by_the_tonne"),
    [
        ("copper", 414.7, 9142.6), ("gold", 2388.0, 76_775_983.0), ("lithium", 11_800.0, 11_800.0),
        ("manganese", 5.53, 553.0), ("tungsten", 252.0, 25_200.0), ("vanadium", 5.44, 11_993.1),
        ("dysprosium", 257.0, 257_000.0), ("nitrogen", 440.0, 485.017),
    ],
)  # fmt: skip
def test_shipped_prices_of_2024(commodity: str, published: float, by_the_tonne: float) -> None:
    own = shipped_atlas().prices.of(commodity)
    row = own.taken((own.leading == 1) & (own.year == 2024))
    assert row.price.tolist() == [published]
    assert row.price_usd_t[0] == pytest.approx(by_the_tonne, rel=1e-5)
