"""Build the raw gallium and germanium chain of 2022-23, the base of the 2023 licence episode.

Run it from a checkout: ``python scripts/build_chain_gallium.py``. Every figure stands here with
its source. Tonnes of contained metal a year and current dollars of 2023. Flows describe a year
made of 2022 and the first half of 2023, prices the first half of 2023.
"""

from collections.abc import Mapping

from chain_folder import ChainFolder, Origin

ASSUMED = Origin("assumed-chain-gallium", "E")
USGS = Origin("usgs-mcs-gallium-germanium", "D")
CUSTOMS = "reuters-customs-2024-01-20"

PRODUCTS: Mapping[str, tuple[str, str]] = {
    "Ga": ("gallium, 99.99 %", "Ga:1"),
    "Ga-refined": ("gallium, refined to 99.9999 % and more", "Ga:1"),
    "Ge": ("germanium metal and dioxide, germanium content", "Ge:1"),
}

PRICES: tuple[tuple[str, str, float, Origin], ...] = (
    (
        "Ga", "CHN", 275.0,
        Origin("usgs-mcs-2024-gallium", "D", "mean of 310 in January and 240 in June 2023"),
    ),
    ("Ga", "*", 290.0, ASSUMED.because("assumed: 5 % above China for freight and trade")),
    ("Ga-refined", "*", 398.0, USGS.because("US import value, mean of 432 (2022) and 365 (2023)")),
    ("Ga-refined", "CHN", 378.0, ASSUMED.because("assumed: 5 % below the price abroad")),
    ("Ge", "*", 1_300.0, USGS.because("Europe, metal 1,294 on average in 2022, held to mid 2023")),
    ("Ge", "CHN", 1_200.0, ASSUMED.because("assumed: 8 % below Europe")),
)  # fmt: skip

# -- production: process, region, stage, activity, capacity, recipe, origin -----------------

_JAPAN_GA = Origin(
    "jogmec-gallium-2021", "D", "167 t used in 2021 less 97 t imported and 3 t won from bauxite"
)
_SCRAP = ASSUMED.because(
    "assumed: scrap of wafer making returns; about half of what is refined comes from it"
)
_IDLE = "capacity as in the world table of 2025; 88 t of idle plants elsewhere left out"

PRODUCTION: tuple[tuple[str, str, str, float, float, Mapping[str, float], Origin], ...] = (
    (
        "win-gallium", "CHN", "ore", 610, 850, {"Ga": 1.0},
        Origin("bgs-gallium", "D", "mean of 600 (2022) and 621 (2023); capacity assumed"),
    ),
    ("win-gallium", "JPN", "ore", 3, 10, {"Ga": 1.0}, USGS.because(_IDLE)),
    ("win-gallium", "KOR", "ore", 2.5, 16, {"Ga": 1.0}, USGS.because(_IDLE)),
    ("win-gallium", "ROW", "ore", 8, 12, {"Ga": 1.0}, USGS.because(f"Russia, Ukraine; {_IDLE}")),
    ("recycle-gallium", "CHN", "recycling", 20, 25, {"Ga-refined": 1.0}, _SCRAP),
    ("recycle-gallium", "JPN", "recycling", 67, 80, {"Ga-refined": 1.0}, _JAPAN_GA),
    ("recycle-gallium", "DEU", "recycling", 10, 13, {"Ga-refined": 1.0}, _SCRAP),
    (
        "recycle-gallium", "USA", "recycling", 7.4, 10, {"Ga-refined": 1.0},
        USGS.because("18.7 t used less 11.4 t imported, mean of 2022 and 2023"),
    ),
    ("recycle-gallium", "KOR", "recycling", 8, 10, {"Ga-refined": 1.0}, _SCRAP),
    ("recycle-gallium", "REU", "recycling", 4, 6, {"Ga-refined": 1.0}, _SCRAP),
    ("recycle-gallium", "CAN", "recycling", 4, 6, {"Ga-refined": 1.0}, _SCRAP),
    ("recycle-gallium", "ROW", "recycling", 28, 35, {"Ga-refined": 1.0}, _SCRAP),
    (
        "refine-germanium", "CHN", "metal", 151, 190, {"Ge": 1.0},
        Origin("wmd-bgs-germanium", "D", "166 t, mean of WMD and BGS 2022-23, less scrap"),
    ),
    (
        "refine-germanium", "ROW", "metal", 5, 7, {"Ge": 1.0},
        Origin("wmd-bgs-germanium", "B", "Russia 5 t"),
    ),
    (
        "refine-germanium", "CAN", "metal", 12, 15, {"Ge": 1.0},
        ASSUMED.because("assumed: twice the 5.4 t that reach the United States"),
    ),
    (
        "refine-germanium", "REU", "metal", 6, 10, {"Ge": 1.0},
        ASSUMED.because("assumed: Belgium, near its share of 4.5 % in the EU study"),
    ),
    ("refine-germanium", "DEU", "metal", 2, 4, {"Ge": 1.0}, ASSUMED.because("assumed: small")),
    ("refine-germanium", "JPN", "metal", 1, 2, {"Ge": 1.0}, ASSUMED.because("assumed: small")),
    *(
        (
            "recycle-germanium", region, "recycling", tonnes, 1.25 * tonnes, {"Ge": 1.0},
            Origin("usgs-mcs-germanium-2020", "E", "assumed split; about 30 % of use is recycled"),
        )
        for region, tonnes in (
            ("CHN", 15), ("REU", 24), ("DEU", 8), ("USA", 6), ("JPN", 5), ("ROW", 2),
        )
    ),
)  # fmt: skip

