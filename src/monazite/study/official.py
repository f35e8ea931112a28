"""Official files of mineral statistics: read one, or lay two editions beside each other."""

import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import numpy as np

from monazite.errors import TableError
from monazite.reference.atlas.copies import COPIES
from monazite.reference.downloads import download_of, downloads, fetch
from monazite.reference.loaders.kinds import KINDS, load_official
from monazite.reference.loaders.observations import Observations, WorldTotal
from monazite.reference.loaders.slips import find_slips, short_reserves

NOTED_GAP = 0.05
"""Gap between a stated world total and the sum of its countries from which on it is told."""


def official_kinds() -> list[dict[str, Any]]:
    """Return the kinds of official file that can be read, one row each."""
    return [
        {
            "kind": kind.id, "producer": kind.producer, "file": kind.file,
            "address": kind.address, "licence": kind.licence,
        }
        for kind in KINDS.values()
    ]  # fmt: skip


def official_downloads() -> list[dict[str, Any]]:
    """Return the official files that can be fetched, one row each."""
    return [asdict(item) for item in downloads().values()]


def fetch_official(
    name: str, folder: str | Path, tell: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Fetch an official file into a folder, or go on where an earlier call was cut off.

    Parameters
    ----------
    name : str
        Id of the file.
    folder : str or Path
        Is made if it is not there.
    tell : callable
        Is told how many bytes there are, and of how many.

    Returns
    -------
    dict
        ``path``, ``size`` in bytes, ``sha256``, and whether it ``was_there`` before.

    Raises
    ------
    MonaziteError
        As of ``fetch``.
    """
    found = fetch(download_of(name), Path(folder), tell)
    return {**asdict(found), "path": str(found.path)}


def read_official(kind: str, path: str | Path) -> Observations:
    """Return what an official file holds, as columns.

    Raises
    ------
    MonaziteError
        As of ``load_official``.
    """
    return _loaded(kind, Path(path))


def _loaded(kind: str, path: Path) -> Observations:
    """Read an official file, packed or not, or a copy in the layout of the raw files of the atlas.

    An archive of one file stands for the file, one of several for their folder.
    """
    if not _is_archive(path):
        return _loaded_plain(kind, path)
    with TemporaryDirectory() as scratch, ZipFile(path) as archive:
        try:
            archive.extractall(scratch)
        except (BadZipFile, EOFError, zlib.error):
            raise TableError(
                "the archive is damaged", where=path.name, way_out="download it again"
            ) from None
        found = list(Path(scratch).iterdir())
        return _loaded_plain(kind, found[0] if len(found) == 1 else Path(scratch))


def _is_archive(path: Path) -> bool:
    """Return whether a file is a ZIP archive, and not one of those that are workbooks."""
    if not path.is_file() or not is_zipfile(path):
        return False
    with ZipFile(path) as archive:
        return "[Content_Types].xml" not in archive.namelist()


def _loaded_plain(kind: str, path: Path) -> Observations:
    return COPIES[kind](path) if kind in COPIES else load_official(kind, path)


def describe_official(kind: str, path: str | Path) -> dict[str, Any]:
    """Read an official file and count what it holds.

    Parameters
    ----------
    kind : str
        Id of the kind.
    path : str or Path
        The file as downloaded; for BACI also the folder of its files.

    Returns
    -------
    dict
        ``rows``, ``commodities``, ``regions``, ``statistics`` and ``statuses`` with their counts,
        ``first_year`` and ``last_year``, what was ``left_out`` and ``corrected``, and ``totals``:
        how many world totals are stated, and which of them are not the sum of their countries;
        ``short_reserves``, a line for each whose unit is doubtful.

    Raises
    ------
    MonaziteError
        As of ``load_official``.
    """
    data = _loaded(kind, Path(path))
    totals = data.totals()
    return {
        "source": data.source,
        "rows": len(data),
        "commodities": _counts(data.commodity),
        "regions": _counts(data.region),
        "statistics": _counts(data.statistic),
        "statuses": _counts(data.status),
        "first_year": int(data.first_year.min()),
        "last_year": int(data.year.max()),
        "left_out": dict(data.left_out),
        "corrected": dict(data.corrected),
        "totals": {
            "stated": len(totals),
            "apart": [_total_row(total) for total in totals if abs(total.gap) > NOTED_GAP],
        },
        "short_reserves": [found.line() for found in short_reserves(data)],
    }


def compare_official(
    kind: str, path: str | Path, other_kind: str, other_path: str | Path
) -> list[dict[str, Any]]:
    """Return the figures of two official files that are a power of ten apart, one row each.

    Raises
    ------
    MonaziteError
        As of ``load_official``.
    """
    first, second = _loaded(kind, Path(path)), _loaded(other_kind, Path(other_path))
    return [
        {
            "commodity": slip.commodity, "statistic": str(slip.statistic), "region": slip.region,
            "year": slip.year, "basis": slip.basis, "unit": slip.unit, "first": slip.first,
            "second": slip.second, "power": slip.power, "first_where": slip.first_where,
            "second_where": slip.second_where, "is_column": slip.is_column, "line": slip.line(),
        }
        for slip in find_slips(first, second)
    ]  # fmt: skip


def _counts(column: "np.ndarray[Any, Any]") -> dict[str, int]:
    counted = Counter(str(cell) for cell in column.tolist() if cell)
    return {name: counted[name] for name in sorted(counted)}


def _total_row(total: WorldTotal) -> dict[str, Any]:
    return {
        "commodity": total.commodity, "statistic": str(total.statistic), "year": total.year,
        "unit": total.unit, "stated": total.stated, "summed": total.summed,
        "not_figures": total.not_figures, "where": total.where,
    }  # fmt: skip
