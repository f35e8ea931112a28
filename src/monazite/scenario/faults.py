"""Turn what the validator found into one line that says where, what and what to do."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monazite.errors import InputError, ScenarioError, UnknownCodeError
from monazite.scenario.measure import Measure

_WORDS = (
    ("Input should be", "must be"),
    ("a valid tuple", "a list"),
    ("a valid dictionary or object to extract fields from", "a table"),
    ("a valid dictionary", "a table"),
    ("a valid string", "text"),
    ("String should", "must"),
    ("Field required", "is missing"),
)
"""How the validator's words read for people who write TOML."""
_WAY_OUT = "`monazite scenario new` writes an example of every kind"


def refuse_key(document: Mapping[str, object], key: str, where: str) -> None:
    """Refuse a key that only the program sets.

    Raises
    ------
    ScenarioError
        If the document holds it.
    """
    if key in document:
        raise ScenarioError(f"unknown key '{key}'", where=where, way_out="take it out")


def from_validation(
    error: ValidationError,
    document: Mapping[str, object],
    kinds: Mapping[str, type[Measure]],
    root: type[BaseModel],
    way_out: str = _WAY_OUT,
) -> InputError:
    """One error for all that is wrong with a document.

    A single unknown kind of measure is an UnknownCodeError, everything else a ScenarioError.
    ``root`` : the model of the whole document. ``way_out`` : where to see how it is done. The
    document's ``origin`` is the place.
    """
    where = str(document.get("origin", ""))
    found = [detail for detail in error.errors() if detail["type"] != "none_required"]
    wrong_kinds = [detail for detail in found if detail["type"] == "union_tag_invalid"]
    if len(found) == 1 and wrong_kinds:
        number = int(found[0]["loc"][1]) + 1
        tag = str(found[0].get("ctx", {}).get("tag", ""))
        place = f"{where}: measure {number}" if where else f"measure {number}"
        return UnknownCodeError("kind of measure", tag, kinds, where=place)
    lines = list(dict.fromkeys(_line(detail, document, kinds, root) for detail in found))
    head = f"{len(lines)} faults: " if len(lines) > 1 else ""
    return ScenarioError(head + "; ".join(lines), where=where, way_out=way_out)


def _line(
    detail: ErrorDetails,
    document: Mapping[str, object],
    kinds: Mapping[str, type[Measure]],
    root: type[BaseModel],
) -> str:
    place, model = _place(detail["loc"], document, kinds, root)
    return f"{place}{_fault(detail, model, kinds)}"


def _place(
    location: Sequence[int | str],
    document: Mapping[str, object],
    kinds: Mapping[str, type[Measure]],
    root: type[BaseModel],
) -> tuple[str, type[BaseModel] | None]:
    """Where a fault is, for people, and the model whose keys count there."""
    steps = [step for step in location if not str(step).startswith("function-")]
    if len(steps) < 2 or steps[0] != "measures":
        return _named(steps), _model_at(root, steps)
    kind = _kind(document, int(steps[1]))
    inside = steps[2:]
    if inside and inside[0] == kind:
        inside = inside[1:]
    title = f" ({kind})" if kind else ""
    head = f"measure {int(steps[1]) + 1}{title}"
    rest = _named(inside)
    return f"{head}, {rest}" if rest else f"{head}: ", _model_at(kinds.get(kind), inside)


def _named(steps: Sequence[int | str]) -> str:
    if not steps:
        return ""
    words = [f"{step + 1}" if isinstance(step, int) else str(step) for step in steps]
    return f"{' '.join(words)}: "


def _kind(document: Mapping[str, object], index: int) -> str:
    measures = document.get("measures")
    if isinstance(measures, list) and index < len(measures) and isinstance(measures[index], dict):
        return str(measures[index].get("kind", ""))
    return ""


def _model_at(model: type[BaseModel] | None, steps: Sequence[int | str]) -> type[BaseModel] | None:
    """Model that holds the last key of a location."""
    for step in steps[:-1]:
        if model is None or isinstance(step, int) or step not in model.model_fields:
            continue
        model = _inner(model.model_fields[step].annotation) or model
    return model


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _inner(argument)
        if found is not None:
            return found
    return None


def _fault(
    detail: ErrorDetails, model: type[BaseModel] | None, kinds: Mapping[str, type[Measure]]
) -> str:
    match detail["type"]:
        case "extra_forbidden":
            known = list(model.model_fields) if model else []
            return f"unknown key{_hint(str(detail['loc'][-1]), known)}"
        case "missing":
            return "is missing"
        case "union_tag_not_found":
            return f"needs a kind, one of {', '.join(kinds)}"
        case "union_tag_invalid":
            return f"unknown kind{_hint(str(detail.get('ctx', {}).get('tag', '')), kinds)}"
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
        case _:
            return f"{_plain(detail['msg'])}, not {_shown(detail['input'])}"


def _plain(message: str) -> str:
    for theirs, ours in _WORDS:
        message = message.replace(theirs, ours)
    return message


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _hint(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f", did you mean {near[0]}?" if near else ""
