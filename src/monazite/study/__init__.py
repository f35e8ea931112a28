"""The one door: command line, web and notebooks ask here and get the same answers.

>>> from monazite import study
>>> result = study.stress("myanmar-halt", months=6)
>>> result.trajectory.months[0]
'2025-01'

Reading order: ``runs``, ``saved``, ``sensitivities``, ``briefs``, ``tables``, ``official``,
``desk``, ``newsdesk``, ``review``, ``site``, ``plans``, ``planbriefs``; ``screening``, ``book``,
``atlas``, ``supply``, ``finance``, ``stockpile`` and ``commitments`` are doors of their own.
"""

from monazite.errors import InputError
from monazite.study.briefs import FORMATS, brief, brief_format, brief_language
from monazite.study.commitments import Tracking, track
from monazite.study.desk import (
    SHOWN_ROLES,
    STANDARD_INPUT,
    Reading,
    Unread,
    brief_page,
    draft,
    is_page,
    open_records,
    page_files,
    read,
    read_file,
    read_measures,
    read_page,
    read_records,
    read_text,
    reading_minutes,
    require_measures,
)
from monazite.study.newsdesk import (
    RECORDS_AT_ONCE,
    Kept,
    StoredDraft,
    draft_kept,
    draft_stored,
    keep,
    prepare_store,
    record_run,
    watch,
)
from monazite.study.official import (
    compare_official,
    describe_official,
    official_kinds,
    read_official,
)
from monazite.study.planbriefs import brief_plan
from monazite.study.plans import PARTS, PlanOrder, PlanRun, plan
from monazite.study.review import (
    EventChoice,
    EventFile,
    Found,
    accept,
    edit,
    event,
    events,
    reject,
    search,
    stored_data,
)
from monazite.study.runs import (
    DEFAULT_CHAIN,
    MOST_MONTHS,
    Stress,
    balanced,
    chain,
    chains,
    rerun,
    result_of,
    stress,
)
from monazite.study.saved import SavedStress, stress_into
from monazite.study.sensitivities import sensitivity
from monazite.study.site import build_site
from monazite.study.supply import RiskMethod, risk
from monazite.study.tables import (
    assumed_data,
    backtest,
    check_data,
    data_tables,
    describe_chain,
    explain_scenario,
    new_scenario,
    scenarios,
    show_data,
    show_scenario,
    summarise,
)

__all__ = [
    "DEFAULT_CHAIN",
    "FORMATS",
    "MOST_MONTHS",
    "PARTS",
    "RECORDS_AT_ONCE",
    "SHOWN_ROLES",
    "STANDARD_INPUT",
    "EventChoice",
    "EventFile",
    "Found",
    "InputError",
    "Kept",
    "PlanOrder",
    "PlanRun",
    "Reading",
    "RiskMethod",
    "SavedStress",
    "StoredDraft",
    "Stress",
    "Tracking",
    "Unread",
    "accept",
    "assumed_data",
    "backtest",
    "balanced",
    "brief",
    "brief_format",
    "brief_language",
    "brief_page",
    "brief_plan",
    "build_site",
    "chain",
    "chains",
    "check_data",
    "compare_official",
    "data_tables",
    "describe_chain",
    "describe_official",
    "draft",
    "draft_kept",
    "draft_stored",
    "edit",
    "event",
    "events",
    "explain_scenario",
    "is_page",
    "keep",
    "new_scenario",
    "official_kinds",
    "open_records",
    "page_files",
    "plan",
    "prepare_store",
    "read",
    "read_file",
    "read_measures",
    "read_official",
    "read_page",
    "read_records",
    "read_text",
    "reading_minutes",
    "record_run",
    "reject",
    "require_measures",
    "rerun",
    "result_of",
    "risk",
    "scenarios",
    "search",
    "sensitivity",
    "show_data",
    "show_scenario",
    "stored_data",
    "stress",
    "stress_into",
    "summarise",
    "track",
    "watch",
]
