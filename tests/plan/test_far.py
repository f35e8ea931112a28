"""Scenarios of a plan on an engine: the same costs and cuts, wherever they are operated."""

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monazite.engine import DaskCluster, Local, Processes
from monazite.errors import InputError
from monazite.plan.decompose import solve
from monazite.plan.evaluate import Recourse
from monazite.plan.extensive import solve_extensive
from monazite.study.plans import plan_workers
from running_cluster import RunningCluster
from two_stage_factory import farmer, plants


class TestWhoOperates:
    @pytest.mark.parametrize(
        ("engine", "processes", "expected"),
        [(None, 1, 1), (None, 3, 3), ("local", 1, 1), ("processes:2", 1, 2)],
    )
    def test_this_machine_keeps_its_own_processes(
        self, engine: str | None, processes: int, expected: int
    ) -> None:
        assert plan_workers(engine, processes) == expected

    def test_an_address_is_a_cluster(self) -> None:
        assert isinstance(plan_workers("tcp://127.0.0.1:8786", 1), DaskCluster)

    def test_both_or_an_unknown_one_are_refused(self) -> None:
        with pytest.raises(InputError, match="both 2 processes and the engine"):
            plan_workers("local", 2)
        with pytest.raises(InputError, match="no engine"):
            plan_workers("cloud", 1)


class TestOnAnEngine:
    @pytest.mark.parametrize("engine", [Local(), Processes(2)], ids=["local", "two"])
    def test_a_sweep_is_that_of_one_process(self, engine: Local | Processes) -> None:
        problem = plants(5, scenarios=20)
        x = np.array([1.0, 2.0, 3.0])
        with Recourse(problem) as near, Recourse(problem, processes=engine) as far:
            one, other = near.sweep(x), far.sweep(x)
            np.testing.assert_allclose(other.value, one.value, rtol=1e-9)
            for mine, theirs in zip(near.operate(x), far.operate(x), strict=True):
                assert mine.shape == theirs.shape

    def test_a_search_ends_at_the_least_cost(self) -> None:
        problem = plants(6, scenarios=5)
        found = solve(problem, gap=0.0, processes=Local())
        assert found.objective == pytest.approx(solve_extensive(problem).objective, rel=1e-8)

    def test_a_fault_over_there_is_told_here(self) -> None:
        problem = farmer()
        second = replace(problem.second, cost=problem.second.cost - 300)
        with pytest.raises(InputError, match="without limit"):
            solve(replace(problem, second=second), processes=Processes(2))

    def test_a_cluster_that_loses_a_worker_finds_the_same_plan(self, tmp_path: Path) -> None:
        pytest.importorskip("distributed")
        running = RunningCluster(tmp_path)
        try:
            problem = plants(7, scenarios=6)
            told = []

            def lose(step: object) -> None:
                if not told:
                    running.workers[0].send_signal(signal.SIGKILL)
                told.append(step)

            found = solve(problem, gap=0.0, processes=DaskCluster(running.address), progress=lose)
        finally:
            running.end()
        assert told
        assert found.objective == pytest.approx(solve_extensive(problem).objective, rel=1e-8)
