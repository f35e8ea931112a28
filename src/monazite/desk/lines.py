"""What a line of a page looks like, and the chance that it is a paragraph of the article.

The chance comes from a logistic regression over the looks of a line and of the three lines
before and after it. Its weights are a data file that says what they were trained on.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from types import MappingProxyType
from typing import Self

from monazite.desk import shipped

NEIGHBOURS = 3
"""Lines before and after a line that tell what it is."""

_STOPS = ".!?…。\uff01\uff1f؟"
_CLOSERS = "\"'”’»)]』」*\u203a"
_BULLET = re.compile(r"[-*•·–—▪►■◆・▼>\uff1e]\s*|\d{1,2}[.)]\s")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
# each begins with one class of signs: a search runs over all other characters at once
_SENTENCE = re.compile(r"[.!?؟。\uff01\uff1f](?:(?<=[.!?؟])\s+[^\sa-z]|(?<=[。\uff01\uff1f]))")
_BAR = re.compile(r"[\s|](?:(?<= )[|·•»>/] |(?<=\s)\s+|(?<=\|))")
_CLOCK = re.compile(r"\d(?:\d?[:.]\d{2}\b|(?<=\b1)9\d\d\b|(?<=\b2)0\d\d\b)")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")
_LEADERS = (":", ";", "\uff1a", "؛")
_MANY_WORDS = 12
_ENDLESS = 35
_LONG_LINE = 70
_WIDE_LINE = 30


@dataclass(frozen=True, slots=True)
class Look:
    """What a line looks like, in pure numbers.

    Logarithms of one more than their count: ``length`` (characters), ``words``, ``sentences``,
    ``bars`` (what parts the entries of a menu) and ``commas``. Shares of the words, from 0 to 1:
    ``capitals`` (begin with one), ``shouting`` (are nothing else), ``stop_words``. Shares of the
    characters: ``digits``, ``wide`` (Chinese and Japanese). ``word_length`` : the mean, in units
    of 15 characters, at most 1.

    1 where it is so and else 0: ``ends`` (closes like a sentence), ``prose`` (a sentence of some
    length), ``bullet`` (begins with one), ``colon`` (has one near its beginning), ``quotes`` (has
    quotation marks), ``small_start`` (begins with a small letter), ``clock`` (names a time or a
    year), ``address`` (of the web or of mail), ``again`` (the page has the same line elsewhere).
    """

    length: float
    words: float
    sentences: float
    ends: float
    prose: float
    bullet: float
    bars: float
    commas: float
    colon: float
    quotes: float
    digits: float
    capitals: float
    shouting: float
    stop_words: float
    word_length: float
    small_start: float
    clock: float
    address: float
    wide: float
    again: float

    @classmethod
    def from_line(cls, text: str, *, again: bool = False) -> Self:
        """Look at a line without white space around it."""
        text = text[:_ENOUGH]
        words = _WORD.findall(text)
        many = max(len(words), 1)
        small = [word.lower() for word in words]
        wide = len(_WIDE.findall(text)) / max(len(text), 1)
        return cls(
            length=math.log1p(len(text)),
            words=math.log1p(len(words)),
            sentences=math.log1p(len(_SENTENCE.findall(text))),
            ends=float(is_closed(text)),
            prose=float(is_prose(text)),
            bullet=float(_BULLET.match(text) is not None),
            bars=math.log1p(len(_BAR.findall(text))),
            commas=math.log1p(sum(map(text.count, ",،、;"))),
            colon=float(":" in text[:30] or "\uff1a" in text[:30]),
            quotes=float(any(mark in text for mark in '"“”«»「」')),
            digits=sum(map(str.isdigit, text)) / max(len(text), 1),
            capitals=sum(word[0].isupper() for word in words) / many,
            shouting=sum(word.isupper() and len(word) > 1 for word in words) / many,
            stop_words=sum(map(_all_stop_words().__contains__, small)) / many,
            word_length=min(sum(map(len, words)) / many, 15) / 15,
            small_start=float(text[:1].islower()),
            clock=float(_CLOCK.search(text) is not None),
            address=float("@" in text or "http" in text or "www." in text),
            wide=wide,
            again=float(again),
        )


_ENOUGH = 600
"""Characters of a line that are looked at: more say no more, and lines can be endless."""

LOOKS = tuple(field.name for field in fields(Look))
NEIGHBOUR_LOOKS = ("length", "ends", "prose", "bullet", "stop_words", "again")
"""What is known of a neighbour."""

FEATURES = (
    *LOOKS,
    *(
        f"{name}{step:+d}"
        for step in range(-NEIGHBOURS, NEIGHBOURS + 1)
        if step
        for name in NEIGHBOUR_LOOKS
    ),
    "before",
    "after",
    "prose_before",
    "prose_after",
)
"""Names of the features, in the order of the weights."""


def is_closed(text: str) -> bool:
    """Whether a line ends as a sentence does."""
    return text.rstrip(_CLOSERS).endswith(tuple(_STOPS))


def is_prose(text: str) -> bool:
    """Whether a line is a sentence of some length, or leads into one."""
    if len(text) < _WIDE_LINE:
        return False
    words = text.count(" ") + 1
    if not is_closed(text):
        return words >= (_MANY_WORDS if text.endswith(_LEADERS) else _ENDLESS)
    return len(text) >= _LONG_LINE or words >= _MANY_WORDS or _WIDE.search(text) is not None


def sentences(text: str) -> int:
    """Sentences in a line, about."""
    return len(_SENTENCE.findall(text)) + 1


def features(looks: Sequence[Look]) -> list[list[float]]:
    """Return the features of all lines of a page, one row a line."""
    nothing = [0.0] * len(NEIGHBOUR_LOOKS)
    own = [[getattr(look, name) for name in LOOKS] for look in looks]
    seen = [[getattr(look, name) for name in NEIGHBOUR_LOOKS] for look in looks]
    padding = [nothing] * NEIGHBOURS
    padded = padding + seen + padding
    prose = [look.prose for look in looks]
    total, before, rows = sum(prose), 0.0, []
    for place, row in enumerate(own):
        around = padded[place : place + 2 * NEIGHBOURS + 1]
        del around[NEIGHBOURS]
        for neighbour in around:
            row.extend(neighbour)
        after = total - before - prose[place]
        row += [math.log1p(place), math.log1p(len(own) - place - 1)]
        row += [math.log1p(before), math.log1p(after)]
        before += prose[place]
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class LineWeights:
    """The fitted regression. ``weights`` : one a feature; ``constant`` : its chance without any."""

    weights: tuple[float, ...]
    constant: float

    @classmethod
    def shipped(cls) -> Self:
        """Read the weights that come with the package."""
        table = json.loads(shipped.text("line_weights.json"))
        weights = tuple(float(table["weights"][name]) for name in FEATURES)
        return cls(weights, float(table["constant"]))

    def chances(self, looks: Sequence[Look]) -> list[float]:
        """Return for each line of a page the chance that it is a paragraph of the article."""
        return [self._chance(row) for row in features(looks)]

    def _chance(self, row: Sequence[float]) -> float:
        score = self.constant + sum(map(float.__mul__, self.weights, row))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


@lru_cache(maxsize=1)
def weights() -> LineWeights:
    """Return the weights that come with the package, read once."""
    return LineWeights.shipped()


@lru_cache(maxsize=1)
def stop_words() -> Mapping[str, frozenset[str]]:
    """Return the most common small words of each language."""
    cues = shipped.toml("zone_cues.toml")
    return MappingProxyType(
        {language: frozenset(words) for language, words in cues["stop_words"].items()}
    )


@lru_cache(maxsize=1)
def _all_stop_words() -> frozenset[str]:
    return frozenset().union(*stop_words().values())
