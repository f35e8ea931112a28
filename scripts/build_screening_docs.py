"""Screen every mineral and write docs/reference/atlas-screening.md and its picture.

Usage: python scripts/build_screening_docs.py

Takes a few minutes; run it when the atlas, what is assumed of its markets or the engine changes.
"""

from collections.abc import Iterator
from pathlib import Path

from build_data_docs import grid

from monazite.indicators.losses import losses
from monazite.network import SupplyNetwork
from monazite.parameters import Parameters
from monazite.scenario import Scenario, lower
from monazite.scenario.trade import ExportBan
from monazite.screening import START
from monazite.simulate import simulate
from monazite.study.order import LARGE, OrderComparison, compare_order
from monazite.study.runs import chain
from monazite.study.screening import ATLAS, CHANGED, CaseResult, Screening, ScreenOrder, screen

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "reference" / "atlas-screening.md"
PICTURE = DOCS / "_static" / "minerals-screened.svg"
SHOWN = 30
DEEP = "rare-earths-2024"
RAW_STAGES = ("ore", "separation", "metal")

HEAD = """% Written by scripts/build_screening_docs.py; do not edit.

# Every mineral screened

What `monazite screen --chain atlas` and the comparisons beside it say, with central parameters, for
a year without each supplier's exports. See [what is counted](../explanation/screening.md), [how a
mineral becomes a market](../explanation/atlas-markets.md) and [how to run
it](../how-to/screen-minerals.md).
"""
BIG = (
    "A market so large that a small rise of its price costs users more than a great one of a minor "
    "metal; the survey counts output lost downstream, which a dearer {} hardly stops."
)
IN_MAGNETS = (
    "The United States use little of it as oxide or metal: it arrives in magnets, another good of "
    "the chain. The survey follows it into the industries that use the magnets."
)
IN_CHAINS = (
    "A few tonnes in the United States at a low price. The survey weighs it with the output of "
    "what it goes into, with odds of one where China restricts it already."
)
REASONS = {
    "samarium": IN_CHAINS,
    "dysprosium": IN_MAGNETS,
    "terbium": IN_MAGNETS,
    "neodymium": IN_MAGNETS,
    "gadolinium": IN_CHAINS,
    "gallium": "19 t a year at 439 USD/kg. The largest part of the survey's loss is that of makers "
    "of semiconductors, whose output is worth far more than the metal; here the ladder ends at "
    "twenty times its price.",
    "silver": BIG.format("silver"),
    "copper": BIG.format("copper"),
    "nickel": BIG.format("nickel"),
    "zinc": BIG.format("zinc"),
    "tin": BIG.format("tin"),
    "lithium": BIG.format("lithium") + " Its price here is the value of the trade of 2024 over the "
    "lithium in it.",
}
"""Why minerals stand `LARGE` places or more away; one that is missing here stops the script."""


def page() -> str:
    """Return the whole page and write the picture."""
    both = screen(ScreenOrder(networks=(ATLAS,)), processes=2)
    PICTURE.write_text(both.as_picture(), encoding="utf-8")
    american = screen(ScreenOrder(networks=(ATLAS, DEEP), partners=("USA",)), processes=2)
    compared = compare_order(american)
    parts = [HEAD, *ranking(both), *order(compared), *reasons(compared), *rare_earths()]
    return "\n".join(parts) + "\n"


def ranking(found: Screening) -> Iterator[str]:
    """Yield the worst cases."""
    rationed = sum(row.rationed > 0 for row in found.singles)
    yield f"## The worst of {len(found.singles):,} suppliers\n"
    yield (
        "Lost by users in the United States and Japan in a year, MUSD, and weighed with the odds. "
        f"A star: goods are rationed, and the loss is a lower bound ({rationed} cases). Month: of "
        f"the first shortage. Largest residual of all certificates: {found.residual:.0e}.\n"
    )
    yield from grid(
        ("#", "supplier", "share of exports", "loss", "United States", "Japan", "short in month",
         "odds", "weighed"),
        (case(row, place) for place, row in enumerate(found.singles[:SHOWN], start=1)),
    )  # fmt: skip
    yield (
        "\n![Losses by mineral and supplier: rows are goods, columns suppliers, darker for "
        "more](../_static/minerals-screened.svg)\n\nThe goods with the largest losses, and the "
        "suppliers with the largest; `--out FILE.csv` holds all cases.\n"
    )


