"""Sentences of a page, each with the names, sizes, dates and cue words that stand in it."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from monazite.desk import cues
from monazite.desk.cues import Cue
from monazite.desk.dates import DateMention, find_dates
from monazite.desk.gazetteer import Mention, find, folded
from monazite.desk.quantities import Quantity, currency_of, find_quantities
from monazite.desk.schema import TOLD, Page, Zone
from monazite.desk.strangers import companies

# one class of signs to begin with: a search runs over all other characters at once
_END = re.compile(r"[.!?…。！？؟۔](?:(?<=[.!?…])['\"”’»)\]]*(?=\s)|(?<=[。！？؟۔])['\"”’」』)]*)")
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen col lt sen rep gov st jr sr inc co corp ltd plc llc no nos vs etc e.g "
    "i.e "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur fri sat sun approx "
    "dept est fig vol u.s u.k u.n e.u d.c a.m p.m bros art sec calif del mt ft cf al messrs hon"
    .split()
)  # fmt: skip
_BULLET = re.compile(r"[\s\-*•·–—▪►●>]*")
MOST_CHARACTERS = 1200
"""A longer sentence is cut: it is a list or no prose."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the page's own story.

    ``start``, ``end`` : its place in the page's text. ``number`` : 0 for the first.
    ``names`` : states, companies, goods. ``sizes``, ``dates``, ``cues`` : what else it holds.
    ``language`` : that of the page.
    """

    start: int
    end: int
    number: int
    zone: Zone
    names: tuple[Mention, ...]
    sizes: tuple[Quantity, ...]
    dates: tuple[DateMention, ...]
    cues: tuple[Cue, ...]
    language: str


class _Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


Part = TypeVar("Part", bound=_Placed)


def bounds(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch of text into sentences; abbreviations and figures do not end one.

    >>> text = "The U.S. Dept. of Energy said so. It cost $1.5 bn."
    >>> [text[a:b] for a, b in bounds(text, 0, len(text))]
    ['The U.S. Dept. of Energy said so.', 'It cost $1.5 bn.']
    """
    begin = start
    for found in _END.finditer(text, start, end):
        if found[0][0] == "." and _goes_on(text, found.start(), found.end(), end):
            continue
        yield from _trimmed(text, begin, found.end())
        begin = found.end()
    yield from _trimmed(text, begin, end)


def _goes_on(text: str, stop: int, after: int, end: int) -> bool:
    """Whether the stop belongs to an abbreviation, or a small letter follows."""
    begin = stop
    while begin > 0 and not text[begin - 1].isspace() and text[begin - 1] not in "(\"'“‘[":
        begin -= 1
    word = text[begin:stop].lower()
    following = text[after : min(after + 3, end)].lstrip()
    if following[:1].islower():
        return True
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha())


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    lead = _BULLET.match(text, start, end)
    start = lead.end() if lead else start
    while end > start and text[end - 1].isspace():
        end -= 1
    for begin in range(start, end, MOST_CHARACTERS):
        yield begin, min(begin + MOST_CHARACTERS, end)


def sentences(page: Page) -> tuple[Sentence, ...]:
    """Cut a page's own story into sentences and find what stands in each."""
    text = page.text
    small = folded(text)
    names = _names(text)
    sizes = find_quantities(text, currency=currency_of(page.url, page.site), language=page.language)
    dates = find_dates(text, published=page.published, language=page.language)
    words = cues.find(small, page.language)
    places = [
        (line.zone, start, end)
        for line in page.lines
        if line.zone in TOLD
        for start, end in bounds(text, line.start, line.end)
    ]
    named, sized, dated, cued = _Sorted(names), _Sorted(sizes), _Sorted(dates), _Sorted(words)
    return tuple(
        Sentence(
            start, end, number, zone, named.within(start, end), sized.within(start, end),
            dated.within(start, end), cued.within(start, end), page.language,
        )
        for number, (zone, start, end) in enumerate(places)
    )  # fmt: skip


_SEPARATORS = re.compile(r"[^a-z0-9]+")
_SPELLED = re.compile(r"\b[a-z]{2,}\b")
LEAST_SPELLED = 4
"""Words in an address from which they say what the page is about."""


def address(url: str) -> str:
    """Return the words that a page's address spells out: most often its headline; or nothing.

    >>> address("https://news.example/2024/12/03/china-bans-exports-of-gallium-98")
    'china bans exports of gallium 98'
    >>> address("https://news.example/article/ad6c3d1de17a")
    ''
    """
    path = url.lower().rsplit("//", 1)[-1].partition("/")[2].partition("?")[0]
    parts = [_SEPARATORS.sub(" ", part).strip() for part in path.split("/")]
    words = max(parts, key=lambda part: len(_SPELLED.findall(part)))
    return words if len(_SPELLED.findall(words)) >= LEAST_SPELLED else ""


def spoken(words: str, language: str) -> Sentence:
    """Read the words of an address as if they were a headline; it has no place in the text."""
    names, told = tuple(find(words.title())), tuple(cues.find(words, language))
    return Sentence(0, len(words), 0, Zone.HEADLINE, names, (), (), told, language)


def _names(text: str) -> list[Mention]:
    known = find(text)
    return sorted([*known, *companies(text, known)], key=lambda name: name.start)


class _Sorted(Generic[Part]):
    """Parts of a text in the order of their places."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self.starts = [part.start for part in parts]

    def within(self, start: int, end: int) -> tuple[Part, ...]:
        """Return the parts that lie in a sentence."""
        found = self.parts[bisect_left(self.starts, start) : bisect_left(self.starts, end)]
        return found if not found or found[-1].end <= end else found[:-1]
