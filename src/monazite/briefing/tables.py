"""Tables of a briefing: cells that know how they read and what they rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monazite.briefing import numbers
from monazite.briefing.content import (
    BriefingData,
    commodity_name,
    place_name,
    use_name,
)
from monazite.briefing.figures import dearest
from monazite.briefing.geography import spelled
from monazite.briefing.notes import Notes
from monazite.briefing.numbers import Style
from monazite.indicators import (
    RATIONED_SIDE,
    Band,
    MonthBand,
    OutputAtRisk,
    PriceMultiple,
    Reliance,
    Shortage,
)

MOST_SHORTAGES = 14
"""Rows of the table of shortages; the rest stands in the data."""

MOST_GOODS = 10
"""Rows of the table of prices."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of a table's cell; a number has references, a label has none.

    ``detail`` : the band of a number, or words beside a label. ``is_label`` : the references
    belong to figures inside the text, as in the name of a remedy.
    """

    text: str
    references: tuple[str, ...] = ()
    detail: str = ""
    is_label: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is a figure, which must lead somewhere."""
        return bool(self.references) and not self.is_label


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a column, and whether it holds figures."""

    title: str
    holds_numbers: bool = True


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table ready for a page; the first cell of a row names the row."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def number(band: Band | float | None, style: Style, references: Sequence[str]) -> Cell:
    """Return a cell with a figure, and its band where draws differ."""
    if isinstance(band, Band):
        return Cell(style(band.median), tuple(references), numbers.band(band.low, band.high, style))
    return Cell(style(band), tuple(references))


def month(band: MonthBand, references: Sequence[str], never: str) -> Cell:
    """Return a cell with a month, and its band where draws differ."""
    detail = ""
    if band.early != band.late:
        late = numbers.short_month(band.late) if band.late else never
        detail = f"{numbers.short_month(band.early or '')}–{late}"
    return Cell(
        numbers.month_name(band.median) if band.median else never, tuple(references), detail
    )


def _labels(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, holds_numbers=False) for title in titles)


def _figures(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title) for title in titles)


# Who is short -----------------------------------------------------------------------------


def shortage_table(data: BriefingData, notes: Notes) -> PageTable:
    """Return first month, depth, duration and output at risk of the uses that run short."""
    value = {(row.region, row.use, row.commodity): row for row in data.output}
    rows = tuple(
        _shortage_row(data, notes, row, value.get((row.region, row.use, row.commodity)))
        for row in data.shortages
        if row.first_month.median is not None
    )
    return PageTable(
        "shortages",
        "Uses that run short, the earliest first",
        (
            *_labels("Use and good"),
            *_figures(
                "Cover at the start", "First short month", "Short for", "Largest stopped part",
                "Stopped in all", "Saved by choice", "Output at risk",
            ),
        ),
        rows[:MOST_SHORTAGES],
    )  # fmt: skip


def _shortage_row(
    data: BriefingData, notes: Notes, row: Shortage, output: OutputAtRisk | None
) -> tuple[Cell, ...]:
    own = notes.of_use(row.region, row.use, row.commodity)
    short = ("method:shortage", *own)
    return (
        Cell(
            f"{place_name(row.region)}: {use_name(row.use)}",
            detail=commodity_name(data.network, row.commodity),
        ),
        number(row.opening_cover, numbers.days, ("method:cover", *own)),
        _first_month(row, short),
        _duration(row, short),
        number(row.depth, numbers.percent, short),
        number(row.loss, numbers.tonnes, short),
        number(row.saved, numbers.tonnes, short),
        output_cell(output),
    )


def _first_month(row: Shortage, references: Sequence[str]) -> Cell:
    cell = month(row.first_month, references, "never")
    if row.probability == 1:
        return cell
    chance = f"in {numbers.percent(row.probability)} of draws"
    return Cell(cell.text, cell.references, f"{cell.detail}, {chance}".removeprefix(", "))


def _duration(row: Shortage, references: Sequence[str]) -> Cell:
    cell = number(row.duration, numbers.months, references)
    over = row.recovered.median
    end = f"over in {numbers.short_month(over)}" if over else "not over in the end"
    return Cell(cell.text, cell.references, f"{cell.detail}, {end}" if cell.detail else end)


def output_cell(output: OutputAtRisk | None) -> Cell:
    """Return value of output at risk with the factor's source; a label where there is none."""
    if output is None:
        return Cell("no factor")
    return number(output.value, numbers.money, output_references((output,)))


def output_references(rows: Iterable[OutputAtRisk]) -> tuple[str, ...]:
    """Return the references of output at risk: the method and each factor's row."""
    factors = [row.factor for row in rows]
    found = [
        f"assumption:{item.where}" if item.grade == "E" else f"source:{item.source}"
        for item in factors
    ]
    return ("method:output", *dict.fromkeys(found))


