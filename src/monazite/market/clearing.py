"""Clear a network once, without time: exact networks by HiGHS, all others by the market.

>>> from monazite.market.clearing import clear_network
>>> from monazite.network import Process, Route, SupplyNetwork, Use
>>> network = SupplyNetwork.build(
...     "wine and wool",
...     ["wine"],
...     processes=[Process.linear_supply("wine", "PRT", intercept=-9.0, slope=1.0)],
...     routes=[Route.at_cost("wine", "PRT", "GBR", 3.0)],
...     uses=[Use.linear("wine", "GBR", intercept=21.0, slope=0.5)],
... )
>>> cleared = clear_network(network)
>>> round(cleared.prices["wine", "GBR"], 6)
22.0
"""

import numpy as np

from monazite.market.audit import Audit, consumed
from monazite.market.calibrate import Market, Month
from monazite.market.equilibrium import Equilibrium, clear
from monazite.market.exact import NetworkEquilibrium, clear_exact, is_exact
from monazite.market.layout import Permit
from monazite.network import SupplyNetwork
from monazite.parameters import Parameters


def clear_network(
    network: SupplyNetwork, parameters: Parameters | None = None
) -> NetworkEquilibrium:
    """Find the prices at which a network's year clears, stocks left where they are.

    Parameters
    ----------
    network : SupplyNetwork
        Exact (one cost, linear answers, fixed quantities), or balanced and smooth.
    parameters : Parameters, optional
        Behaviour of the smooth agents, one draw; the central values by default.

    Returns
    -------
    NetworkEquilibrium
        Prices, quantities per year, and a certificate; ``unique`` is always true for a smooth
        network, and for an exact one only where it is shown.

    Raises
    ------
    NetworkError
        If the network mixes exact and smooth agents, or lacks a base flow or price.
    EquilibriumError
        If no prices clear it.
    """
    if is_exact(network):
        return clear_exact(network)
    return _clear_smooth(network, parameters or Parameters.central())


def _clear_smooth(network: SupplyNetwork, parameters: Parameters) -> NetworkEquilibrium:
    permits = [
        Permit(quota.name, np.array(quota.routes, dtype=np.intp), np.ones(len(quota.routes)))
        for quota in network.quotas
    ]
    market = Market(network, parameters, permits, periods=1.0, captive=False)
    month = market.base_month()
    if permits:
        month.permit_limit = np.array([[quota.limit for quota in network.quotas]])
        month.permit_size = month.permit_limit[0]
    equilibrium = clear(market, month)
    return _result(market, month, equilibrium)


def _result(market: Market, month: Month, equilibrium: Equilibrium) -> NetworkEquilibrium:
    consumption = consumed(market, equilibrium)
    return NetworkEquilibrium(
        network=market.network,
        price=equilibrium.price[0],
        activity=equilibrium.activity[0],
        flow=equilibrium.flow[0],
        quantity=consumption[0],
        rent=equilibrium.rent[0],
        objective=None,
        unique=True,
        certificate=Audit(market).certify(month, equilibrium, consumption),
    )
