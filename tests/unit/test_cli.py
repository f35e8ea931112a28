"""The command line itself: help, version, usage errors, stops, what the terminal shows."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from monazite import study
from monazite.cli import main, terminal
from monazite.errors import (
    BalanceError,
    EquilibriumError,
    InputError,
    MonaziteError,
    ReproductionError,
    UnknownCodeError,
)

COMMANDS = (
    ("chain",), ("stress",), ("screen",), ("exposure",), ("risk",), ("brief",), ("backtest",),
    ("rerun",),
    ("scenario", "list"), ("scenario", "show"), ("scenario", "new"), ("scenario", "check"),
    ("data", "list"), ("data", "show"), ("data", "check"), ("data", "assumed"), ("data", "build"),
    ("atlas",),
)  # fmt: skip
EXAMPLES = ("docs/examples/licences.toml", "--chain", "docs/examples/two-regions")
Capture = pytest.CaptureFixture[str]


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_every_command_teaches(self, command: tuple[str, ...], capsys: Capture) -> None:
        assert main([*command, "--help"]) == 0
        shown = capsys.readouterr().out
        assert "For example:" in shown
        assert f"monazite {' '.join(command)}" in shown.partition("For example:")[2]
        assert "--json" in shown
        assert "Exit status: 0 done" in shown

    def test_the_first_page_says_where_to_begin(self, capsys: Capture) -> None:
        assert main(["--help"]) == 0
        shown = capsys.readouterr().out
        assert "monazite scenario list" in shown
        assert all(command[0] in shown for command in COMMANDS)

    @pytest.mark.parametrize("words", [[], ["scenario"], ["data"]], ids=" ".join)
    def test_no_command_shows_help(self, words: list[str], capsys: Capture) -> None:
        assert main(words) == 2
        printed = capsys.readouterr()
        assert "Usage: monazite" in printed.out
        assert printed.err == ""

    def test_every_exit_status_is_told(self, capsys: Capture) -> None:
        main(["--help"])
        shown = " ".join(capsys.readouterr().out.split())
        for error in (InputError, EquilibriumError, BalanceError, ReproductionError):
            assert f"; {error.exit_status} " in shown

    def test_version(self, capsys: Capture) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr().out == f"monazite {metadata.version('monazite')}\n"


class TestErrors:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["stress"], "missing argument 'SCENARIO' (see monazite stress --help)"),
            (["stress", "x", "--moths", "3"], "no such option: --moths"),
            (["stress", "x", "--months", "0"], "invalid value for '--months'"),
            (["stress", "x", "--months", "many"], "invalid value for '--months'"),
            (["stres", "x"], "no such command 'stres'"),
            (["scenario", "list", "x"], "(see monazite scenario list --help)"),
            (["stress", "x", "--seed", "-1"], "invalid value for '--seed'"),
        ],
        ids=lambda words: " ".join(words) if isinstance(words, list) else "",
    )
    def test_usage_errors_are_one_line(self, words: list[str], said: str, capsys: Capture) -> None:
        assert main(words) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("monazite: ")
        assert printed.err.count("\n") == 1
        assert said in printed.err

    @pytest.mark.parametrize(
        "fault",
        [
            UnknownCodeError("region", "CHM", ["CHN"]),
            EquilibriumError("no prices\nclear"),
            BalanceError("no base year"),
            ReproductionError("other numbers"),
            MonaziteError("anything else"),
        ],
        ids=lambda fault: fault.code,
    )
    def test_the_class_gives_the_exit_status(
        self, fault: MonaziteError, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        def fail() -> None:
            raise fault

        monkeypatch.setattr(study, "scenarios", fail)
        assert main(["scenario", "list"]) == fault.exit_status
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err == f"monazite: {' '.join(fault.line().split())}\n"

    def test_an_error_of_the_system_is_one_line_too(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        def fail() -> None:
            raise PermissionError(13, "Permission denied", "secret.csv")

        monkeypatch.setattr(study, "scenarios", fail)
        assert main(["scenario", "list"]) == 2
        assert capsys.readouterr().err == "monazite: secret.csv: Permission denied\n"

    def test_a_bug_is_not_hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(study, "scenarios", fail)
        with pytest.raises(ZeroDivisionError):
            main(["scenario", "list"])


class TestStops:
    def test_control_c_is_a_line_and_130(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture, tmp_path: Path
    ) -> None:
        def stop(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(study, "stress", stop)
        assert main(["brief", "myanmar-halt", "--out", str(tmp_path / "b.html")]) == 130
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == ("", "monazite: stopped\n")
        assert list(tmp_path.iterdir()) == []

    def test_a_reader_who_has_enough_is_no_error(self) -> None:
        """As in ``monazite data show prices | head -1``."""
        command = [sys.executable, "-m", "monazite.cli", "data", "show", "prices"]
        with subprocess.Popen(
            [*command, "--limit", "500"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""


class TestTerminal:
    def test_figures_for_people(self) -> None:
        shown = [terminal.amount(value) for value in (None, 0.0, 0.123, 9.96, 99.96, 1234.5)]
        assert shown == ["–", "0.00", "0.12", "10.0", "100", "1,234"]
        assert terminal.amount(-1e-17) == "0.00"
        assert terminal.percent(0.256) == "26%"
        assert terminal.percent(None) == "–"
        assert terminal.multiple(3.14159, 2) == "3.14"
        assert terminal.band(1.0, 2.5) == "1.0 – 2.5"
        assert terminal.band(None, 2.5) == "–"

    def test_a_heading_of_several_words_is_not_cut(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("COLUMNS", "20")
        columns = [terminal.code("first month"), terminal.number("80 % band")]
        terminal.table("Title", columns, [["2025-01 – never", "1 – 2"]])
        shown = capsys.readouterr().out
        for text in ("first month", "80 % band", "2025-01 – never", "1 – 2"):
            assert text in shown

    def test_a_table_never_loses_letters(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("COLUMNS", "30")
        name, sentence = "a-name-of-thirty-five-letters-or-so", "some words that go on and on"
        columns = [terminal.code("name"), terminal.words("words"), terminal.number("n")]
        terminal.table("Title", columns, [[name, sentence, "1,234,567"]])
        shown = capsys.readouterr().out
        assert name in shown
        assert "1,234,567" in shown
        assert all(word in shown for word in sentence.split())
        assert "…" not in shown

    def test_markup_in_data_is_text(self, capsys: Capture) -> None:
        terminal.table("[a] title", [terminal.words("w")], [["[bold]x[/bold]"]], caption="[b]")
        terminal.card("[c]", "[d] e")
        shown = capsys.readouterr().out
        for text in ("[a] title", "[bold]x[/bold]", "[b]", "[c]", "[d] e"):
            assert text in shown

    def test_progress_is_silent_where_nobody_looks(self, capsys: Capture) -> None:
        with terminal.progress("Working") as tell:
            tell(1, 2)
        printed = capsys.readouterr()
        assert (printed.out, printed.err) == ("", "")

    def test_what_is_no_number_is_no_json(self) -> None:
        with pytest.raises(ValueError, match="JSON"):
            terminal.print_json({"price": float("nan")})

    @pytest.mark.parametrize(
        "words",
        [
            ("chain", "--processes", "--adjustments"),
            ("stress", *EXAMPLES),
            ("stress", *EXAMPLES, "--draws", "2"),
            ("scenario", "list"),
            ("scenario", "check", "china-2010-quota"),
            ("data", "assumed"),
            ("data", "show", "chains/rare-earths-2024/reconciliation"),
        ],
        ids=lambda words: " ".join(word for word in words if "/" not in word),
    )
    @pytest.mark.parametrize("width", [80, 132])
    def test_screens_fit_their_width(
        self, words: tuple[str, ...], width: int, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(width))
        assert main(words) == 0
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= width
        assert "…" not in shown
