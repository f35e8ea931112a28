"""What holds for every plan: order relations that no figure may break."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monazite.plan.assemble import Assembly
from monazite.plan.draws import draw
from monazite.plan.model import PlanningModel
from monazite.plan.planner import Effort, find_plan
from plan.plan_factory import BAN, EXACT, IMPORT, random_model

models = st.integers(0, 3000).map(random_model)
shares = st.floats(0.0, 1.0)
SLACK = 1e-7
plans = settings(max_examples=6)


def cost(
    model: PlanningModel, left: float = 0.1, effort: Effort = EXACT, weight: float = 0.0
) -> float:
    ban = replace(BAN, left={IMPORT: left})
    draws = draw(model, (ban,), count=3, seed=11)
    solution = find_plan(Assembly(model, draws, risk_weight=weight), effort).solution
    assert solution.is_found
    return solution.objective


def at_most(low: float, high: float) -> bool:
    return low <= high + SLACK * max(1.0, abs(high))


@plans
@given(model=models, part=shares)
def test_a_tighter_budget_never_lowers_cost(model: PlanningModel, part: float) -> None:
    tight = {year: part * money for year, money in model.budgets["AAA"].items()}
    assert at_most(cost(model), cost(replace(model, budgets={"AAA": tight})))


@plans
@given(model=models)
def test_money_that_stays_usable_never_raises_cost(model: PlanningModel) -> None:
    kept, lapsing = (replace(model, carry_over=carry) for carry in (True, False))
    assert at_most(cost(kept), cost(lapsing))


@plans
@given(model=models, place=st.integers(0, 3))
def test_a_removed_project_never_lowers_cost(model: PlanningModel, place: int) -> None:
    gone = model.candidates[place].name
    tied = [row.name for row in model.candidates if gone in (*row.after, *row.needs)]
    left = tuple(row for row in model.candidates if row.name not in (gone, *tied))
    assert at_most(cost(model), cost(replace(model, candidates=left)))


@plans
@given(model=models, part=shares)
def test_less_access_never_lowers_cost(model: PlanningModel, part: float) -> None:
    first, *rest = model.activities
    less = replace(first, largest=part * first.largest)
    assert at_most(cost(model), cost(replace(model, activities=(less, *rest))))


@plans
@given(model=models, left=shares)
def test_a_harder_shock_never_lowers_cost(model: PlanningModel, left: float) -> None:
    costs = [cost(model, share) for share in (1.0, left, 0.0)]
    assert at_most(costs[0], costs[1])
    assert at_most(costs[1], costs[2])


@plans
@given(model=models, part=shares)
def test_a_lower_target_never_raises_cost(model: PlanningModel, part: float) -> None:
    (aim,) = model.targets
    lower = replace(model, targets=(replace(aim, share=part * aim.share),))
    assert at_most(cost(lower), cost(model))


@plans
@given(model=models, weight=st.floats(0.0, 3.0))
def test_aversion_to_risk_never_lowers_cost(model: PlanningModel, weight: float) -> None:
    assert at_most(cost(model), cost(model, weight=weight))


@plans
@given(model=models, part=shares)
def test_a_smaller_store_never_lowers_cost(model: PlanningModel, part: float) -> None:
    (store,) = model.stockpiles
    room = store.opening + part * (store.largest - store.opening)
    assert at_most(cost(model), cost(replace(model, stockpiles=(replace(store, largest=room),))))


@plans
@given(model=models, factor=st.floats(1.0, 2.0))
def test_dearer_capital_never_lowers_cost(model: PlanningModel, factor: float) -> None:
    dear = tuple(replace(row, capital=factor * row.capital) for row in model.candidates)
    assert at_most(cost(model), cost(replace(model, candidates=dear)))


@plans
@given(model=models, weight=st.sampled_from([0.0, 1.0]))
def test_the_decomposition_finds_what_the_extensive_form_finds(
    model: PlanningModel, weight: float
) -> None:
    one = cost(model, weight=weight)
    two = cost(model, weight=weight, effort=Effort(gap=1e-7))
    assert np.isclose(one, two, rtol=1e-5)
