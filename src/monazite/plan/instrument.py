"""Instruments: what the public promises a project, and what it pays and gets for it.

Each is one class and changes a cash flow in one place: what is built and when, who pays for
building, what is paid for tonnes or earnings, or who stands behind the debt. All but the faster
permit are transfers: what they give to private hands they take from the public, path by path and
period by period. They are applied in the order given; each sees those before it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np

from monazite.errors import UnknownCodeError
from monazite.newton import FloatArray
from monazite.plan.cashflow import (
    KUSD,
    CashFlow,
    DebtGuarantee,
    ProjectCase,
    PublicLoan,
    PublicStake,
    SupportLine,
)
from monazite.plan.pricepath import insist

_BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "amount": (0.0, np.inf), "share": (0.0, 1.0), "ownership": (0.0, 1.0),
        "rate": (-0.2, 1.0), "tenor": (0.25, 60.0), "grace": (0.0, 60.0), "fee": (0.0, 1.0),
        "relief": (0.0, 0.5), "price": (0.0, np.inf), "quantity": (0.0, np.inf),
        "inflation": (-0.2, 1.0), "ceiling": (0.0, np.inf), "upside_share": (0.0, 1.0),
        "yearly_cap": (0.0, np.inf), "level": (-np.inf, np.inf), "limit": (0.0, np.inf),
        "premium": (0.0, np.inf), "cost_share": (0.0, 1.0), "per_kg": (0.0, np.inf),
        "months": (0.0, 600.0), "start": (1900.0, 2200.0), "end": (1900.0, 2200.0),
        "upside_start": (1900.0, 2200.0),
    }
)  # fmt: skip
"""Range of every term, both ends allowed."""


@dataclass(frozen=True, kw_only=True)
class SupportInstrument(ABC):
    """What every instrument is: terms that can be checked, sized and applied.

    ``kind`` : its name in files. ``size`` : the term that a search for the cheapest support
    varies. ``label`` : name in reports; the kind if empty.
    """

    kind: ClassVar[str] = ""
    size: ClassVar[str] = ""
    label: str = ""

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name not in _BOUNDS or value is None:
                continue
            low, high = _BOUNDS[item.name]
            insist(
                bool(np.isfinite(value)) and low <= value <= high,
                f"{item.name} of {value:g}",
                where=self.name,
                way_out=f"give a figure {_range(low, high)}",
            )

    @property
    def name(self) -> str:
        """As shown in reports."""
        return self.label or self.kind

    @property
    def sized(self) -> float:
        """The term that says how large it is."""
        return float(getattr(self, self.size))

    def scaled(self, share: float) -> Self:
        """Return it at a share of its size."""
        changed: dict[str, Any] = {self.size: self.sized * share}
        return replace(self, **changed)

    def reshape(self, case: ProjectCase) -> ProjectCase:
        """Return the project as the instrument changes it; only the faster permit does."""
        return case

    @abstractmethod
    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the instrument."""


@dataclass(frozen=True, kw_only=True)
class ContractInstrument(SupportInstrument):
    """An instrument that runs from a date to another; the operation of the project if not given.

    ``start, end`` : years with their fractions. What a contract paid before the cash flow begins
    is past and not counted.
    """

    start: float | None = None
    end: float | None = None

    def inside(self, flow: CashFlow) -> FloatArray:
        """Share of each period in which it runs (period).

        Raises
        ------
        InputError
            If it does not lie in the life of the project.
        """
        case = flow.case
        begin = case.start if self.start is None else self.start
        finish = case.end if self.end is None else self.end
        insist(
            begin < finish <= case.end + 1e-9 and finish > case.start,
            f"it runs {begin:g} to {finish:g}, the project {case.start:g} to {case.end:g}",
            where=self.name,
            way_out="give years in which the project operates",
        )
        return flow.timeline.covered(begin, finish)

    def eroded(self, level: float, inflation: float, flow: CashFlow) -> FloatArray:
        """Return a sum fixed in current dollars in constant ones (period)."""
        begin = flow.case.start if self.start is None else self.start
        years = np.maximum(flow.timeline.middle - begin, 0.0)
        return np.asarray(level * (1.0 + inflation) ** -years)


