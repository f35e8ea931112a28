"""Books and runs that tests of the book share: two regions, a ban, a calm year.

Every figure is invented.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.two_regions import two_regions

from monazite import ensemble
from monazite.book import COLUMNS, BookLine, Simulated
from monazite.parameters import Parameters
from monazite.scenario import Scenario, lower, parse
from monazite.simulate import simulate

MONTHS = 12
CELLS = {
    "part": "part", "commodity": "magnet-heavy", "country": "CHN", "quantity": "12",
    "unit": "t/yr", "stock": "30", "stock_unit": "days", "contract_share": "50%",
    "contract_months": "6", "region": "DEU", "supplier": "Somebody", "margin": "300",
    "margin_unit": "USD/kg", "second_country": "", "second_share": "", "note": "made up",
}  # fmt: skip


def scenario(share_left: float | None = None, *, start: str = "2025-01") -> Scenario:
    """A ban on what CHN sends to JPN that leaves a share of it; None for no measure that bites."""
    measure = (
        f"""
kind = "export_ban"
actors = ["CHN"]
targets = ["JPN"]
commodities = ["good"]
exemptions = {{ share = {share_left} }}
start = "{start}"
"""
        if share_left is not None
        else """
kind = "demand_change"
targets = ["JPN"]
commodities = ["good"]
share = 0.0
start = "2025-01"
"""
    )
    return parse(
        f"""
id = "made-up"
title = "Made up"
chain = "two regions"
start = "2025-01"
months = {MONTHS}
[[measures]]{measure}""",
        "made-up",
    )


@cache
def simulated(
    share_left: float | None = None, *, draws: int = 1, mines: int = 1, start: str = "2025-01"
) -> Simulated:
    """The scenario on the two regions, run once in a process."""
    lowered = lower(scenario(share_left, start=start), two_regions(mines=mines))
    values = Parameters.central() if draws == 1 else ensemble.sample(draws, 0)
    return Simulated(simulate(lowered, values))


def line(**changes: Any) -> BookLine:
    """Twelve tonnes a year from CHN to JPN, without stock and without contract."""
    given: dict[str, Any] = {
        "part": "part", "commodity": "good", "region": "JPN", "origin": "CHN", "need": 12.0,
        "stock": 0.0, "margin": 300.0,
    }  # fmt: skip
    return BookLine(**{**given, **changes})


def row(**changes: str) -> dict[str, str]:
    """Cells of a row that can be answered on the shipped chain, with changes."""
    return {**CELLS, **changes}


def book_text(rows: Iterable[Mapping[str, str]], *, delimiter: str = ",") -> str:
    """Rows as CSV with all columns."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_book(path: Path, *rows: Mapping[str, str]) -> Path:
    """A book of these rows."""
    path.write_text(book_text(rows), encoding="utf-8")
    return path
