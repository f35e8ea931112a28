"""Tables that a programme on a network of one's own brings along.

What can be built; what is shared, taxed and limited; what changes over the years; what nobody
knows. All are CSV as in a network folder: blank is not zero, and what cannot be is refused with
file and row. Quantities and prices are in the network's units, what building costs is in the
programme's money.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from monazite.errors import InputError, TableError, UnknownCodeError
from monazite.network import Process, Route, Use
from monazite.plan.model import BuildCandidate, Segment
from monazite.reference.table import read_records

UNLIMITED = "unlimited"
_WAY_OUT = "docs/how-to/own-sector.md shows the columns"


@dataclass(frozen=True, slots=True)
class SharedUnit:
    """A productive unit that several processes share.

    ``capacity`` : throughput it has at the start [a year]. ``takes`` : what a unit of each
    process takes of it, by name of the process.
    """

    name: str
    region: str
    capacity: float
    takes: Mapping[str, float]
    stage: str = "other"
    where: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Which rows of a network something is about: codes or patterns.

    ``kind`` : ``process``, ``route``, ``use``, ``capacity``, ``limit`` or ``candidate``. ``name`` :
    of it, but for routes. ``where`` : file and row.
    """

    kind: str
    name: str = "*"
    region: str = "*"
    commodity: str = "*"
    origin: str = "*"
    destination: str = "*"
    where: str = ""

    def names_process(self, process: Process) -> bool:
        """Return whether it is about a process."""
        return self.kind == "process" and self.fits(process.name, process.region)

    def names_route(self, route: Route) -> bool:
        """Return whether it is about a route."""
        return (
            self.kind == "route"
            and fnmatchcase(route.commodity, self.commodity)
            and fnmatchcase(route.origin, self.origin)
            and fnmatchcase(route.destination, self.destination)
        )

    def names_use(self, use: Use) -> bool:
        """Return whether it is about a use."""
        return (
            self.kind == "use"
            and self.fits(use.name, use.region)
            and fnmatchcase(use.commodity, self.commodity)
        )

    def fits(self, name: str, region: str) -> bool:
        """Return whether name and region fit."""
        return fnmatchcase(name, self.name) and fnmatchcase(region, self.region)


@dataclass(frozen=True, slots=True)
class Duty:
    """A tariff on routes: ``rate`` of the price at the origin, and ``amount`` a unit."""

    spot: Spot
    rate: float = 0.0
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Resource:
    """A limit on what processes or routes do together, or on what is built.

    ``takes`` : what a unit of each takes of it; negative is allowed. ``largest``, ``smallest`` :
    a year; of what is built, over the years. ``growth`` : of the limit [1/year]. ``is_total`` :
    the limit is over all steps together. ``first``, ``last`` : years in which it holds.
    """

    name: str
    takes: tuple[tuple[Spot, float], ...]
    largest: float = math.inf
    smallest: float = -math.inf
    growth: float = 0.0
    is_total: bool = False
    first: int = 0
    last: int = 9999
    where: str = ""

    @property
    def is_on_building(self) -> bool:
        """Whether it limits what is built."""
        return self.takes[0][0].kind == "candidate"

    def of_process(self, process: Process) -> float:
        """Return what a unit of a process takes of it."""
        return sum(amount for spot, amount in self.takes if spot.names_process(process))

    def of_route(self, route: Route) -> float:
        """Return what a unit on a route takes of it."""
        return sum(amount for spot, amount in self.takes if spot.names_route(route))


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that holds from a year on, until another one does.

    ``what`` : ``cost`` of a process or route, ``capacity``, ``demand``, ``worth`` of a use or
    ``limit``. ``spot`` : whose. ``year`` : from which on. ``value`` : the figure, in the unit that
    it has in its own file.
    """

    what: str
    spot: Spot
    year: int
    value: float


@dataclass(frozen=True, slots=True)
class ChanceRow:
    """What an outcome of something unknown multiplies, from the year ``first`` on.

    ``chance``, ``outcome`` : names. ``probability`` : of the outcome. ``spot`` : what it touches.
    ``factor`` : on it.
    """

    chance: str
    outcome: str
    probability: float
    spot: Spot
    factor: float
    first: int = 0


@dataclass(frozen=True, slots=True)
class SectorTables:
    """Shared units, duties, limits, changes over the years, and chances."""

    units: tuple[SharedUnit, ...] = ()
    duties: tuple[Duty, ...] = ()
    resources: tuple[Resource, ...] = ()
    changes: tuple[Change, ...] = ()
    chances: tuple[ChanceRow, ...] = ()

    def units_of(self, process: Process) -> dict[str, float]:
        """Return what a process takes of each shared unit of its region."""
        return {
            unit.name: unit.takes[process.name]
            for unit in self.units
            if unit.region == process.region and process.name in unit.takes
        }


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as text, with its place."""

    cells: Mapping[str, str]
    where: str

    def text(self, column: str, default: str = "") -> str:
        return self.cells.get(column, "") or default

    def required(self, column: str) -> str:
        text = self.text(column)
        if not text:
            raise TableError(f"'{column}' is blank", where=self.where, way_out=_WAY_OUT)
        return text

    def number(self, column: str, default: float | None = None, *, least: float = 0.0) -> float:
        text = self.text(column)
        if not text and default is not None:
            return default
        if text == UNLIMITED:
            return math.inf
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isnan(value) or value < least:
            raise TableError(
                f"'{column}' is '{text}', not a number of at least {least:g}",
                where=self.where,
                way_out=_WAY_OUT,
            )
        return value

    def names(self, column: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(column).split(";") if part.strip())

    def numbers(self, column: str, default: tuple[float, ...]) -> tuple[float, ...]:
        parts = self.names(column)
        try:
            values = tuple(math.inf if part == UNLIMITED else float(part) for part in parts)
        except ValueError:
            values = (math.nan,)
        if any(math.isnan(value) or value < 0 for value in values):
            raise TableError(
                f"'{column}' is '{self.text(column)}', not numbers of at least 0 joined by ';'",
                where=self.where,
                way_out=_WAY_OUT,
            )
        return values or default

    def whole(self, column: str, default: int | None = None, *, least: int = 0) -> int:
        value = self.number(column, None if default is None else float(default), least=least)
        if not value.is_integer():
            raise TableError(
                f"'{column}' is '{self.text(column)}', not a whole number",
                where=self.where,
                way_out=_WAY_OUT,
            )
        return int(value)

    def choice(self, column: str, known: Iterable[str]) -> str:
        text, choices = self.required(column), tuple(known)
        if text not in choices:
            raise UnknownCodeError(column, text, choices, where=self.where)
        return text


