"""Study on the critical raw materials for the European Union, 2023: its tables as CSV.

Shares are averages of 2016 to 2020.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from monazite.errors import TableError, UnknownCodeError
from monazite.reference.loaders.figures import MISSING, Figure, read_figure, read_years
from monazite.reference.loaders.files import FileLine, read_lines
from monazite.reference.loaders.minerals import meaning
from monazite.reference.loaders.observations import (
    Observation,
    Observations,
    Statistic,
    Tally,
    gather,
)
from monazite.reference.loaders.places import region_of

KIND = "eu-crm-2023"
YEARS = (2016, 2020)
"""The shares are averages of these years."""
_EU = "EU"
_STAGES = {"E": Statistic.MINE_SHARE, "P": Statistic.REFINERY_SHARE}
_STAGE_NAMES = {"E": "extraction", "P": "processing"}
_MISPRINTS = {"Brasilia": "BRA", "Congo": "COG"}
"""Names that the study uses for one country only; anywhere else they would be ambiguous."""
_WORLD_MARK, _EU_MARK = "globalsupplyshares", "eusupplyshares"


def load_eu_crm(path: Path) -> Observations:
    """Read one of the study's CSV files: global or EU supply shares, use shares, or scores.

    The two tables of supply shares have the same header: the file's name says which it is.

    Raises
    ------
    MonaziteError
        If the file is none of them, or at the first row that cannot be understood.
    """
    tally = Tally()
    rows = _rows(read_lines(path, KIND, encoding="cp1252"), path.name, tally)
    return gather(KIND, rows, tally, name=path.name)


def _rows(lines: Iterator[FileLine], file: str, tally: Tally) -> Iterator[Observation]:
    uses: set[tuple[str, ...]] = set()
    for line in lines:
        if "Application" in line.header and tuple(line.cells) in uses:
            tally.left_out["uses that the study lists twice"] += 1
            continue
        uses.add(tuple(line.cells))
        commodity = meaning(KIND, line["Material"], where=line.where).commodity
        if not commodity:
            tally.left_out["not a commodity of ours"] += 1
            continue
        yield from _reader(line, file)(line, commodity)


def _reader(line: FileLine, file: str) -> Callable[[FileLine, str], Iterator[Observation]]:
    if "SR" in line.header:
        return _scores
    if "Application" in line.header:
        return _use
    name = file.casefold().replace("_", "")
    if _WORLD_MARK in name:
        return _world_supply
    if _EU_MARK in name:
        return _eu_supply
    raise TableError(
        "supply of the world or of the EU: the header does not say",
        where=file,
        way_out=f"keep '{_WORLD_MARK}' or '{_EU_MARK}' in the file's name",
    )


def _world_supply(line: FileLine, commodity: str) -> Iterator[Observation]:
    yield _share(line, commodity, _stage(line), region=_country(line))


def _eu_supply(line: FileLine, commodity: str) -> Iterator[Observation]:
    _stage(line)
    yield _share(
        line, commodity, Statistic.SUPPLY_SHARE,
        region=_EU, partner=_country(line), detail=_STAGE_NAMES[line["Stage"]],
    )  # fmt: skip


def _use(line: FileLine, commodity: str) -> Iterator[Observation]:
    detail = f"{line['Application']} ({line['NACE sector']})"
    yield _share(line, commodity, Statistic.USE_SHARE, region=_EU, detail=detail)


def _scores(line: FileLine, commodity: str) -> Iterator[Observation]:
    """Yield supply risk and economic importance; a dash means that it was not assessed."""
    for heading, statistic in (
        ("SR", Statistic.SUPPLY_RISK), ("EI", Statistic.ECONOMIC_IMPORTANCE),
    ):  # fmt: skip
        text = line[heading]
        figure = MISSING if text == "-" else read_figure(text, where=line.where)
        years = read_years(line["Year"], where=line.where)
        yield _row(line, commodity, statistic, figure, years, unit="1", region=_EU)


def _share(
    line: FileLine,
    commodity: str,
    statistic: Statistic,
    *,
    region: str,
    partner: str = "",
    detail: str = "",
) -> Observation:
    figure = read_figure(line["Share"].removesuffix("%"), where=line.where)
    if figure.low > 100.0:
        raise TableError(
            f"a share of {line['Share']}", where=line.where, way_out="a share is at most 100 %"
        )
    return _row(
        line, commodity, statistic, figure, YEARS,
        unit="%", region=region, partner=partner, detail=detail,
    )  # fmt: skip


def _row(
    line: FileLine, commodity: str, statistic: Statistic, figure: Figure, years: tuple[int, int],
    **cells: str,
) -> Observation:  # fmt: skip
    spelling = line["Material"]
    detail = cells.pop("detail", "")
    return Observation(
        commodity=commodity,
        statistic=statistic,
        years=years,
        figure=figure,
        basis="",
        detail=f"{spelling}: {detail}" if detail else spelling,
        place=line.file,
        line=line.number,
        **cells,
    )


def _stage(line: FileLine) -> Statistic:
    stage = line["Stage"]
    if stage not in _STAGES:
        raise UnknownCodeError("stage", stage, _STAGES, where=line.where)
    return _STAGES[stage]


def _country(line: FileLine) -> str:
    name = line["Country"]
    return _MISPRINTS.get(name) or region_of(name, where=line.where)
