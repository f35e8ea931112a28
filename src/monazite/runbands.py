"""Bands and shortages of a run in a folder: the rows of ``indicators``, from the files alone.

DuckDB computes them, as many months and places at a time as a fixed memory holds: what it takes
does not grow with the draws. The definitions are those of ``indicators``, stated a second time in
SQL; they differ by no more than the seven digits that the files hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING, Any

from monazite import indicators
from monazite.errors import InputError
from monazite.indicators import DAYS_PER_MONTH, Band, MonthBand
from monazite.indicators.rows import BAND_QUANTILES
from monazite.market.certificate import Certificate, worst
from monazite.parquet import connect, quoted
from monazite.runfolder import TABLES, RunFolder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = 1e9
"""Memory for the figures of one query [bytes]."""
FIGURE = 16
"""Memory that a figure takes while its quantiles are found [bytes]."""
LEVELS = f"[{BAND_QUANTILES[0]}, 0.5, {BAND_QUANTILES[1]}]"
NEVER = 1_000_000
"""A month that does not come."""

_SHARE = "CASE WHEN demand_t > 0 THEN stopped_t::DOUBLE / demand_t ELSE 0 END"
_COVER = f"CASE WHEN demand_t > 0 THEN stock_t / (demand_t::DOUBLE / {DAYS_PER_MONTH!r}) ELSE 0 END"
_SHORTAGES = f"""
    WITH monthly AS (
        SELECT place, draw, step, stopped_t::DOUBLE AS stopped, economised_t::DOUBLE AS economised,
            {_SHARE} AS share, {_COVER} AS cover, {_SHARE} >= $threshold AS short
        FROM uses WHERE place BETWEEN $first AND $last
    ), drawn AS (
        SELECT place, draw,
            min(step) FILTER (short) AS first_month, max(step) FILTER (short) + 1 AS after,
            max(share) AS depth, count(*) FILTER (short) AS duration, sum(stopped) AS loss,
            sum(economised) AS saved, min(cover) FILTER (step = 0) AS opening, min(cover) AS lowest
        FROM monthly GROUP BY place, draw
    )
    SELECT place, quantile_disc(coalesce(first_month, {NEVER}), {LEVELS}),
        avg((first_month IS NOT NULL)::INTEGER), quantile_cont(depth, {LEVELS}),
        quantile_cont(duration::DOUBLE, {LEVELS}), quantile_cont(loss, {LEVELS}),
        quantile_cont(saved, {LEVELS}),
        quantile_disc(CASE WHEN after < $months THEN after ELSE {NEVER} END, {LEVELS}),
        quantile_cont(opening, {LEVELS}), quantile_cont(lowest, {LEVELS})
    FROM drawn GROUP BY place ORDER BY place
