"""BACI of CEPII: flows between countries by customs code, a file for each year.

A folder of the official files is read, or one yearly file with the two code files beside it:
``BACI_HS92_Y2023_V202501.csv`` (t year, i exporter, j importer, k product, v thousands of
dollars, q tonnes), ``country_codes_V202501.csv`` and ``product_codes_HS92_V202501.csv``. A
yearly file has millions of lines, so that DuckDB reads it and checks run on whole columns.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monazite.errors import TableError, UnknownCodeError
from monazite.labels import REST_OF_WORLD
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.files import check_csv, check_header, first_line, read_records
from monazite.reference.loaders.minerals import customs_codes
from monazite.reference.loaders.observations import COLUMNS, Observations, Statistic, typed
from monazite.reference.loaders.places import region_of

KIND = "cepii-baci"
EUROPE_ELSEWHERE = "R20"
"""Code of Iceland's and Norway's neighbours where the reporter did not say which."""
_NAME = re.compile(r"BACI_(?P<nomenclature>HS\d\d)_Y(?P<year>\d{4})_(?P<edition>V\w+?)\.csv(\.gz)?")
_MISSING = "NA"
_COLUMNS = tuple("tijkvq")
_PATTERN_SIGN = re.compile(r"([*?\[])")
"""What DuckDB reads in a path as a pattern of several files."""


@dataclass(frozen=True, slots=True)
class _Flows:
    """Lines of a yearly file as columns, of the products asked for."""

    line: NDArray[np.int64]
    year: NDArray[np.int64]
    exporter: NDArray[np.int64]
    importer: NDArray[np.int64]
    product: NDArray[np.object_]
    value: NDArray[np.float64]
    mass: NDArray[np.float64]


def load_baci(path: Path, *, products: Iterable[str] | None = None) -> Observations:
    """Read BACI.

    Parameters
    ----------
    path : Path
        A folder of yearly files and code files, or one yearly file beside its code files.
    products : iterable of str, optional
        Six-digit customs codes; those of our commodities by default.

    Returns
    -------
    Observations
        Two rows for each line, export value and export mass: the exporter is the region, the
        importer the partner, the customs code the detail.

    Raises
    ------
    MonaziteError
        If a file is missing or none of BACI's, or at the first line that cannot be understood.
    """
    files = _yearly_files(path)
    wanted = tuple(customs_codes() if products is None else products)
    parts = [_read_year(file, wanted) for file in files]
    columns: dict[str, Any] = {
        name: np.concatenate([part[0][name] for part in parts]) for name in COLUMNS
    }
    left_out = {"other products": sum(part[1] for part in parts)}
    nomenclature, _, edition = _parts_of(files[0])
    source = f"{KIND}-{nomenclature.lower()}-{edition.lower()}"
    return Observations(source, **columns, left_out=MappingProxyType(left_out))


def _yearly_files(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        return (path,)
    files = tuple(sorted(file for file in path.iterdir() if _NAME.fullmatch(file.name)))
    if not files:
        raise TableError(
            "the folder has no file of BACI",
            where=path.name,
            way_out="unpack the download: its files are called BACI_HS92_Y2023_V202501.csv",
        )
    editions = {_parts_of(file)[::2] for file in files}
    if len(editions) > 1:
        told = ", ".join(sorted(" ".join(pair) for pair in editions))
        raise TableError(
            f"the folder mixes editions: {told}", where=path.name, way_out="keep one of them"
        )
    return files


def _parts_of(file: Path) -> tuple[str, str, str]:
    found = _NAME.fullmatch(file.name)
    if found is None:
        raise TableError(
            "the file is not called like one of BACI",
            where=file.name,
            way_out="keep its name, such as BACI_HS92_Y2023_V202501.csv: it tells the edition",
        )
    return found["nomenclature"], found["year"], found["edition"]


def _read_year(file: Path, wanted: tuple[str, ...]) -> tuple[dict[str, NDArray[Any]], int]:
    nomenclature, year, edition = _parts_of(file)
    check_csv(file)
    heads = first_line(file)
    check_header(heads, KIND, file.name)
    if len(heads) != len(_COLUMNS):
        raise TableError(
            f"more columns than {', '.join(_COLUMNS)}",
            where=f"{file.name}:1",
            way_out="give the file as downloaded",
        )
    countries = _countries(file.parent, edition)
    _check_products(file.parent, nomenclature, edition, wanted)
    flows, lines = _query(file, heads, wanted)
    _check_flows(flows, int(year), file.name)
    return _columns(flows, countries, file.name), lines - len(flows.line)


def _countries(folder: Path, edition: str) -> Mapping[int, str]:
    """Return the codes of countries by BACI's numbers; the name where there is no code."""
    found: dict[int, str] = {}
    columns = ("country_code", "country_name", "country_iso3")
    for line in read_records(folder, f"country_codes_{edition}.csv", columns):
        if not line["country_code"].isdecimal():
            raise TableError(
                f"'{line['country_code']}' is no number",
                where=line.where,
                way_out="download it again",
            )
        found[int(line["country_code"])] = line["country_iso3"] or line["country_name"]
    return MappingProxyType(found)


