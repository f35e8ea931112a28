"""What is said about the release agrees with the release."""

import re
from importlib.metadata import version

import pytest

from monazite.errors import MonaziteError
from monazite.indicators import SUPPLY_SHEETS
from monazite.network.sheets import SHEETS
from surface.package_surface import ROOT, public_classes, public_modules

VERSION = version("monazite")


def test_changelog_opens_with_the_version_of_the_package() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## (\d\S*)", changelog, flags=re.MULTILINE)
    assert latest is not None
    assert latest[1] == VERSION


def test_citation_names_the_version_of_the_package() -> None:
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


PINNED = re.compile(r"[a-z0-9.-]+==\S+( ; [^/\\\n]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@pytest.mark.parametrize("lock", sorted(path.name for path in (ROOT / "lock").glob("*.txt")))
def test_locks_hold_names_versions_markers_and_hashes_only(lock: str) -> None:
    lines = (ROOT / "lock" / lock).read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if not PINNED.fullmatch(line) and not HASH.fullmatch(line)]
    assert strange == []


def test_every_error_code_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    errors = [thing for thing in public_classes().values() if issubclass(thing, MonaziteError)]
    missing = [error.code for error in errors if f"`{error.code}`" not in page]
    assert missing == [], f"docs/reference/errors.md: explain {missing}"


def test_every_module_is_in_the_import_order() -> None:
    """The order itself is checked by import-linter; here that it is told to readers."""
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    tops = {".".join(name.split(".")[:2]) for name in public_modules()} - {"monazite"}
    missing = sorted(name for name in tops if f"| `{name}` |" not in page)
    assert missing == [], f"docs/reference/python.md: add {missing}"


@pytest.mark.parametrize("name", SHEETS)
def test_every_column_of_a_network_folder_is_in_the_reference(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "network-folder.md").read_text(encoding="utf-8")
    section = page.partition(f"## {name}.csv\n")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(\w+)`", section))
    sheet = SHEETS[name]
    assert {*sheet.required, *sheet.optional} - told == set()


@pytest.mark.parametrize("name", SUPPLY_SHEETS)
def test_every_column_of_a_supply_folder_is_in_the_reference(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "supply-folder.md").read_text(encoding="utf-8")
    section = page.partition(f"## {name}.csv\n")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `(\w+)`", section, flags=re.MULTILINE))
    sheet = SUPPLY_SHEETS[name]
    assert {*sheet.required, *sheet.optional} == told


LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "benchmarks/README.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    """Links of the documentation are checked when it is built."""
    page = ROOT / name
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_opens_with_a_picture() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    heading, picture = readme.split("\n\n")[:2]
    assert heading == "# Monazite"
    assert picture.startswith("![")
