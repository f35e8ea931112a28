"""Build the atlas out of the raw files in a copy, and compare it with the tables of the package.

Usage: python scripts/check_atlas.py RAW_DIR

Exit status 1 names the tables whose bytes differ.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from monazite.reference.atlas.build import build_atlas
from monazite.reference.atlas.tables import write_atlas

SHIPPED = Path(__file__).parents[1] / "src" / "monazite" / "reference" / "data" / "atlas"


def main(arguments: list[str]) -> int:
    """Build, compare, and tell what differs."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with TemporaryDirectory() as scratch:
        files = write_atlas(build_atlas(Path(arguments[0])), Path(scratch))
        different = [
            file.name for file in files if file.read_bytes() != (SHIPPED / file.name).read_bytes()
        ]
    if different:
        print("Not what the raw files give:", *different, sep="\n  ", file=sys.stderr)
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
