"""What a page and an event are, and the code lists that events share with public databases.

Sources of the codes: Global Trade Alert (intervention types and their numbers), UNCTAD's MAST
chapters of non-tariff measures, OECD Inventory of export restrictions, CAMEO and PLOVER event
codes, IPTC media topics, ISO 3166-1 for states. A cell is empty where a list has no such thing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from monazite.desk import shipped
from monazite.errors import UnknownCodeError

EVERYBODY = "*"
"""Stands for all states as a target."""


class Zone(StrEnum):
    """What part of a page a line belongs to."""

    HEADLINE = "headline"
    DEK = "dek"
    BYLINE = "byline"
    SOURCE = "source"
    PUBLISHED = "published"
    SECTION = "section"
    TAGS = "tags"
    CAPTION = "caption"
    BODY = "body"
    READ_MORE = "read_more"
    RELATED = "related"
    MOST_READ = "most_read"
    READ_NEXT = "read_next"
    COVERAGE = "coverage"
    TICKER = "ticker"
    MENU = "menu"
    FOOTER = "footer"


TOLD = frozenset({Zone.HEADLINE, Zone.DEK, Zone.CAPTION, Zone.BODY})
"""Zones that tell the page's own story; only these yield events of the page."""
LEADS = frozenset({Zone.READ_MORE, Zone.RELATED, Zone.MOST_READ, Zone.READ_NEXT, Zone.TICKER})
"""Zones that point at other stories: leads, never events of the page."""


class Precision(StrEnum):
    """How much of a date the text gives."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class DateBasis(StrEnum):
    """What a date rests on."""

    GIVEN = "given"
    """The reader of the page said so."""
    METADATA = "metadata"
    BYLINE = "byline"
    CAPTION = "caption"
    TEXT = "text"
    WEEKDAY = "weekday"
    """Reckoned from the day of publication."""


class FrozenRecord(BaseModel):
    """A record that cannot be changed and takes no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``: as much as is known."""


class Dated(FrozenRecord):
    """A date as a text gives it. ``value`` : the first day, month or year that it names."""

    value: PartialDate
    precision: Precision
    basis: DateBasis


class Line(FrozenRecord):
    """A line of a page. ``start``, ``end`` : its place in the page's text, in characters."""

    zone: Zone
    start: int
    end: int


class Page(FrozenRecord):
    """A page as it was read: its text, cut into lines of which each belongs to a zone.

    ``id`` : name of the file or record. ``text`` : all lines, article and furniture.
    ``language`` : ISO 639-1. ``site`` : host that published it, or its name.
    """

    id: str
    text: str
    lines: tuple[Line, ...]
    url: str = ""
    site: str = ""
    language: str = "en"
    published: Dated | None = None
    title: str = ""
    """The title that the markup gives, where it is not in the text."""

    def words(self, *zones: Zone) -> tuple[str, ...]:
        """Return the lines of some zones."""
        return tuple(self.text[line.start : line.end] for line in self.lines if line.zone in zones)

    @property
    def headline(self) -> str:
        """The headline, or the title of the markup, or nothing."""
        return next(iter(self.words(Zone.HEADLINE)), self.title)

    @property
    def body(self) -> str:
        """The article's paragraphs."""
        return "\n".join(self.words(Zone.BODY))

    @property
    def leads(self) -> Iterator[Line]:
        """Lines that point at other stories."""
        return (line for line in self.lines if line.zone in LEADS)

    @cached_property
    def sha256(self) -> str:
        """Hash of the text: the same page read twice has the same."""
        return sha256(self.text.encode()).hexdigest()


class Role(StrEnum):
    """What an event is to the page that tells it."""

    MAIN = "main"
    SECONDARY = "secondary"
    BACKGROUND = "background"
    LEAD = "lead"


class Direction(StrEnum):
    """What an event does to supply."""

    TIGHTEN = "tighten"
    EASE = "ease"
    SUPPORT = "support"
    DISRUPT = "disrupt"
    RESTORE = "restore"


class Standing(StrEnum):
    """How far an act has come."""

    NOT_YET = "not yet real"
    DECIDED = "decided"
    IN_FORCE = "in force"
    OVER = "over"


