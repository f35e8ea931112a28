"""Every supplier of every commodity in turn: who is hurt most without it, and how sure is that.

A removal takes one region's exports, or its output, of one commodity away for some months. Each is
a scenario of its own on the same market: prices, stocks, substitution and all other suppliers
answer. What the partners lose is weighed with the odds of the removal.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

import numpy as np

from monazite.engine import Engine, Local
from monazite.errors import InputError, UnknownCodeError
from monazite.indicators import first_shortages, shortages
from monazite.indicators.losses import losses
from monazite.market.certificate import worst
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray
from monazite.parameters import Parameters
from monazite.scenario import Scenario, lower
from monazite.scenario.supply import Outage
from monazite.scenario.trade import ExportBan
from monazite.simulate import Progress, simulate
from monazite.trajectory import Trajectory

START = "2026-01"
"""First month of a removal: a label only, since nothing else happens in it."""
LEAST_SHARE = 0.001
"""Share of the world's exports, or output, below which a region is no supplier."""


class Cut(StrEnum):
    """What of a supplier is taken away."""

    EXPORTS = "exports"
    """It ships nothing to others, and serves itself."""
    OUTPUT = "output"
    """It makes nothing: its plants stand still, those for joint products included."""


@dataclass(frozen=True, slots=True, order=True)
class Removal:
    """A supplier that is taken away.

    ``quantity`` : its exports, or output, in the base year [t/year]. ``share`` : of the world's.
    """

    chain: str
    commodity: str
    stage: str
    region: str
    cut: Cut
    quantity: float
    share: float

    @property
    def name(self) -> str:
        """Return a name that no other removal of its cut has."""
        return f"{self.chain}/{self.commodity}/{self.region}"


def removals(
    network: SupplyNetwork,
    cut: Cut = Cut.EXPORTS,
    least_share: float = LEAST_SHARE,
    no_suppliers: Collection[str] = (),
) -> tuple[Removal, ...]:
    """Return every supplier of every commodity of a network, in the order of its goods.

    Parameters
    ----------
    network : SupplyNetwork
        Balanced: with flows and activities of the base year.
    cut : Cut
        What is taken away.
    least_share : float
        Smallest share of the world's exports, or output, that makes a supplier.
    no_suppliers : collection of str
        Regions that are never taken away, such as the rest of the world.

    Raises
    ------
    InputError
        If the share is not above 0 and below 1.
    """
    if not 0 < least_share < 1:
        raise InputError(
            f"least share {least_share:g} is not between 0 and 1",
            way_out="give a fraction such as 0.001",
        )
    amounts = _exports(network) if cut is Cut.EXPORTS else _outputs(network)
    found = []
    for commodity in network.commodities:
        by_region = amounts.get(commodity.code, {})
        world = sum(by_region.values())
        found += [
            Removal(
                network.name, commodity.code, str(commodity.stage), region, cut, amount,
                amount / world,
            )
            for region, amount in sorted(by_region.items())
            if amount > least_share * world and region not in no_suppliers
        ]  # fmt: skip
    return tuple(found)


def _exports(network: SupplyNetwork) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for route in network.routes:
        by_region = found.setdefault(route.commodity, {})
        by_region[route.origin] = by_region.get(route.origin, 0.0) + (route.flow or 0.0)
    return found


def _outputs(network: SupplyNetwork) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for process in network.processes:
        for code, amount in process.recipe.items():
            if amount > 0 and math.isfinite(process.capacity):
                by_region = found.setdefault(code, {})
                made = amount * (process.activity or 0.0)
                by_region[process.region] = by_region.get(process.region, 0.0) + made
    return found


def scenario_of(chain: str, case: Sequence[Removal], months: int) -> Scenario:
    """Return the scenario in which some suppliers of a chain are gone.

    Parameters
    ----------
    chain : str
        Name of the network.
    case : sequence of Removal
        Of that chain; none for a year like any other.
    months : int
        For which they are gone, and which are simulated.
    """
    return Scenario(
        id="screened",
        title=" and ".join(removal.name for removal in case) or "nothing removed",
        chain=chain,
        start=START,
        months=months,
        measures=tuple(_measure(removal) for removal in case),
    )


def _measure(removal: Removal) -> ExportBan | Outage:
    places, goods = (removal.region,), (removal.commodity,)
    if removal.cut is Cut.EXPORTS:
        return ExportBan(kind="export_ban", actors=places, commodities=goods, start=START)
    return Outage(kind="outage", actors=places, commodities=goods, start=START, share_lost=1.0)


class PartnerLoss(NamedTuple):
    """What a partner loses in a case.

    ``users`` : what its users lose. ``welfare`` : that less what its producers gain (draw)
    [kUSD]. ``first_short`` : month, counted from 1, in which a use of its is first short in the
    median draw; None if none is.
    """

    users: FloatArray
    welfare: FloatArray
    first_short: int | None


