"""Footnotes: every number of a briefing cites one, and citing an unknown one raises.

A reference is ``kind:id``. Sources (S) are numbered as they are cited, methods (M) too;
assumptions (A) keep the order of their files, and rows of a file that were assumed for the same
reason share a number. Methods say what they rest on in turn. Words of a page that was read (P) are
numbered as they are cited.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from monazite.briefing.content import (
    SEVERAL,
    AssumedFigure,
    BriefingData,
    commodity_name,
    provenances,
)
from monazite.briefing.language import ENGLISH, Language
from monazite.briefing.numbers import Writing
from monazite.desk.schema import Event, Evidence, Page
from monazite.errors import InputError, UnknownCodeError
from monazite.network import Provenance
from monazite.reference.source import Source

if TYPE_CHECKING:
    from monazite.desk.measures import Drafted

SOURCE, ASSUMPTION, METHOD, PAGE = "source", "assumption", "method", "page"
"""Kinds of notes, the first half of a reference."""

LETTERS = {SOURCE: "S", ASSUMPTION: "A", METHOD: "M", PAGE: "P"}
"""What stands in front of a note's number."""

OWN_WORD = frozenset({"user", ""})
"""Sources that mean: whoever made the network or the scenario answers for it."""

ASSUMED = frozenset({"assumed", "monazite-assumptions"})
"""Sources that mean: nobody published it."""

_NOT_IN_ANCHOR = re.compile(r"[^A-Za-z0-9_.-]+")
_SOURCE_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation as the reader sees it: where it leads and what it is called, as in ``S3``."""

    anchor: str
    label: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a page that a field of an event rests on."""

    page: Page
    event: Event
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Assumed:
    """Rows of one file that were assumed for the same reason.

    ``value`` : what they hold, in `unit`; the range where there are several.
    """

    mark: Mark
    what: str
    value: str
    unit: str
    reason: str
    rows: str


@dataclass(frozen=True, slots=True)
class Method:
    """How figures were computed, and on what that rests."""

    mark: Mark
    title: str
    text: str
    sources: tuple[Mark, ...]
    assumptions: tuple[Mark, ...]
    grades: Mapping[str, int]