def month_table(data: BriefingData, notes: Notes, what: str) -> PageTable:
    """Return stopped share or days of cover by month, the figures behind the charts.

    Parameters
    ----------
    what : str
        ``stopped`` or ``cover``.
    """
    stopped = what == "stopped"
    chosen = [(s.region, s.use, s.commodity) for s in data.shortages][:MOST_SHORTAGES]
    found = {(r.region, r.use, r.commodity, r.month): r for r in data.months}
    method = "method:shortage" if stopped else "method:cover"
    rows = []
    for key in chosen:
        own = (method, *notes.of_use(*key))
        series = [found[*key, label] for label in data.trajectory.months]
        cells = [
            number(r.stopped_share.median, _bare_percent, own)
            if stopped
            else number(r.cover.median, numbers.count, own)
            for r in series
        ]
        name = f"{place_name(key[0])}: {use_name(key[1])}"
        rows.append((Cell(name, detail=commodity_name(data.network, key[2])), *cells))
    title = (
        "Stopped part of demand, percent" if stopped else "Days of cover at the end of the month"
    )
    return PageTable(
        f"{what}-by-month",
        title,
        (
            *_labels("Use and good"),
            *_figures(*(numbers.short_month(label) for label in data.trajectory.months)),
        ),
        tuple(rows),
    )


def _bare_percent(fraction: float | None) -> str:
    """Return a share in percent without the sign, for tables that state it in the caption."""
    return numbers.NOTHING if fraction is None else f"{100 * fraction:.0f}"


# Prices -----------------------------------------------------------------------------------


def price_table(data: BriefingData, notes: Notes) -> PageTable:
    """Return the highest multiples per good, inside and outside, spot and paid."""
    sides = ("outside", "inside") if data.scenario.controlling else ("outside",)
    titles = [
        f"{kind}{f' {side}' if len(sides) > 1 else ''}"
        for side in sides
        for kind in ("Spot", "Paid")
    ]
    return PageTable(
        "prices",
        "Largest change against the base price, by good",
        (
            *_labels("Good"),
            *_figures("Base price", "Peak month", *titles),
        ),
        tuple(_price_row(data, notes, code, sides) for code in dearest(data)[:MOST_GOODS]),
    )


