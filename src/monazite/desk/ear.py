"""A linear reading of a sentence: what its words, names and cues say it tells.

The grammar of `cues` knows the field's own phrases; people write the same acts in many other
ways. A linear model over words, pairs of words, names by class and cues hears those too. Its
weights are a table, ``data/ear.json``, learned from sentences and pages that we wrote and
labelled; every score can be taken apart into the words that made it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from monazite.desk import cues, shipped
from monazite.desk.cues import Cue, Match
from monazite.desk.gazetteer import Kind, Mention
from monazite.desk.quantities import QuantityKind
from monazite.desk.schema import INSTRUMENTS
from monazite.desk.sentences import Sentence

FloatArray: TypeAlias = NDArray[np.float32]
IntArray: TypeAlias = NDArray[np.int64]

_EAST = "一-鿿々ァ-ヺーぁ-ゖ"
_WORD = re.compile(rf"[^\W\d_{_EAST}]+(?:'[a-z]+)?|\d[\d.,]*|[一-鿿々]+|[ァ-ヺー]+|[ぁ-ゖ]+")
_KANJI = re.compile("[一-鿿々]")
_NO_WORD = re.compile("[@=!>* ]")
"""What stands in the names of features that are not just a word."""
_CLITICS = re.compile("(?:[وف](?=...))?(?:[بك]?ال(?=...)|لل(?=...)|س(?=[يت]...))?")
_SUFFIXES = re.compile("(?<=...)(?:ات(?:ها|ه|هم)?|ون|ين|ها|هم|ه|ا)$")
_CLASS_OF_KIND: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.STATE: "STATE", Kind.ADJECTIVE: "STATE", Kind.CAPITAL: "STATE", Kind.PERSON: "STATE",
        Kind.GROUP: "STATE", Kind.ARMED_GROUP: "ARMED",
    }
)  # fmt: skip
_CLASS_OF_SIZE: Mapping[QuantityKind, str] = MappingProxyType(
    {
        QuantityKind.MONEY: "MONEY", QuantityKind.PRICE: "PRICE", QuantityKind.SHARE: "SHARE",
        QuantityKind.MASS: "TONNES", QuantityKind.RATE: "TONNES", QuantityKind.DURATION: "TIME",
    }
)  # fmt: skip
NEWS = "new"
"""Label of what is told as news, not as history."""
BESIDE, APART = " ", " _ "
"""What stands between two words of a feature that are neighbours, or have one between them."""
THEN = ">"
"""What stands between two classes of a feature that stand near each other."""
ROOT = 5
"""Letters that words of one family share: suspend, suspension."""
BLOCK = 64
"""Sentences that are heard in one go: more would only take memory."""
NEAR = 40
"""Characters between cue words that still belong together."""
_ENDINGS = ("ing", "ed", "es", "s", "d")


class ToldSentence(NamedTuple):
    """A sentence with its `classes` and the patterns that they make."""

    sentence: Sentence
    named: Sequence[Cue]
    matched: Sequence[Match]


def classes(sentence: Sentence) -> tuple[Cue, ...]:
    """Return cue words together with names and sizes by class, as patterns need them."""
    found = list(sentence.cues)
    found += [Cue(m.start, m.end, name_class(m)) for m in sentence.names]
    found += [
        Cue(size.start, size.end, _CLASS_OF_SIZE[size.kind])
        for size in sentence.sizes
        if size.kind in _CLASS_OF_SIZE
    ]
    return tuple(found)


def name_class(mention: Mention) -> str:
    """Return the class of a mention: ``STATE``, ``COMPANY``, ``MINERAL``, ``GOOD`` ..."""
    if mention.kind is Kind.COMMODITY:
        return "MINERAL" if mention.in_scope else "GOOD"
    return _CLASS_OF_KIND.get(mention.kind, mention.kind.value.upper())


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """Return a word without its commonest endings.

    >>> [stem(word) for word in ("banned", "bans", "shipping", "mines")]
    ['bann', 'ban', 'shipp', 'min']
    """
    if "\u0620" <= word[0] <= "\u06ff":
        return _SUFFIXES.sub("", _CLITICS.sub("", word, count=1), count=1)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def tokens(folded: str, sentence: Sentence) -> list[str]:
    """Return the words of a sentence as stems; names, sizes and dates by their class."""
    spans = _spans(sentence)
    found: list[str] = []
    place, last = 0, len(spans)
    for start, text in _words(folded, sentence):
        while place < last and spans[place][1] <= start:
            place += 1
        if place < last and spans[place][0] <= start:
            if not found or found[-1] != spans[place][2] or start == spans[place][0]:
                found.append(spans[place][2])
            continue
        found.append("#" if text[0].isdigit() else stem(text))
    return found


def _words(folded: str, sentence: Sentence) -> list[tuple[int, str]]:
    """Return words with their places; of a run of Chinese characters every two neighbours."""
    found = [
        (word.start(), word[0]) for word in _WORD.finditer(folded, sentence.start, sentence.end)
    ]
    if not _KANJI.search(folded, sentence.start, sentence.end):
        return found
    return [pair for start, text in found for pair in _neighbours(start, text)]


def _neighbours(start: int, text: str) -> list[tuple[int, str]]:
    if len(text) < 3 or not _KANJI.match(text):
        return [(start, text)]
    return [(start + n, text[n : n + 2]) for n in range(len(text) - 1)]


def _spans(sentence: Sentence) -> list[tuple[int, int, str]]:
    spans = [(m.start, m.end, name_class(m)) for m in sentence.names]
    spans += [(s.start, s.end, _CLASS_OF_SIZE.get(s.kind, "#")) for s in sentence.sizes]
    spans += [(d.start, d.end, "DATE") for d in sentence.dates]
    spans.sort()
    return spans


def features(folded: str, sentence: Sentence, matched: Iterable[Match]) -> list[str]:
    """Return what the model looks at: words, pairs, names by class, cues and patterns."""
    words, named = tokens(folded, sentence), classes(sentence)
    return list(
        dict.fromkeys(
            (
                *words,
                *(f"{word[:ROOT]}*" for word in words if len(word) > ROOT and not word.isupper()),
                *map(BESIDE.join, pairwise(words)),
                *map(APART.join, zip(words, words[2:], strict=False)),
                *(f"@{cue.name}" for cue in named),
                *(f"@{name}" for name in sorted(_meanings(folded, sentence))),
                *map(THEN.join, _pairs(named)),
                *(pattern.feature for pattern, _, _ in matched),
            )
        )
    )


def _meanings(folded: str, sentence: Sentence) -> set[str]:
    return cues.meanings(folded, sentence.start, sentence.end, sentence.language)


def _pairs(named: Iterable[Cue]) -> Iterator[tuple[str, str]]:
    """Yield classes that stand near each other, in their order."""
    ordered = sorted(named, key=itemgetter(0))
    for place, (_, end, name) in enumerate(ordered, start=1):
        for start, _, other in ordered[place:]:
            if start - end > NEAR:
                break
            if start >= end and other != name:
                yield name, other


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the features, each with a number, and their rows; row 0 is none.

    ``numbers`` : of every word, from 1; 0 stands for all others. ``words`` : rows by number.
    ``keys`` : two numbers in one, of words side by side or with one between them, in order.
    ``keyed`` : rows by the places of these.
    """

    numbers: Mapping[str, int]
    words: IntArray
    keys: IntArray
    keyed: IntArray

    @classmethod
    def from_rows(cls, rows: Mapping[str, int]) -> Self:
        """Take those features apart that are a word or two."""
        beside, apart = _two(rows, BESIDE), _two(rows, APART)
        single = [name for name in rows if not _NO_WORD.search(name)]
        every = dict.fromkeys(chain(single, *beside, *apart))
        numbers = {word: number for number, word in enumerate(every, start=1)}
        size = len(numbers) + 1
        keyed = {2 * size**2: 0}  # more than any key, so that a search ends before it
        for two, first in ((beside, 0), (apart, size**2)):
            keyed |= {first + numbers[a] * size + numbers[b]: row for (a, b), row in two.items()}
        keys = sorted(keyed)
        words = [0, *(rows.get(word, 0) for word in every)]
        return cls(numbers, np.array(words), np.array(keys), np.array([keyed[key] for key in keys]))

    def find(self, numbers: IntArray) -> IntArray:
        """Return rows of every word, then of neighbours, then of two with one between them."""
        size = len(self.words)
        first = numbers * size
        sought = np.concatenate([first[:-1] + numbers[1:], first[:-2] + numbers[2:] + size**2])
        places = np.searchsorted(self.keys, sought)
        found = np.where(self.keys[places] == sought, self.keyed[places], 0)
        return np.concatenate([self.words[numbers], found])


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear model. ``rows`` : for each feature its row of ``table`` (features x labels).

    The labels are all instruments, then being news, then all statuses. ``table`` : what each
    feature adds to the log odds of each label; its first row are those before anything is heard.
    ``classes``, ``near`` : rows of a class, and of two that stand near each other.
    """

    rows: Mapping[str, int]
    labels: Mapping[str, int]
    table: FloatArray
    classes: Mapping[str, int]
    near: Mapping[tuple[str, str], int]
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model hears in a sentence. ``scores`` : log odds of every label."""

    scores: FloatArray

    def odds(self, label: str) -> float:
        """Return the log odds of an instrument or of `NEWS`."""
        return float(self.scores[_weights().labels[label]])

    def likeliest(self, least: float, most: int) -> tuple[str, ...]:
        """Return the instruments with the best odds, the best first."""
        if not most:
            return ()
        told = self.scores[: len(INSTRUMENTS)]
        order = np.argsort(-told)[:most]
        codes = tuple(INSTRUMENTS)
        return tuple(codes[place] for place in order if told[place] >= least)

    def standing(self, instrument: str) -> FloatArray:
        """Return the log odds of every status for an act that the sentence tells."""
        model, first = _weights(), len(INSTRUMENTS) + 1
        row = model.rows.get(f"!{instrument}")
        stands = self.scores[first:]
        return stands if row is None else stands + model.table[row, first:]


