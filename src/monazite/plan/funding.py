"""What it takes to fund a plant: its capital cost, its case before financiers, ways to pay for it.

Resource cost and public money stay apart: the first is what the plan minimises, the second what
a package asks of a partner's budget.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from monazite.errors import InputError
from monazite.network import SupplyNetwork
from monazite.plan.cashflow import ProjectCase
from monazite.plan.deal import standard_process, standard_terms
from monazite.plan.estimate import Capital, capital_costs
from monazite.plan.instrument import FloorContract
from monazite.plan.membership import assumed_cost
from monazite.plan.model import Package
from monazite.plan.pricepath import PricePaths, reverting_paths
from monazite.plan.programme import ProjectChoice
from monazite.plan.project import Project, Projects
from monazite.plan.support import Bankability, support_packages
from monazite.plan.terms import price_of
from monazite.units import MONEY_YEAR

PATHS = 40
"""Drawn paths of prices on which packages are sized: their mean is what a plan goes by."""
SEED = 7
UNAIDED = "no support"
PUBLIC_PLANT = "public plant"
"""Package of a plant that no terms make bankable: the public builds it and bears its losses."""


class Funding:
    """Capital costs and packages of the plants of a table of projects on a network.

    Parameters
    ----------
    projects : Projects
        The table.
    network : SupplyNetwork
        Whose base prices are the anchors of drawn prices.
    choice : ProjectChoice
        What financiers ask: hurdle and cover.
    """

    def __init__(self, projects: Projects, network: SupplyNetwork, choice: ProjectChoice) -> None:
        self.projects, self.network = projects.placed(network), network
        self.choice = choice

    @cached_property
    def capitals(self) -> Mapping[str, Capital]:
        """Capital cost of every plant that may be chosen, stated or estimated [MUSD of 2024]."""
        return capital_costs(self.projects)

    def capital(self, lines: tuple[Project, ...]) -> float:
        """Return what a plant is expected to cost in the end [MUSD of 2024]: stated costs grow.

        Raises
        ------
        InputError
            If nothing is known of plants of its kind.
        """
        plant = lines[0].plant
        if plant not in self.capitals:
            raise InputError(f"no capital cost of {plant}", way_out="give capex_musd")
        prior = self.projects.priors[lines[0].status]
        return self.capitals[plant].value * float(np.mean(prior.cost_growth))

    def case(self, lines: tuple[Project, ...], capital: float) -> ProjectCase:
        """Return a plant as its financiers see it: all lines, each on its best recipe.

        Raises
        ------
        InputError
            If no line has an activity.
        """
        sized = [line for line in lines if line.increment and line.processes]
        if not sized:
            raise InputError("it has no activity to finance", where=lines[0].plant)
        output: dict[str, float] = {}
        cost = capacity = 0.0
        for line in sized:
            size = line.increment or 0.0
            process = self._best_process(line)
            for good, amount in self._recipe(line, process).items():
                if amount > 0 and self._price(good, line.network_region) > 0:
                    output[good] = output.get(good, 0.0) + amount * size
            cost += size * self._unit_cost(line, process)
            capacity += size
        return ProjectCase.from_project(
            sized[0],
            {good: amount / (sized[0].increment or 1.0) for good, amount in output.items()},
            unit_cost=cost / (sized[0].increment or 1.0),
            capital=capital,
            terms=replace(standard_terms(MONEY_YEAR), hurdle=self.choice.hurdle),
        )

    def packages(self, lines: tuple[Project, ...], capital: float) -> tuple[Package, ...]:
        """Return the ways to pay for a plant, in the plan's form."""
        case = self.case(lines, capital)
        paths = self.paths(case)
        test = Bankability(cover=self.choice.cover, sizes_debt=True)
        found = support_packages(case, paths, test)
        if not found:
            return (_public_plant(case, paths),)
        return tuple(
            Package(
                name=UNAIDED if row.name == "none" else row.name,
                cash=row.cash,
                tail=row.tail,
                raises=row.raises,
                floors=tuple(
                    (item.product, item.price)
                    for item in row.instruments
                    if isinstance(item, FloorContract)
                ),
            )
            for row in found
        )

    def paths(self, case: ProjectCase, paths: int = PATHS) -> PricePaths:
        """Draw prices of what a plant sells around the base prices of the dearest market."""
        anchors = {good: standard_process(self._price(good, "")) for good in case.output}
        return reverting_paths(case.timeline(), anchors, paths=paths, seed=SEED)

    def _recipe(self, line: Project, process: str) -> Mapping[str, float]:
        return self.projects.recipe(process, self.network, line.network_region)

    def _price(self, good: str, region: str) -> float:
        return price_of(self.network, good, region, self.projects.recipes.values())

    def _best_process(self, line: Project) -> str:
        return max(line.processes, key=lambda name: self._margin(line, name))

    def _margin(self, line: Project, process: str) -> float:
        recipe = self._recipe(line, process)
        return sum(a * self._price(good, line.network_region) for good, a in recipe.items())

    def _unit_cost(self, line: Project, process: str) -> float:
        """Feed and operation of a tonne of activity [USD/kg]."""
        recipe = self._recipe(line, process)
        feed = -sum(
            a * self._price(good, line.network_region) for good, a in recipe.items() if a < 0
        )
        own = line.opex
        if own is None:
            own = assumed_cost(self._margin(line, process))
        return feed + own


def _public_plant(case: ProjectCase, paths: PricePaths) -> Package:
    timeline = paths.timeline
    revenue = sum(paths.of(good) * amount for good, amount in case.output.items())
    running = case.running(timeline)
    loss = np.maximum(0.0, case.unit_cost * case.capacity - revenue) * running / 1000.0
    spent = case.spending(timeline)
    return Package(
        name=PUBLIC_PLANT,
        cash=tuple((spent + loss.mean(axis=0)).tolist()),
        tail=tuple((spent + np.quantile(loss, 0.95, axis=0)).tolist()),
    )
