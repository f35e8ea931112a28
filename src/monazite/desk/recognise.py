"""What happened: acts and shocks that a page tells, each with the words it rests on.

A sentence that the grammar (`cues`) or the ear (`ear`) takes for an act becomes a candidate;
candidates that tell one act are one event; a judge with weights in a table
(``data/judge.json``) says how likely an analyst would call it news of this page.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import numpy as np

from monazite.desk import attribution, cues, ear, gazetteer
from monazite.desk.attribution import Party, Story, acts
from monazite.desk.cues import Cue, Match
from monazite.desk.gazetteer import Kind, folded
from monazite.desk.quantities import QuantityKind
from monazite.desk.schema import (
    INSTRUMENTS,
    STATUSES,
    Direction,
    Event,
    Evidence,
    Page,
    Role,
)
from monazite.desk.sentences import Sentence, sentences
from monazite.desk.timing import Timing, timing

LEAST_GRAMMAR = 2.0
"""Weight of a pattern from which a sentence may tell the act without the ear's word."""
LEAST_HEARD = -2.2
"""Log odds from which the ear alone makes a candidate: one in ten."""
SURE = 0.0
"""Log odds from which a further sentence surely tells the act as well."""
MAIN = 0.35
"""Chance from which an event is the page's news."""
MOST_HEARD = 3
"""Instruments that the ear alone may hear in a sentence."""
OPENING = 80
"""Characters of a sentence that stand for an act that no pattern names."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may tell an act. ``trigger`` : place of the words that name it."""

    instrument: str
    sentence: Sentence
    trigger: tuple[int, int]
    grammar: float
    rank: int
    heard: float
    new: float
    standing: ear.FloatArray
    minerals: frozenset[str]
    actors: tuple[Party, ...]
    targets: tuple[Party, ...]

    @property
    def is_for_smelters(self) -> bool:
        """Whether its sentence is about smelting and separation, not about mining."""
        names = {cue.name for cue in self.sentence.cues}
        return "smelting" in names and "mining" not in names


@dataclass(frozen=True, slots=True)
class Cluster:
    """Candidates that tell one act, the best first. ``status`` : how far it has come."""

    parts: tuple[Candidate, ...]
    status: str

    @property
    def best(self) -> Candidate:
        """The candidate that tells it most clearly."""
        return self.parts[0]

    @property
    def sure(self) -> tuple[Sentence, ...]:
        """The sentences that surely tell it as news, the clearest first; of a deal only one."""
        if INSTRUMENTS[self.best.instrument].family in ("deal", "bloc"):
            return (self.best.sentence,)
        others = (p for p in self.parts[1:] if p.heard > SURE and p.new > 0)
        return (self.best.sentence, *(part.sentence for part in others))


def recognise(page: Page) -> tuple[Event, ...]:
    """Find the acts and shocks that a page tells.

    Parameters
    ----------
    page : Page
        As `monazite.desk.page` read it; only its own story is looked at.

    Returns
    -------
    tuple of Event
        The page's news first, by confidence; then what it tells beside or before it.
    """
    story = Story.from_sentences(page, sentences(page))
    if not story.is_in_scope:
        return ()
    clusters = gather(story)
    judged = [(judge(story, cluster, clusters), cluster) for cluster in clusters]
    judged.sort(key=lambda pair: -pair[0])
    return tuple(_event(story, c, chance, n) for n, (chance, c) in enumerate(judged, start=1))


# --- candidates ------------------------------------------------------------------------------


def candidates(story: Story) -> Iterator[Candidate]:
    """Yield every sentence and instrument that go together."""
    small = folded(story.page.text)
    for sentence in story.sentences:
        patterns = cues.matches(ear.classes(sentence))
        heard = ear.hear(ear.features(small, sentence, patterns))
        named = _strongest(patterns)
        likely = heard.likeliest(LEAST_HEARD, MOST_HEARD)
        for code in dict.fromkeys((*likely, *named)):
            grammar, trigger = named.get(code, (0.0, _opening(sentence)))
            if code in likely or grammar >= LEAST_GRAMMAR:
                rank = likely.index(code) if code in likely else MOST_HEARD
                yield _candidate(story, sentence, code, trigger, grammar, rank, heard)


def _opening(sentence: Sentence) -> tuple[int, int]:
    """Return the place that stands for the act where no pattern names it."""
    return sentence.start, min(sentence.end, sentence.start + OPENING)


