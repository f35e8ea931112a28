"""An event in words of four languages: headline, dek and statements, from templates alone.

Nothing is said that is not a field of the event. A statement names the fields that it rests on,
so that a page can link it to the words that each of them quotes.

Templates are data (``data/wording/*.toml``). In a template ``{name}`` is a value, ``[...]`` is left
out where a value within it is missing, and ``<a|b>`` is a choice of form by the actors: in English
and Spanish one or several; in Arabic masculine, feminine, two masculine, two feminine. A sentence
is a template as a whole, with the order of words that its language wants.
"""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

from babel.numbers import format_compact_decimal, get_currency_name, get_currency_symbol

from monazite.briefing.language import Language
from monazite.desk.schema import (
    EVERYBODY,
    INSTRUMENTS,
    STATUSES,
    Direction,
    Event,
    Magnitude,
    Standing,
)
from monazite.errors import UnknownCodeError
from monazite.labels import GROUPS, REGIONS

LONGEST_NAME = 120
"""Letters of a name that are told; what is longer is no name."""

_MARK = re.compile(r"\[(?P<optional>[^\]]*)\]|\{(?P<value>\w+)\}|<(?P<choice>[^>]*)>")
_SPACES = re.compile(r"\s+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CONTRACTED = ((re.compile(r"\b([Dd])e el "), r"\1el "), (re.compile(r"\b([Aa]) el "), r"\1l "))
"""What Spanish makes of a preposition before the article of a name: *del Reino Unido*."""

_FIRST_STRONG, _END_OF_ISOLATE = "\u2068", "\u2069"
"""Keep a name of the other direction of writing from moving the words around it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence about an event. ``fields`` : names of the fields of the event that it rests on."""

    text: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """An event in words of a language.

    ``dek`` : the line below the headline; it repeats statements. ``statements`` : everything that
    is known, the news first.
    """

    headline: str
    dek: str
    statements: tuple[Statement, ...]


def tell(event: Event, language: str = "en") -> Telling:
    """Return an event in words.

    Parameters
    ----------
    event : Event
        What happened; fields that it lacks are not spoken of.
    language : str
        ``en``, ``ja``, ``ar`` or ``es``.

    Examples
    --------
    >>> event = Event(id="e1", instrument="export_ban", direction="tighten", status="in_force",
    ...     role="main", actor=("CHN",), target=("USA",), commodities=("gallium", "germanium"),
    ...     date="2024-12-03", confidence=0.9)
    >>> tell(event).headline
    'China bans exports of gallium and germanium to US'
    >>> tell(event, "es").statements[0].text
    'China prohibió el 3 de diciembre de 2024 la exportación de galio y germanio a Estados Unidos.'
    """
    return _Teller(event, _book(language)).telling()


def title(events: Sequence[Event], language: str = "en") -> str:
    """Return a title for what is made from events: the headlines of the first two."""
    book = _book(language)
    headlines = list(dict.fromkeys(tell(event, language).headline for event in events))
    return book.text("between_headlines").join(headlines[:2])


def description(events: Sequence[Event], language: str = "en") -> str:
    """Return what events say, each by its first statement."""
    book = _book(language)
    news = dict.fromkeys(tell(event, language).statements[0].text for event in events)
    return book.text("between_sentences").join(news)


def state_name(code: str, language: str = "en", *, brief: bool = False) -> str:
    """Return the name of a state or group, as news write it; a name that is no code as it is.

    ``brief`` : as headlines and labels write it.
    """
    return _book(language).state(code, brief=brief)


def commodity_name(name: str, language: str = "en") -> str:
    """Return the name of a commodity; one that is in no list as it is."""
    return _book(language).commodity(name)


def instrument_name(instrument: str, language: str = "en") -> str:
    """Return what an instrument is called."""
    return _label(language, "instruments", instrument)


def status_name(status: str, language: str = "en") -> str:
    """Return what a status is called."""
    return _label(language, "statuses", status)


def day(date: str, language: str = "en") -> str:
    """Return a date that may be partial, in words."""
    return _book(language).day(date)


def size(magnitude: Magnitude, language: str = "en") -> str:
    """Return a size with its unit; in English also what the text says that it is the size of."""
    return _book(language).size(magnitude)


def safe_name(text: str) -> str:
    """Return a name from a page on one line, without marks that steer a terminal or a browser."""
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return _SPACES.sub(" ", shown).strip()[:LONGEST_NAME].strip()


def fill(template: str, values: Mapping[str, str], form: int = 0) -> str:
    """Return a template with its values; nothing in a value is taken for a mark.

    Parameters
    ----------
    template : str
        With ``{name}``, ``[optional part]`` and ``<one|several>``.
    values : mapping
        Values by name; an empty one counts as missing.
    form : int
        Which of the choices; the last one where there are fewer.

    Raises
    ------
    KeyError
        If a value outside an optional part is missing: the template does not fit.
    """

    def replaced(mark: re.Match[str]) -> str:
        if (optional := mark["optional"]) is not None:
            is_whole = all(values.get(inner["value"]) for inner in _values_in(optional))
            return fill(optional, values, form) if is_whole else ""
        if (choice := mark["choice"]) is not None:
            forms = choice.split("|")
            return forms[min(form, len(forms) - 1)]
        return values[mark["value"]]

    return _MARK.sub(replaced, template)


def _values_in(template: str) -> Iterable[re.Match[str]]:
    return (mark for mark in _MARK.finditer(template) if mark["value"])


def _label(language: str, table: str, key: str) -> str:
    labels: Mapping[str, str] = _book(language).data[table]
    if key not in labels:
        raise UnknownCodeError(table, key, labels)
    return labels[key]


# A language ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Book:
    """Templates and names of a language. ``data`` : its file. ``names`` : by kind and key."""

    language: Language
    data: Mapping[str, Any]
    names: Mapping[tuple[str, str], str]

    def text(self, key: str) -> str:
        return str(self.data["texts"][key])

    def state(self, code: str, *, brief: bool = False) -> str:
        if code not in REGIONS and code not in GROUPS and ("region", code) not in self.names:
            return self.isolated(safe_name(code))
        own = self.names.get(("region", code))
        short = self.names.get(("brief region", code)) if brief else None
        if brief:
            return short or self.language.place(code)
        return own or self.language.place_in_sentence(code)

    def commodity(self, name: str) -> str:
        return self.names.get(("commodity", name)) or self.isolated(safe_name(name))

    def listed(self, names: Iterable[str]) -> str:
        known = list(dict.fromkeys(name for name in names if name))
        if len(known) == 2 and "pair" in self.data["texts"]:
            return fill(self.text("pair"), {"first": known[0], "second": known[1]})
        return self.language.listed(known) if known else ""

    def isolated(self, name: str) -> str:
        """Return a name so that its direction of writing stays its own."""
        is_rtl = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in name)
        is_ltr = any(unicodedata.bidirectional(sign) == "L" for sign in name)
        mixed = is_rtl if self.language.direction == "ltr" else is_ltr
        return f"{_FIRST_STRONG}{name}{_END_OF_ISOLATE}" if mixed else name

    def dated(self, key: str, date: str | None) -> str:
        """Return a date with its preposition, or nothing."""
        if not date:
            return ""
        precise = "day" if len(date) == len("YYYY-MM-DD") else "other"
        return fill(self.data["dates"][key][precise], {"date": self.day(date)})

    def day(self, date: str) -> str:
        """Return a date; a lone year as its language marks it."""
        if len(date) == len("YYYY") and "year" in self.data["texts"]:
            return fill(self.text("year"), {"year": date})
        return self.language.day(date)

    def form(self, actors: Sequence[str]) -> int:
        """Return which form of a verb the actors take."""
        several = len(actors) > 1
        if "masculine" not in self.data:
            return int(several)
        masculine = [actor in self.data["masculine"] for actor in actors]
        if len(actors) == 2:
            return 2 if any(masculine) else 3
        return 0 if masculine and masculine[0] and not several else 1

    def size(self, magnitude: Magnitude) -> str:
        figure = self._figure(magnitude)
        if self.language.code == "en" and magnitude.what:
            return f"{figure} ({safe_name(magnitude.what)})"
        return figure

    def _figure(self, magnitude: Magnitude) -> str:
        value, unit = magnitude.value, magnitude.unit
        if unit == "%":
            return self.language.in_percent(self._decimal(value))
        if _CURRENCY.fullmatch(unit):
            return self._money(value, unit)
        words = self.data["units"].get(unit)
        if words is None:
            return f"{self._decimal(value)} {self.isolated(safe_name(unit))}"
        form = self.language.locale.plural_form(abs(value))
        return fill(words.get(form, words["other"]), {"n": self._decimal(value)})

    def _decimal(self, value: float) -> str:
        places = len(f"{value:.4f}".rstrip("0").partition(".")[2])
        return self.language.decimal(value, places)

    def _money(self, value: float, currency: str) -> str:
        locale = self.language.locale
        is_round = abs(value) >= 1e6
        amount = self._millions(value) if is_round else self._decimal(value)
        names = {
            "amount": amount,
            "symbol": str(get_currency_symbol(currency, locale=locale)),
            "currency": str(get_currency_name(currency, count=2, locale=locale)),
        }
        return fill(self.text("round_money" if is_round else "money"), names)

    def _millions(self, value: float) -> str:
        """Return a large amount with its power of ten in words."""
        if "millions" in self.data["texts"]:  # Spanish counts thousands of millions
            return fill(self.text("millions"), {"n": self._decimal(value / 1e6)})
        kind: Literal["short", "long"] = "short" if self.language.code == "ja" else "long"
        return str(
            format_compact_decimal(
                value, format_type=kind, locale=self.language.locale, fraction_digits=2
            )
        )

    def finished(self, text: str) -> str:
        """Return a text with a capital first and the contractions of its language."""
        if self.language.code == "es":
            for pattern, contracted in _CONTRACTED:
                text = pattern.sub(contracted, text)
        first = text.removeprefix(_FIRST_STRONG)[:1]
        return text.replace(first, first.upper(), 1) if first else text


