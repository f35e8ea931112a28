"""Fit the weights with which the desk tells a paragraph of an article from other lines.

Usage: python scripts/train_line_classifier.py MARKED.jsonl --source "what the pages are" [--write]

Every line of the file is one page: ``{"id": ..., "lines": [[1, "a paragraph"], [0, "a menu"]]}``.
Prints, from five folds by page, the F1 of four-word runs beside that of the rule "80 characters
and a full stop", on the pages as they are and on dumps put together from their parts. ``--write``
fits on all pages and writes ``line_weights.json``.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from monazite.desk.lines import FEATURES, LineWeights, Look, features, is_closed

OUT = Path(__file__).resolve().parents[1] / "src/monazite/desk/data/line_weights.json"
FOLDS = 5
DUMPS = 3
"""Dumps put together from every page."""
RIDGE = 2.0
SEED = 20251028
LONG = 80

Marked = list[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """A page cut at its first and last paragraph."""

    above: Marked
    article: Marked
    below: Marked

    @classmethod
    def from_page(cls, page: Marked) -> "Part":
        """Cut a page."""
        told = [place for place, (body, _) in enumerate(page) if body]
        first, last = (told[0], told[-1] + 1) if told else (len(page), len(page))
        return cls(page[:first], page[first:last], page[last:])


def read(path: Path) -> list[Marked]:
    """Read the marked pages."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [[(bool(body), text) for body, text in row["lines"]] for row in rows]


def dumps(pages: Sequence[Marked], source: random.Random) -> Iterator[Marked]:
    """Put longer pages together: heads and tails of some around the articles of others."""
    parts = [Part.from_page(page) for page in pages]
    heads = [part.above for part in parts if len(part.above) > 1]
    tails = [part.below for part in parts if len(part.below) > 1]
    articles = [part.article for part in parts if part.article]
    for _ in range(DUMPS * len(pages)):
        above = [line for head in source.sample(heads, 2) for line in head]
        below = [line for tail in source.sample(tails, 3) for line in tail]
        article = [line for part in source.sample(articles, 4) for line in part]
        yield above + article + below


def fit(pages: Sequence[Marked]) -> LineWeights:
    """Return the regression with a ridge on standardised features."""
    rows = np.array([row for page in pages for row in features(looks(page))])
    body = np.array([body for page in pages for body, _ in page], dtype=float)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.column_stack([(rows - mean) / scale, np.ones(len(rows))])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = design @ weights
        chance = 1 / (1 + np.exp(-score))
        kept = np.append(weights[:-1], 0.0)
        cost = np.logaddexp(0, score).sum() - body @ score + RIDGE * kept @ kept / 2
        return float(cost), design.T @ (chance - body) + RIDGE * kept

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x
    weights = found[:-1] / scale
    return LineWeights(tuple(map(float, weights)), float(found[-1] - weights @ mean))


def looks(page: Marked) -> list[Look]:
    """Look at the lines of a page."""
    copies = Counter(text.lower() for _, text in page)
    return [Look.from_line(text, again=copies[text.lower()] > 1) for _, text in page]


def by_length(page: Marked) -> list[bool]:
    """Return what the rule of thumb says."""
    return [len(text) >= LONG and is_closed(text) for _, text in page]


def runs(lines: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Count the runs of four words; characters of texts without spaces count as words."""
    words = re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|\w+", " ".join(lines).lower())
    return Counter(tuple(words[place : place + 4]) for place in range(max(len(words) - 3, 1)))


def score(pages: Sequence[Marked], judge: Callable[[Marked], Sequence[bool]]) -> float:
    """Return the mean F1 of four-word runs over the pages that have an article."""
    found = []
    for page in pages:
        truth = runs([text for body, text in page if body])
        kept = runs([text for (_, text), keep in zip(page, judge(page), strict=True) if keep])
        hits = (truth & kept).total()
        found.append(2 * hits / (truth.total() + kept.total()))
    return float(np.mean(found))


def by_weights(weights: LineWeights) -> Callable[[Marked], Sequence[bool]]:
    """Return the judge that a regression is."""
    return lambda page: [chance >= 0.5 for chance in weights.chances(looks(page))]


def folds(pages: Sequence[Marked]) -> dict[str, float]:
    """Return the F1 on pages that the regression has not seen."""
    source = random.Random(SEED)
    order = [*pages]
    source.shuffle(order)
    table: dict[str, list[float]] = {}
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        rest = [page for place, page in enumerate(order) if place % FOLDS != fold]
        judge = by_weights(fit([*rest, *dumps(rest, source)]))
        for name, sample in (("pages", held), ("dumps", [*dumps(held, source)])):
            table.setdefault(f"{name}_regression", []).append(score(sample, judge))
            table.setdefault(f"{name}_length_rule", []).append(score(sample, by_length))
    return {name: round(float(np.mean(values)), 4) for name, values in table.items()}


def main() -> None:
    """Print the scores and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("marked", type=Path)
    parser.add_argument("--source", required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    pages = read(options.marked)
    scores = folds(pages)
    print(json.dumps(scores, indent=2))
    if not options.write:
        return
    weights = fit([*pages, *dumps(pages, random.Random(SEED))])
    provenance = {
        "source": options.source,
        "pages": len(pages),
        "lines": sum(map(len, pages)),
        "made": datetime.now(UTC).date().isoformat(),
        "script": "scripts/train_line_classifier.py",
        "four_word_f1_of_five_folds_by_page": scores,
    }
    table = {
        "provenance": provenance,
        "constant": round(weights.constant, 5),
        "weights": dict(
            zip(FEATURES, (round(weight, 5) for weight in weights.weights), strict=True)
        ),
    }
    OUT.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
