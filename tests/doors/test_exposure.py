"""The book from the command line: answers, faults, files, and what is refused."""

import csv
import io
import random
from functools import cache
from pathlib import Path

import pytest
from tests.book_factory import row, write_book

from doors.shared_runs import RESIDUALS, Terminal, as_json
from monazite.cli import main
from monazite.study.book import BookOrder, BookRun, book_template, exposure

EXAMPLE = "examples/book.csv"
SCENARIO = "china-2025-licences"
GOODS = ("magnet-heavy", "magnet-standard", "Dy-oxide", "Y-oxide", "NdPr-oxide")


@cache
def answered() -> BookRun:
    return exposure(EXAMPLE, SCENARIO)


def test_the_command_line_prints_what_study_finds(terminal: Terminal) -> None:
    printed = terminal.json("exposure", EXAMPLE, "--scenario", SCENARIO)
    assert printed == as_json(answered().as_dict())
    assert max(printed["certificate"][name] for name in RESIDUALS) <= 1e-8
    assert printed["manifest"]["command"] == "exposure"
    assert set(printed["manifest"]["inputs"]) == {"network", "scenario", "parameters", "book"}
    assert printed["manifest"]["settings"]["book"] == "book.csv"
    assert printed["faults"] == []


KEYS = {
    "top": "scenario title chain months draws threshold book lines totals faults assumptions "
    "certificate manifest",
    "line": "row part commodity region country supplier need_t_per_year stock_t contract_share "
    "contract_months margin_kusd_per_t second_country second_share notes stop need_t missing_t "
    "price_cost_kusd replacement_cost_kusd extra_cost_kusd margin_lost_kusd months_without_price "
    "remedies months",
    "stop": "month early late months months_early months_late probability",
    "month": "month arriving_t bought_t drawn_t missing_t stock_t extra_cost_kusd has_price",
    "remedy": "remedy what assumption stop delay_months averts_stop missing_averted_t "
    "extra_cost_change_kusd margin_saved_kusd saved_kusd outlay_kusd",
    "total": "commodity lines need_t lines_stopped first_stop missing_t extra_cost_kusd "
    "margin_lost_kusd lines_without_margin",
}


def test_programs_find_what_they_found_before() -> None:
    """Names that programs rely on: a change of this list is a change of the interface."""
    found = as_json(answered().as_dict())
    line = found["lines"][0]
    parts = {
        "top": found, "line": line, "stop": line["stop"], "month": line["months"][0],
        "remedy": line["remedies"][0], "total": found["totals"]["firm"],
    }  # fmt: skip
    assert {name: list(part) for name, part in parts.items()} == {
        name: words.split() for name, words in KEYS.items()
    }
    assert set(found["totals"]["commodities"][0]) == set(found["totals"]["firm"])


def test_the_example_shows_a_stop_and_a_cost() -> None:
    magnet, yttria = answered().exposure.lines
    assert magnet.stop.months is None
    assert (magnet.extra_cost.median or 0) > 0
    assert yttria.stop.month.median is not None
    assert (yttria.margin_lost.median or 0) > 0 if yttria.margin_lost else False
    assert yttria.remedies[0].averts_stop


def test_months_add_up_to_the_line(terminal: Terminal) -> None:
    for line in as_json(answered().as_dict())["lines"]:
        months = line["months"]
        assert sum(month["missing_t"] for month in months) == pytest.approx(
            line["missing_t"]["median"]
        )
        assert sum(month["extra_cost_kusd"] for month in months) == pytest.approx(
            line["extra_cost_kusd"]["median"]
        )
        assert months[-1]["stock_t"] == pytest.approx(
            line["stock_t"] - sum(month["drawn_t"] for month in months)
        )


def test_tables_name_lines_totals_and_remedies(terminal: Terminal) -> None:
    shown = terminal.run("exposure", EXAMPLE, "--scenario", SCENARIO)
    for words in ("traction motor magnet", "never", "2026-", "Together", "What would have helped"):
        assert words in shown
    assert "Left out" not in shown


def test_draws_give_bands(terminal: Terminal) -> None:
    words = ("exposure", EXAMPLE, "--scenario", SCENARIO, "--draws", "6", "--months", "8")
    printed = terminal.json(*words)
    assert printed["draws"] == 6
    for line in printed["lines"]:
        band = line["extra_cost_kusd"]
        assert band["low"] < band["median"] < band["high"]
    shown = terminal.run(*words)
    assert "medians of 6 draws" in shown
    assert "80 % band" in shown


def test_notes_are_told_once_with_the_lines_they_concern(
    tmp_path: Path, terminal: Terminal
) -> None:
    lines = [row(part=f"part {number}", region="Poland") for number in range(7)]
    book = str(write_book(tmp_path / "book.csv", *lines))
    shown = terminal.run("exposure", book, "--scenario", SCENARIO, "--months", "2")
    assert "part 0, part 1, part 2, part 3, part 4 and 2 more: POL counts as REU" in shown
    assert shown.count("POL counts as") == 1
    assert "No line stops." in shown


