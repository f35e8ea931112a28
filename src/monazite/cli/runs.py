"""Commands that balance, simulate and compare: chain, stress, backtest, rerun."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monazite.cli.options import (
    AsJson,
    Chain,
    Changes,
    Draws,
    EngineName,
    Months,
    SamplingName,
    ScenarioName,
    Seed,
    Threshold,
    Workers,
    parameters,
)
from monazite.cli.terminal import (
    amount,
    band,
    check_target,
    code,
    multiple,
    number,
    percent,
    print_json,
    progress,
    say,
    table,
    words,
    write_whole,
)

if TYPE_CHECKING:
    from monazite import study as study_module

LARGEST = 10
"""Adjustments of the balance that a screen holds."""
MOST_RATIONED = 6
"""Markets without a price that a screen names."""


# -- the chain ---------------------------------------------------------------------------------


def chain(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="CHAIN",
            help="A shipped chain or a folder of your own.",
            show_default="rare earths, 2024",
        ),
    ] = None,
    processes: Annotated[
        bool, typer.Option("--processes", help="Also every mine and plant with its capacity.")
    ] = False,
    adjustments: Annotated[
        bool, typer.Option("--adjustments", help="Also the largest changes that the balance made.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show who makes what, stage by stage, in the balanced base year.

    Shares stand beside published ones, with the reason where they differ.

    For example:

        monazite chain
        monazite chain rare-earths-2009 --adjustments
        monazite chain my-folder --processes
        monazite chain --json
    """
    from monazite import study

    with progress("Balancing the chain"):
        content = study.describe_chain(name or study.DEFAULT_CHAIN)
    if as_json:
        print_json(content)
        return
    _show_concentration(content)
    if content["reconciliation"]:
        _show_reconciliation(content["reconciliation"])
    if processes:
        _show_processes(content)
    if adjustments:
        _show_adjustments(content)


def _show_concentration(content: dict[str, Any]) -> None:
    table(
        f"{content['title']}: who makes what in {content['base_year']}",
        [
            code("stage"), code("commodity"), number("t/year"), code("largest"), number("share"),
            number("top 3"), number("HHI"),
        ],
        [
            [
                row["stage"], row["commodity"], f"{row['production']:,.0f}", row["largest_region"],
                percent(row["largest_share"]), percent(row["top3_share"]), f"{row['hhi']:.2f}",
            ]
            for row in content["concentration"]
        ],
        caption="HHI: 0 scattered, 1 a single region. --adjustments, --processes and --json "
        "show more.",
    )  # fmt: skip


def _show_reconciliation(rows: list[dict[str, Any]]) -> None:
    table(
        "Beside published shares of the world",
        [
            words("what"), code("region"), number("here"), number("published"),
            number("points apart"), number("note"),
        ],
        [
            [
                row["what"], row["region"], percent(row["model"], 1), percent(row["published"], 1),
                f"{100 * row['difference']:+.1f}", f"{place}",
            ]
            for place, row in enumerate(rows, start=1)
        ],
    )  # fmt: skip
    for place, row in enumerate(rows, start=1):
        say(f"{place}. {row['reason']} (source {row['source']}, grade {row['grade']})")
    say()


def _show_processes(content: dict[str, Any]) -> None:
    table(
        "Mines and plants",
        [
            words("process"), code("region"), number("capacity"), number("activity"),
            number("used"), code("grade"),
        ],
        [
            [
                row["process"], row["region"], amount(row["capacity"]), amount(row["activity"]),
                percent(row["utilisation"]), row["grade"],
            ]
            for row in content["processes"]
        ],
        caption=f"In {content['unit']} of what goes through; grade of the row that states it.",
    )  # fmt: skip


def _show_adjustments(content: dict[str, Any]) -> None:
    stated = [row for row in content["adjustments"] if row["kind"] != "opened route"]
    table(
        "What the balance changed most, in standard deviations of the figure's grade",
        [
            words("figure"), number("stated"), number("balanced"), number("change"),
            number("st. dev."), code("grade"),
        ],
        [
            [
                row["item"], amount(row["prior"]), amount(row["balanced"]),
                f"{row['change']:+.1%}", f"{row['strain']:.2f}", row["grade"],
            ]
            for row in stated[:LARGEST]
        ],
        caption=f"{min(LARGEST, len(stated))} of {len(stated):,} figures, in {content['unit']}; "
        f"largest imbalance left: {content['imbalance']:.0e}.",
    )  # fmt: skip


