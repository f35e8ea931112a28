"""Who uses the oxides and magnets of 2024, what they would pay, and what they have in stock."""

from dataclasses import dataclass

import numpy as np

from chain_2024.regions import REGIONS

MAGNET_USES = ("EV", "wind", "electronics", "industry", "defence")


@dataclass(frozen=True)
class Demand:
    """Demand of one use [t/yr]."""

    use: str
    region: str
    commodity: str
    tonnes: float
    source: str
    grade: str
    note: str


# -- oxides -------------------------------------------------------------------------------

USE_SHARES = {
    "La": {"catalysts": 0.62, "metallurgy": 0.18, "glass-polishing": 0.12,
           "phosphors-ceramics": 0.05, "other": 0.03},
    "Ce": {"glass-polishing": 0.45, "catalysts": 0.22, "metallurgy": 0.18, "other": 0.10,
           "phosphors-ceramics": 0.05},
    "NdPr": {"phosphors-ceramics": 0.55, "other": 0.25, "glass-polishing": 0.20},
    "Sm": {"other": 0.70, "catalysts": 0.30},
    "Eu": {"phosphors-ceramics": 1.0},
    "Gd": {"other": 0.45, "phosphors-ceramics": 0.35, "metallurgy": 0.20},
    "Tb": {"phosphors-ceramics": 0.50, "other": 0.50},
    "Dy": {"phosphors-ceramics": 0.60, "other": 0.40},
    "Y": {"phosphors-ceramics": 0.74, "metallurgy": 0.12, "other": 0.10, "defence": 0.04},
    "HoLu": {"other": 0.50, "phosphors-ceramics": 0.30, "metallurgy": 0.20},
}  # fmt: skip
"""Split of an oxide's direct use (assumed): no producer publishes one by element. Tb that is
diffused into magnets outside the alloy counts as other."""

CHINA = {
    "La": 40_000.0, "Ce": 55_000.0, "NdPr": 2_500.0, "Sm": 500.0, "Eu": 250.0, "Gd": 2_200.0,
    "Tb": 60.0, "Dy": 60.0, "Y": 8_000.0, "HoLu": 1_500.0,
}  # fmt: skip
CHINA_SURPLUS = {
    "La": 45_000.0, "Ce": 75_000.0, "Sm": 3_000.0, "Eu": 500.0, "Gd": 600.0, "Y": 3_000.0,
    "HoLu": 800.0,
}  # fmt: skip
_CHINA_NOTE = (
    "assumed: world use by rule of thumb (catalysts 15 to 20 %, polishing about 10 %, metallurgy "
    "6 % of all rare earths) of which about two thirds in China"
)
_SURPLUS_NOTE = (
    "assumed: joint output that finds no use goes to stock or waste; the balance decides how much"
)

KNOWN = {
    ("La", "USA"): (5_600.0, "usgs-mcs-2019", "D",
                    "apparent consumption 9,010 t x shares of 2018 (60 % catalysts, mostly La)"),
    ("Ce", "USA"): (2_800.0, "usgs-mcs-2019", "D",
                    "apparent consumption 9,010 t x shares of 2018, less La and the others"),
    ("Y", "USA"): (500.0, "usgs-mcs-2026", "A", "apparent consumption"),
    ("Ce", "JPN"): (5_650.0, "jsnm-2024", "B", "industry's count of cerium products"),
    ("Y", "JPN"): (1_010.0, "jsnm-yttrium-2018", "B", "industry's count, 2018"),
}  # fmt: skip
SURPLUS_REGIONS = ("USA", "MYS", "IND", "EST")
"""Regions outside China that separate and cannot sell all La and Ce."""
RESIDUAL = "what reaches the region less what its plants take and what it sends on"
SMALLEST_VALUE = 400.0
"""Uses below this value [kUSD/yr] join the largest use of the same oxide and region."""


def oxide_uses(element: str, region: str, residual: float, inflow: float) -> list[Demand]:
    """Direct uses of an oxide in a region, from the residual of supply and other uses [t/yr]."""
    total, source, grade, note = _direct_use(element, region, residual, inflow)
    demands = [
        Demand(use, region, f"{element}-oxide", round(share * total, 2), source, grade,
               f"{note}; {share:.0%} of it (assumed)")
        for use, share in USE_SHARES[element].items()
    ]  # fmt: skip
    return demands + _surplus(element, region, residual - total)


