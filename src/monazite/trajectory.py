"""What happened, month by month: the result of a simulation."""

from dataclasses import dataclass
from functools import cached_property

from monazite.market.certificate import Certificate
from monazite.market.layout import UseGroup
from monazite.network import SupplyNetwork
from monazite.newton import BoolArray, FloatArray
from monazite.parameters import Parameters
from monazite.scenario.lowered import Lowered


@dataclass(frozen=True, slots=True)
class PermitLabel:
    """Name of a permit and the measure that made it."""

    name: str
    measure_index: int


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What happened, month by month; arrays (draw, month, ...), t/month, t and USD/kg.

    ``base_price`` : (spot market). ``base_activity, base_flow`` : of processes and routes.
    ``base_group_stock`` : (draw, user group) cover and goods at sea in the base year.
    ``price, average_price, rationed`` : (draw, month, spot market); the average weighs contract
    and spot tonnes. ``group_price, group_stock, demand, served, economised, stopped`` : (draw,
    month, user group); served + economised + stopped = demand. ``activity`` and ``flow`` : of
    processes and routes, contract tonnes included. ``spot_stock`` : trade stock (draw, month,
    spot market). ``rents, permit_flow, permit_limit`` : of permits (infinite: not in force).
    ``tariff_revenue, subsidy_cost, permit_revenue`` : (draw, month) [kUSD].
    ``certificates`` : one a month, the worst of its draws.
    """

    network: SupplyNetwork
    lowered: Lowered
    months: tuple[str, ...]
    parameters: Parameters
    spot_markets: tuple[tuple[str, str], ...]
    groups: tuple[UseGroup, ...]
    permits: tuple[PermitLabel, ...]
    base_price: FloatArray
    base_activity: FloatArray
    base_flow: FloatArray
    base_group_stock: FloatArray
    price: FloatArray
    average_price: FloatArray
    rationed: BoolArray
    group_price: FloatArray
    group_stock: FloatArray
    spot_stock: FloatArray
    demand: FloatArray
    served: FloatArray
    economised: FloatArray
    stopped: FloatArray
    activity: FloatArray
    flow: FloatArray
    rents: FloatArray
    permit_flow: FloatArray
    permit_limit: FloatArray
    tariff_revenue: FloatArray
    subsidy_cost: FloatArray
    permit_revenue: FloatArray
    certificates: tuple[Certificate, ...]

    @property
    def draws(self) -> int:
        """Number of draws; one run is a batch of one."""
        return len(self.price)

    @cached_property
    def market_index(self) -> dict[tuple[str, str], int]:
        """Position of each spot market."""
        return {market: i for i, market in enumerate(self.spot_markets)}
