"""What a briefing is made from: the scenario in words, what happened, what helps, on whose word.

`assemble` takes what a study knows and computes every indicator that the briefing shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from monazite.briefing.language import ENGLISH, Phrase, mark
from monazite.indicators import (
    SHORTAGE_THRESHOLD,
    Band,
    Concentration,
    FirstShortage,
    OutputAtRisk,
    PermitAccount,
    PriceMultiple,
    PublicAccount,
    RegionAccount,
    Reliance,
    Shortage,
    Snapshot,
    UseMonth,
    concentration,
    embodied_reliance,
    first_shortages,
    output_at_risk,
    permit_accounts,
    price_multiples,
    public_account,
    region_accounts,
    shortages,
    stage_concentration,
    total_output_at_risk,
    use_months,
)
from monazite.market.certificate import Certificate, worst
from monazite.network import Provenance, SupplyNetwork
from monazite.newton import FloatArray
from monazite.outlook import MAGNET_ELEMENTS
from monazite.parameters import ranges
from monazite.reference.source import Register
from monazite.scenario import Measure
from monazite.trajectory import Trajectory

if TYPE_CHECKING:
    from monazite.desk.measures import Drafted

SEVERAL = mark("several")
"""Stands for the value of a row that several regions or routes share."""

NOT_GIVEN = mark("not given")
"""Stands for a value that a network leaves open."""

SEE_TABLE = mark("see table")
"""Stands for values that only the table holds."""

PRICE_OF = mark("price of %(commodity)s in %(region)s")
ACTIVITY_OF = mark("%(process)s in %(region)s, activity")
FLOW_OF = mark("%(commodity)s from %(origin)s to %(destination)s")
DEMAND_OF = mark("demand of %(use)s in %(region)s for %(commodity)s")
STOCK_OF = mark("%(kind)s stock of %(commodity)s in %(region)s")
CONTENT_OF = mark("element content of %(commodity)s")

_SEVERAL_ROWS: Mapping[str, str] = {
    PRICE_OF: mark("price of %(commodity)s in %(region)s, and others by the same row"),
    ACTIVITY_OF: mark("%(process)s in %(region)s, activity, and others by the same row"),
    FLOW_OF: mark("%(commodity)s from %(origin)s to %(destination)s, and others by the same row"),
    DEMAND_OF: mark(
        "demand of %(use)s in %(region)s for %(commodity)s, and others by the same row"
    ),
    STOCK_OF: mark("%(kind)s stock of %(commodity)s in %(region)s, and others by the same row"),
    CONTENT_OF: mark("element content of %(commodity)s, and others by the same row"),
}
"""How a row is described that stands for several regions or routes."""

DURING_MONTHS = 6
"""Months that the picture of the chain during a shock is the mean of."""


@dataclass(frozen=True, slots=True)
class MeasureText:
    """A measure in words.

    ``words`` : one sentence without its dates. ``start``, ``end`` : first month in force and
    first month no longer in force (None: open). ``sources`` : ids of sources; none for what
    the writer of the scenario answers for. ``note`` : how its figures were read or assumed.
    ``measure`` : what the words are about, for pages in other languages than English.
    """

    words: str
    start: str
    end: str | None = None
    announced: str | None = None
    label: str = ""
    sources: tuple[str, ...] = ()
    grade: str = "E"
    note: str = ""
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a reader should know about how far to trust the briefing, in a sentence."""

    words: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioText:
    """The scenario in words.

    ``controlling`` : regions inside the border of the measures, usually their actors; empty
    where there is no border, as in an outage. ``sources`` : of the description. ``limits`` :
    what a reader must know beside what every briefing says, such as the back-test's record.
    """

    name: str
    title: str
    description: str
    measures: tuple[MeasureText, ...]
    controlling: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class RemedyLine:
    """What a remedy does to the same shock, the best remedy first.

    ``words`` : what is done, in a sentence. ``stopped_avoided`` : share of the stopped use, at
    base prices, that it prevents [fraction]. ``output_saved`` : value of that output
    [kUSD]; None where no use has a factor. ``months_gained`` : by how much the first shortage
    comes later [months]; infinite where it never comes, None where there was none.
    """

    name: str
    words: str
    stopped_avoided: Band
    output_saved: Band | None = None
    months_gained: float | None = None
    sources: tuple[str, ...] = ()
    grade: str = "E"


@dataclass(frozen=True, slots=True)
class AssumedFigure:
    """A figure that nobody published.

    ``id`` : file and line. ``what`` : what it is a figure of. ``value`` : in `unit`; text, so
    that ranges and shares by class fit. ``reason`` : why this value. ``phrase`` : the same as
    `what`, for pages in other languages than English.
    """

    id: str
    what: str
    value: str
    unit: str
    reason: str
    source: str = ""
    phrase: Phrase | None = None


