"""Learn the weights of the ear and of the judge from the labelled corpus.

    python scripts/train_recogniser.py            write data/ear.json and data/judge.json
    python scripts/train_recogniser.py --folds 4  say how well it does on pages it did not see

Sentences teach the ear what words tell; pages teach it further (each labelled event is laid to
the sentence that tells it best, by the ear as it stands) and teach the judge what is a page's
news. The judge learns from folds that the ear did not learn from, so that it does not trust the
ear too much. Needs nothing but SciPy; where others use the machine too, OPENBLAS_NUM_THREADS=1
keeps threads from waiting for each other. See corpus/README.md for what the corpus is.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scoring import Record, matched, read_records, score

from monazite.desk import attribution, cues, ear, judge, recognise, telling
from monazite.desk.attribution import Story
from monazite.desk.cues import Match
from monazite.desk.gazetteer import folded
from monazite.desk.page import from_text
from monazite.desk.schema import INSTRUMENTS, STATUSES, Page
from monazite.desk.sentences import Sentence, address, sentences, spoken
from monazite.desk.timing import timing

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "corpus"
DATA = ROOT / "src" / "monazite" / "desk" / "data"
EAR = DATA / "ear.json"
TOLD = (*INSTRUMENTS, ear.NEWS)
LABELS = (*TOLD, *STATUSES)
RIDGE = 1.0
"""Penalty on squared weights of the ear."""
JUDGE_RIDGE = 1.0
PAGE_WEIGHT = 0.7
"""Weight of a sentence whose labels were laid to it by the ear itself."""
LEAST_SEEN = 2
"""A feature seen in fewer sentences teaches nothing general."""
SMALLEST = 0.04
"""Smaller weights are left out of the table."""
ROLE_WEIGHTS = {"main": (1, 1.0), "secondary": (1, 0.3), "background": (0, 0.15)}
"""What an event's role teaches the judge: news or not, and how strongly."""


Fitted: TypeAlias = "tuple[list[str], np.ndarray]"
"""Features, and for each label their weights with the bias behind them."""


@dataclass(frozen=True)
class Heard:
    """A sentence with what it tells."""

    features: Sequence[str]
    events: Sequence[Mapping[str, Any]]
    weight: float = 1.0


def features_of(page: Page) -> Iterator[tuple[str, ...]]:
    """Yield the features of every sentence of a page."""
    small = folded(page.text)
    for sentence in sentences(page):
        matches = cues.matches(ear.classes(sentence))
        yield tuple(ear.features(small, sentence, matches))


def taught() -> list[Heard]:
    """Read labelled sentences, alone or in passages."""
    rows = [
        (row, path.stem.removeprefix("sentences-"))
        for path in sorted(CORPUS.glob("sentences-*.jsonl"))
        for row in _lines(path)
    ]
    for path in sorted(CORPUS.glob("passages-*.jsonl")):
        rows += [(part, "en") for row in _lines(path) for part in row["sentences"]]
    return [Heard(_all_features(row["text"], tongue), row["events"]) for row, tongue in rows]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _all_features(text: str, language: str) -> tuple[str, ...]:
    page = from_text(text, id="sentence", published="2025-06-15", language=language)
    return tuple(sorted({name for found in features_of(page) for name in found}))


def page_of(record: Record) -> Page:
    """Read a record of the corpus as a page."""
    return from_text(
        record["text"], id=record["id"], url=record["url"] or "", published=record["published"],
        language=record["lang"],
    )  # fmt: skip


# The ear -----------------------------------------------------------------------------------


def fit(rows: Sequence[Sequence[str]], targets: np.ndarray, weights: np.ndarray) -> Fitted:
    """Fit one logistic regression for each label."""
    seen = Counter(name for row in rows for name in row)
    names = [name for name, count in seen.items() if count >= LEAST_SEEN]
    place = {name: number for number, name in enumerate(names)}
    columns = [[place[name] for name in row if name in place] for row in rows]
    starts = np.cumsum([0, *map(len, columns)])
    matrix = sparse.csr_matrix(
        (np.ones(starts[-1]), np.concatenate(columns).astype(int), starts),
        shape=(len(rows), len(names)),
    )
    fitted = [_fit_label(matrix, 2.0 * target - 1, weights) for target in targets.T]
    return names, np.array(fitted)


