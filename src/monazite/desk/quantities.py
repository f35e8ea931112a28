"""The sizes that a text gives: money, prices, masses, shares, counts and lengths of time.

A size is a figure with its unit; a figure without one (a year, a section of a law, the score of a
match) is none. A bare ``$`` is the currency of the publisher, which the caller says.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from monazite.desk import shipped
from monazite.desk.numerals import (
    Finder,
    Numeral,
    articles_of,
    find_durations,
    find_numbers,
    lower,
    read_figure,
)


class QuantityKind(StrEnum):
    """What a size is the size of."""

    MONEY = "money"
    PRICE = "price"
    MASS = "mass"
    RATE = "rate"
    SHARE = "share"
    DURATION = "duration"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A size that a text gives.

    ``value`` : in ``unit``, as the text says it: 40 for 40 %. ``unit`` : a currency (ISO 4217),
    ``USD/kg``, ``t``, ``t/yr``, ``%``, ``percentage point``, a length of time (``year``) or the
    thing counted (``worker``). ``signed`` : the text says that it is a change, up or down.
    """

    start: int
    end: int
    value: float
    unit: str
    kind: QuantityKind
    signed: bool = False


class _Tables(NamedTuple):
    """The words of ``data/quantities.toml``."""

    percent: list[str]
    points: list[str]
    yearly: list[str]
    later_yearly: list[str]
    not_yearly: list[str]
    annual: list[str]
    down: list[str]
    up: list[str]
    less: list[str]
    more: list[str]
    hedges: list[str]
    not_a_share: list[str]
    not_counted: list[str]
    fractions: Mapping[str, float]
    scales: Mapping[str, float]
    currencies: Mapping[str, str]
    masses: Mapping[str, float]
    rates: Mapping[str, float]
    per: Mapping[str, str]
    counted: Mapping[str, str]
    hosts: Mapping[str, str]
    countries: Mapping[str, str]


def _read_tables() -> _Tables:
    return _Tables(**shipped.toml("quantities.toml"))


_TABLES = _read_tables()
_DOWN, _UP = frozenset(_TABLES.down), frozenset(_TABLES.up)
_LESS, _MORE = frozenset(_TABLES.less), frozenset(_TABLES.more)
_HEDGES, _ANNUAL = frozenset(_TABLES.hedges), frozenset(_TABLES.annual)
_NOT_YEARLY, _NOT_A_SHARE = frozenset(_TABLES.not_yearly), frozenset(_TABLES.not_a_share)


def currency_of(url: str, site: str = "", country: str | None = None) -> str:
    """Return what a bare ``$`` means to a publisher; US dollars where nothing speaks against it.

    Parameters
    ----------
    url : str
        Address of the page; its host decides unless the country is known.
    site : str
        Host or name of the publisher, where the address is unknown.
    country : str, optional
        ISO 3166-1 alpha-3 code of the publisher's country.

    Examples
    --------
    >>> currency_of("https://www.example.com.au/mining/story")
    'AUD'
    """
    if country is not None and country in _TABLES.countries:
        return _TABLES.countries[country]
    for host in (_host(url), _host(site)):
        for end, currency in _TABLES.hosts.items():
            if host.endswith(end):
                return currency
    return "USD"


