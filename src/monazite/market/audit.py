"""Hand a cleared month to the certificate, as plain arrays."""

import numpy as np

from monazite.market.calibrate import Market, Month
from monazite.market.certificate import Behaviour, Certificate, Ledger, Quantities, summed
from monazite.market.equilibrium import Equilibrium
from monazite.newton import FloatArray


class Audit:
    """The certificate's ledger of one market, for all its months.

    Parameters
    ----------
    market : Market
        Whose months are certified.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.ledger = _ledger(market)

    def certify(
        self,
        month: Month,
        equilibrium: Equilibrium,
        consumption: FloatArray,
        *,
        tax_charged: FloatArray | None = None,
        tax_due: FloatArray | None = None,
    ) -> Certificate:
        """Recompute the residuals of a cleared month.

        Parameters
        ----------
        month, equilibrium
            What was given and what was found.
        consumption : array (draw, group) [t/month]
            What the user groups take (see `consumed`).
        tax_charged, tax_due : array (draw, route) [USD/kg], optional
            Tax that the routes reckoned with, and that the final prices imply.
        """
        none = np.zeros((1, len(self.market.network.routes)))
        quantities = Quantities(
            price=equilibrium.market_price,
            rent=equilibrium.rent,
            activity=equilibrium.activity,
            flow=equilibrium.flow,
            purchase=equilibrium.purchase,
            consumption=consumption,
            opening=month.opening,
            closing=equilibrium.closing,
            fixed=month.fixed,
            leaning=equilibrium.leaning,
            limit=month.permit_limit,
            tax_charged=none if tax_charged is None else tax_charged,
            tax_due=none if tax_due is None else tax_due,
        )
        single = len(equilibrium.price) == 1
        return self.ledger.certify(
            quantities,
            _behaviour(self.market, month, consumption),
            condition=self.market.pattern.condition() if single else float("nan"),
            steps=int(equilibrium.steps.max()),
        )


def consumed(market: Market, equilibrium: Equilibrium) -> FloatArray:
    """Return what each user group takes: rungs that go on and the rest [t/month]."""
    going = summed(equilibrium.running, market.rung_group, len(market.groups))
    return np.asarray(equilibrium.rest + going)


def _ledger(market: Market) -> Ledger:
    return Ledger(
        market.network,
        market.spot_markets,
        group_market=market.group_market,
        group_spot=market.group_spot,
        linked=market.linked,
        permits=[(permit.routes, permit.links, permit.weights) for permit in market.permits],
        size=market.throughput,
        reference=market.market_price0,
    )


def _behaviour(market: Market, month: Month, quantity: FloatArray) -> Behaviour:
    base, scale = market.base, month.demand_scale
    plants, ways = market.quadratic_processes, market.quadratic_routes
    slope = np.array([[market.network.processes[k].slope or 0.0 for k in plants]])
    way_slope = np.array([[market.network.routes[k].slope or 0.0 for k in ways]])
    elasticity = np.array(np.broadcast_to(base.elasticity, quantity.shape))
    elasticity[:, market.fixed_groups] = np.nan
    rest = np.array(np.broadcast_to(base.rest * scale, quantity.shape))
    rest[:, market.fixed_groups] = quantity[:, market.fixed_groups]
    return Behaviour(
        processes=(month.process_capacity, month.process_cost, base.process_spread),
        routes=(month.route_capacity, month.route_cost, month.route_spread),
        links=(base.link_capacity, month.link_cost, month.link_spread),
        rungs=(base.rung_capacity * scale[:, market.rung_group], base.rung_cost, base.rung_spread),
        rung_group=market.rung_group,
        rest=(rest, market.group_price0, elasticity),
        holders=(month.target, month.room, month.expected, base.release, 0.01),
        quadratic_processes=(
            plants,
            (
                month.process_capacity[:, plants],
                month.process_cost[:, plants],
                slope / market.periods,
            ),
        ),
        quadratic_routes=(
            ways,
            (month.route_capacity[:, ways], month.route_cost[:, ways], way_slope / market.periods),
        ),
        linear=(market.linear_groups, *market.linear_demand(scale)),
    )
