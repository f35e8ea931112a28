"""The least support that makes a project bankable: single instruments, pairs, standard packages.

Bankable means that sponsors get their hurdle rate, in the mean or the median of the prices, and
that lenders see enough cash in a low case. Each size is the root of that condition; a result is
checked again at its size and at one a hundredth smaller.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

import numpy as np

from monazite.errors import InputError
from monazite.plan.cashflow import ProjectCase
from monazite.plan.deal import StandardSupport, standard_support
from monazite.plan.finance import ProjectFinance, assess, settle, tail_mean, valued
from monazite.plan.instrument import ConcessionalLoan, FloorContract, Grant, SupportInstrument
from monazite.plan.pricepath import PricePaths, insist

SMALLER = 0.99
"""Share of a mix at which it must no longer do."""
STEPS = (0.0625, 0.125, 0.25, 0.5, 1.0)
"""Shares of its largest size at which an instrument is tried before the root is looked for."""
PARTS = (0.25, 0.5, 0.75)
"""Shares of its size alone, or of its largest, at which the first of a pair is held."""
ROUND = 1e-7
"""Accuracy of a size, as a share of the largest."""
HIGHEST_FLOOR = 3.0
"""Most that a standard floor may be over the mean price."""


class Centre(StrEnum):
    """What must reach the hurdle rate."""

    MEAN = "mean"
    MEDIAN = "median"


@dataclass(frozen=True, slots=True)
class Bankability:
    """When financiers say yes.

    ``cover`` : least cash over debt service in the low case of every year. ``quantile`` : share
    of the paths that are lower than the low case. ``centre`` : of the sponsors' net present
    value, which must not be below zero. ``sizes_debt`` : lenders lend less than the stated share
    where the cover asks it, and sponsors pay the rest; otherwise the share is fixed.
    """

    cover: float = 1.2
    quantile: float = 0.1
    centre: Centre = Centre.MEAN
    sizes_debt: bool = False

    def __post_init__(self) -> None:
        insist(
            0 <= self.cover < 100 and 0 < self.quantile < 1,
            f"cover of {self.cover:g} in the low case of {self.quantile:g}",
            where="bankability",
            way_out="give a cover of at least 0 and a quantile between 0 and 1",
        )

    def margin(self, finance: ProjectFinance) -> float:
        """Return how far a project is from bankable; at least zero where it is.

        The less of: net present value over capital cost, and cover over what is asked, less one.
        """
        worth = finance.private_npv
        centre = float(worth.mean() if self.centre is Centre.MEAN else np.median(worth))
        gain = centre / max(finance.settlement.flow.case.total_capital, 1.0)
        low = finance.low_ratio(self.quantile)
        return gain if low is None else min(gain, low - self.cover)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A mix that was tried: its instruments with their sizes, and its expected cost [MUSD].

    ``cost`` : None where no size of it makes the project bankable.
    """

    sizes: tuple[tuple[str, float], ...]
    cost: float | None


@dataclass(frozen=True, slots=True)
class SupportMix:
    """The cheapest support found, and the proof that it is enough and no more.

    ``instruments`` : sized; empty where the project is bankable by itself. ``finance`` : with
    them. ``margin`` : of the condition; at least zero. ``smaller_margin`` : with all sizes a
    hundredth smaller; below zero where the mix is tight. ``attempts`` : everything tried.
    """

    instruments: tuple[SupportInstrument, ...]
    finance: ProjectFinance
    margin: float
    smaller_margin: float
    attempts: tuple[Attempt, ...]

    @property
    def is_bankable(self) -> bool:
        """Whether it is enough."""
        return self.margin >= 0

    @property
    def is_tight(self) -> bool:
        """Whether a hundredth less would not do; also where nothing is needed."""
        return not self.instruments or self.smaller_margin < 0


@dataclass(frozen=True, slots=True)
class SupportPackage:
    """A standard way to make a project bankable, as a plan chooses it.

    ``instruments`` : sized. ``cash`` : expected public money by year from the decision [MUSD];
    negative is money back. ``tail`` : the mean of the worst twentieth of each year. ``raises`` :
    private money that goes into building [MUSD, discounted]. ``cost`` : expected public cost
    [MUSD, discounted]; ``cost_tail`` : of the worst twentieth.
    """

    name: str
    instruments: tuple[SupportInstrument, ...]
    cash: tuple[float, ...]
    tail: tuple[float, ...]
    raises: float
    cost: float
    cost_tail: float


