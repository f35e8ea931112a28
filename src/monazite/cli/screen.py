"""Command that takes every supplier of every commodity away in turn."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import AsJson, Changes, Draws, EngineName, Seed, Workers, parameters
from monazite.cli.terminal import (
    MISSING,
    band,
    check_target,
    code,
    number,
    percent,
    print_json,
    progress,
    say,
    table,
    write_whole,
)
from monazite.errors import InputError

if TYPE_CHECKING:
    from monazite.study.order import OrderComparison
    from monazite.study.screening import CaseResult, Screening

FORMS = (".csv", ".svg")
"""Endings of files that can be written."""

Chains = Annotated[
    list[str] | None,
    typer.Option(
        "--chain",
        help="A shipped chain, a folder of your own, atlas/ and a mineral, or atlas for all of "
        "them; may be repeated.",
        show_default="those of today",
    ),
]
Partners = Annotated[
    str, typer.Option(metavar="CODES", help="Regions whose losses count, joined by commas.")
]
WhatIsCut = Annotated[
    str,
    typer.Option(
        metavar="exports|output",
        help="Whether a supplier ships nothing, or makes nothing: then what is made of the same "
        "ore in the same plant goes too.",
    ),
]
OddsFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Table of probabilities in place of `data show supplier_cut_odds`.",
        show_default=False,
    ),
]
Pairs = Annotated[
    int,
    typer.Option(metavar="K", min=0, help="Also try all pairs of the K worst within a chain."),
]

UsgsOrder = Annotated[
    bool,
    typer.Option(
        "--usgs-order",
        help="Lay the order of minerals beside that of the USGS 2025, for the first partner.",
    ),
]


def screen(
    chain: Chains = None,
    partners: Partners = "USA,JPN",
    cut: WhatIsCut = "exports",
    months: Annotated[int, typer.Option(min=1, help="Months without the supplier.")] = 12,
    draws: Draws = 1,
    seed: Seed = 0,
    pairs: Pairs = 0,
    odds: OddsFile = None,
    least_share: Annotated[
        float, typer.Option(help="Share of the world's that makes a supplier.")
    ] = 0.001,
    rows: Annotated[int, typer.Option(min=1, help="Cases to show.")] = 20,
    workers: Workers = 1,
    engine: EngineName = None,
    change: Changes = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File to write: all cases (.csv), or the map of losses (.svg).",
            show_default=False,
        ),
    ] = None,
    usgs_order: UsgsOrder = False,
    as_json: AsJson = False,
) -> None:
    """Take every supplier of every commodity away in turn, and rank what hurts most.

    Each case is simulated month by month: prices, stocks, substitution and all other suppliers
    answer. Loss is what users pay more for what they get, and the worth to them of what they do
    without; the ranking weighs it with the probability of the cut.

    For example:

        monazite screen
        monazite screen --partners JPN --cut output --pairs 8
        monazite screen --chain rare-earths-2024 --draws 50 --workers 2 --out losses.svg
        monazite screen --chain atlas --partners USA --workers 2 --out minerals.svg
        monazite screen --chain atlas --chain rare-earths-2024 --partners USA --usgs-order
        monazite screen --odds my-odds.csv --json
    """
    from monazite.study import screening
    from monazite.study.order import compare_order

    _check_out(out)
    with progress("Taking suppliers away") as tell:
        order = screening.ScreenOrder(
            networks=tuple(chain or screening.SCREENED),
            partners=_codes(partners),
            cut=cut,
            months=months,
            least_share=least_share,
            pairs=pairs,
            odds=odds,
        )
        found = screening.screen(
            order,
            draws=draws,
            seed=seed,
            processes=workers,
            engine=engine,
            progress=tell,
            **parameters(change),
        )
    if out is not None:
        write_whole(out, found.as_csv() if out.suffix == ".csv" else found.as_picture())
    _tell(found, compare_order(found, order.partners[0]) if usgs_order else None, rows, as_json)
    if out is not None and not as_json:
        say(f"Written: {out}")


def _tell(found: "Screening", compared: "OrderComparison | None", rows: int, as_json: bool) -> None:
    if as_json:
        beside = {} if compared is None else {"usgs_order": compared.as_dict()}
        print_json(found.as_dict() | beside)
        return
    _show(found, rows)
    if compared is not None:
        _show_order(compared)


def _check_out(out: Path | None) -> None:
    """See before the work begins that the file can be written, and how."""
    if out is None:
        return
    if out.suffix not in FORMS:
        raise InputError(
            f"'{out.suffix}' is no format of a screening",
            where=str(out),
            way_out="end the file's name in .csv for the cases or .svg for the map",
        )
    check_target(out)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _show(found: "Screening", rows: int) -> None:
    order = found.order
    what = "ships nothing" if order.cut == "exports" else "makes nothing"
    who = " and ".join(order.partners)
    say(f"{len(found.singles)} suppliers; each {what} for {order.months} months.")
    say(f"Loss: of users in {who} together, MUSD; weighed with the odds of a cut within a year.")
    say()
    _table(found, found.singles[:rows], "What hurts most")
    if found.pairs:
        _table(found, found.pairs[:rows], "Two at once")
    unsure = sum(row.rationed > 0 for row in found.singles)
    if unsure:
        say(f"* {unsure} cases ration goods in {who}: no price, and the loss is a lower bound.")
    say(f"Largest residual of all certificates: {found.residual:.0e}.")


def _show_order(compared: "OrderComparison") -> None:
    table(
        f"Minerals by expected loss of {compared.partner}, beside the USGS 2025",
        [code("mineral"), number("USGS"), number("here"), number("expected MUSD")],
        [
            [row.name, f"{row.published:g}", f"{row.found:g}", f"{row.expected_musd:,.1f}"]
            for row in compared.rows
        ],
        caption=f"Rank correlation (Spearman) {compared.spearman:.2f} over {len(compared.rows)} "
        f"minerals, p = {compared.p_value:.2f}; {len(compared.not_compared)} not compared.",
    )


def _table(found: "Screening", rows: "tuple[CaseResult, ...]", title: str) -> None:
    is_pair = bool(rows) and rows[0].beyond_parts is not None
    is_banded = found.draws > 1
    table(
        title,
        [
            number("#"), *([number("rank")] if is_banded else []), code("supplier"),
            number("over parts" if is_pair else "share"), number("loss"),
            *([number("80 % band")] if is_banded else []),
            code("short in month"), number("odds"), number("weighed"),
        ],
        [_row(found, row, place) for place, row in enumerate(rows, start=1)],
        caption="Odds: `monazite data show screening/supplier_cut_odds`; --json names the rows.",
    )  # fmt: skip


def _row(found: "Screening", row: "CaseResult", place: int) -> list[str]:
    names = " + ".join(f"{removal.region} {removal.commodity}" for removal in row.case)
    beyond, is_banded = row.beyond_parts, found.draws > 1
    first = (
        f"{region} {MISSING if lost.first_short is None else lost.first_short}"
        for region, lost in row.partners.items()
    )
    return [
        f"{place}", *([band(row.rank.low, row.rank.high, 0)] if is_banded else []), names,
        percent(row.case[0].share) if beyond is None else f"{beyond.median or 0.0:+,.1f}",
        f"{row.loss.median or 0.0:,.1f}{'*' if row.rationed else ''}",
        *([band(row.loss.low, row.loss.high)] if is_banded else []),
        ", ".join(first), percent(row.probability), f"{row.expected.median or 0.0:,.1f}",
    ]  # fmt: skip