def read_candidates(path: Path) -> tuple[BuildCandidate, ...]:
    """Read candidates on a network of one's own.

    Parameters
    ----------
    path : Path
        CSV with the columns ``candidate, adds`` and, where wanted, ``size, capital,
        unit_capital, smallest, largest, upkeep, earliest, latest, build, ramp, life, success,
        delay, partner, after, needs, group, group_over, times, stage, region``. ``adds`` names a
        capacity (``process in region``, or a shared unit) or several joined by ``;``; ``size`` is
        what it adds to each [a year]. With ``largest`` the size is a choice: ``size`` is then
        what one unit of it adds (1 if left out), and ``unit_capital`` its price. Several figures
        joined by ``;`` in both are parts of the size whose price rises. ``group_over`` is
        ``horizon`` (one of the group at all) or ``year`` (one a year).

    Raises
    ------
    TableError
        If the file cannot be read, or a row is incomplete or says what cannot be; names the row.
    UnknownCodeError
        If ``needs`` or ``after`` names a candidate that the file has not.
    """
    lines = _lines(path, _CANDIDATE_COLUMNS)
    candidates = tuple(_candidate(line) for line in lines)
    known = [row.name for row in candidates]
    for row, line in zip(candidates, lines, strict=True):
        if known.count(row.name) > 1:
            raise TableError(f"candidate {row.name} is given twice", where=line.where)
        for name in (*row.needs, *row.after):
            if name not in known:
                raise UnknownCodeError("candidate", name, known, where=line.where)
    return candidates


_CANDIDATE_COLUMNS = frozenset(
    "candidate adds size capital unit_capital smallest largest upkeep earliest latest build ramp "
    "life success delay partner after needs group group_over times stage region source grade "
    "note".split()
)