@dataclass(frozen=True, kw_only=True)
class Grant(SupportInstrument):
    """Money for building, paid as it is spent. ``amount`` : MUSD."""

    kind = "grant"
    size = "amount"
    amount: float

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the grant."""
        _check_room(self, self.amount, flow)
        cash = self.amount * _pattern(flow)[np.newaxis]
        return flow.with_line(SupportLine(self.name, cash, is_taxed=False, is_capital=True))


@dataclass(frozen=True, kw_only=True)
class ConcessionalLoan(SupportInstrument):
    """A public loan below the market's rate, served after the commercial one.

    ``amount`` : MUSD, paid out as capital is spent. ``rate`` : real [1/year]. ``tenor`` : years
    of level service after ``grace`` years of operation; until then interest is added.
    """

    kind = "concessional-loan"
    size = "amount"
    amount: float
    rate: float
    tenor: float
    grace: float = 1.0

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the loan."""
        _check_room(self, self.amount, flow)
        insist(
            self.grace + self.tenor <= flow.case.life,
            "the loan outlasts the project",
            where=self.name,
            way_out=f"end it within {flow.case.life:g} years of operation",
        )
        loan = PublicLoan(self.name, self.amount, self.rate, self.tenor, self.grace)
        return replace(flow, loans=(*flow.loans, loan))

    def grant_element(self, market_rate: float) -> float:
        """Share of the loan that is a gift: its service at market value, less than lent.

        Paid out at once and served in yearly instalments from the end of the grace on.
        """
        grown = (1.0 + self.rate) ** self.grace
        lag = (1.0 + market_rate) ** -self.grace
        return float(1.0 - grown * lag * _annuity(self.rate, market_rate, self.tenor))


@dataclass(frozen=True, kw_only=True)
class LoanGuarantee(SupportInstrument):
    """A promise to the commercial lenders to pay part of what the project fails to.

    ``share`` : of the missing debt service. ``fee`` : paid by the project on the guaranteed debt
    [1/year]. ``relief`` : how far the rate of a loan guaranteed in full falls [1/year]. What is
    paid out is not won back.
    """

    kind = "loan-guarantee"
    size = "share"
    share: float
    fee: float = 0.0
    relief: float = 0.0

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the guarantee."""
        insist(
            not flow.guarantees,
            "the loan is guaranteed already",
            where=self.name,
            way_out="give one guarantee",
        )
        given = DebtGuarantee(self.name, self.share, self.fee, self.relief)
        return replace(flow, guarantees=(given,))


@dataclass(frozen=True, kw_only=True)
class PublicEquity(SupportInstrument):
    """Public money for a part of the ownership.

    ``amount`` : MUSD, paid as capital is spent. ``ownership`` : share of what is paid out to
    owners; cash calls stay with the sponsors.
    """

    kind = "equity"
    size = "amount"
    amount: float
    ownership: float

    def scaled(self, share: float) -> Self:
        """Return it at a share of its size: less money, less ownership."""
        return replace(self, amount=self.amount * share, ownership=self.ownership * share)

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the stake."""
        _check_room(self, self.amount, flow)
        owned = sum(stake.share for stake in flow.stakes) + self.ownership
        insist(
            owned <= 1.0,
            f"the public owns {owned:.0%}",
            where=self.name,
            way_out="give stakes of at most 100 % in all",
        )
        stake = PublicStake(self.name, self.amount, self.ownership)
        return replace(flow, stakes=(*flow.stakes, stake))


@dataclass(frozen=True, kw_only=True)
class OfftakeContract(ContractInstrument):
    """The public takes or pays for a quantity at a fixed price, and sells it at the market's.

    ``product`` : what. ``price`` : USD/kg. ``quantity`` : t/yr, or what is made if that is less;
    everything if not given.
    """

    kind = "offtake"
    size = "price"
    product: str
    price: float
    quantity: float | None = None

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the contract."""
        tonnes = flow.tonnes(self.product, self.quantity, self.inside(flow))
        gap = self.price - flow.paths.of(self.product)
        return flow.with_line(SupportLine(self.name, gap * tonnes / KUSD))


@dataclass(frozen=True, kw_only=True)
class FloorContract(ContractInstrument):
    """A price floor: the public pays what the market price is short of it.

    ``product``, ``quantity`` : as of an offtake contract. ``price`` : the floor [USD/kg].
    ``inflation`` : rate at which a floor fixed in current dollars loses worth; 0 for one that
    is indexed.
    """

    kind = "price-floor"
    size = "price"
    product: str
    price: float
    quantity: float | None = None
    inflation: float = 0.0

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the floor."""
        tonnes = flow.tonnes(self.product, self.quantity, self.inside(flow))
        floor = self.eroded(self.price, self.inflation, flow)
        gap = np.maximum(floor - flow.paths.of(self.product), 0.0)
        return flow.with_line(SupportLine(self.name, gap * tonnes / KUSD))