def big_book(path: Path) -> Path:
    """Two hundred lines, three of them wrong."""
    pick = random.Random(1)
    rows = [
        row(
            part=f"part {number}",
            commodity=pick.choice(GOODS),
            quantity=f"{pick.uniform(0.1, 5):.2f}",
            stock=f"{pick.uniform(0, 90):.0f}",
            contract_share=f"{pick.uniform(0, 100):.0f}%",
            margin=f"{pick.uniform(10, 900):.0f}",
            region=pick.choice(("DEU", "JPN", "USA")),
        )
        for number in range(200)
    ]
    rows[17] |= {"quantity": "-3"}
    rows[90] |= {"country": "Chyna"}
    rows[150] |= {"contract_share": "140%"}
    return write_book(path, *rows)


def test_two_hundred_lines_with_three_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, out = big_book(tmp_path / "book.csv"), tmp_path / "answer.csv"
    words = ["exposure", str(book), "--scenario", SCENARIO, "--out", str(out)]
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Left out: 3" in printed.out
    for place in ("book.csv:19, quantity", "book.csv:92, country", "book.csv:152, contract_share"):
        assert place in printed.out
    run = exposure(book, SCENARIO)
    assert len(run.exposure.lines) == 197
    faults = as_json(run.as_dict())["faults"]
    assert [(fault["row"], fault["column"]) for fault in faults] == [
        (19, "quantity"), (92, "country"), (152, "contract_share")
    ]  # fmt: skip
    assert all(fault["way_out"] and fault["message"] for fault in faults)
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert [int(line["row"]) for line in rows] == list(range(2, 202))
    assert [int(line["row"]) for line in rows if line["left_out_because"]] == [19, 92, 152]
    assert out.read_text(encoding="utf-8") == run.as_csv()


def test_the_file_of_answers_agrees_with_the_data(tmp_path: Path, terminal: Terminal) -> None:
    out = tmp_path / "answer.csv"
    printed = terminal.json("exposure", EXAMPLE, "--scenario", SCENARIO, "--out", str(out))
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    for line, told in zip(printed["lines"], rows, strict=True):
        assert told["part"] == line["part"]
        assert told["stop_month"] == (line["stop"]["month"] or "")
        assert float(told["extra_cost_kusd"]) == line["extra_cost_kusd"]["median"]
        assert told["best_remedy"] == line["remedies"][0]["remedy"]


def test_the_template_is_a_book_that_runs(tmp_path: Path, terminal: Terminal) -> None:
    assert terminal.run("exposure", "--template") == book_template()
    mine = tmp_path / "mine.csv"
    assert "Started" in terminal.run("exposure", "--template", str(mine))
    assert mine.read_text(encoding="utf-8") == book_template()
    run = exposure(mine, SCENARIO, order=BookOrder(months=3))
    assert len(run.exposure.lines) == 2
    assert terminal.fail("exposure", "--template", str(mine))[0] == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no book"),
        ((EXAMPLE,), "no scenario"),
        (("none.csv", "--scenario", SCENARIO), "missing"),
        ((EXAMPLE, "--scenario", "china-2052"), "unknown scenario"),
        ((EXAMPLE, "--scenario", SCENARIO, "--out", "answer.html"), ".csv"),
        ((EXAMPLE, "--scenario", SCENARIO, "--out", f"docs/../{EXAMPLE}"), "the book itself"),
        ((EXAMPLE, "--scenario", SCENARIO, "--threshold", "5"), "not a share"),
        ((EXAMPLE, "--scenario", "gallium-licences"), "unknown scenario"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    words: tuple[str, ...], told: str, terminal: Terminal
) -> None:
    status, line = terminal.fail("exposure", *words)
    assert status == 2
    assert told in line


def test_help_says_that_the_book_stays_here(terminal: Terminal) -> None:
    shown = " ".join(terminal.run("exposure", "--help").split())
    assert "leaves it in no way" in shown
    assert "exit status is 2" in shown


def test_nothing_of_the_book_is_in_the_manifest(tmp_path: Path) -> None:
    book = write_book(tmp_path / "secret.csv", row(part="hush-hush", supplier="Nobody Ltd"))
    run = exposure(book, SCENARIO, order=BookOrder(months=2))
    text = run.manifest.as_text()
    assert "hush" not in text
    assert "Nobody" not in text


def test_the_same_book_gives_the_same_numbers(tmp_path: Path) -> None:
    order = BookOrder(months=6, draws=3, seed=2)
    one, two = (exposure(EXAMPLE, SCENARIO, order=order) for _ in range(2))
    assert one.manifest.result == two.manifest.result
    other = write_book(tmp_path / "book.csv", row())
    three = exposure(other, SCENARIO, order=order)
    assert three.manifest.result != one.manifest.result
    assert three.manifest.inputs["book"] != one.manifest.inputs["book"]