def _candidate(
    story: Story, sentence: Sentence, code: str, trigger: tuple[int, int], grammar: float,
    rank: int, heard: ear.Heard,
) -> Candidate:  # fmt: skip
    doing = attribution.actors(story, code, sentence, trigger)
    return Candidate(
        instrument=code,
        sentence=sentence,
        trigger=trigger,
        grammar=grammar,
        rank=rank,
        heard=heard.odds(code),
        new=heard.odds(ear.NEWS),
        standing=heard.standing(code),
        minerals=frozenset(good for good, _ in attribution.minerals(sentence)),
        actors=tuple(doing),
        targets=tuple(attribution.targets(story, code, sentence, trigger, doing)),
    )


def _strongest(found: Iterable[Match]) -> dict[str, tuple[float, tuple[int, int]]]:
    best: dict[str, tuple[float, tuple[int, int]]] = {}
    for pattern, start, end in found:
        known = best.get(pattern.instrument, (0.0, (0, 0)))
        if pattern.weight > known[0]:
            best[pattern.instrument] = (pattern.weight, (start, end))
    return best


# --- one act, one event ----------------------------------------------------------------------

_BY_RECIPIENT = frozenset({"loan", "equity", "subsidy", "permit_grant", "offtake"})


def gather(story: Story) -> list[Cluster]:
    """Put candidates together that tell one act."""
    groups: list[list[Candidate]] = []
    found = sorted(candidates(story), key=lambda c: -(c.heard + c.grammar + 0.3 * c.new))
    for candidate in found:
        for group in groups:
            if _tell_one(group[0], candidate):
                group.append(candidate)
                break
        else:
            groups.append([candidate])
    return [Cluster(tuple(group), _status(group)) for group in groups]


ECHO = 0.5
"""Weight of what the other sentences say about an act's status, all together."""


def _status(parts: Sequence[Candidate]) -> str:
    """Return how far an act has come, as its sentences say; the clearest counts most."""
    best, *others = parts
    scores = best.standing
    if others:
        scores = scores + ECHO * np.mean([other.standing for other in others], axis=0)
    return tuple(STATUSES)[int(scores.argmax())]


def _tell_one(known: Candidate, other: Candidate) -> bool:
    """Whether two candidates may be the same act: nothing that both say may differ."""
    if known.instrument != other.instrument:
        return False
    if known.minerals and other.minerals and not known.minerals & other.minerals:
        return _is_class(known.minerals) or _is_class(other.minerals)
    if _explicit(known.actors) and _explicit(other.actors):
        if not _explicit(known.actors) & _explicit(other.actors):
            return acts()[known.instrument].doer != "state"
    if known.instrument == "production_quota" and _is_other_stage(known, other):
        return False
    if known.instrument in _BY_RECIPIENT:
        mine, theirs = _explicit(known.targets), _explicit(other.targets)
        return not mine or not theirs or bool(mine & theirs)
    return True


def _is_other_stage(known: Candidate, other: Candidate) -> bool:
    """Whether one quota is for mines and the other for smelters, each with its own tonnage."""
    return known.is_for_smelters != other.is_for_smelters and all(
        any(size.kind is QuantityKind.MASS for size in part.sentence.sizes)
        for part in (known, other)
    )


def _explicit(parties: Iterable[Party]) -> set[str]:
    return {party.id for party in parties if party.mention is not None}


_CLASSES = frozenset({"critical minerals", "raw minerals", "rare earths", "heavy rare earths"})


def _is_class(minerals: frozenset[str]) -> bool:
    return bool(minerals & _CLASSES)


# --- the judge -------------------------------------------------------------------------------

_SLUG = re.compile(r"[^a-z0-9]+")


@cache
def _slug_cues(url: str) -> frozenset[str]:
    """Return instruments that the words of an address name."""
    words = _SLUG.sub(" ", url.lower().rsplit("//", 1)[-1].partition("/")[2])
    found = list(cues.find(words))
    found += [
        Cue(m.start, m.end, ear.name_class(m)) for m in gazetteer.find(words.title())
    ]
    return frozenset(pattern.instrument for pattern, _, _ in cues.matches(found))


