"""Footnotes: every number of a briefing cites one, and citing an unknown one raises.

A reference is ``kind:id``. Sources (S) are numbered as they are cited, methods (M) too;
assumptions (A) keep the order of their files, and rows of a file that were assumed for the same
reason share a number. Methods say what they rest on in turn.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from monazite.briefing.content import AssumedFigure, BriefingData, provenances
from monazite.briefing.numbers import significant
from monazite.errors import UnknownCodeError
from monazite.network import Provenance
from monazite.reference.source import Source

SOURCE, ASSUMPTION, METHOD = "source", "assumption", "method"
"""Kinds of notes, the first half of a reference."""

LETTERS = {SOURCE: "S", ASSUMPTION: "A", METHOD: "M"}
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
        Whose sources, assumptions and network rows can be cited.
    """

    def __init__(self, data: BriefingData) -> None:
        self._data = data
        self._methods = _methods()
        self._groups = _grouped(data.assumptions)
        self._assumptions = {
            item.id: number for number, group in enumerate(self._groups, start=1) for item in group
        }
        self._cited: dict[str, list[str]] = {SOURCE: [], METHOD: []}
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

    # The lists at the end

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
            _assumed(self._mark(f"{ASSUMPTION}:{group[0].id}"), group) for group in self._groups
        )

    def _method(self, name: str) -> Method:
        entry = self._methods[name]
        rows = [p for kind in entry["rests_on"] for p in self._provenances.get(kind, ())]
        references = dict.fromkeys(r for row in rows for r in self.of_row(row))
        marks = [self._mark(r) for r in references if not r.startswith(METHOD)]
        grades = [row.grade for row in rows]
        return Method(
            mark=self._mark(f"{METHOD}:{name}"),
            title=entry["title"],
            text=entry["text"],
            sources=_spans(mark for mark in marks if mark.label[0] == LETTERS[SOURCE]),
            assumptions=_spans(mark for mark in marks if mark.label[0] == LETTERS[ASSUMPTION]),
            grades={grade: grades.count(grade) for grade in sorted(set(grades))},
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


def _assumed(mark: Mark, group: Sequence[AssumedFigure]) -> Assumed:
    first = group[0]
    more = f", and {len(group) - 1} more" if len(group) > 1 else ""
    return Assumed(
        mark, first.what + more, _value_range(group), first.unit, first.reason, _rows(group)
    )


def _value_range(group: Sequence[AssumedFigure]) -> str:
    values = list(dict.fromkeys(item.value for item in group))
    if len(values) == 1:
        return _readable(values[0])
    try:
        found = sorted(float(value) for value in values)
    except ValueError:
        return "several"
    return f"{significant(found[0])} to {significant(found[-1])}"


def _readable(value: str) -> str:
    try:
        return significant(float(value))
    except ValueError:
        return value


def _rows(group: Sequence[AssumedFigure]) -> str:
    """Name the rows of a group: the file, and its lines or entries."""
    file = group[0].id.rpartition(":")[0]
    if len(group) == 1 or not file:
        return group[0].id
    entries = [item.id.rpartition(":")[2] for item in group]
    if not all(name.isdecimal() for name in entries):
        return f"{file}: {', '.join(entries)}"
    lines = sorted(map(int, entries))
    runs: list[list[int]] = []
    for line in lines:
        if runs and line <= runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    spans = [f"{start}–{end}" if end > start else str(start) for start, end in runs]
    return f"{file}, lines {', '.join(spans)}"


def _anchor(kind: str, name: str) -> str:
    return f"note-{kind}-{_NOT_IN_ANCHOR.sub('-', name)}"


@cache
def _methods() -> dict[str, Any]:
    file = files("monazite.briefing") / "templates" / "methods.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
