"""Scenarios: measures dated by month, and what they become on a network.

Reading order: ``lowered`` (what comes out), ``calendar``, ``tracing``, ``ground``, ``draft``
(how it is built), ``measure``, ``control``, ``trade``, ``supply``, ``demand`` (the kinds),
``toml``, ``faults``, ``document`` (what goes in), ``lowering``, ``explain``, ``template``.
"""

from monazite.scenario.document import (
    KINDS,
    Scenario,
    ScenarioSource,
    library,
    load,
    parse,
    source_text,
)
from monazite.scenario.explain import explain
from monazite.scenario.lowered import (
    Announcement,
    Effect,
    FloorKind,
    FloorSpec,
    Lowered,
    PermitSpec,
    StockMove,
)
from monazite.scenario.lowering import lower
from monazite.scenario.measure import Measure
from monazite.scenario.template import template

__all__ = [
    "KINDS",
    "Announcement",
    "Effect",
    "FloorKind",
    "FloorSpec",
    "Lowered",
    "Measure",
    "PermitSpec",
    "Scenario",
    "ScenarioSource",
    "StockMove",
    "explain",
    "library",
    "load",
    "lower",
    "parse",
    "source_text",
    "template",
]