def traits(story: Story, cluster: Cluster, clusters: Sequence[Cluster]) -> dict[str, float]:
    """Return what the judge looks at, by name."""
    best = cluster.best
    parts = cluster.parts
    first = min(part.sentence.number for part in parts)
    family = INSTRUMENTS[best.instrument].family
    beside = [
        other.best
        for other in clusters
        if other is not cluster and other.best.sentence is best.sentence
    ]
    rivals = [other.heard + other.grammar for other in beside if _overlap(best, other)]
    kin = [
        other.best.heard + other.best.grammar
        for other in clusters
        if other is not cluster and INSTRUMENTS[other.best.instrument].family == family
    ]
    own = best.heard + best.grammar
    goods = any(name.kind is Kind.COMMODITY and not name.in_scope for name in best.sentence.names)
    news = max(part.new for part in parts)
    when = timing(story, best.instrument, cluster.sure, cluster.status)
    return {
        "one": 1.0,
        "grammar": max(part.grammar for part in parts),
        "heard": max(-4.0, min(6.0, max(part.heard for part in parts))),
        "top": float(best.rank == 0),
        "news": max(-4.0, min(5.0, best.new)),
        "news best": max(-4.0, min(5.0, news)),
        "first": 1.0 / (1 + first),
        "lead": float(first <= 1),
        "late": float(first >= 5),
        "told": math.log(len(parts)),
        "slug": float(best.instrument in _slug_cues(story.page.url)),
        "slug other": float(bool(_slug_cues(story.page.url)) and best.instrument not in _slug_cues(story.page.url)),
        "mineral": float(bool(best.minerals)),
        "mineral page": float(bool(story.minerals)),
        "other goods": float(goods and not best.minerals),
        "doer named": float(bool(_explicit(best.actors))),
        "sized": float(bool(attribution.sizes(best.instrument, cluster.sure))),
        "fresh": float(when.is_fresh),
        "stale": float(when.is_stale),
        "package": float(len(beside) > len(rivals) and best.grammar >= LEAST_GRAMMAR),
        "rival": max(-3.0, min(3.0, own - max(rivals))) if rivals else 3.0,
        "kin": max(-3.0, min(3.0, own - max(kin))) if kin else 3.0,
        "crowd": math.log(1 + len(clusters)),
        f"standing {cluster.status if cluster.status in _SPECIAL else 'plain'}": 1.0,
        f"family {family}": 1.0,
    }


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Whether two acts rest on the same words; a package names each in words of its own."""
    if min(one.grammar, other.grammar) < LEAST_GRAMMAR:
        return True
    return one.trigger[0] < other.trigger[1] and other.trigger[0] < one.trigger[1]


_SPECIAL = frozenset(
    {"denied", "dropped", "not_imposed", "proposed", "planned", "pending", "suspended", "ended",
     "extended", "reported", "signed", "occurred"}
)  # fmt: skip


@cache
def _judge_weights() -> Mapping[str, float]:
    source = resources.files("monazite.desk") / "data" / "judge.json"
    weights: dict[str, float] = json.loads(source.read_text(encoding="utf-8"))["weights"]
    return weights


def forget() -> None:
    """Read the judge's table anew when it is next needed: for those who train it."""
    _judge_weights.cache_clear()


def judge(story: Story, cluster: Cluster, clusters: Sequence[Cluster]) -> float:
    """Return the chance that an analyst calls a cluster news of the page."""
    weights = _judge_weights()
    score = sum(
        weights.get(name, 0.0) * value for name, value in traits(story, cluster, clusters).items()
    )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


# --- events ----------------------------------------------------------------------------------


def _event(story: Story, cluster: Cluster, chance: float, number: int) -> Event:
    best = cluster.best
    when = timing(story, best.instrument, cluster.sure, cluster.status)
    published = story.page.published.value if story.page.published else ""
    status = _settled(story, cluster, when, published)
    minerals = minerals_of(story, cluster)
    sized = attribution.sizes(best.instrument, cluster.sure)
    return Event(
        id=f"{story.page.id}:{number}",
        instrument=best.instrument,
        direction=_direction(cluster, [m.value for m, _ in sized if m.unit == "%"]),
        status=status,
        role=_role(best, chance),
        actor=tuple(dict.fromkeys(party.id for party in best.actors)),
        actor_name=_actor_name(best),
        target=tuple(dict.fromkeys(party.id for party in best.targets)),
        commodities=tuple(minerals),
        date=when.date,
        effective=when.effective,
        end=when.end,
        magnitude=tuple(magnitude for magnitude, _ in sized),
        place=_place(cluster),
        confidence=round(chance, 3),
        evidence=tuple(_evidence(story, cluster, when)),
    )


