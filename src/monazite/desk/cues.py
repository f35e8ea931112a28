"""Cue words and the patterns that they make: the grammar of acts, as two tables.

``data/cues_en.toml`` lists words by class, ``data/patterns.toml`` says which classes together
name an instrument. Words are found in one pass by Aho-Corasick.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

import ahocorasick

from monazite.desk import gazetteer, shipped
from monazite.desk.schema import INSTRUMENTS
from monazite.errors import UnknownCodeError

NAMES = (
    "STATE", "BODY", "COURT", "COMPANY", "SITE", "UNION", "ARMED", "MINERAL", "GOOD", "MONEY",
    "PRICE", "SHARE", "TONNES", "TIME",
)  # fmt: skip
"""Classes that gazetteer and quantities give, beside those of the cue words."""
WORD = 8
"""Characters that a cue word itself takes, about."""
MEANING = "~"
"""In front of a class of the thesaurus, whose words mean about the same."""
VERB = "~"
"""In front of a verb: its regular forms too."""
LANGUAGES = ("en", "es", "fr", "ar", "ja")


class Cue(NamedTuple):
    """A word of a class. ``start``, ``end`` : its place in the text."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Classes that together name an instrument.

    ``classes`` : all must stand in a sentence; in the order of the alphabet, so that every run
    finds the same place. ``within`` : characters from the first to the
    last of them, 0 for any. ``weight`` : how surely they name it. ``feature`` : what the ear
    calls it.
    """

    instrument: str
    classes: tuple[str, ...]
    within: int
    weight: float
    feature: str


Match: TypeAlias = tuple[Pattern, int, int]
"""A pattern and where in the text it was found."""


def forms(entry: str) -> Iterator[str]:
    """Inflect an entry of the list.

    >>> list(forms("~ban"))
    ['ban', 'bans', 'banned', 'banning']
    >>> list(forms("~freeze/froze/frozen"))
    ['freeze', 'freezes', 'freezing', 'froze', 'frozen']
    >>> list(forms("~scale back"))
    ['scale back', 'scales back', 'scaled back', 'scaling back']
    """
    if not entry.startswith(VERB):
        yield entry
        return
    verb, *pasts = entry.removeprefix(VERB).split("/")
    verb, _, rest = verb.partition(" ")
    rest = f" {rest}" if rest else ""
    stem = _stem(verb)
    yield verb + rest
    yield _third_person(verb) + rest
    if not pasts:
        yield (verb[:-1] + "ied" if _ends_in_y(verb) else stem + "ed") + rest
    yield (verb if _ends_in_y(verb) else stem) + "ing" + rest
    yield from (past if " " in past else past + rest for past in pasts)


def _third_person(verb: str) -> str:
    if _ends_in_y(verb):
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _ends_in_y(verb: str) -> bool:
    return verb.endswith("y") and verb[-2] not in "aeiou"


_DOUBLED = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")


def _stem(verb: str) -> str:
    """Return what ``-ed`` and ``-ing`` are put behind: ``bann``, ``impos``, ``export``."""
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1]
    doubled = _DOUBLED.match(verb) or verb in ("permit", "commit", "submit", "forbid", "begin")
    return verb + verb[-1] if doubled else verb


def words(language: str = "en") -> Mapping[str, frozenset[str]]:
    """Return every cue word of a language with the classes it belongs to."""
    return _inflected(f"cues_{language}.toml")


def _inflected(table: str, mark: str = "") -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, entry in _entries(table):
        for form in forms(entry):
            found.setdefault(form, set()).add(mark + name)
    return {word: frozenset(names) for word, names in found.items()}


def _entries(table: str) -> Iterator[tuple[str, str]]:
    for group in shipped.toml(table).values():
        for name, entries in group.items():
            yield from ((name, entry) for entry in entries)


@cache
def _by_class() -> Mapping[str, tuple[Pattern, ...]]:
    """Return patterns by one of their classes: where it is missing they need no look."""
    found: dict[str, list[Pattern]] = {}
    for pattern in patterns():
        found.setdefault(pattern.classes[0], []).append(pattern)
    return {name: tuple(rows) for name, rows in found.items()}


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return every pattern of the table."""
    known = frozenset(NAMES).union(*words().values())
    table = shipped.toml("patterns.toml")
    return tuple(_pattern(code, line, known) for code, lines in table.items() for line in lines)


def _pattern(instrument: str, line: str, known: Collection[str]) -> Pattern:
    weight, *rest = line.split()
    within = int(rest.pop()) if rest[-1].isdigit() else 0
    for name in rest:
        if name not in known:
            raise UnknownCodeError("class of cue words", name, known, where="patterns.toml")
    if instrument not in INSTRUMENTS:
        raise UnknownCodeError("instrument", instrument, INSTRUMENTS, where="patterns.toml")
    reach = within + WORD * len(rest) if within else 0
    name = f"={instrument} {float(weight):g}"
    return Pattern(instrument, tuple(sorted(set(rest))), reach, float(weight), name)


@cache
def _automaton(language: str) -> "ahocorasick.Automaton":
    return _made_of(words(language))


@cache
def _thesaurus() -> "ahocorasick.Automaton":
    return _made_of(_inflected("thesaurus.toml", MEANING))


def _made_of(table: Mapping[str, frozenset[str]]) -> "ahocorasick.Automaton":
    automaton = ahocorasick.Automaton()
    for word, names in table.items():
        automaton.add_word(word, (len(word), tuple(sorted(names)), word[0] < gazetteer.EAST))
    automaton.make_automaton()
    return automaton


