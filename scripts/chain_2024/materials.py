"""Commodities of the chain: element baskets, metal contents, yields and prices."""

from dataclasses import dataclass

ELEMENTS = ("La", "Ce", "NdPr", "Sm", "Eu", "Gd", "Tb", "Dy", "Y", "HoLu")
LIGHT = ("La", "Ce", "NdPr")
HEAVY = ("Sm", "Eu", "Gd", "Tb", "Dy", "Y", "HoLu")

ND_SHARE = 0.76
"""Share of Nd2O3 in NdPr oxide. One convention for all ores, so that didymium from every
mine is one commodity; sourced baskets lie between 0.74 and 0.79."""

METAL_PER_OXIDE = {
    "La": 0.85268, "Ce": 0.81409, "Nd": 0.85736, "Pr": 0.82770, "Sm": 0.86236, "Eu": 0.86362,
    "Gd": 0.86759, "Tb": 0.85022, "Dy": 0.87132, "Y": 0.78744, "HoLu": 0.87614,
}  # fmt: skip
"""t metal per t oxide from IUPAC standard atomic weights; HoLu is the mean of Ho to Lu."""

NDPR_PER_OXIDE = ND_SHARE * METAL_PER_OXIDE["Nd"] + (1 - ND_SHARE) * METAL_PER_OXIDE["Pr"]


@dataclass(frozen=True)
class Share:
    """Part of a basket [% of REO], with its source."""

    percent: float
    source: str
    grade: str
    note: str


@dataclass(frozen=True)
class Ore:
    """A deposit's product: what one tonne of its REO holds."""

    code: str
    name: str
    light: bool
    basket: dict[str, Share]


def _s(percent: float, source: str, grade: str, note: str) -> Share:
    return Share(percent, source, grade, note)


_REST = "rest of the basket after the elements with a figure"
_BO = "usgs-yearbook-recalled"
_BO_CUT = (
    "recalled value cut, because with it Tb and Dy from this one mine could not be reconciled "
    "with known uses"
)
_MIANNING = "assumed: Sichuan bastnaesite between Bayan Obo and Mountain Pass, Ce as reported"
_WELD_REST = "assumed split of the 0.9 % that the company table and announcement leave"
_CLAY = (
    "product assay of the granite clay of Serra Verde, the only full one; assumed to hold for "
    "Kachin and the other granite clays"
)
_CLAY_REST = "assumed split of what the assay leaves: Sm, Eu, Gd 8.0 % and Ho to Lu 4.1 % together"
_MONAZITE = "recalled table value for North Capel; monazite without xenotime only"
_CN_LIGHT = "0.92 x typical clay (La to Nd 56 %, granite proportions) + 0.08 x Longnan"
_CN_MEDIUM = "0.92 x typical clay (Sm to Dy 15 %, granite proportions) + 0.08 x Longnan"
_CN_HEAVY = "0.92 x typical clay (Y, Ho to Lu 29 %, granite proportions) + 0.08 x Longnan"

_GRANITE = {
    "La": 32.01, "Ce": 3.01, "NdPr": 29.36, "Sm": 4.41, "Eu": 0.40, "Gd": 3.20, "Tb": 0.53,
    "Dy": 3.23, "Y": 19.76, "HoLu": 4.09,
}  # fmt: skip
_LONGNAN = {
    "La": 2.18, "Ce": 0.48, "NdPr": 4.43, "Sm": 2.83, "Eu": 0.10, "Gd": 6.90, "Tb": 1.30,
    "Dy": 6.70, "Y": 64.98, "HoLu": 10.10,
}  # fmt: skip


def _china_clay() -> dict[str, Share]:
    """Blend the typical Chinese clay with its heavy kind; adds to 100 %."""
    blocks = ((LIGHT, 56.0, _CN_LIGHT), (HEAVY[:5], 15.0, _CN_MEDIUM), (HEAVY[5:], 29.0, _CN_HEAVY))
    basket = {}
    for elements, total, note in blocks:
        scale = total / sum(_GRANITE[e] for e in elements)
        for e in elements:
            percent = 0.92 * scale * _GRANITE[e] + 0.08 * _LONGNAN[e]
            basket[e] = _s(round(percent, 4), "zhang-2016", "E", f"assumed: {note}")
    drift = 100.0 - sum(share.percent for share in basket.values())
    la = basket["La"]
    basket["La"] = _s(round(la.percent + drift, 4), la.source, la.grade, la.note)
    return basket


