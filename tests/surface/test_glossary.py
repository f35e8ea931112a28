"""One word per thing: the glossary knows every public class, and no class that is gone."""

import re
from collections import Counter

from surface.package_surface import ROOT, every_public_class, public_classes

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([A-Z][A-Za-z]+)`", GLOSSARY))
TERMS = re.findall(r"^(\S.*)\n: ", GLOSSARY, flags=re.MULTILINE)


def test_every_public_class_is_in_the_glossary() -> None:
    missing = sorted(set(public_classes()) - NAMED)
    assert missing == [], f"docs/glossary.md: explain {missing}"


def test_every_class_in_the_glossary_exists() -> None:
    gone = sorted(NAMED - set(public_classes()))
    assert gone == [], f"docs/glossary.md: {gone} are in no module"


def test_no_two_classes_share_a_name() -> None:
    counts = Counter(name for name, _ in every_public_class())
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_term_is_explained_twice() -> None:
    assert len(TERMS) == len(set(TERMS))
