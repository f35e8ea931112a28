"""Whether the tables of the atlas hold together: codes, units, doubles, slips, world totals."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from types import MappingProxyType

import numpy as np

from monazite import units
from monazite.errors import MonaziteError, TableError, UnitError, UnknownCodeError
from monazite.labels import REGIONS, WORLD
from monazite.reference.atlas.tables import Atlas, TradeFlows
from monazite.reference.loaders.figures import POINTS
from monazite.reference.loaders.minerals import customs_codes, minerals
from monazite.reference.loaders.observations import Observations, Statistic, WorldTotal
from monazite.reference.loaders.places import UNLISTED
from monazite.reference.loaders.prices import Prices, price_factor
from monazite.reference.loaders.slips import find_slips
from monazite.reference.source import Register, atlas_rows, shipped_register

TOLERANCE = 0.01
"""Gap between a stated world total and the sum of its regions from which on it is told."""
UNEXPLAINED = 0.05
"""Gap from which on ``gaps.csv`` has to say why; what is smaller comes from rounded totals."""
GapKey = tuple[str, str, str, int]
"""Source, commodity, statistic and year of a gap."""
_SHARES = frozenset({Statistic.MINE_SHARE, Statistic.REFINERY_SHARE})
_KNOWN_REGIONS = frozenset(REGIONS) | frozenset(UNLISTED) | {WORLD}
_PER_CENT = "%"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stated world total that is not the sum of the regions listed.

    Parameters
    ----------
    source : str
        Id of the source.
    total : WorldTotal
        What is stated and what is summed.
    """

    source: str
    total: WorldTotal

    @property
    def key(self) -> GapKey:
        """What the list of explained gaps knows it by."""
        return self.source, self.total.commodity, str(self.total.statistic), self.total.year

    def line(self) -> str:
        """One line for people."""
        total = self.total
        missing = f", {total.not_figures} of them no figures" if total.not_figures else ""
        return (
            f"{self.source}, {total.where}: {total.commodity} {total.statistic} of {total.year}: "
            f"the world's {total.stated:,.10g} {total.unit} are not the {total.summed:,.10g} of "
            f"its regions{missing}"
        )


def check_atlas(atlas: Atlas, register: Register | None = None) -> tuple[MonaziteError, ...]:
    """Return what is wrong with the tables; empty if they hold together.

    Checked are commodities, regions, units, sources, signs, figures that must be or must not be,
    doubled rows, whole columns that are a power of ten apart between two sources, and world
    totals: those far from the sum of their regions must be explained, and no others.
    """
    known = shipped_register() if register is None else register
    return tuple(_faults(atlas, known))


def gaps(atlas: Atlas) -> tuple[Gap, ...]:
    """Return the world totals of production that are not the sum of their regions."""
    return tuple(
        Gap(source, total)
        for source, data in atlas.production.items()
        for total in data.totals()
        if abs(total.gap) > TOLERANCE
    )


@cache
def explained_gaps() -> Mapping[GapKey, str]:
    """Return why large gaps are there, by source, commodity, statistic and year."""
    return MappingProxyType(
        {
            (row["source"], row["commodity"], row["statistic"], int(row["year"])): row["reason"]
            for row in atlas_rows("gaps")
        }
    )


def _gap_faults(atlas: Atlas) -> Iterator[MonaziteError]:
    large = {gap.key: gap for gap in gaps(atlas) if abs(gap.total.gap) > UNEXPLAINED}
    explained = explained_gaps()
    for key in sorted(large.keys() - explained.keys()):
        yield TableError(
            large[key].line(), where="atlas/production", way_out="say why in atlas/gaps.csv"
        )
    for key in sorted(explained.keys() - large.keys()):
        what = " ".join(map(str, key))
        yield TableError(
            f"{what}: there is no such gap any more", where="atlas/gaps", way_out="drop the line"
        )


def _faults(atlas: Atlas, register: Register) -> Iterator[MonaziteError]:
    for source in atlas.sources():
        if source not in register:
            yield UnknownCodeError("source", source, register, where="atlas")
    for name, table in atlas.tables().items():
        for data in table.values():
            yield from _code_faults(name, data)
            yield from _figure_faults(name, data)
            yield from _doubles(name, data)
    for trade in atlas.flows():
        yield from _trade_faults(trade)
    yield from _price_faults(atlas.prices)
    yield from _slips(atlas.production.values())
    yield from _gap_faults(atlas)