def _direct_use(
    element: str, region: str, residual: float, inflow: float
) -> tuple[float, str, str, str]:
    if region == "CHN":
        return CHINA[element], "assumed", "E", _CHINA_NOTE
    if (element, region) in KNOWN:
        return KNOWN[element, region]
    total = max(residual, 0.1 * inflow, 0.01)
    if region in SURPLUS_REGIONS and element in ("La", "Ce"):
        total *= 0.3
    return total, "assumed", "E", f"assumed: {RESIDUAL}"


def _surplus(element: str, region: str, rest: float) -> list[Demand]:
    tonnes = 0.0
    if region == "CHN":
        tonnes = CHINA_SURPLUS.get(element, 0.0)
    elif region in SURPLUS_REGIONS and element in ("La", "Ce"):
        tonnes = max(rest, 50.0)
    if tonnes <= 0:
        return []
    oxide = f"{element}-oxide"
    return [Demand("surplus", region, oxide, round(tonnes, 1), "assumed", "E", _SURPLUS_NOTE)]


def merge_small(demands: list[Demand], price: float) -> list[Demand]:
    """Let uses worth little join the largest one of the same commodity and region."""
    kept = [d for d in demands if d.tonnes * price >= SMALLEST_VALUE or d.use == "surplus"]
    largest = max((d for d in demands if d.use != "surplus"), key=lambda d: d.tonnes, default=None)
    if largest is None:
        return kept
    lost = sum(d.tonnes for d in demands if d not in kept and d is not largest)
    note = f"{largest.note}, with the small uses" if lost else largest.note
    merged = Demand(
        largest.use, largest.region, largest.commodity, round(largest.tonnes + lost, 2),
        largest.source, largest.grade, note,
    )  # fmt: skip
    return [merged, *(d for d in kept if d is not largest)]


# -- magnets ------------------------------------------------------------------------------

WORLD_SHARE = {"EV": 0.092, "wind": 0.115, "electronics": 0.30, "industry": 0.485, "defence": 0.008}
HEAVY_IN_USE = {"EV": 0.85, "wind": 0.70, "electronics": 0.12, "industry": 0.38, "defence": 0.60}
INTENSITY = {
    "CHN": (1.2, 1.4, 1.0, 1.0, 0.5), "USA": (0.9, 0.6, 0.6, 1.1, 6.0),
    "JPN": (1.8, 0.1, 1.0, 1.1, 1.0), "KOR": (1.6, 0.3, 1.2, 0.9, 1.5),
    "DEU": (1.6, 1.2, 0.3, 1.5, 1.0), "FRA": (0.9, 0.8, 0.4, 1.4, 3.0),
    "EST": (0.0, 0.0, 0.0, 1.0, 0.0), "GBR": (0.6, 0.8, 0.4, 1.3, 3.0),
    "AUS": (0.0, 0.0, 0.3, 1.0, 2.0), "MYS": (0.0, 0.0, 2.0, 0.8, 0.0),
    "MMR": (0.0, 0.0, 0.0, 1.0, 0.0), "VNM": (0.0, 0.0, 2.5, 0.7, 0.0),
    "IND": (0.5, 0.6, 0.5, 1.4, 1.5), "THA": (0.4, 0.0, 1.8, 1.0, 0.0),
    "BRA": (0.0, 0.5, 0.3, 1.5, 0.0), "CAN": (0.3, 0.0, 0.3, 1.3, 1.0),
    "REU": (0.8, 1.8, 0.3, 1.3, 1.0), "ROW": (0.4, 0.3, 1.2, 1.2, 1.0),
}  # fmt: skip
"""How much a region leans to each of MAGNET_USES against the world (assumed)."""
SMCO_USES = {"defence": 0.35, "industry": 0.55, "electronics": 0.10}
SMCO_USES_USA = {"defence": 0.60, "industry": 0.35, "electronics": 0.05}
SMALLEST_MAGNET_USE = 5.0
"""Uses of magnets below this [t/yr] are left to the fit of the others."""
_FITTED = {
    "EV": ("iea-cmd-2025", "D", "world share 9.2 % of magnet elements"),
    "wind": ("iea-cmd-2025", "D", "world share 11.5 % of magnet elements"),
    "electronics": ("heim-vander-wal-2023", "D", "world share almost 30 %, about 2020"),
    "industry": ("assumed", "E", "assumed: the rest, motors of all kinds and vehicle parts"),
    "defence": ("assumed", "E", "assumed: under 1 % of the world's magnets"),
}


