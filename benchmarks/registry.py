"""What can be measured: markets to clear, scenarios to simulate, plans to find, by name."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from benchmarks.models.synthetic import CHAIN, SIZES, Size, synthetic
from benchmarks.plan_instance import PlanSize, plan_instance
from monazite import study
from monazite.market.calibrate import Market, Month
from monazite.market.layout import Permit
from monazite.network import Process, Route, SupplyNetwork
from monazite.parameters import Parameters
from monazite.plan.twostage import TwoStageProblem
from monazite.scenario import Lowered, PermitSpec, load, lower
from monazite.scenario.calendar import months_from
from monazite.scenario.draft import Draft
from monazite.scenario.ground import Ground

LICENSED = 0.2
"""Share of the first region's usual exports of oxides that is licensed."""
MINES_LEFT = 0.7
"""Share of the first region's mining capacity that is left."""
MONTHS = 24


@dataclass(frozen=True, slots=True)
class MarketCase:
    """A market to be cleared in one month."""

    market: Market
    month: Month


MARKETS: dict[str, Callable[[], MarketCase]] = {}
SCENARIOS: dict[str, Callable[[], Lowered]] = {}
PLANS: dict[str, Callable[[], TwoStageProblem]] = {
    f"{name}-{scenarios}": partial(plan_instance, PlanSize(scenarios=scenarios, budget=budget))
    for name, budget in {"roomy": 0.1, "tight": 0.045}.items()
    for scenarios in (10, 30, 100, 300)
}
"""Plans to find, by their yearly budget and number of scenarios."""


def _register_markets() -> None:
    for markets, size in SIZES.items():
        MARKETS[f"licences-{markets}"] = partial(_licences, size)
        MARKETS[f"quota-{markets}"] = partial(_quota, size)


def _licences(size: Size) -> MarketCase:
    """One licence class for each oxide: moderate rents, each about its good's own price."""
    network = synthetic(size)
    groups: dict[str, list[int]] = {}
    for k, route in enumerate(network.routes):
        if _is_controlled(route):
            groups.setdefault(route.commodity, []).append(k)
    permits = [Permit(code, np.array(ways), np.ones(len(ways))) for code, ways in groups.items()]
    return _shocked(network, permits)


def _quota(size: Size) -> MarketCase:
    """One tonnage quota over all oxides: one rent per kg, many times the price of cheap ones."""
    network = synthetic(size)
    ways = np.array([k for k, route in enumerate(network.routes) if _is_controlled(route)])
    return _shocked(network, [Permit("quota", ways, np.ones(len(ways)))])


def _is_controlled(route: Route) -> bool:
    return route.origin == "R00" and route.commodity.startswith("oxide")


def _is_hit(process: Process) -> bool:
    return process.region == "R00" and process.stage == "ore"


def _shocked(network: SupplyNetwork, permits: list[Permit]) -> MarketCase:
    market = Market(network, Parameters.central(), permits, captive=False)
    month = market.base_month()
    flow = market.base.flow[0]
    month.permit_limit = np.array([[LICENSED * flow[p.routes].sum() for p in permits]])
    left = np.where([_is_hit(process) for process in network.processes], MINES_LEFT, 1.0)
    month.process_capacity = month.process_capacity * left
    return MarketCase(market, month)


def scenario(name: str) -> Callable[[Callable[[], Lowered]], Callable[[], Lowered]]:
    """Register a scenario that is simulated for two years."""

    def register(make: Callable[[], Lowered]) -> Callable[[], Lowered]:
        SCENARIOS[name] = make
        return make

    return register


@scenario("rare-earths")
def rare_earths() -> Lowered:
    """The shipped rare-earth chain under the licences of 2025, 24 months."""
    chosen = load("china-2025-licences").model_copy(update={"months": MONTHS})
    return lower(chosen, study.chain(chosen.chain))


@scenario("synthetic-chain")
def synthetic_chain() -> Lowered:
    """A made-up chain of 600 markets with captive stocks: licences for a year, mines hit."""
    network = synthetic(CHAIN, cover=True)
    ways = np.array([k for k, route in enumerate(network.routes) if _is_controlled(route)])
    usual = sum(network.routes[k].flow or 0.0 for k in ways) / 12.0
    limit = np.full(MONTHS, np.inf)
    limit[3:15] = LICENSED * usual
    permit = PermitSpec(
        "quota", 0, ways, np.ones(len(ways)), limit, usual, queue=False, backlog=np.zeros(MONTHS)
    )
    capacity = np.ones((MONTHS, len(network.processes)))
    capacity[3:15, [_is_hit(process) for process in network.processes]] = MINES_LEFT
    return replace(calm(network, MONTHS), permits=(permit,), process_capacity_factor=capacity)


def calm(network: SupplyNetwork, months: int) -> Lowered:
    """No measure at all."""
    return Draft(Ground(network, months_from("2025-01", months))).freeze()


_register_markets()
