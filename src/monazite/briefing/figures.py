"""Charts of a briefing: days of cover, stopped use and prices, month by month."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from monazite.briefing.canvas import (
    HEAT,
    HEAT_INK,
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
from monazite.briefing.content import BriefingData, commodity_name
from monazite.briefing.numbers import PLAIN, Writing
from monazite.indicators import RATIONED_SIDE, PriceMultiple

MOST_PANELS = 6
"""Small charts in one figure."""

MOST_ROWS = 16
"""Rows of the chart of stopped use."""

HEAT_STEPS = (0.05, 0.1, 0.25, 0.5)
"""Stopped shares at which a darker class begins [fraction]."""

DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), "-", "-", "-")
"""Line styles that go with the series' colours, for readers without colour."""


def cover_chart(data: BriefingData, write: Writing = PLAIN) -> Picture:
    """Draw days of cover by month, one small chart per region, one line per use."""
    pen, say = Pen(write), write.language.gettext
    table = _scarcest_cover(data)
    uses = list(dict.fromkeys(use for lines in table.values() for use in lines))[:6]
    with mpl.rc_context(settings()):
        figure, charts = panels(len(table), 3, 1.75)
        for chart, (region, lines) in zip(charts, table.items(), strict=True):
            _shade_measures(chart, data)
            for use, days in lines.items():
                if use in uses:
                    number = uses.index(use)
                    chart.plot(days, color=SERIES[number], ls=DASHES[number], lw=1.6)
            plain(chart)
            chart.set_title(pen.draw(write.language.short_place(region)))
            _month_axis(chart, data.trajectory.months, pen)
        charts[0].set_ylim(0, None)
        _name_rows(figure, charts, pen.say("days of cover"))
        marks = [
            Line2D([], [], color=SERIES[i], ls=DASHES[i], lw=1.6,
                   label=pen.draw(write.language.use(use)))
            for i, use in enumerate(uses)
        ]  # fmt: skip
        _legend(figure, [*marks, _measure_mark(pen)])
    return picture(
        figure,
        "cover",
        say("Days of cover by month"),
        say(
            "One small chart per region, one line per use: own stock of the scarcest good over "
            "demand a day. The table below the chart holds the same figures."
        ),
        pen,
    )


def _scarcest_cover(data: BriefingData) -> dict[str, dict[str, list[float]]]:
    """Return days of cover of the scarcest good per region and use, regions hit first."""
    regions = list(dict.fromkeys(row.region for row in data.first if row.month))
    chosen = list(dict.fromkeys([*regions, *(row.region for row in data.first)]))[:MOST_PANELS]
    days: dict[tuple[str, str, str], float] = {}
    for row in data.months:
        key, value = (row.region, row.use, row.month), row.cover.median or 0.0
        days[key] = min(value, days.get(key, np.inf))
    table: dict[str, dict[str, list[float]]] = {region: {} for region in chosen}
    for first in data.first:
        if first.region in table:
            line = [days[first.region, first.use, month] for month in data.trajectory.months]
            table[first.region][first.use] = line
    return table


def stopped_chart(data: BriefingData, write: Writing = PLAIN) -> Picture:
    """Draw the stopped share by month as a table of shades, the earliest shortage on top."""
    pen, say = Pen(write), write.language.gettext
    keys = [(s.region, s.use, s.commodity) for s in data.shortages if s.first_month.median]
    keys = keys[:MOST_ROWS] or [
        (s.region, s.use, s.commodity) for s in data.shortages[:MOST_PANELS]
    ]
    share = {(r.region, r.use, r.commodity, r.month): r.stopped_share.median for r in data.months}
    months = data.trajectory.months
    with mpl.rc_context(settings()):
        height = 0.27 * len(keys) + 0.95
        figure = Figure(figsize=(9.15, height))
        names = [pen.draw(_row_name(data, key, write)) for key in keys]
        left = min(0.45, 0.0066 * max(map(pen.width, names)) + 0.015)
        axes = figure.add_axes((left, 0.32 / height, 1 - left, 0.27 * len(keys) / height))
        for row, key in enumerate(keys):
            _shaded_row(axes, row, [share[*key, month] or 0.0 for month in months])
        axes.set_xlim(0, len(months))
        axes.set_ylim(len(keys), 0)
        axes.set_yticks(np.arange(len(keys)) + 0.5, names)
        axes.tick_params(left=False, bottom=False, axis="both")
        axes.tick_params(axis="y", labelcolor=INK, labelsize=8)
        axes.spines[:].set_visible(False)
        _month_axis(axes, months, pen, shift=0.5)
        _measure_bar(axes, data, pen)
        _heat_legend(figure, pen)
    return picture(
        figure,
        "stopped",
        say("Stopped use by month"),
        say(
            "Each row is a use of a good in a region, each column a month; the figure in a cell is "
            "the stopped part of demand in percent, darker for more. The table below the chart "
            "holds the same figures."
        ),
        pen,
    )


