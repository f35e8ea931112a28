"""Tables of a briefing: cells that know how they read and what they rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monazite.briefing.content import BriefingData, RemedyLine, commodity_name
from monazite.briefing.figures import dearest
from monazite.briefing.geography import spelled
from monazite.briefing.notes import Notes
from monazite.briefing.numbers import NOTHING, PLAIN, Style, Writing
from monazite.briefing.told import Teller, remedy
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


def number(
    band: Band | float | None, style: Style, references: Sequence[str], write: Writing = PLAIN
) -> Cell:
    """Return a cell with a figure, and its band where draws differ."""
    if isinstance(band, Band):
        return Cell(style(band.median), tuple(references), write.band(band.low, band.high, style))
    return Cell(style(band), tuple(references))


def month(band: MonthBand, references: Sequence[str], write: Writing = PLAIN) -> Cell:
    """Return a cell with a month, and its band where draws differ."""
    never, language = write.language.gettext("never"), write.language
    detail = ""
    if band.early != band.late:
        late = language.short_month(band.late) if band.late else never
        detail = write.span(language.short_month(band.early or ""), late)
    return Cell(language.month(band.median) if band.median else never, tuple(references), detail)


def use_in(region: str, use: str, write: Writing) -> str:
    """Return a use in a region as the name of a row: ``Japan: electric vehicles``."""
    place, name = write.language.place(region), write.language.use(use)
    return write.language.gettext("%(place)s: %(use)s", place=place, use=name)


def good(data: BriefingData, code: str, write: Writing) -> str:
    """Return the name of a commodity."""
    return write.language.commodity(commodity_name(data.network, code))


def _labels(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, holds_numbers=False) for title in titles)


def _figures(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title) for title in titles)


# Who is short -----------------------------------------------------------------------------


def shortage_table(data: BriefingData, notes: Notes, write: Writing = PLAIN) -> PageTable:
    """Return first month, depth, duration and output at risk of the uses that run short."""
    say = write.language.gettext
    value = {(row.region, row.use, row.commodity): row for row in data.output}
    rows = tuple(
        _shortage_row(data, notes, row, value.get((row.region, row.use, row.commodity)), write)
        for row in data.shortages
        if row.first_month.median is not None
    )
    return PageTable(
        "shortages",
        say("Uses that run short, the earliest first"),
        (
            *_labels(say("Use and good")),
            *_figures(
                say("Cover at the start"), say("First short month"), say("Short for"),
                say("Largest stopped part"),
                say("Stopped in all"), say("Saved by choice"), say("Output at risk"),
            ),
        ),
        rows[:MOST_SHORTAGES],
    )  # fmt: skip


def _shortage_row(
    data: BriefingData, notes: Notes, row: Shortage, output: OutputAtRisk | None, write: Writing
) -> tuple[Cell, ...]:
    own = notes.of_use(row.region, row.use, row.commodity)
    short = ("method:shortage", *own)
    return (
        Cell(use_in(row.region, row.use, write), detail=good(data, row.commodity, write)),
        number(row.opening_cover, write.days, ("method:cover", *own), write),
        _first_month(row, short, write),
        _duration(row, short, write),
        number(row.depth, write.percent, short, write),
        number(row.loss, write.tonnes, short, write),
        number(row.saved, write.tonnes, short, write),
        output_cell(output, write),
    )


def _first_month(row: Shortage, references: Sequence[str], write: Writing) -> Cell:
    cell = month(row.first_month, references, write)
    if row.probability == 1:
        return cell
    chance = write.language.gettext("in %(share)s of draws", share=write.percent(row.probability))
    return Cell(cell.text, cell.references, _beside(write, cell.detail, chance))


def _duration(row: Shortage, references: Sequence[str], write: Writing) -> Cell:
    say, over = write.language.gettext, row.recovered.median
    cell = number(row.duration, write.months, references, write)
    if over:
        end = say("over in %(month)s", month=write.language.short_month(over))
    else:
        end = say("not over in the end")
    return Cell(cell.text, cell.references, _beside(write, cell.detail, end))


def _beside(write: Writing, *details: str) -> str:
    """Return details one behind the other."""
    return write.language.pgettext("between terms", ", ").join(filter(None, details))


def output_cell(output: OutputAtRisk | None, write: Writing = PLAIN) -> Cell:
    """Return value of output at risk with the factor's source; a label where there is none."""
    if output is None:
        return Cell(write.language.gettext("no factor"))
    return number(output.value, write.money, output_references((output,)), write)


def output_references(rows: Iterable[OutputAtRisk]) -> tuple[str, ...]:
    """Return the references of output at risk: the method and each factor's row."""
    factors = [row.factor for row in rows]
    found = [
        f"assumption:{item.where}" if item.grade == "E" else f"source:{item.source}"
        for item in factors
    ]
    return ("method:output", *dict.fromkeys(found))


