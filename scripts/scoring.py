"""Compare events with labels: which were found, and how many of their fields are right.

An event and a label are taken for one when they agree in enough: the instrument (2 points, 1 for
one of the same family), an actor (2 points, half a point off where both name other ones), the
share of commodities in common (1 point). Pairs of 1.4 points or more are made greedily, the best
first. Labels of the roles secondary and background are neither asked for nor counted against.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from monazite.desk.schema import INSTRUMENTS, STATUSES

Record: TypeAlias = Mapping[str, Any]
LEAST = 1.4
ALONE = frozenset({"denied", "dropped", "not_imposed", "proposed"})
"""Statuses that must be met exactly."""


def read_records(path: Path) -> list[Record]:
    """Read labelled pages."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _set(values: Sequence[str]) -> set[str]:
    return {value.lower() for value in values}


def likeness(label: Record, event: Record) -> float:
    """Return the points on which a label and an event agree; 0 for other families."""
    mine, theirs = label["instrument"], event["instrument"]
    if INSTRUMENTS[mine].family != INSTRUMENTS[theirs].family:
        return 0.0
    points = 2.0 if mine == theirs else 1.0
    doing, done = _set(label["actor"]), _set(event["actor"])
    if doing & done:
        points += 2.0
    elif doing and done:
        points -= 0.5
    goods, named = _set(label["commodities"]), _set(event["commodities"])
    return points + len(goods & named) / max(len(goods | named), 1)


def matched(labels: Sequence[Record], events: Sequence[Record]) -> dict[int, int]:
    """Return for each event's number the number of its label."""
    pairs = sorted(
        (
            (likeness(label, event) + 0.5 * (label.get("role") == "main"), i, j)
            for i, label in enumerate(labels)
            for j, event in enumerate(events)
        ),
        reverse=True,
    )
    found: dict[int, int] = {}
    for points, i, j in pairs:
        if points >= LEAST and j not in found and i not in found.values():
            found[j] = i
    return found


@dataclass
class Score:
    """Counts over pages. ``fields`` : right and asked, by name."""

    found: int = 0
    missed: int = 0
    wrong: int = 0
    alarms: int = 0
    distractors: int = 0
    fields: dict[str, list[int]] = field(default_factory=dict)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall of main events."""
        return 2 * self.found / max(2 * self.found + self.missed + self.wrong, 1)

    def share(self, name: str) -> float:
        """Return the share of a field that is right."""
        right, asked = self.fields[name]
        return right / asked

    def __str__(self) -> str:
        precision = self.found / max(self.found + self.wrong, 1)
        recall = self.found / max(self.found + self.missed, 1)
        fields = " ".join(
            f"{name} {right / asked:.2f}" for name, (right, asked) in self.fields.items()
        )
        return (
            f"F1 {self.f1:.3f} (precision {precision:.3f}, recall {recall:.3f}), "
            f"alarms {self.alarms}/{self.distractors}; {fields}"
        )


def score(pages: Sequence[tuple[Record, Sequence[Record]]]) -> Score:
    """Compare the events of pages with their labels."""
    total = Score()
    for record, events in pages:
        labels = record["events"]
        pairs = matched(labels, events)
        for j, i in pairs.items():
            if labels[i]["role"] == "main":
                total.found += 1
                for name, is_right in _fields(labels[i], events[j]):
                    count = total.fields.setdefault(name, [0, 0])
                    count[0] += is_right
                    count[1] += 1
        met = set(pairs.values())
        total.missed += sum(e["role"] == "main" for i, e in enumerate(labels) if i not in met)
        extra = len(events) - len(pairs)
        total.wrong += extra
        total.distractors += record["kind"] == "distractor"
        total.alarms += record["kind"] == "distractor" and extra > 0
    return total


def _fields(label: Record, event: Record) -> Iterator[tuple[str, bool]]:
    yield "instrument", label["instrument"] == event["instrument"]
    yield "actor", bool(_set(label["actor"]) & _set(event["actor"]))
    yield "target", bool(_set(label["target"]) & _set(event["target"] or ["*"]))
    if label["commodities"]:
        goods, named = _set(label["commodities"]), _set(event["commodities"])
        yield "commodities", 2 * len(goods & named) >= len(goods | named)
    yield "direction", label["direction"] == event["direction"]
    yield "status", _same_standing(label["status"], event["status"])
    for name in ("date", "effective", "end"):
        if label[name]:
            yield name, _same_date(label[name], event[name])
    if label["magnitude"]:
        yield (
            "magnitude",
            any(
                abs(one["value"] - other["value"]) <= 0.01 * abs(one["value"]) + 1e-9
                for one in label["magnitude"]
                for other in event["magnitude"]
            ),
        )


def _same_standing(mine: str, theirs: str) -> bool:
    if {mine, theirs} & ALONE:
        return mine == theirs
    return STATUSES[mine] is STATUSES[theirs]


def _same_date(mine: str, theirs: str | None) -> bool:
    """Whether two dates agree as far as the less precise one goes, the year at least."""
    if not theirs:
        return False
    least = min(len(mine), len(theirs))
    return least >= 4 and mine[:least] == theirs[:least]
