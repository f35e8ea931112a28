"""Bad programmes and sector tables: one line that names file, row and way out.

A fault is put into a copy of a published sector; asking for the model must refuse it.
"""

import shutil
from pathlib import Path

import pytest

from monazite.errors import (
    InputError,
    NetworkError,
    ScenarioError,
    TableError,
    UnitError,
    UnknownCodeError,
)
from monazite.network import SupplyNetwork
from monazite.plan import terms
from monazite.plan.model import BuildCandidate
from monazite.plan.planner import prepare
from monazite.plan.programme import Money, load, parse

SECTORS = Path(__file__).parent.parent / "data" / "sector"
HEAD = 'id = "trial"\ntitle = "trial"\n'

Sector = tuple[str, str, str, str, str, type[InputError], tuple[str, ...]]

FAULTS: tuple[Sector, ...] = (
    (
        "a column that nobody knows",
        "power-apl1p", "candidates.csv", "unit_capital", "unit_capitl",
        UnknownCodeError, ("candidates.csv", "'unit_capitl'", "did you mean unit_capital"),
    ),
    (
        "a candidate that adds to an unknown capacity",
        "power-apl1p", "candidates.csv", "g1 in grid", "g1 in gird",
        UnknownCodeError, ("candidate g1", "'g1 in gird'", "did you mean g1 in grid"),
    ),
    (
        "a candidate given twice",
        "power-apl1p", "candidates.csv", "g2,g2 in grid", "g1,g2 in grid",
        TableError, ("candidates.csv:2", "g1", "twice"),
    ),
    (
        "a price that is no number",
        "power-apl1p", "candidates.csv", ",2.5,", ",much,",
        TableError, ("candidates.csv:3", "unit_capital", "much"),
    ),
    (
        "a negative price",
        "power-apl1p", "candidates.csv", ",2.5,", ",-2.5,",
        TableError, ("candidates.csv:3", "unit_capital", "-2.5"),
    ),
    (
        "a price for each part of a size but one",
        "mexican-steel-dynamic", "candidates.csv", ",1.5;3;4.5,1984,4,20,ahmsa",
        ",1.5;3,1984,4,20,ahmsa", TableError, ("candidates.csv:2", "2 sizes", "3 prices"),
    ),
    (
        "parts of a size that get cheaper",
        "mexican-steel-dynamic", "candidates.csv", ";166.666666666667;",
        ";1.5;", TableError, ("candidates.csv:2", "later segment is cheaper"),
    ),
    (
        "a fixed cost without a largest size",
        "mexican-steel-dynamic", "candidates.csv", ",1.5;3;4.5,1984,4,20,ahmsa",
        ",1.5;3;unlimited,1984,4,20,ahmsa", TableError, ("candidates.csv:2", "largest"),
    ),
    (
        "half a year",
        "mexican-steel-dynamic", "candidates.csv", ",1984,4,20,ahmsa", ",1984.5,4,20,ahmsa",
        TableError, ("candidates.csv:2", "earliest", "whole"),
    ),
    (
        "an unknown process in a shared unit",
        "power-apl1p", "units.csv", "g1-level-1", "g1-level-9",
        UnknownCodeError, ("units.csv:2", "'g1-level-9'", "did you mean"),
    ),
    (
        "a unit of two capacities",
        "power-apl1p", "units.csv", "g1,grid,0,g1-level-2", "g1,grid,5,g1-level-2",
        TableError, ("units.csv:3", "another capacity", "units.csv:2"),
    ),
    (
        "a limit without a figure",
        "power-apl1p", "limits.csv", "1000,g1", ",g1",
        TableError, ("limits.csv:2", "g1 at least", "no figure"),
    ),
    (
        "a limit on an unknown candidate",
        "power-apl1p", "limits.csv", "1000,g1", "1000,g9",
        UnknownCodeError, ("limits.csv:2", "candidate", "'g9'"),
    ),
    (
        "a limit on an unknown process",
        "mexican-steel-dynamic", "limits.csv", "horizon,mine-coke-1", "horizon,mine-cake-1",
        UnknownCodeError, ("limits.csv:2", "process", "mine-cake-1"),
    ),
    (
        "a limit over neither year nor horizon",
        "mexican-steel-dynamic", "limits.csv", "horizon,mine-coke-1", "decade,mine-coke-1",
        UnknownCodeError, ("limits.csv:2", "'decade'", "known: horizon, year"),
    ),
    (
        "a change of an unknown sort",
        "mexican-steel-dynamic", "years.csv", "process-cost", "proces-cost",
        UnknownCodeError, ("years.csv:2", "'proces-cost'", "did you mean process-cost"),
    ),
    (
        "a change of an unknown process",
        "mexican-steel-dynamic", "years.csv", "buy-natural-gas,ahmsa,1984",
        "buy-naturel-gas,ahmsa,1984", UnknownCodeError, ("years.csv:2", "buy-naturel-gas ahmsa"),
    ),
    (
        "two changes in one year",
        "mexican-steel-dynamic", "years.csv", "ahmsa,1987", "ahmsa,1984",
        TableError, ("years.csv:3", "twice in 1984"),
    ),
    (
        "chances that do not add up",
        "power-apl1p", "chances.csv", "100%,0.2", "100%,0.3",
        TableError, ("chances.csv:2", "availability of g1", "add up to 1.1"),
    ),
    (
        "a chance that strikes nothing",
        "power-apl1p", "chances.csv", "demand,level-1,0.9", "demand,level-7,0.9",
        UnknownCodeError, ("chances.csv:11", "use", "'level-7'"),
    ),
    (
        "more cells than columns",
        "power-apl1p", "chances.csv", "capacity,g1,1,", "capacity,g1,1,1,1,",
        TableError, ("chances.csv:2", "10 cells under 8 headings"),
    ),
    (
        "a candidate with no feed",
        "yemen-cement", "network/routes.csv", "fuel,port,mafrak", "fuel,mafrak,abroad",
        NetworkError, ("candidate dry-small-mafrak", "nothing brings fuel to mafrak"),
    ),
    (
        "money that prices times quantities are not",
        "yemen-cement", "programme.toml", 'unit = "MUSD"', 'unit = "t"',
        UnitError, ("[money] unit",),
    ),
    (
        "a horizon without years",
        "yemen-cement", "programme.toml", "last = 1994", "last = 1982",
        ScenarioError, ("programme.toml", "no years between 1983 and 1982"),
    ),
    (
        "years that cannot be cut into steps",
        "yemen-cement", "programme.toml", "last = 1994", "last = 1993",
        ScenarioError, ("programme.toml", "11 years", "steps of 3"),
    ),
    (
        "growth below minus one",
        "yemen-cement", "programme.toml", "rate = 0.11", "rate = -1.2",
        ScenarioError, ("programme.toml", "growth", "rate"),
    ),
    (
        "a file that is not there",
        "yemen-cement", "programme.toml", '"candidates.csv"', '"candidate.csv"',
        TableError, ("candidate.csv", "the file is missing"),
    ),
)  # fmt: skip