def _candidate(line: _Line) -> BuildCandidate:
    largest = line.numbers("largest", ())
    prices = line.numbers("unit_capital", (0.0,))
    if largest and len(prices) != len(largest):
        raise TableError(
            f"{len(largest)} sizes in 'largest' and {len(prices)} prices in 'unit_capital'",
            where=line.where,
            way_out="give one price for each part of the size",
        )
    parts = tuple(Segment(size, price) for size, price in zip(largest, prices, strict=False))
    delay = line.numbers("delay", (0.0, 0.0, 0.0))
    if len(delay) != 3:
        raise TableError("delay needs three numbers: lowest;likeliest;highest", where=line.where)
    try:
        return BuildCandidate(
            name=line.required("candidate"),
            adds=_adds(line),
            capital=line.number("capital", 0.0),
            unit_capital=prices[0],
            smallest=line.number("smallest", 0.0 if largest else 1.0),
            largest=sum(largest) if largest else 1.0,
            segments=parts if len(parts) > 1 else (),
            upkeep=line.number("upkeep", 0.0),
            earliest=line.whole("earliest", 0),
            latest=line.whole("latest", 9999),
            build=line.whole("build", 0),
            ramp=line.numbers("ramp", (1.0,)),
            life=line.number("life", 20.0, least=1e-9),
            success=line.number("success", 1.0),
            delay=(delay[0], delay[1], delay[2]),
            partner=line.text("partner"),
            after=line.names("after"),
            needs=line.names("needs"),
            group=line.text("group"),
            once_a_year=line.text("group_over") == "year",
            times=line.whole("times", 1, least=1),
            stage=line.text("stage", "other"),
            region=line.text("region"),
        )
    except InputError as fault:
        if fault.where.startswith(str(line.where)):
            raise
        raise TableError(
            f"{fault.where}: {fault.message}", where=line.where, way_out=_WAY_OUT
        ) from fault


def _adds(line: _Line) -> dict[str, float]:
    if line.text("group_over"):
        line.choice("group_over", ("horizon", "year"))
    names = line.names("adds") or (line.required("adds"),)
    sizes = line.numbers("size", (1.0,))
    if len(sizes) == 1:
        sizes = sizes * len(names)
    if len(sizes) != len(names) or min(sizes) <= 0:
        raise TableError(
            f"{len(names)} capacities and {len(sizes)} sizes, or a size that is not positive",
            where=line.where,
            way_out="give one positive size for each, or one for all",
        )
    return dict(zip(names, sizes, strict=True))


def read_sector_tables(folder: Path) -> SectorTables:
    """Read what a folder says beside its network, as far as it says it.

    ``units.csv``: ``unit, region, capacity, process, takes`` (a row for each process that shares
    it). ``duties.csv``: ``commodity, origin, destination, rate, amount``. ``limits.csv``:
    ``limit, largest, smallest, growth, over, first, last`` and, of what it limits, ``process,
    region`` or ``commodity, origin, destination`` or ``candidate``, and ``takes`` (rows of one
    name are one limit). ``years.csv``: ``what, name, region, commodity, origin, destination,
    year, value``. ``chances.csv``: ``chance, outcome, probability, what, name, region,
    commodity, origin, destination, factor, first``. docs/how-to/own-sector.md explains each.

    Raises
    ------
    TableError
        If a file cannot be read, or a row is incomplete or says what cannot be; names the row.
    """
    return SectorTables(
        units=_units(folder / "units.csv"),
        duties=tuple(_duty(line) for line in _found(folder / "duties.csv", _DUTY_COLUMNS)),
        resources=_resources(folder / "limits.csv"),
        changes=tuple(_change(line) for line in _found(folder / "years.csv", _YEAR_COLUMNS)),
        chances=tuple(_chance(line) for line in _found(folder / "chances.csv", _CHANCE_COLUMNS)),
    )


_CITED = "source grade note"
_PLACE = "region commodity origin destination"
_UNIT_COLUMNS = frozenset(f"unit region capacity process takes stage {_CITED}".split())
_DUTY_COLUMNS = frozenset(f"commodity origin destination rate amount {_CITED}".split())
_LIMIT_COLUMNS = frozenset(
    f"limit largest smallest growth over first last process candidate takes {_PLACE} "
    f"{_CITED}".split()
)
_YEAR_COLUMNS = frozenset(f"what name {_PLACE} year value {_CITED}".split())
_CHANCE_COLUMNS = frozenset(
    f"chance outcome probability what name {_PLACE} factor first {_CITED}".split()
)
_KINDS = {
    "process-cost": ("cost", "process"),
    "route-cost": ("cost", "route"),
    "capacity": ("capacity", "capacity"),
    "demand": ("demand", "use"),
    "worth": ("worth", "use"),
    "limit": ("limit", "limit"),
}


def _spot(line: _Line, kind: str, name: str) -> Spot:
    return Spot(
        kind,
        name,
        line.text("region", "*"),
        line.text("commodity", "*"),
        line.text("origin", "*"),
        line.text("destination", "*"),
        line.where,
    )


