"""Stocks as a terminal shows them: what to keep where, own, pooled and by flat rules."""

from typing import TYPE_CHECKING

from monazite.cli.terminal import MISSING, amount, code, number, percent, say, table, words

if TYPE_CHECKING:
    from monazite.plan.stockpile import StockStudy
    from monazite.plan.stocksearch import Choice, StockOutcome

_FORMS = {"separation": "oxide"}
"""Stages by what is kept of them, where that is not the same word."""


def show_stocks(found: "StockStudy") -> None:
    """Print a study of stocks."""
    aim, money = found.aim, found.money_unit
    say(
        f"Stocks that avert {percent(aim.protection)} of the loss in the worst "
        f"{percent(1 - aim.level)} of the draws. Money in {money}."
    )
    for choice in (*found.own, found.pooled):
        if not choice.is_reached:
            say(
                f"NOT REACHED by {_who(choice)}: stocks can avert "
                f"{percent(choice.chosen.protection)} at most; shown is what averts that."
            )
    say()
    _show_kept(found)
    _show_rules(found)
    say(
        f"Planning and stocking together saves {_money(found.saved)} {money}, discounted; "
        f"without any stocks {_money(found.saved_without_stocks)}."
    )
    say()
    _show_trials(found)


def _who(choice: "Choice") -> str:
    return " and ".join(choice.partners)


def _show_kept(found: "StockStudy") -> None:
    rows = [
        [
            "together" if choice is found.pooled else "alone", kept.commodity,
            _FORMS.get(kept.form, kept.form), kept.place, f"{kept.days:.0f}",
            amount(kept.quantity), _money(kept.cost_a_year),
        ]
        for choice in (found.pooled, *found.own)
        for kept in choice.chosen.kept
    ]  # fmt: skip
    table(
        "What is kept",
        [code("plan"), code("good"), code("form"), code("where"), number("days"),
         number(found.quantity_unit), number(f"{found.money_unit} a year")],
        rows,
        caption="Days of use there in the base year; cost a year of holding and capital."
        if rows
        else "Nothing: no stock is worth its cost, or none is asked for.",
    )  # fmt: skip


def _show_rules(found: "StockStudy") -> None:
    rows = []
    for choice in (found.pooled, *found.own):
        for outcome in (choice.none, choice.chosen, *choice.flat):
            rows.append(_rule(_who(choice), outcome))
    table(
        "Beside none and flat rules",
        [code("who"), words("rule"), number("stocks a year"), number("cost in all"),
         number("worst loss"), number("mean loss"), number("averted"), number("calm draws")],
        rows,
        caption=f"{found.money_unit}; cost in all is discounted and holds stocks, operation and "
        "unmet demand. Calm: no use of a partner is ever short.",
    )  # fmt: skip


def _rule(who: str, row: "StockOutcome") -> list[str]:
    return [
        who, row.rule, _money(row.cost_a_year), _money(row.cost), _money(row.worst),
        _money(row.unmet), percent(row.protection), percent(row.calm_draws),
    ]  # fmt: skip


def _show_trials(found: "StockStudy") -> None:
    if not found.trials:
        return
    table(
        f"In the monthly market, against {found.trials[0].shock}",
        [words("rule"), code("partner"), number("months to shortage"), number("most stopped"),
         number("output at risk, MUSD")],
        [
            [
                trial.rule, fare.partner,
                "never" if fare.months_to_shortage is None else str(fare.months_to_shortage),
                percent(fare.peak_stopped), _money(fare.output_at_risk),
            ]
            for trial in found.trials
            for fare in trial.partners
        ],
        caption="Stocks are released in equal monthly parts over the shock.",
    )  # fmt: skip


def _money(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.1f}"
