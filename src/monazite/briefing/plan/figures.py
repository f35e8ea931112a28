"""Charts of the briefing of a plan: calendar, money, coverage, what money buys."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, ScalarFormatter

from monazite.briefing.canvas import (
    INK,
    LAND,
    MUTED,
    SERIES,
    Pen,
    Picture,
    panels,
    picture,
    plain,
    settings,
)
from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.plan.content import PlanContent
from monazite.briefing.plan.exchange import FeedNeed
from monazite.briefing.plan.told import PlanTeller

WIDTH = 9.15
"""Width of a figure that fills the page [inches]."""
ROW = 0.27
"""Height of a row of the calendar [inches]."""
PALE = 0.35
"""Opacity of what is only expected, beside what is sure."""
LONGEST_NAME = 56
"""Letters of a project's name in a figure."""
MOST_SHOWN = 150.0
"""Where bars are cut [percent of what is needed]."""
ASIDE = 0.16
"""How far marks of partners stand apart within a year."""


def pictures(content: PlanContent, language: Language = ENGLISH) -> dict[str, Picture]:
    """Return the charts of a plan by name; those without anything to show are left out."""
    tell = PlanTeller(content, language)
    drawn = [calendar(tell)] if content.report.portfolio or content.report.stocked else []
    if content.report.cash:
        drawn.append(cash_chart(tell))
    if content.report.coverage:
        drawn.append(coverage_chart(tell))
    if content.findings.frontier:
        drawn.append(frontier_chart(tell))
    if content.feeds:
        drawn.append(feed_chart(tell))
    return {found.name: found for found in drawn}


def _pen(tell: PlanTeller) -> Pen:
    return Pen(tell.write.write)


class LocalFormatter(ScalarFormatter):
    """Numbers of an axis as readers of a language write them; English keeps the usual ones."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.language = language
        if language.code != "en":  # a figure is written as it is, not as a part of a power of ten
            self.set_scientific(False)
            self.set_useOffset(False)

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the number at a tick."""
        text = super().__call__(x, pos)
        if self.language.code == "en":
            return text
        return self.language.decimal(x, len(text.partition(".")[2]))


# The calendar -------------------------------------------------------------------------------