_PLAIN = frozenset(
    {"announced", "in_force", "occurred", "declared", "ruled", "signed", "approved", "adopted"}
)
"""Statuses of acts that are told as real, with nothing that hedges them."""
_RULES = frozenset({"export", "import", "production", "rights"})
"""Families of instruments that hold from a day on."""


_NEGATED = re.compile(r"\b(?:no|without any|without)\s+(?:new\s+|additional\s+|\w+\s+)?\Z", re.I)


def _is_negated(story: Story, part: Candidate) -> bool:
    """Whether the words that name an act have a ``no`` in front: ``no tariff takes effect``."""
    start = part.trigger[0]
    before = _NEGATED.search(story.page.text, max(0, start - 24), start)
    return part.grammar > 0 and before is not None


def _settled(story: Story, cluster: Cluster, when: Timing, published: str) -> str:
    """Return a status that agrees with the instrument and with the day the act holds from."""
    status, instrument = cluster.status, cluster.best.instrument
    if status not in _PLAIN:
        return status
    usual = acts()[instrument]
    if usual.is_fixed and STATUSES[usual.status] is not STATUSES[status]:
        return usual.status
    family = INSTRUMENTS[instrument].family
    if family == "import" and any(_is_negated(story, part) for part in cluster.parts):
        return "not_imposed"
    if when.is_over:
        return "ended"
    holds = family in _RULES and instrument != "trade_talks"
    if holds and when.begins is not None and published:
        is_ahead = when.begins > published[: len(when.begins)]
        if is_ahead != (status == "announced"):
            return "announced" if is_ahead else "in_force"
    return status


def _role(best: Candidate, chance: float) -> Role:
    if chance >= MAIN:
        return Role.MAIN
    return Role.BACKGROUND if best.new < 0 else Role.SECONDARY


def minerals_of(story: Story, cluster: Cluster) -> list[str]:
    """Return the minerals that an act is about: those of its sentences, else of the page."""
    for told in (cluster.sure, [part.sentence for part in cluster.parts]):
        named = [good for sentence in told for good, _ in attribution.minerals(sentence)]
        if named:
            return list(dict.fromkeys(named))
    return list(story.minerals[:1])


_EASED = frozenset({"suspended", "ended", "ending", "reduced", "licences_granted", "dropped"})


def _direction(cluster: Cluster, changes: Sequence[float]) -> Direction:
    """Return what the act does to supply, its status considered."""
    instrument, status = cluster.best.instrument, cluster.status
    usual = INSTRUMENTS[instrument].direction
    if instrument in ("production_quota", "export_quota") and changes and status not in _EASED:
        return Direction.EASE if changes[0] > 0 else Direction.TIGHTEN
    if status not in _EASED:
        return usual
    return Direction.RESTORE if usual is Direction.DISRUPT else Direction.EASE


def _actor_name(best: Candidate) -> str | None:
    for party in best.actors:
        if party.mention is not None and party.mention.kind in (Kind.BODY, Kind.PERSON):
            return party.mention.name
    return None


def _place(cluster: Cluster) -> str | None:
    for part in cluster.parts:
        for name in part.sentence.names:
            if name.kind is Kind.SITE:
                where = f" ({name.states[0]})" if name.states else ""
                return f"{name.name}{where}"
    return None


def _evidence(story: Story, cluster: Cluster, when: Timing) -> Iterator[Evidence]:
    best = cluster.best
    zone = best.sentence.zone

    def cite(field: str, start: int, end: int) -> Evidence:
        return Evidence(field=field, zone=zone, start=start, end=end, text=story.page.text[start:end])

    yield cite("event", best.sentence.start, best.sentence.end)
    yield cite("instrument", *best.trigger)
    for field, parties in (("actor", best.actors), ("target", best.targets)):
        for party in parties:
            if party.mention is not None:
                yield cite(field, party.mention.start, party.mention.end)
    for _, name in attribution.minerals(best.sentence):
        yield cite("commodities", name.start, name.end)
    for _, size in attribution.sizes(best.instrument, cluster.sure):
        yield cite("magnitude", size.start, size.end)
    for field, start, end in when.places:
        yield cite(field, start, end)
