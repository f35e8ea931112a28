"""The map of the atlas: who makes a mineral and whom it goes to, or who leads in how many."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from monazite.briefing.canvas import (
    HEAT,
    INK,
    LAND,
    MUTED,
    PAPER,
    SERIES,
    Pen,
    Picture,
    blank,
    picture,
    settings,
)
from monazite.briefing.geography import label_point, middle, outlines, project
from monazite.newton import FloatArray

SHARE_STEPS = (0.0, 0.05, 0.2, 0.5)
"""Shares of the world above which a country gets the next shade [fraction]."""
SHARE_WORDS = ("under 5 %", "5 to 20 %", "20 to 50 %", "over 50 %")
LEAD_STEPS = (0.0, 1.5, 5.5, 20.5)
LEAD_WORDS = ("1", "2 to 5", "6 to 20", "over 20")
MOST_NAMES = 6
"""Countries that are named beside those at the ends of flows."""
_WIDEST = 7.0

Flow = tuple[str, str, float]
"""Who exports, who imports, and how much [any one unit]."""


def share_map(
    shares: Mapping[str, float], flows: Sequence[Flow], title: str, *, legend: str, source: str
) -> Picture:
    """Draw the share of each country in a mineral, and its largest flows.

    Parameters
    ----------
    shares : mapping of str to float
        Share of the world by country [fraction].
    flows : sequence of Flow
        The largest ones; those from or to a place that is not on the map are not drawn.
    title : str
        What the map shows.
    legend, source : str
        What the shades are, and the line below the map.
    """
    drawn = [flow for flow in flows if _is_placed(flow[0]) and _is_placed(flow[1])]
    return _map(shares, drawn, (title, legend, source), (SHARE_STEPS, SHARE_WORDS))


def leader_map(leads: Mapping[str, int], title: str, *, legend: str, source: str) -> Picture:
    """Draw in how many minerals each country is the largest supplier."""
    counts = {region: float(count) for region, count in leads.items()}
    return _map(counts, (), (title, legend, source), (LEAD_STEPS, LEAD_WORDS))


def _map(
    values: Mapping[str, float],
    flows: Sequence[Flow],
    words: tuple[str, str, str],
    classes: tuple[Sequence[float], Sequence[str]],
) -> Picture:
    title, legend, source = words
    pen = Pen()
    with mpl.rc_context(settings()):
        figure, axes = blank(9.15, 5.2)
        axes.set_aspect("equal")
        _draw_countries(axes, values, classes[0])
        largest = max((flow[2] for flow in flows), default=1.0)
        for start, stop, size in flows:
            _draw_flow(axes, start, stop, size / largest)
        _name(axes, values, flows, pen)
        axes.set_xlim(-2.74, 2.72)
        axes.set_ylim(-1.5, 1.6)
        axes.text(-2.68, 1.47, pen.draw(title), fontsize=11, fontweight="bold", color=INK)
        axes.text(-2.68, -1.45, pen.draw(source), fontsize=7.5, color=MUTED)
        _legend(axes, legend, classes[1], has_flows=bool(flows))
    return picture(figure, "atlas-map", title, f"World map. {legend}. {source}", pen)


def _draw_countries(axes: Axes, values: Mapping[str, float], steps: Sequence[float]) -> None:
    by_colour: dict[str, list[FloatArray]] = {LAND: []}
    for outline in outlines():
        above = sum(values.get(outline.region, 0.0) > step for step in steps)
        colour = HEAT[above] if above else LAND
        by_colour.setdefault(colour, []).extend(project(ring) for ring in outline.rings)
    for colour, rings in by_colour.items():
        if rings:
            borders = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
            axes.add_patch(PathPatch(borders, facecolor=colour, edgecolor=PAPER, lw=0.4))


def _place(region: str) -> FloatArray:
    """Return the middle of the largest piece of a region, on the map and not on the globe."""
    rings = [project(ring) for item in outlines() if item.region == region for ring in item.rings]
    if not rings:
        return np.asarray(project(np.array([label_point(region)], dtype=float))[0])
    return np.array(middle(rings))


def _is_placed(region: str) -> bool:
    return label_point(region) is not None


def _draw_flow(axes: Axes, exporter: str, importer: str, share: float) -> None:
    """Draw an arc that bends to the left of its way, so that back and forth part."""
    start, stop = _place(exporter), _place(importer)
    way = stop - start
    middle = (start + stop) / 2 + 0.22 * np.array([-way[1], way[0]])
    path = Path([start, middle, stop], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    width = max(0.7, _WIDEST * share**0.7)
    axes.add_patch(PathPatch(path, fill=False, ec=SERIES[0], lw=width, alpha=0.6, capstyle="butt"))
    axes.plot(*stop, marker="o", ms=4.2, color=SERIES[0], mec=PAPER, mew=0.6)


def _name(axes: Axes, values: Mapping[str, float], flows: Sequence[Flow], pen: Pen) -> None:
    """Name the ends of flows and the darkest countries, none over another's name."""
    largest = sorted((r for r in values if values[r] > 0.0), key=lambda r: (-values[r], r))
    ends = [region for flow in flows for region in flow[:2]]
    taken: list[FloatArray] = []
    for region in dict.fromkeys((*largest[:MOST_NAMES], *ends)):
        if not _is_placed(region):
            continue
        text = pen.draw(pen.write.language.short_place(region))
        box = _free_box(_place(region), pen.width(text), taken, beside=region in ends)
        if box is not None:
            taken.append(box)
            axes.text(
                (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, text, fontsize=7.5, color=INK,
                ha="center", va="center",
                bbox={"boxstyle": "round,pad=0.1", "fc": PAPER, "ec": "none", "alpha": 0.75},
            )  # fmt: skip


def _free_box(
    at: FloatArray, letters: float, taken: Sequence[FloatArray], *, beside: bool
) -> FloatArray | None:
    """Return left, bottom, right and top of a name on or near a point; None where all is taken."""
    wide, high = 0.036 * letters + 0.02, 0.085
    sides = ((0.55, 0.0), (-0.55, 0.0), (0.0, 0.9), (0.0, -0.9), (0.55, 0.9), (-0.55, -0.9))
    for right, up in sides if beside else ((0.0, 0.0), *sides):
        x, y = at[0] + right * (wide + 0.06), at[1] + up * high
        box = np.array([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2])
        if all(_is_apart(box, other) for other in taken):
            return box
    return None


def _is_apart(one: FloatArray, other: FloatArray) -> bool:
    return bool(one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1])


def _legend(axes: Axes, title: str, words: Sequence[str], *, has_flows: bool) -> None:
    marks = [Rectangle((0, 0), 1, 1, facecolor=colour, lw=0) for colour in HEAT[1:]]
    told = list(words)
    lines = [Line2D([], [], color=SERIES[0], lw=4, alpha=0.6, marker="o", ms=4)] * has_flows
    told += ["largest flows by value, dot at the importer"] * has_flows
    axes.legend(
        [*marks, *lines], told, loc="lower left", bbox_to_anchor=(0.0, 0.04), fontsize=8,
        labelcolor=MUTED, title=title, title_fontsize=8, alignment="left", borderaxespad=0.2,
    )  # fmt: skip
