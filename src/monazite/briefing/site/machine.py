"""A site for programs: descriptions in JSON-LD, the list of its pages, addresses."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup

PUBLISHER = {"@type": "NewsMediaOrganization", "name": "Monazite desk"}


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An event in a feed. ``path`` : from the root of the site. ``updated`` : ISO 8601."""

    path: str
    title: str
    summary: str
    updated: str
    tags: tuple[str, ...]

    @property
    def identity(self) -> str:
        """A name that stays the same wherever the site stands."""
        return identity(self.path)


def identity(path: str) -> str:
    """Return a lasting name for a page of a site."""
    return uuid5(NAMESPACE_URL, f"monazite:{path}").urn


def as_json_ld(*things: dict[str, object]) -> Markup:
    """Return descriptions as JSON that is safe within a page."""
    content: object = {"@context": "https://schema.org", "@graph": list(things)}
    return as_data(content)


def as_data(content: object) -> Markup:
    """Return JSON in which nothing can be taken for a mark."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # nothing is left in it that a page could take for a mark


def breadcrumb_list(crumbs: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return where a page stands, as schema.org has it; without addresses where none is known."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name}
            | ({"item": address} if address else {})
            for place, (name, address) in enumerate(crumbs, start=1)
        ],
    }
