"""The atlas: who mines, refines and trades which mineral; and building its tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from monazite.cli.options import AsJson
from monazite.cli.terminal import (
    MISSING,
    card,
    code,
    number,
    percent,
    print_json,
    progress,
    say,
    table,
    words,
    write_whole,
)

_LARGEST = 8
"""Suppliers of a source, and goods of a country, that a screen holds."""
_INDEX = "HHI: 0 scattered, 1 a single region; other countries in one sum count as very many."


def atlas(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="MINERAL|COUNTRY|map",
            help="A code or an English name, such as gallium or Japan.",
            show_default="all minerals",
        ),
    ] = None,
    year: Annotated[
        int, typer.Option(min=2018, help="Figures of this year, or the last before it.")
    ] = 2024,
    mineral: Annotated[
        str, typer.Option(metavar="MINERAL", help="Of the map: one mineral.", show_default="all")
    ] = "",
    stage: Annotated[str, typer.Option(metavar="STAGE", help="Of the map: mine or refinery.")] = "",
    out: Annotated[Path, typer.Option(help="Of the map: file to write, .svg.")] = Path(
        "atlas-map.svg"
    ),
    as_json: AsJson = False,
) -> None:
    """Show who mines, refines and trades which mineral, from official statistics.

    Without a name every mineral has a row. Shares come from one source, which the row names; where
    sources disagree, a mineral shows all of them. --json has file and line of every figure.

    For example:

        monazite atlas
        monazite atlas gallium
        monazite atlas "Rare earths" --year 2025
        monazite atlas Japan --json
        monazite atlas map --mineral cobalt --stage mine --out cobalt.svg
    """
    from monazite.errors import InputError

    if name == "map":
        _draw(mineral, year, stage, out)
        return
    if mineral or stage:
        raise InputError(
            "--mineral and --stage are of the map", way_out="write: monazite atlas map --mineral X"
        )
    from monazite.study import atlas as door

    with progress("Reading the atlas"):
        content = door.atlas_minerals(year) if name is None else door.atlas_lookup(name, year)
    if as_json:
        print_json(content)
    elif isinstance(content, list):
        _show_all(content)
    elif content["kind"] == "mineral":
        _show_mineral(content)
    else:
        _show_region(content)


def _draw(mineral: str, year: int, stage: str, out: Path) -> None:
    from monazite.errors import InputError
    from monazite.study.atlas_map import atlas_map

    if out.suffix != ".svg":
        raise InputError("the map is written as SVG", where=str(out), way_out="end it in .svg")
    with progress("Drawing the map"):
        write_whole(out, atlas_map(mineral, year, stage))
    say(f"{out}: the map")


def build(
    raw: Annotated[Path, typer.Argument(metavar="RAW_DIR", help="Folder of the official files.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write the tables to.")] = Path(
        "atlas"
    ),
    as_json: AsJson = False,
) -> None:
    """Build the tables of the atlas out of a folder of official files.

    The same files give the same bytes. docs/reference/atlas.md tells what the files are called.

    For example:

        monazite data build downloads --out atlas
    """
    from monazite.study import atlas as door

    with progress("Reading the files"):
        report = door.build_atlas_tables(raw, out)
    if as_json:
        print_json(report)
        return
    for file, size in report["files"].items():
        say(f"{out / file}: {size:,} bytes")
    say(
        f"{report['rows']:,} rows. World totals that are not the sum of their regions: "
        f"{report['gaps']}."
    )


def _show_all(rows: Sequence[Mapping[str, Any]]) -> None:
    table(
        "Minerals of the atlas",
        [
            code("mineral"), code("stage"), code("years"), number("world"), code("unit"),
            code("largest"), number("share"), number("HHI"), number("producers"),
            words("US net imports"), code("source"),
        ],
        [
            [
                row["commodity"], row["stage"], row["years"], _quantity(row["world"]), _unit(row),
                row["largest"] or MISSING, percent(row["share"], 1), _index(row["hhi"]),
                str(row["producers"]), row["us_net_import_reliance"] or MISSING, row["source"],
            ]
            for row in rows
        ],
        caption=_INDEX,
    )  # fmt: skip


def _show_mineral(content: Mapping[str, Any]) -> None:
    _show_supply(content)
    _show_trend(content)
    _show_reliance(content)
    _show_prices(content["prices"])
    _show_flows(content["flows"])
    for gap in content["gaps"]:
        say(
            f"World total {gap['year']} of {gap['source']}: {gap['stated']:,.10g} {gap['unit']} "
            f"are stated, the regions sum to {gap['summed']:,.10g}"
            + (f" ({gap['reason']})." if gap["reason"] else ".")
        )


def _show_supply(content: Mapping[str, Any]) -> None:
    table(
        f"{content['name']}: who supplies it, by stage and source",
        [
            code("stage"), code("source"), code("years"), number("world"), code("unit"),
            number("producers"), number("HHI"), number("weighted"),
        ],
        [
            [
                row["stage"], row["source"], row["years"], _quantity(row["world"]), _unit(row),
                str(row["producers"]), _index(row["hhi"]), _index(row["governance_weighted_hhi"]),
            ]
            for row in content["supply"]
        ],
        caption=f"{_INDEX} Weighted: each squared share times the risk of the region's political "
        "stability, 0 best, 1 worst.",
    )  # fmt: skip
    for row in content["supply"]:
        card(
            f"{row['stage'].capitalize()}, {row['source']}, {row['years']}", _largest(row["shares"])
        )
    say()


def _show_trend(content: Mapping[str, Any]) -> None:
    if not content["trend"]:
        return
    table(
        "Concentration by year",
        [code("stage"), code("years"), number("world"), code("unit"), code("largest"),
         number("share"), number("HHI"), code("source")],
        [
            [
                row["stage"], row["years"], _quantity(row["world"]), _unit(row),
                row["largest"] or MISSING, percent(row["share"], 1), _index(row["hhi"]),
                row["source"],
            ]
            for row in content["trend"]
        ],
    )  # fmt: skip


def _show_reliance(content: Mapping[str, Any]) -> None:
    told = [row for row in content["reliance"] if row["told"]]
    if told:
        last = max(row["year"] for row in told)
        say(f"Net import reliance of the United States, {last}", indent=0)
        for row in told:
            if row["year"] == last:
                say(f"{row['told']}: {row['form']} ({row['source']})", indent=2)
        say()
    forms: dict[str, list[str]] = {}
    for row in content["import_sources"]:
        share = percent(row["share"])
        forms.setdefault(f"{row['form']}, {row['years']}", []).append(f"{row['partner']} {share}")
    for form, partners in forms.items():
        card(f"US imports of {form}", ", ".join(partners))


def _show_prices(prices: Sequence[Mapping[str, Any]]) -> None:
    """Show each good with its prices by year, the last one by the tonne, and the trend."""
    goods: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in prices:
        goods.setdefault((row["good"], row["unit"]), []).append(row)
    for (good, unit), rows in goods.items():
        last = rows[-1]
        lead = "Leading price" if last["leading"] else "Price"
        told = ", ".join(f"{row['year']} {_published(row)}" for row in rows)
        card(f"{lead} ({last['source']}), {good}", f"{unit}: {told}", _by_the_tonne(rows))
    if prices:
        say()


def _by_the_tonne(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the last price that is one figure in USD/t, and the change since the first one."""
    known = [row for row in rows if row["price_usd_t"] is not None]
    if not known:
        return ""
    last, change = known[-1], known[-1]["price_usd_t"] / known[0]["price_usd_t"] - 1.0
    parts = [f"{last['year']}: {last['price_usd_t']:,.0f} USD/t {last['basis']}"]
    if last["element_usd_t"] is not None and last["element_usd_t"] != last["price_usd_t"]:
        parts.append(f"{last['element_usd_t']:,.0f} USD/t {last['element']}")
    if len(known) > 1:
        parts.append(f"{change:+.0%} since {known[0]['year']}")
    return ", ".join(parts)


