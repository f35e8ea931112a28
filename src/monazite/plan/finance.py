"""Who pays and who earns: a supported project settled path by path, and what that is worth.

The plant runs as planned whatever the price, and its owners bear losses of operation. What is
left after tax serves the commercial loan, then public loans, then fills the reserve, then goes
to the owners. Owners do not pay debt out of their pockets: what cash and reserve cannot serve is
lost to the lender and counts as a default; no loan is called early. Per path and period

    sponsors + lenders + reserve + public = project before support.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monazite.newton import BoolArray, FloatArray
from monazite.plan.cashflow import CashFlow, ProjectCase
from monazite.plan.instrument import SupportInstrument
from monazite.plan.pricepath import PricePaths, Timeline, insist
from monazite.plan.twostage import tail_mean as weighted_tail_mean

TAX_LINE = "tax on support"
"""What the public gets back because support is income."""
UNPAID = 1e-9
"""Share of a payment that is round-off."""
TAIL = 0.95
"""Level of the tail of public cost: the worst twentieth."""
RATES = np.expm1(np.linspace(np.log(0.05), np.log(11.0), 128))
"""Where roots of the net present value are looked for: -95 % to 1000 % a year."""


def supported(
    case: ProjectCase, paths: PricePaths, instruments: Sequence[SupportInstrument]
) -> CashFlow:
    """Return the cash flow of a project with instruments, applied in order.

    Raises
    ------
    InputError
        If an instrument does not fit the project, or two have one name.
    UnknownCodeError
        If a product is not made or has no price.
    """
    names = [instrument.name for instrument in instruments]
    insist(
        len(set(names)) == len(names),
        "two instruments of one name",
        where=case.name,
        way_out="give them labels",
    )
    for instrument in instruments:
        case = instrument.reshape(case)
    flow = CashFlow.of(case, paths)
    for instrument in instruments:
        flow = instrument.apply(flow)
    return flow


@dataclass(frozen=True, slots=True)
class Settlement:
    """The cash of every party, positive where it gets money; (path, period) [MUSD].

    ``sponsors`` and ``lenders`` : private ones. ``reserve`` : what goes into the reserve account.
    ``lines`` : the public's cash by instrument. ``available`` : cash for debt service.
    ``due`` : debt service, and ``senior`` : of the commercial loan (period). ``is_unpaid`` :
    periods in which it is not paid in full.
    """

    flow: CashFlow
    sponsors: FloatArray
    lenders: FloatArray
    reserve: FloatArray
    lines: Mapping[str, FloatArray]
    available: FloatArray
    due: FloatArray
    senior: FloatArray
    is_unpaid: BoolArray

    @property
    def public(self) -> FloatArray:
        """What the public gets (path, period); negative where it pays."""
        return np.asarray(sum(self.lines.values(), np.zeros_like(self.sponsors)))

    @property
    def private(self) -> FloatArray:
        """What sponsors and lenders get, the reserve counted as theirs (path, period)."""
        return np.asarray(self.sponsors + self.lenders + self.reserve)

    @property
    def before_support(self) -> FloatArray:
        """What the project, as it is built, would give without support (path, period)."""
        flow = self.flow
        return np.asarray(flow.revenue - flow.cost - flow.spending - flow.tax(with_support=False))


def settle(flow: CashFlow) -> Settlement:
    """Divide the cash of a project among those who pay for it."""
    timeline, case = flow.timeline, flow.case
    pattern = flow.spending / max(case.total_capital, 1e-300)
    principal = case.financing.debt_share * (case.total_capital - flow.capital_support)
    senior, fee, cover = _senior(flow, principal * pattern)
    junior = np.array(
        [_service(flow, x.amount * pattern, x.rate, x.grace, x.tenor) for x in flow.loans]
    ).reshape(-1, timeline.periods)
    tax = flow.tax()
    available = flow.earnings - tax - fee
    target = case.financing.reserve_months / 12.0 * _yearly(senior, timeline)
    paid, behind, held = _waterfall(available, senior, junior.sum(axis=0), target)
    change = np.diff(held, axis=1, prepend=0.0)
    owners = available - paid - behind - change
    lines, to_stakes = _public(flow, pattern, junior, behind, owners)
    covered = cover * (senior - paid)
    if flow.guarantees:
        lines[flow.guarantees[0].name] = fee - covered
    if case.tax is not None:
        lines[TAX_LINE] = tax - flow.tax(with_support=False)
    private_share = case.total_capital - flow.capital_support - principal
    due = senior + junior.sum(axis=0)
    shape = np.zeros_like(owners)
    return Settlement(
        flow=flow,
        sponsors=owners - to_stakes - private_share * pattern,
        lenders=paid + covered - principal * pattern,
        reserve=change,
        lines={name: cash + shape for name, cash in lines.items()},
        available=available + shape,
        due=due,
        senior=senior,
        is_unpaid=paid + behind < due * (1.0 - UNPAID),
    )


def _senior(flow: CashFlow, draws: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Service of the commercial loan, the guarantee's fee (period), and the guaranteed share."""
    terms = flow.case.financing
    if not flow.guarantees:
        service = _service(flow, draws, terms.debt_rate, terms.grace, terms.tenor)
        return service, np.zeros_like(service), 0.0
    guarantee = flow.guarantees[0]
    rate = terms.debt_rate - guarantee.relief * guarantee.share
    service = _service(flow, draws, rate, terms.grace, terms.tenor)
    lag = flow.timeline.middle[:, np.newaxis] - flow.timeline.middle[np.newaxis]
    owed = np.where(lag <= 0, (1.0 + rate) ** np.minimum(lag, 0.0), 0.0) @ service
    serving = (service > 0) * flow.timeline.length
    return service, guarantee.fee * guarantee.share * owed * serving, guarantee.share


