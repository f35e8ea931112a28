"""Manifests: what they hold, how they are read, and what a fingerprint notices."""

import json
from pathlib import Path

import numpy as np
import pytest

from monazite.errors import InputError, TableError
from monazite.manifest import LIBRARIES, Manifest, fingerprint, text_digest


@pytest.fixture
def manifest() -> Manifest:
    return Manifest("stress", {"seed": 3}, {"network": "abc"}, "def")


def test_it_reads_what_it_wrote(manifest: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(manifest.as_text(), encoding="utf-8")
    assert Manifest.read(path) == manifest


def test_it_is_found_inside_a_result(manifest: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"prices": [], "manifest": manifest.as_dict()}), encoding="utf-8")
    assert Manifest.read(path) == manifest


def test_entries_of_a_later_version_are_left_alone(manifest: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest.as_dict() | {"machine": "other"}), encoding="utf-8")
    assert Manifest.read(path) == manifest


def test_it_names_the_code_behind_a_result(manifest: Manifest) -> None:
    assert set(manifest.libraries) == set(LIBRARIES)
    assert manifest.version
    assert manifest.python


def test_a_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        Manifest.read(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "not a manifest"),
        ("{}", "'command' is missing"),
        ('{"command": 1}', "'command' is of another kind"),
    ],
)
def test_what_is_no_manifest_raises(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=words):
        Manifest.read(path)


SETTINGS = {
    "scenario": "myanmar-halt", "months": 6, "draws": 1, "seed": 0, "threshold": 0.05,
    "network": None, "parameters": {},
}  # fmt: skip


def test_options_are_the_settings_of_a_stress_run() -> None:
    found = Manifest("stress", SETTINGS | {"colour": "red"}, {}, "").options()
    assert found == SETTINGS | {"sampling": "latin"}


@pytest.mark.parametrize("name", SETTINGS)
def test_options_must_be_there_and_of_their_kind(name: str) -> None:
    for spoilt in ({k: v for k, v in SETTINGS.items() if k != name}, SETTINGS | {name: [1]}):
        with pytest.raises(InputError, match=f"'{name}' is missing or of another kind"):
            Manifest("stress", spoilt, {}, "").options()


class TestFingerprint:
    values = np.array([[1.0, 123.456789], [1e-9, 0.0]])

    def test_round_off_is_not_noticed(self) -> None:
        assert fingerprint(self.values * (1 + 1e-13)) == fingerprint(self.values)

    def test_a_change_is(self) -> None:
        assert fingerprint(self.values * (1 + 1e-7)) != fingerprint(self.values)

    def test_signs_and_order_are(self) -> None:
        assert fingerprint(-self.values) != fingerprint(self.values)
        assert fingerprint(self.values[::-1]) != fingerprint(self.values)

    def test_nothing_is_nothing_whatever_its_sign(self) -> None:
        nothing = np.zeros(3)
        assert fingerprint(-nothing) == fingerprint(nothing) == fingerprint(nothing + 1e-40)

    def test_booleans_and_whole_numbers_count_as_figures(self) -> None:
        assert fingerprint(np.array([True, False])) == fingerprint(np.array([1.0, 0.0]))

    def test_text_has_one_too(self) -> None:
        assert text_digest("a") != text_digest("b")
        assert len(text_digest("a")) == len(fingerprint(self.values)) == 64
