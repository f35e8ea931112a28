"""Finance: what a project is worth to its owners with support, and what that costs the public."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from monazite.errors import InputError, UnknownCodeError
from monazite.network import SupplyNetwork
from monazite.plan.cashflow import ProjectCase
from monazite.plan.deal import (
    ImpliedPrice,
    WorkedCase,
    implied_prices,
    standard_support,
    worked_case,
    worked_cases,
    yearly_payout,
)
from monazite.plan.estimate import Capital
from monazite.plan.finance import ProjectFinance, assess
from monazite.plan.funding import Funding
from monazite.plan.instrument import (
    ConcessionalLoan,
    ContractForDifference,
    FloorContract,
    Grant,
    SupportInstrument,
    make_instrument,
)
from monazite.plan.pricepath import PricePaths, fixed_paths
from monazite.plan.programme import ProjectChoice
from monazite.plan.project import Decision, Project, Projects
from monazite.plan.support import HIGHEST_FLOOR, Bankability, SupportMix, cheapest_mix
from monazite.reference.source import shipped_register
from monazite.study.runs import DEFAULT_CHAIN, chain

FLOOR_PRICES = (60.0, 80.0, 100.0, 120.0)
"""Market prices at which a floor is looked at [USD/kg]."""
PATHS = 500
"""Price paths that are drawn."""
_SOURCE_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class FinanceOrder:
    """How a project is looked at.

    ``hurdle`` : real return that sponsors ask [1/year], ``cover`` : debt service cover that
    lenders ask; None for what the project goes by. ``instruments`` : as ``kind:term=value,...``;
    of a worked case in place of its real terms. ``floor_prices`` : market prices at which floors
    are looked at [USD/kg]. ``paths`` : of drawn prices. ``has_mix`` : whether the cheapest
    support is looked for.
    """

    hurdle: float | None = None
    cover: float | None = None
    instruments: tuple[str, ...] = ()
    floor_prices: tuple[float, ...] = FLOOR_PRICES
    paths: int = PATHS
    has_mix: bool = True


@dataclass(frozen=True, slots=True)
class FloorPayout:
    """What a floor pays at one market price that stays.

    ``price`` [USD/kg]. ``yearly`` : in a year of full output, in current dollars; negative is
    money back [MUSD]. ``whole`` : over its life, discounted, in constant dollars [MUSD].
    """

    price: float
    yearly: float
    whole: float


@dataclass(frozen=True, slots=True)
class FloorTable:
    """A floor at several market prices. ``tonnes`` : made in a year at full output."""

    instrument: str
    product: str
    floor: float
    tonnes: float
    rows: tuple[FloorPayout, ...]


@dataclass(frozen=True, slots=True)
class KnownPayment:
    """What a floor paid in a period [MUSD], and the market prices that this implies."""

    period: str
    paid: float
    implied: tuple[ImpliedPrice, ...]


@dataclass(frozen=True, slots=True)
class FinanceGround:
    """What a case rests on: sources by id with what they were read for, and assumptions."""

    sources: Mapping[str, str]
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class FinanceRun:
    """A project before financiers.

    ``name``, ``title``, ``kind`` : which, and whether it is a ``project`` or a ``case`` with
    real terms. ``case``, ``paths`` : its cash and the prices. ``capital`` : what its cost rests
    on, of projects. ``instruments`` : its support. ``test`` : when financiers say yes. ``mix`` :
    the cheapest support, or ``no_mix`` : why there is none. ``known`` : what a floor is known to
    have paid. ``floor_prices`` : market prices at which floors are looked at [USD/kg].
    """

    name: str
    title: str
    kind: str
    case: ProjectCase
    paths: PricePaths
    capital: Capital | None
    instruments: tuple[SupportInstrument, ...]
    test: Bankability
    ground: FinanceGround
    floor_prices: tuple[float, ...]
    mix: SupportMix | None
    no_mix: str
    known: KnownPayment | None = None

    @cached_property
    def unaided(self) -> ProjectFinance:
        """Without any support."""
        return assess(self.case, self.paths)

    @cached_property
    def supported(self) -> ProjectFinance | None:
        """With its support; None where there is none."""
        return assess(self.case, self.paths, self.instruments) if self.instruments else None

    @cached_property
    def floors(self) -> tuple[FloorTable, ...]:
        """Every floor of its support at stated market prices."""
        found = []
        for item in self.instruments:
            if isinstance(item, FloorContract | ContractForDifference):
                found.append(self._floor(item))
        return tuple(found)

    def _floor(self, item: FloorContract | ContractForDifference) -> FloorTable:
        tonnes = self.case.output[item.product]
        contract = item if isinstance(item, ContractForDifference) else _without_upside(item)
        whole = self._whole(item)
        rows = tuple(
            FloorPayout(price, yearly_payout(contract, price, tonnes), paid)
            for price, paid in zip(self.floor_prices, whole, strict=True)
        )
        return FloorTable(item.name, item.product, item.price, tonnes, rows)

    def _whole(self, item: SupportInstrument) -> list[float]:
        """Return what an instrument costs over its life at prices that stay [MUSD]."""
        product = str(getattr(item, "product", ""))
        means = {good: float(self.paths.of(good).mean()) for good in self.paths.products}
        levels = {
            good: self.floor_prices if good == product else (mean,) * len(self.floor_prices)
            for good, mean in means.items()
        }
        timeline = self.paths.timeline
        still = fixed_paths(timeline, levels, money_year=self.case.money_year)
        settled = assess(self.case, still, (item,)).settlement
        worth = timeline.discount(self.case.public_rate)
        paid = -(settled.lines[item.name] @ worth)
        return [float(value) for value in np.atleast_1d(paid)]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "money": {"unit": "MUSD", "year": self.case.money_year},
            "capital": _capital_data(self.case, self.capital),
            "terms": {
                "hurdle": self.case.hurdle,
                "public_rate": self.case.public_rate,
                "cover": self.test.cover,
                "debt_share": self.case.financing.debt_share,
            },
            "instruments": [instrument_data(item) for item in self.instruments],
            "unaided": self.unaided.as_dict(),
            "supported": None if self.supported is None else self.supported.as_dict(),
            "cheapest_mix": None if self.mix is None else _mix_data(self.mix),
            "why_no_mix": self.no_mix or None,
            "floors": [asdict(table) for table in self.floors],
            "known_payment": None if self.known is None else asdict(self.known),
            "sources": dict(self.ground.sources),
            "assumptions": list(self.ground.assumptions),
        }


def finance(
    name: str,
    *,
    order: FinanceOrder | None = None,
    projects: str | Path | None = None,
    network: str | Path | SupplyNetwork | None = None,
) -> FinanceRun:
    """Look at a project, or at a shipped case with its real terms, as financiers do.

    Parameters
    ----------
    name : str
        A worked case or a plant of the table of projects.
    order : FinanceOrder, optional
        What financiers ask, and what the public gives.
    projects : str or Path, optional
        A table of projects of one's own.
    network : str, Path or SupplyNetwork, optional
        Chain whose base prices projects sell at; the shipped one of rare earths by default.

    Raises
    ------
    UnknownCodeError
        If there is neither case nor project of that name.
    InputError
        If terms cannot be, or do not fit the project.
    """
    asked = order or FinanceOrder()
    _check(asked)
    if name in worked_cases() and projects is None:
        return _worked(name, asked)
    base = network if isinstance(network, SupplyNetwork) else chain(network or DEFAULT_CHAIN)
    return _project(name, asked, Projects.read(projects), base)


def finance_list(projects: str | Path | None = None) -> list[dict[str, Any]]:
    """Return what can be looked at: shipped cases with real terms, and plants that are a choice."""
    rows: list[dict[str, Any]] = [
        {"name": name, "kind": "case", "title": "with its real terms", "region": "", "stage": ""}
        for name in worked_cases()
    ]
    for plant, lines in Projects.read(projects).plants().items():
        chosen = [row for row in lines if row.decision is Decision.CANDIDATE and row.has_size]
        if chosen:
            rows.append(
                {
                    "name": plant,
                    "kind": "project",
                    "title": chosen[0].name,
                    "region": chosen[0].region,
                    "stage": str(chosen[0].chain_stage),
                }
            )
    return rows


def read_instrument(text: str) -> SupportInstrument:
    """Read an instrument from ``kind:term=value,...``.

    >>> read_instrument("grant:amount=120").sized
    120.0

    Raises
    ------
    InputError
        If it cannot be read, lacks a term or has one that cannot be.
    """
    kind, _, rest = text.partition(":")
    terms: dict[str, float | str] = {}
    for word in filter(None, rest.split(",")):
        term, found, value = word.partition("=")
        if not found or not value:
            raise InputError(
                f"'{word}' is no term",
                where="--instrument",
                way_out="write kind:term=value,..., such as grant:amount=120",
            )
        terms[term.strip()] = _value(value.strip())
    return make_instrument(kind.strip(), terms, where="--instrument")


def instrument_data(item: SupportInstrument) -> dict[str, Any]:
    """Return an instrument as plain data: kind, name and the terms that it has."""
    terms = {each.name: getattr(item, each.name) for each in fields(item) if each.name != "label"}
    given = {name: value for name, value in terms.items() if value is not None}
    return {"kind": item.kind, "name": item.name, **given}


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _check(order: FinanceOrder) -> None:
    for price in order.floor_prices:
        if not (np.isfinite(price) and price >= 0):
            raise InputError(
                f"a market price of {price:g}", where="--floor-table", way_out="give USD/kg from 0"
            )
    if order.paths < 2 or order.paths % 2:
        raise InputError(
            f"{order.paths} paths", where="--paths", way_out="give an even number from 2 on"
        )


def _test(order: FinanceOrder, cover: float) -> Bankability:
    return Bankability(cover=cover if order.cover is None else order.cover, sizes_debt=True)


def _worked(name: str, order: FinanceOrder) -> FinanceRun:
    found = worked_case(name)
    case = found.case if order.hurdle is None else replace(found.case, hurdle=order.hurdle)
    given = tuple(map(read_instrument, order.instruments)) or found.instruments
    paths = found.paths(order.paths)
    test = _test(order, Bankability().cover)
    mix, why = _mix(case, paths, test) if order.has_mix else (None, "it was not looked for")
    return FinanceRun(
        name=name,
        title=f"{name}, with its real terms",
        kind="case",
        case=case,
        paths=paths,
        capital=None,
        instruments=given,
        test=test,
        ground=_ground_of((row.source, row.grade, row.note, str(row.ref)) for row in found.rows),
        floor_prices=order.floor_prices,
        mix=mix,
        no_mix=why,
        known=_known(found),
    )


def _known(found: WorkedCase) -> KnownPayment | None:
    """Return the latest known payment under a floor of the case, if there is one."""
    paid = {row.text("of"): row.value for row in found.rows if row.text("item") == "paid"}
    if not paid:
        return None
    period = max(paid)
    return KnownPayment(period, paid[period] or 0.0, implied_prices(found.name, period))


def _project(
    name: str, order: FinanceOrder, projects: Projects, network: SupplyNetwork
) -> FinanceRun:
    usual = ProjectChoice()
    hurdle = usual.hurdle if order.hurdle is None else order.hurdle
    funding = Funding(projects, network, usual.model_copy(update={"hurdle": hurdle}))
    lines = _lines(name, funding.projects)
    capital = funding.capital(lines)
    case = replace(funding.case(lines, capital), name=lines[0].plant)
    paths = funding.paths(case, order.paths)
    test = _test(order, usual.cover)
    mix, why = _mix(case, paths, test) if order.has_mix else (None, "it was not looked for")
    prior = projects.priors[lines[0].status].provenance
    rows = [*(line.provenance for line in lines), prior]
    return FinanceRun(
        name=name,
        title=f"{lines[0].name} ({lines[0].region}, {lines[0].chain_stage})",
        kind="project",
        case=case,
        paths=paths,
        capital=funding.capitals[lines[0].plant],
        instruments=tuple(map(read_instrument, order.instruments)),
        test=test,
        ground=_ground_of((row.source, row.grade, row.note, row.where) for row in rows),
        floor_prices=order.floor_prices,
        mix=mix,
        no_mix=why,
    )


def _lines(name: str, projects: Projects) -> tuple[Project, ...]:
    """Return the lines of a plant, found by its own name or by one of theirs."""
    plants = projects.plants()
    if name in plants:
        return plants[name]
    lines = {line.id: plant for plant, rows in plants.items() for line in rows}
    if name not in lines:
        raise UnknownCodeError("project or case", name, {*plants, *lines, *worked_cases()})
    return plants[lines[name]]


def _mix(case: ProjectCase, paths: PricePaths, test: Bankability) -> tuple[SupportMix | None, str]:
    """Return the cheapest support, or why none is enough."""
    if not case.capital:
        return None, "all of it is built: there is nothing left to finance"
    try:
        return cheapest_mix(case, paths, _menu(case, paths), test), ""
    except InputError as fault:
        return None, fault.message


def _menu(case: ProjectCase, paths: PricePaths) -> tuple[SupportInstrument, ...]:
    """Return what may be given, at its largest: a grant, a public loan, a floor."""
    sizes = standard_support()
    worth = {good: float(paths.of(good).mean()) * made for good, made in case.output.items()}
    main = max(worth, key=lambda good: worth[good])
    return (
        Grant(amount=case.total_capital),
        ConcessionalLoan(
            amount=sizes.loan_share * case.total_capital,
            rate=sizes.loan_rate,
            tenor=min(sizes.loan_tenor, case.life - case.financing.grace),
            grace=case.financing.grace,
        ),
        FloorContract(
            product=main,
            price=HIGHEST_FLOOR * float(paths.of(main).mean()),
            start=case.start,
            end=min(case.start + sizes.floor_years, case.end),
        ),
    )


def _without_upside(item: FloorContract) -> ContractForDifference:
    return ContractForDifference(
        product=item.product, price=item.price, quantity=item.quantity, upside_share=0.0
    )


def _ground_of(rows: Iterable[tuple[str, str, str, str]]) -> FinanceGround:
    """Return sources with citations, and what was assumed, from source, grade, note and place."""
    register = shipped_register()
    sources: dict[str, str] = {}
    assumptions: dict[str, None] = {}
    for source, grade, note, where in rows:
        if grade == "E":
            reason = note.removeprefix("assumed: ") or "no reason given"
            assumptions[f"{reason} ({where})"] = None
        for name in _SOURCE_ID.findall(source):
            if name in register and grade != "E":
                sources[name] = register[name].citation()
    return FinanceGround(sources, tuple(assumptions))


def _capital_data(case: ProjectCase, capital: Capital | None) -> dict[str, Any]:
    data: dict[str, Any] = {"spent": case.total_capital, "unit": "MUSD"}
    if capital is not None:
        data |= {
            "before_growth": capital.value,
            "low": capital.low,
            "high": capital.high,
            "is_stated": capital.is_stated,
            "rule": capital.rule,
            "from_plants": list(capital.plants),
        }
    return data


def _mix_data(mix: SupportMix) -> dict[str, Any]:
    return {
        "instruments": [instrument_data(item) for item in mix.instruments],
        "is_tight": mix.is_tight,
        "margin": mix.margin,
        "attempts": [
            {"sizes": dict(attempt.sizes), "cost": attempt.cost} for attempt in mix.attempts
        ],
        **mix.finance.as_dict(),
    }