def _published(row: Mapping[str, Any]) -> str:
    """Return a price as published; a range as one, and why there is none where there is none."""
    if row["price"] is not None:
        return f"{row['price']:,.10g}"
    if row["status"] == "range":
        return f"{row['low']:,.10g}-{row['high']:,.10g}"
    return str(row["status"])


def _show_flows(flows: Sequence[Mapping[str, Any]]) -> None:
    if not flows:
        return
    table(
        f"Largest flows, {flows[0]['year']} ({flows[0]['source']})",
        [code("stage"), code("from"), code("to"), number("thousand USD"), number("share"),
         number("t gross"), words("customs codes")],
        [
            [
                flow["stage"], flow["exporter"], flow["importer"], _quantity(flow["value_kusd"]),
                percent(flow["share"], 1), _quantity(flow["mass_t"]), ", ".join(flow["hs6"]),
            ]
            for flow in flows
        ],
    )  # fmt: skip


def _show_region(content: Mapping[str, Any]) -> None:
    table(
        f"{content['name']}: what it mines and refines",
        [code("mineral"), code("stage"), code("years"), number("quantity"), code("unit"),
         number("share"), number("rank"), code("source")],
        [
            [
                row["commodity"], row["stage"], row["years"], _quantity(row["quantity"]),
                _unit(row), percent(row["share"], 1), str(row["rank"]), row["source"],
            ]
            for row in content["makes"]
        ],
    )  # fmt: skip
    table(
        "What it imports, largest first",
        [code("mineral"), code("stage"), number("thousand USD"), number("t gross"),
         code("supplier"), number("share"), number("suppliers"), number("HHI")],
        [
            [
                row["commodity"], row["stage"], _quantity(row["value_kusd"]),
                _quantity(row["mass_t"]), row["supplier"], percent(row["supplier_share"], 1),
                str(row["suppliers"]), _index(row["supplier_hhi"]),
            ]
            for row in content["imports"]
        ],
    )  # fmt: skip


def _largest(shares: Sequence[Mapping[str, Any]]) -> str:
    told = [f"{row['region']} {percent(row['share'], 1)}" for row in shares[:_LARGEST]]
    more = len(shares) - len(told)
    return ", ".join(told) + (f", and {more} more" if more > 0 else "")


def _unit(row: Mapping[str, Any]) -> str:
    unit = row["unit"]
    if unit is None:
        return "shares"
    return f"{unit} {row['basis']}" if row["basis"] else str(unit)


def _quantity(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.0f}"


def _index(value: float | None) -> str:
    return MISSING if value is None else f"{value:.2f}"
