"""Read a network folder: TOML heading, CSV files, every cell checked, every unit converted."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from monazite import units
from monazite.errors import NetworkError, TableError, UnknownCodeError
from monazite.labels import EVERYWHERE, Stage, canonical_region
from monazite.network import sheets
from monazite.network.lines import Folder, SheetLine, check_file_names, own_sources
from monazite.network.nouns import (
    BasePrice,
    Channel,
    Commodity,
    CoverClass,
    Form,
    FrozenMapping,
    Holder,
    HolderKind,
    NetworkTables,
    Process,
    Provenance,
    Quota,
    Route,
    Rung,
    Use,
    UseForm,
)
from monazite.reference.source import read_toml

MASS_TOLERANCE = 1e-3
"""Relative excess of mass in a recipe that rounded factors explain."""

RecipeRow = tuple[float, Provenance]


def read_folder(path: Path) -> NetworkTables:
    """Return the rows of a folder.

    Raises
    ------
    InputError
        At the first fault, in one line with file, row and way out.
    """
    reader = Reader(path)
    routes = tuple(reader.routes())
    return NetworkTables(
        **reader.heading,
        commodities=tuple(reader.commodities.values()),
        processes=tuple(reader.processes()),
        routes=routes,
        uses=tuple(reader.uses()),
        holders=tuple(reader.holders()),
        quotas=tuple(reader.quotas(routes)),
        base_prices=tuple(reader.base_prices()),
        sources=tuple(reader.folder.sources.values()),
    )


class Reader:
    """A folder whose heading and commodities have been read.

    Parameters
    ----------
    path : Path
        The folder.

    Raises
    ------
    InputError
        If network.toml, sources.toml or commodities.csv cannot be used.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise TableError(
                "there is no such folder", where=str(path), way_out="give a network folder"
            )
        check_file_names(path, sheets.SHEETS)
        self.heading = _read_heading(path)
        self.folder = Folder(path, own_sources(path), self.heading["base_year"])
        self.own_regions = frozenset(self.heading.get("own_regions", ()))
        self.quantity_unit: str = self.heading["quantity_unit"]
        self.price_unit: str = self.heading["price_unit"]
        self.commodities = self._unique_commodities()
        self._basis = {
            code: "".join(f" {basis}" for basis in units.parse(row.unit).bases[:1])
            for code, row in self.commodities.items()
        }
        self._places: dict[str, str] = {}

    def _unique_commodities(self) -> dict[str, Commodity]:
        found: dict[str, Commodity] = {}
        for row in self._commodities():
            if row.code in found:
                raise TableError(
                    f"commodity {row.code} is given twice, first at "
                    f"{found[row.code].provenance.where}",
                    where=row.provenance.where,
                    way_out="drop one of the two rows",
                )
            found[row.code] = row
        return found

    # -- cells --------------------------------------------------------------------------

    def commodity(self, line: SheetLine, *, wildcard: bool = False) -> str:
        """Return the commodity that a row names, or ``*`` if that is allowed.

        Raises
        ------
        UnknownCodeError
            If commodities.csv does not list it.
        """
        code = line.required("commodity")
        if code not in self.commodities and not (wildcard and code == EVERYWHERE):
            raise UnknownCodeError("commodity", code, self.commodities, where=line.where)
        return code

    def region(self, line: SheetLine, column: str = "region", *, wildcard: bool = False) -> str:
        """Return the region that a row names, or ``*`` if that is allowed.

        Raises
        ------
        UnknownCodeError
            If it is neither a region nor one of the network's own.
        """
        text = line.required(column)
        if wildcard and text == EVERYWHERE:
            return text
        code = self._places.get(text)
        if code is None:
            code = canonical_region(text, own=self.own_regions, where=line.where)
            self._places[text] = code
        return code

    def flow(self, line: SheetLine, column: str, commodity: str) -> float | None:
        """Return an amount per year in the commodity's own basis, or None where blank.

        Raises
        ------
        InputError
            If number or unit cannot be used.
        """
        target = f"{self.quantity_unit}{self._basis.get(commodity, '')}/yr"
        return line.amount(column, target, any_basis=commodity == EVERYWHERE)

    def price(self, line: SheetLine, column: str, commodity: str, unit_column: str) -> float | None:
        """Return a price or cost of a commodity, or None where blank; errors as of `flow`."""
        target = f"{self.price_unit}{self._basis.get(commodity, '')}"
        return line.amount(column, target, unit_column=unit_column)

    def slope(self, line: SheetLine, unit_column: str) -> float | None:
        """Return a quantity per year and unit of price; None where blank.

        The unit of the row holds for the quantity, the network's for the price unless the row
        states one.
        """
        value = line.number("slope")
        if value is None:
            return None
        factor = line.factor(f"{self.quantity_unit}/yr", any_basis=True)
        if line.text(unit_column):
            factor /= line.factor(self.price_unit, unit_column=unit_column, any_basis=True)
        return value * factor

    # -- files --------------------------------------------------------------------------

    def _commodities(self) -> Iterator[Commodity]:
        if not (self.folder.path / "commodities.csv").exists():
            raise TableError(
                "the file is missing",
                where=f"{self.folder.path.name}/commodities.csv",
                way_out="list the commodities there, one a row",
            )
        for line in self.folder.lines(sheets.COMMODITIES):
            line.factor(self.quantity_unit, any_basis=True)
            line.required("stage")
            yield Commodity(
                line.required("commodity"),
                line.text("name"),
                line.code("stage", Stage, Stage.OTHER),
                _read_elements(line),
                self.folder.provenance(line),
                line.text("unit"),
            )

    def base_prices(self) -> Iterator[BasePrice]:
        """Yield the rows of prices.csv."""
        for line in self.folder.lines(sheets.PRICES):
            commodity = self.commodity(line)
            region = self.region(line, wildcard=True)
            line.required("price")
            price = self.price(line, "price", commodity, "unit")
            yield BasePrice(commodity, region, price or 0.0, self.folder.provenance(line))

    def processes(self) -> Iterator[Process]:
        """Yield the rows of processes.csv with their recipes."""
        lines = list(self.folder.lines(sheets.PROCESSES))
        known = {(line.required("process"), self.region(line)) for line in lines}
        recipes = self._recipes(known)
        flow = f"{self.quantity_unit}/yr"
        for line in lines:
            name, region = line.required("process"), self.region(line)
            line.required("capacity")
            rows = _recipe_of(recipes, name, region)
            process = Process(
                name,
                region,
                FrozenMapping({code: amount for code, (amount, _) in rows.items()}),
                capacity=line.limit("capacity", flow) or 0.0,
                activity=line.amount("activity", flow, any_basis=True),
                unit_cost=line.amount(
                    "unit_cost", self.price_unit, unit_column="cost_unit", any_basis=True
                ),
                spread=line.number("spread"),
                stage=line.code("stage", Stage, Stage.OTHER),
                form=line.code("form", Form, Form.LOGISTIC),
                provenance=self.folder.provenance(line),
                slope=self.slope(line, "cost_unit"),
                recipe_provenance=tuple((code, row[1]) for code, row in rows.items()),
            )
            _check_whole_mass(process)
            yield process

    def _recipes(self, known: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, RecipeRow]]:
        recipes: dict[tuple[str, str], dict[str, RecipeRow]] = {}
        names = {name for name, _ in known}
        for line in self.folder.lines(sheets.RECIPES):
            name = line.required("process")
            if name not in names:
                raise UnknownCodeError("process", name, names, where=line.where)
            region = self.region(line, wildcard=True)
            if region != EVERYWHERE and (name, region) not in known:
                regions = {place for other, place in known if other == name}
                raise UnknownCodeError(
                    f"region of process {name}", region, regions, where=line.where
                )
            commodity = self.commodity(line)
            rows = recipes.setdefault((name, region), {})
            if commodity in rows:
                raise line.fault(
                    f"{commodity} of process {name} in {region} is given twice, first at "
                    f"{rows[commodity][1].where}",
                    "drop one of the two rows",
                )
            rows[commodity] = self._coefficient(line)
        return recipes

    def _coefficient(self, line: SheetLine) -> RecipeRow:
        line.required("coefficient")
        amount = line.amount("coefficient", "1", any_basis=True)
        if not amount:
            raise line.fault("coefficient is zero", "drop the row")
        return amount, self.folder.provenance(line)

    def routes(self) -> Iterator[Route]:
        """Yield the rows of routes.csv."""
        for line in self.folder.lines(sheets.ROUTES):
            commodity = self.commodity(line)
            yield Route(
                commodity,
                self.region(line, "origin"),
                self.region(line, "destination"),
                flow=self.flow(line, "flow", commodity),
                cost=self.price(line, "cost", commodity, "cost_unit"),
                expansion=_multiple(line, "expansion"),
                channel=line.code("channel", Channel, Channel.OFFICIAL),
                contract_share=line.number("contract_share") or 0.0,
                form=line.code("form", Form, Form.LOGISTIC),
                provenance=self.folder.provenance(line),
                slope=self.slope(line, "cost_unit"),
            )

    def uses(self) -> Iterator[Use]:
        """Yield the rows of uses.csv with their ladders and cover classes."""
        lines = list(self.folder.lines(sheets.USES))
        ladders = self._ladders()
        cover = _Cover(self, {line.required("use") for line in lines})
        for line in lines:
            name, region, commodity = line.required("use"), self.region(line), self.commodity(line)
            form = line.code("form", UseForm, UseForm.LADDER)
            if form is not UseForm.LINEAR:
                line.required("demand")
            yield Use(
                name,
                region,
                commodity,
                demand=self.flow(line, "demand", commodity) or 0.0,
                elasticity=line.number("elasticity"),
                rungs=_rungs_of(line, ladders),
                cover=cover.of(name, region, commodity),
                form=form,
                intercept=self.flow(line, "intercept", commodity),
                slope=self.slope(line, ""),
                provenance=self.folder.provenance(line),
            )

    def _ladders(self) -> dict[str, tuple[Rung, ...]]:
        ladders: dict[str, tuple[Rung, ...]] = {}
        for line in self.folder.lines(sheets.LADDERS):
            added = line.number("price_add")
            if added:
                added *= line.factor(self.price_unit, any_basis=True)
            spread = line.number("spread")
            rung = Rung(
                line.required_number("share"),
                line.required_number("price_multiple"),
                added or 0.0,
                Rung(0.0, 0.0).spread if spread is None else spread,
                self.folder.provenance(line),
            )
            name = line.required("ladder")
            ladders[name] = (*ladders.get(name, ()), rung)
        return ladders

    def holders(self) -> Iterator[Holder]:
        """Yield the rows of holders.csv."""
        for line in self.folder.lines(sheets.HOLDERS):
            commodity = self.commodity(line)
            line.required("stock")
            stock = line.amount("stock", f"{self.quantity_unit}{self._basis[commodity]}")
            yield Holder(
                commodity,
                self.region(line),
                stock or 0.0,
                line.code("kind", HolderKind, HolderKind.TRADE),
                self.folder.provenance(line),
            )

    def quotas(self, routes: tuple[Route, ...]) -> Iterator[Quota]:
        """Yield the quotas: rows of one name are one limit on all routes that they match."""
        found: dict[str, Quota] = {}
        for line in self.folder.lines(sheets.QUOTAS):
            quota = self._quota(line, routes)
            first = found.setdefault(quota.name, quota)
            if first.limit != quota.limit:
                raise line.fault(
                    f"quota {quota.name} has limit {quota.limit:g} here and {first.limit:g} at "
                    f"{first.provenance.where}",
                    "give every row of a quota the same limit",
                )
            found[quota.name] = replace(first, routes=tuple(sorted({*first.routes, *quota.routes})))
        yield from found.values()

    def _quota(self, line: SheetLine, routes: tuple[Route, ...]) -> Quota:
        commodity = self.commodity(line, wildcard=True)
        origin = self.region(line, "origin", wildcard=True)
        destination = self.region(line, "destination", wildcard=True)
        channel = line.text("channel") or EVERYWHERE
        if channel != EVERYWHERE:
            line.code("channel", Channel, Channel.OFFICIAL)
        wanted = (commodity, origin, destination, channel)
        matched = tuple(i for i, route in enumerate(routes) if _matches(route, wanted))
        if not matched:
            raise NetworkError(
                f"quota {line.required('quota')} limits no route",
                where=line.where,
                way_out="name a route of routes.csv, or drop the quota",
            )
        line.required("limit")
        limit = self.flow(line, "limit", commodity)
        return Quota(line.required("quota"), matched, limit or 0.0, self.folder.provenance(line))


