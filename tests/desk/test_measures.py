"""Events become measures: by a table, sized by the text, else assumed in the open, or not."""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite import study
from monazite.desk.measures import Brief, Drafted, draft, lever_table
from monazite.desk.measures.levers import read_size
from monazite.desk.measures.precedents import Experience, experiences
from monazite.desk.measures.shaping import ANSWERS, SHAPES
from monazite.desk.schema import (
    INSTRUMENTS,
    STATUSES,
    DateBasis,
    Dated,
    Direction,
    Event,
    Evidence,
    Line,
    Magnitude,
    Page,
    Precision,
    Role,
    Standing,
    Zone,
)
from monazite.errors import InputError, UnitError, UnknownCodeError
from monazite.reference.source import shipped_register
from monazite.scenario import KINDS, lower, parse
from monazite.scenario.measure import ASSUMED

TEXT = "An example line, invented for a test: the ministry decided what the test says it decided."
PAGE = Page(
    id="example",
    text=TEXT,
    lines=(Line(zone=Zone.HEADLINE, start=0, end=len(TEXT)),),
    url="https://courier.example/a",
    site="The Example Courier",
    published=Dated(value="2025-04-04", precision=Precision.DAY, basis=DateBasis.GIVEN),
)


def event(instrument: str = "export_ban", number: int = 1, **changes: Any) -> Event:
    """An event of the example page."""
    told: dict[str, Any] = {
        "id": f"example:{number}",
        "instrument": instrument,
        "direction": INSTRUMENTS[instrument].direction,
        "status": "in_force",
        "role": Role.MAIN,
        "actor": ("CHN",),
        "target": ("JPN",),
        "commodities": ("dysprosium",),
        "date": "2025-04-04",
        "confidence": 0.9,
        "evidence": (
            Evidence(field="event", zone=Zone.HEADLINE, start=0, end=len(TEXT), text=TEXT),
        ),
    }
    return Event(**(told | changes))


def drafted(*events: Event, answers: Mapping[str, str] | None = None, **options: Any) -> Drafted:
    brief = Brief(answers or {}, **options)
    return draft(events, [PAGE], study.chain, chains=study.chains(), brief=brief)


def reason(found: Drafted, number: int = 1) -> str:
    return {unused.event: unused.reason for unused in found.unused}[f"example:{number}"]


def size(value: float, unit: str, what: str | None = None) -> tuple[Magnitude, ...]:
    return (Magnitude(value=value, unit=unit, what=what),)


# -- the table -----------------------------------------------------------------------------------


def test_every_instrument_has_a_row_and_every_row_an_instrument() -> None:
    assert set(lever_table().levers) == set(INSTRUMENTS)


def test_every_row_names_a_kind_of_measure_or_none_and_gives_a_reason() -> None:
    for lever in lever_table().levers.values():
        assert lever.measure in {"", *KINDS}
        assert lever.measure in {"", *SHAPES}
        assert lever.reason


def test_every_default_has_a_reason_and_a_source_that_exists() -> None:
    for name, lever in lever_table().levers.items():
        for default in lever.sizes.values():
            assert default.reason, name
            assert default.source == ASSUMED or default.source in shipped_register(), name


def test_patterns_of_goods_and_plants_mean_something_in_a_shipped_chain() -> None:
    networks = [study.chain(name) for name in study.chains()]
    for row in lever_table().goods.values():
        assert row.reason or any(_means(row.traded, network) for network in networks)
    processes = {process.name for network in networks for process in network.processes}
    for plant in lever_table().plants:
        assert any(name.endswith(plant.processes[0].lstrip("*")) for name in processes)


def _means(patterns: tuple[str, ...], network: Any) -> bool:
    stems = {good.code.partition("-")[0] for good in network.commodities}
    return any(pattern.partition("-")[0] in stems for pattern in patterns)


@cache
def known() -> tuple[Experience, ...]:
    return experiences(study.chain)


