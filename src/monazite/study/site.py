"""The news site: everything that the store holds, written as static pages."""

import csv
import json
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monazite.desk.links import LinkKind
from monazite.desk.schema import Role
from monazite.manifest import text_digest
from monazite.reference.source import data_folder
from monazite.scenario import parse
from monazite.simulate import Progress
from monazite.study.briefs import brief
from monazite.study.newsdesk import draft_of_run, is_withdrawn, options_of_run
from monazite.study.runs import stress

if TYPE_CHECKING:
    from monazite.briefing.site import Built, SiteContent, SiteRun
    from monazite.desk.store import Run, Store

TOLD_ROLES = (Role.MAIN, Role.SECONDARY)
"""Roles of the events that a site tells: what is new on its page."""


def build_site(
    place: str | Path,
    folder: str | Path,
    *,
    now: datetime,
    languages: Sequence[str] = (),
    base_url: str = "",
    audio: bool = False,
    progress: Progress | None = None,
) -> "Built":
    """Write everything that a store holds as a static news site.

    Parameters
    ----------
    place : str or Path
        The store: a file, or the address of a database.
    folder : str or Path
        Where the site goes; an earlier site there is replaced when the new one is whole.
    now : datetime
        When the site is built, with its time zone; decides what is new.
    languages : sequence of str
        ``en``, ``ja``, ``ar``, ``es``; all of them by default.
    base_url : str
        Address at which the site will stand; needed for its maps only.
    audio : bool
        Also make sound files, where espeak-ng is installed.
    progress : callable (done, total), optional
        Told while it runs.

    Raises
    ------
    MonaziteError
        InputError if the folder holds something else or cannot be written, StoreError if the
        store cannot be read; the old site is left as it is.
    """
    # babel, jinja2 and sqlalchemy are slow to load
    from monazite.briefing.language import LANGUAGES  # noqa: PLC0415
    from monazite.briefing.site import SiteSettings, build  # noqa: PLC0415
    from monazite.briefing.site.writing import check_folder  # noqa: PLC0415
    from monazite.desk.store import open_store  # noqa: PLC0415

    settings = SiteSettings(
        now=now, languages=tuple(languages) or LANGUAGES, base_url=base_url, audio=audio
    )
    target = Path(folder).absolute()
    check_folder(target)
    with open_store(place, create=False) as store:
        content = site_content(store, target, now, settings.languages, progress)
    return build(content, target, settings, progress)


def site_content(
    store: "Store",
    folder: Path,
    now: datetime,
    languages: Sequence[str],
    progress: Progress | None = None,
) -> "SiteContent":
    """Gather what a site tells from a store.

    Parameters
    ----------
    store : Store
        An open store.
    folder : Path
        The earlier site, whose briefings are kept where nothing that they rest on has changed.
    now : datetime
        Until when reads count.
    languages : sequence of str
        Languages of the briefings.
    progress : callable (done, total), optional
        Told while briefings are simulated.
    """
    from monazite.briefing.site import SiteContent, SiteEvent, SitePage  # noqa: PLC0415
    from monazite.briefing.site.content import SiteLink  # noqa: PLC0415
    from monazite.desk.store import STANDING, VOUCHED, EventFilter  # noqa: PLC0415

    stored = store.events(EventFilter(states=STANDING, roles=TOLD_ROLES))
    known = {item.id for item in stored}
    heads = {item.page.id: item.page for item in stored}
    return SiteContent(
        events=tuple(
            SiteEvent(item.id, item.event, item.page.id, reviewed=item.state in VOUCHED)
            for item in stored
        ),
        pages=tuple(
            SitePage(number, store.page(number).page, head.read_at)
            for number, head in sorted(heads.items())
        ),
        links=tuple(
            SiteLink(link.event, link.other, LinkKind(link.kind))
            for link in store.links(known)
            if link.event in known and link.other in known
        ),
        runs=_briefings(store, folder, languages, progress),
        reads={reading.page.id: reading.score for reading in store.most_read(now, limit=100)},
        shares=supply_shares(),
    )


def _briefings(
    store: "Store", folder: Path, languages: Sequence[str], progress: Progress | None
) -> tuple["SiteRun", ...]:
    """Return the briefings of all runs, each simulated once for all languages.

    One that simulates an event which somebody has rejected since is left out.
    """
    from monazite.briefing.site import SiteRun  # noqa: PLC0415

    found = []
    for run in store.runs():
        if is_withdrawn(store, run, parse(run.scenario, where=f"run {run.id}")):
            continue
        digest = _digest(store, run)
        html = _kept(folder, run.id, digest, languages) or _written(store, run, languages, progress)
        title = parse(run.scenario).title
        found.append(SiteRun(run.id, run.at, title, run.events, html, digest))
    return tuple(found)


def _digest(store: "Store", run: "Run") -> str:
    """Return the digest of everything that a briefing rests on: reviews and program included."""
    from monazite.desk.store import EventFilter  # noqa: PLC0415

    stored = store.events(EventFilter(ids=run.events)) if run.events else ()
    states = [f"{item.id} {item.state} {item.event.model_dump_json()}" for item in stored]
    parts = [metadata.version("monazite"), run.manifest, run.scenario, *sorted(states)]
    return text_digest("\n".join(parts))


def _written(
    store: "Store", run: "Run", languages: Sequence[str], progress: Progress | None
) -> Mapping[str, str]:
    """Simulate a run again and write its briefing in all languages."""
    scenario = parse(run.scenario, where=f"run {run.id}")
    result = stress(scenario, progress=progress, **options_of_run(run))
    read = draft_of_run(store, run, scenario)
    return {
        code: brief(result, language=code, reading=read, progress=progress) for code in languages
    }


def _kept(
    folder: Path, number: int, digest: str, languages: Sequence[str]
) -> Mapping[str, str] | None:
    """Return the briefings of an earlier site, if they were made from the same."""
    from monazite.briefing.site.writing import BRIEFINGS  # noqa: PLC0415

    try:
        digests = json.loads((folder / BRIEFINGS).read_text(encoding="utf-8"))
        if digests.get(str(number)) != digest:
            return None
        return {
            code: (folder / code / "briefings" / f"{number}.html").read_text(encoding="utf-8")
            for code in languages
        }
    except (OSError, ValueError, AttributeError):
        return None


@cache
def supply_shares() -> Mapping[tuple[str, str], float]:
    """Return the share of a commodity's supply that a region holds, by region and commodity."""
    file = resources.files("monazite.briefing") / "data" / "site" / "shares.toml"
    shares = {}
    for commodity, where in tomllib.loads(file.read_text(encoding="utf-8")).items():
        for region, share in _shares_of(where).items():
            shares[region, commodity] = share
    return shares


def _shares_of(where: Mapping[str, Any]) -> Mapping[str, float]:
    path = Path(str(data_folder())) / "chains" / where["chain"] / "processes.csv"
    beginnings = tuple(where.get("processes", ()))
    activity: dict[str, float] = defaultdict(float)
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["process"].startswith(beginnings) or row["stage"] == where.get("stage"):
                activity[row["region"]] += float(row["activity"] or 0)
    total = sum(activity.values())
    return {region: value / total for region, value in activity.items()} if total else {}
