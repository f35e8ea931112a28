"""Claims about links: duplicates, steps, and what two pages tell differently."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.desk.links import (
    Link,
    LinkKind,
    Told,
    differences,
    families,
    is_same_act,
    link,
    neighbours,
    span,
)
from monazite.desk.schema import INSTRUMENTS, STATUSES, Direction, Event, Magnitude, Role
from monazite.errors import InputError


def told(key, *, page=None, published=None, **fields):
    given_fields = {
        "instrument": "export_licence",
        "direction": Direction.TIGHTEN,
        "status": "announced",
        "role": Role.MAIN,
        "actor": ("CHN",),
        "commodities": ("dysprosium",),
        "date": "2025-10-09",
        "confidence": 0.9,
    } | fields
    event = Event(id=f"e{key}", **given_fields)
    return Told(key=key, page=key if page is None else page, event=event, published=published)


anything = st.builds(
    lambda key, page, published, **fields: told(key, page=page, published=published, **fields),
    key=st.integers(0, 40),
    page=st.integers(0, 5),
    published=st.sampled_from([None, "2025-10-10", "2025-11"]),
    instrument=st.sampled_from(["export_licence", "export_ban", "outage", "restart", "tariff"]),
    status=st.sampled_from(sorted(STATUSES)),
    role=st.sampled_from(list(Role)),
    actor=st.sampled_from([(), ("CHN",), ("USA",), ("CHN", "USA")]),
    target=st.sampled_from([(), ("*",), ("USA",), ("JPN",)]),
    commodities=st.sampled_from([(), ("dysprosium",), ("gallium",), ("dysprosium", "gallium")]),
    place=st.sampled_from([None, "MMR"]),
    date=st.sampled_from([None, "2025", "2025-10", "2025-10-09", "2025-10-14", "2024-12-03"]),
)
some = st.lists(anything, max_size=12, unique_by=lambda one: one.key)


@given(some, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(events, luck):
    shuffled = list(events)
    luck.shuffle(shuffled)
    assert link(events) == link(shuffled)


@given(some)
def test_no_event_is_linked_to_itself_and_no_link_comes_twice(events):
    found = link(events)
    assert all(one.event != one.other for one in found)
    assert len({(one.event, one.other) for one in found}) == len(found)


@given(anything, anything)
def test_being_the_same_act_goes_both_ways(one, other):
    assert is_same_act(one, other) == is_same_act(other, one)
    assert differences(one, other) == differences(other, one)


@given(some)
def test_an_event_is_one_step_after_another_at_most(events):
    steps = [one.event for one in link(events) if one.kind != LinkKind.DUPLICATES]
    assert len(steps) == len(set(steps))


@given(some)
def test_steps_never_go_round_in_a_ring_of_dated_events(events):
    days = {one.key: one.span for one in events}
    for one in link(events):
        if one.kind not in (LinkKind.DUPLICATES, LinkKind.REFERS):
            assert days[one.other][0] < days[one.event][0]


@given(some, st.integers(0, 12))
def test_new_events_get_the_links_that_they_would_have_had_among_all(events, cut):
    known, new = events[:cut], events[cut:]
    keys = {one.key for one in new}
    touching = [one for one in link(events) if {one.event, one.other} & keys]
    assert link(new, known) == touching


def test_two_pages_that_tell_one_act_within_a_week_are_duplicates():
    assert link([told(1), told(2, date="2025-10-16")]) == [Link(2, 1, LinkKind.DUPLICATES)]
    assert LinkKind.DUPLICATES not in {
        one.kind for one in link([told(1), told(2, date="2025-10-17")])
    }


def test_two_events_of_one_page_are_never_duplicates():
    assert link([told(1, page=7), told(2, page=7)]) == []


@pytest.mark.parametrize(
    "other",
    [
        {"instrument": "export_ban"},
        {"actor": ("USA",)},
        {"commodities": ("gallium",)},
        {"target": ("JPN",)},
        {"status": "suspended"},
        {"date": "2025"},
    ],
)
def test_what_differs_in_what_was_done_to_whom_is_no_duplicate(other):
    assert not is_same_act(told(1, target=("USA",)), told(2, **({"target": ("USA",)} | other)))


def test_a_page_that_leaves_the_target_out_or_says_everybody_still_tells_the_same():
    assert is_same_act(told(1, target=("USA",)), told(2))
    assert is_same_act(told(1, target=("USA",)), told(2, target=("*",)))


def test_a_month_holds_each_of_its_days():
    assert is_same_act(told(1, date="2025-10"), told(2, date="2025-10-31"))
    assert not is_same_act(told(1, date="2025-10"), told(2, date="2025-11-08"))


def test_news_without_a_date_is_of_the_day_of_its_page():
    assert is_same_act(told(1), told(2, date=None, published="2025-10-10"))
    assert not is_same_act(told(1), told(2, date=None))


def test_an_act_without_an_actor_is_known_by_its_place():
    quake = {"instrument": "natural_hazard", "status": "occurred", "actor": ()}
    assert is_same_act(told(1, place="MMR", **quake), told(2, place="MMR", **quake))
    assert not is_same_act(told(1, place="MMR", **quake), told(2, place="CHL", **quake))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("suspended", LinkKind.SUSPENDS),
        ("extended", LinkKind.EXTENDS),
        ("ended", LinkKind.ENDS),
        ("dropped", LinkKind.ENDS),
        ("denied", LinkKind.DENIES),
        ("in_force", LinkKind.FOLLOWS),
    ],
)
def test_the_status_says_what_a_step_does(status, kind):
    later = told(2, status=status, date="2025-11-10")
    assert link([later], [told(1)]) == [Link(2, 1, kind)]


def test_what_the_page_says_of_an_earlier_act_goes_before_the_status():
    later = told(2, follows="extends", date="2025-11-10")
    assert link([told(1), later]) == [Link(2, 1, LinkKind.EXTENDS)]


def test_a_step_goes_to_the_nearest_earlier_act():
    events = [told(1, date="2023-07-03"), told(2, date="2025-04-04"), told(3, status="suspended",
              date="2025-11-10")]  # fmt: skip
    assert Link(3, 2, LinkKind.SUSPENDS) in link(events)
    assert not any(one.event == 3 and one.other == 1 for one in link(events))


def test_only_a_turn_reaches_back_further_than_a_year():
    old = told(1, date="2021-01-01")
    assert link([told(2)], [old]) == []
    assert link([told(2, status="ended")], [old]) == [Link(2, 1, LinkKind.ENDS)]


def test_a_new_earlier_act_takes_the_step_over():
    later = told(3, status="suspended", date="2025-11-10")
    assert link([told(2)], [told(1, date="2025-04-04"), later]) == [
        Link(2, 1, LinkKind.FOLLOWS),
        Link(3, 2, LinkKind.SUSPENDS),
    ]


def test_a_restart_ends_the_outage_of_the_same_plant():
    plant = {"actor": ("Lynas",), "commodities": ("rare earths",), "status": "occurred"}
    outage = told(1, instrument="outage", date="2025-06-01", **plant)
    restart = told(2, instrument="restart", date="2025-07-01", **plant)
    assert link([outage, restart]) == [Link(2, 1, LinkKind.ENDS)]
    assert link([outage], [restart]) == [Link(2, 1, LinkKind.ENDS)]


def test_what_is_told_for_context_without_a_date_refers_to_the_act_that_it_can_mean():
    context = told(9, role=Role.BACKGROUND, date=None, published="2025-10-28")
    assert link([context], [told(1)]) == [Link(9, 1, LinkKind.REFERS)]
    assert link([context], [told(1, date="2025-10-29")]) == []


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("status", {"status": "proposed"}, {"status": "in_force"}),
        ("direction", {}, {"direction": Direction.EASE}),
        ("effective", {"effective": "2025-12-01"}, {"effective": "2025-11-08"}),
        ("end", {"end": "2026"}, {"end": "2027-01"}),
        (
            "magnitude",
            {"magnitude": (Magnitude(value=100, unit="t/yr"),)},
            {"magnitude": (Magnitude(value=150, unit="t/yr"),)},
        ),
    ],
)
def test_two_tellings_that_cannot_both_be_right_say_where(field, one, other):
    (found,) = link([told(1, **one), told(2, **other)])
    assert (found.kind, found.differs) == (LinkKind.DUPLICATES, (field,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"effective": "2025-12"}, {"effective": "2025-12-01"}),
        ({"status": "announced"}, {"status": "adopted"}),
        (
            {"magnitude": (Magnitude(value=100, unit="t/yr"),)},
            {"magnitude": (Magnitude(value=101, unit="t/yr"),)},
        ),
        (
            {"magnitude": (Magnitude(value=100, unit="t/yr"),)},
            {"magnitude": (Magnitude(value=5, unit="%"),)},
        ),
    ],
)
def test_rounding_and_silence_are_no_difference(one, other):
    assert differences(told(1, **one), told(2, **other)) == ()


@given(st.sampled_from(sorted(INSTRUMENTS)), st.sampled_from(sorted(INSTRUMENTS)))
def test_two_instruments_are_neighbours_both_ways(one, other):
    first, second = told(1, instrument=one).event, told(2, instrument=other).event
    family = {name: INSTRUMENTS[name].family for name in (one, other)}
    assert (family[other] in neighbours(first)) == (family[one] in neighbours(second))
    assert families(first) <= neighbours(first)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_a_day_lies_in_its_month_and_its_month_in_its_year(day):
    whole = day.isoformat()
    year, month, exact = span(whole[:4]), span(whole[:7]), span(whole)
    assert year[0] <= month[0] <= exact[0] == day == exact[1] <= month[1] <= year[1]
    assert month[0].month == month[1].month


@pytest.mark.parametrize("value", ["2025-02-30", "2025-13", "0000", "2025-00-10"])
def test_a_date_that_no_calendar_has_is_refused(value):
    with pytest.raises(InputError, match=value):
        span(value)
