"""Briefings of plans: the written result of a programme."""

from pathlib import Path

from monazite.errors import InputError
from monazite.study.briefs import brief_format, brief_language
from monazite.study.plans import PlanRun


def brief_plan(run: PlanRun, form: str = "html", language: str = "en") -> str:
    """Write the briefing of a plan.

    Parameters
    ----------
    run : PlanRun
        What `monazite.study.plans.plan` returned.
    form : str
        ``html`` (one self-contained file), ``md`` or ``json``; the last is in English always.
    language : str
        ``en``, ``ja``, ``ar`` or ``es``.

    Raises
    ------
    InputError
        If no plan was found: there is nothing to write about.
    UnknownCodeError
        If there is no such format or language.
    """
    # matplotlib, which draws the figures, is slow to load
    from monazite.briefing.plan.content import compose_plan  # noqa: PLC0415
    from monazite.briefing.plan.render import render_plan  # noqa: PLC0415

    brief_format(form, Path())
    brief_language(language)
    if not run.plan.solution.is_found:
        raise InputError("no plan was found", where=run.programme.id, way_out="see its status")
    content = compose_plan(run.prepared, run.plan, run.findings, manifest=run.manifest.as_dict())
    return render_plan(content, form, language)
