"""Which states, bodies, people, minerals, companies and places a text names, and where.

The lists are tables in ``data/gazetteer``; ``gazetteer.toml`` beside them says where they come
from and how they are written. All spellings are sought at once by an Aho-Corasick automaton;
of mentions that overlap the first and longest is kept. A mention says what the words usually
mean; what they mean on a page is decided by whoever reads the page.

>>> [mention.name for mention in find("The US bought gallium from Rio Tinto.")]
['United States', 'gallium', 'Rio Tinto']
>>> find("Give us a silver lining.")
[]
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from types import MappingProxyType
from unicodedata import normalize

from ahocorasick import Automaton

from monazite.desk import shipped
from monazite.errors import TableError, UnknownCodeError
from monazite.labels import GROUPS

LANGUAGES = ("en", "es", "fr", "ar", "ja", "zh", "de", "pt")
"""Languages in which the names of all states are known; English first."""

EXACT = "="
"""In front of a spelling: capitals count, letter by letter."""
SHORT = "~"
"""In front of a spelling: it counts only on a page that has a full spelling of the same entry."""
MINERAL = "?"
"""In front of a spelling: it counts only on a page that names a mineral in scope."""
MARKS = frozenset({EXACT, SHORT, MINERAL})
BETWEEN = "|"
"""Between the spellings of a cell."""


class Kind(StrEnum):
    """What a mention names."""

    STATE = "state"
    ADJECTIVE = "adjective"
    CAPITAL = "capital"
    REGION = "region"
    """A province, district or town: says where, seldom who."""
    PERSON = "person"
    """A head of state or government, a minister or an envoy: speaks for the state."""
    BODY = "body"
    """A ministry or an agency. ``states`` is empty where the words fit several states."""
    GROUP = "group"
    COMMODITY = "commodity"
    COMPANY = "company"
    SITE = "site"
    UNION = "union"
    ARMED_GROUP = "armed_group"
    COURT = "court"
    NEWSPAPER = "newspaper"
    """A newspaper, an agency or a broadcaster: its state is where it is made, no actor."""
    TRAP = "trap"
    """Looks like a mention and is none; never returned."""


FOR_A_STATE = frozenset(
    {Kind.STATE, Kind.ADJECTIVE, Kind.CAPITAL, Kind.PERSON, Kind.BODY, Kind.COURT, Kind.GROUP}
)
"""Kinds whose mentions can stand for a state or a group of states."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a text that name something.

    ``start``, ``end`` : their place in the text, in characters. ``name`` : its usual name; of a
    commodity the controlled one. ``states`` : ISO 3166-1 alpha-3 codes, of a group its own code;
    of a company its seat, of a site where it lies. ``commodities`` : controlled names.
    ``stage`` : ore, concentrate, oxide, metal, alloy, magnet, scrap or technology, where the
    words say so. ``in_scope`` : false for goods that are no critical mineral.
    """

    start: int
    end: int
    kind: Kind
    name: str
    states: tuple[str, ...] = ()
    commodities: tuple[str, ...] = ()
    stage: str = ""
    in_scope: bool = True


@dataclass(frozen=True, slots=True)
class NameEntry:
    """What a spelling names; the fields are those of `Mention`.

    ``unless`` : folded words whose presence on a page says that something else is meant.
    """

    kind: Kind
    name: str
    states: tuple[str, ...] = ()
    commodities: tuple[str, ...] = ()
    stage: str = ""
    in_scope: bool = True
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way to write an entry.

    ``text`` : as in the list. ``exact`` : capitals count. ``capital`` : begins with a capital
    letter. ``short`` : needs a full spelling of the entry beside it. ``symbol`` : needs a
    mineral beside it.
    """

    entry: NameEntry
    text: str
    exact: bool = False
    capital: bool = False
    short: bool = False
    symbol: bool = False


@dataclass(frozen=True, slots=True)
class Good:
    """A mineral or another good.

    ``in_scope`` : whether it is a mineral of the desk. ``hs`` : codes of the Harmonised System,
    six figures, by stage.
    """

    name: str
    in_scope: bool
    hs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _table(name: str) -> list[dict[str, str]]:
    return shipped.rows(f"gazetteer/{name}.csv")


# --- folding ---------------------------------------------------------------------------------


