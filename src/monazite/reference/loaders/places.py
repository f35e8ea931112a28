"""Names of countries in official files, the sums among them, and states that are no more."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from monazite.errors import UnknownCodeError
from monazite.labels import REGIONS, REST_OF_EU, REST_OF_WORLD, WORLD, canonical_region
from monazite.reference.loaders.figures import clean

UNLISTED: Mapping[str, str] = MappingProxyType(
    {
        "ANT": "Netherlands Antilles",
        "BLX": "Belgium and Luxembourg",
        "CSK": "Czechoslovakia",
        "DDR": "East Germany",
        "SUN": "Soviet Union",
        "XKX": "Kosovo",
        "YUG": "Yugoslavia",
        "ZA1": "Southern African Customs Union",
    }
)
"""Codes that statistics use beside the list of regions: Kosovo, and states that several regions
have followed. Their figures stand under their own code and are never given to one of those that
came after."""

_UNLISTED_NAMES = MappingProxyType(
    {
        **{code.casefold(): code for code in UNLISTED},
        **{name.casefold(): code for code, name in UNLISTED.items()},
        "ksv": "XKX",
        "german democratic republic": "DDR",
        "netherlands antilles (...2010)": "ANT",
        "scg": "YUG",
        "serbia and montenegro": "YUG",
    }
)
_WORLD = re.compile(r"(?:world )?total|world", re.IGNORECASE)
_OTHERS = re.compile(r"other countries|rest of (?:the )?world", re.IGNORECASE)
_QUALIFIED = re.compile(r"(?P<name>.+?) ?\((?P<said>[^()]+)\)(?P<more>.*)")
_ROUNDED = re.compile(r",? *\brounded\b")


@lru_cache(maxsize=4096)
def _find(text: str) -> str | None:
    plain = clean(text).replace("’", "'")
    if _WORLD.fullmatch(plain):
        return WORLD
    if _OTHERS.fullmatch(plain):
        return REST_OF_WORLD.code
    if unlisted := _UNLISTED_NAMES.get(plain.casefold()):
        return unlisted
    try:
        found = canonical_region(plain)
    except UnknownCodeError:
        return None
    return None if found == REST_OF_EU.code else found


def region_of(text: str, *, where: str) -> str:
    """Return the code of a country, of a state that is no more, ``WORLD`` or ``ROW``.

    ``REU`` is unknown here: official files mean Réunion by it, and we the rest of the EU.

    Parameters
    ----------
    text : str
        A name or code as it stands in the file.
    where : str
        File and row for the error.

    Raises
    ------
    UnknownCodeError
        If nothing known is spelt like this.
    """
    found = _find(text)
    if found is None:
        names = (region.name for region in REGIONS.values())
        raise UnknownCodeError("region", clean(text), (*REGIONS, *names), where=where)
    return found


def region_and_remark(text: str, *, where: str) -> tuple[str, str]:
    """Return the code of a country or sum, and what the file says of it beside its name.

    ``Spain (includes pegmatites)`` is Spain with a remark, ``Congo (Kinshasa)`` a name, and
    ``World total (ilmenite and rutile, rounded)`` the world with a remark that it was rounded,
    which is dropped, and of what it is the total, which is kept. So are the numbers of footnotes.

    Raises
    ------
    UnknownCodeError
        If nothing known is spelt like this.
    """
    if found := _find(text):
        return found, ""
    qualified = _QUALIFIED.fullmatch(clean(text))
    if qualified and (found := _find(qualified["name"])):
        said = _ROUNDED.sub("", f"{qualified['said']}{qualified['more']}")
        return found, said.strip(" ,0123456789")
    return region_of(text, where=where), ""
