"""What people write: TOML in, TOML out, faults in one line with their place."""

from pathlib import Path
from typing import get_args

import pytest

from monazite.errors import InputError, ScenarioError, UnknownCodeError
from monazite.scenario import KINDS, Scenario, library, load, parse, source_text, template
from monazite.scenario.document import Kind
from monazite.scenario.measure import USER
from scenario_factory import HEAD, scenario_of

BAN = 'kind = "export_ban"\nactors = "CHN"\ncommodities = "Dy-*"\nstart = "2025-04"\n'
SHIPPED = (
    "china-2010-quota",
    "china-2025-licences",
    "china-2026-japan",
    "china-full-ban-allies",
    "ga-ge-2023",
    "malaysia-outage",
    "myanmar-halt",
)


def fault(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse(text, "my.toml")
    assert "\n" not in caught.value.line()
    assert caught.value.line().startswith("my.toml")
    assert caught.value.way_out
    return caught.value


def test_the_library_is_what_the_docs_say() -> None:
    assert tuple(scenario.id for scenario in library()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_cite_every_measure(name: str) -> None:
    scenario = load(name)
    assert scenario.id == name
    assert scenario.description
    for measure in scenario.measures:
        for cited in (measure, *getattr(measure, "classes", ())):
            assert USER not in cited.source
            assert cited.note
    for source in scenario.cited():
        assert scenario.citation(source)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_say_assumed_where_the_grade_is_e(name: str) -> None:
    for measure in load(name).measures:
        for cited in (measure, *getattr(measure, "classes", ())):
            assert cited.grade != "E" or "assumed" in cited.source


@pytest.mark.parametrize("name", SHIPPED)
def test_writing_and_reading_again_changes_nothing(name: str) -> None:
    scenario = load(name)
    assert parse(scenario.to_toml(), scenario.origin) == scenario


def test_every_kind_has_a_template_that_parses() -> None:
    for kind in KINDS:
        (measure,) = parse(template(kind)).measures
        assert measure.kind == kind


def test_the_whole_template_parses_and_round_trips() -> None:
    scenario = parse(template(name="all-of-it"))
    assert scenario.id == "all-of-it"
    assert len(scenario.measures) == len(KINDS)
    assert parse(scenario.to_toml()) == scenario


def test_every_option_in_a_template_comment_is_right() -> None:
    for kind, model in KINDS.items():
        lines = template(kind).splitlines()
        names = {line.removeprefix("# ").split(" = ")[0] for line in lines if " = " in line}
        takes = {key for key in model.model_fields if key not in model.unused}
        assert takes <= names


def test_the_register_of_kinds_and_the_union_agree() -> None:
    assert set(get_args(get_args(Kind)[0])) == set(KINDS.values())


def test_template_of_an_unknown_kind_offers_the_nearest() -> None:
    with pytest.raises(UnknownCodeError, match="export_quota"):
        template("export_qouta")


def test_scenarios_are_frozen() -> None:
    scenario = load("myanmar-halt")
    with pytest.raises(ValueError, match="frozen"):
        scenario.months = 3  # type: ignore[misc]


def test_an_empty_document_is_refused() -> None:
    assert "empty" in fault("").line()


def test_a_document_that_is_no_toml_says_where() -> None:
    assert "line 1" in fault("what is this").line()


def test_an_unknown_key_is_named_with_the_nearest() -> None:
    error = fault(HEAD + "[[measures]]\n" + BAN + 'comodities = "Tb-*"')
    assert "measure 1 (export_ban), comodities: unknown key, did you mean commodities?" in str(
        error
    )


def test_an_unknown_key_at_the_top_is_named_with_the_nearest() -> None:
    assert "strat: unknown key, did you mean start?" in str(fault(HEAD + "strat = 1"))


def test_the_origin_is_no_key() -> None:
    assert "unknown key 'origin'" in str(fault(HEAD + 'origin = "elsewhere"'))


def test_an_unknown_kind_is_an_unknown_code() -> None:
    error = fault(HEAD + '[[measures]]\nkind = "export_bann"\n')
    assert isinstance(error, UnknownCodeError)
    assert "my.toml: measure 1" in str(error)
    assert "export_ban" in error.way_out


def test_all_faults_come_in_one_line() -> None:
    text = HEAD + "[[measures]]\n" + BAN.replace("2025-04", "2025-13") + "[[measures]]\n" + BAN
    error = fault(text + "exemptions = { share = 2 }\n")
    assert "2 faults" in str(error)
    assert "measure 1 (export_ban), start: '2025-13' is no month" in str(error)
    assert "measure 2 (export_ban), exemptions share: must be" in str(error)


@pytest.mark.parametrize(
    ("measure", "complaint"),
    [
        (BAN + 'end = "2025-04"', "end 2025-04 is not after start 2025-04"),
        (BAN + 'announced = "2025-05"', "announced 2025-05 is after start 2025-04"),
        (BAN + 'source = "assumed"', "needs a note"),
        (BAN + 'source = "hearsay"', "source 'hearsay' stands neither"),
        (BAN.replace("export_ban", "export_quota") + "limit = -5", "limit: must be at least 0"),
        (BAN.replace("export_ban", "export_quota"), "limit: is missing"),
        (BAN.replace("export_ban", "export_quota") + "limit = nan", "limit: nan is no number"),
        (BAN.replace("export_ban", "export_quota") + "limit = {}", "limit: no month given"),
        (BAN.replace("export_ban", "export_licence"), "needs a throughput"),
        (BAN.replace("export_ban", "export_tax"), "needs a rate"),
        (
            BAN.replace("export_ban", "export_licence")
            + "throughput = { 2025-04 = 0.1 }\ndelay_months = 2",
            "already holds its delay",
        ),
        (
            'kind = "outage"\nactors = "CHN"\ntargets = "JPN"\nstart = "2025-01"\nshare_lost = 1',
            "outage does not take 'targets': name the regions of the plants in 'actors'",
        ),
        (
            'kind = "outage"\nactors = "CHN"\nstart = "2025-01"\nshare_lost = 1\n'
            "recovery_months = 2",
            "recovery_months needs an end",
        ),
        (
            'kind = "capacity_change"\nactors = "CHN"\nstart = "2025-01"\nshare = 1\n'
            "t_per_year = 2",
            "either a share or t_per_year",
        ),
        (
            'kind = "stock_release"\nactors = "JPN"\ncommodities = "Dy-*"\nstart = "2025-01"',
            "needs one of tonnes, days and share",
        ),
    ],
)
def test_what_cannot_be_is_refused(measure: str, complaint: str) -> None:
    error = fault(HEAD + "[[measures]]\n" + measure)
    assert isinstance(error, ScenarioError)
    assert complaint in str(error)


def test_an_unknown_scenario_offers_the_nearest() -> None:
    with pytest.raises(UnknownCodeError, match="did you mean china-2010-quota"):
        load("china-2010-qouta")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"mine\.toml: No such file"):
        load(tmp_path / "mine.toml")


def test_a_binary_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(ScenarioError, match="not text in UTF-8"):
        load(path)


def test_a_file_is_read_and_named_in_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + "[[measures]]\n" + BAN, encoding="utf-8")
    scenario = load(path)
    assert isinstance(scenario, Scenario)
    assert scenario.place(1) == f"{path}: measure 1 (export_ban)"


def test_the_text_of_a_shipped_scenario_keeps_its_comments() -> None:
    assert source_text("china-2010-quota").startswith("# What China let out")


def test_the_whole_file_in_the_how_to_is_right() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "scenarios.md"
    text = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert [measure.kind for measure in parse(text).measures] == ["export_licence", "stock_release"]


def test_single_names_need_no_brackets() -> None:
    (measure,) = scenario_of(BAN).measures
    assert measure.actors == ("CHN",)