STATUSES: Mapping[str, Standing] = MappingProxyType(
    {
        **dict.fromkeys(
            ("proposed", "threatened", "planned", "pending", "letter_of_interest",
             "possible_delay", "not_imposed", "denied", "dropped"),
            Standing.NOT_YET,
        ),
        **dict.fromkeys(
            ("reported", "announced", "approved", "signed", "adopted", "conditional", "ruled",
             "declared", "under_construction"),
            Standing.DECIDED,
        ),
        **dict.fromkeys(("in_force", "occurred", "extended", "licences_granted", "drawn"),
                        Standing.IN_FORCE),
        **dict.fromkeys(("ended", "ending", "suspended", "reduced"), Standing.OVER),
    }
)  # fmt: skip
"""Every status of an event, and how far the act has then come."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What others call an instrument.

    ``gta`` : Global Trade Alert's intervention type. ``mast`` : chapter of MAST. ``oecd`` :
    measure of the OECD Inventory. ``plover``, ``cameo`` : event codes. ``iptc`` : media topic.
    """

    gta: str = ""
    mast: str = ""
    oecd: str = ""
    plover: str = ""
    cameo: str = ""
    iptc: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A kind of act or shock.

    ``family`` : instruments that are easily taken for each other share one. ``direction`` :
    what it does to supply when it comes. ``label`` : words for people.
    """

    family: str
    direction: Direction
    label: str
    codes: Codes = Codes()


def _read_instruments() -> dict[str, Instrument]:
    return {row["instrument"]: _instrument(row) for row in shipped.rows("instruments.csv")}


def _instrument(row: Mapping[str, str]) -> Instrument:
    codes = Codes(**{field.name: row[field.name] for field in fields(Codes)})
    return Instrument(row["family"], Direction(row["direction"]), row["label"], codes)


INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(_read_instruments())
"""Every instrument by its code: some forty in events, a dozen levers in the model."""


class Evidence(FrozenRecord):
    """The words that a field rests on. ``start``, ``end`` : their place in the page's text."""

    field: str
    zone: Zone
    start: int
    end: int
    text: str


class Magnitude(FrozenRecord):
    """A size that the text gives.

    ``value`` : in ``unit``; money in units of the currency, tonnes in ``t`` or ``t/yr``,
    shares in ``%``, changes signed. ``what`` : what it is the size of.
    """

    value: float = Field(allow_inf_nan=False)
    unit: str
    what: str | None = None


class Event(FrozenRecord):
    """One act or one shock, as one page tells it.

    ``actor``, ``target`` : ISO 3166-1 alpha-3 codes of states (also EU, G7, WTO ...), else names;
    target ``*`` is everybody. ``actor_name`` : the body that acts for a state. ``date`` : day of
    the announcement or of the happening; ``effective``, ``end`` : what it holds from and to.
    ``magnitude`` : sizes in the text, none invented. ``follows`` : what it does to an earlier
    event (``extends``, ``suspends``, ``ends``, ``denies``). ``confidence`` : estimated chance that
    an analyst would call this an event of this page, with this instrument.
    """

    id: str
    instrument: str
    direction: Direction
    status: str
    role: Role
    actor: tuple[str, ...] = ()
    actor_name: str | None = None
    target: tuple[str, ...] = ()
    commodities: tuple[str, ...] = ()
    date: PartialDate | None = None
    effective: PartialDate | None = None
    end: PartialDate | None = None
    magnitude: tuple[Magnitude, ...] = ()
    place: str | None = None
    follows: str | None = None
    confidence: float = Field(ge=0, le=1)
    evidence: tuple[Evidence, ...] = ()

    @model_validator(mode="after")
    def _codes_are_known(self) -> Self:
        if self.instrument not in INSTRUMENTS:
            raise UnknownCodeError("instrument", self.instrument, INSTRUMENTS, where=self.id)
        if self.status not in STATUSES:
            raise UnknownCodeError("status", self.status, STATUSES, where=self.id)
        return self

    @property
    def codes(self) -> Codes:
        """What public databases call its instrument."""
        return INSTRUMENTS[self.instrument].codes
