"""Rows of a book against a chain: what can be answered, and why the rest cannot."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monazite import units
from monazite.book.nouns import COMMENT, Book, BookFault, BookLine
from monazite.book.sheet import BookRow, read_rows
from monazite.book.supply import Supplied
from monazite.errors import InputError, TableError, UnitError, UnknownCodeError
from monazite.labels import GROUPS, REST_OF_EU, REST_OF_WORLD, canonical_region
from monazite.network import SupplyNetwork

LONGEST_CONTRACT = 600
"""Months; more is a slip of the pen."""
_THOUSANDS = re.compile(r"-?\d{1,3}\.\d{3}")
_MONEY_PER_MASS = re.compile(r"(USD(?:\d{4})?)/kg")

Meant = Callable[[str], Sequence[str]]
"""Goods of the chain that a name may mean."""
Elsewhere = Callable[[str], Sequence[str]]
"""Other chains that know a good of this name."""


def nothing(_name: str) -> Sequence[str]:
    """Know no other names."""
    return ()


def read_book(
    path: str | Path,
    network: SupplyNetwork,
    *,
    region: str = "",
    meant: Meant = nothing,
    elsewhere: Elsewhere = nothing,
) -> Book:
    """Read a buyer's list; rows that cannot be used become faults, the rest lines.

    Parameters
    ----------
    path : str or Path
        CSV or workbook; `monazite.book.nouns.COLUMNS` says what stands in it.
    network : SupplyNetwork
        The chain whose goods, regions and routes the book is about.
    region : str
        Where the buyer uses the goods, for rows that do not say it.
    meant, elsewhere : callable
        Synonyms of goods, and other chains that have a good.

    Raises
    ------
    InputError
        If the file as a whole cannot be used, no row of it can, or the chain is not in tonnes.
    """
    file = Path(path)
    reader = _Reader(network, file.name, region, meant, elsewhere)
    lines: list[BookLine] = []
    faults: list[BookFault] = []
    for row in read_rows(file):
        cells = _Cells(row, file.name)
        try:
            lines.append(reader.line(cells))
        except InputError as error:
            part = row.cells.get("part", "")
            faults.append(BookFault.of(error, file.name, row.number, cells.column, part))
    if not lines:
        rest = f"; {len(faults) - 1} more rows at fault" if len(faults) > 1 else ""
        raise TableError(
            f"no row of the book can be answered: {faults[0].column}: {faults[0].message}",
            where=faults[0].where,
            way_out=faults[0].way_out + rest,
        )
    return Book(file.name, tuple(lines), tuple(faults))


@dataclass(slots=True)
class _Cells:
    """Cells of a row; remembers which column was looked at last, for the fault to name it."""

    row: BookRow
    file: str
    column: str = "part"

    @property
    def where(self) -> str:
        return f"{self.file}:{self.row.number}"

    def text(self, column: str) -> str:
        self.column = column
        return self.row.cells.get(column, "")

    def required(self, column: str) -> str:
        text = self.text(column)
        if not text:
            raise self.fault("the cell is blank", "fill it in; 0 is an answer, blank is none")
        return text

    def number(self, column: str) -> float:
        return self._not_negative(self._figure(self.required(column)))

    def share(self, column: str) -> float:
        """Read a part of the whole: 60 %, or the 0.6 that Excel keeps behind it."""
        text = self.required(column)
        percent = text.endswith("%")
        value = self._figure(text.removesuffix("%").strip()) / (100.0 if percent else 1.0)
        if value > 1:
            may_lack_mark = not percent and value <= 100
            written = (
                f"write {value:g} % or {value / 100:g}" if may_lack_mark else "give 100 % or less"
            )
            raise self.fault(f"{text} is more than the whole", written)
        return self._not_negative(value)

    def whole(self, column: str) -> int:
        value = self.number(column)
        if value != int(value) or value > LONGEST_CONTRACT:
            raise self.fault(
                f"'{self.text(column)}' is no number of months",
                f"give a whole number from 0 to {LONGEST_CONTRACT}",
            )
        return int(value)

    def _not_negative(self, value: float) -> float:
        if value < 0:
            raise self.fault(f"{value:g} is below 0", "give 0 or more")
        return value

    def _figure(self, text: str) -> float:
        """Read a number; a file of semicolons writes 12,5, and 1.200 may mean two things."""
        plain = text
        if self.row.has_decimal_comma:
            if _THOUSANDS.fullmatch(text):
                raise self.fault(
                    f"'{text}' may be a thousand or a decimal",
                    f"write {text.replace('.', '')} or {text.replace('.', ',')}",
                )
            plain = text.replace(",", ".") if "." not in text else text
        try:
            value = float(plain.replace("_", "?"))
        except ValueError:
            mark = "comma or point" if self.row.has_decimal_comma else "point"
            raise self.fault(
                f"'{text}' is not a number",
                f"write digits with a decimal {mark}, without thousands separators",
            ) from None
        if not math.isfinite(value):
            raise self.fault(f"'{text}' is not finite", "give a number")
        return value

    def fault(self, message: str, way_out: str) -> TableError:
        return TableError(message, where=self.where, way_out=way_out)


class _Reader:
    """A chain, ready to be asked what the cells of a book mean in it."""

    def __init__(
        self, network: SupplyNetwork, file: str, region: str, meant: Meant, elsewhere: Elsewhere
    ) -> None:
        money = _MONEY_PER_MASS.fullmatch(network.price_unit)
        if network.quantity_unit != "t" or money is None:
            raise InputError(
                f"a book needs a chain in t and USD/kg, and {network.name} is in "
                f"{network.quantity_unit} and {network.price_unit}",
                way_out="choose another chain",
            )
        self.money = money[1]
        self.network, self.file, self.region = network, file, region
        self.meant, self.elsewhere = meant, elsewhere
        self.supplied = Supplied(network)
        self.seen: dict[str, int] = {}

    def line(self, cells: _Cells) -> BookLine:
        """Return the line of a row.

        Raises
        ------
        InputError
            At the first cell that cannot be used.
        """
        if cells.row.spare:
            raise cells.fault(
                f"{cells.row.spare} cells stand beyond the last heading",
                "put text that holds the separator in double quotes",
            )
        part = self._part(cells)
        commodity = self._commodity(cells)
        notes: list[str] = []
        origin = self._place(cells, "country", notes)
        need = self._need(cells, commodity)
        stock = self._stock(cells, commodity, need)
        share, months = self._contract(cells)
        region = self._buyer(cells, notes)
        margin = self._margin(cells, need)
        second, second_share = self._second(cells, notes, origin)
        self._check_ways(
            cells, commodity, region, (("country", origin), ("second_country", second))
        )
        notes += self._thin(commodity, region, origin, need)
        return BookLine(
            part=part, commodity=commodity, region=region, origin=origin, need=need, stock=stock,
            row=cells.row.number, supplier=cells.text("supplier"), contract_share=share,
            contract_months=months, margin=margin, second=second, second_share=second_share,
            notes=tuple(dict.fromkeys(notes)),
        )  # fmt: skip

    def _part(self, cells: _Cells) -> str:
        part = cells.required("part")
        if part.startswith(COMMENT):
            raise cells.fault(
                f"'{part}' begins with {COMMENT}: a name, or a line that explains?",
                f"drop the row, or write the name without {COMMENT}",
            )
        first = self.seen.setdefault(part, cells.row.number)
        if first != cells.row.number:
            raise cells.fault(
                f"'{part}' stands in row {first} already",
                "drop one of the two, or tell them apart by their names",
            )
        return part

    def _commodity(self, cells: _Cells) -> str:
        text = cells.required("commodity")
        folded = text.casefold()
        known = {item.code: item.name for item in self.network.commodities}
        found = [c for c, name in known.items() if folded in (c.casefold(), name.casefold())]
        found = found or [code for code in self.meant(text) if code in known]
        if len(found) == 1:
            return found[0]
        if found:
            raise cells.fault(f"'{text}' may be several goods", f"write {_either(found)}")
        chains = self.elsewhere(text)
        if chains:
            raise cells.fault(
                f"the chain {self.network.name} has no '{text}'",
                f"run a scenario of the chain {_either(chains)}",
            )
        raise UnknownCodeError("commodity", text, known, where=cells.where)

    def _place(self, cells: _Cells, column: str, notes: list[str], given: str = "") -> str:
        """Return the region of the chain in which a country lies."""
        text = cells.text(column) or given or cells.required(column)
        regions = self.network.regions()
        code = canonical_region(text, own=regions, where=cells.where)
        if code in regions:
            return code
        rest = (REST_OF_EU if code in GROUPS["EU"] else REST_OF_WORLD).code
        if rest not in regions:
            raise UnknownCodeError("region of this chain", text, regions, where=cells.where)
        notes.append(f"{code} counts as {rest}: the chain does not know it by itself")
        return rest

    def _buyer(self, cells: _Cells, notes: list[str]) -> str:
        if not cells.text("region") and not self.region:
            raise cells.fault(
                "nobody says where the goods are used", "fill it in, or give --region for all rows"
            )
        return self._place(cells, "region", notes, self.region)

    def _basis(self, commodity: str) -> str:
        return self.network.commodity(commodity).unit or self.network.quantity_unit

    def _need(self, cells: _Cells, commodity: str) -> float:
        value = cells.number("quantity")
        if value == 0:
            raise cells.fault("the need is nothing", "give what you need, or drop the row")
        unit = cells.required("unit")
        return value * units.factor(unit, f"{self._basis(commodity)}/yr", where=cells.where)

    def _stock(self, cells: _Cells, commodity: str, need: float) -> float:
        value, unit = cells.number("stock"), cells.required("stock_unit")
        try:
            return value * units.factor(unit, "yr") * need
        except UnitError:
            return value * units.factor(unit, self._basis(commodity), where=cells.where)

    @staticmethod
    def _contract(cells: _Cells) -> tuple[float, int]:
        share = cells.share("contract_share")
        if share == 0 and not cells.text("contract_months"):
            return 0.0, 0
        return share, cells.whole("contract_months")

    def _margin(self, cells: _Cells, need: float) -> float | None:
        """Return the margin per tonne [kUSD/t]; one that is given for the year is divided."""
        if not cells.text("margin"):
            if cells.text("margin_unit"):
                cells.required("margin")
            return None
        value, unit = cells.number("margin"), cells.required("margin_unit")
        try:
            return value * units.factor(unit, f"k{self.money}/yr") / need
        except UnitError:
            return value * units.factor(unit, f"k{self.money}/t", where=cells.where)

    def _second(self, cells: _Cells, notes: list[str], origin: str) -> tuple[str, float]:
        if not cells.text("second_country"):
            if cells.text("second_share"):
                cells.required("second_country")
            return "", 0.0
        second = self._place(cells, "second_country", notes)
        if second == origin:
            raise cells.fault("the second country is the first", "name another, or leave it blank")
        return second, cells.share("second_share")

    def _check_ways(
        self, cells: _Cells, commodity: str, region: str, ends: Sequence[tuple[str, str]]
    ) -> None:
        """See that the chain has such a market, and that goods usually come this way."""
        cells.column = "region"
        if self.supplied.consumption(commodity, region) <= 0:
            users = [r for r in self.network.regions() if self.supplied.consumption(commodity, r)]
            raise cells.fault(
                f"nobody in {region} uses {commodity} in this chain",
                f"it knows users in {', '.join(users)}",
            )
        for column, origin in ends:
            cells.column = column
            if origin and self.supplied.usual(commodity, origin, region) <= 0:
                raise cells.fault(
                    f"no {commodity} comes from {origin} to {region} in this chain",
                    f"it comes from {', '.join(self.supplied.origins(commodity, region))}",
                )

    def _thin(self, commodity: str, region: str, origin: str, need: float) -> list[str]:
        usual = self.supplied.usual(commodity, origin, region)
        if need <= usual:
            return []
        return [
            f"the chain knows {usual:.3g} t a year from {origin} to {region}, less than this line "
            "needs: read its share of what comes with care"
        ]


def _either(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
