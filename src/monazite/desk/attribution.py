"""Who does an act, to whom, with what, how much and when: fields of an event and their evidence.

``data/acts.csv`` says for each instrument what kind of actor and target it has and which sizes
belong to it. A field that no words give stays empty.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from monazite.desk import shipped
from monazite.desk.dates import DateMention
from monazite.desk.gazetteer import FOR_A_STATE, Kind, Mention, find
from monazite.desk.quantities import Quantity, QuantityKind
from monazite.desk.schema import EVERYBODY, Magnitude, Page, Zone
from monazite.desk.sentences import Sentence

TO = frozenset("to against toward towards on for at into buyers customers bound".split())
"""Words before a state that is aimed at."""
FROM = frozenset("from by of out".split())
OWNER, NEAR = 1.2, 40
"""What owning the act adds for a name within so many characters before it."""
LEAD, EACH = 3.0, 0.3
"""Weight of a mention in the first sentence, and of every mention, for what a page is about."""
MOST_SIZES = 4
"""Sizes of one event; more are a list of figures."""


@dataclass(frozen=True, slots=True)
class Act:
    """What an instrument's fields are made of.

    ``doer`` : state, company, parties, states, union, armed or court. ``aimed`` : what its
    target is. ``status`` : where the words say no more than that it is real; ``is_fixed`` : that
    does not depend on how it is told. ``sizes`` : kinds that belong to it.
    """

    doer: str
    aimed: str
    status: str
    is_fixed: bool
    sizes: frozenset[str]


@cache
def acts() -> Mapping[str, Act]:
    """Return the table of acts by instrument."""
    rows = shipped.rows("acts.csv")
    return MappingProxyType(
        {
            row["instrument"]: Act(
                row["doer"],
                row["aimed"],
                row["status"],
                row["told"] == "always",
                frozenset(row["sizes"].split()),
            )
            for row in rows
        }
    )


@dataclass(frozen=True, slots=True)
class Story:
    """What a page is about as a whole, for sentences that leave it unsaid.

    ``states``, ``companies``, ``minerals`` : by weight, the first mentioned before others; where
    no mineral is named, those that its mines and firms are known for.
    ``sites`` : states where its mines and plants lie. ``home`` : state of the newspaper that
    writes, whose ministries need no name. ``record`` : dates behind the labels of a database.
    ``starts`` : where the sentences begin.
    """

    page: Page
    sentences: tuple[Sentence, ...]
    states: tuple[str, ...]
    companies: tuple[str, ...]
    minerals: tuple[str, ...]
    sites: tuple[str, ...]
    home: str
    record: Mapping[str, DateMention]
    starts: tuple[int, ...]

    @property
    def is_in_scope(self) -> bool:
        """Whether the page names a critical mineral, or a mine or firm that is known for one."""
        return bool(self.minerals) or any(
            name.commodities and name.kind in (Kind.COMPANY, Kind.SITE)
            for part in self.sentences
            for name in part.names
        )

    @classmethod
    def from_sentences(cls, page: Page, parts: tuple[Sentence, ...]) -> "Story":
        """Weigh what the sentences name; the first sentences count most."""
        states, companies, minerals, sites, known = (
            defaultdict[str, float](float) for _ in range(5)
        )
        for part in parts:
            share = EACH + LEAD / (1 + part.number)
            for name in part.names:
                if name.kind in (Kind.COMPANY, Kind.SITE):
                    _add(known, name.commodities, share)
                if name.kind in FOR_A_STATE:
                    _add(states, name.states, share)
                elif name.kind is Kind.COMPANY:
                    companies[name.name] += share
                elif name.kind is Kind.SITE:
                    _add(sites, name.states, share)
                elif name.kind is Kind.COMMODITY and name.in_scope:
                    _add(minerals, name.commodities, share)
        goods = _ranked(minerals or known)
        return cls(
            page, parts, _ranked(states), _ranked(companies), goods, _ranked(sites),
            _home(page), _record(page, parts), tuple(part.start for part in parts),
        )  # fmt: skip


_SIGNED = (Zone.BYLINE, Zone.SOURCE, Zone.PUBLISHED)


def _home(page: Page) -> str:
    """Return the state of the newspaper that signs the page, or nothing."""
    for words in page.words(*_SIGNED):
        for name in find(words):
            if name.kind is Kind.NEWSPAPER and name.states:
                return name.states[0]
    return ""


def _add(weights: dict[str, float], names: Sequence[str], share: float) -> None:
    for name in dict.fromkeys(names):
        weights[name] += share


def _ranked(weights: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(weights, key=lambda name: -weights[name]))


@cache
def _labels() -> Mapping[str, str]:
    table = shipped.toml("record_fields.toml")
    return {label: field for field, labels in table.items() for label in labels}


_LABEL = re.compile(r"(?:^|[|;•\n])\s*([A-Za-z][A-Za-z ]{2,30}?)\s*:\s*\Z")


def _record(page: Page, parts: Iterable[Sentence]) -> dict[str, DateMention]:
    """Return dates that stand behind the labels of a record, by field."""
    found: dict[str, DateMention] = {}
    for sentence in parts:
        for mention in sentence.dates:
            label = _LABEL.search(page.text, max(0, mention.start - 40), mention.start)
            field = _labels().get(label[1].strip().lower()) if label else None
            if field is not None:
                found.setdefault(field, mention)
    return found


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a field. ``mention`` : the words; None where the page as a whole says so."""

    id: str
    mention: Mention | None = None


