"""Mines and plants of 2024: who makes how much of what, and how much they could make."""

from dataclasses import dataclass

import diffusion

USE_OF_CAPACITY = {
    "ore": 0.93, "separation": 0.85, "metal": 0.75, "alloy": 0.78, "magnet": 0.78,
    "recycling": 0.70,
}  # fmt: skip
"""Usual utilisation by stage, where no capacity is published (assumed)."""


@dataclass(frozen=True)
class Plant:
    """All plants of one kind in a region [t/yr of the reference flow]."""

    process: str
    region: str
    stage: str
    activity: float
    source: str
    grade: str
    note: str
    capacity: float | None = None
    spread: float | None = None

    @property
    def nameplate(self) -> float:
        """Capacity as given, or activity over the usual utilisation."""
        if self.capacity is not None:
            return self.capacity
        return round(self.activity / USE_OF_CAPACITY[self.stage], 1)


_NOT_RUN = "did not run in 2024; a trickle, so that a scenario can open it"
_LATEST = "latest revision of the same producer"

MINES = (
    Plant("mine-bayan-obo", "CHN", "ore", 188_650, "miit-156-2024", "B",
          "quota of the northern group; undocumented output not counted", 194_500),
    Plant("mine-sichuan", "CHN", "ore", 62_200, "miit-156-2024", "B",
          "quota of the other group for light ore, mostly Sichuan", 64_100),
    Plant("mine-clay-china", "CHN", "ore", 19_150, "miit-156-2024", "B",
          "quota; undocumented output not counted", 19_700),
    Plant("mine-clay-myanmar", "MMR", "ore", 39_400, "wmd-2026", "C",
          "USGS 2026 says 27,000 and USGS 2025 31,000; chosen because Chinese imports of "
          "44,366 t worth USD 816 million would at 31,000 t pay more than nine tenths of the "
          "separated value"),
    Plant("mine-clay-myanmar", "ROW", "ore", 9_500, "cepii-baci-2025", "D",
          "Laos: 10,748 t shipped to China x 0.888, the ratio of output to shipments of "
          "Myanmar; World Mining Data says 4,130, which would cost above its separated value"),
    Plant("mine-clay-myanmar", "MYS", "ore", 5_120, "wmd-2026", "C",
          "reported; USGS 2026 says 140 from Chinese ore imports, which leaves out carbonates"),
    Plant("mine-clay-myanmar", "THA", "ore", 2_100, "usgs-mcs-2026", "C",
          f"{_LATEST}; the edition of 2025 said 13,000"),
    Plant("mine-clay-myanmar", "BRA", "ore", 150, "usa-rare-earth-proxy-2026", "B",
          "Serra Verde as reported to investors; USGS 2026 says 560", 600),
    Plant("mine-mountain-pass", "USA", "ore", 45_500, "usgs-mcs-2026", "A",
          "reported; capacity is the output of 2025", 50_692),
    Plant("mine-mount-weld", "AUS", "ore", 25_000, "usgs-mcs-2026", "D",
          "Australia 29,000 less 4,000 sands; the edition of 2025 said 13,000 and World Mining "
          "Data 20,100, too little for the NdPr that its plant in Malaysia reports", 31_000),
    Plant("mine-monazite", "AUS", "ore", 4_000, "assumed", "E",
          "assumed: sands concentrates sold to China, part of the 29,000 of USGS 2026"),
    Plant("mine-monazite", "IND", "ore", 2_900, "usgs-mcs-2026", "C", "estimated by USGS"),
    Plant("mine-monazite", "ROW", "ore", 6_500, "usgs-mcs-2026", "C",
          "Russia 2,600 (loparite), Madagascar 1,400, Nigeria 1,500, others 1,000"),
    Plant("mine-monazite", "VNM", "ore", 300, "usgs-mcs-2026", "C", "estimated by USGS"),
    Plant("mine-monazite", "USA", "ore", 300, "assumed", "E",
          "assumed: monazite of the south-east for White Mesa; USGS leaves it out"),
)  # fmt: skip

