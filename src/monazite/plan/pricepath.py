"""Time and prices of a project: periods, and paths that prices may take.

Time runs in periods of equal length; what happens in one counts at its middle. Prices are
USD/kg in constant dollars of one stated year and follow the one-factor process of Schwartz
(1997, Journal of Finance 52): their logarithm returns to an anchor, half of the way in each
half-life. A simulated shock lies on top of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from monazite.errors import InputError, UnknownCodeError
from monazite.newton import FloatArray
from monazite.trajectory import Trajectory

PER_YEAR = (1, 2, 4, 12)
"""Periods that a year may be cut into."""


def insist(condition: bool, message: str, *, where: str = "", way_out: str = "") -> None:
    """Raise unless a term can be used.

    Raises
    ------
    InputError
        If the condition does not hold.
    """
    if not condition:
        raise InputError(message, where=where, way_out=way_out)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Periods of equal length from the start of a year.

    ``first_year`` : year whose first day everything is discounted to. ``years`` : how many.
    ``per_year`` : periods a year: 1, 2, 4 or 12.
    """

    first_year: int
    years: int
    per_year: int = 1

    def __post_init__(self) -> None:
        insist(
            self.per_year in PER_YEAR,
            f"{self.per_year} periods a year",
            where="timeline",
            way_out="give 1, 2, 4 or 12",
        )
        insist(
            1 <= self.years <= 100,
            f"{self.years} years",
            where="timeline",
            way_out="give 1 to 100 years",
        )

    @property
    def periods(self) -> int:
        """Number of periods."""
        return self.years * self.per_year

    @property
    def length(self) -> float:
        """Length of a period [years]."""
        return 1.0 / self.per_year

    @property
    def end(self) -> int:
        """Year that begins when the last period is over."""
        return self.first_year + self.years

    @property
    def begins(self) -> FloatArray:
        """When each period begins (period), as a year with its fraction."""
        return np.asarray(self.first_year + np.arange(self.periods) * self.length)

    @property
    def middle(self) -> FloatArray:
        """The middle of each period (period), as a year with its fraction."""
        return self.begins + self.length / 2.0

    def covered(self, start: float, end: float) -> FloatArray:
        """Share of each period that lies between two moments (period)."""
        begins = self.begins
        overlap = np.minimum(begins + self.length, end) - np.maximum(begins, start)
        return np.clip(overlap / self.length, 0.0, 1.0)

    def discount(self, rate: float) -> FloatArray:
        """Return what a dollar of each period is worth on the first day (period)."""
        return np.asarray((1.0 + rate) ** (self.first_year - self.middle))

    def by_year(self, values: FloatArray) -> FloatArray:
        """Sum the last axis over the periods of each year (..., year)."""
        parts = values.reshape(*values.shape[:-1], self.years, self.per_year)
        return np.asarray(parts.sum(axis=-1))


@dataclass(frozen=True, slots=True)
class PricePaths:
    """Prices that may come, each path as likely as the next.

    ``prices`` : (path, period, product) [USD/kg]. ``money_year`` : of the dollars. ``origin`` :
    how they were made, for the reader.
    """

    timeline: Timeline
    products: tuple[str, ...]
    prices: FloatArray
    money_year: int
    origin: str

    def __post_init__(self) -> None:
        shape = (self.timeline.periods, len(self.products))
        insist(
            self.prices.ndim == 3 and self.prices.shape[1:] == shape and len(self.prices) > 0,
            f"prices of shape {self.prices.shape} for {shape[0]} periods and {shape[1]} products",
            where="price paths",
            way_out="give (path, period, product)",
        )
        insist(
            bool(np.all(np.isfinite(self.prices) & (self.prices >= 0))),
            "a price that is missing or below zero",
            where="price paths",
            way_out="give every price in USD/kg",
        )

    def __len__(self) -> int:
        return len(self.prices)

    def of(self, product: str) -> FloatArray:
        """Prices of one product (path, period) [USD/kg].

        Raises
        ------
        UnknownCodeError
            If the paths do not have it.
        """
        if product not in self.products:
            raise UnknownCodeError("product", product, self.products, where="price paths")
        return np.asarray(self.prices[:, :, self.products.index(product)])


def fixed_paths(
    timeline: Timeline, levels: Mapping[str, Sequence[float]], *, money_year: int = 2024
) -> PricePaths:
    """Return one path for each level at which prices stay for ever.

    Parameters
    ----------
    timeline : Timeline
        Its periods.
    levels : mapping of product to sequence of USD/kg
        As many levels for every product.
    money_year : int
        Of the dollars.
    """
    counts = {len(values) for values in levels.values()}
    insist(
        len(counts) == 1 and counts != {0},
        "not as many levels for every product",
        where="fixed paths",
        way_out="give each product the same number of prices",
    )
    level = np.array(list(levels.values()), dtype=float).T
    prices = np.repeat(level[:, np.newaxis, :], timeline.periods, axis=1)
    return PricePaths(timeline, tuple(levels), prices, money_year, "constant prices")