def find(folded: str, language: str = "en") -> list[Cue]:
    """Find every cue word in a text that :func:`monazite.desk.gazetteer.folded` made.

    Words of a longer cue are found as well; only whole words count where words have spaces.
    Languages without a list of their own are read by the English one.
    """
    make = Cue._make
    found = [
        make((start, end, name))
        for start, end, names in _whole(folded, _automaton(_read_by(language)), 0, len(folded))
        for name in names
    ]
    found.sort()
    return found


def meanings(folded: str, start: int, end: int, language: str = "en") -> set[str]:
    """Return the classes of the thesaurus of which a stretch of text has words."""
    if _read_by(language) != "en":
        return set()
    return set().union(*[names for _, _, names in _whole(folded, _thesaurus(), start, end)])


def _read_by(language: str) -> str:
    return language if language in LANGUAGES else "en"


def _whole(
    folded: str, automaton: "ahocorasick.Automaton", first: int, stop: int
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the places of whole words with their classes."""
    size = len(folded)
    for last, (length, names, is_spaced) in automaton.iter(folded, first, stop):
        start, end = last - length + 1, last + 1
        is_inside = is_spaced and (
            (start and folded[start - 1].isalnum()) or (end < size and folded[end].isalnum())
        )
        if not is_inside or (gazetteer.begins(folded, start) and _ends(folded, end)):
            yield start, end, names


_PRONOUNS = re.compile(r"(?:ها|هم|ه|ا)?(?!\w)")
"""What Arabic writes behind a word: its, their, and the ending of an object."""


def _ends(folded: str, after: int) -> bool:
    """Tell whether a word ends here, or Arabic goes on with a pronoun."""
    following = folded[after : after + 1]
    if not following.isalnum() or following >= gazetteer.EAST:
        return True
    return gazetteer.is_arabic(folded[after - 1]) and bool(_PRONOUNS.match(folded, after))


def matches(cues: Sequence[Cue]) -> list[Match]:
    """Match every pattern with the cues of a sentence; each stands with its closest place.

    Parameters
    ----------
    cues : sequence of Cue
        Cue words and names of one sentence.
    """
    places: dict[str, list[Cue]] = {}
    for cue in cues:
        places.setdefault(cue.name, []).append(cue)
    names, by_class = set(places), _by_class()
    found = []
    for first in names & by_class.keys():
        for pattern in by_class[first]:
            if names.issuperset(pattern.classes):
                start, end = _closest([places[name] for name in pattern.classes])
                if not pattern.within or end - start <= pattern.within:
                    found.append((pattern, start, end))
    found.sort(key=lambda match: (-match[0].weight, match[1:], match[0].instrument))
    return found


def _closest(columns: Iterable[Sequence[Cue]]) -> tuple[int, int]:
    """Return the narrowest place that holds one cue of each class; words may overlap."""
    first, *others = columns
    best = (0, 1 << 30)
    for cue in first:
        start, end = cue.start, cue.end
        for column in others:
            near = min(column, key=lambda other: _distance(other, start, end))
            start, end = min(start, near.start), max(end, near.end)
        best = min(best, (start, end), key=lambda place: place[1] - place[0])
    return best


def _distance(cue: Cue, start: int, end: int) -> int:
    return max(cue.start - end, start - cue.end, 0)


# --- denials ---------------------------------------------------------------------------------

_WORDS = re.compile(r"[^\W\d_]+")
_GRAMMAR = re.compile("[ぁ-ゖ]{0,14}")
"""What Japanese writes behind a verb or a noun that is done."""
DENIED_WITHIN = 48
"""Characters before a word in which the words that deny it stand."""


@dataclass(frozen=True, slots=True)
class Denials:
    """How a language denies a word. ``before``, ``behind`` : words, and endings, that deny.

    ``between`` : what may stand between them and the word. ``unless`` : what makes it something
    else, as ``ya no``, no longer.
    """

    before: frozenset[str]
    between: frozenset[str]
    unless: frozenset[str]
    behind: tuple[str, ...]


@cache
def _denials(language: str) -> Denials:
    table = shipped.toml("negations.toml")
    words_of = {name: table[name].get(language, ()) for name in ("before", "between", "unless")}
    return Denials(
        **{name: frozenset(found) for name, found in words_of.items()},
        behind=tuple(table["behind"].get(language, ())),
    )


@cache
def _acting() -> frozenset[str]:
    return frozenset(shipped.toml("negations.toml")["acts"])


def is_denied(folded: str, cues: Iterable[Cue], language: str) -> bool:
    """Tell whether one of some cue words says that something is done, and its words deny it.

    >>> text = "la medida no prohibe los envios"
    >>> is_denied(text, find(text, "es"), "es")
    True
    """
    how = _denials(language)
    if not how.before and not how.behind:
        return False
    acting = [cue for cue in cues if cue.name in _acting()]
    return any(
        _denied_before(folded, cue, how) or _denied_behind(folded, cue, how) for cue in acting
    )


def _denied_before(folded: str, cue: Cue, how: Denials) -> bool:
    words = _WORDS.findall(folded, max(0, cue.start - DENIED_WITHIN), cue.start)
    while words and words[-1] in how.between:
        words.pop()
    return bool(words) and words[-1] in how.before and not how.unless.intersection(words[-2:-1])


def _denied_behind(folded: str, cue: Cue, how: Denials) -> bool:
    found = _GRAMMAR.match(folded, cue.end)
    ending = found[0] if found else ""
    return any(sign in ending for sign in how.behind) and not any(
        sign in ending for sign in how.unless
    )
