"""What planning together is worth, and to whom.

A coalition plans for its own demand with its own projects and budgets and with its own access to
the outside; what it trades with the other partners stays as it was. So what two coalitions have
apart is what they have together, and together costs no more. The gain is divided by the Shapley
value (Shapley 1953, *A value for n-person games*): the mean of what a partner saves by joining,
over all orders of joining.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial

Coalition = frozenset[str]


@dataclass(frozen=True, slots=True)
class Promise:
    """A target that a partner cannot reach alone: plans are compared at what it reaches.

    ``target`` : name. ``wanted``, ``reached`` : shares.
    """

    target: str
    wanted: float
    reached: float


@dataclass(frozen=True, slots=True)
class Gain:
    """Gain of planning together.

    ``cost`` : of each coalition's plan [money, discounted]. ``bound`` : no plan of it costs less.
    ``gain`` : cost of separate plans less that of the joint one. ``low``, ``high`` : between what
    gains it must lie, given how far each plan was looked for. ``shapley`` : share of the gain of
    each partner. ``separate`` : cost of each partner alone. ``promises`` : targets that somebody
    cannot reach alone, at the level at which all plans were compared.
    """

    cost: Mapping[Coalition, float]
    bound: Mapping[Coalition, float]
    gain: float
    low: float
    high: float
    shapley: Mapping[str, float]
    separate: Mapping[str, float]
    promises: tuple[Promise, ...] = ()


def coalitions(partners: tuple[str, ...]) -> tuple[Coalition, ...]:
    """Return every coalition that is not empty, small ones first."""
    return tuple(
        frozenset(chosen)
        for size in range(1, len(partners) + 1)
        for chosen in combinations(partners, size)
    )


def gain_of(
    partners: tuple[str, ...],
    cost: Mapping[Coalition, float],
    bound: Mapping[Coalition, float],
    promises: tuple[Promise, ...] = (),
) -> Gain:
    """Return the gain of all planning together and how it divides.

    Parameters
    ----------
    partners : tuple of str
        All of them.
    cost, bound : mapping of coalition to float
        Cost of the best plan found and what no plan can fall below, of every coalition.
    promises : tuple of Promise
        Targets that were lowered for the comparison.
    """
    alone = {partner: cost[frozenset([partner])] for partner in partners}
    least_alone = sum(bound[frozenset([partner])] for partner in partners)
    everyone = frozenset(partners)
    saved = {chosen: sum(alone[partner] for partner in chosen) - cost[chosen] for chosen in cost}
    return Gain(
        cost=dict(cost),
        bound=dict(bound),
        gain=saved[everyone],
        low=least_alone - cost[everyone],
        high=sum(alone.values()) - bound[everyone],
        shapley=shapley(partners, lambda chosen: saved[chosen] if chosen else 0.0),
        separate=alone,
        promises=promises,
    )


def shapley(partners: tuple[str, ...], worth: Callable[[Coalition], float]) -> dict[str, float]:
    """Return the Shapley value of each partner.

    Parameters
    ----------
    partners : tuple of str
        The players.
    worth : callable
        Worth of a coalition; of nobody, zero.

    Examples
    --------
    A glove game: one left glove, two right ones, a pair is worth 1.

    >>> pair = lambda c: float("left" in c and len(c) > 1)
    >>> {p: round(v, 3) for p, v in shapley(("left", "right", "other"), pair).items()}
    {'left': 0.667, 'right': 0.167, 'other': 0.167}
    """
    count = len(partners)
    values = {}
    for partner in partners:
        others = tuple(name for name in partners if name != partner)
        values[partner] = sum(
            _chance(len(chosen), count) * (worth(chosen | {partner}) - worth(chosen))
            for chosen in _subsets(others)
        )
    return values


def _subsets(names: tuple[str, ...]) -> Iterable[Coalition]:
    return (frozenset(), *coalitions(names))


def _chance(before: int, count: int) -> float:
    """Chance that just these have joined before, in a random order."""
    return factorial(before) * factorial(count - before - 1) / factorial(count)
