"""What a decision costs in every scenario: the programmes of ``subproblem``, shared out.

Each process looks after the same scenarios all the time and keeps its solver and their bases.
Only the decision goes out, and only sums come back. On an engine of many machines a share of the
scenarios may come to another worker in every round; a worker keeps the bases of those it has seen.
"""

import signal
from collections.abc import Iterable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Self

import numpy as np

from monazite.engine import Engine, start_processes
from monazite.errors import InputError, MonaziteError
from monazite.newton import BoolArray, FloatArray, IndexArray
from monazite.plan.neutral import has_value_at_risk, padded_loss, with_risk_columns
from monazite.plan.subproblem import Evaluator, Share, Sweep
from monazite.plan.twostage import TwoStageProblem, tail_mean

SHARES = 16
"""Shares of the scenarios on an engine, at most: workers that may be busy at the same time."""
Worker = tuple[SpawnProcess, "Connection[Any, Any]"]


@dataclass(frozen=True, slots=True, eq=False)
class Operations:
    """How every scenario is operated after a decision, and what it costs.

    ``value`` : (scenario) cost ``q_s'y_s``. ``loss`` : (scenario) loss of the risk measure.
    ``activity`` : (scenario, column). ``row_dual`` : (scenario, row) value of one unit more on
    the right-hand side. ``first_cost`` : ``c'x``. ``expected_cost`` : mean of the draws.
    ``state_cost`` : weighted sum over states. ``risk_cost`` : weight times the risk measure.
    """

    value: FloatArray
    loss: FloatArray
    activity: FloatArray
    row_dual: FloatArray
    first_cost: float
    expected_cost: float
    state_cost: float
    risk_cost: float

    @property
    def objective(self) -> float:
        """Sum of the four lines."""
        return self.first_cost + self.expected_cost + self.state_cost + self.risk_cost


