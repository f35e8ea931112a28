"""Where regions lie and what they are called."""

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.briefing import geography
from monazite.briefing.language import ENGLISH
from monazite.labels import REGIONS

LISTED = tuple("CHN USA JPN KOR DEU FRA EST GBR AUS MYS MMR VNM IND THA BRA CAN".split())


def test_outlines_are_small_and_say_whose_they_are() -> None:
    folder = files("monazite.briefing") / "data"
    assert len((folder / "world-110m.geojson").read_bytes()) < 200_000
    about = (folder / "world-110m.toml").read_text(encoding="utf-8")
    assert "Natural Earth" in about
    assert "ISC" in about
    assert "Bostock" in (folder / "world-110m.licence.txt").read_text(encoding="utf-8")


def test_every_outline_has_a_code_of_the_list_or_none() -> None:
    codes = {outline.region for outline in geography.outlines()}
    assert codes - {""} <= set(REGIONS)
    assert set(LISTED) <= codes


@pytest.mark.parametrize("region", [*LISTED, "REU"])
def test_every_region_of_the_chain_has_a_place_on_the_map(region: str) -> None:
    point = geography.label_point(region)
    assert point is not None
    longitude, latitude = point
    assert -180 <= longitude <= 180
    assert -60 <= latitude <= 75


def test_the_rest_of_the_world_lies_nowhere() -> None:
    assert geography.label_point("ROW") is None
    assert geography.drawn_as("ROW", LISTED) == frozenset()


def test_the_rest_of_the_union_is_who_is_not_listed() -> None:
    rest = geography.drawn_as("REU", LISTED)
    assert {"ITA", "POL"} <= rest
    assert not {"DEU", "FRA", "EST", "GBR"} & rest
    assert geography.drawn_as("DEU", LISTED) == {"DEU"}


@given(st.floats(-29, 149), st.floats(-80, 80))
def test_the_projection_is_even_about_its_middle(longitude: float, latitude: float) -> None:
    middle = geography.SEAM + 180
    here, north = geography.project(np.array([[longitude, latitude], [longitude, -latitude]]))
    mirrored = geography.project(np.array([[2 * middle - longitude, latitude]]))[0]
    if mirrored[0] > 0 or longitude == middle:
        assert here[0] == pytest.approx(-mirrored[0], abs=1e-9)
    assert here[1] == pytest.approx(-north[1], abs=1e-9)


def test_a_line_over_the_date_line_stays_whole() -> None:
    ring = np.array([[179.0, 60.0], [-179.0, 60.0]])
    x = geography.project(ring)[:, 0]
    assert abs(x[1] - x[0]) < 0.05


def test_regions_fall_into_at_most_seven_groups() -> None:
    groups = geography.display_groups(dict.fromkeys([*LISTED, "REU", "ROW"], 1.0))
    assert len(set(groups.values())) <= geography.MOST_GROUPS
    assert groups["REU"] == groups["DEU"] == "EU and UK"
    assert geography.group_order(groups.values())[-1] == geography.ELSEWHERE


def test_unknown_regions_stand_for_themselves_the_largest_first() -> None:
    sizes = {f"plant-{number}": float(number) for number in range(9)}
    groups = geography.display_groups(sizes)
    assert groups["plant-8"] == "plant-8"
    assert groups["plant-0"] == geography.ELSEWHERE
    assert len(set(groups.values())) == geography.MOST_GROUPS


def test_names_fit_into_sentences() -> None:
    assert ENGLISH.place_in_sentence("USA") == "the United States"
    assert ENGLISH.place_in_sentence("REU") == "the rest of the European Union"
    assert ENGLISH.place_in_sentence("JPN") == "Japan"
    assert ENGLISH.listed(("a", "b", "c")) == "a, b and c"
    assert ENGLISH.listed(("a",)) == "a"
    assert geography.spelled("Dy to KOR, not ABC", {"KOR"}) == "Dy to South Korea, not ABC"