ORES = (
    Ore("bayan-obo", "Bayan Obo light concentrate (bastnaesite, monazite)", True, {
        "La": _s(25.5, _BO, "D", _REST + "; recalled 23.0, known only as a sum with Pr and Nd"),
        "Ce": _s(50.0, "chinese-ore-partitioning", "B", "abstract, rounded"),
        "NdPr": _s(22.5, _BO, "D", "recalled 24.7; " + _BO_CUT.replace("Tb and Dy", "NdPr")),
        "Sm": _s(0.8, _BO, "D", "recalled, not confirmed"),
        "Eu": _s(0.2, _BO, "D", "recalled, not confirmed"),
        "Gd": _s(0.7, _BO, "D", "recalled, not confirmed"),
        "Tb": _s(0.02, _BO, "D", "recalled 0.1; " + _BO_CUT),
        "Dy": _s(0.06, _BO, "D", "recalled 0.1; " + _BO_CUT),
        "Y": _s(0.2, "assumed", "E", "assumed: half of the 0.4 % traces missing in the column"),
        "HoLu": _s(0.02, "assumed", "E", "assumed: trace"),
    }),
    Ore("sichuan", "Sichuan light concentrate (Mianning bastnaesite)", True, {
        "La": _s(31.4, "assumed", "E", _MIANNING),
        "Ce": _s(47.0, "chinese-ore-partitioning", "B", "abstract for Mianning, rounded"),
        "NdPr": _s(19.1, "assumed", "E", _MIANNING),
        "Sm": _s(1.2, "assumed", "E", _MIANNING),
        "Eu": _s(0.2, "assumed", "E", _MIANNING),
        "Gd": _s(0.6, "assumed", "E", _MIANNING),
        "Tb": _s(0.02, "assumed", "E", _MIANNING),
        "Dy": _s(0.08, "assumed", "E", _MIANNING),
        "Y": _s(0.35, "assumed", "E", _MIANNING),
        "HoLu": _s(0.05, "assumed", "E", _MIANNING),
    }),
    Ore("clay-china", "Chinese ion-adsorption clay product (blend)", False, _china_clay()),
    Ore("clay-myanmar", "Granite ion-adsorption clay product (Kachin, Laos, Malaysia, Brazil)",
        False, {
        "La": _s(32.01, "serra-verde-cetem-2015", "D", _CLAY),
        "Ce": _s(3.01, "serra-verde-cetem-2015", "D", _CLAY),
        "NdPr": _s(29.36, "serra-verde-cetem-2015", "D", _CLAY + "; Pr 6.26 + Nd 23.1"),
        "Sm": _s(4.41, "assumed", "E", _CLAY_REST),
        "Eu": _s(0.40, "assumed", "E", _CLAY_REST),
        "Gd": _s(3.20, "assumed", "E", _CLAY_REST),
        "Tb": _s(0.53, "serra-verde-cetem-2015", "D", _CLAY),
        "Dy": _s(3.23, "serra-verde-cetem-2015", "D", _CLAY),
        "Y": _s(19.76, "serra-verde-cetem-2015", "D", _CLAY),
        "HoLu": _s(4.09, "assumed", "E", _CLAY_REST),
    }),
    Ore("mountain-pass", "Mountain Pass concentrate (bastnaesite)", True, {
        "La": _s(32.3, "mp-10k-2021", "A", "concentrate"),
        "Ce": _s(50.2, "mp-10k-2021", "A", "concentrate"),
        "NdPr": _s(15.7, "mp-10k-2021", "A", "concentrate"),
        "Sm": _s(1.0, "mp-10k-2021", "D", "resource table, +-0.1; Sm and heavier 1.8 in all"),
        "Eu": _s(0.12, "assumed", "E", "assumed split of Sm and heavier 1.8 %"),
        "Gd": _s(0.30, "assumed", "E", "assumed split of Sm and heavier 1.8 %"),
        "Tb": _s(0.017, "mp-technical-report-2025", "D", "Dy+Tb 4 % of the heavy part"),
        "Dy": _s(0.055, "mp-technical-report-2025", "D", "Dy+Tb 4 % of the heavy part"),
        "Y": _s(0.25, "assumed", "E", "assumed split of Sm and heavier 1.8 %"),
        "HoLu": _s(0.058, "assumed", "E", "assumed split of Sm and heavier 1.8 %"),
    }),
    Ore("mount-weld", "Mount Weld concentrate (laterite on carbonatite)", True, {
        "La": _s(25.5, "lynas-basket-2010", "C", "web table, secondary copy"),
        "Ce": _s(46.74, "lynas-basket-2010", "C", "web table, secondary copy"),
        "NdPr": _s(23.82, "lynas-basket-2010", "C", "web table, Pr 5.32 + Nd 18.5"),
        "Sm": _s(2.27, "lynas-basket-2010", "C", "web table, secondary copy"),
        "Eu": _s(0.443, "lynas-basket-2010", "C", "web table, secondary copy"),
        "Gd": _s(0.62, "assumed", "E", _WELD_REST),
        "Tb": _s(0.09, "lynas-resource-2012", "B", "main ore source; the 2010 table says 0.068"),
        "Dy": _s(0.25, "lynas-resource-2012", "B", "main ore source; the 2010 table says 0.124"),
        "Y": _s(0.22, "assumed", "E", _WELD_REST),
        "HoLu": _s(0.047, "assumed", "E", _WELD_REST),
    }),
    Ore("monazite", "Monazite and loparite concentrates (sands, Lovozero)", True, {
        "La": _s(23.92, _BO, "D", _MONAZITE),
        "Ce": _s(46.0, _BO, "D", _MONAZITE),
        "NdPr": _s(22.4, _BO, "D", _MONAZITE),
        "Sm": _s(2.53, _BO, "D", _MONAZITE),
        "Eu": _s(0.053, _BO, "D", _MONAZITE),
        "Gd": _s(1.49, _BO, "D", _MONAZITE),
        "Tb": _s(0.117, "assumed", "E", "assumed: a sixth of Dy as elsewhere; recalled 0.035"),
        "Dy": _s(0.70, _BO, "D", _MONAZITE),
        "Y": _s(2.40, _BO, "D", _MONAZITE),
        "HoLu": _s(0.39, _BO, "D", _MONAZITE + "; with the 0.04 % missing in the column"),
    }),
)  # fmt: skip

