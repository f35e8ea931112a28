"""Write the names of all states in eight languages for the desk's gazetteer.

Names come from the Unicode CLDR as Babel carries it; ``gazetteer_names.csv`` beside this script
mends those that no newspaper uses. Run it as ``python scripts/build_gazetteer.py``; the table goes
to ``src/monazite/desk/data/gazetteer/countries.csv``.
"""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale

LANGUAGES = ("en", "es", "fr", "ar", "ja", "zh", "de", "pt")
ROOT = Path(__file__).parent.parent
REGIONS = ROOT / "src/monazite/reference/data/regions.csv"
TARGET = ROOT / "src/monazite/desk/data/gazetteer/countries.csv"
MENDED = Path(__file__).with_name("gazetteer_names.csv")
FURTHER = (("XKX", "XK"), ("EU", "EU"))
"""Not in ISO 3166-1: Kosovo by the code that statistics use, and the European Union."""


def states() -> list[tuple[str, str]]:
    """Return the alpha-3 and alpha-2 code of every state."""
    with REGIONS.open(encoding="utf-8") as file:
        rows = [(row["region"], row["alpha2"]) for row in csv.DictReader(file)]
    return sorted([*rows, *FURTHER])


def mended() -> dict[tuple[str, str], str]:
    """Return the names that replace those of the CLDR, by state and language."""
    with MENDED.open(encoding="utf-8") as file:
        return {(row["state"], row["language"]): row["names"] for row in csv.DictReader(file)}


def spellings(name: str) -> Iterator[str]:
    """Yield the ways to write a name: ``Myanmar (Burma)`` is two, ``&`` is also a word.

    >>> list(spellings("Myanmar (Burma)"))
    ['Myanmar', 'Burma']
    """
    for part in filter(None, (part.strip() for part in re.split(r"[()\uff08\uff09]", name))):
        yield part.replace("\u2019", "'")
        if " & " in part:
            yield part.replace(" & ", " and ")


def rows() -> Iterator[dict[str, str]]:
    """Yield a row for every state."""
    better = mended()
    for code, alpha2 in states():
        row = {"state": code}
        for language in LANGUAGES:
            name = Locale(language).territories.get(alpha2, "")
            row[language] = better.get((code, language), "|".join(spellings(name)))
        yield row


def main() -> int:
    """Write the table."""
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("state", *LANGUAGES), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())
    return 0


if __name__ == "__main__":
    sys.exit(main())