def month_table(data: BriefingData, notes: Notes, what: str, write: Writing = PLAIN) -> PageTable:
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
            number(r.stopped_share.median, write.bare_percent, own)
            if stopped
            else number(r.cover.median, write.count, own)
            for r in series
        ]
        name = use_in(key[0], key[1], write)
        rows.append((Cell(name, detail=good(data, key[2], write)), *cells))
    say = write.language.gettext
    title = (
        say("Stopped part of demand, percent")
        if stopped
        else say("Days of cover at the end of the month")
    )
    return PageTable(
        f"{what}-by-month",
        title,
        (
            *_labels(say("Use and good")),
            *_figures(*map(write.language.short_month, data.trajectory.months)),
        ),
        tuple(rows),
    )


# Prices -----------------------------------------------------------------------------------


def price_table(data: BriefingData, notes: Notes, write: Writing = PLAIN) -> PageTable:
    """Return the highest multiples per good, inside and outside, spot and paid."""
    sides = ("outside", "inside") if data.scenario.controlling else ("outside",)
    say = write.language.gettext
    titles = [say("Spot"), say("Paid")]
    if data.scenario.controlling:
        titles = [
            say("Spot outside"), say("Paid outside"), say("Spot inside"), say("Paid inside")
        ]  # fmt: skip
    return PageTable(
        "prices",
        say("Largest change against the base price, by good"),
        (
            *_labels(say("Good")),
            *_figures(say("Base price"), say("Peak month"), *titles),
        ),
        tuple(_price_row(data, notes, code, sides, write) for code in dearest(data)[:MOST_GOODS]),
    )


