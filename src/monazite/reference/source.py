"""Where figures come from: sources, grades and the register that joins them.

The register of the package is the union of every ``sources.toml`` below the data folder, so
that each shipped chain can bring its own. The same id with another content is an error.
"""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from monazite.errors import TableError, UnknownCodeError

SOURCES_FILE = "sources.toml"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Grade(StrEnum):
    """How far a figure may be trusted, by the kind of its source."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"

    @property
    def meaning(self) -> str:
        """What the grade says about the source, in one line."""
        return GRADE_MEANINGS[self]


GRADE_MEANINGS: Mapping[Grade, str] = MappingProxyType(
    {
        Grade.A: "official: statistics, law, company filing, or a named news wire citing them",
        Grade.B: "trade press, law firm, analyst, review article, or a filing read second-hand",
        Grade.C: "weak: aggregator, undated page, or figure of unstated origin",
        Grade.D: "derived here by arithmetic, or recalled and only checked in part",
        Grade.E: "assumed: nobody publishes it; the note says why this value",
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that figures are taken from.

    Parameters
    ----------
    id : str
        Short name in kebab case, such as ``usgs-mcs-2026``.
    producer : str
        Who answers for the figures.
    title : str
        What it is called, or what it is where it has no title.
    year : int or None
        Year of publication; None where the page carries no date.
    url : str
        Where it was read; empty where no address is known.
    licence_raw : str
        Terms of the original.
    licence_product : str
        Terms under which the rows taken from it are shipped here.
    accessed : str
        When it was read, ``YYYY-MM`` or ``YYYY-MM-DD``; empty where not recorded.
    note : str
        What a reader must know: a second-hand copy, a computation, a known fault.
    """

    id: str
    producer: str
    title: str
    licence_raw: str
    licence_product: str
    year: int | None = None
    url: str = ""
    accessed: str = ""
    note: str = ""

    def citation(self) -> str:
        """One line for a footnote: producer, title, year, address."""
        dated = f"{self.producer}, {self.title}"
        dated += f" ({self.year})" if self.year is not None else " (undated)"
        return f"{dated}, {self.url}" if self.url else dated


@dataclass(frozen=True, slots=True)
class Register(Mapping[str, Source]):
    """Sources by id.

    Parameters
    ----------
    sources : Mapping of str to Source
        Each source under its own id.
    """

    sources: Mapping[str, Source]

    def __getitem__(self, source_id: str) -> Source:
        return self.sources[source_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    def find(self, source_id: str, *, where: str = "") -> Source:
        """Return the source of that id.

        Raises
        ------
        UnknownCodeError
            If no register file declares it; `where` is the file and row that cites it.
        """
        if source_id not in self.sources:
            raise UnknownCodeError("source", source_id, self.sources, where=where)
        return self.sources[source_id]

    def joined(self, other: "Register", *, where: str = "") -> "Register":
        """Return the union of both registers.

        Raises
        ------
        TableError
            If both declare an id with different content; `where` is the file of `other`.
        """
        for source_id in self.sources.keys() & other.sources.keys():
            if self[source_id] != other[source_id]:
                raise TableError(
                    f"source '{source_id}' is declared twice with different content: "
                    f"{_difference(self[source_id], other[source_id])}",
                    where=where,
                    way_out="give one of them another id, or make both entries equal",
                )
        return Register(MappingProxyType({**self.sources, **other.sources}))


EMPTY_REGISTER = Register(MappingProxyType({}))


def data_folder() -> Traversable:
    """Return the folder of the shipped data."""
    return files("monazite.reference") / "data"


def atlas_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a list of the atlas, such as ``minerals``, by their headings."""
    text = (data_folder() / "atlas" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def read_sources(file: Traversable | Path, *, name: str = "") -> Register:
    """Read one ``sources.toml``.

    Parameters
    ----------
    file : Traversable or Path
        The file.
    name : str
        How error messages call it; the file's own name if empty.

    Raises
    ------
    TableError
        If it is no TOML, an id is not in kebab case, or an entry lacks a field, has an
        unknown one, or one of the wrong type.
    """
    where = name or str(file)
    entries = read_toml(file, name=where)
    return Register(MappingProxyType({key: _source(key, entries[key], where) for key in entries}))


def read_toml(file: Traversable | Path, *, name: str) -> dict[str, Any]:
    """Return the content of a TOML file; `name` is how error messages call it.

    Raises
    ------
    TableError
        If the file is missing, not text, or not TOML.
    """
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise TableError("the file is missing", where=name, way_out="create it") from None
    except UnicodeDecodeError:
        raise TableError(
            "the file is not text", where=name, way_out="save it as UTF-8 TOML"
        ) from None
    except tomllib.TOMLDecodeError as fault:
        raise TableError(f"not valid TOML: {fault}", where=name, way_out="correct it") from fault


@cache
def shipped_register() -> Register:
    """Return the union of every ``sources.toml`` below the data folder."""
    register = EMPTY_REGISTER
    for name, file in walk(data_folder()):
        if file.name == SOURCES_FILE:
            register = register.joined(read_sources(file, name=name), where=name)
    return register


def walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """Yield each file below a folder with its path from there, in alphabetical order."""
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


def _source(source_id: str, entry: object, file: str) -> Source:
    where = f"{file}, [{source_id}]"
    if not _ID.fullmatch(source_id):
        raise TableError(
            "a source id is lower-case words joined by hyphens",
            where=where,
            way_out="rename it, for example 'usgs-mcs-2026'",
        )
    if not isinstance(entry, dict):
        raise TableError(
            "a source is a section with fields",
            where=where,
            way_out=f"write [{source_id}] and its fields below",
        )
    _check_keys(entry, where)
    return Source(id=source_id, **entry)


def _check_keys(entry: dict[str, object], where: str) -> None:
    known = {field.name for field in fields(Source)} - {"id"}
    for key, value in entry.items():
        if key not in known:
            raise UnknownCodeError("field of a source", key, known, where=where)
        if not isinstance(value, int if key == "year" else str) or isinstance(value, bool):
            kind = "a whole number" if key == "year" else "text in quotes"
            raise TableError(f"'{key}' is not {kind}", where=where, way_out=f"write {kind}")
    for key in ("producer", "title", "licence_raw", "licence_product"):
        if not str(entry.get(key, "")).strip():
            raise TableError(f"'{key}' is missing", where=where, way_out=f"add {key} = ...")


def _difference(first: Source, second: Source) -> str:
    one, two = asdict(first), asdict(second)
    key = next(key for key in one if one[key] != two[key])
    return f"{key} '{one[key]}' and '{two[key]}'"
