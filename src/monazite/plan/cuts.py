"""Cuts: all that solving has learned about the second stage, kept for the next run.

A cut is a plane below the weighted sum of a group's values, or a plane that must not be above
nought. It depends on the second stage alone, so that a run with other costs, rows or bounds of
the first stage (a tighter budget, a project less) may start from it.
"""

import os
import tempfile
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from monazite.errors import InputError
from monazite.newton import FloatArray, IndexArray
from monazite.plan.neutral import with_risk_columns
from monazite.plan.subproblem import Sweep
from monazite.plan.twostage import TwoStageProblem

BAR = -1
"""In place of a group: a plane that keeps decisions off what cannot be operated."""
BARRED = 1e-7
"""How far above nought such a plane counts as above."""


class Planes(NamedTuple):
    """Some cuts as arrays.

    ``group`` : (cut) what they are below, or ``BAR``. ``constant`` : (cut). ``gradient`` : (cut,
    column). ``derivative`` : (cut, mark) by how much the constant moves with each mark.
    """

    group: IndexArray
    constant: FloatArray
    gradient: FloatArray
    derivative: FloatArray

    def chosen(self, places: IndexArray) -> "Planes":
        """Return some of them.

        Parameters
        ----------
        places : array (chosen)
            Which ones.
        """
        return Planes(
            self.group[places],
            self.constant[places],
            self.gradient[places],
            self.derivative[places],
        )


class Cuts:
    """A growing pool of cuts and the best decision that they came with.

    ``digest`` : fingerprint of the second stage. ``groups`` : number of groups. ``point`` : best
    decision in the neutral form, if any. ``leaning``, ``mismatch`` : the worst of all sweeps.

    Parameters
    ----------
    problem : TwoStageProblem
        Whose second stage is meant.
    groups : int
        Into how many cuts the scenarios are added up.
    """

    def __init__(self, problem: TwoStageProblem, groups: int = 10) -> None:
        neutral = with_risk_columns(problem)
        self.digest = neutral.second_digest()
        self.groups = min(groups, neutral.scenarios)
        self.point: FloatArray | None = None
        self.leaning = self.mismatch = 0.0
        wide, marks = neutral.columns, len(neutral.marks)
        self._parts = [
            Planes(
                np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros((0, wide)), np.zeros((0, marks))
            )
        ]

    def __len__(self) -> int:
        return sum(len(part.group) for part in self._parts)

    @property
    def planes(self) -> Planes:
        """All cuts, in the order in which they came."""
        if len(self._parts) > 1:
            self._parts = [Planes(*map(np.concatenate, zip(*self._parts, strict=True)))]
        return self._parts[0]

    def add(self, sweep: Sweep) -> Planes:
        """Take in the cuts of a sweep and return them.

        Parameters
        ----------
        sweep : Sweep
            All scenarios at one decision.
        """
        complete = np.flatnonzero(sweep.complete)
        bars = len(sweep.barred_constant)
        new = Planes(
            np.concatenate([complete, np.full(bars, BAR)]),
            np.concatenate([sweep.constant[complete], sweep.barred_constant]),
            np.concatenate([sweep.gradient[complete], sweep.barred_gradient]),
            np.concatenate(
                [sweep.derivative[complete], np.zeros((bars, sweep.derivative.shape[1]))]
            ),
        )
        self._parts.append(new)
        self.leaning = max(self.leaning, sweep.leaning)
        self.mismatch = max(self.mismatch, sweep.mismatch)
        return new

    def heights(self, x: FloatArray) -> FloatArray:
        """Highest cut of each group at a decision (group), minus infinity where there is none.

        Parameters
        ----------
        x : array (column)
            A decision in the neutral form.
        """
        highest = np.full(self.groups, -np.inf)
        tops = self.tops(x)
        planes = self.planes.chosen(tops)
        highest[planes.group] = planes.constant + planes.gradient @ x
        return highest

    def tops(self, x: FloatArray) -> IndexArray:
        """Places of the highest cut of each group that has one.

        Parameters
        ----------
        x : array (column)
            A decision in the neutral form.
        """
        planes = self.planes
        heights = planes.constant + planes.gradient @ x
        # within each group the last of the sorted is the highest
        order = np.lexsort((heights, planes.group))
        is_last = np.append(planes.group[order][1:] != planes.group[order][:-1], True)
        last: IndexArray = order[is_last[: len(order)]]
        below: IndexArray = last[planes.group[last] != BAR]
        return below

    def bars(self, x: FloatArray) -> bool:
        """Whether it is known that some scenario cannot be operated after a decision.

        Parameters
        ----------
        x : array (column)
            A decision in the neutral form.
        """
        planes = self.planes
        barred = planes.group == BAR
        heights = planes.constant[barred] + planes.gradient[barred] @ x
        return bool((heights > BARRED).any())

    def check(self, problem: TwoStageProblem) -> None:
        """Raise unless the cuts belong to the second stage of a problem.

        Parameters
        ----------
        problem : TwoStageProblem
            With or without risk.

        Raises
        ------
        InputError
            If they belong to another.
        """
        if with_risk_columns(problem).second_digest() != self.digest:
            raise InputError(
                "these cuts belong to another second stage",
                way_out="start without them; costs, demand or draws have changed",
            )

    def moved(self, problem: TwoStageProblem, by: FloatArray) -> "Cuts":
        """Return the cuts for a second stage in which what is marked has moved.

        A cut is made of duals that stay feasible whatever the right-hand sides are, so that it
        only rises or sinks with them. Planes that bar decisions are left out: how those move is
        not kept.

        Parameters
        ----------
        problem : TwoStageProblem
            The other problem: the same but for marked right-hand sides.
        by : array (mark)
            By how much each of them has moved.
        """
        planes = self.planes.chosen(np.flatnonzero(self.planes.group != BAR))
        cuts = Cuts(problem, self.groups)
        cuts.point = self.point
        cuts.leaning, cuts.mismatch = self.leaning, self.mismatch
        cuts._parts = [planes._replace(constant=planes.constant + planes.derivative @ by)]
        return cuts

    def save(self, path: Path) -> None:
        """Write the cuts to a file, which is whole or not there at all.

        Parameters
        ----------
        path : Path
            An ``.npz`` file.
        """
        planes = self.planes
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(
                    stream,
                    digest=np.array(self.digest),
                    groups=np.array(self.groups),
                    point=np.zeros(0) if self.point is None else self.point,
                    worst=np.array([self.leaning, self.mismatch]),
                    **planes._asdict(),
                )
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path, problem: TwoStageProblem) -> Self:
        """Read cuts back.

        Parameters
        ----------
        path : Path
            File that ``save`` wrote.
        problem : TwoStageProblem
            Whose second stage they must belong to.

        Raises
        ------
        InputError
            If the file cannot be read, or holds cuts of another second stage.
        """
        cuts = cls(problem)
        try:
            with np.load(path, allow_pickle=False) as stored:
                digest, cuts.groups = str(stored["digest"]), int(stored["groups"])
                cuts.leaning, cuts.mismatch = (float(worst) for worst in stored["worst"])
                point = stored["point"]
                cuts._parts = [Planes(*(stored[name] for name in Planes._fields))]
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise InputError(
                "holds no cuts that can be read", where=str(path), way_out="start without it"
            ) from error
        cuts.digest, own = digest, cuts.digest
        if digest != own:
            raise InputError(
                "its cuts belong to another second stage",
                where=str(path),
                way_out="start without it; costs, demand or draws have changed",
            )
        cuts.point = point if len(point) else None
        return cuts
