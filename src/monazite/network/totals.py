"""Totals of a raw folder: what a balanced base year is held against."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from monazite.labels import EVERYWHERE
from monazite.network.lines import SheetLine
from monazite.network.nouns import NO_PROVENANCE, Provenance
from monazite.network.reading import Reader
from monazite.network.sheets import TOTALS


class TotalKind(StrEnum):
    """What a total adds up."""

    EXPORT = "export_total"
    IMPORT = "import_total"
    PRODUCTION = "production_total"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Total:
    """A figure for a sum of flows or outputs.

    ``value`` : t/year. ``commodity, origin, destination`` : what is added up; several codes
    are joined by ``;``, and ``*`` is all of them. Recorded and unrecorded routes both count.
    """

    name: str
    kind: TotalKind
    commodity: str
    origin: str
    destination: str
    value: float
    provenance: Provenance = NO_PROVENANCE


def read_totals(path: str | Path) -> tuple[Total, ...]:
    """Read ``totals.csv`` of a network folder; none if it has no such file.

    Raises
    ------
    InputError
        At the first fault, in one line with file, row and way out.
    """
    reader = Reader(Path(path))
    return tuple(_read(reader, line) for line in reader.folder.lines(TOTALS))


def _read(reader: Reader, line: SheetLine) -> Total:
    line.required("commodity")
    line.required("value")
    commodity = _codes(line, "commodity", partial(reader.commodity, wildcard=True))
    return Total(
        line.required("total"),
        line.code("kind", TotalKind, TotalKind.ROUTE),
        commodity,
        _codes(line, "origin", partial(reader.region, column="origin", wildcard=True)),
        _codes(line, "destination", partial(reader.region, column="destination", wildcard=True)),
        reader.flow(line, "value", commodity.partition(";")[0]) or 0.0,
        reader.folder.provenance(line),
    )


def _codes(line: SheetLine, column: str, read: Callable[[SheetLine], str]) -> str:
    """Check every code of a cell such as ``DEU;FRA``; a blank cell is all of them."""
    parts = [part.strip() for part in (line.text(column) or EVERYWHERE).split(";")]
    return ";".join(read(replace(line, cells={**line.cells, column: part})) for part in parts)