def case(row: CaseResult, place: int) -> tuple[str, ...]:
    """Return a line of the ranking."""
    (removal,) = row.case
    parts = [row.partners[region] for region in ("USA", "JPN")]
    first = " / ".join("–" if part.first_short is None else str(part.first_short) for part in parts)
    return (
        str(place), f"{removal.region} `{removal.commodity}`", f"{removal.share:.0%}",
        f"{row.loss.median or 0:,.0f}{'*' if row.rationed else ''}",
        *(f"{part.users.median or 0:,.0f}" for part in parts), first,
        f"{row.probability:.0%}", f"{row.expected.median or 0:,.1f}",
    )  # fmt: skip


def order(compared: OrderComparison) -> Iterator[str]:
    """Yield the order beside that of the USGS."""
    yield "## Beside the order of the USGS\n"
    yield (
        "Expected loss of users in the United States alone, summed over the suppliers of each "
        "mineral, beside the order of the draft list of 2025 by probability-weighted loss of gross "
        "domestic product (`screening/usgs_order_2025`). Spearman's rank correlation is "
        f"**{compared.spearman:.2f}** over {len(compared.rows)} minerals "
        f"(p = {compared.p_value:.2f}). Nothing was tuned to it.\n"
    )
    yield from grid(
        ("mineral", "USGS", "here", "expected loss, MUSD a year"),
        (
            (row.name, f"{row.published:g}", f"{row.found:g}", f"{row.expected_musd:,.1f}")
            for row in compared.rows
        ),
    )
    yield (
        "\nNot compared: "
        + "; ".join(f"{name} ({why})" for name, why in compared.not_compared.items())
        + ".\n"
    )


def reasons(compared: OrderComparison) -> Iterator[str]:
    """Yield the large departures, each with its reason."""
    yield "### Why they differ\n"
    yield (
        "Two orders of two things. The survey asks by what gross domestic product falls when a "
        "metal fails; here it is what users pay more and go without, with a ladder that ends at 20 "
        "times the price. A tonne of a cheap trace in a costly product weighs more there, a dearer "
        "price in a market of billions more here. Its odds are one for 17 minerals that China "
        "controls, and by country for the others; here they are counted announcements, 38 % for "
        "China and 3 % for most. The places of the survey are as told by summaries of its report. "
        f"Departures of {LARGE} places and more:\n"
    )
    yield from grid(
        ("mineral", "places", "why"),
        ((row.name, f"{row.difference:+g}", REASONS[row.name]) for row in compared.large()),
    )


def rare_earths() -> Iterator[str]:
    """Yield one question put to the market of the atlas and to the deep chain."""
    parameters = Parameters.central(**CHANGED)
    yield "\n## Rare earths in the atlas and in their chain\n"
    yield (
        "China ships none for a year: in the market of the atlas, in the chain without its alloys "
        "and magnets, and in the whole chain. Lost by users, MUSD.\n"
    )
    plain, deep = chain("atlas/rare-earths"), chain(DEEP)
    raw = tuple(each.code for each in deep.commodities if each.stage in RAW_STAGES)
    everything = tuple(each.code for each in deep.commodities)
    questions = (
        ("atlas", plain, tuple(each.code for each in plain.commodities)),
        ("chain, ores to metals", deep, raw),
        ("chain, magnets too", deep, everything),
    )
    yield from grid(
        ("market", "China shipped, t", "United States", "Japan", "Germany"),
        (ban(name, network, goods, parameters) for name, network, goods in questions),
    )


def ban(
    name: str, network: SupplyNetwork, goods: tuple[str, ...], parameters: Parameters
) -> tuple[str, ...]:
    """Return what users lose when China ships none of some goods."""
    measure = ExportBan(kind="export_ban", actors=("CHN",), commodities=goods, start=START)
    scenario = Scenario(
        id="ban", title=name, chain=network.name, start=START, months=12, measures=(measure,)
    )
    lost = losses(simulate(lower(scenario, network), parameters))
    shipped = sum(
        route.flow or 0.0
        for route in network.routes
        if route.origin == "CHN" and route.commodity in goods
    )
    users = (f"{lost.of_users(region)[0] / 1e3:,.0f}" for region in ("USA", "JPN", "DEU"))
    return name, f"{shipped:,.0f}", *users


def main() -> None:
    """Write page and picture."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
