"""Official files in small: the layouts of the producers, with figures that are made up."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbooks import Cells, write_xlsx

MCS_2026 = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes"
)
MCS_2025 = (
    "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,CAP_2023,"
    "CAP_EST_ 2024,CAP_NOTES,RESERVES_2024,RESERVE_NOTES"
)
COMTRADE = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,"
    "flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,customsCode,motCode,cmdCode,"
    "netWgt,isNetWgtEstimated,primaryValue"
)
BGS = (
    "bgs_statistic_type_trans,bgs_commodity_trans,bgs_sub_commodity_trans,year,country_trans,"
    "country_iso3_code,units,quantity,sdmx_code,concat_figure_notes_code"
)
BACI = "t,i,j,k,v,q"
BACI_NAME = "BACI_HS92_Y2023_V202501.csv"
SALIENT = "Salient Statistics—United States"
WORLD = "World Mine Production and Reserves"


def write(path: Path, lines: Sequence[str], *, encoding: str = "utf-8") -> Path:
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def tin(
    country: str, value: str, *, year: str = "2024", notes: str = "", unit: str = "metric tons",
    detail: str = "Mine production", commodity: str = "Tin",
) -> str:  # fmt: skip
    """A row of the long file of 2026."""
    return (
        f'TIN,{WORLD},{commodity},"{country}",Production,"{detail}",{unit},{year},"{value}",'
        f'"{notes}",Yes,(Data in metric tons)'
    )


def write_mcs_2026(folder: Path, rows: Sequence[str], *, encoding: str = "cp1252") -> Path:
    return write(folder / "mcs2026.csv", [MCS_2026, *rows], encoding=encoding)


def write_mcs_2025(folder: Path, rows: Sequence[str]) -> Path:
    return write(folder / "mcs2025.csv", [MCS_2025, *rows], encoding="utf-8-sig")


def write_baci(folder: Path, rows: Sequence[str], *, name: str = BACI_NAME) -> Path:
    """A yearly file with its code files beside it."""
    write(
        folder / "country_codes_V202501.csv",
        [
            "country_code,country_name,country_iso2,country_iso3",
            "156,China,CN,CHN", "392,Japan,JP,JPN", "490,Other Asia,N/A,S19",
            '697,"Europe EFTA, not elsewhere specified",XX,R20', "999,Nowhere,XX,XQZ",
        ],
    )  # fmt: skip
    write(
        folder / "product_codes_HS92_V202501.csv",
        ["code,description", "010111,Horses", '284690,"Compounds, of rare earths"'],
    )
    return write(folder / name, [BACI, *rows])


def write_wmd(
    path: Path, minerals: Mapping[str, Cells], years: Sequence[int] = (2023, 2024)
) -> Path:
    """Table 6.4: a title, the headings, the countries, the total, a note."""
    head = ["Country", "unit", *years, "data source"]
    return write_xlsx(
        path,
        {name: [[name], head, *rows, [None], ["e = estimated"]] for name, rows in minerals.items()},
    )


def comtrade(
    *, flow: str = "X", partner: str = "JPN", code: str = "284690", weight: str = "1500",
    value: str = "20000", estimated: str = "FALSE", reporter: str = "CHN", beside: str = "0,C00,0",
    head: str = "C,A",
) -> str:  # fmt: skip
    return (
        f"{head},20230101,2023,52,2023,156,{reporter},China,{flow},Export,392,{partner},Japan,"
        f"{beside},{code},{weight},{estimated},{value}"
    )


IEA_DEMAND: Cells = [
    ["Total demand for key minerals"],
    ["kt"],
    [None, None, None, "Stated Policies", None, None, "High Demand", None],
    [None, 2024, None, 2030, 2040, None, 2030, 2040],
    [None],
    ["Magnet rare earth elements"],
    ["Wind", 5, None, 8, 9.5, None, 10, 12],
    ["Total demand", 90, None, 120, 130, None, 140, 150],
    ["Share of clean technologies", 0.2, None, 0.3, 0.4, None, 0.5, 0.6],
]
IEA_SUPPLY: Cells = [
    ["Total supply for key minerals"],
    ["kt"],
    [None],
    [None, 2024, 2030, None, None, 2024, 2030],
    [None],
    ["Lithium - Mining", None, None, None, "Lithium - Refining"],
    ["Democratic Republic of Congo", 2, 3, None, "China", 7, 8],
    ["Rest of world", 8, 9, None, "Rest of world", 1, 2],
    ["Total", 10, 12, None, "Total", 8, 10],
    ["Top 3 share", 0.9, 0.8, None, "Top 3 share", 0.95, 0.9],
]


def write_iea(path: Path, *, demand: Cells = IEA_DEMAND, supply: Cells = IEA_SUPPLY) -> Path:
    return write_xlsx(
        path,
        {
            "Contents": [["Critical Minerals Dataset"]],
            "1 Total demand for key minerals": demand,
            "2 Total supply for key minerals": supply,
        },
    )
