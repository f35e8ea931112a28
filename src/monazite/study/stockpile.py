"""Stockpiles: how many days of what, in which form and where, for a given protection."""

from collections.abc import Callable
from pathlib import Path

from monazite.network import SupplyNetwork
from monazite.plan.planner import Effort, find_plan
from monazite.plan.programme import PlanProgramme, load
from monazite.plan.result import PlanReport
from monazite.plan.stockpile import StockAim, StockStudy, stock_study
from monazite.study.plans import ground, prepared

GAP = 1e-5
"""Gap of each search for stocks, of the whole cost: stocks are a small part of it."""


def stockpile(
    programme: str | Path | PlanProgramme,
    *,
    aim: StockAim | None = None,
    count: int | None = None,
    plan_gap: float | None = None,
    has_trials: bool = True,
    processes: int = 1,
    network: SupplyNetwork | None = None,
    told: Callable[[str], None] | None = None,
) -> StockStudy:
    """Choose stocks for a protection, of each partner apart and of all together.

    Parameters
    ----------
    programme : str, Path or Programme
        A file, or what was read from one.
    aim : StockAim, optional
        What stocks are for.
    count : int, optional
        Draws; those of the programme by default.
    plan_gap : float, optional
        Also work out the plan, to this gap, and take its plants as if they were under way; without
        it nothing is built.
    has_trials : bool
        Whether the rules are tried in the monthly market.
    processes : int
        Local cores that operate the draws.
    network : SupplyNetwork, optional
        In place of the programme's chain.
    told : callable, optional
        Told what is being worked out.

    Raises
    ------
    InputError
        If the programme lets nothing be stocked, or has no partners.
    """
    given = programme if isinstance(programme, PlanProgramme) else load(programme)
    ready = prepared(given, network or ground(given))
    decided: PlanReport | None = None
    if plan_gap is not None:
        if told is not None:
            told("the plan")
        effort = Effort(gap=plan_gap, processes=processes)
        decided = find_plan(ready.assembly(ready.model(), count), effort).report
    return stock_study(
        ready,
        aim,
        effort=Effort(gap=GAP, processes=processes),
        count=count,
        decided=decided,
        has_trials=has_trials,
        told=told,
    )