REFINED: Mapping[str, float] = {
    "CHN": 95, "JPN": 37.3, "DEU": 15, "USA": 2, "KOR": 4, "REU": 6, "ROW": 11.5,
}  # fmt: skip
"""Gallium refined from the ordinary metal; with scrap 319 t against 290 t in 2022 (USGS)."""

# -- trade --------------------------------------------------------------------------------

GA_EXPORTS, GE_EXPORTS = 76.0, 50.0
"""From China: 94.4 t in 2022 and 28.4 t in the first half of 2023 (Ga), 43.7 and 28.0 t (Ge)."""
GA_SHARES: Mapping[str, float] = {
    "JPN": 0.514, "DEU": 0.352, "KOR": 0.05, "ROW": 0.023, "REU": 0.034, "USA": 0.027,
}  # fmt: skip
GE_SHARES: Mapping[str, float] = {
    "DEU": 0.28, "REU": 0.3, "USA": 0.16, "ROW": 0.15, "JPN": 0.1, "KOR": 0.01,
}  # fmt: skip
_US = USGS.because("share of US imports 2021-24, mean tonnage of 2022 and 2023")
_GUESS = ASSUMED.because("assumed: closes the balances of both ends; trade statistics mix metals")
LEAKS: tuple[tuple[str, str, float], ...] = (
    ("Ga", "KOR", 0.8), ("Ga", "ROW", 1.0), ("Ge", "ROW", 0.8), ("Ge", "REU", 0.4),
)  # fmt: skip
LATENT: tuple[tuple[str, str, str], ...] = (
    ("Ga", "KOR", "JPN"), ("Ga", "DEU", "USA"), ("Ga", "DEU", "JPN"), ("Ga", "ROW", "USA"),
    ("Ga", "REU", "DEU"), ("Ge", "KOR", "USA"), ("Ge", "DEU", "JPN"), ("Ge", "REU", "JPN"),
)  # fmt: skip
"""Ways that could carry goods on; given a small flow by the balance."""
OTHER_ROUTES: tuple[tuple[str, str, str, float, Origin], ...] = (
    ("Ga", "ROW", "JPN", 4.0, _GUESS),
    ("Ga", "DEU", "REU", 4.0, _GUESS),
    ("Ga", "DEU", "ROW", 6.0, _GUESS),
    ("Ga-refined", "ROW", "JPN", 25.0, _GUESS),
    ("Ga-refined", "KOR", "JPN", 8.0, _GUESS),
    ("Ga-refined", "DEU", "JPN", 5.0, _GUESS),
    ("Ga-refined", "DEU", "ROW", 3.0, _GUESS),
    ("Ga-refined", "CAN", "USA", 3.2, _US),
    ("Ga-refined", "JPN", "USA", 2.5, _US),
    ("Ga-refined", "DEU", "USA", 1.8, _US),
    ("Ga-refined", "REU", "USA", 1.0, _US),
    ("Ga-refined", "ROW", "USA", 0.8, _US),
    ("Ge", "REU", "USA", 13.2, _US),
    ("Ge", "CAN", "USA", 5.4, _US),
    ("Ge", "DEU", "USA", 4.5, _US),
    ("Ge", "ROW", "USA", 1.1, _US),
    ("Ge", "JPN", "USA", 0.4, _US),
    ("Ge", "USA", "DEU", 3.0, USGS.because("half of US exports of metal, destination assumed")),
    ("Ge", "USA", "ROW", 3.3, USGS.because("half of US exports of metal, destination assumed")),
    ("Ge", "DEU", "REU", 3.0, _GUESS),
    ("Ge", "DEU", "ROW", 2.0, _GUESS),
    ("Ge", "REU", "ROW", 4.0, _GUESS),
    ("Ge", "CAN", "JPN", 3.0, _GUESS),
    ("Ge", "CAN", "ROW", 0.6, _GUESS),
    ("Ge", "ROW", "JPN", 2.0, _GUESS),
)

