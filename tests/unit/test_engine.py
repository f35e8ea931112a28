"""One job, any engine: the results of a loop, whoever dies on the way."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import engine_tasks
from monazite import ensemble
from monazite.engine import DaskCluster, Engine, Local, Processes, Versions, named, of_processes
from monazite.errors import EngineError, InputError, UnknownCodeError
from running_cluster import RunningCluster
from two_regions import cut, two_regions

TASKS = list(range(7))
TESTS = Path(engine_tasks.__file__).parent


class TestNamed:
    def test_local_is_this_process(self) -> None:
        assert isinstance(named("local"), Local)

    def test_processes_are_as_many_as_asked_for(self) -> None:
        found = named("processes:3")
        assert isinstance(found, Processes)
        assert found.count == 3

    def test_processes_are_as_many_as_cores(self) -> None:
        found = named("processes")
        assert isinstance(found, Processes)
        assert found.count >= 1

    @pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tls://head:8786"])
    def test_an_address_is_a_cluster(self, address: str) -> None:
        found = named(address)
        assert isinstance(found, DaskCluster)
        assert found.address == address

    @pytest.mark.parametrize("name", ["", "proceses", "processes:0", "tcp://", "local:2"])
    def test_others_are_refused(self, name: str) -> None:
        with pytest.raises(InputError, match="no engine"):
            named(name)

    def test_ray_is_refused_with_a_way_out(self) -> None:
        with pytest.raises(InputError, match="through Dask"):
            named("ray://head:10001")

    def test_one_process_is_this_one(self) -> None:
        assert isinstance(of_processes(1), Local)
        with pytest.raises(InputError, match="0 processes"):
            of_processes(0)


@pytest.mark.parametrize(
    "engine", [Local(), Processes(2), Processes(20)], ids=["local", "two", "twenty"]
)
class TestEveryEngine:
    def test_results_are_those_of_a_loop(self, engine: Engine) -> None:
        found = dict(engine.run(engine_tasks.add, 10, TASKS))
        assert found == {place: 10 + task for place, task in enumerate(TASKS)}

    def test_nothing_to_do_is_nothing(self, engine: Engine) -> None:
        assert list(engine.run(engine_tasks.add, 10, [])) == []

    def test_errors_arrive_as_they_are(self, engine: Engine) -> None:
        with pytest.raises(UnknownCodeError, match="row 7: unknown region 'X5'") as caught:
            list(engine.run(engine_tasks.refuse, None, [5]))
        assert caught.value.where == "row 7"

    def test_faults_of_the_program_arrive(self, engine: Engine) -> None:
        with pytest.raises(ZeroDivisionError):
            list(engine.run(engine_tasks.divide, None, [1, 0, 2]))


class TestProcesses:
    def test_a_worker_that_dies_is_replaced(self, tmp_path: Path) -> None:
        mark = tmp_path / "died"
        found = dict(Processes(2).run(engine_tasks.die_once, str(mark), TASKS))
        assert mark.exists()
        assert found == dict(enumerate(TASKS))

    def test_a_task_that_kills_twice_is_named(self) -> None:
        with pytest.raises(EngineError, match=r"2 processes ended in task 3 of 7 \(status -9\)"):
            list(Processes(2).run(engine_tasks.die, None, TASKS))

    def test_processes_that_die_at_start_do_not_hang_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """More data than a pipe holds, and nobody who reads them."""
        monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/bin/false")
        began = time.monotonic()
        with pytest.raises(EngineError, match="before their first task"):
            list(Processes(2).run(engine_tasks.size, bytes(5_000_000), TASKS))
        assert time.monotonic() - began < 20

    def test_shared_data_of_any_size_arrive(self) -> None:
        found = dict(Processes(2).run(engine_tasks.size, bytes(5_000_000), [1, 2, 3]))
        assert found == {0: 5_000_001, 1: 5_000_002, 2: 5_000_003}

    def test_whoever_has_enough_ends_the_workers(self) -> None:
        results = Processes(2).run(engine_tasks.slow, 0.01, TASKS)
        _, (_, process) = next(results)
        results.close()
        assert not _is_alive(process)

    def test_ctrl_c_ends_at_once_and_quietly(self) -> None:
        command = [sys.executable, str(TESTS / "engine_tasks.py")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, start_new_session=True, text=True
        ) as running:
            time.sleep(3)
            os.killpg(running.pid, signal.SIGINT)
            began = time.monotonic()
            _, told = running.communicate(timeout=20)
        assert time.monotonic() - began < 5
        assert told.count("Traceback") == 1, told
        while _is_alive(-running.pid) and time.monotonic() - began < 10:
            time.sleep(0.1)
        assert not _is_alive(-running.pid)


def _is_alive(process: int) -> bool:
    """Whether a process, or a group of a negative number, is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class TestVersions:
    OURS = Versions((("monazite", "1.0"), ("numpy", "2.1")), "abc")

    def test_the_same_differ_in_nothing(self) -> None:
        assert self.OURS.difference(Versions(self.OURS.libraries, "abc")) == ""

    def test_a_library_is_named(self) -> None:
        other = Versions((("monazite", "1.0"), ("numpy", "2.0")), "abc")
        assert self.OURS.difference(other) == "numpy 2.0 instead of 2.1"

    def test_other_code_under_the_same_version_is_seen(self) -> None:
        assert "other code" in self.OURS.difference(Versions(self.OURS.libraries, "abd"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[RunningCluster]:
    pytest.importorskip("distributed")
    running = RunningCluster(tmp_path)
    yield running
    running.end()


class TestCluster:
    def test_a_machine_lost_in_the_middle_loses_nothing(self, cluster: RunningCluster) -> None:
        results = DaskCluster(cluster.address).run(engine_tasks.slow, 0.2, list(range(20)))
        found = dict([next(results) for _ in range(4)])
        cluster.workers[0].send_signal(signal.SIGKILL)
        found |= dict(results)
        assert {place: square for place, (square, _) in found.items()} == {
            task: task * task for task in range(20)
        }
        assert {process for _, process in found.values()} == {w.pid for w in cluster.workers}

    def test_draws_are_those_of_this_process(
        self, cluster: RunningCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ensemble, "CHUNK", 1)
        lowered, draws = cut(two_regions(), 0.6, months=6), ensemble.sample(4)
        there = ensemble.run(lowered, draws, engine=DaskCluster(cluster.address))
        here = ensemble.run(lowered, draws)
        for name in ensemble.DRAWN:
            np.testing.assert_array_equal(getattr(there, name), getattr(here, name))

    def test_errors_arrive_as_they_are(self, cluster: RunningCluster) -> None:
        with pytest.raises(UnknownCodeError, match="row 7: unknown region 'X5'"):
            list(DaskCluster(cluster.address).run(engine_tasks.refuse, None, [5]))

    def test_workers_of_other_versions_are_refused(
        self, cluster: RunningCluster, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = Versions((("monazite", "99.0"),), "")
        monkeypatch.setattr("monazite.engine.versions", lambda: other)
        with pytest.raises(EngineError, match=r"monazite 0\.\S+ instead of 99\.0"):
            list(DaskCluster(cluster.address).run(engine_tasks.add, 1, [1]))

    def test_a_missing_extra_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(name: str) -> None:
            raise ImportError(name)

        monkeypatch.setattr("monazite.engine.import_module", missing)
        with pytest.raises(EngineError, match=r"install monazite\[cluster\]"):
            list(DaskCluster("tcp://127.0.0.1:9").run(engine_tasks.add, 1, [1]))

    def test_nobody_at_the_address_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("distributed")
        monkeypatch.setattr("monazite.engine.PATIENCE", "1s")
        with pytest.raises(EngineError, match="no Dask scheduler answers"):
            list(DaskCluster("tcp://127.0.0.1:9").run(engine_tasks.add, 1, [1]))
