"""The answer to a book as plain data for programs, and as a table for spreadsheets."""

import csv
import io
from dataclasses import asdict
from typing import Any

from monazite.book.answer import BookTotal, Exposure, LineAnswer, LineMonth
from monazite.book.nouns import BookFault, BookLine
from monazite.book.outcome import ASSUMPTIONS, LineStop
from monazite.book.relief import LineRemedy
from monazite.indicators.rows import Band

_HEADINGS = (
    "row", "part", "commodity", "region", "country", "supplier", "need_t_per_year", "stock_t",
    "stop_month", "stop_month_early", "stop_month_late", "stop_probability", "months_until_stop",
)  # fmt: skip
_BANDS = ("missing_t", "price_cost_kusd", "replacement_cost_kusd", "extra_cost_kusd",
          "margin_lost_kusd")  # fmt: skip
_BEST = ("best_remedy", "best_remedy_saves_kusd", "best_remedy_averts_t", "best_remedy_stop_month")


def exposure_data(found: Exposure) -> dict[str, Any]:
    """Return lines, totals, faults and assumptions as plain data; masses in t, money in kUSD."""
    return {
        "book": found.book.file,
        "lines": [_line(answer) for answer in found.lines],
        "totals": {
            "firm": _total(found.firm),
            "commodities": [_total(row) for row in found.goods],
        },
        "faults": [_fault(fault) for fault in found.book.faults],
        "assumptions": list(ASSUMPTIONS),
    }


def _line(answer: LineAnswer) -> dict[str, Any]:
    return {
        **_given(answer.line),
        "stop": _stop(answer.stop),
        "need_t": answer.need,
        "missing_t": _band(answer.missing),
        "price_cost_kusd": _band(answer.price_cost),
        "replacement_cost_kusd": _band(answer.replacement_cost),
        "extra_cost_kusd": _band(answer.extra_cost),
        "margin_lost_kusd": _band(answer.margin_lost),
        "months_without_price": sum(not month.has_price for month in answer.months),
        "remedies": [_remedy(row) for row in answer.remedies],
        "months": [_month(month) for month in answer.months],
    }


def _given(line: BookLine) -> dict[str, Any]:
    return {
        "row": line.row, "part": line.part, "commodity": line.commodity, "region": line.region,
        "country": line.origin, "supplier": line.supplier, "need_t_per_year": line.need,
        "stock_t": line.stock, "contract_share": line.contract_share,
        "contract_months": line.contract_months, "margin_kusd_per_t": line.margin,
        "second_country": line.second or None, "second_share": line.second_share,
        "notes": list(line.notes),
    }  # fmt: skip


def _stop(stop: LineStop) -> dict[str, Any]:
    return {
        "month": stop.month.median, "early": stop.month.early, "late": stop.month.late,
        "months": stop.months, "months_early": stop.months_early,
        "months_late": stop.months_late, "probability": stop.probability,
    }  # fmt: skip


def _band(band: Band | None) -> dict[str, float | None] | None:
    return None if band is None else asdict(band)


def _month(month: LineMonth) -> dict[str, Any]:
    return {
        "month": month.month, "arriving_t": month.arriving, "bought_t": month.bought,
        "drawn_t": month.drawn, "missing_t": month.missing, "stock_t": month.stock,
        "extra_cost_kusd": month.extra_cost, "has_price": month.has_price,
    }  # fmt: skip


def _remedy(row: LineRemedy) -> dict[str, Any]:
    return {
        "remedy": row.name, "what": row.sentence, "assumption": row.assumption,
        "stop": _stop(row.stop), "delay_months": row.delay_months, "averts_stop": row.averts_stop,
        "missing_averted_t": _band(row.missing_averted),
        "extra_cost_change_kusd": _band(row.extra_cost_change),
        "margin_saved_kusd": _band(row.margin_saved), "saved_kusd": _band(row.saved),
        "outlay_kusd": row.outlay,
    }  # fmt: skip


def _total(row: BookTotal) -> dict[str, Any]:
    return {
        "commodity": row.commodity or None, "lines": row.lines, "need_t": row.need,
        "lines_stopped": _band(row.stopped), "first_stop": _stop(row.first),
        "missing_t": _band(row.missing), "extra_cost_kusd": _band(row.extra_cost),
        "margin_lost_kusd": _band(row.margin_lost),
        "lines_without_margin": row.without_margin,
    }  # fmt: skip


def _fault(fault: BookFault) -> dict[str, Any]:
    return asdict(fault)


def answer_csv(found: Exposure) -> str:
    """Return a table with a row for each line of the book, those left out with their reason.

    Bands stand in three columns each: the median, ``_low`` and ``_high``.
    """
    ends = [f"{name}{end}" for name in _BANDS for end in ("", "_low", "_high")]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    headings = [*_HEADINGS, *ends, *_BEST, "left_out_because"]
    writer.writerow(headings)
    rows = [(answer.line.row, _answered(answer)) for answer in found.lines]
    blank = [""] * (len(headings) - 3)
    rows += [(f.row, [f.row, f.part, *blank, f.line()]) for f in found.book.faults]
    writer.writerows(row for _, row in sorted(rows, key=lambda pair: pair[0]))
    return out.getvalue()


def _answered(answer: LineAnswer) -> list[object]:
    line, stop = answer.line, answer.stop
    bands = (
        answer.missing, answer.price_cost, answer.replacement_cost, answer.extra_cost,
        answer.margin_lost,
    )  # fmt: skip
    return [
        line.row, line.part, line.commodity, line.region, line.origin, line.supplier, line.need,
        line.stock, stop.month.median, stop.month.early, stop.month.late, stop.probability,
        stop.months,
        *(end for band in bands for end in _ends(band)),
        *_best(answer),
        "",
    ]  # fmt: skip


def _ends(band: Band | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if band is None else (band.median, band.low, band.high)


def _best(answer: LineAnswer) -> tuple[object, ...]:
    best = answer.remedies[0]
    return best.name, best.saved.median, best.missing_averted.median, best.stop.month.median