def minerals(sentence: Sentence) -> Iterator[tuple[str, Mention]]:
    """Yield minerals in scope that a sentence names, each once."""
    seen = set()
    for name in sentence.names:
        if name.kind is Kind.COMMODITY and name.in_scope:
            for good in name.commodities:
                if good not in seen:
                    seen.add(good)
                    yield good, name


def before(story: Story, mention: Mention, words: int = 2) -> tuple[str, ...]:
    """Return the last words before a mention, small."""
    text = story.page.text[max(0, mention.start - 40) : mention.start].lower()
    return tuple(text.replace("(", " ").replace("“", " ").split()[-words:])


def after(story: Story, mention: Mention) -> str:
    """Return the word behind a mention, small."""
    text = story.page.text[mention.end : mention.end + 30].lower()
    return next(iter(text.split()), "")


def states(story: Story, sentence: Sentence) -> Iterator[tuple[str, Mention]]:
    """Yield states and groups that a sentence names; a dateline names none."""
    for name in sentence.names:
        if name.kind in FOR_A_STATE and not _is_dateline(story, sentence, name):
            yield from ((state, name) for state in name.states)


def _is_dateline(story: Story, sentence: Sentence, name: Mention) -> bool:
    """Whether a capital stands where a wire names the place of writing: ``JAKARTA --``."""
    text = story.page.text
    first = text[name.start : name.end]
    if name.start - sentence.start > 3 or name.kind not in (Kind.CAPITAL, Kind.STATE):
        return False
    following = text[name.end : name.end + 30]
    return (
        first.isupper()
        and len(first) > 3
        and any(m in following for m in ("—", "–", "- ", ":", "("))
    )


def actors(
    story: Story, instrument: str, sentence: Sentence, trigger: tuple[int, int]
) -> list[Party]:
    """Return who does the act: from its sentence, else from the page."""
    return _DOERS[acts()[instrument].doer](story, sentence, trigger)


def _state_doer(story: Story, sentence: Sentence, trigger: tuple[int, int]) -> list[Party]:
    best: tuple[float, Party] | None = None
    if _OPENS_WITH_PRONOUN.match(story.page.text, sentence.start):
        earlier = _said_before(story, sentence)
        if earlier is not None:
            return [earlier]
    for state, name in states(story, sentence):
        score = _subjecthood(story, sentence, name, trigger)
        if best is None or score > best[0]:
            best = (score, Party(state, name))
    if best is not None and best[0] > 0:
        return [best[1]]
    body = next((n for n in sentence.names if n.kind is Kind.BODY and not n.states), None)
    if body is not None and story.home:
        return [Party(story.home, body)]
    aimed = {state for state, name in states(story, sentence) if _is_aimed_at(story, name)}
    return [Party(state) for state in story.states if state not in aimed][:1]