"""
_DRAWN_FIGURES = 16
"""Figures that the query above holds for each draw of a use."""


@dataclass(frozen=True)
class RunBands:
    """What a complete run in a folder says, as rows of ``indicators``.

    Parameters
    ----------
    folder : RunFolder
        All of its parts are there.

    Raises
    ------
    InputError
        If parts are missing.
    """

    folder: RunFolder

    def __post_init__(self) -> None:
        missing = len(self.folder.missing)
        if missing:
            raise InputError(
                f"{missing} of {len(self.folder.sizes)} parts are missing",
                where=str(self.folder.folder),
                way_out="repeat the command of the run",
            )

    @property
    def draws(self) -> int:
        """Number of draws."""
        return sum(self.folder.sizes)

    @cached_property
    def _record(self) -> dict[str, Any]:
        return self.folder.record(0)

    @property
    def months(self) -> tuple[str, ...]:
        """Months of the run."""
        return tuple(self._record["months"])

    @cached_property
    def certificate(self) -> Certificate:
        """The worst residuals of all months and draws."""
        return worst(
            [
                _certificate(month)
                for place in range(len(self.folder.sizes))
                for month in self.folder.record(place)["certificates"]
            ]
        )

    def market_months(self) -> tuple[indicators.MarketMonth, ...]:
        """Return one row per spot market and month; see `indicators.market_months`."""
        labels: list[tuple[str, str]] = self._record["labels"]["prices"]
        base = self._record["base_price"]
        wanted = (
            _band("usd_per_kg", "rationed = 0"),
            _band("average_usd_per_kg", "rationed = 0"),
            "avg(rationed::DOUBLE)",
        )
        return tuple(
            indicators.MarketMonth(
                *labels[int(place)],
                self.months[step],
                base[place],
                _read(price),
                _read(average),
                share,
            )
            for place, step, price, average, share in self._cells("prices", wanted)
        )

    def price_multiples(self) -> tuple[indicators.PriceMultiple, ...]:
        """Return multiples per commodity, side and month; see `indicators.price_multiples`."""
        labels: list[tuple[str, str]] = self._record["labels"]["sides"]
        wanted = (
            _band("marginal", "NOT isnan(marginal)"),
            _band("average", "NOT isnan(average)"),
            "avg(rationed_share::DOUBLE)",
        )
        return tuple(
            indicators.PriceMultiple(
                *labels[int(place)], self.months[step], _read(marginal), _read(average), share
            )
            for place, step, marginal, average, share in self._cells("sides", wanted)
        )

    def use_months(self) -> tuple[indicators.UseMonth, ...]:
        """Return what every use went without month by month; see `indicators.use_months`."""
        labels: list[tuple[str, str, str]] = self._record["labels"]["uses"]
        wanted = tuple(map(_band, ("stopped_t", "economised_t", _SHARE, _COVER)))
        return tuple(
            indicators.UseMonth(*labels[int(place)], self.months[step], *map(_read, figures))
            for place, step, *figures in self._cells("uses", wanted)
        )

    def shortages(self, threshold: float) -> tuple[indicators.Shortage, ...]:
        """Return one row per region, use and commodity; see `indicators.shortages`.

        Parameters
        ----------
        threshold : float
            Stopped share from which a use counts as short.
        """
        places = len(self._record["labels"]["uses"])
        at_once = max(int(MEMORY / (FIGURE * _DRAWN_FIGURES * self.draws)), 1)
        found: list[indicators.Shortage] = []
        for first in range(0, places, at_once):
            values = {
                "first": first, "last": first + at_once - 1, "threshold": threshold,
                "months": len(self.months),
            }  # fmt: skip
            found += map(self._shortage, self._ask(_SHORTAGES, values))
        return indicators.most_urgent(found)

    def _shortage(self, row: tuple[Any, ...]) -> indicators.Shortage:
        place, first, odds, depth, duration, loss, saved, after, opening, lowest = row
        key: tuple[str, str, str] = self._record["labels"]["uses"][place]
        return indicators.Shortage(
            *key,
            first_month=self._month(first),
            probability=odds,
            depth=_read(depth),
            duration=_read(duration),
            loss=_read(loss),
            saved=_read(saved),
            recovered=self._month(after),
            opening_cover=_read(opening),
            lowest_cover=_read(lowest),
        )

    def _month(self, positions: Sequence[int]) -> MonthBand:
        early, median, late = (None if step == NEVER else self.months[step] for step in positions)
        return MonthBand(median, early, late)

    def _cells(self, table: str, wanted: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield place, month and figures of all cells, as many at a time as the memory holds."""
        months = len(self.months)
        cells = months * len(self._record["labels"][table])
        at_once = max(int(MEMORY / (FIGURE * len(wanted) * self.draws)), 1)
        query = (
            f"SELECT place, step, {', '.join(wanted)} FROM {table} "
            "WHERE place BETWEEN $first // $months AND $last // $months "
            "AND place * $months + step BETWEEN $first AND $last "
            "GROUP BY place, step ORDER BY place, step"
        )
        for first in range(0, cells, at_once):
            values = {"first": first, "last": first + at_once - 1, "months": months}
            yield from self._ask(query, values)

    def _ask(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        with self._database.cursor() as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(query, values).fetchall()
        return rows

    @cached_property
    def _database(self) -> "DuckDBPyConnection":
        """Tables of all parts, as views."""
        database = connect()
        database.execute("SET parquet_metadata_cache = true")
        for table in TABLES:
            paths = (self.folder.files(place)[table] for place in range(len(self.folder.sizes)))
            files = ", ".join(map(quoted, paths))
            database.execute(f"CREATE VIEW {table} AS FROM read_parquet([{files}])")
        return database


def _certificate(month: dict[str, Any]) -> Certificate:
    """Return a month's certificate; what was not estimated is not a number."""
    values: dict[str, Any] = {
        name: nan if value is None else value for name, value in month.items()
    }
    return Certificate(**values)


def _band(figure: str, known: str = "true") -> str:
    return f"quantile_cont(({figure})::DOUBLE, {LEVELS}) FILTER ({known})"


def _read(levels: Sequence[float] | None) -> Band:
    """Return the band of low, median and high; none where no draw has a figure."""
    if levels is None:
        return Band(None, None, None)
    low, median, high = levels
    return Band(median, low, high)