def _fit_label(matrix: sparse.csr_matrix, signs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    if (signs > 0).sum() == 0:
        return np.append(np.zeros(matrix.shape[1]), -6.0)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        slopes, bias = theta[:-1], theta[-1]
        margin = signs * (matrix @ slopes + bias)
        pull = weights * signs / (1 + np.exp(np.clip(margin, -40, 40)))
        value = (weights * np.logaddexp(0, -margin)).sum() + 0.5 * RIDGE * slopes @ slopes
        return value, np.append(RIDGE * slopes - matrix.T @ pull, -pull.sum())

    start = np.zeros(matrix.shape[1] + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x


def _merged(tells: Fitted, stands: Fitted) -> dict[str, Any]:
    """Put both models into one table: for each feature its labels' places and weights."""
    rows: dict[str, list[float]] = {}
    for (names, fitted), first in ((tells, 0), (stands, len(TOLD))):
        for number, name in enumerate(names):
            column = fitted[:, number]
            for place in np.flatnonzero(np.abs(column) > SMALLEST):
                rows.setdefault(name, []).extend(
                    (int(first + place), round(float(column[place]), 2))
                )
    bias = [round(float(value), 3) for _, fitted in (tells, stands) for value in fitted[:, -1]]
    return {"labels": LABELS, "bias": bias, "weights": rows}


def train_ear(heard: Sequence[Heard]) -> None:
    """Fit what sentences tell and how far an act has come, and write the table."""
    weights = np.array([row.weight for row in heard])
    targets = np.zeros((len(heard), len(TOLD)))
    for number, row in enumerate(heard):
        for event in row.events:
            targets[number, TOLD.index(event["instrument"])] = 1
        targets[number, -1] = any(event["new"] for event in row.events)
    tells = fit([row.features for row in heard], targets, weights)
    acts = [(row, event) for row in heard for event in row.events]
    stands = np.array([[float(n == event["status"]) for n in STATUSES] for _, event in acts])
    rows = [[*row.features, f"!{event['instrument']}"] for row, event in acts]
    status = fit(rows, stands, np.array([row.weight for row, _ in acts]))
    text = json.dumps(_merged(tells, status), ensure_ascii=False, separators=(",", ":"))
    EAR.write_text(text + "\n", encoding="utf-8")
    ear.forget()


def laid(record: Record) -> list[Heard]:
    """Lay the events of a page to the sentences that tell them best."""
    page = page_of(record)
    small, parts = folded(page.text), sentences(page)
    matches = [cues.matches(ear.classes(part)) for part in parts]
    features = [
        tuple(ear.features(small, part, found)) for part, found in zip(parts, matches, strict=True)
    ]
    told: list[list[dict[str, Any]]] = [[] for _ in parts]
    for event in record["events"]:
        scores = [
            _telling(event, part, found, names)
            for part, found, names in zip(parts, matches, features, strict=True)
        ]
        for number, value in enumerate(scores):
            if value == max(scores) or value > 2.5:
                told[number].append({**event, "new": event["role"] != "background"})
    rows = [Heard(f, e, PAGE_WEIGHT) for f, e in zip(features, told, strict=True)]
    return [*rows, *_headed(record)]


def _headed(record: Record) -> Iterator[Heard]:
    """Yield what the address of a page tells: its news, as a headline would."""
    words = address(record["url"] or "")
    if words:
        part = spoken(words, record["lang"])
        matches = cues.matches(ear.classes(part))
        told = [{**event, "new": True} for event in record["events"] if event["role"] == "main"]
        yield Heard(tuple(ear.features(words, part, matches)), told, PAGE_WEIGHT)


def _telling(
    event: Mapping[str, Any], part: Sentence, found: Sequence[Match], names: Sequence[str]
) -> float:
    """Score how well a sentence tells an event."""
    heard = ear.hear(names)
    grammar = max((p.weight for p, _, _ in found if p.instrument == event["instrument"]), default=0)
    own, named = set(event["commodities"]), {good for good, _ in attribution.minerals(part)}
    value = heard.odds(event["instrument"]) + 0.8 * grammar + bool(own & named)
    if event["role"] != "background":
        value += 0.4 / (1 + part.number)
    elif heard.odds(ear.NEWS) < 0:
        value += 0.5
    return -9.0 if own and named and not own & named else value


# The judge ---------------------------------------------------------------------------------


def examples(records: Sequence[Record]) -> Iterator[tuple[dict[str, float], int, float]]:
    """Yield what the judge sees of each cluster, whether it is news, and the weight of that."""
    for record in records:
        page = page_of(record)
        story = Story.from_sentences(page, sentences(page))
        clusters = telling.gather(story)
        guesses = [
            {"instrument": c.best.instrument, "actor": [p.id for p in c.best.actors],
             "commodities": [good for good, _ in recognise.minerals_of(story, c)]}
            for c in clusters
        ]  # fmt: skip
        pairs = matched(record["events"], guesses)
        for number, cluster in enumerate(clusters):
            when = timing(story, cluster.best.instrument, cluster.sure, cluster.status)
            traits = judge.traits(story, cluster, clusters, when)
            role = record["events"][pairs[number]]["role"] if number in pairs else None
            yield traits, *(ROLE_WEIGHTS[role] if role else (0, 1.0))


def train_judge(seen: Sequence[tuple[dict[str, float], int, float]]) -> None:
    """Fit the judge and write its table."""
    names = sorted({name for traits, _, _ in seen for name in traits})
    matrix = np.array([[traits.get(name, 0.0) for name in names] for traits, _, _ in seen])
    signs = np.array([2.0 * news - 1 for _, news, _ in seen])
    weights = np.array([weight for _, _, weight in seen])

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        margin = signs * (matrix @ theta)
        pull = weights * signs / (1 + np.exp(np.clip(margin, -40, 40)))
        value = (weights * np.logaddexp(0, -margin)).sum() + 0.5 * JUDGE_RIDGE * theta @ theta
        return value, JUDGE_RIDGE * theta - matrix.T @ pull

    theta = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    weighed = {name: round(float(value), 3) for name, value in zip(names, theta, strict=True)}
    text = json.dumps({"weights": weighed}, indent=1)
    (DATA / "judge.json").write_text(text + "\n", encoding="utf-8")
    judge.forget()


def train(records: Sequence[Record], heard: Sequence[Heard], folds: int = 4) -> None:
    """Learn everything from pages and sentences."""
    fold = np.random.default_rng(0).integers(0, folds, len(records))
    train_ear(heard)
    by_sentences = EAR.read_text(encoding="utf-8")
    seen = []
    for number in range(folds):
        inside = [record for record, k in zip(records, fold, strict=True) if k != number]
        _train_by_pages(by_sentences, inside, heard)
        seen += examples([record for record, k in zip(records, fold, strict=True) if k == number])
    train_judge(seen)
    _train_by_pages(by_sentences, records, heard)


def _train_by_pages(by_sentences: str, records: Sequence[Record], heard: Sequence[Heard]) -> None:
    """Fit the ear on sentences and pages, whose events an ear that knows sentences lays out."""
    EAR.write_text(by_sentences, encoding="utf-8")
    ear.forget()
    train_ear([*heard, *(row for record in records for row in laid(record))])


def guessed(records: Sequence[Record]) -> list[tuple[Record, list[dict[str, Any]]]]:
    """Recognise pages; return each with the events that are called its news."""
    return [
        (
            r,
            [
                e.model_dump(mode="json")
                for e in recognise.recognise(page_of(r))
                if e.role == "main"
            ],
        )
        for r in records
    ]


def main() -> None:
    """Train, or say by folds how well training does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folds", type=int, default=0, help="judge on pages left out, by folds")
    arguments = parser.parse_args()
    heard = taught()
    records = [r for p in sorted(CORPUS.glob("pages-train-*.jsonl")) for r in read_records(p)]
    if arguments.folds:
        fold = np.random.default_rng(1).integers(0, arguments.folds, len(records))
        pairs = []
        for number in range(arguments.folds):
            train([r for r, k in zip(records, fold, strict=True) if k != number], heard)
            pairs += guessed([r for r, k in zip(records, fold, strict=True) if k == number])
        print("pages left out:", score(pairs))
    train(records, heard)
    for path in sorted(CORPUS.glob("pages-judge-*.jsonl")):
        print(path.stem, score(guessed(read_records(path))))


if __name__ == "__main__":
    main()
