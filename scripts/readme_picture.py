"""Draw the picture that opens the README, from a run of the shipped scenario.

Usage: python scripts/readme_picture.py [--draws 200]

Writes docs/_static/readme.svg: prices inside and outside China after the export licences of April
2025, and below them the uses and goods that lose most, by value at base prices, each in the region
that it hits hardest. Medians and 80 % bands over the draws; the same seed gives the same picture.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from monazite import indicators, study
from monazite.briefing.canvas import HEAT, HEAT_INK, INK, LAND, MUTED, SERIES, plain, settings
from monazite.briefing.figures import heat_class
from monazite.briefing.language import ENGLISH

SCENARIO, INSIDE, START = "china-2025-licences", "CHN", "2025-04"
GOODS = {
    "magnet-standard": "standard magnets",
    "magnet-heavy": "heat-resistant magnets",
    "Dy-oxide": "dysprosium oxide",
    "Tb-oxide": "terbium oxide",
    "Y-oxide": "yttrium oxide",
    "Gd-oxide": "gadolinium oxide",
    "Sm-oxide": "samarium oxide",
}
"""What the picture calls goods; others go by their code."""
CHARTS = ("magnet-standard", "Dy-oxide", "Tb-oxide", "Y-oxide")
ROWS = 12
WIDTH, HEIGHT = 9.2, 6.1
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "_static" / "readme.svg"
SHADES = ("under 5", "5–10", "10–25", "25–50", "over 50")
TICKS = (0.5, 1, 2, 5, 10)
LINE = 0.885


def main() -> None:
    """Run, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--out", type=Path, default=PICTURE)
    chosen = parser.parse_args()
    result = study.stress(SCENARIO, draws=chosen.draws, processes=2)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    look = settings() | {"svg.fonttype": "path", "figure.facecolor": "white"}
    with mpl.rc_context(look):
        figure = draw(result)
        figure.savefig(chosen.out, metadata={"Date": None} if chosen.out.suffix == ".svg" else {})
    print(chosen.out)


def draw(result: study.Stress) -> Figure:
    """Return the whole picture."""
    figure = Figure(figsize=(WIDTH, HEIGHT))
    figure.text(0.012, 0.965, result.scenario.title, fontsize=12, weight="bold")
    told = f"simulated with Monazite: medians and 80 % bands of {result.trajectory.draws} runs"
    figure.text(0.012, 0.932, told, fontsize=8.5, color=MUTED)
    charts = figure.subplots(
        1, len(CHARTS), sharey=True,
        gridspec_kw={"left": 0.05, "right": 0.985, "top": 0.835, "bottom": 0.60, "wspace": 0.08},
    )  # fmt: skip
    draw_prices(charts, result)
    draw_uses(figure.add_axes((0.372, 0.05, 0.435, 0.40)), result)
    draw_shades(figure)
    return figure


def draw_prices(charts: Sequence[Axes], result: study.Stress) -> None:
    """Draw one small chart for each good."""
    run = result.trajectory
    rows = indicators.price_multiples(run, (INSIDE,))
    for chart, good in zip(charts, CHARTS, strict=True):
        chart.axvspan(run.months.index(START), len(run.months) - 1, color=LAND, lw=0, zorder=0)
        for side, colour in (("inside", SERIES[0]), ("outside", SERIES[1])):
            found = [row.marginal for row in rows if (row.commodity, row.side) == (good, side)]
            low, middle, high = (
                [np.nan if value is None else value for value in values]
                for values in zip(*((b.low, b.median, b.high) for b in found), strict=True)
            )
            chart.fill_between(range(len(middle)), low, high, color=colour, alpha=0.18, lw=0)
            chart.plot(middle, color=colour, lw=1.8)
        chart.set_title(GOODS[good], fontsize=9)
        plain(chart)
        months(chart, run.months, 8, 0.0)
    charts[0].set_yscale("log")
    charts[0].set_ylim(0.3, 16)
    charts[0].yaxis.set_major_locator(FixedLocator(TICKS))
    charts[0].yaxis.set_minor_locator(NullLocator())
    charts[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"× {value:g}"))
    figure = charts[0].figure
    figure.text(0.012, LINE, "Spot price over base price", fontsize=9, color=INK)
    figure.text(0.23, LINE, "outside China", fontsize=9, color=SERIES[1], weight="bold")
    figure.text(0.35, LINE, "inside", fontsize=9, color=SERIES[0], weight="bold")
    figure.text(0.985, LINE, "grey: licences in force", fontsize=8.5, color=MUTED, ha="right")


