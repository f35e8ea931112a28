"""Build the raw rare-earth chain of 2009, the base of the 2010-12 quota episode.

Run it from a checkout: ``python scripts/build_chain_2009.py``. Every figure stands here with its
source; what follows from them by arithmetic is computed below. Weights are t of the commodity's
own basis a year, prices are current dollars of 2009.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import diffusion
from chain_folder import ChainFolder, Origin
from figures_2009 import (
    ABROAD,
    ASSUMED,
    BASKET_NOTES,
    BASKETS,
    BETWEEN_THIRD_COUNTRIES,
    CHINA_EXPORTS,
    CHINA_MAGNET_EXPORTS,
    COVER,
    CUSTOMS_TOTAL,
    DEFLATOR,
    ELEMENT_MIX,
    FACTORS,
    FOB_2009,
    FREIGHT,
    JAPAN_MAGNET_EXPORTS,
    LADDER_NOTE,
    LADDERS,
    LATENT,
    LEAK_SHARES,
    LEAK_TOTAL,
    MAGNET_MAKERS,
    MAGNET_PRICES,
    MAGNET_USES,
    METAL_PREMIUM,
    MINES,
    OXIDE_PER_METAL,
    OXIDES,
    RECIPES,
    REDUCTION,
    SMALLEST_FLOW,
    SMALLEST_USE,
    SOURCES,
    SPECIAL_USES,
    TOTALS,
    TRADE_MONTHS,
    USES,
    VAT,
    MagnetMaker,
    duty,
)

Place = tuple[str, str]
"""A commodity and a region."""
CUSTOMS = "baci-ree-2009"
NDPR = {"Nd": 0.75 * FACTORS["Nd"], "Pr": 0.25 * FACTORS["Pr"]}
METALS = tuple(f"{element}-metal" for element in METAL_PREMIUM)
OXIDE_GOODS = tuple(f"{element}-oxide" for element in OXIDES)
GRADES = ("standard", "heavy")
STAGES = {
    "ore": "ore", "oxide": "separation", "metal": "metal", "magnet": "magnet", "swarf": "recycling",
}  # fmt: skip


def main() -> None:
    """Write the folder."""
    chain = ChainFolder(
        "rare-earths-2009",
        "Rare earths from ore to magnet, 2009",
        2009,
        "Raw figures before the balance. Prices are current dollars of 2009, not deflated, so "
        "that multiples compare with quotes. Chinese prices are without value added tax and "
        "export duty; quotes from China include 17 % tax. Trade in HS 2846 and 280530 is gross "
        "weight, split by element after the need of the destination.",
        "USD2009",
    )
    for step in (
        add_commodities,
        add_prices,
        add_mines,
        add_separation,
        add_metal_and_magnets,
        add_uses,
        add_trade,
        add_stocks,
        add_surplus,
        add_totals,
    ):
        step(chain)
    chain.write(SOURCES)


# -- goods and prices ---------------------------------------------------------------------


def contents() -> dict[str, dict[str, float]]:
    """Return t of each element's metal in a t of each commodity."""
    oxide = {f"{name}-oxide": {name: FACTORS[name]} for name in OXIDES if name != "NdPr"}
    oxide["NdPr-oxide"] = NDPR
    metal = {f"{name}-metal": {name: 1.0} for name in ("Dy", "Tb")}
    metal["NdPr-metal"] = {name: part / sum(NDPR.values()) for name, part in NDPR.items()}
    ores = {
        ore: joined({f"{element}-oxide": share for element, share in mix.items()}, oxide)
        for ore, mix in BASKETS.items()
    }
    alloys = {
        f"{form}-{grade}": joined(RECIPES[grade], metal)
        for form in ("magnet", "swarf")
        for grade in GRADES
    }
    alloys["magnet-heavy"] = diffusion.leanest(alloys["magnet-heavy"])
    return ores | oxide | metal | alloys


