"""Numbers in a text, in figures and in words, and the lengths of time that they count."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Self, TypedDict

from ahocorasick import Automaton

from monazite.desk import shipped

SPACED = "\u00a0\u202f"
"""Spaces that do not break a line: they part thousands."""
DECIMAL_COMMA = frozenset({"es", "fr", "de", "pt", "it", "nl", "ru", "tr", "id"})
"""Languages that write 5,4 for five and four tenths."""

_REACH = 28
"""Characters before a unit in which its count must stand."""


@dataclass(frozen=True, slots=True)
class DurationMention:
    """A length of time that a text gives: ``value`` hours, days, weeks, months or years."""

    start: int
    end: int
    value: float
    unit: str


class Numeral(NamedTuple):
    """A number in a text. ``value`` : pure. ``text`` : as it is written, in lower case."""

    start: int
    end: int
    value: float
    text: str


class _Row(TypedDict):
    half: list[str]
    after: list[str]
    articles: list[str]
    counting: list[str]
    between: list[str]
    words: dict[str, float]
    units: dict[str, str]


def _read_tables() -> Mapping[str, _Row]:
    return shipped.toml("numbers.toml")


_TABLES = _read_tables()


def lower(text: str) -> str:
    """Return the text in lower case, every character in its place."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(one if len(one := sign.lower()) == 1 else sign for sign in text)


def either(words: Mapping[str, object] | list[str]) -> str:
    """Return the alternatives of a pattern, the longest first."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word) for word in longest_first) or r"(?!)"


class Finder:
    """Finds many words at once, whole ones where a language parts words by spaces."""

    def __init__(self, words: Mapping[str, object] | list[str], *, whole: bool = True) -> None:
        self._automaton = Automaton()
        self._whole = whole
        for word in words:
            self._automaton.add_word(word, len(word))
        self._automaton.make_automaton()

    def find(self, lowered: str) -> list[tuple[int, int]]:
        """Return the places of all words; a longer word hides those that begin with it."""
        if not len(self._automaton):
            return []
        last = len(lowered) - 1
        longest: dict[int, int] = {}
        for end, length in self._automaton.iter(lowered):
            start = end - length + 1
            if self._whole and (
                (start and lowered[start - 1].isalnum())
                or (end < last and lowered[end + 1].isalnum())
            ):
                continue
            longest[start] = max(end + 1, longest.get(start, 0))
        return sorted(longest.items())


@dataclass(frozen=True, slots=True)
class _Words:
    numbers: Mapping[str, float]
    units: Mapping[str, str]
    spelled: Finder
    lengths: Finder
    count: re.Pattern[str]
    low: re.Pattern[str]
    after: re.Pattern[str]

    @classmethod
    def from_row(cls, row: _Row, *, whole: bool) -> Self:
        digits = r"\d{1,5}(?:[.,]\d{1,2})?"
        counting, articles = either(row["counting"]), either(row["articles"])
        count = (
            rf"(?:(?<![\w.,$€£])(?P<count>{digits}|{either(row['words'])})"
            rf"|(?<!\w)(?P<half>{either(row['half'])})"
            rf"|(?<!\w)(?:{counting})\s(?P<article>{articles}))"
            rf"[\s-]{{0,2}}(?:(?:{either(row['between'])})\s)?$"
        )
        if not whole:
            count = rf"(?<![\d.,])(?P<count>{digits})(?P<half>(?!))?(?P<article>(?!))?$"
        return cls(
            row["words"],
            row["units"],
            Finder(row["words"]),
            Finder(row["units"], whole=whole),
            re.compile(count),
            re.compile(
                rf"(?<![\w.,$€£¥])(?P<low>{digits}|{either(row['words'])})"
                r"(?:\s(?:to|or|bis|a|à)\s|[-–])$"
            ),
            re.compile(rf"[\s-](?:{either(row['after'])})\b"),
        )


@cache
def _words(language: str) -> _Words:
    known = language if language in _TABLES else "en"
    return _Words.from_row(_TABLES[known], whole=known not in {"ja", "zh"})


def articles_of(language: str) -> list[str]:
    """Return the words that can stand for one: "a million"."""
    return _TABLES[language if language in _TABLES else "en"]["articles"]


_GROUPED = rf"\d{{0,2}}(?:[{SPACED} ]\d{{3}}){{1,4}}(?!\d)(?:[.,]\d{{1,3}}(?!\d))?"
# its first figure stands first: a search for one runs over all other characters at once
_FIGURE = re.compile(
    rf"\d(?<![a-zà-ÿ\d.,\u066b_]\d)"
    rf"(?:{_GROUPED}|\d{{0,14}}(?:[.,\u066b\u066c]\d{{1,15}}){{0,6}})"
)
_PLAIN = {ord(sign): "" for sign in f"{SPACED} "} | {ord("\u066b"): ".", ord("\u066c"): ","}


def find_numbers(lowered: str, *, language: str = "en") -> list[Numeral]:
    """Find every number of a text in lower case; what cannot be one number is left out."""
    comma = language in DECIMAL_COMMA
    found = []
    for match in _FIGURE.finditer(lowered):
        value = read_figure(match[0], decimal_comma=comma)
        if value is not None:
            found.append(Numeral(match.start(), match.end(), value, match[0]))
    words = _words(language)
    spelled = [
        Numeral(start, end, words.numbers[lowered[start:end]], lowered[start:end])
        for start, end in words.spelled.find(lowered)
    ]
    return sorted([*found, *_compounds(lowered, spelled)])


def _compounds(lowered: str, spelled: list[Numeral]) -> Iterator[Numeral]:
    """Yield number words, those of one number joined: "one hundred and sixty-five"."""
    whole: Numeral | None = None
    for part in spelled:
        value = whole and _joined(whole.value, lowered[whole.end : part.start], part.value)
        if whole and value:
            whole = Numeral(whole.start, part.end, value, lowered[whole.start : part.end])
            continue
        if whole:
            yield whole
        whole = part
    if whole:
        yield whole


def _joined(first: float, gap: str, second: float) -> float | None:
    """Return the number that two number words make together, if they make one."""
    if gap in {" ", "-"} and first < 20 and second in {12, 100}:
        return first * second
    if gap in {" ", "-"} and 20 <= first < 100 and first % 10 == 0 and second < 10:
        return first + second
    if gap in {" ", "-", " and "} and first % 100 == 0 and second < 100:
        return first + second
    if gap == "-" and first > 100 and first % 10 == 0 and second < 10:
        return first + second
    return None


def read_figure(figure: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number that figures with their commas and points mean, if they mean one.

    Examples
    --------
    >>> read_figure("1,345"), read_figure("1.345", decimal_comma=True), read_figure("1,34,567")
    (1345.0, 1345.0, 134567.0)
    """
    figure = figure.translate(_PLAIN)
    decimal, thousands = (",", ".") if decimal_comma else (".", ",")
    if figure.rfind(thousands) > figure.find(decimal) >= 0:
        decimal, thousands = thousands, decimal
    whole, _, rest = figure.partition(decimal)
    if decimal in rest:
        # 1.234.567 in an English text: the sign parts thousands
        decimal, thousands, whole, rest = thousands, decimal, figure, ""
    groups = whole.split(thousands)
    if len(groups) == 2 and not rest and len(groups[1]) < 3:
        # 5,4 in an English text
        return float(f"{groups[0]}.{groups[1]}")
    if len(groups) > 1 and not _are_thousands(groups):
        return None
    return float(f"{''.join(groups)}.{rest or 0}")


