"""One good, a region that makes it and a region that buys it: the smallest chain through time.

Both regions use the good equally, in three groups of buyers with 0.5, 1.5 and 3 months of cover.
Every figure is invented.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from monazite.network import (
    BasePrice,
    Commodity,
    CoverClass,
    Process,
    Route,
    Rung,
    SupplyNetwork,
    Use,
)
from monazite.newton import FloatArray
from monazite.scenario.calendar import months_from
from monazite.scenario.draft import Draft
from monazite.scenario.ground import Ground
from monazite.scenario.lowered import Lowered, PermitSpec

PRICE = 50.0
IMPORTS = 50.0
"""Base flow to the buying region [t/month]."""
RUNGS = (Rung(0.30, 3.0), Rung(0.35, 8.0), Rung(0.25, 20.0))
COVER = (
    CoverClass("just-in-time", 0.3, 0.5),
    CoverClass("normal", 0.4, 1.5),
    CoverClass("deep", 0.3, 3.0),
)


def two_regions(*, mines: int = 1) -> SupplyNetwork:
    """A maker (CHN) and a buyer (JPN); with two mines the buyer has a small one of its own."""
    uses = tuple(
        Use("magnets", region, "good", 600.0, 0.2, RUNGS, COVER) for region in ("CHN", "JPN")
    )
    own = Process("mine", "JPN", {"good": 1.0}, 70.0, 60.0, stage="ore")
    made = 1200.0 if mines == 1 else 1140.0
    return SupplyNetwork(
        "two regions",
        (Commodity("good"),),
        processes=(
            Process("mine", "CHN", {"good": 1.0}, 1.1 * made, made, stage="ore"),
            *((own,) if mines == 2 else ()),
        ),
        routes=(Route("good", "CHN", "JPN", 600.0 if mines == 1 else 540.0),),
        uses=uses,
        base_prices=(BasePrice("good", "CHN", PRICE), BasePrice("good", "JPN", PRICE)),
    )


def calm(network: SupplyNetwork, months: int = 24, **changes: Any) -> Lowered:
    """No measure at all, unless some of the arrays are changed."""
    lowered = Draft(Ground(network, months_from("2025-01", months))).freeze()
    return replace(lowered, **changes)


def licence(limit: FloatArray, routes: tuple[int, ...] = (0,), base: float = IMPORTS) -> PermitSpec:
    """Licences for the routes, t/month by month."""
    count = len(routes)
    return PermitSpec(
        name="licence",
        measure_index=0,
        routes=np.array(routes),
        weights=np.ones(count),
        limit=limit,
        base_flow=base,
        queue=False,
        backlog=np.zeros(len(limit)),
    )


def cut(
    network: SupplyNetwork,
    share: float,
    *,
    start: int = 3,
    end: int = 15,
    months: int = 36,
    **changes: Any,
) -> Lowered:
    """Exports to the buyer cut by a share for twelve months."""
    limit = np.full(months, np.inf)
    limit[start:end] = (1.0 - share) * IMPORTS
    return calm(network, months, permits=(licence(limit),), **changes)
