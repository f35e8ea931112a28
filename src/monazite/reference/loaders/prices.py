"""Prices in the Mineral Commodity Summaries: what is priced, in which unit, and by the tonne.

``data/atlas/price_series.csv`` has every price of the producer by its own words. Dollars are
those of the year of the price. A price is told by the tonne of what is priced; by the tonne of the
element only where its content is stated or follows from a formula.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite.errors import TableError, UnitError, UnknownCodeError
from monazite.reference.loaders.figures import Figure, Status, clean, read_figure, read_years
from monazite.reference.loaders.files import FileLine, read_lines
from monazite.reference.loaders.minerals import fold, meant_unit
from monazite.reference.loaders.observations import Numbers, Text, Whole, typed
from monazite.reference.loaders.usgs import MCS_2026, vouched_by_notes
from monazite.reference.source import Grade, atlas_rows

_POUND = 453.59237e-6
_TROY_OUNCE = 31.1034768e-6
_GRAM = 1e-6

PRICE_UNITS: Mapping[str, float] = MappingProxyType(
    {
        "dollars per metric ton": 1.0,
        "dollars per ton": 1.0,
        "dollars per short ton": 1.0 / (2000.0 * _POUND),
        "dollars per kilogram": 1e3,
        "dollars per gram": 1.0 / _GRAM,
        "dollars per 10-grams": 0.1 / _GRAM,
        "dollars per 25 grams": 0.04 / _GRAM,
        "dollars per 50 grams": 0.02 / _GRAM,
        "dollars per carat": 5.0 / _GRAM,
        "dollars per pound": 1.0 / _POUND,
        "cents per pound": 0.01 / _POUND,
        "dollars per troy ounce": 1.0 / _TROY_OUNCE,
        "dollars per metric ton unit": 100.0,
        "dollars per dry metric ton unit": 100.0,
    }
)
"""Units of published prices: how many USD/t one of theirs is. A metric ton unit is 10 kg."""


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """What the words of a price row stand for.

    Parameters
    ----------
    commodity : str
        Code of the mineral; empty for what is known and left out.
    good : str
        What is priced: the producer's words without the unit.
    basis : str
        What the mass is a mass of: ``content``, ``gross``, ``REO`` or the formula of an oxide.
    element : str
        Symbol of the element that the good is bought for; empty where its content is not known.
    content : float
        t of the element in a t of `basis`; NaN where it is not known.
    leads : bool
        Whether this is the price of the mineral where one has to be chosen.
    note : str
        Why, and what a reader of the price must know.
    """

    commodity: str
    good: str
    basis: str
    element: str
    content: float
    leads: bool
    note: str


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of minerals by year; every column has a row for each price.

    Parameters
    ----------
    source : str
        Id of producer and edition.
    commodity, good, basis, element, note : array of str
        As of :class:`PriceSeries`.
    year : array of int
        Year that the price is an average of; its dollars are those of that year.
    price, low, high : array of float
        As published, in `unit`; bounds as of ``Figure``.
    unit : array of str
        As published, such as ``cents per pound``.
    price_usd_t : array of float
        The price [USD/t of `basis`]; NaN where no one figure is stated.
    element_usd_t : array of float
        The price [USD/t of `element`]; NaN where the content is not known.
    leading : array of int
        One for the price of the mineral where one has to be chosen, else zero.
    status : array of Status
        How far the figure is one.
    grade : array of str
        Trust in the published figure, as of the grades of all tables.
    place : array of str
        File.
    line : array of int
        Line of the file; the first is 1.
    """

    source: str
    commodity: Text
    good: Text
    year: Whole
    price: Numbers
    low: Numbers
    high: Numbers
    unit: Text
    basis: Text
    price_usd_t: Numbers
    element: Text
    element_usd_t: Numbers
    leading: Whole
    status: Text
    grade: Text
    note: Text
    place: Text
    line: Whole

    def __post_init__(self) -> None:
        if len({len(getattr(self, name)) for name in PRICE_COLUMNS}) > 1:
            raise ValueError("columns of unequal length")
        for name in PRICE_COLUMNS:
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.price)

    def where(self, row: int) -> str:
        """Return file and line of a row."""
        return f"{self.place[row]}:{self.line[row]}"

    def taken(self, rows: NDArray[Any]) -> "Prices":
        """Return the rows of those numbers, or where the mask is true."""
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in PRICE_COLUMNS}
        return Prices(self.source, **columns)

    def of(self, commodity: str) -> "Prices":
        """Return the prices of a mineral, the leading one first, each in the order of years."""
        rows = np.flatnonzero(self.commodity == commodity).tolist()
        rows.sort(key=lambda row: (-self.leading[row], self.good[row], self.unit[row]))
        return self.taken(np.array(rows, dtype=np.int64))


