"""What a scenario becomes once it is laid on a network: plain arrays by month.

The simulation reads these and knows no kind of measure. ``T`` months, ``R`` routes,
``P`` processes, ``U`` uses, ``H`` holders, in the order of ``Lowered.network``.
Neutral values everywhere mean "no measure": factors 1, taxes 0, limits infinite.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from monazite.network import SupplyNetwork

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


class FloorKind(StrEnum):
    """How a price floor is paid."""

    CONTRACT_FOR_DIFFERENCE = "contract-for-difference"
    """The payer tops the price up to the floor; the goods are sold on the market."""
    PURCHASE = "purchase"
    """The payer buys the goods at the floor and keeps them."""


@dataclass(frozen=True, slots=True)
class PermitSpec:
    """A limit on the total flow of some routes, with a price of its own.

    ``routes`` : indices of the routes that need the permit (K,).
    ``weights`` : t of permit used per t of flow (K,).
    ``limit`` : t/month (T,). Infinite where the permit does not exist that month. Zero where
    nothing passes: then the same routes are set in ``Lowered.route_block`` and the permit can
    be left out of the market. Delay, approval ramp and queue are already in this path.
    ``base_flow`` : weighted flow of the routes in the base year [t/month].
    ``queue`` : unserved applications wait and are served later (already in ``limit``).
    ``backlog`` : applications waiting at the end of the month [t] (T,), zero without a queue.
    ``delay_months`` : months before the first licence is granted (already in ``limit``).
    ``is_reexport`` : the routes leave third countries that resell the actor's goods.
    """

    name: str
    measure_index: int
    routes: IntArray
    weights: FloatArray
    limit: FloatArray
    base_flow: float
    queue: bool
    backlog: FloatArray
    delay_months: int = 0
    is_reexport: bool = False


@dataclass(frozen=True, slots=True)
class FloorSpec:
    """A price floor on the output of some processes.

    ``processes`` : indices (K,). ``commodity`` : the output that is covered.
    ``floor`` : USD/kg of that commodity (T,), zero where there is none.
    ``coverage`` : share of the output that is covered.
    """

    name: str
    measure_index: int
    processes: IntArray
    commodity: str
    floor: FloatArray
    kind: FloorKind
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class StockMove:
    """Tonnes that a government puts on a spot market (positive) or takes off it (negative).

    ``tonnes`` : t/month (T,). ``holder`` : index of the strategic holder whose stock changes by
    the opposite; None where the network declares none.
    """

    measure_index: int
    commodity: str
    region: str
    tonnes: FloatArray
    holder: int | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """When the world learns of a measure: indices into the months, clipped to 0..T.

    ``known`` : first month in which agents know. ``start``, ``end`` : first month in force and
    first month no longer in force.
    """

    measure_index: int
    known: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a measure touches, for explanations.

    ``tonnes`` : t/year of base flow (routes), capacity (processes) or demand (uses) touched.
    """

    routes: tuple[int, ...] = ()
    processes: tuple[int, ...] = ()
    uses: tuple[int, ...] = ()
    tonnes: float = 0.0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lowered:
    """A scenario laid on a network, month by month.

    ``network`` : the network with the processes that the scenario adds (at the end; activity 0).
    ``months`` : labels ``YYYY-MM`` (T,).
    ``permits`` : limits on groups of routes. Only routes of the official channel.
    ``route_block`` : the route is shut (T, R).
    ``route_tax_specific`` : USD/kg paid on the flow (T, R).
    ``route_tax_fob`` : share of the price at the origin (T, R).
    ``route_tax_cif`` : share of the price at the border, freight included (T, R).
    ``route_capacity_factor`` : on the largest flow of the route, at given margin (T, R); below 1
    for leaks under enforcement.
    ``process_capacity_factor`` : on the capacity (T, P). Processes that the scenario adds have
    their full capacity in ``network`` and 0 here until they open.
    ``process_subsidy`` : USD/kg of the recipe's reference flow (T, P).
    ``floors`` : price floors.
    ``demand_factor`` : on the base demand (T, U).
    ``group_limit`` : largest purchases of the use [t/month] (T, U), all cover classes together;
    infinite where free. This is how a measure aims at one use (such as defence).
    ``cover_target_factor`` : on the target stock of the use's buyers (T, U).
    ``holder_target_factor`` : on the target stock of the trade holders (T, H).
    ``use_alert``, ``holder_alert`` : buyers know that less than the base flow of what they buy
    will pass a control, now or later, (T, U) and (T, H): the simulation may let them hoard.
    ``stock_moves`` : releases from and purchases for government stocks.
    ``announcements`` : one per measure. ``effects`` : one per measure.
    """

    network: SupplyNetwork
    months: tuple[str, ...]
    permits: tuple[PermitSpec, ...]
    route_block: BoolArray
    route_tax_specific: FloatArray
    route_tax_fob: FloatArray
    route_tax_cif: FloatArray
    route_capacity_factor: FloatArray
    process_capacity_factor: FloatArray
    process_subsidy: FloatArray
    floors: tuple[FloorSpec, ...]
    demand_factor: FloatArray
    group_limit: FloatArray
    cover_target_factor: FloatArray
    holder_target_factor: FloatArray
    use_alert: BoolArray
    holder_alert: BoolArray
    stock_moves: tuple[StockMove, ...]
    announcements: tuple[Announcement, ...]
    effects: tuple[Effect, ...]
