"""What is new, how severe it is, what belongs together and what to read next.

Severity is the weight of the instrument, times how far the act has come, times a share of one half
to one by what the actor holds of the supply, times the confidence of the recognition. A site says
so on its page about methods. All orders are total, so that the same events give the same site.
"""

import csv
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType

from monazite.briefing import wording
from monazite.briefing.site.content import SiteContent, SiteEvent
from monazite.desk.links import LinkKind
from monazite.desk.schema import INSTRUMENTS, STATUSES, Standing

STANDING_FACTOR: Mapping[Standing, float] = MappingProxyType(
    {Standing.IN_FORCE: 1.0, Standing.DECIDED: 0.8, Standing.NOT_YET: 0.4, Standing.OVER: 0.5}
)
"""How much an act counts by how far it has come."""
UNKNOWN_SHARE = 0.5
"""Share of the supply that an actor is taken to hold where no chain of ours knows it."""
MOST_RELATED = 4
MOST_COMPARED = 400
"""Newest acts that an event is compared with, beside those that it is linked to."""

_WORD = re.compile(r"\w+")
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75
"""k1 and b of Okapi BM25, at their usual values."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Events that belong together, the newest first. ``number`` : of the oldest one."""

    number: int
    events: tuple[SiteEvent, ...]


class News:
    """The events of a site in their order and relations.

    Parameters
    ----------
    content : SiteContent
        What the site tells.
    """

    def __init__(self, content: SiteContent) -> None:
        self.content = content
        self.by_number: Mapping[int, SiteEvent] = {item.number: item for item in content.events}
        self._related: dict[int, tuple[SiteEvent, ...]] = {}

    # Order

    @cached_property
    def tellings(self) -> Mapping[int, tuple[SiteEvent, ...]]:
        """All tellings of the act that an event tells, the best first, by the event's number."""
        pairs = [
            (link.event, link.other)
            for link in self.content.links
            if link.kind is LinkKind.DUPLICATES
        ]
        groups = _joined(self.by_number, pairs)
        return {
            number: tuple(sorted((self.by_number[n] for n in group), key=self._how_good))
            for group in groups
            for number in group
        }

    def _how_good(self, item: SiteEvent) -> tuple[bool, int, float, int]:
        return (not item.reviewed, -len(item.event.evidence), -item.event.confidence, item.number)

    @cached_property
    def acts(self) -> tuple[SiteEvent, ...]:
        """One telling of every act, the newest first."""
        best = {group[0].number: group[0] for group in self.tellings.values()}
        return tuple(sorted(best.values(), key=self._newest_first))

    def _newest_first(self, item: SiteEvent) -> tuple[int, float, int]:
        return (-self.content.day(item).toordinal(), -self.severity(item), item.number)

    def severity(self, item: SiteEvent) -> float:
        """Return how severe an event is for supply, from 0 to 1."""
        event = item.event
        pairs = [(actor, good) for actor in event.actor for good in event.commodities]
        known = [self.content.shares[pair] for pair in pairs if pair in self.content.shares]
        share = max(known, default=UNKNOWN_SHARE)
        standing = STANDING_FACTOR[STATUSES[event.status]]
        return _weights()[event.instrument] * standing * (1 + share) / 2 * event.confidence

    def most_read(self, limit: int = 10) -> tuple[SiteEvent, ...]:
        """Return the act of each page that is read, the most read page first."""
        best: dict[int, SiteEvent] = {}
        for item in sorted(self.acts, key=lambda item: (-self.severity(item), item.number)):
            if self.content.reads.get(item.page, 0) > 0:
                best.setdefault(item.page, item)
        read = sorted(best.values(), key=lambda item: (-self.content.reads[item.page], item.number))
        return tuple(read[:limit])

    # What belongs together

    @cached_property
    def coverages(self) -> tuple[Coverage, ...]:
        """Acts that follow each other, or of one actor, family and commodity; two or more."""
        stand_in = {number: group[0].number for number, group in self.tellings.items()}
        pairs = [
            (stand_in[link.event], stand_in[link.other])
            for link in self.content.links
            if link.event in stand_in and link.other in stand_in
        ]
        for numbers in self._by_story().values():
            pairs += [(numbers[0], other) for other in numbers[1:]]
        shown = [item.number for item in self.acts]
        groups = [group for group in _joined(shown, pairs) if len(group) > 1]
        found = [self._coverage(group) for group in groups]
        return tuple(sorted(found, key=lambda coverage: self._newest_first(coverage.events[0])))

    def _by_story(self) -> Mapping[tuple[str, str, str], Sequence[int]]:
        stories: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for item in self.acts:
            family = INSTRUMENTS[item.event.instrument].family
            for actor in item.event.actor:
                for good in item.event.commodities:
                    stories[actor, family, good].append(item.number)
        return stories

    def _coverage(self, group: Iterable[int]) -> Coverage:
        events = sorted((self.by_number[number] for number in group), key=self._newest_first)
        return Coverage(min(item.number for item in events), tuple(events))

    @cached_property
    def coverage_of(self) -> Mapping[int, Coverage]:
        """The coverage of an act, by its number."""
        return {item.number: coverage for coverage in self.coverages for item in coverage.events}

    def related(self, item: SiteEvent) -> tuple[SiteEvent, ...]:
        """Return what is nearest: linked acts, then shared place, goods and actors, then words."""
        if item.number not in self._related:
            self._related[item.number] = self._nearest(item)
        return self._related[item.number]

    def _nearest(self, item: SiteEvent) -> tuple[SiteEvent, ...]:
        others = [
            other
            for place, other in enumerate(self.acts)
            if other not in self.tellings[item.number]
            and (place < MOST_COMPARED or (item.number, other.number) in self._linked)
        ]
        words = self._ranked.scores(item.number)
        ranked = sorted(others, key=lambda other: self._distance(item, other, words))
        near = [o for o in ranked if self._nearness(item, o) > 0 or words.get(o.number, 0) > 0]
        return tuple(near[:MOST_RELATED])

    def _distance(
        self, item: SiteEvent, other: SiteEvent, words: Mapping[int, float]
    ) -> tuple[int, float, int]:
        return (-self._nearness(item, other), -words.get(other.number, 0.0), other.number)

    def _nearness(self, item: SiteEvent, other: SiteEvent) -> int:
        """Return how much two events share; a link counts more than everything else."""
        one, two = item.event, other.event
        linked = (item.number, other.number) in self._linked
        place = one.place is not None and one.place == two.place
        goods = bool(set(one.commodities) & set(two.commodities))
        actors = bool({*one.actor} & {*two.actor})
        return 8 * linked + 4 * place + 2 * goods + actors

    @cached_property
    def _linked(self) -> frozenset[tuple[int, int]]:
        one_way = [(link.event, link.other) for link in self.content.links]
        return frozenset([*one_way, *((other, event) for event, other in one_way)])

    def read_next(self, item: SiteEvent) -> tuple[SiteEvent, ...]:
        """Return the newest acts of the same family on other commodities that are not related."""
        family = INSTRUMENTS[item.event.instrument].family
        goods = set(item.event.commodities)
        near = self.related(item)
        return tuple(
            other
            for other in self.acts
            if INSTRUMENTS[other.event.instrument].family == family
            and not goods & set(other.event.commodities)
            and other not in self.tellings[item.number]
            and other not in near
        )[:MOST_RELATED]

    @cached_property
    def _ranked(self) -> "Ranking":
        texts = {item.number: wording.tell(item.event).headline for item in self.content.events}
        return Ranking(texts)