@cache
def _weights() -> Weights:
    read = json.loads(shipped.text("ear.json"))
    entries = read["weights"]
    table = np.zeros((len(entries) + 1, len(read["labels"])), dtype=np.float32)
    table[0] = read["bias"]
    for row, pairs in enumerate(entries.values(), start=1):
        table[row, pairs[::2]] = pairs[1::2]
    rows = {name: row for row, name in enumerate(entries, start=1)}
    labels = {name: place for place, name in enumerate(read["labels"])}
    classes_of = {name[1:]: row for name, row in rows.items() if name[0] == "@"}
    return Weights(rows, labels, table, classes_of, _two(rows, THEN), Vocabulary.from_rows(rows))


def _two(rows: Mapping[str, int], between: str) -> dict[tuple[str, str], int]:
    """Return the rows of features that are two words or classes, by these."""
    found = {}
    for name, row in rows.items():
        first, middle, second = name.partition(between)
        if middle and not name.startswith("=") and " " not in first + second:
            found[first, second] = row
    return found


def forget() -> None:
    """Read the table anew when it is next needed: for those who train it."""
    _weights.cache_clear()
    _root_row.cache_clear()


def hear(found: Iterable[str]) -> Heard:
    """Return what the features of a sentence say."""
    return hear_all([found])[0]


