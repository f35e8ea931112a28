"""Pages and events as a terminal shows them."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monazite.desk.schema import Event

LONGEST_QUOTE = 160
"""Characters of evidence that a screen shows."""

_PASSWORD = re.compile(r"(://[^:/@]*):.*@")


def store_name(store: str) -> str:
    """Return the name of a store without its password.

    >>> store_name("postgresql://reader:secret@host/desk")
    'postgresql://reader:***@host/desk'
    """
    return _PASSWORD.sub(r"\1:***@", store)


def plain(text: str) -> str:
    """Return a text of a page on one line, without what could steer a terminal."""
    from monazite.desk.page import shown

    return " ".join(shown(text).split())


def cut(text: str) -> str:
    """Return the beginning of a text of a page, on one line."""
    line = plain(text)
    return f"{line[:LONGEST_QUOTE]} ..." if len(line) > LONGEST_QUOTE else line


def what(event: "Event") -> str:
    """Return what was done, in words."""
    from monazite.desk.schema import INSTRUMENTS

    return INSTRUMENTS[event.instrument].label


def who(event: "Event") -> str:
    """Return who acts on whom."""
    actors = ", ".join(event.actor)
    targets = ", ".join(event.target)
    return plain(f"{actors} → {targets}" if targets else actors)


def when(event: "Event") -> str:
    """Return the dates of an event."""
    told = (("on ", event.date), ("from ", event.effective), ("to ", event.end))
    return ", ".join(f"{word}{day}" for word, day in told if day)


def sizes(event: "Event") -> str:
    """Return the sizes of an event."""
    return plain(", ".join(f"{size.value:,.10g} {size.unit}" for size in event.magnitude))
