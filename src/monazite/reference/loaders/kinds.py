"""Which official files can be read: one door for all, and where to get them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from monazite.errors import UnknownCodeError
from monazite.reference.loaders import (
    baci,
    bgs,
    comtrade,
    eu_crm,
    geodist,
    iea,
    usgs,
    wgi,
    wmd,
)
from monazite.reference.loaders.observations import Observations


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of official file.

    Parameters
    ----------
    id : str
        What ``monazite data load`` takes.
    producer : str
        Who publishes it.
    file : str
        Which of the producer's files it is.
    address : str
        Page that offers it.
    licence : str
        Terms of the producer.
    load : callable
        Reads the file.
    """

    id: str
    producer: str
    file: str
    address: str
    licence: str
    load: Callable[[Path], Observations]


_KINDS = (
    SourceKind(
        usgs.MCS_2026, "U.S. Geological Survey",
        "Mineral Commodity Summaries 2026, one CSV of all chapters",
        "https://www.usgs.gov/centers/national-minerals-information-center",
        "public domain in the United States", usgs.load_mcs_2026,
    ),
    SourceKind(
        usgs.MCS_2025, "U.S. Geological Survey",
        "Mineral Commodity Summaries 2025, CSV of world data",
        "https://www.usgs.gov/centers/national-minerals-information-center",
        "public domain in the United States", usgs.load_mcs_2025,
    ),
    SourceKind(
        baci.KIND, "CEPII", "BACI, yearly CSV with the code files beside it, or their folder",
        "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
        "Etalab 2.0", baci.load_baci,
    ),
    SourceKind(
        wmd.KIND, "Federal Ministry of Finance, Austria",
        "World Mining Data, workbook 6.4 of production by mineral and country",
        "https://www.world-mining-data.info",
        "free with attribution", wmd.load_wmd,
    ),
    SourceKind(
        wgi.KIND, "World Bank",
        "Worldwide Governance Indicators, CSV of all or a table of one",
        "https://www.worldbank.org/en/publication/worldwide-governance-indicators",
        "CC BY 4.0", wgi.load_wgi,
    ),
    SourceKind(
        eu_crm.KIND, "European Commission",
        "Study on the critical raw materials for the EU 2023, CSV of shares or scores",
        "https://single-market-economy.ec.europa.eu/sectors/raw-materials",
        "CC BY 4.0", eu_crm.load_eu_crm,
    ),
    SourceKind(
        iea.KIND, "International Energy Agency",
        "Critical Minerals Dataset, workbook",
        "https://www.iea.org/data-and-statistics/data-product/critical-minerals-dataset",
        "CC BY 4.0", iea.load_iea,
    ),
    SourceKind(
        comtrade.KIND, "United Nations Statistics Division",
        "Comtrade, CSV of the interface with annual flows",
        "https://comtradeplus.un.org",
        "UN terms: for reference, not to be passed on", comtrade.load_comtrade,
    ),
    SourceKind(
        bgs.KIND, "British Geological Survey",
        "World mineral statistics, CSV of the interface",
        "https://www.bgs.ac.uk/mineralsuk/statistics/world-mineral-statistics/",
        "terms of the BGS: check before passing on", bgs.load_bgs,
    ),
    SourceKind(
        geodist.KIND, "CEPII", "GeoDist, dist_cepii.xls or geo_cepii.xls",
        "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=6",
        "Etalab 2.0", geodist.load_geodist,
    ),
)  # fmt: skip

KINDS: Mapping[str, SourceKind] = MappingProxyType({kind.id: kind for kind in _KINDS})
"""Every kind of official file that can be read, by its id."""


def load_official(kind: str, path: Path) -> Observations:
    """Read an official file.

    Parameters
    ----------
    kind : str
        Id of the kind.
    path : Path
        The file as downloaded, gzipped or not; for BACI also the folder of its files.

    Raises
    ------
    UnknownCodeError
        If there is no such kind.
    MonaziteError
        If the file is of another kind or edition, or at the first row that cannot be understood.
    """
    if kind not in KINDS:
        raise UnknownCodeError("kind of official file", kind, KINDS)
    return KINDS[kind].load(path)