def cheapest_mix(
    case: ProjectCase,
    paths: PricePaths,
    menu: Sequence[SupportInstrument],
    test: Bankability = Bankability(),
) -> SupportMix:
    """Find the support of least expected discounted public cost that makes a project bankable.

    Every instrument is sized alone, then beside every other one held at some sizes. The least
    of these is the answer; a mix of three is not looked for.

    Parameters
    ----------
    case : ProjectCase
        The project; its hurdle rate counts.
    paths : PricePaths
        Prices of its products.
    menu : sequence of SupportInstrument
        What may be given, each at its largest size.
    test : Bankability
        When financiers say yes.

    Raises
    ------
    InputError
        If nothing on the menu is enough.
    """
    search = _Search(case, paths, test)
    if search.margin(()) >= 0:
        return search.mix((), ())
    alone = {item.name: search.least((), item) for item in menu}
    found: list[tuple[SupportInstrument, ...]] = [
        (item.scaled(share),) for item in menu if (share := alone[item.name]) is not None
    ]
    attempts = [search.attempt(mix) for mix in found]
    for first, second in combinations(menu, 2):
        for mix in _pairs(search, first, alone[first.name], second):
            found.append(mix)
            attempts.append(search.attempt(mix))
    attempts += [
        Attempt(((item.name, item.sized),), None) for item in menu if alone[item.name] is None
    ]
    if not found:
        best = max((search.margin((item,)) for item in menu), default=search.margin(()))
        raise InputError(
            f"nothing on the menu makes it bankable (margin {best:.3g} at best)",
            where=case.name,
            way_out="allow larger sizes, other instruments, or a lower hurdle or cover",
        )
    costs = [attempt.cost for attempt in attempts if attempt.cost is not None]
    return search.mix(found[int(np.argmin(costs))], tuple(attempts))


@dataclass(frozen=True, slots=True)
class _Search:
    """A project whose support is looked for."""

    case: ProjectCase
    paths: PricePaths
    test: Bankability

    def finance(self, instruments: Sequence[SupportInstrument]) -> ProjectFinance:
        """Return the project with instruments, its loan no larger than lenders allow."""
        finance = assess(self.case, self.paths, instruments)
        low = finance.low_ratio(self.test.quantile)
        if not self.test.sizes_debt or low is None or low >= self.test.cover:
            return finance
        flow = finance.settlement.flow
        return valued(settle(replace(flow, case=self._lent(finance))))

    def _lent(self, finance: ProjectFinance) -> ProjectCase:
        """Return the project with the largest loan that its low case covers."""
        settled = finance.settlement
        timeline, case = settled.flow.timeline, settled.flow.case
        senior, due = (timeline.by_year(part) for part in (settled.senior, settled.due))
        years = senior > 0
        cash = np.quantile(finance.ratio[:, years], self.test.quantile, axis=0) * due[years]
        room = cash / self.test.cover - (due - senior)[years]
        part = float(np.clip((room / senior[years]).min(initial=1.0), 0.0, 1.0)) * (1 - ROUND)
        share = case.financing.debt_share * part
        return replace(case, financing=replace(case.financing, debt_share=share))

    def margin(self, instruments: Sequence[SupportInstrument]) -> float:
        """Return how far the project with instruments is from bankable."""
        return self.test.margin(self.finance(instruments))

    def least(self, held: tuple[SupportInstrument, ...], item: SupportInstrument) -> float | None:
        """Return the least share of an instrument that is enough beside others, if any is."""

        def margin(share: float) -> float:
            return self.margin((*held, item.scaled(share)))

        if margin(0.0) >= 0:
            return 0.0
        low = 0.0
        for high in STEPS:
            if margin(high) >= 0:
                return _root(margin, low, high)
            low = high
        return None

    def attempt(self, mix: tuple[SupportInstrument, ...]) -> Attempt:
        """Return what a mix costs."""
        sizes = tuple((item.name, item.sized) for item in mix)
        return Attempt(sizes, self.finance(mix).expected_cost)

    def mix(
        self, instruments: tuple[SupportInstrument, ...], attempts: tuple[Attempt, ...]
    ) -> SupportMix:
        """Return a mix with the proof that it is enough and no more."""
        finance = self.finance(instruments)
        smaller = tuple(item.scaled(SMALLER) for item in instruments)
        return SupportMix(
            instruments, finance, self.test.margin(finance), self.margin(smaller), attempts
        )


