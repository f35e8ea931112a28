"""Past episodes: what the model says beside what was observed, honestly added up.

Inputs of an episode are policy and shipped weights, never prices; one distribution of the
parameters serves all episodes, and nothing is tuned to any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from monazite import ensemble
from monazite.engine import of_processes
from monazite.errors import UnknownCodeError
from monazite.labels import expand
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray, IndexArray
from monazite.reference import catalogue
from monazite.reference.table import Row
from monazite.scenario import load, lower
from monazite.scenario.calendar import month_label, month_number
from monazite.simulate import Progress
from monazite.trajectory import Trajectory

SCENARIOS: Mapping[str, str] = {
    "quota-2010": "china-2010-quota",
    "licences-2025": "china-2025-licences",
    "gallium-2023": "ga-ge-2023",
}
"""Scenario that states the inputs of each episode."""
BASE_MONTHS: Mapping[str, tuple[str, str]] = {
    "2025-Q1": ("2025-01", "2025-03"),
    "2023-H1": ("2023-01", "2023-06"),
}
"""Months whose mean counts as one; a year before the run stands for the base price."""
FREIGHT = 1.03
"""Price paid in Japan over the quote FOB China (see the price notes of the 2009 chain)."""
CHINA_VAT_2009 = 1.17
"""Value-added tax in quotes inside China, which the network's prices leave out."""
WITHIN = 2.0
"""Factor within which a prediction counts as near."""

Networks = Callable[[str], SupplyNetwork]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A predicted multiple of a price and, where known, the observed one.

    ``market`` : outside, inside, a region's code, or ratio (outside over inside).
    ``predicted`` : median over draws; None where the market is rationed in most of them.
    ``low, high`` : 80 % band.
    """

    episode: str
    commodity: str
    market: str
    month: str
    predicted: float | None
    low: float | None
    high: float | None
    observed: float | None

    @property
    def ratio(self) -> float | None:
        """Predicted over observed."""
        if self.predicted is None or self.observed is None:
            return None
        return self.predicted / self.observed


@dataclass(frozen=True, slots=True)
class Score:
    """How good the predictions of an episode are, over the rows with an outcome.

    ``error_factor`` : exponential of the mean absolute logarithm of predicted over observed.
    ``within_two`` : share of rows predicted within a factor of two. ``in_band`` : share of
    outcomes inside the 80 % band. ``direction`` : share of rows whose side of one is right.
    ``rank_correlation`` : Spearman's. ``no_change_error_factor``, ``no_change_within_two`` : of
    the forecast that nothing changes. All are figures without a unit.
    """

    outcomes: int
    error_factor: float
    within_two: float
    in_band: float
    direction: float
    rank_correlation: float
    no_change_error_factor: float
    no_change_within_two: float


def episodes() -> tuple[str, ...]:
    """Names of the episodes."""
    return tuple(SCENARIOS)


def predict(
    episode: str,
    networks: Networks,
    *,
    draws: int = 200,
    seed: int = 0,
    processes: int = 1,
    progress: Progress | None = None,
) -> tuple[Prediction, ...]:
    """Run an episode over many draws.

    Parameters
    ----------
    episode : str
        A name out of `episodes`.
    networks : callable
        Gives the balanced network of a chain by its name.
    draws, seed, processes, progress
        As in `monazite.ensemble`.

    Returns
    -------
    tuple of Prediction
        A row for every month of every series, whether or not an outcome is known.

    Raises
    ------
    UnknownCodeError
        If there is no such episode.
    """
    if episode not in SCENARIOS:
        raise UnknownCodeError("episode", episode, SCENARIOS)
    scenario = load(SCENARIOS[episode])
    lowered = lower(scenario, networks(scenario.chain))
    parameters = ensemble.sample(draws, seed)
    engine = of_processes(processes)
    trajectory = ensemble.run(lowered, parameters, engine=engine, progress=progress)
    series = [_Series(row, trajectory) for row in _rows("episodes/series", episode)]
    found = [row for one in series for row in one.predictions(_observed(episode))]
    return (*found, *_ratios(episode, series))


class _Series:
    """One price series of an episode: what a quote would show, for every draw."""

    def __init__(self, row: Row, trajectory: Trajectory) -> None:
        self.row, self.trajectory = row, trajectory
        self.episode, self.commodity = row.text("episode"), row.text("commodity")
        self.market = row.text("market")
        self.places, self.weights = self._markets()
        self.base_price = float(trajectory.base_price[self.places] @ self.weights)
        amplitude = trajectory.parameters.column("quote_amplitude")
        self.multiples = self._clearing() ** amplitude

    def _markets(self) -> tuple[IndexArray, FloatArray]:
        """Markets of the quote's region, or of its group, by their base purchases."""
        good, run = self.row.text("network_commodity"), self.trajectory
        sold = [region for commodity, region in run.spot_markets if commodity == good]
        regions = expand([self.row.text("network_region")], sold)
        bought = np.zeros(len(run.spot_markets))
        for route, flow in zip(run.network.routes, run.base_flow, strict=True):
            bought[run.market_index[route.commodity, route.destination]] += flow
        places = np.array([run.market_index[good, region] for region in regions], dtype=np.intp)
        size = bought[places] if bought[places].sum() > 0 else np.ones(len(places))
        return places, size / size.sum()

    def _clearing(self) -> FloatArray:
        """Divide the clearing price by the mean of the base period; NaN where it means nothing."""
        run = self.trajectory
        price = np.where(run.rationed, np.nan, run.price)[..., self.places]
        months = BASE_MONTHS.get(self.row.text("base_period"))
        base: FloatArray = run.base_price[self.places]
        if months is not None:
            inside = [months[0] <= month <= months[1] for month in run.months]
            base = price[:, inside].mean(axis=1, keepdims=True)
        return np.asarray((price / base) @ self.weights)

    def months(self) -> tuple[str, ...]:
        """Months that are reported."""
        first, last = (month_number(self.row.text(f"{end}_month")) for end in ("first", "last"))
        return tuple(month_label(number) for number in range(first, last + 1))

    def at(self, month: str) -> FloatArray | None:
        """Multiples of all draws in a month; None if it is not simulated."""
        months = self.trajectory.months
        return self.multiples[:, months.index(month)] if month in months else None

    def predictions(self, observed: Mapping[tuple[str, str, str], float]) -> tuple[Prediction, ...]:
        """Rows of the series."""
        rows = []
        for month in self.months():
            values = self.at(month)
            if values is not None:
                outcome = observed.get((self.commodity, self.market, month))
                rows.append(_prediction(self, self.market, month, values, outcome))
        return tuple(rows)


