"""The supply network: who makes, moves, holds and uses what. All frozen, all per year.

Conventions (docs/conventions.md): quantities in t per year of the commodity's own basis,
prices and costs in USD/kg unless the network declares other units, inputs of a recipe
negative, outputs positive.
"""

from monazite.network.nouns import (
    NO_PROVENANCE,
    BasePrice,
    Channel,
    Commodity,
    CoverClass,
    Form,
    FrozenMapping,
    Holder,
    HolderKind,
    Market,
    NetworkTables,
    Process,
    Provenance,
    Quota,
    Route,
    Rung,
    Use,
    UseForm,
)
from monazite.network.supply import SupplyNetwork
from monazite.network.totals import Total, TotalKind, read_totals

__all__ = [
    "NO_PROVENANCE",
    "BasePrice",
    "Channel",
    "Commodity",
    "CoverClass",
    "Form",
    "FrozenMapping",
    "Holder",
    "HolderKind",
    "Market",
    "NetworkTables",
    "Process",
    "Provenance",
    "Quota",
    "Route",
    "Rung",
    "SupplyNetwork",
    "Total",
    "TotalKind",
    "Use",
    "UseForm",
    "read_totals",
]