def test_earlier_licences_are_read_from_the_shipped_scenarios() -> None:
    rare_earths, gallium = known()
    by_good = {good: seen for seen in rare_earths.groups for good in seen.goods}
    assert by_good["Dy-oxide"].shares[1:3] == (0.0, 0.0)  # nothing in May and June 2025
    assert by_good["Dy-oxide"] is by_good["Dy-metal"]
    assert by_good["magnet-standard"].shares[1] < by_good["magnet-standard"].shares[-1]
    assert {good for seen in gallium.groups for good in seen.goods} == {"Ga", "Ge"}
    for seen in (*rare_earths.groups, *gallium.groups, rare_earths.mean, gallium.mean):
        assert all(0 <= share <= 1 for share in seen.shares)
        assert len(seen.shares) == 13


# -- what a status does --------------------------------------------------------------------------


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_event_is_used_or_the_reason_is_told(instrument: str) -> None:
    for status in STATUSES:
        _check_accounted_for(instrument, status)


def _check_accounted_for(instrument: str, status: str) -> None:
    told = event(instrument, status=status)
    found = draft([told], [PAGE], study.chain, chains=["rare-earths-2024"])
    used = set(found.measures_of)
    assert used | {unused.event for unused in found.unused} == {"example:1"}
    assert not used & {unused.event for unused in found.unused}
    assert all(unused.reason for unused in found.unused)
    if used:
        assert STATUSES[status] is not Standing.NOT_YET


@pytest.mark.parametrize("status", ["denied", "dropped", "not_imposed"])
def test_what_is_denied_or_dropped_is_never_simulated(status: str) -> None:
    found = drafted(event(status=status), include_unreal=True)
    assert found.scenario.measures == ()
    assert status.replace("_", " ") in reason(found)


@pytest.mark.parametrize("status", ["proposed", "threatened", "planned", "pending"])
def test_what_is_not_yet_real_is_simulated_only_when_asked_for(status: str) -> None:
    assert "--include-unreal" in reason(drafted(event(status=status)))
    found = drafted(event(status=status), include_unreal=True)
    assert [measure.kind for measure in found.scenario.measures] == ["export_ban"]
    assert f"told as {status}" in found.scenario.measures[0].note


@pytest.mark.parametrize("role", [Role.BACKGROUND, Role.LEAD])
def test_background_and_leads_are_not_simulated(role: Role) -> None:
    assert drafted(event(role=role)).scenario.measures == ()


def test_what_is_unsure_counts_only_once_somebody_accepted_it() -> None:
    told = event(confidence=0.3)
    assert "30% sure" in reason(drafted(told))
    assert len(drafted(told, reviewed=("example:1",)).scenario.measures) == 1


def test_an_announcement_holds_from_its_date_of_effect() -> None:
    told = event(status="announced", date="2025-10-09", effective="2025-12-01")
    measure = drafted(told).scenario.measures[0]
    assert (measure.announced, measure.start, measure.end) == ("2025-10", "2025-12", None)


def test_a_year_of_effect_says_no_more_than_the_day_of_the_announcement() -> None:
    measure = drafted(event(effective="2025")).scenario.measures[0]
    assert (measure.start, measure.announced) == ("2025-04", None)


def test_without_a_date_of_effect_the_month_of_the_announcement_is_assumed_and_asked() -> None:
    found = drafted(event(status="announced"))
    assert found.scenario.measures[0].start == "2025-04"
    assert [(row.field, row.value) for row in found.assumed] == [("start", "2025-04")]
    assert [(q.field, q.default) for q in found.questions] == [("start", "2025-04")]
    later = drafted(event(status="announced"), answers={"example:1.start": "2025-07"})
    assert later.scenario.measures[0].start == "2025-07"
    assert later.assumed == ()


@pytest.mark.parametrize(
    ("end", "month"),
    [
        ("2025-11-20", "2025-11"),
        ("2025-11-30", "2025-12"),
        ("2025-11", "2025-12"),
        ("2025", "2026-01"),
    ],
)
def test_the_end_is_the_first_month_without(end: str, month: str) -> None:
    assert drafted(event(end=end)).scenario.measures[0].end == month


