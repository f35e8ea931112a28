"""Command on the money of one project: what support it needs and what that costs the public."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monazite.cli.options import AsJson
from monazite.cli.terminal import (
    MISSING,
    band,
    code,
    multiple,
    number,
    percent,
    print_json,
    progress,
    say,
    table,
    words,
)
from monazite.errors import InputError

if TYPE_CHECKING:
    from monazite.study.finance import FinanceRun

_LEVELS = "60,80,100,120"
View = dict[str, Any]
"""A settled project as `ProjectFinance.as_dict` tells it."""
_TITLES = {"unaided": "without support", "supported": "with its terms", "mix": "cheapest mix"}

ProjectName = Annotated[
    str | None,
    typer.Argument(metavar="PROJECT", help="A plant or case out of --list.", show_default=False),
]
CaseName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A shipped case with its real terms.", show_default=False),
]
Hurdle = Annotated[
    float | None,
    typer.Option(help="Real return that sponsors ask [1/year].", show_default="0.12; cases 0.10"),
]
Cover = Annotated[
    float | None,
    typer.Option(help="Debt service cover that lenders ask.", show_default="1.3; cases 1.2"),
]
Instruments = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND:TERM=VALUE,...",
        help="Support, such as grant:amount=120; may be repeated. Of a case in place of its real "
        "terms.",
    ),
]
FloorPrices = Annotated[
    str, typer.Option(metavar="PRICES", help="Market prices to look at floors at [USD/kg].")
]
PricePathCount = Annotated[int, typer.Option(min=2, help="Price paths to draw, an even number.")]
ProjectFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A table of projects of your own.", show_default=False),
]
PriceChain = Annotated[
    str | None,
    typer.Option(
        help="Chain whose base prices projects sell at: a shipped one or a folder.",
        show_default="rare earths, 2024",
    ),
]
Listed = Annotated[bool, typer.Option("--list", help="List what can be looked at, and stop.")]


def finance(
    project: ProjectName = None,
    case: CaseName = None,
    hurdle: Hurdle = None,
    cover: Cover = None,
    instrument: Instruments = None,
    floor_table: FloorPrices = _LEVELS,
    paths: PricePathCount = 500,
    projects: ProjectFile = None,
    chain: PriceChain = None,
    listed: Listed = False,
    as_json: AsJson = False,
) -> None:
    """Say what a project earns its owners, what support makes it bankable, and what that costs.

    Prices are drawn many times; money is in millions of constant dollars. Public cost is
    discounted and counts what contracts are expected to pay. Bankable means that sponsors get
    their hurdle in the mean and lenders their cover in the worst year of a low case.

    For example:

        monazite finance --list
        monazite finance mp-mountain-pass
        monazite finance vulcan --hurdle 0.10 --instrument grant:amount=400
        monazite finance --case jare-lynas --floor-table 50,70,90,110 --json
    """
    from monazite.study import finance as door

    if listed:
        _show_list(door.finance_list(projects), as_json=as_json)
        return
    order = door.FinanceOrder(
        hurdle=hurdle,
        cover=cover,
        instruments=tuple(instrument or ()),
        floor_prices=_prices(floor_table),
        paths=paths,
    )
    name = _name(project, case)
    with progress(f"Drawing prices for {name}"):
        found = door.finance(name, order=order, projects=projects, network=chain)
        content = found.as_dict()
    if as_json:
        print_json(content)
    else:
        _show(found, content)


def _name(project: str | None, case: str | None) -> str:
    from monazite.errors import UnknownCodeError
    from monazite.plan.deal import worked_cases

    if (project is None) == (case is None):
        raise InputError(
            "name one project or one --case", way_out="monazite finance --list shows them"
        )
    if case is not None and case not in worked_cases():
        raise UnknownCodeError("case", case, worked_cases(), where="--case")
    return case or project or ""


def _prices(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError as fault:
        raise InputError(
            f"'{text}' is no list of prices",
            where="--floor-table",
            way_out=f"write {_LEVELS}",
        ) from fault


def _show_list(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    table(
        "Projects that may be chosen, and cases with real terms",
        [code("name"), code("kind"), code("region"), code("stage"), words("what it is")],
        [[row["name"], row["kind"], row["region"], row["stage"], row["title"]] for row in rows],
        caption="`monazite finance NAME` looks at one.",
    )


def _show(found: "FinanceRun", content: dict[str, Any]) -> None:
    year = content["money"]["year"]
    say(f"{found.title}. Millions of constant dollars of {year}.")
    say()
    views = [("unaided", content["unaided"]), ("supported", content["supported"])]
    views.append(("mix", content["cheapest_mix"]))
    shown = [(name, view) for name, view in views if view is not None]
    _show_worth(shown, content)
    if found.no_mix:
        say(f"No cheapest mix: {found.no_mix}.")
        say()
    elif found.mix is not None and not found.mix.instruments:
        say("The cheapest mix is none: it is bankable with a loan of the size that lenders give.")
        say()
    _show_instruments(content)
    _show_cash(shown)
    for floor in content["floors"]:
        _show_floor(floor, year)
    if content["known_payment"]:
        _show_known(content["known_payment"])
    _show_ground(content)


def _show_worth(views: list[tuple[str, View]], content: dict[str, Any]) -> None:
    terms = content["terms"]
    table(
        "What it is worth to whom",
        [words(""), *(number(_TITLES[name]) for name, _ in views)],
        [[title, *(cell(view) for _, view in views)] for title, cell in _WORTH],
        caption=f"Capital cost {_money(content['capital']['spent'])}; hurdle "
        f"{percent(terms['hurdle'], 1)} real, cover asked {multiple(terms['cover'], 2)}, public "
        f"money discounted at {percent(terms['public_rate'], 1)}. {views[0][1]['prices']}.",
    )


def _money(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.1f}"


def _band(spread: dict[str, float], low: str = "p10", high: str = "p90") -> str:
    return band(spread[low], spread[high])


def _rate(view: dict[str, Any]) -> str:
    """Median rate; one that most paths do not have tells nothing."""
    known = view["irr"] is not None and 2 * view["irr_undefined"] < view["paths"]
    return percent(view["irr"]["p50"], 1) if known else MISSING


def _rates(view: dict[str, Any]) -> str:
    if _rate(view) == MISSING:
        return f"undefined in {percent(view['irr_undefined'] / view['paths'])}"
    return f"{percent(view['irr']['p10'], 1)} – {percent(view['irr']['p90'], 1)}"


_WORTH: tuple[tuple[str, Callable[[View], str]], ...] = (
    ("sponsors: net present value, mean", lambda view: _money(view["private_npv"]["mean"])),
    ("  80 % band", lambda view: _band(view["private_npv"])),
    ("sponsors: rate of return, median", _rate),
    ("  80 % band", _rates),
    ("cover of debt service, low case", lambda view: multiple(view["low_cover"], 2)),
    ("chance that debt is once unpaid", lambda view: percent(view["default_probability"])),
    ("public cost, expected", lambda view: _money(view["public_cost"]["mean"])),
    ("  90 % band", lambda view: _band(view["public_cost"], "p5", "p95")),
    ("  mean of the worst twentieth", lambda view: _money(view["public_cost"]["tail_mean"])),
    ("private money raised for building", lambda view: _money(view["raised"])),
    ("private per public dollar", lambda view: multiple(view["raised_per_public"], 2)),
)
"""Rows of the table of worth: title, and what a view says."""


def _show_instruments(content: dict[str, Any]) -> None:
    rows = []
    for title, view in (("terms", content["supported"]), ("mix", content["cheapest_mix"])):
        given = content["instruments"] if title == "terms" else (view or {}).get("instruments", [])
        for item in given:
            cost = view["by_instrument"].get(item["name"]) if view else None
            rows.append([title, item["name"], _terms(item), _money(cost)])
    if rows:
        table(
            "Support",
            [code(""), words("instrument"), words("terms"), number("expected cost")],
            rows,
            caption="Cost to the public, discounted; below zero it gets more back than it pays.",
        )


def _terms(item: dict[str, Any]) -> str:
    given = {name: cell for name, cell in item.items() if name not in ("kind", "name")}
    shown = ", ".join(
        f"{name} {cell:.6g}" if isinstance(cell, float | int) else f"{name} {cell}"
        for name, cell in given.items()
    )
    return f"{item['kind']}: {shown}"


def _show_cash(views: list[tuple[str, dict[str, Any]]]) -> None:
    views = [(name, view) for name, view in views if any(view["expected_cash"])]
    if not views:
        return
    years = views[0][1]["years"]
    spent = [
        place
        for place in range(len(years))
        if any(abs(view["expected_cash"][place]) > 5e-3 for _, view in views)
    ]
    table(
        "Public money by year, not discounted",
        [
            number("year"),
            *(number(f"{_TITLES[name]}, {what}") for name, _ in views for what in ("mean", "tail")),
        ],
        [
            [
                str(years[place]),
                *(
                    _money(view[key][place])
                    for _, view in views
                    for key in ("expected_cash", "tail_cash")
                ),
            ]
            for place in spent
        ],
        caption="Tail: mean of the worst twentieth of that year. Below zero money comes back.",
    )


def _show_floor(floor: dict[str, Any], year: int) -> None:
    table(
        f"What the floor of {floor['floor']:g} USD/kg pays ({floor['instrument']})",
        [
            number("market price, USD/kg"), number("a year, current MUSD"),
            number(f"over its life, MUSD of {year}"),
        ],
        [
            [f"{row['price']:g}", _money(row["yearly"]), _money(row["whole"])]
            for row in floor["rows"]
        ],
        caption=f"At {floor['tonnes']:,.0f} t of {floor['product']} a year and a price that stays; "
        "over its life discounted, and a floor fixed in current dollars loses worth. Below zero "
        "the project pays back.",
    )  # fmt: skip


def _show_known(known: dict[str, Any]) -> None:
    table(
        f"Market price that the {known['paid']:g} MUSD paid in {known['period']} imply",
        [words("if it was for what was"), number("tonnes"), number("USD/kg")],
        [
            [row["basis"], f"{row['tonnes']:,.0f}", f"{row['price']:.1f}"]
            for row in known["implied"]
        ],
    )


def _show_ground(content: dict[str, Any]) -> None:
    if content["capital"].get("rule"):
        say(f"Capital cost: {content['capital']['rule']}.")
    for line in content["assumptions"]:
        say(f"Assumed: {line}")
    if content["sources"]:
        say(f"Sources: {', '.join(content['sources'])} (--json cites them).")