PRICE_COLUMNS = tuple(field.name for field in fields(Prices) if field.name != "source")
"""Columns of prices in order."""
_WHOLE = frozenset({"year", "leading", "line"})
_NUMBERS = frozenset({"price", "low", "high", "price_usd_t", "element_usd_t"})


@cache
def price_series() -> Mapping[tuple[str, str], PriceSeries]:
    """Return what each price of the summaries of 2026 is, by folded commodity and detail."""
    return MappingProxyType(
        {
            (fold(row["spelling"]), fold(row["detail"])): PriceSeries(
                row["commodity"], row["good"], row["basis"], row["element"],
                float(row["content"] or math.nan), row["leading"] == "yes", row["note"],
            )
            for row in atlas_rows("price_series")
        }
    )  # fmt: skip


def load_prices(path: Path) -> Prices:
    """Read the prices of the CSV of all chapters that comes with the summaries of 2026.

    Raises
    ------
    UnknownCodeError
        If nobody has written down what the words of a price stand for.
    UnitError
        If the unit of a price is not known.
    MonaziteError
        If the file is not that CSV, or at the first row that cannot be understood.
    """
    lines = read_lines(path, MCS_2026, encoding="cp1252")
    rows = [row for line in lines if line["Statistics"] == "Price" for row in _rows(line)]
    if not rows:
        raise TableError("the file has no prices", where=path.name, way_out="give it as downloaded")
    _check_doubles(rows)
    return Prices(
        MCS_2026,
        **{name: _column(name, [row[name] for row in rows]) for name in PRICE_COLUMNS},
    )


def price_column(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """Return the values of a file as the array that a column of that name holds."""
    return _column(name, [Status(cell) for cell in values] if name == "status" else values.tolist())


def price_factor(unit: str, *, where: str) -> float:
    """Return how many USD/t one of a published unit is.

    Raises
    ------
    UnitError
        If it is no unit of a price.
    """
    plain = clean(unit)
    if plain not in PRICE_UNITS:
        raise UnitError(
            f"unknown unit of a price '{plain}'",
            where=where,
            way_out=f"known: {', '.join(sorted(PRICE_UNITS))}",
        )
    return PRICE_UNITS[plain]


def _rows(line: FileLine) -> Iterator[dict[str, Any]]:
    found = _series(line)
    if not found.commodity:
        return
    unit = clean(meant_unit(MCS_2026, line["Commodity"], "price", line["Unit"]))
    factor = price_factor(unit, where=line.where)
    figure = _figure(line)
    by_the_tonne = figure.value * factor
    yield {
        "commodity": found.commodity, "good": found.good,
        "year": read_years(line["Year"], where=line.where)[1],
        "price": figure.value, "low": figure.low, "high": figure.high, "unit": unit,
        "basis": found.basis, "price_usd_t": by_the_tonne, "element": found.element,
        "element_usd_t": by_the_tonne / found.content, "leading": int(found.leads),
        "status": figure.status, "grade": str(Grade.A), "note": found.note,
        "place": line.file, "line": line.number,
    }  # fmt: skip


def _series(line: FileLine) -> PriceSeries:
    known = price_series()
    key = (fold(line["Commodity"]), fold(line["Statistics_detail"]))
    if key not in known:
        raise UnknownCodeError(
            f"price of {clean(line['Commodity'])}",
            clean(line["Statistics_detail"]),
            [detail for commodity, detail in known if commodity == key[0]],
            where=line.where,
        )
    return known[key]


def _figure(line: FileLine) -> Figure:
    return vouched_by_notes(read_figure(line["Value"], where=line.where), line["Notes"])


def _check_doubles(rows: list[dict[str, Any]]) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = (row["commodity"], row["good"], row["unit"], row["year"])
        if key in seen:
            raise TableError(
                f"the price of {row['good']} in {row['year']} stands twice, first in line "
                f"{seen[key]}",
                where=f"{row['place']}:{row['line']}",
                way_out="drop one of the two rows",
            )
        seen[key] = row["line"]


def _column(name: str, values: list[Any]) -> NDArray[Any]:
    if name in _NUMBERS:
        return np.array(values, dtype=np.float64)
    if name in _WHOLE:
        return np.array(values, dtype=np.int64)
    return typed(name, values)
