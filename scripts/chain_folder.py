"""Write the folder of a raw chain: one CSV per table, every row with unit, source and grade.

The build scripts beside this file state the figures; this one only knows the columns.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHAINS = Path(__file__).parents[1] / "src" / "monazite" / "reference" / "data" / "chains"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "commodities": ("commodity", "name", "stage", "elements", "unit"),
    "prices": ("commodity", "region", "price", "unit", "year"),
    "processes": (
        *("process", "region", "stage", "capacity", "activity", "unit", "unit_cost"),
        *("cost_unit", "spread", "form", "year"),
    ),
    "recipes": ("process", "region", "commodity", "coefficient", "unit"),
    "routes": (
        *("commodity", "origin", "destination", "channel", "flow", "unit", "cost"),
        *("cost_unit", "expansion", "contract_share", "form", "year"),
    ),
    "uses": (
        *("use", "region", "commodity", "demand", "unit", "elasticity", "ladder", "form"),
        *("intercept", "slope", "year"),
    ),
    "ladders": ("ladder", "share", "price_multiple", "price_add", "unit", "spread"),
    "cover": ("use", "region", "cover_class", "share", "months", "unit"),
    "holders": ("commodity", "region", "kind", "stock", "unit", "year"),
    "totals": ("total", "kind", "commodity", "origin", "destination", "value", "unit", "year"),
}
"""Columns of each table; ``source, grade, note`` follow in all of them."""

UNITS: Mapping[str, str] = {
    "commodities": "t",
    "prices": "USD/kg",
    "processes": "t/yr",
    "recipes": "t/t",
    "routes": "t/yr",
    "uses": "t/yr",
    "ladders": "USD/kg",
    "cover": "months",
    "holders": "t",
    "totals": "t/yr",
}
"""Unit of each table's main figure."""


@dataclass(frozen=True)
class Origin:
    """Where a figure comes from: source id, grade A-E and what a reader must know."""

    source: str
    grade: str
    note: str = ""

    def because(self, note: str) -> "Origin":
        """Return the same source and grade with another note."""
        return Origin(self.source, self.grade, note)


@dataclass
class ChainFolder:
    """Rows of a raw chain, collected table by table and then written.

    Parameters
    ----------
    name, title, description : str
        For ``network.toml``.
    base_year : int
        Year that the figures describe.
    money : str
        Money of its prices, such as ``USD2009``.
    """

    name: str
    title: str
    base_year: int
    description: str
    money: str = "USD"
    tables: dict[str, list[dict[str, str]]] = field(
        default_factory=lambda: {table: [] for table in COLUMNS}
    )

    def add(self, table: str, provenance: Origin, /, **cells: str | float | None) -> None:
        """Add a row; unit and year are filled in, cells that are not given stay blank."""
        filled: dict[str, str | float | None] = {"unit": self.unit(table), **cells}
        if "year" in COLUMNS[table]:
            filled.setdefault("year", self.base_year)
        unknown = filled.keys() - set(COLUMNS[table])
        if unknown:
            raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
        row = {name: as_text(filled.get(name)) for name in COLUMNS[table]}
        row |= {
            "source": provenance.source,
            "grade": provenance.grade,
            "note": provenance.note,
        }
        self.tables[table].append(row)

    def unit(self, table: str) -> str:
        """Return the unit of a table's main figure in the chain's own money."""
        return UNITS[table].replace("USD", self.money)

    def write(self, sources: Mapping[str, Mapping[str, str | int]]) -> Path:
        """Write the folder and return it."""
        folder = CHAINS / self.name
        folder.mkdir(parents=True, exist_ok=True)
        for table, rows in self.tables.items():
            if rows:
                write_rows(folder / f"{table}.csv", rows)
        header: dict[str, str | int] = {
            "name": self.name,
            "title": self.title,
            "base_year": self.base_year,
            "quantity_unit": "t",
            "price_unit": self.unit("prices"),
            "description": self.description,
        }
        (folder / "network.toml").write_text(toml_lines(header), encoding="utf-8")
        write_sources(folder / "sources.toml", sources)
        return folder


def write_rows(file: Path, rows: list[dict[str, str]]) -> None:
    """Write rows under the headings of the first one."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_sources(file: Path, sources: Mapping[str, Mapping[str, str | int]]) -> None:
    """Write a register of sources."""
    sections = (f"[{source_id}]\n{toml_lines(entry)}" for source_id, entry in sources.items())
    file.write_text("\n".join(sections), encoding="utf-8")


def toml_lines(entry: Mapping[str, str | int]) -> str:
    """Return the entry as TOML, one key a line."""
    return "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items()
    )


def as_text(value: str | float | None) -> str:
    """Return a cell: blank for None, numbers with six digits that matter."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