def _shaded_row(axes: Axes, row: int, shares: Sequence[float]) -> None:
    axes.add_patch(Rectangle((0, row + 0.05), len(shares), 0.9, facecolor=HEAT[0], lw=0))
    for column, value in enumerate(shares):
        step = heat_class(value)
        if step:
            axes.add_patch(
                Rectangle((column + 0.03, row + 0.05), 0.94, 0.9, facecolor=HEAT[step], lw=0)
            )
            axes.text(
                column + 0.5, row + 0.53, f"{100 * value:.0f}",
                ha="center", va="center", fontsize=7.5, color=HEAT_INK[step],
            )  # fmt: skip


def heat_class(share: float) -> int:
    """Return which of the five shades a stopped share has, 0 for under 5 %."""
    return int(np.searchsorted(HEAT_STEPS, share, side="right"))


def _row_name(data: BriefingData, key: tuple[str, str, str], write: Writing) -> str:
    region, use, commodity = key
    language = write.language
    several = sum(s.region == region and s.use == use for s in data.shortages) > 1
    place, name = language.short_place(region), language.use(use)
    if not several:
        return language.gettext("%(place)s: %(use)s", place=place, use=name)
    good = commodity.replace("-", " ")
    return language.gettext("%(place)s: %(use)s, %(good)s", place=place, use=name, good=good)


def heat_words(write: Writing) -> list[str]:
    """Return what the five classes of shades stand for, the lightest first."""
    say, edges = write.language.gettext, [write.language.decimal(100 * v) for v in HEAT_STEPS]
    spans = [write.span(low, high) for low, high in pairwise(edges)]
    words = [say("under %(size)s", size=edges[0]), *spans, say("over %(size)s", size=edges[-1])]
    return [write.language.in_percent(text).replace("\u202f", " ") for text in words]


def _heat_legend(figure: Figure, pen: Pen) -> None:
    marks = [Rectangle((0, 0), 1, 1, facecolor=colour, lw=0) for colour in HEAT]
    figure.legend(
        marks,
        [pen.draw(text) for text in heat_words(pen.write)],
        loc="upper right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=5,
        fontsize=8,
        title=pen.say("stopped part of demand"),
        title_fontsize=8,
        handlelength=1.2,
        columnspacing=1.2,
        labelcolor=MUTED,
        borderaxespad=0,
    )


def price_chart(data: BriefingData, write: Writing = PLAIN) -> Picture:
    """Draw price multiples by month, inside and outside the border, marginal and paid."""
    pen, say = Pen(write), write.language.gettext
    chosen = dearest(data)[:MOST_PANELS]
    with mpl.rc_context(settings()):
        figure, charts = panels(len(chosen), 3, 1.75)
        for chart, commodity in zip(charts, chosen, strict=True):
            _shade_measures(chart, data)
            chart.axhline(1.0, color=MUTED, lw=0.8)
            for side, colour in (("inside", SERIES[0]), ("outside", SERIES[1])):
                rows = [r for r in data.prices if (r.commodity, r.side) == (commodity, side)]
                _price_lines(chart, rows, colour, banded=data.draws > 1)
            plain(chart)
            chart.set_title(pen.draw(_short_good(data, commodity, write)))
            _month_axis(chart, data.trajectory.months, pen)
        _multiple_axis(charts[0], *_price_range(data, chosen), pen)
        _name_rows(figure, charts, pen.say("multiple of base price"))
        _legend(figure, [*_price_marks(data, pen), _measure_mark(pen)])
    return picture(
        figure,
        "prices",
        say("Prices over base by month"),
        say(
            "One small chart per good: spot price and average price paid, inside and outside the "
            "border of the measures, as multiples of the base price on a logarithmic scale."
        ),
        pen,
    )


def dearest(data: BriefingData) -> list[str]:
    """Return the commodities by their highest marginal multiple outside, the dearest first."""
    peaks: dict[str, float] = {}
    for row in data.prices:
        if row.side == "outside":
            value = row.marginal.median or row.average.median or 0.0
            peaks[row.commodity] = max(value, peaks.get(row.commodity, 0.0))
    return sorted(peaks, key=lambda code: (-peaks[code], code))


def _price_lines(chart: Axes, rows: Sequence[PriceMultiple], colour: str, *, banded: bool) -> None:
    if not rows:
        return
    chart.plot(_values(r.marginal.median for r in rows), color=colour, lw=1.8)
    chart.plot(_values(r.average.median for r in rows), color=colour, lw=1.3, ls=(0, (3, 1.8)))
    rationed = [t for t, row in enumerate(rows) if row.rationed_share >= RATIONED_SIDE]
    chart.plot(
        rationed, [0.95] * len(rationed), "x", color=colour, ms=3.5, mew=0.9,
        transform=chart.get_xaxis_transform(),
    )  # fmt: skip
    if banded:
        low, high = (_values(getattr(r.marginal, end) for r in rows) for end in ("low", "high"))
        chart.fill_between(range(len(rows)), low, high, color=colour, alpha=0.15, lw=0)


LONGEST_TITLE = 25
"""Letters that fit above a small chart."""


def _short_good(data: BriefingData, commodity: str, write: Writing) -> str:
    name = write.language.commodity(commodity_name(data.network, commodity))
    return name if Pen.width(name) <= LONGEST_TITLE else commodity.replace("-", " ")


