"""Code lists: regions and their groups, stages, end uses. Known slips are mended, others raise.

A region is an ISO 3166-1 alpha-3 code, or one of two composites: ``REU`` for the members of
the European Union that a network does not list one by one, ``ROW`` for the rest of the world.
(ISO gives REU to Réunion, which counts with France here, as in trade statistics.)
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType

from monazite.errors import UnknownCodeError

EVERYWHERE = "*"
"""Stands for every region in the tables of a network."""
EXCEPT = "!"
"""In front of a region or group: leave it out."""
OUTSIDE = "OUTSIDE-"
"""In front of a region or group: everybody else."""
WORLD = "WORLD"
"""Every region of the network."""


class Stage(StrEnum):
    """Where in the chain a commodity or process stands, from the mine downwards."""

    ORE = "ore"
    SEPARATION = "separation"
    METAL = "metal"
    ALLOY = "alloy"
    MAGNET = "magnet"
    RECYCLING = "recycling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Region:
    """A country, territory or composite.

    Parameters
    ----------
    code : str
        ISO 3166-1 alpha-3, or ``REU`` or ``ROW``.
    name : str
        Usual English name.
    spellings : tuple of str
        Other spellings that mean it, the alpha-2 code among them.
    """

    code: str
    name: str
    spellings: tuple[str, ...] = ()


REST_OF_EU = Region("REU", "Rest of the European Union", ("Rest of EU", "Other EU"))
REST_OF_WORLD = Region("ROW", "Rest of the world", ("Other countries", "Rest of World"))
COMPOSITES = (REST_OF_EU.code, REST_OF_WORLD.code)


def _read_regions() -> dict[str, Region]:
    table = resources.files("monazite") / "reference" / "data" / "regions.csv"
    countries = [
        Region(
            row["region"],
            row["name"],
            (row["alpha2"], *(name for name in row["aliases"].split(";") if name)),
        )
        for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    ]
    return {region.code: region for region in (*countries, REST_OF_EU, REST_OF_WORLD)}


REGIONS: Mapping[str, Region] = MappingProxyType(_read_regions())
"""Every region by its code."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EU = _codes(
    "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT "
    "REU ROU SVK SVN SWE"
)
_G7 = _codes("CAN DEU FRA GBR ITA JPN USA")

GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "EU": _EU,
        "EU27": _EU,
        "G7": _G7,
        "QUAD": _codes("AUS IND JPN USA"),
        "ALLIES": _G7 | _EU | _codes("AUS KOR NOR NZL"),
    }
)
"""Members of each group. ``ALLIES`` is a choice of this project: the G7, the European Union,
South Korea, Australia, Norway and New Zealand. ``WORLD`` and ``OUTSIDE-<code>`` depend on the
network and are understood by :func:`expand`."""

END_USES: Mapping[str, str] = MappingProxyType(
    {
        "EV": "electric vehicles",
        "wind": "wind turbines",
        "electronics": "electronics",
        "industry": "industrial motors and equipment",
        "defence": "defence",
        "catalysts": "catalysts",
        "glass-polishing": "glass and polishing",
        "phosphors-ceramics": "phosphors and ceramics",
        "metallurgy": "metallurgy",
        "other": "other uses",
        "surplus": "surplus that nobody uses",
    }
)
"""What the end uses of the rare-earth chain are called in a sentence. Networks may have others."""


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        _fold(spelling): region.code
        for region in REGIONS.values()
        for spelling in (region.code, region.name, *region.spellings)
    }
)


def canonical_region(text: str, *, own: Iterable[str] = (), where: str = "") -> str:
    """Return the code of a region, mending spellings that can only mean one.

    Parameters
    ----------
    text : str
        A code, a name or a known spelling, such as ``Burma`` or ``Korea, Republic of``.
    own : Iterable of str
        Codes that a network declares for itself; they must match exactly.
    where : str
        File and row for the error.

    Raises
    ------
    UnknownCodeError
        If nothing known is spelt like this.
    """
    own = tuple(own)
    if text in REGIONS or text in own:
        return text
    code = _SPELLINGS.get(_fold(text))
    if code is None:
        raise UnknownCodeError("region", text, own or REGIONS, where=where)
    return code


def region_name(code: str) -> str:
    """Return the English name of a region; a code that no list knows stands for itself."""
    return REGIONS[code].name if code in REGIONS else code


def expand(codes: Iterable[str], universe: Sequence[str], *, where: str = "") -> tuple[str, ...]:
    """Return the regions that a list of regions and groups means in a network.

    ``WORLD`` is everybody, ``OUTSIDE-CHN`` everybody but China, and ``!JPN`` takes Japan out
    of what the others give (out of everybody if there are no others). Members of a group that
    the network does not list are left out.

    Parameters
    ----------
    codes : Iterable of str
        Regions, groups and exclusions, in any order.
    universe : Sequence of str
        The regions of the network.
    where : str
        File, measure or option for the error.

    Returns
    -------
    tuple of str
        In the order of `universe`; empty if a group has no member there.

    Raises
    ------
    UnknownCodeError
        If a code is neither region nor group, or a region is not in the network.
    """
    listed = tuple(codes)
    taken_out = [code.removeprefix(EXCEPT) for code in listed if code.startswith(EXCEPT)]
    asked = [code for code in listed if not code.startswith(EXCEPT)]
    if taken_out and not asked:
        asked = [WORLD]
    members = {region for code in asked for region in _members(code, universe, where)}
    members -= {region for code in taken_out for region in _members(code, universe, where)}
    return tuple(region for region in universe if region in members)


def _members(code: str, universe: Sequence[str], where: str) -> frozenset[str]:
    if code in universe:
        return frozenset((code,))
    if code in (WORLD, EVERYWHERE):
        return frozenset(universe)
    if code in GROUPS:
        return GROUPS[code]
    if code.startswith(OUTSIDE):
        return frozenset(universe) - _members(code.removeprefix(OUTSIDE), universe, where)
    region = _SPELLINGS.get(_fold(code))
    if region is not None and region in universe:
        return frozenset((region,))
    kind = "region or group" if region is None else "region of this network"
    raise UnknownCodeError(kind, code, (*universe, *GROUPS, WORLD), where=where)