class _Cover:
    """Cover classes by use and region, with their defaults."""

    def __init__(self, reader: Reader, uses: set[str]) -> None:
        self._classes: dict[tuple[str, str, str], tuple[CoverClass, ...]] = {}
        for line in reader.folder.lines(sheets.COVER):
            use = line.required("use")
            if use not in uses:
                raise UnknownCodeError("use", use, uses, where=line.where)
            named = line.text("commodity") not in ("", EVERYWHERE)
            commodity = reader.commodity(line) if named else EVERYWHERE
            key = (use, reader.region(line, wildcard=True), commodity)
            line.required("months")
            part = CoverClass(
                line.required("cover_class"),
                line.required_number("share"),
                line.amount("months", "months") or 0.0,
                reader.folder.provenance(line),
            )
            self._classes[key] = (*self._classes.get(key, ()), part)

    def of(self, use: str, region: str, commodity: str) -> tuple[CoverClass, ...]:
        """Return the classes of a use: its own, or the nearest default."""
        for key in (
            (use, region, commodity),
            (use, region, EVERYWHERE),
            (use, EVERYWHERE, commodity),
            (use, EVERYWHERE, EVERYWHERE),
        ):
            if key in self._classes:
                return self._classes[key]
        return ()


# -- parts ----------------------------------------------------------------------------------