_OPENS_WITH_PRONOUN = re.compile(r"(?:It|They|He|She)\b(?! is\b| was\b| would be\b)")


def _said_before(story: Story, sentence: Sentence) -> Party | None:
    """Return the state that the sentence before is about, for one that says ``it``."""
    if not sentence.number:
        return None
    earlier = story.sentences[sentence.number - 1]
    found = [name for _, name in states(story, earlier) if not _is_aimed_at(story, name)]
    return Party(found[0].states[0], found[0]) if found else None


def _is_aimed_at(story: Story, name: Mention) -> bool:
    """Whether the words before a state aim at it: ``to the``, ``bound for``; its own are not."""
    if _owns(story, name):
        return False
    words = [word for word in before(story, name, 3) if word not in _ARTICLES]
    return bool(words) and words[-1] in TO


def _owns(story: Story, name: Mention) -> bool:
    """Whether a name owns what follows: ``China's controls``."""
    return story.page.text[name.end : name.end + 2] in ("'s", "’s", "s'", "s’")


_OTHERS = frozenset(
    "companies firms buyers customers users entities importers goods imports products exports "
    "magnets minerals market markets rivals officials".split()
)
"""What a state's own name before it does not act through: ``American entities``."""
_ARTICLES = frozenset({"the", "all", "most", "both", "some"})


_STANDS = MappingProxyType({Kind.BODY: 1.6, Kind.PERSON: 1.3, Kind.CAPITAL: 1.2, Kind.STATE: 1.0})
"""How well a kind of name stands for a state that acts."""
_LINKS = MappingProxyType({"by": 0.8, "in": -0.4, "of": -0.4, "with": -0.4})
"""What the word before a name adds."""


def _subjecthood(
    story: Story, sentence: Sentence, name: Mention, trigger: tuple[int, int]
) -> float:
    """Score how much a mention looks like the one who acts."""
    last = next(iter(before(story, name, 1)), "")
    score = _STANDS.get(name.kind, 0.8) + _LINKS.get(last, 0.0)
    if name.kind is not Kind.BODY:
        score -= 2.5 * _is_aimed_at(story, name) + 0.4 * (last == "from")
    if name.kind is Kind.ADJECTIVE and after(story, name) in _OTHERS:
        score -= 1.5
    score += OWNER * (_owns(story, name) and 0 <= trigger[0] - name.end < NEAR)
    score += 0.5 * (name.start < trigger[0]) + 0.4 * (name.start - sentence.start < 12)
    return score + 0.3 * (name.states[:1] == story.states[:1])


def _company_doer(story: Story, sentence: Sentence, trigger: tuple[int, int]) -> list[Party]:
    named = [name for name in sentence.names if name.kind is Kind.COMPANY]
    if named:
        near = min(named, key=lambda name: (name.start > trigger[0], abs(name.start - trigger[0])))
        return [Party(near.name, near)]
    if story.companies:
        return [Party(story.companies[0])]
    return []


def _union_doer(story: Story, sentence: Sentence, trigger: tuple[int, int]) -> list[Party]:
    for part in (sentence, *story.sentences):
        for name in part.names:
            if name.kind is Kind.UNION:
                return [Party(name.name, name)]
    return []


def _armed_doer(story: Story, sentence: Sentence, trigger: tuple[int, int]) -> list[Party]:
    for part in (sentence, *story.sentences):
        for name in part.names:
            if name.kind is Kind.ARMED_GROUP:
                return [Party(name.name, name)]
    return _state_doer(story, sentence, trigger)


def _court_doer(story: Story, sentence: Sentence, trigger: tuple[int, int]) -> list[Party]:
    for name in sentence.names:
        if name.kind is Kind.COURT or "WTO" in name.states:
            return [Party(next(iter(name.states), name.name), name)]
    return _state_doer(story, sentence, trigger)


def _states_doer(story: Story, sentence: Sentence, trigger: tuple[int, int]) -> list[Party]:
    found: dict[str, Party] = {}
    for state, name in states(story, sentence):
        found.setdefault(state, Party(state, name))
    if len(found) < 2:
        for state in story.states[:2]:
            found.setdefault(state, Party(state))
    return list(found.values())[:4]


