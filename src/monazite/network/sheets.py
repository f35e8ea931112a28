"""The files of a network folder and their columns (docs/reference/network-folder.md)."""

from collections.abc import Mapping
from types import MappingProxyType

from monazite.network.lines import Sheet

COMMODITIES = Sheet("commodities", ("commodity", "stage"), ("name", "elements"))
PRICES = Sheet("prices", ("commodity", "region", "price"), ("year",))
PROCESSES = Sheet(
    "processes",
    ("process", "region", "capacity"),
    ("stage", "activity", "unit_cost", "cost_unit", "spread", "form", "slope", "year"),
)
RECIPES = Sheet("recipes", ("process", "region", "commodity", "coefficient"))
ROUTES = Sheet(
    "routes",
    ("commodity", "origin", "destination"),
    (
        "channel",
        "flow",
        "cost",
        "cost_unit",
        "expansion",
        "contract_share",
        "form",
        "slope",
        "year",
    ),
)
USES = Sheet(
    "uses",
    ("use", "region", "commodity"),
    ("demand", "elasticity", "ladder", "form", "intercept", "slope", "year"),
)
LADDERS = Sheet("ladders", ("ladder", "share", "price_multiple"), ("price_add", "spread"))
COVER = Sheet("cover", ("use", "region", "cover_class", "share", "months"), ("commodity",))
HOLDERS = Sheet("holders", ("commodity", "region", "stock"), ("kind", "year"))
QUOTAS = Sheet(
    "quotas", ("quota", "commodity", "origin", "destination", "limit"), ("channel", "year")
)
TOTALS = Sheet("totals", ("total", "kind", "commodity", "value"), ("origin", "destination", "year"))

SHEETS: Mapping[str, Sheet] = MappingProxyType(
    {
        sheet.name: sheet
        for sheet in (
            COMMODITIES,
            PRICES,
            PROCESSES,
            RECIPES,
            ROUTES,
            USES,
            LADDERS,
            COVER,
            HOLDERS,
            QUOTAS,
            TOTALS,
        )
    }
)
"""Every file that may stand in a folder, by name without suffix."""

NETWORK_FILE = "network.toml"
NETWORK_KEYS = (
    "name",
    "title",
    "description",
    "base_year",
    "quantity_unit",
    "price_unit",
    "own_regions",
)
"""Keys of network.toml; title, description and own_regions may be left out."""
