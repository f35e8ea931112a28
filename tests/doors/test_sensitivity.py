"""Which parameter moves an outcome: the same answer at every door."""

from doors.shared_runs import Terminal, as_json
from monazite import study

WORDS = (
    "sensitivity", "ga-ge-2023", "--outcome", "price:Ga", "--points", "2", "--months", "9",
)  # fmt: skip


def test_the_command_gives_what_python_gives(terminal: Terminal) -> None:
    given = study.sensitivity("ga-ge-2023", ["price:Ga"], points=2, months=9, processes=2)
    assert terminal.json(*WORDS, "--engine", "processes:2") == as_json(given)
    assert given["draws"] == 2 * (len(given["indices"]) + 2)
    shown = terminal.run(*WORDS, "--workers", "2")
    assert "What moves price:Ga [multiple]" in shown
    assert given["indices"][0]["parameter"] in shown


def test_what_cannot_be_asked_is_one_line(terminal: Terminal) -> None:
    status, told = terminal.fail("sensitivity", "ga-ge-2023", "--outcome", "price")
    assert status == 2
    assert "price:COMMODITY" in told