def _read_heading(path: Path) -> dict[str, Any]:
    where = f"{path.name}/{sheets.NETWORK_FILE}"
    heading = read_toml(path / sheets.NETWORK_FILE, name=where)
    for key in heading:
        if key not in sheets.NETWORK_KEYS:
            raise UnknownCodeError("key", key, sheets.NETWORK_KEYS, where=where)
    for key in ("name", "base_year", "quantity_unit", "price_unit"):
        if key not in heading:
            raise TableError(f"'{key}' is missing", where=where, way_out=f"add {key} = ...")
    for key, value in heading.items():
        _check_heading_type(key, value, where)
    for key in ("quantity_unit", "price_unit"):
        units.parse(heading[key], where=f"{where}, {key}")
    return heading


def _check_heading_type(key: str, value: object, where: str) -> None:
    if key == "base_year":
        fits, kind = isinstance(value, int) and not isinstance(value, bool), "a year such as 2024"
    elif key == "own_regions":
        fits = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
        kind = 'a list such as ["north", "south"]'
    else:
        fits, kind = isinstance(value, str), "text in quotes"
    if not fits:
        raise TableError(f"'{key}' is not {kind}", where=where, way_out=f"write {kind}")


def _read_elements(line: SheetLine) -> Mapping[str, float]:
    elements: dict[str, float] = {}
    for part in line.text("elements").split(";"):
        if not part.strip():
            continue
        element, separator, content = (text.strip() for text in part.partition(":"))
        try:
            elements[element] = float(content)
        except ValueError:
            separator = ""
        if not separator or not element:
            raise line.fault(f"elements '{part.strip()}' has no content", "write Nd:0.65;Pr:0.21")
    return elements


