"""Lay a scenario on a network."""

from dataclasses import replace

from monazite.errors import ScenarioError
from monazite.network import SupplyNetwork
from monazite.scenario.calendar import month_label, month_number, months_from
from monazite.scenario.document import Scenario
from monazite.scenario.draft import Draft
from monazite.scenario.ground import Ground
from monazite.scenario.lowered import Lowered


def lower(scenario: Scenario, network: SupplyNetwork, *, months: int | None = None) -> Lowered:
    """Turn a scenario into plain arrays by month on a network.

    Parameters
    ----------
    scenario : Scenario
        What happens.
    network : SupplyNetwork
        On what it happens, in t/year.
    months : int, optional
        Number of months, where it differs from the scenario's.

    Raises
    ------
    ScenarioError
        If a measure touches nothing, is dated before the base year, or all supply is shut.
    UnknownCodeError
        If a measure names a region, commodity, use or process that the network has not.
    """
    _require_dates(scenario, network)
    labels = months_from(scenario.start, scenario.months if months is None else months)
    draft = Draft(Ground(_extended(scenario, network, labels), labels))
    for number, measure in enumerate(scenario.measures, start=1):
        window = draft.announce(number - 1, measure.known_from, measure.start, measure.end)
        effect = measure.lower(draft, number - 1, window, scenario.place(number))
        draft.effects.append(effect)
    draft.require_supply(scenario.origin or scenario.id)
    return draft.freeze()


def _require_dates(scenario: Scenario, network: SupplyNetwork) -> None:
    first = month_label(12 * network.base_year)
    dated = [(scenario.start, f"{scenario.origin or scenario.id}: start")]
    for number, measure in enumerate(scenario.measures, start=1):
        dated += [(month, scenario.place(number)) for month in measure.dates()]
    for month, where in dated:
        if month_number(month) < month_number(first):
            raise ScenarioError(
                f"{month} is before the base year {network.base_year} of the network",
                where=where,
                way_out=f"begin in {first} or later, or use a chain with an earlier base year",
            )


def _extended(scenario: Scenario, network: SupplyNetwork, labels: tuple[str, ...]) -> SupplyNetwork:
    """Return the network with the plants that the scenario opens, at the end."""
    ground = Ground(network, labels)
    places = enumerate(scenario.measures, start=1)
    opened = [measure.new_process(ground, scenario.place(n)) for n, measure in places]
    added = tuple(process for process in opened if process is not None)
    return replace(network, processes=(*network.processes, *added)) if added else network
