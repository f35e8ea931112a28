"""Figures of the rare-earth chain of 2009, each with where it comes from.

Tonnes a year of each commodity's own basis (oxides t REO, metals t, magnets finished t) and
current dollars of 2009 per kg.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chain_folder import Origin

ASSUMED = Origin("assumed-chain-2009", "E")
OXIDES = ("La", "Ce", "NdPr", "Sm", "Eu", "Gd", "Tb", "Dy", "Y", "HoLu")
HEAVY_DUTY = ("Eu", "Tb", "Dy", "Y")
ABROAD = ("JPN", "USA", "DEU", "FRA", "REU", "KOR", "ROW")
VAT = 0.17
FREIGHT = 0.03
SMALLEST_USE = 2.0
"""Uses below this [t/yr] are left out."""
SMALLEST_FLOW = 0.1
"""Shipments from China below this [t/yr] are left out."""

FACTORS: Mapping[str, float] = {
    "La": 0.85268,
    "Ce": 0.81409,
    "Pr": 0.8277,
    "Nd": 0.85736,
    "Sm": 0.86236,
    "Eu": 0.86362,
    "Gd": 0.86759,
    "Tb": 0.85022,
    "Dy": 0.87132,
    "Y": 0.78744,
    "HoLu": 0.8745,
}
"""Metal per oxide, from standard atomic weights; Ho to Lu as erbium."""


def duty(commodity: str) -> float:
    """Return the Chinese export duty of 2009-10: 25 % on Eu, Tb, Dy and Y, else 15 %."""
    return 0.25 if commodity.partition("-")[0] in HEAVY_DUTY else 0.15


# -- what the ores hold -------------------------------------------------------------------

_USUAL_CLAY = {
    "La": 0.278, "Ce": 0.026, "NdPr": 0.256, "Sm": 0.046, "Eu": 0.008, "Gd": 0.0558,
    "Tb": 0.0062, "Dy": 0.034, "Y": 0.235, "HoLu": 0.055,
}  # fmt: skip
_LONGNAN = {
    "La": 0.0184, "Ce": 0.004, "NdPr": 0.0374, "Sm": 0.0283, "Eu": 0.001, "Gd": 0.0698,
    "Tb": 0.0132, "Dy": 0.0678, "Y": 0.6578, "HoLu": 0.1023,
}  # fmt: skip


def _blend(
    first: Mapping[str, float], second: Mapping[str, float], part: float
) -> dict[str, float]:
    return {name: (1 - part) * first[name] + part * second[name] for name in OXIDES}


BASKETS: Mapping[str, Mapping[str, float]] = {
    "ore-bayan-obo": {
        "La": 0.25, "Ce": 0.5, "NdPr": 0.228, "Sm": 0.008, "Eu": 0.002, "Gd": 0.007,
        "Tb": 0.0003, "Dy": 0.0007, "Y": 0.003, "HoLu": 0.001,
    },
    "ore-sichuan": {
        "La": 0.308, "Ce": 0.475, "NdPr": 0.193, "Sm": 0.011, "Eu": 0.002, "Gd": 0.005,
        "Tb": 0.0003, "Dy": 0.0007, "Y": 0.004, "HoLu": 0.001,
    },
    "ore-clay-china": _blend(_USUAL_CLAY, _LONGNAN, 1 / 12),
    "ore-mountain-pass": {
        "La": 0.323, "Ce": 0.502, "NdPr": 0.157, "Sm": 0.0085, "Eu": 0.001, "Gd": 0.0025,
        "Tb": 0.0002, "Dy": 0.0003, "Y": 0.004, "HoLu": 0.0015,
    },
    "ore-loparite": {
        "La": 0.27, "Ce": 0.57, "NdPr": 0.125, "Sm": 0.01, "Eu": 0.0013, "Gd": 0.0037,
        "Tb": 0.0007, "Dy": 0.0013, "Y": 0.01, "HoLu": 0.008,
    },
}  # fmt: skip
"""Oxide shares of the ore's REO."""

