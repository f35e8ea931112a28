"""Write the raw network folder of the rare-earth chain of 2024 into the package.

``python scripts/build_chain_2024.py [folder]``

Everything it needs stands in scripts/chain_2024: figures with their sources, rules with
their reasons, and trade.csv (CEPII BACI summed over regions). The folder is raw: supply and
demand do not fit together before ``monazite.balance`` has reconciled them.
"""

import csv
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import diffusion
from chain_2024 import demand as d
from chain_2024 import recipes, trade
from chain_2024.assemble import Chain
from chain_2024.plants import PLANTS
from chain_2024.prices import commodities, fob, price_of, stage_of
from chain_2024.regions import transport

INPUTS = Path(__file__).parent / "chain_2024"
PACKAGE = Path(__file__).parent.parent / "src" / "monazite"
FOLDER = PACKAGE / "reference" / "data" / "chains" / "rare-earths-2024"
YEAR = 2024

COLUMNS = {
    "commodities": "commodity name stage elements unit source grade note",
    "prices": "commodity region price unit year source grade note",
    "processes": "process region stage capacity activity unit unit_cost cost_unit spread form "
    "year source grade note",
    "recipes": "process region commodity coefficient unit source grade note",
    "routes": "commodity origin destination channel flow unit cost cost_unit expansion "
    "contract_share form year source grade note",
    "uses": "use region commodity demand unit elasticity ladder form intercept slope year source "
    "grade note",
    "ladders": "ladder share price_multiple price_add unit spread source grade note",
    "cover": "use region cover_class share months unit source grade note",
    "holders": "commodity region kind stock unit year source grade note",
    "totals": "total kind commodity origin destination value unit year source grade note",
}
SURPLUS_ELASTICITY = 4.0
"""How fast unsold goods vanish as the price rises: logistic with 40 % used and a spread of
15 % of the price has a slope of about 4 (assumed)."""
TRADE_STOCK_MONTHS = {"JPN": 3.0}
"""Months of trade held by dealers; 1.0 elsewhere (assumed)."""

Row = dict[str, object]


def commodity_rows() -> Iterator[Row]:
    """Rows of commodities.csv."""
    for code, name, metals, unit in commodities():
        elements = ";".join(f"{e}:{round(part, 7)}" for e, part in metals.items())
        lean = f"; {diffusion.CONTENT_NOTE}" if code == "magnet-heavy" else ""
        yield {
            "commodity": code, "name": name, "stage": stage_of(code), "elements": elements,
            "unit": unit, "source": "iupac-atomic-weights", "grade": "D",
            "note": f"metal in one tonne, from the basket or recipe of recipes.csv{lean}",
        }  # fmt: skip


def price_rows(chain: Chain) -> Iterator[Row]:
    """Rows of prices.csv, one per market."""
    for commodity, region in chain.markets():
        price, source, grade, note = price_of(commodity, region)
        yield {
            "commodity": commodity, "region": region, "price": round(price, 4),
            "unit": "USD/kg", "year": YEAR, "source": source, "grade": grade, "note": note,
        }  # fmt: skip


def process_rows() -> Iterator[Row]:
    """Rows of processes.csv."""
    for plant in PLANTS:
        yield {
            "process": plant.process, "region": plant.region, "stage": plant.stage,
            "capacity": plant.nameplate, "activity": plant.activity, "unit": "t/yr",
            "spread": plant.spread, "form": "logistic", "year": YEAR,
            "source": plant.source, "grade": plant.grade,
            "note": plant.note,
        }  # fmt: skip


def recipe_rows() -> Iterator[Row]:
    """Rows of recipes.csv, one for all regions, then what differs."""
    everywhere = [(process, "*") for process in dict.fromkeys(plant.process for plant in PLANTS)]
    for process, region in [*everywhere, *recipes.OWN_RECIPES]:
        for commodity, coefficient, source, grade, note in recipes.rows(process, region):
            yield {
                "process": process, "region": region, "commodity": commodity,
                "coefficient": coefficient, "unit": "t/t", "source": source, "grade": grade,
                "note": note,
            }  # fmt: skip