class Ranking:
    """How much texts have in common, by Okapi BM25 over their words.

    Parameters
    ----------
    texts : mapping of int to str
        Short texts by number.
    """

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._words = {n: Counter(_WORD.findall(text.casefold())) for n, text in texts.items()}
        total = sum(words.total() for words in self._words.values())
        self._mean_length = total / max(1, len(texts)) or 1.0
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, words in self._words.items():
            for word in words:
                self._holders[word].append(number)

    def scores(self, number: int) -> Mapping[int, float]:
        """Return how near the other texts are to one; those that share no telling word are not in.

        A word that half of the texts have tells nothing.
        """
        found: dict[int, float] = defaultdict(float)
        for word in self._words[number]:
            rarity = self._rarity(word)
            if rarity <= 0:
                continue
            for other in self._holders[word]:
                if other != number:
                    found[other] += rarity * self._weight(word, other)
        return found

    def _rarity(self, word: str) -> float:
        holders = len(self._holders[word])
        return math.log((len(self._words) - holders + 0.5) / (holders + 0.5))

    def _weight(self, word: str, number: int) -> float:
        count, length = self._words[number][word], self._words[number].total()
        relative = 1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / self._mean_length
        return count * (_SATURATION + 1) / (count + _SATURATION * relative)


def _joined(numbers: Iterable[int], pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Return the groups into which pairs join numbers; pairs with unknown numbers join nothing."""
    parent = {number: number for number in numbers}

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for one, other in pairs:
        if one in parent and other in parent:
            first, second = sorted((root(one), root(other)))
            parent[second] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for number in parent:
        groups[root(number)].append(number)
    return [tuple(sorted(group)) for _, group in sorted(groups.items())]


@cache
def _weights() -> Mapping[str, float]:
    """Weights of instruments, from the table of the site."""
    file = resources.files("monazite.briefing") / "data" / "site" / "severity.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["instrument"]: float(row["weight"]) for row in rows}