def _check_products(folder: Path, nomenclature: str, edition: str, wanted: tuple[str, ...]) -> None:
    file = f"product_codes_{nomenclature}_{edition}.csv"
    known = {line["code"].zfill(6) for line in read_records(folder, file, ("code",))}
    if not known.intersection(wanted):
        raise UnknownCodeError("product", ", ".join(wanted[:3]), known, where=file)


def _query(file: Path, heads: list[str], wanted: tuple[str, ...]) -> tuple[_Flows, int]:
    """Return the lines of those products, and how many lines there are."""
    import duckdb  # noqa: PLC0415 - only who reads BACI waits for it

    columns = ", ".join(f"'{head}': 'VARCHAR'" for head in heads)
    source = (
        "read_csv(?, header = true, all_varchar = true, auto_detect = false, delim = ',', "
        f"quote = '\"', escape = '\"', columns = {{{columns}}})"
    )
    path = _PATTERN_SIGN.sub(r"[\1]", str(file))
    numbered = f"SELECT row_number() OVER () + 1 AS line, * FROM {source}"
    query = f"""
        SELECT line, coalesce(t, '') AS t, coalesce(i, '') AS i, coalesce(j, '') AS j,
            lpad(trim(k), 6, '0') AS k, coalesce(trim(v), '') AS v, coalesce(trim(q), '') AS q
        FROM ({numbered}) WHERE lpad(trim(k), 6, '0') IN (SELECT unnest(?)) ORDER BY line
    """
    with duckdb.connect() as database:
        try:
            found = database.execute(query, [path, list(wanted)]).fetchnumpy()
            counted = database.execute(f"SELECT count(*) FROM {source}", [path]).fetchone()
        except duckdb.Error as fault:
            raise _csv_fault(str(fault), file.name) from None
    return _flows(found, file.name), int(counted[0]) if counted else 0


def _flows(found: Mapping[str, Any], file: str) -> _Flows:
    line = np.asarray(found["line"], dtype=np.int64)
    texts = {name: np.asarray(found[name], dtype=object) for name in _COLUMNS}
    return _Flows(
        line=line,
        year=_whole(texts["t"], line, file),
        exporter=_whole(texts["i"], line, file),
        importer=_whole(texts["j"], line, file),
        product=texts["k"],
        value=_amounts(texts["v"], line, file),
        mass=_amounts(texts["q"], line, file),
    )


def _whole(texts: NDArray[np.object_], line: NDArray[np.int64], file: str) -> NDArray[np.int64]:
    blank = np.flatnonzero(texts == _MISSING)
    if blank.size:
        raise TableError(
            "a year or a country is NA",
            where=f"{file}:{line[blank[0]]}",
            way_out="download it again",
        )
    return _amounts(texts, line, file).astype(np.int64)


def _amounts(texts: NDArray[np.object_], line: NDArray[np.int64], file: str) -> NDArray[np.float64]:
    """Return numbers that are not below zero; ``NA`` is NaN."""
    texts = np.where(texts == _MISSING, "nan", texts)
    try:
        numbers = texts.astype(np.float64)
    except ValueError:
        raise _first_fault(texts, line, file) from None
    wrong = np.flatnonzero((numbers < 0.0) | np.isinf(numbers))
    if wrong.size:
        raise TableError(
            f"{texts[wrong[0]]} is below zero or without end",
            where=f"{file}:{line[wrong[0]]}",
            way_out="a quantity cannot be: check the source",
        )
    return numbers


