"""The chain as ribbons from stage to stage, and flows on a map, before and during the shock."""

from collections.abc import Sequence
from dataclasses import dataclass

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
from monazite.briefing.content import BriefingData
from monazite.briefing.figures import HEAT_STEPS, heat_class, heat_words
from monazite.briefing.geography import (
    display_groups,
    drawn_as,
    group_order,
    label_point,
    outlines,
    project,
)
from monazite.briefing.numbers import PLAIN, Writing
from monazite.indicators import Snapshot, content
from monazite.labels import Stage
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray

USE = "use"
"""Last column of the chain."""

COLUMNS = (*(stage.value for stage in Stage if stage not in (Stage.RECYCLING, Stage.OTHER)), USE)
"""Columns of the picture of the chain; scrap that goes back is not drawn."""

MOST_ARCS = 40
"""Flows on the map; the smallest are left out."""

Node = tuple[str, str]
"""Column and group of regions."""


@dataclass(frozen=True, slots=True)
class Ribbon:
    """What goes from makers of one column and group to users of a later one.

    ``quantity`` : of the elements contained [t/year].
    """

    origin: Node
    target: Node
    quantity: float


def weights(network: SupplyNetwork, elements: Sequence[str]) -> FloatArray:
    """Return t of the elements in a tonne of each commodity; ones where none is named."""
    return np.array([content(item, elements) for item in network.commodities])


def chain_ribbons(
    snapshot: Snapshot, elements: Sequence[str], groups: dict[str, str]
) -> tuple[Ribbon, ...]:
    """Return the ribbons between columns and groups, in t/year of the elements contained.

    Goods of several origins in a market are mixed evenly, so what is re-exported keeps the
    origin of its maker.
    """
    total: dict[tuple[Node, Node], float] = {}
    used = _use_by_column(snapshot)
    for row, item in enumerate(snapshot.network.commodities):
        weight = content(item, elements)
        if weight == 0 or item.stage not in COLUMNS:
            continue
        delivered = weight * _delivered(snapshot, row)
        for place, region in enumerate(snapshot.regions):
            taken = {c: q[row, place] for c, q in used.items() if q[row, place] > 0}
            consumed = sum(taken.values())
            for column, quantity in taken.items():
                if COLUMNS.index(column) <= COLUMNS.index(item.stage):
                    continue
                target = (column, groups[region])
                for maker in np.flatnonzero(delivered[:, place] > 0):
                    origin = (item.stage, groups[snapshot.regions[maker]])
                    amount = delivered[maker, place] * quantity / consumed
                    total[origin, target] = total.get((origin, target), 0.0) + float(amount)
    return tuple(Ribbon(*ends, quantity) for ends, quantity in total.items() if quantity > 0)


def _delivered(snapshot: Snapshot, row: int) -> FloatArray:
    """Maker by user (N, N): t/year of one commodity, through markets that mix what they get."""
    network, count = snapshot.network, len(snapshot.regions)
    place = {region: index for index, region in enumerate(snapshot.regions)}
    code = network.commodities[row].code
    moved = np.zeros((count, count))
    for route, quantity in zip(network.routes, snapshot.flow, strict=True):
        if route.commodity == code:
            moved[place[route.origin], place[route.destination]] += quantity
    pool = snapshot.production[row] + moved.sum(axis=0)
    onward = moved / np.where(pool > 0, pool, 1.0)[:, None]
    left = onward.sum(axis=1)
    onward *= np.minimum(1.0, (1 - 1e-9) / np.maximum(left, 1e-300))[:, None]
    reached = np.linalg.solve((np.eye(count) - onward).T, np.diag(snapshot.production[row])).T
    kept = 1 - onward.sum(axis=1)
    return np.asarray(np.where(reached > 1e-9 * (pool.sum() + 1e-300), reached * kept, 0.0))


def _use_by_column(snapshot: Snapshot) -> dict[str, FloatArray]:
    network = snapshot.network
    rows = {item.code: index for index, item in enumerate(network.commodities)}
    place = {region: index for index, region in enumerate(snapshot.regions)}
    stage = {item.code: item.stage for item in network.commodities}
    used = {column: np.zeros(snapshot.production.shape) for column in COLUMNS}
    used[USE] = snapshot.end_use.copy()
    for process, level in zip(network.processes, snapshot.activity, strict=True):
        made = {code: amount for code, amount in process.recipe.items() if amount > 0}
        column = stage[max(made, key=lambda code: made[code])] if made else process.stage
        for code, amount in process.recipe.items():
            if amount < 0 and column in used:
                used[column][rows[code], place[process.region]] -= amount * level
    return used


