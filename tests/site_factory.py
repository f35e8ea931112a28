"""A site of example news, all of it made up for the tests: no page, event or date is real."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from monazite.briefing.site import SiteContent, SiteEvent, SitePage, SiteRun, SiteSettings
from monazite.briefing.site.content import SiteLink
from monazite.desk.links import LinkKind
from monazite.desk.schema import (
    INSTRUMENTS,
    DateBasis,
    Dated,
    Event,
    Evidence,
    Line,
    Magnitude,
    Page,
    Precision,
    Zone,
)

NOW = datetime(2031, 5, 14, 12, 0, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\u202e\u2066evil\"'><img src=x onerror=alert(1)>"


def page(number: int, published: str, headline: str, body: str, **more: Any) -> SitePage:
    """Return an example page whose text is its headline and one paragraph."""
    text = f"{headline}\n{body}"
    lines = (
        Line(zone=Zone.HEADLINE, start=0, end=len(headline)),
        Line(zone=Zone.BODY, start=len(headline) + 1, end=len(text)),
    )
    read = Page(
        id=f"example-{number}",
        text=text,
        lines=lines,
        url=more.pop("url", f"https://example.org/news/{number}"),
        site=more.pop("site", "example.org"),
        published=Dated(value=published, precision=Precision.DAY, basis=DateBasis.METADATA),
        **more,
    )
    return SitePage(number, read, datetime.fromisoformat(f"{published}T09:00:00+00:00"))


def event(
    number: int, on: SitePage, instrument: str, status: str, *, quotes: dict[str, str], **more: Any
) -> SiteEvent:
    """Return an example event whose fields quote words of its page."""
    reviewed = more.pop("reviewed", False)
    told = Event(
        id=f"e{number}",
        instrument=instrument,
        status=status,
        direction=more.pop("direction", INSTRUMENTS[instrument].direction),
        role="main",
        confidence=more.pop("confidence", 0.9),
        evidence=tuple(_evidence(on.page, field, words) for field, words in quotes.items()),
        **more,
    )
    return SiteEvent(number, told, on.number, reviewed=reviewed)


def _evidence(read: Page, field: str, words: str) -> Evidence:
    start = read.text.index(words)
    zone = next(line.zone for line in read.lines if line.start <= start < line.end)
    return Evidence(field=field, zone=zone, start=start, end=start + len(words), text=words)


def _pages() -> tuple[SitePage, ...]:
    return (
        page(1, "2031-05-14", "China to license gallium exports",
             "The commerce ministry in Beijing said on Wednesday that exports of gallium and "
             "germanium will need a licence from 1 June. The rule holds for all buyers."),
        page(2, "2031-05-14", "Gallium: Beijing brings in licences",
             "China announced licences for gallium on Wednesday, starting in June."),
        page(3, "2031-05-13", "Miners walk out at Alto Verde",
             "Some 1,800 workers of the Alto Verde union stopped work at the copper mine in Chile "
             "on Tuesday."),
        page(4, "2031-05-11", "Tokyo and Canberra sign minerals pact",
             "Japan and Australia signed an agreement on rare earths and magnets on 11 May."),
        page(5, "2031-05-08", "Washington lends to magnet maker",
             "The United States announced a loan of $150 million to Polaris Magnetics for heavy "
             "rare earths, repaid over 12 years."),
        page(6, "2031-04-30", "Jakarta denies nickel ban",
             "Indonesia denied on Wednesday that it plans to ban nickel ore exports."),
        page(7, "2031-04-22", "Kinshasa caps cobalt exports",
             "The Democratic Republic of Congo put a quota of 90,000 tonnes a year on cobalt "
             "exports from May 2031."),
        page(8, "2031-03-02", "China suspends rare earth licences",
             "Beijing suspended its export licences on rare earths until 2 March 2032."),
        page(9, "2030-11-20", "China tightens rare earth exports",
             "China put exports of rare earths to the United States under licence on 20 November."),
        page(10, "2031-05-02", "Chile: huelga en una planta de litio",
             "Una avería paró la planta de litio de Salar Norte en Chile el viernes.",
             language="es"),
    )  # fmt: skip


def _events(pages: Sequence[SitePage]) -> tuple[SiteEvent, ...]:
    p = {one.number: one for one in pages}
    return (
        event(1, p[1], "export_licence", "announced", actor=("CHN",), target=("*",),
              actor_name="the commerce ministry", commodities=("gallium", "germanium"),
              date="2031-05-14", effective="2031-06-01", reviewed=True,
              quotes={"instrument": "need a licence", "actor": "Beijing",
                      "commodities": "gallium and germanium", "date": "on Wednesday",
                      "effective": "from 1 June", "target": "all buyers",
                      "actor_name": "The commerce ministry"}),
        event(2, p[2], "export_licence", "announced", actor=("CHN",), target=("*",),
              commodities=("gallium",), date="2031-05-14", effective="2031-06",
              quotes={"instrument": "licences for gallium", "date": "on Wednesday"}),
        event(3, p[3], "strike", "occurred", actor=("Alto Verde union",), target=("CHL",),
              commodities=("copper",), date="2031-05-13", place="Alto Verde",
              magnitude=(Magnitude(value=1800, unit="worker"),),
              quotes={"instrument": "stopped work", "magnitude": "1,800 workers",
                      "date": "on Tuesday", "target": "Chile"}),
        event(4, p[4], "bilateral_deal", "signed", actor=("JPN", "AUS"), target=("JPN", "AUS"),
              commodities=("rare earths", "magnets"), date="2031-05-11", reviewed=True,
              quotes={"instrument": "signed an agreement", "date": "on 11 May"}),
        event(5, p[5], "loan", "announced", actor=("USA",), target=("Polaris Magnetics",),
              commodities=("heavy rare earths",), date="2031-05-08",
              magnitude=(Magnitude(value=1.5e8, unit="USD"), Magnitude(value=12, unit="year")),
              quotes={"instrument": "a loan", "magnitude": "$150 million"}),
        event(6, p[6], "export_ban", "denied", actor=("IDN",), target=("*",),
              commodities=("nickel",), date="2031-04-30", confidence=0.7,
              quotes={"instrument": "ban nickel ore exports", "status": "denied"}),
        event(7, p[7], "export_quota", "in_force", actor=("COD",), target=("*",),
              commodities=("cobalt",), effective="2031-05", date="2031-04-22",
              magnitude=(Magnitude(value=90000, unit="t/yr", what="quota"),),
              quotes={"instrument": "a quota", "magnitude": "90,000 tonnes a year",
                      "effective": "from May 2031"}),
        event(8, p[8], "export_licence", "suspended", actor=("CHN",), target=("*",),
              commodities=("rare earths",), date="2031-03-02", end="2032-03-02",
              direction="ease", reviewed=True, follows="suspends",
              quotes={"status": "suspended", "end": "until 2 March 2032"}),
        event(9, p[9], "export_licence", "in_force", actor=("CHN",), target=("USA",),
              commodities=("rare earths",), date="2030-11-20",
              quotes={"instrument": "under licence", "target": "the United States"}),
        event(10, p[10], "outage", "occurred", target=("CHL",), commodities=("lithium",),
              date="2031-05-02", place="Salar Norte", confidence=0.8,
              quotes={"instrument": "Una avería", "place": "Salar Norte"}),
        event(11, p[10], "outage", "reported", target=("CHL",), commodities=("lithium",),
              quotes={}),
        event(12, p[7], "local_processing", "planned", actor=("COD",), commodities=("cobalt",),
              quotes={}),
    )  # fmt: skip


def content(**more: Any) -> SiteContent:
    """Return twelve example events of ten example pages."""
    pages = _pages()
    links = (
        SiteLink(2, 1, LinkKind.DUPLICATES),
        SiteLink(8, 9, LinkKind.SUSPENDS),
    )
    run = SiteRun(
        number=1,
        made_at=NOW,
        title="Example",
        events=(1,),
        html={code: f"<!doctype html><html lang={code}><title>x</title></html>" for code in
              ("en", "ja", "ar", "es")},
    )  # fmt: skip
    given = {
        "events": _events(pages),
        "pages": pages,
        "links": links,
        "runs": (run,),
        "reads": {7: 3.5, 1: 2.0, 4: 1.0},
        "shares": {("CHN", "gallium"): 0.98},
    }
    return SiteContent(**(given | more))


def settings(**more: Any) -> SiteSettings:
    """Return settings at a moment that does not pass."""
    return SiteSettings(**({"now": NOW} | more))


def hostile() -> SiteContent:
    """Return content in which everything that a page can say tries to do harm."""
    bad = page(1, "2031-05-14", HOSTILE, f"{HOSTILE} banned {HOSTILE}",
               url="javascript:alert(1)", site=HOSTILE)  # fmt: skip
    worse = page(2, "2031-05-13", "x", "y", url="data:text/html,<script>alert(1)</script>")
    told = event(1, bad, "export_ban", "in_force", actor=(HOSTILE,), target=(HOSTILE, "../../etc"),
                 commodities=(HOSTILE, "{goods}[x]<a|b>"), place=HOSTILE, actor_name=HOSTILE,
                 date="2031-05-14", magnitude=(Magnitude(value=1, unit=HOSTILE, what=HOSTILE),),
                 quotes={"instrument": "banned"})  # fmt: skip
    other = event(2, worse, "strike", "occurred", actor=("%(x)s </title>",), quotes={})
    return SiteContent(events=(told, other), pages=(bad, worse))
