"""From a simulated scenario to the content of its briefing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from monazite.briefing.content import (
    AssumedFigure,
    BriefingData,
    MeasureText,
    RemedyLine,
    ScenarioText,
    assemble,
)
from monazite.briefing.language import mark
from monazite.indicators import Band
from monazite.outlook import controlling
from monazite.reference.source import Register, Source, shipped_register
from monazite.remedies import Relief
from monazite.scenario import Measure, Scenario
from monazite.trajectory import Trajectory

if TYPE_CHECKING:
    from monazite.desk.measures import Drafted

AS_SAID = mark("as said")
BY_MEASURE = mark("by measure")
CHOSEN = mark("the scenario's author chose it")
"""Value, unit and reason of a size that stands in the words of its measure."""

WRITER_LICENCE = "the scenario's author answers for its use"


def compose(
    scenario: Scenario,
    trajectory: Trajectory,
    reliefs: Sequence[Relief],
    *,
    manifest: Mapping[str, Any],
    threshold: float,
    own_sources: Register | None = None,
    reading: "Drafted | None" = None,
) -> BriefingData:
    """Gather everything that a briefing says.

    Parameters
    ----------
    scenario, trajectory
        What was simulated, and what came of it.
    reliefs : sequence of Relief
        Remedies that were tried, the best first.
    manifest : mapping
        What a rerun needs.
    threshold : float
        Stopped share from which a use counts as short.
    own_sources : Register, optional
        Sources of a chain that is not shipped.
    reading : Drafted, optional
        The pages and events that the scenario was drafted from.
    """
    register = shipped_register().joined(_sources(scenario), where=scenario.origin or scenario.id)
    if own_sources is not None:
        register = register.joined(own_sources)
    data = assemble(
        _words(scenario, trajectory),
        trajectory,
        sources=register,
        assumptions=_assumed_sizes(scenario),
        manifest=_flat(manifest),
        made_on=datetime.now(UTC).date(),
        remedies=[_line(relief) for relief in reliefs],
        threshold=threshold,
    )
    return replace(data, reading=reading)


def _words(scenario: Scenario, trajectory: Trajectory) -> ScenarioText:
    cited = dict.fromkeys(name for m in scenario.measures for name in m.source)
    return ScenarioText(
        name=scenario.id,
        title=scenario.title,
        description=scenario.description,
        measures=tuple(_measure(measure) for measure in scenario.measures),
        controlling=controlling(scenario, trajectory.spot_markets),
        sources=tuple(name for name in cited if name not in ("assumed", "user")),
    )


def _measure(measure: Measure) -> MeasureText:
    return MeasureText(
        words=measure.sentence(),
        start=measure.start,
        end=measure.end,
        announced=measure.known_from if measure.known_from != measure.start else None,
        label=measure.label,
        sources=tuple(measure.source),
        grade=measure.grade,
        note=measure.note,
        measure=measure,
    )


def _sources(scenario: Scenario) -> Register:
    """Collect the scenario's own sources; those of the shipped register are left to it."""
    known = shipped_register()
    own = {
        source.id: Source(
            id=source.id,
            producer=source.producer,
            title=source.title,
            licence_raw=WRITER_LICENCE,
            licence_product=WRITER_LICENCE,
            year=source.year,
            url=source.url,
            note=source.note,
        )
        for source in scenario.sources
        if source.id not in known
    }
    return Register(MappingProxyType(own))


def _assumed_sizes(scenario: Scenario) -> tuple[AssumedFigure, ...]:
    """Sizes of measures that nobody published."""
    return tuple(
        AssumedFigure(
            id=f"{scenario.id}:measure-{number}",
            what=measure.sentence(),
            value=AS_SAID,
            unit=BY_MEASURE,
            reason=measure.note or CHOSEN,
            source="assumed",
        )
        for number, measure in enumerate(scenario.measures, start=1)
        if measure.grade == "E"
    )


def _line(relief: Relief) -> RemedyLine:
    share = relief.avoided_share
    return RemedyLine(
        name=relief.name,
        words=f"{relief.sentence}; assumed: {relief.assumption}",
        stopped_avoided=Band(share, share, share),
        output_saved=_point(relief.output_saved),
        months_gained=float("inf") if relief.delay_months is None else float(relief.delay_months),
    )


def _point(value: float | None) -> Band | None:
    """Return a band without width, for figures of a single run."""
    return None if value is None else Band(value, value, value)


def _flat(manifest: Mapping[str, Any]) -> dict[str, str]:
    """One line of text per entry."""
    lines: dict[str, str] = {}
    for key, value in manifest.items():
        if isinstance(value, Mapping):
            lines.update({f"{key}.{name}": str(part) for name, part in value.items()})
        else:
            lines[key] = str(value)
    return lines
