"""Undertakings: what stands on a day follows from dated evidence alone."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.commitments import (
    Commitments,
    DueKind,
    EvidenceKind,
    Sighting,
    Tracked,
    Undertaking,
    UndertakingStatus,
    status,
)
from monazite.errors import InputError, TableError, UnknownCodeError

DUE = date(2026, 4, 28)
BUILD = Undertaking(
    "X1", "build", ("USA",), "paper", date(2025, 10, 28), DueKind.BY, DUE, "user", "E"
)
AFTER = DUE + timedelta(days=10)


def seen(kind: EvidenceKind, day: date) -> Sighting:
    return Sighting("X1", day, "something", kind, "user", "E")


def on(day: date) -> dict[str, Tracked]:
    return {item.undertaking.id: item for item in Commitments.read().track(day)}


def test_the_framework_has_its_dates() -> None:
    found = on(date(2026, 1, 1))
    assert found["F2c"].days_left == 117
    assert found["F2e"].days_left == 115
    assert found["F2c"].status is UndertakingStatus.OPEN
    assert found["F9"].status is UndertakingStatus.STANDING
    assert found["F9"].days_left is None


def test_an_outcome_that_nobody_found_stays_unknown() -> None:
    found = on(date(2026, 11, 22))
    for name in ("F2c", "F2e", "USA-232", "USA-JPN-PLAN"):
        assert found[name].status is UndertakingStatus.UNKNOWN
        assert found[name].days_late == 0
    assert found["F2c"].days_left == -208


def test_what_held_until_a_date_is_unknown_after_it() -> None:
    assert on(date(2026, 11, 10))["CHN-70"].status is UndertakingStatus.STANDING
    assert on(date(2026, 11, 11))["CHN-70"].status is UndertakingStatus.UNKNOWN
    assert on(date(2026, 11, 22))["CHN-GAGE"].days_left == 5


def test_nobody_knows_evidence_before_its_day() -> None:
    assert on(date(2026, 3, 9))["F4"].evidence[-1].day == date(2026, 2, 26)
    assert len(on(date(2026, 3, 10))["F4"].evidence) == 4
    assert "TRI-PLANS" not in on(date(2026, 2, 3))


def test_no_shipped_undertaking_is_called_met() -> None:
    """No outcome is known of any, so none may be claimed."""
    found = on(date(2030, 1, 1)).values()
    assert UndertakingStatus.MET not in {item.status for item in found}


@pytest.mark.parametrize(
    ("kinds", "day", "expected"),
    [
        ((), DUE, UndertakingStatus.OPEN),
        ((), AFTER, UndertakingStatus.OVERDUE),
        ((EvidenceKind.SUPPORTS,), AFTER, UndertakingStatus.PARTLY),
        ((EvidenceKind.NOT_FOUND,), AFTER, UndertakingStatus.UNKNOWN),
        ((EvidenceKind.NOT_FOUND, EvidenceKind.SUPPORTS), AFTER, UndertakingStatus.PARTLY),
        ((EvidenceKind.SUPPORTS, EvidenceKind.FULFILS), AFTER, UndertakingStatus.MET),
    ],
)
def test_status_follows_from_evidence(
    kinds: tuple[EvidenceKind, ...], day: date, expected: UndertakingStatus
) -> None:
    assert status(BUILD, [seen(kind, day) for kind in kinds], day) is expected


def test_looking_too_early_excuses_nothing() -> None:
    early = seen(EvidenceKind.NOT_FOUND, DUE - timedelta(days=1))
    assert status(BUILD, [early], AFTER) is UndertakingStatus.OVERDUE


@given(
    st.lists(st.sampled_from(EvidenceKind), max_size=4),
    st.integers(-400, 400),
    st.sampled_from(DueKind),
)
def test_more_evidence_of_the_same_kind_changes_nothing(
    kinds: list[EvidenceKind], days: int, due: DueKind
) -> None:
    item = replace(BUILD, kind=due, due=None if due is DueKind.STANDING else DUE)
    day = DUE + timedelta(days=days)
    evidence = [seen(kind, day) for kind in kinds]
    assert status(item, evidence, day) is status(item, evidence * 2, day)


def test_what_is_late_says_by_how_many_days() -> None:
    both = Commitments((BUILD,), (seen(EvidenceKind.SUPPORTS, AFTER),))
    (found,) = both.track(AFTER)
    assert found.days_late == 10
    (before,) = both.track(DUE)
    assert (before.days_left, before.days_late) == (0, 0)


def test_a_file_adds_to_the_shipped_list(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        [[undertaking]]
        id = "OWN-1"
        what = "meet"
        actors = ["USA", "JPN"]
        document = "minutes"
        signed = 2026-01-01
        kind = "by"
        due = "2026-06-30"

        [[evidence]]
        undertaking = "F2e"
        date = 2026-04
        what = "met"
        kind = "fulfils"
        """.replace("date = 2026-04\n", 'date = "2026-04"\n'),
        encoding="utf-8",
    )
    both = Commitments.read(path)
    found = {item.undertaking.id: item for item in both.track(date(2026, 7, 1))}
    assert found["F2e"].status is UndertakingStatus.MET
    assert found["F2e"].evidence[0].day == date(2026, 4, 30)
    assert found["OWN-1"].status is UndertakingStatus.OVERDUE
    assert found["OWN-1"].undertaking.actors == ("USA", "JPN")


@pytest.mark.parametrize(
    ("text", "fault", "message"),
    [
        ("[[promise]]\nid = 1", UnknownCodeError, "unknown section 'promise'"),
        ("undertaking = 3", TableError, "'undertaking' is no list"),
        ('[[evidence]]\nundertaking = "F2c"', TableError, "'date' is missing"),
        ('[[evidence]]\nundertakin = "F2c"', UnknownCodeError, "did you mean undertaking"),
        (
            '[[evidence]]\nundertaking = "F99"\ndate = "2026-05-01"\nwhat = "x"\nkind = "fulfils"',
            UnknownCodeError,
            "unknown undertaking 'F99'",
        ),
        (
            '[[evidence]]\nundertaking = "F2c"\ndate = "soon"\nwhat = "x"\nkind = "fulfils"',
            TableError,
            "date 'soon' is no date",
        ),
        (
            '[[evidence]]\nundertaking = "F2c"\ndate = "2026-13-01"\nwhat = "x"\nkind = "fulfils"',
            TableError,
            "is no date",
        ),
        (
            '[[evidence]]\nundertaking = "F2c"\ndate = "2026-05-01"\nwhat = "x"\nkind = "proves"',
            UnknownCodeError,
            "unknown kind 'proves'",
        ),
        ("not toml", TableError, "not valid TOML"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(
    tmp_path: Path, text: str, fault: type[InputError], message: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(fault, match=message):
        Commitments.read(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"due": None}, "has no date"),
        ({"kind": DueKind.STANDING}, "is due on"),
        ({"due": date(2020, 1, 1)}, "before it was signed"),
    ],
)
def test_a_date_that_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Commitments((replace(BUILD, **change),), ())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="stands twice"):
        Commitments((BUILD, BUILD), ())
