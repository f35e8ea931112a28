"""Briefings: the written result of a stress."""

from pathlib import Path

from monazite import remedies
from monazite.desk.measures import Drafted
from monazite.errors import UnknownCodeError
from monazite.parameters import Parameters
from monazite.scenario import Scenario, lower
from monazite.simulate import Progress, simulate
from monazite.study.runs import Stress, stress

FORMATS = ("html", "md", "json")


def brief_format(form: str | None, out: Path) -> str:
    """Return the format of a briefing: as asked, or by the ending of the file.

    Raises
    ------
    UnknownCodeError
        If there is no such format.
    """
    chosen = form or out.suffix.lstrip(".") or "html"
    if chosen not in FORMATS:
        raise UnknownCodeError("format", chosen, FORMATS, where="" if form else str(out))
    return chosen


def brief_language(language: str) -> str:
    """Return the language of a briefing, if there is such a one.

    Raises
    ------
    UnknownCodeError
        If there is not.
    """
    from monazite.briefing.language import LANGUAGES  # noqa: PLC0415 - babel is slow to load

    if language not in LANGUAGES:
        raise UnknownCodeError("language", language, LANGUAGES)
    return language


def brief(
    scenario: str | Path | Scenario | Stress,
    *,
    form: str = "html",
    language: str = "en",
    reading: Drafted | None = None,
    with_remedies: bool = True,
    progress: Progress | None = None,
) -> str:
    """Write the briefing of a scenario.

    Parameters
    ----------
    scenario : str, Path, Scenario or Stress
        As for `stress`, which runs it with its defaults; or what `stress` returned, for a
        briefing on other options.
    form : str
        ``html`` (one self-contained file), ``md`` or ``json``.
    language : str
        ``en``, ``ja``, ``ar`` or ``es``.
    reading : Drafted, optional
        What the scenario was drafted from; the briefing then shows what was read.
    with_remedies : bool
        Also try the standard remedies.
    progress : callable (done, total), optional
        Told while it runs.

    Raises
    ------
    MonaziteError
        As `stress`; UnknownCodeError if there is no such format.
    """
    # matplotlib, which draws the figures, is slow to load
    from monazite.briefing.compose import compose  # noqa: PLC0415
    from monazite.briefing.render import render  # noqa: PLC0415

    brief_format(form, Path())
    brief_language(language)
    result = scenario if isinstance(scenario, Stress) else stress(scenario, progress=progress)
    reliefs = _reliefs(result, progress) if with_remedies else ()
    data = compose(
        result.scenario,
        result.trajectory,
        reliefs,
        manifest=result.manifest.as_dict(),
        threshold=result.threshold,
        reading=reading,
    )
    return render(data, form, language)


def _reliefs(result: Stress, progress: Progress | None) -> tuple[remedies.Relief, ...]:
    """Try the remedies on the central parameters, whatever the draws of the result."""
    central = Parameters.central(**result.manifest.settings["parameters"])
    base = result.network
    run = result.trajectory
    if run.draws > 1:
        run = simulate(lower(result.scenario, base), central)
    return remedies.rank(
        result.scenario, base, run, central, threshold=result.threshold, progress=progress
    )
