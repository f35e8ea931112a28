"""Mineral Commodity Summaries: every trap of the layout, and the same rows in any order."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.official import MCS_2026, SALIENT, tin, write, write_mcs_2025, write_mcs_2026
from monazite.errors import TableError, UnitError, UnknownCodeError
from monazite.labels import WORLD
from monazite.reference.loaders.figures import Status
from monazite.reference.loaders.observations import COLUMNS, Observations, Statistic
from monazite.reference.loaders.usgs import load_mcs_2025, load_mcs_2026

ROWS = (
    tin("Peru", "26,200", notes="Estimated. From company reports."),
    tin("Burma", "34,000", notes="Reported."),
    tin("China", "71,000"),
    tin("Congo (Kinshasa)", "<1,000"),
    tin("Korea, Republic of", "—"),
    tin("Côte d’Ivoire", "W"),
    tin("Vietnam", "5,000–6,000"),
    tin("Other countries", "300"),
    tin("World total", "131,500", detail="Mine production: rounded"),
)


def table(data: Observations) -> list[tuple[object, ...]]:
    """Rows as tuples; NaN as None so that they can be compared. Lines are left out."""
    names = [name for name in COLUMNS if name != "line"]
    columns = [getattr(data, name).tolist() for name in names]
    return sorted((tuple(map(plain, row)) for row in zip(*columns, strict=True)), key=str)


def plain(cell: object) -> object:
    return None if isinstance(cell, float) and math.isnan(cell) else cell


@pytest.fixture
def data(tmp_path: Path) -> Observations:
    return load_mcs_2026(write_mcs_2026(tmp_path, ROWS))


def test_each_row_says_what_where_when_and_how_much(data: Observations) -> None:
    assert data.source == "usgs-mcs-2026"
    assert data.region.tolist() == [
        "PER", "MMR", "CHN", "COD", "KOR", "CIV", "VNM", "ROW", WORLD,
    ]  # fmt: skip
    assert set(data.commodity) == {"tin"}
    assert set(data.statistic) == {Statistic.MINE_PRODUCTION}
    assert set(data.unit) == {"t"}
    assert set(data.basis) == {"content"}
    assert set(data.year) == {2024}
    assert data.value[:3].tolist() == [26_200, 34_000, 71_000]
    assert data.value[4] == 0.0
    assert data.line.tolist() == list(range(2, 11))
    assert data.where(1) == "mcs2026.csv:3"


def test_value_is_nan_exactly_where_the_status_says_so(data: Observations) -> None:
    assert data.status.tolist() == [
        Status.ESTIMATED, Status.REPORTED, Status.REPORTED, Status.BELOW, Status.REPORTED,
        Status.WITHHELD, Status.RANGE, Status.REPORTED, Status.REPORTED,
    ]  # fmt: skip
    assert data.states_figure().tolist() == [True] * 3 + [False, True, False, False, True, True]
    assert (data.low[6], data.high[6]) == (5000, 6000)


def test_world_is_never_added_and_other_countries_once(data: Observations) -> None:
    assert WORLD not in set(data.countries().region)
    assert np.nansum(data.countries().value) == 131_500
    (total,) = data.totals()
    assert (total.stated, total.summed, total.not_figures) == (131_500, 131_500, 3)
    assert total.gap == 0.0
    assert total.where == "mcs2026.csv:10"


def test_total_of_nothing_is_told(tmp_path: Path) -> None:
    rows = [tin("Peru", "—"), tin("World total", "5")]
    (total,) = load_mcs_2026(write_mcs_2026(tmp_path, rows)).totals()
    assert total.gap == math.inf
    (total,) = load_mcs_2026(write_mcs_2026(tmp_path, [rows[0], tin("World total", "—")])).totals()
    assert total.gap == 0.0


def test_columns_are_equally_long(data: Observations) -> None:
    with pytest.raises(ValueError, match="unequal length"):
        dataclasses.replace(data, value=data.value[:-1])


def test_columns_cannot_be_changed(data: Observations) -> None:
    with pytest.raises(ValueError, match="read-only"):
        data.value[0] = 1.0


def test_select_takes_rows_and_refuses_unknown_columns(data: Observations) -> None:
    assert data.select(region="PER", year=2024).value.tolist() == [26_200]
    with pytest.raises(UnknownCodeError, match="unknown column 'country'"):
        data.select(country="Peru")


@given(st.permutations(ROWS))
def test_order_of_the_rows_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("mcs")
    shuffled = load_mcs_2026(write_mcs_2026(folder, rows))
    assert table(shuffled) == table(load_mcs_2026(write_mcs_2026(folder, ROWS)))


@given(
    st.dictionaries(
        st.sampled_from(["Peru", "China", "Brazil", "Bolivia", "Australia", "Rwanda"]),
        st.integers(min_value=0, max_value=10**9),
        min_size=1,
    )
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, amounts: dict[str, int]
) -> None:
    rows = [tin(country, f"{amount:,}") for country, amount in amounts.items()]
    data = load_mcs_2026(write_mcs_2026(tmp_path_factory.mktemp("mcs"), rows))
    assert data.value.tolist() == list(amounts.values())


def test_percentages_are_the_states_and_years_a_span(tmp_path: Path) -> None:
    sources = "Import Sources"
    rows = [
        f"TIN,{sources},Tin,Peru,Import sources 2021-2024,Refined,percent,2021–24,22,,,",
        f"TIN,{sources},Tin,Other countries,Import sources 2021-2024,Refined,percent,2021–24,5,,,",
        f"TIN,{SALIENT},Tin,United States,Net import reliance,As a percentage,percent,2024,>75,,,",
        f"TIN,{SALIENT},Tin,United States,Price,Average,cents per pound,2024,1400,,,",
        f"CEMENT,{sources},Cement,Peru,Import sources 2021-2024,All,percent,2021–24,100,,,",
        f'RUBIDIUM,{sources},Rubidium,"China, Germany, and Russia",Import sources 2021-2024,All,'
        "percent,2021–24,100,,,",
    ]
    data = load_mcs_2026(write_mcs_2026(tmp_path, rows))
    assert data.statistic.tolist() == ["import share"] * 2 + ["net import reliance"]
    assert data.region.tolist() == ["USA"] * 3
    assert data.partner.tolist() == ["PER", "ROW", ""]
    assert (data.first_year[0], data.year[0]) == (2021, 2024)
    assert set(data.unit) == {"%"}
    assert dict(data.left_out) == {
        "salient statistics of the United States": 1,
        "not a commodity of ours": 2,
    }


def test_units_become_those_of_the_commodity(tmp_path: Path) -> None:
    rows = [
        tin("Peru", "3", commodity="Copper", unit="thousand metric tons"),
        tin("Peru", "4", commodity="Gold", unit="metric tons"),
        tin(
            "Peru",
            "5",
            commodity="Palladium",
            unit="kilograms",
            detail="Mine production: Palladium",
        ),
        tin("Peru", "6", commodity="Diamond (Industrial)", unit="million carats"),
        tin(
            "Peru", "7", commodity="Helium", unit="million cubic meters", detail="Helium Production"
        ),
    ]
    data = load_mcs_2026(write_mcs_2026(tmp_path, rows))
    assert data.value.tolist() == [3e3, 4e3, 5.0, 6e6, 7e6]
    assert data.unit.tolist() == ["t", "kg", "kg", "carat", "m**3"]
    assert data.basis.tolist() == ["content", "content", "content", "", ""]


def test_forms_of_a_mineral_stand_apart_and_are_in_its_total(tmp_path: Path) -> None:
    common = {"commodity": "Diatomite", "unit": "thousand metric tons"}
    rows = [
        tin("Peru", "3", **common),
        tin("Denmark", "4", detail="Mine production: processed", **common),
        tin("World total", "7", detail="Mine production: rounded", **common),
    ]
    data = load_mcs_2026(write_mcs_2026(tmp_path, rows))
    assert data.detail.tolist() == ["", "processed", ""]
    assert data.totals()[0].summed == 7000


@pytest.mark.parametrize(
    ("row", "fault", "told"),
    [
        (tin("Perru", "5"), UnknownCodeError, "unknown region 'Perru' .did you mean Peru"),
        (tin("Peru", "5", commodity="Tinn"), UnknownCodeError, "unknown commodity 'Tinn' .*Tin"),
        (tin("Peru", "5", detail="Smelting"), UnknownCodeError, "unknown statistic of Tin"),
        (tin("Peru", "5", unit="long tons"), UnitError, "unknown unit 'long tons' .known: "),
        (tin("Peru", "5", unit="million carats"), UnitError, "'carat' cannot be turned into 't'"),
        (tin("Peru", "-5"), TableError, "-5 is below zero .*check the source"),
        (tin("Peru", "1,23"), TableError, "'1,23' is no figure"),
        (tin("Peru", "5", year="20x4"), TableError, "'20x4' is no year"),
        (tin("China", "5"), TableError, "tin mine production of CHN in 2024 stands twice, first"),
        ("TIN,World Mine", TableError, "2 cells under 12 headings: the line is cut off .download"),
        (tin("Peru", "5") + ",more", TableError, "13 cells under 12 headings .*double quotes"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_understood_is_named(
    row: str, fault: type[Exception], told: str, tmp_path: Path
) -> None:
    path = write_mcs_2026(tmp_path, [tin("China", "1"), row])
    with pytest.raises(fault, match=rf"^mcs2026\.csv:3: {told}") as caught:
        load_mcs_2026(path)
    assert "\n" not in str(caught.value)


def test_file_saved_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write_mcs_2026(tmp_path, [tin("Peru", "1"), tin("Côte d’Ivoire", "1")], encoding="utf-8")
    with pytest.raises(TableError, match=r"^mcs2026\.csv:3: the text is not Windows-1252 .use the"):
        load_mcs_2026(path)


def test_table_of_2025_is_read_with_its_misprints(tmp_path: Path) -> None:
    germanium = "Primary and secondary refinery production"
    tin_content = '"Mine production, tin content"'
    abrasives = '"Plant capacity, silicon carbide"'
    kt = "thousand metric tons"
    rows = [
        f'MCS2025,Gemanium,China,{germanium},kilograms,"1,000",2000,,,,,,',
        f"MCS2025,Magnesium metal,China,Magnesium smelter production,{kt},8,9,,10,11,,,",
        f'MCS2025,Tin ,Russia ,{tin_content},metric tons,5,6,reported,,,,>400,',
        f'MCS2025,Tin ,World total (rounded) 10,{tin_content},metric tons,5,6,,,,,,XX',
        f"MCS2025,Abrasives,United States and Canada,{abrasives},metric tons,,,,1,1,,,",
    ]  # fmt: skip
    data = load_mcs_2025(write_mcs_2025(tmp_path, rows))
    assert data.commodity.tolist() == ["germanium"] * 2 + ["magnesium"] * 4 + ["tin"] * 5
    assert data.statistic[2:6].tolist() == ["refinery production"] * 2 + ["refinery capacity"] * 2
    assert data.year.tolist() == [2023, 2024, 2023, 2024, 2023, 2024, 2023, 2024, 2024, 2023, 2024]
    assert data.value[:6].tolist() == [1000, 2000, 8000, 9000, 10_000, 11_000]
    assert data.status[:2].tolist() == [Status.REPORTED, Status.ESTIMATED]
    assert data.status[8] is Status.ABOVE
    assert data.region.tolist()[-2:] == [WORLD, WORLD]
    assert data.detail.tolist()[-2:] == ["", ""]


def test_figure_that_a_note_of_2025_withholds_is_withheld(tmp_path: Path) -> None:
    row = 'MCS2025,Tin,United States,"Mine production, tin content",metric tons,,,W for 23-24,,,,,'
    data = load_mcs_2025(write_mcs_2025(tmp_path, [row]))
    assert data.status.tolist() == [Status.WITHHELD] * 2
    assert data.year.tolist() == [2023, 2024]


def test_totals_of_2025_say_of_what_they_are(tmp_path: Path) -> None:
    kind = '"Mine production, ilmentite, titanium dioxide (TiO2) content",metric tons'
    head = "MCS2025,Titanium Mineral Concentrates"
    rows = [
        f"{head},Australia,{kind},4,4,,,,,,",
        f'{head},"World total (ilmenite, rounded)",{kind},4,4,,,,,,',
        f'{head},"World total (ilmenite and rutile, rounded)",{kind},9,9,,,,,,',
    ]
    data = load_mcs_2025(write_mcs_2025(tmp_path, rows))
    assert data.commodity.tolist() == ["ilmenite"] * 4 + ["titanium-minerals"] * 2


def test_unit_known_to_be_wrong_is_mended_and_told(tmp_path: Path) -> None:
    row = (
        "MCS2025,Sand and gravel (industrial),France,"
        '"Mine production, estimated",metric tons,12,13,,,,,,'
    )
    data = load_mcs_2025(write_mcs_2025(tmp_path, [row]))
    assert data.value.tolist() == [12_000, 13_000]
    assert dict(data.corrected) == {
        "silica-sand mine production: the unit is thousand metric tons": 2
    }
    mended = row.replace("metric tons", "thousand metric tons")
    data = load_mcs_2025(write_mcs_2025(tmp_path, [mended]))
    assert data.value.tolist() == [12_000, 13_000]
    assert dict(data.corrected) == {}


def test_edition_is_told_by_its_header(tmp_path: Path) -> None:
    path = write_mcs_2026(tmp_path, ROWS)
    with pytest.raises(
        TableError,
        match=r"^mcs2026\.csv:1: the header is that of 'usgs-mcs-2026', not of 'usgs-mcs-2025' "
        r"\(read it as 'usgs-mcs-2026'\)",
    ):
        load_mcs_2025(write(path, [MCS_2026, tin("Peru", "1")]))
    older = write(
        tmp_path / "mcs2024.csv", ["SOURCE,COMMODITY,COUNTRY,TYPE,PROD_2022", "a,b,c,d,1"]
    )
    with pytest.raises(
        TableError, match=r"mcs2024\.csv:1: the header of 'usgs-mcs-2025' has CAP_2023"
    ):
        load_mcs_2025(older)