BASKET_NOTES: Mapping[str, str] = {
    "ore-bayan-obo": "Ce 50 % and La to Nd over 95 % are published, the rest is recalled and "
    "rounded; Tb and Dy lowered to what the known use of Tb allows",
    "ore-sichuan": "Ce 47 % (Mianning) and La to Nd over 98 % (Maoniuping) are published, the "
    "rest is assumed",
    "ore-clay-china": "eleven parts of usual clay (Sm to Dy 15 %, Ho to Lu with Y 29 % in an "
    "abstract; light elements in the proportions of Serra Verde's product, Dy 3.4 % and Tb 0.62 % "
    "as in products of granite clays) and one part of Longnan (Y 65 %, recalled column)",
    "ore-mountain-pass": "company: La 32.3, Ce 50.2, Nd with Pr 15.7, Sm and heavier 1.8 %, "
    "split within the last assumed",
    "ore-loparite": "no split was found; light ore, an eighth Nd and Pr",
}


# -- mines --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mine:
    """A mine: output [t REO/yr] and how far it is used."""

    process: str
    region: str
    ore: str
    output: float
    utilisation: float
    origin: Origin


CHINA_MINED = 129_400.0
"""BGS; China used 73,000 t of it at home and 56,000 t left, recorded or not."""
_SPLIT_2010 = {"ore-bayan-obo": 75.0, "ore-sichuan": 15.0, "ore-clay-china": 40.0}
_MINED = {ore: CHINA_MINED * part / 130.0 for ore, part in _SPLIT_2010.items()}
LICENSED_CLAY = 13_400.0
_SMM = Origin(
    "smm-quarterly-2011",
    "D",
    "129,400 t (BGS) split as 2010: Baotou 75, Sichuan 15, southern clays 40 of 130 thousand t",
)
_CLAY_NOTE = (
    "output of southern clays split at the quota for medium and heavy rare earths of 2011; "
    "the rest is counted as mined without one"
)

MINES: tuple[Mine, ...] = (
    Mine("mine-bayan-obo", "CHN", "ore-bayan-obo", _MINED["ore-bayan-obo"], 0.97, _SMM),
    Mine("mine-sichuan", "CHN", "ore-sichuan", _MINED["ore-sichuan"], 0.97, _SMM),
    Mine(
        "mine-clay-licensed", "CHN", "ore-clay-china", LICENSED_CLAY, 0.97, _SMM.because(_CLAY_NOTE)
    ),
    Mine(
        "mine-clay-unlicensed",
        "CHN",
        "ore-clay-china",
        _MINED["ore-clay-china"] - LICENSED_CLAY,
        0.9,
        _SMM.because(_CLAY_NOTE),
    ),
    Mine(
        "mine-loparite",
        "ROW",
        "ore-loparite",
        1_898 + 200 + 20 + 16,
        0.93,
        Origin(
            "bgs-ree-2009",
            "A",
            "Russia 1,898, Brazil 200, Malaysia 20, India 16 t; the last three are no loparite",
        ),
    ),
    Mine(
        "stock-mountain-pass",
        "USA",
        "ore-mountain-pass",
        2_000,
        0.8,
        ASSUMED.because("assumed: no ore was mined, the plant lived on its stock of concentrate"),
    ),
)


# -- prices -------------------------------------------------------------------------------

_LYNAS = ("lynas-fob-2007-2010", "A", "average of 2009, FOB China, 99 %")
FOB_2009: Mapping[str, tuple[float, str, str, str]] = {
    "La": (4.88, *_LYNAS),
    "Ce": (3.88, *_LYNAS),
    "NdPr": (
        0.75 * 19.12 + 0.25 * 18.03,
        "lynas-fob-2007-2010",
        "D",
        "three parts Nd at 19.12 and one part Pr at 18.03, averages of 2009",
    ),
    "Sm": (3.4, *_LYNAS),
    "Eu": (492.92, *_LYNAS),
    "Gd": (8.0, "assumed-chain-2009", "E", "assumed: no quote of 2009 was found"),
    "Tb": (361.67, *_LYNAS),
    "Dy": (115.67, *_LYNAS),
    "Y": (14.0, "assumed-chain-2009", "E", "assumed: no quote of 2009 was found"),
    "HoLu": (
        45.0,
        "assumed-chain-2009",
        "E",
        "assumed: no quote of 2009 was found; half the erbium quote of March 2012",
    ),
}
METAL_PREMIUM: Mapping[str, float] = {"NdPr": 1.3, "Dy": 1.52, "Tb": 1.86}
"""Metal over oxide: mean of quotes of 2011-09-16 and 2012-03-09 (Tb: the later one)."""


# -- magnets ------------------------------------------------------------------------------

