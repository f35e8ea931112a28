"""Run the back-test and write docs/reference/backtest.md and the record in the README.

Usage: python scripts/build_backtest_docs.py [--draws 200] [--seed 0]

It takes some minutes and is no part of the gates: run it when parameters, chains, scenarios or the
market have changed, and read what it says before it is committed.
"""

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from monazite import backtest, study
from monazite.backtest import Prediction, Score
from monazite.scenario import load

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "backtest.md"
README = ROOT / "README.md"
RECORD = re.compile(r"(?<=<!-- record -->\n).*?(?=<!-- end of record -->)", re.DOTALL)
KNOWN, OPEN = "quota-2010", ("licences-2025", "gallium-2023")
EVERY = 3
"""Months between two columns of predictions."""

HEAD = """% Written by scripts/build_backtest_docs.py; do not edit.

# Back-test

What the model says beside what was observed, in episodes whose inputs (policies and shipped
tonnes, never prices) are in the shipped data. One [distribution of the
parameters](../adr/0009-one-parameter-distribution.md) serves all episodes and none is tuned to any
of them. Multiples are of the mean of 2009, of January to March 2025 and of January to June 2023.
*Predicted* is the median over the draws, the band holds 80 % of them. *outside* is what is quoted
outside China (free on board as paid in Japan, spot in the European Union, in warehouse Rotterdam),
*inside* in China, *ratio* the first over the second.

Made on {day} with version {version}, {draws} draws, seed {seed}: `monazite backtest --draws
{draws} --seed {seed}` prints the same figures, with `--json` those of every month.
"""

QUOTA = """
## Export quotas of 2010 to 2012 (`quota-2010`)

Every outcome that was published and that a series answers to. They are not independent: 35 quotes
of eight elements in one episode, in which prices rose together and fell together.
"""

UNKNOWN = """
Outcomes are not in the shipped data, so that nobody can tune to them: compare the predictions with
the quotes of your source. Median and 80 % band in every third month.
"""


def main() -> None:
    """Run, write the page, write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    found = {
        episode: backtest.predict(
            episode, study.chain, draws=chosen.draws, seed=chosen.seed, processes=2
        )
        for episode in (KNOWN, *OPEN)
    }
    score = backtest.score(found[KNOWN])
    assert score is not None
    PAGE.write_text(page(found, score, draws=chosen.draws, seed=chosen.seed), encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    record = "\n".join(["", *totals(score), "", ""])
    README.write_text(RECORD.sub(lambda _: record, readme), encoding="utf-8")


def page(found: dict[str, Sequence[Prediction]], score: Score, *, draws: int, seed: int) -> str:
    """Return the whole page."""
    day = datetime.now(UTC).date().isoformat()
    head = HEAD.format(day=day, version=version("monazite"), draws=draws, seed=seed)
    lines = [head, QUOTA, *outcomes(found[KNOWN]), "", *totals(score)]
    for episode in OPEN:
        lines += [f"\n## {load(backtest.SCENARIOS[episode]).title} (`{episode}`)", UNKNOWN]
        lines += predictions(found[episode])
    return "\n".join(lines) + "\n"


def outcomes(rows: Iterable[Prediction]) -> Iterator[str]:
    """Yield the rows whose outcome is known."""
    known = [
        (
            row.commodity, row.market, row.month, number(row.predicted), band(row),
            number(row.observed), number(row.ratio),
        )
        for row in rows if row.observed is not None
    ]  # fmt: skip
    yield from table(
        ("good", "price", "month", "predicted", "80 % band", "observed", "ratio"), known
    )


def totals(score: Score) -> Iterator[str]:
    """Yield how good the predictions are, beside the forecast that nothing changes."""
    error, near = score.no_change_error_factor, score.no_change_within_two
    yield from table(
        (f"{score.outcomes} outcomes", "Monazite", "no change"),
        (
            ("typical error factor", f"{score.error_factor:.2f}", f"{error:.2f}"),
            ("within a factor of two", f"{score.within_two:.0%}", f"{near:.0%}"),
            ("inside the 80 % band", f"{score.in_band:.0%}", ""),
            ("direction right", f"{score.direction:.0%}", ""),
            ("rank correlation", f"{score.rank_correlation:.2f}", ""),
        ),
    )


def predictions(rows: Sequence[Prediction]) -> Iterator[str]:
    """Yield one line per series."""
    cells = {(row.commodity, row.market, row.month): row for row in rows}
    series = dict.fromkeys((row.commodity, row.market) for row in rows)
    months = sorted({row.month for row in rows})[EVERY - 1 :: EVERY]
    lines = (
        (good, market, *(cell(cells.get((good, market, month))) for month in months))
        for good, market in series
    )
    yield from table(("good", "price", *months), lines)


def cell(row: Prediction | None) -> str:
    """Return median and band."""
    return "" if row is None else f"{number(row.predicted)} ({band(row)})"


def band(row: Prediction) -> str:
    """Return the ends of the band."""
    return f"{number(row.low)}–{number(row.high)}"


def number(value: float | None) -> str:
    """Return a multiple as people read it."""
    if value is None:
        return "–"
    places = 2 if value < 1 else 1 if value < 20 else 0
    return f"{value:,.{places}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    main()
