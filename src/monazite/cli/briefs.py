"""Commands that write briefings: on a scenario, on a page, on events of the store."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monazite.cli.options import (
    DEFAULT_STORE,
    Answers,
    AsJson,
    Chain,
    Draws,
    EngineName,
    Form,
    IncludeUnreal,
    Keep,
    Language,
    Months,
    Out,
    Published,
    SamplingName,
    ScenarioOut,
    Seed,
    Store,
    Threshold,
    Workers,
    parameters,
)
from monazite.cli.shown import store_name
from monazite.cli.terminal import check_target, print_json, progress, say, write_whole
from monazite.errors import InputError

if TYPE_CHECKING:
    from monazite.desk.measures import Drafted
    from monazite.scenario import Scenario
    from monazite.simulate import Progress
    from monazite.study import StoredDraft, Stress

BriefTarget = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|PAGE",
        help="A name out of `scenario list`, a TOML file, or a saved page (.html, .txt).",
    ),
]
Events = Annotated[
    list[int],
    typer.Argument(metavar="ID...", help="Numbers out of `events list`.", show_default=False),
]


def brief(
    target: BriefTarget,
    out: Out = None,
    form: Form = None,
    language: Language = "en",
    months: Months = None,
    draws: Draws = 1,
    seed: Seed = 0,
    threshold: Threshold = 0.05,
    chain: Chain = None,
    workers: Workers = 1,
    engine: EngineName = None,
    sampling: SamplingName = "latin",
    change: Answers = None,
    published: Published = None,
    include_unreal: IncludeUnreal = False,
    scenario_out: ScenarioOut = None,
    keep: Keep = False,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write a sourced briefing on a scenario, or on a news page: one file, no network needed.

    Of a page the events are read, become a scenario, and are simulated. Nobody has reviewed them
    then: the briefing says so, and lists what was assumed first. With --keep the page, its events
    and the run go into the store, and `site build` publishes the briefing; a page that is there
    already is taken with its reviews.

    For example:

        monazite brief china-2025-licences
        monazite brief myanmar-halt --out myanmar.md
        monazite brief mine.toml --chain my-folder --format json
        monazite brief saved-page.html --out briefing.html --scenario-out drafted.toml
        monazite brief saved-page.html --set 1.start=2025-05 --lang ja
        monazite brief saved-page.html --keep
    """
    from monazite import study

    is_page = study.is_page(target)
    task = _Task.prepared(out, form, language, scenario_out, store if keep else None, as_json)
    answers, changes = _answers(change, of_events=is_page)
    if not is_page and (scenario_out or include_unreal or published):
        raise _needs_a_page(target)
    if keep:
        study.prepare_store(store)
    scenario: str | Scenario = target
    if is_page:
        scenario = task.read(target, published, chain, answers, include_unreal=include_unreal)

    def simulate(tell: "Progress") -> "Stress":
        return study.stress(
            scenario, months=months, draws=draws, seed=seed, threshold=threshold,
            network=chain, processes=workers, engine=engine, sampling=sampling, progress=tell,
            **changes,
        )  # fmt: skip

    task.run(simulate, f"Briefing on {target}")


