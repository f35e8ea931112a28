"""The arrays of a scenario while its measures are being laid on the network, one by one."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from monazite.errors import ScenarioError
from monazite.network import SupplyNetwork
from monazite.scenario.calendar import in_force, month_number
from monazite.scenario.ground import Ground
from monazite.scenario.lowered import (
    Announcement,
    BoolArray,
    Effect,
    FloatArray,
    FloorSpec,
    IntArray,
    Lowered,
    PermitSpec,
    StockMove,
)


@dataclass(frozen=True, slots=True)
class Window:
    """When one measure is known and in force, on the months of the draft.

    ``active`` : in force (T,). ``known`` : announced and not yet ended (T,).
    """

    active: BoolArray
    known: BoolArray


class Draft:
    """Neutral arrays that measures write into; :meth:`freeze` ends the writing.

    Parameters
    ----------
    ground : Ground
        The network and the months.
    """

    def __init__(self, ground: Ground) -> None:
        net = ground.network
        months = len(ground.months)
        by_route = (months, len(net.routes))
        by_process = (months, len(net.processes))
        by_use = (months, len(net.uses))
        by_holder = (months, len(net.holders))
        self.ground = ground
        self.permits: list[PermitSpec] = []
        self.floors: list[FloorSpec] = []
        self.stock_moves: list[StockMove] = []
        self.announcements: list[Announcement] = []
        self.effects: list[Effect] = []
        self.route_block = np.zeros(by_route, dtype=np.bool_)
        self.route_tax_specific = np.zeros(by_route)
        self.route_tax_fob = np.zeros(by_route)
        self.route_tax_cif = np.zeros(by_route)
        self.route_capacity_factor = np.ones(by_route)
        self.process_capacity_factor = np.ones(by_process)
        self.process_subsidy = np.zeros(by_process)
        self.demand_factor = np.ones(by_use)
        self.group_limit = np.full(by_use, np.inf)
        self.cover_target_factor = np.ones(by_use)
        self.holder_target_factor = np.ones(by_holder)
        self.use_alert = np.zeros(by_use, dtype=np.bool_)
        self.holder_alert = np.zeros(by_holder, dtype=np.bool_)

    @property
    def months(self) -> tuple[str, ...]:
        """Labels of the months (T,)."""
        return self.ground.months

    @property
    def network(self) -> SupplyNetwork:
        """The network that the measures are laid on."""
        return self.ground.network

    def announce(self, index: int, known: str, start: str, end: str | None) -> Window:
        """Record when a measure is known and in force."""
        first, count = month_number(self.months[0]), len(self.months)

        def clip(label: str) -> int:
            return min(max(month_number(label) - first, 0), count)

        last = count if end is None else clip(end)
        self.announcements.append(Announcement(index, clip(known), clip(start), last))
        return Window(in_force(self.months, start, end), in_force(self.months, known, end))

    def permit(self, spec: PermitSpec) -> None:
        """Add a limit on routes; where it is zero the routes are shut."""
        self.permits.append(spec)
        shut = np.outer(spec.limit <= 0, np.ones(len(spec.routes), dtype=np.bool_))
        self.route_block[:, spec.routes] |= shut

    def limit_uses(self, uses: IntArray, limit: FloatArray) -> None:
        """Lower the purchases of uses to a limit [t/month] (T, len(uses))."""
        self.group_limit[:, uses] = np.minimum(self.group_limit[:, uses], limit)

    def alert(self, uses: IntArray, holders: IntArray, known: BoolArray) -> None:
        """Let buyers and traders know of a control in some months (T,)."""
        self.use_alert[:, uses] |= known[:, np.newaxis]
        self.holder_alert[:, holders] |= known[:, np.newaxis]

    def scale_plants(self, plants: IntArray, factor: FloatArray) -> None:
        """Multiply the capacity of plants by a factor (T,) or (T, len(plants))."""
        shaped = factor if factor.ndim == 2 else factor[:, np.newaxis]
        self.process_capacity_factor[:, plants] *= shaped

    def require_supply(self, where: str) -> None:
        """Check that in every month something can still be made.

        Raises
        ------
        ScenarioError
            If every process that starts a chain is shut in some month.
        """
        processes = self.network.processes
        sources = [i for i, p in enumerate(processes) if not _has_inputs(p.recipe.values())]
        counted = [i for i in sources or range(len(processes)) if processes[i].capacity > 0]
        if not counted:
            return
        dead = ~(self.process_capacity_factor[:, counted] > 0).any(axis=1)
        if dead.any():
            month = self.months[int(np.argmax(dead))]
            raise ScenarioError(
                f"the measures shut every mine and source of the network from {month}",
                where=where,
                way_out="leave one process running: a market that nobody supplies has no price",
            )

    def freeze(self) -> Lowered:
        """Return the finished arrays, read-only."""
        return Lowered(
            network=self.network,
            months=self.months,
            permits=tuple(self.permits),
            route_block=_frozen_mask(self.route_block),
            route_tax_specific=_frozen(self.route_tax_specific),
            route_tax_fob=_frozen(self.route_tax_fob),
            route_tax_cif=_frozen(self.route_tax_cif),
            route_capacity_factor=_frozen(self.route_capacity_factor),
            process_capacity_factor=_frozen(self.process_capacity_factor),
            process_subsidy=_frozen(self.process_subsidy),
            floors=tuple(self.floors),
            demand_factor=_frozen(self.demand_factor),
            group_limit=_frozen(self.group_limit),
            cover_target_factor=_frozen(self.cover_target_factor),
            holder_target_factor=_frozen(self.holder_target_factor),
            use_alert=_frozen_mask(self.use_alert),
            holder_alert=_frozen_mask(self.holder_alert),
            stock_moves=tuple(self.stock_moves),
            announcements=tuple(self.announcements),
            effects=tuple(self.effects),
        )


def _has_inputs(coefficients: Collection[float]) -> bool:
    return any(coefficient < 0 for coefficient in coefficients)


def _frozen(array: FloatArray) -> FloatArray:
    array.setflags(write=False)
    return array


def _frozen_mask(array: BoolArray) -> BoolArray:
    array.setflags(write=False)
    return array
