"""What a site is made from: events with their pages, links, briefings and reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from types import MappingProxyType

from monazite.briefing.language import LANGUAGES
from monazite.desk.links import LinkKind
from monazite.desk.schema import Event, Page
from monazite.errors import InputError, UnknownCodeError


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page that was read. ``number`` : in the store. ``read_at`` : when."""

    number: int
    page: Page
    read_at: datetime


@dataclass(frozen=True, slots=True)
class SiteEvent:
    """An event. ``number`` : in the store. ``page`` : number of the page that tells it.

    ``reviewed`` : somebody stands for it.
    """

    number: int
    event: Event
    page: int
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class SiteLink:
    """What one event is to another, by their numbers."""

    event: int
    other: int
    kind: LinkKind


@dataclass(frozen=True, slots=True)
class SiteRun:
    """A briefing. ``events`` : numbers of those it was made from. ``html`` : by language.

    ``digest`` : of what it was made from; the same digest, the same briefing.
    """

    number: int
    made_at: datetime
    title: str
    events: tuple[int, ...]
    html: Mapping[str, str]
    digest: str = ""


@dataclass(frozen=True)
class SiteContent:
    """Everything that a site tells.

    ``reads`` : how much each page is read, by its number, old reads counting less. ``shares`` :
    share of a commodity's base supply that a region holds, where a chain of ours says so.

    Raises
    ------
    InputError
        If an event's page is not among the pages.
    """

    events: tuple[SiteEvent, ...] = ()
    pages: tuple[SitePage, ...] = ()
    links: tuple[SiteLink, ...] = ()
    runs: tuple[SiteRun, ...] = ()
    reads: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    shares: Mapping[tuple[str, str], float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for item in self.events:
            if item.page not in self.page_of:
                raise InputError(
                    f"its page, number {item.page}, is missing",
                    where=f"event {item.number}",
                    way_out="give every event's page",
                )

    @cached_property
    def page_of(self) -> Mapping[int, SitePage]:
        """Pages by number."""
        return {page.number: page for page in self.pages}

    def day(self, item: SiteEvent) -> date:
        """Return the first day that an event's date can mean; without one, its page's."""
        told = self.page_of[item.page]
        published = told.page.published
        given = item.event.date or (published.value if published else None)
        return first_day(given) if given else told.read_at.date()


@dataclass(frozen=True)
class SiteSettings:
    """How a site is built.

    Parameters
    ----------
    now : datetime
        When it is built; decides what is new. The same content and moment give the same files.
    languages : tuple of str
        In the order of the language switch.
    base_url : str
        Address at which the site will stand; needed for the maps of the site only.
    audio : bool
        Also make sound files, where espeak-ng is installed.
    page_size : int
        Events on one page of a list.

    Raises
    ------
    UnknownCodeError
        If no pages are written in a language.
    InputError
        If there is no language, or the moment has no time zone.
    """

    now: datetime
    languages: tuple[str, ...] = LANGUAGES
    base_url: str = ""
    audio: bool = False
    page_size: int = 20

    def __post_init__(self) -> None:
        for code in self.languages:
            if code not in LANGUAGES:
                raise UnknownCodeError("language", code, LANGUAGES)
        if not self.languages:
            raise InputError("a site needs a language", way_out=f"one of {', '.join(LANGUAGES)}")
        if self.now.tzinfo is None:
            raise InputError("the moment has no time zone", way_out="give it in UTC")
        if self.base_url and not self.base_url.startswith(("https://", "http://")):
            raise InputError(
                f"'{self.base_url}' is no address of the web", way_out="begin it with https://"
            )

    @property
    def root(self) -> str:
        """The address of the site with a slash behind it; empty where it is not known."""
        return f"{self.base_url.rstrip('/')}/" if self.base_url else ""

    @property
    def moment(self) -> str:
        """When it is built, as machines write it."""
        return self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def first_day(value: str) -> date:
    """Return the first day of a date that may be partial.

    Raises
    ------
    InputError
        If there is no such day.

    Examples
    --------
    >>> first_day("2025-04")
    datetime.date(2025, 4, 1)
    """
    try:
        return date.fromisoformat(value + "-01-01"[len(value) - len("YYYY") :])
    except ValueError as fault:
        raise InputError(f"there is no day '{value}'", way_out="write it YYYY-MM-DD") from fault
