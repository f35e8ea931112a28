"""What the indicators of supply risk are computed from: arrays of statistics with code lists.

Dimensions are named ``commodity``, ``country``, ``partner`` and ``year``. A partner is a country
that sells; both stand in the same code list. What is not known is NaN and stays so: no figure
here stands for a missing one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from monazite.errors import InputError, UnknownCodeError
from monazite.newton import FloatArray

IndexArray = NDArray[np.int64]
ReasonArray = NDArray[np.int8]
"""Members of `Reason`, one for each cell of an indicator."""


class Reason(IntEnum):
    """Why a cell of an indicator has no figure; `KNOWN` where it has one."""

    KNOWN = 0
    NO_PRODUCTION = 1
    WITHHELD_PRODUCTION = 2
    NO_TRADE = 3
    WITHHELD_TRADE = 4
    NO_SUPPLY = 5
    NO_GOVERNANCE = 6
    NO_PRICE = 7
    NO_DEMAND = 8
    NO_CONSUMPTION = 9
    NO_MATERIAL = 10
    NO_DISRUPTION = 11

    @property
    def code(self) -> str:
        """The reason as data shows it, such as ``no-governance``."""
        return self.name.lower().replace("_", "-")

    @property
    def meaning(self) -> str:
        """What the reason says, in one line; nothing where there is a figure."""
        return _MEANINGS[self]


_MEANINGS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.KNOWN: "",
        Reason.NO_PRODUCTION: "no figures of who makes it in that year",
        Reason.WITHHELD_PRODUCTION: "a producer's quantity is withheld",
        Reason.NO_TRADE: "no figures of what is traded, or of the country's imports, that year",
        Reason.WITHHELD_TRADE: "a flow is known, its quantity is not",
        Reason.NO_SUPPLY: "neither made nor imported",
        Reason.NO_GOVERNANCE: "a supplier has no governance score or trade factor",
        Reason.NO_PRICE: "no price, and no import whose value and quantity are known",
        Reason.NO_DEMAND: "no figure of the world's demand",
        Reason.NO_CONSUMPTION: "exports are as large as production and imports together",
        Reason.NO_MATERIAL: "recycling input rate or substitution index is not known",
        Reason.NO_DISRUPTION: "no disruption, or no probability or loss of one",
    }
)


@dataclass(frozen=True)
class TradeRows:
    """Imports as rows, which are few beside all pairs of countries.

    ``commodity``, ``country`` (who imports), ``partner`` (who sells), ``year`` : (row) places in
    the code lists of the records. ``quantity`` : (row) [t]. ``value`` : (row) [thousand USD of
    the row's year]. NaN where not known.
    """

    commodity: IndexArray
    country: IndexArray
    partner: IndexArray
    year: IndexArray
    quantity: FloatArray
    value: FloatArray

    def __len__(self) -> int:
        return len(self.quantity)

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the rows that are chosen."""
        return type(self)(
            self.commodity[chosen], self.country[chosen], self.partner[chosen],
            self.year[chosen], self.quantity[chosen], self.value[chosen],
        )  # fmt: skip


@dataclass(frozen=True)
class SupplyRecords:
    """Production, trade, governance and prices of many commodities, countries and years.

    ``commodities``, ``countries``, ``years`` : the code lists of all arrays.
    ``production`` : (commodity, country, year) [t]; zero where a country makes nothing, NaN where
    its figure is withheld, and NaN for every country where nobody tells who makes it.
    ``trade`` : rows in the same mass basis as the production of their commodity.
    ``governance`` : (country, year) risk that a country's governance puts on supply, from 0
    (none) to 1 (most); NaN where not known.
    ``price`` : (commodity, year) [USD of that year/kg], NaN where not known; None to use the
    mean value of a country's own imports.
    """

    commodities: tuple[str, ...]
    countries: tuple[str, ...]
    years: tuple[int, ...]
    production: FloatArray
    trade: TradeRows
    governance: FloatArray
    price: FloatArray | None = None

    def __post_init__(self) -> None:
        """Hold every array against the code lists.

        Raises
        ------
        InputError
            If a shape is not that of the code lists, a row points outside of them, a country
            trades with itself, or a figure is negative.
        """
        goods, places, years = self.shape
        shapes = {"production": (goods, places, years), "governance": (places, years)}
        if self.price is not None:
            shapes["price"] = (goods, years)
        for name, shape in shapes.items():
            _check_figures(name, getattr(self, name), shape)
        _check_rows(self.trade, self.shape)

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many commodities, countries and years there are."""
        return len(self.commodities), len(self.countries), len(self.years)


@dataclass(frozen=True)
class Purchases:
    """Imports and production of buyers: countries, and groups of countries taken as one.

    ``buyers`` : their codes. ``membership`` : (buyer, country) whether a country is part of a
    buyer. ``imports`` : rows whose ``country`` is a place in ``buyers``; trade between the
    members of a group is not in it. ``domestic`` : (commodity, buyer, year) production [t].
    """

    buyers: tuple[str, ...]
    membership: NDArray[np.bool_]
    imports: TradeRows
    domestic: FloatArray


def purchases(
    records: SupplyRecords,
    buyers: Sequence[str] | None = None,
    groups: Mapping[str, frozenset[str]] | None = None,
) -> Purchases:
    """Return what each buyer imports and makes itself.

    Parameters
    ----------
    records : SupplyRecords
        Statistics by country.
    buyers : sequence of str, optional
        Countries of the records and groups, in the order wanted; every country by default.
    groups : Mapping of str to frozenset of str, optional
        Members of each group.

    Raises
    ------
    UnknownCodeError
        If a buyer is neither a country of the records nor a group.
    InputError
        If the records know nothing of a member of a group.
    """
    if buyers is None:
        every = np.eye(len(records.countries), dtype=np.bool_)
        return Purchases(records.countries, every, records.trade, records.production)
    chosen = tuple(dict.fromkeys(buyers))
    membership = _membership(records.countries, chosen, groups or {})
    domestic = np.where(membership[None, :, :, None], records.production[:, None], 0.0).sum(axis=2)
    return Purchases(chosen, membership, crossing(records.trade, membership), domestic)


def _membership(
    countries: Sequence[str], buyers: Sequence[str], groups: Mapping[str, frozenset[str]]
) -> NDArray[np.bool_]:
    found = np.zeros((len(buyers), len(countries)), dtype=np.bool_)
    place = {code: index for index, code in enumerate(countries)}
    for row, buyer in enumerate(buyers):
        if buyer not in place and buyer not in groups:
            raise UnknownCodeError("country", buyer, (*countries, *groups))
        members = {buyer} if buyer in place else groups[buyer]
        missing = sorted(members - place.keys())
        if missing:
            raise InputError(
                f"there are no figures of {', '.join(missing)}",
                where=buyer,
                way_out="give tables of all members, or ask for single countries",
            )
        found[row, [place[code] for code in members]] = True
    return found


def crossing(trade: TradeRows, membership: NDArray[np.bool_]) -> TradeRows:
    """Return the rows that come into a buyer from outside, one copy for each buyer.

    ``country`` of these rows is a place in the buyers of `membership` (buyer, country).
    """
    buyer, row = np.nonzero(membership[:, trade.country] & ~membership[:, trade.partner])
    return TradeRows(
        trade.commodity[row], buyer, trade.partner[row], trade.year[row],
        trade.quantity[row], trade.value[row],
    )  # fmt: skip


def _check_figures(name: str, figures: FloatArray, shape: tuple[int, ...]) -> None:
    if figures.shape != shape:
        raise InputError(
            f"{name} has the shape {figures.shape}, its code lists make {shape}",
            way_out="give one figure for each code; NaN where none is known",
        )
    if np.any(figures < 0) or np.any(np.isinf(figures)):
        raise InputError(
            f"{name} holds a negative or infinite figure", way_out="NaN stands for the unknown"
        )


def _check_rows(trade: TradeRows, shape: tuple[int, int, int]) -> None:
    goods, places, years = shape
    size = {"commodity": goods, "country": places, "partner": places, "year": years}
    for name, most in size.items():
        index = getattr(trade, name)
        if index.shape != trade.quantity.shape or np.any((index < 0) | (index >= most)):
            raise InputError(
                f"a row of trade has no {name}", way_out=f"give a place below {most} in each row"
            )
    for name in ("quantity", "value"):
        _check_figures(f"{name} of trade", getattr(trade, name), trade.quantity.shape)
    if np.any(trade.country == trade.partner):
        raise InputError("a country trades with itself", way_out="leave such rows out")
