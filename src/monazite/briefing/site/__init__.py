"""The desk's news site: static pages in four languages that need no server and no other host.

Reading order: ``content`` (what it is made from), ``news`` (what is related, how severe),
``views`` (what a page shows), ``machine`` (feeds, maps and descriptions for programs), ``aloud``
(sound files), ``pages`` (all pages of a site), ``writing`` (a folder that is swapped in whole).
"""

from monazite.briefing.site.content import SiteContent, SiteEvent, SitePage, SiteRun, SiteSettings
from monazite.briefing.site.writing import Built, build

__all__ = ["Built", "SiteContent", "SiteEvent", "SitePage", "SiteRun", "SiteSettings", "build"]
