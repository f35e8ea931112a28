"""Where regions lie: outlines, label points, the map's projection, and groups for flow charts."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from monazite.briefing.language import ENGLISH
from monazite.labels import GROUPS, REST_OF_EU, REST_OF_WORLD, region_name
from monazite.newton import FloatArray

ELSEWHERE = "Elsewhere"
"""Group of the regions that no other group takes."""

MOST_GROUPS = 7
"""Groups that a flow chart can tell apart."""

_NAMED_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "China": frozenset({"CHN"}),
        "Japan and Korea": frozenset({"JPN", "KOR"}),
        "US and Canada": frozenset({"USA", "CAN"}),
        "EU and UK": GROUPS["EU"] | {"GBR"},
        "Australia": frozenset({"AUS", "NZL"}),
        "South-East Asia": frozenset({"IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "THA", "VNM"}),
    }
)

_COMPOSITE_PLACES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {REST_OF_EU.code: (17.0, 49.0)}
)
"""Label points of composites that can be drawn [degrees]; the rest of the world cannot."""

_CODE = re.compile(r"\b[A-Z]{3}\b")

_EARTH = (1.340264, -0.081106, 0.000893, 0.003796)
"""Coefficients of the Equal Earth projection (Savric, Patterson and Jenny 2018)."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Borders of a country.

    ``region`` : alpha-3 code, empty where ISO has none. ``rings`` : closed lines (points, 2),
    longitude and latitude [degrees].
    """

    region: str
    rings: tuple[FloatArray, ...]


@cache
def outlines() -> tuple[Outline, ...]:
    """Return the outlines of all countries but Antarctica, 1:110 million, simplified."""
    file = files("monazite.briefing") / "data" / "world-110m.geojson"
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    return tuple(
        Outline(
            feature["properties"]["region"],
            tuple(
                np.array(ring, dtype=np.float64)
                for polygon in feature["geometry"]["coordinates"]
                for ring in polygon
            ),
        )
        for feature in features
    )


SEAM = -30.0
"""Meridian at which the map is cut [degrees]: the Pacific stays whole, for trade crosses it."""


def project(degrees: FloatArray) -> FloatArray:
    """Return points of the Equal Earth map, cut in the Atlantic.

    A line keeps to one side of the cut, that of its middle.

    Parameters
    ----------
    degrees : array (points, 2)
        Longitude and latitude [degrees].

    Returns
    -------
    array (points, 2)
        x and y in radii of the globe; areas are true.
    """
    east, north = np.unwrap(degrees[:, 0], period=360.0), degrees[:, 1]
    turn = 360.0 if east.mean() < SEAM else 0.0
    longitude, latitude = np.radians(east + turn - SEAM - 180.0), np.radians(north)
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(latitude))
    a1, a2, a3, a4 = _EARTH
    squared = theta**2
    sixth = squared**3
    stretch = a1 + 3 * a2 * squared + sixth * (7 * a3 + 9 * a4 * squared)
    x = 2 * np.sqrt(3) / 3 * longitude * np.cos(theta) / stretch
    y = theta * (a1 + a2 * squared + sixth * (a3 + a4 * squared))
    return np.column_stack([x, y])


def label_point(region: str) -> tuple[float, float] | None:
    """Return longitude and latitude near the middle of a region; None where it has no place."""
    if region in _COMPOSITE_PLACES:
        return _COMPOSITE_PLACES[region]
    for outline in outlines():
        if outline.region == region:
            return middle(outline.rings)
    return None


def middle(rings: Iterable[FloatArray]) -> tuple[float, float]:
    """Return the centroid of the largest of some closed rings, in their own coordinates."""
    return _centroid(max(rings, key=_area))


def _area(ring: FloatArray) -> float:
    x, y = ring.T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


def _centroid(ring: FloatArray) -> tuple[float, float]:
    x, y = ring.T
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    total = 3 * cross.sum()
    longitude = ((x[:-1] + x[1:]) * cross).sum() / total
    latitude = ((y[:-1] + y[1:]) * cross).sum() / total
    return float(longitude), float(latitude)


def drawn_as(region: str, listed: Iterable[str]) -> frozenset[str]:
    """Return the countries that a region of a network colours on the map.

    The rest of the European Union is every member that the network does not list; the rest of
    the world colours nothing.
    """
    if region == REST_OF_EU.code:
        return GROUPS["EU"] - set(listed)
    return frozenset() if region == REST_OF_WORLD.code else frozenset({region})


def display_groups(sizes: Mapping[str, float]) -> dict[str, str]:
    """Return the group of each region for a flow chart of at most seven groups.

    Regions of a code list fall into fixed groups of countries; where none of a network's
    regions is in them, the largest regions stand for themselves.

    Parameters
    ----------
    sizes : Mapping of str to float
        Regions with what passes through them, in any one unit.
    """
    named = {region: _named_group(region) for region in sizes}
    if any(group != ELSEWHERE for group in named.values()):
        return named
    largest = sorted(sizes, key=lambda region: (-sizes[region], region))
    shown = set(largest if len(largest) <= MOST_GROUPS else largest[: MOST_GROUPS - 1])
    return {region: region_name(region) if region in shown else ELSEWHERE for region in sizes}


def group_order(groups: Iterable[str]) -> tuple[str, ...]:
    """Return groups in a fixed order, named ones first, elsewhere last."""
    fixed = list(_NAMED_GROUPS)
    present = set(groups)
    others = sorted(present - set(fixed) - {ELSEWHERE})
    last = [ELSEWHERE] if ELSEWHERE in present else []
    return tuple([group for group in fixed if group in present] + others + last)


def _named_group(region: str) -> str:
    for group, members in _NAMED_GROUPS.items():
        if region in members:
            return group
    return ELSEWHERE


def spelled(text: str, regions: Collection[str]) -> str:
    """Return an English text in which the codes of those regions are written as names."""
    named = _CODE.sub(
        lambda found: ENGLISH.place_in_sentence(found[0]) if found[0] in regions else found[0],
        text,
    )
    return named.replace("ALLIES", "the allies").replace("WORLD", "the world")
