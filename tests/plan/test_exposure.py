"""A cut hurts here as it does in the market: what shocks and lost suppliers leave of access."""

import numpy as np
import pytest

from monazite.errors import UnknownCodeError
from monazite.network import BasePrice, Commodity, Process, Route, SupplyNetwork, Use
from monazite.plan.alliance import Alliance
from monazite.plan.exposure import exposed, without_largest
from monazite.plan.programme import ShockRule
from plan.plan_factory import programme
from two_regions import RUNGS, two_regions

NETWORK = two_regions(mines=2)
MODEL = Alliance(NETWORK, programme(partners=("JPN",))).model()
BOUGHT = "good bought by JPN from CHN"
MINE = "mine in JPN"
USER = {"source": ["user"]}


def rule(*measures: dict, **changes) -> ShockRule:
    said = {"name": "cut", "probability": 0.1, "months": (6, 12, 18), **USER}
    return ShockRule.model_validate(said | {"measures": list(measures)} | changes)


def ban(exempt: float | None = None) -> dict:
    row = {"kind": "export_ban", "actors": ["CHN"], "targets": ["JPN"], "commodities": ["good"],
           "start": "2025-03", **USER}  # fmt: skip
    return row if exempt is None else row | {"exemptions": {"share": exempt}}


def left_after(*measures: dict) -> float:
    return exposed(rule(*measures), NETWORK, MODEL).left[BOUGHT]


class TestShocks:
    def test_a_ban_takes_the_banned_way_to_next_to_nothing(self):
        assert left_after(ban()) <= 0.01

    def test_the_harder_the_cut_the_less_is_left(self):
        left = [left_after(ban(share)) for share in (0.9, 0.6, 0.3, 0.1)]
        assert left == sorted(left, reverse=True)
        assert left[0] < 1.0
        assert left == pytest.approx([0.9, 0.6, 0.3, 0.1], abs=0.15)

    def test_what_is_not_cut_is_left_alone(self):
        tax = {"kind": "export_tax", "actors": ["CHN"], "commodities": ["good"],
               "start": "2025-03", "rate": 0.0, **USER}  # fmt: skip
        assert left_after(tax) == pytest.approx(1.0, abs=1e-3)

    def test_a_plant_that_stands_still_is_struck_itself(self):
        outage = {"kind": "outage", "actors": ["JPN"], "commodities": ["good"],
                  "start": "2025-03", "share_lost": 0.6, **USER}  # fmt: skip
        shock = exposed(rule(outage), NETWORK, MODEL)
        assert shock.left_of_capacity[MINE] == pytest.approx(0.4, abs=1e-6)

    def test_odds_and_lengths_are_those_of_the_rule(self):
        shock = exposed(rule(ban(), severity=(0.5, 0.8, 1.0)), NETWORK, MODEL)
        assert (shock.name, shock.probability) == ("cut", 0.1)
        assert shock.months == (6, 12, 18)
        assert shock.severity == (0.5, 0.8, 1.0)

    def test_shares_are_never_closed_by_round_off(self):
        left = exposed(rule(ban()), NETWORK, MODEL).left
        assert min(left.values()) >= 1e-3

    def test_a_measure_on_an_unknown_good_is_refused(self):
        with pytest.raises(UnknownCodeError, match=r"measure 1.*godo"):
            exposed(rule(ban() | {"commodities": ["godo"]}), NETWORK, MODEL)


def chain(own: float = 25.0) -> SupplyNetwork:
    """Oxide for JPN, 60 from CHN and 40 from MYS, whose plant gets ore from CHN and at home."""
    separate = {"ore": -1.0, "oxide": 1.0}
    return SupplyNetwork(
        "knock-on",
        (Commodity("ore"), Commodity("oxide")),
        processes=(
            Process("mine", "CHN", {"ore": 1.0}, 200.0, 145.0 + 10.0 - own, stage="ore"),
            Process("mine", "MYS", {"ore": 1.0}, 100.0, own, stage="ore"),
            Process("separation", "CHN", separate, 100.0, 70.0, stage="separation"),
            Process("separation", "MYS", separate, 60.0, 40.0, stage="separation"),
        ),
        routes=(
            Route("ore", "CHN", "MYS", 40.0 - own),
            Route("ore", "CHN", "JPN", 10.0),
            Route("oxide", "CHN", "JPN", 60.0),
            Route("oxide", "MYS", "JPN", 40.0),
        ),
        uses=(
            Use("magnets", "JPN", "oxide", 100.0, 0.3, RUNGS),
            Use("magnets", "CHN", "oxide", 10.0, 0.3, RUNGS),
            Use("other", "JPN", "ore", 10.0, 0.3, RUNGS),
        ),
        base_prices=tuple(
            BasePrice(code, region, price)
            for code, price in (("ore", 5.0), ("oxide", 50.0))
            for region in ("CHN", "MYS", "JPN")
        ),
    )


def left_in(network: SupplyNetwork) -> dict[str, float]:
    return without_largest(network, Alliance(network, programme(partners=("JPN",))).model())


class TestWithoutLargest:
    def test_the_largest_origin_of_each_good_is_gone(self):
        left = left_in(chain())
        assert left["oxide bought by JPN from CHN"] == 0.0
        assert left["ore bought by JPN from CHN"] == 0.0

    @pytest.mark.parametrize("own", [0.0, 10.0, 25.0, 40.0])
    def test_who_lives_on_lost_feed_loses_as_much(self, own):
        left = left_in(chain(own))
        # 40 of ore in MYS, of which its own mine brings some
        assert left["oxide bought by JPN from MYS"] == pytest.approx(own / 40.0)

    def test_of_two_feeds_the_scarcer_decides(self):
        network = chain()
        acid = {"ore": -1.0, "acid": -0.5, "oxide": 1.0}
        processes = tuple(
            Process("separation", "MYS", acid, 60.0, 40.0, stage="separation")
            if (row.name, row.region) == ("separation", "MYS")
            else row
            for row in network.processes
        )
        routes = (
            *network.routes,
            Route("acid", "CHN", "MYS", 20.0),
            Route("acid", "CHN", "JPN", 9),
        )
        prices = tuple(BasePrice("acid", region, 1.0) for region in ("CHN", "MYS", "JPN"))
        mixed = SupplyNetwork(
            "acid", (*network.commodities, Commodity("acid")),
            (*processes, Process("acid works", "CHN", {"acid": 1.0}, 50.0, 29.0)), routes,
            (*network.uses, Use("other", "JPN", "acid", 9.0, 0.3, RUNGS)),
            base_prices=(*network.base_prices, *prices),
        )  # fmt: skip
        assert left_in(mixed)["oxide bought by JPN from MYS"] == pytest.approx(0.0)

    def test_shares_lie_between_nothing_and_all(self):
        left = np.array(list(left_in(chain()).values()))
        assert np.all((left >= 0) & (left <= 1))
