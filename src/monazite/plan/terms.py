"""What a programme's words mean on a network: steps, money, growth, value in use, cost."""

import math
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import numpy as np

from monazite import units
from monazite.errors import InputError, UnknownCodeError
from monazite.network import Form, Process, SupplyNetwork, Use, UseForm
from monazite.newton import FloatArray
from monazite.parameters import Parameters
from monazite.plan.model import Step, ValueRung
from monazite.plan.programme import Growth, Horizon, Money, PlanProgramme

QUARTERS = 4
REST_STEPS = 3
"""Rungs that stand for the isoelastic part of a demand, which has no ladder of its own."""
HIGHEST_REST = 20.0
"""Most that the isoelastic part is worth over the base price: its curve has no top."""
LINEAR_STEPS = 20
"""Rungs that stand for a linear demand curve."""
FEED_SHARE = 0.5
"""Price of an ore that no network knows, over the worth of what is made of it: ores of the shipped
chain fetch between 0.4 and 0.8 of that (assumed)."""
BUSIEST, IDLEST = 0.98, 0.02
"""Utilisation beyond which the calibrated cost of a plant says nothing."""


def steps(horizon: Horizon, money: Money) -> tuple[Step, ...]:
    """Return the steps of a horizon with what money in them is worth."""
    begin = money.worth_of or horizon.first
    if horizon.step == "quarter":
        parts = [
            (f"{year}-Q{quarter + 1}", year, year + quarter / QUARTERS, 1.0 / QUARTERS)
            for year in range(horizon.first, horizon.last + 1)
            for quarter in range(QUARTERS)
        ]
    else:
        length = horizon.years_a_step
        parts = [
            (_span(year, length), year, float(year), float(length))
            for year in range(horizon.first, horizon.last + 1, length)
        ]
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}[money.when]
    return tuple(
        Step(label, year, length, (1.0 + money.rate) ** (begin - start - share * length))
        for label, year, start, length in parts
    )


def _span(year: int, length: int) -> str:
    return str(year) if length == 1 else f"{year}-{year + length - 1}"


def money_a_unit(network: SupplyNetwork, money: Money) -> float:
    """Return what one unit of price on one unit of quantity is, in the programme's money.

    Raises
    ------
    UnitError
        If they cannot be turned into each other.
    """
    text = f"{network.price_unit} * {network.quantity_unit}"
    return units.factor(text, money.unit, any_basis=True, where="[money] unit")


def in_money(amount: float, unit: str, money: Money, where: str) -> float:
    """Return an amount in the programme's money, through the rates it gives.

    Raises
    ------
    InputError
        If the currency is another one and no rate is given.
    UnitError
        If the unit is no money.
    """
    for currency, rate in money.rates.items():
        if currency in unit:
            return amount * rate * units.factor(unit.replace(currency, "USD"), money.unit)
    known = units.parse(unit, where=where).plain
    if _currency(known) != _currency(money.unit):
        raise InputError(
            f"money in {unit}, and the programme counts in {money.unit}",
            where=where,
            way_out=f"give the rate in [money]: rates = {{ {_currency(known)} = ... }}",
        )
    return units.convert(amount, unit, money.unit, where=where)


def _currency(unit: str) -> str:
    return unit.lstrip("kMG")[:3]


def matches(patterns: Iterable[str], *words: str) -> bool:
    """Return whether one of the patterns fits one of the words."""
    return any(fnmatchcase(word, pattern) for pattern in patterns for word in words)


def grown(
    programme: PlanProgramme, network: SupplyNetwork, use: Use, when: tuple[Step, ...]
) -> FloatArray:
    """Return demand over that of the base year, by step; the last rule that fits counts."""
    rule = next((row for row in reversed(programme.growth) if _fits(row, network, use)), None)
    if rule is None:
        return np.ones(len(when))
    return np.array([_growth_in(rule, network.base_year, step) for step in when])


def _growth_in(rule: Growth, base: int, step: Step) -> float:
    last = rule.until or 9999
    years: Iterable[float] = range(step.year, step.year + max(1, round(step.length)))
    if rule.counted == "middle":
        years = [float(np.mean(list(years)))]
    return float(np.mean([(1.0 + rule.rate) ** (min(year, last) - base) for year in years]))


def _fits(rule: Growth, network: SupplyNetwork, use: Use) -> bool:
    stage = network.commodity(use.commodity).stage
    return (
        matches(rule.uses, use.name)
        and matches(rule.commodities, use.commodity, stage)
        and matches(rule.regions, use.region)
    )


def goods(network: SupplyNetwork, patterns: Iterable[str], where: str) -> tuple[str, ...]:
    """Return the codes of the goods that patterns or stages name.

    Raises
    ------
    UnknownCodeError
        If a pattern fits none.
    """
    chosen: list[str] = []
    for pattern in patterns:
        found = [row.code for row in network.commodities if matches([pattern], row.code, row.stage)]
        if not found:
            known = [row.code for row in network.commodities]
            raise UnknownCodeError("commodity", pattern, known, where=where)
        chosen += found
    return tuple(dict.fromkeys(chosen))