def test_what_is_over_ends_the_measure_of_the_event_before_it() -> None:
    over = event(
        number=2, status="suspended", direction=Direction.EASE, date="2025-11-10", end="2026-11-10"
    )
    found = drafted(over, event())
    assert [measure.end for measure in found.scenario.measures] == ["2025-11"]
    assert found.measures_of == {"example:1": (1,), "example:2": (1,)}
    assert "suspended until 2026-11-10" in found.scenario.measures[0].note


def test_what_ends_something_unknown_is_unused_and_names_the_shipped_scenarios() -> None:
    told = event("export_licence", status="suspended", direction=Direction.EASE, target=("*",))
    found = drafted(told)
    assert found.scenario.measures == ()
    assert "china-2025-licences" in reason(found)


def test_a_measure_that_is_over_with_both_its_dates_is_simulated_between_them() -> None:
    told = event(status="ended", effective="2025-04-21", end="2025-06-20")
    measure = drafted(told).scenario.measures[0]
    assert (measure.start, measure.end) == ("2025-04", "2025-06")


def test_the_same_act_told_twice_is_one_measure() -> None:
    found = drafted(event(), event(number=2))
    assert len(found.scenario.measures) == 1
    assert "the same act as example:1" in reason(found, 2)


# -- chains, goods and places --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goods", "date", "chain"),
    [
        (("dysprosium",), "2025-04", "rare-earths-2024"),
        (("rare earths",), "2010-09", "rare-earths-2009"),
        (("gallium", "germanium"), "2024-12", "gallium-germanium-2023"),
    ],
)
def test_the_chain_is_the_one_that_holds_the_goods_and_the_year(
    goods: tuple[str, ...], date: str, chain: str
) -> None:
    assert drafted(event(commodities=goods, date=date)).scenario.chain == chain


@pytest.mark.parametrize(
    ("name", "codes"),
    [("dysprosium", ("Dy-*",)), ("magnets", ("magnet-*",)), ("ndpr", ("NdPr-*",))],
)
def test_names_of_goods_become_codes(name: str, codes: tuple[str, ...]) -> None:
    assert drafted(event(commodities=(name,))).scenario.measures[0].commodities == codes


def test_a_class_beside_its_elements_stands_for_them() -> None:
    told = event(commodities=("rare earths", "terbium", "dysprosium"))
    measure = drafted(told).scenario.measures[0]
    assert measure.commodities == ("Tb-*", "Dy-*")
    assert "stands for those" in measure.note


def test_goods_that_no_chain_has_are_told() -> None:
    found = drafted(event(commodities=("dysprosium", "scandium")))
    assert "scandium" in found.scenario.measures[0].note
    assert "has no copper" in reason(drafted(event(commodities=("copper",))))
    assert [q.field for q in drafted(event(commodities=("critical minerals",))).questions] == [
        "commodities"
    ]


def test_everybody_is_the_world_and_nobody_named_is_assumed_to_be() -> None:
    assert drafted(event(target=("*",))).scenario.measures[0].targets == ("WORLD",)
    found = drafted(event(target=()))
    assert found.scenario.measures[0].targets == ("WORLD",)
    assert [row.field for row in found.assumed] == ["targets"]
    assert found.scenario.measures[0].grade == "E"


def test_who_is_no_region_of_the_chain_is_told() -> None:
    assert "Indonesia" in reason(drafted(event(actor=("IDN",))))
    assert "Example Corp" in reason(drafted(event(target=("Example Corp",))))


# -- sizes ---------------------------------------------------------------------------------------