@dataclass(frozen=True, slots=True, eq=False)
class CaseLoss:
    """A case and what came of it.

    ``case`` : one removal, or a pair. ``partners`` : by region. ``residual`` : the worst of the
    certificate. ``rationed`` : share of the draws in which a price in a partner's markets means
    nothing.
    """

    case: tuple[Removal, ...]
    partners: Mapping[str, PartnerLoss]
    residual: float
    rationed: float

    def users(self) -> FloatArray:
        """Return what the users of all partners lose together (draw) [kUSD]."""
        return np.asarray(sum(lost.users for lost in self.partners.values()))


def _first_short(trajectory: Trajectory) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in first_shortages(shortages(trajectory)):
        if row.month is not None:
            number = trajectory.months.index(row.month) + 1
            found[row.region] = min(number, found.get(row.region, number))
    return found


# -- many cases -------------------------------------------------------------------------------


class Screen:
    """How cases are run, and what would be lost without any.

    Drawn parameters move prices by themselves; so each draw is compared with the same draw in
    which nobody is removed.

    Parameters
    ----------
    networks : mapping of str to SupplyNetwork
        Balanced, by name.
    parameters : Parameters
        Behaviour, one draw or many, the same for all cases.
    partners : sequence of str
        Regions whose losses count.
    months : int
        How long suppliers are gone.

    Raises
    ------
    UnknownCodeError
        If no network has such a region; one that only some have loses nothing in the others.
    EquilibriumError
        If a network does not clear even with all its suppliers.
    """

    def __init__(
        self,
        networks: Mapping[str, SupplyNetwork],
        parameters: Parameters,
        partners: Sequence[str],
        months: int,
    ) -> None:
        self.networks = dict(networks)
        self.parameters = parameters
        self.partners = tuple(partners)
        self.months = months
        known = sorted({code for each in self.networks.values() for code in each.regions()})
        for region in self.partners:
            if region not in known:
                raise UnknownCodeError("partner", region, known, where=", ".join(self.networks))
        self._calm = {name: losses(self._simulated(name, ())) for name in self.networks}

    def _simulated(self, chain: str, case: Sequence[Removal]) -> Trajectory:
        scenario = scenario_of(chain, case, self.months)
        return simulate(lower(scenario, self.networks[chain]), self.parameters)

    def lost_in(self, case: Sequence[Removal]) -> CaseLoss:
        """Simulate a case of one chain and add up what the partners lose.

        Raises
        ------
        EquilibriumError
            If a month does not clear.
        """
        chain = case[0].chain
        trajectory = self._simulated(chain, case)
        lost, calm, first = losses(trajectory), self._calm[chain], _first_short(trajectory)
        here = [region in self.partners for _, region in trajectory.spot_markets]
        nothing = np.zeros(self.parameters.draws)
        return CaseLoss(
            case=tuple(case),
            partners={
                region: PartnerLoss(
                    nothing + lost.of_users(region) - calm.of_users(region),
                    nothing + lost.of_welfare(region) - calm.of_welfare(region),
                    first.get(region),
                )
                for region in self.partners
            },
            residual=worst(trajectory.certificates).worst(),
            rationed=float(trajectory.rationed[:, :, here].any(axis=(1, 2)).mean()),
        )


def run(
    screen: Screen,
    cases: Sequence[Sequence[Removal]],
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> tuple[CaseLoss, ...]:
    """Simulate cases on any engine, in their order.

    Parameters
    ----------
    screen : Screen
        How they are run; sent once to each worker.
    cases : sequence of sequences of Removal
        The removals of a case happen together.
    engine : Engine, optional
        Where; in this process by default. The numbers do not depend on it.
    progress : callable (done, total), optional
        Told after each case.

    Raises
    ------
    EquilibriumError
        If a month of a case does not clear.
    EngineError
        If workers are lost again and again.
    """
    found: dict[int, CaseLoss] = {}
    for place, loss in (engine or Local()).run(_lost_in, screen, cases):
        found[place] = loss
        if progress is not None:
            progress(len(found), len(cases))
    return tuple(found[place] for place in range(len(cases)))


def _lost_in(screen: Screen, case: Sequence[Removal]) -> CaseLoss:
    return screen.lost_in(case)


def pairs(losses: Sequence[CaseLoss], count: int) -> tuple[tuple[Removal, Removal], ...]:
    """Return all pairs within a chain of the `count` worst single removals.

    Chains do not act on each other, so that a pair over two of them is the sum of its parts.

    Raises
    ------
    InputError
        If `count` is negative or 1.
    """
    if count < 0 or count == 1:
        raise InputError(f"pairs of {count}", way_out="ask for pairs of two or more, or 0 for none")
    ordered = sorted(losses, key=lambda loss: -float(np.median(loss.users())))
    chosen = [loss.case[0] for loss in ordered[:count]]
    return tuple((a, b) for a, b in combinations(chosen, 2) if a.chain == b.chain)


# -- ranking ----------------------------------------------------------------------------------


def ranks(values: FloatArray) -> FloatArray:
    """Return the place of each case in each draw, 1 the largest; ties share the mean place.

    Parameters
    ----------
    values : array (draw, case)
        What cases are ranked by.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import, needed for ranks only

    return np.asarray(rankdata(-values, axis=1))
