"""What is planned over: markets, activities, capacities and candidates, step by step.

One form for every problem: the alliance's part of a shipped chain, or a published model of
sector investment (Kendrick, Meeraus & Alatorre 1984, *The Planning of Investment Programs in
the Steel Industry*): commodities, processes that share productive units, shipments, purchases,
sales, and capacity that costs a fixed charge and a price per unit. Quantities are the network's
[t], money is in the programme's unit [such as MUSD]; rates are per year.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monazite.errors import InputError, NetworkError, UnknownCodeError
from monazite.network import Market
from monazite.newton import FloatArray


class CostLine(StrEnum):
    """The lines that the objective is the sum of."""

    CAPITAL = "capital"
    UPKEEP = "fixed operation"
    OPERATION = "operation"
    FREIGHT = "freight"
    PURCHASE = "purchases"
    TARIFF = "tariffs"
    SALE = "sales"
    STOCK = "stockpile"
    UNMET = "unmet demand"
    UNMET_ABROAD = "unmet demand of customers abroad"
    PUBLIC = "preference for less public money"
    RISK = "risk"
    TARGET = "targets"


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time in which everything runs at one rate.

    ``label`` : as shown, ``2028`` or ``2028-Q3``. ``year`` : the year that decisions and budgets
    go by. ``length`` : in years. ``discount`` : what a unit of money spent in it is worth today.
    """

    label: str
    year: int
    length: float
    discount: float


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that is done at a rate, at a cost: a process, a shipment, a purchase, a sale.

    ``name`` : for people and files. ``line`` : where its cost is booked. ``balance`` : what a
    unit of it puts into (positive) or takes out of each market. ``cost`` : money a unit, by step.
    ``largest`` : upper bound of its rate a year, by step; infinite where nothing limits it.
    ``uses`` : what a unit of it takes of each capacity. ``limits`` : of each limit. ``partner`` :
    whose account it belongs to; empty for nobody's. ``origin`` : the region that a purchase comes
    from. ``tariff`` : duty a unit, by step, booked on a line of its own. ``is_owed`` : trade of the
    base year with a partner who plans apart; there is none in a state.
    """

    name: str
    line: CostLine
    balance: Mapping[Market, float]
    cost: FloatArray
    largest: FloatArray
    uses: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    partner: str = ""
    origin: str = ""
    tariff: FloatArray | None = None
    is_owed: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """What activities share: a plant's throughput.

    ``name``, ``region``, ``stage`` : which. ``base`` : before candidates add to it [t/year], by
    step. ``committed`` : plants under construction that add to it by themselves.
    """

    name: str
    region: str
    base: FloatArray
    stage: str = "other"
    committed: tuple["Committed", ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """A plant that comes by itself, later than it says or not at all.

    ``size`` : capacity when full [t/year]. ``start`` : year it is announced for. ``ramp`` : share
    of its size in its first, second ... year. ``success`` : probability that it comes.
    ``delay`` : lowest, likeliest and highest slip [years]. ``plant`` : what comes or fails as one;
    parts of a plant share their luck.
    """

    name: str
    size: float
    start: int
    ramp: tuple[float, ...] = (1.0,)
    success: float = 1.0
    delay: tuple[float, float, float] = (0.0, 0.0, 0.0)
    plant: str = ""


@dataclass(frozen=True, slots=True)
class JointLimit:
    """A bound on several activities together: a resource, a quota, a ratio, a specification.

    ``largest`` : upper bound [t/year], by step. ``smallest`` : lower bound. ``total`` : upper
    bound over all steps together [t], as of a deposit.
    """

    name: str
    largest: FloatArray
    smallest: FloatArray | None = None
    total: float = math.inf


@dataclass(frozen=True, slots=True)
class ValueRung:
    """Demand that is given up at one value in use.

    ``share`` : of the demand. ``value`` : money a unit.
    """

    share: float
    value: float


@dataclass(frozen=True, slots=True)
class Demand:
    """What a use wants, and what going without costs.

    ``name``, ``market`` : which. ``quantity`` : what is wanted [t/year], by step. ``rungs`` :
    shares of it by value in use; none where it must be met whatever it costs. ``partner`` : whose
    demand it is; empty for customers abroad. ``value`` : base price [money a unit], what coverage
    is weighed by. ``trend`` : factor on the values of the rungs, by step, as of an export price;
    None for 1. ``is_owed`` : owed to a partner who plans apart; there is none in a state.
    """

    name: str
    market: Market
    quantity: FloatArray
    rungs: tuple[ValueRung, ...]
    partner: str
    value: float
    trend: FloatArray | None = None
    is_owed: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """A way to pay for a candidate: what the public lays out.

    ``name`` : such as ``grant`` or ``floor+loan``. ``cash`` : public money by year from the
    decision, expected [money]; negative is money back. ``tail`` : the same in the worst twentieth.
    ``raises`` : private money that comes with it. ``floors`` : goods whose price it holds up, each
    with the price, in the network's price unit.
    """

    name: str
    cash: tuple[float, ...]
    tail: tuple[float, ...] = ()
    raises: float = 0.0
    floors: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a candidate's size that has one price: ``size``, ``unit_capital`` [money]."""

    size: float
    unit_capital: float


