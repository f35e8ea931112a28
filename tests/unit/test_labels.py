"""Regions: codes, known slips, groups."""

import re

import pytest

from monazite import labels
from monazite.errors import UnknownCodeError

CHAIN = ("CHN", "USA", "JPN", "KOR", "DEU", "FRA", "EST", "GBR", "AUS", "REU", "ROW")


def test_codes_are_three_capitals_and_names_are_unique():
    assert all(re.fullmatch("[A-Z]{3}", code) for code in labels.REGIONS)
    names = [region.name for region in labels.REGIONS.values()]
    assert len(set(names)) == len(names)
    assert len(labels.REGIONS) == 248 + len(labels.COMPOSITES)


def test_no_spelling_means_two_regions():
    meant: dict[str, set[str]] = {}
    for region in labels.REGIONS.values():
        for spelling in (region.code, region.name, *region.spellings):
            meant.setdefault(spelling.casefold(), set()).add(region.code)
    assert [spelling for spelling, codes in meant.items() if len(codes) > 1] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "USA"),
        ("United States", "USA"),
        ("united  states of America", "USA"),
        ("Burma", "MMR"),
        ("Korea, Republic of", "KOR"),
        ("Republic of Korea", "KOR"),
        ("UK", "GBR"),
        ("Viet Nam", "VNM"),
        ("Russian Federation", "RUS"),
        ("Congo, Democratic Republic of the", "COD"),
        ("chn", "CHN"),
        ("CHN", "CHN"),
        ("ROW", "ROW"),
        ("Réunion", "FRA"),
        ("Congo, D.R.", "COD"),
        ("S19", "TWN"),
        ("Korea, Dem. P.R. of", "PRK"),
    ],
)
def test_known_spellings_are_mended(text, code):
    assert labels.canonical_region(text) == code


@pytest.mark.parametrize("text", ["CHI", "Atlantis", "", "Guinea Bissau Islands"])
def test_unknown_region_raises(text):
    with pytest.raises(UnknownCodeError, match=r"prices\.csv:4: unknown region"):
        labels.canonical_region(text, where="prices.csv:4")


def test_misspelt_region_gets_a_suggestion():
    with pytest.raises(UnknownCodeError, match="did you mean CHN"):
        labels.canonical_region("CHNA")


def test_regions_of_a_network_of_its_own_must_match_exactly():
    assert labels.canonical_region("seattle", own=["seattle", "topeka"]) == "seattle"
    with pytest.raises(UnknownCodeError, match="did you mean seattle"):
        labels.canonical_region("seatle", own=["seattle", "topeka"])


def test_group_is_cut_to_the_network_and_keeps_its_order():
    assert labels.expand(["EU"], CHAIN) == ("DEU", "FRA", "EST", "REU")
    assert labels.expand(["G7"], CHAIN) == ("USA", "JPN", "DEU", "FRA", "GBR")
    assert labels.expand(["QUAD"], ("CHN", "ROW")) == ()


def test_allies_hold_neither_china_nor_the_rest():
    allies = labels.expand(["ALLIES"], CHAIN)
    assert "CHN" not in allies
    assert "ROW" not in allies
    assert {"USA", "JPN", "KOR", "REU"} <= set(allies)


def test_world_and_outside():
    assert labels.expand(["WORLD"], CHAIN) == CHAIN
    assert labels.expand(["*"], CHAIN) == CHAIN
    assert labels.expand(["OUTSIDE-CHN"], CHAIN) == CHAIN[1:]
    assert labels.expand(["OUTSIDE-EU"], ("CHN", "DEU", "REU")) == ("CHN",)


def test_exclusion_takes_out_of_the_others_or_of_everybody():
    assert labels.expand(["EU", "!FRA"], CHAIN) == ("DEU", "EST", "REU")
    assert labels.expand(["!CHN", "!ROW"], CHAIN) == CHAIN[1:-1]


def test_spelling_is_mended_in_groups_too():
    assert labels.expand(["China", "United States"], CHAIN) == ("CHN", "USA")


def test_region_that_the_network_lacks_raises():
    with pytest.raises(UnknownCodeError, match="unknown region of this network 'ITA'"):
        labels.expand(["ITA"], CHAIN)


def test_unknown_group_raises_with_its_place():
    with pytest.raises(
        UnknownCodeError, match=r"measure 2: unknown region or group 'ALLYS'.*ALLIES"
    ):
        labels.expand(["ALLYS"], CHAIN, where="measure 2")


def test_expansion_is_idempotent():
    once = labels.expand(["ALLIES", "!DEU"], CHAIN)
    assert labels.expand(once, CHAIN) == once


def test_regions_of_textbooks_are_taken_as_they_are():
    assert labels.expand(["north", "!south"], ("north", "south")) == ("north",)


def test_region_names_are_for_readers():
    assert labels.region_name("KOR") == "South Korea"
    assert labels.region_name("REU") == "Rest of the European Union"
    assert labels.region_name("seattle") == "seattle"


def test_every_group_member_is_a_region():
    for members in labels.GROUPS.values():
        assert members <= labels.REGIONS.keys()
    assert len(labels.GROUPS["EU27"] - {"REU"}) == 27
