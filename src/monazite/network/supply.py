"""The supply network itself: rows that passed every check, and what is looked up in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from monazite.errors import NetworkError, UnknownCodeError
from monazite.labels import EVERYWHERE
from monazite.network.checks import check
from monazite.network.nouns import (
    BasePrice,
    Commodity,
    Holder,
    Market,
    NetworkTables,
    Process,
    Route,
    Use,
)
from monazite.network.reading import read_folder
from monazite.network.writing import digest, write_folder

_ROWS = ("commodities", "processes", "routes", "uses", "holders", "quotas", "base_prices")


@dataclass(frozen=True)
class SupplyNetwork(NetworkTables):
    """A supply chain, frozen and checked.

    Markets are the (commodity, region) pairs that some process, route, use or holder names.
    Fields are those of :class:`NetworkTables`; sequences become tuples.

    Raises
    ------
    UnknownCodeError
        If a row names a commodity, region or stage that nobody declared.
    TableError
        If a number is not finite or has the wrong sign, or a row stands twice.
    NetworkError
        If rows contradict each other: a route to its own origin, cover shares that do not add
        up to 1, a recipe that makes an element or gains mass round a cycle, no supply at all.
    UnitError
        If the units of the network are unknown.
    """

    def __post_init__(self) -> None:
        for field in (*_ROWS, "own_regions", "sources"):
            object.__setattr__(self, field, tuple(getattr(self, field)))
        check(self)

    @classmethod
    def build(
        cls,
        name: str,
        commodities: Iterable[Commodity | str],
        *,
        processes: Iterable[Process] = (),
        routes: Iterable[Route] = (),
        uses: Iterable[Use] = (),
        holders: Iterable[Holder] = (),
        prices: Mapping[Market, float] | None = None,
    ) -> "SupplyNetwork":
        """Return a network from a few lines of Python.

        What else a network may say (units, quotas, title) is set by
        :func:`dataclasses.replace`, or by the class itself.

        Parameters
        ----------
        name : str
            What to call it.
        commodities : iterable of Commodity or str
            Bare codes will do.
        processes, routes, uses, holders : iterables
            The rows.
        prices : mapping of (commodity, region) to float, optional
            Base prices [USD/kg]; region ``*`` for every other region.

        Raises
        ------
        InputError
            As the class says.
        """
        return cls(
            name,
            tuple(Commodity(item) if isinstance(item, str) else item for item in commodities),
            processes=tuple(processes),
            routes=tuple(routes),
            uses=tuple(uses),
            holders=tuple(holders),
            base_prices=tuple(
                BasePrice(*market, price) for market, price in (prices or {}).items()
            ),
        )

    @classmethod
    def from_folder(cls, path: str | Path) -> "SupplyNetwork":
        """Read a folder of CSV files (docs/reference/network-folder.md).

        Raises
        ------
        InputError
            At the first fault, in one line with file, row and way out.
        """
        tables = read_folder(Path(path))
        return cls(**{field.name: getattr(tables, field.name) for field in fields(tables)})

    def to_folder(self, path: str | Path) -> Path:
        """Write the network as a folder that :meth:`from_folder` reads; all of it or nothing.

        Raises
        ------
        TableError
            If something is there already.
        """
        return write_folder(self, Path(path))

    def digest(self) -> str:
        """Return a SHA-256 of the content; the order of rows and the files do not matter."""
        return digest(self)

    # -- lookups ------------------------------------------------------------------------

    def markets(self) -> tuple[Market, ...]:
        """Return every market, by commodity as declared, then by region in alphabetical order."""
        return self._markets

    def regions(self) -> tuple[str, ...]:
        """Return the regions of all markets in alphabetical order."""
        return self._regions

    def market_index(self) -> Mapping[Market, int]:
        """Return the position of each market in :meth:`markets`."""
        return self._market_index

    def commodity(self, code: str) -> Commodity:
        """Return the commodity of that code.

        Raises
        ------
        UnknownCodeError
            If the network has none.
        """
        if code not in self._commodities:
            raise UnknownCodeError("commodity", code, self._commodities)
        return self._commodities[code]

    def base_price(self, market: Market) -> float:
        """Return the price of a market in the base year [USD/kg], or its commodity's default.

        Raises
        ------
        NetworkError
            If neither is given.
        """
        commodity, region = market
        for place in (region, EVERYWHERE):
            if (commodity, place) in self._base_prices:
                return self._base_prices[commodity, place].price
        raise NetworkError(
            f"{commodity} in {region} has no base price",
            where=self.commodity(commodity).provenance.where,
            way_out=f"add a row for {commodity} to prices.csv; region * stands for all",
        )

    def process_index(self) -> Mapping[Market, int]:
        """Return the position of each process by its name and region."""
        return self._process_index

    @cached_property
    def _commodities(self) -> dict[str, Commodity]:
        return {commodity.code: commodity for commodity in self.commodities}

    @cached_property
    def _base_prices(self) -> dict[Market, BasePrice]:
        return {(row.commodity, row.region): row for row in self.base_prices}

    @cached_property
    def _process_index(self) -> dict[Market, int]:
        return {(process.name, process.region): i for i, process in enumerate(self.processes)}

    @cached_property
    def _markets(self) -> tuple[Market, ...]:
        named = {(code, process.region) for process in self.processes for code in process.recipe}
        for route in self.routes:
            named.add((route.commodity, route.origin))
            named.add((route.commodity, route.destination))
        named.update((use.commodity, use.region) for use in self.uses)
        named.update((holder.commodity, holder.region) for holder in self.holders)
        order = {code: place for place, code in enumerate(self._commodities)}
        return tuple(sorted(named, key=lambda market: (order[market[0]], market[1])))

    @cached_property
    def _market_index(self) -> dict[Market, int]:
        return {market: i for i, market in enumerate(self._markets)}

    @cached_property
    def _regions(self) -> tuple[str, ...]:
        return tuple(sorted({region for _, region in self._markets}))