def magnet_uses(available: dict[tuple[str, str], float]) -> list[Demand]:
    """Fit uses to what each region has of each grade and to the world's shares [t/yr].

    Iterative proportional fitting of (region, use, grade) from the assumed leanings.
    """
    grades = ("standard", "heavy")
    seed = np.array([
        [[lean * WORLD_SHARE[use] * (1 - HEAVY_IN_USE[use] if g == 0 else HEAVY_IN_USE[use])
          for g in range(2)] for use, lean in zip(MAGNET_USES, INTENSITY[region], strict=True)]
        for region in REGIONS
    ])  # fmt: skip
    region_grade = np.array([[available.get((r, g), 0.0) for g in grades] for r in REGIONS])
    world = np.array([WORLD_SHARE[use] for use in MAGNET_USES]) * region_grade.sum()
    for _ in range(300):
        seed *= (world / seed.sum(axis=(0, 2)))[None, :, None]
        held = seed.sum(axis=1)
        factor = np.where(held > 0, region_grade / np.where(held > 0, held, 1), 0)
        seed *= factor[:, None, :]
    return [
        Demand(use, region, f"magnet-{grade}", round(float(seed[i, j, k]), 2), *_why(use))
        for i, region in enumerate(REGIONS)
        for j, use in enumerate(MAGNET_USES)
        for k, grade in enumerate(grades)
        if seed[i, j, k] >= SMALLEST_MAGNET_USE
    ]


def _why(use: str) -> tuple[str, str, str]:
    source, grade, note = _FITTED[use]
    how = "regions by what they make and import, and by assumed leanings fitted to both margins"
    return source, "E" if grade == "E" else "D", f"{note}; {how}"


def samarium_cobalt_uses(region: str, tonnes: float) -> list[Demand]:
    """Split the SmCo magnets of a region over their uses."""
    shares = SMCO_USES_USA if region == "USA" else SMCO_USES
    return [
        Demand(use, region, "magnet-SmCo", round(share * tonnes, 2), "assumed", "E",
               f"assumed: {RESIDUAL}; {share:.0%} of it")
        for use, share in shares.items()
    ]  # fmt: skip


# -- what they would pay ------------------------------------------------------------------

Rungs = tuple[tuple[float, float, float], ...]

