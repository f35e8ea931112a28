"""What governments undertook, by when, and what is known of it.

The shipped list holds the undertakings of the United States and Japan of 2025-10-28 and what
bears on them, with evidence by date (``reference/data/plan/commitments.csv`` and
``commitment_evidence.csv``); a TOML file of a user's own adds to both. A status follows from
dated evidence alone: where nobody found the outcome, it is unknown and stays so.
"""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from monazite.errors import InputError, TableError, UnknownCodeError
from monazite.reference import catalogue
from monazite.reference.source import Grade, read_toml
from monazite.reference.table import Row

UNDERTAKINGS = "plan/commitments"
"""Table of the shipped undertakings."""
EVIDENCE = "plan/commitment_evidence"
"""Table of the shipped evidence."""
OWN = "user"
"""Source of what a user adds without naming one."""


class DueKind(StrEnum):
    """What the date of an undertaking means."""

    BY = "by"
    """It is to be done by then."""
    UNTIL = "until"
    """It holds until then."""
    STANDING = "standing"
    """It has no date."""


class EvidenceKind(StrEnum):
    """What a piece of evidence says about an undertaking."""

    FULFILS = "fulfils"
    """All of it is done."""
    SUPPORTS = "supports"
    """Part of it is done."""
    NOT_FOUND = "not_found"
    """Somebody looked for the outcome and found none."""


