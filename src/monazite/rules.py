"""The rules of a scenario in the market's terms: permits, contracts, prices abroad."""

import numpy as np
from scipy import sparse

from monazite.market.calibrate import Market
from monazite.market.layout import Permit
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray, IndexArray
from monazite.parameters import Parameters
from monazite.scenario.lowered import Lowered
from monazite.trajectory import PermitLabel

MOST_CONTRACTED = 0.95
"""Largest share of a route's flow under contract: some always goes at spot."""


def permits(
    lowered: Lowered,
) -> tuple[tuple[Permit, ...], FloatArray, tuple[PermitLabel, ...]]:
    """Return permits on routes and on the purchases of single uses, with limits and labels.

    Parameters
    ----------
    lowered : Lowered
        A scenario laid on a network.

    Returns
    -------
    tuple
        Permits; limits (month, permit) [t/month], infinite where not in force; labels.
    """
    found = [Permit(spec.name, spec.routes, spec.weights) for spec in lowered.permits]
    limits = [spec.limit for spec in lowered.permits]
    labels = [PermitLabel(spec.name, spec.measure_index) for spec in lowered.permits]
    limited = np.flatnonzero(np.isfinite(lowered.group_limit).any(axis=0))
    for u in limited:
        use = lowered.network.uses[int(u)]
        groups = _groups_of(lowered.network, int(u))
        name = f"{use.name} in {use.region}: {use.commodity}"
        none = np.zeros(0, dtype=np.intp)
        found.append(Permit(name, none, np.ones(len(groups)), links=groups))
        limits.append(lowered.group_limit[:, u])
        labels.append(PermitLabel(name, -1))
    table = np.array(limits).T if limits else np.zeros((len(lowered.months), 0))
    return tuple(found), table, tuple(labels)


def _groups_of(network: SupplyNetwork, use_index: int) -> IndexArray:
    """Find the user groups of one use, in the order in which the market makes them."""
    sizes = [max(len(use.cover), 1) for use in network.uses]
    first = int(np.sum(sizes[:use_index]))
    return np.arange(first, first + sizes[use_index], dtype=np.intp)


def contracts(network: SupplyNetwork, parameters: Parameters) -> FloatArray:
    """Return the share of each route's base flow under contract (draw, route) [fraction]."""
    share = np.array([[route.contract_share for route in network.routes]])
    return np.minimum(share * parameters.column("contract_scale"), MOST_CONTRACTED)


def abroad(market: Market) -> sparse.csr_array:
    """Return weights of the other regions' spot prices of the same good (market, spot market)."""
    spots = len(market.spot_markets)
    goods = np.array([commodity for commodity, _ in market.spot_markets])
    size = market.throughput[:spots]
    same = (goods[:, None] == goods[None, :]) & ~np.eye(spots, dtype=bool)
    weights = np.where(same, size[None, :], 0.0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    place = np.concatenate([np.arange(spots), market.group_spot[market.linked]])
    return sparse.csr_array(weights[place])
