"""From a folder of raw files to the tables of the atlas.

What is taken of each file, and which edition it has to be, stands in one list: a file of another
edition is refused, so that two editions are never mixed under one name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from monazite.errors import TableError
from monazite.reference.atlas.copies import (
    load_baci_copy,
    load_baci_hs17_copy,
    load_iea_copy,
    load_wmd_copy,
)
from monazite.reference.atlas.tables import STAGE_STATISTICS, Atlas, BySource, TradeFlows
from monazite.reference.loaders.eu_crm import load_eu_crm
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.observations import Observations, Statistic
from monazite.reference.loaders.prices import load_prices
from monazite.reference.loaders.usgs import load_mcs_2025, load_mcs_2026
from monazite.reference.loaders.wgi import load_wgi

FIRST_YEAR = 2018
"""No table holds figures of periods that end before this year."""
_PRODUCTION = frozenset(item for pair in STAGE_STATISTICS.values() for item in pair)
_RELIANCE = frozenset({Statistic.NET_IMPORT_RELIANCE, Statistic.IMPORT_SHARE})
_GOVERNANCE = frozenset({Statistic.GOVERNANCE})


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of the raw folder.

    Parameters
    ----------
    name : str
        What it is called there.
    source : str
        Id of producer and edition that it has to be.
    load : callable
        Reads it.
    """

    name: str
    source: str
    load: Callable[[Path], Observations]


RAW_FILES: Mapping[str, tuple[RawFile, ...]] = MappingProxyType(
    {
        "production": (
            RawFile("wmd2026_production_2018_2024.csv.gz", "wmd-2026", load_wmd_copy),
            RawFile("usgs_MCS2026_Commodities_Data.csv.gz", "usgs-mcs-2026", load_mcs_2026),
            RawFile("usgs_MCS2025_World_Data.csv.gz", "usgs-mcs-2025", load_mcs_2025),
            RawFile("iea_critical_minerals_2025_rekeyed.json.gz", "iea-cmd-2025", load_iea_copy),
            RawFile("eu_crm2023_fact_GlobalSupplyShares_t.csv.gz", "eu-crm-2023", load_eu_crm),
        ),
        "reliance": (
            RawFile("usgs_MCS2026_Commodities_Data.csv.gz", "usgs-mcs-2026", load_mcs_2026),
        ),
        "governance": (
            RawFile(
                "wgi_political_stability_wide.csv.gz", "worldbank-wgi-2025",
                load_wgi,
            ),
        ),
    }
)  # fmt: skip
"""Files of each table of observations, in the order in which their figures are preferred."""
TRADE_FILE = "baci_hs92_74codes_2018_2024.csv.gz"
"""File of the flows."""
RECENT_TRADE_FILE = "baci_hs17_2024_30codes.csv.gz"
"""File of flows of 2024 by codes of 2017."""
PRICE_FILE = "usgs_MCS2026_Commodities_Data.csv.gz"
"""File of the prices."""


def build_atlas(folder: Path) -> Atlas:
    """Read the raw files of a folder into the tables.

    Parameters
    ----------
    folder : Path
        Holds the files of `RAW_FILES`, `TRADE_FILE`, `RECENT_TRADE_FILE` and `PRICE_FILE`,
        whatever else it holds.

    Raises
    ------
    TableError
        If the folder or a file is missing, cut off, or of another edition.
    MonaziteError
        At the first row that cannot be understood.
    """
    if not folder.is_dir():
        raise TableError(
            "there is no such folder", where=str(folder), way_out="give a folder of raw files"
        )
    trade = load_baci_copy(folder / TRADE_FILE)
    return Atlas(
        production=_table(folder, "production", _PRODUCTION),
        reliance=_table(folder, "reliance", _RELIANCE),
        governance=_table(folder, "governance", _GOVERNANCE),
        trade=trade,
        recent_trade=_beside(trade, load_baci_hs17_copy(folder / RECENT_TRADE_FILE)),
        prices=load_prices(folder / PRICE_FILE),
    )


def _beside(trade: TradeFlows, recent: TradeFlows) -> TradeFlows:
    """Return the recent flows of codes that the longer table does not hold."""
    return recent.taken(~np.isin(recent.hs6, list(set(trade.hs6.tolist()))))


def _table(folder: Path, name: str, statistics: Iterable[Statistic]) -> BySource:
    return MappingProxyType(
        {file.source: _taken(_loaded(folder, file), statistics) for file in RAW_FILES[name]}
    )


def _loaded(folder: Path, file: RawFile) -> Observations:
    found = file.load(folder / file.name)
    if found.source != file.source:
        raise TableError(
            f"the file is of the edition '{found.source}', not '{file.source}'",
            where=file.name,
            way_out="name it after what it is; another edition is another source",
        )
    return found


def _taken(data: Observations, statistics: Iterable[Statistic]) -> Observations:
    """Return the rows of those statistics that are recent, no projection, and say something."""
    wanted = np.isin(data.statistic, [str(item) for item in statistics])
    wanted &= data.year >= FIRST_YEAR
    wanted &= data.status != Status.PROJECTED
    wanted &= data.status != Status.MISSING
    return data.taken(np.flatnonzero(wanted))