RECIPES: Mapping[str, Mapping[str, float]] = {
    "standard": {"NdPr-metal": 0.3},
    "heavy": {"NdPr-metal": 0.27, "Dy-metal": 0.04, "Tb-metal": 0.0015},
}
"""Metal in a t of alloy, magnet or scrap."""
MAGNET_PRICES: Mapping[str, float] = {"standard": 36.0, "heavy": 52.0}
OXIDE_PER_METAL: Mapping[str, float] = {"NdPr": 1.18, "Dy": 1.255, "Tb": 1.25}


@dataclass(frozen=True)
class MagnetMaker:
    """Magnet plants of a region.

    ``blanks`` : sintered blanks [t/yr]. ``kept`` : share of the alloy that ends in the magnet.
    ``bonded`` : bonded magnets, made without scrap [t/yr]. ``heavy`` : share of blanks with
    heavy rare earths. ``recycled`` : share of the scrap that returns.
    """

    region: str
    blanks: float
    kept: float
    bonded: float
    heavy: float
    recycled: float
    origin: Origin
    recycling: Origin


_JAPAN_RECYCLING = Origin(
    "cjc-magnets-2010", "B", "35 % of the alloy becomes scrap, nearly all returns to alloy makers"
)
_EUROPE = Origin(
    "china-org-magnets-2013",
    "D",
    "1.3 % of 98,200 t of blanks in 2010; assumed 25 % less in 2009, two thirds in Germany",
)
_NO_RECYCLING = ASSUMED.because("assumed: none")
MAGNET_MAKERS: tuple[MagnetMaker, ...] = (
    MagnetMaker(
        "CHN", 52_000, 0.713, 3_000, 0.33, 0.47,
        Origin("ccr-magnets-2011", "B", "52,000 t of sintered blanks and 3,000 t bonded in 2009"),
        Origin("smm-quarterly-2011", "D", "3,300 t REO recycled in 2010, scaled to 2009 output"),
    ),
    MagnetMaker(
        "JPN", 0.8 * 0.193 * 98_200, 0.65, 0, 0.78, 0.95,
        Origin(
            "china-org-magnets-2013",
            "D",
            "19.3 % of 98,200 t of blanks in 2010; assumed 20 % less in 2009; meets 5,200 t Nd "
            "and 600 t Dy used in 2010",
        ),
        _JAPAN_RECYCLING,
    ),
    MagnetMaker("DEU", 640, 0.7, 0, 0.5, 0, _EUROPE, _NO_RECYCLING),
    MagnetMaker("REU", 320, 0.7, 0, 0.5, 0, _EUROPE, _NO_RECYCLING),
)  # fmt: skip
REDUCTION: Mapping[str, Mapping[str, float]] = {
    "NdPr": {"CHN": 0.885, "JPN": 0.1, "ROW": 0.015},
    "Dy": {"CHN": 0.74, "JPN": 0.26},
    "Tb": {"CHN": 0.7, "JPN": 0.3},
}
"""Where the world's magnet metal is reduced."""
MAGNET_USES: Mapping[str, tuple[float, float, float]] = {
    "CHN": (31_200, 0.33, 0.45),
    "JPN": (6_950, 0.75, 0.5),
    "USA": (1_570, 0.4, 0.3),
    "DEU": (1_320, 0.4, 0.2),
    "FRA": (280, 0.3, 0.2),
    "REU": (1_430, 0.3, 0.2),
    "KOR": (1_030, 0.4, 0.7),
    "ROW": (6_950, 0.45, 0.8),
}
"""Magnets used [t/yr], share of heavy grades, share in electronics: what output and trade leave."""


# -- uses of oxides -----------------------------------------------------------------------

ELEMENT_MIX: Mapping[str, Mapping[str, float]] = {
    "cracking": {"La": 0.9, "Ce": 0.1},
    "exhaust": {"Ce": 0.9, "La": 0.05, "NdPr": 0.05},
    "polishing": {"Ce": 0.65, "La": 0.315, "NdPr": 0.035},
    "glass": {"Ce": 0.66, "La": 0.24, "NdPr": 0.04, "Y": 0.02, "HoLu": 0.04},
    "phosphors": {"Y": 0.702, "Ce": 0.11, "La": 0.085, "Eu": 0.049, "Tb": 0.036, "Gd": 0.018},
    "ceramics": {"Y": 0.53, "La": 0.17, "Ce": 0.12, "NdPr": 0.18},
    "mischmetal": {"Ce": 0.52, "La": 0.26, "NdPr": 0.22},
    "batteries": {"La": 0.5, "Ce": 0.334, "NdPr": 0.133, "Sm": 0.033},
    "rest": {"Ce": 0.39, "La": 0.19, "Y": 0.19, "NdPr": 0.19, "Sm": 0.02, "Gd": 0.01, "HoLu": 0.01},
}
"""Elements within a use, t REO per t REO; Tb in phosphors lowered from 4.6 %, which no ore gave."""


