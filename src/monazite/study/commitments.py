"""Commitments: what governments undertook, and how it stands on a day."""

import re
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from monazite.commitments import Commitments, Sighting, Tracked, UndertakingStatus
from monazite.errors import InputError
from monazite.reference.source import shipped_register

_SOURCE_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Tracking:
    """How undertakings stand on a day.

    ``on`` : the day. ``rows`` : in the order of the list.
    """

    on: date
    rows: tuple[Tracked, ...]

    def counts(self) -> dict[str, int]:
        """How many stand how, every status named."""
        found = Counter(row.status for row in self.rows)
        return {str(status): found[status] for status in UndertakingStatus}

    def sources(self) -> dict[str, str]:
        """Citations of the sources that the register holds, by id."""
        register = shipped_register()
        named = {name for row in self.rows for name in _named(row)}
        return {name: register[name].citation() for name in sorted(named) if name in register}

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "on": self.on.isoformat(),
            "counts": self.counts(),
            "undertakings": [_plain(row) for row in self.rows],
            "sources": self.sources(),
        }


def track(on: date | str | None = None, *, file: str | Path | None = None) -> Tracking:
    """Say how what governments undertook stands on a day.

    Parameters
    ----------
    on : date or str, optional
        The day, ``YYYY-MM-DD``; today by default.
    file : str or Path, optional
        A TOML file that adds undertakings and evidence to the shipped list.

    Raises
    ------
    InputError
        If the day is none, or the file holds what cannot be.
    """
    day = _day(on)
    return Tracking(day, Commitments.read(file).track(day))


def _day(on: date | str | None) -> date:
    if on is None:
        return datetime.now(UTC).date()
    if isinstance(on, date):
        return on
    try:
        return date.fromisoformat(on)
    except ValueError as fault:
        raise InputError(
            f"'{on}' is no date", where="--on", way_out="write it as 2026-04-28"
        ) from fault


def _named(row: Tracked) -> list[str]:
    texts = (row.undertaking.source, *(one.source for one in row.evidence))
    return [name for text in texts for name in _SOURCE_ID.findall(text)]


def _plain(row: Tracked) -> dict[str, Any]:
    item = row.undertaking
    return {
        **asdict(item),
        "actors": list(item.actors),
        "signed": item.signed.isoformat(),
        "kind": str(item.kind),
        "due": None if item.due is None else item.due.isoformat(),
        "status": str(row.status),
        "days_left": row.days_left,
        "days_late": row.days_late,
        "evidence": [_seen(one) for one in row.evidence],
    }


def _seen(one: Sighting) -> dict[str, Any]:
    return {**asdict(one), "day": one.day.isoformat(), "kind": str(one.kind)}