@dataclass(frozen=True, slots=True)
class PriceProcess:
    """A price whose logarithm returns to an anchor, with chance on the way (Schwartz 1997).

    ``anchor`` : mean price in the long run [USD/kg]. ``start`` : price when time begins; the
    anchor if not given. ``half_life`` : years until half of a gap is closed. ``volatility`` :
    standard deviation of the logarithm over a year of chance alone.
    """

    anchor: float
    half_life: float
    volatility: float
    start: float | None = None

    def __post_init__(self) -> None:
        opening = self.anchor if self.start is None else self.start
        insist(
            self.anchor > 0 and opening > 0 and self.half_life > 0 and self.volatility >= 0,
            "a price, half-life or volatility that cannot be",
            where="price process",
            way_out="give prices and a half-life above 0, a volatility of at least 0",
        )

    @property
    def reversion(self) -> float:
        """Speed of return [1/year]."""
        return float(np.log(2.0) / self.half_life)

    def deviations(self, timeline: Timeline, noise: FloatArray) -> FloatArray:
        """Logarithm of the price over its anchor (path, period).

        Parameters
        ----------
        timeline : Timeline
            Its periods; prices are those of their middles.
        noise : array (path, period)
            Standard normal draws.
        """
        kappa, steps = self.reversion, np.full(timeline.periods, timeline.length)
        steps[0] = timeline.length / 2.0
        kept = np.exp(-kappa * steps)
        chance = self.volatility * np.sqrt((1.0 - kept**2) / (2.0 * kappa))
        # of a lognormal price the mean lies above the median
        level = -(self.volatility**2) / (4.0 * kappa)
        gap = np.full(len(noise), np.log((self.start or self.anchor) / self.anchor) - level)
        out = np.empty_like(noise)
        for period in range(timeline.periods):
            gap = kept[period] * gap + chance[period] * noise[:, period]
            out[:, period] = gap
        return out + level