SEPARATION = (
    Plant("separation-light-bayan-obo", "CHN", "separation", 188_650, "miit-156-2024", "B",
          "as mined", 222_000),
    Plant("separation-light-sichuan", "CHN", "separation", 62_200, "miit-156-2024", "B",
          "as mined", 73_200),
    Plant("separation-light-mountain-pass", "CHN", "separation", 37_500, "usgs-mcs-2026", "C",
          "US exports of ores and compounds, estimated"),
    Plant("separation-light-mountain-pass", "USA", "separation", 8_000, "usgs-mcs-2026", "D",
          "45,500 mined less 37,500 exported; capacity from 2,599 t NdPr oxide made in 2025",
          17_400),
    Plant("separation-light-mount-weld", "MYS", "separation", 25_000, "usgs-mcs-2026", "D",
          "as mined; capacity 10,500 t NdPr oxide", 46_400),
    Plant("separation-light-mount-weld", "CHN", "separation", 50, "assumed", "E",
          f"assumed: {_NOT_RUN}", 500),
    Plant("separation-light-monazite", "CHN", "separation", 8_000, "assumed", "E",
          "assumed: sands of Australia and Africa, as mined there less other plants"),
    Plant("separation-light-monazite", "IND", "separation", 2_700,
          "theindustryoutlook-irel-oscom-aluva", "C",
          "5,000 t capacity, about 40 % used in 2023; USGS puts 2,900 t mined", 5_000),
    Plant("separation-light-monazite", "EST", "separation", 2_200, "cepii-baci-2025", "D",
          "3,676 t carbonates from Russia x 0.60 REO", 3_000),
    Plant("separation-light-monazite", "USA", "separation", 300, "assumed", "E",
          "assumed: White Mesa between uranium campaigns; nameplate 1,000 t NdPr", 4_700),
    Plant("separation-light-monazite", "AUS", "separation", 10, "assumed", "E",
          f"assumed: {_NOT_RUN}; Eneabba is to open in 2027", 500),
    Plant("separation-heavy-bayan-obo", "CHN", "separation", 3_600, "assumed", "D",
          "Sm and heavier in the ore x 0.95"),
    Plant("separation-heavy-sichuan", "CHN", "separation", 1_480, "assumed", "D",
          "Sm and heavier in the ore x 0.95"),
    Plant("separation-heavy-mountain-pass", "CHN", "separation", 640, "assumed", "D",
          "Sm and heavier in the ore x 0.95"),
    Plant("separation-heavy-mount-weld", "CHN", "separation", 650, "assumed", "E",
          "assumed: most of the heavy concentrate of Malaysia was sold to China in 2024"),
    Plant("separation-heavy-monazite", "CHN", "separation", 580, "assumed", "D",
          "Sm and heavier in the ore x 0.95"),
    Plant("separation-heavy-mount-weld", "MYS", "separation", 15, "assumed", "E",
          "assumed: opened in 2025 with 1,500 t; before that a trial", 1_500),
    Plant("separation-heavy-mountain-pass", "USA", "separation", 2, "assumed", "E",
          f"assumed: {_NOT_RUN}; announced for 2026", 100),
    Plant("separation-heavy-monazite", "IND", "separation", 60, "assumed", "E",
          "assumed: a quarter of the heavy part is separated by the state company"),
    Plant("separation-clay-china", "CHN", "separation", 19_150, "miit-156-2024", "B",
          "as mined", 22_500),
    Plant("separation-clay-myanmar", "CHN", "separation", 56_000, "cepii-baci-2025", "D",
          "clay products of Myanmar, Laos, Malaysia, Thailand and Brazil as mined", 66_000),
    Plant("separation-clay-myanmar", "MYS", "separation", 10, "assumed", "E",
          f"assumed: {_NOT_RUN}", 500),
    Plant("separation-clay-myanmar", "USA", "separation", 2, "assumed", "E",
          f"assumed: {_NOT_RUN}; announced for 2028", 100),
)  # fmt: skip

