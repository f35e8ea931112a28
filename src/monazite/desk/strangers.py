"""Companies that no list knows, told by how their names are written.

A company is a run of capitalised words that ends in a legal form (``Corp``), in a trade
(``Resources``), or stands before its ticker (``(ASX: ABC)``).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from string import ascii_uppercase

from monazite.desk import shipped
from monazite.desk.gazetteer import Kind, Mention

MOST_WORDS = 5
"""Words of the longest name that is told."""
_TICKER = re.compile(
    r"\((?:ASX|TSX|TSXV|TSX-V|NYSE|NASDAQ|Nasdaq|LSE|AIM|JSE|HKEX|SEHK|OTCQB|OTCQX|CSE|FSE|"
    r"NYSE American|AMEX)\s?:"
)
_CAPITALS = frozenset(ascii_uppercase)
_WORD_BEFORE = re.compile(r"[\w&'’.\-]+\Z")


@cache
def _words() -> dict[str, frozenset[str]]:
    table = shipped.toml("company_words.toml")
    return {name: frozenset(entries) for name, entries in table.items()}


@cache
def _ending() -> re.Pattern[str]:
    endings = sorted(_words()["legal"] | _words()["trades"], key=len, reverse=True)
    # first the capital, then what stands before it: the search runs over other letters at once
    written = [
        rf"{end[0]}(?<=[\w.] .){re.escape(end[1:])}" for end in endings if end[0] in _CAPITALS
    ]
    return re.compile(rf"(?:{'|'.join(written)})\b\.?")


def companies(text: str, known: Sequence[Mention]) -> list[Mention]:
    """Return companies that are not among the mentions that are known already.

    >>> [found.name for found in companies("Sunrise Tungsten Ltd bought Acme Resources.", [])]
    ['Sunrise Tungsten', 'Acme Resources']
    """
    starts = [name.start for name in known]
    found: dict[int, Mention] = {}
    for start, end in _places(text):
        before = bisect_right(starts, end - 1)
        if not before or known[before - 1].end <= start:
            longest = found.get(start)
            if longest is None or end > longest.end:
                found[start] = _mention(text, start, end)
    return _apart(found.values())


def _apart(found: Iterable[Mention]) -> list[Mention]:
    """Keep the longer of names that overlap."""
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda name: (name.start, -name.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _places(text: str) -> Iterator[tuple[int, int]]:
    for ending in _ending().finditer(text):
        start = _start(text, ending.start())
        if start < ending.start() - 1:
            yield start, ending.end()
    for ticker in _TICKER.finditer(text):
        stop = ticker.start()
        stop -= text[stop - 1 : stop].isspace()
        start = _start(text, stop)
        if start < stop:
            yield start, stop


def _start(text: str, end: int) -> int:
    """Return where the run of capitalised words before a place begins."""
    begin = end
    for _ in range(MOST_WORDS):
        stripped = begin
        while stripped > 0 and text[stripped - 1] == " ":
            stripped -= 1
        word = _WORD_BEFORE.search(text, max(0, stripped - 30), stripped)
        if word is None or not _belongs(word[0]):
            break
        begin = word.start()
    return begin


def _belongs(word: str) -> bool:
    return word == "&" or (
        word[0].isupper() and word.rstrip(".") not in _words()["never"] and not word.endswith(".")
    )


def _mention(text: str, start: int, end: int) -> Mention:
    words = text[start:end].rstrip(".").split(" ")
    while len(words) > 1 and words[-1].rstrip(".") in _words()["legal"]:
        words.pop()
    return Mention(start, end, Kind.COMPANY, " ".join(words))