def _uses(use: str, rows: Mapping[str, tuple[float, Mapping[str, float]]]) -> "UseTable":
    return {(use, region): row for region, row in rows.items()}


UseTable = dict[tuple[str, str], tuple[float, Mapping[str, float]]]
_GLASS = {"polishing": 0.55, "glass": 0.45}


def _two(first: str, second: str, part: float) -> Mapping[str, float]:
    return {first: part, second: round(1 - part, 6)}


USES: UseTable = (
    _uses(
        "catalysts",
        {
            "CHN": (8_200, _two("cracking", "exhaust", 0.62)),
            "JPN": (3_000, _two("cracking", "exhaust", 0.1)),
            "USA": (9_500, _two("cracking", "exhaust", 0.8)),
            "DEU": (400, _two("cracking", "exhaust", 0.2)),
            "FRA": (1_400, _two("cracking", "exhaust", 0.2)),
            "REU": (1_300, _two("cracking", "exhaust", 0.6)),
            "KOR": (200, _two("cracking", "exhaust", 0.3)),
            "ROW": (1_200, _two("cracking", "exhaust", 0.8)),
        },
    )
    | _uses(
        "glass-polishing",
        {
            "CHN": (8_800, _GLASS),
            "JPN": (6_800, _GLASS),
            "USA": (2_800, _GLASS),
            "DEU": (500, _GLASS),
            "FRA": (1_900, _GLASS),
            "REU": (900, _GLASS),
            "KOR": (1_500, _GLASS),
            "ROW": (5_000, _GLASS),
        },
    )
    | _uses(
        "phosphors-ceramics",
        {
            "CHN": (7_100, _two("phosphors", "ceramics", 0.69)),
            "JPN": (2_500, _two("phosphors", "ceramics", 0.4)),
            "USA": (1_300, _two("phosphors", "ceramics", 0.35)),
            "DEU": (400, _two("phosphors", "ceramics", 0.4)),
            "FRA": (750, _two("phosphors", "ceramics", 0.6)),
            "REU": (400, _two("phosphors", "ceramics", 0.4)),
            "KOR": (350, _two("phosphors", "ceramics", 0.6)),
            "ROW": (1_000, _two("phosphors", "ceramics", 0.4)),
        },
    )
    | _uses(
        "metallurgy",
        {
            "CHN": (15_500, _two("batteries", "mischmetal", 0.3)),
            "JPN": (3_000, _two("batteries", "mischmetal", 0.85)),
            "USA": (1_400, _two("batteries", "mischmetal", 0.2)),
            "DEU": (250, _two("batteries", "mischmetal", 0.2)),
            "FRA": (300, _two("batteries", "mischmetal", 0.2)),
            "REU": (500, _two("batteries", "mischmetal", 0.2)),
            "KOR": (50, _two("batteries", "mischmetal", 0.5)),
            "ROW": (900, _two("batteries", "mischmetal", 0.2)),
        },
    )
    | _uses(
        "other",
        {
            "CHN": (8_300, {"rest": 1.0}),
            "JPN": (400, {"rest": 1.0}),
            "USA": (500, {"rest": 1.0}),
            "DEU": (100, {"rest": 1.0}),
            "FRA": (150, {"rest": 1.0}),
            "REU": (100, {"rest": 1.0}),
            "KOR": (50, {"rest": 1.0}),
            "ROW": (350, {"rest": 1.0}),
        },
    )
)
"""Total [t REO/yr] of each use and region, and the uses that it is made of."""