def test_a_licence_takes_the_path_of_earlier_ones_and_says_so() -> None:
    goods = ("samarium", "terbium", "dysprosium", "yttrium", "holmium", "magnets")
    found = drafted(event("export_licence", commodities=goods, target=("*",)))
    measure = found.scenario.model_dump(mode="json")["measures"][0]
    classes = {part["name"]: part["throughput"] for part in measure["classes"]}
    assert classes["Dy-*"]["2025-05"] == 0.0
    assert set(classes) == {"Dy-*", "Tb-*", "Y-oxide", "Sm-*", "magnet-*", "HoLu-oxide"}
    assert measure["grade"] == "E"
    assert {row.source for row in found.assumed} == {"china-2025-licences"}
    assert len(found.assumed) == len(classes)


def test_an_answer_goes_before_the_path_of_earlier_licences() -> None:
    found = drafted(event("export_licence"), answers={"1.throughput": "25 %"})
    assert found.scenario.model_dump(mode="json")["measures"][0]["throughput"] == 0.25
    assert found.assumed == ()


@pytest.mark.parametrize(
    ("instrument", "field", "told", "expected"),
    [
        ("tariff", "rate", size(25, "%"), 0.25),
        ("export_tax", "rate", size(10, "%"), 0.10),
        ("export_tax", "specific", size(2000, "USD/t"), 2.0),
        ("export_quota", "limit", size(40, "t/yr"), 40.0),
        ("export_quota", "limit", size(5, "t/month"), 60.0),
        ("price_floor", "floor", size(110, "USD/kg"), 110.0),
        ("subsidy", "usd_per_kg", size(5, "USD/kg"), 5.0),
    ],
)
def test_sizes_in_the_text_are_used_in_their_units(
    instrument: str, field: str, told: tuple[Magnitude, ...], expected: float
) -> None:
    found = drafted(
        event(instrument, magnitude=told, target=("CHN",), actor=("JPN",))
        if instrument == "tariff"
        else event(instrument, magnitude=told, commodities=("ndpr",), target=("USA",))
    )
    measure = found.scenario.model_dump(mode="json")["measures"][0]
    assert measure[field] == pytest.approx(expected)
    assert measure["grade"] == "C"
    assert found.assumed == ()


@pytest.mark.parametrize("instrument", ["tariff", "export_tax", "export_quota", "price_floor"])
def test_a_size_that_nobody_gives_is_asked_for_and_never_invented(instrument: str) -> None:
    found = drafted(event(instrument))
    assert found.scenario.measures == ()
    assert len(found.questions) == 1
    assert found.questions[0].default is None
    assert found.questions[0].text in reason(found)


def test_an_answered_question_makes_the_measure() -> None:
    told = event("tariff", actor=("USA",), target=("CHN",), commodities=("magnets",))
    found = drafted(told, answers={"example:1.rate": "0.25"})
    assert found.scenario.model_dump(mode="json")["measures"][0]["rate"] == 0.25
    assert found.questions == ()


def test_several_sizes_of_a_kind_are_not_chosen_from() -> None:
    told = event("tariff", magnitude=(*size(10, "%"), *size(25, "%")))
    assert drafted(told).scenario.measures == ()


def test_a_cut_of_a_quota_is_taken_from_the_base_year() -> None:
    told = event("export_quota", target=("*",), magnitude=size(-40, "%"))
    measure = drafted(told).scenario.model_dump(mode="json")["measures"][0]
    network = study.chain("rare-earths-2024")
    base = sum(
        route.flow or 0.0
        for route in network.routes
        if route.origin == "CHN"
        and route.commodity.startswith("Dy-")
        and route.channel == "official"
    )
    assert measure["limit"] == pytest.approx(0.6 * base, abs=0.1)


def test_money_of_a_deal_or_a_loan_moves_no_tonnes() -> None:
    for instrument in ("loan", "equity", "bilateral_deal", "offtake"):
        found = drafted(event(instrument, magnitude=size(4e8, "USD")))
        assert found.scenario.measures == ()
        assert "odds" in reason(found) or "sum of tonnes" in reason(found)


