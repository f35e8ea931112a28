"""The names of events in the codes of a chain: regions, goods, plants."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from monazite.desk.measures.levers import lever_table
from monazite.desk.schema import EVERYBODY, Event
from monazite.labels import GROUPS, REGIONS, WORLD, region_name
from monazite.network import Channel, Process, SupplyNetwork
from monazite.scenario.ground import Ground, makes, output_per_activity


@dataclass(frozen=True, slots=True)
class Named:
    """What names mean in a chain.

    ``codes`` : regions, groups or goods. ``left_out`` : why a name means nothing, by the name.
    """

    codes: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def reasons(self) -> str:
        """Why names mean nothing, in a sentence."""
        return "; ".join(dict.fromkeys(self.left_out.values()))


class Scope:
    """A chain, ready to be asked what the names in an event mean there.

    Parameters
    ----------
    network : SupplyNetwork
        The balanced chain.
    """

    def __init__(self, network: SupplyNetwork) -> None:
        self.network = network
        self.ground = Ground(network, ())
        self.regions = self.ground.regions
        self.goods_by_code = {good.code: good for good in network.commodities}

    def places(self, names: Iterable[str]) -> Named:
        """Regions and groups that actors or targets mean."""
        codes: list[str] = []
        left_out: dict[str, str] = {}
        for name in names:
            if name in (EVERYBODY, WORLD):
                codes.append(WORLD)
            elif name in self.regions or GROUPS.get(name, frozenset()) & set(self.regions):
                codes.append(name)
            else:
                left_out[name] = self._no_region(name)
        return Named(tuple(dict.fromkeys(codes)), left_out)

    def _no_region(self, name: str) -> str:
        if name in REGIONS:
            return f"{region_name(name)} is no region of the chain {self.network.name}"
        return f"{name} is neither a state nor a group that the chain {self.network.name} knows"

    def goods(self, names: Iterable[str], *, mined: bool, stages: Collection[str] = ()) -> Named:
        """Goods that the controlled names mean; ``mined`` : also ores that hold them."""
        found: dict[str, list[str]] = {}
        left_out: dict[str, str] = {}
        for name in names:
            patterns, reason = self._patterns(name, mined=mined)
            codes = [code for code in self.goods_by_code if _fits(code, patterns)]
            found[name] = [code for code in codes if not stages or self._stage(code) in stages]
            if not found[name]:
                left_out[name] = reason or f"the chain {self.network.name} has no {name}"
        for name in _umbrellas(found):
            found[name] = []
            left_out[name] = f"'{name}' stands for those that are named beside it"
        named = (code for codes in found.values() for code in codes)
        return Named(tuple(dict.fromkeys(named)), left_out)

    def _patterns(self, name: str, *, mined: bool) -> tuple[tuple[str, ...], str]:
        row = lever_table().goods.get(name)
        if row is not None:
            return (*row.traded, *(row.mined if mined else ())), row.reason
        word = name.casefold()
        own = (c for c, good in self.goods_by_code.items() if word in good.name.casefold())
        return (name, *own), ""

    def _stage(self, code: str) -> str:
        return str(self.goods_by_code[code].stage)

    def stages(self, goods: Iterable[str]) -> frozenset[str]:
        """Stages that goods stand at."""
        return frozenset(self._stage(code) for code in goods)

    def short(self, goods: Collection[str]) -> tuple[str, ...]:
        """Write goods as briefly as a scenario may: what begins alike as a pattern."""
        shown: list[str] = []
        for code in goods:
            pattern = f"{code.partition('-')[0]}-*"
            members = {other for other in self.goods_by_code if fnmatchcase(other, pattern)}
            shown.append(pattern if len(members) > 1 and members <= set(goods) else code)
        return tuple(dict.fromkeys(shown))

    def carried(
        self, origins: Collection[str], destinations: Collection[str], goods: Collection[str]
    ) -> dict[str, float]:
        """Return the base flow of each good that passes from origins to destinations [t/year]."""
        flows: dict[str, float] = {}
        for route in self.network.routes:
            is_across = route.origin in origins and route.destination in destinations
            is_seen = route.channel is Channel.OFFICIAL and bool(route.flow)
            if is_across and is_seen and route.commodity in goods:
                flows[route.commodity] = flows.get(route.commodity, 0.0) + (route.flow or 0.0)
        return flows

    def known_plants(self, event: Event, regions: Collection[str]) -> tuple[str, ...]:
        """Return processes that stand for a plant that an event names, in some regions."""
        patterns = [
            pattern
            for plant in lever_table().plants
            if plant.is_named_by(event)
            for pattern in plant.processes
        ]
        here = {p.name for p in self.network.processes if not regions or p.region in regions}
        return tuple(sorted(name for name in here if _fits(name, patterns)))

    def homes(self, processes: Collection[str]) -> tuple[str, ...]:
        """Regions in which processes of these names stand."""
        return tuple(sorted({p.region for p in self.network.processes if p.name in set(processes)}))

    def plants(
        self, regions: Collection[str], goods: Collection[str], names: Collection[str] = ()
    ) -> tuple[Process, ...]:
        """Return processes in the regions that make one of the goods."""
        return tuple(
            process
            for process in self.network.processes
            if process.region in regions
            and makes(process, goods)
            and (not names or process.name in names)
        )

    @staticmethod
    def capacity(plants: Iterable[Process], goods: Collection[str]) -> float:
        """Largest output of the goods, all plants together [t/year]."""
        return sum(plant.capacity * output_per_activity(plant, goods) for plant in plants)

    def likeness(self, goods: Collection[str]) -> Process | None:
        """Return the largest process that makes the goods, as the model of a new one."""
        makers = [process for process in self.network.processes if makes(process, goods)]
        return max(makers, key=lambda plant: plant.capacity, default=None)


def _umbrellas(found: Mapping[str, Collection[str]]) -> list[str]:
    """Return names of a whole class beside which the text names parts of it."""
    return [
        name
        for name, codes in found.items()
        if any(other and set(other) < set(codes) for other in found.values())
    ]


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
