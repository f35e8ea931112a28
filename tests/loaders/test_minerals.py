"""The list of commodities: complete, in known units, and no spelling twice."""

import csv
from collections import Counter

import pytest

from monazite import labels, units
from monazite.errors import UnknownCodeError
from monazite.reference.loaders.kinds import KINDS
from monazite.reference.loaders.minerals import (
    corrections,
    customs_codes,
    fold,
    meaning,
    minerals,
    spellings,
)
from monazite.reference.loaders.places import UNLISTED, region_and_remark, region_of
from monazite.reference.source import data_folder

BASES = {
    "", "content", "gross", "dry", "REO", "As2O3", "B2O3", "Cr2O3", "K2O", "Li2O", "Nb2O5", "P2O5",
    "Sc2O3", "Ta2O5", "TiO2", "U3O8", "Y2O3", "ZrO2",
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    text = (data_folder() / "atlas" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_there_are_enough_minerals_and_their_units_are_known() -> None:
    assert len(minerals()) >= 60
    for mineral in minerals().values():
        assert units.parse(mineral.unit).plain == mineral.unit


def test_every_mineral_is_met_in_some_file() -> None:
    met = {row["commodity"] for row in (*rows("spellings"), *rows("hs_codes"))}
    assert set(minerals()) | {""} == met


def test_no_spelling_and_no_customs_code_stands_twice() -> None:
    folded = Counter(
        (row["kind"], fold(row["spelling"]), fold(row["detail"])) for row in rows("spellings")
    )
    assert [key for key, count in folded.items() if count > 1] == []
    assert len(rows("hs_codes")) == len(customs_codes())
    assert all(len(code) == 6 and code.isdecimal() for code in customs_codes())


def test_every_spelling_is_of_a_kind_that_can_be_read_and_says_its_basis() -> None:
    for kind, _, detail in spellings():
        assert kind in KINDS, detail
    assert {found.basis for found in spellings().values()} == BASES


def test_what_has_a_mass_has_a_basis() -> None:
    for key, found in spellings().items():
        if found.statistic and found.commodity and minerals()[found.commodity].unit in ("t", "kg"):
            assert found.basis, key


@pytest.mark.parametrize("kind", ["usgs-mcs-2026", "usgs-mcs-2025", "wmd"])
def test_sixty_minerals_are_read_from_each_large_source(kind: str) -> None:
    found = {mean.commodity for (of, _, _), mean in spellings().items() if of == kind}
    assert len(found - {""}) >= 60


def test_corrections_name_what_the_file_says_and_give_a_reason() -> None:
    for (kind, spelling, counts, wrong), (meant, reason) in corrections().items():
        assert kind in KINDS
        assert wrong != meant
        assert counts in ("all", "price", "reserves")
        assert len(reason) > 20
        assert any(of == kind and name == spelling for of, name, _ in spellings())


def test_known_and_left_out_is_not_unknown() -> None:
    left = meaning("usgs-mcs-2026", "Cement", "Cement production", where="x:1")
    assert left.commodity == ""
    with pytest.raises(UnknownCodeError, match=r"^x:1: unknown commodity 'Cemment'"):
        meaning("usgs-mcs-2026", "Cemment", "Cement production", where="x:1")


@pytest.mark.parametrize(
    ("text", "code", "remark"),
    [
        ("Burma", "MMR", ""),
        ("Türkiye", "TUR", ""),
        ("Congo (Kinshasa)", "COD", ""),
        ("Côte d’Ivoire", "CIV", ""),
        ("United\xa0States (kyanite)", "USA", "kyanite"),
        ("Spain (includes pegmatites)", "ESP", "includes pegmatites"),
        ("World total (rounded) 10", "WORLD", ""),
        ("World total (rounded), natural", "WORLD", "natural"),
        ("World total (ilmenite and rutile, rounded)", "WORLD", "ilmenite and rutile"),
        ("Other countries (rounded)", "ROW", ""),
        ("Kosovo", "XKX", ""),
        ("SUN", "SUN", ""),
    ],
)
def test_names_and_what_stands_beside_them(text: str, code: str, remark: str) -> None:
    assert region_and_remark(text, where="") == (code, remark)


@pytest.mark.parametrize(
    "text", ["REU", "Rest of EU", "Totalia", "Other", "World Bank", "Congo", "Peru (", ""]
)
def test_unknown_place_raises(text: str) -> None:
    with pytest.raises(UnknownCodeError, match=r"^t\.csv:9: unknown region"):
        region_of(text, where="t.csv:9")
    with pytest.raises(UnknownCodeError, match=r"^t\.csv:9: unknown region"):
        region_and_remark(text, where="t.csv:9")


def test_former_states_are_no_regions() -> None:
    assert not set(UNLISTED) & set(labels.REGIONS)
