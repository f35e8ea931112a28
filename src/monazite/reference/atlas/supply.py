"""Who supplies a mineral: the figures of one source for one stage and year, largest first.

Sources are never mixed in a share. Of those that have figures the one of the latest year is
preferred, and of equal years the one that stands first in the atlas; the others stay beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite.labels import REST_OF_WORLD, WORLD
from monazite.reference.atlas.tables import STAGE_STATISTICS, Atlas, SupplyStage, TradeFlows
from monazite.reference.loaders.observations import Numbers, Observations

_SHARES = frozenset(pair[1] for pair in STAGE_STATISTICS.values())


@dataclass(frozen=True)
class Suppliers:
    """Who mines or refines a mineral in a year, as one source tells it.

    Parameters
    ----------
    source : str
        Id of the source.
    commodity : str
        Code of the mineral.
    stage : SupplyStage
        Mine or refinery.
    first_year, year : int
        Period of the figures; equal for a single year.
    unit, basis : str
        Unit of the quantities, per cent of the world where the source gives shares; and of what
        their mass is one.
    regions : tuple of str
        Who supplies, largest first; ``ROW`` for other countries in one sum.
    quantities : array of float
        (region) what each supplies in a year, in `unit`; never negative, not all zero.
    not_figures : int
        Regions that are left out: their figures are withheld, bounds or words.
    stated : float or None
        World total that the source states, in `unit`.
    where : tuple of str
        (region) file and line of each figure, the first one where forms were added up.
    """

    source: str
    commodity: str
    stage: SupplyStage
    first_year: int
    year: int
    unit: str
    basis: str
    regions: tuple[str, ...]
    quantities: Numbers
    not_figures: int
    stated: float | None
    where: tuple[str, ...]

    @cached_property
    def total(self) -> float:
        """Sum of the regions, in `unit`: what shares are shares of.

        At least 100 where the source gives percentages, so that those it leaves out as too small
        do not raise the others.
        """
        listed = float(self.quantities.sum())
        return max(listed, 100.0) if self.unit == "%" else listed

    @cached_property
    def shares(self) -> Numbers:
        """Share of each region [fraction]."""
        return np.asarray(self.quantities / self.total, dtype=np.float64)

    def share(self, region: str) -> float:
        """Return the share of a region; zero where the source does not list it [fraction]."""
        return float(self.shares[self.regions.index(region)]) if region in self.regions else 0.0

    @cached_property
    def countries(self) -> NDArray[np.bool_]:
        """Return which regions are countries, and not the sum of several."""
        return np.array([region != REST_OF_WORLD.code for region in self.regions], dtype=bool)


def suppliers(atlas: Atlas, commodity: str, stage: SupplyStage, year: int) -> tuple[Suppliers, ...]:
    """Return who supplies a mineral, by source, the preferred source first.

    Parameters
    ----------
    atlas : Atlas
        The tables.
    commodity : str
        Code of the mineral.
    stage : SupplyStage
        Mine or refinery.
    year : int
        Each source gives its last figures up to this year.

    Returns
    -------
    tuple of Suppliers
        Empty where no source has figures.
    """
    found = (
        _in_year(data, commodity, stage, last)
        for data in atlas.production.values()
        if (
            last := max(
                (item for item in _years(data, commodity, stage) if item <= year), default=0
            )
        )
    )
    return tuple(sorted((item for item in found if item is not None), key=lambda item: -item.year))


def supplier_history(
    atlas: Atlas, source: str, commodity: str, stage: SupplyStage
) -> tuple[Suppliers, ...]:
    """Return who supplied a mineral in each year that a source has, in the order of years."""
    data = atlas.production[source]
    found = (_in_year(data, commodity, stage, year) for year in _years(data, commodity, stage))
    return tuple(item for item in found if item is not None)


def political_stability(atlas: Atlas, year: int) -> Mapping[str, float]:
    """Return the estimate of each country for the last year up to `year` that has any.

    Empty where there is none; from about -2.5 (worst) to 2.5 (best).
    """
    for data in atlas.governance.values():
        years = sorted(set(data.year[data.year <= year].tolist()))
        if years:
            chosen = data.select(year=years[-1])
            return dict(zip(chosen.region.tolist(), chosen.value.tolist(), strict=True))
    return {}


def _years(data: Observations, commodity: str, stage: SupplyStage) -> list[int]:
    rows = _of(data, commodity, stage) & data.states_figure() & (data.region != WORLD)
    return sorted(set(data.year[rows].tolist()))


def _of(data: Observations, commodity: str, stage: SupplyStage) -> NDArray[np.bool_]:
    statistics = np.isin(data.statistic, [str(item) for item in STAGE_STATISTICS[stage]])
    return np.asarray((data.commodity == commodity) & statistics, dtype=bool)


def _in_year(data: Observations, commodity: str, stage: SupplyStage, year: int) -> Suppliers | None:
    rows = data.taken(np.flatnonzero(_of(data, commodity, stage) & (data.year == year)))
    rows = rows.taken(np.flatnonzero(rows.basis == _widest_basis(rows)))
    listed = rows.taken(np.flatnonzero((rows.region != WORLD) & rows.states_figure()))
    quantities, where = _summed(listed)
    if not quantities or not sum(quantities.values()) > 0.0:
        return None
    order = sorted(quantities, key=lambda region: (-quantities[region], region))
    return Suppliers(
        source=data.source,
        commodity=commodity,
        stage=stage,
        first_year=int(listed.first_year[0]),
        year=year,
        unit=str(listed.unit[0]),
        basis=str(listed.basis[0]),
        regions=tuple(order),
        quantities=np.array([quantities[region] for region in order]),
        not_figures=int((~rows.states_figure() & (rows.region != WORLD)).sum()),
        stated=_stated(rows),
        where=tuple(where[region] for region in order),
    )


def _widest_basis(rows: Observations) -> str:
    """Return the mass basis in which most regions are told; the first one where two are equal."""
    counts: dict[str, int] = {}
    for basis, region in zip(rows.basis.tolist(), rows.region.tolist(), strict=True):
        counts[basis] = counts.get(basis, 0) + (region != WORLD)
    return max(counts, key=lambda basis: counts[basis])


def _summed(listed: Observations) -> tuple[dict[str, float], dict[str, str]]:
    """Return quantity and place by region; forms of one mineral are added up."""
    quantities: dict[str, float] = {}
    where: dict[str, str] = {}
    for row, region in enumerate(listed.region.tolist()):
        quantities[region] = quantities.get(region, 0.0) + float(listed.value[row])
        where.setdefault(region, listed.where(row))
    return quantities, where


def _stated(rows: Observations) -> float | None:
    world = (rows.region == WORLD) & rows.states_figure() & (rows.detail == "")
    if rows.statistic[0] in _SHARES or world.sum() != 1:
        return None
    return float(rows.value[world][0])


@dataclass(frozen=True, slots=True)
class SupplyArrays:
    """Production, trade and governance of many minerals as arrays with code lists.

    The fields are those of the records that indicators of supply risk are computed from. Flows
    are in gross weight whatever the basis of the production: BACI knows no other.

    Parameters
    ----------
    commodities, countries, years : tuple
        The code lists of all arrays.
    production : array of float
        (commodity, country, year) [t]; zero where a country makes nothing, NaN where its figure
        is withheld, and for every country where nobody tells who makes it.
    trade : Mapping of str to array
        Rows of imports: ``commodity``, ``country`` (who imports), ``partner`` (who sells) and
        ``year`` as places in the code lists, ``quantity`` [t] and ``value`` [thousand USD].
    governance : array of float
        (country, year) political stability, -2.5 (worst) to 2.5 (best); NaN where not known.
    """

    commodities: tuple[str, ...]
    countries: tuple[str, ...]
    years: tuple[int, ...]
    production: Numbers
    trade: Mapping[str, NDArray[Any]]
    governance: Numbers


def supply_arrays(
    atlas: Atlas, source: str, stage: SupplyStage, years: tuple[int, ...]
) -> SupplyArrays:
    """Return the arrays of every mineral that a source gives in a mass, at one stage.

    Other countries in one sum (``ROW``) are left out; so is trade of customs codes that hold
    several minerals, or none of these.
    """
    data = atlas.production[source]
    wanted = (data.statistic == STAGE_STATISTICS[stage][0]) & np.isin(data.unit, ["t", "kg"])
    data = data.taken(np.flatnonzero(wanted & ~np.isin(data.region, [WORLD, REST_OF_WORLD.code])))
    commodities = tuple(sorted(set(data.commodity.tolist())))
    flows = _flows_of(atlas, commodities, stage, years)
    named = {*data.region.tolist(), *flows.region.tolist(), *flows.partner.tolist()}
    countries = tuple(sorted(named))
    place, column = _positions(commodities), _positions(countries)
    at_year = {year: at for at, year in enumerate(years)}
    trade: dict[str, NDArray[Any]] = {
        "commodity": _places(flows.commodity, place), "country": _places(flows.partner, column),
        "partner": _places(flows.region, column), "year": _places(flows.year, at_year),
        "quantity": flows.mass, "value": flows.value,
    }  # fmt: skip
    production = _cube(data, place, column, at_year)
    governance = _stability(atlas, countries, years)
    return SupplyArrays(commodities, countries, years, production, trade, governance)


def _flows_of(
    atlas: Atlas, commodities: tuple[str, ...], stage: SupplyStage, years: tuple[int, ...]
) -> TradeFlows:
    trade = atlas.trade
    chosen = np.isin(trade.commodity, commodities) & np.isin(trade.year, years)
    chosen &= trade.stages() == stage
    chosen &= (trade.region != REST_OF_WORLD.code) & (trade.partner != REST_OF_WORLD.code)
    return trade.taken(chosen)


def _stability(atlas: Atlas, countries: tuple[str, ...], years: tuple[int, ...]) -> Numbers:
    scores = [political_stability(atlas, year) for year in years]
    return np.array([[found.get(code, np.nan) for found in scores] for code in countries])


def _positions(codes: tuple[str, ...]) -> dict[str, int]:
    return {code: at for at, code in enumerate(codes)}


def _places(column: NDArray[Any], known: Mapping[Any, int]) -> NDArray[np.int64]:
    return np.array([known[cell] for cell in column.tolist()], dtype=np.int64)


def _cube(
    data: Observations,
    place: Mapping[str, int],
    column: Mapping[str, int],
    years: Mapping[int, int],
) -> Numbers:
    cube = np.full((len(place), len(column), len(years)), np.nan)
    for row in range(len(data)):
        at = years.get(int(data.year[row]))
        if at is None:
            continue
        cells = cube[place[data.commodity[row]], :, at]
        if np.isnan(cells).all():
            cells[:] = 0.0
        multiple = 1e-3 if data.unit[row] == "kg" else 1.0
        cells[column[data.region[row]]] += data.value[row] * multiple
    return cube