def reverting_paths(
    timeline: Timeline,
    processes: Mapping[str, PriceProcess],
    *,
    paths: int = 500,
    seed: int = 0,
    correlation: float = 0.0,
    money_year: int = 2024,
) -> PricePaths:
    """Draw paths of prices that return to their anchors.

    Parameters
    ----------
    timeline : Timeline
        Its periods.
    processes : mapping of product to PriceProcess
        What is drawn.
    paths : int
        How many; half of them mirror the others, which steadies the means.
    seed : int
        Same seed, same paths.
    correlation : float
        Between the chances of any two products, from 0 to 1.
    money_year : int
        Of the dollars.
    """
    insist(
        paths >= 2 and paths % 2 == 0 and 0 <= correlation <= 1,
        f"{paths} paths with a correlation of {correlation:g}",
        where="price paths",
        way_out="give an even number of paths and a correlation from 0 to 1",
    )
    draws = np.random.default_rng(seed)
    half = (paths // 2, timeline.periods)
    shared = draws.standard_normal(half)
    prices = np.empty((paths, timeline.periods, len(processes)))
    for place, process in enumerate(processes.values()):
        own = draws.standard_normal(half)
        noise = np.sqrt(correlation) * shared + np.sqrt(1.0 - correlation) * own
        both = np.concatenate([noise, -noise])
        prices[:, :, place] = process.anchor * np.exp(process.deviations(timeline, both))
    origin = f"{paths} drawn paths of mean-reverting prices, seed {seed}"
    return PricePaths(timeline, tuple(processes), prices, money_year, origin)


def simulated_paths(
    paths: PricePaths,
    trajectory: Trajectory,
    markets: Mapping[str, tuple[str, str]],
    processes: Mapping[str, PriceProcess],
) -> PricePaths:
    """Lay the price multiples of a simulated scenario on drawn paths.

    In the simulated months a path is multiplied by the mean multiple of its market, path by path
    another draw; afterwards the multiple fades with the half-life of the product's process.

    Parameters
    ----------
    paths : PricePaths
        What is multiplied.
    trajectory : Trajectory
        The scenario, one or many draws.
    markets : mapping of product to (commodity, region)
        Which market each product is sold on; products left out keep their paths.
    processes : mapping of product to PriceProcess
        Half-lives of the products that are multiplied.

    Raises
    ------
    UnknownCodeError
        If the trajectory has no such market, or the paths no such product.
    InputError
        If a market has no price that means anything in a period, or the months do not begin by
        the first period.
    """
    prices = paths.prices.copy()
    for product, market in markets.items():
        if product not in paths.products or product not in processes:
            raise UnknownCodeError("product", product, processes, where="simulated paths")
        known = _known_multiples(trajectory, market, paths.timeline)
        fade = 0.5 ** (paths.timeline.length / processes[product].half_life)
        ahead = np.arange(1, paths.timeline.periods - known.shape[1] + 1)
        after = np.log(known[:, -1:]) * fade ** ahead[np.newaxis, :]
        full = np.concatenate([known, np.exp(after)], axis=1)
        take = np.arange(len(paths)) % len(full)
        prices[:, :, paths.products.index(product)] *= full[take]
    origin = f"{paths.origin}; times a simulated scenario of {trajectory.draws} draws"
    return replace(paths, prices=prices, origin=origin)


def _known_multiples(
    trajectory: Trajectory, market: tuple[str, str], timeline: Timeline
) -> FloatArray:
    """Mean price multiple in each period that the months reach into (draw, period)."""
    where = f"market {market[0]}, {market[1]}"
    if market not in trajectory.market_index:
        names = (f"{good}, {region}" for good, region in trajectory.market_index)
        raise UnknownCodeError("market", f"{market[0]}, {market[1]}", names)
    place = trajectory.market_index[market]
    months = np.array([int(m[:4]) + (int(m[5:]) - 0.5) / 12.0 for m in trajectory.months])
    period = np.floor((months - timeline.first_year) * timeline.per_year).astype(int)
    insist(
        0 in period,
        f"the simulated months do not reach into {timeline.first_year}",
        where=where,
        way_out="simulate from the first period of the project on",
    )
    multiple = trajectory.price[:, :, place] / trajectory.base_price[place]
    known = np.where(trajectory.rationed[:, :, place], np.nan, multiple)
    last = min(int(period.max()), timeline.periods - 1)
    counts = [_mean(known[:, period == p]) for p in range(last + 1)]
    result = np.stack(counts, axis=1)
    insist(
        bool(np.all(np.isfinite(result))),
        "the market is rationed for a whole period: its price means nothing",
        where=where,
        way_out="take a market that clears, or a milder scenario",
    )
    return result


def _mean(values: FloatArray) -> FloatArray:
    """Mean of the known months of a period (draw); missing where none is known."""
    count = np.isfinite(values).sum(axis=1)
    total = np.nansum(values, axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


@dataclass(frozen=True, slots=True)
class ProcessEstimate:
    """What a price history says about its process.

    ``pairs`` : years followed by a year. ``persistence`` : share of a gap left after a year;
    ``persistence_error`` : its standard error. ``half_life`` [years], ``volatility`` and
    ``anchor`` (median price in the long run) : as in PriceProcess.
    """

    pairs: int
    persistence: float
    persistence_error: float
    half_life: float
    volatility: float
    anchor: float


def estimate_process(histories: Sequence[Sequence[float]]) -> ProcessEstimate:
    """Estimate a price process from yearly prices, by regression of each year on the last.

    Parameters
    ----------
    histories : sequence of sequence of float
        Stretches of consecutive yearly prices.

    Raises
    ------
    InputError
        If there are fewer than four pairs of years, or no return to any anchor shows.
    """
    logs = [np.log(np.asarray(history, dtype=float)) for history in histories]
    before = np.concatenate([log[:-1] for log in logs])
    after = np.concatenate([log[1:] for log in logs])
    insist(
        len(before) >= 4,
        f"{len(before)} pairs of years",
        where="price history",
        way_out="give at least four, or state half-life and volatility",
    )
    design = np.column_stack([np.ones(len(before)), before])
    (constant, slope), *_ = np.linalg.lstsq(design, after, rcond=None)
    rest = after - design @ np.array([constant, slope])
    variance = float(rest @ rest) / (len(before) - 2)
    spread = float(((before - before.mean()) ** 2).sum())
    insist(
        0 < slope < 1,
        f"a gap grows or turns about in a year (factor {slope:.2f})",
        where="price history",
        way_out="state half-life and volatility",
    )
    kappa = -np.log(slope)
    return ProcessEstimate(
        pairs=len(before),
        persistence=float(slope),
        persistence_error=float(np.sqrt(variance / spread)),
        half_life=float(np.log(2.0) / kappa),
        volatility=float(np.sqrt(variance * 2.0 * kappa / (1.0 - slope**2))),
        anchor=float(np.exp(constant / (1.0 - slope))),
    )
