"""Projects: the shipped list is whole, stands on the network, and bad tables are refused."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from monazite import study
from monazite.errors import InputError, NetworkError, TableError, UnitError, UnknownCodeError
from monazite.network import Process, SupplyNetwork
from monazite.plan.project import Decision, Project, Projects, network_region
from monazite.reference import catalogue

HEADER = "name,country_iso3,stage,product,capacity,capacity_unit,start_year,status,capex_musd"
PLANT = "Mill,USA,magnet,sintered NdFeB,1000,t NdFeB/yr,2028,planned,100"
BESIDE = (", first phase", ", second phase", ", Penco", ", half size", ", smaller", ", larger")
BESIDE += tuple(f", winner {number}" for number in range(2, 6))
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def network() -> SupplyNetwork:
    return study.chain()


@pytest.fixture(scope="module")
def shipped() -> Projects:
    return Projects.read()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def table(*rows: str, more: str = "") -> Path:
        path = tmp_path / "mine.csv"
        header = HEADER + (f",{more}" if more else "")
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return path

    return table


def _own_network(network: SupplyNetwork, projects: Projects) -> SupplyNetwork:
    own = tuple(
        Process(name, "ROW", recipe, capacity=1.0, activity=0.5)
        for name, recipe in projects.recipes.items()
    )
    return replace(
        network,
        commodities=network.commodities + projects.commodities,
        processes=network.processes + own,
        base_prices=network.base_prices,
    )


def test_the_list_of_113_is_kept_and_phases_stand_beside_it(shipped: Projects) -> None:
    beside = {row.id for row in shipped if row.name.endswith(BESIDE)}
    assert len(shipped) - len(beside) == 113
    assert len({row.id for row in shipped}) == len(shipped)
    assert {"penco", "serra-verde-2", "vulcan-half"} <= beside


def test_every_row_says_what_the_planner_makes_of_it(shipped: Projects) -> None:
    for row in shipped:
        assert row.provenance.source
        assert row.network_region
        if row.decision is Decision.OUT:
            assert row.reason, row.id
        else:
            assert row.processes, row.id
            assert row.activity or row.counted_in, row.id


def test_status_and_decision_agree(shipped: Projects) -> None:
    odd = {
        row.id
        for row in shipped
        if row.decision not in (Decision.OUT, shipped.priors[row.status].decision)
    }
    assert odd == {"stillwater-2"}  # called construction, but only its first 600 t are


def test_capital_cost_stands_once_a_plant(shipped: Projects) -> None:
    for plant, lines in shipped.plants().items():
        assert sum(line.capex is not None for line in lines) <= 1, plant


def test_at_least_sixty_lines_may_be_chosen(shipped: Projects, network: SupplyNetwork) -> None:
    found = shipped.candidates(network)
    announced = [row for row in found if not row.id.endswith("-half")]
    assert len(found) >= 60
    assert len(announced) >= 45
    assert sum(len(row.processes) for row in announced) >= 60
    partners = Counter(partner for row in found for partner in row.partners)
    assert partners["USA"] >= 25
    assert partners["JPN"] >= 2
    assert {row.region for row in found} - {"USA", "JPN"}


def test_committed_plants_count_with_what_the_base_year_lacks(
    shipped: Projects, network: SupplyNetwork
) -> None:
    found = {row.id: row.increment for row in shipped.committed(network)}
    assert found["mountain-pass-ndpr"] == pytest.approx(26_819 - 17_400)
    assert "gebeng-light" not in found
    assert "white-mesa-1" not in found
    assert all(size and size > 0 for size in found.values())


def test_what_the_base_year_holds_is_no_more_than_its_capacity(
    shipped: Projects, network: SupplyNetwork
) -> None:
    """By stage and region; from-oxide lines stand for the alloy and magnets that they make."""
    stages = {process.name: process.stage for process in network.processes}
    held: Counter[tuple[str, str]] = Counter()
    for row in shipped.placed(network):
        stage = stages.get(row.processes[0], row.chain_stage) if row.processes else row.chain_stage
        held[stage, row.network_region] += row.in_base
    room: Counter[tuple[str, str]] = Counter()
    for process in network.processes:
        room[process.stage, process.region] += process.capacity
    over = {place for place, tonnes in held.items() if tonnes > 1.01 * room[place]}
    assert over == set()


def test_shipped_regions_follow_the_rule(shipped: Projects, network: SupplyNetwork) -> None:
    for row in shipped:
        assert row.network_region == network_region(row.region, network), row.id


def test_recipes_of_the_list_keep_mass_on_the_network(
    shipped: Projects, network: SupplyNetwork
) -> None:
    joined = _own_network(network, shipped)
    assert len(joined.processes) == len(network.processes) + len(shipped.recipes)


def test_two_steps_in_one_are_the_two_steps(shipped: Projects, network: SupplyNetwork) -> None:
    magnet = shipped.recipe("magnet-standard", network, "USA")
    alloy = shipped.recipe("alloy-standard", network, "USA")
    metal = shipped.recipe("metal-NdPr", network, "USA")
    oxide = magnet["alloy-standard"] * alloy["NdPr-metal"] * metal["NdPr-oxide"]
    whole = shipped.recipes["magnet-standard-from-oxide"]
    assert whole["NdPr-oxide"] == pytest.approx(oxide, rel=1e-6)
    light = shipped.recipe("separation-light-monazite", network, "USA")
    heavy = shipped.recipe("separation-heavy-monazite", network, "USA")
    full = shipped.recipes["separation-full-monazite"]
    assert full["Dy-oxide"] == pytest.approx(light["seg-monazite"] * heavy["Dy-oxide"], rel=1e-4)


@pytest.mark.parametrize(
    ("line", "good", "tonnes"),
    [
        ("vulcan", "magnet-standard", 10_000),
        ("white-mesa-2-ndpr", "NdPr-oxide", 5_000),
        ("white-mesa-2-dy", "Dy-oxide", 240),
        ("vinton-ndpr", "NdPr-oxide", 1_400),
        ("nolans", "NdPr-oxide", 4_440),
        ("pulawy", "NdPr-oxide", 2_000),
        ("mountain-pass-ndpr", "NdPr-oxide", 4_000),
        ("saskatoon-dy", "Dy-oxide", 30),
    ],
)
def test_activity_gives_the_reported_tonnes(
    shipped: Projects, network: SupplyNetwork, line: str, good: str, tonnes: float
) -> None:
    row = shipped.find(line)
    made = shipped.recipe(row.processes[0], network, row.network_region)[good]
    assert (row.activity or 0.0) * made == pytest.approx(tonnes, rel=2e-3)


def test_magnet_capacity_is_announced_far_ahead_of_heavy_oxide(
    shipped: Projects, network: SupplyNetwork
) -> None:
    rows = (*shipped.committed(network), *shipped.candidates(network))
    outside = [row for row in rows if row.region != "CHN" and not row.id.endswith("-half")]
    magnets = sum(row.increment or 0.0 for row in outside if row.stage == "magnet")
    alloys = sum(row.increment or 0.0 for row in outside if row.stage == "alloy")
    assert magnets > 2 * alloys
    assert magnets > 40_000


def test_priors_are_odds_and_slips_in_order(shipped: Projects) -> None:
    for prior in shipped.priors.values():
        assert 0 <= prior.success <= 1
        assert list(prior.delay) == sorted(prior.delay)
        assert list(prior.cost_growth) == sorted(prior.cost_growth)
        assert prior.provenance.grade == "E"
    success = {status: prior.success for status, prior in shipped.priors.items()}
    assert success["construction"] > success["financing"] > success["feasibility"]


def test_a_candidate_starts_no_earlier_than_it_can_be_built(shipped: Projects) -> None:
    row = shipped.find("yangibana")  # announced for 2026, still looking for money
    assert row.start_year == 2026
    assert row.earliest_start == 2029
    assert shipped.find("white-mesa-2-ndpr").earliest_start == 2030


def test_a_table_of_the_least_columns_is_enough(write: Write, network: SupplyNetwork) -> None:
    projects = Projects.read(write(PLANT))
    (row,) = projects.candidates(network)
    assert (row.id, row.plant, row.activity) == ("mill", "mill", 1000.0)
    assert row.processes == ("magnet-standard", "magnet-heavy")
    assert row.network_region == "USA"
    assert row.partner == "USA"
    assert row.earliest_start == 2029


def test_capacity_in_oxide_is_turned_into_feed(write: Write, network: SupplyNetwork) -> None:
    text = "Mill,USA,separation_LREE,NdPr oxide,2128,t NdPr oxide/yr,,planned,"
    (row,) = Projects.read(write(text)).candidates(network)
    assert row.activity == pytest.approx(10_000)


def test_an_unknown_size_is_no_choice_and_says_so(write: Write, network: SupplyNetwork) -> None:
    text = "Mill,USA,magnet,NdFeB,,not told,,planned,"
    projects = Projects.read(write(text))
    assert projects.find("mill").reason == "no capacity known"
    assert projects.candidates(network) == ()


def test_a_country_that_the_network_does_not_list_lies_in_a_rest(network: SupplyNetwork) -> None:
    assert network_region("POL", network) == "REU"
    assert network_region("NOR", network) == "ROW"
    assert network_region("JPN", network) == "JPN"


def test_costs_in_other_money_need_a_rate(write: Write) -> None:
    path = write(f"{PLANT},EUR", more="currency")
    with pytest.raises(TableError, match=r"mine\.csv:2: capex_musd is in EUR and no rate"):
        Projects.read(path)
    with pytest.raises(TableError, match="no rate"):
        Projects.read(path, rates={"EUR": 0.0})
    assert Projects.read(path, rates={"EUR": 1.13}).find("mill").capex == pytest.approx(113)


@pytest.mark.parametrize(
    ("old", "new", "fault", "message"),
    [
        ("USA", "Atlantis", UnknownCodeError, "unknown region 'Atlantis'"),
        ("magnet", "magnets", UnknownCodeError, "unknown stage 'magnets'"),
        ("planned", "dreamt", UnknownCodeError, "unknown status 'dreamt'"),
        ("1000", "-1000", TableError, "capacity -1000 is negative"),
        ("1000", "many", TableError, "not a number"),
        ("2028", "soon", TableError, "not a whole number"),
        ("planned,100", "planned,-100", TableError, "capex_musd -100 is negative"),
        ("t NdFeB/yr", "truckloads", UnitError, "is no mass"),
        ("Mill", "", TableError, "name is blank"),
    ],
)
def test_a_bad_cell_is_refused_with_its_row(
    write: Write, old: str, new: str, fault: type[InputError], message: str
) -> None:
    with pytest.raises(fault, match=message) as caught:
        Projects.read(write(PLANT.replace(old, new, 1)))
    assert "mine.csv:2" in str(caught.value)


def test_columns_are_known_and_there(write: Write, tmp_path: Path) -> None:
    with pytest.raises(UnknownCodeError, match=r"unknown column .plnat.*did you mean"):
        Projects.read(write(f"{PLANT},x", more="plnat"))
    path = tmp_path / "short.csv"
    path.write_text("name,stage\nMill,magnet\n", encoding="utf-8")
    with pytest.raises(TableError, match="missing column country_iso3"):
        Projects.read(path)
    with pytest.raises(TableError, match="the file is missing"):
        Projects.read(tmp_path / "none.csv")


def test_a_process_that_nobody_knows_is_refused(write: Write, network: SupplyNetwork) -> None:
    projects = Projects.read(write(f"{PLANT},magnet-golden", more="processes"))
    with pytest.raises(UnknownCodeError, match="unknown process 'magnet-golden'"):
        projects.candidates(network)


def test_a_capacity_that_the_process_does_not_make_is_refused(
    write: Write, network: SupplyNetwork
) -> None:
    projects = Projects.read(write(f"{PLANT},metal-NdPr,Dy-oxide", more="processes,counted"))
    with pytest.raises(NetworkError, match="metal-NdPr makes no Dy-oxide"):
        projects.candidates(network)


def test_the_same_line_twice_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match=r"mine\.csv:3: project 'mill' stands twice"):
        Projects.read(write(PLANT, PLANT))


def test_feed_from_an_unknown_line_is_refused(write: Write, network: SupplyNetwork) -> None:
    projects = Projects.read(write(f"{PLANT},quarry", more="needs_feed_from"))
    with pytest.raises(UnknownCodeError, match="unknown project 'quarry'"):
        projects.candidates(network)


@pytest.mark.parametrize("column", ["phase_of", "counted_in"])
def test_a_line_that_follows_an_unknown_one_is_refused(write: Write, column: str) -> None:
    with pytest.raises(UnknownCodeError, match="unknown project 'quarry'"):
        Projects.read(write(f"{PLANT},quarry", more=column))


def test_phases_in_a_circle_are_refused(write: Write) -> None:
    rows = (f"{PLANT},b,a", f"{PLANT},c,b", f"{PLANT},a,c")
    with pytest.raises(InputError, match="phases run in a circle: b after a after c after b"):
        Projects.read(write(*rows, more="project,phase_of"))


def test_a_candidate_without_feed_is_refused(write: Write, network: SupplyNetwork) -> None:
    text = PLANT.replace("USA", "MYS")
    with pytest.raises(NetworkError, match="candidate mill has no feed in MYS: magnet-standard"):
        Projects.read(write(text)).candidates(network)


def test_feed_may_come_from_another_line(write: Write, network: SupplyNetwork) -> None:
    magnets = f"{PLANT.replace('USA', 'MYS')},foundry,"
    foundry = "Foundry,KOR,alloy,NdFeB alloy,900,t NdFeB alloy/yr,2028,planned,,,"
    projects = Projects.read(write(magnets, foundry, more="needs_feed_from,owner"))
    assert [row.id for row in projects.candidates(network)] == ["mill", "foundry"]


@pytest.mark.parametrize("text", ["JPN", "JPN:Dy-oxide", "JPN:Dy-oxide:lots"])
def test_an_offtake_that_is_not_understood_is_refused(write: Write, text: str) -> None:
    with pytest.raises(TableError, match="is not understood"):
        Projects.read(write(f"{PLANT},{text}", more="offtake"))


def test_offtake_is_in_tonnes_or_a_share(shipped: Projects) -> None:
    first, second = shipped.find("caremag-heavy").offtakes
    assert (first.partner, first.commodity, first.tonnes) == ("JPN", "Dy-oxide", 250.0)
    assert second.share is None
    assert shipped.find("10x").offtakes[0].share == 1.0


def test_a_network_of_other_goods_refuses_the_list(shipped: Projects) -> None:
    other = SupplyNetwork.build(
        "bread", ["flour"], processes=[Process.at_cost("mill", "town", {"flour": 1.0})]
    )
    with pytest.raises(InputError):
        shipped.candidates(other)


def test_lists_are_frozen(shipped: Projects) -> None:
    row: Project = shipped.find("vulcan")
    with pytest.raises(AttributeError):
        row.activity = 1.0  # type: ignore[misc]


def test_the_table_is_what_the_catalogue_checks(shipped: Projects) -> None:
    table = catalogue.load("plan/projects")
    assert len(table) == len(shipped)
    with pytest.raises(UnknownCodeError):
        shipped.find("no-such-line")
    names = {row.text("name") for row in table}
    assert {"Round Top TX", "Minamitorishima rare-earth mud", "Caldeira (NdPr)"} <= names
