"""The statistics of supply risk out of the shipped atlas, one stage at a time."""

from functools import cached_property

import numpy as np

from monazite.errors import InputError
from monazite.indicators.supply_records import SupplyRecords, TradeRows
from monazite.indicators.supply_risk import Disruptions, MaterialFacts, governance_risk
from monazite.newton import FloatArray
from monazite.reference.atlas.supply import SupplyArrays, supply_arrays
from monazite.reference.atlas.tables import SupplyStage, shipped_atlas

SOURCE = "wmd-2026"
"""Whose production counts: World Mining Data has years in a row, and one edition for all."""
YEARS = tuple(range(2018, 2025))
"""Those for which the atlas has production, trade and governance."""


class SupplyAtlas:
    """Minerals at one stage as the atlas knows them.

    Production is in the basis of its source, mostly content, and trade is in gross weight, as in
    the published cases of GeoPolRisk; prices are the mean values of a country's own imports.

    Parameters
    ----------
    stage : SupplyStage
        Mine or refinery.
    """

    def __init__(self, stage: SupplyStage) -> None:
        self.stage = stage

    @cached_property
    def _arrays(self) -> SupplyArrays:
        return supply_arrays(shipped_atlas(), SOURCE, self.stage, YEARS)

    @property
    def traded_at(self) -> dict[str, SupplyStage]:
        """Stage of what is traded, by commodity: the other one where that of `stage` is unknown."""
        return dict(zip(self._arrays.commodities, self._arrays.traded_at, strict=True))

    @cached_property
    def records(self) -> SupplyRecords:
        """Production, trade and governance, with the union of their codes."""
        arrays = self._arrays
        # single estimates lie a little outside of the scale that they are said to have
        return SupplyRecords(
            commodities=arrays.commodities,
            countries=arrays.countries,
            years=arrays.years,
            production=arrays.production,
            trade=TradeRows(**arrays.trade),
            governance=np.clip(governance_risk(arrays.governance), 0.0, 1.0),
        )

    def demand(self) -> FloatArray:
        """Refuse: the atlas has no figures of demand."""
        raise _absent("demand", "demand.csv")

    def material_facts(self) -> MaterialFacts:
        """Refuse: the atlas has no figures of recycling, substitution and trade factors."""
        raise _absent("recycling, substitution and trade factors", "materials.csv")

    def disruptions(self) -> Disruptions:
        """Refuse: the atlas has no losses by cause."""
        raise _absent("what may strike", "disruptions.csv")


def _absent(what: str, file: str) -> InputError:
    return InputError(
        f"the atlas has no figures of {what}", way_out=f"give --tables, a folder with {file}"
    )
