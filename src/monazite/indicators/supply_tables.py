"""Read the statistics of supply risk from a folder of CSV files, one kind of figure a file.

Every row has its ``unit``, ``source`` and ``grade`` as in a network folder. A blank figure means
that the source withholds it. ``docs/reference/supply-folder.md`` tells the columns.
"""

import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import numpy as np

from monazite import units
from monazite.errors import TableError, UnknownCodeError
from monazite.indicators.supply_records import IndexArray, SupplyRecords, TradeRows
from monazite.indicators.supply_risk import Disruptions, MaterialFacts, governance_risk
from monazite.labels import EVERYWHERE, canonical_region
from monazite.network.lines import Folder, Sheet, SheetLine, check_file_names, own_sources
from monazite.newton import FloatArray

PRODUCTION = Sheet("production", ("commodity", "country", "year", "quantity"))
TRADE = Sheet(
    "trade", ("commodity", "country", "partner", "year", "quantity"), ("value", "value_unit")
)
GOVERNANCE = Sheet("governance", ("country", "year", "score", "scale"))
PRICES = Sheet("prices", ("commodity", "year", "price"))
DEMAND = Sheet("demand", ("commodity", "year", "quantity"))
MATERIALS = Sheet("materials", ("commodity", "year", "recycling_input_rate", "substitution_index"))
TRADE_FACTORS = Sheet("trade_factors", ("commodity", "country", "year", "trade_factor"))
DISRUPTIONS = Sheet(
    "disruptions", ("commodity", "country", "partner", "year", "probability", "loss")
)
SUPPLY_SHEETS: Mapping[str, Sheet] = MappingProxyType(
    {
        sheet.name: sheet
        for sheet in (
            PRODUCTION, TRADE, GOVERNANCE, PRICES, DEMAND, MATERIALS, TRADE_FACTORS, DISRUPTIONS,
        )
    }
)  # fmt: skip
"""The files of the folder and their columns."""

Key = tuple[str, ...]
"""Codes of a row, the year last."""
Figures = dict[Key, tuple[float, ...]]
"""Figures of each row; NaN where a cell is blank."""
Read = Callable[[SheetLine], float | None]

_USER_ASSIGNED = re.compile(r"X[A-Z]{2}", re.ASCII)
"""Codes that ISO 3166 leaves to its users, such as XKX for Kosovo."""


class GovernanceScale(StrEnum):
    """What a score of governance is."""

    RISK = "risk"
    """0 for the least risk, 1 for the most."""
    WGI = "wgi"
    """Estimate of the Worldwide Governance Indicators, 2.5 for the best, -2.5 for the worst."""