SPECIAL_USES: tuple[tuple[str, str, str, float, str], ...] = (
    ("industry", "CHN", "Sm-oxide", 300, "600 t of samarium-cobalt magnets, a third samarium"),
    ("industry", "JPN", "Sm-oxide", 120, "samarium-cobalt magnets"),
    ("industry", "USA", "Sm-oxide", 60, "samarium-cobalt magnets"),
    ("industry", "DEU", "Sm-oxide", 40, "samarium-cobalt magnets"),
    ("industry", "CHN", "Gd-oxide", 500, "2 % of magnet rare earths are gadolinium (recalled)"),
)


# -- trade --------------------------------------------------------------------------------

CHINA_EXPORTS: Mapping[str, float] = {
    "JPN": 7_102 + 4_048 + 4_440,
    "USA": 1_795 + 11_400 + 165,
    "DEU": 104 + 976 + 65,
    "FRA": 4_609 + 204 + 362,
    "REU": 1_132 + 518 + 468,
    "KOR": 644 + 1_024 + 20,
    "ROW": 1_616 + 2_234 + 898,
}
"""Recorded by destination, HS 284610 + 284690 + 280530 [t gross], CEPII BACI."""
CUSTOMS_TOTAL = 43_895.0
"""Chinese customs: 39,813 t in 2010 were 9.3 % less than in 2009."""
LEAK_TOTAL = 12_100.0
LEAK_SHARES: Mapping[str, float] = {
    "JPN": 0.6, "KOR": 0.12, "USA": 0.08, "FRA": 0.06, "DEU": 0.04, "REU": 0.04, "ROW": 0.06,
}  # fmt: skip
CHINA_MAGNET_EXPORTS: tuple[float, Mapping[str, float]] = (
    13_885.92 / 1.4831,
    {
        "USA": 0.1253, "KOR": 0.0888, "DEU": 0.0776, "REU": 0.13, "JPN": 0.04, "FRA": 0.03,
        "ROW": 0.5083,
    },
)  # fmt: skip
JAPAN_MAGNET_EXPORTS: Mapping[str, float] = {
    "CHN": 500, "ROW": 2_200, "USA": 400, "KOR": 200, "DEU": 150,
}  # fmt: skip

_SPLIT = "recorded weight; element of the second code assumed"
BETWEEN_THIRD_COUNTRIES: tuple[tuple[str, str, str, float, str], ...] = (
    ("Ce-oxide", "JPN", "KOR", 873, "HS 284610"),
    ("Ce-oxide", "JPN", "ROW", 1_908, "HS 284610, polishing powder"),
    ("Ce-oxide", "JPN", "USA", 376, "HS 284610"),
    ("NdPr-oxide", "JPN", "ROW", 583, "HS 284690 to Vietnam; taken as Nd and Pr"),
    ("Ce-oxide", "KOR", "USA", 1_427, "HS 284610"),
    ("Ce-oxide", "KOR", "FRA", 403, "HS 284610"),
    ("Ce-oxide", "KOR", "ROW", 234, "HS 284610"),
    ("Ce-oxide", "FRA", "JPN", 1_330, "HS 284610"),
    ("Ce-oxide", "FRA", "REU", 476, "HS 284610"),
    ("Ce-oxide", "FRA", "DEU", 136, "HS 284610"),
    ("Y-oxide", "FRA", "USA", 175, f"half of HS 284690 (350 t); {_SPLIT}"),
    ("La-oxide", "FRA", "USA", 175, f"half of HS 284690 (350 t); {_SPLIT}"),
    ("La-oxide", "FRA", "DEU", 159, f"HS 284690; {_SPLIT}"),
    ("Y-oxide", "FRA", "CHN", 200, f"part of HS 284690 (446 t); {_SPLIT}"),
    ("Ce-oxide", "FRA", "ROW", 213, "HS 284610"),
    ("Ce-oxide", "REU", "FRA", 778, "HS 284610"),
    ("La-oxide", "REU", "FRA", 321, f"HS 284690; {_SPLIT}"),
    ("Ce-oxide", "REU", "JPN", 242, "HS 284610"),
    ("NdPr-oxide", "REU", "JPN", 120, f"part of HS 284690 (277 t); {_SPLIT}"),
    ("Ce-oxide", "REU", "USA", 398, "HS 284610"),
    ("La-oxide", "REU", "USA", 200, f"part of HS 284690 (310 t); {_SPLIT}"),
    ("Ce-oxide", "DEU", "FRA", 214, "HS 284610"),
    ("La-oxide", "USA", "FRA", 404, f"HS 284690; {_SPLIT}"),
    ("Ce-oxide", "USA", "ROW", 250, "part of HS 284610 (490 t)"),
    ("NdPr-metal", "ROW", "JPN", 334, "HS 280530 from Vietnam at 38 USD/kg"),
)

