"""Price series that the episodes report, and the sources of their inputs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """A price that an episode reports, and where the network holds it."""

    episode: str
    commodity: str
    market: str
    good: str
    region: str
    first: str
    last: str
    base: str
    note: str

    def row(self) -> dict[str, str]:
        """Return the row of ``series.csv``."""
        return {
            "episode": self.episode,
            "commodity": self.commodity,
            "market": self.market,
            "network_commodity": self.good,
            "network_region": self.region,
            "first_month": self.first,
            "last_month": self.last,
            "base_period": self.base,
            "unit": "1",
            "source": "assumed-episodes",
            "grade": "E",
            "note": self.note,
        }


_MULTIPLE = "assumed place of the quote; multiples need no freight or tax, which stay the same"
_OUTSIDE_2010 = f"FOB as paid in Japan; {_MULTIPLE}"
_INSIDE = f"China; the quote includes tax, the network does not; {_MULTIPLE}"
_EUROPE = (
    "spot in the European Union: one customs territory, so all its markets, "
    f"weighted with what they buy abroad; {_MULTIPLE}"
)
_ROTTERDAM = (
    "in warehouse Rotterdam, the price of the European Union: one customs territory, so all its "
    f"markets, weighted with what they buy abroad; {_MULTIPLE}"
)


def _series() -> Iterator[Series]:
    for element in ("La", "Ce", "NdPr", "Sm", "Eu", "Tb", "Dy", "Y", "Gd"):
        for market, region, note in (
            ("outside", "JPN", _OUTSIDE_2010), ("inside", "CHN", _INSIDE),
        ):  # fmt: skip
            yield Series(
                "quota-2010", element, market, f"{element}-oxide", region,
                "2010-01", "2012-12", "2009", note,
            )  # fmt: skip
    for element in ("Dy", "Tb", "Y", "Gd", "Sm", "NdPr", "La", "Ce"):
        for market, region, note in (("outside", "EU", _EUROPE), ("inside", "CHN", _INSIDE)):
            yield Series(
                "licences-2025", element, market, f"{element}-oxide", region,
                "2025-04", "2026-06", "2025-Q1", note,
            )  # fmt: skip
    for region in ("DEU", "USA", "JPN"):
        yield Series(
            "licences-2025", "magnet", region, "magnet-heavy", region,
            "2025-04", "2026-06", "2025-Q1", f"magnets with heavy rare earths; {_MULTIPLE}",
        )  # fmt: skip
    for good in ("Ga", "Ge"):
        for market, region, note in (("outside", "EU", _ROTTERDAM), ("inside", "CHN", _INSIDE)):
            yield Series(
                "gallium-2023", good, market, good, region,
                "2023-08", "2024-12", "2023-H1", note,
            )  # fmt: skip


SERIES = tuple(_series())


def _source(producer: str, title: str, year: int, url: str, note: str = "") -> dict[str, str | int]:
    entry: dict[str, str | int] = {"producer": producer, "title": title, "year": year}
    entry |= {"url": url} if url else {}
    entry |= {"licence_raw": "not stated", "licence_product": "single figures with attribution"}
    return entry | ({"note": note} if note else {})


SOURCES: Mapping[str, Mapping[str, str | int]] = {
    "assumed-episodes": _source(
        "The Monazite contributors", "Assumptions on the inputs of the episodes", 2026, ""
    ),
    "wsj-customs-2010": _source(
        "The Wall Street Journal", "China's rare-earth exports slide, still bust quota", 2011,
        "https://www.reactionsearch.com/chinas-rare-earth-exports-slide-still-bust-quota/",
        "39,813 t in 2010; second batch of the quota 7,976 t",
    ),
    "mofcom-2010-10": _source(
        "Ministry of Commerce of China", "Rare earth exports of January to September 2010", 2010,
        "http://news.everychina.com/wz405205/nearly_half_of_china_s_rare_earth_exports_go_to_"
        "japan_in_first_9_months_moc.html",
    ),
    "china-daily-2012-h1": _source(
        "China Daily", "Rare earths exports in the first half of 2012", 2012,
        "https://eco-business.com/zh-hans/news/china-rare-earths-exports-skid-by-40",
    ),
    "china-daily-2012-08": _source(
        "China Daily in Reuters", "Exports and use of rare earths in 2011", 2012,
        "http://in.reuters.com/article/china-rareearths-imports-idINL4E8JM0K220120822",
        "16,900 t; 18,600 t in China Daily of 2012-12-10; 52 % of the quota in Asia Today",
    ),
    "afp-quota-2013": _source(
        "AFP", "China sets rare earth export quota", 2013,
        "http://www.abc.net.au/news/2013-12-13/an-china-rare-earth/5156708?site=perth",
        "30,966 t quota and 16,265 t shipped in 2012",
    ),
    "barnes-2011": _source(
        "Barnes Richardson", "China announces second batch of rare earth quotas for 2011", 2011,
        "http://www.barnesrichardson.com/?t=40&an=8492&format=xml&p=3731",
    ),
    "bgs-ree-output": _source(
        "British Geological Survey", "World Mineral Statistics, rare earths, China 2009-12", 2024,
        "https://www.bgs.ac.uk/mineralsuk/statistics/world-mineral-statistics/",
        "with the mining quota of 2011: 80,400 t light, 13,400 t medium and heavy (mining.com)",
    ),
    "gta-nd-duty": _source(
        "Global Trade Alert", "China: neodymium export tariff increase in 2011", 2011,
        "https://www.globaltradealert.org/state-act/2151/china-neodymium-rare-earth-export-tariff-"
        "increase-in-2011",
    ),
    "reuters-japan-imports-2010": _source(
        "Reuters in SMM", "Japan rare earths imports from China plunge in November", 2010,
        "https://news.metal.com/newscontent/100015474/Japan-Rare-Earths-Imports-from-China-Plunge-"
        "in-Nov",
    ),
    "baci-mirror-2010-12": _source(
        "CEPII", "BACI HS92, exports of China in 284610, 284690 and 280530, 2010-12", 2025,
        "http://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
        "56,269, 38,944 and 24,776 t less 39,813, 16,900 and 16,265 t of Chinese customs",
    ),
    "customs-elements-2025": _source(
        "Chinese customs in rawmaterials.net", "Exports of dysprosium and terbium by month", 2025,
        "https://rawmaterials.net",
        "monthly reports 2025-06-20 to 2026-01-20; form (oxide, metal, compound) not stated",
    ),
    "reuters-yttrium-2025": _source(
        "Reuters in thetamesis.com", "Yttrium shipments to the United States", 2025,
        "https://thetamesis.com", "17 t in eight months, 333 t before",
    ),
    "customs-magnets-2025": _source(
        "Reuters from Chinese customs", "Exports of rare-earth magnets by month", 2026,
        "http://www.goldsea.com/public/index.php/article_details/china-rare-earth-exports-to-us-"
        "japan-fell-in-december",
        "monthly reports June 2025 to April 2026; HS 85051110",
    ),
    "reuters-2023-09-20": _source(
        "Reuters", "China exported no germanium, gallium in August", 2023,
        "https://www.nasdaq.com/articles/china-exported-no-germanium-gallium-in-aug-as-curbs-went-"
        "into-effect",
        "all of July's gallium in yuantalks.com",
    ),
    "reuters-2023-11-20": _source(
        "Reuters", "China's October germanium exports rise", 2023,
        "https://www.nasdaq.com/articles/chinas-oct-germanium-exports-rise-but-export-restrictions-"
        "limit-gains",
    ),
    "reuters-2024-01-20": _source(
        "Reuters", "China's gallium, germanium exports in December", 2024,
        "https://www.nasdaq.com/articles/chinas-gallium-germanium-exports-surge-in-dec",
        "only weights are taken from it",
    ),
    "rawmaterials-2024": _source(
        "Chinese customs in rawmaterials.net, germanium.com and rohstoff.net",
        "Exports of gallium and germanium in 2024", 2025,
        "https://rohstoff.net/2024-germaniumexport-geht-zurueck-gallium-legt-zu/",
        "monthly reports of 2024 and the sum of the year; other sums for eleven months differ",
    ),
    "us-trade-gallium-2025": _source(
        "mulemstudies.com",
        "China's germanium and gallium export restrictions: consequences for the United States",
        2025,
        "https://mulemstudies.com/chinas-germanium-and-gallium-export-restrictions-consequences-"
        "for-the-united-states",
        "US statistics still show arrivals, by way of third countries",
    ),
}  # fmt: skip