def draw_uses(axes: Axes, result: study.Stress) -> None:
    """Draw a row of shades for each of the uses that lose most, and what stock they hold."""
    run = result.trajectory
    chosen = losers(result)
    share = {
        (row.region, row.use, row.commodity, row.month): row.stopped_share.median or 0.0
        for row in indicators.use_months(run)
    }
    end = len(run.months)
    for place, row in enumerate(chosen):
        shade_row(axes, place, [share[row.region, row.use, row.commodity, m] for m in run.months])
        good = GOODS.get(row.commodity, row.commodity.replace("-", " "))
        name = f"{ENGLISH.use(row.use)}, {good}"
        days = f"{row.opening_cover.median:.0f} → {row.lowest_cover.median:.0f}"
        for x, text, side in (
            (-0.4, name, "right"), (end + 0.5, ENGLISH.short_place(row.region), "left"),
            (end + 7.3, days, "center"),
        ):  # fmt: skip
            axes.text(x, place + 0.5, text, ha=side, va="center", fontsize=8)
    for x, text, side in (
        (end + 0.5, "hit\nhardest", "left"), (end + 7.3, "days of stock,\nbase → lowest", "center"),
    ):  # fmt: skip
        axes.text(x, -0.25, text, ha=side, va="bottom", fontsize=8, color=MUTED)
    axes.set_xlim(0, len(run.months))
    axes.set_ylim(ROWS, 0)
    axes.set_yticks([])
    axes.tick_params(bottom=False)
    axes.spines[:].set_visible(False)
    months(axes, run.months, 3, 0.5)


def losers(result: study.Stress) -> list[indicators.Shortage]:
    """Return the uses and goods whose stopped tonnes are worth most, in their hardest-hit region.

    Only those that are short in the median of some month; the earliest shortage comes first.
    """
    run = result.trajectory
    short = {
        (row.region, row.use, row.commodity)
        for row in indicators.use_months(run)
        if (row.stopped_share.median or 0.0) >= indicators.SHORTAGE_THRESHOLD
    }
    worth: dict[tuple[str, str], float] = {}
    hardest: dict[tuple[str, str], tuple[float, indicators.Shortage]] = {}
    for row in indicators.shortages(run):
        if (row.region, row.use, row.commodity) in short:
            price = run.base_price[run.market_index[row.commodity, row.region]]
            value, key = float(price) * (row.loss.median or 0.0), (row.use, row.commodity)
            worth[key] = worth.get(key, 0.0) + value
            hardest[key] = max(hardest.get(key, (0.0, row)), (value, row), key=lambda pair: pair[0])
    most = sorted(worth, key=lambda key: -worth[key])[:ROWS]
    rows = [hardest[key][1] for key in most]
    return sorted(rows, key=lambda row: (row.first_month.median or "", -(row.depth.median or 0.0)))


def shade_row(axes: Axes, place: int, shares: Sequence[float]) -> None:
    """Draw the months of one use."""
    axes.add_patch(Rectangle((0, place + 0.05), len(shares), 0.9, facecolor=HEAT[0], lw=0))
    for column, value in enumerate(shares):
        step = heat_class(value)
        if step:
            box = Rectangle((column + 0.03, place + 0.05), 0.94, 0.9, facecolor=HEAT[step], lw=0)
            axes.add_patch(box)
            axes.text(
                column + 0.5, place + 0.54, f"{100 * value:.0f}",
                ha="center", va="center", fontsize=7, color=HEAT_INK[step],
            )  # fmt: skip


def draw_shades(figure: Figure) -> None:
    """Explain the shades."""
    figure.text(0.012, 0.498, "Demand that has stopped, %", fontsize=9, color=INK)
    marks = [Rectangle((0, 0), 1, 1, facecolor=colour, lw=0) for colour in HEAT]
    figure.legend(
        marks, SHADES, loc="center left", bbox_to_anchor=(0.362, 0.503), ncols=len(SHADES),
        fontsize=8, handlelength=1.0, handletextpad=0.5, columnspacing=0.9, labelcolor=MUTED,
        borderaxespad=0,
    )  # fmt: skip


def months(axes: Axes, names: Sequence[str], step: int, shift: float) -> None:
    """Write every few months below an axis."""
    places = range(0, len(names), step)
    shown = [ENGLISH.short_month(names[place]) for place in places]
    axes.set_xticks([place + shift for place in places], shown)
    axes.tick_params(axis="x", labelsize=8)


if __name__ == "__main__":
    main()
