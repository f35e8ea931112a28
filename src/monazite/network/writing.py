"""Write a network as a folder, and condense its content to a digest."""

import csv
import hashlib
import json
import math
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from monazite.errors import TableError
from monazite.labels import REGIONS
from monazite.network import sheets
from monazite.network.lines import UNLIMITED, Sheet
from monazite.network.nouns import NetworkTables, Process, Provenance, Quota, Route, Rung, Use
from monazite.reference.source import SOURCES_FILE, Source

Cells = dict[str, str | float | None]


def write_folder(network: NetworkTables, path: Path) -> Path:
    """Write every file into a new or empty folder; all of them or none.

    Raises
    ------
    TableError
        If the folder holds something already.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise TableError(
            "there is something already", where=str(path), way_out="name a new or an empty folder"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        draft = Path(scratch) / "network"
        draft.mkdir()
        _write_files(network, draft)
        if path.exists():
            path.rmdir()
        shutil.move(draft, path)
    return path


def digest(network: NetworkTables) -> str:
    """Return a SHA-256 of heading and rows, whatever their order and wherever they were read."""
    content = hashlib.sha256()
    content.update(json.dumps(_heading(network), sort_keys=True).encode())
    for sheet, rows in _tables(network):
        lines = sorted("\x1f".join(_row(sheet, cells)) for cells in rows)
        content.update(f"\x1d{sheet.name}\x1e".encode())
        content.update("\x1e".join(lines).encode())
    return content.hexdigest()


def _write_files(network: NetworkTables, folder: Path) -> None:
    heading = [f"{key} = {_toml(value)}\n" for key, value in _heading(network).items()]
    (folder / sheets.NETWORK_FILE).write_text("".join(heading), encoding="utf-8")
    if network.sources:
        sources = "\n".join(_source(source) for source in network.sources)
        (folder / SOURCES_FILE).write_text(sources, encoding="utf-8")
    for sheet, rows in _tables(network):
        lines = [_row(sheet, cells) for cells in rows]
        if lines:
            with (folder / f"{sheet.name}.csv").open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows([sheet.columns, *lines])


def _heading(network: NetworkTables) -> dict[str, str | int | list[str]]:
    heading: dict[str, str | int | list[str]] = {
        "name": network.name,
        "title": network.title,
        "description": network.description,
        "base_year": network.base_year,
        "quantity_unit": network.quantity_unit,
        "price_unit": network.price_unit,
    }
    own = _own_regions(network)
    return {**heading, "own_regions": own} if own else heading


def _own_regions(network: NetworkTables) -> list[str]:
    return sorted({*network.own_regions, *(network.named_regions() - REGIONS.keys())})


def _source(source: Source) -> str:
    given = {key: value for key, value in asdict(source).items() if value and key != "id"}
    return f"[{source.id}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in given.items())


def _toml(value: str | int | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _row(sheet: Sheet, cells: Cells) -> list[str]:
    return [_text(column, cells.get(column)) for column in sheet.columns]


def _text(column: str, value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str) or column == "year":
        return str(value)
    return UNLIMITED if math.isinf(value) else repr(float(value))


def _cited(row: Provenance) -> Cells:
    return {"source": row.source, "grade": row.grade, "note": row.note, "year": row.year}


def _tables(network: NetworkTables) -> Iterator[tuple[Sheet, list[Cells]]]:
    flow, price = f"{network.quantity_unit}/yr", network.price_unit
    yield sheets.COMMODITIES, [*_commodities(network)]
    yield (
        sheets.PRICES,
        [
            {
                "commodity": row.commodity,
                "region": row.region,
                "price": row.price,
                "unit": price,
                **_cited(row.provenance),
            }
            for row in network.base_prices
        ],
    )
    yield sheets.PROCESSES, [_process(row, flow, price) for row in network.processes]
    yield sheets.RECIPES, [cells for row in network.processes for cells in _recipe(row)]
    yield sheets.ROUTES, [_route(row, flow, price) for row in network.routes]
    yield sheets.USES, [_use(row, flow) for row in network.uses]
    yield sheets.LADDERS, [*_ladders(network.uses, price)]
    yield sheets.COVER, [cells for use in network.uses for cells in _cover(use)]
    yield (
        sheets.HOLDERS,
        [
            {
                "commodity": row.commodity,
                "region": row.region,
                "stock": row.stock,
                "kind": row.kind,
                "unit": network.quantity_unit,
                **_cited(row.provenance),
            }
            for row in network.holders
        ],
    )
    yield (
        sheets.QUOTAS,
        [cells for quota in network.quotas for cells in _quota(quota, network.routes, flow)],
    )


def _commodities(network: NetworkTables) -> Iterator[Cells]:
    for row in network.commodities:
        yield {
            "commodity": row.code,
            "stage": row.stage,
            "name": row.name,
            "elements": ";".join(
                f"{name}:{float(share)!r}" for name, share in row.elements.items()
            ),
            "unit": row.unit or network.quantity_unit,
            **_cited(row.provenance),
        }


def _process(row: Process, flow: str, price: str) -> Cells:
    return {
        "process": row.name,
        "region": row.region,
        "capacity": row.capacity,
        "stage": row.stage,
        "activity": row.activity,
        "unit_cost": row.unit_cost,
        "cost_unit": price,
        "spread": row.spread,
        "form": row.form,
        "slope": row.slope,
        "unit": flow,
        **_cited(row.provenance),
    }


def _recipe(row: Process) -> Iterator[Cells]:
    cited = dict(row.recipe_provenance)
    for commodity, amount in row.recipe.items():
        yield {
            "process": row.name,
            "region": row.region,
            "commodity": commodity,
            "coefficient": amount,
            "unit": "1",
            **_cited(cited.get(commodity, row.provenance)),
        }


def _route(row: Route, flow: str, price: str) -> Cells:
    return {
        "commodity": row.commodity,
        "origin": row.origin,
        "destination": row.destination,
        "channel": row.channel,
        "flow": row.flow,
        "cost": row.cost,
        "cost_unit": price,
        "expansion": row.expansion,
        "contract_share": row.contract_share,
        "form": row.form,
        "slope": row.slope,
        "unit": flow,
        **_cited(row.provenance),
    }


def _use(row: Use, flow: str) -> Cells:
    return {
        "use": row.name,
        "region": row.region,
        "commodity": row.commodity,
        "demand": row.demand,
        "elasticity": row.elasticity,
        "ladder": _ladder_name(row.rungs) if row.rungs else None,
        "form": row.form,
        "intercept": row.intercept,
        "slope": row.slope,
        "unit": flow,
        **_cited(row.provenance),
    }


def _ladder_name(rungs: tuple[Rung, ...]) -> str:
    """Name a ladder by its content, so that the order of the uses does not matter."""
    content = repr([_row(sheets.LADDERS, _rung(rung, "")) for rung in rungs])
    return f"ladder-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _rung(rung: Rung, price: str) -> Cells:
    return {
        "share": rung.share,
        "price_multiple": rung.price_multiple,
        "price_add": rung.price_add,
        "spread": rung.spread,
        "unit": price,
        **_cited(rung.provenance),
    }


def _ladders(uses: Iterable[Use], price: str) -> Iterator[Cells]:
    ladders = {_ladder_name(use.rungs): use.rungs for use in uses if use.rungs}
    for name, rungs in ladders.items():
        for rung in rungs:
            yield {"ladder": name, **_rung(rung, price)}


def _cover(use: Use) -> Iterator[Cells]:
    for part in use.cover:
        yield {
            "use": use.name,
            "region": use.region,
            "cover_class": part.name,
            "share": part.share,
            "months": part.months,
            "commodity": use.commodity,
            "unit": "months",
            **_cited(part.provenance),
        }


def _quota(quota: Quota, routes: tuple[Route, ...], flow: str) -> Iterator[Cells]:
    for index in quota.routes:
        route = routes[index]
        yield {
            "quota": quota.name,
            "commodity": route.commodity,
            "origin": route.origin,
            "destination": route.destination,
            "limit": quota.limit,
            "channel": route.channel,
            "unit": flow,
            **_cited(quota.provenance),
        }
