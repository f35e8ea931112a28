"""The words by which a reader sees where the parts of a page begin, ready for looking up.

They stand in ``data/zone_cues.toml``, by zone and language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from monazite.desk import shipped
from monazite.desk.schema import Zone


@dataclass(frozen=True, slots=True)
class Cues:
    """The table of cues, made ready for looking up."""

    heads: Mapping[str, Zone]
    before: Mapping[str, Zone]
    whole: Mapping[str, Zone]
    begins: tuple[tuple[str, Zone], ...]
    beginnings: tuple[str, ...]
    holds: tuple[tuple[Zone, tuple[str, ...]], ...]
    ends: tuple[str, ...]
    dates: frozenset[str]
    months: tuple[str, ...]
    small: frozenset[str]
    relative: frozenset[str]
    acts: frozenset[str]
    social: frozenset[str]
    archive: frozenset[str]

    @classmethod
    def shipped(cls) -> Self:
        """Read the table that comes with the package."""
        table = _table()
        begins = tuple(_by_zone(table["begins"]).items())
        words = table["words"]
        return cls(
            heads=_by_zone(table["heads"]),
            before=_by_zone(table["before"]),
            whole=_by_zone(table["whole"]),
            begins=begins,
            beginnings=tuple(cue for cue, _ in begins),
            holds=tuple((Zone(zone), tuple(row["any"])) for zone, row in table["holds"].items()),
            ends=tuple(table["ends"]["caption"]["any"]),
            dates=frozenset(words["date"]),
            months=tuple(words["months"]),
            small=frozenset(words["small"]),
            relative=frozenset(words["relative"]),
            acts=frozenset(words["acts"]),
            social=frozenset(words["social"]),
            archive=frozenset(words["archive"]),
        )


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Any]]:
    return shipped.toml("zone_cues.toml")


def _by_zone(table: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[str, Zone]:
    return {
        cue: Zone(zone)
        for zone, languages in table.items()
        for cues in languages.values()
        for cue in cues
    }


@lru_cache(maxsize=1)
def cues() -> Cues:
    """Return the table of cues, read once."""
    return Cues.shipped()


@lru_cache(maxsize=1)
def class_zones() -> Mapping[str, Zone]:
    """Return the zones by the words of the class of an element that holds them."""
    return {name: Zone(zone) for zone, names in _table()["classes"].items() for name in names}
