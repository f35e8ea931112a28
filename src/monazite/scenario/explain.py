"""Say in plain sentences what a scenario does to a network."""

from monazite.network import SupplyNetwork
from monazite.scenario.document import Scenario
from monazite.scenario.lowered import Effect, Lowered
from monazite.scenario.lowering import lower
from monazite.scenario.measure import Measure


def explain(
    scenario: Scenario, network: SupplyNetwork, *, months: int | None = None
) -> tuple[str, ...]:
    """One sentence for each measure: who does what, when, and how much of the network it touches.

    Parameters
    ----------
    scenario, network, months
        As in :func:`monazite.scenario.lower`.

    Raises
    ------
    ScenarioError, UnknownCodeError
        If the scenario cannot be laid on the network.
    """
    lowered = lower(scenario, network, months=months)
    return tuple(
        _sentence(number, measure, lowered)
        for number, measure in enumerate(scenario.measures, start=1)
    )


def _sentence(number: int, measure: Measure, lowered: Lowered) -> str:
    effect = lowered.effects[number - 1]
    announcement = lowered.announcements[number - 1]
    sentence = measure.sentence()
    told = f"{measure.label}: {sentence}" if measure.label else sentence[0].upper() + sentence[1:]
    remarks = list(effect.remarks)
    if announcement.start >= len(lowered.months):
        remarks.append("it begins after the simulated months and does nothing")
    permits = [p for p in lowered.permits if p.measure_index == number - 1 and p.is_reexport]
    if permits:
        remarks.append(f"{len(permits)} third-country exports are limited to clean goods")
    tail = "".join(f" Note: {remark}." for remark in remarks)
    return f"{number}. {told}, {measure.duration()}. {_touched(effect)}{tail}"


def _touched(effect: Effect) -> str:
    counted = (
        (len(effect.routes), "route"),
        (len(effect.processes), "process"),
        (len(effect.uses), "use"),
    )
    parts = [_plural(count, noun) for count, noun in counted if count]
    amount = f"{effect.tonnes:,.0f} t"
    if not parts:
        return f"It moves {amount}."
    return f"It touches {' and '.join(parts)}, {amount} a year."


def _plural(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun}es" if noun.endswith("s") else f"{count} {noun}s"
