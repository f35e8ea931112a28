"""One unit registry. The basis of a mass and the year of money are part of a unit.

``t REO`` (rare earth oxide contained), ``t metal`` and ``t gross`` are unlike each other;
plain ``t`` means the commodity's own basis. ``USD`` is constant 2024 dollars, ``USD2009`` is
money of another year and unlike it. The registry is closed: what it does not list raises.
Loading it takes a third of a second, so that happens only when a unit has to be parsed.
"""

import difflib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from monazite.errors import UnitError

if TYPE_CHECKING:
    import pint

BASES = ("REO", "oxide", "metal", "gross", "finished", "contained")
"""What a mass may be a mass of; written after it, as in ``t REO``."""
MONEY_YEAR = 2024
"""Year of the constant dollars that ``USD`` stands for."""

_DEFINITIONS = """
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
gram = [mass] = g
tonne = 1e6 * gram = t
pound = 453.59237 * gram = lb
short_ton = 2000 * pound = st
year = [time] = yr = y = a
quarter = year / 4
month = year / 12 = mo
week = 7 * day
day = year / 365.25 = d
hour = day / 24 = h
percent = 0.01
share = 1
fraction = 1
ratio = 1
multiple = 1
factor = 1
index = 1
metre = [length] = m
hectare = 1e4 * metre ** 2 = ha
carat = [gemstone] = ct
degree = [angle] = deg
joule = [energy] = J
watt = joule / second = W
second = hour / 3600 = s
tesla = [flux] = T
unit = [count]
case = [case]
vehicle = [vehicle] = car
USD = [money]
EUR = [money_EUR]
CNY = [money_CNY] = RMB
JPY = [money_JPY]
GBP = [money_GBP]
AUD = [money_AUD]
KRW = [money_KRW]
CAD = [money_CAD]
"""

_COMMON = (
    "t", "kt", "Mt", "kg", "t/yr", "kt/yr", "t/month", "kg/month", "t/t", "kg/kg", "kg/t", "1",
    "share", "%", "USD/kg", "USD/t", "kUSD/t", "USD", "kUSD", "MUSD", "months", "days", "yr",
)  # fmt: skip
"""Units that files mostly use; offered as suggestions, and known without the registry."""

_BASIS = re.compile(rf"\b(k?g|[kM]?t|tonnes?|lb)[ _-](?:T(?=REO))?({'|'.join(BASES)})\b")
_TERM = r"[A-Za-z%][A-Za-z0-9]*(?:\*\*\d)?"
_GRAMMAR = re.compile(rf"(?:1|{_TERM})(?: ?[*/] ?{_TERM})*", re.ASCII)
_DATED_MONEY = re.compile(r"([kMG]?)USD(\d{4})\b")
_WAY_OUT = "write a unit such as t/yr or USD/kg"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that was understood.

    Parameters
    ----------
    text : str
        As given.
    plain : str
        Without the basis of its masses.
    bases : tuple of str
        The bases of its masses, in the order written; empty where none is stated.
    """

    text: str
    plain: str
    bases: tuple[str, ...]


def parse(text: str, *, where: str = "") -> Unit:
    """Read a unit.

    Parameters
    ----------
    text : str
        Such as ``t REO/yr``, ``USD/kg`` or ``%``.
    where : str
        File and row for the error.

    Raises
    ------
    UnitError
        If it is blank or unknown; the nearest common units are offered.
    """
    try:
        return _parse(text)
    except UnitError as fault:
        raise _moved(fault, where) from None


def factor(text: str, target: str, *, any_basis: bool = False, where: str = "") -> float:
    """Return what a number in one unit is multiplied by to be in another.

    A unit that states no basis fits a target that does: it means the commodity's own.

    Parameters
    ----------
    text, target : str
        The unit of the number and the unit wanted.
    any_basis : bool
        Whether masses of different bases are alike, as where a yield joins them.
    where : str
        File and row for the error.

    Raises
    ------
    UnitError
        If a unit is blank or unknown, or both are unlike: other dimension, basis of mass or
        year of money.
    """
    try:
        return _factor(text, target, any_basis)
    except UnitError as fault:
        raise _moved(fault, where) from None


def convert(
    value: float, text: str, target: str, *, any_basis: bool = False, where: str = ""
) -> float:
    """Return a number in another unit; parameters and errors as of :func:`factor`."""
    return value * factor(text, target, any_basis=any_basis, where=where)


@cache
def registry() -> "pint.UnitRegistry[float]":
    """Return the registry, also as pint's application registry."""
    import pint  # noqa: PLC0415 - slow to load, and most runs need no parsing

    units: pint.UnitRegistry[float] = pint.UnitRegistry(None)
    units.load_definitions(_DEFINITIONS.strip().splitlines())
    pint.set_application_registry(units)  # type: ignore[no-untyped-call]
    return units


@lru_cache(maxsize=4096)
def _parse(text: str) -> Unit:
    bases = tuple(basis for _, basis in _BASIS.findall(text))
    plain = _BASIS.sub(r"\1", text).strip()
    if not plain:
        raise UnitError("the unit is missing", way_out=_WAY_OUT)
    if plain not in _COMMON:
        _define_money(plain)
        _check(plain, text)
    return Unit(text, plain, bases)


def _define_money(plain: str) -> None:
    units = registry()
    for _, year in _DATED_MONEY.findall(plain):
        meaning = "USD" if int(year) == MONEY_YEAR else f"[money_USD{year}]"
        if f"USD{year}" not in units:
            units.define(f"USD{year} = {meaning}")


def _check(plain: str, text: str) -> None:
    import pint  # noqa: PLC0415 - slow to load, and most runs need no parsing

    try:
        if not _GRAMMAR.fullmatch(plain):
            raise ValueError(plain)
        registry().parse_units(_expression(plain))
    except (pint.PintError, ValueError):
        near = difflib.get_close_matches(plain, _COMMON, n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else _WAY_OUT
        raise UnitError(f"unknown unit '{text}'", way_out=hint) from None


def _expression(plain: str) -> str:
    return plain.replace("%", "percent").replace("tonnes", "tonne")


@lru_cache(maxsize=4096)
def _factor(text: str, target: str, any_basis: bool) -> float:
    given, wanted = _parse(text), _parse(target)
    if given.bases and given.bases != wanted.bases and not any_basis:
        raise UnitError(
            f"'{text}' is of another basis than '{target}'",
            way_out=f"convert the figure to {target}, or declare the commodity in that basis",
        )
    if given.plain == wanted.plain:
        return 1.0
    return _ratio(given, wanted)


def _ratio(given: Unit, wanted: Unit) -> float:
    import pint  # noqa: PLC0415 - slow to load, and most runs need no parsing

    _define_money(f"{given.plain} {wanted.plain}")
    units = registry()
    one = units.Quantity(1.0, units.parse_units(_expression(given.plain)))
    try:
        return float(one.to(units.parse_units(_expression(wanted.plain))).magnitude)
    except pint.DimensionalityError:
        raise UnitError(
            f"'{given.text}' cannot be turned into '{wanted.text}'",
            way_out=f"give the figure in {wanted.text} or a unit like it",
        ) from None


def _moved(fault: UnitError, where: str) -> UnitError:
    return UnitError(fault.message, where=where, way_out=fault.way_out)
