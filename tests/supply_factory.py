"""Small statistics of supply, for tests."""

from collections.abc import Mapping

import numpy as np

from monazite.indicators import Purchases, SupplyRecords, TradeRows, purchases
from monazite.newton import FloatArray

CODES = ("AUS", "BRA", "CHN", "DEU", "USA")
Flows = Mapping[tuple[str, str], float]
"""Tonnes by who imports and who sells."""


def trade_rows(flows: Flows, value: float = np.nan) -> TradeRows:
    """Rows of one commodity in one year; ``value`` in thousand USD for each tonne."""
    place = {code: index for index, code in enumerate(CODES)}
    buyers = np.array([place[buyer] for buyer, _ in flows], dtype=np.int64)
    sellers = np.array([place[seller] for _, seller in flows], dtype=np.int64)
    nothing = np.zeros(len(flows), dtype=np.int64)
    quantity = np.array(list(flows.values()), dtype=np.float64)
    return TradeRows(nothing, buyers, sellers, nothing, quantity, value * quantity)


def supply(
    made: Mapping[str, float],
    flows: Flows,
    governance: Mapping[str, float],
    *,
    price: float | None = None,
    value: float = np.nan,
) -> SupplyRecords:
    """One commodity in one year; who is not named makes nothing and has no score."""
    production = np.array([made.get(code, 0.0) for code in CODES])
    scores = np.array([governance.get(code, np.nan) for code in CODES])
    return SupplyRecords(
        ("ore",), CODES, (2022,), production[None, :, None], trade_rows(flows, value),
        scores[:, None], None if price is None else np.array([[price]]),
    )  # fmt: skip


def bought(records: SupplyRecords, *buyers: str) -> Purchases:
    """Purchases of the buyers named, a group ``PAIR`` of Germany and the United States too."""
    return purchases(records, buyers, {"PAIR": frozenset({"DEU", "USA"})})


def one(figures: FloatArray) -> float:
    """The only figure of an array."""
    return float(figures.reshape(-1)[0]) if figures.size == 1 else float("nan")
