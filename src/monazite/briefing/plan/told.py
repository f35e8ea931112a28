"""Words for what a plan holds: projects by name, packages, partners in a sentence."""

import re

from monazite.briefing.language import ENGLISH
from monazite.briefing.numbers import NOTHING
from monazite.briefing.plan.content import PlanContent

_PACKAGES = {
    "no support": "none needed",
    "grant": "grant",
    "loan-and-grant": "public loan and grant",
    "floor-and-grant": "price floor and grant",
    "public plant": "public plant",
}
"""Packages of the shipped instruments, in words."""
_SHARE = re.compile(r"(\d+%) (.+)")


def project_name(content: PlanContent, plant: str) -> str:
    """Return the name of a plant, as its table has it; a name that no table knows is its own.

    Parameters
    ----------
    content : PlanContent
        Whose projects it may be one of.
    plant : str
        Its id.
    """
    lines = content.projects.get(plant, ())
    return lines[0].name if lines else plant


def package_in_words(package: str) -> str:
    """Return a package in words.

    >>> package_in_words("40% grant + 60% public plant")
    '40 % grant and 60 % public plant'
    >>> package_in_words("")
    '–'
    """
    parts = [_package(part) for part in package.split(" + ") if part]
    return ENGLISH.listed(parts) if parts else NOTHING


def _package(part: str) -> str:
    found = _SHARE.fullmatch(part)
    if found is None:
        return _PACKAGES.get(part, part)
    return f"{found[1].removesuffix('%')} % {_PACKAGES.get(found[2], found[2])}"


def partners_in_words(partners: tuple[str, ...]) -> str:
    """Return partners as they stand in a sentence.

    >>> partners_in_words(("USA", "JPN"))
    'the United States and Japan'
    """
    return ENGLISH.listed([ENGLISH.place_in_sentence(code) for code in partners])


def capitalised(text: str) -> str:
    """Return a text with a capital first."""
    return text[:1].upper() + text[1:]


def counted(count: int, singular: str, plural: str = "") -> str:
    """Return how many of what: a word up to nine, figures from ten.

    >>> counted(1, "project"), counted(12, "project")
    ('one project', '12 projects')
    """
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    number = words[count] if count < len(words) else f"{count}"
    return f"{number} {singular if count == 1 else plural or singular + 's'}"