def hear_all(sentences: Sequence[Iterable[str]]) -> list[Heard]:
    """Return what the features of several sentences say: one sum over the table for them all."""
    rows = _weights().rows
    return _summed([[row for row in map(rows.get, one) if row is not None] for one in sentences])


def listen(folded: str, told: Sequence[ToldSentence]) -> list[Heard]:
    """Return what sentences say: `hear_all` of their `features`, without writing these down."""
    blocks = (told[first : first + BLOCK] for first in range(0, len(told), BLOCK))
    return [Heard(row) for block in blocks for row in _listened(_weights(), folded, block)]


def _listened(model: Weights, folded: str, block: Iterable[ToldSentence]) -> FloatArray:
    """Add up the rows of each sentence's features, every one once; row 0 is silence."""
    numbers: list[int] = []
    others: list[int] = []
    ends, other_ends = [0], [0]
    number_of = model.vocabulary.numbers.get
    for part in block:
        words = tokens(folded, part.sentence)
        numbers += [number_of(word, 0) for word in words]
        numbers += (0, 0)  # no word of one sentence is a neighbour of the next one's
        others += _others(model, folded, words, part)
        ends.append(len(numbers))
        other_ends.append(len(others))
    owners = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    other_owners = np.repeat(np.arange(len(ends) - 1), np.diff(other_ends))
    rows = np.concatenate(
        [model.vocabulary.find(np.array(numbers)), np.array(others, dtype=np.int64)]
    )
    owned = np.concatenate([owners, owners[:-1], owners[:-2], other_owners])
    marks = np.sort(owned * len(model.table) + rows)
    each = marks[np.diff(marks, prepend=-1) > 0] % len(model.table)
    starts = np.flatnonzero(each == 0)
    summed: FloatArray = np.add.reduceat(model.table[each], starts, axis=0)
    return summed


def _others(model: Weights, folded: str, words: Iterable[str], told: ToldSentence) -> Iterator[int]:
    """Yield the rows of features that are no words: roots, classes and patterns."""
    named = {cue.name for cue in told.named}.union(_meanings(folded, told.sentence))
    found = set(map(model.classes.get, named))
    found.update(map(_root_row, words))
    found.update(map(model.near.get, _pairs(told.named)))
    found.update([model.rows.get(pattern.feature) for pattern, _, _ in told.matched])
    return filter(None, found)


@lru_cache(maxsize=10_000)
def _root_row(word: str) -> int:
    if len(word) <= ROOT or word.isupper():
        return 0
    return _weights().rows.get(f"{word[:ROOT]}*", 0)


def _summed(rows: Sequence[Sequence[int]]) -> list[Heard]:
    """Add up rows of the table for each sentence, a block at a time; row 0 is silence."""
    blocks = (rows[first : first + BLOCK] for first in range(0, len(rows), BLOCK))
    return [Heard(row) for block in blocks for row in _block(block)]


def _block(rows: Sequence[Sequence[int]]) -> FloatArray:
    known = [[0, *one] for one in rows]
    starts = np.cumsum([0, *map(len, known[:-1])])
    summed: FloatArray = np.add.reduceat(_weights().table[np.concatenate(known)], starts, axis=0)
    return summed


def reasons(found: Iterable[str], label: str, most: int = 5) -> list[tuple[str, float]]:
    """Take a score apart: the features that weigh most for a label, the heaviest first."""
    model = _weights()
    column = model.table[:, model.labels[label]]
    weighed = [(name, float(column[model.rows[name]])) for name in found if name in model.rows]
    return sorted(weighed, key=lambda pair: -pair[1])[:most]
