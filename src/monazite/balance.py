"""From raw tables to a balanced base year; every adjustment is reported.

Sources disagree, and what they give does not add up. The balanced year is the one nearest to
them in relative entropy, each figure weighted by its grade (Schneider & Zenios 1990,
Operations Research 38; Golan, Judge & Miller 1996, Maximum Entropy Econometrics):

    minimise    sum_i (1 / sd_i^2) [x_i ln(x_i / prior_i) - x_i + prior_i]
    subject to  supply = demand in every market, and the hard totals

Its dual is a sum of exponentials, ``x_i = prior_i exp(sd_i^2 a_i' multipliers)``, which the
same Newton method minimises that clears the market.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from monazite.errors import BalanceError
from monazite.network import Process, Provenance, Route, SupplyNetwork, Use
from monazite.network.totals import Total, TotalKind, read_totals
from monazite.newton import Evaluation, FloatArray, IndexArray, Pattern, Problem, Settings, stack

DEVIATION = {"A": 0.03, "B": 0.08, "C": 0.20, "D": 0.30, "E": 0.60}
"""Relative standard deviation of a figure by its grade (assumed)."""
LATENT_SHARE = 0.002
"""Flow of a route without a figure, over the smaller of origin's supply and destination's use."""
USUAL_UTILISATION = 0.85
"""Activity over capacity where a process gives no activity (assumed)."""
FULLEST = 0.97
"""Largest utilisation: capacities below a balanced activity are raised to it, and reported."""
SETTINGS = Settings(tolerance=1e-13, steps=400)
GOOD_ENOUGH = 1e-9
"""Largest imbalance of a market over its throughput that counts as balanced."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What the balance did to one figure [t/year].

    ``strain`` : change of the logarithm over the standard deviation of the grade.
    """

    kind: str
    item: str
    prior: float
    balanced: float
    deviation: float
    strain: float
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class BalanceReport:
    """Every adjustment, the most strained first, and how well the markets close.

    ``imbalance`` : largest excess supply of a market over its throughput.
    ``totals`` : (name, wanted, reached) of each hard total [t/year].
    """

    adjustments: tuple[Adjustment, ...]
    imbalance: float
    steps: int
    totals: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Balanced:
    """A balanced network and how it came about."""

    network: SupplyNetwork
    report: BalanceReport


@dataclass(frozen=True, slots=True, eq=False)
class _Exponentials:
    """``phi(z) = prior / variance * exp(variance * z)``."""

    columns: sparse.csc_array
    prior: FloatArray
    variance: FloatArray

    def evaluate(self, seen: FloatArray, draws: IndexArray | slice) -> Evaluation:
        """Answer the combinations of multipliers."""
        del draws
        with np.errstate(over="ignore"):
            answer = self.prior * np.exp(self.variance * seen)
            value = np.asarray((answer / self.variance).sum(axis=1))
        return Evaluation(value, answer, self.variance * answer)


@dataclass(frozen=True, slots=True, eq=False)
class _HardTotals:
    """``phi(z) = -total * z``: the sums that must be met."""

    columns: sparse.csc_array
    total: FloatArray

    def evaluate(self, seen: FloatArray, draws: IndexArray | slice) -> Evaluation:
        """Answer with the totals."""
        del draws
        answer = np.broadcast_to(-self.total, seen.shape)
        return Evaluation(np.asarray((answer * seen).sum(axis=1)), answer, np.zeros_like(seen))


def balance(raw: SupplyNetwork | str | Path, totals: Sequence[Total] | None = None) -> Balanced:
    """Balance a raw network.

    Parameters
    ----------
    raw : SupplyNetwork or path
        Activities, flows and demands as the sources give them; blanks are latent flows or
        usual utilisations.
    totals : sequence of Total, optional
        Sums that must be met exactly; those of the folder by default.

    Returns
    -------
    Balanced
        Every market's supply equals its demand to 1e-9 of its throughput.

    Raises
    ------
    BalanceError
        If a market has supply but no use (or the reverse), or no year meets all totals.
    """
    if isinstance(raw, str | Path):
        totals = read_totals(raw) if totals is None else totals
        raw = SupplyNetwork.from_folder(raw)
    return _Balance(raw, tuple(totals or ())).solve()


class _Balance:
    """The figures of a raw network, side by side: processes, routes, uses."""

    def __init__(self, raw: SupplyNetwork, totals: tuple[Total, ...]) -> None:
        self.raw, self.totals = raw, totals
        self.index = {market: i for i, market in enumerate(raw.markets())}
        self.rows: tuple[Process | Route | Use, ...] = (*raw.processes, *raw.routes, *raw.uses)
        self.prior = self._priors()
        grades = [DEVIATION[row.provenance.grade] for row in self.rows]
        self.deviation = np.where(self.prior > 0, np.array(grades), 1.0)
        self.columns = self._columns()

    # -- the figures --------------------------------------------------------------------

    def _priors(self) -> FloatArray:
        made = [_activity(process) for process in self.raw.processes]
        used = [use.demand for use in self.raw.uses]
        moved = np.array([np.nan if r.flow is None else r.flow for r in self.raw.routes])
        latent = self._latent(np.array(made), np.array(used), moved)
        return np.concatenate([made, np.where(np.isnan(moved), latent, moved), used])

    def _latent(self, made: FloatArray, used: FloatArray, moved: FloatArray) -> FloatArray:
        """A small flow for each route that nobody gives a figure for."""
        supply, need = np.zeros(len(self.index)), np.zeros(len(self.index))
        for process, activity in zip(self.raw.processes, made, strict=True):
            for commodity, amount in process.recipe.items():
                side = supply if amount > 0 else need
                side[self.index[commodity, process.region]] += abs(amount) * activity
        for use, demand in zip(self.raw.uses, used, strict=True):
            need[self.index[use.commodity, use.region]] += demand
        for route, flow in zip(self.raw.routes, np.nan_to_num(moved), strict=True):
            need[self.index[route.commodity, route.origin]] += flow
            supply[self.index[route.commodity, route.destination]] += flow
        return np.array(
            [
                LATENT_SHARE
                * min(
                    supply[self.index[route.commodity, route.origin]],
                    need[self.index[route.commodity, route.destination]],
                )
                for route in self.raw.routes
            ]
        )

    def _columns(self) -> sparse.csc_array:
        entries: list[tuple[int, int, float]] = []
        for k, row in enumerate(self.rows):
            entries.extend((place, k, amount) for place, amount in self._places(row))
        for number, total in enumerate(self.totals):
            entries.extend(
                (len(self.index) + number, k, amount)
                for k, amount in self._counted(total)
            )
        row, column, amount = (np.array(part) for part in zip(*entries, strict=True))
        shape = (len(self.index) + len(self.totals), len(self.rows))
        return sparse.csc_array((amount, (row, column)), shape=shape)

    def _places(self, row: Process | Route | Use) -> list[tuple[int, float]]:
        if isinstance(row, Process):
            return [(self.index[c, row.region], amount) for c, amount in row.recipe.items()]
        if isinstance(row, Route):
            origin = self.index[row.commodity, row.origin]
            return [(origin, -1.0), (self.index[row.commodity, row.destination], 1.0)]
        return [(self.index[row.commodity, row.region], -1.0)]

    def _counted(self, total: Total) -> list[tuple[int, float]]:
        """Which figures a total adds up, and how much of each."""
        goods = set(total.commodity.split(";"))
        anything = "*" in goods
        found: list[tuple[int, float]] = []
        for k, row in enumerate(self.rows):
            if isinstance(row, Route) and total.kind is not TotalKind.PRODUCTION:
                inside = anything or row.commodity in goods
                if inside and _matches(row.origin, total.origin) and _matches(
                    row.destination, total.destination
                ):
                    found.append((k, 1.0))
            elif isinstance(row, Process) and total.kind is TotalKind.PRODUCTION:
                made = sum(a for c, a in row.recipe.items() if a > 0 and (anything or c in goods))
                if made > 0 and _matches(row.region, total.origin):
                    found.append((k, made))
        if not found:
            raise BalanceError(
                f"total '{total.name}' adds up nothing",
                where=total.provenance.where,
                way_out="name goods and regions that a route or process has",
            )
        return found

    # -- the solution -------------------------------------------------------------------

    def solve(self) -> Balanced:
        """Find the balanced year, or say where it fails."""
        self._refuse_dead_ends()
        live = np.flatnonzero(self.prior > 0)
        agents = (
            _Exponentials(
                self.columns[:, live], self.prior[None, live], self.deviation[None, live] ** 2
            ),
            _HardTotals(self._total_columns(), np.array([[t.value for t in self.totals]])),
        )
        pattern = Pattern(stack(agents))
        size = np.maximum(self._throughput(self.prior), 1e-12)
        variables = self.columns.shape[0]
        problem = Problem(
            agents, pattern, size=size, reference=np.full(variables, 1.0 / 0.6**2),
            touches_zero=np.zeros(variables, dtype=bool), free=True,
        )  # fmt: skip
        best = problem.minimise(np.zeros((1, variables)), SETTINGS)
        balanced = np.zeros_like(self.prior)
        exponent = self.deviation**2 * (self.columns.T @ best.prices[0])
        balanced[live] = self.prior[live] * np.exp(exponent[live])
        self._refuse_imbalance(balanced)
        return self._balanced(balanced, int(best.steps[0]))

    def _total_columns(self) -> sparse.csc_array:
        places = len(self.index) + np.arange(len(self.totals))
        ones = np.ones(len(self.totals))
        shape = (self.columns.shape[0], len(self.totals))
        return sparse.csc_array((ones, (places, np.arange(len(self.totals)))), shape=shape)

    def _throughput(self, quantity: FloatArray) -> FloatArray:
        return np.asarray(abs(self.columns) @ quantity) / 2

    def _refuse_dead_ends(self) -> None:
        """Name the markets that are only filled or only emptied."""
        into = self.columns.maximum(0) @ self.prior
        out = -(self.columns.minimum(0) @ self.prior)
        for market, place in self.index.items():
            if (into[place] > 0) != (out[place] > 0):
                missing = "nobody takes" if into[place] > 0 else "nobody supplies"
                raise BalanceError(
                    f"{missing} {market[0]} in {market[1]} "
                    f"({max(into[place], out[place]):,.4g} a year on the other side)",
                    where=f"{self.raw.name}: {market[0]} in {market[1]}",
                    way_out="add a use (surplus), a process or a route",
                )

    def _refuse_imbalance(self, balanced: FloatArray) -> None:
        gap = self.columns @ balanced
        gap[len(self.index) :] -= [total.value for total in self.totals]
        relative = np.abs(gap) / np.maximum(self._throughput(balanced), 1e-12)
        worst = int(np.argmax(relative))
        if not relative[worst] <= GOOD_ENOUGH:
            names = [" in ".join(m) for m in self.index] + [t.name for t in self.totals]
            raise BalanceError(
                f"no year balances {names[worst]} (off by {relative[worst]:.1e} of its size)",
                where=self.raw.name,
                way_out="check its figures and the totals that bind them",
            )

    def _balanced(self, balanced: FloatArray, steps: int) -> Balanced:
        raw, made = self.raw, len(self.raw.processes)
        moved = made + len(raw.routes)
        network = replace(
            raw,
            processes=tuple(
                _run_at(process, float(x))
                for process, x in zip(raw.processes, balanced[:made], strict=True)
            ),
            routes=tuple(
                replace(route, flow=float(x))
                for route, x in zip(raw.routes, balanced[made:moved], strict=True)
            ),
            uses=tuple(
                replace(use, demand=float(x))
                for use, x in zip(raw.uses, balanced[moved:], strict=True)
            ),
        )
        return Balanced(network, self._report(balanced, steps))

    def _report(self, balanced: FloatArray, steps: int) -> BalanceReport:
        gap = np.abs(self.columns @ balanced)[: len(self.index)]
        relative = gap / np.maximum(self._throughput(balanced)[: len(self.index)], 1e-12)
        reached = self.columns @ balanced
        return BalanceReport(
            adjustments=self._adjustments(balanced),
            imbalance=float(relative.max(initial=0.0)),
            steps=steps,
            totals=tuple(
                (total.name, total.value, float(reached[len(self.index) + number]))
                for number, total in enumerate(self.totals)
            ),
        )

    def _adjustments(self, balanced: FloatArray) -> tuple[Adjustment, ...]:
        found = []
        for k, row in enumerate(self.rows):
            if self.prior[k] > 0:
                strain = abs(np.log(balanced[k] / self.prior[k])) / self.deviation[k]
                found.append(
                    Adjustment(
                        type(row).__name__.lower(), _title(row), float(self.prior[k]),
                        float(balanced[k]), float(self.deviation[k]), float(strain),
                        row.provenance,
                    )
                )  # fmt: skip
        return tuple(sorted(found, key=lambda a: -a.strain))


def _activity(process: Process) -> float:
    if process.activity is not None:
        return process.activity
    if not np.isfinite(process.capacity):
        raise BalanceError(
            f"process {process.name} in {process.region} has neither activity nor capacity",
            where=process.provenance.where,
            way_out="give one of them",
        )
    return USUAL_UTILISATION * process.capacity


def _run_at(process: Process, activity: float) -> Process:
    capacity = max(process.capacity, activity / FULLEST)
    return replace(process, activity=activity, capacity=capacity)


def _matches(region: str, wanted: str) -> bool:
    return wanted in ("*", "") or region in wanted.split(";")


def _title(row: Process | Route | Use) -> str:
    if isinstance(row, Route):
        channel = "" if row.channel == "official" else f" ({row.channel})"
        return f"{row.commodity} {row.origin}->{row.destination}{channel}"
    return f"{row.name} {row.region}" + (f" {row.commodity}" if isinstance(row, Use) else "")


__all__ = ["Adjustment", "BalanceReport", "Balanced", "balance"]
