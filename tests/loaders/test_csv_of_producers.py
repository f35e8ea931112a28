"""World Bank, European Commission, Comtrade, British Geological Survey."""

from pathlib import Path

import numpy as np
import pytest

from loaders.official import BGS, COMTRADE, comtrade, write
from monazite.errors import TableError, UnknownCodeError
from monazite.labels import WORLD
from monazite.reference.loaders.bgs import load_bgs
from monazite.reference.loaders.comtrade import load_comtrade
from monazite.reference.loaders.eu_crm import load_eu_crm
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.wgi import load_wgi

WIDE = "Country/Territory,Code,1996,1998,2000"
LONG = "codeindyr,code,countryname,year,indicator,estimate,stddev,pctrank"


def test_governance_by_countries_and_years(tmp_path: Path) -> None:
    rows = [WIDE, "Chilli,CHL,0.5,nan,-1.25", "Réunion,REU,1,1,1", "Kosovo,XKX,nan,nan,-0.1"]
    data = load_wgi(write(tmp_path / "wgi_political_stability.csv", rows))
    assert data.region.tolist() == ["CHL"] * 3 + ["XKX"] * 3
    assert data.value[[0, 2]].tolist() == [0.5, -1.25]
    assert data.status[1] is Status.MISSING
    assert set(data.detail) == {"political stability"}
    assert dict(data.left_out) == {"Réunion, which counts with France": 1}


def test_governance_in_the_long_form(tmp_path: Path) -> None:
    rows = [LONG, "CHLpv2023,CHL,Chile,2023,pv,-0.2,0.1,40", "ZARrl2023,ZAR,Congo,2023,rl,..,..,.."]
    data = load_wgi(write(tmp_path / "wgi.csv", rows))
    assert data.source == "worldbank-wgi-2024"
    assert data.region.tolist() == ["CHL", "COD"]
    assert data.detail.tolist() == ["political stability", "rule of law"]
    assert data.value[0] == -0.2
    assert data.status[1] is Status.MISSING


@pytest.mark.parametrize(
    ("name", "rows", "told"),
    [
        ("wgi.csv", [WIDE, "Chile,CHL,1,1,1"], "does not say which indicator"),
        ("rule_of_law.csv", [WIDE, "Chile,CHL,1,1,55"], ":2: 55 is no score between -4 and 4"),
        ("rule_of_law.csv", [WIDE, "Chile,CHL,1,1,x"], ":2: 'x' is no score"),
        ("rule_of_law.csv", [WIDE, "Chile,CHN,1,1,1"], ":2: 'Chile' stands beside the code CHN"),
        ("wgi.csv", [LONG, "a,CHL,Chile,2023,xx,1,1,1"], ":2: unknown indicator 'xx'"),
        (
            "wgi.csv",
            [LONG, "a,CHL,Chile,2023,pv,1,1,1", "a,CHL,Chile,2023,pv,1,1,1"],
            ":3: .*twice",
        ),
    ],
)
def test_bad_governance_is_refused(name: str, rows: list[str], told: str, tmp_path: Path) -> None:
    with pytest.raises((TableError, UnknownCodeError), match=told):
        load_wgi(write(tmp_path / name, rows))


SHARES = "Material,Stage,Country,Share,t"


def write_eu(folder: Path, name: str, rows: list[str]) -> Path:
    return write(folder / name, rows, encoding="cp1252")


def test_shares_of_the_world_and_of_the_eu(tmp_path: Path) -> None:
    rows = [
        SHARES, "Fluorspar,E,Türkiye,9.9%,1.0", "Fluorspar,E,Brasilia,<0.1%,1.0",
        'Cobalt,P,"Congo, D.R.",60%,1.1', "Cobalt,P,Congo,6,0.8", "Natural cork,E,Portugal,50%,0.8",
    ]  # fmt: skip
    data = load_eu_crm(write_eu(tmp_path, "fact_GlobalSupplyShares_t.csv", rows))
    assert data.statistic.tolist() == ["mine share"] * 2 + ["refinery share"] * 2
    assert data.region.tolist() == ["TUR", "BRA", "COD", "COG"]
    assert data.value[[0, 2, 3]].tolist() == [9.9, 60, 6]
    assert (data.status[1], data.high[1]) == (Status.BELOW, 0.1)
    assert (data.first_year[0], data.year[0]) == (2016, 2020)
    assert dict(data.left_out) == {"not a commodity of ours": 1}
    eu = load_eu_crm(write_eu(tmp_path, "fact_EUSupplyShares_t.csv", rows))
    assert set(eu.region) == {"EU"}
    assert eu.partner.tolist() == ["TUR", "BRA", "COD", "COG"]
    assert eu.detail[0] == "Fluorspar: extraction"
    with pytest.raises(TableError, match="supply of the world or of the EU"):
        load_eu_crm(write_eu(tmp_path, "shares.csv", rows))


