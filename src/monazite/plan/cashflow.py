"""A project's cash: what it spends, makes and earns, and what supports it.

Money is in millions of constant dollars of one stated year, tonnes are tonnes a year, prices are
USD/kg. A cash flow starts without support; each instrument adds to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from monazite.errors import InputError, UnknownCodeError
from monazite.newton import FloatArray
from monazite.plan.pricepath import PricePaths, Timeline, insist
from monazite.plan.project import Project

KUSD = 1000.0
"""Thousand dollars in a million: tonnes times USD/kg are thousands."""


@dataclass(frozen=True, slots=True)
class Financing:
    """How private money pays for a project.

    ``debt_share`` : commercial loan over the capital cost that public money leaves. ``debt_rate``
    : its real rate [1/year]. ``tenor`` : years of level debt service. ``grace`` : years of
    operation before it; interest is added until then. ``reserve_months`` : of debt service that
    the sponsors put aside before the first payment.
    """

    debt_share: float = 0.0
    debt_rate: float = 0.05
    tenor: float = 10.0
    grace: float = 1.0
    reserve_months: float = 6.0

    def __post_init__(self) -> None:
        where = "financing"
        insist(
            0 <= self.debt_share <= 1,
            f"debt share {self.debt_share:g}",
            where=where,
            way_out="give a share from 0 to 1",
        )
        insist(
            -0.5 < self.debt_rate < 1,
            f"debt rate {self.debt_rate:g}",
            where=where,
            way_out="give a real rate a year such as 0.05",
        )
        insist(
            self.tenor > 0 and self.grace >= 0 and self.reserve_months >= 0,
            "a tenor, grace period or reserve that is no length of time",
            where=where,
            way_out="give a tenor above 0; grace and reserve at least 0",
        )


@dataclass(frozen=True, slots=True)
class ProfitTax:
    """Tax on profit before interest, losses carried forward.

    Interest is not set against it, so that tax does not depend on who lends.
    ``rate`` : of the profit. ``depreciation_years`` : straight line from the first year of
    operation, on the capital cost less grants.
    """

    rate: float
    depreciation_years: float = 10.0

    def __post_init__(self) -> None:
        insist(
            0 <= self.rate < 1 and self.depreciation_years > 0,
            f"tax of {self.rate:g} over {self.depreciation_years:g} years",
            where="tax",
            way_out="give a rate from 0 to below 1 and years above 0",
        )


@dataclass(frozen=True, slots=True)
class ProjectTerms:
    """What financiers ask of any project.

    ``hurdle`` : real return that sponsors ask, ``public_rate`` : real rate at which the public
    discounts [1/year]. ``financing`` : the loan. ``money_year`` : of the dollars.
    """

    hurdle: float = 0.10
    public_rate: float = 0.02
    financing: Financing = Financing()
    money_year: int = 2024


@dataclass(frozen=True, slots=True)
class ProjectCase:
    """A project as its financiers see it, before any support.

    ``capital`` : MUSD in each year of building; empty where all is spent. ``capacity`` : t/yr
    that ``unit_cost`` [USD/kg] is counted on. ``output`` : t/yr of each product at capacity.
    ``ramp`` : share of capacity in each year of operation, the last one for good. ``decision`` :
    when it starts, as a year with its fraction; ``permit`` : years of waiting before money is
    spent. ``life`` : years of operation. ``fixed_cost`` : MUSD a year of operation.
    ``opening`` : when operation starts where that is not when building ends: a plant that runs
    while it grows. ``hurdle`` : real return that sponsors ask [1/year]. ``public_rate`` : real
    rate at which the public discounts [1/year]. ``money_year`` : of all its dollars.
    """

    name: str
    capital: tuple[float, ...]
    capacity: float
    output: Mapping[str, float]
    unit_cost: float
    decision: float = 2026.0
    permit: float = 0.0
    ramp: tuple[float, ...] = (1.0,)
    life: float = 20.0
    fixed_cost: float = 0.0
    opening: float | None = None
    hurdle: float = 0.10
    public_rate: float = 0.02
    financing: Financing = Financing()
    tax: ProfitTax | None = None
    money_year: int = 2024

    def __post_init__(self) -> None:
        object.__setattr__(self, "output", MappingProxyType(dict(self.output)))
        self._check_sizes()
        self._check_time()

    def _check_sizes(self) -> None:
        sizes = (*self.capital, self.capacity, *self.output.values(), self.fixed_cost)
        insist(
            all(np.isfinite(size) and size >= 0 for size in sizes),
            "a capital cost, capacity, output or fixed cost below zero",
            where=self.name,
            way_out="give figures of at least 0",
        )
        insist(
            np.isfinite(self.unit_cost),
            "no unit cost",
            where=self.name,
            way_out="give the operating cost in USD/kg of capacity",
        )
        insist(
            bool(self.output), "no product", where=self.name, way_out="say what it makes and sells"
        )
        insist(
            -0.5 < self.hurdle < 1 and -0.5 < self.public_rate < 1,
            f"rates of {self.hurdle:g} and {self.public_rate:g} a year",
            where=self.name,
            way_out="give real rates a year such as 0.10 and 0.02",
        )

    def _check_time(self) -> None:
        insist(
            self.life > 0 and self.permit >= 0,
            f"life of {self.life:g} and permit of {self.permit:g} years",
            where=self.name,
            way_out="give a life above 0 and a permit of at least 0 years",
        )
        insist(
            self.start >= self.decision,
            f"operation in {self.start:g} before a decision in {self.decision:g}",
            where=self.name,
            way_out="let it open when it is decided or later",
        )
        insist(
            bool(self.ramp) and all(0 <= share <= 1 for share in self.ramp),
            "a ramp that is no share of capacity",
            where=self.name,
            way_out="give the share of each year, such as 0.4, 0.8, 1.0",
        )
        loan = self.financing
        insist(
            loan.debt_share == 0 or loan.grace + loan.tenor <= self.life,
            f"debt service of {loan.grace + loan.tenor:g} years outlasts a life of {self.life:g}",
            where=self.name,
            way_out="shorten the loan",
        )

    @classmethod
    def from_project(
        cls,
        project: Project,
        outputs: Mapping[str, float],
        *,
        unit_cost: float,
        capital: float,
        terms: "ProjectTerms",
    ) -> "ProjectCase":
        """Return the case of a line of the table of projects.

        Parameters
        ----------
        project : Project
            The line; its activity beyond the base year is what is financed.
        outputs : mapping of commodity to t
            What a tonne of activity makes.
        unit_cost : float
            Feed and operation, USD/kg of activity.
        capital : float
            Capital cost of the line [MUSD].
        terms : ProjectTerms
            What financiers ask.

        Raises
        ------
        InputError
            If the line has no activity.
        """
        size = project.increment
        if size is None or size <= 0:
            raise InputError(
                "it has no activity to finance",
                where=project.id,
                way_out="give its capacity, or leave it out",
            )
        years = max(project.build_years, 1)
        steps = project.ramp_years + 1
        return cls(
            name=project.id,
            capital=(capital / years,) * years,
            capacity=size,
            output={good: amount * size for good, amount in outputs.items() if amount > 0},
            unit_cost=unit_cost,
            decision=float(project.earliest_start - years),
            ramp=tuple((step + 1) / steps for step in range(steps)),
            life=float(project.life_years),
            hurdle=terms.hurdle,
            public_rate=terms.public_rate,
            financing=terms.financing,
            money_year=terms.money_year,
        )

    @property
    def total_capital(self) -> float:
        """Capital cost of all years [MUSD]."""
        return float(sum(self.capital))

    @property
    def breaks_ground(self) -> float:
        """When capital is first spent."""
        return self.decision + self.permit

    @property
    def start(self) -> float:
        """When operation starts."""
        built = self.breaks_ground + len(self.capital)
        return built if self.opening is None else self.opening

    @property
    def end(self) -> float:
        """When operation ends."""
        return self.start + self.life

    def timeline(self, per_year: int = 1) -> Timeline:
        """Return the periods from the year of the decision to the end of its life."""
        first = int(np.floor(self.decision))
        return Timeline(first, int(np.ceil(self.end - 1e-9)) - first, per_year)

    def running(self, timeline: Timeline) -> FloatArray:
        """Years at full capacity that fit into the operation of each period (period)."""
        shares = np.zeros(timeline.periods)
        for year, share in enumerate(self.ramp[:-1]):
            begin = self.start + year
            shares += share * timeline.covered(begin, min(begin + 1, self.end))
        shares += self.ramp[-1] * timeline.covered(self.start + len(self.ramp) - 1, self.end)
        return np.asarray(shares * timeline.length)

    def spending(self, timeline: Timeline) -> FloatArray:
        """Capital cost of each period (period) [MUSD]."""
        spent = np.zeros(timeline.periods)
        for year, amount in enumerate(self.capital):
            begin = self.breaks_ground + year
            spent += amount * timeline.length * timeline.covered(begin, begin + 1)
        return spent


@dataclass(frozen=True, slots=True)
class SupportLine:
    """What one instrument pays.

    ``cash`` : to the project (path or 1, period) [MUSD]; negative is paid by it. ``is_taxed`` :
    counts as income. ``is_capital`` : pays for building.
    """

    name: str
    cash: FloatArray
    is_taxed: bool = True
    is_capital: bool = False


@dataclass(frozen=True, slots=True)
class PublicLoan:
    """A loan by the public, served behind the commercial one.

    ``amount`` [MUSD]. ``rate`` : real [1/year]. ``tenor`` : years of level service after
    ``grace`` years of operation.
    """

    name: str
    amount: float
    rate: float
    tenor: float
    grace: float


@dataclass(frozen=True, slots=True)
class PublicStake:
    """A share of what is paid out to owners, for ``amount`` [MUSD] of the capital cost."""

    name: str
    amount: float
    share: float


@dataclass(frozen=True, slots=True)
class DebtGuarantee:
    """A promise to lenders: the public pays part of what is missing.

    ``share`` : of it. ``fee`` : paid by the project on the guaranteed debt [1/year]. ``relief`` :
    by how much the rate of a loan falls that is guaranteed in full [1/year].
    """

    name: str
    share: float
    fee: float
    relief: float


@dataclass(frozen=True, slots=True)
class CashFlow:
    """A project's cash with the support that it has been given so far.

    ``spending, cost`` : (period), ``revenue`` : (path, period) [MUSD]. ``running`` : years at
    full capacity in each period. ``lines, loans, stakes, guarantees`` : support, in order.
    """

    case: ProjectCase
    paths: PricePaths
    running: FloatArray
    spending: FloatArray
    revenue: FloatArray
    cost: FloatArray
    lines: tuple[SupportLine, ...] = ()
    loans: tuple[PublicLoan, ...] = ()
    stakes: tuple[PublicStake, ...] = ()
    guarantees: tuple[DebtGuarantee, ...] = ()

    @classmethod
    def of(cls, case: ProjectCase, paths: PricePaths) -> "CashFlow":
        """Return the cash flow of a project without support.

        Raises
        ------
        InputError
            If the paths are in other dollars or end before the project's life.
        UnknownCodeError
            If the paths lack a product.
        """
        timeline = paths.timeline
        insist(
            case.money_year == paths.money_year,
            f"costs in dollars of {case.money_year}, prices in those of {paths.money_year}",
            where=case.name,
            way_out="give both in the same constant dollars",
        )
        insist(
            timeline.first_year <= case.decision and case.end <= timeline.end + 1e-9,
            f"the project runs {case.decision:g} to {case.end:g}, the prices "
            f"{timeline.first_year} to {timeline.end}",
            where=case.name,
            way_out="take the project's own timeline",
        )
        running = case.running(timeline)
        revenue = np.zeros((len(paths), timeline.periods))
        for product, tonnes in case.output.items():
            revenue += paths.of(product) * (tonnes * running / KUSD)
        works = case.fixed_cost * timeline.length * timeline.covered(case.start, case.end)
        cost = case.capacity * case.unit_cost / KUSD * running + works
        return cls(case, paths, running, case.spending(timeline), revenue, cost)

    @property
    def timeline(self) -> Timeline:
        """Its periods."""
        return self.paths.timeline

    @property
    def earnings(self) -> FloatArray:
        """Earnings before interest, tax and depreciation, support included (path, period)."""
        total = self.revenue - self.cost
        for line in self.lines:
            if not line.is_capital:
                total = total + line.cash
        return total

    @property
    def capital_support(self) -> float:
        """What public money pays of the capital cost [MUSD]."""
        paid = sum(float(line.cash.sum()) for line in self.lines if line.is_capital)
        lent = sum(loan.amount for loan in self.loans)
        return paid + lent + sum(stake.amount for stake in self.stakes)

    def tonnes(self, product: str, largest: float | None, inside: FloatArray) -> FloatArray:
        """Tonnes of a product that a contract covers in each period (period).

        Parameters
        ----------
        product : str
            What is covered.
        largest : float, optional
            Most that is covered [t/yr]; all of it if not given.
        inside : array (period)
            Share of each period in which the contract runs.

        Raises
        ------
        UnknownCodeError
            If the project does not make it.
        """
        if product not in self.case.output:
            raise UnknownCodeError("product", product, self.case.output, where=self.case.name)
        made = self.case.output[product] * self.running
        most = np.inf if largest is None else largest * self.timeline.length
        return np.asarray(np.minimum(made, most) * inside)

    def with_line(self, line: SupportLine) -> "CashFlow":
        """Return it with one more payment."""
        return replace(self, lines=(*self.lines, line))

    def tax(self, *, with_support: bool = True) -> FloatArray:
        """Tax on profit (path, period) [MUSD]."""
        scheme = self.case.tax
        if scheme is None:
            return np.zeros((1, self.timeline.periods))
        lines = self.lines if with_support else ()
        profit = self.revenue - self.cost
        for line in lines:
            if line.is_taxed and not line.is_capital:
                profit = profit + line.cash
        granted = sum(float(line.cash.sum()) for line in lines if line.is_capital)
        years = min(scheme.depreciation_years, self.case.life)
        written = self.timeline.covered(self.case.start, self.case.start + years)
        base = (self.case.total_capital - granted) * self.timeline.length / years
        return _taxed(profit - base * written, scheme.rate)


def _taxed(profit: FloatArray, rate: float) -> FloatArray:
    """Tax on profits after the losses before them."""
    due, loss = np.empty_like(profit), np.zeros(len(profit))
    for period in range(profit.shape[1]):
        left = profit[:, period] - loss
        due[:, period] = rate * np.maximum(left, 0.0)
        loss = np.maximum(-left, 0.0)
    return due