class Notes:
    """The footnotes of one briefing.

    Parameters
    ----------
    data : BriefingData
        Whose sources, assumptions, network rows and pages can be cited.
    language : Language
        In which the notes are written.
    """

    def __init__(self, data: BriefingData, language: Language = ENGLISH) -> None:
        self._data = data
        self._write = Writing(language)
        self.evidence = evidence_of(data.reading) if data.reading is not None else {}
        self._methods = _methods()
        self._groups = _grouped(data.assumptions)
        self._assumptions = {
            item.id: number for number, group in enumerate(self._groups, start=1) for item in group
        }
        self._cited: dict[str, list[str]] = {SOURCE: [], METHOD: [], PAGE: []}
        self._provenances = provenances(data.network)
        self._uses = {
            (use.region, use.name, use.commodity): use.provenance for use in data.network.uses
        }
        self._prices = {
            (price.commodity, price.region): price.provenance for price in data.network.base_prices
        }

    def cite(self, *references: str) -> tuple[Mark, ...]:
        """Return the marks of references, numbering notes that were not cited before.

        Raises
        ------
        UnknownCodeError
            If a reference leads nowhere.
        """
        return tuple(self._mark(reference) for reference in dict.fromkeys(references))

    def _mark(self, reference: str) -> Mark:
        kind, _, name = reference.partition(":")
        known = self._known(kind)
        if name not in known:
            raise UnknownCodeError(
                kind or "reference", name, known, where=f"briefing of {self._data.scenario.name}"
            )
        if kind == ASSUMPTION:
            number = self._assumptions[name]
            name = str(number)
        else:
            cited = self._cited[kind]
            if name not in cited:
                cited.append(name)
            number = cited.index(name) + 1
        return Mark(_anchor(kind, name), f"{LETTERS[kind]}{number}")

    def _known(self, kind: str) -> Iterable[str]:
        known: dict[str, Iterable[str]] = {
            SOURCE: self._data.sources,
            ASSUMPTION: self._assumptions,
            METHOD: self._methods,
            PAGE: self.evidence,
        }
        return known.get(kind, ())

    # What rows of the network and of the scenario rest on

    def of_row(self, provenance: Provenance) -> tuple[str, ...]:
        """Return the references of a row: its assumption, its sources, or its maker's word."""
        if provenance.where in self._assumptions:
            return (f"{ASSUMPTION}:{provenance.where}",)
        if provenance.source in OWN_WORD or provenance.source in ASSUMED:
            return (f"{METHOD}:user",)
        return tuple(f"{SOURCE}:{name}" for name in _SOURCE_ID.findall(provenance.source))

    def of_use(self, region: str, use: str, commodity: str) -> tuple[str, ...]:
        """Return the references of a use's demand."""
        return self.of_row(self._uses.get((region, use, commodity), Provenance()))

    def of_price(self, commodity: str) -> tuple[str, ...]:
        """Return the references of a commodity's base prices, in every region."""
        rows = {p for (code, _), p in self._prices.items() if code == commodity}
        found = [reference for row in sorted(rows, key=str) for reference in self.of_row(row)]
        return tuple(dict.fromkeys(found)) or (f"{METHOD}:user",)

    def of_words(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return the references of a text with those sources: its writer's word without any."""
        named = [name for name in sources if name not in OWN_WORD | ASSUMED]
        if not named:
            return (f"{METHOD}:scenario",)
        return tuple(f"{SOURCE}:{name}" for name in named)

    def of_event(self, event: Event, fields: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the references of some fields of an event, of all of them where none is quoted.

        What quotes nothing at all rests on how pages are read.
        """
        own = [(name, item) for name, item in self.evidence.items() if item.event is event]
        wanted = set(fields)
        chosen = [name for name, item in own if item.evidence.field in wanted]
        found = chosen or [name for name, _ in own]
        return tuple(f"{PAGE}:{name}" for name in found) or (f"{METHOD}:reading",)

    # The lists at the end

    def quotes(self) -> tuple[tuple[Mark, Quoted], ...]:
        """Return the words of pages that were cited, by number."""
        return tuple(
            (self._mark(f"{PAGE}:{name}"), self.evidence[name]) for name in self._cited[PAGE]
        )

    def cite_rows(self) -> None:
        """Cite what every row of the network and every text rests on, shown or not."""
        data = self._data
        scenario = data.scenario
        texts = [scenario.sources, *(item.sources for item in scenario.measures)]
        texts += [item.sources for item in data.remedies]
        texts += [item.sources for item in scenario.limits]
        for sources in texts:
            self.cite(*self.of_words(sources))
        for rows in self._provenances.values():
            for row in rows:
                self.cite(*self.of_row(row))

    def methods(self) -> tuple[Method, ...]:
        """Return the methods that were cited; what they rest on is cited by that."""
        return tuple(self._method(name) for name in self._cited[METHOD])

    def sources(self) -> tuple[tuple[Mark, Source], ...]:
        """Return the sources that were cited, by number."""
        return tuple(
            (self._mark(f"{SOURCE}:{name}"), self._data.sources[name])
            for name in self._cited[SOURCE]
        )

    def assumptions(self) -> tuple[Assumed, ...]:
        """Return all assumptions, cited or not: the reader should see them."""
        return tuple(
            self._assumed(self._mark(f"{ASSUMPTION}:{group[0].id}"), group)
            for group in self._groups
        )

    def _assumed(self, mark: Mark, group: Sequence[AssumedFigure]) -> Assumed:
        language, first = self._write.language, group[0]
        what = self._described(first)
        if len(group) > 1:
            n = language.decimal(len(group) - 1)
            what = language.gettext("%(what)s, and %(n)s more", what=what, n=n)
        return Assumed(
            mark,
            what,
            self._value_range(group),
            self._unit(first),
            self._reason(first),
            self._rows(group),
        )

    def _unit(self, item: AssumedFigure) -> str:
        return self._write.language.gettext(item.unit)

    def _reason(self, item: AssumedFigure) -> str:
        return self._write.language.gettext(item.reason)

    def _described(self, item: AssumedFigure) -> str:
        language = self._write.language
        if language.code == "en" or item.phrase is None:
            return item.what
        values = {key: self._value_named(key, value) for key, value in item.phrase.values}
        return language.gettext(item.phrase.message, **values)

    def _value_named(self, key: str, value: str) -> str:
        """Return what fills a place of a phrase, by the name of the place."""
        language = self._write.language
        if key in ("region", "origin", "destination"):
            return language.place_in_sentence(value)
        if key == "use":
            return language.use(value)
        if key == "commodity":
            return language.commodity(commodity_name(self._data.network, value))
        return language.stock(value) if key == "kind" else value

    def _value_range(self, group: Sequence[AssumedFigure]) -> str:
        values = list(dict.fromkeys(item.value for item in group))
        if len(values) == 1:
            return self._readable(group[0])
        try:
            found = sorted(float(value) for value in values)
        except ValueError:
            return self._write.language.gettext(SEVERAL)
        low, high = self._write.significant(found[0]), self._write.significant(found[-1])
        return self._write.language.gettext("%(low)s to %(high)s", low=low, high=high)

    def _readable(self, item: AssumedFigure) -> str:
        try:
            return self._write.significant(float(item.value))
        except ValueError:
            return self._write.language.gettext(item.value)

    def _rows(self, group: Sequence[AssumedFigure]) -> str:
        """Name the rows of a group: the file, and its lines or entries."""
        file = group[0].id.rpartition(":")[0]
        if len(group) == 1 or not file:
            return group[0].id
        entries = [item.id.rpartition(":")[2] for item in group]
        if not all(name.isdecimal() for name in entries):
            return f"{file}: {', '.join(entries)}"
        return self._write.language.gettext(
            "%(file)s, lines %(lines)s", file=file, lines=_line_spans(map(int, entries))
        )

    def _method(self, name: str) -> Method:
        entry = self._methods[name]
        rows = [p for kind in entry["rests_on"] for p in self._provenances.get(kind, ())]
        references = dict.fromkeys(r for row in rows for r in self.of_row(row))
        marks = [self._mark(r) for r in references if not r.startswith(METHOD)]
        grades = [row.grade for row in rows]
        title, text = map(self._write.language.gettext, (entry["title"], entry["text"]))
        return Method(
            mark=self._mark(f"{METHOD}:{name}"),
            title=title,
            text=text,
            sources=_spans(mark for mark in marks if mark.label[0] == LETTERS[SOURCE]),
            assumptions=_spans(mark for mark in marks if mark.label[0] == LETTERS[ASSUMPTION]),
            grades={grade: grades.count(grade) for grade in sorted(set(grades))},
        )


def evidence_of(reading: "Drafted") -> dict[str, Quoted]:
    """Return what the fields of events rest on, by event, field and number.

    Raises
    ------
    InputError
        If words that an event quotes stand in none of the pages.
    """
    return {
        f"{event.id}-{evidence.field}-{number}": Quoted(
            page_of(event, reading.pages), event, evidence
        )
        for event in reading.events
        for number, evidence in enumerate(event.evidence, start=1)
    }


def page_of(event: Event, pages: Iterable[Page]) -> Page:
    """Return the page that holds all that an event quotes.

    Raises
    ------
    InputError
        If none does.
    """
    for page in pages:
        if all(page.text[item.start : item.end] == item.text for item in event.evidence):
            return page
    raise InputError(
        "the words that it quotes stand in none of the pages",
        where=f"event {event.id}",
        way_out="read the page again: `monazite read`",
    )


def _spans(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Put marks in order; three or more in a row become one, as in ``A4–A26``."""
    runs: list[list[Mark]] = []
    for mark in sorted(set(marks), key=_number):
        if runs and _number(mark) == _number(runs[-1][-1]) + 1:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    spans: list[Mark] = []
    for run in runs:
        short = len(run) < 3
        spans += run if short else [Mark(run[0].anchor, f"{run[0].label}–{run[-1].label}")]
    return tuple(spans)


def _number(mark: Mark) -> int:
    return int(mark.label[1:])


def _grouped(assumptions: Iterable[AssumedFigure]) -> tuple[tuple[AssumedFigure, ...], ...]:
    """Gather rows of one file that have unit and reason in common, in the order of the first."""
    groups: dict[tuple[str, str, str], list[AssumedFigure]] = {}
    for item in assumptions:
        file = item.id.rpartition(":")[0] or item.id
        groups.setdefault((file, item.unit, item.reason), []).append(item)
    return tuple(map(tuple, groups.values()))


def _line_spans(numbers: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for line in sorted(numbers):
        if runs and line <= runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(f"{start}–{end}" if end > start else str(start) for start, end in runs)


def _anchor(kind: str, name: str) -> str:
    return f"note-{kind}-{_NOT_IN_ANCHOR.sub('-', name)}"


@cache
def _methods() -> dict[str, Any]:
    file = files("monazite.briefing") / "templates" / "methods.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
