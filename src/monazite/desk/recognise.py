"""What happened: acts and shocks that a page tells, each with the words it rests on.

Sentences that tell one act are put together (`telling`), a judge says whether it is news of the
page (`judge`), and its fields are read from those sentences (`attribution`, `timing`). What the
words do not give stays empty.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from monazite.desk import attribution, cues
from monazite.desk.attribution import Story, acts
from monazite.desk.gazetteer import Kind, Mention, folded
from monazite.desk.judge import chance, traits
from monazite.desk.quantities import Quantity
from monazite.desk.schema import (
    INSTRUMENTS,
    STATUSES,
    Direction,
    Event,
    Evidence,
    Page,
    Precision,
    Role,
)
from monazite.desk.sentences import sentences
from monazite.desk.telling import CLASSES, Candidate, Cluster, gather
from monazite.desk.timing import Timing, timing

LEAST = 0.2
"""Chance below which an event is not worth a person's look."""
MAIN = 0.38
"""Chance from which an event is the page's news: by folds of the training pages F1 is flat from
0.36 to 0.42."""
LIST = 3
"""Minerals that make a list, and sentences within which it belongs to an act."""
_PLAIN = frozenset(
    {"announced", "in_force", "occurred", "declared", "ruled", "signed", "approved", "adopted"}
)
"""Statuses of acts that are told as real, with nothing that hedges them."""
_EASED = frozenset({"suspended", "ended", "ending", "reduced", "licences_granted", "dropped"})
"""Statuses of acts that no longer hold, or hold less."""
_KNOWN = (Kind.COMPANY, Kind.SITE)
"""Kinds of names that stand for the minerals they are known for."""
_DATED = frozenset({"export", "import", "production", "rights"})
"""Families of instruments that hold from a day on."""
_LISTED = frozenset({"export", "deal", "bloc"})
"""Families whose minerals are often listed in a sentence of their own."""
_CHANGED = frozenset({"production_quota", "export_quota"})
"""Instruments of which a size says whether they tighten or ease."""


