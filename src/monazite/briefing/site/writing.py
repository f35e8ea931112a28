"""Writing a site: into a folder beside the old one, which it replaces when it is whole."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from pathlib import Path

from monazite.briefing.environment import templates
from monazite.briefing.language import Language
from monazite.briefing.site import aloud, machine
from monazite.briefing.site.content import SiteContent, SiteSettings
from monazite.briefing.site.news import News
from monazite.briefing.site.pages import Edition, NewsPage, towards
from monazite.errors import InputError

MARKER = ".monazite-site"
"""File that says that a folder is a site of ours and may be replaced."""
BRIEFINGS = ".briefings.json"
"""File with the digests of what the briefings were made from, by number."""
DOMAIN = "site"
"""Catalogue of the site's messages."""
FOLDER = "templates/site"
"""Its templates, below the package of the briefing."""
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""What a page may load: its own files and nothing else."""
STATIC = ("style.css", "site.js", "icon.svg")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A site that was written. ``files``, ``pages`` : how many. ``sounds`` : of the files."""

    folder: Path
    files: int
    pages: int
    sounds: int = 0


def build(
    content: SiteContent,
    folder: Path,
    settings: SiteSettings,
    progress: Progress | None = None,
) -> Built:
    """Write a site; the old one stands until the new one is whole.

    Parameters
    ----------
    content : SiteContent
        What it tells.
    folder : Path
        Where it goes: a new or empty folder, or one that holds an earlier site.
    settings : SiteSettings
        Languages, moment, address.
    progress : callable (done, total), optional
        Told while it writes.

    Raises
    ------
    InputError
        If the folder holds something else, or cannot be written; the old site is left as it is.
    """
    check_folder(folder)
    draft = folder.with_name(f"{folder.name}.building-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        built = _Builder(content, draft, settings, progress).build()
        _swap(draft, folder)
    except OSError as fault:
        raise InputError(
            f"cannot write: {fault.strerror or fault}",
            where=str(folder),
            way_out="choose another place",
        ) from fault
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Built(folder, built.files, built.pages, built.sounds)


def check_folder(folder: Path) -> None:
    """See before the work begins that a folder may be replaced.

    Raises
    ------
    InputError
        If it is a file, or holds something that is no site.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputError("this is no folder", where=str(folder), way_out="name a new folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise InputError(
            "the folder holds something that is no site",
            where=str(folder),
            way_out="name a new folder, so that nothing is lost",
        )


def _swap(draft: Path, folder: Path) -> None:
    """Put a finished folder in the place of the old one; if that fails the old one comes back."""
    old = folder.with_name(f"{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    try:
        draft.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


class _Builder:
    """Writes one site into an empty folder."""

    def __init__(
        self, content: SiteContent, folder: Path, settings: SiteSettings, progress: Progress | None
    ) -> None:
        self.content, self.folder, self.settings = content, folder, settings
        self.progress = progress or (lambda _done, _total: None)
        self.files, self.sounds = 0, 0
        self.speaker = aloud.speaker() if settings.audio else None

    def build(self) -> Built:
        news = News(self.content)
        editions = [
            Edition(news, Language(code, DOMAIN), self.settings, partial(self._sound, code))
            for code in self.settings.languages
        ]
        addresses: list[str] = []
        for done, edition in enumerate(editions):
            self.progress(done, len(editions))
            addresses += self._edition(edition, editions)
        self._root(editions)
        self._maps(editions, addresses)
        digests = {str(run.number): run.digest for run in self.content.runs}
        self._write(BRIEFINGS, json.dumps(digests, sort_keys=True) + "\n")
        for name in STATIC:
            self._write(name, _static(name))
        self._write(MARKER, "A site of Monazite; `monazite site build` replaces this folder.\n")
        self.progress(len(editions), len(editions))
        return Built(self.folder, self.files, len(addresses) + 1, self.sounds)

    def _edition(self, edition: Edition, editions: Sequence[Edition]) -> Iterator[str]:
        for sheet in edition.sheets():
            path = f"{edition.code}/{sheet.path}"
            self._write(path, self._page(edition, sheet, path, editions))
            if sheet.path != "404.html":
                yield path
        for run in self.content.runs:
            if edition.code in run.html:
                path = f"{edition.code}/briefings/{run.number}.html"
                self._write(path, run.html[edition.code])
                yield path
        feed = templates(edition.language, FOLDER).get_template("feed.xml.j2")
        self._write(
            f"{edition.code}/feed.xml",
            feed.render(
                edition=edition,
                entries=edition.entries(),
                identity=machine.identity(edition.code),
                settings=self.settings,
            ),
        )

    def _page(
        self, edition: Edition, sheet: NewsPage, path: str, editions: Sequence[Edition]
    ) -> str:
        root = self.settings.root
        crumbs = [(name, towards(path, f"{edition.code}/{p}")) for name, p in sheet.crumbs]
        addresses = [(name, root and f"{root}{edition.code}/{p}") for name, p in sheet.crumbs]
        about = (*sheet.about, machine.breadcrumb_list(addresses)) if crumbs else sheet.about
        versions = [(other.language, f"{other.code}/{sheet.path}") for other in editions]
        template = templates(edition.language, FOLDER).get_template(f"{sheet.template}.html.j2")
        return template.render(
            **sheet.content,
            edition=edition,
            sheet=sheet,
            crumbs=crumbs,
            policy=POLICY,
            json_ld=machine.as_json_ld(*about),
            settings=self.settings,
            path=path,
            versions=versions,
            to=lambda target: towards(path, f"{edition.code}/{target}"),
            root=lambda target: towards(path, target),
            lasting=lambda target: root + target if root else towards(path, target),
        )

    def _root(self, editions: Sequence[Edition]) -> None:
        """Write the page at which a visitor without a language arrives."""
        template = templates(editions[0].language, FOLDER).get_template("languages.html.j2")
        about = machine.as_json_ld({"@type": "WebSite", "name": editions[0].name})
        self._write(
            "index.html",
            template.render(editions=editions, policy=POLICY, json_ld=about),
        )

    def _maps(self, editions: Sequence[Edition], addresses: Sequence[str]) -> None:
        """Write the maps of the site, which need to know where it stands."""
        root = self.settings.root
        if not root:
            return
        environment = templates(editions[0].language, FOLDER)
        self._write(
            "sitemap.xml",
            environment.get_template("sitemap.xml.j2").render(
                root=root, addresses=addresses, day=self.settings.moment[:10]
            ),
        )
        self._write(
            "news-sitemap.xml",
            environment.get_template("news.xml.j2").render(root=root, editions=editions),
        )
        self._write("robots.txt", f"User-agent: *\nAllow: /\nSitemap: {root}sitemap.xml\n")

    def _sound(self, code: str, path: str, text: str) -> str:
        """Make the sound file of an article; return its path below the folder of the language."""
        if self.speaker is None:
            return ""
        sound = path.removesuffix(".html") + ".wav"
        if not aloud.speak(self.speaker, text, code, self.folder / code / sound):
            return ""
        self.files += 1
        self.sounds += 1
        return sound

    def _write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
        self.files += 1


@cache
def _static(name: str) -> str:
    file = resources.files("monazite.briefing") / "templates" / "site" / name
    return file.read_text(encoding="utf-8")