# -- scenarios that run ------------------------------------------------------------------------


def stress(
    scenario: ScenarioName,
    months: Months = None,
    draws: Draws = 1,
    seed: Seed = 0,
    threshold: Threshold = 0.05,
    chain: Chain = None,
    workers: Workers = 1,
    engine: EngineName = None,
    sampling: SamplingName = "latin",
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep every draw in Parquet files; the same command again goes on.",
        ),
    ] = None,
    change: Changes = None,
    manifest: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the manifest, for `monazite rerun`."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a scenario: prices, shortages and days of cover month by month.

    For example:

        monazite stress china-2025-licences
        monazite stress myanmar-halt --months 12 --draws 200 --workers 2
        monazite stress myanmar-halt --draws 5000 --workers 2 --save runs/myanmar
        monazite stress mine.toml --chain my-folder --set holder_release=0.7
        monazite stress china-full-ban-allies --json > result.json
    """
    from monazite import study

    changes = parameters(change)
    if manifest is not None:
        check_target(manifest)
    run = study.stress if save is None else partial(study.stress_into, save)
    with progress(f"Simulating {scenario}") as tell:
        result = run(
            scenario, months=months, draws=draws, seed=seed, threshold=threshold, network=chain,
            processes=workers, engine=engine, sampling=sampling, progress=tell, **changes,
        )  # fmt: skip
    content = result.as_dict() if as_json else study.summarise(result)
    if manifest is not None:
        write_whole(manifest, result.manifest.as_text())
    if as_json:
        print_json(content)
        return
    _show_stress(content, result)
    if isinstance(result, study.SavedStress):
        earlier = f", {result.done_before} of them made before" if result.done_before else ""
        say(f"{draws} draws are in {save}{earlier}.")


def _show_stress(
    summary: dict[str, Any], result: "study_module.Stress | study_module.SavedStress"
) -> None:
    say(f"{summary['title']}: {summary['months'][0]} to {summary['months'][-1]}")
    say()
    _show_shortages(summary)
    _show_prices(summary)
    certificate = result.certificate
    say(
        f"Certificate: largest residual {certificate.worst():.1e} (excess demand, mass, money, "
        f"complementarity); {certificate.steps} Newton steps at most."
    )


def _show_shortages(summary: dict[str, Any]) -> None:
    rows, left = summary["shortages"], summary["more_shortages"]
    limit = f"Short: {percent(summary['threshold'])} or more of demand has stopped."
    if not rows:
        say(f"Nobody runs short. {limit}")
        say()
        return
    many = summary["draws"] > 1
    table(
        "First to run short" + (f", medians of {summary['draws']} draws" if many else ""),
        [
            code("region"), words("use"), words("commodity"), code("from"), number("depth"),
            number("months"), number("lost t"), *([number("odds")] if many else []),
        ],
        [
            [
                row["region"], row["use"], row["commodity"], row["first"], percent(row["depth"]),
                f"{row['duration']:.0f}", amount(row["loss_t"]),
                *([percent(row["probability"])] if many else []),
            ]
            for row in rows
        ],
        caption=limit + (f" {left} more: --json." if left else ""),
    )  # fmt: skip


def _show_prices(summary: dict[str, Any]) -> None:
    inside, many = summary["inside"], summary["draws"] > 1
    where = f", outside and inside {', '.join(inside)}" if inside else ""
    rows = summary["prices"]
    if not rows:
        say(f"No price moves by {percent(summary['moved'])} of its base.")
        say()
        return
    table(
        f"Highest prices as multiples of the base year{where}",
        [
            code("commodity"), code("when"), number("outside" if inside else "spot"),
            *([number("80 % band")] if many else []), number("paid on average"),
            *([number("inside")] if inside else []),
        ],
        [
            [
                row["commodity"], row["month"], multiple(row["outside"]),
                *([band(row["low"], row["high"])] if many else []), multiple(row["average"]),
                *([multiple(row["inside"])] if inside else []),
            ]
            for row in rows
        ],
        caption=_left_out(summary),
    )  # fmt: skip


def _left_out(summary: dict[str, Any]) -> str:
    """Say which goods are not in the table of prices, and which markets have no price."""
    calm, more, rationed = summary["calm_goods"], summary["more_prices"], summary["rationed"]
    parts = []
    if calm:
        parts.append(f"Goods within {percent(summary['moved'])} of their base: {calm}.")
    if more:
        parts.append(f"Other goods that move: {more}.")
    if rationed:
        named = ", ".join(
            f"{row['commodity']} in {row['region']} (from {row['first']})"
            for row in rationed[:MOST_RATIONED]
        )
        rest = len(rationed) - MOST_RATIONED
        others = f" and {rest} more" if rest > 0 else ""
        parts.append(f"Rationed for a time, and then without a price: {named}{others}.")
    return " ".join(parts)


def rerun(
    manifest: Annotated[
        Path,
        typer.Argument(metavar="MANIFEST", help="A manifest, or a result written with --json."),
    ],
    workers: Workers = 1,
    engine: EngineName = None,
    as_json: AsJson = False,
) -> None:
    """Run a manifest again and insist on the same numbers.

    For example:

        monazite stress china-2025-licences --manifest manifest.json
        monazite rerun manifest.json
    """
    from monazite import study
    from monazite.manifest import Manifest

    with progress("Running again") as tell:
        given = Manifest.read(manifest)
        result = study.rerun(given, processes=workers, engine=engine, progress=tell)
    if as_json:
        print_json(result.as_dict())
    else:
        months, draws = len(result.trajectory.months), result.trajectory.draws
        typer.echo(
            f"Same numbers: {result.scenario.id}, {months} months, draws {draws}, "
            f"fingerprint {result.manifest.result[:16]}"
        )


# -- back-test ---------------------------------------------------------------------------------


def backtest(
    episode: Annotated[
        str | None,
        typer.Argument(
            metavar="EPISODE",
            help="quota-2010, licences-2025 or gallium-2023.",
            show_default="all of them",
        ),
    ] = None,
    draws: Draws = 200,
    seed: Seed = 0,
    workers: Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Lay predictions beside what was observed in past episodes, with bands.

    For example:

        monazite backtest
        monazite backtest quota-2010 --draws 50
        monazite backtest --json > predictions.json
    """
    from monazite import study

    with progress("Back-test") as tell:
        result = study.backtest(episode, draws=draws, seed=seed, processes=workers, progress=tell)
    if as_json:
        print_json(result)
        return
    for name in dict.fromkeys(row["episode"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["episode"] == name]
        _show_episode(name, rows)
        if name in result["summary"]:
            _show_score(name, result["summary"][name])


def _show_episode(name: str, rows: list[dict[str, Any]]) -> None:
    """Every outcome that is known, or else the height of every series."""
    known = [row for row in rows if row["observed_multiple"] is not None]
    table(
        f"{name}: price multiples, predicted and observed",
        [
            code("commodity"), code("market"), code("month"), number("predicted"),
            number("80 % band"), number("observed"), number("ratio"),
        ],
        [
            [
                row["commodity"], row["market"], row["month"], multiple(row["predicted_multiple"]),
                band(row["low"], row["high"]), multiple(row["observed_multiple"]),
                multiple(row["ratio"], 2),
            ]
            for row in known or _heights(rows)
        ],
        caption="" if known else "No outcome is held here: the highest month of each series. "
        "All months: --json.",
    )  # fmt: skip


def _heights(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["commodity"], row["market"]
        height = row["predicted_multiple"] or 0.0
        if key not in best or height > (best[key]["predicted_multiple"] or 0.0):
            best[key] = row
    return list(best.values())


def _show_score(name: str, score: dict[str, Any]) -> None:
    table(
        f"{name}: how good over {score['outcomes']} outcomes",
        [words(""), number("here"), number("no change")],
        [
            [
                "typical error factor", multiple(score["error_factor"], 2),
                multiple(score["no_change_error_factor"], 2),
            ],
            [
                "within a factor of two", percent(score["within_two"]),
                percent(score["no_change_within_two"]),
            ],
            ["outcomes inside the 80 % band", percent(score["in_band"]), ""],
            ["direction right", percent(score["direction"]), ""],
            ["rank correlation", multiple(score["rank_correlation"], 2), ""],
        ],
    )  # fmt: skip