def _price_row(
    data: BriefingData, notes: Notes, commodity: str, sides: Sequence[str]
) -> tuple[Cell, ...]:
    own = notes.of_price(commodity)
    method = ("method:price", *own)
    peak = peak_price(data, commodity, "outside")
    cells: list[Cell] = []
    for side in sides:
        row = peak_price(data, commodity, side)
        for kind in ("marginal", "average"):
            cells.append(_price_cell(data, row, kind, method))
    base = [p.price for p in data.network.base_prices if p.commodity == commodity]
    middle = sorted(base)[len(base) // 2] if base else None
    return (
        Cell(commodity_name(data.network, commodity)),
        number(middle, numbers.price, own),
        Cell(numbers.month_name(peak.month) if peak else numbers.NOTHING, method),
        *cells,
    )


def _price_cell(
    data: BriefingData, row: PriceMultiple | None, kind: str, method: Sequence[str]
) -> Cell:
    """Return a multiple; beside the spot price, in how many months there was none."""
    if row is None:
        return Cell("no market")
    cell = number(getattr(row, kind), numbers.multiple, method)
    without = rationed_months(data, row.commodity, row.side)
    if kind == "average" or not without:
        return cell
    words = f"rationed for {numbers.months(without)}"
    return Cell(cell.text, cell.references, f"{cell.detail}, {words}".removeprefix(", "))


def rationed_months(data: BriefingData, commodity: str, side: str) -> int:
    """Return in how many months a good has no meaningful price on one side of the border."""
    rows = (r for r in data.prices if (r.commodity, r.side) == (commodity, side))
    return sum(row.rationed_share >= RATIONED_SIDE for row in rows)


def peak_price(data: BriefingData, commodity: str, side: str) -> PriceMultiple | None:
    """Return the month in which a good's price is furthest from its base on one side."""
    rows = [r for r in data.prices if (r.commodity, r.side) == (commodity, side)]
    return max(rows, key=_distance, default=None)


def _distance(row: PriceMultiple) -> float:
    value = row.marginal.median if row.marginal.median is not None else row.average.median
    return 0.0 if value is None or value <= 0 else max(value, 1 / value)


# The chain --------------------------------------------------------------------------------


def stage_table(data: BriefingData) -> PageTable:
    """Return production, largest supplier, HHI and N-1 coverage per stage of the base year."""
    method = ("method:chain",)
    rows = tuple(
        (
            Cell(row.stage),
            Cell(place_name(row.largest_region)),
            number(row.largest_share, numbers.percent, method),
            number(row.top3_share, numbers.percent, method),
            number(row.hhi, lambda value: numbers.significant(value, 2), method),
            number(row.production, numbers.tonnes, method),
            number(row.n1_coverage, numbers.percent, method),
            number(row.n1_coverage_outside, numbers.percent, method),
        )
        for row in data.stages
    )
    return PageTable(
        "stages",
        f"Concentration by stage, base year{_counted(data)}",
        (
            *_labels("Stage", "Largest supplier"),
            *_figures(
                "Its share", "Three largest", "HHI", "Made in a year",
                "Others’ supply over all demand", "Others’ supply over demand elsewhere",
            ),
        ),
        rows,
    )  # fmt: skip


def _counted(data: BriefingData) -> str:
    """Return in what stages are counted, for a caption."""
    return f", tonnes of {', '.join(data.elements)} contained" if data.elements else ""


def reliance_table(data: BriefingData) -> PageTable:
    """Return net import reliance by region and element, embodied in all goods of the chain."""
    elements = data.elements
    found = {(row.region, row.commodity): row for row in data.reliance}
    regions = dict.fromkeys(row.region for row in data.reliance)
    rows = tuple(
        (
            Cell(place_name(region)),
            *(_reliance_cell(found.get((region, element))) for element in elements),
        )
        for region in regions
    )
    titles = _figures(*elements)
    return PageTable(
        "reliance",
        "Net imports over apparent consumption, by element in all goods of the chain",
        (*_labels("Region"), *titles),
        rows,
    )


def _reliance_cell(row: Reliance | None) -> Cell:
    if row is not None and row.exports > row.imports:
        return Cell("net exporter", ("method:chain",))
    value = None if row is None else row.net_import_reliance
    return number(value, numbers.percent, ("method:chain",))


# Who pays, who gains ----------------------------------------------------------------------


def account_table(data: BriefingData) -> PageTable:
    """Return what producers gain and users pay more, by region, over all months."""
    method = ("method:account",)
    rows = tuple(
        (
            Cell(place_name(row.region)),
            number(row.producers_gain, numbers.money, method),
            number(row.users_extra_cost, numbers.money, method),
        )
        for row in data.regions
        if _matters(data, row.producers_gain, row.users_extra_cost)
    )
    return PageTable(
        "accounts",
        "Change against the base year, by region, over all months",
        (*_labels("Region"), *_figures("Producers gain", "Users pay more")),
        rows,
    )


def _matters(data: BriefingData, *bands: Band) -> bool:
    """Whether any of the sums reaches a thousandth of the largest of the table."""
    every = [b for row in data.regions for b in (row.producers_gain, row.users_extra_cost)]
    largest = max((abs(band.median or 0.0) for band in every), default=0.0)
    return any(abs(band.median or 0.0) > 1e-3 * largest for band in bands)


def permit_table(data: BriefingData) -> PageTable:
    """Return the rents of licences and quotas."""
    regions = {region for _, region in data.trajectory.spot_markets}
    method = ("method:account",)
    rows = tuple(
        (
            Cell(spelled(row.permit, regions)),
            number(row.highest_rent, numbers.price, method),
            number(row.total_rent, numbers.money, method),
        )
        for row in data.permits
    )
    return PageTable(
        "permits",
        "What licences and quotas are worth to those who get them",
        (*_labels("Licence or quota"), *_figures("Highest rent", "Over all months")),
        rows,
    )


def remedy_table(data: BriefingData, notes: Notes) -> PageTable:
    """Return what each remedy prevents, the best first."""
    rows = []
    for row in data.remedies:
        own = ("method:remedy", *notes.of_words(row.sources))
        rows.append(
            (
                Cell(row.name, own, row.words, is_label=True),
                number(row.stopped_avoided, numbers.percent, own),
                number(row.output_saved, numbers.money, own),
                _gained(row.months_gained, own),
            )
        )
    return PageTable(
        "remedies",
        "What each remedy alone does to the same shock",
        (
            *_labels("Remedy"),
            *_figures("Stopped use prevented", "Output saved", "First shortage later by"),
        ),
        tuple(rows),
    )


def _gained(months: float | None, references: Sequence[str]) -> Cell:
    if months is None:
        return Cell(numbers.NOTHING, tuple(references))
    if months == float("inf"):
        return Cell("never comes", tuple(references))
    return number(months, numbers.months, references)


def certificate_table(data: BriefingData) -> PageTable:
    """Return the largest residuals of the run."""
    method = ("method:certificate",)
    certificate = data.certificate
    residuals = (
        ("Supply against demand, in any market", certificate.excess_demand),
        ("Mass, in any good", certificate.mass_balance),
        ("Money paid against money received", certificate.money_balance),
        ("Rents of limits that do not bind", certificate.complementarity),
    )
    return PageTable(
        "certificate",
        "Largest relative residual over all months and draws",
        (*_labels("What must agree"), *_figures("Residual")),
        tuple(
            (Cell(words), number(value, numbers.scientific, method)) for words, value in residuals
        ),
    )
