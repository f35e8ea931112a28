"""What a network is made of. Frozen records, not yet checked against each other."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monazite.errors import NetworkError
from monazite.reference.source import Source

Market = tuple[str, str]
"""A commodity and a region: what has a price."""


class Form(StrEnum):
    """How an activity answers its margin."""

    LOGISTIC = "logistic"
    """Smooth between 0 and capacity: plants and contracts differ (the default)."""
    QUADRATIC = "quadratic"
    """Nothing below its cost, then linear in the margin up to capacity."""
    EXACT = "exact"
    """All or nothing at its cost (linear programme)."""


class UseForm(StrEnum):
    """How a use answers its price."""

    LADDER = "ladder"
    """Rungs of value in use, with an isoelastic rest."""
    ISOELASTIC = "isoelastic"
    """Constant elasticity."""
    LINEAR = "linear"
    """``quantity = intercept - slope * price``, never negative."""
    FIXED = "fixed"
    """The same quantity at any price below the market's backstop."""


class Channel(StrEnum):
    """Whether a route is seen by the authorities."""

    OFFICIAL = "official"
    LEAK = "leak"


class HolderKind(StrEnum):
    """Who may draw on a stock."""

    TRADE = "trade"
    """Sits in the spot market and answers its price."""
    STRATEGIC = "strategic"
    """Released by a measure only."""


class FrozenMapping(Mapping[str, float]):
    """Numbers by code that nobody can change.

    Parameters
    ----------
    items : Mapping of str to float
        Copied.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, float] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, code: str) -> float:
        return self._items[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a row comes from.

    ``source`` : id of a source, or several joined by ``+``. ``grade`` : A to E. ``where`` :
    file and line. ``note`` : free text. ``year`` : that the figure is of; None where not said.
    """

    source: str = "user"
    grade: str = "E"
    where: str = ""
    note: str = ""
    year: int | None = None


NO_PROVENANCE = Provenance()


@dataclass(frozen=True, slots=True)
class Commodity:
    """Something that has a price.

    ``elements`` : t of each element's metal contained in one t of the commodity.
    ``unit`` : what it is counted in, with its basis, such as ``t REO``; empty for the
    network's own quantity unit.
    """

    code: str
    name: str = ""
    stage: str = "other"
    elements: Mapping[str, float] = field(default_factory=FrozenMapping)
    provenance: Provenance = NO_PROVENANCE
    unit: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "elements", FrozenMapping(self.elements))


@dataclass(frozen=True, slots=True)
class BasePrice:
    """Price of a commodity in a region in the base year [USD/kg]; region ``*`` for all others."""

    commodity: str
    region: str
    price: float
    provenance: Provenance = NO_PROVENANCE


@dataclass(frozen=True, slots=True)
class Process:
    """A mine or plant: a recipe run between 0 and its capacity.

    Its margin is what its outputs earn less what its inputs and ``unit_cost`` cost
    [USD/kg of activity].

    ``recipe`` : t of each commodity per t of activity, inputs negative, outputs positive.
    ``capacity`` : largest activity [t/year]; infinite where nothing limits it.
    ``activity`` : activity in the base year [t/year]; None where the network is not calibrated.
    ``unit_cost`` : cost beside the recipe's inputs [USD/kg of activity]; None where unknown
    (then it is calibrated from the base year).
    ``spread`` : cost spread tau as a fraction of revenue; None for the default of the stage.
    Of the logistic form only.
    ``slope`` : activity gained per unit of margin [t/year per USD/kg], so that the activity is
    ``slope * margin`` between 0 and capacity. Of the quadratic form only, which needs it.
    ``recipe_provenance`` : where each coefficient comes from, by commodity.
    """

    name: str
    region: str
    recipe: Mapping[str, float]
    capacity: float = math.inf
    activity: float | None = None
    unit_cost: float | None = None
    spread: float | None = None
    stage: str = "other"
    form: Form = Form.LOGISTIC
    provenance: Provenance = NO_PROVENANCE
    slope: float | None = None
    recipe_provenance: tuple[tuple[str, Provenance], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "recipe", FrozenMapping(self.recipe))

    @classmethod
    def linear_supply(
        cls, commodity: str, region: str, *, intercept: float, slope: float, name: str = ""
    ) -> "Process":
        """Return a producer who offers ``intercept + slope * price`` [t/year], never below 0.

        Without a name it is called ``supply of`` the commodity.

        Raises
        ------
        NetworkError
            If the slope is not positive.
        """
        if not slope > 0:
            raise NetworkError(
                f"supply of {commodity} in {region} has slope {slope:g}",
                way_out="give a positive slope, or Process.at_cost for a supply at one cost",
            )
        cost = -intercept / slope
        recipe = FrozenMapping({commodity: 1.0})
        name = name or f"supply of {commodity}"
        return cls(name, region, recipe, unit_cost=cost, form=Form.QUADRATIC, slope=slope)

    @classmethod
    def at_cost(
        cls,
        name: str,
        region: str,
        recipe: Mapping[str, float],
        *,
        cost: float = 0.0,
        capacity: float = math.inf,
    ) -> "Process":
        """Return a process that runs at one cost [USD/kg] up to its capacity [t/year]."""
        return cls(name, region, recipe, capacity, unit_cost=cost, form=Form.EXACT)