def calendar(tell: PlanTeller) -> Picture:
    """Draw when what is built and bought: one row per project, and per good in store."""
    content, say, pen = tell.content, tell.language.gettext, _pen(tell)
    report = content.report
    years = report.model.years
    goods = list(dict.fromkeys(row.commodity for row in report.stocked))
    count = len(report.portfolio) + len(goods)
    with mpl.rc_context(settings()):
        height = ROW * count + 0.8
        figure = Figure(figsize=(WIDTH, height))
        names = [*(_short(tell.project_name(row.project)) for row in report.portfolio)]
        names += [say("stock: %(good)s", good=tell.good(code)) for code in goods]
        left = min(0.42, 0.0064 * max(map(pen.width, names)) + 0.02)
        axes = figure.add_axes((left, 0.3 / height, 0.99 - left, ROW * count / height))
        for place, row in enumerate(report.portfolio):
            colour = _colour(content, row.partner)
            axes.barh(place, row.starts - row.decided, left=row.decided, height=0.62,
                      color=colour, alpha=PALE, lw=0)  # fmt: skip
            end = years[-1] + 1
            axes.barh(place, end - row.starts, left=row.starts, height=0.62, color=colour, lw=0)
        for bought in report.stocked:
            place = len(report.portfolio) + goods.index(bought.commodity)
            partners = report.model.partners
            shift = ASIDE * (partners.index(bought.partner) - (len(partners) - 1) / 2)
            colour = _colour(content, bought.partner)
            axes.plot(bought.year + 0.5 + shift, place, "D", ms=5, color=colour)
        axes.set_ylim(count - 0.4, -0.6)
        axes.set_yticks(range(count), [pen.draw(name) for name in names])
        axes.tick_params(axis="y", labelcolor=INK, labelsize=8, left=False)
        _year_axis(axes, years)
        axes.spines[:].set_visible(False)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        _key(figure, _payers(tell, pen))
    return picture(
        figure,
        "calendar",
        say("Calendar of the plan"),
        say(
            "One row per project: pale while it is built, full from the first year of output if "
            "nothing slips; one row per good in store, a mark in each year of purchase. Colours "
            "tell who pays. The table below the chart holds the same figures."
        ),
        pen,
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _colour(content: PlanContent, payer: str) -> str:
    """Colour of a partner; the last one is for nobody and for several."""
    partners = content.report.model.partners
    return SERIES[partners.index(payer) % 6] if payer in partners else SERIES[-1]


def _payers(tell: PlanTeller, pen: Pen) -> list[Patch]:
    """Return marks of those who pay for anything."""
    content, report = tell.content, tell.content.report
    found = {row.partner for row in report.portfolio} | {row.partner for row in report.stocked}
    marks = [
        Patch(color=_colour(content, code), label=pen.draw(tell.language.place(code)))
        for code in report.model.partners
        if code in found
    ]
    if found - set(report.model.partners):
        marks.append(Patch(color=SERIES[-1], label=pen.say("several, or nobody needs to")))
    return marks


def _year_axis(axes: Axes, years: Sequence[int]) -> None:
    axes.set_xlim(years[0], years[-1] + 1)
    step = max(1, len(years) // 12)
    shown = years[::step]
    axes.set_xticks([year + 0.5 for year in shown], [str(year) for year in shown])
    axes.tick_params(axis="x", bottom=False, labelsize=8)


def _key(figure: Figure, marks: Sequence[Any]) -> None:
    """Write the key above the chart."""
    figure.legend(
        handles=list(marks), loc="upper left", bbox_to_anchor=(0.0, 1.0), ncols=4, fontsize=8.5,
        labelcolor=INK, handlelength=1.6, borderaxespad=0,
    )  # fmt: skip


# Money --------------------------------------------------------------------------------------


def cash_chart(tell: PlanTeller) -> Picture:
    """Draw public money by year, one small chart per partner, beside the budget."""
    content, say, pen = tell.content, tell.language.gettext, _pen(tell)
    report = content.report
    partners = [p for p in report.model.partners if any(row.partner == p for row in report.cash)]
    with mpl.rc_context(settings()):
        figure, charts = panels(len(partners), 2, 1.9)
        figure.set_size_inches(WIDTH, figure.get_size_inches()[1])
        for chart, partner in zip(charts, partners, strict=True):
            rows = [row for row in report.cash if row.partner == partner]
            years = [row.year + 0.5 for row in rows]
            chart.bar(years, [row.public for row in rows], 0.7, color=_colour(content, partner))
            chart.plot(years, [row.tail for row in rows], ls="", marker="_", ms=9, color=INK)
            limits = [np.nan if row.budget is None else row.budget for row in rows]
            chart.step(years, limits, where="mid", color=MUTED, lw=1.2, ls=(0, (4, 2)))
            plain(chart)
            chart.set_title(pen.draw(tell.language.place(partner)))
            _year_axis(chart, report.model.years)
            chart.yaxis.set_major_formatter(LocalFormatter(tell.language))
        unit = tell.language.unit(content.money)
        charts[0].set_ylabel(pen.say("%(unit)s a year", unit=unit), fontsize=9)
        marks = [
            Patch(color=LAND, label=pen.say("expected")),
            Line2D([], [], ls="", marker="_", ms=9, color=INK, label=pen.say("worst twentieth")),
            Line2D([], [], ls=(0, (4, 2)), color=MUTED, label=pen.say("budget")),
        ]
        _laid_out(figure, marks)
    return picture(
        figure,
        "cash",
        say("Public money by partner and year"),
        say(
            "One small chart per partner: bars are the expected public money of a year, short "
            "strokes that of the worst twentieth, the broken line the budget. The table below the "
            "chart holds the same figures."
        ),
        pen,
    )


def _laid_out(figure: Figure, marks: Sequence[Any]) -> None:
    height = figure.get_size_inches()[1]
    _key(figure, marks)
    figure.tight_layout(pad=0.2, w_pad=1.4, rect=(0.0, 0.0, 1.0, 1.0 - 0.36 / height))


# Coverage -----------------------------------------------------------------------------------


def coverage_chart(tell: PlanTeller) -> Picture:
    """Draw the share of demand that is served through time, with the range of the draws."""
    content, say, pen = tell.content, tell.language.gettext, _pen(tell)
    report = content.report
    partners = list(dict.fromkeys(row.partner for row in report.coverage))
    with mpl.rc_context(settings()):
        figure, charts = panels(len(partners), 2, 1.9)
        figure.set_size_inches(WIDTH, figure.get_size_inches()[1])
        for chart, partner in zip(charts, partners, strict=True):
            rows = [row for row in report.coverage if row.partner == partner]
            places = np.arange(len(rows))
            colour = _colour(content, partner)
            low, high = [100 * row.low for row in rows], [100 * row.high for row in rows]
            chart.fill_between(places, low, high, color=colour, alpha=PALE, lw=0)
            chart.plot(places, [100 * row.mean for row in rows], color=colour, lw=1.8)
            plain(chart)
            chart.set_title(pen.draw(tell.language.place(partner)))
            step = max(1, len(rows) // 6)
            chart.set_xticks(places[::step], [row.step for row in rows[::step]])
            chart.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        least = min(100 * row.low for row in report.coverage)
        charts[0].set_ylim(min(least - 1.0, 95.0), 100.3)
        charts[0].set_ylabel(pen.say("percent of demand served"), fontsize=9)
        marks = [
            Line2D([], [], color=MUTED, lw=1.8, label=pen.say("mean of the draws")),
            Patch(color=MUTED, alpha=PALE, label=pen.say("nine draws in ten")),
        ]
        _laid_out(figure, marks)
    return picture(
        figure,
        "coverage",
        say("Demand that is served through time"),
        say(
            "One small chart per partner: the line is the mean over the draws, the band holds nine "
            "draws in ten. The table below the chart holds the same figures."
        ),
        pen,
    )


# What money buys ----------------------------------------------------------------------------


def frontier_chart(tell: PlanTeller) -> Picture:
    """Draw what plans with less and less to build cost, against the demand that they leave."""
    content, say, pen = tell.content, tell.language.gettext, _pen(tell)
    unit = pen.draw(tell.language.unit(content.money))
    points = sorted(content.findings.frontier or (), key=lambda point: point.capital)
    with mpl.rc_context(settings()):
        figure = Figure(figsize=(WIDTH, 3.0))
        left, right = figure.subplots(1, 2)
        capital = [point.capital for point in points]
        for axes, values, title in (
            (left, [point.unmet for point in points], pen.say("Unmet demand")),
            (right, [point.cost for point in points], pen.say("Cost of the plan")),
        ):
            axes.plot(capital, values, color=SERIES[0], marker="o", ms=4.5, lw=1.4)
            spots = zip(capital, values, (point.projects for point in points), strict=True)
            for place, value, projects in dict.fromkeys(spots):
                axes.annotate(f"{projects}", (place, value), xytext=(4, 5),
                              textcoords="offset points", fontsize=7.5, color=MUTED)  # fmt: skip
            plain(axes)
            axes.set_title(title, pad=10)
            axes.set_xlabel(pen.say("building, %(unit)s", unit=unit), fontsize=9)
            axes.xaxis.set_major_locator(MaxNLocator(5))
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(LocalFormatter(tell.language))
            axes.margins(0.15)
        left.set_ylabel(unit, fontsize=9)
        left.set_ylim(bottom=0)
        figure.tight_layout(pad=0.3, w_pad=2.0)
    return picture(
        figure,
        "frontier",
        say("What money for building buys"),
        say(
            "Each point is a plan with a limit on building; the figure beside it counts its "
            "projects. On the left the demand that stays unmet, on the right what the plan costs "
            "without it. The table below the chart holds the same figures."
        ),
        pen,
    )


def feed_chart(tell: PlanTeller) -> Picture:
    """Draw what announced plants take of goods that are not announced to be made in full."""
    say, pen = tell.language.gettext, _pen(tell)
    rows = tell.content.feeds[:10]
    with mpl.rc_context(settings()):
        height = 2 * ROW * len(rows) + 0.8
        figure = Figure(figsize=(WIDTH, height))
        names = [pen.draw(tell.good(row.commodity)) for row in rows]
        left = min(0.42, 0.0079 * max(map(pen.width, names)) + 0.02)
        axes = figure.add_axes((left, 0.3 / height, 0.95 - left, 1 - 0.72 / height))
        for place, row in enumerate(rows):
            _feed_bars(axes, place, row, pen)
        axes.axvline(100, color=INK, lw=1.2)
        axes.set_yticks(range(len(rows)), names)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, MOST_SHOWN)
        axes.tick_params(axis="both", left=False, bottom=False)
        axes.tick_params(axis="y", labelcolor=INK, labelsize=8)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _in_percent(pen, value)))
        axes.spines[:].set_visible(False)
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        marks = [
            Line2D([], [], color=INK, lw=1.2, label=pen.say("needed by announced plants")),
            Patch(color=SERIES[2], label=pen.say("made today")),
            Patch(color=SERIES[0], label=pen.say("announced to be made")),
        ]
        _key(figure, marks)
    return picture(
        figure,
        "feeds",
        say("What announced plants take, and what is announced to make it"),
        say(
            "Two bars per good, as a percentage of what announced plants would need at full size: "
            "what is made today outside the largest producer, and what announced plants would "
            "make; bars beyond the edge carry their figure. The table below the chart holds the "
            "same figures."
        ),
        pen,
    )


def _feed_bars(axes: Axes, place: int, row: FeedNeed, pen: Pen) -> None:
    """Draw what is made and announced of a good, over what is needed; long bars are cut."""
    bars = ((-0.2, row.today, SERIES[2]), (0.2, row.announced, SERIES[0]))
    for shift, amount, colour in bars:
        share = 100 * amount / row.needed
        axes.barh(place + shift, min(share, MOST_SHOWN), 0.36, color=colour, lw=0)
        if share > MOST_SHOWN:
            axes.text(MOST_SHOWN + 1, place + shift, _in_percent(pen, share), va="center",
                      fontsize=7.5, color=MUTED)  # fmt: skip


def _in_percent(pen: Pen, value: float) -> str:
    return pen.say("%(n)s %%", n=f"{value:.0f}")
