import csv
from importlib import resources
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.desk import gazetteer
from monazite.desk.gazetteer import FOR_A_STATE, Kind, commodity, find, folded, hs, state_name
from monazite.errors import UnknownCodeError
from monazite.labels import REGIONS

FOLDER = resources.files("monazite.desk") / "data" / "gazetteer"
LISTS = ("countries", "states", "actors", "people", "commodities", "hs", "companies", "sites")


def rows(name):
    return list(csv.DictReader((FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()))


def states(text):
    return [
        code for mention in find(text) if mention.kind in FOR_A_STATE for code in mention.states
    ]


def minerals(text):
    return [
        name
        for mention in find(text)
        if mention.kind is Kind.COMMODITY and mention.in_scope
        for name in mention.commodities
    ]


def names(text, kind):
    return [mention.name for mention in find(text) if mention.kind is kind]


@given(st.text())
def test_folding_never_changes_the_length(text):
    assert len(folded(text)) == len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


pieces = st.sampled_from(
    ["China", "rare earths", "Dy", "-", " ", "\n", "’", "ال", "الصين", "タイ", "铜", "Ⅷ", "\x00",
     "Lynas", "Guinea", "Papua New ", "US$", "~", "|", "lead and zinc", "İ", "ﬁ", "\ud7ff"]
)  # fmt: skip


@given(st.lists(pieces | st.text(max_size=4), max_size=30).map("".join))
def test_mentions_lie_in_the_text_in_order_and_apart(text):
    found = find(text)
    reached = 0
    for mention in found:
        assert reached <= mention.start < mention.end <= len(text)
        reached = mention.end
    assert all(mention.kind is not Kind.TRAP for mention in found)


@given(st.binary())
def test_garbage_is_no_error(data):
    find(data.decode("latin-1"))
    find(data.decode("utf-8", errors="replace"))


@pytest.mark.parametrize("piece", ["Guinea ", "rare earth magnets ", "ال", "papua new ", "-", "US"])
def test_time_grows_with_the_length_and_no_faster(piece):
    def seconds(repeats):
        text = piece * repeats
        start = process_time()
        find(text)
        return process_time() - start

    find("warm")
    small = min(seconds(2_000) for _ in range(3))
    large = min(seconds(20_000) for _ in range(2))
    assert large < 60 * small + 0.05


def test_a_name_in_another_word_is_no_mention():
    assert find("Chinatown, Indianapolis, Omanis, Perugia, Maliseet, cobaltous, intent") == []


def test_the_longest_name_wins():
    assert states("Papua New Guinea, Guinea-Bissau, Equatorial Guinea and Guinea") == [
        "PNG", "GNB", "GNQ", "GIN",
    ]  # fmt: skip
    assert states("South Korea, North Korea, Korea") == ["KOR", "PRK", "KOR"]
    assert minerals("lithium hydroxide and lithium-ion batteries") == [
        "lithium", "lithium batteries",
    ]  # fmt: skip
    assert minerals("heavy rare earths") == ["heavy rare earths"]


def test_the_congos_and_the_nigers_are_kept_apart():
    assert states("DR Congo, Congo, the Republic of Congo, Congo-Brazzaville") == [
        "COD", "COD", "COG", "COG",
    ]  # fmt: skip
    assert states("Niger, Nigerien, Nigeria, Nigerian") == ["NER", "NER", "NGA", "NGA"]


def test_small_letters_are_no_states():
    assert find("Tell us about china plates, a turkey farm and what it means for us") == []
    assert states("US tariffs; U.S. tariffs; THE US") == ["USA"] * 3


def test_shouted_furniture_and_currencies_are_no_states():
    assert find("CONTACT US | ABOUT US | US$ 5 | A$3 | U.S. dollars") == []


def test_georgia_is_a_state_of_the_union_beside_atlanta():
    assert states("Georgia sells copper") == ["GEO"]
    assert "GEO" not in states("Atlanta cheered as Georgia won the magnet plant")


@pytest.mark.parametrize(
    "saying",
    [
        "Iron Dome fired", "a gold medal", "the silver lining", "a tin-pot dictator",
        "nickel-and-dimed", "cobalt blue", "copper-bottomed finishing", "the lead role",
        "Iran's lead negotiator", "platinum jubilee", "Rare Element Resources drilled",
        "Kodiak Copper Corp", "Lithium Americas", "Global Tungsten & Powders", "USA Rare Earth",
        "Silicon Valley", "fridge magnets", "lead to a deal",
    ],
)  # fmt: skip
def test_a_saying_or_a_firm_is_no_mineral(saying):
    assert minerals(saying) == []


def test_lead_is_a_metal_only_among_metals():
    assert minerals("lead and zinc; copper, lead; lead concentrate") == [
        "lead", "zinc", "copper", "lead", "lead",
    ]  # fmt: skip
    assert minerals("lead and follow") == []


def test_symbols_need_a_mineral_beside_them():
    assert minerals("Dy and Tb") == []
    assert minerals("rare earths such as Dy and Tb") == ["rare earths", "dysprosium", "terbium"]
    assert minerals("rare earths Y, As, In") == ["rare earths"]
    assert minerals("Nd-Pr, NdPr, Nd–Pr and NdFeB") == ["ndpr"] * 3 + ["magnets"]


def test_a_short_name_needs_the_full_one():
    assert names("Vulcan was a god", Kind.COMPANY) == []
    assert names("Vulcan Elements borrows; Vulcan builds", Kind.COMPANY) == ["Vulcan Elements"] * 2
    assert names("Vulcan Energy borrows; Vulcan builds", Kind.COMPANY) == ["Vulcan Energy"] * 2


def test_ores_and_compounds_name_the_mineral_and_its_stage():
    found = {mention.name: mention.stage for mention in find("coltan, yellowcake, spodumene, NPI")}
    assert found == {
        "tantalum": "ore",
        "uranium": "concentrate",
        "lithium": "ore",
        "nickel": "metal",
    }
    assert minerals("cassiterite, wolframite, nickel laterite and monazite") == [
        "tin", "tungsten", "nickel", "rare earths",
    ]  # fmt: skip


def test_other_goods_are_out_of_scope():
    for good in ("crude oil", "soybeans", "semiconductors", "gold", "iron ore", "coal"):
        assert [mention.in_scope for mention in find(good)] == [False], good


def test_a_body_without_a_state_keeps_its_name():
    for words in ("the commerce ministry", "Ministry of Commerce", "Trade Minister"):
        (ministry,) = find(words)
        assert (ministry.kind, ministry.name, ministry.states) == (
            Kind.BODY, "Ministry of Commerce", (),
        )  # fmt: skip
    assert [mention.states for mention in find("MOFCOM, METI, ARECOMS, the Pentagon, DGFT")] == [
        ("CHN",), ("JPN",), ("COD",), ("USA",), ("IND",),
    ]  # fmt: skip


def test_people_and_capitals_speak_for_their_state():
    text = "Trump, Takaichi, Tshisekedi, von der Leyen; Beijing, Jakarta, Kinshasa, Brussels"
    assert states(text) == ["USA", "JPN", "COD", "EU", "CHN", "IDN", "COD", "EU"]


def test_a_newspaper_is_no_actor():
    assert states("China Daily, South China Morning Post, Times of India") == []
    assert names("China Daily", Kind.NEWSPAPER) == ["China Daily"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وفرضت الصين قيودا", ["CHN"]),
        ("للصين وبالولايات المتحدة", ["CHN", "USA"]),
        ("中国の輸出、タイとインドネシア", ["CHN", "THA", "IDN"]),
        ("タイトルとタイムズ", []),
        ("Estados Unidos y el gobierno congoleño", ["USA", "COD"]),
        ("La Chine et les États-Unis", ["CHN", "USA"]),
    ],
)
def test_states_are_known_in_other_languages(text, expected):
    assert [code for code in states(text) if code] == expected


