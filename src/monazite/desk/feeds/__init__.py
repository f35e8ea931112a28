"""What comes in: pages out of files, and feeds that are watched.

Reading order: ``items`` (what a feed names or an archive holds), ``syndication`` (RSS, Atom, news
sitemaps), ``archives`` (saved pages, folders, WARC, JSON Lines), ``fetching``, ``robots``,
``polling`` (watching).
"""

from monazite.desk.feeds.archives import read_items, read_json_lines, read_warc, saved_pages
from monazite.desk.feeds.fetching import Bounds, Fetch, Reply, WebFetcher
from monazite.desk.feeds.items import Item, Refuse, normal_url, stop
from monazite.desk.feeds.polling import Clock, Happening, Notice, Pace, Shelf, WallClock, Watcher
from monazite.desk.feeds.syndication import read_syndication

__all__ = [
    "Bounds",
    "Clock",
    "Fetch",
    "Happening",
    "Item",
    "Notice",
    "Pace",
    "Refuse",
    "Reply",
    "Shelf",
    "WallClock",
    "Watcher",
    "WebFetcher",
    "normal_url",
    "read_items",
    "read_json_lines",
    "read_syndication",
    "read_warc",
    "saved_pages",
    "stop",
]
