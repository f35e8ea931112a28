"""Pages and events for tests of the store; written by ourselves, no news of anybody."""

from monazite.desk.schema import (
    DateBasis,
    Dated,
    Direction,
    Event,
    Evidence,
    Line,
    Page,
    Precision,
    Role,
    Zone,
)

STORY = """Exampleland's ministry of trade said on Thursday that exports of dysprosium will need
a licence from December. Makers of magnets in Otherland hold stocks for six weeks, an example
association said. The rules list seven elements and name no quota for any of them."""


def page(number=1, *, story=STORY, headline="", language="en", menu="Home World Economy", **fields):
    """Make a page with a headline, paragraphs and a menu."""
    headline = headline or f"Example {number}: licences for dysprosium"
    text, lines = "", []
    told = [(Zone.HEADLINE, headline), *((Zone.BODY, line) for line in story.splitlines())]
    for zone, words in [(Zone.MENU, menu), *told]:
        lines.append(Line(zone=zone, start=len(text), end=len(text) + len(words)))
        text += words + "\n"
    given = {
        "id": f"page-{number}",
        "url": f"https://news.example/{number}",
        "site": "news.example",
        "published": Dated(value="2025-10-09", precision=Precision.DAY, basis=DateBasis.METADATA),
    }
    return Page(**(given | {"text": text, "lines": tuple(lines), "language": language} | fields))


def event(number=1, **fields):
    """Make an event; one piece of evidence."""
    given = {
        "instrument": "export_licence",
        "direction": Direction.TIGHTEN,
        "status": "announced",
        "role": Role.MAIN,
        "actor": ("CHN",),
        "target": ("*",),
        "commodities": ("dysprosium",),
        "date": "2025-10-09",
        "confidence": 0.8,
        "evidence": (
            Evidence(field="instrument", zone=Zone.BODY, start=60, end=69, text="a licence"),
        ),
    }
    return Event(id=f"page:{number}", **(given | fields))
