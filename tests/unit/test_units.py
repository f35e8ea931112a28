"""Units: what is alike is converted, everything else raises and says the way out."""

import subprocess
import sys

import pint
import pytest

from monazite import units
from monazite.errors import UnitError


@pytest.mark.parametrize(
    ("given", "wanted", "factor"),
    [
        ("kt", "t", 1e3),
        ("Mt/yr", "t/yr", 1e6),
        ("kg", "t", 1e-3),
        ("lb", "kg", 0.45359237),
        ("t/month", "t/yr", 12.0),
        ("tonnes/year", "t/yr", 1.0),
        ("USD/t", "USD/kg", 1e-3),
        ("kUSD/t", "USD/kg", 1.0),
        ("USD/lb", "USD/kg", 1 / 0.45359237),
        ("MUSD", "kUSD", 1e3),
        ("USD2024/kg", "USD/kg", 1.0),
        ("kUSD2009/t", "USD2009/kg", 1.0),
        ("%", "1", 0.01),
        ("share", "1", 1.0),
        ("kg/t", "1", 1e-3),
        ("1/month", "1/yr", 12.0),
        ("yr", "months", 12.0),
        ("days", "months", 12 / 365.25),
        ("case/yr", "case/yr", 1.0),
        ("kt REO/yr", "t REO/yr", 1e3),
        ("t_REO", "kg REO", 1e3),
        ("t TREO", "t REO", 1.0),
    ],
)
def test_like_units_are_converted(given, wanted, factor):
    assert units.factor(given, wanted) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("t", "USD"),
        ("t/yr", "t"),
        ("EUR/kg", "USD/kg"),
        ("USD2009/kg", "USD/kg"),
        ("USD2009/kg", "USD2010/kg"),
        ("T", "t"),
        ("vehicle", "case"),
    ],
)
def test_unlike_units_raise_and_show_both(given, wanted):
    with pytest.raises(UnitError, match="cannot be turned into") as caught:
        units.factor(given, wanted)
    assert given in str(caught.value)
    assert wanted in str(caught.value)


def test_mass_of_another_basis_raises():
    with pytest.raises(UnitError, match="of another basis"):
        units.factor("t REO", "t metal")
    with pytest.raises(UnitError, match="of another basis"):
        units.factor("t REO", "t")


def test_plain_mass_means_the_basis_that_is_wanted():
    assert units.factor("kt", "t REO") == 1e3
    assert units.factor("USD/t", "USD/kg REO") == 1e-3


def test_yield_joins_bases():
    assert units.factor("t REO/t metal", "1", any_basis=True) == 1.0


@pytest.mark.parametrize(
    "text",
    ["tt", "mt", "t/yrr", "1000 t", "$/kg", "USD/", "t per year", "t^2", "n/a", "()", "import os"],
)
def test_unknown_unit_raises(text):
    with pytest.raises(UnitError, match="unknown unit"):
        units.parse(text)


def test_misspelt_unit_gets_a_suggestion():
    with pytest.raises(UnitError, match="did you mean USD/kg"):
        units.parse("USD/kgg")


@pytest.mark.parametrize("text", ["", "  "])
def test_missing_unit_raises_with_its_place(text):
    with pytest.raises(UnitError, match=r"routes\.csv:3: the unit is missing \(write"):
        units.parse(text, where="routes.csv:3")


def test_place_of_the_error_is_not_remembered():
    for where in ("a.csv:1", "b.csv:2"):
        with pytest.raises(UnitError) as caught:
            units.convert(1.0, "t", "USD", where=where)
        assert caught.value.where == where


def test_parsed_unit_knows_its_basis():
    assert units.parse("USD/kg REO").bases == ("REO",)
    assert units.parse("t/yr").bases == ()


def test_convert_multiplies():
    assert units.convert(2.5, "kt", "t") == 2500.0


def test_common_units_are_all_in_the_registry():
    for text in units._COMMON:
        units.registry().parse_units(units._expression(text))


def test_registry_serves_the_whole_application():
    assert pint.application_registry.get() is units.registry()


def test_common_conversions_do_not_load_pint():
    code = (
        "import sys; from monazite import units; units.factor('t REO/yr', 't REO/yr');"
        "units.factor('USD/kg', 'USD/kg'); sys.exit('pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