# -- uses: region -> tonnes by use --------------------------------------------------------

_MAGNETS = Origin(
    "argus-gallium-2021", "D", "about 100 t in 2021; 46 % of Chinese use in 2024; between the two"
)
_NET = ASSUMED.because("assumed: what supply and trade leave, split between uses")
USES: tuple[tuple[str, str, str, float, Origin], ...] = (
    ("magnets", "CHN", "Ga", 190, _MAGNETS),
    ("other", "CHN", "Ga", 45, _NET),
    ("magnets", "JPN", "Ga", 8, _NET),
    ("magnets", "DEU", "Ga", 1.5, _NET),
    ("magnets", "REU", "Ga", 1, _NET),
    ("magnets", "ROW", "Ga", 1.3, _NET),
    ("other", "KOR", "Ga", 2.2, _NET),
    ("semiconductors", "CHN", "Ga-refined", 35, _NET),
    ("LED", "CHN", "Ga-refined", 70, _NET),
    ("photovoltaics", "CHN", "Ga-refined", 10, _NET),
    ("semiconductors", "JPN", "Ga-refined", 75, _NET),
    ("LED", "JPN", "Ga-refined", 49.8, _NET),
    ("photovoltaics", "JPN", "Ga-refined", 2, _NET),
    ("other", "JPN", "Ga-refined", 13, _NET),
    ("semiconductors", "DEU", "Ga-refined", 10.2, _NET),
    ("LED", "DEU", "Ga-refined", 4, _NET),
    ("other", "DEU", "Ga-refined", 1, _NET),
    ("semiconductors", "USA", "Ga-refined", 13.9, USGS.because("18.7 t used; 74 % in circuits")),
    ("LED", "USA", "Ga-refined", 4.8, USGS.because("18.7 t used; 74 % in circuits")),
    ("LED", "KOR", "Ga-refined", 3, _NET),
    ("semiconductors", "KOR", "Ga-refined", 1, _NET),
    ("semiconductors", "REU", "Ga-refined", 5, _NET),
    ("LED", "REU", "Ga-refined", 3, _NET),
    ("photovoltaics", "REU", "Ga-refined", 1, _NET),
    ("other", "CAN", "Ga-refined", 0.8, _NET),
    ("semiconductors", "ROW", "Ga-refined", 10, _NET),
    ("LED", "ROW", "Ga-refined", 6.7, _NET),
    ("fibre-optics", "CHN", "Ge", 55, _NET),
    ("infrared-optics", "CHN", "Ge", 30, _NET),
    ("solar-electronics", "CHN", "Ge", 14, _NET),
    ("PET-catalysts", "CHN", "Ge", 2, _NET),
    ("fibre-optics", "JPN", "Ge", 4, _NET),
    ("infrared-optics", "JPN", "Ge", 2, _NET),
    ("PET-catalysts", "JPN", "Ge", 9.6, _NET),
    ("infrared-optics", "DEU", "Ge", 13, _NET),
    ("fibre-optics", "DEU", "Ge", 4.5, _NET),
    ("infrared-optics", "USA", "Ge", 14, USGS.because("about 30 t used; split assumed")),
    ("fibre-optics", "USA", "Ge", 9, USGS.because("about 30 t used; split assumed")),
    ("solar-electronics", "USA", "Ge", 9, USGS.because("about 30 t used; split assumed")),
    ("solar-electronics", "REU", "Ge", 12, _NET),
    ("infrared-optics", "REU", "Ge", 10, _NET),
    ("fibre-optics", "REU", "Ge", 8.8, _NET),
    ("infrared-optics", "CAN", "Ge", 3, _NET),
    ("fibre-optics", "KOR", "Ge", 0.5, _NET),
    ("fibre-optics", "ROW", "Ge", 12, _NET),
    ("infrared-optics", "ROW", "Ge", 7, _NET),
    ("PET-catalysts", "ROW", "Ge", 2.5, _NET),
)

