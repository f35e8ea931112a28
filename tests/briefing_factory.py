"""A briefing on the made-up trajectory; every figure is invented."""

from datetime import date
from functools import cache

import trajectory_factory as factory
from monazite.briefing.content import (
    BriefingData,
    Limit,
    MeasureText,
    RemedyLine,
    ScenarioText,
    assemble,
)
from monazite.indicators import Band
from monazite.parameters import ranges
from monazite.reference.source import EMPTY_REGISTER, Register, Source, shipped_register

OWN = Register(
    {
        name: Source(name, "Nobody", f"Made up: {name}", "none", "none", 2024, "https://a.example")
        for name in ("made-up-2024", "law-18")
    }
)
PARAMETERS = Register(
    {
        item.source: Source(item.source, "Nobody", "Made up", "none", "none")
        for item in ranges().values()
        if item.source not in shipped_register()
    }
)

SCENARIO = ScenarioText(
    name="made-up",
    title="Made-up licences <for> tests",
    description="On 2025-04-04 exports of magnets were licensed; 30 % to 80 % stayed at home.",
    measures=(
        MeasureText(
            "exports of heavy magnets from CHN to USA: 20 to 70 % pass from 2025-06",
            "2025-04",
            "2026-06",
            "2025-03",
            "Announcement 18",
            ("law-18",),
            "B",
            "Review takes up to 45 days",
        ),
        MeasureText("mines of CHN make 15 % less", "2025-06"),
    ),
    controlling=("CHN",),
    sources=("law-18",),
    limits=(Limit("In 2010-12 the typical error was a factor of 2.9.", ("law-18",)),),
)

REMEDIES = (
    RemedyLine(
        "Release 60 days of stock",
        "60 days of use are released over 6 months",
        Band(0.4, 0.3, 0.5),
        Band(2e6, 1e6, 3e6),
        5.0,
        ("law-18",),
    ),
    RemedyLine("Substitution", "10 % of use finds another way", Band(0.1, 0.1, 0.1), None, None),
)


@cache
def briefing(draws: int = 1, *, calm: bool = False) -> BriefingData:
    """The briefing on a made-up run of so many draws."""
    return assemble(
        SCENARIO,
        factory.trajectory(draws, calm=calm),
        sources=shipped_register().joined(OWN).joined(PARAMETERS),
        assumptions=(),
        manifest={"monazite": "0.0.0", "network": "sha256:0123456789"},
        made_on=date(2025, 11, 3),
        remedies=() if calm else REMEDIES,
    )


def without_sources() -> BriefingData:
    """The same with an empty register: nothing can be cited."""
    return assemble(
        SCENARIO,
        factory.trajectory(),
        sources=EMPTY_REGISTER,
        assumptions=(),
        manifest={},
        made_on=date(2025, 11, 3),
    )
