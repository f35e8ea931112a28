"""How likely it is that a supplier is cut off: a table, shipped and replaceable."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType

from monazite.errors import TableError, UnknownCodeError
from monazite.labels import EVERYWHERE, REGIONS
from monazite.network.lines import OWN_SOURCE
from monazite.reference import catalogue
from monazite.reference.source import Register, Source, shipped_register
from monazite.reference.table import Row, Table, read_table

TABLE = "screening/supplier_cut_odds"
"""The shipped table."""


@dataclass(frozen=True, slots=True)
class CutChance:
    """Probability that a supplier is cut off within a year, and the row that says so."""

    probability: float
    source: str
    grade: str
    where: str
    note: str


class Odds:
    """Probabilities by region and commodity; the most specific row counts.

    Parameters
    ----------
    table : Table
        Of the form of the shipped one.
    """

    def __init__(self, table: Table) -> None:
        self._rows = tuple(sorted(table, key=_specificity, reverse=True))
        self._name = table.id

    @classmethod
    def read(cls, path: str | Path | None = None) -> "Odds":
        """Read the shipped table, or a CSV file of the same columns in its place.

        Parameters
        ----------
        path : str or Path, optional
            Its rows may cite the source ``user``.

        Raises
        ------
        InputError
            At the first fault, with file, line and way out.
        """
        shipped = catalogue.load(TABLE)
        if path is None:
            return cls(shipped)
        return cls(read_table(Path(path), shipped.declaration, _with_own_source()))

    def of(self, region: str, commodity: str) -> CutChance:
        """Return the odds of a supplier.

        Raises
        ------
        UnknownCodeError
            If the region is none.
        TableError
            If no row covers the supplier.
        """
        if region not in REGIONS:
            raise UnknownCodeError("region", region, REGIONS)
        for row in self._rows:
            if row.text("region") in (region, EVERYWHERE) and fnmatchcase(
                commodity, row.text("commodity")
            ):
                return _chance(row)
        raise TableError(
            f"no odds for {commodity} from {region}",
            where=self._name,
            way_out="add a row with * for region and commodity, which holds for all others",
        )


def _specificity(row: Row) -> tuple[bool, bool, int]:
    """Order of rows: those of a region first, then plain codes, then long patterns."""
    commodity = row.text("commodity")
    return row.text("region") != EVERYWHERE, "*" not in commodity, len(commodity)


def _chance(row: Row) -> CutChance:
    return CutChance(row.value or 0.0, row.source, str(row.grade), str(row.ref), row.note)


@cache
def _with_own_source() -> Register:
    own = Source(OWN_SOURCE, "the user", "the user's own word", "none", "none")
    added: Mapping[str, Source] = {OWN_SOURCE: own}
    return shipped_register().joined(Register(MappingProxyType(added)))