LADDERS: Mapping[str, tuple[str, tuple[tuple[float, float], ...]]] = {
    "chips": (
        "assumed: milligrams in a costly part, so most buyers pay many times the price",
        ((0.2, 4), (0.3, 10), (0.4, 30)),
    ),
    "materials": (
        "assumed: a visible part of the product's cost",
        ((0.3, 3), (0.35, 8), (0.25, 20)),
    ),
    "additive": (
        "assumed: can be left out or replaced at a modest gain in cost",
        ((0.4, 2), (0.35, 4), (0.15, 8)),
    ),
}
LADDER_OF: Mapping[str, str] = {
    "semiconductors": "chips",
    "LED": "materials",
    "photovoltaics": "materials",
    "magnets": "additive",
    "other": "materials",
    "fibre-optics": "materials",
    "infrared-optics": "chips",
    "solar-electronics": "chips",
    "PET-catalysts": "additive",
}

_US_STOCK = USGS.because("US users held 2.8 t of 19.7 t (2022), 3.3 of 17.8 t (2023): 2 months")
_SAME = ASSUMED.because("assumed: as in the United States")
COVER: tuple[tuple[str, str, float, float, Origin], ...] = tuple(
    (region, name, share, months, origin)
    for region, origin in (("USA", _US_STOCK), ("*", _SAME))
    for name, share, months in (
        ("just-in-time", 0.3, 0.7), ("normal", 0.5, 2.0), ("deep", 0.2, 4.0),
    )
)  # fmt: skip
HOLDERS: tuple[tuple[str, str, float, Origin], ...] = (
    (
        "Ga", "CHN", 200.0,
        Origin("jia-gallium-cycle-2022", "E", "assumed: a fifth of the 948 t left by 2020"),
    ),
    ("Ga", "JPN", 4.0, ASSUMED.because("assumed: one month of imports")),
    ("Ga", "DEU", 2.0, ASSUMED.because("assumed: one month of imports")),
    ("Ga", "REU", 3.0, ASSUMED.because("assumed: traders' warehouses")),
    ("Ga-refined", "JPN", 5.0, ASSUMED.because("assumed: two weeks of use")),
    ("Ge", "CHN", 20.0, ASSUMED.because("assumed: two months of use")),
    ("Ge", "REU", 3.0, ASSUMED.because("assumed: one month of use")),
    ("Ge", "DEU", 1.5, ASSUMED.because("assumed: one month of use")),
)  # fmt: skip


def main() -> None:
    """Write the folder."""
    chain = ChainFolder(
        "gallium-germanium-2023",
        "Gallium and germanium, 2022 to mid 2023",
        2023,
        "Raw figures before the balance, t of contained metal. Flows stand for a year made of "
        "2022 and the first half of 2023, prices for the first half of 2023 in current dollars. "
        "Most uses outside the United States and all routes between third countries are assumed.",
        "USD2023",
    )
    add_goods(chain)
    add_production(chain)
    add_routes(chain)
    add_uses(chain)
    add_totals(chain)
    chain.write(SOURCES)


def add_goods(chain: ChainFolder) -> None:
    """Add commodities and prices."""
    for good, (name, elements) in PRODUCTS.items():
        origin = ASSUMED.because("assumed: impurities are neglected")
        chain.add(
            "commodities", origin, commodity=good, name=name, stage="metal", elements=elements
        )
    for good, region, price, origin in PRICES:
        chain.add("prices", origin, commodity=good, region=region, price=price)


