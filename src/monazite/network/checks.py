"""What must hold before rows are a network. Each fault is one line that says the way out."""

import math
from collections.abc import Hashable, Iterable, Sequence

from monazite import units
from monazite.errors import NetworkError, TableError, UnknownCodeError
from monazite.labels import EVERYWHERE, REGIONS, Stage
from monazite.network.gains import check_mass
from monazite.network.nouns import (
    BasePrice,
    Commodity,
    Form,
    Holder,
    NetworkTables,
    Process,
    Quota,
    Route,
    Rung,
    Use,
    UseForm,
)

SHARE_TOLERANCE = 1e-6
"""How far shares that add up to 1 may be off."""

Row = Commodity | BasePrice | Process | Route | Use | Holder | Quota


def check(tables: NetworkTables) -> None:
    """Raise at the first fault; see :class:`monazite.network.SupplyNetwork`."""
    _check_heading(tables)
    codes = _Codes(tables)
    _check_keys(tables)
    for commodity in tables.commodities:
        _check_commodity(commodity)
    for price in tables.base_prices:
        _check_base_price(price, codes)
    for process in tables.processes:
        _check_process(process, codes)
    for route in tables.routes:
        _check_route(route, codes)
    for use in tables.uses:
        _check_use(use, codes)
    for holder in tables.holders:
        codes.check(holder, holder.commodity, holder.region)
        _number(holder, "stock", holder.stock, least=0.0)
    for quota in tables.quotas:
        _check_quota(quota, len(tables.routes))
    _check_supply(tables)
    check_mass(tables)


def place(row: Row) -> str:
    """Say where a row stands: file and line, or what it is."""
    return row.provenance.where or _title(row)


def _title(row: Row) -> str:
    match row:
        case Route():
            return f"route {row.commodity} {row.origin}->{row.destination}"
        case Process() | Use():
            return f"{type(row).__name__.lower()} {row.name} in {row.region}"
        case Commodity():
            return f"commodity {row.code}"
        case Quota():
            return f"quota {row.name}"
    return (
        f"{'price' if isinstance(row, BasePrice) else 'holder'} of {row.commodity} in {row.region}"
    )


class _Codes:
    """What rows may name."""

    def __init__(self, tables: NetworkTables) -> None:
        self.commodities = frozenset(commodity.code for commodity in tables.commodities)
        self.regions = _known_regions(tables)

    def check(self, row: Row, commodity: str, *regions: str) -> None:
        if commodity not in self.commodities:
            raise UnknownCodeError("commodity", commodity, self.commodities, where=place(row))
        for region in regions:
            self.check_region(row, region)

    def check_region(self, row: Row, region: str) -> None:
        if self.regions is None:
            if not region or region == EVERYWHERE:
                raise TableError("the region is blank", where=place(row), way_out="name one")
        elif region not in self.regions:
            raise UnknownCodeError("region", region, self.regions, where=place(row))


def _known_regions(tables: NetworkTables) -> frozenset[str] | None:
    """Return the codes allowed; None for a textbook network that makes up its own."""
    if tables.own_regions:
        return frozenset(REGIONS) | frozenset(tables.own_regions)
    named = tables.named_regions()
    return frozenset(REGIONS) if named & REGIONS.keys() else None


def _check_heading(tables: NetworkTables) -> None:
    where = tables.name or "network"
    if not tables.name.strip():
        raise TableError("the network has no name", where=where, way_out="give it one")
    if not 1000 <= tables.base_year <= 9999:
        raise TableError(
            f"base_year {tables.base_year} is no year", where=where, way_out="write it as 2024"
        )
    units.parse(tables.quantity_unit, where=f"{where}, quantity_unit")
    units.parse(tables.price_unit, where=f"{where}, price_unit")


def _check_keys(tables: NetworkTables) -> None:
    _unique(tables.commodities, [row.code for row in tables.commodities])
    _unique(tables.base_prices, [(row.commodity, row.region) for row in tables.base_prices])
    _unique(tables.processes, [(row.name, row.region) for row in tables.processes])
    _unique(
        tables.routes,
        [(row.commodity, row.origin, row.destination, row.channel) for row in tables.routes],
    )
    _unique(tables.uses, [(row.name, row.region, row.commodity) for row in tables.uses])
    _unique(tables.holders, [(row.commodity, row.region, row.kind) for row in tables.holders])
    _unique(tables.quotas, [row.name for row in tables.quotas])