def _code_faults(table: str, data: Observations) -> Iterator[MonaziteError]:
    lists = (
        ("commodity", {*minerals(), ""}), ("region", _KNOWN_REGIONS),
        ("partner", {*_KNOWN_REGIONS, ""}),
    )  # fmt: skip
    for column, known in lists:
        for code in sorted(set(getattr(data, column).tolist()) - known):
            yield UnknownCodeError(column, code, known, where=f"atlas/{table}, {data.source}")
    for unit in sorted(set(data.unit.tolist()) - {_PER_CENT}):
        try:
            units.parse(unit)
        except UnitError as fault:
            yield UnitError(fault.message, where=f"atlas/{table}", way_out=fault.way_out)


def _figure_faults(table: str, data: Observations) -> Iterator[MonaziteError]:
    signed = data.statistic == Statistic.GOVERNANCE
    shares = np.isin(data.statistic, list(map(str, _SHARES)))
    is_point = np.array([status in POINTS for status in data.status.tolist()], dtype=bool)
    tests = (
        (is_point != data.states_figure(), "a figure and its status do not agree"),
        (~signed & (np.nan_to_num(data.value) < 0.0), "a quantity is below zero"),
        (shares & (np.nan_to_num(data.value) > 100.0), "a share is above 100 %"),
    )
    for wrong, message in tests:
        for row in np.flatnonzero(wrong).tolist():
            yield TableError(
                message, where=f"atlas/{table}, {data.where(row)}", way_out="build it again"
            )


def _doubles(table: str, data: Observations) -> Iterator[MonaziteError]:
    names = (
        "commodity", "statistic", "detail", "region", "partner", "first_year", "year", "basis"
    )  # fmt: skip
    seen: set[tuple[object, ...]] = set()
    for row, key in enumerate(zip(*(getattr(data, name).tolist() for name in names), strict=True)):
        if key in seen:
            yield TableError(
                "the row stands twice", where=f"atlas/{table}, {data.where(row)}",
                way_out="build it again",
            )  # fmt: skip
        seen.add(key)


def _trade_faults(trade: TradeFlows) -> Iterator[MonaziteError]:
    known = customs_codes()
    for code in sorted(set(trade.hs6.tolist()) - known.keys()):
        yield UnknownCodeError("customs code", code, known, where="atlas/trade")
    for column in ("region", "partner"):
        for code in sorted(set(getattr(trade, column).tolist()) - _KNOWN_REGIONS):
            yield UnknownCodeError(column, code, _KNOWN_REGIONS, where="atlas/trade")
    keys = list(
        zip(
            trade.hs6.tolist(), trade.region.tolist(), trade.partner.tolist(),
            trade.year.tolist(), strict=True,
        )
    )  # fmt: skip
    if len(set(keys)) < len(keys):
        yield TableError("a flow stands twice", where="atlas/trade", way_out="build it again")
    if np.any(trade.value < 0.0) or np.any(np.nan_to_num(trade.mass) < 0.0):
        yield TableError("a flow is below zero", where="atlas/trade", way_out="build it again")


def _price_faults(prices: Prices) -> Iterator[MonaziteError]:
    for code in sorted(set(prices.commodity.tolist()) - minerals().keys()):
        yield UnknownCodeError("commodity", code, minerals(), where="atlas/prices")
    is_point = np.array([status in POINTS for status in prices.status.tolist()], dtype=bool)
    leaders: dict[str, set[str]] = {}
    for row in np.flatnonzero(prices.leading).tolist():
        leaders.setdefault(prices.commodity[row], set()).add(prices.good[row])
    rivals = [len(leaders.get(code, ())) > 1 for code in prices.commodity.tolist()]
    factors = [price_factor(unit, where="atlas/prices") for unit in prices.unit.tolist()]
    converted = np.isclose(prices.price_usd_t, prices.price * factors, equal_nan=True)
    tests = (
        (is_point == np.isnan(prices.price), "a price and its status do not agree"),
        (np.nan_to_num(prices.low, nan=1.0) <= 0.0, "a price is not above zero"),
        (~converted, "a price by the tonne is not the published one"),
        (np.array(rivals), "two prices lead one mineral"),
    )
    for wrong, message in tests:
        for row in np.flatnonzero(wrong).tolist():
            yield TableError(
                message, where=f"atlas/prices, {prices.where(row)}", way_out="build it again"
            )


def _slips(sources: Iterable[Observations]) -> Iterator[MonaziteError]:
    for first, second in combinations(sources, 2):
        told: set[tuple[str, str, int]] = set()
        for slip in find_slips(first, second):
            column = (slip.commodity, slip.statistic, slip.year)
            if slip.is_column and column not in told:
                told.add(column)
                yield TableError(
                    f"a unit has slipped: {slip.line()}", where="atlas/production",
                    way_out="look at both sources and write the correction down",
                )  # fmt: skip