METAL = (
    Plant("metal-NdPr", "CHN", "metal", 76_000, "assumed", "D",
          "what its alloys and exports need; nobody publishes it"),
    Plant("metal-NdPr", "VNM", "metal", 2_950, "cepii-baci-2025", "D",
          "exports of 3,185 t of metal near 60 USD/kg less 272 t imported"),
    Plant("metal-NdPr", "JPN", "metal", 1_100, "assumed", "E",
          "assumed: the oxide that Malaysia ships to Japan, less the tolling in Vietnam"),
    Plant("metal-NdPr", "THA", "metal", 850, "cepii-baci-2025", "D",
          "exports of 712 t of metal near 59 USD/kg and own alloys"),
    Plant("metal-NdPr", "GBR", "metal", 15, "assumed", "E",
          "assumed: Ellesmere Port; no figure published"),
    Plant("metal-NdPr", "EST", "metal", 40, "cepii-baci-2025", "D",
          "37 t of metal near 51 USD/kg exported"),
    Plant("metal-NdPr", "USA", "metal", 20, "assumed", "E",
          "assumed: 200 t/yr in New Hampshire, starting; Fort Worth from 2025", 200),
    Plant("metal-NdPr", "CAN", "metal", 12, "assumed", "E",
          "assumed: Saskatoon, 400 t/yr, starting", 400),
    Plant("metal-NdPr", "KOR", "metal", 40, "assumed", "E",
          "assumed: Ochang, starting; it delivered 24 t of alloy in a quarter"),
    Plant("metal-NdPr", "IND", "metal", 20, "assumed", "E", "assumed: state company, small"),
    Plant("metal-Dy", "CHN", "metal", 2_150, "assumed", "D", "what its alloys and exports need"),
    Plant("metal-Dy", "JPN", "metal", 70, "assumed", "E",
          "assumed: from imported and recycled oxide"),
    Plant("metal-Dy", "VNM", "metal", 8, "assumed", "E", "assumed: from recycled oxide"),
    Plant("metal-Dy", "GBR", "metal", 0.5, "assumed", "E", "assumed: Ellesmere Port"),
    Plant("metal-Tb", "CHN", "metal", 330, "assumed", "D", "what its alloys and exports need"),
    Plant("metal-Tb", "JPN", "metal", 1, "assumed", "E", "assumed: from imported oxide"),
    Plant("metal-Tb", "VNM", "metal", 0.5, "assumed", "E", "assumed: from recycled oxide"),
    Plant("metal-Tb", "GBR", "metal", 0.1, "assumed", "E", "assumed: Ellesmere Port"),
    Plant("metal-Sm", "CHN", "metal", 1_400, "assumed", "E",
          "assumed: what its magnets and exports need"),
    Plant("metal-Sm", "JPN", "metal", 15, "assumed", "E", "assumed: from imported oxide"),
    Plant("metal-Sm", "GBR", "metal", 1, "assumed", "E", "assumed: Ellesmere Port"),
)  # fmt: skip