def _price_row(
    data: BriefingData, notes: Notes, commodity: str, sides: Sequence[str], write: Writing
) -> tuple[Cell, ...]:
    own = notes.of_price(commodity)
    method = ("method:price", *own)
    peak = peak_price(data, commodity, "outside")
    cells: list[Cell] = []
    for side in sides:
        row = peak_price(data, commodity, side)
        for kind in ("marginal", "average"):
            cells.append(_price_cell(data, row, kind, method, write))
    base = [p.price for p in data.network.base_prices if p.commodity == commodity]
    middle = sorted(base)[len(base) // 2] if base else None
    return (
        Cell(good(data, commodity, write)),
        number(middle, write.price, own),
        Cell(write.language.month(peak.month) if peak else NOTHING, method),
        *cells,
    )


def _price_cell(
    data: BriefingData,
    row: PriceMultiple | None,
    kind: str,
    method: Sequence[str],
    write: Writing,
) -> Cell:
    """Return a multiple; beside the spot price, in how many months there was none."""
    if row is None:
        return Cell(write.language.gettext("no market"))
    cell = number(getattr(row, kind), write.multiple, method, write)
    without = rationed_months(data, row.commodity, row.side)
    if kind == "average" or not without:
        return cell
    words = write.language.gettext("rationed for %(months)s", months=write.months(without))
    return Cell(cell.text, cell.references, _beside(write, cell.detail, words))


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


def stage_table(data: BriefingData, write: Writing = PLAIN) -> PageTable:
    """Return production, largest supplier, HHI and N-1 coverage per stage of the base year."""
    say = write.language.gettext
    method = ("method:chain",)
    rows = tuple(
        (
            Cell(write.language.stage(row.stage)),
            Cell(write.language.place(row.largest_region)),
            number(row.largest_share, write.percent, method, write),
            number(row.top3_share, write.percent, method, write),
            number(row.hhi, lambda value: write.significant(value, 2), method),
            number(row.production, write.tonnes, method, write),
            number(row.n1_coverage, write.percent, method, write),
            number(row.n1_coverage_outside, write.percent, method, write),
        )
        for row in data.stages
    )
    return PageTable(
        "stages",
        _stage_caption(data, write),
        (
            *_labels(say("Stage"), say("Largest supplier")),
            *_figures(
                say("Its share"), say("Three largest"), say("HHI"), say("Made in a year"),
                say("Others’ supply over all demand"), say("Others’ supply over demand elsewhere"),
            ),
        ),
        rows,
    )  # fmt: skip


def _stage_caption(data: BriefingData, write: Writing) -> str:
    """Return the caption, and in what stages are counted."""
    say = write.language.gettext
    if not data.elements:
        return say("Concentration by stage, base year")
    return say(
        "Concentration by stage, base year, tonnes of %(elements)s contained",
        elements=", ".join(data.elements),
    )


def reliance_table(data: BriefingData, write: Writing = PLAIN) -> PageTable:
    """Return net import reliance by region and element, embodied in all goods of the chain."""
    say = write.language.gettext
    elements = data.elements
    found = {(row.region, row.commodity): row for row in data.reliance}
    regions = dict.fromkeys(row.region for row in data.reliance)
    rows = tuple(
        (
            Cell(write.language.place(region)),
            *(_reliance_cell(found.get((region, element)), write) for element in elements),
        )
        for region in regions
    )
    titles = _figures(*elements)
    return PageTable(
        "reliance",
        say("Net imports over apparent consumption, by element in all goods of the chain"),
        (*_labels(say("Region")), *titles),
        rows,
    )


def _reliance_cell(row: Reliance | None, write: Writing) -> Cell:
    if row is not None and row.exports > row.imports:
        return Cell(write.language.gettext("net exporter"), ("method:chain",))
    value = None if row is None else row.net_import_reliance
    return number(value, write.percent, ("method:chain",))


# Who pays, who gains ----------------------------------------------------------------------


def account_table(data: BriefingData, write: Writing = PLAIN) -> PageTable:
    """Return what producers gain and users pay more, by region, over all months."""
    say = write.language.gettext
    method = ("method:account",)
    rows = tuple(
        (
            Cell(write.language.place(row.region)),
            number(row.producers_gain, write.money, method, write),
            number(row.users_extra_cost, write.money, method, write),
        )
        for row in data.regions
        if _matters(data, row.producers_gain, row.users_extra_cost)
    )
    return PageTable(
        "accounts",
        say("Change against the base year, by region, over all months"),
        (*_labels(say("Region")), *_figures(say("Producers gain"), say("Users pay more"))),
        rows,
    )


def _matters(data: BriefingData, *bands: Band) -> bool:
    """Whether any of the sums reaches a thousandth of the largest of the table."""
    every = [b for row in data.regions for b in (row.producers_gain, row.users_extra_cost)]
    largest = max((abs(band.median or 0.0) for band in every), default=0.0)
    return any(abs(band.median or 0.0) > 1e-3 * largest for band in bands)


def permit_table(data: BriefingData, write: Writing = PLAIN) -> PageTable:
    """Return the rents of licences and quotas."""
    say = write.language.gettext
    method = ("method:account",)
    rows = tuple(
        (
            Cell(permit_name(data, row.permit, write)),
            number(row.highest_rent, write.price, method, write),
            number(row.total_rent, write.money, method, write),
        )
        for row in data.permits
    )
    return PageTable(
        "permits",
        say("What licences and quotas are worth to those who get them"),
        (*_labels(say("Licence or quota")), *_figures(say("Highest rent"), say("Over all months"))),
        rows,
    )


def permit_name(data: BriefingData, name: str, write: Writing) -> str:
    """Return the name of a licence or quota; regions in it are spelt out where it is English."""
    if write.language.code != "en":
        return name
    return spelled(name, {region for _, region in data.trajectory.spot_markets})


def remedy_table(data: BriefingData, notes: Notes, write: Writing = PLAIN) -> PageTable:
    """Return what each remedy prevents, the best first."""
    say = write.language.gettext
    rows, teller = [], Teller(write.language)
    for row in data.remedies:
        own = ("method:remedy", *notes.of_words(row.sources))
        rows.append(
            (
                Cell(*_remedy_words(row, own, teller), is_label=True),
                number(row.stopped_avoided, write.percent, own, write),
                number(row.output_saved, write.money, own, write),
                _gained(row.months_gained, own, write),
            )
        )
    return PageTable(
        "remedies",
        say("What each remedy alone does to the same shock"),
        (
            *_labels(say("Remedy")),
            *_figures(
                say("Stopped use prevented"), say("Output saved"), say("First shortage later by")
            ),
        ),
        tuple(rows),
    )


def _remedy_words(
    row: RemedyLine, references: tuple[str, ...], teller: Teller
) -> tuple[str, tuple[str, ...], str]:
    """Return name, references and words; a remedy of the caller's own keeps its words."""
    told = None if teller.language.code == "en" else remedy(teller, row.name)
    name, words = told or (row.name, row.words)
    return name, references, words


def _gained(months: float | None, references: Sequence[str], write: Writing) -> Cell:
    if months is None:
        return Cell(NOTHING, tuple(references))
    if months == float("inf"):
        return Cell(write.language.gettext("never comes"), tuple(references))
    return number(months, write.months, references, write)


def certificate_table(data: BriefingData, write: Writing = PLAIN) -> PageTable:
    """Return the largest residuals of the run."""
    say = write.language.gettext
    method = ("method:certificate",)
    certificate = data.certificate
    residuals = (
        (say("Supply against demand, in any market"), certificate.excess_demand),
        (say("Mass, in any good"), certificate.mass_balance),
        (say("Money paid against money received"), certificate.money_balance),
        (say("Rents of limits that do not bind"), certificate.complementarity),
    )
    return PageTable(
        "certificate",
        say("Largest relative residual over all months and draws"),
        (*_labels(say("What must agree")), *_figures(say("Residual"))),
        tuple((Cell(words), number(value, write.scientific, method)) for words, value in residuals),
    )
