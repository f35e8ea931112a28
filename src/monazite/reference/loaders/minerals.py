"""The list of commodities, and how each producer spells what we call them.

``data/atlas/minerals.csv`` has every commodity with its unit, ``spellings.csv`` every spelling
of a producer with what it counts and the basis of its mass, ``hs_codes.csv`` the customs codes, and
``corrections.csv`` the units that are known to be wrong.
A spelling that nobody has written down raises: a new edition may mean something else by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from monazite import units
from monazite.errors import UnitError, UnknownCodeError
from monazite.reference.loaders.figures import clean
from monazite.reference.loaders.observations import Statistic
from monazite.reference.source import atlas_rows

ANY_DETAIL = "*"
"""In place of a detail: the spelling where only the commodity is wanted."""
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Mineral:
    """A commodity of the official statistics.

    Parameters
    ----------
    code : str
        Lower-case words joined by hyphens, such as ``rare-earths``.
    name : str
        Usual English name.
    unit : str
        Unit that every quantity of it is given in, whatever its producer writes.
    """

    code: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a spelling of a producer stands for.

    Parameters
    ----------
    commodity : str
        Code of the mineral; empty for what is known and left out.
    statistic : Statistic or None
        What is counted; None where the file says it elsewhere.
    basis : str
        What the mass is a mass of.
    form : str
        A kind of the mineral that is told apart, such as ``synthetic``.
    """

    commodity: str
    statistic: Statistic | None
    basis: str
    form: str

    def counted(self) -> Statistic:
        """Return what is counted, of a spelling that tells it.

        Raises
        ------
        ValueError
            If the list of spellings gives none: a fault of the list, not of the file.
        """
        if self.statistic is None:
            raise ValueError(f"spellings.csv: no statistic for {self.commodity}")
        return self.statistic


@dataclass(frozen=True, slots=True)
class CustomsCode:
    """A six-digit heading of the Harmonized System.

    Parameters
    ----------
    hs6 : str
        The digits.
    commodity : str
        The one mineral it is about; empty where it holds several.
    what : str
        What falls under it.
    """

    hs6: str
    commodity: str
    what: str


@cache
def minerals() -> Mapping[str, Mineral]:
    """Return every commodity by its code."""
    return MappingProxyType(
        {
            row["commodity"]: Mineral(row["commodity"], row["name"], row["unit"])
            for row in atlas_rows("minerals")
        }
    )


@cache
def customs_codes() -> Mapping[str, CustomsCode]:
    """Return every customs code by its digits."""
    return MappingProxyType({row["hs6"]: CustomsCode(**row) for row in atlas_rows("hs_codes")})


@cache
def spellings() -> Mapping[tuple[str, str, str], Meaning]:
    """Return what each spelling means, by kind of file, spelling and detail, both folded."""
    return MappingProxyType(
        {
            (row["kind"], fold(row["spelling"]), fold(row["detail"])): Meaning(
                row["commodity"],
                Statistic(row["statistic"]) if row["statistic"] else None,
                row["basis"],
                row["form"],
            )
            for row in atlas_rows("spellings")
        }
    )


def meaning(kind: str, spelling: str, detail: str = "", *, where: str) -> Meaning:
    """Return what a spelling means.

    Parameters
    ----------
    kind : str
        Kind of official file.
    spelling, detail : str
        What the file calls the commodity and what it counts.
    where : str
        File and row for the error.

    Raises
    ------
    UnknownCodeError
        If nobody has written down this spelling, or this detail of it.
    """
    key = (kind, fold(spelling), fold(detail))
    known = spellings()
    if key in known:
        return known[key]
    own = [row for row in atlas_rows("spellings") if row["kind"] == kind]
    if key[1] not in {fold(row["spelling"]) for row in own}:
        names = [row["spelling"] for row in own]
        raise UnknownCodeError("commodity", clean(spelling), names, where=where)
    details = [row["detail"] for row in own if fold(row["spelling"]) == key[1]]
    raise UnknownCodeError(f"statistic of {clean(spelling)}", clean(detail), details, where=where)


@cache
def corrections() -> Mapping[tuple[str, str, str, str], tuple[str, str]]:
    """Return units that a producer got wrong: what is meant, and why.

    Keys are kind of file, folded spelling, what is counted (``reserves`` or ``all``) and the unit
    that stands in the file. A correction ends by itself where a later file has mended the unit.
    """
    return MappingProxyType(
        {
            (row["kind"], fold(row["spelling"]), row["counts"], row["unit"]): (
                row["meant"],
                row["reason"],
            )
            for row in atlas_rows("corrections")
        }
    )


def meant_unit(kind: str, spelling: str, counts: str, words: str) -> str:
    """Return the unit that a producer means by what stands in the file.

    Parameters
    ----------
    kind, spelling : str
        Kind of official file, and what it calls the commodity.
    counts : str
        What the figure counts, such as ``reserves``.
    words : str
        Unit as the file writes it.
    """
    for scope in (counts, _ALL):
        found = corrections().get((kind, fold(spelling), scope, clean(words)))
        if found:
            return found[0]
    return words


def in_own_unit(
    words: str, commodity: str, known: Mapping[str, tuple[str, float]], *, where: str
) -> tuple[str, float]:
    """Return the unit of a commodity, and what a figure in a producer's unit is multiplied by.

    Parameters
    ----------
    words : str
        Unit as the file writes it.
    commodity : str
        Code of the mineral.
    known : Mapping of str to (str, float)
        The producer's units: ours, and how many of it one of theirs is.
    where : str
        File and row for the error.

    Raises
    ------
    UnitError
        If the unit is not one of the producer's, or is of another kind than the commodity's.
    """
    plain = clean(words)
    if plain not in known:
        raise UnitError(
            f"unknown unit '{plain}'", where=where, way_out=f"known: {', '.join(sorted(known))}"
        )
    unit, multiple = known[plain]
    own = minerals()[commodity].unit
    return own, multiple * (1.0 if unit == own else units.factor(unit, own, where=where))


def fold(text: str) -> str:
    """Return the text as spellings are compared: runs of blanks as one, no capitals."""
    return clean(text).replace("’", "'").casefold()