LATENT: tuple[tuple[str, str, str], ...] = (
    ("La-oxide", "USA", "JPN"),
    ("Ce-oxide", "USA", "JPN"),
    ("NdPr-oxide", "USA", "JPN"),
    ("La-oxide", "ROW", "JPN"),
    ("Ce-oxide", "ROW", "JPN"),
    ("NdPr-oxide", "ROW", "JPN"),
)
"""Ways round China's border that could carry goods; the balance gives them a small flow."""


# -- behaviour ----------------------------------------------------------------------------

DEFLATOR = 313.7 / 214.5
"""US consumer prices of 2024 over 2009 (BLS)."""
LADDER_NOTE = (
    "assumed: rungs of the 2024 chain, dollars of 2024 turned into those of 2009 with US consumer "
    "prices; no value in use is published"
)
Rungs = tuple[tuple[float, float, float], ...]
LADDERS: Mapping[str, tuple[float, Rungs]] = {
    "magnet-electronics": (0.15, ((0.2, 4, 0), (0.3, 12, 0), (0.45, 40, 0))),
    "magnet-industry": (0.15, ((0.35, 2.5, 0), (0.35, 6, 0), (0.25, 15, 0))),
    "catalysts": (0.2, ((0.3, 3, 25), (0.35, 8, 80), (0.25, 20, 180))),
    "glass-polishing": (0.2, ((0.35, 3, 20), (0.35, 8, 60), (0.2, 20, 130))),
    "phosphors-ceramics": (0.2, ((0.3, 3, 40), (0.35, 8, 120), (0.25, 20, 300))),
    "metallurgy": (0.2, ((0.4, 2.5, 15), (0.35, 6, 50), (0.15, 15, 120))),
    "other-oxide": (0.2, ((0.3, 3, 40), (0.35, 8, 120), (0.25, 20, 300))),
}
"""Spread and rungs: share of demand, multiple of the base price, dollars of 2024 per kg on top."""
_STOCKS = "traders said about 3 months are normal in Japan; the split between buyers is assumed"
_NEAR = ASSUMED.because("assumed: near the source little is held; as in the 2024 chain")
_ELSEWHERE = ASSUMED.because("assumed: five weeks on average, as in the 2024 chain")
_JAPAN = Origin("japan-times-2011-01-26", "D", _STOCKS)
TRADE_MONTHS = 1.0
"""What traders hold, in months of use; as in the 2024 chain."""
COVER: tuple[tuple[str, str, float, float, Origin], ...] = (
    ("JPN", "just-in-time", 0.25, 1.0, _JAPAN),
    ("JPN", "normal", 0.5, 3.0, _JAPAN),
    ("JPN", "deep", 0.25, 5.0, _JAPAN),
    ("CHN", "just-in-time", 0.5, 0.5, _NEAR),
    ("CHN", "normal", 0.5, 1.25, _NEAR),
    ("*", "just-in-time", 0.4, 0.5, _ELSEWHERE),
    ("*", "normal", 0.45, 1.25, _ELSEWHERE),
    ("*", "deep", 0.15, 3.0, _ELSEWHERE),
)


# -- totals -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Total:
    """A total that the balance must hold [t/yr]."""

    name: str
    kind: str
    commodity: str
    origin_region: str
    destination: str
    value: float
    origin: Origin


_OUTPUT = Origin("smm-quarterly-2011", "D", "129,400 t (BGS) split as 2010")
TOTALS: tuple[Total, ...] = (
    Total(
        "china-exports-2009", "export_total", "*", "CHN", "*",
        CUSTOMS_TOTAL + LEAK_TOTAL + CHINA_MAGNET_EXPORTS[0],
        Origin(
            "wsj-exports-2009-2010", "D",
            "43,895 t by customs, 12,100 t assumed to leave unseen, 9,363 t of magnets",
        ),
    ),
    *(
        Total(
            f"china-magnets-{grade}-2009", "export_total", f"magnet-{grade}", "CHN", "*",
            CHINA_MAGNET_EXPORTS[0] * share,
            Origin("ccr-magnets-2011", "D", "9,363 t; a quarter of it heavy grades, assumed"),
        )
        for grade, share in (("standard", 0.75), ("heavy", 0.25))
    ),
    *(
        Total(f"china-{ore}-2009", "production_total", ore, "CHN", "*", tonnes, _OUTPUT)
        for ore, tonnes in _MINED.items()
    ),
)  # fmt: skip


