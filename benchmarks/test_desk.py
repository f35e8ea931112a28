"""The desk's goals; run by ``make bench``."""

import os
from functools import cache
from typing import Any

import pytest

from benchmarks.__main__ import apart
from benchmarks.desk import NAMES_PYTHON

PAGES_A_SECOND = 200.0
"""Least pages of 600 words in a CPU second, from text to events."""
GROWTH = 10.0
"""Most that memory may grow after the first thousand pages [MB]."""


@cache
def _case(name: str) -> dict[str, Any]:
    return apart("desk", name)


def test_the_pages_hold_work_to_do() -> None:
    assert _case("speed")["words"] == 600
    assert _case("speed")["pages"] >= 50
    assert _case("speed")["events"] >= _case("speed")["pages"]


def test_events_of_two_hundred_pages_are_found_in_a_second() -> None:
    assert _case("speed")["events_alone"]["best"] >= PAGES_A_SECOND


def test_a_long_stream_takes_no_more_memory_than_a_short_one() -> None:
    assert _case("memory-10000")["growth"] <= GROWTH


@pytest.mark.skipif(NAMES_PYTHON not in os.environ, reason=f"{NAMES_PYTHON} names no Python")
def test_events_are_found_faster_than_spacy_finds_names() -> None:
    assert _case("names")["ratio"] > 1.0
