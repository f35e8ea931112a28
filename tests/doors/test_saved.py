"""Draws kept in a folder: nothing lost, nothing done twice, whatever stops the program."""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from doors.shared_runs import Terminal, as_json
from monazite import ensemble, runbands, study
from monazite.engine import Versions
from monazite.study import SavedStress

DRAWS, CHUNK = 8, 2
OPTIONS: dict[str, Any] = {"months": 10, "draws": DRAWS, "seed": 7}
SCENARIO = "ga-ge-2023"
WORDS = ("stress", SCENARIO, "--months", "10", "--draws", str(DRAWS), "--seed", "7")
PROGRAM = (
    "import sys, monazite.ensemble as e\n"
    f"e.CHUNK = {CHUNK}\n"
    "from monazite.cli import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)
"""The command line, with small chunks."""


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "CHUNK", CHUNK)


@pytest.fixture(scope="module")
def in_memory() -> study.Stress:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "CHUNK", CHUNK)
        return study.stress(SCENARIO, **OPTIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "CHUNK", CHUNK)
        target = tmp_path_factory.mktemp("runs") / "gallium"
        study.stress_into(target, SCENARIO, **OPTIONS)
        return target


def again(folder: Path, **changes: Any) -> SavedStress:
    return study.stress_into(folder, SCENARIO, **{**OPTIONS, **changes})


