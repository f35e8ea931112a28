"""The language of a page: its messages, its way to write figures and dates, its names of things.

Messages are English sentences with named places, ``%(name)s``; catalogues under ``locale`` hold
their translations and are read as they are written, so nothing has to be compiled. English needs
no catalogue. Digits, separators, plural forms, months and states come from Unicode's CLDR.
"""

import csv
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from monazite.errors import UnknownCodeError
from monazite.labels import END_USES, REGIONS, region_name

LANGUAGES = ("en", "ja", "ar", "es")
"""Languages that pages are written in, by ISO 639-1, in the order of a language switch."""

_TAKES_ARTICLE = frozenset({"Netherlands", "Philippines", "Bahamas", "Gambia"})

ENGLISH_FROM, ENGLISH_TO = "\u2066", "\u2069"
"""What English words stand between in a text of another language: an isolate from left to right."""

_JOINED = re.compile(r"\b([Dd]e|[Aa]) el\b")
"""Spanish prepositions that melt with the article: *del Reino Unido*, *al resto del mundo*."""

_SOUNDS_AS_I = re.compile(r"(?:h?i(?!e|a)|h?í)", re.IGNORECASE)
"""Start of a word before which the Spanish *y* becomes *e*: *China e India*."""


def mark(message: str) -> str:
    """Return a message as it is: marks it for the catalogue where it is translated later."""
    return message


@dataclass(frozen=True, slots=True)
class Phrase:
    """A message whose language is chosen later. ``values`` : what fills its places, by name."""

    message: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.message % dict(self.values)


