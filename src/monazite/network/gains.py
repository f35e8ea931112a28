"""Recipes cannot make an element, nor turn goods into more of themselves round a cycle.

Activities ``x >= 0`` of the processes that have inputs gain mass if together they consume
nothing, ``R x >= 0`` with ``R`` the recipes, and leave something, ``sum(R x) > 0``. By Farkas'
lemma no such activities exist if some positive weights make no recipe gain. Weights of 1 settle
most networks; a small linear programme settles the rest. Regions do not matter: a route moves
goods and makes none.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from monazite.errors import NetworkError
from monazite.network.nouns import Commodity, NetworkTables, Process

ELEMENT_TOLERANCE = 1e-3
"""Relative excess of an element that rounded factors explain."""
GAIN_TOLERANCE = 1e-8
"""Net output, with all activities together 1, below which a cycle loses nothing and gains
nothing."""

Recipe = frozenset[tuple[str, float]]


def check_mass(tables: NetworkTables) -> None:
    """Raise if a recipe makes an element, or some recipes gain mass round a cycle.

    Raises
    ------
    NetworkError
        Names the processes and the element or commodity.
    """
    commodities = {commodity.code: commodity for commodity in tables.commodities}
    plants = [process for process in tables.processes if min(process.recipe.values()) < 0]
    for plant in plants:
        _check_elements(plant, commodities)
    first: dict[Recipe, Process] = {}
    for plant in plants:
        first.setdefault(frozenset(plant.recipe.items()), plant)
    gain = cycle_gain(tuple(sorted(_core(first), key=sorted)))
    if gain:
        raise _gain_fault([first[recipe] for recipe in gain])


@lru_cache(maxsize=64)
def cycle_gain(recipes: tuple[Recipe, ...]) -> tuple[Recipe, ...]:
    """Return the recipes that together gain mass from nothing; empty if none do.

    Parameters
    ----------
    recipes : tuple of frozenset of (str, float)
        Amounts by commodity, inputs negative [t/t].
    """
    if all(sum(amount for _, amount in recipe) <= 0 for recipe in recipes):
        return ()
    return _solve(recipes)


def _solve(recipes: Sequence[Recipe]) -> tuple[Recipe, ...]:
    import highspy  # noqa: PLC0415 - slow to load, and most networks need no programme

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-10)
    activities = [
        solver.addVariable(lb=0.0, ub=1.0, obj=-sum(amount for _, amount in recipe))
        for recipe in recipes
    ]
    rows: dict[str, list[tuple[int, float]]] = {}
    for j, recipe in enumerate(recipes):
        for commodity, amount in recipe:
            rows.setdefault(commodity, []).append((j, amount))
    for entries in rows.values():
        columns, amounts = zip(*entries, strict=True)
        solver.addRow(0.0, highspy.kHighsInf, len(columns), list(columns), list(amounts))
    solver.addRow(0.0, 1.0, len(activities), list(range(len(activities))), [1.0] * len(activities))
    solver.run()
    if -solver.getInfo().objective_function_value <= GAIN_TOLERANCE:
        return ()
    running = solver.getSolution().col_value
    return tuple(recipe for recipe, x in zip(recipes, running, strict=True) if x > 1e-6)


def _core(recipes: Mapping[Recipe, Process]) -> list[Recipe]:
    """Leave out recipes that need what no other makes: they are on no cycle."""
    left = list(recipes)
    while True:
        made = {commodity for recipe in left for commodity, amount in recipe if amount > 0}
        kept = [
            recipe for recipe in left if all(code in made for code, amount in recipe if amount < 0)
        ]
        if len(kept) == len(left):
            return left
        left = kept


def _gain_fault(processes: Sequence[Process]) -> NetworkError:
    names = " and ".join(sorted({f"'{process.name}'" for process in processes}))
    which = "the recipe of" if len(processes) == 1 else "the recipes of"
    return NetworkError(
        f"{which} {names} gain mass round a cycle: run together they make goods from nothing",
        where=_place(processes[0]),
        way_out="lower an output or raise an input in recipes.csv",
    )


def _check_elements(plant: Process, commodities: Mapping[str, Commodity]) -> None:
    inputs = [(commodities[code], -amount) for code, amount in plant.recipe.items() if amount < 0]
    if not all(commodity.elements for commodity, _ in inputs):
        return
    given = _contents(inputs)
    outputs = [(commodities[code], amount) for code, amount in plant.recipe.items() if amount > 0]
    for element, made in _contents(outputs).items():
        fed = given.get(element, 0.0)
        if made > fed * (1 + ELEMENT_TOLERANCE) + 1e-12:
            raise NetworkError(
                f"process '{plant.name}' in {plant.region} makes {element}: {made:.6g} t in its "
                f"outputs from {fed:.6g} t in its inputs",
                where=_place(plant),
                way_out="correct the recipe or the element contents in commodities.csv",
            )


def _contents(goods: Sequence[tuple[Commodity, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for commodity, amount in goods:
        for element, content in commodity.elements.items():
            total[element] = total.get(element, 0.0) + amount * content
    return total


def _place(process: Process) -> str:
    rows = [provenance.where for _, provenance in process.recipe_provenance if provenance.where]
    return rows[0] if rows else process.provenance.where or f"process {process.name}"
