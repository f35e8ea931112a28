"""Recipes: what each process takes in and gives out per tonne of its reference flow."""

from collections.abc import Callable
from functools import cache

import diffusion

from chain_2024 import materials as m

Recipe = tuple[tuple[str, float, str, str, str], ...]
"""(commodity, coefficient, source, grade, note) of each line."""
ALL_ORES = {ore.code: ore for ore in m.ORES}


OWN_RECIPES = (("magnet-standard", "JPN"), ("magnet-heavy", "JPN"), ("magnet-diffused", "JPN"))
"""Processes whose recipe in a region is not that of the others."""


@cache
def rows(process: str, region: str = "*") -> Recipe:
    """(commodity, coefficient, source, grade, note) of a process."""
    kind, _, rest = process.partition("-")
    makers: dict[str, Callable[[], Recipe]] = {
        "mine": lambda: _mine(rest),
        "separation": lambda: _separation(*rest.split("-", 1)),
        "metal": lambda: _metal(rest),
        "alloy": lambda: _alloy(rest),
        "magnet": lambda: _finished(rest, region),
        "collection": lambda: _collection(process.rpartition("-")[2]),
        "recycling": lambda: _recycling(process.rpartition("-")[2]),
    }
    return makers[kind]()


def _mine(code: str) -> Recipe:
    return ((f"ore-{code}", 1.0, "assumed", "E", "assumed: t REO in product by definition"),)


def _collection(grade: str) -> Recipe:
    return ((f"swarf-{grade}", 1.0, "assumed", "E", "assumed: same content as swarf"),)


def recipe(process: str, region: str = "*") -> dict[str, float]:
    """Coefficients of a process by commodity."""
    own = region if (process, region) in OWN_RECIPES else "*"
    return {row[0]: row[1] for row in rows(process, own)}


def _oxide(ore: m.Ore, element: str, scale: float) -> tuple[str, float, str, str, str]:
    share = ore.basket[element]
    note = f"{share.percent} % of REO ({share.note}) x 0.95 recovered"
    return (f"{element}-oxide", round(share.percent * scale, 7), share.source, share.grade, note)


def _separation(kind: str, code: str) -> Recipe:
    ore = ALL_ORES[f"{'clay-' if kind == 'clay' else ''}{code}"]
    recovery = m.SEPARATION_RECOVERY
    if kind == "clay":
        feed = (f"ore-{ore.code}", -1.0, "assumed", "E", "assumed: reference flow is REO in feed")
        return (feed, *(_oxide(ore, e, recovery / 100) for e in m.ELEMENTS))
    heavy = sum(ore.basket[e].percent for e in m.HEAVY)
    if kind == "heavy":
        feed = (f"seg-{ore.code}", -1.0, "assumed", "E", "assumed: reference flow is REO in feed")
        return (feed, *(_oxide(ore, e, recovery / heavy) for e in m.HEAVY))
    feed = (f"ore-{ore.code}", -1.0, "assumed", "E", "assumed: reference flow is REO in feed")
    left = (
        f"seg-{ore.code}", round(heavy * recovery / 100, 7), "usa-rare-earth-deck-2026", "D",
        f"Sm and heavier, {heavy:.3f} % of REO, x 0.95 recovered",
    )  # fmt: skip
    return (feed, *(_oxide(ore, e, recovery / 100) for e in m.LIGHT), left)


def _metal(element: str) -> Recipe:
    limit, won = m.oxide_to_metal(element), m.METAL_YIELD[element]
    note = f"{limit:.4f} t metal per t oxide at most, of which {won:.1%} won (assumed)"
    return (
        (f"{element}-oxide", -round(1 / (limit * won), 6), "iupac-atomic-weights", "D", note),
        (f"{element}-metal", 1.0, "iupac-atomic-weights", "D", "reference flow"),
    )


_ALLOY_NOTE = (
    "assumed: reviews give 30 to 32 % rare earth; Dy about 2 to 4 % in grades for heat and wind; "
    "Fe, B and the rest come from outside the chain"
)


def _alloy(grade: str) -> Recipe:
    metals = tuple(
        (f"{element}-metal", -amount, "heim-vander-wal-2023", "E", _ALLOY_NOTE)
        for element, amount in m.ALLOYS[grade].items()
    )
    return (*metals, (f"alloy-{grade}", 1.0, "heim-vander-wal-2023", "E", _ALLOY_NOTE))


def _finished(grade: str, region: str) -> Recipe:
    if grade == "SmCo":
        return _samarium_cobalt()
    how, _, powder = grade.partition("-")
    return _diffused(region, powder or "metal") if how == "diffused" else _magnet(grade, region)


def _magnet(grade: str, region: str) -> Recipe:
    made = m.MAGNET_YIELD[region]
    quality, note = "E", f"assumed: {made} t finished magnet per t alloy; sources give 0.65 to 0.75"
    if region == "JPN":
        quality, note = "B", "35 % of the alloy becomes scrap"
    cut = "assumed: 93 % of what is cut away is gathered"
    swarf = round(m.swarf_per_magnet(region), 6)
    return (
        (f"alloy-{grade}", -round(1 / made, 6), "cjc-2010", quality, note),
        (f"magnet-{grade}", 1.0, "cjc-2010", "D", "reference flow"),
        (f"swarf-{grade}", swarf, "cjc-2010", "E", cut),
    )


def _diffused(region: str, powder: str) -> Recipe:
    alloy, _, swarf = _magnet("standard", region)
    made = ("magnet-heavy", 1.0, "assumed", "E", "assumed: reference flow")
    return (alloy, *(_coat(element, powder) for element in diffusion.DIFFUSED), made, swarf)


def _coat(element: str, powder: str) -> tuple[str, float, str, str, str]:
    content = diffusion.CONTENT * m.ALLOYS["heavy"][element]
    needed, note = content, diffusion.RECIPE_NOTE
    if powder == "oxide":
        needed = content / m.oxide_to_metal(element)
        note = f"{note}; taken as oxide where the chain sells no metal"
    return f"{element}-{powder}", -round(needed, 9), "assumed", "E", note


def _samarium_cobalt() -> Recipe:
    note = "assumed: 28 % Sm between the two alloys, 0.70 t magnet per t alloy; Co from outside"
    need = round(m.SMCO_SAMARIUM / m.SMCO_YIELD, 6)
    return (
        ("Sm-metal", -need, "assumed", "E", note),
        ("magnet-SmCo", 1.0, "assumed", "E", "assumed: reference flow"),
    )


def _recycling(grade: str) -> Recipe:
    note = f"assumed: {m.SWARF_RECOVERY:.0%} of the metal in swarf comes back as oxide"
    oxides = tuple(
        (
            f"{element}-oxide",
            round(m.SWARF_RECOVERY * amount / m.oxide_to_metal(element), 6),
            "assumed", "E", note,
        )
        for element, amount in m.ALLOYS[grade].items()
    )  # fmt: skip
    return ((f"swarf-{grade}", -1.0, "assumed", "E", "assumed: reference flow"), *oxides)