@dataclass(frozen=True, kw_only=True)
class ContractForDifference(ContractInstrument):
    """A floor whose giver has a share of high prices.

    ``price`` : below it the public pays the difference [USD/kg]. ``ceiling`` : above it the
    project returns ``upside_share`` of the excess; the same price if not given. ``upside_start`` :
    when that begins; with the contract if not given. ``yearly_cap`` : most that is returned in a
    year [MUSD]. ``product``, ``quantity`` and ``inflation`` : as of a floor.
    """

    kind = "contract-for-difference"
    size = "price"
    product: str
    price: float
    quantity: float | None = None
    ceiling: float | None = None
    upside_share: float = 1.0
    upside_start: float | None = None
    yearly_cap: float | None = None
    inflation: float = 0.0

    def __post_init__(self) -> None:
        SupportInstrument.__post_init__(self)
        insist(
            self.ceiling is None or self.ceiling >= self.price,
            f"a ceiling of {self.ceiling} below the strike of {self.price:g}",
            where=self.name,
            way_out="give a ceiling of at least the strike",
        )

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the contract."""
        inside = self.inside(flow)
        market = flow.paths.of(self.product)
        tonnes = flow.tonnes(self.product, self.quantity, inside)
        strike = self.eroded(self.price, self.inflation, flow)
        paid = np.maximum(strike - market, 0.0) * tonnes / KUSD
        top = self.price if self.ceiling is None else self.ceiling
        excess = np.maximum(market - self.eroded(top, self.inflation, flow), 0.0)
        since = flow.timeline.first_year if self.upside_start is None else self.upside_start
        shared = tonnes * flow.timeline.covered(since, np.inf) / KUSD
        return flow.with_line(
            SupportLine(self.name, paid - self._capped(excess * self.upside_share * shared, flow))
        )

    def _capped(self, returned: FloatArray, flow: CashFlow) -> FloatArray:
        """Cut what is returned where a year reaches the cap (path, period)."""
        if self.yearly_cap is None:
            return returned
        year = flow.timeline.by_year(returned)
        kept = np.minimum(1.0, self.yearly_cap / np.maximum(year, 1e-300))
        return np.asarray(returned * np.repeat(kept, flow.timeline.per_year, axis=1))


@dataclass(frozen=True, kw_only=True)
class EarningsGuarantee(ContractInstrument):
    """The public fills up the earnings (EBITDA) of each year to a promised sum.

    ``amount`` : MUSD a year. ``inflation`` : as of a floor.
    """

    kind = "ebitda-guarantee"
    size = "amount"
    amount: float
    inflation: float = 0.0

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the guarantee."""
        inside = self.inside(flow)
        level = self.eroded(self.amount, self.inflation, flow)
        gap = np.maximum(_yearly_gap(level, inside, flow), 0.0)
        return flow.with_line(SupportLine(self.name, _spread(gap, inside, flow)))


@dataclass(frozen=True, kw_only=True)
class LossInsurance(ContractInstrument):
    """Insurance: the public pays a share of what earnings fall short of a level, for a premium.

    ``share`` : paid of the shortfall of a year. ``level`` : earnings (EBITDA) below which a year
    counts as a loss [MUSD a year]. ``limit`` : most that is paid in a year [MUSD]. ``premium`` :
    paid by the project [MUSD a year].
    """

    kind = "insurance"
    size = "share"
    share: float
    premium: float = 0.0
    level: float = 0.0
    limit: float | None = None

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the insurance."""
        inside = self.inside(flow)
        level = np.full(flow.timeline.periods, self.level)
        loss = np.maximum(_yearly_gap(level, inside, flow), 0.0) * self.share
        paid = _spread(np.minimum(loss, np.inf if self.limit is None else self.limit), inside, flow)
        return flow.with_line(
            SupportLine(self.name, paid - self.premium * inside * flow.timeline.length)
        )


@dataclass(frozen=True, kw_only=True)
class ProductionTaxCredit(ContractInstrument):
    """A credit for what is made, free of tax.

    ``per_kg`` : USD/kg of the product. ``cost_share`` : of the operating cost.
    """

    kind = "production-tax-credit"
    size = "per_kg"
    product: str
    per_kg: float = 0.0
    cost_share: float = 0.0

    def scaled(self, share: float) -> Self:
        """Return it at a share of its size."""
        return replace(self, per_kg=self.per_kg * share, cost_share=self.cost_share * share)

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow with the credit."""
        inside = self.inside(flow)
        cash = self.per_kg * flow.tonnes(self.product, None, inside) / KUSD
        cash = cash + self.cost_share * flow.cost * inside
        return flow.with_line(SupportLine(self.name, cash[np.newaxis], is_taxed=False))


