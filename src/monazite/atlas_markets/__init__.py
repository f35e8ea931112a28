"""Every mineral of the atlas as a market of one or two stages, ready to be simulated.

The tables of the atlas tell who makes and ships a mineral; a few more (``data/markets``) say what
traded goods hold, what comes with what, and what is assumed of all markets alike. Out of these a
network is built for each group of minerals that by-products tie together, and balanced.
"""

from monazite.atlas_markets.assumptions import ByProductLink, MarketAssumptions, assumed_of_markets
from monazite.atlas_markets.building import (
    PREFIX,
    AtlasMarkets,
    MineralGroup,
    MineralMarket,
    StageMarket,
    build_markets,
)
from monazite.atlas_markets.figures import LeftOut, StageFigures
from monazite.atlas_markets.flows import Tidied

__all__ = [
    "PREFIX",
    "AtlasMarkets",
    "ByProductLink",
    "LeftOut",
    "MarketAssumptions",
    "MineralGroup",
    "MineralMarket",
    "StageFigures",
    "StageMarket",
    "Tidied",
    "assumed_of_markets",
    "build_markets",
]
