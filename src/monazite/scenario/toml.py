"""Write plain data as TOML: tables, arrays of tables, lists, strings, numbers, booleans."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def dumps(document: Mapping[str, object]) -> str:
    """Return a document as TOML text; keys whose value is None are left out.

    Parameters
    ----------
    document : Mapping
        Values are strings, numbers, booleans, lists, mappings and lists of mappings.
    """
    return "\n".join(_table(document, "")).strip() + "\n"


def _table(table: Mapping[str, object], name: str) -> list[str]:
    present = {key: value for key, value in table.items() if value is not None}
    lines = [f"{_key(k)} = {_value(v)}" for k, v in present.items() if not _is_array(v)]
    for key, rows in present.items():
        if _is_array(rows):
            path = f"{name}.{_key(key)}" if name else _key(key)
            for row in rows:
                lines += ["", f"[[{path}]]", *_table(row, path)]
    return lines


def _is_array(value: object) -> TypeGuard[Sequence[Mapping[str, object]]]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    return all(isinstance(row, Mapping) for row in value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inside} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return json.dumps(value, ensure_ascii=False)
