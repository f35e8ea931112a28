"""What each instrument does to a chain: the table of measures, default sizes, goods and plants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal

from pydantic import Field

from monazite.desk import shipped
from monazite.desk.schema import Event, FrozenRecord
from monazite.errors import UnitError

_SIZE = re.compile(r"([-+]?\d[\d,]*(?:\.\d+)?|[-+]?\.\d+)\s*(.{0,20})")


class UnitKind(StrEnum):
    """What a unit of the table measures."""

    NUMBER = "number"
    SHARE = "share"
    MASS = "mass"
    RATE = "rate"
    PRICE = "price"
    TIME = "time"


class SizeUnit(FrozenRecord):
    """A unit of sizes. ``kind`` : what it measures. ``factor`` : how many of ours it is.

    Ours are the fraction, the tonne, the tonne a year, the dollar a kilogram and the month.
    """

    kind: UnitKind
    factor: float


class Default(FrozenRecord):
    """A size that holds where the text gives none, with its reason. ``value`` : in ``unit``."""

    value: float
    unit: str
    source: str
    grade: Literal["A", "B", "C", "D", "E"]
    reason: str


class Lever(FrozenRecord):
    """What an instrument does to a chain.

    ``measure`` : kind of measure; empty where it changes odds, not flows. ``where`` : whose
    plants. ``stages`` : what its goods are narrowed to. ``asks`` : questions by field, for what
    has no default.
    """

    measure: str = ""
    reason: str
    where: Literal["actor", "target"] = "actor"
    stages: tuple[str, ...] = ()
    sizes: Mapping[str, Default] = Field(default_factory=dict)
    asks: Mapping[str, str] = Field(default_factory=dict)


class Precedent(FrozenRecord):
    """An earlier control whose throughput was seen.

    ``scenario`` : shipped scenario. ``measure`` : its licence, from 1. ``months`` : how many
    months after the first are taken; the last of them holds on.
    """

    scenario: str
    measure: int
    months: int


class GoodsRow(FrozenRecord):
    """What a controlled name of goods means in the codes of the chains.

    ``traded`` : patterns of goods. ``mined`` : patterns of ores that hold them. ``reason`` : why
    it means nothing there.
    """

    traded: tuple[str, ...] = ()
    mined: tuple[str, ...] = ()
    reason: str = ""


class KnownPlant(FrozenRecord):
    """Processes that stand for a plant. ``words`` : what its name holds, in lower case."""

    words: tuple[str, ...]
    processes: tuple[str, ...]

    def is_named_by(self, event: Event) -> bool:
        """Whether actor, target or place of an event name the plant."""
        told = (*event.actor, event.actor_name or "", *event.target, event.place or "")
        names = "\n".join(told).casefold()
        return any(word in names for word in self.words)


class LeverTable(FrozenRecord):
    """The whole table."""

    levers: Mapping[str, Lever]
    precedents: tuple[Precedent, ...]
    goods: Mapping[str, GoodsRow]
    plants: tuple[KnownPlant, ...]
    units: Mapping[str, SizeUnit]


@cache
def lever_table() -> LeverTable:
    """Return the table that comes with the program."""
    return LeverTable.model_validate(shipped.toml("measures.toml"))


@dataclass(frozen=True, slots=True)
class Sized:
    """A size in our units. ``value`` : a fraction, t, t/year, USD/kg, months or a bare number."""

    value: float
    kind: UnitKind


def sized(value: float, unit: str) -> Sized | None:
    """Return a size in our units; None where the unit is none of the table's."""
    known = lever_table().units.get(unit)
    return None if known is None else Sized(value * known.factor, known.kind)


def read_size(text: str, where: str) -> Sized:
    """Read a size as people answer it: ``25 %``, ``1,200 t/yr``, ``0.4``.

    Raises
    ------
    UnitError
        If it is no number, or the unit is unknown.
    """
    match = _SIZE.fullmatch(text.strip())
    found = sized(float(match[1].replace(",", "")), match[2].strip()) if match else None
    if found is None:
        units = ", ".join(unit for unit in lever_table().units if unit)
        raise UnitError(
            f"'{text}' is no size", where=where, way_out=f"write a number, or one with {units}"
        )
    return found
