"""Official statistics in the layout of somebody who passed them on.

World Mining Data and BACI as tidy CSV files with ISO codes, and the dataset of the International
Energy Agency as JSON. The figures are the producers'; spellings, units, mass bases and checks
are those of the loaders of the official files.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from monazite.errors import TableError
from monazite.labels import WORLD
from monazite.reference.atlas.tables import TradeFlows
from monazite.reference.loaders import iea, wmd
from monazite.reference.loaders.figures import (
    SIGNS,
    Status,
    read_figure,
    read_years,
    scaled,
    vouched,
)
from monazite.reference.loaders.files import FileLine, read_lines, read_text
from monazite.reference.loaders.minerals import customs_codes, in_own_unit, meaning
from monazite.reference.loaders.observations import (
    Observation,
    Observations,
    Statistic,
    Tally,
    gather,
    typed,
)
from monazite.reference.loaders.places import region_of

WMD_COPY = "wmd-copy"
BACI_COPY = "cepii-baci-copy"
BACI_SOURCE = "cepii-baci-hs92-2025"
BACI_HS17_COPY = "cepii-baci-hs17-copy"
BACI_HS17_SOURCE = "cepii-baci-hs17-2025"
_IEA_NAMES = MappingProxyType({"Rare Earth Elements": "Magnet rare earth elements"})
"""The copy drops that its rare earths are the four of magnets, as its tonnes show."""
_IEA_STAGES = MappingProxyType(
    {"mining": Statistic.MINE_PRODUCTION, "refining": Statistic.REFINERY_PRODUCTION}
)
_NOTES = ("Notes:", "“")


def load_wmd_copy(path: Path) -> Observations:
    """Read World Mining Data as one CSV: ``commodity, country, iso3_or_iso2, year, value, ...``.

    Raises
    ------
    MonaziteError
        If the file is no such CSV, or at the first row that cannot be understood.
    """
    tally = Tally()
    rows = list(map(_wmd_row, read_lines(path, WMD_COPY)))
    edition = max((row.years[1] for row in rows), default=0) + 2
    return gather(f"{wmd.KIND}-{edition}", rows, tally, name=path.name)


def _wmd_row(line: FileLine) -> Observation:
    found = meaning(wmd.KIND, line["commodity"], where=line.where)
    unit, multiple = in_own_unit(line["unit"], found.commodity, wmd.UNITS, where=line.where)
    letter = line["data_source"]
    is_blank = letter in SIGNS and SIGNS[letter].status is Status.MISSING
    status = wmd.voucher("" if is_blank else letter, line.where)
    return Observation(
        commodity=found.commodity,
        statistic=found.counted(),
        region=region_of(line["country"], where=line.where),
        years=read_years(line["year"], where=line.where),
        figure=scaled(vouched(read_figure(line["value"], where=line.where), status), multiple),
        unit=unit,
        basis=found.basis,
        place=line.file,
        line=line.number,
    )


def load_iea_copy(path: Path) -> Observations:
    """Read the supply of the Critical Minerals Dataset out of JSON; demand is passed over.

    The file has to be written with an indent of two, one value a line: so a figure is walked
    back to its line.

    Raises
    ------
    MonaziteError
        If the file is no such JSON, or at the first figure that cannot be understood.
    """
    text = read_text(path, "utf-8-sig")
    content = _json(text, path.name)
    tally = Tally()
    try:
        rows = list(_iea_rows(content["supply"], text, path.name, tally))
    except (AttributeError, KeyError, TypeError) as fault:
        raise TableError(
            f"the file is laid out otherwise: {fault}",
            where=path.name,
            way_out="give the re-keyed dataset of 2025, indented by two",
        ) from None
    base = min((row.years[0] for row in rows), default=0)
    return gather(f"{iea.KIND}-{base + 1}", rows, tally, name=path.name)


def _json(text: str, name: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as fault:
        raise TableError(
            f"the file is cut off or not JSON: {fault.msg}",
            where=f"{name}:{fault.lineno}",
            way_out="fetch it again",
        ) from None
    if not isinstance(content, dict) or "supply" not in content:
        raise TableError(
            "the file has no 'supply'", where=name, way_out="give the re-keyed dataset of 2025"
        )
    return content


def _iea_rows(
    supply: Mapping[str, Any], text: str, name: str, tally: Tally
) -> Iterator[Observation]:
    lines = _line_numbers(text)
    for mineral, stages in supply.items():
        for stage, statistic in _IEA_STAGES.items():
            block = stages[stage]
            countries = {**block["countries"], "Total": block["total"]}
            for country, figures in countries.items():
                if country.startswith(_NOTES):
                    tally.left_out["footnotes that stand as countries"] += 1
                    continue
                path = ("supply", mineral, stage, *_own_path(country))
                for year, value in figures.items():
                    status = Status.ESTIMATED if year == min(figures) else Status.PROJECTED
                    yield _iea_row(
                        (mineral, country, year), statistic, (value, status),
                        name, lines[*path, year],
                    )  # fmt: skip


def _own_path(country: str) -> tuple[str, ...]:
    return ("total",) if country == "Total" else ("countries", country)


def _iea_row(
    what: tuple[str, str, str], statistic: Statistic, cell: tuple[object, Status],
    name: str, line: int,
) -> Observation:  # fmt: skip
    mineral, country, year = what
    value, status = cell
    where = f"{name}:{line}"
    found = meaning(iea.KIND, _IEA_NAMES.get(mineral, mineral), where=where)
    unit, multiple = in_own_unit("kt", found.commodity, iea.UNITS, where=where)
    return Observation(
        commodity=found.commodity,
        statistic=statistic,
        region=region_of(country, where=where),
        years=read_years(year, where=where),
        figure=scaled(vouched(read_figure(str(value), where=where), status), multiple),
        unit=unit,
        basis=found.basis,
        place=name,
        line=line,
    )


def _line_numbers(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each key of an indented JSON by the path of keys that leads to it."""
    found: dict[tuple[str, ...], int] = {}
    path: list[str] = []
    for count, line in enumerate(text.splitlines(), start=1):
        stripped = line.lstrip(" ")
        if stripped.startswith('"') and '": ' in stripped:
            depth = (len(line) - len(stripped)) // 2
            key = json.loads(stripped[: stripped.index('": ') + 1])
            path[depth - 1 :] = [key]
            found[tuple(path)] = count
    return found


