"""Events in words: everything that can be told is told whole, and nothing else."""

import csv
import re
import tomllib
import unicodedata
from importlib import resources
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.briefing import wording
from monazite.briefing.language import LANGUAGES
from monazite.briefing.wording import description, fill, safe_name, size, state_name, tell, title
from monazite.desk.schema import INSTRUMENTS, STATUSES, Direction, Event, Magnitude
from monazite.errors import UnknownCodeError

FULL: dict[str, Any] = {
    "actor": ("CHN",),
    "actor_name": "Ministry of Commerce",
    "target": ("USA", "Polaris Magnetics"),
    "commodities": ("gallium", "germanium"),
    "date": "2031-05-14",
    "effective": "2031-06",
    "end": "2032",
    "magnitude": (Magnitude(value=25, unit="%", what="rate"), Magnitude(value=5.5e11, unit="USD")),
    "place": "Alto Verde",
    "follows": "extends",
}
SPARSE = (
    {},
    FULL,
    {"actor": ("CHN",)},
    {"commodities": ("copper",)},
    {"actor": ("JPN", "AUS", "USA"), "target": ("*",)},
    {"target": ("CHL",), "date": "2031"},
)
LEFTOVERS = re.compile(r"[\[\]{}<>|]|None|  |\(\)|、、|، ،|\s[.,;،؛。、]")


def event(instrument: str, status: str, **fields: Any) -> Event:
    direction = fields.pop("direction", INSTRUMENTS[instrument].direction)
    return Event(
        id="e", instrument=instrument, status=status, direction=direction, role="main",
        confidence=0.9, **fields,
    )  # fmt: skip


