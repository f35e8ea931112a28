"""A run of many draws in a folder: written chunk by chunk, taken up again, read as bands.

``run.json`` says what is run; each chunk of draws is a part, a folder of Parquet files beside it::

    run.json
    part-00000/part.json  prices  uses  sides  permits  accounts  parameters (.parquet)
    part-00001/...

A part is written under another name and renamed when it is whole, so it is there or not there,
whatever stops the program. ``part.json`` names the run, the SHA-256 of every file and the
certificates; a part that does not agree with it is made again. Figures have seven digits (32-bit
floating point), parameters sixteen.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from monazite import indicators
from monazite.errors import InputError
from monazite.market.certificate import Certificate
from monazite.parameters import Parameters
from monazite.parquet import connect, copy
from monazite.scenario.lowered import Lowered
from monazite.simulate import simulate
from monazite.trajectory import Trajectory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMAT = 1
"""Version of the files; another one is another run."""
_VERSION = "PARQUET_VERSION v2"
Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """A Parquet file of a part. ``labels`` : what a place in it is; ``figures`` : its columns."""

    labels: tuple[str, ...]
    figures: tuple[str, ...]


TABLES: Mapping[str, _Table] = MappingProxyType(
    {
        "prices": _Table(("commodity", "region"), ("usd_per_kg", "average_usd_per_kg", "rationed")),
        "uses": _Table(
            ("region", "use", "commodity"), ("demand_t", "economised_t", "stopped_t", "stock_t")
        ),
        "sides": _Table(("commodity", "side"), ("marginal", "average", "rationed_share")),
        "permits": _Table(("permit",), ("rent_usd_per_kg", "flow_t", "limit_t")),
        "accounts": _Table((), ("tariff_revenue_kusd", "subsidy_cost_kusd", "permit_revenue_kusd")),
    }
)
"""Tables with a row for each draw, month and place; a month's figures."""
FILES = (*TABLES, "parameters")
"""Parquet files of a part."""


@dataclass(frozen=True, slots=True)
class PartTables:
    """What is kept of a chunk of draws.

    ``figures`` : per table an array (figure, draw, month, place). ``labels`` : per table what each
    place is. ``base_price`` : of the markets [USD/kg]. ``certificates`` : one a month.
    """

    months: tuple[str, ...]
    labels: Mapping[str, tuple[tuple[str, ...], ...]]
    base_price: tuple[float, ...]
    figures: Mapping[str, npt.NDArray[np.float32]]
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class Tabulate:
    """Simulate a chunk and keep what a part holds; travels to where the work is done.

    ``inside`` : regions whose border the measures close.
    """

    inside: tuple[str, ...]

    def __call__(self, lowered: Lowered, parameters: Parameters) -> PartTables:
        """Return the tables of a chunk of draws."""
        return tabulate(simulate(lowered, parameters), self.inside)


def tabulate(trajectory: Trajectory, inside: Sequence[str]) -> PartTables:
    """Return what a part keeps of a trajectory.

    Parameters
    ----------
    trajectory : Trajectory
        A chunk of draws.
    inside : sequence of str
        Regions whose border the measures close.
    """
    uses, sides = indicators.use_totals(trajectory), indicators.side_prices(trajectory, inside)
    figures = {
        "prices": (trajectory.price, trajectory.average_price, trajectory.rationed),
        "uses": (uses.demand, uses.economised, uses.stopped, uses.stock),
        "sides": [
            np.stack([getattr(side, name) for side in sides], axis=2)
            for name in TABLES["sides"].figures
        ],
        "permits": (trajectory.rents, trajectory.permit_flow, trajectory.permit_limit),
        "accounts": [
            money[:, :, None]
            for money in (
                trajectory.tariff_revenue, trajectory.subsidy_cost, trajectory.permit_revenue
            )
        ],
    }  # fmt: skip
    return PartTables(
        trajectory.months,
        {
            "prices": trajectory.spot_markets,
            "uses": uses.keys,
            "sides": tuple((side.commodity, side.side) for side in sides),
            "permits": tuple((permit.name,) for permit in trajectory.permits),
            "accounts": ((),),
        },
        tuple(trajectory.base_price.tolist()),
        {name: np.stack(arrays).astype(np.float32) for name, arrays in figures.items()},
        trajectory.certificates,
    )


