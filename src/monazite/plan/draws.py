"""What may happen: shocks, demand, slipping and failing plants, drawn once for every plan.

A *draw* is one run of the years: when each shock begins, how long and how hard it is, how much
is wanted, which plants come, and when. A *state* is a picture that a target is a promise about:
calm, or the largest supplier of every good gone. Draws have probabilities, states have none.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from zlib import crc32

import numpy as np

from monazite.newton import BoolArray, FloatArray, IndexArray
from monazite.plan.model import BuildCandidate, Committed, PlanningModel, Step

MONTHS = 12
CALM = "calm"
"""The state in which nothing happens."""
N_MINUS_1 = "n-1"
"""The state in which every partner has lost the largest foreign supplier of every good."""


@dataclass(frozen=True, slots=True)
class Shock:
    """Something that cuts supply for a while.

    ``name`` : as in the programme. ``probability`` : that it begins in a given year. ``months`` :
    lowest, likeliest and highest length. ``severity`` : the same of its strength, where 1 is the
    effect as stated. ``left`` : share of an activity that is left while it lasts, by the
    activity's name. ``left_of_capacity`` : the same for capacities.
    """

    name: str
    probability: float
    months: tuple[float, float, float]
    severity: tuple[float, float, float] = (1.0, 1.0, 1.0)
    left: Mapping[str, float] = field(default_factory=dict)
    left_of_capacity: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Draws:
    """Draws first, then states, along the first axis of every array.

    ``names`` : of each draw or state. ``weight`` : probabilities, 1 for a state. ``drawn`` :
    which are draws. ``activity`` : factor on an activity's upper bound (draw, step), by name;
    absent is 1. ``demand`` : factor on all demand (draw, step). ``capacity`` : capacity without
    candidates [t/year] (draw, capacity, step). ``availability`` : share of its size that a
    candidate decided in a year has at a step (draw, candidate, year, step). ``struck`` : share of
    a step that some shock lasts (draw, step), by name of the shock. ``demands`` : factor on one
    demand (draw, step), by its place in the model; absent is 1. ``added`` : factor on what
    candidates add to a capacity (draw, step), by its name; absent is 1. ``limits`` : factor on a
    limit (draw, step), by its name; absent is 1. ``states`` : name and
    step of each state, in their order after the draws; each is about its one step only.
    """

    names: tuple[str, ...]
    weight: FloatArray
    drawn: BoolArray
    activity: Mapping[str, FloatArray]
    demand: FloatArray
    capacity: FloatArray
    availability: FloatArray
    struck: Mapping[str, FloatArray]
    demands: Mapping[int, FloatArray] = field(default_factory=dict)
    added: Mapping[str, FloatArray] = field(default_factory=dict)
    limits: Mapping[str, FloatArray] = field(default_factory=dict)
    states: tuple[tuple[str, int], ...] = ()

    @property
    def count(self) -> int:
        """How many are drawn, states left out."""
        return int(self.drawn.sum())

    def row_of(self, state: str, step: int) -> int:
        """Return where a state at a step stands along the first axis."""
        return self.count + self.states.index((state, step))

    @cached_property
    def alive(self) -> BoolArray:
        """Steps that each draw or state is about (draw, step)."""
        steps = np.arange(self.demand.shape[-1])
        alive: BoolArray = np.ones((len(self.names), len(steps)), dtype=np.bool_)
        for row, (_state, step) in enumerate(self.states):
            alive[self.count + row] = steps == step
        return alive


def draw(
    model: PlanningModel,
    shocks: tuple[Shock, ...] = (),
    *,
    count: int = 1,
    seed: int = 0,
    demand: tuple[float, float, float] = (1.0, 1.0, 1.0),
    states: Mapping[str, Mapping[str, float]] | None = None,
) -> Draws:
    """Draw what may happen over the steps of a model.

    Parameters
    ----------
    model : PlanningModel
        Its steps, activities, capacities and candidates.
    shocks : tuple of Shock
        What may strike; several at once multiply.
    count : int
        Number of draws; one draw of a model without chance is the model itself. Where the
        model's uncertainties have no more joint outcomes than this, each is taken with its
        probability, as often as `count` has room for; else they are drawn.
    seed : int
        Same seed, same draws.
    demand : triple of float
        Lowest, likeliest and highest multiple of demand in the last step; it is reached in a
        straight line.
    states : mapping of str to mapping, optional
        What is left of each activity in a state, by the state's name; all of it where nothing
        is said. Demand, plants under way and candidates are as expected over the draws.

    Returns
    -------
    Draws
        The draws, and the states that the model's targets name.
    """
    weight, chosen = _outcomes(_chance(seed, "outcomes"), model, count)
    count = len(weight)
    struck, strength = {}, {}
    for shock in shocks:
        chance = _chance(seed, f"shock {shock.name}")
        strength[shock.name] = _triangular(chance, shock.severity, count)
        struck[shock.name] = _lasting(chance, model.steps, shock, count)
    reach = np.linspace(0.0, 1.0, len(model.steps)) if len(model.steps) > 1 else np.ones(1)
    level = _triangular(_chance(seed, "demand"), demand, count)
    drawn = Draws(
        names=tuple(f"draw {k + 1}" for k in range(count)),
        weight=weight,
        drawn=np.ones(count, dtype=bool),
        activity=_hit_activities(shocks, struck, strength),
        demand=1.0 + (level[:, None] - 1.0) * reach[None, :],
        capacity=_capacities(seed, model, shocks, struck, strength, count),
        availability=_availabilities(seed, model, count),
        struck=struck,
    )
    return _with_states(model, _turned_out(model, drawn, chosen), states or {})


def _chance(seed: int, name: str) -> np.random.Generator:
    """Return the chance of one thing: the same whatever else a model holds beside it.

    So plans of other coalitions, or without a project, meet the same future.
    """
    return np.random.default_rng([abs(seed), crc32(name.encode())])


def _outcomes(
    chance: np.random.Generator, model: PlanningModel, count: int
) -> tuple[FloatArray, IndexArray]:
    """Return the probability of each draw, and its outcome of each uncertainty."""
    sizes = [len(row.outcomes) for row in model.uncertainties]
    shares = [[outcome.probability for outcome in row.outcomes] for row in model.uncertainties]
    joint = math.prod(sizes)
    if joint > count:
        drawn = [chance.choice(len(part), size=count, p=part) for part in shares]
        return np.full(count, 1.0 / count), np.stack(drawn, axis=1)
    every = np.array(list(itertools.product(*map(range, sizes))), dtype=int).reshape(joint, -1)
    weight = np.array([math.prod(part) for part in itertools.product(*shares)])
    times = count // joint
    return np.tile(weight / times, times), np.tile(every, (times, 1))


def _turned_out(model: PlanningModel, drawn: Draws, chosen: IndexArray) -> Draws:
    """Return the draws with what their outcomes multiply."""
    capacity = drawn.capacity.copy()
    factors: dict[str, dict[int, FloatArray]] = {}
    year = np.array([step.year for step in model.steps])
    for k, uncertainty in enumerate(model.uncertainties):
        for place, outcome in enumerate(uncertainty.outcomes):
            hit = (chosen[:, k] == place)[:, None]
            for row in outcome.consequences:
                factor = np.where(hit & (year >= row.first), row.factor, 1.0)
                before = factors.setdefault(row.kind, {})
                before[row.place] = before.get(row.place, 1.0) * factor
    for place, factor in factors.get("capacity", {}).items():
        capacity[:, place] *= factor
    activity = dict(drawn.activity)
    for place, factor in factors.get("activity", {}).items():
        name = model.activities[place].name
        activity[name] = activity.get(name, 1.0) * factor
    return replace(
        drawn,
        capacity=capacity,
        activity=activity,
        demands=factors.get("demand", {}),
        added={model.capacities[k].name: row for k, row in factors.get("capacity", {}).items()},
        limits={model.limits[k].name: row for k, row in factors.get("limit", {}).items()},
    )


def _triangular(
    chance: np.random.Generator, ends: tuple[float, float, float], count: int
) -> FloatArray:
    low, mode, high = ends
    if low == high:
        return np.full(count, float(mode))
    return chance.triangular(low, mode, high, count)


def _lasting(
    chance: np.random.Generator, steps: tuple[Step, ...], shock: Shock, count: int
) -> FloatArray:
    """Share of every step that the shock lasts; it cannot begin again before it has ended."""
    months = max(1, round(sum(step.length for step in steps) * MONTHS))
    begins = chance.random((count, months)) < 1.0 - (1.0 - shock.probability) ** (1.0 / MONTHS)
    length = np.maximum(1, np.rint(_triangular(chance, shock.months, count * months)))
    length = length.reshape(count, months).astype(int)
    active = np.zeros((count, months))
    until = np.zeros(count, dtype=int)
    for month in range(months):
        new = begins[:, month] & (until <= month)
        until = np.where(new, month + length[:, month], until)
        active[:, month] = until > month
    ends = np.cumsum([max(1, round(step.length * MONTHS)) for step in steps])
    parts = np.split(active[:, : ends[-1]], ends[:-1], axis=1)
    return np.stack([part.mean(axis=1) if part.size else np.zeros(count) for part in parts], axis=1)


def _effect(struck: FloatArray, strength: FloatArray, left: float) -> FloatArray:
    return np.maximum(0.0, 1.0 - struck * strength[:, None] * (1.0 - left))


def _hit_activities(
    shocks: tuple[Shock, ...],
    struck: Mapping[str, FloatArray],
    strength: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    hit: dict[str, FloatArray] = {}
    for shock in shocks:
        for name, left in shock.left.items():
            effect = _effect(struck[shock.name], strength[shock.name], left)
            hit[name] = hit[name] * effect if name in hit else effect
    return hit


def _capacities(
    seed: int,
    model: PlanningModel,
    shocks: tuple[Shock, ...],
    struck: Mapping[str, FloatArray],
    strength: Mapping[str, FloatArray],
    count: int,
) -> FloatArray:
    every = np.empty((count, len(model.capacities), len(model.steps)))
    for k, capacity in enumerate(model.capacities):
        every[:, k] = capacity.base[None, :]
        for plant in capacity.committed:
            coming = _coming(_chance(seed, f"plant {plant.plant}"), model, plant, count)
            every[:, k] += plant.size * coming
        for shock in shocks:
            left = shock.left_of_capacity.get(capacity.name, 1.0)
            every[:, k] *= _effect(struck[shock.name], strength[shock.name], left)
    return every


def _coming(
    chance: np.random.Generator, model: PlanningModel, plant: Committed, count: int
) -> FloatArray:
    comes = chance.random(count) < plant.success
    start = plant.start + _triangular(chance, plant.delay, count)
    return comes[:, None] * running(model.steps, start, plant.ramp)


def running(
    steps: tuple[Step, ...],
    start: FloatArray,
    ramp: tuple[float, ...],
    life: float = np.inf,
) -> FloatArray:
    """Return the share of its size that a plant has on average over each step.

    Parameters
    ----------
    steps : tuple of Step
        When.
    start : array
        When it starts, in years; leading axes are kept.
    ramp : tuple of float
        Share of full size in its first, second ... year; the last holds on.
    life : float
        Years that it lasts.
    """
    begin = _begins(steps)
    end = begin + np.array([step.length for step in steps])
    start = np.asarray(start, dtype=float)[..., None]
    from_then = np.maximum(begin, start)
    open_share = np.clip((np.minimum(end, start + life) - from_then) / (end - begin), 0.0, 1.0)
    age = np.maximum(0.0, (from_then + np.minimum(end, start + life)) / 2 - start)
    place = np.minimum(np.nan_to_num(age, posinf=0.0).astype(int), len(ramp) - 1)
    share: FloatArray = open_share * np.asarray(ramp)[place]
    return share


def _begins(steps: tuple[Step, ...]) -> FloatArray:
    """When every step begins, in years of the calendar."""
    lengths = np.array([step.length for step in steps])
    return steps[0].year + np.concatenate([[0.0], np.cumsum(lengths)[:-1]])


def decision_times(model: PlanningModel) -> FloatArray:
    """Return when each year of decision begins: at the first step that carries it."""
    begin = _begins(model.steps)
    first = {step.year: k for k, step in reversed(list(enumerate(model.steps)))}
    return np.array([begin[first[year]] for year in model.years])


def _availabilities(seed: int, model: PlanningModel, count: int) -> FloatArray:
    shape = (count, len(model.candidates), len(model.years), len(model.steps))
    every = np.zeros(shape)
    when = decision_times(model)
    for k, candidate in enumerate(model.candidates):
        chance = _chance(seed, f"plant {candidate.name}")
        comes = chance.random(count) < candidate.success
        slip = _triangular(chance, candidate.delay, count)
        start = when[None, :] + candidate.build + slip[:, None]
        share = running(model.steps, start, candidate.ramp, candidate.life)
        every[:, k] = comes[:, None, None] * share
    return every


def on_time(model: PlanningModel, candidate: BuildCandidate) -> FloatArray:
    """Return the share of its size that a candidate has if it comes as planned (year, step)."""
    start = decision_times(model) + candidate.build
    return running(model.steps, start, candidate.ramp, candidate.life)


def _with_states(
    model: PlanningModel, drawn: Draws, left: Mapping[str, Mapping[str, float]]
) -> Draws:
    states = tuple(dict.fromkeys((row.state, k) for row in model.targets for k in row.steps))
    if not states:
        return drawn
    count = len(states)
    ones = np.ones((count, len(model.steps)))
    activity = {name: np.concatenate([row, ones]) for name, row in drawn.activity.items()}
    every = np.ones((drawn.count, len(model.steps)))
    for row, (state, _step) in enumerate(states):
        for name, share in left.get(state, {}).items():
            if name not in activity:
                activity[name] = np.concatenate([every, ones])
            activity[name][drawn.count + row] = share
    return replace(
        drawn,
        names=drawn.names + tuple(f"{state} {model.steps[k].label}" for state, k in states),
        states=states,
        weight=np.concatenate([drawn.weight, np.ones(count)]),
        drawn=np.concatenate([drawn.drawn, np.zeros(count, dtype=bool)]),
        activity=activity,
        demand=_mean_last(drawn, drawn.demand, count),
        capacity=_mean_last(drawn, drawn.capacity, count),
        availability=_mean_last(drawn, drawn.availability, count),
        struck={n: np.concatenate([row, 0 * ones]) for n, row in drawn.struck.items()},
        demands={k: _mean_last(drawn, row, count) for k, row in drawn.demands.items()},
        added={n: _mean_last(drawn, row, count) for n, row in drawn.added.items()},
        limits={n: _mean_last(drawn, row, count) for n, row in drawn.limits.items()},
    )


def _mean_last(drawn: Draws, values: FloatArray, count: int) -> FloatArray:
    """Append the mean over the draws, once for each state."""
    mean: FloatArray = np.average(values, axis=0, weights=drawn.weight)[None]
    return np.concatenate([values, np.repeat(mean, count, axis=0)])