def _price_range(data: BriefingData, commodities: Sequence[str]) -> tuple[float, float]:
    bands = [
        band for r in data.prices if r.commodity in commodities for band in (r.marginal, r.average)
    ]
    found = [v for band in bands for v in (band.low, band.high) if v is not None and v > 0]
    return min(found, default=1.0), max(found, default=1.0)


def _values(found: Iterable[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in found]


def _price_marks(data: BriefingData, pen: Pen) -> list[Line2D]:
    places = ", ".join(map(pen.write.language.place, data.scenario.controlling))
    sides = [(SERIES[1], _outside(places, pen))]
    if places:
        inside = (
            pen.say("inside %(places)s, spot", places=places),
            pen.say("inside %(places)s, paid", places=places),
        )
        sides.append((SERIES[0], inside))
    lines = [
        Line2D([], [], color=colour, lw=width, ls=style, label=label)
        for colour, labels in sides
        for label, width, style in zip(labels, (1.8, 1.3), ("-", (0, (3, 1.8))), strict=True)
    ]
    if any(row.rationed_share >= RATIONED_SIDE for row in data.prices):
        lines.append(
            Line2D([], [], color=MUTED, ls="", marker="x", ms=4,
                   label=pen.say("rationed: no price"))
        )  # fmt: skip
    return lines


def _outside(places: str, pen: Pen) -> tuple[str, str]:
    if not places:
        return pen.say("outside, spot"), pen.say("outside, paid")
    return (
        pen.say("outside %(places)s, spot", places=places),
        pen.say("outside %(places)s, paid", places=places),
    )


def _multiple_axis(chart: Axes, least: float, most: float, pen: Pen) -> None:
    chart.set_yscale("log")
    low, high = min(least, 0.85) / 1.05, max(most, 1.15) * 1.05
    chart.set_ylim(low, high)
    steps = [v for v in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200) if low <= v <= high]
    if len(steps) < 3:
        steps = [v for v in (0.5, 0.65, 0.8, 1, 1.25, 1.5, 2, 3) if low <= v <= high]
    chart.yaxis.set_major_locator(FixedLocator(steps))
    chart.yaxis.set_minor_locator(NullLocator())
    chart.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _multiple(value, pen)))
    chart.yaxis.set_minor_formatter(NullFormatter())


def _multiple(value: float, pen: Pen) -> str:
    places = len(f"{value:g}".partition(".")[2])
    language = pen.write.language
    return pen.draw(language.as_multiple(language.decimal(value, places)).replace("\u00a0", " "))


def _month_axis(axes: Axes, months: Sequence[str], pen: Pen, shift: float = 0.0) -> None:
    step = max(1, -(-len(months) // 4) if shift == 0 else 3)
    places = list(range(0, len(months), step))
    names = [pen.draw(pen.write.language.short_month(months[place])) for place in places]
    axes.set_xticks([place + shift for place in places], names)
    axes.tick_params(axis="x", labelsize=8)


def measure_window(data: BriefingData) -> tuple[int, int] | None:
    """Return first month and month after the last in which any measure is in force."""
    months = data.trajectory.months
    if not data.scenario.measures:
        return None
    start = min(measure.start for measure in data.scenario.measures)
    ends = [measure.end or "9999-99" for measure in data.scenario.measures]
    first = sum(month < start for month in months)
    after = sum(month < max(ends) for month in months)
    return (first, after) if first < after else None


def _shade_measures(chart: Axes, data: BriefingData) -> None:
    window = measure_window(data)
    if window is not None:
        chart.axvspan(window[0], window[1] - 1, color=LAND, lw=0, zorder=0)


def _measure_bar(axes: Axes, data: BriefingData, pen: Pen) -> None:
    window = measure_window(data)
    if window is not None:
        axes.plot(window, (-0.08, -0.08), color=INK, lw=2.0, clip_on=False, solid_capstyle="butt")
        axes.text(
            window[0], -0.2, pen.say("measures in force"), fontsize=8, color=INK,
            ha="left", va="bottom",
        )  # fmt: skip


def _name_rows(figure: Figure, charts: Sequence[Axes], unit: str) -> None:
    """Write the unit once beside several rows, or on the axis of a single one."""
    if len(charts) > 3:
        figure.supylabel(unit, fontsize=9, color=MUTED, x=0.0)
    else:
        charts[0].set_ylabel(unit, fontsize=9)


def _measure_mark(pen: Pen) -> Rectangle:
    return Rectangle((0, 0), 1, 1, facecolor=LAND, lw=0, label=pen.say("measures in force"))


def _legend(figure: Figure, marks: Sequence[Any]) -> None:
    height = figure.get_size_inches()[1]
    columns = 4 if len(marks) <= 8 else 5
    lines = -(-len(marks) // columns)
    figure.legend(
        handles=marks,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=columns,
        fontsize=8.5,
        labelcolor=INK,
        handlelength=2.2,
        borderaxespad=0,
    )
    top = 1 - (0.24 * lines + 0.12) / height
    figure.tight_layout(pad=0.2, h_pad=0.9, w_pad=1.0, rect=(0.02, 0, 1, top))
