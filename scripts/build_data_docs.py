"""Write docs/reference/data.md out of the shipped tables, so that it cannot drift from them.

Usage: python scripts/build_data_docs.py [--check]

With --check nothing is written; exit status 1 says that the page is not what it should be.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from monazite.reference import catalogue
from monazite.reference.atlas.tables import shipped_atlas
from monazite.reference.declaration import STANDARD_FIELDS, Field
from monazite.reference.loaders.kinds import KINDS
from monazite.reference.loaders.minerals import corrections, minerals, spellings
from monazite.reference.source import GRADE_MEANINGS, Source, shipped_register
from monazite.reference.table import Table

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "data.md"

HEAD = """% Written by scripts/build_data_docs.py; do not edit.

# Shipped data

Every row of every table has a unit, a source and a grade. `monazite data list`, `show`, `check`
and `assumed` work on the same tables. Tables with a description of their own have a TOML file
beside the CSV that declares their columns; the files of a chain follow
[the network folder format](network-folder.md). Every table ends in `unit`, `source` (an id of the
register below), `grade` and `note`; a row of grade E says in its note why this value.

Where sources disagree all of them stand in the table, and the chain says which one it uses.
Licences are those of the source, given for the raw data and for the rows shipped here. Single
figures out of publications whose text is protected are cited as facts. An address that is a bare
domain means that the site is known and not the page.
"""


def page() -> str:
    """Return the whole page."""
    tables = [catalogue.load(table_id) for table_id in catalogue.table_ids()]
    declared = [table for table in tables if table.declaration.units]
    parts = [HEAD, *grades(), *overview(tables)]
    for table in declared:
        parts.extend(details(table))
    parts.extend(official_files())
    parts.extend(sources(tables))
    return "\n".join(parts) + "\n"


def grades() -> Iterator[str]:
    """Yield what the grades mean."""
    yield "## Grades\n"
    yield from grid(
        ("grade", "meaning"), ((str(grade), text) for grade, text in GRADE_MEANINGS.items())
    )


def overview(tables: Iterable[Table]) -> Iterator[str]:
    """Yield one line for each table."""
    yield "\n## Tables\n"
    yield from grid(
        ("table", "title", "rows", "grades", "sources"),
        (
            (f"`{name(table)}`", table.title, f"{len(table):,}", mix(table), f"{cited(table)}")
            for table in tables
        ),
    )


def official_files() -> Iterator[str]:
    """Yield what official files can be read, which minerals they hold, what is mended in them."""
    yield "\n## Official files\n"
    yield "[Read official statistics](../how-to/official-data.md) tells how. No file is shipped;"
    yield "the [atlas](atlas.md) is built from some of them.\n"
    yield from grid(
        ("kind", "producer", "file", "licence"),
        (
            (f"`{kind.id}`", f"[{kind.producer}]({kind.address})", kind.file, kind.licence)
            for kind in KINDS.values()
        ),
    )
    yield "\nMinerals, their units, and in how many kinds of file each is found by name:\n"
    met = {code: {of for (of, _, _), found in spellings().items() if found.commodity == code}
           for code in minerals()}  # fmt: skip
    yield from grid(
        ("mineral", "name", "unit", "kinds of file"),
        (
            (f"`{mineral.code}`", mineral.name, mineral.unit, f"{len(met[mineral.code])}")
            for mineral in minerals().values()
        ),
    )
    yield "\nUnits that a producer got wrong and that are mended when the file is read:\n"
    yield from grid(
        ("kind", "commodity", "counts", "unit in the file", "meant", "reason"),
        (
            (f"`{kind}`", spelling, counts, wrong or "(blank)", meant, reason)
            for (kind, spelling, counts, wrong), (meant, reason) in corrections().items()
        ),
    )


def details(table: Table) -> Iterator[str]:
    """Yield title, description and columns of a table."""
    yield f"\n### {table.title}\n"
    yield f"`{name(table)}`, {len(table):,} rows, units {units(table)}.\n"
    yield f"{table.declaration.description}\n"
    yield from grid(
        ("column", "meaning", "kind", "unit", "range"),
        (
            (f"`{field.name}`", meaning(field), str(field.kind), unit(field), field.range_text())
            for field in table.fields
            if field not in STANDARD_FIELDS
        ),
    )


def sources(tables: Iterable[Table]) -> Iterator[str]:
    """Yield the register: each source with its licences and the tables that cite it."""
    users: dict[str, list[str]] = {}
    for table in tables:
        for source_id in table.source_ids():
            users.setdefault(source_id, []).append(f"`{name(table)}`")
    for source_id in shipped_atlas().sources():
        users.setdefault(source_id, []).append("[atlas](atlas.md)")
    yield "\n## Sources\n"
    yield from grid(
        ("id", "source", "licence of the original", "licence of the rows", "tables"),
        (
            (
                f"`{source_id}`",
                citation(source),
                source.licence_raw,
                source.licence_product,
                ", ".join(users.get(source_id, ["named in notes"])),
            )
            for source_id, source in sorted(shipped_register().items())
        ),
    )


def citation(source: Source) -> str:
    """Return the source in one line, its address as a link."""
    text = source.citation()
    if source.url:
        text = text.replace(source.url, f"<{source.url}>")
    return f"{text}. {source.note}" if source.note else text


def grid(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a Markdown table."""
    yield line(header)
    yield line(("---",) * len(header))
    yield from map(line, rows)


def line(cells: Iterable[str]) -> str:
    """Return one line of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def name(table: Table) -> str:
    """Return the id by which `monazite data show` knows a table."""
    return table.id.removeprefix(catalogue.FACTS)


def mix(table: Table) -> str:
    """Return how many rows have each grade."""
    counts = Counter(row.grade for row in table)
    return ", ".join(f"{counts[grade]} {grade}" for grade in GRADE_MEANINGS if counts[grade])


def cited(table: Table) -> str:
    """Return the source of a table if it has one, else how many there are."""
    ids = table.source_ids()
    return f"`{ids[0]}`" if len(ids) == 1 else str(len(ids))


def units(table: Table) -> str:
    """Return the units of a table's rows."""
    return ", ".join(f"`{text}`" for text in sorted(table.declaration.units))


def meaning(field: Field) -> str:
    """Return what a column says, and its codes where they are few."""
    few = field.codes and len(field.codes) <= 12
    text = f"{field.meaning}: {', '.join(sorted(field.codes))}" if few else field.meaning
    return text if field.required else f"{text} (may be blank)"


def unit(field: Field) -> str:
    """Return the unit of a column."""
    return "of the row" if field.unit == "row" else field.unit


def main() -> int:
    """Write the page, or compare it."""
    text = page()
    if "--check" in sys.argv[1:]:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
