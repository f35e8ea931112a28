"""Deals that were struck, and what financiers ask of any project: the shipped terms as nouns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monazite.errors import UnknownCodeError
from monazite.plan.cashflow import KUSD, Financing, ProjectCase, ProjectTerms
from monazite.plan.instrument import ContractForDifference, SupportInstrument, make_instrument
from monazite.plan.pricepath import PricePaths, PriceProcess, Timeline, insist, reverting_paths
from monazite.reference.catalogue import load
from monazite.reference.table import Row

TERMS_TABLE = "plan/instrument_terms"
"""Terms of real deals, by deal and instrument."""
CASES_TABLE = "plan/finance_cases"
"""The projects behind them, and the standard."""
STANDARD = "standard"
"""Case that holds what is taken of any project."""
QUARTERS = 4
"""Periods a year of worked cases: floors are settled by quarter."""
_MONEY = re.compile(r"USD(\d{4})?\b")


@dataclass(frozen=True, slots=True)
class StandardSupport:
    """Sizes of the standard packages.

    ``loan_share`` : of the capital cost that a public loan covers, at ``loan_rate`` [1/year] over
    ``loan_tenor`` years. ``grant_share`` : granted beside a price floor of ``floor_years``.
    """

    loan_share: float
    loan_rate: float
    loan_tenor: float
    grant_share: float
    floor_years: float


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A project with the support that it was really given, in dollars of one year.

    ``processes`` : of the prices of its products. ``rows`` : what was read, for footnotes.
    """

    name: str
    case: ProjectCase
    instruments: tuple[SupportInstrument, ...]
    processes: Mapping[str, PriceProcess]
    rows: tuple[Row, ...]

    @property
    def timeline(self) -> Timeline:
        """Quarters from the decision to the end of its life."""
        return self.case.timeline(QUARTERS)

    def paths(self, paths: int = 500, seed: int = 0) -> PricePaths:
        """Draw paths of the prices of its products."""
        year = self.case.money_year
        return reverting_paths(
            self.timeline, self.processes, paths=paths, seed=seed, money_year=year
        )


def worked_cases() -> tuple[str, ...]:
    """Names of the shipped cases with real support."""
    return tuple(dict.fromkeys(row.text("deal") for row in load(TERMS_TABLE)))


def worked_case(name: str) -> WorkedCase:
    """Return a shipped case with real support.

    Raises
    ------
    UnknownCodeError
        If no case of that name is shipped.
    InputError
        If its rows are in dollars of several years, or a figure is missing.
    """
    if name not in worked_cases():
        raise UnknownCodeError("case", name, worked_cases())
    terms = tuple(row for row in load(TERMS_TABLE) if row.text("deal") == name)
    facts = _rows(name)
    year = dollar_year((*terms, *facts), where=name)
    case = _case(name, facts, year)
    processes = {product: _process(facts, product, name) for product in case.output}
    return WorkedCase(name, case, _instruments(terms), processes, (*terms, *facts))


def standard_terms(money_year: int) -> ProjectTerms:
    """Return what financiers ask of any project; rates are real and fit dollars of any year."""
    rows = _rows(STANDARD)
    return ProjectTerms(
        hurdle=_one(rows, "hurdle"),
        public_rate=_one(rows, "public_rate"),
        financing=Financing(
            debt_share=_one(rows, "debt_share"),
            debt_rate=_one(rows, "debt_rate"),
            tenor=_one(rows, "tenor"),
            grace=_one(rows, "grace"),
            reserve_months=_one(rows, "reserve_months"),
        ),
        money_year=money_year,
    )


def standard_support() -> StandardSupport:
    """Return the sizes of the standard packages."""
    rows = _rows(STANDARD)
    return StandardSupport(
        loan_share=_one(rows, "loan_share"),
        loan_rate=_one(rows, "loan_rate"),
        loan_tenor=_one(rows, "loan_tenor"),
        grant_share=_one(rows, "grant_share"),
        floor_years=_one(rows, "floor_years"),
    )


def standard_process(anchor: float, start: float | None = None) -> PriceProcess:
    """Return the price process of a product of which only a mean price is known [USD/kg]."""
    rows = _rows(STANDARD)
    return PriceProcess(anchor, _one(rows, "half_life"), _one(rows, "volatility"), start)


def dollar_year(rows: Sequence[Row], *, where: str) -> int:
    """Return the year of the dollars that rows are in.

    Raises
    ------
    InputError
        If they are in dollars of several years.
    """
    found = {int(year or 2024) for row in rows for year in _MONEY.findall(row.unit)}
    insist(
        len(found) == 1,
        f"dollars of {' and '.join(map(str, sorted(found))) or 'no year'}",
        where=where,
        way_out="give all figures in dollars of one year",
    )
    return found.pop()


