"""One word per thing: the glossary knows every public class, and no class that is gone."""

import re

from surface.package_surface import ROOT, public_classes

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([A-Z][A-Za-z]+)`", GLOSSARY))
TERMS = re.findall(r"^(\S.*)\n: ", GLOSSARY, flags=re.MULTILINE)


def test_every_public_class_is_in_the_glossary() -> None:
    missing = sorted(set(public_classes()) - NAMED)
    assert missing == [], f"docs/glossary.md: explain {missing}"


def test_every_class_in_the_glossary_exists() -> None:
    gone = sorted(NAMED - set(public_classes()))
    assert gone == [], f"docs/glossary.md: {gone} are in no module"


def test_no_term_is_explained_twice() -> None:
    assert len(TERMS) == len(set(TERMS))