class _Folds(dict[int, int]):
    """Folds one character at a time and remembers; the length of a text stays what it was."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = ord(_fold_character(chr(code)))
        return folded


_ACCENTS = frozenset(map(chr, (*range(0x0300, 0x0370), *range(0x0653, 0x0656))))
"""Combining accents of Latin, Greek and Cyrillic, hamza and madda of Arabic; not those of kana."""


def _fold_character(character: str) -> str:
    if character in _alike():
        return _alike()[character]
    parts = normalize("NFKD", character)
    if len(parts) > 1 and _ACCENTS.issuperset(parts[1:]):
        parts = parts[0]
    plain = normalize("NFKC", parts).lower()
    return plain if len(plain) == 1 else character


@cache
def _alike() -> Mapping[str, str]:
    """Return what the list of folds says about single characters."""
    return {chr(int(row["code"], 16)): row["fold"] for row in _table("folds")}


_FOLDS = _Folds()
_DASHES = tuple(dash for dash, fold in _alike().items() if fold == "-")
_BLANKS = _Folds(dict.fromkeys(map(ord, ("-", *_DASHES)), ord(" ")))
"""Folds that take a hyphen for a blank: ``rare-earth`` and ``rare earth`` are one spelling."""


@lru_cache(maxsize=2)
def folded(text: str) -> str:
    """Return a text in lower case without accents, as long as it was.

    >>> folded("Élan’s GÉCAMINES – ガ")
    "elan's gecamines - ガ"
    """
    return text.translate(_FOLDS)


_ACRONYM = 6
"""Names in capitals up to so many letters count only in capitals."""


# --- reading the lists -----------------------------------------------------------------------


def _cells(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(BETWEEN)))


def _spellings(
    entry: NameEntry, cell: str, *, capital: bool, symbol: bool = False
) -> Iterator[Spelling]:
    for written in _cells(cell):
        mark = written[0] if written[0] in MARKS else ""
        text = written.removeprefix(mark)
        yield Spelling(
            entry,
            text,
            exact=mark == EXACT or (len(text) <= _ACRONYM and text.isupper() and capital),
            capital=capital and text[0].isupper(),
            short=mark == SHORT,
            symbol=symbol or mark == MINERAL,
        )


def _named(entry: NameEntry, cell: str) -> Iterator[Spelling]:
    """Yield the spellings of an entry; its name is one unless it stands there with a mark."""
    marked = {written[1:] for written in _cells(cell) if written[0] in MARKS}
    own = "" if entry.name in marked else entry.name + BETWEEN
    yield from _spellings(entry, own + cell, capital=True)


def _read_states() -> Iterator[Spelling]:
    rows = list(_table("states"))
    doubts = {(row["kind"], row["state"]): _unless(row) for row in rows}
    for row in _table("countries"):
        code, kind = row["state"], Kind.GROUP if row["state"] in GROUPS else Kind.STATE
        entry = NameEntry(kind, state_name(code), (code,), unless=doubts.get((kind, code), ()))
        for language in LANGUAGES:
            yield from _spellings(entry, row[language], capital=True)
    for row in rows:
        name, code = state_name(row["state"]), row["state"]
        entry = NameEntry(Kind(row["kind"]), name, (code,), unless=_unless(row))
        yield from _spellings(entry, row["spellings"], capital=True)


def _unless(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(map(folded, _cells(row["unless"])))


def _read_actors() -> Iterator[Spelling]:
    actors = list(_table("actors"))
    anywhere = {row["name"] for row in actors if not row["states"]}
    for row in actors:
        entry = NameEntry(Kind(row["kind"]), row["name"], _cells(row["states"]))
        if entry.states and entry.name in anywhere:
            # bare "Ministry of Commerce" is not China's, "MOFCOM" is
            yield from _spellings(entry, row["spellings"], capital=True)
        else:
            yield from _named(entry, row["spellings"])
    for row in _table("people"):
        entry = NameEntry(Kind.PERSON, row["name"], _cells(row["states"]))
        yield from _named(entry, row["spellings"])


def _read_businesses() -> Iterator[Spelling]:
    for table in ("companies", "sites"):
        for row in _table(table):
            entry = NameEntry(
                Kind(row["kind"]), row["name"], _cells(row["states"]), _cells(row["commodities"])
            )
            yield from _named(entry, row["spellings"])


def _read_commodities() -> Iterator[Spelling]:
    for row in _table("commodities"):
        names = _cells(row["commodity"])
        entry = NameEntry(Kind.COMMODITY, names[0], (), names, row["stage"], row["scope"] == "yes")
        yield from _spellings(entry, row["spellings"], capital=False)
        yield from _spellings(entry, row["symbols"], capital=False, symbol=True)


def _read_traps() -> Iterator[Spelling]:
    for row in _table("traps"):
        yield from _spellings(NameEntry(Kind.TRAP, row["reason"]), row["spellings"], capital=False)


def _key(text: str) -> str:
    """Return what the automaton seeks: folded, hyphens as blanks, without the Arabic article."""
    key = text.translate(_BLANKS)
    return key[2:] if key.startswith(_ARTICLE) and len(key) > 4 else key


@cache
def _known() -> Mapping[str, tuple[Spelling, ...]]:
    """Return all spellings by what is sought for them."""
    known: dict[str, list[Spelling]] = {}
    readers = (_read_states, _read_actors, _read_businesses, _read_commodities, _read_traps)
    for reader in readers:
        for spelling in reader():
            known.setdefault(_key(spelling.text), []).append(spelling)
    return {key: tuple(spellings) for key, spellings in known.items()}


_BEYOND = re.compile("[\u0370-\u1fff\u2e80-\U0010ffff]")
"""A letter of another script than the Latin."""


@cache
def _automaton(*, is_latin: bool) -> Automaton:
    """Return what seeks the spellings; a text in Latin letters needs no others, and is faster."""
    automaton = Automaton()
    for key, spellings in _known().items():
        if not (is_latin and _BEYOND.search(key)):
            automaton.add_word(key, (len(key), spellings))
    automaton.make_automaton()
    return automaton


# --- finding ---------------------------------------------------------------------------------

_FIRM = re.compile(
    r" (?:Corp|Corporation|Co\.|Ltd|Limited|Inc|Incorporated|Plc|PLC|Holdings|Pty|AG|GmbH|NL)\b"
)
"""What follows the name of a firm: a mineral right before it is part of the name."""

_CLITICS = frozenset(
    ("", "ال", "و", "وال", "ف", "فال", "ب", "بال", "وب", "وبال", "ل", "لل", "ول", "ولل", "فلل", "ك",
     "كال", "س")
)  # fmt: skip
"""What Arabic writes together with the word that follows."""
_LONGEST_CLITIC = 4
_ARTICLE = "ال"
EAST = "\u2e80"
"""Scripts from here on write without blanks between words."""


def find(text: str) -> list[Mention]:
    """Return what a text names, by place; of mentions that overlap the first and longest.

    Parameters
    ----------
    text : str
        Any text; its length decides the time, nothing else.
    """
    kept = _longest(_whole(text))
    page = _Page(text, kept)
    mentions = []
    for start, end, spellings in kept:
        for spelling in spellings:
            if page.bears(spelling) and not _of_firm(spelling.entry, text, start, end):
                mentions.append(_mention(start, end, spelling.entry))
                break
    return mentions


Found = tuple[int, int, tuple[Spelling, ...]]
"""Start, end and what may be written there."""


class _Page:
    """What a page as a whole says about the spellings that stand on it; found when needed."""

    def __init__(self, text: str, kept: Sequence[Found]) -> None:
        self.text = text
        self.spellings = [spelling for _, _, several in kept for spelling in several]

    @cached_property
    def mineral(self) -> bool:
        """Whether the page names a mineral in scope in full."""
        return any(
            spelling.entry.in_scope and spelling.entry.kind is Kind.COMMODITY
            for spelling in self.spellings
            if not spelling.symbol
        )

    @cached_property
    def full(self) -> Set[str]:
        """Names of the entries that the page spells in full."""
        return {spelling.entry.name for spelling in self.spellings if not spelling.short}

    @cached_property
    def folded(self) -> str:
        """The text as `folded` gives it."""
        return folded(self.text)

    def bears(self, spelling: Spelling) -> bool:
        """Tell whether a spelling means its entry on this page."""
        entry = spelling.entry
        if entry.kind is Kind.TRAP or (spelling.symbol and not self.mineral):
            return False
        if spelling.short and entry.name not in self.full:
            return False
        return not (entry.unless and any(word in self.folded for word in entry.unless))


def _mention(start: int, end: int, entry: NameEntry) -> Mention:
    return Mention(
        start, end, entry.kind, entry.name, entry.states, entry.commodities, entry.stage,
        entry.in_scope,
    )  # fmt: skip


def _whole(text: str) -> Iterator[Found]:
    """Yield every place where a spelling stands as whole words, in the right case."""
    sought = text.translate(_BLANKS)
    is_latin = _BEYOND.search(sought) is None
    for last, (length, spellings) in _automaton(is_latin=is_latin).iter(sought):
        start, end = last - length + 1, last + 1
        after = sought[end : end + 1]
        if after.isalnum() and _joined(sought[last], after):
            continue
        if begins(sought, start):
            written = text[start:end]
            fitting = tuple([s for s in spellings if _cased(s, written)])
            if fitting:
                yield start - _article(sought, start), end, fitting


def _cased(spelling: Spelling, written: str) -> bool:
    if spelling.exact:
        text = spelling.text
        return written == text or written.translate(_HYPHENS) == text.translate(_HYPHENS)
    return not spelling.capital or written[0].isupper()


_HYPHENS = dict.fromkeys(map(ord, (" ", *_DASHES)), "-")


def begins(text: str, start: int) -> bool:
    """Tell whether a name can begin here: at a word, or after what Arabic writes before one."""
    if start == 0 or not text[start - 1].isalnum() or not _joined(text[start - 1], text[start]):
        return True
    if not is_arabic(text[start]):
        return False
    before = start
    while before > 0 and start - before <= _LONGEST_CLITIC and is_arabic(text[before - 1]):
        before -= 1
    return text[before:start] in _CLITICS


def _article(text: str, start: int) -> int:
    """Return the length of the Arabic article in front of a word."""
    return 2 if is_arabic(text[start]) and text[max(start - 2, 0) : start] == _ARTICLE else 0


def _joined(left: str, right: str) -> bool:
    """Tell whether two neighbours belong to one word; Chinese characters never do."""
    if not (left.isalnum() and right.isalnum()):
        return False
    if left < EAST and right < EAST:
        return True
    return _katakana(left) and _katakana(right)


def _of_firm(entry: NameEntry, text: str, start: int, end: int) -> bool:
    """Tell whether a mineral is part of the name of a firm, as in ``Kodiak Copper Corp``."""
    if entry.kind is not Kind.COMMODITY or not text[start].isupper():
        return False
    return _FIRM.match(text, end) is not None


def _katakana(character: str) -> bool:
    return "\u30a1" <= character <= "\u30fe"


def is_arabic(character: str) -> bool:
    """Tell whether a character is of the Arabic script."""
    return "\u0620" <= character <= "\u06ff"


def _longest(found: Iterable[Found]) -> list[Found]:
    kept: list[Found] = []
    reached = 0
    for place in sorted(found, key=lambda place: (place[0], -place[1])):
        if place[0] >= reached:
            kept.append(place)
            reached = place[1]
    return kept


# --- looking up ------------------------------------------------------------------------------


@cache
def _state_names() -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(
        {
            row["state"]: {language: _first(row[language]) for language in LANGUAGES}
            for row in _table("countries")
        }
    )


def _first(cell: str) -> str:
    """Return the first spelling of a cell, without its mark."""
    return next((name.lstrip("".join(MARKS)) for name in _cells(cell)), "")


def state_name(code: str, language: str = "en") -> str:
    """Return what a state is called in a language.

    >>> state_name("JPN"), state_name("JPN", "es")
    ('Japan', 'Japón')

    Raises
    ------
    UnknownCodeError
        If the state or the language is not in the list.
    """
    if code not in _state_names():
        raise UnknownCodeError("state", code, _state_names())
    if language not in LANGUAGES:
        raise UnknownCodeError("language", language, LANGUAGES)
    return _state_names()[code][language]


@cache
def commodities() -> Mapping[str, Good]:
    """Every commodity by its controlled name."""
    codes: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _table("hs"):
        codes.setdefault(row["commodity"], {})[row["stage"]] = _cells(row["hs"])
    scope: dict[str, bool] = {}
    for row in _table("commodities"):
        for name in _cells(row["commodity"]):
            if scope.setdefault(name, row["scope"] == "yes") != (row["scope"] == "yes"):
                raise TableError(f"'{name}' is both in and out of scope", where="commodities.csv")
    return MappingProxyType(
        {name: Good(name, inside, codes.get(name, {})) for name, inside in scope.items()}
    )


def commodity(name: str) -> Good:
    """Return a commodity by its controlled name.

    Raises
    ------
    UnknownCodeError
        If there is none of that name.
    """
    if name not in commodities():
        raise UnknownCodeError("commodity", name, commodities())
    return commodities()[name]


def hs(name: str, stage: str = "") -> tuple[str, ...]:
    """Return the codes of the Harmonised System for a commodity: at a stage, or all.

    >>> hs("lithium", "oxide")
    ('282520', '283691')
    """
    known = commodity(name).hs
    if stage:
        return known.get(stage, ())
    return tuple(dict.fromkeys(code for codes in known.values() for code in codes))