def test_uses_and_scores_of_the_eu(tmp_path: Path) -> None:
    use = "Magnesium,Construction,13%,C25 - Metal,163568"
    rows = [
        "Material,Application,Share,NACE sector,VA in million €",
        use,
        use,
        "Copper,Pipes,>0%,C32,4",
    ]
    data = load_eu_crm(write_eu(tmp_path, "uses.csv", rows))
    assert data.value[0] == 13
    assert data.status.tolist() == [Status.REPORTED, Status.ABOVE]
    assert dict(data.left_out) == {"uses that the study lists twice": 1}
    rows = ["Material,Year,SR,EI", "Cobalt,2023,2.5,6.8", '"Phosphate\nrock",2011,-,-']
    data = load_eu_crm(write_eu(tmp_path, "scores.csv", rows))
    assert data.statistic.tolist() == ["supply risk", "economic importance"] * 2
    assert data.value[:2].tolist() == [2.5, 6.8]
    assert np.isnan(data.value[2:]).all()
    assert data.commodity.tolist() == ["cobalt"] * 2 + ["phosphate"] * 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Fluorspar,E,Peru,120%,1", "a share of 120% .a share is at most"),
        ("Fluorspar,X,Peru,1%,1", "unknown stage 'X'"),
        ("Fluorspar,E,Perru,1%,1", "unknown region 'Perru'"),
        ("Kryptonite,E,Peru,1%,1", "unknown commodity 'Kryptonite'"),
    ],
)
def test_bad_share_is_refused(row: str, told: str, tmp_path: Path) -> None:
    path = write_eu(tmp_path, "GlobalSupplyShares.csv", [SHARES, row])
    with pytest.raises((TableError, UnknownCodeError), match=rf"csv:2: .*{told}"):
        load_eu_crm(path)


