"""The words of dates by language, and a text while its dates are read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Self, TypedDict

from monazite.desk import shipped
from monazite.desk.clock import BACKWARD, FORWARD, NEUTRAL, NEVER_PAST, Cost, PublicationDay
from monazite.desk.numerals import lower


class DateKind(StrEnum):
    """What the words before a date make of it."""

    POINT = "point"
    FROM = "from"
    UNTIL = "until"
    SINCE = "since"


class _Row(TypedDict):
    day_first: bool
    months: list[list[str]]
    weekdays: list[list[str]]
    doubtful: list[str]
    leads: list[str]
    fillers: list[str]
    future: list[str]
    past: list[str]
    past_endings: list[str]
    openings: list[str]
    not_years: list[str]
    until: list[str]
    since: list[str]
    near: dict[str, int]
    spans: dict[str, tuple[str, int]]


def _read_tables() -> Mapping[str, dict[str, object]]:
    return shipped.toml("dates.toml")


_TABLES = _read_tables()
LANGUAGES = frozenset(_TABLES)
"""Languages whose months and weekdays are known; others are read for figures alone."""
CJK = frozenset({"ja", "zh"})
"""Languages that do not part words by spaces."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; see ``data/dates.toml``."""

    language: str
    day_first: bool
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    near: Mapping[str, int]
    spans: Mapping[str, tuple[str, int]]
    cues: Mapping[str, DateKind]
    doubtful: frozenset[str]
    leads: frozenset[str]
    fillers: frozenset[str]
    future: frozenset[str]
    past: frozenset[str]
    past_endings: tuple[str, ...]
    openings: tuple[str, ...]
    not_years: frozenset[str]

    @classmethod
    def from_table(cls, language: str, row: _Row, cues: Mapping[str, DateKind]) -> Self:
        """Return the words as the table has them."""
        return cls(
            language,
            row["day_first"],
            {word: place for place, names in enumerate(row["months"], 1) for word in names},
            {word: place for place, names in enumerate(row["weekdays"]) for word in names},
            row["near"],
            row["spans"],
            cues,
            frozenset(row["doubtful"]),
            frozenset(row["leads"]),
            frozenset(row["fillers"]),
            frozenset(row["future"]),
            frozenset(row["past"]),
            tuple(row["past_endings"]),
            tuple(row["openings"]),
            frozenset(row["not_years"]),
        )


@cache
def words_of(language: str) -> Words:
    """Return the words of a language; one that is not known is read for figures alone."""
    table = _TABLES[language if language in LANGUAGES else "ja"]
    kinds = [kind for kind in DateKind if kind is not DateKind.POINT]
    cues = {word: kind for kind in kinds for word in _list(table, kind.value)}
    return Words.from_table(language, _Row(**table), cues)  # type: ignore[typeddict-item]


def _list(table: Mapping[str, object], key: str) -> list[str]:
    found = table[key]
    return found if isinstance(found, list) else []


_WORD = re.compile(r"[\w'’-]+")
_BREAK = re.compile(r"\n|[.;!?][\s\"”»]|\||。")
_BEING = frozenset({"be", "being", "is", "are", "to"})
_SHORTEST_VERB = 5
"""Letters from which a word with an ending of the past ("-ed") is taken for a verb."""


class DateText:
    """One text while it is read."""

    __slots__ = ("_cue", "clock", "lowered", "text", "words")

    def __init__(self, text: str, clock: PublicationDay, words: Words) -> None:
        self.text = text
        self.lowered = lower(text)
        self.clock = clock
        self.words = words
        self._cue = (-1, DateKind.POINT)

    def before(self, start: int, reach: int = 90) -> list[str]:
        """Return the words of the same sentence that stand before a place."""
        chunk = self.lowered[max(0, start - reach) : start]
        return _WORD.findall(_BREAK.split(chunk)[-1])

    def after(self, end: int, reach: int = 90) -> list[str]:
        """Return the words of the same sentence that stand after a place."""
        return _WORD.findall(_BREAK.split(self.lowered[end : end + reach], maxsplit=1)[0])

    def word_before(self, start: int) -> str:
        """Return the word right before a place."""
        found = _WORD.findall(self.lowered[max(0, start - 16) : start])
        return found[-1] if found else ""

    def cue(self, start: int) -> DateKind:
        """Return what the words right before a place make of a date there."""
        if self._cue[0] != start:
            # asked for once to read the date, and then again to name it
            self._cue = (start, self._read_cue(start))
        return self._cue[1]

    def _read_cue(self, start: int) -> DateKind:
        chunk = self.lowered[max(0, start - 60) : start].rpartition(", ")[2]
        words = _WORD.findall(_BREAK.split(chunk)[-1])[-6:]
        while words:
            for count in (3, 2, 1):
                kind = self.words.cues.get(" ".join(words[-count:]))
                if kind is not None:
                    return kind
            if words[-1] not in self.words.fillers and words[-1] not in self.words.weekdays:
                break
            words.pop()
        return DateKind.POINT

    def looks(self, start: int, end: int) -> int:
        """Return 1 where the sentence looks forward from a date, -1 where back, else 0."""
        words = self.before(start, 120)[-14:]
        for place in range(len(words) - 1, -1, -1):
            side = self._side(words[place], words[max(0, place - 1)])
            if side:
                return side
        # the date opens its sentence: what comes after it tells
        words = self.after(end)[:9] if len(words) < 4 else []
        for place, word in enumerate(words):
            side = self._side(word, words[max(0, place - 1)])
            if side:
                return side
        return 0

    def _is_named_after(self, start: int) -> bool:
        """Whether a thing has its name from the date: "the law of October"."""
        words = self.before(start, 40)[-2:]
        return words[-1:] == ["of"] and words[0] not in self.words.fillers

    def _side(self, word: str, before: str) -> int:
        if word in self.words.future:
            return 1
        ended = len(word) >= _SHORTEST_VERB and word.endswith(self.words.past_endings)
        return -1 if (ended or word in self.words.past) and before not in _BEING else 0

    def cost(self, start: int, end: int) -> Cost:
        """Return on which side of publication a date at this place should be looked for."""
        kind = self.cue(start)
        if kind is DateKind.POINT and self._is_named_after(start):
            return BACKWARD
        if kind is DateKind.UNTIL:
            return NEVER_PAST
        if kind is DateKind.SINCE:
            return BACKWARD
        looks = self.looks(start, end)
        if kind is DateKind.FROM:
            return NEUTRAL if looks < 0 else FORWARD
        return {0: NEUTRAL, 1: FORWARD, -1: BACKWARD}[looks]
