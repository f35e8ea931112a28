"""Measure everything and write the table: ``python -m benchmarks``.

Every case runs in a process of its own, so that its memory is its own.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.report import page
from benchmarks.timing import THREADS, machine

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
FIGURES = ROOT / "build" / "benchmarks.json"
MARKETS = (
    "licences-300", "quota-300", "licences-1200", "quota-1200", "licences-5000",
)  # fmt: skip
MONTHS = ("rare-earths", "synthetic-chain")


def main() -> None:
    """Parse, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--markets", nargs="*", default=MARKETS, help="markets to clear")
    parser.add_argument("--months", nargs="*", default=MONTHS, help="scenarios to simulate")
    parser.add_argument("--json", type=Path, default=FIGURES, help="where the figures go")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table goes")
    parser.add_argument("--case", nargs=2, metavar=("KIND", "NAME"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.case:
        print(json.dumps(_measure(*chosen.case)))
        return
    results: dict[str, Any] = {"machine": machine(), "markets": [], "months": []}
    cases = [("markets", name) for name in chosen.markets]
    cases += [("months", name) for name in chosen.months]
    for kind, name in cases:
        results[kind].append(_apart(kind, name))
        _write(chosen.json, json.dumps(results, indent=1) + "\n")
        _write(chosen.page, page(results))
    print(f"Figures: {chosen.json}\nTable: {chosen.page}")


def _measure(kind: str, name: str) -> dict[str, Any]:
    if kind == "markets":
        from benchmarks import markets  # noqa: PLC0415

        return markets.measure(name)
    from benchmarks import months  # noqa: PLC0415

    return months.measure(name)


def _apart(kind: str, name: str) -> dict[str, Any]:
    """Measure one case in a fresh process with one thread."""
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
