"""A site from the store, by Python and by the command."""

import json
from pathlib import Path

import pytest

import site_factory as factory
from monazite.cli import site as command
from monazite.desk.store import open_store
from monazite.errors import InputError, MonaziteError
from monazite.scenario import source_text
from monazite.study import site as study_site


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a store of the example news: one event accepted, one rejected, one page read."""
    place = tmp_path / "desk.sqlite"
    content = factory.content()
    with open_store(place) as opened:
        for page in content.pages:
            told = [item.event for item in content.events if item.page == page.number]
            opened.add(page.page, told)
        by_id = {item.event.id: item.id for item in opened.events()}
        opened.accept([by_id["e1"]], "reader")
        opened.reject([by_id["e12"]], "reader")
        page_of = {item.event.id: item.page.id for item in opened.events()}
        opened.count_read(page_of["e3"])
    return place


def test_a_site_tells_what_the_store_holds_and_nothing_rejected(store, tmp_path):
    built = study_site.build_site(
        store, tmp_path / "public", now=factory.NOW, languages=("en", "ar")
    )
    assert sorted(path.name for path in built.folder.glob("??")) == ["ar", "en"]
    pages = {p.name: p.read_text(encoding="utf-8") for p in built.folder.glob("en/events/*")}
    assert len(pages) == 11
    accepted = [name for name, text in pages.items() if "Nobody has reviewed" not in text]
    assert len(accepted) == 1
    assert not any("local-processing" in name for name in pages)
    front = (built.folder / "en" / "index.html").read_text(encoding="utf-8")
    assert "Most read" in front


def test_duplicates_and_turns_that_the_store_links_reach_the_pages(store, tmp_path):
    built = study_site.build_site(store, tmp_path / "public", now=factory.NOW, languages=("en",))
    article = next(
        text
        for text in (p.read_text(encoding="utf-8") for p in built.folder.glob("en/events/*"))
        if "<h1 data-aloud>China announces licence requirement for exports of gallium and" in text
    )
    assert "Also told by" in article


def test_the_command_says_where_the_site_is(store, tmp_path, capsys):
    command.build(tmp_path / "public", store=str(store), lang=["es"], now="2031-05-14T12:00")
    assert "index.html" in capsys.readouterr().out
    command.build(
        tmp_path / "public", store=str(store), lang=["es"], now="2031-05-14T12:00", as_json=True
    )
    assert json.loads(capsys.readouterr().out)["pages"] > 20


def test_a_store_or_a_moment_that_is_none_is_refused(tmp_path):
    with pytest.raises(MonaziteError):
        command.build(tmp_path / "public", store=str(tmp_path / "none.sqlite"))
    assert not (tmp_path / "public").exists()
    with pytest.raises(InputError, match="moment"):
        command.build(tmp_path / "public", store="x", now="yesterday")


def test_a_briefing_is_kept_while_nothing_that_it_rests_on_changes(store, tmp_path, monkeypatch):
    simulated: list[str] = []

    def written(_store, run, languages, _progress):
        simulated.append(run.scenario)
        return {code: f"<!doctype html><title>{run.id} {code}</title>" for code in languages}

    monkeypatch.setattr(study_site, "_written", written)
    with open_store(store) as opened:
        opened.record_run(source_text("myanmar-halt"), "{}")
    for _ in range(2):
        study_site.build_site(store, tmp_path / "public", now=factory.NOW, languages=("en",))
    assert len(simulated) == 1
    study_site.build_site(store, tmp_path / "public", now=factory.NOW, languages=("en", "es"))
    assert len(simulated) == 2
    assert (tmp_path / "public/es/briefings/1.html").is_file()


def test_shares_of_the_supply_add_up_to_one():
    shares = study_site.supply_shares()
    for commodity in {good for _, good in shares}:
        total = sum(share for (_, good), share in shares.items() if good == commodity)
        assert total == pytest.approx(1)
    assert shares["CHN", "gallium"] > 0.9