SEPARATION_RECOVERY = 0.95
"""Share of each oxide that separation recovers: company assumption of Serra Verde for Nd, Pr,
Dy and Tb, taken for all."""

METAL_YIELD = {"NdPr": 0.985, "Dy": 0.93, "Tb": 0.93, "Sm": 0.90}
"""Metal won over metal contained in the oxide (assumed)."""

ALLOYS = {
    "standard": {"NdPr": 0.300},
    "heavy": {"NdPr": 0.285, "Dy": 0.020, "Tb": 0.0026},
}
"""t rare-earth metal per t of NdFeB alloy (assumed; sourced ranges in the rows)."""

MAGNET_YIELD = {"*": 0.72, "JPN": 0.65}
"""t finished magnet per t alloy; Japan reports 35 % scrap, others lie between 0.69 and 0.75."""
SWARF_GATHERED = 0.93
"""Part of what is cut away that is gathered (assumed)."""
SWARF_RECOVERY = 0.92
SMCO_SAMARIUM = 0.28
SMCO_YIELD = 0.70


def swarf_per_magnet(region: str) -> float:
    """T swarf gathered per t finished magnet."""
    made = MAGNET_YIELD.get(region, MAGNET_YIELD["*"])
    return SWARF_GATHERED * (1 / made - 1)


def metals_of_oxide(element: str) -> dict[str, float]:
    """Metal contained in one t of an oxide [t], by element."""
    if element == "NdPr":
        return {
            "Nd": ND_SHARE * METAL_PER_OXIDE["Nd"],
            "Pr": (1 - ND_SHARE) * METAL_PER_OXIDE["Pr"],
        }
    return {element: METAL_PER_OXIDE[element]}


def oxide_to_metal(element: str) -> float:
    """Tonnes of metal per tonne of oxide at most."""
    return sum(metals_of_oxide(element).values())


def metals_of_metal(element: str) -> dict[str, float]:
    """Composition of one t of a metal."""
    if element != "NdPr":
        return {element: 1.0}
    content = metals_of_oxide("NdPr")
    total = sum(content.values())
    return {name: part / total for name, part in content.items()}


def metals_of_alloy(grade: str) -> dict[str, float]:
    """Rare-earth metal in one t of an alloy, magnet or swarf of the grade."""
    content: dict[str, float] = {}
    for element, amount in ALLOYS[grade].items():
        for name, part in metals_of_metal(element).items():
            content[name] = content.get(name, 0.0) + amount * part
    return content


def metals_of_ore(ore: Ore, elements: tuple[str, ...] = ELEMENTS) -> dict[str, float]:
    """Metal in one t REO of an ore, or of the part of it that holds the given elements."""
    total = sum(ore.basket[e].percent for e in elements)
    content: dict[str, float] = {}
    for e in elements:
        for name, part in metals_of_oxide(e).items():
            content[name] = content.get(name, 0.0) + ore.basket[e].percent / total * part
    return content


# -- prices -------------------------------------------------------------------------------

VAT = 0.13
"""Chinese value-added tax, not paid back on exports of oxides and metals: the price FOB is
above the price inside China without tax by this rate, before any control."""

FOB_2024 = {
    "La-oxide": (0.97, "A", "99.5 %"),
    "Ce-oxide": (1.21, "A", "99.5 %"),
    "NdPr-oxide": (55.0, "A", "99 %"),
    "Sm-oxide": (2.01, "A", "99.5 %"),
    "Eu-oxide": (27.0, "A", "99.99 %"),
    "Gd-oxide": (28.0, "A", "99.99 %"),
    "Tb-oxide": (812.0, "A", "99.99 %"),
    "Dy-oxide": (257.0, "A", "99.5 %"),
    "Y-oxide": (6.0, "A", "99.999 %"),
}
"""Annual average FOB [USD/kg] as given by USGS."""

HOLU_PRICE = 0.20 * 67.0 + 0.45 * 43.0 + 0.32 * 14.0 + 0.03 * 780.0
"""Ho 20 %, Er (and Tm) 45 %, Yb 32 %, Lu 3 % of the group (assumed) at their FOB prices."""

METAL_OVER_OXIDE = 63.0 / 51.0
"""NdPr metal over NdPr oxide, both FOB in the same week of June 2024."""
HEAVY_METAL_MARGIN = 1.05
"""Price of Dy, Tb and Sm metal over the oxide in it (assumed)."""
