"""A plan as a terminal shows it: what to do, what it costs, what it is worth, what stays short."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from monazite.cli.terminal import (
    MISSING,
    amount,
    band,
    code,
    multiple,
    number,
    percent,
    say,
    table,
    words,
)

if TYPE_CHECKING:
    from monazite.study.plans import PlanRun

MOST_ROWS = 12
"""Rows of a table that explains; --json holds all."""
Content = dict[str, Any]
"""A plan as `PlanRun.as_dict` tells it."""

_HEADLINES = {
    "optimal": "The best plan",
    "gap_reached": "A plan as good as was asked for",
    "time_limit": "The best plan that time allowed",
    "interrupted": "Interrupted: the best plan so far",
    "targets_missed": "TARGETS ARE MISSED by any plan: this one comes nearest",
    "infeasible": "DEMAND THAT MUST BE MET IS NOT MET by any plan: this one comes nearest",
}


def show_plan(run: "PlanRun") -> None:
    """Print a plan."""
    content = run.as_dict()
    say(f"{content['title']}: {content['horizon'][0]} to {content['horizon'][1]}")
    if not run.plan.solution.is_found:
        _show_none(content)
        return
    _show_headline(content)
    if content["explanation"]:
        _show_explanation(content["explanation"])
    for show in (
        _show_portfolio, _show_stockpile, _show_coverage, _show_targets, _show_costs, _show_cash,
        _show_gain, _show_bottlenecks, _show_joining, _show_frontier, _show_worths,
        _show_information, _show_replay,
    ):  # fmt: skip
        show(content)
    _show_certificate(content)


def _show_none(content: Content) -> None:
    rows = content["explanation"]
    if content["status"] != "infeasible":
        say(f"No plan was found ({content['status'].replace('_', ' ')}): give it more time.")
        return
    say("NO PLAN IS POSSIBLE: rules of the programme exclude each other.")
    say()
    table(
        "Rules that cannot hold together, and by how much they are missed at least",
        [words("rule"), number("missed by")],
        [[row["row"], amount(row["amount"])] for row in rows[:MOST_ROWS]],
    )


def _show_headline(content: Content) -> None:
    units, status = content["units"], content["status"]
    projects, stocks = len(content["portfolio"]), len(content["stockpile"])
    say(
        f"{_HEADLINES.get(status, status)}: {_counted(projects, 'project')}, "
        f"{_counted(stocks, 'purchase')} for stock, {_money(content['objective'])} "
        f"{units['money']} discounted; no plan costs less than {_money(content['bound'])} "
        f"(gap {percent(content['gap'], 2)}); {_counted(content['draws'], 'draw')}, "
        f"{_counted(content['candidates'], 'candidate')}."
    )
    say()


def _show_explanation(rows: list[Content]) -> None:
    table(
        "What cannot be reached",
        [words("what"), code("when"), number("wanted"), number("reached"), number("missed by")],
        [
            [row["what"], row["step"], percent(row["wanted"], 1), percent(row["reached"], 1),
             percent(row["missed"], 1)]
            for row in rows[:MOST_ROWS]
        ],
        caption=_more(rows),
    )  # fmt: skip


def _show_portfolio(content: Content) -> None:
    unit = content["units"]["money"]
    rows = content["portfolio"]
    if not rows:
        say("Nothing is built.")
        say()
        return
    table(
        f"What is built, {unit} not discounted",
        [
            number("decided"), number("runs"), code("project"), code("stage"), code("where"),
            code("payer"), words("package"), number("capital"), number("public"), number("odds"),
            number("use"),
        ],
        [
            [
                str(row["decided"]), str(row["starts"]), _sized(row), row["stage"], row["region"],
                row["partner"] or MISSING, row["package"] or MISSING, _money(row["capital"]),
                _money(row["public_cost"]), percent(row["success"]), percent(row["use"]),
            ]
            for row in rows
        ],
        caption="Runs: first year if nothing slips. Odds: that it comes at all. Use: of what has "
        "come, in the last step.",
    )  # fmt: skip


def _sized(row: Content) -> str:
    return (
        row["project"] if abs(row["size"] - 1) < 1e-6 else f"{row['project']} × {row['size']:.4g}"
    )


def _show_stockpile(content: Content) -> None:
    if content["stockpile"]:
        table(
            "What is bought for stock",
            [number("year"), code("good"), code("whose"), number(content["units"]["quantity"])],
            [
                [str(row["year"]), row["commodity"], row["partner"], amount(row["quantity"])]
                for row in sorted(content["stockpile"], key=lambda row: row["year"])
            ],
        )


def _show_coverage(content: Content) -> None:
    rows = content["coverage"]
    if not rows:
        return
    table(
        "Share of demand that is served, at base prices",
        [code("partner"), code("when"), number("mean"), number("nine draws in ten"),
         number("cost of the rest")],
        [
            [
                row["partner"], row["step"], percent(row["mean"], 1),
                f"{percent(row['low'], 1)} – {percent(row['high'], 1)}", _money(row["unmet"]),
            ]
            for row in rows
        ],
        caption=f"Cost of going without: expected, {content['units']['money']} not discounted.",
    )  # fmt: skip
    short = content["shortages"]
    if short:
        worst = sorted(short, key=lambda row: -row["share"])
        table(
            "Largest shares that stay short, mean over the draws",
            [code("partner"), words("use"), code("good"), code("when"),
             number(content["units"]["quantity"]), number("share"), number("nine draws in ten")],
            [
                [row["partner"], row["use"], row["commodity"], row["step"],
                 amount(row["quantity"]), percent(row["share"], 1), band(row["low"], row["high"])]
                for row in worst[:MOST_ROWS]
            ],
            caption=_more(short),
        )  # fmt: skip


def _show_targets(content: Content) -> None:
    names = list(dict.fromkeys(row["target"] for row in content["targets"]))
    if not names:
        return
    unit = content["units"]["money"]
    rows = []
    for name in names:
        years = [row for row in content["targets"] if row["target"] == name]
        worst = min(years, key=lambda row: row["reached"] - row["wanted"])
        rows.append(
            [
                name, f"{years[0]['step']}–{years[-1]['step']}", percent(worst["wanted"], 1),
                percent(worst["reached"], 1), worst["step"],
                percent(max(row["missed"] for row in years), 1),
                MISSING if worst["value"] is None else _money(worst["value"] / 100),
            ]
        )  # fmt: skip
    table(
        "Targets",
        [words("target"), code("binds"), number("wanted"), number("least reached"), code("in"),
         number("missed by"), number("a point costs")],
        rows,
        caption=f"A point costs: what one percentage point more would cost in all, {unit} "
        "discounted, from the relaxed plan.",
    )  # fmt: skip


def _show_costs(content: Content) -> None:
    lines = {name: cost for name, cost in content["cost_lines"].items() if cost}
    table(
        f"What the plan costs, {content['units']['money']} discounted",
        [words("line"), number("cost")],
        [[name, _money(cost)] for name, cost in lines.items()]
        + [["together: the objective", _money(sum(lines.values()))]],
        caption="Resource cost, expected over the draws. Public money is another account.",
    )


def _show_cash(content: Content) -> None:
    if content["cash"]:
        table(
            f"Public money by year, {content['units']['money']} not discounted",
            [code("partner"), number("year"), number("expected"), number("worst twentieth"),
             number("budget")],
            [
                [row["partner"], str(row["year"]), _money(row["public"]), _money(row["tail"]),
                 MISSING if row["budget"] is None else _money(row["budget"])]
                for row in content["cash"]
            ],
            caption="The worst twentieth is of packages alone; purchases for stock are certain.",
        )  # fmt: skip


def _show_gain(content: Content) -> None:
    gain = content["gain_of_joint_plan"]
    if gain is None:
        return
    low, high = content["gain_range"]
    unit, apart = content["units"]["money"], sum(content["separate"].values())
    together = content["coalitions"]["+".join(sorted(content["separate"]))]
    table(
        "Planning together against planning apart",
        [code("partner"), number("alone costs"), number("share of the gain (Shapley)")],
        [
            [partner, _money(cost), _money(content["shapley"][partner])]
            for partner, cost in content["separate"].items()
        ],
        caption=f"Apart {_money(apart)}, together {_money(together)}: gain "
        f"{_money(gain)} {unit} ({percent(gain / apart if apart else 0.0, 1)}); given the gaps "
        f"between {_money(low)} and {_money(high)}. A target that somebody cannot reach alone "
        "counts at what it reaches.",
    )


def _show_bottlenecks(content: Content) -> None:
    rows, quantity = content["bottlenecks"], content["units"]["quantity"]
    if rows:
        table(
            "Stages that hold the plan back",
            [code("stage"), code("where"), number("worth of a unit more"), number("use"),
             number("built"), number("on offer")],
            [
                [row["stage"], row["region"], f"{row['value']:.4f}", percent(row["use"]),
                 amount(row["built"]), amount(row["asked"])]
                for row in rows[:MOST_ROWS]
            ],
            caption=f"Worth: {content['units']['money']} for a {quantity} a year more, over all "
            f"years. Built, on offer: {quantity} a year that the plan adds, that all candidates "
            f"would. {_more(rows)}",
        )  # fmt: skip
    for row in content["doubled"]:
        say(
            f"Doubled up: {row['stage']} in several countries at {percent(row['use'])} of use "
            f"({', '.join(row['projects'])})."
        )
    if content["doubled"]:
        say()


def _show_joining(content: Content) -> None:
    if content["joining"]:
        table(
            f"What a third party adds by joining, {content['units']['money']} discounted",
            [code("country"), number("gain"), number("given the gaps")],
            [
                [row["country"], _money(row["gain"]), band(row["low"], row["high"])]
                for row in content["joining"]
            ],
            caption="Its own plan and the partners' plan apart, less all together; fewer draws.",
        )


def _show_frontier(content: Content) -> None:
    if content["frontier"]:
        table(
            f"Cost against unmet demand, {content['units']['money']}",
            [number("may build for"), number("builds for"), number("projects"), number("cost"),
             number("unmet demand"), number("cost of going without"), number("gap")],
            [
                [_money(row["limit"]), _money(row["capital"]), str(row["projects"]),
                 _money(row["cost"]), _money(row["unmet"]), _money(row["unmet_cost"]),
                 percent(row["gap"], 1)]
                for row in content["frontier"]
            ],
            caption="Cost and cost of going without are discounted; unmet demand is at base "
            "prices, not discounted, expected.",
        )  # fmt: skip


def _show_worths(content: Content) -> None:
    if content["worths"]:
        table(
            f"What the plan would lose without a project, {content['units']['money']} discounted",
            [code("project"), number("worth"), number("given the gaps")],
            [
                [row["project"], _money(row["worth"]), band(row["low"], row["high"])]
                for row in content["worths"]
            ],
        )


def _show_information(content: Content) -> None:
    if content["evpi"] is not None:
        unit = content["units"]["money"]
        say(
            f"Knowing the draw beforehand would be worth at most {_money(content['evpi'])} {unit} "
            f"(EVPI); reckoning with all draws and not their mean saves {_money(content['vss'])} "
            f"{unit} (VSS)."
        )
        say()


def _show_replay(content: Content) -> None:
    replay = content["replay"]
    if not replay or not replay["shocks"]:
        return
    table(
        f"Replayed month by month: shocks that strike {replay['year']}, without and with the plan",
        [
            code("shock"), code("partner"), number("months to shortage"), number("most stopped"),
            number("output at risk"), words("dearest good"), number("public cost of floors"),
        ],
        [
            [
                shock["shock"], before["partner"],
                _pair(before, after, "months_to_shortage", _months),
                _pair(before, after, "peak_stopped", percent),
                _pair(before, after, "output_at_risk", _money),
                _dearest(shock, before["partner"]),
                _pair(shock["before"], shock["after"], "floor_cost", _money),
            ]
            for shock in replay["shocks"]
            for before, after in zip(
                shock["before"]["partners"], shock["after"]["partners"], strict=True
            )
        ],
        caption=" ".join(f"{remark[:1].upper()}{remark[1:]}." for remark in replay["remarks"]),
    )  # fmt: skip


def _pair(before: Content, after: Content, key: str, style: Callable[[Any], str]) -> str:
    return f"{style(before[key])} → {style(after[key])}"


def _months(value: int | None) -> str:
    return "never" if value is None else str(value)


def _dearest(shock: Content, partner: str) -> str:
    """Return the good whose price rises most without the plan, and its peaks."""
    before, after = (
        {row["commodity"]: row["peak"] for row in shock[run]["prices"] if row["partner"] == partner}
        for run in ("before", "after")
    )
    known = {good: peak for good, peak in before.items() if peak is not None}
    if not known:
        return MISSING
    good = max(known, key=known.__getitem__)
    return f"{good} × {multiple(known[good])} → {multiple(after.get(good))}"


def _show_certificate(content: Content) -> None:
    proof = content["certificate"]
    say(
        f"Certificate: {'holds' if proof['holds'] else 'DOES NOT HOLD'}; largest violation "
        f"{proof['primal']:.1e}, cost differs by {proof['difference']:.1e}, bound above cost by "
        f"{proof['bound_excess']:.1e}; {_counted(content['iterations'], 'round')} in "
        f"{content['seconds']:.0f} s."
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _money(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.1f}"


def _more(rows: list[Content]) -> str:
    left = len(rows) - MOST_ROWS
    return f"{left} more: --json." if left > 0 else ""