def table(language: str) -> dict[str, Any]:
    file = resources.files("monazite.briefing") / "data" / "wording" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def texts(told: wording.Telling) -> list[str]:
    return [told.headline, told.dek, *(statement.text for statement in told.statements)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_instrument_is_told_at_every_stage_with_whatever_is_known(language):
    for instrument, status, fields in product(INSTRUMENTS, STATUSES, SPARSE):
        for text in texts(tell(event(instrument, status, **fields), language)):
            assert text
            assert not LEFTOVERS.search(text), (instrument, status, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_easing_a_restriction_is_not_told_as_making_one(language):
    for status in STATUSES:
        eased = tell(event("export_ban", status, direction=Direction.EASE, **FULL), language)
        made = tell(event("export_ban", status, **FULL), language)
        relieves = status in ("announced", "in_force", "proposed", "reported", "adopted", "denied")
        assert (eased.headline != made.headline) == relieves or not relieves


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_all_languages_have_the_same_keys(language):
    english, own = table("en"), table(language)
    for name in ("acts", "happenings", "measures", "instruments", "statuses", "window", "follows"):
        assert own[name].keys() == english[name].keys(), name
    assert own["units"].keys() == english["units"].keys()
    assert set(english["measures"]) == set(INSTRUMENTS) == set(english["instruments"])
    assert set(english["statuses"]) == set(STATUSES) <= set(english["acts"])
    for instrument, phrases in english["measures"].items():
        assert ("does" in phrases) == ("does" in own["measures"][instrument])


def test_every_named_commodity_has_a_name_in_every_language():
    file = resources.files("monazite.briefing") / "data" / "wording" / "names.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    goods = [row for row in rows if row["kind"] == "commodity"]
    assert len(goods) > 60
    assert all(row[language] for row in goods for language in LANGUAGES)
    assert len({row["key"] for row in goods}) == len(goods)


@pytest.mark.parametrize(
    ("language", "headline", "news"),
    [
        ("en", "China bans exports of gallium to US",
         "China banned exports of gallium to the United States on 3 December 2024."),
        ("es", "China prohíbe la exportación de galio a EE. UU.",
         "China prohibió el 3 de diciembre de 2024 la exportación de galio a Estados Unidos."),
        ("ja", "中国、米国へのガリウムの輸出を禁止",
         "中国は2024年12月3日、米国へのガリウムの輸出を禁止した。"),
        ("ar", "الصين تحظر تصدير الغاليوم إلى الولايات المتحدة",
         "حظرت الصين في 3 ديسمبر 2024 تصدير الغاليوم إلى الولايات المتحدة."),
    ],
)  # fmt: skip
def test_a_ban_reads_as_news_in_four_languages(language, headline, news):
    told = tell(
        event("export_ban", "in_force", actor=("CHN",), target=("USA",), commodities=("gallium",),
              date="2024-12-03"),
        language,
    )  # fmt: skip
    assert told.headline == headline
    assert told.statements[0].text == news


def test_verbs_agree_with_the_actors():
    one = event("bilateral_deal", "signed", actor=("JPN",), commodities=("tin",))
    two = event("bilateral_deal", "signed", actor=("JPN",), target=("AUS",), commodities=("tin",))
    assert tell(one).headline.startswith("Japan signs")
    assert tell(two).headline.startswith("Japan and Australia sign ")
    assert tell(two, "es").headline.startswith("Japón y Australia firman")
    assert "توقعان" in tell(two, "ar").headline
    iraq = event("export_ban", "announced", actor=("IRQ",))
    assert tell(iraq, "ar").statements[0].text.startswith("أعلن العراق")


def test_what_is_denied_or_only_planned_is_not_said_to_apply():
    denied = tell(event("export_ban", "denied", actor=("IDN",), target=("*",)))
    planned = tell(event("export_ban", "planned", actor=("IDN",), effective="2031"))
    assert not any("applies" in text for text in texts(denied))
    assert "It would apply from 2031." in texts(planned)


def test_statements_name_the_fields_that_they_rest_on():
    told = event("export_ban", "in_force", **FULL)
    fields = {field for statement in tell(told).statements for field in statement.fields}
    assert fields >= set(FULL) - {"id"}
    empty = tell(event("export_ban", "in_force"))
    named = {field for statement in empty.statements for field in statement.fields}
    assert named == {"instrument", "status", "direction"}


def test_spanish_contracts_prepositions_and_softens_and():
    deal = event("bilateral_deal", "signed", actor=("CHN", "IND"), commodities=("tin", "indium"))
    assert "China e India" in tell(deal, "es").headline
    assert "estaño e indio" in tell(deal, "es").headline
    ban = event("export_ban", "in_force", actor=("CHN",), target=("GBR",))
    assert " al Reino Unido." in tell(ban, "es").statements[0].text


@pytest.mark.parametrize(
    ("language", "money", "years"),
    [("en", "$550 billion", "10 years"), ("es", "550.000 millones de dólares", "10 años"),
     ("ja", "5500億米ドル", "10年"), ("ar", "550 مليار دولار", "10 سنوات")],
)  # fmt: skip
def test_sizes_are_written_as_each_language_writes_them(language, money, years):
    assert size(Magnitude(value=5.5e11, unit="USD"), language).startswith(money)
    assert size(Magnitude(value=10, unit="year"), language) == years


def test_titles_and_descriptions_are_made_from_events():
    events = [event("export_ban", "in_force", actor=("CHN",), commodities=(good,))
              for good in ("tin", "tin", "zinc", "lead")]  # fmt: skip
    assert title(events) == "China bans exports of tin; China bans exports of zinc"
    assert description(events).count(".") == 3


def test_groups_and_states_are_named_as_news_name_them():
    assert state_name("COD") == "the Democratic Republic of Congo"
    assert state_name("EU", "es", brief=True) == "UE"
    assert state_name("MMR", "ja") == "ミャンマー"
    assert state_name("Polaris Magnetics") == "Polaris Magnetics"


def test_an_unknown_language_or_status_is_refused():
    with pytest.raises(UnknownCodeError):
        tell(event("loan", "signed"), "tlh")
    with pytest.raises(UnknownCodeError):
        wording.status_name("done")


@given(st.text(max_size=200))
def test_names_from_pages_are_one_line_without_signs_that_steer(name):
    shown = safe_name(name)
    assert not any(unicodedata.category(sign)[0] in "C" for sign in shown)
    assert len(shown) <= wording.LONGEST_NAME
    assert safe_name(shown) == shown


@given(st.text(alphabet="{}[]<>|%ab", max_size=12))
def test_marks_in_values_stay_text(value):
    assert fill("[x {a} ]{b}<one|two>", {"a": value, "b": value}, 1) == (
        f"x {value} {value}two" if value else "two"
    )


@pytest.mark.parametrize("date", ["2031", "2031-05", "2031-05-14"])
def test_partial_dates_are_told_as_far_as_they_go(date):
    told = tell(event("strike", "occurred", date=date)).statements[0].text
    assert told.endswith({4: "in 2031.", 7: "in May 2031.", 10: "on 14 May 2031."}[len(date)])
