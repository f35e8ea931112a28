"""A screening's order of minerals beside the order that the USGS published in 2025."""

from dataclasses import dataclass
from typing import Any

from monazite.errors import InputError
from monazite.reference import catalogue
from monazite.reference.table import Row
from monazite.study.screening import Screening

TABLE = "screening/usgs_order_2025"
"""The shipped order."""
LARGE = 15
"""Places of difference from which a departure is large."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A mineral in both orders.

    ``published`` : its place among those compared, 1 the largest. ``found`` : its place here;
    ties share the mean. ``expected_musd`` : sum over its suppliers of loss times odds, for the
    partner [MUSD a year].
    """

    name: str
    published: float
    found: float
    expected_musd: float

    @property
    def difference(self) -> float:
        """How many places further down it stands here."""
        return self.found - self.published


@dataclass(frozen=True, slots=True)
class OrderComparison:
    """How two orders of minerals agree.

    ``spearman`` : rank correlation, 1 the same order, 0 none. ``p_value`` : two-sided, of no
    correlation. ``rows`` : in the published order. ``not_compared`` : reason by name.
    """

    partner: str
    spearman: float
    p_value: float
    rows: tuple[OrderRow, ...]
    not_compared: dict[str, str]

    def large(self) -> tuple[OrderRow, ...]:
        """Return the minerals that stand `LARGE` places or more apart, the furthest first."""
        far = [row for row in self.rows if abs(row.difference) >= LARGE]
        return tuple(sorted(far, key=lambda row: -abs(row.difference)))

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "partner": self.partner,
            "spearman": self.spearman,
            "p_value": self.p_value,
            "compared": [
                {
                    "name": row.name, "published": row.published, "found": row.found,
                    "expected_musd": row.expected_musd,
                }
                for row in self.rows
            ],
            "not_compared": dict(self.not_compared),
        }  # fmt: skip


def compare_order(found: Screening, partner: str = "USA") -> OrderComparison:
    """Compare what a partner is expected to lose, mineral by mineral, with the published order.

    Parameters
    ----------
    found : Screening
        Of the atlas, and of ``rare-earths-2024`` for the elements.
    partner : str
        Whose losses count; the published order is of the United States.

    Raises
    ------
    InputError
        If the screening has fewer than three of the minerals, or the partner loses the same in all.
    UnknownCodeError
        If the partner is not among those of the screening.
    """
    from scipy.stats import rankdata, spearmanr  # noqa: PLC0415 - slow to import

    expected = found.expected_by_commodity(partner)
    compared: list[tuple[Row, float]] = []
    missing: dict[str, str] = {}
    for row in catalogue.load(TABLE):
        codes = [code for code in row.text("commodities").split(";") if code in expected]
        if codes:
            compared.append((row, sum(expected[code] for code in codes)))
        else:
            missing[row.text("name")] = row.note or "not in the chains that were screened"
    if len(compared) < 3:
        raise InputError(
            "too few minerals to compare",
            where=TABLE,
            way_out="screen the chains atlas and rare-earths-2024",
        )
    losses = [loss for _, loss in compared]
    if len(set(losses)) == 1:
        raise InputError(
            "all expected losses are equal",
            where=TABLE,
            way_out="screen for a partner that uses the minerals",
        )
    result = spearmanr(range(len(losses)), [-loss for loss in losses])
    places = rankdata([-loss for loss in losses])
    return OrderComparison(
        partner,
        float(result.statistic),
        float(result.pvalue),
        tuple(
            OrderRow(row.text("name"), float(place), float(here), loss)
            for place, ((row, loss), here) in enumerate(zip(compared, places, strict=True), start=1)
        ),
        missing,
    )