class UndertakingStatus(StrEnum):
    """How an undertaking stands on a day."""

    MET = "met"
    PARTLY = "partly"
    OPEN = "open"
    OVERDUE = "overdue"
    STANDING = "standing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Undertaking:
    """Something that somebody undertook.

    ``id`` : unique, such as ``F2c``. ``what`` : in a few words. ``actors`` : codes of who
    undertook it. ``document`` : where. ``signed`` : when. ``kind`` : what the date means.
    ``due`` : the date; None for a standing one. ``source``, ``grade``, ``note`` : as of every row.
    """

    id: str
    what: str
    actors: tuple[str, ...]
    document: str
    signed: date
    kind: DueKind
    due: date | None
    source: str
    grade: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A piece of evidence.

    ``undertaking`` : id of what it is about. ``day`` : when it happened, or when somebody looked;
    of a month the last day. ``what`` : in a few words. ``kind`` : what it says. ``source``,
    ``grade``, ``note`` : as of every row.
    """

    undertaking: str
    day: date
    what: str
    kind: EvidenceKind
    source: str
    grade: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tracked:
    """How an undertaking stands on a day.

    ``days_left`` : until the date; negative once it has passed, None without a date.
    ``evidence`` : what is known by that day, oldest first.
    """

    undertaking: Undertaking
    status: UndertakingStatus
    days_left: int | None
    evidence: tuple[Sighting, ...]

    @property
    def days_late(self) -> int:
        """Days past the date of something that is not done; 0 otherwise."""
        is_late = self.status in (UndertakingStatus.OVERDUE, UndertakingStatus.PARTLY)
        is_due = self.undertaking.kind is DueKind.BY and self.days_left is not None
        return max(-(self.days_left or 0), 0) if is_late and is_due else 0


@dataclass(frozen=True)
class Commitments:
    """Undertakings and the evidence on them.

    Raises
    ------
    InputError
        If an undertaking stands twice, or its date does not fit its kind.
    UnknownCodeError
        If evidence is about an undertaking that is not there.
    """

    undertakings: tuple[Undertaking, ...]
    evidence: tuple[Sighting, ...]

    def __post_init__(self) -> None:
        known = [item.id for item in self.undertakings]
        for item in self.undertakings:
            _check(item, known)
        for sighting in self.evidence:
            if sighting.undertaking not in known:
                where = f"evidence of {sighting.day}"
                raise UnknownCodeError("undertaking", sighting.undertaking, known, where=where)

    @classmethod
    def read(cls, path: str | Path | None = None) -> "Commitments":
        """Read the shipped list, and a TOML file that adds to it.

        Parameters
        ----------
        path : str or Path, optional
            Its sections are ``[[undertaking]]`` (``id, what, actors, document, signed, kind,
            due, source, grade, note``) and ``[[evidence]]`` (``undertaking, date, what, kind,
            source, grade, note``).

        Raises
        ------
        InputError
            At the first fault, with the place and the way out.
        """
        undertakings = [_undertaking(_cells(row)) for row in catalogue.load(UNDERTAKINGS)]
        evidence = [_sighting(_cells(row)) for row in catalogue.load(EVIDENCE)]
        if path is not None:
            added = _sections(Path(path))
            undertakings += [_undertaking(cells) for cells in added["undertaking"]]
            evidence += [_sighting(cells) for cells in added["evidence"]]
        return cls(tuple(undertakings), tuple(evidence))

    def track(self, on: date) -> tuple[Tracked, ...]:
        """Return how every undertaking signed by a day stands on it, in the order of the list."""
        return tuple(self._tracked(item, on) for item in self.undertakings if item.signed <= on)

    def _tracked(self, item: Undertaking, on: date) -> Tracked:
        seen = (one for one in self.evidence if one.undertaking == item.id and one.day <= on)
        evidence = tuple(sorted(seen, key=lambda one: one.day))
        left = None if item.due is None else (item.due - on).days
        return Tracked(item, status(item, evidence, on), left, evidence)


def status(undertaking: Undertaking, evidence: Iterable[Sighting], on: date) -> UndertakingStatus:
    """Return how an undertaking stands on a day, from what is known by then.

    What fulfils it makes it met, what supports it partly so. Before its date it is open, or
    standing if it has no date or holds until then. After it, it is overdue; but where somebody
    looked after the date and found no outcome, or it only held until then, what came is unknown.

    Parameters
    ----------
    undertaking : Undertaking
        What was undertaken.
    evidence : iterable of Sighting
        What is known of it by that day.
    on : date
        The day.
    """
    kinds = {one.kind for one in evidence if not _is_too_early(one, undertaking)}
    if EvidenceKind.FULFILS in kinds:
        return UndertakingStatus.MET
    if undertaking.due is None:
        return UndertakingStatus.STANDING
    is_past = undertaking.due < on
    if undertaking.kind is DueKind.UNTIL:
        return UndertakingStatus.UNKNOWN if is_past else UndertakingStatus.STANDING
    if EvidenceKind.SUPPORTS in kinds:
        return UndertakingStatus.PARTLY
    if not is_past:
        return UndertakingStatus.OPEN
    is_unknown = EvidenceKind.NOT_FOUND in kinds
    return UndertakingStatus.UNKNOWN if is_unknown else UndertakingStatus.OVERDUE


def _is_too_early(one: Sighting, undertaking: Undertaking) -> bool:
    """Whether somebody looked for an outcome before there had to be one."""
    due = undertaking.due
    return one.kind is EvidenceKind.NOT_FOUND and due is not None and one.day < due


def _check(item: Undertaking, known: list[str]) -> None:
    if known.count(item.id) > 1:
        raise InputError(
            f"undertaking '{item.id}' stands twice",
            way_out="give yours another id; evidence may be about shipped ones",
        )
    if (item.due is None) != (item.kind is DueKind.STANDING):
        raise InputError(
            f"undertaking '{item.id}' is '{item.kind}' and "
            f"{'has no date' if item.due is None else f'is due on {item.due}'}",
            way_out="give 'due' for by and until, and none for standing",
        )
    if item.due is not None and item.due < item.signed:
        raise InputError(
            f"undertaking '{item.id}' is due on {item.due}, before it was signed",
            way_out="correct 'due' or 'signed'",
        )


@dataclass(frozen=True, slots=True)
class _Cells:
    """A row as text, with its place."""

    texts: Mapping[str, str]
    where: str

    def get(self, name: str) -> str:
        if not self.texts.get(name):
            raise TableError(f"'{name}' is missing", where=self.where, way_out=f"add {name} = ...")
        return self.texts[name]

    def day(self, name: str) -> date:
        text = self.get(name)
        year, month, *rest = (*text.split("-"), "")
        try:
            if rest == [""]:
                return date(int(year), int(month), calendar.monthrange(int(year), int(month))[1])
            return date.fromisoformat(text)
        except ValueError:
            raise TableError(
                f"{name} '{text}' is no date", where=self.where, way_out="write it as 2026-04-28"
            ) from None

    def code(self, name: str, kinds: type[StrEnum]) -> str:
        text = self.get(name)
        if text not in frozenset(kinds):
            raise UnknownCodeError(name, text, kinds, where=self.where)
        return text


def _cells(row: Row) -> _Cells:
    return _Cells({name: row.text(name) for name in row.cells}, str(row.ref))


def _undertaking(cells: _Cells) -> Undertaking:
    return Undertaking(
        cells.get("id"),
        cells.get("what"),
        tuple(cells.get("actors").split(";")),
        cells.get("document"),
        cells.day("signed"),
        DueKind(cells.code("kind", DueKind)),
        cells.day("due") if cells.texts.get("due") else None,
        cells.texts.get("source") or OWN,
        _grade(cells),
        cells.texts.get("note", ""),
    )


def _sighting(cells: _Cells) -> Sighting:
    return Sighting(
        cells.get("undertaking"),
        cells.day("date"),
        cells.get("what"),
        EvidenceKind(cells.code("kind", EvidenceKind)),
        cells.texts.get("source") or OWN,
        _grade(cells),
        cells.texts.get("note", ""),
    )


def _grade(cells: _Cells) -> str:
    return cells.code("grade", Grade) if cells.texts.get("grade") else Grade.E


_COLUMNS: Mapping[str, frozenset[str]] = {
    "undertaking": frozenset(
        ("id", "what", "actors", "document", "signed", "kind", "due", "source", "grade", "note")
    ),
    "evidence": frozenset(("undertaking", "date", "what", "kind", "source", "grade", "note")),
}


def _sections(path: Path) -> dict[str, list[_Cells]]:
    content = read_toml(path, name=path.name)
    for key in content:
        if key not in _COLUMNS:
            raise UnknownCodeError("section", key, _COLUMNS, where=path.name)
    return {key: _entries(content.get(key, []), key, path.name) for key in _COLUMNS}


def _entries(entries: object, key: str, name: str) -> list[_Cells]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TableError(f"'{key}' is no list", where=name, way_out=f"write [[{key}]]")
    found = []
    for number, entry in enumerate(entries, start=1):
        where = f"{name}, [[{key}]] {number}"
        for field in entry:
            if field not in _COLUMNS[key]:
                raise UnknownCodeError(f"field of {key}", field, _COLUMNS[key], where=where)
        texts = {field: _text(value) for field, value in entry.items()}
        found.append(_Cells(texts, where))
    return found


def _text(value: object) -> str:
    """Text of a TOML value; a list of codes is joined as in a table."""
    return ";".join(str(one) for one in value) if isinstance(value, list) else str(value).strip()