@dataclass(frozen=True, slots=True)
class BuildCandidate:
    """Something that can be built: once, from a year on, at a cost.

    ``adds`` : capacity that a full-size unit adds, by name of the capacity [t/year]. ``capital`` :
    cost of building, whatever its size. ``unit_capital`` : cost for each unit of size, where the
    size is a choice between ``smallest`` and ``largest``; a candidate of fixed size has 1 for
    both. ``segments`` : where the price rises with the size, its parts in order; they add up to
    ``largest``. ``upkeep`` : fixed cost a year of running, of each unit of size. ``earliest`` :
    first year a decision can be taken. ``latest`` : last year. ``build`` : years from decision to
    start. ``ramp`` : share of full capacity in each year from the start, the last one for ever.
    ``life`` : years. ``success`` : probability that it comes at all. ``delay`` : lowest, likeliest
    and highest slip [years]. ``partner`` : who may support it; empty for anyone. ``after`` :
    candidates that must be decided before (phases). ``needs`` : candidates of which one at least
    must be decided no later than it (feed). ``group`` : of these only one is built;
    ``once_a_year`` : only one in each year of decision. ``times`` : how often it may be built,
    once a step at most. ``packages`` : ways to pay; none where no public money is asked. ``stage``
    : of the chain. ``region`` : where it stands.
    """

    name: str
    adds: Mapping[str, float]
    capital: float = 0.0
    unit_capital: float = 0.0
    smallest: float = 1.0
    largest: float = 1.0
    upkeep: float = 0.0
    earliest: int = 0
    latest: int = 9999
    build: int = 0
    ramp: tuple[float, ...] = (1.0,)
    life: float = 20.0
    success: float = 1.0
    delay: tuple[float, float, float] = (0.0, 0.0, 0.0)
    partner: str = ""
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    group: str = ""
    times: int = 1
    packages: tuple[Package, ...] = ()
    stage: str = "other"
    region: str = ""
    segments: tuple[Segment, ...] = ()
    once_a_year: bool = False

    def __post_init__(self) -> None:
        fault = _fault_of(self)
        if fault:
            raise InputError(fault, where=f"candidate {self.name}")

    @property
    def is_sized(self) -> bool:
        """Whether its size is a choice."""
        return self.largest != self.smallest

    @property
    def parts(self) -> tuple[Segment, ...]:
        """Its size by price; one part where the price is the same throughout."""
        return self.segments or (Segment(self.largest, self.unit_capital),)

    def capital_of(self, size: float) -> float:
        """Return what building a size costs, cheapest part first [money]."""
        paid, left = self.capital, size
        for part in self.parts if self.is_sized else ():
            paid += part.unit_capital * min(left, part.size)
            left = max(0.0, left - part.size)
        return paid


def _fault_of(candidate: BuildCandidate) -> str:
    """Say what cannot be about a candidate; empty if nothing."""
    prices = [part.unit_capital for part in candidate.parts]
    of_parts = sum(part.size for part in candidate.parts)
    has_fixed_cost = candidate.capital != 0 or candidate.smallest != 0
    checks = (
        (not candidate.adds, "adds to no capacity"),
        (min(candidate.adds.values(), default=1.0) <= 0, "adds nothing to a capacity"),
        (candidate.largest < candidate.smallest, "its largest size is below its smallest"),
        (
            has_fixed_cost and math.isinf(candidate.largest),
            "a fixed cost or a smallest size needs a largest size",
        ),
        (not math.isclose(of_parts, candidate.largest), "its segments are not its largest size"),
        (prices != sorted(prices), "a later segment is cheaper than an earlier one"),
        (not 0 <= candidate.success <= 1, "its chance of success is not between 0 and 1"),
        (list(candidate.delay) != sorted(candidate.delay), "its delays are not in order"),
        (candidate.latest < candidate.earliest, "its latest year is before its earliest"),
    )
    return next((fault for is_fault, fault in checks if is_fault), "")


@dataclass(frozen=True, slots=True)
class BuildLimit:
    """A bound on what is decided over some years: room at a site, money, what is agreed already.

    ``takes`` : of it, by name of the candidate, a unit of size (or a decision, where the size is
    fixed). ``smallest``, ``largest`` : bounds of the sum. ``first``, ``last`` : years.
    """

    name: str
    takes: Mapping[str, float]
    largest: float = math.inf
    smallest: float = -math.inf
    first: int = 0
    last: int = 9999


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an outcome multiplies: ``kind`` ``demand``, ``capacity``, ``activity`` or ``limit``.

    ``place`` : which of the model's demands, capacities, activities or limits. ``factor`` : on
    it, from the year ``first`` on; on a capacity it falls on what candidates add, too.
    """

    kind: str
    place: int
    factor: float
    first: int = 0


@dataclass(frozen=True, slots=True)
class ChanceOutcome:
    """One of the ways in which a chance may turn out.

    ``probability`` : that it does. ``consequences`` : what it multiplies.
    """

    probability: float
    consequences: tuple[Consequence, ...]


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Something of which one outcome comes true, whatever happens to the others."""

    name: str
    outcomes: tuple[ChanceOutcome, ...]