def _first_fault(texts: NDArray[np.object_], line: NDArray[np.int64], file: str) -> TableError:
    row = next(row for row, text in enumerate(texts) if not _is_number(text))
    return TableError(
        f"'{texts[row]}' is no number",
        where=f"{file}:{line[row]}",
        way_out="download it again",
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_flows(flows: _Flows, year: int, file: str) -> None:
    if not len(flows.line):
        raise TableError(
            "the file has no rows that can be used", where=file, way_out="check the products"
        )
    other = np.flatnonzero(flows.year != year)
    if other.size:
        raise TableError(
            f"year {flows.year[other[0]]} in the file of {year}",
            where=f"{file}:{flows.line[other[0]]}",
            way_out="keep the names that the files had",
        )
    order = np.lexsort((flows.line, flows.importer, flows.exporter, flows.product.astype("U6")))
    same = np.ones(len(order) - 1, dtype=bool)
    for column in (flows.product, flows.exporter, flows.importer):
        same &= column[order][1:] == column[order][:-1]
    if same.any():
        second = int(flows.line[order][1:][same].min())
        raise TableError(
            "the same exporter, importer and product stand twice",
            where=f"{file}:{second}",
            way_out="drop one of the two rows",
        )


def _columns(flows: _Flows, countries: Mapping[int, str], file: str) -> dict[str, NDArray[Any]]:
    region = _regions(flows.exporter, flows.line, countries, file)
    partner = _regions(flows.importer, flows.line, countries, file)
    commodity = _mapped(flows.product, {code: c.commodity for code, c in customs_codes().items()})
    both = {
        "commodity": commodity, "detail": flows.product, "region": region, "partner": partner,
        "first_year": flows.year, "year": flows.year, "line": flows.line,
        "place": _filled(file, len(region)),
    }  # fmt: skip
    value = _one(Statistic.EXPORT_VALUE, "kUSD", "", flows.value)
    mass = _one(Statistic.EXPORT_MASS, "t", "gross", flows.mass)
    order = np.argsort(np.concatenate([flows.line, flows.line]), kind="stable")
    doubled = {name: np.concatenate([column, column]) for name, column in both.items()}
    doubled.update({name: np.concatenate([value[name], mass[name]]) for name in value})
    return {name: doubled[name][order] for name in COLUMNS}


def _one(
    statistic: Statistic, unit: str, basis: str, numbers: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    status = _filled(Status.REPORTED, len(numbers))
    status[np.isnan(numbers)] = Status.MISSING
    constant = {"statistic": statistic, "unit": unit, "basis": basis}
    return {
        **{name: _filled(cell, len(numbers)) for name, cell in constant.items()},
        "value": numbers, "low": numbers, "high": numbers, "status": status,
    }  # fmt: skip


def _regions(
    numbers: NDArray[np.int64], line: NDArray[np.int64], countries: Mapping[int, str], file: str
) -> NDArray[np.object_]:
    known: dict[int, str] = {}
    for number in np.unique(numbers).tolist():
        where = f"{file}:{line[np.argmax(numbers == number)]}"
        if number not in countries:
            raise UnknownCodeError("country", str(number), map(str, countries), where=where)
        code = countries[number]
        is_sum = code == EUROPE_ELSEWHERE
        known[number] = REST_OF_WORLD.code if is_sum else region_of(code, where=where)
    return _mapped(numbers, known)


def _mapped(values: NDArray[Any], names: Mapping[Any, str]) -> NDArray[np.object_]:
    unique, inverse = np.unique(values, return_inverse=True)
    return typed("", [names.get(value, "") for value in unique.tolist()])[inverse]


def _filled(cell: object, length: int) -> NDArray[np.object_]:
    column = np.empty(length, dtype=object)
    column[:] = cell
    return column


def _csv_fault(message: str, file: str) -> TableError:
    line = re.search(r"Line: (\d+)", message)
    where = f"{file}:{line[1]}" if line else file
    return TableError(
        "the line is cut off or has cells too many", where=where, way_out="download it again"
    )