def _multiple(line: SheetLine, column: str) -> float | None:
    return float("inf") if line.text(column) == "unlimited" else line.number(column)


def _rungs_of(line: SheetLine, ladders: Mapping[str, tuple[Rung, ...]]) -> tuple[Rung, ...]:
    name = line.text("ladder")
    if not name:
        return ()
    if name not in ladders:
        raise UnknownCodeError("ladder", name, ladders, where=line.where)
    return ladders[name]


def _recipe_of(
    recipes: Mapping[tuple[str, str], dict[str, RecipeRow]], name: str, region: str
) -> dict[str, RecipeRow]:
    """Join the rows of every region and the region's own, which take their place."""
    return {**recipes.get((name, EVERYWHERE), {}), **recipes.get((name, region), {})}


def _matches(route: Route, wanted: tuple[str, str, str, str]) -> bool:
    actual = (route.commodity, route.origin, route.destination, route.channel)
    return all(want in (EVERYWHERE, is_) for want, is_ in zip(wanted, actual, strict=True))


def _check_whole_mass(process: Process) -> None:
    """Raise if a recipe with inputs gains mass and no row says that something is added."""
    fed = -sum(amount for amount in process.recipe.values() if amount < 0)
    made = sum(amount for amount in process.recipe.values() if amount > 0)
    notes = [process.provenance.note, *(row.note for _, row in process.recipe_provenance)]
    if 0 < fed * (1 + MASS_TOLERANCE) < made and not any(notes):
        raise NetworkError(
            f"process '{process.name}' in {process.region} makes {made:.6g} t from {fed:.6g} t",
            where=process.provenance.where,
            way_out="correct recipes.csv, or say in a 'note' there what is added from outside",
        )