def add_production(chain: ChainFolder) -> None:
    """Add recovery from alumina and zinc plants, refining and recycling."""
    refining = tuple(
        ("refine-gallium", region, "separation", tonnes, tonnes / 0.75, _REFINING, _REFINED)
        for region, tonnes in REFINED.items()
    )
    for process, region, stage, activity, capacity, recipe, origin in (*PRODUCTION, *refining):
        chain.add(
            "processes",
            origin,
            process=process,
            region=region,
            stage=stage,
            activity=activity,
            capacity=capacity,
            form="logistic",
        )
        for good, amount in recipe.items():
            chain.add(
                "recipes",
                _recipe_origin(process, origin),
                process=process,
                region=region,
                commodity=good,
                coefficient=amount,
            )


_REFINING: Mapping[str, float] = {"Ga": -1.02, "Ga-refined": 1.0}
_REFINED = ASSUMED.because("assumed split of about 290 t refined in 2022 (USGS), scrap included")


def _recipe_origin(process: str, origin: Origin) -> Origin:
    if process == "refine-gallium":
        return ASSUMED.because("assumed: 2 % lost in refining")
    if process.startswith("recycle"):
        return ASSUMED.because("assumed: scrap is no market of its own and has no input here")
    return Origin(origin.source, origin.grade, "by-product; its ore is no market here")


def add_routes(chain: ChainFolder) -> None:
    """Add China's exports, flows between others, unrecorded and latent ways."""
    note = "94.4 t in 2022, 28.4 t in January to June 2023; Japan 51.4, Germany 35.2 % since 2022"
    seen = Origin("fastmarkets-gallium-2023-12", "D", f"{note}; the other shares assumed")
    flows = [("Ga", "CHN", to, GA_EXPORTS * share, seen) for to, share in GA_SHARES.items()]
    note = "43.7 t in 2022, 28.0 t in January to June 2023; destinations assumed but for the US"
    seen = Origin(CUSTOMS, "E", f"assumed split: {note}")
    flows += [("Ge", "CHN", to, GE_EXPORTS * share, seen) for to, share in GE_SHARES.items()]
    for good, origin, destination, flow, source in (*flows, *OTHER_ROUTES):
        _add_route(chain, source, (good, origin, destination), "official", flow)
    for good, destination, flow in LEAKS:
        hidden = ASSUMED.because("assumed: 2 % of recorded exports leave without a licence")
        _add_route(chain, hidden, (good, "CHN", destination), "leak", flow)
    for way in LATENT:
        possible = ASSUMED.because("assumed: possible, not seen; the balance gives it a small flow")
        _add_route(chain, possible, way, "official", None)


def _add_route(
    chain: ChainFolder,
    source: Origin,
    way: tuple[str, str, str],
    channel: str,
    flow: float | None,
) -> None:
    chain.add(
        "routes",
        source,
        commodity=way[0],
        origin=way[1],
        destination=way[2],
        channel=channel,
        flow=flow,
        contract_share=0.5 if flow and channel == "official" else 0.0,
        form="logistic",
    )


def add_uses(chain: ChainFolder) -> None:
    """Add uses, what China builds up, ladders, cover and stocks."""
    for use, region, good, amount, origin in USES:
        cells = {"use": use, "region": region, "commodity": good, "ladder": LADDER_OF[use]}
        chain.add("uses", origin, demand=amount, form="ladder", **cells)
    note = "assumed: output less use and exports, built up while prices halved"
    for good, amount in (("Ga", 200.0), ("Ge", 15.0)):
        cells = {"use": "surplus", "region": "CHN", "commodity": good, "form": "isoelastic"}
        chain.add("uses", ASSUMED.because(note), demand=amount, elasticity=1.0, **cells)
    for ladder, (reason, rungs) in LADDERS.items():
        for share, multiple in rungs:
            chain.add(
                "ladders",
                ASSUMED.because(reason),
                ladder=ladder,
                share=share,
                price_multiple=multiple,
                price_add=0.0,
                spread=0.15,
            )
    for use in sorted({row[0] for row in USES}):
        for region, name, share, months, origin in COVER:
            cells = {"use": use, "region": region, "cover_class": name}
            chain.add("cover", origin, share=share, months=months, **cells)
    for good, region, stock, origin in HOLDERS:
        chain.add("holders", origin, commodity=good, region=region, kind="trade", stock=stock)