@dataclass(frozen=True)
class Language:
    """A language of pages.

    Parameters
    ----------
    code : str
        ISO 639-1: ``en``, ``ja``, ``ar`` or ``es``.
    domain : str
        Which catalogue its messages are looked up in: ``briefing`` or ``site``.

    Raises
    ------
    UnknownCodeError
        If no pages are written in it.
    """

    code: str
    domain: str = "briefing"

    def __post_init__(self) -> None:
        if self.code not in LANGUAGES:
            raise UnknownCodeError("language", self.code, LANGUAGES)

    # Messages

    def gettext(self, message: str, /, **values: object) -> str:
        """Return a message in this language, its places filled; without values they stay open."""
        return self._filled(self._found(message), values)

    def ngettext(self, singular: str, plural: str, n: float, /, **values: object) -> str:
        """Return the form of a message for a number; ``%(num)s`` is the number itself."""
        return self._filled(self._form(singular, plural, n), values and {"num": n} | values)

    def pgettext(self, context: str, message: str, /, **values: object) -> str:
        """Return a message that means different things in different contexts."""
        return self._filled(self._found(message, context), values)

    def npgettext(
        self, context: str, singular: str, plural: str, n: float, /, **values: object
    ) -> str:
        """Return the form for a number of a message in a context."""
        return self._filled(
            self._form(singular, plural, n, context), values and {"num": n} | values
        )

    def phrase(self, phrase: Phrase) -> str:
        """Return a phrase in this language."""
        return self.gettext(phrase.message, **dict(phrase.values))

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        filled = text % values if values else text
        return _JOINED.sub(r"\1l", filled) if self.code == "es" else filled

    def _found(self, message: str, context: str | None = None) -> str:
        if self.code == "en":
            return message
        found = catalogue(self.code, self.domain).get(message, context)
        return str(found.string) if found is not None and found.string else message

    def _form(self, singular: str, plural: str, n: float, context: str | None = None) -> str:
        if self.code == "en":
            return singular if n == 1 else plural
        book = catalogue(self.code, self.domain)
        found = book.get(singular, context)
        if found is None or not isinstance(found.string, tuple | list):
            return singular if n == 1 else plural
        return found.string[_plural_index(self.code, n)]

    # Writing

    @property
    def name(self) -> str:
        """What its readers call the language."""
        return str(self._writing["name"])

    @property
    def direction(self) -> str:
        """Direction of its lines: ``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)

    @cached_property
    def locale(self) -> Locale:
        """Its locale in CLDR."""
        return Locale.parse(self._writing["locale"])

    @property
    def _writing(self) -> Mapping[str, Any]:
        return _ways_of_writing()[self.code]

    @property
    def minus(self) -> str:
        """The sign in front of a negative figure."""
        return str(self._writing["minus"])

    def decimal(self, value: float, places: int = 0) -> str:
        """Return a figure with so many decimals, digits grouped, a minus in front if negative."""
        rounded = Decimal(f"{abs(value):.{places}f}")
        pattern = "#,##0" + ("." + "0" * places if places else "")
        text = format_decimal(rounded, format=pattern, locale=self.locale)
        group = self._writing.get("group")
        text = text.replace(",", group) if group else text
        return (self.minus if value < 0 and rounded else "") + text

    def in_percent(self, figure: str) -> str:
        """Return a figure that is written already, as percent."""
        return str(self._writing["percent"]).format(n=figure)

    def as_multiple(self, figure: str) -> str:
        """Return a figure that is written already, as a multiple of something."""
        return str(self._writing["multiple"]).format(n=figure)

    def money_scales(self) -> tuple[tuple[float, str], ...]:
        """Return sizes in US dollars with the text from there upwards, the largest first."""
        return tuple((step["from"], step["text"]) for step in self._writing["money"])

    def month(self, label: str) -> str:
        """Return ``2025-04`` as ``April 2025``; what is no month stays as it is."""
        return self._dated(label, "month")

    def short_month(self, label: str) -> str:
        """Return ``2025-04`` as ``Apr 25``, for the axis of a chart."""
        return self._dated(label, "short_month")

    def day(self, value: str | date) -> str:
        """Return ``2025-05-03`` as ``3 May 2025``; a month by `month`, a year as it is."""
        if not isinstance(value, date):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return self.month(str(value))
        return str(format_date(value, self._writing["day"], locale=self.locale))

    def _dated(self, label: str, pattern: str) -> str:
        if len(label) != len("YYYY-MM"):
            return label
        try:
            first = date.fromisoformat(f"{label}-01")
        except ValueError:
            return label
        return str(format_date(first, self._writing[pattern], locale=self.locale))

    def listed(self, names: Sequence[str]) -> str:
        """Return names as a list in a sentence: ``a, b and c``."""
        if self.code == "en":  # without the comma that CLDR puts before the last
            return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        text = str(format_list(list(names), locale=self.locale))
        if self.code == "es" and len(names) > 1 and _SOUNDS_AS_I.match(names[-1]):
            text = f"{text.removesuffix(f' y {names[-1]}')} e {names[-1]}"
        return text

    def reading_minutes(self, text: str) -> int:
        """Return in how many minutes a text is read, at least one."""
        by_letters = self._writing["reads"] == "letters"
        signs = len("".join(text.split())) if by_letters else len(text.split())
        return max(1, round(signs / float(self._writing["signs_a_minute"])))

    # Names of things

    def place(self, code: str) -> str:
        """Return the name of a region or group; a code that no list knows stands for itself."""
        if self.code == "en":
            return region_name(code)
        own = self._named("region", code)
        if own is not None:
            return own
        if code not in REGIONS:
            return code
        return str(self.locale.territories.get(REGIONS[code].spellings[0], REGIONS[code].name))

    def place_in_sentence(self, code: str) -> str:
        """Return the name of a region as it stands after a preposition: ``the United States``."""
        if self.code != "en":
            return self._named("region in a sentence", code) or self.place(code)
        name = region_name(code)
        takes_article = name.startswith(("United ", "Rest of")) or name in _TAKES_ARTICLE
        lowered = name[0].lower() + name[1:] if name.startswith("Rest of") else name
        return f"the {lowered}" if takes_article else name

    def short_place(self, code: str) -> str:
        """Return the name of a region where there is little room, as in a figure."""
        return self._named("region in a figure", code) or self.place(code)

    def commodity(self, name: str) -> str:
        """Return the name of a good, by its English name; an unknown one stands for itself."""
        return self._named("commodity", name) or name

    def goods(self, words: str) -> str | None:
        """Return English words for several goods, such as ``ores``; None if they are none."""
        return self._named("goods", words)

    def element(self, symbol: str) -> str:
        """Return the name of a chemical element; an unknown symbol stands for itself."""
        return self._named("element", symbol) or symbol

    def group(self, name: str) -> str:
        """Return the name of a group of regions in a figure, by its English name."""
        return self._named("group", name) or name

    def use(self, code: str) -> str:
        """Return what an end use is called in a sentence; an unknown one stands for itself."""
        return self._named("use", code) or END_USES.get(code, code)

    def stock(self, kind: str) -> str:
        """Return what a kind of stock is called; an unknown one stands for itself."""
        return self._named("stock", kind) or kind

    def stage(self, code: str) -> str:
        """Return what a stage of the chain is called; an unknown one stands for itself."""
        return self._named("stage", code) or code

    def package(self, name: str) -> str:
        """Return what a package of support is called; an unknown one stands for itself."""
        return self._named("package", name) or name

    def cost_line(self, name: str) -> str:
        """Return what a line of the cost of a plan is called; an unknown one stands for itself."""
        return self._named("cost line", name) or name

    def status(self, name: str) -> str:
        """Return what a status of a project is called; an unknown one stands for itself."""
        return self._named("status", name) or name

    def finance_term(self, name: str) -> str:
        """Return what a term of project finance is called; an unknown one stands for itself."""
        return self._named("finance term", name) or name.replace("_", " ")

    def unit(self, code: str) -> str:
        """Return what a unit of money is called; another one stands for itself."""
        return self._named("unit", code) or code

    def english(self, text: str) -> str:
        """Return English words as they stand in a text of this language, so that a page marks them.

        Nothing is put around them in English, nor around what is empty.
        """
        if self.code == "en" or not text:
            return text
        return f"{ENGLISH_FROM}{text}{ENGLISH_TO}"

    def _named(self, kind: str, key: str) -> str | None:
        return _names()[self.code].get((kind, key))


ENGLISH = Language("en")
"""The language of the messages themselves."""


@cache
def catalogue(code: str, domain: str) -> Catalog:
    """Return the catalogue of a language and domain; an empty one where none was written yet."""
    place = files("monazite.briefing") / "locale" / code / "LC_MESSAGES" / f"{domain}.po"
    if not place.is_file():
        return Catalog(locale=code, domain=domain)
    with place.open("rb") as file:
        return read_po(file, locale=code, domain=domain)


@cache
def plural_forms(code: str) -> tuple[str, ...]:
    """Return CLDR's plural forms of a language, in the order in which catalogues list them."""
    order = ("zero", "one", "two", "few", "many", "other")
    known = {*Locale.parse(code).plural_form.tags, "other"}
    return tuple(name for name in order if name in known)


def _plural_index(code: str, n: float) -> int:
    """Place of the form for a number among the forms that a catalogue lists."""
    return plural_forms(code).index(Locale.parse(code).plural_form(n))


@cache
def _ways_of_writing() -> Mapping[str, Mapping[str, Any]]:
    file = files("monazite.briefing") / "data" / "writing.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _names() -> Mapping[str, Mapping[tuple[str, str], str]]:
    """Names by language, kind and key; a key without a name in a language is left out."""
    file = files("monazite.briefing") / "data" / "names.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    return {
        code: {(row["kind"], row["key"]): row[code] for row in rows if row[code]}
        for code in LANGUAGES
    }