def recognise(page: Page) -> tuple[Event, ...]:
    """Find the acts and shocks that a page tells.

    Parameters
    ----------
    page : Page
        As `monazite.desk.page` read it; only its own story is looked at.

    Returns
    -------
    tuple of Event
        The page's news first, by confidence; then what it tells beside or before it.
    """
    story = Story.from_sentences(page, sentences(page))
    if not story.is_in_scope:
        return ()
    clusters = gather(story)
    judged = [_judged(story, cluster, clusters) for cluster in clusters]
    kept = sorted((act for act in judged if act.sure >= LEAST), key=lambda act: -act.sure)
    real = {act.family for act in kept if act.sure >= MAIN and not act.is_denied}
    return tuple(
        _event(story, act, number, is_remark=act.is_denied and act.family in real)
        for number, act in enumerate(kept, start=1)
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """An act, its dates and how sure it is that it is the page's news.

    ``is_denied`` : its own words say that it is not so: ``does not forbid``.
    """

    cluster: Cluster
    when: Timing
    sure: float
    is_denied: bool

    @property
    def family(self) -> str:
        """The family of its instrument."""
        return INSTRUMENTS[self.cluster.best.instrument].family


def _judged(story: Story, cluster: Cluster, clusters: Sequence[Cluster]) -> Judged:
    best = cluster.best
    when = timing(story, best.instrument, cluster.sure, cluster.status)
    sure = chance(traits(story, cluster, clusters, when))
    return Judged(cluster, when, sure, best.grammar > 0 and _is_denied(story, best))


def _is_denied(story: Story, best: Candidate) -> bool:
    """Whether the words that name an act are denied; of English the ear hears that by itself."""
    first, last = best.trigger
    told = best.sentence
    if told.language == "en":
        return False
    named = [cue for cue in told.cues if first <= cue.start and cue.end <= last]
    return cues.is_denied(folded(story.page.text), named, told.language)


def _event(story: Story, act: Judged, number: int, *, is_remark: bool) -> Event:
    """Write an act down. ``is_remark`` : it is denied only to say what another act is not."""
    cluster, when, sure = act.cluster, act.when, act.sure
    best = cluster.best
    status = "denied" if act.is_denied else _settled(story, cluster, when)
    goods = minerals_of(story, cluster)
    sized = attribution.sizes(best.instrument, cluster.sure)
    changes = [magnitude.value for magnitude, _ in sized if magnitude.unit == "%"]
    return Event(
        id=f"{story.page.id}:{number}",
        instrument=best.instrument,
        direction=_direction(best.instrument, status, changes),
        status=status,
        role=Role.BACKGROUND if is_remark else _role(story, best, sure),
        actor=tuple(dict.fromkeys(party.id for party in best.actors)),
        actor_name=_actor_name(best),
        target=tuple(dict.fromkeys(party.id for party in best.targets)),
        commodities=tuple(good for good, _ in goods),
        date=when.date,
        effective=when.effective,
        end=when.end,
        magnitude=tuple(magnitude for magnitude, _ in sized),
        place=_place(cluster),
        confidence=round(sure, 3),
        evidence=(
            _cited(story, "event", best.sentence.start, best.sentence.end),
            _cited(story, "instrument", *best.trigger),
            *_parties(story, best),
            *(_named(story, "commodities", name) for _, name in goods if name is not None),
            *(_named(story, "magnitude", size) for _, size in sized),
            *(_cited(story, *place) for place in when.places),
        ),
    )


def _role(story: Story, best: Candidate, sure: float) -> Role:
    is_past = _is_past(story, best)
    if sure >= MAIN and not is_past:
        return Role.MAIN
    return Role.BACKGROUND if is_past or best.new < 0 else Role.SECONDARY


_VAGUE = re.compile(
    r"\b(?:recently|previously|in recent (?:weeks|months|years)|earlier this (?:year|month)|"
    r"last (?:year|month)|years? ago|months ago|in the past|had (?:already )?been)\b",
    re.IGNORECASE,
)


def _is_past(story: Story, best: Candidate) -> bool:
    """Whether a later sentence tells an act as of old, and gives it no day of its own."""
    told = best.sentence
    if told.number < 2 or any(m.precision is Precision.DAY for m in told.dates):
        return False
    return _VAGUE.search(story.page.text, told.start, told.end) is not None


# --- status ----------------------------------------------------------------------------------

_NO = re.compile(r"\b(?:no|without any|without)\s+(?:\w+\s+)?\Z", re.IGNORECASE)
_REACH = 24
"""Characters before the words that name an act in which a ``no`` denies it."""


def _settled(story: Story, cluster: Cluster, when: Timing) -> str:
    """Return a status that agrees with the instrument and with the day the act holds from."""
    status, instrument = cluster.status, cluster.best.instrument
    if status not in _PLAIN:
        return status
    usual, family = acts()[instrument], INSTRUMENTS[instrument].family
    if usual.is_fixed and STATUSES[usual.status] is not STATUSES[status]:
        return usual.status
    if family == "import" and any(_is_negated(story, part) for part in cluster.parts):
        return "not_imposed"
    if when.is_over:
        return "ended"
    if family not in _DATED or instrument == "trade_talks":
        return status
    return _by_day(status, False if when.is_at_once else when.is_ahead)


def _by_day(status: str, is_ahead: bool | None) -> str:
    """Return the status of a rule by whether the day it holds from lies ahead."""
    if is_ahead is None or is_ahead == (status == "announced"):
        return status
    return "announced" if is_ahead else "in_force"


def _is_negated(story: Story, part: Candidate) -> bool:
    """Whether the words that name an act have a ``no`` in front: ``no tariff takes effect``."""
    start = part.trigger[0]
    before = _NO.search(story.page.text, max(0, start - _REACH), start)
    return part.grammar > 0 and before is not None


def _direction(instrument: str, status: str, changes: Sequence[float]) -> Direction:
    """Return what the act does to supply, its status considered."""
    usual = INSTRUMENTS[instrument].direction
    if status in _EASED:
        return Direction.RESTORE if usual is Direction.DISRUPT else Direction.EASE
    if instrument in _CHANGED and changes:
        return Direction.EASE if changes[0] > 0 else Direction.TIGHTEN
    return usual


# --- fields and their words ------------------------------------------------------------------


def minerals_of(story: Story, cluster: Cluster) -> list[tuple[str, Mention | None]]:
    """Return the minerals that an act is about, and where they are named.

    They are those of its sentences; where these name none, the mineral that the page is about.
    """
    for told in (cluster.sure, [part.sentence for part in cluster.parts]):
        found: dict[str, Mention | None] = {}
        for sentence in told:
            for good, name in attribution.minerals(sentence):
                found.setdefault(good, name)
        if found:
            return list((found | _spelled_out(story, cluster, found)).items())
    return [(good, _first_named(story, good)) for good in story.minerals[:1]]


def _spelled_out(
    story: Story, cluster: Cluster, found: Mapping[str, Mention | None]
) -> dict[str, Mention]:
    """Return the single minerals that a sentence near by lists for a class of them.

    An order on "seven rare earths" is often told in one sentence and its list in another.
    """
    if INSTRUMENTS[cluster.best.instrument].family not in _LISTED or not CLASSES & found.keys():
        return {}
    near = {
        part.sentence.number + step for part in cluster.parts for step in range(-LIST, LIST + 1)
    }
    for sentence in story.sentences:
        listed = dict(attribution.minerals(sentence))
        if sentence.number in near and len(listed.keys() - CLASSES) >= LIST:
            return listed
    return {}


def _first_named(story: Story, good: str) -> Mention | None:
    """Return where a mineral is named first, or else a mine or firm that is known for it."""
    named = (pair for sentence in story.sentences for pair in attribution.minerals(sentence))
    names = (name for sentence in story.sentences for name in sentence.names)
    return next((name for other, name in named if other == good), None) or next(
        (name for name in names if name.kind in _KNOWN and good in name.commodities), None
    )


def _first_mention(story: Story, party: str) -> Mention | None:
    """Return where the page first names a party that the act's own sentence leaves unsaid."""
    names = (name for sentence in story.sentences for name in sentence.names)
    return next((n for n in names if party == n.name or party in n.states), None)


def _actor_name(best: Candidate) -> str | None:
    for party in best.actors:
        if party.mention is not None and party.mention.kind in (Kind.BODY, Kind.PERSON):
            return party.mention.name
    return None


def _place(cluster: Cluster) -> str | None:
    for part in cluster.parts:
        for name in part.sentence.names:
            if name.kind is Kind.SITE:
                where = f" ({name.states[0]})" if name.states else ""
                return f"{name.name}{where}"
    return None


def _parties(story: Story, best: Candidate) -> Iterator[Evidence]:
    for field, parties in (("actor", best.actors), ("target", best.targets)):
        for party in parties:
            name = party.mention or _first_mention(story, party.id)
            if name is not None:
                yield _named(story, field, name)


def _named(story: Story, field: str, words: Mention | Quantity) -> Evidence:
    return _cited(story, field, words.start, words.end)


def _cited(story: Story, field: str, start: int, end: int) -> Evidence:
    """Return the words that a field rests on."""
    place = bisect_right(story.starts, start) - 1
    return Evidence(
        field=field, zone=story.sentences[place].zone, start=start, end=end,
        text=story.page.text[start:end],
    )  # fmt: skip
