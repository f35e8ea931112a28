"""A cut that leaves enough for one buyer costs it nothing if it buys alone, and does if not."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monazite.indicators.losses import losses
from monazite.network import BasePrice, Commodity, Process, Route, SupplyNetwork, Use
from monazite.parameters import Parameters
from monazite.simulate import simulate
from monazite.trajectory import Trajectory
from two_regions import PRICE, RUNGS, calm, licence

EXPORTS = 100.0
"""Base flow from the maker to both buyers [t/month]."""
MONTHS, START = 18, 3
BUYER, RIVAL = "USA", "JPN"

shares = st.floats(0.05, 0.3)
remainders = st.floats(0.2, 0.8)


def _network(share: float) -> SupplyNetwork:
    """A maker, a buyer with that share of its exports, and a rival with the rest."""
    bought = {BUYER: 12 * EXPORTS * share, RIVAL: 12 * EXPORTS * (1 - share)}
    made = 12 * EXPORTS
    return SupplyNetwork(
        "one maker, two buyers",
        (Commodity("good"),),
        processes=(Process("mine", "CHN", {"good": 1.0}, 1.1 * made, made, stage="ore"),),
        routes=tuple(Route("good", "CHN", region, flow) for region, flow in bought.items()),
        uses=tuple(
            Use("magnets", region, "good", flow, 0.2, RUNGS) for region, flow in bought.items()
        ),
        base_prices=tuple(BasePrice("good", region, PRICE) for region in ("CHN", *bought)),
    )


def _run(share: float, remainder: float, *, rival: bool) -> Trajectory:
    """Let that remainder of all exports pass; without a rival nobody wants the rest of them."""
    limit = np.full(MONTHS, np.inf)
    limit[START:] = remainder * EXPORTS
    wanted = np.ones((MONTHS, 2))
    wanted[:, 1] = float(rival)
    cut = licence(limit, routes=(0, 1), base=EXPORTS)
    shocked = calm(_network(share), MONTHS, permits=(cut,), demand_factor=wanted)
    return simulate(shocked, Parameters.central())


def _lost(run: Trajectory) -> float:
    """Return what the buyer's users lose [kUSD]."""
    return float(losses(run).of_users(BUYER)[0])


@given(share=shares, remainder=remainders)
@settings(max_examples=20, deadline=None)
def test_a_cut_that_leaves_enough_for_the_only_buyer_costs_it_nothing(
    share: float, remainder: float
) -> None:
    free = _run(share, np.inf, rival=False)
    assume(free.permit_flow[0, START:, 0].max() < 0.999 * remainder * EXPORTS)
    cut = _run(share, remainder, rival=False)
    assert _lost(cut) == pytest.approx(_lost(free), rel=1e-9)
    assert cut.price == pytest.approx(free.price, rel=1e-9)


@given(share=shares, remainder=remainders)
@settings(max_examples=20, deadline=None)
def test_the_same_cut_costs_it_once_rivals_bid(share: float, remainder: float) -> None:
    assume(share < remainder)
    cut = _run(share, remainder, rival=True)
    spent = PRICE * 12 * EXPORTS * share
    assert _lost(cut) > 0.05 * spent
    served = cut.flow[0, -1, 0] / (EXPORTS * share)
    assert served < 1.0, "what would have been enough goes to the rival in part"