def close(one: object, other: object) -> bool:
    """Whether two contents agree to the seven digits that a folder keeps."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(close(a, b) for a, b in pairs)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return one == other


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with the time of its last change and its content."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class TestWhatIsKept:
    def test_bands_are_those_of_the_same_draws_in_memory(
        self, folder: Path, in_memory: study.Stress
    ) -> None:
        kept, whole = as_json(again(folder).as_dict()), as_json(in_memory.as_dict())
        assert kept["manifest"].pop("command") == "stress --save"
        assert kept["manifest"].pop("result") != whole["manifest"].pop("result")
        whole["manifest"].pop("command")
        for part, content in whole.items():
            assert close(kept[part], content), part

    def test_the_screen_is_the_same(self, folder: Path, in_memory: study.Stress) -> None:
        assert close(study.summarise(again(folder)), study.summarise(in_memory))

    def test_a_small_memory_gives_the_same(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = again(folder).as_dict()
        monkeypatch.setattr(runbands, "MEMORY", 16.0 * 4 * DRAWS * 17)
        assert again(folder).as_dict() == whole

    def test_every_draw_and_month_is_there_once(
        self, folder: Path, in_memory: study.Stress
    ) -> None:
        rows = duckdb.sql(
            "SELECT draw, month, commodity, region, usd_per_kg "
            f"FROM '{folder}/part-*/prices.parquet'"
        ).fetchall()
        run = in_memory.trajectory
        assert len(rows) == len({row[:4] for row in rows}) == run.price.size
        for draw, month, commodity, region, price in rows[:: len(rows) // 50]:
            place = run.months.index(month), run.market_index[commodity, region]
            assert price == pytest.approx(run.price[(draw, *place)], rel=1e-6)

    def test_parameters_of_every_draw_are_there(
        self, folder: Path, in_memory: study.Stress
    ) -> None:
        rows = duckdb.sql(
            f"SELECT draw, holder_release FROM '{folder}/part-*/parameters.parquet' ORDER BY draw"
        ).fetchall()
        expected = in_memory.trajectory.parameters.values["holder_release"]
        assert rows == list(enumerate(expected.tolist()))

    def test_what_is_used_adds_up(self, folder: Path) -> None:
        least = duckdb.sql(
            "SELECT min(demand_t - economised_t - stopped_t), min(stock_t) "
            f"FROM '{folder}/part-*/uses.parquet'"
        ).fetchall()
        assert min(least[0]) > -1e-3


class TestGoingOn:
    def test_a_finished_run_is_only_read(self, folder: Path) -> None:
        before = files(folder)
        assert again(folder).done_before == DRAWS
        assert files(folder) == before

    def test_another_threshold_is_no_other_run(self, folder: Path) -> None:
        assert again(folder, threshold=0.2).outlook.threshold == 0.2

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"seed": 8}, "settings seed 7 there, 8 here"),
            ({"months": 4}, "settings months 10 there, 4 here"),
            ({"draws": 6}, "settings draws 8 there, 6 here"),
            ({"holder_release": 0.5}, "settings parameters holder_release missing there, 0.5 here"),
        ],
    )
    def test_another_run_is_refused_with_the_difference(
        self, folder: Path, change: dict[str, Any], named: str
    ) -> None:
        with pytest.raises(study.InputError, match=f"another run: .*{named}"):
            again(folder, **change)

    def test_other_code_is_another_run(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("monazite.study.saved.versions", lambda: Versions((), "f" * 64))
        with pytest.raises(study.InputError, match=r"another run: code \w+… there, f+… here"):
            again(folder)

    def test_a_folder_of_other_things_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("dear")
        with pytest.raises(study.InputError, match="holds other things"):
            again(tmp_path)

    def test_one_draw_needs_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(study.InputError, match="many draws"):
            again(tmp_path / "new", draws=1)
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("file", ["uses.parquet", "part.json"])
    def test_a_torn_part_is_made_again(self, folder: Path, file: str) -> None:
        before, whole = files(folder), again(folder).as_dict()
        torn = folder / "part-00001" / file
        torn.write_bytes(torn.read_bytes()[:-7])
        result = again(folder)
        assert result.done_before == DRAWS - CHUNK
        assert result.as_dict() == whole
        assert {name: content for name, (_, content) in files(folder).items()} == {
            name: content for name, (_, content) in before.items()
        }

    def test_a_part_of_another_run_is_made_again(self, folder: Path, tmp_path: Path) -> None:
        whole = again(folder).as_dict()
        study.stress_into(tmp_path / "other", SCENARIO, **{**OPTIONS, "seed": 9})
        for stranger in (tmp_path / "other" / "part-00002").iterdir():
            (folder / "part-00002" / stranger.name).write_bytes(stranger.read_bytes())
        result = again(folder)
        assert result.done_before == DRAWS - CHUNK
        assert result.as_dict() == whole


def program(*words: str, **options: Any) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


class TestFaults:
    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_kill_in_the_middle_loses_nothing(
        self, tmp_path: Path, folder: Path, workers: str
    ) -> None:
        words = (*WORDS, "--workers", workers, "--save", str(tmp_path / "run"), "--json")
        with program(*words) as running:
            while not list((tmp_path / "run").glob("part-*")):
                assert running.poll() is None
                time.sleep(0.02)
            running.send_signal(signal.SIGKILL)
        kept = files(tmp_path / "run")
        assert 0 < len(list((tmp_path / "run").glob("part-*/part.json"))) < DRAWS // CHUNK
        with program(*words) as going_on:
            shown, told = going_on.communicate()
        assert (going_on.returncode, told) == (0, "")
        after = files(tmp_path / "run")
        assert {name: after[name] for name in kept if name.startswith("part-")} == {
            name: kept[name] for name in kept if name.startswith("part-")
        }
        result, reference = json.loads(shown), as_json(again(folder).as_dict())
        assert result["prices"] == reference["prices"]
        assert result["shortages"] == reference["shortages"]
        assert not list((tmp_path / "run").glob(".draft*"))

    def test_a_full_disk_is_one_line_and_keeps_what_is_done(
        self, tmp_path: Path, folder: Path
    ) -> None:
        """No file may grow beyond less than a part needs, after the first one was written."""
        words = (*WORDS, "--save", str(tmp_path / "run"))
        with program(*words) as running:
            while not list((tmp_path / "run").glob("part-*")):
                time.sleep(0.02)
            running.send_signal(signal.SIGKILL)
        done = CHUNK * len(list((tmp_path / "run").glob("part-*")))

        def narrow() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

        with program(*words, preexec_fn=narrow) as full:
            shown, told = full.communicate()
        assert (full.returncode, shown, told.count("\n")) == (2, "", 1), told
        assert f"cannot write: File too large; {done} of {DRAWS} draws are kept" in told
        assert "make room and repeat the command" in told
        assert not list((tmp_path / "run").glob(".draft*"))
        result = again(tmp_path / "run")
        assert result.done_before == done
        assert result.as_dict()["prices"] == again(folder).as_dict()["prices"]


def test_the_command_says_where_draws_are(folder: Path, terminal: Terminal) -> None:
    shown = terminal.run(*WORDS, "--save", str(folder))
    assert f"{DRAWS} draws are in {folder}, {DRAWS} of them made before." in shown
    assert "medians of 8 draws" in shown


def test_the_command_refuses_another_run(folder: Path, terminal: Terminal) -> None:
    status, told = terminal.fail(*WORDS[:-1], "8", "--save", str(folder))
    assert status == 2
    assert "the folder holds another run" in told


def test_engines_give_the_same_files(folder: Path, tmp_path: Path) -> None:
    again(tmp_path / "run", engine="processes:2")
    there = {name: content for name, (_, content) in files(folder).items()}
    assert {name: content for name, (_, content) in files(tmp_path / "run").items()} == there


def test_engine_and_processes_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(study.InputError, match="both 2 processes and the engine 'local'"):
        again(tmp_path / "run", engine="local", processes=2)


def test_sobol_points_are_another_run(folder: Path) -> None:
    with pytest.raises(study.InputError, match="another run"):
        again(folder, sampling="sobol")
    with pytest.raises(study.InputError, match="sampling"):
        again(folder, sampling="random")