def _unique(rows: Iterable[Row], keys: Sequence[Hashable]) -> None:
    if len(set(keys)) == len(keys):
        return
    seen: dict[Hashable, Row] = {}
    for row, key in zip(rows, keys, strict=True):
        if key in seen:
            raise TableError(
                f"{_title(row)} is given twice, first at {place(seen[key])}",
                where=place(row),
                way_out="drop one of the two rows, or add them up",
            )
        seen[key] = row


def _number(
    row: Row,
    field: str,
    value: float,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    unlimited: bool = False,
) -> None:
    if least <= value <= most and (unlimited or math.isfinite(value)):
        return
    if not math.isfinite(value) and not (unlimited and value > 0):
        raise TableError(
            f"{_title(row)}: {field} is {value}, not a finite number",
            where=place(row),
            way_out="give a number; leave what is unknown and optional out",
        )
    fault = "is negative" if least == 0 and value < 0 else f"is not between {least:g} and {most:g}"
    raise TableError(
        f"{_title(row)}: {field} {value:g} {fault}", where=place(row), way_out="correct it"
    )


def _optional(row: Row, field: str, value: float | None, *, least: float = -math.inf) -> None:
    if value is not None:
        _number(row, field, value, least=least)


def _positive(row: Row, field: str, value: float | None, *, unlimited: bool = False) -> None:
    if value is None:
        return
    _number(row, field, value, least=0.0, unlimited=unlimited)
    if value == 0:
        raise TableError(
            f"{_title(row)}: {field} is zero",
            where=place(row),
            way_out=f"give a positive {field}, or leave it out",
        )


def _check_stage(row: Commodity | Process) -> None:
    if row.stage not in frozenset(Stage):
        raise UnknownCodeError("stage", row.stage, Stage, where=place(row))


def _check_commodity(commodity: Commodity) -> None:
    if not commodity.code.strip():
        raise TableError("a commodity has no code", where=place(commodity), way_out="give it one")
    _check_stage(commodity)
    for element, content in commodity.elements.items():
        _number(commodity, f"content of {element}", content, least=0.0, most=1.0)
    total = sum(commodity.elements.values())
    if total > 1 + SHARE_TOLERANCE:
        raise TableError(
            f"{_title(commodity)} contains {total:g} t of elements per t",
            where=place(commodity),
            way_out="lower the contents: they add up to at most 1",
        )


def _check_base_price(price: BasePrice, codes: _Codes) -> None:
    regions = () if price.region == EVERYWHERE else (price.region,)
    codes.check(price, price.commodity, *regions)
    _positive(price, "base price", price.price)


def _check_process(process: Process, codes: _Codes) -> None:
    codes.check_region(process, process.region)
    _check_stage(process)
    if not process.recipe:
        raise NetworkError(
            f"{_title(process)} has no recipe",
            where=place(process),
            way_out="say what it makes in recipes.csv",
        )
    for commodity, amount in process.recipe.items():
        codes.check(process, commodity)
        _number(process, f"coefficient of {commodity}", amount)
    if not any(amount > 0 for amount in process.recipe.values()):
        raise NetworkError(
            f"{_title(process)} makes nothing",
            where=place(process),
            way_out="give at least one output a positive coefficient in recipes.csv",
        )
    _number(process, "capacity", process.capacity, least=0.0, unlimited=True)
    _optional(process, "activity", process.activity, least=0.0)
    if process.activity is not None and process.activity > process.capacity * (1 + 1e-9):
        raise NetworkError(
            f"{_title(process)}: activity {process.activity:g} exceeds capacity "
            f"{process.capacity:g}",
            where=place(process),
            way_out="raise the capacity or lower the activity",
        )
    _optional(process, "unit_cost", process.unit_cost)
    _positive(process, "spread", process.spread)
    _check_slope(process)


def _check_slope(row: Process | Route) -> None:
    _positive(row, "slope", row.slope)
    if row.slope is not None and row.form is not Form.QUADRATIC:
        raise TableError(
            f"{_title(row)} has a slope but is {row.form}",
            where=place(row),
            way_out="write form quadratic, or leave the slope out",
        )
    if row.form is Form.QUADRATIC and row.slope is None:
        raise TableError(
            f"{_title(row)} is quadratic and has no slope",
            where=place(row),
            way_out="give the slope in quantity a year per unit of price",
        )


