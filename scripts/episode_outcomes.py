"""Prices quoted during the quotas of 2010-12, as multiples of the mean of 2009."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chain_folder import Origin, as_text

FOB_2009: Mapping[str, float] = {
    "La": 4.88, "Ce": 3.88, "Nd": 19.12, "Sm": 3.4, "Eu": 492.92, "Tb": 361.67, "Dy": 115.67,
}  # fmt: skip
"""Mean of 2009, FOB China [USD/kg]."""
DUTY: Mapping[str, float] = {"Eu": 0.25, "Tb": 0.25, "Dy": 0.25}
"""Export duty of 2009-10; 15 % on the others."""


def inside_2009(element: str) -> float:
    """Return the price inside China in 2009, tax included: FOB without the duty."""
    return FOB_2009[element] / (1 + DUTY.get(element, 0.15))


@dataclass(frozen=True)
class Outcome:
    """A quote over its base; for a ratio, the quote outside over the quote inside.

    ``quote, base`` : USD/kg. ``stated`` : the multiple as the record of the first trial gives it.
    """

    item: str
    element: str
    market: str
    month: str
    quote: float
    base: float
    stated: float
    origin: Origin
    month_inside: str = ""

    def row(self) -> dict[str, str]:
        """Return the row of ``outcomes.csv``."""
        return {
            "episode": "quota-2010",
            "item": self.item,
            "commodity": "NdPr" if self.element == "Nd" else self.element,
            "quoted_element": self.element,
            "market": self.market,
            "month": self.month,
            "month_inside": self.month_inside,
            "observed_multiple": as_text(self.stated),
            "quote": as_text(self.quote),
            "base": as_text(self.base),
            "price_unit": "USD/kg",
            "unit": "1",
            "source": self.origin.source,
            "grade": self.origin.grade,
            "note": self.origin.note,
        }


_JULY = Origin("lynas-quotes-2010", "A", "spot of 26 July 2010, FOB")
_SECOND = Origin("lynas-quotes-2011", "A", "mean of the quarter, FOB; May stands for it")
_AUTUMN = Origin("lynas-quotes-2011", "A", "about, month of the article, FOB")
_END_2011 = Origin("usgs-mcs-2016-prices", "A", "middle of the range at the end of 2011")
_END_2012 = Origin("usgs-mcs-2016-prices", "A", "middle of the range at the end of 2012")
_TAX = "tax included on both sides: base is FOB 2009 without duty"

_OUTSIDE: tuple[tuple[str, str, Origin, tuple[tuple[str, float, float], ...]], ...] = (
    (
        "Jul10", "2010-07", _JULY,
        (("La", 12, 2.46), ("Ce", 10.5, 2.71), ("Nd", 42, 2.2), ("Dy", 280, 2.42)),
    ),
    (
        "Q2-11", "2011-05", _SECOND,
        (("La", 135, 27.66), ("Ce", 138, 35.57), ("Sm", 125, 36.76), ("Dy", 921.2, 7.96)),
    ),
    (
        "aut11", "2011-10", _AUTUMN,
        (("La", 80, 16.39), ("Ce", 80, 20.62), ("Nd", 260, 13.6), ("Dy", 2_300, 19.88)),
    ),
    (
        "end11", "2011-12", _END_2011,
        (
            ("La", 51, 10.45), ("Ce", 42.5, 10.95), ("Nd", 195, 10.2), ("Dy", 1_410, 12.19),
            ("Eu", 3_790, 7.69), ("Tb", 2_810, 7.77),
        ),
    ),
    (
        "end12", "2012-12", _END_2012,
        (("La", 10, 2.05), ("Ce", 11, 2.84), ("Nd", 77.5, 4.03), ("Dy", 615, 5.32)),
    ),
)  # fmt: skip
_INSIDE_SEP11 = Origin("lynas-quotes-2011", "A", _TAX)
_INSIDE_MAR12 = Origin("reuters-smm-quotes", "A", f"9 March 2012 at 6.3053 CNY; {_TAX}")
_INSIDE: tuple[tuple[str, str, Origin, tuple[tuple[str, float, float], ...]], ...] = (
    ("Sep11", "2011-09", _INSIDE_SEP11, (("La", 20.63, 4.86),)),
    (
        "Mar12", "2012-03", _INSIDE_MAR12,
        (
            ("La", 12.3, 2.9), ("Ce", 13.5, 4.0), ("Nd", 75.3, 4.58), ("Dy", 626, 6.75),
            ("Tb", 856, 2.96), ("Eu", 1_285, 3.26),
        ),
    ),
)  # fmt: skip
_BOTH = Origin("lynas-quotes-2011", "A", "export price over domestic price in the same article")
_LAGGED = Origin(
    "usgs-mcs-2016-prices", "D", "FOB at the end of 2011 over the price in China on 9 March 2012"
)
_RATIOS: tuple[tuple[str, str, str, float, float, float], ...] = (
    ("La", "2011-09", "2011-09", 80, 20.63, 3.9),
    ("Sm", "2011-09", "2011-09", 120, 17.14, 7.0),
    ("La", "2011-12", "2012-03", 51, 12.3, 4.15),
    ("Ce", "2011-12", "2012-03", 42.5, 13.5, 3.15),
    ("Nd", "2011-12", "2012-03", 195, 75.3, 2.59),
    ("Dy", "2011-12", "2012-03", 1_410, 626, 2.25),
)


def _all() -> Iterator[Outcome]:
    for when, month, origin, quotes in _OUTSIDE:
        for element, quote, stated in quotes:
            name = f"{element} FOB {when}"
            yield Outcome(name, element, "outside", month, quote, FOB_2009[element], stated, origin)
    for element, outside, inside, quote, base, stated in _RATIOS:
        is_same = outside == inside
        name = f"{element} FOB/in {'Sep11' if is_same else 'Mar12'}"
        source = _BOTH if is_same else _LAGGED
        yield Outcome(name, element, "ratio", outside, quote, base, stated, source, inside)
    for when, month, origin, quotes in _INSIDE:
        for element, quote, stated in quotes:
            base = inside_2009(element)
            yield Outcome(
                f"{element} in {when}", element, "inside", month, quote, base, stated, origin
            )


OUTCOMES = tuple(_all())

_QUOTED = {"licence_raw": "not stated", "licence_product": "single figures with attribution"}
SOURCES: Mapping[str, Mapping[str, str | int]] = {
    "lynas-quotes-2010": {
        "producer": "Lynas Corporation",
        "title": "Rare earth prices FOB China, 2007 to 26 July 2010",
        "year": 2010,
        "url": "https://www.raremetalblog.com/raremetalblog-readers-break-records-lynas-ree-"
        "numbers-kick-off-debate/",
        "note": "company table as reproduced at the address",
        **_QUOTED,
    },
    "lynas-quotes-2011": {
        "producer": "Mining.com quoting Lynas Corporation",
        "title": "Price of abundant rare earths could halve as hybrid makers find alternatives",
        "year": 2011,
        "url": "http://www.mining.com/price-of-abundant-rare-earths-could-halve-as-hybrid-makers-"
        "find-alternatives/",
        **_QUOTED,
    },
    "usgs-mcs-2016-prices": {
        "producer": "US Geological Survey",
        "title": "Mineral Commodity Summaries 2016, rare earths, prices at year-end",
        "year": 2016,
        "url": "https://docslib.org/doc/1659904/mineral-commodity-summaries-2016",
        "licence_raw": "US public domain",
        "licence_product": "US public domain",
    },
    "reuters-smm-quotes": {
        "producer": "Reuters from Shanghai Metals Market",
        "title": "Spot prices of major rare earths in China, 9 March 2012",
        "year": 2012,
        "url": "http://uk.reuters.com/article/china-rareearths-idUKL4E8E90XS20120309",
        **_QUOTED,
    },
}