def _prediction(
    series: _Series, market: str, month: str, values: FloatArray, observed: float | None
) -> Prediction:
    known = values[np.isfinite(values)]
    if len(known) * 2 <= len(values):
        low = middle = high = None
    else:
        low, middle, high = (float(q) for q in np.quantile(known, [0.1, 0.5, 0.9]))
    return Prediction(series.episode, series.commodity, market, month, middle, low, high, observed)


def _ratios(episode: str, series: Sequence[_Series]) -> tuple[Prediction, ...]:
    """Price outside over price inside, each in its own month and on the basis of its quote."""
    place = {(one.commodity, one.market): one for one in series}
    rows = []
    for row in _rows("episodes/outcomes", episode):
        if row.text("market") != "ratio":
            continue
        outside, inside = (place[row.text("commodity"), side] for side in ("outside", "inside"))
        above, below = outside.at(row.text("month")), inside.at(row.text("month_inside"))
        if above is None or below is None:
            continue
        base = outside.base_price / FREIGHT / (inside.base_price * CHINA_VAT_2009)
        values = base * above / below
        rows.append(
            _prediction(
                outside, "ratio", row.text("month"), values, row.number("observed_multiple")
            )
        )
    return tuple(rows)


def _observed(episode: str) -> dict[tuple[str, str, str], float]:
    return {
        (row.text("commodity"), row.text("market"), row.text("month")): value
        for row in _rows("episodes/outcomes", episode)
        if (value := row.number("observed_multiple")) is not None
    }


@cache
def _rows(table: str, episode: str) -> tuple[Row, ...]:
    return tuple(catalogue.load(table).select(episode=episode))


def score(predictions: Sequence[Prediction]) -> Score | None:
    """Add up how good predictions are; None where no outcome is known.

    Parameters
    ----------
    predictions : sequence of Prediction
        Of one or several episodes.
    """
    known = [p for p in predictions if p.observed is not None and p.predicted is not None]
    if not known:
        return None
    predicted = np.array([p.predicted for p in known], dtype=float)
    observed = np.array([p.observed for p in known], dtype=float)
    inside = [
        p.low is not None and p.high is not None and p.low <= (p.observed or 0.0) <= p.high
        for p in known
    ]
    error, nothing = np.abs(np.log(predicted / observed)), np.abs(np.log(observed))
    return Score(
        outcomes=len(known),
        error_factor=float(np.exp(error.mean())),
        within_two=float((error <= np.log(WITHIN)).mean()),
        in_band=float(np.mean(inside)),
        direction=float((np.sign(np.log(predicted)) == np.sign(np.log(observed))).mean()),
        rank_correlation=_rank_correlation(predicted, observed),
        no_change_error_factor=float(np.exp(nothing.mean())),
        no_change_within_two=float((nothing <= np.log(WITHIN)).mean()),
    )


def _rank_correlation(predicted: FloatArray, observed: FloatArray) -> float:
    if len(predicted) < 3 or np.ptp(predicted) == 0:
        return float("nan")
    from scipy.stats import spearmanr  # noqa: PLC0415 - slow to import, needed here only

    return float(spearmanr(predicted, observed).statistic)