@dataclass(frozen=True)
class BriefingData:
    """Everything that a briefing says, before it is written.

    ``total_output`` : value of all stopped use that has a factor [kUSD].
    ``threshold`` : stopped share from which a use counts as short [fraction].
    ``elements`` : by whose content stages and flows are compared; none: by mass.
    ``during`` : first month and month after the last of the picture during the shock.
    ``made_on`` : date of the briefing. ``manifest`` : what a rerun needs, as text.
    ``reading`` : the pages and events that the scenario was drafted from, if it was.
    """

    scenario: ScenarioText
    trajectory: Trajectory
    threshold: float
    elements: tuple[str, ...]
    during: tuple[int, int]
    shortages: tuple[Shortage, ...]
    first: tuple[FirstShortage, ...]
    months: tuple[UseMonth, ...]
    prices: tuple[PriceMultiple, ...]
    output: tuple[OutputAtRisk, ...]
    total_output: Band
    regions: tuple[RegionAccount, ...]
    permits: tuple[PermitAccount, ...]
    public: PublicAccount
    commodities: tuple[Concentration, ...]
    stages: tuple[Concentration, ...]
    reliance: tuple[Reliance, ...]
    remedies: tuple[RemedyLine, ...]
    sources: Register
    assumptions: tuple[AssumedFigure, ...]
    certificate: Certificate
    manifest: Mapping[str, str]
    made_on: date
    reading: "Drafted | None" = None

    @property
    def network(self) -> SupplyNetwork:
        """The network that the scenario was run on."""
        return self.trajectory.network

    @property
    def draws(self) -> int:
        """Number of draws of the uncertain parameters."""
        return self.trajectory.draws


def assemble(
    scenario: ScenarioText,
    trajectory: Trajectory,
    *,
    sources: Register,
    assumptions: Sequence[AssumedFigure],
    manifest: Mapping[str, str],
    made_on: date,
    remedies: Sequence[RemedyLine] = (),
    threshold: float = SHORTAGE_THRESHOLD,
) -> BriefingData:
    """Compute what a briefing shows.

    Parameters
    ----------
    scenario : ScenarioText
        In words, with sources.
    trajectory : Trajectory
        What happened.
    sources : Register
        Every source that a row of the network, a measure or a remedy names.
    assumptions : Sequence of AssumedFigure
        Besides the rows of grade E of the network, which are found here.
    manifest : Mapping of str to str
        Versions, hashes and settings of the run.
    made_on : date
        Date of the briefing.
    remedies : Sequence of RemedyLine
        The best first.
    threshold : float
        Stopped share from which a use counts as short [fraction].

    Raises
    ------
    InputError
        If the threshold is no share; UnknownCodeError if a controlling region has no market.
    """
    network = trajectory.network
    base = Snapshot.base(network)
    elements = _known_elements(network)
    short = shortages(trajectory, threshold)
    output = output_at_risk(trajectory)
    known = (*assumptions_in(network), *_assumed_factors(output), *assumptions)
    found = {item.id: item for item in known}
    return BriefingData(
        scenario=scenario,
        trajectory=trajectory,
        threshold=threshold,
        elements=elements,
        during=worst_months(trajectory),
        shortages=short,
        first=first_shortages(short),
        months=use_months(trajectory),
        prices=price_multiples(trajectory, scenario.controlling),
        output=output,
        total_output=total_output_at_risk(trajectory),
        regions=region_accounts(trajectory),
        permits=permit_accounts(trajectory),
        public=public_account(trajectory),
        commodities=concentration(base),
        stages=stage_concentration(base, elements),
        reliance=tuple(row for e in elements for row in embodied_reliance(base, e)),
        remedies=tuple(remedies),
        sources=sources,
        assumptions=tuple(found[key] for key in sorted(found)),
        certificate=worst(trajectory.certificates),
        manifest=manifest,
        made_on=made_on,
    )


def _known_elements(network: SupplyNetwork) -> tuple[str, ...]:
    """Return the magnet elements that the network's commodities contain; none: count by mass."""
    contained = {element for item in network.commodities for element in item.elements}
    return tuple(element for element in MAGNET_ELEMENTS if element in contained)


def worst_months(trajectory: Trajectory, count: int = DURING_MONTHS) -> tuple[int, int]:
    """Return first month and month after the last of the `count` months that hurt most.

    What hurts is stopped use, every use of a region and commodity counting alike; where nothing
    stops, the months in which trade differs most from the base year.
    """
    width = min(count, len(trajectory.months))
    pain = _pain(trajectory)
    first = int(np.argmax(np.convolve(pain, np.ones(width), mode="valid")))
    return first, first + width


