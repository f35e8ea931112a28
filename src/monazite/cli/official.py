"""Commands on official files: which can be read, what one holds, where two differ by its unit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monazite.cli.options import AsJson
from monazite.cli.terminal import card, print_json, progress, say

Kind = Annotated[str, typer.Argument(metavar="KIND", help="A kind out of `monazite data kinds`.")]
OfficialPath = Annotated[
    Path, typer.Argument(metavar="PATH", help="The file as downloaded, gzipped or not.")
]
OtherKind = Annotated[str, typer.Argument(metavar="OTHER_KIND", help="Kind of the other file.")]
OtherPath = Annotated[
    Path, typer.Argument(metavar="OTHER_PATH", help="Another edition, or another producer's.")
]
_SHOWN = 8
"""Names that a line of counts holds."""


def kinds(as_json: AsJson = False) -> None:
    """List the official files that can be read, and where they are published.

    For example:

        monazite data kinds
    """
    from monazite import study

    rows = study.official_kinds()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        card(row["kind"], f"{row['producer']}: {row['file']}", row["address"], row["licence"])
    say("`monazite data load KIND PATH` reads one.")


def fetch(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="A file out of --list.", show_default="list"),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to keep it in.")] = Path(
        "downloads"
    ),
    list_files: Annotated[bool, typer.Option("--list", help="Only list the files.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch an official file, or go on where the last call was cut off.

    The file gets its name once it is whole and its checksum is right. Where the producer publishes
    none, that of the first download is written beside it. Licences bind whoever fetches.

    For example:

        monazite data fetch --list
        monazite data fetch cepii-geodist-pairs --out downloads
    """
    from monazite import study

    if name is None or list_files:
        rows = study.official_downloads()
        if as_json:
            print_json(rows)
            return
        for row in rows:
            checksum = row["sha256"] or "no checksum is published"
            card(row["id"], row["address"], f"edition {row['edition']}, {row['licence']}", checksum)
        say("Other files: `monazite data kinds` names the page of the producer.")
        return
    with progress(f"Fetching {name}") as tell:
        found = study.fetch_official(name, out, tell)
    if as_json:
        print_json(found)
        return
    word = "was there" if found["was_there"] else "fetched"
    card(found["path"], f"{word}: {found['size']:,} bytes", f"sha256 {found['sha256']}")


def load(kind: Kind, path: OfficialPath, as_json: AsJson = False) -> None:
    """Read an official file and tell what it holds, or what is wrong with it.

    Every row is checked: country, commodity, unit, mass basis, figure, year. World totals are
    compared with the sum of their countries.

    For example:

        monazite data load usgs-mcs-2026 MCS2026_Commodities_Data.csv
        monazite data load cepii-baci BACI_HS92_V202601
        monazite data load wmd 6.4.Production_by_Minerals.xlsx --json
    """
    from monazite import study

    with progress("Reading the file"):
        found = study.describe_official(kind, path)
    if as_json:
        print_json(found)
        return
    card(path.name, *_lines(found))
    for line in (*map(_apart, found["totals"]["apart"]), *found["short_reserves"]):
        say(line)


def compare(
    kind: Kind,
    path: OfficialPath,
    other_kind: OtherKind,
    other_path: OtherPath,
    as_json: AsJson = False,
) -> None:
    """Find the figures of two official files that are a power of ten apart.

    A whole column apart is a unit that slipped; a single region can be true. Exit status 2 if a
    whole column is apart.

    For example:

        monazite data compare usgs-mcs-2025 World_Data.csv usgs-mcs-2026 Commodities_Data.csv
    """
    from monazite import study
    from monazite.errors import InputError

    with progress("Reading both files"):
        rows = study.compare_official(kind, path, other_kind, other_path)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            say(row["line"])
        say(f"{len(rows):,} figures are a power of ten apart.")
    if any(row["is_column"] for row in rows):
        raise typer.Exit(InputError.exit_status)


def _lines(found: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{found['rows']:,} rows of {found['source']}, {_years(found)}",
        f"{len(found['commodities']):,} commodities, {len(found['regions']):,} regions",
        f"statistics: {_told(found['statistics'])}",
        f"figures: {_told(found['statuses'])}",
    ]
    lines.extend(
        f"{word}: {_told(found[key])}"
        for key, word in (("left_out", "left out"), ("corrected", "corrected"))
        if any(found[key].values())
    )
    totals = found["totals"]
    if totals["stated"]:
        lines.append(
            f"{totals['stated']:,} world totals, {len(totals['apart']):,} apart from the sum"
        )
    return lines


def _years(found: Mapping[str, Any]) -> str:
    first, last = found["first_year"], found["last_year"]
    return f"{first}" if first == last else f"{first} to {last}"


def _told(counts: Mapping[str, int]) -> str:
    """Return the largest counts with their names, and how many more there are."""
    largest = sorted(counts.items(), key=lambda item: -item[1])
    told = ", ".join(f"{name} {count:,}" for name, count in largest[:_SHOWN])
    return told if len(largest) <= _SHOWN else f"{told}, and {len(largest) - _SHOWN} more"


def _apart(total: Mapping[str, Any]) -> str:
    missing = f", {total['not_figures']} not figures" if total["not_figures"] else ""
    return (
        f"{total['where']}: {total['commodity']} {total['statistic']} of {total['year']} is "
        f"{total['stated']:,.10g} {total['unit']}, "
        f"its countries sum to {total['summed']:,.10g}{missing}"
    )