def test_a_known_plant_is_down_whole_and_for_an_assumed_time() -> None:
    told = event("outage", actor=("Lynas",), target=("MYS",), commodities=("rare earths",))
    found = drafted(told)
    measure = found.scenario.model_dump(mode="json")["measures"][0]
    assert measure["processes"] == ["separation-heavy-mount-weld", "separation-light-mount-weld"]
    assert (measure["share_lost"], measure["start"], measure["end"]) == (1.0, "2025-04", "2025-06")
    assert [row.field for row in found.assumed] == ["share_lost", "months"]


def test_of_an_unknown_plant_the_share_is_asked() -> None:
    told = event("strike", actor=("Example Union",), target=("AUS",), commodities=("rare earths",))
    assert [q.field for q in drafted(told).questions] == ["share_lost"]
    found = drafted(told, answers={"1.share_lost": "30 %"})
    assert found.scenario.model_dump(mode="json")["measures"][0]["share_lost"] == 0.3


def test_a_stop_of_days_loses_its_part_of_the_month() -> None:
    told = event(
        "strike", actor=("Lynas",), target=("MYS",), commodities=("rare earths",),
        status="ended", effective="2025-04-13", end="2025-04-16",
    )  # fmt: skip
    measure = drafted(told).scenario.model_dump(mode="json")["measures"][0]
    assert measure["share_lost"] == pytest.approx(3 / (365.25 / 12), abs=1e-3)
    assert measure["end"] == "2025-05"


def test_a_new_plant_needs_its_tonnes_and_its_month() -> None:
    told = event(
        "plant_plan",
        actor=("Example Corp",),
        target=("USA",),
        commodities=("magnets",),
        status="announced",
    )
    found = drafted(told)
    assert found.scenario.measures == ()
    assert "start" in {q.field for q in found.questions}
    whole = told.model_copy(update={"effective": "2026-01", "magnitude": size(10_000, "t/yr")})
    measure = drafted(whole).scenario.model_dump(mode="json")["measures"][0]
    assert (measure["kind"], measure["t_per_year"]) == ("capacity_change", 10_000)


def test_a_quota_on_mines_that_binds_narrows_them() -> None:
    told = event(
        "production_quota",
        commodities=("rare earths",),
        target=("*",),
        magnitude=(*size(135_000, "t", "mining, batch 2"), *size(200_000, "t", "mining")),
    )
    measure = drafted(told).scenario.model_dump(mode="json")["measures"][0]
    assert -0.35 < measure["share"] < -0.2
    loose = told.model_copy(update={"magnitude": size(900_000, "t")})
    assert "does not bind" in reason(drafted(loose))


# -- the scenario --------------------------------------------------------------------------------


def test_the_scenario_survives_its_file_and_can_be_laid_on_its_chain() -> None:
    found = drafted(
        event("export_licence", commodities=("terbium", "magnets"), target=("*",)),
        event("tariff", 2, actor=("USA",), target=("CHN",), commodities=("magnets",),
              magnitude=size(25, "%"), date="2025-05"),
    )  # fmt: skip
    again = parse(found.scenario.to_toml())
    assert again == found.scenario
    assert tomllib.loads(found.scenario.to_toml())["sources"][0]["url"] == PAGE.url
    lowered = lower(again, study.chain(again.chain))
    assert len(lowered.effects) == 2
    assert (again.start, again.months) == ("2025-01", 24)


def test_every_measure_cites_the_page_and_quotes_it_briefly() -> None:
    measure = drafted(event()).scenario.measures[0]
    assert (measure.source, measure.grade) == (("page-example",), "C")
    quoted = measure.note.split('"')[1]
    assert TEXT.startswith(quoted.removesuffix(" ..."))
    assert len(quoted.split()) <= 21


def test_it_is_reviewed_only_when_every_event_in_it_is() -> None:
    events = (event(), event(number=2, target=("USA",)))
    assert not drafted(*events, reviewed=("example:1",)).reviewed
    assert drafted(*events, reviewed=("example:1", "example:2")).reviewed
    assert not drafted(event(status="denied"), reviewed=("example:1",)).reviewed


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    page = PAGE.model_copy(update={"url": "javascript:alert(1)"})
    found = draft([event()], [page], study.chain, chains=study.chains())
    assert found.scenario.sources[0].url == ""