@dataclass(frozen=True, kw_only=True)
class FasterPermit(SupportInstrument):
    """The permit comes earlier: no transfer, the project itself changes. ``months`` : saved."""

    kind = "faster-permit"
    size = "months"
    months: float

    def reshape(self, case: ProjectCase) -> ProjectCase:
        """Return the project with its permit earlier.

        Raises
        ------
        InputError
            If more is saved than it would take.
        """
        saved = self.months / 12.0
        insist(
            saved <= case.permit + 1e-9,
            f"{self.months:g} months saved of {case.permit * 12:g}",
            where=self.name,
            way_out="save at most the time that the permit takes",
        )
        return replace(case, permit=max(case.permit - saved, 0.0))

    def apply(self, flow: CashFlow) -> CashFlow:
        """Return the cash flow as it is: the project was reshaped before."""
        return flow


INSTRUMENTS: Mapping[str, type[SupportInstrument]] = MappingProxyType(
    {
        instrument.kind: instrument
        for instrument in (
            Grant, ConcessionalLoan, LoanGuarantee, PublicEquity, OfftakeContract, FloorContract,
            ContractForDifference, EarningsGuarantee, LossInsurance, ProductionTaxCredit,
            FasterPermit,
        )
    }
)  # fmt: skip
"""Every instrument by its name in files."""


def make_instrument(
    kind: str, terms: Mapping[str, float | str], *, where: str = ""
) -> SupportInstrument:
    """Return an instrument with the given terms.

    Parameters
    ----------
    kind : str
        One of `INSTRUMENTS`.
    terms : mapping of term to figure or word
        As the class of the instrument says.
    where : str
        File or option, for errors.

    Raises
    ------
    UnknownCodeError
        If there is no such instrument or it has no such term.
    InputError
        If a term is missing, is of the wrong kind or out of range.
    """
    if kind not in INSTRUMENTS:
        raise UnknownCodeError("instrument", kind, INSTRUMENTS, where=where)
    chosen = INSTRUMENTS[kind]
    known = {item.name: item for item in fields(chosen)}
    for name, value in terms.items():
        if name not in known:
            raise UnknownCodeError(f"term of {kind}", name, known, where=where)
        is_word = name in ("product", "label")
        insist(
            isinstance(value, str) == is_word and not isinstance(value, bool),
            f"{name} of {value!r}",
            where=where or kind,
            way_out="give a word" if is_word else "give a number",
        )
    missing = [n for n, item in known.items() if item.default is MISSING and n not in terms]
    insist(
        not missing,
        f"{kind} lacks {', '.join(missing)}",
        where=where or kind,
        way_out="state it: no term is guessed",
    )
    given: dict[str, Any] = dict(terms)
    return chosen(**given)


def _range(low: float, high: float) -> str:
    if np.isinf(low) and np.isinf(high):
        return "that is finite"
    return f"of at least {low:g}" if np.isinf(high) else f"from {low:g} to {high:g}"


def _annuity(rate: float, market_rate: float, tenor: float) -> float:
    """Value at the market's rate of level service that repays 1 at the loan's own rate."""

    def worth(at: float) -> float:
        return tenor if at == 0 else float((1.0 - (1.0 + at) ** -tenor) / at)

    return worth(market_rate) / worth(rate)


def _pattern(flow: CashFlow) -> FloatArray:
    """Share of the capital cost that is spent in each period (period)."""
    return np.asarray(flow.spending / max(flow.case.total_capital, 1e-300))


def _check_room(instrument: SupportInstrument, amount: float, flow: CashFlow) -> None:
    room = flow.case.total_capital - flow.capital_support
    insist(
        amount <= room * (1 + 1e-9),
        f"{amount:g} MUSD for the {room:g} MUSD of capital cost that nobody has paid yet",
        where=instrument.name,
        way_out="give less",
    )


def _yearly_gap(level: FloatArray, inside: FloatArray, flow: CashFlow) -> FloatArray:
    """Return what earnings lack to a level each year, counted inside a window (path, year)."""
    promised = flow.timeline.by_year(level * inside * flow.timeline.length)
    return np.asarray(promised - flow.timeline.by_year(flow.earnings * inside))


def _spread(yearly: FloatArray, inside: FloatArray, flow: CashFlow) -> FloatArray:
    """Lay sums of years on their periods inside a window (path, period)."""
    each = np.repeat(flow.timeline.by_year(inside), flow.timeline.per_year)
    weight = np.where(each > 0, inside / np.where(each > 0, each, 1.0), 0.0)
    return np.asarray(np.repeat(yearly, flow.timeline.per_year, axis=-1) * weight)