# -- register -----------------------------------------------------------------------------


def _source(producer: str, title: str, year: int, url: str, **more: str) -> dict[str, str | int]:
    entry: dict[str, str | int] = {"producer": producer, "title": title, "year": year}
    entry |= {"url": url} if url else {}
    own = {"licence_raw": "not stated", "licence_product": "single figures with attribution"}
    return entry | own | more


SOURCES: Mapping[str, Mapping[str, str | int]] = {
    "assumed-chain-2009": _source(
        "The Monazite contributors", "Assumptions of the 2009 chain, reason in each row", 2026, "",
        licence_raw="Apache-2.0", licence_product="Apache-2.0",
    ),
    "weights-chain-2009": _source(
        "IUPAC", "Standard atomic weights", 2021, "https://iupac.qmul.ac.uk/AtWt",
        licence_raw="facts", licence_product="facts",
    ),
    "lynas-fob-2007-2010": _source(
        "Lynas Corporation", "Rare earth prices FOB China 2007 to July 2010", 2010,
        "https://www.raremetalblog.com/raremetalblog-readers-break-records-lynas-ree-numbers-"
        "kick-off-debate/",
        note="company table as reproduced at the address",
    ),
    "reuters-smm-2012-03-09": _source(
        "Reuters from Shanghai Metals Market", "Rare earth spot prices in China", 2012,
        "http://uk.reuters.com/article/china-rareearths-idUKL4E8E90XS20120309",
        note="with the table of 2011-09-16",
    ),
    "ccr-magnets-2011": _source(
        "China Chemical Reporter", "Status quo and outlook for China's NdFeB magnet industry",
        2011, "https://ccr.com.cn/c/2011-08-17/629694.shtml",
    ),
    "china-org-magnets-2013": _source(
        "China.org.cn (Japanese edition)", "World output of sintered NdFeB blanks 2010", 2013,
        "http://japanese.china.org.cn/business/txt/2013-08/12/content_29694121_2.htm",
    ),
    "cjc-magnets-2010": _source(
        "Clean Japan Center", "Recycling of rare metals: Nd and Dy in magnets", 2010, "",
        note="page on rare metal recycling, figures of 2010",
    ),
    "smm-quarterly-2011": _source(
        "Shanghai Metals Market", "China Rare Earth Quarterly Report, first quarter 2011", 2011,
        "https://kipdf.com/china-rare-earth-quarterly-report-abstract_5ac2713c1723ddfeef722f11.html",
        note="abstract",
    ),
    "bgs-ree-2009": _source(
        "British Geological Survey", "World Mineral Statistics, rare earths", 2024,
        "https://www.bgs.ac.uk/mineralsuk/statistics/world-mineral-statistics/",
        licence_raw="BGS terms, (C) UKRI", licence_product="single figures with attribution",
    ),
    "baci-ree-2009": _source(
        "CEPII", "BACI HS92, trade in 284610, 284690 and 280530 in 2009", 2025,
        "http://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
        licence_raw="Etalab 2.0", licence_product="Etalab 2.0",
    ),
    "goonan-sir-2011-5094": _source(
        "US Geological Survey", "Rare earth elements: end use and recyclability, SIR 2011-5094",
        2011, "https://pubs.usgs.gov/sir/2011/5094",
        licence_raw="US public domain", licence_product="US public domain",
        note="shares of elements within a use were recalled, not re-read; with the recalled "
        "tonnages of 2008 they give the 59 and 41 % for mature and growing uses of the abstract",
    ),
    "wsj-exports-2009-2010": _source(
        "The Wall Street Journal", "China's rare-earth exports slide, still bust quota", 2011,
        "https://www.reactionsearch.com/chinas-rare-earth-exports-slide-still-bust-quota/",
        note="39,813 t in 2010, 9.3 % less than in 2009",
    ),
    "japan-times-2011-01-26": _source(
        "The Japan Times", "Worse rare earth shortages yet to come", 2011,
        "http://www.japantimes.co.jp/news/2011/01/26/news/worse-rare-earth-shortages-yet-to-come/",
    ),
}  # fmt: skip
