"""Whatever stands in a file, it is read or refused in one line: no other error gets out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.official import (
    BGS,
    COMTRADE,
    comtrade,
    tin,
    write,
    write_baci,
    write_iea,
    write_mcs_2025,
    write_mcs_2026,
    write_wmd,
)
from monazite.errors import MonaziteError
from monazite.reference.loaders.kinds import KINDS
from workbooks import write_xlsx

MCS_2025_ROW = 'MCS2025,Tin,Peru,"Mine production, tin content",metric tons,5,6,,,,,>400,'
BGS_ROW = 'Production,"tungsten, mine",,1990-01-01 00:00:00,Peru,PER,tonnes (metal content),5,A,*|b'
DISTANCES = [["iso_o", "iso_d", "dist", "distcap", "distw", "distwces"], ["PER", "CHL", 1, 2, 3, 4]]


def write_good(kind: str, folder: Path) -> Path:
    """A file of that kind that can be read."""
    makers: dict[str, Callable[[], Path]] = {
        "usgs-mcs-2026": lambda: write_mcs_2026(folder, [tin("Peru", "5"), tin("China", "W")]),
        "usgs-mcs-2025": lambda: write_mcs_2025(folder, [MCS_2025_ROW]),
        "cepii-baci": lambda: write_baci(folder, ["2023,156,392,284690,12.5,NA"]),
        "wmd": lambda: write_wmd(folder / "w.xlsx", {"Tin": [["Peru", "metr. t", 1, 2, "r"]]}),
        "worldbank-wgi": lambda: write(
            folder / "rule_of_law.csv",
            ["Country/Territory,Code,1996,1998,2000", "Chile,CHL,0.5,nan,-1.25"],
        ),
        "eu-crm-2023": lambda: write(
            folder / "GlobalSupplyShares.csv",
            ["Material,Stage,Country,Share,t", "Cobalt,P,Peru,<0.1%,1.0"],
        ),
        "iea-cmd": lambda: write_iea(folder / "iea.xlsx"),
        "un-comtrade": lambda: write(folder / "c.csv", [COMTRADE, comtrade()]),
        "bgs-wms": lambda: write(folder / "b.csv", [BGS, BGS_ROW]),
        "cepii-geodist": lambda: write_xlsx(folder / "d.xlsx", {"dist_cepii": DISTANCES}),
    }
    return makers[kind]()


def refusal(kind: str, path: Path) -> MonaziteError | None:
    try:
        KINDS[kind].load(path)
    except MonaziteError as fault:
        return fault
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_good_file_is_read(kind: str, tmp_path: Path) -> None:
    assert len(KINDS[kind].load(write_good(kind, tmp_path))) > 0


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_damaged_file_is_read_or_refused_in_one_line(
    kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write_good(kind, tmp_path_factory.mktemp("good"))
    content = bytearray(path.read_bytes())
    begin = data.draw(st.integers(min_value=0, max_value=len(content)))
    end = data.draw(st.integers(min_value=begin, max_value=min(len(content), begin + 40)))
    content[begin:end] = data.draw(
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from([b'"', b",", b"\n", b"\0", b"\r", b"-", b"1e999", b"<html>", b"\xff"]),
        )
    )
    path.write_bytes(content)
    fault = refusal(kind, path)
    if fault is not None:
        assert "\n" not in fault.line()
        assert fault.way_out


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_file_of_another_kind_is_refused(kind: str, other: str, tmp_path: Path) -> None:
    if kind == other:
        return
    path = write_good(other, tmp_path)
    with pytest.raises(MonaziteError) as caught:
        KINDS[kind].load(path)
    assert path.name in caught.value.line()
