"""The news site: whole, valid, inert, the same again, and never half written."""

import json
import os
import re
import stat
import xml.etree.ElementTree as ET
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import feedparser
import pytest

import site_factory as factory
from monazite.briefing.language import LANGUAGES
from monazite.briefing.site import SiteContent, SiteSettings, build
from monazite.briefing.site import writing as site_writing
from monazite.briefing.site.aloud import speak
from monazite.briefing.site.content import SiteLink, first_day
from monazite.briefing.site.news import News, Ranking
from monazite.briefing.site.views import slug, topic_keys
from monazite.desk.links import LinkKind
from monazite.errors import InputError, UnknownCodeError

SOURCES = "example.org"


class Marks(HTMLParser):
    """Collects what a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data: list[str] = []
        self.scripts: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        (self.scripts if self._in == "script" else self.data).append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "public"
    build(factory.content(), folder, factory.settings(page_size=3))
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Marks]:
    """All pages of the site except the briefings, which are written elsewhere."""
    paths = [p for p in sorted(site.rglob("*.html")) if not re.search(r"briefings/\d+", str(p))]
    return {p.relative_to(site).as_posix(): Marks(p.read_text(encoding="utf-8")) for p in paths}


def test_every_link_within_the_site_resolves(site, pages):
    for path, page in pages.items():
        links = [a["href"] for name in ("a", "link") for a in page.all(name) if a.get("href")]
        links += [a["src"] for a in page.all("script") if a.get("src")]
        for link in links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (site / path).parent / unquote(parts.path) if parts.path else site / path
            assert target.resolve().is_file(), (path, link)
            if parts.fragment:
                assert {"id": parts.fragment}.items() <= {
                    key: value for _, a in page.tags for key, value in a.items()
                    if (key, value) == ("id", parts.fragment)
                }.items(), (path, link)  # fmt: skip


def test_every_page_has_a_language_a_direction_a_title_and_one_heading(pages):
    for path, page in pages.items():
        html = page.all("html")[0]
        assert html["lang"] in LANGUAGES
        assert html["dir"] == ("rtl" if html["lang"] == "ar" else "ltr")
        assert len(page.all("h1")) == 1, path
        assert len(page.all("title")) == 1
        assert len(page.all("main")) == 1


def test_every_page_describes_itself_to_programs(pages):
    for path, page in pages.items():
        found = json.loads(next(text for text in page.scripts if "schema.org" in text))
        kinds = [thing["@type"] for thing in found["@graph"]]
        assert kinds, path
        if "/events/" in path:
            assert kinds == ["NewsArticle", "BreadcrumbList"]
            article = found["@graph"][0]
            assert article["headline"]
            assert article["isBasedOn"]["url"].startswith("https://example.org/")
            assert article["inLanguage"] == path[:2]


def test_no_page_loads_from_or_points_to_another_host_but_its_sources(pages):
    for path, page in pages.items():
        for tag, attributes in page.tags:
            for name in ("href", "src"):
                address = urlsplit(attributes.get(name) or "")
                if address.scheme:
                    assert (tag, address.scheme, address.hostname) == ("a", "https", SOURCES), path
                    assert "noreferrer" in attributes["rel"]
                    assert "nofollow" in attributes["rel"]


def test_every_page_forbids_what_is_not_its_own(pages):
    for page in pages.values():
        policy = next(
            a["content"] for a in page.all("meta")
            if a.get("http-equiv") == "Content-Security-Policy"
        )  # fmt: skip
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not any(name.startswith("on") or name == "style" for _, a in page.tags for name in a)
        assert all(
            a.get("src") or a["type"] in ("application/ld+json", "application/json")
            for a in page.all("script")
        )


def test_every_statement_leads_to_the_words_it_rests_on(site):
    page = next(site.glob("en/events/1-*")).read_text(encoding="utf-8")
    assert "<mark>need a licence</mark>" in page
    assert "https://example.org/news/1#:~:text=need%20a%20licence" in page
    assert 'href="#note-1"' in page


def test_what_nobody_has_reviewed_says_so(site):
    notice = "Nobody has reviewed this"
    assert notice not in next(site.glob("en/events/1-*")).read_text(encoding="utf-8")
    assert notice in next(site.glob("en/events/3-*")).read_text(encoding="utf-8")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_feed_is_valid_atom(site, code):
    text = (site / code / "feed.xml").read_text(encoding="utf-8")
    parsed = feedparser.parse(text)
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert len(parsed.entries) == 11
    assert len({entry.id for entry in parsed.entries}) == 11
    for entry in parsed.entries:
        assert entry.title
        assert (site / code / entry.link).resolve().is_file()
        assert entry.updated_parsed.tm_year >= 2030


def test_maps_name_every_page_once_and_only_where_the_address_is_known(site, tmp_path):
    assert not (site / "sitemap.xml").exists()
    build(factory.content(), tmp_path / "s", factory.settings(base_url="https://desk.example/x"))
    root = ET.fromstring((tmp_path / "s" / "sitemap.xml").read_text(encoding="utf-8"))
    addresses = [loc.text for loc in root.findall(".//{*}loc")]
    assert len(addresses) == len(set(addresses)) > 100
    for address in addresses:
        assert (tmp_path / "s" / address.removeprefix("https://desk.example/x/")).is_file()
    news = ET.fromstring((tmp_path / "s" / "news-sitemap.xml").read_text(encoding="utf-8"))
    assert len(list(news.findall(".//{*}title"))) == 2 * len(LANGUAGES)


def test_languages_refer_to_each_other(pages):
    for path, page in pages.items():
        if path == "index.html":
            continue
        others = [a["hreflang"] for a in page.all("link") if a.get("hreflang")]
        assert others == [*LANGUAGES, "x-default"]


def test_the_same_content_and_moment_give_the_same_files(site, tmp_path):
    build(factory.content(), tmp_path / "again", factory.settings(page_size=3))
    shuffled = factory.content(
        events=tuple(reversed(factory.content().events)),
        pages=tuple(reversed(factory.content().pages)),
    )
    build(shuffled, tmp_path / "other", factory.settings(page_size=3))
    one, two, three = map(_files, (site, tmp_path / "again", tmp_path / "other"))
    assert one == two
    assert one == three


def _files(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def test_hostile_words_are_inert(tmp_path):
    build(factory.hostile(), tmp_path / "bad", factory.settings())
    for path in sorted((tmp_path / "bad").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        page = Marks(text)
        assert not page.all("img"), path
        assert all("alert(" not in (a.get("href") or "") for a in page.all("a"))
        assert not set(text) & set("\u202e\u2066\u202a\x00")
        assert all(json.loads(script) for script in page.scripts if script.strip())
        assert "<script>alert" not in text
    names = [path.name for path in (tmp_path / "bad").rglob("*")]
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)
    assert not (tmp_path / "etc").exists()
    for feed in (tmp_path / "bad").rglob("feed.xml"):
        assert not feedparser.parse(feed.read_text(encoding="utf-8")).bozo


def test_a_failed_build_leaves_the_old_site(site, tmp_path, monkeypatch):
    folder, settings = tmp_path / "public", factory.settings(languages=("en",))
    build(factory.content(), folder, settings)
    before = _files(folder)

    def broken(_settings, _run):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site_writing, "_static", lambda name: broken(name, None))
    with pytest.raises(InputError, match="No space left"):
        build(factory.content(), folder, settings)
    assert _files(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_a_swap_that_fails_brings_the_old_site_back(tmp_path, monkeypatch):
    folder, settings = tmp_path / "public", factory.settings(languages=("en",))
    build(factory.content(), folder, settings)
    before = _files(folder)
    rename = Path.rename

    def only_once(self, target):
        if ".building-" in self.name:
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", only_once)
    with pytest.raises(InputError, match="Permission denied"):
        build(factory.content(), folder, settings)
    assert _files(folder) == before


def test_a_folder_with_something_else_is_not_touched(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="no site"):
        build(factory.content(), tmp_path, factory.settings())
    assert (tmp_path / "letter.txt").read_text() == "mine"
    with pytest.raises(InputError, match="no folder"):
        build(factory.content(), tmp_path / "letter.txt", factory.settings())


def test_an_empty_store_gives_a_site_that_says_so(tmp_path):
    built = build(SiteContent(), tmp_path / "empty", factory.settings(languages=("en",)))
    assert built.pages > 5
    front = (tmp_path / "empty/en/index.html").read_text(encoding="utf-8")
    assert "There is no event yet." in front


def test_settings_and_content_are_checked():
    with pytest.raises(UnknownCodeError):
        factory.settings(languages=("tlh",))
    with pytest.raises(InputError, match="language"):
        factory.settings(languages=())
    with pytest.raises(InputError, match="time zone"):
        SiteSettings(now=datetime(2031, 1, 1))
    with pytest.raises(InputError, match="address"):
        factory.settings(base_url="javascript:x")
    with pytest.raises(InputError, match="page"):
        factory.content(pages=())
    with pytest.raises(InputError, match="no day"):
        first_day("2031-02-31")


class TestNews:
    """What belongs together, and in what order."""

    def test_two_tellings_of_one_act_are_listed_once(self):
        news = News(factory.content())
        assert [item.number for item in news.tellings[2]] == [1, 2]
        assert 2 not in {item.number for item in news.acts}
        assert news.acts[0].number == 1

    def test_a_turn_and_its_act_are_one_coverage(self):
        coverages = News(factory.content()).coverages
        assert [item.number for item in coverages[-1].events] == [8, 9]

    def test_severity_grows_with_standing_share_and_confidence(self):
        content = factory.content()
        news, by_number = News(content), {item.number: item for item in content.events}
        assert news.severity(by_number[1]) > news.severity(by_number[8])
        unknown = News(factory.content(shares={}))
        assert news.severity(by_number[1]) > unknown.severity(by_number[1])
        assert all(0 <= news.severity(item) <= 1 for item in content.events)

    def test_linked_acts_are_the_first_of_the_related(self):
        content = factory.content()
        news, by_number = News(content), {item.number: item for item in content.events}
        assert news.related(by_number[8])[0].number == 9
        for item in content.events:
            related = news.related(item)
            assert item not in related
            assert not set(news.read_next(item)) & set(related)

    def test_read_next_is_of_the_same_family_on_other_goods(self):
        content = factory.content()
        item = content.events[0]
        for other in News(content).read_next(item):
            assert not set(other.event.commodities) & set(item.event.commodities)

    def test_most_read_is_ordered_by_reads(self):
        assert [item.number for item in News(factory.content()).most_read()] == [7, 1, 4]

    def test_links_to_events_that_are_not_there_join_nothing(self):
        links = (SiteLink(99, 1, LinkKind.FOLLOWS), SiteLink(3, 3, LinkKind.DUPLICATES))
        assert News(factory.content(links=links)).acts

    def test_ranking_finds_the_nearest_text(self):
        ranking = Ranking(
            {1: "ban on gallium", 2: "gallium licences", 3: "copper strike", 4: "x", 5: "y"}
        )
        scores = ranking.scores(1)
        assert max(scores, key=lambda number: scores[number]) == 2
        assert 3 not in scores


def test_topics_are_goods_states_names_and_instruments():
    loan = factory.content().events[4].event
    assert list(topic_keys(loan)) == [
        ("goods", "heavy rare earths"), ("regions", "USA"), ("names", "Polaris Magnetics"),
        ("measures", "loan"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["rare earths", "rare-earths", "Rare Earths", "../x", "", "鉱", "a" * 300]
)
def test_file_names_are_short_plain_and_distinct(text):
    assert re.fullmatch(r"[a-z0-9-]{1,60}", slug(text))
    assert slug("rare-earths") != slug("rare earths")


class TestAloud:
    """Sound files, by a stand-in for the program that speaks."""

    def program(self, tmp_path: Path, script: str) -> Path:
        path = tmp_path / "bin" / "espeak-ng"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def test_articles_get_sound_where_the_program_is_installed(self, tmp_path, monkeypatch):
        script = 'while [ "$1" != -w ]; do shift; done; cat > "$2"'
        program = self.program(tmp_path, script)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        built = build(
            factory.content(), tmp_path / "s", factory.settings(audio=True, languages=("en", "ja"))
        )
        assert built.sounds == len(factory.content().events)
        page = next((tmp_path / "s/en/events").glob("3-*.html")).read_text(encoding="utf-8")
        assert "<audio" in page
        sound = next((tmp_path / "s/en/events").glob("3-*.wav"))
        assert sound.read_text(encoding="utf-8").startswith("Strike by Alto Verde union")
        assert "<audio" not in next((tmp_path / "s/ja/events").glob("3-*.html")).read_text()

    def test_without_the_program_there_is_no_sound(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        built = build(
            factory.content(), tmp_path / "s", factory.settings(audio=True, languages=("en",))
        )
        assert built.sounds == 0

    @pytest.mark.parametrize("script", ["exit 3", "sleep 5"])
    def test_a_program_that_fails_or_hangs_leaves_no_file(self, tmp_path, monkeypatch, script):
        monkeypatch.setattr("monazite.briefing.site.aloud.LONGEST", 0.2)
        program = self.program(tmp_path, script)
        assert not speak(str(program), "text", "en", tmp_path / "x.wav")
        assert not (tmp_path / "x.wav").exists()