def _units(path: Path) -> tuple[SharedUnit, ...]:
    found: dict[tuple[str, str], SharedUnit] = {}
    for line in _found(path, _UNIT_COLUMNS):
        name, region = line.required("unit"), line.required("region")
        takes = {line.required("process"): line.number("takes", 1.0)}
        before = found.get((name, region))
        if before is None:
            capacity, stage = line.number("capacity"), line.text("stage", "other")
            before = SharedUnit(f"{name} in {region}", region, capacity, {}, stage, line.where)
        elif line.text("capacity") and line.number("capacity") != before.capacity:
            raise TableError(
                f"{before.name} has another capacity in {before.where}",
                where=line.where,
                way_out="give it once, or the same",
            )
        found[name, region] = replace(before, takes={**before.takes, **takes})
    return tuple(found.values())


def _duty(line: _Line) -> Duty:
    return Duty(
        _spot(line, "route", "*"),
        line.number("rate", 0.0),
        line.number("amount", 0.0, least=-math.inf),
    )


def _resources(path: Path) -> tuple[Resource, ...]:
    found: dict[str, Resource] = {}
    for line in _found(path, _LIMIT_COLUMNS):
        row = _resource(line)
        before = found.get(row.name)
        found[row.name] = row if before is None else _joined(before, row)
    for row in found.values():
        if math.isinf(row.largest) and math.isinf(row.smallest):
            raise TableError(f"limit {row.name} has no figure", where=row.where, way_out=_WAY_OUT)
    return tuple(found.values())


def _resource(line: _Line) -> Resource:
    kinds = {"process": line.text("process"), "candidate": line.text("candidate")}
    kinds["route"] = line.text("commodity")
    given = [(kind, name) for kind, name in kinds.items() if name]
    if len(given) != 1:
        raise TableError(
            "a limit row names one of process, commodity and candidate",
            where=line.where,
            way_out=_WAY_OUT,
        )
    over = line.text("over", "year")
    if over not in ("year", "horizon"):
        raise UnknownCodeError("over", over, ("year", "horizon"), where=line.where)
    least = -math.inf
    row = Resource(
        name=line.required("limit"),
        takes=((_spot(line, *given[0]), line.number("takes", 1.0, least=least)),),
        largest=line.number("largest", math.inf, least=least),
        smallest=line.number("smallest", -math.inf, least=least),
        growth=line.number("growth", 0.0, least=-1.0),
        is_total=over == "horizon",
        first=line.whole("first", 0),
        last=line.whole("last", 9999),
        where=line.where,
    )
    if row.is_total and (row.growth or row.smallest > -math.inf or row.first or row.last < 9999):
        raise TableError(
            "a limit over the horizon has a largest and nothing else",
            where=line.where,
            way_out="leave growth, smallest, first and last blank",
        )
    return row


def _joined(before: Resource, row: Resource) -> Resource:
    """Add what a further row of a limit says; its figures stand in the first one."""
    figures = (row.largest, row.smallest, row.growth, row.is_total, row.first, row.last)
    blank = (math.inf, -math.inf, 0.0, False, 0, 9999)
    same = (before.largest, before.smallest, before.growth, before.is_total, before.first,
            before.last)  # fmt: skip
    if figures not in (blank, same):
        raise TableError(
            f"limit {row.name} has other figures in {before.where}",
            where=row.where,
            way_out="give them once, or the same",
        )
    if (row.takes[0][0].kind == "candidate") != before.is_on_building:
        raise TableError(f"limit {row.name} is on building and on running at once", where=row.where)
    return replace(before, takes=before.takes + row.takes)


def _change(line: _Line) -> Change:
    what, kind = _KINDS[line.choice("what", _KINDS)]
    name = line.text("name", "*") if kind == "route" else line.required("name")
    value = line.number("value", least=-math.inf if what in ("cost", "limit") else 0.0)
    return Change(what, _spot(line, kind, name), line.whole("year"), value)


def _chance(line: _Line) -> ChanceRow:
    kind = line.choice("what", ("demand", "capacity", "route", "limit"))
    name = line.text("name", "*") if kind == "route" else line.required("name")
    return ChanceRow(
        line.required("chance"),
        line.required("outcome"),
        line.number("probability"),
        _spot(line, "use" if kind == "demand" else kind, name),
        line.number("factor"),
        line.whole("first", 0),
    )


def _found(path: Path, columns: frozenset[str]) -> tuple[_Line, ...]:
    return _lines(path, columns) if path.is_file() else ()


def _lines(path: Path, columns: frozenset[str]) -> tuple[_Line, ...]:
    records = read_records(path, str(path.with_suffix("")))
    for name in records[0].cells:
        if name not in columns:
            raise UnknownCodeError("column", name, columns, where=str(path))
    return tuple(_Line(record.cells, str(record.ref)) for record in records)
