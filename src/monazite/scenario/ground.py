"""The network as measures see it: which regions, goods, routes, plants and uses a name means."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from monazite.errors import ScenarioError, UnknownCodeError
from monazite.labels import GROUPS, WORLD, Stage, expand
from monazite.network import Channel, HolderKind, Process, SupplyNetwork
from monazite.scenario.lowered import IntArray

_LIGHT = ("La-*", "Ce-*", "NdPr-*", "Nd-*", "Pr-*")
_MEDIUM = ("Sm-*", "Eu-*")
_HEAVY = ("Gd-*", "Tb-*", "Dy-*", "Y-*", "HoLu-*")

COMMODITY_GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "all": ("*",),
        "all-light": (*_LIGHT, "alloy-standard", "magnet-standard"),
        "all-heavy": (*_HEAVY, "alloy-heavy", "magnet-heavy"),
        "all-medium-heavy": (*_MEDIUM, *_HEAVY, "alloy-heavy", "magnet-heavy", "magnet-SmCo"),
        "all-oxides": ("*-oxide",),
        "all-metals": ("*-metal",),
        "all-magnets": ("magnet-*",),
    }
)
"""Names for several goods at once. Heavy: gadolinium to lutetium, and yttrium; medium and heavy,
as in Chinese practice, adds samarium and europium. Each with the magnets that need them."""

_WILDCARDS = frozenset("*?[")


class Ground:
    """A network with its months, ready to be asked what a measure touches.

    Parameters
    ----------
    network : SupplyNetwork
        In t/year.
    months : Sequence of str
        Labels ``YYYY-MM`` (T,).
    """

    def __init__(self, network: SupplyNetwork, months: Sequence[str]) -> None:
        self.network = network
        self.months = tuple(months)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Every region that the network names, sorted."""
        return self.network.regions()

    @cached_property
    def use_names(self) -> frozenset[str]:
        """Names of the end uses."""
        return frozenset(use.name for use in self.network.uses)

    @cached_property
    def flows(self) -> NDArray[np.float64]:
        """Base flow of each route [t/month] (R,); zero where none is given."""
        return np.array([(route.flow or 0.0) / 12 for route in self.network.routes])

    def goods(self, names: Iterable[str], where: str) -> frozenset[str]:
        """Codes of the goods that codes, stages, groups and patterns such as ``Dy-*`` mean.

        Raises
        ------
        UnknownCodeError
            If a name means nothing in this network.
        """
        return frozenset().union(*(self._goods(name, where) for name in names))

    def _goods(self, name: str, where: str) -> set[str]:
        codes = [commodity.code for commodity in self.network.commodities]
        if name in codes:
            return {name}
        if name in set(Stage):
            found = {c.code for c in self.network.commodities if c.stage == name}
        else:
            patterns = COMMODITY_GROUPS.get(name, (name,) if _WILDCARDS & set(name) else ())
            found = {code for code in codes for p in patterns if fnmatchcase(code, p)}
        if not found:
            known = (*codes, *COMMODITY_GROUPS, *Stage)
            raise UnknownCodeError("commodity", name, known, where=where)
        return found

    def places(self, names: Iterable[str], where: str) -> frozenset[str]:
        """Regions of this network that codes and groups mean.

        Raises
        ------
        UnknownCodeError
            If a name is neither a region nor a group.
        """
        return frozenset(expand(names, self.regions, where=where))

    def aim(self, names: Sequence[str], where: str) -> tuple[frozenset[str], frozenset[str]]:
        """Split targets into regions and end uses; no region named means all of them.

        Raises
        ------
        UnknownCodeError
            If a name is neither region, group nor use.
        """
        uses = frozenset(name for name in names if name in self.use_names)
        places = [name for name in names if name not in uses]
        for name in places:
            try:
                self.places([name], where)
            except UnknownCodeError as error:
                known = (*self.regions, *GROUPS, WORLD, *self.use_names)
                raise UnknownCodeError("region, group or use", name, known, where=where) from error
        return self.places(places or [WORLD], where), uses

    def named_uses(self, names: Iterable[str], where: str) -> frozenset[str]:
        """Check that every name is an end use.

        Raises
        ------
        UnknownCodeError
            If no use of the network has the name.
        """
        for name in names:
            if name not in self.use_names:
                raise UnknownCodeError("use", name, self.use_names, where=where)
        return frozenset(names)

    def routes(
        self,
        origins: Collection[str],
        destinations: Collection[str],
        goods: Collection[str],
        channel: Channel = Channel.OFFICIAL,
    ) -> IntArray:
        """Return indices of the routes that carry the goods from origins to destinations."""
        return _indices(
            index
            for index, route in enumerate(self.network.routes)
            if route.origin in origins
            and route.destination in destinations
            and route.commodity in goods
            and route.channel is channel
        )

    def plants(
        self, regions: Collection[str], goods: Collection[str], patterns: Sequence[str], where: str
    ) -> IntArray:
        """Return indices of the processes in the regions that make one of the goods.

        ``patterns`` : names of processes, with wildcards; empty for all.

        Raises
        ------
        UnknownCodeError
            If a name fits no process.
        """
        names = {process.name for process in self.network.processes}
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise UnknownCodeError("process", pattern, names, where=where)
        return _indices(
            index
            for index, process in enumerate(self.network.processes)
            if process.region in regions
            and makes(process, goods)
            and (not patterns or any(fnmatchcase(process.name, p) for p in patterns))
        )

    def uses(
        self, regions: Collection[str], names: Collection[str], goods: Collection[str]
    ) -> IntArray:
        """Return indices of the uses of the goods in the regions; no names means every use."""
        return _indices(
            index
            for index, use in enumerate(self.network.uses)
            if use.region in regions and use.commodity in goods and (not names or use.name in names)
        )

    def trade_stocks(self, regions: Collection[str], goods: Collection[str]) -> IntArray:
        """Return indices of the trade holders of the goods in the regions."""
        return _indices(
            index
            for index, holder in enumerate(self.network.holders)
            if holder.kind is HolderKind.TRADE
            and holder.region in regions
            and holder.commodity in goods
        )

    def strategic_stock(self, commodity: str, region: str) -> int | None:
        """Index of the government stock of a commodity in a region, if there is one."""
        for index, holder in enumerate(self.network.holders):
            is_here = (holder.commodity, holder.region) == (commodity, region)
            if is_here and holder.kind is HolderKind.STRATEGIC:
                return index
        return None

    def limited_plants(self, plants: IntArray, where: str) -> IntArray:
        """Check that every plant has a finite capacity, so that a change of it means something.

        Raises
        ------
        ScenarioError
            If a capacity is infinite.
        """
        for index in plants:
            process = self.network.processes[index]
            if not np.isfinite(process.capacity):
                raise ScenarioError(
                    f"process '{process.name}' in {process.region} has no limit to its capacity",
                    where=where,
                    way_out="give its capacity in the network, or name other processes",
                )
        return plants


def makes(process: Process, goods: Collection[str]) -> bool:
    """Whether a process puts out one of the goods."""
    return any(q > 0 and commodity in goods for commodity, q in process.recipe.items())


def output_per_activity(process: Process, goods: Collection[str]) -> float:
    """Return the t of the goods that one t of the process's reference flow puts out."""
    return sum(q for commodity, q in process.recipe.items() if q > 0 and commodity in goods)


def _indices(found: Iterable[int]) -> IntArray:
    return np.fromiter(found, dtype=np.int64)