def add_totals(chain: ChainFolder) -> None:
    """Add the totals that the balance must hold."""
    note = "a year made of 2022 and the first half of 2023, recorded and assumed unrecorded"
    for good, exports in (("Ga", GA_EXPORTS), ("Ge", GE_EXPORTS)):
        hidden = sum(flow for name, _, flow in LEAKS if name == good)
        chain.add(
            "totals",
            Origin(CUSTOMS, "D", note),
            total=f"china-exports-{good}",
            kind="export_total",
            commodity=good,
            origin="CHN",
            destination="*",
            value=exports + hidden,
        )


def _source(producer: str, title: str, year: int, url: str, **more: str) -> dict[str, str | int]:
    entry: dict[str, str | int] = {"producer": producer, "title": title, "year": year}
    entry |= {"url": url} if url else {}
    own = {"licence_raw": "not stated", "licence_product": "single figures with attribution"}
    return entry | own | more


_PUBLIC = {"licence_raw": "US public domain", "licence_product": "US public domain"}
SOURCES: Mapping[str, Mapping[str, str | int]] = {
    "assumed-chain-gallium": _source(
        "The Monazite contributors", "Assumptions of the gallium and germanium chain", 2026, "",
        licence_raw="Apache-2.0", licence_product="Apache-2.0",
    ),
    "usgs-mcs-gallium-germanium": _source(
        "US Geological Survey", "Mineral Commodity Summaries 2025 and 2026, gallium, germanium",
        2026, "https://www.usgs.gov/centers/national-minerals-information-center", **_PUBLIC,
    ),
    "usgs-mcs-2024-gallium": _source(
        "US Geological Survey", "Mineral Commodity Summaries 2024, gallium", 2024,
        "https://opportimes.com/united-states-decreases-63-its-imports-of-gallium-from-china",
        note="price paragraph as quoted at the address", **_PUBLIC,
    ),
    "usgs-mcs-germanium-2020": _source(
        "US Geological Survey", "Mineral Commodity Summaries 2020, germanium", 2020,
        "https://docslib.org/doc/3494873/germanium-data-sheet", **_PUBLIC,
    ),
    "bgs-gallium": _source(
        "British Geological Survey", "World Mineral Statistics, primary gallium", 2025,
        "https://www.bgs.ac.uk/mineralsuk/statistics/world-mineral-statistics/",
        licence_raw="BGS terms, (C) UKRI",
    ),
    "wmd-bgs-germanium": _source(
        "Austrian Federal Ministry of Finance; British Geological Survey",
        "World Mining Data 2026 and World Mineral Statistics, germanium", 2026,
        "https://www.world-mining-data.info", licence_raw="free with attribution; BGS terms",
    ),
    "jogmec-gallium-2021": _source(
        "JOGMEC in The Japan Times", "Japan to study gallium production in Australia", 2025,
        "https://www.japantimes.co.jp/news/2025/08/05/japan/japan-gallium-australia-study",
    ),
    "jia-gallium-cycle-2022": _source(
        "Jia et al., Frontiers in Energy Research",
        "Evolution of the anthropogenic gallium cycle in China from 2005 to 2020", 2022,
        "https://frontiersin.org/articles/10.3389/fenrg.2022.944617/full",
        licence_raw="CC BY 4.0", licence_product="CC BY 4.0",
    ),
    "argus-gallium-2021": _source(
        "Argus", "Viewpoint: US gallium consumers left with few options", 2022,
        "https://argusmedia.com/en/news-and-insights/latest-market-news/2287879-viewpoint-us-"
        "gallium-consumers-left-with-few-options",
        note="with 46 % for magnets in 2024 from CNIA, metalnomist.com 2024-12",
    ),
    "fastmarkets-gallium-2023-12": _source(
        "Fastmarkets", "A make-or-break year for the non-Chinese gallium market", 2023,
        "https://fastmarkets.com/insights/a-make-or-break-year-for-non-chinese-gallium-market-"
        "2024-preview",
        note="only the shares of destinations are taken from it",
    ),
    CUSTOMS: _source(
        "Reuters from Chinese customs", "China's gallium, germanium exports in December", 2024,
        "https://www.nasdaq.com/articles/chinas-gallium-germanium-exports-surge-in-dec",
        note="with the reports of 2023-09-20 and 2023-11-20; only tonnages are taken from it",
    ),
}  # fmt: skip

if __name__ == "__main__":
    main()