class RunFolder:
    """A folder that holds one run; new, or the same run again.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.
    identity : mapping
        What makes the run what it is, as plain data for JSON: settings, digests of inputs,
        versions. Two runs are the same if theirs agree.
    sizes : sequence of int
        Draws of each part.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], sizes: Sequence[int]) -> None:
        self.folder, self.sizes = folder, tuple(sizes)
        self.identity = {"format": FORMAT, **identity, "sizes": list(sizes)}
        text = json.dumps(self.identity, sort_keys=True, allow_nan=False)
        self.run = hashlib.sha256(text.encode()).hexdigest()
        with self._writing():
            self._open()
        self.done = {place for place in range(len(self.sizes)) if self._is_whole(place)}

    def _open(self) -> None:
        """Write what is run, or see that the folder holds the same."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = self.folder / "run.json"
        if told.exists():
            self._compare(told)
        elif any(path.name[:6] != ".draft" for path in self.folder.iterdir()):
            raise InputError(
                "this folder holds other things", where=str(self.folder), way_out="name a new one"
            )
        for draft in self.folder.glob(".draft*"):
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink()
        if not told.exists():
            draft = self.folder / ".draft.json"
            draft.write_text(json.dumps(self.identity, indent=2) + "\n", encoding="utf-8")
            draft.replace(told)

    def _compare(self, told: Path) -> None:
        try:
            there = json.loads(told.read_text(encoding="utf-8"))
        except ValueError as fault:
            raise InputError(
                "this says of no run what it is", where=str(told), way_out="name another folder"
            ) from fault
        difference = _difference(there, self.identity)
        if difference:
            raise InputError(
                f"the folder holds another run: {difference}",
                where=str(self.folder),
                way_out="repeat the command of that run, or name another folder",
            )

    # -- parts -----------------------------------------------------------------------------

    def _part(self, place: int) -> Path:
        return self.folder / f"part-{place:05d}"

    def _is_whole(self, place: int) -> bool:
        """Whether a part is of this run and every file is what it was."""
        told = self.record(place)
        files = told.get("files")
        if not isinstance(files, dict):
            return False
        if (told.get("run"), told.get("place"), set(files)) != (self.run, place, set(FILES)):
            return False
        return all(_digest(path) == files[name] for name, path in self.files(place).items())

    def files(self, place: int) -> dict[str, Path]:
        """Return the Parquet files of a part by table."""
        return {name: self._part(place) / f"{name}.parquet" for name in FILES}

    def record(self, place: int) -> dict[str, Any]:
        """Return what ``part.json`` says of a part; nothing if it cannot be read."""
        try:
            content = json.loads((self._part(place) / "part.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def missing(self) -> list[int]:
        """Places of the parts that are still to be made."""
        return [place for place in range(len(self.sizes)) if place not in self.done]

    def put(self, place: int, tables: PartTables, parameters: Parameters) -> None:
        """Keep a part, whole or not at all.

        Raises
        ------
        InputError
            If it cannot be written, such as on a full disk; the parts before it are kept.
        """
        draft = self.folder / f".draft-{place:05d}"
        try:
            with self._writing():
                draft.mkdir()
                self._write(draft, place, tables, parameters)
                shutil.rmtree(self._part(place), ignore_errors=True)
                draft.replace(self._part(place))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self.done.add(place)

    def _write(self, draft: Path, place: int, tables: PartTables, parameters: Parameters) -> None:
        first = sum(self.sizes[:place])
        draws = np.arange(first, first + self.sizes[place], dtype=np.int32)
        with connect() as database:
            for name in TABLES:
                _register(database, name, tables, draws)
                copy(database, _long(name), draft / f"{name}.parquet", _VERSION)
                database.unregister("figures")
                database.unregister("labels")
            database.register("drawn", {"draw": draws, **parameters.values})
            copy(database, "(FROM drawn ORDER BY draw)", draft / "parameters.parquet", _VERSION)
        record = {
            "run": self.run,
            "place": place,
            "files": {name: _digest(draft / f"{name}.parquet") for name in FILES},
            "months": tables.months,
            "base_price": tables.base_price,
            "labels": tables.labels,
            "certificates": [
                {name: value if isfinite(value) else None for name, value in asdict(month).items()}
                for month in tables.certificates
            ],
        }
        text = json.dumps(record, allow_nan=False) + "\n"
        (draft / "part.json").write_text(text, encoding="utf-8")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Tell in a line that something cannot be written, and what is kept."""
        try:
            yield
        except OSError as fault:
            done = sum(self.sizes[place] for place in getattr(self, "done", ()))
            reason = fault.strerror or str(fault)
            raise InputError(
                f"cannot write: {reason}; {done} of {sum(self.sizes)} draws are kept",
                where=str(self.folder),
                way_out="make room and repeat the command: it goes on from there",
            ) from fault


def _difference(there: object, here: Mapping[str, Any], path: str = "") -> str:
    """Name the first thing in which two descriptions differ, settings first; empty if none."""
    known = there if isinstance(there, Mapping) else {}
    for name in sorted({*known, *here}, key=lambda name: (name != "settings", name)):
        one, other = known.get(name), here.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found = _difference(one, other, f"{path}{name} ")
            if found:
                return found
        elif one != other:
            if any(isinstance(side, (list, Mapping)) for side in (one, other)):
                return f"{path}{name} differ"
            return f"{path}{name} {_short(one)} there, {_short(other)} here"
    return ""


def _short(value: object) -> str:
    text = "missing" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"


def _digest(path: Path) -> str:
    """SHA-256 of a file; empty if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _register(database: "DuckDBPyConnection", name: str, tables: PartTables, draws: Column) -> None:
    """Lay a table before DuckDB: figures by place, month and draw, and the labels of places."""
    kind, values = TABLES[name], tables.figures[name]
    months, places = values.shape[2], values.shape[3]
    index = np.indices((places, months, len(draws))).reshape(3, -1)
    columns = {
        "place": index[0].astype(np.int32),
        "step": index[1].astype(np.int32),
        "draw": draws[index[2]],
        **{figure: values[k].T.reshape(-1) for k, figure in enumerate(kind.figures)},
    }
    database.register("figures", columns)
    keys = tables.labels[name]
    labels = {label: [key[k] for key in keys] for k, label in enumerate(kind.labels)}
    database.register(
        "labels",
        {
            "place": np.arange(places, dtype=np.int32),
            **{label: np.array(texts, dtype=object) for label, texts in labels.items()},
        },
    )
    database.register(
        "months",
        {
            "step": np.arange(months, dtype=np.int32),
            "month": np.array(tables.months, dtype=object),
        },
    )


def _long(name: str) -> str:
    """Return the query that puts the labels to the figures."""
    kind = TABLES[name]
    columns = ", ".join(("place", "step", *kind.labels, "month", "draw", *kind.figures))
    return (
        f"(SELECT {columns} FROM figures JOIN labels USING (place) JOIN months USING (step) "
        "ORDER BY place, step, draw)"
    )
