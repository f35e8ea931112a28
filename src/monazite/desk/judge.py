"""What is a page's news: the chance that an analyst would call an act an event of this page.

A logistic regression over a few traits of an act and of how the page tells it; its weights are
a table, ``data/judge.json``, learned from labelled pages (``scripts/train_recogniser.py``).
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from monazite.desk import attribution, cues, ear, gazetteer, shipped
from monazite.desk.attribution import Story
from monazite.desk.cues import Cue
from monazite.desk.gazetteer import Kind
from monazite.desk.schema import INSTRUMENTS
from monazite.desk.telling import LEAST_GRAMMAR, Candidate, Cluster, named
from monazite.desk.timing import Timing

BOUND = 3.0
"""Largest difference in log odds that is told apart."""
HEDGED = frozenset(
    {"denied", "dropped", "not_imposed", "proposed", "planned", "pending", "suspended", "ended",
     "extended", "reported", "signed", "occurred"}
)  # fmt: skip
"""Statuses that count as traits of their own."""


def traits(
    story: Story, cluster: Cluster, clusters: Sequence[Cluster], when: Timing
) -> dict[str, float]:
    """Return what the judge looks at, by name.

    Parameters
    ----------
    story : Story
        The page.
    cluster : Cluster
        The act to be judged.
    clusters : sequence of Cluster
        All acts of the page: they compete for the same words.
    when : Timing
        The dates of the act.
    """
    family = INSTRUMENTS[cluster.best.instrument].family
    status = cluster.status if cluster.status in HEDGED else "plain"
    return {
        "one": 1.0,
        f"standing {status}": 1.0,
        f"family {family}": 1.0,
        **_voice(cluster),
        **_address(story, cluster),
        **_content(story, cluster, when),
        **_rivals(cluster, [other for other in clusters if other is not cluster]),
        "crowd": math.log(1 + len(clusters)),
    }


def _voice(cluster: Cluster) -> dict[str, float]:
    """Return how clearly, how early and how often the page tells it."""
    best, parts = cluster.best, cluster.parts
    first = min(part.sentence.number for part in parts)
    return {
        "grammar": max(part.grammar for part in parts),
        "heard": _within(max(part.heard for part in parts), -4.0, 6.0),
        "top": float(best.rank == 0),
        "news": _within(best.new, -4.0, 5.0),
        "news best": _within(max(part.new for part in parts), -4.0, 5.0),
        "first": 1.0 / (1 + first),
        "lead": float(first <= 1),
        "late": float(first >= 5),
        "told": math.log(len(parts)),
    }


def _within(value: float, least: float, most: float) -> float:
    return max(least, min(most, value))


def _address(story: Story, cluster: Cluster) -> dict[str, float]:
    """Return whether the words of the page's address name the act, or another one."""
    says = _address_names(story.page.url)
    is_said = cluster.best.instrument in says
    return {
        "slug": float(is_said),
        "slug other": float(bool(says) and not is_said),
        "slug heard": _within(cluster.said or 0.0, -4.0, 5.0),
        "slug silent": float(cluster.said is None),
    }


_SEPARATORS = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=64)
def _address_names(url: str) -> frozenset[str]:
    """Return instruments that the words of an address name: ``/china-bans-exports-of-gallium``."""
    path = url.lower().rsplit("//", 1)[-1].partition("/")[2]
    words = _SEPARATORS.sub(" ", path)
    found = cues.find(words)
    found += [Cue(m.start, m.end, ear.name_class(m)) for m in gazetteer.find(words.title())]
    return frozenset(pattern.instrument for pattern, _, _ in cues.matches(found))


def _content(story: Story, cluster: Cluster, when: Timing) -> dict[str, float]:
    """Return whether the act has a mineral, a doer, a size and a fresh date."""
    best = cluster.best
    goods = any(name.kind is Kind.COMMODITY and not name.in_scope for name in best.sentence.names)
    return {
        "mineral": float(bool(best.minerals)),
        "mineral page": float(bool(story.minerals)),
        "other goods": float(goods and not best.minerals),
        "doer named": float(bool(named(best.actors))),
        "sized": float(any(_sizes(cluster))),
        "fresh": float(when.is_fresh),
        "stale": float(when.is_stale),
    }


def _sizes(cluster: Cluster) -> Iterator[bool]:
    """Yield for each size whether it belongs to the act."""
    for told in cluster.sure:
        for size in told.sizes:
            yield attribution.belongs(size, cluster.best.instrument)


def _rivals(cluster: Cluster, others: Sequence[Cluster]) -> dict[str, float]:
    """Return how far the act stands before others that rest on the same words or are alike."""
    best = cluster.best
    family = INSTRUMENTS[best.instrument].family
    beside = [other.best for other in others if other.best.sentence is best.sentence]
    rivals = [other.weight for other in beside if _overlap(best, other)]
    kin = [o.best.weight for o in others if INSTRUMENTS[o.best.instrument].family == family]
    return {
        "package": float(len(beside) > len(rivals) and best.grammar >= LEAST_GRAMMAR),
        "rival": _within(best.weight - max(rivals, default=-math.inf), -BOUND, BOUND),
        "kin": _within(best.weight - max(kin, default=-math.inf), -BOUND, BOUND),
    }


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Whether two acts rest on the same words; a package names each in words of its own."""
    if min(one.grammar, other.grammar) < LEAST_GRAMMAR:
        return True
    return one.trigger[0] < other.trigger[1] and other.trigger[0] < one.trigger[1]


@cache
def _weights() -> Mapping[str, float]:
    weights: dict[str, float] = json.loads(shipped.text("judge.json"))["weights"]
    return weights


def forget() -> None:
    """Read the table anew when it is next needed: for those who train it."""
    _weights.cache_clear()


def chance(seen: Mapping[str, float]) -> float:
    """Return the chance that an analyst calls what has these traits news of the page."""
    weights = _weights()
    score = sum(weights.get(name, 0.0) * value for name, value in seen.items())
    return 1.0 / (1.0 + math.exp(-_within(score, -30.0, 30.0)))