def brief_events(
    numbers: Events,
    out: Out = None,
    form: Form = None,
    language: Language = "en",
    months: Months = None,
    draws: Draws = 1,
    seed: Seed = 0,
    threshold: Threshold = 0.05,
    chain: Chain = None,
    workers: Workers = 1,
    engine: EngineName = None,
    sampling: SamplingName = "latin",
    change: Answers = None,
    include_unreal: IncludeUnreal = False,
    scenario_out: ScenarioOut = None,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write a briefing on events of the store, and keep the run there for the site.

    Where somebody has accepted or edited every event that is simulated, nothing at its head says
    that nobody has reviewed it. Answers go by the numbers of the events.

    For example:

        monazite events brief 12
        monazite events brief 12 14 --out briefing.html --lang es
        monazite events brief 12 --set 12.rate="25 %"
    """
    from monazite import study

    task = _Task.prepared(out, form, language, scenario_out, store, as_json)
    answers, changes = _answers(change, of_events=True)
    with progress("Drafting"):
        task.draft = study.draft_stored(
            store, numbers, chain=chain, answers=answers, include_unreal=include_unreal
        )
    task.drafted = task.draft.drafted
    study.require_measures(task.drafted)
    scenario = task.drafted.scenario

    def simulate(tell: "Progress") -> "Stress":
        return study.stress(
            scenario, months=months, draws=draws, seed=seed, threshold=threshold,
            network=chain, processes=workers, engine=engine, sampling=sampling, progress=tell,
            **changes,
        )  # fmt: skip

    task.run(simulate, f"Briefing on {scenario.title}")


@dataclass
class _Task:
    """A briefing to be written. ``store`` : where the run is kept, if anywhere."""

    file: Path
    form: str
    language: str
    scenario_out: Path | None
    store: str | None
    as_json: bool
    drafted: "Drafted | None" = None
    draft: "StoredDraft | None" = None

    @classmethod
    def prepared(
        cls, out: Path | None, form: str | None, language: str, scenario_out: Path | None,
        store: str | None, as_json: bool,
    ) -> "_Task":  # fmt: skip
        """See before the work begins that everything can be written."""
        from monazite import study

        chosen = study.brief_format(form, out or Path("briefing.html"))
        file = out or Path(f"briefing.{chosen}")
        study.brief_language(language)
        for path in filter(None, (file, scenario_out)):
            check_target(path)
        return cls(file, chosen, language, scenario_out, store, as_json)

    def read(
        self,
        page: str,
        published: str | None,
        chain: str | None,
        answers: dict[str, str],
        *,
        include_unreal: bool,
    ) -> "Scenario":
        """Read a page and draft its scenario; one without a measure is an error that says why."""
        from monazite import study

        with progress(f"Reading {page}"):
            readings = study.read(page, published=published)
            if self.store is None:
                self.drafted = study.draft(
                    readings, chain=chain, answers=answers, include_unreal=include_unreal
                )
            else:
                self.draft = study.draft_kept(
                    self.store,
                    readings,
                    chain=chain,
                    answers=answers,
                    include_unreal=include_unreal,
                )
                self.drafted = self.draft.drafted
        study.require_measures(self.drafted)
        return self.drafted.scenario

    def run(
        self,
        simulate: "Callable[[Progress], Stress]",
        title: str,
    ) -> None:
        """Simulate, write, keep, and say what was written."""
        from monazite import study

        with progress(title) as tell:
            result = simulate(tell)
            text = study.brief(
                result, form=self.form, language=self.language, reading=self.drafted, progress=tell
            )
        if self.drafted and self.scenario_out is not None:
            write_whole(self.scenario_out, self.drafted.scenario.to_toml())
        write_whole(self.file, text)
        place = self.file.resolve()
        number = (
            study.record_run(self.store, result, output=str(place), draft=self.draft)
            if self.store
            else None
        )
        if self.as_json:
            print_json({"path": str(place), "bytes": len(text.encode()), "run": number})
        else:
            self._tell(number)

    def _tell(self, number: int | None) -> None:
        if self.drafted is not None:
            for line in draft_lines(self.drafted):
                say(line)
        if self.drafted is not None and self.scenario_out is not None:
            typer.echo(f"Scenario written: {self.scenario_out.resolve()}")
        if self.store is not None:
            typer.echo(f"Run {number} kept in {store_name(self.store)}.")
        typer.echo(f"Briefing written: {self.file.resolve()}")


def _needs_a_page(target: str) -> InputError:
    return InputError(
        "--published, --include-unreal and --scenario-out go with a page",
        where=target,
        way_out="name a saved page that ends in .html or .txt",
    )


def _answers(
    given: list[str] | None, *, of_events: bool
) -> tuple[dict[str, str], dict[str, float]]:
    """Split ``--set`` words into answers on events, whose names have a point, and parameters."""
    answers: dict[str, str] = {}
    rest: list[str] = []
    for word in given or []:
        name, _, value = word.partition("=")
        if of_events and "." in name:
            answers[name] = value
        else:
            rest.append(word)
    return answers, parameters(rest)


def draft_lines(drafted: "Drafted") -> Iterator[str]:
    """Say what a draft rests on: how many events, what was assumed, what was left out."""
    used = len(drafted.measures_of)
    yield f"{drafted.scenario.title}: {used} of {len(drafted.events)} events simulated."
    for size in drafted.assumed:
        value = " ".join(part for part in (size.value, size.unit) if part)
        yield f"  assumed, {size.event} {size.field}: {value} ({size.reason})"
    for unused in drafted.unused:
        yield f"  not used, {unused.event}: {unused.reason}"
    for question in drafted.questions:
        default = f" (now: {question.default})" if question.default else ""
        yield f"  open, --set {question.event}.{question.field}=VALUE: {question.text}{default}"
