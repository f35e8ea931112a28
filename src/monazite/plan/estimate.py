"""Capital costs of plants: as stated, in constant dollars, or estimated from plants of their kind.

Plants are compared within a cost group (``plan/project_stages``) and on their side of a divide:
inside China a plant costs a fraction of what it costs elsewhere. With :data:`FEWEST_FOR_SCALE`
stated costs or more, cost grows with size to the power :data:`EXPONENT`; with fewer, in
proportion. Another size of a plant with a stated cost is scaled from that alone. A table
without any stated cost of a kind goes by the shipped list. Every estimate is of grade E and names
the plants that it was made from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from monazite.errors import InputError
from monazite.plan.project import FOLDER, CostScope, Decision, Project, Projects
from monazite.reference import catalogue
from monazite.units import MONEY_YEAR

EXPONENT = 0.65
"""How capital cost grows with size; near the six-tenths rule of process plants (assumed)."""
FEWEST_FOR_SCALE = 5
"""Stated costs from which a power of the size is used."""
FEWEST_FOR_QUARTILES = 4
"""Stated costs from which the middle half is the range; with fewer it is a factor of two."""
APART = frozenset({"CHN"})
"""Regions whose costs are compared among themselves only."""


@dataclass(frozen=True, slots=True)
class Capital:
    """Capital cost of a plant [million USD of 2024].

    ``value`` : the cost. ``low``, ``high`` : range that half of the plants of its kind fall in;
    the cost itself where it is stated. ``is_stated`` : whether a source tells it. ``plants`` :
    those that an estimate was made from, the plant itself where it is stated. ``rule`` : how it
    was made, in words.
    """

    plant: str
    value: float
    low: float
    high: float
    is_stated: bool
    plants: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class _Sized:
    """A plant with one cost group: what is compared."""

    plant: str
    group: str
    choice: str
    is_apart: bool
    size: float
    cost: float | None
    scope: CostScope


def capital_costs(projects: Projects) -> Mapping[str, Capital]:
    """Return the capital cost of every plant that may be chosen.

    A stated cost of the plant, or of more than the plant, stands. A stated cost of part of it is
    replaced by an estimate, but never by a lower one.

    Parameters
    ----------
    projects : Projects
        Placed on a network, so that activities are known.

    Raises
    ------
    InputError
        If a plant has to be estimated and no plant of its kind has a stated cost; if the money
        of a stated cost is of a year that the price level does not know.
    """
    sized = _every(projects)
    found: dict[str, Capital] = {}
    for plant, lines in projects.plants().items():
        parts = [item for item in sized if item.plant == plant]
        if parts and any(line.decision is Decision.CANDIDATE for line in lines):
            found[plant] = _capital(parts, sized)
    return MappingProxyType(found)


def constant_dollars(amount: float, year: int, *, where: str = "") -> float:
    """Return an amount of some year's dollars in dollars of 2024.

    Raises
    ------
    InputError
        If the price level of that year is not shipped; `where` is the row that states it.
    """
    level = price_level()
    if year not in level:
        raise InputError(
            f"no price level for money of {year}",
            where=where,
            way_out=f"give a money_year from {min(level)} to {max(level)}",
        )
    return amount * level[MONEY_YEAR] / level[year]


@cache
def price_level() -> Mapping[int, float]:
    """Return the shipped price level by year [index]."""
    rows = catalogue.load(f"{FOLDER}/price_level")
    return MappingProxyType({int(row.number("year") or 0): row.value or 0.0 for row in rows})


def _every(projects: Projects) -> list[_Sized]:
    return [item for lines in projects.plants().values() for item in _sized(lines, projects)]


@cache
def _shipped() -> list[_Sized]:
    """Sized plants of the shipped list, whose rows all state their activity."""
    return _every(Projects.read())


def _sized(lines: Iterable[Project], projects: Projects) -> Iterable[_Sized]:
    """Size of a plant in each of its cost groups; the cost goes to the first."""
    lines = tuple(lines)
    cost, scope = _stated(lines)
    sizes: dict[str, float] = {}
    for line in lines:
        if line.has_size and line.activity:
            stage = projects.stages[line.stage]
            size = line.activity * stage.cost_basis
            sizes[stage.cost_group] = sizes.get(stage.cost_group, 0.0) + size
    for group, size in sizes.items():
        # a cost over several groups says nothing about one of them
        reach = scope if len(sizes) == 1 or scope is CostScope.PARTIAL else CostScope.WIDER
        first = lines[0]
        yield _Sized(first.plant, group, first.group, first.region in APART, size, cost, reach)


def _stated(lines: tuple[Project, ...]) -> tuple[float | None, CostScope]:
    for line in lines:
        if line.capex is not None:
            where = line.provenance.where
            year = MONEY_YEAR if line.money_year is None else line.money_year
            return constant_dollars(line.capex, year, where=where), line.cost_scope
    return None, CostScope.PLANT


def _capital(parts: list[_Sized], every: list[_Sized]) -> Capital:
    plant, cost, scope = parts[0].plant, parts[0].cost, parts[0].scope
    if cost is not None and scope is not CostScope.PARTIAL:
        return Capital(plant, cost, cost, cost, True, (plant,), "as stated, in dollars of 2024")
    guesses = [_estimated(part, every) for part in parts]
    least = cost or 0.0
    value, low, high = (
        max(least, sum(getattr(guess, name) for guess in guesses))
        for name in ("value", "low", "high")
    )
    used = tuple(dict.fromkeys(name for guess in guesses for name in guess.plants))
    rule = "; ".join(guess.rule for guess in guesses)
    return Capital(plant, value, low, high, False, used, rule)


def _estimated(part: _Sized, every: list[_Sized]) -> Capital:
    known = _other_sizes(part, every) or _alike(part, every)
    is_scaled = len(known) >= FEWEST_FOR_SCALE or known[0].choice == part.choice != ""
    power = EXPONENT if is_scaled else 1.0
    scaled = [(item.cost or 0.0) * (part.size / item.size) ** power for item in known]
    value = float(np.median(scaled))
    low, high = value / 2, value * 2
    if len(known) >= FEWEST_FOR_QUARTILES:
        low, high = (float(end) for end in np.quantile(scaled, (0.25, 0.75)))
    names = tuple(item.plant for item in known)
    how = f"size to the power {EXPONENT:g}" if power < 1 else "in proportion to size"
    rule = f"median of stated costs of {part.group} ({len(known)}), {how} (assumed, grade E)"
    return Capital(part.plant, value, low, high, False, names, rule)


def _other_sizes(part: _Sized, every: list[_Sized]) -> list[_Sized]:
    """Plants that are a choice of size with this one and have a stated cost."""
    same = [item for item in every if part.choice and item.choice == part.choice]
    return [item for item in same if item.cost and item.scope is not CostScope.PARTIAL]


def _alike(part: _Sized, every: list[_Sized]) -> list[_Sized]:
    """Plants of the same kind with a stated cost, or with part of one if there is no other."""
    for known in (every, _shipped()):
        kind = [item for item in known if item.cost and item.group == part.group]
        same = [item for item in kind if item.is_apart == part.is_apart]
        for scope in (CostScope.PLANT, CostScope.PARTIAL):
            found = [item for item in same if item.scope is scope]
            if found:
                return found
    raise InputError(
        f"plant {part.plant} has no capital cost, and no plant of {part.group} has one to go by",
        way_out="give capex_musd for it, or for a plant of its kind",
    )
