"""A folder of raw files in small: every layout that the atlas is built from, made-up figures."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

MCS_2026_HEAD = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes"
)
MCS_2025_HEAD = (
    "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,CAP_2023,"
    "CAP_EST_ 2024,CAP_NOTES,RESERVES_2024,RESERVE_NOTES"
)
WORLD_SECTION = "World Mine Production and Reserves"
SALIENT = "Salient Statistics"


def tin_2026(country: str, value: str, year: str = "2025") -> str:
    return (
        f"TIN,{WORLD_SECTION},Tin,{country},Production,Mine production,metric tons,{year},{value},"
        "Estimated.,Yes,"
    )


TIN_LME = "Price, average, cents per pound: London Metal Exchange (LME), cash"


def price_2026(
    commodity: str, detail: str, unit: str, value: str, year: str = "2024", notes: str = ""
) -> str:
    return (
        f'X,{SALIENT},{commodity},United States,Price,"{detail}",{unit},{year},"{value}","{notes}",'
        "Yes,"
    )


LINES: Mapping[str, Sequence[str]] = {
    "wmd2026_production_2018_2024.csv.gz": (
        "commodity,country,iso3_or_iso2,year,value,unit,data_source",
        "Tin,China,CHN,2024,60,metr. t,e",
        'Tin,"Congo, D.R.",COD,2024,30,metr. t,r',
        "Tin,Bolivia,BOL,2024,10,metr. t,p",
        "Tin,Total,DELETE,2024,100,metr. t,nan",
        "Gold,China,CHN,2024,5,kg,r",
        "Gold,Total,DELETE,2024,5,kg,nan",
    ),
    "usgs_MCS2026_Commodities_Data.csv.gz": (
        MCS_2026_HEAD,
        tin_2026("China", "70"),
        tin_2026("Bolivia", "W"),
        tin_2026("World total", "75"),
        f"TIN,{SALIENT},Tin,United States,Net import reliance,Reliance,percent,2025,>50,,Yes,",
        f"TIN,{SALIENT},Tin,United States,Employment,Mine,number,2025,3,,Yes,",
        price_2026("Tin", TIN_LME, "cents per pound", "1000"),
        price_2026("Tin", TIN_LME, "cents per pound", "1100", "2025", "Estimated. -- By somebody."),
    ),
    "usgs_MCS2025_World_Data.csv.gz": (
        MCS_2025_HEAD,
        'MCS2025,Tin,China,"Mine production, tin content",metric tons,61,62,,,,,,',
        'MCS2025,Tin,World total (rounded),"Mine production, tin content",metric tons,61,62,,,,,,',
    ),
    "eu_crm2023_fact_GlobalSupplyShares_t.csv.gz": (
        "Material,Stage,Country,Share,t",
        "Gallium,P,China,94%,1.0",
        "Gallium,P,Germany,<0.1%,0.8",
    ),
    "wgi_political_stability_wide.csv.gz": (
        "Country/Territory,Code,1996,1998,2000,2017,2018,2024,country_code",
        "China,CHN,nan,nan,-0.2,-0.3,-0.3,-0.5,156",
        "Bolivia,BOL,nan,nan,-0.2,-0.3,-0.3,-0.1,68",
    ),
    "baci_hs17_2024_30codes.csv.gz": (
        "year,exporter,exporter_name,importer,importer_name,hs6,material,value_kusd,qty_t",
        "2024,CHL,Chile,USA,USA,740311,copper,930.0,100.0",
        "2024,CHN,China,JPN,Japan,260900,tin,9.0,9.0",
    ),
    "baci_hs92_74codes_2018_2024.csv.gz": (
        "year,exporter,importer,hs92,value_kusd,qty_t",
        "2024,CHN,JPN,260900,1.5,0.25",
        "2024,BOL,JPN,260900,2.5,",
        "2018,CHN,DEU,280450,7,1",
    ),
}
IEA = {
    "source": "made up",
    "supply": {
        "Rare Earth Elements": {
            "mining": {
                "countries": {
                    "China": {"2024": 3.0, "2030": 4.0},
                    "Notes: something said": {"2024": 3.0},
                },
                "total": {"2024": 3.0, "2030": 4.0},
            },
            "refining": {
                "countries": {"China": {"2024": 2.0}, "Rest of world": {"2024": 1.0}},
                "total": {"2024": 3.0},
            },
        }
    },
}
IEA_NAME = "iea_critical_minerals_2025_rekeyed.json.gz"


def pack(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.write_bytes(gzip.compress(text.encode(encoding), mtime=0))


def write_lines(folder: Path, name: str, lines: Sequence[str]) -> None:
    encoding = "utf-8-sig" if "MCS2025" in name else "utf-8"
    pack(folder / name, "\n".join(lines) + "\n", encoding)


def write_raw_folder(folder: Path, **changed: Sequence[str]) -> Path:
    """Write all files; `changed` gives other lines to a file whose name begins like that."""
    folder.mkdir(exist_ok=True)
    for name, lines in LINES.items():
        own = next((other for start, other in changed.items() if name.startswith(start)), lines)
        write_lines(folder, name, own)
    pack(folder / IEA_NAME, json.dumps(IEA, indent=2))
    return folder