def load_baci_copy(path: Path) -> TradeFlows:
    """Read BACI as one CSV: ``year, exporter, importer, hs92, value_kusd, qty_t``.

    Raises
    ------
    MonaziteError
        If the file is no such CSV, at the first line that cannot be understood, or if a flow
        stands twice.
    """
    return _load_baci(path, BACI_COPY, "hs92", BACI_SOURCE)


def load_baci_hs17_copy(path: Path) -> TradeFlows:
    """Read BACI by codes of 2017 as one CSV, with ``hs6`` in the place of ``hs92``.

    Raises
    ------
    MonaziteError
        As `load_baci_copy` does.
    """
    return _load_baci(path, BACI_HS17_COPY, "hs6", BACI_HS17_SOURCE)


def _load_baci(path: Path, layout: str, code: str, source: str) -> TradeFlows:
    cells: dict[str, list[Any]] = {name: [] for name in _FLOW_CELLS}
    regions: dict[str, str] = {}
    seen: dict[tuple[str, ...], int] = {}
    known = customs_codes()
    for line in read_lines(path, layout):
        hs6 = line[code].zfill(6)
        if hs6 not in known:
            raise TableError(
                f"'{hs6}' is no customs code of ours",
                where=line.where,
                way_out="add it to the list",
            )
        region, partner = (
            _region(line[name], regions, line.where) for name in ("exporter", "importer")
        )
        _check_new(line, (line["year"], region, partner, hs6), seen)
        year, _ = read_years(line["year"], where=line.where)
        flow = (
            known[hs6].commodity, hs6, region, partner, year, _value(line),
            read_figure(line["qty_t"], where=line.where).value, line.number,
        )  # fmt: skip
        for name, cell in zip(_FLOW_CELLS, flow, strict=True):
            cells[name].append(cell)
    columns: dict[str, Any] = {
        name: typed("value" if name == "mass" else name, column) for name, column in cells.items()
    }
    return _ordered(TradeFlows(source, path.name, **columns))


_FLOW_CELLS = ("commodity", "hs6", "region", "partner", "year", "value", "mass", "line")


def _region(text: str, known: dict[str, str], where: str) -> str:
    if text not in known:
        known[text] = region_of(text, where=where)
        if known[text] == WORLD:
            raise TableError("the world is no partner", where=where, way_out="drop the line")
    return known[text]


def _check_new(line: FileLine, key: tuple[str, ...], seen: dict[tuple[str, ...], int]) -> None:
    if key in seen:
        raise TableError(
            f"the same flow stands in line {seen[key]}",
            where=line.where,
            way_out="drop one of them",
        )
    seen[key] = line.number


def _value(line: FileLine) -> float:
    value = read_figure(line["value_kusd"], where=line.where).value
    if np.isnan(value):
        raise TableError("a flow without a value", where=line.where, way_out="fetch it again")
    return value


def _ordered(trade: TradeFlows) -> TradeFlows:
    """Return the flows by customs code, year, exporter and importer."""
    keys = (trade.partner, trade.region, trade.year, trade.hs6)
    order = np.lexsort([key if key.dtype != object else key.astype("U6") for key in keys])
    return trade.taken(order)


COPIES: Mapping[str, Callable[[Path], Observations]] = MappingProxyType(
    {WMD_COPY: load_wmd_copy, "iea-copy": load_iea_copy}
)
"""Copies that hold observations by what ``monazite data load`` calls them."""
