"""Screening: every supplier of every commodity of some chains, taken away in turn."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from monazite import screening
from monazite.atlas_markets import PREFIX
from monazite.errors import InputError, UnknownCodeError
from monazite.indicators.rows import Band
from monazite.labels import REST_OF_WORLD
from monazite.manifest import Manifest, fingerprint
from monazite.network import SupplyNetwork
from monazite.newton import FloatArray
from monazite.odds import CutChance, Odds
from monazite.screening import CaseLoss, Cut, PartnerLoss, Removal
from monazite.simulate import Progress
from monazite.study.runs import (
    atlas_group,
    atlas_markets,
    chain,
    check_options,
    choose_engine,
    drawn_parameters,
)

SCREENED = ("rare-earths-2024", "gallium-germanium-2023")
"""The shipped chains that are of today."""
ATLAS = "atlas"
"""In the place of a chain: the markets of all minerals of the atlas."""
_HEADINGS = [
    "chain", "commodity", "stage", "region", "cut", "world_share", "rank", "loss_musd",
    "loss_low_musd", "loss_high_musd", "probability", "expected_musd", "rationed_share_of_draws",
]  # fmt: skip
MOST_MONTHS = 60
CHANGED = MappingProxyType({"hoarding": 0.0})
"""Parameters of a screening that are not those of other runs: buyers who hear of a control hoard
whatever its size, which would drown the weight of small suppliers."""


@dataclass(frozen=True, slots=True)
class ScreenOrder:
    """What is screened.

    Parameters
    ----------
    networks : tuple of str or Path
        Shipped chains or folders of one's own; ``atlas`` for all minerals of the atlas.
    partners : tuple of str
        Regions whose losses count.
    cut : str
        What of a supplier is taken away, a member of `Cut`.
    months : int
        How long it is gone.
    least_share : float
        Share of the world's exports or output that makes a supplier.
    pairs : int
        Of how many of the worst cases all pairs within a chain are tried as well.
    odds : str or Path, optional
        Table of probabilities in place of the shipped one.

    Raises
    ------
    InputError
        If there is nothing to screen, or an option is out of range.
    """

    networks: tuple[str | Path, ...] = SCREENED
    partners: tuple[str, ...] = ("USA", "JPN")
    cut: str = Cut.EXPORTS
    months: int = 12
    least_share: float = screening.LEAST_SHARE
    pairs: int = 0
    odds: str | Path | None = None

    def __post_init__(self) -> None:
        if self.cut not in set(Cut):
            raise UnknownCodeError("cut", self.cut, Cut)
        if not self.networks or not self.partners:
            raise InputError("nothing to screen", way_out="name at least one chain and one partner")
        if not 1 <= self.months <= MOST_MONTHS:
            raise InputError(
                f"months: {self.months} is out of range", way_out=f"ask for 1 to {MOST_MONTHS}"
            )

    def settings(self) -> dict[str, Any]:
        """Plain data, for a manifest."""
        return {
            "networks": [str(name) for name in self.networks],
            "partners": list(self.partners),
            "cut": str(self.cut),
            "months": self.months,
            "least_share": self.least_share,
            "pairs": self.pairs,
            "odds": None if self.odds is None else str(self.odds),
        }


@dataclass(frozen=True, slots=True)
class PartnerResult:
    """What a partner loses in a case [MUSD], and in which month a use of its is first short."""

    users: Band
    welfare: Band
    first_short: int | None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case in the ranking.

    ``rank`` : place by the expected loss of all partners' users, the band over draws. ``loss`` :
    of all partners' users together [MUSD]. ``probability`` : within a year, of all removals of
    the case. ``expected`` : both multiplied [MUSD a year]. ``chances`` : rows that the
    probability rests on. ``beyond_parts`` : of a pair, its loss over the sum of its parts.
    ``rationed`` : share of draws in which a partner's price means nothing: the loss is then a
    lower bound.
    """

    case: tuple[Removal, ...]
    rank: Band
    loss: Band
    probability: float
    expected: Band
    partners: Mapping[str, PartnerResult]
    chances: tuple[CutChance, ...]
    beyond_parts: Band | None
    rationed: float

    @property
    def name(self) -> str:
        """Return the names of what is removed."""
        return " + ".join(removal.name for removal in self.case)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "removed": [
                {
                    "chain": removal.chain, "commodity": removal.commodity, "stage": removal.stage,
                    "region": removal.region, "cut": str(removal.cut),
                    "tonnes_a_year": removal.quantity, "world_share": removal.share,
                }
                for removal in self.case
            ],
            "rank": _ends(self.rank),
            "loss_musd": _ends(self.loss),
            "probability": self.probability,
            "probability_rows": [chance.where for chance in self.chances],
            "expected_musd": _ends(self.expected),
            "partners": {
                region: {
                    "users_musd": _ends(lost.users), "welfare_musd": _ends(lost.welfare),
                    "first_short_month": lost.first_short,
                }
                for region, lost in self.partners.items()
            },
            "beyond_parts_musd": None if self.beyond_parts is None else _ends(self.beyond_parts),
            "rationed_share_of_draws": self.rationed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Screening:
    """Cases from the worst to the mildest.

    ``singles``, ``pairs`` : ranked apart. ``residual`` : the worst of all certificates.
    """

    order: ScreenOrder
    draws: int
    singles: tuple[CaseResult, ...]
    pairs: tuple[CaseResult, ...]
    residual: float
    manifest: Manifest

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "settings": self.order.settings() | {"draws": self.draws},
            "cases": [row.as_dict() for row in self.singles],
            "pairs": [row.as_dict() for row in self.pairs],
            "certificate": {"worst_residual": self.residual},
            "manifest": self.manifest.as_dict(),
        }

    def as_csv(self) -> str:
        """Return the single cases as a table, the worst first."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_HEADINGS + [f"{region}_users_musd" for region in self.order.partners])
        for row in self.singles:
            (removal,) = row.case
            writer.writerow(
                [
                    removal.chain, removal.commodity, removal.stage, removal.region, removal.cut,
                    removal.share, row.rank.median, row.loss.median, row.loss.low, row.loss.high,
                    row.probability, row.expected.median, row.rationed,
                    *(row.partners[region].users.median for region in self.order.partners),
                ]
            )  # fmt: skip
        return text.getvalue()

    def expected_by_commodity(self, partner: str) -> dict[str, float]:
        """Return what a partner's users are expected to lose a year, by good [MUSD].

        The sum over the suppliers of the good of loss times odds, in the median draw.

        Raises
        ------
        UnknownCodeError
            If the partner is not among those of the screening.
        """
        if partner not in self.order.partners:
            raise UnknownCodeError("partner", partner, self.order.partners)
        found: dict[str, float] = {}
        for row in self.singles:
            code = row.case[0].commodity
            lost = row.partners[partner].users.median or 0.0
            found[code] = found.get(code, 0.0) + lost * row.probability
        return found

    def as_picture(self) -> str:
        """Return the map of losses by good and supplier as an SVG document."""
        from monazite.briefing.canvas import standalone  # noqa: PLC0415 - drawing is slow to load
        from monazite.briefing.screened import heat_map  # noqa: PLC0415

        found = {
            (row.case[0].commodity, row.case[0].region): row.loss.median or 0.0
            for row in sorted(self.singles, key=lambda row: row.case)
        }
        who = " and ".join(self.order.partners)
        return standalone(heat_map(found, f"What the users of {who} lose without a supplier"))


def screen(
    order: ScreenOrder | None = None,
    *,
    draws: int = 1,
    seed: int = 0,
    processes: int = 1,
    engine: str | None = None,
    progress: Progress | None = None,
    **parameters: float,
) -> Screening:
    """Take every supplier of every commodity away in turn, and rank what the partners lose.

    Parameters
    ----------
    order : ScreenOrder, optional
        What is screened; the chains of today for the United States and Japan by default.
    draws : int
        1 runs the central parameters; more draw them, the same for every case.
    seed : int
        Seed of the draws.
    processes : int
        Worker processes.
    engine : str, optional
        ``local``, ``processes``, ``processes:N`` or the address of a cluster; as `processes` says
        by default.
    progress : callable (done, total), optional
        Told after each case; pairs are counted from the beginning.
    **parameters : float
        Central parameters to change; `CHANGED` says which ones are changed already.

    Raises
    ------
    MonaziteError
        Unknown chain, partner or parameter; a faulty table; no equilibrium.
    """
    order, changes = order or ScreenOrder(), CHANGED | parameters
    check_options(draws, seed)
    worker = choose_engine(engine, processes)
    table, values = Odds.read(order.odds), drawn_parameters(draws, seed, changes)
    found = {network.name: network for network in _networks(order.networks)}
    screened = screening.Screen(found, values, order.partners, order.months)
    cases = [(removal,) for network in found.values() for removal in _removals(network, order)]
    singles = screening.run(screened, cases, engine=worker, progress=progress)
    couples = screening.pairs(singles, order.pairs)
    doubles = screening.run(screened, couples, engine=worker, progress=progress)
    settings = order.settings() | {"draws": draws, "seed": seed, "parameters": changes}
    return Screening(
        order=order,
        draws=draws,
        singles=_ranked(singles, table, {}),
        pairs=_ranked(doubles, table, {loss.case[0]: loss.users() for loss in singles}),
        residual=max((loss.residual for loss in (*singles, *doubles)), default=0.0),
        manifest=_manifest(settings, screened, singles),
    )


def _networks(names: Sequence[str | Path]) -> Iterator[SupplyNetwork]:
    for name in names:
        if str(name) == ATLAS:
            yield from (group.network for group in atlas_markets().groups)
        else:
            yield chain(name)


def _removals(network: SupplyNetwork, order: ScreenOrder) -> list[Removal]:
    """Return the suppliers of a network.

    In a market of the atlas the remainder of the world is no one's to cut, and the residues that
    by-products are won from are no goods of anybody.
    """
    cut, least = Cut(order.cut), order.least_share
    if not network.name.startswith(PREFIX):
        return list(screening.removals(network, cut, least))
    group = atlas_group(network.name.removeprefix(PREFIX))
    goods = {stage.code for market in group.markets for stage in market.stages}
    found = screening.removals(network, cut, least, (REST_OF_WORLD.code,))
    return [removal for removal in found if removal.commodity in goods]


def _manifest(
    settings: dict[str, Any], screened: screening.Screen, singles: Sequence[CaseLoss]
) -> Manifest:
    values = screened.parameters.values
    inputs = {
        **{f"network {name}": each.digest() for name, each in screened.networks.items()},
        "parameters": fingerprint(*(values[name] for name in sorted(values))),
    }
    return Manifest("screen", settings, inputs, fingerprint(*(loss.users() for loss in singles)))


def _ranked(
    losses: Sequence[CaseLoss], table: Odds, alone: Mapping[Removal, FloatArray]
) -> tuple[CaseResult, ...]:
    if not losses:
        return ()
    chances = [tuple(table.of(r.region, r.commodity) for r in loss.case) for loss in losses]
    odds = [float(np.prod([chance.probability for chance in row])) for row in chances]
    expected = np.stack(
        [loss.users() * share for loss, share in zip(losses, odds, strict=True)], axis=1
    )
    places = Band.each(screening.ranks(expected))
    rows = [
        CaseResult(
            case=loss.case,
            rank=place,
            loss=_million(loss.users()),
            probability=share,
            expected=_million(loss.users() * share),
            partners={
                region: PartnerResult(
                    _million(lost.users), _million(lost.welfare), lost.first_short
                )
                for region, lost in loss.partners.items()
            },
            chances=why,
            beyond_parts=_beyond(loss, alone) if len(loss.case) > 1 else None,
            rationed=loss.rationed,
        )
        for loss, why, share, place in zip(losses, chances, odds, places, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.expected.median or 0.0), row.name)))


def _partner(lost: PartnerLoss) -> PartnerResult:
    return PartnerResult(_million(lost.users), _million(lost.welfare), lost.first_short)


def _beyond(loss: CaseLoss, alone: Mapping[Removal, FloatArray]) -> Band:
    return _million(loss.users() - np.sum([alone[removal] for removal in loss.case], axis=0))


def _million(thousands: FloatArray) -> Band:
    return Band.of(thousands / 1e3)


def _ends(band: Band) -> dict[str, float | None]:
    return {"median": band.median, "low": band.low, "high": band.high}