class SupplyFolder:
    """A folder whose production, trade, governance and prices have been read.

    Parameters
    ----------
    path : Path
        The folder.

    Raises
    ------
    InputError
        At the first fault, in one line with file, row and way out.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise TableError(
                "there is no such folder", where=str(path), way_out="give a folder of tables"
            )
        check_file_names(path, SUPPLY_SHEETS)
        self._folder = Folder(path, own_sources(path), None)
        self._basis: dict[str, str] = {}
        self._regions: dict[str, str] = {}
        self._commodities: frozenset[str] = frozenset()
        self._records = self._read_records()

    @property
    def records(self) -> SupplyRecords:
        """Production, trade, governance and prices, with the union of their codes."""
        return self._records

    def _read_records(self) -> SupplyRecords:
        production = self._required(PRODUCTION, ("commodity", "country"), self._tonnes)
        trade = self._figures(TRADE, ("commodity", "country", "partner"), self._tonnes, _value)
        governance = self._figures(GOVERNANCE, ("country",), _score)
        self._commodities = frozenset(key[0] for key in (*production, *trade))
        years = sorted({key[-1] for key in (*production, *trade)})
        countries = {key[0] for key in governance} | {key[1] for key in production}
        countries |= {code for key in trade for code in key[1:3]}
        codes = (tuple(sorted(self._commodities)), tuple(sorted(countries)), tuple(years))
        return SupplyRecords(
            commodities=codes[0],
            countries=codes[1],
            years=tuple(int(year) for year in years),
            production=_production(production, codes),
            trade=_trade(trade, codes),
            governance=_fill(governance, (codes[1], codes[2])),
            price=self._price(codes[0], codes[2]),
        )

    def _price(self, commodities: Key, years: Key) -> FloatArray | None:
        if not self._has(PRICES):
            return None
        return _fill(self._figures(PRICES, ("commodity",), _price), (commodities, years))

    @property
    def _goods_and_years(self) -> tuple[Key, Key]:
        return self.records.commodities, tuple(map(str, self.records.years))

    @property
    def _all_codes(self) -> tuple[Key, Key, Key]:
        commodities, years = self._goods_and_years
        return commodities, self.records.countries, years

    # -- what single methods want beside ----------------------------------------------------

    def demand(self) -> FloatArray:
        """Return the world's demand (commodity, year) [t]; NaN where not told.

        Raises
        ------
        TableError
            If the file is missing.
        """
        figures = self._required(DEMAND, ("commodity",), self._tonnes)
        return _fill(figures, self._goods_and_years)

    def material_facts(self) -> MaterialFacts:
        """Return recycling, substitution and trade factors; NaN where not told.

        Raises
        ------
        TableError
            If one of the two files is missing.
        """
        columns = (_share("recycling_input_rate"), _plain("substitution_index"))
        facts = self._required(MATERIALS, ("commodity",), *columns)
        rate, index = (_fill(facts, self._goods_and_years, column) for column in (0, 1))
        codes = ("commodity", "country")
        factors = self._required(TRADE_FACTORS, codes, _plain("trade_factor"))
        others: Figures = {
            (key[0], key[2]): cell for key, cell in factors.items() if key[1] == EVERYWHERE
        }
        base = _fill(others, self._goods_and_years)
        own = _fill(factors, self._all_codes)
        return MaterialFacts(rate, index, np.where(np.isnan(own), base[:, None], own))

    def disruptions(self) -> Disruptions:
        """Return what may strike, in rows.

        Raises
        ------
        TableError
            If the file is missing.
        """
        codes = ("commodity", "country", "partner")
        figures = self._required(DISRUPTIONS, codes, _share("probability"), _loss)
        rows: Figures = {(key[0], key[1], key[3], key[2]): cell for key, cell in figures.items()}
        places, kept = _places(rows, self._all_codes)
        chance, loss = kept.reshape(-1, 2).T
        return Disruptions(places[0], places[1], places[2], chance, loss)

    # -- rows -------------------------------------------------------------------------------

    def _has(self, sheet: Sheet) -> bool:
        return (self._folder.path / f"{sheet.name}.csv").exists()

    def _required(self, sheet: Sheet, codes: Key, *read: Read) -> Figures:
        if not self._has(sheet):
            raise TableError(
                "the file is missing, and this method needs it",
                where=f"{self._folder.path.name}/{sheet.name}.csv",
                way_out=f"write it; its columns are {', '.join(sheet.columns)}",
            )
        return self._figures(sheet, codes, *read)

    def _figures(self, sheet: Sheet, codes: Key, *read: Read) -> Figures:
        found: Figures = {}
        for line in self._folder.lines(sheet):
            self._folder.provenance(line)
            key = (*(self._code(line, column, sheet) for column in codes), str(_year(line)))
            if key in found:
                raise line.fault(
                    f"{', '.join(key)} is given twice", "drop one of the two rows, or add them up"
                )
            cells = (one(line) for one in read)
            found[key] = tuple(math.nan if cell is None else cell for cell in cells)
        return found

    def _code(self, line: SheetLine, column: str, sheet: Sheet) -> str:
        text = line.required(column)
        if column == "commodity":
            return self._commodity(line, text, sheet)
        if text == EVERYWHERE and sheet is TRADE_FACTORS:
            return text
        if text not in self._regions:
            known = _USER_ASSIGNED.fullmatch(text)
            self._regions[text] = text if known else canonical_region(text, where=line.where)
        return self._regions[text]

    def _commodity(self, line: SheetLine, text: str, sheet: Sheet) -> str:
        """Take what production and trade name as it stands; others must name one of these."""
        if sheet not in (PRODUCTION, TRADE) and text not in self._commodities:
            raise UnknownCodeError("commodity", text, self._commodities, where=line.where)
        return text

    def _tonnes(self, line: SheetLine) -> float | None:
        """Read a quantity in the mass basis that the commodity's first row has."""
        commodity = line.required("commodity")
        if commodity not in self._basis:
            bases = units.parse(line.required("unit"), where=line.where).bases
            self._basis[commodity] = "".join(f" {basis}" for basis in bases[:1])
        return _positive(line, "quantity", line.amount("quantity", f"t{self._basis[commodity]}"))


