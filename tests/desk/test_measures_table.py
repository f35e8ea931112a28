"""Claims: a table of measures becomes events, each resting on its cells; nothing is guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monazite.desk.feeds import Refuse, stop
from monazite.desk.measures_table import MeasureRow, read_measures
from monazite.desk.schema import Direction
from monazite.errors import InputError

TABLE = Path(__file__).parent / "feeds" / "example-measures.csv"
DAY = date(2025, 12, 1)
HEAD = "Country;Measure type;HS code;Start date"


@dataclass(frozen=True)
class Read:
    """A table, read to its end."""

    rows: tuple[MeasureRow, ...]
    skipped: Mapping[str, int]
    columns: Mapping[str, str]
    unused: tuple[str, ...]


def read(path: Path, on: date = DAY, refuse: Refuse = stop) -> Read:
    table = read_measures(path, on=on, refuse=refuse)
    return Read(tuple(table.rows), table.skipped, table.columns, table.unused)


@pytest.fixture(scope="module")
def table() -> Read:
    return read(TABLE)


def written(path: Path, *rows: str, head: str = HEAD) -> Path:
    file = path / "t.csv"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    return file


def test_each_row_in_scope_becomes_an_event(table):
    told = [
        (row.event.instrument, row.event.actor, row.event.status, row.event.commodities)
        for row in table.rows
    ]
    assert told == [
        ("export_licence", ("CHN",), "in_force", ("rare earths",)),
        ("export_ban", ("CHN",), "ended", ("gallium",)),
        ("export_quota", ("COD",), "in_force", ("cobalt",)),
        ("export_tax", ("IDN",), "announced", ("nickel",)),
    ]


def test_what_is_passed_over_is_counted(table):
    assert table.skipped == {
        "goods that are no minerals of the desk": 1,
        "no instrument of ours: 'Something else'": 1,
    }
    assert table.unused == ("Note",)
    assert table.columns["actor"] == "Implementing jurisdiction"


def test_names_with_commas_are_names(table):
    assert table.rows[0].event.target == ("JPN", "USA", "KOR")
    assert table.rows[1].event.target == ("*",)
    assert table.rows[2].event.target == ()


def test_dates_are_announcement_begin_and_end(table):
    event = table.rows[1].event
    assert (event.date, event.effective, event.end) == ("2024-12-03", "2024-12-03", "2025-11-09")
    assert table.rows[2].event.date == "2025-09-21"


def test_a_measure_that_frees_trade_eases(table):
    assert [row.event.direction for row in table.rows] == [Direction.TIGHTEN] * 3 + [Direction.EASE]


def test_evidence_stands_in_the_row(table):
    for row in table.rows:
        assert {"instrument", "actor", "commodities", "date"} <= {
            one.field for one in row.event.evidence
        }
        for one in row.event.evidence:
            assert row.page.text[one.start : one.end] == one.text


@pytest.mark.parametrize(
    ("on", "status"),
    [(date(2024, 12, 2), "announced"), (date(2024, 12, 3), "in_force"), (DAY, "ended")],
)
def test_the_day_of_reading_decides_what_is_in_force(on, status):
    assert read(TABLE, on=on).rows[1].event.status == status


@pytest.mark.parametrize("missing", ["Country", "Measure type", "HS code", "Start date"])
def test_a_missing_column_is_named_with_what_it_may_be_called(tmp_path, missing):
    path = written(tmp_path, head=HEAD.replace(missing, "Anything"))
    with pytest.raises(InputError, match=r"no column says .*\(call it one of: "):
        read(path)


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match="two columns are called 'Country'"):
        read(written(tmp_path, head=f"{HEAD};Country"))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Atlantis;Export ban;280530;2025-01-01", "row 2, actor: 'Atlantis' is no state"),
        ("China;Export ban;280530;01/02/2025", "row 2, implemented: '01/02/2025' is not a date"),
        ("China;Export ban;28;2025-01-01", "row 2, hs: '28' is no code of goods"),
        ("China;Export ban;280530;", "the measure has no date"),
        ("China;;280530;2025-01-01", "the measure has no type"),
        ("China;59;280530;2025-01-01", "'59' can be investment, strategic_project, stockpile"),
    ],
)
def test_a_cell_that_cannot_be_understood_is_named_or_handed_over(tmp_path, row, fault):
    path = written(tmp_path, row, "China;Export ban;280530;2025-01-01")
    with pytest.raises(InputError) as caught:
        read(path)
    assert fault in caught.value.line()
    faults: list[InputError] = []
    assert len(read(path, refuse=faults.append).rows) == 1
    assert len(faults) == 1


def test_a_code_that_holds_several_minerals_means_all_of_them_unless_words_say_which(tmp_path):
    path = written(
        tmp_path, "China;Export ban;811292;;2025-01-01",
        "China;Export ban;811292;germanium;2025-01-01",
        head="Country;Measure type;HS code;Commodity;Start date",
    )  # fmt: skip
    goods = [row.event.commodities for row in read(path).rows]
    assert goods == [("gallium", "germanium", "indium", "niobium"), ("germanium",)]


def test_a_table_without_codes_goes_by_words(tmp_path):
    path = written(tmp_path, "Indonesia,Nickel ores,Export prohibition,2020-01-01",
                   "Peru,Fish,Export prohibition,2020",
                   head="Country,Raw material,Measure type,Introduction date")  # fmt: skip
    (row,) = read(path).rows
    assert (row.event.instrument, row.event.commodities) == ("export_ban", ("nickel",))


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"hello", b"\x00" * 100, b'"' + b"a" * 200_000]
)
def test_what_is_no_table_is_an_input_error(tmp_path, raw):
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    with pytest.raises(InputError):
        read(path)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match="gone"):
        read(tmp_path / "gone")


@given(st.lists(st.text(max_size=20), max_size=8), st.binary(max_size=100))
def test_random_rows_raise_only_input_errors(tmp_path_factory, cells, tail):
    path = tmp_path_factory.mktemp("random") / "t.csv"
    path.write_bytes((HEAD + "\n" + ";".join(cells) + "\n").encode("utf-8", "replace") + tail)
    faults: list[InputError] = []
    try:
        read(path, refuse=faults.append)
    except InputError:
        return
