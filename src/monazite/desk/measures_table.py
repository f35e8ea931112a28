"""Tables of measures as Global Trade Alert and the OECD give them, read into events.

Each row becomes a page of its own, so that an event rests on the cells of its row.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from monazite.desk import shipped
from monazite.desk.dates import read_date
from monazite.desk.feeds.items import DATE, Refuse, is_web, stop
from monazite.desk.gazetteer import Kind, commodities, find, folded
from monazite.desk.schema import (
    EVERYBODY,
    INSTRUMENTS,
    Direction,
    Event,
    Evidence,
    Line,
    Page,
    Role,
    Zone,
)
from monazite.errors import InputError, TableError
from monazite.labels import canonical_region

LARGEST_TABLE = 64 * 2**20
"""Bytes of the largest table that is read."""

_NEEDED = (("actor",), ("type",), ("hs", "commodity"), ("announced", "implemented"))
"""Columns that a table must have; of each group one."""
_ALL = frozenset({"*", "all", "world", "all countries", "erga omnes"})
_STATES = frozenset({Kind.STATE, Kind.GROUP})
_MARKS = re.compile(r"[\W_]+")
_HS = re.compile(r"\d[\d. ]*")
_LISTED = re.compile(r"[;|\n]")
_WEB = re.compile(r"https?://\S+")
_SHORTEST_HS = 4


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A row of a table as a page, and the event in it."""

    page: Page
    event: Event


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """What a table of measures holds.

    ``rows`` : each is read when it is asked for, once. ``skipped`` : why rows were passed over,
    and how many; complete when all rows have been read. ``columns`` : what the columns that were
    used are called. ``unused`` : columns that nothing was taken from.
    """

    rows: Iterator[MeasureRow]
    skipped: Mapping[str, int]
    columns: Mapping[str, str]
    unused: tuple[str, ...]


def read_measures(path: Path, *, on: date, refuse: Refuse = stop) -> MeasureTable:
    """Read a table of measures: CSV with commas, semicolons or tabs, in UTF-8.

    Columns are known by their headings (``data/measure_columns.toml``). A row whose goods are no
    minerals of the desk, or whose type is no instrument of ours, is counted and passed over.

    Parameters
    ----------
    path : Path
        The table.
    on : date
        The day on which it is read: says which measures are in force.
    refuse : callable
        Told of each row that cannot be understood; raises unless another is given.

    Raises
    ------
    InputError
        The file is missing or no table; a column that is needed is missing or there twice.
    """
    text = _text(path)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    header = _next(lines, f"{path.name}, row 1") or []
    columns = _columns(header, path.name)
    skipped: Counter[str] = Counter()
    used = {meaning: header[place] for meaning, place in columns.items()}
    unused = tuple(name for name in header if name not in used.values())
    rows = _rows(_numbered(lines, columns, path.name), path.stem, on, refuse, skipped)
    return MeasureTable(rows, skipped, used, unused)


def _numbered(
    lines: Iterator[list[str]], columns: Mapping[str, int], table: str
) -> Iterator[tuple[int, "_Row"]]:
    """Yield the rows below the header with their numbers."""
    number = 2
    while (cells := _next(lines, f"{table}, row {number}")) is not None:
        yield number, _Row.from_cells(cells, columns, f"{table}, row {number}")
        number += 1


def _rows(
    rows: Iterator[tuple[int, "_Row"]],
    table: str,
    on: date,
    refuse: Refuse,
    skipped: Counter[str],
) -> Iterator[MeasureRow]:
    for number, row in rows:
        try:
            read = _measure(row, table, number, on)
        except _Skip as reason:
            skipped[str(reason)] += 1
        except InputError as fault:
            refuse(fault)
        else:
            yield read


class _Skip(Exception):  # noqa: N818 - no fault: the row is none of ours
    """Says why a row is passed over."""


# --- the file and its header -----------------------------------------------------------------