# -- cells -----------------------------------------------------------------------------------


def _year(line: SheetLine) -> int:
    line.required("year")
    return line.whole("year") or 0


def _value(line: SheetLine) -> float | None:
    target = f"kUSD{_year(line)}"
    return _positive(line, "value", line.amount("value", target, unit_column="value_unit"))


def _price(line: SheetLine) -> float | None:
    return _positive(line, "price", line.amount("price", f"USD{_year(line)}/kg"))


def _loss(line: SheetLine) -> float | None:
    return line.amount("loss", "MUSD")


def _score(line: SheetLine) -> float | None:
    line.required("scale")
    value = line.number("score")
    if line.code("scale", GovernanceScale, GovernanceScale.RISK) is GovernanceScale.RISK:
        return _positive(line, "score", value)
    return None if value is None else float(governance_risk(value))


def _plain(column: str) -> Read:
    return lambda line: _positive(line, column, line.number(column))


def _share(column: str) -> Read:
    def read(line: SheetLine) -> float | None:
        value = line.number(column)
        if value is not None and not 0 <= value <= 1:
            raise line.fault(f"{column} is {value:g}", "write a share between 0 and 1")
        return value

    return read


def _positive(line: SheetLine, column: str, value: float | None) -> float | None:
    if value is not None and value < 0:
        raise line.fault(f"{column} is negative", "leave it blank if it is not known")
    return value


# -- arrays ----------------------------------------------------------------------------------


def _fill(figures: Figures, codes: tuple[Key, ...], column: int = 0) -> FloatArray:
    """Return an array of one of the figures of each row; NaN where there is no row."""
    found: FloatArray = np.full([len(known) for known in codes], np.nan)
    places, cells = _places(figures, codes)
    if len(cells):
        found[places] = cells[:, column]
    return found


def _places(figures: Figures, codes: tuple[Key, ...]) -> tuple[tuple[IndexArray, ...], FloatArray]:
    """Return the place of every row in the code lists; rows of other codes are left out."""
    known = [{code: place for place, code in enumerate(one)} for one in codes]
    rows = [
        ([table.get(code, -1) for table, code in zip(known, key, strict=False)], cells)
        for key, cells in figures.items()
    ]
    inside = [(place, cells) for place, cells in rows if min(place) >= 0]
    places = np.array([place for place, _ in inside], dtype=np.int64).reshape(-1, len(codes))
    return tuple(places.T), np.array([cells for _, cells in inside], dtype=np.float64)


def _production(figures: Figures, codes: tuple[Key, Key, Key]) -> FloatArray:
    """Quantities; who has no row where others have one makes nothing."""
    stated = {(key[0], key[2]) for key in figures}
    told = ~np.isnan(_fill(dict.fromkeys(stated, (1.0,)), (codes[0], codes[2])))
    has_row = ~np.isnan(_fill(dict.fromkeys(figures, (1.0,)), codes))
    found = _fill(figures, codes)
    found[told[:, None] & ~has_row] = 0.0
    return found


def _trade(figures: Figures, codes: tuple[Key, Key, Key]) -> TradeRows:
    commodities, countries, years = codes
    places, cells = _places(figures, (commodities, countries, countries, years))
    quantity, value = cells.reshape(-1, 2).T
    return TradeRows(places[0], places[1], places[2], places[3], quantity, value)