def test_flows_of_comtrade_are_totals_only(tmp_path: Path) -> None:
    rows = [
        COMTRADE,
        comtrade(),
        comtrade(partner="W00", weight="3000", estimated="TRUE"),
        comtrade(partner="_X", weight="", value="10"),
        comtrade(flow="M", reporter="S19"),
        comtrade(beside="156,C00,0"),
        comtrade(beside="0,C01,0"),
        comtrade(flow="RX"),
        comtrade(code="010111"),
    ]
    data = load_comtrade(write(tmp_path / "c.csv", rows))
    assert data.statistic.tolist() == ["export mass", "export value"] * 3 + [
        "import mass",
        "import value",
    ]
    assert data.partner.tolist() == ["JPN"] * 2 + [WORLD] * 2 + ["ROW"] * 2 + ["JPN"] * 2
    assert data.value[:2].tolist() == [1.5, 20.0]
    assert data.unit[:2].tolist() == ["t", "kUSD"]
    assert data.status[2] is Status.ESTIMATED
    assert data.status[4] is Status.MISSING
    assert data.region[6] == "TWN"
    assert dict(data.left_out) == {
        "parts of a total": 2,
        "re-exports, processing and other flows": 1,
        "not a commodity of ours": 1,
    }


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (comtrade(head="A,20230101"), "typeCode is 'A': the cells stand beside their headings"),
        (comtrade(head="C,M"), "freqCode is 'M' .ask for annual data"),
        (comtrade(weight="-5"), "-5 is below zero"),
        (comtrade(partner="JPX"), "unknown region 'JPX'"),
        (comtrade(), "stands twice, first in line 2"),
    ],
)
def test_bad_flow_is_refused(row: str, told: str, tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", [COMTRADE, comtrade(), row])
    with pytest.raises((TableError, UnknownCodeError), match=rf"^c\.csv:3: .*{told}"):
        load_comtrade(path)


def bgs(
    country: str, code: str, quantity: str, *, year: str = "1990-01-01 00:00:00", **other: str
) -> str:
    cells = {"kind": "Production", "what": "tungsten, mine", "sdmx": "A", "notes": ""} | other
    return (
        f'{cells["kind"]},"{cells["what"]}",,{year},"{country}",{code},tonnes (metal content),'
        f"{quantity},{cells['sdmx']},{cells['notes']}"
    )


def test_production_of_the_bgs(tmp_path: Path) -> None:
    rows = [
        BGS,
        bgs("Soviet Union", "SUN", "9000", notes="*|b"),
        bgs("Zaire", "ZAR", "0"),
        bgs("Rhodesia", "", "5"),
        bgs("Peru", "PER", "", sdmx="O"),
        bgs("Chile", "CHL", "0", sdmx="N"),
        bgs("Germany", "DEU", "1"),
        bgs("German Federal Republic", "DEU", "2"),
        bgs("Chile", "CHL", "0", kind="Imports"),
    ]
    data = load_bgs(write(tmp_path / "b.csv", rows))
    assert data.region.tolist() == ["SUN", "COD", "ZWE", "PER", "CHL", "DEU", "DEU"]
    assert data.status.tolist()[:5] == [
        Status.ESTIMATED, Status.REPORTED, Status.REPORTED, Status.MISSING, Status.BELOW,
    ]  # fmt: skip
    assert data.high[4] == 0.5
    assert data.detail.tolist()[-2:] == ["", "West Germany"]
    assert set(data.year) == {1990}
    assert dict(data.left_out) == {"imports and exports": 1}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (bgs("Peru", "PER", "1", year="1990-06-01 00:00:00"), "is no year"),
        (bgs("Peru", "PER", "1", year="90"), "'90' is no year"),
        (bgs("Peru", "PER", "1", sdmx="Q"), "unknown sdmx_code 'Q'"),
        (bgs("Peru", "PER", "1", what="tungsten"), "unknown commodity 'tungsten'"),
        (bgs("Peru", "PER", "-1"), "-1 is below zero"),
    ],
)
def test_bad_production_is_refused(row: str, told: str, tmp_path: Path) -> None:
    with pytest.raises((TableError, UnknownCodeError), match=rf"^b\.csv:2: .*{told}"):
        load_bgs(write(tmp_path / "b.csv", [BGS, row]))


SHIFTED_HEAD = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,CountryCode,Country,reporterDesc,"
    "flowCode,flowDesc,partnerCode,partnerISO,partnerDesc,partner2Code,classificationCode,"
    "classificationSearchCode,customsCode,motCode,cmdCode,netWgt,isNetWgtEstimated,primaryValue,"
    "isAggregate,Mineral"
)


def shifted(*, day: str = "20230101", end: str = "", system: str = "HS") -> str:
    """A row whose first cell was taken for a label: each other one stands a heading to the left."""
    return (
        f"A,{day},2023,52,2023,156,CHN,China,X,Export,392,JPN,Japan,0,H6,{system},C00,0,284690,"
        f"1500,FALSE,20000,TRUE,{end},Cobalt"
    )


def test_cells_of_comtrade_beside_their_headings_are_set_right(tmp_path: Path) -> None:
    data = load_comtrade(write(tmp_path / "c.csv", [SHIFTED_HEAD, shifted()]))
    assert data.region.tolist() == ["CHN", "CHN"]
    assert data.partner.tolist() == ["JPN", "JPN"]
    assert data.value.tolist() == [1.5, 20.0]
    assert data.year.tolist() == [2023, 2023]
    assert sum(data.corrected.values()) == 1


@pytest.mark.parametrize(
    "row",
    [shifted(day="202301"), shifted(day="20220101"), shifted(end="TRUE"), shifted(system="EB")],
    ids=["day", "year", "no-empty-cell", "services"],
)
def test_a_shift_that_is_not_that_one_is_refused(row: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="the cells stand beside their headings"):
        load_comtrade(write(tmp_path / "c.csv", [SHIFTED_HEAD, row]))


def test_a_comma_after_the_last_cell_of_comtrade_is_no_cell(tmp_path: Path) -> None:
    plain = load_comtrade(write(tmp_path / "c.csv", [COMTRADE, comtrade()]))
    comma = load_comtrade(write(tmp_path / "d.csv", [COMTRADE, comtrade() + ","]))
    assert comma.value.tolist() == plain.value.tolist()
    with pytest.raises(TableError, match="cells under"):
        load_comtrade(write(tmp_path / "e.csv", [COMTRADE, comtrade() + ",9"]))
