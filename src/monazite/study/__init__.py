"""The one door: command line, web and notebooks ask here and get the same answers.

>>> from monazite import study
>>> result = study.stress("myanmar-halt", months=6)
>>> result.trajectory.months[0]
'2025-01'

Reading order: ``runs``, ``briefs``, ``tables``, ``desk``.
"""

from monazite.errors import InputError
from monazite.study.briefs import FORMATS, brief, brief_format, brief_language
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
    read_page,
    read_records,
    read_text,
    reading_minutes,
    require_measures,
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
    "SHOWN_ROLES",
    "STANDARD_INPUT",
    "InputError",
    "Reading",
    "Stress",
    "Unread",
    "assumed_data",
    "backtest",
    "balanced",
    "brief",
    "brief_format",
    "brief_language",
    "brief_page",
    "chain",
    "chains",
    "check_data",
    "data_tables",
    "describe_chain",
    "draft",
    "explain_scenario",
    "is_page",
    "new_scenario",
    "open_records",
    "page_files",
    "read",
    "read_page",
    "read_records",
    "read_text",
    "reading_minutes",
    "require_measures",
    "rerun",
    "result_of",
    "scenarios",
    "show_data",
    "show_scenario",
    "stress",
    "summarise",
]
