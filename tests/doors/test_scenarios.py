"""Commands on scenarios."""

import tomllib
from pathlib import Path

import pytest

from doors.shared_runs import SCENARIOS, Terminal
from monazite import study
from monazite.scenario import KINDS, load


def test_list_names_all_of_them_whole_at_80_columns(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = terminal.run("scenario", "list")
    assert all(name in shown for name in SCENARIOS)
    assert max(map(len, shown.splitlines())) <= 80
    assert terminal.json("scenario", "list") == study.scenarios()


@pytest.mark.parametrize("name", SCENARIOS)
def test_show_prints_a_file_that_is_the_scenario(
    name: str, terminal: Terminal, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(terminal.run("scenario", "show", name), encoding="utf-8")
    assert load(mine) == load(name).model_copy(update={"origin": str(mine)})
    assert terminal.json("scenario", "show", name) == study.show_scenario(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_check_says_a_sentence_for_each_measure(name: str, terminal: Terminal) -> None:
    sentences = terminal.json("scenario", "check", name)["sentences"]
    assert sentences == list(study.explain_scenario(name))
    assert len(sentences) == len(load(name).measures)
    shown = " ".join(terminal.run("scenario", "check", name).split())
    assert all(" ".join(sentence.split()) in shown for sentence in sentences)


def test_new_starts_a_file_that_can_be_checked(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "my-own.toml"
    assert "scenario check" in terminal.run("scenario", "new", str(path))
    assert load(path).id == "my-own"
    assert terminal.json("scenario", "check", str(path))["sentences"]


@pytest.mark.parametrize("kind", KINDS)
def test_new_starts_with_the_measures_asked_for(
    kind: str, terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "one.toml"
    told = terminal.json("scenario", "new", str(path), "--kind", kind)
    assert told == {"path": str(path)}
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [measure["kind"] for measure in document["measures"]] == [kind]


def test_a_file_name_that_is_no_id_still_gives_a_scenario(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "My Own_Idea.toml"
    terminal.run("scenario", "new", str(path))
    assert load(path).id == "my-own-idea"


def test_an_unknown_kind_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    status, line = terminal.fail("scenario", "new", str(tmp_path / "x.toml"), "--kind", "embargo")
    assert status == 2
    assert "export_ban" in line
    assert list(tmp_path.iterdir()) == []