def _check_route(route: Route, codes: _Codes) -> None:
    codes.check(route, route.commodity, route.origin, route.destination)
    if route.origin == route.destination:
        raise NetworkError(
            f"{_title(route)} leads to its own origin",
            where=place(route),
            way_out="drop the row: goods used where they are made need no route",
        )
    _optional(route, "flow", route.flow, least=0.0)
    _optional(route, "cost", route.cost)
    _positive(route, "expansion", route.expansion, unlimited=True)
    if route.form is Form.LOGISTIC and route.expansion == math.inf:
        raise TableError(
            f"{_title(route)} is logistic with unlimited expansion",
            where=place(route),
            way_out="give a number, leave it out for the default, or make the route exact",
        )
    _number(route, "contract_share", route.contract_share, least=0.0, most=1.0)
    _check_slope(route)


def _check_use(use: Use, codes: _Codes) -> None:
    codes.check(use, use.commodity, use.region)
    _number(use, "demand", use.demand, least=0.0)
    _positive(use, "elasticity", use.elasticity)
    _optional(use, "intercept", use.intercept)
    _optional(use, "slope", use.slope, least=0.0)
    if use.form is UseForm.LINEAR and (use.intercept is None or use.slope is None):
        raise TableError(
            f"{_title(use)} is linear and lacks intercept or slope",
            where=place(use),
            way_out="give both: quantity = intercept - slope * price",
        )
    for rung in use.rungs:
        _check_rung(use, rung)
    total = sum(rung.share for rung in use.rungs)
    if total > 1 + SHARE_TOLERANCE:
        raise NetworkError(
            f"{_title(use)}: the shares of its ladder add up to {total:g}",
            where=use.rungs[-1].provenance.where or place(use),
            way_out="lower them to 1 or less; what is left over is the isoelastic rest",
        )
    if use.cover:
        _check_cover(use)


def _check_rung(use: Use, rung: Rung) -> None:
    _number(use, "share of a rung", rung.share, least=0.0, most=1.0)
    _number(use, "price_multiple of a rung", rung.price_multiple, least=0.0)
    _number(use, "price_add of a rung", rung.price_add)
    _number(use, "spread of a rung", rung.spread, least=0.0)


def _check_cover(use: Use) -> None:
    for part in use.cover:
        _number(use, f"cover share of {part.name}", part.share, least=0.0, most=1.0)
        _number(use, f"months of cover of {part.name}", part.months, least=0.0)
    _check_cover_names(use, [part.name for part in use.cover])
    total = sum(part.share for part in use.cover)
    if abs(total - 1) > SHARE_TOLERANCE:
        raise NetworkError(
            f"{_title(use)}: the shares of its cover classes add up to {total:g}",
            where=use.cover[-1].provenance.where or place(use),
            way_out="make them add up to 1",
        )


def _check_cover_names(use: Use, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise TableError(
            f"{_title(use)} has a cover class twice",
            where=use.cover[-1].provenance.where or place(use),
            way_out="drop one of the two rows",
        )


def _check_quota(quota: Quota, routes: int) -> None:
    _number(quota, "limit", quota.limit, least=0.0)
    if not quota.routes:
        raise NetworkError(
            f"{_title(quota)} limits no route",
            where=place(quota),
            way_out="name a route that the network has, or drop the quota",
        )
    for route in quota.routes:
        if not 0 <= route < routes:
            raise NetworkError(
                f"{_title(quota)} names route {route}, and there are {routes}",
                where=place(quota),
                way_out="give positions in the list of routes, from 0",
            )


def _check_supply(tables: NetworkTables) -> None:
    from_nothing = any(
        process.capacity > 0 and all(amount > 0 for amount in process.recipe.values())
        for process in tables.processes
    )
    if from_nothing or any(holder.stock > 0 for holder in tables.holders):
        return
    raise NetworkError(
        "nothing supplies the network: no mine or other process without inputs has capacity, "
        "and nobody holds a stock",
        where=tables.name,
        way_out="add a process whose recipe has outputs only",
    )
