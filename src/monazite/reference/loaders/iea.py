"""Critical Minerals Dataset of the International Energy Agency: demand and supply as a workbook.

Sheet 1 has a block of rows for each mineral and a block of columns for each scenario, whose
name stands one row above its years; the base year stands before them and belongs to all. Sheet
2 has mining on the left and refining on the right, each with years of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monazite.errors import TableError
from monazite.labels import WORLD
from monazite.reference.loaders.figures import Status, clean, read_figure, scaled, vouched
from monazite.reference.loaders.minerals import in_own_unit, meaning
from monazite.reference.loaders.observations import (
    Observation,
    Observations,
    Statistic,
    Tally,
    gather,
)
from monazite.reference.loaders.places import region_of
from monazite.reference.loaders.sheets import cell_text, place_of
from monazite.reference.workbook import Sheet, SheetCell, read_sheets

KIND = "iea-cmd"
UNITS = {"kt": ("t", 1e3)}
"""The dataset is in thousands of tonnes throughout."""

_DEMAND, _SUPPLY = "1 ", "2 "
_STAGES = (Statistic.MINE_PRODUCTION, Statistic.REFINERY_PRODUCTION)
_SHARES = ("share of", "top ")
_YEARS = range(2010, 2101)
_ROWS_ABOVE = 12


@dataclass(frozen=True, slots=True)
class _Block:
    """Columns that belong together: their years, the scenario, and where the names stand."""

    label: int
    scenario: str
    years: dict[int, int]


def load_iea(path: Path) -> Observations:
    """Read total demand (sheet 1) and total supply (sheet 2); the other sheets are their parts.

    Raises
    ------
    MonaziteError
        If the file is not that workbook, or at the first row that cannot be understood.
    """
    tally = Tally()
    rows: list[Observation] = []
    for name, sheet in read_sheets(path).items():
        place = place_of(path.name, name)
        if name.startswith(_DEMAND):
            rows.extend(_demand(sheet, place, tally))
        elif name.startswith(_SUPPLY):
            rows.extend(_supply(sheet, place, tally))
        else:
            tally.left_out["sheets that are parts of the first two"] += 1
    if not rows:
        raise TableError(
            "no sheet is called '1 Total demand ...' or '2 Total supply ...'",
            where=path.name,
            way_out="give the workbook of the Critical Minerals Dataset",
        )
    base = min(row.years[0] for row in rows)
    return gather(f"{KIND}-{base + 1}", rows, tally, name=path.name)


def _demand(sheet: Sheet, place: str, tally: Tally) -> Iterator[Observation]:
    header, blocks = _blocks(sheet, place)
    base = min(min(block.years) for block in blocks)
    mineral = ""
    for number, cells in enumerate(sheet[header + 1 :], start=header + 2):
        label = clean(cell_text(cells[0]))
        if not any(_holds_number(cells, block) for block in blocks):
            mineral = label or mineral
        elif label.casefold().startswith(_SHARES):
            tally.left_out["shares of what stands beside them"] += 1
        else:
            for block in blocks:
                said = f"{label}; {block.scenario}" if block.scenario else label
                yield from _figures(
                    cells, block, (mineral, Statistic.DEMAND, WORLD, said), base, place, number
                )


def _supply(sheet: Sheet, place: str, tally: Tally) -> Iterator[Observation]:
    header, blocks = _blocks(sheet, place)
    if len(blocks) != len(_STAGES):
        raise TableError(
            f"{len(blocks)} blocks of years where mining and refining are looked for",
            where=place,
            way_out="give the workbook as it was published",
        )
    for block, statistic in zip(blocks, _STAGES, strict=True):
        mineral = stage = ""
        for number, cells in enumerate(sheet[header + 1 :], start=header + 2):
            label = clean(cell_text(cells[block.label]))
            if not _holds_number(cells, block):
                mineral, stage = _heading(label) if " - " in label else (mineral, stage)
            elif label.casefold().startswith(_SHARES):
                tally.left_out["shares of what stands beside them"] += 1
            else:
                region = region_of(label, where=f"{place}:{number}")
                what = (mineral, statistic, region, stage)
                yield from _figures(cells, block, what, min(block.years), place, number)


def _figures(
    cells: Sequence[SheetCell], block: _Block, what: tuple[str, Statistic, str, str], base: int,
    place: str, number: int,
) -> Iterator[Observation]:  # fmt: skip
    spelling, statistic, region, detail = what
    where = f"{place}:{number}"
    found = meaning(KIND, spelling, where=where)
    unit, multiple = in_own_unit("kt", found.commodity, UNITS, where=where)
    for year, position in block.years.items():
        status = Status.ESTIMATED if year == base else Status.PROJECTED
        figure = vouched(read_figure(cell_text(cells[position]), where=where), status)
        yield Observation(
            commodity=found.commodity,
            statistic=statistic,
            region=region,
            years=(year, year),
            figure=scaled(figure, multiple),
            unit=unit,
            basis=found.basis,
            detail=f"{spelling}: {detail}",
            place=place,
            line=number,
        )


def _heading(label: str) -> tuple[str, str]:
    mineral, _, stage = label.partition(" - ")
    return mineral.strip(), stage.strip().casefold()


def _blocks(sheet: Sheet, place: str) -> tuple[int, tuple[_Block, ...]]:
    """Return the row of the years, and its runs of columns that have one."""
    for row, cells in enumerate(sheet[:_ROWS_ABOVE]):
        years = {at: year for at, cell in enumerate(cells) if (year := _year(cell))}
        if len(years) > 1:
            above = sheet[row - 1] if row else ()
            return row, tuple(_cut(years, above))
    raise TableError(
        "no row of years is found", where=place, way_out="give the workbook as it was published"
    )


def _cut(years: dict[int, int], above: Sequence[SheetCell]) -> Iterator[_Block]:
    run: list[int] = []
    for at in years:
        if run and at != run[-1] + 1:
            yield _block(run, years, above)
            run = []
        run.append(at)
    yield _block(run, years, above)


def _block(run: list[int], years: dict[int, int], above: Sequence[SheetCell]) -> _Block:
    named = [clean(cell_text(above[at])) for at in run if at < len(above)]
    scenario = next((name for name in named if name), "")
    return _Block(run[0] - 1, scenario, {years[at]: at for at in run})


def _year(cell: SheetCell) -> int:
    text = cell_text(cell)
    return int(text) if text.isdecimal() and int(text) in _YEARS else 0


def _holds_number(cells: Sequence[SheetCell], block: _Block) -> bool:
    return any(isinstance(cells[at], int | float) for at in block.years.values())
