"""Goals of the supply-risk indicators; run by ``make bench``."""

import os
from functools import cache
from typing import Any

import pytest

from benchmarks.__main__ import apart
from benchmarks.risk import RISK_PYTHON

FASTER = 1_000.0
"""Least ratio of the time that a value takes."""
TOGETHER = 100.0
"""Least ratio of its few hundred values to all of ours."""
EMPTY = 9
"""Values that it reports as zero though its tables hold no trade at all."""

pytestmark = pytest.mark.skipif(
    RISK_PYTHON not in os.environ, reason=f"{RISK_PYTHON} names no Python"
)


@cache
def _case() -> dict[str, Any]:
    return apart("risk", "geopolrisk-py")


def test_there_is_work_to_do() -> None:
    assert _case()["cells"] >= 50_000
    assert _case()["values"] >= 10_000
    assert _case()["theirs"]["values"] >= 400


def test_a_value_takes_a_thousandth_of_the_time() -> None:
    assert _case()["ratio_per_value"] >= FASTER


def test_all_values_together_take_far_less_than_its_few_hundred() -> None:
    assert _case()["ratio_of_all_to_theirs"] >= TOGETHER


def test_both_agree_where_they_treat_what_is_missing_alike() -> None:
    found = _case()["agreement"]
    assert found["alike_with_its_substitutes"] >= found["compared"] - EMPTY