# The chain before and during --------------------------------------------------------------


def chain_pictures(data: BriefingData, write: Writing = PLAIN) -> tuple[Picture, Picture]:
    """Draw the chain in the base year and during the worst months, on the same scale."""
    before = Snapshot.base(data.network)
    during = Snapshot.during(data.trajectory, *data.during)
    groups = display_groups(_sizes(before))
    ribbons = [chain_ribbons(snapshot, data.elements, groups) for snapshot in (before, during)]
    order = group_order(groups.values())
    tallest = max(
        sum(column.values()) for found in ribbons for column in _heights(found, order).values()
    )
    scale = 1 / tallest if tallest > 0 else 1.0
    say = write.language.gettext
    titles = (say("The chain before"), say("The chain during the shock"))
    return (
        _chain_picture(ribbons[0], order, scale, ("chain-before", titles[0]), write),
        _chain_picture(ribbons[1], order, scale, ("chain-during", titles[1]), write),
    )


def _sizes(snapshot: Snapshot) -> dict[str, float]:
    through = snapshot.production.sum(axis=0) + snapshot.consumption.sum(axis=0)
    return {region: float(size) for region, size in zip(snapshot.regions, through, strict=True)}


def _heights(ribbons: Sequence[Ribbon], order: Sequence[str]) -> dict[str, dict[str, float]]:
    """Per column and group, the larger of what comes in and what goes out."""
    came: dict[Node, float] = {}
    left: dict[Node, float] = {}
    for ribbon in ribbons:
        left[ribbon.origin] = left.get(ribbon.origin, 0.0) + ribbon.quantity
        came[ribbon.target] = came.get(ribbon.target, 0.0) + ribbon.quantity
    return {
        column: {
            group: max(came.get((column, group), 0.0), left.get((column, group), 0.0))
            for group in order
            if (column, group) in came or (column, group) in left
        }
        for column in COLUMNS
    }


def _chain_picture(
    ribbons: Sequence[Ribbon],
    order: Sequence[str],
    scale: float,
    named: tuple[str, str],
    write: Writing,
) -> Picture:
    pen = Pen(write)
    heights = _heights(ribbons, order)
    columns = [column for column in COLUMNS if heights[column]]
    colours = {group: SERIES[i % len(SERIES)] for i, group in enumerate(order)}
    with mpl.rc_context(settings()):
        figure, axes = blank(9.15, 3.7)
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-1.01, 0.35)
        tops = _draw_nodes(axes, heights, columns, scale, colours, pen)
        _draw_ribbons(axes, ribbons, columns, tops, scale, colours, order)
        marks = [Rectangle((0, 0), 1, 1, facecolor=colours[group], lw=0) for group in order]
        names = [pen.draw(write.language.group(group)) for group in order]
        axes.legend(
            marks, names, loc="upper left", bbox_to_anchor=(0.0, 1.0), ncols=len(order),
            fontsize=8.5, handlelength=1.1, columnspacing=1.3, handletextpad=0.5,
            borderaxespad=0,
        )  # fmt: skip
    return picture(
        figure,
        *named,
        write.language.gettext(
            "Bands from the makers of each stage, on the left, to the users of the next, by group "
            "of regions; width is the quantity, colour the group that made it. Under each stage "
            "stands the largest group with its share."
        ),
        pen,
    )


GAP = 0.035
"""Space between the groups of a column, as a part of the tallest column."""

NODE_WIDTH = 0.014

THINNEST = 0.0015
"""Bands thinner than this part of the tallest column are not drawn."""


def _draw_nodes(
    axes: Axes,
    heights: dict[str, dict[str, float]],
    columns: Sequence[str],
    scale: float,
    colours: dict[str, str],
    pen: Pen,
) -> dict[Node, tuple[float, float]]:
    """Draw a bar per column and group; return x and top of each."""
    tops: dict[Node, tuple[float, float]] = {}
    for number, column in enumerate(columns):
        x = number / max(len(columns) - 1, 1) * (1 - NODE_WIDTH)
        y = 0.0
        for group, size in heights[column].items():
            tops[column, group] = (x, y)
            height = size * scale * (1 - GAP * (len(colours) - 1))
            axes.add_patch(
                Rectangle((x, y - height), NODE_WIDTH, height, facecolor=colours[group], lw=0)
            )
            y -= height + GAP
        _column_words(axes, column, heights[column], x, pen)
    return tops


