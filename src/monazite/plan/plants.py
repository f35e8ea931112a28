"""Rows of a project table as plants of an alliance: lines joined, shares and odds worked out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from monazite.errors import UnknownCodeError
from monazite.network import SupplyNetwork
from monazite.plan.membership import Plant, PlantLine
from monazite.plan.model import Package
from monazite.plan.programme import ProjectChoice
from monazite.plan.project import Decision, Project, Projects

Capital = Callable[[tuple[Project, ...]], float]
"""Capital cost of a plant from its lines [money]: as stated, or estimated."""
Packages = Callable[[tuple[Project, ...], float], tuple[Package, ...]]
"""Ways to pay for a plant, from its lines and its capital cost [money]."""


def plants(
    projects: Projects,
    network: SupplyNetwork,
    choice: ProjectChoice,
    *,
    capital: Capital,
    packages: Packages | None = None,
    slippage: bool = True,
) -> tuple[Plant, ...]:
    """Return the plants of a project table on a network: committed ones and candidates.

    Parameters
    ----------
    projects : Projects
        Shipped or of a user's own.
    network : SupplyNetwork
        What they stand on.
    choice : ProjectChoice
        Which may be chosen.
    capital : callable
        Capital cost of a plant's lines.
    packages : callable, optional
        Ways to pay; none where public money is no matter.
    slippage : bool
        Whether plants slip and fail.

    Raises
    ------
    UnknownCodeError
        If a choice names a project that is not in the table.
    NetworkError
        If a candidate's feed comes from nowhere.
    """
    _check_choice(projects, choice)
    candidates = {row.id for row in projects.candidates(network)}
    committed = {row.id for row in projects.committed(network)}
    placed = projects.placed(network)
    names = {row.id: plant for plant, rows in placed.plants().items() for row in rows}
    found = []
    for name, every in placed.plants().items():
        rows = tuple(row for row in every if row.id in candidates | committed)
        chosen = tuple(row for row in rows if row.id in candidates and _is_chosen(row, choice))
        coming = tuple(row for row in rows if row.id in committed)
        if chosen:
            cost = capital(every)
            ways = packages(every, cost) if packages else ()
            found.append(_plant(name, chosen, placed, network, cost, ways, names, slippage))
        if coming:
            label = f"{name} (under way)" if chosen else name
            found.append(_plant(label, coming, placed, network, 0.0, (), names, slippage))
    return tuple(_with_known_needs(found))


def _check_choice(projects: Projects, choice: ProjectChoice) -> None:
    known = {row.id for row in projects} | {row.plant for row in projects}
    for where, names in (("projects only", choice.only), ("projects exclude", choice.exclude)):
        for name in names:
            if name not in known:
                raise UnknownCodeError("project", name, known, where=where)


def _is_chosen(row: Project, choice: ProjectChoice) -> bool:
    names = {row.id, row.plant}
    if choice.only and not names & set(choice.only):
        return False
    return not names & set(choice.exclude)


def _plant(
    name: str,
    rows: tuple[Project, ...],
    projects: Projects,
    network: SupplyNetwork,
    capital: float,
    packages: tuple[Package, ...],
    names: Mapping[str, str],
    slippage: bool,
) -> Plant:
    first = rows[0]
    prior = projects.priors[first.status]
    lines = tuple(line for row in rows for line in _lines(row, projects, network))
    return Plant(
        name=name,
        region=first.network_region,
        owners=tuple(dict.fromkeys(name for row in rows for name in row.partners)),
        is_committed=first.decision is Decision.COMMITTED,
        lines=lines,
        start=min(row.earliest_start for row in rows),
        stage=first.chain_stage,
        capital=capital,
        build=max(row.build_years for row in rows),
        ramp=ramp(max(row.ramp_years for row in rows)),
        life=float(first.life_years),
        success=prior.success if slippage else 1.0,
        delay=prior.delay if slippage else (0.0, 0.0, 0.0),
        offtake=_offtake(rows, projects, network),
        after=_others((row.phase_of for row in rows), names, name),
        needs=(),
        group=next((row.group for row in rows if row.group), ""),
        packages=packages,
    )


def ramp(years: int) -> tuple[float, ...]:
    """Return the share of full output in each year when it is reached after some years."""
    return (*((k + 1) / (years + 1) for k in range(years)), 1.0)


def _lines(row: Project, projects: Projects, network: SupplyNetwork) -> Iterable[PlantLine]:
    for process in row.processes:
        recipe = projects.recipe(process, network, row.network_region)
        yield PlantLine(process, dict(recipe), row.increment or 0.0, row.id, row.opex)


def _offtake(
    rows: tuple[Project, ...], projects: Projects, network: SupplyNetwork
) -> dict[str, float]:
    """Share of the output promised to each partner; tonnes are held against the plant's output."""
    shares: dict[str, list[float]] = {}
    for row in rows:
        made = _made(row, projects, network)
        for promise in row.offtakes:
            share = promise.share
            if share is None:
                total = (
                    sum(made.values())
                    if promise.commodity == "*"
                    else made.get(promise.commodity, 0.0)
                )
                share = min(1.0, (promise.tonnes or 0.0) / total) if total else 0.0
            shares.setdefault(promise.partner, []).append(share)
    return {partner: sum(row) / len(row) for partner, row in shares.items()}


def _made(row: Project, projects: Projects, network: SupplyNetwork) -> dict[str, float]:
    recipe = projects.recipe(row.processes[0], network, row.network_region)
    size = row.activity or 0.0
    return {code: amount * size for code, amount in recipe.items() if amount > 0}


def _others(ids: Iterable[str], names: Mapping[str, str], own: str) -> tuple[str, ...]:
    found = dict.fromkeys(names[name] for name in ids if name)
    return tuple(name for name in found if name != own)


def _with_known_needs(found: list[Plant]) -> Iterable[Plant]:
    """Phases after plants that come by themselves need no rule."""
    choices = {plant.name for plant in found if not plant.is_committed}
    for plant in found:
        yield replace(plant, after=tuple(name for name in plant.after if name in choices))