def _parties_doer(story: Story, sentence: Sentence, trigger: tuple[int, int]) -> list[Party]:
    found = {n.name: Party(n.name, n) for n in sentence.names if n.kind is Kind.COMPANY}
    if len(found) < 2:
        found |= {name: Party(name) for name in story.companies[:2] if name not in found}
    if len(found) < 2:
        for party in _state_doer(story, sentence, trigger):
            found.setdefault(party.id, party)
    return list(found.values())[:3]


Doer = Callable[[Story, Sentence, tuple[int, int]], list[Party]]
_DOERS: Mapping[str, Doer] = MappingProxyType(
    {
        "state": _state_doer, "company": _company_doer, "union": _union_doer,
        "armed": _armed_doer, "court": _court_doer, "states": _states_doer,
        "parties": _parties_doer,
    }
)  # fmt: skip


def targets(
    story: Story, instrument: str, sentence: Sentence, trigger: tuple[int, int],
    acting: Sequence[Party],
) -> list[Party]:  # fmt: skip
    """Return who is aimed at: ``*`` where the words single nobody out."""
    aimed = acts()[instrument].aimed
    doing = {party.id for party in acting}
    if aimed in ("parties", "states"):
        return list(acting)
    if aimed in ("buyers", "sellers", "named"):
        found = [p for p in _aimed_states(story, sentence, aimed) if p.id not in doing]
        if aimed == "named" and not found:
            found = [p for p in _companies(sentence) if p.id not in doing]
        return found or [Party(EVERYBODY)]
    if aimed == "company":
        return _aimed_company(story, sentence, doing)
    if aimed in ("site", "struck"):
        struck = _companies(sentence) if aimed == "struck" else []
        return [*struck, *_site_states(story, sentence)]
    return [Party(EVERYBODY)]


def _companies(sentence: Sentence) -> list[Party]:
    return list(
        {n.name: Party(n.name, n) for n in sentence.names if n.kind is Kind.COMPANY}.values()
    )


def _aimed_states(story: Story, sentence: Sentence, aimed: str) -> Iterator[Party]:
    seen = set()
    for state, name in states(story, sentence):
        words = [word for word in before(story, name, 3) if word not in _ARTICLES]
        is_aimed = bool(words) and words[-1] in (TO if aimed != "sellers" else TO | FROM)
        if aimed == "sellers" and name.kind is Kind.ADJECTIVE:
            is_aimed = True
        if aimed == "buyers" and name.kind is Kind.ADJECTIVE:
            is_aimed = after(story, name) in _BUYERS
        if is_aimed and state not in seen:
            seen.add(state)
            yield Party(state, name)


_BUYERS = frozenset(
    "companies firms buyers customers users military defence defense end entities importers".split()
)


def _aimed_company(story: Story, sentence: Sentence, doing: set[str]) -> list[Party]:
    found = [party for party in _companies(sentence) if party.id not in doing]
    if found:
        return found[:3]
    rest = [Party(name) for name in story.companies if name not in doing]
    return rest[:1] or [Party(EVERYBODY)]


def _site_states(story: Story, sentence: Sentence) -> list[Party]:
    for name in sentence.names:
        if name.kind is Kind.SITE and name.states:
            return [Party(name.states[0], name)]
    if story.sites:
        return [Party(story.sites[0])]
    for state, name in states(story, sentence):
        if name.kind is not Kind.GROUP:
            return [Party(state, name)]
    return [Party(state) for state in story.states[:1]]


_NAMED = {QuantityKind.DURATION: "time", QuantityKind.RATE: "mass"}


def sizes(instrument: str, told: Iterable[Sentence]) -> list[tuple[Magnitude, Quantity]]:
    """Return sizes of the kinds that belong to an instrument, as its sentences give them."""
    found = [size for sentence in told for size in sentence.sizes if belongs(size, instrument)]
    return [(Magnitude(value=size.value, unit=size.unit), size) for size in found[:MOST_SIZES]]


def belongs(size: Quantity, instrument: str) -> bool:
    """Whether a size is of a kind that belongs to an instrument."""
    return _NAMED.get(size.kind, size.kind.value) in acts()[instrument].sizes
