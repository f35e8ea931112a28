"""Command on published indicators of supply risk."""

from pathlib import Path
from typing import Annotated, Any

import typer

from monazite.cli.options import AsJson
from monazite.cli.terminal import MISSING, code, number, print_json, progress, table

MOST_ROWS = 40
"""Rows that a screen holds."""
_HEADINGS = {
    "hhi": "HHI",
    "import_risk": "import risk",
    "score": "score",
    "cf": "kg Cu-eq/kg",
    "global_concentration": "world",
    "sourcing_concentration": "sourcing",
    "import_reliance": "import reliance",
    "n1_coverage": "N-1 coverage",
    "expected_loss_musd": "expected loss, MUSD",
}
"""Figures that a screen shows; the others are in --json."""


def risk(
    tables: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Statistics: production.csv, trade.csv and others."),
    ],
    method: Annotated[
        str, typer.Option(metavar="NAME", help="geopolrisk, hhi, eu, iea-n1 or usgs.")
    ] = "geopolrisk",
    country: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ISO",
            help="A country, or a group such as EU as one; may be repeated.",
            show_default="all countries",
        ),
    ] = None,
    year: Annotated[
        list[int] | None, typer.Option(help="May be repeated.", show_default="all years")
    ] = None,
    commodity: Annotated[
        list[str] | None, typer.Option(help="May be repeated.", show_default="all commodities")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute a published indicator of supply risk; what is not known stays empty, with a reason.

    For example:

        monazite risk --tables examples/supply-risk --country USA --year 2022
        monazite risk --tables examples/supply-risk --method hhi
        monazite risk --tables my-folder --method eu --country EU --json
    """
    from monazite import study

    with progress("Reading tables"):
        found = study.risk(
            tables,
            method=method,
            countries=country or (),
            years=year or (),
            commodities=commodity or (),
        )
    if as_json:
        print_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    rows = found["rows"]
    codes = [name for name in ("commodity", "country", "year") if rows and name in rows[0]]
    figures = [name for name in _HEADINGS if rows and name in rows[0]]
    left_out = len(rows) - MOST_ROWS
    more = f" {left_out:,} more rows: --json." if left_out > 0 else ""
    table(
        f"Supply risk: {found['method']}",
        [*map(code, codes), *(number(_HEADINGS[name]) for name in figures), code("not known")],
        [
            [
                *(str(row[name]) for name in codes),
                *(_figure(row[name]) for name in figures),
                row["reason"] or "",
            ]
            for row in rows[:MOST_ROWS]
        ],
        caption=f"{found['known']:,} of {len(rows):,} rows are complete; --json says why others "
        f"are not.{more}",
    )


def _figure(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.4f}"
