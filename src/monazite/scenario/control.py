"""Limits on trade, common to bans, quotas and licences.

Routes cannot be told apart by what their goods are for. So a limit aimed at an end use falls
on the purchases of that use, as far as they stem from the actors; and an exempted use keeps,
on each route, the share of what the route's destination consumes for it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monazite.errors import ScenarioError
from monazite.network import Channel
from monazite.scenario.draft import Draft, Window
from monazite.scenario.ground import Ground
from monazite.scenario.lowered import BoolArray, Effect, FloatArray, IntArray, PermitSpec
from monazite.scenario.measure import Exemptions
from monazite.scenario.tracing import Shares, origin_shares, supply, use_shares

NEGLIGIBLE = 1e-3
"""A clean part of a market below this share is none."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What a control lets through, month by month.

    ``limit`` : t/month (T,), infinite where nothing is limited.
    ``backlog`` : applications that wait at the end of the month [t] (T,).
    """

    limit: FloatArray
    backlog: FloatArray


Allowance = Callable[[float], Passage]
"""What is let through, given the base flow under control [t/month]."""


@dataclass(frozen=True, slots=True)
class Border:
    """The trade that a measure looks at, in the codes of the network.

    ``uses`` : end uses that it aims at; empty if it aims at everybody at the destinations.
    """

    origins: frozenset[str]
    destinations: frozenset[str]
    goods: frozenset[str]
    uses: frozenset[str] = frozenset()

    def routes(self, ground: Ground, channel: Channel = Channel.OFFICIAL) -> IntArray:
        """Return indices of the routes across the border."""
        return ground.routes(self.origins, self.destinations, self.goods, channel)


@dataclass(frozen=True, slots=True)
class Control:
    """One limit on the trade across a border.

    ``de_minimis`` : reach to re-exports from third countries, as the least share of value that
    counts; None for no reach. ``queue``, ``delay_months`` : as in PermitSpec.
    """

    name: str
    index: int
    where: str
    border: Border
    exemptions: Exemptions
    allowance: Allowance
    de_minimis: float | None = None
    queue: bool = False
    delay_months: int = 0


def apply_control(draft: Draft, control: Control, claimed: set[int], window: Window) -> Effect:
    """Write a control into a draft; what earlier classes of a measure claimed is left to them.

    ``claimed`` : routes (or uses, where the control aims at uses) that already have a class of
    the same measure; this control's are added.

    Raises
    ------
    ScenarioError
        If the control touches nothing.
    """
    ground = draft.ground
    if control.border.uses:
        return _limit_uses(draft, control, claimed, window)
    routes = np.array(
        [r for r in control.border.routes(ground) if r not in claimed], dtype=np.int64
    )
    if not len(routes):
        raise ScenarioError(
            f"{control.name}: no route carries these goods from the actors to the targets",
            where=control.where,
            way_out="check actors, targets and commodities against `monazite chain`, "
            "or add the route to the network",
        )
    claimed.update(int(r) for r in routes)
    passing = _limit_routes(draft, control, routes)
    places = {draft.network.routes[r].destination for r in routes}
    goods = {draft.network.routes[r].commodity for r in routes}
    buyers, traders = ground.uses(places, (), goods), ground.trade_stocks(places, goods)
    draft.alert(buyers, traders, _alarming(passing, window))
    if control.de_minimis is not None:
        _limit_reexports(draft, control, passing)
    return Effect(routes=_ints(routes), tonnes=float(12 * ground.flows[routes].sum()))


def enforce_on_leaks(
    draft: Draft, border: Border, stopped: FloatArray, where: str
) -> tuple[int, ...]:
    """Narrow the leaks across a border and return them; ``stopped`` : share (T,).

    Raises
    ------
    ScenarioError
        If there is no leak to narrow.
    """
    leaks = border.routes(draft.ground, Channel.LEAK)
    if not len(leaks):
        raise ScenarioError(
            "leak_enforcement: the network has no leak route for these goods",
            where=where,
            way_out="leave it out, or add routes with channel 'leak' to the network",
        )
    draft.route_capacity_factor[:, leaks] *= (1 - stopped)[:, np.newaxis]
    return _ints(leaks)


def exempt_shares(draft: Draft, exemptions: Exemptions, routes: IntArray, where: str) -> FloatArray:
    """Share of the flow of each route that a measure leaves alone (len(routes),)."""
    shares = np.full(len(routes), exemptions.share)
    if not exemptions.uses:
        return shares
    named = draft.ground.named_uses(exemptions.uses, where)
    ends = use_shares(draft.network, named)
    listed = [draft.network.routes[r] for r in routes]
    part = np.array([ends.get((r.commodity, r.destination), 0.0) for r in listed])
    return np.asarray(shares + (1 - shares) * part, dtype=np.float64)


def _alarming(passing: FloatArray, window: Window) -> BoolArray:
    """Months (T,) from the announcement to the last in which less than the base flow passes."""
    is_tight = window.active & (passing < 1)
    still_to_come = np.logical_or.accumulate(is_tight[::-1])[::-1]
    return np.asarray(window.known & still_to_come, dtype=np.bool_)


def _limit_routes(draft: Draft, control: Control, routes: IntArray) -> FloatArray:
    """Limit the routes and return the share of their base flow that passes (T,)."""
    flows = draft.ground.flows[routes]
    exempt = exempt_shares(draft, control.exemptions, routes, control.where)
    free, controlled = float(flows @ exempt), float(flows @ (1 - exempt))
    passage = control.allowance(controlled)
    limit = free + passage.limit
    draft.permit(
        PermitSpec(
            name=control.name,
            measure_index=control.index,
            routes=routes,
            weights=np.ones(len(routes)),
            limit=limit,
            base_flow=float(flows.sum()),
            queue=control.queue,
            backlog=passage.backlog,
            delay_months=control.delay_months,
        )
    )
    return _share_of(limit, free + controlled)


def _limit_reexports(draft: Draft, control: Control, passing: FloatArray) -> None:
    """Leave third countries only the goods that do not stem from the actors, plus what passes.

    Those aimed at are no third countries: among themselves they trade what they have.
    """
    border, least = control.border, control.de_minimis or 0.0
    content = origin_shares(draft.network, border.origins, border.goods, least)
    supplied = supply(draft.network)
    for (commodity, region), share in sorted(content.items()):
        routes = draft.ground.routes({region}, border.destinations, {commodity})
        if region in border.origins | border.destinations or not len(routes) or share <= least:
            continue
        clean = supplied[commodity, region] / 12 * _remaining(share, passing)
        draft.permit(
            PermitSpec(
                name=f"{control.name}, re-exports of {commodity} from {region}",
                measure_index=control.index,
                routes=routes,
                weights=np.ones(len(routes)),
                limit=np.where(passing < 1, clean, np.inf),
                base_flow=float(draft.ground.flows[routes].sum()),
                queue=False,
                backlog=np.zeros(len(passing)),
                is_reexport=True,
            )
        )


def _limit_uses(draft: Draft, control: Control, claimed: set[int], window: Window) -> Effect:
    """Limit what the uses buy to what does not stem from the actors, plus what passes."""
    net = draft.network
    content = _content(draft, control)
    border = control.border
    found = draft.ground.uses(border.destinations, border.uses, {c for c, _ in content})
    touched = [
        (int(u), content[market])
        for u in found
        if (market := (net.uses[u].commodity, net.uses[u].region)) in content and u not in claimed
    ]
    if not touched:
        raise ScenarioError(
            f"{control.name}: the uses buy none of these goods from the actors",
            where=control.where,
            way_out="name the goods that they buy, or set reach_reexports = true",
        )
    claimed.update(u for u, _ in touched)
    uses = np.array([u for u, _ in touched], dtype=np.int64)
    shares = np.array([share for _, share in touched])
    bought = np.array([net.uses[u].demand / 12 for u in uses])
    controlled = float(bought @ shares) * (1 - control.exemptions.share)
    freed = control.exemptions.share
    passing = freed + (1 - freed) * _share_of(control.allowance(controlled).limit, controlled)
    limit = bought * (1 - np.outer(1 - np.minimum(passing, 1), shares))
    is_limited = window.active & (passing < 1)
    draft.alert(uses, uses[:0], _alarming(passing, window))
    draft.limit_uses(uses, np.where(is_limited[:, np.newaxis], limit, np.inf))
    return Effect(uses=_ints(uses), tonnes=float(12 * bought @ shares))


def _content(draft: Draft, control: Control) -> Shares:
    """Share of each market's supply that the control reaches, where there is any."""
    net = draft.network
    if control.de_minimis is None:
        total = supply(net)
        direct: Shares = {}
        for r in control.border.routes(draft.ground):
            market = (net.routes[r].commodity, net.routes[r].destination)
            direct[market] = direct.get(market, 0.0) + (net.routes[r].flow or 0.0)
        content = {m: min(1.0, flow / total[m]) for m, flow in direct.items() if total[m] > 0}
    else:
        border = control.border
        content = origin_shares(net, border.origins, border.goods, control.de_minimis)
    return {market: share for market, share in content.items() if share > 0}


def _remaining(share: float, passing: FloatArray) -> FloatArray:
    share = 1.0 if share > 1 - NEGLIGIBLE else share
    return np.asarray(1 - share * (1 - np.minimum(passing, 1)), dtype=np.float64)


def _share_of(limit: FloatArray, base: float) -> FloatArray:
    if base <= 0:
        return np.where(limit > 0, 1.0, 0.0)
    return np.asarray(limit / base, dtype=np.float64)


def _ints(indices: IntArray) -> tuple[int, ...]:
    return tuple(int(i) for i in indices)