LADDERS: dict[str, tuple[Rungs, float, str]] = {
    "magnet-ev": (((0.20, 3.0, 0), (0.30, 7.0, 0), (0.45, 20.0, 0)), 0.15,
                  "a motor holds 2 to 3 kg in a car of tens of thousands of dollars; from about "
                  "three times the price, motors without rare earths pay"),
    "magnet-wind": (((0.30, 2.5, 0), (0.35, 6.0, 0), (0.30, 15.0, 0)), 0.15,
                    "0.5 t and more per MW: machines with gears and coils compete early"),
    "magnet-electronics": (((0.20, 4.0, 0), (0.30, 12.0, 0), (0.45, 40.0, 0)), 0.15,
                           "grams in a device worth hundreds of dollars"),
    "magnet-industry": (((0.35, 2.5, 0), (0.35, 6.0, 0), (0.25, 15.0, 0)), 0.15,
                        "motors with ferrite or induction compete early"),
    "magnet-defence": (((0.05, 5.0, 0), (0.20, 20.0, 0), (0.70, 100.0, 0)), 0.15,
                       "the magnet costs nothing beside the system, and approval takes years"),
    "catalysts": (((0.30, 3.0, 25), (0.35, 8.0, 80), (0.25, 20.0, 180)), 0.20,
                  "1 to 4 % of a cracking catalyst whose yield is worth far more; makers cut La "
                  "by half in 2011 at about 100 USD/kg"),
    "glass-polishing": (((0.35, 3.0, 20), (0.35, 8.0, 60), (0.20, 20.0, 130)), 0.20,
                        "powder is recycled and replaced in part as the price rises, as in 2011"),
    "phosphors-ceramics": (((0.30, 3.0, 40), (0.35, 8.0, 120), (0.25, 20.0, 300)), 0.20,
                           "small parts of lamps, capacitors and coatings"),
    "metallurgy": (((0.40, 2.5, 15), (0.35, 6.0, 50), (0.15, 15.0, 120)), 0.20,
                   "steel and battery alloys leave first"),
    "other-oxide": (((0.30, 3.0, 40), (0.35, 8.0, 120), (0.25, 20.0, 300)), 0.20,
                    "medicine, lasers, research: small quantities, hard to replace"),
    "oxide-defence": (((0.05, 5.0, 150), (0.20, 20.0, 600), (0.70, 100.0, 3000)), 0.15,
                      "coatings of engines: grams decide over a machine"),
    "other-metal": (((0.30, 3.0, 20), (0.35, 8.0, 60), (0.25, 20.0, 150)), 0.20,
                    "sputtering targets and special alloys"),
}  # fmt: skip
LADDER_NOTE = (
    "assumed value in use, share of demand that stops near that price: no study gives one; the "
    "whole ladder is scaled over a wide range in every ensemble"
)


def ladder_of(use: str, commodity: str) -> str:
    """Name of the ladder of a use of a commodity."""
    kind = commodity.partition("-")[0]
    if kind == "magnet":
        return f"magnet-{use.lower()}"
    if commodity.endswith("metal"):
        return "other-metal"
    if use == "defence":
        return "oxide-defence"
    return "other-oxide" if use == "other" else use


# -- what they hold -----------------------------------------------------------------------

USES = (*MAGNET_USES, "catalysts", "glass-polishing", "phosphors-ceramics", "metallurgy", "other")
Cover = tuple[tuple[str, float, float], ...]
_JUST, _NORMAL, _DEEP = "just-in-time", "normal", "deep"

COVER: dict[str, tuple[Cover, str, str, str]] = {
    "*": (((_JUST, 0.4, 0.5), (_NORMAL, 0.6, 1.75)), "assumed", "E",
          "assumed: no magnet user publishes its stock; bounds are five weeks and three months"),
    "USA": (((_JUST, 0.35, 0.5), (_NORMAL, 0.50, 1.5), (_DEEP, 0.15, 3.0)), "assumed", "E",
            "assumed: as bounded by five weeks (2025) and three months (2010)"),
    "CHN": (((_JUST, 0.5, 0.5), (_NORMAL, 0.5, 1.25)), "assumed", "E",
            "assumed: near the source, little is held"),
    "KOR": (((_JUST, 0.35, 0.5), (_NORMAL, 0.45, 1.4), (_DEEP, 0.20, 3.0)),
            "donga-2024", "D", "average actual cover of critical materials 42 days, split "
            "over classes by assumption"),
    "DEU": (((_JUST, 0.40, 0.5), (_NORMAL, 0.45, 1.25), (_DEEP, 0.15, 3.0)),
            "reuters-2025-06-09", "D", "about five weeks left when deliveries slowed, split "
            "over classes by assumption"),
    "JPN": (((_JUST, 0.25, 1.0), (_NORMAL, 0.45, 2.5), (_DEEP, 0.30, 5.0)),
            "japan-times-2011-01-26", "D", "traders held about three months in 2010, the general "
            "target is 60 days; split over classes by assumption"),
}  # fmt: skip
EUROPE = ("FRA", "REU")
"""Regions that hold as Germany does (assumed)."""
DEFENCE_COVER: Cover = ((_NORMAL, 0.3, 2.0), (_DEEP, 0.7, 6.0))
DEFENCE_NOTE = "assumed: long programmes buy ahead; the US stockpile covered under half of its gap"
