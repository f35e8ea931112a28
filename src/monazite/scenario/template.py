"""The document that a new scenario starts from, made from the models so that it cannot drift."""

import textwrap
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from monazite.errors import UnknownCodeError
from monazite.scenario import toml
from monazite.scenario.document import DEFAULT_CHAIN, KINDS, ScenarioSource
from monazite.scenario.measure import Measure

_COMMON: Mapping[str, object] = MappingProxyType(
    {
        "label": "a short name",
        "actors": ["CHN"],
        "targets": ["OUTSIDE-CHN"],
        "commodities": ["Dy-*", "Tb-*"],
        "exemptions": {"share": 0.1, "uses": ["defence"], "regions": ["KOR"]},
        "start": "2025-04",
        "end": "2026-04",
        "announced": "2025-03",
        "source": ["assumed"],
        "grade": "E",
        "note": "an example, not an estimate",
        "leak_enforcement": 0.4,
        "reach_reexports": 0.001,
        "unit": "t/month",
        "queue": True,
        "delay_months": 2,
        "approval_ramp_months": 3,
        "classes": [{"name": "Dy", "commodities": ["Dy-*"], "throughput": 0.3}],
        "specific": 2.5,
        "base": "FOB",
        "processes": ["separation-*"],
        "recovery_months": 3,
        "ramp_months": 12,
        "opens": {"name": "new-plant", "like": "separation-heavy", "unit_cost": 20.0},
        "coverage": 0.5,
        "paid_by": "purchase",
        "days": 30.0,
        "share": 0.5,
        "tonnes": 100.0,
        "over_months": 6,
        "growth_per_year": 0.05,
        "t_per_year": 500.0,
    }
)
"""A value for each key, where a kind has none of its own below."""

_CITING = ("source", "grade", "note")
_SHOWN: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "export_ban": {"actors": ["CHN"], "targets": ["ALLIES"], "reach_reexports": 0.001},
        "export_quota": {"limit": {"2025-04": 30000, "2026-01": 24000}},
        "export_licence": {"throughput": {"2025-04": 0.45, "2025-05": 0.0, "2025-08": 0.9}},
        "export_tax": {"rate": 0.25},
        "tariff": {"actors": ["USA"], "targets": ["CHN"], "commodities": ["magnet"], "rate": 0.25},
        "outage": {
            "actors": ["MMR"],
            "commodities": ["ore"],
            "share_lost": 0.8,
            "end": "2025-10",
            "recovery_months": 3,
        },
        "capacity_change": {"actors": ["USA"], "commodities": ["magnet"], "share": 0.5},
        "demand_change": {"targets": ["EV"], "commodities": ["magnet"], "growth_per_year": 0.15},
        "stock_release": {"actors": ["JPN"], "commodities": ["Dy-*"], "days": 60, "over_months": 6},
        "stock_build": {"actors": ["KOR"], "commodities": ["Dy-*"], "days": 30, "over_months": 12},
        "hoarding": {"targets": ["ALLIES"], "commodities": ["all-heavy"], "extra_cover": 0.5},
        "price_floor": {"actors": ["USA", "AUS"], "commodities": ["NdPr-oxide"], "floor": 110},
        "subsidy": {"actors": ["EU"], "commodities": ["magnet"], "usd_per_kg": 5},
    }
)
"""What the example of each kind sets, beside the keys that it cannot do without."""


def template(*kinds: str, name: str = "my-scenario") -> str:
    """Commented TOML with an example of each kind of measure, ready to be edited.

    Parameters
    ----------
    *kinds : str
        Names of kinds, such as ``export_quota``; all of them if none is given.
    name : str
        Id of the new scenario.

    Raises
    ------
    UnknownCodeError
        If there is no such kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownCodeError("kind of measure", kind, KINDS)
    explained: set[str] = set()
    examples = [_measure(kind, KINDS[kind], explained) for kind in kinds or tuple(KINDS)]
    parts = [_head(name), *examples, _sources()]
    return "\n".join(parts)


def _head(name: str) -> str:
    return textwrap.dedent(
        f"""\
        # A scenario: measures dated by month. Check it with `monazite scenario check FILE`,
        # run it with `monazite stress FILE`. Months are YYYY-MM; a line that begins with #
        # is an option that is not in use.
        id = "{name}"
        title = "What happens, in one line"
        description = "What happens or is supposed, in a few sentences."
        chain = "{DEFAULT_CHAIN}"
        start = "2025-01"   # first month simulated
        months = 24         # number of months simulated
        """
    )


def _measure(kind: str, model: type[Measure], explained: set[str]) -> str:
    """Return an example of a kind; what was explained before is not explained again."""
    lines = [f"# {_first_line(model)}", "[[measures]]", f'kind = "{kind}"']
    shown = _SHOWN[kind]
    for key, text in _keys(model):
        value = shown.get(key, _COMMON.get(key))
        field = model.model_fields[key]
        is_set = key in shown or field.is_required() or key in ("source", "note")
        if text not in explained:
            lines += textwrap.wrap(f"# {text}", 96, subsequent_indent="# ")
            explained.add(text)
        lines.append(f"{'' if is_set else '# '}{_assignment(key, value)}")
    return "\n".join(lines) + "\n"


def _keys(model: type[Measure]) -> Iterator[tuple[str, str]]:
    """Keys that the kind takes, each with its explanation: needed ones first, sources last."""
    fields = model.model_fields
    taken = [key for key in fields if key != "kind" and key not in model.unused]
    for key in sorted(taken, key=lambda k: (k in _CITING, not fields[k].is_required())):
        yield key, " ".join((fields[key].description or "").split())


def _assignment(key: str, value: object) -> str:
    return toml.dumps({"": {key: value}})[6:-3].strip()


def _sources() -> str:
    lines = ["# A source that measures can name; write one for each that you use."]
    lines += [f"# [[sources]] {', '.join(ScenarioSource.model_fields)}"]
    example = {
        "id": "my-source",
        "producer": "Who published it",
        "title": "What it is called",
        "year": 2025,
        "url": "https://example.org",
    }
    return "\n".join([*lines, toml.dumps({"sources": [example]})])


def _first_line(model: type[Measure]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]