ALLOY_AND_MAGNET = (
    Plant("alloy-standard", "CHN", "alloy", 153_000, "assumed", "D",
          "standard magnets / 0.72, and exports"),
    Plant("alloy-heavy", "CHN", "alloy", 115_000, "assumed", "D",
          "heavy magnets / 0.72, and exports"),
    Plant("alloy-standard", "JPN", "alloy", 8_000, "assumed", "D", "magnets / 0.65 less imports"),
    Plant("alloy-heavy", "JPN", "alloy", 5_800, "assumed", "D", "magnets / 0.65 less imports"),
    Plant("alloy-standard", "VNM", "alloy", 500, "assumed", "E", "assumed: part of own need"),
    Plant("alloy-heavy", "VNM", "alloy", 500, "assumed", "E", "assumed: part of own need"),
    Plant("alloy-standard", "THA", "alloy", 1_200, "assumed", "E",
          "assumed: powder plant in Korat, for bonded magnets"),
    Plant("alloy-standard", "GBR", "alloy", 30, "assumed", "E", "assumed: Ellesmere Port"),
    Plant("alloy-heavy", "GBR", "alloy", 60, "assumed", "E", "assumed: Ellesmere Port"),
    Plant("alloy-standard", "KOR", "alloy", 60, "finsmart-news-korean-metals-plant", "E",
          "assumed: less than the 24 t a quarter and more of late 2025", 650),
    Plant("alloy-heavy", "KOR", "alloy", 60, "finsmart-news-korean-metals-plant", "E",
          "assumed: less than the 24 t a quarter and more of late 2025", 650),
    Plant("alloy-standard", "DEU", "alloy", 20, "assumed", "E", "assumed: part of own need"),
    Plant("alloy-standard", "USA", "alloy", 60, "assumed", "E", "assumed: part of own need"),
    Plant("magnet-standard", "CHN", "magnet", 106_600, "constantinides-ieee-2024", "D",
          "85 % of 220,000 t, of which 43 % with Dy or Tb (assumed)"),
    Plant("magnet-heavy", "CHN", "magnet", 80_400, "constantinides-ieee-2024", "D",
          "85 % of 220,000 t, of which 43 % with Dy or Tb (assumed)"),
    Plant("magnet-standard", "JPN", "magnet", 7_000, "jsnm-2024", "D",
          "5,500 t NdPr / 0.30 x 0.65 = 11,900, more for bought alloy; 46 % heavy (assumed)"),
    Plant("magnet-heavy", "JPN", "magnet", 6_000, "jsnm-2024", "D",
          "5,500 t NdPr / 0.30 x 0.65 = 11,900, more for bought alloy; 46 % heavy (assumed)"),
    Plant("magnet-standard", "VNM", "magnet", 1_300, "shin-etsu-vietnam", "D",
          "2,200 t/yr of one maker, and others; 2,696 t shipped to Japan"),
    Plant("magnet-heavy", "VNM", "magnet", 1_000, "shin-etsu-vietnam", "D",
          "2,200 t/yr of one maker, and others; 2,696 t shipped to Japan"),
    Plant("magnet-standard", "DEU", "magnet", 350, "erma-2021", "E",
          "assumed: the EU made about 2 % of its need of 16,300 t, and bonded magnets"),
    Plant("magnet-heavy", "DEU", "magnet", 550, "erma-2021", "E",
          "assumed: the EU made about 2 % of its need of 16,300 t, and grew"),
    Plant("magnet-standard", "REU", "magnet", 150, "assumed", "E",
          "assumed: Slovenia and Finland; no figure published"),
    Plant("magnet-heavy", "REU", "magnet", 150, "assumed", "E",
          "assumed: Slovenia and Finland; no figure published"),
    Plant("magnet-standard", "KOR", "magnet", 400, "argusmedia-hyeonpung", "E",
          "assumed: plant of 1,000 t/yr starting, and an older maker", 1_100),
    Plant("magnet-heavy", "KOR", "magnet", 400, "argusmedia-hyeonpung", "E",
          "assumed: plant of 1,000 t/yr starting, and an older maker", 1_100),
    Plant("magnet-standard", "THA", "magnet", 600, "cepii-baci-2025", "D",
          "584 t near 70 USD/kg shipped to Japan and China, and own use"),
    Plant("magnet-standard", "USA", "magnet", 150, "assumed", "E",
          "assumed: San Marcos (2,000 t/yr) ramping up, and bonded magnets", 1_000),
    Plant("magnet-heavy", "USA", "magnet", 100, "assumed", "E",
          "assumed: San Marcos (2,000 t/yr) ramping up", 1_000),
    Plant("magnet-heavy", "GBR", "magnet", 20, "assumed", "E", "assumed: small shops"),
    Plant("magnet-heavy", "EST", "magnet", 5, "neo-narva-2023", "E",
          f"assumed: {_NOT_RUN}; 2,000 t/yr opened in September 2025", 250),
    Plant("magnet-SmCo", "CHN", "magnet", 2_800, "assumed", "E", "assumed: no figure published"),
    Plant("magnet-SmCo", "USA", "magnet", 200, "assumed", "E", "assumed: no figure published"),
    Plant("magnet-SmCo", "DEU", "magnet", 150, "assumed", "E", "assumed: no figure published"),
    Plant("magnet-SmCo", "JPN", "magnet", 150, "assumed", "E", "assumed: no figure published"),
    Plant("magnet-SmCo", "GBR", "magnet", 50, "assumed", "E", "assumed: no figure published"),
    Plant("magnet-SmCo", "IND", "magnet", 3, "yovizag-magnet-plant-visakhapatnam", "B",
          "plant of 3 t/yr", 3.1),
)  # fmt: skip

