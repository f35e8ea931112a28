"""The tables of the atlas as frozen columns, and their files.

``production`` (who mines and refines, by source), ``reliance`` (how far the United States depend
on imports, and whose), ``governance`` (political stability) are observations, one group of rows for
each source. ``trade`` and ``recent_trade`` (flows between countries by customs code) are wide: a
row has value and mass of a flow. ``prices`` (what the summaries of the USGS quote) are by good and
year.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite import parquet
from monazite.errors import UnknownCodeError
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.observations import (
    COLUMNS,
    Numbers,
    Observations,
    Statistic,
    Text,
    Whole,
    typed,
)
from monazite.reference.loaders.prices import PRICE_COLUMNS, Prices, price_column
from monazite.reference.source import data_folder


class SupplyStage(StrEnum):
    """Where the statistics of a mineral are taken: at the mine or at the refinery."""

    MINE = "mine"
    REFINERY = "refinery"


STAGE_STATISTICS: Mapping[SupplyStage, tuple[Statistic, Statistic]] = MappingProxyType(
    {
        SupplyStage.MINE: (Statistic.MINE_PRODUCTION, Statistic.MINE_SHARE),
        SupplyStage.REFINERY: (Statistic.REFINERY_PRODUCTION, Statistic.REFINERY_SHARE),
    }
)
"""Statistics that tell who supplies a stage: quantities, and shares of the world."""

_RAW_CHAPTERS = ("25", "26", "27")

BySource = Mapping[str, Observations]
"""Observations by id of their source, in the order of preference."""


@dataclass(frozen=True, slots=True)
class TradeFlows:
    """Flows between countries; every column has a row for each flow.

    Parameters
    ----------
    source, place : str
        Id of the source, and the raw file.
    commodity : array of str
        Code of the mineral; empty where a customs code holds several.
    hs6 : array of str
        Customs code of six digits, Harmonized System of 1992 or 2017 as the source says.
    region, partner : array of str
        Who exports, who imports.
    year : array of int
        Year of the flow.
    value : array of float
        Worth of the flow, free on board [thousand USD of the year].
    mass : array of float
        Gross weight [t]; NaN where it is not known.
    line : array of int
        Line of the raw file.
    """

    source: str
    place: str
    commodity: Text
    hs6: Text
    region: Text
    partner: Text
    year: Whole
    value: Numbers
    mass: Numbers
    line: Whole

    def __post_init__(self) -> None:
        if len({len(getattr(self, name)) for name in TRADE_COLUMNS}) > 1:
            raise ValueError("columns of unequal length")
        for name in TRADE_COLUMNS:
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.value)

    def taken(self, rows: NDArray[Any]) -> "TradeFlows":
        """Return the rows of those numbers, or where the mask is true."""
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in TRADE_COLUMNS}
        return TradeFlows(self.source, self.place, **columns)

    def stages(self) -> Text:
        """Return the stage of each flow: ores and minerals (chapters 25 to 27), or refined."""
        chapters = np.array([code[:2] in _RAW_CHAPTERS for code in self.hs6.tolist()], dtype=bool)
        return np.where(chapters, str(SupplyStage.MINE), str(SupplyStage.REFINERY)).astype(object)


TRADE_COLUMNS = tuple(f.name for f in fields(TradeFlows) if f.name not in ("source", "place"))
"""Columns of flows in order."""


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """All tables of the atlas.

    Parameters
    ----------
    production : Mapping of str to Observations
        Quantities mined and refined, and shares of the world, by source in order of preference.
    reliance : Mapping of str to Observations
        Net import reliance of the United States, and their import sources.
    governance : Mapping of str to Observations
        Estimates of political stability, from about -2.5 (worst) to 2.5 (best).
    trade : TradeFlows
        Flows between countries.
    recent_trade : TradeFlows
        Flows of 2024 by customs codes of 2017 that stand in no other table.
    prices : Prices
        Prices of minerals.
    """

    production: BySource
    reliance: BySource
    governance: BySource
    trade: TradeFlows
    recent_trade: TradeFlows
    prices: Prices

    def tables(self) -> Mapping[str, BySource]:
        """Return the tables of observations by name."""
        return {
            "production": self.production,
            "reliance": self.reliance,
            "governance": self.governance,
        }

    def sources(self) -> tuple[str, ...]:
        """Return the ids of all sources, in alphabetical order."""
        cited = {source for table in self.tables().values() for source in table}
        traded = {each.source for each in self.flows()}
        return tuple(sorted(cited | traded | {self.prices.source}))

    def flows(self) -> tuple[TradeFlows, ...]:
        """Return the tables of flows; no customs code stands in two of them."""
        return self.trade, self.recent_trade

    def __len__(self) -> int:
        rows = (len(data) for table in self.tables().values() for data in table.values())
        return sum(rows) + sum(map(len, self.flows())) + len(self.prices)


TABLE_NAMES = ("production", "reliance", "governance", "trade", "recent_trade", "prices")
"""Names of the tables; each is a file of that name."""
_FLOW_TABLES = TABLE_NAMES[3:5]


@cache
def shipped_atlas() -> Atlas:
    """Return the atlas that comes with the package."""
    return read_atlas(Path(str(data_folder() / "atlas")))


def read_atlas(folder: Path) -> Atlas:
    """Read the tables of a folder.

    Raises
    ------
    TableError
        If one of the files is missing or cut off.
    UnknownCodeError
        If one has other columns, so that another program has written it.
    """
    production, reliance, governance = (
        _grouped(_columns(folder, name, ("source", *COLUMNS))) for name in TABLE_NAMES[:3]
    )
    trade, recent_trade = (
        _flows(_columns(folder, name, ("source", "place", *_TRADE_STORED))) for name in _FLOW_TABLES
    )
    prices = _columns(folder, "prices", ("source", *PRICE_COLUMNS))
    return Atlas(production, reliance, governance, trade, recent_trade, _prices(prices))


def write_atlas(atlas: Atlas, folder: Path) -> tuple[Path, ...]:
    """Write the tables to a folder, and return the files."""
    for name, table in atlas.tables().items():
        parquet.write(_file(folder, name), _stacked(table))
    for name, trade in zip(_FLOW_TABLES, atlas.flows(), strict=True):
        parquet.write(_file(folder, name), _stored(trade))
    parquet.write(_file(folder, "prices"), _priced(atlas.prices))
    return tuple(_file(folder, name) for name in TABLE_NAMES)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"


def _columns(folder: Path, name: str, wanted: Iterable[str]) -> dict[str, NDArray[Any]]:
    found = parquet.read(_file(folder, name))
    for column in wanted:
        if column not in found:
            raise UnknownCodeError("column", column, found, where=f"{name}.parquet")
    return found


def _stacked(table: BySource) -> dict[str, NDArray[Any]]:
    stacked: dict[str, NDArray[Any]] = {
        "source": typed("source", [name for name, data in table.items() for _ in range(len(data))])
    }
    for column in COLUMNS:
        parts = [getattr(data, column) for data in table.values()]
        joined = np.concatenate(parts)
        stacked[column] = (
            typed(column, [str(cell) for cell in joined]) if column in _ENUMS else joined
        )
    return stacked


def _grouped(columns: Mapping[str, NDArray[Any]]) -> BySource:
    sources = columns["source"]
    made = {name: _typed_column(name, columns[name]) for name in COLUMNS}
    return MappingProxyType(
        {
            source: Observations(
                source, **{name: made[name][sources == source] for name in COLUMNS}
            )
            for source in dict.fromkeys(sources.tolist())
        }
    )


_ENUMS: Mapping[str, type[StrEnum]] = MappingProxyType({"statistic": Statistic, "status": Status})


def _typed_column(name: str, column: NDArray[Any]) -> NDArray[Any]:
    kind = _ENUMS.get(name)
    if kind is None:
        return column
    members = {str(member): member for member in kind}
    return typed(name, [members[cell] for cell in column.tolist()])


_TRADE_STORED = (
    "commodity", "stage", "hs6", "region", "partner", "year", "value_usd", "mass_kg", "status",
    "line",
)  # fmt: skip
"""Flows in their file: dollars and kilograms are whole numbers; a mass not known is missing."""


def _stored(trade: TradeFlows) -> dict[str, NDArray[Any]]:
    known = ~np.isnan(trade.mass)
    count = len(trade)
    status = np.where(known, str(Status.REPORTED), str(Status.MISSING)).astype(object)
    columns: dict[str, NDArray[Any]] = {
        "stage": trade.stages(),
        "value_usd": np.rint(trade.value * 1e3).astype(np.int64),
        "mass_kg": np.rint(trade.mass * 1e3),
        "status": status,
    }
    return {
        "source": typed("source", [trade.source] * count),
        "place": typed("place", [trade.place] * count),
        **{
            name: columns[name] if name in columns else getattr(trade, name)
            for name in _TRADE_STORED
        },
    }


def _flows(columns: Mapping[str, NDArray[Any]]) -> TradeFlows:
    plain: dict[str, Any] = {
        name: columns[name] for name in TRADE_COLUMNS if name not in ("value", "mass")
    }
    return TradeFlows(
        str(columns["source"][0]),
        str(columns["place"][0]),
        value=columns["value_usd"] / 1e3,
        mass=columns["mass_kg"] / 1e3,
        **plain,
    )


def _priced(prices: Prices) -> dict[str, NDArray[Any]]:
    """Return the columns of their file; the status is text there."""
    columns = {name: getattr(prices, name) for name in PRICE_COLUMNS}
    columns["status"] = typed("status", [str(cell) for cell in prices.status])
    return {"source": typed("source", [prices.source] * len(prices)), **columns}


def _prices(columns: Mapping[str, NDArray[Any]]) -> Prices:
    made: dict[str, Any] = {name: price_column(name, columns[name]) for name in PRICE_COLUMNS}
    return Prices(str(columns["source"][0]), **made)
