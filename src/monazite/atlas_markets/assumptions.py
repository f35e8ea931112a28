"""What the atlas does not tell of its markets: the tables of ``data/markets``, typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from monazite.errors import TableError
from monazite.labels import EVERYWHERE
from monazite.network import Provenance, Rung
from monazite.reference import catalogue
from monazite.reference.atlas.tables import SupplyStage
from monazite.reference.loaders.minerals import minerals
from monazite.reference.table import Row

_FOLDER = "markets/"
_LARGE_PART = "large-part"
_SMALL_PART = "small-part"


@dataclass(frozen=True, slots=True)
class GoodsContent:
    """What a tonne of goods under a customs code holds.

    ``share`` : t of the mineral, as its production is counted, per t of gross weight.
    """

    commodity: str
    stage: SupplyStage
    share: float
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class OwnTrade:
    """Imports and exports of the United States of a mineral without a customs code of its own.

    ``heading`` : of the import sources. ``imports``, ``exports`` : of 2024, in the mineral's
    unit of mass or volume. ``spread`` : how the use of all others is spread. ``home_share`` :
    what a producer keeps, where it is spread by home.
    """

    heading: str
    imports: float
    exports: float
    spread: str
    home_share: float
    unit: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class ByProductLink:
    """A by-product and the host that yields it.

    ``regions`` : where; ``*`` is everywhere.
    """

    by_product: str
    stage: SupplyStage
    host: str
    host_stage: SupplyStage
    regions: frozenset[str]
    provenance: Provenance

    def holds_in(self, region: str) -> bool:
        """Whether the by-product comes with the host in a region."""
        return EVERYWHERE in self.regions or region in self.regions


@dataclass(frozen=True, slots=True, eq=False)
class MarketAssumptions:
    """Everything that is assumed of the markets of the atlas.

    ``content`` : by customs code. ``own_trade``, ``quotes`` : by mineral and stage; quotes in
    USD/kg. ``settings`` : by name. ``ladders`` : rungs by name. ``ladder_of``, ``ore_of``,
    ``shares_of``, ``only_stage`` : by mineral. ``left_out`` : the reason by mineral.
    """

    content: Mapping[str, GoodsContent]
    own_trade: Mapping[tuple[str, SupplyStage], OwnTrade]
    quotes: Mapping[tuple[str, SupplyStage], tuple[float, Provenance]]
    links: tuple[ByProductLink, ...]
    settings: Mapping[str, tuple[float, Provenance]]
    ladders: Mapping[str, tuple[Rung, ...]]
    ladder_of: Mapping[str, str]
    ore_of: Mapping[str, str]
    shares_of: Mapping[str, str]
    only_stage: Mapping[str, SupplyStage]
    left_out: Mapping[str, str]

    def setting(self, name: str) -> float:
        """Return the value of a setting.

        Raises
        ------
        TableError
            If the table has none of that name.
        """
        if name not in self.settings:
            raise TableError(
                f"no setting '{name}'", where=f"{_FOLDER}settings.csv", way_out="add its row"
            )
        return self.settings[name][0]

    def because(self, name: str) -> Provenance:
        """Return where the value of a setting comes from."""
        self.setting(name)
        return self.settings[name][1]

    def rungs(self, commodity: str) -> tuple[Rung, ...]:
        """Return the ladder of the uses of a mineral."""
        return self.ladders[self.ladder_of.get(commodity, _SMALL_PART)]


@cache
def assumed_of_markets() -> MarketAssumptions:
    """Read the shipped tables.

    Raises
    ------
    MonaziteError
        If a row breaks its declaration, or names a mineral that the atlas does not know.
    """
    choices = _of_minerals("choices")
    ladders: dict[str, tuple[Rung, ...]] = {}
    for row in catalogue.load(f"{_FOLDER}ladders"):
        rung = Rung(_number(row, "share"), _number(row, "price_multiple"), provenance=_told(row))
        ladders[row.text("ladder")] = (*ladders.get(row.text("ladder"), ()), rung)
    return MarketAssumptions(
        content=MappingProxyType(
            {row.text("hs6"): _content(row) for row in _of_minerals("content")}
        ),
        own_trade=MappingProxyType(
            {
                (row.text("commodity"), _stage(row)): _own_trade(row)
                for row in _of_minerals("us_trade")
            }
        ),
        quotes=MappingProxyType(
            {
                (row.text("commodity"), _stage(row)): (_number(row, "value"), _told(row))
                for row in _of_minerals("quotes")
            }
        ),
        links=tuple(map(_link, catalogue.load(f"{_FOLDER}links"))),
        settings=MappingProxyType(
            {
                row.text("name"): (_number(row, "value"), _told(row))
                for row in catalogue.load(f"{_FOLDER}settings")
            }
        ),
        ladders=MappingProxyType(ladders),
        ladder_of=_chosen(choices, "ladder"),
        ore_of=_chosen(choices, "ore"),
        shares_of=_chosen(choices, "shares_of"),
        only_stage=MappingProxyType(
            {code: SupplyStage(stage) for code, stage in _chosen(choices, "stages").items()}
        ),
        left_out=MappingProxyType(
            {
                row.text("commodity"): row.note.removeprefix("left out: ")
                for row in choices
                if not row.text("ladder")
            }
        ),
    )


def _chosen(choices: Iterable[Row], name: str) -> Mapping[str, str]:
    return MappingProxyType(
        {row.text("commodity"): row.text(name) for row in choices if row.text(name)}
    )


def _of_minerals(name: str) -> tuple[Row, ...]:
    rows = tuple(catalogue.load(f"{_FOLDER}{name}"))
    for row in rows:
        _known(row, row.text("commodity"))
    return rows


def _known(row: Row, commodity: str) -> str:
    if commodity not in minerals():
        raise TableError(
            f"'{commodity}' is no mineral of the atlas",
            where=str(row.ref),
            way_out="write a code of atlas/minerals.csv",
        )
    return commodity


def _content(row: Row) -> GoodsContent:
    return GoodsContent(row.text("commodity"), _stage(row), _number(row, "value"), _told(row))


def _own_trade(row: Row) -> OwnTrade:
    return OwnTrade(
        row.text("imports_from"),
        _number(row, "imports"),
        _number(row, "exports"),
        row.text("spread"),
        row.number("home_share") or 0.0,
        row.unit,
        _told(row),
    )


def _link(row: Row) -> ByProductLink:
    return ByProductLink(
        _known(row, row.text("by_product")),
        _stage(row),
        _known(row, row.text("host")),
        SupplyStage(row.text("host_stage")),
        frozenset(row.text("regions").split(";")),
        _told(row),
    )


def _stage(row: Row) -> SupplyStage:
    return SupplyStage(row.text("stage"))


def _number(row: Row, name: str) -> float:
    value = row.number(name)
    if value is None:
        raise TableError(f"no {name}", where=str(row.ref), way_out="give a number")
    return value


def _told(row: Row) -> Provenance:
    return Provenance(row.source, str(row.grade), str(row.ref), row.note)
