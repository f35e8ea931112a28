"""What a result was made from: enough to make it again and to see that it is the same."""

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from monazite.engine import library_version
from monazite.errors import InputError, TableError
from monazite.newton import FloatArray

DIGITS = 9
"""Significant digits of a result that enter its fingerprint: less than any round-off."""
SMALLEST = 1e-30
"""What is smaller counts as nothing."""
LIBRARIES = ("numpy", "scipy", "qdldl", "highspy", "numba")
_NEEDED = {"command": str, "settings": dict, "inputs": dict, "result": str}
_OPTIONS: Mapping[str, type | tuple[type, ...]] = {
    "scenario": str,
    "months": int,
    "draws": int,
    "seed": int,
    "threshold": (int, float),
    "network": (str, type(None)),
    "parameters": dict,
    "sampling": str,
}
"""Settings of a stress run."""
_WAY_OUT = "give a manifest, or a result written with --json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Inputs, settings and code behind a result.

    ``command`` : what was run. ``settings`` : its options. ``inputs`` : SHA-256 of each input.
    ``result`` : fingerprint of the numbers (SHA-256 over nine significant digits).
    """

    command: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    result: str
    version: str = field(default_factory=lambda: metadata.version("monazite"))
    python: str = field(default_factory=platform.python_version)
    libraries: Mapping[str, str] = field(
        default_factory=lambda: {name: library_version(name) for name in LIBRARIES}
    )

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """JSON that `read` reads back."""
        return json.dumps(self.as_dict(), indent=2, allow_nan=False) + "\n"

    def options(self) -> dict[str, Any]:
        """Return the settings of a stress run, each seen to be there and of its kind.

        Raises
        ------
        InputError
            If one is not.
        """
        settings = {"sampling": "latin", **self.settings}
        for name, kinds in _OPTIONS.items():
            value = settings.get(name)
            if name not in settings or not isinstance(value, kinds) or value is True:
                raise InputError(
                    f"the manifest's setting '{name}' is missing or of another kind",
                    way_out="write the manifest again with `monazite stress --manifest`",
                )
        return {name: settings[name] for name in _OPTIONS}

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a manifest, alone or as the ``manifest`` of a JSON result.

        Raises
        ------
        InputError
            If the file cannot be read.
        TableError
            If it is not a manifest.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as fault:
            raise InputError(
                f"cannot read the manifest: {fault.strerror}", where=str(path), way_out=_WAY_OUT
            ) from fault
        except UnicodeDecodeError as fault:
            raise TableError(
                "this is not text in UTF-8", where=str(path), way_out=_WAY_OUT
            ) from fault
        except json.JSONDecodeError as fault:
            raise TableError(
                f"not JSON: {fault.msg}", where=f"{path}:{fault.lineno}", way_out=_WAY_OUT
            ) from fault
        return cls._from(content, path)

    @classmethod
    def _from(cls, content: object, path: Path) -> "Manifest":
        if isinstance(content, dict) and isinstance(content.get("manifest"), dict):
            content = content["manifest"]
        if not isinstance(content, dict):
            raise TableError("not a manifest", where=str(path), way_out=_WAY_OUT)
        for key, kind in _NEEDED.items():
            if not isinstance(content.get(key), kind):
                fault = "is of another kind" if key in content else "is missing"
                raise TableError(f"'{key}' {fault}", where=str(path), way_out=_WAY_OUT)
        known = {key: value for key, value in content.items() if key in cls.__slots__}
        return cls(**known)


def fingerprint(*arrays: FloatArray) -> str:
    """SHA-256 of arrays rounded to nine significant digits."""
    digest = hashlib.sha256()
    for array in arrays:
        values = np.asarray(array, dtype=np.float64)
        values = np.where(np.abs(values) < SMALLEST, 0.0, values)
        size = np.where(values == 0, 1.0, np.abs(values))
        scale = 10.0 ** (np.floor(np.log10(size)) - DIGITS + 1)
        rounded = np.round(values / scale) * scale
        digest.update(np.ascontiguousarray(rounded + 0.0).astype("<f8").tobytes())
    return digest.hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