def _model_of(folder: Path):
    programme = load(folder / "programme.toml")
    network = SupplyNetwork.from_folder(folder / programme.chain)
    return prepare(programme, network).model()


@pytest.mark.parametrize(
    ("sector", "file", "fine", "wrong", "kind", "words"),
    [fault[1:] for fault in FAULTS],
    ids=[fault[0] for fault in FAULTS],
)
def test_a_fault_in_a_sector_is_one_line(tmp_path, sector, file, fine, wrong, kind, words):
    folder = Path(shutil.copytree(SECTORS / sector, tmp_path / sector))
    text = (folder / file).read_text()
    assert fine in text
    (folder / file).write_text(text.replace(fine, wrong, 1))
    with pytest.raises(kind) as caught:
        _model_of(folder)
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.where
    for word in words:
        assert word in line


PROGRAMMES = (
    (
        "a budget of the wrong sign",
        '[[budgets]]\npartner = "USA"\namount = -5\n',
        ("budgets", "amount", "0"),
    ),
    (
        "a budget without years",
        '[[budgets]]\npartner = "USA"\namount = 5\nfirst = 2030\nlast = 2029\n',
        ("budgets", "no years between 2030 and 2029"),
    ),
    (
        "a target above one",
        '[[targets]]\nname = "all"\nat_least = 1.2\nfirst = 2030\n',
        ("targets", "at_least", "1"),
    ),
    (
        "a target without a figure",
        '[[targets]]\nname = "all"\nfirst = 2030\n',
        ("targets", "coverage needs at_least"),
    ),
    (
        "a share without its origin",
        '[[targets]]\nname = "all"\nkind = "share"\nat_most = 0.5\nfirst = 2030\n',
        ("targets", "origin"),
    ),
    ("a partner named twice", 'partners = ["USA", "USA"]\n', ("named twice",)),
    (
        "a partner who is a third as well",
        'partners = ["USA"]\nthirds = ["USA"]\n',
        ("partner and third",),
    ),
    ("a key that nobody knows", 'partner = "USA"\n', ("partner", "did you mean partners")),
    (
        "quarters of several years",
        '[horizon]\nstep = "quarter"\nyears_a_step = 2\n',
        ("horizon", "exclude each other"),
    ),
    ("text that is no TOML", "= 3\n", ("not TOML",)),
    (
        "a shock of no measure",
        '[[shocks]]\nname = "stop"\nprobability = 0.1\nmonths = [1, 2, 3]\n',
        ("shocks", "either a scenario or measures"),
    ),
)


@pytest.mark.parametrize(
    ("text", "words"), [row[1:] for row in PROGRAMMES], ids=[row[0] for row in PROGRAMMES]
)
def test_a_fault_in_a_programme_is_one_line(text, words):
    with pytest.raises(ScenarioError) as caught:
        parse(HEAD + text, "trial.toml")
    line = str(caught.value)
    assert line.startswith("trial.toml")
    assert "\n" not in line
    for word in words:
        assert word in line


def test_an_empty_programme_is_refused():
    with pytest.raises(ScenarioError, match="empty"):
        parse("", "trial.toml")


def test_money_of_another_currency_needs_a_rate():
    with pytest.raises(InputError, match="EUR") as caught:
        terms.in_money(5.0, "EUR", Money(), "budget of Japan")
    assert "rates" in str(caught.value)
    assert "budget of Japan" in str(caught.value)


def test_money_of_another_currency_is_counted_at_its_rate():
    money = Money(rates={"EUR": 1.25})
    assert terms.in_money(4e6, "EUR", money, "budget") == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"adds": {}}, "no capacity"),
        ({"adds": {"kiln": -1.0}}, "adds nothing"),
        ({"smallest": 2.0, "largest": 1.0}, "below its smallest"),
        ({"success": 1.5}, "chance of success"),
        ({"delay": (2.0, 1.0, 3.0)}, "delays"),
        ({"earliest": 2030, "latest": 2029}, "latest year"),
    ],
)
def test_a_candidate_that_cannot_be_is_refused(fields, fault):
    with pytest.raises(InputError, match=fault) as caught:
        BuildCandidate(**{"name": "kiln-2", "adds": {"kiln": 1.0}, **fields})
    assert caught.value.where == "candidate kiln-2"