def _pairs(
    search: _Search, first: SupportInstrument, alone: float | None, second: SupportInstrument
) -> list[tuple[SupportInstrument, ...]]:
    """Return pairs that are enough: the first held at some sizes, the second as small as it may."""
    found: list[tuple[SupportInstrument, ...]] = []
    for part in PARTS:
        held = first.scaled(part * (1.0 if alone is None else alone))
        try:
            share = search.least((held,), second)
        except InputError:  # more money than the capital cost, or two guarantees: no such pair
            continue
        if share:
            found.append((held, second.scaled(share)))
    return found


def _root(margin: Callable[[float], float], low: float, high: float) -> float:
    """Return the least share found at which a rising margin is not below zero."""
    from scipy.optimize import brentq  # noqa: PLC0415 - slow to import, needed for searches only

    share = float(brentq(margin, low, high, xtol=ROUND * high))
    step = ROUND * high
    while margin(share) < 0:
        share, step = min(share + step, high), 2.0 * step
    return share


def support_packages(
    case: ProjectCase,
    paths: PricePaths,
    test: Bankability = Bankability(sizes_debt=True),
    support: StandardSupport | None = None,
) -> tuple[SupportPackage, ...]:
    """Return the standard packages that make a project bankable, for a plan to choose from.

    ``none`` alone where it is bankable already; else a grant, a public loan with a grant, and a
    price floor for its main product with a grant, each as small as it may be. A package that
    is not enough at any size is left out; none at all means that no money makes it bankable.

    Parameters
    ----------
    case : ProjectCase
        The project.
    paths : PricePaths
        Prices of its products; a few dozen paths are enough.
    test : Bankability
        When financiers say yes.
    support : StandardSupport, optional
        Sizes; the shipped ones if not given.
    """
    search = _Search(case, paths, test)
    if search.margin(()) >= 0:
        return (_package("none", search, ()),)
    sizes = standard_support() if support is None else support
    grant = Grant(amount=case.total_capital)
    alone = search.least((), grant)
    loan = _standard_loan(case, sizes)
    beside = Grant(
        amount=grant.amount * min(sizes.grant_share, 1.0 if alone is None else alone / 2)
    )
    choices: tuple[tuple[str, SupportInstrument, SupportInstrument], ...] = (
        ("loan-and-grant", loan, Grant(amount=grant.amount - loan.amount)),
        ("floor-and-grant", beside, _standard_floor(case, paths, sizes)),
    )
    found = [] if alone is None else [_package("grant", search, (grant.scaled(alone),))]
    for name, held, item in choices:
        share = search.least((held,), item)
        if share is not None:
            found.append(_package(name, search, (held, item.scaled(share))))
    return tuple(found)


def _standard_loan(case: ProjectCase, sizes: StandardSupport) -> ConcessionalLoan:
    return ConcessionalLoan(
        amount=sizes.loan_share * case.total_capital,
        rate=sizes.loan_rate,
        tenor=min(sizes.loan_tenor, case.life - case.financing.grace),
        grace=case.financing.grace,
    )


def _standard_floor(case: ProjectCase, paths: PricePaths, sizes: StandardSupport) -> FloorContract:
    """Return the largest floor for the product that the project earns most from."""
    worth = {product: paths.of(product).mean() * made for product, made in case.output.items()}
    main = max(worth, key=lambda product: worth[product])
    return FloorContract(
        product=main,
        price=HIGHEST_FLOOR * float(paths.of(main).mean()),
        start=case.start,
        end=min(case.start + sizes.floor_years, case.end),
    )


def _package(
    name: str, search: _Search, instruments: tuple[SupportInstrument, ...]
) -> SupportPackage:
    """Return a package with what it costs by year from the decision on."""
    finance = search.finance(instruments)
    first = int(np.floor(search.case.decision)) - search.paths.timeline.first_year
    cash = finance.cash[:, first:]
    return SupportPackage(
        name=name,
        instruments=instruments,
        cash=tuple(float(value) for value in cash.mean(axis=0)),
        tail=tuple(tail_mean(year) for year in cash.T),
        raises=finance.raised,
        cost=finance.expected_cost,
        cost_tail=finance.cost_tail,
    )