def _host(url: str) -> str:
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def _either(words: Mapping[str, object] | list[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(rf"{re.escape(word)}{_edge(word)}" for word in longest_first)


def _edge(word: str) -> str:
    """Return what must follow a word: none of its letters, unless it is a sign or CJK."""
    return r"(?![a-zà-ÿ])" if word[-1].isalpha() and ord(word[-1]) < 0x3000 else ""


_SIGN = re.compile(rf"(?<![a-z])(?:{_either(_TABLES.currencies)}|\$|¥)\s?$")
_SIGN_REACH = 12
_SIGN_ENDS = frozenset(sign[-1] for sign in (*_TABLES.currencies, "$", "¥"))
"""What the sign of a currency ends with."""
_SCALE = re.compile(rf"[\s-]?(?P<scale>{_either(_TABLES.scales)})")
_CJK_SCALES = frozenset("万萬億亿兆")
_CJK_REST = re.compile(r"(?P<figure>\d[\d,.]{0,12})(?P<scale>[万萬億亿]?)")
_GAP = r"[\s-]{0,2}"
_SHARE_TAIL = re.compile(
    rf"{_GAP}(?:(?P<points>{_either(_TABLES.points)})|(?P<tenths>割)|(?:{_either(_TABLES.percent)}))"
)
_MONEY_TAIL = re.compile(
    rf"{_GAP}(?:(?:of|de)\s|d['’])?(?P<money>{_either(_TABLES.currencies)}|dollars?\b|won\b)"
)
_MASS_TAIL = re.compile(
    rf"{_GAP}(?:de\s)?(?:(?P<rate>{_either(_TABLES.rates)})"
    rf"|(?:(?:dry|wet)\s)?(?P<mass>{_either(_TABLES.masses)}))"
)
_YEARLY = re.compile(rf"\s?(?:{_either(_TABLES.yearly)})(?!\s(?:ago|earlier|before|later))")
_LATER_YEARLY = re.compile(
    rf"\s(?P<goods>[^\d\n.;,:()]{{1,60}}?)\s(?:{_either(_TABLES.later_yearly)})"
    r"(?!\s(?:ago|earlier|before|later))"
)
_PER = re.compile(
    rf"\s?(?:/\s?|per\s|a\s|an\s|la\s|par\s|por\s|je\s)(?P<per>{_either(_TABLES.per)})"
)
_COUNT_TAIL = re.compile(
    rf"[ \u00a0-]?(?:(?!(?:{'|'.join(_TABLES.not_counted)})\b)[^\W\d][\w'’-]{{0,20}} ){{0,4}}?"
    rf"(?P<noun>{_either(_TABLES.counted)})"
)
_JOINT = re.compile(r"\s?(?:[-–—]|to|or|a|à|y|et|bis)\s?|\s(?:and|und)\s")
_BETWEEN = re.compile(r"\b(?:between|entre|zwischen)\s(?:[a-z]{0,3}[$€£¥₹])?$")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_AFTER = re.compile(r"[^\n.;:!?]{0,80}")

_TOO_MANY_MEGATONNES = 1000
"""From this figure on MT and MTPA are metric tonnes, not millions of them."""


class _Page(NamedTuple):
    lowered: str
    currency: str
    language: str


class _Found(NamedTuple):
    """A size before it is known whether it is a change. ``is_scaled`` : "billion" was said."""

    end: int
    value: float
    unit: str
    kind: QuantityKind
    is_scaled: bool = False


class _Figure(NamedTuple):
    """A number with the sign of a currency before it, and the size that it makes, if any."""

    begin: int
    number: Numeral
    sign: str
    found: _Found | None


def find_quantities(
    text: str, *, currency: str = "USD", language: str = "en", start: int = 0
) -> tuple[Quantity, ...]:
    """Find every size in a text, in the order of the text.

    Parameters
    ----------
    text : str
        A sentence or a whole page.
    currency : str
        What a bare ``$`` means here; see :func:`currency_of`.
    language : str
        ISO 639-1; says which words are numbers, and whether 5,4 is five and four tenths.
    start : int
        Where the text begins in a longer one; added to every place.

    Examples
    --------
    >>> [(one.value, one.unit) for one in find_quantities("US$150M, 40 percent smaller, 10ktpy")]
    [(150000000.0, 'USD'), (-40.0, '%'), (10000.0, 't/yr')]
    """
    page = _Page(lower(text), currency, language)
    parts = [*_sizes(page), *_durations(page), *_fractions(page)]
    parts.sort(key=lambda one: (one.start, -one.end))
    apart = _apart(parts)
    if not start:
        return tuple(apart)
    return tuple(replace(one, start=one.start + start, end=one.end + start) for one in apart)


def _apart(parts: list[Quantity]) -> Iterator[Quantity]:
    free = 0
    for one in parts:
        if one.start >= free:
            free = one.end
            yield one


def _durations(page: _Page) -> Iterator[Quantity]:
    for one in find_durations(page.lowered, language=page.language):
        yield Quantity(one.start, one.end, one.value, one.unit, QuantityKind.DURATION)


_FRACTIONS = Finder(_TABLES.fractions)


def _fractions(page: _Page) -> Iterator[Quantity]:
    for begin, end in _FRACTIONS.find(page.lowered):
        before = _WORD.findall(page.lowered[max(0, begin - 12) : begin])
        if before and before[-1] in _NOT_A_SHARE:
            continue
        value = _TABLES.fractions[page.lowered[begin:end]]
        # "of" and "the" belong to what follows
        last = page.lowered.rindex(" ", begin, end)
        yield Quantity(begin, last, value, "%", QuantityKind.SHARE)


def _following(page: _Page, end: int) -> tuple[str, ...]:
    clause = _AFTER.match(page.lowered, end)
    return tuple(_WORD.findall(clause[0])[:8]) if clause else ()


def _sizes(page: _Page) -> Iterator[Quantity]:
    previous: _Figure | None = None
    free = 0
    for number in _numbers(page):
        if number.start < free:
            continue
        figure = _figure(page, number, previous)
        if previous and _is_lower_end(page, previous, figure):
            previous = _as_lower_end(previous, figure)
        if previous and previous.found:
            yield _quantity(page, previous, previous.found)
        free = figure.found.end if figure.found else number.end
        previous = figure
    if previous and previous.found:
        yield _quantity(page, previous, previous.found)


@cache
def _ones(language: str) -> Finder:
    """Find "a million", "half a billion": an article that stands for a number."""
    scales = [word for word in _TABLES.scales if len(word) > 3]
    return Finder([f"{one} {scale}" for one in articles_of(language) for scale in scales])


def _numbers(page: _Page) -> list[Numeral]:
    found = find_numbers(page.lowered, language=page.language)
    for begin, end in _ones(page.language).find(page.lowered):
        phrase = page.lowered[begin:end]
        article = next(one for one in articles_of(page.language) if phrase.startswith(f"{one} "))
        value = 0.5 if page.lowered[max(0, begin - 5) : begin] == "half " else 1.0
        found.append(Numeral(begin, begin + len(article), value, article))
    found.sort()
    return found


def _figure(page: _Page, number: Numeral, previous: _Figure | None) -> _Figure:
    before = page.lowered[max(0, number.start - _SIGN_REACH) : number.start]
    sign = _SIGN.search(before) if before.rstrip()[-1:] in _SIGN_ENDS else None
    begin = number.start - (len(before) - sign.start() if sign else 0)
    mark = sign[0].strip() if sign else ""
    figure = _Figure(begin, number, mark, None)
    if not mark and previous and previous.sign and _are_joined(page, previous, figure):
        mark = previous.sign
    found = _measure(page, number, mark)
    if found is None or found.kind not in {QuantityKind.MONEY, QuantityKind.PRICE}:
        begin = number.start
    return _Figure(begin, number, mark, found)


def _are_joined(page: _Page, previous: _Figure, figure: _Figure) -> bool:
    """Whether two figures are the ends of a range: 14-19%, between 260 and 270 million tonnes."""
    end = previous.found.end if previous.found else previous.number.end
    joint = _JOINT.fullmatch(page.lowered, end, figure.begin)
    if joint is None or previous.number.value > figure.number.value:
        return False
    if joint[0].strip() in {"and", "und", "y", "et"}:
        reach = max(0, previous.number.start - 20)
        return _BETWEEN.search(page.lowered[reach : previous.number.start]) is not None
    return True


def _is_lower_end(page: _Page, previous: _Figure, figure: _Figure) -> bool:
    """Whether a figure takes its unit, or its "billion", from the upper end of its range."""
    low, high = previous.found, figure.found
    if low and not (
        high and high.is_scaled and not low.is_scaled and low.end == previous.number.end
    ):
        return False
    return _are_joined(page, previous, figure)


def _as_lower_end(previous: _Figure, figure: _Figure) -> _Figure:
    found, number = figure.found, figure.number
    if found is None or not number.value:
        return previous
    value = previous.number.value * (found.value / number.value)
    return previous._replace(found=found._replace(end=previous.number.end, value=value))


def _measure(page: _Page, number: Numeral, sign: str) -> _Found | None:
    value, end = number.value, number.end
    share = None if sign else _SHARE_TAIL.match(page.lowered, end)
    if share:
        unit = "percentage point" if share["points"] else "%"
        return _Found(share.end(), value * (10 if share["tenths"] else 1), unit, QuantityKind.SHARE)
    scaled, place = _scaled(page, value, end)
    if sign:
        unit = page.currency if sign == "$" else _TABLES.currencies.get(sign, "")
        unit = unit or ("CNY" if "yuan" in page.lowered[place : place + 20] else "JPY")
        return _priced(page, place, scaled, unit)._replace(is_scaled=place > end)
    found = _named(page, place, scaled, number, is_scaled=place > end)
    if found or place == end:
        return found and found._replace(is_scaled=place > end)
    return _named(page, end, value, number, is_scaled=False)


def _scaled(page: _Page, value: float, end: int) -> tuple[float, int]:
    """Return a number times the million that follows, and the end of both."""
    scale = _SCALE.match(page.lowered, end)
    if scale is None:
        return value, end
    value, end = value * _TABLES.scales[scale["scale"]], scale.end()
    rest = _CJK_REST.match(page.lowered, end) if scale["scale"] in _CJK_SCALES else None
    if rest:
        figure = read_figure(rest["figure"])
        if figure is not None:
            return value + figure * _TABLES.scales.get(rest["scale"], 1), rest.end()
    return value, end


def _named(
    page: _Page, end: int, value: float, number: Numeral, *, is_scaled: bool
) -> _Found | None:
    """Read what stands after the figure: tonnes, yuan, workers."""
    mass = _MASS_TAIL.match(page.lowered, end)
    if mass:
        return _mass(page, mass, value)
    money = _MONEY_TAIL.match(page.lowered, end)
    if money and (is_scaled or money["money"] != "won"):
        unit = "KRW" if money["money"] == "won" else page.currency
        return _priced(page, money.end(), value, _TABLES.currencies.get(money["money"], unit))
    if len(number.text) == 4 and 1900 <= value <= 2099 and number.text.isdecimal():
        return None
    count = _COUNT_TAIL.match(page.lowered, end)
    if count:
        return _Found(count.end(), value, _TABLES.counted[count["noun"]], QuantityKind.COUNT)
    return None


def _priced(page: _Page, end: int, value: float, unit: str) -> _Found:
    per = _PER.match(page.lowered, end)
    if per is None:
        return _Found(end, value, unit, QuantityKind.MONEY)
    return _Found(per.end(), value, f"{unit}/{_TABLES.per[per['per']]}", QuantityKind.PRICE)


def _mass(page: _Page, tail: re.Match[str], value: float) -> _Found:
    is_huge = value >= _TOO_MANY_MEGATONNES
    if tail["rate"]:
        factor = (
            1.0 if is_huge and tail["rate"] in {"mtpa", "mtpy"} else _TABLES.rates[tail["rate"]]
        )
        return _Found(tail.end(), value * factor, "t/yr", QuantityKind.RATE)
    factor = 1.0 if is_huge and tail["mass"] == "mt" else _TABLES.masses[tail["mass"]]
    yearly = _yearly_end(page, tail)
    if yearly is None:
        return _Found(tail.end(), value * factor, "t", QuantityKind.MASS)
    return _Found(yearly, value * factor, "t/yr", QuantityKind.RATE)


def _yearly_end(page: _Page, tail: re.Match[str]) -> int | None:
    """Return where a mass that is one of every year ends, or nothing if it is none.

    In "5 tonnes of oxide a year" the goods stand between; they are no part of the size.
    """
    yearly = _YEARLY.match(page.lowered, tail.end())
    if yearly:
        return yearly.end()
    afar = _LATER_YEARLY.match(page.lowered, tail.end())
    if afar and not _NOT_YEARLY.intersection(afar["goods"].split()[-1:]):
        return tail.end()
    before = _WORD.findall(page.lowered[max(0, tail.start() - 60) : tail.start()])[-5:]
    return tail.end() if _ANNUAL.intersection(before) else None


def _quantity(page: _Page, figure: _Figure, found: _Found) -> Quantity:
    is_share = found.kind is QuantityKind.SHARE
    side = _side(page, figure.begin, _following(page, found.end)) if is_share else 0
    value = -found.value if side < 0 else found.value
    return Quantity(figure.begin, found.end, value, found.unit, found.kind, side != 0)


def _side(page: _Page, begin: int, after: tuple[str, ...]) -> int:
    """Return -1 where the text says that a share is a fall, 1 where a rise, 0 where neither."""
    if page.lowered[max(0, begin - 1) : begin] in {"-", "−"} and _is_apart(page.lowered, begin - 1):
        return -1
    if after and after[0] in _LESS:
        return -1
    if after and after[0] in _MORE:
        return 1
    before = _WORD.findall(page.lowered[max(0, begin - 50) : begin])
    while before and (before[-1] in _HEDGES or before[-1:] == ["than"]):
        # "less than 5%" is a bound and not a fall
        is_bound = before.pop() == "than"
        if is_bound and before:
            before.pop()
    if before and before[-1] in _DOWN:
        return -1
    return 1 if before and before[-1] in _UP else 0


def _is_apart(lowered: str, place: int) -> bool:
    return place == 0 or not (lowered[place - 1].isalnum() or lowered[place - 1] == "%")