def test_minerals_are_known_in_other_languages():
    assert minerals("las tierras raras, el litio y el cobre") == [
        "rare earths",
        "lithium",
        "copper",
    ]
    assert minerals("les terres rares et le tungstène") == ["rare earths", "tungsten"]
    assert minerals("レアアース、黒鉛、ガリウム") == ["rare earths", "graphite", "gallium"]
    assert minerals("المعادن الحرجة والكوبالت") == ["critical minerals", "cobalt"]


@pytest.mark.parametrize("name", LISTS)
def test_every_row_of_a_list_is_whole(name):
    for row in rows(name):
        assert None not in row, row
        assert None not in row.values(), row


@pytest.mark.parametrize("name", ["states", "people", "companies", "sites"])
def test_every_state_of_a_list_is_a_known_code(name):
    known = {*REGIONS, "XKX", "EU"}
    for row in rows(name):
        codes = row.get("states", row.get("state"))
        assert set(filter(None, codes.split("|"))) <= known, row


def test_what_a_company_mines_is_a_known_commodity():
    for row in (*rows("companies"), *rows("sites")):
        for name in filter(None, row["commodities"].split("|")):
            assert commodity(name).name == name


@pytest.mark.parametrize("name", ["people", "companies", "sites"])
def test_no_name_stands_in_a_list_twice(name):
    listed = [row["name"] for row in rows(name)]
    assert sorted(listed) == sorted(set(listed))


def test_codes_of_the_harmonised_system_have_six_figures():
    for row in rows("hs"):
        assert commodity(row["commodity"]).in_scope
        assert all(len(code) == 6 and code.isdigit() for code in row["hs"].split("|"))
    assert hs("gallium") == ("811292",)
    assert hs("magnets", "magnet") == ("850511",)
    assert hs("bismuth", "magnet") == ()


def test_every_state_has_a_name_in_every_language():
    for code in (*(code for code in REGIONS if code not in {"REU", "ROW"}), "EU", "XKX"):
        for language in gazetteer.LANGUAGES:
            name = state_name(code, language)
            assert name, (code, language)
            assert name[0] not in gazetteer.MARKS


def test_an_unknown_code_is_an_error_with_a_way_out():
    with pytest.raises(UnknownCodeError, match="did you mean"):
        commodity("galium")
    with pytest.raises(UnknownCodeError):
        state_name("XXX")
    with pytest.raises(UnknownCodeError):
        state_name("JPN", "la")
