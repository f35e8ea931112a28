"""Sentences that may tell an act, and which of them tell the same one.

A sentence is a candidate for an instrument when the grammar (`cues`) names it or the ear (`ear`)
hears it. Candidates of one instrument are one act unless something that both say differs: one
act, one event.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from monazite.desk import attribution, cues, ear
from monazite.desk.attribution import Party, Story, acts
from monazite.desk.cues import Match
from monazite.desk.ear import ToldSentence
from monazite.desk.gazetteer import folded
from monazite.desk.quantities import QuantityKind
from monazite.desk.schema import INSTRUMENTS, STATUSES, Page
from monazite.desk.sentences import Sentence, address, spoken

LEAST_GRAMMAR = 2.0
"""Weight of a pattern from which a sentence may tell the act without the ear's word."""
LEAST_HEARD = -2.2
"""Log odds from which the ear alone makes a candidate: one in ten."""
MOST_HEARD = 3
"""Instruments that the ear alone may hear in a sentence."""
SURE_GRAMMAR = 2.5
"""Weight of a pattern that surely names an act."""
LISTENED = 10
"""Sentences from which on only those count that the grammar surely takes for an act, and as no
other: news comes first."""
SURE = 0.0
"""Log odds from which a further sentence surely tells the act as well."""
OPENING = 80
"""Characters of a sentence that stand for an act that no pattern names."""
NEWS_WEIGHT = 0.3
"""How much being told as news counts beside what is told, for the clearest sentence."""
SAID_SURELY, MOST_SAID = 0.0, 2
"""Log odds from which the words of the address name an act, and how many they may name."""
LEADING = 3
"""First sentences, in which an act that the address names is listened for."""
LEAST_WANTED = -5.0
"""Log odds from which one of these may tell it."""
SAID = 1.2
"""Weight of what the words of the address say about an act's status."""
ECHO = 0.5
"""Weight of what the other sentences say about an act's status, all together."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may tell an act.

    ``trigger`` : place of the words that name it. ``grammar`` : weight of the strongest pattern.
    ``rank`` : place of the instrument among those heard. ``heard``, ``new`` : log odds of the
    instrument and of being news. ``standing`` : log odds of every status.
    """

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
    def weight(self) -> float:
        """How clearly the sentence tells it, by grammar and ear together."""
        return self.heard + self.grammar

    @property
    def is_for_smelters(self) -> bool:
        """Whether its sentence is about smelting and separation, not about mining."""
        names = {cue.name for cue in self.sentence.cues}
        return "smelting" in names and "mining" not in names


@dataclass(frozen=True, slots=True)
class Cluster:
    """Candidates that tell one act, the best first. ``status`` : how far it has come.

    ``said`` : log odds of the instrument in the words of the page's address, if it has any.
    """

    parts: tuple[Candidate, ...]
    status: str
    said: float | None = None

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


def candidates(story: Story, said: ear.Heard | None = None) -> Iterator[Candidate]:
    """Yield every sentence and instrument that go together.

    ``said`` : what the words of the page's address say; what these name is listened for.
    """
    headed = said.likeliest(SAID_SURELY, MOST_SAID) if said else ()
    small = folded(story.page.text)
    told = list(filter(_is_heard, map(_read, story.sentences)))
    for (sentence, _, patterns), heard in zip(told, ear.listen(small, told), strict=True):
        strongest = _strongest(patterns)
        most = MOST_HEARD if sentence.number < LISTENED else 0
        likely = heard.likeliest(LEAST_HEARD, most)
        wanted = _wanted(heard, headed) if sentence.number < LEADING else ()
        for code in dict.fromkeys((*likely, *wanted, *strongest)):
            grammar, trigger = strongest.get(code, (0.0, _opening(sentence)))
            if code in likely or code in wanted or grammar >= LEAST_GRAMMAR:
                rank = likely.index(code) if code in likely else MOST_HEARD
                yield _candidate(story, sentence, code, trigger, grammar, rank, heard)


def _wanted(heard: ear.Heard, headed: Iterable[str]) -> tuple[str, ...]:
    """Return what the address names and a sentence may tell in words of its own."""
    return tuple(code for code in headed if heard.odds(code) >= LEAST_WANTED)


def _read(sentence: Sentence) -> ToldSentence:
    named = ear.classes(sentence)
    return ToldSentence(sentence, named, cues.matches(named))


def _is_heard(told: ToldSentence) -> bool:
    """Whether the ear listens: to the first sentences, and wherever the grammar names an act."""
    if told.sentence.number < LISTENED:
        return True
    return any(pattern.weight >= SURE_GRAMMAR for pattern, _, _ in told.matched)


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


_BY_RECIPIENT = frozenset({"loan", "equity", "subsidy", "permit_grant", "offtake"})


def gather(story: Story) -> list[Cluster]:
    """Put candidates together that tell one act."""
    groups: list[list[Candidate]] = []
    said = _said(story.page)
    found = sorted(candidates(story, said), key=lambda c: -(c.weight + NEWS_WEIGHT * c.new))
    for candidate in found:
        for group in groups:
            if _tell_one(group[0], candidate):
                group.append(candidate)
                break
        else:
            groups.append([candidate])
    return [_cluster(group, said) for group in groups]


def _said(page: Page) -> ear.Heard | None:
    """Hear what the words of a page's address say."""
    words = address(page.url)
    if not words:
        return None
    (heard,) = ear.listen(words, [_read(spoken(words, page.language))])
    return heard


def _cluster(parts: Sequence[Candidate], said: ear.Heard | None) -> Cluster:
    instrument = parts[0].instrument
    odds = said.odds(instrument) if said else None
    return Cluster(tuple(parts), _status(parts, said), odds)


def _status(parts: Sequence[Candidate], said: ear.Heard | None) -> str:
    """Return how far an act has come, as its sentences say; the clearest counts most."""
    best, *others = parts
    scores = best.standing
    if others:
        scores = scores + ECHO * np.mean([other.standing for other in others], axis=0)
    if said is not None:
        scores = scores + SAID * said.standing(best.instrument)
    return tuple(STATUSES)[int(scores.argmax())]


def _tell_one(known: Candidate, other: Candidate) -> bool:
    """Whether two candidates may be the same act: nothing that both say may differ."""
    if known.instrument != other.instrument:
        return False
    if known.minerals and other.minerals and not known.minerals & other.minerals:
        return _is_class(known.minerals) or _is_class(other.minerals)
    if _differ(named(known.actors), named(other.actors)):
        return acts()[known.instrument].doer != "state"
    if known.instrument == "production_quota" and _is_other_stage(known, other):
        return False
    if known.instrument in _BY_RECIPIENT:
        return not _differ(named(known.targets), named(other.targets))
    return True


def _differ(mine: set[str], theirs: set[str]) -> bool:
    """Whether both name somebody, and not the same."""
    return bool(mine) and bool(theirs) and not mine & theirs


def _is_other_stage(known: Candidate, other: Candidate) -> bool:
    """Whether one quota is for mines and the other for smelters, each with its own tonnage."""
    return known.is_for_smelters != other.is_for_smelters and all(
        any(size.kind is QuantityKind.MASS for size in part.sentence.sizes)
        for part in (known, other)
    )


def named(parties: Iterable[Party]) -> set[str]:
    """Return those parties that words of the sentence name."""
    return {party.id for party in parties if party.mention is not None}


CLASSES = frozenset({"critical minerals", "raw minerals", "rare earths", "heavy rare earths"})
"""Names that stand for several minerals."""


def _is_class(minerals: frozenset[str]) -> bool:
    return bool(minerals & CLASSES)