@dataclass(frozen=True, slots=True)
class Stockpile:
    """A store that can be filled in the years before and drawn in need.

    ``market`` : what and where. ``partner`` : who pays. ``largest`` : most that may be held [t].
    ``opening`` : held already [t]. ``holding`` : cost of holding a unit for a year [money].
    ``price`` : what a unit left over is worth at the end [money], after rotation losses.
    """

    market: Market
    partner: str
    largest: float
    opening: float
    holding: float
    price: float

    @property
    def name(self) -> str:
        """As shown: commodity and place."""
        return f"{self.market[0]} in {self.market[1]}"


@dataclass(frozen=True, slots=True)
class Target:
    """A promise about a stated state of the world.

    ``name`` : as in the programme. ``kind`` : ``coverage`` or ``share``. ``state`` : the state it
    is about. ``partner`` : whose. ``share`` : what must be reached (coverage) or not exceeded
    (share from one country). ``steps`` : the steps it binds in. ``commodities`` : which goods.
    ``origin`` : of a share.
    """

    name: str
    kind: str
    state: str
    partner: str
    share: float
    steps: tuple[int, ...]
    commodities: tuple[str, ...]
    origin: str = ""


@dataclass(frozen=True)
class PlanningModel:
    """Everything that a plan chooses from and has to serve, before any draw.

    ``steps`` : in order. ``markets`` : whose balance holds at every step. ``demands``,
    ``activities``, ``capacities``, ``limits``, ``candidates``, ``stockpiles``,
    ``build_limits``, ``uncertainties`` : as their classes say. ``budgets`` : public money by
    partner and year [money]; a partner without an entry has none to spend. ``carry_over`` :
    unspent money stays usable. ``targets`` : promises. ``partners`` : those who plan together.
    ``quantity_unit``, ``money_unit`` : as shown. ``capital_rate`` : discount rate, which also
    charges capital [1/year]. ``capital_charge`` : ``annuity`` (equal yearly charges over the life,
    none after the horizon) or ``overnight`` (all of it when decided). ``public_weight`` : cost of
    a unit of public money in the objective: small, so that of equal plans the one that asks for
    less is taken.
    """

    steps: tuple[Step, ...]
    markets: tuple[Market, ...]
    demands: tuple[Demand, ...]
    activities: tuple[Activity, ...]
    capacities: tuple[Capacity, ...]
    limits: tuple[JointLimit, ...] = ()
    candidates: tuple[BuildCandidate, ...] = ()
    stockpiles: tuple[Stockpile, ...] = ()
    budgets: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    carry_over: bool = False
    targets: tuple[Target, ...] = ()
    partners: tuple[str, ...] = ()
    quantity_unit: str = "t"
    money_unit: str = "MUSD"
    capital_rate: float = 0.05
    capital_charge: str = "annuity"
    build_limits: tuple[BuildLimit, ...] = ()
    uncertainties: tuple[Uncertainty, ...] = ()
    public_weight: float = 0.0

    def __post_init__(self) -> None:
        _check_names(self)

    @property
    def years(self) -> tuple[int, ...]:
        """The years that decisions are taken in."""
        return tuple(dict.fromkeys(step.year for step in self.steps))


def _check_names(model: PlanningModel) -> None:
    for what in ("activities", "capacities", "limits", "candidates", "stockpiles", "build_limits"):
        names = [row.name for row in getattr(model, what)]
        twice = {name for name in names if names.count(name) > 1} if _repeats(names) else set()
        if twice:
            raise NetworkError(f"{what} called the same: {', '.join(sorted(twice))}")
    markets, capacities = set(model.markets), {row.name for row in model.capacities}
    limits = {row.name for row in model.limits}
    for row in model.activities:
        _known(row.balance, markets, f"activity {row.name}", "market")
        _known(row.uses, capacities, f"activity {row.name}", "capacity")
        _known(row.limits, limits, f"activity {row.name}", "limit")
    candidates = {row.name for row in model.candidates}
    for candidate in model.candidates:
        _known(candidate.adds, capacities, f"candidate {candidate.name}", "capacity")
    for bound in model.build_limits:
        _known(bound.takes, candidates, f"limit {bound.name}", "candidate")


def _repeats(names: list[str]) -> bool:
    return len(names) != len(set(names))


def _known(given: Iterable[object], known: Iterable[object], where: str, kind: str) -> None:
    everything = set(known)
    for name in given:
        if name not in everything:
            raise UnknownCodeError(kind, _text(name), map(_text, everything), where=where)


def _text(name: object) -> str:
    return " in ".join(name) if isinstance(name, tuple) else str(name)