class Recourse:
    """All scenarios of a problem, shared out over processes; a context that ends them.

    ``neutral`` : the problem with risk as columns, which is what is solved. ``groups`` : number
    of cuts into which the scenarios are added up.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk; the rows, bounds and costs of its first stage do not matter.
    groups : int
        Into how many cuts the scenarios are added up, at most.
    processes : int or Engine
        1 works in this process; an engine shares the scenarios out over its workers.

    Raises
    ------
    InputError
        If groups or processes are not positive.
    """

    def __init__(
        self, problem: TwoStageProblem, *, groups: int = 10, processes: int | Engine = 1
    ) -> None:
        most = processes if isinstance(processes, int) else SHARES
        for name, count in (("groups", groups), ("processes", most)):
            if count < 1:
                raise InputError(f"{count} {name} asked for", way_out="ask for one or more")
        self.neutral = with_risk_columns(problem)
        self.groups = min(groups, problem.scenarios)
        self._loss = padded_loss(problem)
        workers = min(most, problem.scenarios)
        self._scenarios = [np.arange(first, problem.scenarios, workers) for first in range(workers)]
        shares = (self._share(scenarios) for scenarios in self._scenarios)
        self._own: Evaluator | None = None
        self._far: _Far | None = None
        self._workers: list[Worker] = []
        if not isinstance(processes, int):
            self._far = _Far(processes, shares)
        elif workers == 1:
            self._own = Evaluator(next(shares))
        else:
            self._workers = start_processes(_serve, workers)
            self._hand_out(shares)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the other processes at once."""
        for process, connection in self._workers:
            process.terminate()
            connection.close()
        for process, _ in self._workers:
            process.join()
        self._workers = []

    def sweep(self, x: FloatArray) -> Sweep:
        """Solve every scenario at a decision and add up the cuts.

        Parameters
        ----------
        x : array (column)
            The decision, in the neutral form.
        """
        if self._own is not None:
            return self._own.sweep(x)
        parts: list[Sweep] = self._ask("sweep", x)
        return Sweep(
            value=self._ordered([part.value for part in parts]),
            loss=self._ordered([part.loss for part in parts]),
            constant=np.sum([part.constant for part in parts], axis=0),
            gradient=np.sum([part.gradient for part in parts], axis=0),
            derivative=np.sum([part.derivative for part in parts], axis=0),
            complete=np.all([part.complete for part in parts], axis=0),
            barred_constant=np.concatenate([part.barred_constant for part in parts]),
            barred_gradient=np.concatenate([part.barred_gradient for part in parts]),
            leaning=max(part.leaning for part in parts),
            mismatch=max(part.mismatch for part in parts),
        )

    def operate(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return activities (scenario, column) and row duals (scenario, row).

        Parameters
        ----------
        x : array (column)
            The decision, in the neutral form.
        """
        if self._own is not None:
            return self._own.operate(x)
        parts: list[tuple[FloatArray, FloatArray]] = self._ask("operate", x)
        activity, dual = zip(*parts, strict=True)
        return self._ordered(activity), self._ordered(dual)

    def _ordered(self, parts: Sequence[FloatArray]) -> FloatArray:
        """Put what the processes found for their scenarios in the order of the scenarios."""
        whole = np.empty((self.neutral.scenarios, *parts[0].shape[1:]))
        for scenarios, part in zip(self._scenarios, parts, strict=True):
            whole[scenarios] = part
        return whole

    def _hand_out(self, shares: Iterable[Share]) -> None:
        """Give every process its scenarios."""
        try:
            for (_, connection), share in zip(self._workers, shares, strict=True):
                connection.send(share)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise _ended() from error
            raise

    def _ask(self, task: str, x: FloatArray) -> list[Any]:
        if self._far is not None:
            return self._far.ask(task, x)
        if not self._workers:
            raise MonaziteError("the processes of this problem have ended")
        try:
            for _, connection in self._workers:
                connection.send((task, x))
            answers = [connection.recv() for _, connection in self._workers]
        except BaseException as error:
            # whatever happened, answers that still come would be taken for those of a later task
            self.close()
            if isinstance(error, (EOFError, OSError)):
                raise _ended() from error
            raise
        for answer in answers:
            if isinstance(answer, MonaziteError):
                raise answer
        return answers

    def _share(self, scenarios: IndexArray) -> Share:
        problem = self.neutral
        number = {int(scenario): k for k, scenario in enumerate(scenarios)}
        marked = [
            (number[s], row, k, coefficient)
            for k, mark in enumerate(problem.marks)
            for s, row, coefficient in zip(
                mark.scenario.tolist(), mark.row.tolist(), mark.coefficient.tolist(), strict=True
            )
            if s in number
        ]
        marked.sort(key=lambda entry: entry[0])
        of, row, mark, coefficient = np.array(marked, dtype=float).reshape(len(marked), 4).T

        def chosen(table: FloatArray) -> FloatArray:
            return table if len(table) == 1 else table[scenarios]

        return Share(
            second=problem.second.changed(chosen),
            scenario=scenarios,
            weight=problem.weight[scenarios],
            group=group_of(problem.drawn, self.groups)[scenarios],
            loss=chosen(self._loss),
            mark_start=np.searchsorted(of, np.arange(len(scenarios) + 1)),
            mark_row=row.astype(np.intp),
            mark=mark.astype(np.intp),
            mark_coefficient=coefficient,
            groups=self.groups,
            marks=len(problem.marks),
        )


def group_of(drawn: BoolArray, groups: int) -> IndexArray:
    """Return the group of each scenario (scenario).

    A state has a group of its own where there is room: what it asks for would be blurred in a sum
    with others. Draws share out the rest in turn.

    Parameters
    ----------
    drawn : array (scenario)
        Which are draws.
    groups : int
        How many there are.
    """
    states = int((~drawn).sum())
    if states >= groups:
        return np.arange(len(drawn)) % groups
    group = np.empty(len(drawn), dtype=np.intp)
    group[drawn] = np.arange(int(drawn.sum())) % (groups - states)
    group[~drawn] = groups - states + np.arange(states)
    return group


def operate(
    problem: TwoStageProblem,
    x: FloatArray,
    *,
    value_at_risk: float | None = None,
    processes: int | Engine = 1,
    recourse: Recourse | None = None,
) -> Operations:
    """Operate every scenario after a decision.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk.
    x : array (column)
        The decision, in the problem's own columns.
    value_at_risk : float, optional
        Where the risk measure begins to count; wanted if the problem has one.
    processes : int or Engine
        1 works in this process.
    recourse : Recourse, optional
        Processes that look after the same second stage; they are left running.

    Raises
    ------
    InputError
        If some scenario cannot be operated, or the value at risk is missing.
    """
    if x.shape != (problem.columns,):
        raise InputError(f"the decision has shape {x.shape} instead of ({problem.columns},)")
    point = x
    if has_value_at_risk(problem):
        if value_at_risk is None:
            raise InputError(
                "a problem with risk is operated at a value at risk",
                way_out="give that of the solution",
            )
        point = np.append(x, value_at_risk)
    with nullcontext(recourse) if recourse else Recourse(problem, processes=processes) as workers:
        activity, dual = workers.operate(point)
    rows, columns = problem.second.matrix.shape
    return account(problem, x, activity[:, :columns], dual[:, :rows], value_at_risk)


