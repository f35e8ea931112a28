"""A page that nobody published, its events and what was drafted from them; all of it made up."""

from dataclasses import replace

from briefing_factory import briefing
from monazite.briefing.content import BriefingData
from monazite.desk.measures import AssumedSize, Drafted, Question, Unused
from monazite.desk.schema import (
    DateBasis,
    Dated,
    Direction,
    Event,
    Evidence,
    Line,
    Magnitude,
    Page,
    Precision,
    Role,
    Zone,
)
from monazite.scenario import Scenario

HOSTILE = "<script>alert(1)</script> & \u202eevil"
"""What a hostile page may hold anywhere."""

LINES = (
    (Zone.HEADLINE, "Example: China puts seven rare earths under licence"),
    (Zone.BODY, "China's commerce ministry said on April 4, 2025 that exports of seven rare earths "
                "to the United States need a licence with immediate effect."),
    (Zone.BODY, f"Japan holds 60 days of stock, an official said. {HOSTILE}"),
    (Zone.RELATED, f"Example: another story, told elsewhere {HOSTILE}"),
)  # fmt: skip


def page(url: str = "https://news.example/licences?id=1#top", site: str = "news.example") -> Page:
    """The made-up page."""
    lines, start = [], 0
    for zone, words in LINES:
        lines.append(Line(zone=zone, start=start, end=start + len(words)))
        start += len(words) + 1
    return Page(
        id="example",
        text="\n".join(words for _, words in LINES),
        lines=tuple(lines),
        url=url,
        site=site,
        published=Dated(value="2025-04-04", precision=Precision.DAY, basis=DateBasis.METADATA),
    )


def quoted(source: Page, field: str, words: str) -> Evidence:
    """What a field rests on."""
    start = source.text.index(words)
    zone = next(line.zone for line in source.lines if line.start <= start < line.end)
    return Evidence(field=field, zone=zone, start=start, end=start + len(words), text=words)


def events(source: Page) -> tuple[Event, ...]:
    """Two events of the page: one that becomes a measure and one that does not."""
    licence = Event(
        id="example-1", instrument="export_licence", direction=Direction.TIGHTEN,
        status="in_force", role=Role.MAIN, actor=("CHN",), target=("USA",),
        commodities=("rare earths",), date="2025-04-04", effective="2025-04-04", confidence=0.9,
        evidence=(
            quoted(source, "instrument", "need a licence"),
            quoted(source, "actor", "China's commerce ministry"),
            quoted(source, "target", "the United States"),
            quoted(source, "date", "April 4, 2025"),
            quoted(source, "effective", "with immediate effect"),
        ),
    )  # fmt: skip
    stock = Event(
        id="example-2", instrument="stockpile", direction=Direction.SUPPORT, status="reported",
        role=Role.SECONDARY, actor=("JPN",), confidence=0.5,
        magnitude=(Magnitude(value=60, unit="days", what="stock"),),
        evidence=(quoted(source, "magnitude", "60 days of stock"),),
    )  # fmt: skip
    return licence, stock


def drafted(
    *, reviewed: bool = False, url: str = "https://news.example/licences?id=1#top"
) -> Drafted:
    """What was drafted from the page."""
    source = page(url)
    return Drafted(
        scenario=Scenario(id="example", title="Example", start="2025-01"),
        pages=(source,),
        events=events(source),
        measures_of={"example-1": (1, 2)},
        assumed=(
            AssumedSize("example-1", "throughput", "40", "% of the base flow", HOSTILE, "assumed"),
        ),
        unused=(Unused("example-2", f"it gives no tonnes {HOSTILE}"),),
        questions=(Question("example-2", "tonnes", f"How many tonnes? {HOSTILE}", None),),
        reviewed=reviewed,
    )


def data(
    *, reviewed: bool = False, url: str = "https://news.example/licences?id=1#top"
) -> BriefingData:
    """A briefing that was made from the page."""
    return replace(briefing(), reading=drafted(reviewed=reviewed, url=url))
