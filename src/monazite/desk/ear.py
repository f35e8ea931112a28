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
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monazite.desk import shipped
from monazite.desk.cues import MEANING, Cue, Match
from monazite.desk.gazetteer import EAST, Kind, Mention
from monazite.desk.quantities import QuantityKind
from monazite.desk.schema import INSTRUMENTS
from monazite.desk.sentences import Sentence

FloatArray: TypeAlias = NDArray[np.float32]

_EAST = "一-鿿々ァ-ヺーぁ-ゖ"
_WORD = re.compile(rf"[一-鿿々]+|[ァ-ヺー]+|[ぁ-ゖ]+|[^\W\d_{_EAST}]+(?:'[a-z]+)?|\d[\d.,]*")
_KANJI = re.compile("[一-鿿々]")
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
ROOT = 5
"""Letters that words of one family share: suspend, suspension."""
BLOCK = 64
"""Sentences that are heard in one go: more would only take memory."""
NEAR = 40
"""Characters between cue words that still belong together."""
_ENDINGS = ("ing", "ed", "es", "s", "d")


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
    place = 0
    for start, text in _words(folded, sentence):
        while place < len(spans) and spans[place][1] <= start:
            place += 1
        if place < len(spans) and spans[place][0] <= start:
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
    if not any(text[0] >= EAST for _, text in found):
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
    words = tokens(folded, sentence)
    named = classes(sentence)
    return list(
        dict.fromkeys(
            (
                *words,
                *(f"{word[:ROOT]}*" for word in words if len(word) > ROOT and not word.isupper()),
                *map(BESIDE.join, pairwise(words)),
                *map(APART.join, zip(words, words[2:], strict=False)),
                *(f"@{cue.name}" for cue in named),
                *_pairs([cue for cue in named if cue.name[0] != MEANING]),
                *(pattern.feature for pattern, _, _ in matched),
            )
        )
    )


def _pairs(named: Sequence[Cue]) -> Iterator[str]:
    """Yield classes that stand near each other, in their order."""
    ordered = sorted(named, key=lambda cue: cue.start)
    for place, cue in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.start - cue.end > NEAR:
                break
            if other.start >= cue.end and other.name != cue.name:
                yield f"{cue.name}>{other.name}"


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear model. ``rows`` : for each feature its row of ``table`` (features x labels).

    The labels are all instruments, then being news, then all statuses. ``table`` : what each
    feature adds to the log odds of each label; its first row are those before anything is heard.
    ``pairs``, ``skips`` : rows of two words that stand side by side, or with one between them.
    """

    rows: Mapping[str, int]
    labels: Mapping[str, int]
    table: FloatArray
    pairs: Mapping[tuple[str, str], int]
    skips: Mapping[tuple[str, str], int]


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
    return Weights(rows, labels, table, _two_words(rows, BESIDE), _two_words(rows, APART))


def _two_words(rows: Mapping[str, int], between: str) -> dict[tuple[str, str], int]:
    """Return the rows of features that are two words, by these words."""
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


def listen(folded: str, sentences: Iterable[tuple[Sentence, Iterable[Match]]]) -> list[Heard]:
    """Return what sentences say: `hear_all` of their `features`, without writing these down."""
    model = _weights()
    return _summed([_rows(model, folded, part, matched) for part, matched in sentences])


def _rows(model: Weights, folded: str, sentence: Sentence, matched: Iterable[Match]) -> list[int]:
    """Return the rows of a sentence's features."""
    words, named, get = tokens(folded, sentence), classes(sentence), model.rows.get
    plain = [cue for cue in named if cue.name[0] != MEANING]
    found = {get(word) for word in words}
    found.update(map(_root_row, words))
    found.update(map(model.pairs.get, pairwise(words)))
    found.update(map(model.skips.get, zip(words, words[2:], strict=False)))
    found.update([get(f"@{name}") for name in {cue.name for cue in named}])
    found.update(map(get, _pairs(plain)))
    found.update([get(pattern.feature) for pattern, _, _ in matched])
    return sorted(row for row in found if row is not None)


@lru_cache(maxsize=10_000)
def _root_row(word: str) -> int | None:
    if len(word) <= ROOT or word.isupper():
        return None
    return _weights().rows.get(f"{word[:ROOT]}*")


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