def _text(path: Path) -> str:
    where = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_TABLE + 1)
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise InputError(reason, where=where, way_out="name a table of measures") from fault
    if len(raw) > LARGEST_TABLE:
        raise InputError(
            f"the table is larger than {LARGEST_TABLE // 2**20} MB",
            where=where,
            way_out="keep only the rows that you need",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(
            "the table is not in UTF-8", where=where, way_out="save it as CSV in UTF-8"
        ) from fault


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max(",;\t", key=head.count)


def _next(lines: Iterator[list[str]], place: str) -> list[str] | None:
    """Return the next row that is not empty, or none at the end."""
    try:
        return next((cells for cells in lines if any(map(str.strip, cells))), None)
    except csv.Error as fault:
        raise TableError(f"the row is broken ({fault})", where=place, way_out="mend it") from fault


@dataclass(frozen=True, slots=True)
class _Words:
    """How tables call things. ``types`` : instruments by what a type is called."""

    columns: Mapping[str, tuple[str, ...]]
    evaluations: Mapping[str, Direction]
    types: Mapping[str, tuple[str, ...]]


@cache
def _words() -> _Words:
    table = shipped.toml("measure_columns.toml")
    types: dict[str, dict[str, None]] = {}
    for code, instrument in INSTRUMENTS.items():
        codes = instrument.codes
        named = (code, codes.gta, codes.oecd, instrument.label, *table["types"].get(code, ()))
        for name in named:
            types.setdefault(_key(name), {})[code] = None
    types.pop("", None)
    return _Words(
        columns={meaning: tuple(map(_key, names)) for meaning, names in table["columns"].items()},
        evaluations={
            name: Direction(way) for way, names in table["evaluations"].items() for name in names
        },
        types={name: tuple(codes) for name, codes in types.items()},
    )


def _key(text: str) -> str:
    """Return a heading or a type without capitals, accents and marks."""
    return _MARKS.sub(" ", folded(text)).strip()


def _columns(header: list[str], where: str) -> dict[str, int]:
    """Return the place of every column that is known by its heading."""
    keys = [_key(name) for name in header]
    columns: dict[str, int] = {}
    for meaning, names in _words().columns.items():
        places = [place for place, key in enumerate(keys) if key in names]
        # of two headings for one thing the list's first is the better one, as in "HS code" and
        # "affected products"; the same heading twice is a fault
        best = min(places, key=lambda place: names.index(keys[place]), default=None)
        if best is None:
            continue
        if keys.count(keys[best]) > 1:
            raise TableError(
                f"two columns are called '{header[best]}'", where=where, way_out="rename one"
            )
        columns[meaning] = best
    for group in _NEEDED:
        if not any(meaning in columns for meaning in group):
            spelt = [name for meaning in group for name in _words().columns[meaning][:3]]
            raise TableError(
                f"no column says the {' or the '.join(group)} of a measure",
                where=where,
                way_out=f"call it one of: {', '.join(spelt)}",
            )
    return columns


# --- rows ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A row while it is read. ``cells`` : what stands in each known column, if anything."""

    cells: Mapping[str, str]
    place: str

    @classmethod
    def from_cells(cls, cells: list[str], columns: Mapping[str, int], place: str) -> "_Row":
        """Take the cells of the known columns; a row may end early."""
        known = {
            meaning: cells[column].strip()
            for meaning, column in columns.items()
            if column < len(cells)
        }
        return cls({meaning: cell for meaning, cell in known.items() if cell}, place)

    def get(self, column: str) -> str:
        """Return a cell, or nothing."""
        return self.cells.get(column, "")

    def fault(self, column: str, message: str, way_out: str) -> TableError:
        """Return the fault of a cell."""
        return TableError(message, where=f"{self.place}, {column}", way_out=way_out)


def _measure(row: _Row, table: str, number: int, on: date) -> MeasureRow:
    """Read a row; raises `_Skip` where it is none of the desk's."""
    goods = _goods(row)
    instrument = _instrument(row)
    days = {column: _day(row, column) for column in ("announced", "implemented", "removed")}
    if not (days["announced"] or days["implemented"]):
        raise row.fault("announced", "the measure has no date", "give the day it was announced")
    page = _page(row, f"{table}:{number}")
    event = Event(
        id=f"{page.id}:1",
        instrument=instrument,
        direction=_direction(row, instrument),
        status=_status(days, on),
        role=Role.MAIN,
        actor=_states(row, "actor"),
        target=_states(row, "target"),
        commodities=goods,
        date=days["announced"] or days["implemented"],
        effective=days["implemented"],
        end=days["removed"],
        confidence=1.0,
        evidence=tuple(_evidence(row, page, goods)),
    )
    return MeasureRow(page, event)


def _instrument(row: _Row) -> str:
    said = row.get("type")
    if not said:
        raise row.fault("type", "the measure has no type", "say what kind of measure it is")
    found = _words().types.get(_key(said), ())
    if not found:
        raise _Skip(f"no instrument of ours: '{said[:60]}'")
    if len(found) > 1:
        raise row.fault(
            "type", f"'{said}' can be {', '.join(found)}", "write which one in the table"
        )
    return found[0]


def _direction(row: _Row, instrument: str) -> Direction:
    said = _words().evaluations.get(_key(row.get("evaluation")))
    usual = INSTRUMENTS[instrument].direction
    return Direction.EASE if said is Direction.EASE and usual is Direction.TIGHTEN else usual


def _status(days: Mapping[str, str | None], on: date) -> str:
    """Return how far a measure has come on a day; a month counts from its first day."""
    today = on.isoformat()
    begun, ended = days["implemented"], days["removed"]
    if ended and ended <= today:
        return "ended"
    return "in_force" if begun and begun <= today else "announced"


def _day(row: _Row, column: str) -> str | None:
    said = row.get(column)
    if not said or said.lower() in ("na", "n/a", "null", "none", "-"):
        return None
    exact = DATE.match(said)
    if exact and (len(said) == exact.end() or said[exact.end()] in " T"):
        return exact[0]
    found = read_date(said)
    if found is None:
        raise row.fault(column, f"'{said[:40]}' is not a date", "write it YYYY-MM-DD")
    return found.value


def _states(row: _Row, column: str) -> tuple[str, ...]:
    """Return the states and groups that a cell lists; every name must be known."""
    said = row.get(column)
    if folded(said) in _ALL:
        return (EVERYBODY,)
    codes = dict.fromkeys(code for name in _names(said) for code in _codes(row, column, name))
    return tuple(codes)


def _names(said: str) -> Iterator[str]:
    """Yield the names in a list; "Korea, Republic of" is one name and "Japan, China" are two."""
    for part in _LISTED.split(said):
        words = [word.strip() for word in part.split(",") if word.strip()]
        while words:
            pair = ", ".join(words[:2])
            count = 2 if len(words) > 1 and _known(pair) else 1
            yield ", ".join(words[:count])
            del words[:count]


def _known(name: str) -> tuple[str, ...]:
    """Return the codes of a name that means one state or group, whole."""
    found = find(name)
    if len(found) == 1 and found[0].kind in _STATES and found[0].end - found[0].start == len(name):
        return found[0].states
    try:
        return (canonical_region(name),)
    except InputError:
        return ()


def _codes(row: _Row, column: str, name: str) -> tuple[str, ...]:
    codes = _known(name)
    if not codes:
        raise row.fault(column, f"'{name[:60]}' is no state", "write its usual English name")
    return codes


# --- goods -----------------------------------------------------------------------------------


@cache
def _goods_by_hs() -> Mapping[str, tuple[str, ...]]:
    """Every mineral of the desk by the codes it goes under; classes come before elements."""
    found: dict[str, dict[str, None]] = {}
    for name, good in commodities().items():
        if good.in_scope:
            for codes in good.hs.values():
                for code in codes:
                    found.setdefault(code, {})[name] = None
    return {code: tuple(names) for code, names in found.items()}


@cache
def _by_heading(code: str) -> tuple[str, ...]:
    """Return what a code of four figures or more holds, in the order of the list."""
    names = {
        name: None
        for known, goods in sorted(_goods_by_hs().items())
        if known.startswith(code[:6])
        for name in goods
    }
    classes = [name for name in names if name in ("rare earths", "magnets")]
    return tuple(classes or names)


def _goods(row: _Row) -> tuple[str, ...]:
    """Return the minerals of a row by its codes, narrowed by its words where they name some.

    A code can hold several minerals (811292: gallium, germanium, indium, niobium). Words of the
    row say which; without words it is all of them, for the code hits them all.
    """
    codes = _hs(row)
    worded = _named(row.get("commodity")) or _named(row.get("title"))
    if not row.get("hs"):
        goods = worded
    else:
        inside = {name for code in codes for name in _all_of(code)}
        coded = dict.fromkeys(name for code in codes for name in _by_heading(code))
        goods = [name for name in worded if name in inside] or list(coded)
    if not goods:
        raise _Skip("goods that are no minerals of the desk")
    return tuple(goods)


@cache
def _all_of(code: str) -> tuple[str, ...]:
    known = _goods_by_hs()
    return tuple(name for key in known if key.startswith(code[:6]) for name in known[key])


def _hs(row: _Row) -> list[str]:
    codes = []
    for part in re.split(r"[,;|\n]", row.get("hs")):
        digits = re.sub(r"\D", "", part)
        if not digits:
            continue
        if len(digits) < _SHORTEST_HS or not _HS.search(part):
            raise row.fault(
                "hs", f"'{part.strip()[:40]}' is no code of goods", "give six figures each"
            )
        codes.append(digits)
    return codes


def _named(text: str) -> list[str]:
    """Return the minerals of the desk that a text names."""
    named = (mention for mention in find(text) if mention.kind is Kind.COMMODITY)
    return list(dict.fromkeys(name for one in named if one.in_scope for name in one.commodities))


# --- the row as a page -----------------------------------------------------------------------

_FIELDS = {
    "type": "instrument",
    "actor": "actor",
    "target": "target",
    "hs": "commodities",
    "commodity": "commodities",
    "announced": "date",
    "implemented": "effective",
    "removed": "end",
    "evaluation": "direction",
}
"""Which field of an event rests on which column."""


def _page(row: _Row, name: str) -> Page:
    """Return a row as a page: its title, then a line for each cell."""
    lines = []
    text = ""
    for column, cell in row.cells.items():
        zone = Zone.HEADLINE if column == "title" else Zone.BODY
        written = cell if zone is Zone.HEADLINE else f"{column}: {cell}"
        lines.append(Line(zone=zone, start=len(text), end=len(text) + len(written)))
        text += written + "\n"
    said = _WEB.match(row.get("url"))
    url = said[0] if said and is_web(said[0]) else ""
    site = urlsplit(url).hostname or ""
    return Page(id=name, text=text, lines=tuple(lines), url=url, site=site)


def _evidence(row: _Row, page: Page, goods: Collection[str]) -> Iterator[Evidence]:
    fields = _FIELDS
    if not set(goods).isdisjoint(_named(row.get("title"))):
        fields = {**_FIELDS, "title": "commodities"}
    for column, line in zip(row.cells, page.lines, strict=True):
        if column in fields:
            start = line.start + (0 if column == "title" else len(f"{column}: "))
            yield Evidence(
                field=fields[column],
                zone=line.zone,
                start=start,
                end=line.end,
                text=page.text[start : line.end],
            )
