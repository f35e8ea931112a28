"""Scenarios as people write them: TOML in, TOML out, every fault named with its place."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from monazite.errors import ScenarioError, UnknownCodeError
from monazite.reference.source import shipped_register
from monazite.scenario import faults, toml
from monazite.scenario.calendar import Month
from monazite.scenario.demand import DemandChange, Hoarding, StockBuild, StockRelease
from monazite.scenario.measure import ASSUMED, USER, Closed, Measure
from monazite.scenario.supply import CapacityChange, Outage, PriceFloor, Subsidy
from monazite.scenario.trade import ExportBan, ExportLicence, ExportQuota, ExportTax, Tariff

DEFAULT_CHAIN = "rare-earths-2024"

Kind = Annotated[
    ExportBan
    | ExportQuota
    | ExportLicence
    | ExportTax
    | Tariff
    | Outage
    | CapacityChange
    | DemandChange
    | StockRelease
    | StockBuild
    | Hoarding
    | PriceFloor
    | Subsidy,
    Field(discriminator="kind"),
]
"""Any measure; ``kind`` says which."""

KINDS: Mapping[str, type[Measure]] = {
    "export_ban": ExportBan,
    "export_quota": ExportQuota,
    "export_licence": ExportLicence,
    "export_tax": ExportTax,
    "tariff": Tariff,
    "outage": Outage,
    "capacity_change": CapacityChange,
    "demand_change": DemandChange,
    "stock_release": StockRelease,
    "stock_build": StockBuild,
    "hoarding": Hoarding,
    "price_floor": PriceFloor,
    "subsidy": Subsidy,
}
"""Every kind of measure by its name."""


class ScenarioSource(Closed):
    """Where figures come from."""

    id: str
    """What the measures call it."""
    producer: str
    """Who made it."""
    title: str
    """What it is called."""
    year: int
    """Year of publication."""
    url: str = ""
    """Where it was read."""
    note: str = ""
    """What to know about it."""


class Scenario(Closed):
    """Measures dated by month, on a chain, from a start for some months.

    Parameters
    ----------
    id : str
        Name on the command line: lower-case letters, figures and hyphens.
    chain : str
        The network that it is written for.
    start, months
        First month simulated (``YYYY-MM``) and number of months.
    measures : tuple
        What happens. All of it at once: measures combine freely.
    origin : str
        File that it was read from, for errors; not part of the document.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    """Name on the command line: lower-case letters, figures and hyphens."""
    title: str
    """A line for people."""
    description: str = ""
    """What happened or is supposed, in a few sentences."""
    chain: str = DEFAULT_CHAIN
    """The network that it is written for."""
    start: Month
    """First month simulated."""
    months: int = Field(default=24, ge=1, le=240)
    """Number of months simulated."""
    measures: tuple[Kind, ...] = ()
    """What happens; none for a run without a shock."""
    sources: tuple[ScenarioSource, ...] = ()
    """Where the figures come from."""
    origin: str = Field(default="", exclude=True, repr=False)
    """File that it was read from."""

    @model_validator(mode="after")
    def _sources_are_declared(self) -> Self:
        known = {source.id for source in self.sources} | {ASSUMED, USER}
        for name in self.cited():
            if name not in known and name not in shipped_register():
                raise ValueError(f"source '{name}' stands neither in [[sources]] nor in the data")
        return self

    def cited(self) -> tuple[str, ...]:
        """Return the ids of all sources that the measures name, each once."""
        parts = [(measure, *getattr(measure, "classes", ())) for measure in self.measures]
        return tuple(dict.fromkeys(name for row in parts for item in row for name in item.source))

    def citation(self, source_id: str) -> str:
        """Return one line for a footnote on a source that the measures name.

        Raises
        ------
        UnknownCodeError
            If neither the scenario nor the register of the package declares it.
        """
        own = {source.id: source for source in self.sources}
        if source_id in own:
            source = own[source_id]
            where = f", {source.url}" if source.url else ""
            return f"{source.producer}, {source.title} ({source.year}){where}"
        if source_id == USER:
            return f"The author of the scenario, {self.title}"
        return shipped_register().find(source_id, where=self.origin or self.id).citation()

    def to_toml(self) -> str:
        """Return TOML text that :func:`parse` reads back; defaults are left out."""
        document = self.model_dump(mode="json", exclude_defaults=True)
        measures = document.pop("measures", [])
        sources = document.pop("sources", [])
        document["measures"] = [_in_reading_order(measure) for measure in measures]
        return toml.dumps(document | {"sources": sources})

    def place(self, number: int) -> str:
        """Where measure ``number`` (from 1) stands, for errors."""
        kind = self.measures[number - 1].kind
        return f"{self.origin or self.id}: measure {number} ({kind})"


def parse(text: str, where: str = "") -> Scenario:
    """Read a scenario from TOML text.

    Parameters
    ----------
    text : str
        The document.
    where : str
        File name for errors.

    Raises
    ------
    ScenarioError
        If the text is no TOML, or says something that cannot be; all faults in one line.
    UnknownCodeError
        If the only fault is a kind of measure that does not exist.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(
            f"this is not TOML: {error}",
            where=where,
            way_out="`monazite scenario new` writes a document to start from",
        ) from error
    if not document:
        raise ScenarioError(
            "the document is empty",
            where=where,
            way_out="`monazite scenario new` writes a document to start from",
        )
    faults.refuse_key(document, "origin", where)
    document["origin"] = where
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        raise faults.from_validation(error, document, KINDS, Scenario) from error


def load(id_or_path: str | Path) -> Scenario:
    """Read a scenario of the library by its id, or a file.

    Raises
    ------
    UnknownCodeError
        If no scenario of the library has the id.
    ScenarioError
        If the file cannot be read.
    """
    text, where = _located(id_or_path)
    return parse(text, where)


def source_text(id_or_path: str | Path) -> str:
    """Return the TOML of a scenario as it was written, comments and all.

    Raises
    ------
    UnknownCodeError, ScenarioError
        As :func:`load`.
    """
    return _located(id_or_path)[0]


def library() -> tuple[Scenario, ...]:
    """Every scenario that comes with the program, by id."""
    return tuple(load(name) for name in sorted(_shipped()))


def _in_reading_order(measure: dict[str, object]) -> dict[str, object]:
    """Kind first, what it rests on last."""
    first, last = ("kind", "label"), ("source", "grade", "note", "classes")
    middle = [key for key in measure if key not in (*first, *last)]
    return {key: measure[key] for key in (*first, *middle, *last) if key in measure}


def _shipped() -> dict[str, Traversable]:
    folder = resources.files("monazite") / "scenarios"
    return {
        entry.name.removesuffix(".toml"): entry
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }


def _located(id_or_path: str | Path) -> tuple[str, str]:
    """Text of a scenario and the file name to blame."""
    name, shipped, path = str(id_or_path), _shipped(), Path(id_or_path)
    if name in shipped:
        return shipped[name].read_text(encoding="utf-8"), f"{name}.toml"
    is_path = isinstance(id_or_path, Path) or path.suffix == ".toml" or len(path.parts) > 1
    if not is_path and not path.is_file():
        raise UnknownCodeError("scenario", name, shipped)
    return _text(path), name


def _text(path: Path) -> str:
    way_out = "`monazite scenario list` shows the shipped ones, `monazite scenario new` starts one"
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError(
            "this is not text in UTF-8", where=str(path), way_out=way_out
        ) from error
    except OSError as error:
        fault = error.strerror or "cannot be read"
        raise ScenarioError(fault, where=str(path), way_out=way_out) from error
