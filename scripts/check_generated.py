"""Make every generated file that is kept in the repository again, in a copy, and compare.

Usage: python scripts/check_generated.py

Exit status 1 names the files that are not what their scripts write, and the scripts to run. Files
whose making takes minutes (the picture of the README, the pages of back-test and benchmarks, the
weights that the desk learned) are left out.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("src", "scripts", "docs")
GENERATED = (
    "src/monazite/reference/data", "src/monazite/desk/data/gazetteer",
    "src/monazite/briefing/locale", "docs/reference",
)  # fmt: skip
BUILDERS = (
    "build_chain_2009.py", "build_chain_2024.py", "build_chain_gallium.py", "build_episodes.py",
    "build_balance_docs.py", "build_data_docs.py", "build_atlas_docs.py", "build_market_docs.py",
    "build_gazetteer.py", "build_catalogues.py",
)  # fmt: skip
"""In the order in which they read one another's files."""


def main() -> int:
    """Build in a copy; tell what differs."""
    with TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for name in SOURCES:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        environment = os.environ | {"PYTHONPATH": str(copy / "src")}
        for builder in BUILDERS:
            command = [sys.executable, "-W", "error", str(copy / "scripts" / builder)]
            subprocess.run(command, env=environment, cwd=copy, check=True)
        different = list(_different(copy))
    if different:
        print("Not what the scripts write:", *different, sep="\n  ", file=sys.stderr)
        print("Run these, in this order:", *BUILDERS, sep="\n  scripts/", file=sys.stderr)
    return int(bool(different))


def _different(copy: Path) -> Iterator[Path]:
    """Yield files that came out otherwise, or that no checkout holds."""
    for folder in GENERATED:
        for made in sorted((copy / folder).rglob("*")):
            kept = ROOT / made.relative_to(copy)
            if made.is_file() and (not kept.exists() or made.read_bytes() != kept.read_bytes()):
                yield made.relative_to(copy)


if __name__ == "__main__":
    sys.exit(main())
