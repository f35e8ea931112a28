"""What went into the three episodes month by month: policies and shipped weights, no prices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chain_folder import Origin, as_text

ASSUMED = Origin("assumed-episodes", "E")
ALL_RARE_EARTHS = "rare-earth-oxides-and-metals"
"""Every oxide and metal of the chain, but no magnets."""


@dataclass(frozen=True)
class Entry:
    """One figure of an episode's inputs in one month.

    ``tonnes`` : t/month. ``share`` : of the base year's monthly figure, or of what is made,
    used or leaks. ``role`` : input (goes in), alternative (another source of the same), or
    reference (known but not fed in).
    """

    episode: str
    kind: str
    role: str
    month: str
    actor: str
    commodity: str
    destination: str
    tonnes: float | None
    share: float | None
    origin: Origin

    def row(self) -> dict[str, str]:
        """Return the row of ``inputs.csv``."""
        return {
            "episode": self.episode,
            "kind": self.kind,
            "role": self.role,
            "month": self.month,
            "actor": self.actor,
            "commodity": self.commodity,
            "destination": self.destination,
            "quantity_t": as_text(self.tonnes),
            "share_of_base": as_text(self.share),
            "unit": "t/month" if self.share is None else "1",
            "source": self.origin.source,
            "grade": self.origin.grade,
            "note": self.origin.note,
        }


def months(first: str, last: str) -> tuple[str, ...]:
    """Return the months from first to last, both included."""
    start, end = (12 * int(label[:4]) + int(label[5:]) - 1 for label in (first, last))
    return tuple(f"{n // 12}-{n % 12 + 1:02d}" for n in range(start, end + 1))


# -- quotas of 2010-12 --------------------------------------------------------------------

_QUOTA = "quota-2010"
_CUSTOMS_2010 = 39_813.0
_TO_SEPTEMBER_2010 = 32_200.0
_FIRST_HALF_2010 = 22_282.0
_YEAR_2011 = 16_900.0
_FIRST_HALF_2012 = 4_908.0
_FIRST_HALF_2011 = _FIRST_HALF_2012 / (1 - 0.427)
_YEAR_2012 = 16_265.0
_BASE_MONTH = 43_895.0 / 12

_WSJ = "wsj-customs-2010"
_SHIPPED: tuple[tuple[str, str, float, str, Origin], ...] = (
    (
        "2010-01", "2010-06", _FIRST_HALF_2010, "input",
        Origin(_WSJ, "D", "quota of the year less 7,976 t for the second half"),
    ),
    (
        "2010-07", "2010-09", _TO_SEPTEMBER_2010 - _FIRST_HALF_2010, "input",
        Origin("mofcom-2010-10", "D", "32,200 t shipped to September less the first half's quota"),
    ),
    (
        "2010-10", "2010-12", _CUSTOMS_2010 - _TO_SEPTEMBER_2010, "input",
        Origin(_WSJ, "D", "39,813 t in the year less 32,200 t to September"),
    ),
    (
        "2011-01", "2011-06", _FIRST_HALF_2011, "input",
        Origin("china-daily-2012-h1", "D", "4,908 t in the first half of 2012 were 42.7 % less"),
    ),
    (
        "2011-07", "2011-12", _YEAR_2011 - _FIRST_HALF_2011, "input",
        Origin(
            "china-daily-2012-08", "D",
            "16,900 t in the year less the first half; 15,700 and 18,600 t elsewhere",
        ),
    ),
    (
        "2012-01", "2012-06", _FIRST_HALF_2012, "reference",
        Origin("china-daily-2012-h1", "B", "shipped, far below the quota: demand had fallen"),
    ),
    (
        "2012-07", "2012-12", _YEAR_2012 - _FIRST_HALF_2012, "reference",
        Origin("afp-quota-2013", "D", "16,265 t in the year less the first half"),
    ),
)  # fmt: skip
_DECREED: tuple[tuple[str, str, float, str, Origin], ...] = (
    (
        "2010-01", "2010-06", _FIRST_HALF_2010, "reference",
        Origin(_WSJ, "D", "30,258 t for the year less 7,976 t"),
    ),
    (
        "2010-07", "2010-12", 7_976, "reference",
        Origin(_WSJ, "A", "exceeded: shipments of the year were 32 % above the quota"),
    ),
    ("2011-01", "2011-06", 14_446, "reference", Origin("barnes-2011", "B", "first batch")),
    ("2011-07", "2011-12", 15_738, "reference", Origin("barnes-2011", "B", "second batch")),
    (
        "2012-01", "2012-12", 30_966, "input",
        Origin("afp-quota-2013", "A", "cap of 2012; shipments no longer reached it"),
    ),
)  # fmt: skip


def _spread(kind: str, rows: tuple[tuple[str, str, float, str, Origin], ...]) -> Iterator[Entry]:
    for first, last, tonnes, role, origin in rows:
        span = months(first, last)
        for month in span:
            yield Entry(
                _QUOTA, kind, role, month, "CHN", ALL_RARE_EARTHS, "WORLD",
                tonnes / len(span), None, origin,
            )  # fmt: skip


_BGS = "bgs-ree-output"
LIGHT_2009, CLAY_2009 = 129_400 * 90 / 130, 129_400 * 40 / 130
_LIGHT_2011, _CLAY_2011 = 80_400 / LIGHT_2009, (105_000 - 80_400) / CLAY_2009
_CLAY_TO_MAY = 0.8
_OUTPUT_2010 = Origin(_BGS, "D", "118,900 t after 129,400 t in 2009, both kinds alike")
_OUTPUT_2011 = Origin(
    _BGS, "D",
    "105,000 t less the 80,400 t quota for light ores; the crackdown on unlicensed mining begins "
    "in June (assumed), so clays lose most after it",
)  # fmt: skip
_OUTPUT_2012 = Origin(_BGS, "D", "100,000 t, split as in 2011")


def _mines() -> Iterator[Entry]:
    after_may = {
        "light": (12 * _LIGHT_2011 - 5 * 0.92) / 7,
        "clay": (12 * _CLAY_2011 - 5 * _CLAY_TO_MAY) / 7,
    }
    plan = (
        ("2010-01", "2010-12", {"light": 0.919, "clay": 0.919}, _OUTPUT_2010),
        ("2011-01", "2011-05", {"light": 0.92, "clay": _CLAY_TO_MAY}, _OUTPUT_2011),
        ("2011-06", "2011-12", after_may, _OUTPUT_2011),
        (
            "2012-01", "2012-12",
            {"light": _LIGHT_2011 / 1.05, "clay": _CLAY_2011 / 1.05}, _OUTPUT_2012,
        ),
    )  # fmt: skip
    for first, last, shares, origin in plan:
        for month in months(first, last):
            for name, share in shares.items():
                yield Entry(
                    _QUOTA, "mine_output", "input", month, "CHN", f"ore-{name}", "",
                    None, round(share, 4), origin,
                )  # fmt: skip


def _quota_policies() -> Iterator[Entry]:
    growth = ASSUMED.because("assumed: growth in China as before the quotas")
    recovery = ASSUMED.because("assumed: users outside China recover once from 2009")
    duty = Origin("gta-nd-duty", "A", "from 15 to 25 % on neodymium; share is the added rate")
    watch = ASSUMED.because("assumed: smuggling cut by 40 % from the crackdown of June 2011")
    for k, month in enumerate(months("2010-01", "2012-12")):
        china = round(1.08 ** ((k + 6) / 12), 4)
        yield Entry(_QUOTA, "demand", "input", month, "CHN", "all", "", None, china, growth)
        yield Entry(_QUOTA, "demand", "input", month, "OUTSIDE-CHN", "all", "", None, 1.1, recovery)
        if month >= "2011-01":
            yield Entry(
                _QUOTA, "export_duty", "input", month, "CHN", "NdPr", "WORLD", None, 0.1, duty
            )
        if month >= "2011-06":
            yield Entry(
                _QUOTA, "leak_enforcement", "input", month, "CHN", ALL_RARE_EARTHS, "WORLD",
                None, 0.4, watch,
            )  # fmt: skip
    halt = Origin("reuters-japan-imports-2010", "A", "arrivals; the halt of 21 September to "
                  "20 November shows one to two months later")  # fmt: skip
    for month, tonnes in (("2010-09", 2_246), ("2010-10", 1_278), ("2010-11", 634)):
        role = "reference" if month == "2010-09" else "input"
        yield Entry(
            _QUOTA, "export_throughput", role, month, "CHN", ALL_RARE_EARTHS, "JPN",
            tonnes, None, halt,
        )  # fmt: skip
    mirror = Origin("baci-mirror-2010-12", "D", "what partners recorded above Chinese customs")
    for year, tonnes in ((2010, 16_456), (2011, 22_044), (2012, 8_511)):
        for month in months(f"{year}-01", f"{year}-12"):
            yield Entry(
                _QUOTA, "leak_flow", "reference", month, "CHN", ALL_RARE_EARTHS, "WORLD",
                tonnes / 12, None, mirror,
            )  # fmt: skip


# -- licences of 2025 ---------------------------------------------------------------------

_LICENCES = "licences-2025"
DY_BASE, TB_BASE = 11.64, 7.30
"""Exports a month in 2024 [t], as the published shares of that base imply."""
_BASE_NOTE = "base of 2024 implied, fits the reported change of the year"
_WORLD_KG: Mapping[str, Mapping[str, float]] = {
    "Dy": {
        "2025-05": 0, "2025-06": 1, "2025-07": 1_400, "2025-08": 16_686, "2025-09": 18_043,
        "2025-10": 3_501, "2025-11": 995, "2025-12": 4_120,
    },
    "Tb": {
        "2025-05": 0, "2025-06": 1_200, "2025-07": 7_000, "2025-08": 5_500, "2025-09": 4_450,
        "2025-10": 12_200, "2025-11": 4_045, "2025-12": 2_123,
    },
}  # fmt: skip
_TO_KG: Mapping[str, tuple[tuple[str, str, float, str, str], ...]] = {
    "Dy": (
        ("2025-06", "KOR", 1, "B", "reported"),
        ("2025-07", "KOR", 1_400, "B", "reported"),
        ("2025-08", "KOR", 16_000, "D", "almost all of 16,686 kg; rest small, Japan and Norway"),
        ("2025-09", "KOR", 17_000, "B", "reported as more than"),
        ("2025-09", "EST", 348, "D", "a third of the rest: Estonia, Portugal, Thailand"),
        ("2025-10", "KOR", 2_701, "B", "reported"),
        ("2025-10", "EST", 500, "B", "reported"),
        ("2025-10", "JPN", 300, "B", "reported"),
    ),
    "Tb": (
        ("2025-06", "KOR", 1_200, "B", "reported"),
        ("2025-07", "KOR", 3_500, "D", "Korea and Japan nearly equal"),
        ("2025-07", "JPN", 3_500, "D", "Korea and Japan nearly equal"),
        ("2025-08", "JPN", 4_000, "B", "reported"),
        ("2025-08", "KOR", 1_000, "B", "reported"),
        ("2025-08", "EST", 500, "B", "reported"),
        ("2025-09", "JPN", 4_000, "B", "reported; rest Korea and Estonia"),
        ("2025-10", "USA", 6_000, "B", "reported"),
        ("2025-10", "JPN", 5_200, "B", "reported"),
        ("2025-10", "EST", 1_000, "B", "reported"),
        ("2025-11", "JPN", 3_900, "D", "almost all of 4,045 kg"),
        ("2025-12", "JPN", 1_800, "D", "first of 2,123 kg, Korea and Germany far behind"),
    ),
}
_ELEMENTS = "customs-elements-2025"


def _licence(
    kind: str, month: str, good: str, to: str, tonnes: float | None, share: float | None,
    origin: Origin, role: str = "input",
) -> Entry:  # fmt: skip
    return Entry(_LICENCES, kind, role, month, "CHN", good, to, tonnes, share, origin)


def _heavy_elements() -> Iterator[Entry]:
    bases = {"Dy": DY_BASE, "Tb": TB_BASE}
    april = {"Dy": 5.16 / DY_BASE, "Tb": 0.40}
    later = {"Dy": 0.3, "Tb": 0.4}
    first = {
        "Dy": Origin(_ELEMENTS, "D", f"5,160 kg of oxide; {_BASE_NOTE}"),
        "Tb": Origin("assumed-episodes", "E", "assumed: like Dy; no weight for April was found"),
    }
    for element, kilos in _WORLD_KG.items():
        base = bases[element]
        tonnes = april[element] * base
        yield _licence(
            "export_throughput", "2025-04", element, "WORLD", tonnes, april[element],
            first[element],
        )  # fmt: skip
        for month, kg in kilos.items():
            share = round(kg / 1000 / base, 4)
            source = Origin(_ELEMENTS, "D", f"weight reported; {_BASE_NOTE}")
            yield _licence("export_throughput", month, element, "WORLD", kg / 1000, share, source)
        held = ASSUMED.because("assumed: about the mean of the months before; nothing was found")
        for month in months("2026-01", "2026-06"):
            share = later[element]
            yield _licence("export_throughput", month, element, "WORLD", share * base, share, held)
        for month, to, kg, grade, note in _TO_KG[element]:
            yield _licence(
                "export_throughput", month, element, to, kg / 1000, None,
                Origin(_ELEMENTS, grade, note), "alternative",
            )  # fmt: skip


def _other_elements() -> Iterator[Entry]:
    us_yttrium = Origin("reuters-yttrium-2025", "C", "17 t in eight months after 333 t before")
    guess = ASSUMED.because("assumed: no weight was found for yttrium to others than the US")
    between = ASSUMED.because("assumed: no weight of Sm or Gd was found; between Dy and Tb")
    early = {"2025-04": 0.4, "2025-05": 0.05, "2025-06": 0.1}
    for month in months("2025-04", "2026-06"):
        yield _licence("export_throughput", month, "Y", "USA", None, 0.05, us_yttrium)
        yield _licence("export_throughput", month, "Y", "!USA", None, 0.6, guess)
        for element in ("Sm", "Gd"):
            share = early.get(month, 0.5)
            yield _licence("export_throughput", month, element, "WORLD", None, share, between)


_WORLD_MAGNETS: Mapping[str, tuple[float, str]] = {
    "2025-01": (6_357, "A"), "2025-02": (3_585, "D"), "2025-03": (5_323, "D"),
    "2025-04": (2_628, "D"), "2025-05": (1_238, "A"), "2025-06": (3_188, "A"),
    "2025-07": (5_577, "A"), "2025-08": (6_146, "A"), "2025-09": (5_774, "A"),
    "2025-10": (5_473, "A"), "2025-11": (6_150, "A"), "2025-12": (5_952, "A"),
    "2026-01": (6_023, "D"), "2026-02": (4_740, "D"), "2026-03": (5_238, "A"),
}  # fmt: skip
_US_MAGNETS: Mapping[str, tuple[float, str, str]] = {
    "2025-03": (585, "D", "March 2026 was 30.6 % less"),
    "2025-04": (433, "E", "assumed: rest of the half year, January and February at March's share"),
    "2025-05": (46, "A", "reported"),
    "2025-06": (353, "A", "reported"),
    "2025-07": (619, "A", "reported"),
    "2025-08": (590, "A", "reported, 589 elsewhere"),
    "2025-09": (420, "A", "reported"),
    "2025-10": (656, "A", "reported"),
    "2025-11": (582, "A", "reported"),
    "2025-12": (564, "A", "reported"),
    "2026-01": (507, "E", "assumed: between December and February"),
    "2026-02": (449, "D", "March was 9.5 % less"),
    "2026-03": (406, "A", "reported"),
}
_OTHER_MAGNETS: tuple[tuple[str, str, float], ...] = (
    ("2025-07", "JPN", 232), ("2025-09", "JPN", 228), ("2025-10", "JPN", 226),
    ("2025-11", "JPN", 305), ("2025-12", "JPN", 280), ("2025-05", "DEU", 209),
    ("2025-06", "DEU", 764), ("2025-07", "DEU", 1_116), ("2025-08", "DEU", 1_346),
    ("2025-09", "DEU", 1_288), ("2025-09", "KOR", 854), ("2025-05", "VNM", 235),
    ("2025-09", "VNM", 456), ("2025-05", "IND", 150), ("2025-07", "IND", 418),
)  # fmt: skip
MAGNETS_2024, US_MAGNETS_2024 = 58_148 / 12, 7_444 / 12
_MAGNETS = "customs-magnets-2025"


def _magnets() -> Iterator[Entry]:
    for month, (tonnes, grade) in _WORLD_MAGNETS.items():
        role = "reference" if month < "2025-04" else "alternative"
        note = "reported" if grade == "A" else "from reported changes and sums"
        share = round(tonnes / MAGNETS_2024, 4)
        source = Origin(_MAGNETS, grade, f"{note}; base is the mean month of 2024")
        yield _licence("export_throughput", month, "magnet", "WORLD", tonnes, share, source, role)
        if month in _US_MAGNETS:
            yield from _magnets_to_us_and_others(month, tonnes)
    for month, to, weight in _OTHER_MAGNETS:
        source = Origin(_MAGNETS, "A", "reported")
        yield _licence(
            "export_throughput", month, "magnet", to, weight, None, source, "alternative"
        )


def _magnets_to_us_and_others(month: str, world: float) -> Iterator[Entry]:
    role = "reference" if month < "2025-04" else "input"
    tonnes, grade, note = _US_MAGNETS[month]
    yield _licence(
        "export_throughput", month, "magnet", "USA", tonnes, round(tonnes / US_MAGNETS_2024, 4),
        Origin(_MAGNETS, grade, f"{note}; base is the mean month of 2024"), role,
    )  # fmt: skip
    rest, base = world - tonnes, MAGNETS_2024 - US_MAGNETS_2024
    yield _licence(
        "export_throughput", month, "magnet", "!USA", rest, round(rest / base, 4),
        Origin(_MAGNETS, "E" if grade == "E" else "D", f"world less United States; {note}"), role,
    )  # fmt: skip


# -- gallium and germanium, 2023-24 -------------------------------------------------------

_GALLIUM = "gallium-2023"
GA_BASE, GE_BASE = 76 / 12, 50 / 12
"""Exports a month [t] in 2022 and the first half of 2023."""
_GA_KG: tuple[tuple[str, float, str, str, str], ...] = (
    ("2023-08", 0, "reuters-2023-09-20", "A", "reported"),
    ("2023-09", 0, "reuters-2023-11-20", "A", "reported"),
    ("2023-10", 250, "reuters-2023-11-20", "A", "100 kg wrought and 150 kg unwrought"),
    ("2023-11", 1_530, "reuters-2024-01-20", "A", "reported"),
    ("2023-12", 7_030, "reuters-2024-01-20", "A", "reported"),
    ("2024-01", 1_200, "rawmaterials-2024", "E", "assumed: as in February; no weight was found"),
    ("2024-02", 1_200, "rawmaterials-2024", "D", "March was just over 1 % more"),
    ("2024-03", 1_214, "rawmaterials-2024", "B", "reported"),
    ("2024-04", 5_182, "rawmaterials-2024", "B", "reported"),
    ("2024-05", 6_210, "rawmaterials-2024", "B", "reported"),
    ("2024-06", 4_184, "rawmaterials-2024", "B", "reported"),
    ("2024-07", 11_523, "rawmaterials-2024", "B", "reported"),
    ("2024-08", 11_217, "rawmaterials-2024", "B", "reported"),
    ("2024-09", 6_470, "rawmaterials-2024", "D", "48.4 t in nine months (CNIA) less the others"),
    ("2024-10", 7_310, "rawmaterials-2024", "D", "half of 69,440 kg in the year less the others"),
    ("2024-11", 7_310, "rawmaterials-2024", "D", "half of 69,440 kg in the year less the others"),
    ("2024-12", 6_420, "rawmaterials-2024", "B", "reported"),
)
_REST = "assumed: a fourth of what 29,389 kg in the year leave for months without a figure"
_GE_KG: tuple[tuple[str, float, str, str, str], ...] = (
    ("2023-08", 0, "reuters-2023-09-20", "A", "reported"),
    ("2023-09", 1, "reuters-2023-11-20", "A", "reported"),
    ("2023-10", 648, "reuters-2023-11-20", "A", "reported"),
    ("2023-11", 721, "reuters-2024-01-20", "A", "reported"),
    ("2023-12", 3_363, "reuters-2024-01-20", "A", "reported"),
    ("2024-01", 3_070, "rawmaterials-2024", "E", _REST),
    ("2024-02", 2_764, "rawmaterials-2024", "D", "March was 16 % more"),
    ("2024-03", 3_206, "rawmaterials-2024", "B", "reported"),
    ("2024-04", 2_345, "rawmaterials-2024", "B", "reported"),
    ("2024-05", 1_820, "rawmaterials-2024", "B", "reported"),
    ("2024-06", 1_328, "rawmaterials-2024", "B", "reported"),
    ("2024-07", 1_526, "rawmaterials-2024", "C", "about twice the 763 kg of July 2025"),
    ("2024-08", 720, "rawmaterials-2024", "D", "nearly 53 % less than in July"),
    ("2024-09", 3_070, "rawmaterials-2024", "E", _REST),
    ("2024-10", 3_070, "rawmaterials-2024", "E", _REST),
    ("2024-11", 3_070, "rawmaterials-2024", "E", _REST),
    ("2024-12", 3_401, "rawmaterials-2024", "B", "reported"),
)


def _gallium() -> Iterator[Entry]:
    for good, base, rows in (("Ga", GA_BASE, _GA_KG), ("Ge", GE_BASE, _GE_KG)):
        for month, kg, source, grade, note in rows:
            yield Entry(
                _GALLIUM, "export_throughput", "input", month, "CHN", good, "WORLD",
                kg / 1000, round(kg / 1000 / base, 4), Origin(source, grade, note),
            )  # fmt: skip
            yield Entry(
                _GALLIUM, "export_throughput", "input", month, "CHN", good, "USA", 0.0, 0.0,
                Origin("us-trade-gallium-2025", "B", "customs show none to the United States"),
            )  # fmt: skip
    surge = Origin("reuters-2023-09-20", "A", "before the controls, wrought only (7.58 t in all)")
    for good, tonnes in (("Ga", 5.15), ("Ge", 8.63)):
        yield Entry(
            _GALLIUM, "export_throughput", "reference", "2023-07", "CHN", good, "WORLD",
            tonnes, None, surge,
        )  # fmt: skip


INPUTS = (
    *_spread("export_throughput", _SHIPPED),
    *_spread("export_quota", _DECREED),
    *_mines(),
    *_quota_policies(),
    *_heavy_elements(),
    *_other_elements(),
    *_magnets(),
    *_gallium(),
)
