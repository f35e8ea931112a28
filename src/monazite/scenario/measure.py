"""What every measure has: who, whom, what, when, on whose word; and what it must answer.

A new kind of measure is one class with two methods, in ``trade.py``, ``supply.py`` or
``demand.py``, and two lines in
``document``. Nothing else knows kinds.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from monazite.labels import EVERYWHERE, EXCEPT, OUTSIDE, WORLD, Stage, region_name
from monazite.network import Process
from monazite.scenario.calendar import Month, Path, month_number
from monazite.scenario.draft import Draft, Window
from monazite.scenario.ground import Ground
from monazite.scenario.lowered import Effect

ASSUMED = "assumed"
"""Source of a figure that nobody published; the note says why it was chosen."""
USER = "user"
"""Source of a figure that the writer of the scenario answers for."""

_GOODS: Mapping[str, str] = MappingProxyType(
    {
        "*": "all goods",
        "all": "all goods",
        Stage.ORE: "ores",
        Stage.SEPARATION: "separated goods",
        Stage.METAL: "metals",
        Stage.ALLOY: "alloys",
        Stage.MAGNET: "magnets",
        Stage.RECYCLING: "recycled goods",
        Stage.OTHER: "other goods",
    }
)
_SPELT_OUT = 4
"""A path of so many values is told one by one."""

Share = Annotated[float, Field(ge=0, le=1)]
Size = Annotated[float, Field(ge=0)]
Grade = Literal["A", "B", "C", "D", "E"]


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
"""One or several names; a single one needs no brackets."""


class Closed(BaseModel):
    """Settings that are frozen and refuse keys that they do not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=True,
        str_strip_whitespace=True,
    )


class Cited(Closed):
    """Something whose figures come from somewhere."""

    source: Names = (USER,)
    """Ids of the scenario's sources; "user" is your own word, "assumed" needs a note."""
    grade: Grade = "E"
    """A official, B trade or law, C weak, D derived, E assumed."""
    note: str = ""
    """How the figures were read or why they were assumed."""

    @model_validator(mode="after")
    def _assumptions_have_reasons(self) -> Self:
        if ASSUMED in self.source and not self.note:
            raise ValueError("source 'assumed' needs a note that says why")
        return self


class Exemptions(Closed):
    """What a measure leaves alone."""

    share: Share = 0.0
    """Share of the trade or demand that is left alone."""
    uses: Names = ()
    """End uses whose part of the trade is left alone."""
    regions: Names = ()
    """Regions or groups that are left alone."""


class Measure(Cited):
    """Something that somebody does, or that happens, from one month to another."""

    unused: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Common keys that this kind does not take, each with what to write instead."""

    kind: str
    """What is done."""
    label: str = ""
    """A short name for people, such as "MOFCOM Announcement 18"."""
    actors: Names = ()
    """Who acts: regions or groups (CHN, EU, G7, ALLIES, WORLD, OUTSIDE-CHN, !JPN)."""
    targets: Names = ()
    """At whom it aims: regions, groups, or an end use such as defence."""
    commodities: Names = ("all",)
    """Goods: codes, stages (ore, magnet), patterns ("Dy-*") or groups ("all-heavy")."""
    exemptions: Exemptions = Exemptions()
    """What is left alone: { share = 0.1, uses = ["defence"], regions = ["KOR"] }."""
    start: Month
    """First month in force."""
    end: Month | None = None
    """First month no longer in force; leave it out for open-ended."""
    announced: Month | None = None
    """Month in which the world learns of it; leave it out if that is the start."""

    @model_validator(mode="after")
    def _dates_are_in_order(self) -> Self:
        if self.end is not None and month_number(self.end) <= month_number(self.start):
            raise ValueError(f"end {self.end} is not after start {self.start}")
        if month_number(self.known_from) > month_number(self.start):
            raise ValueError(f"announced {self.announced} is after start {self.start}")
        return self

    @model_validator(mode="after")
    def _only_keys_that_count(self) -> Self:
        for key, instead in self.unused.items():
            if key in self.model_fields_set:
                raise ValueError(f"{self.kind} does not take '{key}': {instead}")
        return self

    @property
    def known_from(self) -> str:
        """Month in which the measure becomes known."""
        return self.announced or self.start

    @abstractmethod
    def lower(self, draft: Draft, index: int, window: Window, where: str) -> Effect:
        """Write the measure into the arrays of a draft and say what it touches.

        Raises
        ------
        ScenarioError, UnknownCodeError
            If it cannot be applied to the network of the draft.
        """

    @abstractmethod
    def sentence(self) -> str:
        """Return what the measure does, for people, without its dates."""

    def dates(self) -> tuple[str, ...]:
        """Every month that the measure names."""
        values = [getattr(self, name) for name in type(self).model_fields]
        paths = [month for value in values if isinstance(value, Path) for month in value.months()]
        return (self.start, *(d for d in (self.end, self.announced) if d), *paths)

    def new_process(self, ground: Ground, where: str) -> Process | None:
        """Return a process that the measure adds to the network; None for most measures."""
        del ground, where
        return None

    def duration(self) -> str:
        """When the measure is known and in force, for people."""
        until = f" until the end of {_before(self.end)}" if self.end else ""
        known = "" if self.known_from == self.start else f" (known since {self.known_from})"
        return f"from {self.start}{until}{known}"


def _before(label: str) -> str:
    number = month_number(label) - 1
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def listing(names: Iterable[str]) -> str:
    """Names as a list in a sentence: "a, b and c"."""
    *most, last = tuple(names) or ("everything",)
    return f"{', '.join(most)} and {last}" if most else last


def named_goods(names: Iterable[str]) -> str:
    """Return goods as a list in a sentence: codes as they are, stages and groups in words."""
    return listing(_good(name) for name in names)


def _good(name: str) -> str:
    return _GOODS.get(name, name)


def named_places(names: Iterable[str]) -> str:
    """Return regions, groups and uses as a list in a sentence, regions by their names."""
    return listing(_place(name) for name in names)


def _place(name: str) -> str:
    if name in (WORLD, EVERYWHERE):
        return "everywhere"
    if name.startswith(OUTSIDE):
        return f"everywhere but {region_name(name.removeprefix(OUTSIDE))}"
    if name.startswith(EXCEPT):
        return f"not {region_name(name.removeprefix(EXCEPT))}"
    return region_name(name)


def as_share(path: Path) -> str:
    """Return a path of shares for people, in per cent."""
    return _sizes(path, 100, " %")


def as_size(path: Path, unit: str) -> str:
    """Return a path of sizes for people, with its unit."""
    return _sizes(path, 1, f" {unit}")


def _sizes(path: Path, scale: float, unit: str) -> str:
    sizes = [scale * size for size in path.sizes()]
    low, high = min(sizes), max(sizes)
    if low == high:
        return f"{_figure(low)}{unit}"
    if len(sizes) > _SPELT_OUT:
        return f"{_figure(low)} to {_figure(high)}{unit} by month"
    dated = [f"{_figure(v)}{unit} from {m}" for v, m in zip(sizes, path.months(), strict=True)]
    return listing(dated)


def _figure(size: float) -> str:
    return f"{size:,.0f}" if abs(size) >= 1000 else f"{size:,.4g}"
