"""The desk's store: one file of SQLite, or PostgreSQL by URL.

Reading order: ``records`` (what it gives back), ``tables``, ``database`` (opening, versions,
transactions), ``fingerprint``, ``pages``, ``events``, ``linking``, ``searching``,
``ledger`` (runs, reads, feeds), ``soundness``, ``store``.
"""

from monazite.desk.store.records import (
    EVERYTHING,
    MATCH_END,
    MATCH_START,
    STANDING,
    VOUCHED,
    Added,
    Census,
    EventFilter,
    FeedState,
    Hit,
    PageHead,
    ReadCount,
    Review,
    Run,
    State,
    StoredEvent,
    StoredLink,
    StoredPage,
)
from monazite.desk.store.store import Store, open_store

__all__ = [
    "EVERYTHING",
    "MATCH_END",
    "MATCH_START",
    "STANDING",
    "VOUCHED",
    "Added",
    "Census",
    "EventFilter",
    "FeedState",
    "Hit",
    "PageHead",
    "ReadCount",
    "Review",
    "Run",
    "State",
    "Store",
    "StoredEvent",
    "StoredLink",
    "StoredPage",
    "open_store",
]
