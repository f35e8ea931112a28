"""All pages of a site in one language: what is on each, where it stands, what it links to."""

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache

from monazite.briefing import wording
from monazite.briefing.language import Language, mark
from monazite.briefing.site import machine
from monazite.briefing.site.content import SiteEvent, SiteRun, SiteSettings
from monazite.briefing.site.news import Coverage, News
from monazite.briefing.site.views import (
    SEVERITIES,
    Card,
    Origin,
    Topic,
    TopicKind,
    Views,
    event_path,
)

SECTIONS_IN_MENU = 6
"""Commodities that the menu names."""
LATEST_ON_FRONT = 12
IN_FEED = 50
IN_TICKER = 10
BREAKING = timedelta(days=1)
"""How long an event stays in the ticker."""


@dataclass(frozen=True)
class NewsPage:
    """A page of the site.

    ``path`` : below the folder of its language, with the same name in every language.
    ``crumbs`` : names and paths of the pages above it. ``about`` : descriptions for programs.
    """

    path: str
    template: str
    title: str
    description: str
    crumbs: tuple[tuple[str, str], ...] = ()
    about: tuple[dict[str, object], ...] = ()
    content: dict[str, object] = field(default_factory=dict)


class Edition:
    """The site in one language.

    Parameters
    ----------
    news : News
        Events in their order and relations.
    language : Language
        Of the site's catalogue.
    settings : SiteSettings
        How the site is built.
    audio : callable
        Returns the sound file of an article (its path and its text given), or nothing.
    """

    def __init__(
        self,
        news: News,
        language: Language,
        settings: SiteSettings,
        audio: Callable[[str, str], str] = lambda _path, _text: "",
    ) -> None:
        self.news = news
        self.language = language
        self.settings = settings
        self.views = Views(news, language, settings)
        self._audio = audio

    @property
    def code(self) -> str:
        """The language by its code; the folder of its pages."""
        return self.language.code

    def words(self, message: str, **values: object) -> str:
        """Return a message of the site in its language."""
        return self.language.gettext(message, **values)

    @property
    def name(self) -> str:
        """What the site is called."""
        return self.words(mark("Monazite desk"))

    # What every page shows

    @cached_property
    def menu(self) -> list[tuple[str, str]]:
        """Names and paths of the menu: the largest sections and the standing pages."""
        goods = self.views.topics.get(TopicKind.GOODS, ())[:SECTIONS_IN_MENU]
        return [
            (self.words(mark("Front page")), "index.html"),
            *((topic.label, topic.path) for topic in goods),
            (self.words(mark("All topics")), "topics.html"),
            (self.words(mark("Coverage")), "coverage/index.html"),
            (self.words(mark("Briefings")), "briefings/index.html"),
        ]

    @cached_property
    def ticker(self) -> list[Card]:
        """The last day's acts, the most severe first."""
        since = self.settings.now.date() - BREAKING
        new = [i for i in self.news.acts if since <= self._day(i) <= self.settings.now.date()]
        return self.views.cards(sorted(new, key=lambda i: -self.news.severity(i))[:IN_TICKER])

    @cached_property
    def most_read(self) -> list[Card]:
        """What is read most, for the side of a page."""
        return self.views.cards(self.news.most_read(5))

    def _day(self, item: SiteEvent) -> date:
        return self.news.content.day(item)

    # Pages

    def sheets(self) -> Iterator[NewsPage]:
        """Yield all pages of the language."""
        yield self._front()
        yield from self._articles()
        for topics in self.views.topics.values():
            for topic in topics:
                yield from self._topic(topic)
        yield self._topics()
        yield self._coverages()
        yield from map(self._coverage, self.news.coverages)
        yield self._briefings()
        yield self._most_read()
        yield from self._listed("latest.html", self.words(mark("Latest")), self.news.acts)
        yield self._search()
        yield self._plain("about.html", "about", self.words(mark("About and methods")))
        yield self._plain("404.html", "missing", self.words(mark("Page not found")))

    def _front(self) -> NewsPage:
        acts = self.news.acts
        lead = self._lead()
        rest = [item for item in acts if item is not lead][:LATEST_ON_FRONT]
        return NewsPage(
            "index.html",
            "front",
            self.name,
            self.words(mark("What happens to critical minerals, event by event, with the words "
                            "that each rests on.")),
            about=({"@type": "WebSite", "name": self.name, "inLanguage": self.code},),
            content={
                "lead": self.views.card(lead) if lead else None,
                "lead_told": self.views.telling(lead).statements if lead else (),
                "latest": self.views.cards(rest),
                "is_more": len(acts) > len(rest) + 1,
                "coverages": [self._coverage_row(coverage) for coverage in self.news.coverages[:4]],
            },
        )  # fmt: skip

    def _lead(self) -> SiteEvent | None:
        """Return the most severe of the newest acts."""
        newest = self.news.acts[:LATEST_ON_FRONT]
        return max(newest, key=self.news.severity, default=None)

    def _articles(self) -> Iterator[NewsPage]:
        yield from map(self._article, self.news.content.events)

    def _article(self, item: SiteEvent) -> NewsPage:
        card, origin = self.views.card(item), self.views.origin(item)
        quotes = self.views.quotes(item)
        told = self.views.told(item, quotes)
        text = " ".join([card.headline, *(statement.text for statement in told)])
        others = [other for other in self.news.tellings[item.number] if other is not item]
        best = self.news.tellings[item.number][0]
        coverage = self.news.coverage_of.get(best.number)
        tags = self.views.tags(item.event)
        crumbs = [(self.name, "index.html")]
        if tags[0].kind == TopicKind.GOODS:
            crumbs.append((tags[0].label, tags[0].path))
        return NewsPage(
            card.path,
            "article",
            card.headline,
            told[0].text,
            crumbs=(*crumbs, (card.headline, card.path)),
            about=(self._described(item, card, tags, origin, text),),
            content={
                "card": card,
                "below_headline": [one for one in told if one.text in card.dek],
                "told": [one for one in told if one.text not in card.dek],
                "facts": self.views.facts(item, quotes),
                "quotes": quotes,
                "origin": origin,
                "others": [(self.views.card(o), self.views.origin(o)) for o in others],
                "minutes": self.language.reading_minutes(text),
                "tags": tags,
                "severity": self.words(SEVERITIES[card.severity]),
                "confidence": self.language.in_percent(f"{100 * item.event.confidence:.0f}"),
                "related": self.views.cards(self.news.related(item)),
                "read_next": self.views.cards(self.news.read_next(item)),
                "coverage": self._coverage_row(coverage) if coverage else None,
                "briefings": [self._run_row(run) for run in self._runs_of(item)],
                "sound": self._audio(card.path, text),
            },
        )

    def _described(
        self, item: SiteEvent, card: Card, tags: Sequence[Topic], origin: Origin, text: str
    ) -> dict[str, object]:
        """Return an article as schema.org has it."""
        made = self.news.content.page_of[item.page].read_at.date().isoformat()
        source: dict[str, object] = {"@type": "NewsArticle", "headline": origin.headline}
        source |= {"inLanguage": origin.language}
        source |= {"url": origin.url} if origin.url else {}
        source |= {"datePublished": origin.iso} if origin.iso else {}
        kinds: dict[str, str] = {TopicKind.GOODS: "Thing", TopicKind.REGIONS: "Place"}
        return {
            "@type": "NewsArticle",
            "headline": card.headline,
            "description": card.dek,
            "articleSection": card.section,
            "datePublished": made,
            "dateModified": made,
            "inLanguage": self.code,
            "wordCount": len(text.split()),
            "timeRequired": f"PT{self.language.reading_minutes(text)}M",
            "keywords": [topic.label for topic in tags],
            "author": machine.PUBLISHER,
            "publisher": machine.PUBLISHER,
            "about": [
                {"@type": kinds[topic.kind], "name": topic.label}
                for topic in tags
                if topic.kind in kinds
            ],
            "isBasedOn": source,
            "speakable": {"@type": "SpeakableSpecification", "cssSelector": ["h1", ".dek"]},
        }

    # Lists

    def _topic(self, topic: Topic) -> Iterator[NewsPage]:
        yield from self._listed(
            topic.path,
            topic.label,
            topic.events,
            above=((self.words(mark("All topics")), "topics.html"),),
        )

    def _listed(
        self,
        path: str,
        title: str,
        items: Sequence[SiteEvent],
        above: tuple[tuple[str, str], ...] = (),
    ) -> Iterator[NewsPage]:
        """Yield the pages of a list; the first has the plain name."""
        size = self.settings.page_size
        count = max(1, -(-len(items) // size))
        stem = path.removesuffix(".html")
        paths = [path, *(f"{stem}-page-{number}.html" for number in range(2, count + 1))]
        for place, own in enumerate(paths):
            yield NewsPage(
                own,
                "list",
                title if place == 0 else self._numbered(title, place + 1),
                self.words(mark("News on %(topic)s"), topic=title),
                crumbs=((self.name, "index.html"), *above, (title, path)),
                content={
                    "heading": title,
                    "cards": self.views.cards(items[place * size : (place + 1) * size]),
                    "newer": paths[place - 1] if place else "",
                    "older": paths[place + 1] if place + 1 < count else "",
                    "place": place + 1,
                    "count": count,
                },
            )

    def _numbered(self, title: str, number: int) -> str:
        return self.words(mark("%(title)s, page %(number)s"), title=title, number=number)

    def _topics(self) -> NewsPage:
        titles = {
            TopicKind.GOODS: self.words(mark("Goods")),
            TopicKind.REGIONS: self.words(mark("Regions")),
            TopicKind.MEASURES: self.words(mark("Instruments")),
            TopicKind.NAMES: self.words(mark("Companies and bodies")),
        }
        rows = [(titles[kind], self.views.topics.get(kind, ())) for kind in titles]
        shown = [(title, topics) for title, topics in rows if topics]
        return self._under_front("topics.html", "topics", mark("All topics"), kinds=shown)

    def _coverages(self) -> NewsPage:
        rows = [self._coverage_row(coverage) for coverage in self.news.coverages]
        return self._under_front("coverage/index.html", "coverages", mark("Coverage"), rows=rows)

    def _coverage_row(self, coverage: Coverage) -> dict[str, object]:
        newest = self.views.card(coverage.events[0])
        return {
            "title": self.views.coverage_title(coverage),
            "path": f"coverage/{coverage.number}.html",
            "count": len(coverage.events),
            "newest": newest,
        }

    def _coverage(self, coverage: Coverage) -> NewsPage:
        title = self.views.coverage_title(coverage)
        above = (self.words(mark("Coverage")), "coverage/index.html")
        path = f"coverage/{coverage.number}.html"
        return NewsPage(
            path,
            "coverage",
            title,
            self.views.telling(coverage.events[0]).statements[0].text,
            crumbs=((self.name, "index.html"), above, (title, path)),
            content={"heading": title, "cards": self.views.cards(coverage.events)},
        )

    def _briefings(self) -> NewsPage:
        runs = sorted(self.news.content.runs, key=lambda run: -run.number)
        rows = [self._run_row(run) for run in runs]
        return self._under_front("briefings/index.html", "briefings", mark("Briefings"), rows=rows)

    def _run_row(self, run: SiteRun) -> dict[str, object]:
        known = self.news.by_number
        events = [known[number].event for number in run.events if number in known]
        title = wording.title(events, self.code) if events else wording.safe_name(run.title)
        day = run.made_at.date().isoformat()
        return {
            "title": title,
            "path": f"briefings/{run.number}.html",
            "iso": day,
            "day": wording.day(day, self.code),
            "is_written": self.code in run.html,
        }

    def _runs_of(self, item: SiteEvent) -> list[SiteRun]:
        return [run for run in self.news.content.runs if item.number in run.events]

    def _most_read(self) -> NewsPage:
        cards = self.views.cards(self.news.most_read(20))
        return self._under_front("most-read.html", "most_read", mark("Most read"), cards=cards)

    def _search(self) -> NewsPage:
        index = [
            {"h": card.headline, "d": card.dek, "u": card.path, "t": card.day, "s": card.section}
            for card in self.views.cards(self.news.acts)
        ]
        return self._under_front(
            "search.html", "search", mark("Search"), index=machine.as_data(index)
        )

    def _plain(self, path: str, template: str, title: str) -> NewsPage:
        crumbs = ((self.name, "index.html"), (title, path))
        return NewsPage(path, template, title, title, crumbs=crumbs)

    def _under_front(self, path: str, template: str, message: str, **content: object) -> NewsPage:
        title = self.words(message)
        crumbs = ((self.name, "index.html"), (title, path))
        return NewsPage(path, template, title, title, crumbs=crumbs, content=content)

    # For programs

    def entries(self) -> list[machine.FeedEntry]:
        """Return what the feed of the language holds, the newest first."""
        return [
            machine.FeedEntry(
                path=f"{self.code}/{event_path(item)}",
                title=(telling := self.views.telling(item)).headline,
                summary=" ".join(statement.text for statement in telling.statements),
                updated=f"{self._day(item).isoformat()}T00:00:00Z",
                tags=tuple(topic.label for topic in self.views.tags(item.event)),
            )
            for item in self.news.acts[:IN_FEED]
        ]


@lru_cache(maxsize=4096)
def towards(path: str, target: str) -> str:
    """Return the way from one page of a site to another, as a relative address.

    Examples
    --------
    >>> towards("en/events/1.html", "en/index.html")
    '../index.html'
    """
    return posixpath.relpath(target, posixpath.dirname(path) or ".")