def joined(
    parts: Mapping[str, float], known: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Return the elements of a mixture of known commodities."""
    total: dict[str, float] = defaultdict(float)
    for good, share in parts.items():
        for element, content in known[good].items():
            total[element] += share * content
    return dict(total)


def add_commodities(chain: ChainFolder) -> None:
    """List what is traded, with its elements."""
    computed = Origin("weights-chain-2009", "D", "oxide or metal shares times metal per oxide")
    for good, elements in contents().items():
        head, _, tail = good.partition("-")
        lean = computed.because(f"{computed.note}; {diffusion.CONTENT_NOTE}")
        chain.add(
            "commodities",
            lean if good == "magnet-heavy" else computed,
            commodity=good,
            name=good.replace("-", " "),
            stage=STAGES.get(head) or STAGES[tail],
            elements=";".join(f"{element}:{share:.5f}" for element, share in elements.items()),
        )


def fob_prices() -> dict[str, float]:
    """Return FOB prices of oxides and metals in 2009."""
    fob = {f"{name}-oxide": row[0] for name, row in FOB_2009.items()}
    return fob | {
        f"{name}-metal": fob[f"{name}-oxide"] * ratio for name, ratio in METAL_PREMIUM.items()
    }


def inside_price(good: str, fob: float) -> float:
    """Return the price in China without tax and duty that leaves this FOB price."""
    return fob / ((1 + VAT) * (1 + duty(good)))


def add_prices(chain: ChainFolder) -> None:
    """Price every good inside China and elsewhere."""
    fob = fob_prices()
    for good, price in fob.items():
        source, grade, note = FOB_2009[good.partition("-")[0]][1:]
        if good in METALS:
            source, grade, note = "reuters-smm-2012-03-09", "D", "oxide times a ratio of quotes"
        abroad = Origin(source, grade, f"FOB {price:.4g} plus {FREIGHT:.0%} freight; {note}")
        add_price(chain, abroad, (good, "*"), price * (1 + FREIGHT))
        wedge = f"FOB less {VAT:.0%} tax that is not refunded and {duty(good):.0%} duty; {note}"
        here = Origin(source, "E" if grade == "E" else "D", wedge)
        add_price(chain, here, (good, "CHN"), inside_price(good, price))
    add_prices_of_mixtures(chain, {good: inside_price(good, price) for good, price in fob.items()})


def add_prices_of_mixtures(chain: ChainFolder, inside: Mapping[str, float]) -> None:
    """Price ores, magnets and scrap."""
    for ore, mix in BASKETS.items():
        value = sum(share * inside[f"{element}-oxide"] for element, share in mix.items())
        note = "assumed: 60 % of what its oxides bring in China; the rest pays for separation"
        add_price(chain, ASSUMED.because(note), (ore, "*"), 0.6 * value)
    note = "assumed spread round 40.2 USD/kg: 625.3 million USD in 2010 / 1.6613 / 9,363 t"
    for grade, price in MAGNET_PRICES.items():
        abroad = Origin("ccr-magnets-2011", "D", note)
        add_price(chain, abroad, (f"magnet-{grade}", "*"), price)
        here = ASSUMED.because("assumed: 5 % below the price abroad, tax is refunded on export")
        add_price(chain, here, (f"magnet-{grade}", "CHN"), 0.95 * price)
        value = sum(share * inside[metal] for metal, share in RECIPES[grade].items())
        scrap = ASSUMED.because("assumed: 60 % of the metal in it at Chinese prices")
        add_price(chain, scrap, (f"swarf-{grade}", "*"), 0.6 * value)


def add_price(chain: ChainFolder, origin: Origin, place: Place, price: float) -> None:
    """Add the price of a good in a region."""
    chain.add("prices", origin, commodity=place[0], region=place[1], price=price)


# -- production ---------------------------------------------------------------------------


def add_mines(chain: ChainFolder) -> None:
    """Add mines and the stock of concentrate in California."""
    for mine in MINES:
        place = (mine.process, mine.region)
        add_process(chain, mine.origin, place, "ore", mine.output, mine.utilisation)
        add_recipe(chain, mine.origin, place, {mine.ore: 1.0})


def add_process(
    chain: ChainFolder,
    origin: Origin,
    place: Place,
    stage: str,
    activity: float,
    utilisation: float,
    spread: float | None = None,
) -> None:
    """Add a process, `place` being its name and region."""
    chain.add(
        "processes",
        origin,
        process=place[0],
        region=place[1],
        stage=stage,
        activity=activity,
        capacity=activity / utilisation,
        spread=spread,
        form="logistic",
    )


def add_recipe(
    chain: ChainFolder, origin: Origin, place: Place, amounts: Mapping[str, float]
) -> None:
    """Add what a process takes (negative) and gives per t of activity."""
    for good, amount in amounts.items():
        chain.add(
            "recipes",
            origin,
            process=place[0],
            region=place[1],
            commodity=good,
            coefficient=amount,
        )


def add_separation(chain: ChainFolder) -> None:
    """Add one separation process for each kind of ore, light and heavy steps in one."""
    running = "assumed: as much as the ore offers, 85 % utilised"
    for ore, mix in BASKETS.items():
        region = {"ore-mountain-pass": "USA", "ore-loparite": "REU"}.get(ore, "CHN")
        feed = sum(mine.output for mine in MINES if mine.ore == ore)
        place = (ore.replace("ore-", "separate-"), region)
        add_process(chain, ASSUMED.because(running), place, "separation", feed, 0.85)
        outputs = {f"{element}-oxide": 0.97 * share for element, share in mix.items()}
        note = f"assumed basket: {BASKET_NOTES[ore]}; assumed recovery 97 %"
        add_recipe(chain, ASSUMED.because(note), place, {ore: -1.0} | outputs)


def add_metal_and_magnets(chain: ChainFolder) -> None:
    """Add reduction, magnets with their scrap, and recycling of scrap into oxides."""
    needed: dict[str, float] = defaultdict(float)
    for maker in MAGNET_MAKERS:
        for grade in GRADES:
            output, amounts = magnet_recipe(maker, grade)
            add_magnet_plant(chain, maker, grade, output)
            for metal in METALS:
                needed[metal] -= output * amounts.get(metal, 0.0)
        add_diffusion(chain, maker)
    note = "assumed split of what the world's magnets take; yields as in public cost models"
    for element, shares in REDUCTION.items():
        for region, share in shares.items():
            place, metal = (f"reduce-{element}", region), f"{element}-metal"
            activity = needed[metal] * share
            add_process(chain, ASSUMED.because(note), place, "metal", activity, 0.75)
            amounts = {f"{element}-oxide": -OXIDE_PER_METAL[element], metal: 1.0}
            add_recipe(chain, ASSUMED.because(note), place, amounts)


def add_magnet_plant(chain: ChainFolder, maker: MagnetMaker, grade: str, output: float) -> None:
    """Add the magnet plants of a region for one grade, and what becomes of their scrap."""
    place = (f"make-magnet-{grade}", maker.region)
    _, amounts = magnet_recipe(maker, grade)
    add_process(chain, maker.origin, place, "magnet", output, 0.78)
    note = f"assumed alloy, {maker.kept:.1%} of it stay in the magnet; Fe and B come from outside"
    add_recipe(chain, ASSUMED.because(note), place, amounts)
    scrap = output * amounts[f"swarf-{grade}"]
    if maker.recycled:
        place = (f"recycle-swarf-{grade}", maker.region)
        add_process(chain, maker.recycling, place, "recycling", scrap * maker.recycled, 0.8)
        note = "assumed: 90 % of the elements in the scrap are recovered as oxide"
        add_recipe(chain, ASSUMED.because(note), place, recycling_recipe(grade))
    note = "assumed: scrap that is not recycled"
    add_surplus_use(chain, note, (f"swarf-{grade}", maker.region), scrap * (1 - maker.recycled))


def magnet_recipe(maker: MagnetMaker, grade: str) -> tuple[float, dict[str, float]]:
    """Return finished output [t/yr] and recipe per t of finished magnet."""
    share = maker.heavy if grade == "heavy" else 1 - maker.heavy
    blanks = maker.blanks * share
    output = blanks * maker.kept + maker.bonded * (grade == "standard")
    scrap = blanks * (1 - maker.kept) / output
    taken = {metal: -(1.0 + scrap) * content for metal, content in RECIPES[grade].items()}
    return output, taken | {f"magnet-{grade}": 1.0, f"swarf-{grade}": scrap}


def add_diffusion(chain: ChainFolder, maker: MagnetMaker) -> None:
    """Add heavy magnets made of standard blanks, Dy and Tb being diffused into them."""
    place = ("diffuse-magnet-heavy", maker.region)
    output = diffusion.SHARE * magnet_recipe(maker, "heavy")[0]
    utilisation = diffusion.SHARE / diffusion.CAPACITY
    made = ASSUMED.because(diffusion.NOTE)
    add_process(chain, made, place, "magnet", output, utilisation, diffusion.SPREAD)
    blank = magnet_recipe(maker, "standard")[1]
    coat = {
        f"{element}-metal": -diffusion.CONTENT * RECIPES["heavy"][f"{element}-metal"]
        for element in diffusion.DIFFUSED
    }
    scrap = blank["swarf-standard"]
    amounts = {"NdPr-metal": blank["NdPr-metal"], **coat}
    amounts |= {"magnet-heavy": 1.0, "swarf-standard": scrap}
    add_recipe(chain, ASSUMED.because(diffusion.RECIPE_NOTE), place, amounts)


def recycling_recipe(grade: str) -> dict[str, float]:
    """Return oxides per t of scrap, 90 % of the elements being recovered."""
    factor = {
        "NdPr-metal": sum(NDPR.values()), "Dy-metal": FACTORS["Dy"], "Tb-metal": FACTORS["Tb"],
    }  # fmt: skip
    oxides = {
        metal.replace("metal", "oxide"): 0.9 * content / factor[metal]
        for metal, content in RECIPES[grade].items()
    }
    return {f"swarf-{grade}": -1.0} | oxides


def add_surplus_use(chain: ChainFolder, note: str, place: Place, amount: float) -> None:
    """Add what nobody takes of a good in a region."""
    chain.add(
        "uses",
        ASSUMED.because(note),
        use="surplus",
        commodity=place[0],
        region=place[1],
        demand=amount,
        form="isoelastic",
        elasticity=1.0,
    )


# -- uses ---------------------------------------------------------------------------------


def add_uses(chain: ChainFolder) -> None:
    """Add end uses of oxides and of magnets."""
    for (use, region), (total, weights) in USES.items():
        origin = Origin("goonan-sir-2011-5094", "D" if region == "CHN" else "E", use_note(region))
        for element in OXIDES:
            share = sum(part * ELEMENT_MIX[kind].get(element, 0) for kind, part in weights.items())
            if total * share >= SMALLEST_USE:
                add_use(chain, origin, use, (f"{element}-oxide", region), total * share)
    for use, region, good, amount, note in SPECIAL_USES:
        add_use(chain, ASSUMED.because(f"assumed: {note}"), use, (good, region), amount)
    note = "assumed: what output and trade of magnets leave, split between two groups of uses"
    for region, (amount, heavy, electronics) in MAGNET_USES.items():
        for grade, share in (("standard", 1 - heavy), ("heavy", heavy)):
            for use, part in (("electronics", electronics), ("industry", 1 - electronics)):
                place = (f"magnet-{grade}", region)
                add_use(chain, ASSUMED.because(note), use, place, amount * share * part)


def use_note(region: str) -> str:
    """Return what a reader must know of the uses of a region."""
    if region == "CHN":
        return (
            "73,000 t in China in 2009, stocks included, 30 % of it in magnets (USGS OFR "
            "2011-1042); the split of the rest and the elements within a use are recalled, only "
            "their totals are checked"
        )
    return (
        "assumed split of what China and others shipped there, so that the world's uses add up "
        "to those of 2008; elements within a use are recalled"
    )


def add_use(chain: ChainFolder, origin: Origin, use: str, place: Place, amount: float) -> None:
    """Add an end use of a good in a region."""
    chain.add(
        "uses",
        origin,
        use=use,
        commodity=place[0],
        region=place[1],
        demand=amount,
        ladder=ladder_of(use, place[0]),
        form="ladder",
    )


def ladder_of(use: str, good: str) -> str:
    """Return the ladder of a use of a good."""
    if good.startswith("magnet"):
        return f"magnet-{use}"
    return use if use in LADDERS else "other-oxide"


def balances(chain: ChainFolder) -> dict[Place, float]:
    """Return what each market has too much of, with the rows added so far [t/yr]."""
    left: dict[Place, float] = defaultdict(float)
    rows = chain.tables
    activity = {
        (row["process"], row["region"]): float(row["activity"]) for row in rows["processes"]
    }
    for row in rows["recipes"]:
        made = float(row["coefficient"]) * activity[row["process"], row["region"]]
        left[row["commodity"], row["region"]] += made
    for row in rows["routes"]:
        left[row["commodity"], row["origin"]] -= float(row["flow"] or 0)
        left[row["commodity"], row["destination"]] += float(row["flow"] or 0)
    for row in rows["uses"]:
        left[row["commodity"], row["region"]] -= float(row["demand"])
    return left


# -- trade --------------------------------------------------------------------------------


def add_trade(chain: ChainFolder) -> None:
    """Add routes: third countries as recorded, then China's by the need of the destination."""
    for good, origin, destination, flow, note in BETWEEN_THIRD_COUNTRIES:
        recorded = Origin(CUSTOMS, "D", note)
        add_route(chain, recorded, (good, origin, destination), "official", flow, 0.5)
    flow = sum(mine.output for mine in MINES if mine.ore == "ore-loparite")
    note = "Russian concentrate goes to Estonia and Austria; other small mines count with it"
    source = Origin("bgs-ree-2009", "D", note)
    add_route(chain, source, ("ore-loparite", "ROW", "REU"), "official", flow, 0.8)
    for way in LATENT:
        possible = ASSUMED.because("assumed: possible, not seen; the balance gives a small flow")
        add_route(chain, possible, way, "official", None, 0.0)
    left = balances(chain)
    for region in ABROAD:
        wanted = {good: max(-left[good, region], 0.0) for good in (*OXIDE_GOODS, *METALS)}
        add_chinese_exports(chain, region, wanted)
    add_magnet_trade(chain)


def add_route(
    chain: ChainFolder,
    source: Origin,
    way: tuple[str, str, str],
    channel: str,
    flow: float | None,
    contract_share: float,
) -> None:
    """Add a route, `way` being good, origin and destination."""
    chain.add(
        "routes",
        source,
        commodity=way[0],
        origin=way[1],
        destination=way[2],
        channel=channel,
        flow=flow,
        contract_share=contract_share,
        form="logistic",
    )


def add_chinese_exports(chain: ChainFolder, region: str, wanted: Mapping[str, float]) -> None:
    """Split recorded and unrecorded shipments to a region after what it needs of each good."""
    scale = CUSTOMS_TOTAL / sum(CHINA_EXPORTS.values())
    noted = "recorded total of the destination in three HS codes, split after its need"
    hidden = (
        "assumed: 12,100 t left unrecorded in 2009 (20,000 t in 2008, Xinhua), mostly to Japan "
        "and Korea; split after need"
    )
    for good, need in wanted.items():
        way, share = (good, "CHN", region), need / sum(wanted.values())
        seen = share * CHINA_EXPORTS[region] * scale
        unseen = share * LEAK_TOTAL * LEAK_SHARES[region]
        if seen + unseen >= SMALLEST_FLOW:
            add_route(chain, Origin(CUSTOMS, "D", noted), way, "official", seen, 0.6)
            add_route(chain, ASSUMED.because(hidden), way, "leak", unseen, 0.0)


def add_magnet_trade(chain: ChainFolder) -> None:
    """Add magnets from China and Japan."""
    total, shares = CHINA_MAGNET_EXPORTS
    note = "9,363 t in 2009; destinations as in 2010, the smaller assumed; a quarter heavy, assumed"
    recorded = Origin("ccr-magnets-2011", "D", note)
    note = "assumed: a third of Japan's magnets leave, mostly to makers of disk drives in Asia"
    flows = [("CHN", region, total * share, 0.25, recorded) for region, share in shares.items()]
    flows += [
        ("JPN", region, flow, 0.78, ASSUMED.because(note))
        for region, flow in JAPAN_MAGNET_EXPORTS.items()
    ]
    for origin, destination, flow, heavy, source in flows:
        for grade, share in (("standard", 1 - heavy), ("heavy", heavy)):
            way = (f"magnet-{grade}", origin, destination)
            add_route(chain, source, way, "official", flow * share, 0.6)


# -- stocks, surplus, totals --------------------------------------------------------------


def add_stocks(chain: ChainFolder) -> None:
    """Add ladders, cover of the users and stocks in trade."""
    for ladder, (spread, rungs) in LADDERS.items():
        for share, multiple, added in rungs:
            chain.add(
                "ladders",
                ASSUMED.because(LADDER_NOTE),
                ladder=ladder,
                share=share,
                price_multiple=multiple,
                price_add=added / DEFLATOR,
                spread=spread,
            )
    uses = [row for row in chain.tables["uses"] if row["use"] != "surplus"]
    for use in sorted({row["use"] for row in uses}):
        for region, name, share, months, origin in COVER:
            chain.add(
                "cover",
                origin,
                use=use,
                region=region,
                cover_class=name,
                share=share,
                months=months,
            )
    add_trade_stocks(chain, uses)


def add_trade_stocks(chain: ChainFolder, uses: list[dict[str, str]]) -> None:
    """Add what traders hold of each good."""
    used: dict[Place, float] = defaultdict(float)
    for row in uses:
        used[row["commodity"], row["region"]] += float(row["demand"])
    for (good, region), amount in used.items():
        note = f"assumed: traders hold {TRADE_MONTHS:g} month of use, as in the 2024 chain"
        chain.add(
            "holders",
            ASSUMED.because(note),
            commodity=good,
            region=region,
            kind="trade",
            stock=amount * TRADE_MONTHS / 12,
        )


def add_surplus(chain: ChainFolder) -> None:
    """Add what is left of each oxide where it is made; in China at least 1 % of that."""
    left = balances(chain)
    made = balances(replace(chain, tables=chain.tables | {"routes": [], "uses": []}))
    note = "assumed: what is made and neither used nor shipped builds up (China: 1 % at least)"
    for good in OXIDE_GOODS:
        for region in ("CHN", *ABROAD):
            floor = 0.01 * made[good, region]
            if floor > 0 and (region == "CHN" or left[good, region] > floor):
                amount = max(left[good, region], floor)
                add_surplus_use(chain, note, (good, region), amount)


def add_totals(chain: ChainFolder) -> None:
    """Add the totals that the balance must hold."""
    for total in TOTALS:
        chain.add(
            "totals",
            total.origin,
            total=total.name,
            kind=total.kind,
            commodity=total.commodity,
            origin=total.origin_region,
            destination=total.destination,
            value=total.value,
        )


if __name__ == "__main__":
    main()