def _are_thousands(groups: list[str]) -> bool:
    """Whether figures are parted by thousands, or by lakhs: 1,345 and 12,34,567."""
    *rest, last = groups[1:]
    if not 0 < len(groups[0]) <= 3 or len(last) != 3:
        return False
    return any(all(len(group) == length for group in rest) for length in (3, 2))


def find_durations(
    text: str, *, language: str = "en", start: int = 0
) -> tuple[DurationMention, ...]:
    """Find every length of time in a text; "two years ago" is a date and "a year" often a rate.

    Parameters
    ----------
    text : str
        A sentence or a whole page.
    language : str
        ISO 639-1; a language without words of its own is read as English.
    start : int
        Where the text begins in a longer one; added to every place.

    Examples
    --------
    >>> [(one.value, one.unit) for one in find_durations("six months, a ten-year deal")]
    [(6.0, 'month'), (10.0, 'year')]
    """
    return tuple(_durations(lower(text), _words(language), start))


def _durations(lowered: str, words: _Words, offset: int) -> Iterator[DurationMention]:
    for begin, end in words.lengths.find(lowered):
        reach = max(0, begin - _REACH)
        count = words.count.search(lowered[reach:begin])
        if count is None or words.after.match(lowered, end):
            continue
        value, unit = _length(count, words.numbers), words.units[lowered[begin:end]]
        if unit == "decade":
            value, unit = 10 * value, "year"
        if value == 0.5 and unit == "year":
            value, unit = 6.0, "month"
        place = reach + (count.start("article") if count["article"] else count.start())
        low = words.low.search(lowered[max(0, place - _REACH) : place])
        if low:
            least = max(0, place - _REACH) + low.start() + offset
            shortest = _number(low["low"], words.numbers)
            yield DurationMention(least, least + len(low["low"]), shortest, unit)
        yield DurationMention(place + offset, end + offset, value, unit)


def _length(count: re.Match[str], numbers: Mapping[str, float]) -> float:
    if count["half"]:
        return 0.5
    if count["article"]:
        return 1.0
    return _number(count["count"], numbers)


def _number(figure: str, numbers: Mapping[str, float]) -> float:
    return float(numbers[figure]) if figure in numbers else float(figure.replace(",", "."))