def test_hostile_words_stay_inert_in_the_scenario_file() -> None:
    nasty = 'a"]\n[[measures]]\nkind = "x" \x7f\x1b[31m \u202e <script>'
    page = PAGE.model_copy(update={"site": nasty, "title": nasty, "text": "", "lines": ()})
    span = Evidence(field="event", zone=Zone.BODY, start=0, end=1, text=nasty)
    told = event(evidence=(span,), actor=("CHN", nasty))
    found = draft([told], [page], study.chain, chains=study.chains())
    text = found.scenario.to_toml()
    assert parse(text) == found.scenario
    assert not {"\x7f", "\x1b", "\u202e"} & set(text)


def test_an_answer_for_nothing_is_an_error() -> None:
    with pytest.raises(UnknownCodeError, match="field"):
        drafted(event(), answers={"example:1.colour": "red"})
    with pytest.raises(UnknownCodeError, match="event"):
        drafted(event(), answers={"example:9.rate": "1"})
    with pytest.raises(InputError, match=r"--set example:1\.start"):
        drafted(event(), answers={"example:1.start": "soon"})
    with pytest.raises(UnitError, match="a mass is given"):
        drafted(event("tariff"), answers={"example:1.rate": "3 t"})
    with pytest.raises(UnitError, match="furlong"):
        drafted(event("tariff"), answers={"example:1.rate": "3 furlong"})


@pytest.mark.parametrize("field", ["date", "effective", "end"])
def test_a_date_that_no_calendar_has_is_told(field: str) -> None:
    changes = {"effective": "2025-04-04", "end": "2025-05-05", field: "2025-13-45"}
    found = drafted(
        event("strike", actor=("Lynas",), target=("MYS",), **changes, commodities=("rare earths",))
    )
    assert found.scenario.measures == ()
    assert "2025-13" in reason(found) or "month" in reason(found)


def test_nothing_to_simulate_is_an_error_that_lists_every_event_and_the_way_out() -> None:
    with pytest.raises(InputError) as caught:
        study.require_measures(drafted(event("bilateral_deal"), event("tariff", 2)))
    line = caught.value.line()
    assert "example:1 (bilateral_deal, in_force)" in line
    assert "--set example:2.rate=VALUE" in line


@given(st.text(max_size=40))
def test_any_answer_is_a_finite_size_or_a_clear_error(text: str) -> None:
    try:
        found = read_size(text, "--set a.rate")
    except UnitError:
        return
    assert math.isfinite(found.value)


def test_a_wrong_answer_names_its_place() -> None:
    with pytest.raises(UnitError, match=r"--set a\.rate"):
        read_size("many", "--set a.rate")


# -- what users are told -------------------------------------------------------------------------

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "desk.md"


def test_the_table_of_defaults_that_users_read_is_the_one_that_is_used() -> None:
    page = HOW_TO.read_text(encoding="utf-8")
    shown = page.partition("<!-- table: levers -->\n")[2].partition("\n<!-- end of table -->")[0]
    assert shown == "\n".join(table_of_levers())


def test_every_field_that_can_be_answered_is_told() -> None:
    page = HOW_TO.read_text(encoding="utf-8")
    assert [name for name in ANSWERS if f"`{name}`" not in page] == []


def table_of_levers() -> list[str]:
    """The table of the how-to, one row for each instrument."""
    rows = ["| event | becomes | assumed | asked |", "|---|---|---|---|"]
    for name, lever in lever_table().levers.items():
        assumed = [f"{key} {size.value:g} {size.unit}" for key, size in lever.sizes.items()]
        if name == "export_licence":
            assumed = ["the path seen after earlier controls"]
        what = f"`{lever.measure}`: {lever.reason}" if lever.measure else f"nothing: {lever.reason}"
        asked = ", ".join(f"`{key}`" for key in lever.asks)
        rows.append(f"| {INSTRUMENTS[name].label} | {what} | {', '.join(assumed)} | {asked} |")
    return rows