def account(
    problem: TwoStageProblem,
    x: FloatArray,
    activity: FloatArray,
    row_dual: FloatArray,
    value_at_risk: float | None = None,
) -> Operations:
    """Add up what operations cost.

    Parameters
    ----------
    problem : TwoStageProblem
        With or without risk.
    x : array (column)
        The decision, in the problem's own columns.
    activity, row_dual : arrays (scenario, ...)
        How the scenarios are operated.
    value_at_risk : float, optional
        Where the risk measure begins to count; left out, where it is smallest.
    """
    value = (problem.second.cost * activity).sum(axis=1)
    loss, risk_cost, drawn = np.zeros(problem.scenarios), 0.0, problem.drawn
    weight, risk = problem.weight, problem.risk
    if risk is not None:
        loss = (risk.cost * activity).sum(axis=1)
        risk_cost = risk.weight * _measured(loss[drawn], weight[drawn], risk.level, value_at_risk)
    return Operations(
        value=value,
        loss=loss,
        activity=activity,
        row_dual=row_dual,
        first_cost=float(problem.first.cost @ x),
        expected_cost=float(weight[drawn] @ value[drawn]),
        state_cost=float(weight[~drawn] @ value[~drawn]),
        risk_cost=risk_cost,
    )


def _measured(
    loss: FloatArray, weight: FloatArray, level: float, value_at_risk: float | None
) -> float:
    if value_at_risk is None:
        return tail_mean(loss, weight, level)
    beyond = float(weight @ np.maximum(loss - value_at_risk, 0.0))
    return value_at_risk + beyond / (1 - level)


class _Shares:
    """All shares, and on a worker the evaluators of those that it has seen."""

    def __init__(self, shares: Sequence[Share]) -> None:
        self.shares = tuple(shares)
        self._evaluators: dict[int, Evaluator] = {}

    def __getstate__(self) -> tuple[Share, ...]:
        return self.shares

    def __setstate__(self, shares: tuple[Share, ...]) -> None:
        self.shares, self._evaluators = shares, {}

    def evaluator(self, place: int) -> Evaluator:
        if place not in self._evaluators:
            self._evaluators[place] = Evaluator(self.shares[place])
        return self._evaluators[place]


class _Far:
    """Shares of the scenarios on an engine."""

    def __init__(self, engine: Engine, shares: Iterable[Share]) -> None:
        self._engine, self._shares = engine, _Shares(tuple(shares))

    def ask(self, task: str, x: FloatArray) -> list[Any]:
        places = range(len(self._shares.shares))
        tasks = [(place, task, x) for place in places]
        found = dict(self._engine.run(_answer_share, self._shares, tasks))
        return [found[place] for place in places]


def _answer_share(shares: _Shares, asked: tuple[int, str, FloatArray]) -> object:
    place, task, x = asked
    evaluator = shares.evaluator(place)
    return evaluator.sweep(x) if task == "sweep" else evaluator.operate(x)


def _ended() -> MonaziteError:
    return MonaziteError(
        "a process that looks after scenarios has ended",
        way_out="see whether memory ran out, ask for fewer processes, or, in a script of your "
        "own, put its start under: if __name__ == '__main__'",
    )


def _serve(connection: "Connection[Any, Any]") -> None:
    """Take a share of the scenarios and answer tasks until nobody asks any more."""
    # on Ctrl-C the process that asks ends this one
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError):
        evaluator = Evaluator(connection.recv())
        while True:
            task, x = connection.recv()
            connection.send(_answer(evaluator, task, x))


def _answer(evaluator: Evaluator, task: str, x: FloatArray) -> object:
    """Do a task; a fault that has a name goes back as the answer."""
    try:
        return evaluator.sweep(x) if task == "sweep" else evaluator.operate(x)
    except MonaziteError as error:
        return error