def yearly_payout(contract: ContractForDifference, price: float, tonnes: float) -> float:
    """Return what a floor pays for a year at one price [MUSD], its upside share in force.

    In current dollars of the year, with no inflation on either; negative is money back.

    Parameters
    ----------
    contract : ContractForDifference
        The floor.
    price : float
        Market price [USD/kg].
    tonnes : float
        Sold in the year; no more than the contract's quantity is covered.
    """
    covered = tonnes if contract.quantity is None else min(tonnes, contract.quantity)
    ceiling = contract.price if contract.ceiling is None else contract.ceiling
    back = contract.upside_share * max(price - ceiling, 0.0) * covered / KUSD
    most = back if contract.yearly_cap is None else min(back, contract.yearly_cap)
    return max(contract.price - price, 0.0) * covered / KUSD - most


@dataclass(frozen=True, slots=True)
class ImpliedPrice:
    """The price that a payment under a floor implies, if it was for these tonnes [USD/kg]."""

    basis: str
    tonnes: float
    price: float


def implied_prices(name: str = "mp-mountain-pass", period: str = "2025-Q4") -> (
    tuple[ImpliedPrice, ...]
):  # fmt: skip
    """Return the prices that a known payment of a shipped case implies.

    The tonnes behind it are not published: those sold, those made, and those sold or in stock
    (made in the year and not sold) are tried.

    Raises
    ------
    UnknownCodeError
        If the case or its payment is not shipped.
    """
    worked = worked_case(name)
    floor = next(item for item in worked.instruments if isinstance(item, ContractForDifference))
    rows, year = _rows(name), period[:4]
    paid = _one(rows, "paid", period)
    made, sold = _one(rows, "made", period), _one(rows, "sold", period)
    unsold = (_one(rows, "made", year) - made) - (_one(rows, "sold", year) - sold)
    bases = {"sold": sold, "made": made, "made, and in stock before": made + max(unsold, 0.0)}
    return tuple(
        ImpliedPrice(basis, tonnes, floor.price - paid * KUSD / tonnes)
        for basis, tonnes in bases.items()
    )


def _rows(name: str) -> tuple[Row, ...]:
    return tuple(row for row in load(CASES_TABLE) if row.text("case") == name)


def _instruments(rows: Sequence[Row]) -> tuple[SupportInstrument, ...]:
    terms: dict[tuple[str, str], dict[str, float | str]] = {}
    for row in rows:
        number = row.number("value")
        value = row.text("word") if number is None else number
        terms.setdefault((row.text("kind"), row.text("label")), {})[row.text("term")] = value
    return tuple(
        make_instrument(kind, {**given, "label": label}, where=TERMS_TABLE)
        for (kind, label), given in terms.items()
    )


def _case(name: str, rows: Sequence[Row], year: int) -> ProjectCase:
    terms = standard_terms(year)
    opening = _many(rows, "opening")
    return ProjectCase(
        name=name,
        capital=tuple(_many(rows, "capital").values()),
        capacity=_one(rows, "capacity"),
        output=_many(rows, "output"),
        unit_cost=_one(rows, "unit_cost"),
        decision=_one(rows, "decision"),
        ramp=tuple(_many(rows, "ramp").values()) or (1.0,),
        life=_one(rows, "life"),
        opening=opening.get(""),
        hurdle=terms.hurdle,
        public_rate=terms.public_rate,
        financing=terms.financing,
        money_year=year,
    )


def _process(rows: Sequence[Row], product: str, name: str) -> PriceProcess:
    anchors = _many(rows, "anchor")
    insist(
        product in anchors,
        f"no mean price of {product}",
        where=f"{CASES_TABLE}, {name}",
        way_out="add a row 'anchor'",
    )
    usual = standard_process(anchors[product])
    return PriceProcess(
        anchors[product],
        _many(rows, "half_life").get(product, usual.half_life),
        _many(rows, "volatility").get(product, usual.volatility),
        _many(rows, "start_price").get(product),
    )


def _many(rows: Sequence[Row], item: str) -> dict[str, float]:
    """Figures of an item by what they are of, in the order of the table."""
    found = ((row.text("of"), row.value) for row in rows if row.text("item") == item)
    return {of: value for of, value in found if value is not None}


def _one(rows: Sequence[Row], item: str, of: str = "") -> float:
    figures = _many(rows, item)
    if of not in figures:
        raise UnknownCodeError(f"{item} of", of, figures, where=CASES_TABLE)
    return figures[of]
