"""Commands on the data."""

import pytest

from doors.shared_runs import Terminal, as_json
from monazite import cli, study
from monazite.errors import TableError
from monazite.reference import catalogue


def test_everything_that_is_shipped_passes(terminal: Terminal) -> None:
    report = terminal.json("data", "check")
    assert report["faults"] == []
    assert report["rows"] > 8_000
    shown = terminal.run("data", "check")
    assert "all have unit, source and grade" in shown
    assert f"{report['rows']:,} rows of {report['tables']} tables" in shown


def test_faults_are_shown_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = TableError("no unit", where="facts/prices.csv:7", way_out="write it")
    report = catalogue.Report((fault,), tables=1, rows=1, sources=1)
    monkeypatch.setattr(catalogue, "check", lambda: report)
    assert cli.main(["data", "check"]) == 2
    shown = capsys.readouterr().out
    assert "facts/prices.csv:7: no unit (write it)" in shown
    assert "see above" in shown


def test_list_has_every_table(terminal: Terminal) -> None:
    rows = terminal.json("data", "list")
    assert rows == as_json(study.data_tables())
    assert [row["id"] for row in rows] == list(catalogue.table_ids())
    shown = terminal.run("data", "list")
    assert all(row["id"] in shown for row in rows)


@pytest.mark.parametrize("table", catalogue.table_ids())
def test_show_prints_every_row_with_its_source(table: str, terminal: Terminal) -> None:
    rows = terminal.json("data", "show", table)
    assert rows == as_json(study.show_data(table))
    for row in rows:
        assert row["unit"]
        assert row["source"]
        assert row["grade"] in tuple("ABCDE")
    shown = terminal.run("data", "show", table, "--limit", "3")
    assert f"{min(3, len(rows))} of {len(rows):,} rows" in shown
    assert rows[0]["where"] in shown


def test_an_unknown_table_is_refused(terminal: Terminal) -> None:
    status, line = terminal.fail("data", "show", "price")
    assert status == 2
    assert "prices" in line


def test_every_assumption_has_a_reason(terminal: Terminal) -> None:
    rows = terminal.json("data", "assumed")
    assert rows == study.assumed_data()
    assert all(row["why"] for row in rows)
    shown = terminal.run("data", "assumed")
    assert f"{len(rows):,} rows of grade E" in shown
    assert all(reason in " ".join(shown.split()) for reason in {
        " ".join(row["why"].split()) for row in rows
    })  # fmt: skip