@cache
def _book(language: str) -> _Book:
    folder = _folder()
    known = Language(language)
    data = tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
    rows = csv.DictReader((folder / "names.csv").read_text(encoding="utf-8").splitlines())
    names = {(row["kind"], row["key"]): row[language] for row in rows if row[language]}
    return _Book(known, data, names)


class _Part(IntEnum):
    """Which of the templates of an act is meant."""

    HEADLINE = 0
    NEWS = 1


@cache
def _rules() -> Mapping[str, Any]:
    return tomllib.loads((_folder() / "rules.toml").read_text(encoding="utf-8"))


def _folder() -> Traversable:
    return resources.files("monazite.briefing") / "data" / "wording"


# An event ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Teller:
    """Chooses the templates for an event."""

    event: Event
    book: _Book

    def telling(self) -> Telling:
        statements = (self._news(), *self._details())
        return Telling(self._headline(), self._dek(statements), statements)

    def _headline(self) -> str:
        values = self._values(brief=True)
        text = fill(self._frame(_Part.HEADLINE), values, self._form)
        if self._leaves_goods_out:
            text = fill(self.book.text("about"), {**values, "headline": text})
        return self.book.finished(text)

    def _news(self) -> Statement:
        text = fill(self._frame(_Part.NEWS), self._values(brief=False), self._form)
        told = ("instrument", "status", "direction", "actor", "target", "commodities", "date")
        left_out = {"commodities"} if self._leaves_goods_out else set()
        fields = (name for name in told if getattr(self.event, name) and name not in left_out)
        return self._statement(text, *fields)

    def _dek(self, statements: Sequence[Statement]) -> str:
        """Return when it holds and how much it is, else how far it has come."""
        wanted = [s.text for s in statements[1:] if {"effective", "end", "magnitude"} & {*s.fields}]
        return self.book.text("between_sentences").join(wanted[:2] or [statements[-1].text])

    @property
    def _leaves_goods_out(self) -> bool:
        """Whether the template of a happening has no room for the goods."""
        is_general = self._happens and self._act not in self.book.data["happenings"]
        return is_general and bool(self.event.commodities)

    # Which template

    @cached_property
    def _parties(self) -> tuple[str, ...]:
        """Who acts; all parties where states agree on something."""
        actors = self.event.actor
        if self.event.instrument in _rules()["between_parties"]:
            actors += tuple(name for name in self.event.target if name != EVERYBODY)
        return tuple(dict.fromkeys(actors))

    @property
    def _form(self) -> int:
        return self.book.form(self._parties)

    @property
    def _phrases(self) -> Mapping[str, str]:
        phrases: Mapping[str, str] = self.book.data["measures"][self.event.instrument]
        return phrases

    @property
    def _happens(self) -> bool:
        """Whether nobody decides it: then who is hit stands in the phrase itself."""
        return "does" not in self._phrases

    @property
    def _act(self) -> str:
        """What is done: the status, unless the direction says that it is eased or over."""
        status, direction = self.event.status, self.event.direction
        own = INSTRUMENTS[self.event.instrument].direction
        if direction is Direction.EASE and own is Direction.TIGHTEN:
            return str(_rules()["easing"].get(status, status))
        relieved = direction in (Direction.EASE, Direction.RESTORE)
        if self._happens and relieved and status in ("occurred", "in_force"):
            return "ended"
        return status

    def _frame(self, part: _Part) -> str:
        """Return the template of the headline or of the news."""
        alone = self._happens or not self._parties
        if self._happens and self._act in self.book.data["happenings"]:
            return str(self.book.data["happenings"][self._act][part])
        if not alone and self._act in ("in_force", "occurred"):
            return self._phrases["did" if part else "does"]
        return str(self.book.data["acts"][self._act][2 * part + alone])

    # What fills it

    def _values(self, *, brief: bool) -> dict[str, str]:
        values = {
            "actor": self._named(self._parties, brief=brief),
            **self._others(brief=brief),
            "goods": self._goods,
            "on": self.book.dated("on", self.event.date),
        }
        phrases = self._phrases
        noun = fill(phrases["noun"], values, self._form)
        default = str(self.book.data["texts"].get("object", "{noun}"))
        return {
            **values,
            "noun": noun,
            "new": phrases.get("a", "") + noun,
            "known": self._known(values, noun),
            "object": fill(phrases.get("object", default), {**values, "noun": noun}, self._form),
        }

    def _known(self, values: Mapping[str, str], noun: str) -> str:
        if "known" in self._phrases:
            return fill(self._phrases["known"], values, self._form)
        return self._phrases.get("the", "") + noun

    @property
    def _goods(self) -> str:
        goods = self.book.listed(map(self.book.commodity, self.event.commodities))
        return goods or (
            str(self.book.data["texts"].get("unnamed_goods", "")) if self._aims else ""
        )

    def _others(self, *, brief: bool) -> dict[str, str]:
        """Return who is aimed at or hit: all of them, the states and the others."""
        target = [n for n in self.event.target if n != EVERYBODY and n not in self._parties]
        actors = list(self._parties) if self._happens else []
        states = [name for name in (*target, *actors) if self._is_state(name)]
        return {
            "target": self._named(target, brief=brief),
            "land": self._named(states, brief=brief),
            "firm": self._named([n for n in target if not self._is_state(n)], brief=brief),
            "doer": self._named([n for n in actors if not self._is_state(n)], brief=brief),
        }

    def _is_state(self, name: str) -> bool:
        return name in REGIONS or name in GROUPS or ("region", name) in self.book.names

    def _named(self, names: Iterable[str], *, brief: bool) -> str:
        return self.book.listed(self.book.state(name, brief=brief) for name in names)

    # Details

    def _details(self) -> Iterable[Statement]:
        if self._leaves_goods_out:
            yield self._said("goods", {"goods": self._goods}, "commodities")
        yield from self._window()
        if self.event.magnitude:
            sizes = self.book.text("between_sizes").join(map(self.book.size, self.event.magnitude))
            yield self._said("sizes", {"sizes": sizes}, "magnitude")
        if self.event.target == (EVERYBODY,) and self._aims and self._tense != "happened":
            intended = self._tense == "intended"
            yield self._said("everybody_intended" if intended else "everybody", {}, "target")
        if self.event.actor_name:
            body = self.book.isolated(safe_name(self.event.actor_name))
            yield self._said("body", {"body": body}, "actor_name")
        if self.event.place:
            place = self.book.isolated(safe_name(self.event.place))
            yield self._said("place", {"place": place}, "place")
        if self.event.follows in self.book.data["follows"]:
            yield self._statement(self.book.data["follows"][self.event.follows], "follows")
        yield self._standing()

    @property
    def _aims(self) -> bool:
        return self.event.instrument in _rules()["aims_at_states"]

    def _window(self) -> Iterable[Statement]:
        """When it holds; of a suspension, how long."""
        values = {
            "from": self.book.dated("from", self.event.effective),
            "until": self.book.dated("until", self.event.end),
        }
        if not any(values.values()):
            return
        kind = "suspended" if self.event.status == "suspended" else self._tense
        fields = [name for name in ("effective", "end") if getattr(self.event, name)]
        key = "both" if len(fields) == 2 else fields[0]
        yield self._statement(fill(self.book.data["window"][kind][key], values), *fields)

    @property
    def _tense(self) -> str:
        """Whether it applies, would apply, or has dates of which the text says no more."""
        standing, family = STATUSES[self.event.status], INSTRUMENTS[self.event.instrument].family
        is_rule = family in _rules()["families_of_rules"]
        if not is_rule or standing is Standing.OVER or self.event.status in _rules()["refusals"]:
            return "happened"
        return "intended" if standing is Standing.NOT_YET else "applies"

    def _standing(self) -> Statement:
        words = self.book.data["statuses"][self.event.status]
        standing = STATUSES[self.event.status].name.lower()
        is_open = standing == "decided" and not self.event.effective and self._aims
        key = "decided_only" if is_open else standing
        key = "decided" if self.event.status in _rules()["refusals"] else key
        return self._said(key, {"status": words}, "status")

    def _said(self, key: str, values: Mapping[str, str], *fields: str) -> Statement:
        return self._statement(fill(self.book.text(key), values), *fields)

    def _statement(self, text: str, *fields: str) -> Statement:
        return Statement(self.book.finished(text), fields)