def rungs(use: Use, price: float, money: float) -> tuple[ValueRung, ...]:
    """Return what a demand is given up for, rung by rung; none where it must be met.

    The isoelastic rest stands on a few rungs at the value of the middle of each part of its
    curve, with an end; a linear curve on equal parts.

    Parameters
    ----------
    use : Use
        A row of the network.
    price : float
        Its base price.
    money : float
        Money in the programme's unit for one unit of price on one unit of quantity.
    """
    if use.form is UseForm.FIXED:
        return ()
    if use.form is UseForm.LINEAR:
        return _linear_rungs(use, money)
    steep = [
        ValueRung(rung.share, (rung.price_multiple * price + rung.price_add) * money)
        for rung in use.rungs
    ]
    rest = 1.0 - sum(rung.share for rung in use.rungs)
    if rest > 1e-9:
        steep += _rest_rungs(rest, use.elasticity, price * money)
    return tuple(steep)


def _rest_rungs(rest: float, elasticity: float | None, value: float) -> list[ValueRung]:
    flat = elasticity or float(Parameters.central().values["demand_elasticity_short"][0])
    parts = (np.arange(REST_STEPS) + 0.5) / REST_STEPS
    multiples = np.minimum((1.0 - parts) ** (-1.0 / flat), HIGHEST_REST)
    return [ValueRung(rest / REST_STEPS, float(value * multiple)) for multiple in multiples]


def _linear_rungs(use: Use, money: float) -> tuple[ValueRung, ...]:
    intercept, slope = use.intercept or 0.0, use.slope or 0.0
    parts = (np.arange(LINEAR_STEPS) + 0.5) / LINEAR_STEPS
    return tuple(
        ValueRung(1.0 / LINEAR_STEPS, float(intercept * (1.0 - part) / slope * money))
        for part in parts
    )


def wanted_at_base(use: Use) -> float:
    """Return what a use wants a year where nothing is scarce."""
    if use.form is UseForm.LINEAR:
        return float(use.intercept or 0.0)
    return use.demand


def process_cost(network: SupplyNetwork, process: Process) -> float:
    """Return what a unit of activity costs beside its inputs, in the network's price unit.

    As given where the process runs at cost or nothing is calibrated. Else what the base year
    tells: the margin at base prices less the logit of utilisation times the spread of costs, as
    the market has it (docs/explanation/market.md).
    """
    is_calibrated = process.form is Form.LOGISTIC and process.activity is not None
    if not is_calibrated:
        return process.unit_cost or 0.0
    margin = revenue = 0.0
    for commodity, amount in process.recipe.items():
        price = network.base_price((commodity, process.region))
        margin += amount * price
        revenue += max(0.0, amount) * price
    if not process.activity or math.isinf(process.capacity):
        return margin if process.unit_cost is None else process.unit_cost
    use = min(BUSIEST, max(IDLEST, process.activity / process.capacity))
    return margin - _spread(process) * revenue * math.log(use / (1.0 - use))


def _spread(process: Process) -> float:
    if process.spread is not None:
        return process.spread
    name = "mine_spread" if process.stage == "ore" else "process_spread"
    return float(Parameters.central().values[name][0])


RouteCosts = Mapping[str, Mapping[tuple[str, str], float]]
"""Freight by commodity and by origin and destination, in the network's price unit."""


def route_costs(network: SupplyNetwork) -> RouteCosts:
    """Return the freight of all routes of a network that have one."""
    costs: dict[str, dict[tuple[str, str], float]] = {}
    for row in network.routes:
        if row.cost is not None:
            costs.setdefault(row.commodity, {})[row.origin, row.destination] = row.cost
    return costs


def route_cost(costs: RouteCosts, commodity: str, origin: str, destination: str) -> float:
    """Return the freight of a good between two regions, in the network's price unit.

    As the network has it; where no such route exists, the median of the good's routes.
    """
    of_good = costs.get(commodity, {})
    if (origin, destination) in of_good:
        return of_good[origin, destination]
    return float(np.median(list(of_good.values()))) if of_good else 0.0


def price_of(
    network: SupplyNetwork,
    commodity: str,
    region: str,
    recipes: Iterable[Mapping[str, float]] = (),
) -> float:
    """Return the base price of a good in a region, in the network's price unit.

    That of the market; where the region has none, of the dearest market; for a good that the
    network does not know, ``FEED_SHARE`` of what the best recipe makes of it.

    Parameters
    ----------
    network : SupplyNetwork
        Whose prices.
    commodity, region : str
        What and where.
    recipes : iterable of mapping
        Recipes that may use a good of one's own.
    """
    markets = [market for market in network.markets() if market[0] == commodity]
    if (commodity, region) in markets:
        return network.base_price((commodity, region))
    if markets:
        return max(network.base_price(market) for market in markets)
    worth = [
        sum(a * price_of(network, good, region) for good, a in recipe.items() if good != commodity)
        / -recipe[commodity]
        for recipe in recipes
        if recipe.get(commodity, 0.0) < 0
    ]
    return max(0.0, FEED_SHARE * max(worth, default=0.0))
