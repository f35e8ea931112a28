"""Trade of 2024 by commodity, from customs totals and stated rules for what they hold.

``trade.csv`` is CEPII BACI (HS 280530, 284610, 284690 in the 1992 nomenclature, 850511 in
that of 2017) summed over the regions of the chain, in t gross and thousand USD. Hong Kong
counts with China. Left out: 40,700 t from Turkey to Benin at 0.1 USD/kg, and HS 284690 to
the Philippines, which has no known use for them.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from chain_2024.plants import PLANTS
from chain_2024.prices import fob
from chain_2024.recipes import recipe
from chain_2024.regions import REGIONS

BACI = "cepii-baci-2025"


@dataclass(frozen=True)
class Flow:
    """A route of the base year [t/yr of the commodity's basis]."""

    commodity: str
    origin: str
    destination: str
    tonnes: float
    source: str
    grade: str
    note: str
    channel: str = "official"


@dataclass(frozen=True)
class Shipment:
    """What customs saw: an HS code between two regions."""

    code: str
    origin: str
    destination: str
    tonnes: float
    value: float

    @property
    def price(self) -> float:
        """USD per kg gross."""
        return self.value / self.tonnes if self.tonnes else 0.0


def shipments() -> list[Shipment]:
    """Read trade.csv."""
    with (Path(__file__).parent / "trade.csv").open(encoding="utf-8", newline="") as stream:
        return [
            Shipment(
                row["hs_code"], row["origin"], row["destination"],
                float(row["quantity_t"]), float(row["value_kusd"]),
            )
            for row in csv.DictReader(stream)
        ]  # fmt: skip


# -- what an HS code holds ----------------------------------------------------------------

REO_IN_COMPOUNDS = 0.60
"""t REO per t gross of La and Ce compounds: USGS puts 8,120 t REO for US imports of compounds,
customs see 13,500 t gross."""
REO_IN_OXIDES = 0.95
CHEAP, DEAR_NDPR = 0.9, 52.0
"""USD/kg gross of La carbonate, and of NdPr oxide as shipped."""

DEAR_BASKET = {
    "Y": 0.25, "NdPr": 0.20, "Gd": 0.08, "HoLu": 0.08, "Sm": 0.06, "Eu": 0.005, "La": 0.325,
}  # fmt: skip
"""Dearer part of China's HS 284690 (assumed): it gives Japan 940 t of Y where its industry
counted 1,010; a third are formulated light products. Dy and Tb stand apart."""
DEAR_PRICE = 31.0
RE_EXPORTS = {"La": 0.88, "Y": 0.08, "Gd": 0.02, "HoLu": 0.02}
"""HS 284690 out of countries that separate nothing (assumed)."""
RE_EXPORTERS = ("JPN", "KOR", "DEU", "FRA", "REU", "ROW")
MISCHMETAL, NDPR_METAL = 5.0, 64.0
"""USD/kg of La-Ce metal (USGS: 5.45) and NdPr metal (62 to 64 in June 2024)."""
MAGNET, OTHER_MAGNET = 50.0, 5.0
"""USD/kg of rare-earth magnets, and of the others under the same code (assumed; with them
China's HS 850511 gives 53,800 t of rare-earth magnets, where its customs count 58,148 t)."""
SEPARATORS = ("MYS", "USA", "IND", "EST", "VNM", "THA")
SMALLEST = {
    "La": 20.0, "Ce": 20.0, "NdPr": 2.0, "Y": 3.0, "Gd": 1.0, "Sm": 1.0, "HoLu": 1.0, "Eu": 0.2,
}  # fmt: skip


def _share(price: float, low: float, high: float) -> float:
    return min(max((price - low) / (high - low), 0.0), 1.0)


_BY_PRICE = "HS 284690; split by unit value between La at 0.9 and a dearer part (assumed)"


def _oxides_of(shipment: Shipment) -> dict[str, tuple[float, str]]:
    """T REO by element in a shipment of HS 2846, and how that was found."""
    tonnes, price = shipment.tonnes, shipment.price
    if shipment.code == "284610":
        return {"Ce": (REO_IN_COMPOUNDS * tonnes, "HS 284610 x 0.60 REO (assumed)")}
    if shipment.origin == "CHN":
        dear = _share(price, CHEAP, DEAR_PRICE)
        held = {e: REO_IN_OXIDES * dear * part * tonnes for e, part in DEAR_BASKET.items()}
        held["La"] += REO_IN_COMPOUNDS * (1 - dear) * tonnes
        return {e: (amount, _BY_PRICE) for e, amount in held.items()}
    if shipment.origin in SEPARATORS or price >= 40:
        dear = _share(price, CHEAP, DEAR_NDPR)
        note = "HS 284690; split by unit value between La at 0.9 and NdPr at 52 USD/kg (assumed)"
        return {
            "La": (REO_IN_COMPOUNDS * (1 - dear) * tonnes, note),
            "NdPr": (REO_IN_OXIDES * dear * tonnes, note),
        }
    if shipment.origin not in RE_EXPORTERS:
        return {}
    note = "HS 284690 re-exported; La 88 %, Y 8 %, Gd and Ho-Lu 2 % each, x 0.60 (assumed)"
    return {e: (REO_IN_COMPOUNDS * part * tonnes, note) for e, part in RE_EXPORTS.items()}


def _metals_of(shipment: Shipment) -> dict[str, tuple[float, str]]:
    """T by commodity in a shipment of HS 280530; mischmetal counts as the oxides it came from."""
    dear = 1.0 if shipment.price >= 45 else _share(shipment.price, MISCHMETAL, NDPR_METAL)
    note = "HS 280530; split by unit value between La-Ce metal at 5 and NdPr at 64 USD/kg (assumed)"
    cheap = (1 - dear) * shipment.tonnes
    return {
        "NdPr-metal": (dear * shipment.tonnes, note),
        "La-oxide": (0.35 * 1.17277 * cheap, f"{note}; 35 % La, as oxide"),
        "Ce-oxide": (0.65 * 1.22837 * cheap, f"{note}; 65 % Ce, as oxide"),
    }


_SPECIAL = {
    ("280530", "AUS", "MYS"), ("280530", "MYS", "THA"), ("280530", "JPN", "VNM"),
    ("284690", "MMR", "CHN"), ("284690", "MYS", "CHN"), ("284690", "ROW", "CHN"),
    ("284690", "VNM", "CHN"), ("284690", "CHN", "USA"), ("284610", "ROW", "EST"),
}  # fmt: skip
"""Shipments that hold something else than their code says: see special_flows. What Vietnam
sends China under HS 284690 (3,150 t at 8 USD/kg) is not known and left out."""


def compounds_and_metals() -> list[Flow]:
    """Oxides and NdPr metal between regions by rule."""
    sums: dict[tuple[str, str, str], tuple[float, str]] = {}
    for s in shipments():
        if s.code == "850511" or (s.code, s.origin, s.destination) in _SPECIAL:
            continue
        if "MMR" in (s.origin, s.destination):
            continue
        held = (
            _metals_of(s)
            if s.code == "280530"
            else {f"{e}-oxide": found for e, found in _oxides_of(s).items()}
        )
        for commodity, (tonnes, note) in held.items():
            before = sums.get((commodity, s.origin, s.destination), (0.0, note))
            sums[commodity, s.origin, s.destination] = (before[0] + tonnes, before[1])
    return [
        Flow(commodity, origin, destination, round(tonnes, 1), BACI, "D", note)
        for (commodity, origin, destination), (tonnes, note) in sorted(sums.items())
        if tonnes >= SMALLEST.get(commodity.split("-")[0], 2.0)
    ]


def _official(
    commodity: str, origin: str, flows: dict[str, float], source: str, grade: str, note: str
) -> list[Flow]:
    return [Flow(commodity, origin, to, t, source, grade, note) for to, t in flows.items()]


_DY = (
    "assumed split of 130 t Dy a year: 122 t follow from the year-on-year changes that customs "
    "reports give for 2025, 140 t from their monthly ratios"
)
_TB = "assumed split of 85 t Tb a year, as the monthly ratios of 2025 to 2024 imply"
_ALLOY = (
    "China's shipments of magnet alloy and powder to Japan: 454 and 494 t in July and September "
    "2025, x 12"
)
_US = "assumed: part of 9,399 t gross; the unit value says more than the country could use"
_NEED = "assumed: what the region's plants need beyond their own"


def special_flows() -> list[Flow]:
    """Ores, heavy concentrates, heavy oxides and metals, and alloys."""
    monthly = "gacc-elements-rawmaterials-net-rohstoff-net-2026-01-20"
    return [
        *_official("ore-clay-myanmar", "MMR", {"CHN": 39_400}, "wmd-2026", "C",
                   "all of it; customs see 44,366 t gross"),
        *_official("ore-clay-myanmar", "ROW", {"CHN": 9_500}, BACI, "D",
                   "Laos, 10,748 t gross"),
        *_official("ore-clay-myanmar", "MYS", {"CHN": 5_110}, "wmd-2026", "D",
                   "nearly all of it, within 13,658 t gross of mixed goods"),
        *_official("ore-clay-myanmar", "THA", {"CHN": 2_100}, "usgs-mcs-2026", "C", "all of it"),
        *_official("ore-clay-myanmar", "BRA", {"CHN": 148, "USA": 2},
                   "usa-rare-earth-proxy-2026", "D",
                   "all of it; buyers in China until end-2026"),
        *_official("ore-mountain-pass", "USA", {"CHN": 37_500}, "usgs-mcs-2026", "C",
                   "US exports of ores and compounds, estimated"),
        *_official("ore-mount-weld", "AUS", {"MYS": 25_000}, BACI, "D",
                   "all of it; customs see 31,210 t gross under HS 280530"),
        *_official("ore-mount-weld", "AUS", {"CHN": 50}, "assumed", "E",
                   "assumed: a trickle, so that a scenario can open it"),
        *_official("ore-monazite", "AUS", {"CHN": 3_990}, "assumed", "E", "assumed: all of it"),
        *_official("ore-monazite", "ROW", {"EST": 2_200}, BACI, "D",
                   "3,676 t carbonates from Russia x 0.60 REO"),
        *_official("ore-monazite", "ROW", {"CHN": 4_300}, "usgs-mcs-2026", "D",
                   "the rest of what is mined"),
        *_official("ore-monazite", "VNM", {"CHN": 300}, "usgs-mcs-2026", "C",
                   "estimated from China's imports"),
        *_official("ore-monazite", "IND", {"CHN": 100}, BACI, "E",
                   "assumed: part of 316 t at 9 USD/kg"),
        *_official("seg-mount-weld", "MYS", {"CHN": 650}, "assumed", "E",
                   "assumed: most of the plant's heavy concentrate"),
        *_official("seg-monazite", "EST", {"CHN": 30}, BACI, "E",
                   "assumed: part of 56 t shipped to China"),
        *_official("NdPr-oxide", "MYS", {"CHN": 1_600}, BACI, "D",
                   "13,658 t worth USD 199 million less clay and heavy concentrate"),
        *_official("La-oxide", "MYS", {"CHN": 1_800}, BACI, "E",
                   "assumed: 3,000 t gross of the rest of 13,658 t x 0.60"),
        *_official("NdPr-oxide", "MYS", {"THA": 985}, BACI, "D",
                   "799 t at 61 USD/kg and 239 t at 51 booked as metal, x 0.95"),
        *_official("NdPr-metal", "JPN", {"VNM": 80}, BACI, "D", "90 t at 112 USD/kg, with Dy"),
        *_official("Dy-metal", "JPN", {"VNM": 8}, BACI, "D", "90 t at 112 USD/kg, with NdPr"),
        *_official("Y-oxide", "CHN", {"USA": 320}, "usgs-mcs-2026", "C",
                   "457 t imported, 70 % of it from China"),
        *_official("Y-oxide", "DEU", {"USA": 50}, "usgs-mcs-2026", "C", "457 t, 11 % of it"),
        *_official("Y-oxide", "REU", {"USA": 37}, "usgs-mcs-2026", "C",
                   "457 t, 8 % of it from Austria"),
        *_official("Y-oxide", "KOR", {"USA": 18}, "usgs-mcs-2026", "C", "457 t, 4 % of it"),
        *_official("Y-oxide", "ROW", {"USA": 32}, "usgs-mcs-2026", "C", "457 t, 7 % of it"),
        *_official("La-oxide", "CHN", {"USA": 5_050}, BACI, "D",
                   "9,399 t gross of HS 284690 x 0.60 REO less the other elements"),
        *_official("HoLu-oxide", "CHN", {"USA": 50}, "usgs-mcs-2026", "D",
                   "74 t of Tb to Lu imported in all, less Tb and other origins"),
        *_official("NdPr-oxide", "CHN", {"USA": 100}, "assumed", "E", _US),
        *_official("Gd-oxide", "CHN", {"USA": 60}, "assumed", "E", _US),
        *_official("Sm-oxide", "CHN", {"USA": 50}, "assumed", "E", _US),
        *_official("Eu-oxide", "CHN", {"USA": 5}, "assumed", "E", _US),
        *_official("Dy-oxide", "CHN", {
            "JPN": 37, "VNM": 8, "KOR": 6, "USA": 5, "DEU": 4, "REU": 3, "EST": 2, "FRA": 1.5,
            "GBR": 2.5, "THA": 0.5, "IND": 0.5}, monthly, "E", _DY),
        *_official("Dy-metal", "CHN", {
            "JPN": 47, "VNM": 7, "KOR": 5, "GBR": 1}, monthly, "E", _DY),
        *_official("Tb-oxide", "CHN", {
            "JPN": 36.4, "KOR": 12, "USA": 8, "DEU": 3, "VNM": 2, "EST": 2, "REU": 2, "FRA": 1,
            "GBR": 0.6},
            monthly, "E", _TB),
        *_official("Tb-metal", "CHN", {
            "JPN": 16, "KOR": 0.5, "VNM": 1.3, "GBR": 0.2},
            monthly, "E", _TB),
        *_official("Sm-metal", "CHN", {"USA": 80, "DEU": 60, "JPN": 45, "GBR": 19, "IND": 1.2},
                   "assumed", "E", _NEED),
        *_official("alloy-standard", "CHN", {"JPN": 2_560},
                   "gacc-magnets-ibnews-2025-08-21-nikkei", "D",
                   f"{_ALLOY}; 45 % standard (assumed)"),
        *_official("alloy-heavy", "CHN", {"JPN": 3_130},
                   "gacc-magnets-ibnews-2025-08-21-nikkei", "D",
                   f"{_ALLOY}; 55 % heavy (assumed)"),
        *_official("alloy-standard", "CHN", {
            "VNM": 1_000, "KOR": 500, "DEU": 450, "USA": 150, "REU": 210}, "assumed", "E", _NEED),
        *_official("alloy-heavy", "CHN", {
            "VNM": 800, "KOR": 500, "DEU": 720, "USA": 130, "REU": 210, "EST": 7}, "assumed", "E",
            _NEED),
        *_official("alloy-standard", "JPN", {"VNM": 300}, "assumed", "E", _NEED),
        *_official("alloy-heavy", "JPN", {"VNM": 300}, "assumed", "E", _NEED),
        *_official("alloy-heavy", "GBR", {"DEU": 25, "USA": 5}, "assumed", "E", _NEED),
        *_official("alloy-standard", "GBR", {"DEU": 20, "USA": 5}, "assumed", "E", _NEED),
        *_official("alloy-standard", "THA", {"CHN": 150, "JPN": 100, "DEU": 50}, "assumed", "E",
                   "assumed: powder for bonded magnets"),
    ]  # fmt: skip


# -- magnets ------------------------------------------------------------------------------

_SEPTEMBER = "gacc-magnets-asiacity-news"
CUSTOMS_MAGNETS = {
    "USA": (7_444.0, "gacc-magnets-goldsea-2026-01-19", "5,933 t of 2025 / 0.797"),
    "JPN": (2_412.0, "gacc-magnets-goldsea-2026-01-19",
            "mean of September and December 2024, 189 and 213 t, x 12"),
    "DEU": (12_084.0, _SEPTEMBER, "1,007 t of September 2024 x 12"),
    "KOR": (5_556.0, _SEPTEMBER, "463 t of September 2024 x 12"),
    "VNM": (4_620.0, _SEPTEMBER, "385 t of September 2024 x 12"),
    "IND": (3_132.0, "gacc-magnets-ibnews-2025-08-21", "261 t of July 2024 x 12"),
}  # fmt: skip
"""Rare-earth magnets out of China by customs, derived from year-on-year changes."""
HEAVY_SHARE = {"CHN": 0.43, "JPN": 0.46, "VNM": 0.43, "DEU": 0.60, "REU": 0.50, "GBR": 0.9}
"""Part of a region's NdFeB magnets that holds Dy or Tb (assumed)."""
SMCO_SHARE = 0.02
"""Part of China's magnet exports that is SmCo (assumed)."""
_RULE = "HS 850511 by unit value between rare-earth magnets at 50 and others at 5 USD/kg (assumed)"


def magnets() -> list[Flow]:
    """Magnets between regions: China's customs where published, else HS 850511 by value."""
    seen = {(s.origin, s.destination): s for s in shipments() if s.code == "850511"}
    flows: list[Flow] = []
    for (origin, destination), s in sorted(seen.items()):
        tonnes = s.tonnes * _share(s.price, OTHER_MAGNET, MAGNET)
        source, grade, note = "cepii-baci-hs17-2024", "D", _RULE
        if origin == "CHN" and destination in CUSTOMS_MAGNETS:
            tonnes, source, note = CUSTOMS_MAGNETS[destination]
        elif (origin, destination) == ("JPN", "ROW"):
            tonnes, note = 700.0, f"{_RULE}, less what comes back finished from the Philippines"
        elif (origin, destination) == ("ROW", "JPN") or "MMR" in (origin, destination):
            continue
        if tonnes >= 30:
            flows += _magnet_grades(Flow("", origin, destination, tonnes, source, grade, note))
    return flows + _samarium_cobalt()


def _magnet_grades(flow: Flow) -> list[Flow]:
    smco = SMCO_SHARE if flow.origin == "CHN" else 0.0
    heavy = HEAVY_SHARE.get(flow.origin, 0.30) * (1 - smco)
    parts = {"standard": 1 - smco - heavy, "heavy": heavy, "SmCo": smco}
    return [
        Flow(
            f"magnet-{grade}", flow.origin, flow.destination, round(part * flow.tonnes, 1),
            flow.source, flow.grade, f"{flow.note}; {part:.0%} of them (assumed)",
        )
        for grade, part in parts.items()
        if part * flow.tonnes >= 2
    ]  # fmt: skip


def _samarium_cobalt() -> list[Flow]:
    note = "assumed: specialised makers sell abroad"
    return [
        *_official("magnet-SmCo", "DEU", {"REU": 40, "USA": 20, "FRA": 10}, "assumed", "E", note),
        *_official("magnet-SmCo", "GBR", {"USA": 15}, "assumed", "E", note),
        *_official("magnet-SmCo", "USA", {"GBR": 10, "FRA": 10}, "assumed", "E", note),
        *_official("magnet-SmCo", "JPN", {"ROW": 30, "USA": 10}, "assumed", "E", note),
    ]


# -- leaks --------------------------------------------------------------------------------

LEAK_SHARE = {
    "Sm-oxide": 0.05, "Gd-oxide": 0.05, "Tb-oxide": 0.05, "Dy-oxide": 0.05, "Y-oxide": 0.05,
    "Dy-metal": 0.05, "Tb-metal": 0.05, "magnet-heavy": 0.02, "magnet-SmCo": 0.02,
}  # fmt: skip
LEAK_TO = {"ROW": 0.40, "VNM": 0.25, "THA": 0.125, "MYS": 0.125, "KOR": 0.10}
_METAL_LEAKS = {"VNM": 0.6, "KOR": 0.4}


def leaks(official: list[Flow]) -> list[Flow]:
    """Unrecorded flows out of China of the goods put under licence in April 2025."""
    flows = []
    for commodity, share in LEAK_SHARE.items():
        recorded = sum(f.tonnes for f in official if f.commodity == commodity and f.origin == "CHN")
        ways = _METAL_LEAKS if commodity.endswith("metal") else LEAK_TO
        for region, part in ways.items():
            flows.append(
                Flow(
                    commodity, "CHN", region, round(share * part * recorded, 2), "assumed", "E",
                    f"assumed: {share:.0%} of recorded exports leave unrecorded, by neighbours",
                    "leak",
                )
            )  # fmt: skip
    return flows


# -- latent routes ------------------------------------------------------------------------

HUBS = ("JPN", "KOR", "DEU", "VNM", "MYS", "ROW")
"""Regions that could pass goods on."""
SMALLEST_LATENT = 60.0
"""Value [kUSD/yr] that both sides must have for a route that hardly ran to be listed."""
LATENT_EXPANSION = 5.0
"""How many times a route that hardly ran can grow at once (assumed)."""
CONTRACTS = {
    "ore": 0.8, "seg": 0.6, "NdPr": 0.6, "La": 0.5, "Ce": 0.5, "alloy": 0.5, "magnet": 0.6,
    "swarf": 0.3,
}  # fmt: skip
"""Share of the base flow under contract (assumed); 0.4 for anything else, 0.9 for the NdPr
oxide that Japan has tied up in Malaysia."""


def contract_share(flow: Flow) -> float:
    """Share of a route's base flow that is under contract."""
    if flow.channel == "leak":
        return 0.0
    if (flow.commodity, flow.origin, flow.destination) == ("NdPr-oxide", "MYS", "JPN"):
        return 0.9
    return CONTRACTS.get(flow.commodity.split("-")[0], 0.4)


def latent(
    supplied: dict[str, dict[str, float]],
    used: dict[str, dict[str, float]],
    known: set[tuple[str, str, str]],
) -> list[tuple[str, str, str]]:
    """Pairs of regions between which a commodity could move although it hardly does.

    ``supplied``, ``used`` : t/yr by commodity and region.
    """
    pairs = []
    for commodity in sorted(supplied):
        makers, least = _makers(commodity), SMALLEST_LATENT / fob(commodity)[0]
        for origin in REGIONS:
            if origin not in makers and (origin not in HUBS or commodity.startswith("ore")):
                continue
            if supplied[commodity].get(origin, 0.0) < least:
                continue
            pairs += [
                (commodity, origin, destination)
                for destination in REGIONS
                if destination != origin
                and used.get(commodity, {}).get(destination, 0.0) >= least
                and (commodity, origin, destination) not in known
            ]
    return pairs


def _makers(commodity: str) -> set[str]:
    """Regions whose plants make the commodity."""
    return {p.region for p in PLANTS if recipe(p.process, p.region).get(commodity, 0.0) > 0}