@dataclass(frozen=True, slots=True)
class Route:
    """A way for a commodity from one region to another.

    Its margin is the price at the destination less the price at the origin and the cost.

    ``flow`` : flow in the base year [t/year]; None where the network is not calibrated.
    ``cost`` : unit cost [USD/kg]; None where it is calibrated from the base year.
    ``expansion`` : largest short-run multiple of the base flow (kappa); infinite allowed for
    exact and quadratic routes.
    ``contract_share`` : share of the base flow under contract, first served.
    ``slope`` : flow gained per unit of margin [t/year per USD/kg]; of the quadratic form only,
    which needs it.
    """

    commodity: str
    origin: str
    destination: str
    flow: float | None = None
    cost: float | None = None
    expansion: float | None = None
    channel: Channel = Channel.OFFICIAL
    contract_share: float = 0.0
    form: Form = Form.LOGISTIC
    provenance: Provenance = NO_PROVENANCE
    slope: float | None = None

    @classmethod
    def at_cost(cls, commodity: str, origin: str, destination: str, cost: float) -> "Route":
        """Return a route that carries any quantity at one cost [USD/kg]."""
        return cls(commodity, origin, destination, cost=cost, form=Form.EXACT)


@dataclass(frozen=True, slots=True)
class Rung:
    """A share of demand that stops near ``price_multiple * base price + price_add``.

    ``spread`` : width of the rung as a fraction of that price; 0 for a sharp edge.
    """

    share: float
    price_multiple: float
    price_add: float = 0.0
    spread: float = 0.15
    provenance: Provenance = NO_PROVENANCE


@dataclass(frozen=True, slots=True)
class CoverClass:
    """A part of a use whose buyers hold the same cover.

    ``share`` : part of the use's demand. ``months`` : stock over monthly demand.
    """

    name: str
    share: float
    months: float
    provenance: Provenance = NO_PROVENANCE


@dataclass(frozen=True, slots=True)
class Use:
    """An end use of a commodity in a region.

    ``demand`` : base demand [t/year]. ``elasticity`` : positive, of the isoelastic part.
    ``intercept, slope`` : of the linear form [t/year, t/year per USD/kg]. ``cover`` : cover
    classes (none: no own stock, the use buys straight from the spot market).
    """

    name: str
    region: str
    commodity: str
    demand: float = 0.0
    elasticity: float | None = None
    rungs: tuple[Rung, ...] = ()
    cover: tuple[CoverClass, ...] = ()
    form: UseForm = UseForm.LADDER
    intercept: float | None = None
    slope: float | None = None
    provenance: Provenance = NO_PROVENANCE

    def __post_init__(self) -> None:
        object.__setattr__(self, "rungs", tuple(self.rungs))
        object.__setattr__(self, "cover", tuple(self.cover))

    @classmethod
    def linear(
        cls, commodity: str, region: str, *, intercept: float, slope: float, name: str = "demand"
    ) -> "Use":
        """Return buyers of ``intercept - slope * price`` [t/year], never below 0."""
        form = UseForm.LINEAR
        return cls(name, region, commodity, form=form, intercept=intercept, slope=slope)

    @classmethod
    def fixed(cls, commodity: str, region: str, demand: float, *, name: str = "demand") -> "Use":
        """Return buyers of one quantity [t/year] at any price."""
        return cls(name, region, commodity, demand, form=UseForm.FIXED)

    @classmethod
    def worth(
        cls, commodity: str, region: str, *, value: float, most: float, name: str = "demand"
    ) -> "Use":
        """Return a buyer of at most `most` [t/year] at any price up to `value` [USD/kg]."""
        rung = Rung(share=1.0, price_multiple=0.0, price_add=value, spread=0.0)
        return cls(name, region, commodity, most, rungs=(rung,))


@dataclass(frozen=True, slots=True)
class Holder:
    """A stock of a commodity in a region [t], beside the captive stocks of the uses."""

    commodity: str
    region: str
    stock: float
    kind: HolderKind = HolderKind.TRADE
    provenance: Provenance = NO_PROVENANCE


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit on the total flow of some routes, with a price of its own.

    ``routes`` : indices into the network's routes. ``limit`` : t/year.
    """

    name: str
    routes: tuple[int, ...]
    limit: float
    provenance: Provenance = NO_PROVENANCE

    def __post_init__(self) -> None:
        object.__setattr__(self, "routes", tuple(self.routes))


@dataclass(frozen=True)
class NetworkTables:
    """The rows of a network, before they are checked against each other.

    ``own_regions`` : region codes of the network's own, as textbook problems have them; where
    none is declared and none is a code of :data:`monazite.labels.REGIONS`, any may be used.
    ``sources`` : what the rows cite beside the shipped register.
    """

    name: str
    commodities: tuple[Commodity, ...]
    processes: tuple[Process, ...] = ()
    routes: tuple[Route, ...] = ()
    uses: tuple[Use, ...] = ()
    holders: tuple[Holder, ...] = ()
    quotas: tuple[Quota, ...] = ()
    base_prices: tuple[BasePrice, ...] = ()
    base_year: int = 2024
    quantity_unit: str = "t"
    price_unit: str = "USD/kg"
    title: str = ""
    description: str = ""
    own_regions: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    def named_regions(self) -> frozenset[str]:
        """Return every region that some process, route, use or holder names."""
        named = {process.region for process in self.processes}
        named.update(end for route in self.routes for end in (route.origin, route.destination))
        named.update(use.region for use in self.uses)
        named.update(holder.region for holder in self.holders)
        return frozenset(named)