def _column_words(axes: Axes, column: str, sizes: dict[str, float], x: float, pen: Pen) -> None:
    total = sum(sizes.values())
    largest = max(sizes, key=lambda group: sizes[group])
    side = "left" if x < 0.05 else "right" if x > 0.93 else "center"
    place = x if side == "left" else x + NODE_WIDTH if side == "right" else x + NODE_WIDTH / 2
    write = pen.write
    title = pen.draw(write.language.stage(column))
    axes.text(place, 0.185, title, ha=side, va="center", fontsize=9.5, weight="bold")
    share = write.percent(sizes[largest] / total)
    words = pen.say("%(group)s %(share)s", group=write.language.group(largest), share=share)
    for y, line in ((0.105, words), (0.045, pen.draw(write.tonnes(total)))):
        axes.text(place, y, line, ha=side, va="center", fontsize=8, color=MUTED)


def _draw_ribbons(
    axes: Axes,
    ribbons: Sequence[Ribbon],
    columns: Sequence[str],
    tops: dict[Node, tuple[float, float]],
    scale: float,
    colours: dict[str, str],
    order: Sequence[str],
) -> None:
    used_out: dict[Node, float] = {}
    used_in: dict[Node, float] = {}
    rank = {group: number for number, group in enumerate(order)}
    place = {column: number for number, column in enumerate(columns)}
    factor = scale * (1 - GAP * (len(colours) - 1))

    def position(ribbon: Ribbon) -> tuple[int, int, int, int]:
        ends = (place[ribbon.origin[0]], rank[ribbon.origin[1]])
        return (*ends, place[ribbon.target[0]], rank[ribbon.target[1]])

    for ribbon in sorted(ribbons, key=position):
        width = ribbon.quantity * factor
        x0, top0 = tops[ribbon.origin]
        x1, top1 = tops[ribbon.target]
        y0 = top0 - used_out.get(ribbon.origin, 0.0)
        y1 = top1 - used_in.get(ribbon.target, 0.0)
        used_out[ribbon.origin] = used_out.get(ribbon.origin, 0.0) + width
        used_in[ribbon.target] = used_in.get(ribbon.target, 0.0) + width
        if width > THINNEST:
            axes.add_patch(
                PathPatch(
                    _ribbon(x0 + NODE_WIDTH, y0, x1, y1, width),
                    facecolor=colours[ribbon.origin[1]],
                    alpha=0.38,
                    lw=0,
                )
            )


def _ribbon(x0: float, y0: float, x1: float, y1: float, width: float) -> Path:
    middle = (x0 + x1) / 2
    points = [
        (x0, y0), (middle, y0), (middle, y1), (x1, y1),
        (x1, y1 - width), (middle, y1 - width), (middle, y0 - width), (x0, y0 - width), (x0, y0),
    ]  # fmt: skip
    codes = [
        Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4,
        Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY,
    ]  # fmt: skip
    return Path(points, codes)


# Flows on a map ---------------------------------------------------------------------------


def map_picture(data: BriefingData, write: Writing = PLAIN) -> Picture:
    """Draw who is short, and flows between regions before and during the shock."""
    before, during = Snapshot.base(data.network), Snapshot.during(data.trajectory, *data.during)
    pen, say = Pen(write), write.language.gettext
    inside = weights(data.network, data.elements)
    arcs = _arcs(data.network, inside, before.flow, during.flow)
    with mpl.rc_context(settings()):
        figure, axes = blank(9.15, 4.55)
        axes.set_aspect("equal")
        _draw_countries(axes, worst_share(data), before.regions)
        largest = max((base for _, base, _ in arcs), default=1.0)
        for ends, base, now in arcs:
            _draw_arc(axes, ends, base / largest, now / largest)
        _name_places(axes, arcs, pen)
        axes.set_xlim(-2.72, 2.55)
        axes.set_ylim(-1.02, 1.27)
        _map_legend(axes, pen)
    return picture(
        figure,
        "map",
        say("Flows between regions, before and during the shock"),
        say(
            "World map. Countries are darker the larger the stopped part of their worst-hit use; "
            "arcs run from origin to destination, pale in the width of the base year and solid in "
            "the width during the shock."
        ),
        pen,
    )


def worst_share(data: BriefingData) -> dict[str, float]:
    """Return per region the largest stopped share of any of its uses during the worst months."""
    chosen = set(data.trajectory.months[slice(*data.during)])
    worst: dict[str, float] = {}
    for row in data.months:
        if row.month in chosen:
            share = row.stopped_share.median or 0.0
            worst[row.region] = max(share, worst.get(row.region, 0.0))
    return worst


