"""Base prices of 2024 by commodity and region, and the list of commodities."""

from functools import cache

import diffusion

from chain_2024 import materials as m
from chain_2024 import recipes
from chain_2024.regions import transport

USGS = "usgs-mcs-2026"
ORE_SHARE, CLAY_SHARE, SEG_SHARE, SWARF_SHARE = 0.50, 0.75, 0.55, 0.60
"""Price of a feed over the value inside China of the oxides won from it (assumed); for clay,
USD 816 million over 44,366 t from Myanmar say 0.7 to 0.9."""
ALLOY_MARGIN = 4.0
MAGNET_RARE_EARTH_SHARE, MAGNET_MARGIN = 0.65, 1.12
SMCO_PRICE = 65.0
REBATED = ("magnet",)
"""Goods whose value-added tax China pays back on export."""

Price = tuple[float, str, str, str]


@cache
def fob(commodity: str) -> Price:
    """Price free on board in the exporting country [USD/kg]."""
    if commodity in m.FOB_2024:
        price, grade, purity = m.FOB_2024[commodity]
        return price, USGS, grade, f"annual average FOB, {purity}"
    kind, _, rest = commodity.partition("-")
    if commodity == "HoLu-oxide":
        return (
            m.HOLU_PRICE, USGS, "D",
            "Ho 67, Er 43, Yb 14 and Lu 780 weighted 20, 45, 32 and 3 % (assumed)",
        )  # fmt: skip
    if rest == "metal":
        return _metal(kind)
    if kind in ("ore", "seg", "swarf"):
        return _feed(kind, rest)
    return _alloy(rest) if kind == "alloy" else _magnet(rest)


def inside(commodity: str) -> float:
    """Price inside China without value-added tax [USD/kg]."""
    price = fob(commodity)[0]
    kind = commodity.partition("-")[0]
    return price if kind in (*REBATED, "ore", "seg", "swarf") else price / (1 + m.VAT)


def _metal(element: str) -> Price:
    oxide = fob(f"{element}-oxide")[0]
    if element == "NdPr":
        return (
            oxide * m.METAL_OVER_OXIDE, "fastmarkets-2024-06-20", "D",
            "oxide 55 x 63/51, metal over oxide FOB on 20 June 2024",
        )  # fmt: skip
    won = m.oxide_to_metal(element) * m.METAL_YIELD[element]
    margin = m.HEAVY_METAL_MARGIN * oxide / won + (8.0 if element == "Sm" else 0.0)
    return margin, "assumed", "E", "assumed: oxide in it plus 5 % (Sm: and 8 USD/kg)"


def _won(process: str) -> float:
    """Value inside China of what a process wins from one tonne of feed [USD/kg]."""
    return sum(
        amount * inside(commodity)
        for commodity, amount in recipes.recipe(process).items()
        if amount > 0
    )


def _feed(kind: str, code: str) -> Price:
    if kind == "swarf":
        return (
            SWARF_SHARE * _won(f"recycling-swarf-{code}"), "assumed", "E",
            "assumed: 60 % of the oxides won from it",
        )  # fmt: skip
    if kind == "seg":
        return (
            SEG_SHARE * _won(f"separation-heavy-{code}"), "assumed", "E",
            "assumed: 55 % of the oxides won from it",
        )  # fmt: skip
    if code.startswith("clay"):
        return (
            CLAY_SHARE * _won(f"separation-{code}"), "cepii-baci-2025", "D",
            "75 % of the oxides won from it; Myanmar's shipments are worth 18.4 USD/kg gross",
        )  # fmt: skip
    share, process = ORE_SHARE, f"separation-light-{code}"
    return share * _won(process), "assumed", "E", "assumed: half of the oxides won from it"


def _alloy(grade: str) -> Price:
    metals = sum(part * fob(f"{e}-metal")[0] for e, part in m.ALLOYS[grade].items())
    return metals + ALLOY_MARGIN, "assumed", "E", "assumed: metals in it plus 4 USD/kg"


