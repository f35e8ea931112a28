"""Files are written whole or not at all, and what cannot be written is said before the work."""

import os
from pathlib import Path

import pytest

from bad_input.desk import BINARY, Desk
from monazite.cli import main, terminal
from monazite.errors import InputError


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Files that work, in the folder where one stands."""
    monkeypatch.chdir(tmp_path)
    return Desk.laid(tmp_path)


def run(*words: str) -> int:
    return main([*words])


STRESS = ("stress", "scenario.toml", "--chain", "net", "--manifest")
BRIEF = ("brief", "scenario.toml", "--chain", "net", "--out")


@pytest.mark.parametrize("command", [STRESS, BRIEF, ("scenario", "new")], ids=lambda c: c[0])
def test_a_folder_is_no_target(
    desk: Desk, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    (desk.out / "result.html").mkdir()
    assert run(*command, "out/result.html") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "monazite: out/result.html: this is a folder (name a file in it)\n"
    assert desk.left() == ["result.html"]


def test_a_file_is_no_folder(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.out / "file").write_text("kept")
    assert run(*STRESS, "out/file/manifest.json") == 2
    assert "a file stands where a folder should" in capsys.readouterr().err
    assert (desk.out / "file").read_text() == "kept"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to the superuser")
def test_a_closed_folder_is_no_target(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.out.chmod(0o500)
    assert run(*STRESS, "out/manifest.json") == 2
    assert "no permission" in capsys.readouterr().err
    desk.out.chmod(0o700)
    assert desk.left() == []


def test_a_full_disk_leaves_the_old_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    target = desk.out / "result.html"
    target.write_text("old")

    def fail(self: Path, text: str, **_: str) -> int:
        self.write_bytes(text.encode()[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(InputError, match="No space left"):
        terminal.write_whole(target, "a new one, and longer")
    assert desk.left() == ["result.html"]
    assert target.read_bytes() == b"old"


def test_a_stop_while_writing_leaves_no_part(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        terminal.write_whole(desk.out / "result.html", "text")
    assert desk.left() == []


def test_folders_are_made_on_the_way(desk: Desk) -> None:
    assert run("scenario", "new", "out/deep/down/mine.toml") == 0
    assert desk.left() == ["deep", "down", "mine.toml"]


def test_a_scenario_is_not_overwritten(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    before = desk.scenario.read_text()
    assert run("scenario", "new", "scenario.toml") == 2
    assert "the file exists" in capsys.readouterr().err
    assert desk.scenario.read_text() == before
    assert run("scenario", "new", "scenario.toml", "--force") == 0
    assert desk.scenario.read_text() != before


MANIFESTS = {
    "empty": (b"", ("manifest.json:1", "not JSON")),
    "binary": (BINARY, ("manifest.json", "not text in UTF-8")),
    "a list": (b"[]", ("manifest.json", "not a manifest")),
    "another object": (b'{"settings": {}}', ("manifest.json", "'command' is missing")),
    "wrong kinds": (
        b'{"command": "stress", "settings": [], "inputs": {}, "result": ""}',
        ("manifest.json", "'settings' is of another kind"),
    ),
    "no scenario": (
        b'{"command": "stress", "settings": {}, "inputs": {}, "result": ""}',
        ("'scenario' is missing",),
    ),
}


@pytest.mark.parametrize(("content", "said"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_spoilt_manifest(
    desk: Desk, capsys: pytest.CaptureFixture[str], content: bytes, said: tuple[str, ...]
) -> None:
    desk.fill("manifest.json", content)
    assert run("rerun", "manifest.json") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    for words in said:
        assert words in printed.err
