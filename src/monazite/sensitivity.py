"""Which uncertain parameter moves an outcome: Sobol' indices of first order and in total.

The first-order index of a parameter is the part of an outcome's variance that would go if the
parameter were known; the total index is the part that would stay if all others were known. Where
the two differ the parameter acts together with others. Base points are a scrambled Sobol' sequence
over twice the parameters; for each parameter one more set takes that parameter from the second
half (Saltelli et al. 2010, Computer Physics Communications 181; Jansen's estimator of the total),
which makes ``points x (parameters + 2)`` runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import numpy as np

from monazite import ensemble, indicators
from monazite.engine import Engine
from monazite.errors import InputError, UnknownCodeError
from monazite.indicators import FieldUnit
from monazite.newton import FloatArray
from monazite.parameters import Parameters, ranges
from monazite.scenario.lowered import Lowered
from monazite.simulate import Progress, simulate
from monazite.trajectory import Trajectory

ALL = "*"
"""Every use, or every region."""
RESAMPLES = 400
"""Bootstrap samples behind an interval."""
CONFIDENCE = 0.9
"""Share of the bootstrap samples inside an interval."""
NO_VARIANCE = 1e-10
"""Spread of an outcome, over its size, that is round-off."""


class OutcomeKind(StrEnum):
    """What is looked at.

    ``price`` : highest multiple of the base price, of a commodity in a region, or outside the
    regions whose border the measures close. ``stopped`` : tonnes that a use goes without.
    ``shortage`` : months until a use is short; all months where it never is.
    """

    PRICE = "price"
    STOPPED = "stopped"
    SHORTAGE = "shortage"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A figure of a run, such as ``price:Dy-oxide``, ``stopped:EV@DEU`` or ``shortage:*@JPN``.

    ``subject`` : a commodity for prices, else a use or ``*``. ``region`` : a code or ``*``.
    """

    kind: OutcomeKind
    subject: str
    region: str = ALL

    @classmethod
    def parse(cls, text: str) -> "RunOutcome":
        """Read ``KIND:SUBJECT@REGION``; the region may be left out.

        Raises
        ------
        InputError
            If it has another form; UnknownCodeError if there is no such kind.
        """
        kind, _, rest = text.partition(":")
        subject, _, region = rest.partition("@")
        if not subject or (region == "" and "@" in rest):
            raise InputError(
                f"'{text}' is no outcome",
                way_out="write price:COMMODITY, stopped:USE@REGION or shortage:USE@REGION",
            )
        if kind not in list(OutcomeKind):
            raise UnknownCodeError("outcome", kind, list(OutcomeKind))
        return cls(OutcomeKind(kind), subject, region or ALL)

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        return f"{self.kind}:{self.subject}" + ("" if self.region == ALL else f"@{self.region}")

    @property
    def unit(self) -> str:
        """Unit of the figure."""
        return {"price": "multiple", "stopped": "t", "shortage": "months"}[self.kind]

    def of(self, trajectory: Trajectory, inside: Sequence[str], threshold: float) -> FloatArray:
        """Return the figure of each draw.

        Raises
        ------
        UnknownCodeError
            If the trajectory has no such commodity, use or region.
        """
        if self.kind is OutcomeKind.PRICE:
            return self._peak(trajectory, inside)
        totals = indicators.use_totals(trajectory)
        chosen = [
            self.subject in (ALL, use) and self.region in (ALL, region)
            for region, use, _ in totals.keys
        ]
        if not any(chosen):
            known = {f"{use}@{region}" for region, use, _ in totals.keys}
            raise UnknownCodeError("use", f"{self.subject}@{self.region}", known)
        stopped = totals.stopped[:, :, chosen].sum(axis=2)
        if self.kind is OutcomeKind.STOPPED:
            return np.asarray(stopped.sum(axis=1))
        short = stopped >= threshold * totals.demand[:, :, chosen].sum(axis=2)
        months = short.shape[1]
        first = np.where(short.any(axis=1), short.argmax(axis=1), months)
        return np.asarray(first, dtype=np.float64)

    def _peak(self, trajectory: Trajectory, inside: Sequence[str]) -> FloatArray:
        """Highest price multiple; months without a price do not count."""
        if self.region != ALL:
            market = (self.subject, self.region)
            if market not in trajectory.market_index:
                markets = {f"{code}@{region}" for code, region in trajectory.spot_markets}
                raise UnknownCodeError("market", "@".join(market), markets)
            place = trajectory.market_index[market]
            multiple = trajectory.price[:, :, place] / trajectory.base_price[place]
            known = np.where(trajectory.rationed[:, :, place], 0.0, multiple)
            return np.asarray(known.max(axis=1))
        sides = {
            side.commodity: side
            for side in indicators.side_prices(trajectory, inside)
            if side.side == "outside"
        }
        if self.subject not in sides:
            raise UnknownCodeError("commodity", self.subject, sides)
        return np.asarray(np.nan_to_num(sides[self.subject].marginal, nan=0.0).max(axis=1))