def route_rows(chain: Chain) -> Iterator[Row]:
    """Rows of routes.csv: what moved, then what could."""
    for flow in chain.flows:
        yield _route(
            flow, flow.tonnes, trade.contract_share(flow), None, flow.source, flow.grade, flow.note
        )
    note = "assumed: hardly ran in 2024, could run"
    for commodity, origin, destination in chain.latent():
        flow = trade.Flow(commodity, origin, destination, 0.0, "assumed", "E", note)
        yield _route(flow, None, 0.0, trade.LATENT_EXPANSION, "assumed", "E", note)


def _route(
    flow: trade.Flow,
    tonnes: float | None,
    contract: float,
    expansion: float | None,
    *provenance: str,
) -> Row:
    source, grade, note = provenance
    cost = transport(flow.origin, flow.destination, fob(flow.commodity)[0])
    return {
        "commodity": flow.commodity, "origin": flow.origin, "destination": flow.destination,
        "channel": flow.channel, "flow": tonnes, "unit": "t/yr", "cost": round(cost, 4),
        "cost_unit": "USD/kg", "expansion": expansion, "contract_share": contract,
        "form": "logistic", "year": YEAR, "source": source, "grade": grade, "note": note,
    }  # fmt: skip


def use_rows(chain: Chain) -> Iterator[Row]:
    """Rows of uses.csv."""
    for use in sorted(chain.demands, key=lambda u: (u.use, u.region, u.commodity)):
        surplus = use.use == "surplus"
        yield {
            "use": use.use, "region": use.region, "commodity": use.commodity,
            "demand": use.tonnes, "unit": "t/yr",
            "elasticity": SURPLUS_ELASTICITY if surplus else None,
            "ladder": None if surplus else d.ladder_of(use.use, use.commodity),
            "form": "isoelastic" if surplus else "ladder",
            "year": YEAR, "source": use.source, "grade": use.grade, "note": use.note,
        }  # fmt: skip


def ladder_rows() -> Iterator[Row]:
    """Rows of ladders.csv."""
    for name, (rungs, spread, why) in d.LADDERS.items():
        for share, multiple, added in rungs:
            yield {
                "ladder": name, "share": share, "price_multiple": multiple, "price_add": added,
                "unit": "USD/kg", "spread": spread, "source": "assumed", "grade": "E",
                "note": f"{d.LADDER_NOTE}; {why}",
            }  # fmt: skip


def cover_rows() -> Iterator[Row]:
    """Rows of cover.csv."""
    ways = [(region, *rest) for region, rest in d.COVER.items()]
    ways += [(region, *d.COVER["DEU"]) for region in d.EUROPE]
    for use in d.USES:
        if use == "defence":
            yield from _cover(use, "*", d.DEFENCE_COVER, "assumed", "E", d.DEFENCE_NOTE)
            continue
        for region, classes, source, grade, note in ways:
            yield from _cover(use, region, classes, source, grade, note)


def _cover(
    use: str, region: str, classes: d.Cover, source: str, grade: str, note: str
) -> Iterator[Row]:
    for name, share, months in classes:
        yield {
            "use": use, "region": region, "cover_class": name, "share": share, "months": months,
            "unit": "month", "source": source, "grade": grade, "note": note,
        }  # fmt: skip


STRATEGIC = (
    ("NdPr-oxide", "KOR", 42 / 365, "donga-2024",
     "42 days of the direct use and imports, the average of critical materials"),
    ("Dy-oxide", "JPN", 60 / 365, "assumed",
     "60 days of imports, the general target; volumes are secret"),
    ("Tb-oxide", "JPN", 60 / 365, "assumed",
     "60 days of imports, the general target; volumes are secret"),
    ("NdPr-oxide", "JPN", 60 / 365, "assumed",
     "60 days of imports, the general target; volumes are secret"),
    ("Y-oxide", "JPN", 60 / 365, "assumed",
     "60 days of imports, the general target; volumes are secret"),
)  # fmt: skip


def holder_rows(chain: Chain) -> Iterator[Row]:
    """Rows of holders.csv: dealers everywhere, states where something is known."""
    for commodity, region in chain.markets():
        months = TRADE_STOCK_MONTHS.get(region, 1.0)
        stock = months / 12 * chain.supply[commodity, region]
        if stock < 0.05 or commodity.split("-")[0] in ("ore", "seg", "swarf"):
            continue
        source = "japan-times-2011-01-26" if region == "JPN" else "assumed"
        note = f"assumed: dealers hold {months:g} months of what passes through the market"
        yield _holder(commodity, region, "trade", stock, source, note)
    for commodity, region, years, source, why in STRATEGIC:
        stock = years * chain.supply[commodity, region]
        yield _holder(commodity, region, "strategic", stock, source, f"assumed: {why}")


