"""Pages and records in, events out: the same from the command line and from Python."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors.shared_runs import Terminal
from monazite import study
from monazite.cli import main
from monazite.errors import InputError
from monazite.study import Reading, Unread, desk

STORY = """\
China bans exports of gallium to the United States
China on Tuesday banned exports of gallium and germanium to the United States, the commerce \
ministry said. The order takes effect at once.
"""
GUIDE_FIELDS = (
    "actor", "actor_name", "instrument", "commodities", "target", "status", "date", "effective",
    "end", "magnitude", "direction", "role",
)  # fmt: skip
MORE_FIELDS = ("id", "evidence", "confidence", "place", "codes", "follows")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "gallium.txt"
    path.write_text(STORY, encoding="utf-8")
    return path


def record(**changes: Any) -> str:
    return json.dumps(
        {"id": "r1", "text": STORY, "published": "2024-12-03", "lang": "en"} | changes
    )


def test_json_is_one_object_a_page(page: Path, terminal: Terminal) -> None:
    told = terminal.json("read", str(page), "--published", "2024-12-03")
    assert told["id"] == "gallium"
    assert told["page"]["headline"] == STORY.splitlines()[0]
    assert told["page"]["published"] == "2024-12-03"
    assert told["page"]["reading_minutes"] == 1
    assert len(told["page"]["sha256"]) == 64
    assert [event["instrument"] for event in told["events"]] == ["export_ban"]
    assert set(told["events"][0]) == {*GUIDE_FIELDS, *MORE_FIELDS}
    assert told["events"][0]["codes"]["mast"] == "P3"


def test_every_piece_of_evidence_stands_where_it_says(page: Path) -> None:
    (reading,) = study.read(page, published="2024-12-03")
    spans = [span for event in reading.events for span in event.evidence]
    assert spans
    for span in spans:
        assert reading.page.text[span.start : span.end] == span.text


def test_the_table_quotes_the_evidence(page: Path, terminal: Terminal) -> None:
    told = terminal.run("read", str(page), "--published", "2024-12-03")
    assert "export ban" in told
    assert "CHN → USA" in told
    assert "“" in told
    assert "characters" in told


def test_what_a_page_says_does_not_steer_the_terminal(tmp_path: Path, terminal: Terminal) -> None:
    path = tmp_path / "hostile.txt"
    path.write_text(STORY.replace("China bans", "\x1b[31mChina\x07 \u202ebans"), encoding="utf-8")
    told = terminal.run("read", str(path), "--published", "2024-12-03")
    assert not {"\x1b", "\x07", "\u202e"} & set(told)


def test_the_command_line_says_what_study_says(page: Path, terminal: Terminal) -> None:
    (reading,) = study.read(page, published="2024-12-03")
    told = terminal.json("read", str(page), "--published", "2024-12-03")
    assert told == json.loads(json.dumps(reading.with_roles(study.SHOWN_ROLES).as_dict()))


def test_roles_choose_the_events(page: Path, terminal: Terminal) -> None:
    words = ("read", str(page), "--published", "2024-12-03", "--roles")
    assert terminal.json(*words, "background")["events"] == []
    assert terminal.json(*words, "main, background")["events"]
    status, line = terminal.fail(*words, "hero")
    assert status == 2
    assert "unknown role 'hero'" in line


def test_a_folder_is_read_page_by_page(page: Path, terminal: Terminal) -> None:
    (page.parent / "deeper").mkdir()
    (page.parent / "deeper" / "second.txt").write_text("Nothing happened.", encoding="utf-8")
    (page.parent / "notes.toml").write_text("x = 1", encoding="utf-8")
    lines = terminal.run("read", str(page.parent), "--json").splitlines()
    assert sorted(json.loads(line)["id"] for line in lines) == ["gallium", "second"]


def test_a_page_that_cannot_be_read_does_not_stop_the_others(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = page.parent / "missing.txt"
    status = main(["read", str(missing), str(page), "--json"])
    printed = capsys.readouterr()
    assert status == 2
    assert "missing.txt" in printed.err
    assert [json.loads(line)["id"] for line in printed.out.splitlines()] == ["gallium"]


def test_strict_stops_at_the_first_fault(page: Path, terminal: Terminal) -> None:
    status, line = terminal.fail("read", str(page.parent / "missing.txt"), str(page), "--strict")
    assert status == 2
    assert "missing.txt" in line


def test_an_empty_folder_a_wrong_date_and_nothing_at_all_are_refused(
    tmp_path: Path, terminal: Terminal
) -> None:
    assert "holds no page" in terminal.fail("read", str(tmp_path))[1]
    assert "name pages" in terminal.fail("read")[1]
    (tmp_path / "a.txt").write_text(STORY, encoding="utf-8")
    words = ("read", str(tmp_path / "a.txt"), "--published", "soon", "--strict")
    assert "'soon'" in terminal.fail(*words)[1]


# -- records -------------------------------------------------------------------------------------


def test_records_give_one_line_each(tmp_path: Path, terminal: Terminal) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(f"{record()}\n\n{record(id='r2', url='https://courier.example/b')}\n")
    lines = [json.loads(line) for line in terminal.run("read", "--jsonl", str(path)).splitlines()]
    assert [line["id"] for line in lines] == ["r1", "r2"]
    assert lines[1]["page"]["url"] == "https://courier.example/b"
    assert [event["instrument"] for event in lines[0]["events"]] == ["export_ban"]


def test_a_minus_reads_standard_input(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(record()))
    assert json.loads(terminal.run("read", "--jsonl", "-"))["id"] == "r1"


BAD = ["{", "[]", '"text"', "{}", '{"id": 1, "text": "a"}', '{"id": "a"}', "[" * 100_000, "\x00"]


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_is_named(line: str, tmp_path: Path, terminal: Terminal) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    status, told = terminal.fail("read", "--jsonl", str(path))
    assert status == 2
    assert "line 2" in told


def test_bad_lines_can_be_passed_over_and_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(["{", record(), "[]", record(id="r2")]), encoding="utf-8")
    assert main(["read", "--jsonl", str(path), "--skip-bad"]) == 0
    printed = capsys.readouterr()
    assert [json.loads(line)["id"] for line in printed.out.splitlines()] == ["r1", "r2"]
    assert "2 bad lines" in printed.err
    assert "line 1" in printed.err


def test_half_a_character_is_no_harm(tmp_path: Path, terminal: Terminal) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"id": "r\\ud800", "text": "Tin \\udfff mine shut."}\n', encoding="utf-8")
    told = json.loads(terminal.run("read", "--jsonl", str(path)))
    assert told["id"] == "r?"


def test_a_line_without_end_is_refused_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "LONGEST_RECORD", 1000)
    path = tmp_path / "records.jsonl"
    path.write_text("x" * 5000 + "\n" + record() + "\n" + "y" * 3000, encoding="utf-8")
    with study.open_records(path) as lines:
        found = [isinstance(item, Reading) for item in study.read_records(lines)]
    assert found == [False, True, False]


def test_bytes_that_are_no_text_are_a_bad_line_not_a_crash(
    tmp_path: Path, terminal: Terminal
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\xff\xfe\x00{\n")
    assert "line 1" in terminal.fail("read", "--jsonl", str(path))[1]


def test_records_are_read_as_they_come() -> None:
    taken = []

    def lines() -> Iterator[str]:
        for number in range(100):
            taken.append(number)
            yield record(id=f"r{number}")

    found = study.read_records(lines())
    assert isinstance(next(found), Reading)
    assert taken == [0]


def test_in_python_a_bad_record_is_told_not_raised() -> None:
    (found,) = study.read_records(["{"], "a.jsonl")
    assert isinstance(found, Unread)
    assert isinstance(found.fault, InputError)
    assert found.place == "a.jsonl, line 1"