@dataclass(frozen=True, slots=True)
class Interval:
    """An index with the interval that holds nine of ten bootstrap samples.

    ``value``, ``low``, ``high`` : parts of the variance; estimates may leave 0 to 1.
    """

    value: Annotated[float, FieldUnit("fraction")]
    low: Annotated[float, FieldUnit("fraction")]
    high: Annotated[float, FieldUnit("fraction")]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How much of an outcome's variance goes back to a parameter.

    ``first`` : alone. ``total`` : alone and together with others.
    """

    outcome: str
    parameter: str
    first: Interval
    total: Interval


@dataclass(frozen=True, slots=True)
class Watched:
    """What is worked out of a chunk of draws; travels to where the work is done.

    ``outcomes`` : figures that are looked at. ``inside`` : regions whose border is closed.
    ``threshold`` : stopped share from which a use counts as short.
    """

    outcomes: tuple[RunOutcome, ...]
    inside: tuple[str, ...]
    threshold: float = indicators.SHORTAGE_THRESHOLD

    def __call__(self, lowered: Lowered, parameters: Parameters) -> FloatArray:
        """Return the outcomes of a chunk (outcome, draw)."""
        trajectory = simulate(lowered, parameters)
        figures = [each.of(trajectory, self.inside, self.threshold) for each in self.outcomes]
        return np.stack(figures)


def sensitivities(
    lowered: Lowered,
    watched: Watched,
    *,
    points: int,
    seed: int = 0,
    fixed: dict[str, float] | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> tuple[Sensitivity, ...]:
    """Return the indices of every uncertain parameter for every outcome, largest total first.

    Parameters
    ----------
    lowered : Lowered
        A scenario laid on a balanced network.
    watched : Watched
        Outcomes.
    points : int
        Base points, a power of two; ``points x (parameters + 2)`` draws are run.
    seed : int
        Of points and of the bootstrap.
    fixed : dict of str to float, optional
        Parameters that are known, and their values.
    engine : Engine, optional
        Where to run.
    progress : callable (done, total), optional
        Told after each chunk, in draws.

    Raises
    ------
    InputError
        If the points are no power of two, or an outcome does not vary.
    """
    if points < 2 or points & (points - 1):
        raise InputError(f"{points} points are no power of two", way_out="ask for 64, 128, 256 ...")
    known = fixed or {}
    names = [name for name, row in ranges().items() if row.low < row.high and name not in known]
    pieces = ensemble.chunks(_drawn(design(len(names), points, seed), names, known))
    done = dict(ensemble.work_off(watched, lowered, pieces, engine=engine, progress=progress))
    figures = np.concatenate([done[place] for place in range(len(pieces))], axis=1)
    rows: list[Sensitivity] = []
    for outcome, values in zip(watched.outcomes, figures, strict=True):
        if np.ptp(values) <= NO_VARIANCE * max(float(np.abs(values).max()), 1.0):
            raise InputError(
                f"{outcome} is {values[0]:.6g} {outcome.unit} in every draw",
                way_out="choose an outcome that varies, or more months",
            )
        first, total = indices(values.reshape(len(names) + 2, points), seed)
        found = [Sensitivity(str(outcome), *row) for row in zip(names, first, total, strict=True)]
        rows += sorted(found, key=lambda row: -row.total.value)
    return tuple(rows)


def design(parameters: int, points: int, seed: int = 0) -> FloatArray:
    """Return levels from 0 to 1 of all runs (run, parameter).

    Parameters
    ----------
    parameters : int
        How many are uncertain.
    points : int
        Base points, a power of two.
    seed : int
        Of the scrambling.

    Returns
    -------
    array
        A, B, and for each parameter A with that column of B; `points` rows each.
    """
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import, needed for draws only

    sequence = qmc.Sobol(d=2 * parameters, bits=64, rng=np.random.default_rng(seed))
    both = sequence.random_base2(points.bit_length() - 1)
    one, other = both[:, :parameters], both[:, parameters:]
    mixed = np.tile(one, (parameters, 1, 1))
    for k in range(parameters):
        mixed[k, :, k] = other[:, k]
    return np.concatenate([one, other, *mixed])


def _drawn(levels: FloatArray, names: Sequence[str], fixed: dict[str, float]) -> Parameters:
    """Parameters at the levels; those without a range at their value, known ones as given."""
    table = list(ranges())
    whole = np.full((len(levels), len(table)), 0.5)
    whole[:, [table.index(name) for name in names]] = levels
    drawn = ensemble.quantiles(whole)
    for name, value in fixed.items():
        drawn.values[name] = np.full(len(levels), value)
    return drawn


def indices(values: FloatArray, seed: int = 0) -> tuple[list[Interval], list[Interval]]:
    """Return first-order and total indices of each parameter with bootstrap intervals.

    Parameters
    ----------
    values : array (parameter + 2, point)
        An outcome at the sets of `design`.
    seed : int
        Of the bootstrap.
    """
    points = values.shape[1]
    rng = np.random.default_rng(seed)
    samples = [rng.integers(points, size=points) for _ in range(RESAMPLES)]
    best = _estimate(values)
    spread = np.stack([_estimate(values[:, chosen]) for chosen in samples])
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(spread, [tail, 1 - tail], axis=0)
    first, total = (
        [Interval(*map(float, row)) for row in zip(best[k], low[k], high[k], strict=True)]
        for k in range(2)
    )
    return first, total


def _estimate(values: FloatArray) -> FloatArray:
    """Return indices (first and total, parameter); not a number where nothing varies."""
    from scipy.stats import sobol_indices  # noqa: PLC0415 - slow to import

    if np.ptp(values[:2]) == 0:
        return np.full((2, len(values) - 2), np.nan)
    found = sobol_indices(
        func={"f_A": values[:1], "f_B": values[1:2], "f_AB": values[2:, None, :]},
        n=values.shape[1],
    )
    return np.stack([found.first_order.reshape(-1), found.total_order.reshape(-1)])