_OLD = "assumed: old magnets gathered, counted as swarf of the same content"

RECYCLING = (
    Plant("recycling-swarf-standard", "CHN", "recycling", 26_000, "assumed", "E",
          "assumed: two thirds of its swarf come back as oxide"),
    Plant("recycling-swarf-heavy", "CHN", "recycling", 22_000, "assumed", "E",
          "assumed: three quarters of its swarf come back as oxide"),
    Plant("recycling-swarf-standard", "JPN", "recycling", 3_300, "cjc-2010", "D",
          "nearly all of it, by the Japanese environmental association"),
    Plant("recycling-swarf-heavy", "JPN", "recycling", 2_900, "cjc-2010", "D",
          "nearly all of it, by the Japanese environmental association"),
    Plant("recycling-swarf-standard", "VNM", "recycling", 400,
          "reuters-shin-etsu-separation-in-vietnam", "D",
          "scrap plant of 1,000 t/yr; as much as its magnet plants give", 1_000),
    Plant("recycling-swarf-heavy", "VNM", "recycling", 300,
          "reuters-shin-etsu-separation-in-vietnam", "D",
          "scrap plant of 1,000 t/yr; as much as its magnet plants give", 1_000),
    Plant("recycling-swarf-heavy", "DEU", "recycling", 100, "heraeus-bitterfeld", "E",
          "assumed: plant of 600 t/yr opened in May 2024", 600),
    Plant("recycling-swarf-heavy", "USA", "recycling", 20, "assumed", "E", "assumed: pilots"),
    Plant("recycling-swarf-heavy", "KOR", "recycling", 60, "assumed", "E", "assumed: small"),
    Plant("recycling-swarf-heavy", "GBR", "recycling", 5, "assumed", "E",
          "assumed: demonstration in Belfast"),
    Plant("recycling-swarf-heavy", "FRA", "recycling", 5, "assumed", "E",
          f"assumed: {_NOT_RUN}; 2,000 t/yr announced for 2026", 250),
    Plant("collection-old-magnets-standard", "CHN", "recycling", 800, "assumed", "E", _OLD),
    Plant("collection-old-magnets-heavy", "CHN", "recycling", 700, "assumed", "E", _OLD),
    Plant("collection-old-magnets-standard", "JPN", "recycling", 150, "assumed", "E", _OLD),
    Plant("collection-old-magnets-heavy", "JPN", "recycling", 150, "assumed", "E", _OLD),
    Plant("collection-old-magnets-heavy", "DEU", "recycling", 60, "assumed", "E", _OLD),
    Plant("collection-old-magnets-heavy", "USA", "recycling", 20, "assumed", "E", _OLD),
    Plant("collection-old-magnets-heavy", "FRA", "recycling", 20, "assumed", "E", _OLD),
    Plant("collection-old-magnets-heavy", "GBR", "recycling", 10, "assumed", "E", _OLD),
)  # fmt: skip

DIFFUSED = {
    "CHN": "magnet-diffused", "JPN": "magnet-diffused", "KOR": "magnet-diffused",
    "VNM": "magnet-diffused", "DEU": "magnet-diffused-oxide", "REU": "magnet-diffused-oxide",
    "USA": "magnet-diffused-oxide",
}  # fmt: skip
"""Where standard blanks are made: Dy and Tb are taken as metal, or as oxide where the chain
sells no metal (their powders can be diffused too)."""
DIFFUSION = tuple(
    Plant(
        DIFFUSED[heavy.region], heavy.region, "magnet", round(diffusion.SHARE * heavy.activity, 4),
        "assumed", "E", diffusion.NOTE, round(diffusion.CAPACITY * heavy.activity, 2),
        diffusion.SPREAD,
    )
    for heavy in ALLOY_AND_MAGNET
    if heavy.process == "magnet-heavy" and heavy.region in DIFFUSED
)  # fmt: skip

PLANTS = (*MINES, *SEPARATION, *METAL, *ALLOY_AND_MAGNET, *DIFFUSION, *RECYCLING)