def _magnet(grade: str) -> Price:
    if grade == "SmCo":
        return SMCO_PRICE, "assumed", "E", "assumed: no quote published"
    metals = sum(part * inside(f"{e}-metal") for e, part in m.ALLOYS[grade].items())
    credit = m.swarf_per_magnet("*") * inside(f"swarf-{grade}")
    cost = (metals / m.MAGNET_YIELD["*"] - credit) / MAGNET_RARE_EARTH_SHARE
    return (
        MAGNET_MARGIN * cost, "ahlulang-2026", "D",
        "rare earths are 65 % of the cost (60 to 70), 12 % margin (assumed)",
    )  # fmt: skip


HOME = {"ore-mountain-pass": "USA", "seg-mountain-pass": "USA", "ore-mount-weld": "AUS",
        "seg-mount-weld": "MYS", "ore-clay-myanmar": "MMR", "ore-monazite": "ROW"}  # fmt: skip


def price_of(commodity: str, region: str) -> Price:
    """Return the base price of a commodity in a region [USD/kg]."""
    price, source, grade, note = fob(commodity)
    home = HOME.get(commodity, "CHN")
    if region == home:
        taxed = home == "CHN" and inside(commodity) < price
        why = f"{note}; less 13 % value-added tax that exports bear" if taxed else note
        own = inside(commodity) if home == "CHN" else price
        return own, source, "D" if taxed and grade == "A" else grade, why
    freight = transport(home, region, price)
    worse = "D" if grade in "ABC" else grade
    return (
        price + freight,
        source,
        worse,
        f"{note}; plus freight from {home} (assumed, by distance)",
    )


_STAGES = {"ore": "ore", "seg": "separation", "alloy": "alloy", "magnet": "magnet",
           "swarf": "recycling"}  # fmt: skip
_NAMES = {"La": "Lanthanum", "Ce": "Cerium", "NdPr": "Neodymium-praseodymium", "Sm": "Samarium",
          "Eu": "Europium", "Gd": "Gadolinium", "Tb": "Terbium", "Dy": "Dysprosium",
          "Y": "Yttrium", "HoLu": "Holmium to lutetium"}  # fmt: skip


def stage_of(commodity: str) -> str:
    """Stage of the chain at which a commodity is made."""
    kind, _, rest = commodity.partition("-")
    return _STAGES.get(kind, "metal" if rest == "metal" else "separation")


def commodities() -> list[tuple[str, str, dict[str, float], str]]:
    """(code, name, t metal by element in one t, basis) of every commodity."""
    listed = [(f"ore-{o.code}", o.name, m.metals_of_ore(o), "t REO") for o in m.ORES]
    listed += [
        (f"seg-{o.code}", f"Samarium and heavier left by light separation of {o.code}",
         m.metals_of_ore(o, m.HEAVY), "t REO")
        for o in m.ORES if o.light
    ]  # fmt: skip
    listed += [
        (f"{e}-oxide", f"{_NAMES[e]} oxide", m.metals_of_oxide(e), "t REO") for e in m.ELEMENTS
    ]
    listed += [
        (f"{e}-metal", f"{_NAMES[e]} metal", m.metals_of_metal(e), "t metal") for e in m.METAL_YIELD
    ]
    for kind, basis in (("alloy", "t gross"), ("magnet", "t finished"), ("swarf", "t gross")):
        listed += [
            (f"{kind}-{g}", f"NdFeB {kind}, {g} grade", m.metals_of_alloy(g), basis)
            for g in m.ALLOYS
        ]
    listed = [
        (code, name, diffusion.leanest(held) if code == "magnet-heavy" else held, basis)
        for code, name, held, basis in listed
    ]
    samarium = {"Sm": m.SMCO_SAMARIUM}
    return [*listed, ("magnet-SmCo", "Samarium-cobalt magnet", samarium, "t finished")]