def _service(
    flow: CashFlow, draws: FloatArray, rate: float, grace: float, tenor: float
) -> FloatArray:
    """Level debt service that repays what was drawn, with interest (period)."""
    timeline, first = flow.timeline, flow.case.start + grace
    growth = (1.0 + rate) ** (first - timeline.middle)
    window = timeline.covered(first, first + tenor) * timeline.length
    worth = float(window @ growth)
    return np.asarray(window * (float(draws @ growth) / worth if worth > 0 else 0.0))


def _yearly(service: FloatArray, timeline: Timeline) -> float:
    """Largest debt service of twelve months."""
    return float(service.max()) / timeline.length


def _waterfall(
    available: FloatArray, senior: FloatArray, junior: FloatArray, target: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pay the loans in order and keep the reserve: paid, paid behind, held (path, period)."""
    cash = np.maximum(available, 0.0)
    if target == 0 or not senior.any():
        paid = np.minimum(cash, senior)
        return paid, np.minimum(cash - paid, junior), np.zeros_like(cash)
    paid, behind, held = np.zeros_like(cash), np.zeros_like(cash), np.zeros_like(cash)
    served = np.flatnonzero(senior)
    reserve = np.full(len(cash), target)
    for period in range(served[0], len(senior)):
        pool = cash[:, period] + reserve
        paid[:, period] = np.minimum(pool, senior[period])
        pool = pool - paid[:, period]
        behind[:, period] = np.minimum(pool, junior[period])
        reserve = np.minimum(pool - behind[:, period], target if period < served[-1] else 0.0)
        held[:, period] = reserve
    before = slice(0, served[0])
    behind[:, before] = np.minimum(cash[:, before], junior[before])
    return paid, behind, held


def _public(
    flow: CashFlow,
    pattern: FloatArray,
    junior: FloatArray,
    behind: FloatArray,
    owners: FloatArray,
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Cash of the public by instrument, and what its stakes take of the owners' money."""
    lines: dict[str, FloatArray] = {line.name: -line.cash for line in flow.lines}
    owed = np.maximum(junior.sum(axis=0), 1e-300)
    for loan, service in zip(flow.loans, junior, strict=True):
        lines[loan.name] = behind * (service / owed) - loan.amount * pattern
    taken = np.zeros_like(owners)
    for stake in flow.stakes:
        share = stake.share * np.maximum(owners, 0.0)
        lines[stake.name] = share - stake.amount * pattern
        taken = taken + share
    return lines, taken


@dataclass(frozen=True, slots=True)
class ProjectFinance:
    """What a supported project is worth to its owners and costs the public.

    ``private_npv`` : of the sponsors' cash at the hurdle rate (path). ``public_cost`` : of the
    public's outlays less receipts at the public rate (path). ``cash`` : the same by year,
    undiscounted (path, year). ``ratio`` : cash over debt service (path, year); missing where no
    debt is served. ``raised`` : private money, equity and commercial loans, that goes into
    building, discounted at the public rate. All in MUSD.
    """

    settlement: Settlement
    private_npv: FloatArray
    public_cost: FloatArray
    cash: FloatArray
    ratio: FloatArray
    raised: float

    @property
    def expected_cost(self) -> float:
        """Expected discounted public cost, contingent payments at their expectation [MUSD]."""
        return float(self.public_cost.mean())

    @property
    def cost_tail(self) -> float:
        """Mean discounted public cost of the worst twentieth of the paths [MUSD]."""
        return tail_mean(self.public_cost)

    @property
    def default_share(self) -> float:
        """Share of the paths in which debt service is once not paid in full."""
        return float(self.settlement.is_unpaid.any(axis=1).mean())

    @property
    def raised_per_public(self) -> float | None:
        """Private money raised per expected dollar of public cost; None where there is none."""
        return self.raised / self.expected_cost if self.expected_cost > 0 else None

    def low_ratio(self, quantile: float = 0.1) -> float | None:
        """Return the debt service cover of the worst year in a low case; None without debt.

        The low case takes this quantile of the paths in each year.
        """
        served = np.isfinite(self.ratio[0])
        if not served.any():
            return None
        return float(np.quantile(self.ratio[:, served], quantile, axis=0).min())

    def returns(self) -> tuple[float | None, ...]:
        """Return the sponsors' internal rate of return of each path; None where undefined."""
        return rates_of_return(self.settlement.sponsors, self.settlement.flow.timeline)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, as ``monazite finance --json`` prints it [MUSD]."""
        flow = self.settlement.flow
        timeline, case = flow.timeline, flow.case
        worth = timeline.discount(case.public_rate)
        known = [rate for rate in self.returns() if rate is not None]
        served = np.isfinite(self.ratio[0])
        ratio = self.ratio[:, served]
        return {
            "project": case.name,
            "money_year": case.money_year,
            "paths": len(flow.paths),
            "prices": flow.paths.origin,
            "private_npv": _spread(self.private_npv),
            "irr": _spread(np.array(known)) if known else None,
            "irr_undefined": len(self.private_npv) - len(known),
            "cover": _spread(ratio.min(axis=1)) if ratio.size else None,
            "mean_cover": _spread(ratio.mean(axis=1)) if ratio.size else None,
            "low_cover": self.low_ratio(),
            "default_probability": self.default_share,
            "public_cost": {**_spread(self.public_cost), "tail_mean": self.cost_tail},
            "by_instrument": {
                name: float(-(cash @ worth).mean()) for name, cash in self.settlement.lines.items()
            },
            "years": list(range(timeline.first_year, timeline.end)),
            "expected_cash": [float(value) for value in self.cash.mean(axis=0)],
            "tail_cash": [tail_mean(year) for year in self.cash.T],
            "raised": self.raised,
            "raised_per_public": self.raised_per_public,
        }


def assess(
    case: ProjectCase, paths: PricePaths, instruments: Sequence[SupportInstrument] = ()
) -> ProjectFinance:
    """Settle a project with instruments and say what that is worth to whom.

    Parameters
    ----------
    case : ProjectCase
        The project before support.
    paths : PricePaths
        Prices of its products, over its life.
    instruments : sequence of SupportInstrument
        Applied in this order.

    Raises
    ------
    InputError
        If an instrument does not fit the project.
    UnknownCodeError
        If a product is not made or has no price.
    """
    return valued(settle(supported(case, paths, instruments)))


def valued(settlement: Settlement) -> ProjectFinance:
    """Return what a settlement is worth."""
    flow = settlement.flow
    timeline, case = flow.timeline, flow.case
    worth = timeline.discount(case.public_rate)
    paid = -settlement.public
    served = settlement.due > 0
    due = timeline.by_year(settlement.due)
    cash = timeline.by_year(settlement.available * served)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(due > 0, cash / due, np.nan)
    left = 1.0 - flow.capital_support / max(case.total_capital, 1e-300)
    return ProjectFinance(
        settlement=settlement,
        private_npv=np.asarray(settlement.sponsors @ timeline.discount(case.hurdle)),
        public_cost=np.asarray(paid @ worth),
        cash=timeline.by_year(paid),
        ratio=ratio,
        raised=float(left * (flow.spending @ worth)) if case.total_capital > 0 else 0.0,
    )


def tail_mean(values: FloatArray, level: float = TAIL) -> float:
    """Return the mean of the worst (largest) values: those above a level of probability.

    Parameters
    ----------
    values : array
        Equally likely costs.
    level : float
        0 gives the mean; towards 1 the worst case.
    """
    each = 1.0 / len(values)
    # beyond the last path there is only the worst one
    return weighted_tail_mean(values, np.full(len(values), each), min(level, 1.0 - each))


def rates_of_return(cash: FloatArray, timeline: Timeline) -> tuple[float | None, ...]:
    """Return the internal rate of return of each path [1/year].

    None where there is no rate at which the cash is worth nothing, or more than one.

    Parameters
    ----------
    cash : array (path, period)
        What is paid (negative) and got.
    timeline : Timeline
        Its periods.
    """
    years = timeline.middle - timeline.first_year
    worth = cash @ (1.0 + RATES[np.newaxis]) ** -years[:, np.newaxis]
    turns = np.signbit(worth[:, 1:]) != np.signbit(worth[:, :-1])
    single = (turns.sum(axis=1) == 1) & (np.abs(cash).max(axis=1) > 0)
    place = np.argmax(turns, axis=1)
    low, high = RATES[place], RATES[place + 1]
    falls = ~np.signbit(worth[np.arange(len(cash)), place])
    for _ in range(60):
        middle = (low + high) / 2.0
        value = (cash * (1.0 + middle[:, np.newaxis]) ** -years).sum(axis=1)
        ahead = (value > 0) == falls
        low, high = np.where(ahead, middle, low), np.where(ahead, high, middle)
    return tuple(float(rate) if is_one else None for rate, is_one in zip(low, single, strict=True))


def _spread(values: FloatArray) -> dict[str, float]:
    """Mean, and the 5th, 10th, 50th, 90th and 95th percentile over the paths."""
    points = np.quantile(values, [0.05, 0.1, 0.5, 0.9, 0.95])
    names = ("p5", "p10", "p50", "p90", "p95")
    return {"mean": float(values.mean())} | {
        name: float(point) for name, point in zip(names, points, strict=True)
    }