def _pain(trajectory: Trajectory) -> FloatArray:
    stopped = trajectory.stopped.mean(axis=0) / np.maximum(trajectory.demand.mean(axis=0), 1e-300)
    if stopped.max(initial=0.0) > 0:
        return np.asarray(stopped.sum(axis=1))
    moved = np.abs(trajectory.flow.mean(axis=0) - trajectory.base_flow)
    return np.asarray(moved.sum(axis=1))


# Names for readers ------------------------------------------------------------------------


def commodity_name(network: SupplyNetwork, code: str) -> str:
    """Return the name of a commodity; the code where it has none."""
    names = {item.code: item.name for item in network.commodities}
    return names.get(code) or code


# Where the figures of a network come from -------------------------------------------------


def assumptions_in(network: SupplyNetwork) -> tuple[AssumedFigure, ...]:
    """Return every row of grade E of a network and of the parameters of behaviour, once each."""
    found: dict[str, AssumedFigure] = {}
    for phrase, value, unit, provenance in (*_rows(network), *_parameter_rows()):
        place = provenance.where
        if provenance.grade != "E" or not place:
            continue
        if place in found:
            several = _of_several(found[place].phrase or phrase)
            found[place] = replace(found[place], what=str(several), value=SEVERAL, phrase=several)
        else:
            note, source = provenance.note, provenance.source
            found[place] = AssumedFigure(place, str(phrase), value, unit, note, source, phrase)
    return tuple(found.values())


def _assumed_factors(output: Iterable[OutputAtRisk]) -> tuple[AssumedFigure, ...]:
    factors = {row.factor.where: row.factor for row in output if row.factor.grade == "E"}
    return tuple(
        AssumedFigure(
            id=place,
            what=f"value of output of {ENGLISH.use(item.use)}",
            value=f"{item.value:g}",
            unit=item.unit,
            reason=item.note,
            source=item.source,
            phrase=Phrase(mark("value of output of %(use)s"), (("use", item.use),)),
        )
        for place, item in factors.items()
    )


def _of_several(phrase: Phrase) -> Phrase:
    """Return the description of a row that stands for several regions."""
    return Phrase(_SEVERAL_ROWS.get(phrase.message, phrase.message), phrase.values)


def provenances(network: SupplyNetwork) -> dict[str, tuple[Provenance, ...]]:
    """Return where the rows of each kind come from, and the parameters of behaviour."""
    return {
        "prices": _distinct(item.provenance for item in network.base_prices),
        "processes": _distinct(item.provenance for item in network.processes),
        "routes": _distinct(item.provenance for item in network.routes),
        "uses": _distinct(item.provenance for item in network.uses),
        "commodities": _distinct(item.provenance for item in network.commodities),
        "stocks": _distinct(item.provenance for item in network.holders),
        "parameters": _distinct(provenance for *_, provenance in _parameter_rows()),
    }


def _distinct(found: Iterable[Provenance]) -> tuple[Provenance, ...]:
    return tuple(dict.fromkeys(found))


def _rows(network: SupplyNetwork) -> Iterable[tuple[Phrase, str, str, Provenance]]:
    goods, money = network.quantity_unit, network.price_unit
    for price in network.base_prices:
        phrase = _phrase(PRICE_OF, commodity=price.commodity, region=price.region)
        yield phrase, f"{price.price:g}", money, price.provenance
    for process in network.processes:
        phrase = _phrase(ACTIVITY_OF, process=process.name, region=process.region)
        yield phrase, _given(process.activity), f"{goods}/year", process.provenance
    for route in network.routes:
        phrase = _phrase(
            FLOW_OF, commodity=route.commodity, origin=route.origin, destination=route.destination
        )
        yield phrase, _given(route.flow), f"{goods}/year", route.provenance
    for use in network.uses:
        phrase = _phrase(DEMAND_OF, use=use.name, region=use.region, commodity=use.commodity)
        yield phrase, _given(use.demand), f"{goods}/year", use.provenance
    for holder in network.holders:
        phrase = _phrase(
            STOCK_OF, kind=holder.kind, commodity=holder.commodity, region=holder.region
        )
        yield phrase, f"{holder.stock:g}", goods, holder.provenance
    for item in network.commodities:
        yield _phrase(CONTENT_OF, commodity=item.code), SEE_TABLE, "t/t", item.provenance


def _phrase(message: str, **values: str) -> Phrase:
    return Phrase(message, tuple(values.items()))


def _parameter_rows() -> Iterable[tuple[Phrase, str, str, Provenance]]:
    for item in ranges().values():
        value = f"{item.low:g} to {item.high:g}, central {item.mode:g}"
        place = f"parameters.csv:{item.name}"
        words = item.name.replace("_", " ")
        provenance = Provenance(item.source, item.grade, place, item.note)
        yield Phrase("%(name)s", (("name", words),)), value, item.unit, provenance


def _given(value: float | None) -> str:
    return NOT_GIVEN if value is None else f"{value:g}"
