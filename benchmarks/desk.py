"""The desk: pages a second, memory over a long stream, and spaCy's names beside it.

The pages are joined from the corpus, which we wrote ourselves, and cut to their length.
"""

import io
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.timing import Timing, once, peak_memory, repeat
from monazite.cli import main
from monazite.desk.page import from_text
from monazite.desk.recognise import recognise
from monazite.desk.schema import Page

ROOT = Path(__file__).resolve().parents[1]
WORDS = 600
"""Words of a page of which the speed is measured."""
SHORT = 100
"""Words of a page of the long stream: memory does not depend on it, and time does."""
FIRST = 1_000
"""Pages after which memory is taken first; by then every table has been read."""
RUNS = 7
PUBLISHED = "2025-06-02"
NAMES_PYTHON = "MONAZITE_NAMES_PYTHON"
"""Environment variable that names the Python with spaCy."""

_WORD = re.compile(r"\S+")
_LETTERS = str.maketrans("0123456789", "abcdefghij")


def measure(name: str) -> dict[str, Any]:
    """Measure one case by its name."""
    return {"name": name} | CASES[name]()


# --- pages -----------------------------------------------------------------------------------


@cache
def texts(words: int = WORDS) -> tuple[str, ...]:
    """Return texts of so many words each, joined from the English pages of the corpus."""
    return tuple(_texts(words))


def _texts(words: int) -> Iterator[str]:
    joined = ""
    for path in sorted((ROOT / "corpus").glob("pages-train-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if record["lang"] == "en":
                joined = f"{joined}\n{record['text']}".lstrip()
            ends = [word.end() for word in _WORD.finditer(joined)]
            if len(ends) >= words:
                yield joined[: ends[words - 1]]
                joined = ""


def _page(text: str) -> Page:
    return from_text(text, id="page", published=PUBLISHED, language="en")


# --- speed -----------------------------------------------------------------------------------


def speed() -> dict[str, Any]:
    """Measure pages a second on one core: from text to events, and the events alone."""
    every = texts()
    pages = [_page(text) for text in every]
    whole = repeat(lambda: [recognise(_page(text)) for text in every], RUNS)
    alone = repeat(lambda: [recognise(page) for page in pages], RUNS)
    return {
        "pages": len(every),
        "words": WORDS,
        "events": sum(len(recognise(page)) for page in pages),
        "text_to_events": _rate(whole, len(every)),
        "events_alone": _rate(alone, len(every)),
    }


def _rate(timing: Timing, pages: int) -> dict[str, Any]:
    """Return pages a CPU second; others share the machine, so the best run is the page's own."""
    return {
        "seconds": timing.seconds,
        "best": pages / min(timing.seconds),
        "median": pages / timing.median,
    }


# --- memory ----------------------------------------------------------------------------------


class _Watched(io.StringIO):
    """Standard output that is thrown away; takes the peak of memory at some lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = 0
        self.first = 0.0

    def write(self, text: str) -> int:
        """Count."""
        self.lines += text.count("\n")
        if not self.first and self.lines >= FIRST:
            self.first = peak_memory()
        return len(text)


def memory(pages: int) -> dict[str, Any]:
    """Stream records through ``monazite read --jsonl``; peaks of memory [MB]."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(_records(pages))
        size = path.stat().st_size
        watched = _Watched()
        with redirect_stdout(watched):
            status, seconds = once(lambda: main(["read", "--jsonl", str(path)]))
    last = peak_memory()
    if status or watched.lines != pages:
        raise RuntimeError(f"{watched.lines} of {pages} pages were read, exit status {status}")
    return {
        "pages": pages,
        "megabytes_of_text": size / 2**20,
        "cpu_seconds": seconds,
        "first": watched.first,
        "last": last,
        "growth": last - watched.first,
    }


def _records(pages: int) -> Iterator[str]:
    """Yield records of which no two are alike: addresses, names and figures of their own."""
    every = texts(SHORT)
    for number in range(pages):
        name = str(number).translate(_LETTERS)
        own = f"Example{name} Metals Ltd sold {number} tonnes of {name} ore."
        record = {
            "id": f"page-{number}",
            "text": f"{every[number % len(every)]}\n{own}",
            "published": PUBLISHED,
            "url": f"https://{name}.example/story-{number}",
            "lang": "en",
        }
        yield json.dumps(record) + "\n"


# --- names alone, by spaCy -------------------------------------------------------------------


def names() -> dict[str, Any]:
    """Measure spaCy's names on the same pages in the same session; an environment of its own."""
    python = os.environ.get(NAMES_PYTHON)
    if python is None:
        return {"absent": f"{NAMES_PYTHON} names no Python with spaCy"}
    own = speed()
    sent = "".join(json.dumps(text) + "\n" for text in texts())
    done = subprocess.run(
        [python, str(Path(__file__).with_name("names.py"))],
        input=sent, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    theirs: dict[str, Any] = json.loads(done.stdout)
    pages = own["pages"]
    best = pages / min(theirs["names_alone"])
    return {
        "pages": pages,
        "words": WORDS,
        "desk": own["text_to_events"]["best"],
        "spacy": theirs,
        "names_alone": best,
        "whole": pages / min(theirs["whole"]),
        "ratio": own["text_to_events"]["best"] / best,
    }


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "speed": speed,
    "memory-10000": partial(memory, 10_000),
    "memory-100000": partial(memory, 100_000),
    "names": names,
}
"""What can be measured, by name."""