Arc = tuple[tuple[str, str], float, float]
"""Origin and destination, flow before and during [t/year of the elements contained]."""


def _arcs(
    network: SupplyNetwork, inside: FloatArray, before: FloatArray, during: FloatArray
) -> list[Arc]:
    weight = {item.code: w for item, w in zip(network.commodities, inside, strict=True)}
    sums: dict[tuple[str, str], list[float]] = {}
    for route, base, now in zip(network.routes, before, during, strict=True):
        if route.origin != route.destination:
            pair = sums.setdefault((route.origin, route.destination), [0.0, 0.0])
            pair[0] += weight[route.commodity] * base
            pair[1] += weight[route.commodity] * now
    drawn = [
        (ends, base, now)
        for ends, (base, now) in sums.items()
        if all(label_point(region) is not None for region in ends)
    ]
    return sorted(drawn, key=lambda arc: -max(arc[1:]))[:MOST_ARCS]


def _draw_countries(axes: Axes, worst: dict[str, float], regions: Sequence[str]) -> None:
    colour_of = {
        country: HEAT[heat_class(share)]
        for region, share in worst.items()
        if share >= HEAT_STEPS[0]
        for country in drawn_as(region, regions)
    }
    by_colour: dict[str, list[FloatArray]] = {LAND: []}
    for outline in outlines():
        colour = colour_of.get(outline.region, LAND)
        by_colour.setdefault(colour, []).extend(project(ring) for ring in outline.rings)
    for colour, rings in by_colour.items():
        borders = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
        axes.add_patch(PathPatch(borders, facecolor=colour, edgecolor=PAPER, lw=0.4))


WIDEST_ARC = 9.0
"""Width of the largest flow [points]."""


def _draw_arc(axes: Axes, ends: tuple[str, str], base: float, now: float) -> None:
    start, stop = (project(np.array([label_point(region)], dtype=float))[0] for region in ends)
    path = Path([start, _bend(start, stop), stop], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    for share, alpha in ((base, 0.22), (now, 0.85)):
        width = WIDEST_ARC * share**0.7
        if width > 0.15:
            axes.add_patch(
                PathPatch(path, fill=False, ec=SERIES[0], lw=width, alpha=alpha, capstyle="round")
            )


def _bend(start: FloatArray, stop: FloatArray) -> FloatArray:
    """Return a control point to the left of the way, so that back and forth part."""
    way = stop - start
    return np.asarray((start + stop) / 2 + 0.22 * np.array([-way[1], way[0]]))


_LABEL_SIDES = {
    "FRA": ("right", -3, -7),
    "DEU": ("right", -3, 0),
    "GBR": ("right", -3, 2),
    "EST": ("left", 3, 3),
    "REU": ("left", 4, -3),
    "CHN": ("right", -4, 2),
    "KOR": ("center", 0, 5),
    "JPN": ("left", 4, -2),
    "MYS": ("left", 4, -7),
    "MMR": ("right", -2, -10),
    "THA": ("right", -5, -8),
    "VNM": ("left", 4, 2),
    "IND": ("right", -4, 2),
}
"""Where the names of places that lie close together stand: alignment and shift [points]."""


def _name_places(axes: Axes, arcs: Sequence[Arc], pen: Pen) -> None:
    for region in dict.fromkeys(region for ends, *_ in arcs for region in ends):
        point = label_point(region)
        if point is not None:
            x, y = project(np.array([point]))[0]
            axes.plot(x, y, marker="o", ms=2.6, color=INK)
            side, right, up = _LABEL_SIDES.get(region, ("left", 3, 2))
            axes.annotate(
                pen.draw(pen.write.language.short_place(region)),
                (x, y), xytext=(right, up), textcoords="offset points",
                ha=side, fontsize=7.5, color=INK,
            )  # fmt: skip


def _map_legend(axes: Axes, pen: Pen) -> None:
    shades = [Rectangle((0, 0), 1, 1, facecolor=colour, lw=0) for colour in HEAT[1:]]
    lines = [Line2D([], [], color=SERIES[0], lw=5, alpha=alpha) for alpha in (0.22, 0.85)]
    axes.legend(
        [*shades, *lines],
        [
            *(pen.draw(words) for words in heat_words(pen.write)[1:]),
            pen.say("flow before"), pen.say("flow during"),
        ],
        loc="lower left",
        fontsize=8,
        labelcolor=MUTED,
        title=pen.say("stopped part of the worst-hit use"),
        title_fontsize=8,
        alignment="left",
        borderaxespad=0.2,
    )  # fmt: skip
