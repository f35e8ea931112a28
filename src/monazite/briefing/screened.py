"""The picture of a screening: goods down the side, suppliers along the top, darker for dearer."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from monazite.briefing.canvas import HEAT, HEAT_INK, INK, MUTED, Pen, Picture, picture, settings

STEPS = (1.0, 10.0, 100.0, 1000.0)
"""Losses at which a cell gets the next shade [MUSD]."""
WORDS = ("under 1", "1 to 10", "10 to 100", "100 to 1,000", "over 1,000")
MOST_SUPPLIERS = 14
MOST_GOODS = 45
"""Columns and rows of the picture: what is left out is in the table."""

Losses = Mapping[tuple[str, str], float]
"""Loss [MUSD] by good and supplier."""


def heat_map(found: Losses, title: str) -> Picture:
    """Draw what is lost with each supplier of each good.

    Parameters
    ----------
    found : mapping of (good, supplier) to float
        Loss [MUSD]; goods keep their order, suppliers stand in the order of their worst.
    title : str
        Whose loss it is.
    """
    goods, suppliers = _worst(found, 0, MOST_GOODS), _worst(found, 1, MOST_SUPPLIERS)
    goods = [good for good in dict.fromkeys(good for good, _ in found) if good in set(goods)]
    pen = Pen()
    with mpl.rc_context(settings()):
        height = 0.24 * len(goods) + 1.0
        figure = Figure(figsize=(9.15, height))
        left = min(0.35, 0.0078 * max(map(len, goods), default=1) + 0.02)
        axes = figure.add_axes((left, 0.02, 0.99 - left, 1 - 0.98 / height))
        for row, good in enumerate(goods):
            _cells(axes, row, [found.get((good, supplier)) for supplier in suppliers])
        axes.set_xlim(0, max(len(suppliers), 1))
        axes.set_ylim(max(len(goods), 1), 0)
        axes.set_xticks(np.arange(len(suppliers)) + 0.5, suppliers)
        axes.set_yticks(np.arange(len(goods)) + 0.5, goods)
        axes.xaxis.tick_top()
        axes.tick_params(left=False, top=False, labelcolor=INK, labelsize=8)
        axes.spines[:].set_visible(False)
        _legend(figure)
    return picture(
        figure,
        "screened",
        title,
        "Each row is a good, each column a supplier that is taken away; the figure in a cell is "
        "the loss in millions of dollars, darker for more. Empty: no supplier of that good.",
        pen,
    )


def _worst(found: Losses, part: int, most: int) -> list[str]:
    """Return the goods or suppliers with the largest single losses."""
    largest: dict[str, float] = {}
    for key, loss in found.items():
        largest[key[part]] = max(loss, largest.get(key[part], -np.inf))
    return sorted(largest, key=lambda name: -largest[name])[:most]


def _cells(axes: Axes, row: int, losses: Sequence[float | None]) -> None:
    for column, loss in enumerate(losses):
        if loss is None:
            continue
        step = int(np.searchsorted(STEPS, loss, side="right"))
        axes.add_patch(
            Rectangle((column + 0.03, row + 0.05), 0.94, 0.9, facecolor=HEAT[step], lw=0)
        )
        if step:
            axes.text(
                column + 0.5, row + 0.53, f"{loss:,.0f}",
                ha="center", va="center", fontsize=7.5, color=HEAT_INK[step],
            )  # fmt: skip


def _legend(figure: Figure) -> None:
    marks = [Rectangle((0, 0), 1, 1, facecolor=colour, lw=0) for colour in HEAT]
    figure.legend(
        marks, WORDS, loc="upper right", bbox_to_anchor=(1.0, 1.0), ncols=5, fontsize=8,
        title="lost by users [MUSD]", title_fontsize=8, handlelength=1.2, columnspacing=1.2,
        labelcolor=MUTED, borderaxespad=0,
    )  # fmt: skip