def _holder(commodity: str, region: str, kind: str, stock: float, source: str, note: str) -> Row:
    return {
        "commodity": commodity, "region": region, "kind": kind, "stock": round(stock, 2),
        "unit": "t", "year": YEAR, "source": source, "grade": "E", "note": note,
    }  # fmt: skip


_CUSTOMS = "gacc-magnets-goldsea-2026-01-19"
_ELEMENTS = "gacc-elements-rawmaterials-net-rohstoff-net-2026-01-20"
_MAGNETS = "magnet-standard;magnet-heavy;magnet-SmCo"
TOTALS = (
    ("magnets-world", "export_total", _MAGNETS, "CHN", "*", 58_148, _CUSTOMS, "D",
     "57,392 t of 2025 / 0.987"),
    ("magnets-usa", "route", _MAGNETS, "CHN", "USA", 7_444, _CUSTOMS, "D",
     "5,933 t of 2025 / 0.797"),
    ("magnets-japan", "route", _MAGNETS, "CHN", "JPN", 2_412, _CUSTOMS, "D",
     "mean of September and December 2024 x 12"),
    ("magnets-eu", "route", _MAGNETS, "CHN", "DEU;FRA;EST;REU", 21_546,
     "gacc-magnets-rareearthexchanges-8723", "D",
     "twice the first half of 2024, 10,773 t"),
    ("mine-usa", "production_total", "ore-mountain-pass", "USA", "*", 45_500, "usgs-mcs-2026",
     "A", "reported"),
    ("dysprosium-oxide", "export_total", "Dy-oxide", "CHN", "*", 70,
     _ELEMENTS, "E",
     "assumed: of 130 t Dy a year, 122 to 140 by two ways"),
    ("dysprosium-metal", "export_total", "Dy-metal", "CHN", "*", 60,
     _ELEMENTS, "E",
     "assumed: of 130 t Dy a year, 122 to 140 by two ways"),
    ("terbium-oxide", "export_total", "Tb-oxide", "CHN", "*", 67,
     _ELEMENTS, "E",
     "assumed: of 85 t Tb a year implied by monthly ratios"),
    ("terbium-metal", "export_total", "Tb-metal", "CHN", "*", 18,
     _ELEMENTS, "E",
     "assumed: of 85 t Tb a year implied by monthly ratios"),
)  # fmt: skip


def total_rows(chain: Chain) -> Iterator[Row]:
    """Rows of totals.csv; customs figures grow by what is assumed to leave unrecorded."""
    for name, kind, commodity, origin, destination, recorded, source, grade, why in TOTALS:
        value, note = float(recorded), why
        if kind == "export_total":
            unseen = sum(
                f.tonnes
                for f in chain.flows
                if f.channel == "leak" and f.commodity in commodity.split(";")
            )
            value = round(value + unseen, 2)
            note = f"{recorded:,} t recorded ({why}) and {unseen:.4g} t assumed unrecorded"
        yield {
            "total": name, "kind": kind, "commodity": commodity, "origin": origin,
            "destination": destination, "value": value, "unit": "t/yr", "year": YEAR,
            "source": source, "grade": grade, "note": note,
        }  # fmt: skip


def write(folder: Path, name: str, rows: Iterator[Row]) -> None:
    """Write one table of the folder."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS[name].split(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def build(folder: Path) -> Chain:
    """Write the whole folder."""
    chain = Chain()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("network.toml", "sources.toml"):
        shutil.copyfile(INPUTS / name, folder / name)
    write(folder, "commodities", commodity_rows())
    write(folder, "prices", price_rows(chain))
    write(folder, "processes", process_rows())
    write(folder, "recipes", recipe_rows())
    write(folder, "routes", route_rows(chain))
    write(folder, "uses", use_rows(chain))
    write(folder, "ladders", ladder_rows())
    write(folder, "cover", cover_rows())
    write(folder, "holders", holder_rows(chain))
    write(folder, "totals", total_rows(chain))
    return chain


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
